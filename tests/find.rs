//! `efface find`: all of one person's data by any spelling, and nobody else's.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(
    clippy::disallowed_methods,
    reason = "tests make and change files of their own"
)]

use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;

/// The tree, and the state.
struct Bench(tempfile::TempDir, tempfile::TempDir);

impl Bench {
    /// A tree in which one person stands in seven kinds of file, beside others.
    fn new() -> Self {
        let bench = Self(tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let wide = "src;dst\r\n+1 416 555 0123;+1 647 555 0148\r\n";
        let utf16: Vec<u8> = [0xFF, 0xFE]
            .into_iter()
            .chain(wide.encode_utf16().flat_map(u16::to_le_bytes))
            .collect();
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut gzip, b"from=4165550123 to=6475550148\n").unwrap();
        for (name, bytes) in [
            ("cdr.csv", &b"src,dst,uniqueid\n6475550148,4165550123,1714640412.17\n"[..]),
            ("a.json", br#"{"customer":"\u002b1 (416) 555-0123","other":"647-555-0148"}"#),
            ("app.log", b"INVITE sip:+14165550123@example.com\nBYE sip:+16475550148@example.com\n"),
            ("notes.txt", b"call 416.555.0123 or jane.doe@example.com\ncall 416 555 0124\n"),
            ("ids.txt", b"order 41655501230, id 1416555012345\n"),
            ("wide.csv", &utf16),
            ("old.log.gz", &gzip.finish().unwrap()),
            (
                "call.vtt",
                b"WEBVTT\n\n00:01.000 --> 00:02.000\nit is 416 555\n\n00:02.000 --> 00:03.000\n0123 thanks\n",
            ),
        ] {
            std::fs::write(bench.path(name), bytes).unwrap();
        }
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn find(&self, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_efface"))
            .arg("find")
            .args(args)
            .current_dir(self.0.path())
            .env("XDG_STATE_HOME", self.1.path())
            .output()
            .unwrap()
    }

    /// The names of the files with findings and how many each has, in order.
    fn found(&self, args: &[&str]) -> Vec<(String, u64)> {
        let ran = self.find(&[&["--format", "jsonl"], args].concat());
        assert_eq!(ran.status.code(), Some(0), "{args:?}");
        let lines = String::from_utf8(ran.stdout).unwrap();
        lines
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap())
            .filter(|line| line["type"] == "file" && line["findings"] != 0)
            .map(|line| {
                let path = line["path"].as_str().unwrap();
                let name = path.trim_start_matches("./").to_owned();
                (name, line["findings"].as_u64().unwrap())
            })
            .collect()
    }
}

const EVERYWHERE: [(&str, u64); 7] = [
    ("a.json", 1),
    ("app.log", 1),
    ("call.vtt", 1),
    ("cdr.csv", 1),
    ("notes.txt", 1),
    ("old.log.gz", 1),
    ("wide.csv", 1),
];

#[test]
fn any_spelling_finds_the_person_everywhere_and_nobody_else() {
    let bench = Bench::new();
    let expected: Vec<_> = EVERYWHERE.map(|(name, n)| (name.to_owned(), n)).into();
    for typed in [
        "+1 416 555 0123",
        "(416) 555-0123",
        "4165550123",
        "phone:1-416-555-0123",
        "tel:+14165550123",
    ] {
        assert_eq!(bench.found(&[typed, "."]), expected, "{typed}");
    }
    let mail = bench.found(&["--subject", "Jane.Doe@EXAMPLE.com", "."]);
    assert_eq!(mail, [("notes.txt".to_owned(), 1)]);
    std::fs::write(
        bench.path("list"),
        "# the request\nphone:416-555-0123\njane.doe@example.com\n",
    )
    .unwrap();
    let both = bench.found(&["--subject-file", "list", "notes.txt", "cdr.csv"]);
    assert_eq!(
        both,
        [("notes.txt".to_owned(), 2), ("cdr.csv".to_owned(), 1)]
    );
}

#[test]
fn the_answer_is_told_by_the_exit_code_and_shows_no_value() {
    let bench = Bench::new();
    let clean = ["cdr.csv", "notes.txt"];
    for (typed, exists, code) in [("+1 416 555 0123", "yes", 0), ("+1 416 555 0199", "no", 1)] {
        let asked = bench.find(&[&["--exists", typed][..], &clean].concat());
        assert_eq!(asked.status.code(), Some(code), "{typed}");
        let out = String::from_utf8(asked.stdout).unwrap();
        assert_eq!(out.lines().next(), Some(exists), "{typed}");
        assert!(out.contains("scanned 2 of 2 files"), "{out}");
        let listed = bench.find(&[&[typed][..], &clean].concat());
        assert_eq!(listed.status.code(), Some(code), "{typed}");
        let out = String::from_utf8(listed.stdout).unwrap();
        assert!(!out.contains("0123") && !out.contains("555"), "{out}");
    }
    std::fs::write(bench.path("b.bin"), b"\0\x01\x02\xff\xfe\xfd\0\0\0\x80").unwrap();
    let unread = bench.find(&["--exists", "+1 416 555 0199", "cdr.csv", "b.bin"]);
    assert_eq!(
        unread.status.code(),
        Some(3),
        "what was not read may hold it"
    );
}

#[test]
fn what_is_no_identifier_is_refused_before_anything_is_read() {
    let bench = Bench::new();
    for args in [
        &["4165550123"][..],
        &["jane", "."],
        &["diabetes", "."],
        &["email:4165550123", "."],
        &["+1 416 555 0123", "gone"],
        &["--subject-file", "-", "-"],
        &["--region", "XX", "4165550123", "."],
    ] {
        let ran = bench.find(args);
        assert_eq!(ran.status.code(), Some(2), "{args:?}");
        let err = String::from_utf8(ran.stderr).unwrap();
        assert!(err.starts_with("efface: error: "), "{args:?}: {err}");
        assert!(err.contains("\n\nhint: "), "{args:?}: {err}");
        assert!(ran.stdout.is_empty(), "{args:?}");
    }
}

#[test]
fn many_are_found_in_one_pass_and_told_apart() {
    let bench = Bench::new();
    std::fs::write(
        bench.path("many.jsonl"),
        "{\"id\":\"a\",\"identifiers\":[\"+1 416 555 0123\",\"jane.doe@example.com\"]}\n\
         {\"id\":\"b\",\"identifiers\":[\"647-555-0148\"]}\n",
    )
    .unwrap();
    let ran = bench.find(&[
        "--subjects",
        "many.jsonl",
        "--format",
        "jsonl",
        "cdr.csv",
        "notes.txt",
    ]);
    assert_eq!(ran.status.code(), Some(0));
    let found: Vec<(String, Value)> = String::from_utf8(ran.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|line| line["type"] == "finding")
        .map(|line| {
            (
                line["path"].as_str().unwrap().to_owned(),
                line["subjects"].clone(),
            )
        })
        .collect();
    let expected = [
        ("cdr.csv", "b"),
        ("cdr.csv", "a"),
        ("notes.txt", "a"),
        ("notes.txt", "a"),
    ];
    assert_eq!(
        found,
        expected.map(|(path, id)| (path.to_owned(), serde_json::json!([id])))
    );
    std::fs::write(
        bench.path("many.jsonl"),
        "{\"id\":\"a\",\"identifiers\":[\"Bob 4165550123\"]}\n",
    )
    .unwrap();
    let wrong = bench.find(&["--subjects", "many.jsonl", "cdr.csv"]);
    assert_eq!(wrong.status.code(), Some(2));
    let err = String::from_utf8(wrong.stderr).unwrap();
    assert!(
        err.contains("line 1 of many.jsonl") && !err.contains("4165550123"),
        "{err}"
    );
}

#[test]
fn the_page_stands_for_itself_and_runs_nothing() {
    let bench = Bench::new();
    std::fs::write(bench.path("<script>.csv"), "src,dst\n4165550123,\n").unwrap();
    let ran = bench.find(&[
        "--format",
        "html",
        "+1 416 555 0123",
        "<script>.csv",
        "cdr.csv",
    ]);
    assert_eq!(ran.status.code(), Some(0));
    let page = String::from_utf8(ran.stdout).unwrap();
    assert!(
        page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>\n"),
        "{page}"
    );
    assert!(page.contains("&lt;script&gt;.csv"), "{page}");
    for none in ["<script", "http:", "https:", "0123", "src="] {
        assert!(!page.contains(none), "{none} in {page}");
    }
    assert_eq!(page.matches("<tr><td>line").count(), 2);
}

#[test]
fn a_number_that_changed_hands_is_told_apart_by_the_records_time() {
    let bench = Bench::new();
    std::fs::write(
        bench.path("dated.csv"),
        "calldate,src,dst\n2023-06-30 10:00:00,4165550177,6475550148\n2023-07-01 10:00:00,4165550177,6475550148\n",
    )
    .unwrap();
    std::fs::write(
        bench.path("many.jsonl"),
        "{\"id\":\"old\",\"identifiers\":[\"4165550177\"],\"to\":\"2023-07-01\"}\n\
         {\"id\":\"new\",\"identifiers\":[\"4165550177\"],\"from\":\"2023-07-01\"}\n",
    )
    .unwrap();
    let ran = bench.find(&["--subjects", "many.jsonl", "--format", "jsonl", "dated.csv"]);
    let out = String::from_utf8(ran.stdout).unwrap();
    let found: Vec<(Value, Value)> = out
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|line| line["type"] == "finding")
        .map(|line| (line["time"].clone(), line["subjects"].clone()))
        .collect();
    assert_eq!(
        found,
        [
            ("2023-06-30T10:00:00Z", "old"),
            ("2023-07-01T10:00:00Z", "new")
        ]
        .map(|(time, id)| (serde_json::json!(time), serde_json::json!([id])))
    );
}

#[test]
fn what_is_one_persons_is_shown_with_its_evidence_and_searched_for_only_when_asked() {
    let bench = Bench::new();
    std::fs::write(
        bench.path("crm.csv"),
        "name,phone,email\nJane Doe,416-555-0123,jane.doe@example.com\nBob Smith,647-555-0148,bob@example.com\n",
    )
    .unwrap();
    let paths = ["crm.csv", "cdr.csv", "notes.txt"];
    let explain = [
        "--explain",
        "--show-values",
        "--format",
        "jsonl",
        "+1 416 555 0123",
    ];
    let ran = bench.find(&[&explain[..], &paths].concat());
    assert_eq!(ran.status.code(), Some(0));
    let links: Vec<Value> = String::from_utf8(ran.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let values: Vec<&str> = links
        .iter()
        .map(|link| link["value"].as_str().unwrap())
        .collect();
    assert!(
        values.contains(&"jane.doe@example.com") && values.contains(&"jane doe"),
        "{values:?}"
    );
    // Who talks to somebody is not that person.
    assert!(
        !values
            .iter()
            .any(|value| value.contains("bob") || value.contains("6475550148")),
        "{values:?}"
    );
    let mail = links.iter().find(|link| link["entity"] == "email").unwrap();
    assert_eq!(
        (&mail["how"][0], &mail["records"]),
        (&serde_json::json!("contact"), &serde_json::json!(1))
    );
    let count = |args: &[&str]| -> usize {
        let ran = bench.find(&[args, &["--format", "jsonl", "+1 416 555 0123"], &paths].concat());
        let out = String::from_utf8(ran.stdout).unwrap();
        out.lines()
            .filter(|line| line.contains("\"type\":\"finding\""))
            .count()
    };
    assert_eq!((count(&[]), count(&["--linked"])), (3, 5));
}

#[test]
fn clients_are_told_and_no_data_of_them() {
    let bench = Bench::new();
    std::fs::write(
        bench.path("a.csv"),
        "client,src\nAcme,4165550123\nBeta,4165550123\nBeta,6475550148\n",
    )
    .unwrap();
    std::fs::write(
        bench.path("policy.toml"),
        "[[source]]\npaths = [\"a.csv\"]\nclient_field = \"client\"\n[[source]]\npaths = [\"cdr.csv\"]\nclient = \"Gamma\"\n",
    )
    .unwrap();
    let ran = bench.find(&[
        "--by-client",
        "--policy",
        "policy.toml",
        "+1 416 555 0123",
        "a.csv",
        "cdr.csv",
        "notes.txt",
    ]);
    assert_eq!(ran.status.code(), Some(0));
    let out = String::from_utf8(ran.stdout).unwrap();
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(
        lines[..4],
        [
            "(no client named)  1 findings in 1 files",
            "Acme  1 findings in 1 files",
            "Beta  1 findings in 1 files",
            "Gamma  1 findings in 1 files",
        ]
    );
    assert!(!out.contains("0123"), "{out}");
}
