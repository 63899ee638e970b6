//! A recording and its transcripts as one: what goes in the transcript is muted in the recording,
//! and both are done or neither.
//!
//! Owns what a set comes to and when it is refused. Knows neither how times are written nor how
//! sound is muted.

use std::io::Read as _;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::company::SetDone;
use super::dangling;
use super::listening::Listening;
use super::roots::Walked;
use super::said::{Muted, Talk};
use super::sets::{self, Part, Role};
use super::spot::Spot;
use super::told::{Fate, FileDone};
use super::work::{ATTEMPTS, Became, Found, Pace, Seen, Work, Writing};
use super::{Plan, RunError};
use crate::format::Reason;
use crate::format::recording as recorded;
use crate::format::times::Timeline;
use crate::redact::derive::{Job, Said, Way};
use crate::redact::edits::{Edits, Survey};
use crate::redact::failure::{Failure, Reason as Cause};
use crate::redact::recording;
use crate::redact::saved::Planned;
use crate::redact::state::Purpose;
use crate::scan::{Look, Opened, look};
use crate::source::{Compression, open_stream, open_to_read};

/// How far, in milliseconds, a transcript may go on behind its recording: what the times of cues
/// and segments are rounded up by.
const SLACK: u64 = 1_000;
/// The longest transcript whose times are read, in bytes: some days of talk.
const LONGEST: usize = 64 << 20;

pub(super) const DOING: &str = "cannot redact a recording and its transcript together";

/// A file of a set that was read.
pub(super) struct Read<'a> {
    pub(super) spot: Spot<'a>,
    pub(super) role: Role,
    pub(super) seen: Seen,
    pub(super) survey: Survey,
    /// What goes in it, in offsets of its text, and that text.
    pub(super) said: Vec<Said>,
    pub(super) text: Vec<u8>,
    pub(super) done: FileDone,
    pub(super) planned: Option<Planned>,
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
            let would = reads.iter().any(|read| read.done.fate == Fate::Would);
            let goes = goes_whole(&reads) && (told.is_some() || would);
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
}

/// Whether all of a set goes: a recording that is somebody's record goes as a whole, and what
/// stands beside it is the same record.
pub(super) fn goes_whole(reads: &[Read<'_>]) -> bool {
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
