//! Copies of removed rows in full-text indexes that keep their own text.
//!
//! A database has them made and removed by triggers, which do not run here, so they are followed by
//! what they hold: a row of an index goes with a removed row when it names that row's id, as its own
//! or in one of its columns, and has no text but that row's. Owns that rule alone.

use std::collections::{BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};

use rusqlite::Connection;
use rusqlite::types::ValueRef;

use crate::format::sqlite::{Key, Schema, Table, Text, quoted};

/// Texts of the rows that were removed, by the ids of these.
#[derive(Default)]
pub(super) struct Copies(HashMap<i64, Vec<u64>>);

impl Copies {
    /// Notes a removed row.
    pub(super) fn note<'t>(&mut self, id: i64, texts: impl Iterator<Item = &'t [u8]>) {
        self.0.entry(id).or_default().extend(texts.map(digest));
    }

    /// Removes the copies, and names the indexes they stood in.
    ///
    /// # Errors
    /// What SQLite says.
    pub(super) fn remove(
        &self,
        database: &Connection,
        schema: &Schema,
        touched: &mut BTreeSet<String>,
    ) -> rusqlite::Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        for table in &schema.tables {
            let keeps = |name: &str| {
                let named = schema.full_texts.iter().find(|text| text.name == name);
                named.is_some_and(|text| text.text == Text::Own)
            };
            let Key::Row(id) = table.key else {
                continue;
            };
            if !keeps(&table.name) {
                continue;
            }
            let copies = self.of(database, table, id)?;
            let sql = format!("DELETE FROM {} WHERE {id} = ?1", quoted(&table.name));
            let mut statement = database.prepare(&sql)?;
            for copy in &copies {
                statement.execute([copy])?;
            }
            if !copies.is_empty() {
                touched.insert(table.name.to_string());
            }
        }
        Ok(())
    }

    fn of(&self, database: &Connection, table: &Table, id: &str) -> rusqlite::Result<Vec<i64>> {
        let names: Vec<String> = table
            .columns
            .iter()
            .map(|column| quoted(&column.name))
            .collect();
        let sql = format!(
            "SELECT {id}, {} FROM {}",
            names.join(", "),
            quoted(&table.name)
        );
        let mut statement = database.prepare(&sql)?;
        let mut rows = statement.query([])?;
        let mut copies = Vec::new();
        while let Some(row) = rows.next()? {
            let (mut ids, mut texts) = (Vec::new(), Vec::new());
            for at in 0..=names.len() {
                match row.get_ref(at)? {
                    ValueRef::Integer(number) => ids.push(number),
                    ValueRef::Text([]) => {}
                    ValueRef::Text(text) => texts.push(digest(text)),
                    _ => {}
                }
            }
            let is_of = |id: &i64| {
                let known = self.0.get(id);
                known.is_some_and(|known| texts.iter().all(|text| known.contains(text)))
            };
            if !texts.is_empty() && ids.iter().any(is_of) {
                copies.push(row.get(0)?);
            }
        }
        Ok(copies)
    }
}

fn digest(text: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}
