//! Frames of FLAC (RFC 9639, section 9): their headers, and where they end.
//!
//! Nothing in a frame tells its length. It ends where its checksum comes out and another frame, a
//! tag or the end of the file follows; what is in between is not looked at.

use super::sums::{add16, sum8};
use crate::format::recording::stream::{LONGEST, Stream, be32, bytes_at};
use crate::format::recording::tags::tail;

/// The most bytes of a header.
const HEAD: usize = 16;
/// The least that is looked at for the end of a frame.
const ROOM: usize = 32 << 10;

/// What `STREAMINFO` says (section 8.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Form {
    /// Samples a second.
    pub(super) rate: u32,
    pub(super) channels: u8,
    /// Bits of a sample.
    pub(super) bits: u8,
    /// Samples of each channel; 0 where it was not known.
    pub(super) samples: u64,
    /// The least and the most samples of a frame.
    pub(super) blocks: (u16, u16),
    /// The most bytes of a frame; 0 where it was not known.
    longest: usize,
}

impl Form {
    /// Reads the 34 bytes of the block.
    pub(super) fn read(block: &[u8]) -> Option<Form> {
        let (head, packed) = (bytes_at::<10>(block, 0)?, bytes_at::<8>(block, 10)?);
        let packed = u64::from_be_bytes(packed);
        let form = Form {
            rate: (packed >> 44) as u32,
            channels: (packed >> 41 & 7) as u8 + 1,
            bits: (packed >> 36 & 31) as u8 + 1,
            samples: packed & 0xf_ffff_ffff,
            blocks: (
                u16::from_be_bytes([head[0], head[1]]),
                u16::from_be_bytes([head[2], head[3]]),
            ),
            longest: (be32(&head, 6) & 0x00ff_ffff) as usize,
        };
        (form.rate > 0 && form.bits >= 4 && form.blocks.1 > 0).then_some(form)
    }
}

/// What the header of a frame says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// Bytes of the header.
    pub(super) len: usize,
    /// Samples of each channel.
    pub(super) samples: u32,
    /// Which of two channels is told as a difference, with a bit more.
    pub(super) side: Option<usize>,
}

impl Head {
    /// Reads what a frame of this form starts with.
    pub(super) fn read(bytes: &[u8], form: &Form) -> Option<Head> {
        let [0xff, second, third, fourth] = bytes_at::<4>(bytes, 0)? else {
            return None;
        };
        if second & 0xfe != 0xf8 || fourth & 1 != 0 {
            return None;
        }
        let side = match fourth >> 4 {
            assigned @ 0..=7 if assigned + 1 == form.channels => None,
            8 | 10 if form.channels == 2 => Some(1),
            9 if form.channels == 2 => Some(0),
            _ => return None,
        };
        let bits = match fourth >> 1 & 7 {
            0 => form.bits,
            1 => 8,
            2 => 12,
            4 => 16,
            5 => 20,
            6 => 24,
            7 => 32,
            _ => return None,
        };
        if bits != form.bits {
            return None;
        }
        // The number is coded like a character in UTF-8, up to seven bytes.
        let number = match bytes.get(4)?.leading_ones() {
            0 => 1,
            ones @ 2..=7 => ones as usize,
            _ => return None,
        };
        let mut at = 4 + number;
        let coded = bytes.get(5..at)?;
        if coded.iter().any(|byte| byte & 0xc0 != 0x80) {
            return None;
        }
        let samples = match third >> 4 {
            1 => 192,
            code @ 2..=5 => 144 << code,
            6 => {
                at += 1;
                u32::from(*bytes.get(at - 1)?) + 1
            }
            7 => {
                at += 2;
                u32::from(u16::from_be_bytes(bytes_at(bytes, at - 2)?)) + 1
            }
            code @ 8.. => 1 << code,
            _ => return None,
        };
        let rate = match third & 15 {
            0 => form.rate,
            code @ 1..=11 => RATES[usize::from(code)],
            12 => {
                at += 1;
                u32::from(*bytes.get(at - 1)?) * 1000
            }
            code @ 13..=14 => {
                at += 2;
                let stated = u32::from(u16::from_be_bytes(bytes_at(bytes, at - 2)?));
                if code == 13 { stated } else { stated * 10 }
            }
            _ => return None,
        };
        let whole = bytes.get(..=at)?;
        let fits = rate == form.rate && samples <= u32::from(form.blocks.1);
        (fits && sum8(whole) == 0).then_some(Head {
            len: at + 1,
            samples,
            side,
        })
    }

    /// Where the frame with this header ends that `bytes` starts with; `all` says that no more
    /// follow them.
    fn end(&self, bytes: &[u8], all: bool, form: &Form) -> Option<usize> {
        let mut sum = 0;
        for (at, byte) in (1..).zip(bytes) {
            sum = add16(sum, *byte);
            if sum == 0 && at > self.len {
                let behind = bytes.get(at..).unwrap_or_default();
                if behind.len() < HEAD && !all {
                    return None;
                }
                if Head::read(behind, form).is_some() || tail::starts(behind) {
                    return Some(at);
                }
                if all && behind.iter().all(|byte| *byte == 0) {
                    // A sum may end in zeros itself, and is right without them as well.
                    let own = if behind.len() <= SUM { behind.len() } else { 0 };
                    return Some(at + own);
                }
            }
        }
        None
    }
}

/// Bytes of the sum that ends a frame.
const SUM: usize = 2;

/// Samples a second, by their codes (section 9.1.2).
const RATES: [u32; 12] = [
    0, 88_200, 176_400, 192_000, 8_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000,
];

/// What comes next in a stream of frames.
pub(super) enum Next {
    /// A frame of so many bytes.
    Frame(Head, usize),
    Tag,
    /// So many bytes that are no frame, though none but zeros may stand there.
    Damaged(usize),
    End,
}

/// Tells what comes next.
pub(super) fn next(stream: &mut Stream, form: &Form) -> Next {
    let mut room = (form.longest + HEAD).clamp(ROOM, LONGEST);
    loop {
        let bytes = stream.peek(room);
        if bytes.is_empty() {
            return Next::End;
        }
        if tail::starts(bytes) {
            return Next::Tag;
        }
        let all = bytes.len() < room;
        if let Some(head) = Head::read(bytes, form) {
            if let Some(len) = head.end(bytes, all, form) {
                return Next::Frame(head, len);
            }
            if !all && room < LONGEST {
                room = (room * 4).min(LONGEST);
                continue;
            }
        }
        let starts = |at: &usize| {
            let rest = bytes.get(*at..).unwrap_or_default();
            tail::starts(rest) || Head::read(rest, form).is_some()
        };
        let places = memchr::memchr3_iter(0xff, b'T', b'I', bytes.get(1..).unwrap_or_default());
        let found = places.map(|at| at + 1).find(starts);
        // A header may be cut by the end of what was looked at.
        let most = if all { bytes.len() } else { bytes.len() - HEAD };
        return Next::Damaged(found.unwrap_or(most).max(1));
    }
}
