//! The program from outside: help, misuse, exit codes, streams and terminals.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test makes its own files, and one that cannot go on fails"
)]

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::mpsc::channel;
use std::thread;

use tempfile::TempDir;

/// The program with an environment that decides nothing.
fn efface(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_efface"));
    command.current_dir(folder).stdin(Stdio::null());
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "CI"] {
        command.env_remove(name);
    }
    command
}

fn run(folder: &Path, args: &[&str]) -> Output {
    efface(folder).args(args).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[track_caller]
fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

/// A folder with a clean file and one with findings.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("clean.txt"), "nothing in here\n").unwrap();
    let log = "call from +1 416 555 0123 by jane.doe@example.com\n".repeat(3);
    fs::write(folder.path().join("app.log"), log).unwrap();
    folder
}

#[test]
fn help_is_as_agreed_and_fits_eighty_columns() {
    let folder = folder();
    for args in [
        &["-h"][..],
        &["--help"],
        &["scan", "-h"],
        &["scan", "--help"],
        &["find", "-h"],
        &["find", "--help"],
        &["redact", "-h"],
        &["redact", "--help"],
        &["erase", "-h"],
        &["erase", "--help"],
        &["sweep", "-h"],
        &["sweep", "--help"],
        &["disclose", "--help"],
        &["correct", "--help"],
        &["replay", "--help"],
        &["case", "--help"],
        &["case", "open", "--help"],
        &["audit", "--help"],
        &["hold", "--help"],
        &["hold", "add", "--help"],
        &["index", "--help"],
        &["index", "build", "--help"],
        &["index", "update", "--help"],
        &["index", "forget", "--help"],
        &["verify", "--help"],
        &["recover", "--help"],
        &["reveal", "--help"],
        &["key", "--help"],
        &["doctor", "--help"],
        &["completions", "-h"],
        &["completions", "--help"],
        &["man", "-h"],
        &["man", "--help"],
        &["patterns", "-h"],
        &["patterns", "--help"],
        &["patterns", "list", "--help"],
    ] {
        let output = run(folder.path(), args);
        assert_eq!(code(&output), 0);
        let shown = text(&output.stdout);
        for line in shown.lines() {
            assert!(line.chars().count() <= 80, "{args:?}: {line}");
        }
        let words: Vec<_> = args.iter().map(|arg| arg.trim_matches('-')).collect();
        let name = format!("{}.txt", words.join("-"));
        let file = format!("{}/tests/golden/{name}", env!("CARGO_MANIFEST_DIR"));
        let expected = fs::read_to_string(file).unwrap_or_default();
        assert!(shown == expected, "{name} differs; it would be:\n{shown}");
    }
    let short = run(folder.path(), &["scan", "-h"]);
    assert!(text(&short.stdout).lines().count() <= 40);
    let long = run(folder.path(), &["scan", "--help"]);
    assert!(text(&long.stdout).starts_with("Examples:"));
}

#[test]
fn misuse_is_told_in_one_sentence_and_one_hint_before_anything_is_read() {
    let folder = folder();
    for (args, sentence, hint) in [
        (&[][..], "no command is given", "'efface scan .'"),
        (&["scna"], "unknown command 'scna'", "did you mean 'scan'?"),
        (&["scan"], "PATH is missing", "'-' is standard input"),
        (
            &["scan", "--onyl", "phone", "."],
            "unknown argument '--onyl'",
            "'--only'",
        ),
        (
            &["scan", "--only", "emial", "."],
            "unknown entity 'emial'",
            "'email'",
        ),
        (
            &["scan", "--except", "specail", "."],
            "unknown entity 'specail'",
            "did you mean",
        ),
        (
            &["scan", "--region", "XX", "."],
            "unknown region 'XX'",
            "ISO 3166",
        ),
        (
            &["scan", "--as", "cvs", "."],
            "unknown format 'cvs'",
            "did you mean",
        ),
        (
            &["scan", "--format", "xml", "."],
            "--format cannot be 'xml'",
            "jsonl",
        ),
        (&["scan", "--format"], "--format needs a value", "jsonl"),
        (
            &["scan", "--include", "a[", "."],
            "--include cannot be 'a['",
            "quote it",
        ),
        (
            &["scan", "--exclude", "{a", "."],
            "--exclude cannot be '{a'",
            "quote it",
        ),
        (
            &["scan", "--accept-unread", "[", "."],
            "--accept-unread cannot be '['",
            "quote it",
        ),
        (
            &["scan", "--max-size", "1X", "."],
            "--max-size cannot be '1X'",
            "64M",
        ),
        (
            &["scan", "--min-confidence", "7", "."],
            "--min-confidence cannot be '7'",
            "0 to 1",
        ),
        (
            &["scan", "-j", "many", "."],
            "--threads cannot be 'many'",
            "0 to",
        ),
        (
            &["scan", "--progress", "no", "."],
            "--progress cannot be 'no'",
            "never",
        ),
        (
            &["scan", "--color", "no", "."],
            "--color cannot be 'no'",
            "never",
        ),
        (
            &["scan", "nosuch.csv"],
            "cannot read nosuch.csv",
            "spelling",
        ),
        (
            &["scan", "a\u{1b}[2Jb"],
            r"cannot read a\x1b[2Jb",
            "spelling",
        ),
        (
            &["scan", "--patterns", "nosuch", "."],
            "cannot read nosuch",
            "folder",
        ),
        (&["patterns"], "no command is given", "--help"),
        (
            &["scan", "--only", "phone", "--except", "phone", "."],
            "leaves nothing",
            "other",
        ),
        (&["completions", "tcsh"], "SHELL cannot be 'tcsh'", "bash"),
        (&["man", "nosuch"], "there is no command 'nosuch'", "--help"),
    ] {
        let output = run(folder.path(), args);
        assert_eq!(code(&output), 2, "{args:?}");
        assert_eq!(text(&output.stdout), "", "{args:?}");
        let said = text(&output.stderr);
        let (first, last) = said.split_once("\n\n").unwrap_or_else(|| panic!("{said}"));
        assert!(
            first.starts_with("efface: error: ") && first.contains(sentence),
            "{said}"
        );
        assert!(last.starts_with("hint: ") && last.contains(hint), "{said}");
        assert_eq!(said.lines().count(), 3, "{said}");
    }
}

#[test]
fn the_exit_code_says_what_came_of_a_scan() {
    let folder = folder();
    fs::write(folder.path().join("call.wav"), b"RIFF\x24\0\0\0WAVEfmt ").unwrap();
    for (args, expected) in [
        (&["scan", "clean.txt"][..], 0),
        (&["scan", "app.log"], 1),
        (&["scan", "app.log", "clean.txt"], 1),
        (&["scan", "call.wav"], 3),
        (&["scan", "."], 3),
        (&["scan", "--exclude", "*.wav", "."], 1),
        (&["scan", "--accept-unread", "*.wav", "."], 1),
        (
            &["scan", "--accept-unread", "wav", "call.wav", "clean.txt"],
            0,
        ),
        (&["scan", "--only", "payment_card", "app.log"], 0),
        (&["scan", "--include", "clean.*", "."], 0),
        (&["--version"], 0),
        (&["patterns", "list"], 0),
        (&["man"], 0),
        (&["man", "scan"], 0),
        (&["completions", "zsh"], 0),
    ] {
        for format in ["table", "jsonl", "csv", "sarif"] {
            let mut args = args.to_vec();
            if args[0] == "scan" {
                args.extend(["--format", format]);
            }
            let output = run(folder.path(), &args);
            assert_eq!(code(&output), expected, "{args:?} {}", text(&output.stdout));
            assert_eq!(text(&output.stderr), "", "{args:?}");
        }
    }
}

#[test]
fn standard_input_is_a_source_named_by_a_dash() {
    let folder = folder();
    let mut child = efface(folder.path())
        .args(["scan", "--format", "jsonl", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"mail jane.doe@example.com\n").unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    assert_eq!(code(&output), 1);
    let lines: Vec<serde_json::Value> = text(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines[1]["path"], "-");
    assert_eq!(lines[1]["masked"], "j•••@e•••.com");
    assert_eq!(lines[2]["status"], "scanned");
}

#[test]
fn a_reader_that_leaves_ends_the_scan_quietly_with_three() {
    let folder = folder();
    let many = "jane.doe@example.com\n".repeat(100_000);
    fs::write(folder.path().join("many.txt"), many).unwrap();
    let mut child = efface(folder.path())
        .args(["scan", "--format", "jsonl", "many.txt"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    assert!(line.contains("\"run\""));
    let output = child.wait_with_output().unwrap();
    assert_eq!(code(&output), 3);
    assert_eq!(text(&output.stderr), "");
}

#[test]
fn the_first_interrupt_ends_the_scan_with_what_it_has() {
    let folder = folder();
    let mut child = efface(folder.path())
        .args(["scan", "--format", "jsonl", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let stdout = BufReader::new(child.stdout.take().unwrap());
    let (running, is_running) = channel();
    let reader = thread::spawn(move || {
        let mut lines = stdout.lines().map(Result::unwrap);
        lines.next().unwrap();
        running.send(()).unwrap();
        lines.last().unwrap()
    });
    let process = rustix::process::Pid::from_child(&child);
    let text = "jane.doe@example.com\n".repeat(10_000);
    // It reads on until it is interrupted, and then leaves its input.
    while stdin.write_all(text.as_bytes()).is_ok() {
        if is_running.try_recv().is_ok() {
            rustix::process::kill_process(process, rustix::process::Signal::INT).unwrap();
        }
    }
    assert_eq!(child.wait().unwrap().code(), Some(3));
    let last: serde_json::Value = serde_json::from_str(&reader.join().unwrap()).unwrap();
    assert_eq!(last["type"], "summary");
    assert_eq!(last["incomplete"], 1);
}

#[test]
fn a_second_interrupt_ends_a_scan_that_waits_for_input() {
    let folder = folder();
    let mut child = efface(folder.path())
        .args(["scan", "--format", "jsonl", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    // Enough findings that the first are written out: the scan runs.
    let text = "jane.doe@example.com\n".repeat(200_000);
    let feeder = thread::spawn(move || {
        let _ = stdin.write_all(text.as_bytes());
        stdin
    });
    stdout.read_line(&mut String::new()).unwrap();
    let drain = thread::spawn(move || stdout.lines().count());
    let open = feeder.join().unwrap();
    let process = rustix::process::Pid::from_child(&child);
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        let _ = rustix::process::kill_process(process, rustix::process::Signal::INT);
        thread::yield_now();
    };
    drop(open);
    assert_eq!(status.code(), Some(3));
    drain.join().unwrap();
}

#[test]
fn a_full_disk_is_an_error() {
    let folder = folder();
    for args in [
        &["scan", "app.log"][..],
        &["scan", "--format", "jsonl", "app.log"],
        &["--help"],
        &["--version"],
        &["man"],
        &["completions", "bash"],
    ] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let output = efface(folder.path())
            .args(args)
            .stdout(full)
            .output()
            .unwrap();
        assert_eq!(code(&output), 2, "{args:?}");
        let said = text(&output.stderr);
        assert!(said.contains("No space left on device"), "{said}");
        assert!(said.contains("\n\nhint: "), "{said}");
    }
}

/// What a program shows on a terminal of its own, or nothing where there is no `script`.
fn on_a_terminal(folder: &Path, environment: &str, args: &str) -> Option<String> {
    let command = format!("{environment} {} {args}", env!("CARGO_BIN_EXE_efface"));
    let output = Command::new("script")
        .args(["-qec", &command, "/dev/null"])
        .current_dir(folder)
        .env("TERM", "xterm")
        .env_remove("NO_COLOR")
        .env_remove("CI")
        .env_remove("CLICOLOR")
        .env_remove("CLICOLOR_FORCE")
        .stdin(Stdio::null())
        .output()
        .ok()?;
    String::from_utf8(output.stdout).ok()
}

#[test]
fn a_terminal_gets_colour_and_no_hostile_name() {
    let folder = tempfile::tempdir().unwrap();
    let name = std::ffi::OsStr::from_bytes(b"\x1b]0;owned\x07\xff.log");
    fs::write(folder.path().join(name), "jane.doe@example.com\n").unwrap();
    let Some(shown) = on_a_terminal(folder.path(), "", "scan --progress never .") else {
        return;
    };
    assert!(shown.contains(r"\x1b]0;owned\x07\xff.log"), "{shown:?}");
    assert!(shown.contains("\u{1b}[36m"), "{shown:?}");
    assert!(!shown.contains("\u{1b}]0;owned"), "{shown:?}");
    for environment in ["NO_COLOR=1", "TERM=dumb", "CI=true TERM=dumb"] {
        let shown = on_a_terminal(folder.path(), environment, "scan --progress never .").unwrap();
        assert!(!shown.contains('\u{1b}'), "{environment}: {shown:?}");
    }
    let shown = on_a_terminal(folder.path(), "NO_COLOR=", "scan --progress never .").unwrap();
    assert!(shown.contains("\u{1b}[36m"), "{shown:?}");
    let shown = run(folder.path(), &["scan", "--color", "always", "."]).stdout;
    let exact = shown.windows(12).any(|w| w == b"\x1b]0;owned\x07\xff.");
    assert!(exact, "a pipe gets the exact name");
}

#[test]
fn progress_goes_to_a_terminal_and_leaves_no_trace_on_standard_output() {
    let folder = folder();
    let output = run(folder.path(), &["scan", "--progress", "always", "app.log"]);
    assert_eq!(code(&output), 1);
    assert_eq!(text(&output.stderr), "");
    let Some(shown) = on_a_terminal(folder.path(), "", "scan app.log >out") else {
        return;
    };
    assert!(!shown.contains("example"), "{shown:?}");
    let table = fs::read_to_string(folder.path().join("out")).unwrap();
    assert!(
        table.contains("j•••@e•••.com") && !table.contains('\u{1b}'),
        "{table}"
    );
}

#[test]
fn the_manual_and_the_completions_name_every_flag() {
    let folder = folder();
    let manual = run(folder.path(), &["man", "scan"]).stdout;
    let script = run(folder.path(), &["completions", "bash"]).stdout;
    let help = run(folder.path(), &["scan", "--help"]).stdout;
    let flags = text(&help)
        .split_whitespace()
        .filter(|word| word.starts_with("--") && word.len() > 3)
        .map(|word| word.trim_end_matches(','));
    let mut count = 0;
    for flag in flags {
        count += 1;
        assert!(text(&manual).contains(&flag.replace('-', "\\-")), "{flag}");
        assert!(text(&script).contains(flag), "{flag}");
    }
    assert!(count > 10);
}
