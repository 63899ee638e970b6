//! What digits keyed in one after another are: a card number, its security code, a PIN, a phone
//! or an account number.
//!
//! Owns where an entry ends and what it is taken for, from its length, its check digit and what
//! was asked and keyed before. Knows neither samples nor how digits are heard ([`super::tones`]),
//! and leaves cards and numbers to their own judges.

mod prompts;

use std::fmt;
use std::ops::Range;

use super::phone::plan::Region;
use super::tones::Digit;
use super::{card, phone};
use crate::entity::Entity;
use crate::finding::{Canonical, Confidence, Evidence, Value};
pub(crate) use prompts::asked_in;

/// A pause, in milliseconds, that ends an entry.
const PAUSE: u64 = 3_000;
/// The most keys of an entry. Longer than a card with its expiry and security code; what goes on
/// is another entry.
const MOST_KEYS: usize = 40;
/// How long after a card, in milliseconds, its expiry and security code are asked for.
const CARD_REMEMBERED: u64 = 120_000;
/// How long after a prompt, in milliseconds, what is keyed in answers it.
const PROMPT_REMEMBERED: u64 = 45_000;

/// The lengths of a card's security code.
const SECURITY_CODE: std::ops::RangeInclusive<usize> = 3..=4;
/// The lengths of a PIN that was asked for (ISO 9564-1: 4 to 12).
const PIN: std::ops::RangeInclusive<usize> = 3..=12;
/// The lengths of a day: with two digits of the year, or four.
const BIRTH: [usize; 2] = [6, 8];
/// From this length on an entry is no choice in a menu.
const FEWEST_SECRET: usize = 4;
/// The length up to which it is rather a PIN than an account.
const MOST_PIN: usize = 8;

/// What a caller was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prompt {
    /// The number of a payment card.
    Card,
    /// The code on its back.
    SecurityCode,
    /// A PIN or another secret number.
    Pin,
    /// The day they were born.
    Birth,
    /// A phone number.
    Phone,
    /// A number that identifies the caller: account, member, policy.
    Account,
}

/// An entry that is personal data.
#[derive(Clone, PartialEq)]
pub struct Keyed {
    /// The kind: `payment_card`, `card_security_code`, `phone`, or `credential` for PINs and
    /// account numbers, by which callers prove who they are.
    pub entity: Entity,
    /// How sure.
    pub confidence: Confidence,
    /// On what evidence; always with [`Evidence::KEYED`].
    pub evidence: Evidence,
    /// The canonical value.
    pub canonical: Canonical,
    /// The keys as they were pressed, without the `#` or `*` that ended them.
    pub keys: Value,
    /// The samples from the first key to the last, the one that ended it included. What is muted
    /// is all of it: pauses tell little, a clipped digit much.
    pub samples: Range<u64>,
    /// The same in milliseconds.
    pub ms: Range<u64>,
}

/// Shows when and what kind, not what.
impl fmt::Debug for Keyed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keyed({} {:?} ms)", self.entity, self.ms)
    }
}

struct Entry {
    keys: Vec<u8>,
    samples: Range<u64>,
    ms: Range<u64>,
    /// Whether a key ended it.
    ended: bool,
}

/// Groups the digits of one channel to entries and judges them.
///
/// Feed it what [`super::tones::Tones`] gives, in order; entries come out when they have ended.
pub struct Keypad {
    regions: Vec<Region>,
    open: Option<Entry>,
    /// What was asked, and when, in milliseconds.
    prompt: Option<(Prompt, u64)>,
    /// When the last card ended.
    card: Option<u64>,
}

impl Keypad {
    /// For callers who dial as in `regions`, first wins.
    pub fn new(regions: &[Region]) -> Self {
        Keypad {
            regions: regions.to_vec(),
            open: None,
            prompt: None,
            card: None,
        }
    }

    /// Tells that the caller was asked for `prompt`, at `ms` of the recording.
    pub fn asked(&mut self, prompt: Prompt, ms: u64) {
        self.prompt = Some((prompt, ms));
    }

    /// Takes the next digit and adds the entry that ended, if it is personal data, to `out`.
    pub fn push(&mut self, digit: &Digit, out: &mut Vec<Keyed>) {
        let over = self.open.as_ref().is_some_and(|open| {
            digit.ms.start >= open.ms.end.saturating_add(PAUSE) || open.keys.len() >= MOST_KEYS
        });
        if over {
            self.end(out);
        }
        let open = self.open.get_or_insert_with(|| Entry {
            keys: Vec::new(),
            samples: digit.samples.clone(),
            ms: digit.ms.clone(),
            ended: false,
        });
        open.samples.end = digit.samples.end.max(open.samples.end);
        open.ms.end = digit.ms.end.max(open.ms.end);
        if digit.key.is_ascii_digit() {
            open.keys.push(digit.key);
        } else {
            open.ended = true;
            self.end(out);
        }
    }

    /// Ends what is open and adds it to `out`.
    pub fn finish(mut self, out: &mut Vec<Keyed>) {
        self.end(out);
    }

    fn end(&mut self, out: &mut Vec<Keyed>) {
        let Some(entry) = self.open.take() else {
            return;
        };
        let Some(verdict) = self.judge(&entry) else {
            return;
        };
        if verdict.entity == Entity::PaymentCard {
            self.card = Some(entry.ms.end);
        }
        out.push(Keyed {
            entity: verdict.entity,
            confidence: Confidence(verdict.sure),
            evidence: verdict.evidence.with(Evidence::KEYED),
            canonical: verdict.canonical,
            keys: Value(entry.keys.into_boxed_slice()),
            samples: entry.samples,
            ms: entry.ms,
        });
    }

    fn judge(&self, entry: &Entry) -> Option<Verdict> {
        let digits = entry.keys.as_slice();
        let len = digits.len();
        let prompt = self.prompt.filter(|(_, at)| {
            *at <= entry.ms.end && entry.ms.start <= at.saturating_add(PROMPT_REMEMBERED)
        });
        let prompt = prompt.map(|(prompt, _)| prompt);
        let asked = |wanted: Prompt| prompt == Some(wanted);
        if let Some(verdict) = card_in(digits, asked(Prompt::Card)) {
            return Some(verdict);
        }
        let behind_card = self.card.is_some_and(|end| {
            entry.ms.start >= end && entry.ms.start <= end.saturating_add(CARD_REMEMBERED)
        });
        let context = Evidence::CONTEXT;
        if asked(Prompt::SecurityCode) && SECURITY_CODE.contains(&len) {
            return Some(Verdict::digits(
                Entity::CardSecurityCode,
                97,
                context,
                digits,
            ));
        }
        if asked(Prompt::Pin) && PIN.contains(&len) {
            return Some(Verdict::digits(Entity::Credential, 95, context, digits));
        }
        if asked(Prompt::Birth) && BIRTH.contains(&len) {
            return Some(Verdict::digits(Entity::DateOfBirth, 90, context, digits));
        }
        if behind_card && SECURITY_CODE.contains(&len) {
            // Four keys may be the expiry as well, which is no less a part of the card.
            let sure = if len == 3 { 90 } else { 70 };
            return Some(Verdict::digits(
                Entity::CardSecurityCode,
                sure,
                context,
                digits,
            ));
        }
        if !asked(Prompt::Account)
            && let Some(verdict) = self.phone(digits, asked(Prompt::Phone))
        {
            return Some(verdict);
        }
        if asked(Prompt::Account) && len >= FEWEST_SECRET {
            return Some(Verdict::digits(Entity::Credential, 90, context, digits));
        }
        let sure = match (len, entry.ended) {
            (0..FEWEST_SECRET, _) => return None,
            (FEWEST_SECRET..=MOST_PIN, true) => 60,
            (FEWEST_SECRET..=MOST_PIN, false) => 50,
            _ => 60,
        };
        Some(Verdict::digits(
            Entity::Credential,
            sure,
            Evidence::default(),
            digits,
        ))
    }

    fn phone(&self, digits: &[u8], asked: bool) -> Option<Verdict> {
        let reading = phone::read_told(&self.regions, digits, false)?;
        let whole = digits.len() >= phone::WHOLE_DIGITS;
        let sure = match (reading.is_valid(), asked, whole) {
            (true, true, _) => 97,
            (true, false, true) => 80,
            (true, false, false) => 60,
            (false, true, _) => 75,
            (false, false, _) => return None,
        };
        let mut evidence = reading.evidence();
        if asked {
            evidence = evidence.with(Evidence::CONTEXT);
        }
        Some(Verdict {
            entity: Entity::Phone,
            sure,
            evidence,
            canonical: reading.canonical(),
        })
    }
}

struct Verdict {
    entity: Entity,
    sure: u8,
    evidence: Evidence,
    canonical: Canonical,
}

impl Verdict {
    fn digits(entity: Entity, sure: u8, evidence: Evidence, digits: &[u8]) -> Self {
        Verdict {
            entity,
            sure,
            evidence,
            canonical: canonical(digits),
        }
    }
}

/// The digits as a number where they fit one, else as text.
fn canonical(digits: &[u8]) -> Canonical {
    if digits.len() > card::MOST_DIGITS {
        return Canonical::Text(digits.into());
    }
    let value = digits
        .iter()
        .fold(0u64, |n, d| n * 10 + u64::from(d - b'0'));
    Canonical::Digits {
        value,
        len: digits.len() as u8,
    }
}

/// The card in an entry: all of it, or a part where choices, expiry and code were keyed with it.
fn card_in(digits: &[u8], asked: bool) -> Option<Verdict> {
    let lengths = card::FEWEST_DIGITS..=card::MOST_DIGITS;
    let sound = Evidence::CHECKSUM.with(Evidence::ISSUER_RANGE);
    let context = if asked {
        Evidence::CONTEXT
    } else {
        Evidence::default()
    };
    let card = |digits, sure, evidence: Evidence| {
        Verdict::digits(Entity::PaymentCard, sure, evidence.with(context), digits)
    };
    match card::is_usual(digits) {
        Some(usual) if usual || asked => return Some(card(digits, 97, sound)),
        Some(_) => return Some(card(digits, 70, sound)),
        None => {}
    }
    let parts = (0..digits.len()).flat_map(|start| {
        let ends = lengths.clone().map(move |len| start + len);
        ends.filter_map(move |end| digits.get(start..end))
    });
    // Of a card and what follows it the longest reading that starts first.
    let part = parts
        .filter(|part| part.len() < digits.len() && card::is_usual(part) == Some(true))
        .max_by_key(|part| part.len());
    if let Some(part) = part {
        return Some(card(part, if asked { 93 } else { 75 }, sound));
    }
    // A digit was keyed or heard wrong.
    (asked && lengths.contains(&digits.len())).then(|| card(digits, 75, Evidence::default()))
}

#[cfg(test)]
mod tests;
