//! Known answers and properties of format-preserving encryption.

use super::*;
use proptest::prelude::*;

fn fpe() -> Fpe {
    Fpe::new(&Secret::from_bytes(&(0..32).collect::<Vec<u8>>()).unwrap())
}

fn phone(digits: u64, country_len: u8) -> Canonical {
    Canonical::Phone {
        digits,
        country_len,
    }
}

fn number(digits: &str) -> Canonical {
    Canonical::Digits {
        value: digits.parse().unwrap(),
        len: digits.len() as u8,
    }
}

fn replace(entity: Entity, canonical: &Canonical, text: &str) -> Result<String, Refused> {
    fpe().replace(&Original::new(entity, text.as_bytes(), canonical))
}

/// Samples 7 and 8 of NIST's FF1 examples (AES-256, radix 10).
#[test]
fn the_cipher_is_ff1() {
    let key = [
        0x2b, 0x7e, 0x15, 0x16, 0x28, 0xae, 0xd2, 0xa6, 0xab, 0xf7, 0x15, 0x88, 0x09, 0xcf, 0x4f,
        0x3c, 0xef, 0x43, 0x59, 0xd8, 0xd5, 0x80, 0xaa, 0x4f, 0x7f, 0x03, 0x6d, 0x6f, 0x04, 0xfc,
        0x6a, 0x94,
    ];
    let cipher = FF1::<Aes256>::new(&key, 10).unwrap();
    for (tweak, expected) in [
        (&b""[..], [6, 6, 5, 7, 6, 6, 7, 0, 0, 9]),
        (b"9876543210", [1, 0, 0, 1, 6, 2, 3, 4, 6, 3]),
    ] {
        let plain = FlexibleNumeralString::from((0..10).collect::<Vec<u16>>());
        let hidden: Vec<u16> = cipher.encrypt(tweak, &plain).unwrap().into();
        assert_eq!(hidden, expected);
    }
}

/// Expected digits from an independent FF1 in Python, checked against the same NIST samples.
#[test]
fn digits_change_and_the_spelling_stays() {
    let us = phone(14_165_550_123, 1);
    let uk = phone(442_079_460_958, 2);
    let card = number("4111111111111111");
    for (entity, canonical, text, expected) in [
        (Entity::Phone, &us, "+1 (416) 555-0123", "+1 (103) 233-5885"),
        (Entity::Phone, &us, "416.555.0123", "103.233.5885"),
        (Entity::Phone, &us, "14165550123", "11032335885"),
        (
            Entity::Phone,
            &us,
            "011 1 416 555 0123",
            "011 1 103 233 5885",
        ),
        (Entity::Phone, &us, "416-555-0123 x204", "103-233-5885 x***"),
        (
            Entity::Phone,
            &us,
            "four one six, five five five",
            "+11032335885",
        ),
        (Entity::Phone, &us, "416 555\n0123", "+11032335885"),
        (Entity::Phone, &us, "1-416-555-01AB", "+11032335885"),
        (Entity::Phone, &us, "\u{ff14}16-555-0123", "+11032335885"),
        (Entity::Phone, &uk, "020 7946 0958", "012 2392 4779"),
        (Entity::Phone, &uk, "+44 20 7946 0958", "+44 12 2392 4779"),
        (Entity::Phone, &phone(0, 0), "0", "TooShort"),
        (
            Entity::PaymentCard,
            &card,
            "4111-1111-1111-1111",
            "2597-0305-8795-8452",
        ),
        (Entity::PaymentCard, &card, "four ones", "2597030587958452"),
        (
            Entity::PaymentCard,
            &number("4111111111111112"),
            "4111111111111112",
            "CheckDigit",
        ),
        (
            Entity::CaSin,
            &number("046454286"),
            "046 454 286",
            "019 515 019",
        ),
        (
            Entity::Imsi,
            &number("310150123456789"),
            "310150123456789",
            "679853759823849",
        ),
        (
            Entity::UsSsn,
            &number("078051120"),
            "078-05-1120",
            "013-48-0334",
        ),
        (Entity::Phone, &phone(1_555_012, 1), "555012", "TooShort"),
        (
            Entity::CardSecurityCode,
            &number("1234567"),
            "1234567",
            "NotDigits",
        ),
        (
            Entity::IpAddress,
            &Canonical::Ip([192, 0, 2, 1].into()),
            "192.0.2.1",
            "NotDigits",
        ),
    ] {
        let result = replace(entity, canonical, text);
        let shown = result.unwrap_or_else(|refused| format!("{refused:?}"));
        assert_eq!(shown, expected, "{entity} {text}");
    }
}

#[test]
fn a_number_slot_gets_digits_only() {
    let us = phone(14_165_550_123, 1);
    for (text, expected) in [
        ("4165550123", "1032335885"),
        ("14165550123", "11032335885"),
        ("4165550123.0", "11032335885"),
        ("4165550123204", "11032335885"),
    ] {
        let original = Original::new(Entity::Phone, text.as_bytes(), &us).in_slot(Slot::Number);
        assert_eq!(fpe().replace(&original).unwrap(), expected, "{text}");
    }
}

#[test]
fn only_the_right_key_and_a_possible_result_are_turned_back() {
    let id = fpe().key_id();
    let hidden = phone(11_032_335_885, 1);
    assert!(fpe().reveal(Entity::Phone, &hidden, id) == Ok(phone(14_165_550_123, 1)));
    let card = number("2597030587958452");
    assert!(fpe().reveal(Entity::PaymentCard, &card, id) == Ok(number("4111111111111111")));
    let valid = number("4111111111111111");
    let refused = fpe().reveal(Entity::PaymentCard, &valid, id);
    assert!(refused == Err(Refused::CheckDigit));
    let other = Fpe::new(&Secret::from_bytes(&[9; 32]).unwrap());
    let refused = other.reveal(Entity::Phone, &hidden, id);
    assert!(
        refused
            == Err(Refused::WrongKey {
                made_with: id,
                this: other.key_id()
            })
    );
}

fn passes_luhn(digits: &str) -> bool {
    let (body, check) = digits.split_at(digits.len() - 1);
    check.parse() == Ok(luhn_digit(body))
}

proptest! {
    #[test]
    fn what_is_hidden_can_be_revealed(
        entity in proptest::sample::select(vec![
            Entity::Imei, Entity::Imsi, Entity::Iccid, Entity::UsSsn, Entity::UkNhs,
        ]),
        digits in "[0-9]{7,19}",
    ) {
        let fpe = fpe();
        let plain = number(&digits);
        let original = Original::new(entity, digits.as_bytes(), &plain);
        let hidden = fpe.replace(&original).unwrap();
        prop_assert_eq!(hidden.len(), digits.len());
        prop_assert_ne!(&hidden, &digits);
        prop_assert_eq!(hidden.starts_with('0'), digits.starts_with('0'));
        let revealed = fpe.reveal(entity, &number(&hidden), fpe.key_id());
        prop_assert!(revealed == Ok(plain));
    }

    #[test]
    fn a_phone_number_keeps_code_and_separators_in_every_spelling(
        national in "[1-9][0-9]{9}", separators in "[ .()-]{3}",
    ) {
        let fpe = fpe();
        let canonical = phone(format!("1{national}").parse().unwrap(), 1);
        let mut marks = separators.chars();
        let mut mark = || marks.next().unwrap_or('-');
        let (a, b, c) = (&national[..3], &national[3..6], &national[6..]);
        let text = format!("+1{}{a}{}{b}{}{c}", mark(), mark(), mark());
        let hide = |text: &str| {
            fpe.replace(&Original::new(Entity::Phone, text.as_bytes(), &canonical)).unwrap()
        };
        let hidden = hide(&text);
        prop_assert_eq!(hidden.len(), text.len());
        prop_assert!(hidden.starts_with("+1"));
        for (old, new) in text.chars().zip(hidden.chars()) {
            prop_assert_eq!(old.is_ascii_digit(), new.is_ascii_digit());
            prop_assert!(old.is_ascii_digit() || old == new);
        }
        let digits: String = hidden.chars().filter(char::is_ascii_digit).collect();
        prop_assert_eq!(&digits[1..], hide(&national));
        let replaced = phone(digits.parse().unwrap(), 1);
        prop_assert!(fpe.reveal(Entity::Phone, &replaced, fpe.key_id()) == Ok(canonical.clone()));
    }

    #[test]
    fn a_card_never_becomes_a_valid_card(body in "[0-9]{11,18}") {
        let fpe = fpe();
        let digits = format!("{body}{}", luhn_digit(&body));
        prop_assert!(passes_luhn(&digits));
        let plain = number(&digits);
        let original = Original::new(Entity::PaymentCard, digits.as_bytes(), &plain);
        let hidden = fpe.replace(&original).unwrap();
        prop_assert!(!passes_luhn(&hidden));
        let revealed = fpe.reveal(Entity::PaymentCard, &number(&hidden), fpe.key_id());
        prop_assert!(revealed == Ok(plain));
    }
}
