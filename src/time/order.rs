//! Whether 03/04 is the third of April or the fourth of March: told by the other dates of the
//! source, or not at all.

use super::Stamp;
use super::read::{Date, Read, read};

/// Which of two numbers before a year is the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// `31/12/2021`.
    DayFirst,
    /// `12/31/2021`.
    MonthFirst,
}

/// What the dates of a source say of their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Orders {
    day_first: bool,
    month_first: bool,
}

impl Orders {
    /// Takes one more time into account.
    pub fn add(&mut self, stamp: &Stamp<'_>) {
        if let Some(Read::Written(written)) = read(stamp)
            && let Date::Either { first, second, .. } = written.date
        {
            self.day_first |= first > 12;
            self.month_first |= second > 12;
        }
    }

    /// The order, where the dates agree on one.
    pub const fn told(self) -> Option<Order> {
        match (self.day_first, self.month_first) {
            (true, false) => Some(Order::DayFirst),
            (false, true) => Some(Order::MonthFirst),
            _ => None,
        }
    }
}
