//! `efface find`: where all of somebody's data is, by any spelling of what is known of them.

use std::path::PathBuf;

use super::args::{FindArgs, SeekArgs, When};
use super::asked::{Asked, nowhere};
use super::exit::ExitStatus;
use super::index::age;
use super::lookup::LookUp;
use super::misuse::Misuse;
use super::plan::scan_plan;
use super::scan::report_with;
use super::{clients, links, refused, state};
use crate::entity::EntitySet;
use crate::report::{Printer, ReportFormat};
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
    match look_up(args, format, show, printer) {
        Ok(status) => status,
        Err(misuse) => refused(printer, &misuse),
    }
}

/// Looks up, and writes down who did and why.
fn look_up(
    args: FindArgs,
    format: ReportFormat,
    show: (When, bool),
    printer: Printer,
) -> Result<ExitStatus, Misuse> {
    let sources = state::sources(&args.policy)?;
    let (by_client, explain, linked) = (args.by_client, args.explain, args.linked);
    // What is linked, and whose clients hold it, only the sources themselves tell.
    if args.words.is_empty() && (by_client || explain || linked) {
        return Err(nowhere());
    }
    let alone = args.words.is_empty();
    let asked = Asked::of(&args.index, args.no_index, &args.state, alone)?;
    let (why, home) = (args.why.clone(), args.state.clone());
    let mut plan = plan(args)?;
    let look_up = LookUp::begin(&home, &why, "find", plan.subjects.as_ref())?;
    let reported = |plan: &ScanPlan| reported(&asked, plan, format, show, printer);
    let (found, status) = if explain || linked {
        let (links, status) = links::run(&mut plan, (explain, format), show, printer)?;
        match status {
            Some(status) => (Some(links), status),
            None => reported(&plan)?,
        }
    } else if by_client {
        clients::run(&plan, &sources, show, printer)?
    } else {
        reported(&plan)?
    };
    look_up.done(found, status, None)?;
    Ok(status)
}

/// Reports what is found, by the index where one answers.
fn reported(
    asked: &Asked,
    plan: &ScanPlan,
    format: ReportFormat,
    show: (When, bool),
    printer: Printer,
) -> Result<(Option<u64>, ExitStatus), Misuse> {
    let told = |why: &Misuse| {
        if !show.1 {
            printer.note(&format!("the index is not used: {}", why.sentence()));
        }
    };
    let index = asked.open(plan, told)?;
    let mut answer = match &index {
        Some(index) => asked.ask(index, plan, told)?,
        None => None,
    };
    if let (Some(index), true, true, false) =
        (&index, answer.is_some(), plan.roots.is_empty(), show.1)
    {
        let age = age(index.updated());
        printer.note(&format!(
            "from the index, updated {age}; name files or folders to have new ones read too"
        ));
    }
    let memo = answer
        .as_mut()
        .map(|answer| asked.memo(answer, plan))
        .transpose()?;
    Ok(match report_with(plan, format, show, printer, memo) {
        Ok(summary) => {
            let found = summary.findings.iter().map(|(_, count)| count).sum();
            (Some(found), ExitStatus::of_find(&summary))
        }
        Err(status) => (None, status),
    })
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
    if args.words.is_empty() {
        return Err(super::asked::nowhere());
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
