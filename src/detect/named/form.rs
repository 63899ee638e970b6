//! What a value of each entity looks like.

use std::ops::Range;

use super::read::Value;
use super::{address, codes, iban, integer, numbers, person, secret, when, whereabouts};
use crate::entity::Entity;
use crate::finding::{Canonical, Evidence};

/// A value that has the form of its entity.
pub(in super::super) struct Form {
    pub(super) range: Range<usize>,
    pub(super) canonical: Canonical,
    /// In hundredths.
    pub(super) confidence: u8,
    pub(super) evidence: Evidence,
}

impl Form {
    /// How sure it is, in hundredths.
    pub(in super::super) fn percent(&self) -> u8 {
        self.confidence
    }

    /// A form without evidence of its own.
    pub(super) fn new(range: Range<usize>, canonical: Canonical, confidence: u8) -> Form {
        Form {
            range,
            canonical,
            confidence,
            evidence: Evidence::default(),
        }
    }

    /// The same, with evidence.
    pub(super) fn with(self, evidence: Evidence) -> Form {
        Form {
            evidence: self.evidence.with(evidence),
            ..self
        }
    }
}

/// The value of `entity` that `value` is or begins with; `label` is what it is called, empty where
/// a word of a sentence announced it.
pub(super) fn read(entity: Entity, text: &[u8], value: &Value, label: &[u8]) -> Option<Form> {
    if is_label(text.get(value.range.start..)?) {
        return None;
    }
    let form = match entity {
        Entity::Imei => numbers::imei(text, value),
        Entity::Imsi => numbers::imsi(text, value),
        Entity::Iccid => numbers::iccid(text, value),
        Entity::UsSsn => numbers::us_ssn(text, value),
        Entity::CaSin => numbers::ca_sin(text, value),
        Entity::UkNhs => numbers::uk_nhs(text, value),
        Entity::CardSecurityCode => numbers::security_code(text, value),
        Entity::Iban => iban::named(text, value),
        Entity::IpAddress => integer::address(text, value, label),
        Entity::MacAddress => codes::mac(text, value),
        Entity::CookieId => codes::cookie(text, value),
        Entity::AdvertisingId => codes::advertising(text, value),
        Entity::DeviceId => codes::device(text, value),
        Entity::Geolocation => whereabouts::named(text, value, label),
        Entity::Credential => secret::named(text, value, label),
        Entity::DateOfBirth => when::born(text, value),
        Entity::PersonName => person::named(text, value, label),
        Entity::PostalAddress => address::named(text, value),
        _ => None,
    }?;
    // What fills a cell or a quotation is all of it.
    if value.exact && form.range.end < value.range.end {
        let rest = text.get(form.range.end..value.range.end)?;
        if !rest.iter().all(u8::is_ascii_whitespace) {
            return None;
        }
    }
    Some(form)
}

/// Whether a value begins with what stands for one that was taken out: `[PHONE]`, `[SSN]`.
fn is_label(value: &[u8]) -> bool {
    let Some(inner) = value.strip_prefix(b"[") else {
        return false;
    };
    let len = inner
        .iter()
        .take_while(|b| b.is_ascii_uppercase() || **b == b'_')
        .count();
    len > 1 && inner.get(len) == Some(&b']')
}

/// The value's text in lower case with single blanks, as its canonical form.
pub(super) fn folded(text: &[u8]) -> Canonical {
    let folded = String::from_utf8_lossy(text).to_lowercase();
    let words: Vec<&str> = folded.split_whitespace().collect();
    Canonical::Text(words.join(" ").into_bytes().into_boxed_slice())
}
