//! What a round comes to: the files of calls that go, and the files with their records, surveyed.
//!
//! Owns the account of a round before it is written. Knows neither names nor rules.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::super::aged::{AgedFile, facts, order_of, seconds};
use super::super::roots::Walked;
use super::super::spot::Spot;
use super::super::told::{Fate, FileDone};
use super::super::work::{Pace, Seen, Work};
use super::kept::context;
use super::names::File;
use super::{Calls, DOING, STEADY, Source};
use crate::redact::ageing::{Ages, Tally, When, Why};
use crate::redact::edits::{Edits, Survey};
use crate::redact::failure::{Failure, Reason as Cause};
use crate::redact::guard::Permit;
use crate::redact::place::Identity;
use crate::source::open_to_read;

/// What takes files away of calls that go.
pub(super) struct Going<'a> {
    pub(super) spot: Spot<'a>,
    pub(super) seen: Identity,
    pub(super) permit: Permit,
    pub(super) call: u32,
    pub(super) rule: u16,
    pub(super) when: When,
}

/// A file with records of calls that go.
pub(super) struct Changing<'a> {
    pub(super) spot: Spot<'a>,
    pub(super) seen: Seen,
    pub(super) survey: Survey,
    pub(super) done: FileDone,
    pub(super) whole: bool,
    pub(super) number: u32,
}

/// Why a round cannot be done, and the calls to blame.
pub(super) type Blamed = (Vec<u32>, Option<PathBuf>, Failure);

impl Work<'_> {
    /// The files of calls that are taken away.
    pub(super) fn going<'w>(
        &'w self,
        calls: &Calls,
        ages: &dyn Ages,
        walked: &'w Walked,
        round: &[u32],
    ) -> Result<Vec<Going<'w>>, Blamed> {
        let known = calls.known();
        let mut going = Vec::new();
        for number in round {
            let Some(call) = known.calls.get(*number as usize) else {
                continue;
            };
            let units = call.units.iter();
            let units = units.filter_map(|unit| calls.names.units.get(*unit as usize));
            for file in units.flat_map(|unit| &unit.files) {
                let blamed = |failure| (vec![*number], Some(file.path.clone()), failure);
                let changed = Failure::new(Cause::Vanished, DOING);
                let spot = self.spot_of(walked, file).ok_or_else(|| blamed(changed))?;
                let seen = open_to_read(&spot.path).and_then(Identity::of_file);
                let seen = seen.map_err(|error| {
                    let denied = error.kind() == std::io::ErrorKind::PermissionDenied;
                    let cause = if denied {
                        Cause::Denied
                    } else {
                        Cause::Vanished
                    };
                    blamed(Failure::new(cause, DOING))
                })?;
                let held = Failure::new(Cause::Held, DOING);
                let context = context(ages, &spot, call, None);
                let permit = self.guard.permits(&context).map_err(|_| blamed(held))?;
                going.push(Going {
                    rule: file.rules.trailing_zeros() as u16,
                    when: call.when(),
                    call: *number,
                    spot,
                    seen,
                    permit,
                });
            }
        }
        Ok(going)
    }

    fn spot_of<'w>(&'w self, walked: &'w Walked, file: &File) -> Option<Spot<'w>> {
        let at = walked.at(self.order, file.root)?;
        Spot::of(file.path.clone(), &at, self.order, self.as_format).ok()
    }

    /// The files with records of calls that go, surveyed.
    pub(super) fn changing<'w>(
        &'w self,
        calls: &'w Calls,
        ages: &dyn Ages,
        walked: &'w Walked,
        round: &[u32],
        pace: Pace,
    ) -> Result<Vec<Changing<'w>>, Blamed> {
        let sources: Vec<(u32, Source)> = {
            let known = calls.known();
            let of = |number: &u32| known.calls.get(*number as usize);
            let numbers = round.iter().filter_map(of).flat_map(|call| &call.sources);
            let numbers: BTreeSet<u32> = numbers.copied().collect();
            let sources = numbers.into_iter();
            sources
                .filter_map(|number| Some((number, known.sources.get(number as usize)?.clone())))
                .collect()
        };
        let mut changing = Vec::new();
        for (number, source) in sources {
            let blamed = |cause| {
                let failure = Failure::new(cause, DOING);
                (
                    calls.of_source(Some(number)),
                    Some(source.path.clone()),
                    failure,
                )
            };
            let file = File {
                path: source.path.clone(),
                root: source.root,
                rules: 0,
            };
            let mut spot = self
                .spot_of(walked, &file)
                .ok_or_else(|| blamed(Cause::Vanished))?;
            let Ok(opened) = self.look_at(ages, &mut spot) else {
                return Err(blamed(Cause::Changed));
            };
            let format = opened.format();
            let identity = match &opened.0 {
                Ok((_, seen)) => seen.identity,
                Err(_) => open_to_read(&spot.path)
                    .and_then(Identity::of_file)
                    .map_err(|_| blamed(Cause::Vanished))?,
            };
            // Rotated or cut short since its records were asked: they may stand elsewhere now. What
            // an earlier round wrote anew is as it was but for the records that went.
            let known = calls.now_is(number, identity);
            if !known {
                return Err(blamed(Cause::Changed));
            }
            let age = facts(&spot, format, seconds(&identity), false);
            let file = ages.of_file(&age).ok_or_else(|| blamed(Cause::Changed))?;
            let mut done = FileDone::new(spot.path.clone(), format, Fate::Unchanged);
            let going = opened.whole(&spot.path);
            let readable = match opened.0 {
                Ok((source, seen)) if !seen.recording && source.reader.has_records() => {
                    Some((source, seen))
                }
                _ => None,
            };
            let Some((source, seen)) = readable else {
                let when = file.whole();
                let mut survey = Survey::default();
                survey.permit = self.permit_whole(&spot, &*file, going);
                if survey.permit.is_none() {
                    return Err(blamed(Cause::Held));
                }
                let rule = file.rules().first().copied().unwrap_or_default();
                done.tally = Tally::of_one(rule as u16, Why::WithFile, when);
                let seen = Seen::unread(identity, format);
                changing.push(Changing {
                    spot,
                    seen,
                    survey,
                    done,
                    whole: true,
                    number,
                });
                continue;
            };
            let all = self.all_of(&*file, false);
            let order = order_of(&source);
            spot.aged = Some(AgedFile {
                file,
                format,
                order,
                all,
                recordless: false,
            });
            let survey =
                Edits::new(source, self.job_of(&spot, pace), self.pool, &STEADY).survey(None);
            if survey.broken.is_some() || survey.doubtful && survey.records > 0 {
                return Err(blamed(Cause::Records));
            }
            done.came_to(&survey);
            let whole = self.goes_whole(&spot, &survey, &mut done);
            if !whole && survey.splices == 0 {
                // Its records went with an earlier attempt, or somebody else took them.
                continue;
            }
            changing.push(Changing {
                spot,
                seen,
                survey,
                done,
                whole,
                number,
            });
        }
        Ok(changing)
    }
}
