//! Detectors: what in a text is personal data, on what evidence, and how sure that is.
//!
//! Knows text and hints, never formats or files. One pass over bit classes gives candidates
//! ([`sieve`]); each family judges its own; overlaps are settled at the end.

mod card;
mod context;
mod digits;
mod email;
mod hit;
mod ip;
mod known;
pub mod phone;
mod sieve;
pub mod terms;

use std::ops::Range;

pub use hit::Hit;
pub use known::known;

use crate::entity::{Entity, EntitySet};
use crate::finding::{Canonical, Confidence, Evidence};
use crate::raw::{Classes, classify, with_best_instructions};
use crate::view::{Party, Register, View};
use phone::plan::Region;

/// What a detector may want to know about the surroundings of a candidate.
pub(crate) struct Scene<'a> {
    text: &'a [u8],
    view: &'a View<'a>,
    regions: &'a [Region],
    min_confidence: Confidence,
}

/// What is known about the place of a candidate.
pub(crate) struct Place<'a> {
    register: Register,
    label: Option<&'a [u8]>,
    #[expect(dead_code, reason = "read once parties are reported by detectors")]
    party: Option<Party>,
    /// The value around the candidate, in text offsets.
    value: Option<Range<usize>>,
}

impl<'a> Scene<'a> {
    /// Asks the format, then the text itself, what the place is called.
    fn place(&self, range: Range<usize>) -> Place<'a> {
        let hints = self.view.hints(range.start);
        let label = hints
            .label
            .or_else(|| context::label_before(self.text, range.start));
        Place {
            register: hints.register,
            label,
            party: hints.party,
            value: hints.value,
        }
    }
}

impl Place<'_> {
    /// Whether the column or key says that it holds `entity`.
    fn holds(&self, _entity: Entity) -> bool {
        false
    }

    /// Whether the column or key says that it holds something else.
    fn refuses(&self, _entity: Entity) -> bool {
        self.label
            .is_some_and(|l| context::label_speaks(l, context::Word::Identifier))
    }
}

/// Memory that scanning reuses from view to view.
#[derive(Default)]
pub struct Scratch {
    classes: Classes,
    bridged: Vec<u64>,
    groups: Vec<digits::Group>,
}

/// The detectors of a run, with what they were told.
#[derive(Clone)]
pub struct Detectors {
    regions: Vec<Region>,
    entities: EntitySet,
    min_confidence: Confidence,
}

impl Detectors {
    /// Detectors that read national numbers as `regions` do, first wins, and report `entities` of
    /// at least `min_confidence`.
    pub fn new(regions: Vec<Region>, entities: EntitySet, min_confidence: Confidence) -> Self {
        Detectors {
            regions,
            entities,
            min_confidence,
        }
    }

    /// Adds the hits of `view` that start in what it owns to `out`, sorted and disjoint.
    pub fn scan(&self, view: &View<'_>, scratch: &mut Scratch, out: &mut Vec<Hit>) {
        let mut hits = Vec::new();
        classify(view.text(), &mut scratch.classes);
        let scene = Scene {
            text: view.text(),
            view,
            regions: &self.regions,
            min_confidence: self.min_confidence,
        };
        with_best_instructions(|| sift(&scene, scratch, &mut hits));
        let owned = view.owned();
        let holes = view.holes();
        hits.retain(|hit| {
            let inside = owned.contains(&hit.range.start);
            let next_hole = holes.partition_point(|hole| hole.end <= hit.range.start);
            let free = holes
                .get(next_hole)
                .is_none_or(|hole| hole.start >= hit.range.end);
            inside && free && hit.confidence >= self.min_confidence
        });
        hit::settle_overlaps(&mut hits);
        out.extend(
            hits.into_iter()
                .filter(|hit| self.entities.contains(hit.entity)),
        );
    }
}

#[inline(always)]
fn sift(scene: &Scene<'_>, scratch: &mut Scratch, hits: &mut Vec<Hit>) {
    let Scratch {
        classes,
        bridged,
        groups,
    } = scratch;
    let mut families = Families {
        scene,
        digit: &classes.digit,
        groups,
        hits,
    };
    sieve::sift(classes, bridged, &mut families);
}

struct Families<'a, 'b> {
    scene: &'a Scene<'b>,
    digit: &'a [u64],
    groups: &'a mut Vec<digits::Group>,
    hits: &'a mut Vec<Hit>,
}

impl Families<'_, '_> {
    #[inline(never)]
    fn term(&mut self, at: usize) {
        let before = self.hits.last().filter(|hit| hit.entity.is_special());
        let floor = before.map_or(0, |hit| hit.range.end);
        if floor > at {
            return;
        }
        if let Some(found) = terms::at(self.scene.text, at, floor) {
            self.hits.push(Hit {
                entity: found.entity,
                range: found.start..found.end,
                confidence: Confidence(found.percent),
                evidence: Evidence::TERM,
                canonical: Canonical::Term(found.id),
                extension: None,
            });
        }
    }
}

/// The bytes of a word that ends with the text, padded.
#[inline(never)]
fn last_word(text: &[u8], at: usize) -> u64 {
    let mut bytes = [0u8; 8];
    let rest = text.get(at..).unwrap_or_default();
    for (slot, byte) in bytes.iter_mut().zip(rest) {
        *slot = *byte;
    }
    u64::from_le_bytes(bytes)
}

impl sieve::Candidates for Families<'_, '_> {
    #[inline(always)]
    fn number(&mut self, start: usize, end: usize) {
        digits::read(self.scene, self.digit, start, end, self.groups, self.hits);
    }

    #[inline(always)]
    fn at_sign(&mut self, at: usize) {
        self.hits.extend(email::judge(self.scene.text, at));
    }

    #[inline(always)]
    fn colons(&mut self, at: usize) {
        let done = self
            .hits
            .last()
            .is_some_and(|hit| hit.entity == Entity::IpAddress && hit.range.end > at);
        if !done {
            self.hits.extend(ip::judge_v6(self.scene.text, at));
        }
    }

    #[inline(always)]
    fn word(&mut self, at: usize, len: usize) {
        let text = self.scene.text;
        let word = match text.get(at..).and_then(<[u8]>::first_chunk) {
            Some(bytes) => u64::from_le_bytes(*bytes),
            None => last_word(text, at),
        };
        if terms::key(word, len) {
            self.term(at);
        }
    }
}
