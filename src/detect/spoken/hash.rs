//! The hashes by which the words and phrases of the spoken lexicons are found.
//!
//! The build script includes this file, so a table and the words looked up in it are hashed by one
//! code. It must not know words.

/// An odd multiplier with well-spread bits: the golden ratio.
const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;

/// The hash of a word before its first byte.
pub(super) const EMPTY: u64 = 0x51_7C_C1_B7_27_22_0A_95;

/// The hash of a word with one more byte.
#[inline(always)]
#[allow(clippy::inline_always, reason = "runs once a letter of what is told")]
pub(super) const fn letter(hash: u64, byte: u8) -> u64 {
    (hash ^ byte as u64).wrapping_mul(SPREAD).rotate_left(29)
}

/// The hash of a phrase with one more word.
#[inline]
pub(super) const fn join(phrase: u64, word: u64) -> u64 {
    (phrase ^ word.rotate_left(17)).wrapping_mul(SPREAD)
}

/// The hash of words one blank apart, as the build script needs it.
#[allow(dead_code, reason = "the detector joins words as it cuts them")]
pub(super) fn phrase(text: &str) -> u64 {
    let words = text.split(' ').map(|word| word.bytes().fold(EMPTY, letter));
    words.fold(0, join)
}

/// Where the search begins for a phrase's hash, before it is cut to the table's size.
#[inline]
pub(super) const fn place(phrase: u64) -> usize {
    (phrase >> 24) as usize
}

/// Where the search begins for a run of letters by its first eight (see `terms::key`).
pub(super) fn place_of_letters(letters: u64) -> usize {
    (letters.wrapping_mul(SPREAD) >> 40) as usize
}
