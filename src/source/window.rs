//! Cuts a source into windows that end with a record, one after the other.
//!
//! The cuts depend on the bytes alone, so any number of threads sees the same windows (R11), and a
//! window is never larger than [`LONGEST_WINDOW`] (R9).

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;

use super::open::{Input, reason_of};
use super::{Charset, Compression};
use crate::format::recording;
use crate::format::sqlite::{Feed, Rows};
use crate::format::{self, Chunk, Cut, Reader, Reason, Torn, within};
use crate::view::Map;

/// Bytes read before a cut is looked for: large enough that cuts are rare, small enough that the
/// text and its bit classes stay in a core's own cache.
const WINDOW: usize = 192 * 1024;
/// The most bytes a record may take before it is cut within.
const LONGEST_WINDOW: usize = 1024 * 1024;
/// Bytes of the window before that are kept as context for what stands at its end.
const CONTEXT: usize = 256;

/// Where a window of a source lies, and what comes before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WindowAt {
    /// Its first byte in the source, decompressed.
    pub offset: u64,
    /// Its bytes; nobody else's.
    pub bytes: u64,
    /// Where it begins or ends within a record.
    pub torn: Torn,
    /// Line ends before it.
    pub lines: u64,
    /// Bytes before it on the line it begins on.
    pub tail: u64,
    /// Records before it.
    pub records: u64,
    /// Whether it can be read by itself, at its place in the file.
    pub apart: bool,
}

/// One window of a source.
#[derive(Default)]
pub struct Window {
    /// Context, then the owned text, in UTF-8 where the encoding is known.
    pub text: Vec<u8>,
    /// Where the owned text starts.
    pub start: usize,
    /// Offset of `text[0]` in the source when the source is read as it is; 0 with a `map`.
    pub offset: u64,
    /// The way from the text to the source's bytes, when it was decoded.
    pub map: Option<Map>,
    /// Where it begins or ends within a record.
    pub torn: Torn,
    /// Source bytes that are owned.
    pub bytes: u64,
    /// The owned source bytes as they are stored, when the source was decoded.
    pub raw: Vec<u8>,
    /// Whether its reader accounts for what is no text.
    pub bytes_taken: bool,
    /// What reads this window, where its text is that of rows and no stretch of a file.
    pub rows: Option<Rows>,
    /// What reads this window, where it is a part of a recording.
    pub(crate) part: Option<recording::Part>,
}

impl Window {
    /// A whole text that stands at `offset` of its source.
    pub(crate) fn whole(text: Vec<u8>, offset: u64) -> Window {
        Window {
            bytes: text.len() as u64,
            text,
            offset,
            ..Window::default()
        }
    }

    /// Its text as readers take it.
    pub(crate) fn chunk(&self) -> Chunk<'_> {
        Chunk {
            text: &self.text,
            start: self.start,
            end: self.text.len(),
            offset: self.offset,
            torn: self.torn,
        }
    }

    /// What reads it: its own rows or tags, or else the reader of its source.
    pub fn reader<'w>(&'w self, of_source: &'w dyn Reader) -> &'w dyn Reader {
        if let Some(part) = &self.part {
            return part.reader();
        }
        self.rows.as_ref().map_or(of_source, |rows| rows)
    }

    /// Fills it with the window `at` of a source that is read as it is, whose text starts behind
    /// `mark` bytes.
    ///
    /// # Errors
    /// As the system says, also where the file ends before the window does.
    pub fn read_at(&mut self, file: &File, at: &WindowAt, mark: u64) -> io::Result<()> {
        let context = at.offset.saturating_sub(mark).min(CONTEXT as u64);
        self.start = context as usize;
        self.offset = at.offset - context;
        self.text.resize(self.start + at.bytes as usize, 0);
        file.read_exact_at(&mut self.text, self.offset)?;
        (self.map, self.rows, self.part) = (None, None, None);
        (self.torn, self.bytes) = (at.torn, at.bytes);
        Ok(())
    }

    /// Why its text cannot count as read though its reader has read it all: a value may have been
    /// cut at its end, or something else than text stands in it.
    pub fn unread(&self) -> Option<Reason> {
        if self.torn.value {
            return Some(Reason::Limit);
        }
        let owned = self.text.get(self.start..).unwrap_or_default();
        let is_text =
            self.map.is_none() && self.rows.is_none() && self.part.is_none() && !self.bytes_taken;
        (is_text && holds_binary(owned)).then_some(Reason::Opaque)
    }
}

/// The windows of one source, in order.
pub struct Windows {
    input: Input,
    charset: Charset,
    /// Bytes of the head that are not yet in a window, from this offset of the head on.
    head_at: usize,
    /// Source bytes behind the last window.
    carry: Vec<u8>,
    context: Vec<u8>,
    /// Offset in the source of the first byte of `carry`.
    offset: u64,
    /// Whether the last window ended within a record.
    torn: bool,
    failed: Option<Reason>,
    ended: bool,
    /// Where windows are rows, what gives them.
    feed: Option<Feed>,
    /// Where windows are parts of a recording, what gives them.
    recording: Option<Box<recording::Feed>>,
}

impl Windows {
    /// The windows of a recording, whose parts `feed` gives.
    pub(crate) fn of_recording(feed: recording::Feed) -> Windows {
        let nothing = super::open_stream(io::empty());
        Windows {
            recording: Some(Box::new(feed)),
            ..Windows::new(nothing, Charset::Utf8 { mark: 0 })
        }
    }

    /// What gives the parts of a recording.
    pub(crate) fn recording(&self) -> Option<&recording::Feed> {
        self.recording.as_deref()
    }

    /// The same, for who tells how it is to be read.
    pub(crate) fn recording_mut(&mut self) -> Option<&mut recording::Feed> {
        self.recording.as_deref_mut()
    }

    /// The windows of a database, whose rows `feed` gives.
    pub(crate) fn of_rows(feed: Feed) -> Windows {
        let nothing = super::open_stream(io::empty());
        Windows {
            feed: Some(feed),
            ..Windows::new(nothing, Charset::Utf8 { mark: 0 })
        }
    }

    /// The beginning of the text, where its bytes are the source's own.
    pub(crate) fn head(&self) -> &[u8] {
        let plain = self.charset.is_plain() && self.feed.is_none();
        let head = self.input.head().get(self.charset.mark()..);
        head.filter(|_| plain).unwrap_or_default()
    }

    /// What gives the rows of a database.
    pub(crate) fn feed(&self) -> Option<&Feed> {
        self.feed.as_ref()
    }

    /// The windows of `input`, whose bytes are text in `charset`.
    pub fn new(input: Input, charset: Charset) -> Windows {
        let mark = charset.mark().min(input.len);
        Windows {
            charset,
            head_at: mark,
            carry: Vec::new(),
            context: Vec::new(),
            offset: mark as u64,
            torn: false,
            failed: None,
            ended: false,
            feed: None,
            recording: None,
            input,
        }
    }

    /// Whether each window can be read by itself at its place in the file: the file is neither
    /// compressed nor decoded, nor a database or a recording.
    pub fn are_apart(&self) -> bool {
        self.feed.is_none()
            && self.recording.is_none()
            && self.charset.is_plain()
            && self.input.compression == Compression::None
    }

    /// Goes on from the window `at` of `file`, which is the source, read as it is; its text starts
    /// behind `mark` bytes.
    ///
    /// # Errors
    /// As the system says.
    pub fn resume(&mut self, mut file: File, at: &WindowAt, mark: u64) -> io::Result<()> {
        let context = at.offset.saturating_sub(mark).min(CONTEXT as u64);
        self.context.resize(context as usize, 0);
        file.read_exact_at(&mut self.context, at.offset - context)?;
        file.seek(SeekFrom::Start(at.offset))?;
        self.input.rest = Box::new(file);
        self.input.ended = false;
        self.head_at = self.input.len;
        (self.offset, self.torn) = (at.offset, at.torn.before);
        Ok(())
    }

    /// Whether everything has been handed out.
    pub fn is_done(&self) -> bool {
        match (&self.feed, &self.recording) {
            (Some(feed), _) => feed.is_done(),
            (_, Some(recording)) => recording.is_done(),
            _ => self.ended && self.carry.is_empty(),
        }
    }

    /// Why reading ended early, if it did.
    pub fn failed(&self) -> Option<Reason> {
        let of_feed = self.feed.as_ref().and_then(Feed::failed);
        let of_recording = self.recording().and_then(recording::Feed::failed);
        self.failed.or(of_feed).or(of_recording)
    }

    /// The memory of the head, to be used again.
    pub fn into_buffer(self) -> Vec<u8> {
        self.input.buffer
    }

    /// Fills `window` with the next window; false at the end.
    pub fn next(&mut self, reader: &dyn Reader, window: &mut Window) -> bool {
        window.map = None;
        window.rows = None;
        window.part = None;
        window.torn = Torn::default();
        if let Some(recording) = &mut self.recording {
            let Some((text, offset, part)) = recording.next() else {
                return false;
            };
            window.start = 0;
            window.bytes = text.len() as u64;
            (window.text, window.offset, window.part) = (text, offset, Some(part));
            return true;
        }
        if let Some(feed) = &mut self.feed {
            let Some((text, offset, rows)) = feed.next() else {
                return false;
            };
            window.start = 0;
            window.bytes = text.len() as u64;
            (window.text, window.offset, window.rows) = (text, offset, Some(rows));
            return true;
        }
        window.text.clear();
        window.bytes_taken = reader.takes_bytes();
        if self.charset.is_plain() {
            self.plain(reader, window)
        } else {
            self.decoded(reader, window)
        }
    }

    fn plain(&mut self, reader: &dyn Reader, window: &mut Window) -> bool {
        let text = &mut window.text;
        text.extend_from_slice(&self.context);
        let start = text.len();
        text.append(&mut self.carry);
        let mut target = WINDOW;
        let mut torn = self.torn();
        let end = loop {
            self.fill(text, start + target);
            if self.ended {
                break text.len();
            }
            match reader.cut(&text[start..]) {
                Cut::Record(len) if len > 0 => break start + len.min(text.len() - start),
                Cut::Within(len) if len > 0 => {
                    torn.behind = true;
                    break start + len.min(text.len() - start);
                }
                _ if target >= LONGEST_WINDOW => {
                    let (len, sure) = within(&text[start..]);
                    (torn.behind, torn.value) = (true, !sure);
                    break start + len;
                }
                _ => target = (target * 2).min(LONGEST_WINDOW),
            }
        };
        if end == start {
            return false;
        }
        torn.goes_on = !self.ended || end < text.len();
        self.carry.extend_from_slice(&text[end..]);
        text.truncate(end);
        window.start = start;
        (window.torn, self.torn) = (torn, torn.behind);
        window.bytes = (end - start) as u64;
        window.offset = self.offset - start as u64;
        self.offset += window.bytes;
        self.keep_context(&window.text);
        true
    }

    fn decoded(&mut self, reader: &dyn Reader, window: &mut Window) -> bool {
        let mut raw = std::mem::take(&mut self.carry);
        let mut target = WINDOW;
        loop {
            self.fill(&mut raw, target);
            let whole = raw.len()
                & !usize::from(!self.ended && matches!(self.charset, Charset::Utf16 { .. }));
            window.text.clear();
            let map = self
                .charset
                .decode(&raw[..whole], self.offset, &mut window.text);
            let cut = if self.ended {
                Cut::Record(window.text.len())
            } else {
                reader.cut(&window.text)
            };
            let mut torn = self.torn();
            let end = match cut {
                Cut::Record(len) if len > 0 => len.min(window.text.len()),
                _ if self.ended => window.text.len(),
                Cut::Within(len) if len > 0 => {
                    torn.behind = true;
                    len.min(window.text.len())
                }
                _ if target >= LONGEST_WINDOW => {
                    let (len, sure) = within(&window.text);
                    (torn.behind, torn.value) = (true, !sure);
                    len
                }
                _ => {
                    target = (target * 2).min(LONGEST_WINDOW);
                    continue;
                }
            };
            let mut places = Vec::new();
            map.outward(0..end as u64, &mut places);
            let taken = places
                .last()
                .map_or(0, |place| (place.end - self.offset) as usize);
            if taken == 0 {
                // An odd byte at the end of UTF-16 is no text.
                if !raw.is_empty() {
                    self.failed = self.failed.or(Some(Reason::Malformed));
                }
                return false;
            }
            torn.goes_on = !self.ended || end < window.text.len();
            window.text.truncate(end);
            (window.torn, self.torn) = (torn, torn.behind);
            window.start = 0;
            window.offset = 0;
            window.bytes = taken as u64;
            window.map = Some(map);
            window.raw.clear();
            window.raw.extend_from_slice(&raw[..taken]);
            self.offset += taken as u64;
            self.carry.extend_from_slice(&raw[taken..]);
            return true;
        }
    }

    fn torn(&self) -> Torn {
        Torn {
            before: self.torn,
            ..Torn::default()
        }
    }

    fn keep_context(&mut self, text: &[u8]) {
        self.context.clear();
        self.context
            .extend_from_slice(&text[text.len().saturating_sub(CONTEXT)..]);
    }

    /// Reads until `buffer` holds `target` bytes or the source ends.
    fn fill(&mut self, buffer: &mut Vec<u8>, target: usize) {
        if buffer.len() < target && self.head_at < self.input.len {
            let head = &self.input.head()[self.head_at..];
            let take = head.len().min(target - buffer.len());
            buffer.extend_from_slice(&head[..take]);
            self.head_at += take;
        }
        if self.head_at < self.input.len {
            return;
        }
        if self.input.ended {
            self.failed = self.failed.or(self.input.failed);
            self.ended = true;
        }
        while !self.ended && buffer.len() < target {
            let len = buffer.len();
            buffer.resize(target, 0);
            let read = self.input.rest.read(&mut buffer[len..]);
            buffer.truncate(len + read.as_ref().copied().unwrap_or(0));
            match read {
                Ok(0) => self.ended = true,
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.failed = Some(reason_of(&error));
                    self.ended = true;
                }
            }
        }
    }
}

/// Whether what is no text begins somewhere in `text`, told around its NUL bytes: text has none, but
/// for the holes that a log has which was cut while it was written to.
pub(crate) fn holds_binary(text: &[u8]) -> bool {
    let mut from = 0;
    while let Some(found) = memchr::memchr(0, text.get(from..).unwrap_or_default()) {
        let here = text.get(from + found..).unwrap_or_default();
        let hole = here.iter().take_while(|&&byte| byte == 0).count();
        let near = here.get(..here.len().min(NEAR)).unwrap_or_default();
        // Wide characters are letters and NULs in turn.
        let turns = near.windows(2).filter(|pair| pair[0] == 0 && pair[1] != 0);
        let behind = here.get(hole..here.len().min(hole + FAR));
        let behind = behind.unwrap_or_default().split(|&byte| byte == 0).next();
        if turns.count() >= TURNS || !format::is_text(behind.unwrap_or_default()) {
            return true;
        }
        from += found + hole.max(near.len());
    }
    false
}

/// Bytes from a NUL on in which wide characters are looked for, and how many there are.
const NEAR: usize = 64;
/// See [`NEAR`].
const TURNS: usize = 4;
/// Bytes behind a NUL that have to be text.
const FAR: usize = 512;
