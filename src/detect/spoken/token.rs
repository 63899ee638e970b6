//! Cuts talk into words, numerals and breaks, and asks a lexicon what each is.
//!
//! Owns what a word is (letters with an apostrophe dropped, folded), where a turn or a line breaks
//! the talk, and which signs no value goes over. It must not know values.

use super::hash;
use super::lexicon::{Entry, Lexicon};
use super::role::{self, TELLS};
use crate::view::talk;

/// Most words of a phrase.
const WORDS_MAX: usize = 5;
/// Longest speaker's name, with a time before it, at the start of a line.
const LABEL_MAX: usize = 48;
/// Most words of it.
const LABEL_WORDS: usize = 5;
/// Longest tag.
const TAG_MAX: usize = 64;

/// The kind of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A word, a phrase of the lexicon, or a sign such as `@`.
    Word,
    /// Digits.
    Numeral,
    /// A word of a speaker's name or a key before a colon.
    Label,
    /// What no value goes over, though what is said before it may speak for what follows: a blank
    /// line, a time, an amount in digits.
    Wall,
    /// What nothing goes over: the end of a string, of a field.
    Stop,
}

/// A word, a phrase, a numeral or a break.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) kind: Kind,
    pub(super) entry: Entry,
    /// A comma, a full stop or the like stands before it.
    pub(super) pause: bool,
    /// A line or a turn ends before it.
    pub(super) turn: bool,
    /// A blank or nothing but a hyphen parts it from the one before.
    pub(super) close: bool,
}

/// A token before the lexicon is asked.
#[derive(Clone, Copy)]
struct Raw {
    start: usize,
    end: usize,
    kind: Kind,
    /// The hash of its folded bytes.
    hash: u64,
    /// The letter that it is all of.
    letter: Option<u8>,
    pause: bool,
    turn: bool,
}

/// Memory reused from stretch to stretch.
#[derive(Default)]
pub(super) struct Tokens {
    raw: Vec<Raw>,
    /// Where the cutting goes on, and what stands before the next token.
    at: usize,
    pause: bool,
    turn: bool,
    /// What is not left out.
    kept: Vec<Raw>,
    /// What [`Tokens::name`] gave.
    pub(super) list: Vec<Token>,
    /// What of it does not change with what is cut next.
    settled: Settled,
}

/// How much of each list is settled: up to where the last turn begins, or a phrase before it.
#[derive(Clone, Copy, Default)]
struct Settled {
    raw: usize,
    kept: usize,
    list: usize,
    /// What is kept of which the list tells.
    kept_named: usize,
    /// A turn ends before what is kept next.
    turned: bool,
}

impl Tokens {
    /// Begins to cut `text` at `from`, between words.
    pub(super) fn begin(&mut self, from: usize) {
        self.raw.clear();
        (self.at, self.pause, self.turn) = (from, false, false);
        self.forget();
    }

    /// Forgets what the tokens were in a language.
    pub(super) fn forget(&mut self) {
        self.settled = Settled::default();
    }

    /// Goes on up to `to`, between words, or until there are `most` tokens; whether it came there.
    pub(super) fn cut(&mut self, text: &[u8], to: usize, most: usize) -> bool {
        let mut cutter = Cutter {
            text,
            at: self.at,
            to: to.min(text.len()),
            pause: self.pause,
            turn: self.turn,
            tokens: self,
        };
        if cutter.at == 0 {
            cutter.label();
        }
        while cutter.at < cutter.to && cutter.tokens.raw.len() < most {
            cutter.next();
        }
        let (at, pause, turn) = (cutter.at, cutter.pause, cutter.turn);
        (self.at, self.pause, self.turn) = (at, pause, turn);
        at >= to.min(text.len())
    }

    /// Fills the list with what the tokens are in a language, the same as before unless they were
    /// forgotten. Left out are speakers' names, and turns in which nothing but agreement is said:
    /// what is told goes on over them.
    pub(super) fn name(&mut self, text: &[u8], lexicon: &Lexicon) {
        let mut at = self.settled.kept_named;
        self.leave_out_turns(text, lexicon);
        let Tokens {
            kept,
            list,
            settled,
            ..
        } = self;
        list.truncate(settled.list);
        let fresh = list.len();
        while let Some(first) = kept.get(at) {
            // A phrase may go on over what is not settled.
            if at + WORDS_MAX < settled.kept {
                (settled.list, settled.kept_named) = (list.len(), at);
            }
            let mut token = Token {
                start: first.start,
                end: first.end,
                kind: first.kind,
                entry: Entry::default(),
                pause: first.pause,
                turn: first.turn,
                close: true,
            };
            let mut used = 1;
            if matches!(first.kind, Kind::Word | Kind::Label) {
                token.entry = named(lexicon, first);
                if token.entry.is(role::LEADS)
                    && let Some((entry, words)) = phrase(lexicon, kept, at)
                    && let Some(last) = kept.get(at + words - 1)
                {
                    token.entry = entry;
                    token.end = last.end;
                    used = words;
                }
                if first.kind == Kind::Label {
                    // A speaker's number or initial is no part of what is said.
                    token.entry.roles &= TELLS;
                } else if word_is_sign(text, first) {
                    let sign = text.get(first.start).copied().unwrap_or_default();
                    token.entry = Entry {
                        roles: role::SIGN | if sign == b'+' { role::PLUS } else { 0 },
                        number: 0,
                        sign,
                    };
                }
            }
            list.push(token);
            at += used;
        }
        let mut behind = fresh.checked_sub(1).map_or(0, |last| list[last].end);
        for token in list.iter_mut().skip(fresh) {
            // Nothing else is asked for it.
            if token.kind == Kind::Numeral || token.entry.is(role::IN_NUMBERS) {
                let blank = |gap: &[u8]| gap.iter().all(|b| b" -()".contains(b));
                token.close = token.turn || text.get(behind..token.start).is_some_and(blank);
            }
            behind = token.end;
        }
    }

    /// Copies what is not left out.
    fn leave_out_turns(&mut self, text: &[u8], lexicon: &Lexicon) {
        let Tokens {
            raw, kept, settled, ..
        } = self;
        kept.truncate(settled.kept);
        let (mut at, mut turned) = (settled.raw, settled.turned);
        while let Some(first) = raw.get(at) {
            (settled.raw, settled.kept, settled.turned) = (at, kept.len(), turned);
            let rest = raw.get(at + 1..).unwrap_or_default();
            let len = 1 + rest.iter().take_while(|raw| !raw.turn).count();
            let turn = raw.get(at..at + len).unwrap_or_default();
            let said = turn.last().and_then(|last| text.get(first.start..last.end));
            let agrees = first.turn
                && at + len < raw.len()
                && turn.iter().all(|raw| raw.kind == Kind::Word)
                && said.is_some_and(talk::agrees);
            at += len;
            turned |= first.turn;
            if agrees {
                continue;
            }
            let begin = kept.len();
            if turn.iter().any(|raw| raw.kind == Kind::Label) {
                let speaks = |raw: &&Raw| raw.kind != Kind::Label || named(lexicon, raw).is(TELLS);
                kept.extend(turn.iter().filter(speaks));
            } else {
                kept.extend_from_slice(turn);
            }
            if let Some(first) = kept.get_mut(begin) {
                first.turn = turned;
                turned = false;
            }
        }
    }
}

/// What one word is.
fn named(lexicon: &Lexicon, raw: &Raw) -> Entry {
    let mut entry = lexicon.entry(hash::join(0, raw.hash)).unwrap_or_default();
    if let Some(letter) = raw.letter {
        entry.roles |= role::LETTER;
        if entry.sign == 0 {
            entry.sign = letter;
        }
    }
    entry
}

fn word_is_sign(text: &[u8], raw: &Raw) -> bool {
    raw.end == raw.start + 1 && matches!(text.get(raw.start), Some(b'@' | b'_' | b'+' | b'.'))
}

/// The longest phrase of the lexicon that begins with the word `at`, and how many words it has.
fn phrase(lexicon: &Lexicon, raw: &[Raw], at: usize) -> Option<(Entry, usize)> {
    let first = raw.get(at)?;
    let is_letter = |at: usize| raw.get(at).is_some_and(|raw| raw.letter.is_some());
    let letter_before = at > 0 && is_letter(at - 1);
    let mut letters = is_letter(at);
    let mut key = hash::join(0, first.hash);
    let mut best = None;
    for words in 2..=WORDS_MAX {
        let Some(last) = raw
            .get(at + words - 1)
            .filter(|last| last.kind == first.kind)
        else {
            break;
        };
        key = hash::join(key, last.hash);
        let Some(entry) = lexicon.entry(key) else {
            break;
        };
        letters &= last.letter.is_some();
        // "p m" among other letters is spelled.
        let spelled = letters && (letter_before || is_letter(at + words));
        if !spelled && entry.roles != role::LEADS {
            best = Some((entry, words));
        }
        if !entry.is(role::LEADS) {
            break;
        }
    }
    best
}

struct Cutter<'a> {
    text: &'a [u8],
    at: usize,
    to: usize,
    tokens: &'a mut Tokens,
    pause: bool,
    turn: bool,
}

impl Cutter<'_> {
    fn next(&mut self) {
        let Some(&byte) = self.text.get(self.at) else {
            self.at = self.to;
            return;
        };
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => self.word(Kind::Word),
            // Dashes, quotation marks and dots beyond ASCII.
            0xE2 if self.text.get(self.at + 1) == Some(&0x80) => {
                self.pause = true;
                self.at += 3;
            }
            0xC3..=0xDF | 0xE1..=0xF4 => self.word(Kind::Word),
            b'0'..=b'9' => self.numeral(),
            b' ' | b'\r' | b'\'' | b'(' | b')' | b'/' => self.at += 1,
            b'-' => self.at += 1,
            b'.' if self.written_dot() => self.push(Kind::Word, self.at, self.at + 1),
            b',' | b'.' | b'?' | b'!' | b';' | b':' => {
                self.pause = true;
                self.at += 1;
            }
            b'\n' => self.line(),
            b'@' | b'_' | b'+' => self.push(Kind::Word, self.at, self.at + 1),
            b'<' => self.tag(),
            b'$' | 0 => self.push(Kind::Wall, self.at, self.at + 1),
            0xC2 if self.text.get(self.at + 1) == Some(&0xA0) => self.at += 2,
            0x80.. => self.push(Kind::Wall, self.at, self.at + 1),
            _ => self.push(Kind::Stop, self.at, self.at + 1),
        }
    }

    /// Whether the dot here stands in a name as recognisers write it: "at example.com", and not
    /// between single letters, as in "p.m.".
    fn written_dot(&self) -> bool {
        let letter = |at: Option<usize>| {
            at.and_then(|at| self.text.get(at))
                .is_some_and(u8::is_ascii_alphanumeric)
        };
        let (before, behind) = (self.at.checked_sub(1), Some(self.at + 1));
        let next_is_word = self
            .text
            .get(self.at + 1)
            .is_some_and(u8::is_ascii_alphabetic);
        letter(before)
            && next_is_word
            && (letter(self.at.checked_sub(2)) || letter(behind.map(|at| at + 1)))
    }

    fn push(&mut self, kind: Kind, start: usize, end: usize) {
        self.tokens.raw.push(Raw {
            start,
            end,
            kind,
            hash: 0,
            letter: None,
            pause: self.pause,
            turn: self.turn,
        });
        (self.pause, self.turn) = (false, false);
        self.at = end;
    }

    /// Takes a word of nothing but letters of ASCII, as most are; false when it is none.
    fn plain_word(&mut self, kind: Kind) -> bool {
        let start = self.at;
        let rest = self.text.get(start..).unwrap_or_default();
        let mut folded = hash::EMPTY;
        let mut len = 0;
        let behind = loop {
            match rest.get(len) {
                Some(byte) if byte.is_ascii_alphabetic() => {
                    folded = hash::letter(folded, byte | 0x20);
                    len += 1;
                }
                behind => break behind.copied().unwrap_or(b' '),
            }
        };
        if len == 0 || behind >= 0x80 || behind == b'\'' || behind.is_ascii_digit() {
            return false;
        }
        self.push(kind, start, start + len);
        if let Some(last) = self.tokens.raw.last_mut() {
            last.hash = folded;
            last.letter = rest
                .first()
                .filter(|_| len == 1)
                .map(|letter| letter | 0x20);
        }
        true
    }

    fn word(&mut self, kind: Kind) {
        let start = self.at;
        if self.plain_word(kind) {
            return;
        }
        let mut folded = hash::EMPTY;
        let mut push = |byte| folded = hash::letter(folded, byte);
        let (mut at, mut end) = (start, start);
        while let Some(&byte) = self.text.get(at) {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' => {
                    push(byte | 0x20);
                    at += 1;
                    end = at;
                }
                b'\'' if self.text.get(at + 1).is_some_and(u8::is_ascii_alphabetic) => at += 1,
                0xE2 if self.text.get(at + 1) == Some(&0x80) => {
                    let apostrophe = self.text.get(at + 2) == Some(&0x99)
                        && self.text.get(at + 3).is_some_and(u8::is_ascii_alphabetic);
                    if !apostrophe {
                        break;
                    }
                    at += 3;
                }
                0xC3 => {
                    let Some(&next) = self.text.get(at + 1) else {
                        break;
                    };
                    let small = matches!(next, 0x80..=0x96 | 0x98..=0x9E);
                    push(byte);
                    push(if small { next + 0x20 } else { next });
                    at += 2;
                    end = at;
                }
                0xC4..=0xDF | 0xE1..=0xF4 => {
                    push(byte);
                    at += 1;
                    while let Some(&more @ 0x80..=0xBF) = self.text.get(at) {
                        push(more);
                        at += 1;
                    }
                    end = at;
                }
                _ => break,
            }
        }
        let end = end.min(self.text.len()).max(start + 1);
        // `3rd`, `b2b`: a word with digits in it is no number and no name.
        let glued = self.text.get(end).is_some_and(u8::is_ascii_digit);
        let letter = self.text.get(start).filter(|_| end == start + 1);
        let letter = letter.map(u8::to_ascii_lowercase);
        self.push(if glued { Kind::Wall } else { kind }, start, end);
        if let Some(last) = self.tokens.raw.last_mut() {
            last.hash = folded;
            last.letter = letter.filter(u8::is_ascii_lowercase);
        }
    }

    /// Digits; those of a time, an amount or a name are a wall.
    fn numeral(&mut self) {
        let start = self.at;
        let text = self.text;
        let is_digit = |at: usize| text.get(at).is_some_and(u8::is_ascii_digit);
        let mut end = start;
        let mut wall = start
            .checked_sub(1)
            .and_then(|before| text.get(before))
            .is_some_and(|b| b"$#:=_&%".contains(b) || b.is_ascii_alphabetic());
        loop {
            while is_digit(end) {
                end += 1;
            }
            match text.get(end) {
                Some(b':' | b'.' | b',' | b'/') if is_digit(end + 1) => {
                    wall = true;
                    end += 1;
                }
                Some(b'%' | b'_' | b'=') => {
                    wall = true;
                    end += 1;
                    break;
                }
                Some(b) if b.is_ascii_alphabetic() => {
                    wall = true;
                    while text.get(end).is_some_and(u8::is_ascii_alphanumeric) {
                        end += 1;
                    }
                    break;
                }
                _ => break,
            }
        }
        self.push(if wall { Kind::Wall } else { Kind::Numeral }, start, end);
    }

    /// The end of a line, blank lines behind it and the speaker before the next.
    fn line(&mut self) {
        let mut ends = 0;
        while let Some(b'\n' | b'\r' | b' ' | b'\t') = self.text.get(self.at) {
            ends += usize::from(self.text.get(self.at) == Some(&b'\n'));
            self.at += 1;
        }
        self.turn = true;
        let named = self.label();
        if ends > 1 && !named {
            let at = self.at;
            self.push(Kind::Wall, at, at);
            self.turn = true;
        }
    }

    /// Takes a name and a colon at the start of a line, and a time before it.
    fn label(&mut self) -> bool {
        let line = self.text.get(self.at..).unwrap_or_default();
        let line = line.get(..line.len().min(LABEL_MAX)).unwrap_or_default();
        let Some(end) = label_end(line) else {
            return false;
        };
        let to = self.at + end;
        while self.at < to {
            match self.text.get(self.at) {
                Some(b) if b.is_ascii_alphabetic() => self.word(Kind::Label),
                _ => self.at += 1,
            }
        }
        self.turn = true;
        true
    }

    fn tag(&mut self) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let rest = rest.get(..rest.len().min(TAG_MAX)).unwrap_or_default();
        match memchr::memchr(b'>', rest) {
            Some(end) => {
                self.at += end + 1;
                self.turn = true;
            }
            None => self.push(Kind::Stop, self.at, self.at + 1),
        }
    }
}

/// Where a label at the start of `line` ends: behind its colon, before which nothing but a name of
/// a few words and a time may stand.
fn label_end(line: &[u8]) -> Option<usize> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b" .'-_()[]:#".contains(&b) || b >= 0x80;
    let (mut spoken, mut words) = (false, 1);
    for (at, &byte) in line.iter().enumerate() {
        let ends = byte == b':' && matches!(line.get(at + 1), Some(b' ' | b'\t') | None);
        if ends && at > 0 {
            return (spoken && words <= LABEL_WORDS).then_some(at + 1);
        }
        if !plain(byte) {
            return None;
        }
        spoken |= byte.is_ascii_alphabetic();
        words += usize::from(byte == b' ');
    }
    None
}
