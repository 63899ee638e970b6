//! `efface scan`: from arguments to a plan, and from the plan's outcome to an exit code.

use std::sync::Arc;

use super::args::{ScanArgs, When};
use super::exit::ExitStatus;
use super::plan::scan_plan;
use super::progress::{Bar, Cleared, stop_on_interrupt};
use crate::entity::EntitySet;
use crate::report::{Options, Printer, ReportFormat, open};
use crate::scan::{Memo, Progress, Root, ScanError, ScanPlan, Summary};

/// Scans and reports.
pub(super) fn run(args: ScanArgs, printer: Printer) -> ExitStatus {
    let format = args.show.format();
    let plan = scan_plan(
        &args.paths,
        args.find,
        args.read,
        &args.run,
        EntitySet::all(),
    );
    let mut plan = match plan {
        Ok(plan) => plan,
        Err(misuse) => {
            printer.error(&misuse);
            return ExitStatus::Refused;
        }
    };
    plan.show_values = args.show.show_values;
    if let Some(wanted) = args.sample {
        return super::sample::run(&plan, (wanted, args.seed), printer);
    }
    match report(&plan, format, (args.run.progress, args.run.quiet), printer) {
        Ok(summary) => ExitStatus::of_scan(&summary),
        Err(status) => status,
    }
}

/// Carries out a plan and reports as it goes; an error was told, and is how the command ends.
pub(super) fn report(
    plan: &ScanPlan,
    format: ReportFormat,
    (show, quiet): (When, bool),
    printer: Printer,
) -> Result<Summary, ExitStatus> {
    report_with(plan, format, (show, quiet), printer, None)
}

/// The same, going by what is known of sources from an earlier scan.
pub(super) fn report_with(
    plan: &ScanPlan,
    format: ReportFormat,
    (show, quiet): (When, bool),
    printer: Printer,
    memo: Option<Memo<'_>>,
) -> Result<Summary, ExitStatus> {
    let target = printer.target();
    if plan.roots.contains(&Root::Stdin) && !quiet && printer.input_is_typed() {
        printer.note(&"reading from the terminal; Ctrl-D ends the input");
    }
    let options = Options {
        regions: &plan.regions,
        show_values: plan.show_values,
        subjects: plan.subjects.as_ref(),
        target,
    };
    let progress = Arc::new(Progress::default());
    stop_on_interrupt(&progress);
    // A line that is redrawn would mix with findings that scroll by on the same terminal.
    let fits = printer.messages_seen()
        && (matches!(format, ReportFormat::Table | ReportFormat::Answer) || !target.terminal);
    let bar = Bar::when(show, !quiet && fits, &progress, printer);
    let outcome = crate::scan::run_with(
        plan,
        &mut Cleared {
            sink: open(format, printer.stdout(), &options),
            bar: &bar,
        },
        &progress,
        memo,
    );
    bar.clear();
    match outcome {
        Ok(summary) => Ok(summary),
        Err(ScanError::Output(error)) => Err(super::sink_failed(printer, &error)),
        Err(error) => Err(super::refused(printer, &error)),
    }
}
