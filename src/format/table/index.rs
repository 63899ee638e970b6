//! Answers which record, column and value a chunk offset lies in.
//!
//! The chunk is divided once; the row and cell asked for last are kept, as candidates come in
//! ascending order and several lie in one cell.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::ops::Range;

use super::cells::{decoded, is_quoted, value};
use super::columns::Columns;
use super::outline::Outline;
use super::record::{Dialect, last_cell_end};
use super::times::keyed;
use crate::edit::{Refusal, Splice};
use crate::format::text::gone;
use crate::format::{Chunk, Locate, Location, Slot, SlotKind, Width};
use crate::time::Stamp;
use crate::view::{Codec, Hinting, Hints, Register, Sampled};

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
    located: Cell<Located>,
    /// Where rows start and how many records lie before, ascending.
    checkpoints: RefCell<Vec<(usize, u64)>>,
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

/// The place located last: rows are counted on from it, and cells in its row.
#[derive(Clone, Copy)]
struct Located {
    row: Row,
    /// Records before the row.
    records: u64,
    /// Where cells were counted to, and how many end before.
    at: usize,
    cells: usize,
}

impl<'s> TableIndex<'s> {
    pub(super) fn new(chunk: Chunk<'s>, dialect: Dialect, columns: &'s Columns) -> Self {
        let text = chunk.text.get(..chunk.end).unwrap_or_default();
        TableIndex {
            text,
            start: chunk.start,
            columns,
            delimiter: dialect.delimiter,
            outline: Outline::of(text, chunk.start, dialect, true),
            last: Cell::default(),
            located: Cell::new(Located::at(chunk.start, 0)),
            checkpoints: RefCell::new(vec![(chunk.start, 0)]),
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

    /// The cell with this number of a row, quotes included.
    fn cell(&self, row: &Row, number: usize) -> Option<Range<usize>> {
        let mut start = row.start;
        for _ in 0..number {
            start = self.outline.divider_from(start)? + 1;
            if start > row.end {
                return None;
            }
        }
        let end = self
            .outline
            .divider_from(start)
            .filter(|&divider| divider < row.end)
            .unwrap_or_else(|| last_cell_end(self.text, row.start, row.end));
        (start <= end).then_some(start..end)
    }

    fn cell_text(&self, row: &Row, number: usize) -> Option<Cow<'s, [u8]>> {
        let text = self.text.get(self.cell(row, number)?)?;
        let text = decoded(text);
        (!text.trim_ascii().is_empty()).then_some(text)
    }

    fn counts(&self, start: usize, end: usize) -> bool {
        let line = start..last_cell_end(self.text, start, end);
        let line = self.text.get(line).unwrap_or_default();
        !line.is_empty() && !self.columns.is_heading(line)
    }

    /// The row that holds `at`, its records before counted, and the cells before `at` in it; at
    /// the end of the text, the empty row there.
    fn count_to(&self, at: usize) -> Located {
        let mut here = self.located.get();
        if at < here.row.start {
            let checkpoints = self.checkpoints.borrow();
            let next = checkpoints.partition_point(|(start, _)| *start <= at);
            let nearest = checkpoints.get(next.saturating_sub(1)).copied();
            let (start, records) = nearest.unwrap_or((self.start, 0));
            here = Located::at(start, records);
        }
        while at >= here.row.end {
            let start = here.row.end;
            let records = here.records + u64::from(here.row.counts);
            here = Located::at(start, records);
            if start >= self.text.len() {
                break;
            }
            let end = self.outline.row_end(start, self.text.len());
            here.row = Row {
                start,
                end,
                counts: self.counts(start, end),
                text: self.outline.is_broken(start),
            };
            self.checkpoint(start, records);
        }
        if at < here.at {
            (here.at, here.cells) = (here.row.start, 0);
        }
        here.cells += self.outline.dividers_in(here.at..at.min(self.text.len()));
        here.at = at;
        self.located.set(here);
        here
    }

    fn checkpoint(&self, start: usize, records: u64) {
        let mut checkpoints = self.checkpoints.borrow_mut();
        let last = checkpoints.last().map_or(0, |(last, _)| *last);
        if start >= last + CHECKPOINTS {
            checkpoints.push((start, records));
        }
    }
}

impl Located {
    /// Before the row at `start`.
    fn at(start: usize, records: u64) -> Located {
        Located {
            row: Row {
                start,
                end: start,
                ..Row::default()
            },
            records,
            at: start,
            cells: 0,
        }
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
            sampled: self.columns.sampled(place.number),
        }
    }

    fn sampled_columns(
        &self,
        wanted: &dyn Fn(Option<&[u8]>, &Sampled) -> bool,
        each: &mut dyn FnMut(Range<usize>),
    ) {
        let is_wanted = |number: usize| {
            let label = self.columns.get(number).and_then(|column| column.label());
            self.columns
                .sampled(number)
                .is_some_and(|sampled| wanted(label, sampled))
        };
        let columns: Vec<bool> = (0..self.columns.sampled_len()).map(is_wanted).collect();
        if !columns.contains(&true) {
            return;
        }
        for row in self.outline.rows(self.start, self.text.len()) {
            let end = last_cell_end(self.text, row.start, row.end);
            if !self.counts(row.start, row.end) || self.outline.is_broken(row.start) {
                continue;
            }
            for (cell, wanted) in self.outline.cells(row, end).zip(&columns) {
                if *wanted {
                    let (start, end) = value(self.text, cell.start, cell.end);
                    each(start..end);
                }
            }
        }
    }

    fn columns(&self, wanted: &dyn Fn(&[u8]) -> bool, each: &mut dyn FnMut(Range<usize>, &[u8])) {
        let labels: Vec<Option<&[u8]>> = (0..self.columns.len())
            .map(|number| {
                let label = self.columns.get(number)?.label()?;
                wanted(label).then_some(label)
            })
            .collect();
        let Some(last) = labels.iter().rposition(Option::is_some) else {
            return;
        };
        for row in self.outline.rows(self.start, self.text.len()) {
            let end = last_cell_end(self.text, row.start, row.end);
            if !self.counts(row.start, row.end) || self.outline.is_broken(row.start) {
                continue;
            }
            let cells = self.outline.cells(row, end).zip(&labels).take(last + 1);
            for (cell, label) in cells {
                if let Some(label) = label {
                    let (start, end) = value(self.text, cell.start, cell.end);
                    each(start..end, label);
                }
            }
        }
    }
}

impl Locate for TableIndex<'_> {
    fn locate(&self, at: usize) -> Location {
        if at < self.start || at >= self.text.len() {
            return Location::default();
        }
        let place = self.count_to(at);
        if !place.row.counts {
            return Location::default();
        }
        let record = Some(place.records);
        if place.row.text {
            return Location {
                record,
                ..Location::default()
            };
        }
        let column = self.columns.get(place.cells);
        Location {
            record,
            field: Some(column.map_or_else(
                || format!("column {}", place.cells + 1).into(),
                |column| column.name.clone(),
            )),
            party: column.and_then(|column| column.party),
        }
    }

    fn records(&self) -> u64 {
        self.count_to(self.text.len()).records
    }

    fn lines_part_records(&self) -> bool {
        true
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

    fn record_from(&self, from: usize) -> Option<Range<usize>> {
        let mut at = from.max(self.start);
        if at >= self.text.len() {
            return None;
        }
        // Behind a record that was just given the next one starts at once.
        let last = self.last.get().row;
        let starts = at == self.start || at == last.end || self.outline.ends_at(at - 1);
        if !starts {
            at = self.outline.row_end(at, self.text.len());
        }
        while at < self.text.len() {
            let end = self.outline.row_end(at, self.text.len());
            if self.counts(at, end) {
                let row = Row {
                    start: at,
                    end,
                    counts: true,
                    text: self.outline.is_broken(at),
                };
                // The divider search starts anew in it.
                self.last.set(Place {
                    row,
                    ..Place::default()
                });
                return Some(at..end);
            }
            at = end;
        }
        None
    }

    fn stamp(&self, at: usize) -> Option<Stamp<'_>> {
        let last = self.last.get().row;
        let row = if last.start <= at && at < last.end {
            last
        } else if at >= self.start && at < self.text.len() {
            self.row(at)
        } else {
            return None;
        };
        if !row.counts || row.text {
            return None;
        }
        self.columns.times().iter().find_map(|time| {
            let mut text = self.cell_text(&row, time.number)?;
            if time.keyed {
                text = keyed(&text)?.1.to_vec().into();
            }
            if let Some(clock) = time.clock
                && let Some(clock) = self.cell_text(&row, clock)
                && !text.contains(&b':')
            {
                text = [&text, &b" "[..], &clock].concat().into();
            }
            Some(Stamp {
                text,
                count: time.count,
                utc: time.utc,
            })
        })
    }

    fn tells_records(&self) -> bool {
        !self.outline.has_broken()
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
