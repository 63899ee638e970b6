//! Answers which record, path and value a chunk offset lies in.
//!
//! Tokens are walked only around candidates, on from the last place asked. A step back starts
//! from the nearest checkpoint.

use std::cell::RefCell;
use std::ops::Range;

use super::drop;
use super::office;
use super::records::Shape;
use super::vocabulary;
use super::walk::{Attribute, Kind, Record, Token, Walk};
use crate::edit::{Refusal, Splice};
use crate::format::whence::{Time, Times, Whence, is_newer};
use crate::format::{Chunk, Locate, Location, Slot, SlotKind, Width};
use crate::time::{self, Read, Stamp};
use crate::view::{Codec, Hinting, Hints, Party, Register};

/// Bytes between checkpoints.
const CHECKPOINTS: usize = 32 * 1024;
/// The longest path that is shown, in bytes; a deeper one is cut at its outer end.
const LONGEST_PATH: usize = 512;

/// The index of one chunk.
pub(super) struct XmlIndex<'s> {
    chunk: Chunk<'s>,
    text: &'s [u8],
    shape: &'s Shape,
    state: RefCell<State>,
    /// The attribute that was passed last: those before it need not be passed again.
    passed: RefCell<Option<Attribute>>,
    /// The record whose time was asked for last, by where it starts.
    timed: RefCell<Option<(usize, Timed)>>,
}

struct State {
    walk: Walk,
    /// The last token passed.
    token: Option<Token>,
    /// The walk before tokens that lie behind each other.
    checkpoints: Vec<Walk>,
}

/// What stands at an offset.
enum Spot {
    /// The name of a tag or attribute.
    Name,
    /// An attribute's value, by the name and the value.
    Value(Range<usize>, Range<usize>),
    /// Text between tags.
    Text(Range<usize>),
    /// What takes no references.
    Verbatim,
}

/// A record with its own time.
#[derive(Clone)]
struct Timed {
    /// Where that stands.
    at: Whence,
    /// Where the record ends.
    end: usize,
    /// It is a root that holds no element and no text.
    hollow: bool,
}

impl<'s> XmlIndex<'s> {
    pub(super) fn new(chunk: Chunk<'s>, shape: &'s Shape) -> Self {
        XmlIndex {
            chunk,
            text: chunk.text.get(..chunk.end).unwrap_or_default(),
            shape,
            state: RefCell::new(State {
                walk: Walk::new(chunk.start),
                token: None,
                checkpoints: Vec::new(),
            }),
            passed: RefCell::new(None),
            timed: RefCell::new(None),
        }
    }

    /// The attribute of `token` around `at`. Offsets that ascend cost one pass of the tag.
    fn attribute(&self, at: usize, token: Token) -> Option<Attribute> {
        let mut passed = self.passed.borrow_mut();
        let known = passed
            .take()
            .filter(|one| token.start <= one.name.start && one.name.start <= at);
        let mut rest = match &known {
            Some(one) if at <= one.value.end => {
                passed.clone_from(&known);
                return known;
            }
            Some(one) => token.attributes_from(self.text, one.value.end + 1),
            None => token.attributes(self.text),
        };
        *passed = known;
        for one in rest.by_ref().take_while(|one| one.name.start <= at) {
            let here = at <= one.value.end;
            *passed = Some(one);
            if here {
                return passed.clone();
            }
        }
        None
    }

    /// Does `work` with the walk at `at` and the token there.
    fn at<R>(&self, at: usize, work: impl FnOnce(&Walk, Token) -> R) -> Option<R> {
        if at < self.chunk.start || at >= self.text.len() {
            return None;
        }
        let mut state = self.state.borrow_mut();
        let state = &mut *state;
        if state.token.is_none_or(|token| at < token.start) {
            state.go_back(self.chunk.start, at);
        }
        while state.walk.at <= at {
            state.keep();
            state.token = Some(state.walk.next(self.text, &self.shape.records)?);
        }
        state.token.map(|token| work(&state.walk, token))
    }

    /// The walk at the first record whose tag stands at `from` or behind.
    fn opened_from(&self, from: usize) -> Option<Walk> {
        let mut state = self.state.borrow_mut();
        let state = &mut *state;
        if state.token.is_none_or(|token| from <= token.start) {
            state.go_back(self.chunk.start, from);
        }
        loop {
            state.keep();
            let token = state.walk.next(self.text, &self.shape.records)?;
            state.token = Some(token);
            let opens = |record: &Record| record.tag.start == token.start;
            if token.start >= from && state.walk.record.as_ref().is_some_and(opens) {
                return Some(state.walk.clone());
            }
        }
    }

    /// Where the own time of the record that `walk` stands in is, by a name of its tag's attributes
    /// or of an element within, and where the record ends. One that does not end is of no time that
    /// can be told.
    fn timed(&self, walk: &Walk) -> Option<Timed> {
        let record = walk.record.clone()?;
        let mut last = self.timed.borrow_mut();
        if let Some((start, timed)) = &*last
            && *start == record.tag.start
        {
            return Some(timed.clone());
        }
        let mut times = Times::new(self.text, stamp);
        let mut inner = walk.clone();
        inner.back_to(&record);
        let (mut end, mut ends) = (record.tag.end, false);
        let root = record.depth == 0 && self.named(&record.tag.name(self.text)) == self.shape.root;
        let (mut hollow, mut blank) = (root, false);
        while let Some(token) = inner.next(self.text, &self.shape.records) {
            end = token.end;
            // Elements that are open in the record, itself among them.
            let open = inner.depth().saturating_sub(record.depth);
            let begins = matches!(token.kind, Kind::Open | Kind::Empty);
            let text = self.text.get(token.start..token.end).unwrap_or_default();
            hollow &= match token.kind {
                Kind::Open | Kind::Empty => open <= 1,
                Kind::Text => text.trim_ascii().is_empty(),
                Kind::Verbatim => false,
                Kind::Close | Kind::Aside => true,
            };
            blank |= token.kind == Kind::Text;
            while times.depth() > open - usize::from(begins && open > 0) {
                times.close();
            }
            while times.depth() < open {
                times.open(true);
            }
            self.each_value(&inner, token, |name, place, above| {
                if let Some(named) = time::named(local(name)) {
                    // An element with a text is a name of the one around it.
                    let above = above.min(open.saturating_sub(1));
                    times.meet(Time { place, named }, above);
                }
            });
            if inner.ends_record() {
                ends = true;
                break;
            }
        }
        let at = if ends || self.chunk.torn.goes_on {
            times.whole(|time| self.holds_newer(walk, &record, time))
        } else {
            Whence::Unclear
        };
        // What a sweep leaves has no attributes, or those that were said of all its records.
        let mut attributes = record.tag.attributes(self.text);
        hollow &= match record.tag.kind {
            Kind::Empty => attributes.next().is_none(),
            _ => blank || matches!(at, Whence::Nothing),
        };
        let timed = Timed { at, end, hollow };
        *last = Some((record.tag.start, timed.clone()));
        Some(timed)
    }

    /// Whether a value in `record`, in which `walk` stands, may be a time after the one given,
    /// whatever its name.
    fn holds_newer(&self, walk: &Walk, record: &Record, time: &Read) -> bool {
        let mut walk = walk.clone();
        walk.back_to(record);
        let mut newer = false;
        while let Some(token) = walk.next(self.text, &self.shape.records) {
            let open = walk.depth().saturating_sub(record.depth);
            self.each_value(&walk, token, |_, place, above| {
                let value = self.text.get(place).unwrap_or_default();
                newer |= is_newer(value, open <= 1 + above, time);
            });
            if newer || walk.ends_record() {
                break;
            }
        }
        newer
    }

    /// Hands over the values of `token`, which `walk` has just passed, each with its name and how
    /// many elements further out the one stands that it is a value of.
    fn each_value(
        &self,
        walk: &Walk,
        token: Token,
        mut take: impl FnMut(&[u8], Range<usize>, usize),
    ) {
        match token.kind {
            Kind::Open | Kind::Empty => {
                for one in token.attributes(self.text) {
                    take(self.named(&one.name), one.value, 0);
                }
            }
            Kind::Text | Kind::Verbatim => {
                if let Some(frame) = walk.open().last() {
                    let marked = if token.kind == Kind::Verbatim {
                        (9, 3)
                    } else {
                        (0, 0)
                    };
                    let range = token.start + marked.0..token.end - marked.1;
                    take(self.named(&frame.name), trimmed(self.text, range), 1);
                }
            }
            Kind::Close | Kind::Aside => {}
        }
    }

    fn spot(&self, at: usize, token: Token) -> Spot {
        match token.kind {
            Kind::Text => Spot::Text(trimmed(self.text, token.start..token.end)),
            Kind::Verbatim | Kind::Aside => Spot::Verbatim,
            Kind::Close => Spot::Name,
            Kind::Open | Kind::Empty => self
                .attribute(at, token)
                .filter(|one| one.value.start <= at)
                .map_or(Spot::Name, |one| Spot::Value(one.name, one.value)),
        }
    }

    fn named(&self, name: &Range<usize>) -> &'s [u8] {
        self.text.get(name.clone()).unwrap_or_default()
    }

    /// The names around the place, outermost first, from beneath its record on.
    fn path(&self, walk: &Walk, spot: &Spot) -> Vec<&'s [u8]> {
        let above = walk.record.as_ref().map_or(0, |record| record.depth + 1);
        let open = walk.open().get(above..).unwrap_or_default();
        let mut path: Vec<&[u8]> = open.iter().map(|frame| self.named(&frame.name)).collect();
        if let Spot::Value(name, _) = spot {
            path.push(self.named(name));
        }
        path
    }

    /// Whose side the place is: by the code of its element's direction, or by the names around it.
    fn party(&self, walk: &Walk, token: Token, spot: &Spot, path: &[&[u8]]) -> Option<Party> {
        let told = match spot {
            Spot::Value(name, _) => {
                let element = self.named(&walk.open().last()?.name);
                let code = |attribute: &[u8]| {
                    let value = token.attribute(self.text, attribute)?;
                    self.text.get(value)
                };
                vocabulary::party(element, self.named(name), code)
            }
            _ => None,
        };
        told.or_else(|| {
            path.iter()
                .rev()
                .find_map(|name| Party::of_label(local(name)))
        })
    }
}

impl State {
    fn go_back(&mut self, first: usize, at: usize) {
        let next = self.checkpoints.partition_point(|walk| walk.at <= at);
        self.walk = match next.checked_sub(1).and_then(|i| self.checkpoints.get(i)) {
            Some(walk) => walk.clone(),
            None => Walk::new(first),
        };
        self.token = None;
    }

    fn keep(&mut self) {
        let last = self.checkpoints.last().map_or(0, |walk| walk.at);
        if self.walk.at >= last + CHECKPOINTS {
            self.checkpoints.push(self.walk.clone());
        }
    }
}

impl Hinting for XmlIndex<'_> {
    fn hints(&self, at: usize) -> Hints<'_> {
        let found = self.at(at, |walk, token| {
            let spot = self.spot(at, token);
            let element = || Some(local(self.named(&walk.open().last()?.name)));
            match spot {
                Spot::Value(name, value) => (Some(local(self.named(&name))), Some(value)),
                Spot::Text(value) => (element(), Some(value)),
                Spot::Verbatim if token.kind == Kind::Verbatim => (element(), None),
                Spot::Verbatim | Spot::Name => (None, None),
            }
        });
        let Some((label, value)) = found else {
            return Hints {
                register: Register::Log,
                ..Hints::default()
            };
        };
        Hints {
            register: Register::Cell,
            label,
            party: None,
            value,
            sampled: None,
        }
    }
}

impl Locate for XmlIndex<'_> {
    fn locate(&self, at: usize) -> Location {
        let found = self.at(at, |walk, token| {
            let spot = self.spot(at, token);
            let path = self.path(walk, &spot);
            let party = self.party(walk, token, &spot, &path);
            let record = walk.record.as_ref().map(|record| record.number);
            (record, joined(&path), party)
        });
        let Some((record, field, party)) = found else {
            return Location::default();
        };
        Location {
            record,
            field: field.map(Into::into),
            party,
        }
    }

    fn records(&self) -> u64 {
        let mut walk = Walk::new(self.chunk.start);
        while walk.next(self.text, &self.shape.records).is_some() {}
        walk.records
    }

    fn slot(&self, range: Range<usize>) -> Slot {
        let spot = self.at(range.start, |_, token| self.spot(range.start, token));
        let (kind, style) = match &spot {
            // Digits keep a name a name, and the same ones in both tags of an element.
            Some(Spot::Name) => (SlotKind::Number, Codec::Plain),
            Some(Spot::Verbatim) | None => (SlotKind::Text, Codec::Plain),
            Some(Spot::Value(..) | Spot::Text(_)) => (SlotKind::Text, Codec::Xml),
        };
        let is_number = || {
            let number = |walk: &Walk, _| office::is_number(self.text, walk.open());
            self.shape.is_office && self.at(range.start, number).unwrap_or(false)
        };
        let kind = match &spot {
            Some(Spot::Text(_)) if is_number() => SlotKind::Number,
            _ => kind,
        };
        // What is packed into base64 keeps its width.
        let packed = matches!(&spot, Some(Spot::Value(name, _)) if self.named(name) == b"data");
        Slot {
            kind,
            width: if packed { Width::Same } else { Width::Free },
            style,
        }
    }

    fn record_from(&self, from: usize) -> Option<Range<usize>> {
        let mut from = from.max(self.chunk.start);
        loop {
            let walk = self.opened_from(from)?;
            let start = walk.record.as_ref()?.tag.start;
            let timed = self.timed(&walk)?;
            if !timed.hollow {
                return Some(start..timed.end);
            }
            from = start + 1;
        }
    }

    fn holds_values(&self) -> bool {
        let mut walk = Walk::new(self.chunk.start);
        while let Some(token) = walk.next(self.text, &[]) {
            let text = self.text.get(token.start..token.end).unwrap_or_default();
            let holds = match token.kind {
                Kind::Open | Kind::Empty => walk.depth() > 1,
                Kind::Text => !text.trim_ascii().is_empty(),
                Kind::Verbatim => true,
                Kind::Close | Kind::Aside => false,
            };
            if holds {
                return true;
            }
        }
        false
    }

    fn stamp(&self, at: usize) -> Option<Stamp<'_>> {
        let walk = self.at(at, |walk, _| walk.clone())?;
        self.timed(&walk)?.at.stamp(self.text, stamp)
    }

    fn drop_record(&self, at: usize) -> Result<Vec<Splice>, Refusal> {
        let walk = self.at(at, |walk, _| walk.clone());
        let walk = walk
            .filter(|walk| walk.record.is_some())
            .ok_or(Refusal::NotDroppable)?;
        drop::record(self.chunk, &walk, self.shape).map(|splice| vec![splice])
    }
}

/// A time as it stands there.
fn stamp<'t>(text: &'t [u8], time: &Time) -> Option<Stamp<'t>> {
    Some(Stamp {
        text: text.get(time.place.clone())?.into(),
        count: time.named.count,
        utc: time.named.utc,
    })
}

/// A name without its prefix.
pub(super) fn local(name: &[u8]) -> &[u8] {
    memchr::memrchr(b':', name)
        .and_then(|colon| name.get(colon + 1..))
        .unwrap_or(name)
}

/// A range without the blanks at its ends.
fn trimmed(text: &[u8], range: Range<usize>) -> Range<usize> {
    let piece = text.get(range.clone()).unwrap_or_default();
    let before = piece.len() - piece.trim_ascii_start().len();
    let start = range.start + before;
    start..start + piece.trim_ascii().len()
}

/// Names from the outside in: `parts.part.text`.
fn joined(path: &[&[u8]]) -> Option<String> {
    let path: Vec<_> = path
        .iter()
        .map(|name| String::from_utf8_lossy(name))
        .collect();
    let mut out = path.join(".");
    if out.len() > LONGEST_PATH {
        let from = (out.len() - LONGEST_PATH..).find(|&i| out.is_char_boundary(i))?;
        out.drain(..from);
    }
    (!out.is_empty()).then_some(out)
}
