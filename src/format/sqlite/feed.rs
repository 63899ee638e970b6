//! Reads a database from its first table to its last, on a thread of its own, and hands its rows
//! over in windows.
//!
//! Owns the pace and the limits of reading. Knows nothing of what is looked for.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use rusqlite::Connection;
use rusqlite::limits::Limit;
use rusqlite::types::{Value, ValueRef};

use super::connect;
use super::remnants::{self, Kind, Piece, Unread};
use super::rows::{CellAt, Row, RowKey, Rows, Stored};
use super::schema::{Key, Schema, Table, left_over, quoted};
use super::snapshot::Snapshot;
use super::sound::{Sound, is_sound, reason_of};
use crate::format::objects::is_archive;
use crate::format::{Reason, is_text, recognise};
use crate::raw::database::Store;
use crate::source::reason_of as io_reason_of;

/// Bytes of text in a window, as elsewhere: what stays in a core's own cache.
const WINDOW: usize = 192 * 1024;
/// The longest row, in bytes: a window holds it whole, and a run holds many windows (R9). SQLite
/// itself allows a thousand million.
const LONGEST_ROW: i32 = 4 << 20;
/// The most bytes of a cell that is not text in which text is looked for: structures with strings
/// are short, pictures and sound are not.
const LONGEST_BINARY: usize = 64 << 10;
/// Windows that are read before they are asked for.
const AHEAD: usize = 2;
/// The fewest digits of a number that can be somebody's: a card's security code has three.
const SMALLEST: i64 = 100;
/// Numbers beyond it are not whole in a REAL (2 to the 53rd).
const WHOLE: f64 = 9_007_199_254_740_992.0;

/// What comes from the reading thread.
enum Read {
    Window(Vec<u8>, Rows),
    /// Something was not read.
    Unread(Reason),
    /// It came to the end of what it could read; the reason why it is not the end of all.
    End(Option<Reason>),
}

/// The windows of a database.
pub(crate) struct Feed {
    coming: Option<Receiver<Read>>,
    thread: Option<JoinHandle<()>>,
    snapshot: Option<Arc<Snapshot>>,
    /// Read and not yet asked for.
    next: Option<(Vec<u8>, Rows)>,
    ended: bool,
    failed: Option<Reason>,
    unread: Option<Reason>,
    /// Text handed out so far.
    offset: u64,
    /// Bytes of the file.
    size: u64,
}

impl Feed {
    /// Starts to read: all rows, and behind them what is left of deleted ones.
    pub(crate) fn new(snapshot: Arc<Snapshot>) -> Feed {
        Feed::reading(snapshot, true)
    }

    /// Starts to read the rows alone.
    pub(crate) fn of_rows(snapshot: Arc<Snapshot>) -> Feed {
        Feed::reading(snapshot, false)
    }

    fn reading(snapshot: Arc<Snapshot>, remnants: bool) -> Feed {
        let (out, coming) = sync_channel(AHEAD);
        let read = snapshot.clone();
        let thread = std::thread::Builder::new().spawn(move || {
            let end = read_all(&read, remnants, &out).err();
            // Nobody asks any more when it cannot be sent.
            let _ = out.send(Read::End(end.flatten()));
        });
        let size = snapshot.stored();
        let failed = thread.is_err().then_some(Reason::Limit);
        Feed {
            coming: Some(coming),
            thread: thread.ok(),
            snapshot: Some(snapshot),
            next: None,
            ended: false,
            failed,
            unread: None,
            offset: 0,
            size,
        }
    }

    /// Of a database that cannot be read, for a reason.
    pub(crate) fn failed_for(reason: Reason) -> Feed {
        let mut feed = Feed::nothing(0);
        feed.failed = Some(reason);
        feed
    }

    /// Of a file of `size` bytes that holds no rows of its own.
    pub(crate) fn nothing(size: u64) -> Feed {
        Feed {
            coming: None,
            thread: None,
            snapshot: None,
            next: None,
            ended: true,
            failed: None,
            unread: None,
            offset: 0,
            size,
        }
    }

    /// What is read.
    pub(crate) fn snapshot(&self) -> Option<&Arc<Snapshot>> {
        self.snapshot.as_ref()
    }

    /// Bytes of the file; 0 when it could not be opened.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Why not all could be read.
    pub(crate) fn failed(&self) -> Option<Reason> {
        self.failed
    }

    /// Why something was left out that could be told from the rest.
    pub(crate) fn unread(&self) -> Option<Reason> {
        self.unread
    }

    /// Whether all windows were handed out.
    pub(crate) fn is_done(&self) -> bool {
        self.ended && self.next.is_none()
    }

    /// The text of the next window, its offset among all text of the database, and its rows.
    pub(crate) fn next(&mut self) -> Option<(Vec<u8>, u64, Rows)> {
        if self.next.is_none() {
            self.receive();
        }
        let (text, rows) = self.next.take()?;
        let offset = self.offset;
        self.offset += text.len() as u64;
        // Whether it was the last has to be known when it is handed out.
        self.receive();
        Some((text, offset, rows))
    }

    fn receive(&mut self) {
        while !self.ended && self.next.is_none() {
            let read = self.coming.as_ref().and_then(|coming| coming.recv().ok());
            match read {
                Some(Read::Window(text, rows)) => self.next = Some((text, rows)),
                Some(Read::Unread(reason)) => self.unread = self.unread.or(Some(reason)),
                Some(Read::End(reason)) => {
                    self.failed = self.failed.or(reason);
                    self.ended = true;
                    self.join();
                }
                // The thread died: what it had not read nobody has.
                None => {
                    self.failed = self.failed.or(Some(Reason::ReadError));
                    self.ended = true;
                    self.join();
                }
            }
        }
    }

    fn join(&mut self) {
        self.coming = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        // The thread ends at its next window, and with it the files are closed.
        self.join();
    }
}

/// Whoever took the windows has left.
struct Left;

type Sent = Result<(), Left>;

/// Sends everything; the reason of what stops the reading as a whole, `None` inside when nobody
/// asks any more.
fn read_all(
    snapshot: &Arc<Snapshot>,
    remnants: bool,
    out: &SyncSender<Read>,
) -> Result<(), Option<Reason>> {
    // A damaged page may hide rows without any error on the way past it, so the whole structure is
    // looked at, at the same time: it takes a third of the time that reading takes.
    let left = Arc::new(AtomicBool::new(false));
    std::thread::scope(|scope| {
        let check = scope.spawn(|| is_sound(snapshot, left.clone()));
        let read = read_tables(snapshot, out);
        left.store(matches!(read, Err(None)), Ordering::Relaxed);
        let unread = |reason| out.send(Read::Unread(reason)).map_err(|_| None);
        match check.join() {
            _ if read.is_err() => read,
            // Pages that lead in circles would be followed on and on, so only of a database without
            // fault it is asked which page is which.
            Ok(Sound::Yes) if remnants => read_remnants(snapshot, out),
            Ok(Sound::Yes) => read,
            Ok(Sound::Unknown) => unread(Reason::Unsupported("sqlite-extension")),
            _ => unread(Reason::Malformed),
        }
    })
}

fn read_tables(snapshot: &Arc<Snapshot>, out: &SyncSender<Read>) -> Result<(), Option<Reason>> {
    let stopped = |error: rusqlite::Error| Some(reason_of(&error));
    let database = connect(snapshot.clone()).map_err(stopped)?;
    database
        .set_limit(Limit::SQLITE_LIMIT_LENGTH, LONGEST_ROW)
        .map_err(stopped)?;
    let schema = Schema::of(&database).map_err(stopped)?;
    let mut filling = Filling::new(snapshot, out);
    let left = |_: Left| None;
    if schema.has_textless {
        filling
            .unread(Reason::Unsupported("sqlite-textless-index"))
            .map_err(left)?;
    }
    for table in &schema.tables {
        if let Err(error) = filling.table(&database, table) {
            match error {
                Stop::Left => return Err(None),
                Stop::Sqlite(error) => filling.unread(reason_of(&error)).map_err(left)?,
                Stop::Circle => filling.unread(Reason::Malformed).map_err(left)?,
            }
        }
    }
    filling.flush().map_err(left)?;
    if snapshot.is_unchanged() {
        Ok(())
    } else {
        Err(Some(Reason::Locked))
    }
}

/// Reads what is left of deleted rows, in a database whose pages are sound.
fn read_remnants(snapshot: &Arc<Snapshot>, out: &SyncSender<Read>) -> Result<(), Option<Reason>> {
    let database = connect(snapshot.clone()).map_err(|error| Some(reason_of(&error)))?;
    let mut filling = Filling::new(snapshot, out);
    let left = |_: Left| None;
    let table = Arc::new(left_over());
    let take = |kind, page, pieces: &[Piece]| filling.remnant(&table, kind, page, pieces);
    match remnants::each(&database, snapshot, take) {
        Ok(()) => {}
        Err(Unread::Stopped(Left)) => return Err(None),
        Err(Unread::Sqlite(error)) => filling.unread(reason_of(&error)).map_err(left)?,
        Err(Unread::Io(error)) => filling.unread(io_reason_of(&error)).map_err(left)?,
        Err(Unread::TooMany) => filling.unread(Reason::Limit).map_err(left)?,
    }
    filling.flush().map_err(left)?;
    if snapshot.is_unchanged() {
        Ok(())
    } else {
        Err(Some(Reason::Locked))
    }
}

/// Why a table was not read to its end.
enum Stop {
    Left,
    Sqlite(rusqlite::Error),
    /// Rows came out of order or more than there can be.
    Circle,
}

impl From<rusqlite::Error> for Stop {
    fn from(error: rusqlite::Error) -> Stop {
        Stop::Sqlite(error)
    }
}

impl From<Left> for Stop {
    fn from(_: Left) -> Stop {
        Stop::Left
    }
}

/// A window in the making.
struct Filling<'a> {
    out: &'a SyncSender<Read>,
    text: Vec<u8>,
    rows: Rows,
    /// Rows that may still come.
    left: u64,
}

impl<'a> Filling<'a> {
    fn new(snapshot: &Snapshot, out: &'a SyncSender<Read>) -> Filling<'a> {
        Filling {
            out,
            text: Vec::with_capacity(WINDOW + WINDOW / 4),
            rows: Rows::default(),
            // No row takes less than two bytes: what gives more rows than that goes in circles.
            left: snapshot.size().unwrap_or(0).max(1 << 16),
        }
    }

    fn unread(&self, reason: Reason) -> Sent {
        self.out.send(Read::Unread(reason)).map_err(|_| Left)
    }

    fn flush(&mut self) -> Sent {
        if self.text.is_empty() {
            return Ok(());
        }
        let room = Vec::with_capacity(WINDOW + WINDOW / 4);
        let text = std::mem::replace(&mut self.text, room);
        let rows = std::mem::take(&mut self.rows);
        self.out.send(Read::Window(text, rows)).map_err(|_| Left)
    }

    fn table(&mut self, database: &Connection, table: &Arc<Table>) -> Result<(), Stop> {
        let mut after = None;
        loop {
            match self.rows_after(database, table, &mut after) {
                // One row is too long: the others are read, behind it.
                Err(Stop::Sqlite(error))
                    if error.sqlite_error_code() == Some(rusqlite::ErrorCode::TooBig) =>
                {
                    let Key::Row(id) = table.key else {
                        return Err(Stop::Sqlite(error));
                    };
                    self.unread(Reason::Limit)?;
                    let sql = format!(
                        "SELECT {id} FROM {} WHERE {id} > ?1 ORDER BY {id} LIMIT 1",
                        quoted(&table.name)
                    );
                    let from = after.unwrap_or(i64::MIN);
                    after = Some(database.query_row(&sql, [from], |row| row.get(0))?);
                }
                done => return done,
            }
        }
    }

    /// Reads the rows behind the one with the id `after`, and keeps it up to date.
    fn rows_after(
        &mut self,
        database: &Connection,
        table: &Arc<Table>,
        after: &mut Option<i64>,
    ) -> Result<(), Stop> {
        let mut statement = database.prepare(&select(table, after.is_some()))?;
        let ordered = matches!(table.key, Key::Row(_)) && !table.is_virtual;
        let mut rows = match *after {
            Some(after) => statement.query([after])?,
            None => statement.query([])?,
        };
        while let Some(row) = rows.next()? {
            self.left = self.left.checked_sub(1).ok_or(Stop::Circle)?;
            let (key, first) = match table.key {
                Key::Row(_) => {
                    let id: i64 = row.get(0)?;
                    if ordered && after.is_some_and(|after| after >= id) {
                        return Err(Stop::Circle);
                    }
                    *after = Some(id);
                    (RowKey::Id(id), 1)
                }
                Key::Primary => {
                    let primary = table.columns.iter().enumerate();
                    let values = primary
                        .filter(|(_, column)| column.primary > 0)
                        .map(|(at, _)| row.get(at))
                        .collect::<rusqlite::Result<Vec<Value>>>()?;
                    (RowKey::Primary(values.into()), 0)
                }
                Key::None => (RowKey::Unknown, 0),
            };
            let start = self.text.len();
            let cells = self.rows.cells.len();
            let time = table.time.map(|(column, _)| column);
            for at in 0..table.columns.len() {
                self.cell(at, row.get_ref(first + at)?, time == Some(at));
            }
            // Rows of tables that tell times are records whatever is in them.
            if self.rows.cells.len() == cells && time.is_none() {
                self.text.truncate(start);
                continue;
            }
            self.text.push(b'\n');
            self.rows.rows.push(Row {
                text: start..self.text.len(),
                table: table.clone(),
                key,
                cells: cells..self.rows.cells.len(),
            });
            if self.text.len() >= WINDOW {
                self.flush()?;
            }
        }
        Ok(())
    }

    /// Appends what is left on a page.
    fn remnant(&mut self, table: &Arc<Table>, kind: Kind, page: u64, pieces: &[Piece]) -> Sent {
        let start = self.text.len();
        let cells = self.rows.cells.len();
        for piece in pieces {
            let from = self.text.len();
            self.text.extend_from_slice(&piece.text);
            self.rows.cells.push(CellAt {
                text: from..self.text.len(),
                column: kind as usize,
                stored: match piece.number {
                    true => Stored::Integer,
                    false => Stored::Binary,
                },
                at: piece.at as u32,
            });
            self.text.push(0);
        }
        self.text.push(b'\n');
        self.rows.rows.push(Row {
            text: start..self.text.len(),
            table: table.clone(),
            key: RowKey::Left(page),
            cells: cells..self.rows.cells.len(),
        });
        if self.text.len() >= WINDOW {
            return self.flush();
        }
        Ok(())
    }

    /// Appends what a cell holds, if it can be looked at; of one that `tells` when its row is from,
    /// the whole of a number with a fraction.
    fn cell(&mut self, column: usize, value: ValueRef<'_>, tells: bool) {
        let start = self.text.len();
        let mut unread = None;
        let stored = match value {
            ValueRef::Null => return,
            ValueRef::Integer(number) => {
                if (-SMALLEST..SMALLEST).contains(&number) {
                    return;
                }
                let mut digits = itoa::Buffer::new();
                self.text
                    .extend_from_slice(digits.format(number).as_bytes());
                Stored::Integer
            }
            ValueRef::Real(number) => {
                if number.fract() != 0.0 && !tells
                    || !(SMALLEST as f64..WHOLE).contains(&number.abs())
                {
                    return;
                }
                let mut digits = itoa::Buffer::new();
                let number = number as i64;
                self.text
                    .extend_from_slice(digits.format(number).as_bytes());
                Stored::Real
            }
            ValueRef::Text([]) | ValueRef::Blob([]) => return,
            ValueRef::Text(text) => {
                self.text.extend_from_slice(text);
                Stored::Text
            }
            ValueRef::Blob(bytes) => {
                let known = recognise(bytes);
                if is_archive(bytes) && bytes.len() <= LONGEST_BINARY {
                    self.text.extend_from_slice(bytes);
                    Stored::Objects
                } else if known.is_none() && is_text(bytes) {
                    self.text.extend_from_slice(bytes);
                    Stored::Blob
                } else {
                    unread = Some(known.map_or(Reason::Opaque, Reason::Unsupported));
                    if bytes.len() <= LONGEST_BINARY {
                        self.text.extend_from_slice(bytes);
                    }
                    Stored::Binary
                }
            }
        };
        let text = start..self.text.len();
        if let Some(reason) = unread {
            self.rows.unread.push((text.clone(), reason));
        }
        self.text.push(0);
        self.rows.cells.push(CellAt {
            text,
            column,
            stored,
            at: 0,
        });
    }
}

/// The query for all rows of a table, or those behind an id, in the order of their ids.
fn select(table: &Table, behind: bool) -> String {
    let mut sql = "SELECT ".to_owned();
    if let Key::Row(id) = table.key {
        sql.push_str(id);
        sql.push_str(", ");
    }
    let names: Vec<String> = table
        .columns
        .iter()
        .map(|column| quoted(&column.name))
        .collect();
    sql.push_str(&names.join(", "));
    sql.push_str(" FROM ");
    sql.push_str(&quoted(&table.name));
    match table.key {
        Key::Row(id) if behind => sql.extend([" WHERE ", id, " > ?1 ORDER BY ", id]),
        Key::Row(id) if !table.is_virtual => sql.extend([" ORDER BY ", id]),
        _ if !table.is_virtual => sql.push_str(" NOT INDEXED"),
        _ => {}
    }
    sql
}
