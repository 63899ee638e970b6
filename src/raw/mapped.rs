//! A file as memory, for files that never change once they have a name.
//!
//! It knows nothing of what is in the file.

use std::io;
use std::ops::Deref;
use std::os::fd::{AsFd, AsRawFd};

/// The bytes of an open file.
pub(crate) struct Mapped(memmap2::Mmap);

impl Mapped {
    /// Maps the whole of the file behind `fd`, for reading. The file has to be one that is written
    /// once, before it has the name it is opened by, and never again: segments of an index, which
    /// lie in a folder for their owner alone and are only ever unlinked.
    pub(crate) fn of(fd: impl AsFd) -> io::Result<Mapped> {
        // SAFETY: the mapping is private and read-only. What could go wrong is that somebody
        // changes the file: then the bytes read are other bytes, which are authenticated before
        // they are used, or, where it is cut short, the process ends by a signal, without a wrong
        // answer. No reference into the mapping outlives it: `deref` borrows from `self`.
        unsafe { memmap2::Mmap::map(fd.as_fd().as_raw_fd()) }.map(Mapped)
    }
}

impl Deref for Mapped {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}
