//! A round as one group of the write engine: files that go, and files whose records go.
//!
//! Owns the order of a group: the files first, what names them last. Knows neither names nor rules.

use super::super::company::Lazy;
use super::super::rows::UNCHECKED;
use super::super::work::{Found, Pace, Seen, Work, Writing, receipt_counts};
use super::survey::{Changing, Going};
use super::{DOING, STEADY};
use crate::redact::apply::{FileEdit, GroupOutcome, Verify};
use crate::redact::derive::Job;
use crate::redact::edit::{Builder, Change, Producer, Splice};
use crate::redact::edits::Edits;
use crate::redact::failure::{Failure, Outcome, Reason as Cause};
use crate::redact::guard::Permit;
use crate::redact::receipt::Counts;
use crate::redact::recompress::recompress;
use crate::source::Compression;

impl Work<'_> {
    /// Has the write engine take calls away; the number of the file that could not be begun.
    pub(super) fn take_calls(
        &self,
        going: &mut [Going<'_>],
        changing: &mut [Changing<'_>],
        pace: Pace,
        writing: &mut Writing<'_>,
    ) -> Result<GroupOutcome, (usize, Failure)> {
        let permits = changing.iter_mut().map(|file| {
            let given = file.survey.permit.take();
            given.or_else(|| self.permit_aged(&file.spot))
        });
        let permits: Vec<Option<Permit>> = permits.collect();
        let changing = &*changing;
        let mut makings = Vec::new();
        for (number, (file, permit)) in changing.iter().zip(permits).enumerate() {
            let held = (number, Failure::new(Cause::Held, DOING));
            let made = self.make_call(file, permit.ok_or(held)?, pace);
            makings.push(made.map_err(|failure| (number, failure))?);
        }
        let mut packed: Vec<Box<Producer<'_>>> = Vec::new();
        let mut rest = Vec::new();
        for making in &mut makings {
            let Making {
                file,
                how,
                verify,
                permit,
            } = making;
            let how = match how {
                How::Pack(compression, splices) => {
                    let compression = *compression;
                    packed.push(Box::new(move |old, new| {
                        // Rules go by records: a name is in none.
                        recompress(compression, old, splices, &mut |_| Ok(None), new)
                    }));
                    None
                }
                other => Some(other),
            };
            rest.push((*file, &**verify, &*permit, how));
        }
        let mut packed = packed.iter_mut();
        let mut group: Vec<FileEdit<'_>> = Vec::new();
        for one in going.iter() {
            let seen = Seen::unread(one.seen, None);
            let change = (Change::Remove, Counts::new());
            let edit = one.spot.edit(&seen, change, one.permit.clone(), &UNCHECKED);
            group.push(edit);
        }
        for (number, (file, verify, permit, how)) in rest.into_iter().enumerate() {
            if let Some(database) = &file.seen.database {
                let sides = self.sides(&file.spot, database, permit);
                group.extend(sides.map_err(|failure| (number, failure))?);
            }
            let change = match how {
                Some(How::Splice(splices)) => Change::Splices(splices),
                Some(How::Build(build)) => Change::Build(&mut **build),
                Some(How::Remove) => Change::Remove,
                Some(How::Pack(..)) | None => match packed.next() {
                    Some(produce) => Change::Produce(&mut **produce),
                    None => continue,
                },
            };
            let counts = receipt_counts(&file.survey.counts);
            let change = (change, counts);
            group.push(file.spot.edit(&file.seen, change, permit.clone(), verify));
        }
        Ok(writing.run.apply(group))
    }

    /// What the write engine needs for one file with records.
    fn make_call<'m>(
        &'m self,
        file: &'m Changing<'m>,
        permit: Permit,
        pace: Pace,
    ) -> Outcome<Making<'m>> {
        const CHANGED: Failure = Failure::new(Cause::Changed, "cannot read the file");
        // The rows of a database are checked where they are made.
        let verify: Box<Verify<'m>> = match file.seen.database {
            Some(_) => Box::new(UNCHECKED),
            None => Box::new(move |new| self.verify(&file.spot, file.seen.format, new)),
        };
        let open = move || {
            let Ok(Found::Source(source, _)) = self.open(&file.spot, Some(&file.seen.identity))
            else {
                return Err(CHANGED);
            };
            let job = Job {
                keep_old: true,
                prove: file.seen.database.is_some(),
                tell: false,
                ..self.job_of(&file.spot, pace)
            };
            let edits = Edits::new(source, job, self.pool, &STEADY);
            Ok(edits.expecting(file.survey.records))
        };
        let how = match (&file.seen.database, file.seen.compression) {
            _ if file.whole => How::Remove,
            (Some(database), _) => How::Build(self.building(&file.spot, database, open()?)?),
            (None, Compression::None) => How::Splice(Coming::new(Box::new(open))),
            (None, packed) => How::Pack(packed, Coming::new(Box::new(open))),
        };
        Ok(Making {
            file,
            how,
            verify,
            permit,
        })
    }
}

/// How a file with records is changed.
enum How<'a> {
    Splice(Coming<'a>),
    Pack(Compression, Coming<'a>),
    Build(Box<Builder<'a>>),
    Remove,
}

struct Making<'a> {
    file: &'a Changing<'a>,
    how: How<'a>,
    verify: Box<Verify<'a>>,
    permit: Permit,
}

type Open<'a> = Box<dyn FnOnce() -> Outcome<Edits<'a>> + 'a>;

/// Splices of a file that is opened when the first is asked for: of a group only one is open.
struct Coming<'a> {
    open: Option<Open<'a>>,
    coming: Option<Lazy<'a>>,
}

impl<'a> Coming<'a> {
    fn new(open: Open<'a>) -> Self {
        Coming {
            open: Some(open),
            coming: None,
        }
    }
}

impl Iterator for Coming<'_> {
    type Item = Outcome<Splice>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(open) = self.open.take() {
            match open() {
                Ok(edits) => self.coming = Some(Lazy::new(edits)),
                Err(failure) => return Some(Err(failure)),
            }
        }
        self.coming.as_mut()?.next()
    }
}
