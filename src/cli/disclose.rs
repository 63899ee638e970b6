//! `efface disclose`: the package that goes to a person.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::{DiscloseArgs, LevelName, SeekArgs};
use super::asked::Asked;
use super::exit::ExitStatus;
use super::lookup::LookUp;
use super::misuse::Misuse;
use super::plan::scan_plan;
use super::progress::{Bar, stop_on_interrupt};
use super::{print, refused, state};
use crate::case::Verified;
use crate::disclose::{DiscloseError, Level, Made, Request, approve, make, make_many};
use crate::entity::EntitySet;
use crate::redact::derive::Way;
use crate::redact::failure::Reason;
use crate::redact::files::{More, Order, Plan, RunError, Target, now};
use crate::redact::io::Io;
use crate::redact::mode::WriteOptions;
use crate::redact::operator::OperatorSet;
use crate::report::{Labeller, Printer, Shown};
use crate::scan::{Progress, Root};

/// The longest id that names a folder.
const LONGEST_ID: usize = 64;

/// Makes a package, or approves one.
pub(super) fn run(args: DiscloseArgs, printer: Printer) -> ExitStatus {
    if let Some(folder) = &args.approve {
        return approved(folder, printer);
    }
    let (show, quiet) = (args.run.progress, args.run.quiet);
    let mut told_of = String::new();
    let made = order(&args).and_then(|order| {
        let sources = state::sources(&args.policy)?;
        let watchful = state::watchful(&order.scan.regions);
        let request = Request {
            out: args.out.clone().unwrap_or_default(),
            level: match args.level {
                LevelName::Categories => Level::Categories,
                LevelName::Pieces => Level::Pieces,
            },
            names: names(&args)?,
            whole_files: args.whole_files,
            sources: &sources,
            labeller: Labeller::new(&watchful),
            case: args.why.case.clone(),
            made: state::stamp(now()),
            order,
        };
        let look_up = LookUp::begin(
            &args.state,
            &args.why,
            "disclose",
            request.order.subjects.as_ref(),
        )?;
        if let Err(misuse) = look_up.verified_for(match request.level {
            Level::Categories => Verified::Categories,
            Level::Pieces => Verified::Pieces,
        }) {
            look_up.done(None, ExitStatus::Refused, None)?;
            return Err(misuse);
        }
        let note = |why: &Misuse| {
            if !quiet {
                printer.note(&format!("the index is not used: {}", why.sentence()));
            }
        };
        let asked = Asked::of(&args.index, args.no_index, &args.state, false)?;
        let scan = request.order.scan.clone();
        let index = asked.open(&scan, note)?;
        let mut answer = match &index {
            Some(index) => asked.ask(index, &scan, note)?,
            None => None,
        };
        let memo = answer
            .as_mut()
            .map(|answer| asked.memo(answer, &scan))
            .transpose()?;
        let progress = Arc::new(Progress::default());
        stop_on_interrupt(&progress);
        let bar = Bar::when(show, !quiet && printer.messages_seen(), &progress, printer);
        let home = request.order.state.clone();
        let made = match request
            .order
            .subjects
            .clone()
            .filter(|_| args.many.is_some())
        {
            Some(subjects) => {
                let out = request.out.clone();
                let mut each = |id: &str, made: Made| told_of += &line(&out.join(id), made);
                make_many(request, &subjects, memo, &progress, &mut each)
            }
            None => make(&request, memo, &progress),
        };
        bar.clear();
        let made = made.map_err(|error| told(&error, &home))?;
        look_up.done(Some(made.records), status(made), None)?;
        Ok(made)
    });
    match made {
        Ok(made) => say(made, &told_of, &args, printer),
        Err(misuse) => refused(printer, &misuse),
    }
}

fn told(error: &DiscloseError, state: &Path) -> Misuse {
    match error {
        DiscloseError::Package(folder, failure)
        | DiscloseError::Run(RunError::Folder(folder, failure)) => state::told(failure, folder),
        DiscloseError::Run(RunError::Failure(failure)) => state::told(failure, state),
        error => Misuse::told(error),
    }
}

/// What came of one package.
fn line(out: &Path, made: Made) -> String {
    let out = Shown::path(out);
    if made.files == 0 {
        return format!("{out}: nothing was found; no package was made\n");
    }
    format!(
        "{out}: a draft with {} records from {} files\n",
        made.records, made.files
    )
}

/// What came of all; `told` is what was told of each of many.
fn say(made: Made, told: &str, args: &DiscloseArgs, printer: Printer) -> ExitStatus {
    let out = args.out.clone().unwrap_or_default();
    let text = if made.interrupted {
        "interrupted; there is no whole package\n".to_owned()
    } else if made.files == 0 {
        match told {
            "" => "nothing of the subject was found; no package was made\n".to_owned(),
            told => told.to_owned(),
        }
    } else {
        let mut text = match told {
            "" => line(&out, made),
            told => told.to_owned(),
        };
        if made.withheld > 0 {
            // Writing to a string cannot fail.
            let withheld = made.withheld;
            let _ = writeln!(text, "the records of {withheld} files could not be given");
        }
        if made.unread > 0 {
            let _ = writeln!(text, "{} files were not read whole", made.unread);
        }
        text += "look through review.html, then run 'efface disclose --approve' on the folder\n";
        text
    };
    match print(printer, text.as_bytes()) {
        ExitStatus::Done => status(made),
        failed => failed,
    }
}

/// How the command ends.
fn status(made: Made) -> ExitStatus {
    if made.interrupted || made.unread > 0 || made.withheld > 0 {
        ExitStatus::Incomplete
    } else if made.files == 0 {
        ExitStatus::Found
    } else {
        ExitStatus::Done
    }
}

fn approved(folder: &Path, printer: Printer) -> ExitStatus {
    match approve(&Io::real(), folder, &state::stamp(now())) {
        Ok(done) => {
            let text = format!(
                "approved; manifest.txt has the digests of {} files\n",
                done.files
            );
            print(printer, text.as_bytes())
        }
        Err(failure)
            if matches!(
                failure.reason,
                Reason::Stale | Reason::Vanished | Reason::Io
            ) =>
        {
            let misuse = Misuse::new(
                format!("{} is no draft of a package", Shown::path(folder)),
                "name the folder that 'efface disclose --out' made and that is not approved yet",
            );
            refused(printer, &misuse)
        }
        Err(failure) => refused(printer, &state::told(&failure, folder)),
    }
}

/// Whether an id can be the name of a folder anywhere.
fn names_a_folder(id: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric();
    id.len() <= LONGEST_ID
        && id.bytes().next().is_some_and(plain)
        && id.bytes().all(|byte| plain(byte) || b"-_.".contains(&byte))
}

fn names(args: &DiscloseArgs) -> Result<Vec<String>, Misuse> {
    let Some(file) = &args.names else {
        return Ok(Vec::new());
    };
    let text = state::read_list(file).map_err(|error| {
        Misuse::new(
            format!("cannot read {}: {error}", Shown::path(file)),
            "give a text file of one name a line",
        )
    })?;
    let names = text.lines().map(str::trim);
    Ok(names
        .filter(|name| !name.is_empty() && !name.starts_with('#'))
        .map(str::to_owned)
        .collect())
}

fn order(args: &DiscloseArgs) -> Result<Order, Misuse> {
    let out = args.out.clone().unwrap_or_default();
    state::is_new("--out", &out)?;
    let seek = SeekArgs {
        only: Vec::new(),
        except: Vec::new(),
        min_confidence: "0.2".to_owned(),
        region: args.region.clone(),
    };
    let mut scan = scan_plan(
        &args.paths,
        seek,
        args.read.clone(),
        &args.run,
        EntitySet::all(),
    )?;
    if scan.roots.contains(&Root::Stdin) {
        return Err(Misuse::new(
            "a package cannot be made from standard input",
            "name files or folders",
        ));
    }
    let whole = |path: &PathBuf| std::path::absolute(path).unwrap_or_else(|_| path.clone());
    let within = args
        .paths
        .iter()
        .any(|path| path.is_dir() && whole(&out).starts_with(whole(path)));
    if within {
        return Err(Misuse::new(
            "the package would lie in a folder that is read",
            "name a folder elsewhere with --out",
        ));
    }
    let subjects = &args.subjects;
    let whose = match &args.many {
        Some(file) => {
            let many = state::many_subjects(file, &scan)?;
            if !many.ids().all(names_a_folder) {
                return Err(Misuse::new(
                    format!(
                        "an id in {} cannot be the name of a folder",
                        Shown::path(file)
                    ),
                    "use letters, digits, '-', '_' and '.', a letter or digit first",
                ));
            }
            Some(many)
        }
        None => state::subjects(&subjects.subject, subjects.subject_file.as_deref(), &scan)?,
    };
    let whose = whose.ok_or_else(|| {
        Misuse::new(
            "it is not said whose data the package is for",
            "name the person's identifiers with --subject-file",
        )
    })?;
    scan.subjects = Some(whose.clone());
    Ok(Order {
        scan,
        fields: Vec::new(),
        subjects: Some(whose),
        operators: OperatorSet::parse(["label"]).map_err(|error| Misuse::told(&error))?,
        way: Way::Others,
        strict: false,
        ages: None,
        target: Target::Nowhere,
        write: WriteOptions {
            assume_quiescent: args.write.assume_quiescent,
            ..WriteOptions::default()
        },
        state: state::folder(&args.state)?,
        key_file: args.state.key_file.clone(),
        command: "disclose",
        plan: Plan::None,
        more: More::default(),
    })
}
