//! How times are written: ISO 8601 and its relatives, RFC 5322, RFC 3164, the common log format,
//! chat exports, and numbers counted from an epoch.
//!
//! Owns the reading of one text, tolerantly in its signs and strictly in its sense: what is not
//! wholly a time is none. Zones are offsets here; named ones are the clock's.

use std::borrow::Cow;

use super::{Count, Stamp};

/// A time as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read {
    /// Seconds since 1970.
    Instant(i64),
    /// A date on the wall.
    Written(Written),
}

/// A date and a time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// The day.
    pub date: Date,
    /// Seconds since its midnight; of a day without a time its last one, so that nothing is
    /// taken for older than it is.
    pub seconds: u32,
    /// Whether the time of day is written.
    pub timed: bool,
    /// Seconds east of UTC, where written.
    pub offset: Option<i32>,
}

/// A day as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Date {
    /// Year, month and day.
    Day(i16, i8, i8),
    /// Day and month in an order that is not told.
    Either {
        /// The first number.
        first: i8,
        /// The second.
        second: i8,
        /// The year.
        year: i16,
        /// Whether the year has two digits: it may be the day then, and the first number the year.
        short: bool,
        /// Whether dots stand in it, as they do where the day comes before the month.
        dotted: bool,
    },
    /// Month and day of a year that is not written (RFC 3164, section 4.1.2).
    Yearless(i8, i8),
}

/// The longest text that can be a time.
const LONGEST: usize = 64;
/// The last second of a day.
const DAY_END: u32 = 86_399;
/// 2001-01-01 in seconds since 1970, where Apple's count starts.
const APPLE: i64 = 978_307_200;

/// What `stamp` says, if it is a time.
pub fn read(stamp: &Stamp<'_>) -> Option<Read> {
    let text = stamp.text.trim_ascii();
    let text = text.get(..LONGEST + 1).unwrap_or(text);
    let text = unescaped(text);
    if let Some(instant) = number(&text, stamp.count) {
        return Some(Read::Instant(instant));
    }
    let (mut written, len) = prefix(&text, true)?;
    if !text.get(len..)?.trim_ascii().is_empty() {
        return None;
    }
    if stamp.utc {
        written.offset = written.offset.or(Some(0));
    }
    Some(Read::Written(written))
}

/// Whether `text` is a day of a year with a time of the day.
pub fn is_moment(text: &[u8]) -> bool {
    matches!(read(&Stamp::of(text)), Some(Read::Written(written))
        if written.timed && !matches!(written.date, Date::Yearless(..)))
}

/// Percent-encoded blanks, colons and signs, as FreeSWITCH writes values of variables.
fn unescaped(text: &[u8]) -> Cow<'_, [u8]> {
    if !text.contains(&b'%') {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, behind)) = rest.split_first() {
        let hex = |at: usize| char::from(*behind.get(at)?).to_digit(16);
        match (byte, hex(0), hex(1)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                rest = behind.get(2..).unwrap_or_default();
            }
            _ => {
                out.push(byte);
                rest = behind;
            }
        }
    }
    Cow::Owned(out)
}

/// A number that counts from an epoch, with or without a fraction.
fn number(text: &[u8], count: Count) -> Option<i64> {
    let whole = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let fraction = match text.get(whole..)? {
        [] => 0,
        [b'.', digits @ ..] if digits.iter().all(u8::is_ascii_digit) => digits.len(),
        _ => return None,
    };
    if !(1..=19).contains(&whole) {
        return None;
    }
    let value: i64 = std::str::from_utf8(text.get(..whole)?).ok()?.parse().ok()?;
    // A date without signs between its parts: 20240425 or 20240425160000.
    if count == Count::Told && fraction == 0 && matches!(whole, 8 | 12 | 14) {
        let compact = prefix(text, true).filter(|(_, len)| *len == whole);
        if compact.is_some() {
            return None;
        }
    }
    match count {
        Count::Seconds => Some(value),
        Count::Millis => Some(value / 1000),
        Count::Micros => Some(value / 1_000_000),
        Count::Nanos => Some(value / 1_000_000_000),
        // Seconds since 2001 stay below ten digits for two hundred years.
        Count::Apple if value < 100_000_000_000 => Some(value + APPLE),
        Count::Apple => Some(value / 1_000_000_000 + APPLE),
        // Less than ten digits, and what comes to before there were ten (2001-09-09): another clock.
        Count::Told => match whole {
            10..=11 => Some(value),
            12..=14 => Some(value / 1000),
            15..=17 => Some(value / 1_000_000),
            18.. => Some(value / 1_000_000_000),
            _ => None,
        }
        .filter(|seconds| *seconds >= 1_000_000_000),
    }
}

/// The time that `text` begins with, and how long it is. A `whole` text may name a zone or end
/// with a year; in one that goes on, a word behind a time is somebody's.
pub(super) fn prefix(text: &[u8], whole: bool) -> Option<(Written, usize)> {
    let mut at = Cursor { text, at: 0 };
    if at.peek().is_some_and(|byte| byte.is_ascii_alphabetic()) {
        let back = at.at;
        let word = at.word();
        if is_weekday(word) {
            at.eat(b',');
            at.blanks();
        } else {
            at.at = back;
        }
    }
    let (mut date, order) = date(&mut at)?;
    let day = at.at;
    at.between(order);
    let mut written = Written {
        date,
        seconds: DAY_END,
        timed: false,
        offset: None,
    };
    let Some(seconds) = time(&mut at) else {
        at.at = day;
        // What goes on like a number is one, or a part of an address.
        let goes_on = match at.rest() {
            [sign, next, ..] if b".-/:_".contains(sign) => next.is_ascii_digit(),
            [next, ..] => next.is_ascii_alphanumeric(),
            [] => false,
        };
        let yearless = matches!(date, Date::Yearless(..));
        return (!goes_on && !yearless).then_some((written, day));
    };
    (written.seconds, written.timed) = (seconds, true);
    written.offset = zone(&mut at, whole);
    if let Date::Yearless(month, day) = date
        && let Some(year) = late_year(&mut at)
    {
        date = Date::Day(year, month, day);
        written.date = date;
        if whole && written.offset.is_none() {
            written.offset = zone(&mut at, whole);
        }
    }
    let goes_on = at.peek().is_some_and(|b| b.is_ascii_alphanumeric());
    (!goes_on && is_day(date)).then_some((written, at.at))
}

/// How a date is followed by its time.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Behind {
    Usual,
    /// `25/Apr/2024:16:00:00`.
    Colon,
    /// `20240425160000`.
    Nothing,
}

fn date(at: &mut Cursor<'_>) -> Option<(Date, Behind)> {
    if at.peek()?.is_ascii_alphabetic() {
        let month = month(at.word())?;
        at.eat(b'.');
        at.some_blanks()?;
        let (day, _) = at.digits(1, 2)?;
        let day = day as i8;
        // `Apr 25 2024 16:00` and `Apr 25, 2024`, but not `Apr 25 16:00`.
        let back = at.at;
        at.eat(b',');
        at.blanks();
        if let Some((year, 4)) = at.digits(4, 4)
            && at.peek() != Some(b':')
        {
            return Some((Date::Day(year as i16, month, day), Behind::Usual));
        }
        at.at = back;
        return Some((Date::Yearless(month, day), Behind::Usual));
    }
    let start = at.at;
    let run = at.run();
    match run {
        4 => {
            let (year, _) = at.digits(4, 4)?;
            let sign = at.sign(b"-/.")?;
            let named = at.peek()?.is_ascii_alphabetic();
            let month = if named {
                month(at.word())?
            } else {
                at.digits(1, 2)?.0 as i8
            };
            at.eat(sign).then_some(())?;
            let (day, _) = at.digits(1, 2)?;
            Some((Date::Day(year as i16, month, day as i8), Behind::Usual))
        }
        8 | 12 | 14 => {
            let (year, _) = at.digits(4, 4)?;
            let (month, _) = at.digits(2, 2)?;
            let (day, _) = at.digits(2, 2)?;
            let date = Date::Day(year as i16, month as i8, day as i8);
            let behind = if run == 8 {
                Behind::Usual
            } else {
                Behind::Nothing
            };
            (is_day(date) && (1900..2200).contains(&year)).then_some((date, behind))
        }
        1 | 2 => {
            let (first, _) = at.digits(1, 2)?;
            let sign = at.sign(b"/-. ")?;
            if at.peek()?.is_ascii_alphabetic() {
                let month = month(at.word())?;
                at.eat(b'.');
                at.eat(sign).then_some(())?;
                let (year, behind, _) = year(at)?;
                return Some((Date::Day(year, month, first as i8), behind));
            }
            if sign == b' ' {
                at.at = start;
                return None;
            }
            let (second, _) = at.digits(1, 2)?;
            at.eat(sign).then_some(())?;
            let (year, behind, short) = year(at)?;
            let date = Date::Either {
                first: first as i8,
                second: second as i8,
                year,
                short,
                dotted: sign == b'.',
            };
            Some((date, behind))
        }
        _ => None,
    }
}

/// A year, what its time stands behind, and whether it has two digits.
fn year(at: &mut Cursor<'_>) -> Option<(i16, Behind, bool)> {
    let (year, len) = at.digits(2, 4)?;
    let year = match len {
        4 => year as i16,
        // RFC 5322, section 4.3, but for what is not written any more.
        2 if year < 70 => 2000 + year as i16,
        2 => 1900 + year as i16,
        _ => return None,
    };
    let behind = if at.peek() == Some(b':') {
        Behind::Colon
    } else {
        Behind::Usual
    };
    Some((year, behind, len == 2))
}

/// Seconds since midnight.
fn time(at: &mut Cursor<'_>) -> Option<u32> {
    let run = at.run();
    let (mut hour, minute, second) = if run == 6 || run == 4 {
        let (hour, _) = at.digits(2, 2)?;
        let (minute, _) = at.digits(2, 2)?;
        let second = if run == 6 { at.digits(2, 2)?.0 } else { 0 };
        (hour, minute, second)
    } else {
        let (hour, _) = at.digits(1, 2)?;
        let sign = at.sign(b":.-")?;
        let (minute, _) = at.digits(2, 2)?;
        let mut second = 0;
        let back = at.at;
        if at.eat(sign) {
            match at.digits(2, 2) {
                Some((told, _)) => second = told,
                None => at.at = back,
            }
        }
        (hour, minute, second)
    };
    let back = at.at;
    if at.sign(b".,").is_some() && at.digits(1, 9).is_none() {
        at.at = back;
    }
    let back = at.at;
    at.blanks();
    match at.half_of_day() {
        Some(afternoon) if (1..=12).contains(&hour) => {
            hour = hour % 12 + if afternoon { 12 } else { 0 };
        }
        Some(_) => return None,
        None => at.at = back,
    }
    // A leap second is the end of its minute.
    let second = second.min(59);
    let told = hour < 24 && minute < 60;
    told.then_some((hour * 3600 + minute * 60 + second) as u32)
}

/// Seconds east of UTC.
fn zone(at: &mut Cursor<'_>, whole: bool) -> Option<i32> {
    let back = at.at;
    at.blanks();
    let sure = whole || at.at == back;
    let told = match at.peek() {
        Some(sign @ (b'+' | b'-')) => {
            at.at += 1;
            // PostgreSQL names zones by their hours: ` -03`. West of UTC it is later than it shows.
            let sure = sure || sign == b'-' && at.run() == 2;
            offset(at, sure).map(|seconds| if sign == b'-' { -seconds } else { seconds })
        }
        Some(byte) if byte.is_ascii_alphabetic() => {
            let word = at.word();
            let ends = !at
                .peek()
                .is_some_and(|b| b.is_ascii_alphanumeric() || b == b'-');
            let hours = match word {
                b"Z" | b"UTC" | b"GMT" => Some(0),
                b"z" | b"UT" if whole => Some(0),
                // RFC 5322, section 4.3.
                b"EDT" => Some(-4),
                b"EST" | b"CDT" => Some(-5),
                b"CST" | b"MDT" => Some(-6),
                b"MST" | b"PDT" => Some(-7),
                b"PST" | b"AKDT" => Some(-8),
                b"AKST" => Some(-9),
                b"HST" => Some(-10),
                b"AST" => Some(-4),
                b"ADT" => Some(-3),
                _ => None,
            };
            match at.peek() {
                // `UTC-3`.
                Some(sign @ (b'+' | b'-')) if hours == Some(0) => {
                    at.at += 1;
                    offset(at, true).map(|seconds| if sign == b'-' { -seconds } else { seconds })
                }
                _ => hours.filter(|_| ends).map(|hours| hours * 3600),
            }
        }
        _ => None,
    };
    if told.is_none() {
        at.at = back;
        return None;
    }
    // `-0400 (EDT)`.
    let behind = at.at;
    at.blanks();
    if whole && at.eat(b'(') {
        at.word();
        at.eat(b')');
    } else {
        at.at = behind;
    }
    told
}

fn offset(at: &mut Cursor<'_>, sure: bool) -> Option<i32> {
    let (hours, minutes) = match at.run() {
        4 => (at.digits(2, 2)?.0, at.digits(2, 2)?.0),
        1 | 2 => {
            let hours = at.digits(1, 2)?.0;
            let back = at.at;
            let minutes = if at.eat(b':') {
                at.digits(2, 2).map(|(minutes, _)| minutes)
            } else {
                Some(0)
            };
            // Behind a blank a short number may be anything.
            if minutes.is_none() || !sure && at.at == back {
                return None;
            }
            (hours, minutes.unwrap_or(0))
        }
        _ => return None,
    };
    (hours <= 14 && minutes < 60).then_some((hours * 3600 + minutes * 60) as i32)
}

/// The year behind a time, as `asctime` writes it.
fn late_year(at: &mut Cursor<'_>) -> Option<i16> {
    let back = at.at;
    at.blanks();
    let year = at.digits(4, 4).map(|(year, _)| year);
    let ends = !at
        .peek()
        .is_some_and(|b| b.is_ascii_alphanumeric() || b"[:.-_/".contains(&b));
    match year.filter(|year| ends && (1970..2200).contains(year)) {
        Some(year) => Some(year as i16),
        None => {
            at.at = back;
            None
        }
    }
}

fn is_day(date: Date) -> bool {
    let fits = |month: i8, day: i8| (1..=12).contains(&month) && (1..=31).contains(&day);
    match date {
        Date::Day(year, month, day) => jiff::civil::Date::new(year, month, day).is_ok(),
        Date::Either { first, second, .. } => fits(first, second) || fits(second, first),
        Date::Yearless(month, day) => fits(month, day),
    }
}

fn is_weekday(word: &[u8]) -> bool {
    const DAYS: [&[u8]; 7] = [b"mon", b"tue", b"wed", b"thu", b"fri", b"sat", b"sun"];
    let lower = word.to_ascii_lowercase();
    DAYS.iter().any(|day| lower.starts_with(day)) && (lower.len() == 3 || lower.ends_with(b"day"))
}

fn month(word: &[u8]) -> Option<i8> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let lower = word.to_ascii_lowercase();
    let lower = std::str::from_utf8(&lower).ok()?;
    let fits = |name: &str| {
        lower == name || name.get(..3) == Some(lower) || (lower == "sept" && name == "september")
    };
    let found = MONTHS.iter().position(|name| fits(name))?;
    Some(found as i8 + 1)
}

/// A place in a text.
struct Cursor<'t> {
    text: &'t [u8],
    at: usize,
}

impl<'t> Cursor<'t> {
    fn rest(&self) -> &'t [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.rest().first().copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let is = self.peek() == Some(byte);
        self.at += usize::from(is);
        is
    }

    /// One of `signs`.
    fn sign(&mut self, signs: &[u8]) -> Option<u8> {
        let sign = self.peek().filter(|byte| signs.contains(byte))?;
        self.at += 1;
        Some(sign)
    }

    /// Letters.
    fn word(&mut self) -> &'t [u8] {
        let rest = self.rest();
        let len = rest.iter().take_while(|b| b.is_ascii_alphabetic()).count();
        self.at += len;
        rest.get(..len).unwrap_or_default()
    }

    /// How many digits stand here.
    fn run(&self) -> usize {
        self.rest()
            .iter()
            .take_while(|b| b.is_ascii_digit())
            .count()
    }

    /// A number of so many digits at least and at most, and how many it has.
    fn digits(&mut self, least: usize, most: usize) -> Option<(u32, usize)> {
        let len = self.run().min(most);
        if len < least {
            return None;
        }
        let digits = self.rest().get(..len)?;
        self.at += len;
        let value = digits.iter().fold(0u32, |value, digit| {
            value.wrapping_mul(10).wrapping_add(u32::from(digit - b'0'))
        });
        Some((value, len))
    }

    /// Blanks, narrow ones too (U+202F, U+00A0).
    fn blanks(&mut self) {
        loop {
            match self.rest() {
                [b' ' | b'\t', ..] => self.at += 1,
                [0xE2, 0x80, 0xAF, ..] => self.at += 3,
                [0xC2, 0xA0, ..] => self.at += 2,
                _ => break,
            }
        }
    }

    fn some_blanks(&mut self) -> Option<()> {
        let before = self.at;
        self.blanks();
        (self.at > before).then_some(())
    }

    /// What stands between a date and its time.
    fn between(&mut self, behind: Behind) {
        match behind {
            Behind::Nothing => {}
            Behind::Colon => {
                self.eat(b':');
            }
            Behind::Usual => {
                if self.sign(b"Tt_-").is_none() {
                    self.eat(b',');
                    self.blanks();
                }
            }
        }
    }

    /// `AM`, `pm`, `p. m.`: whether it is the afternoon.
    fn half_of_day(&mut self) -> Option<bool> {
        let back = self.at;
        let told = self.sign(b"aApP").and_then(|half| {
            self.eat(b'.');
            self.blanks();
            self.sign(b"mM")?;
            self.eat(b'.');
            Some(half.eq_ignore_ascii_case(&b'p'))
        });
        let goes_on = self.peek().is_some_and(|b| b.is_ascii_alphanumeric());
        if told.is_none() || goes_on {
            self.at = back;
            return None;
        }
        told
    }
}
