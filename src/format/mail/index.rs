//! Answers which message and header a chunk offset lies in, and takes messages out.

use std::cell::OnceCell;
use std::ops::Range;

use super::parts::{Leaf, Message, message};
use super::{SMALLEST_CUT, UTF7, messages};
use crate::edit::{Refusal, Splice};
use crate::format::text::gone;
use crate::format::{Chunk, Locate, Location, Slot, SlotKind, Width};
use crate::time::{Date, Read, Stamp, read};
use crate::view::{Codec, Hinting, Hints, Party, Register};

/// What a header says, without its folds and comments (RFC 5322, section 3.2.2).
fn plain(value: &[u8]) -> Vec<u8> {
    let (mut out, mut depth) = (Vec::with_capacity(value.len()), 0usize);
    let mut bytes = value.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' if depth > 0 => {
                bytes.next();
            }
            b'(' => depth += 1,
            b')' if depth > 0 => depth -= 1,
            _ if depth > 0 => {}
            b'\r' | b'\n' | b'\t' | b' ' => {
                if out.last().is_some_and(|last| *last != b' ') {
                    out.push(b' ');
                }
            }
            _ => out.push(*byte),
        }
    }
    out.truncate(out.trim_ascii_end().len());
    out
}

/// About when a stamp is from, to tell which of some is the latest; one that cannot be read comes
/// before all others.
fn about(stamp: &Stamp<'_>) -> i64 {
    match read(stamp) {
        None => i64::MIN,
        Some(Read::Instant(seconds)) => seconds,
        Some(Read::Written(written)) => {
            let Date::Day(year, month, day) = written.date else {
                return i64::MIN;
            };
            let day = jiff::civil::Date::new(year, month, day).ok();
            let midnight = day.and_then(|day| day.to_zoned(jiff::tz::TimeZone::UTC).ok());
            midnight.map_or(i64::MIN, |midnight| {
                let offset = i64::from(written.offset.unwrap_or(0));
                midnight.timestamp().as_second() + i64::from(written.seconds) - offset
            })
        }
    }
}

/// The messages of one chunk, taken apart.
pub(super) struct Mails {
    /// Where each lies, with its separator line.
    pub(super) places: Vec<Range<usize>>,
    pub(super) parts: Vec<Message>,
    /// Bytes before the first one.
    pub(super) before: Range<usize>,
}

impl Mails {
    pub(super) fn of(chunk: Chunk<'_>, mbox: bool) -> Mails {
        let text = chunk.text.get(..chunk.end).unwrap_or_default();
        let places = messages(text, chunk.start, mbox);
        let first = places.first().map_or(chunk.end, |place| place.start);
        let parts = places
            .iter()
            .map(|place| {
                let line = text.get(place.clone()).unwrap_or_default();
                let from = line.starts_with(b"From ");
                let skip = memchr::memchr(b'\n', line)
                    .filter(|_| from)
                    .map_or(0, |i| i + 1);
                message(text, place.start + skip..place.end)
            })
            .collect();
        Mails {
            places,
            parts,
            before: chunk.start.min(first)..first,
        }
    }
}

/// The index of one chunk.
pub(super) struct MailIndex<'s> {
    chunk: Chunk<'s>,
    mbox: bool,
    mails: OnceCell<Mails>,
}

impl<'s> MailIndex<'s> {
    pub(super) fn new(chunk: Chunk<'s>, mbox: bool) -> Self {
        MailIndex {
            chunk,
            mbox,
            mails: OnceCell::new(),
        }
    }

    fn mails(&self) -> &Mails {
        self.mails.get_or_init(|| Mails::of(self.chunk, self.mbox))
    }

    /// The number of the message around `at`, with its parts.
    fn around(&self, at: usize) -> Option<(usize, &Message)> {
        let mails = self.mails();
        let number = mails
            .places
            .partition_point(|place| place.start <= at)
            .checked_sub(1)?;
        let place = mails.places.get(number)?;
        (at < place.end).then_some((number, mails.parts.get(number)?))
    }

    /// The name of the header around `at`.
    fn header(&self, at: usize) -> Option<&'s [u8]> {
        let (_, message) = self.around(at)?;
        let headers = &message.headers;
        let next = headers.partition_point(|header| header.all.start <= at);
        // The line before the headers of a message in a folder says who sent it.
        if next == 0 {
            return (at < message.body).then_some(b"From");
        }
        let header = headers.get(next - 1)?;
        let text: &'s [u8] = self.chunk.text;
        header
            .all
            .contains(&at)
            .then(|| text.get(header.name.clone()))?
    }

    fn leaf(&self, at: usize) -> Option<&Leaf> {
        let (_, message) = self.around(at)?;
        let next = message.leaves.partition_point(|leaf| leaf.body.start <= at);
        let leaf = message.leaves.get(next.checked_sub(1)?)?;
        leaf.body.contains(&at).then_some(leaf)
    }
}

impl Hinting for MailIndex<'_> {
    fn hints(&self, at: usize) -> Hints<'_> {
        Hints {
            register: Register::Prose,
            label: self.header(at),
            ..Hints::default()
        }
    }
}

impl Locate for MailIndex<'_> {
    fn locate(&self, at: usize) -> Location {
        let Some((number, _)) = self.around(at) else {
            return Location::default();
        };
        let header = self.header(at);
        let field = header.map_or_else(|| "body".into(), String::from_utf8_lossy);
        Location {
            record: Some(number as u64),
            field: Some(field.as_ref().into()),
            party: header.and_then(Party::of_label),
        }
    }

    fn records(&self) -> u64 {
        self.mails().places.len() as u64
    }

    fn record_from(&self, from: usize) -> Option<Range<usize>> {
        let places = &self.mails().places;
        let next = places.partition_point(|place| place.start < from);
        places.get(next).cloned()
    }

    /// `Date` (RFC 5322, section 3.6.1), else the last hop it came by, else the line before it.
    fn stamp(&self, at: usize) -> Option<Stamp<'_>> {
        let (number, message) = self.around(at)?;
        let text = self.chunk.text;
        let own = message
            .headers
            .iter()
            .filter(|header| header.all.start < message.body);
        let named = |name: &'static str| {
            let is = move |header: &&super::parts::Header| {
                text.get(header.name.clone())
                    .is_some_and(|own| own.eq_ignore_ascii_case(name.as_bytes()))
            };
            own.clone().filter(is).map(|header| header.value())
        };
        if let Some(date) = named("date").next() {
            return Some(Stamp::of(plain(text.get(date)?)));
        }
        // Each stop on the way wrote its own, and the clock of any may have been wrong: the latest
        // counts, so that nothing is taken for older than it is.
        let stops = named("received").filter_map(|stop| {
            let stop = plain(text.get(stop)?);
            let semicolon = memchr::memrchr(b';', &stop)?;
            Some(Stamp::of(stop.get(semicolon + 1..)?.trim_ascii().to_vec()))
        });
        let arrived = || {
            let place = self.mails().places.get(number)?;
            let line = text.get(place.clone())?.split(|&b| b == b'\n').next()?;
            let sender = line.strip_prefix(b"From ")?;
            let blank = memchr::memchr(b' ', sender)?;
            Some(Stamp::of(sender.get(blank + 1..)?.trim_ascii()))
        };
        stops.chain(arrived()).max_by_key(about)
    }

    /// What is encoded keeps its width: its lines have limits, and base64 would move as a whole.
    fn slot(&self, range: Range<usize>) -> Slot {
        let encoded = match self.header(range.start) {
            Some(_) => {
                let lines = self.chunk.text.get(..range.start).unwrap_or_default();
                let line = memchr::memrchr(b'\n', lines).map_or(0, |i| i + 1);
                let before = lines.get(line..).unwrap_or_default();
                memchr::memmem::find(before, b"=?").is_some()
            }
            None => self.leaf(range.start).is_some_and(|leaf| {
                let wide = leaf.charset == UTF7 || leaf.charset.starts_with(b"utf-16");
                wide || leaf.encoding != super::parts::Encoding::Plain
            }),
        };
        Slot {
            kind: SlotKind::Text,
            width: if encoded { Width::Same } else { Width::Free },
            style: Codec::Plain,
        }
    }

    fn drop_record(&self, at: usize) -> Result<Vec<Splice>, Refusal> {
        let (number, _) = self.around(at).ok_or(Refusal::NotDroppable)?;
        let place = self.mails().places.get(number).cloned();
        // Of a longer one the chunk may hold the beginning only.
        let place = place.filter(|place| place.len() < SMALLEST_CUT);
        place
            .map(|place| vec![gone(place)])
            .ok_or(Refusal::NotDroppable)
    }
}
