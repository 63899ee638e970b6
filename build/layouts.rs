//! Compiles `patterns/layouts/*.toml` to the table of known column orders.

use std::fmt::Write as _;
use std::path::Path;

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Layout {
    name: String,
    #[serde(rename = "title")]
    _title: String,
    #[serde(rename = "source")]
    _source: String,
    /// Column names that together tell this layout by its header.
    #[serde(default)]
    header: Vec<String>,
    /// The fewest and the most columns, when it is told without a header.
    columns: Option<[usize; 2]>,
    column: Vec<Column>,
    #[serde(default, rename = "example")]
    _example: Vec<Example>,
    #[serde(default, rename = "counter_example")]
    _counter_example: Vec<CounterExample>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Column {
    name: String,
    party: Option<String>,
    #[serde(default)]
    time: bool,
    #[serde(default)]
    number: bool,
    #[serde(default)]
    optional: bool,
    #[serde(default)]
    one_of: Vec<String>,
    form: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Example {
    #[serde(rename = "rows")]
    _rows: String,
    #[serde(rename = "cells")]
    _cells: toml::Table,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CounterExample {
    #[serde(rename = "rows")]
    _rows: String,
}

const PARTIES: [(&str, &str); 7] = [
    ("caller", "Caller"),
    ("callee", "Callee"),
    ("sender", "Sender"),
    ("recipient", "Recipient"),
    ("agent", "Agent"),
    ("own", "Own"),
    ("mention", "Mention"),
];

/// The variant of `Party` that `name` stands for.
pub(crate) fn party(name: &str) -> Option<&'static str> {
    PARTIES
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, variant)| *variant)
}

/// A column name as layouts are compared: lower case, letters and digits only.
pub(crate) fn key(name: &str) -> String {
    name.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

/// Writes `layouts.rs` with `LAYOUTS` into `out`.
pub(crate) fn generate(patterns: &Path, out: &Path) -> Result<(), String> {
    let list = std::fs::read_dir(patterns).map_err(|e| format!("{}: {e}", patterns.display()))?;
    let mut paths = Vec::new();
    for entry in list {
        let path = entry.map_err(|e| e.to_string())?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "toml")
        {
            paths.push(path);
        }
    }
    paths.sort();
    let mut code = String::from(
        "/// Every known layout, by file name.\npub(super) static LAYOUTS: &[Layout] = &[\n",
    );
    for path in paths {
        let file = path.display();
        let text = std::fs::read_to_string(&path).map_err(|e| format!("{file}: {e}"))?;
        let layout: Layout = toml::from_str(&text).map_err(|e| format!("{file}: {e}"))?;
        write(&layout, &mut code).map_err(|e| format!("{file}: {e}"))?;
    }
    code.push_str("];\n");
    std::fs::write(out.join("layouts.rs"), code).map_err(|e| format!("layouts.rs: {e}"))
}

fn write(layout: &Layout, code: &mut String) -> Result<(), String> {
    if layout.header.is_empty() && layout.columns.is_none() {
        return Err("needs 'header' or 'columns', else nothing tells it".to_owned());
    }
    let header: Vec<String> = layout.header.iter().map(|name| key(name)).collect();
    let mut columns = String::new();
    let mut tested = 0;
    for column in &layout.column {
        let party = match &column.party {
            None => "None".to_owned(),
            Some(name) => match party(name) {
                Some(variant) => format!("Some(Party::{variant})"),
                None => return Err(format!("column '{}': unknown party '{name}'", column.name)),
            },
        };
        tested += usize::from(!column.one_of.is_empty() || column.form.is_some());
        writeln!(
            columns,
            "        Known {{ name: {:?}, key: {:?}, party: {party}, time: {}, number: {}, \
             optional: {}, one_of: &{:?}, form: {:?} }},",
            column.name,
            key(&column.name),
            column.time,
            column.number,
            column.optional,
            column.one_of,
            column.form,
        )
        .map_err(|e| e.to_string())?;
    }
    if layout.columns.is_some() && tested < 2 {
        return Err("'columns' needs at least two columns with 'one_of' or 'form'".to_owned());
    }
    let counts = layout.columns.map(|[fewest, most]| (fewest, most));
    writeln!(
        code,
        "    Layout {{ name: {:?}, header: &{header:?}, counts: {counts:?}, columns: &[\n{columns}    ] }},",
        layout.name
    )
    .map_err(|e| e.to_string())
}
