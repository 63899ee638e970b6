//! Answers which card and property a chunk offset lies in.

use std::cell::OnceCell;
use std::ops::Range;

use super::properties::{Encoding, Property, properties};
use crate::edit::{Refusal, Splice};
use crate::format::text::gone;
use crate::format::{Chunk, Locate, Location, Slot, SlotKind, Width};
use crate::time::Stamp;
use crate::view::{Codec, Hinting, Hints, Party, Register};

/// The index of one chunk.
pub(super) struct CardIndex<'s> {
    chunk: Chunk<'s>,
    records: &'static [&'static [u8]],
    read: OnceCell<Read>,
}

struct Read {
    properties: Vec<Property>,
    /// Where records lie, with their first and last lines.
    records: Vec<Range<usize>>,
}

impl<'s> CardIndex<'s> {
    pub(super) fn new(chunk: Chunk<'s>, records: &'static [&'static [u8]]) -> Self {
        CardIndex {
            chunk,
            records,
            read: OnceCell::new(),
        }
    }

    fn all(&self) -> &Read {
        self.read.get_or_init(|| {
            let text = self.chunk.text.get(..self.chunk.end).unwrap_or_default();
            let properties = properties(text, self.chunk.start);
            let (mut records, mut open) = (Vec::new(), Vec::new());
            for property in &properties {
                let name = text.get(property.name.clone()).unwrap_or_default();
                let value = text.get(property.value.clone()).unwrap_or_default();
                if !self
                    .records
                    .contains(&value.to_ascii_uppercase().as_slice())
                {
                    continue;
                }
                if name.eq_ignore_ascii_case(b"BEGIN") {
                    open.push(property.name.start);
                } else if name.eq_ignore_ascii_case(b"END")
                    && let Some(start) = open.pop()
                    && open.is_empty()
                {
                    let rest = text.get(property.value.end..).unwrap_or_default();
                    let line = memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
                    records.push(start..property.value.end + line);
                }
            }
            Read {
                properties,
                records,
            }
        })
    }

    fn property(&self, at: usize) -> Option<&Property> {
        let all = &self.all().properties;
        let next = all.partition_point(|property| property.name.start <= at);
        let property = all.get(next.checked_sub(1)?)?;
        (at < property.value.end).then_some(property)
    }

    fn record(&self, at: usize) -> Option<(usize, &Range<usize>)> {
        let records = &self.all().records;
        let number = records.partition_point(|record| record.end <= at);
        let record = records.get(number)?;
        (record.start <= at).then_some((number, record))
    }

    fn name(&self, at: usize) -> Option<&[u8]> {
        let property = self.property(at)?;
        self.chunk.text.get(property.name.clone())
    }
}

impl Hinting for CardIndex<'_> {
    fn hints(&self, at: usize) -> Hints<'_> {
        let property = self.property(at);
        Hints {
            register: Register::Cell,
            label: self.name(at),
            party: None,
            value: property
                .map(|property| property.value.clone())
                .filter(|value| value.contains(&at)),
            sampled: None,
        }
    }
}

impl Locate for CardIndex<'_> {
    fn locate(&self, at: usize) -> Location {
        let name = self.name(at);
        Location {
            record: self.record(at).map(|(number, _)| number as u64),
            field: name.map(|name| String::from_utf8_lossy(name).as_ref().into()),
            party: name.and_then(Party::of_label),
        }
    }

    fn records(&self) -> u64 {
        self.all().records.len() as u64
    }

    /// What is encoded keeps its width: base64 would move as a whole.
    fn slot(&self, range: Range<usize>) -> Slot {
        let encoding = self.property(range.start).map(|property| property.encoding);
        Slot {
            kind: SlotKind::Text,
            width: match encoding {
                None | Some(Encoding::Plain) => Width::Free,
                Some(_) => Width::Same,
            },
            style: Codec::Plain,
        }
    }

    fn record_from(&self, from: usize) -> Option<Range<usize>> {
        let records = &self.all().records;
        let next = records.partition_point(|record| record.start < from);
        records.get(next).cloned()
    }

    /// Of an event its end, else its beginning (RFC 5545, sections 3.8.2.2 to 3.8.2.4). What comes
    /// again, lasts, is done at another time or is told by the clock of another zone is of no time
    /// that is known here, nor is a card.
    fn stamp(&self, at: usize) -> Option<Stamp<'_>> {
        const TIMES: [&[u8]; 3] = [b"DTEND", b"DUE", b"DTSTART"];
        const UNCLEAR: [&[u8]; 5] = [
            b"RRULE",
            b"RDATE",
            b"DURATION",
            b"COMPLETED",
            b"RECURRENCE-ID",
        ];
        let (_, record) = self.record(at)?;
        let all = &self.all().properties;
        let first = all.partition_point(|property| property.name.start < record.start);
        let own = all.get(first..)?;
        let last = own.partition_point(|property| property.name.start < record.end);
        let own = own.get(..last)?;
        let text = |range: &Range<usize>| self.chunk.text.get(range.clone());
        let find = |wanted: &[u8]| {
            let is = |name: &[u8]| name.eq_ignore_ascii_case(wanted);
            own.iter()
                .find(|property| text(&property.name).is_some_and(is))
        };
        if UNCLEAR.iter().any(|name| find(name).is_some()) {
            return None;
        }
        let property = TIMES.iter().find_map(|name| find(name))?;
        let parameters = text(&(property.name.end..property.value.start))?;
        let zoned = memchr::memmem::find(&parameters.to_ascii_uppercase(), b"TZID").is_some();
        let value = text(&property.value)?.trim_ascii();
        (!zoned).then(|| Stamp::of(value))
    }

    fn drop_record(&self, at: usize) -> Result<Vec<Splice>, Refusal> {
        let (_, record) = self.record(at).ok_or(Refusal::NotDroppable)?;
        Ok(vec![gone(record.clone())])
    }
}
