//! Files that go as a whole: what the rules say to them, the permit, and the way out of their folder.
//!
//! Owns which files go unread and which do not. Knows neither rules nor calendars.

use std::path::Path;

use super::RunError;
use super::aged::{facts, seconds};
use super::rows::UNCHECKED;
use super::sets::{Role, role};
use super::spot::Spot;
use super::told::{Fate, FileDone};
use super::work::{Seen, Work, Writing};
use crate::redact::ageing::{Action, Ages, FileAges, Judged, Tally, When, Why, is_closed};
use crate::redact::apply::{FileEdit, FileOutcome, GroupOutcome};
use crate::redact::edit::Change;
use crate::redact::edits::Survey;
use crate::redact::failure::Outcome;
use crate::redact::guard::{EditContext, Permit};
use crate::redact::place::Identity;
use crate::redact::receipt::Counts;

/// The id under which files are told that a hold keeps as a whole.
const HELD_WHOLE: &str = "file";

impl Work<'_> {
    /// The permit to take a file away of which nobody knows who is in it, and of one that goes
    /// unread nobody knows from when.
    pub(super) fn permit_whole(
        &self,
        spot: &Spot<'_>,
        file: &dyn FileAges,
        whole: Whole,
    ) -> Option<Permit> {
        let context = EditContext {
            path: spot.absolute.clone(),
            client: file.client().map(str::to_owned),
            format: whole.format.filter(|format| !is_closed(Some(format))),
            time: file.own().ok().filter(|_| !whole.unread),
            last: file.dated().filter(|_| !whole.unread),
            ..EditContext::default()
        };
        if whole.holds_sources && self.guard.reaches_into(&context) {
            return None;
        }
        self.guard.permits(&context).ok()
    }

    /// Whether the strongest rule that a file is due by deletes it.
    pub(super) fn deletes(&self, file: &dyn FileAges, judged: Judged) -> bool {
        let mut due = file.rules().iter().enumerate();
        let strongest = due.find(|(bit, _)| judged.due >> bit & 1 == 1);
        let rules = self
            .order
            .ages
            .as_ref()
            .map_or(&[][..], |ages| ages.rules());
        strongest
            .and_then(|(_, number)| rules.get(*number))
            .is_some_and(|rule| matches!(rule.action, Action::DeleteFile))
    }

    /// Whether the strongest rule that a whole file is due by takes it away unread.
    pub(super) fn takes_whole(&self, file: &dyn FileAges, judged: Judged) -> bool {
        let mut due = file.rules().iter().enumerate();
        let strongest = due.find(|(bit, _)| judged.due >> bit & 1 == 1);
        let rules = self.order.ages.as_ref().map(|ages| ages.rules());
        let rule = strongest
            .zip(rules)
            .and_then(|((_, number), rules)| rules.get(*number));
        rule.is_some_and(|rule| {
            rule.selected.is_none() && matches!(rule.action, Action::DeleteFile | Action::Erase)
        })
    }

    /// Whether a file that holds sources is due as a whole, by its name or date, whatever is in it.
    /// Where a hold or a duty may reach into it, what is in it is asked.
    pub(super) fn goes_unread(
        &self,
        ages: &dyn Ages,
        spot: &Spot<'_>,
        identity: Identity,
        named: bool,
    ) -> bool {
        let file = ages.of_file(&facts(spot, None, seconds(&identity), named));
        file.is_some_and(|file| {
            let judged = file.judge_unread();
            judged.due != 0
                && self.takes_whole(&*file, judged)
                && self.permit_whole(spot, &*file, Whole::SOURCES).is_some()
        })
    }

    /// What becomes of a file with sources that nobody takes out, which is due as a whole and which a
    /// duty or a hold that may reach into it keeps.
    pub(super) fn kept_unread(
        &self,
        ages: &dyn Ages,
        spot: &Spot<'_>,
        identity: Identity,
    ) -> Option<FileDone> {
        let file = ages.of_file(&facts(spot, None, seconds(&identity), false))?;
        let mut done = FileDone::new(spot.path.clone(), None, Fate::Unchanged);
        let judged = file.judge_unread();
        let why = match judged.why {
            Why::Duty(_) => judged.why,
            _ if judged.due != 0 && self.takes_whole(&*file, judged) => {
                done.held.push((HELD_WHOLE.to_owned(), 1));
                Why::Held
            }
            _ => return None,
        };
        done.tally = one(&*file, why, file.whole());
        Some(done)
    }

    /// Has the write engine take a file away, and what stands beside it.
    pub(super) fn take_away(
        &self,
        spot: &Spot<'_>,
        seen: &Seen,
        permit: Option<Permit>,
        mut done: FileDone,
        writing: Option<&mut Writing<'_>>,
    ) -> Result<FileDone, RunError> {
        let Some(permit) = permit.or_else(|| self.permit_aged(spot)) else {
            done.tally = done.tally.turned(|_| Some(Why::Held));
            done.held.push((HELD_WHOLE.to_owned(), 1));
            return Ok(done);
        };
        let Some(writing) = writing else {
            done.fate = Fate::Would;
            return Ok(done);
        };
        let outcome = self.removal(spot, seen, permit).map_or_else(
            |failure| spot.refused(failure),
            |group| writing.run.apply(group),
        );
        writing.groups += 1;
        writing.receipt.group(writing.groups, &outcome)?;
        done.fate = fate(&outcome);
        if !matches!(done.fate, Fate::Done(_)) {
            done.tally = done.tally.turned(|_| Some(Why::Refused));
        }
        Ok(done)
    }

    fn removal<'e>(
        &self,
        spot: &'e Spot<'_>,
        seen: &Seen,
        permit: Permit,
    ) -> Outcome<Vec<FileEdit<'e>>> {
        let mut group = match &seen.database {
            Some(database) => self.sides(spot, database, &permit)?,
            None => Vec::new(),
        };
        group.push(spot.edit(seen, (Change::Remove, Counts::new()), permit, &UNCHECKED));
        Ok(group)
    }
}

impl Work<'_> {
    /// Whether the file goes as a whole, once its records are known; settles its account.
    pub(super) fn goes_whole(&self, spot: &Spot<'_>, survey: &Survey, done: &mut FileDone) -> bool {
        let Some(aged) = &spot.aged else {
            return false;
        };
        // Of what was not read nobody knows what it is, but of sound and pictures.
        let unread = survey.unread.is_some() && !is_one_record(&spot.path, aged.format);
        if aged.recordless && unread {
            let whole = Whole {
                unread: true,
                format: aged.format,
                holds_sources: false,
            };
            let kept = match aged.file.judge_unread().why {
                why @ Why::Duty(_) => Some(why),
                _ if self.permit_whole(spot, &*aged.file, whole).is_none() => Some(Why::Held),
                _ => None,
            };
            if let Some(why) = kept {
                done.tally = one(&*aged.file, why, aged.file.whole());
                if why == Why::Held {
                    done.held = vec![(HELD_WHOLE.to_owned(), 1)];
                }
                done.unread = None;
                return false;
            }
        }
        // A recording may have nothing that can be read.
        if survey.tally.records() == 0 && (aged.recordless || aged.file.by_file()) {
            let when = aged.all.unwrap_or(aged.file.whole());
            let judged = if unread {
                aged.file.judge_unread()
            } else {
                aged.file.judge(aged.file.own())
            };
            let goes = judged.due != 0 && self.takes_whole(&*aged.file, judged);
            // What stands around records that went is no record.
            if !(aged.recordless || goes && self.deletes(&*aged.file, judged)) {
                return false;
            }
            let why = if goes { Why::WithFile } else { Why::Clean };
            done.tally = one(&*aged.file, why, when);
            return goes;
        }
        let asks = self.ask || aged.file.has_duties();
        if unread && asks && !aged.recordless {
            done.tally = survey.tally.staying();
            return false;
        }
        let goes = |why: Why| matches!(why, Why::WithFile | Why::Erased);
        let with = survey.tally.of(|why| why == Why::WithFile);
        if with == 0 {
            return false;
        }
        if survey.tally.of(goes) == survey.tally.records() {
            done.tally = if aged.recordless {
                one(&*aged.file, Why::WithFile, aged.all.unwrap_or(Ok(0)))
            } else {
                survey.tally.turned(|_| Some(Why::WithFile))
            };
            return true;
        }
        // Not everything in it is due: what is waits for the rest, or goes by another rule.
        done.tally = survey.tally.staying();
        false
    }

    /// The permit to take a file away whose records gave none.
    pub(super) fn permit_aged(&self, spot: &Spot<'_>) -> Option<Permit> {
        let aged = spot.aged.as_ref()?;
        let whole = Whole {
            unread: !aged.recordless && !aged.file.by_file(),
            format: aged.format,
            holds_sources: false,
        };
        self.permit_whole(spot, &*aged.file, whole)
    }
}

/// A file that goes as a whole.
#[derive(Clone, Copy)]
pub(super) struct Whole {
    /// Nobody reads it, and it may be more than one record.
    unread: bool,
    format: Option<&'static str>,
    /// Others may lie in it.
    holds_sources: bool,
}

impl Whole {
    /// An archive.
    const SOURCES: Whole = Whole {
        unread: true,
        format: None,
        holds_sources: true,
    };

    /// One that was read, and has no records.
    pub(super) const fn one_record(format: Option<&'static str>) -> Whole {
        Whole {
            unread: false,
            format,
            holds_sources: false,
        }
    }

    /// One that nobody reads.
    pub(super) fn of(path: &Path, format: Option<&'static str>, holds_sources: bool) -> Whole {
        Whole {
            unread: holds_sources || !is_one_record(path, format),
            format,
            holds_sources,
        }
    }
}

/// What the rules say to a file that goes as a whole.
pub(super) fn judge_whole(file: &dyn FileAges, whole: Whole) -> Judged {
    if whole.unread {
        file.judge_unread()
    } else {
        file.judge(file.own())
    }
}

/// Formats whose files are one record though nobody reads them: sound and pictures.
const SEEN_OR_HEARD: [&str; 17] = [
    "aiff", "amr", "au", "avi", "caf", "flac", "gif", "gsm", "jpeg", "m4a", "matroska", "mp3",
    "mp4", "ogg", "opus", "png", "webp",
];

/// Whether a file that nobody reads is one record, from the time in its name.
fn is_one_record(path: &Path, format: Option<&str>) -> bool {
    role(path) == Some(Role::Recording)
        || format.is_some_and(|format| SEEN_OR_HEARD.contains(&format) || format == "wav")
}

/// The account of a file that counts as one record.
pub(super) fn one(file: &dyn FileAges, why: Why, when: When) -> Tally {
    let rule = file.rules().first().copied();
    Tally::of_one(rule.unwrap_or_default() as u16, why, when)
}

fn fate(outcome: &GroupOutcome) -> Fate {
    let fault = outcome.files.iter().find_map(FileOutcome::fault);
    match (fault, outcome.files.last().and_then(|file| file.choice)) {
        (Some(failure), _) => Fate::NotDone(failure),
        (None, Some(choice)) => Fate::Done(choice),
        (None, None) => Fate::Unchanged,
    }
}
