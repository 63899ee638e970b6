//! A recording and its transcript are one: what goes in the transcript is silent in the recording,
//! both are done or neither, and what does not fit together is refused.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(
    clippy::disallowed_methods,
    reason = "tests make and change files of their own"
)]

mod bad;
mod call;
mod prompts;
mod references;

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use call::{Call, SHAPES, Shape};

/// Milliseconds that may be muted around what was said: what is promised as padding, and a frame.
const LEAD: u64 = 400;
const TRAIL: u64 = 400;
const FRAME: u64 = 20;

fn efface(dir: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_efface"))
        .args(args)
        .current_dir(dir)
        .env("XDG_STATE_HOME", dir.join(".state"))
        .env("HOME", dir)
        .output()
        .unwrap()
}

fn told(output: &Output) -> String {
    let text = [&output.stdout[..], &output.stderr[..]].concat();
    String::from_utf8_lossy(&text).into_owned()
}

/// The silent stretches of a mu-law recording, in milliseconds, as long as 5 ms at least.
fn silent(wav: &[u8]) -> Vec<Range<u64>> {
    let mut found: Vec<Range<u64>> = Vec::new();
    let sound = &wav[call::HEADER..];
    let mut at = 0;
    while at < sound.len() {
        let len = sound[at..].iter().take_while(|b| **b == 0xFF).count();
        if len >= 40 {
            found.push(at as u64 / 8..(at + len) as u64 / 8);
        }
        at += len.max(1);
    }
    found
}

#[test]
fn what_goes_in_a_transcript_is_silent_in_the_recording() {
    let dir = tempfile::tempdir().unwrap();
    let calls = dir.path().join("calls");
    std::fs::create_dir(&calls).unwrap();
    let call = Call::usual();
    let names: Vec<(String, String)> = (0..SHAPES.len())
        .zip(SHAPES)
        .map(|(number, shape)| {
            (
                format!("{number}.wav"),
                format!("{number}.{}", shape.ending),
            )
        })
        .collect();
    for ((wav, name), shape) in names.iter().zip(SHAPES) {
        std::fs::write(calls.join(wav), call.wav()).unwrap();
        std::fs::write(calls.join(name), (shape.write)(&call)).unwrap();
    }
    let output = efface(dir.path(), &["redact", "--in-place", "calls"]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    for ((wav, name), shape) in names.iter().zip(SHAPES) {
        let text = std::fs::read_to_string(calls.join(name)).unwrap();
        assert!(
            !text.contains("0123") && !text.contains("0199"),
            "{} {text}",
            shape.name
        );
        let wav = std::fs::read(calls.join(wav)).unwrap();
        assert_eq!(wav.len(), call.wav().len());
        only_said(&call, shape, &wav);
    }
    // A second run has nothing to do, and a scan finds nothing.
    let before = all(&calls);
    let again = efface(dir.path(), &["redact", "--in-place", "calls"]);
    assert_eq!(again.status.code(), Some(0), "{}", told(&again));
    assert_eq!(all(&calls), before);
    let scan = efface(dir.path(), &["scan", "calls"]);
    assert_eq!(scan.status.code(), Some(0), "{}", told(&scan));
}

/// Every value is silent in `wav`, and nothing but what is promised around it.
fn only_said(call: &Call, shape: &Shape, wav: &[u8]) {
    let silent = silent(wav);
    let name = shape.name;
    for word in call.personal() {
        let said = if shape.by_words {
            word.ms.clone()
        } else {
            call.cue_of(word)
        };
        let covers = |span: &&Range<u64>| span.start <= said.start && span.end >= said.end;
        let Some(span) = silent.iter().find(covers) else {
            panic!("{name}: {said:?} is heard beside {silent:?}");
        };
        assert!(
            span.start + LEAD + FRAME >= said.start,
            "{name} {said:?} {span:?}"
        );
        assert!(
            span.end <= said.end + TRAIL + FRAME,
            "{name} {said:?} {span:?}"
        );
    }
    assert_eq!(silent.len(), call.personal().count(), "{name} {silent:?}");
}

/// The files of a folder and what is in them.
fn all(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let files = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    files
        .map(|file| (file.clone(), std::fs::read(file).unwrap()))
        .collect()
}

/// A folder with a call and its transcript in WebVTT, and that folder's files.
fn folder(call: &Call, vtt: &str) -> (tempfile::TempDir, [PathBuf; 2]) {
    let dir = tempfile::tempdir().unwrap();
    let calls = dir.path().join("calls");
    std::fs::create_dir(&calls).unwrap();
    let files = [calls.join("call.vtt"), calls.join("call.wav")];
    std::fs::write(&files[0], vtt).unwrap();
    std::fs::write(&files[1], call.wav()).unwrap();
    (dir, files)
}

fn contents(files: &[PathBuf]) -> Vec<Vec<u8>> {
    files
        .iter()
        .map(|file| std::fs::read(file).unwrap())
        .collect()
}

#[test]
fn a_transcript_of_another_recording_is_refused() {
    let call = Call::usual();
    let vtt = format!("{}\n01:00.000 --> 01:02.000\nbye\n", call::vtt(&call));
    let (dir, files) = folder(&call, &vtt);
    let before = contents(&files);
    let output = efface(dir.path(), &["redact", "--in-place", "calls"]);
    assert_eq!(output.status.code(), Some(3), "{}", told(&output));
    assert!(
        told(&output).contains("behind the end of the recording"),
        "{}",
        told(&output)
    );
    assert_eq!(contents(&files), before);
}

#[test]
fn strict_takes_words_only() {
    let call = Call::usual();
    let (dir, files) = folder(&call, &call::vtt(&call));
    let before = contents(&files);
    let output = efface(dir.path(), &["redact", "--in-place", "--strict", "calls"]);
    assert_eq!(output.status.code(), Some(3), "{}", told(&output));
    assert_eq!(contents(&files), before);
}

#[test]
fn a_value_without_a_time_keeps_both_as_they_are() {
    let call = Call::usual();
    let text = "Ann: my number is 416-555-0123\n";
    for name in ["call.txt", "call.json"] {
        let dir = tempfile::tempdir().unwrap();
        let calls = dir.path().join("calls");
        std::fs::create_dir(&calls).unwrap();
        let files = [calls.join("call.wav"), calls.join(name)];
        std::fs::write(&files[0], call.wav()).unwrap();
        let content = match name {
            "call.txt" => text.to_owned(),
            _ => format!(
                "{{\"segments\":[{{\"start\":0.1,\"end\":1.0,\"text\":\"hello\"}},\
                 {{\"start\":1.0,\"end\":2.0,\"text\":\"yes\"}},{{\"text\":{text:?}}}]}}"
            ),
        };
        std::fs::write(&files[1], content).unwrap();
        let before = contents(&files);
        for args in [
            &["redact", "--in-place"][..],
            &["redact", "--in-place", "--strict"],
        ] {
            let output = efface(dir.path(), &[args, &["calls"]].concat());
            assert_eq!(output.status.code(), Some(3), "{}", told(&output));
            let told = told(&output);
            assert_eq!(told.matches("does not say when").count(), 2, "{told}");
            assert_eq!(contents(&files), before);
        }
        // By itself it is nobody's transcript, but the recording beside it is told.
        let path = format!("calls/{name}");
        let output = efface(dir.path(), &["redact", "--in-place", &path]);
        let text = std::fs::read_to_string(&files[1]).unwrap();
        assert!(!text.contains("0123"), "{text}");
        let code = if name == "call.json" { 3 } else { 0 };
        assert_eq!(output.status.code(), Some(code), "{}", told(&output));
    }
}

#[test]
fn a_transcript_alone_tells_of_the_recording_it_names() {
    let call = Call::usual();
    let dir = tempfile::tempdir().unwrap();
    let words = r#"{"audio":"s3://bucket/calls/in-17.wav","words":[
        {"word":"call","start":0.2,"end":0.5},{"word":"416-555-0123","start":0.6,"end":3.0}]}"#;
    let path = dir.path().join("words.json");
    std::fs::write(&path, words).unwrap();
    let output = efface(dir.path(), &["redact", "--in-place", "words.json"]);
    assert_eq!(output.status.code(), Some(3), "{}", told(&output));
    let lines = told(&output);
    assert!(lines.contains("missing partner"), "{lines}");
    assert!(lines.contains("in-17.wav"), "{lines}");
    assert!(!std::fs::read_to_string(&path).unwrap().contains("0123"));
    // With its recording it is a pair, and all of it is done.
    std::fs::write(&path, words).unwrap();
    std::fs::write(dir.path().join("in-17.wav"), call.wav()).unwrap();
    let output = efface(dir.path(), &["redact", "--in-place", "."]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
}

#[test]
fn what_cannot_be_muted_keeps_its_transcript() {
    let call = Call::usual();
    let (dir, files) = folder(&call, &call::vtt(&call));
    // A codec that is not read: G.729.
    let mut wav = call.wav();
    wav[20..22].copy_from_slice(&0x83u16.to_le_bytes());
    std::fs::write(&files[1], &wav).unwrap();
    let before = contents(&files);
    let output = efface(dir.path(), &["redact", "--in-place", "calls"]);
    assert_eq!(output.status.code(), Some(3), "{}", told(&output));
    assert_eq!(contents(&files), before);
}

#[test]
fn a_dry_run_names_both_and_changes_neither() {
    let call = Call::usual();
    let (dir, files) = folder(&call, &call::vtt(&call));
    let before = contents(&files);
    let output = efface(dir.path(), &["redact", "--in-place", "--dry-run", "calls"]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    let text = told(&output);
    assert!(
        text.contains("call.vtt") && text.contains("call.wav"),
        "{text}"
    );
    assert_eq!(contents(&files), before);
}

#[test]
fn copies_are_made_of_both() {
    let call = Call::usual();
    let (dir, files) = folder(&call, &call::vtt(&call));
    let before = contents(&files);
    let output = efface(dir.path(), &["redact", "--out", "pack", "calls"]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    assert_eq!(contents(&files), before);
    let wav = std::fs::read(dir.path().join("pack/call.wav")).unwrap();
    assert_eq!(silent(&wav).len(), call.personal().count());
    assert!(
        !std::fs::read_to_string(dir.path().join("pack/call.vtt"))
            .unwrap()
            .contains("0123")
    );
}

#[test]
fn who_is_named_in_a_recording_takes_its_transcripts_along() {
    let call = Call::usual();
    let (dir, files) = folder(&call, &call::vtt(&call));
    let calls = dir.path().join("calls");
    std::fs::write(&files[1], call.wav_by("+1 604 555 0155")).unwrap();
    std::fs::write(calls.join("call.json"), "{}").unwrap();
    std::fs::write(calls.join("call.xml"), "<call/>").unwrap();
    std::fs::write(calls.join("other.wav"), call.wav_by("+1 604 555 0177")).unwrap();
    std::fs::write(calls.join("other.vtt"), call::vtt(&call)).unwrap();
    let erase = ["erase", "--subject", "+1 604 555 0155", "calls"];
    let output = efface(dir.path(), &erase);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    assert_eq!(all(&calls).len(), 6);
    let output = efface(dir.path(), &[&erase[..], &["--apply"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    let left: Vec<PathBuf> = all(&calls).into_keys().collect();
    assert_eq!(left, [calls.join("other.vtt"), calls.join("other.wav")]);
}

#[test]
fn who_is_only_spoken_of_is_silenced() {
    let call = Call::usual();
    let (dir, files) = folder(&call, &call::vtt(&call));
    let args = [
        "erase",
        "--subject",
        "+1 416 555 0123",
        "--apply",
        "--values",
        "calls",
    ];
    let output = efface(dir.path(), &args);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    let text = std::fs::read_to_string(&files[0]).unwrap();
    assert!(!text.contains("0123") && text.contains("0199"), "{text}");
    assert_eq!(silent(&std::fs::read(&files[1]).unwrap()).len(), 1);
}

#[test]
fn a_plan_is_followed_for_both_or_for_neither() {
    let call = Call::usual();
    let (dir, files) = folder(&call, &call::vtt(&call));
    let plan = |name: &'static str| {
        let args = [
            "erase",
            "--subject",
            "+1 416 555 0123",
            "--values",
            "--save-plan",
            name,
            "calls",
        ];
        let output = efface(dir.path(), &args);
        assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    };
    plan("one");
    let changed = call::vtt(&call).replace("212-555-0199", "416-555-0123");
    std::fs::write(&files[0], changed).unwrap();
    let before = contents(&files);
    let output = efface(dir.path(), &["erase", "--plan", "one", "--apply"]);
    assert_eq!(output.status.code(), Some(3), "{}", told(&output));
    assert_eq!(contents(&files), before);
    plan("two");
    let output = efface(dir.path(), &["erase", "--plan", "two", "--apply"]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    assert_eq!(silent(&std::fs::read(&files[1]).unwrap()).len(), 2);
}

#[test]
fn a_held_recording_keeps_its_transcript() {
    let call = Call::usual();
    let (dir, files) = folder(&call, &call::vtt(&call));
    let hold = [
        "hold",
        "add",
        "--path",
        "calls/call.wav",
        "--reason",
        "claim",
    ];
    let output = efface(dir.path(), &hold);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    let before = contents(&files);
    let output = efface(dir.path(), &["redact", "--in-place", "calls"]);
    assert_eq!(output.status.code(), Some(3), "{}", told(&output));
    assert_eq!(contents(&files), before);
}
