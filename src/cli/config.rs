//! The configuration file: settings that are put before what was typed, which wins over them.
//!
//! Owns which settings there are and where the file lies. A setting is a flag without its dashes; it
//! never says what is to be changed, and no file inside a scanned tree is ever read as one.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use clap::Command;
use toml::{Table, Value};

use super::misuse::Misuse;
use crate::report::Shown;

/// What may be set. What says what is done, to which files or whose data is not among it.
const SETTINGS: &[&str] = &[
    "accept-unread",
    "allow",
    "assume-quiescent",
    "color",
    "except",
    "exclude",
    "include",
    "key-file",
    "max-size",
    "min-confidence",
    "no-scrub",
    "only",
    "operator",
    "own",
    "patterns",
    "progress",
    "quiet",
    "region",
    "state",
    "threads",
];

/// A configuration is written by hand; a larger file is something else.
const LONGEST: u64 = 1 << 20;

/// Whether the user has a configuration file in its usual place.
pub(super) fn is_there() -> bool {
    usual_place().is_some_and(|place| place.exists())
}

/// `$XDG_CONFIG_HOME/efface/config.toml`, below `~/.config` where that is not set.
fn usual_place() -> Option<PathBuf> {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    let home = set("XDG_CONFIG_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(set("HOME")?).join(".config")))?;
    Some(home.join("efface/config.toml"))
}

/// What was typed with the settings of the configuration behind the name of the subcommand; those
/// that were typed as well are left out.
///
/// # Errors
/// [`Misuse`] for a file that cannot be read and for a setting that there is not.
pub(super) fn settled(typed: Vec<OsString>, command: &Command) -> Result<Vec<OsString>, Misuse> {
    let flags: Vec<&OsStr> = typed
        .iter()
        .map(OsString::as_os_str)
        .take_while(|word| *word != "--")
        .collect();
    if flags.iter().any(|word| *word == "--no-config") {
        return Ok(typed);
    }
    let named = flags.iter().enumerate().find_map(|(at, word)| {
        let text = word.to_str()?;
        match text.strip_prefix("--config") {
            Some("") => flags.get(at + 1).map(PathBuf::from),
            Some(value) => value.strip_prefix('=').map(PathBuf::from),
            None => None,
        }
    });
    let Some(file) = named.or_else(|| usual_place().filter(|place| place.exists())) else {
        return Ok(typed);
    };
    let known = |word: &OsStr| command.find_subcommand(word.to_str()?);
    let mut words = flags.iter().enumerate().skip(1);
    let Some((at, subcommand)) = words.find_map(|(at, word)| Some((at, known(word)?))) else {
        return Ok(typed);
    };
    let mut words = Vec::new();
    for (key, value) in &read(&file)? {
        let flag = key.replace('_', "-");
        if !SETTINGS.contains(&flag.as_str()) {
            return Err(Misuse::new(
                format!(
                    "{}: there is no setting '{}'",
                    Shown::path(&file),
                    Shown::text(key)
                ),
                format!("there are {}", SETTINGS.join(", ")),
            ));
        }
        let Some(argument) = command
            .get_arguments()
            .chain(subcommand.get_arguments())
            .find(|argument| argument.get_long() == Some(&flag))
        else {
            continue;
        };
        let is_typed = |word: &OsStr| {
            let Some(word) = word.to_str() else {
                return false;
            };
            let long = word
                .strip_prefix("--")
                .and_then(|word| word.split('=').next());
            let short = word.strip_prefix('-').and_then(|word| word.chars().next());
            long == Some(&flag) || (short.is_some() && short == argument.get_short())
        };
        if !flags.iter().any(|word| is_typed(word)) {
            let spelled = spelled(&flag, value).ok_or_else(|| {
                Misuse::new(
                    format!(
                        "{}: '{flag}' has a value of the wrong kind",
                        Shown::path(&file)
                    ),
                    "give a text, a number, true, or a list of them",
                )
            })?;
            words.extend(spelled);
        }
    }
    let mut settled = typed;
    let behind = settled.split_off(at + 1);
    settled.extend(words);
    settled.extend(behind);
    Ok(settled)
}

fn read(file: &Path) -> Result<Table, Misuse> {
    use std::io::Read;
    let mut text = String::new();
    let read =
        std::fs::File::open(file).and_then(|opened| opened.take(LONGEST).read_to_string(&mut text));
    if let Err(error) = read {
        return Err(Misuse::new(
            format!("cannot read {}: {error}", Shown::path(file)),
            "--no-config goes without it",
        ));
    }
    text.parse().map_err(|error: toml::de::Error| {
        let before = error.span().and_then(|span| text.get(..span.start));
        let line = before.map_or(1, |before| before.matches('\n').count() + 1);
        Misuse::new(
            format!("{}: line {line} is no TOML", Shown::path(file)),
            "a setting is a line such as: region = [\"CA\", \"GB\"]",
        )
    })
}

/// A setting as words of a command line; `None` when its value is no such thing.
fn spelled(flag: &str, value: &Value) -> Option<Vec<OsString>> {
    let one = |value: &dyn std::fmt::Display| Some(vec![format!("--{flag}={value}").into()]);
    match value {
        Value::Boolean(true) => Some(vec![format!("--{flag}").into()]),
        Value::Boolean(false) => Some(Vec::new()),
        Value::String(text) => one(text),
        Value::Integer(number) => one(number),
        Value::Float(number) => one(number),
        Value::Array(values) => {
            let all: Option<Vec<_>> = values.iter().map(|value| spelled(flag, value)).collect();
            all.map(|all| all.into_iter().flatten().collect())
        }
        Value::Table(_) | Value::Datetime(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::args::command;

    fn with(config: &str, typed: &[&str]) -> Result<Vec<String>, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::io::Write::write_all(&mut file.as_file(), config.as_bytes()).unwrap();
        let config = format!("--config={}", file.path().display());
        let mut words: Vec<OsString> = vec!["efface".into()];
        words.extend(typed.iter().map(OsString::from));
        words.push(config.clone().into());
        let settled = settled(words, &command()).map_err(|misuse| misuse.to_string())?;
        let text = settled.into_iter().map(|word| word.into_string().unwrap());
        Ok(text.skip(1).filter(|word| *word != config).collect())
    }

    #[test]
    fn settings_stand_before_what_is_typed_and_give_way_to_it() {
        let config = "region = ['CA', 'GB']\nthreads = 1\nquiet = true\noperator = 'label'\n";
        for (typed, expected) in [
            (
                &["scan", "a"][..],
                &[
                    "scan",
                    "--quiet",
                    "--region=CA",
                    "--region=GB",
                    "--threads=1",
                    "a",
                ][..],
            ),
            (
                &["scan", "--region", "US", "-j2", "a"],
                &["scan", "--quiet", "--region", "US", "-j2", "a"],
            ),
            (
                &["redact", "--operator=mask", "-q"],
                &[
                    "redact",
                    "--region=CA",
                    "--region=GB",
                    "--threads=1",
                    "--operator=mask",
                    "-q",
                ],
            ),
            (&["scan", "--no-config", "a"], &["scan", "--no-config", "a"]),
            (&["--help"], &["--help"]),
        ] {
            assert_eq!(with(config, typed).unwrap(), expected, "{typed:?}");
        }
        for config in [
            "in-place = true",
            "regoin = 'CA'",
            "region = 1979-05-27",
            "region =",
        ] {
            assert!(with(config, &["scan", "a"]).is_err(), "{config}");
        }
    }
}
