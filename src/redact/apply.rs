//! A run: groups of files that are changed together or not at all. It owns the order of steps
//! (stage, check, decide, publish, retire) and what happens when one fails; the steps themselves
//! are in `member`.
//!
//! One group: write down what is about to be made beside user files (intent); make, sync and
//! verify every new content; check that nothing changed, nobody writes and no hold came up; write
//! the decision (commit). From there the group only goes forward, in this process or in recovery,
//! except that the decision may be taken back in writing (abort) while every old file is still
//! whole: that is what happens when a writer turns up in the very moment of the exchange.

use std::cell::RefCell;
use std::os::fd::AsFd;
use std::path::PathBuf;

use super::content::{Content, FileContent, Overlay, Reader};
use super::edit::Change;
use super::failure::{Failure, Outcome, Reason};
use super::guard::{Guard, Permit};
use super::io::Io;
use super::journal::Journal;
use super::journal::record::{Kind, Record, temp_name};
use super::lock::{self, TreeLocks};
use super::medium::Remnant;
use super::member::Member;
use super::mode::{Choice, WriteOptions};
use super::overwrite::Keys;
use super::place::{Identity, Root};
use super::publish::Forward;
use super::receipt::Counts;
use super::recover::{self, Recovery};
use super::state::{State, StateLock};

/// Reads the new content before it is published and says whether it is clean (R8). Give
/// [`Reason::Unverified`] when it is not.
pub type Verify<'a> = dyn Fn(&mut Reader<'_>) -> Outcome<()> + 'a;

/// One file of a group and what is to become of it.
pub struct FileEdit<'a> {
    /// The folder that the user named.
    pub root: &'a Root,
    /// The file beneath it.
    pub path: PathBuf,
    /// What the file was when the edits were derived.
    pub expect: Identity,
    /// The edits.
    pub change: Change<'a>,
    /// Checks the new content; not asked for `Remove` and `Rename`.
    pub verify: &'a Verify<'a>,
    /// What the guard gave for every record that is touched.
    pub permit: Permit,
    /// Where the output goes when the file itself is not to be touched (`--out`).
    pub out: Option<(&'a Root, PathBuf)>,
    /// For the receipt: how many values of which entity got which operator.
    pub counts: Counts,
}

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileOutcome {
    /// The file beneath its root.
    pub path: PathBuf,
    /// The folder the file is beneath, absolute.
    pub root: PathBuf,
    /// Where the output went, absolute, when not to the file itself.
    pub out: Option<PathBuf>,
    /// The mode that was chosen and why; `None` when it was refused before.
    pub choice: Option<Choice>,
    /// Keyed digests of the content before and after.
    pub digests: Option<([u8; 32], [u8; 32])>,
    /// Length of the new content in bytes, as far as it was scanned.
    pub size: u64,
    /// Number of splices.
    pub edits: u64,
    /// Whether the blocks of the old file were overwritten.
    pub scrubbed: bool,
    /// What keeps old bytes readable on this file system.
    pub remnants: Vec<Remnant>,
    /// As passed in.
    pub counts: Counts,
    /// Of a container, the names of the sources within that were changed, and what of each.
    pub members: Vec<(String, Counts)>,
    /// Why it is not as asked; `None`: done and durable.
    pub failure: Option<Failure>,
}

impl FileOutcome {
    /// Why its group failed, if it is the one to blame.
    pub(crate) fn fault(&self) -> Option<Failure> {
        self.failure
            .filter(|failure| failure.reason != Reason::Group)
    }
}

/// What became of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupOutcome {
    /// Its files, in the order given.
    pub files: Vec<FileOutcome>,
    /// The group is decided but not finished: recovery will finish it.
    pub pending: bool,
}

impl GroupOutcome {
    /// Whether every file is as asked.
    pub fn is_done(&self) -> bool {
        !self.pending && self.files.iter().all(|file| file.failure.is_none())
    }

    /// Whether deriving the edits again may help: something changed or a writer came.
    pub fn is_retryable(&self) -> bool {
        let failures = self.files.iter().filter_map(|file| file.failure);
        !self.pending
            && failures
                .into_iter()
                .any(|failure| failure.reason.is_retryable())
    }
}

/// A failure and, where one is to blame, the file.
type Blamed = (Option<usize>, Failure);

/// A writing run over some roots.
pub struct Run<'a> {
    io: &'a Io,
    state: &'a State,
    guard: &'a Guard,
    journal: Journal,
    options: WriteOptions,
    keys: Keys,
    group: u32,
    temps: u64,
    unfinished: bool,
    /// A decision may or may not have reached the disk.
    undecided: bool,
    _locks: TreeLocks,
}

impl<'a> Run<'a> {
    /// Locks the roots (those of `--out` as well), finishes or undoes what killed runs left, and
    /// starts a journal.
    pub fn begin(
        io: &'a Io,
        state: &'a State,
        guard: &'a Guard,
        roots: &[&Root],
        options: WriteOptions,
    ) -> Outcome<(Self, Recovery)> {
        let locks = lock::take(io, roots)?;
        let recovery = recover::recover(io, state)?;
        let journal = Journal::create(io, state)?;
        let run = Self {
            io,
            state,
            guard,
            journal,
            options,
            keys: Keys::of(state.key()),
            group: 0,
            temps: 0,
            unfinished: false,
            undecided: false,
            _locks: locks,
        };
        Ok((run, recovery))
    }

    /// The run in hexadecimal, the name of its receipt.
    pub fn id(&self) -> String {
        self.journal.run_id()
    }

    /// Changes a group of files: all of them or none.
    pub fn apply(&mut self, group: Vec<FileEdit<'_>>) -> GroupOutcome {
        self.group += 1;
        let mut outcomes: Vec<FileOutcome> = group.iter().map(untouched).collect();
        let mut members = Vec::with_capacity(group.len());
        let permits: Vec<Permit> = group.iter().map(|edit| edit.permit.clone()).collect();
        let decided = self
            .stage(group, &mut members, &mut outcomes)
            .and_then(|()| self.decide(&members, &permits));
        let pending = match decided {
            Err((_, failure)) if self.undecided => {
                self.undecided = false;
                blame(&mut outcomes, None, failure);
                true
            }
            Err((at, failure)) => {
                for member in &members {
                    self.unfinished |= member.discard(self.io).is_err();
                }
                blame(&mut outcomes, at, failure);
                false
            }
            Ok(lock) => {
                let pending = self.carry_out(&mut members, &mut outcomes);
                drop(lock);
                pending
            }
        };
        self.unfinished |= pending;
        GroupOutcome {
            files: outcomes,
            pending,
        }
    }

    /// Everything up to the complete, synced and verified new content of every file.
    fn stage(
        &mut self,
        group: Vec<FileEdit<'_>>,
        members: &mut Vec<Member>,
        outcomes: &mut [FileOutcome],
    ) -> Result<(), Blamed> {
        for ((index, mut edit), outcome) in group.into_iter().enumerate().zip(outcomes) {
            let blamed = |failure| (Some(index), failure);
            if !edit.permit.covers(&edit.root.path().join(&edit.path)) {
                let failure = Failure::new(Reason::Held, "cannot change a file without a permit");
                return Err(blamed(failure));
            }
            self.temps += 1;
            let temp = temp_name(&self.journal.run_id(), self.temps);
            let at = (self.group, index as u32);
            let member = Member::open(self.io, &edit, at, temp, self.options).map_err(blamed)?;
            members.push(member);
            let Some(member) = members.last_mut() else {
                continue;
            };
            member
                .stage(
                    self.io,
                    &mut self.journal,
                    &mut edit,
                    &self.keys,
                    self.options,
                )
                .map_err(blamed)?;
            member.report(outcome);
            verify(self.io, &mut self.journal, member, edit.verify).map_err(blamed)?;
        }
        Ok(())
    }

    /// The last checks and the decision. On an error nothing is decided.
    fn decide(&mut self, members: &[Member], permits: &[Permit]) -> Result<StateLock, Blamed> {
        let none = |failure| (None, failure);
        for (index, member) in members.iter().enumerate() {
            member
                .check(self.io, &mut self.journal, &self.keys)
                .map_err(|failure| (Some(index), failure))?;
        }
        for staged in members.iter().filter_map(Member::staged) {
            self.journal
                .add(self.io, &Record::Staged(staged))
                .map_err(none)?;
        }
        // Held until the group is finished: a hold that `hold add` has confirmed is never
        // overtaken by a write that was checked before.
        let lock = self.state.lock(self.io, false).map_err(none)?;
        for (index, (permit, member)) in permits.iter().zip(members).enumerate() {
            let linked = member.is_linked();
            self.guard
                .check_again(self.io, self.state, permit, linked)
                .map_err(|failure| (Some(index), failure))?;
        }
        let decided = self
            .journal
            .add(self.io, &Record::Commit(self.group))
            .and_then(|_| self.journal.sync(self.io));
        if let Err(failure) = decided {
            // Whether the decision reached the disk is not known. Taking it back in writing
            // settles it; where even that fails, nothing is touched any more, and recovery
            // brings the group to either end as a whole.
            self.undecided = self.take_back().is_err();
            return Err(none(failure));
        }
        Ok(lock)
    }

    fn take_back(&mut self) -> Outcome<()> {
        self.journal.add(self.io, &Record::Abort(self.group))?;
        self.journal.sync(self.io)
    }

    /// From the decision to the end. `true`: something is left for recovery.
    fn carry_out(&mut self, members: &mut [Member], outcomes: &mut [FileOutcome]) -> bool {
        let published = members.iter().enumerate().try_for_each(|(index, member)| {
            match member.publish(self.io) {
                Ok(Forward::Published) => Ok(()),
                Ok(Forward::Superseded) => Err((
                    index,
                    Failure::new(Reason::Changed, "cannot replace the file"),
                )),
                Err(failure) => Err((index, failure)),
            }
        });
        if let Err((index, failure)) = published {
            blame(outcomes, Some(index), failure);
            return self.take_back().is_err()
                || !members
                    .iter()
                    .all(|member| member.placed.back(self.io).is_ok());
        }
        let mut pending = false;
        for (member, outcome) in members.iter_mut().zip(outcomes) {
            let keep = self.options.keep_times;
            let written = member
                .overwrite(self.io, &mut self.journal, &self.keys, keep)
                .and_then(|()| member.retire(self.io));
            match written {
                Ok(scrubbed) => {
                    outcome.scrubbed = scrubbed;
                    // A log that was rotated is done, and what took its name is to be done yet.
                    if !member.is_in_place(self.io) {
                        let doing = "cannot be sure of the file";
                        outcome.failure = Some(Failure::new(Reason::Changed, doing));
                    }
                }
                Err(failure) => {
                    // What changed under our hands stays as somebody else left it: recovery
                    // could not do better. Everything else it can finish.
                    pending |=
                        member.choice.kind != Kind::Overwrite || failure.reason != Reason::Changed;
                    outcome.failure = Some(failure);
                }
            }
        }
        // Without this record recovery only finds that there is nothing to do.
        pending
            || self
                .journal
                .add(self.io, &Record::Done(self.group))
                .is_err()
    }

    /// Ends the run. The journal goes when nothing is left for recovery; `false` when it stays.
    pub fn finish(self) -> Outcome<bool> {
        if self.unfinished {
            let mut journal = self.journal;
            journal.sync(self.io)?;
            return Ok(false);
        }
        self.journal.remove(self.io).map(|()| true)
    }
}

fn verify(io: &Io, journal: &mut Journal, member: &Member, verify: &Verify<'_>) -> Outcome<()> {
    let size = member.digests.map_or(0, |digests| digests.size);
    let before = member.digests.map(|digests| digests.before);
    let check = |content: &dyn Content| verify(&mut Reader::new(content).instead_of(before));
    match (&member.new_file, member.choice.kind) {
        (Some(new), _) => check(&FileContent {
            io,
            file: new.as_fd(),
            size,
        }),
        (None, Kind::Overwrite) => {
            let overlay = Overlay {
                base: FileContent {
                    io,
                    file: member.target.file.as_fd(),
                    size,
                },
                blocks: &member.blocks,
                journal: RefCell::new(journal),
                cache: RefCell::new(None),
            };
            check(&overlay)
        }
        (None, _) => Ok(()),
    }
}

fn untouched(edit: &FileEdit<'_>) -> FileOutcome {
    FileOutcome {
        path: edit.path.clone(),
        root: edit.root.path().to_path_buf(),
        out: edit.out.as_ref().map(|(root, path)| root.path().join(path)),
        choice: None,
        digests: None,
        size: 0,
        edits: 0,
        scrubbed: false,
        remnants: Vec::new(),
        counts: edit.counts.clone(),
        members: Vec::new(),
        failure: None,
    }
}

/// The file at fault gets its failure, the others of the group that they share it.
fn blame(outcomes: &mut [FileOutcome], at: Option<usize>, failure: Failure) {
    let alone = outcomes.len() == 1;
    for (index, outcome) in outcomes.iter_mut().enumerate() {
        outcome.failure = Some(if at.is_none() || at == Some(index) || alone {
            failure
        } else {
            Failure::new(Reason::Group, "cannot change the file")
        });
    }
}
