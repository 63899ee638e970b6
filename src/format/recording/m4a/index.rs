//! Where the sound of an MP4 file lies, by the tables of its track (ISO/IEC 14496-12, section 8).
//!
//! Owns the tables: sizes of samples, samples of chunks, places of chunks. What a sample is a
//! decoder knows; here it is bytes.

use std::ops::Range;

use super::boxes::{Boxes, inside};
use crate::format::recording::stream::{be32, bytes_at};

/// The most samples of a track that are read: 30 hours at 10 a second.
const MOST: usize = 1 << 20;

/// A track of sound.
#[derive(Clone, Debug, Default)]
pub(super) struct Track {
    /// The four letters of its codec.
    pub(super) codec: [u8; 4],
    /// What its decoder needs (ISO/IEC 14496-1, `DecoderSpecificInfo`).
    pub(super) setup: Vec<u8>,
    /// Samples a second, as the track says.
    pub(super) rate: u32,
    /// Where each sample stands in the file, in order.
    pub(super) samples: Vec<Range<u64>>,
}

/// The tracks below `moov`, which is `text[range]`: those of sound, and how many there are of all.
pub(super) fn tracks(text: &[u8], range: Range<usize>) -> (Vec<Track>, usize) {
    let (mut sound, mut all) = (Vec::new(), 0);
    for (kind, track) in Boxes::of(text, range) {
        if kind == *b"trak" {
            all += 1;
            sound.extend(of_sound(text, track));
        }
    }
    (sound, all)
}

fn find(text: &[u8], range: Range<usize>, path: &[&[u8; 4]]) -> Option<Range<usize>> {
    path.iter().try_fold(range, |range, wanted| {
        let mut boxes = Boxes::of(text, range);
        boxes
            .find(|(kind, _)| kind == *wanted)
            .map(|(_, range)| range)
    })
}

fn of_sound(text: &[u8], track: Range<usize>) -> Option<Track> {
    let media = find(text, track, &[b"mdia"])?;
    let handler = find(text, media.clone(), &[b"hdlr"])?;
    if bytes_at::<4>(text, handler.start + 8)? != *b"soun" {
        return None;
    }
    let tables = find(text, media, &[b"minf", b"stbl"])?;
    let entries = find(text, tables.clone(), &[b"stsd"])?;
    let (codec, entry) = Boxes::of(text, entries.start + 8..entries.end).next()?;
    let rate = bytes_at::<2>(text, entry.start + 24).map_or(0, u16::from_be_bytes);
    let more = inside(&entry, 28);
    let setup = find(text, more, &[b"esds"])
        .and_then(|esds| text.get(esds))
        .map(decoder)
        .unwrap_or_default();
    Some(Track {
        codec,
        setup,
        rate: u32::from(rate),
        samples: places(text, &tables).unwrap_or_default(),
    })
}

/// The bytes for the decoder within an `esds`: descriptors, each a tag and a length of 7 bits a
/// byte (ISO/IEC 14496-1, section 7.2.2).
fn decoder(esds: &[u8]) -> Vec<u8> {
    let mut at = 4;
    while let Some(tag) = esds.get(at) {
        at += 1;
        let mut len = 0_usize;
        while let Some(byte) = esds.get(at) {
            at += 1;
            len = len << 7 | usize::from(byte & 0x7f);
            if byte & 0x80 == 0 || len > esds.len() {
                break;
            }
        }
        match tag {
            // What it is, with a number and flags; and how it is coded, with sizes and rates.
            3 => at += 3,
            4 => at += 13,
            5 => {
                let bytes = esds.get(at..at.saturating_add(len));
                return bytes.unwrap_or_default().to_vec();
            }
            _ => at = at.saturating_add(len),
        }
    }
    Vec::new()
}

/// Where the samples of a track stand.
fn places(text: &[u8], tables: &Range<usize>) -> Option<Vec<Range<u64>>> {
    let table = |name: &[u8; 4]| find(text, tables.clone(), &[name]);
    let sizes = table(b"stsz")?;
    let fixed = be32(text, sizes.start + 4);
    let count = (be32(text, sizes.start + 8) as usize).min(MOST);
    let size = |nth: usize| match fixed {
        0 => {
            let at = sizes.start + 12 + nth * 4;
            (at + 4 <= sizes.end).then(|| be32(text, at))
        }
        fixed => Some(fixed),
    };
    let runs = table(b"stsc")?;
    let run = |nth: usize| {
        let at = runs.start + 8 + nth * 12;
        (at + 12 <= runs.end).then(|| (be32(text, at), be32(text, at + 4)))
    };
    let (chunks, wide) = match table(b"stco") {
        Some(chunks) => (chunks, false),
        None => (table(b"co64")?, true),
    };
    let chunk = |nth: usize| {
        let at = chunks.start + 8 + nth * if wide { 8 } else { 4 };
        if wide {
            let bytes = bytes_at(text, at).filter(|_| at + 8 <= chunks.end);
            bytes.map(u64::from_be_bytes)
        } else {
            (at + 4 <= chunks.end).then(|| u64::from(be32(text, at)))
        }
    };
    let (mut places, mut nth_run, mut nth_chunk) = (Vec::new(), 0, 0);
    let mut each = run(0)?.1;
    while places.len() < count {
        let Some(start) = chunk(nth_chunk) else {
            break;
        };
        nth_chunk += 1;
        if let Some((first, more)) = run(nth_run).filter(|(first, _)| *first as usize == nth_chunk)
        {
            debug_assert!(first > 0);
            each = more;
            nth_run += 1;
        }
        let mut at = start;
        for _ in 0..each {
            let Some(size) = size(places.len()).filter(|_| places.len() < count) else {
                break;
            };
            let end = at.saturating_add(u64::from(size));
            places.push(at..end);
            at = end;
        }
        if each == 0 && nth_chunk > MOST {
            break;
        }
    }
    Some(places)
}
