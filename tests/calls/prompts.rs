//! Keys that answer a question of the transcript are what was asked for.

use std::ops::Range;
use std::path::Path;

use super::{efface, told};

#[path = "../tones/signal.rs"]
#[allow(dead_code, reason = "it makes the sound of another test too")]
mod signal;

use signal::{Dice, Press, noise, press, quantised};

/// What is asked when, and what is keyed in behind it, in seconds.
const ASKED: [(&str, u64, &str); 3] = [
    (
        "Please enter the three digits of your security code.",
        1,
        "123#",
    ),
    ("Now your date of birth, the month first.", 11, "01311990#"),
    (
        "And enter your PIN, followed by the pound key.",
        21,
        "4821#",
    ),
];
/// How long after a question keys are pressed, in seconds, and how long one takes, in milliseconds.
const BEHIND: u64 = 3;
const STEP: u64 = 200;
const HEADER: usize = 44;

fn wav() -> Vec<u8> {
    let mut samples = vec![0.0; 30 * 8_000];
    for (_, at, keys) in ASKED {
        for (number, key) in keys.bytes().enumerate() {
            let start = (at + BEHIND) as f64 + (number as u64 * STEP) as f64 / 1e3;
            let one = Press {
                key,
                start,
                length: 0.1,
                level: -12.0,
                twist: 0.0,
                off: [0.0, 0.0],
            };
            press(&mut samples, 8e3, &one);
        }
    }
    noise(&mut samples, -45.0, &mut Dice(3));
    let data: Vec<u8> = quantised(&samples)
        .into_iter()
        .flat_map(|sample| (sample | 1).to_le_bytes())
        .collect();
    let mut wav = b"RIFF".to_vec();
    wav.extend((36 + data.len() as u32).to_le_bytes());
    wav.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    wav.extend(8_000u32.to_le_bytes());
    wav.extend(16_000u32.to_le_bytes());
    wav.extend(b"\x02\0\x10\0data");
    wav.extend((data.len() as u32).to_le_bytes());
    wav.extend(data);
    assert_eq!(wav.len(), HEADER + 30 * 16_000);
    wav
}

fn vtt() -> String {
    let cue = |(text, at, _): &(&str, u64, &str)| {
        format!("\n00:00:{at:02}.000 --> 00:00:{:02}.500\n{text}\n", at + 2)
    };
    let cues: String = ASKED.iter().map(cue).collect();
    format!("WEBVTT\n{cues}")
}

/// The transcript of a service that times every word.
fn json() -> String {
    let words = ASKED.iter().flat_map(|(text, at, _)| {
        text.split(' ').enumerate().map(move |(number, word)| {
            let start = *at as f64 + number as f64 * 0.2;
            format!(
                r#"{{"word":"{word}","start":{start:.2},"end":{:.2}}}"#,
                start + 0.15
            )
        })
    });
    let words: Vec<String> = words.collect();
    format!(r#"{{"segments":[{{"words":[{}]}}]}}"#, words.join(","))
}

/// The entries, by their number, of which nothing is left.
fn silent(wav: &[u8]) -> Vec<usize> {
    let is_silent = |(number, (_, at, keys)): (usize, &(&str, u64, &str))| {
        let start = (at + BEHIND) * 1_000;
        let ms: Range<u64> = start..start + (keys.len() as u64 - 1) * STEP + 100;
        let place = HEADER + ms.start as usize * 16..HEADER + ms.end as usize * 16;
        wav[place].iter().all(|byte| *byte == 0).then_some(number)
    };
    ASKED.iter().enumerate().filter_map(is_silent).collect()
}

fn redacted(dir: &Path, transcript: Option<(&str, String)>, only: &str) -> Vec<usize> {
    let calls = dir.join("calls");
    let _ = std::fs::remove_dir_all(&calls);
    std::fs::create_dir(&calls).unwrap();
    std::fs::write(calls.join("call.wav"), wav()).unwrap();
    if let Some((name, text)) = transcript {
        std::fs::write(calls.join(name), text).unwrap();
    }
    let output = efface(dir, &["redact", "--in-place", "--only", only, "calls"]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    silent(&std::fs::read(calls.join("call.wav")).unwrap())
}

#[test]
fn keys_are_what_the_transcript_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in [("call.vtt", vtt()), ("call.json", json())] {
        for (only, expected) in [
            ("card_security_code", vec![0]),
            ("date_of_birth", vec![1]),
            // What a scan without the transcript would take for one goes too.
            ("credential", vec![1, 2]),
            ("card_security_code,date_of_birth,credential", vec![0, 1, 2]),
        ] {
            let found = redacted(dir.path(), Some((name, text.clone())), only);
            assert_eq!(found, expected, "{name} {only}");
        }
    }
}

#[test]
fn without_a_transcript_keys_are_what_their_number_says() {
    let dir = tempfile::tempdir().unwrap();
    for (only, expected) in [
        ("card_security_code", vec![]),
        ("date_of_birth", vec![]),
        ("credential", vec![1, 2]),
    ] {
        assert_eq!(redacted(dir.path(), None, only), expected, "{only}");
    }
}
