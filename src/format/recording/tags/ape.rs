//! APE tags, versions 1 and 2, which stand behind MP3 and other sound.
//!
//! Source: the Hydrogenaudio wiki, APE tag item and header specification. Lengths are little-endian;
//! an item is the length of its value, its flags, its key with a NUL, and the value.

use super::super::fields::Fields;
use super::super::stream::{bytes_at, le32};
use crate::format::Reason;

/// Bytes of a header or footer.
pub(in super::super) const HEAD: usize = 32;

/// How long the tag is that starts here with a header, or of which here is only the footer: with
/// its header and footer.
pub(in super::super) fn len(head: &[u8]) -> Option<usize> {
    if !head.starts_with(b"APETAGEX") || head.len() < HEAD {
        return None;
    }
    let (size, flags) = (le32(head, 12) as usize, le32(head, 20));
    let is_header = flags & 0x2000_0000 != 0;
    // The stated size is that of the items with the footer.
    Some(if is_header {
        HEAD.saturating_add(size)
    } else {
        HEAD
    })
}

/// Reads a tag with a header, which is the first `len` bytes from `start` of `text`.
pub(in super::super) fn read(text: &[u8], start: usize, len: usize, fields: &mut Fields) {
    let end = (start + len).min(text.len());
    let mut at = start + HEAD;
    while at + 8 < end && bytes_at::<8>(text, at) != Some(*b"APETAGEX") {
        let (size, flags) = (le32(text, at) as usize, le32(text, at + 4));
        let key = text.get(at + 8..end).unwrap_or_default();
        let Some(key_len) = key.iter().position(|byte| *byte == 0) else {
            break;
        };
        let key = String::from_utf8_lossy(key.get(..key_len).unwrap_or_default());
        let from = at + 8 + key_len + 1;
        let to = from.saturating_add(size).min(end);
        // Flags: bits 1 and 2 are 1 for what is no text, mostly a picture with its file's name.
        if flags >> 1 & 3 == 1 {
            fields.unread(from..to, Reason::Unsupported("picture"));
        } else {
            fields.value(text, from..to, format!("ape.{key}"));
        }
        at = to;
    }
}
