//! E-mail addresses that are spoken or spelled: "j as in juliet dot smith at example dot com".
//!
//! Owns where such an address begins and ends and what it is in writing. It must not know digits
//! beyond asking for them.

use super::host::Domain;
use super::letters::is_letter;
use super::lexicon::Lexicon;
use super::role;
use super::token::{Kind, Token};
use super::unit::Composer;

/// Words in a row of a local part with no sign between them: a first name, a second, a last.
const MOST_WORDS: usize = 3;
/// Tokens of a local part: spelled ones are long.
const MOST_LOCAL: usize = 96;
/// Words among spelled letters that are taken for misheard ones.
const MOST_MISHEARD: usize = 6;
/// Tokens within which another sign shows that what stands before it was no domain.
const SIGN_NEAR: usize = 6;
/// How many words before an address are heard for what they say of it.
const HEARD: usize = 20;

/// An address and where it stands.
pub(super) struct Address {
    /// Its tokens.
    pub(super) tokens: (usize, usize),
    /// The token that tells where it is: the sign, or what stands for it.
    pub(super) sign: usize,
    /// In writing, lower case.
    pub(super) written: Vec<u8>,
    pub(super) confidence: u8,
    /// A word before it says what it is.
    pub(super) told: bool,
}

/// Reads addresses from tokens of one language.
pub(super) struct Speller<'a> {
    pub(super) text: &'a [u8],
    pub(super) tokens: &'a [Token],
    pub(super) lexicon: &'a Lexicon,
}

/// The part of an address before the sign, read backwards.
struct Local {
    first: usize,
    written: Vec<u8>,
    /// It has a sign, a digit or spelled letters, as no sentence has before an "at".
    marked: bool,
    /// It has a sign or spelled letters: more than a number, which stands before many an "at".
    spelled: bool,
    /// Letters told one by one.
    letters: usize,
}

/// Ends of a domain that wake the detector where they are written: "at example.com".
const WRITTEN_ENDS: [&[u8]; 3] = [b"com", b"net", b"org"];
/// Bytes before such an end in which its "at" must stand.
const WRITTEN_MAX: usize = 64;

/// Whether the word at `at`, which wakes for addresses, may stand in one that is told: behind a
/// written dot only where "at" is said before the name.
#[inline]
pub(super) fn begins_at(text: &[u8], at: usize) -> bool {
    let dotted = at > 0 && text.get(at - 1) == Some(&b'.');
    let rest = text.get(at..).unwrap_or_default();
    let is_end = |end: &&[u8]| {
        rest.get(..3)
            .is_some_and(|word| word.eq_ignore_ascii_case(end))
    };
    if !dotted {
        let behind = rest.get(3).is_some_and(u8::is_ascii_alphabetic);
        return behind || !WRITTEN_ENDS.iter().any(is_end);
    }
    let before = text
        .get(at.saturating_sub(WRITTEN_MAX)..at)
        .unwrap_or_default();
    let named = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-');
    let name = before.iter().rev().take_while(named).count();
    let lead = before
        .get(..before.len() - name)
        .unwrap_or_default()
        .trim_ascii_end();
    lead.len() > 2
        && lead.len() < before.len() - name
        && lead.get(lead.len() - 3..).is_some_and(|lead| {
            lead.eq_ignore_ascii_case(b" at") || lead.eq_ignore_ascii_case(b" um")
        })
}

impl Speller<'_> {
    /// Adds every address to `out`.
    pub(super) fn all(&self, out: &mut Vec<Address>) {
        let mut floor = 0;
        for (at, token) in self.tokens.iter().enumerate() {
            let entry = &token.entry;
            if token.kind != Kind::Word || at < floor {
                continue;
            }
            let found = if entry.is(role::SIGN) && entry.sign == b'@' {
                self.around(at, floor)
            } else if is_mark(token) && entry.sign == b'.' {
                self.without_at(at, floor)
            } else {
                None
            };
            if let Some(found) = found {
                floor = found.tokens.1;
                out.push(found);
            }
        }
    }

    pub(super) fn token(&self, at: usize) -> Option<&Token> {
        self.tokens.get(at)
    }

    /// The address around the sign at token `at`.
    fn around(&self, at: usize, floor: usize) -> Option<Address> {
        let domain = self.domain(at + 1)?;
        if !domain.said && !self.token(at).is_some_and(is_said) {
            // Written throughout.
            return None;
        }
        // A word may have slipped in before the sign.
        let local = self.local(at, floor).or_else(|| {
            let before = self.local(at.checked_sub(1)?, floor)?;
            let sure = before.marked && self.is_told(before.first);
            (sure || before.letters > 2).then_some(before)
        })?;
        self.weigh(local, domain, at)
    }

    fn weigh(&self, local: Local, domain: Domain, at: usize) -> Option<Address> {
        let told = self.is_told(local.first);
        let before = at.checked_sub(1).and_then(|before| self.token(before))?;
        if !told && !local.marked {
            let lead = local.first.checked_sub(1).and_then(|lead| self.token(lead));
            let thing = lead.is_some_and(|lead| lead.entry.is(role::DETERMINER));
            // "I work at example.com" is no address.
            let place = !domain.said && !domain.provider;
            if thing || place || before.entry.is(role::NOT_LOCAL) {
                return None;
            }
        }
        let mut confidence: u8 = match (local.marked, told, domain.provider) {
            (_, true, _) => 94,
            (true, ..) => 90,
            (_, _, true) => 84,
            _ => 64,
        };
        if domain.unsure {
            // "five at the net" is none, "j dot smith at example dot" is one.
            let thing = self
                .token(at + 1)
                .is_some_and(|host| host.entry.is(role::DETERMINER));
            let likely = told && !self.sign_follows(domain.behind) || local.spelled && !thing;
            if !domain.provider && !likely {
                return None;
            }
            confidence -= 14;
        }
        let mut written = local.written;
        written.push(b'@');
        written.extend(domain.written);
        Some(Address {
            tokens: (local.first, domain.behind),
            sign: at,
            written,
            confidence,
            told,
        })
    }

    /// Whether the sign of an address follows close behind token `at`: what stands before is no
    /// domain, but what another address begins with.
    fn sign_follows(&self, at: usize) -> bool {
        let coming = self.tokens.get(at..).unwrap_or_default().iter();
        let mut coming = coming.take(SIGN_NEAR);
        coming.any(|token| token.entry.is(role::SIGN) && token.entry.sign == b'@')
    }

    /// An address whose sign was not heard: "jane dot smith gmail dot com". `dot` is the token of
    /// the dot before its end.
    fn without_at(&self, dot: usize, floor: usize) -> Option<Address> {
        let end = self.token(dot + 1)?;
        let host = self.token(dot.checked_sub(1)?)?;
        if !end.entry.is(role::TOP_LEVEL) || host.kind != Kind::Word {
            return None;
        }
        // A sign further on is the one that counts.
        let coming = self.tokens.get(dot..(dot + 8).min(self.tokens.len()))?;
        if coming
            .iter()
            .any(|token| token.entry.is(role::SIGN) && token.entry.sign == b'@')
        {
            return None;
        }
        let begin = dot - 1;
        let told = self.is_told(begin);
        let provider = host.entry.is(role::PROVIDER);
        let said = self.token(dot).is_some_and(is_said);
        if !(provider || told && said) {
            return None;
        }
        let mut domain = self.domain(begin)?;
        domain.unsure = true;
        // A word may stand where the sign was.
        let local = self
            .local(begin, floor)
            .filter(|local| local.marked || provider)
            .or_else(|| self.local(begin.checked_sub(1)?, floor))?;
        let dotted = local.written.contains(&b'.') || local.written.contains(&b'_');
        (provider && local.marked || told && (dotted || provider || local.marked))
            .then(|| self.weigh(local, domain, begin))?
    }

    /// Whether a word before token `at` speaks of an e-mail address.
    fn is_told(&self, at: usize) -> bool {
        let before = self.tokens.get(..at).unwrap_or_default().iter().rev();
        let mut heard = before
            .take_while(|token| token.kind != Kind::Stop)
            .take(HEARD);
        heard.any(|token| token.entry.is(role::EMAIL))
    }

    /// The local part that ends before token `at`, from no token before `floor`.
    fn local(&self, at: usize, floor: usize) -> Option<Local> {
        let mut first = at;
        let mut here = at;
        let (mut words, mut marked, mut spelled) = (0, false, false);
        // Letters told, and words among them that were misheard.
        let (mut letters, mut misheard) = (0, 0);
        while here > floor && at - here < MOST_LOCAL {
            let token = self.token(here - 1)?;
            let entry = &token.entry;
            if token.kind == Kind::Wall
                && let Some(count) = self.written_name(here, floor)
            {
                (words, marked, spelled) = (0, true, true);
                here -= count;
                first = here;
                continue;
            }
            if !matches!(token.kind, Kind::Word | Kind::Numeral) {
                break;
            }
            let right = self.token(here).filter(|_| here < at);
            let before_sign = right.is_some_and(|right| right.entry.is(role::SIGN));
            // "smith, all one word, at": what is said of the letters parts nothing.
            let cut = self.token(here).is_some_and(|right| {
                (right.pause || right.turn) && !right.entry.is(role::SPELLING)
            });
            let after_sign = here > floor + 1 && self.token(here - 2).is_some_and(is_mark);
            let is_sign = entry.is(role::SIGN) && matches!(entry.sign, b'.' | b'_' | b'-' | b'+');
            if entry.is(role::SIGN) && entry.sign == b'@' && !is_letter(token) {
                break;
            }
            let told_on = letters > 0 || self.is_spelled_up_to(here, floor);
            let spells = self.spelled_before(here, floor, told_on);
            let value = is_value(token);
            // What another speaker puts in parts words and numbers of one address.
            let goes_on = right.is_some_and(|right| {
                is_value(right) || is_letter(right) || right.entry.is(role::SIGN)
            });
            if is_sign {
                (words, marked, spelled) = (0, true, true);
                here -= 1;
                // A sign needs something before it.
                continue;
            }
            if let Some(count) = spells {
                letters += 1;
                (words, marked, spelled) = (0, true, true);
                here -= count;
                first = here;
                continue;
            }
            if is_letter(token) {
                let beside = right
                    .is_some_and(|right| is_letter(right) || right.entry.is(role::SIGN))
                    || here > floor + 1 && self.token(here - 2).is_some_and(is_letter);
                if entry.is(role::STOP) && !beside {
                    break;
                }
                letters += usize::from(beside);
                (words, marked, spelled) = (0, marked || beside, spelled || beside);
                here -= 1;
                first = here;
                continue;
            }
            if value {
                if cut && !before_sign && !goes_on && here < at {
                    break;
                }
                marked = true;
                here -= 1;
                first = here;
                continue;
            }
            if entry.is(role::SPELLING) {
                here -= 1;
                continue;
            }
            if self.in_alphabet(here - 1, at) {
                letters += 1;
                (words, marked, spelled) = (0, true, true);
                here -= 1;
                first = here;
                continue;
            }
            if before_sign && !entry.is(role::FILLER) {
                words = 1;
                here -= 1;
                first = here;
                continue;
            }
            // Where letters are told, words that were misheard among them are gone over.
            if letters > 1
                && !cut
                && misheard < MOST_MISHEARD
                && let Some(count) = self.misheard_before(here, floor, at)
            {
                misheard += 1;
                here -= count;
                continue;
            }
            let hesitates = entry.is(role::FILLER) && !entry.is(role::STOP | role::AS_IN);
            if hesitates {
                here -= 1;
                continue;
            }
            let told_before = here > floor + 1 && self.tells_letter(here - 2);
            let spelled_on =
                right.is_some_and(is_letter) && here > floor + 2 && self.tells_letter(here - 3);
            let among = letters > 2 || spelled_on;
            if among && told_before && misheard < MOST_MISHEARD && !cut {
                misheard += 1;
                here -= 1;
                continue;
            }
            let mut ends = entry.is(role::STOP | role::EMAIL | role::AS_IN | role::FILLER);
            // "smith dot work at": behind a sign any word is a part.
            ends &= !after_sign || entry.is(role::FILLER | role::AS_IN) || cut && here != at;
            // "jane dot smith the eight at": one word may have slipped in.
            let slipped = here < at
                && !cut
                && misheard == 0
                && here > floor + 2
                && self.token(here - 3).is_some_and(is_mark)
                && self.is_told(here - 3);
            if ends && slipped {
                misheard = MOST_MISHEARD;
                here -= 1;
                continue;
            }
            let again = self.spelled_word(here - 1, at).is_some();
            let tells = after_sign || words == 0 && self.is_told(here - 1);
            let apart = cut && here < at && !again && !(goes_on && tells);
            if ends || apart || words >= MOST_WORDS {
                break;
            }
            words += 1;
            here -= 1;
            first = here;
        }
        let mut written = Vec::new();
        let mut next = first;
        while next < at {
            let word = self.spelled_word(next, at);
            if let Some(end) = word {
                // "smith, s m i t h": the word is only spelled again.
                next = end;
                continue;
            }
            let Some(token) = self.token(next) else { break };
            let entry = &token.entry;
            let before_sign = self
                .token(next + 1)
                .is_some_and(|right| right.entry.is(role::SIGN) && right.entry.sign != b'@');
            let hesitates = entry.is(role::FILLER) && !entry.is(role::SIGN) && !is_letter(token);
            let link = entry.is(role::AS_IN) && !is_letter(token);
            let skipped = entry.is(role::SPELLING) || (hesitates || link) && !before_sign;
            next = if skipped {
                next + 1
            } else {
                self.append(next, &mut written)
            };
        }
        let sound = !written.is_empty()
            && written.first() != Some(&b'.')
            && written.last() != Some(&b'.')
            && written.len() <= 64;
        sound.then_some(Local {
            first,
            written,
            marked,
            spelled,
            letters,
        })
    }

    /// Appends what the token at `at`, or a few from it on, are in writing; returns the next.
    pub(super) fn append(&self, at: usize, written: &mut Vec<u8>) -> usize {
        let Some(token) = self.token(at) else {
            return at + 1;
        };
        let entry = &token.entry;
        if let Some((letter, count)) = self.spells(at, written.len() > 1) {
            written.push(letter);
            return at + count;
        }
        if !is_letter(token) && self.in_alphabet(at, self.tokens.len()) {
            written.push(entry.sign);
            return at + 1;
        }
        if entry.is(role::TIMES)
            && let Some(letter) = self.token(at + 1).filter(|next| is_letter(next))
        {
            written.extend((0..entry.number).map(|_| letter.entry.sign));
            return at + 2;
        }
        if entry.is(role::SIGN) && matches!(entry.sign, b'.' | b'_' | b'-' | b'+') {
            written.push(entry.sign);
            return at + 1;
        }
        let composer = Composer {
            text: self.text,
            tokens: self.tokens,
            lexicon: self.lexicon,
        };
        let beside = |at: Option<usize>| at.and_then(|at| self.token(at)).is_some_and(is_value);
        if entry.is(role::WEAK)
            && entry.number == 0
            && !is_letter(token)
            && (beside(at.checked_sub(1)) || beside(Some(at + 1)))
        {
            // "smith oh seven", "twenty oh two".
            written.push(b'0');
            return at + 1;
        }
        if let Some((unit, next)) = composer.unit(at) {
            let reading = unit.first();
            written
                .extend(format!("{:0len$}", reading.value, len = usize::from(reading.len)).bytes());
            return next;
        }
        if is_letter(token) {
            written.push(entry.sign);
        } else {
            written.extend(self.word(token));
        }
        at + 1
    }

    /// The letters of a word or phrase, lower case, joined.
    pub(super) fn word(&self, token: &Token) -> Vec<u8> {
        let bytes = self.text.get(token.start..token.end).unwrap_or_default();
        let kept = bytes
            .iter()
            .filter(|b| !b.is_ascii_whitespace() && !b"'-".contains(b));
        kept.map(u8::to_ascii_lowercase).collect()
    }
}

/// Whether a token is a sign within a local part.
fn is_mark(token: &Token) -> bool {
    token.kind == Kind::Word
        && token.entry.is(role::SIGN)
        && matches!(token.entry.sign, b'.' | b'_' | b'-')
}

/// Whether a sign is said in a word.
pub(super) fn is_said(token: &Token) -> bool {
    token.end > token.start + 1
}

/// Whether a token is a number, or says how often the next one is told.
fn is_value(token: &Token) -> bool {
    token.kind == Kind::Numeral || token.entry.is(role::NUMBER | role::TIMES)
}
