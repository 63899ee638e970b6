use super::*;

fn shown(verdict: Option<Verdict>) -> String {
    verdict.map_or("-".to_owned(), |v| {
        let region = v.number.region().map_or("--", Region::code);
        format!("{} {region} {:?} {:?}", v.number.e164().as_str(), v.validity, v.number.kind())
    })
}

#[test]
fn reads_national_numbers_as_written() {
    for (region, digits, expected) in [
        ("US", "4155552671", "+14155552671 US Valid FixedOrMobile"),
        ("US", "14155552671", "+14155552671 US Valid FixedOrMobile"),
        ("US", "011442079460958", "+442079460958 GB Valid Fixed"),
        ("CA", "4165550123", "+14165550123 CA Valid FixedOrMobile"),
        ("GB", "02079460958", "+442079460958 GB Valid Fixed"),
        ("GB", "0014155552671", "+14155552671 US Valid FixedOrMobile"),
        ("IT", "0212345678", "+390212345678 IT Valid Fixed"),
        ("US", "1714060800", "+11714060800 -- Possible Unknown"),
        ("US", "911", "-"),
    ] {
        let region = Region::parse(region).unwrap();
        assert_eq!(shown(national(region, digits.as_bytes())), expected, "{region} {digits}");
    }
}
