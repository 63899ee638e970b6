//! A stretch of tags: named values in the bytes of a file, each of a fixed width.
//!
//! Owns the way from a value to its bytes, across page headers and stuffing. Knows no container
//! and no entity.

use std::ops::Range;
use std::sync::Arc;

use super::ogg;
use crate::edit::{Bytes, Refusal, Splice};
use crate::format::{
    Chunk, Content, Cut, Ledger, Locate, Location, Reader, Reason, Slot, SlotKind, Width, is_text,
};
use crate::source::Charset;
use crate::view::{Codec, Hinting, Hints, Map, Register, View};

/// How the text of a value is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Text {
    /// ASCII, UTF-8 or Latin-1, which detectors read as they are.
    Plain,
    /// UTF-16, with the low byte first or last.
    Utf16 {
        /// Whether the low byte comes first.
        little: bool,
    },
}

/// A named value.
#[derive(Clone, Debug)]
pub(super) struct Field {
    /// Where it stands in the text of the stretch: one place, or several where page headers or
    /// stuffing come between. Sorted, none empty.
    pub(super) places: Vec<Range<usize>>,
    /// The tag's name with that of its kind before it: `id3.TPE1`.
    pub(super) name: Arc<str>,
    pub(super) text: Text,
}

impl Field {
    fn hull(&self) -> Range<usize> {
        let start = self.places.first().map_or(0, |place| place.start);
        start..self.places.last().map_or(start, |place| place.end)
    }
}

/// What a stretch of tags holds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fields {
    /// In the order of their places.
    fields: Vec<Field>,
    /// What of the stretch nobody reads.
    unread: Vec<(Range<usize>, Reason)>,
    /// Pages of Ogg, whose checksums change with what stands in them.
    pages: Vec<Range<usize>>,
}

impl Fields {
    /// Adds the text at `place`, up to its last byte that is no NUL or blank; what is no text is
    /// unread.
    pub(super) fn value(&mut self, text: &[u8], place: Range<usize>, name: impl Into<Arc<str>>) {
        let name = name.into();
        let mut from = place.start;
        let bytes = text.get(place.clone()).unwrap_or_default();
        for piece in bytes.split(|byte| *byte == 0) {
            if piece.iter().any(|byte| *byte > b' ') {
                if !is_text(piece) {
                    self.unread(place, Reason::Opaque);
                    return;
                }
                self.push(vec![from..from + piece.len()], name.clone(), Text::Plain);
            }
            from += piece.len() + 1;
        }
    }

    /// Adds a value in the places and the encoding given.
    pub(super) fn push(&mut self, places: Vec<Range<usize>>, name: Arc<str>, text: Text) {
        let places: Vec<_> = places
            .into_iter()
            .filter(|place| !place.is_empty())
            .collect();
        if !places.is_empty() {
            self.fields.push(Field { places, name, text });
        }
    }

    /// Says that `place` is a page of Ogg, whole.
    pub(super) fn sealed(&mut self, place: Range<usize>) {
        self.pages.push(place);
    }

    /// Says that nobody reads `place`.
    pub(super) fn unread(&mut self, place: Range<usize>, reason: Reason) {
        self.unread.push((place, reason));
    }

    /// Whether there is nothing to tell of the stretch.
    pub(super) fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.unread.is_empty()
    }

    fn at(&self, at: usize) -> Option<&Field> {
        self.fields.iter().find(|field| {
            let hull = field.hull();
            hull.start <= at && at <= hull.end
        })
    }

    fn view<'s>(field: &Field, text: &'s [u8], hints: &'s dyn Hinting) -> View<'s> {
        if let ([place], Text::Plain) = (field.places.as_slice(), field.text) {
            let bytes = text.get(place.clone()).unwrap_or_default();
            return View::raw(bytes, place.start as u64, hints);
        }
        let (mut joined, mut map) = (Vec::new(), Map::default());
        let mut behind = None;
        for place in &field.places {
            if let Some(gap) = behind.filter(|behind| *behind < place.start) {
                map.push(1, 0, gap as u64, place.start - gap, Codec::Plain);
            }
            let bytes = text.get(place.clone()).unwrap_or_default();
            map.push(bytes.len(), 1, place.start as u64, 1, Codec::Plain);
            joined.extend_from_slice(bytes);
            behind = Some(place.end);
        }
        match field.text {
            Text::Plain => View::layered(joined, vec![map], hints),
            Text::Utf16 { little } => {
                let mut text = Vec::new();
                let wide = Charset::Utf16 { little, mark: 0 };
                let units = wide.decode(&joined, 0, &mut text);
                View::layered(text, vec![units, map], hints)
            }
        }
    }
}

impl Reader for Fields {
    fn cut(&self, window: &[u8]) -> Cut {
        Cut::Record(window.len())
    }

    fn index<'s>(&'s self, chunk: Chunk<'s>) -> Box<dyn Locate + 's> {
        Box::new(Index {
            fields: self,
            len: chunk.text.len(),
        })
    }

    fn read<'s>(&'s self, chunk: Chunk<'s>, index: &'s dyn Locate) -> Content<'s> {
        let mut ledger = Ledger::read(chunk.end - chunk.start);
        for (place, reason) in &self.unread {
            ledger.unread(place.clone(), *reason);
        }
        let views = self.fields.iter();
        Content {
            views: views
                .map(|field| Fields::view(field, chunk.text, index))
                .collect(),
            ledger,
            children: Vec::new(),
        }
    }

    fn settle(&self, chunk: Chunk<'_>, edits: &[Splice]) -> Vec<Splice> {
        let pages = self.pages.iter().filter_map(|page| {
            let mut bytes = chunk.text.get(page.clone())?.to_vec();
            let mut changed = false;
            for edit in edits {
                let start = (edit.range.start as usize).checked_sub(page.start);
                let place = start.zip(start.map(|start| start + edit.bytes.len()));
                let place = place.and_then(|(start, end)| bytes.get_mut(start..end));
                // What goes over the end of a page goes as a whole.
                if let Some(place) = place {
                    place.copy_from_slice(&edit.bytes);
                    changed = true;
                }
            }
            let (place, sum) = ogg::sealed(&bytes);
            changed.then(|| Splice {
                range: (page.start + place.start) as u64..(page.start + place.end) as u64,
                bytes: Bytes::from_slice(&sum),
            })
        });
        pages.collect()
    }
}

struct Index<'s> {
    fields: &'s Fields,
    len: usize,
}

impl Hinting for Index<'_> {
    fn hints(&self, at: usize) -> Hints<'_> {
        let field = self.fields.at(at);
        Hints {
            register: Register::Cell,
            label: field.map(|field| {
                let name = field.name.rsplit('.').next();
                name.unwrap_or_default().as_bytes()
            }),
            party: None,
            value: field.map(Field::hull),
            sampled: None,
        }
    }
}

impl Locate for Index<'_> {
    fn locate(&self, at: usize) -> Location {
        Location {
            record: Some(0),
            field: self.fields.at(at).map(|field| field.name.clone()),
            party: None,
        }
    }

    fn slot(&self, _range: Range<usize>) -> Slot {
        Slot {
            kind: SlotKind::Text,
            width: Width::Same,
            style: Codec::Plain,
        }
    }

    /// The record is the whole recording: what is taken here stands for all of it.
    fn drop_record(&self, _at: usize) -> Result<Vec<Splice>, Refusal> {
        Ok(vec![Splice {
            range: 0..self.len as u64,
            bytes: Bytes::new(),
        }])
    }
}
