//! Rows that were deleted and not yet written over: a record is known by a header whose lengths add
//! up (<https://sqlite.org/fileformat2.html>, section 2.1).
//!
//! Owns what a search for runs of letters cannot tell: numbers, which are no letters, and texts that
//! stand right behind other text, as the cells of a record do.

use super::remnants::Piece;

/// The longest header that is followed, in bytes: one for each column, and most tables have fewer.
const LONGEST_HEADER: usize = 128;
/// Smaller numbers are nobody's.
const SMALLEST: u64 = 100;

/// Appends the numbers of records in `bytes`, which stand at `from`, and their texts where another
/// letter stands beside them.
pub(super) fn carve(bytes: &[u8], from: usize, out: &mut Vec<Piece>) {
    let mut at = 0;
    while let Some(header) = bytes.get(at).map(|len| usize::from(*len)) {
        let end = record(bytes, at, header, from, out);
        at = end.unwrap_or(at + 1);
    }
}

/// Takes the record apart that starts at `start` with its header of `header` bytes, if there is one;
/// gives where it ends.
fn record(
    bytes: &[u8],
    start: usize,
    header: usize,
    from: usize,
    out: &mut Vec<Piece>,
) -> Option<usize> {
    if !(2..=LONGEST_HEADER).contains(&header) {
        return None;
    }
    let types = bytes.get(start + 1..start + header)?;
    let mut body = start + header;
    let mut filled = false;
    let mut rest = types;
    while !rest.is_empty() {
        let (kind, behind) = varint(rest)?;
        body = body.checked_add(width(kind)?)?;
        filled |= kind >= 13 || matches!(kind, 4..=6);
        rest = behind;
    }
    if !filled || body > bytes.len() {
        return None;
    }
    let mut at = start + header;
    let mut rest = types;
    while !rest.is_empty() {
        let (kind, behind) = varint(rest)?;
        let len = width(kind)?;
        let content = bytes.get(at..at + len)?;
        match kind {
            1..=6 => {
                let number = signed(content);
                if number.unsigned_abs() >= SMALLEST {
                    let text = number.to_string().into_bytes();
                    out.push(Piece {
                        at: from + at,
                        text,
                        number: true,
                    });
                }
            }
            13.. if kind % 2 == 1 && glued(bytes, at, len) => {
                out.push(Piece {
                    at: from + at,
                    text: content.to_vec(),
                    number: false,
                });
            }
            _ => {}
        }
        at += len;
        rest = behind;
    }
    Some(body)
}

/// Whether what stands beside `bytes[at..at + len]` could be taken for a part of it.
fn glued(bytes: &[u8], at: usize, len: usize) -> bool {
    let letter = |at: Option<usize>| {
        let beside = at.and_then(|at| bytes.get(at));
        beside.is_some_and(|b| *b >= b' ' && *b != 0x7f)
    };
    len > 0 && (letter(at.checked_sub(1)) || letter(Some(at + len)))
}

/// The bytes that a value of this serial type takes; `None` for types that are not used.
fn width(kind: u64) -> Option<usize> {
    Some(match kind {
        0 | 8 | 9 => 0,
        1..=4 => kind as usize,
        5 => 6,
        6 | 7 => 8,
        10 | 11 => return None,
        _ => usize::try_from((kind - 12) / 2).ok()?,
    })
}

fn signed(bytes: &[u8]) -> i64 {
    let negative = bytes.first().is_some_and(|b| b & 0x80 != 0);
    let start = if negative { -1 } else { 0 };
    bytes
        .iter()
        .fold(start, |number, b| number << 8 | i64::from(*b))
}

/// A number of up to three bytes, seven bits in each, and what stands behind it.
fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    /// Longer ones would be of values beyond a page.
    const LONGEST: usize = 3;
    let mut number = 0;
    for (at, b) in bytes.iter().take(LONGEST).enumerate() {
        number = number << 7 | u64::from(b & 0x7f);
        if b & 0x80 == 0 {
            return Some((number, bytes.get(at + 1..)?));
        }
    }
    None
}
