//! The report as a page that stands for itself: no script, nothing fetched, nothing to click on.
//!
//! Findings are written as they come, source by source; the totals stand at the end, where they are
//! known. A browser forgives a page that was cut short; the missing last line tells it.

use std::io::Write;

use super::escape::html;
use super::escape::rfc3339;
use super::jsonl::BATCH;
use super::mask::append_masked;
use super::printer::sink_error;
use super::sink::Options;
use crate::finding::Finding;
use crate::scan::{FileReport, Sink, SinkError, SourcePath, Status, Summary, Wants};
use crate::subject::Subjects;

/// What a page may load: nothing but its own style.
pub(crate) const POLICY: &str = "<meta http-equiv=\"Content-Security-Policy\" \
     content=\"default-src 'none'; style-src 'unsafe-inline'\">";

/// How every page of the program starts, up to its title.
pub(crate) const HEAD: &str = "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n\
     <meta name=\"viewport\" content=\"width=device-width\">\n\
     <style>body{font:1rem/1.5 sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem;color:#111;\
     background:#fff}table{border-collapse:collapse;margin:1rem 0}caption{text-align:left;\
     font-weight:bold;padding:.3rem 0}th,td{border:1px solid #767676;padding:.2rem .6rem;\
     text-align:left;vertical-align:top;overflow-wrap:anywhere}th{background:#eee}\
     .draft{border:3px solid #a00;color:#a00;padding:.5rem 1rem;font-weight:bold}</style>\n";

/// The sink for `--format html`.
pub struct Html<W: Write> {
    out: W,
    page: Vec<u8>,
    show_values: bool,
    subjects: Option<Subjects>,
    /// Whether the table of the present source is open.
    open: bool,
    /// What was not read: a row each.
    unread: Vec<u8>,
    unread_files: u64,
}

/// Sources that are listed as not read; the count tells of the others.
const UNREAD: u64 = 10_000;

impl<W: Write> Html<W> {
    /// A page that starts with its head.
    pub fn new(out: W, options: &Options<'_>) -> Self {
        let mut page = Vec::with_capacity(BATCH);
        for part in [
            HEAD,
            POLICY,
            "<title>efface report</title></head><body>\n<h1>What was found</h1>\n",
        ] {
            page.extend_from_slice(part.as_bytes());
        }
        Html {
            out,
            page,
            show_values: options.show_values,
            subjects: options.subjects.filter(|all| all.have_ids()).cloned(),
            open: false,
            unread: Vec::new(),
            unread_files: 0,
        }
    }

    fn write_out(&mut self) -> Result<(), SinkError> {
        self.out.write_all(&self.page).map_err(sink_error)?;
        self.page.clear();
        Ok(())
    }

    fn cell(&mut self, text: &[u8]) {
        self.page.extend_from_slice(b"<td>");
        html(&mut self.page, text);
        self.page.extend_from_slice(b"</td>");
    }

    fn finding(&mut self, finding: &Finding) {
        let mut text = Vec::new();
        self.page.extend_from_slice(b"<tr>");
        let place = match finding.cell.as_ref().map(|cell| cell.row) {
            None => format!("line {}", finding.line),
            Some(Some(row)) => format!("row id {row}"),
            Some(None) => "row".to_owned(),
        };
        self.cell(place.as_bytes());
        let record = finding.record.map(|record| record.to_string());
        self.cell(record.unwrap_or_default().as_bytes());
        self.cell(finding.field.as_deref().unwrap_or_default().as_bytes());
        self.cell(finding.party.map_or("", |party| party.name()).as_bytes());
        let time = finding.time.map_or_else(String::new, rfc3339);
        self.cell(time.as_bytes());
        self.cell(finding.entity.name().as_bytes());
        match &finding.value {
            Some(value) if self.show_values => text.extend_from_slice(&value.0),
            _ => append_masked(&mut text, finding.entity, &finding.canonical),
        }
        self.cell(&text);
        if let Some(subjects) = &self.subjects {
            let ids: Vec<&str> = subjects
                .ids_of(finding.entity, &finding.canonical, finding.time)
                .collect();
            let ids = ids.join(", ");
            self.cell(ids.as_bytes());
        }
        self.page.extend_from_slice(b"</tr>\n");
    }
}

impl<W: Write + Send> Sink for Html<W> {
    fn wants(&self) -> Wants {
        Wants {
            places: true,
            values: self.show_values,
            times: false,
            first: None,
        }
    }

    fn findings(&mut self, path: &SourcePath, findings: &[Finding]) -> Result<(), SinkError> {
        if !std::mem::replace(&mut self.open, true) {
            self.page.extend_from_slice(b"<table><caption>");
            html(&mut self.page, &named(path));
            self.page.extend_from_slice(
                b"</caption><tr><th>Place</th><th>Record</th><th>Field</th><th>Party</th>\
                  <th>Time</th><th>Kind</th><th>Value</th>",
            );
            if self.subjects.is_some() {
                self.page.extend_from_slice(b"<th>Subject</th>");
            }
            self.page.extend_from_slice(b"</tr>\n");
        }
        for finding in findings {
            self.finding(finding);
            if self.page.len() > BATCH {
                self.write_out()?;
            }
        }
        Ok(())
    }

    fn file(&mut self, report: &FileReport) -> Result<(), SinkError> {
        if std::mem::take(&mut self.open) {
            self.page.extend_from_slice(b"</table>\n");
        }
        if report.status != Status::Scanned {
            self.unread_files += 1;
            if self.unread_files <= UNREAD {
                self.unread.extend_from_slice(b"<tr><td>");
                html(&mut self.unread, &named(&report.path));
                let reason = report
                    .reason
                    .map_or_else(String::new, |reason| reason.name());
                let status = report.status.name();
                let accepted = if report.accepted { ", as accepted" } else { "" };
                // Writing to memory cannot fail.
                let _ = writeln!(
                    self.unread,
                    "</td><td>{status}</td><td>{reason}{accepted}</td></tr>"
                );
            }
        }
        Ok(())
    }

    fn summary(&mut self, summary: &Summary) -> Result<(), SinkError> {
        let page = &mut self.page;
        page.extend_from_slice(
            b"<h2>In all</h2>\n<table><tr><th>Kind</th><th>Findings</th></tr>\n",
        );
        for (entity, count) in &summary.findings {
            // Writing to memory cannot fail.
            let _ = writeln!(page, "<tr><td>{entity}</td><td>{count}</td></tr>");
        }
        page.extend_from_slice(b"</table>\n<h2>What was read</h2>\n");
        let unread = self.unread_files;
        let _ = write!(
            page,
            "<p>{} of {} files were read whole",
            summary.files.saturating_sub(unread),
            summary.files
        );
        if summary.excluded > 0 {
            let _ = write!(page, "; {} were left out as asked", summary.excluded);
        }
        if summary.interrupted {
            page.extend_from_slice(b"; the run was interrupted");
        }
        page.extend_from_slice(b".</p>\n");
        if unread > 0 {
            page.extend_from_slice(
                b"<table><caption>Not read whole: what is missing here may be there</caption>\
                  <tr><th>Source</th><th>Status</th><th>Reason</th></tr>\n",
            );
            page.append(&mut self.unread);
            page.extend_from_slice(b"</table>\n");
            if unread > UNREAD {
                let _ = writeln!(page, "<p>... and {} more</p>", unread - UNREAD);
            }
        }
        page.extend_from_slice(b"</body></html>\n");
        self.write_out()?;
        self.out.flush().map_err(sink_error)
    }
}

fn named(path: &SourcePath) -> Vec<u8> {
    let mut name = path.file.as_os_str().as_encoded_bytes().to_vec();
    if let Some(member) = &path.member {
        name.push(b'!');
        name.extend_from_slice(member.as_bytes());
    }
    name
}
