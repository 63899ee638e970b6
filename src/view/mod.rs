//! What a detector reads: text, and the way back to the bytes it came from.
//!
//! Owns the text of a view, the maps through which its ranges and replacements travel back to a
//! source, its breaks and its hints. Knows neither formats nor entities: a format builds views, a
//! detector reads them, and `redact` sends replacements back through them.

mod codec;
mod hints;
mod map;
mod packed;
mod party;
mod sampled;
pub(crate) mod talk;
mod utf7;
mod via;

pub use hints::{Hinting, Hints, NoHints, Party, Register};
pub use map::{Codec, Map, Run};
pub(crate) use packed::{octets_of, unpacked};
pub use sampled::Sampled;
pub(crate) use utf7::unshifted;

use std::borrow::Cow;
use std::ops::Range;

use crate::edit::{Refusal, Replacement, Splice};

/// Whether a value may cross a break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreakKind {
    /// A wrap, cue, word item or turn: a value may go on behind it.
    Soft,
    /// A cell or record: nothing crosses it.
    Hard,
}

/// A break between two bytes of a view's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Break {
    /// Offset in the view's text of the first byte behind the break.
    pub at: usize,
    /// What may cross it.
    pub kind: BreakKind,
}

/// Text for detectors with its way back to the bytes of a source.
///
/// Offsets into a view are bytes of its text. Text is UTF-8 where the source's encoding is known
/// and the source's own bytes elsewhere, so it need not be valid UTF-8.
pub struct View<'s> {
    text: Cow<'s, [u8]>,
    owned: Range<usize>,
    maps: Vec<Map>,
    holes: Vec<Range<usize>>,
    breaks: Vec<Break>,
    hints: &'s dyn Hinting,
    origin: usize,
    /// How many of the maps lead from the text to the chunk; the rest leads on to the source.
    layers: usize,
    times: Option<&'s [Range<u64>]>,
}

impl<'s> View<'s> {
    /// A view of bytes that are text already; `base` is the offset of `text[0]` in its chunk.
    pub fn raw(text: &'s [u8], base: u64, hints: &'s dyn Hinting) -> Self {
        let owned = 0..text.len();
        let maps = vec![Map::identity(base, text.len())];
        View {
            text: Cow::Borrowed(text),
            owned,
            maps,
            holes: Vec::new(),
            breaks: Vec::new(),
            hints,
            origin: base as usize,
            layers: 1,
            times: None,
        }
    }

    /// A view of decoded or joined text; `origin` is the chunk offset its hints are asked at.
    pub fn decoded(text: Vec<u8>, map: Map, hints: &'s dyn Hinting, origin: usize) -> Self {
        let owned = 0..text.len();
        let maps = vec![map];
        View {
            text: Cow::Owned(text),
            owned,
            maps,
            holes: Vec::new(),
            breaks: Vec::new(),
            hints,
            origin,
            layers: 1,
            times: None,
        }
    }

    /// A view of text that was decoded from decoded text: `maps` lead outwards, the last one to
    /// the chunk.
    pub fn layered(text: Vec<u8>, maps: Vec<Map>, hints: &'s dyn Hinting) -> Self {
        let owned = 0..text.len();
        let layers = maps.len();
        View {
            text: Cow::Owned(text),
            owned,
            maps,
            holes: Vec::new(),
            breaks: Vec::new(),
            hints,
            origin: 0,
            layers,
            times: None,
        }
    }

    /// Restricts what this view may report to hits that start in `owned`; the rest is context.
    #[must_use]
    pub fn owning(mut self, owned: Range<usize>) -> Self {
        self.owned = owned;
        self
    }

    /// Names ranges of the text that another view reads in decoded form: sorted, disjoint.
    #[must_use]
    pub fn with_holes(mut self, holes: Vec<Range<usize>>) -> Self {
        self.holes = holes;
        self
    }

    /// Sets the breaks, sorted by offset.
    #[must_use]
    pub fn with_breaks(mut self, breaks: Vec<Break>) -> Self {
        self.breaks = breaks;
        self
    }

    /// Says that the text is keys that were pressed, and when each of its bytes was heard, in
    /// milliseconds of its recording.
    #[must_use]
    pub fn keyed(mut self, times: &'s [Range<u64>]) -> Self {
        self.times = Some(times);
        self
    }

    /// When each byte of the text was heard, where it is keys that were pressed.
    pub fn times(&self) -> Option<&'s [Range<u64>]> {
        self.times
    }

    /// Adds the next layer outwards, such as the character encoding of the whole source.
    pub fn wrap(&mut self, outer: Map) {
        self.maps.push(outer);
    }

    /// The text detectors read.
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// Hits must start in this range of the text.
    pub fn owned(&self) -> Range<usize> {
        self.owned.clone()
    }

    /// Ranges that another view reads in decoded form; a hit touching one is that view's.
    pub fn holes(&self) -> &[Range<usize>] {
        &self.holes
    }

    /// The breaks, sorted by offset.
    pub fn breaks(&self) -> &[Break] {
        &self.breaks
    }

    /// The chunk offset at which hints and location of text offset `at` are to be asked: where the
    /// unit that holds it stands, or the view's origin where no byte stands for it.
    pub fn chunk_offset(&self, at: usize) -> usize {
        if matches!(self.text, Cow::Borrowed(_)) {
            return self.origin + at;
        }
        let mut maps = self.maps.iter().take(self.layers);
        maps.try_fold(at, |at, map| map.point(at).map(|offset| offset as usize))
            .unwrap_or(self.origin)
    }

    /// The text at `place`, in chunk offsets: how an echo that a format names becomes a range that
    /// a replacement can be rendered for. `None` when this view does not read the place.
    pub fn text_at(&self, place: &Range<usize>) -> Option<Range<usize>> {
        let mut maps = self.maps.get(..self.layers)?.iter().rev();
        maps.try_fold(place.clone(), |place, map| {
            map.inward(&(place.start as u64..place.end as u64))
        })
    }

    /// Hands over each value under a name that `wanted` accepts, in text offsets, with that name:
    /// of text that is the chunk's own those that the format tells, of decoded text each piece.
    pub fn columns(
        &self,
        wanted: &dyn Fn(&[u8]) -> bool,
        each: &mut dyn FnMut(Range<usize>, &[u8]),
    ) {
        if matches!(self.text, Cow::Borrowed(_)) {
            let within = |range: Range<usize>| {
                let start = range.start.checked_sub(self.origin)?;
                let end = range.end.checked_sub(self.origin)?;
                (end <= self.text.len()).then_some(start..end)
            };
            self.hints.columns(wanted, &mut |range, label| {
                if let Some(range) = within(range) {
                    each(range, label);
                }
            });
        }
    }

    /// Hands over each value, in text offsets, of the columns that `wanted` accepts by their name and
    /// their first values. Text that is not the chunk's own has none.
    pub fn sampled_columns(
        &self,
        wanted: &dyn Fn(Option<&[u8]>, &Sampled) -> bool,
        each: &mut dyn FnMut(Range<usize>),
    ) {
        if matches!(self.text, Cow::Borrowed(_)) {
            self.hints.sampled_columns(wanted, &mut |range| {
                let start = range.start.checked_sub(self.origin);
                let end = range.end.checked_sub(self.origin);
                if let (Some(start), Some(end)) = (start, end)
                    && end <= self.text.len()
                {
                    each(start..end);
                }
            });
        }
    }

    /// What the format knows about the place of text offset `at`; the value in text offsets.
    pub fn hints(&self, at: usize) -> Hints<'_> {
        let mut hints = self.hints.hints(self.chunk_offset(at));
        // Text that is the chunk's own needs no way back: the common case, asked per candidate.
        if matches!(self.text, Cow::Borrowed(_)) {
            hints.value = hints
                .value
                .map(|value| self.first_at(value.start)..self.first_at(value.end));
            return hints;
        }
        hints.value = hints.value.and_then(|value| {
            let mut text = self.first_at(value.start)..self.first_at(value.end);
            // A join counts to what follows it and is no part of it.
            while !text.is_empty() && self.parts(text.start..text.start + 1).is_empty() {
                text.start += 1;
            }
            // Text joined in another order than that of its places has no one range for it.
            (text.start <= at && at <= text.end).then_some(text)
        });
        hints
    }

    /// The first text offset that stands at chunk offset `offset` or behind it.
    fn first_at(&self, offset: usize) -> usize {
        if matches!(self.text, Cow::Borrowed(_)) {
            return offset.saturating_sub(self.origin).min(self.text.len());
        }
        let (mut low, mut high) = (0, self.text.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            if self.chunk_offset(middle) < offset {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// The places of `range`, sorted, one per contiguous stretch: byte ranges of the outermost
    /// layer, which is the source once the engine has wrapped the view, the chunk before.
    pub fn parts(&self, range: Range<usize>) -> Vec<Range<u64>> {
        let mut parts = Vec::new();
        let Some((inner, outer)) = self.maps.split_first() else {
            return parts;
        };
        inner.outward(range.start as u64..range.end as u64, &mut parts);
        for map in outer {
            let mut next: Vec<Range<u64>> = Vec::with_capacity(parts.len());
            for part in parts {
                map.outward(part, &mut next);
            }
            parts = next;
        }
        // Text may be joined in another order than that of its places.
        parts.sort_unstable_by_key(|part| part.start);
        parts.dedup_by(|next, last| {
            let touches = next.start == last.end;
            if touches {
                last.end = next.end;
            }
            touches
        });
        parts
    }

    /// Where the text starts in the outermost layer, when it is that layer's own bytes: the common
    /// case, in which a range needs no way back but an addition.
    pub fn base(&self) -> Option<u64> {
        match self.maps.as_slice() {
            [map] => map.base(),
            _ => None,
        }
    }

    /// Splices of the outermost layer that put `replacement` in the place of `range`, sorted and
    /// disjoint. They are the source's once the engine has wrapped the view. Of a view not yet
    /// wrapped they are the chunk's, as [`crate::format::Reader::settle`] takes them;
    /// [`Map::translate`] then carries them on.
    ///
    /// # Errors
    /// [`Refusal`] when a layer's encoding has no form for the replacement.
    pub fn render(
        &self,
        range: Range<usize>,
        replacement: &Replacement,
    ) -> Result<Vec<Splice>, Refusal> {
        let Some((inner, outer)) = self.maps.split_first() else {
            return Err(Refusal::NoPlace);
        };
        let mut splices = inner.render(&self.text, range, replacement)?;
        for map in outer {
            splices = map.translate(splices)?;
        }
        Ok(splices)
    }
}
