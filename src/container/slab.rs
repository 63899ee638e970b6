//! Bytes that can be read at any place: a stretch of a file, or what was spooled.
//!
//! Owns the spool: content that has to be read at several places and lies in no file of its own. It
//! stays in memory while it is small; beyond that it lies in a file without a name beside the file
//! it comes from, whose bytes are overwritten before they are given back. Knows no archives.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{MemfdFlags, Mode, OFlags};

/// What a spool holds in memory before it goes to a file, in bytes. Nested archives and the two
/// sides of a rewrite have one each at the same time.
const IN_MEMORY: u64 = 4 << 20;
/// What it holds in memory where no file without a name can be made (read-only media, network file
/// systems); what is larger is not read.
const IN_MEMORY_ONLY: u64 = 32 << 20;
/// Bytes moved at a time.
const BUFFER: usize = 64 << 10;

/// An open file, whose bytes are overwritten in the end where they are a copy of ours on a disk.
struct Backing {
    file: File,
    /// How many bytes to overwrite.
    scrub: u64,
}

impl Drop for Backing {
    fn drop(&mut self) {
        let zeros = vec![0; BUFFER.min(self.scrub as usize)];
        let mut at = 0;
        while at < self.scrub {
            let len = (self.scrub - at).min(zeros.len() as u64) as usize;
            let part = zeros.get(..len).unwrap_or_default();
            // The file has no name and nobody else has it open: there is nothing else to try.
            if self.file.write_all_at(part, at).is_err() {
                break;
            }
            at += len as u64;
        }
    }
}

/// A stretch of an open file.
#[derive(Clone)]
pub(crate) struct Slab {
    backing: Arc<Backing>,
    range: Range<u64>,
}

impl Slab {
    /// All of `file` as long as it is now.
    pub(crate) fn of_file(file: File) -> io::Result<Slab> {
        let len = file.metadata()?.len();
        Ok(Slab::up_to(file, len))
    }

    /// All of `file`, which is a copy of ours without a name; its bytes are overwritten in the end
    /// if `scrub`.
    pub(crate) fn of_copy(file: File, scrub: bool) -> io::Result<Slab> {
        let len = file.metadata()?.len();
        let scrub = if scrub { len } else { 0 };
        Ok(Slab {
            backing: Arc::new(Backing { file, scrub }),
            range: 0..len,
        })
    }

    /// The first `len` bytes of `file`.
    pub(crate) fn up_to(file: File, len: u64) -> Slab {
        Slab {
            backing: Arc::new(Backing { file, scrub: 0 }),
            range: 0..len,
        }
    }

    /// Bytes in it.
    pub(crate) fn len(&self) -> u64 {
        self.range.end - self.range.start
    }

    /// A stretch of it; what lies beyond its end is left out.
    pub(crate) fn part(&self, range: Range<u64>) -> Slab {
        let at = |offset: u64| self.range.start.saturating_add(offset).min(self.range.end);
        Slab {
            backing: self.backing.clone(),
            range: at(range.start)..at(range.end).max(at(range.start)),
        }
    }

    /// Fills `buffer` from `at` on, less only at the end; gives how many bytes.
    pub(crate) fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        let most = self.len().saturating_sub(at).min(buffer.len() as u64) as usize;
        let mut done = 0;
        while let Some(rest) = buffer.get_mut(done..most).filter(|rest| !rest.is_empty()) {
            let from = self.range.start + at + done as u64;
            match self.backing.file.read_at(rest, from) {
                Ok(0) => break,
                Ok(read) => done += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(done)
    }

    /// The bytes at `range`, which are few.
    ///
    /// # Errors
    /// `UnexpectedEof` when they are not all there.
    pub(crate) fn bytes(&self, range: Range<u64>) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; range.end.saturating_sub(range.start) as usize];
        if self.read_at(&mut bytes, range.start)? < bytes.len() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(bytes)
    }

    /// Its bytes from the first on.
    pub(crate) fn reader(&self) -> SlabReader {
        SlabReader {
            slab: self.clone(),
            at: 0,
        }
    }

    /// The whole file it is a stretch of, which stays what it is while the slab is kept; `None` for
    /// a part of one.
    pub(crate) fn whole_file(&self) -> io::Result<Option<File>> {
        let file = &self.backing.file;
        let whole = self.range.start == 0 && self.range.end == file.metadata()?.len();
        whole.then(|| file.try_clone()).transpose()
    }
}

/// Reads a slab from its first byte to its last.
pub(crate) struct SlabReader {
    slab: Slab,
    at: u64,
}

impl Read for SlabReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.slab.read_at(buffer, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for SlabReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let to = match to {
            SeekFrom::Start(to) => Some(to),
            SeekFrom::End(by) => self.slab.len().checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = to.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

/// Where spools lie that are too large for memory.
#[derive(Clone)]
pub(crate) struct Beside(PathBuf);

impl Beside {
    /// In the folder of the file at `path`.
    pub(crate) fn file(path: &Path) -> Beside {
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        Beside(folder.unwrap_or(Path::new(".")).to_path_buf())
    }

    /// In `folder`.
    pub(crate) fn folder(folder: &Path) -> Beside {
        Beside(folder.to_path_buf())
    }

    /// Takes all of `from` in.
    ///
    /// # Errors
    /// What reading says, and `FileTooLarge` where there is no place for it.
    pub(crate) fn spool(&self, from: &mut dyn Read) -> io::Result<Slab> {
        let mut spool = self.empty()?;
        let mut buffer = vec![0; BUFFER];
        loop {
            match from.read(&mut buffer) {
                Ok(0) => return Ok(spool.finish()),
                Ok(len) => spool.write_all(buffer.get(..len).unwrap_or_default())?,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// A spool with nothing in it.
    ///
    /// # Errors
    /// What the system says.
    pub(crate) fn empty(&self) -> io::Result<Spool> {
        let file = rustix::fs::memfd_create("efface", MemfdFlags::CLOEXEC)?;
        Ok(Spool {
            backing: Backing {
                file: file.into(),
                scrub: 0,
            },
            len: 0,
            on_disk: None,
            beside: self.0.clone(),
        })
    }

    /// A file without a name, empty, for whoever writes it at any place.
    ///
    /// # Errors
    /// What the system says.
    pub(crate) fn unnamed(&self) -> io::Result<File> {
        let flags = OFlags::RDWR | OFlags::TMPFILE | OFlags::CLOEXEC;
        let made = rustix::fs::open(&self.0, flags, Mode::RUSR | Mode::WUSR);
        Ok(made?.into())
    }
}

/// Content that is being taken in.
pub(crate) struct Spool {
    backing: Backing,
    len: u64,
    /// Whether it lies in a file, once that was tried.
    on_disk: Option<bool>,
    beside: PathBuf,
}

impl Spool {
    /// What was taken in.
    pub(crate) fn finish(self) -> Slab {
        Slab {
            range: 0..self.len,
            backing: Arc::new(self.backing),
        }
    }

    /// Leaves memory for a file, if one can be made.
    fn move_out(&mut self) -> io::Result<()> {
        let Ok(file) = Beside(self.beside.clone()).unnamed() else {
            self.on_disk = Some(false);
            return Ok(());
        };
        let in_memory = Slab {
            range: 0..self.len,
            backing: Arc::new(Backing {
                file: self.backing.file.try_clone()?,
                scrub: 0,
            }),
        };
        self.backing.file = file;
        self.on_disk = Some(true);
        let len = std::mem::take(&mut self.len);
        let copied = io::copy(&mut in_memory.reader(), self)?;
        if copied < len {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }
}

impl Write for Spool {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let end = self.len + bytes.len() as u64;
        if self.on_disk.is_none() && end > IN_MEMORY {
            self.move_out()?;
        }
        if self.on_disk == Some(false) && end > IN_MEMORY_ONLY {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.backing.file.write_all_at(bytes, self.len)?;
        self.len = end;
        if self.on_disk == Some(true) {
            self.backing.scrub = end;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
