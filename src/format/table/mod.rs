//! Tables: CSV, TSV, semicolons and pipes, quoted or not, with or without a header.
//!
//! Owns where records and cells lie, what the columns are called and whose they are, and how a
//! cell takes new text. Scanning reads the raw text; cells are found only around candidates.

mod cells;
mod columns;
mod index;
mod layouts;
mod outline;
mod record;
mod sniff;
mod times;

use columns::Columns;
use index::TableIndex;
use record::Dialect;

use super::attached::gzipped;
use super::escape::layers_beside;
use super::{
    Capabilities, Chunk, Content, Cut, Format, Head, Ledger, Likeness, Locate, Memory, Reader,
    Reason, Width,
};
use crate::raw::coded_runs;

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
        if let Some((_, Some(reader))) = self.probe(head) {
            return reader;
        }
        let dialect = Dialect {
            delimiter: self.delimiters.first().copied().unwrap_or(b','),
            quotes: true,
        };
        Box::new(TableReader {
            dialect,
            columns: Columns::learn(head.text, dialect),
        })
    }

    fn probe(&self, head: &Head<'_>) -> Option<(Likeness, Option<Box<dyn Reader>>)> {
        let told = sniff::tell(head, self.delimiters)?;
        let reader = TableReader {
            dialect: told.dialect,
            columns: told.columns,
        };
        Some((told.likeness, Some(Box::new(reader))))
    }
}

struct TableReader {
    dialect: Dialect,
    columns: Columns,
}

impl Reader for TableReader {
    fn cut(&self, window: &[u8]) -> Cut {
        outline::last_end(window, self.dialect).map_or(Cut::More, Cut::Record)
    }

    fn index<'s>(&'s self, chunk: Chunk<'s>) -> Box<dyn Locate + 's> {
        Box::new(TableIndex::new(chunk, self.dialect, &self.columns))
    }

    fn read<'s>(&'s self, chunk: Chunk<'s>, index: &'s dyn Locate) -> Content<'s> {
        // A doubled quote needs no decoding: no value that is looked for can hold one.
        let text = chunk.text.get(..chunk.end).unwrap_or_default();
        let mut ledger = Ledger::read(chunk.end - chunk.start);
        let words = coded_runs(text, chunk.start..chunk.end);
        for place in gzipped(text, &words) {
            ledger.unread(place, Reason::Unsupported("gzip"));
        }
        Content {
            views: layers_beside(chunk, index, None, &[], &words),
            ledger,
            children: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests;
