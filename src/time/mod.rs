//! When a record is from: the words for a time as it stands in a source, and its reading.
//!
//! Owns how times are written, which names stand for a record's own time, and what a written time
//! comes to in a zone. Formats say where it stands ([`Stamp`]); a [`Clock`] says when that was.
//! Knows no format, no policy and no clock of its own: what is now is given.

mod clock;
mod follow;
mod line;
mod names;
mod order;
mod read;

use std::borrow::Cow;

pub use clock::{Clock, EARLIEST, FUTURE, Undated, UnknownZone, Zone};
pub use line::{LONGEST_LOOKED, Manner, date_at, in_line, in_name};
pub use names::{Named, named, time_column};
pub use order::{Order, Orders};
pub use read::{Date, Read, Written, is_moment, read};

/// The text of a record's own time, as its source has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp<'s> {
    /// The text, without quotes and escapes.
    pub text: Cow<'s, [u8]>,
    /// What a bare number counts.
    pub count: Count,
    /// Whether a time without a zone is UTC, whatever the zone of the source.
    pub utc: bool,
}

impl<'s> Stamp<'s> {
    /// A text of which nothing more is known.
    pub fn of(text: impl Into<Cow<'s, [u8]>>) -> Stamp<'s> {
        Stamp {
            text: text.into(),
            count: Count::Told,
            utc: false,
        }
    }
}

/// What a bare number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// As its size tells: seconds, milli-, micro- or nanoseconds since 1970.
    Told,
    /// Seconds since 1970.
    Seconds,
    /// Milliseconds since 1970.
    Millis,
    /// Microseconds since 1970.
    Micros,
    /// Nanoseconds since 1970.
    Nanos,
    /// Seconds since 2001, or nanoseconds where they are too many.
    Apple,
}

#[cfg(test)]
mod tests;
