use super::*;
use crate::detect::Hit;
use crate::finding::{Confidence, Evidence};
use crate::subject::identify;

fn us() -> [Region; 1] {
    [Region::parse("US").unwrap()]
}

fn hit(value: &str) -> Hit {
    let (entity, canonical) = identify(value, &us()).unwrap();
    Hit {
        entity,
        range: 0..value.len(),
        confidence: Confidence(90),
        evidence: Evidence::default(),
        canonical,
        extension: None,
    }
}

#[test]
fn numbers_ranges_domains_and_networks_are_held() {
    let mut lists = Lists::default();
    let text = "\
# ours
(416) 555-0123   # Toronto
+1 416 555 0150..+14165550159
192.0.2.0/24
2001:db8::/32
@example.com
*.example.net
help@example.org
4111111111111111..4111111111119999
";
    lists.add_allowed(text, &us()).unwrap();
    for (value, allowed) in [
        ("+14165550123", true),
        ("+14165550124", false),
        ("+14165550150", true),
        ("+14165550159", true),
        ("+14165550160", false),
        ("192.0.2.77", true),
        ("192.0.3.77", false),
        ("2001:db8::17", true),
        ("2001:db9::17", false),
        ("jane@example.com", true),
        ("jane@mail.example.com", true),
        ("jane@badexample.com", false),
        ("jane@example.net", true),
        ("HELP@example.org", true),
        ("jane@example.org", false),
        ("4111111111111111", true),
        ("5555555555554444", false),
    ] {
        let hit = hit(value);
        let found = lists.allow(&hit, value.as_bytes(), || None::<&str>);
        assert_eq!(found, allowed, "{value}");
    }
}

#[test]
fn columns_and_texts_are_only_allowed_and_own_is_own() {
    let mut lists = Lists::default();
    lists
        .add_allowed("column:DID\nperson_name: Jane Doe\n", &us())
        .unwrap();
    let phone = hit("+14165550123");
    for (field, allowed) in [
        (Some("did"), true),
        (Some("call.did"), true),
        (Some("didnt"), false),
        (None, false),
    ] {
        assert_eq!(lists.allow(&phone, b"x", || field), allowed, "{field:?}");
    }
    let name = Hit {
        entity: Entity::PersonName,
        ..hit("+14165550123")
    };
    assert!(lists.allow(&name, b"JANE DOE", || None::<&str>));
    let mut lists = Lists::default();
    lists.add_own("+14165550123\nexample.com", &us()).unwrap();
    assert!(lists.owns(phone.entity, &phone.canonical) && lists.allow_nothing());
    let mail = hit("jane@example.com");
    assert!(lists.owns(mail.entity, &mail.canonical));
}

#[test]
fn a_line_that_says_nothing_is_named() {
    for (text, line, why) in [
        ("+14165550123\nwhat is this", 2, WrongLine::Unknown),
        ("# x\n\n+14165550123..jane@x", 3, WrongLine::Unknown),
        ("+14165550123..+14165550100", 1, WrongLine::NoRange),
        ("+14165550123..+442079460958", 1, WrongLine::NoRange),
        ("192.0.2.0/33", 1, WrongLine::NoNetwork),
        ("phone:what", 1, WrongLine::Unknown),
        ("column:", 1, WrongLine::Unknown),
    ] {
        let mut lists = Lists::default();
        assert_eq!(lists.add_allowed(text, &us()), Err((line, why)), "{text}");
    }
    let mut lists = Lists::default();
    let own = lists.add_own("column:did", &us());
    assert_eq!(own, Err((1, WrongLine::NotOwn)));
}

#[test]
fn no_list_shows_what_it_holds() {
    let mut lists = Lists::default();
    lists.add_own("+14165550123", &us()).unwrap();
    assert!(!format!("{lists:?}").contains("4165550123"));
}
