//! The catalogue: which sources an index holds, as SQLite.
//!
//! A catalogue is written once, like a segment: a run that changes something works on a copy, which
//! nobody reads before the manifest names it. In clear stand keyed digests, numbers and sizes; what
//! tells of a name or a content is encrypted. It must not know how sources are read.

use std::path::Path;

use rusqlite::{Connection, OpenFlags, OptionalExtension, Params, Row, params};

use super::IndexError;

const SCHEMA: &str = "
CREATE TABLE root(id INTEGER PRIMARY KEY, path BLOB NOT NULL) STRICT;
CREATE TABLE content(id INTEGER PRIMARY KEY, sealed BLOB NOT NULL) STRICT;
CREATE TABLE source(
    id INTEGER PRIMARY KEY, name BLOB NOT NULL UNIQUE, same BLOB NOT NULL, kind BLOB NOT NULL,
    stamp BLOB NOT NULL,
    beside INTEGER NOT NULL, root INTEGER NOT NULL, state INTEGER NOT NULL,
    bytes INTEGER NOT NULL, postings INTEGER NOT NULL, growing BLOB,
    path BLOB NOT NULL, path_content INTEGER NOT NULL,
    facts BLOB NOT NULL, facts_content INTEGER NOT NULL) STRICT;
CREATE INDEX source_same ON source(same);
CREATE TABLE extent(first INTEGER PRIMARY KEY, count INTEGER NOT NULL, source INTEGER NOT NULL,
    skip INTEGER NOT NULL, windows BLOB NOT NULL, content INTEGER NOT NULL) STRICT;
CREATE INDEX extent_source ON extent(source);
CREATE TABLE forgotten(tag BLOB PRIMARY KEY) STRICT;";

const COLUMNS: &str = "SELECT id, name, same, kind, stamp, beside, root, state, bytes, postings, \
                       growing, path, path_content, facts, facts_content FROM source";

/// A source as the catalogue has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Source {
    pub(super) id: u64,
    /// Stands for its path.
    pub(super) name: [u8; 16],
    /// Stands for device, inode, size and modification time: what a new name leaves as it is.
    pub(super) same: [u8; 16],
    /// Stands for the format it was read as, which may change with its name.
    pub(super) kind: [u8; 16],
    /// Stands for all that tells of a change; zeros when it is to be read again in any case.
    pub(super) stamp: [u8; 16],
    /// Whether files beside it, named after it, belong to it.
    pub(super) beside: bool,
    pub(super) root: u64,
    /// The number of its status.
    pub(super) state: u8,
    pub(super) bytes: u64,
    pub(super) postings: u64,
    /// What tells that it has only grown, encrypted for who builds.
    pub(super) growing: Option<Vec<u8>>,
    /// Its path, encrypted for who looks up under the content key of that number.
    pub(super) path: (Vec<u8>, u64),
    /// Its account, likewise.
    pub(super) facts: (Vec<u8>, u64),
}

/// Windows of a source: numbers `first..first + count` are its windows from `skip` on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Extent {
    pub(super) first: u32,
    pub(super) count: u32,
    pub(super) source: u64,
    pub(super) skip: u32,
    /// Where they lie, encrypted for who looks up under the content key of that number; empty where
    /// the source was scanned at once.
    pub(super) windows: (Vec<u8>, u64),
}

impl Extent {
    /// Which of the source's windows has the number; `None` when it is none of these.
    pub(super) fn window(&self, number: u32) -> Option<u32> {
        let at = number.checked_sub(self.first)?;
        (at < self.count).then(|| at + self.skip)
    }
}

/// Numbers of windows that are some source's: `first..first + count`.
pub(super) type Range = (u32, u32);

/// An open catalogue.
pub(super) struct Catalogue(Connection);

type Answer<T> = Result<T, IndexError>;

impl Catalogue {
    /// Opens one to read.
    pub(super) fn open(path: &Path) -> Answer<Catalogue> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(path, flags)?;
        db.execute_batch("PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF;")?;
        db.set_prepared_statement_cache_capacity(STATEMENTS);
        Ok(Catalogue(db))
    }

    /// Opens a copy, or an empty new file, to change it. It is synced by who publishes it, and
    /// thrown away when anything fails, so SQLite need neither sync nor keep a journal.
    pub(super) fn change(path: &Path, is_new: bool) -> Answer<Catalogue> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(path, flags)?;
        db.execute_batch(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;
             PRAGMA temp_store = MEMORY; PRAGMA secure_delete = ON;",
        )?;
        db.set_prepared_statement_cache_capacity(STATEMENTS);
        db.execute_batch("BEGIN")?;
        if is_new {
            db.execute_batch(SCHEMA)?;
        }
        Ok(Catalogue(db))
    }

    /// Ends the changes; everything is in the file.
    pub(super) fn finish(self) -> Answer<()> {
        self.0.execute_batch("COMMIT")?;
        self.0.close().map_err(|(_, error)| error.into())
    }

    fn run(&self, sql: &str, params: impl Params) -> Answer<usize> {
        Ok(self.0.prepare_cached(sql)?.execute(params)?)
    }

    fn one<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Answer<Option<T>> {
        Ok(self
            .0
            .prepare_cached(sql)?
            .query_row(params, read)
            .optional()?)
    }

    fn all<T>(
        &self,
        sql: &str,
        params: impl Params,
        mut read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
        mut each: impl FnMut(T) -> Answer<()>,
    ) -> Answer<()> {
        let mut statement = self.0.prepare_cached(sql)?;
        let mut rows = statement.query(params)?;
        while let Some(row) = rows.next()? {
            each(read(row)?)?;
        }
        Ok(())
    }

    // ---- sources -------------------------------------------------------------------------

    /// Adds a source, or puts it in the place of the one with its number. Another one that has its
    /// name loses it: it is about to get another or to be dropped.
    pub(super) fn put(&self, source: &Source) -> Answer<()> {
        self.run(
            "UPDATE source SET name = randomblob(16) WHERE name = ?1 AND id <> ?2",
            params![source.name, source.id],
        )?;
        self.run(
            "INSERT OR REPLACE INTO source VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15)",
            params![
                source.id,
                source.name,
                source.same,
                source.kind,
                source.stamp,
                source.beside,
                source.root,
                source.state,
                source.bytes,
                source.postings,
                source.growing,
                source.path.0,
                source.path.1,
                source.facts.0,
                source.facts.1
            ],
        )?;
        Ok(())
    }

    /// The source with that name.
    pub(super) fn named(&self, name: &[u8; 16]) -> Answer<Option<Source>> {
        self.one(&format!("{COLUMNS} WHERE name = ?1"), [name], source)
    }

    /// Number, stamp and whether files beside it belong to it, of the source with that name.
    pub(super) fn glance(&self, name: &[u8; 16]) -> Answer<Option<(u64, [u8; 16], bool)>> {
        self.one(
            "SELECT id, stamp, beside FROM source WHERE name = ?1",
            [name],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
    }

    /// A source that had these device, inode, size and modification time.
    pub(super) fn same(&self, same: &[u8; 16]) -> Answer<Option<Source>> {
        self.one(&format!("{COLUMNS} WHERE same = ?1"), [same], source)
    }

    /// The source of that number.
    pub(super) fn source(&self, id: u64) -> Answer<Option<Source>> {
        self.one(&format!("{COLUMNS} WHERE id = ?1"), [id], source)
    }

    /// Every source, by number.
    pub(super) fn sources(&self, each: impl FnMut(Source) -> Answer<()>) -> Answer<()> {
        self.all(&format!("{COLUMNS} ORDER BY id"), [], source, each)
    }

    /// Number and root of every source, by number.
    pub(super) fn numbers(&self, each: impl FnMut((u64, u64)) -> Answer<()>) -> Answer<()> {
        let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
        self.all("SELECT id, root FROM source ORDER BY id", [], read, each)
    }

    /// Takes a source away with its windows; gives how many postings it had.
    pub(super) fn drop(&self, id: u64) -> Answer<u64> {
        let postings = self.one("SELECT postings FROM source WHERE id = ?1", [id], |row| {
            row.get(0)
        })?;
        self.run("DELETE FROM source WHERE id = ?1", [id])?;
        self.run("DELETE FROM extent WHERE source = ?1", [id])?;
        Ok(postings.unwrap_or(0))
    }

    /// How many sources there are of each status with how many bytes, by the number of the status.
    pub(super) fn count(&self) -> Answer<Vec<(u8, u64, u64)>> {
        let mut counts = Vec::new();
        let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        self.all(
            "SELECT state, count(*), sum(bytes) FROM source GROUP BY state ORDER BY state",
            [],
            read,
            |one| {
                counts.push(one);
                Ok(())
            },
        )?;
        Ok(counts)
    }

    // ---- windows -------------------------------------------------------------------------

    /// Adds windows of a source.
    pub(super) fn put_extent(&self, extent: &Extent) -> Answer<()> {
        let (windows, content) = &extent.windows;
        self.run(
            "INSERT OR REPLACE INTO extent VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                extent.first,
                extent.count,
                extent.source,
                extent.skip,
                windows,
                content
            ],
        )?;
        Ok(())
    }

    /// Takes the last window of a source away; gives how many are left.
    pub(super) fn drop_last_window(&self, source: u64) -> Answer<u32> {
        let Some(last) = self.extents_of(source)?.pop() else {
            return Ok(0);
        };
        let (first, count) = (last.first, last.count.saturating_sub(1));
        if count == 0 {
            self.run("DELETE FROM extent WHERE first = ?1", [first])?;
        } else {
            let sql = "UPDATE extent SET count = ?2 WHERE first = ?1";
            self.run(sql, params![first, count])?;
        }
        Ok(last.skip + count)
    }

    /// The last windows that begin at that number or before it.
    pub(super) fn extent_around(&self, number: u32) -> Answer<Option<Extent>> {
        self.one(
            "SELECT first, count, source, skip, windows, content FROM extent WHERE first <= ?1
             ORDER BY first DESC LIMIT 1",
            [number],
            extent,
        )
    }

    /// The numbers of all windows, in order.
    pub(super) fn windows(&self) -> Answer<Vec<Range>> {
        let mut ranges = Vec::new();
        let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
        let sql = "SELECT first, count FROM extent ORDER BY first";
        self.all(sql, [], read, |one| {
            ranges.push(one);
            Ok(())
        })?;
        Ok(ranges)
    }

    /// The windows of a source, in their order in it.
    pub(super) fn extents_of(&self, source: u64) -> Answer<Vec<Extent>> {
        let mut extents = Vec::new();
        let sql = "SELECT first, count, source, skip, windows, content FROM extent \
                   WHERE source = ?1 ORDER BY skip";
        self.all(sql, [source], extent, |one| {
            extents.push(one);
            Ok(())
        })?;
        Ok(extents)
    }

    // ---- roots, content keys, forgotten tags ---------------------------------------------

    /// Adds a root.
    pub(super) fn put_root(&self, id: u64, path: &[u8]) -> Answer<()> {
        self.run(
            "INSERT OR REPLACE INTO root VALUES(?1, ?2)",
            params![id, path],
        )?;
        Ok(())
    }

    /// Takes a root away.
    pub(super) fn drop_root(&self, id: u64) -> Answer<()> {
        self.run("DELETE FROM root WHERE id = ?1", [id])?;
        Ok(())
    }

    /// Number and encrypted path of each root.
    pub(super) fn roots(&self) -> Answer<Vec<(u64, Vec<u8>)>> {
        let mut roots = Vec::new();
        let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
        self.all("SELECT id, path FROM root ORDER BY id", [], read, |one| {
            roots.push(one);
            Ok(())
        })?;
        Ok(roots)
    }

    /// Adds a content key; gives its number.
    pub(super) fn put_content(&self, sealed: &[u8; 32]) -> Answer<u64> {
        self.run("INSERT INTO content(sealed) VALUES(?1)", [sealed])?;
        Ok(self.0.last_insert_rowid().cast_unsigned())
    }

    /// The content key of that number.
    pub(super) fn content(&self, id: u64) -> Answer<Option<[u8; 32]>> {
        self.one("SELECT sealed FROM content WHERE id = ?1", [id], |row| {
            row.get(0)
        })
    }

    /// Takes away the content keys that nothing is encrypted under any more.
    pub(super) fn drop_contents(&self) -> Answer<()> {
        self.run(
            "DELETE FROM content WHERE id NOT IN
             (SELECT path_content FROM source UNION SELECT facts_content FROM source
              UNION SELECT content FROM extent)",
            [],
        )?;
        Ok(())
    }

    /// Remembers that a tag is not to be held.
    pub(super) fn forget(&self, tag: &[u8; 8]) -> Answer<()> {
        self.run("INSERT OR IGNORE INTO forgotten VALUES(?1)", [tag])?;
        Ok(())
    }

    /// The tags that are not to be held.
    pub(super) fn forgotten(&self) -> Answer<Vec<[u8; 8]>> {
        let mut tags = Vec::new();
        let read = |row: &Row<'_>| row.get(0);
        self.all("SELECT tag FROM forgotten ORDER BY tag", [], read, |one| {
            tags.push(one);
            Ok(())
        })?;
        Ok(tags)
    }

    /// What SQLite finds wrong with the file; `None` for nothing.
    pub(super) fn check(&self) -> Answer<bool> {
        let told = self.one("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0))?;
        Ok(told.as_deref() == Some("ok"))
    }
}

/// Statements kept ready.
const STATEMENTS: usize = 32;

fn source(row: &Row<'_>) -> rusqlite::Result<Source> {
    Ok(Source {
        id: row.get(0)?,
        name: row.get(1)?,
        same: row.get(2)?,
        kind: row.get(3)?,
        stamp: row.get(4)?,
        beside: row.get(5)?,
        root: row.get(6)?,
        state: row.get(7)?,
        bytes: row.get(8)?,
        postings: row.get(9)?,
        growing: row.get(10)?,
        path: (row.get(11)?, row.get(12)?),
        facts: (row.get(13)?, row.get(14)?),
    })
}

fn extent(row: &Row<'_>) -> rusqlite::Result<Extent> {
    Ok(Extent {
        first: row.get(0)?,
        count: row.get(1)?,
        source: row.get(2)?,
        skip: row.get(3)?,
        windows: (row.get(4)?, row.get(5)?),
    })
}
