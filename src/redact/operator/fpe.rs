//! `fpe`: other digits in the same form, which the holder of the key can turn back.
//!
//! Owns format-preserving encryption (FF1 with AES-256, NIST SP 800-38G rev. 1) of digits. Length
//! and separators stay, and a phone number keeps its calling code. Equal canonical values have
//! equal results in every spelling, since only the canonical digits are encrypted.
//!
//! - The result is a pseudonym, not an erasure, and it may be a number that somebody else has. It
//!   therefore never goes into the file it came from, and nothing recognises it later; the key's
//!   id travels beside the output, not in it.
//! - Cards and Canadian social insurance numbers end in a Luhn digit. It is not encrypted: the
//!   result gets a wrong one, so that it never is a valid number, and reversing restores it.
//! - A leading zero stays zero and any other leading digit does not become one, so that a number
//!   stays a number of as many digits.
//! - Fewer than 10^6 possible values are refused, as the standard asks.

use aes::Aes256;
use fpe::ff1::{FF1, FlexibleNumeralString};

use super::partial::digits;
use super::secret::{KeyId, Purpose, Secret};
use super::{Original, Slot, canonical_bytes};
use crate::entity::Entity;
use crate::finding::Canonical;

/// The fewest digits that are encrypted: with the first one kept zero or not zero, six digits
/// have only 9 * 10^5 values and seven have 10^6.
const FEWEST_DIGITS: usize = 7;

/// What is added to the right check digit to make a wrong one.
const WRONG_CHECK: u32 = 5;

/// Why a value is not encrypted, or a result not turned back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The entity is no number.
    #[error("format-preserving encryption works on numbers only")]
    NotDigits,
    /// So few values are possible that the result could be found by trying.
    #[error("the number is too short: with fewer than 10^6 possible values it could be guessed")]
    TooShort,
    /// The last digit does not fit the others.
    #[error("the check digit is not the one such a number has here")]
    CheckDigit,
    /// The result would be the original.
    #[error("the encrypted number is the number itself")]
    Unchanged,
    /// Another key made it (R12).
    #[error("the number was made with key {made_with}, this is key {this}")]
    WrongKey {
        /// The key recorded beside the output.
        made_with: KeyId,
        /// The key at hand.
        this: KeyId,
    },
}

/// Encrypts and turns back with one key.
pub struct Fpe {
    cipher: FF1<Aes256>,
    key_id: KeyId,
}

/// The digits of a value, apart.
struct Digits {
    /// Stays as it is: a calling code.
    code: String,
    /// Is encrypted.
    body: String,
    /// Follows from the body: a Luhn digit.
    check: Option<u32>,
}

impl Fpe {
    /// Encryption under the key that `secret` derives for it.
    pub fn new(secret: &Secret) -> Self {
        let key = secret.derive(Purpose::Fpe);
        let cipher = FF1::new(key.expose(), 10)
            .unwrap_or_else(|_| unreachable!("FF1 takes every radix from 2 to 2^16"));
        Self {
            cipher,
            key_id: secret.key_id(),
        }
    }

    /// The id of the secret, to be kept beside the output and given back to [`Fpe::reveal`].
    pub fn key_id(&self) -> KeyId {
        self.key_id
    }

    /// The value with other digits, in the spelling it has: text for a text slot, digits for a
    /// number slot. Digits that are no part of the canonical value (an extension) become stars.
    /// A spelling without the canonical digits in it (spoken, letters) gives the canonical one.
    ///
    /// # Errors
    /// [`Refused`]; the value is then to be masked.
    pub fn replace(&self, original: &Original<'_>) -> Result<String, Refused> {
        let plain = take_apart(original.entity, original.canonical, 0)?;
        let body = self.turn(original.entity, &plain.code, &plain.body, Direction::Hide)?;
        if body == plain.body {
            return Err(Refused::Unchanged);
        }
        let number = |body: &str, check: u32| match plain.check {
            Some(_) => format!("{body}{}", (luhn_digit(body) + check) % 10),
            None => body.to_owned(),
        };
        let (old, new) = (number(&plain.body, 0), number(&body, WRONG_CHECK));
        if let Some(text) = respell(original, &old, &new) {
            return Ok(text);
        }
        let plus = original.slot == Slot::Text
            && canonical_bytes(original.canonical, original.text).starts_with(b"+");
        Ok(format!(
            "{}{}{new}",
            if plus { "+" } else { "" },
            plain.code
        ))
    }

    /// The canonical value whose replacement has the canonical value `replaced`.
    ///
    /// # Errors
    /// [`Refused::WrongKey`] unless `made_with`, the key id recorded beside the output, is this
    /// key's, and the other reasons when no replacement could look like this.
    pub fn reveal(
        &self,
        entity: Entity,
        replaced: &Canonical,
        made_with: KeyId,
    ) -> Result<Canonical, Refused> {
        if made_with != self.key_id {
            return Err(Refused::WrongKey {
                made_with,
                this: self.key_id,
            });
        }
        let hidden = take_apart(entity, replaced, WRONG_CHECK)?;
        let body = self.turn(entity, &hidden.code, &hidden.body, Direction::Show)?;
        let check = hidden
            .check
            .map(|_| luhn_digit(&body).to_string())
            .unwrap_or_default();
        let digits = format!("{}{body}{check}", hidden.code);
        let number = || digits.parse().map_err(|_| Refused::NotDigits);
        Ok(match *replaced {
            Canonical::Phone { country_len, .. } => Canonical::Phone {
                digits: number()?,
                country_len,
            },
            Canonical::Digits { len, .. } => Canonical::Digits {
                value: number()?,
                len,
            },
            _ => Canonical::Text(digits.into_bytes().into()),
        })
    }

    /// Encrypts or decrypts `body`, whose first digit stays zero or stays another.
    fn turn(
        &self,
        entity: Entity,
        code: &str,
        body: &str,
        direction: Direction,
    ) -> Result<String, Refused> {
        if body.len() < FEWEST_DIGITS {
            return Err(Refused::TooShort);
        }
        // The tweak makes each entity and calling code a permutation of its own.
        let tweak = format!("{}\0{code}", entity.name());
        let leading_zero = body.starts_with('0');
        let mut numerals: Vec<u16> = body.bytes().map(|b| u16::from(b - b'0')).collect();
        // Cycle walking: a permutation applied again until it is back in the set it started from
        // is a permutation of that set. It ends, since its cycle leads back to the start; one
        // round is usual for other digits, ten for a leading zero.
        loop {
            let block = FlexibleNumeralString::from(numerals);
            numerals = match direction {
                Direction::Hide => self.cipher.encrypt(tweak.as_bytes(), &block),
                Direction::Show => self.cipher.decrypt(tweak.as_bytes(), &block),
            }
            .map_err(|_| Refused::TooShort)?
            .into();
            if (numerals.first() == Some(&0)) == leading_zero {
                break;
            }
        }
        Ok(numerals
            .iter()
            .filter_map(|&n| char::from_digit(u32::from(n), 10))
            .collect())
    }
}

#[derive(Clone, Copy)]
enum Direction {
    Hide,
    Show,
}

/// The digits of a canonical value, whose check digit is to be `offset` from the right one.
fn take_apart(entity: Entity, canonical: &Canonical, offset: u32) -> Result<Digits, Refused> {
    let mut code = digits(canonical).ok_or(Refused::NotDigits)?;
    let code_len = match canonical {
        Canonical::Phone { country_len, .. } => usize::from(*country_len).min(code.len()),
        _ => 0,
    };
    let mut body = code.split_off(code_len);
    let check = match entity {
        Entity::PaymentCard | Entity::CaSin => {
            let check = body
                .pop()
                .and_then(|c| c.to_digit(10))
                .ok_or(Refused::TooShort)?;
            if check != (luhn_digit(&body) + offset) % 10 {
                return Err(Refused::CheckDigit);
            }
            Some(check)
        }
        Entity::Phone
        | Entity::Imei
        | Entity::Imsi
        | Entity::Iccid
        | Entity::UsSsn
        | Entity::UkNhs => None,
        _ => return Err(Refused::NotDigits),
    };
    Ok(Digits { code, body, check })
}

/// The digit that completes `body` (ASCII digits) to a number that passes Luhn's test
/// (ISO/IEC 7812-1, annex B).
fn luhn_digit(body: &str) -> u32 {
    let sum: u32 = body
        .bytes()
        .rev()
        .enumerate()
        .map(|(i, b)| {
            let digit = u32::from(b - b'0');
            match i % 2 {
                0 if digit > 4 => 2 * digit - 9,
                0 => 2 * digit,
                _ => digit,
            }
        })
        .sum();
    (10 - sum % 10) % 10
}

/// The text of `original` with the digits `new` in the places of `old`, or `None` when its digits
/// are not `old` with a prefix (calling code, trunk zero) before it.
fn respell(original: &Original<'_>, old: &str, new: &str) -> Option<String> {
    let text = std::str::from_utf8(original.text).ok()?;
    // Digits outside ASCII are not counted below; a line end is a break between two places, and
    // the replacement is written into one.
    if text
        .chars()
        .any(|c| c.is_control() || (c.is_numeric() && !c.is_ascii()))
    {
        return None;
    }
    let shown: String = text.chars().filter(char::is_ascii_digit).collect();
    let start = match original.entity {
        Entity::Phone => shown.rfind(old)?,
        _ => (shown == old).then_some(0)?,
    };
    let behind = start + old.len();
    if original.slot == Slot::Number && (shown.len() != text.len() || behind != shown.len()) {
        return None;
    }
    let mut seen = 0usize;
    let respelled = text.chars().map(|c| {
        if !c.is_ascii_digit() {
            return c;
        }
        let at = seen;
        seen += 1;
        match at.checked_sub(start).and_then(|at| new.as_bytes().get(at)) {
            Some(&digit) => char::from(digit),
            None if at < start => c,
            None => '*',
        }
    });
    Some(respelled.collect())
}

#[cfg(test)]
mod tests;
