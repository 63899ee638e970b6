//! Walks XML token by token, tolerantly: whatever the input is, every byte is passed once.
//!
//! Owns where tags, attributes, text, comments and CDATA lie and which elements are open. What is
//! no markup is text, so a broken stretch costs its names and nothing else. Nothing is expanded:
//! a document type is passed over, its entities stand for themselves. Nesting is a list, not
//! recursion, and bounded.

use std::ops::Range;

/// Elements whose names are kept; deeper ones are counted only.
const DEEPEST: usize = 512;
/// The longest document type declaration that is passed over as one token, in bytes.
const LONGEST_DOCTYPE: usize = 64 * 1024;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Characters between tags, and whatever is no markup.
    Text,
    /// A start tag.
    Open,
    /// A start tag that is its own end.
    Empty,
    /// An end tag.
    Close,
    /// What stands for itself: CDATA.
    Verbatim,
    /// Comments, processing instructions, document types.
    Aside,
}

/// One token; tokens follow each other without gaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Token {
    /// The name of a tag.
    pub(super) fn name(self, text: &[u8]) -> Range<usize> {
        let start = match self.kind {
            Kind::Open | Kind::Empty => self.start + 1,
            Kind::Close => self.start + 2,
            _ => return self.start..self.start,
        };
        start..name_end(text, start).min(self.end)
    }

    /// The attributes of a start tag, in their order.
    pub(super) fn attributes(self, text: &[u8]) -> Attributes<'_> {
        let at = match self.kind {
            Kind::Open | Kind::Empty => self.name(text).end,
            _ => self.end,
        };
        Attributes {
            text: text.get(..self.end).unwrap_or_default(),
            at,
        }
    }

    /// Those of them that stand behind `at`, which is behind one.
    pub(super) fn attributes_from(self, text: &[u8], at: usize) -> Attributes<'_> {
        Attributes {
            text: text.get(..self.end).unwrap_or_default(),
            at,
        }
    }

    /// The value of the attribute called `name`.
    pub(super) fn attribute(self, text: &[u8], name: &[u8]) -> Option<Range<usize>> {
        self.attributes(text)
            .find(|one| text.get(one.name.clone()) == Some(name))
            .map(|one| one.value)
    }
}

/// One attribute; the value stands between its quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Attribute {
    pub(super) name: Range<usize>,
    pub(super) value: Range<usize>,
}

/// The attributes of one tag.
pub(super) struct Attributes<'s> {
    text: &'s [u8],
    at: usize,
}

impl Iterator for Attributes<'_> {
    type Item = Attribute;

    fn next(&mut self) -> Option<Attribute> {
        let rest = self.text.get(self.at..)?;
        let start = self.at + rest.iter().position(|&b| is_name_start(b))?;
        let end = name_end(self.text, start);
        let behind = self.text.get(end..)?;
        let quote = end + memchr::memchr2(b'"', b'\'', behind)?;
        let mark = *self.text.get(quote)?;
        let value = quote + 1;
        let len = memchr::memchr(mark, self.text.get(value..)?)?;
        self.at = value + len + 1;
        Some(Attribute {
            name: start..end,
            value: value..value + len,
        })
    }
}

/// An element that is open.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub(super) name: Range<usize>,
}

/// The record around a place.
#[derive(Clone, Debug)]
pub(super) struct Record {
    /// How many stand before it.
    pub(super) number: u64,
    /// Its start tag.
    pub(super) tag: Token,
    /// Elements open around it.
    pub(super) depth: usize,
}

/// A walk through a text.
#[derive(Clone, Debug)]
pub(super) struct Walk {
    /// Where the next token starts.
    pub(super) at: usize,
    /// Elements open around it, outermost first.
    stack: Vec<Frame>,
    /// Open elements beyond `DEEPEST`.
    deeper: usize,
    /// The record it is in.
    pub(super) record: Option<Record>,
    /// Records begun.
    pub(super) records: u64,
    /// The last token passed ends an element, or the record.
    closing: Option<Closing>,
    /// Ends of comments, CDATA and instructions that do not occur any more, so that looking for
    /// them again and again does not cost a pass each.
    missing: [bool; 3],
}

#[derive(Clone, Copy, Debug)]
enum Closing {
    Element,
    Deep,
}

impl Walk {
    /// A walk from `at`, which lies outside tags.
    pub(super) fn new(at: usize) -> Walk {
        Walk {
            at,
            stack: Vec::new(),
            deeper: 0,
            record: None,
            records: 0,
            closing: None,
            missing: [false; 3],
        }
    }

    /// Passes the next token of `text`; `None` at its end. Elements called one of `records` that
    /// are in no other are records. A tag belongs to its own element.
    pub(super) fn next(&mut self, text: &[u8], records: &[Vec<u8>]) -> Option<Token> {
        self.close();
        let token = token(text, self.at, &mut self.missing)?;
        self.at = token.end;
        match token.kind {
            Kind::Open | Kind::Empty => {
                let name = token.name(text);
                let known = || {
                    records
                        .iter()
                        .any(|one| text.get(name.clone()) == Some(one))
                };
                if self.record.is_none() && known() {
                    self.record = Some(Record {
                        number: self.records,
                        tag: token,
                        depth: self.depth(),
                    });
                    self.records += 1;
                }
                let deep = self.stack.len() >= DEEPEST;
                if deep {
                    self.deeper += 1;
                } else {
                    self.stack.push(Frame { name });
                }
                if token.kind == Kind::Empty {
                    self.closing = Some(if deep {
                        Closing::Deep
                    } else {
                        Closing::Element
                    });
                }
            }
            Kind::Close if self.deeper > 0 => self.closing = Some(Closing::Deep),
            Kind::Close => {
                let name = text.get(token.name(text));
                let same = |frame: &Frame| text.get(frame.name.clone()) == name;
                // What an end tag does not name was not closed.
                if let Some(open) = self.stack.iter().rposition(same) {
                    self.stack.truncate(open + 1);
                    self.closing = Some(Closing::Element);
                }
            }
            Kind::Text | Kind::Verbatim | Kind::Aside => {}
        }
        Some(token)
    }

    /// Leaves the element that the last token ended.
    pub(super) fn close(&mut self) {
        match self.closing.take() {
            None => return,
            Some(Closing::Deep) => self.deeper -= 1,
            Some(Closing::Element) => drop(self.stack.pop()),
        }
        let depth = self.depth();
        self.record.take_if(|record| depth <= record.depth);
    }

    /// Stands before the start tag of `record` again, in which it stands.
    pub(super) fn back_to(&mut self, record: &Record) {
        self.at = record.tag.start;
        self.deeper = record.depth.saturating_sub(DEEPEST);
        self.stack.truncate(record.depth);
        self.closing = None;
        self.record = None;
        self.records = record.number;
    }

    /// How many elements are open.
    pub(super) fn depth(&self) -> usize {
        self.stack.len() + self.deeper
    }

    /// Elements open, outermost first.
    pub(super) fn open(&self) -> &[Frame] {
        &self.stack
    }

    /// Whether the token passed last ends the record it is in.
    pub(super) fn ends_record(&self) -> bool {
        let left = self
            .depth()
            .saturating_sub(usize::from(self.closing.is_some()));
        self.record
            .as_ref()
            .is_some_and(|record| left <= record.depth)
    }
}

/// The token at `at`.
fn token(text: &[u8], at: usize, missing: &mut [bool; 3]) -> Option<Token> {
    let rest = text.get(at..)?;
    let of = |kind, len: usize| {
        Some(Token {
            kind,
            start: at,
            end: at + len,
        })
    };
    let (marked, slot, end, kind) = match rest {
        [] => return None,
        [b'<', b'!', b'-', b'-', ..] => (4, 0, &b"-->"[..], Kind::Aside),
        [b'<', b'!', b'[', b'C', b'D', b'A', b'T', b'A', b'[', ..] => {
            (9, 1, &b"]]>"[..], Kind::Verbatim)
        }
        [b'<', b'?', ..] => (2, 2, &b"?>"[..], Kind::Aside),
        [b'<', b'!', letter, ..] if letter.is_ascii_alphabetic() => {
            return match doctype(rest) {
                Some(len) => of(Kind::Aside, len),
                None => of(Kind::Text, text_len(rest)),
            };
        }
        [b'<', b'/', first, ..] if is_name_start(*first) => {
            let end = rest
                .get(1..)
                .and_then(|rest| memchr::memchr2(b'<', b'>', rest));
            return match end.filter(|&i| rest.get(i + 1) == Some(&b'>')) {
                Some(i) => of(Kind::Close, i + 2),
                None => of(Kind::Text, text_len(rest)),
            };
        }
        [b'<', first, ..] if is_name_start(*first) => {
            return match tag_len(rest) {
                Some(len) if rest.get(len - 2) == Some(&b'/') => of(Kind::Empty, len),
                Some(len) => of(Kind::Open, len),
                None => of(Kind::Text, text_len(rest)),
            };
        }
        _ => return of(Kind::Text, text_len(rest)),
    };
    let gone = missing.get_mut(slot)?;
    let found = if *gone {
        None
    } else {
        memchr::memmem::find(rest.get(marked..)?, end)
    };
    *gone = found.is_none();
    match found {
        Some(i) => of(kind, marked + i + end.len()),
        None => of(Kind::Text, text_len(rest)),
    }
}

/// How far text goes on: to the next bracket that may start markup.
fn text_len(rest: &[u8]) -> usize {
    rest.get(1..)
        .and_then(|behind| memchr::memchr(b'<', behind))
        .map_or(rest.len(), |i| i + 1)
}

/// The length of the start tag that `rest` begins with; `None` when it is none.
fn tag_len(rest: &[u8]) -> Option<usize> {
    let mut at = name_end(rest, 1);
    if !rest
        .get(at)
        .is_some_and(|b| b.is_ascii_whitespace() || matches!(b, b'/' | b'>'))
    {
        return None;
    }
    loop {
        at += rest
            .get(at..)?
            .iter()
            .position(|b| matches!(b, b'"' | b'\'' | b'>' | b'<'))?;
        match rest.get(at)? {
            b'>' => return Some(at + 1),
            b'<' => return None,
            quote => {
                // A bracket may not stand in a value: the quote is none, or was never closed.
                let end = at + 1 + memchr::memchr2(*quote, b'<', rest.get(at + 1..)?)?;
                if rest.get(end) == Some(&b'<') {
                    return None;
                }
                at = end + 1;
            }
        }
    }
}

/// The length of the document type declaration that `rest` begins with, its inner part included.
fn doctype(rest: &[u8]) -> Option<usize> {
    let rest = rest.get(..rest.len().min(LONGEST_DOCTYPE))?;
    let (mut at, mut inner) = (2, false);
    loop {
        at += rest
            .get(at..)?
            .iter()
            .position(|b| b"\"'[]<>".contains(b))?;
        match rest.get(at)? {
            b'>' if !inner => return Some(at + 1),
            b'[' => inner = true,
            b']' => inner = false,
            b'<' if rest.get(at..)?.starts_with(b"<!--") => {
                at += 4 + memchr::memmem::find(rest.get(at + 4..)?, b"-->")? + 2;
            }
            quote @ (b'"' | b'\'') => at += 1 + memchr::memchr(*quote, rest.get(at + 1..)?)?,
            _ => {}
        }
        at += 1;
    }
}

/// Names: letters, digits, `_ : - .` and what is not ASCII (XML 1.0, section 2.3).
fn name_end(text: &[u8], start: usize) -> usize {
    let rest = text.get(start..).unwrap_or_default();
    let inside = |b: &u8| is_name_start(*b) || b.is_ascii_digit() || matches!(b, b'-' | b'.');
    start + rest.iter().position(|b| !inside(b)).unwrap_or(rest.len())
}

const fn is_name_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte == b':' || byte >= 0x80
}
