//! `token`: a keyed pseudonym, `PHONE_` and 24 letters.
//!
//! Owns the shape of tokens: the entity's label, an underscore, and 103 bits of HMAC-SHA-256 over
//! entity and canonical value, so that a value has the same token in every file and spelling and
//! different tokens as different entities. The letters are consonants only: without digits a
//! token can never be read as a number, without vowels it never spells a word, and nothing but a
//! token looks like one, so none of the detectors finds anything in it (R7). At 10^9 values the
//! chance that any two share a token is below 10^-13.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::secret::{Purpose, Secret};
use crate::entity::Entity;

/// The letters of a token: lower-case consonants without `l`, which is misread as `1`.
const LETTERS: &[u8; 20] = b"bcdfghjkmnpqrstvwxyz";

/// How many letters a token has: 20^24 is more than 2^103.
const LENGTH: usize = 24;

/// No token is shorter: its letters, and an underscore before them.
pub(super) const SHORTEST_TOKEN: usize = LENGTH + 1;

/// Makes tokens with one key.
pub struct Tokens {
    /// Already keyed; cloned for each value.
    mac: Hmac<Sha256>,
}

impl Tokens {
    /// Tokens under the key that `secret` derives for them.
    pub fn new(secret: &Secret) -> Self {
        let key = secret.derive(Purpose::Token);
        let mac = Hmac::new_from_slice(key.expose())
            .unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
        Self { mac }
    }

    /// The token of a canonical value.
    pub fn token(&self, entity: Entity, canonical: &[u8]) -> String {
        let mut mac = self.mac.clone();
        // Names hold no NUL, so no two pairs of entity and value give the same message.
        mac.update(entity.name().as_bytes());
        mac.update(&[0]);
        mac.update(canonical);
        let tag = mac.finalize().into_bytes();
        let mut number = tag
            .iter()
            .take(size_of::<u128>())
            .fold(0u128, |n, &b| (n << 8) | u128::from(b));
        let mut token = format!("{}_", entity.label());
        for _ in 0..LENGTH {
            let letter = (number % LETTERS.len() as u128) as usize;
            token.push(char::from(LETTERS[letter]));
            number /= LETTERS.len() as u128;
        }
        token
    }
}

/// Whether `text` has the shape of a token of some entity.
pub(super) fn is_token(text: &str) -> bool {
    text.rsplit_once('_').is_some_and(|(word, letters)| {
        letters.len() == LENGTH
            && letters.bytes().all(|b| LETTERS.contains(&b))
            && Entity::ALL.iter().any(|entity| entity.label() == word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tokens(byte: u8) -> Tokens {
        Tokens::new(&Secret::from_bytes(&[byte; 32]).unwrap())
    }

    /// Expected values from Python's `hmac` over the derived key, written in base 20.
    #[test]
    fn a_token_is_the_keyed_digest_of_entity_and_canonical_value() {
        let tokens = Tokens::new(&Secret::from_bytes(&(0..32).collect::<Vec<u8>>()).unwrap());
        for (entity, canonical, token) in [
            (
                Entity::Phone,
                "+14165550123",
                "PHONE_ngcbhpfzbzykvspjwytyxfvm",
            ),
            (
                Entity::Email,
                "jane.doe@example.com",
                "EMAIL_yypzgcbkbxqxkpgpswqswtpx",
            ),
            (
                Entity::Health,
                "diabetes",
                "HEALTH_pfpfrbcktrrksbwphvcyygkb",
            ),
        ] {
            assert_eq!(tokens.token(entity, canonical.as_bytes()), token);
        }
    }

    #[test]
    fn entity_and_key_separate_tokens() {
        let digits = b"490154203237518";
        let imei = tokens(1).token(Entity::Imei, digits);
        let imsi = tokens(1).token(Entity::Imsi, digits);
        assert_ne!(imei.rsplit('_').next(), imsi.rsplit('_').next());
        assert_ne!(imei, tokens(2).token(Entity::Imei, digits));
        assert_eq!(imei, tokens(1).token(Entity::Imei, digits));
    }

    #[test]
    fn only_tokens_look_like_tokens() {
        let token = tokens(1).token(Entity::DateOfBirth, b"1984-04-25");
        assert!(token.starts_with("BIRTH_DATE_") && is_token(&token));
        for other in [
            "PHONE_",
            "PHONE_4165550123",
            "PHONE_416555012341655501234165",
            "PHONE_bcdfghjkmnpqrstvwxyzbcd",
            "PHONE_bcdfghjkmnpqrstvwxyzbcdfg",
            "phone_bcdfghjkmnpqrstvwxyzbcdf",
            "NOBODY_bcdfghjkmnpqrstvwxyzbcdf",
        ] {
            assert!(!is_token(other), "{other}");
        }
    }

    proptest! {
        #[test]
        fn a_token_shows_nothing_a_detector_reads(canonical in "[+]?[0-9]{7,15}") {
            let token = tokens(9).token(Entity::Phone, canonical.as_bytes());
            prop_assert!(is_token(&token));
            prop_assert!(token.bytes().all(|b| b == b'_' || b.is_ascii_alphabetic()));
        }
    }
}
