//! The way from ranges of text back to the bytes they were decoded from.
//!
//! Owns runs, their composition and the rendering of a replacement in the spelling each unit had.
//! Knows neither formats nor entities.

use std::ops::Range;

pub use super::codec::Codec;
use super::codec::character;
use super::packed::{Packing, packed};
use super::utf7;
use crate::edit::{Bytes, Refusal, Replacement, Splice, mask_char};

/// A stretch of text whose units are all equally wide in the text and in the bytes below.
///
/// With `text_width` 0 it is a gap: bytes that stand inside a value and are not part of it. With
/// `raw_width` 0 it is a join: text between two places that no byte stands for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Run {
    /// Offset in the text of the first unit.
    pub text: usize,
    /// How many units.
    pub units: usize,
    /// Bytes of text a unit takes.
    pub text_width: usize,
    /// Offset below of the first unit.
    pub raw: u64,
    /// Bytes below a unit takes.
    pub raw_width: usize,
    /// How a unit is spelled below.
    pub codec: Codec,
}

impl Run {
    fn text_end(&self) -> usize {
        self.text + self.units * self.text_width
    }

    fn raw_at(&self, unit: usize) -> u64 {
        self.raw + (unit * self.raw_width) as u64
    }

    /// Whether it is neither a gap nor a join.
    fn has_units(&self) -> bool {
        self.text_width > 0 && self.raw_width > 0
    }

    /// The text of the units that `place` below touches.
    fn text_of(&self, place: &Range<u64>) -> Option<Range<usize>> {
        let start = place.start.max(self.raw);
        let end = place.end.min(self.raw_at(self.units));
        if !self.has_units() || start >= end {
            return None;
        }
        let first = (start - self.raw) as usize / self.raw_width;
        let last = ((end - self.raw) as usize).div_ceil(self.raw_width);
        Some(self.text + first * self.text_width..self.text + last * self.text_width)
    }

    /// The units that `range` touches; none for a gap or a join.
    fn units_in(&self, range: &Range<usize>) -> Range<usize> {
        if !self.has_units() {
            return 0..0;
        }
        let start = range.start.max(self.text);
        let end = range.end.min(self.text_end());
        if start >= end {
            return 0..0;
        }
        (start - self.text) / self.text_width..(end - self.text).div_ceil(self.text_width)
    }
}

/// A map from text to the bytes of the layer below.
#[derive(Clone, Debug, Default)]
pub struct Map {
    /// Sorted by `text`.
    runs: Vec<Run>,
    /// The spelling of new text put here.
    style: Option<Codec>,
    /// The text itself, where units share bytes below with their neighbours.
    packed: Option<Packing>,
}

impl Map {
    /// A map of `len` bytes that stand below as they are, from offset `base`.
    pub fn identity(base: u64, len: usize) -> Map {
        let mut map = Map::default();
        map.push(len, 1, base, 1, Codec::Plain);
        map
    }

    /// Sets the spelling that new text takes; by default that of the first run replaced.
    #[must_use]
    pub fn styled(mut self, style: Codec) -> Map {
        self.style = Some(style);
        self
    }

    /// Says that the text is packed into base64.
    pub(super) fn packing(mut self, packing: Packing) -> Map {
        self.packed = Some(packing);
        self
    }

    /// Appends `units` units behind the last one, growing the last run where they continue it.
    pub fn push(
        &mut self,
        units: usize,
        text_width: usize,
        raw: u64,
        raw_width: usize,
        codec: Codec,
    ) {
        if units == 0 {
            return;
        }
        let text = self.text_len();
        if let Some(last) = self.runs.last_mut()
            && last.text_width == text_width
            && last.raw_width == raw_width
            && last.codec == codec
            && text_width > 0
            && raw_width > 0
            && last.raw_at(last.units) == raw
        {
            last.units += units;
            return;
        }
        self.runs.push(Run {
            text,
            units,
            text_width,
            raw,
            raw_width,
            codec,
        });
    }

    /// Appends text that no byte stands for, such as the blank between two words of a transcript.
    pub fn push_join(&mut self, text_width: usize) {
        let text = self.text_len();
        self.runs.push(Run {
            text,
            units: 1,
            text_width,
            raw: 0,
            raw_width: 0,
            codec: Codec::Plain,
        });
    }

    /// Length of the mapped text in bytes.
    pub fn text_len(&self) -> usize {
        self.runs.last().map_or(0, Run::text_end)
    }

    /// Where the text starts below, when it is one plain run.
    pub fn base(&self) -> Option<u64> {
        let [run] = self.runs.as_slice() else {
            return None;
        };
        let plain = run.codec == Codec::Plain && run.raw_width == 1 && run.text_width == 1;
        plain.then_some(run.raw)
    }

    /// Appends to `out` the ranges below that `range` of the text stands for, in the order of the
    /// text, merged where they touch. A unit touched is a unit named, and gaps are left out.
    pub fn outward(&self, range: Range<u64>, out: &mut Vec<Range<u64>>) {
        let range = range.start as usize..range.end as usize;
        for run in self.runs_from(range.start) {
            if run.text >= range.end {
                break;
            }
            let units = run.units_in(&range);
            if units.is_empty() {
                continue;
            }
            let (start, end) = (run.raw_at(units.start), run.raw_at(units.end));
            match out.last_mut() {
                Some(last) if last.end == start => last.end = end,
                _ => out.push(start..end),
            }
        }
    }

    /// The text that the bytes of `place` below stand for: the hull of the units it touches.
    pub fn inward(&self, place: &Range<u64>) -> Option<Range<usize>> {
        self.runs
            .iter()
            .filter_map(|run| run.text_of(place))
            .reduce(|hull, next| hull.start.min(next.start)..hull.end.max(next.end))
    }

    /// Where below the unit that holds text offset `at` starts; for the end of the text, where its
    /// last unit ends, and inside a join, where the next unit starts.
    pub fn point(&self, at: usize) -> Option<u64> {
        let mut behind = None;
        for run in self.runs_from(at).iter().filter(|run| run.has_units()) {
            if run.text_end() > at {
                return Some(run.raw_at(at.saturating_sub(run.text) / run.text_width));
            }
            behind = Some(run.raw_at(run.units));
        }
        behind
    }

    /// Splices of the layer below that put `replacement` in the place of `range` of `text`:
    /// sorted and disjoint. New text stands in the first place, the other places are emptied.
    ///
    /// # Errors
    /// [`Refusal`] when the range has no bytes below or its spelling cannot express the new text.
    pub fn render(
        &self,
        text: &[u8],
        range: Range<usize>,
        replacement: &Replacement,
    ) -> Result<Vec<Splice>, Refusal> {
        self.may_change()?;
        if let Some(packing) = &self.packed {
            let plain = Map::identity(0, text.len()).render(text, range, replacement)?;
            return packed(self, packing, &plain);
        }
        let mut splices = match replacement {
            Replacement::Mask | Replacement::Silence => self.masked(text, range),
            Replacement::Text(new) | Replacement::Number(new) => self.put(range, Some(new))?,
            Replacement::Nothing => self.put(range, None)?,
        };
        if splices.is_empty() {
            return Err(Refusal::NoPlace);
        }
        splices.sort_by_key(|splice| splice.range.start);
        Ok(splices)
    }

    /// Carries splices of this map's text to the layer below.
    ///
    /// A splice as long as what it replaces keeps the width of every unit below where that is
    /// possible, and always when it is a mask, so that a mask is as wide in the source as it was
    /// in the text.
    ///
    /// # Errors
    /// [`Refusal`] when the new bytes are no text that the layer's encoding can express, or the
    /// splice would take a part of a unit.
    pub fn translate(&self, splices: Vec<Splice>) -> Result<Vec<Splice>, Refusal> {
        self.may_change()?;
        if let Some(packing) = &self.packed {
            return packed(self, packing, &splices);
        }
        let mut out = Vec::with_capacity(splices.len());
        for splice in splices {
            match self.retraced(&splice) {
                Some(kept) => out.extend(kept),
                None => self.carry(splice, &mut out)?,
            }
        }
        out.sort_by_key(|splice| splice.range.start);
        Ok(out)
    }

    /// Whether anything below can be written anew.
    fn may_change(&self) -> Result<(), Refusal> {
        let sealed = |run: &Run| run.codec == Codec::BinHex;
        match self.runs.first() {
            Some(run) if sealed(run) => Err(Refusal::ReadOnly),
            _ => Ok(()),
        }
    }

    fn runs_from(&self, at: usize) -> &[Run] {
        let first = self.runs.partition_point(|run| run.text_end() < at);
        self.runs.get(first..).unwrap_or_default()
    }

    /// The runs that stand for some of `place`.
    pub(super) fn runs_in(&self, place: &Range<u64>) -> impl Iterator<Item = &Run> {
        let place = place.start as usize..place.end as usize;
        let end = place.end;
        self.runs_from(place.start)
            .iter()
            .take_while(move |run| run.text < end)
            .filter(move |run| !run.units_in(&place).is_empty())
    }

    /// The run with the unit that holds `at`.
    fn run_at(&self, at: usize) -> Option<&Run> {
        self.runs_from(at)
            .iter()
            .take_while(|run| run.text <= at)
            .find(|run| run.text_end() > at && run.has_units())
    }

    /// Whether a unit is cut in two at `at`.
    fn splits_unit(&self, at: u64) -> bool {
        let at = at as usize;
        self.run_at(at)
            .is_some_and(|run| !(at - run.text).is_multiple_of(run.text_width))
    }

    /// The spelling of new text put at `at`.
    fn style_at(&self, at: usize) -> Codec {
        self.style.unwrap_or_else(|| {
            self.runs_from(at)
                .iter()
                .find(|run| run.text_end() > at && run.has_units())
                .map_or(Codec::Plain, |run| run.codec)
        })
    }

    fn put(&self, range: Range<usize>, new: Option<&String>) -> Result<Vec<Splice>, Refusal> {
        let mut ranges = Vec::new();
        self.outward(range.start as u64..range.end as u64, &mut ranges);
        let codec = self.style_at(range.start);
        let bytes = match (new, codec) {
            (Some(text), _) => codec.text(text)?,
            // Samples that go would move all that is heard behind them.
            (None, Codec::Samples(_)) => return Err(Refusal::FixedWidth),
            (None, _) => Vec::new(),
        };
        Ok(in_first(ranges, bytes.into()))
    }

    fn masked(&self, text: &[u8], range: Range<usize>) -> Vec<Splice> {
        let mut out: Vec<Splice> = Vec::new();
        if range.is_empty() {
            return out;
        }
        // Half a character masked would leave bytes that are no text.
        let range = character(text, range.start).start..character(text, range.end - 1).end;
        for run in self.runs_from(range.start) {
            if run.text >= range.end {
                break;
            }
            for unit in run.units_in(&range) {
                let at = run.text + unit * run.text_width;
                let place = character(text, at);
                let own = at..at + run.text_width;
                let bytes = if let Some(block) = block_masked(run, text, own, &range) {
                    block
                } else if run.text_width < place.len() {
                    let octets = mask_octets(place.len());
                    let octet = octets.get(at - place.start).copied().unwrap_or(b'*');
                    run.codec.octet_in(octet, run.raw_width)
                } else {
                    // A unit of several characters, such as some entities, becomes one mask.
                    let len = place.len().min(run.text_width);
                    run.codec.unit(mask_char(len), run.raw_width)
                };
                append(&mut out, run.raw_at(unit), run.raw_width, &bytes);
            }
        }
        out
    }

    /// `splice` unit by unit, each as wide below as before; `None` where that cannot be.
    fn retraced(&self, splice: &Splice) -> Option<Vec<Splice>> {
        let range = splice.range.start as usize..splice.range.end as usize;
        let cut = self.splits_unit(splice.range.start) || self.splits_unit(splice.range.end);
        if cut || range.is_empty() || splice.bytes.len() != range.len() {
            return None;
        }
        let mut out: Vec<Splice> = Vec::new();
        let mut done = range.start;
        for run in self.runs_from(range.start) {
            if run.text >= range.end {
                break;
            }
            let joined = run.text.max(range.start)..run.text_end().min(range.end);
            if run.raw_width == 0 && !joined.is_empty() {
                // Text of a join has no place that could take new bytes, and a mask needs none there.
                let new = splice
                    .bytes
                    .get(joined.start - range.start..joined.end - range.start)?;
                if joined.start != done || new.iter().any(|byte| *byte != mask_char(1) as u8) {
                    return None;
                }
                done = joined.end;
                continue;
            }
            for unit in run.units_in(&range) {
                let at = run.text + unit * run.text_width - range.start;
                if at + range.start != done {
                    return None;
                }
                let bytes = respelled(run, &splice.bytes, at)?;
                append(&mut out, run.raw_at(unit), run.raw_width, &bytes);
                done += run.text_width;
            }
        }
        (done == range.end).then_some(out)
    }

    /// `splice` as new text of any width.
    fn carry(&self, splice: Splice, out: &mut Vec<Splice>) -> Result<(), Refusal> {
        if self.splits_unit(splice.range.start) || self.splits_unit(splice.range.end) {
            return Err(Refusal::NotEncodable);
        }
        let mut ranges = Vec::new();
        if splice.range.is_empty() {
            let at = self.point(splice.range.start as usize);
            ranges.extend(at.map(|at| at..at));
        } else {
            self.outward(splice.range.clone(), &mut ranges);
        }
        let bytes = match self.style_at(splice.range.start as usize) {
            Codec::Plain => splice.bytes,
            codec => {
                let text = std::str::from_utf8(&splice.bytes).map_err(|_| Refusal::NotEncodable)?;
                codec.text(text)?.into()
            }
        };
        if ranges.is_empty() && !bytes.is_empty() {
            return Err(Refusal::NoPlace);
        }
        out.extend(in_first(ranges, bytes));
        Ok(())
    }
}

/// A block of UTF-7 at `own` in `text` with what lies in `range` masked; what else is in it stays.
fn block_masked(
    run: &Run,
    text: &[u8],
    own: Range<usize>,
    range: &Range<usize>,
) -> Option<Vec<u8>> {
    if run.codec != Codec::Utf7 {
        return None;
    }
    let touched = range.start.saturating_sub(own.start)..range.end.saturating_sub(own.start);
    utf7::masked(text.get(own)?, &touched, run.raw_width)
}

/// The unit of `run` that stands for the bytes of `new` from `at` on, as wide as it was.
fn respelled(run: &Run, new: &[u8], at: usize) -> Option<Vec<u8>> {
    let piece = new.get(at..at + run.text_width)?;
    if run.codec == Codec::Plain && run.text_width == run.raw_width {
        return Some(piece.to_vec());
    }
    if run.codec == Codec::Utf7
        && let Some(bytes) = utf7::spelled(std::str::from_utf8(piece).ok()?, run.raw_width)
    {
        return Some(bytes);
    }
    let place = character(new, at);
    let ch = only_char(new.get(place.clone())?)?;
    let mask = (1..=4).any(|len| mask_char(len) == ch);
    if place == (at..at + run.text_width) {
        let exact = run.codec.spell(ch, run.raw_width);
        return exact.or_else(|| mask.then(|| run.codec.unit(ch, run.raw_width)));
    }
    match (run.codec, piece) {
        (Codec::Percent | Codec::HexEscape | Codec::QuotedPrintable, [octet]) => {
            Some(run.codec.octet_in(*octet, run.raw_width))
        }
        _ => mask.then(|| run.codec.unit(mask_char(run.text_width), run.raw_width)),
    }
}

fn only_char(bytes: &[u8]) -> Option<char> {
    let mut chars = std::str::from_utf8(bytes).ok()?.chars();
    chars.next().filter(|_| chars.next().is_none())
}

/// The bytes of the mask character of `len` bytes.
fn mask_octets(len: usize) -> Vec<u8> {
    mask_char(len).to_string().into_bytes()
}

/// `bytes` for the first of `ranges`, nothing for the others.
fn in_first(ranges: Vec<Range<u64>>, bytes: Bytes) -> Vec<Splice> {
    let mut bytes = Some(bytes);
    ranges
        .into_iter()
        .map(|range| Splice {
            range,
            bytes: bytes.take().unwrap_or_default(),
        })
        .collect()
}

/// Appends new bytes for `width` bytes from `start` on, to the last splice where they touch.
pub(super) fn append(out: &mut Vec<Splice>, start: u64, width: usize, bytes: &[u8]) {
    let end = start + width as u64;
    match out.last_mut() {
        Some(last) if last.range.end == start => {
            last.range.end = end;
            last.bytes.extend_from_slice(bytes);
        }
        _ => out.push(Splice {
            range: start..end,
            bytes: Bytes::from_slice(bytes),
        }),
    }
}

#[cfg(test)]
mod tests;
