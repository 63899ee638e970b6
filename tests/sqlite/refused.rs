//! Databases that are not read or not written are named, end with 3, and stay as they were.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

use rusqlite::Connection;

use crate::bench::Bench;
use crate::stores::{Journal, STORES, make};

/// Python with the database open until it is told to end; `None` where there is no Python.
struct Other(Child);

impl Other {
    fn holding(bench: &Bench, statements: &str) -> Option<Other> {
        let script = format!(
            "import sqlite3, sys\ndb = sqlite3.connect('m.db', isolation_level=None)\n\
             for s in {statements:?}.split(';'): db.execute(s).fetchall()\n\
             print('ready', flush=True)\nsys.stdin.readline()\n"
        );
        let child = Command::new("python3")
            .args(["-c", &script])
            .current_dir(bench.tree())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let mut child = child.ok()?;
        let mut line = String::new();
        let said = BufReader::new(child.stdout.take().unwrap()).read_line(&mut line);
        assert_eq!((said.unwrap(), line.trim()), (6, "ready"));
        Some(Other(child))
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        let _ = self.0.stdin.take().unwrap().write_all(b"\n");
        let _ = self.0.wait();
    }
}

fn assert_refused(bench: &Bench, args: &[&str], says: &str, what: &str) {
    let before = bench.files();
    let ran = bench.run(args);
    assert_eq!(ran.code, 3, "{what}: {}{}", ran.out, ran.err);
    let said = format!("{}{}", ran.out, ran.err);
    assert!(said.contains(says), "{what}: {said}");
    assert!(
        bench.files() == before,
        "{what}: a refused database stays as it was"
    );
}

const REDACT: &[&str] = &["redact", "--in-place", "m.db"];
const SCAN: &[&str] = &["scan", "--format", "jsonl", "m.db"];

#[test]
fn a_database_that_somebody_writes_is_neither_read_nor_written() {
    for journal in [Journal::Rollback, Journal::Log] {
        let bench = Bench::new();
        STORES[0].make(&bench.tree().join("m.db"), journal);
        let begun = "BEGIN IMMEDIATE;UPDATE sms SET body = 'x'";
        let Some(_other) = Other::holding(&bench, begun) else {
            return;
        };
        let what = format!("{journal:?}");
        assert_refused(&bench, SCAN, "\"locked\"", &what);
        assert_refused(&bench, REDACT, "locked", &what);
    }
}

#[test]
fn a_database_that_somebody_has_open_is_read_and_not_written() {
    for journal in [Journal::Rollback, Journal::Log] {
        let bench = Bench::new();
        STORES[0].make(&bench.tree().join("m.db"), journal);
        let Some(_other) = Other::holding(&bench, "SELECT count(*) FROM sms") else {
            return;
        };
        assert_eq!(bench.run(SCAN).code, 1);
        assert_refused(&bench, REDACT, "open for writing", &format!("{journal:?}"));
    }
}

#[test]
fn a_transaction_that_was_cut_short_is_named() {
    let bench = Bench::new();
    STORES[0].make(&bench.tree().join("m.db"), Journal::Rollback);
    let hot = [
        &[0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7][..],
        &[0; 504],
    ]
    .concat();
    std::fs::write(bench.tree().join("m.db-journal"), hot).unwrap();
    assert_refused(&bench, SCAN, "sqlite-hot-journal", "hot journal");
    assert_refused(&bench, REDACT, "sqlite-hot-journal", "hot journal");
}

/// What befalls the bytes of a database with pages of this size.
type Damage = fn(&mut Vec<u8>, usize);

#[test]
fn a_damaged_database_is_never_clean() {
    let bench = Bench::new();
    let path = bench.tree().join("m.db");
    STORES[0].make(&path, Journal::Rollback);
    let whole = std::fs::read(&path).unwrap();
    let page = 4096;
    let damages: &[(&str, Damage)] = &[
        ("cut off", |bytes, page| bytes.truncate(page * 2)),
        ("a root page of zeros", |bytes, page| {
            bytes[page..page * 2].fill(0)
        }),
        ("a wrong page size", |bytes, _| bytes[16] = 3),
        ("no schema", |bytes, page| bytes[100..page].fill(0xff)),
        // The page is empty and its rows are not to be seen: only the structure tells.
        ("a page without its cells", |bytes, page| {
            bytes[page + 3..page + 5].fill(0)
        }),
    ];
    for (what, damage) in damages {
        let mut bytes = whole.clone();
        damage(&mut bytes, page);
        std::fs::write(&path, bytes).unwrap();
        assert_refused(&bench, SCAN, "malformed", what);
        let before = bench.files();
        let ran = bench.run(REDACT);
        assert_eq!(ran.code, 3, "{what}: {}{}", ran.out, ran.err);
        assert!(bench.files() == before, "{what}");
    }
}

#[test]
fn rules_of_the_database_are_kept_or_the_change_is_refused() {
    for (what, sql, args, says) in [
        (
            "a check that no mask can meet",
            "CREATE TABLE t(tel TEXT CHECK (tel GLOB '+[0-9]*')); INSERT INTO t VALUES ('+14165550123');",
            REDACT,
            "rules of the database",
        ),
        (
            "numbers that must differ",
            "CREATE TABLE t(phone INTEGER UNIQUE); INSERT INTO t VALUES (4165550123), (4165550148);",
            REDACT,
            "rules of the database",
        ),
        (
            "rows that others refer to",
            "CREATE TABLE p(id INTEGER PRIMARY KEY, tel TEXT); CREATE TABLE c(p REFERENCES p(id));
             INSERT INTO p VALUES (1, '+14165550123'); INSERT INTO c VALUES (1);",
            &[
                "erase",
                "--records",
                "--subject",
                "+14165550123",
                "--apply",
                "m.db",
            ],
            "rules of the database",
        ),
        (
            "definitions",
            "CREATE TABLE t(mail TEXT DEFAULT 'jo@example.com', n); INSERT INTO t(n) VALUES (1);",
            REDACT,
            "read but not rewritten",
        ),
    ] {
        let bench = Bench::new();
        let path = bench.tree().join("m.db");
        make(&path, Journal::Rollback, &["", sql]);
        let before = bench.files();
        let ran = bench.run(args);
        assert_eq!(ran.code, 3, "{what}: {}{}", ran.out, ran.err);
        assert!(
            format!("{}{}", ran.out, ran.err).contains(says),
            "{what}: {}",
            ran.out
        );
        let definition = what == "definitions";
        assert!(
            definition || bench.files() == before,
            "{what}: a refused database stays"
        );
    }
}

#[test]
fn what_only_its_own_program_can_open_is_named() {
    let bench = Bench::new();
    let path = bench.tree().join("m.db");
    make(
        &path,
        Journal::Rollback,
        &[
            "",
            "CREATE VIRTUAL TABLE words USING fts4(body); INSERT INTO words VALUES ('call 416-555-0123');",
        ],
    );
    let database = Connection::open(&path).unwrap();
    database
        .execute_batch(
            "PRAGMA writable_schema = ON;
             UPDATE sqlite_schema SET sql = replace(sql, 'body', 'body, tokenize=ours') WHERE name = 'words';",
        )
        .unwrap();
    drop(database);
    // The text is found where the index keeps it, the index itself is unread, and nothing is changed.
    let ran = bench.run(SCAN);
    assert_eq!(ran.code, 3, "{}", ran.out);
    assert!(
        ran.out.contains("\"column_name\":\"c0body\""),
        "{}",
        ran.out
    );
    assert_refused(
        &bench,
        REDACT,
        "read but not rewritten",
        "an unknown tokenizer",
    );
}
