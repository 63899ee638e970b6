//! Values that something names: a key, a column, a word before them, or their own form.
//!
//! Owns identifiers of devices, subscribers, persons and accounts, names, addresses, places and
//! secrets (`patterns/identifiers/`). Nothing here runs for text that does not announce one: words
//! wake it through the filter of the terms, and columns are visited where their names say so.
//! It must not know formats.

mod address;
mod codes;
mod form;
mod iban;
mod integer;
mod numbers;
mod person;
mod read;
mod secret;
#[cfg(test)]
mod tests;
mod when;
mod whereabouts;

use super::labels::Says;
use super::{Scene, hit::Hit};
use crate::entity::Entity;
use crate::finding::{Confidence, Evidence};
use crate::view::Register;
pub(super) use form::Form;
use read::Value;

pub(super) use codes::{analytics, mac_at};
pub(super) use iban::{after_letter, spaced};
pub(super) use numbers::{card_of_sim, social_security};
pub(super) use person::before_bracket;
pub(super) use secret::in_address;

/// A way in which a word announces a value.
struct Announced {
    /// The first eight letters of the word in upper case, as the sieve hands them over.
    letters: u64,
    /// The word, in lower case.
    word: &'static str,
    /// One of these must stand right before it, where there are any.
    before: &'static [&'static str],
    /// One of these must stand right behind it, where there are any.
    behind: &'static [&'static str],
    entity: Entity,
}

include!(concat!(env!("OUT_DIR"), "/identifiers.rs"));

/// Whether a run of letters, given by its first eight in upper case, wakes anything here, and
/// whether it may begin a term as well.
#[inline]
pub(super) fn wakes(letters: u64) -> Option<bool> {
    let mask = WAKER_SLOTS.len() - 1;
    let mut slot = place(letters) & mask;
    loop {
        let index = usize::from(*WAKER_SLOTS.get(slot)?).checked_sub(1)?;
        let (known, is_term) = WAKERS.get(index)?;
        if *known == letters {
            return Some(*is_term);
        }
        slot = (slot + 1) & mask;
    }
}

/// Whether the value of a column or key that holds `entity` is read here.
fn is_named(entity: Entity) -> bool {
    !entity.is_special()
        && !matches!(
            entity,
            Entity::Phone | Entity::Email | Entity::PaymentCard | Entity::IpAddress
        )
}

/// Whether a name may be that of a column of postal addresses; message stores keep numbers under it.
fn is_address(label: &[u8]) -> bool {
    label.eq_ignore_ascii_case(b"address") || label.eq_ignore_ascii_case(b"addresses")
}

/// Looks what the run of letters at `at`, which [`wakes`], announces.
#[inline(never)]
pub(super) fn word(scene: &Scene<'_>, at: usize, letters: u64, out: &mut Vec<Hit>) {
    let text = scene.text;
    let run = text.get(at..).unwrap_or_default();
    let end = at + run.iter().take_while(|b| b.is_ascii_alphabetic()).count();
    if let Some((key, value)) = read::key(text, at, end)
        && let Some(label) = text.get(key)
    {
        match scene.said.label(label).says {
            Some(Says::Holds(entity)) if is_named(entity) => {
                let found = form::read(entity, text, &value, label);
                out.extend(found.map(|form| hit(entity, form, Evidence::COLUMN)));
                return;
            }
            Some(Says::Holds(_)) if is_address(label) => {
                let found = address::named(text, &value);
                out.extend(found.map(|form| hit(Entity::PostalAddress, form, Evidence::COLUMN)));
                return;
            }
            Some(Says::Holds(_)) => return,
            // A line of a letter may say "address: ..."; a key that is known to be none may not.
            Some(Says::Refuses(_)) | None => {}
        }
    }
    let word = text.get(at..end).unwrap_or_default();
    let first = ANNOUNCED.partition_point(|one| one.letters < letters);
    for one in ANNOUNCED.get(first..).unwrap_or_default() {
        if one.letters != letters {
            break;
        }
        // A token goes on behind what marks it.
        let marks = one.entity == Entity::Credential && one.word.len() == 8;
        let known = word.get(..one.word.len()).filter(|_| marks).unwrap_or(word);
        if !known.eq_ignore_ascii_case(one.word.as_bytes()) {
            continue;
        }
        let found = match one.entity {
            Entity::PostalAddress => address::around(text, at, end),
            Entity::Credential if one.behind.is_empty() && one.before.is_empty() => {
                secret::announced(text, at, end)
            }
            _ => announced(scene, one, at, end),
        };
        if let Some(found) = found {
            out.push(hit(one.entity, found, Evidence::CONTEXT));
            return;
        }
    }
}

/// The value that the word at `at..end` announces in a sentence.
fn announced(scene: &Scene<'_>, one: &Announced, at: usize, end: usize) -> Option<Form> {
    let text = scene.text;
    let stands = |words: &[&str], word: &[u8]| {
        words
            .iter()
            .any(|known| word.eq_ignore_ascii_case(known.as_bytes()))
    };
    if !one.before.is_empty() && !stands(one.before, read::word_before(text, at)) {
        return None;
    }
    let mut end = end;
    if !one.behind.is_empty() {
        let (next, range) = read::word_behind(text, end);
        if !stands(one.behind, next) {
            return None;
        }
        end = range.end;
    }
    let value = read::told(text, end)?;
    match one.entity {
        Entity::PersonName => {
            let talk = scene.view.hints(at).register == Register::Talk;
            person::told(text, value.range, talk)
        }
        entity => form::read(entity, text, &value, b""),
    }
}

/// Reads the values under column names that say that they hold something of this room.
pub(super) fn columns(scene: &Scene<'_>, out: &mut Vec<Hit>) {
    let entity_of = |label: &[u8]| match scene.said.label(label).says {
        Some(Says::Holds(entity)) if is_named(entity) || entity == Entity::IpAddress => {
            Some(entity)
        }
        Some(Says::Holds(_)) if is_address(label) => Some(Entity::PostalAddress),
        _ => integer::is_little(label).then_some(Entity::IpAddress),
    };
    let text = scene.text;
    scene
        .view
        .columns(&|label| entity_of(label).is_some(), &mut |range, label| {
            if let Some(entity) = entity_of(label) {
                let value = Value::exact(range);
                let found = form::read(entity, text, &value, label);
                out.extend(found.map(|form| hit(entity, form, Evidence::COLUMN)));
            }
        });
}

/// A form as a hit, found by `evidence` besides its own.
fn hit(entity: Entity, form: Form, evidence: Evidence) -> Hit {
    Hit {
        entity,
        range: form.range,
        confidence: Confidence(form.confidence),
        evidence: form.evidence.with(evidence),
        canonical: form.canonical,
        extension: None,
    }
}

/// A form that needs no name as a hit.
pub(super) fn by_itself(entity: Entity, form: Form) -> Hit {
    hit(entity, form, Evidence::SYNTAX)
}

/// Where the search for a word begins, before it is cut to the table's size.
const fn place(letters: u64) -> usize {
    (letters.wrapping_mul(SPREAD) >> 40) as usize
}

/// An odd multiplier with well-spread bits: the golden ratio. The build script uses the same.
const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;
