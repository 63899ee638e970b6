//! Patterns for paths, as holds, duties and policies have them: made regular, so that the same place
//! is covered however it is written, and asked whether they may fit what lies within an archive.
//!
//! Owns their form. It reads no file but to see where symbolic links lead, and knows neither holds
//! nor rules.

use std::path::{Path, PathBuf};

/// What makes a part of a pattern more than a name.
const SIGNS: [char; 6] = ['*', '?', '[', ']', '{', '\\'];

/// `pattern` without what says nothing (`./`, `//`, a slash at its end) and with `..` taken back;
/// empty: the folder it is counted from. `None` where that cannot be told from the text: `..` behind
/// `**` or at the beginning, dots or an end within braces.
pub fn regular(pattern: &str) -> Option<String> {
    let absolute = pattern.starts_with('/');
    let mut kept: Vec<&str> = Vec::new();
    for part in parts(pattern) {
        match part {
            "" | "." => {}
            ".." => match kept.last() {
                Some(last) if !last.contains("**") && !last.contains('/') => {
                    kept.pop();
                }
                None if absolute => {}
                _ => return None,
            },
            part if is_muddled(part) => return None,
            part => kept.push(part),
        }
    }
    let root = if absolute { "/" } else { "" };
    Some(format!("{root}{}", kept.join("/")))
}

/// The same of what was taken in before patterns were looked at: where nothing can be told from the
/// text it is the folder above, so that rather more is covered.
pub(super) fn regular_or_above(pattern: &str) -> String {
    regular(pattern).unwrap_or_else(|| regular(&lead(pattern)).unwrap_or_default())
}

/// The parts at the beginning of `pattern` that are names.
pub fn lead(pattern: &str) -> String {
    let names = parts(pattern).into_iter().take_while(|part| is_name(part));
    let lead = names.collect::<Vec<&str>>().join("/");
    if lead.is_empty() && pattern.starts_with('/') {
        "/".to_owned()
    } else {
        lead
    }
}

/// Whether the last part of `pattern` is a name: then it is a file or a folder with all beneath it.
pub fn ends_with_name(pattern: &str) -> bool {
    parts(pattern).last().is_some_and(|part| is_name(part))
}

/// Whether `pattern` may fit something within the archive at `path`, called `path!member`; whatever
/// stands behind its first sign counts as fitting.
pub fn may_fit_within(pattern: &str, path: &str) -> bool {
    let plain = pattern.find(SIGNS).unwrap_or(pattern.len());
    let prefix = pattern.get(..plain).unwrap_or_default();
    let within = format!("{path}!");
    prefix.starts_with(&within) || plain < pattern.len() && within.starts_with(prefix)
}

/// Where an absolute `pattern` leads if symbolic links among its first names are followed, as far as
/// these are there now.
pub(super) fn through_links(pattern: &str) -> Option<String> {
    let all = parts(pattern);
    let names = all.iter().take_while(|part| is_name(part)).count();
    for there in (0..=names).rev() {
        let path = PathBuf::from(format!("/{}", all.get(..there)?.join("/")));
        let Ok(real) = std::fs::canonicalize(&path) else {
            continue;
        };
        let real = globset::escape(real.to_str()?);
        return regular(&format!("{real}/{}", all.get(there..)?.join("/")));
    }
    None
}

/// Whether one of two folders lies in the other.
pub fn meet(one: &Path, other: &Path) -> bool {
    one.starts_with(other) || other.starts_with(one)
}

/// What stands between slashes; those within braces and brackets divide nothing.
fn parts(pattern: &str) -> Vec<&str> {
    let (mut out, mut start) = (Vec::new(), 0);
    let (mut braces, mut class, mut escaped) = (0u32, false, false);
    for (at, sign) in pattern.char_indices() {
        if std::mem::take(&mut escaped) {
            continue;
        }
        match sign {
            '\\' => escaped = true,
            '[' => class = true,
            ']' => class = false,
            '{' if !class => braces += 1,
            '}' if !class => braces = braces.saturating_sub(1),
            '/' if !class && braces == 0 => {
                out.extend(pattern.get(start..at));
                start = at + 1;
            }
            _ => {}
        }
    }
    out.extend(pattern.get(start..));
    out
}

fn is_name(part: &str) -> bool {
    !part.contains(SIGNS)
}

/// Whether dots, or a slash with nothing behind it, stand within braces.
fn is_muddled(part: &str) -> bool {
    let dots = |piece: &str| matches!(piece, "." | "..");
    part.contains('/')
        && (part.split(['/', '{', '}', ',']).any(dots)
            || part.ends_with('}') && (part.contains("/}") || part.contains("/,")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_place_has_one_pattern() {
        for (pattern, want) in [
            ("/x/f/", Some("/x/f")),
            ("/x/../f", Some("/f")),
            ("/x/./f", Some("/x/f")),
            ("//x//f//", Some("/x/f")),
            ("/../f", Some("/f")),
            ("/", Some("/")),
            ("/x/*/../f", Some("/x/f")),
            ("/x/{a,b}/../f", Some("/x/f")),
            ("/x/{a/b,c}/f/", Some("/x/{a/b,c}/f")),
            ("/x/[*]/f/", Some("/x/[*]/f")),
            ("./cdr/**", Some("cdr/**")),
            ("cdr/", Some("cdr")),
            ("a/../cdr", Some("cdr")),
            (".", Some("")),
            ("..", None),
            ("../cdr", None),
            ("/x/**/../f", None),
            ("/x/{a/b,c}/../f", None),
            ("/x/{./a,b}", None),
            ("/x/{a/,b}", None),
        ] {
            assert_eq!(regular(pattern).as_deref(), want, "{pattern}");
        }
        assert_eq!(regular_or_above("/x/y/**/../f"), "/x/y");
        assert_eq!(lead("/srv/cdr/**/x"), "/srv/cdr");
        assert_eq!(lead("/**"), "/");
    }

    #[test]
    fn a_pattern_may_reach_into_an_archive() {
        for (pattern, want) in [
            ("/f/b.zip!in/a.csv", true),
            ("/f/b.zip!in/*.csv", true),
            ("/f/**/a.csv", true),
            ("/f/*.csv", true),
            ("/f/b.zip", false),
            ("/f/b", false),
            ("/f/c.zip!in/a.csv", false),
            ("/g/**", false),
        ] {
            assert_eq!(may_fit_within(pattern, "/f/b.zip"), want, "{pattern}");
        }
    }
}
