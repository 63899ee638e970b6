//! What a file system can promise: whether it tells of writers, whether overwriting reaches the
//! old blocks, what keeps copies. It owns the table of file systems; it must not know files.
//!
//! Sources: `statfs(2)` for the magic numbers; the measurements behind docs/INVARIANTS.md.

use std::os::fd::AsFd;

use super::failure::{Doing, Outcome};
use super::io::Io;

/// How far a file system can be trusted with a change in place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// Leases tell of writers, syncs are honest as far as the hardware is.
    Local,
    /// Other machines or a user-space server may write unseen.
    Remote,
    /// Nothing of users is stored here (`/proc`, `/sys`).
    Pseudo,
}

/// What keeps old bytes readable although they were overwritten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remnant {
    /// Every write goes to new blocks; the old ones stay until they are used again.
    CopyOnWrite,
    /// Blocks may be shared with other files (reflinks) or snapshots.
    Shared,
    /// The journal of the file system holds copies of data (`data=journal`).
    DataJournal,
    /// A lower layer holds the original.
    LowerLayer,
    /// What the server keeps is not known.
    Server,
    /// Whether overwriting reaches the old blocks is not known.
    Unknown,
}

impl Remnant {
    /// The name in receipts and reports.
    pub const fn code(self) -> &'static str {
        match self {
            Self::CopyOnWrite => "copy-on-write",
            Self::Shared => "shared-blocks",
            Self::DataJournal => "data-journal",
            Self::LowerLayer => "lower-layer",
            Self::Server => "server",
            Self::Unknown => "unknown-file-system",
        }
    }

    /// What it means for the user.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::CopyOnWrite => "the file system writes to new blocks; old blocks stay readable",
            Self::Shared => "other files or snapshots may share the old blocks",
            Self::DataJournal => "the file system's journal keeps copies of data for a while",
            Self::LowerLayer => "the lower layer still holds the original",
            Self::Server => "what the server keeps is not known",
            Self::Unknown => "whether overwriting reaches the old blocks is not known",
        }
    }
}

/// A file system as far as writing is concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Medium {
    /// What it is called.
    pub name: &'static str,
    /// See [`Trust`].
    pub trust: Trust,
    /// What keeps old bytes; empty where overwriting replaces them in the device's view.
    pub remnants: Vec<Remnant>,
}

type Row = (u64, &'static str, Trust, &'static [Remnant]);

use Remnant::{CopyOnWrite, LowerLayer, Server, Shared, Unknown};
use Trust::{Local, Pseudo, Remote};

const TABLE: &[Row] = &[
    (0xEF53, "ext", Local, &[]),
    (0x5846_5342, "xfs", Local, &[Shared]),
    (0x9123_683E, "btrfs", Local, &[CopyOnWrite, Shared]),
    (0x2FC1_2FC1, "zfs", Local, &[CopyOnWrite, Shared]),
    (0xCA45_1A4E, "bcachefs", Local, &[CopyOnWrite, Shared]),
    (0xF2F5_2010, "f2fs", Local, &[CopyOnWrite]),
    (0x3434, "nilfs", Local, &[CopyOnWrite]),
    (0x0102_1994, "tmpfs", Local, &[]),
    (0x8584_58F6, "ramfs", Local, &[]),
    (0x3153_464A, "jfs", Local, &[]),
    (0x4D44, "vfat", Local, &[]),
    (0x2011_BAB0, "exfat", Local, &[]),
    (0x7366_746E, "ntfs3", Local, &[Unknown]),
    (0x794C_7630, "overlay", Local, &[LowerLayer]),
    (0xF15F, "ecryptfs", Remote, &[Unknown]),
    (0x6969, "nfs", Remote, &[Server]),
    (0xFF53_4D42, "cifs", Remote, &[Server]),
    (0xFE53_4D42, "smb", Remote, &[Server]),
    (0x00C3_6400, "ceph", Remote, &[Server]),
    (0x0102_1997, "9p", Remote, &[Server]),
    (0x5346_414F, "afs", Remote, &[Server]),
    (0x7375_7245, "coda", Remote, &[Server]),
    (0x0BD0_0BD0, "lustre", Remote, &[Server]),
    (0x6573_5546, "fuse", Remote, &[Server]),
    (0x9FA0, "proc", Pseudo, &[]),
    (0x6265_6572, "sysfs", Pseudo, &[]),
    (0x1CD1, "devpts", Pseudo, &[]),
    (0x6462_6720, "debugfs", Pseudo, &[]),
    (0x7472_6163, "tracefs", Pseudo, &[]),
    (0x6367_7270, "cgroup2", Pseudo, &[]),
    (0x4249_4E4D, "binfmt_misc", Pseudo, &[]),
    (0x7363_6673, "securityfs", Pseudo, &[]),
];

/// What the file system of an open file or folder is.
pub fn of(io: &Io, fd: impl AsFd, dev: u64) -> Outcome<Medium> {
    let magic = io
        .stat_fs(fd)
        .doing("cannot look at the file system")?
        .f_type as u64;
    // The kernel gives a signed number; 32 bits hold every magic.
    let magic = magic & 0xFFFF_FFFF;
    let row = TABLE.iter().find(|row| row.0 == magic);
    let (_, name, trust, remnants) = row
        .copied()
        .unwrap_or((magic, "unknown", Remote, &[Unknown]));
    let mut remnants = remnants.to_vec();
    if name == "ext" && mounted_with(dev, "data=journal") {
        remnants.push(Remnant::DataJournal);
    }
    Ok(Medium {
        name,
        trust,
        remnants,
    })
}

/// Whether the mount of device `dev` has an option, as the kernel lists it.
fn mounted_with(dev: u64, option: &str) -> bool {
    let number = format!("{}:{}", rustix::fs::major(dev), rustix::fs::minor(dev));
    let Ok(mounts) = std::fs::read_to_string("/proc/self/mountinfo") else {
        return false;
    };
    mounts.lines().any(|line| has_option(line, &number, option))
}

/// A line of `/proc/self/mountinfo`: the third word is the device, the last one the options of
/// the file system.
fn has_option(line: &str, number: &str, option: &str) -> bool {
    line.split(' ').nth(2) == Some(number)
        && line
            .rsplit(' ')
            .next()
            .is_some_and(|all| all.split(',').any(|one| one == option))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mount_options_are_read_for_the_right_device() {
        let line = "36 35 8:1 / /mnt rw,noatime shared:1 - ext4 /dev/sda1 rw,data=journal";
        assert!(has_option(line, "8:1", "data=journal"));
        assert!(!has_option(line, "8:2", "data=journal"));
        assert!(!has_option(line, "8:1", "data=ordered"));
    }

    #[test]
    fn every_file_system_is_listed_once() {
        for (at, row) in TABLE.iter().enumerate() {
            assert!(
                !TABLE[..at].iter().any(|other| other.0 == row.0),
                "{}",
                row.1
            );
        }
    }
}
