//! Whether 03/04 is the third of April or the fourth of March, and 03/04/05 of which year: told by
//! the other dates of the source, or not at all.

use super::Stamp;
use super::read::{Date, Read, read};

/// Which of the numbers of a date is the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// `31/12/2021`.
    DayFirst,
    /// `12/31/2021`.
    MonthFirst,
    /// `21/12/31`.
    YearFirst,
    /// `31/12/21`: the month is in the middle, and either of the others may be the year.
    MonthSecond,
}

/// What the dates of a source say of their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Orders {
    day_first: bool,
    month_first: bool,
    month_second: bool,
    /// First and last numbers of dates in which either may be the year, as bits.
    firsts: u32,
    lasts: u32,
}

impl Orders {
    /// Takes one more time into account.
    pub fn add(&mut self, stamp: &Stamp<'_>) {
        if let Some(Read::Written(written)) = read(stamp)
            && let Date::Either {
                first,
                second,
                year,
                short,
                ..
            } = written.date
        {
            let last = year % 100;
            let either = short && (1..=31).contains(&last) && (1..=31).contains(&first);
            if either {
                self.firsts |= 1 << first;
                self.lasts |= 1 << last;
            }
            self.day_first |= first > 12 && !either;
            self.month_second |= first > 12 && either;
            self.month_first |= second > 12;
        }
    }

    /// The order, where the dates agree on one.
    pub fn told(self) -> Option<Order> {
        match (self.month_first, self.day_first, self.month_second) {
            (true, false, false) => Some(Order::MonthFirst),
            (false, true, _) => Some(Order::DayFirst),
            (false, false, _) if days_and_years(self.firsts, self.lasts) => Some(Order::DayFirst),
            (false, false, _) if days_and_years(self.lasts, self.firsts) => Some(Order::YearFirst),
            (false, false, true) => Some(Order::MonthSecond),
            _ => None,
        }
    }
}

/// Whether numbers, as bits, are so many that they are days, and others so few that they are years.
fn days_and_years(days: u32, years: u32) -> bool {
    /// No source is of so many years on fewer days.
    const FEWEST: u32 = 10;
    days.count_ones() >= FEWEST && years.count_ones() * 2 <= days.count_ones()
}
