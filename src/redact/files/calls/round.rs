//! Calls that go: the files of some calls and the records that name them are one group of the write
//! engine, so that a kill or a failure leaves each call whole or gone.
//!
//! Owns which calls go at once and what a failure of one leads to. Knows neither names nor rules.

use super::super::RunError;
use super::super::roots::Walked;
use super::super::spot::Spot;
use super::super::told::{Fate, FileDone};
use super::super::work::{ATTEMPTS, Pace, Work, Writing};
use super::survey::{Blamed, Changing, Going};
use super::turns::at_once;
use super::{Calls, Turn};
use crate::redact::ageing::{Ages, Tally, Why};
use crate::redact::apply::{FileOutcome, GroupOutcome};
use crate::redact::failure::Reason as Cause;
use crate::scan::SinkError;

impl Work<'_> {
    /// Gathers the calls and has the write engine take those away that may go. Where nothing is
    /// written it is only known which.
    pub(in super::super) fn sweep_calls(
        &self,
        writing: Option<&mut Writing<'_>>,
        told: &mut dyn FnMut(FileDone) -> Result<(), SinkError>,
    ) -> Result<(), RunError> {
        let (Some(calls), Some(ages)) = (&self.calls, &self.order.ages) else {
            return Ok(());
        };
        let walked = self.company.walked;
        self.gather(calls, &**ages, walked);
        let Some(writing) = writing else {
            calls.turn_all(Turn::Goes);
            return Ok(());
        };
        let limit = at_once();
        calls.refuse_larger_than(limit);
        let mut first = true;
        while !self.progress.stopped() {
            // Each run does some, so that a short budget is no standstill.
            if !first && ages.is_spent(self.progress.bytes().saturating_sub(calls.read())) {
                break;
            }
            first = false;
            let round = calls.next_round(limit);
            if round.is_empty() {
                break;
            }
            self.round(calls, &**ages, walked, round, writing, told)?;
        }
        Ok(())
    }

    /// Takes some calls away, as one group, without those that turn out to be unable to go.
    fn round(
        &self,
        calls: &Calls,
        ages: &dyn Ages,
        walked: &Walked,
        mut round: Vec<u32>,
        writing: &mut Writing<'_>,
        told: &mut dyn FnMut(FileDone) -> Result<(), SinkError>,
    ) -> Result<(), RunError> {
        let (mut attempt, mut pace) = (1, Pace::Surveyed);
        while !round.is_empty() {
            calls.turn(&round, Turn::Goes);
            let made = self
                .going(calls, ages, walked, &round)
                .and_then(|going| Ok((going, self.changing(calls, ages, walked, &round, pace)?)));
            let (mut going, mut changing) = match made {
                Ok(made) => made,
                Err((blamed, path, failure)) => {
                    calls.refuse(&mut round, &blamed, path, failure);
                    continue;
                }
            };
            let (outcome, blamed) = match self.take_calls(&mut going, &mut changing, pace, writing)
            {
                Ok(outcome) => {
                    let blamed = blamed_by(calls, &going, &changing, &outcome);
                    (Some(outcome), blamed)
                }
                Err((number, failure)) => {
                    let path = changing.get(number).map(|file| file.spot.path.clone());
                    let source = changing.get(number).map(|file| file.number);
                    (None, Some((calls.of_source(source), path, failure)))
                }
            };
            let Some(outcome) = outcome else {
                if let Some((blamed, path, failure)) = blamed {
                    calls.refuse(&mut round, &blamed, path, failure);
                }
                continue;
            };
            let Some((blamed, path, failure)) = blamed else {
                writing.groups += 1;
                writing.receipt.group(writing.groups, &outcome)?;
                return self.went(calls, going, changing, outcome, told);
            };
            if pace != Pace::Careful && failure.reason == Cause::Unverified {
                pace = Pace::Careful;
                continue;
            }
            if outcome.is_retryable() && attempt < ATTEMPTS {
                attempt += 1;
                continue;
            }
            writing.groups += 1;
            writing.receipt.group(writing.groups, &outcome)?;
            if outcome.pending {
                // Recovery brings all of it to one end; which, nobody knows yet.
                let all = round.clone();
                calls.refuse(&mut round, &all, path, failure);
                return Ok(());
            }
            calls.refuse(&mut round, &blamed, path, failure);
        }
        Ok(())
    }

    /// Tells what went.
    fn went(
        &self,
        calls: &Calls,
        going: Vec<Going<'_>>,
        changing: Vec<Changing<'_>>,
        outcome: GroupOutcome,
        told: &mut dyn FnMut(FileDone) -> Result<(), SinkError>,
    ) -> Result<(), RunError> {
        let fate = |path: &std::path::Path, root: &std::path::Path| {
            let of = |file: &&FileOutcome| file.path == path && file.root == root;
            let file = outcome.files.iter().find(of)?;
            Some((file.choice?, &file.remnants))
        };
        for one in going {
            let mut done = FileDone::new(one.spot.path.clone(), None, Fate::Unchanged);
            if let Some((choice, remnants)) = fate(&one.spot.beneath, one.spot.root.path()) {
                done.fate = Fate::Done(choice);
                done.remnants = remnants.iter().map(|one| one.code()).collect();
            }
            done.tally = Tally::of_one(one.rule, Why::WithRecord, one.when);
            told(done)?;
        }
        for mut one in changing {
            if let Some((choice, remnants)) = fate(&one.spot.beneath, one.spot.root.path()) {
                one.done.fate = Fate::Done(choice);
                one.done.remnants = remnants.iter().map(|one| one.code()).collect();
            }
            let went = |why| matches!(why, Why::Erased | Why::Redacted | Why::WithFile);
            one.done.tally = one.done.tally.only(went);
            one.done.held.clear();
            one.done.refused = 0;
            one.done.refusal = None;
            one.done.unread = None;
            let mut parts = calls.parts();
            if let Some(before) = parts.remove(&one.done.path) {
                one.done.join(before);
            }
            parts.insert(one.done.path.clone(), one.done);
        }
        Ok(())
    }
}

/// The calls that keep a group from being done, with the file to blame.
fn blamed_by(
    calls: &Calls,
    going: &[Going<'_>],
    changing: &[Changing<'_>],
    outcome: &GroupOutcome,
) -> Option<Blamed> {
    let failed = |file: &&FileOutcome| file.failure.is_some();
    let fault = outcome.files.iter().find(|file| file.fault().is_some());
    let file = fault.or_else(|| outcome.files.iter().find(failed))?;
    let failure = file.failure?;
    let is = |spot: &Spot<'_>| spot.beneath == file.path && spot.root.path() == file.root;
    if let Some(one) = going.iter().find(|one| is(&one.spot)) {
        return Some((vec![one.call], Some(one.spot.path.clone()), failure));
    }
    let source = changing.iter().find(|one| is(&one.spot));
    let path = source.map(|one| one.spot.path.clone());
    Some((calls.of_source(source.map(|one| one.number)), path, failure))
}
