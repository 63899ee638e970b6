//! Changes to SQLite databases: a new file made from nothing but the rows that stay, by SQL.
//!
//! Owns the procedure and its order. The edits are made on pages in a file without a name, laid
//! over the old database and its log, neither of which is written; full-text indexes are made anew;
//! then every row is copied to the new file (`VACUUM INTO`), so that no page of it was ever in use
//! before: what was deleted, now or earlier, has no place to be left in. The copy keeps row ids,
//! page size, encoding, versions and settings, which is checked, and the bytes of the new file are
//! searched for every value that went.
//!
//! Triggers do not run: they are switched off for the connection
//! (`SQLITE_DBCONFIG_ENABLE_TRIGGER`), which changes nothing in the schema, whereas dropping and
//! making them again would, and would not come back from an error half way. So a date that a
//! trigger keeps stays as it was; text that one copied elsewhere is found there by itself.

mod copies;
mod proof;
mod scratch;
mod update;

use std::collections::BTreeSet;
use std::fs::File;
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode};

use super::edits::Edits;
use super::failure::{Failure, Outcome, Reason};
use crate::format::sqlite::{FullText, Key, Schema, Snapshot, Text, connect, quoted};
use crate::raw::database::{Lent, Store, open};
use copies::Copies;
use proof::Removed;
use scratch::{Finished, Scratch};
use update::Update;

const DOING: &str = "cannot change the database";

/// Where the write version stands in a database; the read version stands behind it.
const VERSIONS_AT: u64 = 18;

/// What an error of SQLite is to the run. Its words are not repeated: they may quote a value.
fn failed(error: &rusqlite::Error) -> Failure {
    let reason = match error.sqlite_error_code() {
        Some(ErrorCode::ConstraintViolation) => Reason::Rules,
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Reason::Corrupt,
        Some(ErrorCode::DiskFull) => Reason::NoSpace,
        Some(ErrorCode::SystemIoFailure | ErrorCode::OutOfMemory | ErrorCode::CannotOpen) => {
            Reason::Io
        }
        _ => Reason::Foreign,
    };
    Failure::new(reason, DOING)
}

fn from_io(error: std::io::Error) -> Failure {
    match rustix::io::Errno::from_io_error(&error) {
        Some(errno) => Failure::system(errno, DOING),
        None => Failure::new(Reason::Io, DOING),
    }
}

/// Makes in `new`, an empty file, what the database `old` becomes by `edits`; what is in between
/// lies in `between`, another empty file, whose blocks are overwritten in the end if `scrub`.
///
/// # Errors
/// Why it cannot be done; `old` is untouched then, and `new` of no use.
pub(super) fn rewrite(
    old: &Arc<Snapshot>,
    edits: &mut Edits<'_>,
    between: OwnedFd,
    new: &OwnedFd,
    scrub: bool,
) -> Outcome<()> {
    let scratch = Arc::new(Scratch::new(old.clone(), between).map_err(from_io)?);
    let done = make(old, edits, &scratch, new);
    if scrub {
        scratch.scrub().map_err(from_io)?;
    }
    done
}

fn make(
    old: &Arc<Snapshot>,
    edits: &mut Edits<'_>,
    scratch: &Arc<Scratch>,
    new: &OwnedFd,
) -> Outcome<()> {
    let sql = |error: rusqlite::Error| failed(&error);
    let database = connect(scratch.clone()).map_err(sql)?;
    // Nobody goes back: what fails is thrown away as a whole, so no journal is kept. That is
    // forbidden in defence against SQL of strangers, of which none is run here.
    database
        .set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, false)
        .map_err(sql)?;
    database
        .execute_batch(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA secure_delete = ON;",
        )
        .map_err(sql)?;
    sound(&database)?;
    let schema = Schema::of(&database).map_err(sql)?;
    let dangling = dangling(&database)?;
    let mut removed = Removed::default();
    let (touched, gone) = update(&database, &schema, edits, &mut removed)?;
    indexes(&database, &schema, &touched).map_err(sql)?;
    let file = File::from(new.try_clone().map_err(from_io)?);
    let finished: Arc<dyn Store> = Arc::new(Finished::new(file.try_clone().map_err(from_io)?));
    let lent = Lent::new(finished.clone());
    database
        .execute_batch(&format!("VACUUM main INTO '{}'", lent.name()))
        .map_err(sql)?;
    drop(lent);
    let copy = open(finished).map_err(sql)?;
    sound(&copy)?;
    if gone > 0 && self::dangling(&copy)? > dangling {
        return Err(Failure::new(Reason::Rules, DOING));
    }
    let alike = shape(&database, &schema)? == shape(&copy, &schema)?;
    drop(copy);
    if !alike {
        return Err(Failure::new(Reason::Unverified, DOING));
    }
    let wide = encoding(&database).map_err(sql)?;
    // A database that keeps a log goes on keeping one.
    file.write_all_at(&old.versions(), VERSIONS_AT)
        .map_err(from_io)?;
    removed.prove(&file, wide)
}

/// Makes the edits; the tables that were changed, and how many rows went.
fn update(
    database: &Connection,
    schema: &Schema,
    edits: &mut Edits<'_>,
    removed: &mut Removed,
) -> Outcome<(BTreeSet<String>, u64)> {
    let sql = |error: rusqlite::Error| failed(&error);
    let keeps = |text: &FullText| text.text == Text::Own;
    let copies = schema.full_texts.iter().any(keeps).then(Copies::default);
    let mut update = Update::new(database, copies);
    database.execute_batch("BEGIN").map_err(sql)?;
    let unread = edits.each(|window, derived| {
        for value in &derived.removed {
            removed.add(value);
        }
        match &window.rows {
            Some(rows) => update.window(rows, &window.text, window.offset, &derived.splices),
            None if derived.splices.is_empty() => Ok(()),
            None => Err(Failure::new(Reason::BadEdits, DOING)),
        }
    })?;
    if unread.is_some() {
        return Err(Failure::new(Reason::Changed, DOING));
    }
    let (mut touched, gone) = (std::mem::take(&mut update.touched), update.removed);
    let copies = update.copies.take();
    drop(update);
    if let Some(copies) = copies {
        copies.remove(database, schema, &mut touched).map_err(sql)?;
    }
    database.execute_batch("COMMIT").map_err(sql)?;
    Ok((touched, gone))
}

/// Makes anew what repeats the text of changed tables: full-text indexes and the planner's samples.
///
/// An index that keeps its own text was changed with it, and merging it into one segment leaves
/// out what was deleted. One over another table is built from that again.
fn indexes(
    database: &Connection,
    schema: &Schema,
    touched: &BTreeSet<String>,
) -> rusqlite::Result<()> {
    let is_touched = |name: &str| touched.iter().any(|one| one.eq_ignore_ascii_case(name));
    let is_table = |name: &str| {
        let named = |table: &&Arc<_>| {
            let table: &Arc<crate::format::sqlite::Table> = table;
            table.name.eq_ignore_ascii_case(name)
        };
        schema.tables.iter().find(named).is_some()
    };
    for FullText { name, text } in &schema.full_texts {
        let commands: &[&str] = match text {
            Text::Own if is_touched(name) => &["optimize"],
            // What stands behind a view is not asked: any table may.
            Text::Table(of) if is_touched(of) || (!is_table(of) && !touched.is_empty()) => {
                &["rebuild", "optimize"]
            }
            _ => &[],
        };
        let name = quoted(name);
        for command in commands {
            database.execute_batch(&format!("INSERT INTO {name}({name}) VALUES('{command}')"))?;
        }
    }
    for samples in ["sqlite_stat3", "sqlite_stat4"] {
        let known: i64 = database.query_row(
            "SELECT count(*) FROM sqlite_schema WHERE name = ?1",
            [samples],
            |row| row.get(0),
        )?;
        if known > 0 {
            for table in touched {
                let sql = format!("DELETE FROM {samples} WHERE tbl = ?1");
                database.execute(&sql, [table])?;
            }
        }
    }
    Ok(())
}

/// Refuses a database that SQLite itself finds fault with; rows that were put in against the rules
/// of their table are none.
fn sound(database: &Connection) -> Outcome<()> {
    let checks = |on: &str| {
        database
            .execute_batch(&format!("PRAGMA ignore_check_constraints = {on}"))
            .map_err(|error| failed(&error))
    };
    checks("ON")?;
    let said = database.query_row("PRAGMA integrity_check(1)", [], |row| {
        row.get::<_, String>(0)
    });
    checks("OFF")?;
    match said {
        Ok(said) if said == "ok" => Ok(()),
        Ok(_) => Err(Failure::new(Reason::Corrupt, DOING)),
        Err(error) => Err(failed(&error)),
    }
}

/// How many references lead nowhere.
fn dangling(database: &Connection) -> Outcome<u64> {
    let sql = |error: rusqlite::Error| failed(&error);
    let mut statement = database.prepare("PRAGMA foreign_key_check").map_err(sql)?;
    let mut rows = statement.query([]).map_err(sql)?;
    let mut count = 0;
    loop {
        match rows.next() {
            Ok(Some(_)) => count += 1,
            Ok(None) => return Ok(count),
            // A reference to a table that is not there, or not unique, cannot be checked.
            Err(_) => return Ok(count),
        }
    }
}

/// What a copy must have in common with what it is a copy of: settings, schema, and of each table
/// how many rows there are and which ids they have.
fn shape(database: &Connection, schema: &Schema) -> Outcome<Vec<String>> {
    let sql = |error: rusqlite::Error| failed(&error);
    let mut shape = Vec::new();
    for setting in [
        "page_size",
        "encoding",
        "auto_vacuum",
        "user_version",
        "application_id",
        "default_cache_size",
    ] {
        let value: rusqlite::types::Value = database
            .query_row(&format!("PRAGMA {setting}"), [], |row| row.get(0))
            .map_err(sql)?;
        shape.push(format!("{value:?}"));
    }
    let mut statement = database
        .prepare("SELECT type || ' ' || name || ' ' || tbl_name || ' ' || coalesce(sql, '') FROM sqlite_schema ORDER BY 1")
        .map_err(sql)?;
    let definitions = statement
        .query_map([], |row| row.get::<_, String>(0))
        .map_err(sql)?;
    for definition in definitions {
        shape.push(definition.map_err(sql)?);
    }
    for table in schema.tables.iter().filter(|table| !table.is_virtual) {
        let ids = match table.key {
            // Two rows that changed places would keep the sum, but no copy does that.
            Key::Row(id) if &*table.name != "sqlite_schema" => {
                format!(
                    "count(*) || ' ' || coalesce(min({id}), 0) || ' ' || coalesce(max({id}), 0) || ' ' || total({id})"
                )
            }
            _ => "count(*) || ''".to_owned(),
        };
        let query = format!("SELECT {ids} FROM {}", quoted(&table.name));
        let ids: String = database
            .query_row(&query, [], |row| row.get(0))
            .map_err(sql)?;
        shape.push(ids);
    }
    Ok(shape)
}

/// Whether text is in UTF-16, and if so whether the little end comes first.
fn encoding(database: &Connection) -> rusqlite::Result<Option<bool>> {
    let name: String = database.query_row("PRAGMA encoding", [], |row| row.get(0))?;
    Ok(match name.as_str() {
        "UTF-16le" => Some(true),
        "UTF-16be" => Some(false),
        _ => None,
    })
}
