//! Finds long runs of the letters of base64 (RFC 4648, section 4), 64 bytes at a time.

use std::ops::Range;

use super::classes::BLOCK;
use super::needles::block;

/// The least letters of a run that is found.
pub(crate) const LEAST: usize = 24;

const CODED: [bool; 256] = {
    let mut coded = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        let letter = byte as u8;
        coded[byte] = letter.is_ascii_alphanumeric() || matches!(letter, b'+' | b'/');
        byte += 1;
    }
    coded
};

/// Whether `byte` is a letter of base64, which padding is not.
pub(crate) fn is_coded(byte: u8) -> bool {
    CODED[usize::from(byte)]
}

/// The first run of at least [`LEAST`] letters of base64 in `text[from..]`, as far as it goes. It may
/// have begun before `from`.
fn coded_run(text: &[u8], from: usize) -> Option<Range<usize>> {
    let rest = text.get(from..)?;
    let start = from + start(rest)?;
    let behind = text.get(start + LEAST..).unwrap_or_default();
    let more = behind.iter().take_while(|byte| is_coded(**byte)).count();
    Some(start..start + LEAST + more)
}

/// All such runs of `text[within]`, in order.
pub(crate) fn coded_runs(text: &[u8], within: Range<usize>) -> Vec<Range<usize>> {
    let text = text.get(..within.end).unwrap_or_default();
    let next = |from| coded_run(text, from);
    std::iter::successors(next(within.start), |run| next(run.end)).collect()
}

fn start(text: &[u8]) -> Option<usize> {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("bmi1") {
        // SAFETY: the processor has the features the function names.
        return unsafe { fast(text) };
    }
    by_masks(text, plain)
}

/// Where the first long run begins, by what `mask` says of each block.
#[inline(always)]
#[expect(
    clippy::inline_always,
    reason = "compiled for the instructions of who calls"
)]
fn by_masks(text: &[u8], mask: impl Fn(&[u8; BLOCK]) -> u64) -> Option<usize> {
    // Letters that the block before ends with.
    let mut before = 0;
    let (blocks, rest) = text.as_chunks::<BLOCK>();
    // What lies behind the text is no letter.
    let last = (!rest.is_empty()).then(|| block(rest, 0));
    for (number, block) in blocks.iter().chain(last.as_ref()).enumerate() {
        let letters = mask(block);
        let at = number * BLOCK;
        if before + letters.trailing_ones() as usize >= LEAST {
            return Some(at - before);
        }
        // Few blocks have letters so far apart, and only they are looked at in full.
        if letters & letters >> 8 & letters >> 16 & letters >> (LEAST - 1) != 0 {
            let two = letters & letters >> 1;
            let four = two & two >> 2;
            let eight = four & four >> 4;
            const { assert!(LEAST == 24) };
            let long = eight & eight >> 8 & eight >> 16;
            if long != 0 {
                return Some(at + long.trailing_zeros() as usize);
            }
        }
        before = if letters == !0 {
            before + BLOCK
        } else {
            letters.leading_ones() as usize
        };
    }
    None
}

/// One byte at a time: the definition the fast form is held to.
fn plain(block: &[u8; BLOCK]) -> u64 {
    let bytes = block.iter().rev();
    bytes.fold(0, |mask, byte| mask << 1 | u64::from(is_coded(*byte)))
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1")]
#[expect(
    clippy::cast_ptr_alignment,
    reason = "the loads are those for any alignment"
)]
fn fast(text: &[u8]) -> Option<usize> {
    use super::classes::x86::{below, same};
    use super::needles::joined;
    use core::arch::x86_64::{__m256i, _mm256_loadu_si256, _mm256_or_si256, _mm256_set1_epi8};

    by_masks(text, |block| {
        // SAFETY: both loads lie within the 64 bytes of `block` and need no alignment; the features
        // are those of the function around.
        unsafe {
            let at = block.as_ptr().cast::<__m256i>();
            let half = |bytes: __m256i| {
                let letters = below::<b'a', 26>(_mm256_or_si256(bytes, _mm256_set1_epi8(0x20)));
                // The slash stands before the digits.
                let digits = below::<b'/', 11>(bytes);
                _mm256_or_si256(_mm256_or_si256(letters, digits), same::<b'+'>(bytes))
            };
            joined(
                half(_mm256_loadu_si256(at)),
                half(_mm256_loadu_si256(at.add(1))),
            )
        }
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The obvious search.
    fn naive(text: &[u8], from: usize) -> Option<Range<usize>> {
        let mut start = from;
        while start < text.len() {
            let len = text[start..].iter().take_while(|b| is_coded(**b)).count();
            if len >= LEAST {
                return Some(start..start + len);
            }
            start += len.max(1);
        }
        None
    }

    proptest! {
        #[test]
        fn runs_are_those_of_the_obvious_search(
            pieces in proptest::collection::vec((0..70_usize, "[ =.\\-_%@`\\[{\u{e9}]{0,3}"), 0..8),
            from in 0..40_usize,
        ) {
            let letters = b"azAZ09+/mM";
            let mut text = Vec::new();
            for (len, between) in pieces {
                text.extend((0..len).map(|i| letters[(i * 7 + len) % letters.len()]));
                text.extend_from_slice(between.as_bytes());
            }
            let from = from.min(text.len());
            prop_assert_eq!(coded_run(&text, from), naive(&text, from));
            prop_assert_eq!(by_masks(&text[from..], plain), start(&text[from..]));
        }

        #[test]
        fn the_fast_form_knows_each_byte(bytes in proptest::array::uniform32(any::<u8>())) {
            let mut text = vec![b'a'; 96];
            for byte in bytes {
                text[70] = byte;
                let want = if is_coded(byte) { 0..96 } else { 0..70 };
                prop_assert_eq!(coded_run(&text, 0), Some(want));
                text[10] = byte;
                prop_assert_eq!(start(&text), by_masks(&text, plain));
                text[10] = b'a';
            }
        }
    }
}
