//! What the look-up of special-category terms costs a word: `cargo bench --bench terms -- FILE`.
//!
//! Three passes over the same file: finding words alone (plainly, one byte after the other), words
//! and the filter, words and filter and look-up. The differences are the prices, in nanoseconds a
//! word.
#![allow(
    missing_docs,
    clippy::print_stdout,
    reason = "a benchmark shows its figures"
)]

use std::hint::black_box;
use std::time::Instant;

use efface::detect::terms::{KEY_MIN, at, key};

/// Calls `seen` with start and length of each run of at least three ASCII letters.
#[inline(always)]
fn words(text: &[u8], mut seen: impl FnMut(usize, usize)) {
    let mut start = 0;
    for (end, byte) in text.iter().chain(b" ").enumerate() {
        if !byte.is_ascii_alphabetic() {
            if end - start >= KEY_MIN {
                seen(start, end - start);
            }
            start = end + 1;
        }
    }
}

/// The first eight letters of the word at `at` in upper case, as the filter takes them.
#[inline(always)]
fn letters(text: &[u8], at: usize, len: usize) -> u64 {
    let word = &text[at..at + len.min(8)];
    let bytes = match text.get(at..).and_then(<[u8]>::first_chunk) {
        Some(bytes) => u64::from_le_bytes(*bytes),
        None => word
            .iter()
            .rev()
            .fold(0, |word, byte| word << 8 | u64::from(*byte)),
    };
    bytes & 0xDFDF_DFDF_DFDF_DFDF >> (64 - 8 * word.len())
}

/// Bytes of text timed at once: in the cache, and short beside the scheduler's turns.
const PIECE: usize = 1 << 18;

/// Time in nanoseconds of `pass` over all pieces, of each the best of seven, and what it counted.
fn best(text: &[u8], pass: impl Fn(&[u8]) -> usize) -> (f64, usize) {
    let (mut time, mut counted) = (0.0, 0);
    for piece in text.chunks(PIECE) {
        let mut best = f64::INFINITY;
        let mut count = 0;
        for _ in 0..7 {
            let begun = Instant::now();
            count = black_box(pass(black_box(piece)));
            best = best.min(begun.elapsed().as_secs_f64() * 1e9);
        }
        time += best;
        counted += count;
    }
    (time, counted)
}

fn main() {
    let Some(file) = std::env::args().skip(1).find(|arg| !arg.starts_with('-')) else {
        println!("usage: cargo bench --bench terms -- FILE");
        return;
    };
    let text = std::fs::read(&file).expect("the file is readable");
    let (plain, count) = best(&text, |text| {
        let mut count = 0;
        words(text, |start, len| {
            black_box(letters(text, start, len));
            count += 1;
        });
        count
    });
    let (filtered, passes) = best(&text, |text| {
        let mut passes = 0;
        words(text, |start, len| {
            passes += usize::from(key(letters(text, start, len)))
        });
        passes
    });
    let (whole, hits) = best(&text, |text| {
        let (mut hits, mut floor) = (0, 0);
        words(text, |start, len| {
            if start >= floor
                && key(letters(text, start, len))
                && let Some(hit) = at(text, start, floor)
            {
                floor = hit.end;
                hits += 1;
            }
        });
        hits
    });
    let per_word = |time: f64| time / count as f64;
    println!("{count} words in {} bytes", text.len());
    println!("words alone      {:6.2} ns/word", per_word(plain));
    println!(
        "with filter      {:6.2} ns/word, {passes} pass",
        per_word(filtered)
    );
    println!(
        "with look-up     {:6.2} ns/word, {hits} hits",
        per_word(whole)
    );
    let looked_up = (whole - filtered) / passes.max(1) as f64;
    println!("a pass costs     {looked_up:6.2} ns");
}
