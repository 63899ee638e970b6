//! Compiles the special-category packs to the tables of `src/detect/terms/table.rs`.
//!
//! Owns the phrase tree, the first-word filter and how they are written out. What a word is comes
//! from the matcher's own `token` file; the layout of a pack from `pack`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::pack::{Pack, PackError, Source, Term};

#[allow(
    dead_code,
    reason = "what only the matcher asks of this file is unused here"
)]
#[path = "../src/detect/terms/token.rs"]
mod token;

/// Most words in a term: bounds the work of one look-up.
const WORDS_MAX: usize = 8;

/// Most bytes of a context phrase; the matcher looks 48 bytes to either side.
const CONTEXT_MAX: usize = 40;

/// Multipliers to try for the filter; with about 4,000 words in it one in a few hundred is clean.
const SEEDS_MAX: u64 = 1 << 16;

/// Clean ones to choose among.
const SEEDS_CLEAN: u32 = 64;

/// Writes the tables for all packs in `dir` to `out`. `common` is a file of very common words,
/// most common first: no look-up begins at them, and the filter lets none pass by chance. `wakers`
/// are words that wake the detector of spoken values, and those that announce identifiers: the
/// filter lets them pass as well. Gives those of the latter by which a term is looked up.
///
/// # Errors
/// File, line and reason of the first thing wrong.
pub(crate) fn compile(
    dir: &Path,
    common: &Path,
    wakers: (&[String], &BTreeSet<String>),
    out: &Path,
) -> Result<BTreeSet<String>, String> {
    let list =
        fs::read_to_string(common).map_err(|e| format!("{}: reading: {e}", common.display()))?;
    let mut files: Vec<_> = fs::read_dir(dir)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|e| format!("{}: listing the packs: {e}", dir.display()))?
        .into_iter()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|ext| ext == "toml"))
        .collect();
    files.sort();
    let words = list.lines().filter(|line| !line.starts_with('#'));
    let mut common = BTreeMap::new();
    for (rank, word) in words.flat_map(str::split_whitespace).enumerate() {
        // As a phrase is folded, and up to the apostrophe.
        let whole = word.replace('\'', "");
        for form in [Some(&*whole), run(word)].into_iter().flatten() {
            common.entry(fingerprint(form).to_owned()).or_insert(rank);
        }
    }
    let (spoken, named) = wakers;
    let mut tables = Tables {
        common,
        spoken: spoken.iter().cloned().collect(),
        ..Tables::default()
    };
    for file in files {
        let name = file.display().to_string();
        let text = fs::read_to_string(&file).map_err(|e| format!("{name}: reading: {e}"))?;
        let source = Source::new(&name, &text);
        let added = source.parse().and_then(|pack| tables.add(&source, &pack));
        added.map_err(|e| e.to_string())?;
    }
    for word in spoken {
        if tables.key_words.iter().any(|key| fingerprint(key) == word) {
            return Err(format!(
                "patterns/spoken: '{word}' wakes the detector of spoken values, and a term of {} \
                 is looked up by it",
                dir.display()
            ));
        }
        tables.common.remove(word.as_str());
        tables.key_words.insert(word.clone());
    }
    let mut shared = BTreeSet::new();
    for word in named {
        if spoken.contains(word) {
            return Err(format!(
                "patterns/identifiers: '{word}' wakes the detector of spoken values"
            ));
        }
        if tables
            .key_words
            .iter()
            .any(|key| fingerprint(key) == fingerprint(word))
        {
            shared.insert(word.clone());
        }
    }
    for word in named {
        tables.common.remove(fingerprint(word));
        tables.key_words.insert(word.clone());
    }
    #[expect(clippy::disallowed_methods, reason = "build output, no user file")]
    fs::write(out, tables.write()?).map_err(|e| format!("{}: writing: {e}", out.display()))?;
    Ok(shared)
}

/// Folded words of a phrase.
type Phrase = Vec<String>;

#[derive(Default)]
struct Tables {
    /// Very common words and how many are more common.
    common: BTreeMap<String, usize>,
    /// Words that wake the detector of spoken values.
    spoken: BTreeSet<String>,
    terms: String,
    term_count: u16,
    /// Where each form was spelled first, to name both places of a repetition.
    seen: BTreeMap<Phrase, String>,
    steps: BTreeMap<(u16, String), u16>,
    /// Lead and term of each ending of a node; node 0 is the root.
    ends: BTreeMap<u16, Vec<(String, u16)>>,
    nodes: u16,
    key_words: BTreeSet<String>,
}

impl Tables {
    fn add(&mut self, source: &Source<'_>, pack: &Pack) -> Result<(), PackError> {
        let Some(variant) = variant(&pack.entity) else {
            let reason = format!("'{}' is not a special category", pack.entity);
            return Err(source.error(pack.line, reason));
        };
        for term in &pack.terms {
            let wrong = |reason: String| source.error(term.line, reason);
            let mut forms = Vec::new();
            for form in &term.forms {
                let words = words(form).map_err(wrong)?;
                if words.len() > WORDS_MAX {
                    return Err(wrong(format!("'{form}' has more than {WORDS_MAX} words")));
                }
                let place = format!("{} line {}", pack.entity, term.line);
                if let Some(first) = self.seen.insert(words.clone(), place) {
                    return Err(wrong(format!("'{form}' is there already: {first}")));
                }
                let Some(key) = self.key(&term.lang, form, &words) else {
                    let reason = "has no word that is longer than two letters and not very common";
                    return Err(wrong(format!("'{form}' {reason}")));
                };
                self.grow(&words[..key].join(" "), &words[key..]);
                self.key_words.extend(self.spellings(form, &words[key]));
                forms.push(words);
            }
            self.describe(variant, term, &forms).map_err(wrong)?;
            self.term_count += 1;
        }
        Ok(())
    }

    /// Adds a phrase of the term being added to the tree, which is entered behind `lead`.
    fn grow(&mut self, lead: &str, words: &[String]) {
        let mut node = 0;
        for word in words {
            let fresh = self.nodes + 1;
            let next = *self.steps.entry((node, word.clone())).or_insert(fresh);
            self.nodes = self.nodes.max(next);
            node = next;
        }
        let ends = self.ends.entry(node).or_default();
        ends.push((lead.to_owned(), self.term_count));
        // Longest lead first, so that the longest phrase is tried first.
        ends.sort_by_key(|(lead, _)| std::cmp::Reverse(lead.len()));
    }

    /// By which of the folded words of `form` the phrase is looked up. In English it is the first
    /// that may be; a phrase of another language is looked up by the longest, because most text is
    /// English and short words of other languages are English words too, or names. A number word of
    /// theirs wakes another detector, and behind an apostrophe a word of a text begins anew.
    fn key(&self, lang: &str, form: &str, words: &Phrase) -> Option<usize> {
        let mut keys = (0..words.len()).filter(|at| self.is_key(form, &words[*at]));
        if lang == "en" {
            return keys.next();
        }
        let length = |word: &str| run(word).map_or(0, str::len);
        keys.filter(|at| !spelled(form, &words[*at]).contains('\''))
            .filter(|at| !self.spoken.contains(fingerprint(&words[*at])))
            .max_by_key(|at| length(&words[*at]))
    }

    /// Whether a phrase may be looked up by `word`, one of the folded words of `form`: all its
    /// spellings must be found by their letters, and none of them in every other sentence.
    fn is_key(&self, form: &str, word: &str) -> bool {
        let spelled = spelled(form, word);
        let rare = |word: &str| run(word).is_some_and(|run| !self.is_common(run));
        !self.is_common(word) && rare(word) && rare(&spelled)
    }

    fn is_common(&self, word: &str) -> bool {
        self.common.contains_key(fingerprint(word))
    }

    /// The runs by which a text's spellings of a key word are found. `Crohn's` may come as
    /// `Crohns`, and `nurses union` as `nurse's union`, as long as `nurse` is not very common.
    fn spellings(&self, form: &str, word: &str) -> BTreeSet<String> {
        let stem = word.strip_suffix('s').filter(|stem| !self.is_common(stem));
        let all = [Some(word), Some(&spelled(form, word)), stem];
        all.into_iter()
            .flatten()
            .filter_map(run)
            .map(str::to_owned)
            .collect()
    }

    /// A filter of all key words that no very common word passes by chance, and its multiplier.
    fn filter(&self) -> Result<(u64, Vec<u64>), String> {
        let letters = |word: &String| token::filter_word(word.as_bytes());
        let keys: Vec<u64> = self.key_words.iter().map(letters).collect();
        let common: Vec<(u64, usize)> = self
            .common
            .iter()
            .filter(|(word, _)| word.len() >= token::KEY_MIN)
            .map(|(word, rank)| (letters(word), *rank))
            .collect();
        let place = |word: u64, seed| {
            let (cell, one, other) = token::filter_place(word, seed);
            (cell, 1u64 << (one % 64), 1u64 << (other % 64))
        };
        let mut seed = token::SPREAD;
        let mut best: Option<(f64, u64, Vec<u64>)> = None;
        let mut clean = 0;
        for _ in 0..SEEDS_MAX {
            let mut filter = vec![0u64; 1 << (token::FILTER_BITS - 6)];
            for word in &keys {
                let (cell, one, other) = place(*word, seed);
                filter[cell] |= one | other;
            }
            let passes = common.iter().any(|(word, _)| {
                let (cell, one, other) = place(*word, seed);
                filter[cell] & (one | other) == one | other
            });
            if !passes {
                // Half a pass costs a second look: rare where the words are the commonest.
                let looks = common.iter().filter(|(word, _)| {
                    let (cell, one, _) = place(*word, seed);
                    filter[cell] & one != 0
                });
                let cost: f64 = looks.map(|(_, rank)| 1.0 / (*rank as f64 + 1.0)).sum();
                if best.as_ref().is_none_or(|(least, ..)| cost < *least) {
                    best = Some((cost, seed, filter));
                }
                clean += 1;
                if clean == SEEDS_CLEAN {
                    break;
                }
            }
            seed = seed.wrapping_mul(token::SPREAD).wrapping_add(2);
        }
        let clean = best.map(|(_, seed, filter)| (seed, filter));
        clean.ok_or_else(|| {
            format!(
                "no filter of {} key words keeps all common words out",
                self.key_words.len()
            )
        })
    }

    fn describe(&mut self, entity: &str, term: &Term, forms: &[Phrase]) -> Result<(), String> {
        let after = contexts(&term.after)?;
        let near = contexts(&term.near)?;
        let not_near = contexts(&term.not_near)?;
        let mut not = Vec::new();
        for phrase in &term.not {
            let (before, behind) = around(phrase, forms)?;
            not.push((before, behind));
        }
        let _ = writeln!(
            self.terms,
            "Term {{ info: TermInfo {{ text: {:?}, lang: {:?}, entity: Entity::{entity}, \
             percent: {} }}, upper: {}, rules: Rules {{ after: &{after:?}, near: &{near:?}, \
             not: &{not:?}, not_near: &{not_near:?} }} }},",
            term.forms[0], term.lang, term.percent, term.upper,
        );
        Ok(())
    }

    fn write(&self) -> Result<String, String> {
        let (seed, filter) = self.filter()?;
        let size = (self.steps.len() * 2 + 2).next_power_of_two();
        let mut slots = vec![0u16; size];
        let (mut steps, mut words) = (String::new(), Vec::new());
        let mut places: BTreeMap<&str, usize> = BTreeMap::new();
        for (index, ((node, word), next)) in self.steps.iter().enumerate() {
            let at = *places.entry(word).or_insert_with(|| {
                words.extend_from_slice(word.as_bytes());
                words.len() - word.len()
            });
            let len = word.len();
            let _ = writeln!(
                steps,
                "Step {{ node: {node}, next: {next}, at: {at}, len: {len} }},"
            );
            let mut slot = token::step_hash(*node, word.as_bytes()) as usize % size;
            while slots[slot] != 0 {
                slot = (slot + 1) % size;
            }
            slots[slot] = u16::try_from(index + 1).expect("fewer than 65,535 steps");
        }
        let inner: BTreeSet<u16> = self.steps.keys().map(|(node, _)| *node).collect();
        let (mut nodes, mut ends, mut end_count) = (String::new(), String::new(), 0);
        for node in 0..=self.nodes {
            let here = self.ends.get(&node).map(Vec::as_slice).unwrap_or_default();
            let (first, count, goes_on) = (end_count, here.len(), inner.contains(&node));
            let _ = writeln!(
                nodes,
                "Node {{ first: {first}, count: {count}, goes_on: {goes_on} }},"
            );
            for (lead, term) in here {
                let _ = writeln!(ends, "End {{ term: {term}, lead: {lead:?} }},");
            }
            end_count += count;
        }
        Ok(format!(
            "pub(super) const FILTER_SEED: u64 = {seed};\n\
             pub(super) static FILTER: [u64; {}] = {filter:?};\n\
             static SLOTS: [u16; {size}] = {slots:?};\n\
             static STEPS: [Step; {}] = [{steps}];\n\
             static NODES: [Node; {}] = [{nodes}];\n\
             static ENDS: [End; {end_count}] = [{ends}];\n\
             static WORDS: [u8; {}] = {words:?};\n\
             pub(super) static TERMS: [Term; {}] = [{}];\n",
            filter.len(),
            self.steps.len(),
            usize::from(self.nodes) + 1,
            words.len(),
            self.term_count,
            self.terms,
        ))
    }
}

/// The variant of `Entity` that a special category's name stands for.
fn variant(entity: &str) -> Option<&'static str> {
    Some(match entity.strip_prefix("special.")? {
        "health" => "Health",
        "ethnic_origin" => "EthnicOrigin",
        "political_opinion" => "PoliticalOpinion",
        "religion_or_belief" => "ReligionOrBelief",
        "trade_union" => "TradeUnion",
        "genetic" => "Genetic",
        "biometric" => "Biometric",
        "sex_life" => "SexLife",
        "sexual_orientation" => "SexualOrientation",
        "criminal" => "Criminal",
        _ => return None,
    })
}

/// The folded words of a phrase as the matcher will read them.
fn words(phrase: &str) -> Result<Phrase, String> {
    let text = phrase.as_bytes();
    let mut words = Vec::new();
    let mut at = 0;
    while let Some(word) = token::read(text, at) {
        let folded = std::str::from_utf8(word.folded()).unwrap_or_default();
        if folded.is_empty() {
            return Err(format!(
                "'{phrase}' has a word over {} bytes",
                token::WORD_MAX
            ));
        }
        words.push(folded.to_owned());
        if word.end == text.len() {
            return Ok(words);
        }
        let Some(next) = token::next_start(text, &word) else {
            break;
        };
        at = next;
    }
    Err(format!(
        "'{phrase}' is not words with single spaces or hyphens between them"
    ))
}

fn contexts(phrases: &[String]) -> Result<Vec<String>, String> {
    phrases
        .iter()
        .map(|phrase| context(&words(phrase)?))
        .collect()
}

fn context(words: &[String]) -> Result<String, String> {
    let joined = words.join(" ");
    if joined.len() > CONTEXT_MAX {
        return Err(format!("'{joined}' is longer than {CONTEXT_MAX} bytes"));
    }
    Ok(joined)
}

/// What an innocent phrase has before and behind the term.
fn around(phrase: &str, forms: &[Phrase]) -> Result<(String, String), String> {
    let all = words(phrase)?;
    for form in forms {
        if let Some(at) = all
            .windows(form.len())
            .position(|window| window == &form[..])
        {
            if all.len() == form.len() {
                return Err(format!("'{phrase}' is the term itself"));
            }
            return Ok((context(&all[..at])?, context(&all[at + form.len()..])?));
        }
    }
    Err(format!("'{phrase}' does not contain the term"))
}

/// The bytes of a word that the filter sees.
fn fingerprint(word: &str) -> &str {
    let end = word
        .char_indices()
        .map(|(at, c)| at + c.len_utf8())
        .take_while(|end| *end <= 8);
    word.get(..end.last().unwrap_or(0)).unwrap_or(word)
}

/// The folded word as `form` spells it: with its apostrophe.
fn spelled(form: &str, word: &str) -> String {
    let form = form.to_lowercase();
    let mut spellings = form.split([' ', '-']);
    spellings
        .find(|s| s.replace('\'', "") == word)
        .unwrap_or(word)
        .to_owned()
}

/// The longest run of ASCII letters, where one is long enough to look a term up by.
fn run(word: &str) -> Option<&str> {
    word.split(|c: char| !c.is_ascii_alphabetic())
        .filter(|run| run.len() >= token::KEY_MIN)
        .max_by_key(|run| run.len())
}
