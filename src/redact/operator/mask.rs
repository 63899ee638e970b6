//! `mask`: what hides a value without moving anything around it.
//!
//! Owns the masks of numbers. The mask characters of text are [`edit::mask_char`]'s, one per
//! UTF-8 length, put in place by the codec of the layer the value stands in.
//!
//! [`edit::mask_char`]: crate::edit::mask_char

/// The number that replaces a number of `width` characters: `1` and `width - 1` zeros.
/// A width of zero counts as one, because no number is empty.
pub fn mask_number(width: usize) -> String {
    let mut number = String::with_capacity(width.max(1));
    number.push('1');
    number.extend(std::iter::repeat_n('0', width.saturating_sub(1)));
    number
}

/// [`mask_number`] in the notation of `number`: as wide, and with its decimal point and exponent
/// where they were, so that a fraction stays a fraction (`-79.3832` becomes `100.0000`; the sign
/// would tell the hemisphere). Text that is no number is masked by its width alone.
pub fn mask_number_like(number: &[u8]) -> String {
    // The filter leaves out `inf` and `nan`, which parse.
    let is_number = number
        .iter()
        .all(|b| matches!(b, b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E'))
        && std::str::from_utf8(number).is_ok_and(|text| text.parse::<f64>().is_ok());
    if !is_number {
        return mask_number(number.len());
    }
    let rest = number.iter().skip(1).map(|&b| {
        if b.is_ascii_digit() {
            '0'
        } else {
            char::from(b)
        }
    });
    std::iter::once('1').chain(rest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::mask_char;
    use proptest::prelude::*;

    #[test]
    fn a_number_stays_a_number_of_its_width() {
        for (number, masked) in [
            ("4165550123", "1000000000"),
            ("7", "1"),
            ("0", "1"),
            ("", "1"),
            ("43.6532", "10.0000"),
            ("-79.3832", "100.0000"),
            ("-5", "10"),
            ("0.5", "1.0"),
            ("4.16e-9", "1.00e-0"),
            ("4165550123E+3", "1000000000E+0"),
            ("0x1F", "1000"),
            ("inf", "100"),
            ("200-000-0000", "100000000000"),
        ] {
            assert_eq!(mask_number_like(number.as_bytes()), masked, "{number}");
        }
        assert_eq!(mask_number(10), "1000000000");
    }

    proptest! {
        #[test]
        fn masking_keeps_byte_character_and_utf16_lengths(text in any::<String>()) {
            let masked: String = text.chars().map(|c| mask_char(c.len_utf8())).collect();
            prop_assert_eq!(masked.len(), text.len());
            prop_assert_eq!(masked.chars().count(), text.chars().count());
            prop_assert_eq!(masked.encode_utf16().count(), text.encode_utf16().count());
        }

        #[test]
        fn a_masked_number_is_a_json_number_of_the_same_width(
            number in prop_oneof![any::<i64>().prop_map(|n| n.to_string()),
                                  "-?(0|[1-9][0-9]{0,9})\\.[0-9]{1,9}([eE][+-]?[0-9]{1,3})?"],
        ) {
            let masked = mask_number_like(number.as_bytes());
            prop_assert_eq!(masked.len(), number.len());
            prop_assert!(serde_json::from_str::<serde_json::Number>(&masked).is_ok());
            prop_assert_eq!(masked.contains('.'), number.contains('.'));
        }
    }
}
