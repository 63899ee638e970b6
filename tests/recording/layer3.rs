//! MP3: of a frame that is muted no byte of main data is left anywhere, no other byte is changed,
//! and a decoder finds no fault. Frames are walked here by a reader of its own.
//!
//! With `EFFACE_CAMPAIGN` set, 200 files are made with `lame` (constant and variable rates, mono,
//! stereo, joint, MPEG 1, 2 and 2.5, with and without checksums) and take the place of the fixtures.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::Command;

use efface::redact::recording::mute;
use symphonia_bundle_mp3::MpaDecoder;
use symphonia_core::codecs::audio::well_known::CODEC_ID_MP3;
use symphonia_core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia_core::packet::PacketRef;
use symphonia_core::units::{Duration, Timestamp};

use crate::bench::Bench;
use crate::outside::{Dice, campaign};
use crate::synth::{WAVS, Wav, call};

/// A frame: where it is, where its side information and its main data start, and where its own main
/// data begins, counted in main data.
#[derive(Debug)]
struct Frame {
    file: Range<usize>,
    side: usize,
    main: usize,
    holds: Range<usize>,
    begins: usize,
}

struct Walked {
    frames: Vec<Frame>,
    rate: u64,
    samples: u64,
}

/// Walks the frames of a file that is nothing but frames and the usual tags.
fn walk(file: &[u8]) -> Walked {
    let mut at = 0;
    if file.starts_with(b"ID3") {
        at = 10
            + file[6..10]
                .iter()
                .fold(0, |all, byte| all * 128 + usize::from(*byte));
    }
    let end = if file[file.len() - 128..].starts_with(b"TAG") {
        file.len() - 128
    } else {
        file.len()
    };
    let (mut frames, mut main, mut first_frame) = (Vec::new(), 0, true);
    let (mut rate, mut samples) = (0, 0);
    while at < end {
        let [sync, version, rates, mode] = file[at..at + 4].try_into().unwrap();
        assert!(sync == 0xff && version & 0xe6 == 0xe2, "no frame at {at}");
        let first = version & 0x18 == 0x18;
        let kilobits: usize = if first {
            [
                0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320,
            ][usize::from(rates >> 4)]
        } else {
            [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160][usize::from(rates >> 4)]
        };
        let divisor = match version & 0x18 {
            0x18 => 1,
            0x10 => 2,
            _ => 4,
        };
        rate = [44_100, 48_000, 32_000][usize::from(rates >> 2 & 3)] / divisor;
        samples = if first { 1152 } else { 576 };
        let len = samples / 8 * 1000 * kilobits as u64 / rate + u64::from(rates >> 1 & 1);
        let side = at + if version & 1 == 0 { 6 } else { 4 };
        let mono = mode >> 6 == 3;
        let data = side
            + match (first, mono) {
                (true, false) => 32,
                (false, true) => 9,
                _ => 17,
            };
        let next = at + len as usize;
        let table =
            first_frame && [b"Xing", b"Info"].contains(&file[data..data + 4].try_into().unwrap());
        first_frame = false;
        if !table {
            let back = if first {
                usize::from(file[side]) * 2 + usize::from(file[side + 1] >> 7)
            } else {
                usize::from(file[side])
            };
            let stored = next.min(end) - data;
            frames.push(Frame {
                file: at..next.min(end),
                side,
                main: data,
                holds: main..main + stored,
                begins: main.saturating_sub(back),
            });
            main += stored;
        }
        at = next;
    }
    Walked {
        frames,
        rate,
        samples,
    }
}

/// Decodes every frame; how many could not be, and the samples of the first channel.
fn decode(file: &[u8], walked: &Walked) -> (usize, Vec<f32>) {
    let mut parameters = AudioCodecParameters::new();
    parameters.for_codec(CODEC_ID_MP3);
    let mut decoder = MpaDecoder::try_new(&parameters, &AudioDecoderOptions::default()).unwrap();
    let (mut errors, mut out) = (0, Vec::new());
    for frame in &walked.frames {
        let bytes = &file[frame.file.clone()];
        let packet = PacketRef::new(0, Timestamp::ZERO, Duration::ZERO, bytes);
        match decoder.decode_ref(&packet) {
            Ok(sound) => {
                let mut planes: Vec<Vec<f32>> = Vec::new();
                sound.copy_to_vecs_planar(&mut planes);
                out.append(&mut planes[0]);
            }
            Err(_) => {
                errors += 1;
                out.resize(out.len() + walked.samples as usize, 0.0);
            }
        }
    }
    (errors, out)
}

/// Checks everything that is promised of a span.
fn check(path: &Path, old: &[u8], span: &Range<u64>) {
    let name = path.display();
    let mut new = old.to_vec();
    let muting = mute(path, old.len() as u64, std::slice::from_ref(span)).unwrap();
    assert!(muting.same_width);
    let mut behind = 0;
    for splice in muting.splices {
        let splice = splice.unwrap();
        let range = splice.range.start as usize..splice.range.end as usize;
        assert!(range.start >= behind, "{name}: out of order");
        behind = range.end;
        assert_eq!(splice.old.unwrap()[..], old[range.clone()]);
        new[range].copy_from_slice(&splice.new);
    }
    let walked = walk(old);
    let silenced = |at: &usize| {
        let frame = &walked.frames[*at];
        let side = frame.side + 2..frame.main;
        new[side.clone()].iter().all(|byte| *byte == 0) && old[side].iter().any(|byte| *byte != 0)
    };
    // One that had no bits before counts where its neighbours were muted.
    let mut all = 0..walked.frames.len();
    let first = all.clone().find(silenced).unwrap();
    let muted: Vec<usize> = (first..=all.rfind(silenced).unwrap()).collect();
    // What may change: side information and main data of muted frames.
    let mut allowed = vec![false; old.len()];
    for at in &muted {
        let frame = &walked.frames[*at];
        allowed[frame.file.start + 4..frame.main].fill(true);
        let to = walked
            .frames
            .get(at + 1)
            .map_or(usize::MAX, |next| next.begins);
        for holder in &walked.frames {
            let from = frame.begins.max(holder.holds.start);
            let to = to.min(holder.holds.end);
            if from < to {
                let place =
                    holder.main + from - holder.holds.start..holder.main + to - holder.holds.start;
                assert!(
                    new[place.clone()].iter().all(|byte| *byte == 0),
                    "{name} {span:?}: bytes left"
                );
                allowed[place].fill(true);
            }
        }
    }
    let stray = (0..old.len()).find(|at| old[*at] != new[*at] && !allowed[*at]);
    assert_eq!(stray, None, "{name} {span:?}: a byte changed that must not");
    let (faults, sound) = decode(&new, &walked);
    let (before, original) = decode(old, &walked);
    assert!(
        faults <= before,
        "{name} {span:?}: {faults} faults, before {before}"
    );
    let at = |ms: u64| ((ms * walked.rate / 1000) as usize).min(sound.len());
    let inside = &sound[at(span.start)..at(span.end)];
    let peak = inside
        .iter()
        .fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
    assert!(peak <= 0.001, "{name} {span:?}: {peak} is heard");
    // Beyond the frames and what rings behind them all is as it was.
    let len = walked.samples as usize;
    let (Some(first), Some(last)) = (muted.first(), muted.last()) else {
        panic!("{name} {span:?}: nothing is muted");
    };
    assert_eq!(
        sound[..first * len],
        original[..first * len],
        "{name} {span:?}"
    );
    let behind = ((last + 1) * len + 576 + 512).min(sound.len());
    assert_eq!(sound[behind..], original[behind..], "{name} {span:?}");
    // At most three frames and the delay of an encoder on either side.
    let most = 3 * walked.samples * 1000 / walked.rate + 1200 * 1000 / walked.rate;
    let ms = |frame: usize| frame as u64 * walked.samples * 1000 / walked.rate;
    assert!(
        ms(*first) + most >= span.start,
        "{name} {span:?}: too early"
    );
    assert!(ms(last + 1) <= span.end + most, "{name} {span:?}: too late");
}

fn fixtures() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/recordings");
    ["v25-mono", "v2-stereo-crc", "v1-joint-vbr"]
        .map(|name| folder.join(name).with_extension("mp3"))
        .to_vec()
}

/// Files made with `lame`, of every kind.
fn made(dir: &Path) -> Vec<PathBuf> {
    let rates: [(u32, &[&str]); 6] = [
        (8000, &["8", "16", "32", "64"]),
        (16_000, &["16", "32", "64", "128"]),
        (22_050, &["24", "48", "96", "160"]),
        (32_000, &["40", "64", "128", "320"]),
        (44_100, &["48", "64", "128", "320"]),
        (48_000, &["56", "96", "192", "256"]),
    ];
    let mut files = Vec::new();
    for (rate, kilobits) in rates {
        let wav = Wav {
            rate,
            channels: 2,
            ..WAVS[1].1
        };
        let source = dir.join(format!("{rate}.wav"));
        std::fs::write(&source, wav.file(&call(rate, 4), &[], &[])).unwrap();
        for mode in ["m", "s", "j"] {
            for checked in [false, true] {
                let constant = kilobits.iter().map(|rate| vec!["-b", *rate]);
                let variable = ["2", "9"].map(|quality| vec!["-V", quality]);
                for args in constant.chain(variable) {
                    let name = format!("{rate}-{mode}-{checked}-{}.mp3", args.concat());
                    let file = dir.join(name);
                    let mut lame = Command::new("lame");
                    lame.args([
                        "--quiet",
                        "-m",
                        mode,
                        "--resample",
                        &(f64::from(rate) / 1000.0).to_string(),
                    ]);
                    lame.args(&args).args(checked.then_some("-p"));
                    assert!(lame.arg(&source).arg(&file).status().unwrap().success());
                    files.push(file);
                }
            }
        }
    }
    files
}

#[test]
fn of_a_muted_frame_no_byte_is_left_anywhere() {
    let dir = tempfile::tempdir().unwrap();
    let (files, spans) = match campaign() {
        true => (made(dir.path()), 5),
        false => (fixtures(), 4),
    };
    let mut dice = Dice(7);
    for file in &files {
        let old = std::fs::read(file).unwrap();
        for _ in 0..spans {
            check(file, &old, &dice.span(3500));
        }
    }
    if campaign() {
        assert!(files.len() >= 200, "{}", files.len());
    }
}

#[test]
fn what_is_keyed_in_is_silent_afterwards_and_tags_are_masked() {
    let bench = Bench::new();
    for path in fixtures() {
        let name = path.file_name().unwrap().to_str().unwrap();
        bench.put(name, std::fs::read(&path).unwrap());
    }
    assert_eq!(bench.found(&["--only", "payment_card", "."]), 3);
    let ran = bench.run(&["redact", "--in-place", "."]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert_eq!(bench.found(&["."]), 0);
    for path in fixtures() {
        let old = std::fs::read(&path).unwrap();
        let new = bench.get(path.file_name().unwrap().to_str().unwrap());
        assert_eq!(old.len(), new.len());
        let (faults, _) = decode(&new, &walk(&new));
        assert_eq!(faults, 0, "{}", path.display());
    }
    let again = bench.run(&["redact", "--in-place", "."]);
    assert!(again.out.contains("nothing to change"), "{}", again.out);
}
