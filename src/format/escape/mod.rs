//! Spellings that hide a value in any text: percent-encoding, `\x22` and `\u0031` escapes, colour
//! codes, digits and dashes outside ASCII, words in base64 or hexadecimal.
//!
//! Owns finding the stretches that hold one, decoding them, and the map back. The stretch decoded
//! is the line, clipped, so that context stays with the value. Knows no format: text, table cells
//! and JSON strings use it alike, and it can be applied to its own result.

mod coded;
mod decode;
mod fold;
mod layers;
mod triggers;

pub(crate) use decode::unicode;
pub(crate) use layers::{layers, layers_around, layers_beside, stacked, stacked_on};

use std::ops::Range;

use crate::view::{Break, BreakKind, Codec, Map};

/// Bytes on each side of an escape that are decoded with it when its line is longer.
///
/// More than any value and its context words take; a line of one gigabyte is not copied whole.
const REACH: usize = 512;

/// Text decoded from stretches of another text.
#[derive(Default)]
pub(crate) struct Decoded {
    /// The decoded stretches, each behind a NUL but the first.
    pub(crate) text: Vec<u8>,
    /// From `text` to the text it was decoded from.
    pub(crate) map: Map,
    /// A hard break before each stretch but the first.
    pub(crate) breaks: Vec<Break>,
    /// What was decoded, as ranges of the text it was decoded from.
    pub(crate) holes: Vec<Range<usize>>,
}

impl Decoded {
    /// Starts the stretch at `range` of the text below.
    pub(crate) fn begin(&mut self, range: Range<usize>) {
        if !self.holes.is_empty() {
            self.text.push(0);
            self.map.push_join(1);
            self.breaks.push(Break {
                at: self.text.len(),
                kind: BreakKind::Hard,
            });
        }
        self.holes.push(range);
    }

    /// Takes `bytes`, which stand below as they are, at `raw`.
    pub(crate) fn plain(&mut self, bytes: &[u8], raw: usize) {
        self.text.extend_from_slice(bytes);
        self.map.push(bytes.len(), 1, raw as u64, 1, Codec::Plain);
    }

    /// Takes one unit that `raw_width` bytes at `raw` stand for.
    pub(crate) fn unit(&mut self, text: &[u8], raw: usize, raw_width: usize, codec: Codec) {
        self.text.extend_from_slice(text);
        self.map.push(1, text.len(), raw as u64, raw_width, codec);
    }
}

/// Decodes what hides in `text[within]`, leaving out the ranges `taken` (sorted, disjoint).
///
/// `None` when nothing hides, which costs two fast passes.
pub(crate) fn decode(text: &[u8], within: Range<usize>, taken: &[Range<usize>]) -> Option<Decoded> {
    let found = triggers::find(text, within.clone(), taken);
    if found.is_empty() {
        return None;
    }
    let mut decoded = Decoded::default();
    for stretch in stretches(text, &within, &found, taken) {
        decoded.begin(stretch.clone());
        decode::stretch(text, stretch, &mut decoded);
    }
    Some(decoded)
}

/// The lines around `found`, clipped to `REACH` and to what is not `taken`, merged.
fn stretches(
    text: &[u8],
    within: &Range<usize>,
    found: &[usize],
    taken: &[Range<usize>],
) -> Vec<Range<usize>> {
    let mut out: Vec<Range<usize>> = Vec::new();
    for &at in found {
        if out
            .last()
            .is_some_and(|last| at < last.end && at >= last.start)
        {
            continue;
        }
        let next = taken.partition_point(|range| range.end <= at);
        let low = next
            .checked_sub(1)
            .and_then(|i| taken.get(i))
            .map_or(0, |range| range.end);
        let high = taken.get(next).map_or(usize::MAX, |range| range.start);
        let start = line_start(text, low.max(within.start), at);
        let end = line_end(text, at, high.min(within.end));
        match out.last_mut() {
            Some(last) if start <= last.end => last.end = last.end.max(end),
            _ => out.push(start..end),
        }
    }
    out
}

/// Whether no value crosses `byte`: what separates cells, members, tags and lines.
pub(crate) const fn separates(byte: u8) -> bool {
    matches!(
        byte,
        0..=0x1a | 0x1c..=0x1f | b',' | b';' | b'"' | b'<' | b'>' | b'{' | b'}' | b'[' | b']' | b'|'
    )
}

fn line_start(text: &[u8], low: usize, at: usize) -> usize {
    let nearest = low.max(at.saturating_sub(REACH));
    let before = text.get(nearest..at).unwrap_or_default();
    match memchr::memrchr2(b'\n', 0, before) {
        Some(i) => nearest + i + 1,
        None if nearest == low => low,
        None => before
            .iter()
            .position(|&b| separates(b) || b == b' ')
            .map_or(nearest, |i| nearest + i + 1),
    }
}

fn line_end(text: &[u8], at: usize, high: usize) -> usize {
    let furthest = high.min(at + REACH).min(text.len());
    let behind = text.get(at..furthest).unwrap_or_default();
    match memchr::memchr2(b'\n', 0, behind) {
        Some(i) => at + i,
        None if furthest == high.min(text.len()) => furthest,
        None => behind
            .iter()
            .rposition(|&b| separates(b) || b == b' ')
            .filter(|&i| i > 0)
            .map_or(furthest, |i| at + i),
    }
}

#[cfg(test)]
mod tests;
