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
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use kinds::{KINDS, Kind};
use sink::Sink;

/// Folders that small files are spread over.
const FOLDERS: u64 = 250;
/// About how large a small file is.
const SMALL: u64 = 1900;

const USAGE: &str = "usage: corpus KIND BYTES SEED OUT [--one-line] | small COUNT SEED DIR | kinds";

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

fn one(kind: &Kind, bytes: u64, seed: u64, out: &Path, one_line: bool) -> io::Result<()> {
    let mut corpus = File::create(out)?;
    let mut spans = BufWriter::new(File::create(beside(out, ".spans.tsv"))?);
    let mut sink = Sink::new(&mut corpus, &mut spans, one_line);
    kind.fill(seed, &mut sink, bytes)?;
    let (bytes, counts) = sink.finish()?;
    let mut key = BufWriter::new(File::create(beside(out, ".counts.tsv"))?);
    writeln!(key, "bytes\t{bytes}")?;
    for (entity, count) in counts {
        writeln!(key, "{entity}\t{count}")?;
    }
    key.flush()
}

fn small(count: u64, seed: u64, dir: &Path) -> io::Result<()> {
    for serial in 0..count {
        let kind = &KINDS[(serial % KINDS.len() as u64) as usize];
        let folder = dir.join(format!("{:03}", serial % FOLDERS));
        if serial < FOLDERS {
            fs::create_dir_all(&folder)?;
        }
        let mut corpus = File::create(folder.join(format!("{serial:06}.{}", kind.name)))?;
        let mut nowhere = io::sink();
        let mut sink = Sink::new(&mut corpus, &mut nowhere, false);
        kind.fill(seed ^ (serial << 16), &mut sink, SMALL)?;
        sink.finish()?;
    }
    Ok(())
}

fn run(arguments: &[&str]) -> Result<(), Box<dyn Error>> {
    match *arguments {
        ["kinds"] => {
            KINDS.iter().for_each(|kind| println!("{}", kind.name));
            Ok(())
        }
        ["small", count, seed, dir] => Ok(small(count.parse()?, seed.parse()?, Path::new(dir))?),
        [name, bytes, seed, out, ref flags @ ..] => {
            let one_line = match flags {
                [] => false,
                ["--one-line"] => true,
                _ => return Err(USAGE.into()),
            };
            let kind = KINDS.iter().find(|kind| kind.name == name).ok_or(USAGE)?;
            Ok(one(
                kind,
                bytes.parse()?,
                seed.parse()?,
                Path::new(out),
                one_line,
            )?)
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
