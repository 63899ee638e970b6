//! What cannot be done safely is refused with its reason, and the original stays intact: links,
//! special files, attributes, stale plans, writers, two runs at once.

use std::io::Write;
use std::process::Command;

use efface::redact::apply::{FileEdit, Run};
use efface::redact::edit::Change;
use efface::redact::failure::Reason;
use efface::redact::guard::{EditContext, Guard};
use efface::redact::io::Io;
use efface::redact::mode::WriteOptions;
use efface::redact::place::Root;
use efface::redact::receipt::Counts;
use efface::redact::recover::recover;

use crate::bench::{Bench, Way, readable, reason, scan};

const TEXT: &[u8] = b"call 555-0123 and 555-0123\n";
const NEEDLE: &[u8] = b"555-0123";

#[test]
fn links_and_special_files() {
    let bench = Bench::new();
    bench.put("real.txt", TEXT);
    let link = bench.path("link.txt");
    std::os::unix::fs::symlink("real.txt", &link).unwrap();
    std::os::unix::fs::symlink(bench.tree(), bench.path("round")).unwrap();
    assert!(
        Command::new("mkfifo")
            .arg(bench.path("pipe"))
            .status()
            .unwrap()
            .success()
    );
    std::fs::create_dir(bench.path("folder")).unwrap();
    for way in [Way::Mask, Way::Label, Way::Remove] {
        for (name, why) in [
            ("link.txt", Reason::Symlink),
            ("round/real.txt", Reason::Symlink),
            ("pipe", Reason::NotRegular),
            ("folder", Reason::NotRegular),
            ("missing", Reason::Vanished),
            ("../tree/real.txt", Reason::Outside),
        ] {
            // Scanning a FIFO would wait for a writer; the engine must not.
            let scanned = if name == "pipe" { "real.txt" } else { name };
            let io = Io::real();
            let state = bench.state();
            let guard = Guard::load(&io, &state, 0).unwrap();
            let root = Root::open(&io, &bench.tree()).unwrap();
            let (expect, edits) = crate::bench::scan(&bench.path(scanned), NEEDLE, way);
            let options = WriteOptions::default();
            let (mut run, _) = Run::begin(&io, &state, &guard, &[&root], options).unwrap();
            let outcome = crate::bench::one(&mut run, &guard, &root, name, expect, edits, way);
            assert_eq!(reason(&outcome), Some(why), "{name} {way:?}");
            assert!(run.finish().unwrap());
        }
    }
    assert_eq!(bench.get("real.txt"), TEXT);
    assert_eq!(
        std::fs::read_link(&link).unwrap().to_str(),
        Some("real.txt")
    );
    assert!(bench.left_over().is_empty());
}

#[test]
fn hard_links_are_overwritten_together_or_refused() {
    use std::os::unix::fs::MetadataExt;
    let bench = Bench::new();
    bench.put("a.txt", TEXT);
    std::fs::hard_link(bench.path("a.txt"), bench.path("b.txt")).unwrap();
    let refused = bench.rewrite("a.txt", NEEDLE, Way::Label).unwrap();
    assert_eq!(reason(&refused), Some(Reason::HardLinks(2)));
    let refused = bench.rewrite("a.txt", NEEDLE, Way::Remove).unwrap();
    assert_eq!(reason(&refused), Some(Reason::HardLinks(2)));
    assert_eq!(bench.get("b.txt"), TEXT);
    assert!(bench.rewrite("a.txt", NEEDLE, Way::Mask).unwrap().is_done());
    assert_eq!(bench.get("b.txt"), b"call ######## and ########\n");
    assert_eq!(std::fs::metadata(bench.path("a.txt")).unwrap().nlink(), 2);
}

#[test]
fn a_changed_file_is_never_written_blindly() {
    type Change = fn(&Bench);
    let changes: [(&str, Change); 4] = [
        ("rewritten", |bench| {
            bench.put("a.txt", b"555-0123 moved, and 555-0123\n");
        }),
        ("cut", |bench| drop(bench.put("a.txt", b"call"))),
        ("replaced", |bench| {
            bench.put("other", TEXT);
            std::fs::rename(bench.path("other"), bench.path("a.txt")).unwrap();
        }),
        ("removed", |bench| {
            std::fs::remove_file(bench.path("a.txt")).unwrap();
        }),
    ];
    for (what, change) in changes {
        for way in [Way::Mask, Way::Label, Way::Remove] {
            let bench = Bench::new();
            bench.put("a.txt", TEXT);
            let mut after = None;
            let mut between = || {
                change(&bench);
                after = std::fs::read(bench.path("a.txt")).ok();
            };
            let options = WriteOptions::default();
            let outcome = bench
                .rewrite_with("a.txt", NEEDLE, way, options, &mut between)
                .unwrap();
            let why = if what == "removed" {
                Reason::Vanished
            } else {
                Reason::Changed
            };
            assert_eq!(reason(&outcome), Some(why), "{what} {way:?}");
            assert_eq!(
                std::fs::read(bench.path("a.txt")).ok(),
                after,
                "{what} {way:?}"
            );
            assert!(bench.left_over().is_empty());
        }
    }
}

#[test]
fn a_log_that_only_grew_is_still_masked() {
    let bench = Bench::new();
    bench.put("a.log", TEXT);
    let mut grow = || {
        let mut log = std::fs::OpenOptions::new()
            .append(true)
            .open(bench.path("a.log"))
            .unwrap();
        log.write_all(b"one more line\n").unwrap();
    };
    let options = WriteOptions::default();
    let outcome = bench
        .rewrite_with("a.log", NEEDLE, Way::Mask, options, &mut grow)
        .unwrap();
    assert!(outcome.is_done(), "{outcome:?}");
    assert_eq!(
        bench.get("a.log"),
        b"call ######## and ########\none more line\n"
    );
}

#[test]
fn a_writer_is_not_cut_off() {
    let bench = Bench::new();
    bench.put("a.log", TEXT);
    let mut log = std::fs::OpenOptions::new()
        .append(true)
        .open(bench.path("a.log"))
        .unwrap();
    for way in [Way::Label, Way::Remove] {
        let refused = bench.rewrite("a.log", NEEDLE, way).unwrap();
        assert_eq!(reason(&refused), Some(Reason::Busy), "{way:?}");
    }
    assert!(bench.rewrite("a.log", NEEDLE, Way::Mask).unwrap().is_done());
    log.write_all(b"next\n").unwrap();
    assert_eq!(bench.get("a.log"), b"call ######## and ########\nnext\n");
    drop(log);
    assert!(
        bench
            .rewrite("a.log", b"########", Way::Label)
            .unwrap()
            .is_done()
    );
    assert_eq!(bench.get("a.log"), b"call [X] and [X]\nnext\n");
}

#[test]
fn immutable_and_append_only_files() {
    // On a file system that has these attributes; temporary folders in memory may not.
    let bench = Bench::on(&std::env::current_dir().unwrap().join("target"));
    for (flag, why) in [("i", Reason::Immutable), ("a", Reason::AppendOnly)] {
        let name = format!("{flag}.txt");
        let path = bench.put(&name, TEXT);
        let chattr = |sign: &str| {
            let done = Command::new("chattr")
                .arg(format!("{sign}{flag}"))
                .arg(&path)
                .status();
            done.is_ok_and(|status| status.success())
        };
        if !chattr("+") {
            println!("skipped: chattr +{flag} does not work here (not root, or no such attribute)");
            continue;
        }
        let outcomes: Vec<_> = [Way::Mask, Way::Label, Way::Remove]
            .map(|way| {
                bench
                    .rewrite(&name, NEEDLE, way)
                    .map(|outcome| reason(&outcome))
            })
            .into_iter()
            .collect();
        assert!(chattr("-"));
        for outcome in outcomes {
            assert_eq!(outcome.unwrap(), Some(why), "{flag}");
        }
        assert_eq!(bench.get(&name), TEXT);
    }
}

#[test]
fn a_read_only_file_system() {
    let bench = Bench::new();
    bench.put("a.txt", TEXT);
    let tree = bench.tree();
    let mount = |args: &[&str]| {
        let done = Command::new("mount").args(args).output();
        done.is_ok_and(|done| done.status.success())
    };
    let at = tree.to_str().unwrap();
    if !mount(&["--bind", at, at]) || !mount(&["-o", "remount,ro,bind", at]) {
        let _ = Command::new("umount").arg(&tree).output();
        println!("skipped: mounting is not possible here (not root)");
        return;
    }
    let outcomes = [Way::Mask, Way::Label, Way::Remove].map(|way| {
        bench
            .rewrite("a.txt", NEEDLE, way)
            .map(|outcome| reason(&outcome))
    });
    assert!(
        Command::new("umount")
            .arg(&tree)
            .status()
            .unwrap()
            .success()
    );
    for outcome in outcomes {
        assert_eq!(outcome.unwrap(), Some(Reason::ReadOnly));
    }
    assert_eq!(bench.get("a.txt"), TEXT);
}

#[test]
fn two_runs_on_overlapping_trees_exclude_each_other_and_neighbours_do_not() {
    let bench = Bench::new();
    bench.put("one/a.txt", TEXT);
    bench.put("two/b.txt", TEXT);
    let io = Io::real();
    let state = bench.state();
    let guard = Guard::load(&io, &state, 0).unwrap();
    let all = Root::open(&io, &bench.tree()).unwrap();
    let one = Root::open(&io, &bench.path("one")).unwrap();
    let two = Root::open(&io, &bench.path("two")).unwrap();
    let options = WriteOptions::default();
    let (first, _) = Run::begin(&io, &state, &guard, &[&one], options).unwrap();
    for roots in [&[&one][..], &[&all], &[&two, &one]] {
        let refused = Run::begin(&io, &state, &guard, roots, options)
            .err()
            .unwrap();
        assert_eq!(refused.reason, Reason::Locked);
    }
    let (second, _) = Run::begin(&io, &state, &guard, &[&two], options).unwrap();
    // A live run's journal is not for recovery.
    assert_eq!(recover(&io, &state).unwrap().runs, 0);
    drop((first, second));
    assert!(Run::begin(&io, &state, &guard, &[&all], options).is_ok());
}

#[test]
fn eight_runs_at_once_give_the_result_of_one() {
    let bench = Bench::new();
    for name in ["a.txt", "b.txt", "c.txt"] {
        bench.put(name, &TEXT.repeat(200));
    }
    let expected: Vec<u8> = b"call [X] and [X]\n".repeat(200);
    let done = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..5 {
                    for name in ["a.txt", "b.txt", "c.txt"] {
                        match bench.rewrite(name, NEEDLE, Way::Label) {
                            Ok(outcome) if outcome.is_done() => {
                                done.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                            }
                            Ok(outcome) => {
                                let why = reason(&outcome).unwrap();
                                assert!(why.is_retryable() || why == Reason::Vanished, "{why:?}");
                            }
                            Err(failure) => assert_eq!(failure.reason, Reason::Locked),
                        }
                    }
                }
            });
        }
    });
    for name in ["a.txt", "b.txt", "c.txt"] {
        bench.rewrite(name, NEEDLE, Way::Label).unwrap();
        assert!(bench.get(name) == expected, "{name}");
    }
    assert!(bench.left_over().is_empty());
}

#[test]
fn an_unclean_new_content_is_not_published() {
    use efface::redact::failure::Failure;
    for way in [Way::Mask, Way::Label] {
        let bench = Bench::new();
        bench.put("a.txt", TEXT);
        let io = Io::real();
        let state = bench.state();
        let guard = Guard::load(&io, &state, 0).unwrap();
        let root = Root::open(&io, &bench.tree()).unwrap();
        let (expect, edits) = crate::bench::scan(&bench.path("a.txt"), NEEDLE, way);
        let options = WriteOptions::default();
        let (mut run, _) = Run::begin(&io, &state, &guard, &[&root], options).unwrap();
        let mut edits = edits.into_iter().map(Ok);
        let context = efface::redact::guard::EditContext {
            path: root.path().join("a.txt"),
            ..Default::default()
        };
        let outcome = run.apply(vec![efface::redact::apply::FileEdit {
            root: &root,
            path: "a.txt".into(),
            expect,
            change: if way == Way::Mask {
                efface::redact::edit::Change::SameWidth(&mut edits)
            } else {
                efface::redact::edit::Change::Splices(&mut edits)
            },
            verify: &|_| Err(Failure::new(Reason::Unverified, "cannot publish")),
            permit: guard.permits(&context).unwrap(),
            out: None,
            counts: efface::redact::receipt::Counts::new(),
        }]);
        assert_eq!(reason(&outcome), Some(Reason::Unverified));
        assert!(run.finish().unwrap());
        assert_eq!(bench.get("a.txt"), TEXT);
        assert!(bench.left_over().is_empty());
    }
}

#[test]
fn what_takes_the_name_of_a_file_meanwhile_does_not_pass_for_done() {
    let bench = Bench::new();
    let path = bench.put("a.log", TEXT);
    let io = Io::real();
    let state = bench.state();
    let guard = Guard::load(&io, &state, 0).unwrap();
    let root = Root::open(&io, &bench.tree()).unwrap();
    let (expect, edits) = scan(&path, NEEDLE, Way::Mask);
    let (mut run, _) = Run::begin(&io, &state, &guard, &[&root], WriteOptions::default()).unwrap();
    // The log is rotated while its edits are taken.
    let mut rotated = false;
    let mut edits = edits.into_iter().map(|splice| {
        if !std::mem::replace(&mut rotated, true) {
            std::fs::rename(&path, bench.path("a.log.1")).unwrap();
            bench.put("a.log", TEXT);
        }
        Ok(splice)
    });
    let context = EditContext {
        path: root.path().join("a.log"),
        ..EditContext::default()
    };
    let outcome = run.apply(vec![FileEdit {
        root: &root,
        path: "a.log".into(),
        expect,
        change: Change::SameWidth(&mut edits),
        verify: &readable,
        permit: guard.permits(&context).unwrap(),
        out: None,
        counts: Counts::new(),
    }]);
    assert_eq!(reason(&outcome), Some(Reason::Changed));
    assert!(outcome.is_retryable(), "the new file is to be done as well");
    assert!(run.finish().unwrap(), "nothing is left for recovery");
    assert_eq!(bench.get("a.log"), TEXT);
    assert_eq!(bench.get("a.log.1"), b"call ######## and ########\n");
}
