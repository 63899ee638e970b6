use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::Value;

use super::walk::{Kind, Walk};
use super::*;
use crate::edit::{Refusal, Replacement, apply};
use crate::format::{Location, SlotKind, Torn, tell};
use crate::view::{Codec, Party, View};

fn head(text: &[u8]) -> Head<'_> {
    Head {
        text,
        name: "x",
        whole: true,
    }
}

#[test]
fn json_is_told_by_parsing_its_beginning() {
    let cases: &[(&str, &str)] = &[
        ("{\"a\":1}\n{\"a\":2}\n", "jsonl"),
        ("{\"a\":1}\n{\"a\": broken\n{\"a\":2}\n", "jsonl"),
        ("{\"a\":1}{\"b\":2}\n{\"a\":1}{\"b\":2}\n", "jsonl"),
        ("{\"a\":1}\n", "json"),
        ("{\n  \"a\": [1, 2]\n}\n", "json"),
        ("[{\"a\":1},\n{\"a\":2}]", "json"),
        ("{\"a\": \"cut off", "json"),
        ("[2012-02-13 17:21:54] NOTICE[1638] chan_sip.c: x\n", "text"),
        ("{{ template }}\n", "text"),
        ("[INFO] hello\n", "text"),
        ("{\"ts\":1}\nplain\nplain\nplain\n", "text"),
        ("", "text"),
    ];
    for (text, want) in cases {
        assert_eq!(tell(&head(text.as_bytes())).name(), *want, "{text:?}");
    }
}

/// Location, label and value at the first place of `value`.
fn at_value(text: &str, value: &str) -> (Location, Option<String>, Option<String>) {
    let reader = tell(&head(text.as_bytes())).open(&head(text.as_bytes()));
    let index = reader.index(Chunk::whole(text.as_bytes()));
    let at = text.find(value).unwrap();
    let hints = index.hints(at);
    let text_of = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let value = hints
        .value
        .and_then(|range| text.as_bytes().get(range))
        .map(text_of);
    (index.locate(at), hints.label.map(text_of), value)
}

#[test]
fn a_value_has_its_key_path_and_its_bounds() {
    let lines = "{\"id\": 1, \"from\": {\"phone\": \"4165550101\"}}\n\
        {\"to\": [{\"number\": \"4165550102\"}, \"4165550103\"], \"n\": 4165550104}\n\
        not json 4165550105\n\
        {\"a\": \"unclosed 4165550106\n{\"\\u0066rom\": \"4165550107\"}{\"dst\": \"4165550108\"}";
    let cases = [
        (
            "4165550101",
            0,
            Some("from.phone"),
            Some("phone"),
            Some("4165550101"),
            Some(Party::Sender),
        ),
        (
            "4165550102",
            1,
            Some("to[].number"),
            Some("number"),
            Some("4165550102"),
            Some(Party::Recipient),
        ),
        (
            "4165550103",
            1,
            Some("to[]"),
            Some("to"),
            Some("4165550103"),
            Some(Party::Recipient),
        ),
        (
            "4165550104",
            1,
            Some("n"),
            Some("n"),
            Some("4165550104"),
            None,
        ),
        ("4165550105", 2, None, None, None, None),
        (
            "4165550106",
            3,
            Some("a"),
            Some("a"),
            Some("unclosed 4165550106"),
            None,
        ),
        (
            "4165550107",
            4,
            Some("from"),
            Some("\\u0066rom"),
            Some("4165550107"),
            None,
        ),
        (
            "4165550108",
            4,
            Some("dst"),
            Some("dst"),
            Some("4165550108"),
            Some(Party::Callee),
        ),
    ];
    for (value, record, field, label, bounds, party) in cases {
        let (location, found, whole) = at_value(lines, value);
        assert_eq!(location.record, Some(record), "{value}");
        assert_eq!(location.field.as_deref(), field, "{value}");
        assert_eq!(found.as_deref(), label, "{value}");
        assert_eq!(whole.as_deref(), bounds, "{value}");
        assert_eq!(location.party, party, "{value}");
    }
}

#[test]
fn records_of_a_document_are_the_objects_of_its_arrays() {
    let text = "{\n \"calls\": [\n  {\"a\": \"x1\", \"legs\": [{\"b\": \"x2\"}]},\n  \
        {\"a\": {\"c\": \"x3\"}}\n ],\n \"d\": \"x4\"\n}\n";
    for (value, record, field) in [
        ("x1", 1, "calls[].a"),
        ("x2", 2, "calls[].legs[].b"),
        ("x3", 3, "calls[].a.c"),
        ("x4", 0, "d"),
    ] {
        let (location, ..) = at_value(text, value);
        assert_eq!(location.record, Some(record), "{value}");
        assert_eq!(location.field.as_deref(), Some(field), "{value}");
    }
    let reader = JSON.open(&head(text.as_bytes()));
    assert_eq!(reader.index(Chunk::whole(text.as_bytes())).records(), 4);
    let (location, ..) = at_value("[{\"a\": \"x1\"}, {\"a\": \"x2\"}]", "x2");
    assert_eq!(
        (location.record, location.field.as_deref()),
        (Some(1), Some("a"))
    );
}

#[test]
fn nesting_is_no_recursion_and_no_memory() {
    let mut text = "[".repeat(100_000);
    text.push_str("{\"phone\":\"4165550123\"}");
    let reader = JSON.open(&head(b"[1]"));
    let index = reader.index(Chunk::whole(text.as_bytes()));
    assert_eq!(index.hints(100_012).value, Some(100_010..100_020));
    assert_eq!(tell(&head(text.as_bytes())).name(), "json");
}

fn with_views<R>(text: &[u8], work: impl FnOnce(&[View<'_>]) -> R) -> R {
    let reader = JSONL.open(&head(text));
    let chunk = Chunk::whole(text);
    let index = reader.index(chunk);
    let content = reader.read(chunk, &*index);
    work(&content.views)
}

#[test]
fn only_strings_with_a_backslash_are_decoded() {
    let text = br#"{"plain":"4165550123","n":"\u002b1\u0020416","u":"%40 \"x\" \ud83d\ude00 \q"}"#;
    with_views(text, |views| {
        assert_eq!(views[0].text(), text);
        let holes: Vec<&[u8]> = views[0]
            .holes()
            .iter()
            .map(|hole| &text[hole.clone()])
            .collect();
        assert_eq!(
            holes,
            [&br"\u002b1\u0020416"[..], br#"%40 \"x\" \ud83d\ude00 \q"#]
        );
        assert_eq!(
            views[1].text(),
            "+1 416\0%40 \"x\" \u{1f600} \\q".as_bytes()
        );
        assert_eq!(views[1].breaks().len(), 1);
        assert_eq!(views[2].text(), "@ \"x\" \u{1f600} \\q".as_bytes());
        assert_eq!(views[1].hints(1).label, Some(&b"n"[..]));
        assert_eq!(views[2].hints(3).label, Some(&b"u"[..]));
    });
    with_views(b"{\"a\":\"b\"}\nC:\\path \"\n", |views| {
        assert_eq!(views.len(), 1)
    });
}

/// Any JSON value; strings are of any characters, keys of few so that paths repeat.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        "[\"\\\\/\n\t\u{1}%4\u{1f600}\u{e9}]{0,9}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map("[a-c.\"\u{e9}]{0,3}", inner, 0..5)
                .prop_map(|map: BTreeMap<String, Value>| Value::from_iter(map)),
        ]
    })
}

/// Every string and number of `value` with its path, in the order they are written.
fn leaves(value: &Value, path: &str, out: &mut Vec<(String, String)>) {
    match value {
        Value::Array(items) => {
            let path = if path.is_empty() {
                String::new()
            } else {
                format!("{path}[]")
            };
            for item in items {
                leaves(item, &path, out);
            }
        }
        Value::Object(members) => {
            for (key, member) in members {
                let dot = if path.is_empty() { "" } else { "." };
                leaves(member, &format!("{path}{dot}{key}"), out);
            }
        }
        Value::String(text) => out.push((path.to_owned(), text.clone())),
        other => out.push((path.to_owned(), other.to_string())),
    }
}

/// Escapes every `n`th character as `\uXXXX`, in strings only.
fn escaped_more(json: &str, n: usize) -> String {
    let mut out = String::new();
    let mut inside = false;
    let mut chars = json.chars().enumerate();
    while let Some((i, ch)) = chars.next() {
        match ch {
            '"' => inside = !inside,
            '\\' => {
                out.push(ch);
                let letter = chars.next().map(|(_, ch)| ch);
                out.extend(letter);
                if letter == Some('u') {
                    out.extend(chars.by_ref().take(4).map(|(_, ch)| ch));
                }
                continue;
            }
            _ => {}
        }
        if inside && ch != '"' && i % n == 0 {
            let mut units = [0; 2];
            out.extend(
                ch.encode_utf16(&mut units)
                    .iter()
                    .map(|unit| format!("\\u{unit:04X}")),
            );
        } else {
            out.push(ch);
        }
    }
    out
}

/// Every value the walk passes: its path and its decoded text.
fn walked(text: &[u8], index: &dyn crate::format::Locate) -> Vec<(String, String)> {
    let mut walk = Walk::new(0);
    let mut out = Vec::new();
    while let Some(token) = walk.next(text) {
        if matches!(token.kind, Kind::Text | Kind::Bare) {
            let mut decoded = crate::format::escape::Decoded::default();
            decoded.begin(token.start..token.end);
            strings::decode(text, token.start..token.end, &mut decoded);
            // An empty string has no offset of its own; its closing quote is as good.
            let field = index.locate(token.start).field;
            if token.start < token.end {
                out.push((
                    field.map_or_else(String::new, |field| field.to_string()),
                    String::from_utf8(decoded.text).unwrap(),
                ));
            }
        }
    }
    out
}

proptest! {
    #[test]
    fn every_value_and_path_is_what_the_oracle_reads(
        value in value(),
        pretty in any::<bool>(),
        n in 1usize..20,
    ) {
        let json = if pretty {
            serde_json::to_string_pretty(&value).unwrap()
        } else {
            value.to_string()
        };
        let json = escaped_more(&json, n);
        prop_assert_eq!(&serde_json::from_str::<Value>(&json).unwrap(), &value);
        let mut want = Vec::new();
        leaves(&value, "", &mut want);
        want.retain(|(_, text)| !text.is_empty());
        let reader = JSON.open(&head(b"{}"));
        let index = reader.index(Chunk::whole(json.as_bytes()));
        // An empty key leaves no trace in a path.
        let clean = |path: &str| {
            let keys = path.split('.').filter(|key| !key.is_empty());
            keys.collect::<Vec<_>>().join(".").trim_start_matches("[]").trim_start_matches('.').to_owned()
        };
        let got: Vec<_> = walked(json.as_bytes(), &*index).into_iter().map(|(p, v)| (clean(&p), v)).collect();
        let want: Vec<_> = want.into_iter().map(|(p, v)| (clean(&p), v)).collect();
        prop_assert_eq!(got, want, "{}", json);
    }

    #[test]
    fn a_masked_string_keeps_its_length_and_the_document_its_shape(
        value in value(),
        n in 1usize..20,
        from in any::<prop::sample::Index>(),
        len in 1usize..10,
    ) {
        let json = escaped_more(&value.to_string(), n);
        with_views(json.as_bytes(), |views| {
            for view in views.iter().skip(1) {
                let text = String::from_utf8_lossy(view.text()).into_owned();
                let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
                let first = from.index(starts.len());
                let end = starts.get(first + len).copied().unwrap_or(text.len());
                let range = starts[first]..end;
                // A hit never crosses a break, nor the ends of a string where they are read.
                let value = view.hints(range.start).value;
                // What stands behind a bracket, comma, colon or blank is a number or a word, and is
                // replaced by a number.
                let inside = value.is_some_and(|v| {
                    let before = text[..v.start].chars().next_back();
                    let string = !matches!(before, Some('[' | ',' | ':' | ' ' | '\n'));
                    string && v.start <= range.start && range.end <= v.end
                });
                if text.len() != view.text().len() || text[range.clone()].contains('\0') || !inside {
                    continue;
                }
                let splices = view.render(range.clone(), &Replacement::Mask).unwrap();
                let masked = apply(json.as_bytes(), &splices).unwrap();
                prop_assert_eq!(masked.len(), json.len());
                let parsed: Result<Value, _> = serde_json::from_slice(&masked);
                prop_assert!(parsed.is_ok(), "{:?} of {} -> {}", range, json, String::from_utf8_lossy(&masked));
            }
            Ok(())
        })?;
    }

    #[test]
    fn asking_out_of_order_gives_the_same_answers(
        value in value(),
        asked in prop::collection::vec(any::<prop::sample::Index>(), 1..20),
        lines in any::<bool>(),
    ) {
        let json = format!("{value}\n{value}");
        let reader = if lines { JSONL.open(&head(b"")) } else { JSON.open(&head(b"")) };
        let one = reader.index(Chunk::whole(json.as_bytes()));
        for at in asked {
            let at = at.index(json.len());
            let fresh = reader.index(Chunk::whole(json.as_bytes()));
            prop_assert_eq!(one.locate(at), fresh.locate(at), "at {} of {}", at, json);
            prop_assert_eq!(one.hints(at).value, fresh.hints(at).value);
        }
    }

    #[test]
    fn any_bytes_are_walked_to_their_end(bytes in prop::collection::vec(
        prop::sample::select(b"{}[]\",:\\n1 a\n\xff".to_vec()), 0..200,
    )) {
        for format in [&JSON, &JSONL] {
            let reader = format.open(&head(&bytes));
            let chunk = Chunk::whole(&bytes);
            let index = reader.index(chunk);
            let content = reader.read(chunk, &*index);
            prop_assert_eq!(content.ledger.bytes_read(), bytes.len() as u64);
            for at in 0..bytes.len() {
                index.hints(at);
                reader.slot(chunk, at..at + 1);
            }
        }
    }

    #[test]
    fn lines_cut_anywhere_keep_records_and_fields(
        values in prop::collection::vec(value(), 1..6),
        split in any::<prop::sample::Index>(),
    ) {
        let text: String = values.iter().map(|value| format!("{value}\n")).collect();
        let reader = JSONL.open(&head(b""));
        let whole = reader.index(Chunk::whole(text.as_bytes()));
        let window = &text.as_bytes()[..split.index(text.len() + 1)];
        if let Cut::Record(cut) = reader.cut(window) {
            let part = |start: usize, end: usize| Chunk {
                text: &text.as_bytes()[..end],
                start,
                end,
                offset: 0,
                torn: Torn::default(),
            };
            let (first, second) =
                (reader.index(part(0, cut)), reader.index(part(cut, text.len())));
            let before = first.records();
            for at in 0..text.len() {
                let mut got = if at < cut { first.locate(at) } else { second.locate(at) };
                if at >= cut {
                    got.record = got.record.map(|record| record + before);
                }
                prop_assert_eq!(got, whole.locate(at));
            }
        }
    }
}

#[test]
fn a_long_document_is_cut_between_its_outermost_records() {
    let record = "{\"legs\": [{\"n\": 1}, {\"n\": 2}], \"note\": \"a, {b}, {c\"},\n";
    let mut text = "{\"calls\": [".to_owned();
    while text.len() < SMALLEST_CUT {
        text.push_str(record);
    }
    let reader = JSON.open(&head(b"{}"));
    let Cut::Record(cut) = reader.cut(text.as_bytes()) else {
        panic!("there is a place to cut")
    };
    assert!(
        text[cut..].starts_with("{\"legs\""),
        "{}",
        &text[cut..cut + 40]
    );
    assert!(cut > text.len() / 2);
    assert_eq!(reader.cut(&text.as_bytes()[..1000]), Cut::More);
    let one_string = format!("{{\"a\": \"{}", "x, ".repeat(SMALLEST_CUT));
    assert_eq!(reader.cut(one_string.as_bytes()), Cut::More);
}

#[test]
fn a_value_takes_text_as_a_string_or_a_number() {
    let text = br#"{"a": "x", "b": 4165550123, "c": null}"#;
    let reader = JSON.open(&head(text));
    let slot = |range| {
        let slot = reader.slot(Chunk::whole(text), range);
        (slot.kind, slot.style)
    };
    assert_eq!(slot(7..8), (SlotKind::Text, Codec::Json));
    assert_eq!(slot(16..26), (SlotKind::Number, Codec::Plain));
    assert_eq!(slot(33..37), (SlotKind::Text, Codec::Plain));
}

#[test]
fn dropped_records_leave_valid_json() {
    let text =
        "{\"calls\": [\n  {\"n\": \"x1\"},\n  {\"n\": \"x2\"},\n  {\"n\": {\"m\": \"x3\"}}\n]}";
    let reader = JSON.open(&head(text.as_bytes()));
    let chunk = Chunk::whole(text.as_bytes());
    for (dropped, want) in [
        (&["x1"][..], "[\"x2\",\"x3\"]"),
        (&["x2"], "[\"x1\",\"x3\"]"),
        (&["x3"], "[\"x1\",\"x2\"]"),
        (&["x2", "x3"], "[\"x1\"]"),
        (&["x1", "x2", "x3"], "[]"),
        (&["x1", "x3"], "[\"x2\"]"),
    ] {
        let mut splices: Vec<Splice> = dropped
            .iter()
            .flat_map(|value| {
                reader
                    .drop_record(chunk, text.find(value).unwrap())
                    .unwrap()
            })
            .collect();
        splices.extend(reader.settle(chunk, &splices));
        splices.sort_by_key(|splice| splice.range.start);
        let left = apply(text.as_bytes(), &splices).unwrap();
        let left: Value = serde_json::from_slice(&left).unwrap();
        let values: Vec<Value> = left["calls"]
            .as_array()
            .unwrap()
            .iter()
            .map(|call| {
                if call["n"].is_object() {
                    call["n"]["m"].clone()
                } else {
                    call["n"].clone()
                }
            })
            .collect();
        assert_eq!(Value::from(values).to_string(), want, "{dropped:?}");
    }
    assert_eq!(
        reader.drop_record(chunk, 2).err(),
        Some(Refusal::NotDroppable)
    );
    let lines = b"{\"a\":1}\n{\"a\":2}\n";
    let reader = JSONL.open(&head(lines));
    let drop = reader.drop_record(Chunk::whole(lines), 10).unwrap();
    assert_eq!(drop[0].range, 8..16);
}

#[test]
fn a_last_record_whose_comma_is_in_the_window_before_leaves_null() {
    let text = b"[{\"n\":1}, {\"n\":2}]";
    let reader = JSON.open(&head(text));
    let chunk = Chunk {
        start: 10,
        ..Chunk::whole(text)
    };
    let mut splices = reader.drop_record(chunk, 15).unwrap();
    splices.extend(reader.settle(chunk, &splices));
    assert_eq!(apply(text, &splices).unwrap(), b"[{\"n\":1}, null]");
}
