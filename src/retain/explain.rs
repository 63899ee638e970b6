//! Why a record stays or goes: the time it is from, the rules and duties that cover it, and when
//! they are over.
//!
//! Owns the answer to one question; nothing is changed.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::policy::{Deed, Event, Policy};
use super::rules::{FileRules, zone_of};
use crate::format;
use crate::redact::ageing::{FileAges, FileFacts, Why};
use crate::scan::{Look, look};
use crate::source::{Window, open_stream, open_to_read};
use crate::time::{Orders, Undated};

/// Why nothing can be told.
#[derive(Debug, thiserror::Error)]
pub enum Unexplained {
    /// The file cannot be read.
    #[error("cannot read {0}: {1}\n\nhint: name a file that can be read, as FILE:RECORD")]
    Unread(String, String),
    /// It has fewer records.
    #[error("{0} has no record {1}, but {2}\n\nhint: records are counted from 1, headers are none")]
    NoRecord(String, u64, u64),
}

/// What `policy` says to the record of this number, counted from 1, of the file at `path`, as it is
/// swept beneath one of `roots`, or as it is given.
///
/// # Errors
/// [`Unexplained`].
pub fn explain(
    policy: &Policy,
    path: &Path,
    roots: &[PathBuf],
    number: u64,
    now: i64,
) -> Result<String, Unexplained> {
    let shown = crate::report::Shown::path(path).to_string();
    let unread = |why: String| Unexplained::Unread(shown.clone(), why);
    let file = open_to_read(path).map_err(|error| unread(error.to_string()))?;
    let changed = file
        .metadata()
        .and_then(|metadata| metadata.modified())
        .ok()
        .and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok())
        .map_or(0, |since| since.as_secs().cast_signed());
    let absolute = std::fs::canonicalize(path).map_err(|error| unread(error.to_string()))?;
    let beneath = roots.iter().find_map(|root| {
        let root = std::fs::canonicalize(root).ok()?;
        absolute.strip_prefix(root).ok().map(Path::to_path_buf)
    });
    let beneath = beneath.as_deref().unwrap_or(path);
    let source = policy.source(beneath, &absolute);
    let named = source.and_then(|source| source.format);
    let named = named.and_then(|name| format::by_name(name).ok());
    let mut opened = match look(path, open_stream(file), named) {
        Look::Open(opened) => opened,
        Look::Skip(format) => return Err(unread(format!("nobody reads {format}"))),
        Look::Pack(..) | Look::Rows(_) => {
            return Err(unread("it is an archive, which goes as a whole".to_owned()));
        }
    };
    let facts = FileFacts {
        path,
        beneath,
        absolute: &absolute,
        format: Some(opened.format),
        changed,
        named: false,
    };
    let zone = zone_of(source);
    let mut out = format!("{shown}, record {number}, read as {}\n", opened.format);
    let Some(rules) = FileRules::of(policy, &facts, now) else {
        out.push_str("no rule covers this file: it is kept\n");
        if beneath == path {
            out.push_str("its paths count from the folder that is swept: name that as well\n");
        }
        return Ok(out);
    };
    let mut orders = Orders::default();
    let mut window = Window::default();
    let (mut seen, mut carry) = (0u64, None);
    while opened.windows.next(&*opened.reader, &mut window) {
        let reader = window.reader(&*opened.reader);
        let chunk = window.chunk();
        let index = reader.index(chunk);
        let mut from = chunk.start;
        while let Some(range) = index.record_from(from) {
            from = range.start + 1;
            if let Some(stamp) = index.stamp(range.start) {
                orders.add(&stamp);
            }
            seen += 1;
            if seen < number {
                continue;
            }
            if index.is_timeless(range.start) {
                out.push_str(TIMELESS);
                return Ok(out);
            }
            let clock = rules.clock(orders.told());
            let when = index.stamp(range.start).map_or_else(
                || carry.unwrap_or(Err(Undated::None)),
                |stamp| clock.at(&stamp),
            );
            tell(&mut out, policy, &rules, when, &zone);
            return Ok(out);
        }
        let clock = rules.clock(orders.told());
        carry = opened
            .reader
            .carried(chunk)
            .map(|stamp| clock.at(&stamp))
            .or(carry);
    }
    if seen == 0 && number == 1 {
        out.push_str("it has no records: it counts as one\n");
        let when = rules.own();
        tell(&mut out, policy, &rules, when, &zone);
        return Ok(out);
    }
    Err(Unexplained::NoRecord(shown, number, seen))
}

/// What is said of a row of a table without times.
const TIMELESS: &str = "no column of its table tells a time: it is kept, and keeps its file, unless the \
                        date of that counts for a `delete-file`\n";

fn tell(
    out: &mut String,
    policy: &Policy,
    rules: &FileRules,
    when: Result<i64, Undated>,
    zone: &crate::time::Zone,
) {
    let when = rules.told(when);
    // Writing to a string cannot fail.
    match when {
        Ok(time) => {
            let _ = writeln!(out, "it is from {}", zone.show(time));
        }
        Err(why) => {
            let _ = writeln!(out, "it has no time that can be believed: {}", why.name());
        }
    }
    for number in rules.rules() {
        let Some(rule) = policy.rules.get(*number) else {
            continue;
        };
        let deed = match rule.deed {
            Deed::Erase => "erase",
            Deed::DeleteFile => "delete-file",
            Deed::Redact(operator) => operator.name(),
        };
        let from = match rule.event {
            Event::Record => when.ok(),
            Event::File => rules.changed().ok(),
        };
        let due = from.and_then(|from| rule.max_age.end(from, zone));
        let due = due.map_or("not known".to_owned(), |due| zone.show(due));
        let content = if rule.covers.asks_content() {
            ", if it holds what the rule asks for"
        } else {
            ""
        };
        let content = if rule.cascade.is_empty() {
            content.to_owned()
        } else {
            format!("{content}, with the files it names or not at all")
        };
        let _ = writeln!(
            out,
            "rule {} (line {}): {deed} after {}{content}: due {due}",
            rule.id, rule.line, rule.max_age
        );
    }
    for number in rules.duties() {
        let Some(duty) = policy.duties.get(usize::from(number)) else {
            continue;
        };
        let from = rules.counted(when).ok();
        let end = from.and_then(|from| duty.min_age.end(from, zone));
        let end = end.map_or("not known".to_owned(), |end| zone.show(end));
        let _ = writeln!(
            out,
            "duty {}: kept {} ({}): until {end}",
            duty.id, duty.min_age, duty.citation
        );
    }
    let judged = rules.judge(when);
    let first = rules.rules().iter().enumerate();
    let first = first.filter(|(bit, _)| judged.due >> bit & 1 == 1);
    let first = first.map(|(_, number)| number).next();
    let said = match (
        first.and_then(|number| policy.rules.get(*number)),
        judged.why,
    ) {
        (Some(rule), _) => format!("it is due by {}", rule.id),
        (None, Why::Duty(number)) => {
            let duty = policy.duties.get(usize::from(number));
            format!(
                "it is kept by the duty {}",
                duty.map_or("", |duty| &duty.id)
            )
        }
        (None, Why::Later) => "it is not due yet".to_owned(),
        (None, why) => format!("it is kept: {}", why.name()),
    };
    let _ = writeln!(out, "{said}");
    out.push_str("a hold would keep it whatever the rules say: 'efface hold list'\n");
}
