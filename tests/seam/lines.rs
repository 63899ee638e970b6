//! Plain text, what every other text is read as; and a hint of nothing for those that need none.

use std::ops::Range;

use efface::edit::{Refusal, Splice};
use efface::format::{
    Capabilities, Chunk, Content, Cut, Format, Head, Ledger, Likeness, Locate, Location, Memory,
    Reader, Slot, SlotKind, Width,
};
use efface::view::{Codec, Hinting, Hints, Register, View};

/// A place without records, written in one register under one label.
pub(crate) struct Place {
    pub(crate) register: Register,
    pub(crate) label: Option<&'static str>,
}

impl Hinting for Place {
    fn hints(&self, _at: usize) -> Hints<'_> {
        Hints {
            register: self.register,
            label: self.label.map(str::as_bytes),
            ..Hints::default()
        }
    }
}

impl Locate for Place {
    fn locate(&self, _at: usize) -> Location {
        Location::default()
    }
}

/// A slot for text of any width.
pub(crate) fn text_slot(style: Codec) -> Slot {
    Slot {
        kind: SlotKind::Text,
        width: Width::Free,
        style,
    }
}

/// Behind the last line of a window.
pub(crate) fn cut_lines(window: &[u8]) -> Cut {
    match window.iter().rposition(|b| *b == b'\n') {
        Some(end) => Cut::Record(end + 1),
        None => Cut::More,
    }
}

/// The splice that drops the line around `at`.
pub(crate) fn drop_line(chunk: Chunk<'_>, at: usize) -> Vec<Splice> {
    let text = chunk.text;
    let start = text[..at]
        .iter()
        .rposition(|b| *b == b'\n')
        .map_or(0, |p| p + 1);
    let end = text[at..]
        .iter()
        .position(|b| *b == b'\n')
        .map_or(text.len(), |p| at + p + 1);
    vec![Splice {
        range: start as u64..end as u64,
        bytes: Vec::new().into(),
    }]
}

pub(crate) struct Lines;

impl Format for Lines {
    fn name(&self) -> &'static str {
        "lines"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            memory: Memory::Streams,
            width: Width::Free,
        }
    }

    fn sniff(&self, _head: &Head<'_>) -> Option<Likeness> {
        Some(Likeness::Possible)
    }

    fn open(&self, _head: &Head<'_>) -> Box<dyn Reader> {
        Box::new(Lines)
    }
}

impl Reader for Lines {
    fn cut(&self, window: &[u8]) -> Cut {
        cut_lines(window)
    }

    fn index<'s>(&'s self, _chunk: Chunk<'s>) -> Box<dyn Locate + 's> {
        Box::new(Place {
            register: Register::Prose,
            label: None,
        })
    }

    fn read<'s>(&'s self, chunk: Chunk<'s>, index: &'s dyn Locate) -> Content<'s> {
        Content {
            views: vec![View::raw(chunk.text, 0, index).owning(chunk.start..chunk.end)],
            ledger: Ledger::read(chunk.text.len()),
            children: Vec::new(),
        }
    }

    fn slot(&self, _chunk: Chunk<'_>, _range: Range<usize>) -> Slot {
        text_slot(Codec::Plain)
    }

    fn drop_record(&self, chunk: Chunk<'_>, at: usize) -> Result<Vec<Splice>, Refusal> {
        Ok(drop_line(chunk, at))
    }
}
