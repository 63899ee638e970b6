//! `efface find --by-client`: whose clients hold data of a person, and none of it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

use super::args::When;
use super::exit::ExitStatus;
use super::misuse::Misuse;
use super::progress::{Bar, Cleared, stop_on_interrupt};
use super::{print, sink_failed};
use crate::finding::Finding;
use crate::report::{Printer, Shown};
use crate::scan::records::each_records;
use crate::scan::{
    FileReport, Progress, ScanError, ScanPlan, Sink, SinkError, SourcePath, Summary, Wants,
};
use crate::subject::Sources;

/// Records of one file by which clients are told; of more, the file is told as a whole.
const RECORDS: usize = 100_000;

/// What a client holds.
#[derive(Default)]
struct Held {
    files: u64,
    findings: u64,
}

/// Counts findings by client.
struct Clients<'a> {
    sources: &'a Sources,
    held: BTreeMap<String, Held>,
    /// Records with findings in the present file.
    records: HashMap<u64, u64>,
    more: u64,
}

/// What stands for data of which no client is named.
const NOBODY: &str = "(no client named)";

impl Clients<'_> {
    fn add(&mut self, client: &str, findings: u64) {
        let held = self.held.entry(client.to_owned()).or_default();
        held.files += 1;
        held.findings += findings;
    }

    /// Counts the present file's records by what they say of their client.
    fn by_field(&mut self, path: &Path, field: &str, fallback: &str) {
        let mut by: BTreeMap<String, u64> = BTreeMap::new();
        let mut seen = HashSet::new();
        // What cannot be read again was told as unread by the search.
        let _ = each_records(path, |records| {
            for record in records {
                let Some((number, findings)) = record
                    .number
                    .and_then(|number| Some((number, *self.records.get(&number)?)))
                else {
                    continue;
                };
                let fields = record.fields();
                let client = fields.iter().find(|one| {
                    let last = one.name.rsplit(['.', '/']).next().unwrap_or(&one.name);
                    one.name.eq_ignore_ascii_case(field) || last.eq_ignore_ascii_case(field)
                });
                let client = client
                    .map(|one| one.value.trim())
                    .filter(|client| !client.is_empty());
                *by.entry(client.unwrap_or(fallback).to_owned()).or_default() += findings;
                seen.insert(number);
            }
        });
        let rest: u64 = self
            .records
            .iter()
            .filter(|(number, _)| !seen.contains(*number))
            .map(|(_, count)| count)
            .sum();
        let rest = rest + self.more;
        if rest > 0 {
            *by.entry(fallback.to_owned()).or_default() += rest;
        }
        for (client, findings) in by {
            self.add(&client, findings);
        }
    }
}

impl Sink for Clients<'_> {
    fn wants(&self) -> Wants {
        Wants {
            places: true,
            values: false,
            times: false,
            first: None,
        }
    }

    fn findings(&mut self, _path: &SourcePath, findings: &[Finding]) -> Result<(), SinkError> {
        for finding in findings {
            match finding.record {
                Some(record) if self.records.len() < RECORDS => {
                    *self.records.entry(record).or_default() += 1
                }
                _ => self.more += 1,
            }
        }
        Ok(())
    }

    fn file(&mut self, report: &FileReport) -> Result<(), SinkError> {
        if report.findings > 0 {
            let sources = self.sources;
            let about = sources.of(&report.path.file);
            let client = about
                .and_then(|about| about.client.as_deref())
                .unwrap_or(NOBODY);
            match about.and_then(|about| about.client_field.as_deref()) {
                Some(field) => self.by_field(&report.path.file, field, client),
                None => self.add(client, report.findings),
            }
        }
        self.records.clear();
        self.more = 0;
        Ok(())
    }

    fn summary(&mut self, _summary: &Summary) -> Result<(), SinkError> {
        Ok(())
    }
}

/// A sink that is still there when the run is over.
struct Lent<'s, 'a>(&'s mut Clients<'a>);

impl Sink for Lent<'_, '_> {
    fn wants(&self) -> Wants {
        self.0.wants()
    }

    fn findings(&mut self, path: &SourcePath, findings: &[Finding]) -> Result<(), SinkError> {
        self.0.findings(path, findings)
    }

    fn file(&mut self, report: &FileReport) -> Result<(), SinkError> {
        self.0.file(report)
    }

    fn summary(&mut self, summary: &Summary) -> Result<(), SinkError> {
        self.0.summary(summary)
    }
}

/// Counts and lists; gives the number of findings and how the command ends.
pub(super) fn run(
    plan: &ScanPlan,
    sources: &Sources,
    (show, quiet): (When, bool),
    printer: Printer,
) -> Result<(Option<u64>, ExitStatus), Misuse> {
    let mut clients = Clients {
        sources,
        held: BTreeMap::new(),
        records: HashMap::new(),
        more: 0,
    };
    let progress = Arc::new(Progress::default());
    stop_on_interrupt(&progress);
    let bar = Bar::when(show, !quiet && printer.messages_seen(), &progress, printer);
    let outcome = crate::scan::run(
        plan,
        &mut Cleared {
            sink: Box::new(Lent(&mut clients)),
            bar: &bar,
        },
        &progress,
    );
    bar.clear();
    let summary = match outcome {
        Ok(summary) => summary,
        Err(ScanError::Output(error)) => return Ok((None, sink_failed(printer, &error))),
        Err(error) => return Err(Misuse::told(&error)),
    };
    let mut text = String::new();
    for (client, held) in &clients.held {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{}  {} findings in {} files",
            Shown::text(client),
            held.findings,
            held.files
        );
    }
    let _ = writeln!(
        text,
        "{} files read, {} of them not whole",
        summary.files, summary.incomplete
    );
    let found = clients.held.values().map(|held| held.findings).sum();
    let status = match print(printer, text.as_bytes()) {
        ExitStatus::Done => ExitStatus::of_find(&summary),
        failed => failed,
    };
    Ok((Some(found), status))
}
