//! A tree and a state of their own for one test, and the programs run on them.

use std::path::PathBuf;
use std::process::{Command, Stdio};

pub(crate) struct Bench {
    dir: tempfile::TempDir,
}

/// What a run of the program came to.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("tree")).unwrap();
        Self { dir }
    }

    pub(crate) fn tree(&self) -> PathBuf {
        self.dir.path().join("tree")
    }

    /// Everything in the tree by its name.
    pub(crate) fn files(&self) -> Vec<(String, Vec<u8>)> {
        let mut files: Vec<_> = std::fs::read_dir(self.tree())
            .unwrap()
            .map(|entry| {
                let entry = entry.unwrap();
                let name = entry.file_name().into_string().unwrap();
                (name, std::fs::read(entry.path()).unwrap())
            })
            .collect();
        files.sort();
        files
    }

    /// Runs the program in the tree.
    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_efface"));
        command
            .args(args)
            .current_dir(self.tree())
            .env("XDG_STATE_HOME", self.dir.path())
            .env("HOME", self.dir.path())
            .stdin(Stdio::null());
        let output = command.output().unwrap();
        Ran {
            code: output.status.code().unwrap(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// The lines of this type that a scan of `name` gives.
    pub(crate) fn scan(&self, name: &str, kind: &str) -> Vec<serde_json::Value> {
        let ran = self.run(&["scan", "--format", "jsonl", "--show-values", name]);
        let lines = ran.out.lines();
        lines
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
            .filter(|line| line["type"] == kind)
            .collect()
    }

    /// What Python prints for a script with arguments; `None`, said so, where there is none.
    pub(crate) fn python(&self, args: &[&str]) -> Option<String> {
        let mut command = Command::new("python3");
        command.arg("-c").args(args).current_dir(self.tree());
        match command.output() {
            Ok(output) => {
                let error = String::from_utf8_lossy(&output.stderr).into_owned();
                assert!(output.status.success(), "{error}");
                Some(
                    String::from_utf8_lossy(&output.stdout)
                        .trim_end()
                        .to_owned(),
                )
            }
            Err(error) => {
                assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
                #[allow(clippy::print_stderr, reason = "who runs the tests is told")]
                {
                    eprintln!("python3 is missing: the independent reader was not asked");
                }
                None
            }
        }
    }
}
