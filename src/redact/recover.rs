//! Finishing or undoing what killed runs left (R2): a group with a decision goes forward, one
//! without or with a decision taken back goes back. It owns reading journals as states; the steps
//! are those of `publish` and `overwrite`, each of which finds out by itself how far it got, so
//! that recovery can be killed and started again at any point.

use std::collections::BTreeMap;
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;

use rustix::fs::OFlags;
use rustix::io::Errno;

use super::content::{ContentDigest, Part, digest_file, each_part};
use super::failure::{Doing, Failure, Outcome, Reason};
use super::io::Io;
use super::journal::record::{Intent, Kind, Record, Redo, Staged};
use super::journal::{At, Left, left_behind};
use super::member::write_blocks;
use super::metadata::Times;
use super::overwrite::Keys;
use super::place::Identity;
use super::publish::{Forward, Placed};
use super::state::State;

/// What recovery did and could not do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recovery {
    /// Runs that were found unfinished.
    pub runs: usize,
    /// Files brought to their new state.
    pub finished: usize,
    /// Files brought back to their old state.
    pub undone: usize,
    /// Files that could not be brought to either, absolute, and why. Their journal stays.
    pub stuck: Vec<(PathBuf, Failure)>,
}

/// What a journal says about one group.
#[derive(Default)]
struct Group {
    members: BTreeMap<u32, Past>,
    committed: bool,
    aborted: bool,
    done: bool,
}

struct Past {
    intent: Intent,
    staged: Option<Staged>,
    blocks: Vec<At>,
}

impl Past {
    fn left_beside(&self, io: &Io) -> bool {
        let Ok(placed) = place(io, self) else {
            return true;
        };
        let seen = io.stat_name(placed.dir.as_fd(), &placed.temp);
        self.intent.kind != Kind::Rename && !matches!(seen, Ok(None))
    }
}

/// Recovers every run whose process is gone. Runs that are alive are left alone.
pub fn recover(io: &Io, state: &State) -> Outcome<Recovery> {
    let (folder, left) = left_behind(io, state)?;
    let mut report = Recovery::default();
    let keys = Keys::of(state.key());
    for journal in left {
        report.runs += 1;
        let groups = read(io, &journal)?;
        let mut clean = true;
        for group in groups.values().filter(|group| !group.done) {
            clean &= settle(io, &journal, group, &keys, &mut report);
        }
        if clean {
            journal.remove(io, &folder)?;
        }
    }
    Ok(report)
}

fn read(io: &Io, journal: &Left) -> Outcome<BTreeMap<u32, Group>> {
    const ODD: Failure = Failure::new(Reason::Damaged, "cannot read the journal");
    let mut groups: BTreeMap<u32, Group> = BTreeMap::new();
    journal.each(io, |at, record| {
        match record {
            Record::Intent(intent) => {
                let group = groups.entry(intent.group).or_default();
                let past = Past {
                    staged: None,
                    blocks: Vec::new(),
                    intent,
                };
                group.members.insert(past.intent.member, past);
            }
            Record::Staged(staged) => {
                let group = groups.get_mut(&staged.group).ok_or(ODD)?;
                let member = group.members.get_mut(&staged.member).ok_or(ODD)?;
                member.staged = Some(staged);
            }
            Record::Redo(Redo { group, member, .. }) => {
                let group = groups.get_mut(&group).ok_or(ODD)?;
                group.members.get_mut(&member).ok_or(ODD)?.blocks.push(at);
            }
            Record::Commit(group) => groups.get_mut(&group).ok_or(ODD)?.committed = true,
            Record::Abort(group) => groups.get_mut(&group).ok_or(ODD)?.aborted = true,
            Record::Done(group) => groups.get_mut(&group).ok_or(ODD)?.done = true,
        }
        Ok(())
    })?;
    Ok(groups)
}

/// Brings one group to its end; `false` when something of it is stuck.
fn settle(io: &Io, journal: &Left, group: &Group, keys: &Keys, report: &mut Recovery) -> bool {
    let forward = group.committed && !group.aborted;
    let mut clean = true;
    for past in group.members.values() {
        let done = if forward {
            go_forward(io, journal, past, keys)
        } else {
            go_back(io, past)
        };
        match done {
            Ok(()) if forward => report.finished += 1,
            Ok(()) => report.undone += 1,
            Err(failure) => {
                let Intent {
                    root, folder, name, ..
                } = &past.intent;
                report.stuck.push((root.join(folder).join(name), failure));
                // What somebody else made of the file since is not ours to change, and nothing
                // would be different next time, unless a file of ours is still beside it.
                clean &= failure.reason == Reason::Changed && !past.left_beside(io);
            }
        }
    }
    clean
}

/// Opens the folder of a file again, and makes sure that it is the same folder.
fn place(io: &Io, past: &Past) -> Outcome<Placed> {
    const DOING: &str = "cannot open the folder of an unfinished file";
    let root = io.open_absolute_dir(&past.intent.root).doing(DOING)?;
    let dir = io
        .open_dir(root.as_fd(), &past.intent.folder)
        .doing(DOING)?;
    let id = Identity::of(&io.stat(&dir).doing(DOING)?);
    if id.ino != past.intent.folder_ino {
        return Err(Failure::new(Reason::Changed, DOING));
    }
    let new = past.staged.as_ref().map_or(0, |staged| staged.new_ino);
    Ok(Placed::new(&past.intent, dir, id.dev, new))
}

fn go_back(io: &Io, past: &Past) -> Outcome<()> {
    match place(io, past) {
        // Nothing of ours is in a folder that is gone.
        Err(Failure {
            reason: Reason::Vanished,
            ..
        }) => Ok(()),
        Err(failure) => Err(failure),
        Ok(placed) => placed.back(io),
    }
}

fn go_forward(io: &Io, journal: &Left, past: &Past, keys: &Keys) -> Outcome<()> {
    let placed = place(io, past)?;
    if past.intent.kind == Kind::Overwrite {
        return redo(io, journal, &placed, past, keys);
    }
    let lease = guard_old(io, &placed, past, keys)?;
    let (Forward::Published | Forward::Superseded) = placed.forward(io)?;
    if let Some(file) = &lease {
        super::member::settle_writers(io, file)?;
    }
    placed.retire(io, lease.as_ref()).map(drop)
}

/// Keeps writers off the old file, wherever it is by now, and gives the new file what was added
/// to the old one since it was staged.
fn guard_old(io: &Io, placed: &Placed, past: &Past, keys: &Keys) -> Outcome<Option<OwnedFd>> {
    const DOING: &str = "cannot finish the change";
    if !matches!(placed.kind, Kind::Swap | Kind::Remove) {
        return Ok(None);
    }
    let Some((old, in_place)) = placed.open_old(io)? else {
        return Ok(None);
    };
    match io.lease(&old) {
        Ok(()) => {}
        Err(Errno::AGAIN) => return Err(Failure::new(Reason::Busy, DOING)),
        // No leases here: its users vouched for quiet.
        Err(_) => return Ok(None),
    }
    let id = Identity::of(&io.stat(&old).doing(DOING)?);
    let touched = id.size != placed.old_size || id.mtime != placed.old_mtime;
    if placed.kind == Kind::Swap && in_place && touched {
        let staged = past
            .staged
            .as_ref()
            .ok_or(Failure::new(Reason::Damaged, DOING))?;
        follow(io, placed, &old, id.size, staged, keys)?;
    }
    Ok(Some(old))
}

/// The old file changed between the kill and now. Lines that were added are added to the new
/// file too; any other change means that the new file is not the redaction of this file.
fn follow(
    io: &Io,
    placed: &Placed,
    old: &OwnedFd,
    size: u64,
    staged: &Staged,
    keys: &Keys,
) -> Outcome<()> {
    const DOING: &str = "cannot finish the change";
    let digest = ContentDigest::new(keys.content.clone());
    if size < placed.old_size || digest_file(io, old, placed.old_size, digest)? != staged.before {
        return Err(Failure::new(Reason::Changed, DOING));
    }
    let new = io
        .open_file(placed.dir.as_fd(), &placed.temp, OFlags::RDWR)
        .doing(DOING)?;
    if io.stat(&new).doing(DOING)?.st_ino != placed.new_ino {
        return Err(Failure::new(Reason::Changed, DOING));
    }
    each_part(io, old, placed.old_size..size, |part| match part {
        Part::Bytes(at, bytes) => io
            .write_full(&new, bytes, staged.new_size + (at - placed.old_size))
            .doing(DOING),
        Part::Hole(..) => Ok(()),
    })?;
    io.sync(&new).doing(DOING)
}

fn redo(io: &Io, journal: &Left, placed: &Placed, past: &Past, keys: &Keys) -> Outcome<()> {
    const DOING: &str = "cannot finish overwriting the file";
    // A log may have been rotated by renaming since.
    let name = placed
        .find_old(io)?
        .ok_or(Failure::new(Reason::Vanished, DOING))?;
    let file = io
        .open_file(placed.dir.as_fd(), &name, OFlags::RDWR)
        .doing(DOING)?;
    let id = Identity::of(&io.stat(&file).doing(DOING)?);
    if id.ino != placed.old_ino {
        return Err(Failure::new(Reason::Changed, DOING));
    }
    let mut read = |at| match journal.read(io, at)? {
        Record::Redo(redo) => Ok(redo),
        _ => Err(Failure::new(Reason::Damaged, DOING)),
    };
    let known = id.size == placed.old_size && past.intent.keep_times;
    let times = known.then_some(Times {
        accessed: None,
        modified: placed.old_mtime,
    });
    write_blocks(io, &file, &past.blocks, &mut read, keys, (true, times))
}
