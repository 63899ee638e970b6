//! How one decoded unit stands in the bytes of the layer below, and how a new one is put there.
//!
//! Owns the escapes and character encodings of single units. A codec never decides what is to be
//! written, only in which spelling.

use std::ops::Range;

use super::utf7;
use crate::edit::{Refusal, mask_char};

/// The spelling of the units of a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Codec {
    /// The text's own bytes.
    Plain,
    /// JSON string escapes (RFC 8259, section 7): `\n`, `\u0031`, surrogate pairs.
    Json,
    /// A doubled quote in a quoted table cell (RFC 4180, section 2.7).
    QuotedCell,
    /// A table cell without quotes, which takes no delimiter (this byte), quote or line end.
    BareCell(u8),
    /// Percent-encoding (RFC 3986, section 2.1).
    Percent,
    /// `\x22`, as web servers escape bytes in logs.
    HexEscape,
    /// XML character references and predefined entities.
    Xml,
    /// Quoted-printable octets (RFC 2045, section 6.7).
    QuotedPrintable,
    /// An octet as two hexadecimal digits, as SQL dumps write binary data.
    Hex,
    /// An octet as a decimal number in an array.
    Decimal,
    /// Groups of base64 (RFC 4648, section 4), which a map packs as a whole.
    Base64,
    /// Groups of BinHex 4.0 (RFC 1741), which are read and not rewritten.
    BinHex,
    /// UTF-16, little-endian.
    Utf16Le,
    /// UTF-16, big-endian.
    Utf16Be,
    /// UTF-7 (RFC 2152): a character that stands for itself, or a block of base64.
    Utf7,
    /// One of the legacy encodings of the WHATWG Encoding Standard.
    Legacy(&'static encoding_rs::Encoding),
    /// A tone or a spoken unit in a recording: the unit's raw bytes are samples whose silence is
    /// this byte.
    Samples(u8),
}

impl Codec {
    /// Bytes that put a mask in the place of a unit of `width` bytes, exactly as wide.
    ///
    /// The mask is one character with the UTF-8 length of `mask` where this spelling has one of
    /// that width, else one of another length, else as many `*` as fill the place.
    pub(super) fn unit(self, mask: char, width: usize) -> Vec<u8> {
        if let Codec::Samples(silence) = self {
            return vec![silence; width];
        }
        [mask]
            .into_iter()
            .chain((1..=4).map(mask_char))
            .find_map(|ch| self.spell(ch, width))
            .unwrap_or_else(|| self.filled(width))
    }

    /// `ch` in this spelling, exactly `width` bytes wide, where it has such a form.
    pub(super) fn spell(self, ch: char, width: usize) -> Option<Vec<u8>> {
        let mut utf8 = [0u8; 4];
        let octets = ch.encode_utf8(&mut utf8).as_bytes();
        let literal = || (octets.len() == width).then(|| octets.to_vec());
        match self {
            Codec::Plain => literal(),
            Codec::Json => match (json_short(ch), width) {
                (Some(short), 2) => Some(vec![b'\\', short]),
                (_, 6) if u32::from(ch) < 0x1_0000 => Some(json_escape(ch)),
                (_, 12) if u32::from(ch) >= 0x1_0000 => Some(json_escape(ch)),
                _ if ch >= ' ' && ch != '"' && ch != '\\' => literal(),
                _ => None,
            },
            Codec::QuotedCell => match (ch, width) {
                ('"', 2) => Some(b"\"\"".to_vec()),
                ('"', _) => None,
                _ => literal(),
            },
            Codec::BareCell(_) => literal().filter(|_| octets.iter().all(|&o| self.stands(o))),
            Codec::Percent | Codec::HexEscape | Codec::QuotedPrintable => {
                if octets.len() == width && octets.iter().all(|&octet| self.stands(octet)) {
                    return Some(octets.to_vec());
                }
                let escaped: Vec<u8> = octets.iter().flat_map(|&o| self.octet(o)).collect();
                (escaped.len() == width).then_some(escaped)
            }
            Codec::Hex | Codec::Decimal => match *octets {
                [octet] => self.octet_of(octet, width),
                _ => None,
            },
            Codec::Xml => match xml_named(ch) {
                Some(name) if name.len() == width => Some(name.as_bytes().to_vec()),
                None if octets.len() == width => Some(octets.to_vec()),
                _ => {
                    let digits = width.checked_sub(3)?;
                    let reference = format!("&#{:0digits$};", u32::from(ch));
                    (reference.len() == width).then(|| reference.into_bytes())
                }
            },
            Codec::Utf16Le | Codec::Utf16Be => {
                let bytes = self.utf16(ch.encode_utf16(&mut [0u16; 2]).iter().copied());
                (bytes.len() == width).then_some(bytes)
            }
            Codec::Utf7 => utf7::spelled(ch.encode_utf8(&mut utf8), width),
            Codec::Legacy(encoding) => {
                let (bytes, _, unmappable) = encoding.encode(ch.encode_utf8(&mut utf8));
                (!unmappable && bytes.len() == width).then(|| bytes.into_owned())
            }
            Codec::Base64 | Codec::BinHex | Codec::Samples(_) => None,
        }
    }

    /// One octet of a longer character in the place of an octet `width` bytes wide.
    pub(super) fn octet_in(self, octet: u8, width: usize) -> Vec<u8> {
        if let Some(bytes) = self.octet_of(octet, width) {
            return bytes;
        }
        let bytes = self.octet(octet);
        if bytes.len() == width {
            bytes
        } else if width == 1 {
            vec![octet]
        } else {
            self.filled(width)
        }
    }

    /// Text of any length in this spelling, escaping only what must be.
    ///
    /// # Errors
    /// [`Refusal::NotEncodable`] when the encoding lacks a character, or is no text at all.
    pub fn text(self, text: &str) -> Result<Vec<u8>, Refusal> {
        Ok(match self {
            Codec::Plain => text.as_bytes().to_vec(),
            Codec::Json => text.chars().fold(Vec::new(), |mut out, ch| {
                match json_short(ch) {
                    Some(b'/') | None if ch >= ' ' => push_utf8(&mut out, ch),
                    Some(short) => out.extend([b'\\', short]),
                    None => out.extend(json_escape(ch)),
                }
                out
            }),
            Codec::BareCell(_) => {
                if !text.bytes().all(|octet| self.stands(octet)) {
                    return Err(Refusal::NotEncodable);
                }
                text.as_bytes().to_vec()
            }
            Codec::QuotedCell => text.replace('"', "\"\"").into_bytes(),
            Codec::Percent | Codec::HexEscape | Codec::QuotedPrintable => text
                .bytes()
                .flat_map(|octet| {
                    if self.stands(octet) {
                        vec![octet]
                    } else {
                        self.octet(octet)
                    }
                })
                .collect(),
            Codec::Xml => text.chars().fold(Vec::new(), |mut out, ch| {
                match xml_named(ch) {
                    Some(name) => out.extend(name.as_bytes()),
                    None => push_utf8(&mut out, ch),
                }
                out
            }),
            Codec::Utf16Le | Codec::Utf16Be => self.utf16(text.encode_utf16()),
            Codec::Utf7 => utf7::text(text),
            Codec::Legacy(encoding) => match encoding.encode(text) {
                (bytes, _, false) => bytes.into_owned(),
                _ => return Err(Refusal::NotEncodable),
            },
            Codec::Hex => text.bytes().flat_map(|octet| self.octet(octet)).collect(),
            Codec::Base64 | Codec::BinHex | Codec::Decimal | Codec::Samples(_) => {
                return Err(Refusal::NotEncodable);
            }
        })
    }

    /// One octet as a number `width` bytes wide, where this spelling is one of numbers.
    fn octet_of(self, octet: u8, width: usize) -> Option<Vec<u8>> {
        let bytes = match self {
            Codec::Hex => format!("{octet:02x}"),
            // White space may stand before a number (RFC 8259, section 2), a zero may not.
            Codec::Decimal => format!("{octet:>width$}"),
            _ => return None,
        };
        (bytes.len() == width).then(|| bytes.into_bytes())
    }

    /// One octet, escaped where this spelling escapes octets.
    fn octet(self, octet: u8) -> Vec<u8> {
        match self {
            Codec::Percent => format!("%{octet:02X}").into_bytes(),
            Codec::HexEscape => format!("\\x{octet:02X}").into_bytes(),
            Codec::QuotedPrintable => format!("={octet:02X}").into_bytes(),
            Codec::Hex => format!("{octet:02x}").into_bytes(),
            _ => vec![octet],
        }
    }

    /// Whether an octet may stand unescaped.
    ///
    /// Percent: the unreserved characters and `*` (RFC 3986, section 2). Log escapes: what web
    /// servers leave alone. Quoted-printable: printable ASCII but `=` (RFC 2045, section 6.7),
    /// less `?` and `_`, so that it also fits an encoded word (RFC 2047, section 4.2).
    fn stands(self, octet: u8) -> bool {
        match self {
            Codec::BareCell(delimiter) => octet != delimiter && !b"\"\r\n".contains(&octet),
            Codec::Percent => octet.is_ascii_alphanumeric() || b"-._~*".contains(&octet),
            Codec::HexEscape => (b' '..0x7f).contains(&octet) && !b"\"\\".contains(&octet),
            Codec::QuotedPrintable => octet.is_ascii_graphic() && !b"=?_".contains(&octet),
            _ => true,
        }
    }

    /// UTF-16 code units in this codec's byte order.
    fn utf16(self, units: impl Iterator<Item = u16>) -> Vec<u8> {
        units
            .flat_map(|unit| match self {
                Codec::Utf16Be => unit.to_be_bytes(),
                _ => unit.to_le_bytes(),
            })
            .collect()
    }

    /// As many `*` as fill `width` bytes, for a unit that no one mask character fits.
    fn filled(self, width: usize) -> Vec<u8> {
        match self {
            Codec::Utf16Le | Codec::Utf16Be if width.is_multiple_of(2) => {
                self.utf16(std::iter::repeat_n(u16::from(b'*'), width / 2))
            }
            Codec::Hex | Codec::Decimal => vec![b'9'; width],
            _ => vec![b'*'; width],
        }
    }
}

/// The letter behind the backslash of the escapes of RFC 8259, section 7, that have one.
fn json_short(ch: char) -> Option<u8> {
    Some(match ch {
        '"' => b'"',
        '\\' => b'\\',
        '/' => b'/',
        '\u{8}' => b'b',
        '\u{c}' => b'f',
        '\n' => b'n',
        '\r' => b'r',
        '\t' => b't',
        _ => return None,
    })
}

/// The `\u` escape of a character, a pair of them beyond the Basic Multilingual Plane.
fn json_escape(ch: char) -> Vec<u8> {
    ch.encode_utf16(&mut [0u16; 2])
        .iter()
        .flat_map(|unit| format!("\\u{unit:04x}").into_bytes())
        .collect()
}

/// The predefined entity of a character that may not stand in XML text or attributes.
fn xml_named(ch: char) -> Option<&'static str> {
    Some(match ch {
        '&' => "&amp;",
        '<' => "&lt;",
        '>' => "&gt;",
        '"' => "&quot;",
        '\'' => "&apos;",
        _ => return None,
    })
}

fn push_utf8(out: &mut Vec<u8>, ch: char) {
    out.extend(ch.encode_utf8(&mut [0u8; 4]).as_bytes());
}

/// The character of `text` that the byte at `at` belongs to; a byte of none stands alone.
pub(super) fn character(text: &[u8], at: usize) -> Range<usize> {
    let first = at.saturating_sub(3);
    (first..=at)
        .find_map(|start| {
            let longest = text.get(start..text.len().min(start + 4))?;
            let len = (1..=longest.len())
                .find(|&len| std::str::from_utf8(longest.get(..len).unwrap_or_default()).is_ok())?;
            (start + len > at).then_some(start..start + len)
        })
        .unwrap_or(at..at + 1)
}

#[cfg(test)]
mod tests;
