//! Compiles `patterns/times.toml` to one table of names, sorted, each with its rank.

use std::fmt::Write as _;
use std::path::Path;

use serde::Deserialize;

use crate::layouts::key;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Times {
    time: Vec<Time>,
    #[serde(rename = "example")]
    _example: toml::Value,
    #[serde(rename = "counter_example")]
    _counter_example: toml::Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Time {
    names: Vec<String>,
    count: Option<String>,
    #[serde(default)]
    utc: bool,
    table: Option<String>,
    beside: Option<String>,
}

const COUNTS: [(&str, &str); 5] = [
    ("seconds", "Seconds"),
    ("millis", "Millis"),
    ("micros", "Micros"),
    ("nanos", "Nanos"),
    ("apple", "Apple"),
];

/// Writes `times.rs` with `TIMES`, sorted by name and rank, into `out`.
pub(crate) fn generate(path: &Path, out: &Path) -> Result<(), String> {
    let file = path.display();
    let text = std::fs::read_to_string(path).map_err(|e| format!("{file}: {e}"))?;
    let times: Times = toml::from_str(&text).map_err(|e| format!("{file}: {e}"))?;
    let mut rows = Vec::new();
    for (rank, time) in times.time.iter().enumerate() {
        let count = match &time.count {
            None => "Told",
            Some(count) => {
                let known = COUNTS.iter().find(|(name, _)| name == count);
                known
                    .ok_or_else(|| format!("{file}: unknown count '{count}'"))?
                    .1
            }
        };
        for (within, name) in time.names.iter().enumerate() {
            let rank = rank * 16 + within;
            let beside = time.beside.as_deref().map(key);
            rows.push((
                key(name),
                rank,
                format!(
                    "Known {{ name: {:?}, rank: {rank}, count: Count::{count}, utc: {}, table: {:?}, beside: {beside:?} }}",
                    key(name),
                    time.utc,
                    time.table.as_deref().map(key),
                ),
            ));
        }
    }
    rows.sort();
    let mut code = String::from("static TIMES: &[Known] = &[\n");
    for (_, _, row) in rows {
        writeln!(code, "    {row},").map_err(|e| e.to_string())?;
    }
    code.push_str("];\n");
    std::fs::write(out.join("times.rs"), code).map_err(|e| format!("times.rs: {e}"))
}
