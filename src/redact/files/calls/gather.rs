//! What names what: every record that may name files is asked, before anything goes.
//!
//! Owns the order of asking. Knows neither rules nor names.

use std::sync::atomic::Ordering;

use super::super::aged::{AgedFile, HOLDS_SOURCES, facts, order_of, seconds};
use super::super::roots::Walked;
use super::super::spot::Spot;
use super::super::whole::{Whole, judge_whole};
use super::super::work::{Pace, Work};
use super::links::{Call, Links};
use super::{Calls, Known, NOWHERE, Source, Turn};
use crate::redact::ageing::{Ages, FileAges, Link, Why};
use crate::redact::edits::Edits;
use crate::redact::place::Identity;
use crate::source::open_to_read;
use crate::walk::Met;

impl Work<'_> {
    /// Asks every record that may name files, and then every call whether it may go.
    pub(super) fn gather(&self, calls: &Calls, ages: &dyn Ages, walked: &Walked) {
        if calls.names.units.is_empty() {
            calls.knowing().gathered = true;
            return;
        }
        let before = self.progress.bytes();
        let mut links = Links::new(calls.names.units.len());
        let mut sources: Vec<Source> = Vec::new();
        for root in 0..walked.roots.len() {
            let Some(at) = walked.at(self.order, root) else {
                continue;
            };
            for met in walked.walk(self.order, root) {
                let Met::File(path) = met else { continue };
                if self.progress.stopped() {
                    return;
                }
                if calls.unit_of.contains_key(&path) || self.is_own(&path, &at) {
                    continue;
                }
                // Where its root cannot be opened the walk says so.
                let Ok(mut spot) = Spot::of(path, &at, self.order, self.as_format) else {
                    continue;
                };
                if !ages.may_name(&spot.beneath, &spot.absolute) {
                    continue;
                }
                if let Some(identity) =
                    self.gather_from(ages, &mut spot, sources.len() as u32, &mut links)
                {
                    sources.push(Source {
                        path: spot.path,
                        root,
                        identity,
                    });
                }
            }
        }
        let (mut found, mut belongs) = links.calls();
        let waits = |call: &Call| call.kept.as_ref().is_some_and(|kept| kept.why != Why::Held);
        for call in found.iter_mut().filter(|call| waits(call)) {
            if let Some(held) = self.held_by_files(calls, ages, walked, call) {
                call.keep(held);
            }
        }
        let mut known = Known::default();
        let mut ask = |calls_of: &mut [Call]| {
            for call in calls_of.iter_mut().filter(|call| call.kept.is_none()) {
                if let Some(kept) = self.kept_by_files(calls, ages, walked, call, &mut known) {
                    call.keep(kept);
                }
            }
        };
        ask(&mut found);
        let named = found.len();
        self.gather_own(calls, ages, walked, (&mut found, &mut belongs));
        ask(found.get_mut(named..).unwrap_or_default());
        known.turns = found
            .iter()
            .map(|call| match call.kept {
                Some(_) => Turn::Stays,
                None => Turn::Waits,
            })
            .collect();
        known.gathered = true;
        known.calls = found;
        known.belongs = belongs;
        known.sources = sources;
        *calls.knowing() = known;
        let read = self.progress.bytes().saturating_sub(before);
        calls.read.store(read, Ordering::Relaxed);
    }

    /// Asks the records of one file; what the file was, where some record names another.
    fn gather_from(
        &self,
        ages: &dyn Ages,
        spot: &mut Spot<'_>,
        number: u32,
        links: &mut Links,
    ) -> Option<Identity> {
        let opened = self.look_at(ages, spot).ok()?;
        let format = opened.format();
        let identity = match &opened.0 {
            Ok((_, seen)) => seen.identity,
            Err(_) => open_to_read(&spot.path).and_then(Identity::of_file).ok()?,
        };
        let file = ages.of_file(&facts(spot, format, seconds(&identity), false))?;
        let cascades = |number: &usize| ages.rules().get(*number).is_some_and(|rule| rule.cascades);
        if !file.rules().iter().any(cascades) {
            return None;
        }
        let whole = opened.whole(&spot.path);
        let (source, seen) = match opened.0 {
            Ok(opened) => opened,
            Err((_, HOLDS_SOURCES)) if !self.goes_unread(ages, spot, identity, false) => {
                self.gather_within(spot, links);
                return None;
            }
            Err(_) => {
                let names = self.gather_whole(spot, &*file, whole, (number, links));
                return names.then_some(identity);
            }
        };
        if seen.recording || !source.reader.has_records() {
            return self
                .gather_whole(spot, &*file, whole, (number, links))
                .then_some(identity);
        }
        let all = self.all_of(&*file, false);
        let order = order_of(&source);
        spot.aged = Some(AgedFile {
            file,
            format,
            order,
            all,
            recordless: false,
        });
        let (mut any, mut with_file) = (false, false);
        let job = self.job_of(spot, Pace::Surveyed);
        let edits = Edits::new(source, job, self.pool, self.progress);
        let survey = edits.survey_with(None, &mut |_, derived| {
            for link in derived.links.drain(..) {
                any = true;
                with_file |= link.why == Why::WithFile;
                links.add(number, &link);
            }
        });
        if !any {
            return None;
        }
        if with_file {
            // A file goes as a whole or not at all, and all that it names with it.
            links.join(number);
            let goes = |why: Why| matches!(why, Why::WithFile | Why::Erased);
            if survey.tally.of(goes) < survey.tally.records() {
                links.keep(number, Why::Later);
            }
        }
        // Of what is not read whole nothing is written.
        if survey.broken.is_some() || survey.doubtful && survey.records > 0 {
            links.keep(number, Why::Refused);
        }
        Some(identity)
    }

    /// Asks the records of an archive: those that stay keep what they name. None goes with those
    /// that go, as nothing of a call is taken out of an archive.
    fn gather_within(&self, spot: &Spot<'_>, links: &mut Links) {
        for link in self.links_within(spot) {
            if !matches!(link.why, Why::Erased | Why::WithFile | Why::Redacted) {
                links.add(NOWHERE, &link);
            }
        }
    }

    /// As above, of a file that is one record.
    fn gather_whole(
        &self,
        spot: &Spot<'_>,
        file: &dyn FileAges,
        whole: Whole,
        (number, links): (u32, &mut Links),
    ) -> bool {
        let when = file.whole();
        let files = self.named_by_file(spot, file, when);
        if files.is_empty() {
            return false;
        }
        let why = self.whole_goes(spot, file, whole);
        links.add(number, &Link { files, why, when });
        true
    }

    /// Whether a file that is one record goes, for itself.
    pub(super) fn whole_goes(&self, spot: &Spot<'_>, file: &dyn FileAges, whole: Whole) -> Why {
        let judged = judge_whole(file, whole);
        if judged.due == 0 || !self.takes_whole(file, judged) {
            judged.why
        } else if self.permit_whole(spot, file, whole).is_none() {
            Why::Held
        } else {
            Why::Erased
        }
    }
}
