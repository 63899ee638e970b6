//! What a policy says as TOML, key by key, and what is wrong with it: each error names line and
//! remedy.
//!
//! It must not know what a rule does to a record.

use std::path::Path;

use globset::GlobBuilder;
use serde::Deserialize;
use toml::Spanned;

use super::super::period::{NoPeriod, Period};
use super::{Deed, Duty, Event, Glob, Match, PolicyError, Rule, Source, Undecided};
use crate::entity::{Entity, edit_distance};
use crate::format;
use crate::redact::operator::Operator;
use crate::redact::paths;
use crate::time::{Order, Zone};
use crate::view::Party;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PolicyText {
    pub(super) version: Spanned<u64>,
    pub(super) dated: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) source: Vec<Spanned<SourceText>>,
    #[serde(default)]
    pub(super) rule: Vec<Spanned<RuleText>>,
    #[serde(default)]
    pub(super) duty: Vec<Spanned<DutyText>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SourceText {
    paths: Vec<Spanned<String>>,
    format: Option<Spanned<String>>,
    timezone: Option<Spanned<String>>,
    dates: Option<Spanned<String>>,
    client: Option<String>,
    #[serde(default)]
    tags: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct MatchText {
    #[serde(default)]
    paths: Vec<Spanned<String>>,
    #[serde(default)]
    format: Many,
    #[serde(default)]
    entity: Many,
    #[serde(default)]
    field: Many,
    #[serde(default)]
    party: Many,
    #[serde(default)]
    client: Many,
    #[serde(default)]
    tag: Many,
}

/// One word or a list of them.
#[derive(Clone, Deserialize, PartialEq, Eq)]
#[serde(untagged)]
enum Many {
    One(String),
    List(Vec<String>),
}

impl Default for Many {
    fn default() -> Many {
        Many::List(Vec::new())
    }
}

impl Many {
    fn list(&self) -> &[String] {
        match self {
            Many::One(one) => std::slice::from_ref(one),
            Many::List(list) => list,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleText {
    id: Spanned<String>,
    #[serde(rename = "match")]
    covers: Spanned<MatchText>,
    event: Option<Spanned<String>>,
    max_age: Spanned<String>,
    action: Spanned<String>,
    operator: Option<Spanned<String>>,
    undated: Option<Spanned<String>>,
    cascade: Option<Spanned<Vec<Spanned<String>>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DutyText {
    id: Spanned<String>,
    #[serde(rename = "match")]
    covers: Spanned<MatchText>,
    min_age: Spanned<String>,
    citation: Spanned<String>,
}

/// A policy being read.
pub(super) struct Reading<'a> {
    pub(super) file: &'a Path,
    pub(super) text: &'a str,
}

pub(super) type Read<T> = Result<T, PolicyError>;

impl Reading<'_> {
    fn line(&self, at: usize) -> usize {
        let before = self.text.get(..at).unwrap_or(self.text);
        before.bytes().filter(|byte| *byte == b'\n').count() + 1
    }

    pub(super) fn at(
        &self,
        line: usize,
        what: impl Into<String>,
        remedy: impl Into<String>,
    ) -> PolicyError {
        PolicyError {
            file: self.file.to_path_buf(),
            line,
            what: what.into(),
            remedy: remedy.into(),
        }
    }

    pub(super) fn wrong<T>(
        &self,
        place: &Spanned<T>,
        what: impl Into<String>,
        remedy: impl Into<String>,
    ) -> PolicyError {
        self.at(self.line(place.span().start), what, remedy)
    }

    /// What the parser complains of.
    pub(super) fn form(&self, error: &toml::de::Error) -> PolicyError {
        let line = error.span().map_or(1, |span| self.line(span.start));
        let message = error.message().trim();
        let known = message.split_once(", expected ");
        match known {
            Some((what, known)) if what.starts_with("unknown field") => {
                let what = what
                    .replace("unknown field", "unknown key")
                    .replace('`', "'");
                let known = known.replace("one of ", "").replace('`', "");
                self.at(line, what, format!("known keys are {known}"))
            }
            _ => self.at(
                line,
                message.replace('`', "'"),
                "docs/RETENTION.md shows every key with an example",
            ),
        }
    }

    /// One of some words.
    fn choice<T: Copy>(&self, key: &str, given: &Spanned<String>, known: &[(&str, T)]) -> Read<T> {
        let word = given.get_ref();
        if let Some((_, value)) = known.iter().find(|(name, _)| name == word) {
            return Ok(*value);
        }
        let nearest = known
            .iter()
            .map(|(name, _)| *name)
            .min_by_key(|name| edit_distance(name, word))
            .unwrap_or_default();
        let what = format!("`{key}` cannot be '{}'", crate::report::Shown::text(word));
        let all: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
        Err(self.wrong(
            given,
            what,
            format!("did you mean '{nearest}'? It may be {}", all.join(", ")),
        ))
    }

    fn period(&self, key: &str, given: &Spanned<String>) -> Read<Period> {
        Period::parse(given.get_ref()).map_err(|why| {
            let what = format!(
                "`{key}` cannot be '{}'",
                crate::report::Shown::text(given.get_ref())
            );
            let remedy = match why {
                NoPeriod::Form => "write numbers and units, such as \"18 months\" or \"90 days\"",
                NoPeriod::Zero => "write at least \"1 day\"",
                NoPeriod::TooLong => "write no more than \"200 years\"",
            };
            self.wrong(given, what, remedy)
        })
    }

    fn glob(&self, given: &Spanned<String>) -> Read<Glob> {
        let text = given.get_ref();
        let regular = paths::regular(text).filter(|_| !text.is_empty());
        let regular = regular.map(|regular| match regular.as_str() {
            // The folder that is swept, or all there is.
            "" => "**".to_owned(),
            "/" => "/**".to_owned(),
            _ => regular,
        });
        let built = regular.and_then(|text| {
            let glob = GlobBuilder::new(&text).literal_separator(true).build();
            Some((glob.ok()?, text))
        });
        match built {
            Some((glob, regular)) => Ok(Glob {
                beneath: text.ends_with('/') || paths::ends_with_name(&regular),
                text: regular,
                matcher: glob.compile_matcher(),
                line: self.line(given.span().start),
            }),
            None => Err(self.wrong(
                given,
                format!(
                    "'{}' is no pattern for paths",
                    crate::report::Shown::text(text)
                ),
                "`*` is anything but a slash, `**` any folders: \"cdr/**/*.csv\"; `..` leads nowhere",
            )),
        }
    }

    fn globs(&self, given: &[Spanned<String>]) -> Read<Vec<Glob>> {
        given.iter().map(|one| self.glob(one)).collect()
    }

    fn id(&self, given: &Spanned<String>) -> Read<String> {
        let id = given.get_ref();
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if id.is_empty() || id.len() > 64 || !id.bytes().all(fits) {
            return Err(self.wrong(
                given,
                format!("`id` cannot be '{}'", crate::report::Shown::text(id)),
                "use letters, digits, '-', '_' and '.', at most 64",
            ));
        }
        Ok(id.clone())
    }

    fn format_name(&self, given: &str, place: usize, any: bool) -> Read<&'static str> {
        match format::by_name(given) {
            Ok(format) => Ok(format.name()),
            Err(_) if any && OTHERS.contains(&given) => {
                let found = OTHERS.iter().find(|one| **one == given);
                Ok(found.copied().unwrap_or_default())
            }
            Err(error) => {
                let text = error.to_string();
                let (what, hint) = text.split_once("\n\nhint: ").unwrap_or((&text, ""));
                Err(self.at(place, what, hint))
            }
        }
    }

    pub(super) fn source(&self, given: &Spanned<SourceText>) -> Read<Source> {
        let text = given.get_ref();
        if text.paths.is_empty() {
            return Err(self.wrong(given, "a source has no `paths`", "write paths = [\"**\"]"));
        }
        let zone = match &text.timezone {
            None => Zone::utc(),
            Some(name) => Zone::named(name.get_ref()).map_err(|_| {
                let what = format!(
                    "there is no time zone '{}'",
                    crate::report::Shown::text(name.get_ref())
                );
                self.wrong(name, what, "use a name such as \"America/Toronto\"")
            })?,
        };
        let dates = text.dates.as_ref().map(|dates| {
            let known = [
                ("day-first", Order::DayFirst),
                ("month-first", Order::MonthFirst),
                ("year-first", Order::YearFirst),
            ];
            self.choice("dates", dates, &known)
        });
        let format = text.format.as_ref().map(|format| {
            let line = self.line(format.span().start);
            self.format_name(format.get_ref(), line, false)
        });
        Ok(Source {
            paths: self.globs(&text.paths)?,
            format: format.transpose()?,
            zone,
            dates: dates.transpose()?,
            client: text.client.clone(),
            tags: text.tags.clone(),
        })
    }

    fn covers(&self, given: &Spanned<MatchText>) -> Read<Match> {
        let text = given.get_ref();
        let line = self.line(given.span().start);
        let mut entities = Vec::new();
        for name in text.entity.list() {
            let family = Entity::parse_family(name).map_err(|error| {
                let text = error.to_string();
                let (what, hint) = text.split_once("\n\nhint: ").unwrap_or((&text, ""));
                self.at(line, what, hint)
            })?;
            entities.extend(family);
        }
        let parties = text.party.list().iter().map(|name| {
            Party::parse(name).ok_or_else(|| {
                let what = format!("there is no party '{}'", crate::report::Shown::text(name));
                let known = "use caller, callee, sender, recipient, agent, own or mention";
                self.at(line, what, known)
            })
        });
        for format in text.format.list() {
            self.format_name(format, line, true)?;
        }
        Ok(Match {
            paths: self.globs(&text.paths)?,
            formats: text.format.list().to_vec(),
            entities,
            fields: text.field.list().to_vec(),
            parties: parties.collect::<Result<_, _>>()?,
            clients: text.client.list().to_vec(),
            tags: text.tag.list().to_vec(),
        })
    }

    pub(super) fn rule(&self, given: &Spanned<RuleText>) -> Read<Rule> {
        let text = given.get_ref();
        let covers = self.covers(&text.covers)?;
        let words = [
            ("erase", Deed::Erase),
            ("redact", Deed::Redact(Operator::Mask)),
            ("tokenise", Deed::Redact(Operator::Token)),
            ("delete-file", Deed::DeleteFile),
        ];
        let mut deed = self.choice("action", &text.action, &words)?;
        if let Some(operator) = &text.operator {
            if text.action.get_ref() != "redact" {
                let what = format!("`operator` says nothing to `{}`", text.action.get_ref());
                return Err(self.wrong(operator, what, "use it with action = \"redact\""));
            }
            let known = [
                ("mask", Operator::Mask),
                ("label", Operator::Label),
                ("partial", Operator::Partial),
                ("token", Operator::Token),
                ("remove", Operator::Remove),
            ];
            deed = Deed::Redact(self.choice("operator", operator, &known)?);
        }
        if deed == Deed::DeleteFile && covers.asks_content() {
            return Err(self.wrong(
                &text.covers,
                "files go as a whole, whatever stands in them",
                "leave `entity`, `field` and `party` away, or use action = \"erase\"",
            ));
        }
        let event = text.event.as_ref().map_or(Ok(Event::Record), |event| {
            let known = [("record", Event::Record), ("file", Event::File)];
            self.choice("event", event, &known)
        })?;
        let undated = text.undated.as_ref().map_or(Ok(Undecided::Told), |given| {
            let known = [("keep", Undecided::Keep), ("file", Undecided::File)];
            self.choice("undated", given, &known)
        })?;
        let cascade = text.cascade.as_ref().map(|cascade| {
            if matches!(deed, Deed::Redact(_)) {
                let what = format!("nothing goes with `{}`", text.action.get_ref());
                let remedy = "use `cascade` with action = \"erase\" or \"delete-file\"";
                return Err(self.wrong(cascade, what, remedy));
            }
            if cascade.get_ref().is_empty() {
                let remedy = "name the files that go with the records: [\"recordings/**\"]";
                return Err(self.wrong(cascade, "`cascade` is empty", remedy));
            }
            self.globs(cascade.get_ref())
        });
        Ok(Rule {
            id: self.id(&text.id)?,
            cascade: cascade.transpose()?.unwrap_or_default(),
            covers,
            event,
            max_age: self.period("max_age", &text.max_age)?,
            deed,
            undated,
            line: self.line(given.span().start),
        })
    }

    pub(super) fn duty(&self, given: &Spanned<DutyText>) -> Read<Duty> {
        let text = given.get_ref();
        let covers = self.covers(&text.covers)?;
        if covers.asks_content() {
            return Err(self.wrong(
                &text.covers,
                "a duty keeps whole records",
                "leave `entity`, `field` and `party` away",
            ));
        }
        if text.citation.get_ref().trim().is_empty() {
            return Err(self.wrong(
                &text.citation,
                "`citation` is empty",
                "name the law, such as \"47 CFR 42.6\"",
            ));
        }
        Ok(Duty {
            id: self.id(&text.id)?,
            covers,
            min_age: self.period("min_age", &text.min_age)?,
            citation: text.citation.get_ref().clone(),
        })
    }

    /// Whether no two parts contradict each other.
    pub(super) fn consistent(&self, read: &PolicyText) -> Read<()> {
        let ids = read.rule.iter().map(|rule| &rule.get_ref().id);
        let ids: Vec<&Spanned<String>> = ids
            .chain(read.duty.iter().map(|duty| &duty.get_ref().id))
            .collect();
        for (number, id) in ids.iter().enumerate() {
            let before = ids.iter().take(number);
            if let Some(first) = before.into_iter().find(|one| one.get_ref() == id.get_ref()) {
                let what = format!(
                    "the id '{}' stands in line {} already",
                    id.get_ref(),
                    self.line(first.span().start)
                );
                return Err(self.wrong(id, what, "give each rule and duty an id of its own"));
            }
        }
        for (number, one) in read.rule.iter().enumerate() {
            for other in read.rule.iter().take(number) {
                self.agree(other, one)?;
            }
        }
        for (number, one) in read.source.iter().enumerate() {
            for other in read.source.iter().take(number) {
                let (mine, theirs) = (one.get_ref(), other.get_ref());
                let shared = mine.paths.iter().find(|path| {
                    theirs
                        .paths
                        .iter()
                        .any(|other| other.get_ref() == path.get_ref())
                });
                if let Some(path) = shared {
                    let what = format!(
                        "'{}' is in the source of line {} already",
                        crate::report::Shown::text(path.get_ref()),
                        self.line(other.span().start)
                    );
                    return Err(self.wrong(path, what, "keep one of the two sources"));
                }
            }
        }
        Ok(())
    }

    /// Whether two rules for the same records can both be followed.
    fn agree(&self, first: &Spanned<RuleText>, second: &Spanned<RuleText>) -> Read<()> {
        let (a, b) = (first.get_ref(), second.get_ref());
        if !same_match(a.covers.get_ref(), b.covers.get_ref()) {
            return Ok(());
        }
        let line = self.line(first.span().start);
        let redacts =
            |rule: &RuleText| matches!(rule.action.get_ref().as_str(), "redact" | "tokenise");
        let operator = |rule: &RuleText| match rule.action.get_ref().as_str() {
            "tokenise" => "token".to_owned(),
            _ => rule
                .operator
                .as_ref()
                .map_or("mask".to_owned(), |one| one.get_ref().clone()),
        };
        let days = |rule: &RuleText| {
            let period = Period::parse(rule.max_age.get_ref());
            period.map_or(0, |period| period.about_days())
        };
        if redacts(a) && redacts(b) && operator(a) != operator(b) {
            let what = format!("the rule of line {line} replaces the same values otherwise");
            return Err(self.wrong(second, what, "keep one of the two rules"));
        }
        let (weak, strong) = match (redacts(a), redacts(b)) {
            (true, false) => (a, b),
            (false, true) => (b, a),
            _ if a.action.get_ref() != b.action.get_ref() && days(a) == days(b) => {
                let what = format!("the rule of line {line} does something else at the same time");
                return Err(self.wrong(second, what, "keep one of the two rules"));
            }
            _ => return Ok(()),
        };
        let same_event =
            a.event.as_ref().map(Spanned::get_ref) == b.event.as_ref().map(Spanned::get_ref);
        if same_event && days(strong) <= days(weak) {
            let what = format!(
                "'{}' never acts: '{}' takes the same records no later",
                weak.id.get_ref(),
                strong.id.get_ref()
            );
            return Err(self.wrong(second, what, "make its max_age shorter, or leave it away"));
        }
        Ok(())
    }
}

/// Formats that are told and not read: their files can go as a whole.
const OTHERS: &[&str] = &[
    "7z", "aiff", "amr", "au", "avi", "bzip2", "caf", "docx", "flac", "gif", "gsm", "jpeg", "m4a",
    "matroska", "mp3", "mp4", "ogg", "opus", "outlook", "pcap", "pcapng", "pdf", "png", "rar",
    "sqlite", "tar", "tiff", "wav", "webp", "xlsx", "zip",
];

fn same_match(a: &MatchText, b: &MatchText) -> bool {
    let paths = |one: &MatchText| -> Vec<String> {
        one.paths
            .iter()
            .map(|path| path.get_ref().clone())
            .collect()
    };
    paths(a) == paths(b)
        && a.format == b.format
        && a.entity == b.entity
        && a.field == b.field
        && a.party == b.party
        && a.client == b.client
        && a.tag == b.tag
}
