//! R2 for the index by real deaths: the program is killed at random points of building, updating and
//! forgetting. Afterwards the index opens, every byte of it is right, it is old or new, and the next
//! run is in nobody's way. `EFFACE_KILL_POINTS=500 cargo test --test index killed` for more.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use efface::redact::io::Io;
use efface::redact::state::State;
use efface::subject::index::{Index, IndexError, Keys};

use super::library::{found, plan, who};

/// Kills of each job when nothing else is asked for.
const KILLS: u32 = 6;

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
        std::fs::create_dir(scene.at("in")).unwrap();
        for i in 0..60 {
            scene.write(&format!("{i:02}.csv"), i);
        }
        scene
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, seed: u32) {
        let mut text = "src,dst,start\n".to_owned();
        for row in 0..40 {
            let number = match (row + seed) % 13 {
                1 => "+14165550123".to_owned(),
                2 => "(416) 555-0199".to_owned(),
                3 => "647-555-0148".to_owned(),
                _ => format!("+1416555{:04}", 200 + (row * 7 + seed) % 700),
            };
            writeln!(
                text,
                "{number},16475550150,2024-05-02 10:{:02}:00",
                row % 60
            )
            .unwrap();
        }
        std::fs::write(self.at("in").join(name), text).unwrap();
    }

    fn start(&self, args: &[&str]) -> Child {
        Command::new(env!("CARGO_BIN_EXE_efface"))
            .args(args)
            .args(["--state", "state", "--index", "index"])
            .current_dir(self.folder.path())
            .env_remove("XDG_CONFIG_HOME")
            .env("HOME", self.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    /// What a run to its end ends with, and how long it takes.
    fn run(&self, args: &[&str]) -> (Option<i32>, Duration) {
        let began = Instant::now();
        let code = self.start(args).wait().unwrap().code();
        (code, began.elapsed())
    }

    /// Kills a run after a time; whether it had not ended by then.
    fn kill(&self, args: &[&str], after: Duration) -> bool {
        let began = Instant::now();
        let mut child = self.start(args);
        while began.elapsed() < after {
            if child.try_wait().unwrap().is_some() {
                return false;
            }
            std::thread::yield_now();
        }
        // One that has just ended cannot be killed.
        let _ = child.kill();
        child.wait().unwrap().code().is_none()
    }

    /// What the index alone answers; `None` where there is none.
    fn answers(&self) -> Option<Vec<String>> {
        let index = match Index::open(&Io::real(), &self.at("index"), &self.keys) {
            Err(IndexError::Missing) => return None,
            index => index.unwrap(),
        };
        let asked = who().into_iter().map(|one| {
            let mut plan = plan(&[]);
            plan.subjects = Some(one);
            match index.ask(plan.subjects.as_ref().unwrap()) {
                Ok(mut answer) => found(&plan, Some(answer.alone().unwrap())),
                Err(error) => error.to_string(),
            }
        });
        Some(asked.collect())
    }

    fn is_whole(&self) -> bool {
        let condition = Index::verify(&Io::real(), &self.at("index"), &self.keys);
        condition.is_ok_and(|condition| condition.damage.is_empty())
    }
}

fn copy(from: &Path, to: &Path) {
    let _ = std::fs::remove_dir_all(to);
    std::fs::create_dir(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

#[test]
fn killed_at_any_time_the_index_is_old_or_new() {
    let scene = Scene::new();
    assert_eq!(scene.run(&["index", "build", "in"]).0, Some(0));
    copy(&scene.at("index"), &scene.at("start"));
    // The sources go on, so that an update has all there is to do.
    for i in 0..30 {
        scene.write(&format!("{i:02}.csv"), i + 100);
    }
    scene.write("new.csv", 5);
    std::fs::remove_file(scene.at("in/59.csv")).unwrap();
    let old = scene.answers();
    let kills = std::env::var("EFFACE_KILL_POINTS").map_or(KILLS, |text| text.parse().unwrap());
    let mut died = 0;
    for args in [
        &["index", "build", "in"][..],
        &["index", "update"],
        &["index", "forget", "--subject", "416 555 0199"],
        &["index", "forget", "in/40.csv"],
    ] {
        copy(&scene.at("start"), &scene.at("index"));
        let (code, took) = scene.run(args);
        assert_eq!(code, Some(0), "{args:?}");
        let new = scene.answers();
        for kill in 0..kills {
            copy(&scene.at("start"), &scene.at("index"));
            died += u32::from(scene.kill(args, took * kill / kills));
            let now = scene.answers();
            assert!(
                now == old || now == new,
                "{args:?} killed at {kill}/{kills}"
            );
            assert!(scene.is_whole(), "{args:?} killed at {kill}/{kills}");
            if kill % 4 == 0 {
                assert_eq!(scene.run(&["index", "update"]).0, Some(0), "{args:?}");
                assert!(
                    scene.is_whole(),
                    "{args:?} killed at {kill}/{kills}, updated"
                );
            }
        }
    }
    assert!(died * 3 > kills * 4, "{died} of {} were alive", kills * 4);
}
