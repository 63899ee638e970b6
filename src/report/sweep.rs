//! What people and machines see of a sweep: files, rules, what stays and why, and figures.
//!
//! Names of rules and duties are the policy's. No value is shown, and machines see no path.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write;

use serde_json::{Map, json};

use super::escape::{Shown, terminal};
use super::printer::sink_error;
use crate::redact::ageing::{Tally, Why};
use crate::redact::files::{Fate, FileDone, Told, Totals};
use crate::retain::Swept;
use crate::retain::policy::{Deed, Event, Policy, Undecided};
use crate::scan::SinkError;

/// Whether it was applied, what was now, how long it took in seconds, and the exit code.
pub(super) type RunFacts = (bool, i64, f64, u8);

/// Every fate by the name it has in figures, in the order in which they are told.
const FATES: [&str; 14] = [
    "erased",
    "redacted",
    "with-file",
    "with-record",
    "clean",
    "later",
    "duty",
    "hold",
    "undated",
    "unreadable-date",
    "day-or-month-first",
    "absurd-date",
    "future-date",
    "refused",
];

/// A sweep as people read it.
pub struct Sweeping<W: Write> {
    out: W,
    /// What the policy calls its rules and duties.
    rules: Vec<String>,
    duties: Vec<String>,
    applied: bool,
    quiet: bool,
    shown: bool,
}

impl<W: Write> Sweeping<W> {
    /// To `out`; how: whether it is applied, whether only what was not done is told, and whether
    /// anything is.
    pub fn new(out: W, policy: &Policy, (applied, quiet, shown): (bool, bool, bool)) -> Self {
        let rules = policy.rules.iter();
        let duties = policy.duties.iter();
        Sweeping {
            out,
            rules: rules.map(|rule| rule.id.clone()).collect(),
            duties: duties
                .map(|duty| format!("{} ({})", duty.id, duty.citation))
                .collect(),
            applied,
            quiet,
            shown,
        }
    }

    fn put(&mut self, page: &str) -> Result<(), SinkError> {
        let written = self.out.write_all(page.as_bytes());
        written.and_then(|()| self.out.flush()).map_err(sink_error)
    }

    /// One line for each rule and fate.
    fn lines(&self, tally: &Tally, all: bool) -> String {
        let mut counts: BTreeMap<(u16, Why), u64> = BTreeMap::new();
        for (item, count) in tally.iter() {
            if all || !matches!(item.why, Why::Later | Why::Clean) {
                *counts.entry((item.rule, item.why)).or_default() += count;
            }
        }
        let mut page = String::new();
        for ((rule, why), count) in counts {
            let rule = self.rules.get(usize::from(rule)).map_or("", |rule| rule);
            let what = fate(why, self.applied, &self.duties);
            let records = match (why, count) {
                (Why::WithRecord, 1) => "file",
                (Why::WithRecord, _) => "files",
                (_, 1) => "record",
                _ => "records",
            };
            // Writing to a string cannot fail.
            let _ = writeln!(page, "  {rule}: {count} {records} {what}");
        }
        page
    }
}

fn fate(why: Why, applied: bool, duties: &[String]) -> String {
    let would = |done: &str, would: &str| if applied { done } else { would }.to_owned();
    match why {
        Why::Erased => would("erased", "would be erased"),
        Why::Redacted => would("redacted", "would be redacted"),
        Why::WithFile => would("gone with the file", "would go with the file"),
        Why::WithRecord => would("gone with a record", "would go with a record"),
        Why::Clean => "due, with nothing left to do".to_owned(),
        Why::Later => "not due yet".to_owned(),
        Why::Duty(number) => {
            let duty = duties.get(usize::from(number)).map_or("", |duty| duty);
            format!("kept by the duty {duty}")
        }
        Why::Held => "kept by a hold".to_owned(),
        Why::Undated(undated) => format!("kept: {}", undated.name()),
        Why::Refused => "not changed: the place does not allow it".to_owned(),
    }
}

impl<W: Write + Send> Told for Sweeping<W> {
    fn file(&mut self, done: &FileDone) -> Result<(), SinkError> {
        let changed = matches!(done.fate, Fate::Done(_) | Fate::Would);
        let kept = done.tally.of(|why| !matches!(why, Why::Later | Why::Clean)) > 0;
        let failed = done.is_incomplete();
        let tells = failed || (!self.quiet && (changed || kept));
        if !self.shown || !tells {
            return Ok(());
        }
        let mut name = Vec::new();
        terminal(&mut name, done.path.as_os_str().as_encoded_bytes());
        let mut page = String::from_utf8_lossy(&name).into_owned();
        match done.fate {
            // Writing to a string cannot fail.
            Fate::NotDone(failure) => drop(write!(page, ": {failure}")),
            Fate::Unread(reason) => drop(write!(page, ": not read: {}", reason.name())),
            _ => {
                if let Some(reason) = done.unread {
                    let _ = write!(page, ": parts not read: {}", reason.name());
                }
                if let Some(refusal) = done.refusal {
                    let _ = write!(page, ": {} not changed: {refusal}", done.refused);
                }
            }
        }
        page.push('\n');
        page.push_str(&self.lines(&done.tally, false));
        for (id, count) in &done.held {
            let _ = writeln!(page, "  held by {id}: {count}");
        }
        self.put(&page)
    }

    fn totals(&mut self, totals: &Totals) -> Result<(), SinkError> {
        if !self.shown || self.quiet {
            return Ok(());
        }
        let verb = if self.applied {
            "changed"
        } else {
            "would change"
        };
        let files = if totals.files == 1 { "file" } else { "files" };
        let mut page = format!(
            "{} {files}, {} {verb}, {} incomplete\n",
            totals.files, totals.changed, totals.incomplete
        );
        page.push_str(&self.lines(&totals.tally, true));
        if let Some(receipt) = &totals.receipt {
            let _ = writeln!(page, "receipt: {}", Shown::path(receipt));
        }
        if !self.applied {
            page.push_str("nothing was changed; --apply does it\n");
        }
        self.put(&page)
    }
}

/// What a policy means, in sentences.
pub fn sweep_check(policy: &Policy) -> String {
    let mut page = format!("{}: valid", Shown::path(&policy.file));
    // Writing to a string cannot fail.
    if let Some(dated) = &policy.dated {
        let _ = write!(page, ", dated {dated}");
    }
    page.push('\n');
    for rule in &policy.rules {
        let deed = match rule.deed {
            Deed::Erase => "the record is erased".to_owned(),
            Deed::DeleteFile => "the file goes once everything in it is as old".to_owned(),
            Deed::Redact(operator) => format!("values are replaced ({})", operator.name()),
        };
        let event = match rule.event {
            Event::Record => "from the record's own time",
            Event::File => "from the last change of the file",
        };
        let undated = match rule.undated {
            Undecided::Told => "without a time it is kept, and the run incomplete",
            Undecided::Keep => "without a time it is kept",
            Undecided::File => "without a time the file's date counts",
        };
        let _ = writeln!(
            page,
            "rule {} (line {}): after {}, {event}, {deed}; {undated}",
            rule.id, rule.line, rule.max_age
        );
        if !rule.cascade.is_empty() {
            let globs: Vec<&str> = rule.cascade.iter().map(|glob| &*glob.text).collect();
            let _ = writeln!(
                page,
                "  files beneath {} that a record names go with it, or both stay",
                globs.join(", ")
            );
        }
    }
    for duty in &policy.duties {
        let _ = writeln!(
            page,
            "duty {}: kept for {} ({})",
            duty.id, duty.min_age, duty.citation
        );
        let short = policy.rules.iter();
        let short = short.filter(|rule| rule.max_age.about_days() < duty.min_age.about_days());
        for rule in short {
            let _ = writeln!(
                page,
                "  where both cover a record, {} waits for it: {} is shorter",
                rule.id, rule.max_age
            );
        }
    }
    page
}

/// The account of a sweep as one line of JSON.
pub fn sweep_json(
    swept: &Swept,
    policy: &Policy,
    (applied, now, seconds, exit): RunFacts,
) -> String {
    let totals = &swept.totals;
    let mut rules: BTreeMap<u16, BTreeMap<&str, u64>> = BTreeMap::new();
    for (item, count) in swept.tally.iter() {
        let fates = rules.entry(item.rule).or_default();
        *fates.entry(item.why.name()).or_default() += count;
    }
    let rules = rules.into_iter().map(|(rule, fates)| {
        let id = policy
            .rules
            .get(usize::from(rule))
            .map_or("", |rule| &rule.id);
        let mut line = Map::new();
        line.insert("id".into(), json!(id));
        for (name, count) in fates {
            line.insert(name.into(), json!(count));
        }
        line
    });
    let receipt = totals.receipt.as_ref().and_then(|path| path.file_name());
    let line = json!({
        "type": "summary",
        "schema": 1,
        "applied": applied,
        "now": now,
        "files": totals.files,
        "changed": totals.changed,
        "incomplete": totals.incomplete,
        "excluded": totals.excluded,
        "records": swept.tally.by_fate(),
        "rules": rules.collect::<Vec<_>>(),
        "carried_over": swept.carried_over,
        "receipt": receipt.map(|name| name.to_string_lossy()),
        "exit": exit,
        "seconds": (seconds * 1000.0).round() / 1000.0,
    });
    format!("{line}\n")
}

/// Figures for the textfile collector of Prometheus.
pub fn sweep_metrics(
    swept: &Swept,
    policy: &Policy,
    (applied, now, seconds, exit): RunFacts,
) -> String {
    let totals = &swept.totals;
    let mut page = String::new();
    let mut gauge = |name: &str, help: &str, value: String| {
        // Writing to a string cannot fail.
        let _ = write!(
            page,
            "# HELP efface_sweep_{name} {help}\n# TYPE efface_sweep_{name} gauge\nefface_sweep_{name} {value}\n"
        );
    };
    gauge(
        "last_run_timestamp_seconds",
        "When the last sweep ended.",
        now.to_string(),
    );
    gauge(
        "applied",
        "Whether the last sweep changed anything, 1, or only showed it, 0.",
        u8::from(applied).to_string(),
    );
    gauge(
        "exit_code",
        "How the last sweep ended: 0 done, 3 incomplete.",
        exit.to_string(),
    );
    gauge(
        "duration_seconds",
        "How long the last sweep took.",
        format!("{seconds:.3}"),
    );
    gauge("files", "Files looked at.", totals.files.to_string());
    gauge(
        "files_changed",
        "Files changed.",
        totals.changed.to_string(),
    );
    gauge(
        "files_incomplete",
        "Files that could not be swept.",
        totals.incomplete.to_string(),
    );
    gauge(
        "carried_over",
        "Whether the budget was spent before all files were looked at.",
        u8::from(swept.carried_over).to_string(),
    );
    let mut counts: BTreeMap<(u16, &str), u64> = BTreeMap::new();
    for number in 0..policy.rules.len() {
        for fate in FATES {
            counts.insert((number as u16, fate), 0);
        }
    }
    for (item, count) in swept.tally.iter() {
        *counts.entry((item.rule, item.why.name())).or_default() += count;
    }
    page.push_str("# HELP efface_sweep_records Records by rule and what became of them.\n# TYPE efface_sweep_records gauge\n");
    for ((rule, fate), count) in counts {
        if let Some(rule) = policy.rules.get(usize::from(rule)) {
            let _ = writeln!(
                page,
                "efface_sweep_records{{rule=\"{}\",fate=\"{fate}\"}} {count}",
                rule.id
            );
        }
    }
    page
}
