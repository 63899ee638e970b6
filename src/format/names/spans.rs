//! What a name is made of: times and ids of calls, and between them stretches that are read.
//!
//! Owns where a name is cut. Knows no entity.

use std::ops::Range;

use crate::time;

/// Digits of a number that stands alone: fewer are a counter or an extension, more an id.
const ALONE: std::ops::RangeInclusive<usize> = 10..=15;
/// Digits of seconds and of milliseconds since 1970, from 2001 to 2033.
const EPOCHS: [usize; 2] = [10, 13];
/// Bytes of a UUID.
const UUID: usize = 36;

/// A stretch of a name without times.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) range: Range<usize>,
    /// Digits within it that stand alone and are read by themselves: what stands beside them with
    /// a hyphen is another part of the name.
    pub(super) runs: Vec<Range<usize>>,
}

impl Span {
    /// The runs, as places within the span.
    pub(super) fn start_of_runs(&self) -> Vec<Range<usize>> {
        let start = self.range.start;
        let inner = |run: &Range<usize>| run.start - start..run.end - start;
        self.runs.iter().map(inner).collect()
    }
}

/// The stretches of `name` that are read: its folders one by one, without times and ids.
pub(super) fn spans(name: &[u8]) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut start = 0;
    for part in name.split(|byte| *byte == b'/') {
        cut(name, start..start + part.len(), &mut spans);
        start += part.len() + 1;
    }
    spans
}

fn cut(name: &[u8], part: Range<usize>, spans: &mut Vec<Span>) {
    let text = name.get(..part.end).unwrap_or_default();
    let (mut at, mut from) = (part.start, part.start);
    while at < part.end {
        let begins = at == part.start || !is_word(text.get(at - 1).copied());
        let no_time = if begins { taken(text, at) } else { 0 };
        if no_time > 0 {
            push(text, from..at, spans);
            at += no_time;
            from = at;
        } else {
            let here = text.get(at..).unwrap_or_default();
            at += digits(here).max(1);
        }
    }
    push(text, from..part.end, spans);
}

/// How many bytes at `at`, where a word begins, are a time or an id; 0: none.
fn taken(text: &[u8], at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    if is_uuid(rest) {
        return UUID;
    }
    let len = digits(rest);
    if EPOCHS.contains(&len) && rest.first() == Some(&b'1') && !is_plus(text, at) {
        // `1714060800.123`, the id of a call.
        let behind = rest.get(len + 1..).unwrap_or_default();
        let sequence = if rest.get(len) == Some(&b'.') {
            digits(behind)
        } else {
            0
        };
        return len + if sequence > 0 { sequence + 1 } else { 0 };
    }
    if matches!(len, 4 | 8 | 12 | 14) && !is_plus(text, at) {
        return time::date_at(rest).unwrap_or(0);
    }
    0
}

fn push(text: &[u8], range: Range<usize>, spans: &mut Vec<Span>) {
    if range.is_empty() {
        return;
    }
    let mut runs = Vec::new();
    // An address is one value, whatever digits it has.
    let inner = text.get(range.clone()).unwrap_or_default();
    let is_address = memchr::memchr(b'@', inner).is_some();
    let mut at = range.start;
    while at < range.end && !is_address {
        let len = digits(text.get(at..range.end).unwrap_or_default());
        if len == 0 {
            at += 1;
            continue;
        }
        let plus = usize::from(at > range.start && is_plus(text, at));
        let before = text.get(..at - plus).and_then(<[u8]>::last).copied();
        let apart = !is_word(before) && !is_word(text.get(at + len).copied());
        if apart && ALONE.contains(&len) {
            runs.push(at - plus..at + len);
        }
        at += len;
    }
    spans.push(Span { range, runs });
}

/// The word before `at` in the same name, as that which tells what stands there.
pub(super) fn word_before(text: &[u8], at: usize) -> Option<&[u8]> {
    let before = text.get(..at)?;
    let end = before.iter().rposition(|byte| is_word(Some(*byte)))? + 1;
    let between = before.get(end..)?;
    if between.len() > 2 || between.contains(&b'/') {
        return None;
    }
    let mut bytes = before.get(..end)?.iter();
    let start = bytes.rposition(|byte| !byte.is_ascii_alphabetic());
    let word = before.get(start.map_or(0, |at| at + 1)..end)?;
    (!word.is_empty()).then_some(word)
}

fn is_word(byte: Option<u8>) -> bool {
    byte.is_some_and(|byte| byte.is_ascii_alphanumeric())
}

fn is_plus(text: &[u8], at: usize) -> bool {
    at > 0 && text.get(at - 1) == Some(&b'+')
}

fn digits(text: &[u8]) -> usize {
    text.iter().take_while(|b| b.is_ascii_digit()).count()
}

fn is_uuid(text: &[u8]) -> bool {
    text.get(..UUID).is_some_and(|id| {
        id.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
    }) && !is_word(text.get(UUID).copied())
}
