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

/// Appends the numbers of deleted cells in `bytes`, which stand at `from`, and their texts where
/// another letter stands beside them.
pub(super) fn carve(bytes: &[u8], from: usize, out: &mut Vec<Piece>) {
    /// The least length of a cell whose record has a type and a value: most of what is free is zeros.
    const LEAST: u8 = 3;
    let mut at = 0;
    while let Some(length) = bytes.get(at) {
        let end = (*length >= LEAST).then(|| cell(bytes, at, from, out));
        at = end.flatten().unwrap_or(at + 1);
    }
}

/// The same for `bytes` that are a free block but for its own four bytes, where those of one cell
/// began: its lengths are gone, with the type of its first value, which is none where that is the
/// row's id.
pub(super) fn carve_block(bytes: &[u8], from: usize, out: &mut Vec<Piece>) {
    let (mut header, mut body) = (0, 0);
    while let Some((kind, behind)) = bytes.get(header..).and_then(varint) {
        let Some(width) = width(kind) else { break };
        header = bytes.len() - behind.len();
        body += width;
        if header > LONGEST_HEADER || header + body > bytes.len() {
            break;
        }
        if body > 0 && header + body == bytes.len() {
            values(bytes, (0, header), from, out);
            return;
        }
    }
    carve(bytes, from, out);
}

/// Takes the cell apart that starts at `start`, if its length is that of a record behind it, in a
/// table with or without row ids; gives where it ends.
fn cell(bytes: &[u8], start: usize, from: usize, out: &mut Vec<Piece>) -> Option<usize> {
    let (length, behind) = varint(bytes.get(start..)?)?;
    let length = usize::try_from(length).ok()?;
    let first = bytes.len() - behind.len();
    let id = behind.iter().take(9).position(|b| b & 0x80 == 0);
    let with_id = id.map(|last| first + last + 1);
    for record in [with_id, Some(first)].into_iter().flatten() {
        let header = bytes.get(record).map(|len| usize::from(*len))?;
        // Before anything is read: in what is just text this is asked of every byte.
        let fits = header < length && record + length <= bytes.len();
        if !(2..=LONGEST_HEADER).contains(&header) || !fits {
            continue;
        }
        let mut types = bytes.get(record + 1..record + header).unwrap_or_default();
        let mut body = 0;
        let mut sound = !types.is_empty();
        while !types.is_empty() {
            let read = varint(types).and_then(|(kind, rest)| Some((width(kind)?, rest)));
            let Some((width, rest)) = read else {
                sound = false;
                break;
            };
            body += width;
            types = rest;
            if header + body > length {
                break;
            }
        }
        if sound && body > 0 && header + body == length {
            values(bytes, (record + 1, record + header), from, out);
            return Some(record + length);
        }
    }
    None
}

/// Appends the values of a record whose types stand in `bytes[types]`, its values right behind.
fn values(bytes: &[u8], types: (usize, usize), from: usize, out: &mut Vec<Piece>) {
    let mut at = types.1;
    let mut rest = bytes.get(types.0..types.1).unwrap_or_default();
    while let Some((kind, behind)) = varint(rest) {
        let Some(content) = width(kind).and_then(|len| bytes.get(at..at + len)) else {
            return;
        };
        match kind {
            1..=6 => {
                let number = signed(content);
                if number.unsigned_abs() >= SMALLEST {
                    out.push(Piece {
                        at: from + at,
                        text: number.to_string().into_bytes(),
                        number: true,
                    });
                }
            }
            13.. if kind % 2 == 1 && glued(bytes, at, content.len()) => out.push(Piece {
                at: from + at,
                text: content.to_vec(),
                number: false,
            }),
            _ => {}
        }
        at += content.len();
        rest = behind;
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A cell of row 3: nothing, a text, a number of six bytes, a text.
    const CELL: &[u8] = b"\x18\x03\x05\x00\x19\x05\x1ba word\x00\x03\x4c\x55\x24\x2b4165550";

    fn carved(bytes: &[u8], block: bool) -> Vec<(usize, String)> {
        let mut out = Vec::new();
        if block {
            carve_block(bytes, 0, &mut out);
        } else {
            carve(bytes, 0, &mut out);
        }
        let text = |piece: Piece| (piece.at, String::from_utf8(piece.text).unwrap());
        out.into_iter().map(text).collect()
    }

    #[test]
    fn values_of_deleted_cells_are_told_apart() {
        let (number, text) = ("14165550123".to_owned(), "4165550".to_owned());
        // The text stands right behind a byte of the number that is a letter.
        let want = |skipped: usize| [(13 + skipped, number.clone()), (19 + skipped, text.clone())];
        assert_eq!(carved(CELL, false), want(0));
        let padded = [b"\0\0\x18", CELL, b"\0\0"].concat();
        assert_eq!(carved(&padded, false), want(3));
        assert_eq!(carved(&CELL[..20], false), []);
        // A free block: the first four bytes are its own.
        assert_eq!(carved(&CELL[4..], true)[0], (9, number));
    }
}
