//! The edits of one source, window after window, on all threads and in order.
//!
//! Owns the pace: which windows are in memory, and what a whole source comes to. Knows neither
//! what is looked for nor where edits go.

use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;

use super::ageing::{Tally, When};
use super::derive::{
    Change, Count, Derived, Job, Memory, add_count, add_held, derive, derive_words,
};
use super::edit::Splice;
use super::failure::Outcome;
use super::guard::Permit;
use super::state::key::Digest;
use crate::edit::Refusal;
use crate::format::Reason;
use crate::format::recording;
use crate::format::sqlite::Feed;
use crate::scan::{Opened, Progress};
use crate::source::Window;

/// Windows a thread has waiting; enough that none idles while others end.
const WINDOWS_PER_THREAD: usize = 4;

/// Changes of a file that are told one by one: more than anybody reads.
const CHANGES_TOLD: usize = 1000;

/// The windows of a source taken through a job, a few at a time.
pub(crate) struct Edits<'a> {
    source: Box<Opened>,
    job: Job<'a>,
    pool: Option<&'a rayon::ThreadPool>,
    progress: &'a Progress,
    lanes: Vec<(Window, Memory)>,
    /// When records are from that say no time of their own, behind the last window.
    carry: Option<When>,
}

impl<'a> Edits<'a> {
    /// The edits that `job` makes of `source`, on the threads of `pool` where there is one.
    pub(crate) fn new(
        source: Box<Opened>,
        job: Job<'a>,
        pool: Option<&'a rayon::ThreadPool>,
        progress: &'a Progress,
    ) -> Self {
        let lanes = pool.map_or(1, |pool| pool.current_num_threads() * WINDOWS_PER_THREAD);
        Self {
            source,
            job,
            pool,
            progress,
            lanes: (0..lanes).map(|_| Default::default()).collect(),
            carry: None,
        }
    }

    /// Tells the format how many records a survey said will go.
    pub(crate) fn expecting(self, records: u64) -> Self {
        self.source.reader.expect_drops(records);
        self
    }

    /// What the next windows come to, in order; `None` behind the last one and when stopped.
    pub(crate) fn next_batch(&mut self) -> Option<Vec<Derived>> {
        if self.progress.stopped() {
            return None;
        }
        let Opened {
            windows, reader, ..
        } = &mut *self.source;
        let reader = &**reader;
        let mut filled = 0;
        for (window, memory) in &mut self.lanes {
            if !windows.next(reader, window) {
                break;
            }
            if let Some(aged) = &self.job.aged {
                memory.carry = self.carry;
                let carried = reader.carried(window.chunk());
                let clock = aged.file.clock(aged.order);
                self.carry = carried.map(|stamp| clock.at(&stamp)).or(self.carry);
            }
            filled += 1;
        }
        let lanes = self.lanes.get_mut(..filled)?;
        let job = &self.job;
        let batch: Vec<Derived> = match (self.pool, filled) {
            (_, 0) => return None,
            (Some(pool), 2..) => pool.install(|| {
                lanes
                    .par_iter_mut()
                    .map(|(window, memory)| derive(window, reader, job, memory))
                    .collect()
            }),
            _ => lanes
                .iter_mut()
                .map(|(window, memory)| derive(window, reader, job, memory))
                .collect(),
        };
        for derived in &batch {
            self.progress.add_bytes(derived.bytes);
        }
        Some(batch)
    }

    /// Why the source could not be read as what it is; known behind its last window.
    pub(crate) fn broken(&self) -> Option<Reason> {
        let stopped = self.progress.stopped().then_some(Reason::Interrupted);
        self.source
            .windows
            .failed()
            .or(self.source.doubt)
            .or(stopped)
    }

    /// Hands over each window with what it comes to, in order; the reason why not all was read.
    pub(crate) fn each(
        &mut self,
        mut take: impl FnMut(&Window, Derived) -> Outcome<()>,
    ) -> Outcome<Option<Reason>> {
        while let Some(batch) = self.next_batch() {
            for ((window, _), derived) in self.lanes.iter().zip(batch) {
                take(window, derived)?;
            }
        }
        Ok(self.source.windows.failed())
    }

    /// Takes the whole source through, keeping only what it comes to. With `digest`, the edits
    /// are told apart from any others.
    pub(crate) fn survey(self, digest: Option<Digest>) -> Survey {
        self.survey_with(digest, &mut |_, _| {})
    }

    /// As [`Edits::survey`], and lets `look` see each window with what it comes to.
    pub(crate) fn survey_with(
        mut self,
        mut digest: Option<Digest>,
        look: &mut dyn FnMut(&Window, &mut Derived),
    ) -> Survey {
        let mut survey = Survey::default();
        while let Some(batch) = self.next_batch() {
            for ((window, _), mut derived) in self.lanes.iter().zip(batch) {
                look(window, &mut derived);
                if let Some(digest) = &mut digest {
                    digest_splices(&derived.splices, digest);
                    digest_spans(&derived, digest);
                }
                survey.join(&mut derived);
            }
        }
        // What has values and no record is one, of no time of its own.
        if let Some(aged) = &self.job.aged
            && survey.loose
            && !survey.met
        {
            survey.tally.join(&aged.whole());
        }
        self.survey_words(&mut survey, digest.as_mut());
        let recording = self.source.windows.recording_mut();
        survey.heard = recording.and_then(recording::Feed::heard).map(Arc::new);
        let windows = &self.source.windows;
        let of_recording = windows.recording().and_then(recording::Feed::unread);
        let left_out = windows.feed().and_then(Feed::unread).or(of_recording);
        survey.unread = survey.unread.or(left_out);
        survey.broken = self.broken();
        survey.digest = digest.map(Digest::finish);
        survey
    }
}

impl Edits<'_> {
    /// Takes in what is to go in words that are told beside the bytes of the source.
    fn survey_words(&self, survey: &mut Survey, mut digest: Option<&mut Digest>) {
        let Some(told) = self
            .source
            .told
            .as_ref()
            .filter(|_| self.job.aged.is_none())
        else {
            return;
        };
        let (words, more) = told.take();
        for words in &words {
            let mut derived = derive_words(words, &self.job);
            if let Some(digest) = &mut digest {
                digest_splices(&derived.splices, digest);
            }
            survey.join(&mut derived);
        }
        survey.unread = survey.unread.or(more);
    }
}

/// What a whole source comes to.
pub(crate) struct Survey {
    /// How many splices.
    pub splices: u64,
    /// Whether each is as long as what it replaces.
    pub same_width: bool,
    pub counts: Vec<Count>,
    /// The first changes, where they are told, and how many there were more.
    pub changes: Vec<Change>,
    pub more_changes: u64,
    lines: u64,
    /// Records removed.
    pub records: u64,
    /// Values left because of a hold or duty, by its id.
    pub held: Vec<(String, u64)>,
    /// Values left because the user says that they are no findings.
    pub allowed: u64,
    /// Values their place refused to change, and why the first one did.
    pub refused: u64,
    pub refusal: Option<Refusal>,
    pub permit: Option<Permit>,
    pub bytes: u64,
    /// Whether it is not known of all records where they begin and end.
    pub doubtful: bool,
    /// Why parts of it were not read, by the account of its format.
    pub unread: Option<Reason>,
    /// Why it could not be read as what it is.
    pub broken: Option<Reason>,
    /// The keyed digest of the edits, where one was asked for.
    pub digest: Option<[u8; 32]>,
    /// What was heard, where that was asked for.
    pub heard: Option<Arc<recording::Heard>>,
    /// The keyed digest of the bytes in which it was heard.
    pub content: Option<[u8; 32]>,
    /// What has to be silent, in milliseconds of the recording.
    pub spans: Vec<Range<u64>>,
    /// Whether the file goes as a whole.
    pub whole: bool,
    /// Of a job that goes by age, what becomes of which records.
    pub tally: Tally,
    /// Whether a record was met, counted or not.
    met: bool,
    /// Whether there were values where none was.
    loose: bool,
}

impl Default for Survey {
    fn default() -> Self {
        Self {
            splices: 0,
            same_width: true,
            counts: Vec::new(),
            changes: Vec::new(),
            more_changes: 0,
            lines: 0,
            records: 0,
            held: Vec::new(),
            refused: 0,
            allowed: 0,
            refusal: None,
            permit: None,
            bytes: 0,
            doubtful: false,
            unread: None,
            broken: None,
            digest: None,
            heard: None,
            content: None,
            spans: Vec::new(),
            whole: false,
            tally: Tally::default(),
            met: false,
            loose: false,
        }
    }
}

pub(crate) fn digest_splices(splices: &[Splice], digest: &mut Digest) {
    for splice in splices {
        digest.update(&splice.range.start.to_le_bytes());
        digest.update(&splice.range.end.to_le_bytes());
        digest.update(&(splice.new.len() as u64).to_le_bytes());
        digest.update(&splice.new);
    }
}

/// What else than splices a window comes to.
fn digest_spans(derived: &Derived, digest: &mut Digest) {
    for span in &derived.spans {
        digest.update(b"span");
        digest.update(&span.start.to_le_bytes());
        digest.update(&span.end.to_le_bytes());
    }
    if derived.whole {
        digest.update(b"whole");
    }
}

impl Survey {
    /// Takes in what another source of the same file comes to.
    pub(crate) fn absorb(&mut self, other: Survey) {
        self.splices += other.splices;
        self.same_width &= other.same_width;
        for count in other.counts {
            add_count(&mut self.counts, count);
        }
        for (id, values) in other.held {
            add_held(&mut self.held, id, values);
        }
        self.records += other.records;
        self.allowed += other.allowed;
        self.refused += other.refused;
        self.refusal = self.refusal.or(other.refusal);
        self.permit = match (self.permit.take(), other.permit) {
            (Some(mine), Some(new)) => mine.merge(new).ok(),
            (mine, new) => mine.or(new),
        };
        self.bytes += other.bytes;
        self.doubtful |= other.doubtful && other.records > 0;
        self.unread = self.unread.or(other.unread);
        self.broken = self.broken.or(other.broken);
    }

    /// Takes in what the next window comes to; its splices are counted and stay where they are.
    pub(crate) fn join(&mut self, derived: &mut Derived) {
        self.splices += derived.counted + derived.splices.len() as u64;
        self.splices += derived.spans.len() as u64 + u64::from(derived.whole);
        self.spans.append(&mut derived.spans);
        self.whole |= derived.whole;
        self.same_width &= derived
            .splices
            .iter()
            .all(|splice| splice.range.end - splice.range.start == splice.new.len() as u64);
        for mut change in derived.changes.drain(..) {
            if self.changes.len() < CHANGES_TOLD {
                change.line += self.lines + 1;
                self.changes.push(change);
            } else {
                self.more_changes += 1;
            }
        }
        self.lines += derived.lines;
        for count in derived.counts.drain(..) {
            add_count(&mut self.counts, count);
        }
        for (id, values) in derived.held.drain(..) {
            add_held(&mut self.held, id, values);
        }
        self.tally.join(&derived.tally);
        self.met |= derived.met;
        self.loose |= derived.loose;
        self.allowed += derived.allowed;
        // Whatever its parts hold, a recording goes once.
        if self.whole {
            self.records = 1;
        } else {
            self.records += derived.records;
        }
        self.refused += derived.refused;
        self.refusal = self.refusal.or(derived.refusal);
        self.permit = match (self.permit.take(), derived.permit.take()) {
            (Some(mine), Some(new)) => mine.merge(new).ok(),
            (mine, new) => mine.or(new),
        };
        self.bytes += derived.bytes;
        self.doubtful |= derived.doubtful;
        self.unread = self.unread.or(derived.unread);
    }
}
