//! The first pass over text: where numbers, addresses and words stand, from bit classes alone.
//!
//! Owns the bit arithmetic that turns classes into candidates. Decides nothing: a candidate is a
//! position worth a look, and every position worth one must come out, whatever the block borders.

use crate::raw::{BLOCK, Classes};

/// The fewest letters the key word of a listed term has.
pub(super) const SHORTEST_WORD: usize = 3;
const _: () = assert!(super::terms::KEY_MIN >= SHORTEST_WORD);

/// Takes candidates as the sieve finds them, each family in ascending order.
pub(super) trait Candidates {
    /// Digits bridged by at most three joiners, at least seven bytes: `1.1.1.1`, `5550123`.
    fn number(&mut self, start: usize, end: usize);
    /// An `@`.
    fn at_sign(&mut self, at: usize);
    /// A colon that ends `::` or has three others close before it.
    fn colons(&mut self, at: usize);
    /// A run of at least [`SHORTEST_WORD`] ASCII letters; `len` is exact below 16, else at least 16.
    fn word(&mut self, at: usize, len: usize);
}

/// Finds every candidate of a text whose classes are `classes`.
#[inline(always)]
pub(super) fn sift(classes: &Classes, bridged: &mut Vec<u64>, out: &mut impl Candidates) {
    numbers(classes, bridged, out);
    at_signs(classes, out);
    colons(classes, out);
    words(classes, out);
}

#[inline(always)]
fn word(class: &[u64], block: usize) -> u64 {
    class.get(block).copied().unwrap_or(0)
}

/// Digits and the joiners between them: a joiner counts when a digit stands at most three joiners
/// before and at most three behind it.
#[inline(always)]
fn numbers(classes: &Classes, bridged: &mut Vec<u64>, out: &mut impl Candidates) {
    let blocks = classes.digit.len();
    bridged.clear();
    bridged.reserve(blocks + 1);
    let mut carry = [0u64; 3];
    let (mut digit, mut joiner) = (word(&classes.digit, 0), word(&classes.joiner, 0));
    for block in 0..blocks {
        let (next_digit, next_joiner) = (
            word(&classes.digit, block + 1),
            word(&classes.joiner, block + 1),
        );
        // Reach of digits to the right over joiners, one byte a step, carried over the border.
        let right1 = digit | (digit << 1 | carry[0]) & joiner;
        let right2 = right1 | (right1 << 1 | carry[1]) & joiner;
        let right3 = right2 | (right2 << 1 | carry[2]) & joiner;
        carry = [digit >> 63, right1 >> 63, right2 >> 63];
        // The same to the left; of the next block only its first bits matter.
        let ahead1 = next_digit | (next_digit >> 1) & next_joiner;
        let ahead2 = ahead1 | (ahead1 >> 1) & next_joiner;
        let left1 = digit | (digit >> 1 | next_digit << 63) & joiner;
        let left2 = left1 | (left1 >> 1 | ahead1 << 63) & joiner;
        let left3 = left2 | (left2 >> 1 | ahead2 << 63) & joiner;
        bridged.push(digit | right3 & left3);
        (digit, joiner) = (next_digit, next_joiner);
    }
    bridged.push(0);
    let mut before = 0u64;
    for block in 0..blocks {
        let here = word(bridged, block);
        let next = word(bridged, block + 1);
        let wide = u128::from(here) | u128::from(next) << 64;
        let two = wide & wide >> 1;
        let four = two & two >> 2;
        let seven = (four & four >> 3) as u64;
        let mut starts = here & !(here << 1 | before) & seven;
        before = here >> 63;
        while starts != 0 {
            let bit = starts.trailing_zeros() as usize;
            starts &= starts - 1;
            let end = end_of(bridged, block, bit);
            out.number(block * BLOCK + bit, end);
        }
    }
}

/// The first byte at or behind `bit` of `block` that is not in the class.
#[inline(always)]
fn end_of(class: &[u64], block: usize, bit: usize) -> usize {
    let first = !word(class, block) & (!0u64 << bit);
    if first != 0 {
        return block * BLOCK + first.trailing_zeros() as usize;
    }
    let mut block = block + 1;
    while word(class, block) == !0 {
        block += 1;
    }
    block * BLOCK + (!word(class, block)).trailing_zeros() as usize
}

#[inline(always)]
fn at_signs(classes: &Classes, out: &mut impl Candidates) {
    for (block, &bits) in classes.at.iter().enumerate() {
        let mut bits = bits;
        while bits != 0 {
            out.at_sign(block * BLOCK + bits.trailing_zeros() as usize);
            bits &= bits - 1;
        }
    }
}

/// Colons as IPv6 addresses have them: doubled, or four with at most four digits between.
#[inline(always)]
fn colons(classes: &Classes, out: &mut impl Candidates) {
    let mut before = 0u64;
    for (block, &bits) in classes.colon.iter().enumerate() {
        if bits != 0 {
            let wide = u128::from(before) | u128::from(bits) << 64;
            let near = |class: u128| (class << 2 | class << 3 | class << 4 | class << 5) & wide;
            let mut found = (wide & wide << 1 | near(near(near(wide)))) >> 64;
            while found != 0 {
                out.colons(block * BLOCK + found.trailing_zeros() as usize);
                found &= found - 1;
            }
        }
        before = bits;
    }
}

#[inline(always)]
fn words(classes: &Classes, out: &mut impl Candidates) {
    let mut before = 0u64;
    let mut here = word(&classes.letter, 0);
    for block in 0..classes.letter.len() {
        let next = word(&classes.letter, block + 1);
        let third = here & (here >> 1 | next << 63) & (here >> 2 | next << 62);
        let mut starts = third & !(here << 1 | before);
        before = here >> 63;
        while starts != 0 {
            let bit = starts.trailing_zeros();
            starts &= starts - 1;
            // `next << 1 << (63 - bit)` is a shift by `64 - bit` that is defined for bit 0.
            let ahead = here >> bit | next << 1 << (63 - bit);
            out.word(
                block * BLOCK + bit as usize,
                (!ahead).trailing_zeros() as usize,
            );
        }
        here = next;
    }
}
