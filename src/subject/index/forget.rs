//! Taking a person, or a source, out of an index: what held it is written anew without it.

use std::collections::HashSet;
use std::path::Path;

use super::IndexError;
use super::ask::Index;
use super::draft::Draft;
use super::keys::{Keys, Tag};
use super::known::locked;
use super::roots::Looked;
use super::store::Store;
use super::update::roots_of;
use crate::redact::io::Io;
use crate::subject::Subjects;

/// What was taken out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Places.
    pub postings: u64,
    /// Sources.
    pub sources: u64,
}

/// Takes every place of `subjects` out of the index in `folder`, and keeps them out: the index
/// remembers by their tags that it cannot answer for them.
///
/// # Errors
/// [`IndexError`]; the index is as it was.
pub fn forget_subjects(
    io: &Io,
    folder: &Path,
    keys: &Keys,
    subjects: &Subjects,
) -> Result<Forgotten, IndexError> {
    let tags: HashSet<Tag> = subjects
        .iter()
        .filter_map(|(entity, canonical)| keys.tag(entity, canonical))
        .collect();
    change(io, folder, keys, |_, draft| {
        for tag in &tags {
            draft.catalogue(keys)?.forget(&tag.bytes())?;
        }
        draft.forgotten.extend(&tags);
        Ok(0)
    })
}

/// Takes the source at `path`, or all below it, out of the index in `folder`. One that is still
/// there comes back with the next update, unless it is a root of its own.
///
/// # Errors
/// [`IndexError`]: also when there is none; the index is as it was.
pub fn forget_source(
    io: &Io,
    folder: &Path,
    keys: &Keys,
    path: &Path,
) -> Result<Forgotten, IndexError> {
    // One that is gone is meant by its name.
    let real = path.canonicalize().or_else(|_| std::path::absolute(path));
    let real = real.map_err(|_| IndexError::NotHeld)?;
    change(io, folder, keys, |index, draft| {
        let catalogue = locked(&index.catalogue);
        let mut sources = 0;
        catalogue.sources(|source| {
            if index.path(&catalogue, &source)?.starts_with(&real) {
                draft.catalogue(keys)?.drop(source.id)?;
                sources += 1;
            }
            Ok(())
        })?;
        for (id, root) in roots_of(&catalogue, keys)? {
            if root.starts_with(&real) {
                draft.catalogue(keys)?.drop_root(id)?;
            }
        }
        if draft.is_changed() {
            Ok(sources)
        } else {
            Err(IndexError::NotHeld)
        }
    })
}

/// Takes out of the index in `folder` every source that held something of `subjects` and is not as it
/// was: after an erasure nothing of them is left in the index but what is left in the sources. What
/// was taken out is read as if it were new, by the next update and until then by who asks.
///
/// # Errors
/// [`IndexError`]; the index is as it was.
pub fn drop_changed(
    io: &Io,
    folder: &Path,
    keys: &Keys,
    subjects: &Subjects,
) -> Result<Forgotten, IndexError> {
    let done = change(io, folder, keys, |index, draft| {
        let mut sources = 0;
        for id in index.holding(subjects)? {
            let catalogue = locked(&index.catalogue);
            let source = catalogue.source(id)?.ok_or(IndexError::Damaged)?;
            let path = index.path(&catalogue, &source)?;
            let looked = Looked::at(&path, source.beside);
            let is_same =
                looked.is_some_and(|looked| looked.stamp(keys, source.beside) == source.stamp);
            if !is_same {
                draft.catalogue(keys)?.drop(id)?;
                sources += 1;
            }
        }
        if sources > 0 {
            Ok(sources)
        } else {
            Err(IndexError::NotHeld)
        }
    });
    match done {
        Err(IndexError::NotHeld) => Ok(Forgotten::default()),
        done => done,
    }
}

/// Makes a change and writes anew what holds what went; `made` gives how many sources went.
fn change(
    io: &Io,
    folder: &Path,
    keys: &Keys,
    made: impl FnOnce(&Index, &mut Draft<'_>) -> Result<u64, IndexError>,
) -> Result<Forgotten, IndexError> {
    let store = Store::open(io, folder)?;
    let writing = store.write(io)?;
    let index = Index::open(io, folder, keys)?;
    store.tidy(&writing, io, Some(&index.manifest))?;
    let live = index.manifest.postings() - index.manifest.dead.min(index.manifest.postings());
    let mut draft = Draft::new(io, &store, &writing, index.manifest.clone());
    let kept = locked(&index.catalogue).forgotten()?;
    draft.forgotten = kept.into_iter().map(Tag::of).collect();
    let sources = made(&index, &mut draft)?;
    draft.compact(keys, true)?;
    let after = draft.publish(keys)?.postings();
    Ok(Forgotten {
        postings: live.saturating_sub(after),
        sources,
    })
}
