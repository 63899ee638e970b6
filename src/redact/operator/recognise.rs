//! Whether a text is something an operator has put there (R7).
//!
//! Owns the test that keeps replacements from ever being findings: masks, masked numbers, labels,
//! tokens and partials. The products of `fpe` look like what they replace, by their purpose, and
//! are not recognised: that operator never writes into the files it read.

use super::label::is_label;
use super::partial::{FEWEST_STARS, GAP, is_top_level};
use super::token::{SHORTEST_TOKEN, is_token};
use crate::edit::mask_char;

/// The fewest digits of a masked number that is recognised wherever it stands. Real values of
/// this form (`1`, then zeros) do not exist: it fails every checksum and every numbering plan.
const CERTAIN_NUMBER: usize = 6;

/// Whether `text`, the whole of a would-be finding, is the product of an operator.
///
/// White space between mask characters does not matter: a value over several places is masked
/// place by place. Text that is not UTF-8 is never a product.
#[inline]
pub fn is_replacement(text: &[u8]) -> bool {
    // Asked of every finding, so what tells most values from all products is looked for first.
    let likely = match text {
        [b'[', ..] => true,
        // As a token begins, which is longer than most names.
        [b'A'..=b'Z', ..] if text.len() > SHORTEST_TOKEN => true,
        // As a masked number begins and ends.
        [b'1', b'0' | b'.' | b'e' | b'E', .., b'0' | b'.'] => true,
        _ => is_starred_or_foreign(text),
    };
    likely && is_product(text)
}

/// Whether there is a star in `text`, or anything beyond ASCII.
#[inline]
fn is_starred_or_foreign(text: &[u8]) -> bool {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let shows = |word: &[u8; 8]| {
        let word = u64::from_le_bytes(*word);
        // The lowest byte that is zero now, and with it the word, is told by a borrow.
        let stars = word ^ (ONES * u64::from(b'*'));
        (stars.wrapping_sub(ONES) & !stars | word) & (ONES << 7) != 0
    };
    match text.last_chunk() {
        // The last eight bytes may overlap those before.
        Some(last) => shows(last) || text.as_chunks().0.iter().any(shows),
        None => text.iter().any(|b| *b == b'*' || !b.is_ascii()),
    }
}

#[inline(never)]
fn is_product(text: &[u8]) -> bool {
    let starred = text.contains(&b'*');
    if text.len() >= CERTAIN_NUMBER && is_masked_number(text) {
        return true;
    }
    std::str::from_utf8(text).is_ok_and(|text| {
        is_masked(text) || is_label(text) || is_token(text) || (starred && is_partial(text))
    })
}

/// Whether `number` is what [`mask_number_like`](super::mask_number_like) makes, of any width.
///
/// Only for places that hold a number: `100` as text may be somebody's security code, while a
/// number that is `100` already would be masked to itself.
pub fn is_masked_number(number: &[u8]) -> bool {
    let Some((b'1', rest)) = number.split_first() else {
        return false;
    };
    // Asked of every number that starts with a 1: most go on with another digit.
    if !matches!(rest.first(), None | Some(b'0' | b'.' | b'e' | b'E')) {
        return false;
    }
    let (rest, exponent) = match rest.iter().position(|b| matches!(b, b'e' | b'E')) {
        Some(at) => (&rest[..at], rest.get(at + 1..)),
        None => (rest, None),
    };
    let zeros = |digits: &[u8]| digits.iter().all(|&b| b == b'0');
    let mut halves = rest.splitn(2, |&b| b == b'.');
    halves.all(zeros)
        && exponent.is_none_or(|e| {
            let unsigned = e.strip_prefix(b"-").or(e.strip_prefix(b"+")).unwrap_or(e);
            !unsigned.is_empty() && zeros(unsigned)
        })
}

/// Mask characters and nothing else but white space.
fn is_masked(text: &str) -> bool {
    let is_mask = |c: char| c == mask_char(c.len_utf8());
    text.contains(is_mask) && text.chars().all(|c| is_mask(c) || c.is_whitespace())
}

fn is_partial(text: &str) -> bool {
    is_tail(text)
        || is_card(text)
        || is_email(text)
        || is_iban(text)
        || is_ip(text)
        || is_mac(text)
        || is_birth_date(text)
        || is_name(text)
}

/// The text behind its leading stars, and how many there were.
fn behind_stars(text: &str) -> (usize, &str) {
    let rest = text.trim_start_matches('*');
    (text.len() - rest.len(), rest)
}

fn all_digits(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

/// `*******0123`: phones, short cards, equipment and national numbers.
fn is_tail(text: &str) -> bool {
    let (stars, shown) = behind_stars(text);
    (FEWEST_STARS..=18).contains(&stars) && (2..=4).contains(&shown.len()) && all_digits(shown)
}

/// `411111******1111`.
fn is_card(text: &str) -> bool {
    text.split_at_checked(6).is_some_and(|(issuer, rest)| {
        let (stars, shown) = behind_stars(rest);
        all_digits(issuer) && (5..=9).contains(&stars) && shown.len() == 4 && all_digits(shown)
    })
}

/// `a***` or `***`.
fn is_initial(word: &str) -> bool {
    word.strip_suffix(GAP).is_some_and(|head| {
        let mut head = head.chars();
        head.next().is_none_or(char::is_alphanumeric) && head.next().is_none()
    })
}

/// `a***@d***.com`.
fn is_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(user, domain)| {
        is_initial(user)
            && domain
                .split_once('.')
                .is_some_and(|(host, top)| is_initial(host) && (top == GAP || is_top_level(top)))
    })
}

/// `DE****************3000`.
fn is_iban(text: &str) -> bool {
    let capital = |b: u8| b.is_ascii_digit() || b.is_ascii_uppercase();
    text.split_at_checked(2).is_some_and(|(country, rest)| {
        let (stars, shown) = behind_stars(rest);
        country.bytes().all(|b| b.is_ascii_uppercase())
            && (9..=28).contains(&stars)
            && shown.len() == 4
            && shown.bytes().all(capital)
    })
}

/// `192.0.*.*` or `2001:db8:***`.
fn is_ip(text: &str) -> bool {
    let octets = text
        .strip_suffix(".*.*")
        .and_then(|head| head.split_once('.'));
    let groups = text
        .strip_suffix(":***")
        .and_then(|head| head.split_once(':'));
    let group =
        |text: &str| (1..=4).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit());
    octets.is_some_and(|(a, b)| a.parse::<u8>().is_ok() && b.parse::<u8>().is_ok())
        || groups.is_some_and(|(a, b)| group(a) && group(b))
}

/// `00:1b:44:**:**:**`.
fn is_mac(text: &str) -> bool {
    text.strip_suffix(":**:**:**").is_some_and(|maker| {
        maker.len() == 8
            && maker.bytes().enumerate().all(|(i, b)| {
                if i % 3 == 2 {
                    b == b':'
                } else {
                    b.is_ascii_hexdigit()
                }
            })
    })
}

/// `1984-**-**`.
fn is_birth_date(text: &str) -> bool {
    text.strip_suffix("-**-**")
        .is_some_and(|year| year.len() == 4 && all_digits(year))
}

/// `j*** d***`.
fn is_name(text: &str) -> bool {
    text.split(' ').all(is_initial)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_recognised_and_values_are_not() {
        for product in [
            "*",
            "************",
            "*** **** *****",
            "\u{a4}\u{2022}*",
            "\u{1f7e6}",
            "1000000000",
            "100.0000",
            "[PHONE]",
            "[SEXUAL_ORIENTATION]",
            "PHONE_dcqpsvpxnfxkqbndkfqfkpbd",
            "*******0123",
            "411111******1111",
            "378282*****0005",
            "a***@d***.com",
            "***@***.***",
            "\u{e9}***@d***.com",
            "NO*********7947",
            "192.0.*.*",
            "2001:db8:***",
            "00:1b:44:**:**:**",
            "1984-**-**",
            "j*** *** d***",
        ] {
            assert!(is_replacement(product.as_bytes()), "{product}");
        }
        for value in [
            "",
            " ",
            "100",
            "10000",
            "1000000001",
            "2000000000",
            "4165550123",
            "+1 416 555 0123",
            "*67 416 555 0123",
            "**21*4165550123#",
            "****0123456789",
            "***0123",
            "***4165550123",
            "4111111111111111",
            "4111-11**-****-1111",
            "411111******11111",
            "a***@example.com",
            "a***b@d***.com",
            "jane@d***.com",
            "a***@d***.smithfamily",
            "192.0.2.1",
            "300.0.*.*",
            "192.0.2.*",
            "2001:db8::1",
            "1984-04-**",
            "jane d***",
            "pass***word",
            "[INFO]",
            "PHONE_4165550123",
            "de****************3000",
            "DE89************3000",
        ] {
            assert!(!is_replacement(value.as_bytes()), "{value}");
        }
        assert!(!is_replacement(b"\xff***"));
    }

    #[test]
    fn masked_numbers_are_recognised_by_form() {
        for (number, masked) in [
            ("1", true),
            ("100", true),
            ("10.00", true),
            ("1.0e-0", true),
            ("1e0", true),
            ("", false),
            ("0", false),
            ("101", false),
            ("-100", false),
            ("1e", false),
            ("1.0.0", false),
            ("1e5", false),
            ("\u{661}", false),
        ] {
            assert_eq!(is_masked_number(number.as_bytes()), masked, "{number}");
        }
    }
}
