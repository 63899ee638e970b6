//! Whether what is told goes on from one piece of talk to the next.
//!
//! Formats join pieces of talk (cues, lines, turns) by it. Owns which words a number, a spelled
//! word or an address may end and begin with, in every language of `patterns/spoken/`; the build
//! script writes them. It must not know what is told.

/// What a word does at the border of two pieces; the bits of the table.
mod border {
    /// A number or sign: what is told goes on behind it.
    pub(super) const ENDS: u8 = 1;
    /// The sign of an address, which is also a word of most sentences.
    pub(super) const BEGINS: u8 = 2;
    /// Said in between.
    pub(super) const BETWEEN: u8 = 4;
    /// A sign within an address: a word behind it may be followed by another sign.
    pub(super) const SIGN: u8 = 8;
    /// A letter by itself: a word behind it may spell it.
    pub(super) const SPELLS: u8 = 16;
    /// Any other sign: it goes on what was told.
    pub(super) const OPENS: u8 = 32;
    /// Spells a letter.
    pub(super) const LETTER: u8 = 64;
}

include!(concat!(env!("OUT_DIR"), "/talk.rs"));

/// Words at an end that are looked at: fillers before it, and a name behind a sign.
const LOOKED_AT: usize = 4;
/// The most words of a turn in which nothing but agreement is said.
const AGREEMENT: usize = 4;
/// Bytes at a beginning in which a written name is looked for.
const LOOKED_AHEAD: usize = 48;
/// The longest word of the table.
const LONGEST: usize = 16;

/// Whether a value may go on behind `text`.
pub(crate) fn goes_on(text: &[u8]) -> bool {
    let (mut fillers, mut letters, mut behind): (_, _, &[u8]) = (true, true, b"");
    for (number, word) in words(text).rev().take(LOOKED_AT).enumerate() {
        if word.iter().all(u8::is_ascii_digit) {
            return fillers;
        }
        let is = look_up(word);
        if fillers && is & border::ENDS != 0 || is & (border::SIGN | border::SPELLS) != 0 {
            return true;
        }
        // "a as in": the word that spells it comes with the next piece.
        let spells = number == 1 && links(word, behind);
        let begun = number == 1 && behind.eq_ignore_ascii_case(b"as") && word.len() == 1;
        if spells || begun || number == 2 && links(word, behind) {
            return true;
        }
        behind = word;
        letters &= is & border::LETTER != 0;
        if letters && number > 1 {
            return true;
        }
        fillers &= is & border::BETWEEN != 0;
    }
    false
}

/// Whether `text` may go on with a value that began before it, though that did not look so.
pub(crate) fn comes_on(text: &[u8]) -> bool {
    let mut words = words(text).skip_while(|word| look_up(word) & border::BETWEEN != 0);
    let Some(first) = words.next() else {
        return false;
    };
    if words
        .clone()
        .next()
        .is_some_and(|second| links(first, second))
    {
        return true;
    }
    // "at" begins many sentences; an address has a dot soon behind it.
    let is = look_up(first);
    let signs = border::SIGN | border::OPENS;
    let at = is & border::BEGINS != 0;
    is & signs != 0
        || at && words.take(5).any(|word| look_up(word) & signs != 0)
        || at && writes_a_dot(text)
}

/// Whether a name with a dot in it is written in the first words of `text`: "at example.com".
fn writes_a_dot(text: &[u8]) -> bool {
    let begin = text.get(..text.len().min(LOOKED_AHEAD)).unwrap_or_default();
    begin.windows(3).any(|three| {
        matches!(three, [before, b'.', behind]
            if before.is_ascii_alphanumeric() && behind.is_ascii_alphabetic())
    })
}

/// Whether two words part a letter from the word that spells it: "j as in juliet".
fn links(one: &[u8], other: &[u8]) -> bool {
    one.eq_ignore_ascii_case(b"as") && other.eq_ignore_ascii_case(b"in")
}

/// Whether nothing but agreement is said in `text`.
pub(crate) fn agrees(text: &[u8]) -> bool {
    let mut count = 0;
    let all = words(text).all(|word| {
        count += 1;
        count <= AGREEMENT && look_up(word) & border::BETWEEN != 0
    });
    all && count > 0
}

fn words(text: &[u8]) -> impl DoubleEndedIterator<Item = &[u8]> + Clone {
    text.split(|b| !b.is_ascii_alphanumeric() && *b < 0x80 && *b != b'_')
        .filter(|word| !word.is_empty())
}

/// What a word is at a border. Words are told apart by a hash: that a word is taken for another
/// once in a million joins two pieces of talk that are then read as one, and no more.
fn look_up(word: &[u8]) -> u8 {
    let mut folded = [0u8; LONGEST];
    let Some(room) = folded.get_mut(..word.len()) else {
        return 0;
    };
    room.copy_from_slice(word);
    let folded = u128::from_le_bytes(folded) | CASE;
    let mixed = (folded as u64 ^ (folded >> 64) as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mark = (mixed >> 32) as u32 | 1;
    let mut slot = (mixed >> 20) as usize % MARKS.len();
    loop {
        match MARKS.get(slot) {
            Some(known) if *known == mark => return BORDERS.get(slot).copied().unwrap_or(0),
            Some(0) | None => return 0,
            Some(_) => slot = (slot + 1) % MARKS.len(),
        }
    }
}

/// Lower-cases ASCII letters; other bytes change alike here and in the table.
const CASE: u128 = u128::MAX / 0xFF * 0x20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_addresses_go_on_and_sentences_do_not() {
        for (text, expected) in [
            ("my number is four one six", true),
            ("it's four one six, uh", true),
            ("416", true),
            ("<v Ann>seven two", true),
            ("jane dot smith", true),
            ("jane dot smith at", true),
            ("as in larry", true),
            ("thank you for calling", false),
            ("how are you", false),
            ("", false),
        ] {
            assert_eq!(goes_on(text.as_bytes()), expected, "{text}");
        }
        for (text, expected) in [
            ("at example dot com", true),
            ("at the office", false),
            ("as in ida, s for sam", true),
            ("dot smith at example dot com", true),
            ("dot ca, thanks", true),
            ("hello", false),
        ] {
            assert_eq!(comes_on(text.as_bytes()), expected, "{text}");
        }
        for (text, expected) in [
            ("Mm-hm.", true),
            ("Okay.", true),
            ("okay bob", false),
            ("", false),
        ] {
            assert_eq!(agrees(text.as_bytes()), expected, "{text}");
        }
    }
}
