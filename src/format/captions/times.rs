//! The times of cues, and of the words in them where WebVTT gives such.

use std::ops::Range;

use super::cues::{cues, is_times};
use crate::format::times::{Grain, Spoken};

/// What is said in each cue of `text`, and in cues whose times cannot be read.
pub(in crate::format) fn times(text: &[u8]) -> (Vec<Spoken>, Vec<Range<usize>>) {
    let mut flat = Vec::new();
    let mut spoken = Vec::new();
    for cue in cues(text, 0) {
        // The line of its times stands between its start and its text.
        let head = text.get(cue.start..cue.text.start).unwrap_or_default();
        let line = head
            .split(|b| *b == b'\n')
            .find(|line| is_times(line.trim_ascii()));
        match line.and_then(|line| span(line.trim_ascii())) {
            Some(ms) if ms.start < ms.end => within(text, cue.text, ms, &mut spoken),
            _ => flat.push(cue.text),
        }
    }
    (spoken, flat)
}

/// Cuts a cue at the times within its text: `<00:17.500>`.
fn within(text: &[u8], place: Range<usize>, ms: Range<u64>, out: &mut Vec<Spoken>) {
    let (mut at, mut start, mut timed) = (place.start, ms.start, false);
    let body = text.get(place.clone()).unwrap_or_default();
    for open in memchr::memchr_iter(b'<', body) {
        let rest = body.get(open + 1..).unwrap_or_default();
        let Some(close) = memchr::memchr(b'>', rest) else {
            continue;
        };
        let Some(time) = rest.get(..close).and_then(clock) else {
            continue;
        };
        if !ms.contains(&time) || time < start {
            continue;
        }
        let end = place.start + open;
        if end > at && time > start {
            let grain = if timed { Grain::Word } else { Grain::Cue };
            out.push(Spoken {
                place: at..end,
                ms: start..time,
                grain,
            });
        }
        (at, start, timed) = (end + close + 2, time, true);
    }
    let grain = if timed { Grain::Word } else { Grain::Cue };
    out.push(Spoken {
        place: at..place.end,
        ms: start..ms.end,
        grain,
    });
}

/// The times of a cue: `00:01.000 --> 00:04.000 align:start`.
fn span(line: &[u8]) -> Option<Range<u64>> {
    let arrow = memchr::memmem::find(line, b"-->")?;
    let start = clock(line.get(..arrow)?.trim_ascii())?;
    let behind = line.get(arrow + 3..)?.trim_ascii();
    let len = behind
        .iter()
        .position(u8::is_ascii_whitespace)
        .unwrap_or(behind.len());
    Some(start..clock(behind.get(..len)?)?)
}

/// Milliseconds of `1:02:03.456`, `02:03,456` or `02:03`.
pub(in crate::format) fn clock(text: &[u8]) -> Option<u64> {
    let mark = text.iter().position(|b| matches!(b, b'.' | b','));
    let (whole, part) = text.split_at(mark.unwrap_or(text.len()));
    let number = |digits: &[u8]| {
        let fits = !digits.is_empty() && digits.len() <= 9 && digits.iter().all(u8::is_ascii_digit);
        fits.then(|| {
            digits
                .iter()
                .fold(0u64, |n, d| n * 10 + u64::from(d - b'0'))
        })
    };
    let (mut seconds, mut parts) = (0u64, 0);
    for field in whole.split(|b| *b == b':') {
        seconds = seconds.checked_mul(60)?.checked_add(number(field)?)?;
        parts += 1;
    }
    if !(2..=3).contains(&parts) {
        return None;
    }
    let part = part.get(1..).unwrap_or_default();
    let millis = match part.len() {
        0 => 0,
        len => number(part.get(..len.min(3))?)? * 10u64.pow(3 - len.min(3) as u32),
    };
    Some(seconds * 1000 + millis)
}
