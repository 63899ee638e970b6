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
/// The longest key that is read.
const LONGEST_KEY: usize = 64;

/// What a word may speak for; the bits of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    Phone = 1,
    Card = 2,
    Identifier = 4,
    Version = 8,
    Host = 16,
    /// Measures the number before it.
    Unit = 32,
}

/// Whether one of the words before `at` on its line, and not before `floor`, speaks for `kind`.
pub(super) fn word_before(text: &[u8], floor: usize, at: usize, kind: Word) -> bool {
    let heard = match kind {
        Word::Phone | Word::Card | Word::Host => WORDS_HEARD,
        Word::Identifier | Word::Version => WORDS_CLOSE,
        Word::Unit => 1,
    };
    // A value that starts its cell has no words before it, whatever stands in the cell before.
    let reach = WORD_REACH.min(at.saturating_sub(floor));
    if reach < SHORTEST_WORD {
        return false;
    }
    let mut rest = text.get(at.saturating_sub(reach)..at).unwrap_or_default();
    let is_letter = |b: u8| b.is_ascii_alphabetic() || b >= 0x80;
    for _ in 0..heard {
        while let [before @ .., byte] = rest
            && !is_letter(*byte)
        {
            // A version follows its word at once; what stands in the cell before is no such word.
            let apart = kind == Word::Version && matches!(byte, b',' | b';' | b'|' | b'\t');
            if apart || matches!(byte, b'\n' | b'\r') {
                return false;
            }
            rest = before;
        }
        let len = rest.iter().rev().take_while(|b| is_letter(**b)).count();
        let (before, word) = rest.split_at(rest.len() - len);
        if word.is_empty() {
            return false;
        }
        if kinds(word) & kind as u8 != 0 {
            return true;
        }
        rest = before;
    }
    false
}

/// Whether the word right behind `at`, on the same line, measures what stands before it.
pub(super) fn unit_behind(text: &[u8], at: usize) -> bool {
    let rest = text.get(at..).unwrap_or_default();
    let rest = rest.strip_prefix(b" ").unwrap_or_default();
    let len = rest.iter().take_while(|b| b.is_ascii_alphabetic()).count();
    len > 0 && kinds(rest.get(..len).unwrap_or_default()) & Word::Unit as u8 != 0
}

/// Places of words in their table, plus one, by [`place`]; a zero ends a search.
static PLACES: [u16; 1 << PLACE_BITS] = {
    let mut places = [0; 1 << PLACE_BITS];
    let mut i = 0;
    // At most half full, so that most words of a text meet a zero at once.
    assert!(table::WORDS.len() < 1 << (PLACE_BITS - 1));
    while i < table::WORDS.len() {
        let mut at = place(table::WORDS[i].0);
        while places[at] != 0 {
            at = (at + 1) % places.len();
        }
        places[at] = i as u16 + 1;
        i += 1;
    }
    places
};

const PLACE_BITS: u32 = 10;

/// Where the search for a word begins: from its ends and its length, in either case.
const fn place(word: &[u8]) -> usize {
    let (first, last) = match word {
        [] => return 0,
        [first, .., last] => (*first | 0x20, *last | 0x20),
        [only] => (*only | 0x20, *only | 0x20),
    };
    let mixed = (first as u32 * 131 + last as u32) * 31 + word.len() as u32;
    (mixed.wrapping_mul(0x9E37_79B1) >> (32 - PLACE_BITS)) as usize
}

/// What a word speaks for, as bits of [`Word`].
fn kinds(word: &[u8]) -> u8 {
    let mut at = place(word);
    while let Some((known, kinds)) = PLACES
        .get(at)
        .and_then(|place| table::WORDS.get(usize::from(*place).checked_sub(1)?))
    {
        if known.eq_ignore_ascii_case(word) {
            return *kinds;
        }
        at = (at + 1) % PLACES.len();
    }
    0
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

/// What the last word of a key or heading speaks for, as bits of [`Word`]: `user_phone`,
/// `Order ID`.
pub(super) fn spoken_by(label: &[u8]) -> u8 {
    label
        .rsplit(|b| !b.is_ascii_alphabetic())
        .find(|word| !word.is_empty())
        .map_or(0, kinds)
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
        assert!(!word_before(b"version,1", 0, 8, Word::Version));
    }
}
