//! What the first values of a column tell of the others is the same on any number of threads and in a
//! pipe (R11), and rounded numbers of a spreadsheet are found by it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(
    clippy::disallowed_methods,
    reason = "tests make and change files of their own"
)]

use std::fmt::Write as _;
use std::fs::File;
use std::process::{Command, Stdio};

use serde_json::Value;

/// A table of three columns without names: a word, what `number` gives, a count.
fn table(rows: usize, number: impl Fn(usize) -> String) -> String {
    (0..rows).fold(String::new(), |mut text, row| {
        let _ = writeln!(text, "x{row:05},{},{}", number(row), row % 7);
        text
    })
}

/// The findings of `text`, by offset and evidence, on `threads`, from a file or a pipe.
fn found(text: &str, threads: &str, piped: bool) -> Vec<(u64, String, Vec<String>)> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows.csv");
    std::fs::write(&path, text).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_efface"));
    command.args(["scan", "--no-config", "--format", "jsonl", "-j", threads]);
    if piped {
        command
            .args(["--as", "csv", "-"])
            .stdin(Stdio::from(File::open(&path).unwrap()));
    } else {
        command.arg(&path);
    }
    let told = command.output().unwrap().stdout;
    let lines = told.split(|b| *b == b'\n').filter(|line| !line.is_empty());
    lines
        .map(|line| serde_json::from_slice::<Value>(line).unwrap())
        .filter(|line| line["type"] == "finding")
        .map(|line| {
            let evidence = line["evidence"].as_array().unwrap().iter();
            let evidence = evidence.map(|name| name.as_str().unwrap().to_owned());
            let entity = line["entity"].as_str().unwrap().to_owned();
            (line["start"].as_u64().unwrap(), entity, evidence.collect())
        })
        .collect()
}

/// Numbers for fiction in areas that differ from row to row.
fn phone(row: usize) -> String {
    let area = [416, 613, 212, 905, 647, 514, 604][row % 7];
    format!("{area}5550{}", 100 + row * 37 % 100)
}

#[test]
fn a_column_is_told_by_its_first_values_however_it_is_read() {
    let text = table(20_000, phone);
    let all = found(&text, "1", false);
    assert_eq!(all.len(), 20_000);
    assert!(all.iter().all(|(_, entity, evidence)| {
        entity == "phone" && evidence.iter().any(|name| name == "column")
    }));
    for (threads, piped) in [("2", false), ("1", true), ("2", true)] {
        assert!(found(&text, threads, piped) == all, "{threads} {piped}");
    }
}

#[test]
fn identifiers_that_count_up_are_no_column_of_phones() {
    let text = table(200, |row| (4_165_550_100_u64 + row as u64 * 3).to_string());
    let told = found(&text, "1", false);
    assert!(
        told.iter()
            .all(|(_, _, evidence)| !evidence.iter().any(|name| name == "column"))
    );
}

#[test]
fn numbers_that_a_spreadsheet_rounded_are_found_in_a_column_of_phones() {
    let rows = table(40, |row| {
        if row % 4 == 0 {
            "1.41656E+10".to_owned()
        } else {
            phone(row)
        }
    });
    let told = found(&format!("name,phone,count\n{rows}"), "1", false);
    assert_eq!(told.len(), 40);
    let other = rows.replace(",1.41656E+10,", ",1.41656E-10,");
    assert_eq!(
        found(&format!("name,phone,count\n{other}"), "1", false).len(),
        30
    );
}
