//! Rules that users write: a regular expression for an entity, with examples that must hold.
//!
//! Owns the reading of rules and their matching, in time that grows with the text alone (the
//! `regex` crate never goes back). Knows text, not files.

use regex::bytes::{Regex, RegexBuilder};
use serde::Deserialize;
use toml::Spanned;

use super::hit::Hit;
use crate::entity::Entity;
use crate::finding::{Canonical, Confidence, Evidence};

/// The most memory that one compiled expression may take, in bytes: a counted repetition of
/// everything would take gigabytes.
const LARGEST: usize = 1 << 20;

/// The most rules of a run: each is a pass over the text.
const MOST: usize = 200;

/// Why a file of rules is refused.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct WrongRule {
    /// 1-based.
    pub line: usize,
    /// What is wrong there.
    pub reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    rule: Vec<Spanned<Written>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    id: String,
    entity: Spanned<String>,
    regex: Spanned<String>,
    confidence: Option<Spanned<f64>>,
    example: Vec<Spanned<String>>,
    #[serde(default)]
    counter_example: Vec<Spanned<String>>,
}

/// One rule.
#[derive(Clone, Debug)]
struct Rule {
    entity: Entity,
    regex: Regex,
    confidence: Confidence,
}

/// The rules of a run.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    rules: Vec<Rule>,
    ids: Vec<String>,
    examples: usize,
}

impl Rules {
    /// Adds the rules of one file; all of its examples are checked.
    ///
    /// # Errors
    /// The first line that is wrong, and why. No example is repeated: it may be a real value.
    pub fn add(&mut self, text: &str) -> Result<(), WrongRule> {
        let line_of = |at: usize| {
            1 + text
                .as_bytes()
                .iter()
                .take(at)
                .filter(|byte| **byte == b'\n')
                .count()
        };
        let wrong = |at: usize, reason: String| WrongRule {
            line: line_of(at),
            reason,
        };
        let file: File = toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            wrong(at, error.message().to_owned())
        })?;
        for written in file.rule {
            let at = written.span().start;
            let written = written.into_inner();
            if self.rules.len() == MOST {
                return Err(wrong(at, format!("more than {MOST} rules")));
            }
            if self.ids.contains(&written.id) {
                return Err(wrong(
                    at,
                    format!("the id '{}' is there already", written.id),
                ));
            }
            let rule = rule(&written, &wrong)?;
            self.examples += written.example.len() + written.counter_example.len();
            self.ids.push(written.id);
            self.rules.push(rule);
        }
        Ok(())
    }

    /// How many rules there are, and how many examples were checked.
    pub fn counts(&self) -> (usize, usize) {
        (self.rules.len(), self.examples)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Adds what the rules find in `text` to `out`.
    pub(super) fn scan(&self, text: &[u8], out: &mut Vec<Hit>) {
        for rule in &self.rules {
            let found = rule.regex.find_iter(text).filter(|found| !found.is_empty());
            out.extend(found.map(|found| Hit {
                entity: rule.entity,
                range: found.range(),
                confidence: rule.confidence,
                evidence: Evidence::RULE,
                canonical: Canonical::Text(found.as_bytes().to_ascii_lowercase().into()),
                extension: None,
            }));
        }
    }
}

fn rule(written: &Written, wrong: &dyn Fn(usize, String) -> WrongRule) -> Result<Rule, WrongRule> {
    let entity = match Entity::parse_family(written.entity.get_ref()).as_deref() {
        Ok([entity]) => *entity,
        Ok(_) => {
            let reason = format!("'{}' is more than one entity", written.entity.get_ref());
            return Err(wrong(written.entity.span().start, reason));
        }
        Err(error) => {
            let reason = error.to_string().replace("\n\nhint:", ";");
            return Err(wrong(written.entity.span().start, reason));
        }
    };
    let regex = RegexBuilder::new(written.regex.get_ref())
        .size_limit(LARGEST)
        .dfa_size_limit(LARGEST)
        .build();
    let regex = regex.map_err(|error| {
        let text = error.to_string();
        let last = text.lines().last().unwrap_or_default();
        let reason = format!(
            "the regex is refused: {}",
            last.trim_start_matches("error: ")
        );
        wrong(written.regex.span().start, reason)
    })?;
    let confidence = match &written.confidence {
        None => Confidence(80),
        Some(given) if (0.0..=1.0).contains(given.get_ref()) => {
            Confidence((given.get_ref() * 100.0).round() as u8)
        }
        Some(given) => {
            let reason = "a confidence is a number from 0 to 1".to_owned();
            return Err(wrong(given.span().start, reason));
        }
    };
    if written.example.is_empty() {
        let reason = format!("the rule '{}' has no example", written.id);
        return Err(wrong(written.regex.span().start, reason));
    }
    for example in &written.example {
        let (plain, marked) = unmarked(example.get_ref());
        let found: Vec<&[u8]> = regex
            .find_iter(plain.as_bytes())
            .map(|found| found.as_bytes())
            .collect();
        let marked: Vec<&[u8]> = marked.iter().map(|value| value.as_bytes()).collect();
        if marked.is_empty() || found != marked {
            let reason = format!(
                "an example of '{}' does not hold: what is marked «so» must be found, and nothing \
                 else",
                written.id
            );
            return Err(wrong(example.span().start, reason));
        }
    }
    for example in &written.counter_example {
        if regex.is_match(example.get_ref().as_bytes()) {
            let reason = format!("a counter-example of '{}' is found", written.id);
            return Err(wrong(example.span().start, reason));
        }
    }
    Ok(Rule {
        entity,
        regex,
        confidence,
    })
}

/// A text without its marks, and what was marked.
fn unmarked(text: &str) -> (String, Vec<String>) {
    let pieces = text.split('«').skip(1);
    let marked = pieces.filter_map(|piece| Some(piece.split_once('»')?.0.to_owned()));
    (text.replace(['«', '»'], ""), marked.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
[[rule]]
id = "extension"
entity = "device_id"
regex = 'EX-\d{4}\b'
example = ["call «EX-1234» and «EX-4321»"]
counter_example = ["EX-12345"]
"#;

    #[test]
    fn a_rule_finds_what_its_examples_say() {
        let mut rules = Rules::default();
        rules.add(GOOD).unwrap();
        assert_eq!(rules.counts(), (1, 2));
        let mut hits = Vec::new();
        rules.scan(b"at EX-0001, EX-12345", &mut hits);
        assert_eq!(hits.len(), 1);
        assert_eq!(
            (hits[0].entity, hits[0].range.clone()),
            (Entity::DeviceId, 3..10)
        );
    }

    #[test]
    fn a_wrong_rule_is_refused_with_its_line() {
        for (from, to, line, reason) in [
            ("device_id", "divice_id", 4, "did you mean 'device_id'"),
            ("\"device_id\"", "\"special\"", 4, "more than one"),
            (r"EX-\d{4}\b", "EX-(", 5, "regex is refused"),
            (r"EX-\d{4}\b", r"EX-\w{99999}", 5, "regex is refused"),
            ("«EX-1234»", "EX-1234", 6, "does not hold"),
            (r"\b'", "'", 7, "counter-example"),
            ("id =", "ident =", 3, "unknown field"),
        ] {
            let text = GOOD.replace(from, to);
            let error = Rules::default().add(&text).unwrap_err();
            assert_eq!(error.line, line, "{to}: {error}");
            assert!(error.reason.contains(reason), "{to}: {error}");
            assert!(!error.reason.contains("1234"), "{error}");
        }
        let mut rules = Rules::default();
        rules.add(GOOD).unwrap();
        assert!(rules.add(GOOD).unwrap_err().reason.contains("already"));
    }
}
