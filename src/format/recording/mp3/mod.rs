//! MP3: frames one behind the other, with tags before and behind them.
//!
//! Owns the walk along frames, which hearing and muting share. What a frame sounds like the decoder
//! tells; where its bytes are this knows by itself.

mod frame;
mod mute;

use symphonia_bundle_mp3::MpaDecoder;
use symphonia_core::codecs::audio::well_known::CODEC_ID_MP3;
use symphonia_core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};

use super::Container;
use super::feed::Out;
use super::stream::Stream;
use super::tags::tail;
use crate::format::Reason;
use frame::{HEAD, Header, LONGEST, Word};
pub(super) use mute::Muting;

/// What comes next in a stream of frames.
enum Next {
    /// A frame of this header, whole.
    Frame(Header),
    /// The beginning of the last frame, of which so many bytes are there.
    Cut(Header, usize),
    /// A tag, or what may be one.
    Tag,
    /// So many bytes that are no frame.
    Junk(u64),
    /// Frames that are not read, by this name.
    Other(&'static str),
    End,
}

/// Bytes without a frame that are passed over at once.
const JUNK: usize = 64 << 10;

/// Tells what comes next; `known` is the header of the last frame.
fn next(stream: &mut Stream, known: Option<&Header>) -> Next {
    let bytes = stream.peek(JUNK + LONGEST + HEAD);
    if bytes.is_empty() {
        return Next::End;
    }
    if tail::starts(bytes) {
        return Next::Tag;
    }
    match Word::read(bytes) {
        Word::Frame(header) if is_frame(bytes, &header, known) => return Next::Frame(header),
        Word::Frame(header)
            if bytes.len() < header.len && known.is_some_and(|known| known.goes_with(&header)) =>
        {
            return Next::Cut(header, bytes.len());
        }
        Word::Other(name) if known.is_none() => return Next::Other(name),
        _ => {}
    }
    let most = bytes.len().min(JUNK);
    let starts = |at: &usize| {
        let rest = bytes.get(*at..).unwrap_or_default();
        tail::starts(rest)
            || matches!(Word::read(rest), Word::Frame(header) if is_frame(rest, &header, known))
    };
    let mut places = memchr::memchr3_iter(0xff, b'T', b'I', bytes.get(1..most).unwrap_or_default());
    let found = places.find(|at| starts(&(at + 1)));
    Next::Junk(found.map_or(most, |at| at + 1) as u64)
}

/// Whether a frame stands here: it is whole, and what follows it is a frame, a tag or the end.
fn is_frame(bytes: &[u8], header: &Header, known: Option<&Header>) -> bool {
    if bytes.len() < header.len || known.is_some_and(|known| !known.goes_with(header)) {
        return false;
    }
    let behind = bytes.get(header.len..).unwrap_or_default();
    match Word::read(behind) {
        Word::Frame(next) => next.goes_with(header),
        // Padding and tags behind the last one; within a stream one mark is enough.
        _ => known.is_some() || behind.is_empty() || tail::starts(behind) || behind[0] == 0,
    }
}

/// Reads one file.
#[derive(Default)]
pub(super) struct Mp3 {
    header: Option<Header>,
    decoder: Option<MpaDecoder>,
    /// Frames with sound so far.
    frames: u64,
    failed: bool,
    ended: bool,
}

/// Frames at the beginning of a stream that may want main data of frames that were cut away.
const CUT_AWAY: u64 = 10;

impl Container for Mp3 {
    fn step(&mut self, stream: &mut Stream, out: &mut Out) -> bool {
        match next(stream, self.header.as_ref()) {
            Next::End => {
                if self.header.is_none() {
                    out.unread(0, Reason::Malformed);
                }
                self.ended = true;
                return false;
            }
            Next::Tag => {
                if !tail::tag(stream, out) {
                    tail::unknown(stream, out, 1);
                }
            }
            Next::Junk(len) => {
                let bytes = stream.peek(len as usize);
                if bytes.iter().any(|byte| *byte != 0) {
                    tail::unknown(stream, out, len as usize);
                } else {
                    stream.skip(len);
                }
            }
            Next::Cut(_, len) => {
                out.unread(len as u64, Reason::Truncated);
                stream.skip(len as u64);
            }
            Next::Other(name) => {
                let left = stream.skip(u64::MAX);
                out.unread(left, Reason::Unsupported(name));
            }
            Next::Frame(header) => {
                self.frame(&header, stream, out);
                stream.skip(header.len as u64);
            }
        }
        true
    }

    fn lasts(&self) -> Option<(u64, u32)> {
        let header = self.header.filter(|_| self.ended)?;
        Some((self.frames * header.samples(), header.rate))
    }
}

impl Mp3 {
    fn frame(&mut self, header: &Header, stream: &mut Stream, out: &mut Out) {
        let frame = stream.peek(header.len);
        if self.header.is_none() {
            self.header = Some(*header);
            let mut parameters = AudioCodecParameters::new();
            parameters.for_codec(CODEC_ID_MP3);
            let options = AudioDecoderOptions::default();
            self.decoder = MpaDecoder::try_new(&parameters, &options).ok();
            out.ear.open(header.rate, if header.mono { 1 } else { 2 });
            if header.is_table(frame) {
                return;
            }
        }
        self.frames += 1;
        let heard = {
            let decoder = self
                .decoder
                .as_mut()
                .map(|decoder| decoder as &mut dyn AudioDecoder);
            out.ear.packet(decoder, frame, header.samples())
        };
        // What a frame wants of frames that are not there is silence.
        if !heard && self.frames > CUT_AWAY && !self.failed {
            self.failed = true;
            out.unread(header.len as u64, Reason::Malformed);
        }
    }
}
