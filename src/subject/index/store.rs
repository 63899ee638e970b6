//! The folder of an index: who may write to it, what is published, what is left over.
//!
//! Every file is written under a name of its own, synced, and counts only once the manifest names
//! it. What no manifest names is taken away by the next run that writes. Readers take no lock: files
//! that a later manifest drops stay readable for who has them open, and who comes between reads the
//! manifest again. It must not know what is in the files.

use std::ffi::{OsStr, OsString};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use rustix::io::Errno;

use super::IndexError;
use super::keys::{Keys, random};
use super::manifest::{Manifest, Named};
use super::segment::{Segment, SegmentId};
use crate::redact::failure::Failure;
use crate::redact::io::{Io, name_bytes};
use crate::redact::lock::Held;

const MANIFEST: &str = "manifest";
const MANIFEST_NEW: &str = "manifest.new";
const LOCK: &str = "lock";
const SEGMENT: &str = "segment-";
const CATALOGUE: &str = "catalogue-";
/// A manifest names some dozens of files.
const LONGEST_MANIFEST: u64 = 16 << 20;

/// An open folder.
pub(super) struct Store {
    pub(super) path: PathBuf,
    dir: OwnedFd,
}

/// The right to write, until it is dropped.
pub(super) struct Writing {
    _lock: Held,
}

impl Store {
    /// Opens the folder of an index that is there.
    pub(super) fn open(io: &Io, path: &Path) -> Result<Store, IndexError> {
        match io.open_root(path) {
            Ok(dir) => Ok(Store {
                path: path.to_owned(),
                dir,
            }),
            Err(Errno::NOENT | Errno::NOTDIR) => Err(IndexError::Missing),
            Err(errno) => Err(told(errno, "cannot open the index")),
        }
    }

    /// Opens the folder, making it for its owner alone where it is not there.
    pub(super) fn make(io: &Io, path: &Path) -> Result<Store, IndexError> {
        match io.make_dir(rustix::fs::CWD, path) {
            Ok(()) | Err(Errno::EXIST) => Store::open(io, path),
            Err(errno) => Err(told(errno, "cannot make the folder of the index")),
        }
    }

    fn dir(&self) -> BorrowedFd<'_> {
        self.dir.as_fd()
    }

    /// Takes the right to write, or says that another run has it. Only the owner may write to or
    /// read an index.
    pub(super) fn write(&self, io: &Io) -> Result<Writing, IndexError> {
        let name = OsStr::new(LOCK);
        let lock = match io.create_file(self.dir(), name) {
            Err(Errno::EXIST) => io.open_file(self.dir(), name, OFlags::RDWR),
            made => made,
        };
        let lock = lock.map_err(|errno| told(errno, "cannot lock the index"))?;
        match io.lock(&lock, true) {
            Ok(()) => Ok(Writing { _lock: Held(lock) }),
            Err(Errno::WOULDBLOCK) => Err(IndexError::Locked),
            Err(errno) => Err(told(errno, "cannot lock the index")),
        }
    }

    /// The manifest that counts now; `None` where nothing was ever published.
    pub(super) fn manifest(&self, io: &Io, keys: &Keys) -> Result<Option<Manifest>, IndexError> {
        const DOING: &str = "cannot read the index";
        let file = match io.open_file(self.dir(), OsStr::new(MANIFEST), OFlags::RDONLY) {
            Ok(file) => file,
            Err(Errno::NOENT) => return Ok(None),
            Err(errno) => return Err(told(errno, DOING)),
        };
        let size = io.stat(&file).map_err(|errno| told(errno, DOING))?.st_size;
        let size = size.cast_unsigned();
        if size > LONGEST_MANIFEST {
            return Err(IndexError::Damaged);
        }
        let mut bytes = vec![0; size as usize];
        let read = io
            .read_full(&file, &mut bytes, 0)
            .map_err(|errno| told(errno, DOING))?;
        bytes.truncate(read);
        Manifest::parse(&bytes, keys).map(Some)
    }

    /// Makes `manifest` the one that counts. All that it names has reached the disk.
    pub(super) fn publish(
        &self,
        _writing: &Writing,
        io: &Io,
        keys: &Keys,
        manifest: &Manifest,
    ) -> Result<(), IndexError> {
        const DOING: &str = "cannot publish the index";
        let bytes = manifest.to_bytes(io, keys)?;
        let (new, name) = (OsStr::new(MANIFEST_NEW), OsStr::new(MANIFEST));
        let write = || {
            // The names of the files it speaks of come before its own.
            io.sync_dir(self.dir())?;
            io.unlink(self.dir(), new)?;
            let file = io.create_file(self.dir(), new)?;
            io.write_full(&file, &bytes, 0)?;
            io.sync(&file)?;
            io.rename_over(self.dir(), new, name)?;
            io.sync_dir(self.dir())
        };
        write().map_err(|errno| told(errno, DOING))
    }

    /// Takes away what no manifest names.
    pub(super) fn tidy(
        &self,
        _writing: &Writing,
        io: &Io,
        manifest: Option<&Manifest>,
    ) -> Result<(), IndexError> {
        const DOING: &str = "cannot tidy the index";
        let mut kept: Vec<OsString> = vec![MANIFEST.into(), LOCK.into()];
        if let Some(manifest) = manifest {
            let segments = manifest.segments.iter();
            kept.extend(segments.map(|one| segment_name(one.number)));
            kept.push(catalogue_name(manifest.catalogue.number));
        }
        let names = io.list(self.dir()).map_err(|errno| told(errno, DOING))?;
        for name in names {
            let bytes = name_bytes(&name);
            let ours = bytes.starts_with(SEGMENT.as_bytes())
                || bytes.starts_with(CATALOGUE.as_bytes())
                || bytes == MANIFEST_NEW.as_bytes();
            if ours && !kept.contains(&name) {
                io.unlink(self.dir(), &name)
                    .map_err(|errno| told(errno, DOING))?;
            }
        }
        Ok(())
    }

    /// Makes the file of the segment `number`.
    pub(super) fn new_segment(&self, io: &Io, number: u64) -> Result<OwnedFd, IndexError> {
        io.create_file(self.dir(), &segment_name(number))
            .map_err(|errno| told(errno, "cannot make a segment of the index"))
    }

    /// Makes the file of the catalogue `number`, and says where it is.
    pub(super) fn new_catalogue(
        &self,
        io: &Io,
        number: u64,
    ) -> Result<(OwnedFd, PathBuf), IndexError> {
        let name = catalogue_name(number);
        let file = io
            .create_file(self.dir(), &name)
            .map_err(|errno| told(errno, "cannot make the catalogue of the index"))?;
        Ok((file, self.path.join(name)))
    }

    /// Opens the segment that a manifest names.
    pub(super) fn segment(
        &self,
        io: &Io,
        keys: &Keys,
        index: [u8; 16],
        named: &Named,
    ) -> Result<Segment, IndexError> {
        let file = self.existing(io, &segment_name(named.number), named.bytes)?;
        let number = named.number;
        let segment = Segment::open(&file, keys, SegmentId { index, number })?;
        if segment.postings() == named.postings {
            Ok(segment)
        } else {
            Err(IndexError::Damaged)
        }
    }

    /// The open catalogue that a manifest names, and where it is.
    pub(super) fn catalogue(
        &self,
        io: &Io,
        named: &Named,
    ) -> Result<(OwnedFd, PathBuf), IndexError> {
        let name = catalogue_name(named.number);
        let file = self.existing(io, &name, named.bytes)?;
        Ok((file, self.path.join(name)))
    }

    /// Opens a file of a known length.
    fn existing(&self, io: &Io, name: &OsStr, bytes: u64) -> Result<OwnedFd, IndexError> {
        let doing = "cannot open a file of the index";
        let file = match io.open_file(self.dir(), name, OFlags::RDONLY) {
            Ok(file) => file,
            // A later manifest has dropped it, or somebody took it away.
            Err(Errno::NOENT) => return Err(IndexError::Damaged),
            Err(errno) => return Err(told(errno, doing)),
        };
        let stat = io.stat(&file).map_err(|errno| told(errno, doing))?;
        if stat.st_size.cast_unsigned() == bytes {
            Ok(file)
        } else {
            Err(IndexError::Damaged)
        }
    }
}

/// Draws what tells a new index from all others.
pub(super) fn new_id(io: &Io) -> Result<[u8; 16], IndexError> {
    random(io)
}

fn segment_name(number: u64) -> OsString {
    format!("{SEGMENT}{number}").into()
}

fn catalogue_name(number: u64) -> OsString {
    format!("{CATALOGUE}{number}").into()
}

pub(super) fn told(errno: Errno, doing: &'static str) -> IndexError {
    Failure::system(errno, doing).into()
}
