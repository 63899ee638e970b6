//! Runs the examples of `patterns/identifiers/`: each marked value is found, exactly, and nothing
//! else is.

use std::path::Path;

use crate::detect::phone::plan::Region;
use crate::detect::{Detectors, Scratch};
use crate::entity::{Entity, EntitySet};
use crate::finding::Confidence;
use crate::view::{NoHints, Register, View};

#[derive(serde::Deserialize)]
struct File {
    entity: Option<String>,
    #[serde(default)]
    example: Vec<Texts>,
    #[serde(default)]
    counter_example: Vec<Texts>,
}

#[derive(serde::Deserialize)]
struct Texts {
    text: Vec<String>,
}

/// The values of `entity` that are found in `text`.
fn found(text: &str, entity: Entity) -> Vec<String> {
    let regions = vec![Region::parse("US").unwrap()];
    let detectors = Detectors::new(regions, EntitySet::all(), Confidence(50));
    let mut hits = Vec::new();
    let hints = NoHints(Register::Prose);
    let view = View::raw(text.as_bytes(), 0, &hints);
    detectors.scan(&view, &mut Scratch::default(), &mut hits);
    hits.retain(|hit| hit.entity == entity);
    hits.into_iter()
        .map(|hit| text[hit.range].to_owned())
        .collect()
}

/// The text without its marks, and what was marked.
fn unmarked(text: &str) -> (String, Vec<String>) {
    let mut marked = Vec::new();
    let mut rest = text;
    while let Some((_, behind)) = rest.split_once('«') {
        let (value, more) = behind.split_once('»').unwrap();
        marked.push(value.to_owned());
        rest = more;
    }
    (text.replace(['«', '»'], ""), marked)
}

#[test]
fn every_example_of_the_identifiers_holds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("patterns/identifiers");
    let (mut run, mut wrong) = (0, Vec::new());
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let file: File = toml::from_str(&text).unwrap();
        let Some(name) = file.entity else { continue };
        let entity = Entity::parse_family(&name).unwrap()[0];
        assert!(!file.example.is_empty() && !file.counter_example.is_empty());
        let texts = file.example.iter().chain(&file.counter_example);
        for text in texts.flat_map(|texts| &texts.text) {
            let (plain, expected) = unmarked(text);
            run += 1;
            let found = found(&plain, entity);
            if found != expected {
                wrong.push(format!("{name}: {text}: {found:?}"));
            }
        }
    }
    assert!(run > 150, "{run}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_device_is_called_a_card() {
    // Every reporting body, with a right check digit, as a text alone and in a sentence.
    for body in super::REPORTING_BODIES {
        for serial in [0u64, 123_456_789_012, 900_000_000_001, 555_555_555_555] {
            let first = format!("{body:02}{serial:012}");
            let digit = (0..10)
                .map(|digit| format!("{first}{digit}"))
                .find(|imei| crate::detect::card::luhn(imei.as_bytes()))
                .unwrap();
            for text in [
                format!("imei {digit}"),
                format!("\"{digit}\","),
                format!("the device {digit} called"),
            ] {
                assert_eq!(found(&text, Entity::PaymentCard), [""; 0], "{text}");
            }
        }
    }
}

#[test]
fn a_word_that_announces_wakes() {
    for one in super::ANNOUNCED {
        assert!(super::wakes(one.letters).is_some(), "{}", one.word);
    }
    assert_eq!(super::wakes(u64::from_le_bytes(*b"NOTHING\0")), None);
}
