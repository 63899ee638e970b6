//! Sources within a file, of which records go by their age.
//!
//! Owns what the rules are asked about a source within, and which of them stay because nothing can
//! be taken out. Knows neither rules nor how a container is laid out.

use std::path::Path;

use super::survey::{At, Nest};
use crate::redact::ageing::{Company, FileFacts, Tally, Why};
use crate::redact::derive::Aged;
use crate::redact::edits::Survey;
use crate::redact::failure::{Failure, Reason as Cause};
use crate::redact::files::aged::{AgedFile, order_of};
use crate::redact::files::told::{Fate, FileDone};
use crate::scan::Opened;

impl Nest<'_> {
    /// Whether records go by their age.
    pub(super) fn by_age(&self) -> bool {
        self.work.order.ages.is_some()
    }

    /// What the rules say to a source; what becomes of one that they do not ask for records.
    pub(super) fn rules_of(
        &self,
        at: &At,
        source: &Opened,
    ) -> Result<Option<AgedFile>, Box<FileDone>> {
        let Some(ages) = &self.work.order.ages else {
            return Ok(None);
        };
        let member = at.path.member.as_deref().unwrap_or_default();
        let own = member.rsplit('!').next().unwrap_or_default();
        let facts = FileFacts {
            path: Path::new(own),
            // Paths are those of the file that people see.
            beneath: &self.spot.beneath,
            absolute: &self.spot.absolute,
            format: Some(source.format),
            changed: self.changed,
            named: false,
        };
        let mut done = FileDone::new(at.path.shown(), Some(source.format), Fate::Unchanged);
        done.within = !at.number.is_empty();
        let Some(file) = ages.of_file(&facts) else {
            return Err(Box::new(done));
        };
        if source.windows.recording().is_some() || !source.reader.has_records() {
            let when = file.whole();
            let judged = file.judge(file.own());
            let rule = file.rules().first().copied().unwrap_or_default() as u16;
            let why = if judged.due == 0 {
                judged.why
            } else {
                Why::Refused
            };
            if judged.due != 0 {
                done.fate = Fate::NotDone(Failure::new(Cause::Packed, TAKING_OUT));
            }
            done.tally = Tally::of_one(rule, why, when);
            return Err(Box::new(done));
        }
        let all = self.work.all_of(&*file, false);
        Ok(Some(AgedFile {
            file,
            format: Some(source.format),
            order: order_of(source),
            all,
            recordless: false,
        }))
    }

    /// The same as jobs take it: calls within go with nothing, and it is only gathered what their
    /// records name.
    pub(super) fn aged<'j>(&'j self, file: Option<&'j AgedFile>) -> Option<Aged<'j>> {
        let calls = self.work.calls.as_ref().filter(|_| self.links.is_some());
        let company = calls.map(|calls| calls as &dyn Company);
        file.map(|file| file.of(self.work.order, company))
    }

    /// Why a source that has due records stays as it is.
    pub(super) fn keeps(&self, aged: &AgedFile, survey: &Survey) -> Option<Failure> {
        let with_file = |why: Why| why == Why::WithFile;
        if survey.tally.of(with_file) > 0 {
            return Some(Failure::new(Cause::Packed, TAKING_OUT));
        }
        let ages = self.work.order.ages.as_ref()?;
        let mut rules = aged.file.rules().iter();
        let cascades =
            rules.any(|number| ages.rules().get(*number).is_some_and(|rule| rule.cascades));
        let goes = survey.splices > 0 && cascades;
        goes.then_some(Failure::new(
            Cause::Packed,
            "cannot take calls out of an archive",
        ))
    }
}

const TAKING_OUT: &str = "cannot take a file out of an archive";
