//! Compiles what words do where one piece of talk ends and the next begins to the table of
//! `src/view/talk.rs`.

use std::collections::BTreeMap;

use super::{Entry, role};

/// What words do where one piece of talk ends and the next begins, in all languages: the table of
/// `src/view/talk.rs`.
#[derive(Default)]
pub(super) struct Borders {
    words: BTreeMap<String, u8>,
}

impl Borders {
    /// Bits of `src/view/talk.rs`.
    const ENDS: u8 = 1;
    const BEGINS: u8 = 2;
    const BETWEEN: u8 = 4;
    const SIGN: u8 = 8;
    const SPELLS: u8 = 16;
    const OPENS: u8 = 32;
    const LETTER: u8 = 64;
    /// Bytes of the longest word.
    const LONGEST: usize = 16;

    /// Adds what a phrase is at a border.
    pub(super) fn add(&mut self, phrase: &str, entry: &Entry) {
        let ends = role::NUMBER | role::PLURAL | role::TIMES | role::SCALE | role::SIGN;
        let mut is = 0;
        let zero = entry.roles & role::WEAK != 0 && entry.number == 0;
        if entry.roles & ends != 0 || zero {
            is |= Self::ENDS;
        }
        if entry.roles & role::SIGN != 0 {
            is |= if entry.sign == b'@' {
                Self::BEGINS
            } else {
                Self::OPENS
            };
            // "point" and "minus" stand in many sentences.
            let plain = [
                "dot",
                "underscore",
                "hyphen",
                "dash",
                "guion",
                "guión",
                "tiret",
            ];
            let plain = plain.contains(&phrase);
            is |= if plain { Self::SIGN } else { 0 };
        }
        if entry.roles & role::LETTER != 0 && phrase.len() > 1 {
            is |= Self::LETTER;
        }
        if entry.roles & (role::FILLER | role::SPELLING) != 0 && entry.roles & ends == 0 {
            is |= Self::BETWEEN;
        }
        if is == 0 {
            return;
        }
        // Of a phrase each word may stand alone: "mm hm".
        for word in phrase.split(' ') {
            let whole = word == phrase;
            // "at sign": a sign may be said in two words.
            let last = phrase.ends_with(word);
            let kept = Self::BETWEEN | if last { Self::ENDS } else { 0 };
            let bits = if whole { is } else { is & kept };
            if bits != 0 && word.len() <= Self::LONGEST {
                *self.words.entry(word.to_owned()).or_default() |= bits;
            }
        }
    }

    fn finish(&mut self) {
        // "the last four": a digit is no filler.
        for is in self.words.values_mut() {
            if *is & Self::ENDS != 0 {
                *is &= !Self::BETWEEN;
            }
        }
        for letter in b'b'..=b'z' {
            let letter = char::from(letter).to_string();
            if letter != "i" {
                *self.words.entry(letter).or_default() |= Self::ENDS | Self::SPELLS;
            }
        }
    }

    /// The table, as code.
    pub(super) fn write(&mut self) -> String {
        self.finish();
        let size = (self.words.len() * 3).next_power_of_two();
        let (mut marks, mut borders) = (vec![0u32; size], vec![0u8; size]);
        for (word, is) in &self.words {
            let mut bytes = [0u8; Self::LONGEST];
            for (to, from) in bytes.iter_mut().zip(word.bytes()) {
                *to = from;
            }
            // As `src/view/talk.rs` looks it up.
            let folded = u128::from_le_bytes(bytes) | (u128::MAX / 0xFF * 0x20);
            let mixed = (folded as u64 ^ (folded >> 64) as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            let mut slot = (mixed >> 20) as usize % size;
            while marks[slot] != 0 {
                slot = (slot + 1) % size;
            }
            (marks[slot], borders[slot]) = ((mixed >> 32) as u32 | 1, *is);
        }
        format!(
            "/// Hashes of words, a zero ends a search, and what they are.\n\
             static MARKS: [u32; {size}] = {marks:?};\n\
             static BORDERS: [u8; {size}] = {borders:?};\n"
        )
    }
}
