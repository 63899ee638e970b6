//! Words around a run that say what it tells: "card number", "order", "call me at".
//!
//! Owns how far such words are heard and which of several is meant. It must not know digits.

use super::role;
use super::token::{Kind, Token};

/// How many words before a run are heard.
const BEFORE: usize = 24;
/// How many words behind it are: "... is my cell".
const BEHIND: usize = 5;
/// How many are across a turn: "what is your number?"
const ACROSS: usize = 12;
/// Numbers between a word and a run of another turn, from which on the word spoke of them.
const USED_UP: usize = 1;
/// A word of a thing this close before a word for numbers names it: "order number".
const NAMES: usize = 2;

/// What the words around a run speak of.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cues {
    /// How many words before the run each kind was heard last, plus one; 0: never.
    before: [u8; KINDS.len()],
    phone_behind: bool,
    /// A word of a thing names the number, not a word of its own.
    named: bool,
}

const KINDS: [u32; 9] = [
    role::PHONE,
    role::CARD,
    role::CODE,
    role::US_SSN,
    role::CA_SIN,
    role::IP,
    role::EMAIL,
    role::IDENTIFIER,
    role::VERSION,
];

impl Cues {
    /// Listens around the tokens `from..to`.
    pub(super) fn of(tokens: &[Token], from: usize, to: usize) -> Cues {
        let mut cues = Cues::default();
        let mut last_phone: Option<(usize, bool)> = None;
        let (mut words, mut numbers) = (0, 0);
        let mut turns = usize::from(tokens.get(from).is_some_and(|token| token.turn));
        for token in tokens.get(..from).unwrap_or_default().iter().rev() {
            let far = turns > 0 && words == ACROSS || turns > 2;
            if token.kind == Kind::Stop || words == BEFORE || far {
                break;
            }
            turns += usize::from(token.turn && token.kind != Kind::Label);
            // A word is used up by the number that follows it.
            numbers += usize::from(token.entry.is(role::NUMBER) || token.kind == Kind::Numeral);
            if turns > 0 && numbers > USED_UP {
                break;
            }
            words += 1;
            for (slot, kind) in cues.before.iter_mut().zip(KINDS) {
                if *slot == 0 && token.entry.is(kind) {
                    *slot = words as u8;
                }
            }
            if token.entry.is(role::IDENTIFIER)
                && let Some((phone, apart)) = last_phone
                && words - phone <= NAMES
                && !apart
            {
                cues.named = true;
            }
            if token.entry.is(role::PHONE) && last_phone.is_none() {
                last_phone = Some((words, token.pause));
            } else if let Some((_, apart)) = &mut last_phone {
                *apart |= token.pause;
            }
        }
        for token in tokens.get(to..).unwrap_or_default().iter().take(BEHIND) {
            if token.kind == Kind::Stop || token.turn {
                break;
            }
            cues.phone_behind |= token.entry.is(role::PHONE);
        }
        cues
    }

    /// How many words before the run `role` was heard.
    pub(super) fn distance(&self, role: u32) -> Option<usize> {
        let at = KINDS.iter().position(|kind| *kind == role)?;
        usize::from(*self.before.get(at)?).checked_sub(1)
    }

    /// Whether `role` was heard, and no word of another kind of number after it.
    pub(super) fn tells(&self, role: u32) -> bool {
        let Some(distance) = self.distance(role) else {
            return role == role::PHONE && self.phone_behind && self.nearest().is_none();
        };
        if role == role::PHONE && self.named {
            return false;
        }
        let rivals = [
            role::CARD,
            role::CODE,
            role::US_SSN,
            role::CA_SIN,
            role::IDENTIFIER,
        ];
        // A word for numbers belongs to what is said right before it: "card number".
        let near = |rival: u32| {
            let slack = if role == role::PHONE { NAMES } else { 0 };
            self.distance(rival)
                .is_some_and(|other| other < distance + slack && other < BEFORE)
        };
        let generic = |rival: &u32| *rival != role && near(*rival);
        !rivals.iter().any(generic)
    }

    /// Whether a number of a thing is told.
    pub(super) fn names_a_thing(&self) -> bool {
        self.named
            || self.distance(role::IDENTIFIER).is_some_and(|thing| {
                let closer = |role| self.distance(role).is_some_and(|other| other < thing);
                !closer(role::PHONE)
                    && !closer(role::CARD)
                    && !closer(role::US_SSN)
                    && !closer(role::CA_SIN)
            })
    }

    fn nearest(&self) -> Option<usize> {
        KINDS.iter().filter_map(|kind| self.distance(*kind)).min()
    }
}
