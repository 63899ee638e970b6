//! Finds the bytes of small sets in blocks of 64: one bit per byte and set.

use super::classes::BLOCK;
use super::needles::block;

/// A set of ASCII bytes of which no two have the same low four bits.
///
/// One table look-up by those bits and one comparison tell whether a byte is in it.
#[derive(Clone, Copy)]
pub(crate) struct Set([u8; 16]);

impl Set {
    /// The set of `bytes`; two with the same low four bits, or one beyond ASCII, do not compile in a
    /// constant.
    pub(crate) const fn of(bytes: &[u8]) -> Set {
        let mut table = [0; 16];
        let mut i = 0;
        while i < table.len() {
            // What no byte is that is looked up here.
            table[i] = !(i as u8) & 15;
            i += 1;
        }
        i = 0;
        while i < bytes.len() {
            let place = (bytes[i] & 15) as usize;
            assert!(bytes[i].is_ascii() && table[place] & 15 != bytes[i] & 15);
            table[place] = bytes[i];
            i += 1;
        }
        Set(table)
    }

    const fn has(&self, byte: u8) -> bool {
        byte.is_ascii() && self.0[(byte & 15) as usize] == byte
    }
}

/// Fills `marks` for the blocks of `text` from offset `at` on, as far as the text or `marks` goes;
/// gives how many blocks that were. What lies behind the text is in no set.
#[inline]
pub(crate) fn sets<const N: usize>(
    text: &[u8],
    at: usize,
    sets: &[Set; N],
    marks: &mut [[u64; N]],
) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    let count = rest.len().div_ceil(BLOCK).min(marks.len());
    let (blocks, _) = rest.as_chunks::<BLOCK>();
    let filled = blocks.len().min(count);
    fill(blocks, sets, marks);
    if filled < count {
        // A zero behind the text is in a set that holds it.
        let last = block(rest, filled * BLOCK);
        fill(&[last], sets, marks.get_mut(filled..).unwrap_or_default());
        let behind = !0 << (rest.len() % BLOCK);
        for mark in marks.get_mut(filled).into_iter().flatten() {
            *mark &= !behind;
        }
    }
    count
}

#[inline]
fn fill<const N: usize>(blocks: &[[u8; BLOCK]], sets: &[Set; N], marks: &mut [[u64; N]]) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has the feature the function names.
        unsafe { fast(blocks, sets, marks) };
        return;
    }
    plain(blocks, sets, marks);
}

/// One byte at a time: the definition the fast form is held to.
fn plain<const N: usize>(blocks: &[[u8; BLOCK]], sets: &[Set; N], marks: &mut [[u64; N]]) {
    for (block, marks) in blocks.iter().zip(marks) {
        for (mark, set) in marks.iter_mut().zip(sets) {
            let bytes = block.iter().rev();
            *mark = bytes.fold(0, |mark, &byte| mark << 1 | u64::from(set.has(byte)));
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
#[expect(
    clippy::cast_ptr_alignment,
    reason = "the loads are those for any alignment"
)]
fn fast<const N: usize>(blocks: &[[u8; BLOCK]], sets: &[Set; N], marks: &mut [[u64; N]]) {
    use super::needles::joined;
    use core::arch::x86_64::{
        __m128i, __m256i, _mm_loadu_si128, _mm256_broadcastsi128_si256, _mm256_cmpeq_epi8,
        _mm256_loadu_si256, _mm256_setzero_si256, _mm256_shuffle_epi8,
    };

    let mut tables = [_mm256_setzero_si256(); N];
    for (table, set) in tables.iter_mut().zip(sets) {
        // SAFETY: the load takes the 16 bytes of the set's table and needs no alignment.
        let half = unsafe { _mm_loadu_si128(set.0.as_ptr().cast::<__m128i>()) };
        *table = _mm256_broadcastsi128_si256(half);
    }
    for (block, marks) in blocks.iter().zip(marks) {
        // SAFETY: both loads lie within the 64 bytes of `block` and need no alignment.
        let (low, high) = unsafe {
            let at = block.as_ptr().cast::<__m256i>();
            (_mm256_loadu_si256(at), _mm256_loadu_si256(at.add(1)))
        };
        let mut i = 0;
        while i < N {
            marks[i] = joined(
                _mm256_cmpeq_epi8(_mm256_shuffle_epi8(tables[i], low), low),
                _mm256_cmpeq_epi8(_mm256_shuffle_epi8(tables[i], high), high),
            );
            i += 1;
        }
    }
}

/// Where the first byte of `text` from `at` on stands that is in `set` or beyond ASCII.
#[inline]
pub(crate) fn find_foreign(text: &[u8], at: usize, set: Set) -> Option<usize> {
    let rest = text.get(at..)?;
    let foreign = |byte: &u8| !byte.is_ascii() || set.has(*byte);
    let mut passed = 0;
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has the feature the function names.
        passed = unsafe { pass_plain(rest, set) };
    }
    let rest = rest.get(passed..)?;
    rest.iter()
        .position(foreign)
        .map(|found| at + passed + found)
}

/// How many bytes from the start of `text` on are of ASCII and not in `set`, as far as whole blocks
/// tell.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
#[expect(
    clippy::cast_ptr_alignment,
    reason = "the loads are those for any alignment"
)]
fn pass_plain(text: &[u8], set: Set) -> usize {
    use super::needles::joined;
    use core::arch::x86_64::{
        __m128i, __m256i, _mm_loadu_si128, _mm256_broadcastsi128_si256, _mm256_cmpeq_epi8,
        _mm256_loadu_si256, _mm256_movemask_epi8, _mm256_or_si256, _mm256_shuffle_epi8,
    };

    // SAFETY: the load takes the 16 bytes of the set's table and needs no alignment.
    let half = unsafe { _mm_loadu_si128(set.0.as_ptr().cast::<__m128i>()) };
    let table = _mm256_broadcastsi128_si256(half);
    let (blocks, _) = text.as_chunks::<BLOCK>();
    for (i, block) in blocks.iter().enumerate() {
        // SAFETY: both loads lie within the 64 bytes of `block` and need no alignment.
        let (low, high) = unsafe {
            let at = block.as_ptr().cast::<__m256i>();
            (_mm256_loadu_si256(at), _mm256_loadu_si256(at.add(1)))
        };
        // The top bit is set of what is in the set, and of what is beyond ASCII.
        let low = _mm256_or_si256(low, _mm256_cmpeq_epi8(_mm256_shuffle_epi8(table, low), low));
        let high = _mm256_or_si256(
            high,
            _mm256_cmpeq_epi8(_mm256_shuffle_epi8(table, high), high),
        );
        if _mm256_movemask_epi8(_mm256_or_si256(low, high)) != 0 {
            return i * BLOCK + joined(low, high).trailing_zeros() as usize;
        }
    }
    blocks.len() * BLOCK
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETS: [Set; 3] = [Set::of(b"\n"), Set::of(b"0123456789"), Set::of(b"\0<{&")];

    #[test]
    fn every_byte_is_found_in_its_sets_and_in_no_other() {
        let text: Vec<u8> = (0..=255).chain(0..=9).collect();
        for (at, room) in [
            (0, 9),
            (0, 3),
            (1, 9),
            (10, 4),
            (202, 9),
            (265, 1),
            (266, 2),
        ] {
            let mut marks = [[9; 3]; 9];
            let count = sets(&text, at, &SETS, &mut marks[..room]);
            assert_eq!(count, (text.len() - at).div_ceil(BLOCK).min(room));
            for (i, marks) in marks.iter().enumerate().take(count) {
                for (mark, members) in marks.iter().zip([&b"\n"[..], b"0123456789", b"\0<{&"]) {
                    for bit in 0..BLOCK {
                        let byte = text.get(at + i * BLOCK + bit);
                        let member = byte.is_some_and(|byte| members.contains(byte));
                        assert_eq!(mark >> bit & 1 != 0, member, "{byte:?} from {at}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_fast_form_gives_what_the_plain_form_gives() {
        let text: Vec<u8> = (0..640u32).map(|i| (i * 7 % 251) as u8).collect();
        let (blocks, _) = text.as_chunks::<BLOCK>();
        let (mut quick, mut slow) = ([[0; 3]; 10], [[0; 3]; 10]);
        fill(blocks, &SETS, &mut quick);
        plain(blocks, &SETS, &mut slow);
        assert_eq!(quick, slow);
    }

    #[test]
    fn the_first_byte_that_is_not_plain_is_found() {
        let set = Set::of(b"%\\\x1b");
        for odd in [b'%', b'\\', 0x1b, 0x80, 0xc3, 0xff] {
            for len in [2, 63, 64, 65, 200] {
                for place in [0, 1, len / 2, len - 1] {
                    let mut text = vec![b'\x0b'; len];
                    text[place] = odd;
                    for at in [0, place, place + 1, len] {
                        let wanted = (at <= place).then_some(place);
                        assert_eq!(find_foreign(&text, at, set), wanted, "{len} from {at}");
                    }
                }
            }
        }
    }
}
