//! Decodes quoted-printable bodies and the encoded words of headers.

use std::ops::Range;

use crate::format::escape::Decoded;
use crate::view::Codec;

/// Appends the quoted-printable `text[range]` decoded (RFC 2045, section 6.7). Soft line breaks
/// are no part of it; what is no escape stays as it stands.
pub(in crate::format) fn quoted_printable(text: &[u8], range: Range<usize>, out: &mut Decoded) {
    quoted(text, range, false, out);
}

/// An encoded word (RFC 2047).
pub(super) struct Word {
    /// Where its text stands.
    pub(super) text: Range<usize>,
    /// The name of its charset.
    pub(super) charset: Range<usize>,
    /// Whether it is base64, and not like quoted-printable.
    pub(super) base64: bool,
}

/// The encoded words of `text[range]`.
pub(super) fn words(text: &[u8], range: Range<usize>) -> Vec<Word> {
    let mut out = Vec::new();
    let mut at = range.start;
    let text = text.get(..range.end).unwrap_or_default();
    while let Some(found) = text
        .get(at..)
        .and_then(|rest| memchr::memmem::find(rest, b"=?"))
    {
        at += found + 2;
        if let Some(word) = word(text, at) {
            at = word.text.end + 2;
            out.push(word);
        }
    }
    out
}

/// The word whose charset starts at `at`.
fn word(text: &[u8], at: usize) -> Option<Word> {
    /// A word takes at most 75 characters; some mailers write longer ones.
    const LONGEST: usize = 1024;
    let rest = text.get(at..text.len().min(at + LONGEST))?;
    let charset = memchr::memchr(b'?', rest)?;
    let base64 = match rest.get(charset + 1..charset + 3)? {
        [b'B' | b'b', b'?'] => true,
        [b'Q' | b'q', b'?'] => false,
        _ => return None,
    };
    let start = charset + 3;
    let len = memchr::memmem::find(rest.get(start..)?, b"?=")?;
    Some(Word {
        text: at + start..at + start + len,
        charset: at..at + charset,
        base64,
    })
}

/// Appends the text of a `Q` word, in which an underscore is a blank.
pub(super) fn q_word(text: &[u8], range: Range<usize>, out: &mut Decoded) {
    quoted(text, range, true, out);
}

fn quoted(text: &[u8], range: Range<usize>, word: bool, out: &mut Decoded) {
    let text = text.get(..range.end).unwrap_or_default();
    let (mut from, mut at) = (range.start, range.start);
    while let Some(found) = text
        .get(at..)
        .and_then(|rest| memchr::memchr2(b'=', b'_', rest))
    {
        at += found;
        let rest = text.get(at..).unwrap_or_default();
        let width = match rest {
            [b'_', ..] if word => 1,
            [b'=', high, low, ..] if octet(*high, *low).is_some() => 3,
            [b'=', behind @ ..] if !word => soft(behind).map_or(0, |len| len + 1),
            _ => 0,
        };
        if width == 0 {
            at += 1;
            continue;
        }
        out.plain(text.get(from..at).unwrap_or_default(), from);
        match rest {
            [b'_', ..] => out.unit(b" ", at, 1, Codec::QuotedPrintable),
            [_, high, low, ..] if width == 3 && octet(*high, *low).is_some() => {
                let octet = octet(*high, *low).unwrap_or_default();
                out.unit(&[octet], at, 3, Codec::QuotedPrintable);
            }
            _ => out.map.push(1, 0, at as u64, width, Codec::Plain),
        }
        at += width;
        from = at;
    }
    out.plain(text.get(from..).unwrap_or_default(), from);
}

/// The length of the blanks and line end behind the `=` of a soft line break.
fn soft(rest: &[u8]) -> Option<usize> {
    let blanks = rest
        .iter()
        .take_while(|b| matches!(b, b' ' | b'\t'))
        .count();
    match rest.get(blanks..)? {
        [b'\r', b'\n', ..] => Some(blanks + 2),
        [b'\n', ..] => Some(blanks + 1),
        _ => None,
    }
}

fn octet(high: u8, low: u8) -> Option<u8> {
    let digit = |b: u8| char::from(b).to_digit(16).map(|d| d as u8);
    Some(digit(high)? << 4 | digit(low)?)
}
