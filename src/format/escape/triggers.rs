//! Finds where something hides, with passes that cost next to nothing where nothing does.

use std::ops::Range;

use memchr::{memchr_iter, memchr2, memchr3};

use super::decode::{ansi, percent, reference, slash};
use super::fold::{LEADS, fold, numeric};
use crate::raw::{Set, find_foreign};

/// What escapes begin with.
const LEADING: Set = Set::of(b"%\\\x1b");

/// Offsets in `text[within]`, outside `taken`, at which an escape or a foldable character stands.
pub(super) fn find(text: &[u8], within: Range<usize>, taken: &[Range<usize>]) -> Vec<usize> {
    let mut found = Vec::new();
    let Some(owned) = text.get(..within.end) else {
        return found;
    };
    let free = |at: usize| {
        let next = taken.partition_point(|range| range.end <= at);
        taken.get(next).is_none_or(|range| at < range.start)
    };
    let mut at = within.start;
    // Where the text stops being ASCII; from there on escapes are looked for alone.
    let mut foreign = None;
    loop {
        let next = match foreign {
            None => find_foreign(owned, at, LEADING),
            Some(_) => owned
                .get(at..)
                .and_then(|rest| memchr3(b'%', b'\\', 0x1b, rest))
                .map(|i| at + i),
        };
        let Some(here) = next else { break };
        let rest = owned.get(here..).unwrap_or_default();
        let escape = match rest.first() {
            Some(b'%') => percent(rest).is_some(),
            Some(b'\\') => slash(rest).is_some(),
            Some(0x1b) => ansi(rest).is_some(),
            _ => {
                foreign = Some(here);
                false
            }
        };
        if escape && free(here) {
            found.push(here);
        }
        at = here + 1;
    }
    let escapes = found.len();
    if let Some(foreign) = foreign {
        foldable(text, foreign..within.end, &free, &mut found);
    }
    let whole = owned.get(within.start..).unwrap_or_default();
    for at in memchr_iter(b'&', whole).map(|i| within.start + i) {
        if owned.get(at..).and_then(reference).is_some() && free(at) {
            found.push(at);
        }
    }
    if found.len() > escapes {
        found.sort_unstable();
    }
    found
}

fn foldable(
    text: &[u8],
    within: Range<usize>,
    free: &dyn Fn(usize) -> bool,
    found: &mut Vec<usize>,
) {
    let [c2, d9, db, e0, e2, e3, ef] = LEADS;
    let Some(owned) = text.get(..within.end) else {
        return;
    };
    let mut check = |at: usize| {
        if let Some((to, len)) = owned.get(at..).and_then(fold)
            && numeric(owned, at, to, len)
            && free(at)
        {
            found.push(at);
        }
    };
    for needles in [[c2, e2, ef], [d9, db, e0]] {
        let mut at = within.start;
        while let Some(i) = owned
            .get(at..)
            .and_then(|rest| memchr3(needles[0], needles[1], needles[2], rest))
        {
            check(at + i);
            at += i + 1;
        }
    }
    // The ideographic blank alone has this lead; its second byte is rare in running text.
    if memchr2(e3, e3, owned.get(within.start..).unwrap_or_default()).is_some() {
        for i in memchr_iter(e3, owned.get(within.start..).unwrap_or_default()) {
            check(within.start + i);
        }
    }
}
