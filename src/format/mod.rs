//! How a source's bytes are records and fields: the seam every format stands on.
//!
//! Owns the two halves a format offers, for reading (sniff, cut, views, ledger, location, children)
//! and for writing (slot, drop, echoes, settle). Formats know records, fields, escaping and
//! splicing; they never know an entity.

mod attached;
mod captions;
mod contacts;
mod escape;
mod fixed;
mod framed;
mod json;
mod ledger;
mod lines;
mod magic;
mod mail;
pub(crate) mod names;
mod objects;
pub(crate) mod recording;
mod registry;
mod sql;
pub(crate) mod sqlite;
mod table;
mod text;
pub(crate) mod times;
mod whence;
mod within;
mod xml;

pub use ledger::{Ledger, Reason};
pub use magic::{is_plain, is_text, recognise};
pub use registry::{UnknownFormat, all, by_name, of_bytes, tell, tell_and_open};
pub(crate) use within::within;

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use crate::edit::{Edit, Refusal, Splice};
use crate::time::Stamp;
use crate::view::{Codec, Hinting, Party, View};

/// What a source looks like before a format is chosen: its decoded beginning and its name.
pub struct Head<'a> {
    /// The first text, at most [`HEAD_LEN`] bytes, in UTF-8 where the encoding is known.
    pub text: &'a [u8],
    /// The name of the source, without its folders and without a compression suffix.
    pub name: &'a str,
    /// Whether `text` is the whole source.
    pub whole: bool,
}

/// How much of a source may decide its format and its columns, in bytes.
///
/// Evidence comes from here and from the record, never from the rest of the run, so that a pipe
/// and a file give the same answer.
pub const HEAD_LEN: usize = 64 * 1024;

/// How sure a format is that a head is its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Likeness {
    /// It could be read this way, as anything could.
    Possible,
    /// The content looks like it.
    Likely,
    /// The content says so, by a signature or by parsing.
    Certain,
}

/// How a format can be read and rewritten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// How much has to be in memory at once.
    pub memory: Memory,
    /// Whether values may change their width.
    pub width: Width,
}

/// How much of a source a format must hold to read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Memory {
    /// Any chunk that ends with a record.
    Streams,
    /// One record, up to a limit.
    Record,
    /// The whole file.
    Whole,
}

/// Whether a replacement may be wider or narrower than what it replaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// Any width.
    Free,
    /// Only the same width.
    Same,
}

/// A way to read and rewrite one kind of source.
pub trait Format: Sync {
    /// The name `--as` takes and reports show.
    fn name(&self) -> &'static str;

    /// How it reads and rewrites.
    fn capabilities(&self) -> Capabilities;

    /// Whether the head is this format's; content first, name second.
    fn sniff(&self, head: &Head<'_>) -> Option<Likeness>;

    /// Whether the first bytes of a source, as they are stored, are those of this format though they
    /// may be no text.
    fn claims(&self, _head: &[u8]) -> bool {
        false
    }

    /// A reader for one source, which may learn columns from the head.
    fn open(&self, head: &Head<'_>) -> Box<dyn Reader>;

    /// As [`Format::sniff`], with the reader where sniffing has learned all that opening would.
    fn probe(&self, head: &Head<'_>) -> Option<(Likeness, Option<Box<dyn Reader>>)> {
        self.sniff(head).map(|likeness| (likeness, None))
    }
}

/// One stretch of a source, cut by its reader, with the context around it.
#[derive(Clone, Copy)]
pub struct Chunk<'s> {
    /// The text: what is owned, with context on both sides.
    pub text: &'s [u8],
    /// Where the owned text starts in `text`; it starts a record or follows a safe cut.
    pub start: usize,
    /// Where the owned text ends in `text`.
    pub end: usize,
    /// Offset of `text[0]` in the decoded source.
    pub offset: u64,
    /// Where records go on that are cut.
    pub torn: Torn,
}

/// At which ends of a window a record was cut because it is too long to be held whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Torn {
    /// Before its first byte.
    pub before: bool,
    /// Behind its last byte.
    pub behind: bool,
    /// There was no place for the cut that is known to be in no value.
    pub value: bool,
    /// The source goes on behind the window, whether or not a record was cut.
    pub goes_on: bool,
}

impl<'s> Chunk<'s> {
    /// A whole source as one chunk.
    pub fn whole(text: &'s [u8]) -> Self {
        Chunk {
            text,
            start: 0,
            end: text.len(),
            offset: 0,
            torn: Torn::default(),
        }
    }

    /// The owned text.
    pub fn owned(&self) -> &'s [u8] {
        self.text.get(self.start..self.end).unwrap_or_default()
    }
}

/// Where the last safe cut of a window lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Behind a whole record, at this offset of the window.
    Record(usize),
    /// Within a record, at this offset of the window, where no value stands.
    Within(usize),
    /// The window holds no whole record; more is needed.
    More,
}

/// Reads and rewrites one source of a format.
pub trait Reader: Send + Sync {
    /// Where `window`, which starts a record, can be cut behind its last whole record.
    fn cut(&self, window: &[u8]) -> Cut;

    /// Whether it reads bytes that are no text, and accounts for them itself.
    fn takes_bytes(&self) -> bool {
        false
    }

    /// What answers where a chunk offset is; views and findings ask it lazily.
    fn index<'s>(&'s self, chunk: Chunk<'s>) -> Box<dyn Locate + 's>;

    /// The views, ledger and children of a chunk, with `index` as [`Reader::index`] gave it.
    fn read<'s>(&'s self, chunk: Chunk<'s>, index: &'s dyn Locate) -> Content<'s>;

    /// How a value at `range` of the chunk's text may be rewritten; who asks more than once keeps
    /// the index and asks [`Locate::slot`].
    fn slot(&self, chunk: Chunk<'_>, range: Range<usize>) -> Slot {
        self.index(chunk).slot(range)
    }

    /// Splices, in chunk offsets, that drop the record around `at` with its separators.
    ///
    /// # Errors
    /// [`Refusal`] when the source would not stay valid.
    fn drop_record(&self, chunk: Chunk<'_>, at: usize) -> Result<Vec<Splice>, Refusal> {
        self.index(chunk).drop_record(at)
    }

    /// Whether the source has records at all; if not, it is one as a whole to whoever counts ages.
    fn has_records(&self) -> bool {
        true
    }

    /// The time that records at the start of the next chunk have which say none of their own.
    fn carried<'s>(&'s self, _chunk: Chunk<'s>) -> Option<Stamp<'s>> {
        None
    }

    /// Other places of the record that repeat the value whose `parts` these are: duplicate paths,
    /// token ids.
    ///
    /// Each echo is a list of parts like a finding's, in chunk offsets: a number that stands whole
    /// in a transcript echoes as several word items. An echo's parts lie in views of the chunk,
    /// whose [`View::text_at`] leads to the text they are rendered through; new text goes into the
    /// first part, the others are emptied.
    fn echoes(&self, _chunk: Chunk<'_>, _parts: &[Range<usize>]) -> Vec<Vec<Range<usize>>> {
        Vec::new()
    }

    /// Edits that other edits make necessary: counts, lengths, checksums. In chunk offsets.
    fn settle(&self, _chunk: Chunk<'_>, _edits: &[Splice]) -> Vec<Splice> {
        Vec::new()
    }

    /// Told before edits are made for good: how many records they drop in the whole source, for
    /// formats that count them where [`Reader::settle`] sees the beginning only.
    fn expect_drops(&self, _records: u64) {}

    /// The edits of the parent that give a child new content; splices are in chunk offsets.
    ///
    /// # Errors
    /// [`Refusal`] when the child's encoding cannot take the content.
    fn rebuild(
        &self,
        _chunk: Chunk<'_>,
        _child: &Child<'_>,
        _content: &[u8],
    ) -> Result<Vec<Edit>, Refusal> {
        Err(Refusal::ReadOnly)
    }
}

/// What a value's place demands of its replacement.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slot {
    /// What may stand here.
    pub kind: SlotKind,
    /// Whether the width may change.
    pub width: Width,
    /// The spelling new text takes here.
    pub style: Codec,
}

/// What may stand in a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlotKind {
    /// Any text.
    Text,
    /// Only a number.
    Number,
    /// Only samples.
    Samples,
}

/// A source within a source: an archive member, a mail part, JSON in a string, a blob.
pub struct Child<'s> {
    /// Its name within the parent, as it stands there.
    pub name: Cow<'s, str>,
    /// What of the parent it is encoded in.
    pub place: Place,
    /// Its decoded content.
    pub content: Vec<u8>,
}

/// Where a child lies in its parent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// These bytes, in chunk offsets.
    Bytes(Range<usize>),
    /// A cell of a database, which has no one byte range.
    Cell {
        /// The table, as named in the schema.
        table: String,
        /// The column, as named in the schema.
        column: String,
        /// The row's id.
        row: i64,
    },
}

/// What reading a chunk gives.
pub struct Content<'s> {
    /// The views, in the order of their places.
    pub views: Vec<View<'s>>,
    /// What every byte of the chunk was.
    pub ledger: Ledger,
    /// Sources within.
    pub children: Vec<Child<'s>>,
}

impl Content<'_> {
    /// Nothing was read, as nobody asked.
    pub(crate) fn nothing() -> Self {
        Content {
            views: Vec::new(),
            ledger: Ledger::read(0),
            children: Vec::new(),
        }
    }
}

/// The record and field a place lies in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Location {
    /// Records of the chunk before this one, so 0 is the chunk's first; `None` outside records.
    pub record: Option<u64>,
    /// The column or key path.
    pub field: Option<Arc<str>>,
    /// Whose side of the record it is.
    pub party: Option<Party>,
}

/// Answers where a chunk offset is, lazily, only around findings.
pub trait Locate: Hinting {
    /// The record and field around chunk offset `at`.
    fn locate(&self, at: usize) -> Location;

    /// How many records start in the chunk's owned text; asked only when places are wanted, as it
    /// may take a pass.
    fn records(&self) -> u64 {
        0
    }

    /// Whether every line is a record, so that who counts lines need not ask for records: the
    /// record around a place is the number of line ends before it.
    fn records_are_lines(&self) -> bool {
        false
    }

    /// Whether a record begins only behind a line end, so that two places of a line are of one
    /// record.
    fn lines_part_records(&self) -> bool {
        self.records_are_lines()
    }

    /// The field and party around chunk offset `at`, as [`Locate::locate`] gives them.
    fn field(&self, at: usize) -> (Option<Arc<str>>, Option<Party>) {
        let location = self.locate(at);
        (location.field, location.party)
    }

    /// How a value at `range` of the chunk's text may be rewritten; fast for ascending ranges.
    fn slot(&self, _range: Range<usize>) -> Slot {
        Slot {
            kind: SlotKind::Text,
            width: Width::Free,
            style: Codec::Plain,
        }
    }

    /// Why nothing around chunk offset `at` can be rewritten, where that is so.
    fn refusal(&self, _at: usize) -> Option<Refusal> {
        None
    }

    /// Whether every record is known to begin and end where it seems to.
    fn tells_records(&self) -> bool {
        true
    }

    /// The first record of the owned text that starts at chunk offset `from` or behind, as far as
    /// it reaches in the chunk. Records may lie in one another: those within start behind the
    /// outer one. Fast for ascending offsets. `None` where nothing of the format is a record.
    fn record_from(&self, _from: usize) -> Option<Range<usize>> {
        None
    }

    /// The own time of the record around chunk offset `at`, as the source has it: of the innermost
    /// one that has a time; lines without one have that of the line before. What stands there may
    /// turn out to be no time when a [`crate::time::Clock`] reads it.
    fn stamp(&self, _at: usize) -> Option<Stamp<'_>> {
        None
    }

    /// Whether the record around chunk offset `at` is of no time because its kind is: no column of
    /// its table tells one.
    fn is_timeless(&self, _at: usize) -> bool {
        false
    }

    /// Whether the record around chunk offset `at`, which has no time, only held others, and those
    /// have gone: what a sweep leaves of it.
    fn is_emptied(&self, _at: usize) -> bool {
        false
    }

    /// Whether the owned text, in which no record begins, holds values nevertheless. Asked of a
    /// source without a record, which is not to pass for an empty one.
    fn holds_values(&self) -> bool {
        false
    }

    /// Whether the record around chunk offset `at` stays whatever happens, and only values go: those
    /// of a transcript are pieces of one whole, each with the time at which it is heard, and what
    /// holds everybody's records is no record of one.
    fn only_values(&self, _at: usize) -> bool {
        false
    }

    /// As [`Reader::drop_record`]; fast for ascending offsets.
    ///
    /// # Errors
    /// [`Refusal`] when the source would not stay valid.
    fn drop_record(&self, _at: usize) -> Result<Vec<Splice>, Refusal> {
        Err(Refusal::NotDroppable)
    }

    /// The same of a record that [`Locate::record_from`] gave: what goes is that and no more.
    ///
    /// # Errors
    /// As above.
    fn drop_range(&self, range: &Range<usize>) -> Result<Vec<Splice>, Refusal> {
        self.drop_record(range.start)
    }
}
