//! Writing same-width replacements over a file: first all of them into the journal, then into
//! the file, so that a kill in between is finished from the journal. It owns the blocks and the
//! checks around them; it must not know names or groups.
//!
//! A block covers a short stretch of the file. It carries the replacements and two keyed digests:
//! of the bytes between them, which no run changes, and of the bytes they replace. The first is
//! checked before every write, also by recovery, when the replaced bytes may be a mix of old and
//! new. So a file that was cut, rotated or rewritten meanwhile is never written to at the wrong
//! place. No old byte is ever stored.

use std::ops::Range;
use std::os::fd::OwnedFd;

use super::content::{Block, ContentDigest};
use super::edit::{Sink, Splices, pass};
use super::failure::{Doing, Failure, Outcome, Reason};
use super::io::Io;
use super::journal::Journal;
use super::journal::record::{Record, Redo};
use super::stage::Digests;
use super::state::key::Digest;
use super::state::{Key, Purpose};

/// A block is closed when it spans this much of the file ...
const BLOCK_SPAN: u64 = 256 << 10;
/// ... or holds this many replacements.
const BLOCK_EDITS: usize = 8192;
/// How many unchanged bytes before and after the replacements of a block are checked with it,
/// as far as the neighbouring blocks leave them.
const MARGIN: u64 = 64;

/// The keyed digests that blocks are made and checked with.
#[derive(Clone)]
pub(crate) struct Keys {
    /// [`super::state::Purpose::Range`].
    pub range: Digest,
    /// [`super::state::Purpose::Content`].
    pub content: Digest,
}

impl Keys {
    /// From the key of the state.
    pub(crate) fn of(key: &Key) -> Self {
        Self {
            range: key.digest(Purpose::Range),
            content: key.digest(Purpose::Content),
        }
    }
}

/// Puts all replacements into the journal. Gives the blocks and the digests of the contents.
pub(crate) fn record(
    io: &Io,
    journal: &mut Journal,
    (group, member): (u32, u32),
    (old, size): (&OwnedFd, u64),
    splices: &mut Splices<'_>,
    keys: &Keys,
) -> Outcome<(Vec<Block>, Digests)> {
    let mut sink = OverwriteSink {
        io,
        journal,
        group,
        member,
        keys,
        before: ContentDigest::new(keys.content.clone()),
        after: ContentDigest::new(keys.content.clone()),
        tail: Vec::new(),
        at: 0,
        open: None,
        blocks: Vec::new(),
    };
    let edits = pass(io, old, size, true, splices, &mut sink)?;
    sink.close()?;
    let OverwriteSink {
        before,
        after,
        blocks,
        ..
    } = sink;
    let digests = Digests {
        before: before.finish(),
        after: after.finish(),
        edits,
        size,
    };
    Ok((blocks, digests))
}

struct OverwriteSink<'a> {
    io: &'a Io,
    journal: &'a mut Journal,
    group: u32,
    member: u32,
    keys: &'a Keys,
    before: ContentDigest,
    after: ContentDigest,
    /// The unchanged bytes right before `at`, at most [`MARGIN`] of them.
    tail: Vec<u8>,
    at: u64,
    open: Option<Open>,
    blocks: Vec<Block>,
}

struct Open {
    redo: Redo,
    skeleton: Digest,
    old: Digest,
    /// Unchanged bytes since the last replacement, not yet in the skeleton.
    pending: u64,
}

impl OverwriteSink<'_> {
    /// Takes unchanged bytes into the open block, and closes it once its margin is full and it
    /// is large enough.
    fn unchanged(&mut self, bytes: &[u8]) -> Outcome<()> {
        self.after.update(bytes);
        if let Some(open) = self.open.as_mut() {
            let reach = open.redo.span.start + BLOCK_SPAN;
            let room = reach
                .saturating_sub(self.at)
                .max(MARGIN.saturating_sub(open.pending));
            let (now, _) = bytes.split_at((room.min(bytes.len() as u64)) as usize);
            open.skeleton.update(now);
            open.pending += now.len() as u64;
            open.redo.span.end = self.at + now.len() as u64;
            if now.len() < bytes.len() {
                self.close()?;
            }
        }
        self.at += bytes.len() as u64;
        let keep = bytes.len().min(MARGIN as usize);
        self.tail
            .extend_from_slice(bytes.split_at(bytes.len() - keep).1);
        let excess = self.tail.len().saturating_sub(MARGIN as usize);
        self.tail.drain(..excess);
        Ok(())
    }

    fn close(&mut self) -> Outcome<()> {
        let Some(Open {
            mut redo,
            skeleton,
            old,
            ..
        }) = self.open.take()
        else {
            return Ok(());
        };
        redo.skeleton = skeleton.finish_short();
        redo.old = old.finish_short();
        let Range { start, end } = redo.span;
        let at = self.journal.add(self.io, &Record::Redo(redo))?;
        self.blocks.push(Block { start, end, at });
        // Bytes that one block has checked are not the next one's margin: a block must not
        // depend on bytes that another one changes, and this keeps the spans apart.
        self.tail.clear();
        Ok(())
    }
}

impl Sink for OverwriteSink<'_> {
    fn read(&mut self, bytes: &[u8]) {
        self.before.update(bytes);
    }

    fn keep(&mut self, _offset: u64, bytes: &[u8]) -> Outcome<()> {
        self.unchanged(bytes)
    }

    fn hole(&mut self, len: u64) -> Outcome<()> {
        // A hole is never part of a block: it may be far longer than one.
        self.close()?;
        self.tail.clear();
        self.before.skip_zeros(len);
        self.after.skip_zeros(len);
        self.at += len;
        Ok(())
    }

    fn cut(&mut self, offset: u64, old: &[u8]) -> Outcome<()> {
        let full = self.open.as_ref().is_some_and(|open| {
            open.redo.ranges.len() >= BLOCK_EDITS
                || offset + old.len() as u64 - open.redo.span.start > 2 * BLOCK_SPAN
        });
        if full {
            self.close()?;
        }
        let open = self.open.get_or_insert_with(|| {
            let mut skeleton = self.keys.range.clone();
            skeleton.update(&self.tail);
            let start = offset - self.tail.len() as u64;
            let redo = Redo {
                group: self.group,
                member: self.member,
                span: start..offset,
                skeleton: [0; 16],
                old: [0; 16],
                ranges: Vec::new(),
                bytes: Vec::new(),
            };
            Open {
                redo,
                skeleton,
                old: self.keys.range.clone(),
                pending: 0,
            }
        });
        open.old.update(old);
        Ok(())
    }

    fn put(&mut self, offset: u64, new: &[u8]) -> Outcome<()> {
        self.after.update(new);
        self.at = offset + new.len() as u64;
        self.tail.clear();
        if let Some(open) = self.open.as_mut() {
            open.redo.span.end = self.at;
            open.redo.ranges.push((offset, new.len() as u32));
            open.redo.bytes.extend_from_slice(new);
            open.pending = 0;
        }
        Ok(())
    }
}

/// Whether a block still fits the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fit {
    /// The bytes around are the same; the ranges hold the old bytes.
    Old,
    /// The bytes around are the same; the ranges hold all new bytes.
    New,
    /// The bytes around are the same; the ranges hold something else (a mix after a kill).
    Mixed,
    /// Something else stands there.
    Not,
}

/// Compares a block with the file and gives the bytes of its span.
pub(crate) fn fit(io: &Io, file: &OwnedFd, redo: &Redo, keys: &Keys) -> Outcome<(Fit, Vec<u8>)> {
    let mut bytes = vec![0; (redo.span.end - redo.span.start) as usize];
    let read = io
        .read_full(file, &mut bytes, redo.span.start)
        .doing("cannot read the file")?;
    if read < bytes.len() {
        return Ok((Fit::Not, bytes));
    }
    let (mut skeleton, mut old) = (keys.range.clone(), keys.range.clone());
    let mut reached = 0;
    let mut all_new = true;
    for (start, new) in redo.edits() {
        let start = (start - redo.span.start) as usize;
        skeleton.update(bytes.get(reached..start).unwrap_or_default());
        reached = start + new.len();
        let now = bytes.get(start..reached).unwrap_or_default();
        old.update(now);
        all_new &= now == new;
    }
    skeleton.update(bytes.get(reached..).unwrap_or_default());
    let fit = if skeleton.finish_short() != redo.skeleton {
        Fit::Not
    } else if all_new {
        Fit::New
    } else if old.finish_short() == redo.old {
        Fit::Old
    } else {
        Fit::Mixed
    };
    Ok((fit, bytes))
}

/// Writes the replacements of one block. `exclusive`: nobody else has the file open, so the bytes
/// between the replacements may be written with them; otherwise only the replacements are.
pub(crate) fn write_block(
    io: &Io,
    file: &OwnedFd,
    redo: &Redo,
    mut bytes: Vec<u8>,
    exclusive: bool,
) -> Outcome<()> {
    const DOING: &str = "cannot overwrite the file";
    if exclusive {
        let first = redo
            .ranges
            .first()
            .map_or(0, |(start, _)| (start - redo.span.start) as usize);
        let mut end = first;
        for (start, new) in redo.edits() {
            let start = (start - redo.span.start) as usize;
            end = start + new.len();
            if let Some(part) = bytes.get_mut(start..end) {
                part.copy_from_slice(new);
            }
        }
        let part = bytes.get(first..end).unwrap_or_default();
        return io
            .write_full(file, part, redo.span.start + first as u64)
            .doing(DOING);
    }
    // A file that was cut since must not be made longer again by our writing past its end.
    let size = io.stat(file).doing(DOING)?.st_size.cast_unsigned();
    for (start, new) in redo.edits() {
        let at = (start - redo.span.start) as usize;
        let same = bytes.get(at..at + new.len()) == Some(new);
        if start + new.len() as u64 > size {
            return Err(Failure::new(Reason::Changed, DOING));
        }
        if !same {
            io.write_full(file, new, start).doing(DOING)?;
        }
    }
    Ok(())
}
