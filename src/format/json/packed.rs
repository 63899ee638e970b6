//! Strings that are base64 and nothing else, as queues and mail services put payloads into JSON.
//!
//! Owns which strings are taken for that. Knows nothing of what is in them.

use std::ops::Range;

use crate::format::attached::{Attached, GZIP, attached};
use crate::format::{Chunk, Reason};
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

/// Unpacks which of the `words` of `chunk`, runs of base64's letters, are strings, but those at the
/// places `known`. Both are sorted.
pub(super) fn packed<'s>(
    chunk: Chunk<'s>,
    index: &'s dyn Hinting,
    words: &[Range<usize>],
    known: &[Range<usize>],
) -> Packed<'s> {
    let mut out = Packed::default();
    let text = chunk.text.get(..chunk.end).unwrap_or_default();
    for place in words.iter().filter_map(|word| string(text, word)) {
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

/// The string that a word of base64's letters is, with its padding, where that is whole groups.
/// Shorter words unpack to bytes that look like text too often.
fn string(text: &[u8], word: &Range<usize>) -> Option<Range<usize>> {
    let behind = text.get(word.end..)?;
    let padding = behind.iter().take_while(|b| **b == b'=').count();
    let end = word.end + padding;
    let before = word.start.checked_sub(1).and_then(|at| text.get(at));
    let whole = (end - word.start).is_multiple_of(4) && padding <= 2;
    (whole && before == Some(&b'"') && text.get(end) == Some(&b'"')).then_some(word.start..end)
}
