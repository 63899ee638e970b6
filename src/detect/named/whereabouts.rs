//! Places on earth: latitudes, longitudes and pairs of them, in degrees with decimals.

use super::form::Form;
use super::read::Value;
use crate::finding::Canonical;

/// A number with decimals at the start of `text`: its value in millionths and its length.
fn degrees(text: &[u8], most: u64) -> Option<(i64, usize)> {
    let sign = usize::from(matches!(text.first(), Some(b'-' | b'+')));
    let rest = text.get(sign..)?;
    let whole = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    let decimals = rest
        .get(whole + 1..)
        .filter(|_| rest.get(whole) == Some(&b'.'))?
        .iter()
        .take_while(|b| b.is_ascii_digit())
        .count();
    // Two decimals are a kilometre; fewer tell a region at most.
    if !(1..=3).contains(&whole) || decimals < 2 {
        return None;
    }
    let len = sign + whole + 1 + decimals;
    if text
        .get(len)
        .is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_')
    {
        return None;
    }
    let number = |digits: &[u8]| {
        digits
            .iter()
            .fold(0u64, |n, d| n * 10 + u64::from(d - b'0'))
    };
    let fraction = rest.get(whole + 1..whole + 1 + decimals.min(6))?;
    let scale = 10u64.pow(6 - fraction.len() as u32);
    let millionths = number(rest.get(..whole)?) * 1_000_000 + number(fraction) * scale;
    let signed = i64::try_from(millionths).ok()?;
    let signed = if text.first() == Some(&b'-') {
        -signed
    } else {
        signed
    };
    (millionths <= most * 1_000_000).then_some((signed, len))
}

/// A value that is called a place.
pub(super) fn named(text: &[u8], value: &Value, label: &[u8]) -> Option<Form> {
    let rest = text.get(value.range.clone())?;
    // A JSON array of two numbers.
    let lead = usize::from(matches!(rest.first(), Some(b'[' | b'(')));
    let inner = rest.get(lead..)?;
    let start = value.range.start + lead;
    if let Some((latitude, longitude, len)) = pair(inner) {
        let canonical = format!("{latitude},{longitude}").into_bytes().into();
        let end = if value.exact {
            value.range.end - lead
        } else {
            start + len
        };
        return Some(Form::new(start..end, Canonical::Text(canonical), 95));
    }
    let called = |part: &[u8]| {
        label
            .windows(part.len())
            .any(|word| word.eq_ignore_ascii_case(part))
    };
    let is_latitude = called(b"lat");
    let (value, len) = degrees(inner, if is_latitude { 90 } else { 180 })?;
    let single = is_latitude || called(b"lon") || called(b"lng");
    let canonical = value.to_string().into_bytes().into();
    single.then(|| Form::new(start..start + len, Canonical::Text(canonical), 92))
}

/// Latitude and longitude in millionths, with a comma or blanks between, and their length.
fn pair(text: &[u8]) -> Option<(i64, i64, usize)> {
    let (latitude, len) = degrees(text, 90)?;
    let behind = text.get(len..)?;
    let gap = behind
        .iter()
        .take(3)
        .take_while(|b| matches!(b, b',' | b' ' | b';'))
        .count();
    let (longitude, more) = degrees(behind.get(gap..).filter(|_| gap > 0)?, 180)?;
    Some((latitude, longitude, len + gap + more))
}
