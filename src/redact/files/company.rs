//! The sets of a run at work: what became of their files until each is met in the walk, and the
//! edits of several files side by side.
//!
//! Knows neither what belongs together nor what a set comes to.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::dangling::Dangling;
use super::roots::Walked;
use super::sets::Sets;
use super::told::FileDone;
use super::work::PlannedFile;
use crate::redact::edit::Splice;
use crate::redact::edits::Edits;
use crate::redact::failure::{Failure, Outcome, Reason as Cause};

/// What became of each file of a set, with what is planned for it.
pub(super) type SetDone = Vec<(FileDone, Option<PlannedFile>)>;

/// Splices that are derived as they are asked for.
pub(super) struct Lazy<'a> {
    edits: Option<Edits<'a>>,
    ready: VecDeque<Splice>,
}

impl<'a> Lazy<'a> {
    pub(super) fn new(edits: Edits<'a>) -> Self {
        Lazy {
            edits: Some(edits),
            ready: VecDeque::new(),
        }
    }
}

impl Iterator for Lazy<'_> {
    type Item = Outcome<Splice>;

    fn next(&mut self) -> Option<Self::Item> {
        const BROKEN: Failure = Failure::new(Cause::Changed, "cannot read the file");
        loop {
            if let Some(splice) = self.ready.pop_front() {
                return Some(Ok(splice));
            }
            let edits = self.edits.as_mut()?;
            match edits.next_batch() {
                Some(batch) => {
                    let splices = batch.into_iter().flat_map(|derived| derived.splices);
                    self.ready.extend(splices);
                }
                // The source is closed: who else has a file open decides how it may be written.
                None => {
                    let broken = self.edits.take().and_then(|edits| edits.broken());
                    return broken.map(|_| Err(BROKEN));
                }
            }
        }
    }
}

/// What became of the files of sets, until they are met in the walk.
#[derive(Default)]
pub(super) struct Waiting(Mutex<SetDone>);

impl Waiting {
    /// Keeps what became of the files of a set.
    pub(super) fn keep(&self, done: SetDone) {
        self.lock().extend(done);
    }

    /// Gives what became of the file that is told as `path`, once.
    pub(super) fn take(&self, path: &Path) -> Option<(FileDone, Option<PlannedFile>)> {
        let mut waiting = self.lock();
        let at = waiting.iter().position(|(done, _)| done.path == path)?;
        Some(waiting.swap_remove(at))
    }

    /// What waits is whole whatever befell who held it.
    fn lock(&self) -> MutexGuard<'_, SetDone> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The sets of a run, where they lie, and what became of them.
pub(super) struct Company<'a> {
    pub(super) sets: Sets,
    pub(super) walked: &'a Walked,
    pub(super) waiting: Waiting,
    pub(super) dangling: Dangling,
}
