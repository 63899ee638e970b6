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
