//! Tells a table and how it is written from its beginning.

use super::columns::Columns;
use super::outline::Outline;
use super::record::{Dialect, last_cell_end};
use crate::format::lines::lines;
use crate::format::{Head, Likeness};

/// How many records are counted.
const COUNTED: usize = 64;

/// How a table is written, how sure that is, and what its columns are.
pub(super) struct Told {
    pub(super) dialect: Dialect,
    pub(super) likeness: Likeness,
    pub(super) columns: Columns,
}

/// Whether a text is a page in HTML, whose references (`&#64;`) have semicolons behind them.
fn is_page(text: &[u8]) -> bool {
    let text = text.trim_ascii_start();
    let begins = |with: &[u8]| {
        let own = text.get(..with.len());
        own.is_some_and(|own| own.eq_ignore_ascii_case(with))
    };
    begins(b"<html") || begins(b"<!doctype html")
}

/// Tells the dialect among `delimiters`.
pub(super) fn tell(head: &Head<'_>, delimiters: &[u8]) -> Option<Told> {
    let named = has_table_name(head.name);
    if !named && (names_values(head.text) || is_page(head.text)) {
        return None;
    }
    let (dialect, shape) = delimiters
        .iter()
        .filter(|&&delimiter| may_separate(head.text, delimiter))
        .filter_map(|&delimiter| {
            // Without quotes more delimiters count, so only where quotes make no sense of it.
            [true, false].into_iter().find_map(|quotes| {
                let dialect = Dialect { delimiter, quotes };
                let shape = Shape::of(head, dialect);
                (shape.columns >= 2 && shape.is_even(named)).then_some((dialect, shape))
            })
        })
        // Of equals the first wins.
        .reduce(|best, next| {
            if next.1.score() > best.1.score() {
                next
            } else {
                best
            }
        })?;
    // A quote still open at the end of the head is broken only if nothing follows.
    let columns = if shape.outline.has_broken() {
        Columns::learn(head.text, dialect)
    } else {
        Columns::learn_from(head.text, &shape.outline)
    };
    let known = columns.are_known();
    let likeness = match () {
        () if named || (known && shape.records > 1) => Likeness::Certain,
        () if shape.looks_like_prose => return None,
        () if shape.records >= 2 && shape.columns >= 3 => Likeness::Likely,
        () if known || (shape.columns >= 4 && shape.has_data) => Likeness::Likely,
        () => return None,
    };
    Some(Told {
        dialect,
        likeness,
        columns,
    })
}

/// Whether the first line that is not empty has `delimiter`: what has none there separates
/// nothing, and need not be tried. A line with an odd quote may go on in the next.
fn may_separate(text: &[u8], delimiter: u8) -> bool {
    let first = lines(text)
        .find(|line| !line.trim_ascii().is_empty())
        .unwrap_or_default();
    let quotes = memchr::memchr_iter(b'"', first).count();
    !quotes.is_multiple_of(2) || memchr::memchr(delimiter, first).is_some()
}

/// Whether the first line names its values, `Key="value"` behind `Key="value"`: no cell of a table
/// has quotes within.
fn names_values(text: &[u8]) -> bool {
    let first = text.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let named = memchr::memmem::find_iter(first, b"=\"").filter(|&at| {
        let before = at.checked_sub(1).and_then(|before| first.get(before));
        before.is_some_and(u8::is_ascii_alphanumeric)
    });
    named.count() > 2
}

/// What the first records look like when read in a dialect.
struct Shape {
    records: usize,
    /// The most frequent number of cells.
    columns: usize,
    /// Records with that many.
    even: usize,
    /// Delimiters followed by a blank outnumber the others, as in sentences.
    looks_like_prose: bool,
    /// At least two cells of the first record hold digits.
    has_data: bool,
    outline: Outline,
}

impl Shape {
    fn of(head: &Head<'_>, dialect: Dialect) -> Shape {
        let text = head.text;
        let outline = Outline::of(text, 0, dialect, head.whole);
        let mut counts = [0; COUNTED];
        let mut records = 0;
        let (mut blanks, mut cells) = (0, 0);
        let mut data = 0;
        for row in outline.rows(0, text.len()) {
            let end = last_cell_end(text, row.start, row.end);
            let whole = head.whole || outline.ends_at(row.end - 1);
            if end == row.start || !whole {
                continue;
            }
            let Some(count) = counts.get_mut(records) else {
                break;
            };
            records += 1;
            for cell in outline.cells(row.clone(), end) {
                *count += 1;
                let first = *count == 1;
                let cell = text.get(cell).unwrap_or_default();
                blanks += usize::from(!first && cell.starts_with(b" "));
                if records == 1 {
                    data += usize::from(cell.iter().any(u8::is_ascii_digit));
                }
            }
            cells += *count - 1;
        }
        let counts = counts.get_mut(..records).unwrap_or_default();
        counts.sort_unstable();
        let columns = mode(counts);
        Shape {
            records,
            columns,
            even: counts.iter().filter(|&&count| count == columns).count(),
            looks_like_prose: blanks > cells - blanks,
            has_data: data >= 2,
            outline,
        }
    }

    /// Whether the records have the same number of cells: nearly all, or most where the name
    /// says that it is a table.
    fn is_even(&self, named: bool) -> bool {
        let needed = if named { 6 } else { 9 };
        self.records > 0 && self.even * 10 >= self.records * needed
    }

    fn score(&self) -> usize {
        self.columns.min(64) * self.even
    }
}

/// The most frequent of sorted numbers, the larger of equals.
fn mode(sorted: &[usize]) -> usize {
    sorted
        .chunk_by(|a, b| a == b)
        .max_by_key(|run| run.len())
        .and_then(|run| run.first().copied())
        .unwrap_or(0)
}

fn has_table_name(name: &str) -> bool {
    let suffix = name.len().checked_sub(4).and_then(|at| name.get(at..));
    suffix.is_some_and(|suffix| {
        [".csv", ".tsv", ".tab", ".psv"]
            .iter()
            .any(|known| suffix.eq_ignore_ascii_case(known))
    })
}
