//! Numbers of fewer digits than the sieve looks at, which some plans have: the islands of the
//! Atlantic and the Pacific, Greenland, Norwegian service numbers.
//!
//! Owns when such digits are a number: a region of the run assigns them, and a column, a key or a
//! word before says that a number stands there. Runs only where a region has such numbers.

use std::ops::Range;

use super::super::context::{Word, word_before};
use super::super::{Place, Scene};
use super::plan::{self, Validity, Verdict};
use super::{FEWEST_DIGITS, country_len};
use crate::detect::hit::Hit;
use crate::entity::Entity;
use crate::finding::{Canonical, Confidence, Evidence};

/// The shortest numbers of all plans: Niue's and Tokelau's.
pub(super) const SHORTEST: usize = 4;

/// How sure a column or key makes such a number, how sure a word before it, and how sure a line that
/// holds nothing else.
const NAMED: u8 = 90;
const SPOKEN_OF: u8 = 70;
const ALONE: u8 = 55;

/// Adds the short numbers of the text to `out`.
#[inline(never)]
pub(in super::super) fn find(scene: &Scene<'_>, out: &mut Vec<Hit>) {
    let text = scene.text;
    let mut at = 0;
    while let Some(found) = text.get(at..).and_then(|rest| {
        let digit = rest.iter().position(u8::is_ascii_digit)?;
        Some(stretch(text, at + digit))
    }) {
        at = found.end;
        out.extend(judge(scene, &found));
    }
}

/// Digits and what joins them.
struct Stretch {
    /// Where it starts, a plus included.
    start: usize,
    end: usize,
    digits: [u8; FEWEST_DIGITS],
    /// How many digits there are; more than there is room for are no short number.
    len: usize,
    groups: usize,
    plus: bool,
    /// Whether it stands by itself.
    free: bool,
}

/// Reads the stretch whose first digit stands at `start`.
fn stretch(text: &[u8], start: usize) -> Stretch {
    let mut found = Stretch {
        start,
        end: start,
        digits: [0; FEWEST_DIGITS],
        len: 0,
        groups: 1,
        plus: false,
        free: true,
    };
    let is_digit = |at: usize| text.get(at).is_some_and(u8::is_ascii_digit);
    let joins = |at: usize| matches!(text.get(at), Some(b' ' | b'-' | b'.')) && is_digit(at + 1);
    while let Some(byte) = text.get(found.end) {
        if byte.is_ascii_digit() {
            if let Some(slot) = found.digits.get_mut(found.len) {
                *slot = *byte;
            }
            found.len += 1;
        } else if joins(found.end) {
            found.groups += 1;
        } else {
            break;
        }
        found.end += 1;
    }
    let byte_before = |at: usize| at.checked_sub(1).map_or(Some(&b'\n'), |at| text.get(at));
    if byte_before(start) == Some(&b'+') {
        found.plus = true;
        found.start -= 1;
    }
    let opens = |byte: &u8| {
        matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'"' | b'\'' | b'(')
            || matches!(byte, b',' | b';' | b'|' | b'=' | b':' | b'>' | b'<')
    };
    let closes = |byte: &u8| opens(byte) || matches!(byte, b')' | b'.' | b'!' | b'?' | b'&');
    let behind = text.get(found.end);
    // A dot or comma before a digit goes on with the number, and so do other signs.
    let goes_on = is_digit(found.end + 1) && !matches!(behind, Some(b' ' | b'\n' | b',' | b';'));
    found.free =
        byte_before(found.start).is_some_and(opens) && behind.is_none_or(closes) && !goes_on;
    found
}

fn judge(scene: &Scene<'_>, found: &Stretch) -> Option<Hit> {
    if !found.free || !(SHORTEST..FEWEST_DIGITS).contains(&found.len) {
        return None;
    }
    let digits = found.digits.get(..found.len)?;
    let is_valid = |verdict: &Verdict| verdict.validity == Validity::Valid;
    let verdict = if found.plus {
        plan::international(digits).filter(is_valid)?
    } else {
        let mut regions = scene.regions.iter();
        regions.find_map(|region| plan::national(*region, digits).filter(is_valid))?
    };
    let range = found.start..found.end;
    let place = scene.place(range.clone());
    let (confidence, evidence) = said(scene, &place, &range)?;
    let mut evidence = evidence.with(Evidence::PLAN_VALID);
    if found.groups > 1 {
        evidence = evidence.with(Evidence::GROUPED);
    }
    if found.plus {
        evidence = evidence.with(Evidence::INTERNATIONAL);
    }
    Some(Hit {
        entity: Entity::Phone,
        range,
        confidence: Confidence(confidence),
        evidence,
        canonical: Canonical::Phone {
            digits: verdict.number.key(),
            country_len: country_len(&verdict.number) as u8,
        },
        extension: None,
    })
}

/// What says that a number stands there, and how sure that makes it.
fn said(scene: &Scene<'_>, place: &Place, range: &Range<usize>) -> Option<(u8, Evidence)> {
    if place.holds(Entity::Phone) || place.speaks(Word::Phone) {
        return Some((NAMED, Evidence::COLUMN));
    }
    if place.refuses(Entity::Phone) {
        return None;
    }
    let hears = |word| word_before(scene.text, place.floor(), range.start, word);
    if hears(Word::Phone) && !hears(Word::Identifier) {
        return Some((SPOKEN_OF, Evidence::CONTEXT));
    }
    is_line(scene.text, range).then_some((ALONE, Evidence::WHOLE_CELL))
}

/// Whether a range is all there is on its line.
pub(super) fn is_line(text: &[u8], range: &Range<usize>) -> bool {
    let ends = |byte: Option<&u8>| matches!(byte, None | Some(b'\n' | b'\r'));
    ends(range.start.checked_sub(1).and_then(|at| text.get(at))) && ends(text.get(range.end))
}

#[cfg(test)]
mod tests {
    use crate::detect::phone::plan::Region;
    use crate::detect::{Detectors, Scratch};
    use crate::entity::EntitySet;
    use crate::finding::Confidence;
    use crate::view::{NoHints, Register, View};

    fn found(region: &str, text: &str) -> Vec<String> {
        let regions = vec![Region::parse(region).unwrap()];
        let detectors = Detectors::new(regions, EntitySet::all(), Confidence(50));
        let (mut hits, hints) = (Vec::new(), NoHints(Register::Prose));
        let view = View::raw(text.as_bytes(), 0, &hints);
        detectors.scan(&view, &mut Scratch::default(), &mut hits);
        let told = |hit: crate::detect::Hit| text[hit.range].to_owned();
        hits.into_iter().map(told).collect()
    }

    #[test]
    fn short_numbers_of_the_region_are_found_where_something_says_so() {
        for (region, text, value) in [
            ("GL", "please call 32 10 00 today", "32 10 00"),
            ("NC", "tel 20.12.34, merci", "20.12.34"),
            ("FK", "phone=31234 ok", "31234"),
            ("NU", "7012", "7012"),
            ("IR", "dial +98 9601 now", "+98 9601"),
            ("TO", "31-12-2024\n20-123\n", "20-123"),
        ] {
            assert_eq!(found(region, text), [value], "{region} {text}");
        }
        for (region, text) in [
            ("US", "please call 32 10 00 today"),
            ("GL", "took 32 10 00 ms"),
            ("FK", "order 31234 is late"),
            ("FK", "call at 31234.50"),
            ("FK", "call ext-31234-a"),
            ("GL", "call 32 10 00 11"),
        ] {
            assert_eq!(found(region, text), [""; 0], "{region} {text}");
        }
    }

    #[test]
    fn one_digit_may_stand_alone_where_the_region_writes_so() {
        for (region, text, value) in [
            ("MK", "0800 1 23 45", "0800 1 23 45"),
            ("AT", "ring 01 234567890 now", "01 234567890"),
            ("AE", "call 900 2 34567", "900 2 34567"),
            ("PH", "1800 1 234 5678", "1800 1 234 5678"),
            ("NP", "call 1660-01-01234", "1660-01-01234"),
            ("TJ", "372 12 3456", "372 12 3456"),
        ] {
            assert_eq!(found(region, text), [value], "{region} {text}");
        }
        for (region, text) in [("US", "0800 1 23 45"), ("AE", "sizes 900 2 34567")] {
            assert_eq!(found(region, text), [""; 0], "{region} {text}");
        }
    }

    #[test]
    fn stars_that_emphasise_are_told_from_stars_that_hide() {
        for (text, value) in [
            ("ping **416-555-0123** ok", "416-555-0123"),
            ("ping *416-555-0123* ok", "416-555-0123"),
            ("*4165550123*", "4165550123"),
            ("*Call 416-555-0123*", "416-555-0123"),
            ("416-555-0123*", "416-555-0123"),
            ("lead (416 555 0123)", "416 555 0123"),
            ("lead ((416) 555-0123)", "(416) 555-0123"),
        ] {
            assert_eq!(found("US", text), [value], "{text}");
        }
        for text in [
            "***-***-0123",
            "******0123",
            "*67*4165550123#",
            "4165550***",
            "*4165550123",
            "**416-555-****",
            "Date:   Mon Mar 15 01:06:45 2016 +0100",
            "1.2.2+20180113-1.1",
            "read 4165550123 bytes",
            "checksum 4165550123 ok",
        ] {
            assert_eq!(found("US", text), [""; 0], "{text}");
        }
    }
}
