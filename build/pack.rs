//! Reads a special-category pack (`patterns/special/*.toml`) into terms.
//!
//! Owns the layout of a pack and what is wrong with one: each error names file, line and reason.
//! It must not know tables; it needs nothing but `toml`, so other code can include it.

use std::fmt;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Most forms one term may spell with braces; more is a slip.
const FORMS_MAX: usize = 256;

/// Why a pack is refused.
#[derive(Debug)]
pub(crate) struct PackError {
    file: String,
    line: usize,
    reason: String,
}

impl fmt::Display for PackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.reason)
    }
}

/// One file: the terms of one entity.
pub(crate) struct Pack {
    /// The entity's name, such as `special.health`.
    pub(crate) entity: String,
    /// Line of the entity's name.
    pub(crate) line: usize,
    /// Its terms in file order.
    pub(crate) terms: Vec<Term>,
}

/// One term with all its forms.
pub(crate) struct Term {
    /// Line it stands on, for errors.
    pub(crate) line: usize,
    /// ISO 639-1 code.
    pub(crate) lang: String,
    /// Confidence in hundredths.
    pub(crate) percent: u8,
    /// Only in capitals.
    pub(crate) upper: bool,
    /// All spellings and inflections, the first one names the term.
    pub(crate) forms: Vec<String>,
    /// One of these must stand directly before it, when there are any.
    pub(crate) after: Vec<String>,
    /// One of these must stand near it, when there are any.
    pub(crate) near: Vec<String>,
    /// Innocent phrases that contain it.
    pub(crate) not: Vec<String>,
    /// None of these may stand near it.
    pub(crate) not_near: Vec<String>,
}

/// A pack being read: the text is kept to turn spans into lines.
pub(crate) struct Source<'a> {
    file: &'a str,
    text: &'a str,
}

impl<'a> Source<'a> {
    /// `file` is the name that errors show.
    pub(crate) fn new(file: &'a str, text: &'a str) -> Self {
        Source { file, text }
    }

    /// An error on a line of this pack.
    pub(crate) fn error(&self, line: usize, reason: impl Into<String>) -> PackError {
        PackError {
            file: self.file.to_owned(),
            line,
            reason: reason.into(),
        }
    }

    /// Reads the pack; unknown keys are refused.
    pub(crate) fn parse(&self) -> Result<Pack, PackError> {
        let root = DeTable::parse(self.text).map_err(|e| {
            self.error(
                self.line(e.span().map_or(0, |span| span.start)),
                e.message(),
            )
        })?;
        let table = root.get_ref();
        self.only_keys(
            table,
            &[
                "entity",
                "basis",
                "sets",
                "list",
                "examples",
                "counter_examples",
            ],
        )?;
        let entity = self.required(table, 0, "entity")?;
        let line = self.line(entity.span().start);
        let entity = self.string(entity)?.to_owned();
        for (key, marked) in [("examples", true), ("counter_examples", false)] {
            self.sentences(self.required(table, 0, key)?, marked)?;
        }
        let sets = match table.get("sets") {
            Some(sets) => self.sets(sets)?,
            None => Vec::new(),
        };
        let mut terms = Vec::new();
        for list in self.array(self.required(table, 0, "list")?)? {
            self.list(list, &sets, &mut terms)?;
        }
        Ok(Pack {
            entity,
            line,
            terms,
        })
    }

    fn list(
        &self,
        list: &Spanned<DeValue<'_>>,
        sets: &Sets,
        terms: &mut Vec<Term>,
    ) -> Result<(), PackError> {
        let table = self.table(list)?;
        self.only_keys(table, &["lang", "confidence", "terms"])?;
        let at = list.span().start;
        let lang = self.required(table, at, "lang")?;
        let code = self.string(lang)?;
        if code.len() != 2 || !code.bytes().all(|b| b.is_ascii_lowercase()) {
            return Err(self.wrong(lang, "lang is not a two-letter code"));
        }
        let percent = self.percent(self.required(table, at, "confidence")?)?;
        for item in self.array(self.required(table, at, "terms")?)? {
            terms.push(self.term(item, code, percent, sets)?);
        }
        Ok(())
    }

    fn term(
        &self,
        item: &Spanned<DeValue<'_>>,
        lang: &str,
        percent: u8,
        sets: &Sets,
    ) -> Result<Term, PackError> {
        let mut term = Term {
            line: self.line(item.span().start),
            lang: lang.to_owned(),
            percent,
            upper: false,
            forms: Vec::new(),
            after: Vec::new(),
            near: Vec::new(),
            not: Vec::new(),
            not_near: Vec::new(),
        };
        if item.get_ref().is_str() {
            term.forms = self.expand(item, self.string(item)?)?;
            return Ok(term);
        }
        let table = self.table(item)?;
        self.only_keys(
            table,
            &[
                "term",
                "confidence",
                "upper",
                "after",
                "near",
                "not",
                "not_near",
            ],
        )?;
        let text = self.required(table, item.span().start, "term")?;
        term.forms = self.expand(text, self.string(text)?)?;
        if let Some(percent) = table.get("confidence") {
            term.percent = self.percent(percent)?;
        }
        if let Some(upper) = table.get("upper") {
            let given = upper.get_ref().as_bool();
            term.upper = given.ok_or_else(|| self.wrong(upper, "upper is true or false"))?;
        }
        for (key, phrases) in [
            ("after", &mut term.after),
            ("near", &mut term.near),
            ("not", &mut term.not),
            ("not_near", &mut term.not_near),
        ] {
            if let Some(given) = table.get(key) {
                *phrases = self.strings(given, sets)?;
            }
        }
        Ok(term)
    }

    fn sets(&self, sets: &Spanned<DeValue<'_>>) -> Result<Sets, PackError> {
        let mut named = Vec::new();
        for (name, phrases) in self.table(sets)? {
            named.push((
                name.get_ref().to_string(),
                self.strings(phrases, &Vec::new())?,
            ));
        }
        Ok(named)
    }

    /// Checks that an example marks what it expects in brackets, and a counter-example nothing.
    fn sentences(&self, value: &Spanned<DeValue<'_>>, marked: bool) -> Result<(), PackError> {
        for item in self.array(value)? {
            let text = self.string(item)?;
            let open = text.bytes().filter(|b| *b == b'[').count();
            let close = text.bytes().filter(|b| *b == b']').count();
            if open != close || (open > 0) != marked {
                let reason = "an example marks each hit in [brackets], a counter-example has none";
                return Err(self.wrong(item, reason));
            }
        }
        Ok(())
    }

    /// The strings of an array with braces expanded and `@name` replaced by the set of that name.
    fn strings(&self, value: &Spanned<DeValue<'_>>, sets: &Sets) -> Result<Vec<String>, PackError> {
        let mut all = Vec::new();
        for item in self.array(value)? {
            let text = self.string(item)?;
            if let Some(name) = text.strip_prefix('@') {
                let set = sets.iter().find(|(known, _)| known == name);
                let (_, phrases) =
                    set.ok_or_else(|| self.wrong(item, &format!("no set is named '{name}'")))?;
                all.extend(phrases.iter().cloned());
            } else {
                all.extend(self.expand(item, text)?);
            }
        }
        Ok(all)
    }

    /// All spellings of `a {b|c}{|s}`: `a b`, `a bs`, `a c`, `a cs`, in that order.
    fn expand(&self, at: &Spanned<DeValue<'_>>, text: &str) -> Result<Vec<String>, PackError> {
        let mut forms = vec![String::new()];
        let mut rest = text;
        while let Some((plain, tail)) = rest.split_once('{') {
            let Some((inside, tail)) = tail.split_once('}') else {
                return Err(self.wrong(at, "an opening brace has no closing one"));
            };
            if inside.contains('{') {
                return Err(self.wrong(at, "braces stand inside braces"));
            }
            forms = forms
                .iter()
                .flat_map(|form| {
                    inside
                        .split('|')
                        .map(move |part| format!("{form}{plain}{part}"))
                })
                .collect();
            if forms.len() > FORMS_MAX {
                return Err(self.wrong(at, "braces make more than 256 forms"));
            }
            rest = tail;
        }
        if rest.contains('}') {
            return Err(self.wrong(at, "a closing brace has no opening one"));
        }
        for form in &mut forms {
            form.push_str(rest);
            if form.trim().is_empty() {
                return Err(self.wrong(at, "a form is empty"));
            }
        }
        Ok(forms)
    }

    fn percent(&self, value: &Spanned<DeValue<'_>>) -> Result<u8, PackError> {
        let given = value
            .get_ref()
            .as_float()
            .and_then(|f| f.as_str().parse::<f64>().ok());
        match given {
            Some(given) if (0.5..=0.99).contains(&given) => Ok((given * 100.0).round() as u8),
            _ => Err(self.wrong(value, "confidence is not from 0.5 to 0.99")),
        }
    }

    fn only_keys(&self, table: &DeTable<'_>, known: &[&str]) -> Result<(), PackError> {
        match table
            .keys()
            .find(|key| !known.contains(&key.get_ref().as_ref()))
        {
            None => Ok(()),
            Some(key) => {
                let reason = format!(
                    "unknown key '{}'; known are {}",
                    key.get_ref(),
                    known.join(", ")
                );
                Err(self.error(self.line(key.span().start), reason))
            }
        }
    }

    fn required<'t, 'i>(
        &self,
        table: &'t DeTable<'i>,
        at: usize,
        key: &str,
    ) -> Result<&'t Spanned<DeValue<'i>>, PackError> {
        table
            .get(key)
            .ok_or_else(|| self.error(self.line(at), format!("'{key}' is missing")))
    }

    fn table<'t, 'i>(&self, value: &'t Spanned<DeValue<'i>>) -> Result<&'t DeTable<'i>, PackError> {
        value
            .get_ref()
            .as_table()
            .ok_or_else(|| self.wrong(value, "this is not a table"))
    }

    fn array<'t, 'i>(
        &self,
        value: &'t Spanned<DeValue<'i>>,
    ) -> Result<&'t [Spanned<DeValue<'i>>], PackError> {
        let array = value.get_ref().as_array();
        array
            .map(|a| &a[..])
            .ok_or_else(|| self.wrong(value, "this is not an array"))
    }

    fn string<'t>(&self, value: &'t Spanned<DeValue<'_>>) -> Result<&'t str, PackError> {
        value
            .get_ref()
            .as_str()
            .ok_or_else(|| self.wrong(value, "this is not a string"))
    }

    fn wrong(&self, value: &Spanned<DeValue<'_>>, reason: &str) -> PackError {
        self.error(self.line(value.span().start), reason)
    }

    fn line(&self, at: usize) -> usize {
        1 + self.text.bytes().take(at).filter(|b| *b == b'\n').count()
    }
}

type Sets = Vec<(String, Vec<String>)>;
