//! A file whose records go by their age: what the rules say to it.
//!
//! Owns the way from the rules for a file to its edits. Knows neither rules nor calendars.

use std::borrow::Cow;
use std::path::Path;

use super::calls::Verdict;
use super::spot::Spot;
use super::told::{Fate, FileDone};
use super::whole::{Whole, judge_whole, one};
use super::work::{Found, PlannedFile, Seen, Unread, Work, Writing};
use super::{Order as RunOrder, RunError};
use crate::format::{Chunk, Reason, by_name, sqlite};
use crate::redact::ageing::{Ages, Company, FileAges, FileFacts, Tally, When, Why};
use crate::redact::derive::Aged;
use crate::redact::place::Identity;
use crate::scan::Opened;
use crate::source::open_to_read;
use crate::time::{Order, Orders, Undated};

/// What holds sources is no source.
pub(super) const HOLDS_SOURCES: Reason = Reason::Unsupported("archive");

/// Dates of the head that say whether the day or the month comes first.
const DATES: usize = 2048;

/// What the rules say to one file.
pub(super) struct AgedFile {
    pub(super) file: Box<dyn FileAges>,
    pub(super) format: Option<&'static str>,
    pub(super) order: Option<Order>,
    /// When all of it is from, where that counts.
    pub(super) all: Option<When>,
    /// Nothing in it is a record.
    pub(super) recordless: bool,
}

impl AgedFile {
    /// As jobs take it.
    pub(super) fn of<'a>(
        &'a self,
        order: &'a RunOrder,
        company: Option<&'a dyn Company>,
    ) -> Aged<'a> {
        Aged {
            company,
            file: &*self.file,
            rules: order.ages.as_ref().map_or(&[], |ages| ages.rules()),
            format: self.format,
            order: self.order,
            all: self.all,
        }
    }
}

impl Work<'_> {
    /// What becomes of a file by the age of what is in it.
    pub(super) fn by_age(
        &self,
        ages: &dyn Ages,
        mut spot: Spot<'_>,
        (writing, planned): (Option<&mut Writing<'_>>, &mut Option<PlannedFile>),
    ) -> Result<Vec<FileDone>, RunError> {
        let named = match self.by_call(&spot, writing.is_some()) {
            Ok(named) => named,
            Err(done) => return Ok(vec![*done]),
        };
        let identity = open_to_read(&spot.path).and_then(Identity::of_file);
        // What goes with records may go today though nothing in it has changed.
        if named.is_none()
            && let Ok(identity) = &identity
            && let Some(tally) = ages.settled(&spot.absolute, identity)
        {
            let mut done = FileDone::new(spot.path, None, Fate::Unchanged);
            done.tally = tally;
            return Ok(vec![done]);
        }
        let opened = match self.look_at(ages, &mut spot) {
            Ok(opened) => opened,
            Err(done) => return Ok(vec![*done]),
        };
        let format = opened.format();
        if let (Err((_, HOLDS_SOURCES)), Ok(identity)) = (&opened.0, &identity)
            && ages.covers(&spot.beneath, &spot.absolute)
            && !self.goes_unread(ages, &spot, *identity, named.is_some())
        {
            let all = self.held(&spot, writing, planned)?;
            // What holds sources that nobody takes out is due as a whole, and kept.
            let closed = matches!(
                &all[..],
                [FileDone {
                    fate: Fate::Unread(Reason::Unsupported(_)),
                    ..
                }]
            );
            let kept = closed
                .then(|| self.kept_unread(ages, &spot, *identity))
                .flatten();
            if let Some(done) = kept {
                return Ok(vec![done]);
            }
            self.note_all(&spot, *identity, &all);
            return Ok(all);
        }
        let mut done = FileDone::new(spot.path.clone(), format, Fate::Unchanged);
        let changed = identity.as_ref().map_or(0, seconds);
        let facts = facts(&spot, format, changed, named.is_some());
        let Some(file) = ages.of_file(&facts) else {
            if let Some((rule, when, why)) = named {
                done.tally = Tally::of_one(rule, why, when);
            }
            return Ok(vec![done]);
        };
        // What has no time of its own is from when the records say that name it, not from the
        // file's date.
        if let Some((rule, when @ Ok(_), _)) = named
            && file.own().is_err()
            && let Some(duty) = ages.kept(&facts, when)
        {
            done.tally = Tally::of_one(rule, duty, when);
            return Ok(vec![done]);
        }
        match (opened.0, identity) {
            (Ok((source, seen)), _) => {
                let recordless = seen.recording || !source.reader.has_records();
                // Of a file from which every record went nothing is left to be of any age.
                let judged = file.judge(file.own());
                if seen.identity.size == 0 && !(file.by_file() && self.deletes(&*file, judged)) {
                    self.note(&spot, seen.identity, &done);
                    return Ok(vec![done]);
                }
                let all = self.all_of(&*file, recordless);
                let order = order_of(&source);
                drop(source);
                // Of what counts as a whole nothing has to be read where it is not due. Of records
                // a duty may keep some and not others.
                let by_record = all.is_none() && matches!(judged.why, Why::Duty(_));
                let counts = (recordless || file.by_file()) && !by_record;
                if counts && judged.due == 0 {
                    done.tally = one(&*file, judged.why, file.whole());
                    self.note(&spot, seen.identity, &done);
                    return Ok(vec![done]);
                }
                if recordless && self.kept_by_call(&spot, &*file, file.whole(), &mut done) {
                    return Ok(vec![done]);
                }
                spot.aged = Some(AgedFile {
                    file,
                    format,
                    order,
                    all,
                    recordless,
                });
                let mut all = self.change(spot, (writing, planned))?;
                for done in &mut all {
                    if matches!(done.fate, Fate::NotDone(_)) {
                        done.tally = refused(&done.tally);
                    }
                }
                Ok(all)
            }
            (Err((_, reason)), Err(_)) => {
                done.fate = Fate::Unread(reason);
                Ok(vec![done])
            }
            (Err((_, reason)), Ok(identity)) => {
                // What nobody can read is as old as its name or date says, and goes as a whole.
                let when = file.whole();
                let whole = Whole::of(&spot.path, format, reason == HOLDS_SOURCES);
                let judged = judge_whole(&*file, whole);
                if judged.due == 0 {
                    done.tally = one(&*file, judged.why, when);
                    self.note(&spot, identity, &done);
                    return Ok(vec![done]);
                }
                if !self.takes_whole(&*file, judged) {
                    done.fate = Fate::Unread(reason);
                    return Ok(vec![done]);
                }
                if self.kept_by_call(&spot, &*file, when, &mut done) {
                    return Ok(vec![done]);
                }
                done.tally = one(&*file, Why::WithFile, when);
                let permit = self.permit_whole(&spot, &*file, whole);
                let seen = Seen::unread(identity, format);
                let done = self.take_away(&spot, &seen, permit, done, writing)?;
                Ok(vec![done])
            }
        }
    }

    /// Opens a file as the rules say it is read; what becomes of one that went with another.
    pub(super) fn look_at(
        &self,
        ages: &dyn Ages,
        spot: &mut Spot<'_>,
    ) -> Result<LookedAt, Box<FileDone>> {
        let named = ages.reads_as(&spot.beneath, &spot.absolute);
        spot.as_format = spot.as_format.or(named.and_then(|name| by_name(name).ok()));
        Ok(LookedAt(match self.open(spot, None) {
            Ok(Found::Source(source, seen)) => Ok((source, seen)),
            Ok(Found::Held) => Err((None, HOLDS_SOURCES)),
            // It went with the database it stood beside.
            Err((_, Reason::Vanished)) if sqlite::owner(&spot.path).is_some() => {
                let path = spot.path.clone();
                let done = FileDone::new(path, Some(sqlite::NAME), Fate::Unchanged);
                return Err(Box::new(done));
            }
            Err(unread) => Err(unread),
        }))
    }

    /// What the call of a file that goes with records says to it: nothing, that it is named, by the
    /// rule, the time and why it stays, or what became of it.
    #[allow(clippy::type_complexity)]
    fn by_call(
        &self,
        spot: &Spot<'_>,
        writes: bool,
    ) -> Result<Option<(u16, When, Why)>, Box<FileDone>> {
        let Some(calls) = &self.calls else {
            return Ok(None);
        };
        let mut done = FileDone::new(spot.path.clone(), None, Fate::Unchanged);
        let known = |when: Option<i64>| when.ok_or(Undated::None);
        match calls.verdict(&spot.path) {
            Verdict::Free => Ok(None),
            Verdict::Goes(rule, when) => {
                done.fate = if writes { Fate::Unchanged } else { Fate::Would };
                done.tally = Tally::of_one(rule, Why::WithRecord, known(when));
                Err(Box::new(done))
            }
            // A hold on any part of a call keeps every rule from all of it.
            Verdict::Stays(rule, when, Why::Held, hold) => {
                done.tally = Tally::of_one(rule, Why::Held, known(when));
                done.held.extend(hold.map(|hold| (hold, 1)));
                Err(Box::new(done))
            }
            Verdict::Stays(rule, when, why, _) => Ok(Some((rule, known(when), why))),
            Verdict::Failed(rule, when, failure) => {
                done.fate = Fate::NotDone(failure);
                done.tally = Tally::of_one(rule, Why::Refused, known(when));
                Err(Box::new(done))
            }
        }
    }

    /// The files that go with a file that is one record.
    pub(super) fn named_by_file(
        &self,
        spot: &Spot<'_>,
        file: &dyn FileAges,
        when: When,
    ) -> Vec<u32> {
        let (Some(calls), Some(ages)) = (&self.calls, &self.order.ages) else {
            return Vec::new();
        };
        let cascades = |rule: &&usize| ages.rules().get(**rule).is_some_and(|rule| rule.cascades);
        let rules = file.rules().iter().filter(cascades);
        let rules = rules.fold(0u64, |bits, number| bits | 1 << number);
        calls.named_by(rules, &spot.path, file.wall(when))
    }

    /// Whether a file that is one record has to stay with those that go with it.
    fn kept_by_call(
        &self,
        spot: &Spot<'_>,
        file: &dyn FileAges,
        when: When,
        done: &mut FileDone,
    ) -> bool {
        let files = self.named_by_file(spot, file, when);
        let kept = self.calls.as_ref().and_then(|calls| calls.keeps(&files));
        let Some((why, hold)) = kept else {
            return false;
        };
        done.tally = one(file, why, when);
        done.held.extend(hold.map(|hold| (hold, 1)));
        true
    }

    /// When all of a file is from, where its records need not be asked: no duty and no hold goes by
    /// their time.
    pub(super) fn all_of(&self, file: &dyn FileAges, recordless: bool) -> Option<When> {
        let asks = self.ask || file.has_duties() || self.calls.is_some();
        (recordless || file.by_file() && !asks).then(|| file.whole())
    }

    /// The same as [`Work::note`] for a file that holds sources, each of which was asked.
    fn note_all(&self, spot: &Spot<'_>, identity: Identity, all: &[FileDone]) {
        let stays = |done: &FileDone| done.fate == Fate::Unchanged && done.unread.is_none();
        if all.iter().all(stays) {
            let mut whole = FileDone::new(spot.path.clone(), None, Fate::Unchanged);
            for done in all {
                whole.tally.join(&done.tally);
            }
            self.note(spot, identity, &whole);
        }
    }

    /// Tells who knows the rules what was in a file that stays as it is.
    pub(super) fn note(&self, spot: &Spot<'_>, identity: Identity, done: &FileDone) {
        if let Some(ages) = &self.order.ages
            && done.fate == Fate::Unchanged
            && done.unread.is_none()
        {
            ages.note(&spot.absolute, identity, &done.tally);
        }
    }
}

/// What opening a file came to.
pub(super) struct LookedAt(pub(super) Result<(Box<Opened>, Seen), Unread>);

impl LookedAt {
    /// What it is read as, or what it is where nobody reads it.
    pub(super) fn format(&self) -> Option<&'static str> {
        match &self.0 {
            Ok((_, seen)) => Some(seen.format),
            Err((format, _)) => *format,
        }
    }

    /// What it is where it goes as a whole; its path is `path`.
    pub(super) fn whole(&self, path: &Path) -> Whole {
        match &self.0 {
            Ok(_) => Whole::one_record(self.format()),
            Err((format, reason)) => Whole::of(path, *format, *reason == HOLDS_SOURCES),
        }
    }
}

/// What is known of a file before its records are.
pub(super) fn facts<'s>(
    spot: &'s Spot<'_>,
    format: Option<&'static str>,
    changed: i64,
    named: bool,
) -> FileFacts<'s> {
    FileFacts {
        path: &spot.path,
        beneath: &spot.beneath,
        absolute: &spot.absolute,
        format,
        changed,
        named,
    }
}

/// The last change of a file, in seconds since 1970.
pub(super) const fn seconds(identity: &Identity) -> i64 {
    (identity.mtime / 1_000_000_000) as i64
}

/// What was to go and stays.
pub(super) fn refused(tally: &Tally) -> Tally {
    let went = |why: Why| matches!(why, Why::Erased | Why::Redacted | Why::WithFile);
    tally.turned(|why| went(why).then_some(Why::Refused))
}

/// Whether the day or the month comes first in the dates of a source.
pub(super) fn order_of(source: &Opened) -> Option<Order> {
    let head: Cow<'_, [u8]> = source.windows.head().into();
    let chunk = Chunk::whole(&head);
    let index = source.reader.index(chunk);
    let mut orders = Orders::default();
    let mut from = 0;
    for _ in 0..DATES {
        let Some(range) = index.record_from(from) else {
            break;
        };
        from = range.start + 1;
        if let Some(stamp) = index.stamp(range.start) {
            orders.add(&stamp);
        }
    }
    orders.told()
}
