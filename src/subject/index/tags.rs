//! Makes the tags of what a scan finds, remembering the last ones: a number stands in several fields
//! of a call, and in the next calls.
//!
//! It must not know what becomes of a tag.

use super::keys::{Keys, Short, Tag};
use crate::entity::Entity;
use crate::finding::Canonical;

/// Tags remembered, a power of two: forty kilobytes.
const SLOTS: usize = 1 << SLOT_BITS;
const SLOT_BITS: u32 = 10;

/// The last tags, each where its value says.
pub(super) struct Tags {
    slots: Vec<Option<(Short, Tag)>>,
}

impl Default for Tags {
    fn default() -> Self {
        Tags {
            slots: vec![None; SLOTS],
        }
    }
}

impl Tags {
    /// The tag of a value, as [`Keys::tag`] makes it.
    #[inline]
    pub(super) fn of(&mut self, keys: &Keys, entity: Entity, canonical: &Canonical) -> Option<Tag> {
        let Some(short) = Short::of(entity, canonical) else {
            return keys.tag(entity, canonical);
        };
        let at = short.spread() >> (u64::BITS - SLOT_BITS);
        let slot = self.slots.get_mut(at as usize)?;
        if let Some((known, tag)) = slot
            && *known == short
        {
            return Some(*tag);
        }
        let tag = keys.short(&short);
        *slot = Some((short, tag));
        Some(tag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::io::Io;
    use crate::redact::state::State;

    #[test]
    fn a_remembered_tag_is_the_one_that_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let state = State::open(&Io::real(), &folder.path().join("state"), None).unwrap();
        let keys = Keys::of(state.key());
        let phones = (0..5_000).map(|i| Canonical::Phone {
            digits: 14_165_550_100 + i % 3_000,
            country_len: 1,
        });
        let texts = (0..200).map(|i| Canonical::Text("x".repeat(i % 60).into_bytes().into()));
        let mut tags = Tags::default();
        for value in phones.chain(texts).chain([Canonical::Term(3)]) {
            for entity in [Entity::Phone, Entity::Email] {
                assert!(tags.of(&keys, entity, &value) == keys.tag(entity, &value));
            }
        }
    }
}
