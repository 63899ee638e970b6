//! From what is found in one window to the splices that take it out.
//!
//! Owns the way from hits to edits: which records they stand in, what the guard says to each, what
//! an operator makes of a value and how its place takes that. Knows neither files nor how bytes
//! are written.

mod aged;
mod compose;
mod correct;
mod making;
mod others;
mod worded;

use std::ops::Range;
use std::path::Path;

use super::ageing::{AgeRule, Company, FileAges, Link, Tally, When};
use super::guard::{Guard, Permit};
use super::operator::{Operator, Operators, canonical_bytes};
use super::selection::Selected;
use super::state::Key;
use crate::detect::{Detectors, Hit, Scratch};
use crate::edit::{Bytes, Refusal, Splice, apply};
use crate::entity::Entity;
use crate::finding::Canonical;
use crate::format::recording::Part;
use crate::format::{Chunk, Reader, Reason};
use crate::source::Window;
use crate::time::Order;
use compose::compose;
use making::edit_chunk;
pub use others::{NEVER, Others};
pub(crate) use worded::{derive_words, reworded};

/// What goes where something is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// The values.
    Values,
    /// The records that hold them.
    Records,
    /// The side of a subject where the record is somebody else's as well, else the record.
    Side,
    /// All but the records of a subject, and in those everything of others.
    Others,
}

/// What every window of a source is taken through.
#[derive(Clone, Copy)]
pub(crate) struct Job<'a> {
    pub detectors: &'a Detectors,
    pub selected: &'a Selected,
    pub operators: &'a Operators,
    pub way: Way,
    /// Who has to be asked; `None` where nothing is held and for streams.
    pub guard: Option<Asked<'a>>,
    /// Whether splices say what they replace, for who compares it before writing.
    pub keep_old: bool,
    /// Whether masks of plain bytes are only counted, for who wants to know what there is to do.
    pub count_only: bool,
    /// Whether each change is to be told.
    pub tell: bool,
    /// Whether what the edits leave is looked at again.
    pub careful: bool,
    /// Whether values that go are kept, for who looks for traces of them.
    pub prove: bool,
    /// Whether it is kept where values that go stand, for who looks when they were said.
    pub said: bool,
    /// What else is labelled where everything of others goes.
    pub others: Option<&'a Others>,
    /// What is put in the place of a value that was wrong.
    pub correct: Option<&'a str>,
    /// Values whose operator is `fpe` look like what they replace: a check passes over them.
    pub overlook_fpe: bool,
    /// Whether every value keeps its width, where the name of the file tells its length.
    pub keep_length: bool,
    /// Where records go for their age: what the rules say to the file.
    pub aged: Option<Aged<'a>>,
}

/// What the rules say to one file.
#[derive(Clone, Copy)]
pub(crate) struct Aged<'a> {
    pub file: &'a dyn FileAges,
    /// Every rule there is.
    pub rules: &'a [AgeRule],
    /// Whether the day or the month comes first in its dates.
    pub order: Option<Order>,
    /// What it is read as.
    pub format: Option<&'static str>,
    /// When all of its records are from, where they do not say so themselves.
    pub all: Option<When>,
    /// Who knows which files go with its records, where some do.
    pub company: Option<&'a dyn Company>,
}

/// Whom to ask about what.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub guard: &'a Guard,
    pub key: &'a Key,
    /// The file, absolute.
    pub path: &'a Path,
}

/// What was done with the values of one entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// The entity.
    pub entity: Entity,
    /// How it was replaced; `None`: it went with its record.
    pub operator: Option<Operator>,
    /// How many values.
    pub values: u64,
}

/// One change, for who wants to see before anything is done.
#[derive(Clone)]
pub struct Change {
    /// 1-based line of the source; in one window at first counted from its start.
    pub line: u64,
    /// The kind of data.
    pub entity: Entity,
    /// What goes.
    pub canonical: Canonical,
    /// What comes, decoded; `None`: it goes with its record.
    pub new: Option<String>,
}

/// Adds to the count of its kind.
pub(crate) fn add_count(counts: &mut Vec<Count>, new: Count) {
    let same = |count: &&mut Count| (count.entity, count.operator) == (new.entity, new.operator);
    match counts.iter_mut().find(same) {
        Some(count) => count.values += new.values,
        None => counts.push(new),
    }
}

/// A value that goes, and where it stands.
#[derive(Clone)]
pub(crate) struct Said {
    pub entity: Entity,
    pub canonical: Canonical,
    /// Sorted; chunk offsets in one window, those of the decoded source in a survey.
    pub places: Vec<Range<u64>>,
}

/// What one window comes to.
#[derive(Default)]
pub(crate) struct Derived {
    /// Sorted, disjoint, in offsets of the source (decompressed).
    pub splices: Vec<super::edit::Splice>,
    pub counts: Vec<Count>,
    /// Splices that were counted and not made.
    pub counted: u64,
    /// Each change where that was asked for; until the window is done, lines are chunk offsets.
    pub changes: Vec<Change>,
    /// Line ends in the window; counted only where changes are told.
    pub lines: u64,
    /// Records removed.
    pub records: u64,
    /// What went, where that was asked for.
    pub removed: Vec<Box<[u8]>>,
    /// Where it stood, where that was asked for.
    pub said: Vec<Said>,
    /// Values left because a hold or duty covers them, by its id.
    pub held: Vec<(String, u64)>,
    /// Values left because the user says that they are no findings.
    pub allowed: u64,
    /// Values that their place refused to change, and why the first one did.
    pub refused: u64,
    pub refusal: Option<Refusal>,
    /// What the guard gave.
    pub permit: Option<Permit>,
    /// Source bytes of the window, and those that were read.
    pub bytes: u64,
    pub bytes_read: u64,
    pub unread: Option<Reason>,
    /// Whether it is not known of all records where they begin and end.
    pub doubtful: bool,
    /// What has to be silent, in milliseconds of the recording.
    pub spans: Vec<Range<u64>>,
    /// Whether the file goes as a whole: the record of a recording is all of it.
    pub whole: bool,
    /// Of a job that goes by age, what becomes of which records.
    pub tally: Tally,
    /// Whether a record was met, counted or not.
    pub met: bool,
    /// Whether there were values where none was.
    pub loose: bool,
    /// Records that name files which go with them, where that is gathered.
    pub links: Vec<Link>,
}

/// Memory reused from window to window.
#[derive(Default)]
pub(crate) struct Memory {
    scratch: Scratch,
    hits: Vec<Hit>,
    /// When records at the start of the window are from that do not say so themselves.
    pub carry: Option<When>,
}

/// Takes one window through. A careful job looks again at what its edits leave until nothing is
/// found any more.
pub(crate) fn derive(
    window: &Window,
    reader: &dyn Reader,
    job: &Job<'_>,
    memory: &mut Memory,
) -> Derived {
    let chunk = window.chunk();
    let mut derived = Derived {
        bytes: window.bytes,
        bytes_read: window.bytes,
        ..Derived::default()
    };
    derived.unread = window.unread();
    let reader = window.reader(reader);
    if let Some(part) = &window.part {
        derive_part(part, chunk, (job, memory), window, &mut derived);
        return derived;
    }
    let mut splices = edit_chunk(chunk, reader, job, memory, &mut derived);
    if job.careful && !splices.is_empty() {
        let check = Job {
            overlook_fpe: true,
            ..*job
        };
        let allowed = derived.allowed;
        for round in 0.. {
            let Ok(text) = apply(chunk.text, &splices) else {
                break;
            };
            let edited = Chunk {
                text: &text,
                end: text.len(),
                ..chunk
            };
            // Rows are known by their places in the text, which have moved.
            let moved = window.rows.as_ref().map(|rows| rows.after(&splices));
            let reader = moved.as_ref().map_or(reader, |rows| rows);
            let told = std::mem::take(&mut derived.tally);
            let more = edit_chunk(edited, reader, &check, memory, &mut derived);
            derived.tally = told;
            if more.is_empty() {
                break;
            }
            if round == ROUNDS {
                derived.refuse(Refusal::NoPlace, 1);
                break;
            }
            splices = compose(chunk.text.len() as u64, splices, more);
        }
        // What is left there was counted when it was first met.
        derived.allowed = allowed;
    }
    if job.tell {
        derived.count_lines(
            window.text.get(window.start..).unwrap_or_default(),
            window.start,
        );
    }
    derived.take(splices, window, job.keep_old);
    derived
}

/// Takes a part of a recording through: what is keyed in becomes spans of time, and a record that
/// goes is the file.
fn derive_part(
    part: &Part,
    chunk: Chunk<'_>,
    (job, memory): (&Job<'_>, &mut Memory),
    window: &Window,
    derived: &mut Derived,
) {
    let job = Job {
        count_only: job.count_only && part.keys().is_none(),
        ..*job
    };
    let splices = edit_chunk(chunk, part.reader(), &job, memory, derived);
    if derived.records > 0 {
        derived.records = 1;
        derived.whole = true;
    } else if let Some(keys) = part.keys() {
        let range = |splice: &Splice| splice.range.start as usize..splice.range.end as usize;
        let spans = splices
            .iter()
            .filter_map(|splice| keys.span(&range(splice)));
        derived.spans.extend(spans);
    } else {
        derived.take(splices, window, job.keep_old);
    }
}

/// How often a window is edited again until nothing is found in it any more.
const ROUNDS: usize = 4;

impl Derived {
    /// Turns the chunk offsets of changes into lines; `start` is where `owned` starts.
    fn count_lines(&mut self, owned: &[u8], start: usize) {
        self.changes.sort_by_key(|change| change.line);
        let mut ends = memchr::memchr_iter(b'\n', owned)
            .map(|end| (end + start) as u64)
            .peekable();
        for change in &mut self.changes {
            while ends.next_if(|end| *end < change.line).is_some() {
                self.lines += 1;
            }
            change.line = self.lines;
        }
        self.lines += ends.count() as u64;
    }

    /// Makes nothing of what would go.
    pub(crate) fn refuse_all(&mut self, refusal: Refusal) {
        let values = self.counts.drain(..).map(|count| count.values).sum();
        self.splices.clear();
        if values > 0 {
            self.refuse(refusal, values);
        }
    }

    pub(crate) fn refuse(&mut self, refusal: Refusal, values: u64) {
        self.refused += values;
        self.refusal.get_or_insert(refusal);
    }

    /// Takes splices in chunk offsets as those of the source.
    fn take(&mut self, splices: Vec<Splice>, window: &Window, keep_old: bool) {
        let Some(map) = &window.map else {
            let old = |range: &Range<u64>| {
                let text = window.text.get(range.start as usize..range.end as usize);
                text.filter(|_| keep_old).map(Bytes::from_slice)
            };
            self.splices
                .extend(splices.into_iter().map(|splice| super::edit::Splice {
                    old: old(&splice.range),
                    range: splice.range.start + window.offset..splice.range.end + window.offset,
                    new: splice.bytes,
                }));
            return;
        };
        let start = map.point(0).unwrap_or(0);
        let stored = |range: &Range<u64>| {
            let at = |offset: u64| offset.saturating_sub(start) as usize;
            let bytes = window.raw.get(at(range.start)..at(range.end));
            bytes.filter(|_| keep_old).map(Bytes::from_slice)
        };
        match map.translate(splices) {
            Ok(splices) => {
                self.splices
                    .extend(splices.into_iter().map(|splice| super::edit::Splice {
                        old: stored(&splice.range),
                        range: splice.range,
                        new: splice.bytes,
                    }));
            }
            Err(refusal) => {
                let values = self.counts.drain(..).map(|count| count.values).sum();
                self.records = 0;
                self.refuse(refusal, values);
            }
        }
    }
}

/// The keyed tag of an identifier, as holds keep it.
pub(crate) fn subject_tag(
    key: &Key,
    entity: Entity,
    canonical: &Canonical,
    text: &[u8],
) -> [u8; 16] {
    let canonical = canonical_bytes(canonical, text);
    key.tag(entity.name(), &String::from_utf8_lossy(&canonical))
}

/// Adds to the values that one hold keeps.
pub(crate) fn add_held(held: &mut Vec<(String, u64)>, id: String, values: u64) {
    match held.iter_mut().find(|(known, _)| *known == id) {
        Some((_, kept)) => *kept += values,
        None => held.push((id, values)),
    }
}
