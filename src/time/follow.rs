//! How times follow each other, as far as that can be told without knowing their source: its zone,
//! and whether the day or the month comes first in its dates.

use std::cmp::Ordering;

use super::Order;
use super::read::{Date, Read};

/// How far a clock on the wall is behind UTC and ahead of it at most, in seconds.
const WALL: (i64, i64) = (12 * 3600, 14 * 3600);

impl Read {
    /// Whether it is before the other or behind it; `None` where nobody can tell.
    pub fn compare(&self, other: &Read) -> Option<Ordering> {
        if self == other {
            return Some(Ordering::Equal);
        }
        match self.apart(other)? {
            (0, 0) => Some(Ordering::Equal),
            (least, _) if least > 0 => Some(Ordering::Less),
            (_, most) if most < 0 => Some(Ordering::Greater),
            _ => None,
        }
    }

    /// How many seconds the other is from after it, at least and at most.
    pub fn apart(&self, other: &Read) -> Option<(i64, i64)> {
        let mut out: Option<(i64, i64)> = None;
        // The order is the same in one source.
        for order in [Order::DayFirst, Order::MonthFirst, Order::YearFirst] {
            let (Some(one), Some(two)) = (self.point(order), other.point(order)) else {
                continue;
            };
            let between = two.0 - one.0;
            let (least, most) = match (one.1, two.1) {
                (true, false) => (between - WALL.1, between + WALL.0),
                (false, true) => (between - WALL.0, between + WALL.1),
                _ => (between, between),
            };
            out = Some(match out {
                None => (least, most),
                Some((low, high)) => (low.min(least), high.max(most)),
            });
        }
        out
    }

    /// Seconds since 1970, and whether they count in UTC or on the wall; `None` for what is no date
    /// in that order, and for one without a year.
    pub(super) fn point(&self, order: Order) -> Option<(i64, bool)> {
        let written = match self {
            Read::Instant(seconds) => return Some((*seconds, true)),
            Read::Written(written) => written,
        };
        let (year, month, day) = match (written.date, order) {
            (Date::Day(year, month, day), _) => (year, month, day),
            (
                Date::Either {
                    first,
                    second,
                    year,
                    short,
                    ..
                },
                order,
            ) => match order {
                Order::MonthFirst => (year, first, second),
                Order::YearFirst if short => (2000 + i16::from(first), second, (year % 100) as i8),
                Order::YearFirst => return None,
                Order::DayFirst | Order::MonthSecond => (year, second, first),
            },
            (Date::Yearless(..), _) => return None,
        };
        let date = jiff::civil::Date::new(year, month, day).ok()?;
        let midnight = date.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        let offset = i64::from(written.offset.unwrap_or(0));
        let seconds = midnight.timestamp().as_second() + i64::from(written.seconds);
        Some((seconds - offset, written.offset.is_some()))
    }
}
