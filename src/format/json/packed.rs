//! Strings that are base64 and nothing else, as queues and mail services put payloads into JSON.
//!
//! Owns which strings are taken for that. Knows nothing of what is in them.

use std::ops::Range;

use crate::format::attached::{Attached, GZIP, attached};
use crate::format::{Chunk, Reason};
use crate::raw::coded_run;
use crate::view::{Hinting, View};

/// The least of which it counts as unread when it unpacks to the beginning of a picture or an
/// archive: shorter ones are hashes and keys that look like it by chance.
const TELLING: usize = 256;

/// What the packed strings of a chunk came to.
#[derive(Default)]
pub(super) struct Packed<'s> {
    /// The views of those that are text.
    pub(super) views: Vec<View<'s>>,
    /// Where these stand, in order.
    pub(super) read: Vec<Range<usize>>,
    /// Those that nobody reads, and why.
    pub(super) unread: Vec<(Range<usize>, Reason)>,
}

/// Unpacks the strings of `chunk` that are base64, but those at the places `known`, which are sorted.
pub(super) fn packed<'s>(
    chunk: Chunk<'s>,
    index: &'s dyn Hinting,
    known: &[Range<usize>],
) -> Packed<'s> {
    let mut out = Packed::default();
    let text = chunk.text.get(..chunk.end).unwrap_or_default();
    for place in strings(text, chunk.start) {
        let next = known.partition_point(|one| one.end <= place.start);
        if known.get(next).is_some_and(|one| one.start < place.end) {
            continue;
        }
        // What is hexadecimal is no base64, though it unpacks.
        let word = text.get(place.clone()).unwrap_or_default();
        if word.iter().all(u8::is_ascii_hexdigit) {
            continue;
        }
        match attached(text, place.clone(), b"", index) {
            Attached::Read(views) => {
                out.views.extend(views);
                out.read.push(place);
            }
            Attached::Unread(reason @ (Reason::Unsupported(_) | Reason::Limit))
                if place.len() >= TELLING || begins_gzip(text, &place) =>
            {
                out.unread.push((place, reason));
            }
            Attached::Unread(_) | Attached::Text => {}
        }
    }
    out
}

/// Whether the base64 at `place` is of a member of gzip that deflates: four characters say so.
fn begins_gzip(text: &[u8], place: &Range<usize>) -> bool {
    text.get(place.clone())
        .is_some_and(|word| word.starts_with(GZIP))
}

/// The strings of `text[from..]` that are made of base64's letters in whole groups, at least
/// [`LEAST`](crate::raw::LEAST) of them: shorter words unpack to bytes that look like text too often.
fn strings(text: &[u8], from: usize) -> impl Iterator<Item = Range<usize>> {
    let mut at = from;
    std::iter::from_fn(move || {
        loop {
            let run = coded_run(text, at)?;
            at = run.end;
            let padding = text.get(at..)?.iter().take_while(|b| **b == b'=').count();
            let end = at + padding;
            let whole = (end - run.start).is_multiple_of(4) && padding <= 2;
            let is_string = run.start > from
                && text.get(run.start - 1) == Some(&b'"')
                && text.get(end) == Some(&b'"');
            if whole && is_string {
                return Some(run.start..end);
            }
        }
    })
}
