//! What holds for every codec that packs sound in units: files of fixtures and of campaigns, spans of
//! chance, and what is keyed in.

use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::bench::Bench;
use crate::outside::{Dice, campaign};

/// The recordings of one channel and of two that are kept, in files of this ending.
pub(crate) fn fixtures(ending: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/recordings");
    ["mono", "stereo"]
        .map(|name| folder.join(format!("{name}.{ending}")))
        .to_vec()
}

/// Mutes three spans of each fixture, or, in a campaign, so many of each file that is `made`, by
/// `muted`, which checks them; `heard` is asked about the new file then. Gives how many.
pub(crate) fn every_span(
    ending: &str,
    (seed, spans): (u64, usize),
    made: impl Fn(&Path) -> Vec<PathBuf>,
    muted: impl Fn(&Path, &[u8], &Range<u64>) -> Vec<u8>,
    heard: impl Fn(&Path, &Range<u64>),
) -> String {
    let dir = tempfile::tempdir().unwrap();
    let (files, spans) = match campaign() {
        true => (made(dir.path()), spans),
        false => (fixtures(ending), 3),
    };
    let mut dice = Dice(seed);
    for file in &files {
        let old = std::fs::read(file).unwrap();
        for _ in 0..spans {
            let span = dice.span(3500);
            let new = muted(file, &old, &span);
            if campaign() {
                let path = dir.path().join(format!("new.{ending}"));
                std::fs::write(&path, new).unwrap();
                heard(&path, &span);
            }
        }
    }
    format!("{} spans of {} files", files.len() * spans, files.len())
}

/// Redacts the fixtures, in which a card is keyed in and comments hold a number, and gives each with
/// what it was and what it is; nothing is found in them any more.
pub(crate) fn redacted(ending: &str) -> Vec<(Vec<u8>, Vec<u8>)> {
    let bench = Bench::new();
    let name = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
    for path in fixtures(ending) {
        bench.put(&name(&path), std::fs::read(&path).unwrap());
    }
    let ran = bench.run(&["scan", "--format", "jsonl", "."]);
    assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
    for field in ["comment.CALLER", "comment.comment", "keys"] {
        assert!(
            ran.out.contains(&format!("\"field\":\"{field}\"")),
            "{}",
            ran.out
        );
    }
    // A card in each, the second channel of one is too faint; a number in the comments of each.
    assert_eq!(bench.found(&["--only", "payment_card", "."]), 2);
    assert_eq!(bench.found(&["--only", "phone", "."]), 2);
    let ran = bench.run(&["redact", "--in-place", "."]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert_eq!(bench.found(&["."]), 0);
    let all = fixtures(ending).into_iter().map(|path| {
        let old = std::fs::read(&path).unwrap();
        (old, bench.get(&name(&path)))
    });
    let all = all.collect();
    let again = bench.run(&["redact", "--in-place", "."]);
    assert!(again.out.contains("nothing to change"), "{}", again.out);
    all
}
