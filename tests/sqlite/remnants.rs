//! What is left of deleted rows is found, told as what it is, and goes with the first change.

use rusqlite::Connection;

use crate::bench::Bench;

/// What is done to a database whose only copy of a number is then left over, and what the number
/// is found in.
const LEFT: &[(&str, &str, &str)] = &[
    (
        "a deleted row",
        "DELETE FROM calls WHERE id = 2;",
        "free space",
    ),
    ("a dropped table", "DROP TABLE calls;", "free page"),
    (
        "a shortened cell",
        "UPDATE calls SET note = 'x' WHERE id = 2;",
        "free space",
    ),
    (
        "a number on a free page",
        "DELETE FROM calls WHERE id IN (2, 4); VACUUM; DROP TABLE calls;",
        "free page",
    ),
    (
        "a long cell",
        "UPDATE calls SET note = 'x' WHERE id = 4;",
        "free page",
    ),
    ("a number", "DELETE FROM calls WHERE id = 3;", "free space"),
];

fn made(bench: &Bench, name: &str, settings: &str) -> Connection {
    let database = Connection::open(bench.tree().join(name)).unwrap();
    database.execute_batch(settings).unwrap();
    let long = "y".repeat(9000);
    database
        .execute_batch(&format!(
            "PRAGMA secure_delete = OFF;
             CREATE TABLE calls (id INTEGER PRIMARY KEY, note TEXT, number INTEGER);
             CREATE TABLE other (id INTEGER PRIMARY KEY, note TEXT);
             INSERT INTO calls VALUES (1, 'nothing', NULL), (2, 'call +1 416-555-0123 back, and then nothing more', NULL),
                (3, 'as a number', 14165550123), (4, '{long} (416) 555-0123 {long}', NULL),
                (5, 'nothing either', NULL);
             INSERT INTO other VALUES (1, 'nothing at all');"
        ))
        .unwrap();
    database
}

/// Takes every number away but that which `left` leaves, so that no row has one.
fn leave(database: &Connection, sql: &str) {
    database.execute_batch(sql).unwrap();
}

/// Where the number is found, by table, column, and whether its place is within the page.
fn found(bench: &Bench, name: &str) -> Vec<(String, String)> {
    let lines = bench.scan(name, "finding");
    let phone = |line: &&serde_json::Value| line["canonical"] == "+14165550123";
    let word = |line: &serde_json::Value, key: &str| line[key].as_str().unwrap().to_owned();
    let place = |line: &serde_json::Value| (word(line, "table"), word(line, "column_name"));
    lines.iter().filter(phone).map(place).collect()
}

#[test]
fn what_is_left_of_a_row_is_found_and_goes() {
    for encoding in ["UTF-8", "UTF-16le"] {
        for (what, sql, column) in LEFT {
            if what.starts_with("a number") && encoding != "UTF-8" {
                continue;
            }
            let bench = Bench::new();
            let database = made(&bench, "m.db", &format!("PRAGMA encoding = '{encoding}'"));
            // Copies of pages that were never left over would show what is looked for as well.
            database.execute_batch("VACUUM").unwrap();
            leave(&database, sql);
            drop(database);
            let places = found(&bench, "m.db");
            let left = ("(remnants)".to_owned(), (*column).to_owned());
            assert!(places.contains(&left), "{what}, {encoding}: {places:?}");
            assert_eq!(bench.run(&["scan", "m.db"]).code, 1, "{what}");

            let ran = bench.run(&["redact", "--in-place", "m.db"]);
            assert_eq!(ran.code, 0, "{what}: {}{}", ran.out, ran.err);
            assert_eq!(found(&bench, "m.db"), [], "{what}");
            assert_eq!(bench.run(&["scan", "m.db"]).code, 0, "{what}");
            let again = bench.run(&["redact", "--in-place", "m.db"]);
            assert!(again.out.starts_with("nothing to change"), "{}", again.out);
        }
    }
}

/// A database in which nothing else is found, with a log or a journal that holds the number.
#[test]
fn logs_and_journals_that_were_kept_are_looked_at() {
    for (mode, column) in [("WAL", "write-ahead log"), ("PERSIST", "rollback journal")] {
        let bench = Bench::new();
        let path = bench.tree().join("m.db");
        let database = Connection::open(&path).unwrap();
        database
            .execute_batch(&format!(
                "PRAGMA journal_mode = {mode}; PRAGMA secure_delete = ON;
                 CREATE TABLE calls (id INTEGER PRIMARY KEY, note TEXT);
                 INSERT INTO calls VALUES (1, 'call 416-555-0123');
                 UPDATE calls SET note = 'nothing';"
            ))
            .unwrap();
        // What SQLite would tidy away when the last one leaves is kept, as after a kill.
        let kept: Vec<(String, Vec<u8>)> = bench.files();
        drop(database);
        for (name, bytes) in kept {
            std::fs::write(bench.tree().join(name), bytes).unwrap();
        }
        let places = found(&bench, "m.db");
        let left = ("(remnants)".to_owned(), column.to_owned());
        assert!(places.contains(&left), "{mode}: {places:?}");
        let ran = bench.run(&["redact", "--in-place", "."]);
        assert_eq!(ran.code, 0, "{mode}: {}{}", ran.out, ran.err);
        assert_eq!(bench.run(&["scan", "."]).code, 0, "{mode}");
        let mut after = bench.files().into_iter();
        let clean = |(_, bytes): (_, Vec<u8>)| memchr::memmem::find(&bytes, b"555-0123").is_none();
        assert!(after.all(clean), "{mode}");
    }
}

/// A person's remnants are the person's: they are found and erased.
#[test]
fn what_is_left_of_a_person_is_erased() {
    let bench = Bench::new();
    let database = made(&bench, "m.db", "");
    leave(&database, "DELETE FROM calls;");
    drop(database);
    assert_eq!(bench.run(&["find", "+14165550123", "m.db"]).code, 0);
    let args = ["erase", "--subject", "+14165550123", "--apply", "m.db"];
    let ran = bench.run(&args);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert_eq!(bench.run(&["find", "+14165550123", "m.db"]).code, 1);
}

/// Encrypted stores have no signature; they are named and never clean.
#[test]
fn encrypted_stores_are_named() {
    let bench = Bench::new();
    let chance = |i: u32| (i.wrapping_mul(2_654_435_761) >> 13) as u8;
    let bytes: Vec<u8> = (0..8192).map(chance).collect();
    for name in ["signal.db", "msgstore.db.crypt14", "key.sqlite"] {
        std::fs::write(bench.tree().join(name), &bytes).unwrap();
        let file = &bench.scan(name, "file")[0];
        assert_eq!(file["status"], "skipped", "{name}");
        assert_eq!(file["reason"], "unsupported:encrypted-database", "{name}");
        assert_eq!(bench.run(&["scan", name]).code, 3, "{name}");
        let ran = bench.run(&["redact", "--in-place", name]);
        assert_eq!(ran.code, 3, "{name}: {}", ran.out);
    }
}
