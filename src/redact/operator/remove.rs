//! `remove`: the value is taken out, and what stood around it never runs together.
//!
//! Owns the rule when a separator stays behind. "A `12` removed `34`" would otherwise show a
//! number nobody wrote, which might even be somebody's.

use crate::edit::Replacement;

/// What stays between two digit runs: a mask character, because no detector reads across one
/// (white space or a hyphen may stand inside a number) and it is recognised as a replacement.
const SEPARATOR: &str = "*";

/// How far [`neighbours`] looks on each side: as much separation as a written number bears.
const REACH: usize = 4;

/// Removal between two bytes: nothing, or one separator when both are digits.
pub(super) fn remove(before: Option<u8>, after: Option<u8>) -> Replacement {
    let digit = |neighbour: Option<u8>| neighbour.is_some_and(|b| b.is_ascii_digit());
    if digit(before) && digit(after) {
        Replacement::Text(SEPARATOR.to_owned())
    } else {
        Replacement::Nothing
    }
}

/// The bytes on either side of `start..end` (byte offsets in `text`, half-open) that a removal
/// could join: the nearest ones, looking past a few of the separators written inside numbers.
/// `None` at the ends of the text and for a range outside of it.
pub fn neighbours(text: &[u8], start: usize, end: usize) -> (Option<u8>, Option<u8>) {
    let joins = |b: &&u8| !matches!(b, b' ' | b'-' | b'.' | b'/' | b'(' | b')' | b'+' | b'\t');
    let before = text
        .get(..start)
        .unwrap_or_default()
        .iter()
        .rev()
        .take(REACH + 1)
        .find(joins);
    let after = text
        .get(end..)
        .unwrap_or_default()
        .iter()
        .take(REACH + 1)
        .find(joins);
    (before.copied(), after.copied())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn left_by_removal(text: &str, start: usize, end: usize) -> String {
        let (before, after) = neighbours(text.as_bytes(), start, end);
        match remove(before, after) {
            Replacement::Nothing => String::new(),
            Replacement::Text(separator) => separator,
            _ => panic!("removal leaves a separator or nothing"),
        }
    }

    #[test]
    fn a_separator_stays_only_between_digits() {
        for (text, left) in [
            ("12[x]34", "*"),
            ("12 [x] 34", "*"),
            ("12 - [x]) 34", "*"),
            ("a[x]34", ""),
            ("12[x]b", ""),
            ("12,[x],34", ""),
            ("12      [x]34", ""),
            ("[x]34", ""),
            ("12[x]", ""),
            ("[x]", ""),
        ] {
            let start = text.find("[x]").unwrap();
            assert_eq!(left_by_removal(text, start, start + 3), left, "{text}");
        }
    }

    proptest! {
        #[test]
        fn removal_never_joins_two_digit_runs(
            head in "[0-9a-z ,.-]{0,8}",
            value in "[0-9]{1,12}",
            tail in "[0-9a-z ,.-]{0,8}",
        ) {
            let text = format!("{head}{value}{tail}");
            let left = left_by_removal(&text, head.len(), head.len() + value.len());
            let result = format!("{head}{left}{tail}");
            let runs = |text: &str| -> Vec<String> {
                text.split(|c: char| !c.is_ascii_digit())
                    .filter(|run| !run.is_empty())
                    .map(str::to_owned)
                    .collect()
            };
            let mut apart = runs(&head);
            apart.extend(runs(&tail));
            prop_assert_eq!(runs(&result), apart);
        }
    }
}
