//! The tree of sources below the roots, in byte order, with what is left out and why.
//!
//! Owns the order of a run and the kinds of files that are not read. Opens nothing.

use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use crate::format::Reason;
use crate::scan::{Root, Selection};

/// What the walk meets.
#[derive(Debug)]
pub enum Met {
    /// Standard input.
    Stdin,
    /// A file to read.
    File(PathBuf),
    /// A folder below a root, before what is in it.
    Folder(PathBuf),
    /// Something that is named and not read.
    Refused(PathBuf, Reason),
    /// A file the selection leaves out.
    Excluded,
}

/// Everything below `roots`: roots in their order, below them by the bytes of the names.
pub fn walk<'a>(roots: &'a [Root], selection: &'a Selection) -> impl Iterator<Item = Met> + 'a {
    roots
        .iter()
        .flat_map(move |root| -> Box<dyn Iterator<Item = Met> + 'a> {
            match root {
                Root::Stdin => Box::new(std::iter::once(Met::Stdin)),
                Root::Path(path) => Box::new(below(path, selection)),
            }
        })
}

fn below<'a>(root: &'a Path, selection: &'a Selection) -> impl Iterator<Item = Met> + 'a {
    // Of one folder, so that the order of the paths is that of the names, and cheaper to tell.
    let by_name = |a: &DirEntry, b: &DirEntry| a.path().as_os_str().cmp(b.path().as_os_str());
    let mut entries = WalkDir::new(root).sort_by(by_name).into_iter();
    std::iter::from_fn(move || {
        loop {
            let entry = match entries.next()? {
                Ok(entry) => entry,
                Err(error) => {
                    let path = error.path().unwrap_or(root).to_path_buf();
                    let reason = match error.io_error().map(std::io::Error::kind) {
                        Some(std::io::ErrorKind::PermissionDenied) => Reason::Denied,
                        Some(std::io::ErrorKind::NotFound) => Reason::Vanished,
                        _ => Reason::ReadError,
                    };
                    return Some(Met::Refused(path, reason));
                }
            };
            if entry.file_type().is_dir() {
                if entry.depth() > 0 && selection.excludes_folder(entry.path()) {
                    entries.skip_current_dir();
                    return Some(Met::Excluded);
                }
                if entry.depth() > 0 {
                    return Some(Met::Folder(entry.into_path()));
                }
                continue;
            }
            return Some(met(entry, selection));
        }
    })
}

fn met(entry: DirEntry, selection: &Selection) -> Met {
    let kind = entry.file_type();
    // The size is asked for only where a limit makes it matter: it costs a call per file.
    let size = if selection.max_size.is_some() {
        entry.metadata().map_or(0, |m| m.len())
    } else {
        0
    };
    if selection.excludes_file(entry.path(), size) {
        return Met::Excluded;
    }
    // A root that is a link was named on purpose and is followed.
    let linked_root = entry.depth() == 0 && entry.path().is_file();
    if kind.is_file() || linked_root {
        Met::File(entry.into_path())
    } else if kind.is_symlink() {
        Met::Refused(entry.into_path(), Reason::Symlink)
    } else {
        Met::Refused(entry.into_path(), Reason::Special)
    }
}
