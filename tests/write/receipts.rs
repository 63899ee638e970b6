//! R4 and section 3.5 of the proof: a receipt holds no value and no path in clear, and every
//! change to it is found.

use efface::redact::apply::Run;
use efface::redact::failure::Reason;
use efface::redact::guard::Guard;
use efface::redact::io::Io;
use efface::redact::mode::WriteOptions;
use efface::redact::place::Root;
use efface::redact::receipt::{Receipt, verify_receipt};
use efface::redact::state::{State, rotate};
use serde_json::Map;

use crate::bench::{Bench, Way, one, scan};

/// A run over three files with a receipt; gives the receipt's path.
fn run_with_receipt(bench: &Bench) -> std::path::PathBuf {
    let io = Io::real();
    let state = bench.state();
    let guard = Guard::load(&io, &state, 0).unwrap();
    let root = Root::open(&io, &bench.tree()).unwrap();
    let (mut run, _) = Run::begin(&io, &state, &guard, &[&root], WriteOptions::default()).unwrap();
    let mut receipt = Receipt::create(&io, &state, &run.id(), 1000, &Map::new()).unwrap();
    let ways = [
        ("4165550123.txt", Way::Mask),
        ("b.txt", Way::Label),
        ("gone.txt", Way::Remove),
    ];
    for (number, (name, way)) in ways.into_iter().enumerate() {
        bench.put(name, b"call 416-555-0123 or 416-555-0123\n");
        let (expect, edits) = scan(&bench.path(name), b"416-555-0123", way);
        let outcome = one(&mut run, &guard, &root, name, expect, edits, way);
        assert!(outcome.is_done(), "{outcome:?}");
        receipt.group(number as u64, &outcome).unwrap();
    }
    run.finish().unwrap();
    receipt.finish(1001, 0, &Map::new()).unwrap()
}

#[test]
fn a_receipt_verifies_and_says_what_differs() {
    use std::os::unix::fs::PermissionsExt;
    let bench = Bench::new();
    let path = run_with_receipt(&bench);
    let io = Io::real();
    let state = bench.state();
    let checked = verify_receipt(&io, &state, &path).unwrap();
    assert_eq!(
        (checked.same, checked.different.len(), checked.files.len()),
        (3, 0, 2)
    );
    assert_eq!(
        std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let text = std::fs::read_to_string(&path).unwrap();
    for needle in ["555", "0123", "tree", ".txt"] {
        let shown: Vec<_> = text.lines().filter(|line| line.contains(needle)).collect();
        // Digits may turn up inside hexadecimal; a name or a path must not.
        let clear = shown
            .iter()
            .any(|line| line.contains("416-555") || line.contains(".txt"));
        assert!(!clear, "{needle}");
    }
    bench.put("b.txt", b"something else, longer than before, really\n");
    bench.put("gone.txt", b"back");
    let checked = verify_receipt(&io, &state, &path).unwrap();
    let mut reasons: Vec<_> = checked
        .different
        .iter()
        .map(|(path, why)| (path.file_name().unwrap(), *why))
        .collect();
    reasons.sort_by_key(|(name, _)| name.to_os_string());
    assert_eq!(
        reasons,
        [
            ("b.txt".as_ref(), Reason::Changed),
            ("gone.txt".as_ref(), Reason::Exists)
        ]
    );
}

#[test]
fn every_changed_byte_and_every_moved_line_is_found() {
    let bench = Bench::new();
    let path = run_with_receipt(&bench);
    let io = Io::real();
    let state = bench.state();
    let good = std::fs::read(&path).unwrap();
    let bad = bench.dir.path().join("bad.jsonl");
    let refused = |bytes: &[u8]| {
        std::fs::write(&bad, bytes).unwrap();
        let failure = verify_receipt(&io, &state, &bad).err();
        failure.is_some_and(|failure| matches!(failure.reason, Reason::Damaged | Reason::Key))
    };
    for at in 0..good.len() {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        assert!(refused(&bytes), "flip at {at}");
    }
    let lines: Vec<&[u8]> = good.split_inclusive(|byte| *byte == b'\n').collect();
    for at in 0..lines.len() {
        let mut missing = lines.clone();
        missing.remove(at);
        assert!(refused(&missing.concat()), "line {at} missing");
        let mut twice = lines.clone();
        twice.insert(at, lines[at]);
        assert!(refused(&twice.concat()), "line {at} twice");
        assert!(refused(&lines[..at].concat()), "cut at line {at}");
        if at > 0 {
            let mut moved = lines.clone();
            moved.swap(at, at - 1);
            assert!(refused(&moved.concat()), "line {at} moved");
        }
    }
    std::fs::write(&bad, &good).unwrap();
    assert!(verify_receipt(&io, &state, &bad).is_ok());
}

#[test]
fn a_receipt_outlives_the_rotation_of_the_key_and_a_strange_key_is_refused() {
    let bench = Bench::new();
    let path = run_with_receipt(&bench);
    let io = Io::real();
    let old = bench.state().key().id();
    let state = rotate(&io, bench.state()).unwrap();
    assert_ne!(state.key().id(), old);
    assert!(verify_receipt(&io, &state, &path).is_ok());
    let other = State::open(&io, &bench.dir.path().join("other"), None).unwrap();
    assert_eq!(
        verify_receipt(&io, &other, &path).unwrap_err().reason,
        Reason::Key
    );
}
