//! The own time of a record: under which of its keys it stands.
//!
//! Owns the walk through a record. Which of the times in it counts is told elsewhere.

use std::borrow::Cow;
use std::ops::Range;

use super::strings::decode;
use super::walk::{Kind, Walk};
use crate::format::escape::Decoded;
use crate::format::whence::{Time, Times, Whence, is_newer};
use crate::time::{self, Read, Stamp};

/// How a record stands in its source.
#[derive(Clone, Copy, Debug)]
pub(super) struct Standing {
    /// Objects within one another in which a record's own time is looked for.
    pub(super) deepest: usize,
    /// Whether objects in arrays within it are records of their own, which are asked themselves.
    pub(super) holds: bool,
    /// Whether the source goes on behind the text, and the record may.
    pub(super) goes_on: bool,
}

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
    whence: Whence,
    /// What a sweep leaves of what held records: an array under a name for such, or beside numbers
    /// only, in which nothing is.
    pub(super) emptied: bool,
}

/// Names of arrays that hold records, in lower case, letters and digits only.
const HOLDING: &[&[u8]] = &[
    b"messages",
    b"calls",
    b"records",
    b"events",
    b"items",
    b"entries",
    b"conversations",
    b"threads",
    b"chats",
    b"rows",
    b"data",
    b"results",
    b"cdr",
    b"cdrs",
    b"log",
    b"logs",
    b"calllog",
    b"calllogs",
    b"callrecords",
    b"sms",
    b"mms",
    b"texts",
    b"voicemails",
    b"recordings",
    b"transcripts",
    b"sessions",
    b"history",
    b"list",
    b"value",
    b"values",
];

/// Whether `key` names an array of records.
fn is_holding(key: &[u8]) -> bool {
    let same = |name: &&[u8]| {
        let folded = key.iter().filter(|byte| byte.is_ascii_alphanumeric());
        folded.map(u8::to_ascii_lowercase).eq(name.iter().copied())
    };
    HOLDING.iter().any(same)
}

/// Whether in the array that opened before `at` nothing is, or `null` only.
fn is_empty(text: &[u8], at: usize) -> bool {
    let rest = text.get(at..).unwrap_or_default().trim_ascii_start();
    let rest = rest.strip_prefix(b"null").unwrap_or(rest);
    rest.trim_ascii_start().first() == Some(&b']')
}

/// What tells that a record held others.
#[derive(Default)]
struct Emptied {
    /// An array in which nothing is, and one under a name of [`HOLDING`].
    empty: bool,
    by_name: bool,
    /// A text stands in it.
    said: bool,
}

impl Record {
    /// Walks the record whose brace stands at `open` of `text`. One that does not end is of no time
    /// that can be told: nobody knows what else is in it.
    pub(super) fn of(text: &[u8], open: usize, standing: Standing) -> Record {
        let mut walk = Walk::new(open);
        let mut times = Times::new(text, stamp);
        let mut key = None;
        // The depth at which an array opened that is not closed yet.
        let mut array: Option<isize> = None;
        let mut ends = true;
        let mut emptied = Emptied::default();
        let mut name: &[u8] = b"";
        // An object in an array was passed by.
        let mut held = false;
        let end = loop {
            let Some(token) = walk.next(text) else {
                ends = false;
                break text.len();
            };
            let depth = walk.depth();
            let skipped = standing.holds && array.is_some();
            if token.kind == Kind::Bracket {
                let bracket = text.get(token.start);
                let opens = bracket == Some(&b'[') && array.is_none();
                if opens && standing.holds && is_empty(text, token.end) {
                    emptied.empty = true;
                    emptied.by_name |= is_holding(name);
                }
                match bracket {
                    Some(b'[') if array.is_none() => array = Some(depth),
                    Some(b']') if array.is_some_and(|from| depth < from) => array = None,
                    Some(b'{') if !skipped => {
                        times.open(array.is_none() && times.depth() < standing.deepest);
                    }
                    Some(b'{') => held = true,
                    Some(b'}') if !skipped => times.close(),
                    _ => {}
                }
                key = None;
                if depth <= 0 {
                    break token.end;
                }
                continue;
            }
            emptied.said |= token.kind == Kind::Text;
            if skipped {
                continue;
            }
            if token.kind == Kind::Key {
                let value = text.get(token.start..token.end).unwrap_or_default();
                (key, name) = (time::named(value), value);
                continue;
            }
            // Of an array under a name nobody knows which one is meant.
            if let Some(named) = key.take() {
                let place = token.start..token.end;
                times.meet(Time { place, named }, 0);
            }
        };
        let range = open..end;
        // Around records what lies deeper is no record either.
        if held {
            times.speak();
        }
        let whence = if ends || standing.goes_on {
            times.whole(|time| holds_newer(text, &range, standing, time))
        } else {
            Whence::Unclear
        };
        Record {
            range,
            whence,
            emptied: ends && (emptied.by_name || emptied.empty && !emptied.said),
        }
    }

    /// The same with `rest` behind it, which goes with it: where that says more than that the line
    /// ends, nobody knows from when that is.
    pub(super) fn with(self, rest: &[u8]) -> Record {
        let ends = rest
            .iter()
            .all(|byte| byte.is_ascii_whitespace() || *byte == b',');
        let whence = if ends { self.whence } else { Whence::Unclear };
        Record { whence, ..self }
    }

    /// Its time.
    pub(super) fn stamp<'s>(&self, text: &'s [u8]) -> Option<Stamp<'s>> {
        self.whence.stamp(text, stamp)
    }
}

/// Whether a value in the record at `range` may be a time after the one given, whatever its key; but
/// for those from which records that it holds are.
fn holds_newer(text: &[u8], range: &Range<usize>, standing: Standing, time: &Read) -> bool {
    let text = text.get(..range.end).unwrap_or_default();
    let mut walk = Walk::new(range.start);
    let (mut array, mut known): (Option<isize>, bool) = (None, false);
    while let Some(token) = walk.next(text) {
        let value = text.get(token.start..token.end).unwrap_or_default();
        match (token.kind, value) {
            (Kind::Key, _) => {
                known = time::named(value).is_some();
                continue;
            }
            (Kind::Bracket, b"[") if array.is_none() => array = Some(walk.depth()),
            (Kind::Bracket, b"]") if array.is_some_and(|from| walk.depth() < from) => array = None,
            _ => {}
        }
        if std::mem::take(&mut known) && standing.holds && array.is_some() {
            continue;
        }
        if matches!(token.kind, Kind::Text | Kind::Bare) && is_newer(value, walk.depth() == 1, time)
        {
            return true;
        }
    }
    false
}

/// The time as it stands there.
fn stamp<'t>(text: &'t [u8], time: &Time) -> Option<Stamp<'t>> {
    let raw = text.get(time.place.clone())?;
    let text = if raw.contains(&b'\\') {
        let mut decoded = Decoded::default();
        decode(text, time.place.clone(), &mut decoded);
        Cow::Owned(decoded.text)
    } else {
        Cow::Borrowed(raw)
    };
    Some(Stamp {
        text,
        count: time.named.count,
        utc: time.named.utc,
    })
}
