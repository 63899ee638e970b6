//! Calendar stamps for the records: a clock that only moves when told to.

/// Seconds since 1970, UTC, with the spellings that records use.
#[derive(Clone, Copy)]
pub struct Clock(pub u64);

/// The fields of a moment.
pub struct Moment {
    pub year: u64,
    pub month: u64,
    pub day: u64,
    pub hour: u64,
    pub minute: u64,
    pub second: u64,
}

/// English month names as logs abbreviate them.
pub const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

impl Clock {
    /// 2024-05-01 08:00:00 UTC, where every corpus begins.
    pub const START: Self = Self(1_714_550_400);

    /// Splits into calendar fields (days-to-civil, proleptic Gregorian).
    pub fn moment(self) -> Moment {
        let days = self.0 / 86_400 + 719_468;
        let (era, of_era) = (days / 146_097, days % 146_097);
        let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * of_year + 2) / 153;
        let month = if shifted < 10 {
            shifted + 3
        } else {
            shifted - 9
        };
        let second = self.0 % 86_400;
        Moment {
            year: year_of_era + era * 400 + u64::from(month <= 2),
            month,
            day: of_year - (153 * shifted + 2) / 5 + 1,
            hour: second / 3600,
            minute: second / 60 % 60,
            second: second % 60,
        }
    }

    /// `2024-05-01 08:00:00`
    pub fn stamp(self) -> String {
        let m = self.moment();
        let (y, mo, d) = (m.year, m.month, m.day);
        format!(
            "{y:04}-{mo:02}-{d:02} {:02}:{:02}:{:02}",
            m.hour, m.minute, m.second
        )
    }
}
