//! The labelled texts of `fixtures/labelled/written.jsonl`: every written spelling is found at its
//! exact place with its canonical value, and no look-alike is.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::Value;

/// What a text holds: start, end, entity, canonical value.
type Found = Vec<(u64, u64, String, String)>;

/// The text without its marks, and where the marked values stand in it.
fn unmarked(text: &str) -> (String, Vec<(u64, u64)>) {
    let (mut plain, mut places, mut start) = (String::new(), Vec::new(), 0);
    for ch in text.chars() {
        match ch {
            '«' => start = plain.len() as u64,
            '»' => places.push((start, plain.len() as u64)),
            other => plain.push(other),
        }
    }
    (plain, places)
}

fn scanned(text: &str, regions: &[String]) -> Found {
    let mut scan = Command::new(env!("CARGO_BIN_EXE_efface"));
    scan.args(["scan", "--format", "jsonl", "--show-values", "-j", "1"]);
    for region in regions {
        scan.args(["--region", region]);
    }
    let mut scan = scan
        .arg("-")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut input = scan.stdin.take().expect("it has an input");
    writeln!(input, "{text}").expect("it reads");
    drop(input);
    let output = scan.wait_with_output().expect("it ends");
    String::from_utf8(output.stdout)
        .expect("its report is UTF-8")
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("each line is JSON"))
        .filter(|line| line["type"] == "finding")
        .map(|line| {
            let word = |key: &str| line[key].as_str().unwrap_or_default().to_owned();
            let place = |key: &str| line[key].as_u64().unwrap_or_default();
            (
                place("start"),
                place("end"),
                word("entity"),
                word("canonical"),
            )
        })
        .collect()
}

#[test]
fn every_labelled_text_gives_what_its_label_says() {
    let texts = include_str!("../fixtures/labelled/written.jsonl");
    let mut wrong = Vec::new();
    let mut golden = 0;
    for line in texts.lines().filter(|line| !line.is_empty()) {
        let label: Value = serde_json::from_str(line).expect("each label is JSON");
        let (text, places) = unmarked(label["text"].as_str().expect("a label has a text"));
        let strings = |value: &Value| -> Vec<String> {
            value
                .as_array()
                .map(|all| {
                    all.iter()
                        .filter_map(Value::as_str)
                        .map(str::to_owned)
                        .collect()
                })
                .unwrap_or_default()
        };
        let expected: Found = places
            .iter()
            .zip(label["find"].as_array().into_iter().flatten())
            .map(|((start, end), what)| {
                let word = |key: &str| what[key].as_str().unwrap_or_default().to_owned();
                (*start, *end, word("entity"), word("canonical"))
            })
            .collect();
        // The canonical value of a term is the packs' own spelling.
        let compared = |found: Found| -> Found {
            found
                .into_iter()
                .map(|(start, end, entity, canonical)| {
                    let special = entity.starts_with("special.");
                    (
                        start,
                        end,
                        entity,
                        if special { String::new() } else { canonical },
                    )
                })
                .collect()
        };
        let found = compared(scanned(&text, &strings(&label["regions"])));
        let expected = compared(expected);
        golden += usize::from(label["golden"] == true);
        if found != expected {
            wrong.push(format!(
                "{}: expected {expected:?}, found {found:?}",
                label["id"]
            ));
        }
    }
    assert!(golden > 30, "the golden probes are among them");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
