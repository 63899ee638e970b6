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
        let behind = (at + 1..to.min(at + ENOUGH)).take_while(stands).count();
        let before = (at.saturating_sub(ENOUGH)..at)
            .rev()
            .take_while(stands)
            .count();
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
