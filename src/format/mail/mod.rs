//! Mail: single messages and mbox folders.
//!
//! Owns where messages, headers and parts lie, and how what is encoded is read: quoted-printable
//! and base64 bodies, encoded words. Text is read in views of its own; what a part holds that is
//! no text is counted as unread, by name.

mod binhex;
mod enclosed;
mod index;
mod parts;
mod settle;
mod words;

pub(super) use enclosed::{enclosed, may_enclose};

use std::ops::Range;

use index::{MailIndex, Mails};
use parts::{Encoding, Leaf, name_len};
pub(super) use words::quoted_printable;

use super::attached::{Attached, attached};
use super::escape::{Decoded, layers_around, stacked_on};
use super::lines::lines;
use super::{
    Capabilities, Chunk, Content, Cut, Format, Head, Ledger, Likeness, Locate, Memory, Reader,
    Reason, Width, is_text, recognise,
};
use crate::edit::Splice;
use crate::source::{Charset, holds_binary};
use crate::view::{View, unshifted};

/// Mail of one kind.
pub(super) struct Mail {
    name: &'static str,
    mbox: bool,
}

/// One message.
pub(super) static EML: Mail = Mail {
    name: "eml",
    mbox: false,
};

/// Messages one behind the other, each behind a `From ` line.
pub(super) static MBOX: Mail = Mail {
    name: "mbox",
    mbox: true,
};

/// The least text that is cut, in bytes; a message that takes as much may not be whole.
const SMALLEST_CUT: usize = 512 * 1024;

/// A charset that is read by a way of its own (RFC 2152).
pub(super) const UTF7: &[u8] = b"utf-7";

/// The name of what files of a Macintosh are written in.
const BINHEX: &str = "binhex";

/// Headers that say that something is a message.
const TELLING: &[&str] = &[
    "from",
    "to",
    "subject",
    "date",
    "message-id",
    "received",
    "return-path",
    "mime-version",
    "content-type",
    "delivered-to",
    "cc",
    "reply-to",
    "sender",
    "x-mailer",
    "dkim-signature",
];

impl Format for Mail {
    fn name(&self) -> &'static str {
        self.name
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            memory: if self.mbox {
                Memory::Record
            } else {
                Memory::Whole
            },
            width: Width::Free,
        }
    }

    fn sniff(&self, head: &Head<'_>) -> Option<Likeness> {
        if self.mbox {
            let end = memchr::memchr(b'\n', head.text)?;
            let next = head.text.get(end + 1..)?;
            let headed = name_len(next.get(..next.len().min(80))?).is_some();
            return (separates(head.text) && headed).then_some(Likeness::Certain);
        }
        let named = head.name.to_ascii_lowercase().ends_with(".eml");
        let (mut told, mut read) = (0, 0);
        for line in lines(head.text) {
            match name_len(line) {
                _ if line.trim_ascii().is_empty() => break,
                _ if matches!(line.first(), Some(b' ' | b'\t')) && read > 0 => {}
                Some(len) => {
                    let name = line.get(..len).unwrap_or_default();
                    let known = |one: &&str| one.as_bytes().eq_ignore_ascii_case(name);
                    told += usize::from(TELLING.iter().any(known));
                    read += 1;
                }
                None if named => break,
                None => return None,
            }
        }
        let enough = if named {
            told >= 1
        } else {
            told >= 2 && told * 3 >= read
        };
        enough.then_some(Likeness::Certain)
    }

    /// A message with a part of UTF-16 that stands as it is.
    fn claims(&self, head: &[u8]) -> bool {
        let head = Head {
            text: head,
            name: "",
            whole: false,
        };
        let wide = || {
            let lower = head.text.to_ascii_lowercase();
            memchr::memmem::find(&lower, b"charset").is_some()
                && memchr::memmem::find(&lower, b"utf-16").is_some()
        };
        !is_text(head.text) && self.sniff(&head).is_some() && wide()
    }

    fn open(&self, _head: &Head<'_>) -> Box<dyn Reader> {
        Box::new(MailReader { mbox: self.mbox })
    }
}

struct MailReader {
    mbox: bool,
}

impl Reader for MailReader {
    /// Before the last message of the window.
    fn cut(&self, window: &[u8]) -> Cut {
        if !self.mbox || window.len() < SMALLEST_CUT {
            return Cut::More;
        }
        match messages(window, 0, true).last() {
            Some(last) if last.start > 0 => Cut::Record(last.start),
            _ => Cut::More,
        }
    }

    fn takes_bytes(&self) -> bool {
        true
    }

    fn index<'s>(&'s self, chunk: Chunk<'s>) -> Box<dyn Locate + 's> {
        Box::new(MailIndex::new(chunk, self.mbox))
    }

    fn read<'s>(&'s self, chunk: Chunk<'s>, index: &'s dyn Locate) -> Content<'s> {
        let mails = Mails::of(chunk, self.mbox);
        let mut reading = Reading {
            text: chunk.text.get(..chunk.end).unwrap_or_default(),
            index,
            decoded: Decoded::default(),
            views: Vec::new(),
            holes: Vec::new(),
            wide: Vec::new(),
            ledger: Ledger::read(chunk.end - chunk.start),
        };
        // What has no beginning belongs to a message longer than can be held; its parts cannot be
        // told any more.
        if !mails.before.is_empty() && !is_blank(chunk.text, &mails.before) {
            reading.ledger.unread(mails.before.clone(), Reason::Limit);
        }
        for message in &mails.parts {
            // In the order of their places, as holes have to be.
            let mut leaves = message.leaves.iter().peekable();
            for header in &message.headers {
                while let Some(leaf) = leaves.next_if(|leaf| leaf.body.start <= header.all.start) {
                    reading.leaf(leaf);
                }
                reading.header(header.value());
            }
            leaves.for_each(|leaf| reading.leaf(leaf));
        }
        reading.binary(chunk);
        reading.content(chunk)
    }

    fn settle(&self, chunk: Chunk<'_>, edits: &[Splice]) -> Vec<Splice> {
        settle::lengths(chunk, edits, self.mbox)
    }
}

/// A chunk being read.
struct Reading<'s> {
    text: &'s [u8],
    index: &'s dyn Locate,
    /// Quoted-printable parts and words.
    decoded: Decoded,
    /// Base64 parts and words.
    views: Vec<View<'s>>,
    /// What base64 is read from, or not read at all.
    holes: Vec<Range<usize>>,
    /// Parts of UTF-16 that stand as they are.
    wide: Vec<Range<usize>>,
    ledger: Ledger,
}

impl<'s> Reading<'s> {
    fn header(&mut self, value: Range<usize>) {
        for word in words::words(self.text, value) {
            let charset = self.text.get(word.charset).unwrap_or_default();
            let charset = charset.to_ascii_lowercase();
            if word.base64 {
                self.base64(word.text, &charset);
            } else if charset == UTF7 {
                let mut octets = Decoded::default();
                words::q_word(self.text, word.text.clone(), &mut octets);
                self.utf7(word.text, &octets);
            } else {
                self.decoded.begin(word.text.clone());
                words::q_word(self.text, word.text, &mut self.decoded);
            }
        }
    }

    fn leaf(&mut self, leaf: &Leaf) {
        let body = leaf.body.clone();
        if is_blank(self.text, &body) {
            return;
        }
        if leaf.too_deep {
            self.ledger.unread(body, Reason::Limit);
            return;
        }
        match leaf.encoding {
            Encoding::Other(BINHEX) => self.binhex(body),
            Encoding::Other(name) => self.unread(body, Reason::Unsupported(name)),
            Encoding::Plain if leaf.charset == UTF7 => {
                let mut octets = Decoded::default();
                octets.plain(self.text.get(body.clone()).unwrap_or_default(), body.start);
                self.utf7(body, &octets);
            }
            Encoding::QuotedPrintable if leaf.charset == UTF7 => {
                let mut octets = Decoded::default();
                words::quoted_printable(self.text, body.clone(), &mut octets);
                self.utf7(body, &octets);
            }
            Encoding::Plain if leaf.charset.starts_with(b"utf-16") => self.wide(leaf),
            Encoding::Plain => {
                for (place, name) in enclosed(self.text, body) {
                    if name == BINHEX {
                        self.binhex(place);
                    } else {
                        self.unread(place, Reason::Unsupported(name));
                    }
                }
            }
            Encoding::QuotedPrintable if leaf.charset.starts_with(b"utf-16") => {
                self.unread(body, Reason::Unsupported("utf-16"));
            }
            Encoding::QuotedPrintable => {
                self.decoded.begin(body.clone());
                words::quoted_printable(self.text, body, &mut self.decoded);
            }
            Encoding::Base64 => self.base64(body, &leaf.charset),
        }
    }

    /// Reads `octets` of UTF-7, which stand at `place`.
    fn utf7(&mut self, place: Range<usize>, octets: &Decoded) {
        let (text, map) = unshifted(&octets.text, 0..octets.text.len());
        let decoded = Decoded {
            text,
            map,
            ..Decoded::default()
        };
        let outer = [octets.map.clone()];
        stacked_on(self.index, decoded, &outer, &mut self.views);
        self.holes.push(place);
    }

    /// Reads the data of a file of BinHex in `place`; what stands around it is text.
    fn binhex(&mut self, place: Range<usize>) {
        let file = match binhex::file(self.text, place.clone()) {
            Ok(file) => file,
            Err(reason) => return self.unread(place, reason),
        };
        let reason = if let Some(name) = recognise(&file.data) {
            Some(Reason::Unsupported(name))
        } else if !is_text(&file.data) {
            Some(Reason::Opaque)
        } else {
            file.resources.then_some(Reason::Unsupported(BINHEX))
        };
        if let Some(reason) = reason {
            return self.unread(file.place, reason);
        }
        let decoded = Decoded {
            text: file.data,
            map: file.map,
            ..Decoded::default()
        };
        stacked_on(self.index, decoded, &[], &mut self.views);
        self.holes.push(file.place);
    }

    /// Reads a part of UTF-16 that stands as it is.
    fn wide(&mut self, leaf: &Leaf) {
        let body = leaf.body.clone();
        let octets = self.text.get(body.clone()).unwrap_or_default();
        let marked = Charset::of(octets, true);
        let wide = match marked {
            Charset::Utf16 { .. } => marked,
            _ => Charset::Utf16 {
                little: leaf.charset == b"utf-16le",
                mark: 0,
            },
        };
        let mut text = Vec::new();
        let units = octets.get(wide.mark()..).unwrap_or_default();
        let map = wide.decode(units, (body.start + wide.mark()) as u64, &mut text);
        if !is_text(&text) {
            return;
        }
        let decoded = Decoded {
            text,
            map,
            ..Decoded::default()
        };
        stacked_on(self.index, decoded, &[], &mut self.views);
        self.wide.push(body.clone());
        self.holes.push(body);
    }

    /// Names what of the chunk is no text though it stands as it is.
    fn binary(&mut self, chunk: Chunk<'_>) {
        let known = self.ledger.gaps().iter().map(|(place, _)| place.clone());
        let mut known: Vec<Range<usize>> = known.chain(self.wide.drain(..)).collect();
        known.sort_unstable_by_key(|place| place.start);
        let ends = known.iter().map(|place| place.start).chain([chunk.end]);
        let starts = [chunk.start]
            .into_iter()
            .chain(known.iter().map(|place| place.end));
        for place in starts.zip(ends).map(|(start, end)| start..end) {
            if self.text.get(place.clone()).is_some_and(holds_binary) {
                self.ledger.unread(place, Reason::Opaque);
            }
        }
    }

    fn unread(&mut self, place: Range<usize>, reason: Reason) {
        self.holes.push(place.clone());
        self.ledger.unread(place, reason);
    }

    fn base64(&mut self, place: Range<usize>, charset: &[u8]) {
        match attached(self.text, place.clone(), charset, self.index) {
            Attached::Read(views) => {
                self.holes.push(place);
                self.views.extend(views);
            }
            Attached::Unread(reason) => self.unread(place, reason),
            Attached::Text => {}
        }
    }

    fn content(self, chunk: Chunk<'s>) -> Content<'s> {
        let decoded = (!self.decoded.holes.is_empty()).then_some(self.decoded);
        let mut views = layers_around(chunk, self.index, decoded, self.holes);
        views.extend(self.views);
        Content {
            views,
            ledger: self.ledger,
            children: Vec::new(),
        }
    }
}

/// Whether `octets` are a message with encoded parts of its own.
pub(super) fn has_encoded_parts(octets: &[u8]) -> bool {
    let message = parts::message(octets, 0..octets.len());
    let encoded = |leaf: &Leaf| leaf.encoding != Encoding::Plain && !is_blank(octets, &leaf.body);
    message.headers.len() > 1 && message.leaves.iter().any(encoded)
}

fn is_blank(text: &[u8], range: &Range<usize>) -> bool {
    text.get(range.clone())
        .is_none_or(|text| text.trim_ascii().is_empty())
}

/// Where the messages of `text[from..]` lie, each with its separator.
fn messages(text: &[u8], from: usize, mbox: bool) -> Vec<Range<usize>> {
    let owned = text.get(from..).unwrap_or_default();
    if !mbox {
        let first = owned
            .split(|&b| b == b'\n')
            .find(|line| !line.trim_ascii().is_empty());
        let headed = first.is_some_and(|line| name_len(line).is_some() || separates(line));
        return if headed {
            vec![from..text.len()]
        } else {
            Vec::new()
        };
    }
    let mut starts: Vec<usize> = Vec::new();
    if separates(owned) {
        starts.push(from);
    }
    for found in memchr::memmem::find_iter(owned, b"\nFrom ") {
        if owned.get(found + 1..).is_some_and(separates) {
            starts.push(from + found + 1);
        }
    }
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    starts
        .iter()
        .copied()
        .zip(ends)
        .map(|(start, end)| start..end)
        .collect()
}

/// Whether `rest` begins with the line between messages: `From `, an address, a date with a time.
fn separates(rest: &[u8]) -> bool {
    /// The longest such line.
    const LONGEST: usize = 512;
    if !rest.starts_with(b"From ") {
        return false;
    }
    let line = rest.split(|&b| b == b'\n').next().unwrap_or_default();
    let time = |w: &[u8]| matches!(w, [a, b, b':', c, d] if [a, b, c, d].iter().all(|x| x.is_ascii_digit()));
    line.len() <= LONGEST && line.windows(5).any(time)
}

#[cfg(test)]
mod tests;
