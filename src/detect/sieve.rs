//! The first pass over text: where numbers, addresses and words stand, from bit classes alone.
//!
//! Owns the bit arithmetic that turns classes into candidates, strip by strip. Decides nothing: a
//! candidate is a position worth a look, and every position worth one must come out, whatever the
//! borders of blocks and strips.

use crate::raw::{BLOCK, Bits, Classes, Hot, SPAN, STRIP, classify};

/// The fewest letters the key word of a listed term has.
pub(super) const SHORTEST_WORD: usize = 3;
const _: () = assert!(super::terms::KEY_MIN >= SHORTEST_WORD);

/// Bytes in which words may begin that are looked for at once: a byte less than a word of a class,
/// so that the letters behind each beginning are in the same word.
const WINDOW: usize = BLOCK - 8;
const _: () = assert!((STRIP * BLOCK).is_multiple_of(WINDOW));

/// The fewest bytes of a number: `1.1.1.1`, `5550123`.
pub(super) const SHORTEST_NUMBER: usize = 7;

/// Takes candidates as the sieve finds them, each family in ascending order.
pub(super) trait Candidates {
    /// A digit that no other stands before within three joiners, with at least
    /// [`SHORTEST_NUMBER`] digits and joiners from it on. Bit `i` of `digits` and `joiners` stands
    /// for the byte `start + i`.
    fn number(&mut self, start: usize, digits: u64, joiners: u64);
    /// An `@`.
    fn at_sign(&mut self, at: usize);
    /// A colon that ends `::` or has three others close before it.
    fn colons(&mut self, at: usize);
    /// A run of at least [`SHORTEST_WORD`] ASCII letters from `at` on, and its first eight in upper
    /// case, little-endian, zeros behind.
    fn word(&mut self, at: usize, letters: u64);
}

/// Memory of the sieve.
pub(super) struct Strip {
    classes: Classes,
    /// The last strip of a text, with zeros behind.
    tail: [u8; SPAN],
}

impl Default for Strip {
    fn default() -> Self {
        Strip {
            classes: Classes::default(),
            tail: [0; SPAN],
        }
    }
}

/// What a strip has to know of the one before.
#[derive(Default)]
struct Carry {
    /// Whether its last byte is a digit, or follows one over at most one, two, three joiners.
    reach: [u64; 4],
    letter: u64,
    colons: u64,
}

/// Finds every candidate of a text.
pub(super) struct Sieve<'a, C> {
    pub(super) text: &'a [u8],
    pub(super) strip: &'a mut Strip,
    pub(super) out: &'a mut C,
}

impl<C: Candidates> Hot for Sieve<'_, C> {
    #[inline(always)]
    fn run(&mut self) {
        sift(self.text, self.strip, self.out);
    }
}

#[inline(always)]
fn sift(text: &[u8], strip: &mut Strip, out: &mut impl Candidates) {
    let Strip { classes, tail } = strip;
    let mut carry = Carry::default();
    let mut start = 0;
    while let Some(rest) = text.get(start..).filter(|rest| !rest.is_empty()) {
        let blocks = rest.len().div_ceil(BLOCK);
        let body = if let Some(body) = rest.first_chunk::<SPAN>() {
            body
        } else {
            let (head, zeros) = tail.split_at_mut(rest.len());
            head.copy_from_slice(rest);
            // Two blocks: the one ahead, and what the last window of words reads behind it.
            let behind = zeros.len().min(3 * BLOCK);
            zeros[..behind].fill(0);
            &*tail
        };
        classify(body, (blocks + 2).min(STRIP + 1), classes);
        let blocks = blocks.min(STRIP);
        numbers(classes, blocks, start, &mut carry, out);
        at_signs(&classes.at, blocks, start, out);
        colons(&classes.colon, blocks, start, &mut carry, out);
        words(&classes.letter, body, blocks, start, &mut carry, out);
        start += STRIP * BLOCK;
    }
}

/// The 64 bits from bit `bit` of `low` on.
#[inline(always)]
fn from_bit(low: u64, high: u64, bit: u32) -> u64 {
    // `high << 1 << (63 - bit)` is a shift by `64 - bit` that is defined for bit 0.
    low >> bit | high << 1 << (!bit & 63)
}

/// Where digits start that no digit stands before within three joiners.
#[inline(always)]
fn numbers(
    classes: &Classes,
    blocks: usize,
    base: usize,
    carry: &mut Carry,
    out: &mut impl Candidates,
) {
    let (digits, joiners) = (&classes.digit, &classes.joiner);
    let [mut carry0, mut carry1, mut carry2, mut carry3] = carry.reach;
    for block in 0..blocks.min(STRIP) {
        let (digit, joiner) = (digits[block], joiners[block]);
        // Nothing starts without a digit, and no reach is as long as a block.
        if digit == 0 {
            (carry0, carry1, carry2, carry3) = (0, 0, 0, 0);
            continue;
        }
        // Reach of digits to the right over joiners, one byte a step, carried over the border.
        let right1 = digit | (digit << 1 | carry0) & joiner;
        let right2 = right1 | (right1 << 1 | carry1) & joiner;
        let right3 = right2 | (right2 << 1 | carry2) & joiner;
        let starts = digit & !(right3 << 1 | carry3);
        (carry0, carry1, carry2, carry3) = (digit >> 63, right1 >> 63, right2 >> 63, right3 >> 63);
        let (next_digit, next_joiner) = (digits[block + 1], joiners[block + 1]);
        let wide = u128::from(digit | joiner) | u128::from(next_digit | next_joiner) << 64;
        let two = wide & wide >> 1;
        let four = two & two >> 2;
        const { assert!(SHORTEST_NUMBER == 7) };
        let mut starts = starts & (four & four >> 3) as u64;
        while starts != 0 {
            let bit = starts.trailing_zeros();
            starts &= starts - 1;
            out.number(
                base + block * BLOCK + bit as usize,
                from_bit(digit, next_digit, bit),
                from_bit(joiner, next_joiner, bit),
            );
        }
    }
    carry.reach = [carry0, carry1, carry2, carry3];
}

#[inline(always)]
fn at_signs(class: &Bits, blocks: usize, base: usize, out: &mut impl Candidates) {
    for (block, &bits) in class.get(..blocks).into_iter().flatten().enumerate() {
        let mut bits = bits;
        while bits != 0 {
            out.at_sign(base + block * BLOCK + bits.trailing_zeros() as usize);
            bits &= bits - 1;
        }
    }
}

/// Colons as IPv6 addresses have them: doubled, or four with at most four digits between.
#[inline(always)]
fn colons(class: &Bits, blocks: usize, base: usize, carry: &mut Carry, out: &mut impl Candidates) {
    let mut before = carry.colons;
    for (block, &bits) in class.get(..blocks).into_iter().flatten().enumerate() {
        // One colon is what most blocks with any have.
        if bits & bits.wrapping_sub(1) != 0 || bits != 0 && before != 0 {
            let wide = u128::from(before) | u128::from(bits) << 64;
            let near = |class: u128| (class << 2 | class << 3 | class << 4 | class << 5) & wide;
            let mut found = (wide & wide << 1) >> 64;
            let second = near(wide);
            if second != 0 {
                found |= near(near(second)) >> 64;
            }
            while found != 0 {
                out.colons(base + block * BLOCK + found.trailing_zeros() as usize);
                found &= found - 1;
            }
        }
        before = bits;
    }
    carry.colons = before;
}

/// What keeps of eight bytes the letters they begin with, in upper case: by a bit for each letter.
static LETTERS: [u64; 256] = {
    let mut masks = [0; 256];
    let mut letters = 0;
    while letters < 256 {
        let run = (letters as u8).trailing_ones();
        let all = 0xDFDF_DFDF_DFDF_DFDF;
        masks[letters] = if run == 8 {
            all
        } else {
            all & ((1 << (8 * run)) - 1)
        };
        letters += 1;
    }
    masks
};

#[inline(always)]
fn words(
    class: &Bits,
    body: &[u8; SPAN],
    blocks: usize,
    base: usize,
    carry: &mut Carry,
    out: &mut impl Candidates,
) {
    let mut before = carry.letter;
    let mut from = 0;
    while from < blocks * BLOCK {
        let word = from / BLOCK;
        let (Some(&low), Some(&high)) = (class.get(word), class.get(word + 1)) else {
            break;
        };
        let letters = from_bit(low, high, (from % BLOCK) as u32);
        let third = letters & letters >> 1 & letters >> 2;
        let mut starts = third & !(letters << 1 | before) & (!0 >> (BLOCK - WINDOW));
        before = letters >> (WINDOW - 1) & 1;
        while starts != 0 {
            let bit = starts.trailing_zeros();
            starts &= starts - 1;
            let at = from + bit as usize;
            let Some(bytes) = body.get(at..).and_then(<[u8]>::first_chunk) else {
                break;
            };
            let letters = usize::from((letters >> bit) as u8);
            out.word(base + at, u64::from_le_bytes(*bytes) & LETTERS[letters]);
        }
        from += WINDOW;
    }
    carry.letter = before;
}
