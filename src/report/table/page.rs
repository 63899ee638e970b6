//! How the table is laid out once all is counted.

use std::io::Write;

use super::{Shows, Table, counted};
use crate::report::escape::terminal;
use crate::report::jsonl::path_bytes;
use crate::report::printer::Target;
use crate::scan::{SourcePath, Summary};

/// Columns of one table of counts.
#[derive(Clone, Copy)]
struct Widths {
    name: usize,
    count: usize,
}

impl<W: Write> Table<W> {
    /// The whole table.
    pub(super) fn page(&self, summary: &Summary) -> Vec<u8> {
        let mut page = Vec::new();
        if self.shows == Shows::Answer {
            let any = !summary.findings.is_empty();
            page.extend_from_slice(if any { b"yes\n\n" } else { b"no\n\n" });
        } else if !summary.findings.is_empty() {
            let names = summary.findings.iter().map(|(e, _)| e.name().len());
            let counts = summary.findings.iter().map(|(_, n)| n.to_string().len());
            let widths = Widths {
                name: names.max().unwrap_or(0).max("TOTAL".len()),
                count: counts.max().unwrap_or(0).max("FOUND".len()),
            };
            if self.shows == Shows::Files {
                self.files(&mut page, widths);
            } else {
                page.push(b'\n');
            }
            self.totals(&mut page, summary, widths);
        }
        self.unread(&mut page);
        self.coverage(&mut page, summary);
        page
    }

    pub(super) fn path(&self, page: &mut Vec<u8>, path: &SourcePath) {
        let style = self.styles.path;
        put(page, format_args!("{style}"));
        untrusted(page, &path_bytes(path), self.target);
        put(page, format_args!("{style:#}"));
    }

    /// A block for each file kept: the path, then a line for each entity with examples.
    fn files(&self, page: &mut Vec<u8>, Widths { name, count }: Widths) {
        let mut rows: Vec<_> = self.rows.iter().collect();
        rows.sort_by_key(|row| std::cmp::Reverse(row.findings));
        for row in &rows {
            self.path(page, &row.path);
            if let Some(format) = row.format {
                put(page, format_args!("  {format}"));
            }
            page.push(b'\n');
            for (entity, found) in counted(&row.tally.counts) {
                let start = page.len();
                put(
                    page,
                    format_args!("  {:name$}  {found:>count$}", entity.name()),
                );
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
        let more = self.found_in - rows.len() as u64;
        if more > 0 {
            let more = plural(more, "more file");
            let hint = "--format jsonl lists every finding";
            put(page, format_args!("... and {more} with fewer; {hint}\n\n"));
        }
    }

    /// A line for each entity over all files.
    fn totals(&self, page: &mut Vec<u8>, summary: &Summary, Widths { name, count }: Widths) {
        let style = self.styles.heading;
        let name = name + 2;
        let (total, found) = ("TOTAL", "FOUND");
        put(
            page,
            format_args!("{style}{total:name$}  {found:>count$}  FILES{style:#}\n"),
        );
        for (entity, found) in &summary.findings {
            let files = self.files_with[*entity as usize];
            let entity = format!("  {entity}");
            put(
                page,
                format_args!("{entity:name$}  {found:>count$}  {files:>5}\n"),
            );
        }
        page.push(b'\n');
    }

    /// The sources that were not wholly read, so that nobody takes them for clean (R5).
    fn unread(&self, page: &mut Vec<u8>) {
        if self.unread_files == 0 {
            return;
        }
        let style = self.styles.warning;
        put(
            page,
            format_args!("{style}NOT WHOLLY READ{style:#}, so not known to be clean\n"),
        );
        for row in &self.unread {
            page.extend_from_slice(b"  ");
            self.path(page, &row.path);
            put(page, format_args!("  {}", row.status.name()));
            if let Some(reason) = row.reason {
                put(page, format_args!(", {}", reason.name()));
            }
            page.push(b'\n');
        }
        let more = self.unread_files - self.unread.len() as u64;
        if more > 0 {
            put(
                page,
                format_args!("  ... and {more} more; --format jsonl lists every file\n"),
            );
        }
        page.push(b'\n');
    }

    /// What was found, what was read, and what was not and why, a line each.
    fn coverage(&self, page: &mut Vec<u8>, summary: &Summary) {
        let found: u64 = summary.findings.iter().map(|(_, count)| count).sum();
        if found == 0 {
            put(page, format_args!("nothing found\n"));
        } else {
            let files = plural(self.found_in, "file");
            put(page, format_args!("found {found} in {files}\n"));
        }
        // Files of which an index knew enough were not told of by themselves.
        let told = self.scanned + self.accepted + self.unread_files;
        let known = summary.files.saturating_sub(told);
        put(
            page,
            format_args!(
                "scanned {} of {}, {} of {}, in {:.2} s\n",
                self.scanned + known,
                plural(summary.files, "file"),
                size(summary.bytes),
                size(self.bytes.max(summary.bytes)),
                summary.seconds
            ),
        );
        let mut rest = Vec::new();
        if self.unread_files > 0 {
            let reasons: Vec<String> = self
                .reasons
                .iter()
                .map(|(reason, files)| format!("{files} {}", reason.name()))
                .collect();
            rest.push(format!("not wholly read: {}", reasons.join(", ")));
        }
        if self.accepted > 0 {
            rest.push(format!("{} unread and accepted", self.accepted));
        }
        if summary.excluded > 0 {
            rest.push(format!("{} excluded", summary.excluded));
        }
        if summary.allowed > 0 {
            rest.push(format!("{} values allowed", summary.allowed));
        }
        if summary.interrupted {
            rest.push("interrupted, so the rest was not looked at".to_owned());
        }
        if !rest.is_empty() {
            put(page, format_args!("{}\n", rest.join("; ")));
        }
    }
}

/// Appends text from outside: escaped for a terminal, exact otherwise.
pub(super) fn untrusted(page: &mut Vec<u8>, text: &[u8], target: Target) {
    if target.terminal {
        terminal(page, text);
    } else {
        page.extend_from_slice(text);
    }
}

/// Appends formatted text; a vector takes whatever it is given.
pub(super) fn put(page: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    let _ = page.write_fmt(text);
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
