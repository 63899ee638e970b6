//! Numbers of as few bits as they need: Golomb-Rice codes, whose width fits what most numbers of a
//! column are, with an escape for the few that are far larger.
//!
//! It must not know what the numbers stand for.

/// Ones before a number that stands there whole: none that is so far off its column takes more.
const ESCAPE: u32 = 12;
/// The widest remainder: numbers beyond stand whole.
const WIDEST: u8 = 56;

/// How wide the remainder is that fits a column best.
#[derive(Clone, Copy, Debug)]
pub(super) struct Widths {
    /// How many numbers have how many bits.
    counts: [u32; 65],
    total: u32,
}

impl Widths {
    /// Of no numbers.
    pub(super) const fn none() -> Widths {
        Widths {
            counts: [0; 65],
            total: 0,
        }
    }

    /// Counts a number in.
    #[inline]
    pub(super) fn add(&mut self, value: u64) {
        let bits = 64 - value.leading_zeros();
        if let Some(count) = self.counts.get_mut(bits as usize) {
            *count += 1;
        }
        self.total += 1;
    }

    /// One bit less than the middle number has: within half a bit of the best where numbers are
    /// spread evenly and where they are the gaps between such (Kiely, IPN 42-159), and unmoved by
    /// a few that are far larger.
    pub(super) fn best(&self) -> u8 {
        let mut seen = 0;
        for (bits, count) in (0_u8..).zip(self.counts) {
            seen += count;
            if seen * 2 > self.total {
                return bits.saturating_sub(1).min(WIDEST);
            }
        }
        0
    }
}

/// Bytes by which what is written to grows ahead of the bits.
const AHEAD: usize = 1024;

/// Appends numbers to bytes; the last byte is filled up with zeros.
///
/// Eight bytes are stored for every number, and those that are full are passed: how many they are
/// cannot be foretold, so nothing branches on it.
pub(super) struct BitWriter<'a> {
    out: &'a mut Vec<u8>,
    /// Bytes that are full.
    at: usize,
    /// Bits behind them, less than eight.
    word: u64,
    filled: u32,
}

impl<'a> BitWriter<'a> {
    pub(super) fn new(out: &'a mut Vec<u8>) -> Self {
        BitWriter {
            at: out.len(),
            out,
            word: 0,
            filled: 0,
        }
    }

    /// Appends the lowest `width` bits, [`WIDEST`] at most; the others are zero.
    #[inline]
    pub(super) fn bits(&mut self, value: u64, width: u32) {
        self.word |= value << self.filled;
        self.filled += width;
        if self.out.len() < self.at + 8 {
            self.out.resize(self.at + AHEAD, 0);
        }
        if let Some(place) = self.out.get_mut(self.at..self.at + 8) {
            place.copy_from_slice(&self.word.to_le_bytes());
        }
        let full = self.filled / 8;
        self.at += full as usize;
        self.word >>= 8 * full;
        self.filled %= 8;
    }

    /// Appends a number whose remainder is `width` bits wide.
    #[inline]
    pub(super) fn number(&mut self, value: u64, width: u8) {
        let quotient = value >> width;
        if quotient < u64::from(ESCAPE) {
            // So many ones, then a zero, then the remainder.
            let ones = (1 << quotient) - 1;
            let (head, tail) = (quotient as u32 + 1, u32::from(width));
            let rest = value & ((1 << width) - 1);
            if head + tail <= u32::from(WIDEST) {
                self.bits(ones | rest << head, head + tail);
            } else {
                self.bits(ones, head);
                self.bits(rest, tail);
            }
        } else {
            self.bits((1 << ESCAPE) - 1, ESCAPE);
            self.bits(value & 0xffff_ffff, 32);
            self.bits(value >> 32, 32);
        }
    }

    pub(super) fn finish(self) {
        self.out.truncate(self.at + usize::from(self.filled > 0));
    }
}

/// Takes numbers off bytes.
pub(super) struct BitReader<'a> {
    bytes: &'a [u8],
    /// Bits that were taken.
    at: usize,
}

impl<'a> BitReader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        BitReader { bytes, at: 0 }
    }

    /// At least the next 57 bits, zeros behind the end.
    #[inline]
    fn peek(&self) -> u64 {
        let rest = self.bytes.get(self.at / 8..).unwrap_or_default();
        let word = match rest.first_chunk::<8>() {
            Some(eight) => u64::from_le_bytes(*eight),
            None => {
                let mut eight = [0; 8];
                eight[..rest.len()].copy_from_slice(rest);
                u64::from_le_bytes(eight)
            }
        };
        word >> (self.at % 8)
    }

    #[inline]
    fn take(&mut self, width: u32) -> Option<()> {
        self.at += width as usize;
        (self.at <= self.bytes.len() * 8).then_some(())
    }

    /// The next `width` bits, 56 at most; `None` behind the end.
    #[inline]
    pub(super) fn bits(&mut self, width: u32) -> Option<u64> {
        let value = self.peek() & ((1 << width) - 1);
        self.take(width)?;
        Some(value)
    }

    /// The next number whose remainder is `width` bits wide, 56 at most.
    #[inline]
    pub(super) fn number(&mut self, width: u8) -> Option<u64> {
        let quotient = self.peek().trailing_ones();
        if quotient < ESCAPE {
            self.take(quotient + 1)?;
            let rest = self.bits(u32::from(width.min(WIDEST)))?;
            return Some(u64::from(quotient) << width.min(WIDEST) | rest);
        }
        self.take(ESCAPE)?;
        let low = self.bits(32)?;
        Some(self.bits(32)? << 32 | low)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_number() -> impl Strategy<Value = u64> {
        (any::<u64>(), 0..64_u32).prop_map(|(value, shift)| value >> shift)
    }

    proptest! {
        #[test]
        fn numbers_come_back_at_every_width(
            numbers in proptest::collection::vec((any_number(), 0..=WIDEST), 0..80)
        ) {
            let mut out = Vec::new();
            let mut writer = BitWriter::new(&mut out);
            for (value, width) in &numbers {
                writer.number(*value, *width);
            }
            writer.finish();
            let mut reader = BitReader::new(&out);
            for (value, width) in &numbers {
                prop_assert_eq!(reader.number(*width), Some(*value));
            }
            prop_assert!(reader.number(8).is_none());
        }

        #[test]
        fn a_column_takes_little_more_than_its_numbers(
            numbers in proptest::collection::vec(0..1_u64 << 20, 200..300)
        ) {
            let mut widths = Widths::none();
            for value in &numbers {
                widths.add(*value);
            }
            let mut out = Vec::new();
            let mut writer = BitWriter::new(&mut out);
            for value in &numbers {
                writer.number(*value, widths.best());
            }
            writer.finish();
            prop_assert!(out.len() * 8 <= numbers.len() * 21 + 8 * 2 + numbers.len() / 2);
        }
    }
}
