//! XML documents: message and call backups, call records, and any other.
//!
//! Owns where text and attribute values lie, in which elements, and how they take new text.
//! Scanning reads the raw text; only values that hold a reference are decoded, and elements are
//! found only around candidates. What is no markup is read as text.

mod drop;
mod entities;
mod index;
mod office;
mod records;
pub(super) mod references;
mod vocabulary;
mod walk;

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

use index::XmlIndex;
use records::Shape;

use super::attached::{Attached, attached, hides};
use super::escape::layers_around;
use super::{
    Capabilities, Chunk, Content, Cut, Format, Head, Ledger, Likeness, Locate, Memory, Reader,
    Reason, Width,
};
use crate::edit::Splice;

/// XML.
pub(super) struct Xml;

/// The least text of a document that is cut, in bytes: smaller ones are read whole, so that every
/// path is known.
const SMALLEST_CUT: usize = 512 * 1024;

impl Format for Xml {
    fn name(&self) -> &'static str {
        "xml"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            memory: Memory::Record,
            width: Width::Free,
        }
    }

    /// By its declaration, by a root that is known, or by elements that follow each other properly.
    fn sniff(&self, head: &Head<'_>) -> Option<Likeness> {
        let text = head.text.trim_ascii_start();
        let [b'<', next, ..] = text else {
            return None;
        };
        if !(next.is_ascii_alphabetic() || matches!(next, b'?' | b'!' | b'_')) {
            return None;
        }
        let shape = Shape::of(text);
        if shape.root.is_empty() || shape.root.eq_ignore_ascii_case(b"html") {
            return None;
        }
        if text.starts_with(b"<?xml") || shape.known.is_some() {
            return Some(Likeness::Certain);
        }
        (!shape.is_doubtful && text.contains(&b'>')).then_some(Likeness::Likely)
    }

    fn open(&self, head: &Head<'_>) -> Box<dyn Reader> {
        Box::new(XmlReader {
            shape: Shape::of(head.text),
            dropped: AtomicU64::new(NOT_KNOWN),
        })
    }
}

/// The root of documents whose parts hold base64.
const MESSAGES: &[u8] = b"smses";

/// The least base64, in characters.
const SHORTEST: usize = 4;

/// Nobody has said yet how many records go.
const NOT_KNOWN: u64 = u64::MAX;

struct XmlReader {
    shape: Shape,
    /// How many records go in the whole source.
    dropped: AtomicU64,
}

impl Reader for XmlReader {
    /// Before the last record of the window.
    fn cut(&self, window: &[u8]) -> Cut {
        if window.len() < SMALLEST_CUT {
            return Cut::More;
        }
        let records = self.shape.records.iter().map(Vec::as_slice);
        let office = if self.shape.is_office {
            office::CUTS
        } else {
            &[]
        };
        let starts = records
            .chain(office.iter().copied())
            .filter_map(|name| last_start(window, name));
        match starts.max() {
            Some(at) if at > 0 => Cut::Record(at),
            _ => Cut::More,
        }
    }

    fn index<'s>(&'s self, chunk: Chunk<'s>) -> Box<dyn Locate + 's> {
        Box::new(XmlIndex::new(chunk, &self.shape))
    }

    fn read<'s>(&'s self, chunk: Chunk<'s>, index: &'s dyn Locate) -> Content<'s> {
        let text = chunk.text.get(..chunk.end).unwrap_or_default();
        let mut ledger = Ledger::read(chunk.end - chunk.start);
        let (mut attachments, mut holes) = (Vec::new(), Vec::new());
        let backup = self.shape.root == MESSAGES;
        let packed = if backup {
            packed_parts(text, chunk.start)
        } else {
            packed_values(text, chunk.start)
        };
        for (place, whole) in packed {
            if !whole {
                ledger.unread(place.clone(), Reason::Limit);
                holes.push(place);
                continue;
            }
            match attached(text, place.clone(), b"", index) {
                Attached::Read(views) => attachments.extend(views),
                // Letters and digits that are no text unpacked may be what they look like.
                Attached::Unread(Reason::Opaque | Reason::Malformed) if !backup => continue,
                Attached::Unread(reason) => ledger.unread(place.clone(), reason),
                Attached::Text => continue,
            }
            holes.push(place);
        }
        if let Some(entities) = &self.shape.entities {
            for place in entities.hiding(text, chunk.start..chunk.end) {
                ledger.unread(place, Reason::Unsupported("entity"));
            }
        }
        let decoded = if self.shape.is_office {
            office::joined(text, chunk.start..chunk.end)
        } else {
            references::referring(text, chunk.start..chunk.end, &holes)
        };
        let mut views = layers_around(chunk, index, decoded, holes);
        views.extend(attachments);
        Content {
            views,
            ledger,
            children: Vec::new(),
        }
    }

    fn settle(&self, chunk: Chunk<'_>, edits: &[Splice]) -> Vec<Splice> {
        let dropped = self.dropped.load(Ordering::Relaxed);
        let dropped = (dropped != NOT_KNOWN).then_some(dropped);
        drop::count(chunk, edits, &self.shape, dropped)
            .into_iter()
            .collect()
    }

    fn expect_drops(&self, records: u64) {
        self.dropped.store(records, Ordering::Relaxed);
    }
}

/// Where base64 stands in `text[from..]`, and whether it is whole: in the `data` of the parts of a
/// message backup. One longer than a window may begin or end outside of it.
fn packed_parts(text: &[u8], from: usize) -> Vec<(Range<usize>, bool)> {
    const NAME: &[u8] = b" data=";
    let owned = text.get(from..).unwrap_or_default();
    let first = owned.iter().position(|b| b"\"'<".contains(b));
    let rest = from..from + first.unwrap_or(owned.len());
    let mut out = Vec::new();
    if text.get(rest.clone()).is_some_and(hides) {
        out.push((rest, false));
    }
    for found in memchr::memmem::find_iter(owned, NAME) {
        let start = from + found + NAME.len() + 1;
        let Some(mark) = text.get(start - 1).filter(|b| matches!(b, b'"' | b'\'')) else {
            continue;
        };
        let behind = text.get(start..).unwrap_or_default();
        let len = memchr::memchr2(*mark, b'<', behind);
        let place = start..start + len.unwrap_or(behind.len());
        let closed = text.get(place.end) == Some(mark);
        let value = text.get(place.clone()).unwrap_or_default();
        if value != b"null" && (closed && value.len() >= SHORTEST || len.is_none()) {
            out.push((place, closed));
        }
    }
    out
}

/// Where values of `text[from..]` stand that are base64 and nothing else, as far as they begin so.
fn packed_values(text: &[u8], from: usize) -> Vec<(Range<usize>, bool)> {
    /// The least base64 of a value of which nothing says that it is.
    const FEWEST: usize = 48;
    let coded = |b: &u8| b.is_ascii_alphanumeric() || b"+/=\r\n".contains(b);
    let owned = text.get(from..).unwrap_or_default();
    let mut out: Vec<(Range<usize>, bool)> = Vec::new();
    for found in memchr::memchr3_iter(b'>', b'"', b'\'', owned) {
        let start = from + found + 1;
        let value = text.get(start..).unwrap_or_default();
        if !value
            .get(..FEWEST)
            .is_some_and(|first| first.iter().all(coded))
        {
            continue;
        }
        let len = value.iter().take_while(|b| coded(b) || **b == b' ').count();
        let ends = value.get(len).is_some_and(|b| b"<\"'".contains(b));
        if ends && out.last().is_none_or(|(last, _)| last.end <= start) {
            out.push((start..start + len, true));
        }
    }
    out
}

/// Where the last element called `name` starts that stands behind another tag, with the blanks of
/// its line.
fn last_start(window: &[u8], name: &[u8]) -> Option<usize> {
    let tag = [b"<", name].concat();
    let finder = memchr::memmem::FinderRev::new(&tag);
    let mut end = window.len();
    while let Some(at) = finder.rfind(window.get(..end)?) {
        let behind = window.get(at + tag.len());
        let ends = behind.is_some_and(|b| b.is_ascii_whitespace() || matches!(b, b'/' | b'>'));
        let before = window.get(..at)?;
        if ends && before.trim_ascii_end().last() == Some(&b'>') {
            let blanks = before
                .iter()
                .rev()
                .take_while(|b| matches!(b, b' ' | b'\t'))
                .count();
            let line = at - blanks;
            return Some(
                if line.checked_sub(1).and_then(|i| window.get(i)) == Some(&b'\n') {
                    line
                } else {
                    at
                },
            );
        }
        end = at;
    }
    None
}

#[cfg(test)]
mod tests;
