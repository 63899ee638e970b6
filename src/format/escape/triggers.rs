//! Finds where something hides, with passes that cost next to nothing where nothing does.

use std::ops::Range;

use memchr::{memchr_iter, memchr2, memchr3};

use super::decode::{ansi, percent, slash};
use super::fold::{LEADS, fold, numeric};

/// Offsets in `text[within]`, outside `taken`, at which an escape or a foldable character stands.
pub(super) fn find(text: &[u8], within: Range<usize>, taken: &[Range<usize>]) -> Vec<usize> {
    let mut found = Vec::new();
    let Some(owned) = text.get(within.clone()) else {
        return found;
    };
    let free = |at: usize| {
        let next = taken.partition_point(|range| range.end <= at);
        taken.get(next).is_none_or(|range| at < range.start)
    };
    let mut at = within.start;
    while let Some(i) = text
        .get(at..within.end)
        .and_then(|rest| memchr3(b'%', b'\\', 0x1b, rest))
    {
        let here = at + i;
        let rest = text.get(here..within.end).unwrap_or_default();
        let escape = match rest.first() {
            Some(b'%') => percent(rest).is_some(),
            Some(b'\\') => slash(rest).is_some(),
            _ => ansi(rest).is_some(),
        };
        if escape && free(here) {
            found.push(here);
        }
        at = here + 1;
    }
    if !owned.is_ascii() {
        let escapes = found.len();
        foldable(text, within, &free, &mut found);
        if found.len() > escapes {
            found.sort_unstable();
        }
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
