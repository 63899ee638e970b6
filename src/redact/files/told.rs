//! What is told of a run: what became of each file, and what all of it came to.

use std::path::PathBuf;

use crate::edit::Refusal;
use crate::format::Reason;
use crate::redact::ageing::Tally;
use crate::redact::derive::{Change, Count, add_count};
use crate::redact::edits::Survey;
use crate::redact::failure::Failure;
use crate::redact::mode::Choice;
use crate::redact::recover::Recovery;
use crate::redact::saved::Saved;
use crate::scan::SinkError;

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Nothing in it was to go.
    Unchanged,
    /// It would be changed; nothing was.
    Would,
    /// Done and durable, in this way.
    Done(Choice),
    /// It was not read whole, so it was left as it was.
    Unread(Reason),
    /// It was left as it was.
    NotDone(Failure),
}

/// The account of one file.
pub struct FileDone {
    /// The root as given, joined with what was walked below it.
    pub path: PathBuf,
    /// The format it was read as.
    pub format: Option<&'static str>,
    /// What became of it.
    pub fate: Fate,
    /// Why parts of it were not read, and so not changed.
    pub unread: Option<Reason>,
    /// Whether the user knows that it, or they, cannot be read.
    pub accepted: bool,
    /// What went, or would go.
    pub counts: Vec<Count>,
    /// The first changes one by one, when nothing is done but told, and how many there are more.
    pub changes: Vec<Change>,
    /// See `changes`.
    pub more_changes: u64,
    /// Records removed.
    pub records: u64,
    /// Values left because of a hold or duty, by its id.
    pub held: Vec<(String, u64)>,
    /// Values left because the user says that they are no findings.
    pub allowed: u64,
    /// Values their place refused to change, and why the first one did.
    pub refused: u64,
    /// See `refused`.
    pub refusal: Option<Refusal>,
    /// The recording of a transcript, where that is not among the files of the run: what went
    /// here can still be heard there.
    pub partner: Option<PathBuf>,
    /// What may keep old bytes readable on the file system, by name.
    pub remnants: Vec<&'static str>,
    /// Whether it lies in another source, with which it is written.
    pub within: bool,
    /// Whether it goes as a whole.
    pub goes: bool,
    /// Whether it tells of a name, or of a reference to one; the file itself is told besides.
    pub renamed: bool,
    /// Of a run that goes by age, what became of which records.
    pub tally: Tally,
}

impl FileDone {
    pub(super) fn new(path: PathBuf, format: Option<&'static str>, fate: Fate) -> Self {
        Self {
            path,
            format,
            fate,
            unread: None,
            accepted: false,
            counts: Vec::new(),
            changes: Vec::new(),
            more_changes: 0,
            records: 0,
            held: Vec::new(),
            allowed: 0,
            refused: 0,
            refusal: None,
            partner: None,
            remnants: Vec::new(),
            within: false,
            goes: false,
            renamed: false,
            tally: Tally::default(),
        }
    }

    /// Takes over what its source came to.
    pub(super) fn came_to(&mut self, survey: &Survey) {
        self.counts.clone_from(&survey.counts);
        self.records = survey.records;
        self.held.clone_from(&survey.held);
        self.allowed = survey.allowed;
        self.tally.clone_from(&survey.tally);
        self.refused = survey.refused;
        self.refusal = survey.refusal;
        self.unread = survey.unread;
        self.goes = survey.whole;
    }

    /// Takes in what became of the same file before.
    pub(super) fn join(&mut self, before: FileDone) {
        if matches!(self.fate, Fate::Unchanged) {
            self.fate = before.fate;
        }
        for count in before.counts {
            add_count(&mut self.counts, count);
        }
        self.records += before.records;
        self.tally.join(&before.tally);
        for remnant in before.remnants {
            if !self.remnants.contains(&remnant) {
                self.remnants.push(remnant);
            }
        }
    }

    /// Whether something that was asked for was not done.
    pub fn is_incomplete(&self) -> bool {
        let left = match self.fate {
            Fate::Unchanged | Fate::Would | Fate::Done(_) => false,
            Fate::Unread(_) => !self.accepted,
            Fate::NotDone(_) => true,
        };
        left || (self.unread.is_some() && !self.accepted)
            || self.refused > 0
            || self.partner.is_some()
            // A sweep is meant to keep what is held.
            || !self.held.is_empty() && self.tally.records() == 0
    }
}

/// The account of a run.
#[derive(Default)]
pub struct Totals {
    /// Files seen, excluded ones not counted.
    pub files: u64,
    /// Files changed, or that would be.
    pub changed: u64,
    /// Files with something not read or not done.
    pub incomplete: u64,
    /// Files left out by the selection.
    pub excluded: u64,
    /// Values left because the user says that they are no findings.
    pub allowed: u64,
    /// What went, or would go.
    pub counts: Vec<Count>,
    /// Records removed.
    pub records: u64,
    /// What earlier runs left, and what became of it.
    pub recovery: Recovery,
    /// The receipt.
    pub receipt: Option<PathBuf>,
    /// Whether the run was cut short.
    pub interrupted: bool,
    /// Something is left for recovery.
    pub unfinished: bool,
    /// Of a run that goes by age, what became of which records.
    pub tally: Tally,
    /// Fields that were named and in which nothing was found.
    pub fields_not_met: Vec<String>,
    /// What would be changed, where that was to be noted.
    pub planned: Saved,
}

/// Takes the results of a run in their order.
pub trait Told {
    /// One file is done.
    ///
    /// # Errors
    /// When nobody can be told any more; the run ends.
    fn file(&mut self, done: &FileDone) -> Result<(), SinkError>;
    /// The run is done.
    ///
    /// # Errors
    /// As above.
    fn totals(&mut self, totals: &Totals) -> Result<(), SinkError>;
}

pub(super) fn account(totals: &mut Totals, done: &FileDone) {
    totals.files += u64::from(!done.renamed);
    totals.tally.join(&done.tally);
    totals.allowed += done.allowed;
    totals.incomplete += u64::from(done.is_incomplete());
    if matches!(done.fate, Fate::Done(_) | Fate::Would) {
        totals.changed += u64::from(!done.within);
        totals.records += done.records;
        for count in &done.counts {
            add_count(&mut totals.counts, *count);
        }
    }
}
