//! From what was typed to a plan: the parts that commands which read have in common.

use std::io::ErrorKind;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use super::args::{ReadArgs, RunArgs, SeekArgs};
use super::misuse::Misuse;
use crate::entity::{Entity, EntitySet};
use crate::finding::Confidence;
use crate::lists::Lists;
use crate::report::Shown;
use crate::scan::{AcceptUnread, Root, ScanPlan, Selection, globs};

/// What is read and looked for. Without `--only` it is `usual`.
pub(super) fn scan_plan(
    paths: &[PathBuf],
    find: SeekArgs,
    read: ReadArgs,
    run: &RunArgs,
    usual: EntitySet,
) -> Result<ScanPlan, Misuse> {
    let entities = entities(&find.only, &find.except, usual)?;
    let min_confidence = confidence(&find.min_confidence)?;
    let max_size = read.max_size.as_deref().map(size).transpose()?;
    let selection = Selection {
        include: glob_set("--include", &read.include)?,
        exclude: glob_set("--exclude", &read.exclude)?,
        max_size,
    };
    let accept_unread = AcceptUnread {
        globs: glob_set("--accept-unread", &read.accept_unread)?,
        names: read.accept_unread,
    };
    let threads = threads(&run.threads)?;
    let rules = match &read.lists.patterns {
        Some(folder) => Some(std::sync::Arc::new(super::rules::read(folder)?)),
        None => None,
    };
    let lists = super::lists::read(&read.lists, &find.region)?;
    let roots = paths
        .iter()
        .map(|path| root(path))
        .collect::<Result<_, _>>()?;
    Ok(ScanPlan {
        roots,
        regions: find.region,
        entities,
        min_confidence,
        as_format: read.as_format,
        selection,
        accept_unread,
        threads,
        show_values: false,
        subjects: None,
        rules,
        lists,
    })
}

/// The same as [`scan_plan`] makes when nothing is typed.
pub(super) fn usual_plan(usual: EntitySet) -> ScanPlan {
    ScanPlan {
        roots: Vec::new(),
        regions: vec!["US".to_owned()],
        entities: usual,
        min_confidence: Confidence(50),
        as_format: None,
        selection: Selection::default(),
        accept_unread: AcceptUnread::default(),
        threads: NonZeroUsize::MIN,
        show_values: false,
        subjects: None,
        rules: None,
        lists: Lists::default(),
    }
}

fn entities(only: &[String], except: &[String], usual: EntitySet) -> Result<EntitySet, Misuse> {
    let mut set = if only.is_empty() {
        usual
    } else {
        family(only)?.into_iter().collect()
    };
    for entity in family(except)? {
        set.remove(entity);
    }
    if set.is_empty() {
        return Err(Misuse::new(
            "--except leaves nothing of --only to look for",
            "name other entities",
        ));
    }
    Ok(set)
}

fn family(names: &[String]) -> Result<Vec<Entity>, Misuse> {
    let mut entities = Vec::new();
    for name in names {
        entities.extend(Entity::parse_family(name).map_err(|error| Misuse::told(&error))?);
    }
    Ok(entities)
}

fn confidence(text: &str) -> Result<Confidence, Misuse> {
    match text.parse::<f64>() {
        Ok(fraction) if (0.0..=1.0).contains(&fraction) => {
            Ok(Confidence((fraction * 100.0).round() as u8))
        }
        _ => Err(Misuse::new(
            format!("--min-confidence cannot be '{}'", Shown::text(text)),
            "give a number from 0 to 1, such as 0.8",
        )),
    }
}

/// A size in bytes: digits, and a letter for a power of 1024.
fn size(text: &str) -> Result<u64, Misuse> {
    let (digits, shift) = match text.as_bytes().last() {
        Some(b'k' | b'K') => (&text[..text.len() - 1], 10),
        Some(b'm' | b'M') => (&text[..text.len() - 1], 20),
        Some(b'g' | b'G') => (&text[..text.len() - 1], 30),
        Some(b't' | b'T') => (&text[..text.len() - 1], 40),
        _ => (text, 0),
    };
    let bytes = digits
        .parse::<u64>()
        .ok()
        .filter(|_| digits.bytes().all(|b| b.is_ascii_digit()))
        .and_then(|number| number.checked_mul(1 << shift));
    bytes.ok_or_else(|| {
        Misuse::new(
            format!("--max-size cannot be '{}'", Shown::text(text)),
            "give bytes, or a number with K, M, G or T, such as 64M",
        )
    })
}

/// More threads than this only wait for each other.
const MAX_THREADS: usize = 1024;

fn threads(text: &str) -> Result<NonZeroUsize, Misuse> {
    let number = text.parse::<usize>().ok().filter(|n| *n <= MAX_THREADS);
    let Some(number) = number else {
        return Err(Misuse::new(
            format!("--threads cannot be '{}'", Shown::text(text)),
            format!("give a number from 0 to {MAX_THREADS}; 0 is one per processor"),
        ));
    };
    Ok(NonZeroUsize::new(number)
        .or_else(|| std::thread::available_parallelism().ok())
        .unwrap_or(NonZeroUsize::MIN))
}

fn glob_set(flag: &str, patterns: &[String]) -> Result<Option<globset::GlobSet>, Misuse> {
    if patterns.is_empty() {
        return Ok(None);
    }
    globs(patterns).map(Some).map_err(|error| {
        let wrong = patterns
            .iter()
            .find(|one| globs(std::slice::from_ref(one)).is_err());
        Misuse::new(
            format!(
                "{flag} cannot be '{}': {}",
                Shown::text(wrong.map_or("", String::as_str)),
                error.kind()
            ),
            "a pattern looks like '*.wav' or 'backup/**'; quote it from the shell",
        )
    })
}

/// A root that is not there is a slip of the pen, and told before hours of work.
fn root(path: &Path) -> Result<Root, Misuse> {
    if path.as_os_str() == "-" {
        return Ok(Root::Stdin);
    }
    match path.symlink_metadata() {
        Err(cause) if cause.kind() == ErrorKind::NotFound => Err(Misuse::new(
            format!("cannot read {}: {cause}", Shown::path(path)),
            "check the spelling; nothing was read",
        )),
        _ => Ok(Root::Path(path.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_confidences_are_read_or_refused() {
        for (text, bytes) in [
            ("0", Some(0)),
            ("1500", Some(1500)),
            ("64k", Some(65_536)),
            ("2M", Some(2_097_152)),
            ("1G", Some(1 << 30)),
            ("", None),
            ("K", None),
            ("-1", None),
            ("+1", None),
            ("1.5M", None),
            ("99999999999999T", None),
        ] {
            assert_eq!(size(text).ok(), bytes, "{text}");
        }
        for (text, hundredths) in [
            ("0", Some(0)),
            ("0.5", Some(50)),
            ("0.29", Some(29)),
            ("1", Some(100)),
            ("1.01", None),
            ("-0.1", None),
            ("NaN", None),
            ("half", None),
        ] {
            assert_eq!(confidence(text).ok().map(|c| c.0), hundredths, "{text}");
        }
    }
}
