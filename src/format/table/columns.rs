//! What is known of the columns of a table: names, parties, which are numbers, which rows are
//! headings.

use std::borrow::Cow;
use std::sync::Arc;

use super::cells::decoded;
use super::layouts::{self, Layout};
use super::outline::Outline;
use super::record::{Dialect, last_cell_end};
use super::times::{self, TimeColumn};
use crate::view::{Party, Sampled};

/// How many records of the head decide what the columns are.
const SAMPLED: usize = 32;
/// No export has more columns; a bound keeps hostile headers small.
const MOST_COLUMNS: usize = 4096;

/// One column.
pub(super) struct Column {
    /// Its name, or its number where it has none.
    pub(super) name: Arc<str>,
    named: bool,
    /// Whose side of the record it is.
    pub(super) party: Option<Party>,
    /// Whether only a number may stand in it.
    pub(super) number: bool,
}

impl Column {
    /// Its name as evidence; a number is none.
    pub(super) fn label(&self) -> Option<&[u8]> {
        self.named.then_some(self.name.as_bytes())
    }
}

/// The columns of one table.
#[derive(Default)]
pub(super) struct Columns {
    columns: Vec<Column>,
    /// Lines that name columns or types, without their line end.
    headings: Vec<Vec<u8>>,
    /// Those that hold a record's own time, in the order in which they are asked.
    times: Vec<TimeColumn>,
    /// The first values of those that hold something like numbers, by number.
    sampled: Vec<Option<Box<Sampled>>>,
    /// The layout they were taken from.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "shown once patterns are explained")
    )]
    pub(super) layout: Option<&'static str>,
}

impl Columns {
    /// The column with this number, counted from 0.
    pub(super) fn get(&self, number: usize) -> Option<&Column> {
        self.columns.get(number)
    }

    /// Those that hold a record's own time, in the order in which they are asked.
    pub(super) fn times(&self) -> &[TimeColumn] {
        &self.times
    }

    /// The first values of the column with this number, where they are something like numbers.
    pub(super) fn sampled(&self, number: usize) -> Option<&Sampled> {
        self.sampled.get(number)?.as_deref()
    }

    /// How many columns have first values.
    pub(super) fn sampled_len(&self) -> usize {
        self.sampled.len()
    }

    /// How many columns something is known of.
    pub(super) fn len(&self) -> usize {
        self.columns.len()
    }

    /// Whether a row, given without its line end, names columns or types.
    pub(super) fn is_heading(&self, row: &[u8]) -> bool {
        self.headings.iter().any(|heading| heading == row)
    }

    /// Whether anything says what the columns are.
    pub(super) fn are_known(&self) -> bool {
        !self.columns.is_empty()
    }

    /// Learns the columns from the beginning of a table.
    pub(super) fn learn(head: &[u8], dialect: Dialect) -> Columns {
        Columns::learn_from(head, &Outline::of(head, 0, dialect, false))
    }

    /// Learns the columns from the beginning of a table that `outline` divides.
    pub(super) fn learn_from(head: &[u8], outline: &Outline) -> Columns {
        let mut sample = Sample::take(head, outline);
        let mut headings = Vec::new();
        let mut names = None;
        let mut types = None;
        if sample.first_is(is_type) {
            types = Some(sample.pop(&mut headings));
        } else if sample.has_header() {
            names = Some(sample.pop(&mut headings));
            if sample.first_is(is_type) {
                types = Some(sample.pop(&mut headings));
            }
        }
        let layout = match &names {
            Some(names) => layouts::by_header(names),
            None => layouts::by_content(&sample.cells),
        };
        let mut columns = match (&names, layout) {
            (Some(names), _) => named(names, layout),
            (None, Some(layout)) => ordered(layout),
            (None, None) => Vec::new(),
        };
        if let Some(types) = types {
            for (i, kind) in types.iter().take(MOST_COLUMNS).enumerate() {
                if i == columns.len() {
                    columns.push(nameless(i));
                }
                if let Some(column) = columns.get_mut(i) {
                    column.number = is_number_type(kind);
                }
            }
        }
        Columns {
            times: times::of(&columns, layout, &sample.cells),
            sampled: sampled(&sample.cells),
            columns,
            headings,
            layout: layout.map(|layout| layout.name),
        }
    }
}

/// No table has numbers of people in a column behind so many others.
const MOST_SAMPLED_COLUMNS: usize = 256;
/// The fewest digits of a value that is something like a number.
const NUMBER_DIGITS: usize = 7;

/// The first values of the columns in which most of the first ones are something like numbers: many
/// digits, or a number with an exponent.
fn sampled(cells: &[Vec<Cow<'_, [u8]>>]) -> Vec<Option<Box<Sampled>>> {
    let like_number = |cell: &[u8]| {
        let digits = cell.iter().filter(|b| b.is_ascii_digit()).count();
        let letters = cell.iter().filter(|b| b.is_ascii_alphabetic()).count();
        digits >= NUMBER_DIGITS && letters == 0 && !cell.contains(&b':')
            || digits >= 3 && letters == 1 && cell.contains(&b'+')
    };
    let width = cells.iter().map(Vec::len).max().unwrap_or(0);
    let column = |number: usize| {
        let values = || {
            cells
                .iter()
                .filter_map(|row| row.get(number))
                .filter(|c| !c.is_empty())
        };
        let like = values().filter(|cell| like_number(cell)).count();
        if like == 0 || like * 2 < values().count() {
            return None;
        }
        let mut sampled = Box::<Sampled>::default();
        for value in values() {
            sampled.push(value);
        }
        Some(sampled)
    };
    let mut columns: Vec<_> = (0..width.min(MOST_SAMPLED_COLUMNS)).map(column).collect();
    let used = columns
        .iter()
        .rposition(Option::is_some)
        .map_or(0, |last| last + 1);
    columns.truncate(used);
    columns
}

fn named(names: &[Cow<'_, [u8]>], layout: Option<&'static Layout>) -> Vec<Column> {
    let column = |(i, name): (usize, &Cow<'_, [u8]>)| {
        let known = layout.and_then(|layout| layout.named(name));
        if name.is_empty() {
            return nameless(i);
        }
        Column {
            name: String::from_utf8_lossy(name).into(),
            named: true,
            party: known.map_or_else(|| Party::of_label(name), |known| known.party),
            number: known.is_some_and(|known| known.number),
        }
    };
    names
        .iter()
        .take(MOST_COLUMNS)
        .enumerate()
        .map(column)
        .collect()
}

fn ordered(layout: &'static Layout) -> Vec<Column> {
    let columns = layout.ordered().iter();
    columns
        .map(|known| Column {
            name: known.name.into(),
            named: true,
            party: known.party,
            number: known.number,
        })
        .collect()
}

fn nameless(number: usize) -> Column {
    Column {
        name: format!("column {}", number + 1).into(),
        named: false,
        party: None,
        number: false,
    }
}

/// The first records of a table.
struct Sample<'t> {
    cells: Vec<Vec<Cow<'t, [u8]>>>,
    lines: Vec<&'t [u8]>,
}

impl<'t> Sample<'t> {
    fn take(head: &'t [u8], outline: &Outline) -> Self {
        let mut sample = Sample {
            cells: Vec::with_capacity(SAMPLED),
            lines: Vec::with_capacity(SAMPLED),
        };
        for row in outline.rows(0, head.len()) {
            if sample.cells.len() == SAMPLED {
                break;
            }
            let end = last_cell_end(head, row.start, row.end);
            let whole = outline.ends_at(row.end - 1);
            // A head that ends within a record says nothing about it, unless it is all there is.
            if end == row.start || (!whole && !sample.cells.is_empty()) {
                continue;
            }
            // Most records have as many cells as the one before.
            let before = sample.cells.last().map_or(0, Vec::len);
            let mut cells = Vec::with_capacity(before);
            let bounds = outline.cells(row.clone(), end);
            cells.extend(bounds.map(|cell| decoded(head.get(cell).unwrap_or_default())));
            sample.cells.push(cells);
            sample
                .lines
                .push(head.get(row.start..end).unwrap_or_default());
        }
        sample
    }

    fn first_is(&self, kind: fn(&[u8]) -> bool) -> bool {
        self.cells
            .first()
            .is_some_and(|cells| cells.len() > 1 && cells.iter().all(|cell| kind(cell)))
    }

    fn pop(&mut self, headings: &mut Vec<Vec<u8>>) -> Vec<Cow<'t, [u8]>> {
        headings.push(self.lines.remove(0).to_vec());
        self.cells.remove(0)
    }

    /// Whether the first record names columns: it looks like names, and either a name is one that
    /// layouts or parties know or the column below it looks different.
    fn has_header(&self) -> bool {
        let Some((first, rest)) = self.cells.split_first() else {
            return false;
        };
        let named = first.iter().filter(|cell| !cell.is_empty()).count();
        if named * 2 <= first.len() || !first.iter().all(|cell| is_name(cell)) {
            return false;
        }
        let unique = first.iter().enumerate().all(|(i, cell)| {
            cell.is_empty() || !first.iter().skip(i + 1).any(|other| other == cell)
        });
        if !unique {
            return false;
        }
        if layouts::by_header(first).is_some() {
            return true;
        }
        let telling = first.iter().filter(|cell| is_column_word(cell)).count();
        let unlike = first.iter().enumerate().any(|(i, name)| {
            let below = || {
                rest.iter()
                    .filter_map(|cells| cells.get(i))
                    .filter(|c| !c.is_empty())
            };
            let different = below().filter(|cell| is_data(cell)).count();
            different > 0 && different * 2 >= below().count() && !is_data(name)
        });
        (telling > 0 && telling * 3 >= named) || unlike
    }
}

/// Whether a cell could name a column: a short word or phrase, no value.
fn is_name(cell: &[u8]) -> bool {
    /// The longest names in real exports are questions of forms.
    const LONGEST: usize = 80;
    cell.is_empty()
        || (cell.len() <= LONGEST
            && cell.iter().any(|&b| b.is_ascii_alphabetic() || b >= 0x80)
            && !cell.contains(&b'@')
            && !is_data(cell))
}

/// Whether a cell holds data rather than a name: more digits than letters.
fn is_data(cell: &[u8]) -> bool {
    let digits = cell.iter().filter(|b| b.is_ascii_digit()).count();
    let letters = cell
        .iter()
        .filter(|b| b.is_ascii_alphabetic() || **b >= 0x80)
        .count();
    digits > letters || (digits >= 5 && !cell.contains(&b'_')) || cell.contains(&b'@')
}

/// Words that name columns in exports of any kind.
const COLUMN_WORDS: &[&str] = &[
    "id",
    "name",
    "first name",
    "last name",
    "firstname",
    "lastname",
    "phone",
    "number",
    "email",
    "e-mail",
    "address",
    "city",
    "state",
    "zip",
    "country",
    "date",
    "time",
    "timestamp",
    "type",
    "status",
    "direction",
    "duration",
    "from",
    "to",
    "subject",
    "body",
    "message",
    "text",
    "note",
    "notes",
    "comment",
    "comments",
    "value",
    "key",
    "user",
    "username",
    "account",
    "mobile",
    "cell",
    "card",
    "amount",
    "price",
    "currency",
    "caller",
    "callee",
    "src",
    "dst",
    "start",
    "end",
    "ip",
];

fn is_column_word(cell: &[u8]) -> bool {
    COLUMN_WORDS
        .iter()
        .any(|word| cell.eq_ignore_ascii_case(word.as_bytes()))
        || (cell.contains(&b'_') && !cell.contains(&b' '))
        || Party::of_label(cell).is_some()
}

/// Whether a cell is an SQL type, as the second row of Cisco exports holds.
fn is_type(cell: &[u8]) -> bool {
    const TYPES: [&str; 12] = [
        "INTEGER",
        "BIGINT",
        "SMALLINT",
        "VARCHAR",
        "CHAR",
        "NVARCHAR",
        "STRING",
        "TEXT",
        "FLOAT",
        "UNIQUEIDENTIFIER",
        "DATETIME",
        "TIMESTAMP",
    ];
    let name = cell.split(|&b| b == b'(').next().unwrap_or_default();
    TYPES.iter().any(|known| known.as_bytes() == name)
}

fn is_number_type(cell: &[u8]) -> bool {
    [&b"INTEGER"[..], b"BIGINT", b"SMALLINT", b"FLOAT"].contains(&cell)
}
