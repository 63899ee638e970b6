//! Where files are, whatever path they were named by: each root as it was given, and as it really
//! is. It must not know the catalogue.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::IndexError;
use super::keys::Keys;
use crate::redact::failure::{Failure, Reason};
use crate::redact::place::Identity;
use crate::scan::Root;

/// A root of a run.
pub(super) struct Place {
    /// As it was given.
    given: PathBuf,
    /// Absolute, without links.
    pub(super) real: PathBuf,
}

/// The roots of a run.
pub(super) struct Places(Vec<Place>);

impl Places {
    /// The places of `roots`. Standard input is none.
    ///
    /// # Errors
    /// [`IndexError`] where one is not there.
    pub(super) fn of(roots: &[Root]) -> Result<Places, IndexError> {
        let mut places = Vec::new();
        for root in roots {
            let Root::Path(given) = root else {
                return Err(IndexError::Stream);
            };
            let real = given.canonicalize().map_err(|error| {
                let reason = match error.kind() {
                    std::io::ErrorKind::PermissionDenied => Reason::Denied,
                    _ => Reason::Vanished,
                };
                Failure::new(reason, "cannot tell where a path leads")
            })?;
            places.push(Place {
                given: given.clone(),
                real,
            });
        }
        Ok(Places(places))
    }

    /// Places that are named as they really are; they need not be there.
    pub(super) fn as_they_were(paths: impl Iterator<Item = PathBuf>) -> Places {
        let places = paths.map(|path| Place {
            given: path.clone(),
            real: path,
        });
        Places(places.collect())
    }

    /// `roots` without those that lie within another, or are another.
    ///
    /// # Errors
    /// See [`Places::of`].
    pub(super) fn without_nested(roots: &[Root]) -> Result<Vec<Root>, IndexError> {
        let Places(places) = Places::of(roots)?;
        let nested = |at: usize| {
            let own = places.get(at).map(|place| &place.real);
            places.iter().enumerate().any(|(other, place)| {
                let inside = own.is_some_and(|own| own.starts_with(&place.real));
                inside && other != at && (own != Some(&place.real) || other < at)
            })
        };
        let kept = roots.iter().enumerate().filter(|(at, _)| !nested(*at));
        Ok(kept.map(|(_, root)| root.clone()).collect())
    }

    /// Each root.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Place> {
        self.0.iter()
    }

    /// Where the file at `path`, which the walk has come to, really is; and the position of its
    /// root.
    pub(super) fn real(&self, path: &Path) -> Option<(PathBuf, usize)> {
        let found = self.0.iter().enumerate().filter_map(|(at, place)| {
            let below = path.strip_prefix(&place.given).ok()?;
            Some((place, below, at))
        });
        // The walk goes below roots without looking at other roots; the longest is as good.
        let (place, below, at) = found.max_by_key(|(place, ..)| place.given.as_os_str().len())?;
        Some(if below.as_os_str().is_empty() {
            (place.real.clone(), at)
        } else {
            (place.real.join(below), at)
        })
    }
}

/// What a file was when it was looked at, with the files beside it that belong to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Looked {
    pub(super) identity: Identity,
    links: u64,
    beside: Option<Vec<Option<Identity>>>,
}

/// What belongs to a database beside it (SQLite, "Temporary Files Used By SQLite").
const BESIDE: [&str; 2] = ["-wal", "-journal"];

impl Looked {
    /// Looks at the file at `path`, without opening it; `None` where there is none.
    pub(super) fn at(path: &Path, beside: bool) -> Option<Looked> {
        let stat = rustix::fs::stat(path).ok()?;
        let beside = beside.then(|| {
            let named = BESIDE.iter().map(|end| {
                let mut name = path.as_os_str().to_owned();
                name.push(end);
                rustix::fs::stat(Path::new(&name)).ok()
            });
            named
                .map(|stat| stat.map(|stat| Identity::of(&stat)))
                .collect()
        });
        Some(Looked {
            identity: Identity::of(&stat),
            links: stat.st_nlink as u64,
            beside,
        })
    }

    /// Whether the file has one name only, so that another name it had is gone.
    pub(super) const fn has_one_name(&self) -> bool {
        self.links == 1
    }

    /// Whether a change from now on might leave the change time as it is: the clock by which files
    /// are stamped has not gone on since the last one.
    pub(super) fn is_fresh(&self) -> bool {
        let now = rustix::time::clock_gettime(rustix::time::ClockId::RealtimeCoarse);
        let now = i128::from(now.tv_sec) * 1_000_000_000 + i128::from(now.tv_nsec);
        let beside = self.beside.iter().flatten().flatten();
        beside
            .chain([&self.identity])
            .any(|identity| identity.ctime >= now)
    }

    /// What stands for all of it, the files beside it only where they belong to it.
    pub(super) fn stamp(&self, keys: &Keys, beside: bool) -> [u8; 16] {
        let mut bytes = identity(&self.identity);
        for one in self.beside.iter().flatten().filter(|_| beside) {
            match one {
                Some(one) => bytes.extend_from_slice(&identity(one)),
                None => bytes.push(0),
            }
        }
        keys.name("stamp", &bytes)
    }

    /// What stands for what a new name leaves as it is.
    pub(super) fn same(&self, keys: &Keys) -> [u8; 16] {
        let whole = Identity {
            ctime: 0,
            ..self.identity
        };
        keys.name("same", &identity(&whole))
    }
}

fn identity(one: &Identity) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(56);
    for number in [one.dev, one.ino, one.size] {
        bytes.extend_from_slice(&number.to_le_bytes());
    }
    for time in [one.mtime, one.ctime] {
        bytes.extend_from_slice(&time.to_le_bytes());
    }
    bytes
}

/// What stands for a path in the catalogue.
pub(super) fn name(keys: &Keys, real: &Path) -> [u8; 16] {
    keys.name("path", real.as_os_str().as_bytes())
}
