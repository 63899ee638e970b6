//! Reads digits as a number the way libphonenumber's `parse`, `isValidNumber` and
//! `isPossibleNumber` do, step by step; the functions are named after theirs. Knows digits only.

use super::number::Number;
use super::number::NumberKind;
use super::table::{
    self, ANSWERS, Answer, CALLING, CODES, Code, IDD, PREFIX, PREFIXES, REGIONS, Row, SHARERS,
};
use super::{Region, Validity, Verdict};

/// More digits than any prefix, calling code and national number have together.
pub(super) const MAX_DIGITS: usize = 40;
/// libphonenumber's bounds of a national significant number.
const MIN_NATIONAL: usize = 2;
const MAX_NATIONAL: usize = 17;

/// Room for digits after a rewrite, which adds at most four.
type Scratch = [u8; MAX_DIGITS + 8];

/// The digits after a plus or an international prefix.
pub(super) fn international(digits: &[u8]) -> Option<Verdict> {
    let code = &CODES[usize::from(table::code_of(digits)?)];
    // Longer input than the set knows takes the long way.
    if digits.len() < 32 && !has_length(code.whole, digits.len()) {
        return None;
    }
    let national = digits.get(calling_len(code)..)?;
    let main = main_row(code);
    if first_flags(main, national) & PREFIX == 0 {
        return verdict(code, national);
    }
    if digits.len() > MAX_DIGITS || !are_digits(digits) {
        return None;
    }
    finish(code, main, national)
}

/// Digits as they are written or dialled inside a region.
#[inline(always)]
pub(super) fn national(region: Region, digits: &[u8]) -> Option<Verdict> {
    let row = region.row();
    let first = usize::from(digits.first()?.wrapping_sub(b'0'));
    // Nearly everything that is no number ends here.
    if has_length(*row.refused.get(first)?, digits.len()) {
        return None;
    }
    read_national(row, first, digits)
}

/// The part of [`national`] that is too long to be copied into every caller.
#[inline(always)]
fn read_national(row: &'static Row, first: usize, digits: &[u8]) -> Option<Verdict> {
    let code = &CODES[usize::from(row.code)];
    let mut national = digits;
    if !has_length(*row.direct.get(first)?, digits.len()) {
        let flags = first_flags(row, digits);
        // The calling code before a number too long to be national, and nothing else to take off:
        // `prefixed` would come to the same.
        if flags & (IDD | CALLING) == CALLING
            && is_too_long(row, digits.len())
            && let Some(after) = after_calling(row, digits)
            && (first_flags(row, after) | first_flags(main_row(code), after)) & PREFIX == 0
        {
            national = after;
        } else {
            return prefixed(row, code, flags, digits);
        }
    }
    verdict(code, national)
}

/// What follows the calling code; `digits` start with the first digit of it.
#[inline]
fn after_calling<'d>(row: &Row, digits: &'d [u8]) -> Option<&'d [u8]> {
    match row.calling {
        [_] => digits.get(1..),
        calling => digits.strip_prefix(calling),
    }
}

#[inline(never)]
fn prefixed(row: &'static Row, code: &'static Code, flags: u8, digits: &[u8]) -> Option<Verdict> {
    // `walk` trusts its bytes, and a prefix is not seen again after it is taken off.
    if digits.len() > MAX_DIGITS || !are_digits(digits) {
        return None;
    }
    if flags & IDD != 0 {
        let found = PREFIXES.get(usize::from(table::walk(row.idd, digits)));
        let idd = found.map_or(0, |prefix| usize::from(prefix.end));
        // Calling codes never start with 0: what looked like the prefix is then none.
        if idd > 0 && digits.get(idd) != Some(&b'0') {
            return international(digits.get(idd..)?);
        }
    }
    if flags & CALLING != 0
        && let Some(after) = digits.strip_prefix(row.calling)
    {
        let mut scratch = [0; MAX_DIGITS + 8];
        let after = match without_national_prefix(row, after, &mut scratch) {
            Some(stripped) if !breaks(row, after, stripped) => stripped,
            _ => after,
        };
        let better = matches_general(row, after) && !matches_general(row, digits);
        if better || is_too_long(row, digits.len()) {
            return finish(code, main_row(code), after);
        }
    }
    finish(code, row, digits)
}

/// The end of `parse`: strips the national prefix if a possible number remains.
fn finish(code: &'static Code, row: &'static Row, digits: &[u8]) -> Option<Verdict> {
    let mut scratch = [0; MAX_DIGITS + 8];
    let Some(stripped) = without_national_prefix(row, digits, &mut scratch) else {
        return verdict(code, digits);
    };
    if !has_length(row.lengths, stripped.len()) && !is_too_long(row, stripped.len()) {
        return verdict(code, digits);
    }
    // A valid number is a viable one wherever the general description covers the plan, which
    // spares two walks.
    let answer = answer(code, stripped);
    if !(row.general_covers && answer.kind != NumberKind::Unknown) && breaks(row, digits, stripped)
    {
        return verdict(code, digits);
    }
    number(code, stripped, answer)
}

/// The first half of libphonenumber's `maybeStripNationalPrefixAndCarrierCode`: takes off or
/// rewrites the national prefix, whatever remains; none when there is nothing to take off.
#[inline]
fn without_national_prefix<'a>(
    row: &Row,
    digits: &'a [u8],
    scratch: &'a mut Scratch,
) -> Option<&'a [u8]> {
    if first_flags(row, digits) & PREFIX == 0 {
        return None;
    }
    let found = table::walk(row.prefix, digits);
    if found == 0 {
        return None;
    }
    let prefix = PREFIXES.get(usize::from(found))?;
    let rest = digits.get(usize::from(prefix.end)..)?;
    let (Some(rule), Some((start, end))) = (row.rewrite, prefix.group) else {
        return Some(rest);
    };
    let group = digits.get(usize::from(start)..usize::from(end))?;
    let room = scratch.get_mut(..rule.len() + group.len() + rest.len())?;
    let (head, tail) = room.split_at_mut(rule.len());
    let (middle, tail) = tail.split_at_mut(group.len());
    head.copy_from_slice(rule);
    middle.copy_from_slice(group);
    tail.copy_from_slice(rest);
    Some(room)
}

/// The second half: a number that is fine as it is must not be broken by taking a prefix off.
fn breaks(row: &Row, digits: &[u8], stripped: &[u8]) -> bool {
    !matches_general(row, stripped) && matches_general(row, digits)
}

fn matches_general(row: &Row, digits: &[u8]) -> bool {
    has_length(row.general_lengths, digits.len()) && table::walk(row.general, digits) != 0
}

fn has_length(lengths: u32, len: usize) -> bool {
    len < 32 && lengths >> len & 1 == 1
}

/// Longer than every possible number, and not a length for dialling inside an area.
fn is_too_long(row: &Row, len: usize) -> bool {
    len >= 32 || (row.lengths >> len == 0 && row.local >> len & 1 == 0)
}

/// What a number's first digit says it may start with.
#[inline]
fn first_flags(row: &Row, digits: &[u8]) -> u8 {
    let digit = digits
        .first()
        .map_or(u8::MAX, |byte| byte.wrapping_sub(b'0'));
    row.first.get(usize::from(digit)).copied().unwrap_or(0)
}

fn main_row(code: &Code) -> &'static Row {
    &REGIONS[usize::from(code.main)]
}

fn calling_len(code: &Code) -> usize {
    match code.calling {
        0..10 => 1,
        10..100 => 2,
        _ => 3,
    }
}

/// Judges a national significant number.
#[inline(always)]
fn verdict(code: &'static Code, digits: &[u8]) -> Option<Verdict> {
    number(code, digits, answer(code, digits))
}

/// What the plan says of a national significant number.
#[inline]
fn answer(code: &Code, digits: &[u8]) -> &'static Answer {
    let possible_length = has_length(code.accepted, digits.len());
    let answer = if possible_length {
        table::walk(code.plan, digits)
    } else {
        0
    };
    ANSWERS.get(usize::from(answer)).unwrap_or(&ANSWERS[0])
}

/// The number with these digits, of which the plan says `answer`.
#[inline(always)]
fn number(code: &'static Code, digits: &[u8], answer: &Answer) -> Option<Verdict> {
    if !(MIN_NATIONAL..=MAX_NATIONAL).contains(&digits.len()) {
        return None;
    }
    let (validity, region) = if answer.kind != NumberKind::Unknown {
        let place = usize::from(code.first_sharer) + usize::from(answer.region);
        (
            Validity::Valid,
            SHARERS.get(place).and_then(|&place| Region::at(place)),
        )
    } else if has_length(code.lengths, digits.len()) {
        (
            Validity::Possible,
            (code.sharers == 1).then(|| Region::at(code.main)).flatten(),
        )
    } else {
        return None;
    };
    let number = Number {
        calling_code: code.calling,
        national: value(digits)?,
        leading_zeros: leading_zeros(digits),
        national_len: digits.len() as u8,
        region,
        kind: answer.kind,
        fiction: answer.fiction,
    };
    Some(Verdict { number, validity })
}

fn leading_zeros(digits: &[u8]) -> u8 {
    if digits.first() != Some(&b'0') {
        return 0;
    }
    let zeros = digits.iter().take_while(|&&digit| digit == b'0').count();
    zeros.min(digits.len() - 1) as u8
}

/// The value of at most 17 digits; none if a byte is no digit.
#[inline(always)]
fn value(digits: &[u8]) -> Option<u64> {
    let (Some((before, last)), Some((first, _))) = (
        digits.split_last_chunk::<8>(),
        digits.split_first_chunk::<8>(),
    ) else {
        return short_value(digits);
    };
    // Each byte is 0 to 9 now if it was a digit.
    let (first, last) = (
        u64::from_le_bytes(*first) ^ ZEROS,
        u64::from_le_bytes(*last) ^ ZEROS,
    );
    if !all_digits(first) || !all_digits(last) {
        return None;
    }
    let high = match before.len() {
        0 => 0,
        // Shifting drops what the last eight digits have too and leaves zeros before the rest.
        n @ 1..=8 => eight_digits(first << (64 - 8 * n)),
        _ => short_value(before)?,
    };
    Some(high * 100_000_000 + eight_digits(last))
}

/// Eight ASCII zeros.
const ZEROS: u64 = 0x3030_3030_3030_3030;

/// Whether every byte is 0 to 9: adding 6 reaches the high half from 10 on.
fn all_digits(word: u64) -> bool {
    (word | word.wrapping_add(0x0606_0606_0606_0606)) & 0xF0F0_F0F0_F0F0_F0F0 == 0
}

/// The number with these eight digits, first digit in the lowest byte; worked out within one word.
fn eight_digits(word: u64) -> u64 {
    let pairs = (word * 10 + (word >> 8)) & 0x00FF_00FF_00FF_00FF;
    let fours = (pairs * 100 + (pairs >> 16)) & 0x0000_FFFF_0000_FFFF;
    (fours * 10_000 + (fours >> 32)) & 0xFFFF_FFFF
}

/// Whether all bytes are digits, eight at a time; the last eight may overlap those before.
fn are_digits(bytes: &[u8]) -> bool {
    let is_word = |word: &[u8; 8]| all_digits(u64::from_le_bytes(*word) ^ ZEROS);
    match bytes.last_chunk::<8>() {
        Some(last) => is_word(last) && bytes.as_chunks::<8>().0.iter().all(is_word),
        None => bytes.iter().all(u8::is_ascii_digit),
    }
}

fn short_value(digits: &[u8]) -> Option<u64> {
    let mut value = 0;
    for &byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value * 10 + u64::from(digit);
    }
    Some(value)
}
