//! Makes spans of a recording silent by new bytes in the place of its own, without coding anything
//! anew: each container in the way its sound allows.
//!
//! Owns the way from times to splices for sound whose units stand by themselves, and what cannot be
//! muted. Knows neither why nor by whom it is asked.

use std::collections::VecDeque;
use std::ops::Range;

use super::Kind;
use super::feed::Out;
use super::flac;
use super::gsm;
use super::mp3;
use super::ogg;
use super::sound::{Sound, Store};
use super::stream::Stream;
use crate::edit::{Refusal, Splice};
use crate::format::Reason;
use crate::source::Input;

/// The bytes that make spans of a recording silent.
pub(crate) struct Muted {
    /// Sorted, disjoint.
    pub(crate) splices: Splices,
    /// Whether each is as long as what it replaces.
    pub(crate) same_width: bool,
}

/// Splices as they are come to; a reason where the rest could not be read.
pub(crate) type Splices = Box<dyn Iterator<Item = Result<Splice, Reason>> + Send>;

/// The most bytes of a splice.
const PIECE: usize = 64 << 10;

/// What makes the sound of `input`, a recording of `kind` with `size` bytes, silent in `spans`, in
/// milliseconds: at least there, in all channels, and a little more where its units are longer.
///
/// # Errors
/// [`Refusal`] when nothing of it can be made silent in this way.
pub(crate) fn mute(
    kind: Kind,
    input: Input,
    size: u64,
    spans: &[Range<u64>],
) -> Result<Muted, Refusal> {
    let mut stream = Stream::new(input.into_stream());
    if kind == Kind::Mp3 {
        let spans = merged(spans.iter().cloned());
        return Ok(Muted {
            splices: Box::new(mp3::Muting::new(stream, spans)),
            same_width: true,
        });
    }
    if kind == Kind::Flac {
        let spans = merged(spans.iter().cloned());
        return Ok(Muted {
            splices: Box::new(Walk::from(flac::Muting::new(stream, &spans)?)),
            // Frames that are silent in part become longer, odd ones shorter.
            same_width: false,
        });
    }
    if kind == Kind::Ogg {
        let spans = merged(spans.iter().cloned());
        return Ok(Muted {
            splices: Box::new(Walk::from(ogg::Muting::new(stream, &spans)?)),
            same_width: true,
        });
    }
    let mut container = kind.container();
    let mut out = Out::deaf();
    while container.sound().is_none() && container.step(&mut stream, &mut out) {}
    let sound = *container.sound().ok_or(Refusal::ReadOnly)?;
    let pattern = silence(&sound).ok_or(Refusal::ReadOnly)?;
    let places = merged(spans.iter().map(|span| place(&sound, size, span)));
    Ok(Muted {
        splices: Box::new(Silence {
            places: places.into_iter(),
            now: 0..0,
            pattern,
        }),
        same_width: true,
    })
}

/// The silent bytes of a unit.
fn silence(sound: &Sound) -> Option<Vec<u8>> {
    match sound.store {
        Store::Samples(coding) => Some(vec![coding.silence(); sound.unit().0 as usize]),
        Store::Gsm { wav: false } => Some(gsm::SILENCE.to_vec()),
        Store::Gsm { wav: true } => Some(gsm::silent_pair().to_vec()),
        Store::Unread(_) => None,
    }
}

/// The bytes of a file of `size` in which everything lies that is heard in `span`.
fn place(sound: &Sound, size: u64, span: &Range<u64>) -> Range<u64> {
    // A silent frame of GSM sounds a little of what was before it.
    let lead = match sound.store {
        Store::Gsm { .. } => gsm::SAMPLES as u64 * 1000 / u64::from(sound.rate.max(1)),
        _ => 0,
    };
    let bytes = sound.bytes(&(span.start.saturating_sub(lead)..span.end));
    let (unit, _) = sound.unit();
    let end = sound.start + size.saturating_sub(sound.start) / unit * unit;
    bytes.start.min(end)..bytes.end.min(end)
}

/// Spans in milliseconds as samples of `rate`, at least.
pub(super) fn in_samples(spans: &[Range<u64>], rate: u32) -> Vec<Range<u64>> {
    let rate = u64::from(rate);
    let start = |span: &Range<u64>| span.start.saturating_mul(rate) / 1000;
    let end = |span: &Range<u64>| span.end.saturating_mul(rate).div_ceil(1000);
    spans.iter().map(|span| start(span)..end(span)).collect()
}

/// Walks a container unit by unit, and comes to splices on the way.
pub(super) trait Steps {
    /// Goes on to the next unit and adds the splices that are certain now to `ready`; false behind
    /// the last one, a reason where what is heard next is not known.
    fn step(&mut self, ready: &mut VecDeque<Splice>) -> Result<bool, Reason>;

    /// Why reading ended before the end.
    fn failed(&self) -> Option<Reason>;
}

/// The splices of such a walk.
pub(super) struct Walk<W> {
    steps: W,
    ready: VecDeque<Splice>,
    ended: bool,
}

impl<W> From<W> for Walk<W> {
    fn from(steps: W) -> Walk<W> {
        Walk {
            steps,
            ready: VecDeque::new(),
            ended: false,
        }
    }
}

impl<W: Steps> Iterator for Walk<W> {
    type Item = Result<Splice, Reason>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.ready.is_empty() && !self.ended {
            let stepped = self.steps.step(&mut self.ready);
            self.ended = !matches!(stepped, Ok(true));
            if let Some(reason) = stepped.err().or(self.steps.failed()) {
                self.ended = true;
                self.ready.clear();
                return Some(Err(reason));
            }
        }
        self.ready.pop_front().map(Ok)
    }
}

/// The same ranges sorted, those that meet as one, without empty ones.
pub(super) fn merged(ranges: impl Iterator<Item = Range<u64>>) -> Vec<Range<u64>> {
    let mut ranges: Vec<_> = ranges.filter(|range| !range.is_empty()).collect();
    ranges.sort_by_key(|range| range.start);
    ranges.dedup_by(|next, last| {
        let meets = next.start <= last.end;
        if meets {
            last.end = last.end.max(next.end);
        }
        meets
    });
    ranges
}

/// Pieces of silence.
struct Silence {
    places: std::vec::IntoIter<Range<u64>>,
    now: Range<u64>,
    pattern: Vec<u8>,
}

impl Iterator for Silence {
    type Item = Result<Splice, Reason>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.now.is_empty() {
            self.now = self.places.next()?;
        }
        let unit = self.pattern.len();
        let most = (PIECE / unit).max(1) * unit;
        let len = (self.now.end - self.now.start).min(most as u64) as usize;
        let start = self.now.start;
        self.now.start += len as u64;
        Some(Ok(Splice {
            range: start..self.now.start,
            bytes: self.pattern.repeat(len / unit).into(),
        }))
    }
}
