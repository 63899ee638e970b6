//! Archives: sources that hold sources.
//!
//! Owns what an archive is made of (its members, its own text, and every byte that is neither), how
//! a member is unfolded within limits, and how an archive takes new members. A container has no
//! bytes to cut, so it is no format of the registry: whoever scans or rewrites it asks for its
//! members one by one and looks at each as at a file. Knows no entity and nothing of what its
//! members hold.

mod renaming;
pub(crate) mod slab;
pub(crate) mod tar;
pub(crate) mod zip;

use std::io::{self, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::format::Reason;
pub(crate) use crate::format::names::{Says, Words};
use slab::Slab;

/// Containers within containers that are followed; what lies deeper is named and not read. A mail
/// with an export with an archive of archives has four.
pub(crate) const DEEPEST: usize = 8;
/// Members of one container that are read: their table takes 64 bytes each. Zip without its
/// 64-bit form ends at 65,535.
pub(crate) const MOST_MEMBERS: usize = 500_000;
/// What an archive says of itself in words that are looked at, in bytes.
pub(crate) const MOST_TEXT: usize = 1 << 20;

/// What kind of container a source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A zip archive, by the name of what it is used for: `zip`, `xlsx`, `docx` and so on.
    Zip(&'static str),
    /// A tape archive.
    Tar,
}

impl Kind {
    /// What the first bytes of a source, and `known`, the name its signature has, say.
    pub(crate) fn of(head: &[u8], known: Option<&'static str>) -> Option<Kind> {
        match known {
            Some(name @ ("zip" | "xlsx" | "docx" | "pptx" | "opendocument")) => {
                Some(Kind::Zip(name))
            }
            Some("tar") => Some(Kind::Tar),
            None if tar::is_header(head) => Some(Kind::Tar),
            _ => None,
        }
    }

    /// The name reports show.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::Zip(name) => name,
            Kind::Tar => "tar",
        }
    }
}

/// How much the containers of one file may unfold to together, so that archives in archives do not
/// multiply what each may (R9).
pub(crate) struct Budget {
    allowed: AtomicU64,
    given: AtomicU64,
}

/// Unfolded bytes that are free of the ratio.
const FREE: u64 = 128 << 20;
/// Unfolded bytes for each byte of the file beyond that; what lies two containers deep counts twice.
/// Real logs reach 30 to 1.
const RATIO: u64 = 100;

impl Budget {
    /// For a file of `stored` bytes.
    pub(crate) fn new(stored: u64) -> Arc<Budget> {
        Arc::new(Budget {
            allowed: AtomicU64::new(FREE.saturating_add(stored.saturating_mul(RATIO))),
            given: AtomicU64::new(0),
        })
    }

    /// Takes `len` bytes as unfolded.
    ///
    /// # Errors
    /// `FileTooLarge` when it is more than is allowed.
    fn take(&self, len: u64) -> io::Result<()> {
        let given = self.given.fetch_add(len, Ordering::Relaxed);
        if given.saturating_add(len) > self.allowed.load(Ordering::Relaxed) {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(())
    }
}

/// Reads on while the budget allows.
pub(crate) struct Metered<R> {
    pub(crate) input: R,
    pub(crate) budget: Arc<Budget>,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = self.input.read(buffer)?;
        self.budget.take(len as u64)?;
        Ok(len)
    }
}

/// A source in a container.
pub(crate) struct Member {
    /// Its name as it stands there, as far as it is UTF-8.
    pub(crate) name: String,
    /// Which one it is, counted from 0; names may repeat.
    pub(crate) number: u32,
    /// Its content, or why that cannot be read; `None` of what has only a name, such as a folder.
    pub(crate) content: Option<Result<Box<dyn Read + Send>, Reason>>,
    /// Its bytes as they are stored, in bytes.
    pub(crate) stored: u64,
    /// What is told of it in words, its name first.
    pub(crate) words: Vec<Words>,
}

/// What a container has besides its members.
#[derive(Default)]
pub(crate) struct Own {
    /// Its own bytes: headers, directories, padding.
    pub(crate) bytes: u64,
    /// Those of them that are neither structure nor text.
    pub(crate) unread: u64,
    /// Why.
    pub(crate) reason: Option<Reason>,
    /// What it says in words.
    pub(crate) words: Vec<Words>,
}

/// The members of a container, in their order.
pub(crate) enum Members {
    Zip(Box<zip::Zip>),
    Tar(tar::Tar),
}

impl Members {
    /// Of a zip archive, which is read at any place.
    pub(crate) fn of_zip(slab: Slab, budget: &Arc<Budget>) -> Members {
        Members::Zip(Box::new(zip::Zip::open(slab, budget.clone())))
    }

    /// Of a tape archive, which is read from its first byte to its last.
    pub(crate) fn of_tar(input: Box<dyn Read + Send>) -> Members {
        Members::Tar(tar::Tar::new(input))
    }

    /// The next member; whatever of the last one was not read is passed over.
    pub(crate) fn next(&mut self) -> Option<Member> {
        match self {
            Members::Zip(zip) => zip.next(),
            Members::Tar(tar) => tar.next(),
        }
    }

    /// What there is besides them, once they are through.
    pub(crate) fn own(self) -> Own {
        match self {
            Members::Zip(zip) => zip.own(),
            Members::Tar(tar) => tar.own(),
        }
    }
}

/// What becomes of a container's members and words when it is written anew.
pub(crate) trait Rewriter {
    /// Whether the member of this number is changed.
    fn touches(&self, number: u32) -> bool;

    /// Writes to `out` what the member called `name`, which holds `content`, becomes.
    fn member(
        &mut self,
        number: u32,
        name: &str,
        content: Slab,
        out: &mut dyn Write,
    ) -> io::Result<()>;

    /// What `words` of the member called `of` become, of the container itself where that is empty;
    /// `None`: they stay. Names that would become alike are asked for again, as another `copy`
    /// each.
    fn words(&mut self, of: &str, words: &Words, copy: u32) -> io::Result<Option<Vec<u8>>>;
}

/// The error of a container that cannot take a new member and stay what it is.
pub(crate) fn unfit() -> io::Error {
    io::ErrorKind::Unsupported.into()
}
