//! One run at a time on a tree: advisory locks on the folders themselves, so nothing is left
//! behind and the kernel frees them with the process. A run holds its roots exclusively and every
//! folder above them shared: two runs whose trees overlap exclude each other, neighbours do not.

use std::collections::BTreeMap;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::FlockOperation;
use rustix::io::Errno;

use super::failure::{Failure, Outcome, Reason};
use super::io::Io;
use super::place::Root;

/// An open file or folder whose lock is given back when it is dropped.
pub(crate) struct Held(pub(crate) OwnedFd);

impl AsFd for Held {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // Said, and not left to the closing: a process that this one is just starting in another
        // thread has a copy of every descriptor until it becomes another program, and a lock goes
        // with the last copy. What cannot be given back goes then.
        let _ = rustix::fs::flock(&self.0, FlockOperation::Unlock);
    }
}

/// The locks of a run; given back when dropped.
pub(crate) struct TreeLocks {
    held: Vec<Held>,
}

/// Takes the locks of `roots`, or says that another run has them.
pub(crate) fn take(io: &Io, roots: &[&Root]) -> Outcome<TreeLocks> {
    const DOING: &str = "cannot lock the folder";
    // One folder may be root and above another root; exclusive covers both. In path order, so
    // that two runs cannot each hold what the other needs.
    let mut wanted = BTreeMap::new();
    for root in roots {
        for above in root.path().ancestors() {
            wanted.entry(above.to_path_buf()).or_insert(false);
        }
    }
    for root in roots {
        wanted.insert(root.path().to_path_buf(), true);
    }
    let mut locks = TreeLocks { held: Vec::new() };
    for (path, exclusive) in wanted {
        let dir = match io.open_absolute_dir(&path) {
            Ok(dir) => dir,
            // A folder above that we may pass but not read cannot be locked; nobody else of our
            // kind can have it as a root either.
            Err(Errno::ACCESS | Errno::PERM) if !exclusive => continue,
            Err(errno) => return Err(Failure::system(errno, DOING)),
        };
        match io.lock(&dir, exclusive) {
            Ok(()) => locks.held.push(Held(dir)),
            Err(Errno::WOULDBLOCK) => return Err(Failure::new(Reason::Locked, DOING)),
            // A file system without locks: its users vouch for quiet with --assume-quiescent.
            Err(Errno::OPNOTSUPP | Errno::NOLCK | Errno::NOSYS) => {}
            Err(errno) => return Err(Failure::system(errno, DOING)),
        }
    }
    Ok(locks)
}
