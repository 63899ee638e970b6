//! Logs whose pieces stand behind their lengths: the export format of journald, and syslog as it is
//! sent over TCP.
//!
//! Owns where entries, fields and frames lie, and that every length stays true.

mod frames;
mod journal;

use std::cell::OnceCell;
use std::ops::Range;

use super::escape::{Decoded, layers_around, stacked};
use super::text::gone;
use super::{
    Capabilities, Chunk, Content, Cut, Format, Head, Ledger, Likeness, Locate, Location, Memory,
    Reader, Reason, Width, is_text, recognise,
};
use crate::edit::{Refusal, Splice};
use crate::time::{Stamp, in_line};
use crate::view::{Hinting, Hints, Party, Register};

/// What is told of a stretch.
pub(super) struct Parsed {
    /// Records with everything that belongs to them.
    records: Vec<Range<usize>>,
    pieces: Vec<Piece>,
}

/// A stretch whose length may stand before it.
pub(super) struct Piece {
    /// Its name, where pieces have one.
    name: Range<usize>,
    text: Range<usize>,
    /// Where its length stands.
    length: Option<Range<usize>>,
}

/// Framed logs of one kind.
pub(super) struct Framed {
    name: &'static str,
    kind: &'static Kind,
}

/// How one kind is read.
struct Kind {
    tell: fn(&[u8]) -> bool,
    parse: fn(&[u8], usize) -> Parsed,
    /// How a length is written that was `old`.
    write: fn(u64) -> Vec<u8>,
    read: fn(&[u8]) -> Option<u64>,
    /// The time of a record, if the piece with this name and text holds it.
    time: for<'t> fn(&[u8], &'t [u8]) -> Option<Stamp<'t>>,
    /// Whether pieces may be no text.
    binary: bool,
}

/// The export format of journald (systemd, "Journal Export Formats").
pub(super) static JOURNAL: Framed = Framed {
    name: "journal-export",
    kind: &Kind {
        tell: journal::tell,
        parse: journal::parse,
        write: |length| length.to_le_bytes().to_vec(),
        read: |bytes| Some(u64::from_le_bytes(bytes.try_into().ok()?)),
        time: journal::time,
        binary: true,
    },
};

/// Syslog with counted octets (RFC 6587, section 3.4.1).
pub(super) static SYSLOG: Framed = Framed {
    name: "syslog-tcp",
    kind: &Kind {
        tell: frames::tell,
        parse: frames::parse,
        write: |length| length.to_string().into_bytes(),
        read: |bytes| std::str::from_utf8(bytes).ok()?.parse().ok(),
        time: |_, message| Some(Stamp::of(message.get(in_line(message)?)?)),
        binary: false,
    },
};

impl Format for Framed {
    fn name(&self) -> &'static str {
        self.name
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            memory: Memory::Record,
            width: Width::Free,
        }
    }

    fn sniff(&self, head: &Head<'_>) -> Option<Likeness> {
        (self.kind.tell)(head.text).then_some(Likeness::Certain)
    }

    fn claims(&self, head: &[u8]) -> bool {
        self.kind.binary && (self.kind.tell)(head)
    }

    fn open(&self, _head: &Head<'_>) -> Box<dyn Reader> {
        Box::new(FramedReader { kind: self.kind })
    }
}

struct FramedReader {
    kind: &'static Kind,
}

impl FramedReader {
    fn parse(&self, chunk: Chunk<'_>) -> Parsed {
        let text = chunk.text.get(..chunk.end).unwrap_or_default();
        (self.kind.parse)(text, chunk.start)
    }
}

impl Reader for FramedReader {
    /// Behind the last whole record.
    fn cut(&self, window: &[u8]) -> Cut {
        let records = (self.kind.parse)(window, 0).records;
        // The last may go on.
        match records.iter().rev().nth(1) {
            Some(record) => Cut::Record(record.end),
            None => Cut::More,
        }
    }

    fn takes_bytes(&self) -> bool {
        self.kind.binary
    }

    fn index<'s>(&'s self, chunk: Chunk<'s>) -> Box<dyn Locate + 's> {
        Box::new(FramedIndex {
            reader: self,
            chunk,
            parsed: OnceCell::new(),
        })
    }

    fn read<'s>(&'s self, chunk: Chunk<'s>, index: &'s dyn Locate) -> Content<'s> {
        let mut ledger = Ledger::read(chunk.end - chunk.start);
        let pieces = self.parse(chunk).pieces;
        let mut views = Vec::new();
        if self.kind.binary {
            let mut lengths = Vec::new();
            for piece in pieces {
                let Some(length) = piece.length else { continue };
                lengths.push(length);
                let bytes = chunk.text.get(piece.text.clone()).unwrap_or_default();
                let reason = match recognise(bytes) {
                    Some(name) => Reason::Unsupported(name),
                    None if is_text(bytes) => continue,
                    None => Reason::Opaque,
                };
                ledger.unread(piece.text, reason);
            }
            views = layers_around(chunk, index, None, lengths);
        } else {
            // Frames stand right behind each other, so that one would go on in the next.
            let mut decoded = Decoded::default();
            for piece in pieces {
                decoded.begin(piece.text.clone());
                let text = chunk.text.get(piece.text.clone()).unwrap_or_default();
                decoded.plain(text, piece.text.start);
            }
            if !decoded.holes.is_empty() {
                stacked(index, decoded, &mut views);
            }
        }
        if chunk.torn.before {
            ledger.unread(chunk.start..chunk.end, Reason::Limit);
        }
        Content {
            views,
            ledger,
            children: Vec::new(),
        }
    }

    fn settle(&self, chunk: Chunk<'_>, edits: &[Splice]) -> Vec<Splice> {
        let grows = |edit: &&Splice| edit.bytes.len() as u64 != edit.range.end - edit.range.start;
        if !edits.iter().any(|edit| grows(&edit)) {
            return Vec::new();
        }
        let mut edits = edits.iter().peekable();
        let mut out = Vec::new();
        for piece in self.parse(chunk).pieces {
            let (start, end) = (piece.text.start as u64, piece.text.end as u64);
            while edits.next_if(|edit| edit.range.start < start).is_some() {}
            let (mut more, mut less) = (0, 0);
            while let Some(edit) = edits.next_if(|edit| edit.range.end <= end) {
                more += edit.bytes.len() as u64;
                less += edit.range.end - edit.range.start;
            }
            let Some(length) = piece.length.filter(|_| more != less) else {
                continue;
            };
            let old = chunk.text.get(length.clone()).unwrap_or_default();
            if let Some(old) = (self.kind.read)(old) {
                out.push(Splice {
                    range: length.start as u64..length.end as u64,
                    bytes: (self.kind.write)((old + more).saturating_sub(less)).into(),
                });
            }
        }
        out
    }
}

struct FramedIndex<'s> {
    reader: &'s FramedReader,
    chunk: Chunk<'s>,
    parsed: OnceCell<Parsed>,
}

impl FramedIndex<'_> {
    fn parsed(&self) -> &Parsed {
        self.parsed.get_or_init(|| self.reader.parse(self.chunk))
    }

    fn name(&self, at: usize) -> Option<&[u8]> {
        let pieces = &self.parsed().pieces;
        let number = pieces.partition_point(|piece| piece.text.end < at);
        let piece = pieces.get(number).filter(|piece| piece.text.start <= at)?;
        let name = self.chunk.text.get(piece.name.clone())?;
        (!name.is_empty()).then_some(name)
    }

    fn record(&self, at: usize) -> Option<(usize, &Range<usize>)> {
        let records = &self.parsed().records;
        let number = records.partition_point(|record| record.end <= at);
        let record = records.get(number)?;
        (record.start <= at).then_some((number, record))
    }
}

impl Hinting for FramedIndex<'_> {
    fn hints(&self, at: usize) -> Hints<'_> {
        Hints {
            register: Register::Log,
            label: self.name(at),
            ..Hints::default()
        }
    }
}

impl Locate for FramedIndex<'_> {
    fn locate(&self, at: usize) -> Location {
        let name = self.name(at);
        Location {
            record: self.record(at).map(|(number, _)| number as u64),
            field: name.map(|name| String::from_utf8_lossy(name).as_ref().into()),
            party: name.and_then(Party::of_label),
        }
    }

    fn records(&self) -> u64 {
        self.parsed().records.len() as u64
    }

    fn record_from(&self, from: usize) -> Option<Range<usize>> {
        let records = &self.parsed().records;
        let next = records.partition_point(|record| record.start < from);
        records.get(next).cloned()
    }

    fn stamp(&self, at: usize) -> Option<Stamp<'_>> {
        let (_, record) = self.record(at)?;
        let pieces = &self.parsed().pieces;
        let first = pieces.partition_point(|piece| piece.text.start < record.start);
        let pieces = pieces.get(first..)?.iter();
        let mut pieces = pieces.take_while(|piece| piece.text.end <= record.end);
        pieces.find_map(|piece| {
            let text = |range: &Range<usize>| self.chunk.text.get(range.clone());
            (self.reader.kind.time)(text(&piece.name)?, text(&piece.text)?)
        })
    }

    fn drop_record(&self, at: usize) -> Result<Vec<Splice>, Refusal> {
        let (_, record) = self.record(at).ok_or(Refusal::NotDroppable)?;
        Ok(vec![gone(record.clone())])
    }
}

#[cfg(test)]
mod tests;
