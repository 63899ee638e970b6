//! What the text right before a candidate says it is: words, and `key=` or `"key":` labels.

mod table {
    include!(concat!(env!("OUT_DIR"), "/context.rs"));
}

/// How far back on its line a word may stand.
const WORD_REACH: usize = 48;
/// How many words back are heard.
const WORDS_HEARD: usize = 5;
/// Words right before a version or an identifier: further ones speak of something else.
const WORDS_CLOSE: usize = 2;
/// A word and the blank behind it.
const SHORTEST_WORD: usize = 2;
/// The longest word of the lists.
const LONGEST_WORD: usize = 24;
/// The longest key that is read.
const LONGEST_KEY: usize = 64;

/// What a word may speak for; the bits of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    Phone = 1,
    Card = 2,
    Identifier = 4,
    Version = 8,
}

/// Whether one of the words before `at` on its line, and not before `floor`, speaks for `kind`.
pub(super) fn word_before(text: &[u8], floor: usize, at: usize, kind: Word) -> bool {
    let heard = match kind {
        Word::Phone | Word::Card => WORDS_HEARD,
        Word::Identifier | Word::Version => WORDS_CLOSE,
    };
    // A value that starts its cell has no words before it, whatever stands in the cell before.
    let reach = WORD_REACH.min(at.saturating_sub(floor));
    if reach < SHORTEST_WORD {
        return false;
    }
    let line = line_before(text, at, reach);
    let mut words = line
        .rsplit(|b| !(b.is_ascii_alphabetic() || *b >= 0x80))
        .filter(|word| !word.is_empty())
        .take(heard);
    words.any(|word| kinds(word) & kind as u8 != 0)
}

fn kinds(word: &[u8]) -> u8 {
    if word.len() > LONGEST_WORD {
        return 0;
    }
    let mut folded = [0u8; LONGEST_WORD];
    let folded = &mut folded[..word.len()];
    folded.copy_from_slice(word);
    folded.make_ascii_lowercase();
    table::WORDS
        .binary_search_by(|(known, _)| (*known).cmp(folded))
        .map_or(0, |found| table::WORDS[found].1)
}

/// The text before `at` on its line, at most `reach` bytes.
fn line_before(text: &[u8], at: usize, reach: usize) -> &[u8] {
    let window = text.get(at.saturating_sub(reach)..at).unwrap_or_default();
    let start = memchr::memrchr2(b'\n', b'\r', window).map_or(0, |p| p + 1);
    &window[start..]
}

/// The key of a `key=value`, `key: value` or `"key":"value"` whose value starts at `at`.
pub(super) fn label_before(text: &[u8], at: usize) -> Option<&[u8]> {
    let line = line_before(text, at, LONGEST_KEY + 8);
    let is_lead = |b: &u8| {
        matches!(
            b,
            b'"' | b'\'' | b' ' | b'<' | b'(' | b'[' | b'+' | b'\\' | b'\t'
        )
    };
    let trimmed = &line[..line.len() - line.iter().rev().take_while(|b| is_lead(b)).count()];
    let (last, rest) = trimmed.split_last()?;
    if *last != b'=' && *last != b':' {
        return None;
    }
    let is_quote = |b: &u8| matches!(b, b'"' | b'\'' | b'\\' | b' ');
    let rest = &rest[..rest.len() - rest.iter().rev().take_while(|b| is_quote(b)).count()];
    let is_key = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
    let len = rest.iter().rev().take_while(|b| is_key(b)).count();
    (len > 0 && len <= LONGEST_KEY).then(|| &rest[rest.len() - len..])
}

/// Whether the last word of a key or heading speaks for `kind`: `user_phone`, `Order ID`.
pub(super) fn label_speaks(label: &[u8], kind: Word) -> bool {
    label
        .rsplit(|b| !b.is_ascii_alphabetic())
        .find(|word| !word.is_empty())
        .is_some_and(|word| kinds(word) & kind as u8 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_before_a_value_is_its_label() {
        for (text, key) in [
            ("uniqueid=|17", Some("uniqueid")),
            ("{\"caller_number\":\"|+1", Some("caller_number")),
            ("{\"ts\":|17", Some("ts")),
            ("call_id: |98", Some("call_id")),
            ("From: <sip:|4", Some("sip")),
            ("my number is |4", None),
            ("x=1\n|4", None),
        ] {
            let at = text.find('|').unwrap();
            let text = text.replace('|', "");
            let found = label_before(text.as_bytes(), at);
            assert_eq!(found, key.map(str::as_bytes), "{text}");
        }
    }

    #[test]
    fn words_are_heard_whole_and_on_the_line_only() {
        assert!(word_before(b"please call me at 4", 0, 18, Word::Phone));
        assert!(!word_before(b"recall it at 4", 0, 13, Word::Phone));
        assert!(!word_before(b"call\nat 4", 0, 8, Word::Phone));
        assert!(word_before(b"Version 1", 0, 8, Word::Version));
    }
}
