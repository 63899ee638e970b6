//! From the edits of a window of rows to the statements that make them.
//!
//! Owns new cells and rows that go, and what becomes of values that have to stay different from
//! each other. Knows neither what was found nor how the database came to be open.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, Statement, ToSql, ffi};

use super::copies::Copies;
use super::failed;
use crate::edit::mask_char;
use crate::format::sqlite::{Key, Row, RowKey, Rows, Stored, Table, quoted};
use crate::redact::edit::Splice;
use crate::redact::failure::{Failure, Outcome, Reason};

const DOING: &str = "cannot change the database";

/// Edits that fit no cell.
const MISFIT: Failure = Failure::new(Reason::BadEdits, DOING);

/// How many masks are tried for one value among values that must differ: more than a second of
/// trying, and more than any column of people's identifiers has equal widths of in practice.
const MOST_TRIES: u64 = 200_000;

/// The changes of a database in the making.
pub(super) struct Update<'c> {
    database: &'c Connection,
    statements: HashMap<String, Statement<'c>>,
    /// How many masks of a column had to be told apart, so that trying goes on from there.
    told_apart: HashMap<String, u64>,
    /// Tables that were changed.
    pub(super) touched: BTreeSet<String>,
    /// Rows removed.
    pub(super) removed: u64,
    /// What they held, where an index may hold it as well.
    pub(super) copies: Option<Copies>,
}

/// New content of a cell.
struct NewCell<'r> {
    /// The number of its column.
    column: usize,
    stored: Stored,
    old: &'r [u8],
    /// In offsets of the cell.
    splices: Vec<(Range<usize>, &'r [u8])>,
}

impl<'c> Update<'c> {
    pub(super) fn new(database: &'c Connection, copies: Option<Copies>) -> Update<'c> {
        Update {
            copies,
            database,
            statements: HashMap::new(),
            told_apart: HashMap::new(),
            touched: BTreeSet::new(),
            removed: 0,
        }
    }

    /// Makes the `splices` of a window, sorted, whose `text` starts at `offset`.
    pub(super) fn window(
        &mut self,
        rows: &Rows,
        text: &[u8],
        offset: u64,
        splices: &[Splice],
    ) -> Outcome<()> {
        let inner = |splice: &Splice| {
            let at = |end: u64| end.checked_sub(offset).map(|end| end as usize);
            Some(at(splice.range.start)?..at(splice.range.end)?)
        };
        let mut splices = splices.iter().peekable();
        for row in &rows.rows {
            let mut own = Vec::new();
            while let Some(splice) = splices.peek() {
                let range = inner(splice).ok_or(MISFIT)?;
                if range.start >= row.text.end {
                    break;
                }
                let goes_on = range.end > row.text.end;
                own.push((range, splice.new.as_slice()));
                if goes_on {
                    break;
                }
                splices.next();
            }
            // What is left of deleted rows is not copied to the new file.
            if own.is_empty() || matches!(row.key, RowKey::Left(_)) {
                continue;
            }
            self.touched.insert(row.table.name.to_string());
            // Its line end belongs to no cell: with it the row goes. Rows side by side may have
            // become one removal, which then begins with the first of them.
            let whole = |(range, new): &(Range<usize>, &[u8])| {
                range.start <= row.text.start && range.end >= row.text.end && new.is_empty()
            };
            if own.iter().any(whole) {
                self.remove(rows, row, text)?;
            } else {
                self.cells(rows, row, text, &own)?;
            }
        }
        match splices.next() {
            None => Ok(()),
            Some(_) => Err(MISFIT),
        }
    }

    fn remove(&mut self, rows: &Rows, row: &Row, text: &[u8]) -> Outcome<()> {
        if let (Some(copies), RowKey::Id(id)) = (&mut self.copies, &row.key) {
            let cells = rows.cells.get(row.cells.clone()).unwrap_or_default();
            let texts = cells.iter().filter(|cell| cell.stored == Stored::Text);
            copies.note(*id, texts.filter_map(|cell| text.get(cell.text.clone())));
        }
        let sql = format!(
            "DELETE FROM {} WHERE {}",
            quoted(&row.table.name),
            condition(&row.table, 1)?
        );
        let key = key_values(row);
        let key: Vec<&dyn ToSql> = key.iter().map(|value| value as &dyn ToSql).collect();
        let changed = self.execute(&sql, &key).map_err(|error| failed(&error))?;
        self.removed += 1;
        if changed == 1 { Ok(()) } else { Err(MISFIT) }
    }

    fn cells(
        &mut self,
        rows: &Rows,
        row: &Row,
        text: &[u8],
        splices: &[(Range<usize>, &[u8])],
    ) -> Outcome<()> {
        let mut new: Vec<NewCell<'_>> = Vec::new();
        let cells = rows.cells.get(row.cells.clone()).unwrap_or_default();
        for (range, bytes) in splices {
            let cell = cells
                .iter()
                .find(|cell| cell.text.start <= range.start && range.end <= cell.text.end)
                .ok_or(MISFIT)?;
            let inner = range.start - cell.text.start..range.end - cell.text.start;
            match new.last_mut().filter(|last| last.column == cell.column) {
                Some(last) => last.splices.push((inner, bytes)),
                None => new.push(NewCell {
                    column: cell.column,
                    stored: cell.stored,
                    old: text.get(cell.text.clone()).ok_or(MISFIT)?,
                    splices: vec![(inner, bytes)],
                }),
            }
        }
        // The key comes last: it is what the row is found by.
        let is_key = |cell: &NewCell<'_>| {
            let column = row.table.columns.get(cell.column);
            column.is_some_and(|column| column.is_row_id || column.primary > 0)
        };
        new.sort_by_key(is_key);
        let mut key = key_values(row);
        for cell in &new {
            self.cell(row, cell, &mut key)?;
        }
        Ok(())
    }

    /// Gives one cell its new content, and `key` with it where it is part of that.
    fn cell(&mut self, row: &Row, cell: &NewCell<'_>, key: &mut [Value]) -> Outcome<()> {
        let table = &row.table;
        let column = table.columns.get(cell.column).ok_or(MISFIT)?;
        if column.generated {
            // It follows the columns it is computed from; whether it does is looked at in the end.
            return Ok(());
        }
        let sql = format!(
            "UPDATE {} SET {} = ?1 WHERE {}",
            quoted(&table.name),
            quoted(&column.name),
            condition(table, 2)?
        );
        let name = column.field.to_string();
        let mut told_apart = 0;
        loop {
            let new = cell.with(told_apart)?;
            let value = bound(cell.stored, &new)?;
            let mut values: Vec<&dyn ToSql> = vec![&value];
            values.extend(key.iter().map(|value| value as &dyn ToSql));
            match self.execute(&sql, &values) {
                Ok(1) => {
                    if told_apart > 0 {
                        self.told_apart.insert(name, told_apart);
                    }
                    note_key(table, cell, &value, key);
                    return Ok(());
                }
                Ok(_) => return Err(MISFIT),
                Err(error) if is_taken(&error) && cell.is_masked() => {
                    let before = self.told_apart.get(&name).copied().unwrap_or(0);
                    told_apart = told_apart.max(before) + 1;
                    if told_apart > before + MOST_TRIES {
                        return Err(failed(&error));
                    }
                }
                Err(error) => return Err(failed(&error)),
            }
        }
    }

    fn execute(&mut self, sql: &str, values: &[&dyn ToSql]) -> rusqlite::Result<usize> {
        if !self.statements.contains_key(sql) {
            let statement = self.database.prepare(sql)?;
            self.statements.insert(sql.to_owned(), statement);
        }
        match self.statements.get_mut(sql) {
            Some(statement) => statement.execute(values),
            None => Ok(0),
        }
    }
}

/// What finds one row, with parameters from number `first` on.
fn condition(table: &Table, first: usize) -> Outcome<String> {
    match table.key {
        Key::Row(id) => Ok(format!("{id} = ?{first}")),
        Key::Primary => {
            let keys = table.columns.iter().filter(|column| column.primary > 0);
            let keys: Vec<String> = keys
                .enumerate()
                .map(|(at, column)| format!("{} IS ?{}", quoted(&column.name), first + at))
                .collect();
            Ok(keys.join(" AND "))
        }
        Key::None => Err(MISFIT),
    }
}

fn key_values(row: &Row) -> Vec<Value> {
    match &row.key {
        RowKey::Id(id) => vec![Value::Integer(*id)],
        RowKey::Primary(values) => values.to_vec(),
        RowKey::Left(_) | RowKey::Unknown => Vec::new(),
    }
}

/// Takes the new value of a cell into the key by which its row is found from now on.
fn note_key(table: &Table, cell: &NewCell<'_>, value: &ToSqlOutput<'_>, key: &mut [Value]) {
    let Some(column) = table.columns.get(cell.column) else {
        return;
    };
    let place = match table.key {
        Key::Row(_) if column.is_row_id => Some(0),
        Key::Primary if column.primary > 0 => {
            let before = table.columns.iter().take(cell.column);
            Some(before.filter(|column| column.primary > 0).count())
        }
        _ => None,
    };
    let new = match value {
        ToSqlOutput::Owned(value) => Some(value.clone()),
        ToSqlOutput::Borrowed(value) => Value::try_from(*value).ok(),
        _ => None,
    };
    if let (Some(place), Some(new)) = (place.and_then(|place| key.get_mut(place)), new) {
        *place = new;
    }
}

/// Whether another row has the value already and none may have it twice.
fn is_taken(error: &rusqlite::Error) -> bool {
    let code = error.sqlite_error().map(|error| error.extended_code);
    matches!(
        code,
        Some(
            ffi::SQLITE_CONSTRAINT_UNIQUE
                | ffi::SQLITE_CONSTRAINT_PRIMARYKEY
                | ffi::SQLITE_CONSTRAINT_ROWID
        )
    )
}

/// The new content as the type that the old one had.
fn bound(stored: Stored, new: &[u8]) -> Outcome<ToSqlOutput<'_>> {
    let number = || {
        let text = std::str::from_utf8(new).ok();
        text.and_then(|text| text.trim().parse::<i64>().ok())
            .ok_or(MISFIT)
    };
    Ok(match stored {
        Stored::Text => ToSqlOutput::Borrowed(ValueRef::Text(new)),
        Stored::Blob | Stored::Binary | Stored::Objects => {
            ToSqlOutput::Borrowed(ValueRef::Blob(new))
        }
        Stored::Integer => ToSqlOutput::Owned(Value::Integer(number()?)),
        Stored::Real => ToSqlOutput::Owned(Value::Real(number()? as f64)),
    })
}

impl NewCell<'_> {
    /// Whether a mask is put in somewhere, which can be spelled in more than one way.
    fn is_masked(&self) -> bool {
        self.stored == Stored::Text && self.splices.iter().any(|(_, new)| is_stars(new))
    }

    /// The new content; masks as the number `told_apart` spells them.
    fn with(&self, told_apart: u64) -> Outcome<Vec<u8>> {
        let mut new = Vec::with_capacity(self.old.len());
        let mut done = 0;
        for (range, bytes) in &self.splices {
            new.extend_from_slice(self.old.get(done..range.start).ok_or(MISFIT)?);
            if told_apart > 0 && is_stars(bytes) {
                new.extend(spelled(told_apart, bytes.len()).bytes());
            } else {
                new.extend_from_slice(bytes);
            }
            done = range.end;
        }
        new.extend_from_slice(self.old.get(done..).ok_or(MISFIT)?);
        Ok(new)
    }
}

fn is_stars(new: &[u8]) -> bool {
    !new.is_empty() && new.iter().all(|byte| *byte == b'*')
}

/// A mask of `len` characters that differs for each number below 3 to the power of `len`: its
/// characters are the digits of the number, written in the three mask characters of the least
/// widths.
fn spelled(mut number: u64, len: usize) -> String {
    let mut characters = vec![mask_char(1); len];
    for character in characters.iter_mut().rev() {
        *character = mask_char(1 + (number % 3) as usize);
        number /= 3;
    }
    characters.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::operator::is_replacement;

    #[test]
    fn masks_that_must_differ_do_and_are_masks() {
        let mut seen = BTreeSet::new();
        for number in 0..243 {
            let mask = spelled(number, 5);
            assert_eq!(mask.chars().count(), 5);
            assert!(is_replacement(mask.as_bytes()), "{mask}");
            assert!(seen.insert(mask), "{number}");
        }
        assert_eq!(spelled(0, 4), "****");
    }
}
