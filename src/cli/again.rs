//! `efface replay`, which erases again what was erased, and `efface correct`.

use super::args::{CorrectArgs, ReplayArgs};
use super::exit::ExitStatus;
use super::lookup::LookUp;
use super::misuse::Misuse;
use super::redact::{carried_out, order};
use super::{print, refused, state};
use crate::redact::derive::Way;
use crate::redact::files::{More, Order, Target};
use crate::redact::suppressed;
use crate::report::Printer;
use crate::subject::identify;

/// Erases again what stays out, or says whether somebody does.
pub(super) fn replay(args: ReplayArgs, printer: Printer) -> ExitStatus {
    let show = (args.edit.run.progress, args.edit.run.quiet);
    if args.check {
        return match check(&args) {
            Ok(true) => print(printer, b"yes\n"),
            Ok(false) => match print(printer, b"no\n") {
                ExitStatus::Done => ExitStatus::Found,
                failed => failed,
            },
            Err(misuse) => refused(printer, &misuse),
        };
    }
    let made = order(&args.paths, &args.edit).and_then(|order| {
        let look_up = LookUp::begin(
            &args.edit.state,
            &args.why,
            "replay",
            order.subjects.as_ref(),
        )?;
        Ok((order, look_up))
    });
    let (order, look_up) = match made {
        Ok(made) => made,
        Err(misuse) => return refused(printer, &misuse),
    };
    let order = Order {
        way: Way::Side,
        target: target(args.apply && !args.edit.run.dry_run),
        command: "replay",
        more: More {
            suppressed: true,
            ..More::default()
        },
        ..order
    };
    finish(&order, show, look_up, printer, false)
}

fn target(apply: bool) -> Target {
    if apply {
        Target::InPlace
    } else {
        Target::Nowhere
    }
}

/// Carries an order out and writes down what came of it.
fn finish(
    order: &Order,
    show: (super::args::When, bool),
    look_up: LookUp,
    printer: Printer,
    must_find: bool,
) -> ExitStatus {
    let (status, totals) = carried_out(order, show, printer, None);
    let changed = totals.as_ref().map_or(0, |totals| totals.changed);
    let status = match status {
        ExitStatus::Found if !must_find => ExitStatus::Done,
        ExitStatus::Done if must_find && changed == 0 => ExitStatus::Found,
        status => status,
    };
    let values = totals
        .as_ref()
        .map(|totals| totals.counts.iter().map(|count| count.values).sum());
    let receipt = totals.and_then(|totals| totals.receipt);
    let receipt = receipt.and_then(|path| Some(path.file_name()?.to_string_lossy().into_owned()));
    match look_up.done(values, status, receipt) {
        Ok(()) => status,
        Err(misuse) => {
            printer.error(&misuse);
            ExitStatus::Incomplete
        }
    }
}

/// Whether all subjects stay out.
fn check(args: &ReplayArgs) -> Result<bool, Misuse> {
    let subjects = &args.edit.subjects;
    let (subjects, _) = state::subjects_as_typed(
        &subjects.subject,
        subjects.subject_file.as_deref(),
        &args.edit.find.region,
    )?;
    let subjects = subjects.ok_or_else(|| {
        Misuse::new(
            "it is not said who should stay out",
            "name a number or an address with --subject or --subject-file",
        )
    })?;
    let look_up = LookUp::begin(
        &args.edit.state,
        &args.why,
        "replay --check",
        Some(&subjects),
    )?;
    let (io, opened) = look_up.state();
    let out =
        suppressed::tags(io, opened).map_err(|failure| state::told(&failure, opened.path()))?;
    let all = look_up.tags().iter().all(|tag| out.contains(tag));
    let found = look_up
        .tags()
        .iter()
        .filter(|tag| out.contains(*tag))
        .count();
    let status = if all {
        ExitStatus::Done
    } else {
        ExitStatus::Found
    };
    look_up.done(Some(found as u64), status, None)?;
    Ok(all)
}

/// Puts what is right in the place of what is wrong.
pub(super) fn correct(args: CorrectArgs, printer: Printer) -> ExitStatus {
    let show = (args.edit.run.progress, args.edit.run.quiet);
    match corrected(&args) {
        Ok((order, look_up)) => {
            let apply = order.target == Target::InPlace;
            let status = finish(&order, show, look_up, printer, true);
            if apply && status == ExitStatus::Done {
                return tell(&args, printer, status);
            }
            status
        }
        Err(misuse) => refused(printer, &misuse),
    }
}

/// Names those who got the wrong value and have to be told (GDPR Art. 19).
fn tell(args: &CorrectArgs, printer: Printer, status: ExitStatus) -> ExitStatus {
    let mut recipients: Vec<String> = match state::sources(&args.policy) {
        Ok(sources) => sources.recipients().map(str::to_owned).collect(),
        Err(misuse) => return refused(printer, &misuse),
    };
    recipients.sort();
    recipients.dedup();
    if recipients.is_empty() {
        return status;
    }
    let text = format!("to be told: {}\n", recipients.join(", "));
    match print(printer, text.as_bytes()) {
        ExitStatus::Done => status,
        failed => failed,
    }
}

fn corrected(args: &CorrectArgs) -> Result<(Order, LookUp), Misuse> {
    if !args.edit.replace.operator.is_empty() {
        return Err(Misuse::new(
            "--operator and --to exclude each other",
            "leave one of them away",
        ));
    }
    state::sources(&args.policy)?;
    let made = order(&args.paths, &args.edit)?;
    let regions: Vec<_> = made
        .scan
        .regions
        .iter()
        .filter_map(|code| crate::detect::phone::plan::Region::parse(code))
        .collect();
    let (entity, canonical) = identify(&args.to, &regions).map_err(|_| {
        Misuse::new(
            "what is right is no value that can be found again",
            "give a phone number with its country code, an e-mail address, or another identifier",
        )
    })?;
    let subjects: Vec<_> = made
        .subjects
        .iter()
        .flat_map(|subjects| subjects.iter())
        .collect();
    let [(wrong, was)] = subjects[..] else {
        return Err(Misuse::new(
            "one value is corrected at a time",
            "name exactly one with --subject or --subject-file",
        ));
    };
    if wrong != entity || *was == canonical {
        return Err(Misuse::new(
            "what is right is of another kind, or the same as what is wrong",
            "give another value of the same kind with --to",
        ));
    }
    let look_up = LookUp::begin(
        &args.edit.state,
        &args.why,
        "correct",
        made.subjects.as_ref(),
    )?;
    let order = Order {
        way: Way::Values,
        target: target(args.apply && !args.edit.run.dry_run),
        command: "correct",
        more: More {
            correct: Some(args.to.clone()),
            ..More::default()
        },
        ..made
    };
    Ok((order, look_up))
}
