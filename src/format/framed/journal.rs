//! The export format of journald: `NAME=value` lines, or a name, eight bytes of length and bytes;
//! an empty line behind each entry.

use super::{Parsed, Piece};
use crate::time::{Count, Stamp};

/// The bytes of a length.
const LENGTH: usize = 8;
/// The longest name of a field, as journald takes them.
const LONGEST_NAME: usize = 64;
/// Fields with which entries begin; one of them is in every entry.
const TELLING: &[&[u8]] = &[b"__CURSOR=", b"__REALTIME_TIMESTAMP="];

/// Whether a head begins with an entry.
pub(super) fn tell(head: &[u8]) -> bool {
    TELLING.iter().any(|field| head.starts_with(field))
}

/// The entries and fields of `text[from..]`.
pub(super) fn parse(text: &[u8], from: usize) -> Parsed {
    let mut out = Parsed {
        records: Vec::new(),
        pieces: Vec::new(),
    };
    let (mut at, mut start) = (from, from);
    while at < text.len() {
        let rest = text.get(at..).unwrap_or_default();
        let len = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let line = rest.get(..len).unwrap_or_default();
        let end = (at + len + 1).min(text.len());
        if line.is_empty() {
            out.records.push(start..end);
            (at, start) = (end, end);
            continue;
        }
        let named = line.iter().take_while(|b| is_named(**b)).count();
        let name = at..at + named;
        if named == len
            && named <= LONGEST_NAME
            && let Some(piece) = counted(text, end)
        {
            at = (piece.1.end + 1).min(text.len());
            out.pieces.push(Piece {
                name,
                text: piece.1,
                length: Some(piece.0),
            });
            continue;
        }
        let value = if line.get(named) == Some(&b'=') {
            at + named + 1..at + len
        } else {
            at..at + len
        };
        out.pieces.push(Piece {
            name,
            text: value,
            length: None,
        });
        at = end;
    }
    if start < text.len() {
        out.records.push(start..text.len());
    }
    out
}

/// When the journal took the entry, in microseconds since 1970, if this field says so.
pub(super) fn time<'t>(name: &[u8], text: &'t [u8]) -> Option<Stamp<'t>> {
    (name == b"__REALTIME_TIMESTAMP").then(|| Stamp {
        text: text.into(),
        count: Count::Micros,
        utc: true,
    })
}

type Place = std::ops::Range<usize>;

/// The length at `at` and what stands behind it, which a line end follows.
fn counted(text: &[u8], at: usize) -> Option<(Place, Place)> {
    let behind = at + LENGTH;
    let length = u64::from_le_bytes(text.get(at..behind)?.try_into().ok()?);
    let end = behind.checked_add(usize::try_from(length).ok()?)?;
    (text.get(end) == Some(&b'\n')).then_some((at..behind, behind..end))
}

const fn is_named(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_'
}
