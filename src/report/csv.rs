//! A table for spreadsheets: a row per finding, and a row per source that was not wholly read.
//!
//! The columns are the fields of the JSON lines, in that order. Quoting follows RFC 4180, records
//! end in CR LF. A text cell that a spreadsheet would take for a formula (it starts with `=`, `+`,
//! `-`, `@`, a tab or a line end, or with their full-width forms) gets one apostrophe in front; so
//! does one that starts with an apostrophe, which makes dropping one leading apostrophe the way
//! back. Lists are joined by blanks, the ends of a part by `-`. What is not UTF-8 is the JSON text
//! `{"bytes":"<base64>"}`.

use std::io::Write;

use super::escape::json;
use super::jsonl::{BATCH, FIXED, ROOM, canonical_text, fraction, number, path_bytes};
use super::known::{Starts, Traits};
use super::mask::{Quick, append_masked};
use super::printer::sink_error;
use super::sheet::{Counter, Digits, EIGHT, Sheet};
use super::sink::Options;
use crate::finding::{Confidence, Evidence, Finding};
use crate::scan::{FileReport, Sink, SinkError, SourcePath, Status, Summary, Wants};
use crate::view::Party;

const COLUMNS: &str = "type,path,entity,start,end,parts,via,group,line,column,record,field,party,\
                       confidence,evidence,masked";
const VALUE_COLUMNS: &str = ",value,canonical";
const FILE_COLUMNS: &str = ",format,status,reason,bytes,bytes_scanned,findings\r\n";

/// Empty cells between the path and the file columns, without and with values.
const NO_FINDING: usize = 14;

/// The sink for `--format csv`.
pub struct Csv<W: Write> {
    out: W,
    sheet: Sheet,
    /// For what is rendered seldom.
    scratch: Vec<u8>,
    eager: bool,
    show_values: bool,
    starts: Starts,
    traits: Traits,
    counters: [Counter; 3],
}

impl<W: Write> Csv<W> {
    /// A sink that starts with the header row.
    pub fn new(out: W, options: &Options<'_>) -> Self {
        let mut sheet = Sheet::with_room(BATCH + ROOM);
        sheet.any(COLUMNS.as_bytes());
        if options.show_values {
            sheet.any(VALUE_COLUMNS.as_bytes());
        }
        sheet.any(FILE_COLUMNS.as_bytes());
        Csv {
            out,
            sheet,
            scratch: Vec::new(),
            eager: options.target.terminal,
            show_values: options.show_values,
            starts: Starts::default(),
            traits: Traits::default(),
            counters: Default::default(),
        }
    }

    fn write_out(&mut self) -> Result<(), SinkError> {
        self.out
            .write_all(self.sheet.written())
            .map_err(sink_error)?;
        self.sheet.clear();
        if self.eager {
            self.out.flush().map_err(sink_error)?;
        }
        Ok(())
    }

    fn finding(&mut self, finding: &Finding) {
        let start = self.starts.of(finding, start);
        let traits = self.traits.of(finding, traits);
        let [group, row, record] = &mut self.counters;
        // What is not common is rendered first, so that the room the row needs is known.
        let rare = &mut self.scratch;
        rare.clear();
        let simple = finding.parts.is_none() && finding.via.is_empty();
        if !simple {
            parts(rare, finding);
        }
        let masked = rare.len();
        let quick = Quick::of(finding).filter(|_| !self.show_values);
        if quick.is_none() {
            masked_cell(rare, finding);
            if self.show_values {
                values(rare, finding);
            }
        }
        let (parts, rest) = rare.split_at(masked);
        let room = FIXED + start.room() + traits.room() + rare.len();
        self.sheet.line(room, |out| {
            out.piece(start);
            let (from, to) = (finding.span.start, finding.span.end);
            if simple && to < EIGHT {
                let (from, to) = (Digits::of(from), Digits::of(to));
                out.digits(from);
                out.labelled(b",", to);
                out.labelled(b",", from);
                out.labelled(b"-", to);
                out.text(b",");
            } else {
                out.number(from);
                out.text(b",");
                out.number(to);
                out.text(b",");
                if simple {
                    out.number(from);
                    out.text(b"-");
                    out.number(to);
                    out.text(b",");
                }
                out.any(parts);
            }
            group.put(out, b",", u64::from(finding.group));
            if finding.has_line() {
                row.put(out, b",", finding.line);
                out.text(b",");
                out.number(finding.column);
            } else {
                out.text(b",,");
            }
            match finding.record {
                Some(number) => record.put(out, b",", number),
                None => out.text(b","),
            }
            out.piece(traits);
            match quick {
                Some(quick) => {
                    if matches!(quick, Quick::Phone(Some(_), ..)) {
                        out.text(b"'");
                    }
                    quick.put(out);
                }
                None => out.any(rest),
            }
            out.text(b",,,,,,\r\n");
        });
    }
}

impl<W: Write + Send> Sink for Csv<W> {
    fn wants(&self) -> Wants {
        Wants {
            places: true,
            values: self.show_values,
            times: false,
            first: None,
        }
    }

    fn findings(&mut self, path: &SourcePath, findings: &[Finding]) -> Result<(), SinkError> {
        self.starts.enter(path);
        for finding in findings {
            self.finding(finding);
            if self.sheet.len() >= BATCH {
                self.write_out()?;
            }
        }
        if self.eager { self.write_out() } else { Ok(()) }
    }

    fn file(&mut self, report: &FileReport) -> Result<(), SinkError> {
        if report.status == Status::Scanned {
            return Ok(());
        }
        let out = &mut self.scratch;
        out.clear();
        out.extend_from_slice(b"file,");
        cell(out, &path_bytes(&report.path));
        let empty = NO_FINDING + if self.show_values { 2 } else { 0 };
        out.resize(out.len() + empty + 1, b',');
        if let Some(format) = report.format {
            cell(out, format.as_bytes());
        }
        out.push(b',');
        out.extend_from_slice(report.status.name().as_bytes());
        out.push(b',');
        if let Some(reason) = report.reason {
            cell(out, reason.name().as_bytes());
        }
        for count in [report.bytes, report.bytes_scanned, report.findings] {
            out.push(b',');
            number(out, count);
        }
        out.extend_from_slice(b"\r\n");
        self.sheet.any(out);
        if self.eager || self.sheet.len() >= BATCH {
            self.write_out()?;
        }
        Ok(())
    }

    fn summary(&mut self, _summary: &Summary) -> Result<(), SinkError> {
        self.write_out()?;
        self.out.flush().map_err(sink_error)
    }
}

/// Appends words that need no quoting.
fn words<'a>(out: &mut Vec<u8>, words: impl Iterator<Item = &'a str>) {
    for (i, word) in words.enumerate() {
        if i > 0 {
            out.push(b' ');
        }
        out.extend_from_slice(word.as_bytes());
    }
}

/// Appends the cells of confidence and evidence, up to where the masked value starts.
fn grounds(out: &mut Vec<u8>, confidence: Confidence, evidence: Evidence) {
    fraction(out, confidence);
    out.push(b',');
    words(out, evidence.names());
    out.push(b',');
}

/// Appends the masked value, which never needs quotes and may need the guard.
fn masked_cell(out: &mut Vec<u8>, finding: &Finding) {
    let start = out.len();
    append_masked(out, finding.entity, &finding.canonical);
    if matches!(out.get(start), Some(b'+' | b'@')) {
        out.insert(start, b'\'');
    }
}

/// Appends a finding's row up to where it starts in the source.
fn start(out: &mut Vec<u8>, path: &SourcePath, finding: &Finding) {
    out.extend_from_slice(b"finding,");
    cell(out, &path_bytes(path));
    out.push(b',');
    out.extend_from_slice(finding.entity.name().as_bytes());
    out.push(b',');
}

/// Appends the cells of parts and decodings.
fn parts(out: &mut Vec<u8>, finding: &Finding) {
    let whole = [finding.span.clone()];
    let parts = finding.parts.as_deref().unwrap_or(&whole);
    for (i, part) in parts.iter().enumerate() {
        if i > 0 {
            out.push(b' ');
        }
        number(out, part.start);
        out.push(b'-');
        number(out, part.end);
    }
    out.push(b',');
    words(out, finding.via.iter().copied());
}

/// Appends the cells of field, party, confidence and evidence.
fn traits(out: &mut Vec<u8>, finding: &Finding) {
    field(out, finding.field.as_deref(), finding.party);
    grounds(out, finding.confidence, finding.evidence);
}

/// Appends the cells of field and party.
fn field(out: &mut Vec<u8>, field: Option<&str>, party: Option<Party>) {
    out.push(b',');
    if let Some(field) = field {
        cell(out, field.as_bytes());
    }
    out.push(b',');
    if let Some(party) = party {
        out.extend_from_slice(party.name().as_bytes());
    }
    out.push(b',');
}

/// Appends the cells of the value and its canonical form.
fn values(out: &mut Vec<u8>, finding: &Finding) {
    out.push(b',');
    if let Some(value) = &finding.value {
        cell(out, &value.0);
    }
    out.push(b',');
    let mut text = Vec::new();
    canonical_text(&mut text, finding);
    cell(out, &text);
}

/// Appends a text cell, quoted and guarded where needed.
fn cell(out: &mut Vec<u8>, text: &[u8]) {
    if text.first().is_some_and(u8::is_ascii_alphanumeric)
        && text
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'/' | b'-' | b' '))
    {
        out.extend_from_slice(text);
        return;
    }
    let Ok(utf8) = std::str::from_utf8(text) else {
        let mut encoded = Vec::new();
        json(&mut encoded, text);
        quoted(out, &encoded, false);
        return;
    };
    let guard = matches!(
        utf8.chars().next(),
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '\'' | '＝' | '＋' | '－' | '＠')
    );
    // A semicolon or tab would part the cell where a spreadsheet expects those separators.
    if memchr::memchr3(b'"', b',', b';', text).is_some()
        || memchr::memchr3(b'\n', b'\r', b'\t', text).is_some()
    {
        quoted(out, text, guard);
    } else {
        if guard {
            out.push(b'\'');
        }
        out.extend_from_slice(text);
    }
}

fn quoted(out: &mut Vec<u8>, text: &[u8], guard: bool) {
    out.push(b'"');
    if guard {
        out.push(b'\'');
    }
    for byte in text {
        if *byte == b'"' {
            out.push(b'"');
        }
        out.push(*byte);
    }
    out.push(b'"');
}
