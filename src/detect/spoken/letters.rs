//! Letters that are told one by one: by their name, by a word, or by words of an alphabet.
//!
//! Owns how many words tell one letter, also where one of them was misheard.

use super::address::Speller;
use super::role;
use super::token::{Kind, Token};

/// A link of so many bytes is a phrase: "as in", and no word such as "like" or "for".
const PHRASE: usize = 4;
/// Words between a letter and the one that spells it, misheard ones included: "j as the in juliet".
const MOST_LINKS: usize = 3;
/// Words in a row among told letters that are taken for misheard ones: a letter, its link and its
/// word, and one that slipped in.
const MOST_LOST: usize = 4;

impl Speller<'_> {
    /// Whether the token at `at` is a letter, a digit, or a word that spells a letter.
    pub(super) fn tells_letter(&self, at: usize) -> bool {
        let linked = at > 0
            && self
                .token(at - 1)
                .is_some_and(|link| link.entry.is(role::AS_IN));
        self.token(at)
            .is_some_and(|token| is_letter(token) || token.entry.is(role::LETTER) && linked)
    }

    /// How many tokens, from token `at` on, tell one letter by a word: "j as in juliet". One of the
    /// letter, the words between and the word may have been misheard, or not heard. Where letters are
    /// told `among` it, "for juliet" is enough.
    pub(super) fn spells(&self, at: usize, among: bool) -> Option<(u8, usize)> {
        let letter = self.token(at)?;
        let spelling = |token: &Token| {
            token.kind == Kind::Word && token.end > token.start + 1 && token.entry.is(role::LETTER)
        };
        if letter.entry.is(role::AS_IN) && !is_letter(letter) {
            let word = self.token(at + 1).filter(|word| spelling(word))?;
            let sure = among || is_phrase(letter);
            return sure.then_some((word.entry.sign, 2));
        }
        if !is_letter(letter) {
            return None;
        }
        let sign = letter.entry.sign;
        for words in 1..=MOST_LINKS + 1 {
            let word = self.token(at + words)?;
            if word.kind != Kind::Word || is_letter(word) || word.entry.is(role::SIGN) {
                return None;
            }
            let link = self.token(at + 1).filter(|link| link.entry.is(role::AS_IN));
            let begins = self.text.get(word.start).map(u8::to_ascii_lowercase) == Some(sign);
            // "i in ice", "t as a tiger", "s for in summer".
            let over = (1..words).any(|link| {
                self.token(at + link)
                    .is_some_and(|link| link.entry.is(role::AS_IN) || self.is_link(link))
            });
            let loose = among && over && begins && words < MOST_LINKS + 1;
            if loose && word.end > word.start + 1 && !word.entry.is(role::AS_IN) {
                return Some((sign, words + 1));
            }
            let linked = words == 2
                && link.is_some_and(|link| begins || is_phrase(link))
                && word.end > word.start + 1
                && !word.entry.is(role::AS_IN);
            if linked || spelling(word) && word.entry.sign == sign {
                return Some((sign, words + 1));
            }
        }
        None
    }

    /// Whether a word is the half of a link that was heard: "i in ice".
    fn is_link(&self, token: &Token) -> bool {
        let word = self.text.get(token.start..token.end).unwrap_or_default();
        word.eq_ignore_ascii_case(b"in")
    }

    /// How many tokens before token `at` tell one letter by a word.
    pub(super) fn spelled_before(&self, at: usize, floor: usize, among: bool) -> Option<usize> {
        // The usual way first.
        [3, 4, 5, 2].into_iter().find(|count| {
            at >= floor + count
                && self
                    .spells(at - count, among)
                    .is_some_and(|(_, used)| used == *count)
        })
    }

    /// Whether a letter is told by a word before the last three or four tokens before token `at`.
    pub(super) fn is_spelled_up_to(&self, at: usize, floor: usize) -> bool {
        (3..=MOST_LOST).any(|count| {
            at > floor + count && self.spelled_before(at - count, floor, false).is_some()
        })
    }

    /// How many tokens before token `at` were misheard, when letters are told before them too: by a
    /// word each, or by words of an alphabet.
    pub(super) fn misheard_before(&self, at: usize, floor: usize, to: usize) -> Option<usize> {
        (1..=MOST_LOST).find(|lost| {
            let before = at.saturating_sub(*lost);
            before > floor + 1
                && (self.spelled_before(before, floor, true).is_some()
                    || self.in_alphabet(before - 1, to))
        })
    }

    /// How many tokens before token `at` are one name with digits in it, as it is written:
    /// "smith42".
    pub(super) fn written_name(&self, at: usize, floor: usize) -> Option<usize> {
        let mut count = 0;
        let mut behind = None;
        while at > floor + count
            && let Some(token) = self.token(at - count - 1)
            && token.kind == Kind::Wall
            && behind.is_none_or(|behind| token.end == behind)
            && self
                .text
                .get(token.start..token.end)
                .is_some_and(|text| !text.is_empty() && text.iter().all(u8::is_ascii_alphanumeric))
        {
            behind = Some(token.start);
            count += 1;
        }
        let named = behind
            .and_then(|start| self.text.get(start))
            .is_some_and(u8::is_ascii_alphabetic);
        named.then_some(count)
    }

    /// Whether the token at `at`, before token `to`, is one of at least four words in a row that
    /// stand for letters: "juliet alpha november echo".
    pub(super) fn in_alphabet(&self, at: usize, to: usize) -> bool {
        const ENOUGH: usize = 4;
        let stands = |at: &usize| {
            self.token(*at)
                .is_some_and(|token| token.kind == Kind::Word && token.entry.is(role::LETTER))
        };
        if !stands(&at) {
            return false;
        }
        // One of them may have been misheard.
        let run = |next: &mut dyn Iterator<Item = usize>| {
            let (mut count, mut missed) = (0, false);
            let mut next = next.peekable();
            while let Some(at) = next.next() {
                if stands(&at) {
                    count += 1;
                } else if !missed && next.peek().is_some_and(stands) {
                    missed = true;
                } else {
                    break;
                }
            }
            count
        };
        let behind = run(&mut (at + 1..to.min(at + ENOUGH + 1)));
        let before = run(&mut (at.saturating_sub(ENOUGH + 1)..at).rev());
        before + behind + 1 >= ENOUGH
    }

    /// Where the letters begin that spell the word at token `at` again.
    pub(super) fn spelled_word(&self, at: usize, to: usize) -> Option<usize> {
        let token = self.token(at)?;
        let word = self.word(token);
        if token.kind != Kind::Word || word.len() < 3 {
            return None;
        }
        let letters = self.tokens.get(at + 1..to)?.get(..word.len())?;
        let spelled = letters
            .iter()
            .zip(&word)
            .all(|(letter, byte)| is_letter(letter) && letter.entry.sign == *byte);
        spelled.then_some(at + 1)
    }
}

/// Whether a token is a letter by its name: one letter, or the name of one such as "zed".
pub(super) fn is_letter(token: &Token) -> bool {
    token.kind == Kind::Word && token.entry.is(role::LETTER) && token.end == token.start + 1
        || token.kind == Kind::Word
            && token.entry.is(role::LETTER)
            && token.entry.is(role::LETTER_NAME)
}

/// Whether a token is more than one word: "as in", which says little by chance.
fn is_phrase(token: &Token) -> bool {
    token.end > token.start + PHRASE
}
