//! The planted files by the program itself: scan, redact, erase, scan again; an independent reader
//! before and after, a search of everything decoded; and the table of formats that says so.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use crate::bench::{Bench, Ran};
use crate::plants::{JO, PLANTS, Plant, VALUES};
use crate::samples::Samples;

/// Scans, redactions and shapes of all planted files at once.
fn planted() -> Bench {
    let bench = Bench::new();
    for plant in PLANTS {
        bench.put(name(plant), &plant.bytes());
    }
    bench
}

fn name(plant: &Plant) -> &'static str {
    plant.file.rsplit('/').next().unwrap()
}

/// What a scan says of each file: the canonical values it holds, and its format and status.
struct Scanned {
    values: BTreeMap<String, Vec<String>>,
    files: BTreeMap<String, (String, String)>,
}

fn scanned(bench: &Bench) -> Scanned {
    let ran = bench.run(&["scan", "--format", "jsonl", "--show-values", "."]);
    let mut scanned = Scanned {
        values: BTreeMap::new(),
        files: BTreeMap::new(),
    };
    for line in ran.out.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let word = |key: &str| line[key].as_str().unwrap_or_default().to_owned();
        let path = word("path").trim_start_matches("./").to_owned();
        match line["type"].as_str().unwrap() {
            "finding" => {
                let values = scanned.values.entry(path).or_default();
                values.push(word("canonical"));
            }
            "file" => drop(scanned.files.insert(path, (word("format"), word("status")))),
            _ => {}
        }
    }
    scanned
}

/// The reader that took each file, and the shape it saw.
type Shapes = BTreeMap<String, (String, String)>;

/// What Python's readers say of each file: which one took it, and the shape it saw.
fn shapes(bench: &Bench) -> Option<Shapes> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/readers.py");
    let run = "import runpy, sys; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')";
    let said = bench.python(&[run, script, "--shapes", "."])?;
    let shapes = said.lines().map(|line| {
        let (name, reader, shape): (String, String, String) = serde_json::from_str(line).unwrap();
        (name, (reader, shape))
    });
    Some(shapes.collect())
}

/// The files in which a decoded search finds one of `values`.
pub(crate) fn traces(bench: &Bench, values: &[&str]) -> Option<String> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/traces.py");
    let run = "import runpy, sys; sys.argv = sys.argv[1:]\ntry: runpy.run_path(sys.argv[0], run_name='__main__')\nexcept SystemExit: pass";
    let mut args = vec![run, script, "."];
    args.extend(values);
    bench.python(&args)
}

/// All was done. Two transcripts name recordings that are not there, which is told with exit code 3.
fn assert_done(ran: &Ran) {
    let missing = ran.out.matches("missing partner").count();
    let code = if missing > 0 { 3 } else { 0 };
    assert!(missing <= 2 && ran.code == code, "{}{}", ran.out, ran.err);
}

#[test]
fn planted_values_are_found_and_go_whatever_the_format() {
    let bench = planted();
    let before = scanned(&bench);
    let shaped = shapes(&bench);
    for plant in PLANTS {
        let (format, status) = &before.files[name(plant)];
        assert_eq!(format, plant.format, "{}", plant.file);
        assert_eq!(status, "scanned", "{}", plant.file);
        let found = before.values.get(name(plant)).cloned().unwrap_or_default();
        for (value, times) in plant.found {
            let seen = found.iter().filter(|one| one == value).count();
            assert_eq!(seen, *times, "{}: {value} in {found:?}", plant.file);
        }
    }

    let ran = bench.run(&["redact", "--in-place", "."]);
    assert_done(&ran);
    assert_eq!(scanned(&bench).values, BTreeMap::new());
    let again = bench.run(&["redact", "--in-place", "."]);
    assert!(again.out.starts_with("nothing to change"), "{}", again.out);
    let after = shapes(&bench);
    let other = |name: &&str| {
        let shape = |shapes: &Option<Shapes>| shapes.as_ref().map(|all| all[*name].clone());
        shape(&after) != shape(&shaped)
    };
    let bent: Vec<&str> = PLANTS.iter().map(name).filter(other).collect();
    assert_eq!(bent, [""; 0], "another shape");
    assert_eq!(traces(&bench, VALUES).as_deref().unwrap_or_default(), "");

    // The table says what was shown here and below.
    let labelled = labelled();
    let erased = erased();
    let table = table(&before, shaped.as_ref(), &labelled, &erased);
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/FORMATS.md");
    if std::env::var_os("EFFACE_UPDATE_FORMATS").is_some() {
        std::fs::write(&file, &table).unwrap();
    }
    if shaped.is_some() {
        let kept = std::fs::read_to_string(&file).unwrap();
        assert!(
            kept == table,
            "EFFACE_UPDATE_FORMATS=1 writes docs/FORMATS.md anew"
        );
    }
}

/// Replaces every value by a label and tells in which files that changed the width.
fn labelled() -> BTreeMap<String, bool> {
    let bench = planted();
    let old: BTreeMap<&str, Vec<u8>> = PLANTS
        .iter()
        .map(|plant| (name(plant), bench.get(name(plant))))
        .collect();
    let ran = bench.run(&["redact", "--in-place", "--operator", "label", "."]);
    assert_done(&ran);
    assert_eq!(scanned(&bench).values, BTreeMap::new());
    assert_eq!(traces(&bench, VALUES).as_deref().unwrap_or_default(), "");
    shapes(&bench);
    let free = |(name, old): (&str, Vec<u8>)| {
        let new = bench.get(name);
        (
            name.to_owned(),
            memchr::memmem::find(&new, b"[PHONE]").is_some() || new.len() != old.len(),
        )
    };
    old.into_iter().map(free).collect()
}

/// Erases one person and tells of each file what went: records or values.
fn erased() -> BTreeMap<String, &'static str> {
    let bench = planted();
    let old: BTreeMap<&str, usize> = PLANTS
        .iter()
        .map(|plant| (name(plant), bench.get(name(plant)).len()))
        .collect();
    let ran = bench.run(&["erase", "--records", "--subject", JO, "--apply", "."]);
    assert_done(&ran);
    let found = bench.run(&["find", JO, "."]);
    assert_eq!(found.code, 1, "{}{}", found.out, found.err);
    assert_eq!(traces(&bench, &[JO]).as_deref().unwrap_or_default(), "");
    shapes(&bench);
    let went = |plant: &Plant| {
        let records = bench.get(name(plant)).len() < old[name(plant)];
        (
            name(plant).to_owned(),
            if records { "records" } else { "values" },
        )
    };
    PLANTS.iter().map(went).collect()
}

fn table(
    scanned: &Scanned,
    shapes: Option<&Shapes>,
    labelled: &BTreeMap<String, bool>,
    erased: &BTreeMap<String, &'static str>,
) -> String {
    let mut out = String::from(INTRODUCTION);
    let samples = Samples::listed();
    for plant in PLANTS {
        let name = name(plant);
        let (format, _) = &scanned.files[name];
        let reader = shapes.map_or("", |shapes| &shapes[name].0);
        let width = if labelled[name] {
            "any width"
        } else {
            "same width"
        };
        let sample = match plant.sample {
            "" => "none public".to_owned(),
            file => format!("`{file}`: {}", samples.came_to(file)),
        };
        let values: usize = plant.found.iter().map(|(_, times)| times).sum();
        writeln!(
            out,
            "| {} | `{format}` | {values} | {width} | {} | {reader} | `{}` | {sample} |",
            plant.writer, erased[name], plant.file
        )
        .unwrap();
    }
    out.push_str(SAMPLES);
    samples.by_format(&mut out);
    out
}

const INTRODUCTION: &str = "\
# Formats

What writes a file, what it is told as, and what was shown with it. `tests/formats/planted.rs` plants
the same few values in every file and writes this table (`EFFACE_UPDATE_FORMATS=1 cargo test --test
formats`); a row stands here only when all of it held:

- **read**: so many values were found, each where it was planted, and every byte was read;
- **redact**: they were masked in place, a second scan found nothing, a second run changed nothing,
  and so it was with labels; *same width* where the format counts bytes and a label becomes a mask;
- **erase**: everything about one person went, as whole *records*, or as *values* where records have
  to stay, such as the words of a transcript with their times;
- **round trip**: this reader of Python's saw the same shape before and after;
- nothing of it was left in anything decoded (`tests/traces.py`).

The real samples were tried in the same way by `tests/readers.py --list tests/formats/samples.tsv
FOLDER`; they are not part of this repository, what they came to is. XML, captions and mail are compared byte by byte in `tests/formats/cases.rs`, tables in
`tests/redact/`, databases in `tests/sqlite/`.

`tests/matrix.py` writes the same number and address into every format in every spelling that may stand
in it: plain, JSON, XML, percent and hexadecimal escapes, base64 and hexadecimal words, JSON in JSON in a
log line, escapes in that, quoted-printable, UTF-7, UTF-16. `tests/formats/matrix.rs` holds that both
are found once in each of its 597 files, that both go, and that a search of everything decoded finds
nothing of them.

| written by | format | read | redact | erase | round trip | fixture | real sample tried |
|---|---|---|---|---|---|---|---|
";

const SAMPLES: &str = "
## Real samples

Files that real programs wrote, as `tests/formats/samples.tsv` has them. *Held*: redacted in place, read
with the same shape before and after by a reader of Python's, nothing outside of the findings changed,
nothing found again, and nothing changed by a second run.

| format | files | read whole | values | changed and held | read by |
|---|---|---|---|---|---|
";
