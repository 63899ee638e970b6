//! ID3 tags, in MP3 files and wherever else they are put.
//!
//! Sources: id3.org, ID3v1.1; ID3v2.2, 2.3 and 2.4 (main structure and native frames). Version 2
//! writes 4-byte lengths of 7 bits each; frames hold an encoding byte and texts in it. A tag may be
//! *unsynchronised*: a zero is put behind every 255, which belongs to no text.

use std::ops::Range;
use std::sync::Arc;

use super::super::fields::{Fields, Text};
use super::super::stream::{be32, bytes_at};
use super::bytes::Bytes;
use crate::format::{Reason, is_text};

/// Bytes of the header of version 2.
pub(in super::super) const HEAD: usize = 10;

/// Bytes of a tag of version 1.
pub(in super::super) const V1: usize = 128;

/// How long the tag of version 2 is that starts here, with its header and footer.
pub(in super::super) fn len(head: &[u8]) -> Option<usize> {
    let size = bytes_at::<4>(head, 6)?;
    let sound = head.starts_with(b"ID3") && *head.get(3)? < b' ' && *head.get(4)? < 0xff;
    if !sound || size.iter().any(|byte| *byte >= 0x80) {
        return None;
    }
    let footer = if head.get(5)? & 0x10 == 0 { 0 } else { HEAD };
    Some(HEAD + synchsafe(size) + footer)
}

fn synchsafe(size: [u8; 4]) -> usize {
    size.iter()
        .fold(0, |all, byte| all << 7 | usize::from(byte & 0x7f))
}

/// Reads a tag of version 1: fixed places, padded with NULs or blanks.
pub(in super::super) fn v1(text: &[u8], start: usize, fields: &mut Fields) {
    for (name, at, len) in [
        ("title", 3, 30),
        ("artist", 33, 30),
        ("album", 63, 30),
        ("year", 93, 4),
    ] {
        let place = start + at..start + at + len;
        fields.value(text, place, format!("id3v1.{name}"));
    }
    // Version 1.1 keeps a zero and the number of the track in the last two bytes.
    let track = text.get(start + 125) == Some(&0);
    let len = if track { 28 } else { 30 };
    fields.value(text, start + 97..start + 97 + len, "id3v1.comment");
}

/// Reads a tag of version 2, which is `text[tag]`.
pub(in super::super) fn v2(text: &[u8], tag: Range<usize>, fields: &mut Fields) {
    let Some(&[_, _, _, version, _, flags, ..]) = text.get(tag.clone()) else {
        return;
    };
    let end = tag.end.min(text.len());
    if !(2..=4).contains(&version) || (version == 2 && flags & 0x40 != 0) {
        fields.unread(tag.start..end, Reason::Unsupported("id3-version"));
        return;
    }
    let footer = if flags & 0x10 != 0 && version == 4 {
        HEAD
    } else {
        0
    };
    let content = tag.start + HEAD..end.saturating_sub(footer).max(tag.start + HEAD);
    // Up to version 2.3 the whole tag is stuffed, lengths are those of before.
    let all = Bytes::of(text, content, flags & 0x80 != 0 && version < 4);
    let mut at = match (flags & 0x40 != 0, version) {
        (true, 3) => 4 + be32(&all.bytes, 0) as usize,
        (true, 4) => synchsafe(bytes_at(&all.bytes, 0).unwrap_or_default()),
        _ => 0,
    };
    let head = if version == 2 { 6 } else { 10 };
    while let Some(frame) = all.bytes.get(at..).filter(|rest| rest.len() >= head) {
        let named = frame.iter().take(if version == 2 { 3 } else { 4 });
        if !named.clone().all(u8::is_ascii_alphanumeric) {
            break;
        }
        let id: Vec<u8> = named.copied().collect();
        let size = match version {
            2 => be32(&[0, frame[3], frame[4], frame[5]], 0) as usize,
            3 => be32(frame, 4) as usize,
            _ => synchsafe(bytes_at(frame, 4).unwrap_or_default()),
        };
        let flags = if version == 2 { 0 } else { frame[9] };
        let from = at + head;
        at = from.saturating_add(size).min(all.bytes.len());
        let content = all.part(from.min(at)..at);
        frame_of(&id, (version, flags), content, fields);
        if from.saturating_add(size) > all.bytes.len() {
            fields.unread(end..end, Reason::Truncated);
            return;
        }
    }
    // Padding is zeros; what else stands there was left by a shorter edit.
    let rest = all.part(at.min(all.bytes.len())..all.bytes.len());
    if rest.bytes.iter().any(|byte| *byte != 0) {
        texts(&rest, 0, "id3.padding", fields);
    }
}

/// Frames of numbers alone.
const STRUCTURE: &[&str] = &[
    "PCNT", "MLLT", "ETCO", "SYTC", "RVAD", "RVRB", "EQUA", "RVA2", "EQU2", "ASPI", "SEEK", "RBUF",
    "POSS", "CNT", "MLL", "ETC", "STC", "RVA", "REV", "EQU", "BUF",
];

/// Reads the content of a frame.
fn frame_of(id: &[u8], (version, flags): (u8, u8), mut content: Bytes, fields: &mut Fields) {
    let id = String::from_utf8_lossy(id);
    let (packed, grouped) = match version {
        3 => (flags & 0xc0 != 0, flags & 0x20 != 0),
        4 => (flags & 0x0c != 0, flags & 0x40 != 0),
        _ => (false, false),
    };
    if packed {
        fields.unread(content.hull(), Reason::Unsupported("packed-tag"));
        return;
    }
    if version == 4 && flags & 0x02 != 0 {
        content = content.unstuffed();
    }
    let extra = usize::from(grouped) + if version == 4 && flags & 1 != 0 { 4 } else { 0 };
    let content = content.part(extra.min(content.bytes.len())..content.bytes.len());
    let name = format!("id3.{id}");
    match &*id {
        id if STRUCTURE.contains(&id) => {}
        "APIC" | "PIC" => picture(&content, id.len() == 3, &name, fields),
        "COMM" | "USLT" | "USER" | "COM" | "ULT" => texts(&content, 4, &name, fields),
        "POPM" | "POP" => {
            let owner = content.bytes.split(|byte| *byte == 0).next();
            let len = owner.unwrap_or_default().len();
            texts(&content.part(0..len), 0, &name, fields);
        }
        id if id.starts_with('T') || matches!(id, "WXXX" | "WXX" | "IPLS" | "IPL") => {
            texts(&content, 1, &name, fields);
        }
        _ => texts(&content, 0, &name, fields),
    }
}

/// The description of a picture is text, the picture is not read.
fn picture(content: &Bytes, short: bool, name: &str, fields: &mut Fields) {
    let kind = content.bytes.get(1..).unwrap_or_default();
    let kind = if short {
        3
    } else {
        kind.iter().position(|b| *b == 0).unwrap_or(0) + 1
    };
    let from = (1 + kind + 1).min(content.bytes.len());
    let rest = content.bytes.get(from..).unwrap_or_default();
    let wide = matches!(content.bytes.first(), Some(1 | 2));
    let end = if wide {
        let pair = rest.chunks_exact(2).position(|pair| pair == [0, 0]);
        pair.map_or(rest.len(), |at| at * 2 + 2)
    } else {
        rest.iter()
            .position(|b| *b == 0)
            .map_or(rest.len(), |at| at + 1)
    };
    let described = content.part(from..from + end).behind_first(content);
    texts(&described, 1, name, fields);
    let data = content.part(from + end..content.bytes.len());
    if !data.bytes.is_empty() {
        fields.unread(data.hull(), Reason::Unsupported("picture"));
    }
}

/// Names the texts that start `skip` bytes into `content`, parted by NULs; with a `skip` the first
/// byte says how they are encoded.
fn texts(content: &Bytes, skip: usize, name: &str, fields: &mut Fields) {
    let name: Arc<str> = name.into();
    let encoding = content.bytes.first().copied().filter(|_| skip > 0);
    let mut at = skip.min(content.bytes.len());
    if !matches!(encoding, Some(1 | 2)) {
        for piece in content
            .bytes
            .get(at..)
            .unwrap_or_default()
            .split(|b| *b == 0)
        {
            if !is_text(piece) {
                fields.unread(content.hull(), Reason::Opaque);
                return;
            }
            let places = content.places(at..at + piece.len());
            fields.push(places, name.clone(), Text::Plain);
            at += piece.len() + 1;
        }
        return;
    }
    let mut little = encoding == Some(1);
    while at + 1 < content.bytes.len() {
        let rest = content.bytes.get(at..).unwrap_or_default();
        let pair = rest.chunks_exact(2).position(|pair| pair == [0, 0]);
        let len = pair.map_or(rest.len() / 2 * 2, |at| at * 2);
        let mark = match rest {
            [0xff, 0xfe, ..] if len >= 2 => Some(true),
            [0xfe, 0xff, ..] if len >= 2 => Some(false),
            _ => None,
        };
        little = mark.unwrap_or(little);
        let from = at + if mark.is_some() { 2 } else { 0 };
        let places = content.places(from..at + len);
        fields.push(places, name.clone(), Text::Utf16 { little });
        at += len + 2;
    }
}
