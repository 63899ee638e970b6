//! What MP4 files say of themselves: the tags of iTunes, those of QuickTime and of 3GPP, names of
//! tracks, and what stands where nothing should.
//!
//! Sources: ISO/IEC 14496-12; Apple, QuickTime File Format, "User Data Atoms" and "Metadata";
//! 3GPP TS 26.244, section 8.

use std::ops::Range;

use super::boxes::{Boxes, inside};
use crate::format::recording::fields::{Fields, Text};
use crate::format::recording::stream::{be32, bytes_at};
use crate::format::{Reason, is_text};

/// Boxes that hold boxes.
const BOXES: &[&[u8; 4]] = &[
    b"moov", b"trak", b"mdia", b"minf", b"stbl", b"dinf", b"edts", b"tref", b"mvex", b"udta",
    b"ilst",
];

/// Boxes of numbers.
const STRUCTURE: &[&[u8; 4]] = &[
    b"mvhd", b"tkhd", b"mdhd", b"stsd", b"stts", b"ctts", b"stsc", b"stsz", b"stz2", b"stco",
    b"co64", b"stss", b"elst", b"smhd", b"vmhd", b"nmhd", b"hmhd", b"sgpd", b"sbgp", b"iods",
    b"mehd", b"trex", b"sdtp", b"stsh", b"padb", b"subs", b"saiz", b"saio", b"chap", b"gmhd",
];

/// Boxes of boxes within one another that are gone into.
const DEEPEST: usize = 12;

/// Reads the box of these letters whose content is `text[range]`, below those of `path`.
pub(super) fn read(
    text: &[u8],
    kind: [u8; 4],
    range: Range<usize>,
    path: &str,
    deep: usize,
    fields: &mut Fields,
) {
    let name = match path {
        "" => letters(kind),
        path => format!("{path}.{}", letters(kind)),
    };
    match &kind {
        kind if STRUCTURE.contains(&kind) => {}
        _ if deep > DEEPEST => fields.unread(range, Reason::Limit),
        b"ilst" => each(text, range, "mp4", deep, fields),
        kind if BOXES.contains(&kind) => {
            let path = if *kind == b"udta".as_slice() {
                "udta"
            } else {
                ""
            };
            each(text, range, path, deep, fields);
        }
        b"meta" => {
            // In QuickTime's files it has no version.
            let plain = bytes_at::<4>(text, range.start + 4) == Some(*b"hdlr");
            let content = inside(&range, if plain { 0 } else { 4 });
            each(text, content, "", deep, fields);
        }
        b"hdlr" => plain(text, inside(&range, 24), "hdlr", fields),
        b"dref" => each(text, inside(&range, 8), "", deep, fields),
        b"url " | b"urn " => plain(text, inside(&range, 4), &name, fields),
        b"keys" => plain(text, inside(&range, 8), &name, fields),
        b"data" => data(text, range, path, fields),
        b"mean" | b"name" if path.starts_with("mp4.") => {
            plain(text, inside(&range, 4), &name, fields);
        }
        // A tag of iTunes: boxes of data, by its letters or by a number of `keys`.
        _ if path == "mp4" => each(text, range, &name, deep, fields),
        [0xa9, ..] => international(text, range, &name, fields),
        b"titl" | b"auth" | b"dscp" | b"perf" | b"gnre" | b"cprt" | b"albm" | b"kywd" | b"loci"
        | b"clsf"
            if path == "udta" =>
        {
            assets(text, range, &name, fields);
        }
        _ => plain(text, range, &name, fields),
    }
}

/// Reads the boxes of a range, and what is behind the last.
fn each(text: &[u8], range: Range<usize>, path: &str, deep: usize, fields: &mut Fields) {
    let mut boxes = Boxes::of(text, range);
    for (kind, content) in boxes.by_ref() {
        read(text, kind, content, path, deep + 1, fields);
    }
    plain(text, boxes.rest(), "mp4.rest", fields);
}

/// What letters of a box look like.
fn letters(kind: [u8; 4]) -> String {
    let shown = kind.iter().map(|byte| char::from(*byte));
    shown
        .filter(|letter| !letter.is_control())
        .collect::<String>()
        .trim()
        .to_owned()
}

/// A text as it is, where there is any; what is none is named, unless it is nothing but zeros.
fn plain(text: &[u8], range: Range<usize>, name: &str, fields: &mut Fields) {
    let content = text.get(range.clone()).unwrap_or_default();
    if content.iter().any(|byte| *byte != 0) {
        fields.value(text, range, name);
    }
}

/// The value of a tag of iTunes: what it is, the language, the value.
fn data(text: &[u8], range: Range<usize>, path: &str, fields: &mut Fields) {
    let content = inside(&range, 8);
    match be32(text, range.start) & 0x00ff_ffff {
        2 => fields.push(vec![content], path.into(), Text::Utf16 { little: false }),
        12..=14 | 27 if !content.is_empty() => {
            fields.unread(content, Reason::Unsupported("picture"));
        }
        // Numbers, and what is told by its letters alone: as a rule a number too.
        21..=24 | 65..=67 | 74..=78 => {}
        0 if content.len() <= 8 && !is_text(text.get(content.clone()).unwrap_or_default()) => {}
        _ => plain(text, content, path, fields),
    }
}

/// QuickTime's texts, each its length, its language and itself.
fn international(text: &[u8], range: Range<usize>, name: &str, fields: &mut Fields) {
    let mut at = range.start;
    while let Some(len) = bytes_at::<2>(text, at).filter(|_| at + 4 < range.end) {
        let end = (at + 4 + usize::from(u16::from_be_bytes(len))).min(range.end);
        let utf16 = matches!(text.get(at + 4..at + 6), Some([0xfe, 0xff]));
        if utf16 {
            fields.push(
                vec![at + 6..end],
                name.into(),
                Text::Utf16 { little: false },
            );
        } else {
            plain(text, at + 4..end, name, fields);
        }
        at = end;
    }
    plain(text, at.min(range.end)..range.end, name, fields);
}

/// 3GPP's texts: a version, a language, and text that ends with a NUL.
fn assets(text: &[u8], range: Range<usize>, name: &str, fields: &mut Fields) {
    let content = inside(&range, 6);
    match text.get(content.start..content.start + 2) {
        Some([0xfe, 0xff]) => {
            let place = inside(&content, 2);
            fields.push(vec![place], name.into(), Text::Utf16 { little: false });
        }
        _ => {
            // What follows the text are numbers.
            let bytes = text.get(content.clone()).unwrap_or_default();
            let len = bytes
                .iter()
                .position(|byte| *byte == 0)
                .unwrap_or(bytes.len());
            plain(text, content.start..content.start + len, name, fields);
        }
    }
}
