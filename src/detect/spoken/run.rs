//! Runs of units: the stretches of talk in which digits are told.
//!
//! Owns what a run goes over (fillers, a strange word, a turn) and what ends it, and the digit
//! strings that a stretch of units may stand for. It must not know values.

use super::lexicon::Lexicon;
use super::role;
use super::token::{Kind, Token};
use super::unit::{Composer, Gap, Reading, Unit};

/// Words said in a row while a value is told.
const MOST_FILLERS: u8 = 9;
/// Words in a row that are no part of a value: one misheard, or what another speaker puts in.
const MOST_STRANGE: u8 = 2;
const MOST_STRANGE_IN_TURN: u8 = 2;

/// No value has more digits.
pub(super) const MOST_DIGITS: usize = 19;

/// Digit strings that are tried for one stretch of units: what is ambiguous beyond that is not
/// told apart by any check.
const MOST_READINGS: usize = 96;
/// Digits that a repair may take back, in the order in which that is likely; the last: all.
const TAKEN_BACK: [usize; 6] = [1, 2, 3, 4, usize::MAX, 0];

/// Digits beyond which something may have been said twice, and units among which that is looked for.
const FEWEST_DOUBLED: usize = 11;
const MOST_DOUBLED: usize = 24;
/// Units of a group that is said twice.
const SAID_AGAIN: [usize; 3] = [4, 3, 2];
/// Digits of a country's or an area's code.
const MOST_OF_CODE: usize = 4;
/// Tokens between its name and its digits.
const CODE_NEAR: usize = 3;

/// A run of units.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    /// Its units, of all that were read.
    pub(super) units: (usize, usize),
    /// The token it begins with, and the one behind it.
    pub(super) tokens: (usize, usize),
    /// What it ends with is counted or measured.
    pub(super) measured: bool,
}

/// A string of ASCII digits.
#[derive(Clone, Copy)]
pub(super) struct Digits {
    bytes: [u8; MOST_DIGITS],
    len: usize,
}

impl Digits {
    pub(super) const NONE: Digits = Digits {
        bytes: [0; MOST_DIGITS],
        len: 0,
    };

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    /// The digits as one number.
    pub(super) fn value(&self) -> u64 {
        let digits = self.as_bytes().iter();
        digits.fold(0u64, |n, d| {
            n.wrapping_mul(10).wrapping_add(u64::from(d - b'0'))
        })
    }

    /// Appends a reading; false when there are too many digits.
    pub(super) fn push(&mut self, reading: Reading) -> bool {
        let end = self.len + usize::from(reading.len);
        let Some(room) = self.bytes.get_mut(self.len..end) else {
            return false;
        };
        let mut rest = reading.value;
        for slot in room.iter_mut().rev() {
            *slot = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        self.len = end;
        true
    }

    fn take_back(&mut self, digits: usize) -> bool {
        let kept = if digits == usize::MAX {
            Some(0)
        } else {
            self.len.checked_sub(digits)
        };
        self.len = kept.unwrap_or(self.len);
        kept.is_some()
    }
}

/// Finds the runs of `tokens`.
pub(super) fn gather(
    text: &[u8],
    tokens: &[Token],
    lexicon: &Lexicon,
    units: &mut Vec<Unit>,
    runs: &mut Vec<Run>,
) {
    units.clear();
    runs.clear();
    let mut gatherer = Gatherer {
        composer: Composer {
            text,
            tokens,
            lexicon,
        },
        units,
        runs,
        first: 0,
        begin: 0,
        behind: 0,
        gap: Gap::default(),
        plus: 0,
        code: None,
    };
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        at = gatherer.take(at, token);
    }
    gatherer.close(false);
}

struct Gatherer<'a> {
    composer: Composer<'a>,
    units: &'a mut Vec<Unit>,
    runs: &'a mut Vec<Run>,
    /// The first unit of the run being read.
    first: usize,
    /// Its first token, and the token behind its last unit.
    begin: usize,
    behind: usize,
    gap: Gap,
    /// Where the last plus was said.
    plus: usize,
    /// The token behind the last "area code".
    code: Option<usize>,
}

impl Gatherer<'_> {
    fn open(&self) -> bool {
        self.units.len() > self.first
    }

    fn close(&mut self, measured: bool) {
        if self.open() {
            self.runs.push(Run {
                units: (self.first, self.units.len()),
                tokens: (self.begin, self.behind),
                measured,
            });
            self.first = self.units.len();
        }
        self.gap = Gap::default();
    }

    fn push(&mut self, mut unit: Unit, at: usize, next: usize) -> usize {
        if !self.open() {
            self.begin = at;
            let plus = self.gap.plus && self.gap.strange == 0;
            if plus {
                unit.start = self.plus;
            }
            self.gap = Gap {
                plus,
                ..Gap::default()
            };
        }
        unit.gap = std::mem::take(&mut self.gap);
        self.units.push(unit);
        self.behind = next;
        next
    }

    /// Takes the token `at`; returns the next.
    fn take(&mut self, at: usize, token: &Token) -> usize {
        self.gap.pause |= token.pause;
        if token.turn {
            self.gap.turn = true;
        }
        match token.kind {
            Kind::Stop | Kind::Wall => {
                self.close(false);
                return at + 1;
            }
            Kind::Label => {
                self.gap.turn = true;
                return at + 1;
            }
            Kind::Word | Kind::Numeral => {}
        }
        if let Some((unit, next)) = self.composer.unit(at) {
            return self.push(unit, at, next);
        }
        let entry = &token.entry;
        if entry.is(role::WEAK)
            && let Some(unit) = self.weak(at)
        {
            return self.push(unit, at, at + 1);
        }
        if entry.is(role::EXTENSION) && self.open() {
            self.gap.extension = true;
        } else if entry.is(role::PLUS) {
            self.close(false);
            self.gap.plus = true;
            self.plus = token.start;
        } else if entry.is(role::REPAIR) {
            self.gap.repair = true;
        } else if entry.is(role::SIGN) && entry.sign == b'.' {
            self.gap.dot = true;
        } else if entry.is(role::TELLS) && self.only_code() {
            // "area code four one six, number five five five".
            self.gap.pause = true;
        } else if entry.is(role::FILLER | role::AND | role::SPELLING) {
            if entry.is(role::PHONE) {
                self.code = Some(at + 1);
            }
            self.gap.fillers += 1;
            if self.gap.fillers > MOST_FILLERS {
                self.close(false);
            }
        } else if entry.is(role::UNIT) {
            self.close(true);
        } else if entry.is(role::TELLS) {
            self.close(false);
        } else {
            self.gap.strange += 1;
            let most = if self.gap.turn {
                MOST_STRANGE_IN_TURN
            } else {
                MOST_STRANGE
            };
            // "but not after six" takes nothing back.
            if self.gap.strange > most || self.gap.repair && self.gap.strange > 1 {
                self.close(false);
            }
        }
        at + 1
    }

    /// Whether nothing but the digits of an area or country was told yet, and named so.
    fn only_code(&self) -> bool {
        let near = |code: usize| (code..=code + CODE_NEAR).contains(&self.begin);
        let units = self.units.get(self.first..).unwrap_or_default();
        let digits: usize = units.iter().map(Unit::most_digits).sum();
        self.open() && self.code.is_some_and(near) && digits <= MOST_OF_CODE
    }

    /// The digit of a weak word, where digits stand around it.
    fn weak(&self, at: usize) -> Option<Unit> {
        let unit = self.composer.weak(at)?;
        let before = self.open() && self.gap.strange == 0;
        let zero = unit.first().value == 0;
        if zero {
            return (before || self.digit_at(at + 1)).then_some(unit);
        }
        let alone = Gap {
            fillers: 0,
            ..self.gap
        };
        let beside = before
            && self.gap == alone
            && !self.gap.pause
            && !self.gap.turn
            && !self.gap.repair
            && self.units.last().is_some_and(|last| last.single);
        (beside && self.digit_at(at + 1)).then_some(unit)
    }

    /// Whether a single digit is said at token `at`.
    fn digit_at(&self, at: usize) -> bool {
        self.composer.tokens.get(at).is_some_and(|token| {
            let close = !token.turn && !token.pause;
            let digit = match token.kind {
                Kind::Numeral => token.end == token.start + 1,
                Kind::Word if token.entry.is(role::NUMBER) => token.entry.number < 10,
                Kind::Word => {
                    token.entry.is(role::TIMES)
                        || token.entry.is(role::WEAK) && token.entry.number == 0
                }
                _ => false,
            };
            close && digit
        })
    }
}

/// Calls `each` with every digit string that `units` may stand for, the likeliest first, and how
/// many unlikely choices are in it.
pub(super) fn readings(units: &[Unit], mut each: impl FnMut(&Digits, u8)) {
    let repairs: Vec<usize> = positions(units, |unit| unit.gap.repair);
    let unsure = positions(units, |unit| unit.readings().len() > 1);
    let repeated = repeats(units);
    let stutter = stutter(units);
    let mut left = MOST_READINGS;
    let mut try_one = |choice: &Choice<'_>| {
        let told = left > 0;
        left = left.saturating_sub(1);
        if told && let Some(digits) = choice.digits(units) {
            each(&digits, choice.cost());
        }
        told
    };
    let drops: &[&[bool]] = match (repeated.iter().any(|drop| *drop), &stutter) {
        (true, _) => &[&repeated, &[]],
        (false, Some(stutter)) => &[&[], stutter],
        (false, None) => &[&[]],
    };
    let first_repair = TAKEN_BACK.get(..if repairs.is_empty() { 1 } else { 6 });
    let second_repair = TAKEN_BACK.get(..if repairs.len() < 2 { 1 } else { 6 });
    for drop in drops {
        for one in first_repair.unwrap_or_default() {
            for two in second_repair.unwrap_or_default() {
                let mut choice = Choice {
                    drop,
                    repairs: &repairs,
                    taken_back: [*one, *two],
                    other: [None; 2],
                };
                if !try_one(&choice) {
                    return;
                }
                for (i, unit) in unsure.iter().enumerate() {
                    choice.other = [Some(*unit), None];
                    if !try_one(&choice) {
                        return;
                    }
                    for second in unsure.get(i + 1..).unwrap_or_default() {
                        choice.other = [Some(*unit), Some(*second)];
                        if repairs.is_empty() && !try_one(&choice) {
                            return;
                        }
                    }
                }
            }
        }
    }
}

/// The likeliest digits of `units`, when they are not too many.
pub(super) fn first_reading(units: &[Unit]) -> Option<Digits> {
    let mut digits = Digits::NONE;
    let fits = units.iter().all(|unit| digits.push(unit.first()));
    fits.then_some(digits)
}

fn positions(units: &[Unit], holds: impl Fn(&Unit) -> bool) -> Vec<usize> {
    let numbered = units.iter().enumerate();
    numbered
        .filter(|(_, unit)| holds(unit))
        .map(|(at, _)| at)
        .collect()
}

/// Which units another speaker only repeats: turns that say what the turn before said.
fn repeats(units: &[Unit]) -> Vec<bool> {
    let mut drop = vec![false; units.len()];
    let mut last: Option<(usize, usize)> = None;
    let mut start = 0;
    for end in 1..=units.len() {
        if units.get(end).is_some_and(|unit| !unit.gap.turn) {
            continue;
        }
        let said = |range: (usize, usize)| {
            let units = units.get(range.0..range.1).unwrap_or_default();
            first_reading(units).map_or((0, 0), |digits| (digits.len, digits.value()))
        };
        let this = (start, end);
        if last.is_some_and(|last| said(last) == said(this) && said(this).0 > 1) {
            for slot in drop.get_mut(start..end).unwrap_or_default() {
                *slot = true;
            }
        } else {
            last = Some(this);
        }
        start = end;
    }
    drop
}

/// The units that are said twice in a row, as people do who begin a group anew: "four one six, four
/// one six five five five".
fn stutter(units: &[Unit]) -> Option<Vec<bool>> {
    let first = |unit: &Unit| (unit.first().value, unit.first().len);
    let digits: usize = units.iter().map(|unit| usize::from(unit.first().len)).sum();
    if digits <= FEWEST_DOUBLED || units.len() > MOST_DOUBLED {
        return None;
    }
    for len in SAID_AGAIN {
        for (at, group) in units.windows(2 * len).enumerate() {
            let (one, other) = group.split_at(len);
            let changes = one.windows(2).any(|pair| {
                let [this, next] = pair else { return false };
                first(this) != first(next)
            });
            if changes && one.iter().map(first).eq(other.iter().map(first)) {
                let mut drop = vec![false; units.len()];
                for slot in drop.get_mut(at..at + len)? {
                    *slot = true;
                }
                return Some(drop);
            }
        }
    }
    None
}

/// One way to read units.
struct Choice<'a> {
    drop: &'a [bool],
    repairs: &'a [usize],
    taken_back: [usize; 2],
    /// Units that are read in their second way.
    other: [Option<usize>; 2],
}

impl Choice<'_> {
    fn cost(&self) -> u8 {
        self.other.iter().flatten().count() as u8
    }

    fn digits(&self, units: &[Unit]) -> Option<Digits> {
        let mut digits = Digits::NONE;
        for (at, unit) in units.iter().enumerate() {
            if self.drop.get(at) == Some(&true) {
                continue;
            }
            let repair = self.repairs.iter().position(|repair| *repair == at);
            if let Some(taken) = repair.and_then(|number| self.taken_back.get(number))
                && !digits.take_back(*taken)
            {
                return None;
            }
            let second = self.other.contains(&Some(at));
            let reading = unit.readings().get(usize::from(second))?;
            if !digits.push(*reading) {
                return None;
            }
        }
        Some(digits)
    }
}
