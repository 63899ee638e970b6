//! Answers which row and column of which table a chunk offset lies in.

use std::cell::OnceCell;
use std::ops::Range;

use super::walk::{Cell, Column, Dump, Insert, Row, read};
use crate::edit::{Refusal, Splice};
use crate::format::text::gone;
use crate::format::{Chunk, Locate, Location, Slot, SlotKind, Width};
use crate::time::{Named, Stamp, time_column};
use crate::view::{Codec, Hinting, Hints, Party, Register};

/// The index of one chunk.
pub(super) struct SqlIndex<'s> {
    chunk: Chunk<'s>,
    slashes: bool,
    /// Tables created in the head of the source.
    tables: &'s [(Vec<u8>, Vec<Column>)],
    dump: OnceCell<Dump>,
    /// Where rows have their time, by what inserts them.
    times: OnceCell<Vec<Time>>,
}

/// Where rows have their time.
#[derive(Clone, Copy)]
enum Time {
    /// Nobody says what their columns are.
    Unknown,
    /// None of their columns holds one.
    Nowhere,
    /// In the column of this number.
    In(usize, Named),
}

impl<'s> SqlIndex<'s> {
    pub(super) fn new(
        chunk: Chunk<'s>,
        slashes: bool,
        tables: &'s [(Vec<u8>, Vec<Column>)],
    ) -> Self {
        SqlIndex {
            chunk,
            slashes,
            tables,
            dump: OnceCell::new(),
            times: OnceCell::new(),
        }
    }

    fn dump(&self) -> &Dump {
        self.dump.get_or_init(|| {
            let text = self.chunk.text.get(..self.chunk.end).unwrap_or_default();
            read(text, self.chunk.start, self.slashes)
        })
    }

    fn row(&self, at: usize) -> Option<(usize, &Row, &Insert)> {
        let dump = self.dump();
        let number = dump.rows.partition_point(|row| row.text.end <= at);
        let row = dump.rows.get(number).filter(|row| row.text.start <= at)?;
        Some((number, row, dump.inserts.get(row.insert)?))
    }

    /// The cell around `at`, its number in its row, and what inserts it.
    fn cell(&self, at: usize) -> Option<(&Cell, usize, &Insert)> {
        let (_, row, insert) = self.row(at)?;
        let cells = self.dump().cells.get(row.cells.clone())?;
        let number = cells.partition_point(|cell| cell.text.end < at);
        let cell = cells.get(number).filter(|cell| cell.text.start <= at)?;
        Some((cell, number, insert))
    }

    /// The table as it was created; `None` where two of that name are not alike.
    fn table(&self, insert: &Insert) -> Option<&[Column]> {
        let tables = self.dump().tables.iter().chain(self.tables);
        let mut named = tables.filter(|(name, _)| *name == insert.table);
        let (_, columns) = named.next()?;
        named
            .all(|(_, others)| others == columns)
            .then_some(columns.as_slice())
    }

    /// The column of this `number` as its table was created.
    fn created(&self, insert: &Insert, number: usize) -> Option<&Column> {
        let columns = self.table(insert)?;
        match insert.columns.get(number) {
            Some(name) => columns.iter().find(|column| column.name == *name),
            None => columns.get(number),
        }
    }

    /// Where the rows of an insert have their time.
    fn time(&self, insert: usize) -> Time {
        let times = self.times.get_or_init(|| {
            let inserts = self.dump().inserts.iter();
            inserts.map(|insert| self.find_time(insert)).collect()
        });
        times.get(insert).copied().unwrap_or(Time::Unknown)
    }

    fn find_time(&self, insert: &Insert) -> Time {
        let names: Vec<&[u8]> = if insert.columns.is_empty() {
            let columns = self.table(insert).unwrap_or_default();
            columns.iter().map(|column| &*column.name).collect()
        } else {
            insert.columns.iter().map(|name| &**name).collect()
        };
        if names.is_empty() {
            return Time::Unknown;
        }
        let found = time_column(&insert.table, names.iter().copied());
        found.map_or(Time::Nowhere, |(number, named)| Time::In(number, named))
    }

    fn cell_text(&self, row: &Row, number: usize) -> Option<&[u8]> {
        let cell = self.dump().cells.get(row.cells.clone())?.get(number)?;
        self.chunk.text.get(cell.text.clone())
    }

    fn name<'i>(&'i self, insert: &'i Insert, number: usize) -> Option<&'i [u8]> {
        let said = insert.columns.get(number).map(Vec::as_slice);
        said.or_else(|| Some(self.created(insert, number)?.name.as_slice()))
    }
}

impl Hinting for SqlIndex<'_> {
    fn hints(&self, at: usize) -> Hints<'_> {
        let Some((cell, number, insert)) = self.cell(at) else {
            return Hints {
                register: Register::Log,
                ..Hints::default()
            };
        };
        let label = self.name(insert, number);
        Hints {
            register: Register::Cell,
            label,
            party: label.and_then(Party::of_label),
            value: Some(cell.text.clone()),
            sampled: None,
        }
    }
}

impl Locate for SqlIndex<'_> {
    fn locate(&self, at: usize) -> Location {
        let record = self.row(at).map(|(number, ..)| number as u64);
        let name = self.cell(at).and_then(|(_, number, insert)| {
            let name = String::from_utf8_lossy(self.name(insert, number)?);
            let table = String::from_utf8_lossy(&insert.table);
            Some(format!("{table}.{name}"))
        });
        let label = self
            .cell(at)
            .and_then(|(_, number, insert)| self.name(insert, number));
        Location {
            record,
            field: name.map(Into::into),
            party: label.and_then(Party::of_label),
        }
    }

    fn records(&self) -> u64 {
        self.dump().rows.len() as u64
    }

    fn slot(&self, range: Range<usize>) -> Slot {
        let cell = self.cell(range.start);
        let number = cell.is_some_and(|(cell, number, insert)| {
            let text = self.chunk.text.get(cell.text.clone()).unwrap_or_default();
            let digits = text
                .iter()
                .all(|b| b.is_ascii_digit() || b"+-.".contains(b));
            let created = self.created(insert, number);
            !cell.quoted && digits && (!insert.copy || created.is_none_or(|column| column.number))
        });
        let hexadecimal = cell.is_some_and(|(cell, ..)| {
            let text = self.chunk.text.get(cell.text.clone()).unwrap_or_default();
            let marked = [&b"\\x"[..], b"\\\\x", b"0x", b"X'", b"x'"];
            marked.iter().any(|mark| text.starts_with(mark))
        });
        Slot {
            kind: if number {
                SlotKind::Number
            } else {
                SlotKind::Text
            },
            width: Width::Free,
            style: if hexadecimal {
                Codec::Hex
            } else {
                Codec::Plain
            },
        }
    }

    fn record_from(&self, from: usize) -> Option<Range<usize>> {
        let rows = &self.dump().rows;
        let next = rows.partition_point(|row| row.text.start < from);
        Some(rows.get(next)?.text.clone())
    }

    fn stamp(&self, at: usize) -> Option<Stamp<'_>> {
        let (_, row, _) = self.row(at)?;
        let Time::In(number, named) = self.time(row.insert) else {
            return None;
        };
        let text = self.cell_text(row, number)?;
        (!is_null(text)).then(|| Stamp {
            text: text.into(),
            count: named.count,
            utc: named.utc,
        })
    }

    fn is_timeless(&self, at: usize) -> bool {
        let row = self.row(at);
        row.is_some_and(|(_, row, _)| matches!(self.time(row.insert), Time::Nowhere))
    }

    /// Drops the row with the comma behind it; the comma before a last one goes when the edits are
    /// settled.
    fn drop_record(&self, at: usize) -> Result<Vec<Splice>, Refusal> {
        let (_, row, insert) = self.row(at).ok_or(Refusal::NotDroppable)?;
        if insert.copy {
            return Ok(vec![gone(row.text.clone())]);
        }
        let text = self.chunk.text.get(..self.chunk.end).unwrap_or_default();
        let behind = text.get(row.text.end..).unwrap_or_default();
        let blanks = behind.len() - behind.trim_ascii_start().len();
        let mut range = row.text.clone();
        if behind.get(blanks) == Some(&b',') {
            range.end += blanks + 1;
            let next = text.get(range.end..).unwrap_or_default();
            range.end += next.len() - next.trim_ascii_start().len();
        } else if behind.get(blanks) != Some(&b';') || insert.start.is_none() {
            // The statement goes on, or the comma before it may stand in the window before.
            return Err(Refusal::NotDroppable);
        }
        Ok(vec![gone(range)])
    }
}

/// Whether a cell holds no value.
fn is_null(text: &[u8]) -> bool {
    text == b"\\N" || text.eq_ignore_ascii_case(b"NULL")
}
