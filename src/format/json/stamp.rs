//! The own time of a record: under which of its keys it stands.
//!
//! Owns the choice among keys. What lies in an array within the record is of records of its own.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::ops::Range;

use super::strings::decode;
use super::walk::{Kind, Walk};
use crate::format::escape::Decoded;
use crate::time::{self, Named, Stamp};

/// Objects within one another in which a record's own time is looked for.
pub(super) const DEEPEST: usize = 3;
/// The same for a record that is a whole document: deeper ones are records under their keys.
pub(super) const DEEPEST_ALONE: usize = 2;

/// A record as it was walked.
#[derive(Clone, Debug)]
pub(super) struct Record {
    /// From its brace to behind the closing one, or to the end of the text.
    pub(super) range: Range<usize>,
    /// Where its time stands.
    pub(super) stamp: Option<Time>,
}

impl Record {
    /// Walks the record whose brace stands at `open` of `text`; its time lies no deeper than
    /// `deepest` objects.
    pub(super) fn of(text: &[u8], open: usize, deepest: usize) -> Record {
        let mut walk = Walk::new(open);
        let mut times = Times {
            deepest,
            ..Times::default()
        };
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
                    Some(b'{') if array.is_none() => times.open(),
                    Some(b'}') if array.is_none() => times.close(text),
                    _ => {}
                }
                key = None;
                if depth <= 0 {
                    break token.end;
                }
                continue;
            }
            if array.is_some() {
                continue;
            }
            if token.kind == Kind::Key {
                key = text.get(token.start..token.end).and_then(time::named);
                continue;
            }
            let value = token.start..token.end;
            if let Some(named) = key.take()
                && text
                    .get(value.clone())
                    .is_some_and(|text| !is_nothing(text))
            {
                times.meet((value, named));
            }
        };
        Record {
            range: open..end,
            stamp: times.whole(text),
        }
    }

    /// Its time.
    pub(super) fn stamp<'s>(&self, text: &'s [u8]) -> Option<Stamp<'s>> {
        self.stamp.clone().and_then(|time| stamp(text, time))
    }
}

/// Where a time stands, and what its name says.
type Time = (Range<usize>, Named);

/// The times of a record's objects.
#[derive(Default)]
struct Times {
    /// See [`Record::of`].
    deepest: usize,
    /// The best one of each object that is open, the record itself first.
    open: Vec<Option<Time>>,
    own: Option<Time>,
    /// The latest of the objects within.
    within: Option<Time>,
    /// The best rank of one that is not too deep to speak for the record.
    rank: Option<usize>,
    /// There are some of which nobody can tell the later one.
    several: bool,
}

impl Times {
    fn open(&mut self) {
        self.open.push(None);
    }

    /// Of two of one rank in an object the earlier one is meant.
    fn meet(&mut self, time: Time) {
        if let Some(object) = self.open.last_mut()
            && object
                .as_ref()
                .is_none_or(|(_, best)| time.1.rank < best.rank)
        {
            *object = Some(time);
        }
    }

    fn close(&mut self, text: &[u8]) {
        let depth = self.open.len();
        let Some(time) = self.open.pop().flatten() else {
            return;
        };
        if depth == 1 {
            self.own = Some(time);
            return;
        }
        if depth <= self.deepest {
            let rank = self.rank.unwrap_or(usize::MAX);
            self.rank = Some(rank.min(time.1.rank));
        }
        self.within = Some(match self.within.take() {
            None => time,
            Some(before) => match later(text, &before, &time) {
                Some(Ordering::Less) => time,
                Some(_) => before,
                None => {
                    self.several |= before.1.rank == time.1.rank;
                    if time.1.rank < before.1.rank {
                        time
                    } else {
                        before
                    }
                }
            },
        });
    }

    /// The time of the record: its own, or the latest of what lies within, where it may be that
    /// every object is a record of its own under its key. Nothing is taken for older than it is.
    fn whole(mut self, text: &[u8]) -> Option<Time> {
        while !self.open.is_empty() {
            self.close(text);
        }
        let Some(rank) = self.rank else {
            return self.own;
        };
        let (own, within) = (self.own, self.within?);
        match own {
            Some(own) if own.1.rank <= rank => Some(own),
            _ if self.several => None,
            Some(own) if later(text, &own, &within) == Some(Ordering::Greater) => Some(own),
            _ => Some(within),
        }
    }
}

/// How two times follow each other, where that can be told.
fn later(text: &[u8], one: &Time, two: &Time) -> Option<Ordering> {
    let read = |time: &Time| time::read(&stamp(text, time.clone())?);
    read(one)?.compare(&read(two)?)
}

/// The time as it stands there.
fn stamp(text: &[u8], (place, named): Time) -> Option<Stamp<'_>> {
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

/// Whether a value says nothing of a time: a literal, a short number such as a place in a
/// recording.
fn is_nothing(value: &[u8]) -> bool {
    matches!(value, b"null" | b"true" | b"false")
        || value.iter().take_while(|b| b.is_ascii_digit()).count() < 9
            && value
                .iter()
                .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-'))
}
