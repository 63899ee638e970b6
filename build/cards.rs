//! Compiles `patterns/cards/networks.toml` to ranges of six leading digits.

use std::fmt::Write as _;
use std::path::Path;

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Networks {
    network: Vec<Network>,
    #[serde(rename = "example")]
    _examples: Vec<Example>,
    #[serde(rename = "counter_example")]
    _counter_examples: Vec<CounterExample>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Network {
    name: String,
    leading: Vec<String>,
    lengths: Vec<u32>,
    #[serde(default)]
    weak: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Example {
    #[serde(rename = "network")]
    _network: String,
    #[serde(rename = "numbers")]
    _numbers: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CounterExample {
    #[serde(rename = "numbers")]
    _numbers: Vec<String>,
}

/// Digits that decide a network in the tables.
const DECIDING: usize = 6;

/// Writes `cards.rs` with `RANGES: &[(first, last, lengths, weak)]` into `out`.
pub(crate) fn generate(patterns: &Path, out: &Path) -> Result<(), String> {
    let path = patterns.join("networks.toml");
    let file = path.display();
    let text = std::fs::read_to_string(&path).map_err(|e| format!("{file}: {e}"))?;
    let networks: Networks = toml::from_str(&text).map_err(|e| format!("{file}: {e}"))?;
    let mut rows = String::new();
    for network in &networks.network {
        let lengths = network.lengths.iter().fold(0u32, |set, len| set | 1 << len);
        for leading in &network.leading {
            let (first, last) = leading.split_once('-').unwrap_or((leading, leading));
            let pad = |digits: &str, fill: char| -> Result<u32, String> {
                let rest = DECIDING
                    .checked_sub(digits.len())
                    .filter(|_| first.len() == last.len());
                let rest = rest.ok_or(format!("{file}: {}: bad range {leading}", network.name))?;
                let whole = format!("{digits}{}", String::from(fill).repeat(rest));
                whole
                    .parse()
                    .map_err(|_| format!("{file}: {}: bad digits {leading}", network.name))
            };
            let row = (pad(first, '0')?, pad(last, '9')?, lengths, network.weak);
            writeln!(rows, "    {row:?},").map_err(|e| e.to_string())?;
        }
    }
    let code = format!(
        "/// First and last six leading digits, the set of lengths as bits, whether it is weak.\n\
         pub(super) static RANGES: &[(u32, u32, u32, bool)] = &[\n{rows}];\n"
    );
    std::fs::write(out.join("cards.rs"), code).map_err(|e| format!("cards.rs: {e}"))
}
