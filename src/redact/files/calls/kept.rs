//! What keeps a call but its records: duties, holds and folders that cannot be written.
//!
//! Owns what is asked about the files of a call. Knows neither rules nor names.

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
            let found = self.kept_by_file(ages, &mut spot, call);
            if let Some(failure) = self.cannot_go(&spot) {
                known.failures.insert(file.path.clone(), failure);
                kept = kept.or(Some(REFUSED));
            }
            if let Some(found) = found {
                return Some(found);
            }
        }
        kept
    }

    /// What keeps one file of a call.
    fn kept_by_file(&self, ages: &dyn Ages, spot: &mut Spot<'_>, call: &Call) -> Option<Kept> {
        let opened = self.look_at(ages, spot).ok()?;
        let format = opened.format();
        if let Some(duty) = ages.kept(&facts(spot, format, 0, true), call.when()) {
            return Some(Kept::by(duty));
        }
        let by_hold = |id: String| Kept {
            why: Why::Held,
            hold: Some(id),
        };
        let context = context(ages, spot, call.moment(), format);
        if let Err(held) = self.guard.permits(&context) {
            return Some(by_hold(held.id));
        }
        // Who else is in it is known to nobody but itself.
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
            return survey.held.into_iter().next().map(|(id, _)| by_hold(id));
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
    time: Option<i64>,
    format: Option<&'static str>,
) -> EditContext {
    EditContext {
        path: spot.absolute.clone(),
        subject_tags: Some(Vec::new()),
        client: ages
            .client(&spot.beneath, &spot.absolute)
            .map(str::to_owned),
        format,
        time,
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

    fn whole(&self) -> When {
        self.0
    }

    fn by_file(&self) -> bool {
        true
    }

    fn client(&self) -> Option<&str> {
        None
    }

    fn wall(&self, _when: When) -> Option<i64> {
        None
    }
}
