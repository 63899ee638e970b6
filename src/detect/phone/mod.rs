//! Telephone numbers in digits: which groups of a stretch are one, and how sure that is.
//!
//! The plan decides what is a number; this module decides, from how it is written and what stands
//! around it, whether the writer meant one.

mod extension;
mod gate;
pub mod plan;
mod shape;
pub(super) mod short;
pub(super) mod vanity;

use super::context::{Word, unit_behind, word_before};
use super::digits::{Group, MOST_DIGITS, MOST_GROUPS};
use super::hit::Hit;
use super::{Place, Scene};
use crate::entity::Entity;
use crate::finding::{Canonical, Confidence, Evidence};
use crate::view::Register;
pub(super) use gate::Gate;
use plan::{Fiction, Number, Region, Validity, Verdict};
use shape::beside::{CELL, CHANNEL, CROWDED, LETTERS, NAMED, PAREN, PLUS, QUOTED};

/// The fewest digits of a number written without its area.
pub(super) const FEWEST_DIGITS: usize = 7;

/// Digits of a number in one group, with an international prefix.
const ONE_GROUP: std::ops::RangeInclusive<usize> = FEWEST_DIGITS..=18;

/// From here on words nearby are not asked.
const CERTAIN: u8 = 90;

/// The fewest digits that are taken for a country code and a number without a sign of it.
pub(super) const WHOLE_DIGITS: usize = 10;

/// What the digits were read as.
pub(super) struct Reading {
    number: Number,
    valid: bool,
    evidence: Evidence,
}

/// Adds the phone number that starts at group `first` to `out`, if there is one; returns how many
/// groups it takes.
#[inline(always)]
pub(super) fn judge(
    scene: &Scene<'_>,
    groups: &[Group],
    first: usize,
    out: &mut Vec<Hit>,
) -> Option<usize> {
    let group = *groups.get(first)?;
    if groups.len() == first + 1 {
        // A number in one group, as machines write it, is read where it stands.
        return one(scene, groups, first, group, out);
    }
    several(scene, groups, first, out)
}

/// Whether two groups of so many digits, at the start of `text` and no plus before it, may together
/// be a number.
#[inline(always)]
pub(super) fn may_be_two(scene: &Scene<'_>, text: &[u8], first: usize, second: usize) -> bool {
    let [digit, next, ..] = *text else {
        return true;
    };
    let (american, foreign) = (
        shape::two_american(first, second, digit),
        shape::two(first, second),
    );
    (american || foreign) && {
        let next = if first == 1 {
            text[text.len() - second]
        } else {
            next
        };
        let passes = scene.gate.passes(digit, next, first + second);
        american && passes.0 || foreign && passes.1
    }
}

#[inline(always)]
fn one(
    scene: &Scene<'_>,
    groups: &[Group],
    first: usize,
    group: Group,
    out: &mut Vec<Hit>,
) -> Option<usize> {
    if !ONE_GROUP.contains(&group.len()) {
        return None;
    }
    let text = scene.text;
    let left = shape::left(text, groups, first)?;
    let digits = text.get(group.start..group.end)?;
    let [one, two, ..] = digits else { return None };
    if !left.is(PLUS) && scene.gate.passes(*one, *two, digits.len()) == (false, false) {
        return None;
    }
    let right = shape::right(text, groups, first, 1, &left)?;
    read_one(scene, group, digits, &left, right, out).then_some(1)
}

/// Reads and weighs a number in one group, in one function for the number not to be copied.
#[inline(never)]
fn read_one(
    scene: &Scene<'_>,
    group: Group,
    digits: &[u8],
    left: &shape::Left,
    right: u16,
    out: &mut Vec<Hit>,
) -> bool {
    read(scene.regions, digits, left.is(PLUS), None)
        .is_some_and(|reading| weigh(scene, group.end, 1, left, right, &reading, out))
}

#[inline(never)]
fn several(scene: &Scene<'_>, groups: &[Group], first: usize, out: &mut Vec<Hit>) -> Option<usize> {
    let text = scene.text;
    let left = shape::left(text, groups, first)?;
    let mut starts = groups[first..].iter().flat_map(|g| &text[g.start..g.end]);
    let (one, two) = (*starts.next()?, *starts.next()?);
    let mut digits = Digits::default();
    let mut ends = [0u8; MOST_GROUPS];
    let (mut len, mut most) = (0, 0);
    for (group, end) in groups[first..].iter().zip(&mut ends) {
        len += group.len();
        if len > MOST_DIGITS {
            break;
        }
        *end = len as u8;
        most += 1;
    }
    for used in (1..=most).rev() {
        let len = usize::from(ends[used - 1]);
        if len < FEWEST_DIGITS {
            break;
        }
        // The cheap questions first: most stretches of digits are no number for how many they
        // are, how they are grouped, or their borders.
        let window = &groups[first..first + used];
        if !left.is(PLUS) {
            let (american, foreign) = scene.gate.passes(one, two, len);
            let shaped = american && shape::plausible(text, window, 1)
                || foreign
                    && (shape::plausible(text, window, 0)
                        || scene.gate.is_abroad() && shape::loose(window));
            if !shaped {
                continue;
            }
        }
        let Some(right) = shape::right(text, groups, first, used, &left) else {
            continue;
        };
        let code_len = (used > 1).then(|| window[0].len());
        let digits = digits.of(text, window, len);
        let Some(reading) = read(scene.regions, digits, left.is(PLUS), code_len) else {
            continue;
        };
        let shaped = left.is(PLUS)
            || shape::plausible(text, window, reading.number.calling_code())
            || scene.gate.is_abroad() && is_loose(scene, window, &left, one, &reading);
        if !shaped {
            continue;
        }
        let end = window[used - 1].end;
        if weigh(scene, end, used, &left, right, &reading, out) {
            return Some(used);
        }
    }
    None
}

/// Whether digits in groups that few write are a number all the same: one that a region of the run
/// assigns, with its trunk prefix or behind a word that says so.
#[inline(never)]
fn is_loose(
    scene: &Scene<'_>,
    window: &[Group],
    left: &shape::Left,
    first: u8,
    reading: &Reading,
) -> bool {
    let home = reading.valid
        && reading.number.calling_code() != 1
        && !reading.evidence.has(Evidence::COUNTRY_DIGITS);
    home && shape::loose(window)
        && (first == b'0' || {
            let whole = left.start..window.last().map_or(left.start, |group| group.end);
            let place = scene.place(whole.clone());
            place.holds(Entity::Phone)
                || place.speaks(Word::Phone)
                || word_before(scene.text, place.floor(), left.start, Word::Phone)
                || short::is_line(scene.text, &whole)
        })
}

/// The digits of several groups in a row, copied once for the longest window that asks for them.
#[derive(Default)]
struct Digits {
    bytes: [u8; MOST_DIGITS],
    len: usize,
}

impl Digits {
    /// The `len` digits of `window`; later windows must be shorter.
    fn of(&mut self, text: &[u8], window: &[Group], len: usize) -> &[u8] {
        if self.len == 0 {
            for group in window {
                let digits = text.get(group.start..group.end).unwrap_or_default();
                for (slot, digit) in self.bytes.iter_mut().skip(self.len).zip(digits) {
                    *slot = *digit;
                }
                self.len += digits.len();
            }
        }
        self.bytes.get(..len).unwrap_or_default()
    }
}

/// Reads digits as a number: behind a plus, else as the regions in their order write numbers.
///
/// `code_len` is the length of the first group where there are several: a country code without a
/// plus stands by itself there.
#[inline(always)]
fn read(regions: &[Region], digits: &[u8], plus: bool, code_len: Option<usize>) -> Option<Reading> {
    let reading = |verdict: Verdict, evidence: Evidence| {
        let valid = verdict.validity == Validity::Valid;
        let fiction = verdict.number.fiction() != Fiction::None;
        let mut evidence = evidence.with(if valid {
            Evidence::PLAN_VALID
        } else {
            Evidence::PLAN_POSSIBLE
        });
        if fiction {
            evidence = evidence.with(Evidence::FICTION);
        }
        Reading {
            number: verdict.number,
            valid: valid || verdict.number.fiction() == Fiction::Reserved,
            evidence,
        }
    };
    if plus {
        return plan::international(digits).map(|v| reading(v, Evidence::INTERNATIONAL));
    }
    let mut possible = None;
    for &region in regions {
        match plan::national(region, digits) {
            Some(verdict)
                if verdict.validity == Validity::Valid
                    || verdict.number.fiction() == Fiction::Reserved =>
            {
                return Some(reading(verdict, written_as(digits, &verdict.number)));
            }
            Some(verdict) if possible.is_none() => possible = Some(verdict),
            _ => {}
        }
    }
    if let Some(rest) = digits.strip_prefix(b"00")
        && let Some(verdict) = plan::international(rest)
        && verdict.validity == Validity::Valid
    {
        return Some(reading(verdict, Evidence::INTERNATIONAL));
    }
    // A number kept for fiction is one in whatever region it is read.
    if let [b'0', ..] = digits
        && let Some(verdict) = Region::parse("GB").and_then(|gb| plan::national(gb, digits))
        && verdict.number.fiction() == Fiction::Reserved
    {
        return Some(reading(verdict, Evidence::default()));
    }
    // Without a plus a country code needs the length of a whole number.
    if digits.len() >= WHOLE_DIGITS
        && let Some(verdict) = plan::international(digits).filter(|v| v.validity == Validity::Valid)
        && code_len.is_none_or(|len| len == country_len(&verdict.number))
    {
        return Some(reading(verdict, Evidence::COUNTRY_DIGITS));
    }
    possible.map(|verdict| reading(verdict, written_as(digits, &verdict.number)))
}

impl Reading {
    /// Whether a plan assigns the number, or keeps it for fiction.
    pub(super) fn is_valid(&self) -> bool {
        self.valid
    }

    /// Whether only its digits tell that a country code stands before a number of another plan
    /// than North America's.
    pub(super) fn is_without_sign(&self) -> bool {
        self.evidence.has(Evidence::COUNTRY_DIGITS) && self.number.calling_code() != 1
    }

    /// What speaks for it.
    pub(super) fn evidence(&self) -> Evidence {
        self.evidence
    }

    /// Its canonical value.
    pub(super) fn canonical(&self) -> Canonical {
        Canonical::Phone {
            digits: self.number.key(),
            country_len: country_len(&self.number) as u8,
        }
    }
}

/// Reads digits that were told rather than written, behind a `plus` or as the regions in their
/// order dial them.
#[inline(never)]
pub(super) fn read_told(regions: &[Region], digits: &[u8], plus: bool) -> Option<Reading> {
    read(regions, digits, plus, None)
}

/// How many digits the country code has.
fn country_len(number: &Number) -> usize {
    match number.calling_code() {
        0..10 => 1,
        10..100 => 2,
        _ => 3,
    }
}

/// Whether national digits were written with an international prefix or a country code.
#[inline]
fn written_as(digits: &[u8], number: &Number) -> Evidence {
    let country = country_len(number);
    let whole = country + usize::from(number.national_len());
    if digits.len() != whole {
        return if digits.len() > whole {
            Evidence::INTERNATIONAL
        } else {
            Evidence::default()
        };
    }
    // A number with its country code has as many digits as its E.164 form and starts like it; a
    // national prefix of one digit makes the same length and starts with zero, or with eight.
    let starts = digits.iter().enumerate().take_while(|(i, _)| *i < country);
    let starts = starts.fold(0u16, |n, (_, d)| n * 10 + u16::from(d - b'0'));
    if starts == number.calling_code() {
        Evidence::COUNTRY_DIGITS
    } else {
        Evidence::default()
    }
}

/// Adds the hit of a reading that ends at `last` and takes `used` groups to `out`, if how it is
/// written and what stands around it make it one.
#[inline(always)]
fn weigh(
    scene: &Scene<'_>,
    last: usize,
    used: usize,
    left: &shape::Left,
    right: u16,
    reading: &Reading,
    out: &mut Vec<Hit>,
) -> bool {
    let text = scene.text;
    let mut start = left.start;
    if left.is(PAREN)
        && !text
            .get(start..last)
            .is_some_and(|number| number.contains(&b')'))
    {
        // The parenthesis is not the number's own.
        start += 1;
    }
    // The next cell is no extension, whatever it begins with.
    let extension = extension::behind(text, last).filter(|digits| {
        let value = scene.place(start..last).value;
        value.is_none_or(|value| digits.end <= value.end)
    });
    let mut evidence = reading.evidence;
    let grouped = used > 1;
    if grouped {
        evidence = evidence.with(Evidence::GROUPED);
    }
    if extension.is_some() {
        evidence = evidence.with(Evidence::EXTENSION);
    } else if right & LETTERS != 0 {
        // Letters go on behind the digits and are no extension: part of a name.
        return false;
    }
    let place = scene.place(start..last);
    let end = extension.as_ref().map_or(last, |digits| digits.end);
    let fills = place
        .value
        .as_ref()
        .is_some_and(|v| v.start >= start.saturating_sub(1) && v.end <= end + 1);
    if fills {
        evidence = evidence.with(Evidence::WHOLE_CELL);
    }
    let mut confidence = base(text, reading, evidence, &place, left, right);
    let uri = left.is_uri(text);
    if uri {
        evidence = evidence.with(Evidence::URI);
        confidence = confidence.max(if reading.valid { 95 } else { 70 });
    }
    let bare = !grouped && !left.is(PLUS) && !uri;
    let labelled = place.holds(Entity::Phone) || place.speaks(Word::Phone);
    // The scheme of an address is no label: what follows `sip:` is dialled.
    if !uri && place.refuses(Entity::Phone) {
        evidence = evidence.with(Evidence::NAMED_OTHERWISE);
        confidence = if left.is(PLUS) && reading.valid {
            60
        } else {
            confidence.min(30)
        };
    } else if labelled {
        evidence = evidence.with(Evidence::COLUMN);
        confidence = confidence.max(if reading.valid { 95 } else { 70 });
    } else if confidence >= CERTAIN {
        // Nothing a word could say would change it.
    } else if place.register == Register::Cell && scene.phones_around(start) {
        evidence = evidence.with(Evidence::COLUMN);
        confidence = confidence.max(if reading.valid { 92 } else { 62 });
    } else if bare
        && (unit_behind(text, last) || word_before(text, place.floor(), start, Word::Identifier))
    {
        evidence = evidence.with(Evidence::IDENTIFIER_WORD);
        confidence = confidence.min(40);
    } else if word_before(text, place.floor(), start, Word::Phone) {
        evidence = evidence.with(Evidence::CONTEXT);
        confidence = confidence.max(if reading.valid { 88 } else { 58 });
    }
    if confidence < scene.min_confidence.0 {
        return false;
    }
    out.push(Hit {
        entity: Entity::Phone,
        range: start..end,
        confidence: Confidence(confidence),
        evidence,
        canonical: Canonical::Phone {
            digits: reading.number.key(),
            country_len: country_len(&reading.number) as u8,
        },
        extension,
    });
    true
}

/// How sure the writing alone makes a reading, in hundredths.
#[inline(always)]
fn base(
    text: &[u8],
    reading: &Reading,
    evidence: Evidence,
    place: &Place,
    left: &shape::Left,
    right: u16,
) -> u8 {
    let international = evidence.has(Evidence::INTERNATIONAL);
    let grouped = evidence.has(Evidence::GROUPED);
    let extended = evidence.has(Evidence::EXTENSION);
    let sure = match (reading.valid, left.is(PLUS), grouped) {
        (true, true, _) => 97,
        (true, _, true) if international || left.is(PAREN) => 92,
        (true, _, true) => 86,
        (true, _, false) if extended => 80,
        (true, _, false) => {
            let cell_like = evidence.has(Evidence::WHOLE_CELL) || left.bits & right & CELL != 0;
            match (international, cell_like) {
                (true, true) => 80,
                (true, false) => 62,
                _ if right & CHANNEL != 0 || left.is_channel(text) => 80,
                (false, true) => 72,
                _ if left.bits & right & QUOTED != 0 => 58,
                _ if place.register == Register::Log => 35,
                _ => 60,
            }
        }
        (false, true, _) => 60,
        (false, _, true) if extended => 50,
        (false, _, true) => 35,
        (false, _, false) => 20,
    };
    // Digits that no plan of the run's regions reads stand for a number only where the country
    // code is told by something else.
    let foreign =
        reading.evidence.has(Evidence::COUNTRY_DIGITS) && reading.number.calling_code() != 1;
    let crowd = if (left.bits | right) & CROWDED != 0 {
        12
    } else {
        0
    };
    let unsure = if foreign && !grouped { 25 } else { 0 };
    let named = if (left.bits | right) & NAMED != 0 {
        10
    } else {
        0
    };
    u8::saturating_sub(sure, crowd + unsure + named)
}
