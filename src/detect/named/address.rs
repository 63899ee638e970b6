//! Postal addresses: columns that hold them, and lines with a house number, a street and, mostly,
//! a postcode.

use super::form::{Form, folded};
use super::read::{Value, trimmed};
use crate::finding::Evidence;

/// The longest address, in bytes.
const LONGEST: usize = 200;
/// Words of a street's name.
const STREET_WORDS: usize = 4;
/// Words of a town's name and what stands between it and the street.
const TOWN_REACH: usize = 60;

/// A value that is called an address.
pub(super) fn named(text: &[u8], value: &Value) -> Option<Form> {
    let mut range = trimmed(text, value.range.clone());
    if !value.exact {
        range.end = range.end.min(range.start + LONGEST);
        let found = text.get(range.clone())?;
        let street = found.iter().position(u8::is_ascii_digit)?;
        // Behind `address:` a house comes first, or soon.
        if street > 40 {
            return None;
        }
        range = trimmed(text, range);
    }
    let found = text.get(range.clone())?;
    let letters = found
        .iter()
        .filter(|b| b.is_ascii_alphabetic() || **b >= 0x80)
        .count();
    let mail = memchr::memchr2(b'@', b'/', found).is_some();
    let telling = found.iter().any(u8::is_ascii_digit) || found.contains(&b' ');
    (letters >= 3 && telling && !mail && found.len() <= LONGEST)
        .then(|| Form::new(range, folded(found), 82))
}

/// The address around the word for a street at `at..end`: "12 Main Street, Springfield, IL 62704".
pub(super) fn around(text: &[u8], at: usize, end: usize) -> Option<Form> {
    let start = house(text, at)?;
    let mut last = end;
    if text.get(last) == Some(&b'.') {
        last += 1;
    }
    let behind = text.get(last..text.len().min(last + TOWN_REACH + 40))?;
    let line = behind
        .iter()
        .position(|b| matches!(b, b'\n' | b'\r' | b'"' | b'<' | b'\\' | b'\t' | b'|' | 0))
        .unwrap_or(behind.len());
    let behind = behind.get(..line)?;
    let (mut confidence, mut evidence) = (62, Evidence::default());
    if let Some(code) = postcode(behind) {
        last += code;
        (confidence, evidence) = (92, Evidence::GROUPED);
    } else if text.get(last - 1) == Some(&b'.') {
        // The full stop may end the sentence.
        last -= 1;
    }
    let range = start..last;
    let found = folded(text.get(range.clone())?);
    Some(Form::new(range, found, confidence).with(evidence))
}

/// Where the house number stands before the street's name, whose words begin with capitals.
fn house(text: &[u8], at: usize) -> Option<usize> {
    let low = at.saturating_sub(64);
    let before = text.get(low..at)?;
    let mut end = before.len();
    for _ in 0..=STREET_WORDS {
        end = end.checked_sub(1).filter(|end| before[*end] == b' ')?;
        let len = before[..end]
            .iter()
            .rev()
            .take_while(|b| {
                b.is_ascii_alphanumeric() || **b >= 0x80 || matches!(b, b'\'' | b'.' | b'-')
            })
            .count();
        let word = &before[end - len..end];
        let start = end - len;
        let digits = word.iter().take_while(|b| b.is_ascii_digit()).count();
        let rest = word.get(digits..)?;
        if (1..=6).contains(&digits)
            && (rest.is_empty() || rest.len() == 1 && rest[0].is_ascii_alphabetic())
        {
            // A street's name stands between.
            let named = end + 1 < before.len();
            let bounded = start
                .checked_sub(1)
                .and_then(|p| before.get(p))
                .is_none_or(|b| {
                    !b.is_ascii_alphanumeric() && !matches!(b, b'.' | b'$' | b'-' | b'/' | b':')
                });
            return (named && bounded && (start > 0 || low == 0)).then_some(low + start);
        }
        let ordinal = digits > 0 && matches!(rest, b"st" | b"nd" | b"rd" | b"th");
        if !ordinal && !word.first()?.is_ascii_uppercase() {
            return None;
        }
        end = start;
    }
    None
}

/// Where the postcode of the United States, Canada or the United Kingdom ends that stands soon
/// behind a street, with a town and a state between.
fn postcode(behind: &[u8]) -> Option<usize> {
    let mut at = 0;
    while at < behind.len().min(TOWN_REACH) {
        let word = behind.get(at..)?;
        let begins = at == 0 || !behind[at - 1].is_ascii_alphanumeric();
        if begins && let Some(len) = code(word) {
            return Some(at + len);
        }
        let part = word.first()?;
        if !(part.is_ascii_alphanumeric() || *part >= 0x80 || b" ,.#'-".contains(part)) {
            return None;
        }
        at += 1;
    }
    None
}

/// Postcodes, with 9 for any digit and A for any letter.
const SHAPES: [&[u8]; 11] = [
    b"99999-9999",
    b"99999",
    b"A9A 9A9",
    b"A9A9A9",
    b"A9 9AA",
    b"A99 9AA",
    b"AA9 9AA",
    b"AA99 9AA",
    b"A9A 9AA",
    b"AA9A 9AA",
    b"A9A-9A9",
];

/// The length of a postcode at the start of `word`.
fn code(word: &[u8]) -> Option<usize> {
    let kind = |b: &u8| match b {
        b'0'..=b'9' => b'9',
        b'A'..=b'Z' => b'A',
        other => *other,
    };
    let shape: Vec<u8> = word.iter().take(11).map(kind).collect();
    let ends = |len: usize| {
        word.get(len)
            .is_none_or(|b| !b.is_ascii_alphanumeric() && *b != b'-')
    };
    let fits = SHAPES
        .iter()
        .filter(|known| shape.starts_with(known) && ends(known.len()));
    fits.map(|known| known.len()).max()
}
