//! The compiled numbering plans and the walk through them. Knows digits and table numbers only;
//! what a found answer means for a caller is decided in `parse`.
//!
//! The tables come from `build/phone_plan.rs`. They are plain statics: nothing is built, parsed or
//! allocated at run time.

use super::number::{Fiction, NumberKind};

/// One region, or one entity that is no region (universal freephone and its like).
pub(super) struct Row {
    pub(super) id: &'static str,
    /// Place in [`CODES`].
    pub(super) code: u8,
    /// The calling code as ASCII digits.
    pub(super) calling: &'static [u8],
    /// What a number that starts with each digit may start with: [`IDD`], [`PREFIX`], [`CALLING`].
    pub(super) first: [u8; 10],
    /// By first digit, lengths (bit n for n digits) of which no number of the region comes.
    pub(super) refused: [u32; 10],
    /// By first digit, lengths at which no prefix can be taken off.
    pub(super) direct: [u32; 10],
    /// Possible lengths of a whole national number.
    pub(super) lengths: u32,
    /// Lengths possible inside an area only.
    pub(super) local: u32,
    /// Roots in the automaton.
    pub(super) idd: u16,
    pub(super) prefix: u16,
    pub(super) general: u16,
    /// Lengths of what `general` matches.
    pub(super) general_lengths: u32,
    /// Whether `general` matches every valid number of the calling code.
    pub(super) general_covers: bool,
    /// Digits put before the last group of a matched national prefix.
    pub(super) rewrite: Option<&'static [u8]>,
}

/// The number may start with an international prefix.
pub(super) const IDD: u8 = 1;
/// The number may start with a national prefix.
pub(super) const PREFIX: u8 = 2;
/// The number may start with the calling code, written without its plus.
pub(super) const CALLING: u8 = 4;

/// One calling code.
pub(super) struct Code {
    pub(super) calling: u16,
    pub(super) plan: u16,
    /// Lengths of numbers that are valid or possible.
    pub(super) accepted: u32,
    /// Lengths of numbers that are possible: the main region's.
    pub(super) lengths: u32,
    /// Lengths at which digits in international form, the code included, may be a number.
    pub(super) whole: u32,
    /// The main region, as a place in [`REGIONS`].
    pub(super) main: u8,
    /// The regions that share the code: how many, and where they start in [`SHARERS`].
    pub(super) sharers: u8,
    pub(super) first_sharer: u8,
}

/// What the plan of a calling code says of a national number.
pub(super) struct Answer {
    /// Place among the regions that share the code; meaningless when the kind is unknown.
    pub(super) region: u8,
    /// [`NumberKind::Unknown`] when the number is not valid.
    pub(super) kind: NumberKind,
    pub(super) fiction: Fiction,
}

/// What a prefix pattern matched: `end` digits, and the span of its last group.
pub(super) struct Prefix {
    pub(super) end: u8,
    pub(super) group: Option<(u8, u8)>,
}

include!(concat!(env!("OUT_DIR"), "/phone_plan.rs"));

/// Successors per node: ten digits, then what no digit leads to. Sixteen wide, so that the low half
/// of an ASCII digit is the column.
const WIDTH: usize = 16;
/// The places of [`NEXT`]: a power of two, so that a masked place needs no bounds check. The walk
/// is the hottest loop there is.
const PLACES: usize = (NODES * WIDTH).next_power_of_two();

/// A successor with the bit [`LEAF`] is a leaf.
static NEXT: [u16; PLACES] = rows(include_bytes!(concat!(
    env!("OUT_DIR"),
    "/phone_plan_next.bin"
)));
/// The answer of a node when the digits end there.
static ENDS: [u8; NODES] = *include_bytes!(concat!(env!("OUT_DIR"), "/phone_plan_ends.bin"));
/// Answers by the number of digits left, [`LEAF_WIDTH`] a leaf. The first leaf answers 0.
static LEAVES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/phone_plan_leaves.bin"));

/// Spreads ten little-endian successors per node to [`WIDTH`].
#[expect(clippy::large_stack_arrays, reason = "evaluated by the compiler only")]
const fn rows(bytes: &[u8; NODES * 20]) -> [u16; PLACES] {
    let mut rows = [LEAF; PLACES];
    let mut i = 0;
    while i < NODES * 10 {
        rows[i / 10 * WIDTH + i % 10] = u16::from_le_bytes([bytes[i * 2], bytes[i * 2 + 1]]);
        i += 1;
    }
    rows
}

/// Walks the digits from a root to its answer; 0 is "no". Stops as soon as only the number of
/// digits left matters, and reads a byte's low half only: whoever accepts an answer must know that
/// all bytes are digits.
#[inline]
pub(super) fn walk(root: u16, digits: &[u8]) -> u8 {
    let mut at = root;
    let mut left = digits;
    // The first eight digits out of one word: most walks end within them.
    if let Some((eight, behind)) = digits.split_first_chunk::<8>() {
        let mut word = u64::from_le_bytes(*eight);
        let mut unread = eight.len();
        while at & LEAF == 0 && unread > 0 {
            let column = word as usize & (WIDTH - 1);
            at = NEXT[(usize::from(at) * WIDTH + column) & (PLACES - 1)];
            word >>= u8::BITS;
            unread -= 1;
        }
        if at & LEAF != 0 {
            return leaf(at, unread + behind.len());
        }
        left = behind;
    }
    while at & LEAF == 0 {
        let Some((&byte, rest)) = left.split_first() else {
            return ENDS.get(usize::from(at)).copied().unwrap_or(0);
        };
        let column = usize::from(byte) & (WIDTH - 1);
        at = NEXT[(usize::from(at) * WIDTH + column) & (PLACES - 1)];
        left = rest;
    }
    leaf(at, left.len())
}

/// The answer of the leaf `at` with so many digits left.
#[inline]
fn leaf(at: u16, left: usize) -> u8 {
    let column = left.min(LEAF_WIDTH - 1);
    LEAVES
        .get(usize::from(at & !LEAF) * LEAF_WIDTH + column)
        .copied()
        .unwrap_or(0)
}

/// The calling code a number in international form starts with, as a place in [`CODES`].
#[inline]
pub(super) fn code_of(digits: &[u8]) -> Option<u8> {
    let mut index = 0;
    for &byte in digits.get(..3)? {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        index = index * 10 + usize::from(digit);
    }
    CODE_BY_DIGITS
        .get(index)
        .copied()
        .filter(|&code| code != u8::MAX)
}
