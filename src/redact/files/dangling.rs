//! References to files that go as a whole: what a call record, a list or a log says of them goes
//! with them.
//!
//! Owns which files refer to those of a set that goes, and what becomes of the references: each is
//! masked at its length, in the write engine's group of the set, so that after a kill all of it is
//! old or all of it is new. Nothing else of the records is touched. What is no plain text keeps its
//! references, and so does everything while a hold or duty has to be asked: whose record one stands
//! in is not known here. Knows neither formats nor who goes.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use super::RunError;
use super::references::References;
use super::roots::Walked;
use super::sets::{self, Part};
use super::spot::Spot;
use super::told::{Fate, FileDone};
use super::work::{Became, Found, Seen, Work, Writing};
use crate::edit::Bytes;
use crate::redact::apply::FileOutcome;
use crate::redact::edit::Splice;
use crate::redact::failure::{Failure, Outcome, Reason as Cause};
use crate::redact::guard::Permit;
use crate::source::open_to_read;
use crate::walk::Met;

const DOING: &str = "cannot take the references to a recording";
/// What a reference becomes, byte for byte: what shells, tables and URLs take for nothing else.
const MASK: u8 = b'x';
/// Names that are looked for at once; more are looked for in several readings.
const AT_ONCE: usize = 50_000;
/// A shorter name is part of everything.
const SHORTEST: usize = 5;

/// Who refers to whom, as far as anybody had to know, and what was done ahead of its turn.
#[derive(Default)]
pub(super) struct Dangling {
    referring: OnceLock<Referring>,
    early: Mutex<Early>,
}

#[derive(Default)]
struct Early {
    /// What became of files that were met before the walk came to them.
    became: HashMap<PathBuf, Became>,
    /// All that were.
    met: HashSet<PathBuf>,
}

impl Dangling {
    fn early(&self) -> MutexGuard<'_, Early> {
        self.early.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What became of a file ahead of its turn, once.
    pub(super) fn take(&self, path: &Path) -> Option<Became> {
        self.early().became.remove(path)
    }
}

/// Which files refer to any that may go.
struct Referring {
    hasher: RandomState,
    /// Names that several files have: nobody knows which of them is meant.
    shared: HashSet<u64>,
    /// Files that refer to others, with the names, as hashes, sorted.
    files: Vec<(PathBuf, usize, Vec<u64>)>,
}

/// A file that refers to one that goes.
pub(super) struct Refers<'w> {
    pub(super) spot: Spot<'w>,
    pub(super) seen: Seen,
    pub(super) permit: Permit,
    pub(super) splices: std::vec::IntoIter<Outcome<Splice>>,
}

impl Work<'_> {
    /// Looks once through all text for the names of what may go.
    fn referring(&self, walked: &Walked) -> &Referring {
        self.company.dangling.referring.get_or_init(|| {
            let hasher = RandomState::new();
            let mut files = Vec::new();
            let mut names: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
            for root in 0..walked.roots.len() {
                let Some(at) = walked.at(self.order, root) else {
                    continue;
                };
                for met in walked.walk(self.order, root) {
                    let Met::File(path) = met else { continue };
                    if self.is_own(&path, &at) {
                        continue;
                    }
                    let name = sets::file_name(&path);
                    if sets::role(&path).is_some() && name.len() >= SHORTEST {
                        *names.entry(name.to_vec()).or_default() += 1;
                    }
                    files.push((path, root, Vec::new()));
                }
            }
            let hash = |name: &Vec<u8>| hasher.hash_one(name.as_slice());
            let shared = names.iter().filter(|(_, count)| **count > 1);
            let shared = shared.map(|(name, _)| hash(name)).collect();
            let names: Vec<&[u8]> = names.keys().map(Vec::as_slice).collect();
            for some in names.chunks(AT_ONCE) {
                let Some(references) = References::to(some) else {
                    continue;
                };
                for (path, root, found) in &mut files {
                    let Some(spot) = self.plain(path, *root, walked) else {
                        continue;
                    };
                    let Ok(content) = open_to_read(&spot.0.path) else {
                        continue;
                    };
                    // What cannot be read is told when it is met.
                    let _ = references.each(content, |one| {
                        found.extend(some.get(one.name).map(|name| hasher.hash_one(*name)));
                    });
                    found.sort_unstable();
                    found.dedup();
                }
            }
            files.retain(|(_, _, found)| !found.is_empty());
            Referring {
                hasher,
                shared,
                files,
            }
        })
    }

    /// Where a file lies whose references can be taken: it is text as it stands.
    fn plain<'w>(&self, path: &Path, root: usize, walked: &'w Walked) -> Option<(Spot<'w>, Seen)>
    where
        Self: 'w,
    {
        let at = walked.at(self.order, root)?;
        let spot = Spot::of(path.to_path_buf(), &at, self.order, self.as_format).ok()?;
        match self.open(&spot, None).ok()? {
            Found::Source(source, seen) if seen.is_plain() && source.doubt.is_none() => {
                Some((spot, seen))
            }
            _ => None,
        }
    }

    /// The files that refer to one of `set`, which goes as a whole, and are none of it.
    fn who_refers(&self, set: &[Part], walked: &Walked) -> Vec<(PathBuf, usize)> {
        if self.ask {
            return Vec::new();
        }
        let all = self.referring(walked);
        let names = set.iter().map(|part| sets::file_name(&part.path));
        let mut names: Vec<u64> = names.map(|name| all.hasher.hash_one(name)).collect();
        names.retain(|name| !all.shared.contains(name));
        let refers = all.files.iter().filter(|(path, _, found)| {
            let known = |name: &u64| found.binary_search(name).is_ok();
            names.iter().any(known) && set.iter().all(|part| part.path != *path)
        });
        refers
            .map(|(path, root, _)| (path.clone(), *root))
            .collect()
    }

    /// Does with what refers to a set what is to be done with it anyway, while it still says what
    /// it says.
    pub(super) fn ahead_of(
        &self,
        set: &[Part],
        walked: &Walked,
        mut writing: Option<&mut Writing<'_>>,
    ) -> Result<Vec<FileDone>, RunError> {
        let mut would = Vec::new();
        for (path, root) in self.who_refers(set, walked) {
            if writing.is_none() {
                let mut done = FileDone::new(path, Some("reference"), Fate::Would);
                done.renamed = true;
                would.push(done);
                continue;
            }
            let alone = self.company.sets.around(&path).is_none();
            let Some(at) = walked.at(self.order, root).filter(|_| alone) else {
                continue;
            };
            if self.company.dangling.early().met.insert(path.clone()) {
                let became = self.met_file(path.clone(), &at, writing.as_deref_mut())?;
                self.company.dangling.early().became.insert(path, became);
            }
        }
        Ok(would)
    }

    /// What is to be changed in the files that refer to a set that goes.
    pub(super) fn references<'w>(
        &self,
        set: &[Part],
        walked: &'w Walked,
    ) -> Outcome<Vec<Refers<'w>>>
    where
        Self: 'w,
    {
        let failed = Failure::new(Cause::Io, DOING);
        let mut all = Vec::new();
        let names: Vec<&[u8]> = set.iter().map(|part| sets::file_name(&part.path)).collect();
        for (path, root) in self.who_refers(set, walked) {
            let shared = &self.referring(walked).shared;
            let hasher = &self.referring(walked).hasher;
            let clear =
                |name: &&[u8]| name.len() >= SHORTEST && !shared.contains(&hasher.hash_one(*name));
            let names: Vec<&[u8]> = names.iter().copied().filter(clear).collect();
            let references = References::to(&names).ok_or(failed)?;
            // What is no text any more refers to nothing.
            let Some((spot, seen)) = self.plain(&path, root, walked) else {
                continue;
            };
            let content = open_to_read(&spot.path).map_err(|_| failed)?;
            let content = std::io::Read::take(content, seen.identity.size);
            let mut splices = Vec::new();
            let each = references.each(content, |found| {
                let name = names.get(found.name).copied().unwrap_or_default();
                let old = found.spelling.of(name);
                splices.push(Ok(Splice {
                    range: found.range,
                    new: Bytes::from_vec(vec![MASK; old.len()]),
                    old: Some(Bytes::from_vec(old)),
                }));
            });
            each.map_err(|_| failed)?;
            if splices.is_empty() {
                continue;
            }
            let held = Failure::new(Cause::Held, DOING);
            let permit = self.permit(&spot, None).map_err(|_| held)?;
            all.push(Refers {
                spot,
                seen,
                permit,
                splices: splices.into_iter(),
            });
        }
        Ok(all)
    }
}

/// What is told of a reference that was taken, or not.
pub(super) fn told(path: PathBuf, file: &FileOutcome) -> FileDone {
    let fate = match (file.failure, file.choice) {
        (None, Some(choice)) => Fate::Done(choice),
        (Some(failure), _) => Fate::NotDone(failure),
        (None, None) => Fate::Unchanged,
    };
    let mut done = FileDone::new(path, Some("reference"), fate);
    done.renamed = true;
    done.remnants = file.remnants.iter().map(|one| one.code()).collect();
    done
}
