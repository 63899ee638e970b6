//! What the first values of a column tell of the others: that it holds telephone numbers, and that a
//! spreadsheet has damaged them.
//!
//! Owns how many of the values have to be numbers. Random digits of ten are a number in four cases of
//! ten, and identifiers count up: neither makes a column of phones.

use std::ops::Range;

use super::Scene;
use super::context::Word;
use super::hit::Hit;
use super::labels::Says;
use super::phone::plan::{self, Fiction, Region, Validity, Verdict};
use crate::entity::Entity;
use crate::finding::{Canonical, Confidence, Evidence};
use crate::view::Sampled;

/// Most of the values are telephone numbers.
pub(super) const PHONES: u8 = 1;
/// Some are telephone numbers as spreadsheets round them.
const DAMAGED: u8 = 2;

/// The fewest values that are numbers where nothing but their digits tells.
const FEWEST_BARE: usize = 6;
/// The fewest that are, with a plus or in groups.
const FEWEST_WRITTEN: usize = 3;
/// How sure a number is that a spreadsheet left five digits of.
const ROUNDED: u8 = 70;

/// What the first values tell, as bits.
pub(super) fn kinds(sampled: &Sampled, regions: &[Region]) -> u8 {
    sampled.told(|sampled| judge(sampled, regions))
}

fn judge(sampled: &Sampled, regions: &[Region]) -> u8 {
    let (mut bare, mut written, mut damaged, mut counting) = (0, 0, 0, 0);
    let mut before = 0u64;
    for value in sampled.values() {
        if is_rounded(value) {
            damaged += 1;
            continue;
        }
        let digits: Vec<u8> = value.iter().copied().filter(u8::is_ascii_digit).collect();
        let others = value.iter().filter(|b| !b.is_ascii_digit());
        if !others.clone().all(|b| b" +-().".contains(b)) || !is_number(value, &digits, regions) {
            continue;
        }
        if others.count() > 0 {
            written += 1;
            continue;
        }
        bare += 1;
        let number = digits
            .iter()
            .fold(0u64, |n, d| n.wrapping_mul(10) + u64::from(d & 15));
        counting += usize::from(number > before && number - before < 10_000 && before > 0);
        before = number;
    }
    let counts_up = bare > 0 && counting * 2 >= bare;
    let found = if counts_up { written } else { bare + written };
    let whole = sampled.len() - damaged;
    let phones = if written >= FEWEST_WRITTEN {
        found * 5 >= whole * 3
    } else {
        found >= FEWEST_BARE && found * 4 >= whole * 3
    };
    (if phones { PHONES } else { 0 }) | if damaged > 0 { DAMAGED } else { 0 }
}

fn is_number(value: &[u8], digits: &[u8], regions: &[Region]) -> bool {
    let valid = |verdict: Option<Verdict>| {
        verdict.is_some_and(|v| {
            v.validity == Validity::Valid || v.number.fiction() == Fiction::Reserved
        })
    };
    if !(7..=15).contains(&digits.len()) {
        return false;
    }
    if value.contains(&b'+') {
        return value.first() == Some(&b'+') && valid(plan::international(digits));
    }
    regions
        .iter()
        .any(|region| valid(plan::national(*region, digits)))
}

/// Whether a value is a large number as spreadsheets write it: `1.4165E+10`.
fn is_rounded(value: &[u8]) -> bool {
    let Some(at) = value.iter().position(|b| matches!(b, b'E' | b'e')) else {
        return false;
    };
    let (mantissa, power) = value.split_at(at);
    let shaped = matches!(mantissa, [d] | [d, b'.' | b','] if d.is_ascii_digit())
        || matches!(mantissa, [d, b'.' | b',', rest @ ..]
            if d.is_ascii_digit() && rest.len() <= 8 && rest.iter().all(u8::is_ascii_digit));
    // Nine to fifteen digits.
    shaped
        && matches!(
            power.get(1..),
            Some([b'+', b'0', b'8' | b'9'] | [b'+', b'1', b'0'..=b'4'])
        )
}

/// Adds the numbers that a spreadsheet has rounded to `out`: those of columns that are called phone,
/// or whose other values are.
pub(super) fn rounded(scene: &Scene<'_>, out: &mut Vec<Hit>) {
    let wanted = |label: Option<&[u8]>, sampled: &Sampled| {
        let kinds = kinds(sampled, scene.regions);
        let label = label
            .map(|label| scene.said.label(label))
            .unwrap_or_default();
        let called = label.says == Some(Says::Holds(Entity::Phone))
            || label.says.is_none() && label.speaks & Word::Phone as u8 != 0;
        kinds & DAMAGED != 0 && (called || label.says.is_none() && kinds & PHONES != 0)
    };
    scene
        .view
        .sampled_columns(&wanted, &mut |range: Range<usize>| {
            let Some(value) = scene
                .text
                .get(range.clone())
                .filter(|value| is_rounded(value))
            else {
                return;
            };
            out.push(Hit {
                entity: Entity::Phone,
                confidence: Confidence(ROUNDED),
                evidence: Evidence::COLUMN,
                canonical: Canonical::Text(value.into()),
                range,
                extension: None,
            });
        });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(values: &[&str]) -> u8 {
        let mut sampled = Sampled::default();
        for value in values {
            sampled.push(value.as_bytes());
        }
        kinds(&sampled, &[Region::parse("US").unwrap()])
    }

    #[test]
    fn columns_of_numbers_are_told_from_columns_of_identifiers() {
        let bare = [
            "4165550123",
            "6135550142",
            "2125550199",
            "4165550177",
            "9055550101",
            "6475550188",
        ];
        assert_eq!(told(&bare), PHONES);
        assert_eq!(told(&bare[..4]), 0, "too few to tell from chance");
        assert_eq!(
            told(&[
                "+14165550123",
                "416-555-0177",
                "(212) 555-0142",
                "anonymous"
            ]),
            PHONES
        );
        let ids: Vec<String> = (0..32)
            .map(|n| (4_165_550_100u64 + n * 7).to_string())
            .collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        assert_eq!(told(&ids), 0, "identifiers count up");
        let times = [
            "1714060800",
            "1714060860",
            "1714061000",
            "1714069999",
            "1714070000",
            "1714071111",
        ];
        assert_eq!(told(&times), 0);
        assert_eq!(told(&["1.4165E+10", "1.6475E+10", ""]), DAMAGED);
        assert_eq!(told(&["1.5", "2.25E-3", "3.0E+2"]), 0);
    }
}
