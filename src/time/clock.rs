//! What a written time comes to: seconds since 1970, by the zone of its source.
//!
//! Owns zones, years that are not written and the bounds of what is believed. A time that daylight
//! saving gives twice, or leaves out, is the later one: nothing is taken for older than it is.

use std::cell::Cell;

use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};

use super::read::{Date, Read, Written, read};
use super::{Order, Stamp};

/// 1980-01-01: no record of these formats is from before (seconds since 1970).
pub const EARLIEST: i64 = 315_532_800;
/// How far ahead of now a time may be and still be taken for one of a clock that runs fast, in
/// seconds: two days cover every zone.
pub const FUTURE: i64 = 2 * 86_400;
/// How far a record's time may be behind the last change of its file, in seconds: a year that is
/// not written is the latest that fits.
const SLACK: i64 = 86_400;

/// Why a record has no time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Undated {
    /// It says none.
    None,
    /// What stands in the place of one is none.
    Unreadable,
    /// Whether the day or the month comes first is not told.
    Order,
    /// It is from before 1980.
    Absurd,
    /// It is ahead of now.
    Future,
}

impl Undated {
    /// A word for reports.
    pub const fn name(self) -> &'static str {
        match self {
            Undated::None => "undated",
            Undated::Unreadable => "unreadable-date",
            Undated::Order => "day-or-month-first",
            Undated::Absurd => "absurd-date",
            Undated::Future => "future-date",
        }
    }
}

/// A time zone of the tz database, which is built in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone(TimeZone);

/// A name that is no zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownZone;

impl Zone {
    /// UTC.
    pub fn utc() -> Zone {
        Zone(TimeZone::UTC)
    }

    /// The zone with a name such as `America/Toronto`.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn named(name: &str) -> Result<Zone, UnknownZone> {
        let known = jiff::tz::TimeZoneDatabase::bundled();
        known.get(name).map(Zone).map_err(|_| UnknownZone)
    }

    /// `2024-04-25 16:00:00 UTC`, as the clock on the wall shows it.
    pub fn show(&self, instant: i64) -> String {
        let name = self.0.iana_name().unwrap_or("UTC");
        self.civil(instant).map_or_else(String::new, |civil| {
            format!("{} {name}", civil.strftime("%Y-%m-%d %H:%M:%S"))
        })
    }

    /// What the clock on the wall shows at `instant`.
    pub(crate) fn civil(&self, instant: i64) -> Option<DateTime> {
        let instant = jiff::Timestamp::from_second(instant).ok()?;
        Some(self.0.to_datetime(instant))
    }

    /// When the clock on the wall shows `civil`; the later time where that is twice or never.
    pub(crate) fn instant(&self, civil: DateTime) -> Option<i64> {
        let instant = self.0.to_ambiguous_timestamp(civil).later().ok()?;
        Some(instant.as_second())
    }
}

/// A stretch of wall-clock seconds in which the offset is the same.
#[derive(Clone, Copy, Default)]
struct Steady {
    from: i64,
    to: i64,
    offset: i64,
}

/// Reads the times of one source. Made anew for each thread.
pub struct Clock {
    zone: Zone,
    order: Option<Order>,
    /// The last change of the source.
    changed: i64,
    now: i64,
    steady: Cell<Steady>,
}

impl Clone for Clock {
    fn clone(&self) -> Clock {
        Clock {
            zone: self.zone.clone(),
            steady: self.steady.clone(),
            ..*self
        }
    }
}

impl Clock {
    /// For a source in `zone` that was last `changed` then, in seconds since 1970.
    pub fn new(zone: Zone, order: Option<Order>, changed: i64, now: i64) -> Clock {
        Clock {
            zone,
            order,
            changed: changed.min(now),
            now,
            steady: Cell::default(),
        }
    }

    /// For a source of which nothing is known, as a search reads it.
    pub(crate) fn now() -> Clock {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let now = now.map_or(0, |now| now.as_secs().cast_signed());
        Clock::new(Zone::utc(), None, now, now)
    }

    /// The zone of the source.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// When that was, in seconds since 1970.
    ///
    /// # Errors
    /// Why nobody can tell.
    pub fn at(&self, stamp: &Stamp<'_>) -> Result<i64, Undated> {
        if stamp.text.trim_ascii().is_empty() {
            return Err(Undated::None);
        }
        self.of(read(stamp).ok_or(Undated::Unreadable)?)
    }

    /// When that was, where it will be told the same at any later time: a year that is not written
    /// is told by the year in which it is read.
    pub fn at_any_time(&self, stamp: &Stamp<'_>) -> Option<i64> {
        let read = read(stamp)?;
        let yearless = matches!(
            read,
            Read::Written(Written {
                date: Date::Yearless(..),
                ..
            })
        );
        if yearless {
            return None;
        }
        self.of(read).ok()
    }

    /// As [`Clock::at`], of what was read.
    ///
    /// # Errors
    /// As above.
    pub fn of(&self, read: Read) -> Result<i64, Undated> {
        let instant = match read {
            Read::Instant(instant) => instant,
            Read::Written(written) => self.written(written)?,
        };
        if instant < EARLIEST {
            Err(Undated::Absurd)
        } else if instant > self.now + FUTURE {
            Err(Undated::Future)
        } else {
            Ok(instant)
        }
    }

    fn written(&self, written: Written) -> Result<i64, Undated> {
        let on = |year, month, day| self.on(year, month, day, &written);
        match written.date {
            Date::Day(year, month, day) => on(year, month, day).ok_or(Undated::Unreadable),
            either @ Date::Either { .. } => self.either(either, &written),
            Date::Yearless(month, day) => {
                let last = self.zone.civil(self.changed.saturating_add(SLACK));
                let last = last.ok_or(Undated::Unreadable)?.year();
                // The 29th of February is of the last leap year.
                (last - 8..=last)
                    .rev()
                    .filter_map(|year| on(year, month, day))
                    .find(|instant| *instant <= self.changed.saturating_add(SLACK))
                    .ok_or(Undated::Unreadable)
            }
        }
    }

    /// A date of which the order of its parts does not tell what they are.
    fn either(&self, date: Date, written: &Written) -> Result<i64, Undated> {
        let Date::Either {
            first,
            second,
            year,
            short,
            dotted,
        } = date
        else {
            return Err(Undated::Unreadable);
        };
        let on = |year, month, day| self.on(year, month, day, written);
        // Where the first number may be the year, the later one of both readings counts: nothing is
        // taken for older than it is.
        let year_first = || on(2000 + i16::from(first), second, (year % 100) as i8);
        let later = |day_first: Option<i64>| {
            let other = year_first().filter(|other| short && *other <= self.now + FUTURE);
            day_first.max(other)
        };
        let told = match self.order {
            Some(Order::DayFirst) => on(year, second, first),
            Some(Order::MonthFirst) => on(year, first, second),
            Some(Order::YearFirst) if short => year_first(),
            Some(Order::MonthSecond) => later(on(year, second, first)),
            None if dotted || first == second => later(on(year, second, first)),
            Some(Order::YearFirst) | None => return Err(Undated::Order),
        };
        told.ok_or(Undated::Unreadable)
    }

    fn on(&self, year: i16, month: i8, day: i8, written: &Written) -> Option<i64> {
        let date = jiff::civil::Date::new(year, month, day).ok()?;
        let midnight = Offset::UTC
            .to_timestamp(date.to_datetime(jiff::civil::Time::midnight()))
            .ok()?;
        let wall = midnight.as_second() + i64::from(written.seconds);
        match written.offset {
            Some(offset) => Some(wall - i64::from(offset)),
            None => self.local(wall),
        }
    }

    /// From seconds as the clock on the wall counts them.
    fn local(&self, wall: i64) -> Option<i64> {
        let steady = self.steady.get();
        if (steady.from..steady.to).contains(&wall) {
            return Some(wall - steady.offset);
        }
        let civil = Offset::UTC.to_datetime(jiff::Timestamp::from_second(wall).ok()?);
        let instant = self.zone.instant(civil)?;
        self.keep(instant);
        Some(instant)
    }

    /// Remembers how far the offset at `instant` reaches, less a day at both ends.
    fn keep(&self, instant: i64) {
        /// No offset is as long.
        const DAY: i64 = 86_400;
        let Ok(here) = jiff::Timestamp::from_second(instant) else {
            return;
        };
        let offset = i64::from(self.zone.0.to_offset(here).seconds());
        let before = self.zone.0.preceding(here).next();
        let behind = self.zone.0.following(here).next();
        let second = |one: jiff::tz::TimeZoneTransition<'_>| one.timestamp().as_second();
        // Further than a lifetime nothing is believed anyway.
        let (far_back, far_on) = (instant - 40_000 * DAY, instant + 40_000 * DAY);
        self.steady.set(Steady {
            from: before.map_or(far_back, second) + offset + DAY,
            to: behind.map_or(far_on, second) + offset - DAY,
            offset,
        });
    }
}
