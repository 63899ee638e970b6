//! The table for people: the files that hold most, the totals, what was not read, and one line on
//! coverage.
//!
//! A run may see millions of files and findings, so only the top of each list is kept, and what is
//! left out is said. It wants no places: lines and columns cost time and are for programs.

mod page;
mod places;

use std::collections::BTreeMap;
use std::io::Write;

use anstyle::{AnsiColor, Style};

use super::escape::terminal;
use super::mask::append_masked;
use super::printer::{Target, sink_error};
use super::sink::Options;
use crate::entity::Entity;
use crate::finding::Finding;
use crate::format::Reason;
use crate::scan::{FileReport, Sink, SinkError, SourcePath, Status, Summary, Wants};

/// Files listed: what one looks at before turning to a filter.
const FILES: usize = 20;

/// Files listed that were not read.
const UNREAD: usize = 20;

/// Examples kept for an entity of a file.
const EXAMPLES: usize = 3;

/// Findings of an entity of a file that are looked at for new examples.
const TRIED: u64 = 16;

/// Characters of a shown value; longer ones are cut.
const VALUE_WIDTH: usize = 40;

const ENTITIES: usize = Entity::ALL.len();

/// Styles of the parts, empty without colour.
#[derive(Clone, Copy, Default)]
struct Styles {
    path: Style,
    heading: Style,
    warning: Style,
}

/// What a table is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shows {
    /// How much there is in which file.
    Files,
    /// Where everything is.
    Places,
    /// Whether there is anything.
    Answer,
}

/// What was found in one source.
#[derive(Clone, Default)]
struct Tally {
    counts: [u64; ENTITIES],
    /// Different values of an entity as shown, in the order found.
    examples: Vec<(Entity, Vec<u8>)>,
}

struct FileRow {
    path: SourcePath,
    format: Option<&'static str>,
    findings: u64,
    tally: Tally,
}

struct UnreadRow {
    path: SourcePath,
    status: Status,
    reason: Option<Reason>,
}

/// The sink for `--format table`.
pub struct Table<W: Write> {
    out: W,
    shows: Shows,
    /// Whether the present source was named already.
    headed: bool,
    target: Target,
    styles: Styles,
    show_values: bool,
    current: Tally,
    scratch: Vec<u8>,
    /// The files with most findings, in walk order.
    rows: Vec<FileRow>,
    files_with: [u64; ENTITIES],
    found_in: u64,
    scanned: u64,
    bytes: u64,
    unread: Vec<UnreadRow>,
    unread_files: u64,
    accepted: u64,
    reasons: BTreeMap<Reason, u64>,
}

impl<W: Write> Table<W> {
    /// An empty table.
    pub fn new(out: W, options: &Options<'_>, shows: Shows) -> Self {
        let colored = |color: AnsiColor| Style::new().fg_color(Some(color.into()));
        let styles = if options.target.color {
            Styles {
                path: colored(AnsiColor::Cyan),
                heading: Style::new().bold(),
                warning: colored(AnsiColor::Yellow).bold(),
            }
        } else {
            Styles::default()
        };
        Table {
            out,
            shows,
            headed: false,
            target: options.target,
            styles,
            show_values: options.show_values,
            current: Tally::default(),
            scratch: Vec::new(),
            rows: Vec::new(),
            files_with: [0; ENTITIES],
            found_in: 0,
            scanned: 0,
            bytes: 0,
            unread: Vec::new(),
            unread_files: 0,
            accepted: 0,
            reasons: BTreeMap::new(),
        }
    }

    /// Keeps the value as an example when it is new and there is room.
    fn example(&mut self, finding: &Finding) {
        if finding.entity.is_special() && !self.show_values {
            return;
        }
        self.scratch.clear();
        match &finding.value {
            Some(value) if self.show_values => self.shown_value(&value.0),
            _ => append_masked(&mut self.scratch, finding.entity, &finding.canonical),
        }
        let mut known = 0;
        for (entity, example) in &self.current.examples {
            if *entity == finding.entity {
                if *example == self.scratch {
                    return;
                }
                known += 1;
            }
        }
        if known < EXAMPLES {
            self.current
                .examples
                .push((finding.entity, self.scratch.clone()));
        }
    }

    /// A value on one line, wherever it goes: it is an example here, and not the record of it.
    fn shown_value(&mut self, value: &[u8]) {
        let cut = match std::str::from_utf8(value) {
            Ok(text) => text.char_indices().nth(VALUE_WIDTH).map(|(at, _)| at),
            Err(_) => (value.len() > VALUE_WIDTH).then_some(VALUE_WIDTH),
        };
        terminal(&mut self.scratch, &value[..cut.unwrap_or(value.len())]);
        if cut.is_some() {
            self.scratch.extend_from_slice("…".as_bytes());
        }
    }

    /// Keeps the source when it is among those with most findings; the earlier wins a tie.
    fn keep(&mut self, report: &FileReport, findings: u64) {
        if self.rows.len() == FILES {
            let least = self.rows.iter().map(|row| row.findings).min();
            if least.is_some_and(|least| findings <= least) {
                return;
            }
            let last_least = self
                .rows
                .iter()
                .rposition(|row| Some(row.findings) == least);
            if let Some(at) = last_least {
                self.rows.remove(at);
            }
        }
        self.rows.push(FileRow {
            path: report.path.clone(),
            format: report.format,
            findings,
            tally: std::mem::take(&mut self.current),
        });
    }
}

impl<W: Write + Send> Sink for Table<W> {
    fn wants(&self) -> Wants {
        Wants {
            places: self.shows == Shows::Places,
            values: self.show_values,
            times: false,
            first: (self.shows != Shows::Places).then_some(TRIED),
        }
    }

    fn findings(&mut self, path: &SourcePath, findings: &[Finding]) -> Result<(), SinkError> {
        self.list(path, findings)?;
        for finding in findings {
            let count = &mut self.current.counts[finding.entity as usize];
            *count += 1;
            if *count <= TRIED {
                self.example(finding);
            }
        }
        Ok(())
    }

    fn file(&mut self, report: &FileReport) -> Result<(), SinkError> {
        self.headed = false;
        self.bytes += report.bytes;
        if report.status == Status::Scanned {
            self.scanned += 1;
        } else if report.accepted {
            self.accepted += 1;
        } else {
            self.unread_files += 1;
            if let Some(reason) = report.reason {
                *self.reasons.entry(reason).or_default() += 1;
            }
            if self.unread.len() < UNREAD {
                self.unread.push(UnreadRow {
                    path: report.path.clone(),
                    status: report.status,
                    reason: report.reason,
                });
            }
        }
        for (entity, more) in &report.more {
            self.current.counts[*entity as usize] += more;
        }
        let mut findings = 0;
        for (entity, count) in counted(&self.current.counts) {
            self.files_with[entity as usize] += 1;
            findings += count;
        }
        if findings > 0 {
            self.found_in += 1;
            self.keep(report, findings);
            self.current.counts = [0; ENTITIES];
            self.current.examples.clear();
        }
        Ok(())
    }

    fn summary(&mut self, summary: &Summary) -> Result<(), SinkError> {
        let page = self.page(summary);
        self.out
            .write_all(&page)
            .and_then(|()| self.out.flush())
            .map_err(sink_error)
    }
}

fn counted(counts: &[u64; ENTITIES]) -> impl Iterator<Item = (Entity, u64)> {
    let all = Entity::ALL.iter().copied().zip(counts.iter().copied());
    all.filter(|(_, count)| *count > 0)
}
