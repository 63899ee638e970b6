//! What an update knows of a file before it is read: nothing, that it is as it was, that it has
//! another name now, or that it has only grown.
//!
//! Asked from all threads while the sources are read. It changes nothing.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::catalogue::{Catalogue, Source};
use super::growing::Growing;
use super::keys::Keys;
use super::roots::{Looked, Places, name};
use super::update::Done;
use crate::format::by_name;
use crate::scan::{Known, Look, Recalled, ScanPlan, look};
use crate::source::open_file;

/// A file that is being read.
pub(super) struct Pending {
    pub(super) real: PathBuf,
    pub(super) name: [u8; 16],
    pub(super) root: u64,
    /// What it was before it was read.
    pub(super) looked: Looked,
    /// Whether a change while it is read might go unseen.
    pub(super) fresh: bool,
    /// Whether its name was known at the last run.
    pub(super) known: bool,
    /// What it was at the last run, where it has only grown since.
    pub(super) grown: Option<(Source, Growing)>,
}

/// A source that was found under another name.
pub(super) struct Moved {
    pub(super) source: Source,
    pub(super) real: PathBuf,
    pub(super) name: [u8; 16],
    pub(super) root: u64,
    pub(super) stamp: [u8; 16],
}

/// What was made of the files so far.
#[derive(Default)]
pub(super) struct Met {
    /// Files that are being read, by the path they are read by.
    pub(super) pending: HashMap<PathBuf, Pending>,
    /// Sources of the old catalogue whose content is still somewhere, a bit for each number.
    claimed: Vec<u64>,
    pub(super) moved: Vec<Moved>,
    pub(super) unchanged: u64,
    /// An error of the catalogue: the run cannot go on.
    pub(super) failed: Option<super::IndexError>,
}

impl Met {
    /// What it came to, as far as nothing was read.
    pub(super) fn done(&self) -> Done {
        Done {
            unchanged: self.unchanged,
            moved: self.moved.len() as u64,
            ..Done::default()
        }
    }

    /// Whether the content of source `id` is still somewhere.
    pub(super) fn has(&self, id: u64) -> bool {
        let word = self.claimed.get((id / 64) as usize);
        word.is_some_and(|word| word >> (id % 64) & 1 == 1)
    }

    /// Notes that it is; false when that is known.
    fn claim(&mut self, id: u64) -> bool {
        let at = (id / 64) as usize;
        if self.claimed.len() <= at {
            self.claimed.resize(at + 1, 0);
        }
        let had = self.has(id);
        if let Some(word) = self.claimed.get_mut(at) {
            *word |= 1 << (id % 64);
        }
        !had
    }
}

/// What is known at the start of a run.
pub(super) struct Before<'a> {
    pub(super) keys: &'a Keys,
    pub(super) places: Places,
    /// The number of each root.
    pub(super) roots: Vec<u64>,
    /// The format that every source is read as, if one was asked for.
    as_format: Option<String>,
    /// The catalogue of the last run.
    pub(super) old: Option<Mutex<Catalogue>>,
    pub(super) met: Mutex<Met>,
}

pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<'a> Before<'a> {
    /// What the catalogue `old` knows of what is below `places`, whose roots have the numbers
    /// `roots`, for a run of `plan`.
    pub(super) fn new(
        keys: &'a Keys,
        plan: &ScanPlan,
        (places, roots): (Places, Vec<u64>),
        old: Option<Catalogue>,
    ) -> Self {
        Before {
            keys,
            places,
            roots,
            as_format: plan.as_format.clone(),
            old: old.map(Mutex::new),
            met: Mutex::default(),
        }
    }

    fn recalled(&self, path: &Path) -> Result<Recalled, super::IndexError> {
        let Some((real, place)) = self.places.real(path) else {
            return Ok(Recalled::Unknown);
        };
        let root = self.roots.get(place).copied().unwrap_or_default();
        let name = name(self.keys, &real);
        let glance = match &self.old {
            Some(old) => locked(old).glance(&name)?,
            None => None,
        };
        if let Some((id, stamp, beside)) = glance
            && let Some(looked) = Looked::at(path, beside)
            && looked.stamp(self.keys, beside) == stamp
        {
            let mut met = locked(&self.met);
            met.claim(id);
            met.unchanged += 1;
            return Ok(Recalled::Left);
        }
        // One that is gone or may not be looked at is told of by who opens it.
        let Some(looked) = Looked::at(path, true) else {
            return Ok(Recalled::Unknown);
        };
        let fresh = looked.is_fresh();
        let mut pending = Pending {
            real,
            name,
            root,
            looked,
            fresh,
            known: glance.is_some(),
            grown: None,
        };
        let Some(old) = &self.old else {
            locked(&self.met).pending.insert(path.to_owned(), pending);
            return Ok(Recalled::Unknown);
        };
        if pending.looked.has_one_name() {
            let same = locked(old).same(&pending.looked.same(self.keys))?;
            let same = same.filter(|source| !source.beside && source.stamp != [0; 16]);
            // What its name holds is known of the old name only.
            let same = same.filter(|_| !may_hold(path));
            let same = same.filter(|source| !fresh && self.is_read_alike(path, source));
            if let Some(source) = same {
                let mut met = locked(&self.met);
                // The same name with another change time is the same file, changed.
                if source.name != name && met.claim(source.id) {
                    met.moved.push(Moved {
                        stamp: pending.looked.stamp(self.keys, false),
                        source,
                        real: pending.real,
                        name,
                        root,
                    });
                    return Ok(Recalled::Left);
                }
            }
        }
        let source = if glance.is_some() {
            locked(old).named(&name)?
        } else {
            None
        };
        let mut from = Recalled::Unknown;
        if let Some(source) = source
            && let Some(growing) = self.growing(&source)
            && growing.has_grown(path, self.keys)
            && locked(&self.met).claim(source.id)
        {
            from = Recalled::Grown(growing.last);
            pending.grown = Some((source, growing));
        }
        locked(&self.met).pending.insert(path.to_owned(), pending);
        Ok(from)
    }

    /// Whether the file at `path` is read as `source` was: its name may have a say in that.
    fn is_read_alike(&self, path: &Path, source: &Source) -> bool {
        let Ok(input) = open_file(path, Vec::new()) else {
            return false;
        };
        let as_format = self.as_format.as_deref().map(by_name);
        let format = match look(path, input, as_format.and_then(Result::ok)) {
            Look::Open(opened) => opened.format,
            Look::Skip(format) => format,
            Look::Pack(kind, _) => kind.name(),
            Look::Rows(_) => crate::format::sqlite::NAME,
        };
        kind(self.keys, Some(format)) == source.kind
    }

    fn growing(&self, source: &Source) -> Option<Growing> {
        let sealed = source.growing.as_ref()?;
        Growing::parse(&self.keys.open(&growing_context(source.id), sealed)?)
    }
}

/// Whether the name of a file may hold a value, for all that is known without looking.
fn may_hold(path: &Path) -> bool {
    const FEWEST_DIGITS: usize = 7;
    let name = path.file_name().unwrap_or_default().as_encoded_bytes();
    let digits = name.iter().filter(|byte| byte.is_ascii_digit()).count();
    digits >= FEWEST_DIGITS || name.contains(&b'@')
}

/// What stands for the format that a source was read as.
pub(super) fn kind(keys: &Keys, format: Option<&str>) -> [u8; 16] {
    keys.name("kind", format.unwrap_or_default().as_bytes())
}

/// What is signed with the growing of a source.
pub(super) fn growing_context(id: u64) -> Vec<u8> {
    format!("growing {id}").into_bytes()
}

impl Known for Before<'_> {
    fn recall(&self, path: &Path) -> Recalled {
        match self.recalled(path) {
            Ok(recalled) => recalled,
            Err(error) => {
                locked(&self.met).failed.get_or_insert(error);
                Recalled::Left
            }
        }
    }
}
