//! Special categories (GDPR Art. 9 and 10): words and phrases that tell of health, belief,
//! origin, opinion, union membership, genes, body measures, sex life, orientation or offences.
//!
//! Owns the look-up of terms in text. The terms themselves are data (`patterns/special/`),
//! compiled to the tables in [`table`]. It must not know formats, records or files.
//!
//! Two steps, because the first runs on every word of every file: [`key`] asks a filter of 16 KiB
//! whether a term may begin with a word, and [`at`] follows a tree of phrases from there.

mod context;
mod table;
#[cfg(test)]
mod tests;
mod token;

use std::cmp::Reverse;

use crate::entity::Entity;

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

/// Fewest letters of a key word; a word finder need not report shorter runs.
pub const KEY_MIN: usize = token::KEY_MIN;

/// Whether a term may be looked up by a run of ASCII letters.
///
/// `word` is the first eight of the run in upper case, little-endian, zeros behind a shorter one. A
/// run is as long as it can be: no ASCII letter stands before or behind it. Bytes from 0x80,
/// apostrophes and all else end it, so quotes and dashes of any kind need no care, and an accented
/// word is looked up by one of its runs. There are no misses; a chance pass costs one look-up in
/// [`at`].
#[inline(always)]
#[expect(clippy::inline_always, reason = "runs once a word of every file")]
pub fn key(word: u64) -> bool {
    let (cell, one, other) = token::filter_place(word, table::FILTER_SEED);
    // The index has as many bits as the table has cells, so this never falls back.
    table::FILTER.get(cell).is_some_and(|filter| {
        filter.wrapping_shr(one) & 1 != 0 && filter.wrapping_shr(other) & 1 != 0
    })
}

/// The longest term that is looked up by the run of ASCII letters at byte `run` of `text`.
///
/// A term is looked up by its first word that is not very common: *one night stand* by `stand`.
/// So the hit may begin before `run`, but never before `floor`: the end of the hit before, or 0.
/// Letter case is ignored; the words of a phrase may be separated by one to three blanks, line
/// ends or hyphens. The term must not touch other letters or digits and is left alone in the
/// innocent uses its data lists. A caller that goes on through the text skips the runs before
/// [`TermHit::end`]. Never reads outside `text`, whatever it holds.
pub fn at(text: &[u8], run: usize, floor: usize) -> Option<TermHit> {
    text.get(run).filter(|byte| byte.is_ascii_alphabetic())?;
    let start = token::word_start(text, run).filter(|&start| start >= floor)?;
    Look { text, start, floor }.longest(table::ROOT, start)
}

/// One look-up: the word it began at, and how far back a term may reach.
struct Look<'a> {
    text: &'a [u8],
    start: usize,
    floor: usize,
}

impl Look<'_> {
    /// The longest term that goes on from `node` with the word at byte `from`. A possessive may be
    /// part of a term (`Parkinson's`) or follow it, so both are tried. No deeper than a term has
    /// words.
    fn longest(&self, node: u16, from: usize) -> Option<TermHit> {
        let word = token::read(self.text, from)?;
        let behind = token::next_start(self.text, &word);
        let step = |folded: &[u8]| {
            let next = table::step(node, folded)?;
            let longer = behind.filter(|_| table::goes_on(next));
            longer
                .and_then(|from| self.longest(next, from))
                .or_else(|| self.ends(next, word.end))
        };
        let whole = step(word.folded());
        let bare = word.is_possessive.then(|| step(word.bare())).flatten();
        // The one that ends last, of those the one that begins first.
        let order = |hit: &TermHit| (hit.end, Reverse(hit.start));
        whole.into_iter().chain(bare).max_by_key(order)
    }

    /// The first term that ends at `node` and byte `end` and may stand there.
    fn ends(&self, node: u16, end: usize) -> Option<TermHit> {
        let text = self.text;
        if token::is_letter(text, end) || token::is_digit(text, end) {
            return None;
        }
        table::ends_at(node).iter().find_map(|ending| {
            let start = token::lead_start(text, self.start, self.floor, ending.lead)?;
            let term = table::TERMS.get(usize::from(ending.term))?;
            let small = text.get(start..end)?.iter().any(u8::is_ascii_lowercase);
            let allowed = term.rules.allow(text, start, end) && !is_labelled(text, start);
            if term.upper && small || !allowed {
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
                id: ending.term,
            })
        })
    }
}

/// Whether a label in brackets or a token begins at `start`: what a run has put in the place of a
/// value tells of nobody.
fn is_labelled(text: &[u8], start: usize) -> bool {
    let bracket = start.checked_sub(1).and_then(|before| text.get(before)) == Some(&b'[');
    let rest = text.get(start..).unwrap_or_default();
    let behind = |entity: &Entity| rest.strip_prefix(entity.label().as_bytes());
    Entity::ALL.iter().filter_map(behind).any(|behind| {
        let is_token = |tail: &[u8]| {
            let tail = tail.get(..TOKEN_MIN).unwrap_or_default();
            let written = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
            tail.len() == TOKEN_MIN && tail.iter().all(written)
        };
        match behind {
            [b']', ..] => bracket,
            [b'_', tail @ ..] => is_token(tail),
            _ => false,
        }
    })
}

/// Letters and digits behind a label that make it a token; no word is as long.
const TOKEN_MIN: usize = 16;

/// What the data says of the term `id`, from 0 to the number of terms; `None` behind the last.
pub fn term(id: u16) -> Option<&'static TermInfo> {
    table::TERMS.get(usize::from(id)).map(|term| &term.info)
}

/// Every term of `text` in order, none overlapping: the plain way, one byte after the other.
///
/// For short texts and as the measure of faster word finders.
pub fn find_iter(text: &[u8]) -> impl Iterator<Item = TermHit> + '_ {
    let (mut from, mut floor) = (0, 0);
    std::iter::from_fn(move || {
        while from < text.len() {
            let run = text.get(from..)?;
            let len = run.iter().take_while(|b| b.is_ascii_alphabetic()).count();
            let at_run = from;
            from += len.max(1);
            if len < KEY_MIN || !key(token::filter_word(&run[..len])) {
                continue;
            }
            if let Some(hit) = at(text, at_run, floor) {
                (from, floor) = (hit.end, hit.end);
                return Some(hit);
            }
        }
        None
    })
}
