//! Fixed-width call records, as private exchanges print them: lines of one width, in which the
//! column a character stands in says what it is.
//!
//! Owns which stretches of such lines are numbers, without the digit that was dialled for a line.
//! Nothing may change its width. Sources: SMDR as documented for Mitel, NEC and Panasonic exchanges.

use std::ops::Range;

use super::escape::{Decoded, stacked};
use super::lines::{Lines, lines};
use super::text::{cut, gone, line_around, line_from};
use super::{
    Capabilities, Chunk, Content, Cut, Format, Head, Ledger, Likeness, Locate, Location, Memory,
    Reader, Slot, SlotKind, Width,
};
use crate::edit::{Refusal, Splice};
use crate::time::{Stamp, in_line};
use crate::view::{Codec, Hinting, Hints, Register};

/// Fixed-width call records.
pub(super) struct Fixed;

/// Lines of a head that are looked at, and how many of them there have to be.
const LINES: usize = 64;
/// See [`LINES`].
const FEWEST: usize = 2;
/// The least width of a line.
const NARROWEST: usize = 40;
/// The fewest digits of a number that is nobody's extension.
const SHORTEST: usize = 7;
/// What every stretch of digits in such a line may be.
const LABEL: &[u8] = b"number";
/// Dialled for a line before ten or eleven digits.
const LINE: u8 = b'9';

impl Format for Fixed {
    fn name(&self) -> &'static str {
        "fixed-width"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            memory: Memory::Streams,
            width: Width::Same,
        }
    }

    /// Lines of one width with a time in the same columns, apart by blanks.
    fn sniff(&self, head: &Head<'_>) -> Option<Likeness> {
        let trimmed = |line: &'_ [u8]| line.len() - usize::from(line.ends_with(b"\n"));
        let whole = lines(head.text).filter(|line| head.whole || line.ends_with(b"\n"));
        let all: Vec<&[u8]> = whole
            .map(|line| line.get(..trimmed(line)).unwrap_or_default())
            .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
            .filter(|line| !line.trim_ascii().is_empty())
            .take(LINES)
            .collect();
        let first = all.first()?;
        let time = first.windows(5).position(is_time)?;
        let alike = |line: &&&[u8]| {
            let blanks = line.iter().filter(|&&byte| byte == b' ').count();
            line.len() == first.len()
                && blanks * 4 >= line.len()
                && line.get(time..time + 5).is_some_and(is_time)
                && !line.contains(&b'\t')
        };
        let even = all.iter().filter(alike).count();
        let fits = first.len() >= NARROWEST && all.len() >= FEWEST && even * 10 >= all.len() * 9;
        fits.then_some(Likeness::Likely)
    }

    fn open(&self, _head: &Head<'_>) -> Box<dyn Reader> {
        Box::new(FixedReader)
    }
}

fn is_time(five: &[u8]) -> bool {
    matches!(five, [a, b, b':', c, d] if [a, b, c, d].iter().all(|byte| byte.is_ascii_digit()))
}

struct FixedReader;

impl Reader for FixedReader {
    fn cut(&self, window: &[u8]) -> Cut {
        cut(window)
    }

    fn index<'s>(&'s self, chunk: Chunk<'s>) -> Box<dyn Locate + 's> {
        Box::new(FixedIndex {
            chunk,
            lines: Lines::new(chunk),
        })
    }

    fn read<'s>(&'s self, chunk: Chunk<'s>, index: &'s dyn Locate) -> Content<'s> {
        let text = chunk.text.get(..chunk.end).unwrap_or_default();
        let mut decoded = Decoded::default();
        let mut at = chunk.start;
        // Each number and what stands between two of them by itself: neither touches the other.
        while at < text.len() {
            let place = match number(text, at) {
                Some(place) if place.start == at => place,
                Some(place) => at..place.start,
                None => at..text.len(),
            };
            at = place.end;
            decoded.begin(place.clone());
            decoded.plain(text.get(place.clone()).unwrap_or_default(), place.start);
        }
        let mut views = Vec::new();
        if !decoded.holes.is_empty() {
            stacked(index, decoded, &mut views);
        }
        Content {
            views,
            ledger: Ledger::read(chunk.end - chunk.start),
            children: Vec::new(),
        }
    }
}

/// The first number of `text[from..]`, without the digit before it that was dialled for a line.
fn number(text: &[u8], from: usize) -> Option<Range<usize>> {
    let mut at = from;
    loop {
        let rest = text.get(at..)?;
        let start = at + rest.iter().position(u8::is_ascii_digit)?;
        let digits = text.get(start..)?.iter();
        let len = digits.take_while(|byte| byte.is_ascii_digit()).count();
        let end = start + len;
        if len >= SHORTEST {
            let dialled = matches!(len, 11 | 12) && text.get(start) == Some(&LINE);
            return Some(start + usize::from(dialled)..end);
        }
        at = end;
    }
}

struct FixedIndex<'s> {
    chunk: Chunk<'s>,
    lines: Lines<'s>,
}

impl Hinting for FixedIndex<'_> {
    fn hints(&self, at: usize) -> Hints<'_> {
        let text = self.chunk.text.get(..self.chunk.end).unwrap_or_default();
        let digit = |byte: &&u8| byte.is_ascii_digit();
        let before = text.get(..at).unwrap_or_default().iter().rev();
        let start = at - before.take_while(digit).count();
        let number = number(text, start).filter(|number| number.contains(&at));
        Hints {
            register: Register::Cell,
            label: number.is_some().then_some(LABEL),
            party: None,
            value: number,
            sampled: None,
        }
    }
}

impl Locate for FixedIndex<'_> {
    fn locate(&self, at: usize) -> Location {
        Location {
            record: Some(self.lines.before(at)),
            ..Location::default()
        }
    }

    fn records(&self) -> u64 {
        self.lines.all()
    }

    fn records_are_lines(&self) -> bool {
        true
    }

    fn slot(&self, _range: Range<usize>) -> Slot {
        Slot {
            kind: SlotKind::Text,
            width: Width::Same,
            style: Codec::Plain,
        }
    }

    fn record_from(&self, from: usize) -> Option<Range<usize>> {
        line_from(self.chunk, from)
    }

    fn stamp(&self, at: usize) -> Option<Stamp<'_>> {
        let line = self.chunk.text.get(line_around(self.chunk, at))?;
        Some(Stamp::of(line.get(in_line(line)?)?))
    }

    fn drop_record(&self, at: usize) -> Result<Vec<Splice>, Refusal> {
        let line = line_around(self.chunk, at);
        if line.is_empty() {
            return Err(Refusal::NotDroppable);
        }
        Ok(vec![gone(line)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORDS: &str = " 05/02 09:12 00:01:23 1001 0007 914165550123           A 2004\r\n \
                           05/02 09:15 00:00:23 T001 0003 2004          6475550148 2004\r\n";

    #[test]
    fn lines_of_one_width_are_told_from_logs() {
        let told = |text: &str| {
            let head = Head {
                text: text.as_bytes(),
                name: "smdr",
                whole: true,
            };
            Fixed.sniff(&head).is_some()
        };
        assert!(told(RECORDS));
        assert!(!told(
            &RECORDS
                .replace("2004\r\n", "20045\r\n")
                .replacen("20045", "2004", 1)
        ));
        assert!(!told(
            "May  2 10:11:12 host app[1]: call from nobody at all\nMay  2 10:11:12 host x\n"
        ));
        assert!(!told(
            "10:11:12,1001,0007,914165550123,A,2004,2004,2004,2\n10:11:12,1001,0007,914165550123,A,2004,2004,2004,2\n"
        ));
    }

    #[test]
    fn numbers_are_read_without_what_was_dialled_for_a_line() {
        let text = RECORDS.as_bytes();
        let first = number(text, 0).unwrap();
        assert_eq!(&text[first.clone()], b"14165550123");
        assert_eq!(&text[number(text, first.end).unwrap()], b"6475550148");
    }
}
