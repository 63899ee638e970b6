//! The extension behind a number: `x204`, `ext. 204`, `;ext=204` (RFC 3966, section 5.3).

use std::ops::Range;

/// Words that lead an extension, longest first.
const LEADS: &[&[u8]] = &[b";ext=", b"extension", b"extn", b"ext", b"x", b"#"];
/// The most digits of an extension, as libphonenumber reads them without an explicit label.
const MOST_DIGITS: usize = 9;
/// Blanks and commas between a number and its extension.
const MOST_GAP: usize = 3;

/// Where the digits of an extension behind `at` stand.
#[inline]
pub(super) fn behind(text: &[u8], at: usize) -> Option<Range<usize>> {
    let rest = text.get(at..)?;
    match rest.first()? {
        b' ' | b',' | b';' | b'x' | b'X' | b'e' | b'E' | b'#' => {}
        _ => return None,
    }
    let gap = rest
        .iter()
        .take(MOST_GAP)
        .take_while(|b| matches!(b, b' ' | b','))
        .count();
    let lead = LEADS.iter().find(|lead| {
        rest.get(gap..gap + lead.len())
            .is_some_and(|found| found.eq_ignore_ascii_case(lead))
    })?;
    let behind = gap + lead.len();
    let space = rest
        .get(behind..)?
        .iter()
        .take(MOST_GAP)
        .take_while(|b| matches!(b, b' ' | b'.' | b':' | b'='))
        .count();
    let start = behind + space;
    let digits = rest
        .get(start..)?
        .iter()
        .take_while(|b| b.is_ascii_digit())
        .count();
    let ends = !rest
        .get(start + digits)
        .is_some_and(|b| b.is_ascii_alphanumeric());
    ((1..=MOST_DIGITS).contains(&digits) && ends).then(|| at + start..at + start + digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions_are_told_from_what_only_looks_like_one() {
        for (rest, expected) in [
            (" x204", Some("204")),
            ("x57324,", Some("57324")),
            (";ext=204", Some("204")),
            (" ext. 12 ", Some("12")),
            (" extension 9", Some("9")),
            (" extra 9", None),
            (" x", None),
            (" x20a", None),
            (" 204", None),
        ] {
            let found = behind(rest.as_bytes(), 0).map(|digits| &rest[digits]);
            assert_eq!(found, expected, "{rest}");
        }
    }
}
