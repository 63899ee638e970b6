//! Answers which cue a chunk offset lies in, and takes cues out.

use std::cell::OnceCell;
use std::ops::Range;

use super::cues::{Cue, cues, goes_on, speaker};
use crate::edit::{Refusal, Splice};
use crate::format::text::gone;
use crate::format::{Chunk, Locate, Location};
use crate::view::{Hinting, Hints, Party, Register};

/// The most cues that one number is taken to go through.
const LONGEST_CHAIN: usize = 8;

/// The index of one chunk.
pub(super) struct CueIndex<'s> {
    chunk: Chunk<'s>,
    text: &'s [u8],
    cues: OnceCell<Vec<Cue>>,
}

impl<'s> CueIndex<'s> {
    pub(super) fn new(chunk: Chunk<'s>) -> Self {
        CueIndex {
            chunk,
            text: chunk.text.get(..chunk.end).unwrap_or_default(),
            cues: OnceCell::new(),
        }
    }

    fn cues(&self) -> &[Cue] {
        self.cues.get_or_init(|| cues(self.text, self.chunk.start))
    }

    /// The number of the cue around `at`.
    fn around(&self, at: usize) -> Option<usize> {
        let cues = self.cues();
        let number = cues.partition_point(|cue| cue.start <= at).checked_sub(1)?;
        cues.get(number).filter(|cue| at < cue.end).map(|_| number)
    }

    fn text_of(&self, cue: &Cue) -> &'s [u8] {
        self.text.get(cue.text.clone()).unwrap_or_default()
    }
}

impl Hinting for CueIndex<'_> {
    fn hints(&self, _at: usize) -> Hints<'_> {
        Hints {
            register: Register::Talk,
            ..Hints::default()
        }
    }
}

impl Locate for CueIndex<'_> {
    fn locate(&self, at: usize) -> Location {
        let Some((number, cue)) = self.around(at).and_then(|i| Some((i, self.cues().get(i)?)))
        else {
            return Location::default();
        };
        let field = if cue.text.contains(&at) {
            "text"
        } else if at < cue.text.start {
            "cue"
        } else {
            "note"
        };
        Location {
            record: Some(number as u64),
            field: Some(field.into()),
            party: speaker(self.text_of(cue)).and_then(Party::of_label),
        }
    }

    fn records(&self) -> u64 {
        self.cues().len() as u64
    }

    /// Drops the cue with the blank lines behind it, and those in which a number of it goes on.
    fn drop_record(&self, at: usize) -> Result<Vec<Splice>, Refusal> {
        let number = self.around(at).ok_or(Refusal::NotDroppable)?;
        let from = self.cues().get(number..).unwrap_or_default();
        let more = from
            .iter()
            .take_while(|cue| goes_on(self.text_of(cue)))
            .count();
        let range: Option<Range<usize>> = from.first().and_then(|first| {
            let last = from.get(more.min(LONGEST_CHAIN)).or(from.last())?;
            Some(first.start..last.end)
        });
        range
            .map(|range| vec![gone(range)])
            .ok_or(Refusal::NotDroppable)
    }
}
