//! Which columns of a table hold its records' own times.
//!
//! Owns the choice: by the layout, by names, and without any by columns that hold nothing else.

use std::borrow::Cow;

use super::columns::Column;
use super::layouts::Layout;
use crate::time::{self, Count, Named, Stamp};

/// A column with a record's own time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TimeColumn {
    /// Its number, from 0.
    pub(super) number: usize,
    /// What a bare number in it counts.
    pub(super) count: Count,
    /// Whether a time without a zone is UTC.
    pub(super) utc: bool,
    /// The column with the time of day, where this one has the day alone.
    pub(super) clock: Option<usize>,
    /// Whether its cells say its name: `timestamp=1714060800`.
    pub(super) keyed: bool,
}

/// The columns in the order in which they are asked: the first that is not empty tells.
pub(super) fn of(
    columns: &[Column],
    layout: Option<&Layout>,
    records: &[Vec<Cow<'_, [u8]>>],
) -> Vec<TimeColumn> {
    let named = |column: &Column| column.label().and_then(time::named);
    let mut found: Vec<(usize, TimeColumn)> = Vec::new();
    for (number, column) in columns.iter().enumerate() {
        let known = column.label().zip(layout);
        let known = known.and_then(|(label, layout)| layout.named(label));
        let said = match (known.is_some_and(|known| known.time), named(column)) {
            // What the layout says comes before any name.
            (true, named) => Some((0, named.unwrap_or(PLAIN))),
            (false, Some(named)) => Some((named.rank + 1, named)),
            (false, None) => None,
        };
        if let Some((rank, named)) = said {
            found.push((
                rank,
                TimeColumn {
                    number,
                    count: named.count,
                    utc: named.utc,
                    clock: clock_beside(columns, column),
                    keyed: false,
                },
            ));
        }
    }
    let clocks: Vec<usize> = found.iter().filter_map(|(_, time)| time.clock).collect();
    found.retain(|(_, time)| !clocks.contains(&time.number));
    found.sort_by_key(|(rank, column)| (*rank, column.number));
    let told: Vec<TimeColumn> = found.into_iter().map(|(_, column)| column).collect();
    if told.is_empty() {
        by_content(columns.len(), records)
    } else {
        told
    }
}

const PLAIN: Named = Named {
    rank: 0,
    count: Count::Told,
    utc: false,
};

/// Of a column called `date` the one called `time`.
fn clock_beside(columns: &[Column], column: &Column) -> Option<usize> {
    let is = |column: &Column, name: &[u8]| {
        column
            .label()
            .is_some_and(|label| label.eq_ignore_ascii_case(name))
    };
    is(column, b"date")
        .then(|| columns.iter().position(|other| is(other, b"time")))
        .flatten()
}

/// Without names, the first column that holds nothing but times under such a name, or else the first
/// in which every record has a day and a time of it.
fn by_content(named: usize, records: &[Vec<Cow<'_, [u8]>>]) -> Vec<TimeColumn> {
    if named > 0 || records.is_empty() {
        return Vec::new();
    }
    let width = records.iter().map(Vec::len).min().unwrap_or(0);
    let cells = |number: usize| records.iter().filter_map(move |cells| cells.get(number));
    let keyed = (0..width).find_map(|number| {
        let mut told = cells(number).map(|cell| keyed(cell));
        let (first, _) = told.next()??;
        let alike = told.all(|next| next.is_some_and(|(named, _)| named == first));
        alike.then_some((number, first, true))
    });
    let plain = || {
        let timed = |number: &usize| cells(*number).all(|cell| time::is_moment(cell));
        (0..width).find(timed).map(|number| (number, PLAIN, false))
    };
    let found = keyed.or_else(plain);
    let column = found.map(|(number, named, keyed)| TimeColumn {
        number,
        count: named.count,
        utc: named.utc,
        clock: None,
        keyed,
    });
    column.into_iter().collect()
}

/// What a cell such as `ACC: answered: timestamp=1714060800` says of its name, and the time.
pub(super) fn keyed(cell: &[u8]) -> Option<(Named, &[u8])> {
    let sign = memchr::memchr(b'=', cell)?;
    let (name, value) = (cell.get(..sign)?, cell.get(sign + 1..)?);
    let start = name
        .iter()
        .rposition(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_');
    let named = time::named(name.get(start.map_or(0, |at| at + 1)..)?)?;
    let stamp = Stamp {
        text: value.into(),
        count: named.count,
        utc: named.utc,
    };
    time::read(&stamp).map(|_| (named, value))
}
