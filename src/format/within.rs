//! Where a text can be cut that is too long to be held whole and has no end of a record.
//!
//! Owns which places no value crosses. Knows no format and no entity.

/// Where `window` is best cut: behind the last byte of its second half that stands in no value,
/// else behind a sentence, a comma, a blank before a country code, or a word before another (only a
/// term of several words may stand there, in a text without any mark). The second is false where
/// there is no such place: then it is at the end.
pub(crate) fn within(window: &[u8]) -> (usize, bool) {
    let half = window.len() / 2;
    let late = window.get(half..).unwrap_or_default();
    if let Some(at) = late.iter().rposition(|byte| CROSSED_BY_NONE.contains(byte)) {
        return (half + at + 1, true);
    }
    let last = |fits: fn(&[u8; 4]) -> bool| {
        let mut parts = late.windows(4);
        parts.rposition(|part| part.try_into().is_ok_and(fits))
    };
    let places: [fn(&[u8; 4]) -> bool; 5] = [
        |p| p[0].is_ascii_lowercase() && b".!?".contains(&p[1]) && is_blank_and_capital(p),
        |p| b",;".contains(&p[1]) && p[2] == b' ',
        // Parameters of a number follow it behind a semicolon.
        |p| p[1] == b',',
        |p| p[1] == b' ' && p[2] == b'+',
        |p| p[0].is_ascii_alphabetic() && p[1] == b' ' && p[2].is_ascii_alphabetic(),
    ];
    match places.into_iter().find_map(last) {
        Some(at) => (half + at + 2, true),
        None => (window.len(), false),
    }
}

fn is_blank_and_capital(part: &[u8; 4]) -> bool {
    part[2] == b' ' && part[3].is_ascii_uppercase()
}

/// Bytes that stand in no value.
const CROSSED_BY_NONE: &[u8] = b"\n\r\t\"<>{}[]|\0";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_place_of_the_second_half_is_taken() {
        for (window, kept, sure) in [
            (
                "first half, and more \" 416 555 0123",
                "first half, and more \"",
                true,
            ),
            (
                "first half. It ends so. And 416 555",
                "first half. It ends so.",
                true,
            ),
            (
                "nothing here ext. 204 and, so 416 5",
                "nothing here ext. 204 and,",
                true,
            ),
            (
                "tel:+1-416-555-0123;ext=204;isub=12",
                "tel:+1-416-555-0123;ext=204;isub=12",
                false,
            ),
            (
                "1416555012341655501,4165550123;ext=2",
                "1416555012341655501,",
                true,
            ),
            (
                "+14165550123 +14165550124 +141655501",
                "+14165550123 +14165550124 ",
                true,
            ),
            (
                "he is a shop steward here is a shop ",
                "he is a shop steward here is a ",
                true,
            ),
        ] {
            let (at, is_sure) = within(window.as_bytes());
            assert_eq!((&window[..at], is_sure), (kept, sure), "{window}");
        }
    }
}
