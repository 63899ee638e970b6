//! What digits that were told are: a phone, a card, a security code, a social number; and how sure
//! that is.
//!
//! Owns the weighing of a valid number against how and after which words it was told. The plans,
//! the networks and the check digits are those of written numbers.

use super::cue::Cues;
use super::lexicon::Lexicon;
use super::role;
use super::run::Digits;
use crate::detect::phone::plan::Region;
use crate::detect::{Scene, card, phone};
use crate::entity::Entity;
use crate::finding::{Canonical, Evidence};

/// The fewest digits that are taken for a phone without a plan that says so.
const FEWEST_POSSIBLE: usize = 7;
/// Digits of a phone that is told in full; a slip of the tongue or of the recogniser is one off.
const POSSIBLE_PHONE: std::ops::RangeInclusive<usize> = 8..=12;
/// ... and those that are taken for one though nobody spoke of a phone.
const POSSIBLE_ALONE: std::ops::RangeInclusive<usize> = 9..=11;
/// Digits of a card, one off included.
const POSSIBLE_CARD: std::ops::RangeInclusive<usize> = 13..=19;

/// What told digits are.
pub(super) struct Verdict {
    pub(super) entity: Entity,
    pub(super) confidence: u8,
    pub(super) evidence: Evidence,
    pub(super) canonical: Canonical,
}

/// How a stretch lies in its run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Telling {
    /// It is the run.
    pub(super) whole: bool,
    /// It begins, and ends, where people group what they say.
    pub(super) begins: bool,
    pub(super) ends: bool,
    /// A plus is said before it.
    pub(super) plus: bool,
    /// Mostly digit by digit.
    pub(super) digit_by_digit: bool,
    /// Nearly all digit by digit, and no word between that is no part of a value.
    pub(super) plain: bool,
    /// The same, but one word was misheard or slipped in.
    pub(super) nearly_plain: bool,
    /// Words in it that are no part of a value, or mostly no digits, and turns.
    pub(super) strange: u8,
    /// Its units begin where the groups of a phone do, or it has a pair such as "oh one" among pairs.
    pub(super) grouped: bool,
    /// It goes over a turn, or the end of a line.
    pub(super) crosses: bool,
    /// Each unit is one more than the one before.
    pub(super) counted: bool,
    /// What follows says that the end is an amount.
    pub(super) measured: bool,
    /// Other words or a turn part it from what else is in its run.
    pub(super) apart: bool,
    /// Digits of its run.
    pub(super) digits_around: usize,
    /// Unlikely choices in the reading.
    pub(super) cost: u8,
}

impl Telling {
    /// What is lost when a stretch does not fill its run.
    fn loss(&self) -> u8 {
        match (self.whole, self.begins, self.ends) {
            (true, _, _) => 0,
            (_, true, true) => 8,
            (_, true, false) | (_, false, true) => 25,
            (_, false, false) => 45,
        }
    }
}

/// Judges the digits of one run.
pub(super) struct Judge<'a, 'b> {
    pub(super) scene: &'a Scene<'b>,
    pub(super) lexicon: &'a Lexicon,
    pub(super) cues: Cues,
}

impl Judge<'_, '_> {
    /// What `digits` are by their own structure, with the words around them; the surest.
    pub(super) fn valid(&self, digits: &Digits, telling: &Telling) -> Option<Verdict> {
        let bytes = digits.as_bytes();
        let found = match bytes.len() {
            0..3 => return None,
            3..5 => self.code(digits, telling),
            9 => self
                .social(digits, telling)
                .or_else(|| self.phone(digits, telling)),
            12.. => {
                let card = self.card(digits, telling);
                // So many digits are a phone where that is said, or another country is dialled.
                let abroad = telling.plus || bytes.first() == Some(&b'0');
                let phone = if bytes.len() <= 15
                    && (bytes.len() == 12 || abroad || self.cues.tells(role::PHONE))
                {
                    self.phone(digits, telling)
                } else {
                    None
                };
                match (card, phone) {
                    (Some(card), Some(phone)) if phone.confidence > card.confidence => Some(phone),
                    (None, phone) => phone,
                    (card, _) => card,
                }
            }
            _ => self.phone(digits, telling),
        };
        found.map(|mut found| {
            found.confidence = found.confidence.saturating_sub(telling.cost * 4);
            found.evidence = found.evidence.with(Evidence::SPOKEN);
            found
        })
    }

    /// What a whole run of `digits` is by the words around it and how many they are, when a slip
    /// has made it invalid.
    pub(super) fn possible(&self, digits: &Digits, telling: &Telling) -> Option<Verdict> {
        let len = digits.as_bytes().len();
        let evidence = Evidence::SPOKEN.with(Evidence::CONTEXT);
        let plain = Canonical::Digits {
            value: digits.value(),
            len: len as u8,
        };
        let verdict = |entity, confidence, evidence, canonical| {
            Some(Verdict {
                entity,
                confidence,
                evidence,
                canonical,
            })
        };
        let tells = |role| self.cues.tells(role);
        if (8..=10).contains(&len) && tells(role::US_SSN) {
            return verdict(Entity::UsSsn, 60, evidence, plain);
        }
        if (8..=10).contains(&len) && tells(role::CA_SIN) {
            return verdict(Entity::CaSin, 60, evidence, plain);
        }
        if POSSIBLE_CARD.contains(&len) && tells(role::CARD) {
            return verdict(Entity::PaymentCard, 62, evidence, plain);
        }
        let thing = self.cues.names_a_thing();
        if thing || telling.measured && !telling.digit_by_digit {
            return None;
        }
        let begins =
            telling.digit_by_digit && !telling.crosses && begins_like_a_card(digits.as_bytes());
        if (14..=19).contains(&len) && (telling.plain || begins) && !telling.counted {
            return verdict(Entity::PaymentCard, 50, Evidence::SPOKEN, plain);
        }
        let phone = tells(role::PHONE);
        let enough = if phone {
            len == FEWEST_POSSIBLE || POSSIBLE_PHONE.contains(&len)
        } else {
            POSSIBLE_ALONE.contains(&len)
                && (telling.plain || telling.nearly_plain && !telling.crosses)
                && !telling.counted
        };
        if !enough {
            return None;
        }
        let canonical = self.possible_phone(digits);
        let shown = Evidence::SPOKEN.with(Evidence::PLAN_POSSIBLE);
        if phone {
            verdict(Entity::Phone, 62, evidence.with(shown), canonical)
        } else {
            verdict(Entity::Phone, 50, shown, canonical)
        }
    }

    fn possible_phone(&self, digits: &Digits) -> Canonical {
        let read = phone::read_told(self.scene.regions, digits.as_bytes(), false);
        read.map_or(
            Canonical::Phone {
                digits: digits.value(),
                country_len: 0,
            },
            |reading| reading.canonical(),
        )
    }

    fn code(&self, digits: &Digits, telling: &Telling) -> Option<Verdict> {
        let near = self.cues.distance(role::CODE)? < 12 && self.cues.tells(role::CODE);
        (near && telling.whole).then(|| Verdict {
            entity: Entity::CardSecurityCode,
            confidence: 88,
            evidence: Evidence::CONTEXT,
            canonical: Canonical::Digits {
                value: digits.value(),
                len: digits.as_bytes().len() as u8,
            },
        })
    }

    fn social(&self, digits: &Digits, telling: &Telling) -> Option<Verdict> {
        let (entity, confidence, evidence) = if self.cues.tells(role::CA_SIN) {
            let sound = card::luhn(digits.as_bytes());
            let evidence = if sound {
                Evidence::CONTEXT.with(Evidence::CHECKSUM)
            } else {
                Evidence::CONTEXT
            };
            (Entity::CaSin, if sound { 95 } else { 65 }, evidence)
        } else if self.cues.tells(role::US_SSN) {
            let sure = if is_assignable(digits.value()) {
                93
            } else {
                65
            };
            (Entity::UsSsn, sure, Evidence::CONTEXT)
        } else {
            return None;
        };
        Some(Verdict {
            entity,
            confidence: u8::saturating_sub(confidence, telling.loss()),
            evidence,
            canonical: Canonical::Digits {
                value: digits.value(),
                len: 9,
            },
        })
    }

    fn card(&self, digits: &Digits, telling: &Telling) -> Option<Verdict> {
        let usual = card::is_usual(digits.as_bytes())?;
        let mut evidence = Evidence::CHECKSUM.with(Evidence::ISSUER_RANGE);
        let told = self.cues.tells(role::CARD);
        if told {
            evidence = evidence.with(Evidence::CONTEXT);
        }
        let sure: u8 = match (usual, told) {
            (true, true) => 97,
            (false, true) => 85,
            (true, false) if self.cues.names_a_thing() => 45,
            (true, false) if telling.crosses && telling.strange > 0 => 30,
            (true, false) if telling.crosses && !telling.plain => 60,
            (true, false) if !telling.digit_by_digit && telling.strange > 0 => 40,
            (true, false) => 90,
            (false, false) => 35,
        };
        let loss = match (telling.whole, telling.begins, telling.ends) {
            (true, _, _) => 0,
            (_, true, true) => 4,
            (_, true, false) => 12,
            _ => 40,
        };
        Some(Verdict {
            entity: Entity::PaymentCard,
            confidence: sure.saturating_sub(loss),
            evidence,
            canonical: Canonical::Digits {
                value: digits.value(),
                len: digits.as_bytes().len() as u8,
            },
        })
    }

    fn phone(&self, digits: &Digits, telling: &Telling) -> Option<Verdict> {
        let bytes = digits.as_bytes();
        if bytes.len() < FEWEST_POSSIBLE {
            return None;
        }
        let told = self.cues.tells(role::PHONE);
        // Part of a card of which a digit was not heard.
        if !told && telling.digits_around > 12 && !telling.apart {
            return None;
        }
        let home = phone::read_told(self.scene.regions, bytes, telling.plus)
            .filter(|reading| reading.is_valid());
        let (reading, mut sure) = match home {
            Some(reading) if telling.plus => (reading, 95),
            Some(reading) if reading.is_without_sign() => (reading, if told { 85 } else { 55 }),
            Some(reading) if bytes.len() >= 10 => (reading, if told { 93 } else { 80 }),
            Some(reading) => (reading, if told { 88 } else { 60 }),
            None => (self.abroad(bytes, told)?, if told { 90 } else { 75 }),
        };
        let mut evidence = reading.evidence();
        if told {
            evidence = evidence.with(Evidence::CONTEXT);
        }
        if self.cues.names_a_thing() {
            sure = if telling.plus { 60 } else { 35 };
        }
        // A run of ten digits in the groups of a phone and no other word in it is hardly ever told
        // by chance.
        let smooth = telling.whole && telling.strange == 0 && telling.grouped && bytes.len() >= 10;
        let unlikely = [
            (telling.counted && !told, 60),
            (telling.measured && !telling.digit_by_digit, 25),
            (
                !telling.digit_by_digit && !told,
                if smooth { 20 } else { 35 },
            ),
            (!told, telling.strange.saturating_mul(25)),
            (
                telling.crosses && !told && !telling.plain,
                if smooth { 10 } else { 90 },
            ),
            (telling.crosses && told && telling.strange > 1, 60),
            (told && !telling.digit_by_digit && telling.strange > 0, 25),
        ];
        let lost = unlikely.iter().filter(|(holds, _)| *holds);
        let lost = lost.fold(0u8, |all, (_, lost)| all.saturating_add(*lost));
        Some(Verdict {
            entity: Entity::Phone,
            confidence: u8::saturating_sub(sure, lost.saturating_add(telling.loss())),
            evidence,
            canonical: reading.canonical(),
        })
    }

    /// The number as it is written where the language is spoken.
    fn abroad(&self, digits: &[u8], told: bool) -> Option<phone::Reading> {
        // Without a national prefix too many plans have numbers like it; but where the language is
        // of another country, that it is told as a phone is enough.
        let foreign = self.lexicon.regions.first().is_some_and(|code| {
            Region::parse(code).is_some_and(|region| !self.scene.regions.contains(&region))
        });
        if !(told && foreign || digits.first() == Some(&b'0')) || digits.len() < 9 {
            return None;
        }
        self.lexicon
            .regions
            .iter()
            .filter_map(|code| Region::parse(code))
            .find_map(|region| {
                phone::read_told(&[region], digits, false)
                    .filter(|reading| reading.is_valid() && !reading.is_without_sign())
            })
    }
}

/// Whether `digits` begin as the cards of the large networks do.
fn begins_like_a_card(digits: &[u8]) -> bool {
    matches!(
        digits,
        [b'4', ..]
            | [b'5', b'1'..=b'5', ..]
            | [b'3', b'0' | b'4'..=b'9', ..]
            | [b'6', b'0' | b'2' | b'4' | b'5', ..]
            | [b'2', b'2'..=b'7', ..]
    )
}

/// Whether a US social security number can be this one.
fn is_assignable(value: u64) -> bool {
    let (area, group, serial) = (value / 1_000_000, value / 10_000 % 100, value % 10_000);
    !matches!(area, 0 | 666 | 900..) && group != 0 && serial != 0
}
