//! Judged by a decoder that is not ours: `sox`. The suite needs none of it; with `EFFACE_CAMPAIGN`
//! set, 1,000 random spans of every container whose sound is muted in place are heard by it.

use std::ops::Range;
use std::path::Path;
use std::process::Command;

use efface::redact::recording::mute;

use crate::synth::{WAVS, noise};

/// Numbers that are the same in every run.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, most: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) % most
    }

    pub(crate) fn span(&mut self, ms: u64) -> Range<u64> {
        let start = self.below(ms);
        start..start + 1 + self.below(ms / 4)
    }
}

/// Whether the long campaigns are asked for, which need `sox` and `lame`.
pub(crate) fn campaign() -> bool {
    std::env::var_os("EFFACE_CAMPAIGN").is_some()
}

/// What `sox` hears of a file, as samples of 32 bits.
fn heard(path: &Path, raw: &[&str]) -> Vec<i32> {
    let mut sox = Command::new("sox");
    sox.arg("-D").args(raw).arg(path);
    let output = sox.args(["-t", "s32", "-"]).output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let (samples, _) = output.stdout.as_chunks::<4>();
    samples
        .iter()
        .map(|bytes| i32::from_le_bytes(*bytes))
        .collect()
}

/// The name of a container, what makes it with `sox`, and what `sox` has to be told to read it.
type Case = (
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
);

const CASES: &[Case] = &[
    ("a.wav", &["-b", "16"], &[]),
    ("b.wav", &["-b", "8"], &[]),
    ("c.wav", &["-b", "24", "-c", "2"], &[]),
    ("d.wav", &["-b", "32", "-e", "signed"], &[]),
    ("e.wav", &["-b", "32", "-e", "float"], &[]),
    ("f.wav", &["-e", "mu-law"], &[]),
    ("g.wav", &["-e", "a-law", "-c", "2"], &[]),
    ("h.wav", &["-e", "gsm-full-rate"], &[]),
    ("i.gsm", &[], &[]),
    (
        "j.ulaw",
        &["-t", "ul"],
        &["-t", "ul", "-r", "8000", "-c", "1"],
    ),
    (
        "k.alaw",
        &["-t", "al"],
        &["-t", "al", "-r", "8000", "-c", "1"],
    ),
    (
        "l.sln",
        &["-t", "s16"],
        &["-t", "s16", "-r", "8000", "-c", "1"],
    ),
];

#[test]
fn another_decoder_hears_nothing_in_any_span() {
    const MS: u64 = 3000;
    const QUIET: i32 = i32::MAX / 1000;
    if !campaign() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let source = dir.path().join("source.wav");
    let wav = WAVS[1].1;
    std::fs::write(&source, wav.file(&noise(wav.rate, MS / 1000), &[], &[])).unwrap();
    let mut dice = Dice(3);
    for (name, make, read) in CASES {
        let path = dir.path().join(name);
        let made = Command::new("sox")
            .arg("-D")
            .arg(&source)
            .args(*make)
            .arg(&path)
            .status();
        assert!(made.unwrap().success());
        let old = std::fs::read(&path).unwrap();
        let before = heard(&path, read);
        let channels = before.len() / (MS as usize * 8);
        let gsm = name.ends_with("gsm") || *name == "h.wav";
        let other = dir.path().join(format!("new-{name}"));
        for _ in 0..1000 {
            let span = dice.span(MS);
            let mut new = old.clone();
            let (mut first, mut behind) = (usize::MAX, 0);
            for splice in mute(&path, old.len() as u64, std::slice::from_ref(&span))
                .unwrap()
                .splices
            {
                let splice = splice.unwrap();
                let range = splice.range.start as usize..splice.range.end as usize;
                (first, behind) = (first.min(range.start), behind.max(range.end));
                new[range].copy_from_slice(&splice.new);
            }
            std::fs::write(&other, &new).unwrap();
            let after = heard(&other, read);
            assert_eq!(after.len(), before.len(), "{name}");
            let at = |ms: u64| (ms as usize * 8 * channels).min(after.len());
            let inside = &after[at(span.start)..at(span.end)];
            let peak = inside
                .iter()
                .map(|sample| sample.saturating_abs())
                .max()
                .unwrap_or(0);
            assert!(peak <= QUIET, "{name} {span:?}: {peak}");
            if gsm {
                // A block of 40 ms at either end, and a frame before.
                let most = if *name == "h.wav" { 65 } else { 33 * 2 };
                let asked = (span.end.min(MS) - span.start) as usize * most / 40;
                assert!(
                    behind.saturating_sub(first) <= asked + 3 * most,
                    "{name} {span:?}: {first}..{behind}"
                );
            } else {
                assert_eq!(
                    after[..at(span.start)],
                    before[..at(span.start)],
                    "{name} {span:?}"
                );
                assert_eq!(
                    after[at(span.end)..],
                    before[at(span.end)..],
                    "{name} {span:?}"
                );
            }
        }
    }
}
