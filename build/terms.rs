//! Compiles the special-category packs to the tables of `src/detect/terms/table.rs`.
//!
//! Owns the phrase tree, the first-word filter and how they are written out. What a word is comes
//! from the matcher's own `token` file; the layout of a pack from `pack`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::pack::{Pack, PackError, Source, Term};

// What only the matcher asks of this file is unused here.
#[allow(dead_code)]
#[path = "../src/detect/terms/token.rs"]
mod token;

/// Most words in a term: bounds the work of one look-up.
const WORDS_MAX: usize = 8;

/// Most bytes of a context phrase; the matcher looks 48 bytes to either side.
const CONTEXT_MAX: usize = 40;

/// Writes the tables for all packs in `dir` to `out`.
///
/// # Errors
/// File, line and reason of the first thing wrong.
pub fn compile(dir: &Path, out: &Path) -> Result<(), String> {
    let mut files: Vec<_> = fs::read_dir(dir)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|e| format!("{}: listing the packs: {e}", dir.display()))?
        .into_iter()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|ext| ext == "toml"))
        .collect();
    files.sort();
    let mut tables = Tables::default();
    for file in files {
        let name = file.display().to_string();
        let text = fs::read_to_string(&file).map_err(|e| format!("{name}: reading: {e}"))?;
        let source = Source::new(&name, &text);
        let added = source.parse().and_then(|pack| tables.add(&source, pack));
        added.map_err(|e| e.to_string())?;
    }
    #[expect(clippy::disallowed_methods, reason = "build output, no user file")]
    fs::write(out, tables.write()).map_err(|e| format!("{}: writing: {e}", out.display()))
}

/// Folded words of a phrase.
type Phrase = Vec<String>;

#[derive(Default)]
struct Tables {
    terms: String,
    term_count: u16,
    /// Where each form was spelled first, to name both places of a repetition.
    seen: BTreeMap<Phrase, String>,
    steps: BTreeMap<(u16, String), u16>,
    /// Term of each node plus one; node 0 is the root.
    ends: BTreeMap<u16, u16>,
    nodes: u16,
    first_words: BTreeSet<Vec<u8>>,
}

impl Tables {
    fn add(&mut self, source: &Source<'_>, pack: Pack) -> Result<(), PackError> {
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
                self.grow(&words);
                self.first_words.extend(first_words(form, &words));
                forms.push(words);
            }
            self.describe(variant, term, &forms).map_err(wrong)?;
            self.term_count += 1;
        }
        Ok(())
    }

    /// Adds a phrase of the term being added to the tree.
    fn grow(&mut self, words: &[String]) {
        let mut node = 0;
        for word in words {
            let fresh = self.nodes + 1;
            let next = *self.steps.entry((node, word.clone())).or_insert(fresh);
            self.nodes = self.nodes.max(next);
            node = next;
        }
        self.ends.insert(node, self.term_count + 1);
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

    fn write(&self) -> String {
        let mut filter = vec![0u64; 1 << (token::FILTER_BITS - 6)];
        for word in &self.first_words {
            let mut bytes = [0u8; 8];
            bytes
                .iter_mut()
                .zip(word)
                .for_each(|(to, from)| *to = *from);
            let (cell, bits) = token::filter_place(u64::from_le_bytes(bytes), word.len());
            filter[cell] |= bits;
        }
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
        let mut nodes = String::new();
        for node in 0..=self.nodes {
            let term = self.ends.get(&node).copied().unwrap_or(0);
            let goes_on = inner.contains(&node);
            let _ = writeln!(nodes, "Node {{ term: {term}, goes_on: {goes_on} }},");
        }
        format!(
            "pub(super) const WORDS_MAX: usize = {WORDS_MAX};\n\
             pub(super) static FILTER: [u64; {}] = {filter:?};\n\
             static SLOTS: [u16; {size}] = {slots:?};\n\
             static STEPS: [Step; {}] = [{steps}];\n\
             static NODES: [Node; {}] = [{nodes}];\n\
             static WORDS: [u8; {}] = {words:?};\n\
             pub(super) static TERMS: [Term; {}] = [{}];\n",
            filter.len(),
            self.steps.len(),
            usize::from(self.nodes) + 1,
            words.len(),
            self.term_count,
            self.terms,
        )
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

/// The ways a text may spell the first word of `form`, as a word finder cuts it: with and without
/// its apostrophe, up to the apostrophe, in either letter case where that changes more than the
/// case bit.
fn first_words(form: &str, words: &[String]) -> BTreeSet<Vec<u8>> {
    let first = &words[0];
    let spelled = form
        .split([' ', '-'])
        .next()
        .unwrap_or_default()
        .to_lowercase();
    let mut all: BTreeSet<String> = [first.clone(), spelled.clone()].into();
    if let Some((before, _)) = spelled.split_once('\'') {
        all.insert(before.to_owned());
    }
    if words.len() == 1 {
        all.insert(format!("{first}'s"));
    }
    if let Some(stem) = first.strip_suffix('s').filter(|stem| !stem.is_empty()) {
        all.insert(stem.to_owned());
        all.insert(format!("{stem}'s"));
    }
    all.iter().flat_map(|word| cases(word)).collect()
}

/// The word with each letter beyond ASCII in either case.
fn cases(word: &str) -> Vec<Vec<u8>> {
    let mut all = vec![Vec::new()];
    for letter in word.chars() {
        let mut both = vec![letter];
        // Setting the case bit unites Latin-1 pairs; further ones need both spellings.
        let upper = (letter > '\u{FE}')
            .then(|| letter.to_uppercase().next())
            .flatten();
        both.extend(upper.filter(|upper| token::fold(*upper) == letter && *upper != letter));
        all = all
            .iter()
            .flat_map(|start: &Vec<u8>| {
                both.iter().map(move |c| {
                    let mut word = start.clone();
                    word.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                    word
                })
            })
            .collect();
    }
    all
}
