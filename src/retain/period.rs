//! How long: spans of the calendar as a policy writes them, and when they are over.
//!
//! Owns calendar arithmetic. Months and years are counted on the calendar of the source's zone and
//! clamped to the month's end: a month after the 31st of January is the last of February.

use std::fmt;

use jiff::Span;

use crate::time::Zone;

/// The longest period, in years: nothing is kept for longer, and no calendar needs to reach further.
const LONGEST_YEARS: i64 = 200;

/// A span of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    months: i32,
    days: i32,
}

/// Why a text is no period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoPeriod {
    /// It is not a list of numbers with units.
    Form,
    /// It is nothing at all.
    Zero,
    /// It is longer than anything is kept.
    TooLong,
}

impl Period {
    /// Reads `18 months`, `2 years 6 months`, `90 days`, `1 week`.
    ///
    /// # Errors
    /// [`NoPeriod`].
    pub fn parse(text: &str) -> Result<Period, NoPeriod> {
        let words: Vec<&str> = text.split_whitespace().collect();
        if words.is_empty() || !words.len().is_multiple_of(2) {
            return Err(NoPeriod::Form);
        }
        let (mut months, mut days) = (0i64, 0i64);
        for pair in words.chunks_exact(2) {
            let [number, unit] = pair else {
                return Err(NoPeriod::Form);
            };
            if !number.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(NoPeriod::Form);
            }
            let number: i64 = number.parse().map_err(|_| NoPeriod::TooLong)?;
            let (to, each) = match *unit {
                "day" | "days" => (&mut days, 1),
                "week" | "weeks" => (&mut days, 7),
                "month" | "months" => (&mut months, 1),
                "year" | "years" => (&mut months, 12),
                _ => return Err(NoPeriod::Form),
            };
            *to = number
                .checked_mul(each)
                .and_then(|more| to.checked_add(more))
                .ok_or(NoPeriod::TooLong)?;
        }
        if months == 0 && days == 0 {
            return Err(NoPeriod::Zero);
        }
        if months > LONGEST_YEARS * 12 || days > LONGEST_YEARS * 366 {
            return Err(NoPeriod::TooLong);
        }
        Ok(Period {
            months: months as i32,
            days: days as i32,
        })
    }

    /// When the period that began at `from` is over, in seconds since 1970; `None` beyond what
    /// calendars reach.
    pub fn end(&self, from: i64, zone: &Zone) -> Option<i64> {
        let began = zone.civil(from)?;
        let over = began.checked_add(self.months()).ok()?;
        zone.instant(over.checked_add(self.days()).ok()?)
    }

    /// About when what is over at `now` began; within [`Period::SLACK`].
    pub(super) fn began(&self, now: i64, zone: &Zone) -> Option<i64> {
        let over = zone.civil(now)?;
        let before = over.checked_sub(self.days()).ok()?;
        zone.instant(before.checked_sub(self.months()).ok()?)
    }

    /// How far going back may miss going on, in seconds: months differ by three days, clocks by an
    /// hour.
    pub(super) const SLACK: i64 = 5 * 86_400;

    /// Its length in days, about, for comparing periods.
    pub fn about_days(&self) -> i64 {
        i64::from(self.months) * 30_437 / 1000 + i64::from(self.days)
    }

    /// Its length in whole months, rounded up.
    pub fn whole_months(&self) -> i32 {
        self.months + (self.days + 29) / 30
    }

    fn months(&self) -> Span {
        Span::new().months(self.months)
    }

    fn days(&self) -> Span {
        Span::new().days(self.days)
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [
            (self.months / 12, "year"),
            (self.months % 12, "month"),
            (self.days, "day"),
        ];
        let mut first = true;
        for (number, unit) in units.into_iter().filter(|(number, _)| *number != 0) {
            let blank = if first { "" } else { " " };
            let s = if number == 1 { "" } else { "s" };
            write!(f, "{blank}{number} {unit}{s}")?;
            first = false;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected: `date -u -d '...' +%s`.
    #[test]
    fn months_are_clamped_to_their_end() {
        for (from, period, zone, over) in [
            // 2023-01-31 12:00 -> 2023-02-28 12:00, 2024 has a 29th.
            (1_675_166_400, "1 month", "UTC", 1_677_585_600),
            (1_706_702_400, "1 month", "UTC", 1_709_208_000),
            // 2024-02-29 -> 2025-02-28.
            (1_709_208_000, "1 year", "UTC", 1_740_744_000),
            (1_709_208_000, "12 months", "UTC", 1_740_744_000),
            (1_709_208_000, "2 weeks 1 day", "UTC", 1_710_504_000),
            // 2022-09-10 12:00 EDT + 18 months = 2024-03-10 12:00 EDT, the day clocks go forward.
            (1_662_825_600, "18 months", "America/Toronto", 1_710_086_400),
            // 02:30 is not there that day: 03:30 EDT.
            (1_662_791_400, "18 months", "America/Toronto", 1_710_055_800),
        ] {
            let period = Period::parse(period).unwrap();
            let zone = Zone::named(zone).unwrap();
            assert_eq!(period.end(from, &zone), Some(over), "{from} {period}");
        }
    }

    #[test]
    fn periods_are_written_as_people_say_them() {
        for (text, want) in [
            ("18 months", Ok("1 year 6 months")),
            ("1 year", Ok("1 year")),
            ("2 weeks", Ok("14 days")),
            ("1 year 1 day", Ok("1 year 1 day")),
            ("", Err(NoPeriod::Form)),
            ("18", Err(NoPeriod::Form)),
            ("18months", Err(NoPeriod::Form)),
            ("-1 days", Err(NoPeriod::Form)),
            ("1.5 years", Err(NoPeriod::Form)),
            ("3 fortnights", Err(NoPeriod::Form)),
            ("0 days", Err(NoPeriod::Zero)),
            ("201 years", Err(NoPeriod::TooLong)),
            ("99999999999999999999 days", Err(NoPeriod::TooLong)),
            ("9999999999999999999 days", Err(NoPeriod::TooLong)),
        ] {
            let period = Period::parse(text);
            let shown = period.map(|period| period.to_string());
            assert_eq!(shown, want.map(str::to_owned), "{text}");
        }
    }
}
