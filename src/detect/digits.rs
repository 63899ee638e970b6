//! A stretch of digits and joiners as groups, and the reading of its groups one by one.
//!
//! Owns the order in which the readings are tried: date, address, card, phone. Each group of
//! digits belongs to at most one of them.

use super::{Scene, card, ip, named, phone};
use crate::detect::hit::Hit;
use crate::detect::sieve::SHORTEST_NUMBER;
use crate::entity::Entity;

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

/// Signs between two groups of one number.
const MOST_JOINERS: usize = 3;

/// The fewest digits of a phone.
const FEWEST_DIGITS: usize = 7;

/// The digits of a date, year first, behind which no digit goes on, and how long its stretch is at
/// most: with an hour behind.
const DATE: (u64, u64, u32) = (0b111_1111_1111, 0b011_0110_1111, 13);

/// Whether ten bytes whose digits lie as in [`DATE`] are year, month and day.
#[inline(always)]
fn is_year_first(text: &[u8], start: usize) -> bool {
    let Some([y1, y2, _, _, sep, month, _, sep2, day, _]) =
        text.get(start..).and_then(<[u8]>::first_chunk::<10>)
    else {
        return false;
    };
    sep == sep2
        && matches!(sep, b'-' | b'.' | b'/')
        && (*y1 == b'1' || (*y1 == b'2' && *y2 == b'0'))
        && (*month).max(*day) <= b'3'
}

/// Reads the stretch at `start` and adds what it holds to `out`. Bit `i` of `digits` and `reach`
/// stands for the byte `start + i`; the stretch ends where nothing is reached any more.
#[inline(always)]
pub(super) fn read(
    scene: &Scene<'_>,
    start: usize,
    digits: u64,
    reach: u64,
    groups: &mut Vec<Group>,
    out: &mut Vec<Hit>,
) {
    let reach = reach.trailing_ones();
    if reach == u64::BITS {
        split_long(scene.text, start, groups);
        let end = groups.last().map_or(start, |group| group.end);
        let stretch = scene.text.get(start..end).unwrap_or_default();
        if !continues_a_name(scene.text, start, stretch) {
            let count = groups.iter().map(|group| group.len()).sum();
            read_groups(scene, groups, count, out);
        }
        return;
    }
    let digits = digits & ((1 << reach) - 1);
    let len = u64::BITS - digits.leading_zeros();
    if (len as usize) < SHORTEST_NUMBER {
        return;
    }
    // Most stretches of logs and exports are dates: a look at ten bytes saves splitting them.
    let (places, pattern, longest) = DATE;
    if digits & places == pattern && len <= longest && is_year_first(scene.text, start) {
        return;
    }
    let count = digits.count_ones() as usize;
    let end = start + len as usize;
    // One group is all ones: adding one leaves nothing of them.
    if digits & (digits + 1) == 0 {
        one_group(scene, Group { start, end }, groups, out);
        return;
    }
    if settles_two(scene, start, digits) {
        return;
    }
    if let Some(dots) = dotted_quad(scene.text, start, digits, len) {
        let letter = start
            .checked_sub(1)
            .is_some_and(|before| scene.text[before].is_ascii_alphabetic());
        if !letter {
            out.extend(ip::judge_v4(scene, start..end, dots));
        }
        return;
    }
    let stretch = scene.text.get(start..end).unwrap_or_default();
    // A phone has seven digits; with fewer only an address is possible, which has dots.
    if count < FEWEST_DIGITS && (count < 4 || memchr::memchr(b'.', stretch).is_none()) {
        return;
    }
    if continues_a_name(scene.text, start, stretch) {
        let cookie = named::analytics(scene.text, start, end);
        out.extend(cookie.map(|form| named::by_itself(Entity::CookieId, form)));
        return;
    }
    groups.clear();
    let (mut at, mut rest) = (start, digits);
    while rest != 0 {
        let gap = rest.trailing_zeros();
        rest >>= gap;
        let run = rest.trailing_ones();
        rest >>= run;
        let from = at + gap as usize;
        at = from + run as usize;
        groups.push(Group {
            start: from,
            end: at,
        });
    }
    read_groups(scene, groups, count, out);
}

/// Whether a stretch of two groups is seen to hold nothing from their lengths and what joins them:
/// a number with a fraction, a channel's name and sequence, two numbers side by side.
#[inline(always)]
fn settles_two(scene: &Scene<'_>, start: usize, digits: u64) -> bool {
    let first = digits.trailing_ones();
    let rest = digits >> first;
    let gap = rest.trailing_zeros();
    let rest = rest >> gap;
    // Two groups are left of the stretch when the second is all there is behind the first.
    if rest & (rest + 1) != 0 {
        return false;
    }
    let (first, gap, second) = (first as usize, gap as usize, rest.trailing_ones() as usize);
    let end = start + first + gap + second;
    let Some(stretch) = scene.text.get(start..end) else {
        return false;
    };
    let before = start
        .checked_sub(1)
        .map_or(b' ', |before| scene.text[before]);
    let joint = stretch[first];
    let close = gap == 1 && matches!(joint, b'-' | b'.' | b'/');
    if close && before.is_ascii_alphabetic() {
        // As in `continues_a_name`.
        return true;
    }
    let phone = phone::FEWEST_DIGITS..=card::MOST_DIGITS;
    // What joins two groups closely lets neither stand alone; a hyphen may lead a sequence.
    let alone =
        phone.contains(&first) && !(close && joint != b'-') || phone.contains(&second) && !close;
    !alone
        && !card::may_be_two(first, second)
        && !phone::may_be_two(scene, stretch, first, second)
        && !matches!(before, b'+' | b'(')
        && !phone::vanity::may_follow(scene.text, end)
}

/// Where the dots of a stretch are that is four groups of at most three digits, with single dots
/// between.
#[inline(always)]
fn dotted_quad(text: &[u8], start: usize, digits: u64, len: u32) -> Option<[usize; 3]> {
    let mut gaps = !digits & ((1 << len) - 1);
    if gaps.count_ones() != 3 {
        return None;
    }
    let mut dots = [0; 3];
    let mut from = 0;
    for dot in &mut dots {
        let at = gaps.trailing_zeros();
        gaps &= gaps - 1;
        if !(1..=3).contains(&at.wrapping_sub(from)) {
            return None;
        }
        from = at + 1;
        *dot = start + at as usize;
        if text.get(*dot) != Some(&b'.') {
            return None;
        }
    }
    (1..=3).contains(&(len - from)).then_some(dots)
}

/// Reads a stretch that is digits only, as most numbers that machines write are.
#[inline(always)]
fn one_group(scene: &Scene<'_>, group: Group, groups: &mut Vec<Group>, out: &mut Vec<Hit>) {
    let before = group.start.checked_sub(1).and_then(|p| scene.text.get(p));
    if group.len() > LONGEST_GROUP || before.is_some_and(u8::is_ascii_alphabetic) {
        if group.len() >= SHORTEST_ACCOUNT {
            long_group(scene, group, out);
        }
        return;
    }
    let alone = [group];
    if let Some(hit) = card::one(scene, &alone, 0)
        && hit.confidence >= scene.min_confidence
    {
        out.push(hit);
        return;
    }
    if phone::judge(scene, &alone, 0, out).is_some() {
        return;
    }
    if group.len() >= SIM_CARD {
        long_group(scene, group, out);
        return;
    }
    if phone::vanity::may_follow(scene.text, group.end) {
        groups.clear();
        groups.push(group);
        out.extend(phone::vanity::judge(scene, groups, 0).map(|(hit, _)| hit));
    }
}

/// The fewest digits in a row at the end of a bank account's number with letters before.
const SHORTEST_ACCOUNT: usize = 10;
/// The fewest digits of a SIM card's number.
const SIM_CARD: usize = 18;

/// Reads a group that is too long for a phone, or goes on from a letter.
#[inline(never)]
fn long_group(scene: &Scene<'_>, group: Group, out: &mut Vec<Hit>) {
    if let Some(form) = named::after_letter(scene.text, group.start) {
        out.push(named::by_itself(Entity::Iban, form));
    } else if group.len() >= SIM_CARD {
        let form = named::card_of_sim(scene, group.start, group.end);
        out.extend(form.map(|form| named::by_itself(Entity::Iccid, form)));
    }
}

/// Splits a stretch that is longer than its classes tell.
#[inline(never)]
fn split_long(text: &[u8], start: usize, groups: &mut Vec<Group>) {
    groups.clear();
    let mut at = start;
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let end = at + rest.iter().take_while(|b| b.is_ascii_digit()).count();
        if end == at {
            return;
        }
        groups.push(Group { start: at, end });
        let behind = text.get(end..).unwrap_or_default();
        let is_joiner = |b: &&u8| matches!(b, b' ' | b'(' | b')' | b'+' | b'-' | b'.' | b'/');
        let gap = behind
            .iter()
            .take(MOST_JOINERS + 1)
            .take_while(is_joiner)
            .count();
        if gap > MOST_JOINERS {
            return;
        }
        at = end + gap;
    }
}

/// Reads groups of `count` digits one by one.
#[inline(never)]
fn read_groups(scene: &Scene<'_>, groups: &[Group], count: usize, out: &mut Vec<Hit>) {
    let end = groups.last().map_or(0, |group| group.end);
    let vanity = phone::vanity::may_follow(scene.text, end);
    // Letters of a country or a bank close before, as bank accounts have them.
    let capital = |back: usize| {
        let at = groups
            .first()
            .and_then(|group| group.start.checked_sub(back));
        at.and_then(|at| scene.text.get(at))
            .is_some_and(u8::is_ascii_uppercase)
    };
    if (capital(1) || capital(2))
        && let Some(form) = named::spaced(scene.text, groups[0].start)
    {
        out.push(named::by_itself(Entity::Iban, form));
        return;
    }
    let (mut first, mut left) = (0, count);
    while let Some(rest) = groups.get(first..).filter(|rest| !rest.is_empty()) {
        // Too few digits for a phone, too few groups for an address.
        if left < FEWEST_DIGITS && rest.len() < 4 && !vanity {
            return;
        }
        let used = at_group(scene, groups, first, left, vanity, out).max(1);
        left -= rest
            .iter()
            .take(used)
            .map(|group| group.len())
            .sum::<usize>();
        first += used;
    }
}

/// Reads what starts at group `first`, from which on there are `count` digits and behind them,
/// with `vanity`, letters; returns how many groups it used.
#[inline(always)]
fn at_group(
    scene: &Scene<'_>,
    groups: &[Group],
    first: usize,
    count: usize,
    vanity: bool,
    out: &mut Vec<Hit>,
) -> usize {
    let text = scene.text;
    let group = groups[first];
    if group.len() > LONGEST_GROUP {
        return 1;
    }
    let rest = groups.len() - first;
    if rest >= 3 && is_date(text, &groups[first..first + 3]) {
        return 3;
    }
    if rest >= 3
        && group.len() == 3
        && groups[first + 1].len() == 2
        && groups[first + 2].len() == 4
        && let Some(form) = named::social_security(scene, group.start, groups[first + 2].end)
        // What is too unsure to be told hides no phone.
        && form.percent() >= scene.min_confidence.0
    {
        out.push(named::by_itself(Entity::UsSsn, form));
        return 3;
    }
    if rest >= 4 && text.get(group.end) == Some(&b'.') {
        let dotted = dotted(text, &groups[first..]);
        if dotted == 4 && groups[first..first + 4].iter().all(|g| g.len() <= 3) {
            let [a, b, c, d] = [0, 1, 2, 3].map(|i| groups[first + i]);
            out.extend(ip::judge_v4(scene, a.start..d.end, [a.end, b.end, c.end]));
            return 4;
        }
        // Object identifiers and long versions; five pairs are how French numbers are written.
        if dotted > 4 && !groups[first..first + dotted].iter().all(|g| g.len() == 2) {
            return dotted;
        }
    }
    if count >= card::FEWEST_DIGITS
        && let Some((hit, used)) = card::judge(scene, groups, first)
        // A card number never hides a phone that is surer.
        && hit.confidence >= scene.min_confidence
    {
        out.push(hit);
        return used;
    }
    if count >= FEWEST_DIGITS
        && let Some(used) = phone::judge(scene, groups, first, out)
    {
        return used;
    }
    if vanity && let Some((hit, used)) = phone::vanity::judge(scene, groups, first) {
        out.push(hit);
        return used;
    }
    1
}

/// How many groups from the first on are joined by single dots.
fn dotted(text: &[u8], groups: &[Group]) -> usize {
    1 + groups
        .windows(2)
        .take_while(|pair| matches!(text.get(pair[0].end..pair[1].start), Some([b'.'])))
        .count()
}

/// Year, month and day in either order, with one sign between.
#[inline(always)]
fn is_date(text: &[u8], groups: &[Group]) -> bool {
    let [a, b, c] = groups else { return false };
    // By their lengths most are none.
    if b.len() > 2 || !matches!((a.len(), c.len()), (4, 1..=2) | (1..=2, 4)) {
        return false;
    }
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
