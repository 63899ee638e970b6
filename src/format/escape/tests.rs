use proptest::prelude::*;

use super::*;
use crate::edit::{Replacement, apply};
use crate::format::{Chunk, Head, Reader, Torn, by_name};
use crate::view::{Hinting, NoHints, Register, View};

fn decoded(raw: &str) -> Option<(String, Vec<Range<usize>>)> {
    decode(raw.as_bytes(), 0..raw.len(), &[])
        .map(|d| (String::from_utf8_lossy(&d.text).into_owned(), d.holes))
}

#[test]
fn what_hides_in_a_line_is_decoded_with_the_line() {
    let cases = [
        (
            "GET /cdr?from=%2B14165550123&to=x",
            "GET /cdr?from=+14165550123&to=x",
        ),
        ("?n=%2B1+416+555+0123&m=a+b", "?n=+1 416 555 0123&m=a+b"),
        ("mail=ann%40example.com", "mail=ann@example.com"),
        (r"ua \x224165550123\x22", "ua \"4165550123\""),
        (r"n=\u002b14165550123", "n=+14165550123"),
        (r"\ud83d\ude00 \ud83d x", "\u{1f600} \u{fffd} x"),
        ("call \x1b[31m416\x1b[0m-555-0123", "call 416-555-0123"),
        ("tel \u{ff14}\u{ff11}\u{ff16}\u{ff0d}0123", "tel 416-0123"),
        ("416\u{2011}555\u{2011}0123", "416-555-0123"),
        ("\u{202a}+1 416\u{a0}555 0123\u{202c}", "+1 416 555 0123"),
        ("4165\u{ad}550123", "4165550123"),
        (r"note:\n4165550123", "note:\n4165550123"),
        (
            "<b>&#43;1&nbsp;416&#x2d;555&#160;0123",
            "<b>+1 416-555 0123",
        ),
        ("jo&#64;example&#x2E;com", "jo@example.com"),
    ];
    for (raw, want) in cases {
        let (text, holes) = decoded(raw).unwrap_or_else(|| panic!("{raw:?} hides something"));
        assert_eq!(text, want, "{raw:?}");
        assert_eq!(holes, [0..raw.len()], "{raw:?}");
    }
}

#[test]
fn ordinary_text_hides_nothing() {
    for raw in [
        "100% sure, 5 % off, %zz",
        r"C:\new\table\x.wav",
        r"a \d+ regex",
        "word\u{2013}word",
        "na\u{ef}ve caf\u{e9}",
        "a&b&c=1&#;&#zz;&#12345678901;&nbspx &amp;",
        "a\u{a0}b",
        "",
    ] {
        assert_eq!(decoded(raw), None, "{raw:?}");
    }
}

#[test]
fn only_the_lines_that_hide_something_are_decoded() {
    let raw = "plain 4165550123\na=%40\nplain\nb=%41\n";
    let (text, holes) = decoded(raw).unwrap();
    assert_eq!(text, "a=@\0b=A");
    assert_eq!(holes, [17..22, 29..34]);
}

#[test]
fn a_line_without_end_is_decoded_around_the_escape_only() {
    let raw = format!("{}%2B1416{}", "word ".repeat(1000), " word".repeat(1000));
    let (text, holes) = decoded(&raw).unwrap();
    assert!(text.contains("word +1416 word"));
    assert!(holes[0].len() < 3 * REACH);
}

/// The views a source of this text gets, as the reader of plain text builds them.
fn with_views<R>(raw: &str, work: impl FnOnce(&[View<'_>]) -> R) -> R {
    let head = Head {
        text: raw.as_bytes(),
        name: "a.txt",
        whole: true,
    };
    let reader: Box<dyn Reader> = by_name("text").unwrap().open(&head);
    let chunk = Chunk::whole(raw.as_bytes());
    let index = reader.index(chunk);
    let content = reader.read(chunk, &*index);
    work(&content.views)
}

#[test]
fn what_hides_in_what_hides_is_found_and_masked_at_its_width() {
    let cases = [
        (
            "x=%252B14165550123&y",
            "+14165550123",
            "x=%252A***********&y",
        ),
        (
            r"x=\u00252B14165550123",
            "+14165550123",
            r"x=\u00252A***********",
        ),
        (r"x=\x252B1416", "+1416", r"x=\x252A****"),
        (
            r"x=\\u002B14165550123",
            "+14165550123",
            r"x=\\u002a***********",
        ),
        (r"x=\\\\x2b1416", "+1416", r"x=\\\\x2A****"),
    ];
    for (raw, value, want) in cases {
        with_views(raw, |views| {
            let (view, at) = views
                .iter()
                .find_map(|view| Some((view, memchr::memmem::find(view.text(), value.as_bytes())?)))
                .unwrap_or_else(|| panic!("{raw}"));
            let splices = view
                .render(at..at + value.len(), &Replacement::Mask)
                .unwrap();
            let masked = apply(raw.as_bytes(), &splices).unwrap();
            assert_eq!(masked.len(), raw.len(), "{raw}");
            assert_eq!(String::from_utf8(masked).unwrap(), want, "{raw}");
        });
    }
}

/// Pieces that build hostile lines.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("%2B"),
        Just("% "),
        Just("%C3%A9"),
        Just("\\x2b"),
        Just("\\u00e9"),
        Just("\\ud83d\\ude00"),
        Just("\\ud83d"),
        Just("\\"),
        Just("\x1b[1;31m"),
        Just("\x1b"),
        Just("\u{ff14}"),
        Just("\u{2011}"),
        Just("\u{a0}"),
        Just("\u{ad}"),
        Just("\n"),
        Just("\0"),
        Just("+"),
        Just("416"),
        Just(" word "),
        Just("\u{1f600}"),
        Just("\"")
    ]
    .prop_map(str::to_owned)
}

proptest! {
    #[test]
    fn every_decoded_character_leads_back_to_bytes_that_decode_to_it(
        pieces in prop::collection::vec(piece(), 0..40),
    ) {
        let raw = pieces.concat();
        with_views(&raw, |views| {
            for view in views.iter().skip(1) {
                let text = String::from_utf8_lossy(view.text()).into_owned();
                for (at, ch) in text.char_indices() {
                    if text.len() != view.text().len() || ch == '\0' {
                        continue;
                    }
                    let parts = view.parts(at..at + ch.len_utf8());
                    let bytes: Vec<u8> = parts
                        .iter()
                        .flat_map(|p| raw.as_bytes()[p.start as usize..p.end as usize].to_vec())
                        .collect();
                    prop_assert!(!bytes.is_empty(), "{ch:?} of {raw:?} has no place");
                    let alone = String::from_utf8(bytes).unwrap();
                    let again = thrice(&alone);
                    let blank = ch == ' ' && alone == "+";
                    // Of backslashes with a gap between them each side counts by itself.
                    let parted = again.trim_start_matches('\\') == ch.to_string();
                    let same = again == ch.to_string() || parts.len() > 1 && parted;
                    prop_assert!(blank || same, "{alone:?} for {ch:?}");
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn a_mask_keeps_the_length_whatever_hides(
        pieces in prop::collection::vec(piece(), 1..30),
        cut in any::<prop::sample::Index>(),
        len in 1usize..12,
    ) {
        let raw = pieces.concat();
        with_views(&raw, |views| {
            for view in views {
                let start = cut.index(view.text().len().max(1));
                let end = (start + len).min(view.text().len());
                if view.parts(start..end).is_empty() {
                    continue;
                }
                let splices = view.render(start..end, &Replacement::Mask).unwrap();
                let masked = apply(raw.as_bytes(), &splices).unwrap();
                prop_assert_eq!(masked.len(), raw.len());
            }
            Ok(())
        })?;
    }
}

/// Decodes one unit by the definitions of the escapes, three times, without the code under test.
fn thrice(unit: &str) -> String {
    once(&once(&once(unit)))
}

fn once(unit: &str) -> String {
    let mut octets = Vec::new();
    let mut rest = unit;
    while let Some(ch) = rest.chars().next() {
        let code = |from: usize, to: usize| {
            rest.get(from..to)
                .and_then(|digits| u32::from_str_radix(digits, 16).ok())
        };
        if let Some(octet) = code(1, 3).filter(|_| ch == '%') {
            octets.push(octet as u8);
            rest = &rest[3..];
        } else if let Some(octet) = code(2, 4).filter(|_| rest.starts_with("\\x")) {
            octets.push(octet as u8);
            rest = &rest[4..];
        } else if rest.starts_with("\\\\") {
            octets.push(b'\\');
            rest = &rest[2..];
        } else if rest.starts_with("\\u") && code(2, 6).is_some() {
            let json = format!("\"{rest}\"");
            let value = serde_json::from_str::<String>(&json);
            octets.extend(value.unwrap_or_else(|_| "\u{fffd}".to_owned()).bytes());
            rest = "";
        } else {
            let folded = match ch {
                '\u{ff14}' => '4',
                '\u{2011}' => '-',
                '\u{a0}' => ' ',
                other => other,
            };
            octets.extend(folded.to_string().bytes());
            rest = &rest[ch.len_utf8()..];
        }
    }
    String::from_utf8_lossy(&octets).into_owned()
}

#[test]
fn hints_of_decoded_text_are_asked_where_it_came_from() {
    struct Offset;
    impl Hinting for Offset {
        fn hints(&self, at: usize) -> crate::view::Hints<'_> {
            crate::view::Hints {
                value: Some(at..at),
                ..crate::view::Hints::default()
            }
        }
    }
    let raw = b"first\na=%40b\n";
    let chunk = Chunk {
        text: raw,
        start: 0,
        end: raw.len(),
        offset: 1000,
        torn: Torn::default(),
    };
    let views = layers(chunk, &Offset, None);
    let [plain, hidden] = views.as_slice() else {
        panic!("two views")
    };
    assert_eq!(plain.hints(8).value, Some(8..8));
    assert_eq!(hidden.text(), b"a=@b");
    assert_eq!((hidden.chunk_offset(2), hidden.chunk_offset(3)), (8, 11));
    assert_eq!(hidden.hints(2).value, Some(2..2));
    assert_eq!(hidden.hints(3).value, Some(3..3));
    assert_eq!(hidden.parts(2..3), [8..11]);
    assert_eq!(NoHints(Register::Log).hints(0).value, None);
}
