//! File leases (`fcntl(2)`, `F_SETLEASE`): the kernel says whether anybody else has a file open
//! for writing, and holds new writers off until we are done or a break time has passed (45 s by
//! default). It knows nothing of what is done under the lease.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

/// Which signal tells of a break (`include/uapi/asm-generic/fcntl.h`); the libc crate lacks it.
const F_SETSIG: libc::c_int = 10;

/// What `F_GETLEASE` answers about a lease that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LeaseState {
    /// The lease is in force: no other writer has the file open.
    Held,
    /// Somebody asked to open the file for writing and waits, or the lease has been taken away.
    Broken,
}

/// Takes a read lease on `fd`, which must be open for reading only. `EAGAIN` means that somebody
/// has the file open for writing (also through a writable mapping).
///
/// The notice of a break is sent as `SIGURG`, which a process ignores unless it asks for it;
/// the default (`SIGIO`) would end the process. The state is asked for with [`state`].
pub(crate) fn take_read(fd: BorrowedFd<'_>) -> io::Result<()> {
    command(fd, F_SETSIG, libc::SIGURG)?;
    command(fd, libc::F_SETLEASE, libc::F_RDLCK).map(drop)
}

/// Takes a write lease on `fd`: nobody else has the file open in any way.
pub(crate) fn take_exclusive(fd: BorrowedFd<'_>) -> io::Result<()> {
    command(fd, F_SETSIG, libc::SIGURG)?;
    command(fd, libc::F_SETLEASE, libc::F_WRLCK).map(drop)
}

/// Whether the lease taken on `fd` is still whole. A pending break of a read lease reads as
/// `F_UNLCK`, of a write lease as `F_RDLCK` or `F_UNLCK`; both count as broken.
pub(crate) fn state(fd: BorrowedFd<'_>, exclusive: bool) -> io::Result<LeaseState> {
    let now = command(fd, libc::F_GETLEASE, 0)?;
    let whole = if exclusive {
        libc::F_WRLCK
    } else {
        libc::F_RDLCK
    };
    Ok(if now == whole {
        LeaseState::Held
    } else {
        LeaseState::Broken
    })
}

/// Gives the lease on `fd` up; whoever waits in `open` goes on.
pub(crate) fn release(fd: BorrowedFd<'_>) -> io::Result<()> {
    command(fd, libc::F_SETLEASE, libc::F_UNLCK).map(drop)
}

fn command(fd: BorrowedFd<'_>, command: libc::c_int, argument: libc::c_int) -> io::Result<i32> {
    // SAFETY: `fd` is borrowed, so it is open for the length of the call. Every command passed
    // here (F_SETSIG, F_SETLEASE, F_GETLEASE) takes an int by value or nothing: no memory of
    // this process is read or written by the kernel.
    let answer = unsafe { libc::fcntl(fd.as_raw_fd(), command, argument) };
    if answer == -1 {
        Err(io::Error::last_os_error())
    } else {
        Ok(answer)
    }
}
