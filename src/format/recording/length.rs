//! How long a recording is.
//!
//! Knows only sound whose units take the same bytes throughout.

use super::Kind;
use super::feed::Out;
use super::sound::Store;
use super::stream::Stream;
use crate::source::Input;

/// How many milliseconds the recording of `kind` in `input` lasts, when the file has `size` bytes;
/// `None` where only decoding it could tell.
pub(crate) fn length(kind: Kind, input: Input, size: u64) -> Option<u64> {
    let mut stream = Stream::new(input.into_stream());
    let mut container = kind.container();
    let mut out = Out::deaf();
    while container.sound().is_none()
        && container.lasts().is_none()
        && container.step(&mut stream, &mut out)
    {}
    if let Some((samples, rate)) = container.lasts() {
        return Some(samples.saturating_mul(1000) / u64::from(rate.max(1)));
    }
    let sound = container.sound()?;
    if matches!(sound.store, Store::Unread(_)) || sound.rate == 0 {
        return None;
    }
    // A header may promise more than there is.
    let rest = size.saturating_sub(sound.start);
    let bytes = sound.len.map_or(rest, |len| len.min(rest));
    let (unit, samples) = sound.unit();
    let samples = u128::from(bytes / unit.max(1)) * u128::from(samples);
    u64::try_from(samples * 1000 / u128::from(sound.rate)).ok()
}
