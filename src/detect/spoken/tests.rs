//! Every example of the lexicons, and what the data cannot say.

use serde::Deserialize;

use crate::detect::phone::plan::Region;
use crate::detect::{Detectors, Hit, Scratch};
use crate::entity::EntitySet;
use crate::finding::{Canonical, Confidence, Evidence};
use crate::view::{NoHints, Register, View};

#[derive(Deserialize)]
struct Data {
    #[serde(default)]
    example: Vec<Example>,
    #[serde(default)]
    counter_example: Vec<CounterExample>,
}

#[derive(Deserialize)]
struct Example {
    entity: String,
    text: String,
    #[serde(default)]
    canonical: Vec<String>,
}

#[derive(Deserialize)]
struct CounterExample {
    text: String,
}

const LEXICONS: [&str; 3] = [
    include_str!("../../../patterns/spoken/en.toml"),
    include_str!("../../../patterns/spoken/fr.toml"),
    include_str!("../../../patterns/spoken/es.toml"),
];

fn hits(text: &str) -> Vec<Hit> {
    let region = Region::parse("US").unwrap();
    let detectors = Detectors::new(vec![region], EntitySet::all(), Confidence(50));
    let hints = NoHints(Register::Talk);
    let view = View::raw(text.as_bytes(), 0, &hints);
    let mut out = Vec::new();
    detectors.scan(&view, &mut Scratch::default(), &mut out);
    out.retain(|hit| hit.evidence.has(Evidence::SPOKEN));
    out
}

fn shown(canonical: &Canonical) -> String {
    match canonical {
        Canonical::Phone { digits, .. } => format!("+{digits}"),
        Canonical::Digits { value, len } => format!("{value:0len$}", len = usize::from(*len)),
        Canonical::Ip(address) => address.to_string(),
        Canonical::Text(text) => String::from_utf8_lossy(text).into_owned(),
        Canonical::Term(term) => term.to_string(),
    }
}

#[test]
fn every_example_of_the_lexicons_holds() {
    let mut wrong = Vec::new();
    for data in LEXICONS {
        let data: Data = toml::from_str(data).unwrap();
        for example in data.example {
            let mut expected = Vec::new();
            let mut text = String::new();
            for (number, piece) in example.text.split(['[', ']']).enumerate() {
                if number % 2 == 1 {
                    let canonical = example.canonical.get(expected.len()).cloned();
                    expected.push((example.entity.clone(), piece.to_owned(), canonical));
                }
                text.push_str(piece);
            }
            let found: Vec<_> = hits(&text)
                .into_iter()
                .enumerate()
                .map(|(i, hit)| {
                    let canonical = example.canonical.get(i).map(|_| shown(&hit.canonical));
                    (
                        hit.entity.to_string(),
                        text[hit.range].to_owned(),
                        canonical,
                    )
                })
                .collect();
            if found != expected {
                wrong.push(format!(
                    "{text}\n  expected {expected:?}\n  found    {found:?}"
                ));
            }
        }
        for example in data.counter_example {
            for hit in hits(&example.text) {
                let found = &example.text[hit.range.clone()];
                wrong.push(format!(
                    "{}\n  found {} in {found:?}",
                    example.text, hit.entity
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
