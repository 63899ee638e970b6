//! Answers which record, column and value a chunk offset lies in.
//!
//! Rows are found lazily, in passing, and only one is kept: candidates come in ascending order. A
//! step back starts from the nearest checkpoint.

use std::cell::RefCell;
use std::ops::Range;

use super::cells::{is_quoted, value};
use super::columns::Columns;
use super::record::{Dialect, Records, Row};
use crate::edit::{Refusal, Splice};
use crate::format::text::gone;
use crate::format::{Chunk, Locate, Location, Slot, SlotKind, Width};
use crate::view::{Codec, Hinting, Hints, Register};

/// Bytes between checkpoints: far enough apart that they cost nothing, near enough that going back
/// costs a microsecond.
const CHECKPOINTS: usize = 16 * 1024;

/// The index of one chunk.
pub(super) struct TableIndex<'s> {
    text: &'s [u8],
    start: usize,
    columns: &'s Columns,
    delimiter: u8,
    state: RefCell<State>,
}

struct State {
    records: Records,
    row: Row,
    /// Records before `row`.
    number: u64,
    /// Whether `row` is a record: not empty, no header, no type row.
    counts: bool,
    /// Where records start and how many lie before, ascending.
    checkpoints: Vec<(Records, u64)>,
}

impl<'s> TableIndex<'s> {
    pub(super) fn new(chunk: Chunk<'s>, dialect: Dialect, columns: &'s Columns) -> Self {
        let records = Records::new(dialect, chunk.start);
        TableIndex {
            text: chunk.text.get(..chunk.end).unwrap_or_default(),
            start: chunk.start,
            columns,
            delimiter: dialect.delimiter,
            state: RefCell::new(State {
                records,
                row: Row::default(),
                number: 0,
                counts: false,
                checkpoints: vec![(records, 0)],
            }),
        }
    }

    /// Does `work` with the row that holds `at`, and with how many records lie before it.
    fn at<R>(&self, at: usize, work: impl FnOnce(&Row, Option<u64>) -> R) -> Option<R> {
        if at < self.start || at >= self.text.len() {
            return None;
        }
        let mut state = self.state.borrow_mut();
        if at < state.row.start || state.row.end == 0 {
            state.back(at);
        }
        while at >= state.row.end {
            if !state.forward(self.text, self.columns) {
                return None;
            }
        }
        Some(work(&state.row, state.counts.then_some(state.number)))
    }
}

impl State {
    fn back(&mut self, at: usize) {
        let next = self
            .checkpoints
            .partition_point(|(records, _)| records.at <= at);
        if let Some((records, number)) = self.checkpoints.get(next.saturating_sub(1)) {
            self.records = *records;
            self.number = *number;
            self.counts = false;
            self.row = Row::default();
        }
    }

    fn forward(&mut self, text: &[u8], columns: &Columns) -> bool {
        let from = self.records;
        if from.at >= text.len() {
            return false;
        }
        self.number += u64::from(self.counts);
        self.counts = false;
        let far = self
            .checkpoints
            .last()
            .is_some_and(|(last, _)| from.at >= last.at + CHECKPOINTS);
        if far {
            self.checkpoints.push((from, self.number));
        }
        self.records.next(text, true, &mut self.row);
        self.counts = !columns.is_heading(text, &self.row) && !self.row.is_empty(text);
        true
    }
}

impl Hinting for TableIndex<'_> {
    fn hints(&self, at: usize) -> Hints<'_> {
        let found = self.at(at, |row, record| {
            (!row.text && record.is_some()).then(|| row.cell(self.text, at))
        });
        let Some(Some((number, start, end))) = found else {
            return Hints {
                register: Register::Log,
                ..Hints::default()
            };
        };
        let (start, end) = value(self.text, start, end);
        let column = self.columns.get(number);
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
        let found = self.at(at, |row, record| {
            (record, (!row.text).then(|| row.cell(self.text, at).0))
        });
        let Some((record, number)) = found else {
            return Location::default();
        };
        let column = number
            .filter(|_| record.is_some())
            .map(|number| (number, self.columns.get(number)));
        Location {
            record,
            field: column.map(|(number, column)| {
                column.map_or_else(
                    || format!("column {}", number + 1).into(),
                    |c| c.name.clone(),
                )
            }),
            party: column.and_then(|(_, column)| column?.party),
        }
    }

    fn records(&self) -> u64 {
        let mut state = self.state.borrow_mut();
        while state.forward(self.text, self.columns) {}
        state.number + u64::from(state.counts)
    }

    fn slot(&self, range: Range<usize>) -> Slot {
        let cell = self.at(range.start, |row, _| {
            (!row.text).then(|| row.cell(self.text, range.start))
        });
        let Some(Some((number, start, end))) = cell else {
            return text_slot(Codec::Plain);
        };
        if is_quoted(self.text, start, end) {
            return text_slot(Codec::QuotedCell);
        }
        let bare = text_slot(Codec::BareCell(self.delimiter));
        let numeric = self.columns.get(number).is_some_and(|column| column.number);
        if numeric && range == (start..end) {
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
        let row = self.at(at, |row, record| record.map(|_| row.start..row.end));
        row.flatten()
            .map(|row| vec![gone(row)])
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
