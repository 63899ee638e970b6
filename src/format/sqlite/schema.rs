//! What a database holds: its tables, how their rows are told apart, what stands in full-text
//! indexes, and what must not be written by anybody but the program it belongs to.
//!
//! Owns reading the schema. Knows nothing of rows.

use std::collections::HashSet;
use std::sync::Arc;

use rusqlite::Connection;

use super::remnants::{COLUMNS, TABLE};
use crate::time::{Named, time_column};
use crate::view::Party;

/// One column that is read.
pub(crate) struct Column {
    /// Its name.
    pub(crate) name: Arc<str>,
    /// Table and column.
    pub(crate) field: Arc<str>,
    /// Whose side of the record it is.
    pub(crate) party: Option<Party>,
    /// Its place in the primary key, from 1; 0: none.
    pub(crate) primary: usize,
    /// Computed from others and stored.
    pub(crate) generated: bool,
    /// It is the row's id itself.
    pub(crate) is_row_id: bool,
}

/// How a row is told from others.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Key {
    /// By its id, under this name.
    Row(&'static str),
    /// By the columns of its primary key.
    Primary,
    /// Not at all: every name of the id is taken by a column.
    None,
}

/// What keeps a full-text index.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Text {
    /// The index itself.
    Own,
    /// Another table or view.
    Table(String),
    /// Nobody.
    Nowhere,
}

/// A table that is read.
pub(crate) struct Table {
    /// Its name.
    pub(crate) name: Arc<str>,
    /// Its columns but those computed anew at each reading.
    pub(crate) columns: Vec<Column>,
    /// The column with a row's own time, by its number, and what is known of it.
    pub(crate) time: Option<(usize, Named)>,
    /// How its rows are told apart.
    pub(crate) key: Key,
    /// Whether it may be written.
    pub(crate) writable: bool,
    /// Whether it is a virtual table.
    pub(crate) is_virtual: bool,
}

/// A full-text index.
pub(crate) struct FullText {
    pub(crate) name: String,
    pub(crate) text: Text,
}

/// What is in a database.
#[derive(Default)]
pub(crate) struct Schema {
    pub(crate) tables: Vec<Arc<Table>>,
    pub(crate) full_texts: Vec<FullText>,
    /// Virtual tables that only the program they belong to can open.
    pub(crate) foreign: Vec<String>,
    /// Whether some index holds text that stands nowhere else.
    pub(crate) has_textless: bool,
}

/// The tables behind a full-text index, by what follows its name.
const SHADOWS: [(&str, &[&str]); 2] = [
    ("fts5", &["data", "idx", "content", "docsize", "config"]),
    ("fts", &["content", "segments", "segdir", "docsize", "stat"]),
];

/// Modules whose tables keep their rows in plain tables beside them, which are read as such.
const PLAIN_MODULES: [&str; 3] = ["rtree", "rtree_i32", "geopoly"];
/// Modules whose tables hold nothing of their own.
const EMPTY_MODULES: [&str; 4] = ["fts5vocab", "fts4aux", "fts3tokenize", "dbstat"];

/// Name, root page (0: none) and definition of every table.
const TABLES: &str = "SELECT name, coalesce(rootpage, 0), coalesce(sql, '') FROM sqlite_schema \
                      WHERE type = 'table' ORDER BY rowid";

impl Schema {
    /// Reads the schema.
    ///
    /// # Errors
    /// What SQLite says of a schema that it cannot read.
    pub(crate) fn of(database: &Connection) -> rusqlite::Result<Schema> {
        let mut statement = database.prepare(TABLES)?;
        let listed: Vec<(String, i64, String)> = statement
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
            .collect::<Result<_, _>>()?;
        let mut schema = Schema::default();
        let mut hidden = HashSet::new();
        let mut guarded = Vec::new();
        for (name, root, sql) in &listed {
            if *root != 0 {
                continue;
            }
            let (module, arguments) = module(sql);
            let opens = database
                .prepare(&format!("SELECT * FROM {}", quoted(name)))
                .is_ok();
            let shadows = SHADOWS
                .iter()
                .find(|(family, _)| module.starts_with(family))
                .filter(|_| opens && !EMPTY_MODULES.contains(&module.as_str()));
            if let Some((_, suffixes)) = shadows {
                let fold = |suffix: &&str| format!("{name}_{suffix}").to_lowercase();
                hidden.extend(suffixes.iter().map(fold));
                let text = kept_by(&arguments);
                schema.has_textless |= text == Text::Nowhere;
                schema.full_texts.push(FullText {
                    name: name.clone(),
                    text,
                });
            } else if !EMPTY_MODULES.contains(&module.as_str())
                && !PLAIN_MODULES.contains(&module.as_str())
            {
                guarded.push(format!("{name}_").to_lowercase());
                schema.foreign.push(name.clone());
            }
        }
        for (name, root, _) in &listed {
            let folded = name.to_lowercase();
            let indexed = schema.full_texts.iter().find(|text| text.name == *name);
            let read = match indexed {
                Some(full_text) => full_text.text == Text::Own,
                None => *root != 0,
            };
            // What SQLite keeps for itself repeats what stands in the rows.
            if !read || hidden.contains(&folded) || folded.starts_with("sqlite_") {
                continue;
            }
            let writable = !guarded.iter().any(|start| folded.starts_with(start));
            let is_virtual = *root == 0;
            let table = table(database, name, is_virtual, writable)?;
            schema.tables.push(Arc::new(table));
        }
        // Last, so that the numbers of records are not those of definitions.
        schema.tables.push(Arc::new(own_table()));
        Ok(schema)
    }
}

/// What is left of deleted rows, as a table.
pub(super) fn left_over() -> Table {
    let columns = COLUMNS.iter();
    Table {
        name: TABLE.into(),
        columns: columns.map(|kind| column(TABLE, kind, 0, false)).collect(),
        time: None,
        key: Key::None,
        writable: false,
        is_virtual: true,
    }
}

/// The schema itself as a table: names and definitions, which may quote a value.
fn own_table() -> Table {
    const NAME: &str = "sqlite_schema";
    Table {
        name: NAME.into(),
        columns: vec![column(NAME, "sql", 0, false)],
        time: None,
        key: Key::Row("rowid"),
        writable: false,
        is_virtual: false,
    }
}

fn column(table: &str, name: &str, primary: usize, generated: bool) -> Column {
    Column {
        name: name.into(),
        field: format!("{table}.{name}").into(),
        party: Party::of_label(name.as_bytes()),
        primary,
        generated,
        is_row_id: false,
    }
}

fn table(
    database: &Connection,
    name: &str,
    is_virtual: bool,
    writable: bool,
) -> rusqlite::Result<Table> {
    /// What `table_xinfo` says of columns: 0 is a plain one, 3 a computed one that is stored.
    const STORED: i64 = 3;
    let mut statement =
        database.prepare("SELECT name, type, pk, hidden FROM pragma_table_xinfo(?1)")?;
    let listed: Vec<(String, String, u16, i64)> = statement
        .query_map([name], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })?
        .collect::<Result<_, _>>()?;
    let named = |wanted: &str| {
        listed
            .iter()
            .any(|(name, ..)| name.eq_ignore_ascii_case(wanted))
    };
    let without: bool = !is_virtual
        && database.query_row(
            "SELECT wr FROM pragma_table_list WHERE schema = 'main' AND name = ?1",
            [name],
            |row| row.get(0),
        )?;
    let key = if without {
        Key::Primary
    } else {
        ["rowid", "_rowid_", "oid"]
            .into_iter()
            .find(|id| !named(id))
            .map_or(Key::None, Key::Row)
    };
    let keys = listed.iter().filter(|(_, _, pk, _)| *pk > 0).count();
    let columns: Vec<Column> = listed
        .iter()
        .filter(|(.., hidden)| matches!(*hidden, 0 | STORED))
        .map(|(column_name, kind, primary, hidden)| {
            let mut column = column(name, column_name, usize::from(*primary), *hidden == STORED);
            // The one case in which it is not, `INTEGER PRIMARY KEY DESC`, is told by its index.
            column.is_row_id = matches!(key, Key::Row(_))
                && keys == 1
                && *primary == 1
                && kind.eq_ignore_ascii_case("INTEGER")
                && !has_index_for_key(database, name);
            column
        })
        .collect();
    Ok(Table {
        name: name.into(),
        time: time_column(
            name.as_bytes(),
            columns.iter().map(|column| column.name.as_bytes()),
        ),
        columns,
        writable,
        key,
        is_virtual,
    })
}

fn has_index_for_key(database: &Connection, table: &str) -> bool {
    database
        .query_row(
            "SELECT count(*) FROM pragma_index_list(?1) WHERE origin = 'pk'",
            [table],
            |row| row.get::<_, i64>(0),
        )
        .is_ok_and(|count| count > 0)
}

/// A name as SQL has it.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The module of `CREATE VIRTUAL TABLE name USING module(arguments)`, in lower case, and the
/// arguments.
fn module(sql: &str) -> (String, Vec<String>) {
    let words = words(sql);
    let using = words
        .iter()
        .position(|word| word.eq_ignore_ascii_case("using"));
    let Some(at) = using else {
        return (String::new(), Vec::new());
    };
    let module = words
        .get(at + 1)
        .map_or(String::new(), |word| unquoted(word).to_lowercase());
    let mut arguments = Vec::new();
    let mut depth = 0;
    for word in words.iter().skip(at + 2) {
        match word.as_str() {
            "(" => depth += 1,
            ")" => depth -= 1,
            "," if depth == 1 => arguments.push(String::new()),
            _ => {}
        }
        let opens = word == "(" && depth == 1;
        if opens {
            arguments.push(String::new());
        } else if let Some(last) = arguments.last_mut()
            && !(word == "," && depth == 1)
            && depth > 0
        {
            last.push_str(word);
        }
    }
    (module, arguments)
}

/// The words of a definition: quoted ones whole with their quotes, single signs, runs of others.
fn words(sql: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let end = match first {
            '\'' | '"' | '`' | '[' => quoted_end(rest, first),
            c if c.is_whitespace() => {
                rest = rest.get(c.len_utf8()..).unwrap_or_default();
                continue;
            }
            '(' | ')' | ',' | '=' => 1,
            _ => rest
                .find(|c: char| c.is_whitespace() || "(),='\"`[".contains(c))
                .unwrap_or(rest.len())
                .max(first.len_utf8()),
        };
        words.push(rest.get(..end).unwrap_or_default().to_owned());
        rest = rest.get(end..).unwrap_or_default();
    }
    words
}

/// Where the quoted word that `text` starts with ends.
fn quoted_end(text: &str, open: char) -> usize {
    let close = if open == '[' { b']' } else { open as u8 };
    let bytes = text.as_bytes();
    let mut at = 1;
    while let Some(byte) = bytes.get(at) {
        at += 1;
        if *byte == close {
            if bytes.get(at) == Some(&close) && open != '[' {
                at += 1;
            } else {
                break;
            }
        }
    }
    at
}

fn unquoted(word: &str) -> String {
    let inner = || {
        word.get(1..word.len().saturating_sub(1))
            .unwrap_or_default()
    };
    match word.chars().next() {
        Some(quote @ ('\'' | '"' | '`')) => {
            let quote = quote.to_string();
            inner().replace(&quote.repeat(2), &quote)
        }
        Some('[') => inner().to_owned(),
        _ => word.to_owned(),
    }
}

/// Where a full-text index with these arguments has its text.
fn kept_by(arguments: &[String]) -> Text {
    let content = arguments.iter().find_map(|argument| {
        let (name, value) = argument.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("content")
            .then(|| unquoted(value.trim()))
    });
    match content {
        None => Text::Own,
        Some(name) if name.is_empty() => Text::Nowhere,
        Some(name) => Text::Table(name),
    }
}
