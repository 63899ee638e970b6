//! The databases that the tests make.

use std::path::Path;

use rusqlite::Connection;
use rusqlite::config::DbConfig;

/// How a database keeps its last transactions safe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Journal {
    /// They are in the file.
    Rollback,
    /// They are in the log beside it, and not yet in the file.
    Log,
}

/// A database of messages as phones keep them, with a full-text index of its own kind.
pub(crate) struct Store {
    pub(crate) name: &'static str,
    pub(crate) settings: &'static str,
    /// The index, and the triggers that keep it.
    pub(crate) index: &'static str,
    /// A query whose parameter is a word to look for in the index.
    pub(crate) search: Option<&'static str>,
}

/// Messages, threads with dates that a trigger keeps, and a table without a primary key whose row
/// ids have gaps.
pub(crate) const TABLES: &str = "
CREATE TABLE sms(_id INTEGER PRIMARY KEY, thread INTEGER, address TEXT, date INTEGER, body TEXT);
CREATE TABLE threads(_id INTEGER PRIMARY KEY, date INTEGER, snippet TEXT);
CREATE TABLE loose(address TEXT, note TEXT);
CREATE TRIGGER touch AFTER UPDATE ON sms BEGIN
  UPDATE threads SET date = strftime('%s','now') * 1000, snippet = new.body WHERE _id = new.thread;
END;
CREATE TRIGGER gone AFTER DELETE ON sms BEGIN
  UPDATE threads SET date = strftime('%s','now') * 1000 WHERE _id = old.thread;
END;
";

/// What stands in the tables; the first person's number is the one that is asked for.
pub(crate) const ROWS: &str = "
INSERT INTO threads VALUES (1, 1398441600000, 'see you at noon'), (2, 1398441700000, 'ask 647-555-0148');
INSERT INTO sms VALUES
 (1, 1, '+14165550123', 1398441600000, 'please call me at 416-555-0199 unicorn'),
 (2, 1, '+14165550123', 1398441600001, 'or write to jo@example.com'),
 (3, 2, '+16475550148', 1398441600002, 'nothing to see, giraffe'),
 (9, 2, '+16475550148', 1398441600003, 'ask 647-555-0148');
INSERT INTO loose(rowid, address, note) VALUES
 (3, '+14165550123', 'first'), (7, NULL, 'second'), (1000000007, '+16475550148', 'third');
";

/// Rows that are deleted again, so that what they held stays on free pages and between rows.
pub(crate) const BEFORE: &str = "
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400)
INSERT INTO sms SELECT 100 + i, 1, '+14165550123', i, 'old message 416-555-0199 to jo@example.com ' || i FROM n;
DELETE FROM sms WHERE _id > 100;
";

pub(crate) const STORES: &[Store] = &[
    Store {
        name: "no index",
        settings: "",
        index: "CREATE INDEX by_address ON sms(address);",
        search: None,
    },
    Store {
        name: "settings",
        settings: "PRAGMA page_size = 8192; PRAGMA auto_vacuum = FULL; PRAGMA encoding = 'UTF-16le';
                   PRAGMA user_version = 67; PRAGMA application_id = 252006674;",
        index: "CREATE INDEX by_address ON sms(address) WHERE address LIKE '+1%'; ANALYZE;",
        search: None,
    },
    Store {
        name: "small pages, incremental, big-endian",
        settings: "PRAGMA page_size = 512; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA encoding = 'UTF-16be';",
        index: "CREATE VIEW numbers AS SELECT address FROM sms;",
        search: None,
    },
    Store {
        name: "fts3",
        settings: "",
        index: "CREATE VIRTUAL TABLE words USING fts3(_id INTEGER PRIMARY KEY, index_text TEXT, source INTEGER);
                CREATE TRIGGER words_in AFTER INSERT ON sms BEGIN
                  INSERT INTO words(docid, _id, index_text, source) VALUES (new._id, new._id, new.body, 1); END;
                CREATE TRIGGER words_up AFTER UPDATE ON sms BEGIN
                  UPDATE words SET index_text = new.body WHERE docid = new._id; END;
                CREATE TRIGGER words_out AFTER DELETE ON sms BEGIN
                  DELETE FROM words WHERE docid = old._id; END;",
        search: Some("SELECT count(*) FROM words WHERE index_text MATCH ?1"),
    },
    Store {
        name: "fts4",
        settings: "",
        index: "CREATE VIRTUAL TABLE words USING fts4(body, tokenize=porter);
                CREATE TRIGGER words_in AFTER INSERT ON sms BEGIN
                  INSERT INTO words(docid, body) VALUES (new._id, new.body); END;
                CREATE TRIGGER words_out AFTER DELETE ON sms BEGIN
                  DELETE FROM words WHERE docid = old._id; END;",
        search: Some("SELECT count(*) FROM words WHERE words MATCH ?1"),
    },
    Store {
        name: "fts4 over a table",
        settings: "",
        index: "CREATE VIRTUAL TABLE words USING fts4(content=\"sms\", body);
                CREATE TRIGGER words_out BEFORE DELETE ON sms BEGIN
                  DELETE FROM words WHERE docid = old._id; END;
                CREATE TRIGGER words_in AFTER INSERT ON sms BEGIN
                  INSERT INTO words(docid, body) VALUES (new._id, new.body); END;",
        search: Some("SELECT count(*) FROM words WHERE words MATCH ?1"),
    },
    Store {
        name: "fts5",
        settings: "",
        index: "CREATE VIRTUAL TABLE words USING fts5(body, address UNINDEXED, prefix='2 3');
                CREATE TRIGGER words_in AFTER INSERT ON sms BEGIN
                  INSERT INTO words(rowid, body, address) VALUES (new._id, new.body, new.address); END;
                CREATE TRIGGER words_out AFTER DELETE ON sms BEGIN
                  DELETE FROM words WHERE rowid = old._id; END;",
        search: Some("SELECT count(*) FROM words WHERE words MATCH ?1"),
    },
    Store {
        name: "fts5 over a table",
        settings: "",
        index: "CREATE VIRTUAL TABLE words USING fts5(body, content='sms', content_rowid='_id');
                CREATE TRIGGER words_in AFTER INSERT ON sms BEGIN
                  INSERT INTO words(rowid, body) VALUES (new._id, new.body); END;
                CREATE TRIGGER words_out AFTER DELETE ON sms BEGIN
                  INSERT INTO words(words, rowid, body) VALUES ('delete', old._id, old.body); END;",
        search: Some("SELECT count(*) FROM words WHERE words MATCH ?1"),
    },
];

/// Makes a database that nobody has open.
pub(crate) fn make(path: &Path, journal: Journal, sql: &[&str]) {
    let database = Connection::open(path).unwrap();
    // What is deleted stays where it was, as on most devices.
    database
        .execute_batch("PRAGMA secure_delete = OFF; PRAGMA foreign_keys = OFF;")
        .unwrap();
    let (last, first) = sql.split_last().unwrap();
    for part in first {
        database.execute_batch(part).unwrap();
    }
    if journal == Journal::Log {
        database
            .execute_batch("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;")
            .unwrap();
        database
            .set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)
            .unwrap();
    }
    database.execute_batch(last).unwrap();
    drop(database);
    let log = path.with_extension("db-wal");
    assert_eq!(log.exists(), journal == Journal::Log, "{}", log.display());
}

impl Store {
    pub(crate) fn make(&self, path: &Path, journal: Journal) {
        make(
            path,
            journal,
            &[self.settings, TABLES, self.index, BEFORE, ROWS],
        );
    }
}

/// Rows as text, column by column.
pub(crate) fn rows(database: &Connection, query: &str) -> Vec<String> {
    let mut statement = database.prepare(query).unwrap();
    let columns = statement.column_count();
    statement
        .query_map([], |row| {
            let cells: Vec<String> = (0..columns)
                .map(|at| match row.get(at).unwrap() {
                    rusqlite::types::Value::Null => "-".to_owned(),
                    rusqlite::types::Value::Integer(number) => number.to_string(),
                    rusqlite::types::Value::Real(number) => format!("{number:?}"),
                    rusqlite::types::Value::Text(text) => text,
                    rusqlite::types::Value::Blob(bytes) => format!("x{}", bytes.escape_ascii()),
                })
                .collect();
            Ok(cells.join("|"))
        })
        .unwrap()
        .map(Result::unwrap)
        .collect()
}
