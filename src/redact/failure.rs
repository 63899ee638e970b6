//! Why something was not written: the reason as data, what was being done, the cause and a hint.
//! It owns the closed list of reasons; it must not hold paths or values (the caller has the
//! path, and values are never shown).

use std::fmt;

use rustix::io::Errno;

/// Why a file was left as it was, or why a run could not start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The name is a symbolic link.
    Symlink,
    /// A folder, FIFO, socket or device.
    NotRegular,
    /// Other names share the file and its length would change.
    HardLinks(u64),
    /// `chattr +i`.
    Immutable,
    /// `chattr +a`.
    AppendOnly,
    /// The file system is mounted read-only.
    ReadOnly,
    /// No permission.
    Denied,
    /// It is not there any more.
    Vanished,
    /// It changed since it was scanned.
    Changed,
    /// Somebody has it open for writing.
    Busy,
    /// The file system cannot tell whether somebody writes to it.
    NeedsQuiescent,
    /// No space left, or the quota is used up.
    NoSpace,
    /// An owner, mode, ACL, attribute or label could not be kept.
    Metadata,
    /// A hold or a legal duty covers it.
    Held,
    /// The new content did not scan clean.
    Unverified,
    /// It is not known where its records begin and end.
    Records,
    /// The edits overlap, are out of order, out of the file, or change a length they must keep.
    BadEdits,
    /// The path leads out of the folder that was given.
    Outside,
    /// The output exists already.
    Exists,
    /// The key is missing, wrong, or open to others.
    Key,
    /// Persons are known by tags of the key.
    KeyInUse,
    /// Holds and duties could not be read.
    Guard,
    /// The state folder is unusable.
    State,
    /// A record of an earlier run cannot be read.
    Damaged,
    /// Another run works on the same files.
    Locked,
    /// It is not what the plan was made for.
    Stale,
    /// Another file of its group could not be written.
    Group,
    /// The database's own rules (unique values, checks, references) do not take the edits.
    Rules,
    /// The database needs its own program: a function, collation or tokenizer of it.
    Foreign,
    /// The database is damaged.
    Corrupt,
    /// The sound of a recording cannot be changed in its own bytes.
    Sound,
    /// A transcript goes on behind the end of its recording.
    Clock,
    /// A transcript does not say when something was said, or not to the word.
    Untimed,
    /// The transcript gives times of sentences only, where those of words were asked for.
    Loose,
    /// There are more files than one run keeps in mind.
    TooMany,
    /// It lies in an archive, from which only records are taken.
    Packed,
    /// Anything else the system said.
    Io,
}

impl Reason {
    /// The name of the reason in receipts and reports.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Symlink => "symlink",
            Self::NotRegular => "not-regular",
            Self::HardLinks(_) => "hard-links",
            Self::Immutable => "immutable",
            Self::AppendOnly => "append-only",
            Self::ReadOnly => "read-only",
            Self::Denied => "denied",
            Self::Vanished => "vanished",
            Self::Changed => "changed",
            Self::Busy => "busy",
            Self::NeedsQuiescent => "needs-quiescent",
            Self::NoSpace => "no-space",
            Self::Metadata => "metadata",
            Self::Held => "held",
            Self::Unverified => "unverified",
            Self::Records => "records",
            Self::BadEdits => "bad-edits",
            Self::Outside => "outside",
            Self::Exists => "exists",
            Self::Key => "key",
            Self::KeyInUse => "key-in-use",
            Self::Guard => "guard",
            Self::State => "state",
            Self::Damaged => "damaged",
            Self::Locked => "locked",
            Self::Stale => "stale",
            Self::Group => "group",
            Self::Rules => "constraint",
            Self::Foreign => "foreign-module",
            Self::Corrupt => "corrupt",
            Self::Sound => "sound",
            Self::Clock => "clock",
            Self::Untimed => "untimed",
            Self::Loose => "loose",
            Self::TooMany => "too-many",
            Self::Packed => "packed",
            Self::Io => "io",
        }
    }

    /// Whether the same edit, derived again, may succeed.
    pub const fn is_retryable(self) -> bool {
        matches!(self, Self::Busy | Self::Changed)
    }

    const fn cause(self) -> &'static str {
        match self {
            Self::Symlink => "it is a symbolic link",
            Self::NotRegular => "it is not a regular file",
            Self::HardLinks(_) => "other names share the file and its length would change",
            Self::Immutable => "the file is immutable (chattr +i)",
            Self::AppendOnly => "the file is append-only (chattr +a)",
            Self::ReadOnly => "the file system is read-only",
            Self::Denied => "permission denied",
            Self::Vanished => "it is not there any more",
            Self::Changed => "it changed since it was scanned",
            Self::Busy => "another process has it open for writing",
            Self::NeedsQuiescent => "the file system cannot tell whether somebody writes to it",
            Self::NoSpace => "no space is left",
            Self::Metadata => "an owner, mode, ACL, attribute or label could not be kept",
            Self::Held => "a hold or a legal duty covers it",
            Self::Unverified => "the new content did not scan clean",
            Self::Records => "its quotes are broken, so that records cannot be told apart",
            Self::BadEdits => "the edits do not fit the file",
            Self::Outside => "the path leads out of the folder that was given",
            Self::Exists => "the output exists already",
            Self::Key => "the key is missing, wrong, or open to others",
            Self::KeyInUse => {
                "holds, duties or the list of what stays out know persons by tags of the key"
            }
            Self::Guard => "the holds and duties cannot be read",
            Self::State => "the state folder cannot be used",
            Self::Damaged => "the journal of an earlier run is damaged",
            Self::Locked => "another run works on the same files",
            Self::Stale => "it is not what the plan was made for",
            Self::Group => "another file of its group could not be written",
            Self::Rules => "the rules of the database do not allow it",
            Self::Foreign => "only the program it belongs to can write this database",
            Self::Corrupt => "the database is damaged",
            Self::Sound => "its sound is damaged, or stored in a way that cannot be muted in place",
            Self::Clock => "the transcript goes on behind the end of the recording",
            Self::Untimed => "the transcript does not say when all of it was said",
            Self::Loose => "the transcript does not say, word by word, when it was said",
            Self::TooMany => "there are more files than one run keeps in mind",
            Self::Packed => "only records by themselves are taken out of one",
            Self::Io => "the system reported an error",
        }
    }

    /// What the user can do about it.
    pub const fn hint(self) -> &'static str {
        match self {
            Self::Symlink => "name the file it points to",
            Self::NotRegular | Self::Outside => "name a regular file beneath the folder",
            Self::HardLinks(_) => "use a same-width operator such as mask, or --out",
            Self::Immutable | Self::AppendOnly => "clear the attribute with chattr, or use --out",
            Self::ReadOnly => "use --out to write redacted copies elsewhere",
            Self::Denied => "run as the owner of the file",
            Self::Vanished | Self::Changed => "run the command again",
            Self::Busy => "use a same-width operator such as mask, or stop the writer",
            Self::NeedsQuiescent => "stop the writers and add --assume-quiescent, or use --out",
            Self::NoSpace => "free space for a copy of the file, or use a same-width operator",
            Self::Metadata => "run as root, or use --out",
            Self::Held => "see `efface hold list`",
            Self::Unverified => "report the format; nothing was changed",
            Self::Records => "mend the quotes, or replace the values with --values",
            Self::BadEdits => "report this; nothing was changed",
            Self::Exists => "remove it or name another folder",
            Self::Key => "give the key of this state with --key-file, mode 0600",
            Self::KeyInUse => "release the holds on persons (`efface hold list`), or keep the key",
            Self::Guard => "restore the state folder; nothing is written without it",
            Self::State => "it must be yours alone (mode 0700)",
            Self::Damaged => "keep the state folder and see `efface recover`",
            Self::Locked => "wait for the other run to end",
            Self::Stale => "make the plan anew with --save-plan",
            Self::Group => "see the other file's reason",
            Self::Rules => "use another operator such as token, or --values to keep the rows",
            Self::Foreign => "export what it holds and redact that",
            Self::Corrupt => "restore it, or recover it with `sqlite3 FILE .recover`",
            Self::Sound => "convert it to WAV and redact that, or remove it with `efface erase`",
            Self::Clock => "pair the transcript with the recording it was made from",
            Self::Untimed => "have it transcribed with times, or redact the transcript by itself",
            Self::Loose => "have it transcribed with the times of words, or leave --strict away",
            Self::TooMany => "sweep fewer folders at once",
            Self::Packed => {
                "unpack it and sweep what was in it, or let it go as a whole by its name or date"
            }
            Self::Io => "check the disk and run `efface recover`",
        }
    }
}

/// A reason with what was being done and what the system said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failure {
    /// Why.
    pub reason: Reason,
    /// What was attempted, as in "cannot read the file".
    pub doing: &'static str,
    /// What the system said, if it was asked.
    pub errno: Option<Errno>,
}

/// What most functions of this room give.
pub type Outcome<T> = Result<T, Failure>;

impl Failure {
    /// A reason of our own, without a system error.
    pub const fn new(reason: Reason, doing: &'static str) -> Self {
        Self {
            reason,
            doing,
            errno: None,
        }
    }

    /// What a system error means while doing `doing`.
    pub const fn system(errno: Errno, doing: &'static str) -> Self {
        let reason = match errno {
            Errno::NOENT | Errno::STALE => Reason::Vanished,
            Errno::LOOP => Reason::Symlink,
            Errno::XDEV => Reason::Outside,
            Errno::ACCESS | Errno::PERM => Reason::Denied,
            Errno::ROFS => Reason::ReadOnly,
            Errno::NOSPC | Errno::DQUOT | Errno::FBIG => Reason::NoSpace,
            Errno::EXIST => Reason::Exists,
            Errno::AGAIN | Errno::TXTBSY => Reason::Busy,
            _ => Reason::Io,
        };
        Self {
            reason,
            doing,
            errno: Some(errno),
        }
    }

    /// The same failure under another reason.
    #[must_use]
    pub const fn because(mut self, reason: Reason) -> Self {
        self.reason = reason;
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.doing, self.reason.cause())?;
        if let Reason::HardLinks(links) = self.reason {
            write!(f, " ({links} names)")?;
        }
        if let (Reason::Io | Reason::State, Some(errno)) = (self.reason, self.errno) {
            write!(f, " ({})", std::io::Error::from(errno))?;
        }
        write!(f, "; {}", self.reason.hint())
    }
}

impl std::error::Error for Failure {}

/// Names what was being done when a system call failed.
pub(crate) trait Doing<T> {
    /// Turns the system's error into a [`Failure`].
    fn doing(self, doing: &'static str) -> Outcome<T>;
}

impl<T> Doing<T> for Result<T, Errno> {
    fn doing(self, doing: &'static str) -> Outcome<T> {
        self.map_err(|errno| Failure::system(errno, doing))
    }
}
