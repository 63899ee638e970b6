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
pub mod labels;
pub mod phone;
mod sieve;
pub mod terms;

use std::ops::Range;

pub use hit::Hit;
pub use known::known;

use crate::entity::{Entity, EntitySet};
use crate::finding::{Canonical, Confidence, Evidence};
use crate::raw::{Classes, classify, with_best_instructions};
use crate::view::{Register, View};
use labels::Says;
use phone::plan::Region;

/// What a detector may want to know about the surroundings of a candidate.
pub(crate) struct Scene<'a> {
    text: &'a [u8],
    view: &'a View<'a>,
    regions: &'a [Region],
    min_confidence: Confidence,
    said: &'a Said,
}

/// What is known about the place of a candidate.
pub(crate) struct Place<'a> {
    register: Register,
    /// The column or key.
    label: Option<&'a [u8]>,
    says: Option<Says>,
    /// The value around the candidate, in text offsets.
    value: Option<Range<usize>>,
}

/// What labels said when they were last asked: a table asks the same few again and again.
#[derive(Default)]
struct Said([std::cell::Cell<(usize, usize, Option<Says>)>; SAID]);

/// Labels remembered; a record seldom has more that candidates stand under.
const SAID: usize = 32;

impl Said {
    /// What `label`, which outlives the scan of its view, says.
    fn claim(&self, label: &[u8]) -> Option<Says> {
        let key = (label.as_ptr() as usize, label.len());
        let slot = &self.0[(key.0 ^ key.0 >> 5) % SAID];
        let (at, len, says) = slot.get();
        if (at, len) == key {
            return says;
        }
        let says = labels::claim(label);
        slot.set((key.0, key.1, says));
        says
    }
}

impl<'a> Scene<'a> {
    /// Asks the format, then the text itself, what the place is called.
    fn place(&self, range: Range<usize>) -> Place<'a> {
        let hints = self.view.hints(range.start);
        let (label, says) = match hints.label {
            Some(label) => (Some(label), self.said.claim(label)),
            None => {
                let label = context::label_before(self.text, range.start);
                (label, label.and_then(labels::claim))
            }
        };
        Place {
            register: hints.register,
            label,
            says,
            value: hints.value,
        }
    }
}

impl Place<'_> {
    /// Whether the column or key says that it holds `entity`.
    fn holds(&self, entity: Entity) -> bool {
        self.says == Some(Says::Holds(entity))
    }

    /// Where the value starts: words before it belong to other values.
    fn floor(&self) -> usize {
        self.value.as_ref().map_or(0, |value| value.start)
    }

    /// Whether the column or key says that it holds something else.
    fn refuses(&self, entity: Entity) -> bool {
        match self.says {
            Some(Says::Refuses(_)) => true,
            Some(Says::Holds(other)) => other != entity,
            None => self
                .label
                .is_some_and(|l| context::label_speaks(l, context::Word::Identifier)),
        }
    }
}

/// Memory that scanning reuses from view to view.
#[derive(Default)]
pub struct Scratch {
    classes: Classes,
    bridged: Vec<u64>,
    groups: Vec<digits::Group>,
    hits: Vec<Hit>,
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
        classify(view.text(), &mut scratch.classes);
        let mut hits = std::mem::take(&mut scratch.hits);
        // Labels are remembered for one view only: the next one's may stand at the same address.
        let scene = Scene {
            text: view.text(),
            view,
            regions: &self.regions,
            min_confidence: self.min_confidence,
            said: &Said::default(),
        };
        with_best_instructions(|| sift(&scene, scratch, &mut hits));
        let owned = view.owned();
        let holes = view.holes();
        let reported = |hit: &Hit| {
            let inside = owned.contains(&hit.range.start);
            let next_hole = holes.partition_point(|hole| hole.end <= hit.range.start);
            let free = holes
                .get(next_hole)
                .is_none_or(|hole| hole.start >= hit.range.end);
            inside && free && hit.confidence >= self.min_confidence
        };
        if hits.iter().any(|hit| !reported(hit)) {
            hits.retain(reported);
        }
        hit::settle_overlaps(&mut hits);
        out.extend(
            hits.drain(..)
                .filter(|hit| self.entities.contains(hit.entity)),
        );
        scratch.hits = hits;
    }
}

#[inline(always)]
fn sift(scene: &Scene<'_>, scratch: &mut Scratch, hits: &mut Vec<Hit>) {
    let Scratch {
        classes,
        bridged,
        groups,
        ..
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
        let passed = self
            .hits
            .last()
            .is_some_and(|hit| hit.entity.is_special() && hit.range.end > at);
        if passed {
            return;
        }
        if let Some(found) = terms::at(self.scene.text, at) {
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
