//! What a scan finds becomes postings, and its sources rows of the catalogue: the sink of a build.
//!
//! Postings are kept up to a fixed number, then sorted and written as a segment beside the scan. It must not know how the run is published.

use std::path::Path;

use super::catalogue::{Extent, Source};
use super::draft::Draft;
use super::facts::{Facts, MEMBERS, put_windows};
use super::growing::Growing;
use super::known::{Before, Pending, growing_context, kind, locked};
use super::posting::{Posting, UNDATED};
use super::runs::Runs;
use super::spills::Spills;
use super::tags::Tags;
use super::{IndexError, growing};
use crate::finding::Finding;
use crate::format::Reason;
use crate::scan::{FileReport, Sink, SinkError, SourcePath, Status, Summary, Wants, WindowAt};

/// The sink.
pub(super) struct Collector<'a, 'io, 'scope, 'env> {
    pub(super) before: &'a Before<'a>,
    pub(super) draft: &'a mut Draft<'io>,
    runs: Runs,
    spills: Spills<'scope, 'env>,
    tags: Tags,
    /// Windows of the source that is coming in.
    windows: Vec<WindowAt>,
    /// Postings of it, and those before its last window.
    postings: u64,
    before_last: u64,
    /// Which finding of its record the next one is.
    nth: Nth,
    /// What the members of the container that is coming in came to.
    members: Option<Inside>,
    pub(super) done: Collected,
    /// What ended the run.
    pub(super) failed: Option<IndexError>,
}

/// What the members of a container came to.
#[derive(Debug, Default)]
struct Inside {
    count: u64,
    bytes: u64,
    unread: bool,
    /// Their accounts, as far as they are kept.
    members: Vec<(String, Facts)>,
}

impl Inside {
    /// Takes in the account of a member.
    fn add(&mut self, name: &str, report: &FileReport) {
        self.count += 1;
        self.unread |= report.status != Status::Scanned;
        self.bytes += report.bytes_scanned;
        let facts = Facts::of(report, false);
        if self.count <= MEMBERS as u64 && Facts::parse(&facts.to_bytes()).is_some() {
            self.members.push((name.to_owned(), facts));
        }
    }

    /// The account of the whole; all members are in it or none.
    fn facts(&mut self, report: &FileReport) -> Facts {
        let all = self.members.len() as u64 == self.count;
        Facts {
            members: if all {
                std::mem::take(&mut self.members)
            } else {
                Vec::new()
            },
            ..Facts::of(report, self.count > 0)
        }
    }
}

/// A number within a window; none is larger than this.
fn short(number: u64) -> u32 {
    number.min(u64::from(u32::MAX)) as u32
}

/// Counts the findings of a record.
#[derive(Clone, Copy, Debug, Default)]
struct Nth {
    record: (u32, u32),
    next: u32,
}

impl Nth {
    /// How many findings of this record came before.
    fn of(&mut self, window: u32, record: u32) -> u32 {
        if self.record != (window, record) {
            self.record = (window, record);
            self.next = 0;
        }
        self.next += 1;
        self.next - 1
    }
}

/// What came in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Collected {
    /// Sources that were read, bytes of them, and postings they gave.
    pub(super) read: u64,
    pub(super) bytes: u64,
    pub(super) postings: u64,
    /// Sources that were not wholly read.
    pub(super) incomplete: u64,
    /// Sources that were known by their names and were read anew.
    pub(super) changed: u64,
    /// Folders that could not be entered.
    pub(super) unwalked: u64,
    /// Sources of which only the end was read.
    pub(super) grown: u64,
}

impl<'a, 'io: 'scope, 'scope, 'env> Collector<'a, 'io, 'scope, 'env> {
    pub(super) fn new(
        before: &'a Before<'a>,
        draft: &'a mut Draft<'io>,
        spills: Spills<'scope, 'env>,
    ) -> Self {
        Collector {
            before,
            draft,
            runs: Runs::default(),
            spills,
            tags: Tags::default(),
            windows: Vec::new(),
            postings: 0,
            before_last: 0,
            nth: Nth::default(),
            members: None,
            done: Collected::default(),
            failed: None,
        }
    }

    /// Has the last postings written.
    pub(super) fn finish(&mut self) -> Result<(), IndexError> {
        let (keys, spills) = (self.before.keys, &mut self.spills);
        self.draft.spill_last(keys, &mut self.runs, spills)
    }

    /// Carries an error of ours out of the scan, which knows none.
    fn pass<T>(&mut self, done: Result<T, IndexError>) -> Result<T, SinkError> {
        done.map_err(|error| {
            self.failed.get_or_insert(error);
            SinkError::Write(std::io::ErrorKind::Other.into())
        })
    }

    fn take(&mut self, findings: &[Finding], is_member: bool) -> Result<(), IndexError> {
        let window = self.draft.window(self.windows.len().saturating_sub(1))?;
        // In a member places count from its own start.
        let at = self.windows.last().filter(|_| !is_member);
        let (start, records) = at.map_or((0, 0), |at| (at.offset, at.records));
        for finding in findings {
            let record = finding
                .record
                .map_or(0, |record| short(record.saturating_sub(records)));
            // Others of the record that are not held count as well, as who reads it again sees them.
            let place = self.nth.of(window, record);
            let Some(tag) = self
                .tags
                .of(self.before.keys, finding.entity, &finding.canonical)
            else {
                continue;
            };
            if self.draft.forgotten.contains(&tag) {
                continue;
            }
            self.runs.push(Posting {
                tag,
                window,
                record,
                place: match (record, &finding.heard) {
                    (1.., _) => place,
                    // What is heard has its time in milliseconds for a place.
                    (0, Some(heard)) => short(heard.ms.start),
                    // In a database places count from the start of the cell.
                    _ if finding.cell.is_some() => short(finding.span.start),
                    _ => short(finding.span.start.wrapping_sub(start)),
                },
                entity: finding.entity as u8,
                party: finding.party.map_or(0, |party| party as u8 + 1),
                time: finding.time.unwrap_or(UNDATED),
            });
            self.postings += 1;
            if self.runs.is_full() {
                let (keys, spills) = (self.before.keys, &mut self.spills);
                self.draft.spill(keys, &mut self.runs, spills)?;
            }
        }
        Ok(())
    }

    fn end(&mut self, report: &FileReport) -> Result<(), IndexError> {
        let mut inside = self.members.take().unwrap_or_default();
        let windows = std::mem::take(&mut self.windows);
        let (postings, before_last) = (self.postings, self.before_last);
        (self.postings, self.before_last) = (0, 0);
        let pending = locked(&self.before.met).pending.remove(&report.path.file);
        let count = windows.len().max(1);
        self.done.read += u64::from(pending.is_some());
        // Below a folder that cannot be entered nothing is known to be gone.
        let hidden = matches!(report.reason, Some(Reason::Denied | Reason::ReadError));
        self.done.unwalked += u64::from(pending.is_none() && hidden);
        self.done.postings += postings;
        self.done.bytes += report.bytes;
        let left = report.status != Status::Scanned;
        self.done.incomplete += u64::from(left && !report.accepted);
        let unread = left || inside.unread;
        let pending = pending.filter(|pending| {
            // What had grown and cannot be read just now stays as it was.
            let lost = report.status == Status::Failed && pending.grown.is_some();
            report.reason != Some(Reason::Interrupted) && !lost
        });
        let Some(pending) = pending else {
            self.draft.skip_windows(count)?;
            self.draft.manifest.dead += postings;
            return Ok(());
        };
        let beside = report.format == Some(crate::format::sqlite::NAME);
        let steady = !pending.fresh
            && report.status != Status::Failed
            && Facts::parse(&Facts::of(report, inside.count > 0).to_bytes()).is_some()
            && super::roots::Looked::at(&report.path.file, true).as_ref() == Some(&pending.looked);
        let stamp = if steady {
            pending.looked.stamp(self.before.keys, beside)
        } else {
            [0; 16]
        };
        let growing = if steady && !unread {
            let apart = |at: &&WindowAt| at.apart && windows.len() > 1 && inside.count == 0;
            let last = windows.last().filter(apart);
            last.map(|last| (*last, before_last))
        } else {
            None
        };
        self.put(
            report,
            &pending,
            &windows,
            (stamp, beside, &mut inside),
            (postings, growing),
        )
    }

    /// Puts the source into the new catalogue.
    fn put(
        &mut self,
        report: &FileReport,
        pending: &Pending,
        windows: &[WindowAt],
        (stamp, beside, inside): ([u8; 16], bool, &mut Inside),
        (postings, growing): (u64, Option<(WindowAt, u64)>),
    ) -> Result<(), IndexError> {
        let keys = self.before.keys;
        let first = self.draft.window(0)?;
        let count = windows.len().max(1) as u32;
        let (id, before, skip) = match &pending.grown {
            Some((old, growing)) => {
                self.done.grown += 1;
                self.draft.manifest.dead += old.postings.saturating_sub(growing.postings);
                let skip = self.draft.catalogue(keys)?.drop_last_window(old.id)?;
                (old.id, growing.postings, skip)
            }
            None => {
                self.done.changed += u64::from(pending.known);
                (self.draft.next_source(), 0, 0)
            }
        };
        let growing = growing.or_else(|| {
            // A window behind others is not the only one.
            let last = windows
                .last()
                .filter(|at| at.apart && skip > 0 && stamp != [0; 16]);
            last.filter(|_| report.status == Status::Scanned)
                .map(|last| (*last, 0))
        });
        let growing = growing.and_then(|(last, postings)| {
            let path: &Path = &report.path.file;
            growing::Growing::of(path, last, before + postings, keys)
        });
        let growing = growing.as_ref().map(Growing::to_bytes);
        let growing = growing
            .map(|plain| keys.seal(self.draft.io, &growing_context(id), &plain))
            .transpose()?;
        let path = pending.real.as_os_str().as_encoded_bytes();
        let extent = if windows.is_empty() || inside.count > 0 {
            (Vec::new(), 0)
        } else {
            let mut plain = Vec::new();
            put_windows(&mut plain, windows);
            self.draft
                .sealed(keys, "windows", u64::from(first), plain)?
        };
        let source = Source {
            id,
            name: pending.name,
            same: pending.looked.same(keys),
            kind: kind(keys, report.format),
            stamp,
            beside,
            root: pending.root,
            state: match report.status {
                Status::Scanned => u8::from(inside.unread),
                Status::Partial => 1,
                Status::Skipped => 2,
                Status::Failed => 3,
            },
            bytes: report.bytes_scanned + inside.bytes,
            postings: before + postings,
            growing,
            path: self.draft.sealed(keys, "path", id, path.to_vec())?,
            facts: self
                .draft
                .sealed(keys, "facts", id, inside.facts(report).to_bytes())?,
        };
        let catalogue = self.draft.catalogue(keys)?;
        catalogue.put(&source)?;
        catalogue.put_extent(&Extent {
            first,
            count,
            source: id,
            skip,
            windows: extent,
        })?;
        self.draft.skip_windows(count as usize)
    }
}

impl<'io: 'scope, 'scope> Sink for Collector<'_, 'io, 'scope, '_> {
    fn wants(&self) -> Wants {
        Wants {
            places: true,
            times: true,
            ..Wants::default()
        }
    }

    fn window(&mut self, at: &WindowAt) -> Result<(), SinkError> {
        self.windows.push(*at);
        self.before_last = self.postings;
        Ok(())
    }

    fn findings(&mut self, path: &SourcePath, findings: &[Finding]) -> Result<(), SinkError> {
        let done = self.take(findings, path.member.is_some());
        self.pass(done)
    }

    fn file(&mut self, report: &FileReport) -> Result<(), SinkError> {
        if let Some(error) = locked(&self.before.met).failed.take() {
            return self.pass(Err(error));
        }
        // Members come before what holds them, and are part of it here.
        if let Some(name) = &report.path.member {
            self.members.get_or_insert_default().add(name, report);
            let unread = report.status != Status::Scanned;
            self.done.incomplete += u64::from(unread && !report.accepted);
            return Ok(());
        }
        let done = self.end(report);
        self.pass(done)
    }

    fn summary(&mut self, _summary: &Summary) -> Result<(), SinkError> {
        Ok(())
    }
}
