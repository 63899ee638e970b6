//! Which file is meant, and whether it still is that file: roots, targets, identities. It owns
//! opening beneath a root on descriptors; it must not know what will be written.

use std::ffi::{OsStr, OsString};
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Component, Path, PathBuf};

use rustix::fs::{FileType, OFlags, Stat};
use rustix::io::Errno;

use super::failure::{Doing, Failure, Outcome, Reason};
use super::io::Io;

/// What a file was when it was looked at. Two equal identities mean: the same file, and nobody
/// wrote to it in between (as far as its change time tells).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    /// The device.
    pub dev: u64,
    /// The inode number on it.
    pub ino: u64,
    /// Length in bytes.
    pub size: u64,
    /// Modification time, nanoseconds since 1970.
    pub mtime: i128,
    /// Change time, nanoseconds since 1970.
    pub ctime: i128,
}

impl Identity {
    /// From the answer of `fstat`.
    pub fn of(stat: &Stat) -> Self {
        let time = |seconds: i128, nanos: i128| seconds * 1_000_000_000 + nanos;
        Self {
            dev: stat.st_dev,
            ino: stat.st_ino,
            size: stat.st_size.cast_unsigned(),
            mtime: time(i128::from(stat.st_mtime), i128::from(stat.st_mtime_nsec)),
            ctime: time(i128::from(stat.st_ctime), i128::from(stat.st_ctime_nsec)),
        }
    }

    /// Of an open file, for the scanner that wants to write to it later.
    pub fn of_file(file: impl AsFd) -> std::io::Result<Self> {
        Ok(Self::of(&rustix::fs::fstat(file)?))
    }

    /// Whether both are one file, changed or not.
    pub const fn same_file(&self, other: &Self) -> bool {
        self.dev == other.dev && self.ino == other.ino
    }
}

/// A folder that the user named. Nothing outside it is written through it.
pub struct Root {
    path: PathBuf,
    dir: OwnedFd,
    id: Identity,
}

impl Root {
    /// Opens a folder that the user named. Links on the way to it are the user's own and are
    /// resolved here, once.
    pub fn open(io: &Io, path: &Path) -> Outcome<Self> {
        const DOING: &str = "cannot open the folder";
        let dir = io.open_root(path).doing(DOING)?;
        let id = Identity::of(&io.stat(&dir).doing(DOING)?);
        // For the journal: recovery may run in another working folder.
        let path = std::fs::canonicalize(path).map_err(|error| {
            let errno = rustix::io::Errno::from_io_error(&error);
            Failure {
                errno,
                ..Failure::new(Reason::Vanished, DOING)
            }
        })?;
        Ok(Self { path, dir, id })
    }

    /// The root and the path beneath it for a single file that the user named.
    pub fn of_file(io: &Io, path: &Path) -> Outcome<(Self, PathBuf)> {
        let name = path
            .file_name()
            .ok_or(Failure::new(Reason::Outside, "cannot use the path"))?;
        let above = path.parent().filter(|above| !above.as_os_str().is_empty());
        Ok((
            Self::open(io, above.unwrap_or(Path::new(".")))?,
            PathBuf::from(name),
        ))
    }

    /// The folder, absolute and without links.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Device and inode of the folder.
    pub const fn identity(&self) -> &Identity {
        &self.id
    }

    /// The open folder.
    pub(crate) const fn dir(&self) -> &OwnedFd {
        &self.dir
    }
}

/// Puts a small file in place that is nobody's data, whole or not at all, for everyone to read;
/// durable on return.
pub fn put(io: &Io, path: &Path, bytes: &[u8]) -> Outcome<()> {
    const DOING: &str = "cannot write the file";
    let (root, name) = Root::of_file(io, path)?;
    let mut new = name.as_os_str().to_os_string();
    new.push(".efface-new");
    let dir = root.dir().as_fd();
    io.unlink(dir, &new).doing(DOING)?;
    let file = io.create_file(dir, &new).doing(DOING)?;
    let written = io
        .chmod(&file, 0o644)
        .and_then(|()| io.write_full(&file, bytes, 0))
        .and_then(|()| io.sync(&file))
        .and_then(|()| io.rename_over(dir, &new, name.as_os_str()))
        .and_then(|()| io.sync_dir(dir));
    if let Err(errno) = written {
        // It is of no use to anybody; that it cannot be taken away is not worse than why.
        let _ = io.unlink(dir, &new);
        return Err(Failure::system(errno, DOING));
    }
    Ok(())
}

/// Makes a folder and what is missing above it, for its owner alone: what is redacted into it is
/// still somebody's data.
pub(crate) fn make_folders(io: &Io, path: &Path) -> Outcome<()> {
    const DOING: &str = "cannot make the output folder";
    match io.make_dir(rustix::fs::CWD, path) {
        Ok(()) | Err(Errno::EXIST) => Ok(()),
        Err(Errno::NOENT) => {
            let above = path.parent().filter(|above| !above.as_os_str().is_empty());
            make_folders(io, above.ok_or(Failure::system(Errno::NOENT, DOING))?)?;
            match io.make_dir(rustix::fs::CWD, path) {
                Ok(()) | Err(Errno::EXIST) => Ok(()),
                Err(errno) => Err(Failure::system(errno, DOING)),
            }
        }
        Err(errno) => Err(Failure::system(errno, DOING)),
    }
}

/// The folder part and the name of a path beneath a root; refuses absolute paths and `..`.
pub(crate) fn split(path: &Path) -> Outcome<(&Path, &OsStr)> {
    const OUTSIDE: Failure = Failure::new(Reason::Outside, "cannot use the path");
    let plain = path
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    let name = path.file_name().filter(|_| plain).ok_or(OUTSIDE)?;
    Ok((path.parent().unwrap_or(Path::new("")), name))
}

/// An existing regular file, open for reading, with the folder that holds its name.
pub(crate) struct Target {
    pub dir: OwnedFd,
    pub name: OsString,
    pub file: OwnedFd,
    pub stat: Stat,
    pub id: Identity,
}

impl Target {
    /// Opens `path` beneath `root`. What is no regular file is never opened: opening a FIFO
    /// would wait, opening a device could do anything.
    pub(crate) fn open(io: &Io, root: &Root, path: &Path) -> Outcome<Self> {
        const DOING: &str = "cannot open the file";
        let (above, name) = split(path)?;
        let dir = io.open_dir(root.dir.as_fd(), above).doing(DOING)?;
        let seen = io.stat_name(dir.as_fd(), name).doing(DOING)?;
        let seen = seen.ok_or(Failure::new(Reason::Vanished, DOING))?;
        match FileType::from_raw_mode(seen.st_mode) {
            FileType::RegularFile => {}
            FileType::Symlink => return Err(Failure::new(Reason::Symlink, DOING)),
            _ => return Err(Failure::new(Reason::NotRegular, DOING)),
        }
        let file = io
            .open_file(dir.as_fd(), name, OFlags::RDONLY)
            .doing(DOING)?;
        let stat = io.stat(&file).doing(DOING)?;
        let id = Identity::of(&stat);
        if !id.same_file(&Identity::of(&seen)) {
            return Err(Failure::new(Reason::Changed, DOING));
        }
        Ok(Self {
            dir,
            name: name.to_os_string(),
            file,
            stat,
            id,
        })
    }

    /// The folder once more, for who keeps it longer.
    pub(crate) fn dir(&self) -> Outcome<OwnedFd> {
        self.dir
            .try_clone()
            .map_err(|_| Failure::new(Reason::Io, "cannot open the folder"))
    }

    /// Opens the same file for writing as well; `Changed` when the name leads elsewhere by now.
    pub(crate) fn open_to_write(&self, io: &Io) -> Outcome<OwnedFd> {
        const DOING: &str = "cannot open the file for writing";
        let file = io
            .open_file(self.dir.as_fd(), &self.name, OFlags::RDWR)
            .doing(DOING)?;
        let id = Identity::of(&io.stat(&file).doing(DOING)?);
        if id.same_file(&self.id) {
            Ok(file)
        } else {
            Err(Failure::new(Reason::Changed, DOING))
        }
    }

    /// Whether the name still leads to the file.
    pub(crate) fn is_named(&self, io: &Io) -> bool {
        let named = io.stat_name(self.dir.as_fd(), &self.name);
        named.is_ok_and(|named| named.is_some_and(|named| Identity::of(&named).same_file(&self.id)))
    }

    /// Refuses when anything happened to the file since `self.id` was taken.
    pub(crate) fn still_same(&self, io: &Io) -> Outcome<()> {
        const DOING: &str = "cannot replace the file";
        let now = Identity::of(&io.stat(&self.file).doing(DOING)?);
        let named = io.stat_name(self.dir.as_fd(), &self.name).doing(DOING)?;
        if now == self.id && named.is_some_and(|named| Identity::of(&named) == self.id) {
            Ok(())
        } else {
            Err(Failure::new(Reason::Changed, DOING))
        }
    }
}
