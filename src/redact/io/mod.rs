//! The one seam through which every system call of the write path goes: user files, temporary
//! files, the state folder. It owns the calls, the retry on `EINTR` and the place where tests
//! inject faults; it must not know why a call is made.
//!
//! Paths are only ever resolved beneath an open folder and never through a symbolic link
//! (`openat2`), so a tree that is changed by somebody else while we work cannot lead a write out
//! of it. Errors are raw [`Errno`]s; the callers say what they were doing.

pub mod fault;

use std::ffi::{CString, OsStr, OsString};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;

use rustix::fs::{
    AtFlags, FlockOperation, IFlags, Mode, OFlags, RenameFlags, ResolveFlags, Stat, StatFs,
    Timestamps, XattrFlags,
};
use rustix::io::Errno;

pub(crate) use crate::raw::lease::LeaseState;
use fault::{Hook, Op, Verdict};

/// What a call gives.
pub type Result<T> = std::result::Result<T, Errno>;

/// Paths beneath a folder: no way out of it, no symbolic link, no `/proc` link on the way.
const INSIDE: ResolveFlags = ResolveFlags::BENEATH
    .union(ResolveFlags::NO_SYMLINKS)
    .union(ResolveFlags::NO_MAGICLINKS);

/// The system calls of the write path.
pub struct Io {
    hook: Option<Box<dyn Hook>>,
}

impl Io {
    /// The real thing, as users have it.
    pub const fn real() -> Self {
        Self { hook: None }
    }

    /// For the tests of this crate: `hook` is asked before every call.
    #[doc(hidden)]
    pub fn with_hook(hook: Box<dyn Hook>) -> Self {
        Self { hook: Some(hook) }
    }

    fn step(&self, op: Op, len: usize) -> Result<usize> {
        match self.hook.as_ref().map(|hook| hook.before(op, len)) {
            None | Some(Verdict::Go) => Ok(len),
            Some(Verdict::Short(most)) => Ok(len.min(most.max(1))),
            Some(Verdict::Fail(errno)) => Err(errno),
        }
    }

    /// Makes one call, again when a signal interrupted it.
    fn call<T>(&self, op: Op, mut make: impl FnMut() -> Result<T>) -> Result<T> {
        loop {
            match self.step(op, 0).and_then(|_| make()) {
                Err(Errno::INTR) => {}
                done => return done,
            }
        }
    }

    // ---- opening -------------------------------------------------------------------------

    /// Opens a folder by a path that the user gave (symbolic links in it are the user's own).
    pub fn open_root(&self, path: &Path) -> Result<OwnedFd> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        self.call(Op::Open, || rustix::fs::open(path, flags, Mode::empty()))
    }

    /// Opens an absolute folder path without following any symbolic link.
    pub fn open_absolute_dir(&self, path: &Path) -> Result<OwnedFd> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let how = ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
        self.call(Op::Open, || {
            rustix::fs::openat2(rustix::fs::CWD, path, flags, Mode::empty(), how)
        })
    }

    /// Opens the folder `path` beneath `root`; the empty path is `root` itself.
    pub fn open_dir(&self, root: BorrowedFd<'_>, path: &Path) -> Result<OwnedFd> {
        let path = if path.as_os_str().is_empty() {
            Path::new(".")
        } else {
            path
        };
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        self.call(Op::Open, || {
            rustix::fs::openat2(root, path, flags, Mode::empty(), INSIDE)
        })
    }

    /// Opens the file `name` in `dir`, never through a symbolic link and never blocking.
    pub fn open_file(&self, dir: BorrowedFd<'_>, name: &OsStr, access: OFlags) -> Result<OwnedFd> {
        let flags = access | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
        self.call(Op::Open, || {
            rustix::fs::openat2(dir, name, flags, Mode::empty(), INSIDE)
        })
    }

    /// Makes a new file that only its owner can read, and opens it for reading and writing.
    /// `EEXIST` when the name is taken, whatever it is. Reading it back leaves no access time.
    pub fn create_file(&self, dir: BorrowedFd<'_>, name: &OsStr) -> Result<OwnedFd> {
        let flags = OFlags::RDWR
            | OFlags::CREATE
            | OFlags::EXCL
            | OFlags::NOFOLLOW
            | OFlags::NOATIME
            | OFlags::CLOEXEC
            | OFlags::NOCTTY;
        let mode = Mode::RUSR | Mode::WUSR;
        self.call(Op::Create, || {
            rustix::fs::openat2(dir, name, flags, mode, INSIDE)
        })
    }

    /// Makes a file without a name on the file system of `dir`, or in memory where that has none:
    /// it is gone with its last descriptor, however the process ends.
    pub fn create_unnamed(&self, dir: BorrowedFd<'_>) -> Result<OwnedFd> {
        let flags = OFlags::RDWR | OFlags::TMPFILE | OFlags::CLOEXEC;
        let mode = Mode::RUSR | Mode::WUSR;
        let made = self.call(Op::Create, || {
            rustix::fs::openat(dir, Path::new("."), flags, mode)
        });
        match made {
            Err(Errno::OPNOTSUPP | Errno::ISDIR | Errno::INVAL | Errno::NOENT) => {
                let flags = rustix::fs::MemfdFlags::CLOEXEC;
                self.call(Op::Create, || rustix::fs::memfd_create("efface", flags))
            }
            made => made,
        }
    }

    /// Makes the folder `name` in `dir` for its owner alone.
    pub fn make_dir(&self, dir: BorrowedFd<'_>, name: &Path) -> Result<()> {
        self.call(Op::Mkdir, || rustix::fs::mkdirat(dir, name, Mode::RWXU))
    }

    // ---- looking -------------------------------------------------------------------------

    /// The metadata of an open file.
    pub fn stat(&self, fd: impl AsFd) -> Result<Stat> {
        self.call(Op::Stat, || rustix::fs::fstat(fd.as_fd()))
    }

    /// The metadata of the name itself, a symbolic link included; `None` when there is none.
    pub fn stat_name(&self, dir: BorrowedFd<'_>, name: &OsStr) -> Result<Option<Stat>> {
        let seen = self.call(Op::Stat, || {
            rustix::fs::statat(dir, name, AtFlags::SYMLINK_NOFOLLOW)
        });
        match seen {
            Ok(stat) => Ok(Some(stat)),
            Err(Errno::NOENT) => Ok(None),
            Err(errno) => Err(errno),
        }
    }

    /// What file system an open file is on.
    pub fn stat_fs(&self, fd: impl AsFd) -> Result<StatFs> {
        self.call(Op::StatFs, || rustix::fs::fstatfs(fd.as_fd()))
    }

    /// The names in a folder, in no order, without `.` and `..`.
    pub fn list(&self, dir: BorrowedFd<'_>) -> Result<Vec<OsString>> {
        self.call(Op::List, || {
            let mut names = Vec::new();
            for entry in rustix::fs::Dir::read_from(dir)? {
                let name = entry?.file_name().to_bytes().to_vec();
                if name != b"." && name != b".." {
                    names.push(OsString::from_vec(name));
                }
            }
            Ok(names)
        })
    }

    /// The attribute flags of `chattr`; `None` where the file system has none.
    pub fn flags(&self, fd: impl AsFd) -> Result<Option<IFlags>> {
        match self.call(Op::GetFlags, || rustix::fs::ioctl_getflags(fd.as_fd())) {
            Ok(flags) => Ok(Some(flags)),
            Err(Errno::NOTTY | Errno::OPNOTSUPP | Errno::INVAL | Errno::NOSYS) => Ok(None),
            Err(errno) => Err(errno),
        }
    }

    /// Where the next data (not hole) at or after `offset` lies, as a half-open range; `None`
    /// when only a hole is left. File systems without the question count as all data.
    pub fn next_data(&self, fd: impl AsFd, offset: u64, end: u64) -> Result<Option<(u64, u64)>> {
        use rustix::fs::{SeekFrom, seek};
        if offset >= end {
            return Ok(None);
        }
        let start = match self.call(Op::Seek, || seek(fd.as_fd(), SeekFrom::Data(offset))) {
            Ok(start) => start,
            Err(Errno::NXIO) => return Ok(None),
            Err(Errno::INVAL | Errno::OPNOTSUPP | Errno::NOSYS) => return Ok(Some((offset, end))),
            Err(errno) => return Err(errno),
        };
        if start >= end {
            return Ok(None);
        }
        let hole = self.call(Op::Seek, || seek(fd.as_fd(), SeekFrom::Hole(start)))?;
        Ok(Some((start, hole.min(end).max(start + 1))))
    }

    // ---- bytes ---------------------------------------------------------------------------

    /// Reads at most `buffer.len()` bytes at `offset`; 0 is the end of the file and nothing else.
    pub fn read_at(&self, fd: impl AsFd, buffer: &mut [u8], offset: u64) -> Result<usize> {
        loop {
            let read = self.step(Op::Read, buffer.len()).and_then(|most| {
                rustix::io::pread(
                    fd.as_fd(),
                    buffer.get_mut(..most).ok_or(Errno::INVAL)?,
                    offset,
                )
            });
            match read {
                Err(Errno::INTR) => {}
                done => return done,
            }
        }
    }

    /// Fills `buffer` from `offset`; gives fewer bytes only at the end of the file.
    pub fn read_full(&self, fd: impl AsFd, buffer: &mut [u8], offset: u64) -> Result<usize> {
        let mut done = 0;
        while let Some(rest) = buffer.get_mut(done..).filter(|rest| !rest.is_empty()) {
            match self.read_at(fd.as_fd(), rest, offset + done as u64)? {
                0 => break,
                read => done += read,
            }
        }
        Ok(done)
    }

    /// Writes all of `bytes` at `offset`.
    pub fn write_full(&self, fd: impl AsFd, bytes: &[u8], offset: u64) -> Result<()> {
        let mut done = 0;
        while let Some(rest) = bytes.get(done..).filter(|rest| !rest.is_empty()) {
            let written = self.step(Op::Write, rest.len()).and_then(|most| {
                let part = rest.get(..most).ok_or(Errno::INVAL)?;
                rustix::io::pwrite(fd.as_fd(), part, offset + done as u64)
            });
            match written {
                // A device that takes nothing and names no error must not make us spin.
                Ok(0) => return Err(Errno::IO),
                Ok(count) => done += count,
                Err(Errno::INTR) => {}
                Err(errno) => return Err(errno),
            }
        }
        Ok(())
    }

    /// Sets the length of a file.
    pub fn truncate(&self, fd: impl AsFd, length: u64) -> Result<()> {
        self.call(Op::Truncate, || rustix::fs::ftruncate(fd.as_fd(), length))
    }

    /// Fresh random bytes from the kernel.
    pub fn random<const N: usize>(&self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        let flags = rustix::rand::GetRandomFlags::empty();
        let got = self.call(Op::Random, || {
            rustix::rand::getrandom(&mut bytes[..], flags)
        })?;
        if got == N { Ok(bytes) } else { Err(Errno::IO) }
    }

    // ---- durability ----------------------------------------------------------------------

    /// Data and metadata of a file reach the disk. An error is final: the state of the file is
    /// then unknown, and a second call that succeeds proves nothing.
    pub fn sync(&self, fd: impl AsFd) -> Result<()> {
        self.call(Op::Fsync, || rustix::fs::fsync(fd.as_fd()))
    }

    /// The names in a folder reach the disk.
    pub fn sync_dir(&self, fd: impl AsFd) -> Result<()> {
        self.call(Op::SyncDir, || rustix::fs::fsync(fd.as_fd()))
    }

    // ---- names ---------------------------------------------------------------------------

    /// Exchanges two names of one folder in one step; both must exist.
    pub fn exchange(&self, dir: BorrowedFd<'_>, one: &OsStr, other: &OsStr) -> Result<()> {
        self.call(Op::Exchange, || {
            rustix::fs::renameat_with(dir, one, dir, other, RenameFlags::EXCHANGE)
        })
    }

    /// Renames, replacing what has the new name.
    pub fn rename_over(&self, dir: BorrowedFd<'_>, from: &OsStr, to: &OsStr) -> Result<()> {
        self.call(Op::Rename, || rustix::fs::renameat(dir, from, dir, to))
    }

    /// Renames; `EEXIST` when the new name is taken.
    pub fn rename_new(
        &self,
        dir: BorrowedFd<'_>,
        from: &OsStr,
        to_dir: BorrowedFd<'_>,
        to: &OsStr,
    ) -> Result<()> {
        self.call(Op::Rename, || {
            rustix::fs::renameat_with(dir, from, to_dir, to, RenameFlags::NOREPLACE)
        })
    }

    /// Takes a name away; a name that is gone already is fine.
    pub fn unlink(&self, dir: BorrowedFd<'_>, name: &OsStr) -> Result<()> {
        match self.call(Op::Unlink, || {
            rustix::fs::unlinkat(dir, name, AtFlags::empty())
        }) {
            Err(Errno::NOENT) => Ok(()),
            done => done,
        }
    }

    // ---- metadata ------------------------------------------------------------------------

    /// Sets the permission bits, set-id and sticky bits included.
    pub fn chmod(&self, fd: impl AsFd, mode: u32) -> Result<()> {
        let mode = Mode::from_raw_mode(mode & 0o7777);
        self.call(Op::Chmod, || rustix::fs::fchmod(fd.as_fd(), mode))
    }

    /// Sets owner and group.
    pub fn chown(&self, fd: impl AsFd, user: u32, group: u32) -> Result<()> {
        let user = rustix::fs::Uid::from_raw(user);
        let group = rustix::fs::Gid::from_raw(group);
        self.call(Op::Chown, || {
            rustix::fs::fchown(fd.as_fd(), Some(user), Some(group))
        })
    }

    /// Sets the access and modification time.
    pub fn set_times(&self, fd: impl AsFd, times: &Timestamps) -> Result<()> {
        self.call(Op::SetTimes, || rustix::fs::futimens(fd.as_fd(), times))
    }

    /// Sets the attribute flags of `chattr`.
    pub fn set_flags(&self, fd: impl AsFd, flags: IFlags) -> Result<()> {
        self.call(Op::SetFlags, || {
            rustix::fs::ioctl_setflags(fd.as_fd(), flags)
        })
    }

    /// Every extended attribute with its value, ACLs and security labels among them. A file
    /// system without extended attributes has none.
    pub fn xattrs(&self, fd: impl AsFd) -> Result<Vec<(CString, Vec<u8>)>> {
        let fd = fd.as_fd();
        let names = self.sized(
            || rustix::fs::flistxattr_query(fd),
            |buffer| rustix::fs::flistxattr(fd, buffer),
        );
        let names = match names {
            Err(Errno::OPNOTSUPP | Errno::NOSYS) => return Ok(Vec::new()),
            names => names?,
        };
        let mut all = Vec::new();
        for name in names
            .split(|byte| *byte == 0)
            .filter(|name| !name.is_empty())
        {
            let name = CString::new(name).map_err(|_| Errno::INVAL)?;
            let value = self.sized(
                || rustix::fs::fgetxattr_query(fd, name.as_c_str()),
                |buffer| rustix::fs::fgetxattr(fd, name.as_c_str(), buffer),
            );
            match value {
                Ok(value) => all.push((name, value)),
                // Removed since it was listed.
                Err(Errno::NODATA) => {}
                Err(errno) => return Err(errno),
            }
        }
        Ok(all)
    }

    /// Asks for a value whose size is not known: first the size, then the bytes, again when it
    /// grew in between.
    fn sized(
        &self,
        size: impl Fn() -> Result<usize>,
        ask: impl Fn(&mut [u8]) -> Result<usize>,
    ) -> Result<Vec<u8>> {
        loop {
            let mut value = vec![0; self.call(Op::GetXattr, &size)?];
            if value.is_empty() {
                return Ok(value);
            }
            match self.call(Op::GetXattr, || ask(&mut value)) {
                Err(Errno::RANGE) => {}
                Err(errno) => return Err(errno),
                Ok(read) => {
                    value.truncate(read);
                    return Ok(value);
                }
            }
        }
    }

    /// Sets one extended attribute.
    pub fn set_xattr(&self, fd: impl AsFd, name: &CString, value: &[u8]) -> Result<()> {
        self.call(Op::SetXattr, || {
            rustix::fs::fsetxattr(fd.as_fd(), name.as_c_str(), value, XattrFlags::empty())
        })
    }

    /// Takes one extended attribute away.
    pub fn remove_xattr(&self, fd: impl AsFd, name: &CString) -> Result<()> {
        self.call(Op::SetXattr, || {
            rustix::fs::fremovexattr(fd.as_fd(), name.as_c_str())
        })
    }

    // ---- others --------------------------------------------------------------------------

    /// Takes the advisory lock of an open file or folder at once or not at all (`EWOULDBLOCK`).
    pub fn lock(&self, fd: impl AsFd, exclusive: bool) -> Result<()> {
        let how = if exclusive {
            FlockOperation::NonBlockingLockExclusive
        } else {
            FlockOperation::NonBlockingLockShared
        };
        self.call(Op::Flock, || rustix::fs::flock(fd.as_fd(), how))
    }

    /// Takes the advisory lock of an open file or folder and waits for it.
    pub fn lock_wait(&self, fd: impl AsFd, exclusive: bool) -> Result<()> {
        let how = if exclusive {
            FlockOperation::LockExclusive
        } else {
            FlockOperation::LockShared
        };
        self.call(Op::Flock, || rustix::fs::flock(fd.as_fd(), how))
    }

    /// Gives an advisory lock back.
    pub fn unlock(&self, fd: impl AsFd) -> Result<()> {
        self.call(Op::Flock, || {
            rustix::fs::flock(fd.as_fd(), FlockOperation::Unlock)
        })
    }

    /// Takes a read lease: nobody has the file open for writing, and new writers wait.
    pub fn lease(&self, fd: impl AsFd) -> Result<()> {
        self.call(Op::Lease, || {
            crate::raw::lease::take_read(fd.as_fd()).map_err(errno)
        })
    }

    /// Takes a lease that says nobody else has the file open at all.
    pub fn lease_exclusive(&self, fd: impl AsFd) -> Result<()> {
        self.call(Op::Lease, || {
            crate::raw::lease::take_exclusive(fd.as_fd()).map_err(errno)
        })
    }

    /// Whether a lease taken with [`Io::lease`] or [`Io::lease_exclusive`] is still whole.
    pub(crate) fn lease_state(&self, fd: impl AsFd, exclusive: bool) -> Result<LeaseState> {
        self.call(Op::Lease, || {
            crate::raw::lease::state(fd.as_fd(), exclusive).map_err(errno)
        })
    }

    /// Gives a lease up.
    pub fn lease_release(&self, fd: impl AsFd) -> Result<()> {
        self.call(Op::Lease, || {
            crate::raw::lease::release(fd.as_fd()).map_err(errno)
        })
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "it is what `map_err` hands over"
)]
fn errno(error: std::io::Error) -> Errno {
    Errno::from_io_error(&error).unwrap_or(Errno::IO)
}

/// A name as the bytes it is on disk.
pub(crate) fn name_bytes(name: &OsStr) -> &[u8] {
    name.as_bytes()
}
