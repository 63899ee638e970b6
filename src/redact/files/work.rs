//! What becomes of one file: opened, surveyed, handed to the write engine, checked.
//!
//! Owns the order of these steps and what a failure of one leads to. Knows neither how edits are
//! found nor how bytes reach the disk.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Map, json};

use super::aged::refused;
use super::calls::Calls;
use super::company::Company as Sets;

use super::named::said_length;
use super::roots::At;
use super::spot::Spot;
use super::told::{Fate, FileDone, Totals};
use super::{Order, Plan, RunError, Target, now};
use crate::format::names::Words;
use crate::format::sqlite::{self, Feed, Snapshot};
use crate::format::{Format, Reason};
use crate::redact::ageing::Company;
use crate::redact::apply::{FileOutcome, GroupOutcome, Run};
use crate::redact::derive::{Asked, Count, Job, Way, derive_words, reworded};
use crate::redact::failure::{Failure, Reason as Cause};
use crate::redact::guard::{EditContext, Guard, Permit};
use crate::redact::operator::{Operator, OperatorSet};
use crate::redact::place::Identity;
use crate::redact::receipt::{Counts, Receipt};
use crate::redact::saved::Planned;
use crate::redact::state::State;
use crate::scan::{Look, Opened, Progress, look};
use crate::source::{Compression, open_stream, open_to_read};
use crate::walk::Met;

/// How often a file that changed under our hands is taken anew before it is given up.
pub(super) const ATTEMPTS: usize = 5;

/// A run in progress.
pub(super) struct Work<'a> {
    pub(super) order: &'a Order,
    pub(super) state: &'a State,
    /// What is never touched though it lies below a root: the state itself and the key.
    pub(super) own: Vec<PathBuf>,
    pub(super) guard: &'a Guard,
    pub(super) ask: bool,
    pub(super) as_format: Option<&'static dyn Format>,
    pub(super) pool: Option<&'a rayon::ThreadPool>,
    pub(super) job: Job<'a>,
    pub(super) progress: &'a Progress,
    pub(super) company: Sets<'a>,
    /// Which records and files go together, where rules say that some do.
    pub(super) calls: Option<Calls>,
}

/// What became of a file and of the sources within, and what is planned for it.
pub(super) type Became = (Vec<FileDone>, Option<PlannedFile>);

/// A file, absolute, and what is planned for it.
pub(super) type PlannedFile = (PathBuf, Planned);

/// The part of a run that writes.
pub(super) struct Writing<'a> {
    pub(super) run: Run<'a>,
    pub(super) receipt: Receipt<'a>,
    pub(super) groups: u64,
}

/// A file that was opened and looked at.
pub(super) struct Seen {
    pub(super) identity: Identity,
    pub(super) format: &'static str,
    pub(super) compression: Compression,
    /// Of a database, what was read.
    pub(super) database: Option<Arc<Snapshot>>,
    /// Whether it is a recording, of which seconds may have to be silent.
    pub(super) recording: bool,
}

impl Seen {
    /// A file that nobody reads.
    pub(super) fn unread(identity: Identity, format: Option<&'static str>) -> Seen {
        Seen {
            identity,
            format: format.unwrap_or("unknown"),
            compression: Compression::None,
            database: None,
            recording: false,
        }
    }

    /// Whether its bytes are those of its text.
    pub(super) fn is_plain(&self) -> bool {
        self.compression == Compression::None
            && self.database.is_none()
            && self.format != sqlite::NAME
            && !self.recording
    }
}

/// What a file is.
pub(super) enum Found {
    /// A source.
    Source(Box<Opened>, Seen),
    /// It holds sources.
    Held,
}

/// Why a file cannot be read, and its format where that is known.
pub(super) type Unread = (Option<&'static str>, Reason);

/// How a file is gone about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    /// Its edits are written while they are found.
    Once,
    /// First it is seen what they come to.
    Surveyed,
    /// As `Surveyed`, and what the edits leave is looked at again.
    Careful,
}

impl Work<'_> {
    /// What becomes of one entry; `None` when it was left out.
    pub(super) fn meet(
        &self,
        met: Met,
        at: &At<'_>,
        mut writing: Option<&mut Writing<'_>>,
    ) -> Result<Option<Became>, RunError> {
        let mut planned = None;
        let mut all = match met {
            Met::Excluded | Met::Stdin => return Ok(None),
            Met::Folder(path) => return Ok(Some((self.folder(path, at), None))),
            Met::File(path) | Met::Refused(path, _) if self.is_own(&path, at) => return Ok(None),
            Met::Refused(path, reason) => {
                vec![FileDone::new(path, None, Fate::Unread(reason))]
            }
            Met::File(path) => {
                let early = self.company.dangling.take(&path);
                let together = match &early {
                    Some(_) => None,
                    None => self.in_company(&path, writing.as_deref_mut())?,
                };
                let (all, plan) = match early.or(together) {
                    Some(became) => became,
                    None => self.met_file(path, at, writing)?,
                };
                planned = plan;
                all
            }
        };
        if let Some(done) = all.last_mut() {
            self.name_stays(done, at);
        }
        for done in &mut all {
            let unread = match done.fate {
                Fate::Unread(reason) => Some(reason),
                _ => done.unread,
            };
            if let Some(reason) = unread {
                let accept = &self.order.scan.accept_unread;
                done.accepted = accept.accepts(&done.path, done.format, Some(reason));
            }
        }
        Ok(Some((all, planned)))
    }

    /// What becomes of a file that is no part of a set.
    pub(super) fn met_file(
        &self,
        path: PathBuf,
        at: &At<'_>,
        writing: Option<&mut Writing<'_>>,
    ) -> Result<Became, RunError> {
        let mut planned = None;
        let mut all = self.file(path, at, writing, &mut planned)?;
        for done in &mut all {
            done.partner = self.missing(done);
        }
        Ok((all, planned))
    }

    /// Whether a path is part of the state, or the key.
    pub(super) fn is_own(&self, path: &Path, at: &At<'_>) -> bool {
        at.root.is_ok_and(|root| {
            let absolute = root.path().join(at.beneath(path));
            self.own.iter().any(|own| absolute.starts_with(own))
        })
    }

    fn file(
        &self,
        path: PathBuf,
        at: &At<'_>,
        writing: Option<&mut Writing<'_>>,
        planned: &mut Option<PlannedFile>,
    ) -> Result<Vec<FileDone>, RunError> {
        let spot = match Spot::of(path, at, self.order, self.as_format) {
            Ok(spot) => spot,
            Err((path, failure)) => {
                return Ok(vec![FileDone::new(path, None, Fate::NotDone(failure))]);
            }
        };
        match &self.order.ages {
            Some(ages) => {
                let mut all = self.by_age(&**ages, spot, (writing, planned))?;
                // What was to go from a file that is as it was has not gone.
                for done in &mut all {
                    if matches!(done.fate, Fate::NotDone(_) | Fate::Unread(_)) {
                        done.tally = refused(&done.tally);
                        (done.records, done.counts) = (0, Vec::new());
                    }
                }
                if let Some(calls) = &self.calls {
                    for done in &mut all {
                        calls.merge(done);
                    }
                }
                Ok(all)
            }
            None => self.change(spot, (writing, planned)),
        }
    }

    /// What becomes of a file that can be opened: surveyed, written, and again where something came
    /// in between.
    pub(super) fn change(
        &self,
        spot: Spot<'_>,
        (mut writing, planned): (Option<&mut Writing<'_>>, &mut Option<PlannedFile>),
    ) -> Result<Vec<FileDone>, RunError> {
        let mut attempt = 1;
        let mut pace = self.first_pace(writing.is_some());
        loop {
            let seen = match self.open(&spot, None) {
                Ok(Found::Source(source, seen)) => (source, seen),
                Ok(Found::Held) => return self.held(&spot, writing, planned),
                // It went with the database it stood beside.
                Err((_, Reason::Vanished)) if sqlite::owner(&spot.path).is_some() => {
                    let format = Some(sqlite::NAME);
                    return Ok(vec![FileDone::new(spot.path, format, Fate::Unchanged)]);
                }
                Err((format, reason)) => {
                    return Ok(vec![FileDone::new(spot.path, format, Fate::Unread(reason))]);
                }
            };
            let mut done = FileDone::new(spot.path.clone(), Some(seen.1.format), Fate::Unchanged);
            let outcome = match (pace, writing.as_deref_mut()) {
                (Pace::Once, Some(writing)) if seen.1.is_plain() => {
                    let (outcome, survey) = self.write_at_once(&spot, seen, &mut writing.run);
                    done.came_to(&survey);
                    if let Some(reason) = survey.broken {
                        done.fate = Fate::Unread(reason);
                        return Ok(vec![done]);
                    }
                    match outcome {
                        Some(outcome) => outcome,
                        None => return Ok(vec![done]),
                    }
                }
                (_, writing) => {
                    let (source, seen) = seen;
                    let survey = self.survey(&spot, (source, seen.compression), pace);
                    done.came_to(&survey);
                    // What was read of a container can be changed; a copy would give away the
                    // rest.
                    let kept_back = done.unread.filter(|_| spot.out.is_some());
                    if let Some(reason) = survey.broken.or(kept_back) {
                        done.fate = Fate::Unread(reason);
                        return Ok(vec![done]);
                    }
                    // What stands beside a database goes where that goes.
                    let is_side = seen.format == sqlite::NAME && seen.database.is_none();
                    if is_side {
                        return Ok(vec![done]);
                    }
                    if self.goes_whole(&spot, &survey, &mut done) {
                        // Nothing of it is left to be read.
                        done.unread = None;
                        let done = self.take_away(&spot, &seen, survey.permit, done, writing)?;
                        return Ok(vec![done]);
                    }
                    if survey.splices == 0 && spot.out.is_none() {
                        self.note(&spot, seen.identity, &done);
                        return Ok(vec![done]);
                    }
                    if survey.doubtful && survey.records > 0 {
                        let failure = Failure::new(Cause::Records, "cannot remove records");
                        done.fate = Fate::NotDone(failure);
                        return Ok(vec![done]);
                    }
                    // What could not be taken out of a copy would be given away with it.
                    if survey.refused > 0 && self.order.way == Way::Others {
                        let failure = Failure::new(Cause::Unverified, "cannot copy the records");
                        done.fate = Fate::NotDone(failure);
                        return Ok(vec![done]);
                    }
                    let now = survey.digest.map(|digest| Planned {
                        identity: seen.identity,
                        edits: survey.splices,
                        digest,
                    });
                    if let Plan::Follow(saved) = &self.order.plan
                        && pace != Pace::Careful
                        && saved.files.get(&spot.absolute).copied() != now
                    {
                        let stale = Failure::new(Cause::Stale, "cannot follow the plan");
                        done.fate = Fate::NotDone(stale);
                        return Ok(vec![done]);
                    }
                    let Some(writing) = writing else {
                        *planned = now.map(|now| (spot.absolute, now));
                        done.fate = Fate::Would;
                        done.changes = survey.changes;
                        done.more_changes = survey.more_changes;
                        return Ok(vec![done]);
                    };
                    if survey.whole {
                        match self.remove(&spot, &seen, survey, &mut writing.run) {
                            Some(outcome) => outcome,
                            // A copy of nothing is none.
                            None => return Ok(vec![done]),
                        }
                    } else {
                        self.write_surveyed(&spot, &seen, survey, pace, &mut writing.run)
                    }
                }
            };
            let failed_by = |cause| {
                let failures = outcome.files.iter().filter_map(|file| file.failure);
                failures.into_iter().any(|failure| failure.reason == cause)
            };
            // A mask that could not keep the width of what it stands for, so that the file has to
            // be written anew.
            if pace == Pace::Once && failed_by(Cause::BadEdits) {
                pace = Pace::Surveyed;
                continue;
            }
            // A replacement may make something of what stood beside it; that is rare enough to be
            // looked for only where the check has shown it.
            if pace != Pace::Careful && failed_by(Cause::Unverified) {
                pace = Pace::Careful;
                continue;
            }
            if outcome.is_retryable() && attempt < ATTEMPTS {
                attempt += 1;
                continue;
            }
            if let Some(writing) = writing {
                writing.groups += 1;
                writing.receipt.group(writing.groups, &outcome)?;
            }
            // What a group fails by is one of its files; the file itself comes last.
            let fault = outcome.files.iter().find_map(FileOutcome::fault);
            for mut file in outcome.files {
                file.failure = file.failure.and(fault.or(file.failure));
                done.fate = match (file.failure, file.choice) {
                    (None, Some(choice)) => Fate::Done(choice),
                    (Some(failure), _) => Fate::NotDone(failure),
                    (None, None) => Fate::Unchanged,
                };
                done.remnants = file.remnants.iter().map(|one| one.code()).collect();
            }
            return Ok(vec![done]);
        }
    }

    /// Masks in place are written while they are found: they keep every width, nobody is to be
    /// asked, and what they come to need not be known before.
    fn first_pace(&self, writes: bool) -> Pace {
        let order = self.order;
        let at_once = writes
            && order.target == Target::InPlace
            && matches!(order.plan, Plan::None)
            && order.way == Way::Values
            && !self.ask
            && order.more.correct.is_none()
            && order.operators == OperatorSet::default();
        if at_once { Pace::Once } else { Pace::Surveyed }
    }

    /// What the guard is asked with, where it has to be asked.
    pub(super) fn job_of<'j>(&'j self, spot: &'j Spot<'_>, pace: Pace) -> Job<'j> {
        Job {
            aged: spot.aged.as_ref().map(|aged| {
                let company = self.calls.as_ref().map(|calls| calls as &dyn Company);
                aged.of(self.order, company)
            }),
            ..self.job(&spot.absolute, pace)
        }
    }

    /// The same, for what is no file of its own.
    pub(super) fn job<'j>(&'j self, absolute: &'j Path, pace: Pace) -> Job<'j> {
        Job {
            careful: pace == Pace::Careful,
            keep_length: said_length(absolute).is_some(),
            guard: self.ask.then_some(Asked {
                guard: self.guard,
                key: self.state.key(),
                path: absolute,
            }),
            ..self.job
        }
    }

    /// Opens a file and tells its format; with `surveyed`, only the file that was surveyed, and
    /// as far as it was.
    pub(super) fn open(
        &self,
        spot: &Spot<'_>,
        surveyed: Option<&Identity>,
    ) -> Result<Found, Unread> {
        let reason = |error: std::io::Error| (None, crate::source::reason_of(&error));
        let path = &spot.path;
        let file = open_to_read(path).map_err(reason)?;
        let mut identity = Identity::of_file(&file).map_err(reason)?;
        if let Some(surveyed) = surveyed {
            if !identity.same_file(surveyed) || identity.size < surveyed.size {
                return Err((None, Reason::Vanished));
            }
            identity = *surveyed;
        }
        // What is appended from now on belongs to the next run.
        let input = open_stream(std::io::Read::take(file, identity.size));
        let compression = input.compression;
        match look(path, input, spot.as_format) {
            Look::Skip(format) => Err((Some(format), Reason::Unsupported(format))),
            Look::Pack(..) | Look::Rows(_) => Ok(Found::Held),
            Look::Open(source) => {
                let seen = Seen {
                    identity,
                    format: source.format,
                    compression,
                    database: source.windows.feed().and_then(Feed::snapshot).cloned(),
                    recording: source.windows.recording().is_some(),
                };
                Ok(Found::Source(source, seen))
            }
        }
    }

    /// The permit to change a file: the one its survey was given, else one for the file alone.
    pub(super) fn permit(
        &self,
        spot: &Spot<'_>,
        given: Option<Permit>,
    ) -> Result<Permit, GroupOutcome> {
        if spot.out.is_some() {
            return Ok(Guard::permits_copy(spot.absolute.clone()));
        }
        if let Some(permit) = given {
            return Ok(permit);
        }
        let context = EditContext {
            path: spot.absolute.clone(),
            ..EditContext::default()
        };
        self.guard
            .permits(&context)
            .map_err(|_| spot.refused(Failure::new(Cause::Held, "cannot change the file")))
    }
}

impl Writing<'_> {
    /// Ends the run and its receipt.
    pub(super) fn finish(self, totals: &mut Totals) -> Result<(), RunError> {
        totals.unfinished = !self.run.finish()?;
        let incomplete = totals.unfinished || totals.incomplete > 0 || totals.interrupted;
        let mut more = Map::new();
        more.insert("files".into(), json!(totals.files));
        more.insert("changed".into(), json!(totals.changed));
        more.insert("incomplete".into(), json!(totals.incomplete));
        let fates = totals.tally.by_fate();
        if !fates.is_empty() {
            more.insert("records".into(), json!(fates));
        }
        let exit = if incomplete { 3 } else { 0 };
        totals.receipt = Some(self.receipt.finish(now(), exit, &more)?);
        Ok(())
    }
}

/// What `words` beside the bytes of a source become by `job`; `None`: they stay.
pub(super) fn new_words(words: &Words, job: &Job<'_>) -> std::io::Result<Option<Vec<u8>>> {
    let splices = derive_words(words, job).splices;
    if splices.is_empty() || job.aged.is_some() {
        return Ok(None);
    }
    let new = reworded(words, splices, 0);
    new.map(Some)
        .ok_or_else(|| std::io::ErrorKind::Unsupported.into())
}

/// The counts as the receipt names them.
pub(super) fn receipt_counts(counts: &[Count]) -> Counts {
    counts
        .iter()
        .map(|count| {
            let operator = count.operator.map_or("erase", Operator::name);
            let key = (count.entity.name().to_owned(), operator.to_owned());
            (key, count.values)
        })
        .collect()
}
