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
            let either = short && (1..=31).contains(&(year % 100));
            self.day_first |= first > 12 && !either;
            self.month_second |= first > 12 && either;
            self.month_first |= second > 12;
        }
    }

    /// The order, where the dates agree on one.
    pub const fn told(self) -> Option<Order> {
        match (self.month_first, self.day_first, self.month_second) {
            (true, false, false) => Some(Order::MonthFirst),
            (false, true, _) => Some(Order::DayFirst),
            (false, false, true) => Some(Order::MonthSecond),
            _ => None,
        }
    }
}
