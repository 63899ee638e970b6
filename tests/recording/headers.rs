//! Headers that lie, end early or are huge: what they hold is bounded, named, and never a panic.

use crate::bench::Bench;
use crate::synth::{WAVS, Wav, call, chunk, noise, riff};

/// The line of a file in the report.
fn line<'r>(report: &'r str, name: &str) -> &'r str {
    let wanted = format!("{{\"type\":\"file\",\"path\":\"{name}\"");
    report
        .lines()
        .find(|line| line.starts_with(&wanted))
        .unwrap()
}

fn pcm() -> Wav {
    WAVS[1].1
}

/// A file with the length of its data as stated.
fn stating(len: u32) -> Vec<u8> {
    let wav = pcm();
    let mut file = wav.file(&call(wav.rate, 4), &[], &[]);
    let at = wav.start(&[]) - 4;
    file[at..at + 4].copy_from_slice(&len.to_le_bytes());
    file
}

#[test]
fn sound_is_found_whatever_its_length_is_stated_as() {
    let bench = Bench::new();
    let wav = pcm();
    let whole = (wav.rate * 4 * 2) as u32;
    for (name, len, status) in [
        ("right.wav", whole, "\"scanned\",\"reason\":null"),
        ("none.wav", 0, "\"scanned\",\"reason\":null"),
        ("unknown.wav", u32::MAX, "\"scanned\",\"reason\":null"),
        ("half-known.wav", 0x7fff_ffff, "\"scanned\",\"reason\":null"),
        (
            "more.wav",
            whole + 1000,
            "\"partial\",\"reason\":\"truncated\"",
        ),
    ] {
        bench.put(name, stating(len));
        let ran = bench.run(&["scan", "--format", "jsonl", name]);
        let line = line(&ran.out, name);
        assert!(line.contains(status), "{line}");
        assert!(line.contains("\"findings\":1"), "{line}");
    }
    // Less than there is: what follows is no chunk, and named.
    bench.put("less.wav", stating(whole / 4));
    let ran = bench.run(&["scan", "--format", "jsonl", "less.wav"]);
    assert_eq!(ran.code, 3);
    assert!(line(&ran.out, "less.wav").contains("\"partial\",\"reason\":\"opaque\""));
}

#[test]
fn the_long_form_of_riff_is_read() {
    let wav = pcm();
    let data = wav.data(&call(wav.rate, 4));
    let mut sizes = vec![0; 28];
    sizes[8..16].copy_from_slice(&(data.len() as u64).to_le_bytes());
    let mut file = riff(&[
        &chunk(b"ds64", &sizes),
        &wav.format(),
        &chunk(b"data", &data),
        &chunk(b"iXML", b"<NOTE>416-555-0123</NOTE>"),
    ]);
    file[..4].copy_from_slice(b"RF64");
    file[4..8].fill(0xff);
    let at = file.windows(4).position(|bytes| bytes == b"data").unwrap() + 4;
    file[at..at + 4].fill(0xff);
    let bench = Bench::new();
    bench.put("a.wav", file);
    assert_eq!(bench.found(&["a.wav"]), 2);
    let ran = bench.run(&["redact", "--in-place", "a.wav"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert_eq!(bench.found(&["a.wav"]), 0);
}

#[test]
fn what_cannot_be_heard_is_named() {
    let bench = Bench::new();
    let wav = pcm();
    let samples = noise(wav.rate, 1);
    let retagged = |tag: u16| {
        let mut file = wav.file(&samples, &[], &[]);
        file[20..22].copy_from_slice(&tag.to_le_bytes());
        file
    };
    let no_format = riff(&[&chunk(b"data", &wav.data(&samples))]);
    let huge_chunk = {
        let mut list = chunk(b"LIST", b"INFO");
        list[4..8].copy_from_slice(&0xffff_fff0_u32.to_le_bytes());
        riff(&[&wav.format(), &list])
    };
    let slow = Wav { rate: 1000, ..wav };
    for (name, file, reason) in [
        ("ima.wav", retagged(0x11), "unsupported:ima-adpcm"),
        ("g726.wav", retagged(0x45), "unsupported:g726"),
        ("g729.wav", retagged(0x83), "unsupported:g729"),
        ("other.wav", retagged(0x7777), "unsupported:wav-codec"),
        ("no-format.wav", no_format, "malformed"),
        ("huge.wav", huge_chunk, "truncated"),
        (
            "slow.wav",
            slow.file(&samples, &[], &[]),
            "unsupported:sample-rate",
        ),
        ("only-head.wav", b"RIFF\x10\0\0\0WAVE".to_vec(), "truncated"),
    ] {
        bench.put(name, file);
        let ran = bench.run(&["scan", "--format", "jsonl", name]);
        assert_eq!(ran.code, 3, "{name} {}", ran.out);
        let line = line(&ran.out, name);
        assert!(line.contains(&format!("\"reason\":\"{reason}\"")), "{line}");
    }
}
