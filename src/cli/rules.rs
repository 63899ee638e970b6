//! `--patterns DIR`: reading the rules that users write.

use std::path::Path;

use super::misuse::Misuse;
use crate::detect::rules::Rules;
use crate::report::Shown;

/// A file of rules is written by hand; a larger one is something else.
const LONGEST: u64 = 1 << 20;

/// All rules of the `.toml` files in `folder`, in the order of their names.
pub(super) fn read(folder: &Path) -> Result<Rules, Misuse> {
    let failed = |path: &Path, error: &std::io::Error| {
        Misuse::new(
            format!("cannot read {}: {error}", Shown::path(path)),
            "give a folder of .toml files with rules",
        )
    };
    let entries = std::fs::read_dir(folder).map_err(|error| failed(folder, &error))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| failed(folder, &error))?.path();
        if path.extension().is_some_and(|ext| ext == "toml") {
            files.push(path);
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(Misuse::new(
            format!("{} holds no .toml file", Shown::path(folder)),
            "a rule has an id, an entity, a regex and examples",
        ));
    }
    let mut rules = Rules::default();
    for file in files {
        use std::io::Read;
        let mut text = String::new();
        std::fs::File::open(&file)
            .and_then(|opened| opened.take(LONGEST).read_to_string(&mut text))
            .map_err(|error| failed(&file, &error))?;
        rules.add(&text).map_err(|wrong| {
            Misuse::new(
                format!(
                    "{}, line {}: {}",
                    Shown::path(&file),
                    wrong.line,
                    Shown::text(&wrong.reason)
                ),
                "'efface patterns check DIR' tells whether rules are sound",
            )
        })?;
    }
    Ok(rules)
}
