//! What stands behind the last part of a container: tags of other kinds, padding, or something that
//! nobody put there on purpose.

use super::super::feed::Out;
use super::super::fields::Fields;
use super::super::stream::{LONGEST, Stream};
use super::{ape, id3};
use crate::format::{Reason, is_text};

/// Whether these are the first bytes of tags that may follow anything.
pub(in super::super) fn starts(head: &[u8]) -> bool {
    // A chunk of RIFF may be called `ID3 `; the tag has its version there.
    let v2 = head.starts_with(b"ID3") && head.get(3).is_some_and(|version| *version < b' ');
    v2 || head.starts_with(b"TAG") || head.starts_with(b"APETAGEX")
}

/// Reads the next stretch; false at the end.
pub(in super::super) fn read(stream: &mut Stream, out: &mut Out) -> bool {
    tag(stream, out) || rest(stream, out)
}

/// Reads the tag that starts here, if one does.
pub(in super::super) fn tag(stream: &mut Stream, out: &mut Out) -> bool {
    let offset = stream.offset();
    let head = stream.peek(ape::HEAD);
    let mut fields = Fields::default();
    let len = if let Some(len) = id3::len(head).or_else(|| ape::len(head)) {
        len
    } else if head.starts_with(b"TAG") {
        id3::V1
    } else {
        return false;
    };
    let text = stream.peek(len).to_vec();
    match text.first() {
        Some(b'I') => id3::v2(&text, 0..len.min(text.len()), &mut fields),
        Some(b'A') => ape::read(&text, 0, len, &mut fields),
        _ if text.len() < len => fields.value(&text, 0..text.len(), "trailer"),
        _ => id3::v1(&text, 0, &mut fields),
    }
    let read = text.len() as u64;
    out.tags(text, offset, fields);
    stream.skip(read);
    let left = stream.skip((len as u64).saturating_sub(read));
    if left > 0 {
        out.unread(left, Reason::Limit);
    } else if read < len as u64 {
        out.unread(0, Reason::Truncated);
    }
    true
}

/// Passes over the tag that starts here, or over a byte.
pub(in super::super) fn skip_tag(stream: &mut Stream) {
    let head = stream.peek(ape::HEAD);
    let v1 = head.starts_with(b"TAG").then_some(id3::V1);
    let len = id3::len(head).or_else(|| ape::len(head)).or(v1);
    stream.skip(len.unwrap_or(1) as u64);
}

/// Reads `len` bytes that nobody expects.
pub(in super::super) fn unknown(stream: &mut Stream, out: &mut Out, len: usize) {
    let offset = stream.offset();
    let text = stream.peek(len).to_vec();
    let mut fields = Fields::default();
    if is_text(&text) {
        fields.value(&text, 0..text.len(), "trailer");
    } else {
        fields.unread(0..text.len(), Reason::Opaque);
    }
    let len = text.len() as u64;
    out.tags(text, offset, fields);
    stream.skip(len);
}

/// Reads what is no tag.
fn rest(stream: &mut Stream, out: &mut Out) -> bool {
    let text = stream.peek(LONGEST);
    if text.is_empty() {
        return false;
    }
    // A tag may follow some padding.
    let zeros = text.iter().take_while(|byte| **byte == 0).count();
    if zeros == 0 {
        unknown(stream, out, LONGEST);
    } else {
        stream.skip(zeros as u64);
    }
    true
}
