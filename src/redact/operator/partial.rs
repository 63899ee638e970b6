//! `partial`: enough of a value to tell two apart, never enough to use or to find it again.
//!
//! Owns how much of which entity may stay. A partial is made from the canonical value alone, so a
//! value has one partial in every spelling: two different truncations of one card number must not
//! be correlatable (PCI SSC FAQ 1117). Entities that cannot be shortened safely have none.

use std::fmt::Write;
use std::net::IpAddr;

use crate::entity::Entity;
use crate::finding::Canonical;

/// What hides an unknown number of characters; the real number would tell.
pub(super) const GAP: &str = "***";

/// The fewest stars before the digits a partial keeps.
pub(super) const FEWEST_STARS: usize = 5;

/// Card lengths that keep the issuer's six digits beside the last four. PCI DSS 4.0, 3.4.1 and
/// SSC FAQ 1091 allow it from 15 digits on; below, too few digits would be hidden.
const CARD_WITH_ISSUER: std::ops::RangeInclusive<usize> = 15..=19;

/// Shorter cards, of which only the last four digits stay.
const CARD_WITHOUT_ISSUER: std::ops::RangeInclusive<usize> = 12..=14;

/// The shortest label or word of which the first letter may be shown: of two letters it would be
/// half of the value.
const SHORTEST_INITIALLED: usize = 3;

/// The longest top-level domain that is shown; longer ones are often a company's or a family's.
const LONGEST_TOP_LEVEL: usize = 6;

/// The partial form of a value, or `None` when nothing of it may stay and it is to be masked.
///
/// | entity | stays |
/// |---|---|
/// | `phone` | last 4 digits of a national number of 10 or more, 3 of 8-9, 2 of 6-7 |
/// | `payment_card` | 15-19 digits: first 6 and last 4; 12-14 digits: last 4 |
/// | `email` | first letters of user and domain, top-level domain: `a***@d***.com` |
/// | `iban` | country and last 4 |
/// | `ip_address` | first two octets; first two groups of IPv6 |
/// | `mac_address` | the maker's first three bytes, if a maker assigned it |
/// | `imei`, `imsi`, `iccid`, `us_ssn` | last 4 digits |
/// | `ca_sin`, `uk_nhs` | last 3 digits |
/// | `date_of_birth` | the year |
/// | `person_name` | initials |
///
/// Everything else has none: security codes and credentials above all.
pub fn partial(entity: Entity, canonical: &Canonical) -> Option<String> {
    match (entity, canonical) {
        (Entity::Phone, _) => phone(canonical),
        (Entity::PaymentCard, _) => card(&digits(canonical)?),
        (Entity::Imei | Entity::Imsi | Entity::Iccid, _) => tail(&digits(canonical)?, 14..=20, 4),
        (Entity::UsSsn, _) => tail(&digits(canonical)?, 9..=9, 4),
        (Entity::CaSin, _) => tail(&digits(canonical)?, 9..=9, 3),
        (Entity::UkNhs, _) => tail(&digits(canonical)?, 10..=10, 3),
        (Entity::IpAddress, Canonical::Ip(address)) => Some(ip(*address)),
        (Entity::Email, Canonical::Text(text)) => email(std::str::from_utf8(text).ok()?),
        (Entity::Iban, Canonical::Text(text)) => iban(std::str::from_utf8(text).ok()?),
        (Entity::MacAddress, Canonical::Text(text)) => mac(text),
        (Entity::DateOfBirth, Canonical::Text(text)) => birth_date(text),
        (Entity::PersonName, Canonical::Text(text)) => name(std::str::from_utf8(text).ok()?),
        _ => None,
    }
}

/// The digits of a canonical value that is nothing else.
pub(super) fn digits(canonical: &Canonical) -> Option<String> {
    match canonical {
        Canonical::Phone { digits, .. } => Some(digits.to_string()),
        Canonical::Digits { value, len } => {
            Some(format!("{value:0width$}", width = usize::from(*len)))
        }
        Canonical::Text(text) if !text.is_empty() && text.iter().all(u8::is_ascii_digit) => {
            String::from_utf8(text.to_vec()).ok()
        }
        _ => None,
    }
}

/// Stars, then the last `kept` digits, for numbers of an expected length.
fn tail(digits: &str, lengths: std::ops::RangeInclusive<usize>, kept: usize) -> Option<String> {
    let hidden = digits
        .len()
        .checked_sub(kept)
        .filter(|&hidden| hidden >= FEWEST_STARS)?;
    let shown = digits.get(hidden..)?;
    lengths
        .contains(&digits.len())
        .then(|| format!("{}{shown}", "*".repeat(hidden)))
}

fn phone(canonical: &Canonical) -> Option<String> {
    let Canonical::Phone { country_len, .. } = canonical else {
        return None;
    };
    let digits = digits(canonical)?;
    let kept = match digits.len().checked_sub(usize::from(*country_len))? {
        10.. => 4,
        8..=9 => 3,
        6..=7 => 2,
        _ => return None,
    };
    tail(&digits, 6..=20, kept)
}

fn card(digits: &str) -> Option<String> {
    if CARD_WITH_ISSUER.contains(&digits.len()) {
        let (issuer, rest) = digits.split_at(6);
        Some(format!("{issuer}{}", tail(rest, 9..=13, 4)?))
    } else {
        tail(digits, CARD_WITHOUT_ISSUER, 4)
    }
}

/// The first character and a gap, or only the gap when the word is short or begins oddly.
fn initial(word: &str) -> String {
    let first = word.chars().next().filter(|c| c.is_alphanumeric());
    match first {
        Some(first) if word.chars().count() >= SHORTEST_INITIALLED => format!("{first}{GAP}"),
        _ => GAP.to_owned(),
    }
}

fn email(address: &str) -> Option<String> {
    let (user, domain) = address.rsplit_once('@')?;
    let (host, top) = domain.rsplit_once('.')?;
    let top = if is_top_level(top) { top } else { GAP };
    Some(format!("{}@{}.{top}", initial(user), initial(host)))
}

/// Whether a top-level domain is one a partial address shows.
pub(super) fn is_top_level(top: &str) -> bool {
    (2..=LONGEST_TOP_LEVEL).contains(&top.len()) && top.bytes().all(|b| b.is_ascii_alphabetic())
}

fn iban(account: &str) -> Option<String> {
    let account = account.to_ascii_uppercase();
    // The shortest has 15 characters, the longest 34 (ISO 13616).
    let usable = (15..=34).contains(&account.len())
        && account.bytes().all(|b| b.is_ascii_alphanumeric())
        && account.bytes().take(2).all(|b| b.is_ascii_alphabetic());
    let (country, rest) = account.split_at_checked(2).filter(|_| usable)?;
    let (hidden, shown) = rest.split_at_checked(rest.len() - 4)?;
    Some(format!("{country}{}{shown}", "*".repeat(hidden.len())))
}

fn ip(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let [first, second, ..] = address.octets();
            format!("{first}.{second}.*.*")
        }
        IpAddr::V6(address) => {
            let [first, second, ..] = address.segments();
            format!("{first:x}:{second:x}:{GAP}")
        }
    }
}

fn mac(address: &[u8]) -> Option<String> {
    let hex: Vec<u8> = address
        .iter()
        .filter(|b| !matches!(b, b':' | b'-' | b'.'))
        .map(u8::to_ascii_lowercase)
        .collect();
    let hex = std::str::from_utf8(&hex)
        .ok()
        .filter(|hex| hex.len() == 12 && hex.is_ascii())?;
    let first = u8::from_str_radix(hex.get(..2)?, 16).ok()?;
    // The second lowest bit marks addresses that no maker assigned (IEEE 802, 8.2): they are
    // random, and every byte of them identifies the device.
    if first & 0b10 != 0 || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    Some(format!(
        "{}:{}:{}:**:**:**",
        hex.get(..2)?,
        hex.get(2..4)?,
        hex.get(4..6)?
    ))
}

fn birth_date(date: &[u8]) -> Option<String> {
    let year = date
        .get(..4)
        .filter(|year| year.iter().all(u8::is_ascii_digit))?;
    let rest = date.get(4..)?;
    let is_date = rest.len() == 6
        && rest.iter().enumerate().all(|(i, b)| {
            if i % 3 == 0 {
                *b == b'-'
            } else {
                b.is_ascii_digit()
            }
        });
    is_date.then(|| format!("{}-**-**", String::from_utf8_lossy(year)))
}

fn name(name: &str) -> Option<String> {
    let mut shown = String::new();
    for word in name.split_whitespace() {
        let space = if shown.is_empty() { "" } else { " " };
        write!(shown, "{space}{}", initial(word)).ok()?;
    }
    // Without any initial it is a mask that tells how many words there were.
    shown
        .contains(|c: char| !matches!(c, '*' | ' '))
        .then_some(shown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(value: &str) -> Canonical {
        Canonical::Text(value.as_bytes().into())
    }

    fn number(digits: &str) -> Canonical {
        Canonical::Digits {
            value: digits.parse().unwrap(),
            len: digits.len() as u8,
        }
    }

    #[test]
    fn each_entity_keeps_what_the_table_says() {
        let phone = |digits, country_len| Canonical::Phone {
            digits,
            country_len,
        };
        for (entity, canonical, expected) in [
            (Entity::Phone, phone(14_165_550_123, 1), "*******0123"),
            (Entity::Phone, phone(4_165_550_123, 0), "******0123"),
            (Entity::Phone, phone(4_512_345_678, 2), "*******678"),
            (Entity::Phone, phone(5_550_123, 0), "*****23"),
            (Entity::Phone, phone(29_023_456, 3), ""),
            (Entity::Phone, phone(911, 0), ""),
            (
                Entity::PaymentCard,
                number("4111111111111111"),
                "411111******1111",
            ),
            (
                Entity::PaymentCard,
                number("378282246310005"),
                "378282*****0005",
            ),
            (
                Entity::PaymentCard,
                number("6304000000000000000"),
                "630400*********0000",
            ),
            (
                Entity::PaymentCard,
                number("30569309025904"),
                "**********5904",
            ),
            (
                Entity::PaymentCard,
                number("4222222222222"),
                "*********2222",
            ),
            (Entity::PaymentCard, number("41111111111"), ""),
            (Entity::CardSecurityCode, number("123"), ""),
            (Entity::CardSecurityCode, number("123456789012345"), ""),
            (Entity::Email, text("alice@domain.com"), "a***@d***.com"),
            (Entity::Email, text("al@do.com"), "***@***.com"),
            (
                Entity::Email,
                text("alice@mail.domain.co.uk"),
                "a***@m***.uk",
            ),
            (Entity::Email, text("alice@doe.doefamily"), "a***@d***.***"),
            (Entity::Email, text("\"a b\"@domain.com"), "***@d***.com"),
            (Entity::Email, text("alice@localhost"), ""),
            (
                Entity::Iban,
                text("DE89370400440532013000"),
                "DE****************3000",
            ),
            (Entity::Iban, text("no9386011117947"), "NO*********7947"),
            (Entity::Iban, text("DE893704"), ""),
            (
                Entity::IpAddress,
                Canonical::Ip([192, 0, 2, 1].into()),
                "192.0.*.*",
            ),
            (
                Entity::IpAddress,
                Canonical::Ip("2001:db8::1".parse().unwrap()),
                "2001:db8:***",
            ),
            (
                Entity::IpAddress,
                Canonical::Ip("::ffff:192.0.2.1".parse().unwrap()),
                "192.0.*.*",
            ),
            (
                Entity::MacAddress,
                text("00:1b:44:11:3a:b7"),
                "00:1b:44:**:**:**",
            ),
            (
                Entity::MacAddress,
                text("001B.4411.3AB7"),
                "00:1b:44:**:**:**",
            ),
            (Entity::MacAddress, text("02:1b:44:11:3a:b7"), ""),
            (Entity::Imei, number("490154203237518"), "***********7518"),
            (
                Entity::Iccid,
                text("89148000000000000034"),
                "****************0034",
            ),
            (Entity::UsSsn, number("219099999"), "*****9999"),
            (Entity::CaSin, number("046454286"), "******286"),
            (Entity::UkNhs, number("9434765919"), "*******919"),
            (Entity::DateOfBirth, text("1984-04-25"), "1984-**-**"),
            (Entity::DateOfBirth, text("25 April"), ""),
            (Entity::PersonName, text("jane q doe"), "j*** *** d***"),
            (Entity::PersonName, text("jo li"), ""),
            (Entity::PostalAddress, text("12 main st"), ""),
            (Entity::Credential, text("correct horse"), ""),
            (Entity::Health, Canonical::Term(3), ""),
        ] {
            let result = partial(entity, &canonical).unwrap_or_default();
            assert_eq!(result, expected, "{entity}");
        }
    }

    proptest! {
        #[test]
        fn a_card_keeps_no_more_than_pci_allows(digits in "[1-9][0-9]{7,18}") {
            let kept = partial(Entity::PaymentCard, &number(&digits)).unwrap_or_default();
            let shown: String = kept.chars().filter(char::is_ascii_digit).collect();
            let hidden = digits.len() - shown.len();
            // Digits that must go: 4 of 16 or more, 5 of 15; below, all but the last four.
            match digits.len() {
                16.. => prop_assert!(hidden >= 6 && shown.len() == 10),
                15 => prop_assert!(hidden >= 5 && shown.len() == 10),
                12..=14 => prop_assert!(hidden >= 8 && shown.len() == 4),
                _ => prop_assert_eq!(shown.len(), 0),
            }
            for (partial, digit) in kept.chars().zip(digits.chars()) {
                prop_assert!(partial == '*' || partial == digit);
            }
        }

        #[test]
        fn a_phone_number_keeps_at_most_four_last_digits(
            digits in 100u64..=999_999_999_999_999, country_len in 0u8..=3,
        ) {
            let canonical = Canonical::Phone { digits, country_len };
            let kept = partial(Entity::Phone, &canonical).unwrap_or_default();
            let shown = kept.trim_start_matches('*');
            prop_assert!(shown.len() <= 4 && digits.to_string().ends_with(shown));
            prop_assert!(kept.is_empty() || kept.len() - shown.len() >= FEWEST_STARS);
        }

        #[test]
        fn an_address_keeps_two_letters_and_its_top_level(
            user in "[a-z0-9.+_-]{1,20}", host in "[a-z0-9]{1,20}", top in "[a-z]{2,12}",
        ) {
            let address = format!("{user}@{host}.{top}");
            let kept = partial(Entity::Email, &text(&address)).unwrap();
            let (local, domain) = kept.split_once('@').unwrap();
            prop_assert!(local.trim_end_matches('*').chars().count() <= 1);
            prop_assert!(domain.split('.').next().unwrap().trim_end_matches('*').len() <= 1);
            prop_assert!(user.len() >= SHORTEST_INITIALLED || local == GAP);
            prop_assert!(!kept.contains(&address));
        }

        #[test]
        fn a_security_code_has_no_partial(code in "[0-9]{3,4}") {
            prop_assert!(partial(Entity::CardSecurityCode, &number(&code)).is_none());
            prop_assert!(partial(Entity::CardSecurityCode, &text(&code)).is_none());
        }
    }
}
