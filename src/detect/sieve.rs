//! The first pass over text: where numbers, addresses and words stand, from bit classes alone.
//!
//! Owns the bit arithmetic that turns classes into candidates, strip by strip. Decides nothing: a
//! candidate is a position worth a look, and every position worth one must come out, whatever the
//! borders of blocks and strips.

use std::num::NonZero;

use crate::raw::{BLOCK, Bits, Classes, Hot, SPAN, STRIP, classify, run_hot};

/// The fewest letters the key word of a listed term has.
pub(super) const SHORTEST_WORD: usize = 3;
const _: () = assert!(super::terms::KEY_MIN >= SHORTEST_WORD);

/// Bytes in which words may begin that are looked for at once: a byte less than a word of a class,
/// so that the letters behind each beginning are in the same word.
const WINDOW: usize = BLOCK - 8;
const _: () = assert!((STRIP * BLOCK).is_multiple_of(WINDOW));

/// Bytes from the start of a window that are read of its words.
const REACH: usize = BLOCK + 8;

/// The fewest bytes of a number: `1.1.1.1`, `5550123`.
pub(super) const SHORTEST_NUMBER: usize = 7;

/// Takes candidates as the sieve finds them, each family in ascending order.
pub(super) trait Candidates {
    /// A digit that no other stands before within three joiners, with at least
    /// [`SHORTEST_NUMBER`] digits and joiners from it on. Bit `i` stands for the byte `start + i`;
    /// in `reach` it says whether that is a digit or follows one over at most three joiners.
    fn number(&mut self, start: usize, digits: u64, reach: u64);
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
    reach: Reach,
    /// The last strip of a text, with zeros behind.
    tail: [u8; SPAN],
}

impl Default for Strip {
    fn default() -> Self {
        Strip {
            classes: Classes::default(),
            reach: Reach::default(),
            tail: [0; SPAN],
        }
    }
}

/// What digits reach to their right over at most so many joiners, and where stretches start.
struct Reach {
    one: Bits,
    two: Bits,
    three: Bits,
    starts: Bits,
}

impl Default for Reach {
    fn default() -> Self {
        let none = [0; STRIP + 1];
        Reach {
            one: none,
            two: none,
            three: none,
            starts: none,
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
    let Strip {
        classes,
        reach,
        tail,
    } = strip;
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
        numbers(classes, reach, &mut carry);
        // Each in a function of its own: together they need more registers than there are.
        run_hot(&mut Signs {
            classes,
            reach,
            blocks,
            base: start,
            carry: &mut carry,
            out,
        });
        run_hot(&mut Words {
            class: &classes.letter,
            body,
            blocks,
            base: start,
            carry: &mut carry,
            out,
        });
        start += STRIP * BLOCK;
    }
}

/// The 64 bits from bit `bit` of `low` on.
#[inline(always)]
fn from_bit(low: u64, high: u64, bit: u32) -> u64 {
    // `high << 1 << (63 - bit)` is a shift by `64 - bit` that is defined for bit 0.
    low >> bit | high << 1 << (!bit & 63)
}

/// What reaches one byte further to the right over joiners than `before`; `carry` is the last bit
/// of the strip before.
#[inline(always)]
fn reach_on(before: &Bits, joiners: &Bits, carry: u64, after: &mut Bits) {
    after[0] = before[0] | (before[0] << 1 | carry) & joiners[0];
    // Plain loops over whole strips become vector instructions, four blocks at a time.
    for block in 1..after.len() {
        let from_left = before[block] << 1 | before[block - 1] >> 63;
        after[block] = before[block] | from_left & joiners[block];
    }
}

/// Where `class` holds here and `by` bytes further on.
#[inline(always)]
fn on_for(class: &Bits, by: u32, both: &mut Bits) {
    for block in 0..STRIP {
        let further = class[block] >> by | class[block + 1] << (u64::BITS - by);
        both[block] = class[block] & further;
    }
    both[STRIP] = class[STRIP] & class[STRIP] >> by;
}

/// Where digits start that no digit stands before within three joiners.
#[inline(always)]
fn numbers(classes: &Classes, reach: &mut Reach, carry: &mut Carry) {
    let (digits, joiners) = (&classes.digit, &classes.joiner);
    let Reach {
        one,
        two,
        three,
        starts,
    } = reach;
    reach_on(digits, joiners, carry.reach[0], one);
    reach_on(one, joiners, carry.reach[1], two);
    reach_on(two, joiners, carry.reach[2], three);
    starts[0] = carry.reach[3];
    carry.reach = [digits, &*one, &*two, &*three].map(|class| class[STRIP - 1] >> 63);
    for block in 1..starts.len() {
        starts[block] = three[block - 1] >> 63;
    }
    // Seven bytes from here on: digits, or joiners behind them.
    const { assert!(SHORTEST_NUMBER == 7) };
    on_for(three, 1, one);
    on_for(one, 2, two);
    on_for(two, 3, one);
    for block in 0..STRIP {
        starts[block] = digits[block] & !(three[block] << 1 | starts[block]) & one[block];
    }
}

/// Hands over the starts of numbers, and the signs that addresses are found by.
struct Signs<'a, C> {
    classes: &'a Classes,
    reach: &'a Reach,
    blocks: usize,
    base: usize,
    carry: &'a mut Carry,
    out: &'a mut C,
}

impl<C: Candidates> Hot for Signs<'_, C> {
    #[inline(always)]
    fn run(&mut self) {
        let Signs {
            classes,
            reach,
            blocks,
            base,
            ..
        } = *self;
        signs(classes, reach, blocks, base, self.carry, self.out);
    }
}

#[inline(always)]
fn signs(
    classes: &Classes,
    reach: &Reach,
    blocks: usize,
    base: usize,
    carry: &mut Carry,
    out: &mut impl Candidates,
) {
    let mut before = carry.colons;
    for block in 0..blocks.min(STRIP) {
        let (mut starts, mut at_signs) = (reach.starts[block], classes.at[block]);
        let colons = classes.colon[block];
        // Most blocks of running text have none of them.
        if starts | at_signs | colons == 0 {
            before = 0;
            continue;
        }
        let from = base + block * BLOCK;
        while starts != 0 {
            let bit = starts.trailing_zeros();
            starts &= starts - 1;
            out.number(
                from + bit as usize,
                from_bit(classes.digit[block], classes.digit[block + 1], bit),
                from_bit(reach.three[block], reach.three[block + 1], bit),
            );
        }
        while at_signs != 0 {
            out.at_sign(from + at_signs.trailing_zeros() as usize);
            at_signs &= at_signs - 1;
        }
        // One colon is what most blocks with any have.
        if colons & colons.wrapping_sub(1) != 0 || colons != 0 && before != 0 {
            let mut found = addresses(before, colons);
            while found != 0 {
                out.colons(from + found.trailing_zeros() as usize);
                found &= found - 1;
            }
        }
        before = colons;
    }
    carry.colons = before;
}

/// Colons as IPv6 addresses have them: doubled, or four with at most four digits between.
#[inline(always)]
fn addresses(before: u64, colons: u64) -> u64 {
    let wide = u128::from(before) | u128::from(colons) << 64;
    let near = |class: u128| (class << 2 | class << 3 | class << 4 | class << 5) & wide;
    let mut found = wide & wide << 1;
    // A time of day has a second and a third, but no fourth.
    let third = near(near(wide));
    if third != 0 {
        found |= near(third);
    }
    (found >> 64) as u64
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

/// Hands over the words of a strip.
struct Words<'a, C> {
    class: &'a Bits,
    body: &'a [u8; SPAN],
    blocks: usize,
    base: usize,
    carry: &'a mut Carry,
    out: &'a mut C,
}

impl<C: Candidates> Hot for Words<'_, C> {
    #[inline(always)]
    fn run(&mut self) {
        let Words {
            class,
            body,
            blocks,
            base,
            ..
        } = *self;
        words(class, body, blocks, base, self.carry, self.out);
    }
}

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
        let Some(piece) = body.get(from..).and_then(<[u8]>::first_chunk::<REACH>) else {
            break;
        };
        let third = letters & letters >> 1 & letters >> 2;
        let mut starts = third & !(letters << 1 | before) & (!0 >> (BLOCK - WINDOW));
        before = letters >> (WINDOW - 1) & 1;
        while let Some(word) = NonZero::new(starts) {
            let bit = word.trailing_zeros();
            starts &= starts - 1;
            let letters = usize::from((letters >> bit) as u8);
            let (_, bytes) = piece.split_at(bit as usize);
            let Some(bytes) = bytes.first_chunk() else {
                break;
            };
            let at = base + from + bit as usize;
            out.word(at, u64::from_le_bytes(*bytes) & LETTERS[letters]);
        }
        from += WINDOW;
    }
    carry.letter = before;
}

#[cfg(test)]
mod tests;
