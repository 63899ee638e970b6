//! RIFF WAVE, and RF64, its form for more than 4 GiB (EBU Tech 3306).
//!
//! Owns the chunks. A chunk is four letters, its length and its content, and a zero behind it where
//! the length is odd. Recorders that died left a length of 0, those that write into pipes one of
//! 4 GiB: then all that follows is sound.

use super::Container;
use super::feed::Out;
use super::fields::Fields;
use super::pcm::Coding;
use super::sound::{Sound, Store, hear_block};
use super::stream::{LONGEST, Stream, bytes_at, le16, le32};
use super::tags::{riff, tail};
use crate::format::Reason;

/// The least length that only a writer gives that does not know it: such files end before.
const UNKNOWN: u64 = 0x7fff_0000;

/// The length in a chunk that stands elsewhere, in `ds64`.
const ELSEWHERE: u32 = u32::MAX;

/// Reads one file.
#[derive(Default)]
pub(super) struct Wav {
    state: State,
    sound: Option<Sound>,
    /// The length of the data where its chunk cannot hold it.
    long: Option<u64>,
    format: Option<Format>,
}

#[derive(Clone, Copy, Default)]
enum State {
    #[default]
    Start,
    Chunks,
    /// Bytes of sound that are left, and whether their number is known.
    Data(u64, bool),
    Tail,
}

/// What `fmt ` says.
#[derive(Clone, Copy)]
struct Format {
    rate: u32,
    channels: u16,
    store: Store,
}

/// The last twelve bytes of every sub-format that is a format tag (Microsoft, KSDATAFORMAT).
const BY_TAG: [u8; 14] = [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71];

impl Format {
    /// Reads the content of `fmt ` (RFC 2361; WAVEFORMATEX and WAVEFORMATEXTENSIBLE).
    fn read(chunk: &[u8]) -> Option<Format> {
        let (tag, channels) = (le16(chunk, 0), le16(chunk, 2));
        let (rate, block, bits) = (le32(chunk, 4), le16(chunk, 12), le16(chunk, 14));
        if chunk.len() < 14 || channels == 0 || rate == 0 || channels > CHANNELS {
            return None;
        }
        let tag = match tag {
            0xfffe if bytes_at(chunk, 26) == Some(BY_TAG) => le16(chunk, 24),
            tag => tag,
        };
        let bytes = block / channels;
        let bits = if bits == 0 {
            bytes.saturating_mul(8)
        } else {
            bits
        };
        // What does not come out even is not what it says.
        let even = block % channels == 0 && bits <= bytes.saturating_mul(8);
        let samples = |coding: Coding| {
            let fits = even && usize::from(bytes) == coding.width();
            if fits {
                Store::Samples(coding)
            } else {
                Store::Unread("wav-layout")
            }
        };
        let store = match (tag, bytes) {
            (1, 1) => samples(Coding::Unsigned8),
            (1, 2..=4) => samples(Coding::Linear {
                bytes: bytes as u8,
                bits: bits as u8,
            }),
            (3, 4) => samples(Coding::Float32),
            (3, 8) => samples(Coding::Float64),
            (6, _) => samples(Coding::ALaw),
            (7, _) => samples(Coding::MuLaw),
            (0x31, _) if block == 65 && channels == 1 => Store::Gsm { wav: true },
            _ => Store::Unread(codec(tag)),
        };
        Some(Format {
            rate,
            channels,
            store,
        })
    }
}

/// More than any recorder has.
const CHANNELS: u16 = 64;

/// The name of a codec that is not read (RFC 2361, appendix A).
fn codec(tag: u16) -> &'static str {
    match tag {
        1 | 3 => "wav-layout",
        2 => "ms-adpcm",
        0x11 => "ima-adpcm",
        0x14 | 0x40 | 0x45 | 0x64 => "g726",
        0x31 => "gsm-layout",
        0x42 => "g723",
        0x50 => "mp2",
        0x55 => "mp3-in-wav",
        0x65 | 0x28f => "g722",
        0x83 | 0x133 => "g729",
        0xa109 => "speex",
        0x160..=0x163 => "wma",
        _ => "wav-codec",
    }
}

impl Container for Wav {
    fn step(&mut self, stream: &mut Stream, out: &mut Out) -> bool {
        match self.state {
            State::Start => {
                stream.skip(12);
                self.state = State::Chunks;
                true
            }
            State::Chunks => self.chunk(stream, out),
            State::Data(left, known) => {
                let taken = self
                    .sound
                    .map_or(0, |sound| hear_block(&sound, left, stream, out));
                if taken == 0 && left > 0 {
                    if known {
                        out.unread(0, Reason::Truncated);
                    }
                    self.state = State::Data(0, known);
                } else if left == taken {
                    // An odd length has a byte behind it that is not counted.
                    let odd = self
                        .sound
                        .and_then(|sound| sound.len)
                        .is_some_and(|len| len % 2 == 1);
                    if odd && known && stream.peek(1) == [0] {
                        stream.skip(1);
                    }
                    self.state = State::Chunks;
                } else {
                    self.state = State::Data(left - taken, known);
                }
                true
            }
            State::Tail => tail::read(stream, out),
        }
    }

    fn sound(&self) -> Option<&Sound> {
        self.sound.as_ref()
    }
}

impl Wav {
    /// Reads one chunk, or the beginning of the one with the sound.
    fn chunk(&mut self, stream: &mut Stream, out: &mut Out) -> bool {
        let head = stream.peek(8);
        let Some((id, len)) = bytes_at::<4>(head, 0).zip(bytes_at(head, 4)) else {
            if self.sound.is_none() {
                out.unread(0, Reason::Truncated);
            }
            self.state = State::Tail;
            return true;
        };
        let len = u32::from_le_bytes(len);
        if !id.iter().all(|byte| (b' '..=b'~').contains(byte)) || tail::starts(head) {
            self.state = State::Tail;
            return true;
        }
        if &id == b"data" && self.sound.is_none() {
            self.data(len, stream, out);
            return true;
        }
        let whole = u64::from(len) + 8;
        let padded = whole + u64::from(len % 2);
        // What has no letters that are known and ends behind the file is no chunk.
        let longest = whole.min(LONGEST as u64) as usize;
        if !riff::is_known(stream.peek(8)) && stream.peek(longest).len() < longest {
            self.state = State::Tail;
            return true;
        }
        if whole > LONGEST as u64 {
            let there = stream.skip(padded);
            let reason = if there < whole {
                Reason::Truncated
            } else {
                Reason::Limit
            };
            out.unread(there.saturating_sub(8), reason);
            return true;
        }
        let offset = stream.offset();
        let text = stream.peek(whole as usize).to_vec();
        let content = text.get(8..).unwrap_or_default();
        if text.len() < whole as usize {
            out.unread(0, Reason::Truncated);
        }
        match &id {
            b"fmt " => self.format = self.format.or_else(|| Format::read(content)),
            b"ds64" => self.long = bytes_at(content, 8).map(u64::from_le_bytes),
            _ => {
                let mut fields = Fields::default();
                riff::chunk(id, &text, &mut fields);
                out.tags(text, offset, fields);
            }
        }
        stream.skip(padded);
        true
    }

    fn data(&mut self, len: u32, stream: &mut Stream, out: &mut Out) {
        stream.skip(8);
        let stated = match (len, self.long) {
            (ELSEWHERE, Some(long)) => long,
            _ => u64::from(len),
        };
        // What follows an empty chunk is the next one, unless there is none.
        let follows = stream.peek(8);
        let empty = follows.len() < 8 || riff::is_known(follows) || tail::starts(follows);
        let known = if stated == 0 {
            empty
        } else {
            stated < UNKNOWN || self.long.is_some()
        };
        let Some(format) = self.format else {
            let there = stream.skip(if known { stated } else { u64::MAX });
            out.unread(there, Reason::Malformed);
            return;
        };
        let sound = Sound {
            rate: format.rate,
            channels: format.channels,
            store: format.store,
            start: stream.offset(),
            len: known.then_some(stated),
        };
        self.sound = Some(sound);
        out.ear.open(sound.rate, usize::from(sound.channels));
        self.state = State::Data(if known { stated } else { u64::MAX }, known);
    }
}
