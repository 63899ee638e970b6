//! International bank account numbers (ISO 13616).

use super::IBAN_LENGTHS;
use super::form::Form;
use super::read::Value;
use crate::finding::{Canonical, Evidence};

/// The shortest and the longest one.
const LENGTHS: std::ops::RangeInclusive<usize> = 15..=34;

/// The number of the country and length that `text` at `start` begins with, with single blanks or
/// hyphens between groups.
fn at(text: &[u8], start: usize) -> Option<Form> {
    let mut compact = [0u8; 34];
    let head = text.get(start..start + 2)?;
    let country = [head[0].to_ascii_uppercase(), head[1].to_ascii_uppercase()];
    let (_, len) = IBAN_LENGTHS.iter().find(|(code, _)| *code == country)?;
    let len = usize::from(*len);
    let (mut filled, mut at, mut behind_sign) = (0, start, false);
    while filled < len {
        match text.get(at)? {
            byte if byte.is_ascii_alphanumeric() => {
                *compact.get_mut(filled)? = byte.to_ascii_uppercase();
                filled += 1;
                behind_sign = false;
            }
            b' ' | b'-' if filled >= 4 && !behind_sign => behind_sign = true,
            _ => return None,
        }
        at += 1;
    }
    if text
        .get(at)
        .is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_')
    {
        return None;
    }
    let compact = &compact[..len];
    let checks = compact.get(2..4)?.iter().all(u8::is_ascii_digit);
    (checks && remainder(compact) == 1)
        .then(|| Form::new(start..at, Canonical::Text(compact.into()), 98).with(Evidence::CHECKSUM))
}

/// The number modulo 97 with its first four characters behind the others, letters as 10 to 35.
fn remainder(compact: &[u8]) -> u32 {
    let (head, rest) = compact.split_at(4.min(compact.len()));
    rest.iter().chain(head).fold(0, |sum, byte| match byte {
        b'0'..=b'9' => (sum * 10 + u32::from(byte - b'0')) % 97,
        _ => (sum * 100 + u32::from(byte.to_ascii_uppercase().wrapping_sub(b'A')) + 10) % 97,
    })
}

/// A value that is called one.
pub(super) fn named(text: &[u8], value: &Value) -> Option<Form> {
    at(text, value.range.start)
}

/// The number without blanks that the digits at `start`, with a letter before them, are part of.
#[inline(never)]
pub(in super::super) fn after_letter(text: &[u8], start: usize) -> Option<Form> {
    if !text.get(start.checked_sub(1)?)?.is_ascii_uppercase() {
        return None;
    }
    let before = text.get(start.saturating_sub(*LENGTHS.end())..start)?;
    let part = |b: &&u8| b.is_ascii_uppercase() || b.is_ascii_digit();
    let lead = before.iter().rev().take_while(part).count();
    let first = start - lead;
    let bounded = first
        .checked_sub(1)
        .and_then(|p| text.get(p))
        .is_none_or(|b| !b.is_ascii_alphanumeric() && *b != b'_');
    bounded.then(|| at(text, first)).flatten()
}

/// The number in groups of four that the groups of digits at `start` are part of.
#[inline(never)]
pub(in super::super) fn spaced(text: &[u8], start: usize) -> Option<Form> {
    // Country and check digits may lie up to four groups back: letters of a bank between.
    let low = start.saturating_sub(24);
    let before = text.get(low..start)?;
    let part = |b: &&u8| b.is_ascii_uppercase() || b.is_ascii_digit() || **b == b' ';
    let lead = before.iter().rev().take_while(part).count();
    let stretch = before.get(before.len() - lead..)?;
    let from = start - lead;
    (0..stretch.len()).find_map(|offset| {
        let here = from + offset;
        let begins = offset == 0 && here == 0
            || here
                .checked_sub(1)
                .and_then(|p| text.get(p))
                .is_some_and(|b| !b.is_ascii_alphanumeric());
        let letters = text.get(here..here + 2)?.iter().all(u8::is_ascii_uppercase);
        (begins && letters).then(|| at(text, here)).flatten()
    })
}
