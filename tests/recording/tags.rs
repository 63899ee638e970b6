//! Tags of every kind: found with their names, masked in their places, the rest as it was.

use crate::bench::Bench;
use crate::synth::{WAVS, chunk, noise};

const NUMBER: &str = "416-555-0123";

/// A text frame of ID3v2.
fn frame(version: u8, id: &str, content: &[u8]) -> Vec<u8> {
    let mut out = id.as_bytes().to_vec();
    let len = content.len() as u32;
    match version {
        2 => out.extend(&len.to_be_bytes()[1..]),
        3 => out.extend(len.to_be_bytes()),
        _ => out.extend([0, 0, (len >> 7) as u8, (len & 0x7f) as u8]),
    }
    if version > 2 {
        out.extend([0, 0]);
    }
    out.extend(content);
    out
}

pub(crate) fn id3v2(version: u8, flags: u8, frames: &[u8]) -> Vec<u8> {
    let len = frames.len() as u32;
    let size = [21, 14, 7, 0].map(|shift| (len >> shift & 0x7f) as u8);
    let mut out = [b"ID3".as_slice(), &[version, 0, flags], &size].concat();
    out.extend(frames);
    out
}

fn wide(text: &str) -> Vec<u8> {
    let units = text.encode_utf16().flat_map(u16::to_le_bytes);
    [0xff, 0xfe].into_iter().chain(units).collect()
}

/// Every zero behind 255 doubled by one more, as unsynchronised tags have it.
fn stuffed(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for byte in bytes {
        out.push(*byte);
        if *byte == 0xff {
            out.push(0);
        }
    }
    out
}

/// Chunks with a number in them, and the field it is found in.
fn cases() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let mut bext = vec![0; 602];
    bext[..12].copy_from_slice(NUMBER.as_bytes());
    bext.extend(b"A=PCM,F=8000\r\n");
    let labelled = [1_u32.to_le_bytes().as_slice(), NUMBER.as_bytes(), b"\0"].concat();
    let label = [b"adtl".as_slice(), &chunk(b"labl", &labelled)].concat();
    let latin = [b"\0".as_slice(), NUMBER.as_bytes()].concat();
    let utf16 = [b"\x01".as_slice(), &wide(NUMBER)].concat();
    let comment = [b"\x01eng".as_slice(), &wide("note"), &[0, 0], &wide(NUMBER)].concat();
    let id3 = |bytes: Vec<u8>| chunk(b"id3 ", &bytes);
    vec![
        (
            "info",
            chunk(
                b"LIST",
                &[b"INFO", &*chunk(b"IART", NUMBER.as_bytes())].concat(),
            ),
            "info.IART",
        ),
        (
            "odd",
            chunk(
                b"LIST",
                &[
                    b"INFO".as_slice(),
                    &chunk(b"ISFT", b"abc"),
                    &chunk(b"ICMT", b"416-555-0123\0"),
                ]
                .concat(),
            ),
            "info.ICMT",
        ),
        ("bext", chunk(b"bext", &bext), "bext.Description"),
        (
            "ixml",
            chunk(
                b"iXML",
                format!("<BWFXML><NOTE>{NUMBER}</NOTE></BWFXML>").as_bytes(),
            ),
            "iXML",
        ),
        ("label", chunk(b"LIST", &label), "adtl.labl"),
        ("vendor", chunk(b"Xcti", NUMBER.as_bytes()), "Xcti"),
        (
            "junk",
            chunk(b"JUNK", &[&[0; 40], NUMBER.as_bytes(), &[0; 40]].concat()),
            "JUNK",
        ),
        ("v22", id3(id3v2(2, 0, &frame(2, "TT2", &latin))), "id3.TT2"),
        (
            "v23",
            id3(id3v2(3, 0, &frame(3, "TPE1", &utf16))),
            "id3.TPE1",
        ),
        (
            "v23-comment",
            id3(id3v2(3, 0, &frame(3, "COMM", &comment))),
            "id3.COMM",
        ),
        (
            "v23-stuffed",
            id3(id3v2(3, 0x80, &stuffed(&frame(3, "TIT2", &utf16)))),
            "id3.TIT2",
        ),
        (
            "v24",
            id3(id3v2(
                4,
                0,
                &frame(
                    4,
                    "TXXX",
                    &[b"\x03caller\0".as_slice(), NUMBER.as_bytes()].concat(),
                ),
            )),
            "id3.TXXX",
        ),
    ]
}

#[test]
fn tags_are_found_by_name_and_masked_in_their_places() {
    let bench = Bench::new();
    let (_, wav) = WAVS[1];
    let samples = noise(wav.rate, 1);
    for (name, tags, field) in cases() {
        // Before the sound and behind it.
        for (place, before, behind) in [("a", tags.as_slice(), &[][..]), ("b", &[], &tags)] {
            let file = format!("{name}-{place}.wav");
            let old = wav.file(&samples, before, behind);
            bench.put(&file, &old);
            let ran = bench.run(&["scan", "--format", "jsonl", &file]);
            assert_eq!(ran.code, 1, "{file}: {}{}", ran.out, ran.err);
            let finding = ran.out.lines().nth(1).unwrap();
            assert!(
                finding.contains(&format!("\"field\":\"{field}\"")),
                "{finding}"
            );
            assert!(
                finding.contains("\"line\":null,\"column\":null,\"record\":1"),
                "{finding}"
            );
            let ran = bench.run(&["redact", "--in-place", &file]);
            assert_eq!(ran.code, 0, "{file}: {}{}", ran.out, ran.err);
            let new = bench.get(&file);
            assert_eq!(new.len(), old.len(), "{file}");
            let changed: Vec<_> = old.iter().zip(&new).filter(|(a, b)| a != b).collect();
            assert_eq!(changed.len(), NUMBER.len(), "{file}");
            assert!(changed.iter().all(|(_, new)| **new == b'*'), "{file}");
            assert_eq!(bench.found(&[&file]), 0, "{file}");
        }
    }
}

#[test]
fn tags_behind_the_last_chunk_are_read_too() {
    let bench = Bench::new();
    let (_, wav) = WAVS[1];
    let file = wav.file(&noise(wav.rate, 1), &[], &[]);
    let mut v1 = [0; 128];
    v1[..3].copy_from_slice(b"TAG");
    v1[33..45].copy_from_slice(NUMBER.as_bytes());
    let item = |key: &str, value: &str| {
        let lens = [(value.len() as u32).to_le_bytes(), [0; 4]].concat();
        [&lens, key.as_bytes(), b"\0", value.as_bytes()].concat()
    };
    let items = [item("Artist", "nobody"), item("Caller", NUMBER)].concat();
    let edge = |flags: u32| {
        let numbers = [2000, items.len() as u32 + 32, 2, flags]
            .map(u32::to_le_bytes)
            .concat();
        [b"APETAGEX".as_slice(), &numbers, &[0; 8]].concat()
    };
    let ape = [edge(0xa000_0000), items.clone(), edge(0x8000_0000)].concat();
    for (name, behind, field) in [
        ("v1.wav", v1.to_vec(), "id3v1.artist"),
        ("ape.wav", [ape.as_slice(), &[0; 16]].concat(), "ape.Caller"),
        ("text.wav", NUMBER.into(), "trailer"),
    ] {
        bench.put(name, [file.as_slice(), &behind].concat());
        let ran = bench.run(&["scan", "--format", "jsonl", name]);
        assert_eq!(ran.code, 1, "{name}: {}{}", ran.out, ran.err);
        assert!(
            ran.out.contains(&format!("\"field\":\"{field}\"")),
            "{}",
            ran.out
        );
    }
}
