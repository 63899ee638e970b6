//! Comments as Xiph's formats have them, in FLAC and in Ogg.
//!
//! Source: Xiph.Org, Ogg Vorbis I format specification: comment field and header. A name of the
//! program that wrote them, then comments, each a length (little-endian) and `KEY=value` in UTF-8.

use super::super::fields::{Fields, Text};
use super::super::stream::le32;
use super::bytes::Bytes;
use crate::format::{Reason, is_text};

/// Keys whose values are pictures in base64, the first with a header of numbers and texts.
const PICTURES: &[&str] = &["METADATA_BLOCK_PICTURE", "COVERART"];

/// Reads comments, which `content` starts with, and gives how many bytes they take.
pub(in super::super) fn comments(content: &Bytes, fields: &mut Fields) -> usize {
    let bytes = &content.bytes;
    let mut at = 4_usize.saturating_add(le32(bytes, 0) as usize);
    if at.saturating_add(4) > bytes.len() {
        fields.unread(content.hull(), Reason::Malformed);
        return bytes.len();
    }
    value(&content.part(4..at), "comment.vendor", fields);
    let count = le32(bytes, at);
    at += 4;
    for _ in 0..count {
        let from = at + 4;
        let to = from.saturating_add(le32(bytes, at) as usize);
        if from > bytes.len() || to > bytes.len() {
            let rest = content.part(at.min(bytes.len())..bytes.len());
            fields.unread(rest.hull(), Reason::Truncated);
            return bytes.len();
        }
        let comment = content.part(from..to);
        let mark = comment.bytes.iter().position(|byte| *byte == b'=');
        let key = comment.bytes.get(..mark.unwrap_or(0)).unwrap_or_default();
        let name = String::from_utf8_lossy(key).into_owned();
        let text = comment.part(mark.map_or(0, |mark| mark + 1)..comment.bytes.len());
        if PICTURES.iter().any(|one| one.eq_ignore_ascii_case(&name)) {
            fields.unread(text.hull(), Reason::Unsupported("picture"));
        } else if name.is_empty() {
            value(&text, "comment", fields);
        } else {
            value(&text, &format!("comment.{name}"), fields);
        }
        at = to;
    }
    at
}

/// A text; NULs, which belong into none, part it.
fn value(text: &Bytes, name: &str, fields: &mut Fields) {
    let mut at = 0;
    for piece in text.bytes.split(|byte| *byte == 0) {
        if !is_text(piece) {
            fields.unread(text.hull(), Reason::Opaque);
            return;
        }
        fields.push(text.places(at..at + piece.len()), name.into(), Text::Plain);
        at += piece.len() + 1;
    }
}
