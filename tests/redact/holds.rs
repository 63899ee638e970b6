//! R6 through the program: what is held stays, and is listed.

use crate::bench::Bench;

#[test]
fn what_is_held_stays_until_it_is_released() {
    let bench = Bench::new();
    let table = "src,dst\n4165550123,6475550148\n9025550134,6475550148\n";
    bench.put("a.csv", table);
    bench.put("kept/b.txt", "call 416-555-0187\n");
    let add = bench.run(&[
        "hold",
        "add",
        "--subject",
        "+1 416 555 0123",
        "--reason",
        "a case",
        "--case",
        "24-17",
    ]);
    assert_eq!(add.code, 0, "{}", add.err);
    let path = bench.run(&["hold", "add", "--path", "kept", "--reason", "audit"]);
    assert_eq!(path.code, 0, "{}", path.err);
    let list = bench.run(&["hold", "list"]);
    assert_eq!(list.out.lines().count(), 2, "{}", list.out);
    assert!(
        list.out.contains("24-17")
            && !list.out.contains("5550123")
            && !list.out.contains("555-0123"),
        "{}",
        list.out
    );
    for order in [
        &["redact", "--in-place", "."][..],
        &["erase", "--only", "phone", "--apply", "."],
    ] {
        let ran = bench.run(order);
        assert_eq!(ran.code, 3, "{}{}", ran.out, ran.err);
        assert!(ran.out.contains("held"), "{}", ran.out);
        let text = String::from_utf8(bench.get("a.csv")).unwrap();
        assert!(text.contains("4165550123,6475550148\n"), "{text}");
        assert!(!text.contains("9025550134"), "{text}");
        assert_eq!(bench.get("kept/b.txt"), b"call 416-555-0187\n");
    }
    assert_eq!(bench.run(&["hold", "release", "24-17"]).code, 0);
    let id = path.out.trim_end();
    assert_eq!(bench.run(&["hold", "release", id]).code, 0);
    assert_eq!(bench.run(&["hold", "release", id]).code, 2);
    let ran = bench.run(&["redact", "--in-place", "."]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert_eq!(bench.found(&["."]), 0);
}

#[test]
fn a_receipt_tells_what_was_done_and_what_changed_since() {
    let bench = Bench::new();
    bench.put("4165550123.txt", "call 416-555-0123\n");
    let ran = bench.run(&["redact", "--in-place", "."]);
    // The name stays.
    assert_eq!(ran.code, 3, "{}{}", ran.out, ran.err);
    let receipt = ran
        .out
        .lines()
        .find_map(|line| line.strip_prefix("receipt "))
        .unwrap();
    let text = std::fs::read_to_string(receipt).unwrap();
    assert!(!text.contains("4165550123") && !text.contains("416-555"));
    assert_eq!(bench.run(&["verify", receipt]).code, 0);
    bench.put("4165550123.txt", "something else\n");
    assert_eq!(bench.run(&["verify", receipt]).code, 1);
    let mut text = std::fs::read_to_string(receipt).unwrap();
    text = text.replace("\"exit\":3", "\"exit\":1");
    std::fs::write(receipt, text).unwrap();
    assert_eq!(bench.run(&["verify", receipt]).code, 2);
    let nothing = bench.run(&["recover"]);
    assert_eq!(
        (nothing.code, nothing.out.as_str()),
        (0, "nothing to recover\n")
    );
}

#[test]
fn what_goes_with_a_record_is_asked_about_too() {
    let bench = Bench::new();
    // The number goes on in the second cue, which names somebody who is held.
    let text = "WEBVTT\n\n00:01.000 --> 00:02.000\nmy number is 416 555\n\n\
                00:02.000 --> 00:03.000\n0123, hers is jane.doe@example.com\n\n\
                00:03.000 --> 00:04.000\nbye\n";
    bench.put("a.vtt", text);
    let held = [
        "hold",
        "add",
        "--subject",
        "jane.doe@example.com",
        "--reason",
        "a case",
    ];
    assert_eq!(bench.run(&held).code, 0);
    let order = [
        "erase",
        "--records",
        "--subject",
        "+14165550123",
        "--apply",
        "a.vtt",
    ];
    let ran = bench.run(&order);
    assert_eq!(ran.code, 3, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("held"), "{}", ran.out);
    assert_eq!(bench.get("a.vtt"), text.as_bytes());
    let term = bench.run(&["hold", "add", "--subject", "diabetes", "--reason", "x"]);
    assert_eq!(term.code, 2, "a term names nobody: {}", term.out);
}
