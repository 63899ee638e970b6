//! Compiles `patterns/spoken/*.toml` to tables of words and what they are when spoken.
//!
//! Owns the layout of a lexicon and what is wrong with one: each error names file, line and reason.

mod borders;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use serde::Deserialize;
use toml::Spanned;

use borders::Borders;

#[allow(
    dead_code,
    reason = "what only the detector asks of this file is unused here"
)]
#[path = "../src/detect/spoken/hash.rs"]
mod hash;
#[allow(
    dead_code,
    reason = "what only the detector asks of this file is unused here"
)]
#[path = "../src/detect/spoken/role.rs"]
mod role;

/// Languages in the order in which they are tried.
const LANGUAGES: [&str; 3] = ["en", "fr", "es"];

/// Most words of a phrase: the detector looks no further.
const WORDS_MAX: usize = 5;

/// Most bytes of a phrase: the detector keeps no more.
const PHRASE_MAX: usize = 32;

/// Fewest letters in a row by which a word wakes the detector.
const WAKE_MIN: usize = 3;

type Words = Vec<Spanned<String>>;
type Numbered = BTreeMap<Spanned<String>, Words>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lexicon {
    language: Spanned<String>,
    regions: Words,
    /// Tens to which eleven to nineteen are added: `soixante-dix`.
    #[serde(default)]
    wide_tens: Vec<u8>,
    /// Whether an "and" joins tens and units: `treinta y uno`.
    #[serde(default)]
    and_joins_tens: bool,
    numbers: Numbered,
    #[serde(default)]
    weak: Numbered,
    #[serde(default)]
    plurals: Numbered,
    #[serde(default)]
    scales: Numbered,
    #[serde(default)]
    times: Numbered,
    letters: Numbered,
    /// How letters are called; one-letter words are letters anyway.
    #[serde(default)]
    letter_names: Numbered,
    signs: Numbered,
    words: BTreeMap<Spanned<String>, Words>,
    #[serde(default, rename = "example")]
    examples: Vec<Example>,
    #[serde(default, rename = "counter_example")]
    _counter_examples: Vec<CounterExample>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Example {
    #[serde(rename = "entity")]
    _entity: String,
    text: Spanned<String>,
    #[serde(default)]
    canonical: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CounterExample {
    #[serde(rename = "text")]
    _text: String,
}

/// What a word is.
#[derive(Clone, Copy, Default)]
struct Entry {
    roles: u32,
    number: u16,
    sign: u8,
}

/// Writes `spoken.rs` into `out`; gives the words that wake the detector, as runs of letters.
///
/// # Errors
/// File, line and reason of the first thing wrong.
pub(crate) fn generate(folder: &Path, out: &Path) -> Result<Vec<String>, String> {
    let mut wakers: BTreeMap<String, u8> = BTreeMap::new();
    let mut borders = Borders::default();
    let mut tables = String::new();
    for (number, language) in LANGUAGES.iter().enumerate() {
        let path = folder.join(format!("{language}.toml"));
        let text = std::fs::read_to_string(&path)
            .map_err(|e| format!("{}: reading: {e}", path.display()))?;
        let source = Source {
            file: path.display().to_string(),
            text: &text,
        };
        source.compile(number, &mut wakers, &mut borders, &mut tables)?;
    }
    let mut slots = vec![0u16; (wakers.len() * 3).next_power_of_two()];
    let mut rows = String::new();
    for (index, (word, flags)) in wakers.iter().enumerate() {
        let mut bytes = [0u8; 8];
        for (to, from) in bytes.iter_mut().zip(word.bytes()) {
            *to = from.to_ascii_uppercase();
        }
        let letters = u64::from_le_bytes(bytes);
        let _ = writeln!(rows, "    ({letters}, {flags}), // {word}");
        let mut slot = hash::place_of_letters(letters) % slots.len();
        while slots[slot] != 0 {
            slot = (slot + 1) % slots.len();
        }
        slots[slot] = index as u16 + 1;
    }
    let code = format!(
        "/// Runs of letters that wake the detector, and in which languages.\n\
         static WAKERS: [(u64, u8); {}] = [\n{rows}];\n\
         static WAKER_SLOTS: [u16; {}] = {slots:?};\n\
         static LEXICONS: [Lexicon; {}] = [\n{tables}];\n",
        wakers.len(),
        slots.len(),
        LANGUAGES.len(),
    );
    std::fs::write(out.join("talk.rs"), borders.write()).map_err(|e| format!("talk.rs: {e}"))?;
    std::fs::write(out.join("spoken.rs"), code).map_err(|e| format!("spoken.rs: {e}"))?;
    Ok(wakers.into_keys().collect())
}

struct Source<'a> {
    file: String,
    text: &'a str,
}

impl Source<'_> {
    fn compile(
        &self,
        number: usize,
        wakers: &mut BTreeMap<String, u8>,
        borders: &mut Borders,
        tables: &mut String,
    ) -> Result<(), String> {
        let lexicon: Lexicon = toml::from_str(self.text).map_err(|e| {
            let at = e.span().map_or(0, |span| span.start);
            self.error(at, e.message())
        })?;
        if lexicon.language.get_ref() != LANGUAGES[number] {
            return Err(self.wrong(
                &lexicon.language,
                "the language is not that of the file's name",
            ));
        }
        let mut words = Table::default();
        self.numbers(&lexicon, &mut words)?;
        self.signs(&lexicon, &mut words)?;
        let mut quiet = BTreeSet::new();
        let mut wake = Vec::new();
        for (list, phrases) in &lexicon.words {
            match list.get_ref().as_str() {
                "quiet" => quiet.extend(phrases.iter().map(Spanned::get_ref)),
                "wake" => wake.extend(phrases),
                name => {
                    let roles = role_of(name).ok_or_else(|| self.wrong(list, "unknown list"))?;
                    for phrase in phrases {
                        self.add(
                            &mut words,
                            phrase,
                            Entry {
                                roles,
                                ..Entry::default()
                            },
                        )?;
                    }
                }
            }
        }
        for phrase in wake {
            if !words.entries.contains_key(phrase.get_ref()) {
                return Err(self.wrong(phrase, "a word that wakes stands in no list"));
            }
            self.waker(phrase, role::WAKES_ADDRESS[number], wakers)?;
        }
        for phrases in lexicon.numbers.values().chain(lexicon.times.values()) {
            for phrase in phrases {
                let word = phrase.get_ref();
                let long = run(word).is_some();
                if long && !word.contains(' ') && !quiet.contains(word) {
                    self.waker(phrase, role::WAKES_NUMBER[number], wakers)?;
                }
            }
        }
        for example in &lexicon.examples {
            let text = example.text.get_ref();
            let (open, close) = (text.matches('[').count(), text.matches(']').count());
            let canonical = example.canonical.len();
            if open == 0 || open != close || (canonical != 0 && canonical != open) {
                let reason = "an example marks each finding in [brackets], with one canonical \
                              value for each or none";
                return Err(self.wrong(&example.text, reason));
            }
        }
        let hashes: BTreeSet<u64> = words
            .entries
            .keys()
            .map(|text| hash::phrase(text))
            .collect();
        if hashes.len() != words.entries.len() || hashes.contains(&0) {
            return Err(format!(
                "{}: two phrases share a hash: change the hash",
                self.file
            ));
        }
        for (phrase, entry) in &words.entries {
            borders.add(phrase, entry);
        }
        let mut wide = 0u16;
        for tens in &lexicon.wide_tens {
            wide |= 1 << (tens / 10);
        }
        let mut regions = Vec::new();
        for region in &lexicon.regions {
            let code = region.get_ref();
            if code.len() != 2 || !code.bytes().all(|b| b.is_ascii_uppercase()) {
                return Err(self.wrong(region, "a region is two capital letters"));
            }
            regions.push(code);
        }
        let _ = writeln!(
            tables,
            "    {},",
            words.write(wide, lexicon.and_joins_tens, &regions)
        );
        Ok(())
    }

    fn numbers(&self, lexicon: &Lexicon, words: &mut Table) -> Result<(), String> {
        for (lists, roles) in [
            (&lexicon.numbers, role::NUMBER),
            (&lexicon.weak, role::WEAK),
            (&lexicon.plurals, role::PLURAL),
            (&lexicon.scales, role::SCALE),
            (&lexicon.times, role::TIMES),
        ] {
            for (key, phrases) in lists {
                let number: u16 = key
                    .get_ref()
                    .parse()
                    .map_err(|_| self.wrong(key, "this is not a number"))?;
                let sound = match roles {
                    role::NUMBER => number < 100 || number < 1000 && number.is_multiple_of(100),
                    role::SCALE => number == 100 || number == 1000,
                    role::TIMES => (2..=4).contains(&number),
                    _ => number < 10,
                };
                if !sound {
                    return Err(self.wrong(key, "no such number is spoken here"));
                }
                let number = match (roles, number) {
                    (role::SCALE, 100) => 2,
                    (role::SCALE, _) => 3,
                    _ => number,
                };
                for phrase in phrases {
                    let entry = Entry {
                        roles,
                        number,
                        sign: 0,
                    };
                    self.add(words, phrase, entry)?;
                }
            }
        }
        Ok(())
    }

    fn signs(&self, lexicon: &Lexicon, words: &mut Table) -> Result<(), String> {
        for (lists, roles) in [
            (&lexicon.letters, role::LETTER),
            (&lexicon.letter_names, role::LETTER | role::LETTER_NAME),
            (&lexicon.signs, role::SIGN),
        ] {
            for (key, phrases) in lists {
                let [sign] = key.get_ref().as_bytes() else {
                    return Err(self.wrong(key, "this is not one sign"));
                };
                let sound = match roles {
                    role::SIGN => b"@._-+".contains(sign),
                    _ => sign.is_ascii_lowercase(),
                };
                if !sound {
                    return Err(self.wrong(key, "no such letter or sign is spoken here"));
                }
                for phrase in phrases {
                    let entry = Entry {
                        roles,
                        number: 0,
                        sign: *sign,
                    };
                    self.add(words, phrase, entry)?;
                }
            }
        }
        Ok(())
    }

    /// Adds one thing that a phrase may be; two numbers or two signs are one too many.
    fn add(&self, words: &mut Table, phrase: &Spanned<String>, new: Entry) -> Result<(), String> {
        let text = phrase.get_ref();
        let plain = |word: &str| {
            !word.is_empty() && word.chars().all(|c| c.is_alphabetic() && c.is_lowercase())
        };
        if text.len() > PHRASE_MAX || !text.split(' ').all(plain) {
            return Err(self.wrong(
                phrase,
                "a phrase is lower-case letters in words that are one blank apart",
            ));
        }
        if text.split(' ').count() > WORDS_MAX {
            return Err(self.wrong(phrase, "a phrase has at most five words"));
        }
        let entry = words.entries.entry(text.clone()).or_default();
        let numeric = role::NUMBER | role::WEAK | role::PLURAL | role::SCALE | role::TIMES;
        let signs = role::LETTER | role::SIGN;
        let twice = entry.roles & new.roles & (numeric | signs) != 0;
        let two =
            new.roles & numeric != 0 && entry.roles & numeric != 0 && entry.number != new.number;
        if twice || two || new.roles & signs != 0 && entry.roles & signs != 0 {
            return Err(self.wrong(phrase, "stands for two numbers or signs"));
        }
        entry.roles |= new.roles;
        if new.roles & numeric != 0 {
            entry.number = new.number;
        }
        if new.roles & signs != 0 {
            entry.sign = new.sign;
        }
        for (at, _) in text.match_indices(' ') {
            let before = text[..at].to_owned();
            words.entries.entry(before).or_default().roles |= role::LEADS;
        }
        Ok(())
    }

    fn waker(
        &self,
        phrase: &Spanned<String>,
        flag: u8,
        wakers: &mut BTreeMap<String, u8>,
    ) -> Result<(), String> {
        let Some(run) = run(phrase.get_ref()) else {
            return Err(self.wrong(phrase, "a word that wakes has three plain letters in a row"));
        };
        let first: String = run.chars().take(8).collect();
        *wakers.entry(first).or_default() |= flag;
        Ok(())
    }

    fn wrong<T>(&self, at: &Spanned<T>, reason: &str) -> String {
        self.error(at.span().start, reason)
    }

    fn error(&self, at: usize, reason: &str) -> String {
        let line = 1 + self.text.bytes().take(at).filter(|b| *b == b'\n').count();
        let shown = self.text.lines().nth(line - 1).unwrap_or_default().trim();
        format!("{}:{line}: {reason}: {shown}", self.file)
    }
}

/// The words of one language.
#[derive(Default)]
struct Table {
    entries: BTreeMap<String, Entry>,
}

impl Table {
    fn write(&self, wide: u16, joins: bool, regions: &[&String]) -> String {
        let mut slots: Vec<Option<(&String, &Entry)>> =
            vec![None; (self.entries.len() * 2 + 2).next_power_of_two()];
        for known in &self.entries {
            let mut slot = hash::place(hash::phrase(known.0)) % slots.len();
            while slots[slot].is_some() {
                slot = (slot + 1) % slots.len();
            }
            slots[slot] = Some(known);
        }
        let none = Entry::default();
        let mut rows = String::new();
        for slot in slots {
            let (key, entry) = slot.map_or((0, &none), |(text, entry)| (hash::phrase(text), entry));
            let Entry {
                roles,
                number,
                sign,
            } = entry;
            let _ = write!(
                rows,
                "({key}, Entry {{ roles: {roles}, number: {number}, sign: {sign} }}), "
            );
        }
        format!(
            "Lexicon {{ slots: &[{rows}], wide_tens: {wide}, and_joins_tens: {joins}, regions: \
             &{regions:?} }}"
        )
    }
}

fn role_of(list: &str) -> Option<u32> {
    Some(match list {
        "as_in" => role::AS_IN,
        "spelling" => role::SPELLING,
        "and" => role::AND,
        "plus" => role::PLUS,
        "extension" => role::EXTENSION,
        "filler" => role::FILLER,
        "repair" => role::REPAIR,
        "phone" => role::PHONE,
        "card" => role::CARD,
        "code" => role::CODE,
        "us_ssn" => role::US_SSN,
        "ca_sin" => role::CA_SIN,
        "ip" => role::IP,
        "email" => role::EMAIL,
        "identifier" => role::IDENTIFIER,
        "version" => role::VERSION,
        "unit" => role::UNIT,
        "stop" => role::STOP,
        "not_local" => role::NOT_LOCAL,
        "provider" => role::PROVIDER,
        "top_level" => role::TOP_LEVEL,
        "sure_top_level" => role::TOP_LEVEL | role::SURE_TOP_LEVEL,
        "determiner" => role::DETERMINER,
        _ => return None,
    })
}

/// The first run of ASCII letters that is long enough to wake the detector.
fn run(word: &str) -> Option<&str> {
    word.split(|c: char| !c.is_ascii_alphabetic())
        .find(|run| run.len() >= WAKE_MIN)
}
