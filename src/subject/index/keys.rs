//! The three keys of an index, all derived from the one secret of the state: one makes tags, one
//! builds, one looks up.
//!
//! Who builds holds the first two and the public half of the third: what is written is encrypted
//! for the look-up key, so that a nightly run can add to an index that it cannot read. It must not
//! know files or what is encrypted.

use std::path::Path;

use chacha20poly1305::aead::{Aead, AeadInOut, KeyInit, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Nonce, XChaCha20Poly1305, XNonce};
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

use super::IndexError;
use crate::entity::Entity;
use crate::finding::Canonical;
use crate::redact::failure::{Failure, Reason};
use crate::redact::io::Io;
use crate::redact::state::key::{Key, Purpose, hex, unhex};
use crate::redact::state::{read_secret, write_secret};

/// What stands for a value: a keyed hash of its entity and canonical form. Without the key it says
/// nothing of the value, however many values are tried.
///
/// It has [`Tag::BITS`] bits, in the lower part of the number. Two values that share one are told
/// apart where it matters: what a look-up names is read again and compared, and who shares the tag
/// of somebody forgotten is refused, not answered. A value meets one of a thousand million others
/// with a chance of 1.4 in a hundred million.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Tag(pub(super) u64);

impl Tag {
    /// Bits of a tag.
    pub(super) const BITS: u32 = 56;

    pub(super) const fn bytes(self) -> [u8; 8] {
        self.0.to_be_bytes()
    }

    pub(super) const fn of(bytes: [u8; 8]) -> Tag {
        Tag(u64::from_be_bytes(bytes))
    }
}

/// Length of an encrypted block beyond its content: the signature (RFC 8439).
pub(super) const SIGNATURE: usize = 16;
/// What the file of a build key starts with, and its length: three keys in hexadecimal.
const BUILD_KEY: &str = "efface-index-build-key-1";
const BUILD_KEY_LEN: usize = BUILD_KEY.len() + 3 * (1 + 64) + 1;
/// Length of the nonce before what is encrypted for the builder.
const NONCE: usize = 24;
/// Length of a content key as it stands in a file: the public half of the key it was agreed with.
pub(super) const SEALED_KEY: usize = 32;

/// The public names of the three keys, to refuse wrong ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct KeyIds(pub(super) [[u8; 8]; 3]);

/// What a tag is made of, where that is short: the entity, what kind of value it is, and the value,
/// of a length that the kind fixes or that ends with the input, so that no two values have the same.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Short {
    bytes: [u8; SHORT],
    len: u8,
}

/// The most bytes of a [`Short`].
const SHORT: usize = 32;
/// The kind of a text.
const TEXT: u8 = 5;

impl Short {
    /// `None` for a long text and for a listed term, which names no person.
    #[inline]
    pub(super) fn of(entity: Entity, canonical: &Canonical) -> Option<Short> {
        let mut bytes = [0; SHORT];
        bytes[0] = entity as u8;
        let len = match canonical {
            Canonical::Phone {
                digits,
                country_len,
            } => {
                (bytes[1], bytes[2]) = (1, *country_len);
                bytes[3..11].copy_from_slice(&digits.to_le_bytes());
                11
            }
            Canonical::Digits { value, len } => {
                (bytes[1], bytes[2]) = (2, *len);
                bytes[3..11].copy_from_slice(&value.to_le_bytes());
                11
            }
            Canonical::Ip(std::net::IpAddr::V4(address)) => {
                bytes[1] = 3;
                bytes[2..6].copy_from_slice(&address.octets());
                6
            }
            Canonical::Ip(std::net::IpAddr::V6(address)) => {
                bytes[1] = 4;
                bytes[2..18].copy_from_slice(&address.octets());
                18
            }
            Canonical::Text(text) => {
                bytes[1] = TEXT;
                bytes.get_mut(2..2 + text.len())?.copy_from_slice(text);
                2 + text.len() as u8
            }
            Canonical::Term(_) => return None,
        };
        Some(Short { bytes, len })
    }

    /// A number of which the upper bits differ for values that differ little.
    #[inline]
    pub(super) fn spread(&self) -> u64 {
        let (words, _) = self.bytes.as_chunks::<8>();
        let mix = |sum: u64, word: &[u8; 8]| {
            // Knuth's multiplicative hash; its upper bits depend on all below.
            (sum ^ u64::from_le_bytes(*word))
                .wrapping_mul(0x9e37_79b9_7f4a_7c15)
                .rotate_left(29)
        };
        words
            .iter()
            .fold(0, mix)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }
}

/// The keys of an index: all three, or those of who builds.
#[derive(Clone)]
pub struct Keys {
    tag: Zeroizing<[u8; 32]>,
    build: Zeroizing<[u8; 32]>,
    names: Zeroizing<[u8; 32]>,
    cipher: XChaCha20Poly1305,
    look_up: Option<StaticSecret>,
    public: PublicKey,
    ids: KeyIds,
}

impl Keys {
    /// All three, from the secret of a state.
    pub fn of(key: &Key) -> Keys {
        let tag = key.subkey(Purpose::IndexTag);
        let build = key.subkey(Purpose::IndexBuild);
        let look_up = StaticSecret::from(*key.subkey(Purpose::IndexLookUp));
        let public = PublicKey::from(&look_up);
        Keys::from_parts(tag, build, public, Some(look_up))
    }

    fn from_parts(
        tag: Zeroizing<[u8; 32]>,
        build: Zeroizing<[u8; 32]>,
        public: PublicKey,
        look_up: Option<StaticSecret>,
    ) -> Keys {
        let ids = [&*tag, &*build, public.as_bytes()].map(|key| {
            let mut id = [0; 8];
            let whole = blake3::derive_key("efface index 1 key id", key);
            id.copy_from_slice(whole.split_at(8).0);
            id
        });
        Keys {
            names: Zeroizing::new(blake3::derive_key("efface index 1 names", &build[..])),
            cipher: XChaCha20Poly1305::new((&*build).into()),
            tag,
            build,
            look_up,
            public,
            ids: KeyIds(ids),
        }
    }

    /// Writes what who builds needs, and no more, to a new file for its owner alone.
    ///
    /// # Errors
    /// [`IndexError`], also where the file exists.
    pub fn write_build_key(&self, io: &Io, file: &Path) -> Result<(), IndexError> {
        let mut text = Zeroizing::new(Vec::with_capacity(BUILD_KEY_LEN));
        text.extend_from_slice(BUILD_KEY.as_bytes());
        for key in [&self.tag[..], &self.build[..], self.public.as_bytes()] {
            text.push(b' ');
            text.extend_from_slice(Zeroizing::new(hex(key)).as_bytes());
        }
        text.push(b'\n');
        Ok(write_secret(io, file, &text)?)
    }

    /// Reads what [`Keys::write_build_key`] wrote.
    ///
    /// # Errors
    /// [`IndexError`]: no such file, one that others can read, or none of these.
    pub fn read_build_key(io: &Io, file: &Path) -> Result<Keys, IndexError> {
        let text = read_secret::<BUILD_KEY_LEN>(io, file)?;
        let bad = Failure::new(Reason::Key, "cannot read the build key");
        let text = std::str::from_utf8(&text).map_err(|_| bad)?;
        let mut parts: [Zeroizing<[u8; 32]>; 3] = Default::default();
        let mut words = text.trim_end().split(' ');
        if words.next() != Some(BUILD_KEY) {
            return Err(bad.into());
        }
        for part in &mut parts {
            let word = words.next().ok_or(bad)?;
            unhex(word, &mut part[..]).ok_or(bad)?;
        }
        let [tag, build, public] = parts;
        Ok(Keys::from_parts(tag, build, PublicKey::from(*public), None))
    }

    pub(super) const fn ids(&self) -> &KeyIds {
        &self.ids
    }

    /// Whether what was written can be read.
    pub(super) const fn can_look_up(&self) -> bool {
        self.look_up.is_some()
    }

    /// The tag of a value; `None` for what is no identifier of anybody.
    pub(super) fn tag(&self, entity: Entity, canonical: &Canonical) -> Option<Tag> {
        if let Some(short) = Short::of(entity, canonical) {
            return Some(self.short(&short));
        }
        let Canonical::Text(text) = canonical else {
            return None;
        };
        let mut hasher = blake3::Hasher::new_keyed(&self.tag);
        hasher.update(&[entity as u8, TEXT]).update(text);
        Some(tag(hasher.finalize().as_bytes()))
    }

    /// The tag of a short value.
    #[inline]
    pub(super) fn short(&self, value: &Short) -> Tag {
        let len = usize::from(value.len);
        let bytes = value.bytes.get(..len).unwrap_or_default();
        tag(blake3::keyed_hash(&self.tag, bytes).as_bytes())
    }

    /// What stands for the name of a file in the catalogue, or for another thing of its own kind.
    pub(super) fn name(&self, kind: &str, bytes: &[u8]) -> [u8; 16] {
        let mut hasher = blake3::Hasher::new_keyed(&self.names);
        hasher.update(kind.as_bytes()).update(&[0]).update(bytes);
        first(hasher.finalize().as_bytes())
    }

    /// The digest of a whole file in the making.
    pub(super) fn digest(&self) -> blake3::Hasher {
        blake3::Hasher::new_keyed(&self.names)
    }

    /// Encrypts for who builds.
    pub(super) fn seal(
        &self,
        io: &Io,
        context: &[u8],
        plain: &[u8],
    ) -> Result<Vec<u8>, IndexError> {
        let nonce = random::<NONCE>(io)?;
        let payload = Payload {
            msg: plain,
            aad: context,
        };
        let body = self.cipher.encrypt(&XNonce::from(nonce), payload);
        let mut sealed = nonce.to_vec();
        sealed.extend_from_slice(&body.map_err(|_| IndexError::Damaged)?);
        Ok(sealed)
    }

    /// What [`Keys::seal`] was given; `None` when anything differs.
    pub(super) fn open(&self, context: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, body) = sealed.split_at_checked(NONCE)?;
        let nonce: [u8; NONCE] = nonce.try_into().ok()?;
        let payload = Payload {
            msg: body,
            aad: context,
        };
        self.cipher.decrypt(&XNonce::from(nonce), payload).ok()
    }

    /// A new key for content that only the look-up key opens, and what stands for it in a file.
    pub(super) fn content(&self, io: &Io) -> Result<(Content, [u8; SEALED_KEY]), IndexError> {
        let once = StaticSecret::from(random::<32>(io)?);
        let sealed = PublicKey::from(&once);
        let shared = once.diffie_hellman(&self.public);
        let content = Content::agreed(&shared, &sealed, &self.public);
        Ok((content, sealed.to_bytes()))
    }

    /// The content key that stands in a file as `sealed`.
    pub(super) fn open_content(&self, sealed: [u8; SEALED_KEY]) -> Result<Content, IndexError> {
        let look_up = self.look_up.as_ref().ok_or(IndexError::BuildOnly)?;
        let sealed = PublicKey::from(sealed);
        let shared = look_up.diffie_hellman(&sealed);
        Ok(Content::agreed(&shared, &sealed, &self.public))
    }
}

/// A key for one file or one run, known to who wrote it until it is done, then to the look-up key.
#[derive(Clone)]
pub(super) struct Content(ChaCha20Poly1305);

impl Content {
    fn agreed(shared: &x25519_dalek::SharedSecret, sealed: &PublicKey, public: &PublicKey) -> Self {
        let mut input = Zeroizing::new([0; 96]);
        input[..32].copy_from_slice(shared.as_bytes());
        input[32..64].copy_from_slice(sealed.as_bytes());
        input[64..].copy_from_slice(public.as_bytes());
        let key = Zeroizing::new(blake3::derive_key("efface index 1 content", &input[..]));
        Content(ChaCha20Poly1305::new((&*key).into()))
    }

    /// Encrypts `plain` in its place and puts the signature behind it. A number is used once with
    /// one key.
    pub(super) fn seal(&self, number: u64, context: &[u8], plain: &mut Vec<u8>) {
        // Fails only beyond 256 GiB, and a block has some kilobytes; then nothing is left of it.
        if self
            .0
            .encrypt_in_place(&nonce(number), context, plain)
            .is_err()
        {
            plain.clear();
        }
    }

    /// Decrypts in place; false when anything differs.
    pub(super) fn open(&self, number: u64, context: &[u8], sealed: &mut Vec<u8>) -> bool {
        self.0
            .decrypt_in_place(&nonce(number), context, sealed)
            .is_ok()
    }
}

fn nonce(number: u64) -> Nonce {
    let mut nonce = [0; 12];
    nonce[..8].copy_from_slice(&number.to_le_bytes());
    Nonce::from(nonce)
}

fn first<const N: usize>(hash: &[u8; 32]) -> [u8; N] {
    let mut bytes = [0; N];
    bytes.copy_from_slice(hash.split_at(N).0);
    bytes
}

#[inline]
fn tag(hash: &[u8; 32]) -> Tag {
    Tag(u64::from_be_bytes(first(hash)) >> (u64::BITS - Tag::BITS))
}

/// Fresh random bytes.
pub(super) fn random<const N: usize>(io: &Io) -> Result<[u8; N], IndexError> {
    io.random()
        .map_err(|errno| Failure::system(errno, "cannot draw a random number").into())
}
