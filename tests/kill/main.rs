//! R2: whatever the system call at which a run dies, and whatever the one at which the recovery
//! after it dies, afterwards every file is wholly old or wholly new, and so is every group, and
//! nothing of the run is left in the tree or in the state.
//!
//! The process really dies: this program starts itself as the child, and the child sends itself
//! SIGKILL before the chosen system call (or in the middle of the chosen write). `cargo test
//! --test kill` runs at least 5,000 points; `EFFACE_KILL_POINTS=1000000 cargo test --test kill`
//! as many as asked.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(
    clippy::print_stdout,
    reason = "the figures are the report of this test"
)]

mod calls;
mod scenario;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, RwLock};

use efface::redact::apply::GroupOutcome;
use efface::redact::io::Io;
use efface::redact::io::fault::{Hook, Op, Verdict};
use efface::redact::recover::recover;
use efface::redact::state::State;
use scenario::{SCENARIOS, Scenario, Tree};

/// Dies at a step. A torn write does its first half and dies at the next step.
struct Killer {
    step: AtomicU64,
    at: u64,
    tear: bool,
}

impl Hook for Killer {
    fn before(&self, op: Op, len: usize) -> Verdict {
        let step = self.step.fetch_add(1, Ordering::Relaxed) + 1;
        let tearing = self.tear && op == Op::Write && len > 1;
        if step == self.at && tearing {
            return Verdict::Short(len / 2);
        }
        if step == self.at || (step == self.at + 1 && self.tear) {
            let me = rustix::process::getpid();
            let _ = rustix::process::kill_process(me, rustix::process::Signal::KILL);
        }
        Verdict::Go
    }
}

/// Exit of a child that came to its end without dying.
const LIVED: u8 = 77;

fn child(args: &[String]) -> ExitCode {
    let [phase, scenario, at, tear, base] = args else {
        return ExitCode::FAILURE;
    };
    let killer = Killer {
        step: AtomicU64::new(0),
        at: at.parse().unwrap(),
        tear: tear == "1",
    };
    let io = Io::with_hook(Box::new(killer));
    let base = Path::new(base);
    let done = if phase == "run" {
        SCENARIOS[scenario.parse::<usize>().unwrap()]
            .run(&io, base)
            .is_ok_and(|groups| groups.iter().all(GroupOutcome::is_done))
    } else if phase == "sweep" {
        calls::sweep(&io, base)
    } else {
        let state = State::open(&io, &base.join("state"), None);
        state
            .and_then(|state| recover(&io, &state))
            .is_ok_and(|done| done.stuck.is_empty())
    };
    if done {
        ExitCode::from(LIVED)
    } else {
        ExitCode::FAILURE
    }
}

/// Between fork and exec a child holds copies of every file this process has open. A file that
/// another thread is just writing would then look held open to the run under test, which rightly
/// refuses it; so nothing forks while this process has files of a scenario open.
static FORKS: RwLock<()> = RwLock::new(());

/// Whether the child was killed (`Some(true)`), lived (`Some(false)`) or failed (`None`).
fn spawn(phase: &str, scenario: usize, at: u64, tear: bool, base: &Path) -> Option<bool> {
    use std::os::unix::process::ExitStatusExt;
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .arg("child")
        .args([
            phase,
            &scenario.to_string(),
            &at.to_string(),
            &u8::from(tear).to_string(),
        ])
        .arg(base)
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    // Spawning returns once the child has replaced itself.
    let alone = FORKS.write().unwrap();
    let mut child = command.spawn().unwrap();
    drop(alone);
    let status = child.wait().unwrap();
    match (status.signal(), status.code()) {
        (Some(9), _) => Some(true),
        (_, Some(code)) if code == i32::from(LIVED) => Some(false),
        _ => None,
    }
}

fn read_tree(root: &Path, below: &Path, tree: &mut Tree) {
    for entry in std::fs::read_dir(root.join(below)).unwrap() {
        let entry = entry.unwrap();
        let path = below.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            read_tree(root, &path, tree);
        } else {
            tree.insert(path.clone(), std::fs::read(root.join(&path)).unwrap());
        }
    }
}

/// What is left in the state apart from what belongs there.
fn left_in_state(state: &Path) -> Vec<PathBuf> {
    let mut tree = Tree::new();
    if state.exists() {
        read_tree(state, Path::new(""), &mut tree);
    }
    let sealed = [
        "holds.",
        "duties.",
        "retired.",
        "audit.",
        "cases.",
        "suppressed.",
    ];
    tree.into_keys()
        .filter(|path| {
            let name = path.to_str().unwrap();
            let known = name == "key"
                || (sealed.iter().any(|start| name.starts_with(start))
                    && Path::new(name).extension() != Some("new".as_ref()));
            !known
        })
        .collect()
}

#[derive(Default)]
struct Tally {
    points: AtomicUsize,
    killed: AtomicUsize,
    lived: AtomicUsize,
    old: AtomicUsize,
    new: AtomicUsize,
    /// Outcomes by scenario: how often old and how often new.
    seen: Mutex<BTreeMap<&'static str, (usize, usize)>>,
    wrong: Mutex<Vec<String>>,
}

impl Tally {
    fn count(&self, what: Option<bool>, point: &str) -> Option<bool> {
        self.points.fetch_add(1, Ordering::Relaxed);
        match what {
            Some(true) => self.killed.fetch_add(1, Ordering::Relaxed),
            Some(false) => self.lived.fetch_add(1, Ordering::Relaxed),
            None => {
                self.wrong
                    .lock()
                    .unwrap()
                    .push(format!("{point}: the child failed"));
                0
            }
        };
        what
    }
}

/// R4: what a dead run leaves in the state, and the names it leaves in the tree, show no value
/// and no path.
fn shown_by_leftovers(base: &Path) -> Vec<String> {
    let mut state = Tree::new();
    if base.join("state").exists() {
        read_tree(&base.join("state"), Path::new(""), &mut state);
    }
    let mut shown = Vec::new();
    for (path, bytes) in &state {
        // Long enough that encrypted bytes do not show one by chance in thousands of points.
        for needle in [
            &b"555-01"[..],
            b"5550123",
            b"cdr.csv",
            b"a.csv",
            b"###-####",
            b"[PHONE]",
        ] {
            if memchr::memmem::find(bytes, needle).is_some() {
                shown.push(format!(
                    "{} shows {}",
                    path.display(),
                    needle.escape_ascii()
                ));
            }
        }
    }
    let mut tree = Tree::new();
    read_tree(&base.join("tree"), Path::new(""), &mut tree);
    for path in tree.keys().filter_map(|path| path.to_str()) {
        let name = path.rsplit('/').next().unwrap_or(path);
        if name.starts_with('.') && (name.contains("555") && name.contains("wav")) {
            shown.push(format!("a temporary name shows {name}"));
        }
    }
    shown
}

/// Recovers without a fault, then compares what is on disk with what is allowed.
fn judge(scenario: &Scenario, allowed: &[Tree], base: &Path, point: &str, tally: &Tally) {
    let _no_forks = FORKS.read().unwrap();
    let io = Io::real();
    let recovered = State::open(&io, &base.join("state"), None).and_then(|state| {
        let first = recover(&io, &state)?;
        let second = recover(&io, &state)?;
        Ok((first, second))
    });
    let mut wrong = Vec::new();
    match recovered {
        Ok((first, second)) => {
            if !first.stuck.is_empty() || second.runs != 0 {
                wrong.push(format!("recovery: {first:?} {second:?}"));
            }
        }
        Err(failure) => wrong.push(format!("recovery: {failure}")),
    }
    let mut tree = Tree::new();
    read_tree(&base.join("tree"), Path::new(""), &mut tree);
    if let Some(stage) = allowed.iter().position(|one| *one == tree) {
        let new = stage == allowed.len() - 1;
        if new { &tally.new } else { &tally.old }.fetch_add(1, Ordering::Relaxed);
        let mut seen = tally.seen.lock().unwrap();
        let counts = seen.entry(scenario.name).or_default();
        if new { counts.1 += 1 } else { counts.0 += 1 }
    } else {
        let names: Vec<_> = tree.iter().map(|(k, v)| (k, v.len())).collect();
        wrong.push(format!("neither old nor new: {names:?}"));
    }
    let left = left_in_state(&base.join("state"));
    if !left.is_empty() {
        wrong.push(format!("left in the state: {left:?}"));
    }
    if !wrong.is_empty() {
        tally
            .wrong
            .lock()
            .unwrap()
            .push(format!("{point}: {}", wrong.join("; ")));
    }
}

fn fresh(base: &Path, scenario: &Scenario) {
    let _no_forks = FORKS.read().unwrap();
    if base.exists() {
        std::fs::remove_dir_all(base).unwrap();
    }
    scenario.set_up(base);
}

/// One way to die: the step of the run, whether in the middle of a write, and the step of the
/// recovery (0: the recovery lives).
#[derive(Clone, Copy)]
struct Job {
    scenario: usize,
    at: u64,
    tear: bool,
    recovery: bool,
}

fn work(job: Job, allowed: &[Tree], base: &Path, tally: &Tally, goal: usize) {
    let scenario = &SCENARIOS[job.scenario];
    let mut at = u64::from(job.recovery);
    loop {
        let point = format!(
            "{} at {}{} recovery {at}",
            scenario.name,
            job.at,
            if job.tear { " torn" } else { "" }
        );
        fresh(base, scenario);
        tally.count(spawn("run", job.scenario, job.at, job.tear, base), &point);
        for shown in shown_by_leftovers(base) {
            tally
                .wrong
                .lock()
                .unwrap()
                .push(format!("{point}: {shown}"));
        }
        let killed = at > 0
            && tally.count(spawn("recover", job.scenario, at, job.tear, base), &point)
                == Some(true);
        judge(scenario, allowed, base, &point, tally);
        if !killed || tally.points.load(Ordering::Relaxed) >= goal {
            break;
        }
        at += 1;
    }
}

/// Counts the system calls of a run that lives, and checks that it does what it should.
struct Counter(std::sync::Arc<AtomicU64>);

impl Hook for Counter {
    fn before(&self, _: Op, _: usize) -> Verdict {
        self.0.fetch_add(1, Ordering::Relaxed);
        Verdict::Go
    }
}

fn steps(scenario: &Scenario, base: &Path) -> u64 {
    fresh(base, scenario);
    let count = std::sync::Arc::new(AtomicU64::new(0));
    let io = Io::with_hook(Box::new(Counter(count.clone())));
    let groups = scenario.run(&io, base).unwrap();
    assert!(
        groups.iter().all(GroupOutcome::is_done),
        "{}: {groups:?}",
        scenario.name
    );
    let mut tree = Tree::new();
    read_tree(&base.join("tree"), Path::new(""), &mut tree);
    assert_eq!(Some(&tree), scenario.allowed().last(), "{}", scenario.name);
    count.load(Ordering::Relaxed)
}

/// Points of a run of the suite, and how many sweeps of calls die in it.
const DEFAULT: usize = 5000;
const SWEEPS: usize = 40;

fn parent() -> ExitCode {
    let goal: usize = std::env::var("EFFACE_KILL_POINTS")
        .ok()
        .and_then(|goal| goal.parse().ok())
        .unwrap_or(DEFAULT);
    let shm = Path::new("/dev/shm");
    let temp = if shm.is_dir() {
        tempfile::tempdir_in(shm).unwrap()
    } else {
        tempfile::tempdir().unwrap()
    };
    let started = std::time::Instant::now();
    let mut jobs = Vec::new();
    for (index, scenario) in SCENARIOS.iter().enumerate() {
        let steps = steps(scenario, &temp.path().join("count"));
        if std::env::var_os("EFFACE_KILL_VERBOSE").is_some() {
            println!(
                "  {}: {steps} system calls, {:.2?}",
                scenario.name,
                started.elapsed()
            );
        }
        for at in 1..=steps {
            for tear in [false, true] {
                jobs.push(Job {
                    scenario: index,
                    at,
                    tear,
                    recovery: false,
                });
            }
        }
    }
    let direct = jobs.len();
    // Then deaths of the recovery, with the steps of the run spread over all of them.
    let recoveries: Vec<Job> = jobs
        .iter()
        .map(|job| Job {
            recovery: true,
            ..*job
        })
        .collect();
    let spread = 7919;
    jobs.extend((0..recoveries.len()).map(|n| recoveries[n * spread % recoveries.len()]));
    let allowed: Vec<Vec<Tree>> = SCENARIOS.iter().map(Scenario::allowed).collect();
    let tally = Tally::default();
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for worker in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            let (jobs, allowed, tally, next, temp) = (&jobs, &allowed, &tally, &next, &temp);
            scope.spawn(move || {
                let base = temp.path().join(worker.to_string());
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let enough = tally.points.load(Ordering::Relaxed) >= goal;
                    let Some(job) = jobs.get(index).filter(|_| !enough || index < direct) else {
                        break;
                    };
                    let most = if index < direct { usize::MAX } else { goal };
                    work(*job, &allowed[job.scenario], &base, tally, most);
                }
            });
        }
    });
    let load = |count: &AtomicUsize| count.load(Ordering::Relaxed);
    let wrong = tally.wrong.lock().unwrap();
    println!(
        "kill: {} points in {:.1} s over {} scenarios: {} killed, {} lived; {} old, {} new; {} wrong",
        load(&tally.points),
        started.elapsed().as_secs_f64(),
        SCENARIOS.len(),
        load(&tally.killed),
        load(&tally.lived),
        load(&tally.old),
        load(&tally.new),
        wrong.len(),
    );
    for line in wrong.iter().take(40) {
        println!("  {line}");
    }
    // A campaign that is asked for takes every step of a sweep as well.
    let sweeps = if goal > DEFAULT { goal } else { SWEEPS };
    let of_calls = calls::campaign(&temp.path().join("calls"), sweeps);
    for line in of_calls.iter().take(40) {
        println!("  {line}");
    }
    let seen = tally.seen.lock().unwrap();
    let both = SCENARIOS.iter().all(|scenario| {
        seen.get(scenario.name)
            .is_some_and(|(old, new)| *old > 0 && *new > 0)
    });
    let really = load(&tally.killed) * 10 >= load(&tally.points) * 9;
    if !both {
        println!("  not every scenario ended both old and new: {seen:?}");
    }
    if !really {
        println!("  fewer than 90 % of the points killed the process");
    }
    let enough = load(&tally.points) >= goal;
    if wrong.is_empty() && of_calls.is_empty() && both && really && enough {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.split_first() {
        Some((first, rest)) if first == "child" => child(rest),
        // What `cargo test` passes on (filters, flags) does not choose among one test.
        _ => parent(),
    }
}
