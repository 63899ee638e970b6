//! What a test may do to a system call of the write path. No user of the program can reach this:
//! a hook is only ever installed by [`Io::with_hook`](super::Io::with_hook), which the tests call.

use rustix::io::Errno;

/// The kinds of system call of the write path. One variant a call, so that a test can aim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Op {
    Open,
    Create,
    Stat,
    Read,
    Write,
    Seek,
    Fsync,
    SyncDir,
    Exchange,
    Rename,
    Unlink,
    Mkdir,
    Chmod,
    Chown,
    GetXattr,
    SetXattr,
    GetFlags,
    SetFlags,
    SetTimes,
    Truncate,
    StatFs,
    Lease,
    Flock,
    List,
    Random,
}

/// What becomes of the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is made as asked.
    Go,
    /// It is not made and gives this error.
    Fail(Errno),
    /// A read or write is made for at most this many bytes (at least one); others are made.
    Short(usize),
}

/// Asked before every system call. A hook that wants to kill the process does so itself.
pub trait Hook: Send + Sync {
    /// `op` is about to be made; `len` is the number of bytes for reads and writes, else 0.
    fn before(&self, op: Op, len: usize) -> Verdict;
}
