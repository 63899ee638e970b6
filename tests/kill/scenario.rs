//! What is done to which files, and what each may be afterwards. The expected contents are
//! written here by hand-made rules, never by the engine.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use efface::redact::apply::{FileEdit, GroupOutcome, Run};
use efface::redact::content::Reader;
use efface::redact::edit::{Change, Splice};
use efface::redact::failure::{Failure, Outcome};
use efface::redact::guard::{EditContext, Guard};
use efface::redact::io::Io;
use efface::redact::mode::WriteOptions;
use efface::redact::place::{Identity, Root};
use efface::redact::state::State;

/// Names and contents beneath the tree.
pub(crate) type Tree = BTreeMap<PathBuf, Vec<u8>>;

/// One file of a group.
pub(crate) enum Deed {
    /// Every `555-01xx` gets `###-####`, in place.
    Mask(&'static str),
    /// Every `555-01xx` gets `[PHONE]`.
    Label(&'static str),
    /// The content is produced anew, in upper case.
    Produce(&'static str),
    /// A staged copy gets a line appended through its path.
    Stage(&'static str),
    /// The new file is built at any place of it, its end first, as a database is.
    Build(&'static str),
    /// A labelled copy beneath `out/`.
    CopyOut(&'static str),
    Remove(&'static str),
    Rename(&'static str, &'static str),
}

pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) tree: fn() -> Tree,
    /// Groups in order.
    pub(crate) groups: fn() -> Vec<Vec<Deed>>,
}

fn tree(files: &[(&str, Vec<u8>)]) -> Tree {
    files
        .iter()
        .map(|(name, bytes)| (PathBuf::from(name), bytes.clone()))
        .collect()
}

fn csv(rows: usize) -> Vec<u8> {
    let mut text = b"id,caller,note\r\n".to_vec();
    for row in 0..rows {
        text.extend(format!("{row},555-01{:02},\"call, {row}\"\r\n", row % 100).bytes());
    }
    text
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn transcript() -> Vec<u8> {
    b"WEBVTT\n\n00:00.000 --> 00:02.000\nplease call 555-0123\n".to_vec()
}

pub(crate) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "overwrite csv",
        tree: || tree(&[("a.csv", csv(40))]),
        groups: || vec![vec![Deed::Mask("a.csv")]],
    },
    Scenario {
        name: "overwrite, several blocks",
        tree: || tree(&[("deep/er/big.log", csv(13_000))]),
        groups: || vec![vec![Deed::Mask("deep/er/big.log")]],
    },
    Scenario {
        name: "swap csv",
        tree: || tree(&[("a.csv", csv(40))]),
        groups: || vec![vec![Deed::Label("a.csv")]],
    },
    Scenario {
        name: "swap utf-16",
        tree: || tree(&[("a.txt", utf16("tel 555-0111 or 555-0112\r\n"))]),
        groups: || vec![vec![Deed::Label("a.txt")]],
    },
    Scenario {
        name: "swap json lines, several writes",
        tree: || {
            tree(&[(
                "a.jsonl",
                b"{\"tel\":\"555-0142\",\"n\":1}\n".repeat(12_000),
            )])
        },
        groups: || vec![vec![Deed::Label("a.jsonl")]],
    },
    Scenario {
        name: "rebuild",
        tree: || tree(&[("a.gz", csv(30))]),
        groups: || vec![vec![Deed::Produce("a.gz")]],
    },
    Scenario {
        name: "transaction on a staged copy",
        tree: || tree(&[("a.db", csv(30))]),
        groups: || vec![vec![Deed::Stage("a.db")]],
    },
    Scenario {
        name: "group: a database built anew, its log and shared memory removed",
        tree: || {
            tree(&[
                ("m.db", csv(200)),
                ("m.db-shm", vec![7; 32 << 10]),
                ("m.db-wal", csv(60)),
            ])
        },
        groups: || {
            vec![vec![
                Deed::Remove("m.db-wal"),
                Deed::Remove("m.db-shm"),
                Deed::Build("m.db"),
            ]]
        },
    },
    Scenario {
        name: "group: rows and transcript swapped",
        tree: || tree(&[("cdr.csv", csv(20)), ("t/call.vtt", transcript())]),
        groups: || vec![vec![Deed::Label("cdr.csv"), Deed::Label("t/call.vtt")]],
    },
    Scenario {
        name: "group: rows overwritten, transcript swapped",
        tree: || tree(&[("cdr.csv", csv(20)), ("call.vtt", transcript())]),
        groups: || vec![vec![Deed::Mask("cdr.csv"), Deed::Label("call.vtt")]],
    },
    Scenario {
        name: "group: both overwritten",
        tree: || tree(&[("cdr.csv", csv(20)), ("call.vtt", transcript())]),
        groups: || vec![vec![Deed::Mask("cdr.csv"), Deed::Mask("call.vtt")]],
    },
    Scenario {
        name: "group: removed and renamed",
        tree: || {
            tree(&[
                ("gone.wav", csv(3)),
                ("5550123.wav", csv(4)),
                ("b.csv", csv(5)),
            ])
        },
        groups: || {
            vec![vec![
                Deed::Remove("gone.wav"),
                Deed::Rename("5550123.wav", "0000000.wav"),
                Deed::Label("b.csv"),
            ]]
        },
    },
    Scenario {
        name: "group: renamed, and the reference to it overwritten",
        tree: || {
            tree(&[
                ("5550123.wav", csv(4)),
                ("5550124.wav", csv(3)),
                ("b.csv", csv(5)),
            ])
        },
        groups: || {
            vec![
                vec![
                    Deed::Rename("5550123.wav", "0000000.wav"),
                    Deed::Mask("b.csv"),
                ],
                vec![Deed::Rename("5550124.wav", "0000001.wav")],
            ]
        },
    },
    Scenario {
        name: "group: a recording and its transcript removed, and the references overwritten",
        tree: || {
            tree(&[
                ("gone.wav", csv(3)),
                ("gone.vtt", transcript()),
                ("cdr.csv", csv(5)),
                ("list.txt", csv(2)),
            ])
        },
        groups: || {
            vec![vec![
                Deed::Remove("gone.wav"),
                Deed::Remove("gone.vtt"),
                Deed::Mask("cdr.csv"),
                Deed::Mask("list.txt"),
            ]]
        },
    },
    Scenario {
        name: "copies elsewhere",
        tree: || tree(&[("a.csv", csv(9)), ("sub/b.vtt", transcript())]),
        groups: || vec![vec![Deed::CopyOut("a.csv"), Deed::CopyOut("sub/b.vtt")]],
    },
    Scenario {
        name: "three groups",
        tree: || tree(&[("a.csv", csv(3)), ("b.csv", csv(4)), ("c.csv", csv(5))]),
        groups: || {
            vec![
                vec![Deed::Label("a.csv")],
                vec![Deed::Mask("b.csv")],
                vec![Deed::Label("c.csv")],
            ]
        },
    },
];

/// Where the telephone numbers are: `555-01` and two digits, in ASCII or UTF-16.
fn numbers(bytes: &[u8]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for (needle, len) in [(b"555-01".to_vec(), 8), (utf16("555-01"), 16)] {
        found.extend(memchr::memmem::find_iter(bytes, &needle).map(|at| (at, at + len)));
    }
    found.sort_unstable();
    found
}

fn replacement(range: (usize, usize), same_width: bool) -> Vec<u8> {
    let wide = range.1 - range.0 == 16;
    match (same_width, wide) {
        (true, false) => b"###-####".to_vec(),
        (true, true) => utf16("###-####"),
        (false, false) => b"[PHONE]".to_vec(),
        (false, true) => utf16("[PHONE]"),
    }
}

fn rewritten(bytes: &[u8], same_width: bool) -> Vec<u8> {
    let mut out = Vec::new();
    let mut at = 0;
    for range in numbers(bytes) {
        out.extend_from_slice(&bytes[at..range.0]);
        out.extend(replacement(range, same_width));
        at = range.1;
    }
    out.extend_from_slice(&bytes[at..]);
    out
}

/// The two halves of what [`Deed::Build`] builds.
const BUILT_HEAD: &[u8] = &[b'h'; 5000];
const BUILT_TAIL: &[u8] = &[b't'; 3000];
const STAGED_LINE: &[u8] = b"-- vacuumed --\n";

/// What one deed makes of the tree.
fn carry_out(deed: &Deed, tree: &mut Tree) {
    let get = |tree: &Tree, name: &str| tree[Path::new(name)].clone();
    match deed {
        Deed::Mask(name) => {
            let new = rewritten(&get(tree, name), true);
            tree.insert(PathBuf::from(name), new);
        }
        Deed::Label(name) => {
            let new = rewritten(&get(tree, name), false);
            tree.insert(PathBuf::from(name), new);
        }
        Deed::Produce(name) => {
            let new = get(tree, name).to_ascii_uppercase();
            tree.insert(PathBuf::from(name), new);
        }
        Deed::Stage(name) => {
            let new = [get(tree, name).as_slice(), STAGED_LINE].concat();
            tree.insert(PathBuf::from(name), new);
        }
        Deed::Build(name) => {
            let new = [BUILT_HEAD, BUILT_TAIL].concat();
            tree.insert(PathBuf::from(name), new);
        }
        Deed::CopyOut(name) => {
            let new = rewritten(&get(tree, name), false);
            tree.insert(Path::new("out").join(name), new);
        }
        Deed::Remove(name) => drop(tree.remove(Path::new(name))),
        Deed::Rename(from, to) => {
            let moved = tree.remove(Path::new(from)).unwrap();
            tree.insert(PathBuf::from(to), moved);
        }
    }
}

impl Scenario {
    /// Every tree that a kill may leave: the old one, and the one after each group.
    pub(crate) fn allowed(&self) -> Vec<Tree> {
        let groups = (self.groups)().len();
        (0..=groups)
            .map(|done| self.after(|group| group < done))
            .collect()
    }

    /// The tree in which the groups are done that `done` says, and no other.
    pub(crate) fn after(&self, done: impl Fn(usize) -> bool) -> Tree {
        let mut now = (self.tree)();
        for (at, group) in (self.groups)().iter().enumerate() {
            for deed in group.iter().filter(|_| done(at)) {
                carry_out(deed, &mut now);
            }
        }
        now
    }

    /// Puts the old tree on disk.
    pub(crate) fn set_up(&self, base: &Path) {
        let root = base.join("tree");
        std::fs::create_dir_all(root.join("out")).unwrap();
        for (name, bytes) in (self.tree)() {
            let path = root.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::OpenOptions::new()
                .write(true)
                .create_new(true)
                .open(&path)
                .unwrap()
                .write_all(&bytes)
                .unwrap();
        }
    }

    /// The whole run, as a subcommand would do it. Gives the outcome of every group.
    pub(crate) fn run(&self, io: &Io, base: &Path) -> Outcome<Vec<GroupOutcome>> {
        let state = State::open(io, &base.join("state"), None)?;
        let guard = Guard::load(io, &state, 0)?;
        let root = Root::open(io, &base.join("tree"))?;
        let out = Root::open(io, &base.join("tree/out"))?;
        let options = WriteOptions::default();
        let (mut run, _) = Run::begin(io, &state, &guard, &[&root], options)?;
        let mut outcomes = Vec::new();
        for group in (self.groups)() {
            outcomes.push(apply(&mut run, &guard, &root, &out, &group)?);
        }
        run.finish()?;
        Ok(outcomes)
    }
}

/// Derives the edits of one group, as a scanner would, and applies them.
pub(crate) fn apply(
    run: &mut Run<'_>,
    guard: &Guard,
    root: &Root,
    out: &Root,
    group: &[Deed],
) -> Outcome<GroupOutcome> {
    let mut splices: Vec<_> = Vec::new();
    let mut sources = Vec::new();
    for deed in group {
        let (name, same_width) = match deed {
            Deed::Mask(name) => (name, true),
            Deed::Label(name)
            | Deed::Produce(name)
            | Deed::Stage(name)
            | Deed::Build(name)
            | Deed::CopyOut(name)
            | Deed::Remove(name)
            | Deed::Rename(name, _) => (name, false),
        };
        let gone = |error: std::io::Error| {
            let errno = error.raw_os_error().unwrap_or(5);
            Failure::system(rustix::io::Errno::from_raw_os_error(errno), "cannot scan")
        };
        let file = std::fs::File::open(root.path().join(name)).map_err(gone)?;
        let expect = Identity::of_file(&file).map_err(gone)?;
        let mut bytes = vec![0; expect.size as usize];
        file.read_exact_at(&mut bytes, 0).map_err(gone)?;
        let edits: Vec<Outcome<Splice>> = numbers(&bytes)
            .into_iter()
            .map(|range| {
                Ok(Splice {
                    range: range.0 as u64..range.1 as u64,
                    old: Some(bytes[range.0..range.1].to_vec().into()),
                    new: replacement(range, same_width).into(),
                })
            })
            .collect();
        splices.push(edits.into_iter());
        sources.push((PathBuf::from(name), expect));
    }
    let mut produce = |old: &mut Reader<'_>, new: &mut dyn Write| -> std::io::Result<()> {
        let mut bytes = Vec::new();
        old.read_to_end(&mut bytes)?;
        new.write_all(&bytes.to_ascii_uppercase())
    };
    let mut stage = |path: &Path| -> std::io::Result<()> {
        std::fs::OpenOptions::new()
            .append(true)
            .open(path)?
            .write_all(STAGED_LINE)
    };
    let mut build = |new: &std::os::fd::OwnedFd| -> Outcome<()> {
        let written = new.try_clone().map(std::fs::File::from).and_then(|file| {
            file.write_all_at(BUILT_TAIL, BUILT_HEAD.len() as u64)?;
            file.write_all_at(BUILT_HEAD, 0)
        });
        let io = efface::redact::failure::Reason::Io;
        written.map_err(|_| Failure::new(io, "cannot build"))
    };
    let mut edits = Vec::new();
    let verify = |new: &mut Reader<'_>| {
        let mut bytes = Vec::new();
        new.read_to_end(&mut bytes).map(drop).map_err(|error| {
            error
                .get_ref()
                .and_then(|inner| inner.downcast_ref::<Failure>())
                .copied()
                .unwrap_or(Failure::new(
                    efface::redact::failure::Reason::Io,
                    "cannot verify",
                ))
        })
    };
    let mut produce = Some(&mut produce);
    let mut stage = Some(&mut stage);
    let mut build = Some(&mut build);
    for ((deed, splices), (path, expect)) in group.iter().zip(&mut splices).zip(sources) {
        let change = match deed {
            Deed::Mask(_) => Change::SameWidth(splices),
            Deed::Label(_) | Deed::CopyOut(_) => Change::Splices(splices),
            Deed::Produce(_) => Change::Produce(produce.take().unwrap()),
            Deed::Stage(_) => Change::Stage(stage.take().unwrap()),
            Deed::Build(_) => Change::Build(build.take().unwrap()),
            Deed::Remove(_) => Change::Remove,
            Deed::Rename(_, to) => Change::Rename((*to).into()),
        };
        let context = EditContext {
            path: root.path().join(&path),
            ..EditContext::default()
        };
        edits.push(FileEdit {
            root,
            out: matches!(deed, Deed::CopyOut(_)).then(|| (out, path.clone())),
            path,
            expect,
            change,
            verify: &verify,
            permit: guard.permits(&context).unwrap(),
            counts: efface::redact::receipt::Counts::new(),
        });
    }
    Ok(run.apply(edits))
}
