//! A folder with files, a state and a policy, and the program at work in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// The clock of every test.
pub(crate) const NOW: &str = "2024-06-01T00:00:00Z";

/// What the program said.
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

pub(crate) struct World {
    pub(crate) folder: TempDir,
}

impl World {
    pub(crate) fn new(policy: &str) -> World {
        World::within(tempfile::tempdir().unwrap(), policy)
    }

    fn within(folder: TempDir, policy: &str) -> World {
        fs::create_dir(folder.path().join("data")).unwrap();
        fs::write(folder.path().join("retention.toml"), policy).unwrap();
        World { folder }
    }

    /// The same in memory, where many files are made and nothing has to last.
    pub(crate) fn in_memory(policy: &str) -> World {
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() {
            tempfile::tempdir_in(memory).unwrap()
        } else {
            tempfile::tempdir().unwrap()
        };
        World::within(folder, policy)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("data").join(name)
    }

    pub(crate) fn put(&self, name: &str, text: impl AsRef<[u8]>) -> &World {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    pub(crate) fn text(&self, name: &str) -> String {
        String::from_utf8(fs::read(self.path(name)).unwrap()).unwrap()
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_efface"));
        command
            .current_dir(self.folder.path())
            .env("HOME", self.folder.path())
            .env("XDG_STATE_HOME", self.folder.path().join("state"))
            .env_remove("XDG_CONFIG_HOME")
            .stdin(Stdio::null())
            .args(args);
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Said {
        let output = self.command(args).output().unwrap();
        Said {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    pub(crate) fn sweep(&self, args: &[&str]) -> Said {
        let mut all = vec!["sweep", "--policy", "retention.toml", "--now", NOW];
        all.extend(args);
        all.push("data");
        self.run(&all)
    }

    pub(crate) fn apply(&self) -> Said {
        self.sweep(&["--apply"])
    }

    /// Every file with its content, by name.
    pub(crate) fn all(&self) -> Vec<(String, Vec<u8>)> {
        let mut out = Vec::new();
        collect(&self.folder.path().join("data"), "", &mut out);
        out.sort();
        out
    }
}

fn collect(folder: &Path, name: &str, out: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let below = format!("{name}/{}", entry.file_name().to_string_lossy());
        if entry.file_type().unwrap().is_dir() {
            collect(&entry.path(), &below, out);
        } else {
            out.push((below, fs::read(entry.path()).unwrap()));
        }
    }
}
