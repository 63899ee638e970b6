//! The steps that change names, forward and back, and the end of the old file. It owns what each
//! combination of old, new and missing names means, so that the run and the recovery share one
//! truth; it must not know groups or journals.

use std::ffi::{OsStr, OsString};
use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{OFlags, Stat};
use rustix::io::Errno;

use super::content::{BUFFER, Part, each_part};
use super::failure::{Doing, Failure, Outcome, Reason};
use super::io::Io;
use super::journal::record::{Intent, Kind};

/// One file of a group: its folder, its names, and which inode is the old and which the new.
pub(crate) struct Placed {
    pub kind: Kind,
    pub scrub: bool,
    pub dir: OwnedFd,
    /// The device of the folder; a mount on top of a name is not our file.
    pub dev: u64,
    pub name: OsString,
    pub temp: OsString,
    pub old_ino: u64,
    pub old_size: u64,
    pub old_mtime: i128,
    pub new_ino: u64,
}

/// The mode of an old file whose blocks are about to be overwritten: from there on, a changed
/// time means our own zeros. Its owner can still open it, nobody else can.
const RETIRED: u32 = 0o1600;

enum Spot {
    Old,
    New,
    /// The old file, but not as it was: changed since, or its number belongs to a new file.
    Touched,
    Other,
    Absent,
}

/// How the names stand after [`Placed::forward`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Forward {
    /// The new state has its name.
    Published,
    /// Somebody else has put another file there since.
    Superseded,
}

impl Placed {
    /// A file as its intent names it, in the open folder `dir` on device `dev`.
    pub(crate) fn new(intent: &Intent, dir: OwnedFd, dev: u64, new_ino: u64) -> Self {
        Self {
            kind: intent.kind,
            scrub: intent.scrub,
            dir,
            dev,
            name: intent.name.clone(),
            temp: intent.temp.clone(),
            old_ino: intent.old_ino,
            old_size: intent.old_size,
            old_mtime: intent.old_mtime,
            new_ino,
        }
    }

    fn look(&self, io: &Io, name: &OsStr) -> Outcome<Spot> {
        let seen = io
            .stat_name(self.dir.as_fd(), name)
            .doing("cannot look at the file")?;
        Ok(match seen {
            None => Spot::Absent,
            Some(stat) if stat.st_dev != self.dev => Spot::Other,
            Some(stat) if self.new_ino != 0 && stat.st_ino == self.new_ino => Spot::New,
            Some(stat) if self.old_ino != 0 && stat.st_ino == self.old_ino => {
                // A file that is to go must be exactly the one that was looked at: its inode
                // number may belong to a new file by now.
                let id = super::place::Identity::of(&stat);
                let exact = id.size == self.old_size && id.mtime == self.old_mtime;
                if self.kind == Kind::Remove && name == self.name && !exact {
                    Spot::Touched
                } else {
                    Spot::Old
                }
            }
            Some(_) => Spot::Other,
        })
    }

    /// The old file wherever it is, and whether it still has its own name.
    pub(crate) fn open_old(&self, io: &Io) -> Outcome<Option<(OwnedFd, bool)>> {
        const DOING: &str = "cannot open the old file";
        let in_place = match self.look_both(io)? {
            (Spot::Old | Spot::Touched, _) => true,
            (_, Spot::Old) => false,
            _ => return Ok(None),
        };
        let name = if in_place { &self.name } else { &self.temp };
        let file = io
            .open_file(self.dir.as_fd(), name, OFlags::RDONLY)
            .doing(DOING)?;
        let is = io.stat(&file).doing(DOING)?.st_ino;
        if is == self.old_ino {
            Ok(Some((file, in_place)))
        } else {
            Ok(None)
        }
    }

    /// The name the old file has in its folder by now, after a rotation perhaps.
    pub(crate) fn find_old(&self, io: &Io) -> Outcome<Option<OsString>> {
        const DOING: &str = "cannot look for the file";
        let dir = self.dir.as_fd();
        if matches!(self.look(io, &self.name)?, Spot::Old) {
            return Ok(Some(self.name.clone()));
        }
        for name in io.list(dir).doing(DOING)? {
            if matches!(self.look(io, &name)?, Spot::Old) {
                return Ok(Some(name));
            }
        }
        Ok(None)
    }

    fn look_both(&self, io: &Io) -> Outcome<(Spot, Spot)> {
        Ok((self.look(io, &self.name)?, self.look(io, &self.temp)?))
    }

    /// Brings the names to the new state, from wherever they are, and syncs the folder.
    pub(crate) fn forward(&self, io: &Io) -> Outcome<Forward> {
        const DOING: &str = "cannot put the new file in place";
        let dir = self.dir.as_fd();
        let changed = Failure::new(Reason::Changed, DOING);
        let mut end = Forward::Published;
        match (self.kind, self.look_both(io)?) {
            (Kind::Overwrite, _) => return Ok(end),
            (Kind::Swap, (Spot::Old, Spot::New)) => self.put_new(io).doing(DOING)?,
            (Kind::Swap, (Spot::New, _)) | (Kind::Create, (Spot::New, Spot::Absent)) => {}
            (Kind::Create, (Spot::Absent, Spot::New)) => {
                io.rename_new(dir, &self.temp, dir, &self.name)
                    .doing(DOING)?;
            }
            (Kind::Create, (_, Spot::New)) => {
                io.unlink(dir, &self.temp).doing(DOING)?;
                return Err(Failure::new(Reason::Exists, DOING));
            }
            (Kind::Remove | Kind::Rename, (Spot::Old, Spot::Absent)) => {
                io.rename_new(dir, &self.name, dir, &self.temp)
                    .doing(DOING)?;
            }
            (Kind::Rename, (Spot::Old, _)) => return Err(Failure::new(Reason::Exists, DOING)),
            // What stands here was not there when we looked: the new content never got its name.
            (Kind::Swap, (_, Spot::New)) => {
                io.unlink(dir, &self.temp).doing(DOING)?;
                io.sync_dir(dir).doing(DOING)?;
                return Err(changed);
            }
            (Kind::Swap, (Spot::Old, _)) | (Kind::Remove, (Spot::Touched, Spot::Absent)) => {
                return Err(changed);
            }
            (Kind::Remove, (Spot::Absent, _)) | (Kind::Rename, (_, Spot::Old)) => {}
            _ => end = Forward::Superseded,
        }
        io.sync_dir(dir).doing(DOING)?;
        Ok(end)
    }

    /// The new file takes the name of the old one; where the file system can exchange names the
    /// old one keeps a name, which is the way back.
    fn put_new(&self, io: &Io) -> Result<(), Errno> {
        let dir = self.dir.as_fd();
        match io.exchange(dir, &self.temp, &self.name) {
            Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {
                io.rename_over(dir, &self.temp, &self.name)
            }
            done => done,
        }
    }

    /// Brings the names back to the old state, from wherever they are, takes the new file away
    /// and syncs the folder.
    pub(crate) fn back(&self, io: &Io) -> Outcome<()> {
        const DOING: &str = "cannot take the change back";
        let dir = self.dir.as_fd();
        match (self.kind, self.look_both(io)?) {
            (Kind::Swap, (Spot::New, Spot::Old)) => {
                io.exchange(dir, &self.temp, &self.name).doing(DOING)?;
                io.sync_dir(dir).doing(DOING)?;
                io.unlink(dir, &self.temp).doing(DOING)?;
            }
            (Kind::Swap, (Spot::New, _)) => return Err(Failure::new(Reason::Io, DOING)),
            (Kind::Swap | Kind::Create, (_, Spot::New)) => {
                io.unlink(dir, &self.temp).doing(DOING)?;
            }
            (Kind::Create, (Spot::New, _)) => io.unlink(dir, &self.name).doing(DOING)?,
            (Kind::Swap | Kind::Remove | Kind::Rename, (Spot::Absent, Spot::Old)) => {
                io.rename_new(dir, &self.temp, dir, &self.name)
                    .doing(DOING)?;
            }
            // Killed between making the new file and writing down which one it is.
            (Kind::Swap | Kind::Create, (_, Spot::Other)) if self.new_ino == 0 => {
                io.unlink(dir, &self.temp).doing(DOING)?;
            }
            _ => return Ok(()),
        }
        io.sync_dir(dir).doing(DOING)
    }

    /// The end of the old file, once the new one has its name for good: lines that a writer
    /// added to it meanwhile are carried over, its blocks are overwritten if that is asked and
    /// no other name shares them, its name goes. Says whether the blocks were overwritten.
    pub(crate) fn retire(&self, io: &Io, lease: Option<&OwnedFd>) -> Outcome<bool> {
        const DOING: &str = "cannot take the old file away";
        if !matches!(self.kind, Kind::Swap | Kind::Remove) {
            return Ok(false);
        }
        let dir = self.dir.as_fd();
        if !matches!(self.look(io, &self.temp)?, Spot::Old) {
            return Ok(false);
        }
        let old = io.open_file(dir, &self.temp, OFlags::RDONLY).doing(DOING)?;
        let stat = io.stat(&old).doing(DOING)?;
        if stat.st_ino != self.old_ino {
            return Err(Failure::new(Reason::Changed, DOING));
        }
        let marked = stat.st_mode & 0o7777 == RETIRED;
        if !marked {
            self.carry_over(io, &old, &stat)?;
        }
        if let Some(file) = lease {
            // Our own writing would wait for our own lease.
            io.lease_release(file).doing(DOING)?;
        }
        let scrub = self.scrub && stat.st_nlink == 1 && mark(io, &old)?;
        if scrub {
            let old = io.open_file(dir, &self.temp, OFlags::RDWR).doing(DOING)?;
            zero(io, &old, self.old_size)?;
            let after = io.stat(&old).doing(DOING)?;
            self.carry_over(io, &old, &after)?;
        }
        io.unlink(dir, &self.temp).doing(DOING)?;
        io.sync_dir(dir).doing(DOING)?;
        Ok(scrub)
    }

    /// A writer that had resolved the name before the exchange has added to the old file: what
    /// it added goes to the end of the new one. Anything but an addition is nothing we can
    /// carry over; the old file then stays beside the new one and the run says so.
    fn carry_over(&self, io: &Io, old: &OwnedFd, stat: &Stat) -> Outcome<()> {
        const DOING: &str = "cannot carry over what was added to the old file";
        let id = super::place::Identity::of(stat);
        if self.kind == Kind::Remove {
            return Ok(());
        }
        if id.size == self.old_size
            && (id.mtime == self.old_mtime || stat.st_mode & 0o7777 == RETIRED)
        {
            return Ok(());
        }
        if id.size <= self.old_size || !matches!(self.look(io, &self.name)?, Spot::New) {
            return Err(Failure::new(Reason::Changed, DOING));
        }
        let flags = OFlags::WRONLY | OFlags::APPEND;
        let new = io
            .open_file(self.dir.as_fd(), &self.name, flags)
            .doing(DOING)?;
        each_part(io, old, self.old_size..id.size, |part| match part {
            // O_APPEND: the offset does not matter, the kernel appends.
            Part::Bytes(_, bytes) => io.write_full(&new, bytes, 0).doing(DOING),
            Part::Hole(..) => Ok(()),
        })?;
        io.sync(&new).doing(DOING)
    }
}

/// Marks the old file as about to be overwritten. `false` when it is not ours to write to.
fn mark(io: &Io, old: &OwnedFd) -> Outcome<bool> {
    match io.chmod(old, RETIRED) {
        Ok(()) => Ok(true),
        Err(Errno::PERM) => Ok(false),
        Err(errno) => Err(Failure::system(errno, "cannot take the old file away")),
    }
}

/// Overwrites the stored bytes of a file with zeros and syncs it. Holes stay holes.
fn zero(io: &Io, file: &OwnedFd, size: u64) -> Outcome<()> {
    const DOING: &str = "cannot overwrite the old blocks";
    let zeros = vec![0; BUFFER];
    let mut at = 0;
    while let Some((start, end)) = io.next_data(file, at, size).doing(DOING)? {
        at = start;
        while at < end {
            let len = (end - at).min(zeros.len() as u64);
            let part = zeros.get(..len as usize).unwrap_or_default();
            io.write_full(file, part, at).doing(DOING)?;
            at += len;
        }
    }
    io.sync(file).doing(DOING)
}
