//! A gzip file: each member is a child, and only a member that changes is compressed again.

use std::borrow::Cow;
use std::io::{Read, Write};
use std::ops::Range;

use efface::edit::{Edit, Refusal, Splice};
use efface::format::{
    Capabilities, Child, Chunk, Content, Cut, Format, Head, Ledger, Likeness, Locate, Memory,
    Place, Reader, Slot, Width,
};
use efface::view::{Codec, Register};
use flate2::bufread::GzDecoder;
use flate2::{Compression, GzBuilder};

use crate::lines::{self, text_slot};

pub(crate) struct Gzip;

impl Format for Gzip {
    fn name(&self) -> &'static str {
        "gzip"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            memory: Memory::Whole,
            width: Width::Free,
        }
    }

    fn sniff(&self, head: &Head<'_>) -> Option<Likeness> {
        head.text
            .starts_with(b"\x1f\x8b")
            .then_some(Likeness::Certain)
    }

    fn open(&self, _head: &Head<'_>) -> Box<dyn Reader> {
        Box::new(Gzip)
    }
}

/// The name and modification time a member's header keeps.
fn header(member: &[u8]) -> (String, u32) {
    let decoder = GzDecoder::new(member);
    let header = decoder.header().unwrap();
    let name = header.filename().unwrap_or_default();
    (String::from_utf8_lossy(name).into_owned(), header.mtime())
}

impl Reader for Gzip {
    fn cut(&self, _window: &[u8]) -> Cut {
        Cut::More
    }

    fn index<'s>(&'s self, _chunk: Chunk<'s>) -> Box<dyn Locate + 's> {
        Box::new(lines::Place {
            register: Register::Log,
            label: None,
        })
    }

    fn read<'s>(&'s self, chunk: Chunk<'s>, _index: &'s dyn Locate) -> Content<'s> {
        let mut children = Vec::new();
        let mut start = 0;
        while start < chunk.text.len() {
            let member = &chunk.text[start..];
            let mut decoder = GzDecoder::new(member);
            let mut content = Vec::new();
            decoder.read_to_end(&mut content).unwrap();
            let end = chunk.text.len() - decoder.into_inner().len();
            children.push(Child {
                name: Cow::Owned(header(member).0),
                place: Place::Bytes(start..end),
                content,
            });
            start = end;
        }
        Content {
            views: Vec::new(),
            ledger: Ledger::read(chunk.text.len()),
            children,
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
        let (name, mtime) = header(&chunk.text[place.clone()]);
        Ok(vec![Edit::Splice(Splice {
            range: place.start as u64..place.end as u64,
            bytes: compress(&name, mtime, content).into(),
        })])
    }
}

/// A member.
pub(crate) fn compress(name: &str, mtime: u32, content: &[u8]) -> Vec<u8> {
    let builder = GzBuilder::new().filename(name).mtime(mtime);
    let mut encoder = builder.write(Vec::new(), Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}
