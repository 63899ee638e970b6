//! The one guard that every write passes (R6): holds and legal duties, read from the state,
//! asked when an edit is made and once more at the moment of writing. It owns the question and
//! the answer; it must not know formats or how bytes are written.
//!
//! What is not known counts as covered: an edit whose time is unknown is held by every hold with
//! a date range that otherwise fits, one whose subjects are unknown by every hold on a subject.
//! A guard that cannot be read permits nothing.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::failure::{Failure, Outcome, Reason};
use super::hold::{self, Duty, Hold};
use super::io::Io;
use super::state::State;

/// Contexts that a permit remembers one by one; a permit for more of them counts as one whose
/// times, subjects and clients are unknown. Keeps the memory of a run bounded (R9).
const CONTEXTS_MAX: usize = 4096;

/// What an edit touches: one record, or a whole file where records are not known.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct EditContext {
    /// The file, absolute: the root's path joined with the path beneath it.
    pub path: PathBuf,
    /// Tags ([`super::state::Key::tag`]) of *every* identifier in the record, whether selected or
    /// not; `None`: not known.
    pub subject_tags: Option<Vec<[u8; 16]>>,
    /// Whose data it is, from the policy's sources; `None`: not known.
    pub client: Option<String>,
    /// What the file is read as; `None`: not known.
    pub format: Option<&'static str>,
    /// The record's own time, seconds since 1970; `None`: not known.
    pub time: Option<i64>,
    /// Of what is from several times, such as the recording of a call with several records, the
    /// last: duties count from it. To holds its time is not known.
    pub last: Option<i64>,
}

/// Why an edit is not permitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The hold or duty.
    pub id: String,
    /// What the operator wrote as the reason or citation.
    pub reason: String,
}

impl std::fmt::Display for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "held by {} ({})", self.id, self.reason)
    }
}

/// The proof that the guard was asked. It cannot be made elsewhere, and the write engine takes
/// no edit without one for the very file.
#[derive(Debug, Clone)]
pub struct Permit {
    path: PathBuf,
    /// `None`: too many to remember.
    contexts: Option<Arc<Vec<EditContext>>>,
}

impl Permit {
    /// One permit for the edits of both, which must be for the same file.
    pub fn merge(self, other: Self) -> Result<Self, Failure> {
        if self.path != other.path {
            return Err(Failure::new(
                Reason::Held,
                "cannot join permits of two files",
            ));
        }
        let contexts = match (self.contexts, other.contexts) {
            (Some(mut mine), Some(theirs)) if mine.len() + theirs.len() <= CONTEXTS_MAX => {
                let all = Arc::make_mut(&mut mine);
                for context in theirs.iter() {
                    if !all.contains(context) {
                        all.push(context.clone());
                    }
                }
                Some(mine)
            }
            _ => None,
        };
        Ok(Self {
            path: self.path,
            contexts,
        })
    }

    /// The permit for a file beside the permitted one that holds parts of the same records.
    pub(crate) fn for_side(&self, path: PathBuf) -> Self {
        Self {
            path,
            contexts: self.contexts.clone(),
        }
    }

    /// Whether the permit is for this file.
    pub(crate) fn covers(&self, path: &Path) -> bool {
        self.path == path
    }
}

/// Holds and duties as they were when the run began.
pub struct Guard {
    holds: Vec<Hold>,
    duties: Vec<Duty>,
    stamp: hold::Stamp,
    now: i64,
}

impl Guard {
    /// Reads holds and duties from the state. `now` is the clock of the run, seconds since 1970.
    /// Any error stops the run.
    pub fn load(io: &Io, state: &State, now: i64) -> Outcome<Self> {
        let stamp = hold::stamp(io, state)?;
        let holds = hold::list(io, state)?;
        let duties = hold::duties(io, state)?;
        Ok(Self {
            holds,
            duties,
            stamp,
            now,
        })
    }

    /// A guard of some holds, for who compares what it says.
    #[cfg(test)]
    pub(crate) fn of(holds: Vec<hold::HoldText>, now: i64) -> Self {
        let nothing = super::place::Identity {
            dev: 0,
            ino: 0,
            size: 0,
            mtime: 0,
            ctime: 0,
        };
        Self {
            holds: holds
                .into_iter()
                .filter_map(|text| Hold::new(text).ok())
                .collect(),
            duties: Vec::new(),
            stamp: hold::Stamp([nothing; 2]),
            now,
        }
    }

    /// Whether nothing is held and no duty is known, so that records need not be looked at.
    pub fn is_idle(&self) -> bool {
        self.holds.is_empty() && self.duties.is_empty()
    }

    /// Whether who is in a record decides whether it is held.
    pub(crate) fn holds_subjects(&self) -> bool {
        let holds = self.holds.iter();
        let mut named = holds
            .map(|hold| &hold.text().cover)
            .chain(self.duties.iter().map(|duty| &duty.text().cover));
        named.any(|cover| !cover.subjects.is_empty())
    }

    /// Whether anything is held now, whatever duties say.
    pub(crate) fn has_holds(&self) -> bool {
        let mut holds = self.holds.iter();
        holds.any(|hold| hold.counts(self.now))
    }

    /// Whether it is a hold that is called so, and no duty.
    pub(crate) fn is_hold(&self, id: &str) -> bool {
        self.holds.iter().any(|hold| hold.text().id == id)
    }

    /// The hold that covers an edit; duties are not asked.
    pub(crate) fn hold_on(&self, context: &EditContext) -> Option<Held> {
        let mut holds = self.holds.iter();
        let hold = holds.find(|hold| hold.covers(context, self.now));
        hold.map(Hold::held)
    }

    /// The permit for a file beside the permitted one that holds parts of the same records: holds
    /// may name its own path.
    pub(crate) fn permits_side(&self, permit: &Permit, side: PathBuf) -> Result<Permit, Held> {
        let beside = |context: &EditContext| EditContext {
            path: side.clone(),
            ..context.clone()
        };
        let Some(contexts) = &permit.contexts else {
            // Who is in its records and when they are from was asked of each of them.
            let place = EditContext {
                path: side.clone(),
                subject_tags: Some(Vec::new()),
                ..EditContext::default()
            };
            return self.hold_on(&place).map_or(Ok(permit.for_side(side)), Err);
        };
        let contexts: Vec<EditContext> = contexts.iter().map(beside).collect();
        for context in &contexts {
            self.permits(context)?;
        }
        Ok(Permit {
            path: side,
            contexts: Some(Arc::new(contexts)),
        })
    }

    /// Whether a hold or duty may cover something within an archive, which then does not go unread.
    pub(crate) fn reaches_into(&self, archive: &EditContext) -> bool {
        let mut holds = self.holds.iter();
        holds.any(|hold| hold.may_cover(archive, self.now))
            || self.duties.iter().any(|duty| duty.may_cover(archive))
    }

    /// Whether anything is held by where it lies.
    fn holds_places(&self) -> bool {
        let holds = self.holds.iter().any(|hold| hold.names_paths(self.now));
        holds || self.duties.iter().any(Duty::names_paths)
    }

    /// Whether the edit may be made.
    pub fn permits(&self, context: &EditContext) -> Result<Permit, Held> {
        let held = self
            .holds
            .iter()
            .find(|hold| hold.covers(context, self.now))
            .map(Hold::held);
        let held = held.or_else(|| {
            self.duties
                .iter()
                .find(|duty| duty.covers(context, self.now))
                .map(Duty::held)
        });
        match held {
            Some(held) => Err(held),
            None => Ok(Permit {
                path: context.path.clone(),
                contexts: Some(Arc::new(vec![context.clone()])),
            }),
        }
    }

    /// A permit for copying out of a file, absolute: its own bytes stay, so no hold is touched.
    pub fn permits_copy(path: PathBuf) -> Permit {
        Permit {
            path,
            contexts: Some(Arc::default()),
        }
    }

    /// Asks again at the moment of writing: at once when nothing changed since the guard was
    /// read, against the new holds otherwise. A file that is `linked` has other names, which are
    /// not known: any of them may be in a place that is held.
    pub(crate) fn check_again(
        &self,
        io: &Io,
        state: &State,
        permit: &Permit,
        linked: bool,
    ) -> Outcome<()> {
        const OTHER_NAME: Failure = Failure::new(
            Reason::Held,
            "cannot change a file with other names while places are held",
        );
        if hold::stamp(io, state)? == self.stamp {
            return if linked && self.holds_places() {
                Err(OTHER_NAME)
            } else {
                Ok(())
            };
        }
        let now = Self::load(io, state, self.now)?;
        if linked && now.holds_places() {
            return Err(OTHER_NAME);
        }
        let unknown = [EditContext {
            path: permit.path.clone(),
            ..EditContext::default()
        }];
        let contexts = permit
            .contexts
            .as_ref()
            .map_or(&unknown[..], |contexts| contexts);
        if contexts.iter().all(|context| now.permits(context).is_ok()) {
            Ok(())
        } else {
            Err(Failure::new(Reason::Held, "cannot change the file"))
        }
    }
}
