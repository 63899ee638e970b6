//! Why a text is a finding or is none: every reading of it, however unsure, and for digits that
//! nobody reads, what each detector misses in them.
//!
//! Owns the account; what is judged is judged by the detectors themselves.

use std::ops::Range;

use super::phone::plan::Region;
use super::{Detectors, Scratch, card, phone};
use crate::entity::{Entity, EntitySet};
use crate::finding::{Canonical, Confidence, Evidence};
use crate::view::{Hinting, Hints, Register, View};

/// What a detector says of a part of a text.
pub struct Reading {
    /// Bytes of the text.
    pub range: Range<usize>,
    /// The entity it was read as or tried for.
    pub entity: Entity,
    /// How sure, and the value; `None` when it is none.
    pub read: Option<(Confidence, Canonical)>,
    /// What speaks for it and against it.
    pub evidence: Evidence,
    /// Why it is none.
    pub why_not: Option<&'static str>,
}

/// The text as the one value of a column, or as a sentence.
struct Place<'a> {
    register: Register,
    label: Option<&'a [u8]>,
    len: usize,
}

impl Hinting for Place<'_> {
    fn hints(&self, _at: usize) -> Hints<'_> {
        Hints {
            register: self.register,
            label: self.label,
            value: self.label.map(|_| 0..self.len),
            ..Hints::default()
        }
    }

    fn columns(&self, wanted: &dyn Fn(&[u8]) -> bool, each: &mut dyn FnMut(Range<usize>, &[u8])) {
        if let Some(label) = self.label.filter(|label| wanted(label)) {
            each(0..self.len, label);
        }
    }
}

/// All that is read in `text`, in its order: in a column called `label` where there is one, else in
/// a place of `register`. Numbers are read as `regions` do.
pub fn explain(
    text: &[u8],
    regions: &[Region],
    label: Option<&str>,
    register: Register,
) -> Vec<Reading> {
    let place = Place {
        register: label.map_or(register, |_| Register::Cell),
        label: label.map(str::as_bytes),
        len: text.len(),
    };
    let detectors = Detectors::new(regions.to_vec(), EntitySet::all(), Confidence(1));
    let mut hits = Vec::new();
    let view = View::raw(text, 0, &place);
    detectors.scan(&view, &mut Scratch::default(), &mut hits);
    let mut readings: Vec<Reading> = hits
        .into_iter()
        .map(|hit| Reading {
            range: hit.range,
            entity: hit.entity,
            read: Some((hit.confidence, hit.canonical)),
            evidence: hit.evidence,
            why_not: None,
        })
        .collect();
    let read: Vec<Range<usize>> = readings.iter().map(|one| one.range.clone()).collect();
    for range in digits(text) {
        let free = |one: &Range<usize>| one.end <= range.start || one.start >= range.end;
        if read.iter().all(free) {
            readings.extend(missed(text, range, regions));
        }
    }
    readings.sort_by_key(|one| (one.range.start, one.range.end));
    readings
}

/// Stretches of digits with at most three joiners between, long enough to be asked about.
fn digits(text: &[u8]) -> Vec<Range<usize>> {
    const FEWEST: usize = 7;
    let joins = |byte: &u8| b" ()-./+".contains(byte);
    let mut found: Vec<Range<usize>> = Vec::new();
    for (at, byte) in text.iter().enumerate() {
        if !byte.is_ascii_digit() {
            continue;
        }
        let near = found.last_mut().filter(|last| {
            at - last.end <= 3
                && text
                    .get(last.end..at)
                    .is_some_and(|gap| gap.iter().all(joins))
        });
        match near {
            Some(last) => last.end = at + 1,
            None => found.push(at..at + 1),
        }
    }
    let count = |range: &Range<usize>| {
        let stretch = text.get(range.clone()).unwrap_or_default();
        stretch.iter().filter(|byte| byte.is_ascii_digit()).count()
    };
    found.retain(|range| count(range) >= FEWEST);
    found
}

/// Why digits that nobody reads are no phone and no card.
fn missed(text: &[u8], range: Range<usize>, regions: &[Region]) -> Vec<Reading> {
    let stretch = text.get(range.clone()).unwrap_or_default();
    let digits: Vec<u8> = stretch.iter().copied().filter(u8::is_ascii_digit).collect();
    let plus = range.start > 0 && text.get(range.start - 1) == Some(&b'+');
    let none = |entity, why_not| Reading {
        range: range.clone(),
        entity,
        read: None,
        evidence: Evidence::default(),
        why_not: Some(why_not),
    };
    let mut readings = Vec::new();
    if digits.len() <= 18 {
        readings.push(none(
            Entity::Phone,
            match phone::read_told(regions, &digits, plus) {
                None => "no plan of the regions has such a number, nor a country code",
                Some(reading) if !reading.is_valid() => {
                    "the length is right, but no plan assigns it, and nothing around it helps"
                }
                Some(_) => {
                    "the digits could be one, but how they are grouped or what touches them \
                            says otherwise"
                }
            },
        ));
    }
    if (card::FEWEST_DIGITS..=card::MOST_DIGITS).contains(&digits.len()) {
        readings.push(none(
            Entity::PaymentCard,
            match (card::luhn(&digits), card::is_usual(&digits)) {
                (false, _) => "the check digit is wrong",
                (true, None) => "no network's numbers begin so or are so long",
                (true, Some(_)) => {
                    "the digits could be one, but how they are grouped or what touches them says \
                     otherwise"
                }
            },
        ));
    }
    readings
}

/// The text with stars for `range`, for every digit, and for all else that any detector finds: what
/// may be shown around a finding to somebody who is not to see values. Its length stays.
pub fn redacted(text: &[u8], range: Range<usize>, regions: &[Region]) -> Vec<u8> {
    let mut shown = text.to_vec();
    let place = Place {
        register: Register::Prose,
        label: None,
        len: text.len(),
    };
    let detectors = Detectors::new(regions.to_vec(), EntitySet::all(), Confidence(20));
    let mut hits = Vec::new();
    let view = View::raw(text, 0, &place);
    detectors.scan(&view, &mut Scratch::default(), &mut hits);
    let hits = hits.into_iter().map(|hit| hit.range);
    for range in hits.chain([range]) {
        shown
            .get_mut(range)
            .into_iter()
            .flatten()
            .for_each(|byte| *byte = b'*');
    }
    for byte in &mut shown {
        if byte.is_ascii_digit() {
            *byte = b'*';
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_and_what_is_missed_is_told() {
        let us = [Region::parse("US").unwrap()];
        let told = |text: &str, label: Option<&str>| {
            let readings = explain(text.as_bytes(), &us, label, Register::Prose);
            let all = readings.into_iter().map(|one| {
                let sure = one.read.map_or(0, |(confidence, _)| confidence.0);
                (one.entity.name(), sure >= 50, one.why_not.is_some())
            });
            all.collect::<Vec<_>>()
        };
        let phone = ("phone", true, false);
        assert_eq!(told("call 416-555-0123", None), [phone]);
        assert_eq!(told("order 4165550123", None), [("phone", false, false)]);
        assert_eq!(told("4165550123", Some("phone")), [phone]);
        assert_eq!(
            told("4111 1111 1111 1112", None),
            [("phone", false, true), ("payment_card", false, true)]
        );
        assert_eq!(told("123456789", Some("ssn")), [("us_ssn", true, false)]);
        assert_eq!(told("nothing here", None), []);
    }

    #[test]
    fn what_speaks_against_is_named() {
        let us = [Region::parse("US").unwrap()];
        let evidence = |text: &str, label: Option<&str>| {
            let readings = explain(text.as_bytes(), &us, label, Register::Prose);
            readings[0].evidence
        };
        assert!(evidence("order 4165550123", None).has(Evidence::IDENTIFIER_WORD));
        assert!(evidence("4165550123", Some("order_id")).has(Evidence::NAMED_OTHERWISE));
    }
}
