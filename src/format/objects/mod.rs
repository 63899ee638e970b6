//! Archived objects of Apple's programs: typed streams and binary property lists, as files and as
//! cells of message stores.
//!
//! Owns which of their bytes are text, also in archives within archives, and that no text changes
//! its width: lengths stand before it, and runs of attributes count its characters. What they hold
//! as data that is no text is counted as unread, by name.

mod plist;
mod typed;

use std::ops::Range;

use super::escape::{Decoded, stacked};
use super::{
    Capabilities, Chunk, Content, Cut, Format, Head, Ledger, Likeness, Locate, Location, Memory,
    Reader, Reason, Slot, SlotKind, Width, is_text, recognise,
};
use crate::view::{Codec, Hinting, Hints, NoHints, Register, View};

/// Archives within archives that are read.
const DEEPEST: usize = 4;

/// Archived objects of one kind.
pub(super) struct Objects {
    name: &'static str,
    magic: &'static [u8],
}

/// Typed streams.
pub(super) static TYPED_STREAM: Objects = Objects {
    name: "typedstream",
    magic: typed::MAGIC,
};

/// Binary property lists.
pub(super) static BINARY_PLIST: Objects = Objects {
    name: "binary-plist",
    magic: plist::MAGIC,
};

/// Where what lies in an archive, in its own offsets.
#[derive(Default)]
struct Parts {
    /// UTF-8.
    strings: Vec<Range<usize>>,
    /// UTF-16, big-endian.
    wide: Vec<Range<usize>>,
    /// Anything.
    data: Vec<Range<usize>>,
}

/// What an archive holds, decoded, each text by itself.
#[derive(Default)]
pub(in crate::format) struct Unarchived {
    pub(in crate::format) texts: Decoded,
    /// What nobody reads.
    pub(in crate::format) unread: Vec<(Range<usize>, Reason)>,
}

/// Whether `bytes` begin as an archive.
pub(in crate::format) fn is_archive(bytes: &[u8]) -> bool {
    bytes.starts_with(typed::MAGIC) || bytes.starts_with(plist::MAGIC)
}

/// Adds what the archive at `text[place]` holds.
pub(in crate::format) fn unarchive(text: &[u8], place: Range<usize>, out: &mut Unarchived) {
    let mut found: Vec<(Range<usize>, bool)> = Vec::new();
    let mut unread = Vec::new();
    collect(text, place, 0, &mut found, &mut unread);
    unread.sort_by_key(|(range, _): &(Range<usize>, Reason)| range.start);
    for (range, reason) in unread {
        let behind = out.unread.last().map_or(0, |(last, _)| last.end);
        if range.start >= behind && !range.is_empty() {
            out.unread.push((range, reason));
        }
    }
    found.sort_by_key(|(range, _)| (range.start, range.end));
    let mut behind = 0;
    for (range, wide) in found {
        // Two objects may be one and the same string.
        if range.start < behind || range.is_empty() {
            continue;
        }
        behind = range.end;
        out.texts.begin(range.clone());
        let bytes = text.get(range.clone()).unwrap_or_default();
        if wide {
            utf16(bytes, range.start, &mut out.texts);
        } else {
            out.texts.plain(bytes, range.start);
        }
    }
}

fn collect(
    text: &[u8],
    place: Range<usize>,
    depth: usize,
    found: &mut Vec<(Range<usize>, bool)>,
    unread: &mut Vec<(Range<usize>, Reason)>,
) {
    let bytes = text.get(place.clone()).unwrap_or_default();
    if depth == DEEPEST {
        return unread.push((place, Reason::Limit));
    }
    let Some(parts) = typed::parts(bytes).or_else(|| plist::parts(bytes)) else {
        // What can be read of it is, though nobody knows where its texts begin and end.
        found.push((place.clone(), false));
        return unread.push((place, Reason::Malformed));
    };
    let outer = |range: Range<usize>| place.start + range.start..place.start + range.end;
    found.extend(parts.strings.into_iter().map(|range| (outer(range), false)));
    found.extend(parts.wide.into_iter().map(|range| (outer(range), true)));
    for data in parts.data.into_iter().map(outer) {
        let bytes = text.get(data.clone()).unwrap_or_default();
        if is_archive(bytes) {
            collect(text, data, depth + 1, found, unread);
        } else if let Some(name) = recognise(bytes) {
            unread.push((data, Reason::Unsupported(name)));
        } else if is_text(bytes) {
            found.push((data, false));
        } else {
            unread.push((data, Reason::Opaque));
        }
    }
}

fn utf16(bytes: &[u8], at: usize, out: &mut Decoded) {
    let (pairs, _) = bytes.as_chunks::<2>();
    let mut raw = at;
    let mut utf8 = [0; 4];
    for decoded in char::decode_utf16(pairs.iter().map(|pair| u16::from_be_bytes(*pair))) {
        let ch = decoded.unwrap_or(char::REPLACEMENT_CHARACTER);
        let width = ch.len_utf16() * 2;
        out.unit(
            ch.encode_utf8(&mut utf8).as_bytes(),
            raw,
            width,
            Codec::Utf16Be,
        );
        raw += width;
    }
}

impl Format for Objects {
    fn name(&self) -> &'static str {
        self.name
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            memory: Memory::Whole,
            width: Width::Same,
        }
    }

    fn sniff(&self, head: &Head<'_>) -> Option<Likeness> {
        self.claims(head.text).then_some(Likeness::Certain)
    }

    fn claims(&self, head: &[u8]) -> bool {
        head.starts_with(self.magic)
    }

    fn open(&self, _head: &Head<'_>) -> Box<dyn Reader> {
        Box::new(ObjectReader)
    }
}

struct ObjectReader;

impl Reader for ObjectReader {
    fn cut(&self, _window: &[u8]) -> Cut {
        Cut::More
    }

    fn takes_bytes(&self) -> bool {
        true
    }

    fn has_records(&self) -> bool {
        false
    }

    fn index<'s>(&'s self, _chunk: Chunk<'s>) -> Box<dyn Locate + 's> {
        Box::new(ObjectIndex)
    }

    fn read<'s>(&'s self, chunk: Chunk<'s>, index: &'s dyn Locate) -> Content<'s> {
        let mut ledger = Ledger::read(chunk.end - chunk.start);
        let mut views = Vec::new();
        // An archive that is too long to be held has no table at the end of its beginning.
        if chunk.torn.before || chunk.torn.behind {
            ledger.unread(chunk.start..chunk.end, Reason::Limit);
            views.push(View::raw(chunk.text, 0, index).owning(chunk.start..chunk.end));
        } else {
            let mut out = Unarchived::default();
            unarchive(chunk.text, chunk.start..chunk.end, &mut out);
            for (range, reason) in out.unread {
                ledger.unread(range, reason);
            }
            if !out.texts.text.is_empty() {
                stacked(&PROSE, out.texts, &mut views);
            }
        }
        Content {
            views,
            ledger,
            children: Vec::new(),
        }
    }
}

static PROSE: NoHints = NoHints(Register::Prose);

struct ObjectIndex;

impl Hinting for ObjectIndex {
    fn hints(&self, _at: usize) -> Hints<'_> {
        Hints::default()
    }
}

impl Locate for ObjectIndex {
    fn locate(&self, _at: usize) -> Location {
        Location::default()
    }

    fn only_values(&self, _at: usize) -> bool {
        true
    }

    fn slot(&self, _range: Range<usize>) -> Slot {
        Slot {
            kind: SlotKind::Text,
            width: Width::Same,
            style: Codec::Plain,
        }
    }
}

#[cfg(test)]
mod tests;
