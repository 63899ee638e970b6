//! Chunks of RIFF files that are no sound: lists of texts, the broadcast extension, and what
//! programs put beside them.
//!
//! Sources: Microsoft's Multimedia Programming Interface 1.0 (LIST, INFO, cue lists), EBU Tech 3285
//! (bext), BWF iXML 3.0, AES46 (cart).

use std::ops::Range;

use super::super::fields::Fields;
use super::super::stream::{bytes_at, le32};

/// Chunks whose numbers are no text: positions, levels, instruments.
const STRUCTURE: &[&[u8; 4]] = &[
    b"fact", b"PEAK", b"cue ", b"smpl", b"inst", b"plst", b"acid", b"levl", b"slnt", b"chna",
    b"strc", b"MEXT", b"minf", b"elm1", b"regn", b"umid", b"fmt ", b"data", b"ds64",
];

/// Chunks that hold text.
const TEXTS: &[&[u8; 4]] = &[
    b"LIST", b"bext", b"iXML", b"axml", b"aXML", b"_PMX", b"cart", b"id3 ", b"ID3 ", b"DISP",
    b"JUNK", b"junk", b"PAD ", b"FLLR", b"CSET", b"link", b"afsp", b"note",
];

/// Whether these are the first bytes of a chunk whose letters are known.
pub(in super::super) fn is_known(head: &[u8]) -> bool {
    let id = bytes_at::<4>(head, 0);
    id.is_some_and(|id| STRUCTURE.contains(&&id) || TEXTS.contains(&&id))
}

/// Fields of `bext` that are text (EBU Tech 3285, section 2.3): name, offset, length.
const BEXT: &[(&str, usize, usize)] = &[
    ("Description", 0, 256),
    ("Originator", 256, 32),
    ("OriginatorReference", 288, 32),
    ("OriginationDate", 320, 10),
    ("OriginationTime", 330, 8),
];

/// Where the coding history of `bext` starts.
const HISTORY: usize = 602;

/// Reads a chunk, which is `text` with its letters and its length.
pub(in super::super) fn chunk(id: [u8; 4], text: &[u8], fields: &mut Fields) {
    let content = 8..text.len().max(8);
    let name = || String::from_utf8_lossy(&id).trim().to_owned();
    match &id {
        _ if STRUCTURE.contains(&&id) => {}
        b"LIST" if text.get(8..12) == Some(b"INFO") => list(text, "info", 0, fields),
        // Labels and notes start with the number of the point they are for.
        b"LIST" if text.get(8..12) == Some(b"adtl") => list(text, "adtl", 4, fields),
        b"LIST" => fields.value(text, 12.min(content.end)..content.end, name()),
        b"bext" => {
            for (name, at, len) in BEXT {
                let place = clipped(8 + at..8 + at + len, text);
                fields.value(text, place, format!("bext.{name}"));
            }
            let history = clipped(8 + HISTORY..text.len(), text);
            fields.value(text, history, "bext.CodingHistory");
        }
        b"id3 " | b"ID3 " => super::id3::v2(text, content, fields),
        _ => fields.value(text, content, name()),
    }
}

fn clipped(range: Range<usize>, text: &[u8]) -> Range<usize> {
    let start = range.start.min(text.len());
    start..range.end.clamp(start, text.len())
}

/// Reads a list of chunks whose texts start `skip` bytes into each.
fn list(text: &[u8], kind: &str, skip: usize, fields: &mut Fields) {
    let mut at = 12;
    while let Some(id) = bytes_at::<4>(text, at) {
        let len = le32(text, at + 4) as usize;
        let content = clipped(at + 8 + skip..(at + 8).saturating_add(len), text);
        let name = String::from_utf8_lossy(&id).trim().to_owned();
        fields.value(text, content, format!("{kind}.{name}"));
        at = (at + 8).saturating_add(len).saturating_add(len % 2);
    }
}
