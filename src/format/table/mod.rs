//! Tables: CSV, TSV, semicolons and pipes, quoted or not, with or without a header.
//!
//! Owns where records and cells lie, what the columns are called and whose they are, and how a
//! cell takes new text. Scanning reads the raw text; cells are found only around candidates.

mod cells;
mod columns;
mod index;
mod layouts;
mod record;
mod sniff;

use std::ops::Range;

use columns::Columns;
use index::TableIndex;
use record::{Dialect, Records, Row};

use super::escape::layers;
use super::{
    Capabilities, Chunk, Content, Cut, Format, Head, Ledger, Likeness, Locate, Memory, Reader,
    Slot, SlotKind, Width,
};
use crate::edit::{Refusal, Splice};
use crate::view::Codec;

/// Tables of one family of delimiters.
pub(super) struct Table {
    name: &'static str,
    /// Delimiters it is told among, the likeliest first.
    delimiters: &'static [u8],
}

/// Tables with commas, semicolons or pipes.
pub(super) static CSV: Table = Table {
    name: "csv",
    delimiters: b",;|",
};

/// Tables with tabs.
pub(super) static TSV: Table = Table {
    name: "tsv",
    delimiters: b"\t",
};

impl Format for Table {
    fn name(&self) -> &'static str {
        self.name
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            memory: Memory::Record,
            width: Width::Free,
        }
    }

    fn sniff(&self, head: &Head<'_>) -> Option<Likeness> {
        sniff::tell(head, self.delimiters).map(|told| told.likeness)
    }

    fn open(&self, head: &Head<'_>) -> Box<dyn Reader> {
        let dialect = sniff::tell(head, self.delimiters).map_or(
            Dialect {
                delimiter: self.delimiters.first().copied().unwrap_or(b','),
                quotes: true,
            },
            |told| told.dialect,
        );
        Box::new(TableReader {
            dialect,
            columns: Columns::learn(head.text, dialect),
        })
    }
}

struct TableReader {
    dialect: Dialect,
    columns: Columns,
}

impl TableReader {
    /// The row of the chunk that holds `at`.
    fn row(&self, chunk: Chunk<'_>, at: usize) -> Option<Row> {
        let text = chunk.text.get(..chunk.end)?;
        let mut records = Records::new(self.dialect, chunk.start);
        let mut row = Row::default();
        while records.next(text, true, &mut row) {
            if at < row.end {
                return (at >= row.start).then_some(row);
            }
        }
        None
    }
}

impl Reader for TableReader {
    fn cut(&self, window: &[u8]) -> Cut {
        record::last_end(window, self.dialect).map_or(Cut::More, Cut::Record)
    }

    fn index<'s>(&'s self, chunk: Chunk<'s>) -> Box<dyn Locate + 's> {
        Box::new(TableIndex::new(chunk, self.dialect, &self.columns))
    }

    fn read<'s>(&'s self, chunk: Chunk<'s>, index: &'s dyn Locate) -> Content<'s> {
        // A doubled quote needs no decoding: no value that is looked for can hold one.
        Content {
            views: layers(chunk, index, None),
            ledger: Ledger::read(chunk.end - chunk.start),
            children: Vec::new(),
        }
    }

    fn slot(&self, chunk: Chunk<'_>, range: Range<usize>) -> Slot {
        let row = self.row(chunk, range.start).filter(|row| !row.text);
        let Some(row) = row else {
            return text_slot(Codec::Plain);
        };
        let (number, start, end) = row.cell(chunk.text, range.start);
        if cells::is_quoted(chunk.text, start, end) {
            return text_slot(Codec::QuotedCell);
        }
        let bare = Codec::BareCell(self.dialect.delimiter);
        let numeric = self.columns.get(number).is_some_and(|column| column.number);
        if numeric && range.start == start && range.end == end {
            return Slot {
                kind: SlotKind::Number,
                ..text_slot(bare)
            };
        }
        text_slot(bare)
    }

    /// Drops the row with its line end. Before a last row that has none the line end of the row
    /// before stays: in a stream it has left already, and rows dropped side by side stay disjoint.
    fn drop_record(&self, chunk: Chunk<'_>, at: usize) -> Result<Vec<Splice>, Refusal> {
        let row = self.row(chunk, at).ok_or(Refusal::NotDroppable)?;
        if self.columns.is_heading(chunk.text, &row) {
            return Err(Refusal::NotDroppable);
        }
        Ok(vec![Splice {
            range: row.start as u64..row.end as u64,
            bytes: Vec::new(),
        }])
    }
}

fn text_slot(style: Codec) -> Slot {
    Slot {
        kind: SlotKind::Text,
        width: Width::Free,
        style,
    }
}

#[cfg(test)]
mod tests;
