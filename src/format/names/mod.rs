//! Names of files, folders and members of archives, read as text of their own: a recording is often
//! called by two numbers and a time.
//!
//! Owns how a name is taken apart: what in it is a time or a counter, and which digits stand alone.
//! Knows neither entities nor where a name stands; offsets are bytes of the name.

mod spans;
mod words;

use std::sync::Arc;

use super::{Chunk, Content, Cut, Ledger, Locate, Location, Reader, Slot, SlotKind, Width};
use crate::edit::{Refusal, Splice};
use crate::view::{Codec, Hinting, Hints, Register, View};
use spans::{Span, spans};
pub(crate) use words::{Says, Words};

/// What reports call the field that is a name.
pub(crate) const NAME: &str = "name";

/// What reads a name, which is told as `field` and takes replacements of `width`.
pub(crate) fn reader(field: &'static str, width: Width) -> Box<dyn Reader> {
    Box::new(Names { field, width })
}

struct Names {
    field: &'static str,
    width: Width,
}

impl Reader for Names {
    fn cut(&self, window: &[u8]) -> Cut {
        Cut::Record(window.len())
    }

    fn has_records(&self) -> bool {
        false
    }

    fn index<'s>(&'s self, chunk: Chunk<'s>) -> Box<dyn Locate + 's> {
        Box::new(Index {
            names: self,
            spans: spans(chunk.text),
            text: chunk.text,
        })
    }

    fn read<'s>(&'s self, chunk: Chunk<'s>, index: &'s dyn Locate) -> Content<'s> {
        let mut views = Vec::new();
        for span in spans(chunk.text) {
            let Some(text) = chunk.text.get(span.range.clone()) else {
                continue;
            };
            let inner = span.start_of_runs();
            views.push(View::raw(text, span.range.start as u64, index).with_holes(inner));
            for run in span.runs {
                if let Some(digits) = chunk.text.get(run.clone()) {
                    views.push(View::raw(digits, run.start as u64, index));
                }
            }
        }
        Content {
            views,
            ledger: Ledger::read(chunk.text.len()),
            children: Vec::new(),
        }
    }
}

struct Index<'s> {
    names: &'s Names,
    spans: Vec<Span>,
    text: &'s [u8],
}

impl Hinting for Index<'_> {
    fn hints(&self, at: usize) -> Hints<'_> {
        let span = self.spans.iter().find(|span| span.range.contains(&at));
        let run = span.and_then(|span| span.runs.iter().find(|run| run.contains(&at)));
        Hints {
            register: Register::Identifier,
            label: run.and_then(|run| spans::word_before(self.text, run.start)),
            value: run.cloned(),
            party: None,
            sampled: None,
        }
    }
}

impl Locate for Index<'_> {
    fn locate(&self, _at: usize) -> Location {
        Location {
            record: None,
            field: Some(Arc::from(self.names.field)),
            party: None,
        }
    }

    fn slot(&self, _range: std::ops::Range<usize>) -> Slot {
        Slot {
            kind: SlotKind::Text,
            width: self.names.width,
            style: Codec::Plain,
        }
    }

    /// A name belongs to what it names, and goes with that only.
    fn drop_record(&self, _at: usize) -> Result<Vec<Splice>, Refusal> {
        Err(Refusal::NotDroppable)
    }
}

#[cfg(test)]
mod tests;
