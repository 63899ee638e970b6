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

    fn tree(&self) -> PathBuf {
        self.dir.path().join("tree")
    }

    pub(crate) fn put(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.tree().join(name), bytes).unwrap();
    }

    pub(crate) fn get(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.tree().join(name)).unwrap()
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

    /// What a scan of `name` tells: the lines of findings or of files.
    pub(crate) fn told(&self, kind: &str, args: &[&str]) -> Vec<serde_json::Value> {
        let mut all = vec!["scan", "--format", "jsonl", "--show-values"];
        all.extend_from_slice(args);
        let ran = self.run(&all);
        ran.out
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
            .filter(|line| line["type"] == kind)
            .collect()
    }

    /// Path and canonical value of each finding.
    pub(crate) fn findings(&self, name: &str) -> Vec<String> {
        let findings = self.told("finding", &[name]);
        let told = findings.iter().map(|line| {
            let (path, value) = (line["path"].as_str(), line["canonical"].as_str());
            format!("{} {}", path.unwrap(), value.unwrap_or("-"))
        });
        told.collect()
    }

    /// Path, format, status and reason of each source.
    pub(crate) fn sources(&self, name: &str) -> Vec<String> {
        let files = self.told("file", &[name]);
        let told = files.iter().map(|line| {
            let text = |key: &str| line[key].as_str().unwrap_or("-").to_owned();
            format!(
                "{} {} {} {}",
                text("path"),
                text("format"),
                text("status"),
                text("reason")
            )
        });
        told.collect()
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
