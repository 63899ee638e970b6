//! What a scan hands to whoever shows it: findings, a line per source, and the summary.

use std::path::PathBuf;

use super::known::WindowAt;
use crate::entity::Entity;
use crate::finding::Finding;
use crate::format::Reason;

/// How a source came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Every byte was read.
    Scanned,
    /// Some bytes were not.
    Partial,
    /// Nothing was tried, for a reason named.
    Skipped,
    /// Reading failed.
    Failed,
}

impl Status {
    /// The word of the outer contract.
    pub const fn name(self) -> &'static str {
        match self {
            Status::Scanned => "scanned",
            Status::Partial => "partial",
            Status::Skipped => "skipped",
            Status::Failed => "failed",
        }
    }
}

/// The path of a source: the argument as given joined with what was walked below it, and for
/// members the names within, joined by `!`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourcePath {
    /// The file, `-` for standard input.
    pub file: PathBuf,
    /// The member within, if any.
    pub member: Option<String>,
}

impl SourcePath {
    /// The path of what is called `name` in this source.
    pub(crate) fn within(&self, name: &str) -> SourcePath {
        let member = match &self.member {
            Some(outer) => format!("{outer}!{name}"),
            None => name.to_owned(),
        };
        SourcePath {
            file: self.file.clone(),
            member: Some(member),
        }
    }

    /// As people see it: members behind `!`.
    pub fn shown(&self) -> PathBuf {
        match &self.member {
            None => self.file.clone(),
            Some(member) => {
                let mut shown = self.file.clone().into_os_string();
                shown.push("!");
                shown.push(member);
                shown.into()
            }
        }
    }
}

/// The account of one source.
#[derive(Clone, Debug)]
pub struct FileReport {
    /// Which source.
    pub path: SourcePath,
    /// The format it was read as; `None` when none was chosen.
    pub format: Option<&'static str>,
    /// How it came out.
    pub status: Status,
    /// Why not all was read.
    pub reason: Option<Reason>,
    /// Whether the user acknowledged what is unread, so that it is not incomplete.
    pub accepted: bool,
    /// Size in bytes, decompressed.
    pub bytes: u64,
    /// Bytes that were read as text or structure.
    pub bytes_scanned: u64,
    /// How many findings.
    pub findings: u64,
    /// Those of them that were counted only, as [`Wants::first`] allows.
    pub more: Vec<(Entity, u64)>,
    /// Values that are no findings because the user says so.
    pub allowed: u64,
}

/// The account of a run.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Sources seen, excluded ones not counted.
    pub files: u64,
    /// Sources not wholly read and not acknowledged.
    pub incomplete: u64,
    /// Files left out by `--exclude`, `--include` or `--max-size`.
    pub excluded: u64,
    /// Values that are no findings because the user says so.
    pub allowed: u64,
    /// Bytes scanned.
    pub bytes: u64,
    /// Findings by entity, in entity order, without zeros.
    pub findings: Vec<(Entity, u64)>,
    /// Wall time in seconds.
    pub seconds: f64,
    /// Whether the run was cut short by Ctrl-C or by the reader of the output.
    pub interrupted: bool,
}

/// What a sink wants computed; what it does not want costs nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wants {
    /// Lines, columns, records, fields and parties.
    pub places: bool,
    /// The value as it stands.
    pub values: bool,
    /// When records are from, where they alone tell it.
    pub times: bool,
    /// When not every finding is wanted by itself: of each entity of a source at least so many, the
    /// first ones; the rest is counted in [`FileReport::more`].
    pub first: Option<u64>,
}

/// The reader of the output has left.
#[derive(Debug, thiserror::Error)]
pub enum SinkError {
    /// The other end of the pipe is closed.
    #[error("the reader of the output has left")]
    ReaderLeft,
    /// Writing failed.
    #[error("cannot write the report: {0}\n\nhint: check the free space where the output goes")]
    Write(std::io::Error),
}

/// Takes a scan's results in their final order, from one thread.
pub trait Sink: Send {
    /// What has to be computed for it.
    fn wants(&self) -> Wants;
    /// A window of a source of several begins; the findings that come before the next are its own.
    fn window(&mut self, _at: &WindowAt) -> Result<(), SinkError> {
        Ok(())
    }
    /// Findings of the current source, in order; called any number of times before `file`.
    fn findings(&mut self, path: &SourcePath, findings: &[Finding]) -> Result<(), SinkError>;
    /// The current source is done.
    fn file(&mut self, report: &FileReport) -> Result<(), SinkError>;
    /// The run is done.
    fn summary(&mut self, summary: &Summary) -> Result<(), SinkError>;
}
