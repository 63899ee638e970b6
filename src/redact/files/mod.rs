//! A run over files: every source below the roots is surveyed, and what has edits is handed to the
//! write engine, file by file, with a receipt.
//!
//! Owns the order of a run and what becomes of each file. Knows neither how edits are found in a
//! window nor how bytes reach the disk.

mod aged;
mod ahead;
mod calls;
mod check;
mod company;
mod dangling;
mod group;
mod held;
mod listening;
mod named;
mod references;
mod renames;
mod roots;
mod rows;
mod said;
mod sets;
mod spot;
mod together;
mod told;
mod whole;
mod work;
mod written;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Map, Value, json};

pub use told::{Fate, FileDone, Told, Totals};

use super::ageing::Ages;
use super::apply::Run;
use super::derive::{Job, Others, Way};
use super::failure::{Failure, Reason as Cause};
use super::guard::Guard;
use super::io::Io;
use super::mode::WriteOptions;
use super::operator::{MissingKey, OperatorSet, Operators};
use super::place::Root;
use super::receipt::Receipt;
use super::saved::Saved;
use super::selection::Selected;
use super::state::State;
use super::suppressed;
use crate::detect::Detectors;
use crate::entity::EntitySet;
use crate::finding::Confidence;
use crate::format;
use crate::scan::{self, Progress, ScanError, ScanPlan, SinkError};
use crate::subject::Subjects;
use calls::Calls;
use company::{Company, Waiting};
use dangling::Dangling;
use roots::Walked;
use sets::Sets;
use told::account;
use work::{Work, Writing};

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
    /// Whether a recording and its transcript are left as they are where something in them has no
    /// time of its own.
    pub strict: bool,
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
    /// Records go by their age, as whoever this is says.
    pub ages: Option<Arc<dyn Ages>>,
    /// What few orders ask for.
    pub more: More,
}

/// What few orders ask for.
#[derive(Default)]
pub struct More {
    /// What else is labelled where everything of others goes.
    pub others: Option<Others>,
    /// What copies of files, as they are met, are called beneath the folder of the result.
    pub names: BTreeMap<PathBuf, PathBuf>,
    /// Only what was erased before and stays out.
    pub suppressed: bool,
    /// What is put in the place of a value that was wrong.
    pub correct: Option<String>,
    /// Whether files whose names hold what is to go get other names.
    pub rename: bool,
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

/// Why a run could not start or go on.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A wrong region, format or number of threads.
    #[error(transparent)]
    Scan(#[from] ScanError),
    /// An operator without its key.
    #[error(transparent)]
    MissingKey(#[from] MissingKey),
    /// The state, the guard or the receipt.
    #[error("{0}")]
    Failure(Failure),
    /// A folder that is to be read or written.
    #[error("{1}")]
    Folder(PathBuf, Failure),
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
    run_on(&Io::real(), order, told, progress)
}

/// As [`run`], with the system calls of the write path made through `io`.
pub(crate) fn run_on(
    io: &Io,
    order: &Order,
    told: &mut dyn Told,
    progress: &Progress,
) -> Result<Totals, RunError> {
    let regions = scan::regions(&order.scan.regions)?;
    let as_format = order
        .scan
        .as_format
        .as_deref()
        .map(format::by_name)
        .transpose();
    let as_format = as_format.map_err(ScanError::from)?;
    let pool = scan::threads(order.scan.threads)?;
    let state = State::open(io, &order.state, order.key_file.as_deref())?;
    let at = order.ages.as_ref().map_or_else(now, |ages| ages.now());
    let guard = Guard::load(io, &state, at)?;
    let secret = state.key().secret();
    let operators = Operators::new(order.operators.clone(), Some(&secret))?;
    // Who has to be asked about a record is asked about everyone in it.
    let ask = !guard.is_idle() && !matches!(order.target, Target::Out(_));
    let whole_records = matches!(order.way, Way::Side | Way::Others) || ask;
    let (entities, least) = if whole_records {
        (EntitySet::all(), order.scan.min_confidence.min(DOUBTFUL))
    } else {
        (order.scan.entities, order.scan.min_confidence)
    };
    let detectors = Detectors::new(regions, entities, least).with_rules(order.scan.rules.clone());
    let walked = Walked::new(io, order)?;
    let roots: Vec<&Root> = walked.roots.iter().flatten().chain(&walked.out).collect();
    let mut totals = Totals::default();
    let mut writing = None;
    if order.target != Target::Nowhere {
        let begun = Run::begin(io, &state, &guard, &roots, order.write);
        let (begun, recovery) = begun.map_err(|failure| match roots.first() {
            Some(root) if failure.reason == Cause::Locked => {
                RunError::Folder(root.path().to_path_buf(), failure)
            }
            _ => RunError::Failure(failure),
        })?;
        totals.recovery = recovery;
        writing = Some(Writing {
            receipt: Receipt::create(io, &state, &begun.id(), now(), &about(order))?,
            run: begun,
            groups: 0,
        });
    }
    let selected = Selected::new(
        order.scan.entities,
        order.scan.min_confidence,
        order.fields.clone(),
        order.subjects.clone(),
        order.scan.lists.clone(),
    );
    let selected = if order.more.suppressed {
        selected.only_tagged(suppressed::tags(io, &state)?, state.key().tagger())
    } else {
        selected
    };
    let own = [Some(&order.state), order.key_file.as_ref()];
    let mut work = Work {
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
            said: false,
            others: order.more.others.as_ref(),
            correct: order.more.correct.as_deref(),
            overlook_fpe: false,
            keep_length: false,
            aged: None,
        },
        progress,
        company: Company {
            sets: Sets::default(),
            walked: &walked,
            waiting: Waiting::default(),
            dangling: Dangling::default(),
        },
        calls: Calls::below(order, &walked)?,
    };
    let mut take = |totals: &mut Totals, done: &FileDone| {
        progress.add_file();
        account(totals, done);
        told.file(done)
    };
    let mut renamed = Ok(());
    if order.more.rename {
        renamed = work.rename(&walked, writing.as_mut()).and_then(|all| {
            let mut told = all.iter().map(|done| take(&mut totals, done));
            Ok(told.try_for_each(|told| told)?)
        });
    }
    work.company.sets = Sets::below(order, &walked);
    let called = renamed
        .and_then(|()| work.sweep_calls(writing.as_mut(), &mut |done| take(&mut totals, &done)));
    let result = called.and_then(|()| {
        walked.each(order, |met, at| {
            let gathered = work.calls.as_ref().map_or(0, Calls::read);
            let spent = |ages: &Arc<dyn Ages>| ages.is_spent(progress.bytes() - gathered);
            if progress.stopped() || order.ages.as_ref().is_some_and(spent) {
                return Ok(false);
            }
            let Some((done, planned)) = work.meet(met, at, writing.as_mut())? else {
                totals.excluded += 1;
                return Ok(true);
            };
            totals.planned.files.extend(planned);
            for done in &done {
                take(&mut totals, done)?;
            }
            Ok(true)
        })
    });
    let result = result.and_then(|()| {
        let rest = work.calls.as_ref().map(Calls::rest);
        for done in rest.into_iter().flatten() {
            take(&mut totals, &done)?;
        }
        Ok(())
    });
    totals.interrupted = progress.stopped() || result.is_err();
    totals.fields_not_met = selected.fields_not_met();
    if let Some(writing) = writing {
        writing.finish(&mut totals)?;
    }
    result?;
    told.totals(&totals)?;
    Ok(totals)
}

/// Findings below the usual confidence still say that a record may be a held person's.
const DOUBTFUL: Confidence = Confidence(20);

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
            Way::Others => "others",
        }),
    );
    about
}
