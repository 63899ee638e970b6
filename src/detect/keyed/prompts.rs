//! What callers are asked to key in, by the words before.
//!
//! Owns the reading of `patterns/prompts.toml`. Knows neither keys nor when anything was said.

use super::Prompt;

include!(concat!(env!("OUT_DIR"), "/prompts.rs"));

/// What `said` asks for last; `None` where it asks for nothing that is known.
pub(crate) fn asked_in(said: &[u8]) -> Option<Prompt> {
    let mut plain = vec![b' '];
    for byte in said {
        let byte = byte.to_ascii_lowercase();
        let stays = byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte > 127;
        if stays {
            plain.push(byte);
        } else if plain.last() != Some(&b' ') {
            plain.push(b' ');
        }
    }
    plain.push(b' ');
    let last = |(phrase, prompt): &(&str, Prompt)| {
        let at = memchr::memmem::rfind(&plain, phrase.as_bytes())?;
        // Of two that end together the longer one says more.
        Some((at + phrase.len(), phrase.len(), *prompt))
    };
    let found = PHRASES.iter().filter_map(last);
    let found = found.max_by_key(|(end, len, _)| (*end, *len));
    found.map(|(_, _, prompt)| prompt)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    struct Data {
        example: Vec<Example>,
        counter_example: Vec<Example>,
    }

    #[derive(serde::Deserialize)]
    struct Example {
        text: String,
        what: Option<String>,
    }

    #[test]
    fn examples_ask_for_what_they_say_and_counter_examples_for_nothing() {
        let text = include_str!("../../../patterns/prompts.toml");
        let data: Data = toml::from_str(text).unwrap();
        for example in data.example {
            let expected = match example.what.as_deref() {
                Some("card") => Prompt::Card,
                Some("security_code") => Prompt::SecurityCode,
                Some("pin") => Prompt::Pin,
                Some("birth") => Prompt::Birth,
                Some("phone") => Prompt::Phone,
                _ => Prompt::Account,
            };
            let asked = asked_in(example.text.as_bytes());
            assert_eq!(asked, Some(expected), "{}", example.text);
        }
        for example in data.counter_example {
            let asked = asked_in(example.text.as_bytes());
            assert_eq!(asked, None, "{}", example.text);
        }
    }
}
