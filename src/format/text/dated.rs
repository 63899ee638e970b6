//! Texts whose records begin with a date: logs and chats, of which a record may go on in other
//! lines.
//!
//! Owns how such a line begins and how far a record goes. Knows no program by name.

use std::cmp::Ordering;
use std::ops::Range;

use super::{is_cue_time, line_around};
use crate::format::Chunk;
use crate::format::lines::lines;
use crate::time::{Manner, Stamp, in_line, read};

/// Lines of a head that are looked at.
const LINES: usize = 64;
/// The most lines of one record, in either direction: what goes on for longer is none.
const LONGEST: usize = 256;

/// Whether records of a source begin with dates, by its head: the first line does, and another.
pub(super) fn tell(head: &[u8]) -> bool {
    let filled = |line: &&[u8]| !line.trim_ascii().is_empty();
    let mut begun = lines(head).filter(filled).take(LINES).map(begins);
    begun.next() == Some(true) && begun.any(|begins| begins)
}

/// How the lines of a source have their times: as most of the first ones do that have some. Of what
/// is no log a third has to, as others may be what a message goes on in; indented ones are that.
pub(super) fn manner(head: &[u8], is_log: bool) -> Option<Manner> {
    let begins = |line: &&[u8]| line.first().is_some_and(|byte| !byte.is_ascii_whitespace());
    let lines = lines(head).filter(begins);
    let mut all = 0;
    let mut counts = [0; Manner::ALL.len()];
    for line in lines.take(LINES) {
        all += 1;
        let has = |manner: &Manner| own_place(line, *manner).is_some();
        let found = Manner::ALL.iter().position(has);
        if let Some(found) = found.filter(|_| !is_cue_time(line))
            && let Some(count) = counts.get_mut(found)
        {
            *count += 1;
        }
    }
    let timed: usize = counts.iter().sum();
    let most = counts.iter().copied().max()?;
    let manners = Manner::ALL.iter().zip(counts);
    let mut most = manners.filter(|(_, count)| *count == most && timed > 0);
    let (manner, _) = most.next().filter(|_| is_log || timed * 3 >= all)?;
    Some(*manner)
}

/// The time of a line by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum OwnTime {
    /// Where it stands in the line.
    At(Range<usize>),
    /// It begins with one that nobody can read: with the time of day alone.
    Unknown,
    /// It has none, and goes on what was begun before.
    None,
}

/// The time of `line` in a source whose lines have theirs in this manner.
pub(super) fn own_time(line: &[u8], manner: Manner) -> OwnTime {
    match own_place(line, manner) {
        Some(place) => OwnTime::At(place),
        None if begins(line) && (manner == Manner::Day || has_clock(line)) => OwnTime::Unknown,
        None => OwnTime::None,
    }
}

/// What is indented goes on in the line before.
fn own_place(line: &[u8], manner: Manner) -> Option<Range<usize>> {
    let indented = matches!(line.first(), Some(b' ' | b'\t'));
    (!indented).then(|| manner.place(line)).flatten()
}

/// Whether a time of day stands where a line begins.
fn has_clock(line: &[u8]) -> bool {
    let start = line.get(..line.len().min(32)).unwrap_or_default();
    start
        .windows(4)
        .any(|four| matches!(four, [a, b':', c, d] if [a, c, d].iter().all(|b| b.is_ascii_digit())))
}

/// A line with a time, and those it goes on in.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) range: Range<usize>,
    /// Where its time stands: its own, or a later one in what it goes on in, so that nothing is
    /// taken for older than it is.
    pub(super) place: Option<Range<usize>>,
    /// The time of the line behind it.
    behind: OwnTime,
}

impl Record {
    /// The time of the line at `start`, if that is the one behind it.
    pub(super) fn next(&self, start: usize) -> Option<OwnTime> {
        let is_next = self.range.end == start && self.behind != OwnTime::None;
        is_next.then(|| self.behind.clone())
    }
}

/// The record whose first line starts at `start` of `text`.
pub(super) fn whole(text: &[u8], start: usize, manner: Manner) -> Record {
    let rest = text.get(start..).unwrap_or_default();
    let line = lines(rest).next().unwrap_or_default();
    whole_from(text, start, own_time(line, manner), manner)
}

/// The same where the time of its first line is known.
pub(super) fn whole_from(text: &[u8], start: usize, own: OwnTime, manner: Manner) -> Record {
    let place = |start: usize, place: Range<usize>| start + place.start..start + place.end;
    let own = match own {
        OwnTime::At(own) => Some(place(start, own)),
        // What cannot be read there is no reason to take the time of a record before it.
        OwnTime::Unknown => {
            let line = lines(text.get(start..).unwrap_or_default()).next();
            Some(start..start + line.unwrap_or_default().len())
        }
        OwnTime::None => None,
    };
    let mut record = Record {
        range: start..start,
        place: own,
        behind: OwnTime::None,
    };
    for line in lines(text.get(start..).unwrap_or_default()) {
        let at = record.range.end;
        if at > start {
            let own = own_time(line, manner);
            if own != OwnTime::None {
                record.behind = own;
                break;
            }
            if let Some(before) = &record.place
                && let Some(found) = in_line(line)
                && is_later(text, before.clone(), place(at, found.clone()))
            {
                record.place = Some(place(at, found));
            }
        }
        record.range.end += line.len();
    }
    record
}

fn is_later(text: &[u8], one: Range<usize>, other: Range<usize>) -> bool {
    let at = |place| read(&Stamp::of(text.get::<Range<usize>>(place)?));
    match (at(one), at(other)) {
        (Some(one), Some(other)) => one.compare(&other) == Some(Ordering::Less),
        _ => false,
    }
}

/// Where the last line of `text[first..to]` starts that has a time.
pub(super) fn begun_before(text: &[u8], first: usize, to: usize, manner: Manner) -> Option<usize> {
    let owned = text.get(first..to)?;
    let mut end = owned.len();
    while end > 0 {
        let body = owned.get(..end - 1)?;
        let start = memchr::memrchr(b'\n', body).map_or(0, |i| i + 1);
        if own_time(owned.get(start..end)?, manner) != OwnTime::None {
            return Some(first + start);
        }
        end = start;
    }
    None
}

/// The lines of the record around `at`.
pub(super) fn record(chunk: Chunk<'_>, at: usize, manner: Option<Manner>) -> Range<usize> {
    let mut record = line_around(chunk, at);
    let text = chunk.text.get(..chunk.end).unwrap_or_default();
    let begins = |from: usize| {
        let rest = text.get(from..).unwrap_or_default();
        let line = lines(rest).next().unwrap_or_default();
        match manner {
            Some(manner) => own_time(line, manner) != OwnTime::None,
            None => begins(line),
        }
    };
    let first = |record: &Range<usize>| begins(record.start);
    let mut before = record.clone();
    for _ in 0..LONGEST {
        if first(&before) || before.start <= chunk.start {
            break;
        }
        before.start = line_around(chunk, before.start - 1).start;
    }
    // Without a beginning it is not known what a line goes on.
    if !first(&before) {
        return record;
    }
    record.start = before.start;
    for _ in 0..LONGEST {
        let rest = text.get(record.end..).unwrap_or_default();
        if rest.is_empty() || begins(record.end) {
            break;
        }
        record.end += memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
    }
    record
}

/// Whether a line begins with a date or a time, behind a bracket, a priority or marks of direction.
fn begins(line: &[u8]) -> bool {
    let mut line = line.get(..line.len().min(64)).unwrap_or_default();
    if line.first() == Some(&b'<')
        && let Some(close) = memchr::memchr(b'>', line.get(..5.min(line.len())).unwrap_or_default())
    {
        line = line.get(close + 1..).unwrap_or_default();
        line = line.strip_prefix(b"1 ").unwrap_or(line);
    }
    // U+200E and U+200F, as chats on iOS begin.
    for mark in [&b"\xe2\x80\x8e"[..], b"\xe2\x80\x8f"] {
        line = line.strip_prefix(mark).unwrap_or(line);
    }
    line = line.strip_prefix(b"[").unwrap_or(line);
    let digits = |from: usize| {
        let rest = line.get(from..).unwrap_or_default();
        rest.iter().take_while(|b| b.is_ascii_digit()).count()
    };
    let first = digits(0);
    let sign = |at: usize| line.get(at).copied().unwrap_or(0);
    match first {
        4 if matches!(sign(4), b'-' | b'/') => (1..=2).contains(&digits(5)),
        1 | 2 if matches!(sign(first), b'/' | b'.' | b'-') => {
            let second = digits(first + 1);
            let third = first + 1 + second;
            let year = digits(third + 1);
            (1..=2).contains(&second) && sign(third) == sign(first) && matches!(year, 2 | 4)
        }
        2 if sign(2) == b':' => digits(3) == 2 && sign(5) == b':',
        0 => {
            // `May  2 10:11:12`
            let month = line.get(..3).unwrap_or_default();
            let day = line.get(3..7).unwrap_or_default();
            month.first().is_some_and(u8::is_ascii_uppercase)
                && month.iter().all(u8::is_ascii_alphabetic)
                && matches!(day, [b' ', b' ' | b'0'..=b'9', b'0'..=b'9', b' '])
                && digits(7) == 2
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_go_on_until_the_next_date() {
        let text = b"12/31/21, 22:01 - a\ngoes on\n\n12/31/21, 22:02 - b\n";
        assert!(tell(text));
        let all = record(Chunk::whole(text), 22, None);
        assert_eq!(&text[all], b"12/31/21, 22:01 - a\ngoes on\n\n");
        for line in [
            "2024-05-02T10:11:12Z x",
            "2024/05/02 x",
            "31.12.21, 22:01 - Ann",
            "[31.12.21, 22:01:05] Ann",
            "\u{200e}[31.12.21, 22:01:05] Ann",
            "[2012-02-13 17:21:54] NOTICE",
            "[May  2 10:11:12] VERBOSE",
            "<34>May  2 10:11:12 host",
            "<165>1 2024-05-02T10:11:12Z host",
            "10:11:12 x",
        ] {
            assert!(begins(line.as_bytes()), "{line}");
        }
        for line in [
            "416-555-0123",
            "555-01-23 x",
            "\tat x",
            "May I ask",
            "2024 was",
            "1.5.2",
            "",
        ] {
            assert!(!begins(line.as_bytes()), "{line}");
        }
    }
}
