//! Contents that can be read before they exist on disk, and the keyed digest of a content.
//! It owns reading and digesting; it must not know what the bytes mean.

use std::cell::RefCell;
use std::io::{Read, Seek, SeekFrom};
use std::os::fd::{BorrowedFd, OwnedFd};

use super::failure::{Failure, Outcome, Reason};
use super::io::Io;
use super::journal::record::{Record, Redo};
use super::journal::{At, Journal};
use super::state::key::Digest;

/// Bytes copied or compared at a time: large enough for the disk, small enough for any machine.
pub(crate) const BUFFER: usize = 256 << 10;

/// Bytes that can be read at any offset.
pub trait Content {
    /// Length in bytes.
    fn size(&self) -> u64;
    /// Reads at most `buffer.len()` bytes at `offset`; 0 is the end.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> Outcome<usize>;
    /// The file whose first bytes it is, for what has to be read by several hands at once.
    fn file(&self) -> Option<OwnedFd> {
        None
    }
}

/// A content as a stream with a position.
pub struct Reader<'a> {
    content: &'a dyn Content,
    position: u64,
    before: Option<[u8; 32]>,
}

impl<'a> Reader<'a> {
    /// Starts at the beginning.
    pub fn new(content: &'a dyn Content) -> Self {
        Self {
            content,
            position: 0,
            before: None,
        }
    }

    /// The same, of a content that takes the place of one with this keyed digest.
    pub(crate) fn instead_of(mut self, before: Option<[u8; 32]>) -> Self {
        self.before = before;
        self
    }

    /// The keyed digest of the content whose place it takes, where that is known.
    pub(crate) fn before(&self) -> Option<[u8; 32]> {
        self.before
    }

    /// Length of the whole content in bytes.
    pub fn size(&self) -> u64 {
        self.content.size()
    }

    /// As [`Content::file`].
    pub fn file(&self) -> Option<OwnedFd> {
        self.content.file()
    }
}

impl Read for Reader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self
            .content
            .read_at(buffer, self.position)
            .map_err(std::io::Error::other)?;
        self.position += read as u64;
        Ok(read)
    }
}

impl Seek for Reader<'_> {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        let to = match to {
            SeekFrom::Start(to) => Some(to),
            SeekFrom::End(by) => self.content.size().checked_add_signed(by),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
        };
        self.position = to.ok_or(std::io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

/// An open file up to a length that was fixed when it was looked at.
pub(crate) struct FileContent<'a> {
    pub io: &'a Io,
    pub file: BorrowedFd<'a>,
    pub size: u64,
}

impl Content for FileContent<'_> {
    fn file(&self) -> Option<OwnedFd> {
        self.file.try_clone_to_owned().ok()
    }

    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> Outcome<usize> {
        let most = self.size.saturating_sub(offset).min(buffer.len() as u64) as usize;
        let Some(part) = buffer.get_mut(..most).filter(|part| !part.is_empty()) else {
            return Ok(0);
        };
        match self.io.read_at(self.file, part, offset) {
            Ok(0) => Err(Failure::new(
                Reason::Changed,
                "cannot read the file to its end",
            )),
            Ok(read) => Ok(read),
            Err(errno) => Err(Failure::system(errno, "cannot read the file")),
        }
    }
}

/// A file as it will be once the replacements of a journal are written over it.
pub(crate) struct Overlay<'a> {
    pub base: FileContent<'a>,
    pub blocks: &'a [Block],
    pub journal: RefCell<&'a mut Journal>,
    pub cache: RefCell<Option<(usize, Redo)>>,
}

/// Where the replacements for one stretch of a file lie in the journal.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Block {
    pub start: u64,
    pub end: u64,
    pub at: At,
}

impl Content for Overlay<'_> {
    fn size(&self) -> u64 {
        self.base.size
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> Outcome<usize> {
        let read = self.base.read_at(buffer, offset)?;
        let end = offset + read as u64;
        let first = self.blocks.partition_point(|block| block.end <= offset);
        for (index, block) in self.blocks.iter().enumerate().skip(first) {
            if block.start >= end {
                break;
            }
            let mut cache = self.cache.borrow_mut();
            if cache.as_ref().is_none_or(|(cached, _)| *cached != index) {
                let record = self.journal.borrow_mut().read(self.base.io, block.at)?;
                let Record::Redo(redo) = record else {
                    return Err(Failure::new(
                        Reason::Damaged,
                        "cannot read the journal back",
                    ));
                };
                *cache = Some((index, redo));
            }
            for (start, new) in cache.iter().flat_map(|(_, redo)| redo.edits()) {
                overlap(buffer, offset..end, start, new);
            }
        }
        Ok(read)
    }
}

/// Puts the part of `new` (which begins at `start`) that falls into `window` into `buffer`.
fn overlap(buffer: &mut [u8], window: std::ops::Range<u64>, start: u64, new: &[u8]) {
    let from = start.max(window.start);
    let to = (start + new.len() as u64).min(window.end);
    if from >= to {
        return;
    }
    let into = (from - window.start) as usize..(to - window.start) as usize;
    let part = (from - start) as usize..(to - start) as usize;
    if let (Some(into), Some(part)) = (buffer.get_mut(into), new.get(part)) {
        into.copy_from_slice(part);
    }
}

/// Size of the pieces that [`ContentDigest`] leaves out when they are all zeros.
const PIECE: usize = 64 << 10;

/// The keyed digest of a content: of every 64 KiB piece that is not all zeros, with its offset,
/// and of the length. Holes cost nothing, and a hole and written zeros give the same digest.
pub(crate) struct ContentDigest {
    digest: Digest,
    piece: Vec<u8>,
    at: u64,
}

impl ContentDigest {
    pub(crate) fn new(digest: Digest) -> Self {
        Self {
            digest,
            piece: Vec::with_capacity(PIECE),
            at: 0,
        }
    }

    /// Takes the next bytes in.
    pub(crate) fn update(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if self.piece.is_empty()
                && let Some((piece, then)) = bytes.split_at_checked(PIECE)
            {
                self.digest_piece(piece);
                bytes = then;
                continue;
            }
            let room = (PIECE - self.piece.len()).min(bytes.len());
            let (now, then) = bytes.split_at(room);
            self.piece.extend_from_slice(now);
            bytes = then;
            if self.piece.len() == PIECE {
                self.close_piece();
            }
        }
    }

    /// Takes `len` zeros in.
    pub(crate) fn skip_zeros(&mut self, mut len: u64) {
        if !self.piece.is_empty() {
            let fill = ((PIECE - self.piece.len()) as u64).min(len);
            self.piece.resize(self.piece.len() + fill as usize, 0);
            len -= fill;
            if self.piece.len() == PIECE {
                self.close_piece();
            }
        }
        self.at += len / PIECE as u64 * PIECE as u64;
        self.piece
            .resize(self.piece.len() + (len % PIECE as u64) as usize, 0);
    }

    fn close_piece(&mut self) {
        let mut piece = std::mem::take(&mut self.piece);
        self.digest_piece(&piece);
        piece.clear();
        self.piece = piece;
    }

    fn digest_piece(&mut self, piece: &[u8]) {
        if piece.iter().any(|byte| *byte != 0) {
            self.digest.update(&self.at.to_le_bytes());
            self.digest.update(&(piece.len() as u64).to_le_bytes());
            self.digest.update(piece);
        }
        self.at += piece.len() as u64;
    }

    /// The digest of all that was taken in.
    pub(crate) fn finish(mut self) -> [u8; 32] {
        self.close_piece();
        self.digest.update(b"size");
        self.digest.update(&self.at.to_le_bytes());
        self.digest.finish()
    }
}

/// The digest of the first `size` bytes of a file.
pub(crate) fn digest_file(
    io: &Io,
    file: &OwnedFd,
    size: u64,
    mut digest: ContentDigest,
) -> Outcome<[u8; 32]> {
    each_part(io, file, 0..size, |part| {
        match part {
            Part::Bytes(_, bytes) => digest.update(bytes),
            Part::Hole(_, len) => digest.skip_zeros(len),
        }
        Ok(())
    })?;
    Ok(digest.finish())
}

/// A stretch of a file: offset and bytes, or offset and length of a hole.
pub(crate) enum Part<'a> {
    Bytes(u64, &'a [u8]),
    Hole(u64, u64),
}

/// Gives the bytes of `range` in order without reading holes. The file ending inside the range
/// is an error, never a shorter result.
pub(crate) fn each_part(
    io: &Io,
    file: &OwnedFd,
    range: std::ops::Range<u64>,
    mut take: impl FnMut(Part<'_>) -> Outcome<()>,
) -> Outcome<()> {
    const DOING: &str = "cannot read the file";
    let mut buffer = vec![0; BUFFER.min((range.end - range.start) as usize)];
    let mut at = range.start;
    while at < range.end {
        let data = io
            .next_data(file, at, range.end)
            .map_err(|e| Failure::system(e, DOING))?;
        let (start, end) = data.unwrap_or((range.end, range.end));
        if start > at {
            // A file that was cut short reads as one long hole: look before believing it.
            let stat = io.stat(file).map_err(|e| Failure::system(e, DOING))?;
            if stat.st_size.cast_unsigned() < start {
                return Err(Failure::new(Reason::Changed, DOING));
            }
            take(Part::Hole(at, start - at))?;
        }
        at = start;
        while at < end {
            let most = (end - at).min(buffer.len() as u64) as usize;
            let Some(part) = buffer.get_mut(..most) else {
                break;
            };
            let read = io
                .read_full(file, part, at)
                .map_err(|errno| Failure::system(errno, DOING))?;
            if read < most {
                return Err(Failure::new(Reason::Changed, DOING));
            }
            take(Part::Bytes(at, part))?;
            at += most as u64;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::state::key::digest_with;

    fn digest(parts: &[(&[u8], u64)]) -> [u8; 32] {
        let mut digest = ContentDigest::new(digest_with(&[1; 32]));
        for (bytes, zeros) in parts {
            digest.update(bytes);
            digest.skip_zeros(*zeros);
        }
        digest.finish()
    }

    #[test]
    fn holes_and_zeros_are_one_and_lengths_and_places_count() {
        let zeros = vec![0; 200_000];
        assert_eq!(
            digest(&[(b"a", 200_000)]),
            digest(&[(b"a", 0), (&zeros, 0)])
        );
        assert_eq!(
            digest(&[(b"", 200_000), (b"b", 0)]),
            digest(&[(&zeros, 0), (b"b", 0)])
        );
        assert_ne!(digest(&[(b"a", 200_000)]), digest(&[(b"a", 200_001)]));
        assert_ne!(
            digest(&[(b"", 70_000), (b"b", 0)]),
            digest(&[(b"", 135_536), (b"b", 0)])
        );
        assert_ne!(digest(&[(b"", 0)]), digest(&[(b"", 1)]));
    }

    #[test]
    fn overlap_copies_only_what_falls_into_the_window() {
        for (start, new, expected) in [
            (8_u64, &b"abcd"[..], b"cd......"),
            (12, b"abcd", b"..abcd.."),
            (16, b"abcd", b"......ab"),
            (18, b"abcd", b"........"),
            (2, b"abcd", b"........"),
            (5, b"0123456789012345", b"56789012"),
        ] {
            let mut buffer = *b"........";
            overlap(&mut buffer, 10..18, start, new);
            assert_eq!(&buffer, expected, "at {start}");
        }
    }
}
