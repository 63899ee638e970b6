//! Operators: what replaces a value.
//!
//! Owns the six replacements a run can choose from, the choice per entity, and the recognition of
//! what they produce. Knows neither formats nor detectors: an operator is given the decoded value
//! and its canonical value and answers with an abstract [`Replacement`](crate::edit::Replacement),
//! which a format renders in its own escapes, encoding and width.
//!
//! No operator uses an unkeyed hash: phone numbers, cards and addresses are few enough to be
//! enumerated in seconds, so only a secret makes a pseudonym one.

mod apply;
mod fpe;
mod label;
mod mask;
mod partial;
mod recognise;
mod remove;
mod secret;
mod select;
mod token;

pub use apply::{Applied, MissingKey, Operators};
pub use fpe::{Fpe, Refused};
pub use label::label;
pub use mask::{mask_number, mask_number_like};
pub use partial::partial;
pub use recognise::{is_masked_number, is_replacement};
pub use remove::neighbours;
pub use secret::{BadLength, KeyId, Purpose, Secret};
pub use select::{Operator, OperatorError, OperatorSet};
pub use token::Tokens;

use crate::entity::Entity;
use crate::finding::Canonical;

/// What kind of place a value stands in, as far as an operator must know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Slot {
    /// Text: any replacement fits.
    #[default]
    Text,
    /// A number its format cannot turn into text (a JSON number, an integer column).
    Number,
    /// A stretch of a recording.
    Sound,
}

/// A value to be replaced. It has no `Debug`: it is personal data.
#[derive(Clone, Copy)]
pub struct Original<'a> {
    /// What kind of personal data it is.
    pub entity: Entity,
    /// The value as it stands in the source, decoded: the text a detector saw, usually UTF-8.
    pub text: &'a [u8],
    /// The canonical value: the one spelling that all spellings of the value share.
    pub canonical: &'a Canonical,
    /// The kind of place.
    pub slot: Slot,
    /// The nearest byte before the value that the value could be joined to, see [`neighbours`].
    pub before: Option<u8>,
    /// The nearest byte after the value that the value could be joined to, see [`neighbours`].
    pub after: Option<u8>,
}

impl<'a> Original<'a> {
    /// A value in a text slot with nothing around it.
    pub fn new(entity: Entity, text: &'a [u8], canonical: &'a Canonical) -> Self {
        Self {
            entity,
            text,
            canonical,
            slot: Slot::Text,
            before: None,
            after: None,
        }
    }

    /// The same value in another kind of place.
    #[must_use]
    pub fn in_slot(self, slot: Slot) -> Self {
        Self { slot, ..self }
    }

    /// The same value between these bytes, as [`neighbours`] finds them.
    #[must_use]
    pub fn between(self, (before, after): (Option<u8>, Option<u8>)) -> Self {
        Self {
            before,
            after,
            ..self
        }
    }
}

/// The canonical value as bytes, for a keyed digest: `+` and digits of a phone number (without
/// `+` when its country is unknown), digits with their leading zeros, an address in its standard
/// text form, text as it is. Listed terms have no spelling of their own, and their numbers change
/// with the packs: for them it is `text` in lower case.
pub fn canonical_bytes(canonical: &Canonical, text: &[u8]) -> Vec<u8> {
    match canonical {
        Canonical::Phone {
            digits,
            country_len: 0,
        } => digits.to_string().into_bytes(),
        Canonical::Phone { digits, .. } => format!("+{digits}").into_bytes(),
        Canonical::Digits { value, len } => {
            format!("{value:0width$}", width = usize::from(*len)).into_bytes()
        }
        Canonical::Ip(address) => address.to_string().into_bytes(),
        Canonical::Text(text) => text.to_vec(),
        Canonical::Term(_) => String::from_utf8_lossy(text).to_lowercase().into_bytes(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_values_have_one_spelling() {
        let phone = |country_len| Canonical::Phone {
            digits: 14_165_550_123,
            country_len,
        };
        for (canonical, text, bytes) in [
            (phone(1), "(416) 555-0123", "+14165550123"),
            (phone(0), "1 416 555 0123", "14165550123"),
            (
                Canonical::Digits {
                    value: 46_454_286,
                    len: 9,
                },
                "046 454 286",
                "046454286",
            ),
            (
                Canonical::Ip([192, 0, 2, 1].into()),
                "192.0.2.1",
                "192.0.2.1",
            ),
            (
                Canonical::Text((*b"jane@example.com").into()),
                "Jane@Example.com",
                "jane@example.com",
            ),
            (Canonical::Term(7), "Diab\u{e9}tes", "diab\u{e9}tes"),
        ] {
            assert_eq!(
                canonical_bytes(&canonical, text.as_bytes()),
                bytes.as_bytes()
            );
        }
    }
}
