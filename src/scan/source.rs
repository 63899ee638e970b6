//! One source from its first bytes to its report: what it is, how it is read, what is in it.

use std::io;
use std::path::Path;

use rayon::prelude::*;

use super::window::{Memory, Scanned, scan};
use super::{FileReport, Known, Progress, Sink, SinkError, SourcePath, Status, Wants, WindowAt};
use crate::container;
use crate::detect::Detectors;
use crate::entity::Entity;
use crate::finding::{Canonical, Finding};
use crate::format::recording::{self, Kind};
use crate::format::sqlite::{self, Feed, Rows};
use crate::format::{self, Format, HEAD_LEN, Head, Reader, Reason};
use crate::lists::Lists;
use crate::source::{Charset, Compression, Input, Window, Windows, open_to_read};
use crate::subject::Subjects;

/// What every source of a run is scanned with.
pub(super) struct Task<'a> {
    pub(super) seek: Seek<'a>,
    pub(super) wants: Wants,
    pub(super) as_format: Option<&'static dyn Format>,
    pub(super) progress: &'a Progress,
    pub(super) threads: usize,
    /// Who knows of sources from an earlier scan.
    pub(super) known: Option<&'a dyn Known>,
}

/// What is looked for.
#[derive(Clone, Copy)]
pub(super) struct Seek<'a> {
    /// What finds.
    pub(super) detectors: &'a Detectors,
    /// Whose data is wanted, where that is not everybody's.
    pub(super) subjects: Option<&'a Subjects>,
    /// What is the company's own, and what is no finding.
    pub(super) lists: &'a Lists,
}

/// A source whose format is chosen.
pub(crate) struct Opened {
    pub(crate) windows: Windows,
    pub(crate) reader: Box<dyn Reader>,
    pub(crate) format: &'static str,
    /// Why the whole of it cannot count as read, whatever its windows say.
    pub(crate) doubt: Option<Reason>,
    mark: u64,
}

/// What became of the first look at a source.
pub(crate) enum Look {
    /// It can be scanned.
    Open(Box<Opened>),
    /// It holds sources of its own.
    Pack(container::Kind, Input),
    /// A database that lies in no file of its own, so that it cannot be read at any place yet.
    Rows(Input),
    /// It is a format nobody reads yet.
    Skip(&'static str),
}

impl Task<'_> {
    /// Chooses encoding, format and reader from the first bytes.
    pub(super) fn look(&self, path: &Path, input: Input) -> Look {
        look(path, input, self.as_format)
    }

    /// As [`Task::look`], of what is called `name` in a container.
    pub(super) fn look_within(&self, name: &str, input: Input) -> Look {
        look_within(name, input, self.as_format)
    }
}

/// Chooses encoding, format and reader from the first bytes of the source at `path`.
pub(crate) fn look(path: &Path, input: Input, as_format: Option<&'static dyn Format>) -> Look {
    if as_format.is_none()
        && let Some(side) = sqlite::side(path, input.head())
    {
        return Look::Open(Box::new(Opened::of_rows(side)));
    }
    let name = path.as_os_str().as_encoded_bytes();
    look_at(name, Some(path), input, as_format)
}

/// As [`look`], of what is called `name` in a container: no file has to do with that name.
pub(crate) fn look_within(
    name: &str,
    input: Input,
    as_format: Option<&'static dyn Format>,
) -> Look {
    look_at(name.as_bytes(), None, input, as_format)
}

fn look_at(
    path: &[u8],
    file: Option<&Path>,
    input: Input,
    as_format: Option<&'static dyn Format>,
) -> Look {
    let head = input.head();
    let start = memchr::memrchr(b'/', path).map_or(0, |slash| slash + 1);
    let name = String::from_utf8_lossy(path.get(start..).unwrap_or_default());
    let name = input.compression.strip_suffix(&name);
    if as_format.is_none() {
        let known = format::recognise(head);
        if let Some(kind) = Kind::of(known, head, name) {
            return Look::Open(Box::new(Opened::of_recording(kind, input)));
        }
        if let Some(kind) = container::Kind::of(head, known) {
            return Look::Pack(kind, input);
        }
        if known == Some(sqlite::NAME) {
            // A database is read at any place, so it must be a file: not a stream, nor compressed.
            let plain = input.compression == Compression::None;
            if let Some(file) = file.filter(|file| plain && file.is_file()) {
                return Look::Open(Box::new(Opened::of_rows(sqlite::feed(file))));
            }
            return Look::Rows(input);
        }
        if let Some(known) = known {
            return Look::Skip(known);
        }
    }
    let whole = input.is_whole();
    let plain = format::is_plain(head);
    let charset = if plain {
        Charset::Utf8 { mark: 0 }
    } else {
        Charset::of(head, whole)
    };
    let mut text = Vec::new();
    let decoded: &[u8] = if charset.is_plain() {
        head.get(charset.mark()..).unwrap_or_default()
    } else {
        charset.decode(&head[charset.mark()..], 0, &mut text);
        &text
    };
    let shown = Head {
        text: decoded
            .get(..decoded.len().min(HEAD_LEN))
            .unwrap_or_default(),
        name,
        whole,
    };
    let (chosen, reader) = match as_format {
        Some(format) => (format, format.open(&shown)),
        None => format::tell_and_open(&shown),
    };
    let doubt = (!plain && !format::is_text(shown.text)).then_some(Reason::Opaque);
    Look::Open(Box::new(Opened {
        format: chosen.name(),
        mark: charset.mark() as u64,
        windows: Windows::new(input, charset),
        reader,
        doubt,
    }))
}

/// The account of a source while its windows come in.
#[derive(Default)]
pub(super) struct Tally {
    lines: u64,
    tail: u64,
    records: u64,
    bytes: u64,
    bytes_read: u64,
    findings: u64,
    unread: Option<Reason>,
    /// Findings that were counted only.
    more: Counts,
    /// Values that are no findings.
    allowed: u64,
    groups: Groups,
}

/// Gives the places of a record that repeat one value the same number.
#[derive(Default)]
struct Groups {
    last: u32,
    /// The record, or the line of what lies in none.
    record: (Option<u64>, u64),
    /// Different values of the record in windows before.
    carried: Vec<(Entity, Canonical, u32)>,
    /// Where different values of the record stand first in this window.
    first: Vec<u32>,
}

/// Different values of one record that are remembered for grouping; a longer record starts over.
const VALUES_GROUPED: usize = 64;

impl Groups {
    /// Numbers the findings of a window.
    fn number(&mut self, findings: &mut [Finding]) {
        for i in 0..findings.len() {
            let (before, rest) = findings.split_at_mut(i);
            let Some(finding) = rest.first_mut() else {
                break;
            };
            let line = finding.record.map_or(finding.line, |_| 0);
            let full = self.first.len() + self.carried.len() >= VALUES_GROUPED;
            if self.record != (finding.record, line) || full {
                self.record = (finding.record, line);
                self.first.clear();
                self.carried.clear();
            }
            finding.group = self.known(before, finding).unwrap_or_else(|| {
                self.last += 1;
                self.first.push(i as u32);
                self.last
            });
        }
        // What the next window may repeat has to outlive this one's findings.
        for first in self.first.drain(..) {
            if let Some(finding) = findings.get(first as usize) {
                let value = finding.canonical.clone();
                self.carried.push((finding.entity, value, finding.group));
            }
        }
    }

    /// The number that the finding's value has already in its record.
    #[inline]
    fn known(&self, before: &[Finding], finding: &Finding) -> Option<u32> {
        let value = (finding.entity, &finding.canonical);
        let carried = self.carried.iter();
        let mut carried = carried.filter(|(entity, canonical, _)| (*entity, canonical) == value);
        carried.next().map(|(.., group)| *group).or_else(|| {
            let firsts = self.first.iter().filter_map(|&at| before.get(at as usize));
            let mut same = firsts.filter(|first| (first.entity, &first.canonical) == value);
            same.next().map(|first| first.group)
        })
    }
}

impl Tally {
    /// Of a source of which all before `at` is known.
    fn up_to(at: &WindowAt) -> Tally {
        let mut tally = Tally::default();
        tally.go_to(at);
        tally
    }

    /// Counts on from `at`.
    fn go_to(&mut self, at: &WindowAt) {
        (self.lines, self.tail, self.records) = (at.lines, at.tail, at.records);
        (self.bytes, self.bytes_read) = (at.offset, at.offset);
    }

    /// Where the next window lies.
    fn next(&self, scanned: &Scanned, apart: bool) -> WindowAt {
        WindowAt {
            offset: self.bytes,
            bytes: scanned.bytes,
            torn: scanned.torn,
            lines: self.lines,
            tail: self.tail,
            records: self.records,
            apart,
        }
    }

    /// Joins the next window's counts and makes its findings' places those of the source.
    pub(super) fn join(&mut self, scanned: &Scanned, memory: &mut Memory, wants: Wants) {
        let findings = &mut *memory.findings;
        if wants.places {
            for finding in findings.iter_mut() {
                // A cell of a database stands on no line, and nothing in a recording.
                if finding.cell.is_none() && !scanned.in_recording {
                    if finding.line == 0 {
                        finding.column += self.tail;
                    }
                    finding.line += self.lines + 1;
                }
                let before = if scanned.in_recording {
                    0
                } else {
                    self.records
                };
                finding.record = finding.record.map(|record| record + before + 1);
            }
            self.groups.number(findings);
            self.tail = if scanned.lines == 0 {
                self.tail + scanned.tail
            } else {
                scanned.tail
            };
        }
        self.lines += scanned.lines;
        self.records += scanned.records;
        self.bytes += scanned.bytes;
        self.bytes_read += scanned.bytes_read;
        self.findings += findings.len() as u64 + scanned.more;
        if scanned.more > 0 {
            self.more.join(&memory.more);
        }
        self.allowed += scanned.allowed;
        self.unread = self.unread.or(scanned.unread);
    }
}

impl Opened {
    /// A database.
    pub(crate) fn of_rows(feed: Feed) -> Opened {
        Opened {
            windows: Windows::of_rows(feed),
            // Each window brings its own; this one is never asked.
            reader: Box::new(Rows::default()),
            format: sqlite::NAME,
            doubt: None,
            mark: 0,
        }
    }

    /// A recording.
    fn of_recording(kind: Kind, input: Input) -> Opened {
        Opened {
            windows: Windows::of_recording(recording::feed(kind, input)),
            // Each window brings its own; this one is never asked.
            reader: Box::new(Rows::default()),
            format: kind.name(),
            doubt: None,
            mark: 0,
        }
    }

    /// Scans the whole source when it ends within its first window.
    ///
    /// Returns the findings and report, or the source as it was with its first window unread.
    pub(super) fn small(
        mut self,
        task: &Task<'_>,
        memory: &mut Memory,
        window: &mut Window,
    ) -> Result<(Vec<Finding>, Tally, Opened), ()> {
        let mut tally = Tally {
            bytes: self.mark,
            bytes_read: self.mark,
            ..Tally::default()
        };
        let mut findings = Vec::new();
        if self.windows.next(&*self.reader, window) {
            if !self.windows.is_done() {
                return Err(());
            }
            let scanned = scan(window, &*self.reader, task.seek, task.wants, memory);
            tally.join(&scanned, memory, task.wants);
            findings = memory.findings.drain(..).collect();
        }
        Ok((findings, tally, self))
    }

    /// Scans a source of any size on all threads, handing findings over in order.
    pub(super) fn large(
        &mut self,
        task: &Task<'_>,
        path: &SourcePath,
        sink: &mut dyn Sink,
        counts: &mut Counts,
        from: Option<WindowAt>,
    ) -> Result<Tally, SinkError> {
        let mut tally = match &from {
            Some(from) => Tally::up_to(from),
            None => Tally {
                bytes: self.mark,
                bytes_read: self.mark,
                ..Tally::default()
            },
        };
        let to = (path, self.windows.are_apart());
        if task.threads == 1 {
            let (mut memory, mut window) = (Memory::default(), Window::default());
            while !task.progress.stopped() && self.windows.next(&*self.reader, &mut window) {
                let scanned = scan(&window, &*self.reader, task.seek, task.wants, &mut memory);
                hand_over(scanned, &mut memory, task, to, sink, counts, &mut tally)?;
            }
            return Ok(tally);
        }
        // While one batch is scanned the next is read; both are bounded by the batch's size.
        let mut lanes: Vec<(Window, Memory)> = Vec::new();
        let mut coming: Vec<(Window, Memory)> = Vec::new();
        for _ in 0..task.threads * WINDOWS_PER_THREAD {
            lanes.push(Default::default());
            coming.push(Default::default());
        }
        let mut filled = fill(&mut self.windows, &*self.reader, &mut lanes);
        while filled > 0 && !task.progress.stopped() {
            let Opened {
                windows, reader, ..
            } = self;
            let reader = &**reader;
            let (results, next) = rayon::join(
                || {
                    lanes[..filled]
                        .par_iter_mut()
                        .map(|(window, memory)| scan(window, reader, task.seek, task.wants, memory))
                        .collect::<Vec<Scanned>>()
                },
                || fill(windows, reader, &mut coming),
            );
            for (scanned, (_, memory)) in results.into_iter().zip(&mut lanes) {
                hand_over(scanned, memory, task, to, sink, counts, &mut tally)?;
            }
            std::mem::swap(&mut lanes, &mut coming);
            filled = next;
        }
        Ok(tally)
    }

    /// Goes on from `at`, before which all is known, in the file at `path`.
    pub(super) fn resume(&mut self, path: &Path, at: &WindowAt) -> io::Result<()> {
        self.windows.resume(open_to_read(path)?, at, self.mark)
    }

    /// Scans `windows` alone, in order; gives how many findings there were, and how many more that
    /// are none because the user says so.
    pub(super) fn parts(
        &self,
        task: &Task<'_>,
        path: &SourcePath,
        sink: &mut dyn Sink,
        counts: &mut Counts,
        windows: &[WindowAt],
    ) -> Result<io::Result<(u64, u64)>, SinkError> {
        let (mut memory, mut window) = (Memory::default(), Window::default());
        let mut tally = Tally::default();
        let file = match open_to_read(&path.file) {
            Ok(file) => file,
            Err(error) => return Ok(Err(error)),
        };
        for at in windows {
            if task.progress.stopped() {
                break;
            }
            if let Err(error) = window.read_at(&file, at, self.mark) {
                return Ok(Err(error));
            }
            tally.go_to(at);
            let scanned = scan(&window, &*self.reader, task.seek, task.wants, &mut memory);
            let to = (path, true);
            hand_over(scanned, &mut memory, task, to, sink, counts, &mut tally)?;
        }
        Ok(Ok((tally.findings, tally.allowed)))
    }

    /// The report of the source once its windows are through.
    pub(super) fn report(&self, path: SourcePath, tally: &Tally, stopped: bool) -> FileReport {
        let feed = self.windows.feed();
        let recording = self.windows.recording();
        let of_recording = recording.and_then(recording::Feed::unread);
        let left_out = feed.and_then(Feed::unread).or(of_recording);
        let mut reason = tally.unread.or(left_out).or(self.windows.failed());
        if reason.is_none() {
            reason = self.doubt;
        }
        let unfinished = stopped && !self.windows.is_done();
        let status = match reason {
            None if unfinished => Status::Partial,
            None => Status::Scanned,
            Some(Reason::Denied | Reason::Vanished | Reason::ReadError)
                if tally.bytes_read == 0 =>
            {
                Status::Failed
            }
            Some(_) if feed.is_some() && tally.bytes_read == 0 => Status::Failed,
            Some(_) => Status::Partial,
        };
        // Of a database the whole file counts, though only the text of its cells is looked at.
        let (heard, unheard) = recording.map_or((0, 0), recording::Feed::bytes);
        let whole = feed.map_or(heard, Feed::size);
        let structure = whole.saturating_sub(tally.bytes);
        let read_structure = if status == Status::Failed {
            0
        } else {
            structure.saturating_sub(unheard)
        };
        let doubted = self.doubt.is_some();
        FileReport {
            path,
            format: Some(self.format),
            status,
            reason: if unfinished {
                Some(Reason::Interrupted)
            } else {
                reason
            },
            accepted: false,
            bytes: tally.bytes + structure,
            bytes_scanned: if doubted {
                0
            } else {
                tally.bytes_read + read_structure
            },
            findings: tally.findings,
            more: tally.more.list(),
            allowed: tally.allowed,
        }
    }

    /// The memory of the source's first bytes, to be used again.
    pub(super) fn into_buffer(self) -> Vec<u8> {
        self.windows.into_buffer()
    }
}

/// Windows a thread has waiting; enough that none idles while the next batch is read.
const WINDOWS_PER_THREAD: usize = 4;

fn fill(windows: &mut Windows, reader: &dyn Reader, lanes: &mut [(Window, Memory)]) -> usize {
    let mut filled = 0;
    for (window, _) in lanes {
        if !windows.next(reader, window) {
            break;
        }
        filled += 1;
    }
    filled
}

/// Findings by entity.
#[derive(Clone, Default)]
pub(super) struct Counts([u64; 32]);

impl Counts {
    pub(super) fn add(&mut self, findings: &[Finding]) {
        for finding in findings {
            self.0[finding.entity as usize] += 1;
        }
    }

    pub(super) fn add_list(&mut self, list: &[(Entity, u64)]) {
        for (entity, count) in list {
            self.0[*entity as usize] += count;
        }
    }

    /// Counts one more of `entity`.
    #[inline]
    pub(super) fn count(&mut self, entity: Entity) {
        self.0[entity as usize] += 1;
    }

    fn join(&mut self, other: &Counts) {
        for (count, more) in self.0.iter_mut().zip(other.0) {
            *count += more;
        }
    }

    /// The count of `entity`.
    #[inline]
    pub(super) fn of(&self, entity: Entity) -> u64 {
        self.0[entity as usize]
    }

    pub(super) fn list(&self) -> Vec<(Entity, u64)> {
        Entity::ALL
            .iter()
            .map(|e| (*e, self.0[*e as usize]))
            .filter(|(_, n)| *n > 0)
            .collect()
    }
}

fn hand_over(
    scanned: Scanned,
    memory: &mut Memory,
    task: &Task<'_>,
    (path, apart): (&SourcePath, bool),
    sink: &mut dyn Sink,
    counts: &mut Counts,
    tally: &mut Tally,
) -> Result<(), SinkError> {
    sink.window(&tally.next(&scanned, apart))?;
    tally.join(&scanned, memory, task.wants);
    let findings = &*memory.findings;
    counts.add(findings);
    task.progress.add_bytes(scanned.bytes);
    task.progress
        .add_findings(findings.len() as u64 + scanned.more);
    if findings.is_empty() {
        Ok(())
    } else {
        sink.findings(path, findings)
    }
}
