//! Answers which record, key path and value a chunk offset lies in.
//!
//! Tokens are walked only around candidates: in lines from the start of the line, in a document
//! on from the last place asked. A step back in a document starts from the nearest checkpoint.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::ops::Range;
use std::sync::Arc;

use super::drop;
use super::near::near;
use super::stamp::{DEEPEST, DEEPEST_ALONE, Record, Standing};
use super::strings::decode;
use super::talk::Told;
use super::walk::{Kind, Token, Walk};
use crate::edit::{Refusal, Splice};
use crate::format::escape::Decoded;
use crate::format::lines::Lines;
use crate::format::text::{gone, line_around};
use crate::format::{Chunk, Locate, Location, Slot, SlotKind, Width};
use crate::time::{self, Stamp};
use crate::view::{Codec, Hinting, Hints, Party, Register};

/// Bytes of a document between checkpoints.
const CHECKPOINTS: usize = 32 * 1024;
/// The longest key path that is shown, in bytes; a deeper one is cut at its outer end.
const LONGEST_PATH: usize = 512;

/// The index of one chunk.
pub(super) struct JsonIndex<'s> {
    chunk: Chunk<'s>,
    text: &'s [u8],
    start: usize,
    /// Whether every line stands for itself.
    lines: Option<Lines<'s>>,
    told: Told,
    /// Whether arrays of numbers may be texts.
    journal: bool,
    state: RefCell<State>,
    /// The record walked last.
    record: RefCell<Option<Record>>,
}

struct State {
    walk: Walk,
    /// The last token passed.
    token: Option<Token>,
    /// In lines: whether the line walked is JSON at all, and where it starts.
    line: Option<(usize, bool)>,
    /// In a document: the walk at places behind each other.
    checkpoints: Vec<Walk>,
    /// From where on the next of them is kept.
    keep_from: usize,
}

impl<'s> JsonIndex<'s> {
    pub(super) fn new(chunk: Chunk<'s>, lines: bool, told: Told, journal: bool) -> Self {
        JsonIndex {
            chunk,
            text: chunk.text.get(..chunk.end).unwrap_or_default(),
            start: chunk.start,
            lines: lines.then(|| Lines::new(chunk)),
            told,
            journal,
            state: RefCell::new(State {
                walk: Walk::new(chunk.start),
                token: None,
                line: None,
                checkpoints: Vec::new(),
                keep_from: CHECKPOINTS,
            }),
            record: RefCell::new(None),
        }
    }

    /// The record whose brace stands at `open`.
    fn walked_record(&self, open: usize) -> Record {
        let mut last = self.record.borrow_mut();
        if let Some(record) = last.as_ref().filter(|record| record.range.start == open) {
            return record.clone();
        }
        let before = self.text.get(..open).unwrap_or_default();
        let alone = self.chunk.offset == 0 && before.trim_ascii().is_empty();
        let standing = Standing {
            deepest: if alone { DEEPEST_ALONE } else { DEEPEST },
            holds: true,
            goes_on: self.chunk.torn.goes_on,
        };
        let record = Record::of(self.text, open, standing);
        *last = Some(record.clone());
        record
    }

    /// The first record of a document whose brace stands at `from` or behind.
    fn opened_from(&self, from: usize) -> Option<usize> {
        let mut state = self.state.borrow_mut();
        let state = &mut *state;
        state.go_back(self.start, from.saturating_sub(1).max(self.start));
        loop {
            state.keep(from);
            let token = state.walk.next(self.text);
            state.token = token;
            let token = token?;
            let opens = token.kind == Kind::Bracket && token.start >= from;
            if opens && state.walk.record().map(|(_, open)| open) == Some(token.start) {
                return Some(token.start);
            }
        }
    }

    /// Does `work` with the walk at `at` and the token there, if one is.
    fn at<R>(&self, at: usize, work: impl FnOnce(&Walk, Option<Token>) -> R) -> Option<R> {
        if at < self.start || at >= self.text.len() {
            return None;
        }
        let mut state = self.state.borrow_mut();
        let state = &mut *state;
        if self.lines.is_some() {
            if !state.enter_line(self.text, self.start, at) {
                return None;
            }
        } else {
            state.go_back(self.start, at);
        }
        while state.walk.at <= at {
            if self.lines.is_none() {
                state.keep(at);
            }
            state.token = state.walk.next(self.text);
            if state.token.is_none() {
                break;
            }
        }
        let here = state
            .token
            .filter(|token| token.start <= at && at < token.end);
        if here.is_none() {
            // Between tokens the walk may have gone on into the next line.
            state.line = None;
        }
        Some(work(&state.walk, here))
    }
}

impl State {
    /// Makes the walk stand in the line of `at`, not behind it; false when the line is no JSON.
    fn enter_line(&mut self, text: &[u8], first: usize, at: usize) -> bool {
        let begun = self.token.map_or(self.walk.at, |token| token.start);
        let within = |from: usize| {
            text.get(from..at)
                .is_some_and(|passed| memchr::memchr(b'\n', passed).is_none())
        };
        if let Some((start, json)) = self.line
            && start <= at
            && (if at >= begun {
                within(begun)
            } else {
                within(start)
            })
        {
            if at < begun {
                self.walk.restart(start);
                self.token = None;
            }
            return json;
        }
        let before = text.get(first..at).unwrap_or_default();
        let start = memchr::memrchr(b'\n', before).map_or(first, |i| first + i + 1);
        let rest = text.get(start..).unwrap_or_default();
        let json = matches!(rest.trim_ascii_start().first(), Some(b'{' | b'['));
        self.walk.restart(start);
        self.token = None;
        self.line = Some((start, json));
        json
    }

    /// Makes the walk stand before `at`.
    fn go_back(&mut self, first: usize, at: usize) {
        if self.token.is_none_or(|token| at >= token.start) && self.walk.at <= at {
            return;
        }
        if self.token.is_some_and(|token| token.start <= at) {
            return;
        }
        let next = self.checkpoints.partition_point(|walk| walk.at <= at);
        self.walk = match next.checked_sub(1).and_then(|i| self.checkpoints.get(i)) {
            Some(walk) => walk.clone(),
            None => Walk::new(first),
        };
        self.token = None;
    }

    fn keep(&mut self, at: usize) {
        if self.walk.at >= self.keep_from && self.walk.at <= at {
            self.keep_from = self.walk.at + CHECKPOINTS;
            self.checkpoints.push(self.walk.clone());
        }
    }
}

impl JsonIndex<'_> {
    /// What [`Hinting::hints`] gives, by walking there.
    pub(super) fn walked(&self, at: usize) -> Hints<'_> {
        let found = self.at(at, |walk, token| (walk.key(), token));
        let Some((key, token)) = found else {
            return Hints {
                register: Register::Log,
                ..Hints::default()
            };
        };
        let value = token.filter(|token| token.kind != Kind::Bracket);
        let named = value.filter(|token| token.kind != Kind::Key).and(key);
        Hints {
            register: Register::Cell,
            label: named.and_then(|(start, end)| self.text.get(start..end)),
            party: None,
            value: value.map(|token| token.start..token.end),
            sampled: None,
        }
    }
}

impl Hinting for JsonIndex<'_> {
    fn hints(&self, at: usize) -> Hints<'_> {
        let lines = self.lines.is_some();
        let near = (at >= self.start).then(|| near(self.text, self.start, at, lines));
        match near.flatten() {
            Some(near) => Hints {
                register: Register::Cell,
                label: self.text.get(near.key.0..near.key.1),
                party: None,
                value: Some(near.token.start..near.token.end),
                sampled: None,
            },
            None => self.walked(at),
        }
    }
}

impl Locate for JsonIndex<'_> {
    fn locate(&self, at: usize) -> Location {
        let (field, party) = self.field(at);
        let record = match &self.lines {
            Some(lines) => Some(lines.before(at)),
            None => self
                .at(at, |walk, _| walk.record().map(|(record, _)| record))
                .flatten(),
        };
        Location {
            record,
            field,
            party,
        }
    }

    fn field(&self, at: usize) -> (Option<Arc<str>>, Option<Party>) {
        let found = self.at(at, |walk, _| {
            let keys: Vec<Option<&[u8]>> = walk
                .path()
                .map(|key| key.and_then(|(start, end)| self.text.get(start..end)))
                .collect();
            let party = keys.iter().flatten().find_map(|key| Party::of_label(key));
            (path(&keys), party)
        });
        let (field, party) = found.unwrap_or_default();
        (field.map(Into::into), party)
    }

    fn records_are_lines(&self) -> bool {
        self.lines.is_some()
    }

    fn records(&self) -> u64 {
        if let Some(lines) = &self.lines {
            return lines.all();
        }
        let mut walk = Walk::new(self.start);
        while walk.next(self.text).is_some() {}
        walk.records
    }

    fn slot(&self, range: Range<usize>) -> Slot {
        let found = self.at(range.start, |walk, token| {
            token.map(|token| (token.kind, walk.in_array()))
        });
        let found = found.flatten();
        if self.journal && found == Some((Kind::Bare, true)) {
            return Slot {
                kind: SlotKind::Text,
                width: Width::Same,
                style: Codec::Decimal,
            };
        }
        let kind = found.map(|(kind, _)| kind);
        let (kind, style) = match kind {
            Some(Kind::Key | Kind::Text) => (SlotKind::Text, Codec::Json),
            Some(Kind::Bare) if self.text.get(range).is_some_and(is_number) => {
                (SlotKind::Number, Codec::Plain)
            }
            _ => (SlotKind::Text, Codec::Plain),
        };
        Slot {
            kind,
            width: if self.told.fixed {
                Width::Same
            } else {
                Width::Free
            },
            style,
        }
    }

    fn record_from(&self, from: usize) -> Option<Range<usize>> {
        let from = from.max(self.start);
        if self.lines.is_none() {
            let open = self.opened_from(from)?;
            return Some(self.walked_record(open).range);
        }
        let mut at = from;
        if at > self.start && self.text.get(at - 1) != Some(&b'\n') {
            at += memchr::memchr(b'\n', self.text.get(at..)?)? + 1;
        }
        let rest = self.text.get(at..).filter(|rest| !rest.is_empty())?;
        let len = memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
        Some(at..at + len)
    }

    fn stamp(&self, at: usize) -> Option<Stamp<'_>> {
        if self.lines.is_some() {
            let line = line_around(self.chunk, at);
            let text = self.text.get(line.clone())?;
            let json = text.iter().position(|b| !b.is_ascii_whitespace());
            return match json.and_then(|at| Some((at, text.get(at)?))) {
                Some((first, b'{')) => {
                    let standing = Standing {
                        deepest: DEEPEST,
                        holds: false,
                        goes_on: self.chunk.torn.behind && line.end == self.text.len(),
                    };
                    let text = self.text.get(..line.end)?;
                    let record = Record::of(text, line.start + first, standing);
                    let rest = text.get(record.range.end..).unwrap_or_default();
                    record.with(rest).stamp(self.text)
                }
                _ => time::in_line(text).map(|place| Stamp::of(&text[place])),
            };
        }
        let open: Vec<usize> = self.at(at, |walk, _| walk.records_around().collect())?;
        open.into_iter()
            .find_map(|open| self.walked_record(open).stamp(self.text))
    }

    fn is_emptied(&self, at: usize) -> bool {
        if self.lines.is_some() {
            return false;
        }
        let open = self.at(at, |walk, _| walk.record()).flatten();
        open.is_some_and(|(_, open)| self.walked_record(open).emptied)
    }

    fn holds_values(&self) -> bool {
        let mut walk = Walk::new(self.start);
        while let Some(token) = walk.next(self.text) {
            let value = self.text.get(token.start..token.end).unwrap_or_default();
            let literal = matches!(value, b"null" | b"true" | b"false");
            if token.kind == Kind::Text || token.kind == Kind::Bare && !literal {
                return true;
            }
        }
        false
    }

    /// In a transcript, and outside arrays in a document.
    fn only_values(&self, at: usize) -> bool {
        let alone = || {
            let record = self.at(at, |walk, _| walk.record_is_alone());
            // A window that begins within a document begins within an array.
            let first = self.chunk.start == 0 && self.chunk.offset == 0;
            first && self.lines.is_none() && record == Some(true)
        };
        self.told.talk || alone()
    }

    /// In lines drops the line; in a document the object in an array, with its comma.
    fn drop_record(&self, at: usize) -> Result<Vec<Splice>, Refusal> {
        if self.lines.is_some() {
            let line = line_around(self.chunk, at);
            return if line.is_empty() {
                Err(Refusal::NotDroppable)
            } else {
                Ok(vec![gone(line)])
            };
        }
        // A closing brace has left its record already, and no value stands there.
        let open = self.at(at, |walk, token| {
            let closing = token.is_some_and(|token| {
                token.kind == Kind::Bracket && self.text.get(token.start) == Some(&b'}')
            });
            walk.record().filter(|_| !closing)
        });
        let (_, open) = open.flatten().ok_or(Refusal::NotDroppable)?;
        drop::element(self.chunk, open).map(|splice| vec![splice])
    }
}

/// Whether a bare token is a number and not a literal.
fn is_number(token: &[u8]) -> bool {
    token
        .iter()
        .all(|b| b.is_ascii_digit() || b"+-.eE".contains(b))
}

/// Keys from the outside in: `from.phone`, `to[].number`; those given stand innermost first.
fn path(keys: &[Option<&[u8]>]) -> Option<String> {
    let mut out = String::new();
    for key in keys.iter().rev() {
        match key {
            Some(key) => {
                let key = plain(key);
                let dot = if out.is_empty() { "" } else { "." };
                write!(out, "{dot}{key}").ok()?;
            }
            None if out.is_empty() => {}
            None => out.push_str("[]"),
        }
    }
    if out.len() > LONGEST_PATH {
        let from = (out.len() - LONGEST_PATH..).find(|&i| out.is_char_boundary(i))?;
        out.drain(..from);
    }
    (!out.is_empty()).then_some(out)
}

/// A key as it reads, without its escapes.
fn plain(key: &[u8]) -> String {
    if !key.contains(&b'\\') {
        return String::from_utf8_lossy(key).into_owned();
    }
    let mut decoded = Decoded::default();
    decode(key, 0..key.len(), &mut decoded);
    String::from_utf8_lossy(&decoded.text).into_owned()
}
