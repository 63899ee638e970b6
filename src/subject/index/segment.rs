//! A segment: postings of one run, sorted, encrypted, in a file that never changes.
//!
//! Layout: header (magic, index, number, sealed content key) | blocks | directory | trailer. Each
//! block and the directory are signed with the header as context, the directory with the trailer
//! too, so that no byte of the file can differ unseen. The directory gives the first tag of each
//! block. It must not know what becomes of segments.

use std::os::fd::{AsFd, OwnedFd};

use super::IndexError;
use super::keys::{Content, Keys, SEALED_KEY, SIGNATURE, Tag};
use super::posting::{BLOCK, Posting, decode, encode};
use super::varint::{put, take};
use crate::raw::mapped::Mapped;
use crate::redact::failure::Failure;
use crate::redact::io::Io;

const MAGIC: &[u8; 8] = b"EFIXSEG2";
const HEADER: usize = 8 + 16 + 8 + SEALED_KEY;
/// Where the directory starts, how many blocks it names, how many postings they hold.
const TRAILER: usize = 8 + 8 + 8;
/// The number that the directory is encrypted under; blocks count from 0.
const DIRECTORY: u64 = u64::MAX;
/// Bytes gathered before they are written.
const GATHERED: usize = 1 << 20;

/// Which segment of which index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SegmentId {
    pub(super) index: [u8; 16],
    pub(super) number: u64,
}

/// Writes a segment; postings come in order.
pub(super) struct Writer<'io> {
    io: &'io Io,
    file: OwnedFd,
    content: Content,
    header: [u8; HEADER],
    /// Postings of the block that is being filled.
    block: Vec<Posting>,
    gathered: Vec<u8>,
    written: u64,
    directory: Vec<u8>,
    last_first: u64,
    blocks: u64,
    postings: u64,
    scratch: Vec<u8>,
}

impl<'io> Writer<'io> {
    /// Starts the segment `id` in the new, empty `file`.
    pub(super) fn new(
        io: &'io Io,
        file: OwnedFd,
        keys: &Keys,
        id: SegmentId,
    ) -> Result<Self, IndexError> {
        let (content, sealed) = keys.content(io)?;
        let mut header = [0; HEADER];
        header[..8].copy_from_slice(MAGIC);
        header[8..24].copy_from_slice(&id.index);
        header[24..32].copy_from_slice(&id.number.to_le_bytes());
        header[32..].copy_from_slice(&sealed);
        Ok(Writer {
            io,
            file,
            content,
            header,
            block: Vec::with_capacity(BLOCK),
            gathered: header.to_vec(),
            written: 0,
            directory: Vec::new(),
            last_first: 0,
            blocks: 0,
            postings: 0,
            scratch: Vec::new(),
        })
    }

    /// Adds the next posting.
    pub(super) fn push(&mut self, posting: Posting) -> Result<(), IndexError> {
        self.block.push(posting);
        if self.block.len() == BLOCK {
            self.end_block()?;
        }
        Ok(())
    }

    fn end_block(&mut self) -> Result<(), IndexError> {
        let Some(first) = self.block.first() else {
            return Ok(());
        };
        let first = first.tag.0;
        let mut sealed = std::mem::take(&mut self.scratch);
        sealed.clear();
        encode(&self.block, &mut sealed);
        self.content.seal(self.blocks, &self.header, &mut sealed);
        put(&mut self.directory, first.wrapping_sub(self.last_first));
        put(&mut self.directory, sealed.len() as u64);
        self.last_first = first;
        self.gathered.extend_from_slice(&sealed);
        self.scratch = sealed;
        self.blocks += 1;
        self.postings += self.block.len() as u64;
        self.block.clear();
        if self.gathered.len() >= GATHERED {
            self.write_out()?;
        }
        Ok(())
    }

    fn write_out(&mut self) -> Result<(), IndexError> {
        self.io
            .write_full(&self.file, &self.gathered, self.written)
            .map_err(|errno| Failure::system(errno, "cannot write a segment of the index"))?;
        self.written += self.gathered.len() as u64;
        self.gathered.clear();
        Ok(())
    }

    /// Ends the segment and has it reach the disk; gives it, open, and its length.
    pub(super) fn finish(mut self) -> Result<(Segment, u64), IndexError> {
        self.end_block()?;
        let start = self.written + self.gathered.len() as u64;
        let mut trailer = [0; TRAILER];
        trailer[..8].copy_from_slice(&start.to_le_bytes());
        trailer[8..16].copy_from_slice(&self.blocks.to_le_bytes());
        trailer[16..].copy_from_slice(&self.postings.to_le_bytes());
        let context = context(&self.header, &trailer);
        self.content.seal(DIRECTORY, &context, &mut self.directory);
        self.gathered.extend_from_slice(&self.directory);
        self.gathered.extend_from_slice(&trailer);
        self.write_out()?;
        self.io
            .sync(&self.file)
            .map_err(|errno| Failure::system(errno, "cannot sync a segment of the index"))?;
        let bytes = Mapped::of(&self.file).map_err(|_| IndexError::Damaged)?;
        let segment = Segment::read(bytes, self.content, self.header);
        Ok((segment.ok_or(IndexError::Damaged)?, self.written))
    }
}

fn context(header: &[u8], trailer: &[u8]) -> Vec<u8> {
    [header, trailer].concat()
}

/// A block: its first tag, and where it lies in the file.
struct Entry {
    first: u64,
    start: usize,
    len: usize,
}

/// Reads a segment.
pub(super) struct Segment {
    bytes: Mapped,
    content: Content,
    header: [u8; HEADER],
    directory: Vec<Entry>,
    postings: u64,
}

impl Segment {
    /// Opens the segment `id` in `file`.
    pub(super) fn open(file: impl AsFd, keys: &Keys, id: SegmentId) -> Result<Self, IndexError> {
        let bytes = Mapped::of(file).map_err(|_| IndexError::Damaged)?;
        let header = bytes.first_chunk::<HEADER>().copied();
        let header = header.filter(|header| {
            header.starts_with(MAGIC)
                && header[8..24] == id.index
                && header[24..32] == id.number.to_le_bytes()
        });
        let header = header.ok_or(IndexError::Damaged)?;
        let mut sealed = [0; SEALED_KEY];
        sealed.copy_from_slice(&header[32..]);
        let content = keys.open_content(sealed)?;
        Self::read(bytes, content, header).ok_or(IndexError::Damaged)
    }

    /// `None` when it is damaged.
    fn read(bytes: Mapped, content: Content, header: [u8; HEADER]) -> Option<Self> {
        let trailer = bytes.last_chunk::<TRAILER>().copied()?;
        let number = |at: usize| {
            let mut bytes = [0; 8];
            bytes.copy_from_slice(&trailer[at..at + 8]);
            u64::from_le_bytes(bytes)
        };
        let (start, blocks, postings) = (number(0) as usize, number(8), number(16));
        let end = bytes.len() - TRAILER;
        let mut directory = bytes.get(start..end)?.to_vec();
        if !content.open(DIRECTORY, &context(&header, &trailer), &mut directory) {
            return None;
        }
        let mut from = &directory[..];
        let (mut entries, mut at, mut first) = (Vec::new(), HEADER, 0_u64);
        while !from.is_empty() {
            first = first.wrapping_add(take(&mut from)?);
            let (start, len) = (at, take(&mut from)? as usize);
            entries.push(Entry { first, start, len });
            at += len;
        }
        if at != start || entries.len() as u64 != blocks {
            return None;
        }
        Some(Segment {
            bytes,
            content,
            header,
            directory: entries,
            postings,
        })
    }

    /// How many postings it holds.
    pub(super) const fn postings(&self) -> u64 {
        self.postings
    }

    /// How many blocks it has.
    pub(super) fn blocks(&self) -> usize {
        self.directory.len()
    }

    /// Gives each posting of a block to `each` until that says no.
    pub(super) fn block(
        &self,
        number: usize,
        scratch: &mut Vec<u8>,
        each: impl FnMut(Posting) -> bool,
    ) -> Result<(), IndexError> {
        let entry = self.directory.get(number).ok_or(IndexError::Damaged)?;
        let sealed = self.bytes.get(entry.start..entry.start + entry.len);
        scratch.clear();
        scratch.extend_from_slice(sealed.ok_or(IndexError::Damaged)?);
        if scratch.len() < SIGNATURE || !self.content.open(number as u64, &self.header, scratch) {
            return Err(IndexError::Damaged);
        }
        decode(scratch, each).ok_or(IndexError::Damaged)
    }

    /// Gives each posting of `tag` to `each`, in order.
    pub(super) fn look_up(
        &self,
        tag: Tag,
        scratch: &mut Vec<u8>,
        mut each: impl FnMut(Posting),
    ) -> Result<(), IndexError> {
        // The block before the first that starts with it or behind it may end with it.
        let from = self.directory.partition_point(|one| one.first < tag.0);
        let to = self.directory.partition_point(|one| one.first <= tag.0);
        for number in from.saturating_sub(1)..to {
            self.block(number, scratch, |one| {
                if one.tag == tag {
                    each(one);
                }
                one.tag <= tag
            })?;
        }
        Ok(())
    }
}

/// Goes through the postings of a segment in order, a block at a time.
pub(super) struct Cursor<'a> {
    segment: &'a Segment,
    next: usize,
    block: Vec<Posting>,
    at: usize,
    scratch: Vec<u8>,
}

impl<'a> Cursor<'a> {
    /// Stands at the first posting.
    pub(super) fn new(segment: &'a Segment) -> Result<Self, IndexError> {
        let mut cursor = Cursor {
            segment,
            next: 0,
            block: Vec::with_capacity(BLOCK),
            at: 0,
            scratch: Vec::new(),
        };
        cursor.fill()?;
        Ok(cursor)
    }

    fn fill(&mut self) -> Result<(), IndexError> {
        self.block.clear();
        self.at = 0;
        while self.block.is_empty() && self.next < self.segment.blocks() {
            let block = &mut self.block;
            self.segment.block(self.next, &mut self.scratch, |one| {
                block.push(one);
                true
            })?;
            self.next += 1;
        }
        Ok(())
    }

    /// The posting it stands at; `None` behind the last.
    #[inline]
    pub(super) fn peek(&self) -> Option<&Posting> {
        self.block.get(self.at)
    }

    /// Goes on to the next.
    #[inline]
    pub(super) fn step(&mut self) -> Result<(), IndexError> {
        self.at += 1;
        if self.at >= self.block.len() {
            self.fill()?;
        }
        Ok(())
    }
}

/// Merges `segments` into `to`, leaving out what `keep` does not want.
pub(super) fn merge(
    segments: &[Segment],
    to: &mut Writer<'_>,
    mut keep: impl FnMut(&Posting) -> bool,
) -> Result<(), IndexError> {
    let cursors: Result<Vec<_>, _> = segments.iter().map(Cursor::new).collect();
    let mut cursors = cursors?;
    loop {
        // There are a few segments at most, so looking at each beats keeping them in a heap.
        let ahead = cursors
            .iter()
            .enumerate()
            .filter_map(|(at, cursor)| Some((cursor.peek()?.order(), at)))
            .min();
        let Some((_, at)) = ahead else { return Ok(()) };
        let Some(cursor) = cursors.get_mut(at) else {
            return Ok(());
        };
        if let Some(posting) = cursor.peek().copied()
            && keep(&posting)
        {
            to.push(posting)?;
        }
        cursor.step()?;
    }
}
