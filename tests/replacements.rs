//! R7: what an operator leaves behind is recognised, and nothing that could be found is taken for
//! it. R4: no replacement but the reversible one holds what it replaces.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use efface::detect::phone::plan::Region;
use efface::detect::{Detectors, Scratch};
use efface::edit::{Replacement, mask_char};
use efface::entity::{Entity, EntitySet};
use efface::finding::{Canonical, Confidence};
use efface::redact::operator::{
    Applied, Operator, OperatorSet, Operators, Original, Secret, Slot, is_masked_number,
    is_replacement, neighbours,
};
use efface::view::{NoHints, Register, View};
use proptest::prelude::*;

/// An entity with a canonical value of its form and one of its spellings.
fn value() -> impl Strategy<Value = (Entity, Canonical, String)> {
    prop_oneof![phone(), card(), email(), ip(), identifier(), text()]
}

fn phone() -> impl Strategy<Value = (Entity, Canonical, String)> {
    let spelling = proptest::sample::select(vec!["", " ", "-", ".", ") "]);
    ("[2-9][0-9]{9}", spelling, any::<bool>()).prop_map(|(national, mark, international)| {
        let prefix = if international { "+1 " } else { "" };
        let (a, b, c) = (&national[..3], &national[3..6], &national[6..]);
        let digits = format!("1{national}").parse().unwrap();
        let text = format!("{prefix}{a}{mark}{b}{mark}{c}");
        (
            Entity::Phone,
            Canonical::Phone {
                digits,
                country_len: 1,
            },
            text,
        )
    })
}

fn card() -> impl Strategy<Value = (Entity, Canonical, String)> {
    "[3-6][0-9]{11,18}".prop_map(|digits| {
        let canonical = number(&digits);
        (Entity::PaymentCard, canonical, digits)
    })
}

fn email() -> impl Strategy<Value = (Entity, Canonical, String)> {
    "[a-z0-9.!#$%&'*+/=?^_{|}~-]{1,12}@[a-z0-9][a-z0-9-]{0,9}\\.[a-z]{2,9}".prop_map(|address| {
        let canonical = Canonical::Text(address.as_bytes().into());
        (Entity::Email, canonical, address)
    })
}

fn ip() -> impl Strategy<Value = (Entity, Canonical, String)> {
    any::<std::net::IpAddr>().prop_map(|address| {
        (
            Entity::IpAddress,
            Canonical::Ip(address),
            address.to_string(),
        )
    })
}

fn identifier() -> impl Strategy<Value = (Entity, Canonical, String)> {
    let entities = vec![
        Entity::CardSecurityCode,
        Entity::Imei,
        Entity::Imsi,
        Entity::UsSsn,
        Entity::CaSin,
        Entity::UkNhs,
    ];
    (proptest::sample::select(entities), "[2-9][0-9]{2,18}")
        .prop_map(|(entity, digits)| (entity, number(&digits), digits))
}

fn text() -> impl Strategy<Value = (Entity, Canonical, String)> {
    (
        proptest::sample::select(Entity::ALL),
        "[A-Za-z\u{e9}\u{5c71}]{4,12}( [A-Za-z]{4,9}){0,2}",
    )
        .prop_map(|(entity, text)| {
            (
                entity,
                Canonical::Text(text.to_lowercase().as_bytes().into()),
                text,
            )
        })
}

fn number(digits: &str) -> Canonical {
    Canonical::Digits {
        value: digits.parse().unwrap(),
        len: digits.len() as u8,
    }
}

fn operators(operator: Operator) -> Operators {
    let secret = Secret::from_bytes(&[3; 32]).unwrap();
    Operators::new(
        OperatorSet::parse([operator.name()]).unwrap(),
        Some(&secret),
    )
    .unwrap()
}

/// The text a place holds afterwards, as a format that can write anything renders it.
fn rendered(applied: &Applied, text: &str) -> String {
    match &applied.replacement {
        Replacement::Mask => text.chars().map(|c| mask_char(c.len_utf8())).collect(),
        Replacement::Text(text) | Replacement::Number(text) => text.clone(),
        Replacement::Silence | Replacement::Nothing => String::new(),
    }
}

/// The texts that the detectors find at any confidence in `text` and that are no replacements.
fn found(text: &str, register: Register) -> Vec<String> {
    let regions = vec![Region::parse("US").unwrap(), Region::parse("GB").unwrap()];
    let detectors = Detectors::new(regions, EntitySet::all(), Confidence(0));
    let hints = NoHints(register);
    let view = View::raw(text.as_bytes(), 0, &hints);
    let mut hits = Vec::new();
    detectors.scan(&view, &mut Scratch::default(), &mut hits);
    hits.into_iter()
        .map(|hit| text[hit.range].to_owned())
        .filter(|found| !is_replacement(found.as_bytes()))
        .collect()
}

/// Without this, a test that finds nothing could be one that looks at nothing.
#[test]
fn the_values_themselves_are_found() {
    for value in [
        "416-555-0123",
        "4111111111111111",
        "jane.doe@example.com",
        "192.0.2.1",
    ] {
        let line = format!("call me at {value} please");
        assert_eq!(found(&line, Register::Prose), [value], "{line}");
    }
}

#[test]
fn no_label_is_found_in_any_place() {
    for entity in Entity::ALL {
        for line in [
            format!("I said [{}] to my partner", entity.label()),
            format!("my history of [{}], and of others", entity.label()),
        ] {
            assert_eq!(
                found(&line, Register::Prose),
                Vec::<String>::new(),
                "{line}"
            );
        }
    }
}

/// The way a value stands among others.
fn surroundings() -> impl Strategy<Value = (&'static str, &'static str, Register)> {
    proptest::sample::select(vec![
        ("", "", Register::Cell),
        ("call me at ", " please", Register::Prose),
        ("phone: <", ">", Register::Prose),
        ("phone=", " email=x", Register::Log),
        ("From: \"Jane Doe\" <sip:", ";tag=1>", Register::Log),
        ("tel:", "", Register::Identifier),
        ("caller,", ",callee", Register::Cell),
    ])
}

proptest! {
    /// The detectors read at the lowest confidence, so that no place could make them see more.
    #[test]
    fn no_detector_finds_anything_in_a_product(
        (entity, canonical, text) in value(),
        operator in proptest::sample::select(vec![
            Operator::Mask, Operator::Label, Operator::Partial, Operator::Token, Operator::Remove,
        ]),
        (before, after, register) in surroundings(),
    ) {
        let applied = operators(operator)
            .replace(&Original::new(entity, text.as_bytes(), &canonical));
        let line = format!("{before}{}{after}", rendered(&applied, &text));
        prop_assert_eq!(found(&line, register), Vec::<String>::new(), "{}", line);
    }

    #[test]
    fn a_removed_value_leaves_no_number_behind(
        (entity, canonical, text) in phone(),
        before in "[0-9]{1,6}", after in "[0-9]{1,6}",
        left in "[ .-]{0,2}", right in "[ .-]{0,2}",
    ) {
        let line = format!("{before}{left}{text}{right}{after}");
        let start = before.len() + left.len();
        let end = start + text.len();
        let original = Original::new(entity, text.as_bytes(), &canonical)
            .between(neighbours(line.as_bytes(), start, end));
        let applied = operators(Operator::Remove).replace(&original);
        let result = format!("{}{}{}", &line[..start], rendered(&applied, &text), &line[end..]);
        prop_assert_eq!(found(&result, Register::Prose), Vec::<String>::new(), "{}", result);
    }

    #[test]
    fn every_product_is_recognised(
        (entity, canonical, text) in value(),
        operator in proptest::sample::select(Operator::ALL.to_vec()),
        number_slot in any::<bool>(),
    ) {
        let slot = if number_slot { Slot::Number } else { Slot::Text };
        let original = Original::new(entity, text.as_bytes(), &canonical).in_slot(slot);
        let applied = operators(operator).replace(&original);
        let product = rendered(&applied, &text);
        if applied.operator == Operator::Fpe {
            prop_assert_ne!(product, text);
        } else {
            prop_assert!(!product.contains(&text), "{} keeps the value", operator);
            let recognised = match slot {
                Slot::Number => is_masked_number(product.as_bytes()),
                _ => product.is_empty() || is_replacement(product.as_bytes()),
            };
            prop_assert!(recognised, "{} of {}: {}", operator, entity, product);
        }
    }

    #[test]
    fn no_value_is_taken_for_a_product((_, _, text) in value()) {
        prop_assert!(!is_replacement(text.as_bytes()), "{}", text);
    }

    #[test]
    fn security_codes_are_only_ever_destroyed(
        code in "[0-9]{3,4}",
        operator in proptest::sample::select(Operator::ALL.to_vec()),
    ) {
        let canonical = number(&code);
        let original = Original::new(Entity::CardSecurityCode, code.as_bytes(), &canonical);
        let applied = operators(operator).replace(&original);
        prop_assert!(matches!(
            applied.operator,
            Operator::Mask | Operator::Label | Operator::Remove
        ));
        let product = rendered(&applied, &code);
        prop_assert!(!product.contains(|c: char| c.is_ascii_digit()));
    }

    #[test]
    fn one_canonical_value_has_one_token_in_all_spellings((entity, canonical, text) in phone()) {
        let tokens = operators(Operator::Token);
        let other = format!("tel:{text};ext=204");
        let token = |text: &str| {
            rendered(&tokens.replace(&Original::new(entity, text.as_bytes(), &canonical)), text)
        };
        prop_assert_eq!(token(&text), token(&other));
        prop_assert!(!token(&text).contains(|c: char| c.is_ascii_digit()));
    }
}
