//! Records and the files that go with them: a call's row, its recording, the transcript of that,
//! and what stands beside them go together or stay together.
//!
//! Owns which calls there are and what becomes of each. `names` says what a record names, `links`
//! what belongs together, `gather` reads every record that may name something, `round` has the
//! write engine take calls away. Knows neither rules nor calendars.

mod gather;
mod kept;
mod links;
mod names;
mod own;
mod round;
mod survey;
mod take;
mod turns;

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{
    LazyLock, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
};

use super::Order;
use super::roots::Walked;
use super::told::{Fate, FileDone};
use crate::redact::ageing::{Company, Why};
use crate::redact::failure::{Failure, Outcome, Reason as Cause};
use crate::redact::place::Identity;
use crate::scan::Progress;
use crate::walk::Met;
use links::{Belongs, Call, Kept};
use names::{File, Names, words_of};

/// Files that may go with records, at most: a bound on memory (R9).
const MOST: usize = 1_000_000;

/// The calls of a run.
pub(super) struct Calls {
    names: Names,
    /// The unit of each file, as it is walked.
    unit_of: HashMap<PathBuf, u32>,
    known: RwLock<Known>,
    /// What became of files whose calls went, until the files themselves are met.
    parts: Mutex<BTreeMap<PathBuf, FileDone>>,
    /// Bytes that were read to see what names what.
    read: AtomicU64,
}

/// What is known of the calls, once every record was asked.
#[derive(Default)]
struct Known {
    gathered: bool,
    calls: Vec<Call>,
    belongs: Vec<Belongs>,
    /// What each call has come to.
    turns: Vec<Turn>,
    /// Files with records that name others.
    sources: Vec<Source>,
    /// Why files could not be taken away.
    failures: HashMap<PathBuf, Failure>,
}

/// Whether a call goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    /// It stays, for the reason it has.
    Stays,
    /// It may go, and others go before it.
    Waits,
    /// It goes, or has gone.
    Goes,
}

/// A file with records that name others.
#[derive(Clone)]
struct Source {
    path: PathBuf,
    root: usize,
    /// What it was when it was read.
    identity: Identity,
}

/// What the calls say to a file that may go with records.
pub(super) enum Verdict {
    /// Nothing: no record names it, or it is of no single call.
    Free,
    /// It goes with its call; when that is from.
    Goes(u16, Option<i64>),
    /// Its call stays, and why.
    Stays(u16, Option<i64>, Why, Option<String>),
    /// Its call was to go and could not.
    Failed(u16, Option<i64>, Failure),
}

impl Calls {
    /// The files below the roots that may go with records; `None` where no rule says so.
    pub(super) fn below(order: &Order, walked: &Walked) -> Outcome<Option<Calls>> {
        let Some(ages) = &order.ages else {
            return Ok(None);
        };
        if !ages.rules().iter().any(|rule| rule.cascades) {
            return Ok(None);
        }
        let mut files: Vec<File> = Vec::new();
        for root in 0..walked.roots.len() {
            let Some(at) = walked.at(order, root) else {
                continue;
            };
            let Ok(folder) = at.root else { continue };
            for met in walked.walk(order, root) {
                let Met::File(path) = met else { continue };
                let beneath = at.beneath(&path);
                let rules = ages.goes_with(&beneath, &folder.path().join(&beneath));
                if rules == 0 {
                    continue;
                }
                if files.len() == MOST {
                    let doing = "cannot keep in mind which files go with records";
                    return Err(Failure::new(Cause::TooMany, doing));
                }
                files.push(File { path, root, rules });
            }
        }
        let names = Names::of(files, ages.now());
        let units = names.units.iter().enumerate();
        let unit_of = units.flat_map(|(number, unit)| {
            let files = unit.files.iter();
            files.map(move |file| (file.path.clone(), number as u32))
        });
        Ok(Some(Calls {
            unit_of: unit_of.collect(),
            names,
            known: RwLock::default(),
            parts: Mutex::default(),
            read: AtomicU64::new(0),
        }))
    }

    /// Bytes that were read to see what names what: no part of what a run may do.
    pub(super) fn read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// The files that go with a file that is one record, by its name.
    pub(super) fn named_by(&self, rules: u64, path: &Path, wall: Option<i64>) -> Vec<u32> {
        let text = words_of(path).join(&b'\n');
        self.names.named(rules, &text, wall)
    }

    /// What the calls say to a file, with the rule it goes with.
    pub(super) fn verdict(&self, path: &Path) -> Verdict {
        let Some(unit) = self.unit_of.get(path) else {
            return Verdict::Free;
        };
        let known = self.known();
        let Some(Belongs::To(number)) = known.belongs.get(*unit as usize).copied() else {
            return Verdict::Free;
        };
        let number = number as usize;
        let (Some(call), Some(turn)) = (known.calls.get(number), known.turns.get(number)) else {
            return Verdict::Free;
        };
        let unit = self.names.units.get(*unit as usize);
        let file = unit.and_then(|unit| unit.files.iter().find(|file| file.path == path));
        let rule = file.map_or(0, |file| file.rules.trailing_zeros() as u16);
        let when = call.when().ok();
        match (turn, &call.kept) {
            (Turn::Goes, _) => Verdict::Goes(rule, when),
            (Turn::Stays, Some(kept)) if kept.why == Why::Refused => {
                let group = Failure::new(Cause::Group, DOING);
                let failure = known.failures.get(path).copied().unwrap_or(group);
                Verdict::Failed(rule, when, failure)
            }
            (Turn::Stays, Some(kept)) => Verdict::Stays(rule, when, kept.why, kept.hold.clone()),
            (Turn::Stays | Turn::Waits, _) => Verdict::Stays(rule, when, Why::Later, None),
        }
    }

    /// Puts what became of a file when calls of it went with what became of the rest of it.
    pub(super) fn merge(&self, done: &mut FileDone) {
        if let Some(part) = self.parts().remove(&done.path) {
            done.join(part);
        }
        // Where the records themselves stand may be what could not be changed.
        if let (Fate::Unchanged, Some(failure)) = (done.fate, self.known().failures.get(&done.path))
        {
            done.fate = Fate::NotDone(*failure);
        }
    }

    /// What became of files that were not met again.
    pub(super) fn rest(&self) -> Vec<FileDone> {
        let mut parts = self.parts();
        std::mem::take(&mut *parts).into_values().collect()
    }

    fn known(&self) -> RwLockReadGuard<'_, Known> {
        // What is known is whole whatever befell who held it.
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn knowing(&self) -> RwLockWriteGuard<'_, Known> {
        self.known.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn parts(&self) -> MutexGuard<'_, BTreeMap<PathBuf, FileDone>> {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Company for Calls {
    fn named(&self, rules: u64, record: &[u8], wall: Option<i64>) -> Vec<u32> {
        self.names.named(rules, record, wall)
    }

    fn gathers(&self) -> bool {
        !self.known().gathered
    }

    fn keeps(&self, files: &[u32]) -> Option<(Why, Option<String>)> {
        if files.is_empty() {
            return None;
        }
        let known = self.known();
        files
            .iter()
            .find_map(|unit| match known.belongs.get(*unit as usize) {
                Some(Belongs::To(number)) => {
                    let number = *number as usize;
                    match (known.turns.get(number), known.calls.get(number)) {
                        (Some(Turn::Goes), _) => None,
                        (Some(Turn::Stays), Some(call)) => {
                            let kept = call.kept.as_ref();
                            let kept = kept.map(|kept| (kept.why, kept.hold.clone()));
                            Some(kept.unwrap_or((Why::Later, None)))
                        }
                        _ => Some((Why::Later, None)),
                    }
                }
                Some(Belongs::ToAll) => None,
                // A record that came since: it is asked the next time.
                Some(Belongs::ToNone) | None => Some((Why::Later, None)),
            })
    }
}

/// The number of no file with records: of a record that stands in no other file than those that go,
/// or in one from which none goes.
const NOWHERE: u32 = u32::MAX;

const DOING: &str = "cannot take a call away as a whole";

/// A change that was begun is never cut short.
static STEADY: LazyLock<Progress> = LazyLock::new(Progress::default);

/// Why a call stays that could not be taken away.
const REFUSED: Kept = Kept::by(Why::Refused);
