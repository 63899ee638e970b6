//! What a scan tells, and what a rewriting keeps: places, types, keys, files beside, other cells.

use std::collections::BTreeMap;

use rusqlite::Connection;

use crate::bench::Bench;
use crate::stores::{Journal, STORES, make, rows};

/// Cells of each type, keys of each kind.
const KINDS: &str = "
CREATE TABLE calls(number INTEGER, fax REAL, name TEXT, note BLOB, raw BLOB);
INSERT INTO calls(rowid, number, fax, name, note, raw) VALUES
 (5, 4165550123, 6475550148.0, 'Jo', x'63616c6c203431362d3535352d30313939', x'00ff0034313635353530313233');
CREATE TABLE contacts(mail TEXT PRIMARY KEY, other TEXT) WITHOUT ROWID;
INSERT INTO contacts VALUES ('a@example.com', 'b@example.com'), ('c@example.com', NULL);
CREATE TABLE phones(phone INTEGER PRIMARY KEY, name TEXT);
INSERT INTO phones VALUES (4165550123, 'write to jo@example.com');
CREATE TABLE made(first TEXT, whole TEXT GENERATED ALWAYS AS ('<' || first || '>') STORED);
INSERT INTO made VALUES ('jo@example.com');
CREATE TABLE odd(rowid TEXT, \"a\"\"b\" TEXT);
INSERT INTO odd VALUES ('x', 'tel +1 416 555 0123');
CREATE TABLE handles(id TEXT UNIQUE, n INTEGER CHECK (n > 0));
INSERT INTO handles VALUES ('+14165550101', 1), ('+14165550102', 2), ('+14165550103', 3), ('a@example.com', 4);
";

#[test]
fn a_scan_names_table_column_and_row() {
    let bench = Bench::new();
    make(&bench.tree().join("k.db"), Journal::Rollback, &["", KINDS]);
    let found: Vec<String> = bench
        .scan("k.db", "finding")
        .iter()
        .map(|finding| {
            let word = |name: &str| finding[name].as_str().unwrap_or("-").to_owned();
            format!(
                "{} {}.{} {} {}..{} {}",
                word("canonical"),
                word("table"),
                word("column_name"),
                finding["key"],
                finding["start"],
                finding["end"],
                finding["line"],
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            "+14165550123 calls.number 5 0..10 null",
            "+16475550148 calls.fax 5 0..10 null",
            "+14165550199 calls.note 5 5..17 null",
            "+14165550123 calls.raw 5 3..13 null",
            "a@example.com contacts.mail null 0..13 null",
            "b@example.com contacts.other null 0..13 null",
            "c@example.com contacts.mail null 0..13 null",
            // The row's id is somebody's number itself, so no finding of the row shows it.
            "+14165550123 phones.phone null 0..10 null",
            "jo@example.com phones.name null 9..23 null",
            "jo@example.com made.first 1 0..14 null",
            "jo@example.com made.whole 1 1..15 null",
            "+14165550123 odd.a\"b 1 4..19 null",
            "+14165550101 handles.id 1 0..12 null",
            "+14165550102 handles.id 2 0..12 null",
            "+14165550103 handles.id 3 0..12 null",
            "a@example.com handles.id 4 0..13 null",
        ]
    );
    // Bytes that are no text are looked at and named as unread.
    let file = &bench.scan("k.db", "file")[0];
    assert_eq!(
        (&file["status"], &file["reason"]),
        (&"partial".into(), &"opaque".into())
    );
}

#[test]
fn a_person_is_found_by_row() {
    let bench = Bench::new();
    make(&bench.tree().join("k.db"), Journal::Rollback, &["", KINDS]);
    let args = ["find", "--accept-unread", "sqlite", "a@example.com", "k.db"];
    let ran = bench.run(&args);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let places: Vec<&str> = ran
        .out
        .lines()
        .filter(|line| line.contains("row"))
        .collect();
    assert_eq!(places.len(), 2, "{}", ran.out);
    assert!(
        places[0].starts_with("  row, record 2  contacts.mail"),
        "{}",
        ran.out
    );
    assert!(
        places[1].starts_with("  row id 4, record 10  handles.id"),
        "{}",
        ran.out
    );
}

#[test]
fn new_cells_have_the_type_of_the_old_and_stay_different_where_they_must() {
    let bench = Bench::new();
    let path = bench.tree().join("k.db");
    make(&path, Journal::Rollback, &["", KINDS]);
    let accepted = ["redact", "--in-place", "--accept-unread", "sqlite", "k.db"];
    let ran = bench.run(&accepted);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let database = Connection::open(&path).unwrap();
    for (query, expected) in [
        (
            "SELECT rowid, *, typeof(number), typeof(fax), typeof(note), typeof(raw) FROM calls",
            &[
                "5|1000000000|1000000000.0|Jo|xcall ************|x\\x00\\xff\\x00**********\
               |integer|real|blob|blob",
            ][..],
        ),
        // The rows of the first table are in the order of their keys.
        (
            "SELECT * FROM contacts",
            &["*************|*************", "************\u{a4}|-"],
        ),
        (
            "SELECT * FROM phones",
            &["1000000000|write to **************"],
        ),
        ("SELECT * FROM made", &["**************|<**************>"]),
        ("SELECT * FROM odd", &["x|tel ***************"]),
        (
            "SELECT * FROM handles ORDER BY n",
            &[
                "************|1",
                "***********\u{a4}|2",
                "***********\u{2022}|3",
                "*************|4",
            ],
        ),
        ("PRAGMA integrity_check", &["ok"]),
    ] {
        assert_eq!(rows(&database, query), expected, "{query}");
    }
    drop(database);
    assert_eq!(bench.scan("k.db", "finding"), [serde_json::Value::Null; 0]);
    assert!(bench.run(&accepted).out.starts_with("nothing to change"));
}

#[test]
fn reading_changes_no_byte_and_makes_no_file() {
    for store in STORES {
        for journal in [Journal::Rollback, Journal::Log] {
            let bench = Bench::new();
            store.make(&bench.tree().join("m.db"), journal);
            let before = bench.files();
            for args in [
                &["scan", "."][..],
                &["scan", "-j1", "."],
                &["redact", "--in-place", "--dry-run", "."],
                &["erase", "--subject", "+14165550123", "."],
            ] {
                let ran = bench.run(args);
                assert!(
                    ran.code < 2,
                    "{}: {args:?} {}{}",
                    store.name,
                    ran.out,
                    ran.err
                );
            }
            assert!(bench.files() == before, "{}, {journal:?}", store.name);
            // What stands beside a database is read with it, and nothing of it is unread.
            let files = bench.scan(".", "file");
            let scanned = files
                .iter()
                .filter(|file| file["status"] == "scanned")
                .count();
            assert_eq!(
                (files.len(), scanned),
                (before.len(), before.len()),
                "{}",
                store.name
            );
        }
    }
}

#[test]
fn rows_that_are_only_in_the_log_are_read() {
    let bench = Bench::new();
    let path = bench.tree().join("m.db");
    STORES[0].make(&path, Journal::Log);
    let canonical = |name: &str| -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for finding in bench.scan(name, "finding").iter().filter(in_row) {
            *counts.entry(finding["canonical"].to_string()).or_default() += 1;
        }
        counts
    };
    let with_log = canonical("m.db");
    std::fs::rename(bench.tree().join("m.db-wal"), bench.tree().join("log")).unwrap();
    assert_eq!(canonical("m.db"), BTreeMap::new());
    std::fs::rename(bench.tree().join("log"), bench.tree().join("m.db-wal")).unwrap();
    // A frame that is not whole ends the log before its transaction, the last one, as SQLite has it.
    let log = std::fs::read(bench.tree().join("m.db-wal")).unwrap();
    std::fs::write(bench.tree().join("m.db-wal"), &log[..log.len() - 1]).unwrap();
    let expected = |own, other| {
        let counts = [
            ("+14165550123", own),
            ("+14165550199", 1),
            ("+16475550148", other),
            ("jo@example.com", 1),
        ];
        BTreeMap::from(counts.map(|(value, count)| (format!("\"{value}\""), count)))
    };
    assert_eq!(canonical("m.db"), expected(2, 4));
    assert_eq!(with_log, expected(3, 5));
}

#[test]
fn copies_hold_the_log_and_leave_the_source_alone() {
    let bench = Bench::new();
    STORES[0].make(&bench.tree().join("m.db"), Journal::Log);
    let before = bench.files();
    let out = bench.tree().join("../out");
    let ran = bench.run(&["redact", "--out", "../out", "."]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(bench.files() == before);
    let names: Vec<_> = std::fs::read_dir(&out)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names, ["m.db"]);
    let database = Connection::open(out.join("m.db")).unwrap();
    assert_eq!(
        rows(&database, "SELECT rowid, * FROM loose"),
        [
            "3|************|first",
            "7|-|second",
            "1000000007|************|third"
        ]
    );
}

#[test]
fn a_plan_is_followed_only_as_it_was_made() {
    let bench = Bench::new();
    let path = bench.tree().join("m.db");
    STORES[0].make(&path, Journal::Rollback);
    let save = |plan| {
        let subject = "+14165550123";
        let args = [
            "erase",
            "--records",
            "--subject",
            subject,
            "--save-plan",
            plan,
            "m.db",
        ];
        assert_eq!(bench.run(&args).code, 0);
    };
    let follow = |plan| bench.run(&["erase", "--plan", plan, "--apply"]);
    save("../first");
    let database = Connection::open(&path).unwrap();
    database
        .execute_batch("INSERT INTO loose VALUES ('+14165550123', 'new')")
        .unwrap();
    drop(database);
    let ran = follow("../first");
    assert_eq!(ran.code, 3, "{}{}", ran.out, ran.err);
    save("../second");
    let ran = follow("../second");
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let database = Connection::open(&path).unwrap();
    assert_eq!(rows(&database, "SELECT count(*) FROM loose"), ["2"]);
}

#[test]
fn rows_of_a_held_person_stay_while_others_are_changed() {
    let bench = Bench::new();
    let path = bench.tree().join("m.db");
    STORES[0].make(&path, Journal::Log);
    let subject = "+16475550148";
    let hold = bench.run(&["hold", "add", "--subject", subject, "--reason", "court"]);
    assert_eq!(hold.code, 0, "{}{}", hold.out, hold.err);
    let ran = bench.run(&["redact", "--in-place", "m.db"]);
    assert_eq!(ran.code, 3, "{}{}", ran.out, ran.err);
    let database = Connection::open(&path).unwrap();
    assert_eq!(
        rows(&database, "SELECT address, body FROM sms ORDER BY _id"),
        [
            "************|please call me at ************ unicorn",
            "************|or write to **************",
            "+16475550148|nothing to see, giraffe",
            "+16475550148|ask 647-555-0148",
        ]
    );
}

#[test]
fn a_log_that_is_held_by_its_path_holds_its_database() {
    let bench = Bench::new();
    STORES[0].make(&bench.tree().join("m.db"), Journal::Log);
    let before = bench.files();
    let hold = bench.run(&["hold", "add", "--path", "m.db-wal", "--reason", "court"]);
    assert_eq!(hold.code, 0, "{}{}", hold.out, hold.err);
    let ran = bench.run(&["redact", "--in-place", "m.db"]);
    assert_eq!(ran.code, 3, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("hold"), "{}", ran.out);
    assert!(bench.files() == before);
}

#[test]
fn rows_of_a_database_that_is_still_in_its_log_are_all_read() {
    let bench = Bench::new();
    let path = bench.tree().join("m.db");
    // More rows than the file itself, which holds no page of them yet, has bytes for.
    let many = "CREATE TABLE t(tel INTEGER);
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 70000)
         INSERT INTO t SELECT 4165550100 + i % 100 FROM n;";
    make(&path, Journal::Log, &["", many]);
    assert!(std::fs::metadata(&path).unwrap().len() <= 4096);
    let file = &bench.scan("m.db", "file")[0];
    assert_eq!(file["status"], "scanned");
    let findings = bench.scan("m.db", "finding");
    assert_eq!(findings.iter().filter(in_row).count(), 70_000);
}

/// Whether a finding is in a row, and not in what is left of one.
fn in_row(finding: &&serde_json::Value) -> bool {
    finding["table"] != "(remnants)"
}
