//! Where the rows and cells of a chunk are divided, as one bit per byte, found in one pass.
//!
//! Owns the sweep over blocks that sees many records at once and hands what it cannot tell, odd
//! quotes and endless ones, to the reading of single records. Knows no columns.

use std::ops::Range;

use super::record::{Dialect, LONGEST_QUOTED, Records, Row};
use crate::raw::{BLOCK, Marks, between, mark};

/// The divisions of one text.
#[derive(Default)]
pub(super) struct Outline {
    /// Bytes between cells.
    dividers: Vec<u64>,
    /// Last bytes of records.
    ends: Vec<u64>,
    /// Stretches whose quotes are broken: their rows are lines of text.
    broken: Vec<Range<usize>>,
}

impl Outline {
    /// The divisions of `text` from `start` on, where a record starts. `last` says that no more text
    /// follows it, so that a quote still open there is known to be broken.
    pub(super) fn of(text: &[u8], start: usize, dialect: Dialect, last: bool) -> Outline {
        let blocks = text.len().div_ceil(BLOCK);
        let mut outline = Outline {
            dividers: vec![0; blocks],
            ends: vec![0; blocks],
            broken: Vec::new(),
        };
        let mut records = Records::new(dialect, start);
        while records.at < text.len() {
            let Outline { dividers, ends, .. } = &mut outline;
            let swept = sweep(text, dialect, records.at, |block, divided, ended| {
                if let (Some(dividers), Some(ends)) = (dividers.get_mut(block), ends.get_mut(block))
                {
                    *dividers |= divided;
                    *ends |= ended;
                }
            });
            if swept.sure {
                break;
            }
            outline.forget(&swept);
            records.at = swept.row;
            outline.read(text, last, &mut records);
        }
        outline
    }

    /// Reads the record that stopped a sweep, or the broken stretch it starts.
    fn read(&mut self, text: &[u8], last: bool, records: &mut Records) {
        let mut row = Row::default();
        while records.next(text, last, &mut row) {
            for at in row.dividers() {
                set(&mut self.dividers, at);
            }
            if row.whole {
                set(&mut self.ends, row.end - 1);
            }
            if row.text {
                match self.broken.last_mut() {
                    Some(last) if last.end == row.start => last.end = row.end,
                    _ => self.broken.push(row.start..row.end),
                }
            }
            if !records.is_broken() {
                break;
            }
        }
    }

    /// Takes back where a sweep divided the row it stopped in.
    fn forget(&mut self, swept: &Swept) {
        let words = swept.row / BLOCK..self.dividers.len().min(swept.stopped.div_ceil(BLOCK));
        let mut keep = below(swept.row % BLOCK);
        for word in self.dividers.get_mut(words).unwrap_or_default() {
            *word &= keep;
            keep = 0;
        }
    }

    /// Whether a record ends with the byte at `at`.
    pub(super) fn ends_at(&self, at: usize) -> bool {
        let word = self.ends.get(at / BLOCK).copied().unwrap_or(0);
        word & 1 << (at % BLOCK) != 0
    }

    /// The rows of a text of `len` bytes from `start` on, as ranges with their line ends.
    pub(super) fn rows(&self, start: usize, len: usize) -> impl Iterator<Item = Range<usize>> {
        let mut at = start;
        std::iter::from_fn(move || {
            let row = at..if at < len { self.row_end(at, len) } else { at };
            at = row.end;
            (!row.is_empty()).then_some(row)
        })
    }

    /// The bounds of the cells of `row`, whose last cell ends at `end`, quotes included.
    pub(super) fn cells(
        &self,
        row: Range<usize>,
        end: usize,
    ) -> impl Iterator<Item = Range<usize>> {
        let mut at = Some(row.start);
        std::iter::from_fn(move || {
            let start = at?;
            let divider = self
                .divider_from(start)
                .filter(|&divider| divider < row.end);
            at = divider.map(|divider| divider + 1);
            Some(start..divider.unwrap_or(end))
        })
    }

    /// Where the row of `at` starts, at `first` or behind.
    pub(super) fn row_start(&self, at: usize, first: usize) -> usize {
        before(&self.ends, at)
            .map_or(first, |end| end + 1)
            .max(first)
    }

    /// Behind the last byte of the row of `at`, in a text of `len` bytes.
    pub(super) fn row_end(&self, at: usize, len: usize) -> usize {
        from(&self.ends, at).map_or(len, |end| end + 1)
    }

    /// The divider before `at`.
    pub(super) fn divider_before(&self, at: usize) -> Option<usize> {
        before(&self.dividers, at)
    }

    /// The first divider at `at` or behind.
    pub(super) fn divider_from(&self, at: usize) -> Option<usize> {
        from(&self.dividers, at)
    }

    /// How many dividers lie in `range`.
    pub(super) fn dividers_in(&self, range: Range<usize>) -> usize {
        let word = |block: usize| self.dividers.get(block).copied().unwrap_or(0);
        let (mut block, last) = (range.start / BLOCK, range.end / BLOCK);
        let mut here = word(block) & !below(range.start % BLOCK);
        let mut count = 0;
        while block < last {
            count += here.count_ones();
            block += 1;
            here = word(block);
        }
        (count + (here & below(range.end % BLOCK)).count_ones()) as usize
    }

    /// Whether any row is a line of text for its quotes.
    pub(super) fn has_broken(&self) -> bool {
        !self.broken.is_empty()
    }

    /// Whether the row at `start` is a line of text.
    pub(super) fn is_broken(&self, start: usize) -> bool {
        let next = self.broken.partition_point(|range| range.end <= start);
        self.broken
            .get(next)
            .is_some_and(|range| range.start <= start)
    }
}

/// Bits below `bit`, which is less than 64.
const fn below(bit: usize) -> u64 {
    (1 << bit) - 1
}

fn set(class: &mut [u64], at: usize) {
    if let Some(word) = class.get_mut(at / BLOCK) {
        *word |= 1 << (at % BLOCK);
    }
}

/// The last bit before `at`.
fn before(class: &[u64], at: usize) -> Option<usize> {
    let mut block = at / BLOCK;
    let mut word = class.get(block).copied().unwrap_or(0) & below(at % BLOCK);
    while word == 0 {
        block = block.checked_sub(1)?;
        word = class.get(block).copied().unwrap_or(0);
    }
    Some(block * BLOCK + BLOCK - 1 - word.leading_zeros() as usize)
}

/// The first bit at `at` or behind.
fn from(class: &[u64], at: usize) -> Option<usize> {
    let mut block = at / BLOCK;
    let mut word = class.get(block)? & !below(at % BLOCK);
    while word == 0 {
        block += 1;
        word = *class.get(block)?;
    }
    Some(block * BLOCK + word.trailing_zeros() as usize)
}

/// Where the last whole record of `window` ends; a record starts at its beginning.
pub(super) fn last_end(window: &[u8], dialect: Dialect) -> Option<usize> {
    if !dialect.quotes || memchr::memchr(b'"', window).is_none() {
        return memchr::memrchr(b'\n', window).map(|at| at + 1);
    }
    let mut records = Records::new(dialect, 0);
    let mut row = Row::default();
    loop {
        let swept = sweep(window, dialect, records.at, |_, _, _| {});
        records.at = swept.row;
        // What the sweep cannot tell is read alone, and with it the broken stretch it starts.
        let mut stopped = swept.sure;
        while !stopped {
            let end = records.at;
            if !records.next(window, false, &mut row) || !row.whole {
                records.at = end;
                stopped = true;
            } else if !records.is_broken() {
                break;
            }
        }
        if stopped {
            return Some(records.at).filter(|&end| end > 0);
        }
    }
}

/// How far a sweep came.
struct Swept {
    /// Where the first record starts that is not whole, or not sure.
    row: usize,
    /// Up to here the text was looked at.
    stopped: usize,
    /// Whether all is told. If not, the record has to be read alone: an odd quote stands in it, it
    /// is long, or the text ends within its quotes.
    sure: bool,
}

/// Blocks that are marked at once: their marks stay in the first-level cache.
const STRIP: usize = 32;
/// Blocks that are marked first, as many sweeps of text that is no table stop within them.
const FIRST_STRIP: usize = 4;

/// Divides the records of `text` from offset `start` on, where a record starts, and hands the
/// dividers and ends of each block to `put`. Of the record it stops in, what was put means nothing.
fn sweep(
    text: &[u8],
    dialect: Dialect,
    start: usize,
    mut put: impl FnMut(usize, u64, u64),
) -> Swept {
    let needles = [dialect.delimiter, b'\n', b'"'];
    let mut marks: [Marks; STRIP] = [[0; 4]; STRIP];
    let mut row = start;
    let mut at = start - start % BLOCK;
    // A quote opens a cell only behind a divider or a quote, or at the start of a record.
    let (mut inside, mut may_open) = (0u64, 1u64 << (start % BLOCK));
    let mut room = FIRST_STRIP;
    while at < text.len() {
        let count = mark(text, at, needles, marks.get_mut(..room).unwrap_or_default());
        room = STRIP;
        if at < start
            && let [[dividers, ends, quotes, within], ..] = &mut marks
        {
            for class in [dividers, ends, &mut *quotes] {
                *class &= !below(start % BLOCK);
            }
            *within = between(*quotes);
        }
        for [dividers, ends, quotes, within] in marks.iter().take(count) {
            let (quotes, within) = if dialect.quotes {
                (*quotes, within ^ inside)
            } else {
                (0, 0)
            };
            let (dividers, ends) = (dividers & !within, ends & !within);
            let divided = dividers | ends | quotes;
            let odd = quotes & within & !(divided << 1 | may_open);
            if odd != 0 {
                let sure = ends & below(odd.trailing_zeros() as usize);
                if sure != 0 {
                    row = at + BLOCK - sure.leading_zeros() as usize;
                    put(at / BLOCK, dividers & below(row - at), sure);
                }
                return Swept {
                    row,
                    stopped: at,
                    sure: false,
                };
            }
            put(at / BLOCK, dividers, ends);
            at += BLOCK;
            if ends != 0 {
                row = at - ends.leading_zeros() as usize;
            } else if at + BLOCK - row >= LONGEST_QUOTED {
                return Swept {
                    row,
                    stopped: at,
                    sure: false,
                };
            }
            inside = ((within as i64) >> 63) as u64;
            may_open = divided >> 63;
        }
    }
    Swept {
        row,
        stopped: text.len(),
        sure: inside == 0,
    }
}
