//! Dates of birth: dates that something calls one.

use super::form::{Form, folded};
use super::read::Value;
use crate::finding::Canonical;

/// Years in which somebody who is spoken of may have been born.
const YEARS: std::ops::RangeInclusive<u32> = 1900..=2099;

/// Months by their first three letters, in English, French, Spanish and German where these differ.
const MONTHS: [&[&[u8]]; 12] = [
    &[b"jan", b"ene"],
    &[b"feb", b"fev", b"f\xc3\xa9"],
    &[b"mar", b"m\xc3\xa4"],
    &[b"apr", b"avr", b"abr"],
    &[b"may", b"mai"],
    &[b"jun", b"juin"],
    &[b"jul", b"juil"],
    &[b"aug", b"ago", b"ao\xc3"],
    &[b"sep"],
    &[b"oct", b"okt"],
    &[b"nov"],
    &[b"dec", b"dez", b"dic", b"d\xc3\xa9"],
];

/// A part of a date and where it ends.
enum Part {
    Number(u32, usize),
    Month(u32),
}

/// The date at the start of `value`.
pub(super) fn born(text: &[u8], value: &Value) -> Option<Form> {
    let rest = text.get(value.range.clone())?;
    let mut parts = [const { None }; 3];
    let (mut found, mut at, mut end) = (0, 0, 0);
    while found < 3 {
        let gap = rest
            .get(at..)?
            .iter()
            .take(2)
            .take_while(|b| matches!(b, b' ' | b'-' | b'/' | b'.' | b','))
            .count();
        at += gap;
        let word = rest.get(at..)?;
        let digits = word.iter().take_while(|b| b.is_ascii_digit()).count();
        let letters = word
            .iter()
            .take_while(|b| b.is_ascii_alphabetic() || **b >= 0x80)
            .count();
        if (1..=4).contains(&digits) && (gap > 0 || found == 0) {
            let number = word[..digits]
                .iter()
                .fold(0, |n, d| n * 10 + u32::from(d - b'0'));
            parts[found] = Some(Part::Number(number, digits));
            found += 1;
            at += digits;
            // 12th, 1st
            let ordinal = rest.get(at..at + 2).is_some_and(|two| {
                [b"st", b"nd", b"rd", b"th"]
                    .iter()
                    .any(|one| two.eq_ignore_ascii_case(*one))
            });
            if ordinal {
                at += 2;
            }
        } else if letters >= 3 {
            let word = word[..letters].to_ascii_lowercase();
            let month = MONTHS
                .iter()
                .position(|names| names.iter().any(|name| word.starts_with(name)));
            match month {
                Some(month) => {
                    parts[found] = Some(Part::Month(month as u32 + 1));
                    found += 1;
                }
                None if matches!(&word[..], b"the") => {}
                None => return None,
            }
            at += letters;
        } else if letters == 2
            && word
                .get(..2)
                .is_some_and(|two| matches!(two, b"of" | b"de"))
        {
            at += letters;
        } else {
            return None;
        }
        end = at;
    }
    if rest.get(end).is_some_and(u8::is_ascii_alphanumeric) {
        return None;
    }
    let [Some(first), Some(second), Some(third)] = parts else {
        return None;
    };
    let (year, month, day) = ordered(&first, &second, &third)?;
    // A time may stand behind it in a table.
    let mut last = value.range.start + end;
    let time = |b: &u8| b.is_ascii_digit() || b" T:.Z+".contains(b);
    if value.exact && rest.get(end..)?.iter().all(time) {
        last = value.range.end;
    }
    let range = value.range.start..last;
    let canonical = if YEARS.contains(&year) {
        Canonical::Text(format!("{year:04}-{month:02}-{day:02}").into_bytes().into())
    } else {
        folded(text.get(range.clone())?)
    };
    Some(Form::new(range, canonical, 93))
}

/// Year, month and day of three parts. Of two numbers that may both be a month the first is the
/// month, as is written in North America.
fn ordered(first: &Part, second: &Part, third: &Part) -> Option<(u32, u32, u32)> {
    use Part::{Month, Number};
    let (year, month, day) = match (first, second, third) {
        (Number(year, 4), Number(month, ..=2), Number(day, ..=2)) => (*year, *month, *day),
        (Number(year, 4), Month(month), Number(day, ..=2)) => (*year, *month, *day),
        (Number(day, ..=2), Month(month), Number(year, len)) => (full(*year, *len)?, *month, *day),
        (Month(month), Number(day, ..=2), Number(year, len)) => (full(*year, *len)?, *month, *day),
        (Number(a, ..=2), Number(b, ..=2), Number(year, len)) => {
            let (month, day) = if *a > 12 { (*b, *a) } else { (*a, *b) };
            (full(*year, *len)?, month, day)
        }
        _ => return None,
    };
    let sound = (1..=12).contains(&month) && (1..=31).contains(&day) && YEARS.contains(&year);
    sound.then_some((year, month, day))
}

/// A year of two digits is of the last century, unless it is early in this one.
fn full(year: u32, len: usize) -> Option<u32> {
    match len {
        4 => Some(year),
        2 if year < 30 => Some(2000 + year),
        2 => Some(1900 + year),
        _ => None,
    }
}
