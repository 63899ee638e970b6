//! How a file will be written: over itself, by a new file beside it, or elsewhere. It owns the
//! choice and its reason as data; it must not carry anything out.

use rustix::fs::{IFlags, Stat};

use super::failure::{Failure, Outcome, Reason};
use super::journal::record::Kind;
use super::medium::{Medium, Trust};

/// What the user allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WriteOptions {
    /// Overwrite the blocks of replaced files (`--no-scrub` clears it).
    pub scrub: bool,
    /// The user vouches that nobody else writes (`--assume-quiescent`).
    pub assume_quiescent: bool,
    /// Access and modification time stay.
    pub keep_times: bool,
}

impl Default for WriteOptions {
    fn default() -> Self {
        Self {
            scrub: true,
            assume_quiescent: false,
            keep_times: true,
        }
    }
}

/// What the choice depends on.
pub(crate) struct Facts<'a> {
    pub stat: &'a Stat,
    pub flags: Option<IFlags>,
    /// A write to the file would clear set-id bits or capabilities.
    pub cleared_by_writing: bool,
    pub medium: &'a Medium,
}

/// Why a mode was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Every edit has the width of what it replaces.
    SameWidth,
    /// The length changes.
    WidthChanges,
    /// Writing over it would clear set-id bits or capabilities.
    KeepsRights,
    /// The output goes elsewhere.
    Elsewhere,
    /// The file goes or gets another name.
    NameOnly,
}

impl Why {
    /// The name of the reason in plans and receipts.
    pub const fn code(self) -> &'static str {
        match self {
            Self::SameWidth => "same-width",
            Self::WidthChanges => "width-changes",
            Self::KeepsRights => "keeps-rights",
            Self::Elsewhere => "elsewhere",
            Self::NameOnly => "name-only",
        }
    }
}

/// A mode and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// The mode.
    pub kind: Kind,
    /// Why.
    pub why: Why,
    /// Whether writers must be kept off by a lease.
    pub lease: bool,
}

/// What is asked, as far as the choice depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wish {
    SameWidth,
    AnyWidth,
    Remove,
    Rename,
}

/// The mode for a change in place.
pub(crate) fn choose_mode(wish: Wish, facts: &Facts<'_>, options: WriteOptions) -> Outcome<Choice> {
    const DOING: &str = "cannot change the file in place";
    let refuse = |reason| Err(Failure::new(reason, DOING));
    match facts.medium.trust {
        Trust::Pseudo => return refuse(Reason::NotRegular),
        Trust::Remote if !options.assume_quiescent => return refuse(Reason::NeedsQuiescent),
        Trust::Remote | Trust::Local => {}
    }
    let flags = facts.flags.unwrap_or(IFlags::empty());
    if flags.contains(IFlags::IMMUTABLE) {
        return refuse(Reason::Immutable);
    }
    if flags.contains(IFlags::APPEND) {
        return refuse(Reason::AppendOnly);
    }
    let links = u64::from(facts.stat.st_nlink as u32);
    let lease = facts.medium.trust == Trust::Local && !options.assume_quiescent;
    let swap = |why| match links {
        0 | 1 => Ok(Choice {
            kind: Kind::Swap,
            why,
            lease,
        }),
        _ => refuse(Reason::HardLinks(links)),
    };
    match wish {
        Wish::SameWidth if facts.cleared_by_writing => swap(Why::KeepsRights),
        Wish::SameWidth => Ok(Choice {
            kind: Kind::Overwrite,
            why: Why::SameWidth,
            lease: false,
        }),
        Wish::AnyWidth => swap(Why::WidthChanges),
        Wish::Remove if links > 1 => refuse(Reason::HardLinks(links)),
        Wish::Remove => Ok(Choice {
            kind: Kind::Remove,
            why: Why::NameOnly,
            lease,
        }),
        Wish::Rename => Ok(Choice {
            kind: Kind::Rename,
            why: Why::NameOnly,
            lease: false,
        }),
    }
}
