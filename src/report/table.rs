//! The table for people: the files that hold most, the totals, what was not read, and one line on
//! coverage.
//!
//! A run may see millions of files and findings, so only the top of each list is kept, and what is
//! left out is said. It wants no places: lines and columns cost time and are for programs.

use std::collections::BTreeMap;
use std::io::Write;

use anstyle::{AnsiColor, Style};

use super::escape::terminal;
use super::jsonl::path_bytes;
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
    pub fn new(out: W, options: &Options<'_>) -> Self {
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

    fn shown_value(&mut self, value: &[u8]) {
        let cut = match std::str::from_utf8(value) {
            Ok(text) => text.char_indices().nth(VALUE_WIDTH).map(|(at, _)| at),
            Err(_) => (value.len() > VALUE_WIDTH).then_some(VALUE_WIDTH),
        };
        untrusted(
            &mut self.scratch,
            &value[..cut.unwrap_or(value.len())],
            self.target,
        );
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

    fn path(&self, page: &mut Vec<u8>, path: &SourcePath) {
        put(page, format_args!("{}", self.styles.path));
        untrusted(page, &path_bytes(path), self.target);
        put(page, format_args!("{:#}", self.styles.path));
    }

    fn file_rows(&mut self, page: &mut Vec<u8>, name_width: usize, count_width: usize) {
        let mut rows = std::mem::take(&mut self.rows);
        rows.sort_by_key(|row| std::cmp::Reverse(row.findings));
        for row in &rows {
            self.path(page, &row.path);
            if let Some(format) = row.format {
                put(page, format_args!("  {format}"));
            }
            page.push(b'\n');
            for (entity, count) in counted(&row.tally.counts) {
                let start = page.len();
                let line = format!("  {:name_width$}  {count:>count_width$}", entity.name());
                page.extend_from_slice(line.as_bytes());
                let examples = row.tally.examples.iter().filter(|(of, _)| *of == entity);
                for (i, (_, example)) in examples.enumerate() {
                    let used = columns(&page[start..]);
                    if i > 0 && used + 2 + columns(example) > self.target.width {
                        break;
                    }
                    page.extend_from_slice(b"  ");
                    page.extend_from_slice(example);
                }
                page.push(b'\n');
            }
            page.push(b'\n');
        }
        let more_files = self.found_in - rows.len() as u64;
        if more_files > 0 {
            let line = format!(
                "... and {} with fewer; --format jsonl lists every finding\n\n",
                plural(more_files, "more file")
            );
            page.extend_from_slice(line.as_bytes());
        }
    }

    fn totals(&self, page: &mut Vec<u8>, summary: &Summary, name_width: usize, width: usize) {
        let style = self.styles.heading;
        let heading = format!(
            "{style}  {:name_width$}  {:>width$}  FILES{style:#}\n",
            "TOTAL", "FOUND"
        );
        page.extend_from_slice(heading.as_bytes());
        for (entity, count) in &summary.findings {
            let files = self.files_with[*entity as usize];
            let line = format!(
                "  {:name_width$}  {count:>width$}  {files:>5}\n",
                entity.name()
            );
            page.extend_from_slice(line.as_bytes());
        }
        page.push(b'\n');
    }

    fn unread_rows(&self, page: &mut Vec<u8>) {
        if self.unread_files == 0 {
            return;
        }
        let style = self.styles.warning;
        let heading = format!("{style}NOT WHOLLY READ{style:#}, so not known to be clean\n");
        page.extend_from_slice(heading.as_bytes());
        for row in &self.unread {
            page.extend_from_slice(b"  ");
            self.path(page, &row.path);
            let reason = row
                .reason
                .map_or(String::new(), |r| format!(", {}", r.name()));
            put(page, format_args!("  {}{reason}\n", row.status.name()));
        }
        let more = self.unread_files - self.unread.len() as u64;
        if more > 0 {
            let line = format!("  ... and {more} more; --format jsonl lists every file\n");
            page.extend_from_slice(line.as_bytes());
        }
        page.push(b'\n');
    }

    /// What was found, and on a second line what was read, what was not, and why.
    fn coverage(&self, summary: &Summary) -> String {
        let found: u64 = summary.findings.iter().map(|(_, count)| count).sum();
        let result = if found == 0 {
            "nothing found".to_owned()
        } else {
            format!("found {found} in {}", plural(self.found_in, "file"))
        };
        let mut parts = vec![format!(
            "scanned {} of {}, {} of {}, in {:.2} s",
            self.scanned,
            plural(summary.files, "file"),
            size(summary.bytes),
            size(self.bytes),
            summary.seconds
        )];
        if self.unread_files > 0 {
            let reasons: Vec<String> = self
                .reasons
                .iter()
                .map(|(reason, files)| format!("{files} {}", reason.name()))
                .collect();
            parts.push(format!("not wholly read: {}", reasons.join(", ")));
        }
        if self.accepted > 0 {
            parts.push(format!("{} unread and accepted", self.accepted));
        }
        if summary.excluded > 0 {
            parts.push(format!("{} excluded", summary.excluded));
        }
        if summary.interrupted {
            parts.push("interrupted, so the rest was not looked at".to_owned());
        }
        format!("{result}\n{}\n", parts.join("; "))
    }
}

impl<W: Write + Send> Sink for Table<W> {
    fn wants(&self) -> Wants {
        Wants {
            places: false,
            values: self.show_values,
        }
    }

    fn findings(&mut self, _path: &SourcePath, findings: &[Finding]) -> Result<(), SinkError> {
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
        let mut page = Vec::new();
        if !summary.findings.is_empty() {
            let names = summary.findings.iter().map(|(e, _)| e.name().len());
            let counts = summary.findings.iter().map(|(_, n)| n.to_string().len());
            let name_width = names.max().unwrap_or(0).max("TOTAL".len());
            let count_width = counts.max().unwrap_or(0).max("FOUND".len());
            self.file_rows(&mut page, name_width, count_width);
            self.totals(&mut page, summary, name_width, count_width);
        }
        self.unread_rows(&mut page);
        page.extend_from_slice(self.coverage(summary).as_bytes());
        self.out
            .write_all(&page)
            .and_then(|()| self.out.flush())
            .map_err(sink_error)
    }
}

/// Appends text from outside: escaped for a terminal, exact otherwise.
fn untrusted(page: &mut Vec<u8>, text: &[u8], target: Target) {
    if target.terminal {
        terminal(page, text);
    } else {
        page.extend_from_slice(text);
    }
}

/// Appends formatted text; a vector takes whatever it is given.
fn put(page: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    let _ = page.write_fmt(text);
}

fn counted(counts: &[u64; ENTITIES]) -> impl Iterator<Item = (Entity, u64)> {
    let all = Entity::ALL.iter().copied().zip(counts.iter().copied());
    all.filter(|(_, count)| *count > 0)
}

/// Characters, which is as good as columns for masked values.
fn columns(text: &[u8]) -> usize {
    text.iter().filter(|b| **b & 0xc0 != 0x80).count()
}

fn plural(count: u64, noun: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{s}")
}

/// A size in decimal units with three digits.
fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let mut scaled = bytes as f64 / 1000.0;
    let mut unit = 0;
    while scaled >= 999.95 && unit + 1 < UNITS.len() {
        scaled /= 1000.0;
        unit += 1;
    }
    format!("{scaled:.1} {}", UNITS[unit])
}
