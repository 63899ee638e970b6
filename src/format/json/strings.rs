//! Decodes the strings of a chunk that hold a backslash; the others are text as they stand.

use std::ops::Range;

use memchr::{memchr, memrchr};

use super::walk::string_end;
use crate::format::escape::{Decoded, unicode};
use crate::view::Codec;

/// Every string of `text[owned]` that holds a backslash, decoded, but those that are `read` (sorted).
pub(super) fn escaped(text: &[u8], owned: Range<usize>, read: &[Range<usize>]) -> Option<Decoded> {
    let text = text.get(..owned.end)?;
    let mut decoded = Decoded::default();
    // Always outside strings.
    let mut at = owned.start;
    while let Some(i) = text.get(at..).and_then(|rest| memchr(b'\\', rest)) {
        let slash = at + i;
        // No string spans lines, so only this line says whether the backslash stands in one.
        if let Some(end) = text
            .get(at..slash)
            .and_then(|passed| memrchr(b'\n', passed))
        {
            at += end + 1;
        }
        at = match string_around(text, at, slash) {
            Some(string) => {
                let end = string.end;
                let known = read.binary_search_by_key(&string.start, |place| place.start);
                if known.is_err() {
                    decoded.begin(string.clone());
                    decode(text, string, &mut decoded);
                }
                end + 1
            }
            None => slash + 1,
        };
    }
    (!decoded.holes.is_empty()).then_some(decoded)
}

/// The string that holds offset `inside`, walking from `at`, which lies outside strings.
fn string_around(text: &[u8], mut at: usize, inside: usize) -> Option<Range<usize>> {
    while let Some(i) = text.get(at..inside).and_then(|rest| memchr(b'"', rest)) {
        let start = at + i + 1;
        let (end, closed) = string_end(text, start);
        if end > inside {
            return Some(start..end);
        }
        at = end + usize::from(closed);
    }
    None
}

/// Appends the string at `range` decoded. What is no escape stays as it stands.
pub(super) fn decode(text: &[u8], range: Range<usize>, out: &mut Decoded) {
    let string = text.get(..range.end).unwrap_or_default();
    let mut plain_from = range.start;
    let mut at = range.start;
    while let Some(i) = string.get(at..).and_then(|rest| memchr(b'\\', rest)) {
        at += i;
        let mut utf8 = [0; 4];
        let (unit, width): (&[u8], usize) = match string.get(at + 1) {
            Some(b'u') => match string.get(at..).and_then(unicode) {
                Some((ch, width)) => (ch.encode_utf8(&mut utf8).as_bytes(), width),
                None => (b"", 0),
            },
            Some(letter) => (short(letter), 2),
            None => (b"", 0),
        };
        if unit.is_empty() {
            // Not an escape: the backslash is text, and what follows may be one.
            at += 1;
            continue;
        }
        out.plain(string.get(plain_from..at).unwrap_or_default(), plain_from);
        out.unit(unit, at, width, Codec::Json);
        at += width;
        plain_from = at;
    }
    out.plain(string.get(plain_from..).unwrap_or_default(), plain_from);
}

/// What a backslash and this letter stand for (RFC 8259, section 7); empty for no escape.
fn short(letter: &u8) -> &'static [u8] {
    match letter {
        b'"' => b"\"",
        b'\\' => b"\\",
        b'/' => b"/",
        b'b' => b"\x08",
        b'f' => b"\x0c",
        b'n' => b"\n",
        b'r' => b"\r",
        b't' => b"\t",
        _ => b"",
    }
}
