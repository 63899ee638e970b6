//! Copies that stand beside a file by the names that programs give them: rotated logs, backups of
//! editors, swap files. Owns those names; it opens nothing and changes nothing.

use std::path::{Path, PathBuf};

/// Endings of the whole name of a file, by which a copy of it is called.
const BEHIND: &[&str] = &[
    "~", ".bak", ".backup", ".orig", ".old", ".save", ".copy", ".tmp", ".part",
];

/// Compressions of rotated files.
const COMPRESSED: &[&str] = &["", ".gz", ".bz2", ".xz", ".zst", ".Z", ".zip"];

/// Whether `other` is by its name a copy of what is called `name`: `app.log.1`, `app.log.2.gz`,
/// `app.log-20240131`, `app-20240131.log`, `cdr.csv.bak`, `cdr.csv~`, `.cdr.csv.swp`, `#cdr.csv#`.
pub fn is_copy(name: &str, other: &str) -> bool {
    if name == other || name.is_empty() {
        return false;
    }
    if let Some(hidden) = other.strip_prefix('.') {
        let rest = hidden.strip_prefix(name).or_else(|| {
            let rest = hidden.strip_prefix('~').unwrap_or(hidden);
            rest.strip_prefix(name)
        });
        if let Some(rest) = rest
            && (rest.len() == 4 && rest.starts_with(".sw") || rest == ".un~" || rest == "#")
        {
            return true;
        }
    }
    if other
        .strip_prefix('#')
        .and_then(|rest| rest.strip_suffix('#'))
        == Some(name)
    {
        return true;
    }
    if let Some(rest) = other.strip_prefix(name) {
        return BEHIND.contains(&rest) || COMPRESSED.iter().any(|z| is_rotation(rest, z));
    }
    // `app-20240131.log`, as logrotate writes it with `extension`.
    let Some((stem, extension)) = name.rsplit_once('.') else {
        return false;
    };
    COMPRESSED.iter().any(|z| {
        other
            .strip_suffix(z)
            .and_then(|rest| {
                rest.strip_suffix(extension)?
                    .strip_suffix('.')?
                    .strip_prefix(stem)
            })
            .is_some_and(|rest| is_rotation(rest, ""))
    })
}

/// `.1`, `-20240131`, `.2024-01-31` and the like, with `compressed` behind them, or that alone.
fn is_rotation(rest: &str, compressed: &str) -> bool {
    let Some(rest) = rest.strip_suffix(compressed) else {
        return false;
    };
    if rest.is_empty() {
        return !compressed.is_empty();
    }
    let Some(number) = rest.strip_prefix(['.', '-', '_']) else {
        return false;
    };
    number.starts_with(|c: char| c.is_ascii_digit())
        && number
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '-' | '_' | 'T' | ':' | '.'))
}

/// Copies of the file at `path` in its folder, by name, in the order of their bytes.
pub fn beside(path: &Path) -> Vec<PathBuf> {
    let above = path.parent().filter(|above| !above.as_os_str().is_empty());
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
        return Vec::new();
    };
    let Ok(folder) = std::fs::read_dir(above.unwrap_or(Path::new("."))) else {
        return Vec::new();
    };
    let mut copies: Vec<PathBuf> = folder
        .filter_map(Result::ok)
        .map(|entry| entry.file_name())
        .filter(|other| other.to_str().is_some_and(|other| is_copy(name, other)))
        .map(|other| above.map_or_else(|| PathBuf::from(&other), |above| above.join(&other)))
        .collect();
    copies.sort();
    copies
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_are_known_by_their_names() {
        for other in [
            "app.log.1",
            "app.log.12.gz",
            "app.log-20240131",
            "app.log.2024-01-31.zst",
            "app-20240131.log",
            "app-20240131.log.gz",
            "app.log~",
            "app.log.bak",
            ".app.log.swp",
            "#app.log#",
            "app.log.gz",
        ] {
            assert!(is_copy("app.log", other), "{other}");
        }
        for other in [
            "app.log",
            "app.logger",
            "app2.log",
            "web.log.1",
            "app.log.txt",
            "xapp.log.1",
            "app.log.d",
        ] {
            assert!(!is_copy("app.log", other), "{other}");
        }
    }
}
