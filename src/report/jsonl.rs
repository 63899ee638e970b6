//! JSON Lines: the contract for programs (DESIGN section 6), written by hand because a run may
//! hold millions of findings and each has some tens of nanoseconds.
//!
//! Fields stand in a fixed order and are only ever added. What repeats is rendered once: the path
//! of a source, and confidence with evidence.

use std::io::Write;

use super::escape::json;
use super::grounds::Grounds;
use super::mask::append_masked;
use super::printer::sink_error;
use super::sink::Options;
use crate::detect::terms;
use crate::finding::{Canonical, Confidence, Evidence, Finding};
use crate::scan::{FileReport, Sink, SinkError, SourcePath, Summary, Wants};

/// The version of the line schema; it changes only if a field changes its meaning.
const SCHEMA: u32 = 1;

/// Bytes gathered before they are written: large enough to make system calls rare, small enough
/// to stay in the second-level cache.
const BATCH: usize = 64 * 1024;

/// The sink for `--format jsonl`.
pub struct Jsonl<W: Write> {
    out: W,
    buffer: Vec<u8>,
    /// Whether a person watches, so that lines are not held back.
    eager: bool,
    show_values: bool,
    /// The source whose line start is rendered in `prefix`.
    current: Option<SourcePath>,
    prefix: Vec<u8>,
    grounds: Grounds,
}

impl<W: Write> Jsonl<W> {
    /// A sink that starts with the `run` line.
    pub fn new(out: W, options: &Options<'_>) -> Self {
        let mut buffer = Vec::with_capacity(BATCH + 4096);
        buffer.extend_from_slice(b"{\"type\":\"run\",\"schema\":");
        number(&mut buffer, u64::from(SCHEMA));
        buffer.extend_from_slice(b",\"version\":");
        json(&mut buffer, env!("CARGO_PKG_VERSION").as_bytes());
        buffer.extend_from_slice(b",\"regions\":");
        list(&mut buffer, options.regions.iter().map(String::as_str));
        buffer.extend_from_slice(b"}\n");
        Jsonl {
            out,
            buffer,
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
        Ok(())
    }

    fn flush(&mut self) -> Result<(), SinkError> {
        self.write_out()?;
        self.out.flush().map_err(sink_error)
    }

    fn finding(&mut self, finding: &Finding) {
        let out = &mut self.buffer;
        out.extend_from_slice(&self.prefix);
        out.extend_from_slice(finding.entity.name().as_bytes());
        places(out, finding);
        out.extend_from_slice(b",\"line\":");
        number(out, finding.line);
        out.extend_from_slice(b",\"column\":");
        number(out, finding.column);
        out.extend_from_slice(b",\"record\":");
        match finding.record {
            Some(record) => number(out, record),
            None => out.extend_from_slice(b"null"),
        }
        out.extend_from_slice(b",\"field\":");
        match &finding.field {
            Some(field) => json(out, field.as_bytes()),
            None => out.extend_from_slice(b"null"),
        }
        match finding.party {
            Some(party) => {
                out.extend_from_slice(b",\"party\":\"");
                out.extend_from_slice(party.name().as_bytes());
                out.push(b'"');
            }
            None => out.extend_from_slice(b",\"party\":null"),
        }
        self.grounds.append(out, finding, grounds);
        append_masked(out, finding.entity, &finding.canonical);
        out.push(b'"');
        if self.show_values {
            out.extend_from_slice(b",\"value\":");
            match &finding.value {
                Some(value) => json(out, &value.0),
                None => out.extend_from_slice(b"null"),
            }
            out.extend_from_slice(b",\"canonical\":");
            canonical(out, finding);
        }
        out.extend_from_slice(b"}\n");
    }
}

impl<W: Write + Send> Sink for Jsonl<W> {
    fn wants(&self) -> Wants {
        Wants {
            places: true,
            values: self.show_values,
        }
    }

    fn findings(&mut self, path: &SourcePath, findings: &[Finding]) -> Result<(), SinkError> {
        if self.current.as_ref() != Some(path) {
            self.prefix.clear();
            self.prefix
                .extend_from_slice(b"{\"type\":\"finding\",\"path\":");
            json(&mut self.prefix, &path_bytes(path));
            self.prefix.extend_from_slice(b",\"entity\":\"");
            self.current = Some(path.clone());
        }
        for finding in findings {
            self.finding(finding);
            if self.buffer.len() >= BATCH {
                self.write_out()?;
            }
        }
        if self.eager { self.flush() } else { Ok(()) }
    }

    fn file(&mut self, report: &FileReport) -> Result<(), SinkError> {
        let out = &mut self.buffer;
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
        if self.eager {
            return self.flush();
        }
        if self.buffer.len() >= BATCH {
            self.write_out()?;
        }
        Ok(())
    }

    fn summary(&mut self, summary: &Summary) -> Result<(), SinkError> {
        let out = &mut self.buffer;
        for (key, count) in [
            ("{\"type\":\"summary\",\"files\":", summary.files),
            (",\"incomplete\":", summary.incomplete),
            (",\"excluded\":", summary.excluded),
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

/// Appends `","start":` up to the group.
fn places(out: &mut Vec<u8>, finding: &Finding) {
    let (mut start, mut end) = (itoa::Buffer::new(), itoa::Buffer::new());
    let start = start.format(finding.span.start).as_bytes();
    let end = end.format(finding.span.end).as_bytes();
    out.extend_from_slice(b"\",\"start\":");
    out.extend_from_slice(start);
    out.extend_from_slice(b",\"end\":");
    out.extend_from_slice(end);
    out.extend_from_slice(b",\"parts\":[");
    match &finding.parts {
        None => {
            out.push(b'[');
            out.extend_from_slice(start);
            out.push(b',');
            out.extend_from_slice(end);
            out.push(b']');
        }
        Some(parts) => {
            for (i, part) in parts.iter().enumerate() {
                out.extend_from_slice(if i > 0 { b",[" } else { b"[" });
                number(out, part.start);
                out.push(b',');
                number(out, part.end);
                out.push(b']');
            }
        }
    }
    if finding.via.is_empty() {
        out.extend_from_slice(b"],\"via\":[],\"group\":");
    } else {
        out.extend_from_slice(b"],\"via\":");
        list(out, finding.via.iter().copied());
        out.extend_from_slice(b",\"group\":");
    }
    number(out, u64::from(finding.group));
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
