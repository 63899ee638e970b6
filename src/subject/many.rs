//! Many subjects at once: a file with one of them a line, as JSON.
//!
//! Owns the form of a line. Knows neither files nor calendars: who asks says what a day is.

use std::sync::Arc;

use serde::Deserialize;

use super::{NotASubject, Span, Subjects, identify};
use crate::detect::phone::plan::Region;

/// One subject. Fields that are not known are refused: one that is misspelled would be ignored.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    id: String,
    identifiers: Vec<String>,
    #[serde(default)]
    from: Option<String>,
    #[serde(default)]
    to: Option<String>,
}

/// What is wrong with a line. No value of it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrongLine {
    /// It is no such object.
    #[error(
        "the line is no subject\n\nhint: give one a line, such as \
         {{\"id\":\"1\",\"identifiers\":[\"+1 416 555 0123\"],\"from\":\"2024-01-31\"}}"
    )]
    NoSubject,
    /// The same id again.
    #[error(
        "the id of the subject was given before\n\nhint: name all identifiers of one in one line"
    )]
    IdTwice,
    /// A date that is none, or an end before the beginning.
    #[error(
        "the dates are none, or end before they begin\n\nhint: give days such as 2024-01-31; the \
         identifiers were the subject's from the first on and before the second"
    )]
    Dates,
    /// An identifier that is none.
    #[error(transparent)]
    Value(#[from] NotASubject),
}

impl Subjects {
    /// Adds subjects with ids, one JSON object a line; blank lines are passed over. `day` gives the
    /// beginning of a day in seconds since 1970.
    ///
    /// # Errors
    /// The 1-based number of the first line that is none, and why.
    pub fn add_many(
        &mut self,
        text: &str,
        regions: &[Region],
        day: impl Fn(&str) -> Option<i64>,
    ) -> Result<(), (usize, WrongLine)> {
        for (number, line) in text.lines().enumerate() {
            if !line.trim().is_empty() {
                self.add_line(line, regions, &day)
                    .map_err(|why| (number + 1, why))?;
            }
        }
        Ok(())
    }

    fn add_line(
        &mut self,
        line: &str,
        regions: &[Region],
        day: &impl Fn(&str) -> Option<i64>,
    ) -> Result<(), WrongLine> {
        let line: Line = serde_json::from_str(line).map_err(|_| WrongLine::NoSubject)?;
        let time = |text: Option<&str>| {
            text.map(|text| day(text).ok_or(WrongLine::Dates))
                .transpose()
        };
        let span = Span {
            from: time(line.from.as_deref())?,
            to: time(line.to.as_deref())?,
        };
        if span.from.zip(span.to).is_some_and(|(from, to)| from >= to) {
            return Err(WrongLine::Dates);
        }
        if line.id.is_empty() || line.identifiers.is_empty() {
            return Err(WrongLine::NoSubject);
        }
        if self.known_ids.contains(line.id.as_str()) {
            return Err(WrongLine::IdTwice);
        }
        let whose = self.ids.len() as u32;
        for typed in &line.identifiers {
            let (entity, canonical) = identify(typed, regions)?;
            self.claim(entity, canonical, Some(whose), span);
        }
        let id: Arc<str> = line.id.into();
        self.known_ids.insert(id.clone());
        self.ids.push(id);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entity::Entity;
    use crate::finding::Canonical;

    fn read(text: &str) -> Result<Subjects, (usize, WrongLine)> {
        let mut subjects = Subjects::default();
        let days = [("2024-01-01", 100), ("2024-02-01", 200)];
        let day = |text: &str| {
            days.iter()
                .find(|(day, _)| *day == text)
                .map(|(_, time)| *time)
        };
        let us = [Region::parse("US").unwrap()];
        subjects.add_many(text, &us, day).map(|()| subjects)
    }

    #[test]
    fn a_line_is_a_subject_and_two_may_share_a_number() {
        let subjects = read(
            "{\"id\":\"a\",\"identifiers\":[\"416 555 0123\",\"jane@example.com\"],\"to\":\"2024-01-01\"}\n\n\
             {\"id\":\"b\",\"identifiers\":[\"+1 (416) 555-0123\"],\"from\":\"2024-01-01\"}\n",
        )
        .unwrap();
        let number = Canonical::Phone {
            digits: 14_165_550_123,
            country_len: 1,
        };
        let ids: Vec<_> = subjects.ids_of(Entity::Phone, &number, None).collect();
        assert_eq!(ids, ["a", "b"]);
        let before: Vec<_> = subjects.ids_of(Entity::Phone, &number, Some(99)).collect();
        assert_eq!(before, ["a"]);
        assert!(subjects.contains_at(Entity::Phone, &number, Some(100)));
        assert_eq!(subjects.iter().count(), 2);
        assert!(!subjects.contains(Entity::Email, &number));
    }

    #[test]
    fn a_wrong_line_is_named() {
        for (text, at, why) in [
            ("x", 1, WrongLine::NoSubject),
            ("{\"id\":\"a\",\"identifiers\":[]}", 1, WrongLine::NoSubject),
            (
                "{\"id\":\"a\",\"identifiers\":[\"416 555 0123\"],\"form\":\"x\"}",
                1,
                WrongLine::NoSubject,
            ),
            (
                "\n{\"id\":\"a\",\"identifiers\":[\"jane\"]}",
                2,
                WrongLine::Value(NotASubject::Unknown),
            ),
            (
                "{\"id\":\"a\",\"identifiers\":[\"416 555 0123\"],\"from\":\"2024-02-01\",\"to\":\"2024-01-01\"}",
                1,
                WrongLine::Dates,
            ),
            (
                "{\"id\":\"a\",\"identifiers\":[\"416 555 0123\"]}\n{\"id\":\"a\",\"identifiers\":[\"416 555 0124\"]}",
                2,
                WrongLine::IdTwice,
            ),
        ] {
            assert_eq!(read(text).err(), Some((at, why)), "{text}");
        }
    }
}
