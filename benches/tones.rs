//! The campaign of the detector of keys: how many it hears through codecs and noise, how many it
//! hears in speech that are none, and how fast it is.
//!
//! ```text
//! cargo bench --profile quick --bench tones -- [digits [N] | speech FOLDER | speed]
//! ```
//!
//! `digits` needs `sox` and `lame` on the path; `speech` needs `sox` and a folder of recorded
//! speech such as `/usr/share/asterisk/sounds` (Debian: `asterisk-core-sounds-*`). The signals are
//! made by `tests/tones/signal.rs`, which shares no code with the detector. It ends with 1 when a
//! figure of `benches/README.md` does not hold.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::exit
)]

#[path = "../tests/tones/signal.rs"]
mod signal;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use efface::detect::tones::{Digit, Tones};
use signal::{Dice, KEYS, Press, noise, press, quantised};

const RATE: u32 = 8_000;
const RAW: &str = "-t raw -r 8000 -e signed -b 16 -c 1";

/// A codec, and the commands that take `in.raw` to `out.raw`.
const CODECS: &[(&str, &str)] = &[
    ("pcm", "cp in.raw out.raw"),
    (
        "mu-law",
        "sox RAW in.raw -t ul - | sox -t ul -r 8000 -c 1 - RAW out.raw",
    ),
    (
        "a-law",
        "sox RAW in.raw -t al - | sox -t al -r 8000 -c 1 - RAW out.raw",
    ),
    (
        "gsm",
        "sox RAW in.raw -t gsm - | sox -t gsm -r 8000 -c 1 - RAW out.raw",
    ),
    (
        "mp3",
        "lame --quiet -r -s 8 --bitwidth 16 -m m -b 16 in.raw o.mp3 && lame --quiet --decode -t o.mp3 out.raw",
    ),
];

fn main() {
    let args: Vec<String> = std::env::args()
        .skip(1)
        .filter(|a| a != "--bench")
        .collect();
    let held = match args.first().map(String::as_str) {
        Some("speech") => speech(Path::new(args.get(1).expect("a folder of speech"))),
        Some("speed") => speed(),
        Some("digits") => digits(args.get(1).map_or(2_000, |n| n.parse().expect("a number"))),
        _ => speed() & digits(2_000),
    };
    std::process::exit(i32::from(!held));
}

fn hear(rate: u32, samples: &[i16]) -> Vec<Digit> {
    let mut tones = Tones::new(rate).unwrap();
    let mut found = Vec::new();
    tones.push(samples, &mut found);
    tones.finish(&mut found);
    found
}

/// So many keys of 40 ms, each with a twist of up to 8 dB and as much as `off` too high or low.
fn keys(rate: f64, count: usize, (snr, off, length): (f64, f64, f64)) -> (Vec<Press>, Vec<i16>) {
    let mut dice = Dice(20_240_107);
    let mut start = 0.3;
    let presses: Vec<Press> = (0..count)
        .map(|_| {
            let press = Press {
                key: KEYS[(dice.next() % 16) as usize],
                start,
                length,
                level: -12.0,
                twist: dice.between(-8.0, 8.0),
                off: [dice.between(-off, off), dice.between(-off, off)],
            };
            start += length + dice.between(0.040, 0.060);
            press
        })
        .collect();
    let mut samples = vec![0.0; ((start + 0.3) * rate) as usize];
    for one in &presses {
        press(&mut samples, rate, one);
    }
    noise(&mut samples, -12.0 - snr, &mut dice);
    (presses, quantised(&samples))
}

/// How many of `presses` were heard, when what was heard is `late` milliseconds late.
fn heard(presses: &[Press], found: &[Digit], late: f64) -> usize {
    let mut from = 0;
    let is_heard = |press: &&Press| {
        let (start, end) = (
            press.start * 1e3 + late,
            (press.start + press.length) * 1e3 + late,
        );
        let rest = found.get(from..).unwrap_or_default();
        let met = rest.iter().position(|digit| {
            digit.key == press.key && (digit.ms.start as f64) < end && digit.ms.end as f64 > start
        });
        from += met.map_or(0, |at| at + 1);
        met.is_some()
    };
    presses.iter().filter(is_heard).count()
}

fn digits(count: usize) -> bool {
    let dir = tempfile::tempdir().unwrap();
    let mut held = true;
    for (snr, off, length, least) in [
        (15.0, 0.0, 0.040, 0.999),
        (15.0, 0.015, 0.040, 0.995),
        (10.0, 0.005, 0.040, 0.99),
        (15.0, 0.005, 0.100, 0.999),
    ] {
        let (presses, samples) = keys(f64::from(RATE), count, (snr, off, length));
        let bytes: Vec<u8> = samples.iter().flat_map(|s| s.to_le_bytes()).collect();
        std::fs::write(dir.path().join("in.raw"), bytes).unwrap();
        for (codec, commands) in CODECS {
            let found = hear(RATE, &through(dir.path(), commands));
            // MP3 comes late by what its encoder and decoder need, more or less.
            let late: Vec<f64> = if *codec == "mp3" {
                (0..40).map(|step| f64::from(step) * 5.0).collect()
            } else {
                vec![0.0]
            };
            let hits = late
                .iter()
                .map(|late| heard(&presses, &found, *late))
                .max()
                .unwrap();
            let extra = found.len().saturating_sub(hits);
            let part = hits as f64 / count as f64;
            held &= part >= least;
            println!(
                "{codec:7} {snr} dB, {:.1} % off, {:.0} ms: {:.3} % heard, {extra} more",
                off * 100.0,
                length * 1e3,
                part * 100.0
            );
        }
    }
    held
}

fn through(dir: &Path, commands: &str) -> Vec<i16> {
    let commands = commands.replace("RAW", RAW);
    let done = Command::new("sh")
        .arg("-c")
        .arg(commands)
        .current_dir(dir)
        .status();
    assert!(done.unwrap().success(), "sox and lame are needed");
    samples_of(&std::fs::read(dir.join("out.raw")).unwrap())
}

fn samples_of(bytes: &[u8]) -> Vec<i16> {
    let pairs = bytes.chunks_exact(2);
    pairs
        .map(|pair| i16::from_le_bytes([pair[0], pair[1]]))
        .collect()
}

/// At most one key an hour may be heard where nobody pressed any.
fn speech(folder: &Path) -> bool {
    let mut files = Vec::new();
    list(folder, &mut files);
    files.sort();
    let dir = tempfile::tempdir().unwrap();
    let (mut seconds, mut keys) = (0.0, 0);
    for file in &files {
        let command = format!("sox \"$0\" {RAW} out.raw");
        let mut sox = Command::new("sh");
        sox.arg("-c").arg(command).arg(file).current_dir(dir.path());
        let done = sox.status().unwrap();
        assert!(done.success(), "sox cannot read {}", file.display());
        let samples = samples_of(&std::fs::read(dir.path().join("out.raw")).unwrap());
        seconds += samples.len() as f64 / f64::from(RATE);
        for digit in hear(RATE, &samples) {
            println!(
                "{} at {} ms: {}",
                file.display(),
                digit.ms.start,
                digit.key as char
            );
            keys += 1;
        }
    }
    let hours = seconds / 3600.0;
    println!("{} files, {hours:.2} h of speech, {keys} keys", files.len());
    f64::from(keys) <= hours
}

/// The recordings below a folder; names that lead to other languages are links, and left alone.
fn list(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let ending = path
            .extension()
            .and_then(|e| e.to_str())
            .unwrap_or_default();
        if path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            list(&path, files);
        } else if matches!(ending, "wav" | "gsm") {
            files.push(path);
        }
    }
}

fn speed() -> bool {
    let mut held = true;
    for (rate, count, least) in [
        (8_000, 20_000, 2_000.0),
        (16_000, 4_000, 500.0),
        (44_100, 2_000, 300.0),
    ] {
        let (_, samples) = keys(f64::from(rate), count, (15.0, 0.01, 0.1));
        let start = Instant::now();
        let found = hear(rate, &samples).len();
        let times = samples.len() as f64 / f64::from(rate) / start.elapsed().as_secs_f64();
        held &= times >= least;
        println!("{rate} Hz: {times:.0} times real time, {found} keys of {count}");
    }
    held
}
