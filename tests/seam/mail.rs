//! A message whose base64 part is a child; only the four-character groups that change are rewritten.

use std::borrow::Cow;
use std::ops::Range;

use efface::edit::{Edit, Refusal, Splice};
use efface::format::{
    Capabilities, Child, Chunk, Content, Cut, Format, Head, Ledger, Likeness, Locate, Memory,
    Place, Reader, Slot, Width,
};
use efface::view::{Codec, Register, View};

use crate::lines::{self, text_slot};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Bytes of content on a line of 76 characters (RFC 2045, section 6.8).
const LINE: usize = 57;

pub(crate) struct Mail;

impl Format for Mail {
    fn name(&self) -> &'static str {
        "mail"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            memory: Memory::Whole,
            width: Width::Free,
        }
    }

    fn sniff(&self, head: &Head<'_>) -> Option<Likeness> {
        head.text
            .starts_with(b"From: ")
            .then_some(Likeness::Certain)
    }

    fn open(&self, _head: &Head<'_>) -> Box<dyn Reader> {
        Box::new(Mail)
    }
}

/// The base64 body behind the header that announces it, up to the next boundary.
fn body(text: &[u8]) -> Range<usize> {
    let text = std::str::from_utf8(text).unwrap();
    let header = text.find("Content-Transfer-Encoding: base64").unwrap();
    let start = header + text[header..].find("\r\n\r\n").unwrap() + 4;
    start..start + text[start..].find("\r\n--").unwrap()
}

fn decode(body: &[u8]) -> Vec<u8> {
    let sextets: Vec<u32> = body
        .iter()
        .filter_map(|b| ALPHABET.iter().position(|a| a == b))
        .map(|p| p as u32)
        .collect();
    let quads = sextets.chunks(4).map(|quad| {
        let bits = quad.iter().fold(0, |bits, s| bits << 6 | s) << (6 * (4 - quad.len()));
        bits.to_be_bytes()[1..quad.len()].to_vec()
    });
    quads.flatten().collect()
}

fn encode(content: &[u8]) -> Vec<u8> {
    let group = |three: &[u8]| {
        let bits = three.iter().fold(0u32, |bits, b| bits << 8 | u32::from(*b));
        let bits = bits << (8 * (3 - three.len()));
        let mut quad = [b'='; 4];
        for (nth, place) in quad.iter_mut().take(three.len() + 1).enumerate() {
            *place = ALPHABET[(bits >> (18 - 6 * nth)) as usize & 63];
        }
        quad
    };
    let line = |line: &[u8]| line.chunks(3).flat_map(group).collect::<Vec<u8>>();
    content
        .chunks(LINE)
        .map(line)
        .collect::<Vec<_>>()
        .join(&b"\r\n"[..])
}

impl Reader for Mail {
    fn cut(&self, _window: &[u8]) -> Cut {
        Cut::More
    }

    fn index<'s>(&'s self, _chunk: Chunk<'s>) -> Box<dyn Locate + 's> {
        Box::new(lines::Place {
            register: Register::Prose,
            label: None,
        })
    }

    fn read<'s>(&'s self, chunk: Chunk<'s>, index: &'s dyn Locate) -> Content<'s> {
        let body = body(chunk.text);
        let around = View::raw(chunk.text, 0, index).with_holes(vec![body.clone()]);
        Content {
            views: vec![around],
            ledger: Ledger::read(chunk.text.len()),
            children: vec![Child {
                name: Cow::Borrowed("2"),
                content: decode(&chunk.text[body.clone()]),
                place: Place::Bytes(body),
            }],
        }
    }

    fn slot(&self, _chunk: Chunk<'_>, _range: Range<usize>) -> Slot {
        text_slot(Codec::Plain)
    }

    fn drop_record(&self, _chunk: Chunk<'_>, _at: usize) -> Result<Vec<Splice>, Refusal> {
        Err(Refusal::NotDroppable)
    }

    fn rebuild(
        &self,
        chunk: Chunk<'_>,
        child: &Child<'_>,
        content: &[u8],
    ) -> Result<Vec<Edit>, Refusal> {
        let Place::Bytes(place) = &child.place else {
            return Err(Refusal::NoPlace);
        };
        let (old, new) = (&chunk.text[place.clone()], encode(content));
        let same = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
        let rest = old.len().min(new.len()) - same;
        let tail = old
            .iter()
            .rev()
            .zip(new.iter().rev())
            .take_while(|(a, b)| a == b);
        let tail = tail.count().min(rest);
        Ok(vec![Edit::Splice(Splice {
            range: (place.start + same) as u64..(place.end - tail) as u64,
            bytes: new[same..new.len() - tail].to_vec().into(),
        })])
    }
}
