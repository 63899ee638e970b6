//! Payment card numbers: network ranges (ISO/IEC 7812) and the Luhn check digit.

use super::Scene;
use super::context::{Word, word_before};
use super::digits::Group;
use super::hit::Hit;
use crate::entity::Entity;
use crate::finding::{Canonical, Confidence, Evidence};
use crate::view::Register;

mod table {
    include!(concat!(env!("OUT_DIR"), "/cards.rs"));
}

/// How well digits stand as a card number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Strength {
    /// A network's range and length.
    Usual,
    /// A wide range or a rare length: a column or word must say what it is.
    Weak,
}

/// The fewest digits of a card number (ISO/IEC 7812-1).
pub(super) const FEWEST_DIGITS: usize = 12;
/// The most digits of one.
pub(super) const MOST_DIGITS: usize = 19;
const LENGTHS: std::ops::RangeInclusive<usize> = FEWEST_DIGITS..=MOST_DIGITS;

/// By the first two digits, the lengths (bit n for n digits) of the networks that start so.
static LENGTHS_BY_FIRST: [u32; 100] = {
    let mut sets = [0; 100];
    let mut i = 0;
    while i < table::RANGES.len() {
        let (first, last, lengths, _) = table::RANGES[i];
        let mut two = first / 10_000;
        while two <= last / 10_000 {
            sets[two as usize] |= lengths;
            two += 1;
        }
        i += 1;
    }
    sets
};

/// Whether a network has numbers of `len` digits that start with the two of `text` at `start`.
#[inline(always)]
fn may_be_issued(text: &[u8], start: usize, len: usize) -> bool {
    let two = match text.get(start..) {
        Some([first, second, ..]) => {
            usize::from(first.wrapping_sub(b'0')) * 10 + usize::from(second.wrapping_sub(b'0'))
        }
        _ => return false,
    };
    LENGTHS_BY_FIRST
        .get(two)
        .is_some_and(|lengths| lengths >> (len & 31) & 1 != 0)
}

/// The card number in one group of digits.
#[inline(always)]
pub(super) fn one(scene: &Scene<'_>, groups: &[Group], first: usize) -> Option<Hit> {
    let group = groups.get(first)?;
    if !LENGTHS.contains(&group.len()) || !may_be_issued(scene.text, group.start, group.len()) {
        return None;
    }
    judge(scene, groups, first).map(|(hit, _)| hit)
}

/// The card number that starts at group `first` and how many groups it takes.
#[inline(never)]
pub(super) fn judge(scene: &Scene<'_>, groups: &[Group], first: usize) -> Option<(Hit, usize)> {
    let text = scene.text;
    // The cheap test first: few stretches hold enough digits in groups that cards are written in.
    let mut lengths = [0u8; 5];
    let mut total = 0;
    let mut used = 0;
    for group in &groups[first..groups.len().min(first + 5)] {
        if total + group.len() > *LENGTHS.end() {
            break;
        }
        lengths[used] = group.len() as u8;
        total += group.len();
        used += 1;
    }
    while used > 0 && !(total >= *LENGTHS.start() && (used == 1 || grouped(&lengths[..used]))) {
        used -= 1;
        total -= usize::from(lengths[used]);
    }
    if used == 0 {
        return None;
    }
    let window = &groups[first..first + used];
    let mut digits = [0u8; MOST_DIGITS + 1];
    let mut len = 0;
    for group in window {
        digits[len..len + group.len()].copy_from_slice(&text[group.start..group.end]);
        len += group.len();
    }
    let digits = &digits[..len];
    let strength = strength(digits)?;
    let (start, end) = (window[0].start, window[used - 1].end);
    if !bounded(text, groups, first, used) || !evenly_joined(text, window) {
        return None;
    }
    let mut evidence = Evidence::CHECKSUM.with(Evidence::ISSUER_RANGE);
    let mut confidence: u8 = if used > 1 {
        evidence = evidence.with(Evidence::GROUPED);
        90
    } else {
        70
    };
    let place = scene.place(start..end);
    if place.register == Register::Log && used == 1 {
        confidence = 45;
    }
    if strength == Strength::Weak {
        confidence = 35;
    }
    if place.holds(Entity::PaymentCard) || place.speaks(Word::Card) {
        evidence = evidence.with(Evidence::COLUMN);
        confidence = 97;
    } else if place.refuses(Entity::PaymentCard) {
        // A card that is written as one is in the wrong column rather than something else.
        let written = used > 1 && strength != Strength::Weak;
        evidence = evidence.with(Evidence::NAMED_OTHERWISE);
        confidence = confidence.min(if written { 60 } else { 30 });
    } else if word_before(text, place.floor(), start, Word::Card) {
        evidence = evidence.with(Evidence::CONTEXT);
        confidence = confidence.max(93);
    } else if used == 1 && word_before(text, place.floor(), start, Word::Identifier) {
        evidence = evidence.with(Evidence::IDENTIFIER_WORD);
        confidence = confidence.min(40);
    }
    let value = digits
        .iter()
        .fold(0u64, |n, d| n * 10 + u64::from(d - b'0'));
    let hit = Hit {
        entity: Entity::PaymentCard,
        range: start..end,
        confidence: Confidence(confidence),
        evidence,
        canonical: Canonical::Digits {
            value,
            len: len as u8,
        },
        extension: None,
    };
    Some((hit, used))
}

/// Whether nothing beside the digits makes them part of a longer name or number.
fn bounded(text: &[u8], groups: &[Group], first: usize, used: usize) -> bool {
    let (start, end) = (groups[first].start, groups[first + used - 1].end);
    let before = start.checked_sub(1).and_then(|p| text.get(p));
    let after = text.get(end);
    let part_of_name = |b: Option<&u8>| {
        b.is_some_and(|b| {
            b.is_ascii_alphanumeric() || *b >= 0x80 || matches!(b, b'_' | b'-' | b'*' | b'+')
        })
    };
    if part_of_name(before) || part_of_name(after) {
        return false;
    }
    // A digit group joined by a dot or slash, or by the same blank with four digits, goes on.
    let joined = |left: &Group, right: &Group| match text.get(left.end..right.start) {
        Some(b"." | b"/") => true,
        Some(b" ") => used > 1 && (left.len() == 4 && right.len() == 4),
        _ => false,
    };
    let joined_before = first > 0 && joined(&groups[first - 1], &groups[first]);
    let joined_after = groups
        .get(first + used)
        .is_some_and(|next| joined(&groups[first + used - 1], next));
    !joined_before && !joined_after
}

/// Whether one of two groups of so many digits, or both together, are as long as a card number.
#[inline(always)]
pub(super) fn may_be_two(first: usize, second: usize) -> bool {
    first >= FEWEST_DIGITS || second >= FEWEST_DIGITS
}

/// Whether the same sign stands between all groups.
fn evenly_joined(text: &[u8], window: &[Group]) -> bool {
    let mut signs = window
        .windows(2)
        .map(|pair| text.get(pair[0].end..pair[1].start));
    let first = signs.next();
    first.is_none_or(|sign| matches!(sign, Some(b" " | b"-" | b".")) && signs.all(|s| s == sign))
}

/// Whether `digits` (each 0-9 in ASCII, 12 to 19 of them) are a card number.
fn strength(digits: &[u8]) -> Option<Strength> {
    if !LENGTHS.contains(&digits.len()) || !luhn(digits) {
        return None;
    }
    let leading = digits
        .iter()
        .take(6)
        .fold(0u32, |n, d| n * 10 + u32::from(d - b'0'));
    let bit = 1u32 << digits.len();
    let mut found = None;
    for &(first, last, lengths, weak) in table::RANGES {
        if (first..=last).contains(&leading) && lengths & bit != 0 {
            if !weak {
                return Some(Strength::Usual);
            }
            found = Some(Strength::Weak);
        }
    }

    found
}

/// Whether `digits` are a card number of a usual range and length, or of a rare one; `None` when
/// they are none.
pub(super) fn is_usual(digits: &[u8]) -> Option<bool> {
    strength(digits).map(|strength| strength == Strength::Usual)
}

/// Whether the last digit is the Luhn check digit of the others (ISO/IEC 7812-1, annex B).
pub(super) fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(i, d)| {
            let d = u32::from(d - b'0');
            match i % 2 {
                0 => d,
                _ if d > 4 => d * 2 - 9,
                _ => d * 2,
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Whether groups of these lengths are how cards are written.
fn grouped(lengths: &[u8]) -> bool {
    matches!(
        lengths,
        [4, 4, 4, 4]
            | [4, 6, 5]
            | [4, 6, 4]
            | [4, 4, 4, 4, 3]
            | [4, 4, 4, 4, 2]
            // The only two groups: `may_be_two` counts on one being long.
            | [6, 13]
            | [4, 4, 4, 1..=4]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    struct Data {
        example: Vec<Numbers>,
        counter_example: Vec<Numbers>,
    }
    #[derive(serde::Deserialize)]
    struct Numbers {
        numbers: Vec<String>,
    }

    #[test]
    fn every_example_of_the_networks_holds() {
        let text = include_str!("../../patterns/cards/networks.toml");
        let data: Data = toml::from_str(text).unwrap();
        for number in data.example.iter().flat_map(|e| &e.numbers) {
            assert_eq!(
                strength(number.as_bytes()),
                Some(Strength::Usual),
                "{number}"
            );
        }
        for number in data.counter_example.iter().flat_map(|e| &e.numbers) {
            assert_ne!(
                strength(number.as_bytes()),
                Some(Strength::Usual),
                "{number}"
            );
        }
    }
}
