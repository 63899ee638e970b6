//! What of all that is found is to go: by entity, confidence, field and subject.
//!
//! Owns the choice. Knows neither files nor operators.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};

use super::operator::canonical_bytes;
use super::state::Tagger;
use crate::detect::Hit;
use crate::entity::EntitySet;
use crate::finding::Confidence;
use crate::format::Location;
use crate::lists::Lists;
use crate::subject::Subjects;

/// What is to go.
pub struct Selected {
    entities: EntitySet,
    min_confidence: Confidence,
    /// Names of fields, and whether something was found in one so called.
    fields: Vec<(String, AtomicBool)>,
    subjects: Option<Subjects>,
    lists: Lists,
    tagged: Option<(HashSet<[u8; 16]>, Tagger)>,
}

impl Selected {
    /// Findings of `entities` with at least `min_confidence`, in any of `fields` where some are
    /// named, of `subjects` where there are some, without what `lists` allow.
    pub fn new(
        entities: EntitySet,
        min_confidence: Confidence,
        fields: Vec<String>,
        subjects: Option<Subjects>,
        lists: Lists,
    ) -> Self {
        Self {
            entities,
            min_confidence,
            fields: fields
                .into_iter()
                .map(|name| (name, AtomicBool::new(false)))
                .collect(),
            subjects,
            lists,
            tagged: None,
        }
    }

    /// The same of it that has one of these tags.
    #[must_use]
    pub fn only_tagged(self, tags: HashSet<[u8; 16]>, tagger: Tagger) -> Self {
        Self {
            tagged: Some((tags, tagger)),
            ..self
        }
    }

    /// The names of fields in which nothing was found: they may be no fields at all.
    pub(super) fn fields_not_met(&self) -> Vec<String> {
        let unmet = |(name, met): &(String, AtomicBool)| {
            (!met.load(Ordering::Relaxed)).then(|| name.clone())
        };
        self.fields.iter().filter_map(unmet).collect()
    }

    /// What is the company's own, and what is no finding.
    pub(super) const fn lists(&self) -> &Lists {
        &self.lists
    }

    /// Whether subjects were named.
    pub const fn has_subjects(&self) -> bool {
        self.subjects.is_some()
    }

    /// Whether a hit is to go, as far as it says itself.
    pub(super) fn takes(&self, hit: &Hit) -> bool {
        hit.confidence >= self.min_confidence
            && self.entities.contains(hit.entity)
            && self
                .subjects
                .as_ref()
                .is_none_or(|subjects| subjects.contains(hit.entity, &hit.canonical))
            && self.tagged.as_ref().is_none_or(|(tags, tagger)| {
                // A listed term names no person, so none is on the list.
                let value = canonical_bytes(&hit.canonical, &[]);
                tags.contains(&tagger.tag(hit.entity.name(), &value))
            })
    }

    /// Whether it counts when a record is from, so that [`Selected::takes_at`] has to be asked.
    pub(super) fn asks_times(&self) -> bool {
        self.subjects.as_ref().is_some_and(Subjects::have_times)
    }

    /// Whether a hit that is taken is somebody's who is named in a record of this time; `None` where
    /// that cannot be told without one.
    pub(super) fn takes_at(&self, hit: &Hit, time: Option<i64>) -> Option<bool> {
        let Some(all) = &self.subjects else {
            return Some(true);
        };
        if time.is_none() && !all.contains_for_good(hit.entity, &hit.canonical) {
            return None;
        }
        Some(all.contains_at(hit.entity, &hit.canonical, time))
    }

    /// Whether fields were named, so that [`Selected::takes_field`] has to be asked.
    pub(super) const fn asks_fields(&self) -> bool {
        !self.fields.is_empty()
    }

    /// Whether a place is in one of the fields: the whole name or key path, or its last part,
    /// whatever the case.
    pub(super) fn takes_field(&self, location: &Location) -> bool {
        location.field.as_deref().is_some_and(|field| {
            let last = field.rsplit(['.', '/']).next().unwrap_or(field);
            let called =
                |name: &str| name.eq_ignore_ascii_case(field) || name.eq_ignore_ascii_case(last);
            let found = self.fields.iter().find(|(name, _)| called(name));
            found.is_some_and(|(_, met)| {
                met.store(true, Ordering::Relaxed);
                true
            })
        })
    }
}
