//! What the rules say to the records of one file.
//!
//! Owns the resolution: which rules cover a file, which of them a record is due by, which duty
//! keeps it. The strictest maximum wins; a duty wins over all. Knows neither bytes nor edits.

use std::path::Path;

use super::period::Period;
use super::policy::{Deed, Event, Glob, Policy, Rule, Source, Undecided};
use crate::redact::ageing::{FileAges, FileFacts, Judged, When, Why, is_closed};
use crate::time::{self, Clock, Order, Undated, Zone};

/// When a period is over, with the answer for most times at hand.
#[derive(Clone, Debug)]
pub(super) struct Limit {
    period: Period,
    zone: Zone,
    now: i64,
    /// What began before is over, what began behind is not; between the calendar is asked.
    doubt: (i64, i64),
}

impl Limit {
    pub(super) fn new(period: Period, zone: Zone, now: i64) -> Limit {
        let about = period.began(now, &zone).unwrap_or(i64::MIN / 2);
        Limit {
            doubt: (about - Period::SLACK, about + Period::SLACK),
            period,
            zone,
            now,
        }
    }

    /// Whether what began at `from` is over.
    pub(super) fn is_over(&self, from: i64) -> bool {
        if from < self.doubt.0 {
            true
        } else if from > self.doubt.1 {
            false
        } else {
            let end = self.period.end(from, &self.zone);
            end.is_some_and(|end| end <= self.now)
        }
    }

    /// Every time from this on is not over, and it is the first such: where the calendar goes back
    /// an hour, the first of all.
    pub(super) fn first_kept(&self) -> i64 {
        /// Both sides of where clocks go back, in seconds.
        const HOURS: i64 = 2 * 3600;
        let (mut low, mut high) = (self.doubt.0, self.doubt.1 + 1);
        // Over at `low`, not over at `high`; two hours on both sides cover where clocks go back.
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if self.is_over(middle) {
                low = middle;
            } else {
                high = middle;
            }
        }
        (high - HOURS..high)
            .find(|from| !self.is_over(*from))
            .unwrap_or(high)
    }
}

/// A rule as it speaks to one file.
#[derive(Debug)]
struct Covering {
    limit: Limit,
    event: Event,
    undated: Undecided,
}

/// See [`FileAges`].
#[derive(Debug)]
pub(super) struct FileRules {
    rules: Vec<Covering>,
    numbers: Vec<usize>,
    /// Duties, by their numbers.
    duties: Vec<(u16, Limit)>,
    /// The first duty that may cover what is in it, where nobody reads it.
    within: Option<u16>,
    zone: Zone,
    order: Option<Order>,
    client: Option<String>,
    changed: i64,
    now: i64,
    name: Option<time::Read>,
}

impl FileRules {
    /// What `policy` says to a file; `None` where no rule covers it.
    pub(super) fn of(policy: &Policy, file: &FileFacts<'_>, now: i64) -> Option<FileRules> {
        let places = (file.beneath, file.absolute);
        let source = policy.source(file.beneath, file.absolute);
        let zone = source.map_or_else(Zone::utc, |source| source.zone.clone());
        let format = file.format;
        let mut rules: Vec<(usize, &Rule)> = policy
            .rules
            .iter()
            .enumerate()
            .filter(|(_, rule)| rule.covers.fits(places, format, source))
            // What goes with a record does not go by the same rule on its own.
            .filter(|(_, rule)| {
                let goes_with = |glob: &Glob| glob.fits(file.beneath, file.absolute);
                !file.named || !rule.cascade.iter().any(goes_with)
            })
            .collect();
        if rules.is_empty() {
            return None;
        }
        rules.sort_by_key(|(number, rule)| {
            (strength(rule.deed), rule.max_age.about_days(), *number)
        });
        let covering = rules.iter().map(|(_, rule)| Covering {
            limit: Limit::new(rule.max_age, zone.clone(), now),
            event: rule.event,
            undated: rule.undated,
        });
        Some(FileRules {
            numbers: rules.iter().map(|(number, _)| *number).collect(),
            rules: covering.collect(),
            duties: duties_of(policy, file, now),
            within: reaching(policy, file),
            zone,
            order: source.and_then(|source| source.dates),
            client: source.and_then(|source| source.client.clone()),
            changed: file.changed,
            now,
            name: name_of(file.path).and_then(time::in_name),
        })
    }

    /// The duties that cover the file, by their numbers.
    pub(super) fn duties(&self) -> impl Iterator<Item = u16> + '_ {
        self.duties.iter().map(|(number, _)| *number)
    }

    /// The file's date, where it can be believed.
    pub(super) fn changed(&self) -> When {
        self.clock(None).of(time::Read::Instant(self.changed))
    }

    /// When duties count a record from that is from `when`.
    pub(super) fn counted(&self, when: When) -> When {
        match (when, self.dated()) {
            (Err(Undated::None), Some(date)) => Ok(date),
            _ => when,
        }
    }

    /// The rules that what is from `when` is due by, duties or not.
    fn due(&self, when: When) -> u64 {
        let mut due = 0u64;
        for (bit, rule) in self.rules.iter().enumerate() {
            let time = match (rule.event, when) {
                (Event::File, _) => self.changed(),
                (Event::Record, Err(Undated::Absurd | Undated::Future)) => when,
                (Event::Record, Err(_)) if rule.undated == Undecided::File => self.changed(),
                (Event::Record, _) => when,
            };
            if let Ok(time) = time
                && rule.limit.is_over(time)
            {
                due |= 1 << bit;
            }
        }
        due
    }

    /// What is told of what is not due.
    fn stays(&self, when: When) -> Judged {
        let kept = self.rules.iter().all(|rule| rule.event == Event::File);
        let why = match when {
            Err(undated) if !kept => Why::Undated(undated),
            _ => Why::Later,
        };
        Judged { due: 0, why }
    }
}

/// The duties that cover a file, by their numbers.
pub(super) fn duties_of(policy: &Policy, file: &FileFacts<'_>, now: i64) -> Vec<(u16, Limit)> {
    let source = policy.source(file.beneath, file.absolute);
    let zone = zone_of(source);
    let places = (file.beneath, file.absolute);
    let duties = policy.duties.iter().enumerate();
    duties
        .filter(|(_, duty)| duty.covers.fits(places, file.format, source))
        .map(|(number, duty)| {
            let limit = Limit::new(duty.min_age, zone.clone(), now);
            (number as u16, limit)
        })
        .collect()
}

/// The first duty that may cover what lies in a file that nobody reads.
fn reaching(policy: &Policy, file: &FileFacts<'_>) -> Option<u16> {
    let source = policy.source(file.beneath, file.absolute);
    let places = (file.beneath, file.absolute);
    let closed = is_closed(file.format);
    let reaches = policy.duties.iter().position(|duty| {
        if closed {
            duty.covers.may_reach(places, source)
        } else {
            duty.covers.fits(places, file.format, source)
        }
    });
    reaches.map(|number| number as u16)
}

/// What is due, unless a duty keeps it.
fn kept_by(duty: Option<u16>, due: u64) -> Judged {
    match duty {
        Some(duty) => Judged {
            due: 0,
            why: Why::Duty(duty),
        },
        None => Judged {
            due,
            why: Why::Clean,
        },
    }
}

fn name_of(path: &Path) -> Option<&[u8]> {
    path.file_name().map(|name| name.as_encoded_bytes())
}

/// Stronger deeds come first.
const fn strength(deed: Deed) -> u8 {
    match deed {
        Deed::DeleteFile => 0,
        Deed::Erase => 1,
        Deed::Redact(_) => 2,
    }
}

impl FileAges for FileRules {
    fn clock(&self, order: Option<Order>) -> Clock {
        Clock::new(
            self.zone.clone(),
            self.order.or(order),
            self.changed,
            self.now,
        )
    }

    fn rules(&self) -> &[usize] {
        &self.numbers
    }

    fn judge(&self, when: When) -> Judged {
        let when = self.told(when);
        let due = self.due(when);
        if due == 0 {
            return self.stays(when);
        }
        // A duty counts from the record's own time, whatever the rules go by; where nobody knows
        // it, it is not over.
        let from = self.counted(when);
        let over = |limit: &Limit| from.is_ok_and(|from| limit.is_over(from));
        let kept = self.duties.iter().find(|(_, limit)| !over(limit));
        kept_by(kept.map(|(duty, _)| *duty), due)
    }

    fn judge_unread(&self) -> Judged {
        let when = self.own();
        match self.due(when) {
            0 => self.stays(when),
            due => kept_by(self.within, due),
        }
    }

    /// A record that says no time of its own is from the time in the name of its file: of a
    /// recording, of the day it holds, of its rotation.
    fn told(&self, when: When) -> When {
        match (when, self.name) {
            (Err(Undated::None), Some(read)) => self.clock(None).of(read),
            _ => when,
        }
    }

    fn dated(&self) -> Option<i64> {
        self.changed().ok().filter(|_| self.by_file())
    }

    fn has_duties(&self) -> bool {
        !self.duties.is_empty()
    }

    fn whole(&self) -> When {
        if self.by_file() {
            return self.changed();
        }
        let read = self.name.ok_or(Undated::None)?;
        self.clock(None).of(read)
    }

    fn by_file(&self) -> bool {
        self.rules.iter().all(|rule| rule.event == Event::File)
    }

    fn client(&self) -> Option<&str> {
        self.client.as_deref()
    }

    fn wall(&self, when: When) -> Option<i64> {
        let wall = self.zone.civil(when.ok()?)?;
        Zone::utc().instant(wall)
    }
}

/// The zone of a file, for who shows times.
pub(super) fn zone_of(source: Option<&Source>) -> Zone {
    source.map_or_else(Zone::utc, |source| source.zone.clone())
}
