//! The account of every byte of a chunk (R5): in a view, structure, or unread with a reason.

use std::ops::Range;

/// Why bytes were not read; a closed list, documented in the README.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// Binary data that no format claims.
    Opaque,
    /// A format that is recognised and not read.
    Unsupported(&'static str),
    /// The bytes are not what their encoding allows.
    Malformed,
    /// The compressed or encoded data ends early.
    Truncated,
    /// A limit on size, ratio or depth was reached.
    Limit,
    /// The operating system refused to open or read it.
    Denied,
    /// It was there when the folder was read and is gone.
    Vanished,
    /// Reading failed.
    ReadError,
    /// A symbolic link, which is not followed.
    Symlink,
    /// A device, socket or FIFO.
    Special,
    /// Another program was writing to it.
    Locked,
    /// The run was stopped before the end.
    Interrupted,
}

impl Reason {
    /// The word shown in reports.
    pub fn name(self) -> String {
        match self {
            Reason::Opaque => "opaque".to_owned(),
            Reason::Unsupported(format) => format!("unsupported:{format}"),
            Reason::Malformed => "malformed".to_owned(),
            Reason::Truncated => "truncated".to_owned(),
            Reason::Limit => "limit".to_owned(),
            Reason::Denied => "denied".to_owned(),
            Reason::Vanished => "vanished".to_owned(),
            Reason::ReadError => "read-error".to_owned(),
            Reason::Symlink => "symlink".to_owned(),
            Reason::Special => "special-file".to_owned(),
            Reason::Locked => "locked".to_owned(),
            Reason::Interrupted => "interrupted".to_owned(),
        }
    }
}

/// How many bytes of a chunk were what; ranges are chunk offsets.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    /// Bytes of the chunk that some view reads or that are structure.
    accounted: u64,
    /// Bytes nobody read, with the reason.
    unread: Vec<(Range<usize>, Reason)>,
}

impl Ledger {
    /// An account in which all `len` bytes were read.
    pub fn read(len: usize) -> Self {
        Ledger {
            accounted: len as u64,
            unread: Vec::new(),
        }
    }

    /// Takes `range` out of what was read.
    pub fn unread(&mut self, range: Range<usize>, reason: Reason) {
        self.accounted = self.accounted.saturating_sub(range.len() as u64);
        self.unread.push((range, reason));
    }

    /// Bytes read.
    pub fn bytes_read(&self) -> u64 {
        self.accounted
    }

    /// What was not read, and why.
    pub fn gaps(&self) -> &[(Range<usize>, Reason)] {
        &self.unread
    }
}
