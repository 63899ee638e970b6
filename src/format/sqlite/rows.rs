//! Some rows of a database as one stretch of text: cell behind cell, each with a NUL behind it,
//! each row with a line end behind its last cell.
//!
//! Owns which cell of which row a place in that text is, and what new text a cell takes. Knows no
//! SQL.

use std::cell::Cell;
use std::ops::Range;
use std::sync::Arc;

use rusqlite::types::Value;

use super::schema::Table;
use crate::edit::{Bytes, Refusal, Splice};
use crate::format::escape::{layers_beside, stacked};
use crate::format::objects::{Unarchived, unarchive};
use crate::format::{
    Chunk, Content, Cut, Ledger, Locate, Location, Reader, Reason, Slot, SlotKind, Width,
};
use crate::raw::coded_runs;
use crate::time::Stamp;
use crate::view::{Codec, Hinting, Hints, Register};

/// Which row of its table a row is.
#[derive(Clone)]
pub(crate) enum RowKey {
    /// The one with this id.
    Id(i64),
    /// The one with these values in the columns of its primary key, in the order of the columns.
    Primary(Box<[Value]>),
    /// It is no row any more, but what is left of some on this page.
    Left(u64),
    /// Nobody can tell.
    Unknown,
}

/// One row.
#[derive(Clone)]
pub(crate) struct Row {
    /// Its text with everything behind it.
    pub(crate) text: Range<usize>,
    pub(crate) table: Arc<Table>,
    pub(crate) key: RowKey,
    /// Its cells, by their numbers.
    pub(crate) cells: Range<usize>,
}

/// How a cell is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stored {
    Text,
    /// Bytes that are text.
    Blob,
    /// Archived objects, whose texts are read: no text may change its width.
    Objects,
    /// Bytes that are not: what stands in them may only be changed in its width.
    Binary,
    Integer,
    Real,
}

/// One cell that holds something.
#[derive(Clone)]
pub(crate) struct CellAt {
    /// Its text.
    pub(crate) text: Range<usize>,
    /// The number of its column in its table.
    pub(crate) column: usize,
    pub(crate) stored: Stored,
    /// Where it starts in the page, where it is no whole cell but what is left of one.
    pub(crate) at: u32,
}

/// Rows in the order of their text.
#[derive(Default)]
pub struct Rows {
    pub(crate) rows: Vec<Row>,
    pub(crate) cells: Vec<CellAt>,
    /// Cells that were not read whole, and why.
    pub(crate) unread: Vec<(Range<usize>, Reason)>,
}

/// What a place in the text of rows is.
pub struct InRow<'r> {
    /// The name of the table.
    pub table: &'r Arc<str>,
    /// The name of the column.
    pub column: &'r Arc<str>,
    /// The row's id, where it has one.
    pub id: Option<i64>,
    /// Whether the cell is the row's id.
    pub is_id: bool,
    /// Where the cell starts in the text.
    pub start: usize,
    /// Where that is in what places are told in: 0 but for what is left of cells.
    pub at: u32,
}

impl Rows {
    /// The same rows once `splices`, sorted and disjoint, were made in their text.
    pub(crate) fn after(&self, splices: &[Splice]) -> Rows {
        let mut moved = Moved::new(splices);
        let rows = self.rows.iter().map(|row| Row {
            text: moved.range(&row.text),
            ..row.clone()
        });
        let rows = rows.collect();
        let mut moved = Moved::new(splices);
        let cells = self.cells.iter().map(|cell| CellAt {
            text: moved.range(&cell.text),
            ..cell.clone()
        });
        let cells = cells.collect();
        let mut moved = Moved::new(splices);
        let unread = self.unread.iter();
        let unread = unread.map(|(text, reason)| (moved.range(text), *reason));
        Rows {
            unread: unread.collect(),
            rows,
            cells,
        }
    }

    fn row_at(&self, at: usize) -> Option<(usize, &Row)> {
        let number = self.rows.partition_point(|row| row.text.end <= at);
        let row = self.rows.get(number)?;
        (row.text.start <= at).then_some((number, row))
    }

    fn cell_at(&self, at: usize) -> Option<(usize, &CellAt)> {
        let number = self.cells.partition_point(|cell| cell.text.end < at);
        let cell = self.cells.get(number)?;
        (cell.text.start <= at).then_some((number, cell))
    }

    /// The cell around `at`.
    pub fn place(&self, at: usize) -> Option<InRow<'_>> {
        let (_, row) = self.row_at(at)?;
        let (_, cell) = self.cell_at(at)?;
        let column = row.table.columns.get(cell.column)?;
        Some(InRow {
            table: &row.table.name,
            column: &column.name,
            id: match row.key {
                RowKey::Id(id) => Some(id),
                RowKey::Left(page) => Some(page.cast_signed()),
                RowKey::Primary(_) | RowKey::Unknown => None,
            },
            is_id: column.is_row_id,
            start: cell.text.start,
            at: cell.at,
        })
    }
}

/// Where places of a text, asked for in ascending order, are after some splices.
struct Moved<'a> {
    splices: &'a [Splice],
    /// Splices that end at or before the place asked for last, and what they add and take.
    done: usize,
    added: u64,
    taken: u64,
}

impl<'a> Moved<'a> {
    fn new(splices: &'a [Splice]) -> Moved<'a> {
        Moved {
            splices,
            done: 0,
            added: 0,
            taken: 0,
        }
    }

    fn range(&mut self, range: &Range<usize>) -> Range<usize> {
        self.at(range.start)..self.at(range.end)
    }

    fn at(&mut self, place: usize) -> usize {
        let place = place as u64;
        while let Some(splice) = self.splices.get(self.done) {
            if splice.range.end > place {
                break;
            }
            self.added += splice.bytes.len() as u64;
            self.taken += splice.range.end - splice.range.start;
            self.done += 1;
        }
        // Within a splice it is where the new bytes start.
        let within = self
            .splices
            .get(self.done)
            .filter(|splice| splice.range.start < place);
        let place = within.map_or(place, |splice| splice.range.start);
        (place + self.added).saturating_sub(self.taken) as usize
    }
}

impl Reader for Rows {
    fn cut(&self, window: &[u8]) -> Cut {
        Cut::Record(window.len())
    }

    fn index<'s>(&'s self, chunk: Chunk<'s>) -> Box<dyn Locate + 's> {
        Box::new(Index {
            rows: self,
            text: chunk.text,
            last: Cell::new(0),
        })
    }

    fn read<'s>(&'s self, chunk: Chunk<'s>, index: &'s dyn Locate) -> Content<'s> {
        let mut ledger = Ledger::read(chunk.end - chunk.start);
        for (range, reason) in &self.unread {
            ledger.unread(range.clone(), *reason);
        }
        let mut out = Unarchived::default();
        for cell in self
            .cells
            .iter()
            .filter(|cell| cell.stored == Stored::Objects)
        {
            unarchive(chunk.text, cell.text.clone(), &mut out);
        }
        for (range, reason) in out.unread {
            ledger.unread(range, reason);
        }
        let objects = self
            .cells
            .iter()
            .filter(|cell| cell.stored == Stored::Objects);
        let objects: Vec<Range<usize>> = objects.map(|cell| cell.text.clone()).collect();
        let words = coded_runs(chunk.text, chunk.start..chunk.end);
        let mut views = layers_beside(chunk, index, None, &objects, &words);
        if !out.texts.text.is_empty() {
            stacked(index, out.texts, &mut views);
        }
        Content {
            views,
            ledger,
            children: Vec::new(),
        }
    }
}

struct Index<'s> {
    rows: &'s Rows,
    text: &'s [u8],
    /// The cell that was asked for last: the next is it, or near.
    last: Cell<usize>,
}

impl Index<'_> {
    fn cell(&self, at: usize) -> Option<&CellAt> {
        let last = self.last.get();
        for near in last..last + 2 {
            if let Some(cell) = self.rows.cells.get(near)
                && cell.text.start <= at
                && at <= cell.text.end
            {
                self.last.set(near);
                return Some(cell);
            }
        }
        let (number, cell) = self.rows.cell_at(at)?;
        self.last.set(number);
        Some(cell)
    }
}

impl Hinting for Index<'_> {
    fn hints(&self, at: usize) -> Hints<'_> {
        let cell = self.cell(at);
        let column = cell.and_then(|cell| {
            let (_, row) = self.rows.row_at(at)?;
            row.table.columns.get(cell.column)
        });
        Hints {
            register: Register::Cell,
            label: column.map(|column| column.name.as_bytes()),
            party: column.and_then(|column| column.party),
            value: cell.map(|cell| cell.text.clone()),
            sampled: None,
        }
    }

    fn columns(&self, wanted: &dyn Fn(&[u8]) -> bool, each: &mut dyn FnMut(Range<usize>, &[u8])) {
        for row in &self.rows.rows {
            let cells = self.rows.cells.get(row.cells.clone()).unwrap_or_default();
            for cell in cells {
                let column = row.table.columns.get(cell.column);
                if let Some(column) = column.filter(|column| wanted(column.name.as_bytes())) {
                    each(cell.text.clone(), column.name.as_bytes());
                }
            }
        }
    }
}

impl Locate for Index<'_> {
    fn locate(&self, at: usize) -> Location {
        let Some((number, row)) = self.rows.row_at(at) else {
            return Location::default();
        };
        let cell = self.cell(at);
        let column = cell.and_then(|cell| row.table.columns.get(cell.column));
        Location {
            record: Some(number as u64),
            field: column.map(|column| column.field.clone()),
            party: column.and_then(|column| column.party),
        }
    }

    fn records(&self) -> u64 {
        self.rows.rows.len() as u64
    }

    fn slot(&self, range: Range<usize>) -> Slot {
        let cell = self.cell(range.start);
        let kind = match cell.map(|cell| cell.stored) {
            Some(Stored::Integer | Stored::Real) => SlotKind::Number,
            _ => SlotKind::Text,
        };
        let width = match cell.map(|cell| cell.stored) {
            Some(Stored::Binary | Stored::Objects) => Width::Same,
            _ => Width::Free,
        };
        Slot {
            kind,
            width,
            style: Codec::Plain,
        }
    }

    fn refusal(&self, at: usize) -> Option<Refusal> {
        let (_, row) = self.rows.row_at(at)?;
        let told = !matches!(row.key, RowKey::Unknown);
        // It goes with the old file, whatever is written into the new one.
        if matches!(row.key, RowKey::Left(_)) {
            return None;
        }
        (!row.table.writable || !told).then_some(Refusal::ReadOnly)
    }

    /// Definitions and what is left of deleted rows are no records.
    fn record_from(&self, from: usize) -> Option<Range<usize>> {
        let next = self.rows.rows.partition_point(|row| row.text.start < from);
        let rest = self.rows.rows.get(next..)?;
        let row = rest.iter().find(|row| {
            let is_left = matches!(row.key, RowKey::Left(_));
            !is_left && !row.table.name.starts_with("sqlite_")
        })?;
        Some(row.text.clone())
    }

    fn is_timeless(&self, at: usize) -> bool {
        let row = self.rows.row_at(at);
        row.is_some_and(|(_, row)| row.table.time.is_none())
    }

    fn stamp(&self, at: usize) -> Option<Stamp<'_>> {
        let (_, row) = self.rows.row_at(at)?;
        let (column, named) = row.table.time?;
        let cells = self.rows.cells.get(row.cells.clone())?;
        let cell = cells.iter().find(|cell| cell.column == column)?;
        Some(Stamp {
            text: self.text.get(cell.text.clone())?.into(),
            count: named.count,
            utc: named.utc,
        })
    }

    /// Drops the row: all of its text, with the line end that no cell holds.
    fn drop_record(&self, at: usize) -> Result<Vec<Splice>, Refusal> {
        if let Some(refusal) = self.refusal(at) {
            return Err(refusal);
        }
        let (_, row) = self.rows.row_at(at).ok_or(Refusal::NotDroppable)?;
        Ok(vec![Splice {
            range: row.text.start as u64..row.text.end as u64,
            bytes: Bytes::new(),
        }])
    }
}
