//! The index beside SQLite, in one run: building, size, look-up. CPU time of the whole process, so
//! that a busy machine tells the same; medians of rounds that alternate.
//!
//! Places are those of calls: 5,000,000 numbers of 400,000 people, 2.5 in a record of 263 bytes,
//! in windows of 192 KiB, in the order of the file. Both get their tags made. SQLite gets them sorted
//! as well, in one transaction, and syncs at its end; the index gets them as they come, sorts,
//! encrypts and signs them, and syncs each file and folder.
//!
//! `cargo bench --bench index` (`EFFACE_INDEX_PLACES=1000000` for fewer).

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench that cannot go on fails, and prints what it measures"
)]

use std::path::Path;
use std::time::Duration;

use efface::detect::phone::plan::Region;
use efface::redact::io::Io;
use efface::redact::state::State;
use efface::subject::Subjects;
use efface::subject::index::measure::{Place, Tagged, fill, tagged};
use efface::subject::index::{Index, Keys, To};
use rusqlite::{Connection, params};

const PEOPLE: u64 = 400_000;
const ROUNDS: usize = 3;
const LOOK_UPS: u64 = 4_000;

/// xorshift64* (Vigna 2016): the same places in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }
}

fn phone(person: u64) -> u64 {
    // 1, an area code, an exchange, a line: distinct for distinct people.
    14_160_000_000 + person * 17
}

fn places(count: u64) -> impl Iterator<Item = Place> {
    let mut random = Random(7);
    (0..count).map(move |i| {
        let record = i * 2 / 5;
        let offset = record * 263 + (i % 5) * 24;
        let window = offset / (192 * 1024);
        Place {
            phone: phone(random.next() % PEOPLE),
            window: window as u32,
            record: (record - window * (192 * 1024) / 263) as u32 + 1,
            place: (i * 2 % 5 / 2) as u32,
            time: 1_672_531_200 + 3 * record as i64,
            party: (i % 3) as u8,
        }
    })
}

fn cpu() -> Duration {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(now.tv_sec.cast_unsigned(), now.tv_nsec as u32)
}

fn sqlite(folder: &Path, sorted: &[([u8; 8], Place)]) -> (Duration, u64) {
    let path = folder.join("places.db");
    let start = cpu();
    let mut db = Connection::open(&path).unwrap();
    db.execute_batch(
        "PRAGMA synchronous = FULL;
         CREATE TABLE place(tag BLOB, window INTEGER, record INTEGER, place INTEGER,
             party INTEGER, time INTEGER, PRIMARY KEY(tag, window, record, place)) WITHOUT ROWID;",
    )
    .unwrap();
    let change = db.transaction().unwrap();
    {
        let sql = "INSERT INTO place VALUES(?1, ?2, ?3, ?4, ?5, ?6)";
        let mut insert = change.prepare(sql).unwrap();
        for (tag, one) in sorted {
            insert
                .execute(params![
                    tag, one.window, one.record, one.place, one.party, one.time
                ])
                .unwrap();
        }
    }
    change.commit().unwrap();
    (
        cpu().saturating_sub(start),
        std::fs::metadata(path).unwrap().len(),
    )
}

fn median<T: Ord + Copy>(mut all: Vec<T>) -> T {
    all.sort();
    all[all.len() / 2]
}

fn main() {
    let count = std::env::var("EFFACE_INDEX_PLACES");
    let count: u64 = count.map_or(5_000_000, |text| text.parse().unwrap());
    let io = Io::real();
    let folder = tempfile::tempdir().unwrap();
    let state = State::open(&io, &folder.path().join("state"), None).unwrap();
    let keys = Keys::of(state.key());
    let start = cpu();
    let tags = tagged(&keys, places(count));
    let making_tags = cpu().saturating_sub(start);
    let tag = |one: &Tagged| one.tag();
    let mut sorted: Vec<([u8; 8], Place)> = tags.iter().map(tag).zip(places(count)).collect();
    sorted.sort_by_key(|(tag, one)| (*tag, one.window, one.record, one.place));
    let (mut ours, mut theirs, mut size, mut their_size) = (Vec::new(), Vec::new(), 0, 0);
    for round in 0..ROUNDS {
        let here = folder.path().join(format!("index-{round}"));
        let to = To {
            io: &io,
            folder: &here,
            keys: &keys,
            dry_run: false,
        };
        let start = cpu();
        size = fill(&to, &tags).unwrap();
        ours.push(cpu().saturating_sub(start));
        let there = tempfile::tempdir().unwrap();
        let (took, bytes) = sqlite(there.path(), &sorted);
        theirs.push(took);
        their_size = bytes;
    }
    let (ours, theirs) = (median(ours), median(theirs));
    let each = |took: Duration| took.as_nanos() as f64 / count as f64;
    let bytes = |size: u64| size as f64 / count as f64;
    println!("places             {count} of {PEOPLE} people");
    println!(
        "tags               {:.0} ns a place, for both",
        each(making_tags)
    );
    println!(
        "build, index       {:.0} ns a place, sorting included",
        each(ours)
    );
    println!(
        "build, SQLite      {:.0} ns a place, sorted before",
        each(theirs)
    );
    println!(
        "ratio              {:.1}",
        theirs.as_secs_f64() / ours.as_secs_f64()
    );
    println!(
        "bytes a place      index {:.2}, SQLite {:.2}",
        bytes(size),
        bytes(their_size)
    );

    let here = folder.path().join("index-0");
    let start = cpu();
    let index = Index::open(&io, &here, &keys).unwrap();
    println!("open               {:?}", cpu().saturating_sub(start));
    let us = [Region::parse("US").unwrap()];
    let mut random = Random(99);
    let mut took = Vec::new();
    for _ in 0..LOOK_UPS {
        let mut who = Subjects::default();
        let typed = format!("+{}", phone(random.next() % PEOPLE));
        // Of the made-up numbers some are none; they are not asked for.
        if who.add(&typed, &us).is_err() {
            continue;
        }
        let start = cpu();
        let answer = index.ask(&who);
        took.push(cpu().saturating_sub(start));
        drop(answer);
    }
    println!(
        "look-up            {:?} (median of {})",
        median(took.clone()),
        took.len()
    );
}
