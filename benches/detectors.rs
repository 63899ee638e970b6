//! How fast detectors read, in process and without files: bytes a second on the benchmark
//! corpora, and time per candidate of the numbering plan.
//!
//! The corpora come from the generator in `benches/corpus`, so they are the same as those that
//! `compare.py` measures the whole program on. `cargo bench --bench detectors -- FILTER` runs
//! some of them.
#![allow(
    missing_docs,
    unreachable_pub,
    dead_code,
    clippy::pedantic,
    clippy::unwrap_used,
    reason = "a benchmark, with the generator's modules taken in as they are"
)]

#[path = "corpus/src/chance.rs"]
mod chance;
#[path = "corpus/src/clock.rs"]
mod clock;
#[path = "corpus/src/kinds/mod.rs"]
mod kinds;
#[path = "corpus/src/sink.rs"]
mod sink;
#[path = "corpus/src/values.rs"]
mod values;
#[path = "corpus/src/words.rs"]
mod words;

use std::hint::black_box;
use std::io;

use std::time::Duration;

use criterion::measurement::{Measurement, ValueFormatter, WallTime};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use efface::detect::phone::plan::{self, Region};
use efface::detect::{Detectors, Scratch};
use efface::entity::{Entity, EntitySet};
use efface::finding::Confidence;
use efface::raw::{Classes, SPAN, STRIP, classify};
use efface::view::{NoHints, Register, View};
use rustix::time::{ClockId, clock_gettime};

/// Bytes of each corpus: large enough to hide the start of a scan, small enough for the cache, so
/// that what is measured is the work and not the memory.
const BYTES: u64 = 1 << 20;
const SEED: u64 = 7;

/// Processor time of this thread, shown as criterion shows wall time: what else runs on the machine
/// then matters little.
struct ThreadTime;

impl ThreadTime {
    fn now() -> Duration {
        let spent = clock_gettime(ClockId::ThreadCPUTime);
        Duration::new(spent.tv_sec as u64, spent.tv_nsec as u32)
    }
}

impl Measurement for ThreadTime {
    type Intermediate = Duration;
    type Value = Duration;

    fn start(&self) -> Duration {
        Self::now()
    }

    fn end(&self, start: Duration) -> Duration {
        Self::now() - start
    }

    fn add(&self, one: &Duration, other: &Duration) -> Duration {
        *one + *other
    }

    fn zero(&self) -> Duration {
        Duration::ZERO
    }

    fn to_f64(&self, spent: &Duration) -> f64 {
        spent.as_nanos() as f64
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        WallTime.formatter()
    }
}

fn corpora() -> Vec<(&'static str, Vec<u8>)> {
    let filled = |kind: &kinds::Kind| {
        let (mut text, mut nowhere) = (Vec::new(), io::sink());
        let mut sink = sink::Sink::new(&mut text, &mut nowhere, false);
        kind.fill(SEED, &mut sink, BYTES).unwrap();
        sink.finish().unwrap();
        (kind.name, text)
    };
    kinds::KINDS.iter().map(filled).collect()
}

fn regions() -> Vec<Region> {
    ["US", "GB"]
        .map(|code| Region::parse(code).unwrap())
        .to_vec()
}

/// Everything that `scan` looks for, and each family alone.
fn detect(criterion: &mut Criterion<ThreadTime>) {
    let families = [
        ("all", EntitySet::all()),
        ("phone", [Entity::Phone].into_iter().collect()),
        ("email", [Entity::Email].into_iter().collect()),
        ("payment_card", [Entity::PaymentCard].into_iter().collect()),
        ("ip_address", [Entity::IpAddress].into_iter().collect()),
        (
            "special",
            Entity::ALL
                .iter()
                .copied()
                .filter(|e| e.is_special())
                .collect(),
        ),
    ];
    let mut group = criterion.benchmark_group("detect");
    for (kind, text) in corpora() {
        let register = if kind == "log" {
            Register::Log
        } else {
            Register::Prose
        };
        let hints = NoHints(register);
        group.throughput(Throughput::Bytes(text.len() as u64));
        for (family, entities) in &families {
            let detectors = Detectors::new(regions(), *entities, Confidence(50));
            let (mut scratch, mut hits) = (Scratch::default(), Vec::new());
            group.bench_function(BenchmarkId::new(*family, kind), |bencher| {
                bencher.iter(|| {
                    hits.clear();
                    let view = View::raw(black_box(&text), 0, &hints);
                    detectors.scan(&view, &mut scratch, &mut hits);
                    hits.len()
                });
            });
        }
    }
    group.finish();
}

/// The first stage alone: bytes into bit classes.
fn classes(criterion: &mut Criterion<ThreadTime>) {
    let mut group = criterion.benchmark_group("classify");
    for (kind, text) in corpora() {
        group.throughput(Throughput::Bytes(text.len() as u64));
        let mut classes = Classes::default();
        group.bench_function(kind, |bencher| {
            bencher.iter(|| {
                for strip in text.as_chunks::<SPAN>().0 {
                    classify(black_box(strip), STRIP + 1, &mut classes);
                }
            });
        });
    }
    group.finish();
}

/// The numbering plan on digit strings that are numbers, nearly numbers, and anything but.
fn numbering_plan(criterion: &mut Criterion<ThreadTime>) {
    let us = Region::parse("US").unwrap();
    let mut chance = chance::Chance::new(SEED);
    let national: Vec<String> = (0..20_000)
        .map(|_| {
            format!(
                "{:04}{:06}",
                chance.between(1000, 9999),
                chance.below(1_000_000)
            )
        })
        .collect();
    let international: Vec<String> = (0..20_000)
        .map(|_| values::e164(&mut chance)[1..].to_owned())
        .collect();
    let mut group = criterion.benchmark_group("plan");
    group.throughput(Throughput::Elements(20_000));
    group.bench_function("national", |bencher| {
        bencher.iter(|| {
            let digits = black_box(&national).iter().map(String::as_bytes);
            digits
                .filter(|digits| plan::national(us, digits).is_some())
                .count()
        });
    });
    group.bench_function("international", |bencher| {
        bencher.iter(|| {
            let digits = black_box(&international).iter().map(String::as_bytes);
            digits
                .filter(|digits| plan::international(digits).is_some())
                .count()
        });
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().with_measurement(ThreadTime);
    targets = detect, classes, numbering_plan
}
criterion_main!(benches);
