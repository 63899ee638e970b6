//! Building an index and bringing it up to date: what was read stays, what changed is read again,
//! what is gone is dropped.
//!
//! One pass over the sources, from the walk to the new manifest. It must not know what a posting
//! looks like.

use std::path::{Path, PathBuf};

use super::IndexError;
use super::catalogue::Catalogue;
use super::collect::{Collected, Collector};
use super::draft::Draft;
use super::keys::{Keys, Tag};
use super::known::{Before, Met, locked};
use super::manifest::{Chosen, Manifest};
use super::roots::Places;
use super::spills::Spills;
use super::store::{Store, Writing, new_id};
use crate::redact::files::now;
use crate::redact::io::Io;
use crate::scan::{Known, Memo, Progress, Recalled, Root, ScanPlan, Summary, run_with};

/// What a run came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// Sources that were read, wholly or from where they had grown.
    pub read: u64,
    /// Those of them of which only the end was read.
    pub grown: u64,
    /// Sources that are as they were, and were not opened.
    pub unchanged: u64,
    /// Sources that have another name now, and were not opened.
    pub moved: u64,
    /// Sources that are gone.
    pub gone: u64,
    /// Sources that could not be wholly read.
    pub incomplete: u64,
    /// Places that were found in what was read.
    pub postings: u64,
    /// Whether the run was stopped before its end; the next one goes on.
    pub interrupted: bool,
}

/// Which index is meant, and by what it is written.
#[derive(Clone, Copy)]
pub struct To<'a> {
    /// The system calls.
    pub io: &'a Io,
    /// The folder.
    pub folder: &'a Path,
    /// Its keys.
    pub keys: &'a Keys,
    /// Whether nothing is written, nor read, and only told what would be.
    pub dry_run: bool,
}

/// Builds an index from everything that `plan` names, which was asked for as `chosen`; an index that
/// is there is replaced at the end, when the new one is complete.
///
/// # Errors
/// [`IndexError`]; the old state, if any, is as it was.
pub fn build(
    to: &To<'_>,
    plan: &ScanPlan,
    chosen: Chosen,
    progress: &Progress,
) -> Result<Done, IndexError> {
    let To {
        io,
        folder,
        keys,
        dry_run,
    } = *to;
    // What cannot be indexed is told before anything is made.
    let plan = &ScanPlan {
        roots: Places::without_nested(&plan.roots)?,
        ..plan.clone()
    };
    if dry_run {
        let places = Places::of(&plan.roots)?;
        return foresee(
            &Before::new(keys, plan, (places, Vec::new()), None),
            plan,
            progress,
        );
    }
    let store = Store::make(io, folder)?;
    let writing = store.write(io)?;
    let old = match store.manifest(io, keys) {
        // A damaged one, or one of another version, is replaced; one of another key is somebody's.
        Err(IndexError::Damaged | IndexError::Version) => None,
        old => old?,
    };
    store.tidy(&writing, io, old.as_ref())?;
    let mut manifest = Manifest::new(
        new_id(io)?,
        plan.regions.clone(),
        plan.as_format.clone(),
        chosen,
    );
    // Names of files are not used twice, so that who reads the old state never meets a new file.
    manifest.next.file = old.as_ref().map_or(0, |old| old.next.file);
    manifest.built = now();
    let run = Run {
        io,
        store: &store,
        writing: &writing,
        keys,
        progress,
    };
    run.carry_out(manifest, plan)
}

/// Brings an index up to date with everything it holds, or with the roots of `plan` if
/// there are any; roots that it does not hold yet are added. What is read is read as it was when the
/// index was built.
///
/// # Errors
/// [`IndexError`]; the old state is as it was.
pub fn update(to: &To<'_>, plan: &ScanPlan, progress: &Progress) -> Result<Done, IndexError> {
    let To {
        io,
        folder,
        keys,
        dry_run,
    } = *to;
    let store = Store::open(io, folder)?;
    if dry_run {
        return foresee_update(to, keys, &store, plan, progress);
    }
    let writing = store.write(io)?;
    let manifest = store.manifest(io, keys)?.ok_or(IndexError::Missing)?;
    if !manifest.knows_the_same() {
        return Err(IndexError::Knowledge);
    }
    store.tidy(&writing, io, Some(&manifest))?;
    let run = Run {
        io,
        store: &store,
        writing: &writing,
        keys,
        progress,
    };
    let plan = as_built(plan, &manifest)?;
    run.carry_out(manifest, &plan)
}

/// The plan of an update: what is read is read as it was when the index was built.
fn as_built(plan: &ScanPlan, manifest: &Manifest) -> Result<ScanPlan, IndexError> {
    let (selection, accept_unread) = manifest.chosen.of_plan().ok_or(IndexError::Damaged)?;
    Ok(ScanPlan {
        selection,
        accept_unread,
        regions: manifest.regions.clone(),
        as_format: manifest.as_format.clone(),
        ..plan.clone()
    })
}

/// What an update would do.
fn foresee_update(
    to: &To<'_>,
    keys: &Keys,
    store: &Store,
    plan: &ScanPlan,
    progress: &Progress,
) -> Result<Done, IndexError> {
    let manifest = store.manifest(to.io, keys)?.ok_or(IndexError::Missing)?;
    if !manifest.knows_the_same() {
        return Err(IndexError::Knowledge);
    }
    let mut plan = as_built(plan, &manifest)?;
    let old = open_catalogue(to.io, store, &manifest)?;
    let known = match &old {
        Some(old) => roots_of(old, keys)?,
        None => Vec::new(),
    };
    if plan.roots.is_empty() {
        let roots = known.iter().map(|(_, path)| Root::Path(path.clone()));
        plan.roots = roots.collect();
    }
    plan.roots = Places::without_nested(&plan.roots)?;
    let places = Places::of(&plan.roots)?;
    let number = |real: &Path| known.iter().find(|(_, path)| path == real);
    let numbers = places.iter().map(|place| number(&place.real));
    let numbers = numbers.map(|known| known.map_or(u64::MAX, |(id, _)| *id));
    let numbers = numbers.collect();
    foresee(
        &Before::new(keys, &plan, (places, numbers), old),
        &plan,
        progress,
    )
}

/// Goes over the sources as a run would, without reading them.
fn foresee(before: &Before<'_>, plan: &ScanPlan, progress: &Progress) -> Result<Done, IndexError> {
    let memo = Memo {
        known: &Foreseen(before),
        files: None,
        rest: Summary::default(),
    };
    let mut sink = crate::report::Null::default();
    let summary = run_with(plan, &mut sink, progress, Some(memo)).map_err(IndexError::Scan)?;
    let mut met = locked(&before.met);
    if let Some(error) = met.failed.take() {
        return Err(error);
    }
    let mut done = met.done();
    done.read = met.pending.len() as u64;
    done.grown = met
        .pending
        .values()
        .filter(|one| one.grown.is_some())
        .count() as u64;
    done.incomplete = summary.incomplete;
    done.interrupted = summary.interrupted;
    if let Some(old) = &before.old {
        locked(old).numbers(|(id, root)| {
            done.gone += u64::from(!met.has(id) && before.roots.contains(&root));
            Ok(())
        })?;
        // What has changed is not gone.
        let changed = met
            .pending
            .values()
            .filter(|one| one.known && one.grown.is_none());
        done.gone = done.gone.saturating_sub(changed.count() as u64);
    }
    Ok(done)
}

/// What is known, with nothing left to read.
struct Foreseen<'a>(&'a Before<'a>);

impl Known for Foreseen<'_> {
    fn recall(&self, path: &Path) -> Recalled {
        self.0.recall(path);
        Recalled::Left
    }
}

/// The catalogue of a manifest; `None` where nothing is in it yet.
fn open_catalogue(
    io: &Io,
    store: &Store,
    manifest: &Manifest,
) -> Result<Option<Catalogue>, IndexError> {
    if manifest.catalogue == super::manifest::Named::default() {
        return Ok(None);
    }
    let (_, path) = store.catalogue(io, &manifest.catalogue)?;
    Catalogue::open(&path).map(Some)
}

/// What a run stands on.
struct Run<'a> {
    io: &'a Io,
    store: &'a Store,
    writing: &'a Writing,
    keys: &'a Keys,
    progress: &'a Progress,
}

/// The path of a root as it is known to who builds.
pub(super) fn root_context(id: u64) -> Vec<u8> {
    format!("root {id}").into_bytes()
}

/// The roots of a catalogue, with their numbers.
pub(super) fn roots_of(
    catalogue: &Catalogue,
    keys: &Keys,
) -> Result<Vec<(u64, PathBuf)>, IndexError> {
    use std::os::unix::ffi::OsStringExt;
    let roots = catalogue.roots()?.into_iter().map(|(id, sealed)| {
        let path = keys.open(&root_context(id), &sealed);
        let path = path.ok_or(IndexError::Damaged)?;
        Ok((id, PathBuf::from(std::ffi::OsString::from_vec(path))))
    });
    roots.collect()
}

impl<'a> Run<'a> {
    fn carry_out(&self, manifest: Manifest, plan: &ScanPlan) -> Result<Done, IndexError> {
        let old = open_catalogue(self.io, self.store, &manifest)?;
        let mut draft = Draft::new(self.io, self.store, self.writing, manifest);
        if let Some(old) = &old {
            draft.forgotten = old.forgotten()?.into_iter().map(Tag::of).collect();
        }
        let mut plan = plan.clone();
        let (places, roots) = self.roots(old.as_ref(), &mut draft, &mut plan)?;
        let walked = roots.clone();
        let before = Before::new(self.keys, &plan, (places, roots), old);
        let (collected, interrupted) = self.scan(&plan, &before, &mut draft)?;
        let Before { old, met, .. } = before;
        let mut met = met
            .into_inner()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(error) = met.failed.take() {
            return Err(error);
        }
        let mut done = Done {
            read: collected.read,
            grown: collected.grown,
            incomplete: collected.incomplete,
            postings: collected.postings,
            interrupted,
            ..met.done()
        };
        let complete = !interrupted && collected.unwalked == 0;
        if complete && let Some(old) = &old {
            let dropped = self.drop_gone(&locked(old), &met, &walked, &mut draft)?;
            // What has changed is not gone.
            done.gone = dropped.saturating_sub(collected.changed);
        }
        self.rename(&met, &mut draft)?;
        drop(old);
        draft.compact(self.keys, false)?;
        draft.manifest.updated = now();
        draft.manifest.complete = complete;
        draft.publish(self.keys)?;
        Ok(done)
    }

    /// The places to walk and the numbers of their roots; new roots are added to the draft.
    fn roots(
        &self,
        old: Option<&Catalogue>,
        draft: &mut Draft<'a>,
        plan: &mut ScanPlan,
    ) -> Result<(Places, Vec<u64>), IndexError> {
        let known = match old {
            Some(old) => roots_of(old, self.keys)?,
            None => Vec::new(),
        };
        if plan.roots.is_empty() {
            // A root that is gone is gone with all below it.
            plan.roots = known
                .iter()
                .map(|(_, path)| Root::Path(path.clone()))
                .collect();
            let places = Places::as_they_were(known.iter().map(|(_, path)| path.clone()));
            return Ok((places, known.into_iter().map(|(id, _)| id).collect()));
        }
        plan.roots = Places::without_nested(&plan.roots)?;
        let places = Places::of(&plan.roots)?;
        let mut next = known.iter().map(|(id, _)| id + 1).max().unwrap_or(0);
        let mut numbers = Vec::new();
        for place in places.iter() {
            let same = known.iter().find(|(_, path)| *path == place.real);
            if let Some((id, _)) = same {
                numbers.push(*id);
                continue;
            }
            let overlaps =
                |path: &Path| path.starts_with(&place.real) || place.real.starts_with(path);
            if known.iter().any(|(_, path)| overlaps(path)) {
                return Err(IndexError::Overlap);
            }
            let path = place.real.as_os_str().as_encoded_bytes();
            let sealed = self.keys.seal(self.io, &root_context(next), path)?;
            draft.catalogue(self.keys)?.put_root(next, &sealed)?;
            numbers.push(next);
            next += 1;
        }
        Ok((places, numbers))
    }

    fn scan(
        &self,
        plan: &ScanPlan,
        before: &Before<'_>,
        draft: &mut Draft<'a>,
    ) -> Result<(Collected, bool), IndexError> {
        std::thread::scope(|scope| self.collect(plan, before, draft, Spills::new(scope)))
    }

    fn collect<'scope>(
        &self,
        plan: &ScanPlan,
        before: &Before<'_>,
        draft: &mut Draft<'a>,
        spills: Spills<'scope, '_>,
    ) -> Result<(Collected, bool), IndexError>
    where
        'a: 'scope,
    {
        let mut sink = Collector::new(before, draft, spills);
        let memo = Memo {
            known: before,
            files: None,
            rest: Summary::default(),
        };
        let outcome = run_with(plan, &mut sink, self.progress, Some(memo));
        if let Some(error) = sink.failed.take() {
            return Err(error);
        }
        let summary = outcome.map_err(IndexError::Scan)?;
        sink.finish()?;
        Ok((sink.done, summary.interrupted))
    }

    /// Drops what is below a walked root and was not met again; says how many there were.
    fn drop_gone(
        &self,
        old: &Catalogue,
        met: &Met,
        walked: &[u64],
        draft: &mut Draft<'a>,
    ) -> Result<u64, IndexError> {
        let mut gone = 0;
        old.numbers(|(id, root)| {
            if met.has(id) || !walked.contains(&root) {
                return Ok(());
            }
            let postings = draft.catalogue(self.keys)?.drop(id)?;
            draft.manifest.dead += postings;
            gone += 1;
            Ok(())
        })?;
        Ok(gone)
    }

    /// Gives the sources that were found under another name that name.
    fn rename(&self, met: &Met, draft: &mut Draft<'a>) -> Result<(), IndexError> {
        for moved in &met.moved {
            let path = moved.real.as_os_str().as_encoded_bytes().to_vec();
            let id = moved.source.id;
            let source = super::catalogue::Source {
                name: moved.name,
                root: moved.root,
                stamp: moved.stamp,
                path: draft.sealed(self.keys, "path", id, path)?,
                ..moved.source.clone()
            };
            draft.catalogue(self.keys)?.put(&source)?;
        }
        Ok(())
    }
}
