//! `efface find`: where all of somebody's data is, by any spelling of what is known of them.

use std::path::PathBuf;

use super::args::{FindArgs, SeekArgs};
use super::asked::Asked;
use super::exit::ExitStatus;
use super::index::age;
use super::misuse::Misuse;
use super::plan::scan_plan;
use super::scan::report_with;
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
    let asked = match Asked::of(&args) {
        Ok(asked) => asked,
        Err(misuse) => return refused(printer, &misuse),
    };
    let found = plan(args).and_then(|plan| {
        let told = |why: &Misuse| {
            if !show.1 {
                printer.note(&format!("the index is not used: {}", why.sentence()));
            }
        };
        let Some(index) = asked.open(&plan, told)? else {
            return Ok(report_with(&plan, format, show, printer, None));
        };
        let Some(mut answer) = asked.ask(&index, &plan, told)? else {
            return Ok(report_with(&plan, format, show, printer, None));
        };
        if plan.roots.is_empty() && !show.1 {
            let age = age(index.updated());
            printer.note(&format!(
                "from the index, updated {age}; name files or folders to have new ones read too"
            ));
        }
        let memo = asked.memo(&mut answer, &plan)?;
        Ok(report_with(&plan, format, show, printer, Some(memo)))
    });
    match found {
        Ok(Ok(summary)) => ExitStatus::of_find(&summary),
        Ok(Err(status)) => status,
        Err(misuse) => refused(printer, &misuse),
    }
}

/// Takes the identifier from before the paths, where it stands there; says whether one was typed.
fn whose(args: &mut FindArgs) -> Result<bool, Misuse> {
    let subjects = &mut args.subjects;
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
    let from_input = args.subjects.subject_file.as_deref() == Some("-".as_ref());
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
    let subjects = state::subjects(
        &args.subjects.subject,
        args.subjects.subject_file.as_deref(),
        &plan,
    )?;
    Ok(ScanPlan {
        show_values: args.show.show_values,
        subjects,
        ..plan
    })
}
