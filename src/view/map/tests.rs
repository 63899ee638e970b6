//! Maps over every spelling, checked against decoders that know nothing of maps.

use encoding_rs::WINDOWS_1252;
use proptest::prelude::*;

use super::{Codec, Map};
use crate::edit::{Bytes, Refusal, Replacement, Splice, apply, mask_char};

/// A value in some spelling: the bytes, the text they mean and the map between.
struct Spelled {
    raw: Vec<u8>,
    text: String,
    map: Map,
}

const CODECS: [Codec; 9] = [
    Codec::Json,
    Codec::QuotedCell,
    Codec::Percent,
    Codec::HexEscape,
    Codec::QuotedPrintable,
    Codec::Xml,
    Codec::Utf16Le,
    Codec::Utf16Be,
    Codec::Legacy(WINDOWS_1252),
];

/// How many of [`CODECS`], from the first, spell text in text.
const TEXTUAL: usize = 6;

/// Spells `chars` from offset `base` on; `true` asks for the longer of a character's forms.
fn spell(codec: Codec, base: usize, chars: &[(char, bool)]) -> Spelled {
    let mut raw = vec![b'#'; base];
    let mut text = String::new();
    let mut map = Map::default().styled(codec);
    for &(ch, long) in chars {
        let at = raw.len() as u64;
        let len = ch.len_utf8();
        let utf8 = ch.to_string().into_bytes();
        text.push(ch);
        let octets = |raw: &mut Vec<u8>, map: &mut Map, width: usize, mark: &str| {
            for octet in &utf8 {
                let at = raw.len() as u64;
                raw.extend(format!("{mark}{octet:02X}").into_bytes());
                map.push(1, 1, at, width, codec);
            }
        };
        let escape = long || "\"\\&<>=%_?'/#; ".contains(ch) || !ch.is_ascii();
        let unit = match codec {
            Codec::Json if long || "\"\\".contains(ch) => {
                let mut units = [0u16; 2];
                let units = ch.encode_utf16(&mut units).iter();
                units
                    .flat_map(|u| format!("\\u{u:04X}").into_bytes())
                    .collect()
            }
            Codec::QuotedCell if ch == '"' => b"\"\"".to_vec(),
            Codec::Xml if escape => format!("&#x{:05x};", u32::from(ch)).into_bytes(),
            Codec::Percent if escape => {
                octets(&mut raw, &mut map, 3, "%");
                continue;
            }
            Codec::QuotedPrintable if escape => {
                octets(&mut raw, &mut map, 3, "=");
                continue;
            }
            Codec::HexEscape if escape => {
                octets(&mut raw, &mut map, 4, "\\x");
                continue;
            }
            Codec::Utf16Le => ch
                .encode_utf16(&mut [0; 2])
                .iter()
                .flat_map(|u| u.to_le_bytes())
                .collect(),
            Codec::Utf16Be => ch
                .encode_utf16(&mut [0; 2])
                .iter()
                .flat_map(|u| u.to_be_bytes())
                .collect(),
            Codec::Legacy(encoding) => encoding.encode(&ch.to_string()).0.into_owned(),
            _ => utf8.clone(),
        };
        map.push(1, len, at, unit.len(), codec);
        raw.extend(unit);
    }
    raw.extend(b"##");
    Spelled { raw, text, map }
}

/// What `raw`, as [`spell`] lays it out, means.
fn decode(codec: Codec, base: usize, raw: &[u8]) -> String {
    let raw = &raw[base..raw.len() - 2];
    let ascii = |mark: u8, skip: usize| {
        let mut out = Vec::new();
        let mut at = 0;
        while at < raw.len() {
            if raw[at] == mark {
                let hex = std::str::from_utf8(&raw[at + skip..at + skip + 2]).unwrap();
                out.push(u8::from_str_radix(hex, 16).unwrap());
                at += skip + 2;
            } else {
                out.push(raw[at]);
                at += 1;
            }
        }
        String::from_utf8(out).unwrap()
    };
    match codec {
        Codec::Json => {
            let quoted = [b"\"", raw, b"\""].concat();
            serde_json::from_slice(&quoted).unwrap()
        }
        Codec::QuotedCell => {
            let quoted = [b"x,\"", raw, b"\"\n"].concat();
            let mut reader = csv::ReaderBuilder::new()
                .has_headers(false)
                .from_reader(&quoted[..]);
            reader.records().next().unwrap().unwrap()[1].to_owned()
        }
        Codec::Percent => ascii(b'%', 1),
        Codec::QuotedPrintable => ascii(b'=', 1),
        Codec::HexEscape => ascii(b'\\', 2),
        Codec::Xml => {
            let mut rest = std::str::from_utf8(raw).unwrap();
            let mut out = String::new();
            while let Some(start) = rest.find('&') {
                let end = start + rest[start..].find(';').unwrap();
                let code = match rest[start + 2..end].strip_prefix('x') {
                    Some(hex) => u32::from_str_radix(hex, 16).unwrap(),
                    None => rest[start + 2..end].parse().unwrap(),
                };
                out.push_str(&rest[..start]);
                out.push(char::from_u32(code).unwrap());
                rest = &rest[end + 1..];
            }
            out + rest
        }
        Codec::Utf16Le => encoding_rs::UTF_16LE
            .decode_without_bom_handling(raw)
            .0
            .into_owned(),
        Codec::Utf16Be => encoding_rs::UTF_16BE
            .decode_without_bom_handling(raw)
            .0
            .into_owned(),
        Codec::Legacy(encoding) => encoding.decode_without_bom_handling(raw).0.into_owned(),
        _ => String::from_utf8(raw.to_vec()).unwrap(),
    }
}

/// Characters that Windows-1252 has too, so that one list serves every codec; the last is beyond.
const LETTERS: [char; 14] = [
    '0',
    '5',
    '9',
    'a',
    ' ',
    '"',
    '\\',
    '&',
    '=',
    '\u{e9}',
    '\u{20ac}',
    '\u{2019}',
    '/',
    '\u{1f600}',
];

/// Spellings from the first `codecs` of [`CODECS`].
fn cases(codecs: usize) -> impl Strategy<Value = (Codec, usize, Vec<(char, bool)>, usize, usize)> {
    let letters = prop::collection::vec((0..LETTERS.len(), any::<bool>()), 1..24);
    (
        0..codecs,
        0usize..5,
        letters,
        any::<prop::sample::Index>(),
        any::<prop::sample::Index>(),
    )
        .prop_map(|(codec, base, letters, a, b)| {
            let codec = CODECS[codec];
            let last = LETTERS.len() - usize::from(matches!(codec, Codec::Legacy(_)));
            let chars: Vec<_> = letters
                .iter()
                .map(|&(i, long)| (LETTERS[i % last], long))
                .collect();
            let (a, b) = (a.index(chars.len()), b.index(chars.len()));
            (codec, base, chars, a.min(b), a.max(b) + 1)
        })
}

/// Byte offsets in the text of the characters `first..last`.
fn bytes_of(chars: &[(char, bool)], first: usize, last: usize) -> std::ops::Range<usize> {
    let width = |n: usize| {
        chars[..n]
            .iter()
            .map(|(ch, _)| ch.len_utf8())
            .sum::<usize>()
    };
    width(first)..width(last)
}

fn is_mask(ch: char) -> bool {
    (1..=4).any(|len| mask_char(len) == ch)
}

fn sorted_and_apart(ranges: &[std::ops::Range<u64>]) -> bool {
    ranges.windows(2).all(|pair| pair[0].end <= pair[1].start)
}

proptest! {
    #[test]
    fn the_test_itself_spells_what_it_decodes((codec, base, chars, _, _) in cases(CODECS.len())) {
        let spelled = spell(codec, base, &chars);
        prop_assert_eq!(decode(codec, base, &spelled.raw), spelled.text);
    }

    #[test]
    fn places_are_sorted_and_mean_the_text((codec, base, chars, first, last) in cases(CODECS.len())) {
        let Spelled { raw, text, map } = spell(codec, base, &chars);
        let range = bytes_of(&chars, first, last);
        let mut places = Vec::new();
        map.outward(range.start as u64..range.end as u64, &mut places);
        prop_assert!(sorted_and_apart(&places));
        let mut bytes = vec![b'#'; base];
        for place in &places {
            bytes.extend(&raw[place.start as usize..place.end as usize]);
            prop_assert!(map.inward(place).is_some());
        }
        bytes.extend(b"##");
        prop_assert_eq!(decode(codec, base, &bytes), &text[range.clone()]);
        let hull = places[0].start..places[places.len() - 1].end;
        let back = map.inward(&hull);
        prop_assert_eq!(back, Some(range.clone()));
        prop_assert_eq!(map.point(range.start), Some(places[0].start));
        prop_assert_eq!(map.point(text.len()), Some(raw.len() as u64 - 2));
    }

    #[test]
    fn a_mask_keeps_width_and_all_around_it((codec, base, chars, first, last) in cases(CODECS.len())) {
        let Spelled { raw, text, map } = spell(codec, base, &chars);
        let range = bytes_of(&chars, first, last);
        let splices = map.render(text.as_bytes(), range.clone(), &Replacement::Mask).unwrap();
        prop_assert!(splices.iter().all(|s| s.bytes.len() as u64 == s.range.end - s.range.start));
        let masked = apply(&raw, &splices).unwrap();
        let new = decode(codec, base, &masked);
        let inside: Vec<char> = new.chars().skip(first).take(last - first).collect();
        prop_assert!(inside.iter().all(|&ch| is_mask(ch)), "{}", new);
        prop_assert!(new.starts_with(&text[..range.start]));
        prop_assert!(new.ends_with(&text[range.end..]));
        prop_assert_eq!(new.chars().count(), text.chars().count());
    }

    #[test]
    fn new_text_and_nothing_take_the_place_alone((codec, base, chars, first, last) in cases(CODECS.len())) {
        let Spelled { raw, text, map } = spell(codec, base, &chars);
        let range = bytes_of(&chars, first, last);
        for (replacement, new) in [
            (Replacement::Text("<a \"b\"=\\>".to_owned()), "<a \"b\"=\\>"),
            (Replacement::Nothing, ""),
        ] {
            // The test's own decoder of references knows no entity names.
            if codec == Codec::Xml && !new.is_empty() {
                continue;
            }
            let splices = map.render(text.as_bytes(), range.clone(), &replacement).unwrap();
            let edited = apply(&raw, &splices).unwrap();
            let expected = [&text[..range.start], new, &text[range.end..]].concat();
            prop_assert_eq!(decode(codec, base, &edited), expected);
        }
    }

    /// Every spelling that is ASCII, itself written in an outer one.
    #[test]
    fn layers_compose(
        (inner, base, chars, first, last) in cases(TEXTUAL),
        outer in 0usize..5,
        long in any::<bool>(),
    ) {
        let outer = [Codec::Json, Codec::Percent, Codec::Utf16Le, Codec::Utf16Be, Codec::Xml][outer];
        let below = spell(inner, base, &chars);
        let layer: Vec<(char, bool)> =
            std::str::from_utf8(&below.raw).unwrap().chars().map(|ch| (ch, long)).collect();
        let source = spell(outer, 3, &layer);
        prop_assert_eq!(source.text.as_bytes(), &below.raw[..]);
        let range = bytes_of(&chars, first, last);
        let carried = |replacement: &Replacement| {
            let splices = below.map.render(below.text.as_bytes(), range.clone(), replacement)?;
            source.map.translate(splices)
        };

        let masked = apply(&source.raw, &carried(&Replacement::Mask).unwrap()).unwrap();
        prop_assert_eq!(masked.len(), source.raw.len());
        let new = decode(inner, base, decode(outer, 3, &masked).as_bytes());
        let tail = &below.text[range.end..];
        prop_assert!(new.starts_with(&below.text[..range.start]));
        prop_assert!(new.ends_with(tail));
        prop_assert!(new[range.start..new.len() - tail.len()].chars().all(is_mask), "{}", new);

        let gone = apply(&source.raw, &carried(&Replacement::Nothing).unwrap()).unwrap();
        let new = decode(inner, base, decode(outer, 3, &gone).as_bytes());
        prop_assert_eq!(new, [&below.text[..range.start], tail].concat());
    }
}

/// `ab` + join + `cd` + gap + `e`, standing at 10, 20 and 25.
fn joined() -> Map {
    let mut map = Map::default();
    map.push(2, 1, 10, 1, Codec::Plain);
    map.push_join(1);
    map.push(2, 1, 20, 1, Codec::Plain);
    map.push(1, 0, 22, 3, Codec::Plain);
    map.push(1, 1, 25, 1, Codec::Plain);
    map
}

fn shape(splices: &[Splice]) -> Vec<(u64, u64, &[u8])> {
    splices
        .iter()
        .map(|s| (s.range.start, s.range.end, &s.bytes[..]))
        .collect()
}

#[test]
fn joins_and_gaps_are_no_places() {
    let map = joined();
    let mut places = Vec::new();
    map.outward(0..6, &mut places);
    assert_eq!(places, [10..12, 20..22, 25..26]);
    for (replacement, expected) in [
        (
            Replacement::Mask,
            [(10, 12, &b"**"[..]), (20, 22, b"**"), (25, 26, b"*")],
        ),
        (
            Replacement::Text("[X]".to_owned()),
            [(10, 12, b"[X]"), (20, 22, b""), (25, 26, b"")],
        ),
        (
            Replacement::Nothing,
            [(10, 12, b""), (20, 22, b""), (25, 26, b"")],
        ),
    ] {
        let splices = map.render(b"ab cde", 0..6, &replacement).ok().unwrap();
        assert_eq!(shape(&splices), expected);
    }
    assert!(matches!(
        map.render(b"ab cde", 2..3, &Replacement::Mask),
        Err(Refusal::NoPlace)
    ));
    // What another map of the text hands down.
    for (new, expected) in [
        (
            b"******",
            [(10, 12, &b"**"[..]), (20, 22, b"**"), (25, 26, b"*")],
        ),
        (
            b"[NAME]",
            [(10, 12, b"[NAME]"), (20, 22, b""), (25, 26, b"")],
        ),
    ] {
        let splice = Splice {
            range: 0..6,
            bytes: Bytes::from_slice(new),
        };
        assert_eq!(shape(&map.translate(vec![splice]).ok().unwrap()), expected);
    }
    let points: Vec<_> = (0..=6).map(|at| map.point(at)).collect();
    assert_eq!(points, [10, 11, 20, 20, 21, 25, 26].map(Some));
    assert_eq!(map.inward(&(11..21)), Some(1..4));
    assert_eq!(map.inward(&(22..25)), None);
}

#[test]
fn a_range_inside_a_unit_takes_the_whole_unit_once() {
    let mut map = Map::default();
    map.push(1, 1, 0, 1, Codec::Json);
    map.push(1, 3, 1, 6, Codec::Json);
    let text = "a\u{20ac}".as_bytes();
    for range in [1..2, 2..3, 2..4, 1..4] {
        let splices = map.render(text, range, &Replacement::Mask).ok().unwrap();
        assert_eq!(shape(&splices), [(1, 7, &br"\u2022"[..])]);
    }
}

#[test]
fn a_unit_of_several_characters_becomes_one_mask() {
    let mut map = Map::default();
    map.push(1, 2, 0, 6, Codec::Xml);
    let splices = map.render(b"fj", 1..2, &Replacement::Mask).ok().unwrap();
    assert_eq!(shape(&splices), [(0, 6, &b"&#042;"[..])]);
}

#[test]
fn insertions_are_carried_and_half_units_refused() {
    let mut map = Map::default();
    map.push(3, 1, 2, 2, Codec::Utf16Le);
    map.push(1, 3, 8, 2, Codec::Utf16Le);
    let splice = |range, bytes: &[u8]| {
        vec![Splice {
            range,
            bytes: bytes.into(),
        }]
    };
    let carried = map.translate(splice(1..1, b"x")).ok().unwrap();
    assert_eq!(shape(&carried), [(4, 4, &b"x\0"[..])]);
    let carried = map.translate(splice(0..6, b"")).ok().unwrap();
    assert_eq!(shape(&carried), [(2, 10, &b""[..])]);
    assert!(matches!(
        map.translate(splice(3..4, b"y")),
        Err(Refusal::NotEncodable)
    ));
}

#[test]
fn places_joined_out_of_order_give_sorted_splices() {
    let mut map = Map::default();
    map.push(2, 1, 30, 1, Codec::Plain);
    map.push(2, 1, 10, 1, Codec::Plain);
    let splices = map
        .render(b"abcd", 0..4, &Replacement::Text("[X]".to_owned()))
        .ok()
        .unwrap();
    assert_eq!(shape(&splices), [(10, 12, &b""[..]), (30, 32, b"[X]")]);
}

#[test]
fn samples_are_silenced_and_never_cut_out() {
    let mut map = Map::default();
    map.push(2, 1, 44, 4, Codec::Samples(0x80));
    let splices = map.render(b"41", 0..1, &Replacement::Silence).ok().unwrap();
    assert_eq!(shape(&splices), [(44, 48, &[0x80; 4][..])]);
    assert!(matches!(
        map.render(b"41", 0..1, &Replacement::Nothing),
        Err(Refusal::FixedWidth)
    ));
    let label = Replacement::Text("[X]".to_owned());
    assert!(matches!(
        map.render(b"41", 0..1, &label),
        Err(Refusal::NotEncodable)
    ));
}
