//! Asking an index where somebody's data is.
//!
//! What it answers is never shown as such: it says which windows of which sources have to be read,
//! and that the others need not be. Values are read back from the sources, and a source that is not
//! as it was is read as if there were no index. It must not know how findings are shown.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::catalogue::{Catalogue, Extent, Source};
use super::draft::row_context;
use super::facts::{Facts, take_windows};
use super::keys::{Content, Keys, Tag};
use super::known::locked;
use super::manifest::{Manifest, Named};
use super::roots::{Looked, Places, name};
use super::segment::Segment;
use super::store::Store;
use super::update::roots_of;
use super::{IndexError, LEAST_CONFIDENCE};
use crate::redact::io::Io;
use crate::scan::{Known, Memo, Recalled, Root, ScanPlan, Summary, WindowAt};
use crate::subject::Subjects;

/// An index that can be asked.
pub struct Index {
    pub(super) keys: Keys,
    pub(super) manifest: Manifest,
    pub(super) segments: Vec<Segment>,
    pub(super) catalogue: Mutex<Catalogue>,
    contents: Mutex<BTreeMap<u64, Content>>,
    /// Tags that it cannot answer for.
    forgotten: BTreeSet<[u8; 8]>,
}

/// How often a reader looks for a state that a writer is just replacing.
const TRIES: usize = 8;

impl Index {
    /// Opens the index in `folder`.
    ///
    /// # Errors
    /// [`IndexError`]: none there, another key or version, or damaged.
    pub fn open(io: &Io, folder: &Path, keys: &Keys) -> Result<Index, IndexError> {
        let store = Store::open(io, folder)?;
        let mut last = None;
        for _ in 0..TRIES {
            let manifest = store.manifest(io, keys)?.ok_or(IndexError::Missing)?;
            match Index::of(io, &store, keys.clone(), manifest.clone()) {
                // A writer that replaced the manifest took the files of the old one away.
                Err(IndexError::Damaged | IndexError::Catalogue(_))
                    if last.as_ref() != Some(&manifest) => {}
                opened => return opened,
            }
            last = Some(manifest);
        }
        Err(IndexError::Locked)
    }

    fn of(io: &Io, store: &Store, keys: Keys, manifest: Manifest) -> Result<Index, IndexError> {
        if manifest.catalogue == Named::default() {
            return Err(IndexError::Missing);
        }
        if !keys.can_look_up() {
            return Err(IndexError::BuildOnly);
        }
        let index = manifest.index();
        let named = manifest.segments.iter();
        let segments = named.map(|named| store.segment(io, &keys, index, named));
        let segments = segments.collect::<Result<_, _>>()?;
        let (_, path) = store.catalogue(io, &manifest.catalogue)?;
        let catalogue = Catalogue::open(&path)?;
        Ok(Index {
            forgotten: catalogue.forgotten()?.into_iter().collect(),
            catalogue: Mutex::new(catalogue),
            keys,
            manifest,
            segments,
            contents: Mutex::default(),
        })
    }

    /// When it was last brought up to date, in seconds since 1970.
    pub fn updated(&self) -> i64 {
        self.manifest.updated
    }

    /// Refuses what the index cannot answer as the sources would.
    ///
    /// # Errors
    /// [`IndexError`] that says why.
    pub fn answers(&self, plan: &ScanPlan) -> Result<(), IndexError> {
        if !self.manifest.knows_the_same() {
            return Err(IndexError::Knowledge);
        }
        if self.manifest.regions != plan.regions || self.manifest.as_format != plan.as_format {
            return Err(IndexError::Read);
        }
        if plan.min_confidence < LEAST_CONFIDENCE {
            return Err(IndexError::Confidence);
        }
        Ok(())
    }

    /// Which windows of which sources hold something of `subjects`.
    ///
    /// # Errors
    /// [`IndexError`] when it is damaged, and when one of them was forgotten, so that the index
    /// cannot tell.
    pub fn ask(&self, subjects: &Subjects) -> Result<Answer<'_>, IndexError> {
        for (entity, canonical) in subjects.iter() {
            let Some(tag) = self.keys.tag(entity, canonical) else {
                continue;
            };
            if self.forgotten.contains(&tag.bytes()) {
                return Err(IndexError::Forgotten);
            }
        }
        Ok(Answer {
            index: self,
            hits: self.hits(subjects)?,
            places: Places::as_they_were(std::iter::empty()),
        })
    }

    /// The sources that hold something of `subjects`, whatever they were told to forget.
    pub(super) fn holding(&self, subjects: &Subjects) -> Result<Vec<u64>, IndexError> {
        Ok(self.hits(subjects)?.into_keys().collect())
    }

    /// The windows that hold something of `subjects`, by source.
    fn hits(&self, subjects: &Subjects) -> Result<BTreeMap<u64, BTreeSet<u32>>, IndexError> {
        let mut windows = BTreeSet::new();
        let mut scratch = Vec::new();
        for (entity, canonical) in subjects.iter() {
            let Some(tag) = self.keys.tag(entity, canonical) else {
                continue;
            };
            let at = |time| subjects.contains_at(entity, canonical, time);
            self.windows_of(tag, at, &mut scratch, &mut windows)?;
        }
        let mut hits: BTreeMap<u64, BTreeSet<u32>> = BTreeMap::new();
        let catalogue = locked(&self.catalogue);
        let mut extent: Option<Extent> = None;
        for window in windows {
            // Windows are in order, and those of one source beside each other.
            if extent.as_ref().and_then(|one| one.window(window)).is_none() {
                extent = catalogue.extent_around(window)?;
            }
            // Windows of a source that changed since are nobody's.
            if let Some(extent) = &extent
                && let Some(at) = extent.window(window)
            {
                hits.entry(extent.source).or_default().insert(at);
            }
        }
        Ok(hits)
    }

    /// The windows that hold `tag` in a record of a time that `at` wants.
    fn windows_of(
        &self,
        tag: Tag,
        at: impl Fn(Option<i64>) -> bool,
        scratch: &mut Vec<u8>,
        windows: &mut BTreeSet<u32>,
    ) -> Result<(), IndexError> {
        for segment in &self.segments {
            segment.look_up(tag, scratch, |one| {
                if at(one.time()) {
                    windows.insert(one.window);
                }
            })?;
        }
        Ok(())
    }

    /// What the field of kind `kind` of row `id` holds.
    pub(super) fn unsealed(
        &self,
        catalogue: &Catalogue,
        kind: &str,
        id: u64,
        (sealed, content): &(Vec<u8>, u64),
    ) -> Result<Vec<u8>, IndexError> {
        let mut contents = locked(&self.contents);
        if !contents.contains_key(content) {
            let key = catalogue.content(*content)?.ok_or(IndexError::Damaged)?;
            contents.insert(*content, self.keys.open_content(key)?);
        }
        let content = contents.get(content).ok_or(IndexError::Damaged)?;
        let (number, body) = sealed.split_first_chunk::<8>().ok_or(IndexError::Damaged)?;
        let mut body = body.to_vec();
        if content.open(
            u64::from_le_bytes(*number),
            &row_context(kind, id),
            &mut body,
        ) {
            Ok(body)
        } else {
            Err(IndexError::Damaged)
        }
    }

    /// The path of a source.
    pub(super) fn path(
        &self,
        catalogue: &Catalogue,
        source: &Source,
    ) -> Result<PathBuf, IndexError> {
        use std::os::unix::ffi::OsStringExt;
        let path = self.unsealed(catalogue, "path", source.id, &source.path)?;
        Ok(PathBuf::from(std::ffi::OsString::from_vec(path)))
    }

    /// The windows of an extent; none where the source was scanned at once.
    pub(super) fn windows(
        &self,
        catalogue: &Catalogue,
        extent: &Extent,
    ) -> Result<Vec<WindowAt>, IndexError> {
        if extent.windows.0.is_empty() {
            return Ok(Vec::new());
        }
        let id = u64::from(extent.first);
        let plain = self.unsealed(catalogue, "windows", id, &extent.windows)?;
        let mut windows = take_windows(&mut &plain[..]).ok_or(IndexError::Damaged)?;
        // The last one may have been replaced when the source grew.
        windows.truncate(extent.count as usize);
        Ok(windows)
    }
}

/// What an index knows of the sources of somebody's data.
pub struct Answer<'a> {
    index: &'a Index,
    /// Windows by source.
    hits: BTreeMap<u64, BTreeSet<u32>>,
    places: Places,
}

impl Answer<'_> {
    /// How many sources hold something.
    pub fn sources(&self) -> usize {
        self.hits.len()
    }

    /// For a run over `roots`: every file is come to, and only what has to be is read.
    ///
    /// # Errors
    /// [`IndexError`] when a root is not there.
    pub fn over(&mut self, roots: &[Root]) -> Result<Memo<'_>, IndexError> {
        let paths: Vec<Root> = roots
            .iter()
            .filter(|root| matches!(root, Root::Path(_)))
            .cloned()
            .collect();
        self.places = Places::of(&paths)?;
        Ok(Memo {
            known: &*self,
            files: None,
            rest: Summary::default(),
        })
    }

    /// For a run over all that the index holds: only sources that held something are come to.
    ///
    /// # Errors
    /// [`IndexError`] when the index is damaged.
    pub fn alone(&mut self) -> Result<Memo<'_>, IndexError> {
        let catalogue = locked(&self.index.catalogue);
        let roots = roots_of(&catalogue, &self.index.keys)?;
        let mut rest = Summary::default();
        for &(state, count, bytes) in &self.index.manifest.counts {
            rest.files += count;
            rest.bytes += bytes;
            rest.incomplete += if state == 0 { 0 } else { count };
        }
        // What the last run did not come to may hold anything.
        rest.incomplete += u64::from(!self.index.manifest.complete);
        let mut files = Vec::new();
        for id in self.hits.keys() {
            let source = catalogue.source(*id)?.ok_or(IndexError::Damaged)?;
            let order = roots.iter().position(|(root, _)| *root == source.root);
            files.push((order, self.index.path(&catalogue, &source)?));
            rest.files = rest.files.saturating_sub(1);
            rest.bytes = rest.bytes.saturating_sub(source.bytes);
            let incomplete = u64::from(source.state != 0);
            rest.incomplete = rest.incomplete.saturating_sub(incomplete);
        }
        drop(catalogue);
        // As a walk comes to them: roots in their order, below them by the bytes of the names.
        files.sort();
        let files = files.into_iter().map(|(_, path)| path).collect();
        self.places = Places::as_they_were(roots.into_iter().map(|(_, path)| path));
        Ok(Memo {
            known: &*self,
            files: Some(files),
            rest,
        })
    }

    fn recalled(&self, path: &Path) -> Result<Recalled, IndexError> {
        let Some((real, _)) = self.places.real(path) else {
            return Ok(Recalled::Unknown);
        };
        let catalogue = locked(&self.index.catalogue);
        let name = name(&self.index.keys, &real);
        let Some(source) = catalogue.named(&name)? else {
            return Ok(Recalled::Unknown);
        };
        let looked = Looked::at(path, source.beside);
        let is_same = looked
            .is_some_and(|looked| looked.stamp(&self.index.keys, source.beside) == source.stamp);
        if !is_same {
            return Ok(Recalled::Unknown);
        }
        let facts = self
            .index
            .unsealed(&catalogue, "facts", source.id, &source.facts)?;
        let Some(facts) = Facts::parse(&facts) else {
            return Ok(Recalled::Unknown);
        };
        let hits = self.hits.get(&source.id);
        // Where the accounts of what it holds are not kept, it is read again for them; and whole,
        // for what is found in it.
        if facts.holds && (hits.is_some() || facts.members.is_empty()) {
            return Ok(Recalled::Unknown);
        }
        let report = facts.report(path.to_owned(), None);
        let Some(hits) = hits else {
            let members = facts.members.into_iter();
            let members = members.map(|(name, one)| one.report(path.to_owned(), Some(name)));
            return Ok(Recalled::Nothing(members.chain([report]).collect()));
        };
        let mut windows = Vec::new();
        for extent in catalogue.extents_of(source.id)? {
            let skip = extent.skip;
            let all = self.index.windows(&catalogue, &extent)?;
            let wanted = (skip..).zip(all).filter(|(at, _)| hits.contains(at));
            windows.extend(wanted.map(|(_, at)| at));
        }
        // What was scanned at once is small; what cannot be read in parts is read whole.
        if windows.len() == hits.len() && windows.iter().all(|at| at.apart) {
            Ok(Recalled::Within(Box::new(report), windows))
        } else {
            Ok(Recalled::Unknown)
        }
    }
}

impl Known for Answer<'_> {
    fn recall(&self, path: &Path) -> Recalled {
        // What cannot be told is read.
        self.recalled(path).unwrap_or(Recalled::Unknown)
    }
}
