//! The package that goes to a person: everything of theirs, nothing of anybody else.
//!
//! Owns the order of the steps: search, records in their own formats, the same as portable lists,
//! pages to read, and the state of a draft. Knows neither formats nor how bytes are written; what a
//! record holds of others is labelled where edits are made ([`crate::redact::derive`]).

mod approve;
mod gather;
mod given;
mod many;
mod page;
mod portable;
mod sheet;

use std::path::{Path, PathBuf};

pub use approve::{Approved, approve};
pub use many::make_many;

use crate::redact::failure::Failure;
use crate::redact::files::{Order, RunError};
use crate::redact::io::Io;
use crate::redact::place::make_folders;
use crate::report::Labeller;
use crate::scan::{self, Memo, Progress, ScanError};
use crate::subject::Sources;
use gather::Gathered;
use given::Given;

/// How much a package shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Which kinds of data there are, and no record.
    Categories,
    /// The records.
    Pieces,
}

/// What is asked for.
pub struct Request<'a> {
    /// What is read, and whose data is looked for; how copies are written.
    pub order: Order,
    /// The folder that is made.
    pub out: PathBuf,
    /// How much is shown.
    pub level: Level,
    /// Names of others that are known to the case.
    pub names: Vec<String>,
    /// Whether all records of a file that holds some of the subject stay.
    pub whole_files: bool,
    /// What the company says of its sources.
    pub sources: &'a Sources,
    /// What names personal values in paths.
    pub labeller: Labeller<'a>,
    /// The case.
    pub case: Option<String>,
    /// When it was made, as it is shown.
    pub made: String,
}

/// What came of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Made {
    /// Files that hold something of the subject.
    pub files: u64,
    /// Records given.
    pub records: u64,
    /// Files not read whole and not acknowledged.
    pub unread: u64,
    /// Files whose records could not be given.
    pub withheld: u64,
    /// Whether the run was cut short; then there is no package.
    pub interrupted: bool,
}

/// Why there is no package.
#[derive(Debug, thiserror::Error)]
pub enum DiscloseError {
    /// The search.
    #[error(transparent)]
    Scan(#[from] ScanError),
    /// The copies.
    #[error(transparent)]
    Run(#[from] RunError),
    /// A file of the package.
    #[error("{1}")]
    Package(PathBuf, Failure),
}

/// Makes the package; an empty search makes none. What `memo` knows need not be searched.
///
/// # Errors
/// [`DiscloseError`]; what was made by then stays, as a draft that is not complete.
pub fn make(
    request: &Request<'_>,
    memo: Option<Memo<'_>>,
    progress: &Progress,
) -> Result<Made, DiscloseError> {
    let mut gathered = Gathered::default();
    scan::run_with(&request.order.scan, &mut gathered, progress, memo)?;
    package(request, &gathered, progress)
}

/// The package of what was gathered.
fn package(
    request: &Request<'_>,
    gathered: &Gathered,
    progress: &Progress,
) -> Result<Made, DiscloseError> {
    let io = Io::real();
    let summary = &gathered.summary;
    let mut made = Made {
        files: gathered.holds.len() as u64,
        unread: summary.incomplete,
        interrupted: summary.interrupted,
        ..Made::default()
    };
    if gathered.holds.is_empty() || summary.interrupted {
        return Ok(made);
    }
    let named = |failure| DiscloseError::Package(request.out.clone(), failure);
    make_folders(&io, &request.out).map_err(named)?;
    let mut given = Vec::new();
    if request.level == Level::Pieces {
        given = given::give(request, gathered, progress)?;
        made.records = portable::write(&io, request, &mut given).map_err(named)?;
        made.withheld = given.iter().filter(|one| one.withheld.is_some()).count() as u64;
        made.interrupted = progress.stopped();
    }
    page::write(&io, request, gathered, &given, made).map_err(named)?;
    Ok(made)
}

/// The folder of the records in their own formats.
const RECORDS: &str = "records";

impl Request<'_> {
    /// A path as the package shows it.
    fn shown(&self, path: &Path) -> String {
        self.labeller
            .of(&crate::report::Shown::path(path).to_string())
    }
}

/// Files of a package by their name in it.
fn place(request: &Request<'_>, given: &Given) -> PathBuf {
    request.out.join(RECORDS).join(&given.name)
}
