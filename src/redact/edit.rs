//! What is asked of the write engine: edits to one file, the one pass over the old bytes that
//! carries them out, and the check that they fit. It must not know where the new bytes go.

use std::ffi::OsString;
use std::ops::Range;
use std::os::fd::OwnedFd;
use std::path::Path;

use super::content::{BUFFER, Part, Reader, each_part};
use super::failure::{Failure, Outcome, Reason};
use super::io::Io;

/// Bytes in the place of other bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Splice {
    /// The bytes of the old file that go, half-open. Empty: something is put in.
    pub range: Range<u64>,
    /// What these bytes were when they were scanned. With it a file that only grew since may
    /// still be overwritten; a difference stops the edit before anything is changed.
    pub old: Option<Vec<u8>>,
    /// What is put in their place.
    pub new: Vec<u8>,
}

/// Splices in order; each may still fail to be derived.
pub type Splices<'a> = dyn Iterator<Item = Outcome<Splice>> + 'a;
/// Writes the whole new content while reading the old one.
pub type Producer<'a> =
    dyn FnMut(&mut Reader<'_>, &mut dyn std::io::Write) -> std::io::Result<()> + 'a;
/// Changes a staged copy that has a path, for what needs one (SQLite).
pub type Stager<'a> = dyn FnMut(&Path) -> std::io::Result<()> + 'a;

/// How a file is to change.
pub enum Change<'a> {
    /// Sorted, disjoint splices, each as long as what it replaces: may overwrite in place.
    SameWidth(&'a mut Splices<'a>),
    /// Sorted, disjoint splices of any length.
    Splices(&'a mut Splices<'a>),
    /// A new content as a whole (a rebuilt container).
    Produce(&'a mut Producer<'a>),
    /// A staged copy that is changed through its path (a transaction).
    Stage(&'a mut Stager<'a>),
    /// The file goes.
    Remove,
    /// The file gets another name in its folder.
    Rename(OsString),
}

impl Change<'_> {
    /// Whether the length of the file certainly stays.
    pub const fn keeps_width(&self) -> bool {
        matches!(self, Self::SameWidth(_))
    }
}

/// Takes what the pass over the old bytes gives, in order.
pub(crate) trait Sink {
    /// Bytes that stay.
    fn keep(&mut self, offset: u64, bytes: &[u8]) -> Outcome<()>;
    /// Zeros that stay and are not stored.
    fn hole(&mut self, len: u64) -> Outcome<()>;
    /// Bytes that go. A long range comes in several pieces.
    fn cut(&mut self, offset: u64, old: &[u8]) -> Outcome<()>;
    /// Bytes that come. For splices of the same width each piece follows its [`Sink::cut`].
    fn put(&mut self, offset: u64, new: &[u8]) -> Outcome<()>;
    /// A splice begins: its range, and the end of the one before.
    fn splice(&mut self, range: &Range<u64>, after: u64) -> Outcome<()>;
}

/// The longest piece of a same-width splice that a sink gets at once.
pub(crate) const PIECE: usize = 64 << 10;

/// Reads the first `size` bytes of the old file once and gives `sink` what stays, goes and comes.
/// Checks that the splices are sorted, disjoint, inside the file, of the same width where that is
/// asked, and that the old bytes are those that were scanned.
pub(crate) fn pass(
    io: &Io,
    old: &OwnedFd,
    size: u64,
    same_width: bool,
    splices: &mut Splices<'_>,
    sink: &mut dyn Sink,
) -> Outcome<u64> {
    let mut at = 0;
    let mut count = 0;
    for splice in splices {
        let splice = splice?;
        let Range { start, end } = splice.range;
        let len = end.saturating_sub(start);
        let misfit = start < at
            || end < start
            || end > size
            || (same_width && (len != splice.new.len() as u64 || len == 0))
            || splice.old.as_ref().is_some_and(|old| old.len() as u64 != len);
        if misfit {
            return Err(Failure::new(Reason::BadEdits, "cannot apply the edits"));
        }
        keep(io, old, at..start, sink)?;
        sink.splice(&splice.range, at)?;
        replace(io, old, &splice, same_width, sink)?;
        at = end;
        count += 1;
    }
    keep(io, old, at..size, sink)?;
    Ok(count)
}

fn keep(io: &Io, old: &OwnedFd, range: Range<u64>, sink: &mut dyn Sink) -> Outcome<()> {
    each_part(io, old, range, |part| match part {
        Part::Bytes(offset, bytes) => sink.keep(offset, bytes),
        Part::Hole(len) => sink.hole(len),
    })
}

fn replace(
    io: &Io,
    file: &OwnedFd,
    splice: &Splice,
    same_width: bool,
    sink: &mut dyn Sink,
) -> Outcome<()> {
    const DOING: &str = "cannot read the file";
    let Range { start, end } = splice.range;
    let piece = if same_width { PIECE } else { BUFFER };
    let mut buffer = vec![0; piece.min((end - start) as usize)];
    let mut at = start;
    while at < end {
        let len = (end - at).min(buffer.len() as u64) as usize;
        let Some(old) = buffer.get_mut(..len) else { break };
        let read = io.read_full(file, old, at).map_err(|errno| Failure::system(errno, DOING))?;
        let from = (at - start) as usize;
        let scanned = splice.old.as_ref().map(|old| old.get(from..from + len));
        if read < len || scanned.is_some_and(|scanned| scanned != Some(&*old)) {
            return Err(Failure::new(Reason::Changed, DOING));
        }
        sink.cut(at, old)?;
        if same_width {
            sink.put(at, splice.new.get(from..from + len).unwrap_or_default())?;
        }
        at += len as u64;
    }
    if !same_width {
        sink.put(start, &splice.new)?;
    }
    Ok(())
}

/// The same splices; where `demanded`, one that does not say what it replaces is refused: the
/// file has changed since it was scanned.
pub(crate) fn demand_old<'a>(
    splices: &'a mut Splices<'_>,
    demanded: bool,
) -> impl Iterator<Item = Outcome<Splice>> + 'a {
    splices.map(move |splice| match splice {
        Ok(splice) if demanded && splice.old.is_none() => {
            Err(Failure::new(Reason::Changed, "cannot apply the edits"))
        }
        splice => splice,
    })
}
