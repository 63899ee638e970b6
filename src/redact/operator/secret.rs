//! The secret behind pseudonyms: 32 bytes that are never shown, one derived key per purpose.
//!
//! Owns derivation and the key id. Knows nothing of files: where a secret comes from and how its
//! permissions are checked is the business of the state.

use std::fmt;

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

/// The length of a secret in bytes.
const LENGTH: usize = 32;

/// 32 secret bytes. `Debug` shows none of them, and they are wiped when dropped.
pub struct Secret(Box<Zeroizing<[u8; LENGTH]>>);

/// What a derived key is for. Keys of two purposes tell nothing about each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Pseudonyms of the `token` operator.
    Token,
    /// Format-preserving encryption of the `fpe` operator.
    Fpe,
}

impl Purpose {
    const fn info(self) -> &'static [u8] {
        match self {
            Purpose::Token => b"efface/1/token",
            Purpose::Fpe => b"efface/1/fpe",
        }
    }
}

/// Tells keys apart without telling anything about them: 64 bits, shown as 16 hex digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KeyId(pub [u8; 8]);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Key material of the wrong length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a key has {LENGTH} bytes, this one has {0}\n\nhint: make one with 'efface key new'")]
pub struct BadLength(pub usize);

impl Secret {
    /// A secret of exactly 32 bytes. The caller wipes its own copy.
    ///
    /// # Errors
    /// [`BadLength`] for any other number of bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BadLength> {
        let mut secret = Self::blank();
        if bytes.len() != LENGTH {
            return Err(BadLength(bytes.len()));
        }
        secret.0.copy_from_slice(bytes);
        Ok(secret)
    }

    /// A secret of these bytes.
    pub(crate) fn of(bytes: &[u8; LENGTH]) -> Self {
        let mut secret = Self::blank();
        secret.0.copy_from_slice(bytes);
        secret
    }

    /// The key for one purpose (HKDF-SHA-256, RFC 5869).
    #[must_use]
    pub fn derive(&self, purpose: Purpose) -> Secret {
        self.expand(purpose.info())
    }

    /// The id of this secret: the same for the same bytes, and no help in finding them.
    pub fn key_id(&self) -> KeyId {
        let id = self.expand(b"efface/1/id");
        let mut head = [0; size_of::<KeyId>()];
        head.copy_from_slice(id.expose().split_at(size_of::<KeyId>()).0);
        KeyId(head)
    }

    /// The bytes, for a cipher to take in. Every use is one search away.
    pub(super) fn expose(&self) -> &[u8; LENGTH] {
        &self.0
    }

    fn blank() -> Self {
        Self(Box::new(Zeroizing::new([0; LENGTH])))
    }

    fn expand(&self, info: &[u8]) -> Secret {
        let mut derived = Self::blank();
        Hkdf::<Sha256>::new(None, self.expose())
            .expand(info, derived.0.as_mut_slice())
            // RFC 5869 allows 255 hash lengths; this asks for one.
            .unwrap_or_else(|_| unreachable!("32 bytes are within the limit of HKDF-SHA-256"));
        derived
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write;

    /// 00 01 .. 1f.
    fn counting() -> Secret {
        Secret::from_bytes(&(0..32).collect::<Vec<u8>>()).unwrap()
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().fold(String::new(), |mut hex, byte| {
            write!(hex, "{byte:02x}").unwrap();
            hex
        })
    }

    /// Expected values from Python's `cryptography` 48: `HKDF(SHA256(), 32, None, info)`.
    #[test]
    fn keys_are_derived_with_hkdf_sha256() {
        assert_eq!(
            hex(counting().derive(Purpose::Token).expose()),
            "78b6861b3c674ea5d958b41119ad76f30b54f490ec2eeb615ff4beff157cb08a"
        );
        assert_eq!(
            hex(counting().derive(Purpose::Fpe).expose()),
            "70def734a85445a0c0cffb5e2dd43025425972d517bea99df86d0a06a7129135"
        );
        assert_eq!(counting().key_id().to_string(), "565e164817186556");
    }

    #[test]
    fn a_secret_is_never_shown_and_has_one_length() {
        assert_eq!(format!("{:?}", counting()), "Secret(hidden)");
        for length in [0, 16, 31, 33] {
            let refused = Secret::from_bytes(&vec![7; length]).unwrap_err();
            assert_eq!(refused, BadLength(length));
            assert!(refused.to_string().contains(&length.to_string()));
        }
    }
}
