//! What goes is gone from every byte, what stays is as it was: each kind of journal with each kind
//! of index, redacted and erased.

use rusqlite::{Connection, OpenFlags};

use crate::bench::Bench;
use crate::stores::{Journal, STORES, Store, rows};

/// What is done, and what the tables hold then. Dates, ids and the other cells are those of the
/// rows as they were made, also where a trigger of the database would have changed them.
struct Deed {
    args: &'static [&'static str],
    /// Pieces of values that must be nowhere.
    gone: &'static [&'static str],
    /// A word that was and is not, and one that is found as often as is said.
    lost: &'static str,
    kept: (&'static str, i64),
    sms: &'static [&'static str],
    threads: &'static [&'static str],
    loose: &'static [&'static str],
}

const THREADS: &[&str] = &[
    "1|1398441600000|see you at noon",
    "2|1398441700000|ask 647-555-0148",
];

const DEEDS: &[Deed] = &[
    Deed {
        args: &["redact", "--in-place", "m.db"],
        gone: &[
            "4165550123",
            "6475550148",
            "555-0199",
            "555-0148",
            "jo@example.com",
        ],
        lost: "0199",
        kept: ("giraffe", 1),
        sms: &[
            "1|1|************|1398441600000|please call me at ************ unicorn",
            "2|1|************|1398441600001|or write to **************",
            "3|2|************|1398441600002|nothing to see, giraffe",
            "9|2|************|1398441600003|ask ************",
        ],
        threads: &[
            "1|1398441600000|see you at noon",
            "2|1398441700000|ask ************",
        ],
        loose: &[
            "3|************|first",
            "7|-|second",
            "1000000007|************|third",
        ],
    },
    Deed {
        args: &[
            "erase",
            "--records",
            "--subject",
            "+14165550123",
            "--apply",
            "m.db",
        ],
        gone: &["4165550123", "555-0199", "jo@example.com", "unicorn"],
        lost: "unicorn",
        kept: ("giraffe", 1),
        sms: &[
            "3|2|+16475550148|1398441600002|nothing to see, giraffe",
            "9|2|+16475550148|1398441600003|ask 647-555-0148",
        ],
        threads: THREADS,
        loose: &["7|-|second", "1000000007|+16475550148|third"],
    },
    Deed {
        args: &[
            "erase",
            "--values",
            "--subject",
            "jo@example.com",
            "--apply",
            "m.db",
        ],
        gone: &["jo@example.com"],
        lost: "jo",
        kept: ("unicorn", 1),
        sms: &[
            "1|1|+14165550123|1398441600000|please call me at 416-555-0199 unicorn",
            "2|1|+14165550123|1398441600001|or write to **************",
            "3|2|+16475550148|1398441600002|nothing to see, giraffe",
            "9|2|+16475550148|1398441600003|ask 647-555-0148",
        ],
        threads: THREADS,
        loose: &[
            "3|+14165550123|first",
            "7|-|second",
            "1000000007|+16475550148|third",
        ],
    },
];

const SETTINGS: &[&str] = &[
    "page_size",
    "encoding",
    "auto_vacuum",
    "user_version",
    "application_id",
    "journal_mode",
];

/// Settings and schema, which no deed changes.
fn shape(database: &Connection) -> Vec<String> {
    let settings = SETTINGS
        .iter()
        .flat_map(|name| rows(database, &format!("PRAGMA {name}")));
    let schema = "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name";
    settings.chain(rows(database, schema)).collect()
}

/// Text as UTF-8 and as both kinds of UTF-16.
fn spellings(text: &str) -> [Vec<u8>; 3] {
    let units = || text.encode_utf16();
    [
        text.as_bytes().to_vec(),
        units().flat_map(u16::to_le_bytes).collect(),
        units().flat_map(u16::to_be_bytes).collect(),
    ]
}

fn check(store: &Store, journal: Journal, deed: &Deed) {
    let at = format!("{}, {journal:?}, {}", store.name, deed.args.join(" "));
    let bench = Bench::new();
    let path = bench.tree().join("m.db");
    store.make(&path, journal);
    let whole: Vec<u8> = bench
        .files()
        .into_iter()
        .flat_map(|(_, bytes)| bytes)
        .collect();
    for gone in deed.gone {
        let found = spellings(gone)
            .iter()
            .any(|one| memchr::memmem::find(&whole, one).is_some());
        assert!(found, "{at}: {gone} is there at first");
    }
    // Opening a database with a log may change it, so the shape is that of one without.
    let twin = Bench::new();
    store.make(&twin.tree().join("m.db"), Journal::Rollback);
    let before = shape(&Connection::open(twin.tree().join("m.db")).unwrap());

    let ran = bench.run(deed.args);
    assert_eq!(ran.code, 0, "{at}: {}{}", ran.out, ran.err);
    let files = bench.files();
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        ["m.db"],
        "{at}: what stands beside it went with the old file"
    );
    for gone in deed.gone {
        for spelling in spellings(gone) {
            let traces = memchr::memmem::find_iter(&files[0].1, &spelling).count();
            assert_eq!(traces, 0, "{at}: traces of {gone}");
        }
    }
    // A database that keeps a log says so in its header.
    assert_eq!(
        files[0].1[18..20],
        if journal == Journal::Log {
            [2, 2]
        } else {
            [1, 1]
        },
        "{at}"
    );

    let again = bench.run(deed.args);
    let nothing = again.out.starts_with("nothing to change");
    assert!(
        nothing || again.code == 1,
        "{at}: {} {}",
        again.out,
        again.err
    );
    assert_eq!(
        bench.files()[0].1,
        files[0].1,
        "{at}: a second run changes nothing"
    );

    if let Some(said) = bench.python(&[READER, "m.db"]) {
        let count = |rows: &[&str]| rows.len();
        let expected = format!(
            "ok {} {} {}",
            count(deed.sms),
            count(deed.threads),
            count(deed.loose)
        );
        assert_eq!(said, expected, "{at}: the independent reader");
    }
    let database = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap();
    assert_eq!(rows(&database, "PRAGMA integrity_check"), ["ok"], "{at}");
    let mut after = shape(&database);
    if journal == Journal::Log {
        "delete".clone_into(&mut after[SETTINGS.len() - 1]);
    }
    assert_eq!(after, before, "{at}");
    assert_eq!(
        rows(&database, "SELECT * FROM sms ORDER BY _id"),
        deed.sms,
        "{at}"
    );
    assert_eq!(
        rows(&database, "SELECT * FROM threads ORDER BY _id"),
        deed.threads,
        "{at}"
    );
    let loose = rows(&database, "SELECT rowid, * FROM loose ORDER BY rowid");
    assert_eq!(loose, deed.loose, "{at}");
    if let Some(search) = store.search {
        let count = |word: &str| {
            database
                .query_row(search, [word], |row| row.get::<_, i64>(0))
                .unwrap()
        };
        assert_eq!(count(deed.lost), 0, "{at}: {} in the index", deed.lost);
        assert_eq!(
            count(deed.kept.0),
            deed.kept.1,
            "{at}: {} in the index",
            deed.kept.0
        );
    }
}

/// Integrity and numbers of rows as Python's SQLite sees them.
const READER: &str = "
import sqlite3, sys
db = sqlite3.connect('file:' + sys.argv[1] + '?immutable=1', uri=True)
one = lambda sql: str(db.execute(sql).fetchone()[0])
print(one('PRAGMA integrity_check'), *(one('SELECT count(*) FROM ' + t) for t in ('sms', 'threads', 'loose')))
";

#[test]
fn what_goes_leaves_no_trace_and_what_stays_is_as_it_was() {
    for store in STORES {
        for journal in [Journal::Rollback, Journal::Log] {
            for deed in DEEDS {
                check(store, journal, deed);
            }
        }
    }
}
