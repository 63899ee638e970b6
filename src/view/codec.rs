//! How one decoded unit stands in the bytes of the layer below, and how a new one is put there.
//!
//! Owns the escapes and character encodings of single units. A codec never decides what is to be
//! written, only in which spelling.

use std::ops::Range;

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
    /// Percent-encoding (RFC 3986, section 2.1).
    Percent,
    /// `\x22`, as web servers escape bytes in logs.
    HexEscape,
    /// XML character references and predefined entities.
    Xml,
    /// Quoted-printable octets (RFC 2045, section 6.7).
    QuotedPrintable,
    /// UTF-16, little-endian.
    Utf16Le,
    /// UTF-16, big-endian.
    Utf16Be,
    /// One of the legacy encodings of the WHATWG Encoding Standard.
    Legacy(&'static encoding_rs::Encoding),
    /// A tone or a spoken unit in a recording: the unit's raw bytes are samples whose silence is
    /// this byte.
    Samples(u8),
}

impl Codec {
    /// Bytes that put `ch` in the place of a unit of `width` bytes, exactly as wide.
    pub(super) fn unit(self, ch: char, width: usize) -> Vec<u8> {
        let code = ch as u32;
        match (self, width) {
            (Codec::Json, 6) if code < 0x1_0000 => format!("\\u{code:04x}").into_bytes(),
            (Codec::Json, 12) => {
                let mut pair = [0u16; 2];
                let units = mask_char(4).encode_utf16(&mut pair);
                units
                    .iter()
                    .flat_map(|u| format!("\\u{u:04x}").into_bytes())
                    .collect()
            }
            (Codec::Xml, 5..) => {
                let digits = width - 3;
                format!("&#{:0digits$};", u32::from(b'*')).into_bytes()
            }
            (Codec::Utf16Le, 2) => (code as u16).to_le_bytes().to_vec(),
            (Codec::Utf16Be, 2) => (code as u16).to_be_bytes().to_vec(),
            (Codec::Utf16Le | Codec::Utf16Be, 4) => {
                let mut pair = [0u16; 2];
                mask_char(4)
                    .encode_utf16(&mut pair)
                    .iter()
                    .flat_map(|u| match self {
                        Codec::Utf16Le => u.to_le_bytes(),
                        _ => u.to_be_bytes(),
                    })
                    .collect()
            }
            (Codec::Legacy(encoding), 1) => {
                let mut buffer = [0u8; 4];
                match encoding.encode(ch.encode_utf8(&mut buffer)) {
                    (bytes, _, false) if bytes.len() == 1 => bytes.into_owned(),
                    _ => vec![b'*'],
                }
            }
            (Codec::Samples(silence), _) => vec![silence; width],
            (Codec::Percent | Codec::HexEscape | Codec::QuotedPrintable, _) if ch.is_ascii() => {
                self.octet(ch as u8)
            }
            _ => filled(width),
        }
    }

    /// Bytes that put one octet of a longer character in the place of an escaped octet.
    pub(super) fn octet(self, octet: u8) -> Vec<u8> {
        match self {
            Codec::Percent => format!("%{octet:02X}").into_bytes(),
            Codec::HexEscape => format!("\\x{octet:02X}").into_bytes(),
            Codec::QuotedPrintable => format!("={octet:02X}").into_bytes(),
            _ => vec![octet],
        }
    }

    /// Text of any length in this spelling, escaping only what must be.
    pub fn text(self, text: &str) -> Result<Vec<u8>, Refusal> {
        Ok(match self {
            Codec::Plain => text.as_bytes().to_vec(),
            Codec::Json => {
                let quoted = serde_json::Value::from(text).to_string();
                quoted
                    .as_bytes()
                    .get(1..quoted.len() - 1)
                    .unwrap_or_default()
                    .to_vec()
            }
            Codec::QuotedCell => text.replace('"', "\"\"").into_bytes(),
            Codec::Percent | Codec::HexEscape | Codec::QuotedPrintable => text
                .bytes()
                .flat_map(|b| {
                    if b.is_ascii_alphanumeric() || b"-._*".contains(&b) {
                        vec![b]
                    } else {
                        self.octet(b)
                    }
                })
                .collect(),
            Codec::Xml => text
                .replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('>', "&gt;")
                .replace('"', "&quot;")
                .into_bytes(),
            Codec::Utf16Le => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Codec::Utf16Be => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            Codec::Legacy(encoding) => match encoding.encode(text) {
                (bytes, _, false) => bytes.into_owned(),
                _ => return Err(Refusal::NotEncodable),
            },
            Codec::Samples(_) => return Err(Refusal::NotEncodable),
        })
    }
}

/// Mask characters that fill exactly `width` bytes of UTF-8.
fn filled(width: usize) -> Vec<u8> {
    let mut out = String::new();
    let mut left = width;
    while left > 0 {
        let take = left.min(4);
        out.push(mask_char(take));
        left -= take;
    }
    out.into_bytes()
}

/// The characters of `text[range]` as byte ranges; a byte that starts none stands alone.
pub(super) fn characters(
    text: &[u8],
    range: Range<usize>,
) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut at = range.start;
    std::iter::from_fn(move || {
        if at >= range.end {
            return None;
        }
        let start = at;
        let longest = text
            .get(start..range.end.min(start + 4))
            .unwrap_or_default();
        let len = (1..=longest.len())
            .find(|&n| std::str::from_utf8(&longest[..n]).is_ok())
            .unwrap_or(1);
        at += len;
        Some(start..at)
    })
}
