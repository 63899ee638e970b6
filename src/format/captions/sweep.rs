//! Finds the lines of captions that may hold part of a value, with one pass over classes of bytes.
//!
//! Passes over what nearly all of a file is: identifiers, times, and text that neither goes on nor
//! hides anything. It may name a line in vain and never misses one, so what it does not name need
//! not be read as cues.

use super::cues::{ends_open, is_open_end, is_times};
use crate::raw::{BLOCK, Hot, Set, run_hot, sets};

/// Blocks that are classified at once.
const STRIP: usize = 32;

/// Line ends, and what tags and references begin with.
const SETS: [Set; 2] = [Set::of(b"\n"), Set::of(b"<{&")];

/// Where the arrow stands in a line of times whose hours have two digits.
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

impl Hot for Sweep<'_> {
    #[inline(always)]
    fn run(&mut self) {
        let mut marks = [[0; SETS.len()]; STRIP];
        let mut at = self.from;
        // Before the first line as much as an empty one stands.
        let (mut start, mut behind_empty) = (at, true);
        loop {
            let count = sets(self.text, at, &SETS, &mut marks);
            for &[ends, markup] in marks.iter().take(count) {
                let mut found = ends | markup;
                while found != 0 {
                    let bit = found.trailing_zeros();
                    found &= found - 1;
                    let here = at + bit as usize;
                    if ends >> bit & 1 == 0 {
                        self.look(here, start);
                        continue;
                    }
                    let line = self.text.get(start..here).unwrap_or_default();
                    start = here + 1;
                    if line.is_empty() || line == b"\r" {
                        behind_empty = true;
                    } else if behind_empty {
                        // An identifier, times or a note, but no text.
                        behind_empty = false;
                    } else if may_go_on(line) {
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

impl Sweep<'_> {
    /// Looks at markup at `at` in the line from `start` on.
    #[inline(always)]
    fn look(&mut self, at: usize, start: usize) {
        let (before, rest) = self.text.split_at(at);
        let reference = rest.first() == Some(&b'&');
        // What no other byte touches from the left hides nothing, but for a reference.
        let touched = at > start && before.last().is_some_and(|b| !b.is_ascii_whitespace());
        if reference || touched {
            self.odd.push(at);
        }
    }
}

/// Whether text that ends with `line` may go on, and it is not seen to be no text.
#[inline(always)]
fn may_go_on(line: &[u8]) -> bool {
    let last = line.strip_suffix(b"\r").unwrap_or(line).last();
    let open = last.is_none_or(|&last| OPEN_ENDS[usize::from(last)]);
    let times = || {
        let [first, ..] = line else { return false };
        first.is_ascii_digit() && line.get(ARROW) == Some(b"-->")
    };
    open && !times() && ends_so(line)
}

#[inline(never)]
fn ends_so(line: &[u8]) -> bool {
    !is_times(line) && ends_open(line)
}
