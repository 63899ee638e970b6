//! A recording and its transcripts as one: what goes in the transcript is muted in the recording,
//! and both are done or neither.
//!
//! Owns what a set comes to and when it is refused. Knows neither how times are written nor how
//! sound is muted.

use std::io::Read as _;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::company::{Lazy, SetDone};
use super::dangling::{self, Refers};
use super::listening::{Known, Listening, only_tags};
use super::roots::Walked;
use super::said::{Muted, Talk};
use super::sets::{self, Part, Role};
use super::spot::Spot;
use super::told::{Fate, FileDone};
use super::work::{ATTEMPTS, Became, Found, Pace, Seen, Work, Writing, new_words, receipt_counts};
use super::{Plan, RunError};
use crate::format::Reason;
use crate::format::names::Words;
use crate::format::recording as recorded;
use crate::format::times::Timeline;
use crate::redact::apply::{FileEdit, GroupOutcome, Run};
use crate::redact::content::Reader;
use crate::redact::derive::{Job, Said, Way};
use crate::redact::edit::{Change, Producer, Splice};
use crate::redact::edits::{Edits, Survey};
use crate::redact::failure::{Failure, Outcome, Reason as Cause};
use crate::redact::guard::{EditContext, Permit};
use crate::redact::receipt::Counts;
use crate::redact::recompress::recompress;
use crate::redact::recording;
use crate::redact::saved::Planned;
use crate::redact::state::Purpose;
use crate::scan::{Look, Opened, Progress, look};
use crate::source::{Compression, open_stream, open_to_read};

/// How far, in milliseconds, a transcript may go on behind its recording: what the times of cues
/// and segments are rounded up by.
const SLACK: u64 = 1_000;
/// The longest transcript whose times are read, in bytes: some days of talk.
const LONGEST: usize = 64 << 20;

const DOING: &str = "cannot redact a recording and its transcript together";

/// A file of a set that was read.
struct Read<'a> {
    spot: Spot<'a>,
    role: Role,
    seen: Seen,
    survey: Survey,
    /// What goes in it, in offsets of its text, and that text.
    said: Vec<Said>,
    text: Vec<u8>,
    done: FileDone,
    planned: Option<Planned>,
}

impl Work<'_> {
    /// What became of a file of a set of recordings and transcripts, which is done as one when
    /// the first of them is met; `None` for any other file.
    pub(super) fn in_company(
        &self,
        path: &Path,
        writing: Option<&mut Writing<'_>>,
    ) -> Result<Option<Became>, RunError> {
        // Rules say which records are due: that a value is heard elsewhere has no say in it.
        // And what is given to a person is made file by file.
        if self.order.ages.is_some() || self.order.way == Way::Others {
            return Ok(None);
        }
        let company = &self.company;
        let Some(set) = company.sets.around(path) else {
            return Ok(None);
        };
        if let Some((done, planned)) = company.waiting.take(path) {
            return Ok(Some((vec![done], planned)));
        }
        let (done, mut all) = self.together(set, company.walked, writing)?;
        company.waiting.keep(done);
        Ok(company.waiting.take(path).map(|(done, planned)| {
            all.push(done);
            (all, planned)
        }))
    }

    /// The recording of a transcript in which something went, where no recording of the run is
    /// it. What is given to a person and what goes by age is made file by file.
    pub(super) fn missing(&self, done: &FileDone) -> Option<PathBuf> {
        let whole = self.order.ages.is_some() || self.order.way == Way::Others;
        let went = matches!(done.fate, Fate::Done(_) | Fate::Would) && !done.counts.is_empty();
        if whole || !went || done.within {
            return None;
        }
        let partner = sets::partner(&done.path)?;
        let mut text = Vec::new();
        let file = open_to_read(&done.path).ok()?;
        let stream = open_stream(file).into_stream();
        // What cannot be read any more was told.
        let _ = stream.take(LONGEST as u64).read_to_end(&mut text);
        let talks = Timeline::of(done.format?, &text).is_some_and(|line| line.end() > 0);
        talks.then_some(partner)
    }

    /// What becomes of the files of a set, in their order, and of what refers to them.
    pub(super) fn together(
        &self,
        set: &[Part],
        walked: &Walked,
        mut writing: Option<&mut Writing<'_>>,
    ) -> Result<(SetDone, Vec<FileDone>), RunError> {
        let (mut attempt, mut pace) = (1, Pace::Surveyed);
        loop {
            let mut reads = Vec::new();
            let mut left = Vec::new();
            let talk = self.talk(set);
            for part in set {
                match self.read_part(part, walked, (pace, talk.as_ref())) {
                    Ok(read) => reads.push(read),
                    Err(done) => left.push((part.role, *done)),
                }
            }
            let told = self.settle(&mut reads, &left, pace, writing.is_some());
            let mut references = Vec::new();
            let goes = goes_whole(&reads) && (told.is_some() || writing.is_none());
            if goes {
                references = self.ahead_of(set, walked, writing.as_deref_mut())?;
            }
            let Some((writing, spans)) = writing.as_deref_mut().zip(told) else {
                return Ok((finished(reads, left), references));
            };
            let mut refers = Vec::new();
            if goes {
                match self.references(set, walked) {
                    Ok(found) => refers = found,
                    Err(failure) => {
                        for read in &mut reads {
                            read.done.fate = Fate::NotDone(failure);
                        }
                        return Ok((finished(reads, left), Vec::new()));
                    }
                }
            }
            let run = &mut writing.run;
            let (outcome, members) = self.write_set(&mut reads, &spans, pace, &mut refers, run);
            let failed_by = |cause| {
                let failures = outcome.files.iter().filter_map(|file| file.failure);
                failures.into_iter().any(|failure| failure.reason == cause)
            };
            if pace != Pace::Careful && failed_by(Cause::Unverified) {
                pace = Pace::Careful;
                continue;
            }
            if outcome.is_retryable() && attempt < ATTEMPTS {
                attempt += 1;
                continue;
            }
            writing.groups += 1;
            writing.receipt.group(writing.groups, &outcome)?;
            let others = outcome.files.iter().skip(members.len()).zip(&refers);
            references
                .extend(others.map(|(file, one)| dangling::told(one.spot.path.clone(), file)));
            for (file, member) in outcome.files.into_iter().zip(members) {
                let Some(read) = reads.get_mut(member) else {
                    continue;
                };
                read.done.fate = match (file.failure, file.choice) {
                    (None, Some(choice)) => Fate::Done(choice),
                    (Some(failure), _) => Fate::NotDone(failure),
                    (None, None) => Fate::Unchanged,
                };
                read.done.remnants = file.remnants.iter().map(|one| one.code()).collect();
            }
            return Ok((finished(reads, left), references));
        }
    }

    /// Opens and surveys a file of a set.
    fn read_part<'w>(
        &'w self,
        part: &Part,
        walked: &'w Walked,
        (pace, talk): (Pace, Option<&Arc<recorded::Talk>>),
    ) -> Result<Read<'w>, Box<FileDone>> {
        let path = part.path.clone();
        let at = walked.at(self.order, part.root);
        let at = at.ok_or_else(|| {
            let gone = Failure::new(Cause::Vanished, DOING);
            Box::new(FileDone::new(path.clone(), None, Fate::NotDone(gone)))
        })?;
        let spot = Spot::of(path, &at, self.order, self.as_format)
            .map_err(|(path, failure)| FileDone::new(path, None, Fate::NotDone(failure)))?;
        let (mut source, seen) = match self.open(&spot, None) {
            Ok(Found::Source(source, seen)) => (source, seen),
            // An archive that is called like what stands beside a recording.
            Ok(Found::Held) => {
                let unread = Fate::Unread(Reason::Opaque);
                return Err(FileDone::new(spot.path, None, unread).into());
            }
            Err((format, reason)) => {
                return Err(FileDone::new(spot.path, format, Fate::Unread(reason)).into());
            }
        };
        let mut done = FileDone::new(spot.path.clone(), Some(seen.format), Fate::Unchanged);
        if let (Some(feed), Some(talk)) = (source.windows.recording_mut(), talk) {
            feed.amid(talk.clone());
        }
        let talks = part.role == Role::Transcript && !seen.recording && seen.database.is_none();
        let source = (source, seen.compression);
        let (survey, said, text) = self.survey_said(&spot, source, pace, talks);
        done.came_to(&survey);
        if let Some(reason) = survey.broken.or(done.unread.filter(|_| spot.out.is_some())) {
            done.fate = Fate::Unread(reason);
            return Err(done.into());
        }
        let planned = survey.digest.map(|digest| Planned {
            identity: seen.identity,
            edits: survey.splices,
            digest,
        });
        Ok(Read {
            spot,
            role: part.role,
            seen,
            survey,
            said,
            text,
            done,
            planned,
        })
    }

    /// What is said in a set, by its transcripts: keys that answer a question are what was asked
    /// for. Read as the survey reads them, who finds a transcript unreadable and says so.
    fn talk(&self, set: &[Part]) -> Option<Arc<recorded::Talk>> {
        let transcripts = set.iter().filter(|part| part.role == Role::Transcript);
        let mut said = Vec::new();
        for part in transcripts {
            let file = open_to_read(&part.path).ok()?;
            let Look::Open(source) = look(&part.path, open_stream(file), self.as_format) else {
                continue;
            };
            let mut text = Vec::new();
            let file = open_to_read(&part.path).ok()?;
            let stream = open_stream(file).into_stream();
            let read = stream.take(LONGEST as u64).read_to_end(&mut text);
            let line = read.ok().and_then(|_| Timeline::of(source.format, &text));
            let pieces = line.iter().flat_map(|line| line.said(&text));
            said.extend(pieces.map(|(piece, ms)| (piece.to_vec(), ms)));
        }
        let pieces = said
            .iter()
            .map(|(piece, ms)| (piece.as_slice(), ms.clone()));
        (!said.is_empty()).then(|| Arc::new(recorded::Talk::of(pieces)))
    }

    /// As the survey of a file, with what goes in it and, where it `talks`, its text.
    fn survey_said(
        &self,
        spot: &Spot<'_>,
        (mut source, compression): (Box<Opened>, Compression),
        pace: Pace,
        talks: bool,
    ) -> (Survey, Vec<Said>, Vec<u8>) {
        let noted = !matches!(self.order.plan, Plan::None);
        let digest = noted.then(|| self.state.key().digest(Purpose::Content));
        let job = Job {
            said: talks,
            ..self.job(&spot.absolute, pace)
        };
        let (mut said, mut text) = (Vec::new(), Vec::new());
        let listening = self.listen(&mut source, compression);
        let edits = Edits::new(source, job, self.pool, self.progress);
        let mut survey = edits.survey_with(digest, &mut |window, derived| {
            if !talks {
                return;
            }
            // From offsets of the window to those of the text.
            let (start, base) = (window.start as u64, text.len() as u64);
            let moved = |place: &Range<u64>| {
                let at = |offset: u64| (offset + base).saturating_sub(start);
                at(place.start)..at(place.end)
            };
            said.extend(derived.said.drain(..).map(|said| Said {
                places: said.places.iter().map(moved).collect(),
                ..said
            }));
            let owned = window.text.get(window.start..).unwrap_or_default();
            if text.len() <= LONGEST {
                text.extend_from_slice(owned);
            }
        });
        survey.content = listening.and_then(Listening::finish);
        if text.len() > LONGEST {
            text.clear();
        }
        (survey, said, text)
    }

    /// Says what becomes of each file where nothing is written, and gives the spans that are muted
    /// where something is.
    fn settle(
        &self,
        reads: &mut [Read<'_>],
        left: &[(Role, FileDone)],
        pace: Pace,
        writes: bool,
    ) -> Option<Vec<Range<u64>>> {
        let muted = Muted::of(reads.iter().map(|read| Talk {
            format: read.seen.format,
            text: &read.text,
            said: &read.said,
        }));
        let whole = goes_whole(reads);
        let mutes = !whole && (!muted.spans.is_empty() || muted.untimed > 0);
        let refusal = if mutes {
            self.refusal(reads, left, &muted)
        } else {
            None
        };
        if let Some(failure) = refusal {
            for read in reads.iter_mut().filter(|read| read.role != Role::Sidecar) {
                read.done.fate = Fate::NotDone(failure);
            }
            return None;
        }
        let changes = |read: &Read<'_>| {
            whole
                || read.survey.splices > 0
                || read.role == Role::Recording && !muted.spans.is_empty()
        };
        if let Plan::Follow(saved) = &self.order.plan
            && pace != Pace::Careful
            && reads.iter().any(|read| {
                let now = read.planned.filter(|_| changes(read));
                saved.files.get(&read.spot.absolute).copied() != now
            })
        {
            let stale = Failure::new(Cause::Stale, "cannot follow the plan");
            for read in reads {
                read.done.fate = Fate::NotDone(stale);
            }
            return None;
        }
        let doubtful = |read: &Read<'_>| read.survey.doubtful && read.survey.records > 0;
        if reads.iter().any(doubtful) {
            let failure = Failure::new(Cause::Records, "cannot remove records");
            for read in reads {
                read.done.fate = Fate::NotDone(failure);
            }
            return None;
        }
        let mut any = false;
        for read in reads.iter_mut() {
            let changes = changes(read);
            any |= changes || read.spot.out.is_some();
            read.done.goes = whole;
            if changes && !writes {
                read.done.fate = Fate::Would;
                read.done.changes = std::mem::take(&mut read.survey.changes);
                read.done.more_changes = read.survey.more_changes;
            }
        }
        (any && writes).then_some(muted.spans)
    }

    /// Why nothing of a set can be done.
    fn refusal(
        &self,
        reads: &[Read<'_>],
        left: &[(Role, FileDone)],
        muted: &Muted,
    ) -> Option<Failure> {
        let refuse = |cause| Some(Failure::new(cause, DOING));
        if muted.untimed > 0 {
            return refuse(Cause::Untimed);
        }
        if self.order.strict && muted.loose > 0 {
            return refuse(Cause::Loose);
        }
        let unread = left
            .iter()
            .any(|(role, done)| *role == Role::Recording && !self.accepts(done));
        if unread {
            return refuse(Cause::Group);
        }
        for read in reads.iter().filter(|read| read.role == Role::Recording) {
            let length = recording::length_ms(&read.spot.path, read.seen.identity.size);
            if length.is_some_and(|length| muted.end > length.saturating_add(SLACK)) {
                return refuse(Cause::Clock);
            }
        }
        None
    }

    /// Whether the user knows that a file cannot be read.
    fn accepts(&self, done: &FileDone) -> bool {
        let Fate::Unread(reason) = done.fate else {
            return false;
        };
        let accept = &self.order.scan.accept_unread;
        accept.accepts(&done.path, done.format, Some(reason))
    }

    /// Has the write engine change all files of a set, and gives their numbers in the order of
    /// the outcome.
    fn write_set(
        &self,
        reads: &mut [Read<'_>],
        spans: &[Range<u64>],
        pace: Pace,
        refers: &mut [Refers<'_>],
        run: &mut Run<'_>,
    ) -> (GroupOutcome, Vec<usize>) {
        let whole = goes_whole(reads);
        let first = reads.iter_mut().find_map(|read| read.survey.permit.take());
        let mut members = Vec::new();
        let mut made = Vec::new();
        for (number, read) in reads.iter().enumerate() {
            let mutes = read.role == Role::Recording && !spans.is_empty();
            if !(whole || mutes || read.survey.splices > 0 || read.spot.out.is_some()) {
                continue;
            }
            members.push(number);
            made.push(self.make(read, spans, (pace, whole), first.as_ref()));
        }
        // One that cannot be begun keeps all from it.
        if let Some(at) = made.iter().position(Result::is_err) {
            let mut outcome = GroupOutcome {
                files: Vec::new(),
                pending: false,
            };
            for (number, made) in made.iter().enumerate() {
                let failure = match made {
                    Err(failure) if number == at => *failure,
                    _ => Failure::new(Cause::Group, DOING),
                };
                let spot = members.get(number).and_then(|member| reads.get(*member));
                if let Some(read) = spot {
                    outcome.files.extend(read.spot.refused(failure).files);
                }
            }
            return (outcome, members);
        }
        let mut makings: Vec<Making<'_>> = made.into_iter().flatten().collect();
        let mut producers: Vec<Option<Box<Producer<'_>>>> = Vec::new();
        let mut rest = Vec::new();
        for making in &mut makings {
            let Making {
                permit,
                how,
                verify,
                read,
            } = making;
            let (producer, splices) = match how {
                How::Pack(compression, splices, job) => {
                    let compression = *compression;
                    let produce: Box<Producer<'_>> = Box::new(move |old, new| {
                        let reword = &mut |words: &Words| new_words(words, job);
                        recompress(compression, old, &mut **splices, reword, new)
                    });
                    (Some(produce), None)
                }
                How::Splice(splices, same_width) => (None, Some((splices, *same_width))),
                How::Remove => (None, None),
            };
            producers.push(producer);
            rest.push((permit.clone(), splices, &*verify, *read));
        }
        let group =
            producers
                .iter_mut()
                .zip(rest)
                .map(|(producer, (permit, splices, verify, read))| {
                    let change = match (producer, splices) {
                        (Some(producer), _) => Change::Produce(&mut **producer),
                        (None, Some((splices, true))) => Change::SameWidth(&mut **splices),
                        (None, Some((splices, false))) => Change::Splices(&mut **splices),
                        (None, None) => Change::Remove,
                    };
                    FileEdit {
                        root: read.spot.root,
                        path: read.spot.beneath.clone(),
                        expect: read.seen.identity,
                        change,
                        verify: &**verify,
                        permit,
                        out: read.spot.out.map(|out| (out, read.spot.beneath.clone())),
                        counts: receipt_counts(&read.survey.counts),
                    }
                });
        let mut group: Vec<FileEdit<'_>> = group.collect();
        let unchecked = |_: &mut Reader<'_>| Ok(());
        group.extend(refers.iter_mut().map(|one| {
            let change = (Change::SameWidth(&mut one.splices), Counts::new());
            one.spot
                .edit(&one.seen, change, one.permit.clone(), &unchecked)
        }));
        (run.apply(group), members)
    }

    /// What the write engine needs for one file of a set.
    fn make<'m>(
        &'m self,
        read: &'m Read<'m>,
        spans: &[Range<u64>],
        (pace, whole): (Pace, bool),
        set: Option<&Permit>,
    ) -> Outcome<Making<'m>> {
        const CHANGED: Failure = Failure::new(Cause::Changed, "cannot read the file");
        let permit = self.permit_part(read, set)?;
        let mut spans = match read.role {
            Role::Recording => spans.to_vec(),
            _ => Vec::new(),
        };
        spans.extend(read.survey.spans.iter().cloned());
        let silent = spans.clone();
        let verify = move |new: &mut Reader<'_>| {
            let known = Known::of(&read.survey, &silent);
            self.verify_known(&read.spot, read.seen.format, known, new)
        };
        let verify: Box<Checking<'m>> = Box::new(verify);
        if whole {
            return Ok(Making {
                permit,
                how: How::Remove,
                verify,
                read,
            });
        }
        let Ok(Found::Source(mut source, _)) = self.open(&read.spot, Some(&read.seen.identity))
        else {
            return Err(CHANGED);
        };
        let job = Job {
            keep_old: true,
            tell: false,
            ..self.job(&read.spot.absolute, pace)
        };
        only_tags(&mut source);
        let edits = Edits::new(source, job, self.pool, &STEADY).expecting(read.survey.records);
        let muting = recording::mute_if_any(&read.spot.path, read.seen.identity.size, &spans)?;
        let same_width = read.survey.same_width && muting.same_width;
        let splices = Box::new(recording::merge(Lazy::new(edits), muting.splices));
        let how = match read.seen.compression {
            Compression::None => How::Splice(splices, same_width && read.changes(&spans)),
            packed => How::Pack(packed, splices, job),
        };
        Ok(Making {
            permit,
            how,
            verify,
            read,
        })
    }

    /// The permit for a file of a set: its own, or that of the set where only the others told
    /// whose data it is.
    fn permit_part(&self, read: &Read<'_>, set: Option<&Permit>) -> Outcome<Permit> {
        const HELD: Failure = Failure::new(Cause::Held, DOING);
        if let (Some(set), None) = (set, read.spot.out) {
            let context = EditContext {
                path: read.spot.absolute.clone(),
                subject_tags: Some(Vec::new()),
                ..EditContext::default()
            };
            let own = self.guard.permits(&context).map_err(|_| HELD)?;
            return set.for_side(read.spot.absolute.clone()).merge(own);
        }
        self.permit(&read.spot, None).map_err(|_| HELD)
    }
}

/// A change that was begun is never cut short.
static STEADY: std::sync::LazyLock<Progress> = std::sync::LazyLock::new(Progress::default);

/// As [`crate::redact::apply::Verify`], for who owns it.
type Checking<'a> = dyn Fn(&mut Reader<'_>) -> Outcome<()> + 'a;

/// The splices of a file, as they are come to.
type Coming<'a> = Box<dyn Iterator<Item = Outcome<Splice>> + 'a>;

/// How a file of a set is changed.
enum How<'a> {
    Splice(Coming<'a>, bool),
    Pack(Compression, Coming<'a>, Job<'a>),
    Remove,
}

struct Making<'a> {
    permit: Permit,
    how: How<'a>,
    verify: Box<Checking<'a>>,
    read: &'a Read<'a>,
}

impl Read<'_> {
    fn changes(&self, spans: &[Range<u64>]) -> bool {
        self.survey.splices > 0 || !spans.is_empty()
    }
}

/// Whether all of a set goes: a recording that is somebody's record goes as a whole, and what
/// stands beside it is the same record.
fn goes_whole(reads: &[Read<'_>]) -> bool {
    reads
        .iter()
        .any(|read| read.survey.whole && read.spot.out.is_none())
}

fn finished(reads: Vec<Read<'_>>, left: Vec<(Role, FileDone)>) -> SetDone {
    let read = reads.into_iter().map(|read| {
        let would = read.done.fate == Fate::Would;
        let planned = read.planned.filter(|_| would);
        (
            read.done,
            planned.map(|planned| (read.spot.absolute, planned)),
        )
    });
    read.chain(left.into_iter().map(|(_, done)| (done, None)))
        .collect()
}
