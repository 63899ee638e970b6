//! Every example and counter-example of the packs, and the packs' own promises.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::super::{TermInfo, term};
use super::naive::expand;
use super::{found, hits};
use crate::entity::Entity;

/// The packs under `patterns/special`: file name and content.
pub(super) fn packs() -> Vec<(String, toml::Table)> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("patterns/special");
    let mut files: Vec<PathBuf> = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ext| ext == "toml"))
        .collect();
    files.sort();
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).unwrap();
        (
            path.file_name().unwrap().to_string_lossy().into_owned(),
            text.parse().unwrap(),
        )
    };
    files.into_iter().map(read).collect()
}

pub(super) fn strings<'a>(table: &'a toml::Table, key: &str) -> Vec<&'a str> {
    let array = table.get(key).and_then(|v| v.as_array());
    array
        .into_iter()
        .flatten()
        .map(|v| v.as_str().unwrap())
        .collect()
}

#[test]
fn examples_are_found_exactly_where_they_are_marked() {
    let mut wrong = Vec::new();
    for (file, pack) in packs() {
        let entity = pack["entity"].as_str().unwrap();
        for example in strings(&pack, "examples") {
            let expected: Vec<&str> = example.split(['[', ']']).skip(1).step_by(2).collect();
            let text = example.replace(['[', ']'], "");
            let mut from = 0;
            let spans: Vec<(usize, usize)> = expected
                .iter()
                .map(|part| {
                    let start = from + text[from..].find(part).unwrap();
                    from = start + part.len();
                    (start, from)
                })
                .collect();
            let got: Vec<(usize, usize)> = hits(text.as_bytes())
                .iter()
                .filter(|hit| hit.entity.name() == entity)
                .map(|hit| (hit.start, hit.end))
                .collect();
            if got != spans {
                wrong.push(format!("{file}: {example:?} gave {:?}", found(&text)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn counter_examples_are_clean_in_every_category() {
    let mut wrong = Vec::new();
    for (file, pack) in packs() {
        for text in strings(&pack, "counter_examples") {
            if !found(text).is_empty() {
                wrong.push(format!("{file}: {text:?} gave {:?}", found(text)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_form_that_asks_nothing_of_its_surroundings_is_found() {
    let mut wrong = Vec::new();
    for (file, pack) in packs() {
        let entity = pack["entity"].as_str().unwrap();
        let lists = pack["list"].as_array().unwrap().iter();
        let terms = lists.flat_map(|list| list["terms"].as_array().unwrap());
        for form in terms.filter_map(|term| term.as_str()).flat_map(expand) {
            if !hits(form.as_bytes())
                .iter()
                .any(|hit| hit.entity.name() == entity)
            {
                wrong.push(format!("{file}: {form:?} gave {:?}", found(&form)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_category_has_a_pack_of_full_size() {
    let packs = packs();
    let named: BTreeSet<&str> = packs
        .iter()
        .map(|(_, pack)| pack["entity"].as_str().unwrap())
        .collect();
    let special: BTreeSet<&str> = Entity::ALL
        .iter()
        .filter(|e| e.is_special())
        .map(|e| e.name())
        .collect();
    assert_eq!(named, special);
    for (file, pack) in &packs {
        let terms: usize = pack["list"]
            .as_array()
            .unwrap()
            .iter()
            .map(|list| list["terms"].as_array().unwrap().len())
            .sum();
        // Packs of other languages than English are named after them: `health.fr.toml`.
        let (least, sentences_least) = if file.matches('.').count() == 1 {
            (80, 40)
        } else {
            (20, 4)
        };
        assert!(terms >= least, "{file} has {terms} terms");
        for key in ["examples", "counter_examples"] {
            let sentences = strings(pack, key);
            let distinct: BTreeSet<&&str> = sentences.iter().collect();
            assert!(
                distinct.len() >= sentences_least,
                "{file} has {} {key}",
                distinct.len()
            );
            assert_eq!(
                distinct.len(),
                sentences.len(),
                "{file} repeats one of its {key}"
            );
        }
    }
}

#[test]
fn terms_are_listed_with_category_and_confidence() {
    let all: Vec<&TermInfo> = (0..).map_while(term).collect();
    let chemotherapy = all.iter().find(|info| info.text == "chemotherapy").unwrap();
    assert_eq!(
        (chemotherapy.entity, chemotherapy.lang, chemotherapy.percent),
        (Entity::Health, "en", 90)
    );
    assert!(
        all.iter()
            .all(|info| info.entity.is_special() && (50..=99).contains(&info.percent))
    );
    assert_eq!(term(u16::MAX), None);
}
