//! Identifiers of every kind, found, replaced by each operator and not found again, in files that
//! still open.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(
    clippy::disallowed_methods,
    reason = "tests make and change files of their own"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// Name of the column, value, entity.
const VALUES: [(&str, &str, &str); 19] = [
    ("iban", "DE89370400440532013000", "iban"),
    ("mac", "00:1A:2B:3C:4D:5E", "mac_address"),
    ("imei", "490154203237518", "imei"),
    ("imsi", "262011234567890", "imsi"),
    ("iccid", "8914800000000000006", "iccid"),
    ("ssn", "123-45-6789", "us_ssn"),
    ("sin", "130692544", "ca_sin"),
    ("nhs_number", "9434765919", "uk_nhs"),
    ("cvv", "987", "card_security_code"),
    ("first_name", "Jane", "person_name"),
    ("last_name", "O'Neil", "person_name"),
    (
        "home_address",
        "12 Main Street Springfield",
        "postal_address",
    ),
    ("dob", "1980-05-12", "date_of_birth"),
    ("gclid", "EAIaIQobChMI8sample1BwE", "cookie_id"),
    (
        "idfa",
        "6D92078A-8246-4BA4-AE5B-76104861E7DC",
        "advertising_id",
    ),
    ("device_id", "9774d56d682e549c", "device_id"),
    ("lat", "43.6532", "geolocation"),
    ("lng", "-79.3832", "geolocation"),
    ("password", "hunter2", "credential"),
];

struct Bench(tempfile::TempDir);

impl Bench {
    /// Files of five formats, each with every value in every second record.
    fn new() -> Self {
        let bench = Self(tempfile::tempdir().unwrap());
        std::fs::create_dir(bench.path("in")).unwrap();
        let names: Vec<&str> = VALUES.iter().map(|(name, ..)| *name).collect();
        let values: Vec<&str> = VALUES.iter().map(|(_, value, _)| *value).collect();
        let blank = vec![""; values.len()];
        let rows = [&names, &values, &blank, &values].map(|row| row.join(","));
        bench.write("table.csv", &format!("{}\r\n", rows.join("\r\n")));
        let pairs = |sign: &str, joint: &str, quote: &str| {
            let pair = |(name, value, _): &(&str, &str, &str)| {
                format!("{quote}{name}{quote}{sign}{quote}{value}{quote}")
            };
            VALUES.iter().map(pair).collect::<Vec<_>>().join(joint)
        };
        let object = format!("{{{}}}\n", pairs(":", ",", "\""));
        bench.write("lines.jsonl", &object.repeat(2));
        bench.write("query.log", &format!("GET /?{}\n", pairs("=", "&", "")));
        bench.write("pairs.txt", &format!("{}\n", pairs(": ", "\n", "")));
        let elements = VALUES
            .iter()
            .map(|(name, value, _)| format!("<{name}>{value}</{name}>"));
        let elements: Vec<String> = elements.collect();
        bench.write(
            "data.xml",
            &format!("<all><one>{}</one></all>\n", elements.concat()),
        );
        let database = rusqlite::Connection::open(bench.path("in/store.db")).unwrap();
        let columns = names.join(" TEXT, ");
        let cells = values
            .iter()
            .map(|value| format!("'{}'", value.replace('\'', "''")));
        let cells: Vec<String> = cells.collect();
        let made = format!(
            "CREATE TABLE people (id INTEGER PRIMARY KEY, {columns} TEXT);
             INSERT INTO people VALUES (1, {});",
            cells.join(", ")
        );
        database.execute_batch(&made).unwrap();
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path("in").join(name), text).unwrap();
    }

    fn run(&self, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_efface"))
            .args(args)
            .env("XDG_STATE_HOME", self.path("state"))
            .current_dir(self.0.path())
            .output()
            .unwrap()
    }

    /// What is found in a file: values with their entities.
    fn found(&self, path: &str) -> BTreeSet<(String, String)> {
        let ran = self.run(&["scan", "--format", "jsonl", "--show-values", path]);
        let lines = String::from_utf8(ran.stdout).unwrap();
        let lines = lines
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap());
        let word = |line: &Value, key: &str| line[key].as_str().unwrap_or_default().to_owned();
        lines
            .filter(|line| line["type"] == "finding")
            .map(|line| (word(&line, "value"), word(&line, "entity")))
            .collect()
    }
}

const FILES: [&str; 6] = [
    "table.csv",
    "lines.jsonl",
    "query.log",
    "pairs.txt",
    "data.xml",
    "store.db",
];

fn expected() -> BTreeSet<(String, String)> {
    let pair =
        |(_, value, entity): &(&str, &str, &str)| ((*value).to_owned(), (*entity).to_owned());
    VALUES.iter().map(pair).collect()
}

#[test]
fn every_kind_is_found_in_every_format() {
    let bench = Bench::new();
    let mut wrong = Vec::new();
    for file in FILES {
        let found = bench.found(&format!("in/{file}"));
        for missed in expected().difference(&found) {
            wrong.push(format!("{file}: missed {missed:?}"));
        }
        for extra in found.difference(&expected()) {
            wrong.push(format!("{file}: extra {extra:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// All entities, so that those which must be named are.
fn all() -> String {
    let entities: BTreeSet<&str> = VALUES.iter().map(|(.., entity)| *entity).collect();
    entities.into_iter().collect::<Vec<_>>().join(",")
}

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap()
}

#[test]
fn every_operator_leaves_nothing_to_find_and_files_that_open() {
    let only = all();
    for operator in ["mask", "label", "partial", "token", "remove"] {
        let bench = Bench::new();
        let sizes = FILES.map(|file| read(&bench.path("in").join(file)).len());
        let args = [
            "redact",
            "--in-place",
            "--only",
            &only,
            "--operator",
            operator,
            "in",
        ];
        let ran = bench.run(&args);
        assert_eq!(ran.status.code(), Some(0), "{operator}: {ran:?}");
        for (file, size) in FILES.into_iter().zip(sizes) {
            let path = bench.path("in").join(file);
            let text = String::from_utf8_lossy(&read(&path)).into_owned();
            for (name, value, _) in VALUES {
                // Three letters or digits may stand in anything.
                let left = value.len() > 4 && text.contains(value);
                assert!(!left, "{operator}: {file}: {name} is left");
            }
            let found = bench.found(&format!("in/{file}"));
            assert!(found.is_empty(), "{operator}: {file}: {found:?}");
            if operator == "mask" && file != "store.db" {
                assert_eq!(text.len(), size, "{file}");
            }
        }
        let table = read(&bench.path("in/table.csv"));
        let mut reader = csv::Reader::from_reader(&table[..]);
        assert!(
            reader
                .records()
                .all(|row| row.unwrap().len() == VALUES.len())
        );
        for line in String::from_utf8(read(&bench.path("in/lines.jsonl")))
            .unwrap()
            .lines()
        {
            serde_json::from_str::<Value>(line).unwrap();
        }
        // R7: a second run changes nothing.
        let again = bench.run(&args);
        assert_eq!(again.status.code(), Some(0), "{operator}");
        let said = String::from_utf8(again.stdout).unwrap();
        assert!(said.contains("nothing to change"), "{operator}: {said}");
    }
}

#[test]
fn numbers_of_json_stay_numbers() {
    let bench = Bench::new();
    let text = "{\"lat\":43.6532,\"lng\":-79.3832,\"imei\":490154203237518}\n";
    bench.write("numbers.json", text);
    let args = ["redact", "--in-place", "in/numbers.json"];
    assert_eq!(bench.run(&args).status.code(), Some(0));
    let left = String::from_utf8(read(&bench.path("in/numbers.json"))).unwrap();
    assert!(
        !left.contains("43.65") && !left.contains("490154"),
        "{left}"
    );
    let value: Value = serde_json::from_str(&left).unwrap();
    assert!(
        value["lat"].is_number() && value["imei"].is_number(),
        "{left}"
    );
    assert!(bench.found("in/numbers.json").is_empty(), "{left}");
}

#[test]
fn an_identifier_is_a_subject_by_its_name() {
    let bench = Bench::new();
    for (typed, files) in [
        ("imei:49-015420-323751-8", 6),
        ("us_ssn:123456789", 6),
        ("iban:DE89 3704 0044 0532 0130 00", 6),
        ("mac_address:001a.2b3c.4d5e", 6),
    ] {
        let ran = bench.run(&["find", typed, "in", "--format", "jsonl"]);
        assert_eq!(ran.status.code(), Some(0), "{typed}: {ran:?}");
        let lines = String::from_utf8(ran.stdout).unwrap();
        let found = lines
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap())
            .filter(|line| line["type"] == "file" && line["findings"] != 0);
        assert_eq!(found.count(), files, "{typed}");
    }
}
