//! What a company says of values: which are its own (`--own`), and which are no findings at all
//! (`--allow`).
//!
//! Owns the lists as they are typed and what they say of a hit. Knows neither how values are found
//! nor what is done with them.

mod values;

use crate::detect::Hit;
use crate::detect::phone::plan::Region;
use crate::entity::Entity;
use crate::finding::Canonical;
pub use values::WrongLine;
use values::{Line, Values};

/// The lists of a run.
#[derive(Clone, Debug, Default)]
pub struct Lists {
    own: Values,
    allowed: Values,
    /// Columns and keys below which nothing is a finding.
    columns: Vec<String>,
}

impl Lists {
    /// Adds the company's own numbers, addresses and domains: one a line, blank lines and comments
    /// from `#` on apart. National numbers are read as `regions` do.
    ///
    /// # Errors
    /// The 1-based number of the first line that is none of them, and why.
    pub fn add_own(&mut self, text: &str, regions: &[Region]) -> Result<(), (usize, WrongLine)> {
        each(text, |typed| match values::read(typed, regions)? {
            Line::Column(_) | Line::Text(..) => Err(WrongLine::NotOwn),
            line => {
                self.own.add(line);
                Ok(())
            }
        })
    }

    /// Adds what is no finding: values, ranges of them, networks, domains, columns.
    ///
    /// # Errors
    /// As [`Lists::add_own`].
    pub fn add_allowed(
        &mut self,
        text: &str,
        regions: &[Region],
    ) -> Result<(), (usize, WrongLine)> {
        each(text, |typed| {
            match values::read(typed, regions)? {
                Line::Column(name) => self.columns.push(name),
                line => self.allowed.add(line),
            }
            Ok(())
        })
    }

    /// Whether nothing is the company's own.
    pub fn has_no_own(&self) -> bool {
        self.own.is_empty()
    }

    /// Whether nothing is allowed.
    pub fn allow_nothing(&self) -> bool {
        self.allowed.is_empty() && self.columns.is_empty()
    }

    /// Whether a value is the company's own.
    pub fn owns(&self, entity: Entity, canonical: &Canonical) -> bool {
        self.own.hold(entity, canonical)
    }

    /// Whether a hit whose text is `text` is no finding; `field` tells the column or key path that
    /// it lies in, and is asked only where columns were listed.
    pub fn allow<F: AsRef<str>>(
        &self,
        hit: &Hit,
        text: &[u8],
        field: impl FnOnce() -> Option<F>,
    ) -> bool {
        self.allowed.hold(hit.entity, &hit.canonical)
            || self.allowed.hold_text(hit.entity, text)
            || !self.columns.is_empty()
                && field().is_some_and(|field| {
                    let field = field.as_ref();
                    let last = field.rsplit(['.', '/']).next().unwrap_or(field);
                    self.columns.iter().any(|name| {
                        name.eq_ignore_ascii_case(field) || name.eq_ignore_ascii_case(last)
                    })
                })
    }
}

/// Hands over each line that says something, without its comment.
fn each(
    text: &str,
    mut take: impl FnMut(&str) -> Result<(), WrongLine>,
) -> Result<(), (usize, WrongLine)> {
    for (number, line) in text.lines().enumerate() {
        let comment = line.match_indices('#').find(|(at, _)| {
            let before = line.get(..*at).unwrap_or_default();
            before.is_empty() || before.ends_with(char::is_whitespace)
        });
        let said = comment.map_or(line, |(at, _)| line.get(..at).unwrap_or_default());
        let said = said.trim().trim_start_matches('\u{feff}');
        if !said.is_empty() {
            take(said).map_err(|why| (number + 1, why))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
