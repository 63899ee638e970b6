//! `efface sweep`: from a policy to a sweep, and from what came of it to an exit code.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::args::SweepArgs;
use super::exit::ExitStatus;
use super::misuse::Misuse;
use super::progress::{Bar, stop_on_interrupt};
use super::{plan, print, redact, refused, state};
use crate::redact::files::{FileDone, RunError, Told, Totals};
use crate::redact::io::Io;
use crate::redact::mode::WriteOptions;
use crate::report::{Printer, Shown, Sweeping, sweep_json, sweep_metrics, sweep_page};
use crate::retain::policy::Policy;
use crate::retain::{Budget, Sweep, SweepError, explain, sweep};
use crate::scan::{Progress, ScanPlan, SinkError};
use crate::time::{Clock, Stamp, Zone};

/// A policy is written by hand; a larger file is something else.
const LONGEST: u64 = 1 << 20;
/// How far the clock may be behind the youngest file, in seconds.
const BEHIND: i64 = 2 * 86_400;
/// How far it may be ahead of it, in seconds: five years.
const AHEAD: i64 = 5 * 366 * 86_400;

/// Sweeps.
pub(super) fn run(args: SweepArgs, printer: Printer) -> ExitStatus {
    let policy = match read(&args.policy) {
        Ok(policy) => policy,
        Err(misuse) => return refused(printer, &misuse),
    };
    if !args.paths.is_empty()
        && let Err(error) = policy.is_placed(&args.paths)
    {
        return refused(printer, &Misuse::told(&error));
    }
    if args.check {
        return print(printer, crate::report::sweep_check(&policy).as_bytes());
    }
    let (now, given) = match now(args.now.as_deref()) {
        Ok(now) => (now, args.now.is_some()),
        Err(misuse) => return refused(printer, &misuse),
    };
    if let Some(record) = &args.explain {
        return match explained(&policy, record, &args.paths, now) {
            Ok(text) => print(printer, text.as_bytes()),
            Err(misuse) => refused(printer, &misuse),
        };
    }
    match order(&args, policy, now) {
        Ok(order) => {
            let checked = if given || !order.apply {
                Ok(())
            } else {
                check_clock(&order.scan, now)
            };
            match checked {
                Ok(()) => carry_out(order, &args, printer),
                Err(misuse) => refused(printer, &misuse),
            }
        }
        Err(misuse) => refused(printer, &misuse),
    }
}

fn read(file: &Path) -> Result<Policy, Misuse> {
    use std::io::Read as _;
    let wrong = |error: std::io::Error| {
        Misuse::new(
            format!("cannot read {}: {error}", Shown::path(file)),
            "name a policy; docs/RETENTION.md shows how to write one",
        )
    };
    let mut text = String::new();
    let opened = std::fs::File::open(file).map_err(wrong)?;
    opened
        .take(LONGEST)
        .read_to_string(&mut text)
        .map_err(wrong)?;
    Policy::parse(file, &text).map_err(|error| Misuse::told(&error))
}

/// The clock of the run, in seconds since 1970.
fn now(given: Option<&str>) -> Result<i64, Misuse> {
    let Some(text) = given else {
        return Ok(crate::redact::files::now());
    };
    // A day begins at midnight here: it is what is now, not when something happened.
    let full = if text.len() == 10 {
        format!("{text}T00:00:00Z")
    } else {
        text.to_owned()
    };
    let clock = Clock::new(Zone::utc(), None, i64::MAX / 4, i64::MAX / 4);
    clock.at(&Stamp::of(full.as_bytes())).map_err(|_| {
        Misuse::new(
            format!("--now cannot be '{}'", Shown::text(text)),
            "give a time such as 2026-01-31T12:00:00Z",
        )
    })
}

fn explained(policy: &Policy, record: &str, roots: &[PathBuf], now: i64) -> Result<String, Misuse> {
    let parts = record.rsplit_once(':');
    let parts = parts.and_then(|(file, number)| Some((file, number.parse::<u64>().ok()?)));
    let Some((file, number)) = parts.filter(|(file, number)| !file.is_empty() && *number > 0)
    else {
        return Err(Misuse::new(
            "--explain needs a file and a record",
            "write FILE:RECORD, such as cdr/Master.csv:17",
        ));
    };
    explain(policy, Path::new(file), roots, number, now).map_err(|error| Misuse::told(&error))
}

fn order(args: &SweepArgs, policy: Policy, now: i64) -> Result<Sweep, Misuse> {
    let scan = plan::scan_plan(
        &args.paths,
        args.find.clone(),
        args.read.clone(),
        &args.run,
        redact::usual(),
    )?;
    Ok(Sweep {
        policy,
        scan,
        apply: args.apply && !args.run.dry_run,
        now,
        budget: budget(&args.budget)?,
        write: WriteOptions {
            scrub: !args.write.no_scrub,
            assume_quiescent: args.write.assume_quiescent,
            ..WriteOptions::default()
        },
        state: state::folder(&args.state)?,
        key_file: args.state.key_file.clone(),
    })
}

/// `30m`, `2h`, `90s`: time; `500M`, `10G`: bytes read. Each at most once.
fn budget(given: &[String]) -> Result<Budget, Misuse> {
    let mut budget = Budget::default();
    for text in given {
        let wrong = || {
            Misuse::new(
                format!("--budget cannot be '{}'", Shown::text(text)),
                "give a time such as 30m or 2h, or an amount such as 10G",
            )
        };
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at(digits);
        let number: u64 = number.parse().map_err(|_| wrong())?;
        let scale: u64 = match unit {
            "s" | "K" => 1,
            "m" | "M" => 2,
            "h" | "G" => 3,
            "T" => 4,
            _ => return Err(wrong()),
        };
        if number == 0 {
            return Err(wrong());
        }
        if matches!(unit, "s" | "m" | "h") {
            let seconds = number
                .checked_mul(60u64.pow(scale as u32 - 1))
                .ok_or_else(wrong)?;
            budget.time = Some(Duration::from_secs(seconds));
        } else {
            budget.bytes = Some(
                number
                    .checked_mul(1024u64.pow(scale as u32))
                    .ok_or_else(wrong)?,
            );
        }
    }
    Ok(budget)
}

/// Refuses to act on a clock that cannot be right: far behind the youngest file, or years ahead.
fn check_clock(scan: &ScanPlan, now: i64) -> Result<(), Misuse> {
    let mut youngest: Option<(i64, PathBuf)> = None;
    for met in crate::walk::walk(&scan.roots, &scan.selection) {
        let crate::walk::Met::File(path) = met else {
            continue;
        };
        let changed = std::fs::symlink_metadata(&path)
            .and_then(|metadata| metadata.modified())
            .ok()
            .and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
        let changed = changed.map(|since| since.as_secs().cast_signed());
        if let Some(changed) = changed
            && youngest.as_ref().is_none_or(|(most, _)| changed > *most)
        {
            youngest = Some((changed, path));
        }
    }
    let Some((changed, path)) = youngest else {
        return Ok(());
    };
    let wrong = |how: &str| {
        let zone = Zone::utc();
        Misuse::new(
            format!(
                "the clock says {}, {how} {}, last changed {}",
                zone.show(now),
                Shown::path(&path),
                zone.show(changed)
            ),
            "set the clock, or say what is now with --now",
        )
    };
    if now < changed - BEHIND {
        return Err(wrong("long before"));
    }
    if now > changed + AHEAD {
        return Err(wrong("years behind everything, even"));
    }
    Ok(())
}

fn carry_out(order: Sweep, args: &SweepArgs, printer: Printer) -> ExitStatus {
    if args.low_priority {
        // Where it cannot be had the run is as it would be without.
        let _ = rustix::process::nice(19);
    }
    let began = Instant::now();
    let (apply, now) = (order.apply, order.now);
    let state_folder = order.state.clone();
    let progress = Arc::new(Progress::default());
    stop_on_interrupt(&progress);
    let seen = !args.run.quiet && !args.json && printer.messages_seen();
    let bar = Bar::when(args.run.progress, seen, &progress, printer);
    let shown = !args.json;
    let mut told = Cleared {
        report: Sweeping::new(
            printer.stdout(),
            &order.policy,
            (apply, args.run.quiet, shown),
        ),
        bar: &bar,
    };
    let outcome = sweep(order, &mut told, &progress);
    bar.clear();
    let (swept, policy) = match outcome {
        Ok(swept) => swept,
        Err(SweepError::Run(RunError::Output(error))) => {
            let _ = super::sink_failed(printer, &error);
            return ExitStatus::Incomplete;
        }
        Err(SweepError::Run(RunError::Failure(failure))) => {
            return refused(printer, &state::told(&failure, &state_folder));
        }
        Err(SweepError::Run(RunError::Folder(folder, failure))) => {
            return refused(printer, &state::told(&failure, &folder));
        }
        Err(error) => return refused(printer, &error),
    };
    let totals = &swept.totals;
    let incomplete = totals.interrupted && !swept.carried_over
        || totals.unfinished
        || totals.incomplete > 0
        || swept.undecided > 0;
    let status = if incomplete {
        ExitStatus::Incomplete
    } else {
        ExitStatus::Done
    };
    let seconds = began.elapsed().as_secs_f64();
    let run = (apply, now, seconds, status.code());
    let mut written = Ok(());
    if let Some(file) = &args.metrics {
        written = written.and_then(|()| put(file, &sweep_metrics(&swept, &policy, run)));
    }
    if let Some(file) = &args.report {
        written = written.and_then(|()| put(file, &sweep_page(&swept, &policy, run)));
    }
    if args.json {
        let printed = print(printer, sweep_json(&swept, &policy, run).as_bytes());
        if printed != ExitStatus::Done {
            return printed;
        }
    }
    if swept.undecided > 0 {
        printer.note(&Undecided(swept.undecided));
    }
    match written {
        Ok(()) => status,
        Err(misuse) => {
            printer.error(&misuse);
            ExitStatus::Incomplete
        }
    }
}

/// Said however quiet a run is to be: it is why the exit code is 3.
struct Undecided(u64);

impl std::fmt::Display for Undecided {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (records, have) = match self.0 {
            1 => ("record", "has"),
            _ => ("records", "have"),
        };
        write!(
            f,
            "{} {records} {have} no time that can be believed, and no rule says what becomes of them: \
             exit code 3\n\nhint: without -q each file is listed; `undated` in a rule says it, and \
             `dates` in a source which of two numbers is the day",
            self.0
        )
    }
}

/// Puts a small file in place, whole or not at all.
fn put(file: &Path, text: &str) -> Result<(), Misuse> {
    crate::redact::place::put(&Io::real(), file, text.as_bytes())
        .map_err(|failure| state::told(&failure, file))
}

/// Takes the progress line away before the totals are shown.
struct Cleared<'a, T> {
    report: T,
    bar: &'a Bar,
}

impl<T: Told> Told for Cleared<'_, T> {
    fn file(&mut self, done: &FileDone) -> Result<(), SinkError> {
        self.report.file(done)
    }

    fn totals(&mut self, totals: &Totals) -> Result<(), SinkError> {
        self.bar.clear();
        self.report.totals(totals)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn budgets_are_times_or_amounts() {
        let of = |text: &[&str]| {
            let texts: Vec<String> = text.iter().map(|text| (*text).to_owned()).collect();
            budget(&texts).ok()
        };
        let time = |seconds| Some(Duration::from_secs(seconds));
        for (given, want) in [
            (&["90s"][..], Some((time(90), None))),
            (&["30m"], Some((time(1800), None))),
            (&["2h", "10G"], Some((time(7200), Some(10 << 30)))),
            (&["500K"], Some((None, Some(500 << 10)))),
            (&["0m"], None),
            (&["30"], None),
            (&["m"], None),
            (&["99999999999999999999h"], None),
        ] {
            let want = want.map(|(time, bytes)| Budget { time, bytes });
            assert_eq!(of(given), want, "{given:?}");
        }
    }
}
