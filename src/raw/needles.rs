//! Finds single bytes in blocks of 64: one bit per byte and needle.

use super::classes::BLOCK;

/// The block of `text` at `at`; what lies behind the text is zero.
#[inline]
pub(crate) fn block(text: &[u8], at: usize) -> [u8; BLOCK] {
    if let Some(block) = text.get(at..).and_then(<[u8]>::first_chunk::<BLOCK>) {
        return *block;
    }
    let mut padded = [0; BLOCK];
    let rest = text.get(at..).unwrap_or_default();
    if let Some(start) = padded.get_mut(..rest.len()) {
        start.copy_from_slice(rest);
    }
    padded
}

/// For each needle, bit `i` says whether byte `i` of the block is that needle.
#[inline]
pub(crate) fn masks<const N: usize>(block: &[u8; BLOCK], needles: [u8; N]) -> [u64; N] {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: every x86-64 processor has SSE2.
    return unsafe { vector(block, needles) };
    #[cfg(not(target_arch = "x86_64"))]
    plain(block, needles)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "sse2")]
#[inline]
fn vector<const N: usize>(block: &[u8; BLOCK], needles: [u8; N]) -> [u64; N] {
    use core::arch::x86_64::{_mm_cmpeq_epi8, _mm_movemask_epi8, _mm_set_epi64x, _mm_set1_epi8};

    let mut out = [0; N];
    let (words, _) = block.as_chunks::<8>();
    let (pairs, _) = words.as_chunks::<2>();
    for (quarter, [low, high]) in pairs.iter().enumerate() {
        let bytes = _mm_set_epi64x(i64::from_le_bytes(*high), i64::from_le_bytes(*low));
        for (mask, needle) in out.iter_mut().zip(needles) {
            let equal = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(needle as i8));
            *mask |= u64::from(_mm_movemask_epi8(equal) as u16) << (quarter * 16);
        }
    }
    out
}

#[cfg(any(test, not(target_arch = "x86_64")))]
fn plain<const N: usize>(block: &[u8; BLOCK], needles: [u8; N]) -> [u64; N] {
    needles.map(|needle| {
        block
            .iter()
            .rev()
            .fold(0, |mask, &byte| mask << 1 | u64::from(byte == needle))
    })
}

/// Bit `i` is the parity of the bits of `mask` up to and including bit `i`.
///
/// Of quotes it gives what stands between an opening one, inclusive, and a closing one, exclusive.
#[inline]
pub(crate) fn between(mask: u64) -> u64 {
    let mut parity = mask;
    for shift in [1, 2, 4, 8, 16, 32] {
        parity ^= parity << shift;
    }
    parity
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fast_form_gives_what_the_plain_form_gives() {
        let text: Vec<u8> = (0..300u32).map(|i| (i * 7 % 11 + 30) as u8).collect();
        for at in [0, 1, 63, 236, 290, 299, 300, 400] {
            let block = block(&text, at);
            let needles = [30, 33, 40, 0];
            assert_eq!(masks(&block, needles), plain(&block, needles), "at {at}");
        }
    }

    #[test]
    fn what_stands_between_quotes_is_told_by_parity() {
        assert_eq!(between(0b0001_0010), 0b0000_1110);
        assert_eq!(between(1 << 63), 1 << 63);
        assert_eq!(between(0), 0);
    }
}
