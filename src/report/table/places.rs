//! Each finding on a line of its own, with where it is: for who asked for one person's data.

use std::io::Write;

use super::page::{put, untrusted};
use super::{Shows, Table};
use crate::finding::{Finding, Heard};
use crate::report::escape::rfc3339;
use crate::report::mask::append_masked;
use crate::report::printer::sink_error;
use crate::scan::{SinkError, SourcePath};

impl<W: Write> Table<W> {
    /// Writes a line for each finding, below a line for the source.
    pub(super) fn list(
        &mut self,
        path: &SourcePath,
        findings: &[Finding],
    ) -> Result<(), SinkError> {
        if self.shows != Shows::Places {
            return Ok(());
        }
        let mut lines = Vec::new();
        if !std::mem::replace(&mut self.headed, true) {
            self.path(&mut lines, path);
            lines.push(b'\n');
        }
        for finding in findings {
            // A cell of a database stands on no line.
            match finding.cell.as_ref().map(|cell| cell.row) {
                None => match &finding.heard {
                    Some(heard) => put_heard(&mut lines, heard),
                    None if finding.has_line() => {
                        put(&mut lines, format_args!("  line {}", finding.line));
                    }
                    None => put(&mut lines, format_args!("  tag")),
                },
                Some(Some(row)) => put(&mut lines, format_args!("  row id {row}")),
                Some(None) => put(&mut lines, format_args!("  row")),
            }
            if let Some(record) = finding
                .record
                .filter(|_| finding.has_line() || finding.cell.is_some())
            {
                put(&mut lines, format_args!(", record {record}"));
            }
            if let Some(field) = &finding.field {
                lines.extend_from_slice(b"  ");
                untrusted(&mut lines, field.as_bytes(), self.target);
            }
            if let Some(party) = finding.party {
                put(&mut lines, format_args!(" ({})", party.name()));
            }
            if let Some(time) = finding.time {
                put(&mut lines, format_args!("  {}", rfc3339(time)));
            }
            put(&mut lines, format_args!("  {}  ", finding.entity));
            self.scratch.clear();
            match &finding.value {
                Some(value) if self.show_values => self.shown_value(&value.0),
                _ => append_masked(&mut self.scratch, finding.entity, &finding.canonical),
            }
            lines.append(&mut self.scratch);
            if !finding.via.is_empty() {
                put(&mut lines, format_args!("  via {}", finding.via.join(", ")));
            }
            lines.push(b'\n');
        }
        self.out.write_all(&lines).map_err(sink_error)
    }
}

/// Writes when something is heard.
fn put_heard(lines: &mut Vec<u8>, heard: &Heard) {
    let Heard { channel, ms } = heard;
    let time = |ms: u64| format!("{}:{:02}.{:03}", ms / 60_000, ms / 1000 % 60, ms % 1000);
    let (from, to) = (time(ms.start), time(ms.end));
    put(lines, format_args!("  {from}-{to}, channel {channel}"));
}
