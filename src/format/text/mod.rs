//! Text without structure: prose, notes, transcripts and the lines that programs write.
//!
//! Owns where such text can be cut and how its register is told. Every source that is text can be
//! read this way, so this is what broken tables and broken JSON fall back to.

mod dated;
mod sip;
mod turns;

use std::cell::RefCell;
use std::ops::Range;
use std::sync::Arc;

use self::dated::OwnTime;
use super::attached::gzipped;
use super::escape::layers_beside;
use super::lines::{Lines, lines};
use super::mail::{enclosed, may_enclose};
use super::within::within;
use super::{
    Capabilities, Chunk, Content, Cut, Format, Head, Ledger, Likeness, Locate, Location, Memory,
    Reader, Reason, Width,
};
use crate::edit::{Bytes, Refusal, Splice};
use crate::raw::coded_runs;
use crate::time::{Manner, Stamp};
use crate::view::{Hinting, Hints, Party, Register};

/// Text without structure.
pub(super) struct Text;

impl Format for Text {
    fn name(&self) -> &'static str {
        "text"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            memory: Memory::Streams,
            width: Width::Free,
        }
    }

    fn sniff(&self, _head: &Head<'_>) -> Option<Likeness> {
        Some(Likeness::Possible)
    }

    fn open(&self, head: &Head<'_>) -> Box<dyn Reader> {
        Box::new(TextReader {
            register: register(head.text),
            manner: dated::manner(head.text, register(head.text) == Register::Log),
            spanning: dated::tell(head.text),
            sip: sip::tell(head.text),
            turns: turns::tell(head.text),
        })
    }
}

struct TextReader {
    register: Register,
    /// How its lines have times, if they do.
    manner: Option<Manner>,
    /// Whether records begin with a date and may take several lines.
    spanning: bool,
    /// Whether it holds SIP messages, which state lengths.
    sip: bool,
    /// Whether lines say who speaks, and when.
    turns: bool,
}

impl Reader for TextReader {
    fn cut(&self, window: &[u8]) -> Cut {
        cut(window)
    }

    fn index<'s>(&'s self, chunk: Chunk<'s>) -> Box<dyn Locate + 's> {
        Box::new(TextIndex {
            register: self.register,
            manner: self.manner,
            spanning: self.spanning,
            last: RefCell::default(),
            chunk,
            lines: Lines::new(chunk),
        })
    }

    fn has_records(&self) -> bool {
        self.manner.is_some() || self.register == Register::Log
    }

    fn carried<'s>(&'s self, chunk: Chunk<'s>) -> Option<Stamp<'s>> {
        let text = chunk.text.get(..chunk.end)?;
        let manner = self.manner?;
        let start = dated::begun_before(text, chunk.start, text.len(), manner)?;
        let record = dated::whole(text, start, manner);
        Some(Stamp::of(text.get(record.place?)?))
    }

    fn read<'s>(&'s self, chunk: Chunk<'s>, index: &'s dyn Locate) -> Content<'s> {
        let text = chunk.text.get(..chunk.end).unwrap_or_default();
        let joined = self.turns.then(|| turns::joined(text, chunk.start));
        let joined = joined.filter(|joined| !joined.holes.is_empty());
        let mut ledger = Ledger::read(chunk.end - chunk.start);
        let words = coded_runs(text, chunk.start..chunk.end);
        for place in gzipped(text, &words) {
            ledger.unread(place, Reason::Unsupported("gzip"));
        }
        if may_enclose(text.get(chunk.start..).unwrap_or_default()) {
            for (place, name) in enclosed(text, chunk.start..chunk.end) {
                ledger.unread(place, Reason::Unsupported(name));
            }
        }
        Content {
            views: layers_beside(chunk, index, joined, &[], &words),
            ledger,
            children: Vec::new(),
        }
    }

    fn settle(&self, chunk: Chunk<'_>, edits: &[Splice]) -> Vec<Splice> {
        if self.sip {
            sip::lengths(chunk, edits)
        } else {
            Vec::new()
        }
    }
}

/// Behind the last line; in a window that is one line, behind the last byte no value crosses.
pub(super) fn cut(window: &[u8]) -> Cut {
    if let Some(end) = memchr::memrchr(b'\n', window) {
        return Cut::Record(end + 1);
    }
    match within(window) {
        (cut, true) => Cut::Within(cut),
        (_, false) => Cut::More,
    }
}

/// The splice after which nothing is left of `range`.
pub(super) fn gone(range: Range<usize>) -> Splice {
    Splice {
        range: range.start as u64..range.end as u64,
        bytes: Bytes::new(),
    }
}

/// The owned line around `at` with its line end.
pub(super) fn line_around(chunk: Chunk<'_>, at: usize) -> Range<usize> {
    let owned = chunk.text.get(..chunk.end).unwrap_or_default();
    let at = at.min(owned.len());
    let start = memchr::memrchr(b'\n', owned.get(..at).unwrap_or_default()).map_or(0, |i| i + 1);
    let end = memchr::memchr(b'\n', owned.get(at..).unwrap_or_default())
        .map_or(owned.len(), |i| at + i + 1);
    start.max(chunk.start)..end
}

struct TextIndex<'s> {
    register: Register,
    manner: Option<Manner>,
    spanning: bool,
    /// The record that was asked about last.
    last: RefCell<Option<dated::Record>>,
    chunk: Chunk<'s>,
    lines: Lines<'s>,
}

impl Hinting for TextIndex<'_> {
    fn hints(&self, _at: usize) -> Hints<'_> {
        Hints {
            register: self.register,
            ..Hints::default()
        }
    }
}

impl Locate for TextIndex<'_> {
    /// Only the lines of logs are records.
    fn locate(&self, at: usize) -> Location {
        let log = self.register == Register::Log;
        Location {
            record: log.then(|| self.lines.before(at)),
            ..Location::default()
        }
    }

    fn records(&self) -> u64 {
        if self.register == Register::Log {
            self.lines.all()
        } else {
            0
        }
    }

    fn records_are_lines(&self) -> bool {
        self.register == Register::Log
    }

    fn field(&self, _at: usize) -> (Option<Arc<str>>, Option<Party>) {
        (None, None)
    }

    /// A line that has a time with those it goes on in; where none has, every line.
    fn record_from(&self, from: usize) -> Option<Range<usize>> {
        let Some(manner) = self.manner else {
            let is_log = self.register == Register::Log;
            return is_log.then(|| line_from(self.chunk, from)).flatten();
        };
        let text = self.chunk.text.get(..self.chunk.end)?;
        let mut last = self.last.borrow_mut();
        let mut line = line_from(self.chunk, from)?;
        let record = loop {
            if let Some(next) = last.as_ref().and_then(|last| last.next(line.start)) {
                break dated::whole_from(text, line.start, next, manner);
            }
            let own = dated::own_time(text.get(line.clone())?, manner);
            if own != OwnTime::None || line.start == self.chunk.start {
                break dated::whole_from(text, line.start, own, manner);
            }
            line = line_from(self.chunk, line.end)?;
        };
        let range = record.range.clone();
        *last = Some(record);
        Some(range)
    }

    fn stamp(&self, at: usize) -> Option<Stamp<'_>> {
        let manner = self.manner?;
        let text = self.chunk.text.get(..self.chunk.end)?;
        let mut last = self.last.borrow_mut();
        if !last.as_ref().is_some_and(|last| last.range.contains(&at)) {
            let line = line_around(self.chunk, at);
            let begun = dated::begun_before(text, self.chunk.start, line.end, manner);
            *last = Some(dated::whole(
                text,
                begun.unwrap_or(self.chunk.start),
                manner,
            ));
        }
        let place = last.as_ref()?.place.clone()?;
        Some(Stamp::of(text.get(place)?))
    }

    fn drop_range(&self, range: &Range<usize>) -> Result<Vec<Splice>, Refusal> {
        Ok(vec![gone(range.clone())])
    }

    /// Drops the line with its line end, and the lines in which its record goes on.
    fn drop_record(&self, at: usize) -> Result<Vec<Splice>, Refusal> {
        let line = if self.spanning {
            dated::record(self.chunk, at, self.manner)
        } else {
            line_around(self.chunk, at)
        };
        if line.is_empty() {
            return Err(Refusal::NotDroppable);
        }
        Ok(vec![gone(line)])
    }
}

/// The first line of the owned text that starts at chunk offset `from` or behind, with its end.
pub(super) fn line_from(chunk: Chunk<'_>, from: usize) -> Option<Range<usize>> {
    let text = chunk.text.get(..chunk.end)?;
    let mut at = from.max(chunk.start);
    if at > chunk.start && text.get(at - 1) != Some(&b'\n') {
        at += memchr::memchr(b'\n', text.get(at..)?)? + 1;
    }
    let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
    let len = memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
    Some(at..at + len)
}

/// How the beginning of a source is written, by what most of its first lines look like.
fn register(head: &[u8]) -> Register {
    /// Enough to outvote a banner.
    const LINES: usize = 64;
    let lines = lines(head).map(|line| line.strip_suffix(b"\n").unwrap_or(line));
    let (mut all, mut logs, mut turns) = (0usize, 0, 0);
    for line in lines.filter(|line| !line.is_empty()).take(LINES) {
        all += 1;
        let cue = is_cue_time(line);
        logs += usize::from(!cue && is_log_line(line));
        turns += usize::from(cue || is_turn(line));
    }
    if logs * 3 >= all.max(1) {
        Register::Log
    } else if turns * 3 >= all.max(1) {
        Register::Talk
    } else {
        Register::Prose
    }
}

/// Whether a line starts as programs start theirs: a date or time, a bracket, an address, a
/// priority, an object, `key=value`.
fn is_log_line(line: &[u8]) -> bool {
    let start = line.get(..line.len().min(48)).unwrap_or_default();
    let digits = |s: &[u8], n: usize| s.get(..n).is_some_and(|s| s.iter().all(u8::is_ascii_digit));
    match start {
        [b'{', b'"', ..] | [b'<', b'0'..=b'9', ..] => true,
        // What it holds may be masked, or labelled in brackets of its own.
        [b'[', rest @ ..] => rest
            .first()
            .is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'*' | b'[')),
        // 2024-04-25 or 2024/04/25, then a time or more.
        [..] if digits(start, 4) && matches!(start.get(4), Some(b'-' | b'/')) => start.len() > 10,
        // An address and a blank.
        [b'0'..=b'9', ..] => {
            let word = start.split(|&b| b == b' ').next().unwrap_or_default();
            let dots = word.iter().filter(|&&b| b == b'.').count();
            let dotted = dots == 3 && word.iter().all(|b| b.is_ascii_digit() || *b == b'.');
            dotted || (digits(start, 2) && start.get(2) == Some(&b':') && digits(&start[3..], 2))
        }
        // The same, masked: what a run has replaced is read as before.
        [b'*', ..] => {
            let word = start.split(|&b| b == b' ').next().unwrap_or_default();
            (7..=15).contains(&word.len()) && word.iter().all(|&b| b == b'*')
        }
        // `Jan 18 17:39:50` and `level=info`.
        [
            b'A'..=b'Z',
            _,
            _,
            b' ',
            b' ' | b'0'..=b'9',
            b'0'..=b'9',
            b' ',
            ..,
        ] => true,
        _ => {
            let word = start.split(|&b| b == b' ').next().unwrap_or_default();
            word.contains(&b'=') && word.first().is_some_and(u8::is_ascii_alphabetic)
        }
    }
}

/// Whether a line belongs to a transcript: a cue's time, or a speaker and a colon.
fn is_turn(line: &[u8]) -> bool {
    if line.starts_with(b"<v ") || line.starts_with(b"WEBVTT") {
        return true;
    }
    let start = line.get(..line.len().min(40)).unwrap_or_default();
    let mut colons = memchr::memchr_iter(b':', start);
    let Some(colon) = colons.find(|&colon| start.get(colon + 1) == Some(&b' ')) else {
        return false;
    };
    let name = start.get(..colon).unwrap_or_default();
    name.first().is_some_and(u8::is_ascii_uppercase)
        && name.iter().filter(|&&b| b == b' ').count() <= 2
        && name
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || b" .'-_()".contains(b))
}

fn is_cue_time(line: &[u8]) -> bool {
    let start = line.get(..line.len().min(64)).unwrap_or_default();
    memchr::memchr_iter(b'>', start).any(|at| {
        let arrow = at.checked_sub(3).and_then(|from| start.get(from..at + 2));
        arrow == Some(b" --> ")
    })
}

#[cfg(test)]
mod tests;
