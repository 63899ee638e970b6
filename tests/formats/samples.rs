//! What real samples came to when `tests/readers.py --list` last ran on them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

const LIST: &str = include_str!("samples.tsv");

/// One sample.
struct Sample {
    file: &'static str,
    format: &'static str,
    status: &'static str,
    reason: &'static str,
    values: usize,
    became: &'static str,
    reader: &'static str,
}

pub(crate) struct Samples(Vec<Sample>);

impl Samples {
    pub(crate) fn listed() -> Samples {
        let sample = |line: &'static str| {
            let cells: Vec<&'static str> = line.split('\t').collect();
            let [file, format, status, reason, values, became, reader] = cells[..] else {
                panic!("seven cells: {line}")
            };
            Sample {
                file,
                format,
                status,
                reason,
                values: values.parse().unwrap(),
                became,
                reader,
            }
        };
        Samples(LIST.lines().map(sample).collect())
    }

    /// What became of the sample with this name.
    pub(crate) fn came_to(&self, name: &str) -> String {
        let named = |sample: &&Sample| sample.file.rsplit('/').next() == Some(name);
        let sample = self.0.iter().find(named);
        let sample = sample.unwrap_or_else(|| panic!("{name} is in the list"));
        if sample.status != "scanned" {
            return format!("{}, {}", sample.status, sample.reason);
        }
        match sample.became {
            "held" => format!("held, {}", sample.values),
            "unchanged" => "nothing to change".to_owned(),
            other => panic!("{name}: {other}"),
        }
    }

    /// Appends a row for each format, and what was not read whole.
    pub(crate) fn by_format(&self, out: &mut String) {
        let mut formats: BTreeMap<&str, Vec<&Sample>> = BTreeMap::new();
        for sample in &self.0 {
            formats.entry(sample.format).or_default().push(sample);
        }
        for (format, samples) in formats {
            let count = |which: fn(&&&Sample) -> bool| samples.iter().filter(which).count();
            let whole = count(|sample| sample.status == "scanned");
            let held = count(|sample| sample.became == "held");
            let changed = count(|sample| sample.became != "unchanged");
            assert_eq!(held, changed, "{format}");
            let values: usize = samples.iter().map(|sample| sample.values).sum();
            let readers: BTreeSet<&str> = samples.iter().map(|sample| sample.reader).collect();
            let readers = Vec::from_iter(readers).join(", ");
            let files = samples.len();
            writeln!(
                out,
                "| `{format}` | {files} | {whole} | {values} | {held} | {readers} |"
            )
            .unwrap();
        }
        out.push_str("\nNot read whole, and said to be so:\n\n");
        for sample in self.0.iter().filter(|sample| sample.status != "scanned") {
            let Sample {
                file,
                status,
                reason,
                ..
            } = sample;
            writeln!(out, "- `{file}`: {status}, {reason}").unwrap();
        }
    }
}
