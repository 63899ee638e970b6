//! JSON and JSON Lines: a decoded view for each string value, under its key.

use std::ops::Range;

use efface::edit::{Refusal, Splice};
use efface::format::{
    Capabilities, Chunk, Content, Cut, Format, Head, Ledger, Likeness, Locate, Location, Memory,
    Reader, Slot, Width,
};
use efface::view::{Codec, Hinting, Hints, Map, Register, View};

use crate::lines::{cut_lines, drop_line, text_slot};

pub(crate) struct Json;

impl Format for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            memory: Memory::Record,
            width: Width::Free,
        }
    }

    fn sniff(&self, head: &Head<'_>) -> Option<Likeness> {
        head.text.starts_with(b"{").then_some(Likeness::Likely)
    }

    fn open(&self, _head: &Head<'_>) -> Box<dyn Reader> {
        Box::new(Json)
    }
}

/// A string value, without its quotes, and the key it stands under.
pub(crate) struct Member<'s> {
    pub(crate) key: &'s [u8],
    pub(crate) inner: Range<usize>,
}

/// The string values of a text, in order.
pub(crate) fn members(text: &[u8]) -> Vec<Member<'_>> {
    let (mut members, mut key, mut at) = (Vec::new(), &b""[..], 0);
    while let Some(open) = text[at..]
        .iter()
        .position(|b| *b == b'"')
        .map(|p| at + p + 1)
    {
        let mut end = open;
        while text[end] != b'"' {
            end += if text[end] == b'\\' { 2 } else { 1 };
        }
        at = end + 1;
        if text[at..].trim_ascii_start().starts_with(b":") {
            key = &text[open..end];
        } else {
            members.push(Member {
                key,
                inner: open..end,
            });
        }
    }
    members
}

/// Appends the text of a string to `text` and its places to `map`.
pub(crate) fn unescape(chunk: Chunk<'_>, inner: &Range<usize>, text: &mut Vec<u8>, map: &mut Map) {
    let raw = std::str::from_utf8(&chunk.text[inner.clone()]).unwrap();
    let escape = |at: usize| u16::from_str_radix(&raw[at + 2..at + 6], 16).unwrap();
    let mut at = 0;
    while let Some(ch) = raw[at..].chars().next() {
        let (meant, width) = match (ch, raw.as_bytes().get(at + 1)) {
            ('\\', Some(b'u')) => {
                let mut units = vec![escape(at)];
                if (0xd800..0xdc00).contains(&units[0]) {
                    units.push(escape(at + 6));
                }
                (String::from_utf16(&units).unwrap(), 6 * units.len())
            }
            ('\\', Some(b'n')) => ("\n".to_owned(), 2),
            ('\\', Some(short)) => (char::from(*short).to_string(), 2),
            _ => (ch.to_string(), ch.len_utf8()),
        };
        let below = (inner.start + at) as u64;
        map.push(1, meant.len(), below, width, Codec::Json);
        text.extend(meant.into_bytes());
        at += width;
    }
}

/// The view of one string.
pub(crate) fn string_view<'s>(
    chunk: Chunk<'s>,
    inner: &Range<usize>,
    hints: &'s dyn Hinting,
) -> View<'s> {
    let mut text = Vec::new();
    let mut map = Map::default().styled(Codec::Json);
    unescape(chunk, inner, &mut text, &mut map);
    View::layered(text, vec![map], hints)
}

/// Keys and records of a chunk.
pub(crate) struct Index<'s> {
    chunk: Chunk<'s>,
    members: Vec<Member<'s>>,
}

impl<'s> Index<'s> {
    pub(crate) fn new(chunk: Chunk<'s>) -> Self {
        Index {
            chunk,
            members: members(chunk.text),
        }
    }

    fn member(&self, at: usize) -> Option<&Member<'s>> {
        self.members
            .iter()
            .find(|m| m.inner.start <= at && at <= m.inner.end)
    }
}

impl Hinting for Index<'_> {
    fn hints(&self, at: usize) -> Hints<'_> {
        let member = self.member(at);
        Hints {
            register: Register::Cell,
            label: member.map(|m| m.key),
            value: member.map(|m| m.inner.clone()),
            ..Hints::default()
        }
    }
}

impl Locate for Index<'_> {
    fn locate(&self, at: usize) -> Location {
        let lines = self.chunk.text[..at].split(|b| *b == b'\n').count() - 1;
        Location {
            record: Some(lines as u64),
            field: self
                .member(at)
                .map(|m| String::from_utf8_lossy(m.key).into()),
            party: None,
        }
    }
}

impl Reader for Json {
    fn cut(&self, window: &[u8]) -> Cut {
        cut_lines(window)
    }

    fn index<'s>(&'s self, chunk: Chunk<'s>) -> Box<dyn Locate + 's> {
        Box::new(Index::new(chunk))
    }

    fn read<'s>(&'s self, chunk: Chunk<'s>, index: &'s dyn Locate) -> Content<'s> {
        let members = members(chunk.text);
        Content {
            views: members
                .iter()
                .map(|m| string_view(chunk, &m.inner, index))
                .collect(),
            ledger: Ledger::read(chunk.text.len()),
            children: Vec::new(),
        }
    }

    fn slot(&self, _chunk: Chunk<'_>, _range: Range<usize>) -> Slot {
        text_slot(Codec::Json)
    }

    fn drop_record(&self, chunk: Chunk<'_>, at: usize) -> Result<Vec<Splice>, Refusal> {
        Ok(drop_line(chunk, at))
    }
}
