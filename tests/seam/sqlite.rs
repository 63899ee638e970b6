//! A database: each text cell is a child, and new content is an update, not a splice.

use std::borrow::Cow;
use std::ops::Range;

use efface::edit::{Edit, Refusal, Splice};
use efface::format::{
    Capabilities, Child, Chunk, Content, Cut, Format, Head, Ledger, Likeness, Locate, Memory,
    Place, Reader, Slot, Width,
};
use efface::view::{Codec, Register};
use rusqlite::{Connection, MAIN_DB, params};

use crate::lines::{self, text_slot};

pub(crate) struct Sqlite;

impl Format for Sqlite {
    fn name(&self) -> &'static str {
        "sqlite"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            memory: Memory::Whole,
            width: Width::Free,
        }
    }

    fn sniff(&self, head: &Head<'_>) -> Option<Likeness> {
        head.text
            .starts_with(b"SQLite format 3\0")
            .then_some(Likeness::Certain)
    }

    fn open(&self, _head: &Head<'_>) -> Box<dyn Reader> {
        Box::new(Sqlite)
    }
}

/// A database in memory from the bytes of its file.
pub(crate) fn open(bytes: &[u8]) -> Connection {
    let mut database = Connection::open_in_memory().unwrap();
    database
        .deserialize_read_exact(MAIN_DB, bytes, bytes.len(), false)
        .unwrap();
    database
}

/// The bytes of a database's file.
pub(crate) fn file(database: &mut Connection) -> Vec<u8> {
    database.serialize(MAIN_DB).unwrap().to_vec()
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The file with one cell updated and what stood there overwritten.
pub(crate) fn update(file: &[u8], table: &str, column: &str, row: i64, content: &[u8]) -> Vec<u8> {
    let mut database = open(file);
    database.pragma_update(None, "secure_delete", true).unwrap();
    let text = std::str::from_utf8(content).unwrap();
    let (table, column) = (quoted(table), quoted(column));
    let sql = format!("UPDATE {table} SET {column} = ?1 WHERE rowid = ?2");
    assert_eq!(database.execute(&sql, params![text, row]), Ok(1));
    self::file(&mut database)
}

fn children(database: &Connection) -> rusqlite::Result<Vec<Child<'static>>> {
    let mut columns = database.prepare(
        "SELECT m.name, c.name FROM sqlite_schema m, pragma_table_info(m.name) c
         WHERE m.type = 'table' ORDER BY m.name, c.cid",
    )?;
    let columns = columns.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut children = Vec::new();
    for column in columns {
        let (table, column): (String, String) = column?;
        let (quoted_table, quoted_column) = (quoted(&table), quoted(&column));
        let mut cells = database.prepare(&format!(
            "SELECT rowid, {quoted_column} FROM {quoted_table}
             WHERE typeof({quoted_column}) = 'text' ORDER BY rowid"
        ))?;
        let cells = cells.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        for cell in cells {
            let (row, content): (i64, String) = cell?;
            children.push(Child {
                name: Cow::Owned(format!("{table}/{column}/{row}")),
                place: Place::Cell {
                    table: table.clone(),
                    column: column.clone(),
                    row,
                },
                content: content.into_bytes(),
            });
        }
    }
    Ok(children)
}

impl Reader for Sqlite {
    fn cut(&self, _window: &[u8]) -> Cut {
        Cut::More
    }

    fn index<'s>(&'s self, _chunk: Chunk<'s>) -> Box<dyn Locate + 's> {
        Box::new(lines::Place {
            register: Register::Cell,
            label: None,
        })
    }

    fn read<'s>(&'s self, chunk: Chunk<'s>, _index: &'s dyn Locate) -> Content<'s> {
        Content {
            views: Vec::new(),
            ledger: Ledger::read(chunk.text.len()),
            children: children(&open(chunk.text)).unwrap(),
        }
    }

    fn slot(&self, _chunk: Chunk<'_>, _range: Range<usize>) -> Slot {
        text_slot(Codec::Plain)
    }

    fn drop_record(&self, _chunk: Chunk<'_>, _at: usize) -> Result<Vec<Splice>, Refusal> {
        Err(Refusal::NotDroppable)
    }

    fn rebuild(
        &self,
        _chunk: Chunk<'_>,
        child: &Child<'_>,
        content: &[u8],
    ) -> Result<Vec<Edit>, Refusal> {
        let Place::Cell { table, column, row } = child.place.clone() else {
            return Err(Refusal::NoPlace);
        };
        Ok(vec![Edit::Cell {
            table,
            column,
            row,
            content: content.to_vec(),
        }])
    }
}
