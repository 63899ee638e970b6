//! `efface scan`: from arguments to a plan, and from the plan's outcome to an exit code.

use std::io::ErrorKind;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;

use super::args::{ScanArgs, When};
use super::exit::ExitStatus;
use super::misuse::Misuse;
use super::progress::{Bar, Cleared, stop_on_interrupt};
use crate::detect::known;
use crate::entity::{Entity, EntitySet};
use crate::finding::Confidence;
use crate::report::{Options, Printer, ReportFormat, Shown, open};
use crate::scan::{AcceptUnread, Progress, Root, ScanError, ScanPlan, Selection, globs};

/// Scans and reports.
pub(super) fn run(args: ScanArgs, printer: Printer) -> ExitStatus {
    let format = args.format();
    let (show, quiet) = (args.progress, args.quiet);
    let plan = match plan(args) {
        Ok(plan) => plan,
        Err(misuse) => {
            printer.error(&misuse);
            return ExitStatus::Refused;
        }
    };
    let target = printer.target();
    if plan.roots.contains(&Root::Stdin) && !quiet && printer.input_is_typed() {
        printer.note(&"reading from the terminal; Ctrl-D ends the input");
    }
    let options = Options {
        regions: &plan.regions,
        show_values: plan.show_values,
        target,
    };
    let progress = Arc::new(Progress::default());
    stop_on_interrupt(&progress);
    // A line that is redrawn would mix with findings that scroll by on the same terminal.
    let fits = printer.messages_seen() && (format == ReportFormat::Table || !target.terminal);
    let shown = match show {
        When::Auto => !quiet && fits,
        When::Always => true,
        When::Never => false,
    };
    let bar = if shown {
        Bar::new(&progress, printer)
    } else {
        Bar::Hidden
    };
    let outcome = crate::scan::run(
        &plan,
        &mut Cleared {
            sink: open(format, printer.stdout(), &options),
            bar: &bar,
        },
        &progress,
    );
    bar.clear();
    match outcome {
        Ok(summary) => ExitStatus::of_scan(&summary),
        Err(ScanError::Output(error)) => super::sink_failed(printer, &error),
        Err(error) => {
            printer.error(&error);
            ExitStatus::Refused
        }
    }
}

/// Checks what was typed; nothing is read but the names of the roots.
fn plan(args: ScanArgs) -> Result<ScanPlan, Misuse> {
    let entities = entities(&args.only, &args.except)?;
    let min_confidence = confidence(&args.min_confidence)?;
    let max_size = args.max_size.as_deref().map(size).transpose()?;
    let selection = Selection {
        include: glob_set("--include", &args.include)?,
        exclude: glob_set("--exclude", &args.exclude)?,
        max_size,
    };
    let accept_unread = AcceptUnread {
        globs: glob_set("--accept-unread", &args.accept_unread)?,
        names: args.accept_unread,
    };
    let threads = threads(&args.threads)?;
    let roots = args
        .paths
        .iter()
        .map(|path| root(path))
        .collect::<Result<_, _>>()?;
    Ok(ScanPlan {
        roots,
        regions: args.region,
        entities,
        min_confidence,
        as_format: args.as_format,
        selection,
        accept_unread,
        threads,
        show_values: args.show_values,
    })
}

fn entities(only: &[String], except: &[String]) -> Result<EntitySet, Misuse> {
    let mut set = if only.is_empty() {
        EntitySet::all()
    } else {
        family(only)?.into_iter().collect()
    };
    for entity in family(except)? {
        set.remove(entity);
    }
    let known = known();
    for name in only {
        let mut named = family(std::slice::from_ref(name))?.into_iter();
        if !named.any(|entity| known.contains(entity)) {
            return Err(Misuse::new(
                format!("there is no detector for '{}' yet", Shown::text(name)),
                "'efface patterns list' names what can be found",
            ));
        }
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
            format!("cannot scan {}: {cause}", Shown::path(path)),
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
