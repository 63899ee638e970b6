//! JSON documents and JSON Lines.
//!
//! Owns where strings and numbers lie, under which keys, and how they take new text. Scanning
//! reads the raw text; only strings that hold a backslash are decoded, and keys are found only
//! around candidates.

mod cut;
mod drop;
mod index;
mod near;
mod packed;
mod pieces;
mod sniff;
mod stamp;
mod strings;
mod talk;
mod times;
mod walk;

use std::ops::Range;

use cut::cut_document;
use index::JsonIndex;
pub(super) use times::times;

use super::escape::layers_beside;
use super::{
    Capabilities, Chunk, Content, Cut, Format, Head, Ledger, Likeness, Locate, Memory, Reader,
    Width,
};
use crate::edit::Splice;
use crate::raw::coded_runs;
use crate::view::View;

/// JSON, as one document or one record a line.
pub(super) struct Json {
    name: &'static str,
    lines: bool,
}

/// A document, or several that are not one a line.
pub(super) static JSON: Json = Json {
    name: "json",
    lines: false,
};

/// A document a line.
pub(super) static JSONL: Json = Json {
    name: "jsonl",
    lines: true,
};

/// The least text of a document that is cut, in bytes: smaller ones are read whole, so that every
/// key path is known.
const SMALLEST_CUT: usize = 768 * 1024;

impl Format for Json {
    fn name(&self) -> &'static str {
        self.name
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            memory: if self.lines {
                Memory::Streams
            } else {
                Memory::Record
            },
            width: Width::Free,
        }
    }

    fn sniff(&self, head: &Head<'_>) -> Option<Likeness> {
        sniff::tell(head)
            .filter(|told| told.lines == self.lines)
            .map(|told| told.likeness)
    }

    fn open(&self, head: &Head<'_>) -> Box<dyn Reader> {
        Box::new(JsonReader {
            lines: self.lines,
            told: talk::tell(head.text),
            journal: self.lines && pieces::is_journal(head.text),
        })
    }
}

struct JsonReader {
    lines: bool,
    /// Whether it is a transcript.
    told: talk::Told,
    /// Whether its texts may be arrays of bytes.
    journal: bool,
}

impl Reader for JsonReader {
    fn cut(&self, window: &[u8]) -> Cut {
        if self.lines
            && let Some(end) = memchr::memrchr(b'\n', window)
        {
            return Cut::Record(end + 1);
        }
        if window.len() < SMALLEST_CUT {
            return Cut::More;
        }
        cut_document(window, self.told.talk)
    }

    fn index<'s>(&'s self, chunk: Chunk<'s>) -> Box<dyn Locate + 's> {
        Box::new(JsonIndex::new(chunk, self.lines, self.told, self.journal))
    }

    fn read<'s>(&'s self, chunk: Chunk<'s>, index: &'s dyn Locate) -> Content<'s> {
        let (mut told, mut read) = pieces::split_numbers(chunk);
        let mut take = |(views, places): (Vec<View<'s>>, Vec<Range<usize>>)| {
            told.extend(views);
            read.extend(places);
        };
        if self.told.talk {
            take(talk::views(chunk, self.lines));
        }
        if self.journal {
            take(pieces::byte_arrays(chunk));
        }
        read.sort_unstable_by_key(|place| place.start);
        let words = coded_runs(chunk.text, chunk.start..chunk.end);
        let packed = packed::packed(chunk, index, &words, &read);
        let mut ledger = Ledger::read(chunk.end - chunk.start);
        for (place, reason) in packed.unread {
            ledger.unread(place, reason);
        }
        if !packed.read.is_empty() {
            told.extend(packed.views);
            read.extend(packed.read);
            read.sort_unstable_by_key(|place| place.start);
        }
        let decoded = strings::escaped(chunk.text, chunk.start..chunk.end, &read);
        let mut views = layers_beside(chunk, index, decoded, &read, &words);
        views.extend(told);
        Content {
            views,
            ledger,
            children: Vec::new(),
        }
    }

    /// The tokens of a text that is a segment of a transcript.
    fn echoes(&self, chunk: Chunk<'_>, parts: &[Range<usize>]) -> Vec<Vec<Range<usize>>> {
        let text = chunk.text.get(..chunk.end).unwrap_or_default();
        let Some(last) = parts.last().filter(|_| self.told.tokens) else {
            return Vec::new();
        };
        let tokens = pieces::tokens(text, last).into_iter();
        tokens.map(|token| vec![token]).collect()
    }

    fn settle(&self, chunk: Chunk<'_>, edits: &[Splice]) -> Vec<Splice> {
        if self.lines {
            Vec::new()
        } else {
            drop::commas(chunk, edits)
        }
    }
}

#[cfg(test)]
mod tests;
