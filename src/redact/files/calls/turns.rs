//! Which calls go at once, and which stay after all.
//!
//! Owns the turns of calls. Knows neither files nor how they are written.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::links::Kept;
use super::{Calls, DOING, REFUSED, Turn};
use crate::redact::ageing::Why;
use crate::redact::failure::{Failure, Reason as Cause};
use crate::redact::place::Identity;

/// Files that are changed at once, at most: what one group costs to undo.
const AT_ONCE: usize = 2_000;
/// Open files that one file of a group takes: itself, its folder, what takes its place.
const OPEN_EACH: u64 = 4;
/// Open files that are left for everything else.
const OPEN_ELSE: u64 = 128;

/// How many files a group may have, by how many this process may have open.
pub(super) fn at_once() -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    // As many as are allowed; where that is refused fewer go at once.
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    let now = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum,
        Err(_) => limit.current,
    };
    let open = now.unwrap_or(u64::MAX).saturating_sub(OPEN_ELSE) / OPEN_EACH;
    usize::try_from(open).unwrap_or(AT_ONCE).clamp(8, AT_ONCE)
}

impl Calls {
    pub(super) fn turn(&self, round: &[u32], turn: Turn) {
        let mut known = self.knowing();
        for number in round {
            if let Some(slot) = known.turns.get_mut(*number as usize) {
                *slot = turn;
            }
        }
    }

    pub(super) fn turn_all(&self, to: Turn) {
        let mut known = self.knowing();
        let waiting = known.turns.iter_mut().filter(|turn| **turn == Turn::Waits);
        waiting.for_each(|turn| *turn = to);
    }

    /// Calls of more files than can go at once stay.
    pub(super) fn refuse_larger_than(&self, limit: usize) {
        let sizes: Vec<usize> = {
            let known = self.known();
            let calls = known.calls.iter();
            calls
                .map(|call| self.size(&call.units) + call.sources.len())
                .collect()
        };
        let mut large: Vec<u32> = Vec::new();
        for (number, size) in sizes.into_iter().enumerate() {
            let waits = self.known().turns.get(number) == Some(&Turn::Waits);
            if size > limit && waits {
                large.push(number as u32);
            }
        }
        let all = large.clone();
        self.refuse(&mut large, &all, None, Failure::new(Cause::TooMany, DOING));
    }

    fn size(&self, units: &[u32]) -> usize {
        let units = units
            .iter()
            .filter_map(|unit| self.names.units.get(*unit as usize));
        units.map(|unit| unit.files.len()).sum()
    }

    /// The next calls to go at once, in their order.
    pub(super) fn next_round(&self, limit: usize) -> Vec<u32> {
        let known = self.known();
        let mut round = Vec::new();
        let mut sources: BTreeSet<u32> = BTreeSet::new();
        let mut files = 0;
        for (number, call) in known.calls.iter().enumerate() {
            if known.turns.get(number) != Some(&Turn::Waits) {
                continue;
            }
            let more = self.size(&call.units);
            let new = call.sources.difference(&sources).count();
            if files + more + sources.len() + new > limit && !round.is_empty() {
                break;
            }
            files += more;
            sources.extend(&call.sources);
            round.push(number as u32);
        }
        round
    }

    /// The calls of the file with this number that were to go.
    pub(super) fn of_source(&self, source: Option<u32>) -> Vec<u32> {
        let known = self.known();
        let calls = known.calls.iter().zip(&known.turns).enumerate();
        calls
            .filter(|(_, (call, turn))| {
                **turn == Turn::Goes && source.is_none_or(|source| call.sources.contains(&source))
            })
            .map(|(number, _)| number as u32)
            .collect()
    }

    /// Has some calls of a round stay, and takes them out of it.
    pub(super) fn refuse(
        &self,
        round: &mut Vec<u32>,
        blamed: &[u32],
        path: Option<PathBuf>,
        failure: Failure,
    ) {
        let blamed: BTreeSet<u32> = blamed.iter().copied().collect();
        let some = round.iter().any(|number| blamed.contains(number));
        // What cannot be blamed on any is blamed on all: a round that fails does not come back.
        let refused: Vec<u32> = if some {
            round
                .extract_if(.., |number| blamed.contains(number))
                .collect()
        } else {
            std::mem::take(round)
        };
        let mut known = self.knowing();
        for number in refused {
            if let Some(call) = known.calls.get_mut(number as usize) {
                let hold = (failure.reason == Cause::Held).then_some(Kept::by(Why::Held));
                call.kept = Some(hold.unwrap_or(REFUSED));
            }
            if let Some(turn) = known.turns.get_mut(number as usize) {
                *turn = Turn::Stays;
            }
        }
        known.failures.extend(path.map(|path| (path, failure)));
    }

    /// Whether a file with records is the one that was asked, but for what this run wrote; from now
    /// on it is this one.
    pub(super) fn now_is(&self, number: u32, identity: Identity) -> bool {
        let mut known = self.knowing();
        let Some(source) = known.sources.get_mut(number as usize) else {
            return false;
        };
        let wrote = self.parts().contains_key(&source.path);
        let before = &source.identity;
        let grown = identity.size > before.size;
        let same = before.same_file(&identity) && (grown || identity.mtime == before.mtime);
        if same || wrote {
            source.identity = identity;
        }
        same || wrote
    }
}
