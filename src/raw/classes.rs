//! Classifies text into one bit per byte and class, 64 bytes at a time.

/// Bytes that one word of a class covers.
pub const BLOCK: usize = 64;

/// One bit per byte for each class; bit `i % 64` of word `i / 64` stands for byte `i`.
///
/// Every class holds one word more than the text needs, all zeros, so that looking ahead by a
/// block needs no special case.
#[derive(Default)]
pub struct Classes {
    /// `0`-`9`.
    pub digit: Vec<u64>,
    /// Bytes that may stand between the digits of one number: blank `(` `)` `+` `-` `.` `/`.
    pub joiner: Vec<u64>,
    /// `A`-`Z`, `a`-`z`.
    pub letter: Vec<u64>,
    /// `@`.
    pub at: Vec<u64>,
    /// `:`.
    pub colon: Vec<u64>,
}

impl Classes {
    fn resize(&mut self, blocks: usize) {
        for class in [
            &mut self.digit,
            &mut self.joiner,
            &mut self.letter,
            &mut self.at,
            &mut self.colon,
        ] {
            // What is there is overwritten; only what is new and the block behind must be zero.
            class.resize(blocks + 1, 0);
            if let Some(behind) = class.last_mut() {
                *behind = 0;
            }
        }
    }

    #[inline(always)]
    fn store(&mut self, block: usize, bits: [u64; 5]) {
        if let Some(word) = self.digit.get_mut(block) {
            *word = bits[0];
        }
        if let Some(word) = self.joiner.get_mut(block) {
            *word = bits[1];
        }
        if let Some(word) = self.letter.get_mut(block) {
            *word = bits[2];
        }
        if let Some(word) = self.at.get_mut(block) {
            *word = bits[3];
        }
        if let Some(word) = self.colon.get_mut(block) {
            *word = bits[4];
        }
    }
}

/// Fills `classes` for `text`.
pub fn classify(text: &[u8], classes: &mut Classes) {
    classes.resize(text.len().div_ceil(BLOCK));
    #[cfg(target_arch = "x86_64")]
    if best() {
        // SAFETY: `best` has seen that the processor has every feature the function names.
        unsafe { x86::classify(text, classes) };
        return;
    }
    for (block, bytes) in text.chunks(BLOCK).enumerate() {
        classes.store(block, plain(bytes));
    }
}

/// Runs `work` compiled for the best instructions the processor has.
///
/// `work` should be a closure over `#[inline(always)]` functions: only what is inlined gains.
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

/// The classes of at most 64 bytes, one byte at a time: the definition the fast form is held to.
fn plain(bytes: &[u8]) -> [u64; 5] {
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
    bits
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::{BLOCK, Classes};
    use core::arch::asm;
    use core::arch::x86_64::{
        __m256i, _mm256_and_si256, _mm256_cmpeq_epi8, _mm256_cmpgt_epi8, _mm256_loadu_si256,
        _mm256_movemask_epi8, _mm256_or_si256, _mm256_set1_epi8, _mm256_setr_epi8,
        _mm256_shuffle_epi8, _mm256_sub_epi8,
    };

    #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
    pub(super) fn run<R>(work: impl FnOnce() -> R) -> R {
        work()
    }

    #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
    pub(super) fn classify(text: &[u8], classes: &mut Classes) {
        let (blocks, rest) = text.as_chunks::<BLOCK>();
        let Classes {
            digit,
            joiner,
            letter,
            at,
            colon,
        } = &mut *classes;
        let words = digit.iter_mut().zip(joiner).zip(letter).zip(at).zip(colon);
        for (block, ((((digit, joiner), letter), at), colon)) in blocks.iter().zip(words) {
            [*digit, *joiner, *letter, *at, *colon] = bits(block);
        }
        if !rest.is_empty() {
            let mut last = [0u8; BLOCK];
            last[..rest.len()].copy_from_slice(rest);
            classes.store(blocks.len(), bits(&last));
        }
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    #[expect(
        clippy::cast_ptr_alignment,
        reason = "the loads are those for any alignment"
    )]
    fn bits(block: &[u8; BLOCK]) -> [u64; 5] {
        // SAFETY: both loads lie within the 64 bytes of `block` and need no alignment.
        let (low, high) = unsafe {
            let at = block.as_ptr().cast::<__m256i>();
            (_mm256_loadu_si256(at), _mm256_loadu_si256(at.add(1)))
        };
        let (low, high) = (half(low), half(high));
        std::array::from_fn(|i| u64::from(low[i]) | u64::from(high[i]) << 32)
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn half(bytes: __m256i) -> [u32; 5] {
        // A range test by signed comparison: shifting the range to the bottom of the signed
        // bytes makes "less than its length" one compare.
        let below = |base: u8, length: u8, bytes: __m256i| {
            let shifted = _mm256_sub_epi8(bytes, _mm256_set1_epi8(base.wrapping_add(0x80) as i8));
            _mm256_cmpgt_epi8(_mm256_set1_epi8((length ^ 0x80) as i8), shifted)
        };
        let digit = below(b'0', 10, bytes);
        let folded = _mm256_or_si256(bytes, _mm256_set1_epi8(0x20));
        let ascii_letter = below(b'a', 26, folded);
        // Each joiner sits at its low nibble; a byte is one when the table gives it back. Bytes
        // from 0x80 look up zero and so never match.
        #[rustfmt::skip]
        let table = _mm256_setr_epi8(
            0x20, 0, 0, 0, 0, 0, 0, 0, 0x28, 0x29, 0, 0x2b, 0, 0x2d, 0x2e, 0x2f,
            0x20, 0, 0, 0, 0, 0, 0, 0, 0x28, 0x29, 0, 0x2b, 0, 0x2d, 0x2e, 0x2f,
        );
        let looked_up = _mm256_shuffle_epi8(table, bytes);
        let same = _mm256_cmpeq_epi8(looked_up, bytes);
        // A zero byte also looks up zero.
        let nonzero = _mm256_cmpgt_epi8(bytes, _mm256_set1_epi8(0x1f));
        let joiner = _mm256_and_si256(same, nonzero);
        let at = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(b'@' as i8));
        let colon = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(b':' as i8));
        let mask = |v: __m256i| {
            let mut mask = _mm256_movemask_epi8(v);
            // SAFETY: the template is empty: nothing is executed and the value stays as it is.
            // Without it LLVM joins the halves as vectors of bits and builds them one bit at a
            // time, which takes eight times as long (rustc 1.95).
            unsafe {
                asm!("/* {0:e} */", inout(reg) mask, options(pure, nomem, nostack, preserves_flags));
            };
            mask as u32
        };
        [
            mask(digit),
            mask(joiner),
            mask(ascii_letter),
            mask(at),
            mask(colon),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fast_form_gives_what_the_plain_form_gives() {
        let mut text: Vec<u8> = Vec::new();
        for a in 0..=255u8 {
            text.extend([a, b'1', a ^ 0x5a, b' ', a]);
        }
        for len in [0, 1, 63, 64, 65, 127, 128, 700, text.len()] {
            let mut classes = Classes::default();
            classify(&text[..len], &mut classes);
            for (i, chunk) in text[..len].chunks(BLOCK).enumerate() {
                let bits = [
                    classes.digit[i],
                    classes.joiner[i],
                    classes.letter[i],
                    classes.at[i],
                    classes.colon[i],
                ];
                assert_eq!(bits, plain(chunk), "block {i} of {len} bytes");
            }
        }
    }
}
