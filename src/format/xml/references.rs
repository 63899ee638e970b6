//! Decodes character references and the predefined entities; no other entity is ever expanded.

use std::ops::Range;

use super::walk::{Kind, Walk};
use crate::format::escape::Decoded;
use crate::view::Codec;

/// The longest reference that is read, in bytes: a masked surrogate pair takes 16, and leading
/// zeros have no end of their own.
const LONGEST: usize = 32;

/// Every piece of text and every attribute value of `text[owned]` that holds a reference, decoded.
/// Values of the ranges `taken` (sorted, disjoint) are left out.
pub(super) fn referring(
    text: &[u8],
    owned: Range<usize>,
    taken: &[Range<usize>],
) -> Option<Decoded> {
    let text = text.get(..owned.end)?;
    let mut decoded = Decoded::default();
    let mut walk = Walk::new(owned.start);
    let mut next = ampersand(text, owned.start);
    while let Some(at) = next {
        let token = walk.next(text, &[])?;
        if token.end <= at {
            continue;
        }
        match token.kind {
            Kind::Text => piece(text, token.start..token.end, &mut decoded),
            Kind::Open | Kind::Empty => {
                for attribute in token.attributes(text) {
                    if !taken.contains(&attribute.value) {
                        piece(text, attribute.value, &mut decoded);
                    }
                }
            }
            Kind::Close | Kind::Verbatim | Kind::Aside => {}
        }
        next = ampersand(text, token.end);
    }
    (!decoded.holes.is_empty()).then_some(decoded)
}

fn ampersand(text: &[u8], from: usize) -> Option<usize> {
    memchr::memchr(b'&', text.get(from..)?).map(|i| from + i)
}

/// Takes `range` decoded when it holds a reference.
pub(super) fn piece(text: &[u8], range: Range<usize>, out: &mut Decoded) {
    let text = text.get(..range.end).unwrap_or_default();
    let mut from = range.start;
    while let Some(at) = ampersand(text, from) {
        if text.get(at..).and_then(reference).is_some() {
            out.begin(range.clone());
            decode(text, range, out);
            return;
        }
        from = at + 1;
    }
}

/// Appends `range` decoded. What is no reference stays as it stands.
pub(in crate::format) fn decode(text: &[u8], range: Range<usize>, out: &mut Decoded) {
    let text = text.get(..range.end).unwrap_or_default();
    let (mut plain_from, mut at) = (range.start, range.start);
    while let Some(found) = ampersand(text, at) {
        let Some((ch, width)) = text.get(found..).and_then(reference) else {
            at = found + 1;
            continue;
        };
        out.plain(text.get(plain_from..found).unwrap_or_default(), plain_from);
        let mut utf8 = [0; 4];
        out.unit(
            ch.encode_utf8(&mut utf8).as_bytes(),
            found,
            width,
            Codec::Xml,
        );
        at = found + width;
        plain_from = at;
    }
    out.plain(text.get(plain_from..).unwrap_or_default(), plain_from);
}

/// The character of the reference at the start of `rest`, and its width.
///
/// Two references that are the halves of a surrogate pair are one character: Android writes emoji
/// so, though XML knows no such form. Half a pair stands for U+FFFD.
pub(in crate::format) fn reference(rest: &[u8]) -> Option<(char, usize)> {
    let (code, width) = number(rest)?;
    if let Some(ch) = char::from_u32(code) {
        return Some((ch, width));
    }
    if (0xd800..0xdc00).contains(&code)
        && let Some((low, more)) = rest.get(width..).and_then(number)
        && (0xdc00..0xe000).contains(&low)
    {
        let joined = 0x1_0000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        return Some((char::from_u32(joined)?, width + more));
    }
    Some((char::REPLACEMENT_CHARACTER, width))
}

fn number(rest: &[u8]) -> Option<(u32, usize)> {
    let rest = rest.get(..rest.len().min(LONGEST))?;
    let end = memchr::memchr(b';', rest)?;
    let code = match rest.get(..end)? {
        [b'&', b'#', b'x' | b'X', digits @ ..] => numeral(digits, 16)?,
        [b'&', b'#', digits @ ..] => numeral(digits, 10)?,
        b"&amp" => u32::from(b'&'),
        b"&lt" => u32::from(b'<'),
        b"&gt" => u32::from(b'>'),
        b"&quot" => u32::from(b'"'),
        b"&apos" => u32::from(b'\''),
        // HTML's and WebVTT's blank that does not break; XML leaves the name free.
        b"&nbsp" => 0xa0,
        _ => return None,
    };
    Some((code, end + 1))
}

fn numeral(digits: &[u8], radix: u32) -> Option<u32> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0u32, |code, &digit| {
        let digit = char::from(digit).to_digit(radix)?;
        code.checked_mul(radix)?.checked_add(digit)
    })
}
