//! The bytes of a report before they are written: what is appended millions of times is appended
//! in copies of a fixed length, which cost a few instructions each.
//!
//! Owns the buffer, the pieces that are rendered once and the digits of numbers. Knows no format.

/// Bytes of a piece that are copied at once.
const CHUNK: usize = 32;

/// A growing text.
#[derive(Default)]
pub(super) struct Sheet {
    /// Written up to `len`; what lies behind is room.
    bytes: Vec<u8>,
    len: usize,
}

impl Sheet {
    /// A sheet with room for `bytes`.
    pub(super) fn with_room(bytes: usize) -> Sheet {
        Sheet {
            bytes: vec![0; bytes],
            len: 0,
        }
    }

    /// What was appended.
    pub(super) fn written(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    /// How many bytes were appended.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Forgets what was appended.
    pub(super) fn clear(&mut self) {
        self.len = 0;
    }

    /// Appends text of any length.
    pub(super) fn any(&mut self, text: &[u8]) {
        let line = self.line(text.len(), |line| line.any(text));
        debug_assert_eq!(line, text.len());
    }

    /// Appends what `write` puts in a line, for which there is room for at least `room` bytes;
    /// gives how many bytes that were.
    #[inline]
    pub(super) fn line(&mut self, room: usize, write: impl FnOnce(&mut Line<'_>)) -> usize {
        if self.bytes.len() - self.len < room {
            self.bytes.resize((self.len + room) * 2, 0);
        }
        let mut line = Line {
            room: self.bytes.get_mut(self.len..).unwrap_or_default(),
            at: 0,
        };
        write(&mut line);
        let len = line.at;
        self.len += len;
        len
    }
}

/// A line while it is written. What finds no room is not written: whoever asks for the line knows
/// how long it can become.
pub(super) struct Line<'a> {
    room: &'a mut [u8],
    at: usize,
}

impl Line<'_> {
    /// Appends text of a length known when this is compiled.
    #[inline(always)]
    pub(super) fn text<const N: usize>(&mut self, text: &[u8; N]) {
        self.over(text, N);
    }

    /// Appends the first `len` of `text`, which are copied with the rest.
    #[inline(always)]
    pub(super) fn over<const N: usize>(&mut self, text: &[u8; N], len: usize) {
        let room = self.room.get_mut(self.at..);
        if let Some(slot) = room.and_then(<[u8]>::first_chunk_mut) {
            *slot = *text;
            self.at += len;
        }
    }

    /// Appends a label of at most 32 bytes and the digits behind it.
    #[inline(always)]
    pub(super) fn labelled<const N: usize>(&mut self, label: &[u8; N], digits: Digits) {
        const { assert!(N <= 32) };
        let room = self.room.get_mut(self.at..);
        if let Some(slot) = room.and_then(<[u8]>::first_chunk_mut::<40>) {
            // Copies of arrays become moves, those of slices calls.
            if let Some(start) = slot.first_chunk_mut() {
                *start = *label;
            }
            if let Some(behind) = slot.get_mut(N..).and_then(<[u8]>::first_chunk_mut) {
                *behind = digits.text.to_le_bytes();
            }
            self.at += N + digits.len;
        }
    }

    /// Appends text of any length.
    #[inline]
    pub(super) fn any(&mut self, text: &[u8]) {
        let end = self.at + text.len();
        if let Some(slot) = self.room.get_mut(self.at..end) {
            slot.copy_from_slice(text);
            self.at = end;
        }
    }

    /// Appends what was rendered before.
    #[inline(always)]
    pub(super) fn piece(&mut self, piece: &Piece) {
        let mut at = self.at;
        for chunk in &piece.chunks {
            let room = self.room.get_mut(at..);
            if let Some(slot) = room.and_then(<[u8]>::first_chunk_mut) {
                *slot = *chunk;
                at += CHUNK;
            }
        }
        self.at += piece.len;
    }

    /// Appends a number in decimal.
    #[inline(always)]
    pub(super) fn number(&mut self, number: u64) {
        if number < 1000 {
            self.digits(Digits::small(number));
        } else if number < EIGHT {
            self.digits(Digits::of(number));
        } else {
            self.long(number);
        }
    }

    /// Appends a number that eight digits cannot spell.
    #[inline(never)]
    fn long(&mut self, number: u64) {
        if number < EIGHT * EIGHT {
            self.digits(Digits::of(number / EIGHT));
            self.text(&(eight(number % EIGHT) | ZEROS).to_le_bytes());
        } else {
            self.any(itoa::Buffer::new().format(number).as_bytes());
        }
    }

    /// Appends a number whose digits are known.
    #[inline(always)]
    pub(super) fn digits(&mut self, digits: Digits) {
        self.over(&digits.text.to_le_bytes(), digits.len);
    }
}

/// Text that is rendered once and appended often.
#[derive(Default)]
pub(super) struct Piece {
    chunks: Vec<[u8; CHUNK]>,
    len: usize,
}

impl Piece {
    /// A piece with this text.
    pub(super) fn new(text: &[u8]) -> Piece {
        let chunk = |bytes: &[u8]| {
            let mut chunk = [0; CHUNK];
            for (slot, byte) in chunk.iter_mut().zip(bytes) {
                *slot = *byte;
            }
            chunk
        };
        Piece {
            chunks: text.chunks(CHUNK).map(chunk).collect(),
            len: text.len(),
        }
    }

    /// Its text.
    pub(super) fn bytes(&self) -> &[u8] {
        self.chunks
            .as_flattened()
            .get(..self.len)
            .unwrap_or_default()
    }

    /// The room it needs in a line.
    #[inline]
    pub(super) fn room(&self) -> usize {
        self.chunks.len() * CHUNK
    }
}

/// The first number that eight digits cannot spell.
pub(super) const EIGHT: u64 = 100_000_000;

/// The room a number needs in a line.
pub(super) const NUMBER: usize = 24;

const ZEROS: u64 = 0x3030_3030_3030_3030;

/// The decimal digits of a number below [`EIGHT`].
#[derive(Clone, Copy)]
pub(super) struct Digits {
    /// The digits as text, the first in the lowest byte.
    pub(super) text: u64,
    /// How many there are.
    pub(super) len: usize,
}

/// The digits of the numbers below a thousand, with zeros before, and a byte behind.
static SMALL: [[u8; 4]; 1000] = {
    let mut small = [[0u8; 4]; 1000];
    let mut number = 0;
    while number < 1000 {
        small[number] = [
            b'0' + (number / 100) as u8,
            b'0' + (number / 10 % 10) as u8,
            b'0' + (number % 10) as u8,
            0,
        ];
        number += 1;
    }
    small
};

impl Digits {
    /// The digits of a number below a thousand; of a larger one its last three.
    #[inline(always)]
    pub(super) fn small(number: u64) -> Digits {
        let zeros = usize::from(number < 100) + usize::from(number < 10);
        Digits {
            text: u64::from(u32::from_le_bytes(SMALL[(number % 1000) as usize])) >> (zeros * 8),
            len: 3 - zeros,
        }
    }

    /// The last three digits of a number.
    #[inline(always)]
    pub(super) fn last_three(number: u64) -> [u8; 4] {
        SMALL[(number % 1000) as usize]
    }

    /// The digits of `number`, of which only the last eight are told.
    #[inline(always)]
    pub(super) fn of(number: u64) -> Digits {
        let digits = eight(number % (1 << 32));
        // The last digit stands also when it is zero.
        let zeros = (digits | 1 << 63).trailing_zeros() / 8;
        Digits {
            text: (digits | ZEROS) >> (zeros * 8),
            len: 8 - zeros as usize,
        }
    }
}

/// The eight digits of a number below [`EIGHT`] as numbers, a byte each, the first in the lowest.
///
/// Halves, quarters and digits are divided side by side; the factors are exact for their ranges.
#[inline(always)]
fn eight(number: u64) -> u64 {
    let number = number as u32;
    let halves = u64::from(number / 10_000) | (u64::from(number % 10_000) << 32);
    let hundreds = ((halves * 10_486) >> 20) & 0x0000_007f_0000_007f;
    let quarters = hundreds | ((halves - hundreds * 100) << 16);
    let tens = ((quarters * 103) >> 10) & 0x000f_000f_000f_000f;
    tens | ((quarters - tens * 10) << 8)
}

/// A number that mostly grows by one, with its digits.
#[derive(Default)]
pub(super) struct Counter {
    number: u64,
    digits: Option<Digits>,
}

impl Counter {
    /// Appends a label of at most 32 bytes and `number` to `line`.
    #[inline(always)]
    pub(super) fn put<const N: usize>(
        &mut self,
        line: &mut Line<'_>,
        label: &[u8; N],
        number: u64,
    ) {
        let step = number.wrapping_sub(self.number);
        let digits = match self.digits {
            Some(digits) if step == 0 => digits,
            Some(digits) if step == 1 && digits.text >> (digits.len * 8 - 8) != u64::from(b'9') => {
                Digits {
                    text: digits.text + (1 << (digits.len * 8 - 8)),
                    len: digits.len,
                }
            }
            _ if number < EIGHT => Digits::of(number),
            _ => {
                self.digits = None;
                line.text(label);
                line.number(number);
                return;
            }
        };
        self.number = number;
        self.digits = Some(digits);
        line.labelled(label, digits);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What `write` puts in a line with room enough.
    fn line(write: impl FnOnce(&mut Line<'_>)) -> String {
        let mut sheet = Sheet::default();
        sheet.line(1000, write);
        String::from_utf8(sheet.written().to_vec()).unwrap()
    }

    proptest! {
        #[test]
        fn numbers_are_spelled_as_the_library_spells_them(number in any::<u64>(), bits in 0u32..64) {
            let number = number >> bits;
            for number in [number, number / 10 * 10, EIGHT - 1, EIGHT, EIGHT * EIGHT - 1, 0] {
                prop_assert_eq!(line(|line| line.number(number)), number.to_string());
            }
        }

        #[test]
        fn a_counter_is_spelled_as_its_number(
            start in any::<u64>(),
            bits in 0u32..64,
            steps in prop::collection::vec(prop_oneof![0u64..2, 0u64..200], 0..40),
        ) {
            let mut counter = Counter::default();
            let mut number = start >> bits;
            for step in steps {
                number = number.saturating_add(step);
                let expected = format!("n={number}");
                prop_assert_eq!(line(|line| counter.put(line, b"n=", number)), expected);
            }
        }

        #[test]
        fn what_is_appended_is_there_whatever_the_room(
            room in 0usize..300,
            texts in prop::collection::vec("[a-z]{0,80}", 0..12),
        ) {
            let mut sheet = Sheet::with_room(room);
            let mut expected = Vec::new();
            for text in &texts {
                let piece = Piece::new(text.as_bytes());
                sheet.line(piece.room() + 20, |line| {
                    line.piece(&piece);
                    line.over(b"over and out", 4);
                });
                sheet.any(text.as_bytes());
                expected.extend_from_slice(format!("{text}over{text}").as_bytes());
            }
            prop_assert_eq!(sheet.len(), expected.len());
            prop_assert_eq!(sheet.written(), expected);
        }
    }
}
