//! A source read once from front to back, with room to look ahead.
//!
//! Owns the buffer and the offset. Knows no container.

use std::io::{self, Read};

use crate::format::Reason;
use crate::source::reason_of;

/// The most that is looked ahead, in bytes: the longest stretch of tags that is read as one.
pub(super) const LONGEST: usize = 1 << 20;

/// Bytes read at a time.
const PIECE: usize = 64 << 10;

/// Who is shown the bytes of a source, in order.
pub(crate) type Watch = Box<dyn FnMut(&[u8]) + Send>;

/// What is left of a source.
pub(super) struct Stream {
    rest: Box<dyn Read + Send>,
    buffer: Vec<u8>,
    /// Where in `buffer` the next byte is.
    at: usize,
    offset: u64,
    ended: bool,
    failed: Option<Reason>,
    watch: Option<Watch>,
}

impl Stream {
    pub(super) fn new(rest: Box<dyn Read + Send>) -> Stream {
        Stream {
            rest,
            buffer: Vec::new(),
            at: 0,
            offset: 0,
            ended: false,
            failed: None,
            watch: None,
        }
    }

    /// Shows what is read from now on to `watch`.
    pub(super) fn watch(&mut self, watch: Watch) {
        self.watch = Some(watch);
    }

    /// Shows what nobody asked for to who watches, where somebody does.
    pub(super) fn show_rest(&mut self) {
        while self.watch.is_some() && !self.ended {
            self.buffer.clear();
            self.at = 0;
            self.fill(PIECE);
        }
        self.watch = None;
    }

    /// The offset in the source of the next byte.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// Why reading ended before the end of the source.
    pub(super) fn failed(&self) -> Option<Reason> {
        self.failed
    }

    /// The next bytes: `len` of them, at most [`LONGEST`], unless the source ends before.
    pub(super) fn peek(&mut self, len: usize) -> &[u8] {
        let len = len.min(LONGEST);
        if self.buffer.len() - self.at < len && !self.ended {
            self.buffer.drain(..self.at);
            self.at = 0;
            self.fill(len);
        }
        let rest = self.buffer.get(self.at..).unwrap_or_default();
        rest.get(..len).unwrap_or(rest)
    }

    /// Passes over the next bytes, as many of `len` as there are, and gives their number.
    pub(super) fn skip(&mut self, len: u64) -> u64 {
        let mut left = len;
        while left > 0 {
            let here = (self.buffer.len() - self.at) as u64;
            if here == 0 {
                self.buffer.clear();
                self.at = 0;
                self.fill(PIECE);
                if self.buffer.is_empty() {
                    break;
                }
                continue;
            }
            let passed = here.min(left);
            self.at += passed as usize;
            self.offset += passed;
            left -= passed;
        }
        len - left
    }

    fn fill(&mut self, len: usize) {
        let target = len.div_ceil(PIECE) * PIECE;
        let mut filled = self.buffer.len();
        self.buffer.resize(target.max(filled), 0);
        while !self.ended && filled < len {
            let room = self.buffer.get_mut(filled..).unwrap_or_default();
            match self.rest.read(room) {
                Ok(0) => self.ended = true,
                Ok(read) => {
                    if let (Some(watch), Some(new)) = (&mut self.watch, room.get(..read)) {
                        watch(new);
                    }
                    filled += read;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.failed = Some(reason_of(&error));
                    self.ended = true;
                }
            }
        }
        self.buffer.truncate(filled);
    }
}

/// The `N` bytes at `at` of `bytes`.
pub(super) fn bytes_at<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}

/// A little-endian number of two bytes at `at`; 0 where there is none.
pub(super) fn le16(bytes: &[u8], at: usize) -> u16 {
    bytes_at(bytes, at).map_or(0, u16::from_le_bytes)
}

/// A little-endian number of four bytes at `at`; 0 where there is none.
pub(super) fn le32(bytes: &[u8], at: usize) -> u32 {
    bytes_at(bytes, at).map_or(0, u32::from_le_bytes)
}

/// A big-endian number of four bytes at `at`; 0 where there is none.
pub(super) fn be32(bytes: &[u8], at: usize) -> u32 {
    bytes_at(bytes, at).map_or(0, u32::from_be_bytes)
}
