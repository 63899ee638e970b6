//! `efface hold`: adds, lists and releases what may not be changed.

use std::fmt::Write;

use super::args::{HoldAdd, HoldArgs, HoldCommand};
use super::exit::ExitStatus;
use super::misuse::Misuse;
use super::{print, refused, state};
use crate::redact::derive::subject_tag;
use crate::redact::files::now;
use crate::redact::hold::{self, Cover, HoldText};
use crate::redact::io::Io;
use crate::redact::state::State;
use crate::redact::state::key::hex;
use crate::report::{Printer, Shown};

/// Carries out what was asked.
pub(super) fn run(args: HoldArgs, printer: Printer) -> ExitStatus {
    let io = Io::real();
    let done = state::open(&io, &args.state).and_then(|state| match args.command {
        HoldCommand::Add(add) => self::add(&io, &state, *add),
        HoldCommand::List => list(&io, &state),
        HoldCommand::Release { id } => release(&io, &state, &id),
    });
    match done {
        Ok(text) => print(printer, text.as_bytes()),
        Err(misuse) => refused(printer, &misuse),
    }
}

fn add(io: &Io, state: &State, args: HoldAdd) -> Result<String, Misuse> {
    let (subjects, _) =
        state::subjects_as_typed(&args.subject, args.subject_file.as_deref(), &args.region)?;
    let tags = subjects.iter().flat_map(|subjects| subjects.iter());
    let tags =
        tags.map(|(entity, canonical)| hex(&subject_tag(state.key(), entity, canonical, &[])));
    let here = std::env::current_dir().map_err(|error| {
        Misuse::new(
            format!("cannot tell the current folder: {error}"),
            "change to a folder that exists",
        )
    })?;
    let mut paths = args.path.iter();
    if let Some(path) = paths.find(|path| hold::absolute(&here, path).is_none()) {
        return Err(Misuse::new(
            format!("'{}' cannot be made a path", Shown::text(path)),
            "name a file, a folder or a pattern such as /srv/cdr/**, without '..' behind '**'",
        ));
    }
    let day =
        |flag, text: &Option<String>| text.as_deref().map(|t| state::day(flag, t)).transpose();
    let text = HoldText {
        id: String::new(),
        cover: Cover {
            subjects: tags.collect(),
            paths: args.path,
            formats: Vec::new(),
            client: args.client,
            from: day("--from", &args.from)?,
            to: day("--to", &args.to)?,
        },
        case: args.case,
        reason: args.reason,
        created: 0,
        expires: day("--expires", &args.expires)?,
    };
    if text.cover == Cover::default() {
        return Err(Misuse::new(
            "it is not said what is held",
            "name a person with --subject, files with --path, or days with --from and --to",
        ));
    }
    let id = hold::add(io, state, &here, now(), text)
        .map_err(|failure| state::told(&failure, state.path()))?;
    Ok(format!("{id}\n"))
}

fn list(io: &Io, state: &State) -> Result<String, Misuse> {
    let holds = hold::list(io, state).map_err(|failure| state::told(&failure, state.path()))?;
    let mut out = String::new();
    for hold in holds {
        let text = hold.text();
        // Writing to a string cannot fail.
        let _ = write!(out, "{}", text.id);
        if let Some(case) = &text.case {
            let _ = write!(out, "  case {}", Shown::text(case));
        }
        let cover = &text.cover;
        if !cover.subjects.is_empty() {
            let _ = write!(out, "  {} identifiers", cover.subjects.len());
        }
        for path in &cover.paths {
            let _ = write!(out, "  {}", Shown::text(path));
        }
        if let Some(client) = &cover.client {
            let _ = write!(out, "  client {}", Shown::text(client));
        }
        for (word, time) in [
            ("from", cover.from),
            ("before", cover.to),
            ("until", text.expires),
        ] {
            if let Some(time) = time {
                let _ = write!(out, "  {word} {}", day_of(time));
            }
        }
        let _ = writeln!(out, "  {}", Shown::text(&text.reason));
    }
    Ok(out)
}

/// A time as its day in UTC.
pub(super) fn day_of(time: i64) -> String {
    let days = time.div_euclid(86_400) + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

fn release(io: &Io, state: &State, id: &str) -> Result<String, Misuse> {
    let released =
        hold::release(io, state, id).map_err(|failure| state::told(&failure, state.path()))?;
    if released == 0 {
        return Err(Misuse::new(
            format!("there is no hold or case '{}'", Shown::text(id)),
            "'efface hold list' names them",
        ));
    }
    Ok(format!("released {released}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_written_as_it_is_read() {
        for text in ["1970-01-01", "2000-02-29", "2024-03-01", "2099-12-31"] {
            assert_eq!(day_of(state::day("--from", text).unwrap()), text);
        }
    }
}
