//! Ogg Vorbis: the packets of a span are silent, no byte of another is changed, and every page has
//! the checksum it needs. Pages and packets are walked here by a reader of its own.
//!
//! With `EFFACE_CAMPAIGN` set, files are made with `oggenc` (rates from 8 to 48 kHz, one to three
//! channels, qualities from -1 to 9), 1,000 spans of them are muted, and `oggdec` listens.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::Command;

use efface::redact::recording::mute;
use symphonia_codec_vorbis::VorbisDecoder;
use symphonia_core::codecs::audio::well_known::CODEC_ID_VORBIS;
use symphonia_core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia_core::packet::PacketRef;
use symphonia_core::units::{Duration, Timestamp};

use crate::bench::Bench;
use crate::packed::{every_span, fixtures, redacted};
use crate::synth::{KEYED_AT, WAVS, Wav, call, keyed_to};

/// The checksum of a page, bit by bit.
fn checksum(page: &[u8]) -> u32 {
    page.iter().enumerate().fold(0, |sum, (at, byte)| {
        let byte = if (22..26).contains(&at) { 0 } else { *byte };
        (0..8).fold(sum ^ u32::from(byte) << 24, |sum, _| {
            let carry = sum >> 31 == 1;
            sum << 1 ^ if carry { 0x04c1_1db7 } else { 0 }
        })
    })
}

/// The packets of a file; every page is checked on the way.
fn packets(file: &[u8]) -> Vec<Vec<u8>> {
    let (mut packets, mut open, mut at) = (Vec::new(), Vec::new(), 0);
    while at < file.len() {
        assert_eq!(&file[at..at + 4], b"OggS");
        let count = usize::from(file[at + 26]);
        let lens = &file[at + 27..at + 27 + count];
        let whole: usize = 27 + count + lens.iter().map(|len| usize::from(*len)).sum::<usize>();
        let stated = u32::from_le_bytes(file[at + 22..at + 26].try_into().unwrap());
        assert_eq!(checksum(&file[at..at + whole]), stated, "the page at {at}");
        let mut from = at + 27 + count;
        for len in lens {
            open.extend(&file[from..from + usize::from(*len)]);
            from += usize::from(*len);
            if *len < 255 {
                packets.push(std::mem::take(&mut open));
            }
        }
        at += whole;
    }
    packets
}

/// What is heard of a file: samples a second, and the samples of each channel.
fn decode(file: &[u8]) -> (usize, Vec<Vec<f32>>) {
    let packets = packets(file);
    let mut parameters = AudioCodecParameters::new();
    parameters
        .for_codec(CODEC_ID_VORBIS)
        .with_extra_data([packets[0].as_slice(), &packets[2]].concat().into());
    let mut decoder = VorbisDecoder::try_new(&parameters, &AudioDecoderOptions::default()).unwrap();
    let mut planes = Vec::<Vec<f32>>::new();
    for packet in &packets[3..] {
        let packet = PacketRef::new(0, Timestamp::ZERO, Duration::ZERO, packet);
        let mut block = Vec::new();
        decoder
            .decode_ref(&packet)
            .unwrap()
            .copy_to_vecs_planar(&mut block);
        planes.resize(block.len(), Vec::new());
        for (plane, mut more) in planes.iter_mut().zip(block) {
            plane.append(&mut more);
        }
    }
    let rate = u32::from_le_bytes(packets[0][12..16].try_into().unwrap());
    (rate as usize, planes)
}

/// The file with a span muted, checked for everything that is promised of it.
fn muted(path: &Path, old: &[u8], span: &Range<u64>) -> Vec<u8> {
    let name = path.display();
    let mut new = old.to_vec();
    let muting = mute(path, old.len() as u64, std::slice::from_ref(span)).unwrap();
    assert!(muting.same_width);
    for splice in muting.splices {
        let splice = splice.unwrap();
        let range = splice.range.start as usize..splice.range.end as usize;
        assert_eq!(splice.old.unwrap()[..], old[range.clone()]);
        new[range].copy_from_slice(&splice.new);
    }
    let (rate, before) = decode(old);
    let (_, after) = decode(&new);
    let total = before[0].len();
    // The most that is silent beyond a span, on either side: half of the longest block, twice, since
    // the blocks around it go over into one another. Its length is told as a power of two (Vorbis I,
    // section 4.2.2).
    let longest = 1_usize << (packets(old)[0][28] >> 4);
    let at = |ms: u64| (ms as usize * rate / 1000).min(total);
    let (from, to) = (at(span.start), at(span.end));
    for (old, new) in before.iter().zip(&after) {
        assert!(
            new[from..to].iter().all(|sample| *sample == 0.0),
            "{name} {span:?}"
        );
        let early = from.saturating_sub(longest);
        let late = (to + longest).min(total);
        assert_eq!(old[..early], new[..early], "{name} {span:?}");
        assert_eq!(old[late..], new[late..], "{name} {span:?}");
    }
    // Packets that are not silent are the bytes they were.
    for (old, new) in packets(old).iter().zip(packets(&new)) {
        assert!(
            *old == new || new[2..].iter().all(|byte| *byte == 0),
            "{name} {span:?}"
        );
    }
    new
}

/// Files made with `oggenc`, of every kind.
fn made(dir: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for (rate, channels) in [
        (8000, 1),
        (11_025, 2),
        (16_000, 1),
        (22_050, 2),
        (44_100, 2),
        (48_000, 3),
    ] {
        let wav = Wav {
            rate,
            channels,
            ..WAVS[1].1
        };
        let source = dir.join(format!("{rate}.wav"));
        std::fs::write(&source, wav.file(&call(rate, 4), &[], &[])).unwrap();
        for quality in ["-1", "2", "5", "9"] {
            let file = dir.join(format!("{rate}-{quality}.ogg"));
            let mut oggenc = Command::new("oggenc");
            oggenc.args(["-Q", "-q", quality, "-o"]).arg(&file);
            assert!(oggenc.arg(&source).status().unwrap().success());
            files.push(file);
        }
    }
    files
}

/// The loudest sample between two times that `oggdec` hears, of 32,768.
fn heard(path: &Path, span: &Range<u64>) -> i32 {
    let ran = Command::new("oggdec")
        .args(["-Q", "-o", "-"])
        .arg(path)
        .output()
        .unwrap();
    assert!(ran.status.success());
    let wav = &ran.stdout;
    let number = |at: usize| u32::from_le_bytes(wav[at..at + 4].try_into().unwrap());
    let frame = usize::from(wav[32]);
    let at = |ms: u64| (44 + ms as usize * number(24) as usize / 1000 * frame).min(wav.len());
    let (pairs, _) = wav[at(span.start)..at(span.end)].as_chunks::<2>();
    let samples = pairs
        .iter()
        .map(|pair| i32::from(i16::from_le_bytes(*pair)).abs());
    samples.max().unwrap_or(0)
}

#[test]
fn the_packets_of_a_span_are_silent_and_all_others_as_they_were() {
    let tried = every_span("ogg", (13, 42), made, muted, |path, span| {
        assert!(heard(path, span) <= 32, "{} {span:?}", path.display());
    });
    println!("{tried}");
}

#[test]
fn what_is_keyed_in_is_silent_afterwards_and_comments_are_masked() {
    for (old, new) in redacted("ogg") {
        assert_eq!(new.len(), old.len());
        let (rate, planes) = decode(&new);
        let at = |ms: u64| ms as usize * rate / 1000;
        for plane in planes {
            let keys = &plane[at(KEYED_AT + 100)..at(keyed_to())];
            assert!(keys.iter().all(|sample| *sample == 0.0));
        }
        let comments = &packets(&new)[1];
        assert!(comments.windows(12).any(|bytes| bytes == b"************"));
        assert!(!comments.windows(4).any(|bytes| bytes == b"0123"));
    }
}

#[test]
fn a_page_that_is_damaged_or_of_another_stream_keeps_the_file_as_it_is() {
    let bench = Bench::new();
    let file = std::fs::read(&fixtures("ogg")[0]).unwrap();
    let mut damaged = file.clone();
    let at = damaged.len() - 600;
    damaged[at] ^= 0x10;
    let chained = [file.as_slice(), &file].concat();
    for (name, file, reason) in [
        ("a.ogg", damaged, "malformed"),
        ("b.ogg", chained, "unsupported:ogg-streams"),
    ] {
        bench.put(name, &file);
        let ran = bench.run(&["scan", "--format", "jsonl", name]);
        assert_eq!(ran.code, 3, "{name}");
        let reason = format!("\"reason\":\"{reason}\"");
        assert!(ran.out.contains(&reason), "{name} {}", ran.out);
        let ran = bench.run(&["redact", "--in-place", name]);
        assert_eq!(ran.code, 3, "{name} {}{}", ran.out, ran.err);
        assert_eq!(bench.get(name), file, "{name}");
    }
}
