//! Whether a database is without fault, and what SQLite's own words for a fault are to a report.
//!
//! Owns the check, which runs beside the reading. Knows nothing of what is read.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::ffi;

use super::connect;
use super::snapshot::Snapshot;
use crate::format::Reason;

/// What an error of SQLite is to a report.
pub(super) fn reason_of(error: &rusqlite::Error) -> Reason {
    match error.sqlite_error().map(|error| error.extended_code & 0xff) {
        Some(ffi::SQLITE_CORRUPT | ffi::SQLITE_NOTADB | ffi::SQLITE_FORMAT) => Reason::Malformed,
        Some(ffi::SQLITE_IOERR | ffi::SQLITE_CANTOPEN) => Reason::ReadError,
        Some(ffi::SQLITE_TOOBIG | ffi::SQLITE_NOMEM | ffi::SQLITE_INTERRUPT) => Reason::Limit,
        // A function, collation or module of the program that the database belongs to.
        _ => Reason::Unsupported("sqlite-extension"),
    }
}

/// What SQLite says of the pages of a database.
pub(super) enum Sound {
    Yes,
    No,
    /// It cannot be judged without the program that it belongs to.
    Unknown,
}

/// Whether SQLite finds no fault with the pages of a database.
pub(super) fn is_sound(snapshot: &Arc<Snapshot>, left: Arc<AtomicBool>) -> Sound {
    /// Steps of SQLite's machine between two looks at whether anybody still asks.
    const STEPS: i32 = 100_000;
    let check = move || -> rusqlite::Result<String> {
        let mut database = connect(snapshot.clone())?;
        // A row that a rule of its table forbids is there all the same.
        database.execute_batch("PRAGMA ignore_check_constraints = ON")?;
        database.progress_handler(STEPS, Some(move || left.load(Ordering::Relaxed)))?;
        database.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
    };
    match check() {
        Ok(said) if said == "ok" => Sound::Yes,
        Ok(_) => Sound::No,
        Err(error) if reason_of(&error) == Reason::Malformed => Sound::No,
        Err(_) => Sound::Unknown,
    }
}
