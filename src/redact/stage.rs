//! Making the new content beside the old one, complete and synced, before anything has its name.
//! It owns the sinks and the staged file; it must not know names or groups.

use std::io::Write;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

use super::content::{ContentDigest, FileContent, Part, Reader, digest_file, each_part};
use super::edit::{Change, Sink, pass};
use super::failure::{Doing, Failure, Outcome, Reason};
use super::io::{Io, LeaseState};
use super::state::key::Digest;

/// What staging found out about the contents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Digests {
    pub before: [u8; 32],
    pub after: [u8; 32],
    /// Number of splices carried out; 0 for a content produced as a whole.
    pub edits: u64,
    /// Length of the new content in bytes.
    pub size: u64,
}

/// Writes the new content of `old` (its first `size` bytes) into `new`. `leased` says that a lease
/// on `old` is watched: somebody who waits for the file makes the staging stop early.
pub(crate) fn stage(
    io: &Io,
    (old, size): (&OwnedFd, u64),
    leased: bool,
    (new, path): (&OwnedFd, &Path),
    change: &mut Change<'_>,
    content: &Digest,
) -> Outcome<Digests> {
    let watched = leased.then_some(old);
    let out = NewFile::new(io, new, watched, content.clone());
    let mut sink = SwapSink {
        before: ContentDigest::new(content.clone()),
        out,
    };
    let mut none = std::iter::empty();
    match change {
        Change::SameWidth(splices) => {
            let edits = pass(io, old, size, true, *splices, &mut sink)?;
            sink.finish(edits)
        }
        Change::Splices(splices) => {
            let edits = pass(io, old, size, false, *splices, &mut sink)?;
            sink.finish(edits)
        }
        Change::Produce(produce) => {
            let before = digest_file(io, old, size, ContentDigest::new(content.clone()))?;
            let content = FileContent {
                io,
                file: old.as_fd(),
                size,
            };
            let produced = produce(&mut Reader::new(&content), &mut sink.out);
            produced.map_err(|error| sink.out.failed(&error))?;
            let (after, size) = sink.out.finish()?;
            Ok(Digests {
                before,
                after,
                edits: 0,
                size,
            })
        }
        Change::Stage(stage) => {
            pass(io, old, size, true, &mut none, &mut sink)?;
            let before = sink.finish(0)?.before;
            stage(path).map_err(|error| from_format(&error))?;
            let size = io
                .stat(new)
                .doing("cannot look at the new file")?
                .st_size
                .cast_unsigned();
            let after = digest_file(io, new, size, ContentDigest::new(content.clone()))?;
            Ok(Digests {
                before,
                after,
                edits: 0,
                size,
            })
        }
        Change::Build(build) => {
            let before = digest_file(io, old, size, ContentDigest::new(content.clone()))?;
            build(new)?;
            let size = io.stat(new).doing("cannot look at the new file")?;
            let size = size.st_size.cast_unsigned();
            let after = digest_file(io, new, size, ContentDigest::new(content.clone()))?;
            Ok(Digests {
                before,
                after,
                edits: 0,
                size,
            })
        }
        Change::Remove | Change::Rename(_) => {
            Err(Failure::new(Reason::BadEdits, "cannot write a new file"))
        }
    }
}

/// The digest of a content that goes without a successor.
pub(crate) fn digest_old(io: &Io, old: &OwnedFd, size: u64, content: &Digest) -> Outcome<[u8; 32]> {
    digest_file(io, old, size, ContentDigest::new(content.clone()))
}

/// What a format could not do while it made a new content. Its words are not repeated: they may
/// quote the content.
fn from_format(error: &std::io::Error) -> Failure {
    const DOING: &str = "cannot make the new content";
    match rustix::io::Errno::from_io_error(error) {
        Some(errno) => Failure::system(errno, DOING),
        None => Failure::new(Reason::BadEdits, DOING),
    }
}

/// The new file while it is written from front to back.
struct NewFile<'a> {
    io: &'a Io,
    file: &'a OwnedFd,
    watched: Option<&'a OwnedFd>,
    digest: ContentDigest,
    buffer: Vec<u8>,
    /// Offset at which the buffer goes.
    at: u64,
    failure: Option<Failure>,
}

/// Bytes gathered before one write.
const GATHER: usize = super::content::BUFFER;

impl<'a> NewFile<'a> {
    fn new(io: &'a Io, file: &'a OwnedFd, watched: Option<&'a OwnedFd>, digest: Digest) -> Self {
        let digest = ContentDigest::new(digest);
        let buffer = Vec::with_capacity(GATHER);
        Self {
            io,
            file,
            watched,
            digest,
            buffer,
            at: 0,
            failure: None,
        }
    }

    fn add(&mut self, bytes: &[u8]) -> Outcome<()> {
        self.digest.update(bytes);
        if self.buffer.len() + bytes.len() > GATHER {
            self.flush()?;
        }
        if bytes.len() < GATHER {
            self.buffer.extend_from_slice(bytes);
            return Ok(());
        }
        self.io
            .write_full(self.file, bytes, self.at)
            .doing("cannot write the new file")?;
        self.at += bytes.len() as u64;
        Ok(())
    }

    fn hole(&mut self, len: u64) -> Outcome<()> {
        self.digest.skip_zeros(len);
        self.flush()?;
        self.at += len;
        Ok(())
    }

    fn flush(&mut self) -> Outcome<()> {
        if let Some(old) = self.watched {
            let state = self
                .io
                .lease_state(old, false)
                .doing("cannot watch for writers")?;
            if state == LeaseState::Broken {
                return Err(Failure::new(Reason::Busy, "cannot replace the file"));
            }
        }
        self.io
            .write_full(self.file, &self.buffer, self.at)
            .doing("cannot write the new file")?;
        self.at += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }

    /// Digest and length; the length is set, for a hole at the end.
    fn finish(mut self) -> Outcome<([u8; 32], u64)> {
        self.flush()?;
        self.io
            .truncate(self.file, self.at)
            .doing("cannot write the new file")?;
        Ok((self.digest.finish(), self.at))
    }

    /// The failure behind an error that came back through `std::io`.
    fn failed(&self, error: &std::io::Error) -> Failure {
        self.failure.unwrap_or_else(|| from_format(error))
    }
}

impl Write for NewFile<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.add(bytes).map_err(|failure| {
            self.failure = Some(failure);
            std::io::Error::other(failure)
        })?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

struct SwapSink<'a> {
    before: ContentDigest,
    out: NewFile<'a>,
}

impl SwapSink<'_> {
    fn finish(self, edits: u64) -> Outcome<Digests> {
        let (after, size) = self.out.finish()?;
        Ok(Digests {
            before: self.before.finish(),
            after,
            edits,
            size,
        })
    }
}

impl Sink for SwapSink<'_> {
    fn read(&mut self, bytes: &[u8]) {
        self.before.update(bytes);
    }

    fn keep(&mut self, _offset: u64, bytes: &[u8]) -> Outcome<()> {
        self.out.add(bytes)
    }

    fn hole(&mut self, len: u64) -> Outcome<()> {
        self.before.skip_zeros(len);
        self.out.hole(len)
    }

    fn cut(&mut self, _offset: u64, _old: &[u8]) -> Outcome<()> {
        Ok(())
    }

    fn put(&mut self, _offset: u64, new: &[u8]) -> Outcome<()> {
        self.out.add(new)
    }
}

/// The path of a staged file for those that need one.
pub(crate) fn staged_path(root: &Path, folder: &Path, temp: &std::ffi::OsStr) -> PathBuf {
    root.join(folder).join(temp)
}

/// Reads the staged file again and compares it with what was written, so that a write the disk
/// lost is found before the old file goes.
pub(crate) fn read_back(
    io: &Io,
    new: &OwnedFd,
    digests: &Digests,
    content: &Digest,
) -> Outcome<()> {
    let mut digest = ContentDigest::new(content.clone());
    each_part(io, new, 0..digests.size, |part| {
        match part {
            Part::Bytes(_, bytes) => digest.update(bytes),
            Part::Hole(_, len) => digest.skip_zeros(len),
        }
        Ok(())
    })?;
    if digest.finish() == digests.after {
        Ok(())
    } else {
        Err(Failure::new(
            Reason::Io,
            "cannot read back what was written",
        ))
    }
}
