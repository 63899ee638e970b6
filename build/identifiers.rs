//! Compiles `patterns/identifiers/` to the words that announce identifiers and the tables by which
//! these are judged.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use serde::Deserialize;

/// Words shorter than this wake nothing: the sieve hands over no shorter runs of letters.
const SHORTEST: usize = 3;

/// An odd multiplier with well-spread bits: the golden ratio; `src/detect/named` uses the same.
const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    entity: Option<String>,
    /// Words of keys and columns.
    #[serde(default)]
    wake: Vec<String>,
    #[serde(default)]
    announce: Vec<Announce>,
    #[serde(default)]
    token: Vec<Token>,
    #[serde(default)]
    words: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    numbers: BTreeMap<String, Vec<u8>>,
    #[serde(default)]
    ranges: BTreeMap<String, Vec<[u16; 2]>>,
    #[serde(default)]
    lengths: BTreeMap<String, u8>,
    #[serde(rename = "example", default)]
    _example: Option<toml::Value>,
    #[serde(rename = "counter_example", default)]
    _counter_example: Option<toml::Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Announce {
    wake: String,
    #[serde(default)]
    before: Vec<String>,
    #[serde(default)]
    behind: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Token {
    prefix: String,
    wake: String,
    fewest: u16,
}

/// What wakes the detector, and the code of its tables.
#[derive(Default)]
pub(crate) struct Identifiers {
    /// Words in lower case.
    pub(crate) wakers: BTreeSet<String>,
    announced: Vec<(u64, String)>,
    tokens: Vec<String>,
    statics: String,
}

/// The first eight letters of a word in upper case, as the sieve hands them over.
fn letters(word: &str) -> u64 {
    word.bytes().take(8).enumerate().fold(0, |all, (i, byte)| {
        all | u64::from(byte.to_ascii_uppercase()) << (8 * i)
    })
}

/// `snake_case` as the name of a variant.
fn variant(name: &str) -> String {
    name.split('_')
        .map(|word| word[..1].to_uppercase() + &word[1..])
        .collect()
}

impl Identifiers {
    /// Reads all files of `folder`.
    pub(crate) fn read(folder: &Path) -> Result<Self, String> {
        let told = |e: std::io::Error| format!("{}: {e}", folder.display());
        let mut files: Vec<_> = std::fs::read_dir(folder)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(told)?
            .into_iter()
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|ext| ext == "toml"))
            .collect();
        files.sort();
        let mut all = Self::default();
        for path in files {
            let name = path.display().to_string();
            let text = std::fs::read_to_string(&path).map_err(|e| format!("{name}: {e}"))?;
            let file: File = toml::from_str(&text).map_err(|e| format!("{name}: {e}"))?;
            all.add(&file).map_err(|e| format!("{name}: {e}"))?;
        }
        Ok(all)
    }

    fn waker(&mut self, word: &str) -> Result<(), String> {
        if word.len() < SHORTEST || !word.bytes().all(|b| b.is_ascii_alphabetic()) {
            return Err(format!(
                "'{word}' can wake nothing: it needs three plain letters"
            ));
        }
        self.wakers.insert(word.to_ascii_lowercase());
        Ok(())
    }

    fn add(&mut self, file: &File) -> Result<(), String> {
        let entity = file.entity.as_deref().map(variant);
        for word in &file.wake {
            self.waker(word)?;
        }
        if !file.announce.is_empty() && entity.is_none() {
            return Err("a word announces no entity".to_owned());
        }
        let mut announced = |word: &str, before: &[String], behind: &[String]| {
            let entity = entity.as_deref().unwrap_or_default();
            let code = format!(
                "Announced {{ letters: {}, word: {word:?}, before: &{before:?}, \
                 behind: &{behind:?}, entity: Entity::{entity} }}",
                letters(word)
            );
            self.announced.push((letters(word), code));
        };
        for one in &file.announce {
            announced(&one.wake, &one.before, &one.behind);
        }
        let wakes: BTreeSet<&str> = file.token.iter().map(|one| one.wake.as_str()).collect();
        for word in wakes {
            announced(word, &[], &[]);
        }
        for one in &file.token {
            if !one.prefix.contains(&one.wake) {
                return Err(format!("'{}' is no part of '{}'", one.wake, one.prefix));
            }
            self.waker(&one.wake)?;
            self.tokens
                .push(format!("({:?}, {})", one.prefix, one.fewest));
        }
        for one in &file.announce {
            self.waker(&one.wake)?;
        }
        for (name, words) in &file.words {
            // In order, so that they can be found by halving.
            let words: BTreeSet<&String> = words.iter().collect();
            let words: Vec<_> = words.into_iter().collect();
            self.put(name, "&str", &format!("{words:?}"));
        }
        for (name, numbers) in &file.numbers {
            self.put(name, "u8", &format!("{numbers:?}"));
        }
        for (name, ranges) in &file.ranges {
            let pairs: Vec<_> = ranges.iter().map(|[a, b]| (*a, *b)).collect();
            if pairs.iter().any(|(a, b)| a > b) {
                return Err(format!("a range of '{name}' ends before it begins"));
            }
            self.put(name, "(u16, u16)", &format!("{pairs:?}"));
        }
        if !file.lengths.is_empty() {
            let pairs = file.lengths.iter().map(|(code, len)| {
                let code = code.as_bytes();
                ([code[0], code[1]], *len)
            });
            let pairs: Vec<_> = pairs.collect();
            let name = format!("{}_lengths", file.entity.as_deref().unwrap_or_default());
            self.put(&name, "([u8; 2], u8)", &format!("{pairs:?}"));
        }
        Ok(())
    }

    fn put(&mut self, name: &str, kind: &str, value: &str) {
        let name = name.to_uppercase();
        // Writing to memory cannot fail.
        let _ = writeln!(self.statics, "static {name}: &[{kind}] = &{value};");
    }

    /// Writes `identifiers.rs` into `out`; `terms` are those wakers that may begin a term as well.
    pub(crate) fn write(mut self, terms: &BTreeSet<String>, out: &Path) -> Result<(), String> {
        self.announced.sort();
        let mut wakers: BTreeMap<u64, bool> = BTreeMap::new();
        for word in &self.wakers {
            *wakers.entry(letters(word)).or_default() |= terms.contains(word);
        }
        let mut slots = vec![0u16; (wakers.len() * 3).next_power_of_two()];
        for (index, known) in wakers.keys().enumerate() {
            let mut slot = (known.wrapping_mul(SPREAD) >> 40) as usize % slots.len();
            while slots[slot] != 0 {
                slot = (slot + 1) % slots.len();
            }
            slots[slot] = index as u16 + 1;
        }
        let wakers: Vec<(u64, bool)> = wakers.into_iter().collect();
        let announced: Vec<String> = self.announced.into_iter().map(|(_, code)| code).collect();
        let code = format!(
            "/// Runs of letters that wake the detector, and whether they may begin a term.\n\
             static WAKERS: [(u64, bool); {}] = {wakers:?};\n\
             static WAKER_SLOTS: [u16; {}] = {slots:?};\n\
             static ANNOUNCED: &[Announced] = &[{}];\n\
             static TOKENS: &[(&str, u16)] = &[{}];\n{}",
            wakers.len(),
            slots.len(),
            announced.join(", "),
            self.tokens.join(", "),
            self.statics,
        );
        std::fs::write(out.join("identifiers.rs"), code).map_err(|e| format!("identifiers.rs: {e}"))
    }
}
