//! FLAC: the samples of a span are silent, all others are what they were, and a decoder that walks
//! the file by itself finds no fault.
//!
//! With `EFFACE_CAMPAIGN` set, 40 files are made with `flac` (levels 0 to 8, blocks of any size, 8
//! to 24 bits, one to three channels), 1,000 spans of them are muted, and `flac -t` is asked too.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::Command;

use efface::redact::recording::mute;
use symphonia_bundle_flac::{FlacDecoder, FlacReader};
use symphonia_core::codecs::CodecParameters;
use symphonia_core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia_core::formats::{FormatOptions, FormatReader};
use symphonia_core::io::{MediaSourceStream, MediaSourceStreamOptions};

use crate::bench::Bench;
use crate::packed::{every_span, fixtures, redacted};
use crate::synth::{KEYED_AT, WAVS, Wav, call, keyed_to};

/// A decoded file: its rate, its channels, and how many samples each frame has.
struct Heard {
    rate: u64,
    planes: Vec<Vec<i32>>,
    frames: Vec<u64>,
}

fn decode(file: &[u8]) -> Heard {
    let source = Box::new(std::io::Cursor::new(file.to_vec()));
    let stream = MediaSourceStream::new(source, MediaSourceStreamOptions::default());
    let mut reader = FlacReader::try_new(stream, FormatOptions::default()).unwrap();
    let Some(CodecParameters::Audio(parameters)) = reader.tracks()[0].codec_params.clone() else {
        panic!("no sound");
    };
    let mut decoder = FlacDecoder::try_new(&parameters, &AudioDecoderOptions::default()).unwrap();
    let (mut planes, mut frames) = (Vec::<Vec<i32>>::new(), Vec::new());
    while let Some(packet) = reader.next_packet().unwrap() {
        let mut block = Vec::new();
        decoder
            .decode(&packet)
            .unwrap()
            .copy_to_vecs_planar(&mut block);
        frames.push(block[0].len() as u64);
        planes.resize(block.len(), Vec::new());
        for (plane, mut more) in planes.iter_mut().zip(block) {
            plane.append(&mut more);
        }
    }
    Heard {
        rate: u64::from(parameters.sample_rate.unwrap()),
        planes,
        frames,
    }
}

/// The file with a span muted, checked for everything that is promised of it.
fn muted(path: &Path, old: &[u8], span: &Range<u64>) -> Vec<u8> {
    let name = path.display();
    let muting = mute(path, old.len() as u64, std::slice::from_ref(span)).unwrap();
    let mut new = Vec::new();
    let (mut behind, mut changed) = (0, 0);
    for splice in muting.splices {
        let splice = splice.unwrap();
        let range = splice.range.start as usize..splice.range.end as usize;
        assert_eq!(splice.old.unwrap()[..], old[range.clone()]);
        // Before the frames it is what a file need not tell that goes: how long frames are, the
        // checksum of all samples, and where to seek.
        if changed < 2 {
            assert_eq!(range, [12..18, 26..42][changed], "{name}");
            assert!(splice.new.iter().all(|byte| *byte == 0));
        }
        changed += 1;
        new.extend(&old[behind..range.start]);
        new.extend(&splice.new);
        behind = range.end;
    }
    new.extend(&old[behind..]);
    let (before, after) = (decode(old), decode(&new));
    assert_eq!(before.frames, after.frames, "{name} {span:?}");
    let total: u64 = before.frames.iter().sum();
    let at = |ms: u64| (ms * before.rate / 1000).min(total) as usize;
    let (from, to) = (
        at(span.start),
        (span.end * before.rate).div_ceil(1000).min(total) as usize,
    );
    for (old, new) in before.planes.iter().zip(&after.planes) {
        assert!(new[from..to].iter().all(|sample| *sample == 0), "{name}");
        assert_eq!(old[..from], new[..from], "{name} {span:?}");
        assert_eq!(old[to..], new[to..], "{name} {span:?}");
    }
    new
}

/// Files made with `flac`, of every kind.
fn made(dir: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for (nth, (rate, bits, channels)) in [
        (8000, 16, 1),
        (8000, 8, 1),
        (16_000, 16, 2),
        (44_100, 24, 2),
        (48_000, 16, 3),
    ]
    .into_iter()
    .enumerate()
    {
        let wav = Wav {
            bits,
            rate,
            channels,
            ..WAVS[1].1
        };
        let source = dir.join(format!("{nth}.wav"));
        std::fs::write(&source, wav.file(&call(rate, 4), &[], &[])).unwrap();
        for args in [
            "-0",
            "-3",
            "-5",
            "-8",
            "-8 -b 1001 --lax",
            "-5 -b 192",
            "-2 -b 4608",
            "-8 -b 16 --lax",
        ] {
            let file = dir.join(format!("{nth}{}.flac", args.replace(' ', "")));
            let mut flac = Command::new("flac");
            flac.args(["-s", "--channel-map=none"]);
            flac.args(args.split(' ')).arg("-o").arg(&file);
            assert!(flac.arg(&source).status().unwrap().success());
            files.push(file);
        }
    }
    files
}

#[test]
fn the_samples_of_a_span_are_silent_and_all_others_as_they_were() {
    let tried = every_span("flac", (11, 25), made, muted, |path, _| {
        let ran = Command::new("flac").args(["-s", "-t"]).arg(path).output();
        assert!(ran.unwrap().status.success(), "{}", path.display());
    });
    println!("{tried}");
}

#[test]
fn what_is_keyed_in_is_silent_afterwards_and_comments_are_masked() {
    for (_, new) in redacted("flac") {
        let heard = decode(&new);
        let at = |ms: u64| (ms * heard.rate / 1000) as usize;
        for plane in heard.planes {
            let keys = &plane[at(KEYED_AT + 100)..at(keyed_to())];
            assert!(keys.iter().all(|sample| *sample == 0));
        }
    }
}

#[test]
fn a_file_with_a_damaged_frame_is_told_and_left_as_it_is() {
    let bench = Bench::new();
    let mut file = std::fs::read(&fixtures("flac")[0]).unwrap();
    let at = file.len() - 600;
    file[at] ^= 0x10;
    bench.put("a.flac", &file);
    let ran = bench.run(&["scan", "--format", "jsonl", "a.flac"]);
    assert_eq!(ran.code, 3);
    assert!(
        ran.out
            .contains("\"status\":\"partial\",\"reason\":\"malformed\""),
        "{}",
        ran.out
    );
    let ran = bench.run(&["redact", "--in-place", "a.flac"]);
    assert_eq!(ran.code, 3, "{}{}", ran.out, ran.err);
    assert_eq!(bench.get("a.flac"), file);
}
