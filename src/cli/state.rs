//! Where the state is, whose data is meant, and days: what the commands that write share.

use std::path::{Path, PathBuf};

use rustix::io::Errno;

use super::args::{PolicyArgs, StateArgs};
use super::misuse::Misuse;
use crate::detect::Detectors;
use crate::detect::phone::plan::Region;
use crate::entity::EntitySet;
use crate::finding::Confidence;
use crate::redact::failure::{Failure, Reason};
use crate::redact::io::Io;

use crate::redact::state::State;
use crate::report::Shown;
use crate::scan::ScanPlan;
use crate::subject::{Sources, Subjects};

/// The state folder that was named, or the user's.
pub(super) fn folder(args: &StateArgs) -> Result<PathBuf, Misuse> {
    args.state
        .clone()
        .or_else(State::default_path)
        .ok_or_else(|| {
            Misuse::new(
                "there is no place for the state: neither XDG_STATE_HOME nor HOME is set",
                "name a folder with --state",
            )
        })
}

/// Opens the state, making it on first need.
pub(super) fn open(io: &Io, args: &StateArgs) -> Result<State, Misuse> {
    let folder = folder(args)?;
    State::open(io, &folder, args.key_file.as_deref()).map_err(|failure| {
        let misuse = told(&failure, &folder);
        match failure.errno {
            // The folder is there for others, or cannot be there.
            Some(Errno::ACCESS | Errno::PERM | Errno::ROFS | Errno::NOENT | Errno::NOTDIR)
                if failure.reason == Reason::State =>
            {
                Misuse::new(
                    misuse.sentence(),
                    "keys and the log of who was looked for are kept there: name a folder of your \
                     own that can be written with --state or XDG_STATE_HOME",
                )
            }
            _ => misuse,
        }
    })
}

/// A failure with what it was about, as a sentence and a hint.
pub(super) fn told(failure: &Failure, about: &Path) -> Misuse {
    let text = failure.to_string();
    let (sentence, hint) = text.split_once("; ").unwrap_or((&text, ""));
    Misuse::new(format!("{sentence}: {}", Shown::path(about)), hint)
}

/// The subjects named on the command line and in a file; `None` when there are none.
pub(super) fn subjects(
    values: &[String],
    file: Option<&Path>,
    plan: &ScanPlan,
) -> Result<Option<Subjects>, Misuse> {
    let (subjects, _) = subjects_as_typed(values, file, &plan.regions)?;
    if let Some(subjects) = &subjects {
        not_own(subjects, plan)?;
    }
    Ok(subjects)
}

/// Refuses subjects that are the company's own.
fn not_own(subjects: &Subjects, plan: &ScanPlan) -> Result<(), Misuse> {
    let own = |(entity, canonical)| plan.lists.owns(entity, canonical);
    if subjects.iter().any(own) {
        return Err(Misuse::new(
            "a subject is the company's own: the list of --own has it",
            "name the person's number or address, or search without --own",
        ));
    }
    Ok(())
}

/// The same, with each of them as it was typed.
pub(super) fn subjects_as_typed(
    values: &[String],
    file: Option<&Path>,
    regions: &[String],
) -> Result<(Option<Subjects>, Vec<String>), Misuse> {
    if values.is_empty() && file.is_none() {
        return Ok((None, Vec::new()));
    }
    let mut typed = values.to_vec();
    let regions: Vec<Region> = regions
        .iter()
        .filter_map(|code| Region::parse(code))
        .collect();
    let mut subjects = Subjects::default();
    for value in values {
        subjects
            .add(value, &regions)
            .map_err(|why| Misuse::told(&why))?;
    }
    if let Some(file) = file {
        let text = read_list(file).map_err(|error| {
            Misuse::new(
                format!("cannot read {}: {error}", Shown::path(file)),
                "give a text file of one value a line",
            )
        })?;
        typed.extend(text.lines().map(str::to_owned).filter(|line| {
            let line = line.trim();
            !line.is_empty() && !line.starts_with('#')
        }));
        subjects
            .add_list(&text, &regions)
            .map_err(|(line, why)| wrong_line(file, line, why))?;
        if subjects.is_empty() {
            return Err(Misuse::new(
                format!("{} names no subject", Shown::path(file)),
                "give one value a line",
            ));
        }
    }
    Ok((Some(subjects), typed))
}

/// The subjects of a file that names many, one a line.
pub(super) fn many_subjects(file: &Path, plan: &ScanPlan) -> Result<Subjects, Misuse> {
    let text = read_list(file).map_err(|error| {
        Misuse::new(
            format!("cannot read {}: {error}", Shown::path(file)),
            "give a text file of one JSON object a line",
        )
    })?;
    let regions: Vec<Region> = plan
        .regions
        .iter()
        .filter_map(|code| Region::parse(code))
        .collect();
    let mut subjects = Subjects::default();
    subjects
        .add_many(&text, &regions, |text| day("a day", text).ok())
        .map_err(|(line, why)| wrong_line(file, line, why))?;
    if subjects.is_empty() {
        return Err(Misuse::new(
            format!("{} names no subject", Shown::path(file)),
            "give one JSON object a line",
        ));
    }
    not_own(&subjects, plan)?;
    Ok(subjects)
}

fn wrong_line(file: &Path, line: usize, why: impl std::fmt::Display) -> Misuse {
    let why = why.to_string();
    let (sentence, hint) = why.split_once("\n\nhint: ").unwrap_or((&why, ""));
    Misuse::new(
        format!("line {line} of {}: {sentence}", Shown::path(file)),
        hint,
    )
}

/// A list of subjects is written by hand; a larger file is something else.
const LONGEST_LIST: u64 = 64 << 20;

pub(super) fn read_list(file: &Path) -> std::io::Result<String> {
    use std::io::Read;
    let input: Box<dyn Read> = if file.as_os_str() == "-" {
        Box::new(std::io::stdin())
    } else {
        Box::new(std::fs::File::open(file)?)
    };
    let mut text = String::new();
    input.take(LONGEST_LIST).read_to_string(&mut text)?;
    Ok(text)
}

/// The beginning of a day such as `2024-01-31` in UTC, in seconds since 1970.
pub(super) fn day(flag: &str, text: &str) -> Result<i64, Misuse> {
    let wrong = || {
        Misuse::new(
            format!("{flag} cannot be '{}'", Shown::text(text)),
            "give a day as 2024-01-31",
        )
    };
    let mut parts = text.splitn(3, '-').map(|part| {
        let digits = part.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| part.parse::<i64>().ok()).flatten()
    });
    let mut next = || parts.next().flatten().ok_or_else(wrong);
    let (year, month, day) = (next()?, next()?, next()?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=length).contains(&day)
    {
        return Err(wrong());
    }
    // Days since 1970-01-01 in the proleptic Gregorian calendar, counting years from March.
    let (y, m) = (year - i64::from(month <= 2), (month + 9) % 12);
    let (era, of_era) = (y / 400, y % 400);
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + (m * 153 + 2) / 5 + day
        - 1
        - 719_468;
    Ok(days * 86_400)
}

/// The detectors that find what is personal in names and texts shown beside results.
pub(super) fn watchful(regions: &[String]) -> Detectors {
    let regions = regions.iter().filter_map(|code| Region::parse(code));
    Detectors::new(regions.collect(), EntitySet::all(), Confidence(20))
}

/// What the policy says of sources; nothing where none is named.
pub(super) fn sources(args: &PolicyArgs) -> Result<Sources, Misuse> {
    let Some(file) = &args.policy else {
        return Ok(Sources::default());
    };
    let text = read_list(file).map_err(|error| {
        Misuse::new(
            format!("cannot read {}: {error}", Shown::path(file)),
            "give a policy in TOML, with tables such as [[source]]",
        )
    })?;
    Sources::read(&text).map_err(|why| {
        let why = why.to_string();
        let (sentence, hint) = why.split_once("\n\nhint: ").unwrap_or((&why, ""));
        Misuse::new(format!("{}: {sentence}", Shown::path(file)), hint)
    })
}

/// Refuses a file or folder that is there already, before hours of work.
pub(super) fn is_new(flag: &str, path: &Path) -> Result<(), Misuse> {
    match path.symlink_metadata() {
        Err(_) => Ok(()),
        Ok(_) => Err(Misuse::new(
            format!("{flag} {} exists already", Shown::path(path)),
            "name one that does not exist; nothing is ever overwritten",
        )),
    }
}

/// A time as RFC 3339 writes it, in UTC.
pub(super) fn stamp(time: i64) -> String {
    let second = time.rem_euclid(86_400);
    format!(
        "{}T{:02}:{:02}:{:02}Z",
        super::hold::day_of(time),
        second / 3600,
        second / 60 % 60,
        second % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected values from `date -u -d DAY +%s`.
    #[test]
    fn days_are_counted_from_1970() {
        for (text, seconds) in [
            ("1970-01-01", Some(0)),
            ("1999-12-31", Some(946_598_400)),
            ("2024-02-29", Some(1_709_164_800)),
            ("2024-12-31", Some(1_735_603_200)),
            ("2023-02-29", None),
            ("2024-13-01", None),
            ("2024-1", None),
            ("24-01-01", None),
            ("+2024-01-01", None),
        ] {
            assert_eq!(day("--from", text).ok(), seconds, "{text}");
        }
    }
}
