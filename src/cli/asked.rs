//! Whether an index answers a look-up: the one that was named, or the user's where there is one.
//!
//! An index that was named and cannot answer is a refusal; the user's own only saves time, so that
//! a look-up over files goes on without it, and says so.

use std::path::PathBuf;

use super::args::{IndexDir, StateArgs};
use super::index::{folder, told};
use super::misuse::Misuse;
use super::state;
use crate::redact::io::Io;
use crate::scan::{Memo, ScanPlan};
use crate::subject::index::{Answer, Index, IndexError, Keys};

/// The index that may answer.
pub(super) struct Asked {
    /// Where it is, if one is wanted.
    folder: Option<PathBuf>,
    named: bool,
    state: StateArgs,
}

impl Asked {
    /// What was typed about it; `alone` where no files were.
    pub(super) fn of(
        index: &IndexDir,
        no_index: bool,
        state: &StateArgs,
        alone: bool,
    ) -> Result<Asked, Misuse> {
        let named = index.dir.is_some();
        let folder = match folder(index, state) {
            _ if no_index => None,
            // Without a place for a state there is no index of the user's.
            Err(_) if !named => None,
            folder => Some(folder?),
        };
        let folder = folder.filter(|folder| named || folder.join("manifest").exists());
        if alone && folder.is_none() {
            return Err(nowhere());
        }
        Ok(Asked {
            folder,
            named,
            state: StateArgs {
                state: state.state.clone(),
                key_file: state.key_file.clone(),
            },
        })
    }

    /// Opens the index; `None` when the sources themselves are read, of which `note` is told why
    /// where there is an index.
    pub(super) fn open(
        &self,
        plan: &ScanPlan,
        note: impl Fn(&Misuse),
    ) -> Result<Option<Index>, Misuse> {
        let Some(folder) = &self.folder else {
            return Ok(None);
        };
        let io = Io::real();
        let opened = state::open(&io, &self.state).and_then(|state| {
            let index = Index::open(&io, folder, &Keys::of(state.key()));
            let index = index.map_err(|error| told(&error, folder))?;
            let answers = index.answers(plan);
            answers.map_err(|error| told(&error, folder))?;
            Ok(index)
        });
        self.or_without(plan, opened, note)
    }

    /// What it knows of whom `plan` looks for.
    pub(super) fn ask<'i>(
        &self,
        index: &'i Index,
        plan: &ScanPlan,
        note: impl Fn(&Misuse),
    ) -> Result<Option<Answer<'i>>, Misuse> {
        let answer = match &plan.subjects {
            Some(subjects) => index.ask(subjects),
            None => Err(IndexError::NotHeld),
        };
        self.or_without(plan, answer.map_err(|error| self.told(&error)), note)
    }

    /// What the engine goes by.
    pub(super) fn memo<'a>(
        &self,
        answer: &'a mut Answer<'_>,
        plan: &ScanPlan,
    ) -> Result<Memo<'a>, Misuse> {
        let memo = if plan.roots.is_empty() {
            answer.alone()
        } else {
            answer.over(&plan.roots)
        };
        memo.map_err(|error| self.told(&error))
    }

    fn told(&self, error: &IndexError) -> Misuse {
        told(error, self.folder.as_deref().unwrap_or("".as_ref()))
    }

    /// What was done, or without the index.
    fn or_without<T>(
        &self,
        plan: &ScanPlan,
        done: Result<T, Misuse>,
        note: impl Fn(&Misuse),
    ) -> Result<Option<T>, Misuse> {
        match done {
            Ok(done) => Ok(Some(done)),
            Err(misuse) if self.named || plan.roots.is_empty() => Err(misuse),
            Err(misuse) => {
                note(&misuse);
                Ok(None)
            }
        }
    }
}

/// What is told when neither files nor an index are there to look in.
pub(super) fn nowhere() -> Misuse {
    Misuse::new(
        "it is not said whose data is looked for, or where",
        "give an identifier and then files or folders: efface find '+1 416 555 0123' exports/; \
         without them there has to be an index",
    )
}
