//! Packages for many subjects: the sources are searched once for all of them, then each gets a
//! package of its own.
//!
//! What is found is somebody's by the identifier and by when the record is from. It must not know
//! what a package holds.

use std::path::{Path, PathBuf};

use super::gather::{Gathered, Holds, Unread};
use super::{DiscloseError, Made, Request, package};
use crate::entity::Entity;
use crate::finding::Finding;
use crate::scan::{self, FileReport, Memo, Progress, Sink, SinkError, SourcePath, Summary, Wants};
use crate::subject::Subjects;

/// Makes a package for each subject of the request that has an id, in a folder of that name below
/// `request.out`, and tells `each` of it; who has nothing gets none. Gives what all came to.
///
/// # Errors
/// [`DiscloseError`]; packages that were made by then stay.
pub fn make_many(
    mut request: Request<'_>,
    subjects: &Subjects,
    memo: Option<Memo<'_>>,
    progress: &Progress,
    each: &mut dyn FnMut(&str, Made),
) -> Result<Made, DiscloseError> {
    let mut shared = Shared::of(subjects);
    let summary = scan::run_with(&request.order.scan, &mut shared, progress, memo)?;
    let mut all = Made {
        unread: summary.incomplete,
        interrupted: summary.interrupted,
        ..Made::default()
    };
    let above = std::mem::take(&mut request.out);
    for (id, theirs) in subjects.ids().zip(&mut shared.theirs) {
        if all.interrupted || progress.stopped() {
            all.interrupted = true;
            break;
        }
        let gathered = theirs.take(&summary, &shared.unread, shared.more_unread);
        request.out = above.join(id);
        request.order.subjects = Some(subjects.only(id));
        request
            .order
            .scan
            .subjects
            .clone_from(&request.order.subjects);
        let made = package(&request, &gathered, progress)?;
        all.files += made.files;
        all.records += made.records;
        all.withheld += made.withheld;
        all.interrupted |= made.interrupted;
        each(id, made);
    }
    Ok(all)
}

/// What was found of one subject.
#[derive(Default)]
struct Theirs {
    holds: Vec<(PathBuf, &'static str, u64, bool)>,
    findings: Vec<(Entity, u64)>,
    /// Of the source that is coming in.
    coming: u64,
}

impl Theirs {
    fn take(&mut self, summary: &Summary, unread: &[Unread], more_unread: u64) -> Gathered {
        self.findings.sort_by_key(|(entity, _)| *entity as u8);
        let holds = std::mem::take(&mut self.holds).into_iter();
        Gathered {
            holds: holds
                .map(|(path, format, findings, packed)| Holds {
                    path,
                    format,
                    findings,
                    packed,
                })
                .collect(),
            unread: unread.to_vec(),
            more_unread,
            summary: Summary {
                findings: std::mem::take(&mut self.findings),
                ..summary.clone()
            },
        }
    }

    fn end(&mut self, path: &Path, format: &'static str, packed: bool) {
        let findings = std::mem::take(&mut self.coming);
        if findings == 0 {
            return;
        }
        match self.holds.last_mut().filter(|last| last.0 == path) {
            Some(last) => {
                last.2 += findings;
                last.3 |= packed;
            }
            None => self.holds.push((path.to_owned(), format, findings, packed)),
        }
    }
}

/// The search for all of them.
struct Shared<'s> {
    subjects: &'s Subjects,
    theirs: Vec<Theirs>,
    /// Those of whom something was found in the source that is coming in.
    met: Vec<usize>,
    unread: Vec<Unread>,
    more_unread: u64,
}

impl<'s> Shared<'s> {
    fn of(subjects: &'s Subjects) -> Self {
        Shared {
            subjects,
            theirs: subjects.ids().map(|_| Theirs::default()).collect(),
            met: Vec::new(),
            unread: Vec::new(),
            more_unread: 0,
        }
    }
}

impl Sink for Shared<'_> {
    fn wants(&self) -> Wants {
        Wants::default()
    }

    fn findings(&mut self, _path: &SourcePath, findings: &[Finding]) -> Result<(), SinkError> {
        for one in findings {
            let whose = self
                .subjects
                .positions_of(one.entity, &one.canonical, one.time);
            for at in whose {
                let Some(theirs) = self.theirs.get_mut(at) else {
                    continue;
                };
                if theirs.coming == 0 {
                    self.met.push(at);
                }
                theirs.coming += 1;
                match theirs
                    .findings
                    .iter_mut()
                    .find(|(kind, _)| *kind == one.entity)
                {
                    Some((_, count)) => *count += 1,
                    None => theirs.findings.push((one.entity, 1)),
                }
            }
        }
        Ok(())
    }

    fn file(&mut self, report: &FileReport) -> Result<(), SinkError> {
        for at in self.met.drain(..) {
            if let Some(theirs) = self.theirs.get_mut(at) {
                let format = report.format.unwrap_or_default();
                theirs.end(&report.path.file, format, report.path.member.is_some());
            }
        }
        Unread::note(report, &mut self.unread, &mut self.more_unread);
        Ok(())
    }

    fn summary(&mut self, _summary: &Summary) -> Result<(), SinkError> {
        Ok(())
    }
}
