//! Files that hold sources: containers, and databases that lie in something else. Every source
//! within is surveyed like a file of its own; then the container is written anew, with those that
//! have edits, and read again before it is published.
//!
//! Owns the order of these steps. Knows neither how a container is laid out nor how edits are
//! found.

mod aged;
mod produce;
mod survey;

use std::io::{self, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::aged::seconds;
use super::spot::Spot;
use super::told::{Fate, FileDone};
use super::work::{ATTEMPTS, Pace, PlannedFile, Work, Writing, receipt_counts};
use super::{Plan, RunError};
use crate::container::Budget;
use crate::container::slab::{Beside, Slab};
use crate::redact::ageing::Link;
use crate::redact::apply::{FileEdit, FileOutcome, GroupOutcome};
use crate::redact::content::Reader;
use crate::redact::edit::Change;
use crate::redact::failure::{Failure, Outcome, Reason as Cause};
use crate::redact::place::Identity;
use crate::redact::saved::Planned;
use crate::scan::Progress;
use crate::source::{open_to_read, reason_of};
use survey::{Nest, Nested};

impl Work<'_> {
    /// What becomes of a file that holds sources: of each of them, and of the file itself, last.
    pub(super) fn held(
        &self,
        spot: &Spot<'_>,
        mut writing: Option<&mut Writing<'_>>,
        planned: &mut Option<PlannedFile>,
    ) -> Result<Vec<FileDone>, RunError> {
        let mut attempt = 1;
        let mut pace = Pace::Surveyed;
        loop {
            let (stored, identity) = match stored(&spot.path) {
                Ok(stored) => stored,
                Err(error) => {
                    let fate = Fate::Unread(reason_of(&error));
                    return Ok(vec![FileDone::new(spot.path.clone(), None, fate)]);
                }
            };
            let mut nested = self.survey_held(spot, (&stored, identity), pace);
            if let Some(fate) = self.let_be(spot, &nested, identity, pace) {
                return Ok(ended(nested.done, |_| fate, fate));
            }
            if nested.all.splices == 0 && spot.out.is_none() {
                return Ok(nested.done);
            }
            let Some(writing) = writing.as_deref_mut() else {
                *planned = noted(&nested, identity).map(|plan| (spot.absolute.clone(), plan));
                return Ok(ended(nested.done, |fate| fate, Fate::Would));
            };
            let permit = match self.permit(spot, nested.all.permit.take()) {
                Ok(permit) => permit,
                Err(refused) => return Ok(conclude(nested.done, &refused)),
            };
            let mut produce = |_: &mut Reader<'_>, out: &mut dyn Write| {
                self.produce_held(spot, (&stored, identity), (pace, &nested), out)
            };
            let verify =
                |new: &mut Reader<'_>| self.verify_held(spot, (&nested.done, identity), new);
            let mut outcome = writing.run.apply(vec![FileEdit {
                root: spot.root,
                path: spot.beneath.clone(),
                expect: identity,
                change: Change::Produce(&mut produce),
                verify: &verify,
                permit,
                out: spot.out.map(|out| (out, spot.beneath.clone())),
                counts: receipt_counts(&nested.all.counts),
            }]);
            let unverified = |file: &FileOutcome| {
                let failure = file.failure;
                failure.is_some_and(|failure| failure.reason == Cause::Unverified)
            };
            if pace != Pace::Careful && outcome.files.iter().any(unverified) {
                pace = Pace::Careful;
                continue;
            }
            if outcome.is_retryable() && attempt < ATTEMPTS {
                attempt += 1;
                continue;
            }
            for file in &mut outcome.files {
                file.members = std::mem::take(&mut nested.members);
            }
            writing.groups += 1;
            writing.receipt.group(writing.groups, &outcome)?;
            return Ok(conclude(nested.done, &outcome));
        }
    }

    /// Why a file that holds sources is not changed though it could be.
    fn let_be(
        &self,
        spot: &Spot<'_>,
        nested: &Nested,
        identity: Identity,
        pace: Pace,
    ) -> Option<Fate> {
        // What was read of a container can be changed; a copy would give away the rest.
        let kept_back = nested.all.unread.filter(|_| spot.out.is_some());
        if let Some(reason) = nested.all.broken.or(kept_back) {
            return Some(Fate::Unread(reason));
        }
        if nested.all.doubtful && nested.all.records > 0 {
            let failure = Failure::new(Cause::Records, "cannot remove records");
            return Some(Fate::NotDone(failure));
        }
        if let Plan::Follow(saved) = &self.order.plan
            && pace != Pace::Careful
            && nested.all.splices > 0
            && (nested.all.digest.is_none()
                || saved.files.get(&spot.absolute).copied() != noted(nested, identity))
        {
            let stale = Failure::new(Cause::Stale, "cannot follow the plan");
            return Some(Fate::NotDone(stale));
        }
        None
    }

    /// What the sources of the file at `spot`, whose bytes are `stored`, come to.
    fn survey_held(
        &self,
        spot: &Spot<'_>,
        (stored, identity): (&Slab, Identity),
        pace: Pace,
    ) -> Nested {
        let nest = self.nest(spot, (stored, identity), pace, self.progress);
        let mut nested = Nested::default();
        nest.survey(&nest.top(), nest.look_at_file(stored), 0, &mut nested);
        nested
    }

    /// The records within the file at `spot` that name files which go with records.
    pub(super) fn links_within(&self, spot: &Spot<'_>) -> Vec<Link> {
        let links = Mutex::default();
        // What cannot be opened is told of when its turn comes.
        if let Ok((stored, identity)) = stored(&spot.path) {
            let nest = Nest {
                links: Some(&links),
                ..self.nest(spot, (&stored, identity), Pace::Surveyed, self.progress)
            };
            let mut nested = Nested::default();
            nest.survey(&nest.top(), nest.look_at_file(&stored), 0, &mut nested);
        }
        links.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes to `out` what the file at `spot`, whose bytes are `stored`, becomes.
    fn produce_held(
        &self,
        spot: &Spot<'_>,
        (stored, identity): (&Slab, Identity),
        (pace, touched): (Pace, &Nested),
        out: &mut dyn Write,
    ) -> io::Result<()> {
        // A change that was begun is never cut short: half of the edits would look like all.
        let steady = Progress::default();
        let nest = self.nest(spot, (stored, identity), pace, &steady);
        nest.produce(&nest.top(), stored, &touched.touched, out)
    }

    /// Whether no source in the new content holds anything more that the same order would take.
    /// Every source that was there before is there and is read as before.
    fn verify_held(
        &self,
        spot: &Spot<'_>,
        (old, identity): (&[FileDone], Identity),
        new: &Reader<'_>,
    ) -> Outcome<()> {
        const DOING: &str = "cannot check the new content";
        let file = new.file().ok_or(Failure::new(Cause::Io, DOING))?;
        let stored = Slab::up_to(file.into(), new.size());
        // A check is never cut short: what was not looked at would pass for clean.
        let steady = Progress::default();
        let nest = Nest {
            checks: true,
            ..self.nest(spot, (&stored, identity), Pace::Surveyed, &steady)
        };
        let mut nested = Nested::default();
        nest.survey(&nest.top(), nest.look_at_file(&stored), 0, &mut nested);
        let alike = |(old, new): (&FileDone, &FileDone)| {
            let unread = |done: &FileDone| match done.fate {
                Fate::Unread(reason) => Some(reason),
                _ => done.unread,
            };
            // Members may be called otherwise now.
            old.within == new.within && unread(old) == unread(new)
        };
        let alike = old.len() == nested.done.len() && old.iter().zip(&nested.done).all(alike);
        if alike && nested.all.splices == 0 && nested.all.broken.is_none() {
            Ok(())
        } else {
            Err(Failure::new(Cause::Unverified, DOING))
        }
    }

    fn nest<'n>(
        &'n self,
        spot: &'n Spot<'n>,
        (stored, identity): (&Slab, Identity),
        pace: Pace,
        progress: &'n Progress,
    ) -> Nest<'n> {
        Nest {
            work: self,
            spot,
            pace,
            beside: match spot.out {
                Some(out) => Beside::folder(out.path()),
                None => Beside::file(&spot.absolute),
            },
            budget: Budget::new(stored.len()),
            changed: seconds(&identity),
            checks: false,
            progress,
            links: None,
        }
    }
}

/// A file as it is stored, and which one it is.
fn stored(path: &Path) -> io::Result<(Slab, Identity)> {
    let file = open_to_read(path)?;
    let identity = Identity::of_file(&file)?;
    // What is appended from now on belongs to the next run.
    Ok((Slab::up_to(file, identity.size), identity))
}

/// What a saved plan says of a file.
fn noted(nested: &Nested, identity: Identity) -> Option<Planned> {
    nested.all.digest.map(|digest| Planned {
        identity,
        edits: nested.all.splices,
        digest,
    })
}

/// The sources of a file, of which those that have edits end as `inner` says, and the file itself
/// as `outer`.
fn ended(mut done: Vec<FileDone>, inner: impl Fn(Fate) -> Fate, outer: Fate) -> Vec<FileDone> {
    for one in &mut done {
        if one.fate == Fate::Would {
            one.fate = inner(one.fate);
        }
    }
    if let Some(file) = done.last_mut() {
        file.fate = outer;
    }
    done
}

/// The sources of a file once the write engine is through.
fn conclude(mut done: Vec<FileDone>, outcome: &GroupOutcome) -> Vec<FileDone> {
    let fault = outcome.files.iter().find_map(FileOutcome::fault);
    let Some(file) = outcome.files.last() else {
        return done;
    };
    let fate = match (file.failure, file.choice) {
        (Some(failure), _) => Fate::NotDone(fault.unwrap_or(failure)),
        (None, Some(choice)) => Fate::Done(choice),
        (None, None) => Fate::Unchanged,
    };
    done = ended(done, |_| fate, fate);
    if let Some(last) = done.last_mut() {
        last.remnants = file.remnants.iter().map(|one| one.code()).collect();
    }
    done
}
