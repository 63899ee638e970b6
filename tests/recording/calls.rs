//! A card keyed in during a call is found, and silent afterwards; erasing takes the file.

use crate::bench::Bench;
use crate::synth::{KEYED_AT, WAVS, Wav, call, chunk, keyed_to, noise};

/// The most that is muted beyond the keys, on either side, in milliseconds.
const MOST_BEYOND: u64 = 60;

fn list() -> Vec<u8> {
    let name = chunk(b"INAM", b"Call of 416-555-0123\0");
    chunk(b"LIST", &[b"INFO", name.as_slice()].concat())
}

#[test]
fn what_is_keyed_in_is_found_and_silent_afterwards() {
    let bench = Bench::new();
    let behind = list();
    for (name, wav) in WAVS {
        bench.put(
            &format!("{name}.wav"),
            wav.file(&call(wav.rate, 4), &[], &behind),
        );
    }
    let ran = bench.run(&["scan", "--format", "jsonl", "--only", "payment_card", "."]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    for (name, wav) in WAVS {
        let of_file = format!("\"path\":\"./{name}.wav\"");
        let found: Vec<&str> = ran
            .out
            .lines()
            .filter(|line| line.contains(&of_file))
            .collect();
        let findings = found
            .iter()
            .filter(|line| line.contains("\"type\":\"finding\""))
            .count();
        assert_eq!(findings, usize::from(wav.channels), "{name}");
        assert!(
            found[0].contains("\"start\":null,\"end\":null,\"parts\":[]"),
            "{}",
            found[0]
        );
        assert!(
            found[0].contains("\"channel\":1,\"start_ms\":"),
            "{}",
            found[0]
        );
        assert!(
            found
                .iter()
                .any(|line| line.contains("\"status\":\"scanned\"")),
            "{name}"
        );
    }
    let ran = bench.run(&["redact", "--in-place", "."]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    for (name, wav) in WAVS {
        let old = wav.file(&call(wav.rate, 4), &[], &behind);
        let new = bench.get(&format!("{name}.wav"));
        check(name, *wav, &old, &new, &behind);
    }
    assert_eq!(bench.found(&["."]), 0);
    let again = bench.run(&["redact", "--in-place", "."]);
    assert!(again.out.contains("nothing to change"), "{}", again.out);
}

fn check(name: &str, wav: Wav, old: &[u8], new: &[u8], behind: &[u8]) {
    assert_eq!(old.len(), new.len(), "{name}");
    let frame = wav.width() * usize::from(wav.channels);
    let at = |ms: u64| wav.start(&[]) + (ms * u64::from(wav.rate) / 1000) as usize * frame;
    let changed = |i: &usize| old[*i] != new[*i];
    let sound = wav.start(&[])..old.len() - behind.len();
    let first = sound.clone().find(changed).unwrap();
    let last = sound.clone().rfind(changed).unwrap();
    let (from, to) = (at(KEYED_AT), at(keyed_to()));
    assert!(
        first <= from + frame && last + frame >= to,
        "{name}: keys are left"
    );
    let beyond = at(MOST_BEYOND) - at(0);
    assert!(
        first >= from - beyond && last <= to + beyond,
        "{name}: too much is gone"
    );
    assert!(
        new[from..to].iter().all(|byte| *byte == wav.silence()),
        "{name}"
    );
    // The name of the caller is masked, the rest of the tags stays.
    let tags = &new[old.len() - behind.len()..];
    assert!(
        tags.windows(12).any(|bytes| bytes == b"************"),
        "{name}"
    );
    let masked = behind
        .iter()
        .zip(tags)
        .filter(|(old, new)| old != new)
        .count();
    assert_eq!(masked, "416-555-0123".len(), "{name}");
    assert_eq!(old[..sound.start], new[..sound.start], "{name}");
}

#[test]
fn sound_without_a_header_is_known_by_its_name() {
    let bench = Bench::new();
    let samples = call(8000, 4);
    let [mu, a, linear] = ["mu-law", "a-law", "pcm16"]
        .map(|wanted| WAVS.iter().find(|(name, _)| *name == wanted).unwrap().1);
    let files = [("a.ulaw", mu), ("b.alaw", a), ("c.sln", linear)];
    for (name, wav) in files {
        bench.put(name, wav.data(&samples));
    }
    assert_eq!(bench.found(&["."]), 3);
    let ran = bench.run(&["redact", "--in-place", "."]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert_eq!(bench.found(&["."]), 0);
    for (name, wav) in files {
        let new = bench.get(name);
        let place = |ms: u64| (ms * 8) as usize * wav.width();
        let keys = &new[place(KEYED_AT)..place(keyed_to())];
        assert!(keys.iter().all(|byte| *byte == wav.silence()), "{name}");
        let old = wav.data(&samples);
        assert_eq!(
            old[..place(KEYED_AT - 60)],
            new[..place(KEYED_AT - 60)],
            "{name}"
        );
        assert_eq!(
            old[place(keyed_to() + 60)..],
            new[place(keyed_to() + 60)..],
            "{name}"
        );
    }
    // Text stays text whatever it is called.
    bench.put("d.ulaw", "call 416-555-0123 back\n");
    assert_eq!(bench.found(&["d.ulaw"]), 1);
}

#[test]
fn the_record_of_a_recording_is_the_file() {
    let bench = Bench::new();
    let (_, wav) = WAVS[1];
    let file = wav.file(&call(wav.rate, 4), &[], &list());
    bench.put("a.wav", &file);
    bench.put("b.wav", wav.file(&noise(wav.rate, 1), &[], &[]));
    let plan = bench.run(&["erase", "--only", "payment_card", "."]);
    assert_eq!(plan.code, 0, "{}", plan.err);
    assert!(plan.out.contains("1 record removed"), "{}", plan.out);
    assert_eq!(bench.get("a.wav"), file);
    let ran = bench.run(&["erase", "--only", "payment_card", "--apply", "."]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert_eq!(bench.names(), ["b.wav"]);
}

#[test]
fn a_compressed_recording_is_muted_within_its_compression() {
    use std::io::{Read, Write};
    let bench = Bench::new();
    let (_, wav) = WAVS[7];
    let old = wav.file(&call(wav.rate, 4), &[], &[]);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&old).unwrap();
    bench.put("a.wav.gz", gzip.finish().unwrap());
    let ran = bench.run(&["redact", "--in-place", "a.wav.gz"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let mut new = Vec::new();
    let stored = bench.get("a.wav.gz");
    flate2::read::GzDecoder::new(&*stored)
        .read_to_end(&mut new)
        .unwrap();
    assert_eq!(old.len(), new.len());
    let keys = wav.start(&[]) + KEYED_AT as usize * 8..wav.start(&[]) + keyed_to() as usize * 8;
    assert!(new[keys].iter().all(|byte| *byte == 0xff));
}
