//! Where one file is, where its result goes, and what the write engine is asked about it.
//!
//! It must not know what is found in the file.

use std::path::PathBuf;

use super::Order;
use super::aged::AgedFile;
use super::roots::At;
use super::work::Seen;
use crate::format::Format;
use crate::redact::apply::{FileEdit, FileOutcome, GroupOutcome, Verify};
use crate::redact::edit;
use crate::redact::failure::Failure;
use crate::redact::guard::Permit;
use crate::redact::place::Root;
use crate::redact::receipt::Counts;

/// Where a file is and where its result goes.
pub(super) struct Spot<'a> {
    /// As it is told.
    pub(super) path: PathBuf,
    pub(super) absolute: PathBuf,
    pub(super) root: &'a Root,
    pub(super) beneath: PathBuf,
    pub(super) out: Option<&'a Root>,
    /// What it is read as, where that is said.
    pub(super) as_format: Option<&'static dyn Format>,
    /// What the rules say to it, where records go by their age.
    pub(super) aged: Option<AgedFile>,
    /// What the copy is called beneath it.
    pub(super) copy: PathBuf,
}

impl<'a> Spot<'a> {
    /// Where the file that is told as `path` lies; the failure where its root cannot be opened.
    pub(super) fn of(
        path: PathBuf,
        at: &At<'a>,
        order: &Order,
        as_format: Option<&'static dyn Format>,
    ) -> Result<Self, (PathBuf, Failure)> {
        let root = match at.root {
            Ok(root) => root,
            Err(failure) => return Err((path, *failure)),
        };
        let beneath = at.beneath(&path);
        Ok(Spot {
            absolute: root.path().join(&beneath),
            copy: order.more.names.get(&path).unwrap_or(&beneath).clone(),
            path,
            root,
            beneath,
            out: at.out,
            as_format,
            aged: None,
        })
    }

    /// What the write engine is asked.
    pub(super) fn edit<'e>(
        &'e self,
        seen: &Seen,
        (change, counts): (edit::Change<'e>, Counts),
        permit: Permit,
        verify: &'e Verify<'e>,
    ) -> FileEdit<'e> {
        FileEdit {
            root: self.root,
            path: self.beneath.clone(),
            expect: seen.identity,
            change,
            verify,
            permit,
            out: self.out.map(|out| (out, self.copy.clone())),
            counts,
        }
    }

    /// The outcome of a file that the write engine was not given.
    pub(super) fn refused(&self, failure: Failure) -> GroupOutcome {
        GroupOutcome {
            files: vec![FileOutcome {
                path: self.beneath.clone(),
                root: self.root.path().to_path_buf(),
                out: None,
                choice: None,
                digests: None,
                size: 0,
                edits: 0,
                scrubbed: false,
                remnants: Vec::new(),
                counts: Counts::new(),
                members: Vec::new(),
                failure: Some(failure),
            }],
            pending: false,
        }
    }
}
