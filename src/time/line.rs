//! Where a line that a program wrote has its time, and the time in the name of a file.

use std::ops::Range;

use super::read::{Date, Read, Written, prefix, read};
use super::{Order, Stamp};

/// Bytes from the beginning of a line on in which its time is looked for.
pub const LONGEST_LOOKED: usize = 512;

/// Keys of a line of `key=value` that hold its time.
const KEYS: [&[u8]; 5] = [b"ts", b"time", b"timestamp", b"date", b"datetime"];

/// How the lines of a source have their times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// They begin with a day and a time of it, or with a number that counts from 1970.
    Moment,
    /// They begin with a day.
    Day,
    /// In brackets, as the common log format has it.
    Brackets,
    /// Under a key of `key=value`.
    Key,
}

impl Manner {
    /// All, the surest first.
    pub const ALL: [Manner; 4] = [Manner::Moment, Manner::Brackets, Manner::Key, Manner::Day];

    /// Where in `line` its own time stands, when it has one in this manner.
    pub fn place(self, line: &[u8]) -> Option<Range<usize>> {
        let line = line.get(..LONGEST_LOOKED).unwrap_or(line);
        match self {
            Manner::Moment => at_start(line, true),
            Manner::Day => at_start(line, false),
            Manner::Brackets => in_brackets(line),
            Manner::Key => under_key(line),
        }
    }
}

/// Where in `line` its own time stands: at its beginning (behind a priority, a bracket, the id of a
/// channel), in the brackets of the common log format, or under a key.
pub fn in_line(line: &[u8]) -> Option<Range<usize>> {
    Manner::ALL.iter().find_map(|manner| manner.place(line))
}

fn at_start(line: &[u8], timed: bool) -> Option<Range<usize>> {
    let mut at = blanks(line, 0);
    // Octet counts (RFC 6587) and priorities: `83 <13>1 2024-...`.
    let digits = run(line, at);
    if digits > 0 && digits <= 6 && line.get(at + digits..)?.starts_with(b" <") {
        at += digits + 1;
    }
    if line.get(at) == Some(&b'<') {
        let close = line.get(at..at + 6).unwrap_or(&line[at..]);
        let end = close.iter().position(|&byte| byte == b'>')?;
        at += end + 1;
        if matches!(line.get(at..at + 2), Some([b'1'..=b'9', b' '])) {
            at += 2;
        }
    }
    // The id of a channel, as FreeSWITCH writes it; left-to-right marks of chat exports.
    if is_uuid(line.get(at..).unwrap_or_default()) {
        at = blanks(line, at + 36);
    }
    while line
        .get(at..)
        .is_some_and(|rest| rest.starts_with(b"\xE2\x80\x8E"))
    {
        at += 3;
    }
    if line.get(at) == Some(&b'[') {
        at = blanks(line, at + 1);
    }
    let rest = line.get(at..)?;
    if let Some((written, len)) = prefix(rest, false) {
        return (written.timed || !timed).then_some(at..at + len);
    }
    // Seconds since 1970, as squid writes them.
    let digits = run(line, at);
    let fraction = match line.get(at + digits) {
        Some(b'.') => 1 + run(line, at + digits + 1),
        _ => 0,
    };
    let end = at + digits + fraction;
    let ends = line
        .get(end)
        .is_none_or(|b| b.is_ascii_whitespace() || matches!(b, b']' | b','));
    let counts = (digits == 10 || digits == 13) && ends && line.get(at) == Some(&b'1');
    counts.then_some(at..end)
}

fn in_brackets(line: &[u8]) -> Option<Range<usize>> {
    memchr::memchr_iter(b'[', line).take(8).find_map(|open| {
        let rest = line.get(open + 1..)?;
        if !rest.first()?.is_ascii_digit() {
            return None;
        }
        let (written, len) = prefix(rest, false)?;
        let closed = matches!(rest.get(len), Some(b']' | b' '));
        let own = closed && written.timed && !tells_time(line.get(..open)?);
        own.then_some(open + 1..open + 1 + len)
    })
}

fn under_key(line: &[u8]) -> Option<Range<usize>> {
    memchr::memchr_iter(b'=', line).take(16).find_map(|sign| {
        let before = line.get(..sign)?;
        let start = before
            .iter()
            .rposition(|b| !b.is_ascii_alphanumeric())
            .map_or(0, |i| i + 1);
        let key = before.get(start..)?;
        if !KEYS.iter().any(|known| key.eq_ignore_ascii_case(known)) {
            return None;
        }
        let from = sign + 1 + usize::from(line.get(sign + 1) == Some(&b'"'));
        let rest = line.get(from..)?;
        let len = rest
            .iter()
            .position(|b| b"\";,\t\r\n".contains(b) || (*b == b' ' && from == sign + 1))
            .unwrap_or(rest.len());
        let value = rest.get(..len)?;
        let moment = match read(&Stamp::of(value))? {
            Read::Instant(_) => true,
            Read::Written(written) => written.timed,
        };
        let own = moment && !tells_time(line.get(..start)?);
        own.then_some(from..from + len)
    })
}

/// Whether a clock stands in the beginning of a line, whose own time it is then, known or not. An
/// address may have colons too, but stands by itself only where it has more of them.
fn tells_time(before: &[u8]) -> bool {
    let parts = before.split(|byte| !byte.is_ascii_digit() && !b":.,".contains(byte));
    parts.into_iter().any(|part| {
        let part = part.split(|byte| b".,".contains(byte)).next();
        let mut numbers = part.unwrap_or_default().split(|&byte| byte == b':');
        let hour = numbers
            .next()
            .is_some_and(|hour| matches!(hour.len(), 1 | 2));
        let rest: Vec<usize> = numbers.map(<[u8]>::len).collect();
        hour && matches!(rest[..], [2] | [2, 2])
    })
}

/// The time in the name of a file: of a recording, a day of messages, a log that was rotated. Of
/// several the latest, as nothing is taken for older than it is; of a day and a time in it the time.
pub fn in_name(name: &[u8]) -> Option<Read> {
    let mut best: Option<Read> = None;
    let mut at = 0;
    while at < name.len() {
        let digits = run(name, at);
        if digits == 0 {
            at += 1;
            continue;
        }
        let rest = name.get(at..)?;
        let mut len = digits;
        let mut found = None;
        if digits == 10 && rest.starts_with(b"1") && followed_by_sequence(rest) {
            // `1714060800.123`, the id of a call.
            let seconds = std::str::from_utf8(rest.get(..10)?).ok()?.parse().ok()?;
            found = Some(Read::Instant(seconds));
        } else if matches!(digits, 4 | 8 | 12 | 14)
            && let Some((written, taken)) = dated(rest)
        {
            found = Some(Read::Written(written));
            len = taken;
        }
        if let Some(found) = found
            && best.is_none_or(|best| is_later(&found, &best))
        {
            best = Some(found);
        }
        at += len.max(1);
    }
    best
}

/// Whether one time of a name is later than another by a day, or tells more of the same day.
fn is_later(one: &Read, other: &Read) -> bool {
    let parts = |read: &Read| {
        let (seconds, _) = read.point(Order::DayFirst)?;
        let day_only = matches!(read, Read::Written(written) if !written.timed);
        Some((seconds.div_euclid(86_400), !day_only))
    };
    // An id and a time in one name are of one call, hours apart by their zones.
    let near = |one: i64, other: i64| (one - other).abs() <= 1;
    match (parts(one), parts(other)) {
        (Some((one_day, one_timed)), Some((other_day, other_timed))) => {
            if near(one_day, other_day) && (one_timed || other_timed) {
                one_timed && !other_timed
            } else {
                one_day > other_day
            }
        }
        _ => false,
    }
}

/// How many bytes of `rest`, a part of a name, are a date or a date and a time.
pub fn date_at(rest: &[u8]) -> Option<usize> {
    dated(rest).map(|(_, taken)| taken)
}

/// A date with its year first, and where it ends; what goes on with digits is another number.
fn dated(rest: &[u8]) -> Option<(Written, usize)> {
    let day = || {
        let len = if run(rest, 0) == 4 { 10 } else { 8 };
        let (written, taken) = prefix(rest.get(..len)?, false)?;
        let ends = !rest.get(taken).is_some_and(u8::is_ascii_digit);
        (ends && taken == len).then_some((written, taken))
    };
    // What stands behind a time with a hyphen is another part of the name, not a zone.
    let zoneless = |(written, len): (Written, usize)| {
        let utc = len > 0 && rest.get(len - 1) == Some(&b'Z');
        let offset = written.offset.filter(|_| utc);
        (Written { offset, ..written }, len)
    };
    prefix(rest, false)
        .map(zoneless)
        .filter(|(_, len)| !rest.get(*len).is_some_and(u8::is_ascii_digit))
        .or_else(day)
        .filter(|(written, _)| matches!(written.date, Date::Day(1990..=2199, ..)))
}

fn followed_by_sequence(rest: &[u8]) -> bool {
    rest.get(10) == Some(&b'.') && rest.get(11).is_some_and(u8::is_ascii_digit)
}

fn run(text: &[u8], from: usize) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    rest.iter().take_while(|b| b.is_ascii_digit()).count()
}

fn blanks(text: &[u8], from: usize) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    from + rest
        .iter()
        .take_while(|b| matches!(b, b' ' | b'\t'))
        .count()
}

fn is_uuid(text: &[u8]) -> bool {
    text.get(..37).is_some_and(|text| {
        text.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            36 => *byte == b' ',
            _ => byte.is_ascii_hexdigit(),
        })
    })
}
