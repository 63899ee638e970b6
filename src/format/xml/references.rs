//! Decodes character references and the predefined entities, and joins the text that CDATA, comments
//! and instructions divide (XML 1.0, sections 2.4 to 2.7); no other entity is ever expanded.

use std::ops::Range;

use super::walk::{Kind, Token, Walk};
use crate::format::escape::Decoded;
use crate::view::Codec;

/// The longest reference that is read, in bytes: a masked surrogate pair takes 16, and leading
/// zeros have no end of their own.
const LONGEST: usize = 32;
/// Bytes around the content of a CDATA section.
const CDATA: (usize, usize) = ("<![CDATA[".len(), "]]>".len());

/// Every attribute value of `text[owned]` that holds a reference, decoded, and every text between
/// tags that holds one or stands in several pieces, decoded and joined. What the ranges `taken`
/// (sorted, disjoint) are is left out.
pub(super) fn referring(
    text: &[u8],
    owned: Range<usize>,
    taken: &[Range<usize>],
) -> Option<Decoded> {
    let text = text.get(..owned.end)?;
    let mut decoded = Decoded::default();
    let mut walk = Walk::new(owned.start);
    let mut marks = Marks::new(text, owned.start);
    let (mut run, mut marked) = (Vec::new(), false);
    while let Some(mark) = marks.from(walk.at) {
        let Some(token) = walk.next(text, &[]) else {
            break;
        };
        match token.kind {
            // What goes on behind a comment may have begun before it.
            Kind::Text | Kind::Verbatim | Kind::Aside => {
                run.push(token);
                marked |= mark < token.end;
                continue;
            }
            _ if marked => together(text, &run, taken, &mut decoded),
            _ => {}
        }
        match token.kind {
            Kind::Open | Kind::Empty if mark < token.end => {
                for attribute in token.attributes(text) {
                    if !taken.contains(&attribute.value) {
                        piece(text, attribute.value, &mut decoded);
                    }
                }
            }
            _ => {}
        }
        run.clear();
        marked = false;
    }
    // The text that the last mark stands in or before.
    while let Some(token) = walk.next(text, &[]).filter(|_| !run.is_empty()) {
        if !matches!(token.kind, Kind::Text | Kind::Verbatim | Kind::Aside) {
            break;
        }
        run.push(token);
    }
    together(text, &run, taken, &mut decoded);
    (!decoded.holes.is_empty()).then_some(decoded)
}

/// Where something may have to be decoded or joined: at an ampersand, at what is no element.
struct Marks<'s> {
    text: &'s [u8],
    /// Where the next of each kind stands.
    next: [Option<usize>; 3],
}

/// Finds the first of a kind.
type Find = fn(&[u8]) -> Option<usize>;

impl<'s> Marks<'s> {
    const KINDS: [Find; 3] = [
        |rest| memchr::memchr(b'&', rest),
        |rest| memchr::memmem::find(rest, b"<!"),
        |rest| memchr::memmem::find(rest, b"<?"),
    ];

    fn new(text: &'s [u8], at: usize) -> Self {
        let rest = text.get(at..).unwrap_or_default();
        Marks {
            text,
            next: Self::KINDS.map(|find| find(rest).map(|i| at + i)),
        }
    }

    /// The first one from `at` on, which does not go down.
    fn from(&mut self, at: usize) -> Option<usize> {
        for (next, find) in self.next.iter_mut().zip(Self::KINDS) {
            if next.is_some_and(|next| next < at) {
                *next = find(self.text.get(at..)?).map(|i| at + i);
            }
        }
        self.next.into_iter().flatten().min()
    }
}

/// Takes the text of `run`, tokens behind each other between two tags: joined where it stands in
/// several pieces, else where it holds a reference.
fn together(text: &[u8], run: &[Token], taken: &[Range<usize>], out: &mut Decoded) {
    match run {
        [] => return,
        [one] if one.kind == Kind::Text => return piece(text, one.start..one.end, out),
        [_] => return,
        _ => {}
    }
    let parts = run
        .iter()
        .filter_map(|token| content(text, *token).map(|place| (place, token.kind)));
    let parts: Vec<_> = parts.collect();
    let free = |place: &Range<usize>| {
        let next = taken.partition_point(|one| one.end <= place.start);
        taken.get(next).is_none_or(|one| one.start >= place.end)
    };
    let shown = |part: &&(Range<usize>, Kind)| {
        let shown = text.get(part.0.clone()).unwrap_or_default();
        !shown.trim_ascii().is_empty()
    };
    if parts.iter().filter(shown).count() < 2 || !parts.iter().all(|(place, _)| free(place)) {
        for (place, kind) in parts {
            if kind == Kind::Text {
                piece(text, place, out);
            }
        }
        return;
    }
    join(text, &parts, out);
}

/// Takes `parts` as one text: what stands in CDATA as it is, other text decoded.
pub(super) fn join(text: &[u8], parts: &[(Range<usize>, Kind)], out: &mut Decoded) {
    for (number, (place, kind)) in parts.iter().enumerate() {
        if number == 0 {
            out.begin(place.clone());
        } else {
            out.holes.push(place.clone());
        }
        if *kind == Kind::Text {
            decode(text, place.clone(), out);
        } else {
            out.plain(text.get(place.clone()).unwrap_or_default(), place.start);
        }
    }
}

/// What `token` is in the text that a reader sees.
pub(super) fn content(text: &[u8], token: Token) -> Option<Range<usize>> {
    let place = match token.kind {
        Kind::Text => token.start..token.end,
        Kind::Verbatim => token.start + CDATA.0..token.end.checked_sub(CDATA.1)?,
        _ => return None,
    };
    text.get(place.clone())
        .filter(|shown| !shown.is_empty())
        .map(|_| place)
}

pub(super) fn ampersand(text: &[u8], from: usize) -> Option<usize> {
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
