//! One file on its way to the write engine: surveyed, its edits derived, or taken away.
//!
//! Owns what the engine is asked for a file by itself. Knows neither when that is done nor what a
//! failure leads to.

use super::Plan;
use super::ahead::ahead;
use super::listening::{Known, Listening, only_tags};
use super::spot::Spot;
use super::work::{Found, Pace, Seen, Work, new_words, receipt_counts};
use crate::format::names::Words;
use crate::redact::apply::{GroupOutcome, Run};
use crate::redact::content::Reader;
use crate::redact::derive::{Job, Way};
use crate::redact::edit;
use crate::redact::edits::{Edits, Survey};
use crate::redact::failure::{Failure, Reason as Cause};
use crate::redact::receipt::Counts;
use crate::redact::recompress::recompress;
use crate::redact::recording;
use crate::redact::state::Purpose;
use crate::scan::{Opened, Progress};
use crate::source::Compression;

impl Work<'_> {
    /// What a file comes to.
    pub(super) fn survey(
        &self,
        spot: &Spot<'_>,
        (mut source, compression): (Box<Opened>, Compression),
        pace: Pace,
    ) -> Survey {
        let noted = !matches!(self.order.plan, Plan::None);
        let digest = noted.then(|| self.state.key().digest(Purpose::Content));
        let mut job = self.job_of(spot, pace);
        job.count_only = !noted && !job.tell && pace != Pace::Careful && job.way == Way::Values;
        let listening = self.listen(&mut source, compression);
        let mut survey = Edits::new(source, job, self.pool, self.progress).survey(digest);
        survey.content = listening.and_then(Listening::finish);
        survey
    }

    /// Has the write engine carry out the edits while they are derived, from the first window
    /// that has any; `None` when none has.
    pub(super) fn write_at_once(
        &self,
        spot: &Spot<'_>,
        (source, seen): (Box<Opened>, Seen),
        run: &mut Run<'_>,
    ) -> (Option<GroupOutcome>, Survey) {
        let job = Job {
            keep_old: true,
            ..self.job_of(spot, Pace::Once)
        };
        let mut edits = Edits::new(source, job, self.pool, self.progress);
        let mut survey = Survey::default();
        let first = loop {
            let Some(mut batch) = edits.next_batch() else {
                survey.broken = edits.broken();
                return (None, survey);
            };
            if batch.iter().any(|derived| !derived.splices.is_empty()) {
                break batch;
            }
            for derived in &mut batch {
                survey.join(derived);
            }
        };
        let permit = match self.permit(spot, None) {
            Ok(permit) => permit,
            Err(refused) => return (Some(refused), survey),
        };
        let verify = |new: &mut Reader<'_>| self.verify(spot, seen.format, new);
        let (mut outcome, survey) = ahead(edits, (survey, first), |splices| {
            let change = (edit::Change::SameWidth(splices), Counts::new());
            run.apply(vec![spot.edit(&seen, change, permit, &verify)])
        });
        for file in &mut outcome.files {
            file.counts = receipt_counts(&survey.counts);
        }
        (Some(outcome), survey)
    }

    /// Has the write engine carry out the edits of a survey, derived once more and checked on the
    /// result.
    pub(super) fn write_surveyed(
        &self,
        spot: &Spot<'_>,
        seen: &Seen,
        mut survey: Survey,
        pace: Pace,
        run: &mut Run<'_>,
    ) -> GroupOutcome {
        const CHANGED: Failure = Failure::new(Cause::Changed, "cannot read the file");
        // A change that was begun is never cut short: half of the edits would look like all.
        let steady = Progress::default();
        let permit = match self.permit(spot, survey.permit.take()) {
            Ok(permit) => permit,
            Err(refused) => return refused,
        };
        let Ok(Found::Source(mut source, _)) = self.open(spot, Some(&seen.identity)) else {
            return spot.refused(CHANGED);
        };
        let job = Job {
            // Compared with what stands there: the engine reads the file for itself, and a writer
            // that keeps it open may have come in between.
            keep_old: true,
            prove: seen.database.is_some(),
            tell: false,
            ..self.job_of(spot, pace)
        };
        only_tags(&mut source);
        let edits = Edits::new(source, job, self.pool, &steady).expecting(survey.records);
        let counts = receipt_counts(&survey.counts);
        if let Some(database) = &seen.database {
            let made = self.rewrite(
                spot,
                (seen.identity, database),
                (permit, counts),
                edits,
                run,
            );
            return made.unwrap_or_else(|failure| spot.refused(failure));
        }
        let known = Known::of(&survey, &survey.spans);
        let verify = |new: &mut Reader<'_>| self.verify_known(spot, seen.format, known, new);
        let size = seen.identity.size;
        let mut muting = match recording::mute_if_any(&spot.path, size, &survey.spans) {
            Ok(muting) => muting,
            Err(failure) => return spot.refused(failure),
        };
        let (outcome, _) = ahead(edits, (Survey::default(), Vec::new()), |splices| {
            let splices = &mut recording::merge(splices, &mut muting.splices);
            if seen.compression != Compression::None {
                let mut produce = |old: &mut Reader<'_>, new: &mut dyn std::io::Write| {
                    let reword = &mut |words: &Words| new_words(words, &job);
                    recompress(seen.compression, old, splices, reword, new)
                };
                let change = (edit::Change::Produce(&mut produce), counts);
                return run.apply(vec![spot.edit(seen, change, permit, &verify)]);
            }
            let change = if survey.same_width && muting.same_width && survey.splices > 0 {
                edit::Change::SameWidth(splices)
            } else {
                edit::Change::Splices(splices)
            };
            run.apply(vec![spot.edit(seen, (change, counts), permit, &verify)])
        });
        outcome
    }

    /// Has the write engine take a file away as a whole; `None` where only a copy was asked for.
    pub(super) fn remove(
        &self,
        spot: &Spot<'_>,
        seen: &Seen,
        survey: Survey,
        run: &mut Run<'_>,
    ) -> Option<GroupOutcome> {
        if spot.out.is_some() {
            return None;
        }
        let permit = match self.permit(spot, survey.permit) {
            Ok(permit) => permit,
            Err(refused) => return Some(refused),
        };
        let counts = receipt_counts(&survey.counts);
        let unchecked = |_: &mut Reader<'_>| Ok(());
        let change = (edit::Change::Remove, counts);
        Some(run.apply(vec![spot.edit(seen, change, permit, &unchecked)]))
    }
}
