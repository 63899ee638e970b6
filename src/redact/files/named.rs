//! What is to go in the name of a file itself, which is told where it stays.
//!
//! Owns what counts as a name that stays. Renames nothing.

use std::path::{Path, PathBuf};

use super::Target;
use super::roots::At;
use super::told::{Fate, FileDone};
use super::work::{Pace, Work};
use crate::edit::Refusal;
use crate::format::Width;
use crate::format::names::{Says, Words};
use crate::redact::derive::{Derived, Way, add_held, derive_words};
use crate::redact::journal::record::Kind;
use crate::redact::mode::Choice;

impl Work<'_> {
    /// Counts what is to go in the name of a file that keeps it: nobody is to believe that it went.
    /// Rules go by records, and copies for a person are called by numbers of their own.
    pub(super) fn name_stays(&self, done: &mut FileDone, at: &At<'_>) {
        Self::length_stays(done);
        let gone = match done.fate {
            Fate::Would => done.goes,
            Fate::Done(choice) => choice.kind == Kind::Remove,
            _ => false,
        };
        // What would be renamed is told by itself.
        let renames = self.order.more.rename && self.order.target == Target::Nowhere;
        if self.order.ages.is_some() || self.order.way == Way::Others || gone || renames {
            return;
        }
        let Some((_, derived)) = self.in_name(&done.path, at) else {
            return;
        };
        let values: u64 = derived.counts.iter().map(|count| count.values).sum();
        if values > 0 {
            done.refused += values;
            done.refusal.get_or_insert(Refusal::Name);
        }
        for (id, values) in derived.held {
            add_held(&mut done.held, id, values);
        }
    }

    /// What is told of a folder: only that its name stays.
    pub(super) fn folder(&self, path: PathBuf, at: &At<'_>) -> Vec<FileDone> {
        let mut done = FileDone::new(path, Some("folder"), Fate::Unchanged);
        done.renamed = true;
        if !self.is_own(&done.path, at) {
            self.name_stays(&mut done, at);
        }
        if done.refused > 0 {
            vec![done]
        } else {
            Vec::new()
        }
    }

    /// Counts a name that tells how long the file is (Maildir, `,S=`) where it is no longer so.
    fn length_stays(done: &mut FileDone) {
        let Fate::Done(Choice {
            kind: Kind::Swap, ..
        }) = done.fate
        else {
            return;
        };
        let said = said_length(&done.path);
        let is = std::fs::metadata(&done.path).map(|metadata| metadata.len());
        if said.is_some_and(|said| is.is_ok_and(|is| is != said)) {
            done.refused += 1;
            done.refusal.get_or_insert(Refusal::Length);
        }
    }

    /// The name of the file that was walked as `path`, and what is to go in it.
    pub(super) fn in_name(&self, path: &Path, at: &At<'_>) -> Option<(Words, Derived)> {
        let (name, root) = (path.file_name()?, at.root.ok()?);
        let absolute = root.path().join(at.beneath(path));
        let words = Words {
            says: Says::Name,
            at: 0,
            text: name.as_encoded_bytes().to_vec(),
            width: Width::Same,
        };
        let derived = derive_words(&words, &self.job(&absolute, Pace::Surveyed));
        Some((words, derived))
    }
}

/// How long the file at `path` is by its name, as in Maildir (`,S=`).
pub(super) fn said_length(path: &Path) -> Option<u64> {
    let name = path.file_name()?.as_encoded_bytes();
    let digits = name.get(memchr::memmem::find(name, b",S=")? + 3..)?;
    let len = digits.iter().take_while(|b| b.is_ascii_digit()).count();
    std::str::from_utf8(digits.get(..len)?).ok()?.parse().ok()
}
