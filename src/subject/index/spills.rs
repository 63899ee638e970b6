//! Writes full runs as segments while the scan goes on: one thread beside those of the scan, one
//! run in its hands at a time, so that memory is bounded by two runs.
//!
//! It must not know what becomes of the segments.

use std::thread::{Scope, ScopedJoinHandle};

use super::IndexError;
use super::runs::Runs;
use super::segment::{Segment, Writer};

/// A segment that was written: its number, itself, its length.
pub(super) type Written = (u64, Segment, u64);

/// What a thread gives back: the segment, and the memory of the run.
type Given = Result<(Written, Runs), IndexError>;

/// The thread and what it has done.
pub(super) struct Spills<'scope, 'env> {
    scope: &'scope Scope<'scope, 'env>,
    running: Option<ScopedJoinHandle<'scope, Given>>,
    written: Vec<Written>,
}

impl<'scope, 'env> Spills<'scope, 'env> {
    /// Nothing yet; threads end with `scope`.
    pub(super) const fn new(scope: &'scope Scope<'scope, 'env>) -> Self {
        Spills {
            scope,
            running: None,
            written: Vec::new(),
        }
    }

    /// Has `runs` written as the segment `number`; gives an empty one to go on with.
    pub(super) fn write(
        &mut self,
        number: u64,
        mut writer: Writer<'scope>,
        mut runs: Runs,
    ) -> Result<Runs, IndexError> {
        let spare = self.wait()?;
        self.running = Some(self.scope.spawn(move || {
            runs.drain(|posting| writer.push(posting))?;
            let (segment, bytes) = writer.finish()?;
            Ok(((number, segment, bytes), runs))
        }));
        Ok(spare.unwrap_or_default())
    }

    /// Waits for what is being written; gives its memory.
    fn wait(&mut self) -> Result<Option<Runs>, IndexError> {
        let Some(running) = self.running.take() else {
            return Ok(None);
        };
        // A thread that panicked has written nothing that counts.
        let given = running.join().map_err(|_| IndexError::Damaged)?;
        let (written, runs) = given?;
        self.written.push(written);
        Ok(Some(runs))
    }

    /// What was written since this was asked; all of it when `all`, else what is at hand.
    pub(super) fn take(&mut self, all: bool) -> Result<Vec<Written>, IndexError> {
        if all {
            self.wait()?;
        }
        Ok(std::mem::take(&mut self.written))
    }
}
