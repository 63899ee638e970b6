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

/// Where three needles stand in a block, and what stands between each two of the last of them as
/// [`between`] tells it.
pub(crate) type Marks = [u64; 4];

/// Fills `marks` for the blocks of `text` from offset `at` on, as far as the text or `marks` goes;
/// gives how many blocks that were.
#[inline]
pub(crate) fn mark(text: &[u8], at: usize, needles: [u8; 3], marks: &mut [Marks]) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    let count = rest.len().div_ceil(BLOCK).min(marks.len());
    let (blocks, _) = rest.as_chunks::<BLOCK>();
    let mut filled = blocks.len().min(count);
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("pclmulqdq") {
        // SAFETY: the processor has the two features the function names.
        unsafe { mark_fast(blocks, needles, marks) };
    } else {
        filled = 0;
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        filled = 0;
    }
    for (i, marks) in marks.iter_mut().enumerate().take(count).skip(filled) {
        let [first, second, third] = masks(&block(rest, i * BLOCK), needles);
        *marks = [first, second, third, between(third)];
    }
    count
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,pclmulqdq")]
#[expect(
    clippy::cast_ptr_alignment,
    reason = "the loads are those for any alignment"
)]
fn mark_fast(blocks: &[[u8; BLOCK]], needles: [u8; 3], marks: &mut [Marks]) {
    use core::arch::x86_64::{
        __m256i, _mm_clmulepi64_si128, _mm_cvtsi64_si128, _mm_cvtsi128_si64, _mm_set1_epi8,
        _mm256_loadu_si256, _mm256_set1_epi8,
    };

    let first = _mm256_set1_epi8(needles[0] as i8);
    let second = _mm256_set1_epi8(needles[1] as i8);
    let third = _mm256_set1_epi8(needles[2] as i8);
    // A product without carries by all ones is the running parity.
    let ones = _mm_set1_epi8(-1);
    for (block, marks) in blocks.iter().zip(marks) {
        // SAFETY: both loads lie within the 64 bytes of `block` and need no alignment.
        let (low, high) = unsafe {
            let at = block.as_ptr().cast::<__m256i>();
            (_mm256_loadu_si256(at), _mm256_loadu_si256(at.add(1)))
        };
        let last = equal(low, high, third);
        let product = _mm_clmulepi64_si128::<0>(_mm_cvtsi64_si128(last as i64), ones);
        *marks = [
            equal(low, high, first),
            equal(low, high, second),
            last,
            _mm_cvtsi128_si64(product) as u64,
        ];
    }
}

/// Appends to `places` where `needle` stands in `text` from `start` on, counted from there.
#[inline]
pub(crate) fn places(text: &[u8], start: usize, needle: u8, places: &mut Vec<u32>) {
    let rest = text.get(start..).unwrap_or_default();
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("bmi1") {
        // SAFETY: the processor has the two features the function names.
        unsafe { places_fast(rest, needle, places) };
        return;
    }
    places.extend(memchr::memchr_iter(needle, rest).map(|at| at as u32));
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1")]
#[expect(
    clippy::cast_ptr_alignment,
    reason = "the loads are those for any alignment"
)]
fn places_fast(text: &[u8], needle: u8, places: &mut Vec<u32>) {
    use core::arch::x86_64::{__m256i, _mm256_loadu_si256, _mm256_set1_epi8};

    let needles = _mm256_set1_epi8(needle as i8);
    let (blocks, rest) = text.as_chunks::<BLOCK>();
    for (i, block) in blocks.iter().enumerate() {
        // SAFETY: both loads lie within the 64 bytes of `block` and need no alignment.
        let (low, high) = unsafe {
            let at = block.as_ptr().cast::<__m256i>();
            (_mm256_loadu_si256(at), _mm256_loadu_si256(at.add(1)))
        };
        let mut found = equal(low, high, needles);
        while found != 0 {
            places.push((i * BLOCK) as u32 + found.trailing_zeros());
            found &= found - 1;
        }
    }
    let behind = text.len() - rest.len();
    places.extend(memchr::memchr_iter(needle, rest).map(|at| (behind + at) as u32));
}

/// One bit for each byte of `low` and `high` that equals that of `needle`.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
#[inline]
fn equal(
    low: core::arch::x86_64::__m256i,
    high: core::arch::x86_64::__m256i,
    needle: core::arch::x86_64::__m256i,
) -> u64 {
    use core::arch::x86_64::_mm256_cmpeq_epi8;

    joined(
        _mm256_cmpeq_epi8(low, needle),
        _mm256_cmpeq_epi8(high, needle),
    )
}

/// The top bits of the 64 bytes of `low` and `high` as one word.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
#[inline]
pub(super) fn joined(low: core::arch::x86_64::__m256i, high: core::arch::x86_64::__m256i) -> u64 {
    use core::arch::asm;
    use core::arch::x86_64::_mm256_movemask_epi8;

    let mut low = _mm256_movemask_epi8(low);
    // SAFETY: the template is empty: nothing is executed and the value stays as it is. Without it
    // LLVM joins the halves as vectors of bits and builds them one bit at a time, which takes eight
    // times as long (rustc 1.95).
    unsafe {
        asm!("/* {0:e} */", inout(reg) low, options(pure, nomem, nostack, preserves_flags));
    };
    u64::from(low as u32) | u64::from(_mm256_movemask_epi8(high) as u32) << 32
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
    fn blocks_are_marked_alike_alone_and_together() {
        let text: Vec<u8> = (0..700u32).map(|i| (i * 7 % 11 + 30) as u8).collect();
        for (at, room, count) in [
            (0, 20, 11),
            (64, 4, 4),
            (637, 4, 1),
            (636, 9, 1),
            (700, 9, 0),
        ] {
            let mut marks = [[9; 4]; 20];
            assert_eq!(mark(&text, at, [30, 33, 40], &mut marks[..room]), count);
            for (i, marks) in marks.iter().enumerate() {
                let [a, b, c] = plain(&block(&text, at + i * BLOCK), [30, 33, 40]);
                let want = if i < count {
                    [a, b, c, between(c)]
                } else {
                    [9; 4]
                };
                assert_eq!(*marks, want, "block {i} from {at}");
            }
        }
    }

    #[test]
    fn every_place_of_a_needle_is_found() {
        let text: Vec<u8> = (0..300u32).map(|i| (i * 7 % 11 + 30) as u8).collect();
        for start in [0, 1, 63, 64, 150, 299, 300, 400] {
            let mut found = Vec::new();
            places(&text, start, 33, &mut found);
            let want = (start..300)
                .filter(|&at| text[at] == 33)
                .map(|at| (at - start) as u32);
            assert_eq!(found, want.collect::<Vec<_>>(), "from {start}");
        }
    }

    #[test]
    fn what_stands_between_quotes_is_told_by_parity() {
        assert_eq!(between(0b0001_0010), 0b0000_1110);
        assert_eq!(between(1 << 63), 1 << 63);
        assert_eq!(between(0), 0);
    }
}
