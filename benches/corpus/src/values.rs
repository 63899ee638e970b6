//! The values that are planted: only from ranges kept for fiction, tests and documentation.
//!
//! Phones: NANP 555-0100..0199, Ofcom's drama numbers (020 7946 0xxx, 07700 900xxx), ACMA's
//! 0491 570 xxx, ARCEP's 01 99 00 xx xx. E-mail: the example domains of RFC 2606. Addresses:
//! RFC 5737, RFC 3849. Cards: the networks' published test numbers.

use crate::chance::Chance;

const AREA_CODES: &[u32] = &[
    204, 212, 226, 250, 289, 306, 312, 343, 403, 404, 416, 418, 437, 450, 503, 506, 514, 519, 579,
    581, 604, 613, 617, 647, 702, 705, 709, 713, 778, 780, 802, 807, 819, 902, 905, 907, 917, 989,
];

/// Published test numbers that every network documents; all pass the Luhn check.
const CARDS: &[&[&str]] = &[
    &["4111", "1111", "1111", "1111"],
    &["4012", "8888", "8888", "1881"],
    &["4000", "0566", "5566", "5556"],
    &["5555", "5555", "5555", "4444"],
    &["5105", "1051", "0510", "5100"],
    &["2223", "0031", "2200", "3222"],
    &["6011", "1111", "1111", "1117"],
    &["6011", "0009", "9013", "9424"],
    &["3566", "0020", "2036", "0505"],
    &["3782", "822463", "10005"],
    &["3714", "496353", "98431"],
];

const GIVEN: &[&str] = &[
    "amara", "bela", "chidi", "dagny", "esme", "farid", "greta", "hanna", "ines", "jorge", "keiko",
    "lars", "mina", "nadia", "omar", "petra", "quinn", "rosa", "samir", "tove", "uma", "vera",
];
const FAMILY: &[&str] = &[
    "abara",
    "bishop",
    "castell",
    "dube",
    "eklund",
    "fontaine",
    "grant",
    "hassan",
    "iversen",
    "jansen",
    "kovacs",
    "lindqvist",
    "mercer",
    "nakamura",
    "oduya",
    "park",
    "reyes",
    "sato",
];
const DOMAINS: &[&str] = &[
    "example.com",
    "example.org",
    "example.net",
    "post.example.com",
    "support.example.org",
    "mx2.example.net",
];

fn area_and_line(chance: &mut Chance) -> (u32, u32) {
    let area = AREA_CODES[chance.below(AREA_CODES.len() as u32) as usize];
    (area, 100 + chance.below(100))
}

/// A phone number as machines store it: digits only, with or without `+` and country code.
pub fn stored_phone(chance: &mut Chance) -> String {
    let (area, line) = area_and_line(chance);
    match chance.below(12) {
        0..=4 => format!("{area}555{line:04}"),
        5..=7 => format!("1{area}555{line:04}"),
        8..=9 => format!("+1{area}555{line:04}"),
        10 => format!("+447700900{:03}", chance.below(1000)),
        _ => format!("+442079460{:03}", chance.below(1000)),
    }
}

/// A phone number as E.164 with its plus.
pub fn e164(chance: &mut Chance) -> String {
    let (area, line) = area_and_line(chance);
    match chance.below(8) {
        0 => format!("+447700900{:03}", chance.below(1000)),
        1 => format!("+33199001{:03}", chance.below(1000)),
        2 => format!(
            "+61491570{:03}",
            [6, 156, 157, 158, 159, 110, 313, 737][chance.below(8) as usize]
        ),
        _ => format!("+1{area}555{line:04}"),
    }
}

/// A phone number as people write it.
pub fn written_phone(chance: &mut Chance) -> String {
    let (area, line) = area_and_line(chance);
    match chance.below(12) {
        0 => format!("({area}) 555-{line:04}"),
        1 => format!("({area})555-{line:04}"),
        2..=3 => format!("{area}-555-{line:04}"),
        4 => format!("{area}.555.{line:04}"),
        5 => format!("{area} 555 {line:04}"),
        6 => format!("1-{area}-555-{line:04}"),
        7 => format!("+1 {area}-555-{line:04}"),
        8 => format!("+1 ({area}) 555-{line:04}"),
        9 => format!("+44 20 7946 0{:03}", chance.below(1000)),
        10 => format!("+44 7700 900{:03}", chance.below(1000)),
        _ => format!("07700 900{:03}", chance.below(1000)),
    }
}

/// The ten digits of a NANP number, for spelling them out one by one.
pub fn ten_digits(chance: &mut Chance) -> String {
    let (area, line) = area_and_line(chance);
    format!("{area}555{line:04}")
}

/// A name in lower case: given, family.
pub fn name(chance: &mut Chance) -> (&'static str, &'static str) {
    (chance.of(GIVEN), chance.of(FAMILY))
}

/// An e-mail address.
pub fn email(chance: &mut Chance) -> String {
    let ((given, family), domain) = (name(chance), chance.of(DOMAINS));
    match chance.below(5) {
        0 => format!("{given}.{family}@{domain}"),
        1 => format!("{given}{}@{domain}", chance.between(1, 99)),
        2 => format!("{given}_{family}@{domain}"),
        3 => format!(
            "{family}+{}@{domain}",
            chance.of(&["calls", "billing", "2024", "news"])
        ),
        _ => format!("{}-{family}@{domain}", &given[..1]),
    }
}

/// A test card number: plain, with spaces or with dashes.
pub fn card(chance: &mut Chance) -> String {
    let groups = CARDS[chance.below(CARDS.len() as u32) as usize];
    groups.join(chance.of(&["", " ", "-"]))
}

/// An IPv4 address of the documentation ranges.
pub fn ipv4(chance: &mut Chance) -> String {
    format!(
        "{}.{}",
        chance.of(&["192.0.2", "198.51.100", "203.0.113"]),
        chance.below(256)
    )
}

/// An IPv6 address of the documentation range, compressed as RFC 5952 asks.
pub fn ipv6(chance: &mut Chance) -> String {
    let (a, b) = (chance.between(1, 0xffff), chance.between(1, 0xffff));
    match chance.below(3) {
        0 => format!("2001:db8::{a:x}"),
        1 => format!("2001:db8:{a:x}::{b:x}"),
        _ => format!("2001:db8:{a:x}:{b:x}:{:x}:{:x}:8a2e:7334", a ^ 0x3c3, b | 1),
    }
}
