//! The engine: walks sources, reads and detects on all threads, and hands results over in order.
//!
//! Owns the order of results, the batches and the account of the run. Knows neither formats nor
//! entities nor how anything is shown.

mod known;
mod names;
mod pack;
mod plan;
mod progress;
pub(crate) mod records;
mod report;
mod source;
mod tally;
mod window;

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Instant;

use rayon::prelude::*;

pub use known::{Known, Memo, Recalled, WindowAt};
pub use plan::{AcceptUnread, Root, ScanPlan, Selection, globs};
pub use progress::Progress;
pub use report::{FileReport, Sink, SinkError, SourcePath, Status, Summary, Wants};

use crate::detect::Detectors;
use crate::detect::phone::plan::Region;
use crate::finding::Finding;
use crate::format::{self, Reason};
use crate::source::{Input, OpenError, Window, open_file, reason_of, standard_input};
use crate::walk::{Met, walk};
use names::Named;
pub(crate) use pack::rows;
pub(crate) use source::{Look, Opened, look, look_within};
use source::{Seek, Task};
use tally::Counts;
use window::Memory;

/// Files taken at once: enough to keep every thread busy, few enough to hold their results.
const BATCH: usize = 128;

/// Why a run could not start or go on.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// A region that is none.
    #[error(
        "unknown region '{given}'\n\nhint: regions are ISO 3166 codes such as 'US'; did you mean '{nearest}'?"
    )]
    Region {
        /// What was given.
        given: String,
        /// The nearest code.
        nearest: &'static str,
    },
    /// A format name that is none.
    #[error(transparent)]
    Format(#[from] format::UnknownFormat),
    /// The threads could not be started.
    #[error("cannot start {threads} threads: {reason}\n\nhint: ask for fewer with -j")]
    Threads {
        /// How many were asked for.
        threads: usize,
        /// What the system said.
        reason: String,
    },
    /// The output failed.
    #[error(transparent)]
    Output(#[from] SinkError),
}

/// Scans everything the plan names and hands it to `sink`.
///
/// # Errors
/// [`ScanError`] before anything is read for a wrong region, format or thread count; later only
/// when the output fails.
pub fn run(
    plan: &ScanPlan,
    sink: &mut dyn Sink,
    progress: &Progress,
) -> Result<Summary, ScanError> {
    run_with(plan, sink, progress, None)
}

/// The same, going by what is known of sources from an earlier scan.
///
/// # Errors
/// See [`run`].
pub fn run_with(
    plan: &ScanPlan,
    sink: &mut dyn Sink,
    progress: &Progress,
    memo: Option<Memo<'_>>,
) -> Result<Summary, ScanError> {
    let started = Instant::now();
    let detectors = Detectors::new(regions(&plan.regions)?, plan.entities, plan.min_confidence)
        .with_rules(plan.rules.clone());
    let as_format = plan.as_format.as_deref().map(format::by_name).transpose()?;
    let threads = plan.threads.get();
    let pool = self::threads(plan.threads)?;
    let mut wants = sink.wants();
    wants.values |= plan.show_values;
    let task = Task {
        seek: Seek {
            detectors: &detectors,
            subjects: plan.subjects.as_ref(),
            lists: &plan.lists,
        },
        wants,
        as_format,
        progress,
        threads,
        known: memo.as_ref().map(|memo| memo.known),
    };
    let (files, summary) = memo.map_or_else(Default::default, |memo| (memo.files, memo.rest));
    let mut run = Run {
        task,
        plan,
        sink,
        summary,
        counts: Counts::default(),
        named: (0, 0),
    };
    let mut batch = Vec::with_capacity(BATCH);
    let mut entries: Box<dyn Iterator<Item = Met>> = match files {
        Some(files) => Box::new(files.into_iter().map(Met::File)),
        None => Box::new(walk(&plan.roots, &plan.selection)),
    };
    loop {
        batch.clear();
        batch.extend(entries.by_ref().take(BATCH));
        if batch.is_empty() || progress.stopped() {
            break;
        }
        let looked = run.look_at(&pool, &mut batch);
        for (named, seen) in looked {
            run.meet(&pool, &named, seen)?;
        }
    }
    let mut summary = run.summary;
    summary.findings = run.counts.list();
    summary.interrupted = progress.stopped();
    summary.seconds = started.elapsed().as_secs_f64();
    sink.summary(&summary)?;
    Ok(summary)
}

/// The threads of a run.
pub(crate) fn threads(threads: NonZeroUsize) -> Result<rayon::ThreadPool, ScanError> {
    let threads = threads.get();
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|e| ScanError::Threads {
            threads,
            reason: e.to_string(),
        })
}

/// The regions of ISO 3166 `codes`.
pub(crate) fn regions(codes: &[String]) -> Result<Vec<Region>, ScanError> {
    codes
        .iter()
        .map(|code| {
            Region::parse(code).ok_or_else(|| ScanError::Region {
                given: code.clone(),
                nearest: Region::nearest(code).unwrap_or("US"),
            })
        })
        .collect()
}

/// A run in progress.
struct Run<'a> {
    task: Task<'a>,
    plan: &'a ScanPlan,
    sink: &'a mut dyn Sink,
    summary: Summary,
    counts: Counts,
    /// What was found in the name of the file that is at work, and allowed there.
    named: (u64, u64),
}

/// What a worker made of an entry.
enum Seen {
    /// A source that was scanned within its first window.
    Small(Vec<Finding>, FileReport),
    /// A source that takes all threads.
    Large(SourcePath),
    /// A source of which some windows are read.
    Parts(FileReport, Vec<WindowAt>),
    /// A source that is read from a window on.
    Grown(SourcePath, WindowAt),
    /// A source that holds nothing of what is looked for, and its members.
    Known(Vec<FileReport>),
    /// A source of which enough is known.
    Left,
    Excluded,
    /// A folder, of which there is nothing to tell.
    Nothing,
}

impl Seen {
    /// The file, where there is something to tell of it.
    fn path(&self) -> Option<&SourcePath> {
        match self {
            Seen::Small(_, report) | Seen::Parts(report, _) => Some(&report.path),
            Seen::Large(path) | Seen::Grown(path, _) => Some(path),
            Seen::Known(reports) => {
                let mut paths = reports.iter().map(|report| &report.path);
                paths.find(|path| path.member.is_none())
            }
            Seen::Left | Seen::Excluded | Seen::Nothing => None,
        }
    }
}

impl Run<'_> {
    /// Looks at a batch of entries on all threads; small sources are scanned at once.
    fn look_at(&self, pool: &rayon::ThreadPool, batch: &mut Vec<Met>) -> Vec<(Named, Seen)> {
        let task = &self.task;
        if task.threads == 1 {
            let mut lane = Lane::default();
            return batch
                .drain(..)
                .map(|met| lane.look_with_name(task, met))
                .collect();
        }
        pool.install(|| {
            batch
                .par_drain(..)
                .with_min_len(BATCH / 16)
                .map_init(Lane::default, |lane, met| lane.look_with_name(task, met))
                .collect()
        })
    }

    /// Hands on what was found in the name of an entry, and then what it came to.
    fn meet(
        &mut self,
        pool: &rayon::ThreadPool,
        named: &Named,
        seen: Seen,
    ) -> Result<(), ScanError> {
        if let Some(path) = seen.path() {
            self.found(path, &named.findings)?;
        }
        self.named = (named.findings.len() as u64, named.allowed);
        self.conclude(pool, seen)?;
        self.named = (0, 0);
        Ok(())
    }

    fn conclude(&mut self, pool: &rayon::ThreadPool, seen: Seen) -> Result<(), ScanError> {
        match seen {
            Seen::Excluded => {
                self.summary.excluded += 1;
                Ok(())
            }
            Seen::Nothing => Ok(()),
            Seen::Left => {
                self.task.progress.add_file();
                Ok(())
            }
            Seen::Known(reports) => reports.into_iter().try_for_each(|report| {
                self.task.progress.add_bytes(report.bytes);
                self.account(report)
            }),
            Seen::Small(findings, report) => {
                self.task.progress.add_bytes(report.bytes);
                self.task.progress.add_findings(report.findings);
                self.counts.add(&findings);
                if !findings.is_empty() {
                    self.sink.findings(&report.path, &findings)?;
                }
                self.account(report)
            }
            Seen::Large(path) => {
                if self.task.progress.stopped() {
                    return Ok(());
                }
                let input = if path.file.as_os_str() == "-" {
                    Ok(standard_input())
                } else {
                    open_file(&path.file, Vec::new())
                };
                let report = match input {
                    Err(OpenError { reason }) => refused(path, reason),
                    Ok(input) => self.scan_large(pool, path, input, None)?,
                };
                self.account(report)
            }
            Seen::Grown(path, from) => {
                if self.task.progress.stopped() {
                    return Ok(());
                }
                let report = match open_file(&path.file, Vec::new()) {
                    Err(OpenError { reason }) => refused(path, reason),
                    Ok(input) => self.scan_large(pool, path, input, Some(from))?,
                };
                self.account(report)
            }
            Seen::Parts(report, windows) => {
                let report = self.scan_parts(pool, report, &windows)?;
                self.account(report)
            }
        }
    }

    fn scan_large(
        &mut self,
        pool: &rayon::ThreadPool,
        path: SourcePath,
        input: Input,
        from: Option<WindowAt>,
    ) -> Result<FileReport, ScanError> {
        let mut opened = match self.task.look(&path.file, input) {
            Look::Skip(format) => return Ok(skipped(path, format)),
            Look::Open(opened) => opened,
            held => return self.scan_held(pool, path, held),
        };
        if let Some(from) = &from
            && let Err(error) = opened.resume(&path.file, from)
        {
            return Ok(refused(path, reason_of(&error)));
        }
        self.scan_opened(pool, path, &mut opened, from)
    }

    fn scan_opened(
        &mut self,
        pool: &rayon::ThreadPool,
        path: SourcePath,
        opened: &mut Opened,
        from: Option<WindowAt>,
    ) -> Result<FileReport, ScanError> {
        let (task, counts) = (&self.task, &mut self.counts);
        let sink = &mut *self.sink;
        let tally = if task.threads == 1 {
            opened.large(task, &path, sink, counts, from)?
        } else {
            pool.install(|| opened.large(task, &path, sink, counts, from))?
        };
        let stopped = self.task.progress.stopped();
        Ok(opened.report(path, &tally, stopped))
    }

    /// Scans windows of a source whose account is `report` but for the findings.
    fn scan_parts(
        &mut self,
        pool: &rayon::ThreadPool,
        report: FileReport,
        windows: &[WindowAt],
    ) -> Result<FileReport, ScanError> {
        let input = match open_file(&report.path.file, Vec::new()) {
            Err(OpenError { reason }) => return Ok(refused(report.path, reason)),
            Ok(input) => input,
        };
        let opened = match self.task.look(&report.path.file, input) {
            Look::Skip(format) => return Ok(skipped(report.path, format)),
            Look::Open(opened) => opened,
            held => return self.scan_held(pool, report.path, held),
        };
        let done = opened.parts(
            &self.task,
            &report.path,
            &mut *self.sink,
            &mut self.counts,
            windows,
        )?;
        Ok(match done {
            Ok((findings, allowed)) => FileReport {
                findings,
                allowed,
                ..report
            },
            Err(error) => refused(report.path, reason_of(&error)),
        })
    }

    fn account(&mut self, mut report: FileReport) -> Result<(), ScanError> {
        if report.path.member.is_none() {
            let (found, allowed) = std::mem::take(&mut self.named);
            report.findings += found;
            report.allowed += allowed;
        }
        let unread = report.status != Status::Scanned;
        report.accepted = unread
            && self
                .plan
                .accept_unread
                .accepts(&report.path.shown(), report.format, report.reason);
        self.counts.add_list(&report.more);
        self.summary.allowed += report.allowed;
        self.summary.files += 1;
        self.summary.incomplete += u64::from(unread && !report.accepted);
        self.summary.bytes += report.bytes_scanned;
        self.task.progress.add_file();
        Ok(self.sink.file(&report)?)
    }
}

/// Memory of one worker.
#[derive(Default)]
struct Lane {
    memory: Memory,
    window: Window,
    buffer: Vec<u8>,
}

impl Lane {
    /// Looks at an entry and at its name.
    fn look_with_name(&mut self, task: &Task<'_>, met: Met) -> (Named, Seen) {
        let mut named = Named::default();
        if let Met::File(path) | Met::Refused(path, _) | Met::Folder(path) = &met
            && let Some(name) = path.file_name()
        {
            let name = names::name(name.as_encoded_bytes());
            named.look(&name, task, &mut self.memory);
        }
        let seen = match met {
            Met::Folder(_) if named.findings.is_empty() => Seen::Nothing,
            met => self.look(task, met),
        };
        (named, seen)
    }

    fn look(&mut self, task: &Task<'_>, met: Met) -> Seen {
        let (path, reason) = match met {
            Met::Folder(path) => return Seen::Small(Vec::new(), entry(file(path), "folder")),
            Met::Excluded => return Seen::Excluded,
            Met::Stdin => return Seen::Large(file("-".into())),
            Met::Refused(path, reason) => (path, Some(reason)),
            Met::File(path) => (path, None),
        };
        if let Some(reason) = reason {
            return Seen::Small(Vec::new(), refused(file(path), reason));
        }
        match task
            .known
            .map_or(Recalled::Unknown, |known| known.recall(&path))
        {
            Recalled::Unknown => {}
            Recalled::Left => return Seen::Left,
            Recalled::Nothing(reports) => return Seen::Known(reports),
            Recalled::Within(report, windows) => return Seen::Parts(*report, windows),
            Recalled::Grown(from) => return Seen::Grown(file(path), from),
        }
        let input = match open_file(&path, std::mem::take(&mut self.buffer)) {
            Ok(input) => input,
            Err(OpenError { reason }) => {
                return Seen::Small(Vec::new(), refused(file(path), reason));
            }
        };
        if !input.is_whole() {
            return Seen::Large(file(path));
        }
        match task.look(&path, input) {
            Look::Skip(format) => Seen::Small(Vec::new(), skipped(file(path), format)),
            Look::Pack(..) | Look::Rows(_) => Seen::Large(file(path)),
            Look::Open(opened) => match opened.small(task, &mut self.memory, &mut self.window) {
                Err(()) => Seen::Large(file(path)),
                Ok((findings, tally, opened)) => {
                    let report = opened.report(file(path), &tally, false);
                    self.buffer = opened.into_buffer();
                    Seen::Small(findings, report)
                }
            },
        }
    }
}

fn file(file: PathBuf) -> SourcePath {
    SourcePath { file, member: None }
}

/// The account of what has a name and no content of its own, told only where the name holds
/// something.
fn entry(path: SourcePath, what: &'static str) -> FileReport {
    FileReport {
        path,
        format: Some(what),
        status: Status::Scanned,
        reason: None,
        accepted: false,
        bytes: 0,
        bytes_scanned: 0,
        findings: 0,
        more: Vec::new(),
        allowed: 0,
    }
}

fn refused(path: SourcePath, reason: Reason) -> FileReport {
    let status = match reason {
        Reason::Symlink | Reason::Special => Status::Skipped,
        _ => Status::Failed,
    };
    FileReport {
        path,
        format: None,
        status,
        reason: Some(reason),
        accepted: false,
        bytes: 0,
        bytes_scanned: 0,
        findings: 0,
        more: Vec::new(),
        allowed: 0,
    }
}

fn skipped(path: SourcePath, format: &'static str) -> FileReport {
    let bytes = std::fs::metadata(&path.file).map_or(0, |m| m.len());
    FileReport {
        path,
        format: Some(format),
        status: Status::Skipped,
        reason: Some(Reason::Unsupported(format)),
        accepted: false,
        bytes,
        bytes_scanned: 0,
        findings: 0,
        more: Vec::new(),
        allowed: 0,
    }
}
