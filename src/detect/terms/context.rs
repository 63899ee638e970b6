//! Whether the words around a term let it stand: required lead-ins, innocent uses, neighbours.
//!
//! Owns the window a term may look at and how it is read. Runs only after a term matched, so it
//! is written to be plain rather than fast. It must not know categories.

use super::token;

/// How far a term looks to either side, in bytes: about eight words.
pub(super) const WINDOW: usize = 48;

/// Room for one folded side: digits that touch letters gain a space, nothing else grows.
const ROOM: usize = 2 * WINDOW;

/// Stands for anything between words that no phrase may cross.
const BREAK: u8 = b'|';

/// What a term asks of its surroundings. All phrases are folded words joined by one space.
pub(super) struct Rules {
    /// When not empty, one of these must stand directly before the term.
    pub(super) after: &'static [&'static str],
    /// When not empty, one of these must stand within the window.
    pub(super) near: &'static [&'static str],
    /// Words before and words after the term that together make an innocent phrase.
    pub(super) not: &'static [(&'static str, &'static str)],
    /// None of these may stand within the window.
    pub(super) not_near: &'static [&'static str],
}

impl Rules {
    /// Whether the term at `start..end` of `text` may stand.
    pub(super) fn allow(&self, text: &[u8], start: usize, end: usize) -> bool {
        let free = self.after.is_empty()
            && self.near.is_empty()
            && self.not.is_empty()
            && self.not_near.is_empty();
        if free {
            return true;
        }
        let left = Side::before(text, start);
        let leads = |phrase: &str| phrase.is_empty() || left.ends_with(phrase);
        if !self.after.is_empty() && !self.after.iter().any(|phrase| leads(phrase)) {
            return false;
        }
        let right = Side::after(text, end);
        let follows = |phrase: &str| phrase.is_empty() || right.starts_with(phrase);
        let nearby = |phrase: &&str| left.contains(phrase) || right.contains(phrase);
        (self.near.is_empty() || self.near.iter().any(nearby))
            && !self
                .not
                .iter()
                .any(|(before, behind)| leads(before) && follows(behind))
            && !self.not_near.iter().any(nearby)
    }
}

/// The words on one side of a term, folded and joined by single spaces.
struct Side {
    folded: [u8; ROOM],
    len: usize,
    /// By what its words begin: the lowest five bits of a first byte tell which bit is set.
    initials: u32,
}

/// What a byte is to the words beside a term, as far as ASCII tells it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    Letter,
    Digit,
    /// May stand between the words of a phrase.
    Gap,
    /// May be left out of a word.
    Apostrophe,
    /// No phrase goes over it.
    Break,
    /// Not ASCII.
    Beyond,
}

const SIGNS: [Sign; 256] = {
    let mut signs = [Sign::Break; 256];
    let mut byte = 0;
    while byte < signs.len() {
        signs[byte] = match byte as u8 {
            b'A'..=b'Z' | b'a'..=b'z' => Sign::Letter,
            b'0'..=b'9' => Sign::Digit,
            b' ' | b'\t' | b'\n' | b'\r' | b'-' => Sign::Gap,
            b'\'' => Sign::Apostrophe,
            0x80.. => Sign::Beyond,
            _ => Sign::Break,
        };
        byte += 1;
    }
    signs
};

fn initial(byte: u8) -> u32 {
    1 << (byte & 31)
}

impl Side {
    /// The words before byte `start`, closed by what lies between the last one and the term.
    fn before(text: &[u8], start: usize) -> Self {
        let from = start.saturating_sub(WINDOW);
        let window = text.get(..start).unwrap_or_default();
        // A window that begins inside a word must not read its rest as a word.
        let mut at = from;
        if token::follows_word(window, at) || is_inside_char(window, at) {
            while is_inside_char(window, at) {
                at += 1;
            }
            if let Some(word) = token::read(window, at) {
                at = word.end;
            }
        }
        let mut side = Side::new();
        side.read(window, at);
        side
    }

    /// The words behind byte `end`, opened by what lies between the term and the first one.
    fn after(text: &[u8], end: usize) -> Self {
        let mut to = text.len().min(end + WINDOW);
        let mut side = Side::new();
        // A word that the window cuts is left out whole.
        if token::follows_word(text, to)
            && (token::is_letter(text, to) || token::is_digit(text, to))
            || is_inside_char(text, to)
        {
            while to > end && (is_inside_char(text, to) || token::follows_word(text, to)) {
                to -= 1;
            }
        }
        side.read(text.get(..to).unwrap_or_default(), end);
        side
    }

    fn new() -> Self {
        Side {
            folded: [0; ROOM],
            len: 0,
            initials: 0,
        }
    }

    fn folded(&self) -> &[u8] {
        self.folded.get(..self.len).unwrap_or_default()
    }

    fn push(&mut self, bytes: &[u8]) {
        for byte in bytes {
            if let Some(room) = self.folded.get_mut(self.len) {
                *room = *byte;
                self.len += 1;
            }
        }
    }

    /// Reads the words of `window` from byte `at` on.
    fn read(&mut self, window: &[u8], at: usize) {
        if !self.read_plain(window.get(at..).unwrap_or_default()) {
            (self.len, self.initials) = (0, u32::MAX);
            self.read_any(window, at);
        }
    }

    /// Reads the words of `text`, as long as it is ASCII; false where it is not.
    fn read_plain(&mut self, text: &[u8]) -> bool {
        // The kind of the word that is open, where it begins in `folded`, and what goes before the
        // next one.
        let (mut word, mut from, mut glue) = (None, 0, None);
        for (i, &byte) in text.iter().enumerate() {
            let sign = SIGNS[usize::from(byte)];
            match sign {
                Sign::Letter | Sign::Digit => {
                    // Digits that touch letters are a word of their own.
                    if word != Some(sign) {
                        self.end_word(&mut word, from, &mut glue);
                        self.push(glue.as_slice());
                        self.initials |= initial(byte);
                        (word, from) = (Some(sign), self.len);
                    }
                    self.push(&[byte | 0x20]);
                }
                Sign::Apostrophe
                    if word == Some(Sign::Letter)
                        && text.get(i + 1).is_some_and(u8::is_ascii_alphabetic) => {}
                Sign::Beyond => return false,
                Sign::Gap | Sign::Apostrophe | Sign::Break => {
                    self.end_word(&mut word, from, &mut glue);
                    if sign != Sign::Gap {
                        glue = Some(BREAK);
                    } else if glue.is_none() {
                        glue = Some(b' ');
                    }
                }
            }
        }
        self.end_word(&mut word, from, &mut glue);
        self.push(glue.as_slice());
        true
    }

    /// Ends the word that is open, if one is, which begins at `from`. A longer one than any term
    /// has stands for nothing.
    fn end_word(&mut self, word: &mut Option<Sign>, from: usize, glue: &mut Option<u8>) {
        if word.take().is_some() {
            if self.len - from > token::WORD_MAX {
                self.len = from;
            }
            *glue = Some(b' ');
        }
    }

    /// Reads the words of `window` from byte `at` on, whatever it holds.
    fn read_any(&mut self, window: &[u8], mut at: usize) {
        let mut glue: Option<u8> = None;
        while at < window.len() {
            if let Some(word) = token::read(window, at) {
                self.push(glue.take().as_slice());
                self.push(word.folded());
                at = word.end;
                // Digits that touch letters are a word of their own.
                glue = Some(b' ');
                continue;
            }
            let gap = token::separator(window, at);
            let mark = if gap > 0 && glue != Some(BREAK) {
                b' '
            } else {
                BREAK
            };
            glue = Some(mark);
            at += gap.max(1);
            // The rest of a character that is no letter would read as letters of no charset.
            while gap == 0 && is_inside_char(window, at) {
                at += 1;
            }
        }
        self.push(glue.as_slice());
    }

    /// Whether it ends in `phrase` and one space, with a word start before it.
    fn ends_with(&self, phrase: &str) -> bool {
        self.folded()
            .strip_suffix(b" ")
            .and_then(|side| side.strip_suffix(phrase.as_bytes()))
            .is_some_and(|rest| matches!(rest.last(), None | Some(&(b' ' | BREAK))))
    }

    /// Whether it begins with one space and `phrase`, with a word end behind it.
    fn starts_with(&self, phrase: &str) -> bool {
        self.folded()
            .strip_prefix(b" ")
            .and_then(|side| side.strip_prefix(phrase.as_bytes()))
            .is_some_and(|rest| matches!(rest.first(), None | Some(&(b' ' | BREAK))))
    }

    /// Whether `phrase` stands anywhere in it as whole words.
    fn contains(&self, phrase: &str) -> bool {
        let Some((&first, rest)) = phrase.as_bytes().split_first() else {
            return false;
        };
        // Most phrases begin as no word here does.
        if self.initials & initial(first) == 0 {
            return false;
        }
        let side = self.folded();
        let edge = |byte: Option<&u8>| matches!(byte, None | Some(&(b' ' | BREAK)));
        // Few places have the first letter, and only they are compared.
        memchr::memchr_iter(first, side).any(|at| {
            let behind = side.get(at + 1..).unwrap_or_default();
            behind.starts_with(rest)
                && edge(behind.get(rest.len()))
                && edge(at.checked_sub(1).and_then(|before| side.get(before)))
        })
    }
}

fn is_inside_char(text: &[u8], at: usize) -> bool {
    text.get(at).is_some_and(|b| b & 0xC0 == 0x80)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Side;

    proptest! {
        #[test]
        fn plain_text_has_the_words_that_any_text_has(text in "[aB1' .|\r\n-]{0,48}|[a-z]{0,30} x") {
            let (mut plain, mut any) = (Side::new(), Side::new());
            prop_assert!(plain.read_plain(text.as_bytes()));
            any.read_any(text.as_bytes(), 0);
            prop_assert_eq!(plain.folded(), any.folded(), "{:?}", text);
        }
    }
}
