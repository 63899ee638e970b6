//! What is tried with bytes of chance, and what has to hold whatever they are.
//!
//! Owns the ways in and the promises asked of them, by the functions the program itself calls:
//! nothing panics; no more is told as read than there is (R5); findings lie within their source and
//! not on each other; what was redacted scans clean (R8); and outside of what was found nothing
//! changed (R1). Time and memory are the fuzzer's to watch. Knows nothing of what it is given.

use std::cell::OnceCell;
use std::fs;
use std::num::NonZeroUsize;
use std::ops::Range;
use std::path::{Path, PathBuf};

use efface::entity::{Entity, EntitySet};
use efface::finding::{Confidence, Finding};
use efface::lists::Lists;
use efface::redact::derive::Way;
use efface::redact::files::{self, Fate, FileDone, More, Order, Plan, Target, Told, Totals};
use efface::redact::mode::WriteOptions;
use efface::redact::operator::OperatorSet;
use efface::redact::stream;
use efface::scan::{
    self, AcceptUnread, FileReport, Progress, Root, ScanPlan, Selection, Sink, SinkError,
    SourcePath, Status, Summary, Wants,
};

/// How far from a finding bytes may change, where a unit of an encoding is written anew.
const UNIT: u64 = 4;

/// Reads `data` as each of `formats`, redacts it as the filter does, and looks at the result.
pub fn text(formats: &[&str], data: &[u8]) {
    for format in formats {
        one_text(Some(format), data);
    }
}

/// Reads `data` as what it is told to be, as the program does with a file called `name`.
pub fn told(name: &str, data: &[u8]) {
    file(name, data);
    one_text(None, data);
}

/// Scans a file with `data` in it, redacts it into a copy and scans the copy.
pub fn file(name: &str, data: &[u8]) {
    let room = room();
    let path = room.join(format!("input.{name}"));
    fs::write(&path, data).unwrap();
    let before = scanned(&path, None);
    if before.found.is_empty() {
        return;
    }
    let out = room.join("out");
    let order = Order {
        target: Target::Out(out.clone()),
        ..order(&path, None)
    };
    let mut fates = Fates::default();
    let ran = files::run(&order, &mut fates, &Progress::default());
    let done = ran.is_ok() && fates.whole && !fates.files.is_empty();
    let copy = out.join(path.file_name().unwrap());
    if done && copy.exists() && before.is_whole() {
        let after = scanned(&copy, None);
        assert!(after.found.is_empty(), "R8: left over: {:?}", after.found);
        assert!(after.is_whole(), "R1: not read whole any more");
    }
    let _ = fs::remove_dir_all(&out);
    let _ = fs::remove_dir_all(room.join("state/receipts"));
}

fn one_text(format: Option<&str>, data: &[u8]) {
    let path = room().join("input");
    fs::write(&path, data).unwrap();
    let before = scanned(&path, format);
    let mut new = Vec::new();
    let order = order(&path, format);
    let Ok(streamed) = stream::filter(&order, Some(&path), (false, Some(1)), &mut new) else {
        return;
    };
    if before.found.is_empty() && streamed.unread.is_none() {
        assert!(new == data, "R1: changed though nothing was found");
    }
    if streamed.unread.is_some() || streamed.refused > 0 || !before.is_whole() {
        return;
    }
    // Formats that repeat a value elsewhere change more than what was found.
    if matches!(
        format,
        Some("text" | "csv" | "tsv" | "fixed-width" | "srt" | "sql")
    ) {
        before.allows(format, data, &new);
    }
    let after = room().join("redacted");
    fs::write(&after, &new).unwrap();
    let after = scanned(&after, format);
    assert!(after.found.is_empty(), "R8: left over: {:?}", after.found);
}

/// Where everything lies while it is tried: in memory, apart for each process.
fn room() -> PathBuf {
    thread_local!(static ROOM: OnceCell<PathBuf> = const { OnceCell::new() });
    ROOM.with(|room| {
        room.get_or_init(|| {
            let room = PathBuf::from(format!("/dev/shm/efface-fuzz-{}", std::process::id()));
            fs::create_dir_all(&room).unwrap();
            room
        })
        .clone()
    })
}

/// What goes unless something else is named.
fn usual() -> EntitySet {
    let judged = |one: &Entity| {
        one.is_special() || matches!(one, Entity::PersonName | Entity::PostalAddress)
    };
    Entity::ALL
        .iter()
        .copied()
        .filter(|one| !judged(one))
        .collect()
}

fn plan(path: &Path, format: Option<&str>) -> ScanPlan {
    ScanPlan {
        roots: vec![Root::Path(path.to_path_buf())],
        regions: vec!["US".to_owned()],
        entities: usual(),
        min_confidence: Confidence(50),
        as_format: format.map(str::to_owned),
        selection: Selection::default(),
        accept_unread: AcceptUnread::default(),
        threads: NonZeroUsize::MIN,
        show_values: false,
        subjects: None,
        rules: None,
        lists: Lists::default(),
    }
}

fn order(path: &Path, format: Option<&str>) -> Order {
    Order {
        scan: plan(path, format),
        fields: Vec::new(),
        subjects: None,
        operators: OperatorSet::default(),
        way: Way::Values,
        strict: false,
        target: Target::Nowhere,
        write: WriteOptions::default(),
        state: room().join("state"),
        key_file: None,
        command: "redact",
        plan: Plan::None,
        ages: None,
        more: More::default(),
    }
}

/// What a scan came to.
#[derive(Default)]
struct Scanned {
    found: Vec<Finding>,
    files: Vec<FileReport>,
    /// Findings since the last account of a source.
    since: usize,
    /// Bytes of the file.
    size: u64,
}

fn scanned(path: &Path, format: Option<&str>) -> Scanned {
    let mut scanned = Scanned {
        size: fs::metadata(path).unwrap().len(),
        ..Scanned::default()
    };
    scan::run(&plan(path, format), &mut scanned, &Progress::default()).unwrap();
    scanned
}

fn parts(finding: &Finding) -> &[Range<u64>] {
    match &finding.parts {
        Some(parts) => parts,
        None => std::slice::from_ref(&finding.span),
    }
}

impl Scanned {
    fn is_whole(&self) -> bool {
        self.files.iter().all(|file| file.status == Status::Scanned)
    }

    /// Asserts that `new` differs from `old` where something was found and nowhere else: in `old`, or
    /// in what masks make of it, as a mask may be read with what stands beside it.
    fn allows(&self, format: Option<&str>, old: &[u8], new: &[u8]) {
        assert_eq!(
            old.len(),
            new.len(),
            "R1: a mask has the width of its value"
        );
        let mut found = self.found.clone();
        let mut masked = old.to_vec();
        // As it was masked: a star is none where bytes are numbers.
        for part in self.found.iter().flat_map(parts) {
            let part = part.start as usize..part.end as usize;
            masked[part.clone()].copy_from_slice(&new[part]);
        }
        let path = room().join("masked");
        fs::write(&path, masked).unwrap();
        found.extend(scanned(&path, format).found);
        for (at, (old, new)) in (0..).zip(old.iter().zip(new)) {
            let near = |part: &Range<u64>| {
                (part.start.saturating_sub(UNIT)..part.end + UNIT).contains(&at)
            };
            assert!(
                old == new || found.iter().flat_map(parts).any(near),
                "R1: byte {at} changed"
            );
        }
    }
}

impl Sink for Scanned {
    fn wants(&self) -> Wants {
        Wants {
            places: true,
            ..Wants::default()
        }
    }

    fn findings(&mut self, _: &SourcePath, findings: &[Finding]) -> Result<(), SinkError> {
        self.found.extend_from_slice(findings);
        Ok(())
    }

    fn file(&mut self, report: &FileReport) -> Result<(), SinkError> {
        assert!(
            report.bytes_scanned <= report.bytes,
            "R5: {report:?} read more than there is"
        );
        assert!(
            report.status != Status::Scanned || report.bytes_scanned == report.bytes,
            "R5: {report:?} did not read all"
        );
        // A container's own words stand among the bytes of its members.
        let end = report.bytes.max(self.size);
        let own = &self.found[self.since..];
        let mut places: Vec<&Range<u64>> = own
            .iter()
            .filter(|one| one.cell.is_none() && one.heard.is_none() && !is_beside(one))
            .flat_map(parts)
            .collect();
        places.sort_by_key(|place| (place.start, place.end));
        assert!(
            places
                .iter()
                .all(|place| place.start <= place.end && place.end <= end),
            "a place outside of its source"
        );
        assert!(
            places.is_sorted_by(|one, next| one.end <= next.start),
            "findings on each other: {places:?}"
        );
        self.since = self.found.len();
        self.files.push(report.clone());
        Ok(())
    }

    fn summary(&mut self, _: &Summary) -> Result<(), SinkError> {
        Ok(())
    }
}

/// Whether something stands in a name, a comment or the like, whose bytes are counted by themselves.
fn is_beside(one: &Finding) -> bool {
    const BESIDE: [&str; 5] = ["name", "link", "owner", "comment", "extra"];
    one.field.as_deref().is_some_and(|field| BESIDE.contains(&field))
}

/// What became of the files of a run.
#[derive(Default)]
struct Fates {
    files: Vec<Fate>,
    /// Whether everything that was asked for was done.
    whole: bool,
}

impl Told for Fates {
    fn file(&mut self, done: &FileDone) -> Result<(), SinkError> {
        self.whole = (self.whole || self.files.is_empty()) && !done.is_incomplete();
        self.files.push(done.fate.clone());
        Ok(())
    }

    fn totals(&mut self, _: &Totals) -> Result<(), SinkError> {
        Ok(())
    }
}
