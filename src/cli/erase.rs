//! `efface erase`: like redact, but records go, and nothing is done without `--apply`.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::args::{EraseArgs, IndexDir, ReadArgs, ReplaceArgs, SeekArgs, WriteArgs};
use super::exit::ExitStatus;
use super::lookup::LookUp;
use super::misuse::Misuse;
use super::redact::{carried_out, order};
use super::{refused, state};
use crate::redact::derive::{Way, subject_tag};
use crate::redact::files::{Order, Plan, Target, Totals, now};
use crate::redact::io::Io;
use crate::redact::saved::{Saved, write_new};
use crate::redact::state::key::hex;
use crate::redact::suppressed;
use crate::report::{Certificate, Labeller, Printer};
use crate::subject::Subjects;
use crate::subject::index::{Keys, drop_changed};

/// What was typed, as a saved plan keeps it; subjects are kept apart.
#[derive(Serialize, Deserialize)]
struct Typed {
    paths: Vec<PathBuf>,
    records: bool,
    values: bool,
    field: Vec<String>,
    find: SeekArgs,
    read: ReadArgs,
    replace: ReplaceArgs,
    write: WriteArgs,
}

/// Erases, or shows what would be.
pub(super) fn run(mut args: EraseArgs, printer: Printer) -> ExitStatus {
    let plan = match args.plan.take() {
        None if args.save_plan.is_some() => Plan::Note,
        None => Plan::None,
        Some(file) => match read_plan(&mut args, &file) {
            Ok(saved) => Plan::Follow(saved),
            Err(misuse) => return refused(printer, &misuse),
        },
    };
    let save_to = args.save_plan.take();
    let apply = args.apply && !args.edit.run.dry_run;
    let show = (args.edit.run.progress, args.edit.run.quiet);
    let (order, mut saved) = match prepare(&args, plan, apply) {
        Ok(prepared) => prepared,
        Err(misuse) => return refused(printer, &misuse),
    };
    let sources = match state::sources(&args.policy) {
        Ok(sources) => sources,
        Err(misuse) => return refused(printer, &misuse),
    };
    let watchful = args
        .certificate
        .as_ref()
        .map(|_| state::watchful(&order.scan.regions));
    let mut certificate = watchful
        .as_ref()
        .map(|watchful| Certificate::new(Labeller::new(watchful), &sources));
    let about = order.subjects.as_ref();
    let look_up = about
        .map(|subjects| LookUp::begin(&args.edit.state, &args.why, "erase", Some(subjects)))
        .transpose();
    let look_up = match look_up {
        Ok(look_up) => look_up,
        Err(misuse) => return refused(printer, &misuse),
    };
    let (status, totals) = carried_out(&order, show, printer, certificate.as_mut());
    if let Some(look_up) = look_up
        && let Err(misuse) = written_down(look_up, &order, apply, status, totals.as_ref())
    {
        printer.error(&misuse);
        return ExitStatus::Incomplete;
    }
    if apply
        && let Some(subjects) = &order.subjects
        && let Err(misuse) = out_of_the_index(&args, subjects)
    {
        printer.error(&misuse);
        return ExitStatus::Incomplete;
    }
    if let Some(((certificate, file), totals)) = certificate
        .zip(args.certificate.as_ref())
        .zip(totals.as_ref())
        && let Err(misuse) = certify(&args, &order, certificate, totals, file)
    {
        printer.error(&misuse);
        return ExitStatus::Incomplete;
    }
    let Some((file, totals)) = save_to.zip(totals) else {
        return status;
    };
    saved.files = totals.planned.files;
    let io = Io::real();
    let written = state::open(&io, &args.edit.state).and_then(|state| {
        saved
            .write(&io, &state, &file)
            .map_err(|failure| state::told(&failure, &file))
    });
    match written {
        Ok(()) => status,
        Err(misuse) => refused(printer, &misuse),
    }
}

/// Writes down what came of it, and that whom it was about stays out: an identifier that was theirs
/// for a time only is somebody else's by now, and does not.
fn written_down(
    look_up: LookUp,
    order: &Order,
    apply: bool,
    status: ExitStatus,
    totals: Option<&Totals>,
) -> Result<(), Misuse> {
    if apply && totals.is_some() {
        let (io, opened) = look_up.state();
        let about = order.subjects.iter().flat_map(Subjects::for_good);
        let mut tags: Vec<[u8; 16]> = about
            .map(|(entity, canonical)| subject_tag(opened.key(), entity, canonical, &[]))
            .collect();
        tags.sort_unstable();
        suppressed::add(io, opened, &tags, now(), look_up.case())
            .map_err(|failure| state::told(&failure, opened.path()))?;
    }
    let values = totals.map(|totals| totals.counts.iter().map(|count| count.values).sum());
    let receipt = totals.and_then(|totals| totals.receipt.as_deref()?.file_name());
    let receipt = receipt.map(|name| name.to_string_lossy().into_owned());
    look_up.done(values, status, receipt)
}

/// Takes out of the user's index what is not as it was any more and held something of `subjects`.
fn out_of_the_index(args: &EraseArgs, subjects: &Subjects) -> Result<(), Misuse> {
    let folder = super::index::folder(&IndexDir::default(), &args.edit.state)?;
    if !folder.join("manifest").exists() {
        return Ok(());
    }
    let io = Io::real();
    let opened = state::open(&io, &args.edit.state)?;
    drop_changed(&io, &folder, &Keys::of(opened.key()), subjects)
        .map(drop)
        .map_err(|error| super::index::told(&error, &folder))
}

/// Writes the certificate of a run.
fn certify(
    args: &EraseArgs,
    order: &Order,
    certificate: Certificate<'_>,
    totals: &Totals,
    file: &Path,
) -> Result<(), Misuse> {
    let io = Io::real();
    let opened = state::open(&io, &args.edit.state)?;
    let subjects = order.subjects.iter().flat_map(Subjects::iter);
    let mut tags: Vec<String> = subjects
        .map(|(entity, canonical)| hex(&subject_tag(opened.key(), entity, canonical, &[])))
        .collect();
    tags.sort();
    let text = certificate.text(
        totals,
        &tags,
        args.why.case.as_deref(),
        &state::stamp(now()),
    );
    write_new(&io, file, text.as_bytes(), "cannot write the certificate")
        .map_err(|failure| state::told(&failure, file))
}

/// The order, and what a plan of it has to keep.
fn prepare(args: &EraseArgs, plan: Plan, apply: bool) -> Result<(Order, Saved), Misuse> {
    if let Some(file) = &args.certificate {
        state::is_new("--certificate", file)?;
    }
    let narrowed = !args.edit.find.only.is_empty()
        || !args.edit.subjects.subject.is_empty()
        || args.edit.subjects.subject_file.is_some()
        || args.many.is_some()
        || !args.edit.field.is_empty();
    if !narrowed {
        return Err(Misuse::new(
            "it is not said what to erase",
            "name a person with --subject, or kinds of data with --only",
        ));
    }
    let typed_in = args.edit.subjects.subject_file.as_deref() == Some(Path::new("-"));
    if typed_in && matches!(plan, Plan::Note) {
        return Err(Misuse::new(
            "subjects from standard input cannot be kept in a plan",
            "name a file with --subject-file",
        ));
    }
    let of_a_person = !args.edit.subjects.subject.is_empty()
        || args.edit.subjects.subject_file.is_some()
        || args.many.is_some();
    let way = match (args.records, args.values) {
        (true, _) => Way::Records,
        (_, true) => Way::Values,
        _ if of_a_person => Way::Side,
        _ => Way::Records,
    };
    let mut made = order(&args.paths, &args.edit)?;
    if let Some(file) = &args.many {
        made.subjects = Some(state::many_subjects(file, &made.scan)?);
    }
    if let Some((entity, operator)) = made.operators.refuses_in_place() {
        return Err(Misuse::new(
            format!("the operator '{operator}' for '{entity}' erases nothing"),
            "it can be turned back; use mask, label, token or remove",
        ));
    }
    let (_, subjects) = state::subjects_as_typed(
        &args.edit.subjects.subject,
        args.edit
            .subjects
            .subject_file
            .as_deref()
            .filter(|_| matches!(plan, Plan::Note)),
        &made.scan.regions,
    )?;
    let saved = Saved {
        order: typed(args)?,
        subjects,
        ..Saved::default()
    };
    let order = Order {
        way,
        target: if apply {
            Target::InPlace
        } else {
            Target::Nowhere
        },
        command: "erase",
        plan,
        ..made
    };
    Ok((order, saved))
}

/// What was typed, with paths that mean the same from any folder.
fn typed(args: &EraseArgs) -> Result<serde_json::Value, Misuse> {
    let wrong = |what: &str| {
        Misuse::new(
            format!("cannot keep {what} in a plan"),
            "give paths that are text, to files that exist",
        )
    };
    let absolute = |path: &PathBuf| std::path::absolute(path).map_err(|_| wrong("a path"));
    let mut read = args.edit.read.clone();
    let lists = &mut read.lists;
    for list in [&mut lists.own, &mut lists.allow, &mut lists.patterns] {
        *list = list.as_ref().map(absolute).transpose()?;
    }
    let typed = Typed {
        paths: args.paths.iter().map(absolute).collect::<Result<_, _>>()?,
        records: args.records,
        values: args.values,
        field: args.edit.field.clone(),
        find: args.edit.find.clone(),
        read,
        replace: args.edit.replace.clone(),
        write: args.edit.write.clone(),
    };
    serde_json::to_value(typed).map_err(|_| wrong("the order"))
}

/// Takes the order of a plan for what was typed.
fn read_plan(args: &mut EraseArgs, file: &Path) -> Result<Saved, Misuse> {
    let io = Io::real();
    let opened = state::open(&io, &args.edit.state)?;
    let saved = Saved::read(&io, &opened, file).map_err(|failure| state::told(&failure, file))?;
    let typed: Typed = serde_json::from_value(saved.order.clone()).map_err(|_| {
        Misuse::new(
            "the plan was not made by 'efface erase'",
            "make it anew with --save-plan",
        )
    })?;
    args.paths = typed.paths;
    args.records = typed.records;
    args.values = typed.values;
    args.edit.find = typed.find;
    args.edit.read = typed.read;
    args.edit.replace = typed.replace;
    args.edit.write = typed.write;
    args.edit.field = typed.field;
    args.edit.subjects.subject.clone_from(&saved.subjects);
    args.edit.subjects.subject_file = None;
    Ok(saved)
}
