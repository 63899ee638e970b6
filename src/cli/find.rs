//! `efface find`: where all of somebody's data is, by any spelling of what is known of them.

use std::path::PathBuf;

use super::args::{FindArgs, SeekArgs};
use super::exit::ExitStatus;
use super::misuse::Misuse;
use super::plan::scan_plan;
use super::scan::report;
use super::{refused, state};
use crate::entity::EntitySet;
use crate::report::Printer;
use crate::scan::ScanPlan;

/// Finds and reports.
pub(super) fn run(mut args: FindArgs, printer: Printer) -> ExitStatus {
    let typed = match whose(&mut args) {
        Ok(typed) => typed,
        Err(misuse) => return refused(printer, &misuse),
    };
    let (format, show) = (args.format(), (args.run.progress, args.run.quiet));
    if typed && !args.run.quiet && printer.messages_seen() {
        printer.note(
            &"other users of this machine can see what is typed; --subject-file - reads it instead",
        );
    }
    let plan = match plan(args) {
        Ok(plan) => plan,
        Err(misuse) => return refused(printer, &misuse),
    };
    match report(&plan, format, show, printer) {
        Ok(summary) => ExitStatus::of_find(&summary),
        Err(status) => status,
    }
}

/// Takes the identifier from before the paths, where it stands there; says whether one was typed.
fn whose(args: &mut FindArgs) -> Result<bool, Misuse> {
    let subjects = &mut args.subjects;
    if args.many.is_some() {
        return Ok(false);
    }
    if !subjects.subject.is_empty() || subjects.subject_file.is_some() {
        return Ok(!subjects.subject.is_empty());
    }
    if args.words.len() < 2 {
        return Err(Misuse::new(
            "it is not said whose data is looked for, or where",
            "give an identifier and then files or folders: efface find '+1 416 555 0123' exports/",
        ));
    }
    let ident = args.words.remove(0);
    let ident = ident.into_os_string().into_string().map_err(|_| {
        Misuse::new(
            "the identifier is no text",
            "give a phone number, an e-mail address or [entity:]value",
        )
    })?;
    subjects.subject.push(ident);
    Ok(true)
}

fn plan(args: FindArgs) -> Result<ScanPlan, Misuse> {
    let lists = [&args.subjects.subject_file, &args.many];
    let from_input = lists
        .into_iter()
        .any(|list| list.as_deref() == Some("-".as_ref()));
    if from_input && args.words.contains(&PathBuf::from("-")) {
        return Err(Misuse::new(
            "standard input cannot be both the subjects and what is read",
            "name a file with --subject-file",
        ));
    }
    let seek = SeekArgs {
        only: Vec::new(),
        except: Vec::new(),
        min_confidence: args.min_confidence,
        region: args.region,
    };
    let plan = scan_plan(&args.words, seek, args.read, &args.run, EntitySet::all())?;
    let subjects = match &args.many {
        Some(file) => Some(state::many_subjects(file, &plan)?),
        None => state::subjects(
            &args.subjects.subject,
            args.subjects.subject_file.as_deref(),
            &plan,
        )?,
    };
    Ok(ScanPlan {
        show_values: args.show.show_values,
        subjects,
        ..plan
    })
}
