//! Special categories (GDPR Art. 9 and 10): words and phrases that tell of health, belief,
//! origin, opinion, union membership, genes, body measures, sex life, orientation or offences.
//!
//! Owns the look-up of terms in text. The terms themselves are data (`patterns/special/`),
//! compiled to the tables in [`table`]. It must not know formats, records or files.
//!
//! Two steps, because the first runs on every word of every file: [`key`] asks a filter of 8 KiB
//! whether a term may begin with a word, and [`at`] follows a tree of phrases from there.

mod context;
mod table;
#[cfg(test)]
mod tests;
mod token;

use crate::entity::Entity;

/// Most words in a term.
pub const WORDS_MAX: usize = table::WORDS_MAX;

/// A term found in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TermHit {
    /// Byte offset of its first letter.
    pub start: usize,
    /// Byte offset behind its last letter; a possessive `'s` belongs to it.
    pub end: usize,
    /// The category it tells of.
    pub entity: Entity,
    /// Confidence in hundredths, 50 to 99.
    pub percent: u8,
    /// The term, for [`term`].
    pub id: u16,
}

/// What the data says of a term; for lists and explanations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TermInfo {
    /// The term as the data spells its first form.
    pub text: &'static str,
    /// ISO 639-1 code of its language.
    pub lang: &'static str,
    /// The category it tells of.
    pub entity: Entity,
    /// Confidence in hundredths.
    pub percent: u8,
}

/// Whether a term may begin with the word that starts with the bytes `word`.
///
/// `word` is the eight bytes from the word's start, little-endian; what lies behind a shorter
/// word may be anything. `len` is the word's length in bytes, at least 1, and may count an inner
/// apostrophe and what follows it or stop before it. Words begin at a letter (A-Z, a-z) or a
/// byte from 0x80 that no such byte or digit precedes. There are no misses; a chance pass costs
/// one look-up in [`at`].
#[inline(always)]
#[expect(clippy::inline_always, reason = "runs once a word of every file")]
pub fn key(word: u64, len: usize) -> bool {
    let (cell, bits) = token::filter_place(word, len);
    // The index has as many bits as the table has cells, so this never falls back.
    table::FILTER
        .get(cell)
        .is_some_and(|filter| filter & bits == bits)
}

/// The longest term that begins at byte `start` of `text`.
///
/// Letter case is ignored; the words of a phrase may be separated by one to three blanks, line
/// ends or hyphens. The term must not touch other letters or digits and is left alone in the
/// innocent uses its data lists. A caller that goes on through the text skips the word starts
/// before [`TermHit::end`]. Never reads outside `text`, whatever it holds.
pub fn at(text: &[u8], start: usize) -> Option<TermHit> {
    if token::follows_word(text, start) {
        return None;
    }
    let mut ends = [(0u16, 0usize); WORDS_MAX];
    let mut found = 0;
    let mut node = table::ROOT;
    let mut from = start;
    while let Some(word) = token::read(text, from) {
        let Some(next) = table::step(node, word.folded()).or_else(|| {
            let bare = word.is_possessive.then(|| word.bare())?;
            table::step(node, bare)
        }) else {
            break;
        };
        node = next;
        let closed = !token::is_letter(text, word.end) && !token::is_digit(text, word.end);
        if let (Some(term), true) = (table::term_of(node), closed) {
            if let Some(room) = ends.get_mut(found) {
                *room = (term, word.end);
                found += 1;
            }
        }
        match token::next_start(text, &word) {
            Some(next) if table::goes_on(node) => from = next,
            _ => break,
        }
    }
    ends.iter()
        .take(found)
        .rev()
        .find_map(|&(id, end)| hit(text, start, end, id))
}

fn hit(text: &[u8], start: usize, end: usize, id: u16) -> Option<TermHit> {
    let term = table::TERMS.get(usize::from(id))?;
    let shouted = !text.get(start..end)?.iter().any(u8::is_ascii_lowercase);
    if term.upper && !shouted || !term.rules.allow(text, start, end) {
        return None;
    }
    let TermInfo {
        entity, percent, ..
    } = term.info;
    Some(TermHit {
        start,
        end,
        entity,
        percent,
        id,
    })
}

/// What the data says of the term `id`, from 0 to the number of terms; `None` behind the last.
pub fn term(id: u16) -> Option<&'static TermInfo> {
    table::TERMS.get(usize::from(id)).map(|term| &term.info)
}

/// Word starts inside `start..end`, a word with bytes from 0x80: where a letter follows a
/// character that is none, such as a typographic quote, a dash or a no-break space.
///
/// The word finder takes every byte from 0x80 for a letter, so `“diabetes”` is one word to it.
/// Each start given here deserves an [`at`] without asking [`key`]; so does `start` itself.
pub fn inner_starts(text: &[u8], start: usize, end: usize) -> impl Iterator<Item = usize> + '_ {
    let word = text.get(..end).unwrap_or_default();
    (start..word.len()).filter(move |&at| {
        token::is_letter(word, at)
            && (word.get(at).is_some_and(|b| b & 0xC0 != 0x80))
            && !token::follows_word(word, at)
    })
}

/// Every term of `text` in order, none overlapping: the plain way, one byte after the other.
///
/// For short texts and as the measure of faster word finders.
pub fn find_iter(text: &[u8]) -> impl Iterator<Item = TermHit> + '_ {
    let mut from = 0;
    std::iter::from_fn(move || {
        while let Some(&byte) = text.get(from) {
            if !is_word_byte(byte) {
                from += 1;
                continue;
            }
            let len = text[from..]
                .iter()
                .take_while(|&&b| is_word_byte(b))
                .count();
            let end = from + len;
            let plain = text[from..end].is_ascii();
            let mut word = [0u8; 8];
            for (to, byte) in word.iter_mut().zip(&text[from..]) {
                *to = *byte;
            }
            let found = if plain {
                if key(u64::from_le_bytes(word), len) {
                    at(text, from)
                } else {
                    None
                }
            } else {
                inner_starts(text, from, end).find_map(|start| at(text, start))
            };
            from = found.map_or(end, |hit| hit.end);
            if found.is_some() {
                return found;
            }
        }
        None
    })
}

const fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte >= 0x80
}
