//! `efface patterns`: what this build knows to look for.

use std::collections::BTreeMap;

use super::args::{PatternsArgs, PatternsCommand};
use super::exit::ExitStatus;
use crate::detect::phone::plan;
use crate::detect::{known, terms};
use crate::entity::Entity;
use crate::report::Printer;

/// Carries out one of the subcommands.
pub(super) fn run(args: &PatternsArgs, printer: Printer) -> ExitStatus {
    match args.command {
        PatternsCommand::List => super::print(printer, list().as_bytes()),
    }
}

/// A line for each entity with a detector: its name, and the knowledge it is found by.
fn list() -> String {
    let mut terms_of: BTreeMap<Entity, BTreeMap<&str, usize>> = BTreeMap::new();
    for info in (0..).map_while(terms::term) {
        let languages = terms_of.entry(info.entity).or_default();
        *languages.entry(info.lang).or_default() += 1;
    }
    let known = known();
    let entities = Entity::ALL.iter().filter(|entity| known.contains(**entity));
    entities
        .map(|entity| {
            let by = match entity {
                Entity::Phone => format!("numbering plans of the world, version {}", plan::VERSION),
                Entity::Email => "address syntax".to_owned(),
                Entity::PaymentCard => "card networks' ranges, check digit".to_owned(),
                Entity::CardSecurityCode => "told digits and words before them".to_owned(),
                Entity::UsSsn | Entity::CaSin => "told digits, words before them".to_owned(),
                Entity::IpAddress => "IPv4 and IPv6 syntax".to_owned(),
                _ => {
                    let languages = terms_of.get(entity).into_iter().flatten();
                    let counts = languages.map(|(lang, count)| format!("{count} terms ({lang})"));
                    counts.collect::<Vec<_>>().join(", ")
                }
            };
            format!("{:26}  {by}\n", entity.name())
        })
        .collect::<Vec<_>>()
        .concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_entity_has_a_line_that_says_how() {
        let list = list();
        assert_eq!(list.lines().count(), known_count());
        for line in list.lines() {
            let (name, by) = line.split_once("  ").unwrap();
            assert!(Entity::parse_family(name).is_ok(), "{line}");
            assert!(!by.trim().is_empty(), "{line}");
        }
        assert!(list.starts_with("phone "));
    }

    fn known_count() -> usize {
        Entity::ALL.iter().filter(|e| known().contains(**e)).count()
    }
}
