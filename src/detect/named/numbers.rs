//! Identifiers of digits: devices (3GPP TS 23.003), SIM cards (ITU-T E.118), subscribers (ITU-T
//! E.212), persons in the United States, Canada and the United Kingdom, and card security codes.

use std::ops::Range;

use super::form::Form;
use super::read::Value;
use super::{MOBILE_COUNTRIES, REPORTING_BODIES};
use crate::detect::Scene;
use crate::detect::card::luhn;
use crate::entity::Entity;
use crate::finding::{Canonical, Evidence};
use crate::view::Register;

/// The longest of these numbers, and one more digit to tell that one is longer.
const MOST_DIGITS: usize = 21;

/// Digits of a value, apart.
struct Digits {
    bytes: [u8; MOST_DIGITS],
    len: usize,
    range: Range<usize>,
    /// Where groups begin, as bits.
    groups: u32,
}

impl Digits {
    /// The digits at the start of `value`, with one of `signs` at most between two.
    fn of(text: &[u8], value: &Value, signs: &[u8]) -> Option<Digits> {
        let range = value.range.clone();
        let mut found = Digits {
            bytes: [0; MOST_DIGITS],
            len: 0,
            range: range.start..range.start,
            groups: 0,
        };
        let mut behind_sign = false;
        for (at, byte) in text.get(range.clone())?.iter().enumerate() {
            if byte.is_ascii_digit() {
                if found.len == MOST_DIGITS {
                    return None;
                }
                found.bytes[found.len] = *byte;
                found.groups |= u32::from(behind_sign) << found.len;
                found.len += 1;
                found.range.end = range.start + at + 1;
                behind_sign = false;
            } else if found.len > 0 && signs.contains(byte) && !behind_sign {
                behind_sign = true;
            } else {
                break;
            }
        }
        // What goes on with letters is something else.
        let goes_on = text.get(found.range.end);
        let bounded = goes_on.is_none_or(|b| !b.is_ascii_alphanumeric() && *b != b'_');
        (found.len > 0 && bounded).then_some(found)
    }

    fn get(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    fn number(&self, from: usize, to: usize) -> u64 {
        let digits = self.get().get(from..to).unwrap_or_default();
        digits
            .iter()
            .fold(0, |n, digit| n * 10 + u64::from(digit - b'0'))
    }

    /// Whether all digits are the same one, as in what stands for "none".
    fn is_blank(&self) -> bool {
        self.get().windows(2).all(|pair| pair[0] == pair[1])
    }

    fn canonical(&self) -> Canonical {
        // The largest number of twenty digits is more than 64 bits hold.
        if self.len >= MOST_DIGITS - 1 {
            return Canonical::Text(self.get().into());
        }
        Canonical::Digits {
            value: self.number(0, self.len),
            len: self.len as u8,
        }
    }

    fn form(self, confidence: u8, evidence: Evidence) -> Form {
        let canonical = self.canonical();
        Form::new(self.range, canonical, confidence).with(evidence)
    }
}

/// 15 digits with a check digit, 14 without, 16 with a software version (TS 23.003, section 6.2).
pub(super) fn imei(text: &[u8], value: &Value) -> Option<Form> {
    let digits = Digits::of(text, value, b" -/.")?;
    if !(14..=16).contains(&digits.len) || digits.is_blank() {
        return None;
    }
    let body = digits.number(0, 2) as u8;
    let known = REPORTING_BODIES.contains(&body);
    let checked = digits.len == 15 && luhn(digits.get());
    let (confidence, evidence) = match (checked, known) {
        (true, true) => (98, Evidence::CHECKSUM.with(Evidence::ISSUER_RANGE)),
        (true, false) => (90, Evidence::CHECKSUM),
        // On the wire the check digit is often zero.
        (false, true) => (80, Evidence::ISSUER_RANGE),
        (false, false) => (60, Evidence::default()),
    };
    Some(digits.form(confidence, evidence))
}

/// A country's code, a network's, and the subscriber (E.212).
pub(super) fn imsi(text: &[u8], value: &Value) -> Option<Form> {
    let digits = Digits::of(text, value, b" -")?;
    if !(14..=15).contains(&digits.len) || digits.is_blank() {
        return None;
    }
    let country = digits.number(0, 3) as u16;
    let known = MOBILE_COUNTRIES
        .iter()
        .any(|(first, last)| (*first..=*last).contains(&country));
    Some(if known {
        digits.form(95, Evidence::ISSUER_RANGE)
    } else {
        digits.form(55, Evidence::default())
    })
}

/// 89, a country, an issuer, a check digit (E.118).
pub(super) fn iccid(text: &[u8], value: &Value) -> Option<Form> {
    // Dumps fill the last half byte.
    let mut digits = Digits::of(text, value, b" -").or_else(|| {
        let range = value.range.clone();
        let last = text.get(range.clone())?.last()?;
        let inner = range.start..range.end - 1;
        let filled = value.exact && matches!(last, b'F' | b'f');
        filled.then(|| Digits::of(text, &Value::exact(inner), b" -"))?
    });
    if let Some(digits) = &mut digits
        && matches!(text.get(digits.range.end), Some(b'F' | b'f'))
    {
        digits.range.end += 1;
    }
    let digits = digits.filter(|digits| (18..=20).contains(&digits.len) && !digits.is_blank())?;
    if digits.number(0, 2) != 89 {
        return None;
    }
    Some(if luhn(digits.get()) {
        digits.form(98, Evidence::CHECKSUM.with(Evidence::ISSUER_RANGE))
    } else {
        digits.form(80, Evidence::ISSUER_RANGE)
    })
}

/// The SIM card whose number one group of digits is, which its form alone tells.
#[inline(never)]
pub(in super::super) fn card_of_sim(scene: &Scene<'_>, start: usize, end: usize) -> Option<Form> {
    if scene.text.get(start..start + 2)? != b"89" {
        return None;
    }
    let form = iccid(scene.text, &Value::exact(start..end))?;
    let place = scene.place(start..end);
    (form.evidence.has(Evidence::CHECKSUM) && !place.refuses(Entity::Iccid)).then_some(Form {
        confidence: if place.register == Register::Log {
            45
        } else {
            65
        },
        ..form
    })
}

/// Whether nine digits can be a social security number (SSA, POMS RM 10201.035), or a taxpayer's
/// that the IRS gives (9xx).
fn may_be_ssn(digits: &Digits) -> bool {
    let (area, group, serial) = (
        digits.number(0, 3),
        digits.number(3, 5),
        digits.number(5, 9),
    );
    let taxpayer = area >= 900 && matches!(group, 50..=65 | 70..=88 | 90..=92 | 94..=99);
    area != 0 && area != 666 && (area < 900 || taxpayer) && group != 0 && serial != 0
}

/// Numbers that stood in advertisements, or are kept for them.
fn is_specimen(digits: &Digits) -> bool {
    matches!(
        digits.number(0, 9),
        78_051_120 | 219_099_999 | 987_654_320..=987_654_329
    )
}

pub(super) fn us_ssn(text: &[u8], value: &Value) -> Option<Form> {
    let digits = Digits::of(text, value, b" -.")?;
    let grouped = digits.groups == 1 << 3 | 1 << 5;
    if digits.len != 9 || digits.is_blank() || !(grouped || digits.groups == 0) {
        return None;
    }
    let fiction = if is_specimen(&digits) {
        Evidence::FICTION
    } else if may_be_ssn(&digits) {
        Evidence::default()
    } else {
        return None;
    };
    let evidence = if grouped {
        Evidence::GROUPED
    } else {
        Evidence::default()
    };
    Some(digits.form(95, evidence.with(fiction)))
}

/// The social security number whose three groups start at `start` and which its form alone tells.
#[inline(never)]
pub(in super::super) fn social_security(
    scene: &Scene<'_>,
    start: usize,
    end: usize,
) -> Option<Form> {
    let text = scene.text;
    let [first, second] = [text.get(start + 3)?, text.get(start + 6)?];
    let beside = |at: Option<usize>| {
        at.and_then(|at| text.get(at))
            .is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'/'))
    };
    // A full stop may end the sentence.
    let joined = beside(Some(end))
        && !matches!(text.get(end..), Some([b'.', next, ..]) if !next.is_ascii_alphanumeric())
        && text.get(end..) != Some(b".");
    if first != second || !matches!(first, b'-' | b' ') || joined || beside(start.checked_sub(1)) {
        return None;
    }
    let form = us_ssn(text, &Value::exact(start..end))?;
    let place = scene.place(start..end);
    let confidence = match (place.refuses(Entity::UsSsn), first, place.register) {
        (true, ..) => 30,
        (_, b' ', _) => 40,
        (_, _, Register::Log | Register::Identifier) => 45,
        _ => 70,
    };
    Some(Form { confidence, ..form })
}

/// Nine digits with a Luhn digit; 0 and 8 lead none but specimens.
pub(super) fn ca_sin(text: &[u8], value: &Value) -> Option<Form> {
    let digits = Digits::of(text, value, b" -.")?;
    let grouped = digits.groups == 1 << 3 | 1 << 6;
    let shaped = digits.len == 9 && (grouped || digits.groups == 0) && !digits.is_blank();
    if !shaped || !luhn(digits.get()) {
        return None;
    }
    Some(match digits.get().first() {
        Some(b'0' | b'8') => digits.form(75, Evidence::CHECKSUM.with(Evidence::FICTION)),
        _ => digits.form(97, Evidence::CHECKSUM),
    })
}

/// Ten digits, the last one the check modulo 11 of the others with weights 10 to 2.
pub(super) fn uk_nhs(text: &[u8], value: &Value) -> Option<Form> {
    let digits = Digits::of(text, value, b" -")?;
    let grouped = digits.groups == 1 << 3 | 1 << 6;
    if digits.len != 10 || !(grouped || digits.groups == 0) || digits.is_blank() {
        return None;
    }
    let weights = (2..=10u32).rev();
    let sum: u32 = digits
        .get()
        .iter()
        .zip(weights)
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    let check = (11 - sum % 11) % 11;
    let is_checked = u64::from(check) == digits.number(9, 10);
    is_checked.then(|| digits.form(97, Evidence::CHECKSUM))
}

/// Three or four digits that a word calls a card's security code; nothing in them tells.
pub(super) fn security_code(text: &[u8], value: &Value) -> Option<Form> {
    let digits = Digits::of(text, value, b"")?;
    let more = matches!(text.get(digits.range.end..), Some([b'.' | b',' | b'-' | b'/' | b':', next, ..]) if next.is_ascii_digit());
    let percent = text.get(digits.range.end) == Some(&b'%');
    ((3..=4).contains(&digits.len) && !more && !percent)
        .then(|| digits.form(90, Evidence::default()))
}
