//! Files that take others along by a rule of their own: a recording that no record names, or that is
//! due before the records that name it.
//!
//! Owns which files those are. Knows neither rules nor names.

use super::super::aged::{facts, seconds};
use super::super::roots::Walked;
use super::super::sets::{Role, role};
use super::super::spot::Spot;
use super::super::work::Work;
use super::links::{Belongs, Call, Links};
use super::names::{File, Unit};
use super::{Calls, NOWHERE};
use crate::redact::ageing::{Ages, Link, When, Why};
use crate::redact::place::Identity;
use crate::source::open_to_read;

impl Work<'_> {
    /// Makes calls of files that go by a rule of their own, as `found` and `belongs` are without
    /// them.
    pub(super) fn gather_own(
        &self,
        calls: &Calls,
        ages: &dyn Ages,
        walked: &Walked,
        (found, belongs): (&mut Vec<Call>, &mut [Belongs]),
    ) {
        let mut links = Links::new(calls.names.units.len());
        for (number, unit) in calls.names.units.iter().enumerate() {
            let number = number as u32;
            let Some(named) = is_free(found, belongs, number) else {
                continue;
            };
            for file in leading(unit) {
                let alone = unit.files.len() == 1;
                // What has no time of its own is from when the records say that name it, not from
                // the file's date.
                let known = call_of(found, belongs, number);
                let known = known.map(Call::when).filter(Result::is_ok);
                let link = self.own_link(ages, walked, file, (named, alone), known);
                let Some(mut link) = link.filter(|link| !named || link.why == Why::Erased) else {
                    continue;
                };
                link.files.push(number);
                link.files.sort_unstable();
                link.files.dedup();
                let held = |unit: &u32| {
                    let call = call_of(found, belongs, *unit);
                    let kept = call.and_then(|call| call.kept.as_ref());
                    kept.is_some_and(|kept| kept.why == Why::Held)
                };
                if link.files.iter().any(held) {
                    link.why = Why::Held;
                }
                // What goes with records goes with them.
                link.files
                    .retain(|unit| is_free(found, belongs, *unit).is_some());
                links.add(NOWHERE, &link);
            }
        }
        let (own, of) = links.calls();
        for (slot, to) in belongs.iter_mut().zip(of) {
            if let Belongs::To(call) = to {
                *slot = Belongs::To(call + found.len() as u32);
            }
        }
        found.extend(own.into_iter().map(|mut call| {
            call.sources.clear();
            call
        }));
    }

    /// What a file names by itself; `None` where no rule has it take others along. One that records
    /// name and that is all there is of its call goes before them: they have nothing to wait for.
    fn own_link(
        &self,
        ages: &dyn Ages,
        walked: &Walked,
        file: &File,
        (named, alone): (bool, bool),
        known: Option<When>,
    ) -> Option<Link> {
        let at = walked.at(self.order, file.root)?;
        let mut spot = Spot::of(file.path.clone(), &at, self.order, self.as_format).ok()?;
        let first = named && alone;
        if !(first || ages.may_name(&spot.beneath, &spot.absolute)) {
            return None;
        }
        let opened = self.look_at(ages, &mut spot).ok()?;
        let identity = open_to_read(&spot.path).and_then(Identity::of_file).ok()?;
        let format = opened.format();
        let rules = ages.of_file(&facts(&spot, format, seconds(&identity), named))?;
        let cascades = |number: &usize| ages.rules().get(*number).is_some_and(|rule| rule.cascades);
        if !(first || rules.rules().iter().any(cascades)) {
            return None;
        }
        let facts = facts(&spot, format, seconds(&identity), named);
        if rules.own().is_err()
            && let Some(duty) = known.and_then(|when| ages.kept(&facts, when))
        {
            return Some(Link {
                why: duty,
                files: Vec::new(),
                when: rules.whole(),
            });
        }
        let when = rules.whole();
        let whole = opened.whole(&spot.path);
        Some(Link {
            why: self.whole_goes(&spot, &*rules, whole),
            files: self.named_by_file(&spot, &*rules, when),
            when,
        })
    }
}

/// The files that speak for a unit: its recordings, else all.
fn leading(unit: &Unit) -> impl Iterator<Item = &File> {
    let is = |file: &File| role(&file.path) == Some(Role::Recording);
    let recordings = unit.files.iter().any(is);
    unit.files
        .iter()
        .filter(move |file| !recordings || is(file))
}

fn call_of<'c>(found: &'c [Call], belongs: &[Belongs], unit: u32) -> Option<&'c Call> {
    match belongs.get(unit as usize)? {
        Belongs::To(call) => found.get(*call as usize),
        Belongs::ToNone | Belongs::ToAll => None,
    }
}

/// Whether a unit may go by a rule of its own, and if so whether records name it that stay.
fn is_free(found: &[Call], belongs: &[Belongs], unit: u32) -> Option<bool> {
    let Some(call) = call_of(found, belongs, unit) else {
        return Some(false);
    };
    match call.kept.as_ref()?.why {
        Why::Later | Why::Duty(_) | Why::Undated(_) => Some(true),
        _ => None,
    }
}
