//! Requests of persons as cases: when they came, how far it is known who asks, until when they have
//! to be answered, what was done.
//!
//! Owns the case file, which lies sealed in the state, and its dates. Knows neither sources nor
//! values: a subject is in it as keyed tags only.

mod law;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use law::{PROFILES, Profile};

use crate::redact::failure::{Failure, Outcome, Reason};
use crate::redact::io::Io;
use crate::redact::state::key::hex;
use crate::redact::state::{CASES, State};

/// How sure it is who asks, by data that match what is held (11 CCR 7060 to 7062).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verified {
    /// Not sure: nothing may be told.
    #[default]
    No,
    /// Reasonably: two points match. Categories may be told.
    Categories,
    /// Highly: three points match, and there is a signed declaration. Records may be given.
    Pieces,
}

impl Verified {
    /// The level of so many matching points.
    pub const fn of(points: u32, declaration: bool) -> Verified {
        match (points, declaration) {
            (3.., true) => Verified::Pieces,
            (2.., _) => Verified::Categories,
            _ => Verified::No,
        }
    }

    /// The name shown.
    pub const fn name(self) -> &'static str {
        match self {
            Verified::No => "no",
            Verified::Categories => "categories",
            Verified::Pieces => "pieces",
        }
    }
}

/// Something that was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// When, in seconds since 1970.
    pub time: i64,
    /// What.
    pub what: String,
    /// The name of the receipt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<String>,
}

/// One request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Its name.
    pub id: String,
    /// The law that it is answered by.
    pub profile: String,
    /// The day it came.
    #[serde(with = "day")]
    pub received: Date,
    /// What is asked for.
    pub kind: String,
    /// Keyed tags of the identifiers, in hexadecimal.
    #[serde(default)]
    pub tags: Vec<String>,
    /// How sure it is who asks.
    #[serde(default)]
    pub verified: Verified,
    /// Why more time is needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extended: Option<String>,
    /// When it was closed, in seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<i64>,
    /// What was done, in order.
    #[serde(default)]
    pub actions: Vec<Action>,
}

impl Case {
    /// The last day on which an answer is in time.
    pub fn due(&self) -> Option<Date> {
        Profile::named(&self.profile)?.due(self.received, self.extended.is_some())
    }

    /// Whether it should have been answered before `today`.
    pub fn is_overdue(&self, today: Date) -> bool {
        self.closed.is_none() && self.due().is_none_or(|due| due < today)
    }
}

/// Days as they are written.
mod day {
    use jiff::civil::Date;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(day: &Date, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(day)
    }

    pub(super) fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<Date, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

const DOING: &str = "cannot read the cases";

/// Every case, in the order in which they were opened.
///
/// # Errors
/// What the state says.
pub fn list(io: &Io, state: &State) -> Outcome<Vec<Case>> {
    serde_json::from_slice(&state.read_sealed(io, CASES)?)
        .map_err(|_| Failure::new(Reason::State, DOING))
}

/// The case of a name.
///
/// # Errors
/// What the state says.
pub fn find(io: &Io, state: &State, id: &str) -> Outcome<Option<Case>> {
    Ok(list(io, state)?.into_iter().find(|case| case.id == id))
}

/// Opens a case and gives its name; one without a name gets one. `None`: the name is taken.
///
/// # Errors
/// What the state says.
pub fn open(io: &Io, state: &State, mut case: Case) -> Outcome<Option<String>> {
    let _lock = state.lock(io, true)?;
    let mut all = list(io, state)?;
    if case.id.is_empty() {
        let random = io
            .random::<4>()
            .map_err(|e| Failure::system(e, "cannot open the case"))?;
        case.id = format!("case-{}", hex(&random));
    }
    if all.iter().any(|other| other.id == case.id) {
        return Ok(None);
    }
    let id = case.id.clone();
    all.push(case);
    write(io, state, &all)?;
    Ok(Some(id))
}

/// Changes a case; `false` when there is none of that name.
///
/// # Errors
/// What the state says.
pub fn change(io: &Io, state: &State, id: &str, make: impl FnOnce(&mut Case)) -> Outcome<bool> {
    let _lock = state.lock(io, true)?;
    let mut all = list(io, state)?;
    let Some(case) = all.iter_mut().find(|case| case.id == id) else {
        return Ok(false);
    };
    make(case);
    write(io, state, &all)?;
    Ok(true)
}

fn write(io: &Io, state: &State, all: &[Case]) -> Outcome<()> {
    let text = serde_json::to_vec(all).map_err(|_| Failure::new(Reason::State, DOING))?;
    state.write_sealed(io, CASES, &text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 11 CCR 7062: the whole table.
    #[test]
    fn what_may_be_told_follows_from_what_matches() {
        for (points, declaration, level) in [
            (0, false, Verified::No),
            (0, true, Verified::No),
            (1, false, Verified::No),
            (1, true, Verified::No),
            (2, false, Verified::Categories),
            (2, true, Verified::Categories),
            (3, false, Verified::Categories),
            (3, true, Verified::Pieces),
            (9, true, Verified::Pieces),
        ] {
            assert_eq!(
                Verified::of(points, declaration),
                level,
                "{points} {declaration}"
            );
        }
    }
}
