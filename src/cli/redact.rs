//! `efface redact`: from arguments to an order, and from what became of it to an exit code.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::{EditArgs, RedactArgs};
use super::exit::ExitStatus;
use super::misuse::Misuse;
use super::progress::{Bar, stop_on_interrupt};
use super::{plan, refused, state};
use crate::entity::{Entity, EntitySet};
use crate::redact::derive::Way;
use crate::redact::files::{self, FileDone, More, Order, Plan, RunError, Target, Told, Totals};
use crate::redact::mode::WriteOptions;
use crate::redact::operator::OperatorSet;
use crate::redact::stream::{self, FilterError};
use crate::report::{Certificate, Certified, Printer, Redaction};
use crate::scan::{Progress, Root, SinkError};

/// What goes unless something else is named: not what needs a person to judge.
pub(super) fn usual() -> EntitySet {
    let by_name = |entity: &Entity| {
        entity.is_special() || matches!(entity, Entity::PersonName | Entity::PostalAddress)
    };
    Entity::ALL
        .iter()
        .copied()
        .filter(|entity| !by_name(entity))
        .collect()
}

/// Redacts.
pub(super) fn run(args: RedactArgs, printer: Printer) -> ExitStatus {
    let alone = match &args.paths[..] {
        [] => true,
        // One that is not there is told by who opens it.
        [path] => !path.is_dir(),
        _ => false,
    };
    if alone && args.out.is_none() && !args.in_place && !args.edit.run.dry_run {
        return filter(args, printer);
    }
    if args.paths.is_empty() {
        let misuse = Misuse::new(
            "no file is named, and a stream cannot be changed in place or copied",
            "name files or folders, or leave --in-place, --out and --dry-run away",
        );
        return refused(printer, &misuse);
    }
    let target = match target(&args) {
        Ok(target) => target,
        Err(misuse) => return refused(printer, &misuse),
    };
    let (show, quiet) = (args.edit.run.progress, args.edit.run.quiet);
    let order = order(&args.paths, &args.edit);
    let order = order.and_then(|order| match order.operators.refuses_in_place() {
        Some((entity, operator)) if target == Target::InPlace => Err(Misuse::new(
            format!("the operator '{operator}' for '{entity}' cannot be used in place"),
            "it can be turned back; write copies with --out, or use token",
        )),
        _ => Ok(Order {
            target: if args.edit.run.dry_run {
                Target::Nowhere
            } else {
                target
            },
            more: More {
                rename: args.rename,
                ..More::default()
            },
            ..order
        }),
    });
    match order {
        Ok(order) => carry_out(&order, (show, quiet), printer),
        Err(misuse) => refused(printer, &misuse),
    }
}

/// The filter: standard input, or one file, to standard output.
fn filter(args: RedactArgs, printer: Printer) -> ExitStatus {
    let file = args.paths.first().filter(|path| path.as_os_str() != "-");
    let quiet = args.edit.run.quiet;
    let order = order(file.map_or(&[], std::slice::from_ref), &args.edit);
    match order {
        Ok(order) => flow(
            &order,
            file.map(PathBuf::as_path),
            (args.pass_unscanned, Some(order.scan.threads.get())),
            quiet,
            printer,
        ),
        Err(misuse) => refused(printer, &misuse),
    }
}

/// `efface redact` and nothing more, without the cost of reading a command line.
pub(super) fn plain_filter(printer: Printer) -> ExitStatus {
    let state = match state::folder(&super::args::StateArgs::default()) {
        Ok(state) => state,
        Err(_) => PathBuf::new(),
    };
    let order = Order {
        scan: plan::usual_plan(usual()),
        fields: Vec::new(),
        subjects: None,
        operators: OperatorSet::default(),
        way: Way::Values,
        strict: false,
        target: Target::Nowhere,
        write: WriteOptions::default(),
        state,
        key_file: None,
        command: "redact",
        plan: Plan::None,
        ages: None,
        more: More::default(),
    };
    flow(&order, None, (false, None), false, printer)
}

fn flow(
    order: &Order,
    file: Option<&Path>,
    how: (bool, Option<usize>),
    quiet: bool,
    printer: Printer,
) -> ExitStatus {
    if file.is_none() && !quiet && printer.input_is_typed() {
        printer.note(&"reading from the terminal; Ctrl-D ends the input");
    }
    let streamed = match stream::filter(order, file, how, &mut printer.stdout()) {
        Ok(streamed) => streamed,
        Err(FilterError::Start(RunError::Failure(failure))) => {
            return refused(printer, &state::told(&failure, &order.state));
        }
        Err(error) => return refused(printer, &error),
    };
    if streamed.reader_left {
        return ExitStatus::Done;
    }
    if let Some(refusal) = streamed.refusal {
        let values = streamed.refused;
        printer.note(&format!("{values} values could not be replaced: {refusal}"));
    }
    if let Some(reason) = streamed.unread {
        printer.note(&format!(
            "not all of the input was read as text ({}); the output is not known to be clean",
            reason.name()
        ));
    }
    if streamed.refusal.is_some() || streamed.unread.is_some() {
        ExitStatus::Incomplete
    } else {
        ExitStatus::Done
    }
}

fn target(args: &RedactArgs) -> Result<Target, Misuse> {
    match (&args.out, args.in_place) {
        (Some(folder), _) => Ok(Target::Out(folder.clone())),
        (None, true) => Ok(Target::InPlace),
        (None, false) if args.edit.run.dry_run => Ok(Target::Nowhere),
        (None, false) => Err(Misuse::new(
            "it is not said where the result goes",
            "add --in-place, or --out DIR, or --dry-run to see what would be done",
        )),
    }
}

/// What redact and erase have in common.
pub(super) fn order(paths: &[PathBuf], args: &EditArgs) -> Result<Order, Misuse> {
    let EditArgs {
        subjects,
        write,
        state,
        ..
    } = args;
    let scan = plan::scan_plan(
        paths,
        args.find.clone(),
        args.read.clone(),
        &args.run,
        usual(),
    )?;
    if scan.roots.contains(&Root::Stdin) {
        return Err(Misuse::new(
            "standard input cannot be named together with files, or changed in place",
            "'efface redact' alone is the filter from standard input to standard output",
        ));
    }
    let operators =
        OperatorSet::parse(&args.replace.operator).map_err(|error| Misuse::told(&error))?;
    let whose = state::subjects(
        &subjects.subject,
        subjects.subject_file.as_deref().map(Path::as_ref),
        &scan,
    )?;
    Ok(Order {
        scan,
        fields: args.field.clone(),
        subjects: whose,
        operators,
        way: Way::Values,
        strict: write.strict,
        target: Target::Nowhere,
        write: WriteOptions {
            scrub: !write.no_scrub,
            assume_quiescent: write.assume_quiescent,
            ..WriteOptions::default()
        },
        state: state::folder(state)?,
        key_file: state.key_file.clone(),
        command: "redact",
        plan: Plan::None,
        ages: None,
        more: More::default(),
    })
}

/// Runs an order and tells what came of it.
pub(super) fn carry_out(
    order: &Order,
    (show, quiet): (super::args::When, bool),
    printer: Printer,
) -> ExitStatus {
    carried_out(order, (show, quiet), printer, None).0
}

/// The same, with the account of the run when it came to its end, and a certificate where one is
/// asked for.
pub(super) fn carried_out(
    order: &Order,
    (show, quiet): (super::args::When, bool),
    printer: Printer,
    certificate: Option<&mut Certificate<'_>>,
) -> (ExitStatus, Option<Totals>) {
    let progress = Arc::new(Progress::default());
    stop_on_interrupt(&progress);
    let bar = Bar::when(show, !quiet && printer.messages_seen(), &progress, printer);
    let mut told = Cleared {
        report: Certified {
            report: Redaction::new(printer.stdout(), printer.target(), order),
            certificate,
        },
        bar: &bar,
    };
    let outcome = files::run(order, &mut told, &progress);
    bar.clear();
    let totals = match outcome {
        Ok(totals) => totals,
        Err(RunError::Output(error)) => {
            // Something may have been changed by then, and the rest was not looked at.
            let _ = super::sink_failed(printer, &error);
            return (ExitStatus::Incomplete, None);
        }
        Err(RunError::Failure(failure)) => {
            return (refused(printer, &state::told(&failure, &order.state)), None);
        }
        Err(RunError::Folder(folder, failure)) => {
            return (refused(printer, &state::told(&failure, &folder)), None);
        }
        Err(error) => return (refused(printer, &error), None),
    };
    for name in totals.fields_not_met.iter().filter(|_| !quiet) {
        printer.note(&format!(
            "nothing was found in a field called '{name}'; 'efface scan --format jsonl' names the fields"
        ));
    }
    let status = if totals.interrupted || totals.unfinished || totals.incomplete > 0 {
        ExitStatus::Incomplete
    } else if order.subjects.is_some() && order.way != Way::Values && totals.changed == 0 {
        ExitStatus::Found
    } else {
        ExitStatus::Done
    };
    (status, Some(totals))
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
