//! What a file is apart from its content: owner, mode, ACLs, extended attributes, labels, flags,
//! times. It owns carrying all of it over to a new file or refusing; it must not know contents.

use std::os::fd::OwnedFd;

use rustix::fs::{IFlags, Stat, Timespec, Timestamps};

use super::failure::{Doing, Failure, Outcome, Reason};
use super::io::Io;
use super::place::Identity;

/// Attributes that sign the content itself; they cannot be true for another content.
const OF_CONTENT: [&[u8]; 2] = [b"security.ima", b"security.evm"];
/// The attribute that holds file capabilities; every write to the file clears it.
const CAPABILITY: &[u8] = b"security.capability";

/// The flags of `chattr` that a user may set and that say nothing about how blocks are stored.
fn kept_flags() -> IFlags {
    IFlags::NODUMP | IFlags::NOATIME | IFlags::SYNC | IFlags::DIRSYNC
}

const DOING: &str = "cannot carry over the metadata";
const LOST: Failure = Failure::new(Reason::Metadata, DOING);

/// Makes `new` (which only its owner can read so far) what `old` is, content apart, and checks
/// that it is. At no moment can anybody read `new` who cannot read `old`: the mode comes last.
pub(crate) fn copy(
    io: &Io,
    old: &OwnedFd,
    stat: &Stat,
    new: &OwnedFd,
    keep_times: bool,
) -> Outcome<()> {
    let made = io.stat(new).doing(DOING)?;
    if (made.st_uid, made.st_gid) != (stat.st_uid, stat.st_gid) {
        io.chown(new, stat.st_uid, stat.st_gid).map_err(|_| LOST)?;
    }
    let attributes = io.xattrs(old).map_err(|_| LOST)?;
    let inherited = io.xattrs(new).map_err(|_| LOST)?;
    for (name, _) in &inherited {
        if !attributes.iter().any(|(kept, _)| kept == name) {
            io.remove_xattr(new, name).map_err(|_| LOST)?;
        }
    }
    for (name, value) in &attributes {
        if OF_CONTENT.contains(&name.to_bytes()) {
            return Err(LOST);
        }
        if !inherited
            .iter()
            .any(|(has, same)| has == name && same == value)
        {
            io.set_xattr(new, name, value).map_err(|_| LOST)?;
        }
    }
    io.chmod(new, stat.st_mode).map_err(|_| LOST)?;
    if let (Some(was), Some(is)) = (io.flags(old).doing(DOING)?, io.flags(new).doing(DOING)?) {
        let wanted = (is - kept_flags()) | (was & kept_flags());
        if wanted != is {
            io.set_flags(new, wanted).map_err(|_| LOST)?;
        }
    }
    if keep_times {
        io.set_times(new, &times(stat)).map_err(|_| LOST)?;
    }
    let is = io.stat(new).doing(DOING)?;
    let same = (is.st_uid, is.st_gid, is.st_mode) == (stat.st_uid, stat.st_gid, stat.st_mode)
        && (!keep_times || Identity::of(&is).mtime == Identity::of(stat).mtime);
    let mut kept = io.xattrs(new).map_err(|_| LOST)?;
    let mut wanted = attributes;
    kept.sort();
    wanted.sort();
    if same && kept == wanted {
        Ok(())
    } else {
        Err(LOST)
    }
}

/// Gives an output elsewhere the permission bits and times of its source: never more than the
/// source allows, no set-id bits, owned by whoever runs the program.
pub(crate) fn copy_out(io: &Io, stat: &Stat, new: &OwnedFd, keep_times: bool) -> Outcome<()> {
    io.chmod(new, stat.st_mode & 0o777).map_err(|_| LOST)?;
    if keep_times {
        io.set_times(new, &times(stat)).map_err(|_| LOST)?;
    }
    Ok(())
}

/// Whether a plain write to the file would take rights from it (set-id bits, capabilities).
pub(crate) fn cleared_by_writing(io: &Io, file: &OwnedFd, stat: &Stat) -> Outcome<bool> {
    if stat.st_mode & 0o6000 != 0 {
        return Ok(true);
    }
    let attributes = io.xattrs(file).doing(DOING)?;
    Ok(attributes
        .iter()
        .any(|(name, _)| name.to_bytes() == CAPABILITY))
}

/// The times of a file as they are set on another.
fn times(stat: &Stat) -> Timestamps {
    let at = |seconds: i64, nanos: i64| Timespec {
        tv_sec: seconds,
        tv_nsec: nanos,
    };
    Timestamps {
        last_access: at(stat.st_atime, stat.st_atime_nsec as i64),
        last_modification: at(stat.st_mtime, stat.st_mtime_nsec as i64),
    }
}

/// The times that an overwritten file gets back, nanoseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Times {
    /// `None`: left alone (recovery does not know it).
    pub accessed: Option<i128>,
    pub modified: i128,
}

impl Times {
    /// The times of a file as it was looked at.
    pub(crate) fn of(stat: &Stat) -> Self {
        let times = times(stat);
        let nanos = |time: Timespec| i128::from(time.tv_sec) * SECOND + i128::from(time.tv_nsec);
        Self {
            accessed: Some(nanos(times.last_access)),
            modified: nanos(times.last_modification),
        }
    }

    /// Puts them back.
    pub(crate) fn restore(self, io: &Io, file: &OwnedFd) -> Outcome<()> {
        let omit = Timespec {
            tv_sec: 0,
            tv_nsec: rustix::fs::UTIME_OMIT,
        };
        let at = |time: i128| Timespec {
            tv_sec: time.div_euclid(SECOND) as i64,
            tv_nsec: time.rem_euclid(SECOND) as i64,
        };
        let times = Timestamps {
            last_access: self.accessed.map_or(omit, at),
            last_modification: at(self.modified),
        };
        io.set_times(file, &times).map_err(|errno| Failure {
            errno: Some(errno),
            ..LOST
        })
    }
}

const SECOND: i128 = 1_000_000_000;
