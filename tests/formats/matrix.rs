//! The same two values in every format and in every spelling that may stand in it: all are found, all
//! go, and nothing of them is left in anything decoded.

use std::collections::BTreeMap;

use crate::bench::Bench;
use crate::planted::traces;
use crate::plants::{JO, MAIL};

/// How often each of the two values is found in each file, and what is said of files that were not
/// read whole.
fn scanned(bench: &Bench) -> (BTreeMap<String, [usize; 2]>, Vec<String>) {
    let ran = bench.run(&["scan", "--format", "jsonl", "--show-values", "."]);
    let (mut found, mut unread) = (BTreeMap::new(), Vec::new());
    for line in ran.out.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let path = line["path"].as_str().unwrap_or_default();
        let path = path.trim_start_matches("./").split('!').next().unwrap();
        match line["type"].as_str().unwrap() {
            "finding" => {
                let times: &mut [usize; 2] = found.entry(path.to_owned()).or_default();
                for (times, value) in times.iter_mut().zip([JO, MAIL]) {
                    *times += usize::from(line["canonical"] == value);
                }
            }
            "file" if line["status"] != "scanned" => unread.push(line.to_string()),
            _ => {}
        }
    }
    (found, unread)
}

#[test]
fn values_are_found_and_go_in_every_format_and_spelling() {
    let bench = Bench::new();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/matrix.py");
    let run = "import runpy, sys; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')";
    let Some(names) = bench.python(&[run, script, "."]) else {
        return;
    };
    let (before, unread) = scanned(&bench);
    assert_eq!(unread, [""; 0]);
    let missed = names
        .lines()
        .filter(|name| before.get(*name) != Some(&[1, 1]))
        .map(|name| format!("{name}: {:?}", before.get(name)));
    assert_eq!(
        missed.collect::<Vec<_>>(),
        [""; 0],
        "the number, the address"
    );

    let ran = bench.run(&["redact", "--in-place", "."]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let (after, unread) = scanned(&bench);
    assert_eq!(unread, [""; 0]);
    let left: Vec<_> = after
        .iter()
        .filter(|(_, times)| **times != [0, 0])
        .collect();
    assert!(left.is_empty(), "{left:?}");
    assert_eq!(
        traces(&bench, &[JO, MAIL]).as_deref().unwrap_or_default(),
        ""
    );
}
