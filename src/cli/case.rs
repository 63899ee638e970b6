//! `efface case` and `efface audit`: requests with their dates, and who looked for whom.

use std::fmt::Write;

use jiff::civil::Date;
use serde_json::Value;

use super::args::{AuditArgs, CaseArgs, CaseCommand, CaseOpen};
use super::exit::ExitStatus;
use super::lookup::unknown;
use super::misuse::Misuse;
use super::{hold, print, refused, state};
use crate::case::{self, Action, Case, PROFILES, Profile, Verified};
use crate::redact::audit;
use crate::redact::derive::subject_tag;
use crate::redact::files::now;
use crate::redact::io::Io;
use crate::redact::state::State;
use crate::redact::state::key::hex;
use crate::report::{Printer, Shown};
use crate::subject::Subjects;

/// Carries out what was asked.
pub(super) fn run(args: CaseArgs, printer: Printer) -> ExitStatus {
    let io = Io::real();
    let done = state::open(&io, &args.state).and_then(|state| carry_out(&io, &state, args.command));
    match done {
        Ok((text, status)) => match print(printer, text.as_bytes()) {
            ExitStatus::Done => status,
            failed => failed,
        },
        Err(misuse) => refused(printer, &misuse),
    }
}

type Told = Result<(String, ExitStatus), Misuse>;

fn carry_out(io: &Io, state: &State, command: CaseCommand) -> Told {
    let done = |text: String| Ok((text, ExitStatus::Done));
    match command {
        CaseCommand::Open(open) => self::open(io, state, *open),
        CaseCommand::List { due, all, now } => list(io, state, (due, all), now.as_deref()),
        CaseCommand::Show { id } => {
            let found = case::find(io, state, &id).map_err(|f| state::told(&f, state.path()))?;
            done(shown(&found.ok_or_else(|| unknown(&id))?))
        }
        CaseCommand::Verify {
            id,
            points,
            declaration,
        } => {
            let level = Verified::of(points, declaration);
            let what = format!("verified: {} by {points} points", level.name());
            change(io, state, &id, what, None, |case| case.verified = level)?;
            done(format!("{}\n", level.name()))
        }
        CaseCommand::Extend { id, why } => {
            change(io, state, &id, "extended".to_owned(), None, |case| {
                case.extended = Some(why)
            })?;
            let found = case::find(io, state, &id).map_err(|f| state::told(&f, state.path()))?;
            let due = found.and_then(|case| case.due());
            done(format!(
                "due {}\n",
                due.map_or_else(String::new, |due| due.to_string())
            ))
        }
        CaseCommand::Note { id, text, receipt } => {
            change(io, state, &id, text, receipt, |_| {})?;
            done(String::new())
        }
        CaseCommand::Close { id } => {
            change(io, state, &id, "closed".to_owned(), None, |case| {
                case.closed = Some(now())
            })?;
            done(String::new())
        }
    }
}

fn change(
    io: &Io,
    state: &State,
    id: &str,
    what: String,
    receipt: Option<String>,
    make: impl FnOnce(&mut Case),
) -> Result<(), Misuse> {
    let action = Action {
        time: now(),
        what,
        receipt,
    };
    let made = |case: &mut Case| {
        make(case);
        case.actions.push(action);
    };
    match case::change(io, state, id, made) {
        Ok(true) => Ok(()),
        Ok(false) => Err(unknown(id)),
        Err(failure) => Err(state::told(&failure, state.path())),
    }
}

fn date(flag: &str, text: &str) -> Result<Date, Misuse> {
    state::day(flag, text)?;
    text.parse().map_err(|_| {
        Misuse::new(
            format!("{flag} cannot be '{}'", Shown::text(text)),
            "give a day as 2024-01-31",
        )
    })
}

fn open(io: &Io, state: &State, open: CaseOpen) -> Told {
    if Profile::named(&open.profile).is_none() {
        let names: Vec<&str> = PROFILES.iter().map(|profile| profile.id).collect();
        return Err(Misuse::new(
            format!("there is no profile '{}'", Shown::text(&open.profile)),
            format!("choose one of {}", names.join(", ")),
        ));
    }
    let (subjects, _) =
        state::subjects_as_typed(&open.subject, open.subject_file.as_deref(), &open.region)?;
    let tags = subjects.iter().flat_map(Subjects::iter);
    let mut tags: Vec<String> = tags
        .map(|(entity, canonical)| hex(&subject_tag(state.key(), entity, canonical, &[])))
        .collect();
    tags.sort();
    let before = case::list(io, state).map_err(|f| state::told(&f, state.path()))?;
    let asked = before
        .iter()
        .filter(|case| case.tags.iter().any(|tag| tags.contains(tag)))
        .count();
    let made = Case {
        id: open.id.clone().unwrap_or_default(),
        profile: open.profile,
        received: date("--received", &open.received)?,
        kind: open.kind,
        tags,
        verified: Verified::No,
        extended: None,
        closed: None,
        actions: Vec::new(),
    };
    let due = made.due();
    let by = Profile::named(&made.profile).and_then(|law| law.acknowledged_by(made.received));
    let id = case::open(io, state, made).map_err(|f| state::told(&f, state.path()))?;
    let id = id.ok_or_else(|| {
        Misuse::new(
            format!(
                "there is a case '{}' already",
                Shown::text(open.id.as_deref().unwrap_or_default())
            ),
            "'efface case show' tells of it; give another name",
        )
    })?;
    let mut text = Shown::text(&id).to_string();
    if let Some(due) = due {
        // Writing to a string cannot fail.
        let _ = write!(text, "  due {due}");
    }
    if let Some(by) = by {
        let _ = write!(text, "  to be acknowledged by {by}");
    }
    if asked > 0 {
        let _ = write!(text, "  {asked} earlier requests of the same person");
    }
    text.push('\n');
    Ok((text, ExitStatus::Done))
}

fn list(io: &Io, state: &State, (due, all): (bool, bool), day: Option<&str>) -> Told {
    let today = match day {
        Some(text) => date("--now", text)?,
        None => date("--now", &hold::day_of(now()))?,
    };
    let cases = case::list(io, state).map_err(|f| state::told(&f, state.path()))?;
    let mut text = String::new();
    let mut overdue = 0;
    for case in &cases {
        let late = case.is_overdue(today);
        overdue += usize::from(late);
        if (case.closed.is_some() && !all) || (due && !late) {
            continue;
        }
        let ends = case.due().map_or_else(String::new, |due| due.to_string());
        let how = match (case.closed, late) {
            (Some(_), _) => "closed",
            (None, true) => "OVERDUE",
            (None, false) => "open",
        };
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{}  {}  {}  received {}  due {ends}  {how}",
            Shown::text(&case.id),
            Shown::text(&case.kind),
            case.profile,
            case.received
        );
    }
    let status = if due && overdue > 0 {
        ExitStatus::Found
    } else {
        ExitStatus::Done
    };
    Ok((text, status))
}

fn shown(case: &Case) -> String {
    let mut text = String::new();
    let law = Profile::named(&case.profile).map_or("", |law| law.citation);
    let due = case.due().map_or_else(String::new, |due| due.to_string());
    // Writing to a string cannot fail.
    let _ = writeln!(text, "case {}", Shown::text(&case.id));
    let _ = writeln!(text, "asks for {}", Shown::text(&case.kind));
    let _ = writeln!(text, "law {} ({law})", case.profile);
    let _ = writeln!(text, "received {}", case.received);
    let _ = writeln!(text, "due {due}");
    if let Some(why) = &case.extended {
        let _ = writeln!(text, "extended: {}", Shown::text(why));
    }
    let _ = writeln!(text, "verified {}", case.verified.name());
    let _ = writeln!(text, "identifiers {}", case.tags.len());
    if let Some(closed) = case.closed {
        let _ = writeln!(text, "closed {}", state::stamp(closed));
    }
    for action in &case.actions {
        let _ = write!(
            text,
            "{}  {}",
            state::stamp(action.time),
            Shown::text(&action.what)
        );
        if let Some(receipt) = &action.receipt {
            let _ = write!(text, "  {}", Shown::text(receipt));
        }
        text.push('\n');
    }
    text
}

/// `efface audit`: the log, checked.
pub(super) fn audit(args: &AuditArgs, printer: Printer) -> ExitStatus {
    let io = Io::real();
    let read = state::open(&io, &args.state).and_then(|state| {
        audit::read(&io, &state).map_err(|failure| state::told(&failure, state.path()))
    });
    let lines = match read {
        Ok(lines) => lines,
        Err(misuse) => return refused(printer, &misuse),
    };
    let mut text = String::new();
    let all = lines.len();
    for line in lines {
        let said = |name: &str| line.get(name).and_then(Value::as_str).unwrap_or_default();
        let number = |name: &str| line.get(name).and_then(Value::as_i64);
        if args
            .case
            .as_deref()
            .is_some_and(|case| said("case") != case)
        {
            continue;
        }
        if args.jsonl {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{}", Value::Object(line.clone()));
            continue;
        }
        let subjects = line
            .get("subjects")
            .and_then(Value::as_array)
            .map_or(0, Vec::len);
        let _ = write!(
            text,
            "{}  user {}  {} {}  {subjects} identifiers",
            state::stamp(number("time").unwrap_or_default()),
            number("user").unwrap_or_default(),
            said("command"),
            said("phase")
        );
        if let Some(found) = number("found") {
            let _ = write!(text, "  found {found}");
        }
        for (word, name) in [("case", "case"), ("reason:", "reason")] {
            if !said(name).is_empty() {
                let _ = write!(text, "  {word} {}", Shown::text(said(name)));
            }
        }
        text.push('\n');
    }
    if !args.jsonl {
        let _ = writeln!(text, "{all} lines, none changed, added or missing");
    }
    print(printer, text.as_bytes())
}
