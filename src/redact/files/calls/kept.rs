//! What keeps a call but its records: duties, holds and folders that cannot be written.
//!
//! Owns what is asked about the files of a call. Knows neither rules nor names.

use super::super::aged::LookedAt;
use super::super::aged::facts;
use super::super::roots::Walked;
use super::super::spot::Spot;
use super::super::work::{Pace, Work};
use super::links::{Call, Kept};
use super::{Calls, Known, REFUSED};
use crate::redact::ageing::{Action, AgeRule, Ages, FileAges, Judged, When, Why};
use crate::redact::derive::{Aged, Job};
use crate::redact::edits::Edits;
use crate::redact::failure::{Failure, Reason as Cause};
use crate::redact::guard::EditContext;
use crate::time::{Clock, Order, Undated, Zone};

impl Work<'_> {
    /// What keeps the files of a call whose records may go.
    pub(super) fn kept_by_files(
        &self,
        calls: &Calls,
        ages: &dyn Ages,
        walked: &Walked,
        call: &Call,
        known: &mut Known,
    ) -> Option<Kept> {
        let units = call.units.iter();
        let units = units.filter_map(|unit| calls.names.units.get(*unit as usize));
        let mut kept = None;
        for file in units.flat_map(|unit| &unit.files) {
            let at = walked.at(self.order, file.root)?;
            let spot = Spot::of(file.path.clone(), &at, self.order, self.as_format);
            let Ok(mut spot) = spot else {
                return Some(REFUSED);
            };
            if let Some(failure) = self.cannot_go(&spot) {
                known.failures.insert(file.path.clone(), failure);
                kept = Kept::first(kept, Some(REFUSED));
            }
            kept = Kept::first(kept, self.kept_by_file(ages, &mut spot, call));
        }
        kept
    }

    /// The hold on any file of a call that its records keep for now: no other rule may take parts
    /// of it.
    pub(super) fn held_by_files(
        &self,
        calls: &Calls,
        ages: &dyn Ages,
        walked: &Walked,
        call: &Call,
    ) -> Option<Kept> {
        if !self.guard.has_holds() {
            return None;
        }
        let units = call.units.iter();
        let units = units.filter_map(|unit| calls.names.units.get(*unit as usize));
        let files = units.flat_map(|unit| &unit.files).filter_map(|file| {
            let at = walked.at(self.order, file.root)?;
            Spot::of(file.path.clone(), &at, self.order, self.as_format).ok()
        });
        let mut spots: Vec<Spot<'_>> = files.collect();
        for spot in &spots {
            let context = context(ages, spot, call, None);
            if let Some(held) = self.guard.hold_on(&context) {
                return Some(Kept::by_hold(held.id));
            }
        }
        if !self.guard.holds_subjects() {
            return None;
        }
        let mut opened = Vec::new();
        for spot in &mut spots {
            opened.push(self.look_at(ages, spot).ok());
        }
        // Where no rule takes any of it nobody has to know who is in it.
        let takes = spots.iter().zip(&opened).any(|(spot, opened)| {
            let format = opened.as_ref().and_then(LookedAt::format);
            ages.of_file(&facts(spot, format, 0, true)).is_some()
        });
        let mut all = spots.iter().zip(opened).filter(|_| takes);
        all.find_map(|(spot, opened)| {
            let format = opened.as_ref().and_then(LookedAt::format);
            self.held_within(spot, opened?, format, call)
        })
    }

    /// What keeps one file of a call.
    fn kept_by_file(&self, ages: &dyn Ages, spot: &mut Spot<'_>, call: &Call) -> Option<Kept> {
        let opened = self.look_at(ages, spot).ok()?;
        let format = opened.format();
        let context = context(ages, spot, call, format);
        if let Some(held) = self.guard.hold_on(&context) {
            return Some(Kept::by_hold(held.id));
        }
        if let Some(held) = self.held_within(spot, opened, format, call) {
            return Some(held);
        }
        if let Some(duty) = ages.kept(&facts(spot, format, 0, true), call.when()) {
            return Some(Kept::by(duty));
        }
        // The duty of another policy.
        let held = self.guard.permits(&context).err();
        held.map(|held| Kept::by_hold(held.id))
    }

    /// The hold on somebody who is in a file: that is known to nobody but itself.
    fn held_within(
        &self,
        spot: &Spot<'_>,
        opened: LookedAt,
        format: Option<&'static str>,
        call: &Call,
    ) -> Option<Kept> {
        if self.guard.holds_subjects()
            && let Ok((source, _)) = opened.0
        {
            let whole = Whole(call.moment().ok_or(Undated::None));
            let job = Job {
                aged: Some(Aged {
                    file: &whole,
                    rules: &[EVERYTHING],
                    order: None,
                    format,
                    all: Some(whole.0),
                    company: None,
                }),
                ..self.job(&spot.absolute, Pace::Surveyed)
            };
            let survey = Edits::new(source, job, self.pool, self.progress).survey(None);
            // Duties are asked elsewhere, by when the call is from.
            let mut held = survey.held.into_iter().map(|(id, _)| id);
            return held.find(|id| self.guard.is_hold(id)).map(Kept::by_hold);
        }
        None
    }

    /// Why a file cannot be taken out of its folder, as far as that is known before it is tried.
    fn cannot_go(&self, spot: &Spot<'_>) -> Option<Failure> {
        use rustix::fs::{Access, access};
        const DOING: &str = "cannot take the file away";
        let folder = spot.absolute.parent()?;
        match access(folder, Access::WRITE_OK | Access::EXEC_OK) {
            Ok(()) => None,
            Err(rustix::io::Errno::ROFS) => Some(Failure::new(Cause::ReadOnly, DOING)),
            Err(_) => Some(Failure::new(Cause::Denied, DOING)),
        }
    }
}

/// What the guard is asked about a file that goes with a record: who is in the record was asked
/// there.
pub(super) fn context(
    ages: &dyn Ages,
    spot: &Spot<'_>,
    call: &Call,
    format: Option<&'static str>,
) -> EditContext {
    EditContext {
        path: spot.absolute.clone(),
        subject_tags: Some(Vec::new()),
        client: ages
            .client(&spot.beneath, &spot.absolute)
            .map(str::to_owned),
        format,
        time: call.moment(),
        last: call.when().ok(),
    }
}

/// The rule that everything is due by.
const EVERYTHING: AgeRule = AgeRule {
    action: Action::Erase,
    selected: None,
    parties: Vec::new(),
    cascades: false,
};

/// A file all of which is due, so that the guard is asked about all of it.
struct Whole(When);

impl FileAges for Whole {
    fn clock(&self, order: Option<Order>) -> Clock {
        Clock::new(Zone::utc(), order, 0, 0)
    }

    fn rules(&self) -> &[usize] {
        &[0]
    }

    fn judge(&self, _when: When) -> Judged {
        Judged {
            due: 1,
            why: Why::Clean,
        }
    }

    fn judge_unread(&self) -> Judged {
        self.judge(self.0)
    }

    fn told(&self, when: When) -> When {
        when
    }

    fn dated(&self) -> Option<i64> {
        None
    }

    fn has_duties(&self) -> bool {
        false
    }

    fn whole(&self) -> When {
        self.0
    }

    fn by_file(&self) -> bool {
        false
    }

    fn client(&self) -> Option<&str> {
        None
    }

    fn wall(&self, _when: When) -> Option<i64> {
        None
    }
}
