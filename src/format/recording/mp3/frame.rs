//! Frames of MPEG audio, layer III: their headers, side information and main data.
//!
//! Sources: ISO/IEC 11172-3, sections 2.4.1 and 2.4.2; ISO/IEC 13818-3, section 2.4 (lower rates);
//! version 2.5 as all decoders have it. A frame's main data begins up to 511 bytes before it, in
//! what earlier frames left free, so bytes of main data are counted apart from those of the file.

/// Kilobits a second of version 1, by index.
const RATES_1: [u16; 16] = [
    0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0,
];
/// Of versions 2 and 2.5.
const RATES_2: [u16; 16] = [
    0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0,
];
/// Samples a second of version 1.
const FREQUENCIES: [u32; 4] = [44_100, 48_000, 32_000, 0];

/// Bytes of a header.
pub(super) const HEAD: usize = 4;
/// The most bytes of a frame: 320 kbit/s at 32 kHz, or 160 at 8 kHz, with padding.
pub(super) const LONGEST: usize = 1441;
/// The farthest that main data begins before its frame, in bytes of main data.
pub(super) const RESERVOIR: u64 = 511;

/// What the header of a frame says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// Whether it is version 1, of two granules.
    pub(super) first: bool,
    /// Samples a second.
    pub(super) rate: u32,
    pub(super) mono: bool,
    /// Whether a checksum follows.
    pub(super) checked: bool,
    /// Bytes of the whole frame.
    pub(super) len: usize,
}

/// What four bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    Frame(Header),
    /// A frame of another layer, or of a length that only the next one tells.
    Other(&'static str),
    None,
}

impl Word {
    /// Reads the first four bytes of what may be a frame.
    pub(super) fn read(bytes: &[u8]) -> Word {
        let Some(&[0xff, second, third, fourth, ..]) = bytes.get(..HEAD) else {
            return Word::None;
        };
        let (version, layer) = (second >> 3 & 3, second >> 1 & 3);
        let (kilobits, frequency) = (usize::from(third >> 4), usize::from(third >> 2 & 3));
        if second & 0xe0 != 0xe0 || version == 1 || layer == 0 || kilobits == 15 || frequency == 3 {
            return Word::None;
        }
        if layer != 1 {
            return Word::Other(if layer == 2 { "mp2" } else { "mp1" });
        }
        if kilobits == 0 {
            return Word::Other("mp3-free-format");
        }
        let first = version == 3;
        let rate = FREQUENCIES[frequency]
            >> match version {
                3 => 0,
                2 => 1,
                _ => 2,
            };
        let bits = 1000 * u32::from(if first { RATES_1 } else { RATES_2 }[kilobits]);
        let slots = (if first { 144 } else { 72 }) * bits / rate;
        Word::Frame(Header {
            first,
            rate,
            mono: fourth >> 6 == 3,
            checked: second & 1 == 0,
            len: slots as usize + usize::from(third >> 1 & 1),
        })
    }
}

impl Header {
    /// Samples of each channel.
    pub(super) fn samples(&self) -> u64 {
        if self.first { 1152 } else { 576 }
    }

    /// Bytes before the side information.
    pub(super) fn head(&self) -> usize {
        HEAD + if self.checked { 2 } else { 0 }
    }

    /// Bytes of side information.
    pub(super) fn side(&self) -> usize {
        match (self.first, self.mono) {
            (true, true) => 17,
            (true, false) => 32,
            (false, true) => 9,
            (false, false) => 17,
        }
    }

    /// Whether frames of one stream have both.
    pub(super) fn goes_with(&self, other: &Header) -> bool {
        self.first == other.first && self.rate == other.rate
    }

    /// How many bytes before its own place the main data of `frame` begins.
    pub(super) fn begins(&self, frame: &[u8]) -> u64 {
        let side = frame.get(self.head()..).unwrap_or_default();
        let (high, low) = match side {
            [high, low, ..] => (u64::from(*high), u64::from(*low)),
            _ => (0, 0),
        };
        if self.first {
            high << 1 | low >> 7
        } else {
            high
        }
    }

    /// Whether `frame` holds no sound but a table of the stream: Xing, Info or VBRI.
    pub(super) fn is_table(&self, frame: &[u8]) -> bool {
        let at = |at: usize| frame.get(at..at + 4).unwrap_or_default();
        // The table stands behind the side information as if there were no checksum.
        let marked = [at(HEAD + self.side()), at(self.head() + self.side())];
        marked.iter().any(|mark| matches!(*mark, b"Xing" | b"Info")) || at(HEAD + 32) == b"VBRI"
    }

    /// Everything of `frame` up to its main data, so that it is silent: its main data begins where
    /// it did and has no bits.
    pub(super) fn silenced(&self, frame: &[u8]) -> Vec<u8> {
        let mut out = frame
            .get(..self.head() + self.side())
            .unwrap_or_default()
            .to_vec();
        let keep = self.head() + 1;
        if let Some(second) = out.get_mut(keep) {
            // The ninth bit of where main data begins.
            *second &= if self.first { 0x80 } else { 0 };
        }
        for byte in out.iter_mut().skip(keep + 1) {
            *byte = 0;
        }
        if self.checked {
            let sum = self.sum(&out).to_be_bytes();
            if let Some(place) = out.get_mut(HEAD..HEAD + 2) {
                place.copy_from_slice(&sum);
            }
        }
        out
    }

    /// The checksum of a frame: over the last two bytes of its header and its side information
    /// (11172-3, section 2.4.3.1; polynomial 0x8005).
    fn sum(&self, frame: &[u8]) -> u16 {
        let covered = frame.iter().skip(2).take(2);
        let covered = covered.chain(frame.iter().skip(self.head()).take(self.side()));
        covered.fold(0xffff_u16, |sum, byte| {
            (0..8).rev().fold(sum, |sum, bit| {
                let carry = sum >> 15 ^ u16::from(byte >> bit & 1);
                (sum << 1) ^ (carry * 0x8005)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_say_how_long_frames_are() {
        for (bytes, first, rate, mono, checked, len) in [
            ([0xff, 0xfb, 0x90, 0x64], true, 44_100, false, false, 417),
            ([0xff, 0xfb, 0x92, 0x64], true, 44_100, false, false, 418),
            ([0xff, 0xfa, 0x18, 0xc4], true, 32_000, true, true, 144),
            ([0xff, 0xf3, 0x48, 0xc4], false, 16_000, true, false, 144),
            ([0xff, 0xe3, 0x18, 0xc4], false, 8_000, true, false, 72),
        ] {
            let Word::Frame(header) = Word::read(&bytes) else {
                panic!("{bytes:x?}");
            };
            let want = Header {
                first,
                rate,
                mono,
                checked,
                len,
            };
            assert_eq!(header, want);
        }
        assert_eq!(Word::read(&[0xff, 0xfd, 0x90, 0x64]), Word::Other("mp2"));
        assert_eq!(
            Word::read(&[0xff, 0xfb, 0x00, 0x64]),
            Word::Other("mp3-free-format")
        );
        assert_eq!(Word::read(&[0xff, 0xfb, 0xf0, 0x64]), Word::None);
        assert_eq!(Word::read(&[0xff, 0xeb, 0x90, 0x64]), Word::None);
    }
}
