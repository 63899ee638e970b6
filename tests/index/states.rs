//! R2 and R12 for the index: wherever a run ends early the index is old or new, and a byte that is
//! not what was written is told.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use efface::redact::io::Io;
use efface::redact::io::fault::{Hook, Op, Verdict};
use efface::redact::state::State;
use efface::scan::{Progress, Recalled, ScanPlan};
use efface::subject::index::{
    Chosen, Index, IndexError, Keys, To, build, forget_source, forget_subjects, update,
};

use super::library::{found, plan, who};
use efface::detect::phone::plan::Region;
use efface::subject::Subjects;

/// Lets calls through up to a step, then nothing any more, as a death there would. A write at the
/// step is torn.
struct Dying {
    step: AtomicU64,
    at: u64,
}

impl Hook for Dying {
    fn before(&self, op: Op, len: usize) -> Verdict {
        let step = self.step.fetch_add(1, Ordering::Relaxed);
        match step.cmp(&self.at) {
            std::cmp::Ordering::Less => Verdict::Go,
            std::cmp::Ordering::Equal if op == Op::Write && len > 1 => Verdict::Short(len / 2),
            _ => Verdict::Fail(rustix::io::Errno::IO),
        }
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

struct Scene {
    folder: tempfile::TempDir,
    keys: Keys,
}

impl Scene {
    fn new() -> Scene {
        let folder = tempfile::tempdir().unwrap();
        let state = State::open(&Io::real(), &folder.path().join("state"), None).unwrap();
        let keys = Keys::of(state.key());
        let scene = Scene { folder, keys };
        std::fs::create_dir(scene.folder.path().join("in")).unwrap();
        scene.write("a.txt", "call 416-555-0123\n");
        scene.write("b.txt", "call 416-555-0199 or jane@example.com\n");
        scene
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join("in").join(name), text).unwrap();
        // What is known of a file only counts once it cannot change within the same tick.
        super::tick(self.folder.path());
    }

    fn to<'a>(&'a self, io: &'a Io, folder: &'a Path) -> To<'a> {
        To {
            io,
            folder,
            keys: &self.keys,
            dry_run: false,
        }
    }

    /// What the index alone answers, by identifier.
    fn answers(&self, index: &Path) -> Vec<String> {
        let index = Index::open(&Io::real(), index, &self.keys).unwrap();
        let asked = who().into_iter().map(|one| {
            let mut plan = plan(&[]);
            plan.subjects = Some(one);
            match index.ask(plan.subjects.as_ref().unwrap()) {
                Ok(mut answer) => found(&plan, Some(answer.alone().unwrap())),
                Err(error) => error.to_string(),
            }
        });
        asked.collect()
    }

    fn is_whole(&self, index: &Path) -> bool {
        let condition = Index::verify(&Io::real(), index, &self.keys).unwrap();
        condition.damage.is_empty()
    }
}

/// Something that writes to an index.
type Job<'a> = (
    &'a str,
    Box<dyn Fn(&Io, &Path) -> Result<(), IndexError> + 'a>,
);

#[test]
fn a_run_that_ends_anywhere_leaves_the_index_old_or_new() {
    let scene = Scene::new();
    let at = |name: &str| scene.folder.path().join(name);
    let source = at("in");
    let real = Io::real();
    let all = plan(&[&source]);
    let start = at("start");
    build(
        &scene.to(&real, &start),
        &all,
        Chosen::default(),
        &Progress::default(),
    )
    .unwrap();
    // The sources go on, so that an update has all there is to do.
    scene.write("b.txt", "call 647-555-0148\n");
    scene.write("c.txt", "call 416-555-0123\n");
    std::fs::remove_file(source.join("a.txt")).unwrap();
    let someone = who().remove(1);
    let progress = Progress::default();
    let jobs: [Job<'_>; 4] = [
        (
            "build",
            Box::new(|io, index| {
                build(&scene.to(io, index), &all, Chosen::default(), &progress).map(drop)
            }),
        ),
        (
            "update",
            Box::new(|io, index| update(&scene.to(io, index), &all, &progress).map(drop)),
        ),
        (
            "forget",
            Box::new(|io, index| forget_subjects(io, index, &scene.keys, &someone).map(drop)),
        ),
        (
            "drop",
            Box::new(|io, index| {
                forget_source(io, index, &scene.keys, &source.join("b.txt")).map(drop)
            }),
        ),
    ];
    let old = scene.answers(&start);
    let mut points = 0;
    for (name, job) in &jobs {
        let whole = at(&format!("{name}-whole"));
        copy(&start, &whole);
        job(&real, &whole).unwrap();
        let new = scene.answers(&whole);
        for step in 0.. {
            let index = at("dying");
            copy(&start, &index);
            let io = Io::with_hook(Box::new(Dying {
                step: AtomicU64::new(0),
                at: step,
            }));
            let ended = job(&io, &index);
            assert!(scene.is_whole(&index), "{name} at {step}");
            let now = scene.answers(&index);
            assert!(now == old || now == new, "{name} at {step}");
            if ended.is_ok() {
                assert_eq!(now, new, "{name} says it is done at {step}");
            }
            // What it left is in nobody's way.
            update(&scene.to(&real, &index), &all, &progress).unwrap();
            assert!(scene.is_whole(&index), "{name} at {step}, updated");
            let names = std::fs::read_dir(&index).unwrap();
            assert!(names.count() <= 3 + 4, "{name} at {step} left files");
            std::fs::remove_dir_all(&index).unwrap();
            points += 1;
            // Up to the end, where nothing is left to die of.
            if ended.is_ok() {
                break;
            }
        }
    }
    assert!(points > 100, "{points}");
}

#[test]
fn a_first_build_that_ends_anywhere_leaves_no_index_or_a_whole_one() {
    let scene = Scene::new();
    let all = plan(&[&scene.folder.path().join("in")]);
    for step in 0.. {
        let index = scene.folder.path().join(format!("index-{step}"));
        let io = Io::with_hook(Box::new(Dying {
            step: AtomicU64::new(0),
            at: step,
        }));
        let to = scene.to(&io, &index);
        let ended = build(&to, &all, Chosen::default(), &Progress::default());
        match Index::open(&Io::real(), &index, &scene.keys) {
            Ok(_) => assert!(scene.is_whole(&index)),
            Err(IndexError::Missing) => assert!(ended.is_err()),
            Err(error) => panic!("at {step}: {error}"),
        }
        if ended.is_ok() {
            break;
        }
    }
}

#[test]
fn what_was_somebodys_for_a_time_is_told_without_reading_other_years() {
    let scene = Scene::new();
    for year in [2022, 2023, 2024] {
        let text = format!("src,dst,start\n4165550123,6475550148,{year}-05-02 10:00:00\n");
        scene.write(&format!("{year}.csv"), &text);
    }
    // A year that is not written may be any.
    scene.write(
        "app.log",
        "May  2 10:00:00 host sip: INVITE sip:+14165550123@example.com\n",
    );
    let index = scene.folder.path().join("index");
    let real = Io::real();
    let all = plan(&[&scene.folder.path().join("in")]);
    let progress = Progress::default();
    build(&scene.to(&real, &index), &all, Chosen::default(), &progress).unwrap();
    let index = Index::open(&real, &index, &scene.keys).unwrap();
    let us = [Region::parse("US").unwrap()];
    let day = |text: &str| (text == "2023-01-01").then_some(1_672_531_200);
    for (span, sources) in [
        ("", 5),
        (",\"from\":\"2023-01-01\"", 4),
        (",\"to\":\"2023-01-01\"", 3),
    ] {
        let line = format!("{{\"id\":\"a\",\"identifiers\":[\"416 555 0123\"]{span}}}");
        let mut who = Subjects::default();
        who.add_many(&line, &us, day).unwrap();
        // a.txt and app.log tell no time that stays.
        assert_eq!(index.ask(&who).unwrap().sources(), sources, "{span}");
    }
}

#[test]
fn after_an_erasure_the_index_holds_nothing_of_the_person() {
    let scene = Scene::new();
    let at = |name: &str| scene.folder.path().join(name);
    let run = |args: &[&str]| {
        let ran = std::process::Command::new(env!("CARGO_BIN_EXE_efface"))
            .args(args)
            .args(["--state", "state"])
            .current_dir(scene.folder.path())
            .output()
            .unwrap();
        assert_eq!(ran.status.code(), Some(0), "{args:?}: {ran:?}");
    };
    scene.write("held.txt", "416-555-0123 as well\n");
    run(&["index", "build", "in"]);
    let index = || Index::open(&Io::real(), &at("state/index"), &scene.keys).unwrap();
    let jane = who().remove(0);
    assert_eq!(index().ask(&jane).unwrap().sources(), 2);
    run(&["erase", "--subject", "416 555 0123", "--apply", "in/a.txt"]);
    // What was not erased is still told; of what was, nothing is left.
    assert_eq!(index().ask(&jane).unwrap().sources(), 1);
    assert!(scene.is_whole(&at("state/index")));
    run(&["index", "update"]);
    assert_eq!(index().ask(&jane).unwrap().sources(), 1);
    assert!(scene.is_whole(&at("state/index")));
}

/// A POSIX tar archive (IEEE 1003.1, ustar).
fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, content) in members {
        let mut header = [0; 512];
        let size = format!("{:011o}\0", content.len());
        for (at, bytes) in [
            (0, name.as_bytes()),
            (100, b"0000600\0"),
            (108, b"0000000\0"),
            (116, b"0000000\0"),
            (124, size.as_bytes()),
            (136, b"00000000000\0"),
            (148, b"        "),
            (156, b"0"),
            (257, b"ustar\x0000"),
        ] {
            header[at..at + bytes.len()].copy_from_slice(bytes);
        }
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        out.extend_from_slice(&header);
        out.extend_from_slice(content);
        out.resize(out.len().next_multiple_of(512), 0);
    }
    out.resize(out.len() + 1024, 0);
    out
}

#[test]
fn an_archive_that_is_as_it_was_is_not_read_for_who_is_not_in_it() {
    let scene = Scene::new();
    let source = scene.folder.path().join("in");
    let text = b"src,dst\n4165550123,6475550150\n";
    let members = [("a.csv", &text[..]), ("b.csv", &text[..])];
    std::fs::write(source.join("old.tar"), tar(&members)).unwrap();
    let (index, real) = (scene.folder.path().join("index"), Io::real());
    let all = plan(&[&source]);
    let progress = Progress::default();
    build(&scene.to(&real, &index), &all, Chosen::default(), &progress).unwrap();
    // What changed in the same tick of the clock is read again; another run is later.
    while update(&scene.to(&real, &index), &all, &progress)
        .unwrap()
        .read
        > 0
    {}
    let index = Index::open(&real, &index, &scene.keys).unwrap();
    for (who, held) in who().into_iter().zip([true, false, false, false, false]) {
        let looked_for = ScanPlan {
            subjects: Some(who),
            ..all.clone()
        };
        let mut answer = index.ask(looked_for.subjects.as_ref().unwrap()).unwrap();
        let memo = answer.over(&all.roots).unwrap();
        let recalled = memo.known.recall(&source.join("old.tar"));
        assert_eq!(matches!(recalled, Recalled::Nothing(_)), !held);
        assert_eq!(found(&looked_for, Some(memo)), found(&looked_for, None));
    }
}

#[test]
fn a_byte_that_differs_anywhere_is_told() {
    let scene = Scene::new();
    let index = scene.folder.path().join("index");
    let real = Io::real();
    let all = plan(&[&scene.folder.path().join("in")]);
    build(
        &scene.to(&real, &index),
        &all,
        Chosen::default(),
        &Progress::default(),
    )
    .unwrap();
    let right = scene.answers(&index);
    let mut flipped = 0;
    for entry in std::fs::read_dir(&index).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        // Every byte of what is small; of the catalogue, which one digest covers, many.
        let step = if bytes.len() > 8_192 { 251 } else { 1 };
        for at in (0..bytes.len()).step_by(step) {
            let mut wrong = bytes.clone();
            wrong[at] ^= 1 << (at % 8);
            std::fs::write(&path, &wrong).unwrap();
            match Index::verify(&real, &index, &scene.keys) {
                Ok(condition) => assert!(!condition.damage.is_empty(), "{path:?} at {at}"),
                Err(IndexError::Key | IndexError::Version) => {}
                Err(error) => panic!("{path:?} at {at}: {error}"),
            }
            flipped += 1;
        }
        for cut in [0, 1, bytes.len() / 2, bytes.len().saturating_sub(1)] {
            if cut < bytes.len() {
                std::fs::write(&path, &bytes[..cut]).unwrap();
                let condition = Index::verify(&real, &index, &scene.keys);
                assert!(
                    condition.is_ok_and(|one| !one.damage.is_empty()),
                    "{path:?} cut at {cut}"
                );
            }
        }
        std::fs::write(&path, &bytes).unwrap();
    }
    assert!(flipped > 800, "{flipped}");
    assert_eq!(scene.answers(&index), right);
}
