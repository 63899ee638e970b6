//! The choice of sink.

use std::io::Write;

use super::table::Shows;
use super::{Csv, Html, Jsonl, Sarif, Table, Target};
use crate::finding::Finding;
use crate::scan::{FileReport, Sink, SinkError, SourcePath, Summary, Wants};
use crate::subject::Subjects;

/// How a report is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReportFormat {
    /// For people.
    #[default]
    Table,
    /// One JSON object a line.
    Jsonl,
    /// A table for spreadsheets.
    Csv,
    /// SARIF 2.1.0.
    Sarif,
    /// A page that stands for itself.
    Html,
    /// For people: each finding with its place.
    Places,
    /// For people: whether there is any, and what was read.
    Answer,
}

/// What a report may show and where it goes.
#[derive(Clone, Debug)]
pub struct Options<'a> {
    /// The regions of the run, in order.
    pub regions: &'a [String],
    /// Whether values are shown beside their masked form.
    pub show_values: bool,
    /// The subjects of the run, where their ids are to be told.
    pub subjects: Option<&'a Subjects>,
    /// What the report is written to.
    pub target: Target,
}

/// The sink that writes `format` to `out`.
pub fn open<'a, W: Write + Send + 'a>(
    format: ReportFormat,
    out: W,
    options: &Options<'_>,
) -> Box<dyn Sink + 'a> {
    match format {
        ReportFormat::Table => Box::new(Table::new(out, options, Shows::Files)),
        ReportFormat::Places => Box::new(Table::new(out, options, Shows::Places)),
        ReportFormat::Answer => Box::new(Table::new(out, options, Shows::Answer)),
        ReportFormat::Jsonl => Box::new(Jsonl::new(out, options)),
        ReportFormat::Csv => Box::new(Csv::new(out, options)),
        ReportFormat::Sarif => Box::new(Sarif::new(out, options)),
        ReportFormat::Html => Box::new(Html::new(out, options)),
    }
}

/// Shows nothing and wants nothing; it counts what it is given.
#[derive(Debug, Default)]
pub struct Null {
    /// Findings handed over.
    pub findings: u64,
    /// Sources handed over.
    pub files: u64,
}

impl Sink for Null {
    fn wants(&self) -> Wants {
        Wants::default()
    }

    fn findings(&mut self, _path: &SourcePath, findings: &[Finding]) -> Result<(), SinkError> {
        self.findings += findings.len() as u64;
        Ok(())
    }

    fn file(&mut self, _report: &FileReport) -> Result<(), SinkError> {
        self.files += 1;
        Ok(())
    }

    fn summary(&mut self, _summary: &Summary) -> Result<(), SinkError> {
        Ok(())
    }
}
