//! What an index covers, and whether every byte of it is what was written.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::ask::Index;
use super::catalogue::Catalogue;
use super::draft::digest;
use super::facts::Facts;
use super::known::locked;
use super::segment::Cursor;
use super::store::Store;
use super::update::roots_of;
use super::{IndexError, keys::Keys};
use crate::redact::io::Io;

/// What an index covers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Its roots.
    pub roots: Vec<PathBuf>,
    /// Sources, and how many of them were not wholly read.
    pub sources: u64,
    /// See `sources`.
    pub incomplete: u64,
    /// Bytes of sources that were read.
    pub bytes: u64,
    /// Places it holds.
    pub postings: u64,
    /// Bytes of it on disk.
    pub size: u64,
    /// Its segments.
    pub segments: usize,
    /// Identifiers that it was told to forget.
    pub forgotten: usize,
    /// How national numbers were read.
    pub regions: Vec<String>,
    /// When it was built and brought up to date, in seconds since 1970.
    pub built: i64,
    /// See `built`.
    pub updated: i64,
    /// Whether the last run came to its end.
    pub complete: bool,
    /// Whether what finds and reads values today is what it was built by.
    pub current: bool,
}

impl Index {
    /// What it covers.
    ///
    /// # Errors
    /// [`IndexError`] when it is damaged.
    pub fn coverage(&self) -> Result<Coverage, IndexError> {
        let catalogue = locked(&self.catalogue);
        let manifest = &self.manifest;
        let mut coverage = Coverage {
            roots: roots_of(&catalogue, &self.keys)?
                .into_iter()
                .map(|(_, path)| path)
                .collect(),
            postings: manifest.postings().saturating_sub(manifest.dead),
            size: manifest.catalogue.bytes
                + manifest.segments.iter().map(|one| one.bytes).sum::<u64>(),
            segments: manifest.segments.len(),
            forgotten: catalogue.forgotten()?.len(),
            regions: manifest.regions.clone(),
            built: manifest.built,
            updated: manifest.updated,
            complete: manifest.complete,
            current: manifest.knows_the_same(),
            ..Coverage::default()
        };
        for &(state, count, bytes) in &manifest.counts {
            coverage.sources += count;
            coverage.bytes += bytes;
            coverage.incomplete += if state == 0 { 0 } else { count };
        }
        Ok(coverage)
    }

    /// Reads every byte of the index in `folder` and says what is wrong.
    ///
    /// # Errors
    /// [`IndexError`] when it cannot be opened at all.
    pub fn verify(io: &Io, folder: &Path, keys: &Keys) -> Result<Condition, IndexError> {
        let store = Store::open(io, folder)?;
        if !keys.can_look_up() {
            return Err(IndexError::BuildOnly);
        }
        let manifest = match store.manifest(io, keys) {
            Err(IndexError::Damaged) => return Ok(Condition::of(Damage::Manifest)),
            manifest => manifest?.ok_or(IndexError::Missing)?,
        };
        let mut condition = Condition::default();
        let index = manifest.index();
        let mut by_window = HashMap::new();
        for named in &manifest.segments {
            let count = match store.segment(io, keys, index, named) {
                Ok(segment) => {
                    let mut count = 0;
                    let mut before = None;
                    let walked = Cursor::new(&segment).and_then(|mut cursor| {
                        while let Some(one) = cursor.peek() {
                            if before.is_some_and(|before| before > one.tag) {
                                return Err(IndexError::Damaged);
                            }
                            before = Some(one.tag);
                            *by_window.entry(one.window).or_insert(0_u64) += 1;
                            count += 1;
                            cursor.step()?;
                        }
                        Ok(())
                    });
                    walked.map(|()| count)
                }
                Err(error) => Err(error),
            };
            match count {
                Ok(count) if count == named.postings => condition.postings += count,
                Ok(_) | Err(IndexError::Damaged) => {
                    condition.damage.push(Damage::Segment(named.number));
                }
                Err(error) => return Err(error),
            }
        }
        let catalogue = store
            .catalogue(io, &manifest.catalogue)
            .and_then(|(file, path)| Ok((digest(io, keys, &file)?, path)));
        let is_whole = match &catalogue {
            Ok(((_, digest), _)) => *digest == manifest.catalogue.digest,
            Err(IndexError::Damaged) => false,
            Err(_) => return catalogue.map(|_| condition),
        };
        if !is_whole {
            condition.damage.push(Damage::Catalogue);
            return Ok(condition);
        }
        if condition.damage.is_empty() {
            let index = Index::open(io, folder, keys)?;
            index.check_sources(&by_window, &mut condition)?;
        }
        Ok(condition)
    }

    /// Whether each source can be read from the catalogue and has the postings it is said to have.
    fn check_sources(
        &self,
        by_window: &HashMap<u32, u64>,
        condition: &mut Condition,
    ) -> Result<(), IndexError> {
        let catalogue = locked(&self.catalogue);
        if !catalogue.check()? {
            condition.damage.push(Damage::Catalogue);
            return Ok(());
        }
        // What was forgotten is missing without harm.
        let exact = catalogue.forgotten()?.is_empty();
        catalogue.sources(|source| {
            condition.sources += 1;
            let postings = self.postings_of(&catalogue, source.id, by_window)?;
            let facts = self.unsealed(&catalogue, "facts", source.id, &source.facts)?;
            self.path(&catalogue, &source)?;
            let fits = postings == source.postings || (!exact && postings < source.postings);
            if !fits || Facts::parse(&facts).is_none() && source.stamp != [0; 16] {
                return Err(IndexError::Damaged);
            }
            Ok(())
        })
    }

    fn postings_of(
        &self,
        catalogue: &Catalogue,
        source: u64,
        by_window: &HashMap<u32, u64>,
    ) -> Result<u64, IndexError> {
        let mut postings = 0;
        for extent in catalogue.extents_of(source)? {
            let windows = self.windows(catalogue, &extent)?;
            if !windows.is_empty() && windows.len() != extent.count as usize {
                return Err(IndexError::Damaged);
            }
            let numbers = extent.first..extent.first + extent.count;
            postings += numbers
                .filter_map(|number| by_window.get(&number))
                .sum::<u64>();
        }
        Ok(postings)
    }
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// The file that names all others.
    Manifest,
    /// The catalogue of sources.
    Catalogue,
    /// The segment of that number.
    Segment(u64),
}

/// How an index is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Condition {
    /// Sources and places that were checked.
    pub sources: u64,
    /// See `sources`.
    pub postings: u64,
    /// What is wrong; empty when every byte is what was written.
    pub damage: Vec<Damage>,
}

impl Condition {
    fn of(damage: Damage) -> Condition {
        Condition {
            damage: vec![damage],
            ..Condition::default()
        }
    }
}
