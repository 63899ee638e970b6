//! Answers which row and column of which table a chunk offset lies in.

use std::cell::OnceCell;
use std::ops::Range;

use super::walk::{Cell, Column, Dump, Insert, Row, read};
use crate::edit::{Refusal, Splice};
use crate::format::text::gone;
use crate::format::{Chunk, Locate, Location, Slot, SlotKind, Width};
use crate::time::{Count, Stamp, is_moment, time_column};
use crate::view::{Codec, Hinting, Hints, Party, Register};

/// The index of one chunk.
pub(super) struct SqlIndex<'s> {
    chunk: Chunk<'s>,
    slashes: bool,
    /// Tables created in the head of the source.
    tables: &'s [(Vec<u8>, Vec<Column>)],
    dump: OnceCell<Dump>,
    /// Where rows have their time, by what inserts them.
    times: OnceCell<Vec<Option<Time>>>,
}

/// The column with the time of rows.
#[derive(Clone, Copy)]
struct Time {
    number: usize,
    count: Count,
    utc: bool,
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

    /// The table as it was created.
    fn table(&self, insert: &Insert) -> Option<&[Column]> {
        let mut tables = self.dump().tables.iter().chain(self.tables);
        let (_, columns) = tables.find(|(name, _)| *name == insert.table)?;
        Some(columns)
    }

    /// The column of this `number` as its table was created.
    fn created(&self, insert: &Insert, number: usize) -> Option<&Column> {
        let columns = self.table(insert)?;
        match insert.columns.get(number) {
            Some(name) => columns.iter().find(|column| column.name == *name),
            None => columns.get(number),
        }
    }

    /// Where the rows of an insert have their time: by the names of columns, and where nobody says
    /// these, in the first column that holds nothing but days with times.
    fn time(&self, insert: usize) -> Option<Time> {
        let times = self.times.get_or_init(|| {
            let numbers = 0..self.dump().inserts.len();
            let mut times: Vec<_> = numbers.map(|_| None).collect();
            let mut first = 0;
            let rows = &self.dump().rows;
            for rows in rows.chunk_by(|one, next| one.insert == next.insert) {
                let number = rows.first().map_or(0, |row| row.insert);
                if let Some(time) = times.get_mut(number) {
                    *time = self.find_time(number, first..first + rows.len());
                }
                first += rows.len();
            }
            times
        });
        times.get(insert).copied().flatten()
    }

    /// As above, of the rows of these numbers.
    fn find_time(&self, insert: usize, rows: Range<usize>) -> Option<Time> {
        let insert = self.dump().inserts.get(insert)?;
        let names: Vec<&[u8]> = if insert.columns.is_empty() {
            let columns = self.table(insert).unwrap_or_default();
            columns.iter().map(|column| &*column.name).collect()
        } else {
            insert.columns.iter().map(|name| &**name).collect()
        };
        if !names.is_empty() {
            let (number, named) = time_column(&insert.table, names.iter().copied())?;
            return Some(Time {
                number,
                count: named.count,
                utc: named.utc,
            });
        }
        let rows = self.dump().rows.get(rows)?;
        let width = rows.iter().map(|row| row.cells.len()).min()?;
        let number = (0..width).find(|number| {
            let texts = rows.iter().filter_map(|row| self.cell_text(row, *number));
            let mut given = texts.filter(|text| !is_null(text)).peekable();
            given.peek().is_some() && given.all(is_moment)
        })?;
        Some(Time {
            number,
            count: Count::Told,
            utc: false,
        })
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
        let time = self.time(row.insert)?;
        let text = self.cell_text(row, time.number)?;
        (!is_null(text)).then(|| Stamp {
            text: text.into(),
            count: time.count,
            utc: time.utc,
        })
    }

    fn is_timeless(&self, at: usize) -> bool {
        let row = self.row(at);
        row.is_some_and(|(_, row, _)| self.time(row.insert).is_none())
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
        } else if insert.start.is_none() {
            // The comma before it may stand in the window before.
            return Err(Refusal::NotDroppable);
        }
        Ok(vec![gone(range)])
    }
}

/// Whether a cell holds no value.
fn is_null(text: &[u8]) -> bool {
    text == b"\\N" || text.eq_ignore_ascii_case(b"NULL")
}
