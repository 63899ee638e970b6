//! Character encodings of whole sources: told by their first bytes, decoded with a way back.

use crate::view::{Codec, Map};

/// How a source's bytes are text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Charset {
    /// UTF-8, ASCII, or bytes that detectors read as they are; with the length of a byte order
    /// mark to pass over.
    Utf8 {
        /// Bytes of the mark.
        mark: usize,
    },
    /// UTF-16, with the length of a byte order mark to pass over.
    Utf16 {
        /// Whether the low byte comes first.
        little: bool,
        /// Bytes of the mark.
        mark: usize,
    },
    /// Windows-1252, which contains Latin-1.
    Windows1252,
}

/// How many code units of a head are looked at for UTF-16 without a mark.
const UNITS_PROBED: usize = 512;

impl Charset {
    /// What the first bytes of a source say.
    pub fn of(head: &[u8], whole: bool) -> Charset {
        match head {
            [0xef, 0xbb, 0xbf, ..] => return Charset::Utf8 { mark: 3 },
            [0xff, 0xfe, ..] => {
                return Charset::Utf16 {
                    little: true,
                    mark: 2,
                };
            }
            [0xfe, 0xff, ..] => {
                return Charset::Utf16 {
                    little: false,
                    mark: 2,
                };
            }
            _ => {}
        }
        if let Some(little) = unmarked_utf16(head) {
            return Charset::Utf16 { little, mark: 0 };
        }
        let sound = match std::str::from_utf8(head) {
            Ok(_) => true,
            // The head may end within a character.
            Err(error) => error.error_len().is_none() && !whole,
        };
        if sound || memchr::memchr(0, head).is_some() || !looks_latin(head) {
            return Charset::Utf8 { mark: 0 };
        }
        Charset::Windows1252
    }

    /// Bytes at the start of the source that are no text.
    pub fn mark(self) -> usize {
        match self {
            Charset::Utf8 { mark } | Charset::Utf16 { mark, .. } => mark,
            Charset::Windows1252 => 0,
        }
    }

    /// Whether the source's bytes are read as they are.
    pub fn is_plain(self) -> bool {
        matches!(self, Charset::Utf8 { .. })
    }

    /// Decodes `raw`, whose first byte is at `base` of the source, to UTF-8 in `text`.
    ///
    /// A last odd byte of UTF-16 is not decoded.
    pub fn decode(self, raw: &[u8], base: u64, text: &mut Vec<u8>) -> Map {
        match self {
            Charset::Utf8 { .. } => {
                text.extend_from_slice(raw);
                Map::identity(base, raw.len())
            }
            Charset::Utf16 { little, .. } => utf16(raw, base, little, text),
            Charset::Windows1252 => windows1252(raw, base, text),
        }
    }
}

/// Whether bytes beyond ASCII stand among letters as accents do, rather than everywhere.
fn looks_latin(head: &[u8]) -> bool {
    let high = head.iter().filter(|b| **b >= 0x80).count();
    high * 4 <= head.len()
}

/// UTF-16 of mostly ASCII shows as every other byte zero.
fn unmarked_utf16(head: &[u8]) -> Option<bool> {
    let units = head.len().min(UNITS_PROBED * 2) / 2;
    if units < 2 {
        return None;
    }
    let zeros = |parity: usize| {
        head[..units * 2]
            .iter()
            .skip(parity)
            .step_by(2)
            .filter(|b| **b == 0)
            .count()
    };
    let (even, odd) = (zeros(0), zeros(1));
    if odd * 4 >= units * 3 && even == 0 {
        Some(true)
    } else if even * 4 >= units * 3 && odd == 0 {
        Some(false)
    } else {
        None
    }
}

fn utf16(raw: &[u8], base: u64, little: bool, text: &mut Vec<u8>) -> Map {
    let codec = if little {
        Codec::Utf16Le
    } else {
        Codec::Utf16Be
    };
    let mut map = Map::default();
    let (pairs, _) = raw.as_chunks::<2>();
    let unit = |pair: [u8; 2]| {
        if little {
            u16::from_le_bytes(pair)
        } else {
            u16::from_be_bytes(pair)
        }
    };
    let mut at = base;
    let mut utf8 = [0u8; 4];
    for decoded in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
        let ch = decoded.unwrap_or(char::REPLACEMENT_CHARACTER);
        let bytes = ch.encode_utf8(&mut utf8).as_bytes();
        let width = ch.len_utf16() * 2;
        text.extend_from_slice(bytes);
        map.push(1, bytes.len(), at, width, codec);
        at += width as u64;
    }
    map
}

fn windows1252(raw: &[u8], base: u64, text: &mut Vec<u8>) -> Map {
    let encoding = encoding_rs::WINDOWS_1252;
    let mut map = Map::default();
    let mut at = 0;
    for stretch in raw.chunk_by(|a, b| a.is_ascii() == b.is_ascii()) {
        if stretch.is_ascii() {
            text.extend_from_slice(stretch);
            map.push(stretch.len(), 1, base + at, 1, Codec::Plain);
            at += stretch.len() as u64;
            continue;
        }
        for byte in stretch {
            let (decoded, _) = encoding.decode_without_bom_handling(std::slice::from_ref(byte));
            text.extend_from_slice(decoded.as_bytes());
            map.push(1, decoded.len(), base + at, 1, Codec::Legacy(encoding));
            at += 1;
        }
    }
    map
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_bytes_tell_the_encoding() {
        let le: Vec<u8> = "call 4165550123"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let be: Vec<u8> = "call 4165550123"
            .encode_utf16()
            .flat_map(u16::to_be_bytes)
            .collect();
        for (head, expected) in [
            (&b"plain"[..], Charset::Utf8 { mark: 0 }),
            (b"\xef\xbb\xbfplain", Charset::Utf8 { mark: 3 }),
            ("na\u{ef}ve".as_bytes(), Charset::Utf8 { mark: 0 }),
            (b"na\xefve caf\xe9", Charset::Windows1252),
            (b"", Charset::Utf8 { mark: 0 }),
            (
                &le,
                Charset::Utf16 {
                    little: true,
                    mark: 0,
                },
            ),
            (
                &be,
                Charset::Utf16 {
                    little: false,
                    mark: 0,
                },
            ),
        ] {
            assert_eq!(Charset::of(head, true), expected, "{head:?}");
        }
    }

    #[test]
    fn decoded_text_finds_its_way_back() {
        let raw: Vec<u8> = "a\u{e9}\u{1f600}b"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let mut text = Vec::new();
        let map = Charset::Utf16 {
            little: true,
            mark: 0,
        }
        .decode(&raw, 10, &mut text);
        assert_eq!(text, "a\u{e9}\u{1f600}b".as_bytes());
        let mut places = Vec::new();
        map.outward(3..8, &mut places);
        assert_eq!(places, [14..20]);
    }
}
