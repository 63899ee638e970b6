//! What a company says of its sources: whose client's they are, what they hold, for what purpose, who
//! else gets them. It is written in the policy, beside the rules of retention.
//!
//! Owns the reading of `[[source]]`. Knows neither records nor what is done with the answers.

use std::path::Path;

use globset::GlobSet;
use serde::Deserialize;

use crate::scan::globs;

/// The sources of a policy, in order; the first whose paths match says what a file is.
#[derive(Default)]
pub struct Sources(Vec<Source>);

/// What is said of some files.
struct Source {
    paths: GlobSet,
    about: About,
}

/// One `[[source]]`. Keys that are not known are refused: a misspelled one would be ignored.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// Which files, as globs.
    pub paths: Vec<String>,
    /// The format they are read as.
    pub format: Option<String>,
    /// Where times without an offset belong.
    pub timezone: Option<String>,
    /// Whose data it is.
    pub client: Option<String>,
    /// The column or key that names the client record by record.
    pub client_field: Option<String>,
    /// The category of personal data.
    pub category: Option<String>,
    /// What it is processed for.
    pub purpose: Option<String>,
    /// Where it came from.
    pub origin: Option<String>,
    /// How long it is kept.
    pub retention: Option<String>,
    /// Who gets it.
    #[serde(default)]
    pub recipients: Vec<String>,
}

/// The policy as far as it speaks of sources; rules and duties are read by who keeps them.
#[derive(Deserialize)]
struct File {
    #[serde(default)]
    source: Vec<About>,
}

/// Why a policy cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum BadPolicy {
    /// It is no TOML, or not of this form.
    #[error("{0}\n\nhint: sources are tables such as [[source]] with paths = [\"cdr/**\"]")]
    Form(String),
    /// A pattern for paths is none.
    #[error("'{0}' is no pattern for paths\n\nhint: a pattern looks like 'cdr/**' or '*.csv'")]
    Glob(String),
}

impl Sources {
    /// Reads the sources of a policy.
    ///
    /// # Errors
    /// [`BadPolicy`] for what is none.
    pub fn read(text: &str) -> Result<Sources, BadPolicy> {
        let file: File = toml::from_str(text).map_err(|error| {
            BadPolicy::Form(
                error
                    .message()
                    .lines()
                    .next()
                    .unwrap_or_default()
                    .to_owned(),
            )
        })?;
        let one = |about: About| {
            let wrong = |one: &&String| globs(std::slice::from_ref(*one)).is_err();
            let paths = globs(&about.paths).map_err(|_| {
                BadPolicy::Glob(about.paths.iter().find(wrong).cloned().unwrap_or_default())
            })?;
            Ok(Source { paths, about })
        };
        file.source
            .into_iter()
            .map(one)
            .collect::<Result<_, _>>()
            .map(Sources)
    }

    /// What is said of the file at `path`.
    pub fn of(&self, path: &Path) -> Option<&About> {
        let source = self.0.iter().find(|source| source.paths.is_match(path));
        source.map(|source| &source.about)
    }

    /// Everybody who gets data, as often as it is said.
    pub fn recipients(&self) -> impl Iterator<Item = &str> {
        let all = self.0.iter().flat_map(|source| &source.about.recipients);
        all.map(String::as_str)
    }

    /// Whether nothing is said of any file.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_source_that_matches_says_what_a_file_is() {
        let text = "version = 1\n[[source]]\npaths = [\"cdr/**\"]\nclient = \"Acme\"\nrecipients = [\"Carrier\"]\n\
                    [[source]]\npaths = [\"**\"]\nclient = \"Other\"\n[[rule]]\nid = \"x\"\n";
        let sources = Sources::read(text).unwrap();
        let client = |path: &str| {
            sources
                .of(Path::new(path))
                .and_then(|about| about.client.clone())
        };
        assert_eq!(client("in/cdr/a.csv").as_deref(), Some("Acme"));
        assert_eq!(client("mail/a.eml").as_deref(), Some("Other"));
        for wrong in [
            "[[source]]\nclient = 1\n",
            "[[source]]\npaths = []\nclinet = \"x\"\n",
            "[[source]]\npaths = [\"a{\"]\n",
            "x",
        ] {
            assert!(Sources::read(wrong).is_err(), "{wrong}");
        }
    }
}
