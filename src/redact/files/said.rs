//! When what goes in transcripts was said.
//!
//! Owns what counts as timed: a value that stands in several places of a transcript is as well
//! known as its best place. Knows neither files nor how times are written.

use std::ops::Range;

use crate::format::times::{Timeline, When, merged};
use crate::redact::derive::Said;

/// A transcript: its format, its text, and what goes in it.
pub(super) struct Talk<'t> {
    pub(super) format: &'static str,
    /// Empty when it is too long to be kept.
    pub(super) text: &'t [u8],
    pub(super) said: &'t [Said],
}

/// What a set comes to.
#[derive(Default)]
pub(super) struct Muted {
    /// Milliseconds, sorted, disjoint.
    pub(super) spans: Vec<Range<u64>>,
    /// Values that were said nobody knows when.
    pub(super) untimed: u64,
    /// Values that are muted with the cue or segment they stand in.
    pub(super) loose: u64,
    /// How long the recording has to be.
    pub(super) end: u64,
}

impl Muted {
    /// What it takes to mute what goes in transcripts.
    pub(super) fn of<'t>(talks: impl Iterator<Item = Talk<'t>>) -> Muted {
        let mut muted = Muted::default();
        for talk in talks.filter(|talk| !talk.said.is_empty()) {
            if talk.text.is_empty() {
                muted.untimed += talk.said.len() as u64;
                continue;
            }
            let Some(timeline) = Timeline::of(talk.format, talk.text) else {
                continue;
            };
            muted.end = muted.end.max(timeline.end());
            let when: Vec<Option<When>> = talk
                .said
                .iter()
                .map(|said| timeline.when(&said.places))
                .collect();
            for (said, own) in talk.said.iter().zip(&when) {
                let mut twins = talk.said.iter().zip(&when).filter(|(twin, _)| {
                    twin.entity == said.entity && twin.canonical == said.canonical
                });
                match own {
                    Some(own) if own.by_words => muted.spans.extend(own.spans.iter().cloned()),
                    // The words of a segment tell more than the segment.
                    Some(own) => {
                        let finer = twins.any(|(_, twin)| {
                            twin.as_ref()
                                .is_some_and(|twin| twin.by_words && within(twin, own))
                        });
                        if !finer {
                            muted.loose += 1;
                            muted.spans.extend(own.spans.iter().cloned());
                        }
                    }
                    None => {
                        let timed = twins.any(|(_, twin)| twin.is_some());
                        let said = said.places.iter().any(|place| timeline.is_said(place));
                        muted.untimed += u64::from(said && !timed);
                    }
                }
            }
        }
        muted.spans = merged(std::mem::take(&mut muted.spans), 0);
        muted
    }
}

/// Whether every span of `fine` meets one of `coarse`.
fn within(fine: &When, coarse: &When) -> bool {
    fine.spans.iter().all(|fine| {
        let meets = |span: &Range<u64>| span.start < fine.end && fine.start < span.end;
        coarse.spans.iter().any(meets)
    })
}
