//! A whole sweep that dies at a system call of the write path: what goes with a record has gone
//! with it or stands as it stood, and the next sweep ends as one that nobody killed.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use efface::entity::EntitySet;
use efface::finding::Confidence;
use efface::redact::files::{FileDone, Told, Totals};
use efface::redact::io::Io;
use efface::redact::mode::WriteOptions;
use efface::redact::recover::recover;
use efface::redact::state::State;
use efface::retain::policy::Policy;
use efface::retain::{Budget, Sweep, sweep_on};
use efface::scan::{Progress, Root, ScanPlan, Selection, SinkError};

use crate::scenario::Tree;
use crate::{Counter, read_tree, spawn};

const POLICY: &str = "version = 1\n[[rule]]\nid = \"calls\"\nmatch = { paths = [\"cdr/**\"] }\n\
    max_age = \"18 months\"\naction = \"erase\"\ncascade = [\"rec/**\", \"text/**\"]\n\
    [[rule]]\nid = \"file\"\nmatch = { paths = [\"whole/**\"] }\nmax_age = \"18 months\"\n\
    action = \"delete-file\"\ncascade = [\"rec/**\", \"text/**\"]\n";

/// 2024-06-01.
const NOW: i64 = 1_717_200_000;
const OLD: &str = "2020-01-01 10:00:00";
const NEW: &str = "2024-05-01 10:00:00";
/// Calls of the world; those beneath `GOING` are due, with every record that names them.
const CALLS: usize = 8;
const GOING: usize = 6;

fn id(call: usize) -> String {
    format!("1577872800.{call}9")
}

fn row(call: usize, at: &str) -> String {
    format!("4165550123,{at},{},x\n", id(call))
}

/// The world: rows of calls in tables of each kind, and the files of each call.
fn set_up(base: &Path) {
    let root = base.join("tree");
    let put = |name: &str, bytes: &[u8]| {
        let path = root.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let mut file = std::fs::OpenOptions::new();
        let mut file = file.write(true).create_new(true).open(path).unwrap();
        file.write_all(bytes).unwrap();
    };
    let head = "caller,start_time,uniqueid,note\n".to_owned();
    // The last two calls have a leg that is not due.
    let legs: String = [row(6, OLD), row(6, NEW), row(7, NEW)].concat();
    let plain = [&*row(0, OLD), &*row(1, OLD), &*legs, &*row(0, OLD)].concat();
    put("cdr/a.csv", (head.clone() + &plain).as_bytes());
    let packed = head.clone() + &[row(1, OLD), row(2, OLD), row(7, NEW)].concat();
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(packed.as_bytes()).unwrap();
    put("cdr/b.csv.gz", &out.finish().unwrap());
    let line = |call, at| {
        format!(
            "{{\"start_time\":\"{at}\",\"uniqueid\":\"{}\"}}\n",
            id(call)
        )
    };
    put(
        "cdr/c.jsonl",
        [line(3, OLD), line(2, OLD), line(6, OLD)]
            .concat()
            .as_bytes(),
    );
    put(
        "whole/d.csv",
        (head + &[row(4, OLD), row(3, OLD)].concat()).as_bytes(),
    );
    std::fs::create_dir_all(root.join("cdr")).unwrap();
    let db = rusqlite::Connection::open(root.join("cdr/e.db")).unwrap();
    db.execute_batch(
        "CREATE TABLE cdr(id INTEGER PRIMARY KEY, calldate TEXT, src TEXT, uniqueid TEXT)",
    )
    .unwrap();
    for (call, at) in [(4, OLD), (5, OLD), (7, NEW)] {
        db.execute(
            "INSERT INTO cdr(calldate, src, uniqueid) VALUES (?, '4165550123', ?)",
            (at, id(call)),
        )
        .unwrap();
    }
    drop(db);
    for call in 0..CALLS {
        put(&format!("rec/{}.wav", id(call)), &[b's'; 3000]);
        put(&format!("rec/{}.peaks", id(call)), b"\x01\x02\0\xff");
        put(&format!("text/{}.json", id(call)), b"{\"text\":\"hello\"}");
    }
}

struct Nobody;

impl Told for Nobody {
    fn file(&mut self, _: &FileDone) -> Result<(), SinkError> {
        Ok(())
    }

    fn totals(&mut self, _: &Totals) -> Result<(), SinkError> {
        Ok(())
    }
}

/// Sweeps the world; whether everything was done.
pub(crate) fn sweep(io: &Io, base: &Path) -> bool {
    let order = Sweep {
        policy: Policy::parse(Path::new("retention.toml"), POLICY).unwrap(),
        scan: ScanPlan {
            roots: vec![Root::Path(base.join("tree"))],
            regions: vec!["US".to_owned()],
            entities: EntitySet::all(),
            min_confidence: Confidence(50),
            as_format: None,
            selection: Selection::default(),
            accept_unread: efface::scan::AcceptUnread::default(),
            threads: NonZeroUsize::MIN,
            show_values: false,
            subjects: None,
            lists: efface::lists::Lists::default(),
            rules: None,
        },
        apply: true,
        now: NOW,
        budget: Budget::default(),
        write: WriteOptions::default(),
        state: base.join("state"),
        key_file: None,
    };
    let done = sweep_on(io, order, &mut Nobody, &Progress::default());
    done.is_ok_and(|(swept, _)| swept.totals.incomplete == 0 && !swept.totals.unfinished)
}

/// Every file as what is in it, unpacked; of a database its rows.
fn tree(base: &Path) -> Tree {
    let root = base.join("tree");
    let mut tree = Tree::new();
    read_tree(&root, Path::new(""), &mut tree);
    for (name, bytes) in &mut tree {
        let ending = name.extension().unwrap_or_default();
        if ending == "gz" {
            let mut text = Vec::new();
            let read = flate2::read::MultiGzDecoder::new(&bytes[..]).read_to_end(&mut text);
            read.unwrap();
            *bytes = text;
        } else if ending == "db" {
            let db = rusqlite::Connection::open(root.join(name)).unwrap();
            let mut all = db.prepare("SELECT uniqueid FROM cdr ORDER BY id").unwrap();
            let ids = all.query_map([], |row| row.get::<_, String>(0)).unwrap();
            *bytes = ids
                .map(|id| id.unwrap() + "\n")
                .collect::<String>()
                .into_bytes();
        }
    }
    tree
}

/// How often the id of a call stands in any record or name.
fn traces(tree: &Tree, call: usize) -> usize {
    let id = id(call);
    let within = |bytes: &[u8]| memchr::memmem::find_iter(bytes, &id).count();
    let names = tree
        .keys()
        .filter(|name| name.to_str().unwrap().contains(&id));
    names.count() + tree.values().map(|bytes| within(bytes)).sum::<usize>()
}

/// Kills a sweep at some of its steps, of which there are as many as asked; what was wrong.
pub(crate) fn campaign(base: &Path, goal: usize) -> Vec<String> {
    let fresh = || {
        if base.exists() {
            std::fs::remove_dir_all(base).unwrap();
        }
        set_up(base);
    };
    fresh();
    let before = tree(base);
    let count = Arc::new(AtomicU64::new(0));
    let lived = sweep(&Io::with_hook(Box::new(Counter(count.clone()))), base);
    let (want, steps) = (tree(base), count.load(Ordering::Relaxed));
    let mut wrong = Vec::new();
    let gone: Vec<bool> = (0..CALLS).map(|call| traces(&want, call) == 0).collect();
    if !lived || gone != (0..CALLS).map(|call| call < GOING).collect::<Vec<bool>>() {
        wrong.push(format!("the sweep that nobody killed: {lived} {gone:?}"));
    }
    let points = 2 * steps as usize;
    let stride = points.div_ceil(goal.max(1)).max(1);
    // Not all even ones where every second is a torn write.
    let stride = if stride > 1 { stride | 1 } else { 1 };
    let mut ends: BTreeMap<bool, usize> = BTreeMap::new();
    let mut killed = 0;
    for point in (0..points).step_by(stride) {
        let (at, tear) = (point as u64 / 2 + 1, point % 2 == 1);
        fresh();
        killed += usize::from(spawn("sweep", 0, at, tear, base) == Some(true));
        let state = State::open(&Io::real(), &base.join("state"), None);
        let recovered = state.and_then(|state| recover(&Io::real(), &state));
        if !recovered.is_ok_and(|done| done.stuck.is_empty()) {
            wrong.push(format!("step {at}: recovery"));
        }
        let now = tree(base);
        for call in 0..CALLS {
            let (has, had) = (traces(&now, call), traces(&before, call));
            if has != 0 && has != had {
                wrong.push(format!(
                    "step {at} {tear}: call {call} is half gone: {has} of {had}"
                ));
            }
        }
        *ends.entry(traces(&now, 0) == 0).or_default() += 1;
        if !sweep(&Io::real(), base) || tree(base) != want {
            wrong.push(format!("step {at} {tear}: the next sweep ends otherwise"));
        }
    }
    println!(
        "calls: {} of {points} points of a sweep, {killed} killed, {} ended before and {} behind the group; {} wrong",
        points.div_ceil(stride),
        ends.get(&false).unwrap_or(&0),
        ends.get(&true).unwrap_or(&0),
        wrong.len()
    );
    if ends.len() < 2 {
        wrong.push("no sweep died on either side of the group".to_owned());
    }
    wrong
}
