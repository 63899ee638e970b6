//! Databases that somebody broke on purpose or that a disk broke by chance: nothing panics, nothing
//! hangs, what is changed is sound and clean, and what is not changed is as it was.

use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};

use crate::bench::Bench;
use crate::stores::{Journal, STORES, rows};

/// More than any of these small files takes on the slowest machine; a hang takes for ever.
const LONGEST: Duration = Duration::from_mins(2);
const EACH: u64 = 24;

/// Numbers that look like chance and are the same each time (Knuth's MMIX generator).
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }
}

/// `bytes` with a few of them changed, a page put in the place of another, a pointer that leads
/// somewhere else, or the end cut off.
fn broken(mut bytes: Vec<u8>, chance: &mut Chance) -> Vec<u8> {
    const PAGE: usize = 512;
    for _ in 0..=chance.below(6) {
        let len = bytes.len();
        match chance.below(10) {
            0..5 => {
                let at = chance.below(len);
                bytes[at] = chance.below(256) as u8;
            }
            5..7 => {
                let at = chance.below(200.min(len));
                bytes[at] = chance.below(256) as u8;
            }
            7 => {
                let (from, to) = (
                    chance.below(len / PAGE) * PAGE,
                    chance.below(len / PAGE) * PAGE,
                );
                bytes.copy_within(from..from + PAGE, to);
            }
            8 => {
                let at = chance.below(len - 4);
                bytes[at..at + 4].copy_from_slice(&[0, 0, 0, chance.below(30) as u8]);
            }
            _ => bytes.truncate(len - chance.below(len / 2)),
        }
    }
    bytes
}

fn run(bench: &Bench, args: &[&str]) -> i32 {
    let started = Instant::now();
    let ran = bench.run(args);
    assert!(started.elapsed() < LONGEST, "{args:?} took too long");
    assert!(!ran.err.contains("panicked"), "{args:?}: {}", ran.err);
    ran.code
}

#[test]
fn broken_databases_neither_stop_nor_fool_a_run() {
    let bench = Bench::new();
    let mut chance = Chance(20);
    for (number, store) in STORES.iter().enumerate() {
        let whole = bench.tree().join("whole.db");
        store.make(&whole, Journal::Rollback);
        let bytes = std::fs::read(&whole).unwrap();
        std::fs::remove_file(&whole).unwrap();
        for n in 0..EACH {
            let path = bench.tree().join(format!("{number}-{n}.db"));
            std::fs::write(path, broken(bytes.clone(), &mut chance)).unwrap();
        }
    }
    let before = bench.files();
    assert_eq!(run(&bench, &["scan", "."]), 3);
    assert!(bench.files() == before, "reading changes nothing");
    assert_eq!(run(&bench, &["redact", "--in-place", "."]), 3);
    let mut changed = 0;
    for ((name, old), (same, new)) in before.into_iter().zip(bench.files()) {
        assert_eq!(name, same, "no file comes or goes");
        if old == new {
            continue;
        }
        changed += 1;
        let path = bench.tree().join(&name);
        let database = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        assert_eq!(rows(&database, "PRAGMA integrity_check"), ["ok"], "{name}");
        let left = bench.scan(&name, "finding");
        assert!(left.is_empty(), "{name}: {left:?}");
    }
    assert!(changed > 0, "some are not broken where it matters");
}

#[test]
fn a_schema_that_would_run_something_runs_nothing() {
    let bench = Bench::new();
    let path = bench.tree().join("m.db");
    let database = Connection::open(&path).unwrap();
    // A trigger that puts the value back, a view that never ends, and a thousand nested brackets.
    database
        .execute_batch(
            "CREATE TABLE t(id INTEGER PRIMARY KEY, tel TEXT);
             INSERT INTO t VALUES (1, '+14165550123');
             CREATE TRIGGER back AFTER UPDATE ON t BEGIN
               UPDATE t SET tel = old.tel WHERE id = old.id; END;
             CREATE VIEW endless AS
               WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT i FROM n;",
        )
        .unwrap();
    let nested = format!("{}'+14165550148'{}", "[".repeat(1000), "]".repeat(1000));
    database
        .execute("INSERT INTO t VALUES (2, ?1)", [&nested])
        .unwrap();
    drop(database);
    assert_eq!(run(&bench, &["scan", "m.db"]), 1);
    assert_eq!(run(&bench, &["redact", "--in-place", "m.db"]), 0);
    let database = Connection::open(&path).unwrap();
    assert_eq!(
        rows(&database, "SELECT tel FROM t WHERE id = 1"),
        ["************"]
    );
    let triggers = "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'";
    assert_eq!(rows(&database, triggers), ["1"]);
}
