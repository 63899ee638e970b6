//! Codes of devices and visitors: hardware addresses (IEEE 802), advertising ids, cookies.

use std::ops::Range;

use super::form::{Form, folded};
use super::read::Value;
use crate::finding::{Canonical, Evidence};

/// The longest code that is read.
const LONGEST: usize = 256;

/// Six bytes in hexadecimal with `:` or `-` between, or twelve digits in groups of four with dots,
/// or in one; the place and the digits in lower case.
fn hardware(text: &[u8], start: usize) -> Option<(Range<usize>, [u8; 12])> {
    let rest = text.get(start..)?;
    let mut hex = [0; 12];
    let (mut filled, mut at) = (0, 0);
    let sign = match (rest.get(2), rest.get(4)) {
        (Some(sign @ (b':' | b'-')), _) => Some((*sign, 2)),
        (_, Some(b'.')) => Some((b'.', 4)),
        _ => None,
    };
    while filled < hex.len() {
        if let Some((sign, width)) = sign
            && filled > 0
            && filled % width == 0
        {
            if rest.get(at) != Some(&sign) {
                return None;
            }
            at += 1;
        }
        hex[filled] = rest
            .get(at)
            .filter(|b| b.is_ascii_hexdigit())?
            .to_ascii_lowercase();
        filled += 1;
        at += 1;
    }
    let goes_on = rest
        .get(at)
        .is_some_and(|b| b.is_ascii_alphanumeric() || Some(*b) == sign.map(|(sign, _)| sign));
    (!goes_on).then_some((start..start + at, hex))
}

fn mac_form(range: Range<usize>, hex: [u8; 12], confidence: u8) -> Option<Form> {
    // All zeros and all ones stand for nobody and everybody.
    if hex.iter().all(|digit| *digit == hex[0]) {
        return None;
    }
    let mut spelled = Vec::with_capacity(17);
    for (i, pair) in hex.chunks(2).enumerate() {
        if i > 0 {
            spelled.push(b':');
        }
        spelled.extend_from_slice(pair);
    }
    let canonical = Canonical::Text(spelled.into_boxed_slice());
    Some(Form::new(range, canonical, confidence).with(Evidence::SYNTAX))
}

/// A value that is called a hardware address.
pub(super) fn mac(text: &[u8], value: &Value) -> Option<Form> {
    let (range, hex) = hardware(text, value.range.start)?;
    mac_form(range, hex, 97)
}

/// The hardware address around the colon at `at`, which its form alone tells.
#[inline(never)]
pub(in super::super) fn mac_at(text: &[u8], at: usize) -> Option<Form> {
    let low = at.saturating_sub(17);
    let part = |b: &&u8| b.is_ascii_hexdigit() || **b == b':';
    let lead = text.get(low..at)?.iter().rev().take_while(part).count();
    let start = at - lead;
    let bounded = start
        .checked_sub(1)
        .and_then(|p| text.get(p))
        .is_none_or(|b| !b.is_ascii_alphanumeric() && !matches!(b, b':' | b'_'));
    let (range, hex) = hardware(text, start).filter(|_| bounded)?;
    mac_form(range, hex, 92)
}

/// The characters a code is made of, from `start` on and before `end`.
fn code(text: &[u8], range: &Range<usize>) -> Range<usize> {
    let rest = text.get(range.clone()).unwrap_or_default();
    let part = |b: &&u8| {
        b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b':' | b'%' | b'~' | b'*')
    };
    let len = rest.iter().take(LONGEST).take_while(part).count();
    let trail = |b: &&u8| matches!(b, b'.' | b':');
    let trailing = rest[..len].iter().rev().take_while(trail).count();
    range.start..range.start + len - trailing
}

/// Words that stand where there is no value.
fn is_none(code: &[u8]) -> bool {
    const NONE: [&[u8]; 10] = [
        b"null",
        b"none",
        b"undefined",
        b"nil",
        b"true",
        b"false",
        b"unknown",
        b"nan",
        b"deleted",
        b"expired",
    ];
    NONE.iter().any(|word| code.eq_ignore_ascii_case(word))
}

/// Whether a code is a UUID, and not the one of all zeros.
fn is_uuid(code: &[u8]) -> bool {
    code.len() == 36
        && code.iter().enumerate().all(|(i, b)| match i {
            8 | 13 | 18 | 23 => *b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
        && code.iter().any(|b| !matches!(b, b'0' | b'-'))
}

/// A value that is called an advertising id: a UUID (Apple's and Google's are).
pub(super) fn advertising(text: &[u8], value: &Value) -> Option<Form> {
    let range = code(text, &value.range);
    let code = text.get(range.clone())?;
    is_uuid(code).then(|| Form::new(range, folded(code), 95).with(Evidence::SYNTAX))
}

/// A value that is called a device's id: a UUID, or letters and digits.
pub(super) fn device(text: &[u8], value: &Value) -> Option<Form> {
    let range = code(text, &value.range);
    let code = text.get(range.clone())?;
    if is_uuid(code) {
        return Some(Form::new(range, folded(code), 95).with(Evidence::SYNTAX));
    }
    let telling = code.len() >= 6
        && code.iter().any(u8::is_ascii_digit)
        && code.iter().any(|b| !matches!(b, b'0' | b'-' | b':'))
        && value.is_said;
    telling.then(|| Form::new(range, folded(code), 80))
}

/// A value that is called a visitor's id.
pub(super) fn cookie(text: &[u8], value: &Value) -> Option<Form> {
    let range = code(text, &value.range);
    let code = text.get(range.clone())?;
    let telling = code.len() >= 8 && code.iter().any(u8::is_ascii_digit) && value.is_said;
    (telling && !is_none(code)).then(|| Form::new(range, verbatim(code), 90))
}

fn verbatim(code: &[u8]) -> Canonical {
    Canonical::Text(code.into())
}

/// The analytics cookie whose digits start at `start`, behind letters: `GA1.2.1033501218.1368477899`.
#[inline(never)]
pub(in super::super) fn analytics(text: &[u8], start: usize, end: usize) -> Option<Form> {
    let first = start.checked_sub(2)?;
    if !matches!(text.get(first..start)?, b"GA" | b"GS") {
        return None;
    }
    let bounded = first
        .checked_sub(1)
        .and_then(|p| text.get(p))
        .is_none_or(|b| !b.is_ascii_alphanumeric());
    let parts = text.get(start..end)?;
    let dots = parts.iter().filter(|b| **b == b'.').count();
    let whole = parts.iter().all(|b| b.is_ascii_digit() || *b == b'.');
    (bounded && whole && dots >= 3).then(|| {
        let code = text.get(first..end).unwrap_or_default();
        Form::new(first..end, verbatim(code), 95).with(Evidence::SYNTAX)
    })
}
