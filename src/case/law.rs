//! What the law says of requests: until when they have to be answered (`patterns/law.toml`).

use jiff::Span;
use jiff::civil::{Date, Weekday};

include!(concat!(env!("OUT_DIR"), "/law.rs"));

/// The deadlines of one law.
#[derive(Debug)]
pub struct Profile {
    /// The name used in flags.
    pub id: &'static str,
    /// The law.
    pub citation: &'static str,
    /// Since when it says so.
    pub since: &'static str,
    /// Months and days to the answer.
    answer: (u32, u32),
    /// Months and days more, once it was said why.
    extend: (u32, u32),
    /// Business days to the acknowledgement; 0: none is asked for.
    acknowledge: u32,
}

impl Profile {
    /// The profile of a name.
    pub fn named(name: &str) -> Option<&'static Profile> {
        PROFILES.iter().find(|profile| profile.id == name)
    }

    /// The last day on which an answer is in time. Months are those of the calendar, from the day of
    /// receipt, and end with the month (Regulation 1182/71 Art. 3(2)(c)).
    pub fn due(&self, received: Date, extended: bool) -> Option<Date> {
        let (mut months, mut days) = self.answer;
        if extended {
            months += self.extend.0;
            days += self.extend.1;
        }
        let span = Span::new().try_months(months).ok()?.try_days(days).ok()?;
        received.checked_add(span).ok()
    }

    /// The last day on which an acknowledgement is in time.
    pub fn acknowledged_by(&self, received: Date) -> Option<Date> {
        let mut day = received;
        let mut left = self.acknowledge;
        if left == 0 {
            return None;
        }
        while left > 0 {
            day = day.tomorrow().ok()?;
            left -= u32::from(!matches!(
                day.weekday(),
                Weekday::Saturday | Weekday::Sunday
            ));
        }
        Some(day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    struct Data {
        example: Vec<Example>,
    }

    #[derive(serde::Deserialize)]
    struct Example {
        profile: String,
        received: String,
        due: String,
        extended: String,
    }

    #[test]
    fn every_example_of_the_list_holds() {
        let data: Data = toml::from_str(include_str!("../../patterns/law.toml")).unwrap();
        for one in data.example {
            let profile = Profile::named(&one.profile).unwrap();
            let received: Date = one.received.parse().unwrap();
            let due = |extended| profile.due(received, extended).unwrap().to_string();
            assert_eq!(due(false), one.due, "{} {}", one.profile, one.received);
            assert_eq!(due(true), one.extended, "{} {}", one.profile, one.received);
        }
    }

    #[test]
    fn business_days_leave_weekends_out() {
        let ccpa = Profile::named("ccpa").unwrap();
        // 2026-01-02 is a Friday.
        let by = ccpa.acknowledged_by("2026-01-02".parse().unwrap()).unwrap();
        assert_eq!(by.to_string(), "2026-01-16");
        assert!(
            Profile::named("gdpr")
                .unwrap()
                .acknowledged_by(by)
                .is_none()
        );
    }
}
