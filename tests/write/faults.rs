//! R2, R3: at every system call of every scenario an error or a short transfer. The run may fail,
//! but it never says done with a wrong content, nothing is torn, and recovery leaves nothing.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use efface::redact::apply::GroupOutcome;
use efface::redact::io::Io;
use efface::redact::io::fault::{Hook, Op, Verdict};
use efface::redact::recover::recover;
use efface::redact::state::State;
use rustix::io::Errno;

use crate::scenario::{SCENARIOS, Tree};

#[derive(Clone, Copy, Debug)]
enum Fault {
    Once(Errno),
    /// From the step on, everything that needs room.
    Full,
    Short,
}

struct Injector {
    step: AtomicU64,
    at: u64,
    fault: Fault,
}

impl Hook for Injector {
    fn before(&self, op: Op, _: usize) -> Verdict {
        let step = self.step.fetch_add(1, Ordering::Relaxed) + 1;
        match self.fault {
            Fault::Once(errno) if step == self.at => Verdict::Fail(errno),
            Fault::Short if step >= self.at && step < self.at + 3 => Verdict::Short(1),
            Fault::Full
                if step >= self.at
                    && matches!(op, Op::Write | Op::Create | Op::Fsync | Op::Mkdir) =>
            {
                Verdict::Fail(Errno::NOSPC)
            }
            _ => Verdict::Go,
        }
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

#[test]
fn no_fault_tears_a_file_or_passes_for_success() {
    let base = tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .unwrap();
    let faults = [
        Fault::Once(Errno::IO),
        Fault::Once(Errno::NOSPC),
        Fault::Once(Errno::INTR),
        Fault::Full,
        Fault::Short,
    ];
    let (mut injections, mut failed, mut done) = (0_u32, 0_u32, 0_u32);
    for scenario in SCENARIOS
        .iter()
        .filter(|scenario| !scenario.name.contains("several"))
    {
        let allowed = scenario.allowed();
        let sets = 0..1_u32 << (allowed.len() - 1);
        let mixed: Vec<Tree> = sets
            .map(|set| scenario.after(|group| set >> group & 1 == 1))
            .collect();
        for fault in faults {
            for at in 1.. {
                let place = base.path().join("place");
                let _ = std::fs::remove_dir_all(&place);
                scenario.set_up(&place);
                let point = format!("{} {fault:?} at {at}", scenario.name);
                let hook = std::sync::Arc::new(Injector {
                    step: AtomicU64::new(0),
                    at,
                    fault,
                });
                let io = Io::with_hook(Box::new(Shared(hook.clone())));
                let outcome = scenario.run(&io, &place);
                let reached = hook.step.load(Ordering::Relaxed) >= at;
                drop(io);
                let io = Io::real();
                let state = State::open(&io, &place.join("state"), None)
                    .unwrap_or_else(|failure| panic!("{point}: {failure}"));
                let recovered =
                    recover(&io, &state).unwrap_or_else(|failure| panic!("{point}: {failure}"));
                assert!(recovered.stuck.is_empty(), "{point}: {recovered:?}");
                let mut tree = Tree::new();
                read_tree(&place.join("tree"), Path::new(""), &mut tree);
                let said_done = outcome
                    .as_ref()
                    .is_ok_and(|groups| groups.iter().all(GroupOutcome::is_done));
                if said_done {
                    done += 1;
                    assert!(Some(&tree) == allowed.last(), "{point}: said done, is not");
                } else {
                    // Each group stands for itself: any of them may be done.
                    failed += 1;
                    assert!(mixed.contains(&tree), "{point}: torn");
                }
                let journals = std::fs::read_dir(place.join("state/journal"))
                    .unwrap()
                    .count();
                assert_eq!(journals, 0, "{point}: a journal is left");
                injections += 1;
                if !reached {
                    break;
                }
            }
        }
    }
    println!("{injections} injections: {failed} failed and said so, {done} done in spite of it");
    assert!(failed > 1000 && done > 1000);
}

struct Shared(std::sync::Arc<Injector>);

impl Hook for Shared {
    fn before(&self, op: Op, len: usize) -> Verdict {
        self.0.before(op, len)
    }
}
