//! What is known of sources from an earlier scan, so that not all has to be read again.
//!
//! Owns the words for it. Who knows, and from where, is not the engine's business.

use std::path::{Path, PathBuf};

use super::report::{FileReport, Summary};
pub use crate::source::WindowAt;

/// What is known of a file that the walk has come to.
#[derive(Debug)]
pub enum Recalled {
    /// Nothing that counts: it is read.
    Unknown,
    /// Enough: it is neither read nor told of.
    Left,
    /// Nothing that is looked for is in it, and this is its account, behind those of its members.
    Nothing(Vec<FileReport>),
    /// What is looked for is in these windows only, each of which can be read by itself; and its
    /// account, but for the findings.
    Within(Box<FileReport>, Vec<WindowAt>),
    /// What stands before this window is as it was: it is read from there to its end.
    Grown(WindowAt),
}

/// Knows sources from an earlier scan; asked from any thread, once for each file.
pub trait Known: Sync {
    /// What is known of the file at `path`.
    fn recall(&self, path: &Path) -> Recalled;
}

/// What a run may go by.
pub struct Memo<'a> {
    /// Who knows.
    pub known: &'a dyn Known,
    /// The files to come to, in this order, instead of those that the roots hold.
    pub files: Option<Vec<PathBuf>>,
    /// The account of what is known and not come to.
    pub rest: Summary,
}
