//! The own time of a record: under which of its keys it stands.
//!
//! Owns the choice among keys. What lies in an array within the record is of records of its own.

use std::borrow::Cow;
use std::ops::Range;

use super::strings::decode;
use super::walk::{Kind, Walk};
use crate::format::escape::Decoded;
use crate::time::{self, Named, Stamp};

/// Objects within one another in which a record's own time is looked for.
const DEEPEST: isize = 3;

/// A record as it was walked.
#[derive(Clone, Debug)]
pub(super) struct Record {
    /// From its brace to behind the closing one, or to the end of the text.
    pub(super) range: Range<usize>,
    /// Where its time stands.
    pub(super) stamp: Option<(Range<usize>, Named)>,
}

impl Record {
    /// Walks the record whose brace stands at `open` of `text`.
    pub(super) fn of(text: &[u8], open: usize) -> Record {
        let mut walk = Walk::new(open);
        let mut best: Option<(Range<usize>, Named)> = None;
        let mut key = None;
        // The depth at which an array opened that is not closed yet.
        let mut array: Option<isize> = None;
        let end = loop {
            let Some(token) = walk.next(text) else {
                break text.len();
            };
            let depth = walk.depth();
            if token.kind == Kind::Bracket {
                match text.get(token.start) {
                    Some(b'[') if array.is_none() => array = Some(depth),
                    Some(b']') if array.is_some_and(|from| depth < from) => array = None,
                    _ => {}
                }
                key = None;
                if depth <= 0 {
                    break token.end;
                }
                continue;
            }
            if array.is_some() || depth > DEEPEST {
                continue;
            }
            if token.kind == Kind::Key {
                key = text.get(token.start..token.end).and_then(time::named);
                continue;
            }
            let value = token.start..token.end;
            // Of two of one rank the outer and earlier one is meant.
            if let Some(named) = key.take()
                && text
                    .get(value.clone())
                    .is_some_and(|text| !is_nothing(text))
                && best.as_ref().is_none_or(|(_, best)| named.rank < best.rank)
            {
                best = Some((value, named));
            }
        };
        Record {
            range: open..end,
            stamp: best,
        }
    }

    /// Its time.
    pub(super) fn stamp<'s>(&self, text: &'s [u8]) -> Option<Stamp<'s>> {
        let (place, named) = self.stamp.clone()?;
        let raw = text.get(place.clone())?;
        let text = if raw.contains(&b'\\') {
            let mut decoded = Decoded::default();
            decode(text, place, &mut decoded);
            Cow::Owned(decoded.text)
        } else {
            Cow::Borrowed(raw)
        };
        Some(Stamp {
            text,
            count: named.count,
            utc: named.utc,
        })
    }
}

/// Whether a value says nothing of a time: a literal, a short number such as a place in a
/// recording.
fn is_nothing(value: &[u8]) -> bool {
    matches!(value, b"null" | b"true" | b"false")
        || value.iter().take_while(|b| b.is_ascii_digit()).count() < 9
            && value
                .iter()
                .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-'))
}
