//! Databases: the new file is made by SQL from the rows that stay, and checked row by row.
//!
//! Owns what belongs to the group of a database, and the check. Knows neither SQL nor how files
//! are published.

use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::spot::Spot;
use super::work::Work;
use crate::format::sqlite::{Feed, Snapshot};
use crate::redact::apply::{FileEdit, GroupOutcome, Run};
use crate::redact::content::Reader;
use crate::redact::database;
use crate::redact::derive::Job;
use crate::redact::edit;
use crate::redact::edits::Edits;
use crate::redact::failure::{Doing, Failure, Outcome, Reason as Cause};
use crate::redact::guard::Permit;
use crate::redact::io::Io;
use crate::redact::place::Identity;
use crate::redact::receipt::Counts;
use crate::scan::{Opened, Progress};
use crate::source::open_to_read;

impl Work<'_> {
    /// Has the write engine carry out the edits of a database: the new file is made by SQL, and what
    /// stood beside the old one goes in the same group, first of all its log, which must never meet
    /// the new file.
    pub(super) fn rewrite(
        &self,
        spot: &Spot<'_>,
        (expect, database): (Identity, &Arc<Snapshot>),
        (permit, counts): (Permit, Counts),
        edits: Edits<'_>,
        run: &mut Run<'_>,
    ) -> Outcome<GroupOutcome> {
        let unchecked = |_: &mut Reader<'_>| Ok(());
        let mut group = self.sides(spot, database, &permit)?;
        let mut build = self.building(spot, database, edits)?;
        group.push(FileEdit {
            root: spot.root,
            path: spot.beneath.clone(),
            expect,
            change: edit::Change::Build(&mut *build),
            verify: &unchecked,
            permit,
            out: spot.out.map(|out| (out, spot.copy.clone())),
            counts,
        });
        Ok(run.apply(group))
    }

    /// What fills the new file of a database, by the edits of its rows.
    pub(super) fn building<'e>(
        &'e self,
        spot: &'e Spot<'_>,
        database: &'e Arc<Snapshot>,
        mut edits: Edits<'e>,
    ) -> Outcome<Box<edit::Builder<'e>>> {
        const DOING: &str = "cannot change the database";
        let changed = || Failure::new(Cause::Changed, DOING);
        if !database.is_unchanged() {
            return Err(changed());
        }
        let beside = spot.root.path().join(&spot.beneath);
        let folder = match spot.out {
            Some(out) => out.path(),
            None => beside.parent().ok_or_else(changed)?,
        };
        let folder = folder.to_path_buf();
        let scrub = self.order.write.scrub;
        Ok(Box::new(move |new: &OwnedFd| {
            let between = unnamed(&folder)?;
            database::rewrite(database, &mut edits, between, new, scrub)?;
            self.verify_rows_by(self.check_of(spot), new)
        }))
    }

    /// The removal of what stands beside a database.
    pub(super) fn sides<'e>(
        &self,
        spot: &'e Spot<'_>,
        database: &Arc<Snapshot>,
        permit: &Permit,
    ) -> Outcome<Vec<FileEdit<'e>>> {
        let changed = || Failure::new(Cause::Changed, "cannot change the database");
        let mut group = Vec::new();
        for side in database.sides().filter(|_| spot.out.is_none()) {
            let name = side.file_name().ok_or_else(changed)?;
            let file = open_to_read(side).map_err(|_| changed())?;
            let path = spot.beneath.with_file_name(name);
            group.push(FileEdit {
                root: spot.root,
                expect: Identity::of_file(&file).map_err(|_| changed())?,
                change: edit::Change::Remove,
                verify: &UNCHECKED,
                permit: self.permit_side(permit, spot.root.path().join(&path))?,
                path,
                out: None,
                counts: Counts::new(),
            });
        }
        Ok(group)
    }

    /// The permit to take away what stands beside a database: its rows are those that the database
    /// was permitted for, but its own path may be held.
    fn permit_side(&self, database: &Permit, side: PathBuf) -> Outcome<Permit> {
        const HELD: Failure = Failure::new(Cause::Held, "cannot change the database");
        self.guard.permits_side(database, side).map_err(|_| HELD)
    }

    /// Whether no row of a new database holds anything more that the same order would take.
    pub(super) fn verify_rows(&self, absolute: &Path, new: &OwnedFd) -> Outcome<()> {
        self.verify_rows_by(self.check(absolute), new)
    }

    fn verify_rows_by(&self, check: Job<'_>, new: &OwnedFd) -> Outcome<()> {
        const DOING: &str = "cannot check the new database";
        let unread = |_| Failure::new(Cause::Io, DOING);
        let file = std::fs::File::from(new.try_clone().map_err(unread)?);
        let snapshot = Snapshot::of_file(file).map_err(unread)?;
        let source = Box::new(Opened::of_rows(Feed::new(Arc::new(snapshot))));
        let steady = Progress::default();
        let survey = Edits::new(source, check, self.pool, &steady).survey(None);
        if survey.splices == 0 && survey.broken.is_none() {
            Ok(())
        } else {
            Err(Failure::new(Cause::Unverified, DOING))
        }
    }
}

/// What goes needs no check.
pub(super) const UNCHECKED: fn(&mut Reader<'_>) -> Outcome<()> = |_| Ok(());

/// A file without a name on the file system of `folder`.
fn unnamed(folder: &Path) -> Outcome<OwnedFd> {
    const DOING: &str = "cannot make a file to work in";
    let io = Io::real();
    let dir = io.open_root(folder).doing(DOING)?;
    io.create_unnamed(dir.as_fd()).doing(DOING)
}
