//! What a place allows: which modes work there and which level of erasure they reach. It owns
//! the questions `efface doctor` asks; it changes nothing.

use std::os::fd::AsFd;
use std::path::Path;

use rustix::fs::{FileType, IFlags};
use rustix::io::Errno;

use super::failure::{Doing, Failure, Outcome, Reason};
use super::io::Io;
use super::medium::{self, Medium, Remnant, Trust};
use super::place::{Root, Target};

/// How far erasure goes on a place, in the words of NIST SP 800-88: a file-level overwrite is at
/// best a partial Clear and never a Purge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Overwriting reaches the blocks that held the value; spare area and backups are out of
    /// reach.
    Overwritten,
    /// The value is gone from the file; its old blocks may stay readable on the device.
    FileOnly,
    /// Nothing can be changed here.
    None,
}

impl Level {
    /// The name in the report.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Overwritten => "overwritten",
            Self::FileOnly => "file-only",
            Self::None => "none",
        }
    }
}

/// What a place allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advice {
    /// Its file system.
    pub medium: Medium,
    /// Whether same-width edits can be written over a file here, or why not.
    pub overwrite: Result<(), Failure>,
    /// Whether a file can be replaced here, or why not.
    pub swap: Result<(), Failure>,
    /// How far erasure goes.
    pub level: Level,
}

/// Looks at a file or folder.
pub fn examine(io: &Io, path: &Path) -> Outcome<Advice> {
    const DOING: &str = "cannot look at the path";
    let is_dir = std::fs::symlink_metadata(path)
        .map(|it| it.is_dir())
        .map_err(|error| {
            Failure::system(Errno::from_io_error(&error).unwrap_or(Errno::IO), DOING)
        })?;
    if is_dir {
        let root = Root::open(io, path)?;
        let medium = medium::of(io, root.dir(), root.identity().dev)?;
        let may = writable(&medium, io.stat(root.dir()).doing(DOING)?.st_mode);
        return Ok(advice(medium, may, may));
    }
    let (root, name) = Root::of_file(io, path)?;
    let target = Target::open(io, &root, &name)?;
    let medium = medium::of(io, &target.file, target.id.dev)?;
    let flags = io
        .flags(&target.file)
        .doing(DOING)?
        .unwrap_or(IFlags::empty());
    let may = if flags.contains(IFlags::IMMUTABLE) {
        Err(Failure::new(Reason::Immutable, DOING))
    } else if flags.contains(IFlags::APPEND) {
        Err(Failure::new(Reason::AppendOnly, DOING))
    } else {
        writable(&medium, target.stat.st_mode)
    };
    let overwrite = may.and_then(|()| target.open_to_write(io).map(drop));
    let links = u64::from(target.stat.st_nlink as u32);
    let swap = may.and_then(|()| match links {
        0 | 1 => io.lease(target.file.as_fd()).map_err(|errno| match errno {
            Errno::AGAIN => Failure::new(Reason::Busy, DOING),
            _ => Failure::new(Reason::NeedsQuiescent, DOING),
        }),
        _ => Err(Failure::new(Reason::HardLinks(links), DOING)),
    });
    Ok(advice(medium, overwrite, swap))
}

fn writable(medium: &Medium, mode: u32) -> Result<(), Failure> {
    const DOING: &str = "cannot change files here";
    let kind = FileType::from_raw_mode(mode);
    match medium.trust {
        Trust::Remote => Err(Failure::new(Reason::NeedsQuiescent, DOING)),
        Trust::Local if matches!(kind, FileType::RegularFile | FileType::Directory) => Ok(()),
        Trust::Local | Trust::Pseudo => Err(Failure::new(Reason::NotRegular, DOING)),
    }
}

fn advice(medium: Medium, overwrite: Result<(), Failure>, swap: Result<(), Failure>) -> Advice {
    let level = if overwrite.is_err() && swap.is_err() {
        Level::None
    } else if medium
        .remnants
        .iter()
        .all(|remnant| *remnant == Remnant::Shared)
        && medium.name != "btrfs"
    {
        Level::Overwritten
    } else {
        Level::FileOnly
    };
    Advice {
        medium,
        overwrite,
        swap,
        level,
    }
}
