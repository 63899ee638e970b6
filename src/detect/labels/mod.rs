//! What the name of a column or key says about the value below it: `patterns/labels.toml`.
//!
//! Owns the comparing of names, which ignores case, separators and numbering. Knows neither
//! formats nor how a value is found.

use crate::entity::Entity;

include!(concat!(env!("OUT_DIR"), "/labels.rs"));

/// The longest name that is compared, in letters; longer ones are sentences.
const LONGEST: usize = 64;
/// Words of a name that are kept.
const WORDS: usize = 8;

/// What a value is when its name says that it is nothing personal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// It tells things apart: ids, sessions, orders.
    Identifier,
    /// A moment.
    Time,
    /// A length of time.
    Duration,
    /// How many or how large.
    Count,
    /// Money.
    Amount,
    /// A version or build.
    Version,
    /// A digest.
    Hash,
    /// A network port.
    Port,
    /// A code or a status.
    Code,
}

impl Class {
    /// The name used in the data.
    pub const fn name(self) -> &'static str {
        match self {
            Class::Identifier => "identifier",
            Class::Time => "time",
            Class::Duration => "duration",
            Class::Count => "count",
            Class::Amount => "amount",
            Class::Version => "version",
            Class::Hash => "hash",
            Class::Port => "port",
            Class::Code => "code",
        }
    }
}

/// What a name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Says {
    /// The value is this entity.
    Holds(Entity),
    /// The value is this and no personal data.
    Refuses(Class),
}

/// What the name `label` says, if it is known to say anything.
///
/// The whole name decides first, then its last words, then its first.
pub fn claim(label: &[u8]) -> Option<Says> {
    let name = Name::of(label)?;
    if let Some([Some(says), ..]) = look_up(name.from(0)) {
        return Some(*says);
    }
    if name.words < 2 {
        return None;
    }
    for back in [2, 1] {
        let start = name
            .words
            .checked_sub(back)
            .and_then(|i| name.starts.get(i));
        if let Some([_, Some(says), _]) = start.and_then(|&start| look_up(name.from(start))) {
            return Some(*says);
        }
    }
    let first = name
        .starts
        .get(1)
        .and_then(|&end| name.letters.get(..end))?;
    look_up(first).and_then(|[_, _, says]| *says)
}

fn look_up(name: &[u8]) -> Option<&'static [Option<Says>; 3]> {
    let hash = name.iter().fold(0x811c_9dc5, |hash: u32, byte| {
        (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193)
    });
    let bucket = hash as usize % (BUCKETS.len() - 1);
    let range = usize::from(*BUCKETS.get(bucket)?)..usize::from(*BUCKETS.get(bucket + 1)?);
    let found = NAMES
        .get(range)?
        .iter()
        .find(|(known, _)| known.as_bytes() == name)?;
    Some(&found.1)
}

/// A name in the form in which names are compared.
struct Name {
    letters: [u8; LONGEST],
    len: usize,
    /// Where its words start; further ones belong to the last.
    starts: [usize; WORDS],
    words: usize,
}

impl Name {
    fn of(label: &[u8]) -> Option<Name> {
        let mut name = Name {
            letters: [0; LONGEST],
            len: 0,
            starts: [0; WORDS],
            words: 0,
        };
        let mut before = 0u8;
        for &byte in label {
            if byte.is_ascii_alphabetic() {
                let hump = byte.is_ascii_uppercase() && before.is_ascii_lowercase();
                if (!before.is_ascii_alphabetic() || hump)
                    && let Some(start) = name.starts.get_mut(name.words)
                {
                    *start = name.len;
                    name.words += 1;
                }
                *name.letters.get_mut(name.len)? = byte.to_ascii_lowercase();
                name.len += 1;
            }
            before = byte;
        }
        (name.len > 0).then_some(name)
    }

    fn from(&self, start: usize) -> &[u8] {
        self.letters.get(start..self.len).unwrap_or_default()
    }
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
        holds: Option<String>,
        refuses: Option<String>,
        names: Vec<String>,
    }

    #[derive(serde::Deserialize)]
    struct CounterExample {
        names: Vec<String>,
    }

    #[test]
    fn every_example_of_the_list_holds() {
        let data: Data = toml::from_str(include_str!("../../../patterns/labels.toml")).unwrap();
        for example in data.example {
            for name in &example.names {
                let (holds, refuses) = match claim(name.as_bytes()) {
                    Some(Says::Holds(entity)) => (Some(entity.name()), None),
                    Some(Says::Refuses(class)) => (None, Some(class.name())),
                    None => (None, None),
                };
                assert_eq!(holds, example.holds.as_deref(), "{name}");
                assert_eq!(refuses, example.refuses.as_deref(), "{name}");
            }
        }
        for name in data
            .counter_example
            .into_iter()
            .flat_map(|counter| counter.names)
        {
            assert_eq!(claim(name.as_bytes()), None, "{name}");
        }
    }

    #[test]
    fn a_name_as_long_as_a_sentence_says_nothing() {
        assert_eq!(claim("phone ".repeat(40).as_bytes()), None);
        assert_eq!(claim(b"\xff\xfe"), None);
    }
}
