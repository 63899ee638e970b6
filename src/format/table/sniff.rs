//! Tells a table and how it is written from its beginning.

use super::cells::decoded;
use super::columns::Columns;
use super::record::{Dialect, Records, Row};
use crate::format::{Head, Likeness};

/// How many records are counted.
const COUNTED: usize = 64;

/// How a table is written and how sure that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) dialect: Dialect,
    pub(super) likeness: Likeness,
}

/// Tells the dialect among `delimiters`.
pub(super) fn tell(head: &Head<'_>, delimiters: &[u8]) -> Option<Told> {
    let named = has_table_name(head.name);
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
    let known = Columns::learn(head.text, dialect).are_known();
    let likeness = match () {
        () if named || (known && shape.records > 1) => Likeness::Certain,
        () if shape.looks_like_prose => return None,
        () if shape.records >= 2 && shape.columns >= 3 => Likeness::Likely,
        () if known || (shape.columns >= 4 && shape.has_data) => Likeness::Likely,
        () => return None,
    };
    Some(Told { dialect, likeness })
}

/// Whether the first line that is not empty has `delimiter`: what has none there separates
/// nothing, and need not be tried. A line with an odd quote may go on in the next.
fn may_separate(text: &[u8], delimiter: u8) -> bool {
    let first = text
        .split(|&b| b == b'\n')
        .find(|line| !line.trim_ascii().is_empty())
        .unwrap_or_default();
    let quotes = memchr::memchr_iter(b'"', first).count();
    !quotes.is_multiple_of(2) || memchr::memchr(delimiter, first).is_some()
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
}

impl Shape {
    fn of(head: &Head<'_>, dialect: Dialect) -> Shape {
        let mut records = Records::new(dialect, 0);
        let mut row = Row::default();
        let mut counts: Vec<usize> = Vec::new();
        let (mut blanks, mut plain) = (0, 0);
        let mut data = 0;
        while counts.len() < COUNTED && records.next(head.text, head.whole, &mut row) {
            if row.is_empty(head.text) || (!row.whole && !head.whole) {
                continue;
            }
            let bounds = row.bounds(head.text);
            counts.push(if row.text { 1 } else { bounds.len() });
            for &(start, end) in bounds.iter().skip(1) {
                let spaced = head
                    .text
                    .get(start..end)
                    .is_some_and(|cell| cell.starts_with(b" "));
                *(if spaced { &mut blanks } else { &mut plain }) += 1;
            }
            if counts.len() == 1 {
                data = bounds
                    .iter()
                    .filter(|&&(start, end)| {
                        decoded(head.text.get(start..end).unwrap_or_default())
                            .iter()
                            .any(u8::is_ascii_digit)
                    })
                    .count();
            }
        }
        let columns = mode(&counts);
        Shape {
            records: counts.len(),
            columns,
            even: counts.iter().filter(|&&count| count == columns).count(),
            looks_like_prose: blanks > plain,
            has_data: data >= 2,
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

/// The most frequent number, the larger of equals.
fn mode(counts: &[usize]) -> usize {
    let mut sorted = counts.to_vec();
    sorted.sort_unstable();
    sorted
        .chunk_by(|a, b| a == b)
        .max_by_key(|run| run.len())
        .and_then(|run| run.first().copied())
        .unwrap_or(0)
}

fn has_table_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [".csv", ".tsv", ".tab", ".psv"]
        .iter()
        .any(|suffix| name.ends_with(suffix))
}
