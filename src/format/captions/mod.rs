//! Captions: WebVTT and SubRip.
//!
//! Owns where cues lie and how their text is joined: a sentence, and a number in it, goes on from
//! cue to cue, so they are read as one text with soft breaks. Times, identifiers, notes and tags
//! are read as they stand.

mod cues;
mod index;
mod sweep;
mod times;

use std::ops::Range;

use cues::{Cue, agrees, block_end, block_start, comes_next, cues, is_times, next_text, tag};
pub(super) use cues::{comes_on, goes_on};
use index::CueIndex;
use sweep::odd;
pub(super) use times::{clock, times};

use super::escape::{Decoded, layers};
use super::xml::references;
use super::{
    Capabilities, Chunk, Content, Cut, Format, Head, Ledger, Likeness, Locate, Memory, Reader,
    Width,
};
use crate::view::{Break, BreakKind, Codec};

/// Captions of one kind.
pub(super) struct Captions {
    name: &'static str,
    /// Whether a file says what it is in its first line.
    header: bool,
}

/// WebVTT.
pub(super) static VTT: Captions = Captions {
    name: "vtt",
    header: true,
};

/// SubRip.
pub(super) static SRT: Captions = Captions {
    name: "srt",
    header: false,
};

/// Cues held back at the end of a window: what is said may go on in the next ones.
const HELD: usize = 3;
/// Bytes at the end of a window in which its last cues are looked for: first in the fewest.
const TAILS: [usize; 2] = [2 * 1024, 16 * 1024];
/// Cues tried for one before which no number ends.
const TRIED: usize = 32;

impl Format for Captions {
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
        if self.header {
            let rest = head.text.strip_prefix(b"WEBVTT")?;
            let ends = rest.first().is_none_or(u8::is_ascii_whitespace);
            return ends.then_some(Likeness::Certain);
        }
        if !text.first().is_some_and(u8::is_ascii_digit) {
            return None;
        }
        let mut lines = text.split(|&b| b == b'\n').map(<[u8]>::trim_ascii);
        let number = lines.next()?;
        let counted = !number.is_empty() && number.iter().all(u8::is_ascii_digit);
        (counted && is_times(lines.next()?)).then_some(Likeness::Certain)
    }

    fn open(&self, _head: &Head<'_>) -> Box<dyn Reader> {
        Box::new(CaptionReader)
    }
}

struct CaptionReader;

impl Reader for CaptionReader {
    /// Before the third last cue, or one before it so that no number is cut.
    fn cut(&self, window: &[u8]) -> Cut {
        for tail in TAILS {
            let from = behind_blank(window, window.len().saturating_sub(tail));
            let told = from.and_then(|from| cut_before(window, &cues(window, from)));
            if let Some(cut) = told {
                return cut;
            }
        }
        let cues = cues(window, 0);
        let last = || cues.get(cues.len().checked_sub(HELD)?);
        cut_before(window, &cues).unwrap_or_else(|| match last() {
            Some(cue) if cue.start > 0 => Cut::Record(cue.start),
            _ => Cut::More,
        })
    }

    /// A cue says when in its recording it was spoken, not when that was made.
    fn has_records(&self) -> bool {
        false
    }

    fn index<'s>(&'s self, chunk: Chunk<'s>) -> Box<dyn Locate + 's> {
        Box::new(CueIndex::new(chunk))
    }

    fn read<'s>(&'s self, chunk: Chunk<'s>, index: &'s dyn Locate) -> Content<'s> {
        let text = chunk.text.get(..chunk.end).unwrap_or_default();
        let joined = joined(text, chunk.start);
        let joined = (!joined.holes.is_empty()).then_some(joined);
        Content {
            views: layers(chunk, index, joined),
            ledger: Ledger::read(chunk.end - chunk.start),
            children: Vec::new(),
        }
    }
}

/// Behind the first line that is empty of those that begin behind `from`.
fn behind_blank(window: &[u8], from: usize) -> Option<usize> {
    if from == 0 {
        return None;
    }
    let rest = window.get(from..)?;
    let mut ends = memchr::memchr_iter(b'\n', rest).map(|end| from + end + 1);
    let mut at = ends.next()?;
    ends.find(|&end| {
        let line = window.get(at..end).unwrap_or_default();
        at = end;
        line.trim_ascii().is_empty()
    })
}

/// The cut before the last of `cues` but two, or before one of those before it, so that no number
/// is cut; `None` when those tell of none. The first cue is behind others that are not known.
fn cut_before(window: &[u8], cues: &[Cue]) -> Option<Cut> {
    let last = cues.len().checked_sub(HELD)?;
    let whole = |&number: &usize| {
        let before = number.checked_sub(1).and_then(|i| cues.get(i));
        before.is_some_and(|cue| !goes_on(window.get(cue.text.clone()).unwrap_or_default()))
    };
    let mut tried = (1..=last).rev().take(TRIED);
    // Where numbers go on all the time one is cut.
    let best = tried.find(whole).or((last > TRIED).then_some(last))?;
    cues.get(best).map(|cue| Cut::Record(cue.start))
}

/// Blocks without a cue that are gone over to the cue before.
const PARTED: usize = 3;

/// The text that goes on from line to line or from cue to cue, or has markup in it, joined: lines
/// and cues apart by a blank. What else is said is read as it stands.
fn joined(text: &[u8], from: usize) -> Decoded {
    let mut joiner = Joiner::default();
    // Behind what has been read as cues, an empty line.
    let mut behind = from;
    for at in odd(text, from) {
        if at < behind {
            continue;
        }
        let mut start = block_start(text, behind, at);
        // The cue before is read with those that a value goes on over, for what it says of it.
        // Empty lines and notes may part them.
        for _ in 0..PARTED {
            let end = start;
            let before = text.get(behind..end).unwrap_or_default();
            let before = before.trim_ascii_end().len();
            if before == 0 {
                break;
            }
            start = block_start(text, behind, behind + before);
            let block = text.get(start..end).unwrap_or_default();
            if memchr::memmem::find(block, b"-->").is_some() {
                break;
            }
        }
        loop {
            behind = block_end(text, start);
            let lines = text.get(..behind).unwrap_or_default();
            for cue in cues(lines, start) {
                joiner.add(text, &cue);
            }
            // What goes on does so in the next cue, wherever that is.
            if !joiner.comes_on && behind > at || behind == text.len() {
                break;
            }
            start = behind;
        }
    }
    joiner.out
}

/// Joins cues that come in order; of those left out none goes on or has markup.
#[derive(Default)]
struct Joiner {
    out: Decoded,
    /// Whether what was said in the cue before goes on.
    comes_on: bool,
}

impl Joiner {
    fn add(&mut self, text: &[u8], cue: &Cue) {
        let payload = text.get(cue.text.clone()).unwrap_or_default();
        let next = text.get(cue.text.end..).unwrap_or_default();
        // What is told goes on over a cue in which it is only agreed to.
        if self.comes_on && agrees(payload) && !is_marked(payload) && !next.is_empty() {
            return;
        }
        let closed = payload.trim_ascii_end().last();
        let closed = closed.is_some_and(|b| b".?!\"".contains(b));
        let on = goes_on(payload) || !closed && comes_next(next);
        if self.comes_on || on || self.asks(next) || is_marked(payload) {
            // A cue that nothing joins is no part of what was said before.
            let kind = if self.comes_on {
                BreakKind::Soft
            } else {
                BreakKind::Hard
            };
            join(text, cue, kind, &mut self.out);
        }
        self.comes_on = on;
    }

    /// Whether a value begins in the cue behind the text before `next`: this one may ask for it.
    fn asks(&self, next: &[u8]) -> bool {
        !self.comes_on && next_text(next).is_some_and(goes_on)
    }
}

/// Whether a value may hide in a cue: behind a reference, around a tag within a word, or in a number
/// that goes on in its next line.
fn is_marked(payload: &[u8]) -> bool {
    memchr::memchr_iter(b'\n', payload).any(|end| goes_on(payload.get(..end).unwrap_or_default()))
        || memchr::memchr3_iter(b'<', b'{', b'&', payload).any(|at| {
            let (before, rest) = payload.split_at(at);
            let glued = |byte: Option<&u8>| byte.is_some_and(|b| !b.is_ascii_whitespace());
            let behind = tag(rest).and_then(|len| rest.get(len..));
            match behind {
                Some(behind) => glued(before.last()) && glued(behind.first()),
                None => rest.first() == Some(&b'&'),
            }
        })
}

/// Appends the text of a cue behind a break of `kind`; its lines are apart by soft ones.
fn join(text: &[u8], cue: &Cue, mut kind: BreakKind, out: &mut Decoded) {
    let mut at = cue.text.start;
    let payload = text.get(cue.text.clone()).unwrap_or_default();
    for line in payload.split_inclusive(|&b| b == b'\n') {
        let body = line.trim_ascii_end();
        if !body.is_empty() {
            if !out.text.is_empty() {
                // What goes on is a blank away; nothing goes over a NUL.
                out.text
                    .push(if kind == BreakKind::Soft { b' ' } else { 0 });
                out.map.push_join(1);
                out.breaks.push(Break {
                    at: out.text.len(),
                    kind,
                });
            }
            kind = BreakKind::Soft;
            spoken(text, at..at + body.len(), out);
        }
        at += line.len();
    }
}

/// Appends one line without its tags, its references decoded.
fn spoken(text: &[u8], line: Range<usize>, out: &mut Decoded) {
    let owned = text.get(..line.end).unwrap_or_default();
    let mut from = line.start;
    let mut at = line.start;
    while at < line.end {
        let rest = owned.get(at..).unwrap_or_default();
        let Some(found) = rest.iter().position(|b| matches!(b, b'<' | b'{')) else {
            break;
        };
        let here = at + found;
        match owned.get(here..).and_then(tag) {
            Some(len) => {
                said(owned, from..here, out);
                // A gap: it stands in what is said and is no part of it.
                out.map.push(1, 0, here as u64, len, Codec::Plain);
                at = here + len;
                from = at;
            }
            None => at = here + 1,
        }
    }
    said(owned, from..line.end, out);
}

fn said(text: &[u8], range: Range<usize>, out: &mut Decoded) {
    if !range.is_empty() {
        references::decode(text, range.clone(), out);
        out.holes.push(range);
    }
}

#[cfg(test)]
mod tests;
