//! The subject's records in their own formats: copies of the files that hold some, with everything
//! of others taken out by the write engine, which checks each copy before it has a name.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::gather::{Gathered, Holds};
use super::{RECORDS, Request};
use crate::format::recording;
use crate::redact::derive::{Count, Others, Way};
use crate::redact::files::{
    self, Fate, FileDone, More, Order, Plan, RunError, Target, Told, Totals,
};
use crate::scan::{Progress, Root, SinkError};

/// Files taken in one run: each has its folder open.
const BATCH: usize = 64;

/// Endings that a file of the package keeps: programs that open them run nothing in them.
const PLAIN: &[&str] = &[
    "csv", "tsv", "psv", "json", "jsonl", "ndjson", "log", "txt", "vtt", "srt", "eml", "mbox",
    "db", "sqlite", "sqlite3", "gz", "zst",
];

/// A file of the package that holds records.
pub(super) struct Given {
    /// Where it comes from.
    pub(super) path: PathBuf,
    /// What it was read as.
    pub(super) format: &'static str,
    /// Its name in the package.
    pub(super) name: String,
    /// Records that it has; counted when they are listed.
    pub(super) records: u64,
    /// Values labelled, by entity.
    pub(super) counts: Vec<Count>,
    /// Why it is not in the package.
    pub(super) withheld: Option<String>,
}

/// Copies what was found into the package.
pub(super) fn give(
    request: &Request<'_>,
    gathered: &Gathered,
    progress: &Progress,
) -> Result<Vec<Given>, RunError> {
    let mut given: Vec<Given> = gathered
        .holds
        .iter()
        .enumerate()
        .map(|(at, holds)| Given {
            path: holds.path.clone(),
            format: holds.format,
            name: format!("{:04}{}", at + 1, ending(&holds.path, holds.format)),
            records: 0,
            counts: Vec::new(),
            withheld: Some(why_not(holds).unwrap_or("it was not reached").to_owned()),
        })
        .collect();
    let others = Others::new(&request.names, request.whole_files);
    // A cue alone is not intelligible: of a conversation all stays that is nobody's name.
    let (talks, records): (Vec<usize>, Vec<usize>) = (0..given.len())
        .filter(|&at| {
            gathered
                .holds
                .get(at)
                .is_some_and(|holds| why_not(holds).is_none())
        })
        .partition(|&at| given.get(at).is_some_and(|one| is_talk(one.format)));
    for (files, others) in [(talks, others.whole()), (records, others)] {
        for batch in files.chunks(BATCH) {
            if progress.stopped() {
                break;
            }
            let names: BTreeMap<PathBuf, PathBuf> = batch
                .iter()
                .filter_map(|&at| given.get(at))
                .map(|one| (one.path.clone(), PathBuf::from(&one.name)))
                .collect();
            let mut scan = request.order.scan.clone();
            scan.roots = names.keys().cloned().map(Root::Path).collect();
            let order = Order {
                scan,
                fields: Vec::new(),
                subjects: request.order.subjects.clone(),
                operators: request.order.operators.clone(),
                way: Way::Others,
                strict: false,
                ages: None,
                target: Target::Out(request.out.join(RECORDS)),
                write: request.order.write,
                state: request.order.state.clone(),
                key_file: request.order.key_file.clone(),
                command: "disclose",
                plan: Plan::None,
                more: More {
                    others: Some(others.clone()),
                    names,
                    ..More::default()
                },
            };
            files::run(&order, &mut Copied(&mut given), progress)?;
        }
    }
    Ok(given)
}

/// Why a file is never copied, where that is so.
fn why_not(holds: &Holds) -> Option<&'static str> {
    if holds.packed {
        return Some("it is an archive: unpack it and make the package anew");
    }
    // What was said there was said by others too, and a voice has no label.
    recording::is_one(holds.format).then_some("it is a recording, in which others can be heard")
}

fn is_talk(format: &str) -> bool {
    matches!(format, "vtt" | "srt")
}

/// What the copy of a file is called behind its number. What a browser or an office program would
/// run gets an ending that it only shows.
fn ending(path: &Path, format: &str) -> String {
    let name = path
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    let endings: Vec<String> = name
        .split('.')
        .skip(1)
        .map(str::to_ascii_lowercase)
        .collect();
    let mut kept: Vec<&str> = endings
        .iter()
        .rev()
        .map(String::as_str)
        .take_while(|ending| PLAIN.contains(ending))
        .take(2)
        .collect();
    kept.reverse();
    match (kept.is_empty(), format) {
        (false, _) => format!(".{}", kept.join(".")),
        (true, "sqlite") => ".db".to_owned(),
        (true, _) => ".txt".to_owned(),
    }
}

/// Notes what became of each copy.
struct Copied<'g>(&'g mut Vec<Given>);

impl Told for Copied<'_> {
    fn file(&mut self, done: &FileDone) -> Result<(), SinkError> {
        if let Some(one) = self.0.iter_mut().find(|one| one.path == done.path) {
            one.counts.clone_from(&done.counts);
            one.withheld = match done.fate {
                Fate::Done(_) if done.refused == 0 => None,
                Fate::Done(_) | Fate::Unchanged | Fate::Would => {
                    Some("something of others could not be taken out of it".to_owned())
                }
                Fate::Unread(reason) => Some(format!("it was not read whole ({})", reason.name())),
                Fate::NotDone(failure) => Some(failure.to_string().replace("\n\nhint: ", "; ")),
            };
        }
        Ok(())
    }

    fn totals(&mut self, _totals: &Totals) -> Result<(), SinkError> {
        Ok(())
    }
}
