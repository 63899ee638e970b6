//! Names of persons where structure tells: columns of names, a name before a bracketed number or
//! address, "my name is".

use std::ops::Range;

use super::form::Form;
use super::read::{Value, trimmed};
use super::{COMPANY_WORDS, FIRST_PERSON_ENDS, NO_NAMES};
use crate::finding::Canonical;

/// The longest name, in bytes.
const LONGEST: usize = 64;
/// Words of a name.
const MOST_WORDS: usize = 5;

/// What a byte is in a name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    /// None of a name.
    Foreign,
    Letter,
    /// A hyphen or an apostrophe.
    Mark,
    Stop,
    Blank,
    Comma,
}

static SIGNS: [Sign; 256] = {
    let mut signs = [Sign::Foreign; 256];
    let mut byte = 0;
    while byte < 256 {
        signs[byte] = match byte as u8 {
            b'A'..=b'Z' | b'a'..=b'z' | 0x80.. => Sign::Letter,
            b'-' | b'\'' => Sign::Mark,
            b'.' => Sign::Stop,
            b' ' => Sign::Blank,
            b',' => Sign::Comma,
            _ => Sign::Foreign,
        };
        byte += 1;
    }
    signs
};

fn is_letter(byte: u8) -> bool {
    SIGNS[usize::from(byte)] == Sign::Letter
}

/// A text that could be a name.
struct Words {
    /// How many it has.
    count: usize,
    /// Whether they are written as those of a name are.
    capital: bool,
    /// The text in lower case.
    lower: [u8; LONGEST],
    len: usize,
    /// Whether it is ASCII in single blanks, and the family name last.
    plain: bool,
}

impl Words {
    /// Lower case, single blanks, the family name last.
    fn canonical(&self, name: &[u8]) -> Canonical {
        if self.plain {
            let lower = self.lower.get(..self.len).unwrap_or_default();
            return Canonical::Text(lower.into());
        }
        let folded = String::from_utf8_lossy(name).to_lowercase();
        let ordered = match folded.split_once(',') {
            Some((family, given)) => format!("{given} {family}"),
            None => folded,
        };
        let words: Vec<&str> = ordered.split_whitespace().collect();
        Canonical::Text(words.join(" ").into_bytes().into_boxed_slice())
    }
}

/// The words of a text that could be a name; `None` when it is none.
fn words(name: &[u8]) -> Option<Words> {
    if name.len() > LONGEST || !name.first().copied().is_some_and(is_letter) {
        return None;
    }
    let mut words = Words {
        count: 0,
        capital: true,
        lower: [0; LONGEST],
        len: name.len(),
        plain: true,
    };
    let (mut start, mut commas, mut last) = (0, 0, Sign::Blank);
    for (byte, lower) in name.iter().zip(&mut words.lower) {
        *lower = byte.to_ascii_lowercase();
        let sign = SIGNS[usize::from(*byte)];
        match sign {
            Sign::Letter => words.plain &= byte.is_ascii(),
            Sign::Mark | Sign::Stop => {}
            Sign::Foreign => return None,
            Sign::Blank | Sign::Comma => {
                commas += usize::from(sign == Sign::Comma);
                words.plain &= sign == Sign::Blank && last != Sign::Blank;
            }
        }
        last = sign;
    }
    let lower = words.lower.get(..name.len())?;
    if commas > 1 || NO_NAME_STARTS.may_hold(lower) && is_one_of(NO_NAMES, lower) {
        return None;
    }
    for word in lower.split(|b| matches!(b, b' ' | b',')) {
        let first = name.get(start).copied().unwrap_or_default();
        start += word.len() + 1;
        let bare = word.strip_suffix(b".").unwrap_or(word);
        if bare.is_empty() {
            continue;
        }
        if COMPANY_STARTS.may_hold(bare) && is_one_of(COMPANY_WORDS, bare) {
            return None;
        }
        words.count += 1;
        // Particles such as "van" and "de" are small.
        words.capital &= bare.len() <= 3 || !first.is_ascii_lowercase();
    }
    (1..=MOST_WORDS).contains(&words.count).then_some(words)
}

/// With which letters the words of a list begin, and how long they are then: what is in no list,
/// as most names, is seen not to be.
struct Starts([u32; 32]);

static NO_NAME_STARTS: Starts = Starts::of(NO_NAMES);
static COMPANY_STARTS: Starts = Starts::of(COMPANY_WORDS);

impl Starts {
    const fn of(list: &[&str]) -> Starts {
        let mut starts = [0; 32];
        let mut at = 0;
        while at < list.len() {
            let word = list[at].as_bytes();
            starts[(word[0] & 31) as usize] |= 1 << (word.len() & 31);
            at += 1;
        }
        Starts(starts)
    }

    #[inline]
    fn may_hold(&self, word: &[u8]) -> bool {
        let first = word.first().copied().unwrap_or_default();
        self.0[usize::from(first & 31)] & 1 << (word.len() & 31) != 0
    }
}

/// Whether a word in lower case is one of a list, which is in order.
fn is_one_of(list: &[&str], word: &[u8]) -> bool {
    list.binary_search_by(|known| known.as_bytes().cmp(word))
        .is_ok()
}

fn form(text: &[u8], range: Range<usize>, words: &Words, confidence: u8) -> Option<Form> {
    let name = text.get(range.clone())?;
    Some(Form::new(range, words.canonical(name), confidence))
}

/// A value that is called a name.
pub(super) fn named(text: &[u8], value: &Value, label: &[u8]) -> Option<Form> {
    if !value.exact {
        // Behind `name:` a line may go on; what is a name there is written as one.
        let range = capitalised(text, value.range.clone())?;
        let words = words(text.get(range.clone())?)?;
        let bare = label.eq_ignore_ascii_case(b"name");
        return form(
            text,
            range,
            &words,
            if words.count > 1 {
                80
            } else if bare {
                40
            } else {
                70
            },
        );
    }
    let range = trimmed(text, value.range.clone());
    let words = words(text.get(range.clone())?)?;
    // `name` alone may be anything's: of a person it has two words, and they are written so.
    let confidence = match label {
        label if !label.eq_ignore_ascii_case(b"name") => 88,
        _ if words.count > 1 && words.capital => 70,
        _ => 40,
    };
    form(text, range, &words, confidence)
}

/// The words at the start of `range` that begin with capitals.
fn capitalised(text: &[u8], range: Range<usize>) -> Option<Range<usize>> {
    let rest = text.get(range.clone())?;
    let (mut at, mut end, mut count) = (0, 0, 0);
    while count < MOST_WORDS - 1 {
        let word = rest.get(at..)?;
        let len = word
            .iter()
            .take_while(|b| is_letter(**b) || matches!(b, b'-' | b'\''))
            .count();
        let is_capital = word
            .first()
            .is_some_and(|b| b.is_ascii_uppercase() || *b >= 0xC0);
        if len == 0 || !is_capital || len == 1 && word.get(1) != Some(&b'.') {
            break;
        }
        count += 1;
        end = at + len;
        at = end;
        // An initial has a full stop.
        if len <= 2 && rest.get(at) == Some(&b'.') && rest.get(at + 1) == Some(&b' ') {
            at += 1;
            end = at;
        }
        if rest.get(at) != Some(&b' ') {
            break;
        }
        at += 1;
    }
    // What goes on is no word.
    let goes_on = rest
        .get(end)
        .is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
    let hyphen = end > 0 && rest.get(end - 1) == Some(&b'-');
    (count > 0 && !goes_on && !hyphen).then_some(range.start..range.start + end)
}

/// The name that somebody tells: "my name is Jane Doe". What is heard in talk has no capitals.
pub(super) fn told(text: &[u8], range: Range<usize>, talk: bool) -> Option<Form> {
    if let Some(found) = capitalised(text, range.clone()) {
        let name = text.get(found.clone())?;
        let words = words(name)?;
        let ends = |word: &&str| name.eq_ignore_ascii_case(word.as_bytes());
        if FIRST_PERSON_ENDS.iter().any(ends) {
            return None;
        }
        let confidence = if words.count > 1 { 88 } else { 75 };
        return form(text, found, &words, confidence);
    }
    if !talk {
        return None;
    }
    let rest = text.get(range.clone())?;
    let (mut at, mut end, mut count) = (0, 0, 0);
    while count < 2 {
        let word = rest.get(at..)?;
        let len = word
            .iter()
            .take_while(|b| is_letter(**b) || **b == b'\'')
            .count();
        let ends = FIRST_PERSON_ENDS
            .iter()
            .any(|known| word[..len].eq_ignore_ascii_case(known.as_bytes()));
        if len < 2 || ends {
            break;
        }
        count += 1;
        end = at + len;
        if rest.get(end) != Some(&b' ') {
            break;
        }
        at = end + 1;
    }
    let found = range.start..range.start + end;
    let words = words(text.get(found.clone())?)?;
    form(text, found, &words, 60)
}

/// The name before the bracket at `at`: `"Jane Doe" <`, `Jane Doe <`.
#[inline(never)]
pub(in super::super) fn before_bracket(text: &[u8], at: usize) -> Option<Form> {
    let low = at.saturating_sub(LONGEST + 8);
    let before = text.get(low..at)?;
    let mut end = before.len();
    let strip = |end: &mut usize, bytes: &[u8]| {
        while *end > 0 && bytes.contains(&before[*end - 1]) {
            *end -= 1;
        }
    };
    strip(&mut end, b" ");
    let spaced = end;
    strip(&mut end, b"\"\\'");
    let start = if end < spaced {
        // In quotation marks, doubled or escaped as the carrier has it.
        before[..end]
            .iter()
            .rposition(|b| matches!(b, b'"' | b'\''))?
            + 1
    } else {
        let stops = |b: &u8| {
            matches!(
                b,
                b'\n'
                    | b'\r'
                    | b'\t'
                    | b':'
                    | b';'
                    | b'>'
                    | b'"'
                    | b'='
                    | b'|'
                    | b'<'
                    | b'['
                    | b'('
            )
        };
        before[..end].iter().rposition(stops)? + 1
    };
    let range = trimmed(text, low + start..low + end);
    let name = text.get(range.clone())?;
    let words = words(name)?;
    let quoted = end < spaced;
    let list = !words.plain && name.contains(&b',') && !quoted;
    if !words.capital || list {
        return None;
    }
    let confidence = if words.count > 1 { 85 } else { 60 };
    form(text, range, &words, confidence)
}
