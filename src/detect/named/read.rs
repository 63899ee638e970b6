//! Keys and what stands below them, and what a sentence puts between a word and its value.
//!
//! Owns where a value begins and may end. It must not know what the value is.

use std::ops::Range;

/// The longest key, in bytes.
const LONGEST_KEY: usize = 64;
/// The longest value that is looked at, in bytes.
const LONGEST_VALUE: usize = 4096;
/// The longest line that is looked at behind a word, in bytes.
const LONGEST_LINE: usize = 256;
/// Blanks between a key, its sign and its value.
const MOST_BLANKS: usize = 4;
/// Words between one that announces a value and the value: "number is".
const MOST_WORDS: usize = 3;

/// Words that may stand there.
use super::CONNECTORS;

/// Where a value lies.
#[derive(Clone, Debug)]
pub(super) struct Value {
    pub(super) range: Range<usize>,
    /// Whether the whole range is the value; else it begins there, and its form says where it ends.
    pub(super) exact: bool,
    /// Whether a sign such as `=`, `:` or "is" says that what follows is the value.
    pub(super) is_said: bool,
}

impl Value {
    /// A value that is the whole of `range`.
    pub(super) fn exact(range: Range<usize>) -> Value {
        Value {
            range,
            exact: true,
            is_said: true,
        }
    }
}

fn is_key(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

fn blanks(text: &[u8], at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    let blank = |b: &&u8| matches!(b, b' ' | b'\t');
    rest.iter().take(MOST_BLANKS).take_while(blank).count()
}

/// The key around the letters at `at..end`, and the value below it: `key=`, `key: `, `"key":"`,
/// `<key>`.
pub(super) fn key(text: &[u8], at: usize, end: usize) -> Option<(Range<usize>, Value)> {
    let behind = text.get(end..)?;
    let more = behind.iter().take(LONGEST_KEY).take_while(|b| is_key(**b));
    let key_end = end + more.count();
    let mut next = key_end;
    let quoted = match text.get(next..)? {
        [b'\\', b'"', ..] => {
            next += 2;
            true
        }
        [b'"' | b'\'' | b']', ..] => {
            next += 1;
            true
        }
        _ => false,
    };
    // Most words that are no key end here.
    let spaced = blanks(text, next);
    let sign = *text.get(next + spaced)?;
    let closes = sign == b'>' && spaced == 0 && !quoted;
    if !closes && !matches!(sign, b'=' | b':') {
        return None;
    }
    let before = text.get(at.saturating_sub(LONGEST_KEY)..at)?;
    let less = before.iter().rev().take_while(|b| is_key(**b)).count();
    let key_start = at - less;
    let element = sign == b'>';
    if element && key_start.checked_sub(1).and_then(|p| text.get(p)) != Some(&b'<') {
        return None;
    }
    next += spaced + 1;
    if matches!(text.get(next), Some(b':' | b'=')) {
        return None;
    }
    if text.get(next) == Some(&b'>') && sign == b'=' {
        next += 1;
    }
    let key = key_start..key_end;
    if element {
        let rest = text.get(next..text.len().min(next + LONGEST_VALUE))?;
        let len = memchr::memchr(b'<', rest)?;
        return Some((key, Value::exact(trimmed(text, next..next + len))));
    }
    next += blanks(text, next);
    let value = match text.get(next..)? {
        [b'\\', b'"', ..] => quote(text, next + 2, b"\\\"")?,
        [b'"', ..] => quote(text, next + 1, b"\"")?,
        [b'\'', ..] => quote(text, next + 1, b"'")?,
        _ => {
            let rest = text.get(next..text.len().min(next + LONGEST_LINE))?;
            let len = memchr::memchr3(b'\n', b'\r', 0, rest).unwrap_or(rest.len());
            let whole = sign == b'=' && !quoted;
            let len = if whole { tight(&rest[..len]) } else { len };
            Value {
                range: next..next + len,
                exact: false,
                is_said: true,
            }
        }
    };
    (!value.range.is_empty()).then_some((key, value))
}

/// How long a value behind `=` is: up to what parts pairs, but for a blank, since names have some.
fn tight(rest: &[u8]) -> usize {
    let letter = |at: Option<usize>| {
        at.and_then(|at| rest.get(at))
            .is_some_and(u8::is_ascii_alphabetic)
    };
    let parts = |(at, byte): (usize, &u8)| match byte {
        // O'Neil
        b'\'' => !(letter(at.checked_sub(1)) && letter(Some(at + 1))),
        byte => b"&;,\"<>|)]}".contains(byte),
    };
    rest.iter()
        .enumerate()
        .position(parts)
        .unwrap_or(rest.len())
}

/// The value in quotes that starts at `start` and ends before `close`.
fn quote(text: &[u8], start: usize, close: &[u8]) -> Option<Value> {
    let rest = text.get(start..text.len().min(start + LONGEST_VALUE))?;
    let mut at = 0;
    while let Some(found) = memchr::memchr2(b'"', close[0], rest.get(at..)?) {
        let here = at + found;
        let escaped = here > 0 && rest[here - 1] == b'\\';
        if rest.get(here..)?.starts_with(close) && (close.len() > 1 || !escaped) {
            return Some(Value::exact(trimmed(text, start..start + here)));
        }
        at = here + 1;
    }
    None
}

/// A range without the blanks at its ends.
pub(super) fn trimmed(text: &[u8], range: Range<usize>) -> Range<usize> {
    let value = text.get(range.clone()).unwrap_or_default();
    let lead = value.len() - value.trim_ascii_start().len();
    let start = range.start + lead;
    start..start + value.trim_ascii().len()
}

/// The word that ends before `at`, over one blank.
pub(super) fn word_before(text: &[u8], at: usize) -> &[u8] {
    let rest = text.get(at.saturating_sub(32)..at).unwrap_or_default();
    let rest = rest.strip_suffix(b" ").unwrap_or(rest);
    let len = rest
        .iter()
        .rev()
        .take_while(|b| b.is_ascii_alphabetic() || **b == b'\'')
        .count();
    &rest[rest.len() - len..]
}

/// The word behind `end`, over one blank or hyphen, and where it lies.
pub(super) fn word_behind(text: &[u8], end: usize) -> (&[u8], Range<usize>) {
    let joint = matches!(text.get(end), Some(b' ' | b'-' | b'_'));
    let start = end + usize::from(joint);
    let rest = text.get(start..).unwrap_or_default();
    let len = rest.iter().take_while(|b| b.is_ascii_alphabetic()).count();
    (&rest[..len], start..start + len)
}

/// The value that a sentence tells behind the word that ends at `end`: "number is ...".
pub(super) fn told(text: &[u8], end: usize) -> Option<Value> {
    let mut at = end;
    let mut is_said = false;
    if text.get(end..)?.starts_with(b"'s ") {
        (at, is_said) = (end + 2, true);
    }
    for _ in 0..=MOST_WORDS {
        // A quotation mark, a sign or a bracket between the words.
        let rest = text.get(at..)?;
        let gap = rest
            .iter()
            .take(MOST_BLANKS)
            .take_while(|b| matches!(b, b' ' | b':' | b'=' | b'#' | b'"' | b'(' | b'-' | b'\t'))
            .count();
        is_said |= rest[..gap].iter().any(|b| matches!(b, b':' | b'=' | b'#'));
        at += gap;
        let word = text.get(at..)?;
        let len = word
            .iter()
            .take_while(|b| b.is_ascii_alphabetic() || **b == b'\'')
            .count();
        let connects = CONNECTORS
            .iter()
            .any(|known| word[..len].eq_ignore_ascii_case(known.as_bytes()));
        if len == 0 || !connects || gap == 0 {
            break;
        }
        is_said |= matches!(&word[..len], b"is" | b"was" | b"IS");
        at += len;
    }
    if at == end {
        return None;
    }
    let rest = text.get(at..text.len().min(at + LONGEST_LINE))?;
    let len = memchr::memchr3(b'\n', b'\r', 0, rest).unwrap_or(rest.len());
    (len > 0).then_some(Value {
        range: at..at + len,
        exact: false,
        is_said,
    })
}
