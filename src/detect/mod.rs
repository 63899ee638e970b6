//! Detectors: what in a text is personal data, on what evidence, and how sure that is.
//!
//! Knows text and hints, never formats or files. One pass over bit classes gives candidates
//! ([`sieve`]); each family judges its own; overlaps are settled at the end.

mod card;
mod column;
mod context;
mod digits;
mod email;
pub mod explain;
mod hit;
mod ip;
pub mod keyed;
mod known;
pub mod labels;
mod named;
pub mod phone;
pub mod rules;
mod sieve;
mod spoken;
pub mod terms;
pub mod tones;
mod version;

use std::ops::Range;

pub use explain::redacted;
pub use hit::Hit;
pub use known::known;
#[cfg(test)]
use spoken::wakes;

use crate::entity::{Entity, EntitySet};
use crate::finding::{Canonical, Confidence, Evidence};
use crate::raw::run_hot;
use crate::view::{Register, View};
use labels::Says;
use phone::plan::Region;

/// What a detector may want to know about the surroundings of a candidate.
pub(crate) struct Scene<'a> {
    text: &'a [u8],
    view: &'a View<'a>,
    regions: &'a [Region],
    gate: &'a phone::Gate,
    min_confidence: Confidence,
    /// Whether names of persons are wanted.
    names: bool,
    said: &'a Said,
}

/// What is known about the place of a candidate.
pub(crate) struct Place {
    register: Register,
    /// What the column or key says.
    label: Label,
    /// The value around the candidate, in text offsets.
    value: Option<Range<usize>>,
}

/// What a column or key says of the value below it.
#[derive(Clone, Copy, Default)]
struct Label {
    says: Option<Says>,
    /// What its last word speaks for: bits of [`context::Word`].
    speaks: u8,
}

/// What labels said when they were last asked: records ask the same few again and again.
#[derive(Default)]
struct Said([std::cell::Cell<Heard>; SAID]);

/// Labels remembered; a record seldom has more that candidates stand under.
const SAID: usize = 32;

/// The longest label that is remembered: two words of eight bytes hold it.
const LONGEST_SAID: usize = 16;

#[derive(Clone, Copy, Default)]
struct Heard {
    name: (u64, u64, usize),
    label: Label,
}

impl Said {
    #[inline]
    fn label(&self, label: &[u8]) -> Label {
        let Some(name) = Said::name(label) else {
            return Said::ask(label);
        };
        let slot =
            &self.0[(name.0.wrapping_add(name.1).wrapping_mul(SPREAD) >> 59) as usize % SAID];
        let heard = slot.get();
        // An empty slot is the name without letters, which says nothing.
        if heard.name == name {
            return heard.label;
        }
        let label = Said::ask(label);
        slot.set(Heard { name, label });
        label
    }

    #[inline(never)]
    fn ask(label: &[u8]) -> Label {
        Label {
            says: labels::claim(label),
            speaks: context::spoken_by(label),
        }
    }

    /// The label as two words that overlap, and its length; `None` for a long one.
    #[inline]
    fn name(label: &[u8]) -> Option<(u64, u64, usize)> {
        let len = label.len();
        if len > LONGEST_SAID {
            return None;
        }
        if let (Some(first), Some(last)) = (label.first_chunk(), label.last_chunk()) {
            return Some((u64::from_le_bytes(*first), u64::from_le_bytes(*last), len));
        }
        if let (Some(first), Some(last)) = (label.first_chunk(), label.last_chunk()) {
            let (first, last) = (u32::from_le_bytes(*first), u32::from_le_bytes(*last));
            return Some((first.into(), last.into(), len));
        }
        let all = label
            .iter()
            .fold(0, |all, byte| all << 8 | u64::from(*byte));
        Some((all, 0, len))
    }
}

/// An odd multiplier with well-spread bits: the golden ratio.
const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;

impl Scene<'_> {
    /// Asks the format, then the text itself, what the place is called.
    fn place(&self, range: Range<usize>) -> Place {
        let hints = self.view.hints(range.start);
        let label = hints
            .label
            .or_else(|| context::label_before(self.text, range.start));
        Place {
            register: hints.register,
            label: label.map_or(Label::default(), |label| self.said.label(label)),
            value: hints.value,
        }
    }

    /// Whether most of the first values of the column around `at` are phones.
    #[inline(never)]
    fn phones_around(&self, at: usize) -> bool {
        let sampled = self.view.hints(at).sampled;
        sampled.is_some_and(|sampled| column::kinds(sampled, self.regions) & column::PHONES != 0)
    }
}

impl Place {
    /// Whether the column or key says that it holds `entity`.
    fn holds(&self, entity: Entity) -> bool {
        self.label.says == Some(Says::Holds(entity))
    }

    /// Whether the last word of the column or key speaks for `kind`.
    fn speaks(&self, kind: context::Word) -> bool {
        self.label.speaks & kind as u8 != 0
    }

    /// Where the value starts: words before it belong to other values.
    fn floor(&self) -> usize {
        self.value.as_ref().map_or(0, |value| value.start)
    }

    /// Whether the column or key says that it holds something else.
    fn refuses(&self, entity: Entity) -> bool {
        match self.label.says {
            Some(Says::Refuses(_)) => true,
            Some(Says::Holds(other)) => other != entity,
            None => self.speaks(context::Word::Identifier),
        }
    }
}

/// Memory that scanning reuses from view to view.
#[derive(Default)]
pub struct Scratch {
    strip: sieve::Strip,
    groups: Vec<digits::Group>,
    /// Numbers and addresses of digits, in order.
    numbers: Vec<Hit>,
    /// All other hits, strip by strip.
    others: Vec<Hit>,
    spoken: spoken::Spoken,
}

/// The detectors of a run, with what they were told.
#[derive(Clone)]
pub struct Detectors {
    regions: Vec<Region>,
    gate: phone::Gate,
    entities: EntitySet,
    min_confidence: Confidence,
    /// Those of the user.
    rules: Option<std::sync::Arc<rules::Rules>>,
}

impl Detectors {
    /// Detectors that read national numbers as `regions` do, first wins, and report `entities` of
    /// at least `min_confidence`.
    pub fn new(regions: Vec<Region>, entities: EntitySet, min_confidence: Confidence) -> Self {
        Detectors {
            gate: phone::Gate::of(&regions),
            regions,
            entities,
            min_confidence,
            rules: None,
        }
    }

    /// The same detectors with the rules of the user.
    #[must_use]
    pub fn with_rules(self, rules: Option<std::sync::Arc<rules::Rules>>) -> Self {
        Detectors { rules, ..self }
    }

    /// Adds the hits of `view` that start in what it owns to `out`, sorted and disjoint.
    pub fn scan(&self, view: &View<'_>, scratch: &mut Scratch, out: &mut Vec<Hit>) {
        if let Some(times) = view.times() {
            return self.keyed(view, times, out);
        }
        let mut hits = std::mem::take(&mut scratch.numbers);
        let scene = Scene {
            text: view.text(),
            view,
            regions: &self.regions,
            gate: &self.gate,
            min_confidence: self.min_confidence,
            names: self.entities.contains(Entity::PersonName),
            said: &Said::default(),
        };
        let Scratch {
            strip,
            groups,
            others,
            spoken,
            ..
        } = scratch;
        spoken.start();
        let mut families = Families {
            scene: &scene,
            groups,
            numbers: &mut hits,
            others,
            spoken,
            behind_term: 0,
            behind_address: 0,
        };
        run_hot(&mut sieve::Sieve {
            text: scene.text,
            strip,
            out: &mut families,
        });
        named::columns(&scene, others);
        column::rounded(&scene, others);
        if scene.gate.has_short() {
            phone::short::find(&scene, others);
        }
        if let Some(rules) = &self.rules {
            rules.scan(scene.text, others);
        }
        hits.append(others);
        let owned = view.owned();
        let holes = view.holes();
        let reported = |hit: &Hit| {
            let inside = owned.contains(&hit.range.start);
            let free = holes.is_empty() || {
                let next_hole = holes.partition_point(|hole| hole.end <= hit.range.start);
                holes
                    .get(next_hole)
                    .is_none_or(|hole| hole.start >= hit.range.end)
            };
            inside && free && hit.confidence >= self.min_confidence
        };
        // One look tells whether anything is to be done, and mostly it is little.
        let (mut behind, mut settled, mut all, mut asked) = (0, true, true, true);
        for hit in &hits {
            settled &= hit.range.start >= behind;
            behind = hit.range.end;
            all &= reported(hit);
            asked &= self.entities.contains(hit.entity);
        }
        if !all {
            hits.retain(reported);
        }
        if !settled {
            hit::settle_overlaps(&mut hits);
        }
        // What was not asked for may have settled an overlap.
        if !asked {
            hits.retain(|hit| self.entities.contains(hit.entity));
        }
        if out.is_empty() {
            std::mem::swap(out, &mut hits);
        } else {
            out.append(&mut hits);
        }
        scratch.numbers = hits;
    }

    /// Adds the entries among keys that were pressed at `times`, in milliseconds. What was said
    /// before a key, where that is known, is its label: an entry that answers a question is what
    /// was asked for, and what it is by itself where nobody looks for that.
    fn keyed(&self, view: &View<'_>, times: &[Range<u64>], out: &mut Vec<Hit>) {
        let (mut entries, asked) = self.entries(view, times, true);
        if asked {
            let (alone, _) = self.entries(view, times, false);
            let apart = |one: &keyed::Keyed| {
                let meets = |other: &keyed::Keyed| {
                    other.ms.start < one.ms.end && one.ms.start < other.ms.end
                };
                !entries.iter().any(meets)
            };
            let alone: Vec<_> = alone.into_iter().filter(apart).collect();
            entries.extend(alone);
            entries.sort_by_key(|entry| entry.ms.start);
        }
        out.extend(entries.into_iter().map(|entry| Hit {
            entity: entry.entity,
            range: times.partition_point(|ms| ms.start < entry.ms.start)
                ..times.partition_point(|ms| ms.end <= entry.ms.end),
            confidence: entry.confidence,
            evidence: entry.evidence,
            canonical: entry.canonical,
            extension: None,
        }));
    }

    /// The entries among keys that are looked for, and whether anything was asked before any; what
    /// was asked counts where it is `heeded`.
    fn entries(
        &self,
        view: &View<'_>,
        times: &[Range<u64>],
        heeded: bool,
    ) -> (Vec<keyed::Keyed>, bool) {
        let (mut keypad, mut entries) = (keyed::Keypad::new(&self.regions), Vec::new());
        let mut any = false;
        for (at, (key, ms)) in view.text().iter().zip(times).enumerate() {
            let digit = tones::Digit {
                key: *key,
                samples: ms.clone(),
                ms: ms.clone(),
            };
            // An entry that ends here answers what was asked before it.
            keypad.push(&digit, &mut entries);
            let label = heeded.then(|| view.hints(at).label).flatten();
            if let Some(prompt) = label.and_then(keyed::asked_in) {
                keypad.asked(prompt, ms.start);
                any = true;
            }
        }
        keypad.finish(&mut entries);
        entries.retain(|entry| {
            entry.confidence >= self.min_confidence && self.entities.contains(entry.entity)
        });
        (entries, any)
    }
}

/// The families of detectors, and what they found.
struct Families<'a, 'b> {
    scene: &'a Scene<'b>,
    groups: &'a mut Vec<digits::Group>,
    numbers: &'a mut Vec<Hit>,
    others: &'a mut Vec<Hit>,
    spoken: &'a mut spoken::Spoken,
    /// The end of the last term.
    behind_term: usize,
    /// The end of the last address with colons.
    behind_address: usize,
}

impl Families<'_, '_> {
    #[inline(never)]
    fn key(&mut self, at: usize, letters: u64) {
        match spoken::wakes(letters) {
            0 => match named::wakes(letters) {
                None => self.term(at),
                Some(is_term) => {
                    named::word(self.scene, at, letters, self.others);
                    if is_term {
                        self.term(at);
                    }
                }
            },
            flags => self.spoken.word(self.scene, at, flags, self.others),
        }
    }

    fn term(&mut self, at: usize) {
        if self.behind_term > at {
            return;
        }
        if let Some(found) = terms::at(self.scene.text, at, self.behind_term) {
            self.behind_term = found.end;
            self.others.push(Hit {
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

/// Puts the name that stands before a bracketed number or address before the hit at `at`.
#[inline(always)]
fn name_first(scene: &Scene<'_>, hits: &mut Vec<Hit>, at: usize) {
    let start = hits[at].range.start;
    if start > 0 && scene.text[start - 1] == b'<' && scene.names {
        put_name(scene.text, start - 1, hits, at);
    }
}

#[inline(never)]
fn put_name(text: &[u8], bracket: usize, hits: &mut Vec<Hit>, at: usize) {
    if let Some(form) = named::before_bracket(text, bracket) {
        hits.insert(at, named::by_itself(Entity::PersonName, form));
    }
}

impl sieve::Candidates for Families<'_, '_> {
    #[inline(always)]
    fn number(&mut self, start: usize, digits: u64, reach: u64) {
        let before = self.numbers.len();
        digits::read(self.scene, start, digits, reach, self.groups, self.numbers);
        if self.numbers.len() > before {
            name_first(self.scene, self.numbers, before);
        }
    }

    #[inline(always)]
    fn at_sign(&mut self, at: usize) {
        let text = self.scene.text;
        match email::judge(text, at) {
            Some(hit) => {
                self.others.push(hit);
                name_first(self.scene, self.others, self.others.len() - 1);
            }
            None => self.others.extend(
                named::in_address(text, at).map(|form| named::by_itself(Entity::Credential, form)),
            ),
        }
    }

    #[inline(always)]
    fn colons(&mut self, at: usize) {
        if self.behind_address > at {
            return;
        }
        let text = self.scene.text;
        let hit = ip::judge_v6(text, at).or_else(|| {
            named::mac_at(text, at).map(|form| named::by_itself(Entity::MacAddress, form))
        });
        if let Some(hit) = hit {
            self.behind_address = hit.range.end;
            self.others.push(hit);
        }
    }

    #[inline(always)]
    fn word(&mut self, at: usize, letters: u64) {
        if terms::key(letters) {
            self.key(at, letters);
        }
    }
}
