//! Keys that were pressed in a call, as they were heard: the text of a window is the keys of one
//! channel, each with its time.
//!
//! Owns the way from a place in that text to the time it stands for. Knows neither samples nor
//! what the keys are together.

use std::ops::Range;
use std::sync::Arc;

use super::talk::Talk;
use crate::edit::{Bytes, Refusal, Splice};
use crate::finding::Heard;
use crate::format::{Chunk, Content, Cut, Ledger, Locate, Location, Reader, Slot, SlotKind, Width};
use crate::view::{Codec, Hinting, Hints, Register, View};

/// Milliseconds before and behind the keys of an entry that are muted with them: the edges of a key
/// are true to 15 ms, and what rings behind one tells of it.
const MARGIN: u64 = 30;

/// The keys of one channel.
#[derive(Clone, Debug)]
pub(crate) struct Keys {
    /// From 1.
    channel: u16,
    /// When each was heard, in milliseconds.
    times: Vec<Range<u64>>,
    field: Arc<str>,
    /// What was said, where a transcript tells.
    talk: Option<Arc<Talk>>,
}

impl Keys {
    /// Keys of a channel, counted from 1, that were heard at these times.
    pub(super) fn new(channel: u16, times: Vec<Range<u64>>) -> Keys {
        Keys {
            channel,
            times,
            field: "keys".into(),
            talk: None,
        }
    }

    /// The same, in a recording in which `talk` was said.
    pub(super) fn amid(mut self, talk: Option<Arc<Talk>>) -> Keys {
        self.talk = talk;
        self
    }

    /// When the keys at `range` of the text were heard.
    pub(crate) fn heard(&self, range: &Range<usize>) -> Option<Heard> {
        let times = self.times.get(range.clone())?;
        Some(Heard {
            channel: self.channel,
            ms: times.first()?.start..times.last()?.end,
        })
    }

    /// What has to be silent for the keys at `range` of the text to be gone, in milliseconds.
    pub(crate) fn span(&self, range: &Range<usize>) -> Option<Range<u64>> {
        let ms = self.heard(range)?.ms;
        Some(ms.start.saturating_sub(MARGIN)..ms.end.saturating_add(MARGIN))
    }
}

impl Reader for Keys {
    fn cut(&self, window: &[u8]) -> Cut {
        Cut::Record(window.len())
    }

    fn index<'s>(&'s self, chunk: Chunk<'s>) -> Box<dyn Locate + 's> {
        Box::new(Index {
            keys: self,
            len: chunk.text.len(),
        })
    }

    fn read<'s>(&'s self, chunk: Chunk<'s>, index: &'s dyn Locate) -> Content<'s> {
        Content {
            views: vec![View::raw(chunk.text, 0, index).keyed(&self.times)],
            ledger: Ledger::read(chunk.text.len()),
            children: Vec::new(),
        }
    }
}

struct Index<'s> {
    keys: &'s Keys,
    len: usize,
}

impl Hinting for Index<'_> {
    fn hints(&self, at: usize) -> Hints<'_> {
        let talk = self.keys.talk.as_ref().zip(self.keys.times.get(at));
        Hints {
            label: talk.map(|(talk, ms)| talk.before(ms.start)),
            register: Register::Identifier,
            ..Hints::default()
        }
    }
}

impl Locate for Index<'_> {
    fn locate(&self, _at: usize) -> Location {
        Location {
            record: Some(0),
            field: Some(self.keys.field.clone()),
            party: None,
        }
    }

    fn slot(&self, _range: Range<usize>) -> Slot {
        Slot {
            kind: SlotKind::Samples,
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
