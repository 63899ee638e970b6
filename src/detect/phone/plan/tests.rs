//! The expected answers come from libphonenumber itself (exported by its Python port into
//! fixtures/phone) or, for fiction ranges, from the regulators' published examples.

use proptest::prelude::*;

use super::*;

const EXAMPLES: &str = include_str!("../../../../fixtures/phone/examples.txt");
const ANSWERS: &str = include_str!("../../../../fixtures/phone/answers.txt");

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.starts_with('#'))
}

fn region(code: &str) -> Region {
    Region::parse(code).unwrap_or_else(|| panic!("{code} is a region"))
}

fn read(candidate: &str) -> Option<Verdict> {
    match candidate.strip_prefix('+') {
        Some(digits) => international(digits.as_bytes()),
        None => {
            let (code, digits) = candidate.split_once(' ').unwrap();
            national(region(code), digits.as_bytes())
        }
    }
}

/// In the words of fixtures/phone/answers.txt.
fn shown(verdict: Option<Verdict>) -> String {
    match verdict {
        None => "-".to_owned(),
        Some(Verdict {
            number,
            validity: Validity::Possible,
        }) => {
            format!("P {}", number.e164().as_str())
        }
        Some(Verdict {
            number,
            validity: Validity::Valid,
        }) => {
            let home = number.region().map_or("001", Region::code);
            format!("V {} {home} {:?}", number.e164().as_str(), number.kind())
        }
    }
}

#[test]
fn every_example_number_is_valid_in_both_forms() {
    let mut seen = std::collections::BTreeSet::new();
    for line in lines(EXAMPLES) {
        let fields: Vec<&str> = line.split(' ').collect();
        let [code, home, kind, written, e164] = fields[..] else {
            panic!("{line}")
        };
        let expected = format!("V {e164} {home} {kind}");
        assert_eq!(shown(read(e164)), expected, "{line}");
        // Entities such as universal freephone have no national form.
        if code != "001" {
            assert_eq!(
                shown(national(region(code), written.as_bytes())),
                expected,
                "{line}"
            );
            seen.insert(code);
        }
    }
    assert_eq!(
        seen.len(),
        Region::all().len(),
        "every region has an example"
    );
}

#[test]
fn agrees_with_libphonenumber_on_random_candidates() {
    let mut valid = 0;
    for line in lines(ANSWERS) {
        let (candidate, expected) = line.split_once('=').unwrap();
        assert_eq!(shown(read(candidate)), expected, "{candidate}");
        valid += usize::from(expected.starts_with('V'));
    }
    assert!(valid > 5_000, "the fixture has valid numbers: {valid}");
}

#[test]
fn reads_the_ways_a_number_is_written() {
    for (candidate, expected) in [
        ("US 4165550123", "V +14165550123 CA FixedOrMobile"),
        ("US 14165550123", "V +14165550123 CA FixedOrMobile"),
        ("US 011442079460958", "V +442079460958 GB Fixed"),
        ("US 00442079460958", "-"),
        ("GB 02079460958", "V +442079460958 GB Fixed"),
        ("GB 0014165550123", "V +14165550123 CA FixedOrMobile"),
        ("+4402079460958", "V +442079460958 GB Fixed"),
        ("IT 0212345678", "V +390212345678 IT Fixed"),
        // Argentina: trunk prefix, area code, 15, subscriber becomes 9, area code, subscriber.
        ("AR 0111523456789", "V +5491123456789 AR Mobile"),
        // Brazil: trunk prefix and the carrier chosen for the call.
        ("BR 0211123456789", "V +551123456789 BR Fixed"),
        ("US 911", "-"),
        ("US 1714060800", "P +11714060800"),
        ("US 1714060800123", "-"),
        ("+80012345678", "V +80012345678 001 TollFree"),
        ("+999123456789", "-"),
    ] {
        assert_eq!(shown(read(candidate)), expected, "{candidate}");
    }
}

#[test]
fn knows_the_numbers_of_fiction() {
    use Fiction::{None, Placeholder, Reserved};
    for (candidate, fiction) in [
        ("US 2125550100", Reserved),
        ("US 2125550199", Reserved),
        ("US 8005550199", Reserved),
        ("US 2125550200", Placeholder),
        ("US 2125551212", Placeholder),
        ("US 2125540100", None),
        ("GB 07700900461", Reserved),
        ("GB 07700901461", None),
        ("GB 02079460958", Reserved),
        ("GB 01632960123", Reserved),
        ("AU 0491570156", Reserved),
        ("AU 0255501234", Reserved),
        ("FR 0639981234", Reserved),
        ("DE 03023125123", Reserved),
        ("DE 017139200123", None),
        ("SE 0701740605", Reserved),
        ("SE 0701740604", None),
        ("IE 0209112345", Reserved),
        ("HU 0655512345", Reserved),
    ] {
        let verdict = read(candidate).unwrap_or_else(|| panic!("{candidate} is possible"));
        assert_eq!(verdict.number.fiction(), fiction, "{candidate}");
    }
    // Of an area code that does not exist, so not valid, and a number of fiction all the same.
    let verdict = read("US 2995550123").unwrap();
    assert_eq!(
        (verdict.validity, verdict.number.fiction()),
        (Validity::Possible, Reserved)
    );
}

#[test]
fn regions_are_known_by_their_code() {
    assert_eq!(Region::all().len(), 245);
    for known in Region::all() {
        assert_eq!(Region::parse(known.code()), Some(known));
        assert_eq!(Region::parse(&known.code().to_lowercase()), Some(known));
    }
    assert_eq!(region("CA").calling_code(), 1);
    assert_eq!(region("BY").calling_code(), 375);
    for unknown in ["", "U", "USA", "001", "UK", "ZZ", "é1"] {
        assert_eq!(Region::parse(unknown), Option::None, "{unknown}");
    }
    for (wrong, hint) in [
        ("UK", "GB"),
        ("USA", "US"),
        ("UX", "UA"),
        ("SU", "US"),
        ("xq", "XK"),
    ] {
        assert_eq!(Region::nearest(wrong), Some(hint), "{wrong}");
    }
    assert_eq!(Region::nearest("Atlantis"), Option::None);
}

#[test]
fn shows_no_digits_in_debug_output() {
    let number = read("US 4165550123").unwrap().number;
    for shown in [format!("{number:?}"), format!("{:?}", number.e164())] {
        assert!(!shown.contains("555") && !shown.contains("416"), "{shown}");
    }
}

proptest! {
    #[test]
    fn takes_any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        let digits = bytes.iter().all(u8::is_ascii_digit);
        for verdict in [international(&bytes), national(region("AR"), &bytes)] {
            prop_assert!(verdict.is_none() || digits);
        }
    }

    #[test]
    fn refuses_a_number_with_one_wrong_byte(
        place in 0..245_usize,
        digits in "[0-9]{4,20}",
        at in any::<prop::sample::Index>(),
        wrong in any::<u8>().prop_filter("no digit", |b| !b.is_ascii_digit()),
    ) {
        let mut bytes = digits.into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = wrong;
        let region = Region::all().nth(place).unwrap();
        prop_assert_eq!(national(region, &bytes), None);
        prop_assert_eq!(international(&bytes), None);
    }

    #[test]
    fn key_and_spelling_are_the_same_digits(
        place in 0..245_usize,
        digits in "0?[0-9]{4,15}",
    ) {
        let region = Region::all().nth(place).unwrap();
        if let Some(Verdict { number, .. }) = national(region, digits.as_bytes()) {
            let spelled = number.e164();
            let (plus, key) = spelled.as_str().split_at(1);
            prop_assert_eq!(plus, "+");
            prop_assert_eq!(key.parse::<u64>(), Ok(number.key()));
            let zeros = "0".repeat(usize::from(number.leading_zeros()));
            let whole = format!("{}{zeros}{}", number.calling_code(), number.national());
            prop_assert_eq!(key, whole);
        }
    }
}
