//! Widths of masks and spellings of labels, written out by hand.

use encoding_rs::{KOI8_R, SHIFT_JIS, WINDOWS_1252};

use super::{Codec, character};
use crate::edit::{Refusal, mask_char};

/// Codec, UTF-8 length of the decoded character, width of its unit, the mask that is to stand there.
const MASKS: &[(Codec, usize, usize, &[u8])] = &[
    (Codec::Plain, 1, 1, b"*"),
    (Codec::Plain, 2, 2, "\u{a4}".as_bytes()),
    (Codec::Plain, 3, 3, "\u{2022}".as_bytes()),
    (Codec::Plain, 4, 4, "\u{1f7e6}".as_bytes()),
    (Codec::Json, 1, 6, br"\u002a"),
    (Codec::Json, 2, 6, br"\u00a4"),
    (Codec::Json, 3, 6, br"\u2022"),
    (Codec::Json, 4, 12, br"\ud83d\udfe6"),
    (Codec::Json, 1, 2, "\u{a4}".as_bytes()),
    (Codec::Json, 1, 1, b"*"),
    (Codec::QuotedCell, 1, 2, "\u{a4}".as_bytes()),
    (Codec::BareCell(b','), 1, 1, b"*"),
    (Codec::Percent, 1, 3, b"%2A"),
    (Codec::Percent, 2, 6, b"%C2%A4"),
    (Codec::Percent, 1, 1, b"*"),
    (Codec::HexEscape, 1, 4, br"\x2A"),
    (Codec::HexEscape, 1, 2, b"**"),
    (Codec::QuotedPrintable, 1, 3, b"=2A"),
    (Codec::QuotedPrintable, 3, 9, b"=E2=80=A2"),
    (Codec::Xml, 1, 5, b"&#42;"),
    (Codec::Xml, 1, 6, b"&#042;"),
    (Codec::Xml, 2, 6, b"&#164;"),
    (Codec::Xml, 3, 8, b"&#08226;"),
    (Codec::Xml, 4, 9, b"&#128998;"),
    (Codec::Xml, 3, 6, b"&#042;"),
    (Codec::Xml, 1, 4, "\u{1f7e6}".as_bytes()),
    (Codec::Utf16Le, 1, 2, b"*\0"),
    (Codec::Utf16Le, 3, 2, b"\x22\x20"),
    (Codec::Utf16Le, 4, 4, b"\x3d\xd8\xe6\xdf"),
    (Codec::Utf16Be, 1, 2, b"\0*"),
    (Codec::Utf16Be, 4, 4, b"\xd8\x3d\xdf\xe6"),
    (Codec::Legacy(WINDOWS_1252), 1, 1, b"*"),
    (Codec::Legacy(WINDOWS_1252), 2, 1, b"\xa4"),
    (Codec::Legacy(WINDOWS_1252), 3, 1, b"\x95"),
    (Codec::Legacy(KOI8_R), 2, 1, b"*"),
    (Codec::Legacy(SHIFT_JIS), 3, 2, b"**"),
    (Codec::Samples(0x80), 1, 3, b"\x80\x80\x80"),
];

#[test]
fn a_mask_is_as_wide_as_its_unit_in_every_spelling() {
    for &(codec, len, width, expected) in MASKS {
        let bytes = codec.unit(mask_char(len), width);
        assert_eq!(
            bytes, expected,
            "{codec:?}, {len} bytes of text, {width} wide"
        );
        assert_eq!(bytes.len(), width);
    }
}

#[test]
fn a_label_is_escaped_only_where_it_must_be() {
    let label = "[PHONE]";
    for (codec, expected) in [
        (Codec::Plain, &b"[PHONE]"[..]),
        (Codec::Json, b"[PHONE]"),
        (Codec::QuotedCell, b"[PHONE]"),
        (Codec::Percent, b"%5BPHONE%5D"),
        (Codec::HexEscape, b"[PHONE]"),
        (Codec::QuotedPrintable, b"[PHONE]"),
        (Codec::Xml, b"[PHONE]"),
        (Codec::Utf16Le, b"[\0P\0H\0O\0N\0E\0]\0"),
        (Codec::Utf16Be, b"\0[\0P\0H\0O\0N\0E\0]"),
        (Codec::Legacy(WINDOWS_1252), b"[PHONE]"),
    ] {
        assert_eq!(codec.text(label).as_deref(), Ok(expected), "{codec:?}");
    }
}

#[test]
fn what_a_spelling_reserves_is_escaped() {
    let text = "a\"\\\n<&%=\u{e9}";
    for (codec, expected) in [
        (Codec::Json, &b"a\\\"\\\\\\n<&%=\xc3\xa9"[..]),
        (Codec::QuotedCell, b"a\"\"\\\n<&%=\xc3\xa9"),
        (Codec::Percent, b"a%22%5C%0A%3C%26%25%3D%C3%A9"),
        (Codec::HexEscape, b"a\\x22\\x5C\\x0A<&%=\\xC3\\xA9"),
        (Codec::QuotedPrintable, b"a\"\\=0A<&%=3D=C3=A9"),
        (Codec::Xml, b"a&quot;\\\n&lt;&amp;%=\xc3\xa9"),
        (Codec::Legacy(WINDOWS_1252), b"a\"\\\n<&%=\xe9"),
    ] {
        assert_eq!(codec.text(text).as_deref(), Ok(expected), "{codec:?}");
    }
}

#[test]
fn what_an_encoding_lacks_is_refused() {
    for (codec, text) in [
        (Codec::Legacy(WINDOWS_1252), "\u{1f7e6}"),
        (Codec::Legacy(KOI8_R), "\u{a4}"),
        (Codec::Samples(0), "[PHONE]"),
        (Codec::BareCell(b';'), "a;b"),
        (Codec::BareCell(b';'), "\"a\""),
    ] {
        assert_eq!(codec.text(text), Err(Refusal::NotEncodable), "{codec:?}");
    }
}

#[test]
fn a_character_is_found_from_any_of_its_bytes() {
    let text = b"a\xe2\x80\xa2\xff\xa4\xf0\x9f\x9f";
    let expected = [0..1, 1..4, 1..4, 1..4, 4..5, 5..6, 6..7, 7..8, 8..9];
    for (at, expected) in expected.into_iter().enumerate() {
        assert_eq!(character(text, at), expected, "byte {at}");
    }
}
