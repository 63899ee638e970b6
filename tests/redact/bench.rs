//! A tree and a state of their own for one test, and the program run on them.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

pub(crate) struct Bench {
    dir: tempfile::TempDir,
}

/// What a run of the program came to.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    fn of(output: &Output) -> Self {
        Self {
            code: output.status.code().unwrap(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Bench {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("tree")).unwrap();
        Self { dir }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join("tree").join(name)
    }

    pub(crate) fn put(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    pub(crate) fn get(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.dir.path().join("state")
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_efface"));
        command
            .args(args)
            .current_dir(self.dir.path().join("tree"))
            .env("XDG_STATE_HOME", self.dir.path())
            .env("HOME", self.dir.path())
            .stdin(Stdio::null());
        if !args.contains(&"--state") && args.first() != Some(&"scan") {
            command.arg("--state").arg(self.state());
        }
        command
    }

    /// Runs the program in the tree, with the state of this bench.
    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        Ran::of(&self.command(args).output().unwrap())
    }

    /// The same with something on standard input.
    pub(crate) fn run_with(&self, args: &[&str], input: &[u8]) -> Ran {
        use std::io::Write;
        let mut child = self
            .command(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_vec();
        let writer = std::thread::spawn(move || stdin.write_all(&input));
        let output = child.wait_with_output().unwrap();
        // Who leaves early is no error here.
        let _ = writer.join().unwrap();
        Ran::of(&output)
    }

    /// What the filter makes of `input` with `args`.
    pub(crate) fn filter(&self, args: &[&str], input: &[u8]) -> Vec<u8> {
        let file = self.put("../input", input);
        let output = Command::new(env!("CARGO_BIN_EXE_efface"))
            .arg("redact")
            .args(args)
            .stdin(std::fs::File::open(file).unwrap())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0));
        output.stdout
    }

    /// How many findings a scan of the tree reports.
    pub(crate) fn found(&self, args: &[&str]) -> usize {
        let mut all = vec!["scan", "--format", "jsonl"];
        all.extend(args);
        let ran = self.run(&all);
        let finding = |line: &&str| line.contains("\"type\":\"finding\"");
        ran.out.lines().filter(finding).count()
    }

    /// Names of files beside those that were put, in the tree.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        list(&self.path(""), &self.path(""), &mut names);
        names.sort();
        names
    }
}

fn list(root: &Path, folder: &Path, names: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            list(root, &path, names);
        } else {
            let name = path.strip_prefix(root).unwrap();
            names.push(name.to_string_lossy().into_owned());
        }
    }
}
