//! A run over files: every source below the roots is surveyed, and what has edits is handed to the
//! write engine, file by file, with a receipt.
//!
//! Owns the order of a run and what becomes of each file. Knows neither how edits are found in a
//! window nor how bytes reach the disk.

use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};

use serde_json::{Map, Value, json};

use super::apply::{FileEdit, FileOutcome, GroupOutcome, Run};
use super::content::Reader;
use super::database;
use super::derive::{Asked, Change, Count, Job, Way};
use super::edit;
use super::edits::{Edits, Survey};
use super::failure::{Doing, Failure, Outcome, Reason as Cause};
use super::guard::{EditContext, Guard, Permit};
use super::io::Io;
use super::mode::{Choice, WriteOptions};
use super::operator::{MissingKey, Operator, OperatorSet, Operators};
use super::place::{Identity, Root, make_folders};
use super::receipt::{Counts, Receipt};
use super::recompress::recompress;
use super::recover::Recovery;
use super::saved::{Planned, Saved};
use super::selection::{Selected, Subjects};
use super::state::{Purpose, State};
use crate::detect::Detectors;
use crate::edit::Refusal;
use crate::entity::EntitySet;
use crate::finding::Confidence;
use crate::format::sqlite::{self, Feed, Snapshot};
use crate::format::{self, Format, Reason};
use crate::scan::{self, Look, Opened, Progress, ScanError, ScanPlan, SinkError, look};
use crate::source::{Compression, open_stream, open_to_read};
use crate::walk::{Met, walk};

/// How often a file that changed under our hands is taken anew before it is given up.
const ATTEMPTS: usize = 5;

/// Where the result goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Into the files themselves.
    InPlace,
    /// Beneath this folder, which is made.
    Out(PathBuf),
    /// Nowhere: it is only said what would be done.
    Nowhere,
}

/// What a run is to do.
pub struct Order {
    /// What is read and looked for.
    pub scan: ScanPlan,
    /// Only in these fields, where some are named.
    pub fields: Vec<String>,
    /// Only of these subjects, where some are named.
    pub subjects: Option<Subjects>,
    /// What replaces a value.
    pub operators: OperatorSet,
    /// What goes.
    pub way: Way,
    /// Where the result goes.
    pub target: Target,
    /// How files are written.
    pub write: WriteOptions,
    /// The state folder.
    pub state: PathBuf,
    /// A key kept elsewhere.
    pub key_file: Option<PathBuf>,
    /// The command, for the receipt.
    pub command: &'static str,
    /// A plan to be filled, or to be followed.
    pub plan: Plan,
}

/// What a run has to do with a saved plan.
#[derive(Default)]
pub enum Plan {
    /// Nothing.
    #[default]
    None,
    /// What would be changed is noted, for [`Totals::planned`].
    Note,
    /// Only what is in it is changed, and only as it was noted.
    Follow(Saved),
}

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Nothing in it was to go.
    Unchanged,
    /// It would be changed; nothing was.
    Would,
    /// Done and durable, in this way.
    Done(Choice),
    /// It was not read whole, so it was left as it was.
    Unread(Reason),
    /// It was left as it was.
    NotDone(Failure),
}

/// The account of one file.
pub struct FileDone {
    /// The root as given, joined with what was walked below it.
    pub path: PathBuf,
    /// The format it was read as.
    pub format: Option<&'static str>,
    /// What became of it.
    pub fate: Fate,
    /// Why parts of it were not read, and so not changed.
    pub unread: Option<Reason>,
    /// Whether the user knows that it, or they, cannot be read.
    pub accepted: bool,
    /// What went, or would go.
    pub counts: Vec<Count>,
    /// The first changes one by one, when nothing is done but told, and how many there are more.
    pub changes: Vec<Change>,
    /// See `changes`.
    pub more_changes: u64,
    /// Records removed.
    pub records: u64,
    /// Values left because of a hold or duty, by its id.
    pub held: Vec<(String, u64)>,
    /// Values their place refused to change, and why the first one did.
    pub refused: u64,
    /// See `refused`.
    pub refusal: Option<Refusal>,
    /// What may keep old bytes readable on the file system, by name.
    pub remnants: Vec<&'static str>,
}

impl FileDone {
    fn new(path: PathBuf, format: Option<&'static str>, fate: Fate) -> Self {
        Self {
            path,
            format,
            fate,
            unread: None,
            accepted: false,
            counts: Vec::new(),
            changes: Vec::new(),
            more_changes: 0,
            records: 0,
            held: Vec::new(),
            refused: 0,
            refusal: None,
            remnants: Vec::new(),
        }
    }

    /// Whether something that was asked for was not done.
    pub fn is_incomplete(&self) -> bool {
        let left = match self.fate {
            Fate::Unchanged | Fate::Would | Fate::Done(_) => false,
            Fate::Unread(_) => !self.accepted,
            Fate::NotDone(_) => true,
        };
        left || (self.unread.is_some() && !self.accepted)
            || self.refused > 0
            || !self.held.is_empty()
    }
}

/// The account of a run.
#[derive(Default)]
pub struct Totals {
    /// Files seen, excluded ones not counted.
    pub files: u64,
    /// Files changed, or that would be.
    pub changed: u64,
    /// Files with something not read or not done.
    pub incomplete: u64,
    /// Files left out by the selection.
    pub excluded: u64,
    /// What went, or would go.
    pub counts: Vec<Count>,
    /// Records removed.
    pub records: u64,
    /// What earlier runs left, and what became of it.
    pub recovery: Recovery,
    /// The receipt.
    pub receipt: Option<PathBuf>,
    /// Whether the run was cut short.
    pub interrupted: bool,
    /// Something is left for recovery.
    pub unfinished: bool,
    /// What would be changed, where that was to be noted.
    pub planned: Saved,
}

/// Takes the results of a run in their order.
pub trait Told {
    /// One file is done.
    ///
    /// # Errors
    /// When nobody can be told any more; the run ends.
    fn file(&mut self, done: &FileDone) -> Result<(), SinkError>;
    /// The run is done.
    ///
    /// # Errors
    /// As above.
    fn totals(&mut self, totals: &Totals) -> Result<(), SinkError>;
}

/// Why a run could not start or go on.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A wrong region, format or number of threads.
    #[error(transparent)]
    Scan(#[from] ScanError),
    /// An operator without its key.
    #[error(transparent)]
    MissingKey(#[from] MissingKey),
    /// The state, the locks, the guard or the receipt.
    #[error("{0}")]
    Failure(Failure),
    /// The output failed.
    #[error(transparent)]
    Output(#[from] SinkError),
}

impl From<Failure> for RunError {
    fn from(failure: Failure) -> Self {
        RunError::Failure(failure)
    }
}

/// Seconds since 1970.
pub(crate) fn now() -> i64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| since.as_secs().cast_signed())
}

/// Carries out an order.
///
/// # Errors
/// [`RunError`] before anything is changed, but for a failing output.
pub fn run(order: &Order, told: &mut dyn Told, progress: &Progress) -> Result<Totals, RunError> {
    let io = Io::real();
    let regions = scan::regions(&order.scan.regions)?;
    let as_format = order
        .scan
        .as_format
        .as_deref()
        .map(format::by_name)
        .transpose();
    let as_format = as_format.map_err(ScanError::from)?;
    let pool = scan::threads(order.scan.threads)?;
    let state = State::open(&io, &order.state, order.key_file.as_deref())?;
    let guard = Guard::load(&io, &state, now())?;
    let secret = state.key().secret();
    let operators = Operators::new(order.operators.clone(), Some(&secret))?;
    // Who has to be asked about a record is asked about everyone in it.
    let ask = !guard.is_idle() && !matches!(order.target, Target::Out(_));
    let whole_records = order.way == Way::Side || ask;
    let (entities, least) = if whole_records {
        (EntitySet::all(), order.scan.min_confidence.min(DOUBTFUL))
    } else {
        (order.scan.entities, order.scan.min_confidence)
    };
    let detectors = Detectors::new(regions, entities, least);
    let walked = Walked::new(&io, order)?;
    let roots: Vec<&Root> = walked.roots.iter().flatten().chain(&walked.out).collect();
    let mut totals = Totals::default();
    let mut writing = None;
    if order.target != Target::Nowhere {
        let (begun, recovery) = Run::begin(&io, &state, &guard, &roots, order.write)?;
        totals.recovery = recovery;
        writing = Some(Writing {
            receipt: Receipt::create(&io, &state, &begun.id(), now(), &about(order))?,
            run: begun,
            groups: 0,
        });
    }
    let selected = Selected::new(
        order.scan.entities,
        order.scan.min_confidence,
        order.fields.clone(),
        order.subjects.clone(),
    );
    let own = [Some(&order.state), order.key_file.as_ref()];
    let work = Work {
        order,
        state: &state,
        own: own
            .into_iter()
            .flatten()
            .filter_map(|path| std::fs::canonicalize(path).ok())
            .collect(),
        guard: &guard,
        ask,
        as_format,
        pool: (order.scan.threads.get() > 1).then_some(&pool),
        job: Job {
            detectors: &detectors,
            selected: &selected,
            operators: &operators,
            way: order.way,
            guard: None,
            keep_old: false,
            count_only: false,
            tell: order.target == Target::Nowhere,
            careful: false,
            prove: false,
            overlook_fpe: false,
        },
        progress,
    };
    let result = walked.each(order, |met, at| {
        if progress.stopped() {
            return Ok(false);
        }
        let Some((done, planned)) = work.meet(met, at, writing.as_mut())? else {
            totals.excluded += 1;
            return Ok(true);
        };
        progress.add_file();
        totals.planned.files.extend(planned);
        account(&mut totals, &done);
        told.file(&done)?;
        Ok(true)
    });
    totals.interrupted = progress.stopped() || result.is_err();
    if let Some(writing) = writing {
        writing.finish(&mut totals)?;
    }
    result?;
    told.totals(&totals)?;
    Ok(totals)
}

/// Findings below the usual confidence still say that a record may be a held person's.
const DOUBTFUL: Confidence = Confidence(20);

fn account(totals: &mut Totals, done: &FileDone) {
    totals.files += 1;
    totals.incomplete += u64::from(done.is_incomplete());
    if matches!(done.fate, Fate::Done(_) | Fate::Would) {
        totals.changed += 1;
        totals.records += done.records;
        for count in &done.counts {
            super::derive::add_count(&mut totals.counts, *count);
        }
    }
}

/// What the receipt says of the order: nothing of any person.
fn about(order: &Order) -> Map<String, Value> {
    let entities: Vec<&str> = crate::entity::Entity::ALL
        .iter()
        .filter(|entity| order.scan.entities.contains(**entity))
        .map(|entity| entity.name())
        .collect();
    let mut about = Map::new();
    about.insert("command".into(), json!(order.command));
    about.insert("operators".into(), json!(order.operators.to_string()));
    about.insert("entities".into(), json!(entities));
    about.insert("regions".into(), json!(order.scan.regions));
    about.insert("subjects".into(), json!(order.subjects.is_some()));
    about.insert(
        "way".into(),
        json!(match order.way {
            Way::Values => "values",
            Way::Records => "records",
            Way::Side => "side",
        }),
    );
    about
}

/// The roots of a run, open.
struct Walked {
    /// One for each root of the order, with what is beneath it when it is a single file.
    roots: Vec<Result<Root, Failure>>,
    singles: Vec<Option<PathBuf>>,
    out: Option<Root>,
}

impl Walked {
    fn new(io: &Io, order: &Order) -> Result<Self, RunError> {
        let out = match &order.target {
            Target::Out(folder) => {
                make_folders(io, folder)?;
                Some(Root::open(io, folder)?)
            }
            _ => None,
        };
        let (mut roots, mut singles) = (Vec::new(), Vec::new());
        for root in &order.scan.roots {
            let scan::Root::Path(path) = root else {
                continue;
            };
            let opened = if path.is_dir() {
                singles.push(None);
                Root::open(io, path)
            } else {
                let single = Root::of_file(io, path);
                singles.push(single.as_ref().ok().map(|(_, name)| name.clone()));
                single.map(|(root, _)| root)
            };
            if let (Ok(root), Some(out)) = (&opened, &out)
                && singles.last() == Some(&None)
                && out.path().starts_with(root.path())
            {
                return Err(Failure::new(
                    Cause::Outside,
                    "cannot write the output into a folder that is read",
                )
                .into());
            }
            roots.push(opened);
        }
        Ok(Self {
            roots,
            singles,
            out,
        })
    }

    /// Hands on what the walk meets, with where it lies, until told to stop.
    fn each(
        &self,
        order: &Order,
        mut meet: impl FnMut(Met, &At<'_>) -> Result<bool, RunError>,
    ) -> Result<(), RunError> {
        let paths = order
            .scan
            .roots
            .iter()
            .filter(|root| matches!(root, scan::Root::Path(_)));
        for ((given, root), single) in paths.zip(&self.roots).zip(&self.singles) {
            let scan::Root::Path(path) = given else {
                continue;
            };
            let at = At {
                given: path,
                root: root.as_ref(),
                single: single.as_deref(),
                out: self.out.as_ref(),
            };
            for met in walk(std::slice::from_ref(given), &order.scan.selection) {
                if !meet(met, &at)? {
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}

/// Where a file lies.
struct At<'a> {
    given: &'a Path,
    root: Result<&'a Root, &'a Failure>,
    single: Option<&'a Path>,
    out: Option<&'a Root>,
}

impl At<'_> {
    /// The file beneath its root.
    fn beneath(&self, path: &Path) -> PathBuf {
        let below = || path.strip_prefix(self.given).unwrap_or(path);
        self.single.unwrap_or_else(below).to_path_buf()
    }
}

/// A run in progress.
struct Work<'a> {
    order: &'a Order,
    state: &'a State,
    /// What is never touched though it lies below a root: the state itself and the key.
    own: Vec<PathBuf>,
    guard: &'a Guard,
    ask: bool,
    as_format: Option<&'static dyn Format>,
    pool: Option<&'a rayon::ThreadPool>,
    job: Job<'a>,
    progress: &'a Progress,
}

/// A file, absolute, and what is planned for it.
type PlannedFile = (PathBuf, Planned);

/// The part of a run that writes.
struct Writing<'a> {
    run: Run<'a>,
    receipt: Receipt<'a>,
    groups: u64,
}

/// A file that was surveyed.
struct Seen {
    identity: Identity,
    format: &'static str,
    compression: Compression,
    survey: Survey,
    /// Of a database, what was read.
    database: Option<Arc<Snapshot>>,
}

impl Work<'_> {
    /// What becomes of one entry; `None` when it was left out.
    fn meet(
        &self,
        met: Met,
        at: &At<'_>,
        writing: Option<&mut Writing<'_>>,
    ) -> Result<Option<(FileDone, Option<PlannedFile>)>, RunError> {
        let mut planned = None;
        let mut done = match met {
            Met::Excluded | Met::Stdin => return Ok(None),
            Met::File(path) | Met::Refused(path, _) if self.is_own(&path, at) => return Ok(None),
            Met::Refused(path, reason) => FileDone::new(path, None, Fate::Unread(reason)),
            Met::File(path) => self.file(path, at, writing, &mut planned)?,
        };
        let unread = match done.fate {
            Fate::Unread(reason) => Some(reason),
            _ => done.unread,
        };
        if let Some(reason) = unread {
            let accept = &self.order.scan.accept_unread;
            done.accepted = accept.accepts(&done.path, done.format, Some(reason));
        }
        Ok(Some((done, planned)))
    }

    /// Whether a path is part of the state, or the key.
    fn is_own(&self, path: &Path, at: &At<'_>) -> bool {
        at.root.is_ok_and(|root| {
            let absolute = root.path().join(at.beneath(path));
            self.own.iter().any(|own| absolute.starts_with(own))
        })
    }

    fn file(
        &self,
        path: PathBuf,
        at: &At<'_>,
        mut writing: Option<&mut Writing<'_>>,
        planned: &mut Option<PlannedFile>,
    ) -> Result<FileDone, RunError> {
        let root = match at.root {
            Ok(root) => root,
            Err(failure) => return Ok(FileDone::new(path, None, Fate::NotDone(*failure))),
        };
        let beneath = at.beneath(&path);
        let absolute = root.path().join(&beneath);
        let mut attempt = 1;
        let mut careful = false;
        loop {
            let seen = match self.survey(&path, &absolute, careful) {
                Ok(seen) => seen,
                // It went with the database it stood beside.
                Err((_, Reason::Vanished)) if sqlite::owner(&path).is_some() => {
                    let done = FileDone::new(path, Some(sqlite::NAME), Fate::Unchanged);
                    return Ok(done);
                }
                Err((format, reason)) => {
                    return Ok(FileDone::new(path, format, Fate::Unread(reason)));
                }
            };
            let mut done = FileDone::new(path.clone(), Some(seen.format), Fate::Unchanged);
            done.counts.clone_from(&seen.survey.counts);
            done.records = seen.survey.records;
            done.held.clone_from(&seen.survey.held);
            done.refused = seen.survey.refused;
            done.refusal = seen.survey.refusal;
            // What was read of a container can be changed; a copy would give away the rest.
            done.unread = seen.survey.unread;
            let kept_back = done.unread.filter(|_| at.out.is_some());
            if let Some(reason) = seen.survey.broken.or(kept_back) {
                done.fate = Fate::Unread(reason);
                return Ok(done);
            }
            // What stands beside a database goes where that goes.
            let is_side = seen.format == sqlite::NAME && seen.database.is_none();
            if is_side || (seen.survey.splices == 0 && at.out.is_none()) {
                return Ok(done);
            }
            let now = seen.survey.digest.map(|digest| Planned {
                identity: seen.identity,
                edits: seen.survey.splices,
                digest,
            });
            if let Plan::Follow(saved) = &self.order.plan
                && !careful
                && saved.files.get(&absolute).copied() != now
            {
                let stale = Failure::new(Cause::Stale, "cannot follow the plan");
                done.fate = Fate::NotDone(stale);
                return Ok(done);
            }
            let Some(writing) = writing.as_deref_mut() else {
                *planned = now.map(|now| (absolute.clone(), now));
                done.fate = Fate::Would;
                done.changes = seen.survey.changes;
                done.more_changes = seen.survey.more_changes;
                return Ok(done);
            };
            let outcome = self.apply(
                &path,
                &absolute,
                (root, &beneath, at.out),
                (seen, careful),
                &mut writing.run,
            );
            // A replacement may make something of what stood beside it; that is rare enough to be
            // looked for only where the check has shown it.
            let unclean = |file: &FileOutcome| {
                file.failure
                    .is_some_and(|failure| failure.reason == Cause::Unverified)
            };
            if !careful && outcome.files.iter().any(unclean) {
                careful = true;
                continue;
            }
            if outcome.is_retryable() && attempt < ATTEMPTS {
                attempt += 1;
                continue;
            }
            writing.groups += 1;
            writing.receipt.group(writing.groups, &outcome)?;
            // What a group fails by is one of its files; the file itself comes last.
            let fault = outcome.files.iter().find_map(FileOutcome::fault);
            for mut file in outcome.files {
                file.failure = file.failure.and(fault.or(file.failure));
                done.fate = match (file.failure, file.choice) {
                    (None, Some(choice)) => Fate::Done(choice),
                    (Some(failure), _) => Fate::NotDone(failure),
                    (None, None) => Fate::Unchanged,
                };
                done.remnants = file.remnants.iter().map(|one| one.code()).collect();
            }
            return Ok(done);
        }
    }

    /// What the guard is asked with, where it has to be asked.
    fn job<'j>(&'j self, absolute: &'j Path, careful: bool) -> Job<'j> {
        Job {
            careful,
            guard: self.ask.then_some(Asked {
                guard: self.guard,
                key: self.state.key(),
                path: absolute,
            }),
            ..self.job
        }
    }

    fn survey(
        &self,
        path: &Path,
        absolute: &Path,
        careful: bool,
    ) -> Result<Seen, (Option<&'static str>, Reason)> {
        let reason = |error: std::io::Error| (None, crate::source::reason_of(&error));
        let file = open_to_read(path).map_err(reason)?;
        let identity = Identity::of_file(&file).map_err(reason)?;
        let input = open_stream(file);
        let compression = input.compression;
        let source = match look(path, input, self.as_format) {
            Look::Skip(format) => return Err((Some(format), Reason::Unsupported(format))),
            Look::Open(source) => source,
        };
        let format = source.format;
        let database = source.windows.feed().and_then(Feed::snapshot).cloned();
        let noted = !matches!(self.order.plan, Plan::None);
        let digest = noted.then(|| self.state.key().digest(Purpose::Content));
        let mut job = self.job(absolute, careful);
        job.count_only = !noted && !job.tell && !careful && job.way == Way::Values;
        let survey = Edits::new(source, job, self.pool, self.progress).survey(digest);
        Ok(Seen {
            identity,
            format,
            compression,
            survey,
            database,
        })
    }

    /// Has the write engine carry out the edits, derived once more and checked on the result.
    fn apply(
        &self,
        path: &Path,
        absolute: &Path,
        (root, beneath, out): (&Root, &Path, Option<&Root>),
        (seen, careful): (Seen, bool),
        run: &mut Run<'_>,
    ) -> GroupOutcome {
        // A change that was begun is never cut short: half of the edits would look like all.
        let steady = Progress::default();
        let permit = match (out.is_some(), seen.survey.permit) {
            (true, _) => Guard::permits_copy(absolute.to_path_buf()),
            (false, Some(permit)) => permit,
            (false, None) => {
                let context = EditContext {
                    path: absolute.to_path_buf(),
                    ..EditContext::default()
                };
                match self.guard.permits(&context) {
                    Ok(permit) => permit,
                    Err(_) => {
                        let failure = Failure::new(Cause::Held, "cannot change the file");
                        return refused(root, beneath, failure);
                    }
                }
            }
        };
        let derive = || -> Outcome<Edits<'_>> {
            const DOING: &str = "cannot read the file";
            let changed = || Failure::new(Cause::Changed, DOING);
            let file = open_to_read(path).map_err(|_| Failure::new(Cause::Vanished, DOING))?;
            let now = Identity::of_file(&file).map_err(|_| changed())?;
            if !now.same_file(&seen.identity) || now.size < seen.identity.size {
                return Err(changed());
            }
            // What was appended since belongs to the next run.
            let input = open_stream(std::io::Read::take(file, seen.identity.size));
            match look(path, input, self.as_format) {
                Look::Open(source) => {
                    let job = Job {
                        // Compared with what stands there: the engine reads the file for itself,
                        // and a writer that keeps it open may have come in between.
                        keep_old: true,
                        prove: seen.database.is_some(),
                        tell: false,
                        ..self.job(absolute, careful)
                    };
                    Ok(Edits::new(source, job, self.pool, &steady))
                }
                Look::Skip(_) => Err(changed()),
            }
        };
        let edits = match derive() {
            Ok(edits) => edits.expecting(seen.survey.records),
            Err(failure) => return refused(root, beneath, failure),
        };
        if let Some(database) = seen.database.clone() {
            let places = (root, beneath, out);
            let now = (seen.identity, receipt_counts(&seen.survey.counts));
            return match self.rewrite(absolute, places, (now, database), permit, edits, run) {
                Ok(outcome) => outcome,
                Err(failure) => refused(root, beneath, failure),
            };
        }
        let verify = |new: &mut Reader<'_>| self.verify(path, absolute, seen.format, new);
        ahead(edits, |mut edits| {
            let mut produce = |old: &mut Reader<'_>, new: &mut dyn std::io::Write| {
                recompress(seen.compression, old, &mut edits, new)
            };
            let change = if seen.compression != Compression::None {
                edit::Change::Produce(&mut produce)
            } else if seen.survey.same_width && seen.survey.splices > 0 {
                edit::Change::SameWidth(&mut edits)
            } else {
                edit::Change::Splices(&mut edits)
            };
            run.apply(vec![FileEdit {
                root,
                path: beneath.to_path_buf(),
                expect: seen.identity,
                change,
                verify: &verify,
                permit,
                out: out.map(|out| (out, beneath.to_path_buf())),
                counts: receipt_counts(&seen.survey.counts),
            }])
        })
    }

    /// As [`Work::apply`], for a database: the new file is made by SQL, and what stood beside the
    /// old one goes in the same group, first of all its log, which must never meet the new file.
    fn rewrite(
        &self,
        absolute: &Path,
        (root, beneath, out): (&Root, &Path, Option<&Root>),
        ((expect, counts), database): ((Identity, Counts), Arc<Snapshot>),
        permit: Permit,
        mut edits: Edits<'_>,
        run: &mut Run<'_>,
    ) -> Outcome<GroupOutcome> {
        const DOING: &str = "cannot change the database";
        let changed = || Failure::new(Cause::Changed, DOING);
        let unchecked = |_: &mut Reader<'_>| Ok(());
        let mut group = Vec::new();
        for side in database.sides().filter(|_| out.is_none()) {
            let name = side.file_name().ok_or_else(changed)?;
            let file = open_to_read(side).map_err(|_| changed())?;
            let path = beneath.with_file_name(name);
            group.push(FileEdit {
                root,
                expect: Identity::of_file(&file).map_err(|_| changed())?,
                change: edit::Change::Remove,
                verify: &unchecked,
                permit: permit.for_side(root.path().join(&path)),
                path,
                out: None,
                counts: Counts::new(),
            });
        }
        if !database.is_unchanged() {
            return Err(changed());
        }
        let beside = root.path().join(beneath);
        let folder = match out {
            Some(out) => out.path(),
            None => beside.parent().ok_or_else(changed)?,
        };
        let scrub = self.order.write.scrub;
        let mut build = |new: &OwnedFd| {
            let between = run_file(folder)?;
            database::rewrite(&database, &mut edits, between, new, scrub)?;
            self.verify_rows(absolute, new)
        };
        group.push(FileEdit {
            root,
            path: beneath.to_path_buf(),
            expect,
            change: edit::Change::Build(&mut build),
            verify: &unchecked,
            permit,
            out: out.map(|out| (out, beneath.to_path_buf())),
            counts,
        });
        Ok(run.apply(group))
    }

    /// Whether no row of a new database holds anything more that the same order would take.
    fn verify_rows(&self, absolute: &Path, new: &OwnedFd) -> Outcome<()> {
        const DOING: &str = "cannot check the new database";
        let unread = |_| Failure::new(Cause::Io, DOING);
        let file = std::fs::File::from(new.try_clone().map_err(unread)?);
        let snapshot = Snapshot::of_file(file).map_err(unread)?;
        let source = Box::new(Opened::of_rows(Feed::new(Arc::new(snapshot))));
        let steady = Progress::default();
        let survey = Edits::new(source, self.check(absolute), self.pool, &steady).survey(None);
        if survey.splices == 0 && survey.broken.is_none() {
            Ok(())
        } else {
            Err(Failure::new(Cause::Unverified, DOING))
        }
    }

    /// The job that looks for what is left.
    fn check<'j>(&'j self, absolute: &'j Path) -> Job<'j> {
        Job {
            overlook_fpe: true,
            tell: false,
            count_only: self.order.way == Way::Values,
            ..self.job(absolute, false)
        }
    }

    /// Whether the new content holds nothing more that the same order would take (R7, R8): as the
    /// next run will see it, and read as the old content was, should that be another format.
    fn verify(
        &self,
        path: &Path,
        absolute: &Path,
        format: &'static str,
        new: &mut Reader<'_>,
    ) -> Outcome<()> {
        const DOING: &str = "cannot check the new content";
        let unclean = Failure::new(Cause::Unverified, DOING);
        let (seen, clean) = self.is_clean(path, absolute, self.as_format, new)?;
        if !clean {
            return Err(unclean);
        }
        if seen == Some(format) {
            return Ok(());
        }
        let again = std::io::Seek::rewind(new);
        again.map_err(|_| Failure::new(Cause::Io, DOING))?;
        match self.is_clean(path, absolute, format::by_name(format).ok(), new)? {
            (_, true) => Ok(()),
            (_, false) => Err(unclean),
        }
    }

    /// What `content` is read as, and whether nothing in it is to go.
    fn is_clean(
        &self,
        path: &Path,
        absolute: &Path,
        as_format: Option<&'static dyn Format>,
        content: &mut Reader<'_>,
    ) -> Outcome<(Option<&'static str>, bool)> {
        // A check is never cut short: what was not looked at would pass for clean.
        let steady = Progress::default();
        let job = self.check(absolute);
        with_stream(content, |stream| {
            match look(path, open_stream(stream), as_format) {
                Look::Open(source) => {
                    let format = source.format;
                    let survey = Edits::new(source, job, self.pool, &steady).survey(None);
                    let clean = survey.splices == 0 && survey.broken.is_none();
                    (Some(format), clean)
                }
                Look::Skip(_) => (None, false),
            }
        })
    }
}

impl Writing<'_> {
    /// Ends the run and its receipt.
    fn finish(self, totals: &mut Totals) -> Result<(), RunError> {
        totals.unfinished = !self.run.finish()?;
        let incomplete = totals.unfinished || totals.incomplete > 0 || totals.interrupted;
        let mut more = Map::new();
        more.insert("files".into(), json!(totals.files));
        more.insert("changed".into(), json!(totals.changed));
        more.insert("incomplete".into(), json!(totals.incomplete));
        let exit = if incomplete { 3 } else { 0 };
        totals.receipt = Some(self.receipt.finish(now(), exit, &more)?);
        Ok(())
    }
}

/// The counts as the receipt names them.
fn receipt_counts(counts: &[Count]) -> Counts {
    counts
        .iter()
        .map(|count| {
            let operator = count.operator.map_or("erase", Operator::name);
            let key = (count.entity.name().to_owned(), operator.to_owned());
            (key, count.values)
        })
        .collect()
}

/// The outcome of a file that the write engine was not given.
fn refused(root: &Root, beneath: &Path, failure: Failure) -> GroupOutcome {
    GroupOutcome {
        files: vec![FileOutcome {
            path: beneath.to_path_buf(),
            root: root.path().to_path_buf(),
            out: None,
            choice: None,
            digests: None,
            size: 0,
            edits: 0,
            scrubbed: false,
            remnants: Vec::new(),
            counts: Counts::new(),
            failure: Some(failure),
        }],
        pending: false,
    }
}

/// A file without a name on the file system of `folder`.
fn run_file(folder: &Path) -> Outcome<OwnedFd> {
    const DOING: &str = "cannot make a file to work in";
    let io = Io::real();
    let dir = io.open_root(folder).doing(DOING)?;
    io.create_unnamed(dir.as_fd()).doing(DOING)
}

/// Batches of edits that are ready before they are asked for.
const AHEAD: usize = 1;

/// Lets `take` have the splices of `edits` while those that follow are derived on another thread.
/// The source is closed behind the last one: who else has a file open decides how it may be
/// written.
fn ahead<R>(
    mut edits: Edits<'_>,
    take: impl FnOnce(&mut dyn Iterator<Item = Outcome<edit::Splice>>) -> R,
) -> R {
    std::thread::scope(|scope| {
        let (batches, ready) = sync_channel(AHEAD);
        scope.spawn(move || {
            while let Some(batch) = edits.next_batch() {
                // Who takes no more has failed, and says why.
                if batches.send(batch).is_err() {
                    return;
                }
            }
            drop(edits);
            drop(batches);
        });
        let derived = ready.into_iter().flatten();
        take(&mut derived.flat_map(|derived| derived.splices).map(Ok))
    })
}

/// Bytes handed from the reading thread to the scanning one at a time.
const PIECE: usize = 256 << 10;
/// Pieces that wait between them.
const PIECES: usize = 4;

/// Lets `scan` read on a thread of its own what `content` gives on this one: the engine's content
/// belongs to this thread, a source may be read from any.
fn with_stream<R: Send>(
    content: &mut Reader<'_>,
    scan: impl FnOnce(Piped) -> R + Send,
) -> Outcome<R> {
    const DOING: &str = "cannot read the new content back";
    std::thread::scope(|scope| {
        let (pieces, piped) = sync_channel(PIECES);
        let scanning = scope.spawn(|| {
            scan(Piped {
                pieces: piped,
                piece: Vec::new(),
                at: 0,
            })
        });
        let mut broken = false;
        loop {
            let mut piece = vec![0; PIECE];
            match std::io::Read::read(content, &mut piece) {
                Ok(0) => break,
                Ok(len) => {
                    piece.truncate(len);
                    // A scan that has seen enough does not read to the end.
                    if pieces.send(piece).is_err() {
                        break;
                    }
                }
                Err(_) => {
                    broken = true;
                    break;
                }
            }
        }
        drop(pieces);
        let scanned = scanning.join();
        match scanned {
            Ok(scanned) if !broken => Ok(scanned),
            _ => Err(Failure::new(Cause::Io, DOING)),
        }
    })
}

/// The receiving end of [`with_stream`].
struct Piped {
    pieces: Receiver<Vec<u8>>,
    piece: Vec<u8>,
    at: usize,
}

impl std::io::Read for Piped {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        while self.at == self.piece.len() {
            match self.pieces.recv() {
                Ok(piece) => (self.piece, self.at) = (piece, 0),
                Err(_) => return Ok(0),
            }
        }
        let rest = self.piece.get(self.at..).unwrap_or_default();
        let len = rest.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..len), rest.get(..len)) {
            to.copy_from_slice(from);
        }
        self.at += len;
        Ok(len)
    }
}
