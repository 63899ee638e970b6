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
use super::grounds::Grounds;
use super::jsonl::{canonical_text, fraction, number, path_bytes};
use super::mask::append_masked;
use super::printer::sink_error;
use super::sink::Options;
use crate::finding::{Confidence, Evidence, Finding};
use crate::scan::{FileReport, Sink, SinkError, SourcePath, Status, Summary, Wants};

const COLUMNS: &str = "type,path,entity,start,end,parts,via,group,line,column,record,field,party,\
                       confidence,evidence,masked";
const VALUE_COLUMNS: &str = ",value,canonical";
const FILE_COLUMNS: &str = ",format,status,reason,bytes,bytes_scanned,findings\r\n";

/// Empty cells between the path and the file columns, without and with values.
const NO_FINDING: usize = 14;

/// Bytes gathered before they are written.
const BATCH: usize = 64 * 1024;

/// The sink for `--format csv`.
pub struct Csv<W: Write> {
    out: W,
    buffer: Vec<u8>,
    scratch: Vec<u8>,
    eager: bool,
    show_values: bool,
    current: Option<SourcePath>,
    prefix: Vec<u8>,
    grounds: Grounds,
}

impl<W: Write> Csv<W> {
    /// A sink that starts with the header row.
    pub fn new(out: W, options: &Options<'_>) -> Self {
        let mut buffer = Vec::with_capacity(BATCH + 4096);
        buffer.extend_from_slice(COLUMNS.as_bytes());
        if options.show_values {
            buffer.extend_from_slice(VALUE_COLUMNS.as_bytes());
        }
        buffer.extend_from_slice(FILE_COLUMNS.as_bytes());
        Csv {
            out,
            buffer,
            scratch: Vec::new(),
            eager: options.target.terminal,
            show_values: options.show_values,
            current: None,
            prefix: Vec::new(),
            grounds: Grounds::default(),
        }
    }

    fn write_out(&mut self) -> Result<(), SinkError> {
        self.out.write_all(&self.buffer).map_err(sink_error)?;
        self.buffer.clear();
        if self.eager {
            self.out.flush().map_err(sink_error)?;
        }
        Ok(())
    }

    fn finding(&mut self, finding: &Finding) {
        let out = &mut self.buffer;
        out.extend_from_slice(&self.prefix);
        out.extend_from_slice(finding.entity.name().as_bytes());
        out.push(b',');
        number(out, finding.span.start);
        out.push(b',');
        number(out, finding.span.end);
        out.push(b',');
        match &finding.parts {
            None => range(out, finding.span.start, finding.span.end),
            Some(parts) => {
                for (i, part) in parts.iter().enumerate() {
                    if i > 0 {
                        out.push(b' ');
                    }
                    range(out, part.start, part.end);
                }
            }
        }
        out.push(b',');
        words(out, finding.via.iter().copied());
        out.push(b',');
        number(out, u64::from(finding.group));
        out.push(b',');
        number(out, finding.line);
        out.push(b',');
        number(out, finding.column);
        out.push(b',');
        if let Some(record) = finding.record {
            number(out, record);
        }
        out.push(b',');
        if let Some(field) = &finding.field {
            cell(out, field.as_bytes());
        }
        out.push(b',');
        if let Some(party) = finding.party {
            out.extend_from_slice(party.name().as_bytes());
        }
        out.push(b',');
        self.grounds.append(out, finding, grounds);
        masked(out, finding);
        if self.show_values {
            out.push(b',');
            if let Some(value) = &finding.value {
                cell(out, &value.0);
            }
            out.push(b',');
            self.scratch.clear();
            canonical_text(&mut self.scratch, finding);
            cell(out, &self.scratch);
        }
        out.extend_from_slice(b",,,,,,\r\n");
    }
}

impl<W: Write + Send> Sink for Csv<W> {
    fn wants(&self) -> Wants {
        Wants {
            places: true,
            values: self.show_values,
        }
    }

    fn findings(&mut self, path: &SourcePath, findings: &[Finding]) -> Result<(), SinkError> {
        if self.current.as_ref() != Some(path) {
            self.prefix.clear();
            self.prefix.extend_from_slice(b"finding,");
            cell(&mut self.prefix, &path_bytes(path));
            self.prefix.push(b',');
            self.current = Some(path.clone());
        }
        for finding in findings {
            self.finding(finding);
            if self.buffer.len() >= BATCH {
                self.write_out()?;
            }
        }
        if self.eager { self.write_out() } else { Ok(()) }
    }

    fn file(&mut self, report: &FileReport) -> Result<(), SinkError> {
        if report.status == Status::Scanned {
            return Ok(());
        }
        let out = &mut self.buffer;
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
        if self.eager || self.buffer.len() >= BATCH {
            self.write_out()?;
        }
        Ok(())
    }

    fn summary(&mut self, _summary: &Summary) -> Result<(), SinkError> {
        self.write_out()?;
        self.out.flush().map_err(sink_error)
    }
}

fn range(out: &mut Vec<u8>, start: u64, end: u64) {
    number(out, start);
    out.push(b'-');
    number(out, end);
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
fn masked(out: &mut Vec<u8>, finding: &Finding) {
    let start = out.len();
    append_masked(out, finding.entity, &finding.canonical);
    if matches!(out.get(start), Some(b'+' | b'@')) {
        out.insert(start, b'\'');
    }
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
