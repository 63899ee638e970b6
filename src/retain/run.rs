//! A sweep: the policy put to the engine, and what came of it.
//!
//! Owns the order of a sweep: duties into the guard first, then the files, then what is remembered.
//! Knows neither formats nor how anything is shown.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::policy::{Deed, Policy, Rule, Undecided};
use super::remembered::{Remembered, tag};
use super::rules::{FileRules, Limit, duties_of, zone_of};
use crate::entity::{Entity, EntitySet};
use crate::redact::ageing::{Action, AgeRule, Ages, FileAges, FileFacts, Tally, When, Why};
use crate::redact::derive::Way;
use crate::redact::failure::Failure;
use crate::redact::files::{self, More, Order, Plan, RunError, Target, Told, Totals};
use crate::redact::hold::{self, Cover, DutyText};
use crate::redact::io::Io;
use crate::redact::mode::WriteOptions;
use crate::redact::operator::{OperatorSet, Operators};
use crate::redact::place::Identity;
use crate::redact::selection::Selected;
use crate::redact::state::State;
use crate::scan::{Progress, Root, ScanPlan};
use crate::time::{Undated, Zone};

/// How often what is remembered is written while a run goes on: what a kill costs.
const REMEMBERED_EVERY: Duration = Duration::from_secs(2);

/// What one run may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Budget {
    /// So long.
    pub time: Option<Duration>,
    /// So many bytes read.
    pub bytes: Option<u64>,
}

/// What a sweep is to do.
pub struct Sweep {
    /// The rules.
    pub policy: Policy,
    /// Which files, how they are read, and what detectors go by. Its entities are what rules that
    /// name none replace.
    pub scan: ScanPlan,
    /// Whether anything is changed.
    pub apply: bool,
    /// What is now, in seconds since 1970.
    pub now: i64,
    /// What the run may do.
    pub budget: Budget,
    /// How files are written.
    pub write: WriteOptions,
    /// The state folder.
    pub state: PathBuf,
    /// A key kept elsewhere.
    pub key_file: Option<PathBuf>,
}

/// What came of a sweep.
pub struct Swept {
    /// As of any run that writes.
    pub totals: Totals,
    /// Every record met, by rule, fate and month.
    pub tally: Tally,
    /// Records without a time for which the policy says nothing.
    pub undecided: u64,
    /// The budget was spent before all files were looked at.
    pub carried_over: bool,
}

/// Why a sweep could not start or go on.
#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    /// As of any run that writes.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The clock and the files do not belong together; nothing was changed.
    #[error("{0}\n\nhint: {1}")]
    Clock(String, String),
}

impl From<Failure> for SweepError {
    fn from(failure: Failure) -> Self {
        SweepError::Run(failure.into())
    }
}

/// Carries a sweep out.
///
/// # Errors
/// [`SweepError`] before anything is changed, but for a failing output.
pub fn sweep(
    sweep: Sweep,
    told: &mut dyn Told,
    progress: &Progress,
) -> Result<(Swept, Policy), SweepError> {
    sweep_on(&Io::real(), sweep, told, progress)
}

/// As [`sweep`], with the system calls of the write path made through `io`.
///
/// # Errors
/// As there.
#[doc(hidden)]
pub fn sweep_on(
    io: &Io,
    sweep: Sweep,
    told: &mut dyn Told,
    progress: &Progress,
) -> Result<(Swept, Policy), SweepError> {
    let state = State::open(io, &sweep.state, sweep.key_file.as_deref())?;
    if sweep.apply {
        put_duties(io, &state, &sweep)?;
    }
    let digest = sweep.policy.digest ^ roots_digest(&sweep.scan);
    let secret = state.key().secret();
    let rules = sweep.policy.rules.iter();
    let rules = rules
        .map(|rule| age_rule(rule, &sweep, &secret))
        .collect::<Result<Vec<AgeRule>, RunError>>()?;
    let mut entities = EntitySet::default();
    for entity in sweep
        .policy
        .rules
        .iter()
        .flat_map(|rule| entities_of(rule, &sweep.scan))
    {
        entities.insert(entity);
    }
    let retention = Arc::new(Retention {
        remembered: Mutex::new(Noted {
            remembered: Remembered::read(io, &state, digest, sweep.now),
            written: Instant::now(),
            spent: false,
        }),
        rules,
        policy: sweep.policy,
        state,
        now: sweep.now,
        apply: sweep.apply,
        budget: sweep.budget,
        began: Instant::now(),
    });
    let order = Order {
        scan: ScanPlan {
            entities,
            ..sweep.scan
        },
        fields: Vec::new(),
        subjects: None,
        operators: OperatorSet::default(),
        way: Way::Records,
        strict: false,
        more: More::default(),
        target: if sweep.apply {
            Target::InPlace
        } else {
            Target::Nowhere
        },
        // Ages are told by the dates of files as well.
        write: WriteOptions {
            keep_times: true,
            ..sweep.write
        },
        state: sweep.state,
        key_file: sweep.key_file,
        command: "sweep",
        plan: Plan::None,
        ages: Some(retention.clone()),
    };
    let totals = files::run_on(io, &order, told, progress);
    let carried_over = retention.noted().spent;
    let whole = totals.as_ref().is_ok_and(|totals| !totals.interrupted) && !carried_over;
    if sweep.apply {
        let mut noted = retention.noted();
        if whole {
            noted.remembered.end_round();
        }
        noted.remembered.write(io, &retention.state)?;
    }
    drop(order);
    let totals = totals?;
    let tally = totals.tally.clone();
    let undecided = retention.undecided(&tally);
    let policy = Arc::into_inner(retention).map(|retention| retention.policy);
    let policy = policy.ok_or(RunError::Failure(Failure::new(
        crate::redact::failure::Reason::State,
        "cannot end the sweep",
    )))?;
    Ok((
        Swept {
            totals,
            tally,
            undecided,
            carried_over,
        },
        policy,
    ))
}

/// The rules as the engine asks for them.
struct Retention {
    policy: Policy,
    rules: Vec<AgeRule>,
    state: State,
    now: i64,
    apply: bool,
    budget: Budget,
    began: Instant,
    remembered: Mutex<Noted>,
}

struct Noted {
    remembered: Remembered,
    written: Instant,
    spent: bool,
}

impl Retention {
    fn noted(&self) -> MutexGuard<'_, Noted> {
        self.remembered
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Records without a time of rules that do not say what becomes of them.
    fn undecided(&self, tally: &Tally) -> u64 {
        let told = |rule: u16| {
            let rule = self.policy.rules.get(usize::from(rule));
            rule.is_some_and(|rule| rule.undated == Undecided::Told)
        };
        let such = tally
            .iter()
            .filter(|(item, _)| matches!(item.why, Why::Undated(_)) && told(item.rule));
        such.map(|(_, count)| count).sum()
    }

    /// When something in a file may come due that has nothing pending now; `None` where it has.
    fn next(&self, tally: &Tally) -> Option<i64> {
        let mut next = i64::MAX;
        for (item, _) in tally.iter() {
            match item.why {
                Why::Clean | Why::Undated(Undated::Absurd) => {}
                Why::Undated(_) => {
                    let rule = self.policy.rules.get(usize::from(item.rule))?;
                    if rule.undated != Undecided::Keep {
                        return None;
                    }
                }
                Why::Later => {
                    let month = item.month;
                    let first =
                        jiff::civil::Date::new((month / 12) as i16, (month % 12 + 1) as i8, 1);
                    let first = first.ok()?.to_datetime(jiff::civil::Time::midnight());
                    let first = Zone::utc().instant(first)?;
                    // Whichever rule it will be, and in whatever zone.
                    let ends = self.policy.rules.iter();
                    let ends = ends.filter_map(|rule| rule.max_age.end(first, &Zone::utc()));
                    next = next.min(ends.min()? - super::period::Period::SLACK);
                }
                Why::Erased
                | Why::Redacted
                | Why::WithFile
                | Why::WithRecord
                | Why::Duty(_)
                | Why::Held
                | Why::Refused => return None,
            }
        }
        Some(next)
    }
}

impl Ages for Retention {
    fn now(&self) -> i64 {
        self.now
    }

    fn rules(&self) -> &[AgeRule] {
        &self.rules
    }

    fn of_file(&self, file: &FileFacts<'_>) -> Option<Box<dyn FileAges>> {
        let rules = FileRules::of(&self.policy, file, self.now)?;
        Some(Box::new(rules))
    }

    fn reads_as(&self, beneath: &Path, absolute: &Path) -> Option<&'static str> {
        self.policy.source(beneath, absolute)?.format
    }

    fn settled(&self, absolute: &Path, identity: &Identity) -> Option<Tally> {
        if !self.apply {
            return None;
        }
        let tag = tag(self.state.key(), absolute);
        self.noted().remembered.settled(&tag, identity, self.now)
    }

    fn note(&self, absolute: &Path, identity: Identity, tally: &Tally) {
        if !self.apply {
            return;
        }
        let tag = tag(self.state.key(), absolute);
        let next = self.next(tally);
        let mut noted = self.noted();
        noted.remembered.note(tag, &identity, tally, next);
        if noted.written.elapsed() >= REMEMBERED_EVERY {
            // What cannot be written now is written at the end, or looked at again.
            let _ = noted.remembered.write(&Io::real(), &self.state);
            noted.written = Instant::now();
        }
    }

    fn is_spent(&self, bytes: u64) -> bool {
        let time = self
            .budget
            .time
            .is_some_and(|most| self.began.elapsed() >= most);
        let read = self.budget.bytes.is_some_and(|most| bytes >= most);
        if time || read {
            self.noted().spent = true;
        }
        time || read
    }

    fn goes_with(&self, beneath: &Path, absolute: &Path) -> u64 {
        let fits = |rule: &Rule| rule.cascade.iter().any(|glob| glob.fits(beneath, absolute));
        let rules = self.policy.rules.iter().enumerate();
        rules
            .filter(|(_, rule)| fits(rule))
            .fold(0, |bits, (number, _)| bits | 1 << number)
    }

    fn client(&self, beneath: &Path, absolute: &Path) -> Option<&str> {
        self.policy.source(beneath, absolute)?.client.as_deref()
    }

    fn may_name(&self, beneath: &Path, absolute: &Path) -> bool {
        let fits = |rule: &Rule| {
            let paths = &rule.covers.paths;
            paths.is_empty() || paths.iter().any(|glob| glob.fits(beneath, absolute))
        };
        let mut cascading = self
            .policy
            .rules
            .iter()
            .filter(|rule| !rule.cascade.is_empty());
        cascading.any(fits)
    }

    fn covers(&self, beneath: &Path, absolute: &Path) -> bool {
        let source = self.policy.source(beneath, absolute);
        let mut rules = self.policy.rules.iter();
        rules.any(|rule| rule.covers.fits_place((beneath, absolute), source))
    }

    fn kept(&self, file: &FileFacts<'_>, when: When) -> Option<Why> {
        let duties = duties_of(&self.policy, file, self.now);
        // What has no time is kept for as long as nobody knows.
        let over = |limit: &Limit| when.is_ok_and(|from| limit.is_over(from));
        let kept = duties.iter().find(|(_, limit)| !over(limit));
        kept.map(|(number, _)| Why::Duty(*number))
    }
}

/// What a rule looks for or replaces.
fn entities_of(rule: &Rule, scan: &ScanPlan) -> Vec<Entity> {
    if !rule.covers.asks_content() && !matches!(rule.deed, Deed::Redact(_)) {
        return Vec::new();
    }
    if rule.covers.entities.is_empty() {
        let all = Entity::ALL.iter().copied();
        return all
            .filter(|entity| scan.entities.contains(*entity))
            .collect();
    }
    rule.covers.entities.clone()
}

fn age_rule(
    rule: &Rule,
    sweep: &Sweep,
    secret: &crate::redact::operator::Secret,
) -> Result<AgeRule, RunError> {
    let entities: Vec<Entity> = entities_of(rule, &sweep.scan);
    let selected = (!entities.is_empty()).then(|| {
        Selected::new(
            entities.iter().copied().collect(),
            sweep.scan.min_confidence,
            rule.covers.fields.clone(),
            None,
            sweep.scan.lists.clone(),
        )
    });
    let action = match rule.deed {
        Deed::Erase => Action::Erase,
        Deed::DeleteFile => Action::DeleteFile,
        Deed::Redact(operator) => {
            let set = OperatorSet::parse([operator.name()]).unwrap_or_default();
            Action::Redact(Box::new(Operators::new(set, Some(secret))?))
        }
    };
    Ok(AgeRule {
        action,
        selected,
        parties: rule.covers.parties.clone(),
        cascades: !rule.cascade.is_empty(),
    })
}

/// What tells one set of roots from another.
fn roots_digest(scan: &ScanPlan) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    for root in &scan.roots {
        if let Root::Path(path) = root {
            for byte in path.as_os_str().as_encoded_bytes().iter().chain(b"\0") {
                hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
            }
        }
    }
    hash
}

/// Puts the duties of the policy into the state, where every command that writes is held to them.
fn put_duties(io: &Io, state: &State, sweep: &Sweep) -> Result<(), Failure> {
    let policy = &sweep.policy;
    let file = std::path::absolute(&policy.file).unwrap_or_else(|_| policy.file.clone());
    let origin = tag(state.key(), &file);
    let mut roots = Vec::new();
    for root in &sweep.scan.roots {
        if let Root::Path(path) = root
            && let Ok(path) = std::fs::canonicalize(path)
            && let Some(path) = path.to_str()
        {
            roots.push(globset::escape(path.trim_end_matches('/')));
        }
    }
    // Where zones differ a duty lasts as long as in the one in which it lasts longest.
    let mut zones = vec![zone_of(None)];
    zones.extend(policy.sources.iter().map(|source| source.zone.clone()));
    let mut texts = Vec::new();
    for duty in &policy.duties {
        let since = zones
            .iter()
            .map(|zone| Limit::new(duty.min_age, zone.clone(), sweep.now).first_kept());
        let mut globs: Vec<&str> = duty.covers.paths.iter().map(|glob| &*glob.text).collect();
        if globs.is_empty() {
            let tagged = policy
                .sources
                .iter()
                .filter(|source| duty.covers.tags.iter().any(|tag| source.tags.contains(tag)));
            globs = tagged
                .flat_map(|source| source.paths.iter().map(|glob| &*glob.text))
                .collect();
        }
        let mut paths = Vec::new();
        for root in &roots {
            if globs.is_empty() {
                paths.push(root.clone());
            }
            for glob in &globs {
                paths.push(if glob.starts_with('/') {
                    (*glob).to_owned()
                } else {
                    format!("{root}/{glob}")
                });
            }
        }
        let clients: Vec<Option<String>> = if duty.covers.clients.is_empty() {
            vec![None]
        } else {
            duty.covers.clients.iter().cloned().map(Some).collect()
        };
        let keep_since = since.min().unwrap_or(i64::MIN);
        for client in clients {
            texts.push(DutyText {
                id: duty.id.clone(),
                cover: Cover {
                    paths: paths.clone(),
                    formats: duty.covers.formats.clone(),
                    client,
                    ..Cover::default()
                },
                keep_since,
                citation: duty.citation.clone(),
                origin: origin.clone(),
            });
        }
    }
    hold::put_duties(io, state, &origin, texts)
}
