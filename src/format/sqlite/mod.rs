//! SQLite databases: every text, blob and number of every table, read from a snapshot of the
//! file's bytes.
//!
//! Owns what a database holds and how it is read. It has no bytes to cut, so it is no format of the
//! registry: its rows come as windows of text that bring their reader with them. Writing is
//! `redact`'s, by SQL. What is read: the schema, every row of every table as the last committed
//! transaction left it, of full-text indexes the text they index, and what is left of deleted rows:
//! in pages that belong to no table any more, between rows, in superseded pages of a write-ahead log
//! and in journals that were kept. A rewritten database has nothing of the latter.

mod carve;
mod feed;
mod remnants;
mod rows;
mod schema;
mod sealed;
mod snapshot;
mod sound;

use std::path::Path;
use std::sync::Arc;

use rusqlite::Connection;
use rusqlite::config::DbConfig;

pub(crate) use feed::Feed;
pub(crate) use rows::{Row, RowKey, Rows, Stored};
pub(crate) use schema::{FullText, Key, Schema, Table, Text, quoted};
pub(crate) use sealed::sealed;
pub(crate) use snapshot::{Snapshot, owner};

use crate::raw::database::{Store, open};

/// The name reports show.
pub(crate) const NAME: &str = "sqlite";

/// The rows of the database at `path`.
pub(crate) fn feed(path: &Path) -> Feed {
    match Snapshot::open(path) {
        Ok(snapshot) => Feed::new(Arc::new(snapshot)),
        Err(reason) => Feed::failed_for(reason),
    }
}

/// What the file at `path`, which starts with `head`, is when it stands beside a database and is
/// read with it: its log, the index of that, and what is left of a journal.
pub(crate) fn side(path: &Path, head: &[u8]) -> Option<Feed> {
    owner(path)?;
    if head.starts_with(&snapshot::HOT) {
        return Some(Feed::failed_for(snapshot::HOT_JOURNAL));
    }
    let size = std::fs::metadata(path).map_or(0, |metadata| metadata.len());
    Some(Feed::nothing(size))
}

/// Opens a database that may be anybody's: nothing in its schema is run.
///
/// # Errors
/// What SQLite says.
pub(crate) fn connect(store: Arc<dyn Store>) -> rusqlite::Result<Connection> {
    let database = open(store)?;
    for (config, on) in [
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
    ] {
        database.set_db_config(config, on)?;
    }
    // Cells are checked before they are used; nothing is kept in files of SQLite's own.
    database.execute_batch(
        "PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY; \
         PRAGMA foreign_keys = OFF;",
    )?;
    Ok(database)
}
