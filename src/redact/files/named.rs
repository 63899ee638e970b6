//! What is to go in the name of a file itself, which is told where it stays.
//!
//! Owns what counts as a name that stays. Renames nothing.

use super::roots::At;
use super::told::{Fate, FileDone};
use super::work::Work;
use crate::edit::Refusal;
use crate::format::Width;
use crate::format::names::{Says, Words};
use crate::redact::derive::{Derived, Way, derive_words};
use crate::redact::journal::record::Kind;
use crate::redact::mode::Choice;

impl Work<'_> {
    /// Counts what is to go in the name of a file that keeps it: nobody is to believe that it went.
    /// Rules go by records, and copies for a person are called by numbers of their own.
    pub(super) fn name_stays(&self, done: &mut FileDone, at: &At<'_>) {
        let gone = matches!(
            done.fate,
            Fate::Done(Choice {
                kind: Kind::Remove,
                ..
            })
        );
        if self.order.ages.is_some() || self.order.way == Way::Others || gone {
            return;
        }
        let derived = self.in_name(done, at);
        let values: u64 = derived.counts.iter().map(|count| count.values).sum();
        if values > 0 {
            done.refused += values;
            done.refusal.get_or_insert(Refusal::Name);
        }
    }

    /// What is to go in the name of the file that is told as `done`.
    fn in_name(&self, done: &FileDone, at: &At<'_>) -> Derived {
        let (Some(name), Ok(root)) = (done.path.file_name(), at.root) else {
            return Derived::default();
        };
        let absolute = root.path().join(at.beneath(&done.path));
        let words = Words {
            says: Says::Name,
            at: 0,
            text: name.as_encoded_bytes().to_vec(),
            width: Width::Same,
        };
        derive_words(&words, &self.job(&absolute, super::work::Pace::Surveyed))
    }
}
