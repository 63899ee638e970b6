//! The list of what stays out: keyed tags of identifiers that were erased, to be erased again when an
//! old copy comes back. It owns the list, which lies sealed in the state; no value is in it.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::failure::{Failure, Outcome, Reason};
use super::io::Io;
use super::state::key::{hex, unhex};
use super::state::{SUPPRESSED, State};

/// One identifier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suppressed {
    /// Its keyed tag in hexadecimal.
    pub tag: String,
    /// When it was erased first, in seconds since 1970.
    pub since: i64,
    /// The case it was erased for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<String>,
}

const UNREADABLE: Failure = Failure::new(Reason::State, "cannot read what stays out");

/// The list.
///
/// # Errors
/// What the state says.
pub fn list(io: &Io, state: &State) -> Outcome<Vec<Suppressed>> {
    serde_json::from_slice(&state.read_sealed(io, SUPPRESSED)?).map_err(|_| UNREADABLE)
}

/// The tags of the list.
///
/// # Errors
/// What the state says.
pub fn tags(io: &Io, state: &State) -> Outcome<HashSet<[u8; 16]>> {
    list(io, state)?
        .iter()
        .map(|one| {
            let mut tag = [0; 16];
            unhex(&one.tag, &mut tag).map(|()| tag).ok_or(UNREADABLE)
        })
        .collect()
}

/// Adds tags that are not on the list yet.
///
/// # Errors
/// What the state says.
pub fn add(io: &Io, state: &State, tags: &[[u8; 16]], now: i64, case: Option<&str>) -> Outcome<()> {
    let _lock = state.lock(io, true)?;
    let mut all = list(io, state)?;
    let before = all.len();
    for tag in tags {
        let tag = hex(tag);
        if !all.iter().any(|one| one.tag == tag) {
            all.push(Suppressed {
                tag,
                since: now,
                case: case.map(str::to_owned),
            });
        }
    }
    if all.len() == before {
        return Ok(());
    }
    let text = serde_json::to_vec(&all).map_err(|_| UNREADABLE)?;
    state.write_sealed(io, SUPPRESSED, &text)
}
