//! What a search for one subject found, file by file: the first step of a package.

use std::path::PathBuf;

use crate::entity::Entity;
use crate::finding::Finding;
use crate::format::Reason;
use crate::scan::{FileReport, Sink, SinkError, SourcePath, Status, Summary, Wants};

/// Files that were not read and are listed one by one; the count tells of the others.
const LISTED: usize = 10_000;

/// A file that holds something of the subject.
pub(super) struct Holds {
    pub(super) path: PathBuf,
    pub(super) format: &'static str,
    /// Findings of the subject.
    pub(super) findings: u64,
    /// Whether it lies in an archive, which is never copied: what else is in it is others'.
    pub(super) packed: bool,
}

/// A file that was not read whole.
#[derive(Clone)]
pub(super) struct Unread {
    pub(super) path: PathBuf,
    pub(super) status: Status,
    pub(super) reason: Option<Reason>,
    pub(super) accepted: bool,
}

impl Unread {
    /// Lists a source that was not read whole in `all`, or counts it in `more` where there are many.
    pub(super) fn note(report: &FileReport, all: &mut Vec<Unread>, more: &mut u64) {
        if report.status == Status::Scanned {
            return;
        }
        if all.len() >= LISTED {
            *more += 1;
            return;
        }
        all.push(Unread {
            path: report.path.file.clone(),
            status: report.status,
            reason: report.reason,
            accepted: report.accepted,
        });
    }
}

/// What was found and what was read.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) holds: Vec<Holds>,
    pub(super) unread: Vec<Unread>,
    pub(super) more_unread: u64,
    pub(super) summary: Summary,
}

impl Gathered {
    /// Findings of an entity.
    pub(super) fn of(&self, entity: Entity) -> u64 {
        let found = self.summary.findings.iter().find(|(one, _)| *one == entity);
        found.map_or(0, |(_, count)| *count)
    }
}

impl Sink for Gathered {
    fn wants(&self) -> Wants {
        Wants {
            places: false,
            values: false,
            times: false,
            first: Some(1),
        }
    }

    fn findings(&mut self, _path: &SourcePath, _findings: &[Finding]) -> Result<(), SinkError> {
        Ok(())
    }

    fn file(&mut self, report: &FileReport) -> Result<(), SinkError> {
        if let Some(format) = report.format.filter(|_| report.findings > 0) {
            let packed = report.path.member.is_some();
            match self
                .holds
                .last_mut()
                .filter(|last| last.path == report.path.file)
            {
                Some(last) => {
                    last.findings += report.findings;
                    last.packed |= packed;
                }
                None => self.holds.push(Holds {
                    path: report.path.file.clone(),
                    format,
                    findings: report.findings,
                    packed,
                }),
            }
        }
        Unread::note(report, &mut self.unread, &mut self.more_unread);
        Ok(())
    }

    fn summary(&mut self, summary: &Summary) -> Result<(), SinkError> {
        self.summary = summary.clone();
        Ok(())
    }
}
