//! The certificate of an erasure: what went, what stayed and why, what was not touched, and whom to
//! tell. It is handed on, so it names no person, and paths are shown without what is personal in
//! them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};

use super::labelled::Labeller;
use crate::redact::beside::beside;
use crate::redact::derive::{Count, add_count};
use crate::redact::files::{Fate, FileDone, Told, Totals};
use crate::redact::operator::Operator;
use crate::scan::SinkError;
use crate::subject::Sources;

/// Lines kept of each list; a longer one ends with how many there are more.
const LISTED: usize = 10_000;

/// A list that says how many it leaves out.
#[derive(Default)]
struct List {
    lines: Vec<String>,
    more: u64,
}

impl List {
    fn add(&mut self, line: String) {
        if self.lines.len() < LISTED {
            self.lines.push(line);
        } else {
            self.more += 1;
        }
    }

    fn put(&self, out: &mut String, heading: &str, none: &str) {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "\n{heading}\n");
        if self.lines.is_empty() {
            let _ = writeln!(out, "- {none}");
        }
        for line in &self.lines {
            let _ = writeln!(out, "- {line}");
        }
        if self.more > 0 {
            let _ = writeln!(out, "- ... and {} more", self.more);
        }
    }
}

/// What a certificate tells, gathered while a run goes on.
pub struct Certificate<'a> {
    labeller: Labeller<'a>,
    sources: &'a Sources,
    removed: List,
    stayed: List,
    remnants: List,
    /// Copies beside changed files, until it is known which of them the run took in.
    beside: BTreeSet<PathBuf>,
    /// Files that the run read, of those that a copy could be.
    read: BTreeSet<PathBuf>,
    notify: BTreeMap<String, u64>,
    counts: Vec<Count>,
}

impl<'a> Certificate<'a> {
    /// An empty one.
    pub fn new(labeller: Labeller<'a>, sources: &'a Sources) -> Self {
        Certificate {
            labeller,
            sources,
            removed: List::default(),
            stayed: List::default(),
            remnants: List::default(),
            beside: BTreeSet::new(),
            read: BTreeSet::new(),
            notify: BTreeMap::new(),
            counts: Vec::new(),
        }
    }

    fn name(&self, path: &Path) -> String {
        self.labeller.of(&super::Shown::path(path).to_string())
    }

    fn take(&mut self, done: &FileDone) {
        let name = self.name(&done.path);
        if matches!(done.fate, Fate::Done(_) | Fate::Unchanged)
            && done.unread.is_none()
            && self.read.len() < LISTED
        {
            self.read.insert(done.path.clone());
        }
        match done.fate {
            Fate::Done(_) => {
                let values: u64 = done.counts.iter().map(|count| count.values).sum();
                self.removed.add(format!(
                    "{name}: {} records removed, {values} values in all",
                    done.records
                ));
                for count in &done.counts {
                    add_count(&mut self.counts, *count);
                }
                if !done.remnants.is_empty() {
                    self.remnants.add(format!(
                        "{name}: old bytes may remain ({})",
                        done.remnants.join(", ")
                    ));
                }
                if self.beside.len() < LISTED {
                    self.beside.extend(beside(&done.path));
                }
                for recipient in self
                    .sources
                    .of(&done.path)
                    .iter()
                    .flat_map(|about| &about.recipients)
                {
                    *self.notify.entry(recipient.clone()).or_default() += 1;
                }
            }
            Fate::Unread(reason) => self
                .stayed
                .add(format!("{name}: not read whole ({})", reason.name())),
            Fate::NotDone(failure) => self.stayed.add(format!("{name}: {failure}")),
            Fate::Unchanged | Fate::Would => {}
        }
        if let Some(reason) = done
            .unread
            .filter(|_| !matches!(done.fate, Fate::Unread(_)))
        {
            self.stayed
                .add(format!("{name}: parts not read ({})", reason.name()));
        }
        for (id, values) in &done.held {
            self.stayed.add(format!(
                "{name}: {values} values kept by the hold or duty {id}"
            ));
        }
        if done.partner.is_some() {
            self.stayed
                .add(format!("{name}: its recording was not among the files"));
        }
        if let Some(refusal) = done.refusal {
            self.stayed.add(format!(
                "{name}: {} values could not be changed: {refusal}",
                done.refused
            ));
        }
    }

    /// The text, once the run is over: `tags` are those of the identifiers, `when` its time.
    pub fn text(self, totals: &Totals, tags: &[String], case: Option<&str>, when: &str) -> String {
        let mut out = String::new();
        // Writing to a string cannot fail.
        let _ = writeln!(out, "Certificate of erasure\n");
        let _ = writeln!(
            out,
            "Made by efface {} at {when}.",
            env!("CARGO_PKG_VERSION")
        );
        if let Some(case) = case {
            let _ = writeln!(out, "Case: {}", super::Shown::text(case));
        }
        let _ = writeln!(
            out,
            "Subject: {} identifiers, known here by keyed tags only",
            tags.len()
        );
        for tag in tags {
            let _ = writeln!(out, "- {tag}");
        }
        let receipt = totals.receipt.as_deref().and_then(Path::file_name);
        if let Some(receipt) = receipt {
            let _ = writeln!(out, "Receipt: {}", receipt.display());
        }
        let whole = totals.incomplete == 0 && !totals.interrupted && !totals.unfinished;
        let _ = writeln!(
            out,
            "Result: {}; {} files read, {} changed, {} records removed",
            if whole {
                "complete"
            } else {
                "NOT COMPLETE, see what stayed"
            },
            totals.files,
            totals.changed,
            totals.records
        );
        for count in &self.counts {
            let how = count.operator.map_or("with its record", Operator::name);
            let _ = writeln!(out, "- {}: {} ({how})", count.entity, count.values);
        }
        if totals.interrupted {
            let _ = writeln!(out, "The run was interrupted; the rest was not looked at.");
        }
        self.removed.put(&mut out, "What was removed", "nothing");
        self.stayed
            .put(&mut out, "What stayed, and why", "nothing that was read");
        self.remnants.put(
            &mut out,
            "Where old bytes may remain",
            "nowhere that is known",
        );
        let mut copies = List::default();
        for copy in self.beside.difference(&self.read) {
            copies.add(self.name(copy));
        }
        copies.put(
            &mut out,
            "Copies beside changed files that were not touched",
            "none by their names; backups and snapshots elsewhere are not known here",
        );
        let mut notify = List::default();
        for (recipient, files) in &self.notify {
            notify.add(format!(
                "{} (got data of {files} changed files)",
                super::Shown::text(recipient)
            ));
        }
        notify.put(
            &mut out,
            "Whom to notify",
            "nobody is named as a recipient in the policy",
        );
        out
    }
}

/// A report that a certificate is gathered beside.
pub struct Certified<'c, 'a, T> {
    /// Where the account of the run goes.
    pub report: T,
    /// What gathers.
    pub certificate: Option<&'c mut Certificate<'a>>,
}

impl<T: Told> Told for Certified<'_, '_, T> {
    fn file(&mut self, done: &FileDone) -> Result<(), SinkError> {
        if let Some(certificate) = &mut self.certificate {
            certificate.take(done);
        }
        self.report.file(done)
    }

    fn totals(&mut self, totals: &Totals) -> Result<(), SinkError> {
        self.report.totals(totals)
    }
}
