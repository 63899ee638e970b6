//! Whatever becomes of a file on its way, its reader neither panics nor loses a byte: fixtures
//! with bytes changed, stretches doubled, and ends cut off.

use efface::edit::apply;
use efface::format::{Chunk, Cut, Head, Torn, by_name};
use proptest::prelude::*;

use crate::cases::CASES;
use crate::plants::PLANTS;

/// One thing that happens to a file.
#[derive(Clone, Debug)]
enum Mishap {
    Byte(prop::sample::Index, u8),
    Gone(prop::sample::Index, usize),
    Twice(prop::sample::Index, usize),
    CutOff(prop::sample::Index),
    Begun(prop::sample::Index),
}

fn mishap() -> impl Strategy<Value = Mishap> {
    let at = any::<prop::sample::Index>;
    let byte = prop_oneof![
        any::<u8>(),
        prop::sample::select(b"<>&;\"'/!-[]?=\n\r:%0A ".to_vec())
    ];
    prop_oneof![
        4 => (at(), byte).prop_map(|(at, byte)| Mishap::Byte(at, byte)),
        2 => (at(), 1..40usize).prop_map(|(at, len)| Mishap::Gone(at, len)),
        1 => (at(), 1..200usize).prop_map(|(at, len)| Mishap::Twice(at, len)),
        1 => at().prop_map(Mishap::CutOff),
        1 => at().prop_map(Mishap::Begun),
    ]
}

/// A file to be damaged.
struct File {
    name: &'static str,
    format: &'static str,
    bytes: Vec<u8>,
}

/// The longest file that is damaged, in bytes.
const LONGEST: usize = 700;

/// Every fixture of a format that has more to it than lines.
fn files() -> Vec<File> {
    let cases = CASES.iter().map(|case| File {
        name: case.name,
        format: case.format,
        bytes: case.bytes(),
    });
    let plants = PLANTS
        .iter()
        .filter(|plant| !["text", "csv"].contains(&plant.format))
        .map(|plant| File {
            name: plant.file,
            format: plant.format,
            bytes: plant.bytes(),
        });
    // Every place of a file is asked about, so larger ones take long and show nothing more.
    let short = |file: &File| file.bytes.len() <= LONGEST;
    cases.chain(plants.filter(short)).collect()
}

fn befallen(mut bytes: Vec<u8>, mishaps: &[Mishap]) -> Vec<u8> {
    for mishap in mishaps {
        if bytes.is_empty() {
            break;
        }
        let len = bytes.len();
        match mishap {
            Mishap::Byte(at, byte) => bytes[at.index(len)] = *byte,
            Mishap::Gone(at, gone) => {
                let at = at.index(len);
                bytes.drain(at..len.min(at + gone));
            }
            Mishap::Twice(at, twice) => {
                let at = at.index(len);
                let piece = bytes[at..len.min(at + twice)].to_vec();
                bytes.splice(at..at, piece);
            }
            Mishap::CutOff(at) => bytes.truncate(at.index(len)),
            Mishap::Begun(at) => drop(bytes.drain(..at.index(len))),
        }
    }
    bytes
}

/// Asks everything a reader can be asked of `bytes`, which start at `start` of the chunk.
fn ask(file: &File, bytes: &[u8], start: usize) {
    let head = Head {
        text: bytes,
        name: file.name,
        whole: true,
    };
    let format = by_name(file.format).unwrap_or_else(|_| panic!("{} is a format", file.format));
    format.sniff(&head);
    let reader = format.open(&head);
    if let Cut::Record(at) = reader.cut(bytes) {
        assert!(at <= bytes.len());
    }
    let chunk = Chunk {
        text: bytes,
        start,
        end: bytes.len(),
        offset: 0,
        torn: Torn::default(),
    };
    let index = reader.index(chunk);
    let content = reader.read(chunk, &*index);
    let unread: usize = content
        .ledger
        .gaps()
        .iter()
        .map(|(range, _)| range.len())
        .sum();
    let all = content.ledger.bytes_read() + unread as u64;
    assert_eq!(
        all,
        (bytes.len() - start) as u64,
        "every byte is accounted for"
    );
    for view in &content.views {
        let len = view.text().len();
        for part in view.parts(0..len) {
            assert!(part.end <= bytes.len() as u64);
        }
        for at in (0..len).step_by(7) {
            view.hints(at);
            assert!(view.chunk_offset(at) <= bytes.len());
        }
    }
    let records = index.records();
    for at in (start..bytes.len()).step_by(5) {
        let record = index.locate(at).record;
        assert!(
            record.is_none_or(|record| record < records),
            "{record:?} of {records} at {at}"
        );
        index.slot(at..at + 1);
        if let Ok(mut splices) = index.drop_record(at) {
            splices.extend(reader.settle(chunk, &splices));
            splices.sort_by_key(|splice| splice.range.start);
            assert!(splices.iter().all(|one| one.range.start >= start as u64));
            apply(bytes, &splices).unwrap();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_files_are_read_to_their_end(
        mishaps in prop::collection::vec(mishap(), 1..6),
        start in any::<prop::sample::Index>(),
    ) {
        for case in &files() {
            let bytes = befallen(case.bytes.clone(), &mishaps);
            ask(case, &bytes, 0);
            ask(case, &bytes, start.index(bytes.len() + 1));
        }
    }
}

#[test]
fn every_beginning_and_every_end_of_a_file_is_read() {
    for case in &files() {
        let bytes = &case.bytes;
        for at in (0..bytes.len()).step_by(3) {
            ask(case, &bytes[..at], 0);
            ask(case, &bytes[at..], 0);
        }
    }
}

/// Numbers of chance, the same for the same seed (Marsaglia, "Xorshift RNGs", 2003).
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound.max(1) as u64) as usize
    }

    /// `bytes` with a few stretches changed, doubled, moved or gone.
    fn befalls(&mut self, mut bytes: Vec<u8>) -> Vec<u8> {
        const TELLING: &[u8] = b"<>&;\"'/!-[]{}()?=\n\r\t:,%0A \\\0\x84\x86\xff";
        for _ in 0..=self.below(8) {
            let at = self.below(bytes.len() + 1);
            let end = (at + 1 + self.below(40)).min(bytes.len()).max(at);
            match self.below(5) {
                0 => drop(bytes.drain(at..end)),
                1 => {
                    let twice = bytes[at..end].to_vec();
                    let to = self.below(bytes.len() + 1);
                    bytes.splice(to..to, twice);
                }
                2 => bytes.truncate(at.max(1)),
                3 if at < bytes.len() => bytes[at] = self.below(256) as u8,
                _ => bytes.insert(at, TELLING[self.below(TELLING.len())]),
            }
        }
        bytes
    }
}

/// Every parser on damaged files: a few hundred here, and as many as `EFFACE_FUZZ_SECONDS` give.
#[test]
fn a_campaign_of_mishaps_finds_nothing() {
    const ROUNDS: u64 = 200;
    let seconds = std::env::var("EFFACE_FUZZ_SECONDS").ok();
    let seconds: Option<u64> = seconds.map(|seconds| seconds.parse().unwrap());
    let files = files();
    let tried: Vec<(&File, u64)> = std::thread::scope(|scope| {
        let run = |(seed, file): (u64, &'_ File)| {
            let begun = std::time::Instant::now();
            let goes_on = |rounds| match seconds {
                Some(seconds) => begun.elapsed().as_secs() < seconds,
                None => rounds < ROUNDS,
            };
            let mut chance = Chance(0x9E37_79B9_7F4A_7C15 ^ (seed + 1));
            let mut rounds = 0;
            while goes_on(rounds) {
                let bytes = chance.befalls(file.bytes.clone());
                let start = chance.below(2) * chance.below(bytes.len() + 1);
                ask(file, &bytes, start);
                rounds += 1;
            }
            rounds
        };
        let threads: Vec<_> = (0..)
            .zip(&files)
            .map(|(seed, file)| (file, scope.spawn(move || run((seed, file)))))
            .collect();
        threads
            .into_iter()
            .map(|(file, thread)| (file, thread.join().unwrap()))
            .collect()
    });
    if seconds.is_some() {
        #[allow(
            clippy::print_stderr,
            reason = "who runs a campaign is told what it came to"
        )]
        for (file, rounds) in tried {
            eprintln!("{} {}: {rounds}", file.format, file.name);
        }
    }
}
