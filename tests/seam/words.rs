//! A speech recogniser's JSON: word items read as one joined text, and every word three times.

use std::ops::Range;

use efface::edit::{Refusal, Splice, apply};
use efface::format::{
    Capabilities, Chunk, Content, Cut, Format, Head, Ledger, Likeness, Locate, Memory, Reader,
    Slot, Width,
};
use efface::view::{Break, BreakKind, Codec, Map, View};

use crate::json::{Index, members, string_view, unescape};
use crate::lines::text_slot;

pub(crate) struct Words;

impl Format for Words {
    fn name(&self) -> &'static str {
        "words"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            memory: Memory::Whole,
            width: Width::Free,
        }
    }

    fn sniff(&self, head: &Head<'_>) -> Option<Likeness> {
        let text = String::from_utf8_lossy(head.text);
        text.contains("\"words\"").then_some(Likeness::Certain)
    }

    fn open(&self, _head: &Head<'_>) -> Box<dyn Reader> {
        Box::new(Words)
    }
}

fn under(text: &[u8], key: &str) -> Vec<Range<usize>> {
    let members = members(text).into_iter();
    members
        .filter(|m| m.key == key.as_bytes())
        .map(|m| m.inner)
        .collect()
}

/// The blank-separated words of a string that has no escapes.
fn tokens(text: &[u8], inner: &Range<usize>) -> Vec<Range<usize>> {
    let mut at = inner.start;
    text[inner.clone()]
        .split(|b| *b == b' ')
        .map(|word| {
            let token = at..at + word.len();
            at = token.end + 1;
            token
        })
        .collect()
}

/// For each path, the places of words 0, 1, 2 ...: the transcript, the items, the items as written.
fn paths(text: &[u8]) -> [Vec<Range<usize>>; 3] {
    let transcript = under(text, "transcript");
    [
        tokens(text, &transcript[0]),
        under(text, "word"),
        under(text, "punctuated_word"),
    ]
}

fn touch(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end
}

impl Reader for Words {
    fn cut(&self, _window: &[u8]) -> Cut {
        Cut::More
    }

    fn index<'s>(&'s self, chunk: Chunk<'s>) -> Box<dyn Locate + 's> {
        Box::new(Index::new(chunk))
    }

    fn read<'s>(&'s self, chunk: Chunk<'s>, index: &'s dyn Locate) -> Content<'s> {
        let (mut text, mut map) = (Vec::new(), Map::default().styled(Codec::Json));
        let mut breaks = Vec::new();
        for word in under(chunk.text, "word") {
            if !text.is_empty() {
                text.push(b' ');
                map.push_join(1);
                breaks.push(Break {
                    at: text.len(),
                    kind: BreakKind::Soft,
                });
            }
            unescape(chunk, &word, &mut text, &mut map);
        }
        let joined = View::layered(text, vec![map], index).with_breaks(breaks);
        let others = members(chunk.text).into_iter().filter(|m| m.key != b"word");
        Content {
            views: std::iter::once(joined)
                .chain(others.map(|m| string_view(chunk, &m.inner, index)))
                .collect(),
            ledger: Ledger::read(chunk.text.len()),
            children: Vec::new(),
        }
    }

    fn slot(&self, _chunk: Chunk<'_>, _range: Range<usize>) -> Slot {
        text_slot(Codec::Json)
    }

    fn drop_record(&self, _chunk: Chunk<'_>, _at: usize) -> Result<Vec<Splice>, Refusal> {
        Err(Refusal::NotDroppable)
    }

    fn echoes(&self, chunk: Chunk<'_>, parts: &[Range<usize>]) -> Vec<Vec<Range<usize>>> {
        let paths = paths(chunk.text);
        let touched = |place: &Range<usize>| parts.iter().any(|part| touch(part, place));
        let Some(own) = paths.iter().find(|places| places.iter().any(touched)) else {
            return Vec::new();
        };
        let words: Vec<usize> = (0..own.len()).filter(|&n| touched(&own[n])).collect();
        paths
            .iter()
            .filter(|places| !places.iter().any(touched))
            .map(|places| {
                let mut echo: Vec<Range<usize>> = Vec::new();
                for place in words.iter().map(|&n| places[n].clone()) {
                    match echo.last_mut() {
                        // Neighbours in one string: the blank between them goes too.
                        Some(last) if last.end + 1 == place.start => last.end = place.end,
                        _ => echo.push(place),
                    }
                }
                echo
            })
            .collect()
    }

    /// The transcript's length in characters is written beside it.
    fn settle(&self, chunk: Chunk<'_>, edits: &[Splice]) -> Vec<Splice> {
        const KEY: &str = "\"transcript_chars\":";
        let text = std::str::from_utf8(chunk.text).unwrap();
        let start = text.find(KEY).unwrap() + KEY.len();
        let len = text[start..].find(|c: char| !c.is_ascii_digit()).unwrap();
        let place = start as u64..(start + len) as u64;

        let edited = apply(chunk.text, edits).unwrap();
        let transcript = under(&edited, "transcript")[0].clone();
        let chars = std::str::from_utf8(&edited[transcript])
            .unwrap()
            .chars()
            .count();
        let bytes = chars.to_string().into_bytes();
        if bytes == chunk.text[start..start + len] {
            return Vec::new();
        }
        vec![Splice {
            range: place,
            bytes: bytes.into(),
        }]
    }
}
