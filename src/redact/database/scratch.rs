//! A database while it is changed: the old pages as they are read, the changed ones in a file
//! without a name.
//!
//! Owns which page is which. The old file is never written, and whatever ends the process ends the
//! scratch file with it.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::format::sqlite::Snapshot;
use crate::raw::database::Store;

/// Old pages under changed ones.
pub(super) struct Scratch {
    old: Arc<Snapshot>,
    new: File,
    pages: Mutex<Pages>,
}

struct Pages {
    /// Length of the changed database in bytes.
    size: u64,
    /// Bytes of it that may still be the old ones: it was cut to that once.
    kept: u64,
    /// One bit a page that was changed.
    changed: Vec<u64>,
}

impl Pages {
    fn is_changed(&self, page: u64) -> bool {
        let word = self.changed.get((page / 64) as usize).copied().unwrap_or(0);
        word >> (page % 64) & 1 == 1
    }

    fn change(&mut self, page: u64) {
        let word = (page / 64) as usize;
        if self.changed.len() <= word {
            self.changed.resize(word + 1, 0);
        }
        if let Some(word) = self.changed.get_mut(word) {
            *word |= 1 << (page % 64);
        }
    }
}

impl Scratch {
    /// Nothing of `old` changed yet; `new` is an empty file.
    pub(super) fn new(old: Arc<Snapshot>, new: OwnedFd) -> io::Result<Scratch> {
        let size = old.size()?;
        Ok(Scratch {
            old,
            new: File::from(new),
            pages: Mutex::new(Pages {
                size,
                kept: size,
                changed: Vec::new(),
            }),
        })
    }

    /// Overwrites what was written, before the blocks are free for others.
    pub(super) fn scrub(&self) -> io::Result<()> {
        let pages = self.pages();
        let page = self.old.page();
        let zeros = vec![0; page as usize];
        let most = pages.changed.len() as u64 * 64;
        for number in (0..most).filter(|number| pages.is_changed(*number)) {
            self.new.write_all_at(&zeros, number * page)?;
        }
        self.new.sync_all()
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for Scratch {
    fn size(&self) -> io::Result<u64> {
        Ok(self.pages().size)
    }

    fn read(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        let pages = self.pages();
        let page = self.old.page();
        let most = pages.size.saturating_sub(at).min(buffer.len() as u64) as usize;
        let mut done = 0;
        while done < most {
            let here = at + done as u64;
            let rest = (page - here % page) as usize;
            let end = most.min(done + rest);
            let part = buffer.get_mut(done..end).unwrap_or_default();
            if pages.is_changed(here / page) {
                self.new.read_exact_at(part, here)?;
            } else if here < pages.kept {
                let read = self.old.read(part, here)?;
                part.get_mut(read..).unwrap_or_default().fill(0);
            } else {
                part.fill(0);
            }
            done = end;
        }
        Ok(most)
    }

    fn is_writable(&self) -> bool {
        true
    }

    fn write(&self, bytes: &[u8], at: u64) -> io::Result<()> {
        let page = self.old.page();
        // SQLite writes whole pages, but for the header of the first one.
        if bytes.len() as u64 != page || !at.is_multiple_of(page) {
            let first = at / page;
            let mut whole = vec![0; page as usize];
            self.read(&mut whole, first * page)?;
            let start = (at % page) as usize;
            let part = whole.get_mut(start..start + bytes.len());
            part.ok_or(io::ErrorKind::InvalidInput)?
                .copy_from_slice(bytes);
            return self.write(&whole, first * page);
        }
        self.new.write_all_at(bytes, at)?;
        let mut pages = self.pages();
        pages.change(at / page);
        pages.size = pages.size.max(at + page);
        Ok(())
    }

    fn truncate(&self, size: u64) -> io::Result<()> {
        let mut pages = self.pages();
        pages.size = size;
        pages.kept = pages.kept.min(size);
        Ok(())
    }
}

/// The file that takes the finished database.
pub(super) struct Finished(File);

impl Finished {
    /// Of a file that is open for reading and writing.
    pub(super) fn new(file: File) -> Finished {
        Finished(file)
    }
}

impl Store for Finished {
    fn size(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }

    fn read(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        let mut done = 0;
        while let Some(rest) = buffer.get_mut(done..).filter(|rest| !rest.is_empty()) {
            match self.0.read_at(rest, at + done as u64) {
                Ok(0) => break,
                Ok(read) => done += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(done)
    }

    fn is_writable(&self) -> bool {
        true
    }

    fn write(&self, bytes: &[u8], at: u64) -> io::Result<()> {
        self.0.write_all_at(bytes, at)
    }

    fn truncate(&self, size: u64) -> io::Result<()> {
        self.0.set_len(size)
    }
}
