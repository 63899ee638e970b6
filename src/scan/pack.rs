//! Sources within sources: the members of containers, one by one, each as if it were a file.
//!
//! Owns their order, their paths and how deep they are followed. Knows neither how a container is
//! laid out nor what a member is read as.

use std::io;
use std::sync::Arc;

use super::names::Named;
use super::window::Memory;
use super::{FileReport, Look, Opened, Run, ScanError, SourcePath, Status, entry};
use crate::container::slab::{Beside, Slab};
use crate::container::{Budget, DEEPEST, Kind, Members, Own};
use crate::finding::Finding;
use crate::format::Reason;
use crate::format::sqlite::{self, Feed, Snapshot};
use crate::source::{Compression, Input, Told, Window, open_stream_in, open_to_read, reason_of};

/// What is shared by everything within one file.
struct Within {
    budget: Arc<Budget>,
    beside: Beside,
}

impl Run<'_> {
    /// Scans what lies in a file and is no text of its own: a container or a packed database.
    pub(super) fn scan_held(
        &mut self,
        pool: &rayon::ThreadPool,
        path: SourcePath,
        held: Look,
    ) -> Result<FileReport, ScanError> {
        let stored = std::fs::metadata(&path.file).map_or(0, |metadata| metadata.len());
        let within = Within {
            budget: Budget::new(stored),
            beside: Beside::file(&path.file),
        };
        self.scan_within(pool, path, held, &within, 0)
    }

    fn scan_within(
        &mut self,
        pool: &rayon::ThreadPool,
        path: SourcePath,
        look: Look,
        within: &Within,
        depth: usize,
    ) -> Result<FileReport, ScanError> {
        match look {
            Look::Open(mut opened) => self.scan_opened(pool, path, &mut opened, None),
            Look::Skip(name) => Ok(unread(path, Some(name), Reason::Unsupported(name), 0)),
            Look::Rows(input) => match rows(input, &within.beside) {
                Ok(mut opened) => self.scan_opened(pool, path, &mut opened, None),
                Err(error) => Ok(unread(path, Some(sqlite::NAME), reason_of(&error), 0)),
            },
            Look::Pack(kind, _) if depth >= DEEPEST => {
                Ok(unread(path, Some(kind.name()), Reason::Limit, 0))
            }
            Look::Pack(kind, input) => {
                let told = input.told.clone();
                match members(kind, input, &path, within, depth) {
                    Ok(members) => {
                        self.scan_members(pool, path, kind, (members, told), within, depth)
                    }
                    Err(error) => Ok(unread(path, Some(kind.name()), reason_of(&error), 0)),
                }
            }
        }
    }

    fn scan_members(
        &mut self,
        pool: &rayon::ThreadPool,
        path: SourcePath,
        kind: Kind,
        (mut members, told): (Members, Option<Told>),
        within: &Within,
        depth: usize,
    ) -> Result<FileReport, ScanError> {
        let mut buffer = Vec::new();
        let (mut memory, mut window) = (Memory::default(), Window::default());
        while !self.task.progress.stopped() {
            let Some(member) = members.next() else {
                break;
            };
            let inner = path.within(&member.name);
            let mut named = Named::default();
            for words in &member.words {
                named.look_once(words, &self.task, &mut memory);
            }
            self.found(&inner, &named.findings)?;
            let Some(content) = member.content else {
                if !named.findings.is_empty() {
                    self.account_named(entry(inner, "entry"), &named)?;
                }
                continue;
            };
            let report = match content {
                Err(reason) => unread(inner, None, reason, member.stored),
                Ok(content) => {
                    let input = open_stream_in(content, std::mem::take(&mut buffer));
                    let whole = input.is_whole();
                    match self.task.look_within(&member.name, input) {
                        Look::Open(opened) if whole => {
                            match opened.small(&self.task, &mut memory, &mut window) {
                                Ok((findings, tally, opened)) => {
                                    self.found(&inner, &findings)?;
                                    let report = opened.report(inner, &tally, false);
                                    buffer = opened.into_buffer();
                                    report
                                }
                                // What ends within its head ends within its first window.
                                Err(()) => unread(inner, None, Reason::Limit, member.stored),
                            }
                        }
                        look => self.scan_within(pool, inner, look, within, depth + 1)?,
                    }
                }
            };
            self.account_named(report, &named)?;
        }
        let mut own = members.own();
        if let Some(told) = told {
            let (words, more) = told.take();
            own.words.splice(..0, words);
            own.reason = own.reason.or(more);
        }
        self.own(path, kind, own, &mut memory)
    }

    /// Accounts for a source with what was found in its name.
    fn account_named(&mut self, mut report: FileReport, named: &Named) -> Result<(), ScanError> {
        report.findings += named.findings.len() as u64;
        report.allowed += named.allowed;
        self.account(report)
    }

    /// Hands on what was found in a small source.
    pub(super) fn found(
        &mut self,
        path: &SourcePath,
        findings: &[Finding],
    ) -> Result<(), ScanError> {
        self.counts.add(findings);
        if !findings.is_empty() {
            self.task.progress.add_findings(findings.len() as u64);
            self.sink.findings(path, findings)?;
        }
        Ok(())
    }

    /// What a container is besides its members: its own words are scanned, its bytes counted.
    fn own(
        &mut self,
        path: SourcePath,
        kind: Kind,
        own: Own,
        memory: &mut Memory,
    ) -> Result<FileReport, ScanError> {
        let mut named = Named::default();
        for words in &own.words {
            named.look(words, &self.task, memory);
        }
        self.found(&path, &named.findings)?;
        let (count, allowed) = (named.findings.len() as u64, named.allowed);
        let stopped = self.task.progress.stopped();
        let reason = own.reason.or(stopped.then_some(Reason::Interrupted));
        Ok(FileReport {
            path,
            format: Some(kind.name()),
            status: match reason {
                None => Status::Scanned,
                Some(_) if own.unread == own.bytes && own.bytes > 0 => Status::Failed,
                Some(_) => Status::Partial,
            },
            reason,
            accepted: false,
            bytes: own.bytes,
            bytes_scanned: own.bytes.saturating_sub(own.unread),
            findings: count,
            allowed,
            more: Vec::new(),
        })
    }
}

/// The members of the container that `input` is.
fn members(
    kind: Kind,
    input: Input,
    path: &SourcePath,
    within: &Within,
    depth: usize,
) -> io::Result<Members> {
    let packed = input.compression != Compression::None;
    if kind == Kind::Tar {
        // Of several decoders within each other only one stays, whatever memory they take (R9).
        if packed && depth > 0 {
            let slab = within.beside.spool(&mut input.into_stream())?;
            return Ok(Members::of_tar(Box::new(slab.reader())));
        }
        return Ok(Members::of_tar(input.into_stream()));
    }
    let slab = match open_to_read(&path.file) {
        Ok(file) if depth == 0 && !packed => Slab::of_file(file)?,
        _ => within.beside.spool(&mut input.into_stream())?,
    };
    Ok(Members::of_zip(slab, &within.budget))
}

/// A database that lies in something else.
pub(crate) fn rows(input: Input, beside: &Beside) -> io::Result<Opened> {
    let told = input.told.clone();
    let slab = beside.spool(&mut input.into_stream())?;
    let snapshot = Snapshot::of_slab(slab)?;
    let mut opened = Opened::of_rows(Feed::new(Arc::new(snapshot)));
    opened.told = told;
    Ok(opened)
}

/// The account of a source of which nothing was read.
fn unread(
    path: SourcePath,
    format: Option<&'static str>,
    reason: Reason,
    bytes: u64,
) -> FileReport {
    let status = match reason {
        Reason::Unsupported(_) | Reason::Limit => Status::Skipped,
        _ => Status::Failed,
    };
    FileReport {
        path,
        format,
        status,
        reason: Some(reason),
        accepted: false,
        bytes,
        bytes_scanned: 0,
        findings: 0,
        allowed: 0,
        more: Vec::new(),
    }
}
