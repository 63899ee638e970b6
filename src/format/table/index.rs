//! Answers which record, column and value a chunk offset lies in.
//!
//! The chunk is divided once; the row and cell asked for last are kept, as candidates come in
//! ascending order and several lie in one cell.

use std::cell::{Cell, RefCell};
use std::ops::Range;

use super::cells::{is_quoted, value};
use super::columns::Columns;
use super::outline::Outline;
use super::record::{Dialect, last_cell_end};
use crate::edit::{Refusal, Splice};
use crate::format::text::gone;
use crate::format::{Chunk, Locate, Location, Slot, SlotKind, Width};
use crate::view::{Codec, Hinting, Hints, Register};

/// Bytes between checkpoints of the count of records: near enough that going back costs a
/// microsecond.
const CHECKPOINTS: usize = 16 * 1024;

/// The index of one chunk.
pub(super) struct TableIndex<'s> {
    text: &'s [u8],
    start: usize,
    columns: &'s Columns,
    delimiter: u8,
    outline: Outline,
    /// The cell asked for last.
    last: Cell<Place>,
    count: RefCell<Count>,
}

/// A cell and the row around it.
#[derive(Clone, Copy, Default)]
struct Place {
    row: Row,
    /// The cell's number in its row, counted from 0.
    number: usize,
    /// Where the cell starts, quotes included.
    start: usize,
    /// Where it ends, before its divider or line end.
    end: usize,
    /// Where the next cell starts, or the row ends.
    next: usize,
}

/// A row.
#[derive(Clone, Copy, Default)]
struct Row {
    start: usize,
    end: usize,
    /// Whether it is a record: not empty, no header, no type row.
    counts: bool,
    /// Whether its quotes are broken, so that it is a line of text.
    text: bool,
}

/// How many records lie before a row.
#[derive(Default)]
struct Count {
    /// Where a row starts.
    at: usize,
    records: u64,
    /// The same of rows before, ascending.
    checkpoints: Vec<(usize, u64)>,
}

impl<'s> TableIndex<'s> {
    pub(super) fn new(chunk: Chunk<'s>, dialect: Dialect, columns: &'s Columns) -> Self {
        let text = chunk.text.get(..chunk.end).unwrap_or_default();
        TableIndex {
            text,
            start: chunk.start,
            columns,
            delimiter: dialect.delimiter,
            outline: Outline::of(text, chunk.start, dialect),
            last: Cell::default(),
            count: RefCell::new(Count {
                at: chunk.start,
                records: 0,
                checkpoints: vec![(chunk.start, 0)],
            }),
        }
    }

    /// The cell that holds `at`. A divider belongs to the cell before it.
    fn at(&self, at: usize) -> Option<Place> {
        let last = self.last.get();
        if last.start <= at && at < last.next {
            return Some(last);
        }
        if at < self.start || at >= self.text.len() {
            return None;
        }
        let row = if last.row.start <= at && at < last.row.end {
            last.row
        } else {
            self.row(at)
        };
        let outline = &self.outline;
        let start = outline
            .divider_before(at)
            .map_or(row.start, |divider| row.start.max(divider + 1));
        let (end, next) = match outline
            .divider_from(at)
            .filter(|&divider| divider < row.end)
        {
            Some(divider) => (divider, divider + 1),
            None => (last_cell_end(self.text, row.start, row.end), row.end),
        };
        // In one row cells are counted on from the last one.
        let (from, number) = if row.start <= last.start && last.start <= start {
            (last.start, last.number)
        } else {
            (row.start, 0)
        };
        let place = Place {
            row,
            number: number + outline.dividers_in(from..start),
            start,
            end,
            next,
        };
        self.last.set(place);
        Some(place)
    }

    fn row(&self, at: usize) -> Row {
        let start = self.outline.row_start(at, self.start);
        let end = self.outline.row_end(at, self.text.len());
        Row {
            start,
            end,
            counts: self.counts(start, end),
            text: self.outline.is_broken(start),
        }
    }

    fn counts(&self, start: usize, end: usize) -> bool {
        let line = start..last_cell_end(self.text, start, end);
        let line = self.text.get(line).unwrap_or_default();
        !line.is_empty() && !self.columns.is_heading(line)
    }

    /// How many records lie before the row at `row`.
    fn records_before(&self, row: usize) -> u64 {
        let mut count = self.count.borrow_mut();
        if row < count.at {
            let next = count.checkpoints.partition_point(|(at, _)| *at <= row);
            let nearest = count.checkpoints.get(next.saturating_sub(1)).copied();
            (count.at, count.records) = nearest.unwrap_or((self.start, 0));
        }
        while count.at < row {
            let end = self.outline.row_end(count.at, self.text.len());
            count.records += u64::from(self.counts(count.at, end));
            count.at = end;
            let far = count
                .checkpoints
                .last()
                .map_or(0, |(at, _)| at + CHECKPOINTS);
            if end >= far {
                let here = (end, count.records);
                count.checkpoints.push(here);
            }
        }
        count.records
    }
}

impl Hinting for TableIndex<'_> {
    fn hints(&self, at: usize) -> Hints<'_> {
        let found = self.at(at);
        let Some(place) = found.filter(|place| place.row.counts && !place.row.text) else {
            return Hints {
                register: Register::Log,
                ..Hints::default()
            };
        };
        let (start, end) = value(self.text, place.start, place.end);
        let column = self.columns.get(place.number);
        Hints {
            register: Register::Cell,
            label: column.and_then(|column| column.label()),
            party: column.and_then(|column| column.party),
            value: Some(start..end),
        }
    }
}

impl Locate for TableIndex<'_> {
    fn locate(&self, at: usize) -> Location {
        let Some(place) = self.at(at) else {
            return Location::default();
        };
        if !place.row.counts {
            return Location::default();
        }
        let record = Some(self.records_before(place.row.start));
        if place.row.text {
            return Location {
                record,
                ..Location::default()
            };
        }
        let column = self.columns.get(place.number);
        Location {
            record,
            field: Some(column.map_or_else(
                || format!("column {}", place.number + 1).into(),
                |column| column.name.clone(),
            )),
            party: column.and_then(|column| column.party),
        }
    }

    fn records(&self) -> u64 {
        self.records_before(self.text.len())
    }

    fn slot(&self, range: Range<usize>) -> Slot {
        let Some(place) = self.at(range.start).filter(|place| !place.row.text) else {
            return text_slot(Codec::Plain);
        };
        if is_quoted(self.text, place.start, place.end) {
            return text_slot(Codec::QuotedCell);
        }
        let bare = text_slot(Codec::BareCell(self.delimiter));
        let numeric = self
            .columns
            .get(place.number)
            .is_some_and(|column| column.number);
        if numeric && range == (place.start..place.end) {
            return Slot {
                kind: SlotKind::Number,
                ..bare
            };
        }
        bare
    }

    /// Drops the row with its line end. Before a last row that has none the line end of the row
    /// before stays: in a stream it has left already, and rows dropped side by side stay disjoint.
    fn drop_record(&self, at: usize) -> Result<Vec<Splice>, Refusal> {
        self.at(at)
            .filter(|place| place.row.counts)
            .map(|place| vec![gone(place.row.start..place.row.end)])
            .ok_or(Refusal::NotDroppable)
    }
}

fn text_slot(style: Codec) -> Slot {
    Slot {
        kind: SlotKind::Text,
        width: Width::Free,
        style,
    }
}
