//! What a scan is to do, with nothing left to decide.
//!
//! Owns the choices of one run after they were checked. Knows neither how they were typed nor how
//! they are carried out.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use std::sync::Arc;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use crate::detect::rules::Rules;
use crate::entity::EntitySet;
use crate::finding::Confidence;
use crate::format::Reason;
use crate::lists::Lists;
use crate::subject::Subjects;

/// Where a scan starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Root {
    /// Standard input, read to its end.
    Stdin,
    /// A file, or a folder with all below it.
    Path(PathBuf),
}

/// Which files below the roots are read; the rest is counted as excluded.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// When there is one, only files that match are read.
    pub include: Option<GlobSet>,
    /// Files and folders that match are left out; it wins over `include`.
    pub exclude: Option<GlobSet>,
    /// Files of more bytes, as stored, are left out.
    pub max_size: Option<u64>,
}

impl Selection {
    /// Whether a folder is left out with all below it.
    pub fn excludes_folder(&self, path: &Path) -> bool {
        self.exclude.as_ref().is_some_and(|set| set.is_match(path))
    }

    /// Whether a file of `size` bytes as stored is left out.
    pub fn excludes_file(&self, path: &Path, size: u64) -> bool {
        self.max_size.is_some_and(|max| size > max)
            || self.exclude.as_ref().is_some_and(|set| set.is_match(path))
            || self.include.as_ref().is_some_and(|set| !set.is_match(path))
    }
}

/// Sources the user knows to be unreadable; they do not make a run incomplete.
#[derive(Clone, Debug, Default)]
pub struct AcceptUnread {
    /// Names of formats, as typed; what is no format's name matches none.
    pub names: Vec<String>,
    /// The same words as patterns for paths.
    pub globs: Option<GlobSet>,
}

impl AcceptUnread {
    /// Whether an unread source is acknowledged by its path, by the format it was read as, or by
    /// the format that was recognised and not read.
    pub fn accepts(&self, path: &Path, format: Option<&str>, reason: Option<Reason>) -> bool {
        let unsupported = match reason {
            Some(Reason::Unsupported(name)) => Some(name),
            _ => None,
        };
        self.names
            .iter()
            .any(|name| format == Some(name) || unsupported == Some(name))
            || self.globs.as_ref().is_some_and(|set| set.is_match(path))
    }
}

/// Patterns for paths: `*` and `?` stop at `/`, `**` does not, and a pattern may start at any
/// folder unless it starts with `/`. A trailing `/` is ignored.
///
/// # Errors
/// The pattern that is not one, with what is wrong with it.
pub fn globs(patterns: &[String]) -> Result<GlobSet, globset::Error> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        let trimmed = match pattern.strip_suffix('/') {
            Some(folder) if !folder.is_empty() => folder,
            _ => pattern,
        };
        let anywhere = if trimmed.starts_with('/') {
            trimmed.to_owned()
        } else {
            format!("**/{}", trimmed.strip_prefix("./").unwrap_or(trimmed))
        };
        set.add(
            GlobBuilder::new(&anywhere)
                .literal_separator(true)
                .build()?,
        );
    }
    set.build()
}

/// The choices of one scan.
#[derive(Clone, Debug)]
pub struct ScanPlan {
    /// Where to start, in order.
    pub roots: Vec<Root>,
    /// ISO 3166 codes by which national numbers are read; the first wins. Never empty.
    pub regions: Vec<String>,
    /// What to look for. Never empty.
    pub entities: EntitySet,
    /// Findings below this are dropped.
    pub min_confidence: Confidence,
    /// Reads every source as this format instead of telling by content.
    pub as_format: Option<String>,
    /// Which files are read.
    pub selection: Selection,
    /// Which unread files are acknowledged.
    pub accept_unread: AcceptUnread,
    /// How many threads work.
    pub threads: NonZeroUsize,
    /// Whether findings carry the value as it stands.
    pub show_values: bool,
    /// Only what is of these subjects, where some are named.
    pub subjects: Option<Subjects>,
    /// The rules of the user.
    pub rules: Option<Arc<Rules>>,
    /// What is the company's own, and what is no finding.
    pub lists: Lists,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_names_and_paths_from_any_folder() {
        for (pattern, path, matches) in [
            ("*.wav", "a.wav", true),
            ("*.wav", "calls/2024/a.wav", true),
            ("*.wav", "calls.wav/a.csv", false),
            ("backup", "x/backup", true),
            ("backup/", "x/backup", true),
            ("cdr/*.csv", "in/cdr/a.csv", true),
            ("cdr/*.csv", "in/cdr/old/a.csv", false),
            ("cdr/**", "in/cdr/old/a.csv", true),
            ("./cdr/*.csv", "cdr/a.csv", true),
            ("/srv/*.csv", "/srv/a.csv", true),
            ("/srv/*.csv", "/x/srv/a.csv", false),
        ] {
            let set = globs(&[pattern.to_owned()]).unwrap();
            assert_eq!(set.is_match(path), matches, "{pattern} on {path}");
        }
        assert!(globs(&["a[".to_owned()]).is_err());
    }

    #[test]
    fn an_exclusion_wins_and_sizes_are_inclusive() {
        let selection = Selection {
            include: Some(globs(&["*.csv".to_owned()]).unwrap()),
            exclude: Some(globs(&["old".to_owned(), "bad.csv".to_owned()]).unwrap()),
            max_size: Some(100),
        };
        for (path, size, excluded) in [
            ("a.csv", 100, false),
            ("a.csv", 101, true),
            ("a.txt", 1, true),
            ("bad.csv", 1, true),
        ] {
            assert_eq!(
                selection.excludes_file(Path::new(path), size),
                excluded,
                "{path}"
            );
        }
        assert!(selection.excludes_folder(Path::new("x/old")));
        assert!(!selection.excludes_folder(Path::new("x")));
    }

    #[test]
    fn unread_sources_are_accepted_by_path_or_by_format() {
        let words = ["wav".to_owned(), "*.bin".to_owned()];
        let accept = AcceptUnread {
            globs: Some(globs(&words).unwrap()),
            names: words.into(),
        };
        let wav = Some(Reason::Unsupported("wav"));
        for (path, format, reason, accepted) in [
            ("call.x", None, wav, true),
            ("call.x", Some("wav"), Some(Reason::Truncated), true),
            ("a/b.bin", None, Some(Reason::Opaque), true),
            ("a/b.db", None, Some(Reason::Unsupported("sqlite")), false),
        ] {
            assert_eq!(
                accept.accepts(Path::new(path), format, reason),
                accepted,
                "{path}"
            );
        }
    }
}
