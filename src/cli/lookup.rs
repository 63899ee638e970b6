//! What every command about a person leaves behind: two lines in the audit log, one before anything is
//! read and one when it is done, and a note in its case.

use super::args::{StateArgs, WhyArgs};
use super::exit::ExitStatus;
use super::misuse::Misuse;
use super::state;
use crate::case::{self, Action, Verified};
use crate::redact::audit::{Entry, append};
use crate::redact::derive::subject_tag;
use crate::redact::files::now;
use crate::redact::io::Io;
use crate::redact::state::State;
use crate::redact::state::key::hex;
use crate::report::Shown;
use crate::subject::Subjects;

/// A command about a person that has begun.
pub(super) struct LookUp {
    io: Io,
    state: State,
    command: &'static str,
    why: WhyArgs,
    tags: Vec<[u8; 16]>,
}

impl LookUp {
    /// Writes down that it begins.
    ///
    /// # Errors
    /// [`Misuse`] for a case that there is not, and for a log that cannot be written: nobody is
    /// looked for unseen.
    pub(super) fn begin(
        args: &StateArgs,
        why: &WhyArgs,
        command: &'static str,
        subjects: Option<&Subjects>,
    ) -> Result<LookUp, Misuse> {
        let io = Io::real();
        let state = state::open(&io, args)?;
        if let Some(id) = &why.case {
            known(&io, &state, id)?;
        }
        let subjects = subjects.into_iter().flat_map(Subjects::iter);
        let mut tags: Vec<[u8; 16]> = subjects
            .map(|(entity, canonical)| subject_tag(state.key(), entity, canonical, &[]))
            .collect();
        tags.sort_unstable();
        let look_up = LookUp {
            io,
            state,
            command,
            why: why.clone(),
            tags,
        };
        look_up.write("begun", None, None)?;
        Ok(look_up)
    }

    /// Refuses to tell more than may be told to who asks: how far it is known who that is stands in
    /// the case (11 CCR 7060 to 7062). Without a case nobody said that it is not known.
    ///
    /// # Errors
    /// [`Misuse`].
    pub(super) fn verified_for(&self, level: Verified) -> Result<(), Misuse> {
        let Some(id) = &self.why.case else {
            return Ok(());
        };
        let case = case::find(&self.io, &self.state, id)
            .map_err(|failure| state::told(&failure, self.state.path()))?;
        let known = case.map_or(Verified::No, |case| case.verified);
        if known >= level {
            return Ok(());
        }
        let hint = match level {
            Verified::Pieces => {
                "three points that match and a signed declaration are needed for records, two \
                 points for --level categories: note them with 'efface case verify'"
            }
            _ => "two points that match are needed: note them with 'efface case verify'",
        };
        Err(Misuse::new(
            format!(
                "in the case '{}' it is not known well enough who asks (verified: {})",
                Shown::text(id),
                known.name()
            ),
            hint,
        ))
    }

    /// Keyed tags of whom it is about.
    pub(super) fn tags(&self) -> &[[u8; 16]] {
        &self.tags
    }

    /// The state it is written down in.
    pub(super) fn state(&self) -> (&Io, &State) {
        (&self.io, &self.state)
    }

    /// The case it belongs to.
    pub(super) fn case(&self) -> Option<&str> {
        self.why.case.as_deref()
    }

    fn write(
        &self,
        phase: &'static str,
        found: Option<u64>,
        exit: Option<u8>,
    ) -> Result<(), Misuse> {
        let tags: Vec<String> = self.tags.iter().map(|tag| hex(tag)).collect();
        let entry = Entry {
            time: now(),
            phase,
            command: self.command,
            case: self.why.case.as_deref(),
            reason: self.why.reason.as_deref(),
            tags: &tags,
            found,
            exit,
        };
        append(&self.io, &self.state, &entry)
            .map_err(|failure| state::told(&failure, self.state.path()))
    }

    /// Writes down what came of it, in the log and in the case.
    ///
    /// # Errors
    /// [`Misuse`] when they cannot be written.
    pub(super) fn done(
        self,
        found: Option<u64>,
        status: ExitStatus,
        receipt: Option<String>,
    ) -> Result<(), Misuse> {
        self.write("done", found, Some(status.code()))?;
        let Some(id) = &self.why.case else {
            return Ok(());
        };
        let action = Action {
            time: now(),
            what: self.command.to_owned(),
            receipt,
        };
        case::change(&self.io, &self.state, id, |case| case.actions.push(action))
            .map(|_| ())
            .map_err(|failure| state::told(&failure, self.state.path()))
    }
}

/// Refuses a case that there is not.
pub(super) fn known(io: &Io, state: &State, id: &str) -> Result<(), Misuse> {
    let found = case::find(io, state, id).map_err(|failure| state::told(&failure, state.path()))?;
    match found {
        Some(case) if case.closed.is_none() => Ok(()),
        Some(_) => Err(Misuse::new(
            format!("the case '{}' is closed", Shown::text(id)),
            "open another with 'efface case open'",
        )),
        None => Err(unknown(id)),
    }
}

/// The complaint about a case that there is not.
pub(super) fn unknown(id: &str) -> Misuse {
    Misuse::new(
        format!("there is no case '{}'", Shown::text(id)),
        "'efface case list' names them, 'efface case open' opens one",
    )
}
