//! The folders and files a run was given, open, and where each file met below them lies.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::{Order, RunError, Target};
use crate::redact::failure::{Failure, Reason as Cause};
use crate::redact::io::Io;
use crate::redact::place::{Root, make_folders};
use crate::scan;
use crate::walk::{Met, walk};

/// The roots of a run, open.
pub(super) struct Walked {
    /// One for each root of the order, with what is beneath it when it is a single file.
    pub(super) roots: Vec<Result<Root, Failure>>,
    pub(super) singles: Vec<Option<PathBuf>>,
    pub(super) out: Option<Root>,
    /// What a single file is called since it was renamed: as it is told, and beneath its root.
    renamed: Vec<OnceLock<(PathBuf, PathBuf)>>,
}

impl Walked {
    pub(super) fn new(io: &Io, order: &Order) -> Result<Self, RunError> {
        let out = match &order.target {
            Target::Out(folder) => {
                let named = |failure| RunError::Folder(folder.clone(), failure);
                make_folders(io, folder).map_err(named)?;
                Some(Root::open(io, folder).map_err(named)?)
            }
            _ => None,
        };
        let (mut roots, mut singles) = (Vec::new(), Vec::new());
        for root in &order.scan.roots {
            let scan::Root::Path(path) = root else {
                continue;
            };
            let opened = if path.is_dir() {
                singles.push(None);
                Root::open(io, path)
            } else {
                let single = Root::of_file(io, path);
                singles.push(single.as_ref().ok().map(|(_, name)| name.clone()));
                single.map(|(root, _)| root)
            };
            if let (Ok(root), Some(out)) = (&opened, &out)
                && singles.last() == Some(&None)
                && out.path().starts_with(root.path())
            {
                const DOING: &str = "cannot write the output into a folder that is read";
                let failure = Failure::new(Cause::Outside, DOING);
                return Err(RunError::Folder(out.path().to_path_buf(), failure));
            }
            roots.push(opened);
        }
        let renamed = roots.iter().map(|_| OnceLock::new()).collect();
        Ok(Self {
            roots,
            singles,
            out,
            renamed,
        })
    }

    /// Hands on what the walk meets, with where it lies, until told to stop.
    pub(super) fn each(
        &self,
        order: &Order,
        mut meet: impl FnMut(Met, &At<'_>) -> Result<bool, RunError>,
    ) -> Result<(), RunError> {
        for number in 0..self.roots.len() {
            let Some(at) = self.at(order, number) else {
                continue;
            };
            for met in self.walk(order, number) {
                if !meet(met, &at)? {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// What the walk of the root of this number meets.
    pub(super) fn walk<'o>(
        &self,
        order: &'o Order,
        number: usize,
    ) -> Box<dyn Iterator<Item = Met> + 'o> {
        if let Some((path, _)) = self.renamed.get(number).and_then(OnceLock::get) {
            return Box::new(std::iter::once(Met::File(path.clone())));
        }
        let given = paths(order).nth(number);
        let given = given.map(std::slice::from_ref).unwrap_or_default();
        Box::new(walk(given, &order.scan.selection))
    }

    /// Notes that what was walked as `path` below the root of this number is now called `new`.
    pub(super) fn note_renamed(&self, number: usize, path: &Path, new: &OsStr) {
        let single = self.singles.get(number).and_then(Option::as_ref);
        if let (Some(single), Some(slot)) = (single, self.renamed.get(number)) {
            // A file is renamed once in a run.
            let _ = slot.set((path.with_file_name(new), single.with_file_name(new)));
        }
    }

    /// Where files below the root of this number lie.
    pub(super) fn at<'w>(&'w self, order: &'w Order, number: usize) -> Option<At<'w>> {
        let given = paths(order).nth(number)?;
        let scan::Root::Path(path) = given else {
            return None;
        };
        Some(At {
            given: path,
            root: self.roots.get(number)?.as_ref(),
            single: match self.renamed.get(number)?.get() {
                Some((_, beneath)) => Some(beneath),
                None => self.singles.get(number)?.as_deref(),
            },
            out: self.out.as_ref(),
        })
    }
}

/// The roots that are paths.
fn paths(order: &Order) -> impl Iterator<Item = &scan::Root> {
    order
        .scan
        .roots
        .iter()
        .filter(|root| matches!(root, scan::Root::Path(_)))
}

/// Where a file lies.
pub(super) struct At<'a> {
    pub(super) given: &'a Path,
    pub(super) root: Result<&'a Root, &'a Failure>,
    pub(super) single: Option<&'a Path>,
    pub(super) out: Option<&'a Root>,
}

impl At<'_> {
    /// The file beneath its root.
    pub(super) fn beneath(&self, path: &Path) -> PathBuf {
        let below = || path.strip_prefix(self.given).unwrap_or(path);
        self.single.unwrap_or_else(below).to_path_buf()
    }
}
