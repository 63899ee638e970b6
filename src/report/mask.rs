//! How a value is shown to people who did not ask to see it.
//!
//! Owns how much of which entity a report shows. It is less than the `partial` operator leaves,
//! so that a report beside a partially redacted file tells nothing new (two truncations of one
//! card number must not add up).

use std::net::IpAddr;

use super::sheet::{Digits, Line};
use crate::entity::Entity;
use crate::finding::{Canonical, Finding};

/// Stands for one hidden digit, or in threes for any number of characters.
const BULLET: char = '\u{2022}';

/// Bullets to take from, as many as the longest account number has characters.
const BULLETS: &str = "••••••••••••••••••••••••••••••••••";

/// Stands for hidden characters whose number would tell something.
const GAP: &[u8] = "•••".as_bytes();

/// The fewest digits that must stay hidden for the last ones to be shown.
const FEWEST_HIDDEN: usize = 4;

/// The shortest word of which the first letter is shown: of two letters it would be half.
const SHORTEST_INITIALLED: usize = 3;

/// The longest top-level domain that is shown; longer ones are often a company's or a family's.
const LONGEST_TOP_LEVEL: usize = 6;

/// The masked form of a value, as [`append_masked`] spells it.
pub fn masked(entity: Entity, canonical: &Canonical) -> String {
    let mut out = Vec::new();
    append_masked(&mut out, entity, canonical);
    String::from_utf8_lossy(&out).into_owned()
}

/// Appends the masked form of a value.
///
/// | entity | shown |
/// |---|---|
/// | `phone` | calling code, last 3 digits: `+1•••••••123` |
/// | `email` | first letters of user and domain, top-level domain: `j•••@e•••.com` |
/// | `payment_card` | last 4 digits |
/// | `imei`, `imsi`, `iccid` | last 3 digits |
/// | `us_ssn`, `ca_sin`, `uk_nhs` | last 2 digits |
/// | `iban` | country, last 4 |
/// | `ip_address` | first octet; first group of IPv6 |
/// | `mac_address` | first byte |
/// | `person_name` | initials |
/// | all else | `•••`: what it is says the entity |
///
/// Values too short or of an unexpected form are `•••`.
///
/// What is appended is UTF-8 of letters, digits, blanks, bullets and `+@.:`, so that it needs no
/// escaping wherever it goes. Nothing is allocated for the entities that are found by the million.
pub fn append_masked(out: &mut Vec<u8>, entity: Entity, canonical: &Canonical) {
    let shown = match (entity, canonical) {
        (
            Entity::Phone,
            Canonical::Phone {
                digits,
                country_len,
            },
        ) => phone(out, *digits, usize::from(*country_len)),
        (Entity::PaymentCard, _) => number(out, canonical, 4),
        (Entity::Imei | Entity::Imsi | Entity::Iccid, _) => number(out, canonical, 3),
        (Entity::UsSsn | Entity::CaSin | Entity::UkNhs, _) => number(out, canonical, 2),
        (Entity::IpAddress, Canonical::Ip(address)) => {
            ip(out, *address);
            Some(())
        }
        (_, Canonical::Text(text)) => match (entity, std::str::from_utf8(text)) {
            (Entity::Email, Ok(text)) => email(out, text),
            (Entity::Iban, Ok(text)) => iban(out, text),
            (Entity::MacAddress, Ok(text)) => mac(out, text),
            (Entity::PersonName, Ok(text)) => name(out, text),
            _ => None,
        },
        _ => None,
    };
    if shown.is_none() {
        out.extend_from_slice(GAP);
    }
}

/// The masked form of a value that is found by the million, made and appended in a few
/// instructions; it is what [`append_masked`] gives.
#[derive(Clone, Copy)]
pub(super) enum Quick {
    /// A number with its calling code, the width of its bullets and its last three digits.
    Phone(Option<Digits>, usize, [u8; 4]),
    /// An address with its first octet.
    Address(Digits),
}

/// The room that a [`Quick`] needs in a line.
pub(super) const QUICK: usize = 80;

impl Quick {
    /// The masked form of the finding's value, if it is one of those.
    #[inline(always)]
    pub(super) fn of(finding: &Finding) -> Option<Quick> {
        match (finding.entity, &finding.canonical) {
            (
                Entity::Phone,
                Canonical::Phone {
                    digits,
                    country_len,
                },
            ) => {
                let (digits, country_len) = (*digits, usize::from(*country_len));
                let count = digits.checked_ilog10()? as usize + 1;
                let national = count.checked_sub(country_len)?;
                if national < 3 + FEWEST_HIDDEN || country_len > 3 {
                    return None;
                }
                let (power, inverse) = POWERS.get(national)?;
                let mut code = ((u128::from(digits) * u128::from(*inverse)) >> 64) as u64;
                // The inverse is rounded up, so that the code may come out one too large.
                code -= u64::from(code * power > digits);
                let country = (country_len > 0).then(|| Digits::small(code));
                let width = (national - 3) * BULLET.len_utf8();
                Some(Quick::Phone(country, width, Digits::last_three(digits)))
            }
            (Entity::IpAddress, Canonical::Ip(IpAddr::V4(address))) => Some(Quick::Address(
                Digits::small(u64::from(address.octets()[0])),
            )),
            _ => None,
        }
    }

    /// Appends it.
    #[inline(always)]
    pub(super) fn put(self, line: &mut Line<'_>) {
        match self {
            Quick::Phone(country, width, last) => {
                if let Some(country) = country {
                    line.text(b"+");
                    line.digits(country);
                }
                if let Some(bullets) = BULLETS.as_bytes().first_chunk::<LONGEST_HIDDEN>() {
                    line.over(bullets, width);
                }
                line.over(&last, 3);
            }
            Quick::Address(first) => {
                line.digits(first);
                if let Some(octets) = OCTETS.as_bytes().first_chunk::<30>() {
                    line.text(octets);
                }
            }
        }
    }
}

/// The powers of ten that divide a calling code from a national number of at most 15 digits, and
/// 2^64 divided by each, rounded up: to multiply costs a tenth of a division.
const POWERS: [(u64, u64); 16] = {
    let mut powers = [(1u64, u64::MAX); 16];
    let mut i = 1;
    while i < powers.len() {
        let power = powers[i - 1].0 * 10;
        powers[i] = (power, u64::MAX / power + 1);
        i += 1;
    }
    powers
};

/// Bytes of bullets that are copied at once: more than fifteen digits leave hidden.
const LONGEST_HIDDEN: usize = 48;

/// The octets of an address that are hidden.
const OCTETS: &str = ".•••.•••.•••";

fn bullets(out: &mut Vec<u8>, count: usize) {
    let width = BULLET.len_utf8();
    out.extend_from_slice(&BULLETS.as_bytes()[..width * count.min(BULLETS.len() / width)]);
}

/// Bullets for all but the last `shown` digits; nothing is appended when too few would be hidden.
fn tail(out: &mut Vec<u8>, digits: &[u8], shown: usize) -> Option<()> {
    let hidden = digits.len().checked_sub(shown);
    let hidden = hidden.filter(|hidden| *hidden >= FEWEST_HIDDEN)?;
    bullets(out, hidden);
    out.extend_from_slice(&digits[hidden..]);
    Some(())
}

fn number(out: &mut Vec<u8>, canonical: &Canonical, shown: usize) -> Option<()> {
    match canonical {
        Canonical::Digits { value, len } => {
            let mut padded = [b'0'; 2 * DIGITS];
            let mut buffer = itoa::Buffer::new();
            let digits = buffer.format(*value).as_bytes();
            let end = DIGITS + digits.len();
            padded[DIGITS..end].copy_from_slice(digits);
            let len = usize::from(*len).clamp(digits.len(), DIGITS);
            tail(out, &padded[end - len..end], shown)
        }
        Canonical::Text(text) if text.iter().all(u8::is_ascii_digit) => tail(out, text, shown),
        _ => None,
    }
}

/// The most digits a 64-bit number has.
const DIGITS: usize = 20;

fn phone(out: &mut Vec<u8>, digits: u64, country_len: usize) -> Option<()> {
    let mut buffer = itoa::Buffer::new();
    let digits = buffer.format(digits).as_bytes();
    let (country, national) = digits.split_at_checked(country_len)?;
    if national.len() < 3 + FEWEST_HIDDEN {
        return None;
    }
    if !country.is_empty() {
        out.push(b'+');
        out.extend_from_slice(country);
    }
    tail(out, national, 3)
}

fn initial(out: &mut Vec<u8>, word: &str) {
    if let Some(first) = word.chars().next().filter(|c| c.is_alphanumeric())
        && word.chars().nth(SHORTEST_INITIALLED - 1).is_some()
    {
        out.extend_from_slice(first.encode_utf8(&mut [0; 4]).as_bytes());
    }
    out.extend_from_slice(GAP);
}

fn email(out: &mut Vec<u8>, address: &str) -> Option<()> {
    let at = memchr::memrchr(b'@', address.as_bytes())?;
    let (user, domain) = (&address[..at], &address[at + 1..]);
    let dot = memchr::memrchr(b'.', domain.as_bytes())?;
    let (host, top) = (&domain[..dot], &domain[dot + 1..]);
    let common = (2..=LONGEST_TOP_LEVEL).contains(&top.len())
        && top.bytes().all(|b| b.is_ascii_alphabetic());
    initial(out, user);
    out.push(b'@');
    initial(out, host);
    out.push(b'.');
    out.extend_from_slice(if common { top.as_bytes() } else { GAP });
    Some(())
}

fn iban(out: &mut Vec<u8>, account: &str) -> Option<()> {
    let account = account.to_ascii_uppercase();
    let usable = (15..=34).contains(&account.len())
        && account.bytes().all(|b| b.is_ascii_alphanumeric())
        && account.bytes().take(2).all(|b| b.is_ascii_alphabetic());
    let (country, rest) = account.split_at_checked(2).filter(|_| usable)?;
    out.extend_from_slice(country.as_bytes());
    tail(out, rest.as_bytes(), 4)
}

fn ip(out: &mut Vec<u8>, address: IpAddr) {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let first = address.octets()[0];
            out.extend_from_slice(itoa::Buffer::new().format(first).as_bytes());
            out.extend_from_slice(OCTETS.as_bytes());
        }
        IpAddr::V6(address) => {
            let first = format!("{:x}:", address.segments()[0]);
            out.extend_from_slice(first.as_bytes());
            out.extend_from_slice(GAP);
        }
    }
}

fn mac(out: &mut Vec<u8>, address: &str) -> Option<()> {
    let hex = || address.bytes().filter(|b| !b":-.".contains(b));
    if hex().count() != 12 || !hex().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    out.extend(hex().take(2));
    out.extend_from_slice(":••:••:••:••:••".as_bytes());
    Some(())
}

fn name(out: &mut Vec<u8>, name: &str) -> Option<()> {
    for (i, word) in name.split_whitespace().enumerate() {
        if i > 0 {
            out.push(b' ');
        }
        initial(out, word);
    }
    (!name.trim().is_empty()).then_some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Confidence, Evidence};
    use crate::report::sheet::Sheet;
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
    fn each_entity_shows_what_the_table_says() {
        let phone = |digits, country_len| Canonical::Phone {
            digits,
            country_len,
        };
        for (entity, canonical, shown) in [
            (Entity::Phone, phone(14_165_550_123, 1), "+1•••••••123"),
            (Entity::Phone, phone(442_079_460_958, 2), "+44•••••••958"),
            (Entity::Phone, phone(4_165_550_123, 0), "•••••••123"),
            (Entity::Phone, phone(290_123_456, 3), "•••"),
            (Entity::Phone, phone(911, 0), "•••"),
            (Entity::Email, text("jane.doe@example.com"), "j•••@e•••.com"),
            (Entity::Email, text("jd@x.org"), "•••@•••.org"),
            (
                Entity::Email,
                text("\"jane doe\"@mail.example.smithfamily"),
                "•••@m•••.•••",
            ),
            (Entity::Email, text("nonsense"), "•••"),
            (
                Entity::PaymentCard,
                number("4111111111111111"),
                "••••••••••••1111",
            ),
            (Entity::CardSecurityCode, number("123"), "•••"),
            (
                Entity::Iban,
                text("de89370400440532013000"),
                "DE••••••••••••••••3000",
            ),
            (
                Entity::IpAddress,
                Canonical::Ip([192, 0, 2, 1].into()),
                "192.•••.•••.•••",
            ),
            (
                Entity::IpAddress,
                Canonical::Ip("2001:db8::1".parse().unwrap()),
                "2001:•••",
            ),
            (
                Entity::IpAddress,
                Canonical::Ip("::ffff:192.0.2.1".parse().unwrap()),
                "192.•••.•••.•••",
            ),
            (
                Entity::MacAddress,
                text("00:1b:44:11:3a:b7"),
                "00:••:••:••:••:••",
            ),
            (Entity::MacAddress, text("00"), "•••"),
            (Entity::Imei, number("490154203237518"), "••••••••••••518"),
            (
                Entity::Iccid,
                text("89148000000000000034"),
                "•••••••••••••••••034",
            ),
            (Entity::UsSsn, number("219099999"), "•••••••99"),
            (Entity::PersonName, text("jane q doe"), "j••• ••• d•••"),
            (Entity::PostalAddress, text("12 main st"), "•••"),
            (Entity::Credential, text("correct horse"), "•••"),
            (Entity::Health, Canonical::Term(3), "•••"),
            (Entity::Health, text("diabetes"), "•••"),
        ] {
            assert_eq!(masked(entity, &canonical), shown, "{entity}");
        }
    }

    proptest! {
        #[test]
        fn the_fast_form_shows_what_the_plain_form_shows(
            digits in any::<u64>(),
            bits in 0u32..64,
            country_len in 1u8..5,
            entity in proptest::sample::select(&[Entity::Phone, Entity::IpAddress, Entity::Imei][..]),
        ) {
            let digits = digits >> bits;
            let power = 10u64.pow(digits.max(1).ilog10().saturating_sub(u32::from(country_len) - 1));
            for canonical in [
                Canonical::Phone { digits, country_len },
                Canonical::Phone { digits, country_len: 0 },
                // The last number before the next calling code.
                Canonical::Phone { digits: (digits / power * power).saturating_add(power - 1), country_len },
                Canonical::Ip(IpAddr::V4((digits as u32).into())),
                Canonical::Digits { value: digits, len: country_len },
            ] {
                let finding = Finding {
                    entity,
                    confidence: Confidence(50),
                    evidence: Evidence::SYNTAX,
                    span: 0..1,
                    parts: None,
                    via: &[],
                    group: 1,
                    canonical,
                    extension: None,
                    value: None,
                    line: 1,
                    column: 1,
                    record: None,
                    field: None,
                    party: None,
                    time: None,
                    cell: None,
                    heard: None,
                };
                if let Some(quick) = Quick::of(&finding) {
                    let mut sheet = Sheet::default();
                    sheet.line(QUICK, |line| quick.put(line));
                    let plain = masked(entity, &finding.canonical);
                    prop_assert_eq!(sheet.written(), plain.as_bytes());
                }
            }
        }
    }

    /// How many letters and digits of the value each entity may show.
    fn allowance(entity: Entity) -> usize {
        match entity {
            Entity::Email => 2 + LONGEST_TOP_LEVEL,
            Entity::Phone | Entity::Iban => 6,
            Entity::PaymentCard | Entity::IpAddress => 4,
            Entity::Imei | Entity::Imsi | Entity::Iccid => 3,
            Entity::UsSsn | Entity::CaSin | Entity::UkNhs | Entity::MacAddress => 2,
            _ => 0,
        }
    }

    proptest! {
        #[test]
        fn no_more_is_shown_than_allowed(
            entity in proptest::sample::select(Entity::ALL),
            value in prop_oneof![any::<String>(), "[a-z0-9.]{1,20}@[a-z0-9.-]{1,20}\\.[a-z]{2,12}",
                                 "[0-9]{1,20}", "[A-Z]{2}[0-9]{13,32}", "([0-9a-f]{2}:){5}[0-9a-f]{2}"],
        ) {
            let shown = masked(entity, &text(&value));
            let letters = shown.chars().filter(|c| c.is_alphanumeric()).count();
            let words = value.split_whitespace().count();
            let allowed = if entity == Entity::PersonName { words } else { allowance(entity) };
            prop_assert!(letters <= allowed, "{} {}", entity, letters);
            prop_assert!(shown.contains(BULLET));
            prop_assert!(value.contains(BULLET) || value.is_empty() || !shown.contains(&value));
            let plain = |c: char| c.is_alphanumeric() || " +@.:".contains(c) || c == BULLET;
            prop_assert!(shown.chars().all(plain));
        }

        #[test]
        fn digits_show_only_their_ends(digits in 1_000_000u64..=999_999_999_999_999, country_len in 0u8..=3) {
            let written = digits.to_string();
            let shown = masked(Entity::Phone, &Canonical::Phone { digits, country_len });
            prop_assert!(shown.chars().filter(char::is_ascii_digit).count() <= 3 + usize::from(country_len));
            prop_assert!(!shown.contains(&written));
            let canonical = Canonical::Digits { value: digits, len: 16 };
            for entity in [Entity::PaymentCard, Entity::Imei, Entity::Imsi, Entity::UsSsn] {
                let shown = masked(entity, &canonical);
                let kept = shown.chars().filter(char::is_ascii_digit).count();
                prop_assert!(kept <= allowance(entity), "{}", entity);
                prop_assert!(written.ends_with(shown.trim_start_matches(BULLET)));
            }
        }
    }
}
