//! Finds the lines of captions that may hold part of a value, with one pass over classes of bytes.
//!
//! Owns the bit arithmetic that passes over what nearly all of a file is: identifiers, times, and
//! text that neither goes on nor hides anything. It may name a line in vain and never misses one,
//! so what it does not name need not be read as cues.

use super::cues::{comes_next, ends_open, is_open_end, is_times};
use crate::raw::{BLOCK, Hot, Set, run_hot, sets};

/// Blocks that are classified at once.
const STRIP: usize = 32;

/// Line ends, what tags begin with, what references begin with, and signs behind which no text goes
/// on in the next line.
const SETS: [Set; 4] = [
    Set::of(b"\n"),
    Set::of(b"<{"),
    Set::of(b"&"),
    Set::of(b".?!\""),
];

/// Bytes of a line of times whose hours have two digits and that says no more, and where its arrow
/// stands.
const TIMES: usize = 29;
const ARROW: std::ops::Range<usize> = 13..16;

/// Whether a line of text that may go on can end with a byte.
static OPEN_ENDS: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < table.len() {
        table[byte] = is_open_end(byte as u8);
        byte += 1;
    }
    table
};

/// Offsets in the lines of `text[from..]` at which the text of a cue may go on in the next line or
/// cue, or be hidden by markup: ascending. Where one is, the lines around it have to be read.
pub(super) fn odd(text: &[u8], from: usize) -> Vec<usize> {
    let mut sweep = Sweep {
        text,
        from,
        odd: Vec::new(),
    };
    run_hot(&mut sweep);
    let mut odd = sweep.odd;
    // Lines are told by their ends.
    if text.len() > from && !text.ends_with(b"\n") {
        odd.push(text.len());
    }
    odd
}

struct Sweep<'t> {
    text: &'t [u8],
    from: usize,
    odd: Vec<usize>,
}

/// What a block has to know of the one before.
struct Carry {
    ends: u64,
    /// Whether an empty line ended it.
    empty: u64,
    /// Whether a line it has not ended follows an empty one.
    first: bool,
    /// Whether it ended with a sign behind which nothing goes on.
    closed: u64,
}

impl Hot for Sweep<'_> {
    #[inline(always)]
    fn run(&mut self) {
        let mut marks = [[0; SETS.len()]; STRIP];
        // Before the first line as much as an empty one stands.
        let mut carry = Carry {
            ends: 1 << (BLOCK - 1),
            empty: 1,
            first: false,
            closed: 0,
        };
        let mut at = self.from;
        loop {
            let count = sets(self.text, at, &SETS, &mut marks);
            for marks in marks.iter().take(count) {
                let before = carry.ends;
                let [lines, markup] = open_bits(marks, &mut carry);
                let mut found = lines | markup;
                while found != 0 {
                    let bit = found.trailing_zeros();
                    found &= found - 1;
                    let here = at + bit as usize;
                    let odd = if markup >> bit & 1 != 0 {
                        self.hides(here)
                    } else {
                        // What ended before, as bits behind each other, the last one highest.
                        let ended = (u128::from(marks[0]) << BLOCK | u128::from(before))
                            << 1
                            << (BLOCK as u32 - 1 - bit);
                        self.goes_on(here, ended)
                    };
                    if odd {
                        self.odd.push(here);
                    }
                }
                at += BLOCK;
            }
            if count < STRIP {
                return;
            }
        }
    }
}

/// The line ends of a block behind which text may go on, and the signs in it that may hide some.
#[inline(always)]
fn open_bits(marks: &[u64; SETS.len()], carry: &mut Carry) -> [u64; 2] {
    let [ends, tags, references, closed] = *marks;
    let starts = ends << 1 | carry.ends >> 63;
    let empty = ends & starts;
    // Behind an empty line an identifier stands, or times or a note, but no text. A sum carries from
    // where such a line starts to its end.
    let (sum, over) = (!ends).overflowing_add((empty << 1 | carry.empty) & !ends);
    let (sum, too) = sum.overflowing_add(u64::from(carry.first));
    let first = sum & ends;
    let shut = closed << 1 | carry.closed;
    *carry = Carry {
        ends,
        empty: empty >> 63,
        first: over | too,
        closed: closed >> 63,
    };
    [ends & !(empty | first | shut), tags & !starts | references]
}

impl Sweep<'_> {
    /// Whether markup at `at` may hide something.
    #[inline(always)]
    fn hides(&self, at: usize) -> bool {
        let (before, rest) = self.text.split_at(at);
        // What no other byte touches from the left hides nothing, but for a reference.
        rest.first() == Some(&b'&') || before.last().is_some_and(|b| !b.is_ascii_whitespace())
    }

    /// Whether text that ends with the line that ends at `at` may go on, and the line is not seen to
    /// be no text; of `ended` the bits are the line ends before, that before `at` the highest.
    #[inline(always)]
    fn goes_on(&self, at: usize, ended: u128) -> bool {
        let before = self.text.get(self.from..at).unwrap_or_default();
        let line = before.strip_suffix(b"\r").unwrap_or(before);
        if !line.last().is_none_or(|&last| OPEN_ENDS[usize::from(last)]) {
            return false;
        }
        let returns = before.len() - line.len();
        let times = ended.leading_zeros() as usize == TIMES + returns
            && line.last_chunk::<TIMES>().is_some_and(|line| {
                line.first().is_some_and(u8::is_ascii_digit) && line.get(ARROW) == Some(b"-->")
            });
        !times && goes_so(before, self.text.get(at..).unwrap_or_default())
    }
}

/// Whether the last line of `text`, which has no line end and before `rest`, may go on and is neither times nor behind
/// an empty line.
#[inline(never)]
fn goes_so(text: &[u8], rest: &[u8]) -> bool {
    let start = memchr::memrchr(b'\n', text).map_or(0, |end| end + 1);
    let (before, line) = text.split_at(start);
    let behind_empty = before.is_empty() || before.ends_with(b"\n\r\n") || before == b"\r\n";
    !behind_empty && !is_times(line) && (ends_open(line) || comes_next(rest))
}
