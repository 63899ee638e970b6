//! Comma-separated cells: one raw view cut at cells, and a decoded view for each quoted cell.

use std::ops::Range;
use std::path::Path;

use efface::edit::{Refusal, Splice};
use efface::format::{
    Capabilities, Chunk, Content, Cut, Format, Head, Ledger, Likeness, Locate, Location, Memory,
    Reader, Slot, Width,
};
use efface::view::{Break, BreakKind, Codec, Hinting, Hints, Map, Register, View};

use crate::lines::{drop_line, text_slot};

pub(crate) struct Cells;

impl Format for Cells {
    fn name(&self) -> &'static str {
        "cells"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            memory: Memory::Record,
            width: Width::Free,
        }
    }

    fn sniff(&self, head: &Head<'_>) -> Option<Likeness> {
        let extension = Path::new(head.name).extension();
        extension
            .is_some_and(|end| end == "csv")
            .then_some(Likeness::Likely)
    }

    fn open(&self, head: &Head<'_>) -> Box<dyn Reader> {
        let first = head.text.split(|b| *b == b'\n').next().unwrap();
        let header = std::str::from_utf8(first).unwrap();
        let columns = header.trim_end().split(',').map(str::to_owned).collect();
        Box::new(Table { columns })
    }
}

struct Table {
    columns: Vec<String>,
}

/// One cell: its bytes without quotes, whether it has them, and where it stands.
struct Cell {
    inner: Range<usize>,
    quoted: bool,
    record: u64,
    column: usize,
}

/// The cells of a chunk that starts a record.
fn cells(text: &[u8]) -> Vec<Cell> {
    let (mut cells, mut start, mut quoted) = (Vec::new(), 0, false);
    let (mut record, mut column) = (0, 0);
    for at in 0..=text.len() {
        match text.get(at) {
            Some(b'"') => quoted = !quoted,
            Some(b',' | b'\n') | None if !quoted => {
                let trimmed = text[start..at].trim_ascii_end().len();
                let has_quotes = trimmed > 1 && text[start] == b'"';
                let inset = usize::from(has_quotes);
                cells.push(Cell {
                    inner: start + inset..start + trimmed - inset,
                    quoted: has_quotes,
                    record,
                    column,
                });
                start = at + 1;
                column += 1;
                if text.get(at) == Some(&b'\n') {
                    (record, column) = (record + 1, 0);
                }
            }
            _ => {}
        }
    }
    cells
}

struct Index<'s> {
    cells: Vec<Cell>,
    columns: &'s [String],
}

impl Index<'_> {
    fn cell(&self, at: usize) -> Option<&Cell> {
        self.cells
            .iter()
            .find(|c| c.inner.start <= at && at <= c.inner.end)
    }
}

impl Hinting for Index<'_> {
    fn hints(&self, at: usize) -> Hints<'_> {
        let cell = self.cell(at);
        Hints {
            register: Register::Cell,
            label: cell
                .and_then(|c| self.columns.get(c.column))
                .map(String::as_bytes),
            value: cell.map(|c| c.inner.clone()),
            ..Hints::default()
        }
    }
}

impl Locate for Index<'_> {
    fn locate(&self, at: usize) -> Location {
        let cell = self.cell(at);
        Location {
            record: cell.map(|c| c.record),
            field: cell
                .and_then(|c| self.columns.get(c.column))
                .map(|name| name.as_str().into()),
            party: None,
        }
    }

    fn records(&self) -> u64 {
        self.cells.last().map_or(0, |c| c.record)
    }
}

impl Reader for Table {
    fn cut(&self, window: &[u8]) -> Cut {
        let mut quoted = false;
        let ends = window.iter().enumerate().filter(|(_, b)| {
            quoted ^= **b == b'"';
            !quoted && **b == b'\n'
        });
        ends.last()
            .map_or(Cut::More, |(end, _)| Cut::Record(end + 1))
    }

    fn index<'s>(&'s self, chunk: Chunk<'s>) -> Box<dyn Locate + 's> {
        Box::new(Index {
            cells: cells(chunk.text),
            columns: &self.columns,
        })
    }

    fn read<'s>(&'s self, chunk: Chunk<'s>, index: &'s dyn Locate) -> Content<'s> {
        let cells = cells(chunk.text);
        let hard = |cell: &Cell| Break {
            at: cell.inner.start,
            kind: BreakKind::Hard,
        };
        let quoted = || cells.iter().filter(|c| c.quoted);
        let raw = View::raw(chunk.text, 0, index)
            .with_breaks(cells.iter().map(hard).collect())
            .with_holes(quoted().map(|c| c.inner.clone()).collect());
        let decoded = quoted().map(|cell| {
            let (text, map) = unquote(chunk, &cell.inner);
            View::layered(text, vec![map], index)
        });
        Content {
            views: std::iter::once(raw).chain(decoded).collect(),
            ledger: Ledger::read(chunk.text.len()),
            children: Vec::new(),
        }
    }

    fn slot(&self, chunk: Chunk<'_>, range: Range<usize>) -> Slot {
        let cells = cells(chunk.text);
        let cell = cells.iter().find(|c| c.inner.end >= range.end).unwrap();
        text_slot(if cell.quoted {
            Codec::QuotedCell
        } else {
            Codec::BareCell(b',')
        })
    }

    fn drop_record(&self, chunk: Chunk<'_>, at: usize) -> Result<Vec<Splice>, Refusal> {
        Ok(drop_line(chunk, at))
    }
}

/// The text of a quoted cell and its map: doubled quotes are one.
fn unquote(chunk: Chunk<'_>, inner: &Range<usize>) -> (Vec<u8>, Map) {
    let mut text = Vec::new();
    let mut map = Map::default().styled(Codec::QuotedCell);
    let mut at = inner.start;
    while at < inner.end {
        let width = if chunk.text[at] == b'"' { 2 } else { 1 };
        map.push(1, 1, at as u64, width, Codec::QuotedCell);
        text.push(chunk.text[at]);
        at += width;
    }
    (text, map)
}
