//! Spans of time by the library: at least they are silent, and nothing beyond the frames they
//! touch is changed.

use efface::redact::recording::mute;

use crate::outside::Dice;
use crate::synth::{WAVS, noise};

#[test]
fn exactly_the_samples_of_a_span_are_silent() {
    const MS: u64 = 3000;
    let dir = tempfile::tempdir().unwrap();
    let mut dice = Dice(1);
    for (name, wav) in WAVS {
        let old = wav.file(&noise(wav.rate, MS / 1000), &[], &[]);
        let path = dir.path().join(format!("{name}.wav"));
        std::fs::write(&path, &old).unwrap();
        let frame = wav.width() * usize::from(wav.channels);
        for _ in 0..50 {
            let span = dice.span(MS);
            let mut new = old.clone();
            let muting = mute(&path, old.len() as u64, std::slice::from_ref(&span)).unwrap();
            assert!(muting.same_width);
            for splice in muting.splices {
                let splice = splice.unwrap();
                let range = splice.range.start as usize..splice.range.end as usize;
                assert_eq!(splice.old.unwrap()[..], old[range.clone()]);
                new[range].copy_from_slice(&splice.new);
            }
            let rate = u64::from(wav.rate);
            let frames = (MS * rate / 1000) as usize;
            let first = (span.start * rate / 1000) as usize;
            let behind = ((span.end * rate).div_ceil(1000) as usize).min(frames);
            let place = |at: usize| wav.start(&[]) + at * frame;
            let (from, to) = (place(first), place(behind));
            assert!(
                new[from..to].iter().all(|byte| *byte == wav.silence()),
                "{name} {span:?}"
            );
            assert_eq!(new[..from], old[..from], "{name} {span:?}");
            assert_eq!(new[to..], old[to..], "{name} {span:?}");
        }
    }
}

#[test]
fn spans_may_overlap_be_unsorted_and_reach_behind_the_end() {
    let (_, wav) = WAVS[1];
    let old = wav.file(&noise(wav.rate, 2), &[], b"");
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.wav");
    std::fs::write(&path, &old).unwrap();
    let spans = [1500..9_000_000, 100..300, 200..400, 5_000..6_000, 50..50];
    let muting = mute(&path, old.len() as u64, &spans).unwrap();
    let ranges: Vec<_> = muting.splices.map(|splice| splice.unwrap().range).collect();
    let at = |ms: u64| wav.start(&[]) as u64 + ms * 16;
    assert_eq!(ranges, [at(100)..at(400), at(1500)..at(2000)]);
}
