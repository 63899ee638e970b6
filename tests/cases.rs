//! Cases, the audit log, what stays out, and corrections: what is left behind of a look-up, and what
//! is not.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(
    clippy::disallowed_methods,
    reason = "tests make and change files of their own"
)]

use std::path::{Path, PathBuf};
use std::process::Command;

struct Bench(tempfile::TempDir);

struct Ran {
    code: i32,
    out: String,
    err: String,
}

const NUMBER: &str = "+1 416 555 0123";
const TABLE: &str = "src,dst\n4165550123,6475550148\n(416) 555-0123,\n6475550148,9025550134\n";

impl Bench {
    fn new() -> Self {
        let bench = Self(tempfile::tempdir().unwrap());
        std::fs::create_dir(bench.path("in")).unwrap();
        std::fs::write(bench.path("in/a.csv"), TABLE).unwrap();
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, args: &[&str]) -> Ran {
        let output = Command::new(env!("CARGO_BIN_EXE_efface"))
            .args(args)
            .current_dir(self.0.path())
            .env("XDG_STATE_HOME", self.path("state"))
            .output()
            .unwrap();
        Ran {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    #[track_caller]
    fn done(&self, code: i32, args: &[&str]) -> String {
        let ran = self.run(args);
        assert_eq!(ran.code, code, "{args:?}: {}{}", ran.out, ran.err);
        ran.out
    }
}

#[test]
fn every_look_up_is_in_the_log_with_its_reason_and_case_and_without_the_value() {
    let bench = Bench::new();
    bench.done(
        0,
        &[
            "case",
            "open",
            "24-17",
            "--profile",
            "gdpr",
            "--received",
            "2026-01-31",
            "--subject",
            NUMBER,
        ],
    );
    bench.done(
        0,
        &["case", "verify", "24-17", "--points", "3", "--declaration"],
    );
    let why = ["--case", "24-17", "--reason", "access request"];
    bench.done(0, &[&["find", NUMBER, "in"], &why[..]].concat());
    bench.done(1, &["find", "+1 416 555 0199", "in"]);
    bench.done(
        0,
        &[
            &["disclose", "--subject", NUMBER, "--out", "pack", "in"],
            &why[..],
        ]
        .concat(),
    );
    bench.done(
        0,
        &[&["erase", "--subject", NUMBER, "--apply", "in"], &why[..]].concat(),
    );
    let log = bench.done(0, &["audit"]);
    let lines: Vec<&str> = log.lines().collect();
    assert_eq!(lines.len(), 9, "{log}");
    assert!(
        lines[0].contains("find begun") && lines[0].contains("case 24-17  reason: access request"),
        "{log}"
    );
    assert!(
        lines[3].contains("find done  1 identifiers  found 0"),
        "{log}"
    );
    assert!(lines[8].starts_with("8 lines, none changed"), "{log}");
    assert_eq!(
        bench
            .done(0, &["audit", "--jsonl", "--case", "24-17"])
            .lines()
            .count(),
        6
    );
    let case = bench.done(0, &["case", "show", "24-17"]);
    for part in [
        "due 2026-02-28",
        "GDPR Art. 12(3)",
        "  find\n",
        "  disclose\n",
        "  erase  ",
    ] {
        assert!(case.contains(part), "{part} in {case}");
    }
    for shown in [&log, &case] {
        assert!(!shown.contains("0123"), "{shown}");
    }
}

#[test]
fn a_log_that_was_touched_is_not_trusted() {
    let bench = Bench::new();
    for _ in 0..3 {
        bench.done(0, &["find", NUMBER, "in"]);
    }
    let log = bench.path("state/efface/audit-log.jsonl");
    let whole = std::fs::read(&log).unwrap();
    let mut touched: Vec<Vec<u8>> = Vec::new();
    for at in (0..whole.len()).step_by(97) {
        let mut flipped = whole.clone();
        flipped[at] ^= 1;
        touched.push(flipped);
    }
    let lines: Vec<&[u8]> = whole.split_inclusive(|b| *b == b'\n').collect();
    touched.push(lines[..5].concat());
    touched.push(lines[1..].concat());
    let mut moved = lines.clone();
    moved.swap(1, 3);
    touched.push(moved.concat());
    for bytes in touched {
        std::fs::write(&log, bytes).unwrap();
        assert_eq!(bench.run(&["audit"]).code, 2);
    }
    // A line that was written and not counted, as by a killed run, is no part of it.
    std::fs::write(&log, [&whole[..], b"{\"n\":7"].concat()).unwrap();
    bench.done(0, &["audit"]);
    bench.done(0, &["find", NUMBER, "in"]);
    assert!(
        bench
            .done(0, &["audit"])
            .ends_with("8 lines, none changed, added or missing\n")
    );
}

#[test]
fn cases_have_dates_levels_and_an_end() {
    let bench = Bench::new();
    let open = |id: &str, law: &str, day: &str| {
        bench.done(
            0,
            &["case", "open", id, "--profile", law, "--received", day],
        )
    };
    assert_eq!(open("a", "gdpr", "2026-01-31"), "a  due 2026-02-28\n");
    assert_eq!(
        open("b", "ccpa", "2026-01-02"),
        "b  due 2026-02-16  to be acknowledged by 2026-01-16\n"
    );
    let due = |day: &str, code: i32| bench.done(code, &["case", "list", "--due", "--now", day]);
    assert_eq!(due("2026-02-16", 0), "");
    assert_eq!(due("2026-02-17", 1).lines().count(), 1);
    assert_eq!(due("2026-03-01", 1).lines().count(), 2);
    bench.done(0, &["case", "extend", "a", "--why", "many records"]);
    assert_eq!(due("2026-03-01", 1).lines().count(), 1);
    assert_eq!(
        bench.done(0, &["case", "verify", "a", "--points", "2"]),
        "categories\n"
    );
    assert_eq!(
        bench.done(
            0,
            &["case", "verify", "a", "--points", "3", "--declaration"]
        ),
        "pieces\n"
    );
    bench.done(0, &["case", "close", "b"]);
    assert_eq!(due("2026-03-01", 0), "");
    for args in [
        &["case", "show", "none"][..],
        &["case", "close", "none"],
        &[
            "case",
            "open",
            "a",
            "--profile",
            "gdpr",
            "--received",
            "2026-01-31",
        ],
        &[
            "case",
            "open",
            "c",
            "--profile",
            "roman",
            "--received",
            "2026-01-31",
        ],
        &[
            "case",
            "open",
            "c",
            "--profile",
            "gdpr",
            "--received",
            "2026-02-30",
        ],
        &["find", NUMBER, "in", "--case", "none"],
        &["find", NUMBER, "in", "--case", "b"],
        &[
            "erase",
            "--subject",
            NUMBER,
            "--apply",
            "in",
            "--case",
            "none",
        ],
    ] {
        let ran = bench.run(args);
        assert_eq!(ran.code, 2, "{args:?}");
        assert!(
            ran.err.starts_with("efface: error: ") && ran.err.contains("\n\nhint: "),
            "{args:?}: {}",
            ran.err
        );
    }
    assert_eq!(
        std::fs::read_to_string(bench.path("in/a.csv")).unwrap(),
        TABLE
    );
}

#[test]
fn what_was_erased_is_erased_again_after_a_restore() {
    let bench = Bench::new();
    let check = |number: &str, code: i32, answer: &str| {
        assert_eq!(
            bench.done(code, &["replay", "--check", "--subject", number]),
            answer
        );
    };
    check(NUMBER, 1, "no\n");
    bench.done(0, &["erase", "--subject", NUMBER, "in"]);
    check(NUMBER, 1, "no\n");
    bench.done(0, &["erase", "--subject", NUMBER, "--apply", "in"]);
    let erased = std::fs::read_to_string(bench.path("in/a.csv")).unwrap();
    check("416.555.0123", 0, "yes\n");
    check("+1 647 555 0148", 1, "no\n");
    std::fs::write(bench.path("in/a.csv"), TABLE).unwrap();
    bench.done(0, &["replay", "in"]);
    assert_eq!(
        std::fs::read_to_string(bench.path("in/a.csv")).unwrap(),
        TABLE,
        "a plan changes nothing"
    );
    bench.done(0, &["replay", "--apply", "in"]);
    assert_eq!(
        std::fs::read_to_string(bench.path("in/a.csv")).unwrap(),
        erased
    );
    bench.done(0, &["replay", "--apply", "in"]);
}

#[test]
fn a_wrong_value_is_put_right_in_the_shape_in_which_it_stood() {
    let bench = Bench::new();
    let correct = [
        "correct",
        "--subject",
        NUMBER,
        "--to",
        "+1 902 555 0177",
        "in",
    ];
    bench.done(0, &correct);
    assert_eq!(
        std::fs::read_to_string(bench.path("in/a.csv")).unwrap(),
        TABLE
    );
    bench.done(0, &[&correct[..], &["--apply"]].concat());
    assert_eq!(
        std::fs::read_to_string(bench.path("in/a.csv")).unwrap(),
        "src,dst\n9025550177,6475550148\n(902) 555-0177,\n6475550148,9025550134\n"
    );
    bench.done(1, &[&correct[..], &["--apply"]].concat());
    for args in [
        &["correct", "--subject", NUMBER, "--to", "nobody", "in"][..],
        &[
            "correct",
            "--subject",
            NUMBER,
            "--to",
            "jane@example.com",
            "in",
        ],
        &["correct", "--subject", NUMBER, "--to", "4165550123", "in"],
        &["correct", "--to", "4165550123", "in"],
    ] {
        assert_eq!(bench.run(args).code, 2, "{args:?}");
    }
}

/// A value in the encodings in which it could hide.
fn encodings(value: &str) -> Vec<Vec<u8>> {
    let digits: String = value.chars().filter(char::is_ascii_digit).collect();
    let mut all = Vec::new();
    for text in [value, &digits, &digits[1..]] {
        let bytes = text.as_bytes();
        all.push(bytes.to_vec());
        all.push(bytes.iter().rev().copied().collect());
        all.push(text.encode_utf16().flat_map(u16::to_le_bytes).collect());
        all.push(text.encode_utf16().flat_map(u16::to_be_bytes).collect());
        all.push(
            bytes
                .iter()
                .flat_map(|b| format!("{b:02x}").into_bytes())
                .collect(),
        );
        all.push(
            bytes
                .iter()
                .flat_map(|b| format!("{b:02X}").into_bytes())
                .collect(),
        );
        all.push(
            bytes
                .iter()
                .flat_map(|b| format!("%{b:02X}").into_bytes())
                .collect(),
        );
        all.push(
            bytes
                .iter()
                .flat_map(|b| format!("\\u{b:04x}").into_bytes())
                .collect(),
        );
        for skip in 0..3 {
            all.push(base64(&bytes[skip..bytes.len() - (bytes.len() - skip) % 3]));
        }
    }
    all
}

fn base64(bytes: &[u8]) -> Vec<u8> {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    bytes
        .chunks_exact(3)
        .flat_map(|three| {
            let bits = u32::from(three[0]) << 16 | u32::from(three[1]) << 8 | u32::from(three[2]);
            [18, 12, 6, 0].map(|shift| DIGITS[(bits >> shift & 63) as usize])
        })
        .collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| {
            if path.is_dir() {
                files(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}

#[test]
fn no_value_is_in_the_state() {
    let bench = Bench::new();
    let mail = "jane.doe@example.com";
    std::fs::write(bench.path("in/b.txt"), format!("{mail}\n")).unwrap();
    bench.done(
        0,
        &[
            "case",
            "open",
            "1",
            "--profile",
            "gdpr",
            "--received",
            "2026-01-31",
            "--subject",
            NUMBER,
            "--subject",
            mail,
        ],
    );
    bench.done(
        0,
        &["case", "verify", "1", "--points", "3", "--declaration"],
    );
    let who = ["--subject", NUMBER, "--subject", mail, "--case", "1"];
    bench.done(0, &[&["find", "in"], &who[..]].concat());
    bench.done(
        0,
        &[&["disclose", "--out", "pack", "in"], &who[..]].concat(),
    );
    bench.done(0, &[&["erase", "--apply", "in"], &who[..]].concat());
    bench.done(0, &[&["replay", "--check"], &who[..]].concat());
    bench.done(0, &["replay", "--apply", "in"]);
    let mut forms = encodings(NUMBER);
    forms.extend(encodings("+14165550123"));
    forms.push(mail.as_bytes().to_vec());
    forms.push(mail.encode_utf16().flat_map(u16::to_le_bytes).collect());
    forms.push(base64(&mail.as_bytes()[..18]));
    for file in files(&bench.path("state")) {
        let bytes = std::fs::read(&file).unwrap();
        for form in &forms {
            assert!(
                memchr::memmem::find(&bytes, form).is_none(),
                "{}",
                file.display()
            );
        }
    }
}
