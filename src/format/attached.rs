//! What stands in base64 within another source: text in a view of its own, anything else unread by
//! its name.

use std::ops::Range;

use super::escape::{Decoded, stacked_on};
use super::mail::{UTF7, has_encoded_parts};
use super::{Reason, is_text, recognise};
use crate::source::Charset;
use crate::view::{Hinting, Map, View, unpacked, unshifted};

/// A stretch of base64 in what cannot be unpacked as a whole, in characters: something hides.
const HIDING: usize = 48;

/// What base64 of a member of gzip begins with that is deflated and has no flag beyond a name
/// (RFC 1952, section 2.3).
pub(super) const GZIP: &[u8] = b"H4sI";

/// Which of the `words` of `text`, runs of base64's letters, are gzip: nobody reads them.
pub(super) fn gzipped<'w>(
    text: &'w [u8],
    words: &'w [Range<usize>],
) -> impl Iterator<Item = Range<usize>> + 'w {
    words.iter().filter_map(|word| {
        let behind = text.get(word.start..)?;
        let padding = text.get(word.end..)?.iter().take_while(|b| **b == b'=');
        let place = word.start..word.end + padding.count();
        behind.starts_with(GZIP).then_some(place)
    })
}

/// What base64 came to.
pub(super) enum Attached<'s> {
    /// Text, read here with what hides in it.
    Read(Vec<View<'s>>),
    /// Nobody reads it.
    Unread(Reason),
    /// It is no base64: the text is read as it stands.
    Text,
}

/// Unpacks the base64 of `text[place]`, which is in `charset` (in lower case) where that is known.
pub(super) fn attached<'s>(
    text: &[u8],
    place: Range<usize>,
    charset: &[u8],
    hints: &'s dyn Hinting,
) -> Attached<'s> {
    let Some((octets, map)) = unpacked(text, place.clone()) else {
        let claimed = text.get(place).unwrap_or_default();
        return if hides(claimed) {
            Attached::Unread(Reason::Malformed)
        } else {
            Attached::Text
        };
    };
    if let Some(name) = recognise(&octets) {
        return Attached::Unread(Reason::Unsupported(name));
    }
    let marked = Charset::of(&octets, true);
    let wide = |little| Some(Charset::Utf16 { little, mark: 0 });
    let wide = match (charset, marked) {
        (_, Charset::Utf16 { .. }) => Some(marked),
        (b"utf-16le", _) => wide(true),
        (b"utf-16be", _) => wide(false),
        _ => None,
    };
    if let Some(wide) = wide {
        let mut text = Vec::new();
        let units = octets.get(wide.mark()..).unwrap_or_default();
        let outer = wide.decode(units, wide.mark() as u64, &mut text);
        if is_text(&text) {
            return Attached::Read(read(text, outer, &[map], hints));
        }
    }
    if !is_text(&octets) {
        Attached::Unread(Reason::Opaque)
    } else if has_encoded_parts(&octets) {
        // Nothing unpacks twice.
        Attached::Unread(Reason::Limit)
    } else if charset == UTF7 {
        let (text, outer) = unshifted(&octets, 0..octets.len());
        Attached::Read(read(text, outer, &[map], hints))
    } else {
        Attached::Read(read(octets, map, &[], hints))
    }
}

/// The views of `text`, from which `map` and then `outer` lead to the chunk.
fn read<'s>(text: Vec<u8>, map: Map, outer: &[Map], hints: &'s dyn Hinting) -> Vec<View<'s>> {
    let decoded = Decoded {
        text,
        map,
        ..Decoded::default()
    };
    let mut views = Vec::new();
    stacked_on(hints, decoded, outer, &mut views);
    views
}

/// Whether what cannot be unpacked as a whole holds a stretch that could be on its own.
pub(super) fn hides(text: &[u8]) -> bool {
    let coded = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
    text.split(|b| !coded(b)).any(|word| word.len() >= HIDING)
}
