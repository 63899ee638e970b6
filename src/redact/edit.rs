//! What is asked of the write engine: edits to one file, the one pass over the old bytes that
//! carries them out, and the check that they fit. It must not know where the new bytes go.

use std::ffi::OsString;
use std::ops::Range;
use std::os::fd::OwnedFd;
use std::path::Path;

use super::content::{Part, Reader, each_part};
use super::failure::{Failure, Outcome, Reason};
use super::io::Io;
use crate::edit::Bytes;

/// Bytes in the place of other bytes. It shows nothing of itself: both may be personal data.
#[derive(Clone, PartialEq, Eq)]
pub struct Splice {
    /// The bytes of the old file that go, half-open. Empty: something is put in.
    pub range: Range<u64>,
    /// What these bytes were when they were scanned. With it a file that only grew since may
    /// still be overwritten; a difference stops the edit before anything is changed.
    pub old: Option<Bytes>,
    /// What is put in their place.
    pub new: Bytes,
}

/// Splices in order; each may still fail to be derived.
pub type Splices<'a> = dyn Iterator<Item = Outcome<Splice>> + 'a;
/// Writes the whole new content while reading the old one.
pub type Producer<'a> =
    dyn FnMut(&mut Reader<'_>, &mut dyn std::io::Write) -> std::io::Result<()> + 'a;
/// Changes a staged copy that has a path, for what needs one (SQLite).
pub type Stager<'a> = dyn FnMut(&Path) -> std::io::Result<()> + 'a;
/// Fills a new, empty file at any place of it, for what is made by another hand than ours (SQLite).
pub type Builder<'a> = dyn FnMut(&OwnedFd) -> Outcome<()> + 'a;

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
    /// A new content as a whole that is built in the new file (a database).
    Build(&'a mut Builder<'a>),
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
    /// Bytes of the old content as they are read; what becomes of them follows piece by piece.
    fn read(&mut self, bytes: &[u8]);
    /// Bytes that stay.
    fn keep(&mut self, offset: u64, bytes: &[u8]) -> Outcome<()>;
    /// Zeros that stay and are not stored.
    fn hole(&mut self, len: u64) -> Outcome<()>;
    /// Bytes that go. A long range comes in several pieces.
    fn cut(&mut self, offset: u64, old: &[u8]) -> Outcome<()>;
    /// Bytes that come. For splices of the same width each piece follows its [`Sink::cut`].
    fn put(&mut self, offset: u64, new: &[u8]) -> Outcome<()>;
}

/// The longest piece of a same-width splice that a sink gets at once.
pub(crate) const PIECE: usize = 64 << 10;

/// Reads the first `size` bytes of the old file once and gives `sink` what stays, goes and comes.
/// Checks that the splices are sorted, disjoint, inside the file, of the same width where that is
/// asked, and that the old bytes are those that were scanned. Gives the number of splices.
pub(crate) fn pass(
    io: &Io,
    old: &OwnedFd,
    size: u64,
    same_width: bool,
    splices: &mut Splices<'_>,
    sink: &mut dyn Sink,
) -> Outcome<u64> {
    let mut pass = Pass {
        size,
        same_width,
        splices,
        sink,
        now: None,
        count: 0,
    };
    pass.advance(0)?;
    each_part(io, old, 0..size, |part| match part {
        Part::Bytes(offset, bytes) => {
            pass.sink.read(bytes);
            pass.bytes(offset, bytes)
        }
        Part::Hole(at, len) => pass.hole(at, len),
    })?;
    if pass.now.is_some() {
        return Err(MISFIT);
    }
    Ok(pass.count)
}

const MISFIT: Failure = Failure::new(Reason::BadEdits, "cannot apply the edits");

struct Pass<'a, 'b> {
    size: u64,
    same_width: bool,
    splices: &'a mut Splices<'b>,
    sink: &'a mut dyn Sink,
    /// The splice whose end was not reached yet.
    now: Option<Splice>,
    count: u64,
}

impl Pass<'_, '_> {
    /// Takes the next splice, and carries it out at once when it only puts something in here.
    fn advance(&mut self, at: u64) -> Outcome<()> {
        loop {
            self.now = self.splices.next().transpose()?;
            let Some(splice) = &self.now else {
                return Ok(());
            };
            self.count += 1;
            let Range { start, end } = splice.range;
            let len = end.saturating_sub(start);
            let misfit = start < at
                || end < start
                || end > self.size
                || (self.same_width && (len != splice.new.len() as u64 || len == 0))
                || splice
                    .old
                    .as_ref()
                    .is_some_and(|old| old.len() as u64 != len);
            if misfit {
                return Err(MISFIT);
            }
            if start != at || end != at {
                return Ok(());
            }
            self.sink.put(at, &splice.new)?;
        }
    }

    fn bytes(&mut self, mut at: u64, mut bytes: &[u8]) -> Outcome<()> {
        while !bytes.is_empty() {
            let range = self.now.as_ref().map(|splice| splice.range.clone());
            let Some(Range { start, end }) = range else {
                return self.sink.keep(at, bytes);
            };
            if at < start {
                let (stays, rest) = bytes.split_at((start - at).min(bytes.len() as u64) as usize);
                self.sink.keep(at, stays)?;
                at += stays.len() as u64;
                bytes = rest;
            } else {
                let most = (end - at).min(PIECE as u64).min(bytes.len() as u64);
                let (goes, rest) = bytes.split_at(most as usize);
                self.cut(at, goes)?;
                at += goes.len() as u64;
                bytes = rest;
            }
            self.close(at)?;
        }
        Ok(())
    }

    /// Carries out what is due at `at`: the end of the present splice, and those that only put
    /// something in.
    fn close(&mut self, at: u64) -> Outcome<()> {
        match &self.now {
            Some(splice) if splice.range.end == at => {
                if !self.same_width {
                    self.sink.put(splice.range.start, &splice.new)?;
                }
                self.advance(at)
            }
            _ => Ok(()),
        }
    }

    fn cut(&mut self, at: u64, goes: &[u8]) -> Outcome<()> {
        let Some(splice) = &self.now else {
            return Ok(());
        };
        let from = (at - splice.range.start) as usize;
        let part = from..from + goes.len();
        if splice
            .old
            .as_ref()
            .is_some_and(|old| old.get(part.clone()) != Some(goes))
        {
            return Err(Failure::new(Reason::Changed, "cannot apply the edits"));
        }
        self.sink.cut(at, goes)?;
        if self.same_width {
            self.sink
                .put(at, splice.new.get(part).unwrap_or_default())?;
        }
        Ok(())
    }

    /// A hole stays a hole as far as no splice reaches into it.
    fn hole(&mut self, mut at: u64, len: u64) -> Outcome<()> {
        let mut left = len;
        let zeros = vec![0; PIECE];
        while left > 0 {
            let start = self
                .now
                .as_ref()
                .map_or(u64::MAX, |splice| splice.range.start);
            if start > at {
                let stays = left.min(start - at);
                self.sink.hole(stays)?;
                at += stays;
                left -= stays;
                self.close(at)?;
            } else {
                let end = self.now.as_ref().map_or(at, |splice| splice.range.end);
                let piece = left.min(end - at).min(PIECE as u64);
                let zeros = zeros.get(..piece as usize).unwrap_or_default();
                self.sink.read(zeros);
                self.bytes(at, zeros)?;
                at += piece;
                left -= piece;
            }
        }
        Ok(())
    }
}

/// The same splices; one that does not say what it replaces is refused.
pub(crate) fn demand_old<'a>(
    splices: &'a mut Splices<'_>,
) -> impl Iterator<Item = Outcome<Splice>> + 'a {
    splices.map(|splice| match splice {
        Ok(splice) if splice.old.is_none() => {
            Err(Failure::new(Reason::Changed, "cannot apply the edits"))
        }
        splice => splice,
    })
}
