//! One source from its first bytes to its report: what it is, how it is read, what is in it.

use std::io;
use std::path::Path;

use rayon::prelude::*;

use super::names::Named;
use super::tally::{Counts, Tally};
use super::window::{Memory, Scanned, scan};
use super::{FileReport, Known, Progress, Sink, SinkError, SourcePath, Status, Wants, WindowAt};
use crate::container;
use crate::detect::Detectors;
use crate::finding::Finding;
use crate::format::recording::{self, Kind};
use crate::format::sqlite::{self, Feed, Rows};
use crate::format::{self, Format, HEAD_LEN, Head, Reader, Reason};
use crate::lists::Lists;
use crate::source::{Charset, Compression, Input, Told, Window, Windows, open_to_read};
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
    /// Where it is compressed, what is told beside its bytes in words.
    pub(crate) told: Option<Told>,
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
    let claimed = match as_format {
        Some(format) => Some(format).filter(|format| format.claims(head)),
        None => format::of_bytes(head),
    };
    if let Some(claimed) = claimed {
        return Look::Open(Box::new(Opened::of_bytes(claimed, input, name)));
    }
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
        if let Some(known) = known.or_else(|| sqlite::sealed(name, head)) {
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
        told: input.told.clone(),
        windows: Windows::new(input, charset),
        reader,
        doubt,
    }))
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
            told: None,
            mark: 0,
        }
    }

    /// A recording.
    fn of_recording(kind: Kind, input: Input) -> Opened {
        Opened {
            told: input.told.clone(),
            windows: Windows::of_recording(recording::feed(kind, input)),
            // Each window brings its own; this one is never asked.
            reader: Box::new(Rows::default()),
            format: kind.name(),
            doubt: None,
            mark: 0,
        }
    }

    /// A source that may be no text, whose format accounts for it.
    fn of_bytes(format: &'static dyn Format, input: Input, name: &str) -> Opened {
        let head = Head {
            text: input.head(),
            name,
            whole: input.is_whole(),
        };
        Opened {
            format: format.name(),
            reader: format.open(&head),
            told: input.told.clone(),
            windows: Windows::new(input, Charset::Utf8 { mark: 0 }),
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
        findings.extend(self.told(task, memory, &mut tally));
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
            self.hand_told(task, path, sink, counts, &mut tally)?;
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
        self.hand_told(task, path, sink, counts, &mut tally)?;
        Ok(tally)
    }

    /// What is found in words that stand beside the bytes read so far.
    fn told(&self, task: &Task<'_>, memory: &mut Memory, tally: &mut Tally) -> Vec<Finding> {
        let Some(told) = &self.told else {
            return Vec::new();
        };
        let (words, more) = told.take();
        let mut named = Named::default();
        for words in &words {
            named.look(words, task, memory);
        }
        tally.unread = tally.unread.or(more);
        tally.findings += named.findings.len() as u64;
        tally.allowed += named.allowed;
        named.findings
    }

    /// Hands over what is found in words beside the bytes, behind the last window.
    fn hand_told(
        &self,
        task: &Task<'_>,
        path: &SourcePath,
        sink: &mut dyn Sink,
        counts: &mut Counts,
        tally: &mut Tally,
    ) -> Result<(), SinkError> {
        let findings = self.told(task, &mut Memory::default(), tally);
        counts.add(&findings);
        task.progress.add_findings(findings.len() as u64);
        if findings.is_empty() {
            return Ok(());
        }
        sink.findings(path, &findings)
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
