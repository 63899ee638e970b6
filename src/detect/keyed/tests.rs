//! What entries are taken for; test cards of the networks, numbers kept for fiction.

use super::*;

/// The keys of a call: `|` is a pause of ten seconds, and a word in braces a prompt.
fn entries(call: &str) -> Vec<(Entity, String, u8)> {
    let regions = [Region::parse("US").unwrap()];
    let mut keypad = Keypad::new(&regions);
    let (mut ms, mut found) = (1_000, Vec::new());
    let mut rest = call;
    while let Some(key) = rest.chars().next() {
        rest = &rest[1..];
        match key {
            '|' => ms += 10_000,
            '{' => {
                let (word, behind) = rest.split_once('}').unwrap();
                rest = behind;
                let prompt = match word {
                    "card" => Prompt::Card,
                    "code" => Prompt::SecurityCode,
                    "pin" => Prompt::Pin,
                    "phone" => Prompt::Phone,
                    "birth" => Prompt::Birth,
                    _ => Prompt::Account,
                };
                keypad.asked(prompt, ms);
                ms += 2_000;
            }
            key => {
                let digit = Digit {
                    key: key as u8,
                    samples: ms * 8..(ms + 80) * 8,
                    ms: ms..ms + 80,
                };
                keypad.push(&digit, &mut found);
                ms += 300;
            }
        }
    }
    keypad.finish(&mut found);
    let text = |keyed: &Keyed| String::from_utf8(keyed.keys.0.to_vec()).unwrap();
    found
        .iter()
        .map(|keyed| (keyed.entity, text(keyed), keyed.confidence.0))
        .collect()
}

#[test]
fn entries_are_what_their_digits_and_prompts_say() {
    use Entity::{CardSecurityCode as Code, Credential, PaymentCard as Card, Phone};
    for (call, expected) in [
        ("{birth}01311990#", vec![(Entity::DateOfBirth, "01311990")]),
        ("{birth}013190", vec![(Entity::DateOfBirth, "013190")]),
        ("1", vec![]),
        ("1|2#|12*", vec![]),
        ("4111111111111111#", vec![(Card, "4111111111111111")]),
        (
            "1|378282246310005|1229#|1234#",
            vec![(Card, "378282246310005"), (Code, "1229"), (Code, "1234")],
        ),
        // Menu, card, expiry and code in one go.
        (
            "241111111111111111229123",
            vec![(Card, "241111111111111111229123")],
        ),
        (
            "4111111111111112|123",
            vec![(Credential, "4111111111111112")],
        ),
        (
            "{card}4111111111111112|123",
            vec![(Card, "4111111111111112"), (Code, "123")],
        ),
        ("123", vec![]),
        ("{code}123", vec![(Code, "123")]),
        ("{pin}123456#", vec![(Credential, "123456")]),
        ("{pin}||||||123#", vec![]),
        ("4321#", vec![(Credential, "4321")]),
        ("2125550123", vec![(Phone, "2125550123")]),
        ("12125550123#", vec![(Phone, "12125550123")]),
        ("{account}2125550123", vec![(Credential, "2125550123")]),
        ("90210440067", vec![(Credential, "90210440067")]),
    ] {
        let found: Vec<(Entity, String)> = entries(call)
            .into_iter()
            .map(|(entity, keys, _)| (entity, keys))
            .collect();
        let expected: Vec<(Entity, String)> = expected
            .into_iter()
            .map(|(entity, keys)| (entity, keys.to_owned()))
            .collect();
        assert_eq!(found, expected, "{call}");
    }
}

#[test]
fn an_entry_reaches_from_its_first_key_to_the_one_that_ends_it() {
    let regions = [Region::parse("US").unwrap()];
    let mut keypad = Keypad::new(&regions);
    let mut found = Vec::new();
    for (at, key) in b"4321#".iter().enumerate() {
        let ms = 5_000 + 1_000 * at as u64;
        let digit = Digit {
            key: *key,
            samples: ms * 8..(ms + 90) * 8,
            ms: ms..ms + 90,
        };
        keypad.push(&digit, &mut found);
    }
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].ms, 5_000..9_090);
    assert_eq!(found[0].samples, 40_000..72_720);
    assert!(found[0].evidence.has(Evidence::KEYED));
    assert!(!format!("{:?}", found[0]).contains("4321"));
}

#[test]
fn keys_without_end_are_cut_and_kept_in_bounds() {
    let call = "1".repeat(1_000);
    let found = entries(&call);
    assert!(found.len() >= 1_000 / MOST_KEYS);
    assert!(found.iter().all(|(_, keys, _)| keys.len() <= MOST_KEYS));
}
