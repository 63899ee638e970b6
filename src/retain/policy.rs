//! The policy as it is written: TOML, every key known, every complaint with its line.
//!
//! Owns the form of a policy and what in it contradicts itself. Knows nothing of files or records.

mod reading;

use std::path::{Path, PathBuf};

use globset::GlobMatcher;

use super::period::Period;
use crate::entity::Entity;
use crate::redact::operator::Operator;
use crate::redact::paths;
use crate::time::{Order, Zone};
use crate::view::Party;
use reading::{PolicyText, Reading};

/// The version of policies that this program reads.
const VERSION: u64 = 1;
/// Rules and duties in one policy, at most.
const MOST: usize = crate::redact::ageing::RULES_MAX;

/// What is wrong with a policy: nothing was read or changed.
#[derive(Debug, thiserror::Error)]
#[error("{}:{line}: {what}\n\nhint: {remedy}", crate::report::Shown::path(.file))]
pub struct PolicyError {
    /// The policy.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
    /// What to write instead.
    pub remedy: String,
}

/// A policy.
pub struct Policy {
    /// Its file.
    pub file: PathBuf,
    /// The day it is from, as it says.
    pub dated: Option<String>,
    /// What is known of files; the first that matches counts.
    pub sources: Vec<Source>,
    /// What goes when.
    pub rules: Vec<Rule>,
    /// What stays until when.
    pub duties: Vec<Duty>,
    /// What tells it from any other policy.
    pub digest: u64,
}

/// What is known of some files.
pub struct Source {
    /// Which.
    pub paths: Vec<Glob>,
    /// What they are read as.
    pub format: Option<&'static str>,
    /// The zone of their times without one.
    pub zone: Zone,
    /// Which of two numbers is the day.
    pub dates: Option<Order>,
    /// Whose data they are.
    pub client: Option<String>,
    /// Words that rules and duties may go by.
    pub tags: Vec<String>,
}

/// A pattern for paths.
pub struct Glob {
    /// As written, made regular.
    pub text: String,
    matcher: GlobMatcher,
    /// It names a folder or a file: what lies beneath it is covered as well.
    beneath: bool,
    /// Where it stands.
    line: usize,
}

impl Glob {
    /// Whether it fits a path beneath a root; one that begins with `/` is for absolute paths.
    pub fn fits(&self, beneath: &Path, absolute: &Path) -> bool {
        let path = self.of(beneath, absolute);
        let above = path.ancestors().skip(1);
        self.matcher.is_match(path)
            || self.beneath && above.into_iter().any(|above| self.matcher.is_match(above))
    }

    /// Whether it may fit what lies within the archive there, by its path and the member's.
    fn may_fit_within(&self, beneath: &Path, absolute: &Path) -> bool {
        let path = self.of(beneath, absolute).to_string_lossy();
        paths::may_fit_within(&self.text, &path)
    }

    fn of<'p>(&self, beneath: &'p Path, absolute: &'p Path) -> &'p Path {
        if self.text.starts_with('/') {
            absolute
        } else {
            beneath
        }
    }
}

/// What something covers; all that is given must fit.
#[derive(Default)]
pub struct Match {
    /// Any of these paths.
    pub paths: Vec<Glob>,
    /// Any of these formats.
    pub formats: Vec<String>,
    /// Any of these kinds of data.
    pub entities: Vec<Entity>,
    /// In any of these fields.
    pub fields: Vec<String>,
    /// On any of these sides.
    pub parties: Vec<Party>,
    /// Any of these clients.
    pub clients: Vec<String>,
    /// Any of these tags of a source.
    pub tags: Vec<String>,
}

/// From which event an age counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The record's own time.
    Record,
    /// The last change of the file.
    File,
}

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// The file goes once everything in it is due.
    DeleteFile,
    /// The record goes.
    Erase,
    /// Values are replaced.
    Redact(Operator),
}

/// What becomes of records without a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undecided {
    /// They are kept, and the run is incomplete: nobody has said what to do.
    Told,
    /// They are kept.
    Keep,
    /// The last change of their file counts.
    File,
}

/// What goes when.
pub struct Rule {
    /// Its name.
    pub id: String,
    /// What it covers.
    pub covers: Match,
    /// From when its age counts.
    pub event: Event,
    /// How old it may become.
    pub max_age: Period,
    /// What is done then.
    pub deed: Deed,
    /// What becomes of records without a time.
    pub undated: Undecided,
    /// Files that go with its records where these name them.
    pub cascade: Vec<Glob>,
    /// Where it stands.
    pub line: usize,
}

/// What stays until when.
pub struct Duty {
    /// Its name.
    pub id: String,
    /// What it covers.
    pub covers: Match,
    /// How old it has to become.
    pub min_age: Period,
    /// The law.
    pub citation: String,
}

impl Policy {
    /// Reads a policy.
    ///
    /// # Errors
    /// [`PolicyError`] with file, line and remedy.
    pub fn parse(file: &Path, text: &str) -> Result<Policy, PolicyError> {
        let reading = Reading { file, text };
        let read: PolicyText = toml::from_str(text).map_err(|error| reading.form(&error))?;
        if *read.version.get_ref() != VERSION {
            return Err(reading.wrong(
                &read.version,
                format!("version {} is not known", read.version.get_ref()),
                "write `version = 1`",
            ));
        }
        if let Some(dated) = &read.dated
            && dated.get_ref().parse::<jiff::civil::Date>().is_err()
        {
            let what = format!("`dated` cannot be '{}'", dated.get_ref());
            return Err(reading.wrong(dated, what, "write a day such as \"2026-01-31\""));
        }
        if read.rule.is_empty() {
            return Err(reading.at(1, "there is no [[rule]]", "say what goes when"));
        }
        for (what, count) in [("rules", read.rule.len()), ("duties", read.duty.len())] {
            if count > MOST {
                let what = format!("there are more than {MOST} {what}");
                return Err(reading.at(1, what, "divide the policy"));
            }
        }
        let sources = read.source.iter().map(|one| reading.source(one));
        let rules = read.rule.iter().map(|one| reading.rule(one));
        let duties = read.duty.iter().map(|one| reading.duty(one));
        let policy = Policy {
            file: file.to_path_buf(),
            dated: read.dated.as_ref().map(|dated| dated.get_ref().clone()),
            sources: sources.collect::<Result<_, _>>()?,
            rules: rules.collect::<Result<_, _>>()?,
            duties: duties.collect::<Result<_, _>>()?,
            digest: digest(text),
        };
        reading.consistent(&read)?;
        Ok(policy)
    }

    /// Whether every absolute pattern is of a place: one that lies beneath one of the folders that
    /// are swept, or one elsewhere that is there and cannot be meant to lie beneath them.
    ///
    /// # Errors
    /// [`PolicyError`] for the first that is neither: it covers nothing.
    pub fn is_placed(&self, roots: &[PathBuf]) -> Result<(), PolicyError> {
        let roots: Vec<PathBuf> = roots
            .iter()
            .map(|root| std::fs::canonicalize(root).unwrap_or_else(|_| root.clone()))
            .collect();
        let sources = self.sources.iter().flat_map(|source| &source.paths);
        let rules = self.rules.iter();
        let rules = rules.flat_map(|rule| rule.covers.paths.iter().chain(&rule.cascade));
        let duties = self.duties.iter().flat_map(|duty| &duty.covers.paths);
        for glob in sources.chain(rules).chain(duties) {
            if !glob.text.starts_with('/') {
                continue;
            }
            let place = PathBuf::from(paths::lead(&glob.text));
            let swept = |place: &Path| roots.iter().any(|root| paths::meet(root, place));
            if swept(&place) {
                continue;
            }
            let text = crate::report::Shown::text(&glob.text).to_string();
            let wrong = |what: String, remedy: String| PolicyError {
                file: self.file.clone(),
                line: glob.line,
                what,
                remedy,
            };
            // Files are known by where they lie, whatever symbolic links lead there.
            if let Some(real) = std::fs::canonicalize(&place)
                .ok()
                .filter(|real| swept(real))
            {
                return Err(wrong(
                    format!("'{text}' leads there through a symbolic link"),
                    format!("write it with {}", crate::report::Shown::path(&real)),
                ));
            }
            let above = place.parent().filter(|above| above.parent().is_some());
            let is_there = place.exists() || above.is_some_and(Path::exists);
            let beneath = place.strip_prefix("/").unwrap_or(&place);
            if !is_there || roots.iter().any(|root| root.join(beneath).exists()) {
                let relative = text.trim_start_matches('/');
                return Err(wrong(
                    format!("'{text}' is an absolute path, and nothing there is swept"),
                    format!("write '{relative}' for what lies beneath the folder that is swept"),
                ));
            }
        }
        Ok(())
    }

    /// What is known of a file.
    pub fn source(&self, beneath: &Path, absolute: &Path) -> Option<&Source> {
        let fits = |source: &&Source| source.paths.iter().any(|one| one.fits(beneath, absolute));
        self.sources.iter().find(fits)
    }
}

/// FNV-1a over the text: no secret, only whether it is the same.
fn digest(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

impl Match {
    /// Whether a file is covered, as far as it is known before its records are.
    pub fn fits(
        &self,
        (beneath, absolute): (&Path, &Path),
        format: Option<&str>,
        source: Option<&Source>,
    ) -> bool {
        let formats = &self.formats;
        (formats.is_empty() || formats.iter().any(|one| format == Some(one)))
            && self.fits_place((beneath, absolute), source)
    }

    /// The same whatever the format.
    pub fn fits_place(&self, (beneath, absolute): (&Path, &Path), source: Option<&Source>) -> bool {
        let any = |wanted: &[String], has: &dyn Fn(&String) -> bool| {
            wanted.is_empty() || wanted.iter().any(has)
        };
        (self.paths.is_empty() || self.paths.iter().any(|glob| glob.fits(beneath, absolute)))
            && any(&self.clients, &|one| {
                source.is_some_and(|source| source.client.as_ref() == Some(one))
            })
            && any(&self.tags, &|one| {
                source.is_some_and(|source| source.tags.contains(one))
            })
    }

    /// Whether something within the archive there may be covered, whatever its format.
    pub fn may_reach(&self, (beneath, absolute): (&Path, &Path), source: Option<&Source>) -> bool {
        let within = |glob: &Glob| glob.may_fit_within(beneath, absolute);
        let anywhere = Match {
            clients: self.clients.clone(),
            tags: self.tags.clone(),
            ..Match::default()
        };
        self.fits_place((beneath, absolute), source)
            || self.paths.iter().any(within) && anywhere.fits_place((beneath, absolute), source)
    }

    /// Whether it goes by what stands in a record.
    pub fn asks_content(&self) -> bool {
        !self.entities.is_empty() || !self.fields.is_empty() || !self.parties.is_empty()
    }
}
