//! Classifies text into one bit per byte and class, a strip of blocks at a time.

/// Bytes that one word of a class covers.
pub const BLOCK: usize = 64;

/// Blocks that a strip answers for; one more is classified to look ahead into.
///
/// With the one ahead a strip is a page and its classes fit the smallest first-level cache beside
/// it. 63 blocks are 72 windows of 56 bytes, the step in which words are read.
pub const STRIP: usize = 63;

/// Bytes of a strip and the block behind it.
pub const SPAN: usize = (STRIP + 1) * BLOCK;

/// One bit per byte: bit `i % 64` of word `i / 64` stands for byte `i` of the strip.
pub type Bits = [u64; STRIP + 1];

/// One bit per byte for each class.
pub struct Classes {
    /// `0`-`9`.
    pub digit: Bits,
    /// Bytes that may stand between the digits of one number: blank `(` `)` `+` `-` `.` `/`.
    pub joiner: Bits,
    /// `A`-`Z`, `a`-`z`.
    pub letter: Bits,
    /// `@`.
    pub at: Bits,
    /// `:`.
    pub colon: Bits,
}

impl Default for Classes {
    fn default() -> Self {
        let none = [0; STRIP + 1];
        Classes {
            digit: none,
            joiner: none,
            letter: none,
            at: none,
            colon: none,
        }
    }
}

/// Fills the first `blocks` words of `classes` for the text of a strip, at most all of them.
pub fn classify(text: &[u8; SPAN], blocks: usize, classes: &mut Classes) {
    #[cfg(target_arch = "x86_64")]
    if best() {
        // SAFETY: `best` has seen that the processor has every feature the function names.
        unsafe { x86::classify(text, blocks, classes) };
        return;
    }
    plain(text, blocks, classes);
}

/// Work that gains from the best instructions the processor has.
pub trait Hot {
    /// Does the work, in a function of its own. It and all that is hot in it must be `#[inline(always)]`: only what is copied
    /// into [`run_hot`] is compiled for those instructions.
    fn run(&mut self);
}

/// Runs `work` compiled for the best instructions the processor has.
#[inline]
pub fn run_hot(work: &mut impl Hot) {
    #[cfg(target_arch = "x86_64")]
    if best() {
        // SAFETY: `best` has seen that the processor has every feature the function names.
        unsafe { x86::run_hot(work) };
        return;
    }
    work.run();
}

/// Runs `work`, a short closure, compiled for the best instructions the processor has.
///
/// A long one is not copied and gains nothing: see [`run_hot`].
#[inline]
pub fn with_best_instructions<R>(work: impl FnOnce() -> R) -> R {
    #[cfg(target_arch = "x86_64")]
    if best() {
        // SAFETY: `best` has seen that the processor has every feature the function names.
        return unsafe { x86::run(work) };
    }
    work()
}

#[cfg(target_arch = "x86_64")]
fn best() -> bool {
    is_x86_feature_detected!("avx2")
        && is_x86_feature_detected!("bmi1")
        && is_x86_feature_detected!("bmi2")
        && is_x86_feature_detected!("lzcnt")
        && is_x86_feature_detected!("popcnt")
}

/// One byte at a time: the definition the fast form is held to.
fn plain(text: &[u8; SPAN], blocks: usize, classes: &mut Classes) {
    for (block, bytes) in text.as_chunks::<BLOCK>().0.iter().enumerate().take(blocks) {
        let mut bits = [0u64; 5];
        for (i, &byte) in bytes.iter().enumerate() {
            let class = match byte {
                b'0'..=b'9' => 0,
                b' ' | b'(' | b')' | b'+' | b'-' | b'.' | b'/' => 1,
                b'A'..=b'Z' | b'a'..=b'z' => 2,
                b'@' => 3,
                b':' => 4,
                _ => continue,
            };
            bits[class] |= 1 << i;
        }
        let Classes {
            digit,
            joiner,
            letter,
            at,
            colon,
        } = &mut *classes;
        for (class, bits) in [digit, joiner, letter, at, colon].into_iter().zip(bits) {
            class[block] = bits;
        }
    }
}

#[cfg(target_arch = "x86_64")]
pub(super) mod x86 {
    use super::super::needles::joined;
    use super::{BLOCK, Classes, SPAN};
    use core::arch::x86_64::{
        __m256i, _mm256_cmpeq_epi8, _mm256_cmpgt_epi8, _mm256_loadu_si256, _mm256_or_si256,
        _mm256_set1_epi8, _mm256_setr_epi8, _mm256_shuffle_epi8, _mm256_sub_epi8,
    };

    #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
    #[inline(never)]
    pub(super) fn run_hot(work: &mut impl super::Hot) {
        work.run();
    }

    #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
    pub(super) fn run<R>(work: impl FnOnce() -> R) -> R {
        work()
    }

    /// Which bytes lie in the `LENGTH` from `BASE` on. Signed comparison tests a range: with it
    /// shifted to the bottom of the signed bytes, "less than its length" is one compare.
    #[target_feature(enable = "avx2")]
    #[inline]
    pub(in crate::raw) fn below<const BASE: u8, const LENGTH: u8>(bytes: __m256i) -> __m256i {
        let shifted = _mm256_sub_epi8(bytes, _mm256_set1_epi8(BASE.wrapping_add(0x80) as i8));
        _mm256_cmpgt_epi8(_mm256_set1_epi8((LENGTH ^ 0x80) as i8), shifted)
    }

    /// Which bytes are `BYTE`.
    #[target_feature(enable = "avx2")]
    #[inline]
    pub(in crate::raw) fn same<const BYTE: u8>(bytes: __m256i) -> __m256i {
        _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(BYTE as i8))
    }

    #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
    #[expect(
        clippy::cast_ptr_alignment,
        reason = "the loads are those for any alignment"
    )]
    pub(super) fn classify(text: &[u8; SPAN], blocks: usize, classes: &mut Classes) {
        // Each joiner sits at its low nibble; a byte is one when the table gives it back. Bytes
        // from 0x80 look up zero, which they are not, and a zero byte looks up the blank.
        #[rustfmt::skip]
        let joiners = _mm256_setr_epi8(
            0x20, 0, 0, 0, 0, 0, 0, 0, 0x28, 0x29, 0, 0x2b, 0, 0x2d, 0x2e, 0x2f,
            0x20, 0, 0, 0, 0, 0, 0, 0, 0x28, 0x29, 0, 0x2b, 0, 0x2d, 0x2e, 0x2f,
        );
        let Classes {
            digit,
            joiner,
            letter,
            at,
            colon,
        } = &mut *classes;
        let words = digit.iter_mut().zip(joiner).zip(letter).zip(at).zip(colon);
        let text = text.as_chunks::<BLOCK>().0;
        for (block, ((((digit, joiner), letter), at), colon)) in text.iter().zip(words).take(blocks)
        {
            // SAFETY: both loads lie within the 64 bytes of `block` and need no alignment.
            let (low, high) = unsafe {
                let at = block.as_ptr().cast::<__m256i>();
                (_mm256_loadu_si256(at), _mm256_loadu_si256(at.add(1)))
            };
            *digit = joined(below::<b'0', 10>(low), below::<b'0', 10>(high));
            let case = _mm256_set1_epi8(0x20);
            *letter = joined(
                below::<b'a', 26>(_mm256_or_si256(low, case)),
                below::<b'a', 26>(_mm256_or_si256(high, case)),
            );
            *joiner = joined(
                _mm256_cmpeq_epi8(_mm256_shuffle_epi8(joiners, low), low),
                _mm256_cmpeq_epi8(_mm256_shuffle_epi8(joiners, high), high),
            );
            *at = joined(same::<b'@'>(low), same::<b'@'>(high));
            *colon = joined(same::<b':'>(low), same::<b':'>(high));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lists(classes: &Classes) -> [&Bits; 5] {
        [
            &classes.digit,
            &classes.joiner,
            &classes.letter,
            &classes.at,
            &classes.colon,
        ]
    }

    #[test]
    fn the_fast_form_gives_what_the_plain_form_gives() {
        let mut text = [0u8; SPAN];
        let bytes = (0..=255u8).flat_map(|a| [a, b'1', a ^ 0x5a, b' ', a]);
        text.iter_mut()
            .zip(bytes.cycle())
            .for_each(|(slot, byte)| *slot = byte);
        for blocks in [0, 1, 2, STRIP, STRIP + 1] {
            let (mut fast, mut slow) = (Classes::default(), Classes::default());
            classify(&text, blocks, &mut fast);
            plain(&text, blocks, &mut slow);
            assert_eq!(lists(&fast), lists(&slow), "{blocks} blocks");
        }
    }
}
