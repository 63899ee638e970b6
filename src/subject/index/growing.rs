//! How a run tells that a file has only grown: its beginning and what was its end are as they were.
//!
//! Kept encrypted for who builds, without any content: digests and numbers. It must not know the
//! catalogue.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::facts::{put_windows, take_windows};
use super::keys::Keys;
use super::varint::{put, take, take_bytes};
use crate::format::HEAD_LEN;
use crate::scan::WindowAt;
use crate::source::open_to_read;

/// Bytes at the old end that are compared. The beginning is compared as far as formats look at it.
const TAIL: u64 = 64 << 10;

/// What a file was, of which only the end may be read again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Growing {
    dev: u64,
    ino: u64,
    size: u64,
    head: [u8; 16],
    tail: [u8; 16],
    /// Its last window, which more bytes may have changed.
    pub(super) last: WindowAt,
    /// Postings of the windows before.
    pub(super) postings: u64,
}

impl Growing {
    /// Of the file at `path`, whose last window is `last`; `None` where it cannot be told.
    pub(super) fn of(path: &Path, last: WindowAt, postings: u64, keys: &Keys) -> Option<Growing> {
        let file = open_to_read(path).ok()?;
        let stat = rustix::fs::fstat(&file).ok()?;
        let size = stat.st_size.cast_unsigned();
        let (head, tail) = ends(&file, size, keys)?;
        Some(Growing {
            dev: stat.st_dev,
            ino: stat.st_ino,
            size,
            head,
            tail,
            last,
            postings,
        })
    }

    /// Whether the file at `path` is the same up to where it ended, and longer.
    pub(super) fn has_grown(&self, path: &Path, keys: &Keys) -> bool {
        let Ok(file) = open_to_read(path) else {
            return false;
        };
        let Ok(stat) = rustix::fs::fstat(&file) else {
            return false;
        };
        (stat.st_dev, stat.st_ino) == (self.dev, self.ino)
            && stat.st_size.cast_unsigned() > self.size
            && ends(&file, self.size, keys) == Some((self.head, self.tail))
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for number in [self.dev, self.ino, self.size, self.postings] {
            put(&mut out, number);
        }
        out.extend_from_slice(&self.head);
        out.extend_from_slice(&self.tail);
        put_windows(&mut out, &[self.last]);
        out
    }

    pub(super) fn parse(mut from: &[u8]) -> Option<Growing> {
        let from = &mut from;
        let (dev, ino) = (take(from)?, take(from)?);
        let (size, postings) = (take(from)?, take(from)?);
        Some(Growing {
            dev,
            ino,
            size,
            postings,
            head: take_bytes(from)?,
            tail: take_bytes(from)?,
            last: *take_windows(from)?.first()?,
        })
    }
}

/// Digests of the first and last bytes of the first `size` bytes of a file.
fn ends(file: &File, size: u64, keys: &Keys) -> Option<([u8; 16], [u8; 16])> {
    let digest = |kind, from: u64, len: u64| {
        let mut bytes = vec![0; len as usize];
        file.read_exact_at(&mut bytes, from).ok()?;
        Some(keys.name(kind, &bytes))
    };
    let head = digest("head", 0, size.min(HEAD_LEN as u64))?;
    let tail = size.min(TAIL);
    Some((head, digest("tail", size - tail, tail)?))
}
