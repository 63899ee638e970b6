//! The matcher against a slow and obvious one that reads the packs itself.

use std::collections::{BTreeSet, HashMap};
use std::sync::OnceLock;

use proptest::prelude::*;

use super::super::token::filter_word;
use super::data::packs;
use super::hits;
use crate::detect::wakes;

/// A word of a text: lower case without apostrophes.
struct Word {
    text: String,
    start: usize,
    end: usize,
    possessive: bool,
}

fn words(text: &str) -> Vec<Word> {
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    let end_of = |i: usize| chars.get(i).map_or(text.len(), |(at, _)| *at);
    let letter = |i: usize| chars.get(i).is_some_and(|(_, c)| c.is_alphabetic());
    let quote = |i: usize| chars.get(i).is_some_and(|(_, c)| matches!(c, '\'' | '’'));
    let mut all = Vec::new();
    let mut i = 0;
    while i < chars.len() {
        let from = i;
        if letter(i) {
            while letter(i) || (quote(i) && letter(i + 1)) {
                i += 1;
            }
        } else {
            while chars.get(i).is_some_and(|(_, c)| c.is_ascii_digit()) {
                i += 1;
            }
        }
        if i == from {
            i += 1;
            continue;
        }
        let (start, end) = (end_of(from), end_of(i));
        let lower = text[start..end].to_lowercase();
        let possessive = lower.ends_with("'s") || lower.ends_with("’s");
        all.push(Word {
            text: lower.replace(['\'', '’'], ""),
            start,
            end,
            possessive,
        });
    }
    all
}

fn is_separator(c: char) -> bool {
    matches!(
        c,
        ' ' | '\t' | '\n' | '\r' | '-' | '\u{a0}' | '\u{2010}' | '\u{2011}' | '\u{202f}'
    )
}

/// Whether only separators lie between two words; at most `most` of them.
fn joined(text: &str, a: &Word, b: &Word, most: usize) -> bool {
    let mut gap = text[a.end..b.start].replace("\r\n", "\n");
    if most <= 3 && a.text.ends_with('s') && gap.starts_with(['\'', '’']) {
        gap.remove(0);
    }
    if gap.is_empty() {
        return most > 3 || (!starts_with_digit(a) && starts_with_digit(b));
    }
    gap.chars().all(is_separator) && gap.chars().count() <= most
}

fn starts_with_digit(word: &Word) -> bool {
    word.text.starts_with(|c: char| c.is_ascii_digit())
}

type Phrase = Vec<String>;

struct Term {
    entity: String,
    forms: Vec<Phrase>,
    /// Of each form, the word by which it is looked up.
    keys: Vec<usize>,
    upper: bool,
    after: Vec<Phrase>,
    near: Vec<Phrase>,
    not: Vec<Phrase>,
    not_near: Vec<Phrase>,
}

pub(super) fn expand(text: &str) -> Vec<String> {
    let Some(open) = text.find('{') else {
        return vec![text.to_owned()];
    };
    let close = text.find('}').unwrap();
    text[open + 1..close]
        .split('|')
        .flat_map(|part| expand(&format!("{}{part}{}", &text[..open], &text[close + 1..])))
        .collect()
}

/// The index of the first word that is not very common, by its longest run of three letters or more;
/// in other languages than English that of the word with the longest such run.
fn key_of(form: &str, lang: &str) -> usize {
    static COMMON: OnceLock<BTreeSet<String>> = OnceLock::new();
    let cut = |word: &str| word.chars().take(8).collect::<String>();
    // Once for all forms: there are thousands.
    let all = COMMON.get_or_init(|| {
        let list = include_str!("../../../../patterns/common_words.txt");
        let lines = list.lines().filter(|l| !l.starts_with('#'));
        let words = lines.flat_map(|l| l.split(' '));
        let spellings = |w: &str| {
            [
                w.replace('\'', ""),
                w.split('\'').next().unwrap().to_owned(),
            ]
        };
        words.flat_map(spellings).map(|w| cut(&w)).collect()
    });
    let common = |run: &str| all.contains(&cut(run));
    let run = |word: &str| {
        let runs = word
            .split(|c: char| !c.is_ascii_alphabetic())
            .filter(|r| r.len() >= 3);
        runs.max_by_key(|r| r.len()).map(str::to_owned)
    };
    let is_key = |word: &str| {
        let folded = word.replace('\'', "");
        [word, &folded]
            .iter()
            .all(|w| run(w).is_some_and(|r| !common(&r)))
            && !common(&folded)
    };
    let form = form.to_lowercase();
    let words: Vec<&str> = form.split([' ', '-']).collect();
    let mut keys = (0..words.len()).filter(|at| is_key(words[*at]));
    let length = |at: &usize| run(&words[*at].replace('\'', "")).unwrap().len();
    match lang {
        "en" => keys.next().unwrap(),
        // A number word of theirs wakes another detector; what an apostrophe cuts off is no key.
        _ => keys
            .filter(|at| !words[*at].contains('\''))
            .filter(|at| wakes(filter_word(words[*at].as_bytes())) == 0)
            .max_by_key(length)
            .unwrap(),
    }
}

fn phrase(text: &str) -> Phrase {
    words(text).into_iter().map(|word| word.text).collect()
}

fn terms() -> &'static [Term] {
    static TERMS: OnceLock<Vec<Term>> = OnceLock::new();
    TERMS.get_or_init(|| {
        let mut all = Vec::new();
        for (_, pack) in packs() {
            let set = |name: &str| {
                let phrases = pack["sets"][name].as_array().unwrap();
                phrases
                    .iter()
                    .map(|v| v.as_str().unwrap().to_owned())
                    .collect::<Vec<_>>()
            };
            for list in pack["list"].as_array().unwrap() {
                let lang = list["lang"].as_str().unwrap();
                for item in list["terms"].as_array().unwrap() {
                    let text = item
                        .as_str()
                        .unwrap_or_else(|| item["term"].as_str().unwrap());
                    let list = |key: &str| -> Vec<Phrase> {
                        let given = item.get(key).and_then(|v| v.as_array());
                        given
                            .into_iter()
                            .flatten()
                            .map(|v| v.as_str().unwrap())
                            .flat_map(|s| s.strip_prefix('@').map_or(vec![s.to_owned()], set))
                            .flat_map(|s| expand(&s))
                            .map(|s| phrase(&s))
                            .collect()
                    };
                    all.push(Term {
                        entity: pack["entity"].as_str().unwrap().to_owned(),
                        forms: expand(text).iter().map(|form| phrase(form)).collect(),
                        keys: expand(text).iter().map(|form| key_of(form, lang)).collect(),
                        upper: item.get("upper").and_then(|v| v.as_bool()).unwrap_or(false),
                        after: list("after"),
                        near: list("near"),
                        not: list("not"),
                        not_near: list("not_near"),
                    });
                }
            }
        }
        all
    })
}

/// Whether `wanted` stands at word `at`, all of it between bytes `from` and `to`.
fn stands(text: &str, all: &[Word], at: usize, wanted: &Phrase, from: usize, to: usize) -> bool {
    let Some(run) = all.get(at..at + wanted.len()) else {
        return false;
    };
    run.iter()
        .zip(wanted)
        .all(|(word, want)| word.text == *want)
        && run
            .windows(2)
            .all(|pair| joined(text, &pair[0], &pair[1], usize::MAX))
        && run.first().is_none_or(|word| word.start >= from)
        && run.last().is_none_or(|word| word.end <= to)
}

const WINDOW: usize = 48;

fn allowed(text: &str, all: &[Word], at: usize, form: &Phrase, term: &Term) -> bool {
    let (start, behind) = (all[at].start, at + form.len());
    let end = all[behind - 1].end;
    let (from, to) = (start.saturating_sub(WINDOW), end + WINDOW);
    let leads = |want: &Phrase| {
        want.is_empty()
            || at >= want.len()
                && stands(text, all, at - want.len(), want, from, start)
                && joined(text, &all[at - 1], &all[at], usize::MAX)
    };
    let follows = |want: &Phrase| {
        want.is_empty()
            || all
                .get(behind)
                .is_some_and(|next| joined(text, &all[behind - 1], next, usize::MAX))
                && stands(text, all, behind, want, end, to)
    };
    let nearby = |want: &Phrase| {
        (0..all.len())
            .any(|i| stands(text, all, i, want, from, start) || stands(text, all, i, want, end, to))
    };
    let innocent = |phrase: &Phrase| {
        let (i, n) = term
            .forms
            .iter()
            .find_map(|f| Some((phrase.windows(f.len()).position(|w| w == &f[..])?, f.len())))
            .unwrap();
        leads(&phrase[..i].to_vec()) && follows(&phrase[i + n..].to_vec())
    };
    (term.after.is_empty() || term.after.iter().any(leads))
        && (term.near.is_empty() || term.near.iter().any(nearby))
        && !term.not.iter().any(innocent)
        && !term.not_near.iter().any(nearby)
}

type Keyed = HashMap<&'static str, Vec<(&'static Term, &'static Phrase, usize)>>;

/// The forms of all terms by the word they are looked up by.
fn by_key() -> &'static Keyed {
    static KEYED: OnceLock<Keyed> = OnceLock::new();
    KEYED.get_or_init(|| {
        let mut keyed = Keyed::new();
        for term in terms() {
            for (form, key) in term.forms.iter().zip(&term.keys) {
                keyed
                    .entry(&form[*key])
                    .or_default()
                    .push((term, form, *key));
            }
        }
        keyed
    })
}

/// A word without its possessive `s`.
fn bare(word: &Word) -> Option<&str> {
    word.text.strip_suffix('s').filter(|_| word.possessive)
}

/// All terms of a text: start, end and entity name. At each word, of the terms with that key word
/// the one that ends last wins, then the one that begins first.
fn naive(text: &str) -> Vec<(usize, usize, &'static str)> {
    let all = words(text);
    let mut found = Vec::new();
    let (mut key, mut floor) = (0, 0);
    while key < all.len() {
        let mut best: Option<(usize, usize, &Term)> = None;
        for word in [Some(&all[key].text[..]), bare(&all[key])]
            .into_iter()
            .flatten()
        {
            for &(term, form, form_key) in by_key().get(word).into_iter().flatten() {
                let Some(first) = key.checked_sub(form_key).filter(|at| *at >= floor) else {
                    continue;
                };
                let Some(run) = all.get(first..first + form.len()) else {
                    continue;
                };
                let same = run.iter().zip(form).enumerate().all(|(i, (word, want))| {
                    word.text == *want
                        || i >= form_key && word.possessive && word.text == format!("{want}s")
                });
                let (start, end) = (run[0].start, run[form.len() - 1].end);
                let touches = text[..start].ends_with(|c: char| c.is_alphanumeric())
                    || text[end..].starts_with(|c: char| c.is_alphanumeric());
                let small = text[start..end].contains(|c: char| c.is_ascii_lowercase());
                let (behind, leads) = (form.len() - form_key, form_key);
                if same
                    && !touches
                    && !(term.upper && small)
                    && best.is_none_or(|(words, lead, _)| (words, lead) < (behind, leads))
                    && run
                        .windows(2)
                        .all(|pair| joined(text, &pair[0], &pair[1], 3))
                    && allowed(text, &all, first, form, term)
                {
                    best = Some((behind, leads, term));
                }
            }
        }
        if let Some((behind, leads, term)) = best {
            let (first, end) = (key - leads, key + behind);
            found.push((all[first].start, all[end - 1].end, term.entity.as_str()));
            (key, floor) = (end, end);
        } else {
            key += 1;
        }
    }
    found
}

/// Words worth mixing: all words of all terms and of what surrounds them.
fn vocabulary() -> Vec<String> {
    let mut all: Vec<String> = terms()
        .iter()
        .flat_map(|t| [&t.forms, &t.after, &t.near, &t.not, &t.not_near])
        .flatten()
        .flatten()
        .cloned()
        .collect();
    all.extend(["the", "agent", "é", "x", "7"].map(str::to_owned));
    all.sort();
    all.dedup();
    all
}

/// Phrases worth keeping whole: all forms and all innocent uses.
fn phrases() -> Vec<String> {
    let all = terms()
        .iter()
        .flat_map(|t| [&t.forms, &t.after, &t.not])
        .flatten();
    all.map(|phrase| phrase.join(" ")).collect()
}

fn soup() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        2 => prop::sample::select(vocabulary()),
        3 => prop::sample::select(phrases()),
    ];
    let gap = prop::sample::select(vec![
        " ", " ", " ", " ", " ", "\n", "\r\n ", "-", ", ", ". ", "'s ", "’s ", "' ", "    ",
        "\u{a0}", "", "—", "”",
    ]);
    prop::collection::vec((piece, gap, 0u8..6), 1..14).prop_map(|pieces| {
        let spell = |(piece, gap, case): (String, &str, u8)| match case {
            0 => piece.to_uppercase() + gap,
            1 => piece.replace(' ', "\n") + gap,
            _ => piece + gap,
        };
        pieces.into_iter().map(spell).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]
    #[test]
    fn finds_what_the_obvious_matcher_finds(text in soup()) {
        let got: Vec<_> =
            hits(text.as_bytes()).iter().map(|hit| (hit.start, hit.end, hit.entity.name())).collect();
        prop_assert_eq!(got, naive(&text));
    }
}
