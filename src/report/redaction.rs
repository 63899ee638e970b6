//! What people see of a run that writes: each file that changed or could not be, and the totals.
//!
//! A file is shown as soon as it is done, so that who watches sees the run go on. Values are
//! never shown, only what kind they were and what replaced them.

use std::io::Write;

use anstyle::{AnsiColor, Style};

use super::escape::{Shown, terminal};
use super::mask::append_masked;
use super::printer::{Target, sink_error};
use crate::redact::derive::Count;
use crate::redact::files::{Fate, FileDone, Order, Target as Goal, Told, Totals};
use crate::redact::operator::Operator;
use crate::scan::SinkError;

/// The report of a run that writes.
pub struct Redaction<W: Write> {
    out: W,
    terminal: bool,
    path: Style,
    warning: Style,
    goal: Goal,
}

impl<W: Write> Redaction<W> {
    /// A report of `order` to `out`.
    pub fn new(out: W, target: Target, order: &Order) -> Self {
        let style = |color: AnsiColor| Style::new().fg_color(Some(color.into()));
        let (path, warning) = if target.color {
            (style(AnsiColor::Cyan), style(AnsiColor::Yellow).bold())
        } else {
            Default::default()
        };
        Self {
            out,
            terminal: target.terminal,
            path,
            warning,
            goal: order.target.clone(),
        }
    }

    fn put(&mut self, text: &[u8]) -> Result<(), SinkError> {
        self.out
            .write_all(text)
            .and_then(|()| self.out.flush())
            .map_err(sink_error)
    }
}

/// `3  mask` of one entity; a value that went with its record has no operator.
fn counts(page: &mut Vec<u8>, counts: &[Count]) {
    let name = counts
        .iter()
        .map(|c| c.entity.name().len())
        .max()
        .unwrap_or(0);
    let mut sorted: Vec<&Count> = counts.iter().collect();
    sorted.sort_by_key(|count| (count.entity, count.operator.map(Operator::name)));
    for count in sorted {
        let operator = count.operator.map_or("with its record", Operator::name);
        let entity = count.entity.name();
        line(
            page,
            format_args!("  {entity:name$}  {:>6}  {operator}", count.values),
        );
    }
}

/// Each change: the line, what goes, masked, and what comes.
fn changes(page: &mut Vec<u8>, done: &FileDone, to_terminal: bool) {
    for change in &done.changes {
        // Writing to memory cannot fail.
        let _ = write!(page, "  {}: {}  ", change.line, change.entity);
        append_masked(page, change.entity, &change.canonical);
        match &change.new {
            None => page.extend_from_slice(b"  goes with its record"),
            Some(new) if new.is_empty() => page.extend_from_slice(b"  goes"),
            Some(new) => {
                page.extend_from_slice(b" -> ");
                if to_terminal {
                    terminal(page, new.as_bytes());
                } else {
                    page.extend_from_slice(new.as_bytes());
                }
            }
        }
        page.push(b'\n');
    }
    if done.more_changes > 0 {
        line(page, format_args!("  ... and {} more", done.more_changes));
    }
}

fn records(count: u64) -> String {
    format!("{count} {}", if count == 1 { "record" } else { "records" })
}

fn line(page: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    // Writing to memory cannot fail.
    let _ = writeln!(page, "{text}");
}

impl<W: Write + Send> Told for Redaction<W> {
    fn file(&mut self, done: &FileDone) -> Result<(), SinkError> {
        if done.fate == Fate::Unchanged && !done.is_incomplete() {
            return Ok(());
        }
        let mut page = Vec::new();
        // Writing to memory cannot fail.
        let _ = write!(page, "{}", self.path);
        let name = done.path.as_os_str().as_encoded_bytes();
        if self.terminal {
            terminal(&mut page, name);
        } else {
            page.extend_from_slice(name);
        }
        let _ = write!(page, "{:#}", self.path);
        if let Some(format) = done.format {
            let _ = write!(page, "  {format}");
        }
        page.push(b'\n');
        let (warning, end) = (self.warning, format!("{:#}", self.warning));
        match done.fate {
            Fate::Unchanged => {}
            Fate::Would | Fate::Done(_) => {
                if done.records > 0 {
                    line(
                        &mut page,
                        format_args!("  {} removed", records(done.records)),
                    );
                }
                counts(&mut page, &done.counts);
                changes(&mut page, done, self.terminal);
                if let Fate::Done(choice) = done.fate {
                    let why = choice.why.code();
                    line(&mut page, format_args!("  {}, {why}", choice.kind.code()));
                }
                if !done.remnants.is_empty() && matches!(done.fate, Fate::Done(_)) {
                    let remnants = done.remnants.join(", ");
                    line(
                        &mut page,
                        format_args!("  old bytes may remain: {remnants}"),
                    );
                }
            }
            Fate::Unread(reason) => {
                let accepted = if done.accepted { ", as accepted" } else { "" };
                let reason = reason.name();
                line(
                    &mut page,
                    format_args!(
                        "  {warning}left as it was{end}: not read whole ({reason}){accepted}"
                    ),
                );
            }
            Fate::NotDone(failure) => {
                line(
                    &mut page,
                    format_args!("  {warning}left as it was{end}: {failure}"),
                );
            }
        }
        if let Some(reason) = done
            .unread
            .filter(|_| !matches!(done.fate, Fate::Unread(_)))
        {
            let accepted = if done.accepted { ", as accepted" } else { "" };
            let reason = reason.name();
            line(
                &mut page,
                format_args!("  {warning}parts not read{end} ({reason}){accepted}"),
            );
        }
        for (id, values) in &done.held {
            line(
                &mut page,
                format_args!("  {warning}held{end}  {values}  by {}", Shown::text(id)),
            );
        }
        if let Some(partner) = &done.partner {
            let mut name = Vec::new();
            terminal(&mut name, partner.as_os_str().as_encoded_bytes());
            let name = String::from_utf8_lossy(&name);
            line(
                &mut page,
                format_args!(
                    "  {warning}missing partner{end}  {name}  what went here can still be heard there"
                ),
            );
        }
        if let Some(refusal) = done.refusal {
            let refused = done.refused;
            line(
                &mut page,
                format_args!("  {warning}not changed{end}  {refused}  {refusal}"),
            );
        }
        self.put(&page)
    }

    fn totals(&mut self, totals: &Totals) -> Result<(), SinkError> {
        let mut page = Vec::new();
        let files = |n: u64| if n == 1 { "file" } else { "files" };
        let values: u64 = totals.counts.iter().map(|count| count.values).sum();
        let verb = match (&self.goal, totals.changed) {
            (_, 0) => "nothing to change",
            (Goal::Nowhere, _) => "would change",
            (Goal::InPlace, _) => "changed",
            (Goal::Out(_), _) => "wrote",
        };
        if totals.changed > 0 {
            page.push(b'\n');
        }
        let _ = write!(page, "{verb}");
        if totals.changed > 0 {
            let of = if matches!(self.goal, Goal::Out(_)) {
                "with"
            } else {
                "and"
            };
            let values_word = if values == 1 { "value" } else { "values" };
            let _ = write!(
                page,
                " {} {}, {of} {values} {values_word} replaced",
                totals.changed,
                files(totals.changed)
            );
            if totals.records > 0 {
                let _ = write!(page, " or removed in {}", records(totals.records));
            }
        }
        let _ = write!(page, "; {} {} read", totals.files, files(totals.files));
        if totals.excluded > 0 {
            let _ = write!(page, ", {} left out", totals.excluded);
        }
        if totals.allowed > 0 {
            let _ = write!(page, "; {} values allowed", totals.allowed);
        }
        page.push(b'\n');
        if totals.recovery.runs > 0 {
            line(
                &mut page,
                format_args!(
                    "an earlier run was unfinished: {} files finished, {} undone",
                    totals.recovery.finished, totals.recovery.undone
                ),
            );
        }
        if totals.incomplete > 0 {
            let (warning, end) = (self.warning, format!("{:#}", self.warning));
            line(
                &mut page,
                format_args!(
                    "{warning}NOT DONE{end} in {} {}",
                    totals.incomplete,
                    files(totals.incomplete)
                ),
            );
        }
        if totals.unfinished {
            line(&mut page, format_args!("unfinished: run 'efface recover'"));
        }
        if totals.interrupted {
            line(
                &mut page,
                format_args!("interrupted; the rest was not looked at"),
            );
        }
        if let Some(receipt) = &totals.receipt {
            line(&mut page, format_args!("receipt {}", Shown::path(receipt)));
        }
        if self.goal == Goal::Nowhere {
            line(&mut page, format_args!("nothing was changed"));
        }
        self.put(&page)
    }
}
