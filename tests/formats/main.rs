//! Every format that reads or rewrites records of its own, by the program itself: scan, redact in
//! place, scan again, let an independent reader open it, and erase a person's records.
//!
//! What a file holds afterwards is written out by hand as replacements in the fixture, so that
//! every byte outside them is compared as well (R1).
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(
    clippy::disallowed_methods,
    reason = "tests make and change files of their own"
)]

mod bench;
mod cases;
mod matrix;
mod mutations;
mod planted;
mod plants;
mod samples;
mod stores;

use bench::Bench;
use cases::{CASES, Case};

/// `text` with each of `changes` made exactly once, in their order.
fn changed(text: &[u8], changes: &[(&str, &str)]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text;
    for (old, new) in changes {
        let at = memchr::memmem::find(rest, old.as_bytes());
        let at = at.unwrap_or_else(|| panic!("'{old}' stands in the fixture, in this order"));
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(new.as_bytes());
        rest = &rest[at + old.len()..];
    }
    out.extend_from_slice(rest);
    out
}

/// What the case's reader says of the file; `None` where there is no Python.
fn read(bench: &Bench, case: &Case) -> Option<String> {
    bench.python(&[case.reader, case.name])
}

#[test]
fn values_go_and_every_other_byte_stays() {
    for case in CASES {
        let bench = Bench::new();
        let old = case.bytes();
        bench.put(case.name, &old);
        let scanned = bench.run(&["scan", "--format", "jsonl", case.name]);
        let file = scanned
            .out
            .lines()
            .find(|line| line.contains("\"type\":\"file\""))
            .unwrap();
        let status = format!("\"format\":\"{}\",\"status\":\"scanned\"", case.format);
        assert!(file.contains(&status), "{}: {file}", case.name);
        let found = bench.findings(case.name);
        let expected: Vec<String> = case.found.iter().map(|one| (*one).to_owned()).collect();
        assert_eq!(found, expected, "{}", case.name);

        let ran = bench.run(&["redact", "--in-place", case.name]);
        assert_eq!(ran.code, 0, "{}: {}{}", case.name, ran.out, ran.err);
        let new = bench.get(case.name);
        let masked = changed(&old, case.masked);
        assert!(
            new == masked,
            "{}:\n{}",
            case.name,
            String::from_utf8_lossy(&new)
        );
        assert_eq!(bench.findings(case.name), [""; 0], "{}", case.name);
        let again = bench.run(&["redact", "--in-place", case.name]);
        assert!(
            again.out.starts_with("nothing to change"),
            "{}: {}",
            case.name,
            again.out
        );
        if let Some(said) = read(&bench, case) {
            assert_eq!(
                said, case.read_masked,
                "{}: the independent reader",
                case.name
            );
        }
    }
}

#[test]
fn records_of_a_subject_go() {
    for case in CASES {
        let bench = Bench::new();
        let old = case.bytes();
        bench.put(case.name, &old);
        let ran = bench.run(&[
            "erase",
            "--records",
            "--subject",
            case.subject,
            "--apply",
            case.name,
        ]);
        assert_eq!(ran.code, 0, "{}: {}{}", case.name, ran.out, ran.err);
        let new = bench.get(case.name);
        let erased = changed(&old, case.erased);
        assert!(
            new == erased,
            "{}:\n{}",
            case.name,
            String::from_utf8_lossy(&new)
        );
        if let Some(said) = read(&bench, case) {
            assert_eq!(
                said, case.read_erased,
                "{}: the independent reader",
                case.name
            );
        }
    }
}
