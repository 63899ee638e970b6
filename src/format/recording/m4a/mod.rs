//! MP4 and M4A: boxes, among them one with tags and tables and one with sound.
//!
//! Owns the walk along boxes. AAC of low complexity is heard; nothing of it is muted, since its
//! frames hold no sample by itself.

mod boxes;
mod index;
mod tags;

use symphonia_codec_aac::AacDecoder;
use symphonia_core::codecs::audio::well_known::CODEC_ID_AAC;
use symphonia_core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};

use super::Container;
use super::feed::Out;
use super::fields::Fields;
use super::stream::{LONGEST, Stream};
use super::tags::tail;
use crate::format::Reason;
use index::Track;

/// The most sound that is kept until its tables come behind it, in bytes: an hour of a call.
const KEPT: u64 = 16 << 20;

/// Samples of each channel in a frame of AAC.
const FRAME: u64 = 1024;

/// Reads one file.
#[derive(Default)]
pub(super) struct M4a {
    track: Option<Track>,
    /// Whether there are tracks of other kinds.
    others: bool,
    /// Sound that came before its tables, and where it starts.
    kept: Option<(u64, Vec<u8>)>,
    decoder: Option<AacDecoder>,
    /// The next sample to be heard.
    next: usize,
    failed: bool,
    seen: bool,
}

impl Container for M4a {
    fn step(&mut self, stream: &mut Stream, out: &mut Out) -> bool {
        let start = stream.offset();
        let bytes = stream.peek(16);
        if bytes.is_empty() {
            if !self.seen {
                out.unread(0, Reason::Truncated);
            }
            if let Some((_, kept)) = self.kept.take() {
                out.unread(kept.len() as u64, Reason::Truncated);
            }
            return false;
        }
        let Some((kind, head, len)) = boxes::head(bytes).filter(|(kind, ..)| is_letters(*kind))
        else {
            return tail::read(stream, out);
        };
        match &kind {
            b"mdat" => {
                stream.skip(head as u64);
                let end = len.map(|len| start.saturating_add(len));
                self.sound(end, stream, out);
            }
            b"ftyp" | b"styp" | b"sidx" => {
                let there = stream.skip(len.unwrap_or(u64::MAX));
                if len.is_some_and(|len| there < len) {
                    out.unread(0, Reason::Truncated);
                }
            }
            _ => self.tagged(kind, head, len, stream, out),
        }
        true
    }
}

/// Whether these may be the letters of a box.
fn is_letters(kind: [u8; 4]) -> bool {
    kind.iter()
        .all(|byte| (b' '..=b'~').contains(byte) || *byte == 0xa9)
}

impl M4a {
    /// Reads a box of tags and tables, or of what is neither.
    fn tagged(
        &mut self,
        kind: [u8; 4],
        head: usize,
        len: Option<u64>,
        stream: &mut Stream,
        out: &mut Out,
    ) {
        let offset = stream.offset();
        let whole = len.unwrap_or(LONGEST as u64);
        let text = stream.peek(whole.min(LONGEST as u64) as usize).to_vec();
        let mut fields = Fields::default();
        let content = head.min(text.len())..text.len();
        match &kind {
            // Pieces of a file that is told piece by piece.
            b"moof" | b"mfra" => {
                fields.unread(content.clone(), Reason::Unsupported("mp4-fragments"))
            }
            _ => tags::read(&text, kind, content.clone(), "", 0, &mut fields),
        }
        let there = stream.skip(len.unwrap_or(u64::MAX));
        if there > text.len() as u64 {
            out.unread(there - text.len() as u64, Reason::Limit);
        } else if there < whole && len.is_some() {
            out.unread(0, Reason::Truncated);
        }
        if kind == *b"moov" && !self.seen {
            self.seen = true;
            self.open(&text, content, out);
        }
        out.tags(text, offset, fields);
        if self.seen
            && let Some((start, kept)) = self.kept.take()
        {
            let end = start + kept.len() as u64;
            self.hear(
                start..end,
                &mut Stream::new(Box::new(std::io::Cursor::new(kept))),
                out,
            );
        }
    }

    /// Begins to hear the sound that the tables tell of.
    fn open(&mut self, text: &[u8], moov: std::ops::Range<usize>, out: &mut Out) {
        let (mut sound, all) = index::tracks(text, moov);
        self.others = all > 1;
        let Some(track) = sound.drain(..).next() else {
            return;
        };
        if track.codec == *b"mp4a" && !track.setup.is_empty() {
            let mut parameters = AudioCodecParameters::new();
            parameters
                .for_codec(CODEC_ID_AAC)
                .with_extra_data(track.setup.clone().into());
            let options = AudioDecoderOptions::default();
            self.decoder = AacDecoder::try_new(&parameters, &options).ok();
        }
        if let Some(decoder) = &self.decoder {
            let told = decoder.codec_params();
            let rate = told.sample_rate.unwrap_or(track.rate);
            let channels = told
                .channels
                .as_ref()
                .map_or(1, symphonia_core::audio::Channels::count);
            out.ear.open(rate, channels);
        }
        self.track = Some(track);
    }

    /// Comes to the sound, which ends at `end` of the file, or with it.
    fn sound(&mut self, end: Option<u64>, stream: &mut Stream, out: &mut Out) {
        let start = stream.offset();
        if self.seen {
            self.hear(start..end.unwrap_or(u64::MAX), stream, out);
            return;
        }
        let len = end.map_or(u64::MAX, |end| end.saturating_sub(start));
        if len > KEPT || self.kept.is_some() {
            let there = stream.skip(len);
            out.unread(there, Reason::Limit);
            return;
        }
        let mut kept = Vec::new();
        while (kept.len() as u64) < len {
            let piece = stream.peek((len as usize - kept.len()).min(64 << 10));
            if piece.is_empty() {
                out.unread(0, Reason::Truncated);
                break;
            }
            kept.extend_from_slice(piece);
            let passed = piece.len() as u64;
            stream.skip(passed);
        }
        self.kept = Some((start, kept));
    }

    /// Hears the samples within `place` of the file, of which `stream` gives the bytes.
    fn hear(&mut self, place: std::ops::Range<u64>, stream: &mut Stream, out: &mut Out) {
        let begun = stream.offset();
        let Some(track) = &self.track else {
            let there = stream.skip(place.end - place.start);
            out.unread(there, Reason::Unsupported("mp4-track"));
            return;
        };
        let (mut heard, mut at) = (0, place.start);
        while let Some(sample) = track.samples.get(self.next) {
            // A table may lead anywhere; sound is heard in the order of its times.
            if sample.start < at
                || sample.end > place.end
                || sample.end - sample.start > LONGEST as u64
            {
                break;
            }
            let passed = stream.skip(sample.start - at);
            let len = (sample.end - sample.start) as usize;
            let bytes = stream.peek(len);
            if passed < sample.start - at || bytes.len() < len {
                break;
            }
            self.next += 1;
            if let Some(decoder) = &mut self.decoder {
                if !out.ear.packet(Some(decoder), bytes, FRAME) && !self.failed && len > 0 {
                    self.failed = true;
                    out.unread(len as u64, Reason::Malformed);
                }
                heard += len as u64;
            }
            stream.skip(len as u64);
            at = sample.end;
        }
        let rest = stream.skip(place.end - at);
        let there = stream.offset() - begun;
        if place.end < u64::MAX && there < place.end - place.start {
            out.unread(0, Reason::Truncated);
        }
        let reason = match &self.decoder {
            None => Reason::Unsupported("mp4-codec"),
            Some(_) if self.others => Reason::Unsupported("mp4-track"),
            Some(_) => Reason::Opaque,
        };
        if heard < there && (rest > 0 || heard == 0) {
            out.unread(there - heard, reason);
        }
    }
}
