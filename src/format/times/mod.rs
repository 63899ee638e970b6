//! When something was said: the times that transcripts give their words, segments and cues.
//!
//! Owns the way from places in a transcript to spans of its recording, with what is muted around
//! them because no clock of a recogniser is exact. The formats read the times ([`super::json`],
//! [`super::captions`]). Knows neither recordings nor entities.

use std::ops::Range;

use super::{captions, json};

/// Muted before what was said, in milliseconds, and at most where nothing is said before it.
const LEAD: (u64, u64) = (150, 400);
/// The same behind it: words end later than recognisers say.
const TRAIL: (u64, u64) = (250, 400);
/// Muted around a segment that stands for its words: without alignment it may be a second off.
const LOOSE: u64 = 1_000;
/// Spans that are no further apart are one: what is between them is the same utterance.
const GAP: u64 = 700;
/// A later time is none of a call: an epoch, a count.
const LATEST: u64 = 48 * 3_600_000;
/// A transcript has at least so many times.
const FEWEST: usize = 2;

/// How fine a time is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Grain {
    /// One word.
    Word,
    /// A cue: some words, with times made to be shown with them.
    Cue,
    /// A segment, utterance or phrase.
    Segment,
}

/// Something said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spoken {
    /// The bytes of the transcript (decoded) in which it stands.
    pub(super) place: Range<usize>,
    /// Milliseconds from the beginning of the recording, half-open.
    pub(super) ms: Range<u64>,
    pub(super) grain: Grain,
}

/// The times of a transcript.
#[derive(Debug)]
pub(crate) struct Timeline {
    /// By place; places are disjoint.
    spoken: Vec<Spoken>,
    /// Where something is said without a time, by place.
    flat: Vec<Range<usize>>,
    /// The beginnings of all words, and their ends, sorted.
    starts: Vec<u64>,
    ends: Vec<u64>,
}

/// When something was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct When {
    /// What it takes to mute it: sorted, disjoint, in milliseconds.
    pub(crate) spans: Vec<Range<u64>>,
    /// Whether its words have times of their own, not only what they stand in.
    pub(crate) by_words: bool,
}

impl Timeline {
    /// The times that `text`, in the format of this name, gives; `None` when it is no transcript.
    ///
    /// Plain text is taken for what was said wherever it is no `key=value`, and gives no times.
    pub(crate) fn of(format: &str, text: &[u8]) -> Option<Timeline> {
        let (mut spoken, flat) = match format {
            "vtt" | "srt" => captions::times(text),
            "json" | "jsonl" => json::times(text),
            "text" => (Vec::new(), prose(text)),
            _ => return None,
        };
        spoken.retain(|spoken| spoken.ms.start < spoken.ms.end && spoken.ms.end <= LATEST);
        if spoken.len() < FEWEST && spoken.iter().all(|spoken| spoken.grain != Grain::Cue) {
            spoken.clear();
        }
        spoken.sort_by_key(|spoken| (spoken.place.start, spoken.grain));
        spoken.dedup_by(|next, last| next.place.start < last.place.end);
        let words = || spoken.iter().filter(|spoken| spoken.grain == Grain::Word);
        let mut starts: Vec<u64> = words().map(|word| word.ms.start).collect();
        let mut ends: Vec<u64> = words().map(|word| word.ms.end).collect();
        starts.sort_unstable();
        ends.sort_unstable();
        (!spoken.is_empty() || !flat.is_empty()).then_some(Timeline {
            spoken,
            flat,
            starts,
            ends,
        })
    }

    /// Whether what stands at `place` was said, though nothing tells when; other places without a
    /// time hold what is known of a call.
    pub(crate) fn is_said(&self, place: &Range<u64>) -> bool {
        let start = place.start as usize;
        let at = self.flat.partition_point(|flat| flat.end <= start);
        let here = self.flat.get(at);
        here.is_some_and(|flat| flat.start < place.end as usize)
    }

    /// The last time it gives, in milliseconds: its recording is at least about as long.
    pub(crate) fn end(&self) -> u64 {
        self.spoken.iter().map(|s| s.ms.end).max().unwrap_or(0)
    }

    /// What was said, piece by piece, with its times in milliseconds; `text` is the transcript.
    pub(crate) fn said<'t>(
        &'t self,
        text: &'t [u8],
    ) -> impl Iterator<Item = (&'t [u8], Range<u64>)> {
        let pieces = self.spoken.iter();
        pieces.filter_map(|spoken| Some((text.get(spoken.place.clone())?, spoken.ms.clone())))
    }

    /// When what stands at `places`, in bytes of the transcript (decoded), was said; `None` when
    /// one of them has no time.
    pub(crate) fn when(&self, places: &[Range<u64>]) -> Option<When> {
        let (mut spans, mut by_words) = (Vec::new(), true);
        for place in places {
            let place = place.start as usize..place.end as usize;
            let first = self
                .spoken
                .partition_point(|spoken| spoken.place.end <= place.start);
            let here = self.spoken.get(first..).unwrap_or_default();
            let here = here.iter().take_while(|s| s.place.start < place.end);
            let before = spans.len();
            for spoken in here {
                by_words &= spoken.grain == Grain::Word;
                spans.push(self.padded(spoken));
            }
            if spans.len() == before {
                return None;
            }
        }
        (!spans.is_empty()).then(|| When {
            spans: merged(spans, GAP),
            by_words,
        })
    }

    /// What is muted for one word, cue or segment.
    fn padded(&self, spoken: &Spoken) -> Range<u64> {
        let ms = &spoken.ms;
        if spoken.grain == Grain::Segment {
            return ms.start.saturating_sub(LOOSE)..ms.end + LOOSE;
        }
        // Half of the pause to the next word, within bounds.
        let before = self.ends.partition_point(|end| *end <= ms.start);
        let before = before.checked_sub(1).and_then(|at| self.ends.get(at));
        let behind = self.starts.partition_point(|start| *start < ms.end);
        let behind = self.starts.get(behind);
        let lead = before.map_or(LEAD.0, |end| (ms.start - end) / 2);
        let trail = behind.map_or(TRAIL.0, |start| (start - ms.end) / 2);
        ms.start.saturating_sub(lead.clamp(LEAD.0, LEAD.1))..ms.end + trail.clamp(TRAIL.0, TRAIL.1)
    }
}

/// The lines of a text that are no `key=value`, as those are that stand beside voice mail.
fn prose(text: &[u8]) -> Vec<Range<usize>> {
    let mut start = 0;
    let lines = text.split_inclusive(|byte| *byte == b'\n').map(|line| {
        let place = start..start + line.len();
        start = place.end;
        (place, line)
    });
    let is_said = |line: &[u8]| {
        let key = line.split(|byte| *byte == b'=').next().unwrap_or_default();
        key.len() == line.len() || key.trim_ascii().contains(&b' ')
    };
    let said = lines.filter(|(_, line)| is_said(line) && !line.trim_ascii().is_empty());
    said.map(|(place, _)| place).collect()
}

/// The same spans sorted, those at most `gap` apart as one.
pub(crate) fn merged(mut spans: Vec<Range<u64>>, gap: u64) -> Vec<Range<u64>> {
    spans.sort_by_key(|span| span.start);
    spans.dedup_by(|next, last| {
        let meets = next.start <= last.end.saturating_add(gap);
        if meets {
            last.end = last.end.max(next.end);
        }
        meets
    });
    spans
}

#[cfg(test)]
mod tests;
