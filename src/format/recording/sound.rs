//! Where the sound of a recording lies in its file, and how it is heard block by block.
//!
//! Owns the arithmetic between times, frames and bytes. Knows no tags.

use std::ops::Range;

use super::feed::Out;
use super::pcm::Coding;
use super::stream::Stream;
use crate::format::Reason;

/// How sound is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Store {
    /// Sample by sample, those of all channels in turn.
    Samples(Coding),
    /// GSM 06.10: frames of 33 bytes and 160 samples, or, in WAV, pairs of them in 65 bytes.
    Gsm {
        /// Whether it is the form of WAV files.
        wav: bool,
    },
    /// By a codec that is not read, of this name.
    Unread(&'static str),
}

/// The sound of a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sound {
    /// Samples a second.
    pub(crate) rate: u32,
    /// Channels, at least 1.
    pub(crate) channels: u16,
    pub(crate) store: Store,
    /// Where it starts in the file, in bytes.
    pub(crate) start: u64,
    /// How many bytes it takes; `None`: all that follow.
    pub(crate) len: Option<u64>,
}

/// Bytes that are heard at once.
const BLOCK: usize = 64 << 10;

impl Sound {
    /// The least that can be taken by itself: bytes, and samples of each channel.
    pub(crate) fn unit(&self) -> (u64, u64) {
        match self.store {
            Store::Samples(coding) => (coding.width() as u64 * u64::from(self.channels), 1),
            Store::Gsm { wav: false } => (33, 160),
            Store::Gsm { wav: true } => (65, 320),
            Store::Unread(_) => (1, 1),
        }
    }

    /// The bytes of the file in which everything lies that is heard in `ms`, in milliseconds:
    /// whole units, and none behind the end where that is known.
    pub(crate) fn bytes(&self, ms: &Range<u64>) -> Range<u64> {
        let (bytes, samples) = self.unit();
        let rate = u128::from(self.rate);
        let first = u128::from(ms.start) * rate / 1000;
        let last = (u128::from(ms.end) * rate).div_ceil(1000);
        let place = |unit: u128| {
            let unit = u64::try_from(unit).unwrap_or(u64::MAX);
            let within = unit.saturating_mul(bytes);
            self.start.saturating_add(
                self.len
                    .map_or(within, |len| within.min(len / bytes * bytes)),
            )
        };
        let start = place(first / u128::from(samples));
        start..place(last.div_ceil(u128::from(samples))).max(start)
    }
}

/// Hears the next block of at most `left` bytes, and gives how many bytes it took; 0 at the end.
pub(super) fn hear_block(sound: &Sound, left: u64, stream: &mut Stream, out: &mut Out) -> u64 {
    let (unit, _) = sound.unit();
    let whole = (BLOCK as u64 / unit).max(1) * unit;
    let bytes = stream.peek(whole.min(left) as usize);
    let taken = bytes.len() as u64 / unit * unit;
    if taken == 0 {
        // Less than a unit is nothing that could be heard.
        let rest = bytes.len() as u64;
        return stream.skip(rest);
    }
    let bytes = bytes.get(..taken as usize).unwrap_or_default();
    match sound.store {
        Store::Samples(coding) => out.ear.stored(coding, bytes),
        Store::Gsm { wav } => out.ear.gsm(wav, bytes),
        Store::Unread(codec) => out.unread(taken, Reason::Unsupported(codec)),
    }
    stream.skip(taken)
}
