//! Writes benchmark corpora with the truth beside them.
//!
//! ```text
//! corpus KIND BYTES SEED OUT             one file of about BYTES; OUT.spans.tsv, OUT.counts.tsv
//! corpus KIND BYTES SEED OUT --one-line  the same without a line feed
//! corpus small COUNT SEED DIR            COUNT files of about 2 KB, all kinds, 250 folders
//! corpus kinds                           the names of the kinds
//! ```
//!
//! The same arguments give the same bytes on every machine. Memory is bounded whatever BYTES is.

mod chance;
mod clock;
mod kinds;
mod sink;
mod values;
mod words;

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use chance::Chance;
use clock::Clock;
use kinds::{KINDS, Kind, Stage};
use sink::Sink;
use words::Words;

/// Folders that small files are spread over.
const FOLDERS: u64 = 250;
/// About how large a small file is.
const SMALL: u64 = 1900;

const USAGE: &str = "usage: corpus KIND BYTES SEED OUT [--one-line] | small COUNT SEED DIR | kinds";

fn stage(seed: u64) -> Stage {
    Stage {
        chance: Chance::new(seed),
        words: Words::new(),
        clock: Clock::START,
        serial: 0,
    }
}

fn fill(kind: &Kind, stage: &mut Stage, mut sink: Sink, bytes: u64) -> Result<(), Box<dyn Error>> {
    sink.text(kind.head);
    while sink.offset() < bytes {
        (kind.record)(stage, &mut sink)?;
        sink.settle()?;
    }
    sink.finish()?;
    Ok(())
}

fn small(count: u64, seed: u64, dir: &Path) -> Result<(), Box<dyn Error>> {
    let scratch = dir.with_extension("part");
    for serial in 0..count {
        let kind = &KINDS[(serial % KINDS.len() as u64) as usize];
        let folder = dir.join(format!("{:03}", serial % FOLDERS));
        if serial < FOLDERS {
            fs::create_dir_all(&folder)?;
        }
        fill(
            kind,
            &mut stage(seed ^ (serial << 16)),
            Sink::create(&scratch, false)?,
            SMALL,
        )?;
        fs::rename(&scratch, folder.join(format!("{serial:06}.{}", kind.name)))?;
    }
    // The answer key of the last scratch file says nothing about the tree.
    for ending in ["part.spans.tsv", "part.counts.tsv"] {
        fs::remove_file(dir.with_extension(ending))?;
    }
    Ok(())
}

fn run(arguments: &[&str]) -> Result<(), Box<dyn Error>> {
    match *arguments {
        ["kinds"] => {
            KINDS.iter().for_each(|kind| println!("{}", kind.name));
            Ok(())
        }
        ["small", count, seed, dir] => small(count.parse()?, seed.parse()?, Path::new(dir)),
        [name, bytes, seed, out, ref flags @ ..] => {
            let one_line = match flags {
                [] => false,
                ["--one-line"] => true,
                _ => return Err(USAGE.into()),
            };
            let kind = KINDS.iter().find(|kind| kind.name == name).ok_or(USAGE)?;
            let sink = Sink::create(Path::new(out), one_line)?;
            fill(kind, &mut stage(seed.parse()?), sink, bytes.parse()?)
        }
        _ => Err(USAGE.into()),
    }
}

fn main() -> ExitCode {
    let owned: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = owned.iter().map(String::as_str).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("corpus: {error}");
            ExitCode::from(2)
        }
    }
}
