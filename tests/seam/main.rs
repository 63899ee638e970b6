//! The seam holds: one phone number goes through scan, edit in memory and re-scan through the edits
//! in nine carriers, and one set of traits carries them all (DESIGN, section 4).
//!
//! What each carrier says before and after is written out by hand and read by a reader that shares
//! no code with the formats here: csv, serde_json, flate2, encoding_rs, SQLite, or the bytes.

#![allow(clippy::unwrap_used, reason = "what a test cannot open fails it")]

mod carriers;
mod cells;
mod engine;
mod gzip;
mod json;
mod lines;
mod mail;
mod pcm;
mod sqlite;
mod vtt;
mod words;

use std::ops::Range;

use carriers::{Carrier, all};
use efface::edit::{Edit, Refusal, Replacement};
use engine::{Finder, Found, dropped, edits, publish, scan, scan_cut, values};

const FINDERS: [Finder; 2] = [Finder::TenDigits, Finder::Library];

/// What a carrier holds once `replacement` is made, and that it holds no number.
fn replaced(
    carrier: &Carrier,
    finder: Finder,
    replacement: &Replacement,
) -> Result<Vec<u8>, Refusal> {
    let edits = edits(&carrier.source, carrier.name, finder, replacement)?;
    let new = publish(&carrier.source, &edits)?;
    let left = scan(&new, carrier.name, finder);
    assert_eq!(left, [], "{} with {finder:?}: re-scan", carrier.name);
    Ok(new)
}

#[test]
fn the_number_is_found_where_it_stands() {
    for carrier in all() {
        let name = carrier.name;
        assert_eq!(
            (carrier.read)(&carrier.source),
            carrier.before,
            "{name}: the test's own reader"
        );
        for finder in FINDERS {
            let found = scan(&carrier.source, name, finder);
            assert_eq!(found, carrier.found, "{name} with {finder:?}");
            let cut = scan_cut(&carrier.source, name, finder);
            assert_eq!(
                cut, carrier.found,
                "{name} with {finder:?}, cut at every record"
            );
        }
    }
}

#[test]
fn the_value_around_it_is_told_in_the_text_of_its_view() {
    let [cell, json, _, utf16, _, _, words, ..] = all();
    for (carrier, expected) in [
        (cell, &["said \"416-555-0123\" twice, \u{20ac}9"][..]),
        (json, &["r\u{e9}ring 416-555-0123 \u{1f600} \"now\""]),
        (utf16, &["\u{1f600} said \"416-555-0123\" \u{20ac}9"]),
        (words, &["416", "call 416 555 0123 now"]),
    ] {
        let values = values(&carrier.source, carrier.name);
        assert_eq!(values, expected, "{}", carrier.name);
    }
}

#[test]
fn a_mask_takes_its_place_and_nothing_else() {
    for carrier in all() {
        let name = carrier.name;
        for finder in FINDERS {
            let new = replaced(&carrier, finder, &Replacement::Mask).unwrap();
            assert_eq!(
                (carrier.read)(&new),
                carrier.masked,
                "{name} with {finder:?}"
            );
            if carrier.same_length {
                assert_eq!(new.len(), carrier.source.len(), "{name}: length");
            }
            if let Some(places) = &carrier.places {
                let (old, new) = (without(&carrier.source, places), without(&new, places));
                assert!(old == new, "{name}: bytes outside the edits");
            }
        }
    }
}

#[test]
fn a_label_and_nothing_go_where_the_width_is_free() {
    let label = Replacement::Text("[PHONE]".to_owned());
    for carrier in all() {
        for finder in FINDERS {
            for (replacement, expected) in [
                (&label, &carrier.labelled),
                (&Replacement::Nothing, &carrier.emptied),
            ] {
                let name = carrier.name;
                match (replaced(&carrier, finder, replacement), expected) {
                    (Ok(new), Ok(expected)) => {
                        assert_eq!(&(carrier.read)(&new), expected, "{name} with {finder:?}");
                    }
                    (Err(refusal), expected) => {
                        assert_eq!(Err(refusal), expected.as_ref().map(|_| ()).map_err(|r| *r));
                    }
                    (Ok(_), Err(refusal)) => panic!("{name}: expected {refusal}"),
                }
            }
        }
    }
}

#[test]
fn a_second_run_changes_nothing() {
    for carrier in all() {
        let masked = replaced(&carrier, Finder::Library, &Replacement::Mask).unwrap();
        let again = edits(&masked, carrier.name, Finder::Library, &Replacement::Mask);
        assert!(
            again.is_ok_and(|edits| edits.is_empty()),
            "{}",
            carrier.name
        );
    }
}

#[test]
fn a_record_goes_with_its_separators_where_the_rest_stays_valid() {
    let [cell, json, _, utf16, ..] = all();
    for (carrier, expected) in [
        (
            &cell,
            &["id", "note", "sent", "6", "none", "2026-01-01"][..],
        ),
        (&json, &["none"]),
        (&utf16, &["id", "note"]),
    ] {
        let new = dropped(&carrier.source, carrier.name).unwrap();
        assert_eq!((carrier.read)(&new), expected, "{}", carrier.name);
    }
    let words = carriers::words();
    assert!(dropped(&words.source, words.name) == Err(Refusal::NotDroppable));
}

#[test]
fn untouched_members_of_a_compressed_file_are_copied_raw() {
    let carrier = carriers::gzip();
    let edits = edits(
        &carrier.source,
        carrier.name,
        Finder::Library,
        &Replacement::Mask,
    )
    .unwrap();
    let [Edit::Splice(splice)] = &edits[..] else {
        panic!("one member, one splice")
    };
    let first = gzip::compress("one.log", 7, b"nobody called\n");
    let third = gzip::compress("three.log", 9, b"nobody called back\n");
    let end = (carrier.source.len() - third.len()) as u64;
    assert_eq!(splice.range, first.len() as u64..end);
}

#[test]
fn only_the_touched_groups_of_a_base64_part_change() {
    let carrier = carriers::mail();
    let edits = edits(
        &carrier.source,
        carrier.name,
        Finder::Library,
        &Replacement::Mask,
    )
    .unwrap();
    let [Edit::Splice(splice)] = &edits[..] else {
        panic!("one part, one splice")
    };
    // "n 416-555-0123 b" starts in group 11 of the part; 12 digits and separators touch 5 groups.
    assert!(splice.bytes.len() <= 20);
    assert_eq!(
        splice.bytes.len() as u64,
        splice.range.end - splice.range.start
    );
}

#[test]
fn the_old_value_of_a_cell_is_in_no_page() {
    let carrier = carriers::sqlite();
    let new = replaced(&carrier, Finder::Library, &Replacement::Nothing).unwrap();
    let number = b"416-555-0123";
    assert!(carrier.source.windows(12).any(|w| w == number));
    assert!(!new.windows(12).any(|w| w == number));
}

/// The bytes outside `places`.
fn without(bytes: &[u8], places: &[Range<usize>]) -> Vec<u8> {
    let inside = |at: usize| places.iter().any(|place| place.contains(&at));
    (0..bytes.len())
        .filter(|&at| !inside(at))
        .map(|at| bytes[at])
        .collect()
}

/// A finding at the top of a source.
fn here(field: Option<&str>, parts: &[Range<usize>]) -> Found {
    Found {
        path: Vec::new(),
        field: field.map(str::to_owned),
        parts: parts.iter().map(|p| p.start as u64..p.end as u64).collect(),
    }
}

/// A finding in a child.
fn within(child: &str, part: Range<usize>) -> Found {
    Found {
        path: vec![child.to_owned()],
        ..here(None, &[part])
    }
}
