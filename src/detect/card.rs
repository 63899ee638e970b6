//! Payment card numbers: network ranges (ISO/IEC 7812) and the Luhn check digit.

mod table {
    include!(concat!(env!("OUT_DIR"), "/cards.rs"));
}

/// How well digits stand as a card number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Strength {
    /// A network's range and length.
    Usual,
    /// A wide range or a rare length: a column or word must say what it is.
    Weak,
}

/// The fewest and most digits of a card number (ISO/IEC 7812-1).
pub(super) const LENGTHS: std::ops::RangeInclusive<usize> = 12..=19;

/// Whether `digits` (each 0-9 in ASCII, 12 to 19 of them) are a card number.
pub(super) fn strength(digits: &[u8]) -> Option<Strength> {
    if !LENGTHS.contains(&digits.len()) || !luhn(digits) {
        return None;
    }
    let leading = digits.iter().take(6).fold(0u32, |n, d| n * 10 + u32::from(d - b'0'));
    let bit = 1u32 << digits.len();
    let mut found = None;
    for &(first, last, lengths, weak) in table::RANGES {
        if (first..=last).contains(&leading) && lengths & bit != 0 {
            if !weak {
                return Some(Strength::Usual);
            }
            found = Some(Strength::Weak);
        }
    }

    found
}

/// Whether the last digit is the Luhn check digit of the others (ISO/IEC 7812-1, annex B).
fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(i, d)| {
            let d = u32::from(d - b'0');
            match i % 2 {
                0 => d,
                _ if d > 4 => d * 2 - 9,
                _ => d * 2,
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Whether groups of these lengths are how cards are written.
pub(super) fn grouped(lengths: &[u8]) -> bool {
    matches!(
        lengths,
        [4, 4, 4, 4] | [4, 6, 5] | [4, 6, 4] | [4, 4, 4, 4, 3] | [4, 4, 4, 4, 2] | [6, 13] | [4, 4, 4, 1..=4]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    struct Data {
        example: Vec<Numbers>,
        counter_example: Vec<Numbers>,
    }
    #[derive(serde::Deserialize)]
    struct Numbers {
        numbers: Vec<String>,
    }

    #[test]
    fn every_example_of_the_networks_holds() {
        let text = include_str!("../../patterns/cards/networks.toml");
        let data: Data = toml::from_str(text).unwrap();
        for number in data.example.iter().flat_map(|e| &e.numbers) {
            assert_eq!(strength(number.as_bytes()), Some(Strength::Usual), "{number}");
        }
        for number in data.counter_example.iter().flat_map(|e| &e.numbers) {
            assert_ne!(strength(number.as_bytes()), Some(Strength::Usual), "{number}");
        }
    }
}
