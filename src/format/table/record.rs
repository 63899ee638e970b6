//! Finds where records and their cells end, as RFC 4180 and the readers of spreadsheets do.
//!
//! Owns the state machine of quotes, in a fast form on blocks and in an exact form for records
//! whose quotes stand in odd places. Knows no columns.

use crate::raw::{BLOCK, between, block, masks, with_best_instructions};

/// The longest record that quotes may hold together, in bytes.
///
/// Beyond it a quote was never closed: the stretch is read as lines, so that one bad cell does not
/// take the rest of the file with it.
pub(super) const LONGEST_QUOTED: usize = 64 * 1024;

/// How a table is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dialect {
    /// The byte between cells.
    pub(super) delimiter: u8,
    /// Whether a cell may be quoted.
    pub(super) quotes: bool,
}

/// One record and where its cells are divided.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Row {
    /// Offset of the first byte.
    pub(super) start: usize,
    /// Offset behind the line end, or behind the last byte.
    pub(super) end: usize,
    /// Whether its quotes are broken, so that it is a line of text.
    pub(super) text: bool,
    /// Whether it ends with a line end.
    pub(super) whole: bool,
    /// Per block of the row, the delimiters between cells.
    blocks: Vec<u64>,
}

impl Row {
    /// The dividers between its cells.
    pub(super) fn dividers(&self) -> impl Iterator<Item = usize> {
        let blocks = self.blocks.iter().enumerate();
        blocks.flat_map(move |(i, mask)| {
            let mut mask = *mask;
            std::iter::from_fn(move || {
                let bit = mask.trailing_zeros() as usize;
                (mask != 0).then(|| {
                    mask &= mask - 1;
                    self.start + i * BLOCK + bit
                })
            })
        })
    }

    fn begin(&mut self, start: usize) {
        self.start = start;
        self.end = start;
        self.text = false;
        self.whole = false;
        self.blocks.clear();
    }

    fn push(&mut self, delimiters: u64) {
        self.blocks.push(delimiters);
    }
}

/// Where the last cell of the row from `start` to `end` ends: before the line end.
pub(super) fn last_cell_end(text: &[u8], start: usize, end: usize) -> usize {
    let mut end = end;
    for terminator in [b'\n', b'\r'] {
        if end > start && text.get(end - 1) == Some(&terminator) {
            end -= 1;
        }
    }
    end
}

/// Walks the records of a text, one after the other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Records {
    dialect: Dialect,
    /// Where the next record starts.
    pub(super) at: usize,
    /// Up to here quotes are broken and lines are read as text.
    text_until: usize,
}

impl Records {
    /// Records from offset `at`, which must start one.
    pub(super) fn new(dialect: Dialect, at: usize) -> Self {
        Records {
            dialect,
            at,
            text_until: 0,
        }
    }

    /// Whether the next record lies in a stretch whose quotes are broken.
    pub(super) fn is_broken(&self) -> bool {
        self.at < self.text_until
    }

    /// Reads the next record of `text` into `row`; false at the end of the text.
    ///
    /// The last record may be without a line end; `last` says that no more text follows it, so
    /// that a quote still open there is known to be broken.
    pub(super) fn next(&mut self, text: &[u8], last: bool, row: &mut Row) -> bool {
        if self.at >= text.len() {
            return false;
        }
        row.begin(self.at);
        if self.is_broken() || !self.quoted(text, last, row) {
            line(text, row);
        }
        self.at = row.end;
        true
    }

    /// Reads a record with its quotes; false when they turn out to be broken.
    fn quoted(&mut self, text: &[u8], last: bool, row: &mut Row) -> bool {
        match with_best_instructions(|| fast(text, self.dialect, row)) {
            Found::Record => return true,
            Found::Open => {}
            Found::Odd => {
                let start = row.start;
                row.begin(start);
                match exact(text, self.dialect, row) {
                    Found::Open => {}
                    _ => return true,
                }
            }
        }
        let broken = last || row.end - row.start >= LONGEST_QUOTED;
        if broken {
            self.text_until = row.start + LONGEST_QUOTED;
        }
        !broken
    }
}

/// How a reading of a record came out.
enum Found {
    /// It ended, or the text did outside quotes.
    Record,
    /// The text or the patience ended within quotes.
    Open,
    /// A quote stands where only the exact reading can tell what it means.
    Odd,
}

/// Reads the record at `row.start` block by block.
#[inline(always)]
#[expect(
    clippy::inline_always,
    reason = "compiled for the processor where it is called"
)]
fn fast(text: &[u8], dialect: Dialect, row: &mut Row) -> Found {
    // A quote opens a cell only behind a delimiter or a quote, or at the start.
    let (mut inside, mut may_open) = (0u64, 1u64);
    let mut at = row.start;
    loop {
        let [delimiters, ends, quotes] = masks(&block(text, at), [dialect.delimiter, b'\n', b'"']);
        let quotes = if dialect.quotes { quotes } else { 0 };
        let within = if quotes == 0 {
            inside
        } else {
            between(quotes) ^ inside
        };
        let delimiters = delimiters & !within;
        let ends = ends & !within;
        let before_end = ends.wrapping_sub(1) & !ends;
        let odd = quotes & within & !((delimiters | quotes) << 1 | may_open) & before_end;
        if odd != 0 {
            return Found::Odd;
        }
        row.push(delimiters & before_end);
        if ends != 0 {
            row.end = at + ends.trailing_zeros() as usize + 1;
            row.whole = true;
            return Found::Record;
        }
        inside = ((within as i64) >> 63) as u64;
        may_open = (delimiters | quotes) >> 63;
        at += BLOCK;
        if at >= text.len() {
            row.end = text.len();
            return if inside == 0 {
                Found::Record
            } else {
                Found::Open
            };
        }
        if inside != 0 && at - row.start >= LONGEST_QUOTED {
            row.end = at;
            return Found::Open;
        }
    }
}

/// Reads the record at `row.start` byte by byte: a quote counts only at the start of a cell and,
/// from there on, doubled or at its end.
fn exact(text: &[u8], dialect: Dialect, row: &mut Row) -> Found {
    #[derive(PartialEq)]
    enum State {
        Start,
        Bare,
        Quoted,
        Closed,
    }
    let mut state = State::Start;
    let mut delimiters = 0u64;
    let rest = text.get(row.start..).unwrap_or_default();
    for (i, &byte) in rest.iter().enumerate() {
        if i > 0 && i.is_multiple_of(BLOCK) {
            row.push(delimiters);
            delimiters = 0;
        }
        state = match (state, byte) {
            (State::Quoted, b'"') => State::Closed,
            (State::Quoted, _) => {
                if i >= LONGEST_QUOTED {
                    row.end = row.start + i;
                    return Found::Open;
                }
                State::Quoted
            }
            (State::Closed, b'"') | (State::Start, b'"') => State::Quoted,
            (_, b'\n') => {
                row.push(delimiters);
                row.end = row.start + i + 1;
                row.whole = true;
                return Found::Record;
            }
            (_, byte) if byte == dialect.delimiter => {
                delimiters |= 1 << (i % BLOCK);
                State::Start
            }
            _ => State::Bare,
        };
    }
    row.push(delimiters);
    row.end = text.len();
    if state == State::Quoted {
        Found::Open
    } else {
        Found::Record
    }
}

/// Reads the line at `row.start` as text: one cell.
fn line(text: &[u8], row: &mut Row) {
    let start = row.start;
    row.begin(start);
    row.text = true;
    let rest = text.get(start..).unwrap_or_default();
    let end = memchr::memchr(b'\n', rest);
    row.whole = end.is_some();
    row.end = end.map_or(text.len(), |i| start + i + 1);
}
