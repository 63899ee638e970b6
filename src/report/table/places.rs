//! Each finding on a line of its own, with where it is: for who asked for one person's data.

use std::io::Write;

use super::page::{put, untrusted};
use super::{Shows, Table};
use crate::finding::Finding;
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
                None => put(&mut lines, format_args!("  line {}", finding.line)),
                Some(Some(row)) => put(&mut lines, format_args!("  row id {row}")),
                Some(None) => put(&mut lines, format_args!("  row")),
            }
            if let Some(record) = finding.record {
                put(&mut lines, format_args!(", record {record}"));
            }
            if let Some(field) = &finding.field {
                lines.extend_from_slice(b"  ");
                untrusted(&mut lines, field.as_bytes(), self.target);
            }
            if let Some(party) = finding.party {
                put(&mut lines, format_args!(" ({})", party.name()));
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
