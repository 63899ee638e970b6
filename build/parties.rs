//! Compiles `patterns/parties.toml` to one sorted table of words and parties.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use serde::Deserialize;

use crate::layouts::party;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Parties {
    words: BTreeMap<String, Vec<String>>,
    #[serde(rename = "example")]
    _example: toml::Value,
    #[serde(rename = "counter_example")]
    _counter_example: toml::Value,
}

/// Writes `parties.rs` with `WORDS: &[(word, party)]`, sorted by word, into `out`.
pub(crate) fn generate(path: &Path, out: &Path) -> Result<(), String> {
    let file = path.display();
    let text = std::fs::read_to_string(path).map_err(|e| format!("{file}: {e}"))?;
    let parties: Parties = toml::from_str(&text).map_err(|e| format!("{file}: {e}"))?;
    let mut words = BTreeMap::new();
    for (name, list) in &parties.words {
        let variant = party(name).ok_or_else(|| format!("{file}: unknown party '{name}'"))?;
        for word in list {
            if word.is_empty() || !word.bytes().all(|b| b.is_ascii_lowercase()) {
                return Err(format!("{file}: '{word}' must be lower-case letters"));
            }
            if words.insert(word, variant).is_some() {
                return Err(format!("{file}: '{word}' stands twice"));
            }
        }
    }
    let mut code = String::from(
        "/// Words in byte order, each with the party it speaks for.\n\
         static WORDS: &[(&str, Party)] = &[\n",
    );
    for (word, variant) in words {
        writeln!(code, "    ({word:?}, Party::{variant}),").map_err(|e| e.to_string())?;
    }
    code.push_str("];\n");
    std::fs::write(out.join("parties.rs"), code).map_err(|e| format!("parties.rs: {e}"))
}
