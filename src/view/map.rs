//! The way from ranges of text back to the bytes they were decoded from.
//!
//! Owns runs, their composition and the rendering of a replacement in the spelling each unit had.
//! Knows neither formats nor entities.

use std::ops::Range;

pub use super::codec::Codec;
use super::codec::characters;
use crate::edit::{Refusal, Replacement, Splice, mask_char};

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

    /// The units that `range` touches; none for a gap or a join.
    fn units_in(&self, range: &Range<usize>) -> Range<usize> {
        if self.text_width == 0 || self.raw_width == 0 {
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

    /// The range below when `range` lies in one plain run.
    pub fn plain(&self, range: Range<u64>) -> Option<Range<u64>> {
        let [run] = self.runs.as_slice() else {
            return None;
        };
        let plain = run.codec == Codec::Plain && run.raw_width == 1 && run.text_width == 1;
        plain.then(|| range.start + run.raw..range.end + run.raw)
    }

    /// Appends to `out` the ranges below that `range` of the text stands for, merged where they
    /// touch.
    pub fn outward(&self, range: Range<u64>, out: &mut Vec<Range<u64>>) {
        let range = range.start as usize..range.end as usize;
        for run in self.runs_from(range.start) {
            if run.text >= range.end && run.text > range.start {
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

    /// Splices of the layer below that put `replacement` in the place of `range` of `text`.
    ///
    /// # Errors
    /// [`Refusal`] when the range has no bytes below or its spelling cannot express the new text.
    pub fn render(
        &self,
        text: &[u8],
        range: Range<usize>,
        replacement: &Replacement,
    ) -> Result<Vec<Splice>, Refusal> {
        match replacement {
            Replacement::Mask | Replacement::Silence => Ok(self.masked(text, range)),
            Replacement::Text(new) | Replacement::Number(new) => self.put(range, Some(new)),
            Replacement::Nothing => self.put(range, None),
        }
    }

    /// Carries splices of this map's text to the layer below.
    ///
    /// # Errors
    /// [`Refusal`] when the new bytes are no text that the layer's encoding can express.
    pub fn translate(&self, splices: Vec<Splice>) -> Result<Vec<Splice>, Refusal> {
        let mut out = Vec::with_capacity(splices.len());
        for splice in splices {
            let mut ranges = Vec::new();
            self.outward(splice.range.clone(), &mut ranges);
            let codec = self.codec_at(splice.range.start as usize);
            let bytes = if codec == Codec::Plain {
                splice.bytes
            } else {
                let text = std::str::from_utf8(&splice.bytes).map_err(|_| Refusal::NotEncodable)?;
                codec.text(text)?
            };
            if ranges.is_empty() && !bytes.is_empty() {
                return Err(Refusal::NoPlace);
            }
            let mut bytes = Some(bytes);
            out.extend(ranges.into_iter().map(|range| Splice {
                range,
                bytes: bytes.take().unwrap_or_default(),
            }));
        }
        Ok(out)
    }

    fn runs_from(&self, at: usize) -> &[Run] {
        let first = self.runs.partition_point(|run| run.text_end() < at);
        self.runs.get(first..).unwrap_or_default()
    }

    fn codec_at(&self, at: usize) -> Codec {
        self.runs_from(at)
            .iter()
            .find(|run| run.text_end() > at && run.raw_width > 0)
            .map_or(Codec::Plain, |run| run.codec)
    }

    fn put(&self, range: Range<usize>, new: Option<&String>) -> Result<Vec<Splice>, Refusal> {
        let mut ranges = Vec::new();
        self.outward(range.start as u64..range.end as u64, &mut ranges);
        if ranges.is_empty() {
            return Err(Refusal::NoPlace);
        }
        let codec = self.style.unwrap_or_else(|| self.codec_at(range.start));
        let mut bytes = Some(match new {
            Some(text) => codec.text(text)?,
            None => Vec::new(),
        });
        Ok(ranges
            .into_iter()
            .map(|range| Splice {
                range,
                bytes: bytes.take().unwrap_or_default(),
            })
            .collect())
    }

    fn masked(&self, text: &[u8], range: Range<usize>) -> Vec<Splice> {
        let mut out: Vec<Splice> = Vec::new();
        for place in characters(text, range) {
            let mask = mask_char(place.len());
            let mut utf8 = [0u8; 4];
            let octets = mask.encode_utf8(&mut utf8).as_bytes();
            for run in self.runs_from(place.start) {
                if run.text >= place.end {
                    break;
                }
                for unit in run.units_in(&place) {
                    let whole = run.text_width == place.len() && run.text_width > 0;
                    let bytes = if whole {
                        run.codec.unit(mask, run.raw_width)
                    } else {
                        let at = run.text + unit * run.text_width - place.start;
                        run.codec.octet(octets.get(at).copied().unwrap_or(b'*'))
                    };
                    let start = run.raw_at(unit);
                    let end = start + run.raw_width as u64;
                    match out.last_mut() {
                        Some(last) if last.range.end == start => {
                            last.range.end = end;
                            last.bytes.extend_from_slice(&bytes);
                        }
                        _ => out.push(Splice {
                            range: start..end,
                            bytes,
                        }),
                    }
                }
            }
        }
        out
    }
}
