//! FLAC: blocks that tell of the stream and of what is in it, and frames of sound behind them
//! (RFC 9639, section 7).
//!
//! Owns the walk along both, which hearing and muting share. What a frame sounds like the decoder
//! tells; where it begins and ends this knows by itself.

mod bits;
mod frame;
mod mute;
mod sums;

use symphonia_bundle_flac::FlacDecoder;
use symphonia_core::codecs::audio::well_known::CODEC_ID_FLAC;
use symphonia_core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};

use super::Container;
use super::feed::Out;
use super::fields::Fields;
use super::stream::{Stream, be32};
use super::tags::bytes::Bytes;
use super::tags::{tail, xiph};
use crate::format::{Reason, is_text};
use frame::{Form, Next, next};
pub(super) use mute::Muting;

/// Bytes of `STREAMINFO`.
const INFO: usize = 34;

/// Damaged places after which the rest of a file is not looked through for frames: each costs a
/// search for the end of what may be one.
const DAMAGED: usize = 64;

/// Reads one file.
#[derive(Default)]
pub(super) struct Flac {
    begun: bool,
    /// The last block was passed.
    blocks_done: bool,
    form: Option<Form>,
    decoder: Option<FlacDecoder>,
    damaged: usize,
    failed: bool,
}

impl Container for Flac {
    fn step(&mut self, stream: &mut Stream, out: &mut Out) -> bool {
        if !self.begun {
            self.begun = true;
            stream.skip(4);
            return true;
        }
        if !self.blocks_done {
            self.block(stream, out);
            return true;
        }
        let Some(form) = self.form else {
            let rest = stream.skip(u64::MAX);
            out.unread(rest, Reason::Malformed);
            return false;
        };
        match next(stream, &form) {
            Next::End => return false,
            Next::Tag => {
                if !tail::tag(stream, out) {
                    tail::unknown(stream, out, 1);
                }
            }
            Next::Damaged(len) => self.damage(len, stream, out),
            Next::Frame(head, len) => {
                let frame = stream.peek(len);
                let decoder = self
                    .decoder
                    .as_mut()
                    .map(|decoder| decoder as &mut dyn AudioDecoder);
                let heard = out.ear.packet(decoder, frame, u64::from(head.samples));
                if !heard && !self.failed {
                    self.failed = true;
                    out.unread(len as u64, Reason::Malformed);
                }
                stream.skip(len as u64);
            }
        }
        true
    }

    fn lasts(&self) -> Option<(u64, u32)> {
        let form = self.form?;
        (form.samples > 0).then_some((form.samples, form.rate))
    }
}

impl Flac {
    /// Reads a block.
    fn block(&mut self, stream: &mut Stream, out: &mut Out) {
        let offset = stream.offset();
        let head = stream.peek(4);
        let (whole, kind) = (4 + (be32(head, 0) & 0x00ff_ffff) as usize, head.first());
        let Some(kind) = kind.copied().filter(|_| head.len() == 4) else {
            out.unread(0, Reason::Truncated);
            self.blocks_done = true;
            return;
        };
        self.blocks_done = kind & 0x80 != 0;
        let text = stream.peek(whole).to_vec();
        let content = 4.min(text.len())..text.len();
        let mut fields = Fields::default();
        match kind & 0x7f {
            0 if self.form.is_none() => self.open(text.get(4..).unwrap_or_default(), out),
            // Where to seek.
            0 | 3 => {}
            4 => {
                let all = Bytes::of(&text, content, false);
                let read = xiph::comments(&all, &mut fields);
                rest(&text, 4 + read..text.len(), &mut fields);
            }
            6 => picture(&text, &mut fields),
            // The tracks of a disc begin with its number in letters.
            5 => rest(&text, 4..text.len().min(132), &mut fields),
            // Padding, and what programs put there.
            _ => rest(&text, content, &mut fields),
        }
        let read = text.len();
        out.tags(text, offset, fields);
        let there = stream.skip(whole as u64);
        if there > read as u64 {
            out.unread(there - read as u64, Reason::Limit);
        } else if there < whole as u64 {
            out.unread(0, Reason::Truncated);
        }
    }

    /// Begins to hear sound of the form that `info` tells.
    fn open(&mut self, info: &[u8], out: &mut Out) {
        let info = info.get(..INFO).unwrap_or_default();
        self.form = Form::read(info);
        let Some(form) = self.form else {
            return;
        };
        let mut parameters = AudioCodecParameters::new();
        parameters
            .for_codec(CODEC_ID_FLAC)
            .with_extra_data(info.into());
        let options = AudioDecoderOptions::default();
        self.decoder = FlacDecoder::try_new(&parameters, &options).ok();
        out.ear.open(form.rate, usize::from(form.channels));
    }

    /// Passes over bytes that are no frame.
    fn damage(&mut self, len: usize, stream: &mut Stream, out: &mut Out) {
        let bytes = stream.peek(len);
        if bytes.iter().all(|byte| *byte == 0) {
            stream.skip(len as u64);
        } else if is_text(bytes) {
            tail::unknown(stream, out, len);
        } else {
            self.damaged += 1;
            let all = self.damaged > DAMAGED;
            let there = stream.skip(if all { u64::MAX } else { len as u64 });
            out.unread(there, Reason::Malformed);
        }
    }
}

/// What stands where nothing is expected, or where programs keep what only they know.
fn rest(text: &[u8], place: std::ops::Range<usize>, fields: &mut Fields) {
    let content = text.get(place.clone()).unwrap_or_default();
    if content.iter().any(|byte| *byte != 0) {
        fields.value(text, place, "flac.block");
    }
}

/// Reads a block with a picture (section 8.8): its kind, its type, what it shows, its size.
fn picture(text: &[u8], fields: &mut Fields) {
    let mut at = 8;
    for name in ["picture.type", "picture.description"] {
        let len = be32(text, at) as usize;
        let end = (at + 4).saturating_add(len).min(text.len());
        fields.value(text, (at + 4).min(end)..end, name);
        at = end;
    }
    let data = (at + 20).min(text.len());
    if data < text.len() {
        fields.unread(data..text.len(), Reason::Unsupported("picture"));
    }
}

#[cfg(test)]
mod tests;
