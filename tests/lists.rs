//! `--own` and `--allow`: whose a value is, and what is none.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(
    clippy::disallowed_methods,
    reason = "tests make and change files of their own"
)]

use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;

const TABLE: &str = "\
src,dst,did,note
4165550123,6475550148,8005550199,jane@example.com
4165550199,8005550199,8005550199,help@example.org
";

struct Bench(tempfile::TempDir);

impl Bench {
    fn new(lists: &[(&str, &str)]) -> Self {
        let bench = Self(tempfile::tempdir().unwrap());
        std::fs::create_dir(bench.path("in")).unwrap();
        std::fs::write(bench.path("in/cdr.csv"), TABLE).unwrap();
        for (name, text) in lists {
            std::fs::write(bench.path(name), text).unwrap();
        }
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_efface"))
            .args(args)
            .env("XDG_STATE_HOME", self.path("state"))
            .current_dir(self.0.path())
            .output()
            .unwrap()
    }

    /// Values and parties of what is found, and the summary.
    fn scan(&self, args: &[&str]) -> (Vec<(String, Value)>, Value) {
        let options = ["scan", "in", "--format", "jsonl", "--show-values"];
        let ran = self.run(&[&options, args].concat());
        let text = String::from_utf8(ran.stdout).unwrap();
        let lines: Vec<Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let found = lines.iter().filter(|line| line["type"] == "finding");
        let found = found.map(|line| {
            let value = line["value"].as_str().unwrap().to_owned();
            (value, line["party"].clone())
        });
        (found.collect(), lines.last().unwrap().clone())
    }
}

#[test]
fn own_numbers_and_domains_have_their_party_and_are_no_subject() {
    let bench = Bench::new(&[("own.txt", "# ours\n+1 800 555 0199\nexample.org\n")]);
    let (found, _) = bench.scan(&["--own", "own.txt"]);
    let own: Vec<&str> = found
        .iter()
        .filter(|(_, party)| party == "own")
        .map(|(value, _)| value.as_str())
        .collect();
    assert_eq!(
        own,
        ["8005550199", "8005550199", "8005550199", "help@example.org"]
    );
    assert_eq!(found.len(), 8);
    let refused = bench.run(&["find", "18005550199", "in", "--own", "own.txt"]);
    assert_eq!(refused.status.code(), Some(2));
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains("company's own"), "{said}");
    assert!(!said.contains("8005550199"), "{said}");
}

#[test]
fn a_record_shared_only_with_the_company_goes_as_a_whole() {
    let erase = |lists: &[&str]| {
        let bench = Bench::new(&[("own.txt", "+18005550199\nexample.org")]);
        let subject = ["erase", "--subject", "+14165550199", "--apply", "in"];
        let ran = bench.run(&[&subject, lists].concat());
        assert_eq!(ran.status.code(), Some(0), "{ran:?}");
        std::fs::read_to_string(bench.path("in/cdr.csv")).unwrap()
    };
    assert_eq!(erase(&["--own", "own.txt"]).lines().count(), 2);
    assert_eq!(erase(&[]).lines().count(), 3);
}

#[test]
fn what_is_allowed_is_counted_and_left() {
    let bench = Bench::new(&[(
        "allow.txt",
        "+14165550100..+14165550150\ncolumn:did # tracking\n@example.org\n",
    )]);
    let (found, summary) = bench.scan(&["--allow", "allow.txt"]);
    let values: Vec<&str> = found.iter().map(|(value, _)| value.as_str()).collect();
    assert_eq!(
        values,
        ["6475550148", "jane@example.com", "4165550199", "8005550199"]
    );
    assert_eq!(summary["allowed"], 4);
    let ran = bench.run(&["redact", "--in-place", "--allow", "allow.txt", "in"]);
    assert_eq!(ran.status.code(), Some(0), "{ran:?}");
    let said = String::from_utf8(ran.stdout).unwrap();
    assert!(said.contains("4 values allowed"), "{said}");
    let left = std::fs::read_to_string(bench.path("in/cdr.csv")).unwrap();
    assert_eq!(
        left,
        "src,dst,did,note\n\
         4165550123,**********,8005550199,****************\n\
         **********,**********,8005550199,help@example.org\n"
    );
    let (found, summary) = bench.scan(&["--allow", "allow.txt"]);
    assert!(found.is_empty());
    assert_eq!(summary["allowed"], 4);
}

#[test]
fn a_wrong_line_is_named_and_nothing_is_read() {
    let bench = Bench::new(&[
        ("own.txt", "+18005550199\n\n555 nobody"),
        ("allow.txt", "192.0.2.0/40"),
    ]);
    for (flags, message) in [
        (["--own", "own.txt"], "line 3 of own.txt"),
        (["--allow", "allow.txt"], "line 1 of allow.txt"),
        (["--allow", "none.txt"], "cannot read none.txt"),
        (["--own", "-"], "standard input"),
    ] {
        let ran = bench.run(&[&["scan", "in"][..], &flags].concat());
        assert_eq!(ran.status.code(), Some(2), "{flags:?}");
        let said = String::from_utf8(ran.stderr).unwrap();
        assert!(said.contains(message), "{said}");
        assert!(!said.contains("nobody"), "{said}");
    }
}
