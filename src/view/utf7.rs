//! UTF-7 (RFC 2152): how text stands in it, and how a change is put there.
//!
//! Most characters stand for themselves. The others stand, as many as follow each other, in one block
//! between a plus sign and a minus sign: UTF-16 in base64. A block is one unit of a map; a change
//! of some of its characters writes it anew, the others as they were.

use std::ops::Range;

use super::map::{Codec, Map};
use super::packed::{letter, sextet};
use crate::edit::mask_char;

/// Digits behind a plus sign that are a number somebody left as it was, and no block: base64 of a
/// text is hardly ever of digits alone.
const NUMBER: usize = 7;

/// Decodes `text[range]`, with a map to offsets of `text`. What is no block stands as it is.
pub(crate) fn unshifted(text: &[u8], range: Range<usize>) -> (Vec<u8>, Map) {
    let owned = text.get(..range.end).unwrap_or_default();
    let (mut out, mut map) = (Vec::new(), Map::default());
    let (mut from, mut at) = (range.start, range.start);
    let plain = |from: usize, to: usize, out: &mut Vec<u8>, map: &mut Map| {
        let bytes = owned.get(from..to).unwrap_or_default();
        out.extend_from_slice(bytes);
        map.push(bytes.len(), 1, from as u64, 1, Codec::Utf7);
    };
    while let Some(found) = owned.get(at..).and_then(|rest| memchr::memchr(b'+', rest)) {
        at += found;
        let behind = owned.get(at + 1..).unwrap_or_default();
        let Some((shown, width)) = block(behind) else {
            at += 1;
            continue;
        };
        plain(from, at, &mut out, &mut map);
        out.extend_from_slice(shown.as_bytes());
        map.push(1, shown.len(), at as u64, width + 1, Codec::Utf7);
        at += width + 1;
        from = at;
    }
    plain(from, owned.len(), &mut out, &mut map);
    (out, map)
}

/// The text of the block whose plus sign stands before `behind`, and the bytes it takes there.
fn block(behind: &[u8]) -> Option<(String, usize)> {
    let letters: Vec<u8> = behind.iter().map_while(|byte| sextet(*byte)).collect();
    let minus = usize::from(behind.get(letters.len()) == Some(&b'-'));
    if letters.is_empty() {
        return (minus > 0).then(|| ("+".to_owned(), 1));
    }
    let word = behind.get(..letters.len())?;
    if letters.len() >= NUMBER && word.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let (mut bits, mut held, mut units) = (0u32, 0, Vec::new());
    for sextet in letters.iter().copied() {
        bits = bits << 6 | u32::from(sextet);
        held += 6;
        if held >= 16 {
            held -= 16;
            units.push((bits >> held) as u16);
            bits &= (1 << held) - 1;
        }
    }
    // What fills the last letter is zeros, and less than one.
    if held >= 6 || bits != 0 {
        return None;
    }
    let text = String::from_utf16(&units).ok()?;
    Some((text, letters.len() + minus))
}

/// `text` as `width` bytes, where that can be: as it stands, or as a block with or without its minus
/// sign.
pub(super) fn spelled(text: &str, width: usize) -> Option<Vec<u8>> {
    if text == "+" && width == 2 {
        return Some(b"+-".to_vec());
    }
    if text.len() == width && text.bytes().all(stands) {
        return Some(text.as_bytes().to_vec());
    }
    let mut out = shifted(text);
    if out.len() + 1 == width {
        out.push(b'-');
    }
    (out.len() == width).then_some(out)
}

/// The unit `text`, `width` bytes wide, with the characters that `touched` touches masked.
pub(super) fn masked(text: &[u8], touched: &Range<usize>, width: usize) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(text).ok()?;
    let mask = |(at, ch): (usize, char)| {
        let hit = at < touched.end && touched.start < at + ch.len_utf8();
        if hit { mask_char(ch.len_utf8()) } else { ch }
    };
    let new: String = text.char_indices().map(mask).collect();
    spelled(&new, width)
}

/// Text of any length, blocks only where they have to be.
pub(super) fn text(text: &str) -> Vec<u8> {
    let stands_alone = |ch: &char| ch.is_ascii() && stands(*ch as u8) && !ch.is_ascii_punctuation();
    let mut out = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let direct = rest.find(|ch| !stands_alone(&ch)).unwrap_or(rest.len());
        let (plain, behind) = rest.split_at(direct);
        out.extend_from_slice(plain.as_bytes());
        let len = behind.find(|ch| stands_alone(&ch)).unwrap_or(behind.len());
        let (block, behind) = behind.split_at(len);
        if !block.is_empty() {
            out.extend(shifted(block));
            out.push(b'-');
        }
        rest = behind;
    }
    out
}

/// `text` as a block without its minus sign.
fn shifted(text: &str) -> Vec<u8> {
    let (mut out, mut bits, mut held) = (vec![b'+'], 0u32, 0);
    for unit in text.encode_utf16() {
        bits = bits << 16 | u32::from(unit);
        held += 16;
        while held >= 6 {
            held -= 6;
            out.push(letter(bits >> held));
            bits &= (1 << held) - 1;
        }
    }
    if held > 0 {
        out.push(letter(bits << (6 - held)));
    }
    out
}

/// Whether a byte may stand for itself: all of ASCII that is shown or a blank, but three signs
/// (RFC 2152, sets D, O and rule 3).
const fn stands(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\r' | b'\n' | b' '..=b'}') && !matches!(byte, b'+' | b'\\')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::{Replacement, apply};

    #[test]
    fn blocks_are_decoded_and_all_else_stands() {
        for (text, shown) in [
            ("plain, no block", "plain, no block"),
            // RFC 2152, the examples.
            ("A+ImIDkQ.", "A\u{2262}\u{391}."),
            ("Hi Mom -+Jjo--!", "Hi Mom -\u{263a}-!"),
            ("+ZeVnLIqe-", "\u{65e5}\u{672c}\u{8a9e}"),
            ("Item 3 is +AKM-1.", "Item 3 is \u{a3}1."),
            ("1 +- 1", "1 + 1"),
            ("jo+AEA-example.com", "jo@example.com"),
            // What is no block: a number, a letter cut short, half a pair, what fills no zeros.
            ("+14165550123, +1 416", "+14165550123, +1 416"),
            ("+A +2AA- +AKN-", "+A +2AA- +AKN-"),
        ] {
            let bytes = format!("> {text}").into_bytes();
            let (decoded, map) = unshifted(&bytes, 2..bytes.len());
            assert_eq!(String::from_utf8_lossy(&decoded), shown, "{text}");
            let mut places = Vec::new();
            map.outward(0..decoded.len() as u64, &mut places);
            assert_eq!(places, [2..bytes.len() as u64], "{text}");
        }
    }

    #[test]
    fn a_mask_takes_its_characters_out_of_a_block_and_no_others() {
        // "t" with two dots over it, "416", and an "o" with two dots, all in one block.
        let text = "x +AOQANAAxADYA9g-555 y".as_bytes();
        let (decoded, map) = unshifted(text, 0..text.len());
        assert_eq!(decoded, "x \u{e4}416\u{f6}555 y".as_bytes());
        let splices = map.render(&decoded, 4..7, &Replacement::Mask).unwrap();
        let new = apply(text, &splices).unwrap();
        assert_eq!(new.len(), text.len());
        let (decoded, _) = unshifted(&new, 0..new.len());
        assert_eq!(decoded, "x \u{e4}***\u{f6}555 y".as_bytes());
    }

    proptest::proptest! {
        #[test]
        fn text_comes_back_as_it_was(shown in "[a-z +\\\\~@\u{e4}\u{65e5}\u{1f600}-]{0,40}") {
            let written = text(&shown);
            let (decoded, _) = unshifted(&written, 0..written.len());
            proptest::prop_assert_eq!(String::from_utf8(decoded).unwrap(), shown);
        }
    }
}
