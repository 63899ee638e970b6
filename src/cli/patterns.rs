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
    match &args.command {
        PatternsCommand::List => super::print(printer, list().as_bytes()),
        PatternsCommand::Explain(args) => super::explain::run(args, printer),
        PatternsCommand::Check { folder } => match super::rules::read(folder) {
            Ok(rules) => {
                let (rules, examples) = rules.counts();
                let told = format!("{rules} rules, {examples} examples hold\n");
                super::print(printer, told.as_bytes())
            }
            Err(misuse) => super::refused(printer, &misuse),
        },
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
                Entity::IpAddress => "IPv4 and IPv6 syntax".to_owned(),
                entity if !entity.is_special() => named(*entity).to_owned(),
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

/// What tells values that something names.
fn named(entity: Entity) -> &'static str {
    match entity {
        Entity::CardSecurityCode => "digits that a word or name calls so",
        Entity::Iban => "countries' lengths, check digits",
        Entity::MacAddress => "six bytes in hexadecimal",
        Entity::Imei => "name, reporting bodies, check digit",
        Entity::Imsi => "name, mobile country codes",
        Entity::Iccid => "leading 89, check digit, name",
        Entity::UsSsn => "areas, groups and serials; form, told digits or name",
        Entity::CaSin | Entity::UkNhs => "check digit, name or told digits",
        Entity::PersonName => "names of columns, bracketed numbers, what is told",
        Entity::PostalAddress => "names of columns, house, street and postcode",
        Entity::DateOfBirth => "dates that something calls so",
        Entity::CookieId => "names of cookies, click ids, analytics syntax",
        Entity::AdvertisingId => "UUIDs under their names",
        Entity::DeviceId => "codes under their names",
        Entity::Geolocation => "degrees with decimals under their names",
        Entity::Credential => "names, issuers' prefixes, web tokens, addresses with passwords",
        _ => "",
    }
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
