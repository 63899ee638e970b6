//! A tree and a state of their own for one test, and edits derived the way a scanner would.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use efface::redact::apply::{FileEdit, GroupOutcome, Run};
use efface::redact::content::Reader;
use efface::redact::edit::{Change, Splice};
use efface::redact::failure::{Failure, Outcome, Reason};
use efface::redact::guard::{EditContext, Guard};
use efface::redact::io::Io;
use efface::redact::mode::WriteOptions;
use efface::redact::place::{Identity, Root};
use efface::redact::receipt::Counts;
use efface::redact::state::State;

pub(crate) struct Bench {
    pub(crate) dir: tempfile::TempDir,
}

/// How a file is rewritten.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Way {
    /// Every needle becomes as many `#`, in place.
    Mask,
    /// Every needle becomes `[X]`.
    Label,
    Remove,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self::on(Path::new("/dev/shm"))
    }

    /// In a folder of a certain file system, else wherever temporary files go.
    pub(crate) fn on(place: &Path) -> Self {
        let dir = tempfile::tempdir_in(place)
            .or_else(|_| tempfile::tempdir())
            .unwrap();
        std::fs::create_dir(dir.path().join("tree")).unwrap();
        Self { dir }
    }

    pub(crate) fn tree(&self) -> PathBuf {
        self.dir.path().join("tree")
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.tree().join(name)
    }

    pub(crate) fn put(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let mut options = std::fs::OpenOptions::new();
        options
            .write(true)
            .create(true)
            .truncate(true)
            .open(&path)
            .unwrap()
            .write_all(bytes)
            .unwrap();
        path
    }

    pub(crate) fn get(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    pub(crate) fn state(&self) -> State {
        State::open(&Io::real(), &self.dir.path().join("state"), None).unwrap()
    }

    /// Every name beneath the tree that a run might have left.
    pub(crate) fn left_over(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut open = vec![self.tree()];
        while let Some(dir) = open.pop() {
            for entry in std::fs::read_dir(dir).unwrap() {
                let path = entry.unwrap().path();
                if path
                    .file_name()
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .starts_with(".efface")
                {
                    found.push(path.clone());
                }
                if path.symlink_metadata().unwrap().is_dir() {
                    open.push(path);
                }
            }
        }
        found
    }

    /// One run with one group of one file; scans first.
    pub(crate) fn rewrite(&self, name: &str, needle: &[u8], way: Way) -> Outcome<GroupOutcome> {
        self.rewrite_with(name, needle, way, WriteOptions::default(), &mut || ())
    }

    /// As [`Bench::rewrite`]; `between` happens after the scan and before the run.
    pub(crate) fn rewrite_with(
        &self,
        name: &str,
        needle: &[u8],
        way: Way,
        options: WriteOptions,
        between: &mut dyn FnMut(),
    ) -> Outcome<GroupOutcome> {
        let io = Io::real();
        let state = self.state();
        let guard = Guard::load(&io, &state, 0)?;
        let root = Root::open(&io, &self.tree())?;
        let (expect, edits) = scan(&self.path(name), needle, way);
        between();
        let (mut run, _) = Run::begin(&io, &state, &guard, &[&root], options)?;
        let outcome = one(&mut run, &guard, &root, name, expect, edits, way);
        run.finish()?;
        Ok(outcome)
    }
}

/// Tells another thread to stop when it goes, also by a failed assertion: a scope waits for its
/// threads, so that without this a failure would be a test that never ends.
pub(crate) struct Ends<'a>(pub(crate) &'a AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// The identity of a file and the splices for every needle in it. The file is closed again.
pub(crate) fn scan(path: &Path, needle: &[u8], way: Way) -> (Identity, Vec<Splice>) {
    let (expect, bytes) = match std::fs::File::open(path) {
        Ok(mut file) => {
            let expect = Identity::of_file(&file).unwrap();
            let mut bytes = Vec::new();
            let _ = file.read_to_end(&mut bytes);
            bytes.truncate(expect.size as usize);
            (expect, bytes)
        }
        Err(_) => (
            Identity {
                dev: 0,
                ino: 0,
                size: 0,
                mtime: 0,
                ctime: 0,
            },
            Vec::new(),
        ),
    };
    let splice = |at: usize| Splice {
        range: at as u64..(at + needle.len()) as u64,
        old: Some(needle.to_vec().into()),
        new: if way == Way::Mask {
            vec![b'#'; needle.len()].into()
        } else {
            b"[X]".to_vec().into()
        },
    };
    (
        expect,
        memchr::memmem::find_iter(&bytes, needle)
            .map(splice)
            .collect(),
    )
}

/// One group of one file.
pub(crate) fn one(
    run: &mut Run<'_>,
    guard: &Guard,
    root: &Root,
    name: &str,
    expect: Identity,
    edits: Vec<Splice>,
    way: Way,
) -> GroupOutcome {
    let mut edits = edits.into_iter().map(Ok);
    let change = match way {
        Way::Mask => Change::SameWidth(&mut edits),
        Way::Label => Change::Splices(&mut edits),
        Way::Remove => Change::Remove,
    };
    let context = EditContext {
        path: root.path().join(name),
        ..EditContext::default()
    };
    let mut counts = Counts::new();
    counts.insert(("phone".into(), "mask".into()), 1);
    run.apply(vec![FileEdit {
        root,
        path: name.into(),
        expect,
        change,
        verify: &readable,
        permit: guard.permits(&context).unwrap(),
        out: None,
        counts,
    }])
}

/// A verify that only reads everything.
pub(crate) fn readable(new: &mut Reader<'_>) -> Outcome<()> {
    std::io::copy(new, &mut std::io::sink())
        .map(drop)
        .map_err(|_| Failure::new(Reason::Io, "cannot read the new content"))
}

/// The reason of the only file of a group.
pub(crate) fn reason(outcome: &GroupOutcome) -> Option<Reason> {
    outcome.files[0].failure.map(|failure| failure.reason)
}
