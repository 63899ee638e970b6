//! Compiles `patterns/context/words.toml` to one sorted table of words and what they speak for.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

/// Writes `context.rs` with `WORDS: &[(word, kinds as bits)]`, sorted by word, into `out`.
pub(crate) fn generate(patterns: &Path, out: &Path) -> Result<(), String> {
    let path = patterns.join("words.toml");
    let file = path.display();
    let text = std::fs::read_to_string(&path).map_err(|e| format!("{file}: {e}"))?;
    let lists: BTreeMap<String, Vec<String>> =
        toml::from_str(&text).map_err(|e| format!("{file}: {e}"))?;
    let mut words: BTreeMap<&[u8], u8> = BTreeMap::new();
    for (kind, list) in &lists {
        let bit = match kind.as_str() {
            "phone" => 1,
            "card" => 2,
            "identifier" => 4,
            "version" => 8,
            "host" => 16,
            "unit" => 32,
            other => return Err(format!("{file}: unknown list '{other}'")),
        };
        for word in list {
            if word.is_empty() || *word != word.to_lowercase() {
                return Err(format!("{file}: '{word}' in {kind} must be lower case"));
            }
            *words.entry(word.as_bytes()).or_default() |= bit;
        }
    }
    let mut code = String::from(
        "/// Words in byte order, each with the kinds it speaks for as bits.\n\
         pub(super) static WORDS: &[(&[u8], u8)] = &[\n",
    );
    for (word, bits) in words {
        let text = String::from_utf8_lossy(word);
        writeln!(code, "    ({text:?}.as_bytes(), {bits}),").map_err(|e| e.to_string())?;
    }
    code.push_str("];\n");
    std::fs::write(out.join("context.rs"), code).map_err(|e| format!("context.rs: {e}"))
}
