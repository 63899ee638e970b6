//! The secret of a state folder and what is derived from it: one sub-key per purpose
//! (HKDF-SHA-256), keyed digests (HMAC-SHA-256), sealed bytes (XChaCha20-Poly1305).
//! It must not know files: [`super::State`] reads and makes the key file.

use chacha20poly1305::aead::{Aead, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::super::failure::{Failure, Outcome, Reason};
use super::super::io::Io;

/// Length of the secret in bytes.
pub const SECRET_LEN: usize = 32;
/// Length of the nonce in front of sealed bytes; long enough to be drawn at random.
const NONCE_LEN: usize = 24;
/// What a key file starts with.
const KEY_MAGIC: &str = "efface-key-1 ";
/// The longest key file that is read: the magic, 64 hexadecimal digits and a line end, roomy.
pub(super) const KEY_FILE_MAX: usize = 128;

/// What a sub-key is for. A digest made for one purpose says nothing about another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// The public name of the key.
    Id,
    /// Sealed files of the state folder (holds, duties, retired keys).
    State,
    /// Run journals.
    Journal,
    /// Checks of bytes around and under an edit.
    Range,
    /// Digests of whole contents in receipts.
    Content,
    /// The chain of a receipt.
    Receipt,
    /// Sealed paths in receipts.
    Path,
    /// The audit log.
    Audit,
    /// Tags of identifiers (holds, suppression, look-ups).
    Tag,
    /// Pseudonyms put into files by the `token` operator.
    Token,
    /// Format-preserving encryption.
    Fpe,
    /// The index: tags, build key, look-up key.
    IndexTag,
    /// See [`Purpose::IndexTag`].
    IndexBuild,
    /// See [`Purpose::IndexTag`].
    IndexLookUp,
}

impl Purpose {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::Id => b"efface/1/id",
            Self::State => b"efface/1/state",
            Self::Journal => b"efface/1/journal",
            Self::Range => b"efface/1/range",
            Self::Content => b"efface/1/content",
            Self::Receipt => b"efface/1/receipt",
            Self::Path => b"efface/1/path",
            Self::Audit => b"efface/1/audit",
            Self::Tag => b"efface/1/tag",
            Self::Token => b"efface/1/token",
            Self::Fpe => b"efface/1/fpe",
            Self::IndexTag => b"efface/1/index/tag",
            Self::IndexBuild => b"efface/1/index/build",
            Self::IndexLookUp => b"efface/1/index/look-up",
        }
    }
}

/// The public name of a key: 64 bits of a keyed derivation, enough to refuse a wrong key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId(pub [u8; 8]);

impl std::fmt::Display for KeyId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

/// The secret of a state folder. It shows nothing of itself and is wiped when dropped.
pub struct Key {
    secret: Zeroizing<[u8; SECRET_LEN]>,
    id: KeyId,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Key({})", self.id)
    }
}

/// A keyed digest in the making; cloning it is cheaper than starting anew.
#[derive(Clone)]
pub struct Digest {
    hasher: Box<blake3::Hasher>,
    /// Small pieces that wait: the hash is several times faster on long ones.
    held: Vec<u8>,
}

/// Bytes that wait in a digest at most.
const HELD: usize = 64 << 10;

impl Digest {
    /// Takes more bytes in.
    pub fn update(&mut self, bytes: &[u8]) {
        if self.held.len() + bytes.len() > HELD {
            self.hasher.update(&self.held);
            self.held.clear();
        }
        if bytes.len() >= HELD {
            self.hasher.update(bytes);
        } else {
            self.held.extend_from_slice(bytes);
        }
    }

    /// The digest.
    pub fn finish(mut self) -> [u8; 32] {
        self.hasher.update(&self.held);
        *self.hasher.finalize().as_bytes()
    }

    /// The first 128 bits of the digest: enough where only equality is asked.
    pub fn finish_short(self) -> [u8; 16] {
        let whole = self.finish();
        let mut out = [0; 16];
        out.copy_from_slice(whole.split_at(16).0);
        out
    }
}

impl Key {
    /// A key from its secret.
    pub fn from_secret(secret: Zeroizing<[u8; SECRET_LEN]>) -> Self {
        let mut key = Self {
            secret,
            id: KeyId([0; 8]),
        };
        let mut id = [0; 8];
        id.copy_from_slice(key.subkey(Purpose::Id).split_at(8).0);
        key.id = KeyId(id);
        key
    }

    /// A new key from the kernel's random numbers.
    pub fn generate(io: &Io) -> Outcome<Self> {
        let secret = io
            .random::<SECRET_LEN>()
            .map_err(|errno| Failure::system(errno, "cannot draw a new key"))?;
        Ok(Self::from_secret(Zeroizing::new(secret)))
    }

    /// Reads the text of a key file.
    pub(super) fn parse(text: &[u8]) -> Outcome<Self> {
        let bad = Failure::new(Reason::Key, "cannot read the key file");
        let text = std::str::from_utf8(text).map_err(|_| bad)?;
        let digits = text
            .strip_prefix(KEY_MAGIC)
            .ok_or(bad)?
            .trim_end_matches(['\r', '\n']);
        let mut secret = Zeroizing::new([0; SECRET_LEN]);
        unhex(digits, &mut secret[..]).ok_or(bad)?;
        Ok(Self::from_secret(secret))
    }

    /// The text of a key file.
    pub(super) fn to_text(&self) -> Zeroizing<Vec<u8>> {
        let digits = Zeroizing::new(hex(&self.secret[..]));
        let mut text = Zeroizing::new(Vec::with_capacity(KEY_FILE_MAX));
        text.extend_from_slice(KEY_MAGIC.as_bytes());
        text.extend_from_slice(digits.as_bytes());
        text.push(b'\n');
        text
    }

    /// The public name of the key.
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// The same secret as operators take it; both derive the same sub-keys from it.
    pub fn secret(&self) -> crate::redact::operator::Secret {
        crate::redact::operator::Secret::of(&self.secret)
    }

    /// The sub-key for a purpose; for operators and the index that need the raw bytes.
    pub fn subkey(&self, purpose: Purpose) -> Zeroizing<[u8; 32]> {
        let mut out = Zeroizing::new([0; 32]);
        let kdf = Hkdf::<Sha256>::new(None, &self.secret[..]);
        // 32 bytes is far below the limit of 8,160 that HKDF-SHA-256 can give.
        let _ = kdf.expand(purpose.label(), &mut out[..]);
        out
    }

    /// Starts a keyed digest.
    pub fn digest(&self, purpose: Purpose) -> Digest {
        digest_with(&self.subkey(purpose))
    }

    /// The keyed digest of some parts; each part's length is part of it.
    pub fn mac(&self, purpose: Purpose, parts: &[&[u8]]) -> [u8; 32] {
        let mut digest = self.digest(purpose);
        for part in parts {
            digest.update(&(part.len() as u64).to_le_bytes());
            digest.update(part);
        }
        digest.finish()
    }

    /// The keyed tag of an identifier: entity and canonical value, never readable back.
    pub fn tag(&self, entity: &str, canonical: &str) -> [u8; 16] {
        let mut out = [0; 16];
        let whole = self.mac(Purpose::Tag, &[entity.as_bytes(), canonical.as_bytes()]);
        out.copy_from_slice(whole.split_at(16).0);
        out
    }

    /// What makes many tags, as [`Key::tag`] does.
    pub fn tagger(&self) -> Tagger {
        Tagger(self.digest(Purpose::Tag))
    }

    /// Encrypts and signs `plain`; `context` must be given again to open it.
    pub fn seal(
        &self,
        io: &Io,
        purpose: Purpose,
        context: &[u8],
        plain: &[u8],
    ) -> Outcome<Vec<u8>> {
        Sealer::new(self, purpose).seal(io, context, plain)
    }

    /// The bytes that [`Key::seal`] was given, or `None` when anything differs.
    pub fn open(&self, purpose: Purpose, context: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        Sealer::new(self, purpose).open(context, sealed)
    }
}

/// Makes tags without deriving the sub-key anew for each.
pub struct Tagger(Digest);

impl Tagger {
    /// See [`Key::tag`].
    pub fn tag(&self, entity: &str, canonical: &[u8]) -> [u8; 16] {
        let mut digest = self.0.clone();
        for part in [entity.as_bytes(), canonical] {
            digest.update(&(part.len() as u64).to_le_bytes());
            digest.update(part);
        }
        digest.finish_short()
    }
}

/// Starts a keyed digest (BLAKE3 in its keyed mode) with a sub-key that was kept. Whole files go
/// through it, several times over, and processors without instructions for SHA-256 are common.
pub(crate) fn digest_with(subkey: &[u8; 32]) -> Digest {
    Digest {
        hasher: Box::new(blake3::Hasher::new_keyed(subkey)),
        held: Vec::new(),
    }
}

/// A cipher for one purpose, made once and used for many records.
pub struct Sealer(XChaCha20Poly1305);

impl Sealer {
    /// The cipher of `purpose`.
    pub fn new(key: &Key, purpose: Purpose) -> Self {
        Self(XChaCha20Poly1305::new((&*key.subkey(purpose)).into()))
    }

    /// See [`Key::seal`]: nonce, ciphertext, signature.
    pub fn seal(&self, io: &Io, context: &[u8], plain: &[u8]) -> Outcome<Vec<u8>> {
        let nonce = io
            .random::<NONCE_LEN>()
            .map_err(|errno| Failure::system(errno, "cannot draw a random number"))?;
        let payload = Payload {
            msg: plain,
            aad: context,
        };
        let body = self
            .0
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| Failure::new(Reason::Io, "cannot encrypt"))?;
        let mut sealed = Vec::with_capacity(NONCE_LEN + body.len());
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&body);
        Ok(sealed)
    }

    /// See [`Key::open`].
    pub fn open(&self, context: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, body) = sealed.split_at_checked(NONCE_LEN)?;
        let nonce: [u8; NONCE_LEN] = nonce.try_into().ok()?;
        self.0
            .decrypt(
                &XNonce::from(nonce),
                Payload {
                    msg: body,
                    aad: context,
                },
            )
            .ok()
    }
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        out.push(char::from(DIGITS[usize::from(byte >> 4)]));
        out.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    out
}

/// Reads hexadecimal of exactly `out.len()` bytes.
pub fn unhex(text: &str, out: &mut [u8]) -> Option<()> {
    let text = text.as_bytes();
    if text.len() != out.len() * 2 {
        return None;
    }
    for (byte, pair) in out.iter_mut().zip(text.chunks_exact(2)) {
        let digit = |at: usize| char::from(*pair.get(at)?).to_digit(16);
        *byte = (digit(0)? * 16 + digit(1)?) as u8;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> Key {
        Key::from_secret(Zeroizing::new([byte; SECRET_LEN]))
    }

    #[test]
    fn a_key_survives_its_file_and_no_other_text_is_a_key() {
        let text = key(7).to_text();
        assert_eq!(Key::parse(&text).unwrap().id(), key(7).id());
        for bad in [
            &b""[..],
            b"efface-key-1 ",
            b"efface-key-1 zz",
            b"efface-key-2 00",
            &text[1..],
        ] {
            assert_eq!(Key::parse(bad).unwrap_err().reason, Reason::Key);
        }
    }

    #[test]
    fn purposes_and_keys_are_apart() {
        assert_ne!(key(1).subkey(Purpose::Token), key(1).subkey(Purpose::Tag));
        assert_ne!(key(1).id(), key(2).id());
        assert_ne!(
            key(1).tag("phone", "+14165550123"),
            key(2).tag("phone", "+14165550123")
        );
        assert_ne!(
            key(1).mac(Purpose::Tag, &[b"a", b"b"]),
            key(1).mac(Purpose::Tag, &[b"ab", b""])
        );
    }

    #[test]
    fn many_tags_are_the_same_tags() {
        let tagger = key(1).tagger();
        for value in ["+14165550123", "", "jane@example.com"] {
            assert_eq!(
                tagger.tag("phone", value.as_bytes()),
                key(1).tag("phone", value)
            );
        }
    }

    #[test]
    fn sealed_bytes_open_only_with_the_same_key_purpose_and_context() {
        let io = Io::real();
        let sealed = key(1)
            .seal(&io, Purpose::State, b"holds", b"secret")
            .unwrap();
        assert_eq!(
            key(1).open(Purpose::State, b"holds", &sealed).unwrap(),
            b"secret"
        );
        assert!(key(2).open(Purpose::State, b"holds", &sealed).is_none());
        assert!(key(1).open(Purpose::Journal, b"holds", &sealed).is_none());
        assert!(key(1).open(Purpose::State, b"duties", &sealed).is_none());
        for at in 0..sealed.len() {
            let mut bad = sealed.clone();
            bad[at] ^= 1;
            assert!(
                key(1).open(Purpose::State, b"holds", &bad).is_none(),
                "flip at {at}"
            );
        }
        assert!(!sealed.windows(6).any(|window| window == b"secret"));
    }

    #[test]
    fn debug_shows_no_secret() {
        assert!(!format!("{:?}", key(0xab)).contains("abab"));
    }
}
