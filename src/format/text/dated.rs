//! Texts whose records begin with a date: logs and chats, of which a record may go on in other
//! lines.
//!
//! Owns how such a line begins and how far a record goes. Knows no program by name.

use std::ops::Range;

use super::line_around;
use crate::format::Chunk;
use crate::format::lines::lines;

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

/// The lines of the record around `at`.
pub(super) fn record(chunk: Chunk<'_>, at: usize) -> Range<usize> {
    let mut record = line_around(chunk, at);
    let text = chunk.text.get(..chunk.end).unwrap_or_default();
    let first = |record: &Range<usize>| begins(text.get(record.start..).unwrap_or_default());
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
        if rest.is_empty() || begins(rest) {
            break;
        }
        record.end += memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
    }
    record
}

/// Whether a line begins with a date or a time, behind a bracket, a priority or marks of direction.
pub(super) fn begins(line: &[u8]) -> bool {
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
        let all = record(Chunk::whole(text), 22);
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
