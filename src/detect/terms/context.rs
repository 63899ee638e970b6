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
        let right = Side::after(text, end);
        let (left, right) = (left.folded(), right.folded());
        let leads = |phrase: &str| phrase.is_empty() || ends_with(left, phrase);
        let follows = |phrase: &str| phrase.is_empty() || starts_with(right, phrase);
        let nearby = |phrase: &&str| contains(left, phrase) || contains(right, phrase);
        (self.after.is_empty() || self.after.iter().any(|phrase| leads(phrase)))
            && (self.near.is_empty() || self.near.iter().any(nearby))
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

    /// Appends ASCII letters in lower case, or digits.
    fn push_folded(&mut self, letters: &[u8]) {
        let room = self.folded.get_mut(self.len..).unwrap_or_default();
        for (to, from) in room.iter_mut().zip(letters) {
            *to = from | 0x20;
        }
        self.len = ROOM.min(self.len + letters.len());
    }

    fn read(&mut self, window: &[u8], mut at: usize) {
        let mut glue: Option<u8> = None;
        while at < window.len() {
            let rest = window.get(at..).unwrap_or_default();
            let plain = plain_word(rest);
            if let Some(len) = plain.filter(|len| (1..=token::WORD_MAX).contains(len)) {
                self.push(glue.take().as_slice());
                self.push_folded(rest.get(..len).unwrap_or_default());
                at += len;
                // Digits that touch letters are a word of their own.
                glue = Some(b' ');
                continue;
            }
            if plain != Some(0)
                && let Some(word) = token::read(window, at)
            {
                self.push(glue.take().as_slice());
                self.push(word.folded());
                at = word.end;
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
}

/// The length of the word that `rest` begins with, 0 for none, when ASCII alone tells it.
fn plain_word(rest: &[u8]) -> Option<usize> {
    let run = |kind: fn(&u8) -> bool| rest.iter().take_while(|b| kind(b)).count();
    match rest.first()? {
        b'0'..=b'9' => Some(run(u8::is_ascii_digit)),
        b'A'..=b'Z' | b'a'..=b'z' => {
            let len = run(u8::is_ascii_alphabetic);
            let ends = |behind: &u8| behind.is_ascii() && *behind != b'\'';
            rest.get(len).is_none_or(ends).then_some(len)
        }
        other => other.is_ascii().then_some(0),
    }
}

fn is_inside_char(text: &[u8], at: usize) -> bool {
    text.get(at).is_some_and(|b| b & 0xC0 == 0x80)
}

/// Whether `side` ends in `phrase` and one space, with a word start before it.
fn ends_with(side: &[u8], phrase: &str) -> bool {
    side.strip_suffix(b" ")
        .and_then(|side| side.strip_suffix(phrase.as_bytes()))
        .is_some_and(|rest| matches!(rest.last(), None | Some(&(b' ' | BREAK))))
}

/// Whether `side` begins with one space and `phrase`, with a word end behind it.
fn starts_with(side: &[u8], phrase: &str) -> bool {
    side.strip_prefix(b" ")
        .and_then(|side| side.strip_prefix(phrase.as_bytes()))
        .is_some_and(|rest| matches!(rest.first(), None | Some(&(b' ' | BREAK))))
}

/// Whether `phrase` stands anywhere in `side` as whole words.
fn contains(side: &[u8], phrase: &str) -> bool {
    let Some((&first, rest)) = phrase.as_bytes().split_first() else {
        return false;
    };
    let edge = |byte: Option<&u8>| matches!(byte, None | Some(&(b' ' | BREAK)));
    // Few places have the first letter, and only they are compared.
    memchr::memchr_iter(first, side).any(|at| {
        let behind = side.get(at + 1..).unwrap_or_default();
        behind.starts_with(rest)
            && edge(behind.get(rest.len()))
            && edge(at.checked_sub(1).and_then(|before| side.get(before)))
    })
}
