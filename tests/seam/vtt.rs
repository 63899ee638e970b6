//! Captions: the text of all cues joined, as one sentence goes on in the next; tags are gaps.

use std::ops::Range;

use efface::edit::{Refusal, Splice};
use efface::format::{
    Capabilities, Chunk, Content, Cut, Format, Head, Ledger, Likeness, Locate, Memory, Reader,
    Slot, Width,
};
use efface::view::{Break, BreakKind, Codec, Map, Register, View};

use crate::lines::{Place, text_slot};

pub(crate) struct Vtt;

impl Format for Vtt {
    fn name(&self) -> &'static str {
        "vtt"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            memory: Memory::Whole,
            width: Width::Free,
        }
    }

    fn sniff(&self, head: &Head<'_>) -> Option<Likeness> {
        head.text
            .starts_with(b"WEBVTT")
            .then_some(Likeness::Certain)
    }

    fn open(&self, _head: &Head<'_>) -> Box<dyn Reader> {
        Box::new(Vtt)
    }
}

impl Reader for Vtt {
    fn cut(&self, _window: &[u8]) -> Cut {
        Cut::More
    }

    fn index<'s>(&'s self, _chunk: Chunk<'s>) -> Box<dyn Locate + 's> {
        Box::new(Place {
            register: Register::Talk,
            label: None,
        })
    }

    fn read<'s>(&'s self, chunk: Chunk<'s>, index: &'s dyn Locate) -> Content<'s> {
        let (mut text, mut map, mut breaks) = (Vec::new(), Map::default(), Vec::new());
        let (mut at, mut payload) = (0, false);
        for line in chunk.text.split_inclusive(|b| *b == b'\n') {
            let body = line.trim_ascii_end();
            if payload && !body.is_empty() {
                if !text.is_empty() {
                    text.push(b' ');
                    map.push_join(1);
                    breaks.push(Break {
                        at: text.len(),
                        kind: BreakKind::Soft,
                    });
                }
                let mut tag = false;
                for (nth, byte) in body.iter().enumerate() {
                    let below = (at + nth) as u64;
                    tag |= *byte == b'<';
                    if tag {
                        map.push(1, 0, below, 1, Codec::Plain);
                    } else {
                        map.push(1, 1, below, 1, Codec::Plain);
                        text.push(*byte);
                    }
                    tag &= *byte != b'>';
                }
            }
            let timing = body.windows(3).any(|w| w == b"-->");
            payload = (payload || timing) && !body.is_empty();
            at += line.len();
        }
        Content {
            views: vec![View::layered(text, vec![map], index).with_breaks(breaks)],
            ledger: Ledger::read(chunk.text.len()),
            children: Vec::new(),
        }
    }

    fn slot(&self, _chunk: Chunk<'_>, _range: Range<usize>) -> Slot {
        text_slot(Codec::Plain)
    }

    fn drop_record(&self, _chunk: Chunk<'_>, _at: usize) -> Result<Vec<Splice>, Refusal> {
        Err(Refusal::NotDroppable)
    }
}
