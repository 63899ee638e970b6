//! Reads from the name of a column or key whose side of the record it is.

use super::Party;

include!(concat!(env!("OUT_DIR"), "/parties.rs"));

/// The longest word of the list.
const LONGEST_WORD: usize = 16;

impl Party {
    /// The party that the first telling word of a column's or key's name speaks for.
    ///
    /// Words end at anything but letters and where a capital follows a small letter.
    pub fn of_label(label: &[u8]) -> Option<Party> {
        let mut start = 0;
        for at in 0..=label.len() {
            let here = label.get(at).copied().unwrap_or(0);
            let before = at
                .checked_sub(1)
                .and_then(|i| label.get(i))
                .copied()
                .unwrap_or(0);
            let hump = here.is_ascii_uppercase() && before.is_ascii_lowercase();
            if here.is_ascii_alphabetic() && !hump {
                continue;
            }
            if let Some(party) = label.get(start..at).and_then(of_word) {
                return Some(party);
            }
            start = if hump { at } else { at + 1 };
        }
        None
    }
}

fn of_word(word: &[u8]) -> Option<Party> {
    let mut folded = [0; LONGEST_WORD];
    let folded = folded.get_mut(..word.len())?;
    folded.copy_from_slice(word);
    folded.make_ascii_lowercase();
    let found = WORDS
        .binary_search_by(|(known, _)| known.as_bytes().cmp(folded))
        .ok()?;
    WORDS.get(found).map(|(_, party)| *party)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    struct Data {
        example: Vec<Example>,
        counter_example: Vec<CounterExample>,
    }

    #[derive(serde::Deserialize)]
    struct Example {
        party: String,
        names: Vec<String>,
    }

    #[derive(serde::Deserialize)]
    struct CounterExample {
        names: Vec<String>,
    }

    #[test]
    fn every_example_of_the_list_holds() {
        let text = include_str!("../../patterns/parties.toml");
        let data: Data = toml::from_str(text).unwrap();
        for example in data.example {
            for name in example.names {
                assert_eq!(
                    Party::of_label(name.as_bytes()),
                    Party::parse(&example.party),
                    "{name}"
                );
            }
        }
        for name in data
            .counter_example
            .into_iter()
            .flat_map(|counter| counter.names)
        {
            assert_eq!(Party::of_label(name.as_bytes()), None, "{name}");
        }
        assert!(WORDS.iter().all(|(word, _)| word.len() <= LONGEST_WORD));
    }
}
