//! Address cards and calendars: vCard and iCalendar.
//!
//! Owns where cards and properties lie and how a value is folded and encoded: lines that go on
//! behind a blank (RFC 6350 and RFC 5545, section 3.1 and 3.2), quoted-printable and base64 of
//! vCard 2.1 and 3.0.

mod index;
mod properties;

use std::ops::Range;

use index::CardIndex;
use properties::{Encoding, properties};

use super::attached::{Attached, attached};
use super::escape::{Decoded, layers_around};
use super::mail::quoted_printable;
use super::{
    Capabilities, Chunk, Content, Cut, Format, Head, Ledger, Likeness, Locate, Memory, Reader,
    Width,
};
use crate::view::{Codec, View};

/// Cards of one kind.
pub(super) struct Contacts {
    name: &'static str,
    /// The first line.
    begin: &'static [u8],
    /// What a record is called.
    records: &'static [&'static [u8]],
}

/// vCard.
pub(super) static VCARD: Contacts = Contacts {
    name: "vcard",
    begin: b"BEGIN:VCARD",
    records: &[b"VCARD"],
};

/// iCalendar.
pub(super) static ICALENDAR: Contacts = Contacts {
    name: "icalendar",
    begin: b"BEGIN:VCALENDAR",
    records: &[b"VEVENT", b"VTODO", b"VJOURNAL"],
};

impl Format for Contacts {
    fn name(&self) -> &'static str {
        self.name
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            memory: Memory::Record,
            width: Width::Free,
        }
    }

    fn sniff(&self, head: &Head<'_>) -> Option<Likeness> {
        let text = head.text.trim_ascii_start();
        let first = text.get(..self.begin.len())?;
        let ends = text
            .get(self.begin.len())
            .is_none_or(u8::is_ascii_whitespace);
        (first.eq_ignore_ascii_case(self.begin) && ends).then_some(Likeness::Certain)
    }

    fn open(&self, _head: &Head<'_>) -> Box<dyn Reader> {
        Box::new(CardReader {
            records: self.records,
        })
    }
}

struct CardReader {
    records: &'static [&'static [u8]],
}

impl Reader for CardReader {
    /// Behind the last record.
    fn cut(&self, window: &[u8]) -> Cut {
        let ends = memchr::memmem::rfind_iter(window, b"\nEND:");
        for end in ends {
            let line = window.get(end + 1..).unwrap_or_default();
            let len = memchr::memchr(b'\n', line).map(|len| len + 1);
            let name = line
                .get(4..len.unwrap_or(0))
                .unwrap_or_default()
                .trim_ascii();
            if let Some(len) = len
                && self.records.contains(&name)
            {
                return Cut::Record(end + 1 + len);
            }
        }
        Cut::More
    }

    fn index<'s>(&'s self, chunk: Chunk<'s>) -> Box<dyn Locate + 's> {
        Box::new(CardIndex::new(chunk, self.records))
    }

    fn read<'s>(&'s self, chunk: Chunk<'s>, index: &'s dyn Locate) -> Content<'s> {
        let text = chunk.text.get(..chunk.end).unwrap_or_default();
        let mut ledger = Ledger::read(chunk.end - chunk.start);
        let (mut decoded, mut holes) = (Decoded::default(), Vec::new());
        let mut packed: Vec<View<'s>> = Vec::new();
        for property in properties(text, chunk.start) {
            match property.encoding {
                Encoding::Plain if !property.folded => {}
                Encoding::Plain => {
                    decoded.begin(property.value.clone());
                    unfolded(text, property.value, &mut decoded);
                }
                Encoding::QuotedPrintable => {
                    decoded.begin(property.value.clone());
                    quoted_printable(text, property.value, &mut decoded);
                }
                Encoding::Base64 => {
                    let place = property.value;
                    match attached(text, place.clone(), &property.charset, index) {
                        Attached::Read(views) => {
                            holes.push(place);
                            packed.extend(views);
                        }
                        Attached::Unread(reason) => {
                            holes.push(place.clone());
                            ledger.unread(place, reason);
                        }
                        Attached::Text => {}
                    }
                }
            }
        }
        let decoded = (!decoded.holes.is_empty()).then_some(decoded);
        let mut views = layers_around(chunk, index, decoded, holes);
        views.extend(packed);
        Content {
            views,
            ledger,
            children: Vec::new(),
        }
    }
}

/// Appends `text[range]` without the line ends and blanks at which it is folded.
fn unfolded(text: &[u8], range: Range<usize>, out: &mut Decoded) {
    let value = text.get(..range.end).unwrap_or_default();
    let mut from = range.start;
    let mut at = range.start;
    while let Some(end) = value.get(at..).and_then(|rest| memchr::memchr(b'\n', rest)) {
        let end = at + end;
        at = end + 1;
        if !matches!(value.get(at), Some(b' ' | b'\t')) {
            continue;
        }
        let returns = usize::from(end > from && value.get(end - 1) == Some(&b'\r'));
        out.plain(value.get(from..end - returns).unwrap_or_default(), from);
        let width = returns + 2;
        out.map
            .push(1, 0, (end - returns) as u64, width, Codec::Plain);
        at += 1;
        from = at;
    }
    out.plain(value.get(from..).unwrap_or_default(), from);
}

#[cfg(test)]
mod tests;
