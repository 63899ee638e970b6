//! Finds the lines of captions that may hold part of a value, with one pass over classes of bytes.
//!
//! Owns the bit arithmetic that passes over what nearly all of a file is: identifiers, times, and
//! text that neither goes on nor hides anything. It may name a line in vain and never misses one,
//! so what it does not name need not be read as cues.

use super::cues::{ends_open, is_open_end};
use crate::raw::{BLOCK, Hot, Set, run_hot, sets};

/// Blocks that are classified at once.
const STRIP: usize = 32;

/// Line ends, their carriage returns, digits, the two signs of an arrow, what tags begin with, and
/// what references begin with.
const SETS: [Set; 7] = [
    Set::of(b"\n"),
    Set::of(b"\r"),
    Set::of(b"0123456789"),
    Set::of(b"-"),
    Set::of(b">"),
    Set::of(b"<{"),
    Set::of(b"&"),
];

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
    // The bits tell lines by their ends.
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
#[derive(Default)]
struct Carry {
    /// Whether it ended with a line end, and whether that ended an empty line.
    line_start: u64,
    block_start: u64,
    /// Whether it ended with a carriage return, and whether that was a line's first byte.
    bare_return: u64,
    /// Its last signs of arrows, as the top bits.
    dashes: u64,
    /// Whether its last line began with a digit, held an arrow, or followed an empty one.
    digit: bool,
    arrow: bool,
    first: bool,
}

impl Hot for Sweep<'_> {
    #[inline(always)]
    fn run(&mut self) {
        let mut marks = [[0; SETS.len()]; STRIP];
        // Before the first line as much as nothing stands.
        let mut carry = Carry {
            line_start: 1,
            block_start: 1,
            ..Carry::default()
        };
        let mut at = self.from;
        loop {
            let count = sets(self.text, at, &SETS, &mut marks);
            for marks in marks.iter().take(count) {
                let [lines, markup] = odd_bits(marks, &mut carry);
                let (mut found, markup) = (lines | markup, markup);
                while found != 0 {
                    let bit = found.trailing_zeros();
                    found &= found - 1;
                    self.look(at + bit as usize, markup >> bit & 1 != 0);
                }
                at += BLOCK;
            }
            if count < STRIP {
                return;
            }
        }
    }
}

impl Sweep<'_> {
    /// Looks at what the bits of a block could not pass over.
    #[inline(always)]
    fn look(&mut self, at: usize, markup: bool) {
        let before = self.text.get(..at).unwrap_or_default();
        let odd = if markup {
            // What no other byte touches from the left hides nothing, but for a reference.
            self.text.get(at) == Some(&b'&')
                || before
                    .last()
                    .is_some_and(|byte| !byte.is_ascii_whitespace())
        } else {
            let line = before.strip_suffix(b"\r").unwrap_or(before);
            line.last().is_some_and(|&byte| is_open_end(byte)) && self.goes_on(at)
        };
        if odd {
            self.odd.push(at);
        }
    }

    /// Whether what was said may go on behind the line that ends at `at`.
    #[inline(never)]
    fn goes_on(&self, at: usize) -> bool {
        let before = self.text.get(self.from..at).unwrap_or_default();
        let start = memchr::memrchr(b'\n', before).map_or(0, |end| end + 1);
        ends_open(before.get(start..).unwrap_or_default())
    }
}

/// The line ends of a block behind which text may go on, and the signs in it that may hide some.
#[inline(always)]
fn odd_bits(marks: &[u64; SETS.len()], carry: &mut Carry) -> [u64; 2] {
    let [ends, returns, digits, dashes, angles, opening, references] = *marks;
    let starts = ends << 1 | carry.line_start;
    // An empty line may have a carriage return.
    let bare_returns = returns & starts;
    let empty = ends & (starts | bare_returns << 1 | carry.bare_return);
    let firsts = empty << 1 | carry.block_start;
    let arrows = angles & (dashes << 1 | carry.dashes >> 63) & (dashes << 2 | carry.dashes >> 62);
    let inner = !ends;
    // A line with times begins with a digit and has an arrow; behind an empty line an identifier
    // stands, or a note, but no text.
    let digit = ends_of(starts & digits, inner, &mut carry.digit);
    let arrow = ends_of(arrows, inner, &mut carry.arrow);
    let first = ends_of(firsts & inner, inner, &mut carry.first);
    carry.line_start = ends >> 63;
    carry.block_start = empty >> 63;
    carry.bare_return = bare_returns >> 63;
    carry.dashes = dashes;
    [
        ends & !(empty | first | digit & arrow),
        opening & !starts | references,
    ]
}

/// The ends of the lines in which a bit of `marks` stands; `inner` are the bytes that end none, and
/// `open` says whether one stood in the line the block begins in.
#[inline(always)]
fn ends_of(marks: u64, inner: u64, open: &mut bool) -> u64 {
    // A sum carries from a mark through the rest of its line to its end.
    let (sum, over) = inner.overflowing_add(marks);
    let (sum, too) = sum.overflowing_add(u64::from(*open));
    *open = over | too;
    sum & !inner
}
