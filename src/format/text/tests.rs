use super::*;

#[test]
fn a_window_is_cut_behind_its_last_line_or_where_no_value_crosses() {
    let cases: &[(&[u8], Cut)] = &[
        (b"a\nb\nc", Cut::Record(4)),
        (b"a\n", Cut::Record(2)),
        (b"call 416,555", Cut::Within(9)),
        (b"416 555 0123", Cut::More),
        (b"", Cut::More),
    ];
    for (window, want) in cases {
        assert_eq!(cut(window), *want, "{:?}", String::from_utf8_lossy(window));
    }
}

#[test]
fn the_register_is_what_most_first_lines_look_like() {
    let cases: &[(&str, Register)] = &[
        (
            "198.51.100.7 - - [01/Nov/2023:00:00:02 +0000] \"GET / HTTP/1.1\"\n",
            Register::Log,
        ),
        (
            "2013-12-31 17:39:54.767815 [WARNING] sofia_reg.c:1533\n",
            Register::Log,
        ),
        (
            "[2012-02-13 17:21:54] NOTICE[1638] chan_sip.c: x\n",
            Register::Log,
        ),
        ("[*********** - x [02/May/2024:10:11:12\n", Register::Log),
        ("[[IP_ADDRESS] - x [02/May/2024:10:11:12\n", Register::Log),
        ("Jan 18 17:39:50 host app[1]: x\n", Register::Log),
        (
            "<13>1 2024-04-25T16:00:00Z host app - - - x\n",
            Register::Log,
        ),
        ("level=info msg=\"x\"\n", Register::Log),
        (
            "WEBVTT\n\n00:00:00.000 --> 00:00:03.138\n<v Agent>Hello\n",
            Register::Talk,
        ),
        (
            "Agent: Hello there\nCaller: Hi, it is about the bill\n",
            Register::Talk,
        ),
        ("Dear Ms Doe,\nthank you for your call.\n", Register::Prose),
        ("", Register::Prose),
    ];
    for (head, want) in cases {
        assert_eq!(register(head.as_bytes()), *want, "{head:?}");
    }
}

#[test]
fn a_log_line_is_a_record_and_can_be_dropped() {
    let text = b"2024-04-25 16:00 a\n2024-04-25 16:01 b\n2024-04-25 16:02 c";
    let head = Head {
        text,
        name: "a.log",
        whole: true,
    };
    let reader = Text.open(&head);
    let chunk = Chunk::whole(text);
    let index = reader.index(chunk);
    for (at, record) in [(0, 0), (18, 0), (19, 1), (40, 2), (20, 1)] {
        assert_eq!(index.locate(at).record, Some(record), "at {at}");
    }
    assert_eq!(index.records(), 3);
    let drop = |at| {
        reader
            .drop_record(chunk, at)
            .ok()
            .map(|s| s[0].range.clone())
    };
    assert_eq!(drop(20), Some(19..38));
    assert_eq!(drop(45), Some(38..56));
}

#[test]
fn what_is_packed_between_lines_is_named() {
    for (text, unread) in [
        (
            "note\nbegin 644 a.txt\n#0V%T\n`\nend\nbye\n",
            &["uuencode"][..],
        ),
        ("begin 644 a.txt\n#0V%T\n`\nend\n", &["uuencode"]),
        ("begin 644 today\nand end\n", &[]),
        ("x H4sIAAAAAAAAA0tOzMlRMDE0Nw== y", &["gzip"]),
        ("x=H4sIAAAAAAAAA0tOzMlRMDE0Nw== y", &["gzip"]),
        ("xH4sIAAAAAAAAA0tOzMlRMDE0Nw== H4sI", &[]),
    ] {
        let head = Head {
            text: text.as_bytes(),
            name: "a.txt",
            whole: true,
        };
        let reader = Text.open(&head);
        let chunk = Chunk::whole(text.as_bytes());
        let index = reader.index(chunk);
        let content = reader.read(chunk, &*index);
        let gaps = content.ledger.gaps().iter();
        let gaps: Vec<String> = gaps.map(|(_, reason)| reason.name()).collect();
        let want: Vec<String> = unread
            .iter()
            .map(|name| format!("unsupported:{name}"))
            .collect();
        assert_eq!(gaps, want, "{text}");
    }
}
