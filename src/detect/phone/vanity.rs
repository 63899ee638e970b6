//! Vanity numbers: a toll-free or premium prefix in digits, the rest in letters of the keypad
//! (ITU-T E.161), as in `1-800-555-CALL`.

use super::super::Scene;
use super::super::digits::Group;
use super::super::hit::Hit;
use super::plan::{self, Region, Validity};
use crate::entity::Entity;
use crate::finding::{Canonical, Confidence, Evidence};

/// Digits of a North American number with its country code.
const DIGITS: usize = 11;
/// Letters behind the digits: fewer are an extension or a unit.
const FEWEST_LETTERS: usize = 3;
/// Letters beyond the number are dialled to no effect and belong to the word.
const MOST_LETTERS: usize = 10;

/// Whether letters may go on behind digits that end at `end`.
#[inline(always)]
pub(in super::super) fn may_follow(text: &[u8], end: usize) -> bool {
    matches!(text.get(end..), Some([b'-', b'A'..=b'Z', ..]))
}

/// The vanity number whose digits are the groups from `first` to the last of the stretch.
#[inline(never)]
pub(in super::super) fn judge(
    scene: &Scene<'_>,
    groups: &[Group],
    first: usize,
) -> Option<(Hit, usize)> {
    let text = scene.text;
    let last = groups.last()?;
    let [b'-', behind @ ..] = text.get(last.end..)? else {
        return None;
    };
    let letters = behind
        .iter()
        .take(MOST_LETTERS + 1)
        .take_while(|b| b.is_ascii_uppercase())
        .count();
    if !(FEWEST_LETTERS..=MOST_LETTERS).contains(&letters) {
        return None;
    }
    let ends = behind
        .get(letters)
        .is_none_or(|b| !b.is_ascii_alphanumeric() && *b != b'_');
    let start = groups[first].start;
    let before = start.checked_sub(1).and_then(|p| text.get(p));
    if !ends || before.is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
    {
        return None;
    }
    let mut digits = [b'0'; DIGITS];
    let written = groups[first..]
        .iter()
        .flat_map(|g| &text[g.start..g.end])
        .copied();
    let keyed = behind[..letters].iter().map(|letter| key(*letter));
    let mut all = written.chain(keyed).peekable();
    // The country code is left out as often as not.
    let mut len = 0;
    if all.peek() != Some(&b'1') {
        digits[0] = b'1';
        len = 1;
    }
    for slot in &mut digits[len..] {
        *slot = all.next()?;
        len += 1;
    }
    let service = matches!(digits, [b'1', b'8', a, b, ..] if a == b) || digits.starts_with(b"1900");
    if !service || len != DIGITS {
        return None;
    }
    let verdict = Region::parse("US").and_then(|us| plan::national(us, &digits))?;
    let valid = if verdict.validity == Validity::Valid {
        Evidence::PLAN_VALID
    } else {
        Evidence::PLAN_POSSIBLE
    };
    let hit = Hit {
        entity: Entity::Phone,
        range: start..last.end + 1 + letters,
        confidence: Confidence(if verdict.validity == Validity::Valid {
            88
        } else {
            70
        }),
        evidence: Evidence::VANITY.with(Evidence::GROUPED).with(valid),
        canonical: Canonical::Phone {
            digits: verdict.number.key(),
            country_len: 1,
        },
        extension: None,
    };
    Some((hit, groups.len() - first))
}

/// The key that carries a letter.
fn key(letter: u8) -> u8 {
    match letter {
        b'A'..=b'C' => b'2',
        b'D'..=b'F' => b'3',
        b'G'..=b'I' => b'4',
        b'J'..=b'L' => b'5',
        b'M'..=b'O' => b'6',
        b'P'..=b'S' => b'7',
        b'T'..=b'V' => b'8',
        _ => b'9',
    }
}
