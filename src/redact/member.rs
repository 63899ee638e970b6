//! One file of a group on its way from old to new: opened and looked at, staged, checked,
//! published, retired. It owns what is open and leased meanwhile; it must not know other files.

use std::ffi::OsString;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::io::Errno;

use super::apply::{FileEdit, FileOutcome};
use super::content::Block;
use super::edit::{Change, demand_old};
use super::failure::{Doing, Failure, Outcome, Reason};
use super::io::{Io, LeaseState};
use super::journal::Journal;
use super::journal::record::{Intent, Kind, Record, Redo, Staged};
use super::medium::{self, Medium, Trust};
use super::metadata::{self, Times};
use super::mode::{Choice, Facts, Why, Wish, WriteOptions, choose_mode};
use super::overwrite::{self, Fit, Keys};
use super::place::{Identity, Root, Target, split};
use super::publish::{Forward, Placed};
use super::stage::{self, Digests};

/// One file of a group.
pub(crate) struct Member {
    pub placed: Placed,
    pub intent: Intent,
    pub choice: Choice,
    pub medium: Medium,
    pub target: Target,
    /// Length of the part of the old file that counts.
    pub size: u64,
    pub leased: bool,
    /// Something of ours may be beside the file.
    pub made: bool,
    /// The new file, when there is one.
    pub new_file: Option<OwnedFd>,
    pub digests: Option<Digests>,
    pub blocks: Vec<Block>,
}

impl Member {
    /// Opens the file, compares it with what was scanned, chooses the mode and keeps writers off
    /// where the mode needs it. Changes nothing.
    pub(crate) fn open(
        io: &Io,
        edit: &FileEdit<'_>,
        (group, member): (u32, u32),
        temp: OsString,
        options: WriteOptions,
    ) -> Outcome<Self> {
        const DOING: &str = "cannot change the file";
        let mut target = Target::open(io, edit.root, &edit.path)?;
        let medium = medium::of(io, &target.file, target.id.dev)?;
        let choice = choose(io, edit, &target, &medium, options)?;
        let grown_is_fine = matches!(choice.kind, Kind::Overwrite | Kind::Create);
        let fits = if grown_is_fine {
            target.id.same_file(&edit.expect) && target.id.size >= edit.expect.size
        } else {
            target.id == edit.expect
        };
        if !fits {
            return Err(Failure::new(Reason::Changed, DOING));
        }
        if choice.kind == Kind::Overwrite {
            let me = rustix::process::geteuid();
            if options.keep_times && !me.is_root() && me.as_raw() != target.stat.st_uid {
                // Only its owner may set the times of a file back.
                return Err(Failure::new(Reason::Denied, DOING));
            }
            target.file = target.open_to_write(io)?;
        }
        let leased = choice.lease && take_lease(io, &target.file, &target.stat)?;
        let (root, path) = edit
            .out
            .as_ref()
            .map_or((edit.root, &edit.path), |(r, p)| (*r, p));
        let (folder, name) = split(path)?;
        let dir = if edit.out.is_some() {
            make_folder(io, root, folder)?
        } else {
            target.dir()?
        };
        let above = Identity::of(&io.stat(&dir).doing(DOING)?);
        let old = if edit.out.is_some() {
            None
        } else {
            Some(target.id)
        };
        let scrub = options.scrub && choice.kind != Kind::Rename;
        let temp = match &edit.change {
            Change::Rename(to) => to.clone(),
            _ => temp,
        };
        split(Path::new(&temp))?;
        let intent = Intent {
            group,
            member,
            kind: choice.kind,
            scrub,
            keep_times: options.keep_times,
            root: root.path().to_path_buf(),
            root_ino: root.identity().ino,
            folder: folder.to_path_buf(),
            folder_ino: above.ino,
            name: name.to_os_string(),
            temp,
            old_ino: old.map_or(0, |old| old.ino),
            old_size: old.map_or(0, |old| old.size),
            old_mtime: old.map_or(0, |old| old.mtime),
        };
        let placed = Placed::new(&intent, dir, above.dev, 0);
        let size = if grown_is_fine {
            edit.expect.size
        } else {
            target.id.size
        };
        Ok(Self {
            placed,
            intent,
            choice,
            medium,
            target,
            size,
            leased,
            made: false,
            new_file: None,
            digests: None,
            blocks: Vec::new(),
        })
    }

    /// Makes the new content, complete and synced.
    pub(crate) fn stage(
        &mut self,
        io: &Io,
        journal: &mut Journal,
        edit: &mut FileEdit<'_>,
        keys: &Keys,
        options: WriteOptions,
    ) -> Outcome<()> {
        journal.add(io, &Record::Intent(self.intent.clone()))?;
        let old = (&self.target.file, self.size);
        match (self.choice.kind, &mut edit.change) {
            (Kind::Overwrite, Change::SameWidth(splices)) => {
                // Nothing keeps writers off a file that is overwritten, and its times are too coarse
                // to tell of each of them: what goes must be what was scanned.
                let mut splices = demand_old(*splices);
                let at = (self.intent.group, self.intent.member);
                let (blocks, digests) =
                    overwrite::record(io, journal, at, old, &mut splices, keys)?;
                self.blocks = blocks;
                self.digests = Some(digests);
                Ok(())
            }
            (Kind::Remove | Kind::Rename, _) => {
                let before = stage::digest_old(io, old.0, old.1, &keys.content)?;
                let after = if self.choice.kind == Kind::Rename {
                    before
                } else {
                    [0; 32]
                };
                self.digests = Some(Digests {
                    before,
                    after,
                    edits: 0,
                    size: self.size,
                });
                Ok(())
            }
            _ => self.stage_new(io, journal, edit, keys, options),
        }
    }

    fn stage_new(
        &mut self,
        io: &Io,
        journal: &mut Journal,
        edit: &mut FileEdit<'_>,
        keys: &Keys,
        options: WriteOptions,
    ) -> Outcome<()> {
        const DOING: &str = "cannot make the new file";
        self.room(io)?;
        // The name is on disk in the journal before it is in the folder: no kill leaves a file
        // that nobody knows.
        journal.sync(io)?;
        let dir = self.placed.dir.as_fd();
        let new = io.create_file(dir, &self.placed.temp).doing(DOING)?;
        self.made = true;
        self.placed.new_ino = io.stat(&new).doing(DOING)?.st_ino;
        let path = stage::staged_path(&self.intent.root, &self.intent.folder, &self.intent.temp);
        let old = (&self.target.file, self.size);
        let digests = stage::stage(
            io,
            old,
            self.leased,
            (&new, &path),
            &mut edit.change,
            &keys.content,
        )?;
        if self.choice.kind == Kind::Create {
            metadata::copy_out(io, &self.target.stat, &new, options.keep_times)?;
        } else {
            let (file, stat) = (&self.target.file, &self.target.stat);
            metadata::copy(io, file, stat, &new, options.keep_times)?;
        }
        io.sync(&new).doing(DOING)?;
        stage::read_back(io, &new, &digests, &keys.content)?;
        self.digests = Some(digests);
        self.new_file = Some(new);
        Ok(())
    }

    /// Asks for the room a copy of the file needs, before half of it is written.
    fn room(&self, io: &Io) -> Outcome<()> {
        const DOING: &str = "cannot make the new file";
        let fs = io.stat_fs(&self.placed.dir).doing(DOING)?;
        let free = fs.f_bavail.saturating_mul(fs.f_bsize.unsigned_abs());
        let stored = self
            .target
            .stat
            .st_blocks
            .unsigned_abs()
            .saturating_mul(512);
        if fs.f_blocks != 0 && stored.min(self.size) > free {
            return Err(Failure::new(Reason::NoSpace, DOING));
        }
        Ok(())
    }

    /// The record that says the new content is complete.
    pub(crate) fn staged(&self) -> Option<Staged> {
        let digests = self.digests?;
        Some(Staged {
            group: self.intent.group,
            member: self.intent.member,
            new_ino: self.placed.new_ino,
            new_size: digests.size,
            before: digests.before,
            after: digests.after,
        })
    }

    /// The last look before the decision: the file is the one that was staged, nobody writes.
    pub(crate) fn check(&self, io: &Io, journal: &mut Journal, keys: &Keys) -> Outcome<()> {
        const DOING: &str = "cannot change the file";
        match self.choice.kind {
            Kind::Overwrite => {
                let now = Identity::of(&io.stat(&self.target.file).doing(DOING)?);
                if now == self.target.id {
                    return Ok(());
                }
                for block in &self.blocks {
                    let redo = read_redo(io, journal, *block)?;
                    let (fit, _) = overwrite::fit(io, &self.target.file, &redo, keys)?;
                    if !matches!(fit, Fit::Old | Fit::New) {
                        return Err(Failure::new(Reason::Changed, DOING));
                    }
                }
                Ok(())
            }
            Kind::Create => {
                let now = Identity::of(&io.stat(&self.target.file).doing(DOING)?);
                let grown = now.size > self.target.id.size && now.same_file(&self.target.id);
                if grown || now == self.target.id {
                    Ok(())
                } else {
                    Err(Failure::new(Reason::Changed, DOING))
                }
            }
            Kind::Swap | Kind::Remove | Kind::Rename => {
                self.target.still_same(io)?;
                self.watch(io)
            }
        }
    }

    /// Refuses when somebody waits to write to the old file.
    fn watch(&self, io: &Io) -> Outcome<()> {
        const DOING: &str = "cannot replace the file";
        if self.leased && lease_broken(io, &self.target.file)? {
            return Err(Failure::new(Reason::Busy, DOING));
        }
        Ok(())
    }

    /// Gives the new content its name, and looks once more for writers.
    pub(crate) fn publish(&self, io: &Io) -> Outcome<Forward> {
        let forward = self.placed.forward(io)?;
        self.watch(io)?;
        Ok(forward)
    }

    /// Writes the replacements over the file. `Changed` for the stretches that do not fit any
    /// more; all others are written.
    pub(crate) fn overwrite(
        &self,
        io: &Io,
        journal: &mut Journal,
        keys: &Keys,
        keep_times: bool,
    ) -> Outcome<()> {
        if self.choice.kind != Kind::Overwrite {
            return Ok(());
        }
        let mut read = |block| read_redo(io, journal, block);
        let old = keep_times.then(|| Times::of(&self.target.stat));
        write_blocks(
            io,
            &self.target.file,
            &self.blocks,
            &mut read,
            keys,
            (false, old),
        )
    }

    /// Whether a file that was overwritten still goes by its name.
    pub(crate) fn is_in_place(&self, io: &Io) -> bool {
        self.choice.kind != Kind::Overwrite || self.target.is_named(io)
    }

    /// Whether the file goes by other names as well, which are changed with it.
    pub(crate) fn is_linked(&self) -> bool {
        self.choice.kind == Kind::Overwrite && self.target.stat.st_nlink > 1
    }

    /// The end of the old file; see [`Placed::retire`].
    pub(crate) fn retire(&mut self, io: &Io) -> Outcome<bool> {
        if self.leased {
            settle_writers(io, &self.target.file)?;
        }
        self.placed
            .retire(io, self.leased.then_some(&self.target.file))
    }

    /// Takes away what was staged and lets writers go on. Nothing was decided yet.
    pub(crate) fn discard(&self, io: &Io) -> Outcome<()> {
        if self.made {
            self.placed.back(io)
        } else {
            Ok(())
        }
    }

    /// Fills in what is known about the file so far.
    pub(crate) fn report(&self, outcome: &mut FileOutcome) {
        outcome.choice = Some(self.choice);
        outcome.remnants.clone_from(&self.medium.remnants);
        if let Some(digests) = self.digests {
            outcome.digests = Some((digests.before, digests.after));
            outcome.size = digests.size;
            outcome.edits = digests.edits;
        }
    }
}

/// The mode for one file.
fn choose(
    io: &Io,
    edit: &FileEdit<'_>,
    target: &Target,
    medium: &Medium,
    options: WriteOptions,
) -> Outcome<Choice> {
    if edit.out.is_some() {
        if medium.trust == Trust::Pseudo {
            return Err(Failure::new(Reason::NotRegular, "cannot read the file"));
        }
        return Ok(Choice {
            kind: Kind::Create,
            why: Why::Elsewhere,
            lease: false,
        });
    }
    let wish = match edit.change {
        Change::SameWidth(_) => Wish::SameWidth,
        Change::Splices(_) | Change::Produce(_) | Change::Stage(_) | Change::Build(_) => {
            Wish::AnyWidth
        }
        Change::Remove => Wish::Remove,
        Change::Rename(_) => Wish::Rename,
    };
    let facts = Facts {
        stat: &target.stat,
        flags: io.flags(&target.file).doing("cannot look at the file")?,
        cleared_by_writing: wish == Wish::SameWidth
            && metadata::cleared_by_writing(io, &target.file, &target.stat)?,
        medium,
    };
    choose_mode(wish, &facts, options)
}

/// Keeps writers off. `Busy` when there is one; `NeedsQuiescent` where this cannot be asked.
fn take_lease(io: &Io, file: &OwnedFd, stat: &rustix::fs::Stat) -> Outcome<bool> {
    const DOING: &str = "cannot keep writers off the file";
    match io.lease(file) {
        Ok(()) => Ok(true),
        Err(Errno::AGAIN) => Err(Failure::new(Reason::Busy, "cannot replace the file")),
        Err(Errno::ACCESS | Errno::PERM) if stat.st_uid != rustix::process::geteuid().as_raw() => {
            Err(Failure::new(Reason::Denied, DOING))
        }
        Err(Errno::INVAL | Errno::OPNOTSUPP | Errno::NOLCK | Errno::NOSYS | Errno::ACCESS) => {
            Err(Failure::new(Reason::NeedsQuiescent, DOING))
        }
        Err(errno) => Err(Failure::system(errno, DOING)),
    }
}

pub(crate) fn lease_broken(io: &Io, file: &OwnedFd) -> Outcome<bool> {
    let state = io
        .lease_state(file, false)
        .doing("cannot watch for writers")?;
    Ok(state == LeaseState::Broken)
}

/// How often and how long (milliseconds) a run waits for a writer that got hold of the old file
/// in the moment of the exchange: a writer that opens, appends and closes is gone long before.
const WAITS: (u32, i64) = (2000, 1);

/// Lets writers that wait for the old file go on and waits until they have closed it; afterwards
/// the lease is whole again and what they wrote can be carried over.
pub(crate) fn settle_writers(io: &Io, file: &OwnedFd) -> Outcome<()> {
    const DOING: &str = "cannot take the old file away";
    if !lease_broken(io, file)? {
        return Ok(());
    }
    io.lease_release(file).doing(DOING)?;
    for _ in 0..WAITS.0 {
        match io.lease(file) {
            Ok(()) if !lease_broken(io, file)? => return Ok(()),
            Ok(()) => io.lease_release(file).doing(DOING)?,
            Err(Errno::AGAIN) => {}
            Err(errno) => return Err(Failure::system(errno, DOING)),
        }
        let wait = rustix::event::Timespec {
            tv_sec: 0,
            tv_nsec: WAITS.1 * 1_000_000,
        };
        // An interrupted wait is only shorter.
        let _ = rustix::event::poll(&mut [], Some(&wait));
    }
    Err(Failure::new(Reason::Busy, DOING))
}

/// Opens the folder of an output, making what is missing of it.
fn make_folder(io: &Io, root: &Root, folder: &Path) -> Outcome<OwnedFd> {
    const DOING: &str = "cannot make the output folder";
    let mut path = PathBuf::new();
    for part in folder.components() {
        let above = io.open_dir(root.dir().as_fd(), &path).doing(DOING)?;
        match io.make_dir(above.as_fd(), Path::new(part.as_os_str())) {
            Ok(()) => io.sync_dir(&above).doing(DOING)?,
            Err(Errno::EXIST) => {}
            Err(errno) => return Err(Failure::system(errno, DOING)),
        }
        path.push(part);
    }
    io.open_dir(root.dir().as_fd(), &path).doing(DOING)
}

fn read_redo(io: &Io, journal: &mut Journal, block: Block) -> Outcome<Redo> {
    match journal.read(io, block.at)? {
        Record::Redo(redo) => Ok(redo),
        _ => Err(Failure::new(
            Reason::Damaged,
            "cannot read the journal back",
        )),
    }
}

/// Writes all blocks over a file and syncs it. `again`: a run was killed here before, so ranges
/// may hold a mix. `times` are put back when nobody else wrote meanwhile.
pub(crate) fn write_blocks<B: Copy>(
    io: &Io,
    file: &OwnedFd,
    blocks: &[B],
    read: &mut dyn FnMut(B) -> Outcome<Redo>,
    keys: &Keys,
    (again, times): (bool, Option<Times>),
) -> Outcome<()> {
    const DOING: &str = "cannot overwrite the file";
    let before = Identity::of(&io.stat(file).doing(DOING)?);
    let exclusive = io.lease_exclusive(file).is_ok();
    let mut misfit = false;
    for block in blocks {
        let redo = read(*block)?;
        let (fit, bytes) = overwrite::fit(io, file, &redo, keys)?;
        match fit {
            Fit::New => {}
            Fit::Mixed if !again => misfit = true,
            Fit::Not => misfit = true,
            Fit::Old | Fit::Mixed => {
                let alone =
                    exclusive && io.lease_state(file, true).doing(DOING)? == LeaseState::Held;
                overwrite::write_block(io, file, &redo, bytes, alone)?;
            }
        }
    }
    let after = Identity::of(&io.stat(file).doing(DOING)?);
    if let Some(times) = times
        && after.size == before.size
        && (again || before.mtime == times.modified)
    {
        times.restore(io, file)?;
    }
    io.sync(file).doing(DOING)?;
    if exclusive {
        io.lease_release(file).doing(DOING)?;
    }
    if misfit {
        Err(Failure::new(Reason::Changed, DOING))
    } else {
        Ok(())
    }
}
