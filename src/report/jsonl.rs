//! JSON Lines: the contract for programs (DESIGN section 6), written by hand because a run may
//! hold millions of findings and each has some tens of nanoseconds.
//!
//! Fields stand in a fixed order and are only ever added. What repeats is rendered once: the path
//! of a source, a field with its party, and confidence with evidence.

use std::io::Write;

use super::escape::{json, rfc3339};
use super::known::{Starts, Traits};
use super::mask::{QUICK, Quick, append_masked};
use super::printer::sink_error;
use super::sheet::{Counter, Digits, EIGHT, NUMBER, Sheet};
use super::sink::Options;
use crate::detect::terms;
use crate::finding::{Canonical, Confidence, Evidence, Finding, Heard, InCell};
use crate::scan::{FileReport, Sink, SinkError, SourcePath, Summary, Wants};
use crate::subject::Subjects;
use crate::view::Party;

/// The version of the line schema; it changes only if a field changes its meaning.
const SCHEMA: u32 = 1;

/// Bytes gathered before they are written: large enough to make system calls rare, small enough
/// to stay in the second-level cache.
pub(super) const BATCH: usize = 128 * 1024;

/// Room behind a batch, for the line that fills it.
pub(super) const ROOM: usize = 4096;

/// The sink for `--format jsonl`.
pub struct Jsonl<W: Write> {
    out: W,
    sheet: Sheet,
    /// For what is rendered seldom.
    scratch: Vec<u8>,
    /// Whether a person watches, so that lines are not held back.
    eager: bool,
    show_values: bool,
    subjects: Option<Subjects>,
    starts: Starts,
    traits: Traits,
    counters: [Counter; 3],
}

impl<W: Write> Jsonl<W> {
    /// A sink that starts with the `run` line.
    pub fn new(out: W, options: &Options<'_>) -> Self {
        let mut text = Vec::new();
        text.extend_from_slice(b"{\"type\":\"run\",\"schema\":");
        number(&mut text, u64::from(SCHEMA));
        text.extend_from_slice(b",\"version\":");
        json(&mut text, env!("CARGO_PKG_VERSION").as_bytes());
        text.extend_from_slice(b",\"regions\":");
        list(&mut text, options.regions.iter().map(String::as_str));
        text.extend_from_slice(b"}\n");
        let mut sheet = Sheet::with_room(BATCH + ROOM);
        sheet.any(&text);
        Jsonl {
            out,
            sheet,
            scratch: text,
            eager: options.target.terminal,
            show_values: options.show_values,
            subjects: options.subjects.filter(|all| all.have_ids()).cloned(),
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
        Ok(())
    }

    fn flush(&mut self) -> Result<(), SinkError> {
        self.write_out()?;
        self.out.flush().map_err(sink_error)
    }

    /// What is heard in a recording has no place in bytes.
    fn heard(&mut self, path: &SourcePath, finding: &Finding, heard: &Heard) {
        let out = &mut self.scratch;
        out.clear();
        start(out, path, finding);
        out.extend_from_slice(b"null,\"end\":null,\"parts\":[],\"via\":[],\"group\":");
        number(out, u64::from(finding.group));
        out.extend_from_slice(b",\"line\":null,\"column\":null,\"record\":");
        number(out, finding.record.unwrap_or(1));
        traits(out, finding);
        append_masked(out, finding.entity, &finding.canonical);
        out.extend_from_slice(b"\",\"channel\":");
        number(out, u64::from(heard.channel));
        out.extend_from_slice(b",\"start_ms\":");
        number(out, heard.ms.start);
        out.extend_from_slice(b",\"end_ms\":");
        number(out, heard.ms.end);
        if self.show_values {
            values(out, finding);
        }
        out.extend_from_slice(b"}\n");
        self.sheet.any(out);
    }

    fn finding(&mut self, finding: &Finding) {
        let start = self.starts.of(finding, start);
        let traits = self.traits.of(finding, traits);
        let [group, row, record] = &mut self.counters;
        // What is not common is rendered first, so that the room the line needs is known.
        let rare = &mut self.scratch;
        rare.clear();
        let simple = finding.parts.is_none() && finding.via.is_empty();
        if !simple {
            parts(rare, finding);
        }
        let masked = rare.len();
        let told = self.show_values
            || finding.cell.is_some()
            || finding.time.is_some()
            || self.subjects.is_some();
        let quick = Quick::of(finding).filter(|_| !told);
        if quick.is_none() {
            append_masked(rare, finding.entity, &finding.canonical);
            rare.push(b'"');
            if let Some(cell) = &finding.cell {
                in_cell(rare, cell);
            }
            if let Some(time) = finding.time {
                rare.extend_from_slice(b",\"time\":");
                json(rare, rfc3339(time).as_bytes());
            }
            if let Some(subjects) = &self.subjects {
                rare.extend_from_slice(b",\"subjects\":");
                list(
                    rare,
                    subjects.ids_of(finding.entity, &finding.canonical, finding.time),
                );
            }
            if self.show_values {
                values(rare, finding);
            }
            rare.extend_from_slice(b"}\n");
        }
        let (parts, rest) = rare.split_at(masked);
        let room = FIXED + start.room() + traits.room() + rare.len();
        self.sheet.line(room, |out| {
            out.piece(start);
            let (from, to) = (finding.span.start, finding.span.end);
            if simple && to < EIGHT {
                let (from, to) = (Digits::of(from), Digits::of(to));
                out.digits(from);
                out.labelled(b",\"end\":", to);
                out.labelled(b",\"parts\":[[", from);
                out.labelled(b",", to);
                out.text(b"]],\"via\":[]");
            } else {
                out.number(from);
                out.text(b",\"end\":");
                out.number(to);
                if simple {
                    out.text(b",\"parts\":[[");
                    out.number(from);
                    out.text(b",");
                    out.number(to);
                    out.text(b"]],\"via\":[]");
                }
                out.any(parts);
            }
            group.put(out, b",\"group\":", u64::from(finding.group));
            if finding.has_line() {
                row.put(out, b",\"line\":", finding.line);
                out.text(b",\"column\":");
                out.number(finding.column);
            } else {
                out.text(b",\"line\":null,\"column\":null");
            }
            match finding.record {
                Some(number) => record.put(out, b",\"record\":", number),
                None => out.text(b",\"record\":null"),
            }
            out.piece(traits);
            match quick {
                Some(quick) => {
                    quick.put(out);
                    out.text(b"\"}\n");
                }
                None => out.any(rest),
            }
        });
    }
}

/// The room that a line needs beside its pieces and what is rare: what is fixed of it, eight
/// numbers, a masked value.
pub(super) const FIXED: usize = 128 + 8 * NUMBER + QUICK;

impl<W: Write + Send> Sink for Jsonl<W> {
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
            match &finding.heard {
                Some(heard) => self.heard(path, finding, heard),
                None => self.finding(finding),
            }
            if self.sheet.len() >= BATCH {
                self.write_out()?;
            }
        }
        if self.eager { self.flush() } else { Ok(()) }
    }

    fn file(&mut self, report: &FileReport) -> Result<(), SinkError> {
        let out = &mut self.scratch;
        out.clear();
        out.extend_from_slice(b"{\"type\":\"file\",\"path\":");
        json(out, &path_bytes(&report.path));
        out.extend_from_slice(b",\"format\":");
        match report.format {
            Some(format) => json(out, format.as_bytes()),
            None => out.extend_from_slice(b"null"),
        }
        out.extend_from_slice(b",\"status\":");
        json(out, report.status.name().as_bytes());
        out.extend_from_slice(b",\"reason\":");
        match report.reason {
            Some(reason) => json(out, reason.name().as_bytes()),
            None => out.extend_from_slice(b"null"),
        }
        out.extend_from_slice(b",\"bytes\":");
        number(out, report.bytes);
        out.extend_from_slice(b",\"bytes_scanned\":");
        number(out, report.bytes_scanned);
        out.extend_from_slice(b",\"findings\":");
        number(out, report.findings);
        out.extend_from_slice(b"}\n");
        self.sheet.any(out);
        if self.eager {
            return self.flush();
        }
        if self.sheet.len() >= BATCH {
            self.write_out()?;
        }
        Ok(())
    }

    fn summary(&mut self, summary: &Summary) -> Result<(), SinkError> {
        let out = &mut self.scratch;
        out.clear();
        for (key, count) in [
            ("{\"type\":\"summary\",\"files\":", summary.files),
            (",\"incomplete\":", summary.incomplete),
            (",\"excluded\":", summary.excluded),
            (",\"allowed\":", summary.allowed),
            (",\"bytes\":", summary.bytes),
        ] {
            out.extend_from_slice(key.as_bytes());
            number(out, count);
        }
        out.extend_from_slice(b",\"findings\":{");
        for (i, (entity, count)) in summary.findings.iter().enumerate() {
            if i > 0 {
                out.push(b',');
            }
            json(out, entity.name().as_bytes());
            out.push(b':');
            number(out, *count);
        }
        out.extend_from_slice(format!("}},\"seconds\":{:.3}}}\n", summary.seconds).as_bytes());
        self.sheet.any(out);
        self.flush()
    }
}

/// The path as the contract spells it: the file, and members behind `!`.
pub(super) fn path_bytes(path: &SourcePath) -> Vec<u8> {
    let mut bytes = path.file.as_os_str().as_encoded_bytes().to_vec();
    if let Some(member) = &path.member {
        bytes.push(b'!');
        bytes.extend_from_slice(member.as_bytes());
    }
    bytes
}

/// Appends an integer in decimal.
pub(super) fn number(out: &mut Vec<u8>, value: u64) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// Appends a list of words that need no escaping.
fn list<'a>(out: &mut Vec<u8>, words: impl Iterator<Item = &'a str>) {
    out.push(b'[');
    for (i, word) in words.enumerate() {
        if i > 0 {
            out.push(b',');
        }
        json(out, word.as_bytes());
    }
    out.push(b']');
}

/// Appends a finding's line up to where it starts in the source.
fn start(out: &mut Vec<u8>, path: &SourcePath, finding: &Finding) {
    out.extend_from_slice(b"{\"type\":\"finding\",\"path\":");
    json(out, &path_bytes(path));
    out.extend_from_slice(b",\"entity\":\"");
    out.extend_from_slice(finding.entity.name().as_bytes());
    out.extend_from_slice(b"\",\"start\":");
}

/// Appends parts and decodings.
fn parts(out: &mut Vec<u8>, finding: &Finding) {
    out.extend_from_slice(b",\"parts\":[");
    let whole = [finding.span.clone()];
    let parts = finding.parts.as_deref().unwrap_or(&whole);
    for (i, part) in parts.iter().enumerate() {
        out.extend_from_slice(if i > 0 { b",[" } else { b"[" });
        number(out, part.start);
        out.push(b',');
        number(out, part.end);
        out.push(b']');
    }
    out.extend_from_slice(b"],\"via\":");
    list(out, finding.via.iter().copied());
}

/// Appends field, party, confidence and evidence.
fn traits(out: &mut Vec<u8>, finding: &Finding) {
    field(out, finding.field.as_deref(), finding.party);
    grounds(out, finding.confidence, finding.evidence);
}

/// Appends field and party.
fn field(out: &mut Vec<u8>, field: Option<&str>, party: Option<Party>) {
    out.extend_from_slice(b",\"field\":");
    match field {
        Some(field) => json(out, field.as_bytes()),
        None => out.extend_from_slice(b"null"),
    }
    out.extend_from_slice(b",\"party\":");
    match party {
        Some(party) => json(out, party.name().as_bytes()),
        None => out.extend_from_slice(b"null"),
    }
}

/// Appends the cell of a database.
fn in_cell(out: &mut Vec<u8>, cell: &InCell) {
    out.extend_from_slice(b",\"table\":");
    json(out, cell.table.as_bytes());
    out.extend_from_slice(b",\"column_name\":");
    json(out, cell.column.as_bytes());
    out.extend_from_slice(b",\"key\":");
    match cell.row {
        Some(row) => out.extend_from_slice(itoa::Buffer::new().format(row).as_bytes()),
        None => out.extend_from_slice(b"null"),
    }
}

/// Appends the value and its canonical form.
fn values(out: &mut Vec<u8>, finding: &Finding) {
    out.extend_from_slice(b",\"value\":");
    match &finding.value {
        Some(value) => json(out, &value.0),
        None => out.extend_from_slice(b"null"),
    }
    out.extend_from_slice(b",\"canonical\":");
    canonical(out, finding);
}

/// Appends confidence and evidence, up to where the masked value starts.
fn grounds(out: &mut Vec<u8>, confidence: Confidence, evidence: Evidence) {
    out.extend_from_slice(b",\"confidence\":");
    fraction(out, confidence);
    out.extend_from_slice(b",\"evidence\":");
    list(out, evidence.names());
    out.extend_from_slice(b",\"masked\":\"");
}

/// Appends a confidence with two decimals.
pub(super) fn fraction(out: &mut Vec<u8>, confidence: Confidence) {
    let hundredths = confidence.0;
    out.extend_from_slice(&[
        b'0' + hundredths / 100,
        b'.',
        b'0' + hundredths / 10 % 10,
        b'0' + hundredths % 10,
    ]);
}

/// Appends the canonical value as a JSON value.
fn canonical(out: &mut Vec<u8>, finding: &Finding) {
    let mut text = Vec::new();
    canonical_text(&mut text, finding);
    json(out, &text);
}

/// Appends the canonical value as it is spelled: E.164, digits, an address, folded text, the first
/// form of a term.
pub(super) fn canonical_text(out: &mut Vec<u8>, finding: &Finding) {
    match &finding.canonical {
        Canonical::Phone {
            digits,
            country_len,
        } => {
            if *country_len > 0 {
                out.push(b'+');
            }
            number(out, *digits);
        }
        Canonical::Digits { value, len } => {
            out.extend_from_slice(format!("{value:0len$}", len = usize::from(*len)).as_bytes());
        }
        Canonical::Ip(address) => out.extend_from_slice(address.to_string().as_bytes()),
        Canonical::Text(text) => out.extend_from_slice(text),
        Canonical::Term(id) => {
            let text = terms::term(*id).map_or("", |info| info.text);
            out.extend_from_slice(text.as_bytes());
        }
    }
}
