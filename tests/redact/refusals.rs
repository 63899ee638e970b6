//! What cannot be done is said in one sentence and one hint, the file intact, the rest done.

use std::os::unix::fs::PermissionsExt;

use crate::bench::Bench;

#[test]
fn misuse_is_told_before_anything_is_read() {
    let bench = Bench::new();
    bench.put("a.txt", "call 416-555-0123\n");
    for args in [
        &["redact", "a.txt", "b.txt"][..],
        &["redact", "--in-place", "gone"],
        &["redact", "--in-place", "--out", "x", "a.txt"],
        &["redact", "gone.txt"],
        &["redact", "--in-place", "--operator", "tokn", "a.txt"],
        &["redact", "--in-place", "--subject", "nobody", "a.txt"],
        &["redact", "--in-place", "--only", "fone", "a.txt"],
        &["redact", "--out", "./pack", "."],
        &["erase", "a.txt"],
        &["erase", "--records", "--values", "--only", "phone", "a.txt"],
        &["hold", "add", "--reason", "none"],
        &["hold", "add", "--reason", "x", "--from", "yesterday"],
        &["verify", "gone"],
        &["reveal", "--entity", "special"],
    ] {
        let ran = bench.run(args);
        assert_eq!(ran.code, 2, "{args:?}: {}{}", ran.out, ran.err);
        assert!(
            ran.err.starts_with("efface: error: "),
            "{args:?}: {}",
            ran.err
        );
        assert!(ran.err.contains("\n\nhint: "), "{args:?}: {}", ran.err);
        assert_eq!(bench.get("a.txt"), b"call 416-555-0123\n", "{args:?}");
    }
}

#[test]
fn one_file_that_cannot_be_changed_does_not_stop_the_others() {
    let bench = Bench::new();
    bench.put("a.txt", "call 416-555-0123\n");
    bench.put("b.bin", b"\0\x01\x02416-555-0123\0\xff\xfe\xfd\0\0\0");
    bench.put("c.gz", b"\x1f\x8b\x08\0not gzip at all");
    let linked = bench.put("d.txt", "call 416-555-0148\n");
    std::fs::hard_link(&linked, bench.path("e.txt")).unwrap();
    std::os::unix::fs::symlink("a.txt", bench.path("f.txt")).unwrap();
    let ran = bench.run(&["redact", "--in-place", "--operator", "label", "."]);
    assert_eq!(ran.code, 3, "{}{}", ran.out, ran.err);
    assert_eq!(bench.get("a.txt"), b"call [PHONE]\n");
    assert_eq!(bench.get("d.txt"), b"call 416-555-0148\n");
    for name in ["b.bin", "c.gz", "d.txt", "e.txt", "f.txt"] {
        assert!(ran.out.contains(name), "{name}: {}", ran.out);
    }
    let masked = bench.run(&["redact", "--in-place", "d.txt"]);
    assert_eq!(
        masked.code, 0,
        "same-width edits keep links: {}",
        masked.out
    );
    assert_eq!(bench.get("e.txt"), b"call ************\n");
}

#[test]
fn a_key_that_others_can_read_is_refused() {
    let bench = Bench::new();
    bench.put("a.txt", "call 416-555-0123\n");
    let key = bench.path("../key");
    let key = key.to_str().unwrap();
    let made = bench.run(&["key", "new", key]);
    assert_eq!(made.code, 0, "{}", made.err);
    assert_eq!(
        bench.run(&["key", "new", key]).code,
        2,
        "nothing is overwritten"
    );
    let order = [
        "redact",
        "--in-place",
        "--operator",
        "token",
        "--key-file",
        key,
        "a.txt",
    ];
    std::fs::set_permissions(key, PermissionsExt::from_mode(0o644)).unwrap();
    let ran = bench.run(&order);
    assert_eq!(ran.code, 2, "{}{}", ran.out, ran.err);
    assert_eq!(bench.get("a.txt"), b"call 416-555-0123\n");
    std::fs::set_permissions(key, PermissionsExt::from_mode(0o600)).unwrap();
    assert_eq!(bench.run(&order).code, 0);
}

#[test]
fn what_was_read_of_a_container_is_changed_and_the_rest_named() {
    let bench = Bench::new();
    // A message with a picture: the eight bytes every PNG starts with, in base64.
    let message = |address: &str| {
        format!(
            "<?xml version='1.0' encoding='UTF-8' ?>\n<smses count=\"1\">\n  <mms address=\"{address}\" \
             msg_box=\"1\">\n    <parts>\n      <part seq=\"0\" ct=\"image/png\" \
             data=\"iVBORw0KGgoAAAANSUhEUg==\" />\n    </parts>\n  </mms>\n</smses>\n"
        )
    };
    bench.put("a.xml", message("+14165550123"));
    let ran = bench.run(&["redact", "--in-place", "a.xml"]);
    assert_eq!(ran.code, 3, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("parts not read"), "{}", ran.out);
    assert_eq!(bench.get("a.xml"), message("************").as_bytes());
    let accepted = bench.run(&["redact", "--in-place", "--accept-unread", "png", "a.xml"]);
    assert_eq!(accepted.code, 0, "{}{}", accepted.out, accepted.err);
    let copied = bench.run(&["redact", "--out", "out", "a.xml"]);
    assert_eq!(
        copied.code, 3,
        "a picture nobody looked at is not given away: {}",
        copied.out
    );
    assert!(!bench.path("out/a.xml").exists());
}

#[test]
fn the_state_and_the_key_are_never_touched() {
    let bench = Bench::new();
    bench.put("a.txt", "call 416-555-0123\n");
    let state = bench.path("inside");
    let state = state.to_str().unwrap();
    let key = bench.path("key");
    let key = key.to_str().unwrap();
    assert_eq!(bench.run(&["key", "new", key]).code, 0);
    let order = [
        "redact",
        "--in-place",
        "--state",
        state,
        "--key-file",
        key,
        ".",
    ];
    for expected in ["changed 1 file", "nothing to change"] {
        let before = std::fs::read(key).unwrap();
        let ran = bench.run(&order);
        assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
        assert!(ran.out.contains(expected), "{}", ran.out);
        assert!(!ran.out.contains("inside/holds"), "{}", ran.out);
        assert!(std::fs::read(key).unwrap() == before);
    }
}

#[test]
fn a_folder_that_cannot_be_used_is_named() {
    let bench = Bench::new();
    bench.put("sub/a.txt", "call 416-555-0123\n");
    bench.put("file", "");
    let locked = std::fs::File::open(bench.path("sub")).unwrap();
    rustix::fs::flock(
        &locked,
        rustix::fs::FlockOperation::NonBlockingLockExclusive,
    )
    .unwrap();
    for (args, named, why) in [
        (
            &["redact", "--in-place", "sub"][..],
            "tree/sub",
            "another run",
        ),
        (
            &["redact", "--out", "file/new", "sub"],
            "file/new",
            "output folder",
        ),
        (
            &["redact", "--out", "sub/new", "sub"],
            "sub/new",
            "a folder that is read",
        ),
    ] {
        let ran = bench.run(args);
        assert_eq!(ran.code, 2, "{args:?}: {}{}", ran.out, ran.err);
        let sentence = ran.err.lines().next().unwrap();
        assert!(
            sentence.ends_with(named) && sentence.contains(why),
            "{sentence}"
        );
    }
    assert_eq!(bench.get("sub/a.txt"), b"call 416-555-0123\n");
}

/// A table with a quoted cell of `lines` lines, and one of a row of one line as long.
fn long_records() -> [(&'static str, String); 3] {
    let quoted = "line of text\n".repeat(6000);
    let row = "lorem ipsum ".repeat(100_000);
    let end = "4165550177,2,ok\n";
    [
        (
            "quoted.csv",
            format!("src,dst,note\n4165550100,1,\"{quoted}call 4165550123\"\n{end}"),
        ),
        (
            "behind.csv",
            format!("src,dst,note\n4165550100,1,{row}call 4165550123\n{end}"),
        ),
        (
            "before.csv",
            format!("src,dst,note\n4165550123,1,{row}\n{end}"),
        ),
    ]
}

#[test]
fn a_record_that_was_not_seen_whole_is_not_torn() {
    let bench = Bench::new();
    for (name, text) in long_records() {
        bench.put(name, &text);
        let order = [
            "erase",
            "--subject",
            "+1 416 555 0123",
            "--records",
            "--apply",
            name,
        ];
        let ran = bench.run(&order);
        assert_eq!(ran.code, 3, "{name}: {}{}", ran.out, ran.err);
        assert!(bench.get(name) == text.as_bytes(), "{name} is as it was");
    }
}

#[test]
fn another_name_is_no_way_around_a_hold() {
    let bench = Bench::new();
    let held = bench.put("held/a.txt", "call 416-555-0123\n");
    bench.put("other/x", "");
    std::fs::hard_link(&held, bench.path("other/b.txt")).unwrap();
    let hold = bench.run(&["hold", "add", "--path", "held", "--reason", "x"]);
    assert_eq!(hold.code, 0, "{}", hold.err);
    let ran = bench.run(&["redact", "--in-place", "other"]);
    assert_eq!(ran.code, 3, "{}{}", ran.out, ran.err);
    assert_eq!(bench.get("held/a.txt"), b"call 416-555-0123\n");
}

#[test]
fn what_is_no_text_behind_text_is_told() {
    let bench = Bench::new();
    let mut wide = "hello world line\n".repeat(5000).into_bytes();
    wide.extend(
        "call 416 555 0123\r\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes),
    );
    let mut packed = "hello world line\n".repeat(5000).into_bytes();
    packed.extend(b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x4b\x4e\xcc\xc9\x51\0\x01\0\xff\x02".repeat(20));
    // A log that was cut while it was written to has a hole, and is text all the same.
    let mut holed = vec![0; 10_000];
    holed.extend("call 416 555 0123\n".repeat(10).into_bytes());
    let holed = [&b"first line\n".repeat(9000)[..], &holed].concat();
    for (name, bytes, code) in [
        ("wide.log", wide, 3),
        ("packed.log", packed, 3),
        ("holed.log", holed, 0),
    ] {
        bench.put(name, &bytes);
        let ran = bench.run(&["redact", "--in-place", name]);
        assert_eq!(ran.code, code, "{name}: {}{}", ran.out, ran.err);
    }
    let mut odd = b"\xff\xfe".to_vec();
    let text = "call 416 555 0123\r\n".repeat(50);
    odd.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    odd.insert(201, b'Z');
    assert_eq!(
        bench.run_with(&["redact"], &odd).code,
        3,
        "bytes were left over"
    );
}

#[test]
fn a_masked_log_is_read_as_a_log_again() {
    let bench = Bench::new();
    let lines: String = (0..40)
        .map(|i| format!("192.0.2.7 user 378282246310005 n{i}\n"))
        .collect();
    bench.put("a.log", &lines);
    let ran = bench.run(&["redact", "--in-place", "a.log"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let left = bench.run(&["scan", "a.log"]);
    assert_eq!(left.code, 0, "{}", left.out);
}

#[test]
fn what_a_filter_lets_out_is_clean_as_it_is_read_next() {
    let bench = Bench::new();
    // A header that is no text, and a row of which so much goes that it is taken for none.
    let mut table = b"start\tani\tdni".to_vec();
    table.extend([0xCC; 50]);
    table.extend(b"s\tagent_email\tduration_ms\tsession_id\n17146404\xea");
    table.extend([0xFF; 15]);
    table.extend(b"sk204@example.com\t4100000000\t6475550111\n");
    table.extend(
        b"1714641000\t6475550148\t8005550199\tdesk211@example.com\t3000000000\t6475550112\n",
    );
    bench.put("out", bench.filter(&["--as", "tsv"], &table));
    let left = bench.run(&["scan", "--as", "tsv", "out"]);
    assert_eq!(left.code, 0, "{}", left.out);
}
