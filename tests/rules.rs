//! Rules of the user, explanations of readings, and samples for a person to judge.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(
    clippy::disallowed_methods,
    reason = "tests make and change files of their own"
)]

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

const RULE: &str = "\
[[rule]]
id = 'desk'
entity = 'device_id'
regex = 'DESK-[0-9]{4}'
example = ['at «DESK-1234» now']
counter_example = ['DESK-12']
";

struct Bench(tempfile::TempDir);

impl Bench {
    fn new() -> Self {
        let bench = Self(tempfile::tempdir().unwrap());
        for folder in ["in", "rules"] {
            std::fs::create_dir(bench.path(folder)).unwrap();
        }
        std::fs::write(bench.path("rules/desk.toml"), RULE).unwrap();
        let text = "moved to DESK-0042 with jane@example.com and ana@example.com\n\
                    call 416-555-0123 or 647-555-0148\n";
        std::fs::write(bench.path("in/a.txt"), text).unwrap();
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, args: &[&str], input: &str) -> Output {
        let mut child = Command::new(env!("CARGO_BIN_EXE_efface"))
            .args(args)
            .env("XDG_STATE_HOME", self.path("state"))
            .current_dir(self.0.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A run that needs no answers may have ended before they are written.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        child.wait_with_output().unwrap()
    }
}

fn out(ran: &Output) -> String {
    String::from_utf8(ran.stdout.clone()).unwrap()
}

#[test]
fn a_rule_finds_and_redacts_and_a_bad_one_is_refused_before_anything_is_read() {
    let bench = Bench::new();
    let sound = bench.run(&["patterns", "check", "rules"], "");
    assert_eq!(out(&sound), "1 rules, 2 examples hold\n");
    let only = ["--patterns", "rules", "--only", "device_id"];
    let ran = bench.run(&[&["redact", "--in-place", "in"][..], &only].concat(), "");
    assert_eq!(ran.status.code(), Some(0), "{ran:?}");
    let left = std::fs::read_to_string(bench.path("in/a.txt")).unwrap();
    assert!(left.starts_with("moved to ********* with jane"), "{left}");
    let ran = bench.run(&[&["scan", "in"][..], &only].concat(), "");
    assert_eq!(ran.status.code(), Some(0), "{ran:?}");
    for (from, to, line) in [
        ("'DESK-[0-9]{4}'", "'DESK-('", "line 4"),
        ("«DESK-1234»", "DESK-1234", "line 5"),
        ("'DESK-12'", "'DESK-9876'", "line 6"),
        ("device_id", "desk_id", "line 3"),
    ] {
        std::fs::write(bench.path("rules/desk.toml"), RULE.replace(from, to)).unwrap();
        for args in [
            &["patterns", "check", "rules"][..],
            &["scan", "in", "--patterns", "rules"],
        ] {
            let ran = bench.run(args, "");
            assert_eq!(ran.status.code(), Some(2), "{to}");
            let said = String::from_utf8(ran.stderr).unwrap();
            assert!(
                said.contains("rules/desk.toml") && said.contains(line),
                "{said}"
            );
            assert!(!said.contains("9876") && !said.contains("1234"), "{said}");
        }
    }
}

#[test]
fn readings_are_explained() {
    let bench = Bench::new();
    for (args, lines) in [
        (
            &["order 4165550123"][..],
            &[
                "6..16  phone  +1•••••••123  0.40  no finding: below 0.50",
                "against: identifier-word",
            ][..],
        ),
        (
            &["--label", "phone", "4165550123"],
            &["0.95  a finding", "column"],
        ),
        (
            &["4111 1111 1111 1112"],
            &["payment_card", "none: the check digit is wrong"],
        ),
        (&["nothing"], &["nothing that any detector looks at"]),
    ] {
        let ran = bench.run(&[&["patterns", "explain"], args].concat(), "");
        assert_eq!(ran.status.code(), Some(0), "{args:?}");
        for line in lines {
            assert!(out(&ran).contains(line), "{args:?}: {}", out(&ran));
        }
    }
    let ran = bench.run(&["patterns", "explain", "-"], "call 416-555-0123");
    assert!(
        out(&ran).contains("a finding") && !out(&ran).contains("555"),
        "{ran:?}"
    );
}

#[test]
fn a_sample_is_the_same_each_time_and_counts_what_is_right() {
    let bench = Bench::new();
    let sample = |seed: &str, threads: &str, input: &str| {
        let args = ["scan", "in", "--sample", "3", "--seed", seed, "-j", threads];
        let ran = bench.run(&args, input);
        assert_eq!(ran.status.code(), Some(1), "{ran:?}");
        out(&ran)
    };
    let first = sample("1", "1", "y\nn\ny\n");
    assert_eq!(first, sample("1", "2", "y\nn\ny\n"));
    assert!(
        first.contains("2 of 3 right: precision 0.67, between 0.21 and 0.94"),
        "{first}"
    );
    assert!(first.contains("3 drawn of 4 findings"), "{first}");
    let none = sample("1", "1", "");
    assert!(none.contains("none judged"), "{none}");
    for secret in ["416-555", "647-555", "jane@", "ana@", "0123"] {
        assert!(!first.contains(secret), "{first}");
    }
    let all: std::collections::BTreeSet<String> = ["1", "2", "3", "4", "5", "6"]
        .map(|seed| sample(seed, "1", ""))
        .into();
    assert!(all.len() > 1);
    let shown = bench.run(&["scan", "in", "--sample", "9", "--show-values"], "");
    assert!(
        out(&shown).contains("call [416-555-0123] or 647-555-0148"),
        "{}",
        out(&shown)
    );
}
