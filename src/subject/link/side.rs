//! The sides of a record: which identifiers in it are one person's.
//!
//! Owns what counts as a side and the one spelling of a name. It must not know what follows from it.

use std::collections::HashSet;

use super::Node;
use crate::detect::labels::{Says, claim};
use crate::detect::{Detectors, Scratch};
use crate::entity::Entity;
use crate::finding::{Canonical, Confidence};
use crate::lists::Lists;
use crate::scan::records::Field;
use crate::view::{Hinting, Hints, Party, Register, View};

/// What ties the identifiers of a side together.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Of(Party),
    /// The record is one person's: a contact, a form.
    Whole,
}

/// The identifiers of a record, side by side.
pub(super) fn sides(
    fields: &[Field],
    detectors: &Detectors,
    lists: &Lists,
) -> Vec<(Side, Vec<Node>)> {
    let mut sides: Vec<(Side, Vec<Node>)> = Vec::new();
    let mut parties = false;
    for field in fields {
        let last = field.name.rsplit(['.', '/']).next().unwrap_or(&field.name);
        // What stands in a text is spoken of, and no side's.
        let Some(Says::Holds(holds)) = claim(last.as_bytes()) else {
            continue;
        };
        let side = match field.party {
            Some(Party::Own | Party::Agent | Party::Mention) => {
                parties = true;
                continue;
            }
            Some(party) => {
                parties = true;
                Side::Of(party)
            }
            None => Side::Whole,
        };
        let mut nodes = identifiers(&field.value, last, detectors);
        if nodes.is_empty() && holds == Entity::PersonName {
            nodes.extend(name(&field.value));
        }
        nodes.retain(|(entity, canonical)| !lists.owns(*entity, canonical));
        match sides.iter_mut().find(|(known, _)| *known == side) {
            Some((_, all)) => all.extend(nodes),
            None => sides.push((side, nodes)),
        }
    }
    // Where sides are told, what has none is nobody's.
    sides.retain(|(side, _)| *side != Side::Whole || !parties);
    for (_, nodes) in &mut sides {
        let mut seen = HashSet::new();
        nodes.retain(|node| seen.insert(node.clone()));
    }
    sides.retain(|(_, nodes)| nodes.len() > 1);
    sides
}

/// A name in the one spelling that all its spellings share.
fn name(text: &str) -> Option<Node> {
    let words: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric() && c != '\'' && c != '-')
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let text = words.join(" ");
    let is_name = words.len() > 1
        && text.chars().any(char::is_alphabetic)
        && !text.contains(|c: char| c.is_ascii_digit());
    is_name.then(|| {
        (
            Entity::PersonName,
            Canonical::Text(text.into_bytes().into()),
        )
    })
}

/// A value as the one cell of its column.
struct Cell<'a>(&'a [u8], usize);

impl Hinting for Cell<'_> {
    fn hints(&self, _at: usize) -> Hints<'_> {
        Hints {
            register: Register::Cell,
            label: Some(self.0),
            value: Some(0..self.1),
            ..Hints::default()
        }
    }
}

/// What reaches or names one person in a value; a name before a number or an address in brackets.
fn identifiers(value: &str, label: &str, detectors: &Detectors) -> Vec<Node> {
    let text = value.as_bytes();
    let mut hits = Vec::new();
    let cell = Cell(label.as_bytes(), text.len());
    detectors.scan(
        &View::raw(text, 0, &cell),
        &mut Scratch::default(),
        &mut hits,
    );
    let mut nodes: Vec<Node> = hits
        .iter()
        .filter(|hit| hit.confidence >= Confidence(50))
        .filter(|hit| {
            matches!(
                hit.entity,
                Entity::Phone | Entity::Email | Entity::Imei | Entity::Imsi | Entity::Iccid
            )
        })
        .map(|hit| (hit.entity, hit.canonical.clone()))
        .collect();
    if !nodes.is_empty()
        && let Some((before, _)) = value.split_once('<')
    {
        nodes.extend(name(before.trim().trim_matches('"')));
    }
    nodes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::phone::plan::Region;
    use crate::entity::EntitySet;

    fn detectors() -> Detectors {
        Detectors::new(
            vec![Region::parse("US").unwrap()],
            EntitySet::all(),
            Confidence(20),
        )
    }

    fn field(name: &str, party: Option<Party>, value: &str) -> Field {
        Field {
            name: name.to_owned(),
            party,
            value: value.to_owned(),
        }
    }

    fn shown(fields: &[Field]) -> Vec<(usize, Vec<Entity>)> {
        let sides = sides(fields, &detectors(), &Lists::default());
        sides
            .iter()
            .map(|(side, nodes)| {
                let side = match side {
                    Side::Of(party) => *party as usize,
                    Side::Whole => 99,
                };
                (side, nodes.iter().map(|node| node.0).collect())
            })
            .collect()
    }

    #[test]
    fn only_what_stands_on_one_side_is_one_persons() {
        let caller = Some(Party::Caller);
        let call = [
            field("clid", caller, "\"Jane Doe\" <4165550123>"),
            field("src", caller, "+14165550123"),
            field("dst", Some(Party::Callee), "6475550148"),
            field("tracking_number", Some(Party::Own), "8005550199"),
        ];
        assert_eq!(
            shown(&call),
            [(
                Party::Caller as usize,
                vec![Entity::Phone, Entity::PersonName]
            )]
        );
        let contact = [
            field("name", None, "Jane Doe"),
            field("phone", None, "(416) 555-0123"),
            field("email", None, "jane@example.com"),
            field("notes", None, "ask for 647 555 0148"),
        ];
        assert_eq!(
            shown(&contact),
            [(99, vec![Entity::PersonName, Entity::Phone, Entity::Email])]
        );
        let log = [field("text", None, "from 4165550123 to 6475550148")];
        assert!(shown(&log).is_empty());
    }

    #[test]
    fn names_have_one_spelling_and_words_for_nobody_are_none() {
        let one = name("  DOE,  Jane ").map(|(_, canonical)| canonical);
        assert_eq!(one, Some(Canonical::Text((*b"doe jane").into())));
        assert!(name("Jane").is_none() && name("WIRELESS 2").is_none() && name("").is_none());
    }
}
