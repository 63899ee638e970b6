//! The filter: a stream in, the same stream out, without what is selected.
//!
//! Owns the pace: whole records are released as soon as the input pauses, an unfinished one is
//! held until its end or a limit, and nothing leaves before it was checked (R8). Knows neither how
//! values are found nor how they are replaced.

mod again;
mod incoming;

use std::ffi::OsStr;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::path::Path;

use self::incoming::Incoming;
use super::derive::{Derived, Job, Memory, Way, derive};
use super::edit::Splice;
use super::files::{Order, RunError};
use super::io::Io;
use super::operator::Operators;
use super::selection::Selected;
use super::state::State;
use crate::detect::Detectors;
use crate::edit::Refusal;
use crate::format::{
    self, Cut, Format, HEAD_LEN, Head, Memory as Needs, Reader, Reason, Torn, within,
};
use crate::scan;
use crate::source::{Charset, Compression, Window, open_to_read};
use rayon::prelude::*;

/// Bytes taken through at once while the input flows: several windows at a time, with all that is found
/// in them, stay within 16 MiB whatever there is in them.
const WINDOW: usize = 64 * 1024;
/// The most of an unfinished record that is held back while the input pauses.
const HELD: usize = 64 * 1024;
/// The most of an unfinished record that is held back while the input flows.
const LONGEST: usize = 1024 * 1024;
/// Bytes asked of the system at once.
const READ: usize = 64 * 1024;
/// Bytes released before that are kept as context.
const CONTEXT: usize = 256;
/// Windows in a row without a pause after which the input is taken for a long one, worth threads.
const FLOWING: usize = 16;
/// Windows a thread has waiting.
const WINDOWS_PER_THREAD: usize = 2;

/// Why a stream could not be taken through.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// It is something that is recognised and not read; nothing was put out.
    #[error(
        "the input is {0}, which the filter cannot read\n\nhint: unpack it first, or let it \
         through as it is with --pass-unscanned"
    )]
    Unreadable(&'static str),
    /// The format needs the whole file.
    #[error(
        "the format '{0}' cannot be streamed\n\nhint: redact the file with --in-place or --out"
    )]
    Whole(&'static str),
    /// Reading failed.
    #[error("cannot read the input: {0}")]
    Read(io::Error),
    /// Writing failed.
    #[error("cannot write the output: {0}\n\nhint: check the free space where the output goes")]
    Write(io::Error),
}

/// What a stream came to.
#[derive(Debug, Default)]
pub struct Streamed {
    /// Whether the reader of the output left before the end.
    pub reader_left: bool,
    /// Why some of it cannot count as clean.
    pub unread: Option<Reason>,
    /// Values their place refused to change, and why the first one did.
    pub refused: u64,
    /// See `refused`.
    pub refusal: Option<Refusal>,
}

/// Carries out `order` on standard input, or on one `file`, into `output`.
///
/// # Errors
/// [`RunError`] before anything is read, [`StreamError`] later.
pub fn filter(
    order: &Order,
    file: Option<&Path>,
    (pass_unscanned, threads): (bool, Option<usize>),
    output: &mut dyn Write,
) -> Result<Streamed, FilterError> {
    let regions = scan::regions(&order.scan.regions).map_err(RunError::from)?;
    let as_format = order.scan.as_format.as_deref().map(format::by_name);
    let as_format = as_format
        .transpose()
        .map_err(|e| RunError::Scan(e.into()))?;
    // A key is made or read only where one is used: most streams need no state at all.
    let secret = if order.operators.needs_key() {
        let io = Io::real();
        let state = State::open(&io, &order.state, order.key_file.as_deref());
        Some(state.map_err(RunError::from)?.key().secret())
    } else {
        None
    };
    let operators =
        Operators::new(order.operators.clone(), secret.as_ref()).map_err(RunError::from)?;
    let detectors = Detectors::new(regions, order.scan.entities, order.scan.min_confidence)
        .with_rules(order.scan.rules.clone());
    let selected = Selected::new(
        order.scan.entities,
        order.scan.min_confidence,
        order.fields.clone(),
        order.subjects.clone(),
        order.scan.lists.clone(),
    );
    let name = file.and_then(Path::file_name).map(OsStr::to_string_lossy);
    let source = Source {
        name: name.as_deref().unwrap_or_default(),
        as_format,
        pass_unscanned,
        threads,
    };
    let job = Job {
        detectors: &detectors,
        selected: &selected,
        operators: &operators,
        way: Way::Values,
        guard: None,
        keep_old: false,
        count_only: false,
        tell: false,
        prove: false,
        said: false,
        careful: true,
        others: None,
        correct: None,
        overlook_fpe: false,
        keep_length: false,
        aged: None,
    };
    let streamed = match file {
        None => stream(io::stdin(), output, &source, &job),
        Some(path) => {
            let file = open_to_read(path).map_err(StreamError::Read)?;
            stream(file, output, &source, &job)
        }
    };
    Ok(streamed?)
}

/// Why a filter could not start or go on.
#[derive(Debug, thiserror::Error)]
pub enum FilterError {
    /// It could not start.
    #[error(transparent)]
    Start(#[from] RunError),
    /// It ended early.
    #[error(transparent)]
    Stream(#[from] StreamError),
}

/// What is to be known of a stream before it is read.
pub(crate) struct Source<'a> {
    /// The name of the file, empty for standard input.
    pub name: &'a str,
    /// The format, if it is not to be told by content.
    pub as_format: Option<&'static dyn Format>,
    /// Lets through what is recognised and cannot be read.
    pub pass_unscanned: bool,
    /// The most threads to use; `None`: as many as there are processors.
    pub threads: Option<usize>,
}

/// Takes `input` through `job` to `output`.
///
/// # Errors
/// [`StreamError`]; what was released before is whole.
pub(crate) fn stream(
    input: impl AsFd,
    output: &mut dyn Write,
    source: &Source<'_>,
    job: &Job<'_>,
) -> Result<Streamed, StreamError> {
    let mut input = Incoming {
        fd: input,
        bytes: Vec::with_capacity(WINDOW + READ),
        ended: false,
    };
    input.beginning().map_err(StreamError::Read)?;
    let charset = match tell(&input.bytes, input.ended, source)? {
        Told::Text(charset) => charset,
        Told::Pass(name) => return pass(&mut input, output, Reason::Unsupported(name)),
    };
    let mut text = Vec::new();
    let unmarked = input.bytes.get(charset.mark()..).unwrap_or_default();
    let decoded = if charset.is_plain() {
        unmarked
    } else {
        charset.decode(unmarked, 0, &mut text);
        &text
    };
    let head = Head {
        text: decoded
            .get(..decoded.len().min(HEAD_LEN))
            .unwrap_or_default(),
        name: source.name,
        whole: input.ended,
    };
    // What is no text goes through as it is: a chance hit in it would break it.
    if source.as_format.is_none() && !format::is_text(head.text) {
        return pass(&mut input, output, Reason::Opaque);
    }
    let chosen = source.as_format.unwrap_or_else(|| format::tell(&head));
    if chosen.capabilities().memory == Needs::Whole {
        return Err(StreamError::Whole(chosen.name()));
    }
    let reader = chosen.open(&head);
    let mut streamed = Streamed::default();
    let mut flow = Flow {
        input,
        reader: &*reader,
        charset,
        whole_records: chosen.capabilities().memory == Needs::Record,
        wanted: WINDOW,
        context: Vec::new(),
        offset: charset.mark() as u64,
        malformed: false,
        source,
        begun: false,
    };
    let mark = charset.mark().min(flow.input.bytes.len());
    let kept: Vec<u8> = flow.input.bytes.drain(..mark).collect();
    let ended = output
        .write_all(&kept)
        .and_then(|()| flow.run(output, job, source.threads, &mut streamed));
    match ended {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => streamed.reader_left = true,
        Err(error) => {
            return Err(match error.downcast::<ReadFailed>() {
                Ok(ReadFailed(error)) => StreamError::Read(error),
                Err(error) => StreamError::Write(error),
            });
        }
    }
    Ok(streamed)
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get)
}

/// Marks an error of reading among those of writing.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct ReadFailed(io::Error);

enum Told {
    Text(Charset),
    Pass(&'static str),
}

/// What the first bytes are.
fn tell(head: &[u8], whole: bool, source: &Source<'_>) -> Result<Told, StreamError> {
    let packed = match Compression::of(head) {
        Compression::None => None,
        Compression::Gzip => Some("gzip"),
        Compression::Zstd => Some("zstd"),
        Compression::Bzip2 => Some("bzip2"),
        Compression::Xz => Some("xz"),
    };
    let known = packed.or_else(|| {
        let told = source.as_format.is_none();
        told.then(|| format::recognise(head)).flatten()
    });
    match known {
        Some(name) if source.pass_unscanned => Ok(Told::Pass(name)),
        Some(name) => Err(StreamError::Unreadable(name)),
        None => Ok(Told::Text(Charset::of(head, whole))),
    }
}

/// Lets everything through.
fn pass<F: AsFd>(
    input: &mut Incoming<F>,
    output: &mut dyn Write,
    unread: Reason,
) -> Result<Streamed, StreamError> {
    let mut streamed = Streamed {
        unread: Some(unread),
        ..Streamed::default()
    };
    loop {
        match output.write_all(&input.bytes).and_then(|()| output.flush()) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                streamed.reader_left = true;
                return Ok(streamed);
            }
            Err(error) => return Err(StreamError::Write(error)),
        }
        input.bytes.clear();
        if input.ended {
            return Ok(streamed);
        }
        input.read().map_err(StreamError::Read)?;
    }
}

/// One window on its way.
#[derive(Default)]
struct Lane {
    window: Window,
    /// The window's own bytes as they came.
    raw: Vec<u8>,
    out: Vec<u8>,
    memory: Memory,
    derived: Derived,
}

struct Flow<'a, F> {
    input: Incoming<F>,
    reader: &'a dyn Reader,
    charset: Charset,
    /// A record is not to be cut at a pause: what follows could not be told from what it is in.
    whole_records: bool,
    /// Bytes to have before a cut is looked for.
    wanted: usize,
    context: Vec<u8>,
    offset: u64,
    /// Bytes at the end were no text.
    malformed: bool,
    source: &'a Source<'a>,
    /// Whether the beginning was released.
    begun: bool,
}

impl<F: AsFd> Flow<'_, F> {
    fn run(
        &mut self,
        output: &mut dyn Write,
        job: &Job<'_>,
        mut threads: Option<usize>,
        streamed: &mut Streamed,
    ) -> io::Result<()> {
        let reader = self.reader;
        let mut lanes = vec![Lane::default()];
        let mut pool = None;
        let mut flowing = 0;
        loop {
            let mut filled = 0;
            let mut paused = false;
            while filled < lanes.len() && !paused {
                paused = self.fill()?;
                let Some(lane) = lanes.get_mut(filled) else {
                    break;
                };
                if self.release(lane, paused) {
                    filled += 1;
                    self.wanted = WINDOW;
                } else if self.input.ended || filled > 0 {
                    break;
                } else {
                    // Nothing is whole yet: wait for more.
                    self.wanted = self.wanted.max(self.input.bytes.len() + READ);
                    self.input.read().map_err(read_failed)?;
                    paused = false;
                }
            }
            let Some(full) = lanes.get_mut(..filled) else {
                return Ok(());
            };
            match &pool {
                Some(pool) if filled > 1 => rayon::ThreadPool::install(pool, || {
                    full.par_iter_mut()
                        .for_each(|lane| take_through(lane, reader, job));
                }),
                _ => full
                    .iter_mut()
                    .for_each(|lane| take_through(lane, reader, job)),
            }
            if let Some(lane) = full.first_mut().filter(|_| !self.begun) {
                self.begun = true;
                self.look_again(lane, job);
            }
            for lane in full {
                output.write_all(&lane.out)?;
                streamed.refused += lane.derived.refused;
                streamed.refusal = streamed.refusal.or(lane.derived.refusal);
                streamed.unread = streamed.unread.or(lane.derived.unread);
            }
            output.flush()?;
            if self.malformed {
                streamed.unread = streamed.unread.or(Some(Reason::Malformed));
            }
            if self.input.ended && self.input.bytes.is_empty() {
                return Ok(());
            }
            flowing = if paused { 0 } else { flowing + filled };
            if pool.is_none() && threads != Some(1) && flowing >= FLOWING {
                // Asked only now: the answer costs reading several files.
                let wanted = threads.unwrap_or_else(processors);
                let built = rayon::ThreadPoolBuilder::new().num_threads(wanted).build();
                pool = built.ok().filter(|_| wanted > 1);
                threads = Some(1);
                if pool.is_some() {
                    lanes.resize_with(wanted * WINDOWS_PER_THREAD, Lane::default);
                }
            }
        }
    }

    /// Reads until a window is full or the input pauses, which it says.
    fn fill(&mut self) -> io::Result<bool> {
        while !self.input.ended && self.input.bytes.len() < self.wanted {
            if self.input.pauses().map_err(read_failed)? {
                return Ok(true);
            }
            self.input.read().map_err(read_failed)?;
        }
        Ok(false)
    }

    /// Moves what can go into `lane`; false when nothing can yet.
    fn release(&mut self, lane: &mut Lane, paused: bool) -> bool {
        let held = if paused && !self.whole_records {
            HELD
        } else {
            LONGEST
        };
        let (window, bytes) = (&mut lane.window, &mut self.input.bytes);
        window.text.clear();
        window.map = None;
        let taken = if self.charset.is_plain() {
            let (len, torn) = cut(self.reader, bytes, self.input.ended, held);
            window.torn = torn;
            window.text.extend_from_slice(&self.context);
            window.start = self.context.len();
            window
                .text
                .extend_from_slice(bytes.get(..len).unwrap_or_default());
            window.offset = self.offset.wrapping_sub(window.start as u64);
            len
        } else {
            let even = matches!(self.charset, Charset::Utf16 { .. }) && !self.input.ended;
            let whole = bytes.len() & !usize::from(even);
            let map = self.charset.decode(
                bytes.get(..whole).unwrap_or_default(),
                self.offset,
                &mut window.text,
            );
            let (len, torn) = cut(self.reader, &window.text, self.input.ended, held);
            window.torn = torn;
            let mut places = Vec::new();
            map.outward(0..len as u64, &mut places);
            let taken = places
                .last()
                .map_or(0, |place| (place.end - self.offset) as usize);
            // A last odd byte is no text; it goes through as it is.
            let taken = if self.input.ended && len == window.text.len() {
                self.malformed |= taken < bytes.len();
                bytes.len()
            } else {
                taken
            };
            window.text.truncate(len);
            window.start = 0;
            window.offset = 0;
            window.map = Some(map);
            taken
        };
        if taken == 0 {
            return false;
        }
        window.bytes = taken as u64;
        lane.raw.clear();
        lane.raw.extend(bytes.drain(..taken));
        lane.derived = Derived::default();
        self.offset += taken as u64;
        if self.charset.is_plain() {
            self.context.clear();
            let behind = window.text.len().saturating_sub(CONTEXT);
            self.context
                .extend_from_slice(window.text.get(behind..).unwrap_or_default());
        }
        true
    }
}

fn read_failed(error: io::Error) -> io::Error {
    io::Error::other(ReadFailed(error))
}

/// How much of `text` can be released: up to its last whole record, or what a limit forces.
fn cut(reader: &dyn Reader, text: &[u8], ended: bool, held: usize) -> (usize, Torn) {
    let mut torn = Torn::default();
    let len = match reader.cut(text) {
        _ if ended => text.len(),
        Cut::Record(len) => len.min(text.len()),
        Cut::Within(len) => {
            torn.behind = true;
            len.min(text.len())
        }
        Cut::More if text.len() >= held => {
            let (len, sure) = within(text);
            (torn.behind, torn.value) = (true, !sure);
            len
        }
        Cut::More => 0,
    };
    (len, torn)
}

/// Puts into `lane.out` what its bytes become.
fn take_through(lane: &mut Lane, reader: &dyn Reader, job: &Job<'_>) {
    let start = lane.raw_start();
    lane.derived = derive(&lane.window, reader, job, &mut lane.memory);
    lane.out.clear();
    splice(&lane.raw, start, &lane.derived.splices, &mut lane.out);
}

impl Lane {
    /// The offset in the stream of the first of its own bytes.
    fn raw_start(&self) -> u64 {
        match &self.window.map {
            None => self.window.offset.wrapping_add(self.window.start as u64),
            Some(map) => map.point(0).unwrap_or(0),
        }
    }
}

/// Appends to `out` what `raw`, whose first byte is at `start`, becomes by sorted `splices`.
fn splice(raw: &[u8], start: u64, splices: &[Splice], out: &mut Vec<u8>) {
    let mut done = 0;
    for splice in splices {
        let at = |offset: u64| (offset.saturating_sub(start) as usize).min(raw.len());
        let (from, to) = (at(splice.range.start).max(done), at(splice.range.end));
        out.extend_from_slice(raw.get(done..from).unwrap_or_default());
        out.extend_from_slice(&splice.new);
        done = to.max(from);
    }
    out.extend_from_slice(raw.get(done..).unwrap_or_default());
}
