//! SARIF 2.1.0, for code-scanning tools.
//!
//! A finding is a result of the rule named like its entity. A source that was not wholly read is a
//! result of the rule `not-read` whose kind is `open`: the tool could not decide. Results stream,
//! so memory does not grow with them. SARIF counts columns in characters and efface counts bytes,
//! so a region names the line, and byte offsets and columns are in the result's property bag.

use std::io::Write;

use super::escape::json;
use super::jsonl::{fraction, number};
use super::known::Grounds;
use super::mask::append_masked;
use super::printer::sink_error;
use super::sink::Options;
use crate::entity::Entity;
use crate::finding::{Confidence, Evidence, Finding};
use crate::scan::{FileReport, Sink, SinkError, SourcePath, Status, Summary, Wants};

/// Bytes gathered before they are written.
const BATCH: usize = 64 * 1024;

/// The rule of sources that were not wholly read; its index follows the entities.
const NOT_READ: &str = "not-read";

/// The sink for `--format sarif`.
pub struct Sarif<W: Write> {
    out: W,
    buffer: Vec<u8>,
    first: bool,
    show_values: bool,
    grounds: Grounds,
}

impl<W: Write> Sarif<W> {
    /// A sink that starts with the run, the tool and its rules.
    pub fn new(out: W, options: &Options<'_>) -> Self {
        let mut buffer = Vec::with_capacity(BATCH + 4096);
        buffer.extend_from_slice(
            b"{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\
              \"version\":\"2.1.0\",\"runs\":[{\"tool\":{\"driver\":{\"name\":\"efface\",\"version\":",
        );
        json(&mut buffer, env!("CARGO_PKG_VERSION").as_bytes());
        buffer.extend_from_slice(b",\"rules\":[");
        for entity in Entity::ALL {
            rule(&mut buffer, entity.name(), "Personal data was found");
            buffer.push(b',');
        }
        rule(&mut buffer, NOT_READ, "A source was not wholly read");
        buffer.extend_from_slice(b"]}},\"results\":[");
        Sarif {
            out,
            buffer,
            first: true,
            show_values: options.show_values,
            grounds: Grounds::default(),
        }
    }

    fn separate(&mut self) {
        if !self.first {
            self.buffer.push(b',');
        }
        self.first = false;
        self.buffer.push(b'\n');
    }

    fn write_out(&mut self) -> Result<(), SinkError> {
        self.out.write_all(&self.buffer).map_err(sink_error)?;
        self.buffer.clear();
        Ok(())
    }

    fn finding(&mut self, uri: &[u8], finding: &Finding) {
        self.separate();
        let out = &mut self.buffer;
        result_start(out, finding.entity.name(), finding.entity as u64);
        out.extend_from_slice(b",\"level\":\"warning\",\"message\":{\"text\":\"");
        out.extend_from_slice(finding.entity.name().as_bytes());
        out.extend_from_slice(b": ");
        append_masked(out, finding.entity, &finding.canonical);
        out.extend_from_slice(b"\"}");
        location(out, uri, Some(finding.line));
        out.extend_from_slice(b",\"properties\":{\"start\":");
        number(out, finding.span.start);
        out.extend_from_slice(b",\"end\":");
        number(out, finding.span.end);
        out.extend_from_slice(b",\"column\":");
        number(out, finding.column);
        out.extend_from_slice(self.grounds.of(finding, grounds).bytes());
        if let Some(field) = &finding.field {
            out.extend_from_slice(b",\"field\":");
            json(out, field.as_bytes());
        }
        if self.show_values
            && let Some(value) = &finding.value
        {
            out.extend_from_slice(b",\"value\":");
            json(out, &value.0);
        }
        out.extend_from_slice(b"}}");
    }
}

impl<W: Write + Send> Sink for Sarif<W> {
    fn wants(&self) -> Wants {
        Wants {
            places: true,
            values: self.show_values,
            times: false,
            first: None,
        }
    }

    fn findings(&mut self, path: &SourcePath, findings: &[Finding]) -> Result<(), SinkError> {
        let uri = uri(path);
        for finding in findings {
            self.finding(&uri, finding);
            if self.buffer.len() >= BATCH {
                self.write_out()?;
            }
        }
        Ok(())
    }

    fn file(&mut self, report: &FileReport) -> Result<(), SinkError> {
        if report.status == Status::Scanned {
            return Ok(());
        }
        self.separate();
        let out = &mut self.buffer;
        result_start(out, NOT_READ, Entity::ALL.len() as u64);
        out.extend_from_slice(b",\"kind\":\"open\",\"level\":\"none\",\"message\":{\"text\":");
        let why = match report.reason {
            Some(reason) => format!("{}: {}", report.status.name(), reason.name()),
            None => report.status.name().to_owned(),
        };
        json(out, why.as_bytes());
        out.push(b'}');
        location(out, &uri(&report.path), None);
        out.extend_from_slice(b",\"properties\":{\"bytes\":");
        number(out, report.bytes);
        out.extend_from_slice(b",\"bytes_scanned\":");
        number(out, report.bytes_scanned);
        out.extend_from_slice(b",\"accepted\":");
        out.extend_from_slice(if report.accepted { b"true" } else { b"false" });
        out.extend_from_slice(b"}}");
        if self.buffer.len() >= BATCH {
            self.write_out()?;
        }
        Ok(())
    }

    fn summary(&mut self, summary: &Summary) -> Result<(), SinkError> {
        let out = &mut self.buffer;
        out.extend_from_slice(b"\n],\"invocations\":[{\"executionSuccessful\":");
        out.extend_from_slice(if summary.interrupted {
            b"false"
        } else {
            b"true"
        });
        out.extend_from_slice(b"}],\"properties\":{");
        for (i, (key, count)) in [
            ("files", summary.files),
            ("incomplete", summary.incomplete),
            ("excluded", summary.excluded),
            ("allowed", summary.allowed),
            ("bytes", summary.bytes),
        ]
        .into_iter()
        .enumerate()
        {
            if i > 0 {
                out.push(b',');
            }
            json(out, key.as_bytes());
            out.push(b':');
            number(out, count);
        }
        out.extend_from_slice(b"}}]}\n");
        self.write_out()?;
        self.out.flush().map_err(sink_error)
    }
}

fn rule(out: &mut Vec<u8>, id: &str, text: &str) {
    out.extend_from_slice(b"{\"id\":");
    json(out, id.as_bytes());
    out.extend_from_slice(b",\"shortDescription\":{\"text\":");
    json(out, format!("{text}: {id}").as_bytes());
    out.extend_from_slice(b"}}");
}

/// Appends confidence and evidence as properties.
fn grounds(out: &mut Vec<u8>, confidence: Confidence, evidence: Evidence) {
    out.extend_from_slice(b",\"confidence\":");
    fraction(out, confidence);
    out.extend_from_slice(b",\"evidence\":[");
    for (i, name) in evidence.names().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        json(out, name.as_bytes());
    }
    out.push(b']');
}

fn result_start(out: &mut Vec<u8>, rule: &str, index: u64) {
    out.extend_from_slice(b"{\"ruleId\":");
    json(out, rule.as_bytes());
    out.extend_from_slice(b",\"ruleIndex\":");
    number(out, index);
}

fn location(out: &mut Vec<u8>, uri: &[u8], line: Option<u64>) {
    out.extend_from_slice(
        b",\"locations\":[{\"physicalLocation\":{\"artifactLocation\":{\"uri\":\"",
    );
    out.extend_from_slice(uri);
    out.extend_from_slice(b"\"}");
    if let Some(line) = line.filter(|line| *line > 0) {
        out.extend_from_slice(b",\"region\":{\"startLine\":");
        number(out, line);
        out.push(b'}');
    }
    out.extend_from_slice(b"}}]");
}

/// The path as a URI reference (RFC 3986): every byte but the unreserved ones, `/` and `!` in
/// percent form; an absolute path gets its scheme.
fn uri(path: &SourcePath) -> Vec<u8> {
    let bytes = super::jsonl::path_bytes(path);
    let mut out = Vec::with_capacity(bytes.len() + 8);
    if bytes.first() == Some(&b'/') {
        out.extend_from_slice(b"file://");
    }
    for byte in bytes {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' | b'!' => {
                out.push(byte);
            }
            _ => {
                const HEX: &[u8; 16] = b"0123456789ABCDEF";
                out.extend_from_slice(&[
                    b'%',
                    HEX[usize::from(byte >> 4)],
                    HEX[usize::from(byte & 15)],
                ]);
            }
        }
    }
    out
}
