//! R4 and R10: a thousand planted values through every command and error path; none stands raw in
//! any output, journal, receipt or name, and nothing asks for a network.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use crate::bench::Bench;

/// Planted values: phones of the fictitious range of many area codes, addresses, cards.
fn planted() -> Vec<String> {
    let mut values = Vec::new();
    for n in 0..500 {
        // 555-0100 to 555-0199 of area codes that are in use.
        let area = ["416", "647", "613", "902", "604"][n % 5];
        values.push(format!("{area}555{:04}", 100 + n / 5));
    }
    for n in 0..400 {
        values.push(format!("canary.{n:03}.{}@example.com", n * 7919 % 1000));
    }
    for n in 0..100_u64 {
        let body = format!("4{:014}", 11_111_111_000 + n * 37);
        let digits = format!("{body}{}", luhn(&body));
        let groups: Vec<_> = (0..4).map(|at| &digits[at * 4..at * 4 + 4]).collect();
        values.push(groups.join("-"));
    }
    values
}

/// The check digit behind `body` (ISO/IEC 7812-1, annex B).
fn luhn(body: &str) -> u32 {
    let sum: u32 = body
        .bytes()
        .rev()
        .enumerate()
        .map(|(at, digit)| {
            let digit = u32::from(digit - b'0');
            if at % 2 == 0 {
                digit * 2 / 10 + digit * 2 % 10
            } else {
                digit
            }
        })
        .sum();
    (10 - sum % 10) % 10
}

fn plant(bench: &Bench, values: &[String]) {
    let (mut table, mut lines, mut json) = ("id,x,note\n".to_owned(), String::new(), String::new());
    for (n, value) in values.iter().enumerate() {
        writeln!(table, "{n},{value},\"call {value} back\"").unwrap();
        writeln!(lines, "2024-05-02 10:00:00 caller {value} waits").unwrap();
        writeln!(json, "{{\"x\":\"{value}\",\"text\":\"it is {value}\"}}").unwrap();
    }
    bench.put("a.csv", &table);
    bench.put("a.log", &lines);
    bench.put("a.jsonl", &json);
    let units: Vec<u8> = lines.encode_utf16().flat_map(u16::to_le_bytes).collect();
    bench.put("wide.txt", [&[0xff, 0xfe][..], &units].concat());
    bench.put("broken.csv", format!("{table}\"{}", values[0]));
    bench.put(
        "broken.gz",
        [&[0x1f, 0x8b, 8, 0][..], values[1].as_bytes()].concat(),
    );
    bench.put(
        "blob",
        [&[0, 1, 2, 0xff, 0xfe][..], values[2].as_bytes(), &[0; 64]].concat(),
    );
    bench.put("list", values[..20].join("\n"));
    bench.put(
        "wrong-list",
        format!("{}\nnobody {}\n", values[3], values[4]),
    );
}

/// The planted values that stand raw in `bytes`.
fn leaks<'v>(values: &'v [String], bytes: &[u8]) -> BTreeSet<&'v str> {
    values
        .iter()
        .map(String::as_str)
        .filter(|value| memchr::memmem::find(bytes, value.as_bytes()).is_some())
        .collect()
}

fn files_below(folder: &Path, see: &mut impl FnMut(&Path, &[u8])) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_below(&path, see);
        } else if let Ok(bytes) = std::fs::read(&path) {
            see(&path, &bytes);
        }
    }
}

/// Every command with what a user may get wrong; `$0` and the like stand for planted values.
const COMMANDS: &[&str] = &[
    "scan .",
    "scan --format jsonl .",
    "scan --format csv .",
    "scan --format sarif .",
    "scan --as $0 .",
    "redact -n .",
    "redact --in-place --subject $5 -n .",
    "redact --in-place --subject-file list -n .",
    "redact --in-place --subject-file wrong-list .",
    "redact --in-place --subject x$0 .",
    "redact --in-place --key-file a.csv .",
    "redact --out out --operator token a.csv a.log",
    "redact --out out .",
    "hold add --subject $0 --subject $1 --reason canary --case c",
    "hold add --subject-file list --reason canary --case c",
    "hold add --subject-file wrong-list --reason canary",
    "hold list",
    "erase --subject $0 --apply .",
    "erase --subject $7 .",
    "hold release c",
    "hold release $0",
    "erase --subject $7 --apply .",
    "redact --in-place --operator label a.csv",
    "redact --in-place .",
    "verify a.csv",
    "recover",
    "reveal",
    "doctor .",
    "key rotate",
    "patterns list",
];

#[test]
fn no_planted_value_leaves_raw() {
    let values = planted();
    assert_eq!(values.iter().collect::<BTreeSet<_>>().len(), 1000);
    let bench = Bench::new();
    plant(&bench, &values);
    let planted_found = bench.found(&["a.csv", "a.log", "a.jsonl", "wide.txt"]);
    assert!(
        planted_found >= 6000,
        "the canaries are alive: {planted_found}"
    );
    for command in COMMANDS {
        let spelled: Vec<String> = command
            .split(' ')
            .map(|word| {
                let at = word
                    .find('$')
                    .map(|at| (at, word[at + 1..].parse::<usize>().unwrap()));
                at.map_or(word.to_owned(), |(at, n)| {
                    format!("{}{}", &word[..at], values[n])
                })
            })
            .collect();
        let args: Vec<&str> = spelled.iter().map(String::as_str).collect();
        let input = format!("{}\n", values[9]);
        let ran = bench.run_with(&args, input.as_bytes());
        // What was typed may be named in the complaint about it; nothing else may.
        let mut said = [ran.out.as_bytes(), ran.err.as_bytes()].concat();
        for typed in args.iter().filter(|arg| arg.len() > 9) {
            if command.contains("scan --as") || command.contains("hold release") {
                said = String::from_utf8_lossy(&said)
                    .replace(typed, "")
                    .into_bytes();
            }
        }
        let leaked = leaks(&values, &said);
        assert!(leaked.is_empty(), "{command} shows {} values", leaked.len());
        files_below(&bench.state(), &mut |path, bytes| {
            let leaked = leaks(&values, bytes);
            assert!(
                leaked.is_empty(),
                "{command} leaves {} values in {}",
                leaked.len(),
                path.display()
            );
            let named = leaks(&values, path.as_os_str().as_encoded_bytes());
            assert!(named.is_empty(), "{command} names a file by a value");
        });
    }
    for name in ["a.csv", "a.log", "a.jsonl", "wide.txt"] {
        let left = leaks(&values, &bench.get(name));
        assert!(left.is_empty(), "{name} still holds {}", left.len());
    }
}

#[test]
fn nothing_asks_for_a_network() {
    let traced = std::process::Command::new("strace").arg("-V").output();
    if traced.is_err() {
        // Said by hand: the output of a test that passes is not shown.
        return;
    }
    let values = planted();
    let bench = Bench::new();
    plant(&bench, &values);
    for args in [
        &["scan", "."][..],
        &["redact", "--in-place", "--operator", "token", "."],
        &["erase", "--only", "email", "--apply", "."],
        &["hold", "add", "--path", ".", "--reason", "x"],
        &["doctor", "."],
    ] {
        let log = bench.path("../trace");
        let mut command = std::process::Command::new("strace");
        command
            .args(["-f", "-e", "trace=%network", "-o"])
            .arg(&log)
            .arg(env!("CARGO_BIN_EXE_efface"))
            .args(args)
            .current_dir(bench.path(""))
            .env("XDG_STATE_HOME", bench.state())
            .stdin(std::process::Stdio::null());
        command.output().unwrap();
        let calls = std::fs::read_to_string(&log).unwrap_or_default();
        // A thread that the end of the program met on its way into a call is told as `???(`.
        let others = ["+++", "---", "???("];
        let asked: Vec<_> = calls
            .lines()
            .filter(|line| line.contains('(') && !others.iter().any(|other| line.contains(other)))
            .collect();
        assert!(asked.is_empty(), "{args:?}: {asked:?}");
    }
}
