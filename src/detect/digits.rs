//! A stretch of digits and joiners as groups, and the reading of its groups one by one.
//!
//! Owns the order in which the readings are tried: date, address, card, phone. Each group of
//! digits belongs to at most one of them.

use super::{Scene, card, ip, phone};
use crate::detect::hit::Hit;
use crate::raw::BLOCK;

/// The most groups one number is written in: ten single digits and a country code.
pub(super) const MOST_GROUPS: usize = 12;
/// The longest group that can be part of a number; a longer one is an identifier.
const LONGEST_GROUP: usize = 19;
/// The most digits that are looked at: a country code behind an international prefix.
pub(super) const MOST_DIGITS: usize = 20;

/// Consecutive digits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Group {
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Group {
    #[inline(always)]
    pub(super) fn len(self) -> usize {
        self.end - self.start
    }
}

/// Whether a stretch goes on from a letter over single joints without a blank, as channel names,
/// hexadecimal ids and product codes do: no group of it is set off as a number is.
#[inline(always)]
fn continues_a_name(text: &[u8], start: usize, stretch: &[u8]) -> bool {
    let letter = start
        .checked_sub(1)
        .and_then(|p| text.get(p))
        .is_some_and(u8::is_ascii_alphabetic);
    letter && {
        let mut joints = 0u32;
        stretch.iter().all(|byte| {
            joints = if byte.is_ascii_digit() { 0 } else { joints + 1 };
            joints < 2 && !matches!(byte, b' ' | b'(' | b'+')
        })
    }
}

/// The fewest digits of a phone.
const FEWEST_DIGITS: usize = 7;

/// How many digits stand in `start..end`.
#[inline(always)]
fn count(digit: &[u64], start: usize, end: usize) -> usize {
    let (first, last) = (start / BLOCK, (end - 1) / BLOCK);
    let low = !0u64 << (start % BLOCK);
    let high = !0u64 >> (BLOCK - 1 - (end - 1) % BLOCK);
    let Some(words) = digit.get(first..=last) else {
        return 0;
    };
    match words {
        [one] => (one & low & high).count_ones() as usize,
        [one, middle @ .., two] => {
            let inner: u32 = middle.iter().map(|word| word.count_ones()).sum();
            ((one & low).count_ones() + inner + (two & high).count_ones()) as usize
        }
        [] => 0,
    }
}

/// Splits `start..end` into its groups.
#[inline(always)]
fn split(digit: &[u64], start: usize, end: usize, groups: &mut Vec<Group>) {
    groups.clear();
    let mut at = start;
    while at < end {
        let group_end = span(digit, at, true).min(end);
        groups.push(Group {
            start: at,
            end: group_end,
        });
        at = span(digit, group_end, false);
    }
}

/// The first byte at or behind `at` whose class bit is not `set`.
#[inline(always)]
fn span(class: &[u64], at: usize, set: bool) -> usize {
    let flip = if set { !0u64 } else { 0 };
    let mut block = at / BLOCK;
    let Some(&first) = class.get(block) else {
        return at;
    };
    let mut bits = (first ^ flip) & (!0u64 << (at % BLOCK));
    while bits == 0 {
        block += 1;
        let Some(&next) = class.get(block) else {
            return block * BLOCK;
        };
        bits = next ^ flip;
    }
    block * BLOCK + bits.trailing_zeros() as usize
}

/// Reads the stretch `start..end` and adds what it holds to `out`.
#[inline(always)]
pub(super) fn read(
    scene: &Scene<'_>,
    digit: &[u64],
    start: usize,
    end: usize,
    groups: &mut Vec<Group>,
    out: &mut Vec<Hit>,
) {
    // Most stretches of logs and exports are dates: a look at ten bytes saves splitting them.
    if let Some(
        [
            y1 @ (b'1' | b'2'),
            b'0'..=b'9',
            b'0'..=b'9',
            b'0'..=b'9',
            sep,
            b'0'..=b'3',
            b'0'..=b'9',
            sep2,
            b'0'..=b'3',
            b'0'..=b'9',
            ..,
        ],
    ) = scene.text.get(start..end)
        && sep == sep2
        && matches!(sep, b'-' | b'/' | b'.')
        && (*y1 == b'1' || scene.text[start + 1] == b'0')
        && end - start <= 13
    {
        return;
    }
    // A phone has seven digits; with fewer only an address is possible, which has dots.
    let stretch = scene.text.get(start..end).unwrap_or_default();
    let digits = count(digit, start, end);
    if digits < FEWEST_DIGITS && (digits < 4 || memchr::memchr(b'.', stretch).is_none()) {
        return;
    }
    if continues_a_name(scene.text, start, stretch) {
        return;
    }
    split(digit, start, end, groups);
    let mut first = 0;
    while first < groups.len() {
        first += at_group(scene, groups, first, out).max(1);
    }
}

/// Reads what starts at group `first`; returns how many groups it used.
#[inline(always)]
fn at_group(scene: &Scene<'_>, groups: &[Group], first: usize, out: &mut Vec<Hit>) -> usize {
    let text = scene.text;
    let group = groups[first];
    if group.len() > LONGEST_GROUP {
        return 1;
    }
    let rest = groups.len() - first;
    if rest >= 3 && is_date(text, &groups[first..first + 3]) {
        return 3;
    }
    if rest >= 4 && text.get(group.end) == Some(&b'.') {
        let dotted = dotted(text, &groups[first..]);
        if dotted == 4 && groups[first..first + 4].iter().all(|g| g.len() <= 3) {
            let range = group.start..groups[first + 3].end;
            out.extend(ip::judge_v4(text, range));
            return 4;
        }
        // Object identifiers and long versions; five pairs are how French numbers are written.
        if dotted > 4 && !groups[first..first + dotted].iter().all(|g| g.len() == 2) {
            return dotted;
        }
    }
    if let Some((hit, used)) = card::judge(scene, groups, first) {
        // A card number never hides a phone that is surer.
        if hit.confidence >= scene.min_confidence {
            out.push(hit);
            return used;
        }
    }
    let phone = phone::judge(scene, groups, first);
    if let Some((hit, used)) = phone.or_else(|| phone::vanity::judge(scene, groups, first)) {
        out.push(hit);
        return used;
    }
    1
}

/// How many groups from the first on are joined by single dots.
fn dotted(text: &[u8], groups: &[Group]) -> usize {
    1 + groups
        .windows(2)
        .take_while(|pair| text.get(pair[0].end..pair[1].start) == Some(b".".as_slice()))
        .count()
}

/// Year, month and day in either order, with one sign between.
fn is_date(text: &[u8], groups: &[Group]) -> bool {
    let [a, b, c] = groups else { return false };
    let (Some([first]), Some([second])) = (text.get(a.end..b.start), text.get(b.end..c.start))
    else {
        return false;
    };
    if first != second || !matches!(first, b'-' | b'/' | b'.') {
        return false;
    }
    let value = |g: &Group| {
        text[g.start..g.end]
            .iter()
            .fold(0u32, |n, d| n * 10 + u32::from(d - b'0'))
    };
    let year = |g: &Group| g.len() == 4 && (1900..2100).contains(&value(g));
    let small = |g: &Group, most: u32| g.len() <= 2 && (1..=most).contains(&value(g));
    (year(a) && small(b, 12) && small(c, 31))
        || (year(c) && small(a, 31) && small(b, 31) && (value(a) <= 12 || value(b) <= 12))
}
