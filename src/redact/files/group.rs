//! A set of recordings and transcripts on its way to the write engine, as one group with what refers
//! to it.
//!
//! Owns what the engine is asked for each file. Knows neither what a set comes to nor when it is
//! refused.

use std::ops::Range;

use super::company::Lazy;
use super::dangling::Refers;
use super::listening::{Known, only_tags};
use super::sets::Role;
use super::together::{DOING, Read, goes_whole};
use super::work::{Found, Pace, Work, new_words, receipt_counts};
use crate::format::names::Words;
use crate::redact::apply::{FileEdit, GroupOutcome, Run};
use crate::redact::content::Reader;
use crate::redact::derive::Job;
use crate::redact::edit::{Change, Producer, Splice};
use crate::redact::edits::Edits;
use crate::redact::failure::{Failure, Outcome, Reason as Cause};
use crate::redact::guard::{EditContext, Permit};
use crate::redact::receipt::Counts;
use crate::redact::recompress::recompress;
use crate::redact::recording;
use crate::scan::Progress;
use crate::source::Compression;

impl Work<'_> {
    /// Has the write engine change all files of a set, and gives their numbers in the order of
    /// the outcome.
    pub(super) fn write_set(
        &self,
        reads: &mut [Read<'_>],
        spans: &[Range<u64>],
        pace: Pace,
        refers: &mut [Refers<'_>],
        run: &mut Run<'_>,
    ) -> (GroupOutcome, Vec<usize>) {
        let whole = goes_whole(reads);
        let first = reads.iter_mut().find_map(|read| read.survey.permit.take());
        let mut members = Vec::new();
        let mut made = Vec::new();
        for (number, read) in reads.iter().enumerate() {
            let mutes = read.role == Role::Recording && !spans.is_empty();
            if !(whole || mutes || read.survey.splices > 0 || read.spot.out.is_some()) {
                continue;
            }
            members.push(number);
            made.push(self.make(read, spans, (pace, whole), first.as_ref()));
        }
        // One that cannot be begun keeps all from it.
        if let Some(at) = made.iter().position(Result::is_err) {
            let mut outcome = GroupOutcome {
                files: Vec::new(),
                pending: false,
            };
            for (number, made) in made.iter().enumerate() {
                let failure = match made {
                    Err(failure) if number == at => *failure,
                    _ => Failure::new(Cause::Group, DOING),
                };
                let spot = members.get(number).and_then(|member| reads.get(*member));
                if let Some(read) = spot {
                    outcome.files.extend(read.spot.refused(failure).files);
                }
            }
            return (outcome, members);
        }
        let mut makings: Vec<Making<'_>> = made.into_iter().flatten().collect();
        let mut producers: Vec<Option<Box<Producer<'_>>>> = Vec::new();
        let mut rest = Vec::new();
        for making in &mut makings {
            let Making {
                permit,
                how,
                verify,
                read,
            } = making;
            let (producer, splices) = match how {
                How::Pack(compression, splices, job) => {
                    let compression = *compression;
                    let produce: Box<Producer<'_>> = Box::new(move |old, new| {
                        let reword = &mut |words: &Words| new_words(words, job);
                        recompress(compression, old, &mut **splices, reword, new)
                    });
                    (Some(produce), None)
                }
                How::Splice(splices, same_width) => (None, Some((splices, *same_width))),
                How::Remove => (None, None),
            };
            producers.push(producer);
            rest.push((permit.clone(), splices, &*verify, *read));
        }
        let group =
            producers
                .iter_mut()
                .zip(rest)
                .map(|(producer, (permit, splices, verify, read))| {
                    let change = match (producer, splices) {
                        (Some(producer), _) => Change::Produce(&mut **producer),
                        (None, Some((splices, true))) => Change::SameWidth(&mut **splices),
                        (None, Some((splices, false))) => Change::Splices(&mut **splices),
                        (None, None) => Change::Remove,
                    };
                    FileEdit {
                        root: read.spot.root,
                        path: read.spot.beneath.clone(),
                        expect: read.seen.identity,
                        change,
                        verify: &**verify,
                        permit,
                        out: read.spot.out.map(|out| (out, read.spot.beneath.clone())),
                        counts: receipt_counts(&read.survey.counts),
                    }
                });
        let mut group: Vec<FileEdit<'_>> = group.collect();
        let unchecked = |_: &mut Reader<'_>| Ok(());
        group.extend(refers.iter_mut().map(|one| {
            let change = (Change::SameWidth(&mut one.splices), Counts::new());
            one.spot
                .edit(&one.seen, change, one.permit.clone(), &unchecked)
        }));
        (run.apply(group), members)
    }

    /// What the write engine needs for one file of a set.
    fn make<'m>(
        &'m self,
        read: &'m Read<'m>,
        spans: &[Range<u64>],
        (pace, whole): (Pace, bool),
        set: Option<&Permit>,
    ) -> Outcome<Making<'m>> {
        const CHANGED: Failure = Failure::new(Cause::Changed, "cannot read the file");
        let permit = self.permit_part(read, set)?;
        let mut spans = match read.role {
            Role::Recording => spans.to_vec(),
            _ => Vec::new(),
        };
        spans.extend(read.survey.spans.iter().cloned());
        let silent = spans.clone();
        let verify = move |new: &mut Reader<'_>| {
            let known = Known::of(&read.survey, &silent);
            self.verify_known(&read.spot, read.seen.format, known, new)
        };
        let verify: Box<Checking<'m>> = Box::new(verify);
        if whole {
            return Ok(Making {
                permit,
                how: How::Remove,
                verify,
                read,
            });
        }
        let Ok(Found::Source(mut source, _)) = self.open(&read.spot, Some(&read.seen.identity))
        else {
            return Err(CHANGED);
        };
        let job = Job {
            keep_old: true,
            tell: false,
            ..self.job(&read.spot.absolute, pace)
        };
        only_tags(&mut source);
        let edits = Edits::new(source, job, self.pool, &STEADY).expecting(read.survey.records);
        let muting = recording::mute_if_any(&read.spot.path, read.seen.identity.size, &spans)?;
        let same_width = read.survey.same_width && muting.same_width;
        let splices = Box::new(recording::merge(Lazy::new(edits), muting.splices));
        let how = match read.seen.compression {
            Compression::None => How::Splice(splices, same_width && read.changes(&spans)),
            packed => How::Pack(packed, splices, job),
        };
        Ok(Making {
            permit,
            how,
            verify,
            read,
        })
    }

    /// The permit for a file of a set: its own, or that of the set where only the others told
    /// whose data it is.
    fn permit_part(&self, read: &Read<'_>, set: Option<&Permit>) -> Outcome<Permit> {
        const HELD: Failure = Failure::new(Cause::Held, DOING);
        if let (Some(set), None) = (set, read.spot.out) {
            let context = EditContext {
                path: read.spot.absolute.clone(),
                subject_tags: Some(Vec::new()),
                ..EditContext::default()
            };
            let own = self.guard.permits(&context).map_err(|_| HELD)?;
            return set.for_side(read.spot.absolute.clone()).merge(own);
        }
        self.permit(&read.spot, None).map_err(|_| HELD)
    }
}

/// A change that was begun is never cut short.
static STEADY: std::sync::LazyLock<Progress> = std::sync::LazyLock::new(Progress::default);

/// As [`crate::redact::apply::Verify`], for who owns it.
type Checking<'a> = dyn Fn(&mut Reader<'_>) -> Outcome<()> + 'a;

/// The splices of a file, as they are come to.
type Coming<'a> = Box<dyn Iterator<Item = Outcome<Splice>> + 'a>;

/// How a file of a set is changed.
enum How<'a> {
    Splice(Coming<'a>, bool),
    Pack(Compression, Coming<'a>, Job<'a>),
    Remove,
}

struct Making<'a> {
    permit: Permit,
    how: How<'a>,
    verify: Box<Checking<'a>>,
    read: &'a Read<'a>,
}

impl Read<'_> {
    pub(super) fn changes(&self, spans: &[Range<u64>]) -> bool {
        self.survey.splices > 0 || !spans.is_empty()
    }
}
