//! The words of a language and what they may be when a number or an address is told.
//!
//! Owns the tables that `build/spoken.rs` writes and the look-up in them. They are plain statics:
//! nothing is built at start. It must not know text beyond one folded phrase.

use super::{hash, role};

/// What a word or phrase may be: bits of [`super::role`], and the number and sign it stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) roles: u32,
    pub(super) number: u16,
    pub(super) sign: u8,
}

impl Entry {
    /// Whether it has any of `roles`.
    #[inline]
    pub(super) const fn is(&self, roles: u32) -> bool {
        self.roles & roles != 0
    }
}

/// The words of one language.
pub(super) struct Lexicon {
    /// By the hash of a phrase; at most half full, and a zero ends a search.
    slots: &'static [(u64, Entry)],
    /// Bit n: eleven to nineteen are added to n times ten.
    pub(super) wide_tens: u16,
    /// Whether an "and" joins tens and units.
    and_joins_tens: bool,
    /// Regions whose plans are tried for a number told in the language.
    pub(super) regions: &'static [&'static str],
}

include!(concat!(env!("OUT_DIR"), "/spoken.rs"));

/// The languages that `flags` of [`wakes`] ask for, in the order in which they are tried.
pub(super) fn asked(flags: u8) -> impl Iterator<Item = &'static Lexicon> {
    let wakes = role::WAKES_NUMBER.iter().zip(role::WAKES_ADDRESS);
    let asked = wakes.map(move |(number, address)| (number | address) & flags != 0);
    let languages = LEXICONS.iter().zip(asked);
    languages.filter_map(|(lexicon, asked)| asked.then_some(lexicon))
}

impl Lexicon {
    /// Whether tens and units may be joined by a word: "treinta y uno".
    pub(super) fn joins_tens(&self) -> bool {
        self.and_joins_tens
    }

    /// What the phrase is that has the hash `phrase`. The build has seen to it that no two phrases
    /// share one; that another word does is once in 2^50 and then one word misheard.
    #[inline]
    pub(super) fn entry(&self, phrase: u64) -> Option<Entry> {
        let mask = self.slots.len() - 1;
        let mut slot = hash::place(phrase) & mask;
        loop {
            match self.slots.get(slot) {
                Some((known, entry)) if *known == phrase => return Some(*entry),
                Some((0, _)) | None => return None,
                Some(_) => slot = (slot + 1) & mask,
            }
        }
    }
}

/// The languages that a run of letters wakes, as bits of `WAKES_*`; `letters` are its first eight
/// in upper case, little-endian.
#[inline]
pub(in super::super) fn wakes(letters: u64) -> u8 {
    let mask = WAKER_SLOTS.len() - 1;
    let mut slot = hash::place_of_letters(letters) & mask;
    loop {
        let Some(index) = WAKER_SLOTS
            .get(slot)
            .and_then(|index| usize::from(*index).checked_sub(1))
        else {
            return 0;
        };
        match WAKERS.get(index) {
            Some((known, flags)) if *known == letters => return *flags,
            Some(_) => slot = (slot + 1) & mask,
            None => return 0,
        }
    }
}
