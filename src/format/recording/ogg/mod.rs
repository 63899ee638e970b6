//! Ogg with Vorbis in it: pages, in which packets stand that may go over several of them.
//!
//! Owns the walk along pages and packets, which hearing and muting share, and the three headers.
//! What a packet sounds like the decoder tells; how much of the time it fills this knows by itself.

mod mute;
mod page;
mod setup;

use symphonia_codec_vorbis::VorbisDecoder;
use symphonia_core::codecs::audio::well_known::CODEC_ID_VORBIS;
use symphonia_core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};

use super::Container;
use super::feed::Out;
use super::fields::Fields;
use super::stream::{LONGEST, Stream};
use super::tags::bytes::Bytes;
use super::tags::{tail, xiph};
use crate::format::Reason;
pub(super) use mute::Muting;
pub(super) use page::sealed;
use page::{HEADER, Page};
use setup::Setup;

/// Bytes that are looked through for the next page at once.
const JUNK: usize = 64 << 10;

/// Whether these are the first bytes of a Vorbis stream.
pub(super) fn is_vorbis(head: &[u8]) -> bool {
    let page = Page::read(head);
    page.is_some_and(|page| {
        let first = page.pieces.first();
        first.is_some_and(|(piece, _)| head.get(piece.clone()).and_then(setup::ident).is_some())
    })
}

/// What comes next in a file.
enum Next {
    Page(Page),
    /// A page of which so many bytes are there.
    Cut(usize),
    Tag,
    /// So many bytes that are no page.
    Junk(usize),
    End,
}

fn next(stream: &mut Stream) -> Next {
    let bytes = stream.peek(HEADER);
    if bytes.is_empty() {
        return Next::End;
    }
    if let Some(page) = Page::read(bytes) {
        let there = stream.peek(page.len).len();
        return if there < page.len {
            Next::Cut(there)
        } else {
            Next::Page(page)
        };
    }
    if tail::starts(bytes) {
        return Next::Tag;
    }
    let bytes = stream.peek(JUNK);
    let starts = |at: &usize| {
        let rest = bytes.get(*at..).unwrap_or_default();
        page::starts(rest) || tail::starts(rest)
    };
    let places = memchr::memchr3_iter(b'O', b'T', b'I', bytes.get(1..).unwrap_or_default());
    let found = places.map(|at| at + 1).find(starts);
    // What starts a page may be cut by the end of what was looked at.
    let most = if bytes.len() < JUNK { JUNK } else { JUNK - 8 };
    Next::Junk(found.unwrap_or(bytes.len().min(most)).max(1))
}

/// Reads one file.
#[derive(Default)]
pub(super) struct Ogg {
    serial: Option<u32>,
    /// Headers that were read whole.
    headers: usize,
    first: Vec<u8>,
    /// What is there of a packet that goes on with the next page.
    packet: Vec<u8>,
    /// The beginning of the packet that goes on is not known, or it is too long.
    lost: bool,
    /// The pages of the comments so far, where they start in the file, and the comments.
    text: Vec<u8>,
    offset: u64,
    pages: Vec<std::ops::Range<usize>>,
    comments: Bytes,
    setup: Option<Setup>,
    decoder: Option<VorbisDecoder>,
    /// Samples of the last block.
    before: Option<u64>,
    /// Samples of each channel so far.
    samples: u64,
    /// Those of them that nobody hears.
    left_out: u64,
    failed: bool,
    ended: bool,
}

impl Container for Ogg {
    fn step(&mut self, stream: &mut Stream, out: &mut Out) -> bool {
        match next(stream) {
            Next::End => {
                self.ended = true;
                self.told(out);
                if self.setup.is_none() {
                    out.unread(0, Reason::Truncated);
                }
                return false;
            }
            Next::Tag => {
                if !tail::tag(stream, out) {
                    tail::unknown(stream, out, 1);
                }
            }
            Next::Junk(len) => {
                if stream.peek(len).iter().any(|byte| *byte != 0) {
                    tail::unknown(stream, out, len);
                } else {
                    stream.skip(len as u64);
                }
            }
            Next::Cut(there) => {
                out.unread(there as u64, Reason::Truncated);
                stream.skip(there as u64);
            }
            Next::Page(page) => {
                let bytes = stream.peek(page.len).to_vec();
                let serial = *self.serial.get_or_insert(page.serial);
                if serial != page.serial || page.first && self.headers > 0 {
                    // Another stream beside this one, or behind it.
                    out.unread(page.len as u64, Reason::Unsupported("ogg-streams"));
                } else {
                    if !page::is_whole(&bytes) {
                        out.unread(0, Reason::Malformed);
                    }
                    let kept = self.gather(&bytes, stream.offset());
                    self.page(&page, &bytes, kept, out);
                }
                stream.skip(page.len as u64);
            }
        }
        true
    }

    fn lasts(&self) -> Option<(u64, u32)> {
        let setup = self.setup.as_ref().filter(|_| self.ended)?;
        Some((self.samples.saturating_sub(self.left_out), setup.rate))
    }
}

impl Ogg {
    /// Keeps a page in which comments may stand, and gives where it starts in what is kept.
    fn gather(&mut self, bytes: &[u8], offset: u64) -> Option<usize> {
        if self.headers > 1 || self.text.len() > LONGEST {
            return None;
        }
        if self.text.is_empty() {
            self.offset = offset;
        }
        let start = self.text.len();
        self.text.extend_from_slice(bytes);
        self.pages.push(start..start + bytes.len());
        Some(start)
    }

    /// Goes through the packets of a page.
    fn page(&mut self, page: &Page, bytes: &[u8], kept: Option<usize>, out: &mut Out) {
        self.lost &= page.continued;
        if page.continued == self.packet.is_empty() && !self.lost {
            // A page is missing: what began is not whole, or what goes on has no beginning.
            self.packet.clear();
            self.lost = page.continued;
            out.unread(0, Reason::Malformed);
        }
        if let Some(setup) = self.setup.as_ref().filter(|_| self.before.is_none()) {
            let left_out = setup.left_out(page, bytes);
            self.left_out = left_out;
            out.ear.leave_out(left_out);
        }
        for (piece, ends) in &page.pieces {
            if self.lost {
                out.unread(piece.len() as u64, Reason::Malformed);
                self.lost = !ends;
                continue;
            }
            let content = bytes.get(piece.clone()).unwrap_or_default();
            self.packet.extend_from_slice(content);
            if let Some(start) = kept.filter(|_| self.headers == 1) {
                let place = start + piece.start..start + piece.end;
                self.comments.add(&self.text, place);
            }
            if *ends {
                let packet = std::mem::take(&mut self.packet);
                self.whole(&packet, out);
                self.packet = packet;
                self.packet.clear();
            } else if self.packet.len() > LONGEST {
                out.unread(self.packet.len() as u64, Reason::Limit);
                self.packet.clear();
                self.lost = true;
            }
        }
    }

    /// Takes in a packet.
    fn whole(&mut self, packet: &[u8], out: &mut Out) {
        self.headers += 1;
        match self.headers {
            1 => self.first = packet.to_vec(),
            2 => self.told(out),
            3 => self.open(packet, out),
            _ => self.sound(packet, out),
        }
    }

    /// Hands over the comments.
    fn told(&mut self, out: &mut Out) {
        let mut fields = Fields::default();
        let comments = std::mem::take(&mut self.comments);
        let len = comments.bytes.len();
        if comments.bytes.starts_with(b"\x03vorbis") {
            let read = xiph::comments(&comments.part(7..len), &mut fields);
            // A bit that says that they end, and nothing behind it.
            let rest = comments.part((7 + read + 1).min(len)..len);
            if rest.bytes.iter().any(|byte| *byte != 0) {
                fields.unread(rest.hull(), Reason::Opaque);
            }
        } else if len > 0 {
            fields.unread(comments.hull(), Reason::Malformed);
        }
        for page in self.pages.drain(..) {
            fields.sealed(page);
        }
        out.tags(std::mem::take(&mut self.text), self.offset, fields);
    }

    /// Begins to hear what the headers tell of.
    fn open(&mut self, third: &[u8], out: &mut Out) {
        self.setup = Setup::read(&self.first, third);
        let Some(setup) = &self.setup else {
            out.unread(third.len() as u64, Reason::Malformed);
            return;
        };
        let mut parameters = AudioCodecParameters::new();
        parameters
            .for_codec(CODEC_ID_VORBIS)
            .with_extra_data([&self.first, third].concat().into());
        let options = AudioDecoderOptions::default();
        self.decoder = VorbisDecoder::try_new(&parameters, &options).ok();
        out.ear.open(setup.rate, usize::from(setup.channels));
    }

    fn sound(&mut self, packet: &[u8], out: &mut Out) {
        let Some(setup) = &self.setup else {
            out.unread(packet.len() as u64, Reason::Malformed);
            return;
        };
        let block = setup.block(packet);
        let len = block.map_or(0, |block| block.samples);
        let samples = match self.before {
            Some(before) if len > 0 => (before + len) / 4,
            _ => 0,
        };
        self.samples += samples;
        let decoder = self
            .decoder
            .as_mut()
            .map(|decoder| decoder as &mut dyn AudioDecoder);
        let heard = block.is_some() && out.ear.packet(decoder, packet, samples);
        if len > 0 {
            self.before = Some(len);
        }
        // A packet of no bytes is none.
        if !heard && !packet.is_empty() && !self.failed {
            self.failed = true;
            out.unread(packet.len() as u64, Reason::Malformed);
        }
    }
}
