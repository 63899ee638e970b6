//! `efface index`: builds, updates and checks an index, and says where the one is that is meant.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::{
    IndexArgs, IndexCommand, IndexDir, IndexForget, ListArgs, ReadArgs, RunArgs, SeekArgs,
    StateArgs,
};
use super::exit::ExitStatus;
use super::misuse::Misuse;
use super::plan::scan_plan;
use super::progress::{Bar, stop_on_interrupt};
use super::{print, refused, state};
use crate::entity::EntitySet;
use crate::redact::files::now;
use crate::redact::io::Io;
use crate::report::{Printer, Shown};
use crate::scan::{Progress, ScanPlan};
use crate::subject::index::{
    self, Chosen, Coverage, Damage, Done, Index, IndexError, Keys, LEAST_CONFIDENCE, To,
    forget_source, forget_subjects,
};

/// The folder of the index within the state.
const FOLDER: &str = "index";

/// The index that was named, or the user's.
pub(super) fn folder(index: &IndexDir, args: &StateArgs) -> Result<PathBuf, Misuse> {
    match &index.dir {
        Some(dir) => Ok(dir.clone()),
        None => Ok(state::folder(args)?.join(FOLDER)),
    }
}

/// An error of an index, with where the index is.
pub(super) fn told(error: &IndexError, folder: &Path) -> Misuse {
    let text = error.to_string();
    let (sentence, hint) = text.split_once("\n\nhint: ").unwrap_or((&text, ""));
    Misuse::new(format!("{sentence}: {}", Shown::path(folder)), hint)
}

/// Carries out what was asked.
pub(super) fn run(args: IndexArgs, printer: Printer) -> ExitStatus {
    let io = Io::real();
    let done = folder(&args.index, &args.state).and_then(|folder| {
        let keys = match &args.build_key {
            Some(file) => Keys::read_build_key(&io, file).map_err(|error| told(&error, file))?,
            None => Keys::of(state::open(&io, &args.state)?.key()),
        };
        let at = Place {
            io: &io,
            keys: &keys,
            folder: &folder,
            printer,
        };
        at.carry_out(args.command)
    });
    match done {
        Ok((text, status)) => match print(printer, text.as_bytes()) {
            ExitStatus::Done => status,
            failed => failed,
        },
        Err(misuse) => refused(printer, &misuse),
    }
}

type Told = Result<(String, ExitStatus), Misuse>;

/// What every subcommand stands on.
struct Place<'a> {
    io: &'a Io,
    keys: &'a Keys,
    folder: &'a Path,
    printer: Printer,
}

impl Place<'_> {
    fn carry_out(&self, command: IndexCommand) -> Told {
        match command {
            IndexCommand::Build(args) => {
                let read = ReadArgs {
                    as_format: args.as_format,
                    include: args.include,
                    exclude: args.exclude,
                    max_size: args.max_size,
                    accept_unread: args.accept_unread,
                    lists: ListArgs::default(),
                };
                let plan = plan(&args.paths, args.region, read.clone(), &args.run)?;
                let chosen = Chosen {
                    include: read.include,
                    exclude: read.exclude,
                    max_size: plan.selection.max_size,
                    accept_unread: read.accept_unread,
                };
                self.bring(&plan, &args.run, |to, plan, progress| {
                    index::build(to, plan, chosen, progress)
                })
            }
            IndexCommand::Update(args) => {
                let region = vec!["US".to_owned()];
                let plan = plan(&args.paths, region, ReadArgs::default(), &args.run)?;
                self.bring(&plan, &args.run, index::update)
            }
            IndexCommand::Status => {
                let index = self.open()?;
                let coverage = self.sorted(index.coverage())?;
                Ok((status(&coverage), ExitStatus::Done))
            }
            IndexCommand::Forget(args) => self.forget(&args),
            IndexCommand::Verify => self.verify(),
            IndexCommand::Key { file } => {
                let written = self.keys.write_build_key(self.io, &file);
                written.map_err(|error| told(&error, &file))?;
                Ok((String::new(), ExitStatus::Done))
            }
        }
    }

    fn sorted<T>(&self, done: Result<T, IndexError>) -> Result<T, Misuse> {
        done.map_err(|error| told(&error, self.folder))
    }

    fn open(&self) -> Result<Index, Misuse> {
        self.sorted(Index::open(self.io, self.folder, self.keys))
    }

    /// Builds or updates.
    fn bring(
        &self,
        plan: &ScanPlan,
        run: &RunArgs,
        how: impl FnOnce(&To<'_>, &ScanPlan, &Progress) -> Result<Done, IndexError>,
    ) -> Told {
        let progress = Arc::new(Progress::default());
        stop_on_interrupt(&progress);
        let seen = !run.quiet && self.printer.messages_seen();
        let bar = Bar::when(run.progress, seen, &progress, self.printer);
        let to = To {
            io: self.io,
            folder: self.folder,
            keys: self.keys,
            dry_run: run.dry_run,
        };
        let done = how(&to, plan, &progress);
        bar.clear();
        let done = self.sorted(done)?;
        let status = if done.interrupted || done.incomplete > 0 {
            ExitStatus::Incomplete
        } else {
            ExitStatus::Done
        };
        Ok((brought(&done, run.dry_run), status))
    }

    fn forget(&self, args: &IndexForget) -> Told {
        let keys = self.keys;
        let forgotten = if let Some(path) = &args.path {
            forget_source(self.io, self.folder, keys, path)
        } else {
            let regions = self.sorted(self.open()?.coverage())?.regions;
            let subjects = &args.subjects;
            let (subjects, _) = state::subjects_as_typed(
                &subjects.subject,
                subjects.subject_file.as_deref(),
                &regions,
            )?;
            let subjects = subjects.ok_or_else(|| {
                Misuse::new(
                    "it is not said what is to be forgotten",
                    "name a person with --subject, or a file or folder",
                )
            })?;
            forget_subjects(self.io, self.folder, keys, &subjects)
        };
        let forgotten = self.sorted(forgotten)?;
        let text = format!(
            "forgot {} places, {} sources\n",
            forgotten.postings, forgotten.sources
        );
        Ok((text, ExitStatus::Done))
    }

    fn verify(&self) -> Told {
        let condition = Index::verify(self.io, self.folder, self.keys);
        let condition = self.sorted(condition)?;
        let mut text = String::new();
        for damage in &condition.damage {
            // Writing to a string cannot fail.
            let _ = match damage {
                Damage::Manifest => writeln!(text, "damaged: manifest"),
                Damage::Catalogue => writeln!(text, "damaged: catalogue"),
                Damage::Segment(number) => writeln!(text, "damaged: segment-{number}"),
            };
        }
        if condition.damage.is_empty() {
            let (sources, postings) = (condition.sources, condition.postings);
            let _ = writeln!(
                text,
                "every byte is right: {sources} sources, {postings} places"
            );
            Ok((text, ExitStatus::Done))
        } else {
            Ok((text, ExitStatus::Found))
        }
    }
}

fn plan(
    paths: &[PathBuf],
    region: Vec<String>,
    read: ReadArgs,
    run: &RunArgs,
) -> Result<ScanPlan, Misuse> {
    let seek = SeekArgs {
        only: Vec::new(),
        except: Vec::new(),
        min_confidence: LEAST_CONFIDENCE.fraction().to_string(),
        region,
    };
    scan_plan(paths, seek, read, run, EntitySet::all())
}

/// What a run did, in a line.
fn brought(done: &Done, dry_run: bool) -> String {
    let would = if dry_run { "would have " } else { "" };
    let mut text = format!("{would}read {}", done.read);
    for (count, what) in [
        (done.grown, "of them from where they had grown"),
        (done.unchanged, "unchanged"),
        (done.moved, "renamed"),
        (done.gone, "gone"),
        (done.incomplete, "not wholly read"),
    ] {
        if count > 0 {
            let _ = write!(text, ", {count} {what}");
        }
    }
    if dry_run {
        text.push_str("; nothing was written\n");
    } else {
        let _ = writeln!(text, "; {} places added", done.postings);
    }
    if done.interrupted {
        text.push_str("stopped before the end; 'efface index update' goes on\n");
    }
    text
}

fn status(coverage: &Coverage) -> String {
    let mut text = String::new();
    for root in &coverage.roots {
        let _ = writeln!(text, "covers    {}", Shown::path(root));
    }
    let _ = write!(text, "sources   {}", coverage.sources);
    if coverage.incomplete > 0 {
        let _ = write!(text, ", {} of them not wholly read", coverage.incomplete);
    }
    let _ = writeln!(text, "\nread      {} bytes", coverage.bytes);
    let _ = writeln!(text, "places    {}", coverage.postings);
    let (size, segments) = (coverage.size, coverage.segments);
    let _ = writeln!(text, "size      {size} bytes in {segments} segments");
    let _ = writeln!(text, "regions   {}", coverage.regions.join(", "));
    if coverage.forgotten > 0 {
        let _ = writeln!(text, "forgotten {} identifiers", coverage.forgotten);
    }
    let _ = writeln!(text, "built     {}", age(coverage.built));
    let _ = writeln!(text, "updated   {}", age(coverage.updated));
    if !coverage.complete {
        text.push_str("The last run did not come to everything; 'efface index update' goes on.\n");
    }
    if !coverage.current {
        text.push_str("This efface finds otherwise; 'efface index build' builds it again.\n");
    }
    text
}

/// How long ago a time was.
pub(super) fn age(time: i64) -> String {
    let seconds = now().saturating_sub(time).max(0);
    let (count, unit) = match seconds {
        0..120 => (seconds, "second"),
        120..7_200 => (seconds / 60, "minute"),
        7_200..172_800 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural} ago")
}
