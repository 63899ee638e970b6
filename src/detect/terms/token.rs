//! Words of a text as the special-category tables see them, and the hashes that find them.
//!
//! Owns what a word, a gap between words and a letter case are. The build script includes this
//! file, so a table and the text that is looked up in it are folded and hashed by one code.
//! It must not know terms or categories.

/// Fewest ASCII letters in a row by which a term is looked up.
pub(super) const KEY_MIN: usize = 3;

/// Longest word of a term in bytes, folded; a longer word in a text matches nothing.
pub(super) const WORD_MAX: usize = 24;

/// Most separators between two words of a phrase: a line wrap with some indentation.
const GAP_MAX: usize = 3;

/// Bits of the first-word filter, as a power of two: 16 KiB, half of the smallest L1 cache. With half
/// of that no multiplier keeps all common words out of the key words of four languages.
pub(super) const FILTER_BITS: u32 = 17;

/// Odd multipliers with well-spread bits (the golden ratio and a splitmix64 constant).
pub(super) const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;
const STIR: u64 = 0xBF58_476D_1CE4_E5B9;

/// Where a word stands in the first-word filter: the index of its 64-bit cell, and the two bits
/// in that cell (of their numbers the lowest six bits) that are both set when a term may be looked
/// up by the word.
///
/// `word` is its first eight ASCII letters in upper case, little-endian, zeros behind a shorter
/// one. `seed` is the odd multiplier the filter was built with. The second bit is asked only where
/// the first is set: two bits of one cell cost one load and make a chance pass twenty times rarer.
#[inline(always)]
#[allow(clippy::inline_always, reason = "runs once a word of every file")]
pub(super) const fn filter_place(word: u64, seed: u64) -> (usize, u32, u32) {
    let mixed = word.wrapping_mul(seed);
    let place = (mixed >> (64 - FILTER_BITS)) as usize;
    (place >> 6, place as u32, (mixed >> 40) as u32)
}

/// The first eight letters of `word`, as [`filter_place`] takes them; `word` is ASCII letters.
pub(super) fn filter_word(word: &[u8]) -> u64 {
    let mut bytes = [0u8; 8];
    for (to, from) in bytes.iter_mut().zip(word) {
        *to = from.to_ascii_uppercase();
    }
    u64::from_le_bytes(bytes)
}

/// One word: letters and inner apostrophes, or a run of digits.
///
/// Letters are folded (ASCII, Latin-1 and Latin Extended-A) and apostrophes left out, so that
/// `Parkinson's`, `PARKINSON’S` and `parkinsons` are one word.
pub(super) struct Word {
    folded: [u8; WORD_MAX],
    len: usize,
    /// Byte offset behind the word in the text it was read from.
    pub(super) end: usize,
    /// A run of digits.
    pub(super) is_number: bool,
    /// Ends in an apostrophe and `s`.
    pub(super) is_possessive: bool,
}

impl Word {
    /// The folded bytes; empty for a word longer than [`WORD_MAX`].
    pub(super) fn folded(&self) -> &[u8] {
        self.folded.get(..self.len).unwrap_or_default()
    }

    /// The folded bytes without a possessive `s`.
    pub(super) fn bare(&self) -> &[u8] {
        let folded = self.folded();
        if self.is_possessive {
            folded.strip_suffix(b"s").unwrap_or(folded)
        } else {
            folded
        }
    }

    fn push(&mut self, bytes: &[u8]) {
        let end = self.len + bytes.len();
        match self.folded.get_mut(self.len..end) {
            Some(room) => {
                room.copy_from_slice(bytes);
                self.len = end;
            }
            // Past the limit for good: no slice of the array is this long.
            None => self.len = WORD_MAX + 1,
        }
    }
}

/// Reads the word that begins at byte `at`; `None` when neither a letter nor a digit is there.
pub(super) fn read(text: &[u8], at: usize) -> Option<Word> {
    let mut word = Word {
        folded: [0; WORD_MAX],
        len: 0,
        end: at,
        is_number: text.get(at)?.is_ascii_digit(),
        is_possessive: false,
    };
    if word.is_number {
        while let Some(digit) = text.get(word.end).filter(|b| b.is_ascii_digit()) {
            word.push(&[*digit]);
            word.end += 1;
        }
        return Some(word);
    }
    loop {
        // Most words are letters of ASCII, and no apostrophe stands between two of them.
        while let Some(plain) = text.get(word.end).filter(|b| b.is_ascii_alphabetic()) {
            if let Some(room) = word.folded.get_mut(word.len) {
                *room = plain | 0x20;
                word.len += 1;
            } else {
                word.len = WORD_MAX + 1;
            }
            word.end += 1;
        }
        let mut goes_on = false;
        if let Some(other) = letter(text, word.end) {
            word.push(other.folded());
            word.end += other.width;
            goes_on = true;
        }
        let quote = if word.end > at {
            apostrophe(text, word.end)
        } else {
            0
        };
        if quote > 0 && is_letter(text, word.end + quote) {
            word.end += quote;
            let s = text.get(word.end).is_some_and(|b| b | 0x20 == b's');
            word.is_possessive = s && !is_letter(text, word.end + 1);
            goes_on = true;
        }
        if !goes_on {
            break;
        }
    }
    (word.end > at).then_some(word)
}

/// Where the next word of a phrase begins after `word`: behind one to three spaces, tabs, line
/// ends (CR LF counts once), hyphens or no-break spaces, or at once for digits after letters
/// (`covid19`). `None` when anything else is there.
pub(super) fn next_start(text: &[u8], word: &Word) -> Option<usize> {
    let at = gap_end(text, word);
    if at == word.end {
        return (!word.is_number && is_digit(text, at)).then_some(at);
    }
    (is_digit(text, at) || is_letter(text, at)).then_some(at)
}

/// The end of the one to three separators behind `word`; its own end when there is none.
fn gap_end(text: &[u8], word: &Word) -> usize {
    let mut at = word.end;
    if word.folded().ends_with(b"s") {
        // A plural possessive: `nurses' union`.
        at += apostrophe(text, at);
    }
    let gap = at;
    for _ in 0..GAP_MAX {
        at += separator(text, at);
    }
    if at > gap { at } else { word.end }
}

/// Bytes of the separator at `at`, 0 when there is none.
pub(super) fn separator(text: &[u8], at: usize) -> usize {
    match text.get(at..).unwrap_or_default() {
        [b'\r', b'\n', ..] => 2,
        [b' ' | b'\t' | b'\n' | b'\r' | b'-', ..] => 1,
        [0xC2, 0xA0, ..] => 2,                     // no-break space
        [0xE2, 0x80, 0x90 | 0x91 | 0xAF, ..] => 3, // hyphen, no-break hyphen, narrow no-break space
        _ => 0,
    }
}

/// Where the word begins that has an ASCII letter at byte `at`: behind the nearest byte before it
/// that is no letter. An apostrophe is none here, so that `l'insulin` begins at `insulin`. `None`
/// when the word follows a digit or is longer than any term's.
pub(super) fn word_start(text: &[u8], at: usize) -> Option<usize> {
    let mut start = at;
    while start > 0 && at - start <= WORD_MAX {
        match char_before(text, start) {
            Some(before) if is_letter(text, before) => start = before,
            _ => return (!is_digit(text, start - 1)).then_some(start),
        }
    }
    (start == 0).then_some(0)
}

/// Where `lead` (folded words joined by single spaces) begins when it stands directly before byte
/// `start`, none of it before byte `floor`.
pub(super) fn lead_start(text: &[u8], start: usize, floor: usize, lead: &str) -> Option<usize> {
    if lead.is_empty() {
        return Some(start);
    }
    if !may_end(text, start, lead) {
        return None;
    }
    // Its words may have apostrophes, and its gaps a few bytes more than one.
    let reach = 2 * lead.len() + 3 * GAP_MAX;
    (floor.max(start.saturating_sub(reach))..start)
        .rev()
        .find(|&from| {
            let mut at = from;
            !follows_word(text, from)
                && lead.split(' ').all(|expected| match read(text, at) {
                    Some(word) if word.folded() == expected.as_bytes() => next_start(text, &word)
                        .is_some_and(|next| {
                            at = next;
                            next <= start
                        }),
                    _ => false,
                })
                && at == start
        })
}

/// Whether `lead` may end before byte `start`, by its letters from behind: most words end otherwise.
/// True where something is not ASCII or an apostrophe, which may belong to a word or to a gap.
fn may_end(text: &[u8], start: usize, lead: &str) -> bool {
    let mut before = text.get(..start).unwrap_or_default();
    let gap = |byte: u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'-');
    let mut expected = lead.bytes().rev();
    let mut next = expected.next();
    loop {
        // Before the term, and where the lead has a space, as much as a gap may have.
        let mut room = 2 * GAP_MAX;
        while let [rest @ .., last] = before
            && gap(*last)
            && room > 0
        {
            (before, room) = (rest, room - 1);
        }
        while let Some(letter) = next.filter(|letter| *letter != b' ') {
            match before {
                [rest @ .., last] if last | 0x20 == letter && last.is_ascii_alphanumeric() => {
                    (before, next) = (rest, expected.next());
                }
                [.., last] => return !last.is_ascii() || *last == b'\'',
                [] => return false,
            }
        }
        if next.is_none() {
            return true;
        }
        next = expected.next();
    }
}

/// Whether a letter begins at byte `at`.
pub(super) fn is_letter(text: &[u8], at: usize) -> bool {
    letter(text, at).is_some()
}

/// Whether a digit is at byte `at`.
pub(super) fn is_digit(text: &[u8], at: usize) -> bool {
    text.get(at).is_some_and(u8::is_ascii_digit)
}

/// Whether a letter or a digit ends just before byte `at`.
pub(super) fn follows_word(text: &[u8], at: usize) -> bool {
    char_before(text, at).is_some_and(|start| is_letter(text, start) || is_digit(text, start))
}

/// Where the character begins that ends just before byte `at`; `None` at the start of the text
/// and outside it.
fn char_before(text: &[u8], at: usize) -> Option<usize> {
    let before = text.get(..at)?;
    let last = at.checked_sub(1)?;
    let back = before
        .iter()
        .rev()
        .take(4)
        .position(|b| b & 0xC0 != 0x80)
        .unwrap_or(0);
    let start = last - back;
    // Continuation bytes behind a byte that does not announce them are characters of their own.
    let whole = char_width(before, start) == at - start;
    Some(if whole { start } else { last })
}

/// Bytes of the apostrophe at `at` (`'` or `’`), 0 when there is none.
fn apostrophe(text: &[u8], at: usize) -> usize {
    match text.get(at..).unwrap_or_default() {
        [b'\'', ..] => 1,
        [0xE2, 0x80, 0x99, ..] => 3,
        _ => 0,
    }
}

/// One letter: its bytes in the text and its folded bytes (as many).
struct Letter {
    bytes: [u8; 4],
    width: usize,
}

impl Letter {
    fn folded(&self) -> &[u8] {
        self.bytes.get(..self.width).unwrap_or_default()
    }
}

fn letter(text: &[u8], at: usize) -> Option<Letter> {
    let first = *text.get(at)?;
    if first.is_ascii() {
        let bytes = [first | 0x20, 0, 0, 0];
        return first
            .is_ascii_alphabetic()
            .then_some(Letter { bytes, width: 1 });
    }
    let width = char_width(text, at);
    let read = text
        .get(at..at + width)
        .and_then(|bytes| std::str::from_utf8(bytes).ok());
    let mut bytes = [first, 0, 0, 0];
    match read.and_then(|s| s.chars().next()) {
        // Not UTF-8: some letter of another character set, which no term contains.
        None => Some(Letter { bytes, width: 1 }),
        Some(c) if c.is_alphabetic() || matches!(c, '\u{300}'..='\u{36F}') => {
            fold(c).encode_utf8(&mut bytes);
            Some(Letter { bytes, width })
        }
        Some(_) => None,
    }
}

/// Bytes of the character that the byte at `at` announces.
fn char_width(text: &[u8], at: usize) -> usize {
    match text.get(at) {
        Some(0xC2..=0xDF) => 2,
        Some(0xE0..=0xEF) => 3,
        Some(0xF0..=0xF4) => 4,
        _ => 1,
    }
}

/// Simple case folding of Latin-1 and Latin Extended-A; every pair has the same encoded length.
/// Other letters stay as they are.
pub(super) fn fold(c: char) -> char {
    let code = c as u32;
    let folded = match code {
        0xC0..=0xD6 | 0xD8..=0xDE => code + 0x20,
        // Dotted and dotless i fold to ASCII in no language-neutral way.
        0x130 | 0x131 => code,
        0x100..=0x137 | 0x14A..=0x177 => code | 1,
        0x139..=0x148 | 0x179..=0x17E => code + (code & 1),
        0x178 => 0xFF,
        _ => code,
    };
    char::from_u32(folded).unwrap_or(c)
}

/// Hash of the step from a node of the phrase tree along a word.
pub(super) fn step_hash(node: u16, word: &[u8]) -> u64 {
    let mut hash = u64::from(node).wrapping_mul(STIR);
    for chunk in word.chunks(8) {
        let mut bytes = [0u8; 8];
        for (to, from) in bytes.iter_mut().zip(chunk) {
            *to = *from;
        }
        hash = (hash ^ u64::from_le_bytes(bytes)).wrapping_mul(SPREAD);
        hash ^= hash >> 29;
    }
    hash.wrapping_mul(STIR) >> 32
}
