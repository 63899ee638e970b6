//! Compiles `patterns/law.toml` to a table of profiles.

use std::fmt::Write as _;
use std::path::Path;

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Law {
    profile: Vec<Profile>,
    #[serde(rename = "example")]
    _example: toml::Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Profile {
    id: String,
    citation: String,
    since: String,
    answer: String,
    extend: String,
    #[serde(default)]
    acknowledge: u32,
}

/// Months and days of `1 month` or `45 days`.
fn period(text: &str) -> Option<(u32, u32)> {
    let (number, unit) = text.split_once(' ')?;
    let number: u32 = number.parse().ok()?;
    match unit {
        "month" | "months" => Some((number, 0)),
        "day" | "days" => Some((0, number)),
        _ => None,
    }
}

/// Writes `law.rs` with `PROFILES` into `out`.
pub(crate) fn generate(path: &Path, out: &Path) -> Result<(), String> {
    let file = path.display();
    let text = std::fs::read_to_string(path).map_err(|e| format!("{file}: {e}"))?;
    let law: Law = toml::from_str(&text).map_err(|e| format!("{file}: {e}"))?;
    let mut code = String::from(
        "/// What the law says, in the order of `patterns/law.toml`.\n\
         pub static PROFILES: &[Profile] = &[\n",
    );
    for profile in &law.profile {
        let wrong = |what: &str| format!("{file}: '{what}' of '{}' is no period", profile.id);
        let (months, days) = period(&profile.answer).ok_or_else(|| wrong("answer"))?;
        let (more_months, more_days) = period(&profile.extend).ok_or_else(|| wrong("extend"))?;
        writeln!(
            code,
            "    Profile {{ id: {:?}, citation: {:?}, since: {:?}, answer: ({months}, {days}), \
             extend: ({more_months}, {more_days}), acknowledge: {} }},",
            profile.id, profile.citation, profile.since, profile.acknowledge
        )
        .map_err(|e| e.to_string())?;
    }
    code.push_str("];\n");
    std::fs::write(out.join("law.rs"), code).map_err(|e| format!("law.rs: {e}"))
}
