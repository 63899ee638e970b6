//! Compiles `patterns/prompts.toml` to one table of phrases and what they ask for.

use std::fmt::Write as _;
use std::path::Path;

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Prompts {
    prompt: Vec<Prompt>,
    #[serde(rename = "example")]
    _example: toml::Value,
    #[serde(rename = "counter_example")]
    _counter_example: toml::Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Prompt {
    what: String,
    phrases: Vec<String>,
}

const KINDS: [(&str, &str); 6] = [
    ("card", "Card"),
    ("security_code", "SecurityCode"),
    ("pin", "Pin"),
    ("birth", "Birth"),
    ("phone", "Phone"),
    ("account", "Account"),
];

/// Writes `prompts.rs` with `PHRASES`, each between blanks, into `out`.
pub(crate) fn generate(path: &Path, out: &Path) -> Result<(), String> {
    let file = path.display();
    let text = std::fs::read_to_string(path).map_err(|e| format!("{file}: {e}"))?;
    let prompts: Prompts = toml::from_str(&text).map_err(|e| format!("{file}: {e}"))?;
    let mut code = String::from("static PHRASES: &[(&str, Prompt)] = &[\n");
    for prompt in &prompts.prompt {
        let known = KINDS.iter().find(|(name, _)| *name == prompt.what);
        let (_, kind) = known.ok_or_else(|| format!("{file}: unknown what '{}'", prompt.what))?;
        for phrase in &prompt.phrases {
            let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b' ';
            if phrase.is_empty() || phrase.trim() != phrase || !phrase.bytes().all(plain) {
                return Err(format!("{file}: '{phrase}' must be lower-case words"));
            }
            writeln!(code, "    (\" {phrase} \", Prompt::{kind}),").map_err(|e| e.to_string())?;
        }
    }
    code.push_str("];\n");
    std::fs::write(out.join("prompts.rs"), code).map_err(|e| format!("prompts.rs: {e}"))
}
