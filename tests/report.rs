//! What findings look like in each report, and that every report reads back as what it is.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::ffi::OsStr;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::sync::{Arc, Mutex};

use efface::detect::terms;
use efface::entity::Entity;
use efface::finding::{Canonical, Confidence, Evidence, Finding, Value};
use efface::format::Reason;
use efface::report::{Options, ReportFormat, Target, open};
use efface::scan::{FileReport, SinkError, SourcePath, Status, Summary};
use efface::view::Party;
use serde_json::{Value as Json, json};

/// A writer the test can look into afterwards.
#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl Page {
    fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap().clone()
    }
}

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn path(name: &[u8]) -> SourcePath {
    SourcePath {
        file: OsStr::from_bytes(name).into(),
        member: None,
    }
}

fn finding(entity: Entity, canonical: Canonical, at: u64, value: &str) -> Finding {
    Finding {
        entity,
        confidence: Confidence(99),
        evidence: Evidence::PLAN_VALID.with(Evidence::COLUMN),
        span: at..at + value.len() as u64,
        parts: None,
        via: &[],
        group: 1,
        canonical,
        extension: None,
        value: Some(Value(value.as_bytes().into())),
        line: 2,
        column: 13,
        record: Some(1),
        field: Some("src".into()),
        party: Some(Party::Caller),
        time: None,
        cell: None,
        heard: None,
    }
}

fn phone(at: u64) -> Finding {
    let canonical = Canonical::Phone {
        digits: 14_165_550_123,
        country_len: 1,
    };
    finding(Entity::Phone, canonical, at, "416-555-0123")
}

fn email(at: u64) -> Finding {
    let canonical = Canonical::Text(b"jane.doe@example.com".as_slice().into());
    Finding {
        confidence: Confidence(100),
        evidence: Evidence::SYNTAX,
        via: &["base64", "json"],
        group: 2,
        record: None,
        field: None,
        party: None,
        ..finding(Entity::Email, canonical, at, "Jane.Doe@example.com")
    }
}

fn card(at: u64) -> Finding {
    let canonical = Canonical::Digits {
        value: 4_111_111_111_111_111,
        len: 16,
    };
    Finding {
        confidence: Confidence(60),
        evidence: Evidence::CHECKSUM.with(Evidence::ISSUER_RANGE),
        span: at..at + 30,
        parts: Some([at..at + 9, at + 20..at + 30].into()),
        field: Some("note \"x\"".into()),
        party: None,
        ..finding(Entity::PaymentCard, canonical, at, "4111 1111\n 1111 1111")
    }
}

fn ip(at: u64) -> Finding {
    let canonical = Canonical::Ip([203, 0, 113, 9].into());
    finding(Entity::IpAddress, canonical, at, "203.0.113.9")
}

fn term(at: u64) -> Finding {
    // By its text: the packs grow, and a term's number with them.
    let diabetes = (0..)
        .find(|id| terms::term(*id).is_none_or(|term| term.text == "diabetes"))
        .unwrap();
    Finding {
        evidence: Evidence::TERM,
        ..finding(Entity::Health, Canonical::Term(diabetes), at, "Diabetes")
    }
}

fn account(name: &[u8], status: Status, reason: Option<Reason>, findings: u64) -> FileReport {
    let scanned = status == Status::Scanned;
    FileReport {
        path: path(name),
        format: scanned.then_some("csv"),
        status,
        reason,
        accepted: false,
        bytes: 2000,
        bytes_scanned: if scanned { 2000 } else { 0 },
        findings,
        more: Vec::new(),
        allowed: 0,
    }
}

/// One run with a bit of everything.
fn run(format: ReportFormat, target: Target, show_values: bool) -> String {
    let page = Page::default();
    let regions = ["US".to_owned(), "GB".to_owned()];
    let options = Options {
        regions: &regions,
        show_values,
        subjects: None,
        target,
    };
    let mut sink = open(format, page.clone(), &options);
    let mut found = [phone(12), email(40), card(80)];
    if !show_values {
        for finding in &mut found {
            finding.value = None;
        }
    }
    let cdr = path(b"exports/cdr.csv");
    sink.findings(&cdr, &found[..1]).unwrap();
    sink.findings(&cdr, &found[1..]).unwrap();
    sink.file(&account(b"exports/cdr.csv", Status::Scanned, None, 3))
        .unwrap();
    sink.file(&account(b"exports/clean.csv", Status::Scanned, None, 0))
        .unwrap();
    let member = SourcePath {
        member: Some("notes.txt".to_owned()),
        ..path(b"exports/a.zip")
    };
    let mut found = [ip(5), phone(30), phone(60), term(90)];
    if !show_values {
        for finding in &mut found {
            finding.value = None;
        }
    }
    sink.findings(&member, &found).unwrap();
    let zip = account(b"exports/a.zip", Status::Scanned, None, 4);
    sink.file(&FileReport {
        path: member,
        ..zip
    })
    .unwrap();
    let wav = Some(Reason::Unsupported("wav"));
    sink.file(&account(b"exports/call.wav", Status::Skipped, wav, 0))
        .unwrap();
    let torn = account(
        b"exports/torn.gz",
        Status::Partial,
        Some(Reason::Truncated),
        0,
    );
    sink.file(&FileReport {
        format: Some("text"),
        bytes_scanned: 500,
        ..torn
    })
    .unwrap();
    let accepted = account(b"exports/old.wav", Status::Skipped, wav, 0);
    sink.file(&FileReport {
        accepted: true,
        ..accepted
    })
    .unwrap();
    sink.summary(&Summary {
        files: 6,
        incomplete: 2,
        excluded: 1,
        allowed: 0,
        bytes: 6500,
        findings: vec![
            (Entity::Phone, 3),
            (Entity::Email, 1),
            (Entity::PaymentCard, 1),
            (Entity::IpAddress, 1),
            (Entity::Health, 1),
        ],
        seconds: 0.0123,
        interrupted: false,
    })
    .unwrap();
    drop(sink);
    String::from_utf8(page.bytes()).unwrap()
}

#[track_caller]
fn golden(name: &str, shown: &str) {
    let file = format!("{}/tests/golden/{name}", env!("CARGO_MANIFEST_DIR"));
    let expected = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(expected == shown, "{name} differs; it would be:\n{shown}");
}

const COLORED: Target = Target {
    terminal: true,
    color: true,
    width: 60,
};

#[test]
fn reports_look_as_agreed() {
    for (name, format) in [
        ("report.table", ReportFormat::Table),
        ("report.jsonl", ReportFormat::Jsonl),
        ("report.csv", ReportFormat::Csv),
        ("report.sarif", ReportFormat::Sarif),
    ] {
        golden(name, &run(format, Target::PLAIN, false));
    }
    golden(
        "report-values.table",
        &run(ReportFormat::Table, Target::PLAIN, true),
    );
    golden(
        "report-values.jsonl",
        &run(ReportFormat::Jsonl, Target::PLAIN, true),
    );
    golden(
        "report-values.csv",
        &run(ReportFormat::Csv, Target::PLAIN, true),
    );
    golden(
        "report-color.table",
        &run(ReportFormat::Table, COLORED, false),
    );
}

#[test]
fn no_report_shows_a_value_that_was_not_asked_for() {
    for format in [
        ReportFormat::Table,
        ReportFormat::Jsonl,
        ReportFormat::Csv,
        ReportFormat::Sarif,
    ] {
        let shown = run(format, Target::PLAIN, false);
        for value in [
            "4165550123",
            "416-555",
            "jane",
            "Jane",
            "4111",
            "113.9",
            "iabetes",
        ] {
            assert!(!shown.contains(value), "{format:?} shows {value}");
        }
    }
}

fn jsonl_of(name: &[u8], found: &[Finding], show_values: bool) -> Vec<Json> {
    let page = Page::default();
    let options = Options {
        regions: &["US".to_owned()],
        show_values,
        subjects: None,
        target: Target::PLAIN,
    };
    let mut sink = open(ReportFormat::Jsonl, page.clone(), &options);
    sink.findings(&path(name), found).unwrap();
    sink.file(&account(name, Status::Scanned, None, 1)).unwrap();
    sink.summary(&Summary::default()).unwrap();
    String::from_utf8(page.bytes())
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Names that try to end a string, a line, a cell, or to steer a terminal.
const HOSTILE: &[&[u8]] = &[
    b"a\nb",
    b"\x1b[2J\x1b]0;x\x07",
    b"quo\"te\\back",
    "cod\u{202e}vsc.exe\u{200b}\u{9b}31m".as_bytes(),
    b"=cmd|'/C calc'!A0",
    b"\xff\xfe/\xc3(",
    b"semi;colon,comma",
    b"'apostrophe",
    b"",
];

fn as_json(bytes: &[u8]) -> Json {
    match std::str::from_utf8(bytes) {
        Ok(text) => json!(text),
        // The one example above, worked out by hand.
        Err(_) => json!({"bytes": "//4vwyg="}),
    }
}

#[test]
fn hostile_names_and_values_come_back_from_json() {
    for name in HOSTILE {
        let mut hit = phone(1);
        hit.field = std::str::from_utf8(name).ok().map(Arc::from);
        hit.value = Some(Value((*name).into()));
        let lines = jsonl_of(name, &[hit], true);
        assert_eq!(lines.len(), 4);
        assert_eq!(lines[1]["path"], as_json(name));
        assert_eq!(lines[1]["value"], as_json(name));
        assert_eq!(lines[1]["canonical"], json!("+14165550123"));
        if lines[1]["path"].is_string() {
            assert_eq!(lines[1]["field"], as_json(name));
        }
        assert_eq!(lines[2]["path"], as_json(name));
    }
}

#[test]
fn json_fields_stand_in_the_order_of_the_contract() {
    let lines = jsonl_of(b"a.csv", &[card(80)], true);
    let keys = |line: &Json| -> Vec<String> { line.as_object().unwrap().keys().cloned().collect() };
    let finding = "type path entity start end parts via group line column record field party \
                   confidence evidence masked value canonical";
    let file = "type path format status reason bytes bytes_scanned findings";
    let summary = "type files incomplete excluded allowed bytes findings seconds";
    for (line, expected) in
        lines
            .iter()
            .zip(["type schema version regions", finding, file, summary])
    {
        assert_eq!(keys(line).join(" "), expected);
    }
    assert_eq!(lines[1]["start"], json!(80));
    assert_eq!(lines[1]["end"], json!(110));
    assert_eq!(lines[1]["parts"], json!([[80, 89], [100, 110]]));
    assert_eq!(lines[1]["confidence"], json!(0.6));
    assert_eq!(lines[1]["evidence"], json!(["checksum", "issuer-range"]));
    assert_eq!(lines[1]["masked"], json!("••••••••••••1111"));
}

#[test]
fn every_confidence_is_the_number_it_says() {
    for hundredths in 0..=100_u8 {
        let mut hit = phone(1);
        hit.confidence = Confidence(hundredths);
        let lines = jsonl_of(b"a", &[hit], false);
        let fraction = f64::from(hundredths) / 100.0;
        assert_eq!(lines[1]["confidence"], json!(fraction));
    }
}

#[test]
fn csv_reads_back_and_no_cell_is_a_formula() {
    for name in HOSTILE {
        let page = Page::default();
        let options = Options {
            regions: &[],
            show_values: true,
            subjects: None,
            target: Target::PLAIN,
        };
        let mut sink = open(ReportFormat::Csv, page.clone(), &options);
        let mut hit = phone(1);
        hit.value = Some(Value((*name).into()));
        sink.findings(&path(name), &[hit]).unwrap();
        sink.file(&account(name, Status::Failed, Some(Reason::Denied), 1))
            .unwrap();
        sink.summary(&Summary::default()).unwrap();
        let bytes = page.bytes();
        let mut reader = csv::Reader::from_reader(bytes.as_slice());
        let header = reader.headers().unwrap().clone();
        let column = |name: &str| header.iter().position(|h| h == name).unwrap();
        let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), 2);
        for cell in rows.iter().flatten() {
            let first = cell.chars().next();
            assert!(!first.is_some_and(|c| "=+-@\t\r\n".contains(c)), "{cell:?}");
        }
        let plain = |cell: &str| match cell.strip_prefix('\'').unwrap_or(cell) {
            text if text.starts_with('{') => serde_json::from_str(text).unwrap(),
            text => json!(text),
        };
        for (row, column) in [
            (&rows[0], column("path")),
            (&rows[0], column("value")),
            (&rows[1], column("path")),
        ] {
            assert_eq!(plain(&row[column]), as_json(name));
        }
        assert_eq!(&rows[0][column("type")], "finding");
        assert_eq!(plain(&rows[0][column("masked")]), json!("+1•••••••123"));
        assert_eq!(plain(&rows[0][column("canonical")]), json!("+14165550123"));
        assert_eq!(&rows[1][column("type")], "file");
        assert_eq!(&rows[1][column("status")], "failed");
        assert_eq!(&rows[1][column("reason")], "denied");
        assert_eq!(&rows[1][column("bytes")], "2000");
    }
}

#[test]
fn sarif_is_one_document_with_rules_results_and_places() {
    let shown = run(ReportFormat::Sarif, Target::PLAIN, false);
    let sarif: Json = serde_json::from_str(&shown).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    let run = &sarif["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 7 + 3);
    for result in results {
        let rule = result["ruleIndex"].as_u64().unwrap() as usize;
        assert_eq!(rules[rule]["id"], result["ruleId"]);
        assert!(result["message"]["text"].is_string());
        let place = &result["locations"][0]["physicalLocation"];
        assert!(
            place["artifactLocation"]["uri"]
                .as_str()
                .unwrap()
                .starts_with("exports/")
        );
    }
    assert_eq!(results[7]["kind"], "open");
    assert_eq!(run["invocations"][0]["executionSuccessful"], true);

    let page = Page::default();
    let options = Options {
        regions: &[],
        show_values: false,
        subjects: None,
        target: Target::PLAIN,
    };
    let mut sink = open(ReportFormat::Sarif, page.clone(), &options);
    for name in HOSTILE {
        sink.findings(&path(name), &[phone(1)]).unwrap();
    }
    sink.findings(&path(b"/srv/a b.csv"), &[phone(1)]).unwrap();
    sink.summary(&Summary::default()).unwrap();
    let sarif: Json = serde_json::from_slice(&page.bytes()).unwrap();
    let uri = |i: usize| {
        sarif["runs"][0]["results"][i]["locations"][0]["physicalLocation"]["artifactLocation"]
            ["uri"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(uri(0), "a%0Ab");
    assert_eq!(uri(5), "%FF%FE/%C3%28");
    assert_eq!(uri(HOSTILE.len()), "file:///srv/a%20b.csv");
}

#[test]
fn a_terminal_sees_no_raw_control_character_and_a_pipe_sees_the_exact_name() {
    for (terminal, color) in [(true, false), (false, false)] {
        for name in HOSTILE {
            let page = Page::default();
            let options = Options {
                regions: &[],
                show_values: true,
                subjects: None,
                target: Target {
                    terminal,
                    color,
                    width: 80,
                },
            };
            let mut sink = open(ReportFormat::Table, page.clone(), &options);
            let mut hit = phone(1);
            hit.value = Some(Value((*name).into()));
            sink.findings(&path(name), &[hit]).unwrap();
            sink.file(&account(name, Status::Partial, Some(Reason::Opaque), 1))
                .unwrap();
            let findings = vec![(Entity::Phone, 1)];
            sink.summary(&Summary {
                findings,
                ..Summary::default()
            })
            .unwrap();
            let bytes = page.bytes();
            if terminal {
                let text = String::from_utf8(bytes).unwrap();
                let steers =
                    |c: char| (c.is_control() && c != '\n') || "\u{202e}\u{200b}".contains(c);
                assert!(!text.contains(steers), "{text:?}");
                assert_eq!(text.lines().count(), 12, "{text}");
            } else {
                let found = bytes
                    .windows(name.len().max(1))
                    .filter(|w| w == name)
                    .count();
                assert!(name.is_empty() || found >= 2, "{name:?}");
            }
        }
    }
}

#[test]
fn the_table_keeps_the_top_and_says_what_it_left_out() {
    let page = Page::default();
    let options = Options {
        regions: &[],
        show_values: false,
        subjects: None,
        target: Target::PLAIN,
    };
    let mut sink = open(ReportFormat::Table, page.clone(), &options);
    for file in 0..1000_u64 {
        let name = format!("f{file:03}.log");
        let found: Vec<Finding> = (0..file % 50).map(|at| ip(at * 20)).collect();
        sink.findings(&path(name.as_bytes()), &found).unwrap();
        sink.file(&account(
            name.as_bytes(),
            Status::Scanned,
            None,
            found.len() as u64,
        ))
        .unwrap();
    }
    for file in 0..100 {
        let name = format!("g{file}.bin");
        sink.file(&account(
            name.as_bytes(),
            Status::Skipped,
            Some(Reason::Opaque),
            0,
        ))
        .unwrap();
    }
    sink.summary(&Summary {
        files: 1100,
        incomplete: 100,
        findings: vec![(Entity::IpAddress, 24_500)],
        ..Summary::default()
    })
    .unwrap();
    let shown = String::from_utf8(page.bytes()).unwrap();
    let files: Vec<&str> = shown.lines().filter(|line| line.starts_with('f')).collect();
    // Twenty files have 49 findings; all of them stand in walk order.
    let expected: Vec<String> = (0..20)
        .map(|i| format!("f{:03}.log  csv", i * 50 + 49))
        .collect();
    assert_eq!(files[..20], expected);
    assert!(
        shown.contains("... and 960 more files with fewer"),
        "{shown}"
    );
    assert!(shown.contains("... and 80 more; --format jsonl"), "{shown}");
    assert!(shown.contains("found 24500 in 980 files\n"), "{shown}");
    assert!(shown.contains("not wholly read: 100 opaque"), "{shown}");
    assert!(shown.lines().count() < 100);
}

/// A writer that fails as told.
struct Broken(io::ErrorKind);

impl Write for Broken {
    fn write(&mut self, _bytes: &[u8]) -> io::Result<usize> {
        Err(self.0.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Err(self.0.into())
    }
}

#[test]
fn a_reader_that_left_is_told_from_a_write_that_failed() {
    for format in [
        ReportFormat::Table,
        ReportFormat::Jsonl,
        ReportFormat::Csv,
        ReportFormat::Sarif,
    ] {
        let options = Options {
            regions: &[],
            show_values: false,
            subjects: None,
            target: Target::PLAIN,
        };
        let mut sink = open(format, Broken(io::ErrorKind::BrokenPipe), &options);
        let left = sink.summary(&Summary::default());
        assert!(matches!(left, Err(SinkError::ReaderLeft)), "{format:?}");
        let mut sink = open(format, Broken(io::ErrorKind::StorageFull), &options);
        let full = sink.summary(&Summary::default());
        assert!(matches!(full, Err(SinkError::Write(_))), "{format:?}");
    }
}
