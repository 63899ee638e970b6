//! Units of spoken numbers: what one or a few words stand for, in every way they may be meant.
//!
//! Owns the composition of numbers: pairs, tens and units, hundreds, repeated digits. A unit keeps
//! each of its readings, since only the whole value tells which is right: "sixty six" is 66 or
//! 606. It must not know values.

use super::lexicon::Lexicon;
use super::role;
use super::token::{Kind, Token};

/// Digits that a unit may stand for, with their leading zeros.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Reading {
    pub(super) value: u64,
    pub(super) len: u8,
}

impl Reading {
    const fn new(value: u64, len: u8) -> Reading {
        Reading { value, len }
    }

    /// This reading with another behind it.
    fn then(self, other: Reading) -> Reading {
        Reading {
            value: self.value * 10u64.pow(u32::from(other.len)) + other.value,
            len: self.len + other.len,
        }
    }
}

/// What stands between a unit and the one before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Gap {
    /// Words said while a value is told.
    pub(super) fillers: u8,
    /// Words that are no part of any value.
    pub(super) strange: u8,
    /// A comma, a full stop or a break of a line.
    pub(super) pause: bool,
    /// A line or a turn ends.
    pub(super) turn: bool,
    /// What was said is taken back.
    pub(super) repair: bool,
    /// A dot is said.
    pub(super) dot: bool,
    /// A plus is said.
    pub(super) plus: bool,
    /// An extension is announced.
    pub(super) extension: bool,
}

impl Gap {
    /// Whether people group what they say here.
    pub(super) fn is_natural(&self) -> bool {
        self.pause || self.turn || self.repair || self.fillers > 0 || self.strange > 0 || self.plus
    }
}

/// Readings a unit has at most.
const READINGS: usize = 3;

/// One or a few words that stand for digits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unit {
    pub(super) start: usize,
    pub(super) end: usize,
    readings: [Reading; READINGS],
    count: u8,
    /// A single digit, or one digit repeated.
    pub(super) single: bool,
    /// Spoken, not written in digits.
    pub(super) word: bool,
    /// A word that is mostly something else.
    pub(super) weak: bool,
    pub(super) gap: Gap,
}

impl Unit {
    /// Its readings, the likeliest first.
    pub(super) fn readings(&self) -> &[Reading] {
        self.readings
            .get(..usize::from(self.count))
            .unwrap_or_default()
    }

    /// The most digits that it may stand for.
    pub(super) fn most_digits(&self) -> usize {
        let digits = self.readings().iter().map(|reading| reading.len);
        usize::from(digits.max().unwrap_or(0))
    }

    /// Its likeliest reading.
    pub(super) fn first(&self) -> Reading {
        self.readings[0]
    }

    fn new(tokens: &[Token], from: usize, to: usize, readings: &[Reading]) -> Option<Unit> {
        let (first, last) = (tokens.get(from)?, tokens.get(to.checked_sub(1)?)?);
        let mut all = [Reading::default(); READINGS];
        let mut count = 0;
        for (slot, reading) in all.iter_mut().zip(readings) {
            *slot = *reading;
            count += 1;
        }
        Some(Unit {
            start: first.start,
            end: last.end,
            readings: all,
            count,
            single: readings.first().is_some_and(|reading| reading.len == 1),
            word: first.kind == Kind::Word,
            weak: false,
            gap: Gap::default(),
        })
    }
}

/// Reads units from tokens of one language.
pub(super) struct Composer<'a> {
    pub(super) text: &'a [u8],
    pub(super) tokens: &'a [Token],
    pub(super) lexicon: &'a Lexicon,
}

/// A number below a thousand and the token behind it.
struct Simple {
    value: u64,
    /// Its parts, where there are two: tens and units.
    parts: Option<(u64, u64)>,
    next: usize,
}

impl Composer<'_> {
    /// The unit that begins with token `at`, and the token behind it.
    pub(super) fn unit(&self, at: usize) -> Option<(Unit, usize)> {
        let token = self.tokens.get(at)?;
        match token.kind {
            Kind::Numeral => self.numeral(at),
            Kind::Word if token.entry.is(role::TIMES) => self.repeated(at),
            Kind::Word if token.entry.is(role::NUMBER | role::SCALE) => self.number(at),
            _ => None,
        }
    }

    /// The digit that a weak word at `at` stands for.
    pub(super) fn weak(&self, at: usize) -> Option<Unit> {
        let token = self.tokens.get(at)?;
        if token.kind != Kind::Word || !token.entry.is(role::WEAK) {
            return None;
        }
        let reading = Reading::new(u64::from(token.entry.number), 1);
        let mut unit = Unit::new(self.tokens, at, at + 1, &[reading])?;
        unit.weak = true;
        Some(unit)
    }

    fn numeral(&self, at: usize) -> Option<(Unit, usize)> {
        /// No value has more.
        const MOST: usize = 19;
        let token = self.tokens.get(at)?;
        let digits = self.text.get(token.start..token.end)?;
        if digits.len() > MOST {
            return None;
        }
        let value = digits.iter().fold(0u64, |n, d| {
            n.wrapping_mul(10).wrapping_add(u64::from(d - b'0'))
        });
        let reading = Reading::new(value, digits.len() as u8);
        if reading.len <= 2
            && value > 0
            && let Some((unit, next)) = self.scaled(at, at + 1, value)
        {
            return Some((unit, next));
        }
        let mut unit = Unit::new(self.tokens, at, at + 1, &[reading])?;
        unit.word = false;
        Some((unit, at + 1))
    }

    /// "double five", "triple oh".
    fn repeated(&self, at: usize) -> Option<(Unit, usize)> {
        let times = self.tokens.get(at)?.entry.number;
        let next = self.tokens.get(at + 1)?;
        let digit = match next.kind {
            Kind::Word if next.entry.is(role::NUMBER | role::WEAK) && next.entry.number < 10 => {
                u64::from(next.entry.number)
            }
            Kind::Numeral if next.end == next.start + 1 => {
                u64::from(self.text.get(next.start)?.wrapping_sub(b'0'))
            }
            _ => return None,
        };
        let reading = repeat(digit, times);
        let mut unit = Unit::new(self.tokens, at, at + 2, &[reading])?;
        unit.single = true;
        Some((unit, at + 2))
    }

    fn number(&self, at: usize) -> Option<(Unit, usize)> {
        let first = self.tokens.get(at)?;
        if !first.entry.is(role::NUMBER) {
            // "cent", "mil": one of them.
            return first
                .entry
                .is(role::SCALE)
                .then(|| self.scaled(at, at, 1))?;
        }
        let simple = self.simple(at)?;
        if (2..=4).contains(&simple.value)
            && let Some(plural) = self.tokens.get(simple.next)
            && plural.entry.is(role::PLURAL)
            && plural.close
        {
            let reading = repeat(u64::from(plural.entry.number), simple.value as u16);
            let mut unit = Unit::new(self.tokens, at, simple.next + 1, &[reading])?;
            unit.single = true;
            return Some((unit, simple.next + 1));
        }
        if simple.value >= 100 {
            return self.hundreds(at, simple.next, simple.value / 100);
        }
        if let Some(found) = self.scaled(at, simple.next, simple.value) {
            return Some(found);
        }
        let whole = Reading::new(simple.value, if simple.value < 10 { 1 } else { 2 });
        let unit = match simple.parts {
            Some((tens, rest)) => {
                let apart = Reading::new(tens, 2).then(Reading::new(rest, width(rest)));
                Unit::new(self.tokens, at, simple.next, &[whole, apart])
            }
            None => Unit::new(self.tokens, at, simple.next, &[whole]),
        };
        Some((unit?, simple.next))
    }

    /// `base` hundred or thousand, when that is said at `at`, and what follows it.
    fn scaled(&self, from: usize, at: usize, base: u64) -> Option<(Unit, usize)> {
        let scale = self.tokens.get(at)?;
        let scaled =
            scale.kind == Kind::Word && scale.entry.is(role::SCALE) && (at == from || scale.close);
        if !scaled || base == 0 {
            return None;
        }
        if scale.entry.number == 2 {
            return self.hundreds(from, at + 1, base);
        }
        let whole = Reading::new(base, width(base)).then(Reading::new(0, 3));
        if let Some(rest) = self.rest(at + 1).filter(|rest| rest.value > 0) {
            let joined = Reading::new(base * 1000 + rest.value, width(base) + 3);
            let apart = whole.then(Reading::new(rest.value, width(rest.value)));
            let readings = [joined, apart];
            return Some((
                Unit::new(self.tokens, from, rest.next, &readings)?,
                rest.next,
            ));
        }
        Some((Unit::new(self.tokens, from, at + 1, &[whole])?, at + 1))
    }

    /// `base` hundred, said up to token `at`, and what follows it.
    fn hundreds(&self, from: usize, at: usize, base: u64) -> Option<(Unit, usize)> {
        let whole = Reading::new(base, width(base)).then(Reading::new(0, 2));
        let apart = |rest: &Simple| whole.then(Reading::new(rest.value, width(rest.value)));
        let rest = self.rest(at).filter(|rest| rest.value < 100);
        let joined_by_and = self
            .tokens
            .get(at)
            .is_some_and(|and| and.entry.is(role::AND));
        match rest {
            // "eight hundred five five five": digits go on by themselves.
            Some(rest) if rest.value >= 10 || joined_by_and && rest.value > 0 => {
                let joined = Reading::new(base * 100 + rest.value, width(base) + 2);
                let readings = [joined, apart(&rest)];
                Some((
                    Unit::new(self.tokens, from, rest.next, &readings)?,
                    rest.next,
                ))
            }
            _ => Some((Unit::new(self.tokens, from, at, &[whole])?, at)),
        }
    }

    /// The number that goes on behind a hundred or thousand, over an "and".
    fn rest(&self, at: usize) -> Option<Simple> {
        let mut at = at;
        if self.tokens.get(at)?.entry.is(role::AND) {
            at += 1;
        }
        let token = self.tokens.get(at)?;
        let goes_on = token.close && !token.pause;
        let rest = goes_on.then(|| self.simple(at))??;
        // "one thousand two hundred": the hundred is not of this number.
        let scaled = self
            .tokens
            .get(rest.next)
            .is_some_and(|next| next.entry.is(role::SCALE));
        (!scaled).then_some(rest)
    }

    /// A number below a hundred (or a whole number of hundreds that is one word).
    fn simple(&self, at: usize) -> Option<Simple> {
        let token = self.tokens.get(at)?;
        if token.kind != Kind::Word || !token.entry.is(role::NUMBER) {
            return None;
        }
        let value = u64::from(token.entry.number);
        let alone = Simple {
            value,
            parts: None,
            next: at + 1,
        };
        if !(20..100).contains(&value) || value % 10 != 0 {
            return Some(alone);
        }
        let mut next = at + 1;
        let mut joined = false;
        let follows = |at: usize| {
            self.tokens
                .get(at)
                .filter(|token| token.kind == Kind::Word && token.close)
        };
        if let Some(and) = follows(next)
            && and.entry.is(role::AND)
            && self.lexicon.joins_tens()
        {
            next += 1;
            joined = true;
        }
        let Some(more) = follows(next).filter(|more| more.entry.is(role::NUMBER) && !more.pause)
        else {
            return Some(alone);
        };
        let rest = u64::from(more.entry.number);
        let wide = self.lexicon.wide_tens >> (value / 10) & 1 != 0;
        let adds = (1..10).contains(&rest) || wide && (10..20).contains(&rest);
        if !adds {
            return Some(alone);
        }
        // "soixante dix sept" is three words.
        let (mut rest, mut behind) = (rest, next + 1);
        if wide
            && rest == 10
            && let Some(last) = follows(behind).filter(|last| last.entry.is(role::NUMBER))
            && (7..10).contains(&last.entry.number)
        {
            rest += u64::from(last.entry.number);
            behind += 1;
        }
        Some(Simple {
            value: value + rest,
            parts: (!joined).then_some((value, rest)),
            next: behind,
        })
    }
}

/// Digits of a number that is said whole.
fn width(value: u64) -> u8 {
    match value {
        0..10 => 1,
        10..100 => 2,
        _ => 3,
    }
}

fn repeat(digit: u64, times: u16) -> Reading {
    let value = (0..times).fold(0, |n, _| n * 10 + digit);
    Reading::new(value, times as u8)
}
