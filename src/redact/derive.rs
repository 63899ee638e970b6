//! From what is found in one window to the splices that take it out.
//!
//! Owns the way from hits to edits: which records they stand in, what the guard says to each, what
//! an operator makes of a value and how its place takes that. Knows neither files nor how bytes
//! are written.

use std::ops::Range;
use std::path::Path;

use super::guard::{EditContext, Guard, Permit};
use super::operator::{
    Operator, Operators, Original, Slot as Place, canonical_bytes, is_masked_number,
    is_replacement, mask_number_like, neighbours,
};
use super::selection::Selected;
use super::state::Key;
use crate::detect::{Detectors, Hit, Scratch};
use crate::edit::{Refusal, Replacement, Splice, mask_char};
use crate::entity::Entity;
use crate::format::{Chunk, Content, Locate, Reader, Reason, Slot, SlotKind, Width};
use crate::source::Window;
use crate::view::{Party, View};

/// What goes where something is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// The values.
    Values,
    /// The records that hold them.
    Records,
    /// The side of a subject where the record is somebody else's as well, else the record.
    Side,
}

/// What every window of a source is taken through.
#[derive(Clone, Copy)]
pub(crate) struct Job<'a> {
    pub detectors: &'a Detectors,
    pub selected: &'a Selected,
    pub operators: &'a Operators,
    pub way: Way,
    /// Who has to be asked; `None` where nothing is held and for streams.
    pub guard: Option<Asked<'a>>,
    /// Whether splices say what they replace, for who compares it before writing.
    pub keep_old: bool,
    /// Values whose operator is `fpe` look like what they replace: a check passes over them.
    pub overlook_fpe: bool,
}

/// Whom to ask about what.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub guard: &'a Guard,
    pub key: &'a Key,
    /// The file, absolute.
    pub path: &'a Path,
}

/// What was done with the values of one entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// The entity.
    pub entity: Entity,
    /// How it was replaced; `None`: it went with its record.
    pub operator: Option<Operator>,
    /// How many values.
    pub values: u64,
}

/// Adds to the count of its kind.
pub(crate) fn add_count(counts: &mut Vec<Count>, new: Count) {
    let same = |count: &&mut Count| (count.entity, count.operator) == (new.entity, new.operator);
    match counts.iter_mut().find(same) {
        Some(count) => count.values += new.values,
        None => counts.push(new),
    }
}

/// What one window comes to.
#[derive(Default)]
pub(crate) struct Derived {
    /// Sorted, disjoint, in offsets of the source (decompressed).
    pub splices: Vec<super::edit::Splice>,
    pub counts: Vec<Count>,
    /// Records removed.
    pub records: u64,
    /// Values left because a hold or duty covers them, by its id.
    pub held: Vec<(String, u64)>,
    /// Values that their place refused to change, and why the first one did.
    pub refused: u64,
    pub refusal: Option<Refusal>,
    /// What the guard gave.
    pub permit: Option<Permit>,
    /// Source bytes of the window, and those that were read.
    pub bytes: u64,
    pub bytes_read: u64,
    pub unread: Option<Reason>,
}

/// Memory reused from window to window.
#[derive(Default)]
pub(crate) struct Memory {
    scratch: Scratch,
    hits: Vec<Hit>,
}

/// Which record a place is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Record {
    /// The one of this number in its chunk.
    Number(u64),
    /// The one that starts at this chunk offset, where records have no numbers.
    Start(u64),
    /// None that is known, or nobody asked.
    Unknown,
}

/// A hit with its place.
struct Found {
    view: usize,
    hit: Hit,
    /// Chunk offset.
    at: usize,
    selected: bool,
    record: Record,
    party: Option<Party>,
}

/// Takes one window through.
pub(crate) fn derive(
    window: &Window,
    reader: &dyn Reader,
    job: &Job<'_>,
    memory: &mut Memory,
) -> Derived {
    let chunk = Chunk {
        text: &window.text,
        start: window.start,
        end: window.text.len(),
        offset: window.offset,
    };
    let index = reader.index(chunk);
    let content = reader.read(chunk, &*index);
    let mut derived = Derived {
        bytes: window.bytes,
        bytes_read: window.bytes,
        ..Derived::default()
    };
    if let Some((_, reason)) = content.ledger.gaps().first() {
        derived.bytes_read = window.bytes.min(content.ledger.bytes_read());
        derived.unread = Some(*reason);
    }
    let found = find(&content, &*index, job, memory);
    if !found.iter().any(|found| found.selected) {
        return derived;
    }
    let mut making = Making {
        content: &content,
        index: &*index,
        reader,
        chunk,
        job,
        splices: Vec::new(),
        derived,
    };
    let needs_records = job.guard.is_some() || job.way != Way::Values;
    if needs_records {
        for record in found.chunk_by(|a, b| a.record == b.record) {
            making.record(record);
        }
    } else {
        for found in found.iter().filter(|found| found.selected) {
            making.replace(found);
        }
    }
    making.finish(window)
}

/// Every hit of the window by its place, with what selection says to it.
fn find(
    content: &Content<'_>,
    index: &dyn Locate,
    job: &Job<'_>,
    memory: &mut Memory,
) -> Vec<Found> {
    let mut found = Vec::new();
    for (number, view) in content.views.iter().enumerate() {
        memory.hits.clear();
        job.detectors
            .scan(view, &mut memory.scratch, &mut memory.hits);
        for hit in memory.hits.drain(..) {
            let text = view.text().get(hit.range.clone()).unwrap_or_default();
            if is_replacement(text) {
                continue;
            }
            let fpe = job.overlook_fpe && job.operators.operator_of(hit.entity) == Operator::Fpe;
            found.push(Found {
                view: number,
                at: view.chunk_offset(hit.range.start),
                selected: !fpe && job.selected.takes(&hit),
                hit,
                record: Record::Unknown,
                party: None,
            });
        }
    }
    if content.views.len() > 1 && !found.is_sorted_by_key(|found| found.at) {
        found.sort_by_key(|found| found.at);
    }
    let places = job.guard.is_some() || job.way != Way::Values;
    if places || job.selected.asks_fields() {
        for found in &mut found {
            if !places && !found.selected {
                continue;
            }
            let location = index.locate(found.at);
            if places {
                found.record = match location.record {
                    Some(number) => Record::Number(number),
                    None => start_of_record(index, found.at),
                };
            }
            found.party = location.party;
            found.selected &= !job.selected.asks_fields() || job.selected.takes_field(&location);
        }
    }
    found
}

/// Where the record around `at` starts, by what would go with it.
fn start_of_record(index: &dyn Locate, at: usize) -> Record {
    let first = index.drop_record(at).ok().and_then(|mut splices| {
        splices.sort_by_key(|splice| splice.range.start);
        splices.first().map(|splice| splice.range.start)
    });
    first.map_or(Record::Unknown, Record::Start)
}

/// The edits of a window in the making; splices are in chunk offsets until it is finished.
struct Making<'a, 's> {
    content: &'a Content<'s>,
    index: &'a dyn Locate,
    reader: &'a dyn Reader,
    chunk: Chunk<'a>,
    job: &'a Job<'a>,
    splices: Vec<Splice>,
    derived: Derived,
}

impl Making<'_, '_> {
    /// Everything that was found in one record, at least one of it selected or not.
    fn record(&mut self, record: &[Found]) {
        let selected = || record.iter().filter(|found| found.selected);
        let Some(first) = selected().next() else {
            return;
        };
        if !self.permitted(record) {
            return;
        }
        match self.job.way {
            Way::Values => selected().for_each(|found| self.replace(found)),
            Way::Side if is_shared(record) => {
                let side = |found: &&Found| {
                    found.selected
                        || found.party.is_some() && selected().any(|one| one.party == found.party)
                };
                record
                    .iter()
                    .filter(side)
                    .for_each(|found| self.replace(found));
            }
            Way::Side | Way::Records => self.drop_record(first.at, record),
        }
    }

    /// Asks the guard about the record, and notes what it keeps.
    fn permitted(&mut self, record: &[Found]) -> bool {
        let Some(asked) = self.job.guard else {
            return true;
        };
        let tag = |found: &Found| {
            let text = self.text_of(found);
            subject_tag(asked.key, found.hit.entity, &found.hit.canonical, text)
        };
        let context = EditContext {
            path: asked.path.to_path_buf(),
            subject_tags: Some(record.iter().map(tag).collect()),
            client: None,
            time: None,
        };
        match asked.guard.permits(&context) {
            Ok(permit) => {
                self.derived.permit = match self.derived.permit.take() {
                    None => Some(permit),
                    // Both are for the path asked about, so they can be joined.
                    Some(before) => before.merge(permit).ok(),
                };
                true
            }
            Err(held) => {
                let values = record.iter().filter(|found| found.selected).count() as u64;
                add_held(&mut self.derived.held, held.id, values);
                false
            }
        }
    }

    fn text_of(&self, found: &Found) -> &[u8] {
        self.content
            .views
            .get(found.view)
            .and_then(|view| view.text().get(found.hit.range.clone()))
            .unwrap_or_default()
    }

    fn drop_record(&mut self, at: usize, record: &[Found]) {
        let selected = record.iter().filter(|found| found.selected);
        match self.index.drop_record(at) {
            Ok(splices) => {
                self.splices.extend(splices);
                self.derived.records += 1;
                for found in selected {
                    self.count(found.hit.entity, None);
                }
            }
            Err(refusal) => self.refuse(refusal, selected.count() as u64),
        }
    }

    fn count(&mut self, entity: Entity, operator: Option<Operator>) {
        let values = 1;
        add_count(
            &mut self.derived.counts,
            Count {
                entity,
                operator,
                values,
            },
        );
    }

    fn refuse(&mut self, refusal: Refusal, values: u64) {
        self.derived.refused += values;
        self.derived.refusal.get_or_insert(refusal);
    }

    /// Puts a replacement in the place of one value and of everything that repeats it.
    fn replace(&mut self, found: &Found) {
        let Some(view) = self.content.views.get(found.view) else {
            return;
        };
        let range = found.hit.range.clone();
        let offsets = |part: Range<u64>| part.start as usize..part.end as usize;
        let plain = view.plain_part(range.clone()).map(offsets);
        let parts: Vec<Range<usize>>;
        let places = if let Some(plain) = &plain {
            std::slice::from_ref(plain)
        } else {
            parts = view.parts(range.clone()).into_iter().map(offsets).collect();
            &parts
        };
        let Some((first, last)) = places.first().zip(places.last()) else {
            self.refuse(Refusal::NoPlace, 1);
            return;
        };
        let slot = self.index.slot(first.start..last.end);
        match self.put(view, range, &found.hit, slot) {
            Ok(None) => return,
            Ok(Some(operator)) => self.count(found.hit.entity, Some(operator)),
            Err(refusal) => return self.refuse(refusal, 1),
        }
        for echo in self.reader.echoes(self.chunk, places) {
            self.echo(&echo, &found.hit);
        }
    }

    /// The first place of an echo takes the replacement, the others are emptied.
    fn echo(&mut self, places: &[Range<usize>], hit: &Hit) {
        for place in places {
            let seen = self
                .content
                .views
                .iter()
                .find_map(|view| Some((view, view.text_at(place)?)));
            let slot = self.index.slot(place.clone());
            let put = match seen {
                Some((view, range)) => self.put(view, range, hit, slot).map(|_| ()),
                None => Err(Refusal::NoPlace),
            };
            if let Err(refusal) = put {
                self.refuse(refusal, 1);
            }
        }
    }

    /// Renders what the operator makes of a value at `range` of `view`; `None` when the place
    /// already holds it.
    fn put(
        &mut self,
        view: &View<'_>,
        range: Range<usize>,
        hit: &Hit,
        slot: Slot,
    ) -> Result<Option<Operator>, Refusal> {
        let text = view.text().get(range.clone()).ok_or(Refusal::NoPlace)?;
        let place = match slot.kind {
            SlotKind::Text => Place::Text,
            SlotKind::Number => Place::Number,
            SlotKind::Samples => Place::Sound,
        };
        if place == Place::Number && is_masked_number(text) {
            return Ok(None);
        }
        // The common case: plain bytes, masked. It is what rendering would come to.
        if place == Place::Text
            && self.job.operators.operator_of(hit.entity) == Operator::Mask
            && text.is_ascii()
            && let Some(place) = view.plain_part(range.clone())
        {
            self.splices.push(Splice {
                bytes: vec![mask_char(1) as u8; text.len()],
                range: place,
            });
            return Ok(Some(Operator::Mask));
        }
        let original = Original::new(hit.entity, text, &hit.canonical)
            .in_slot(place)
            .between(neighbours(view.text(), range.start, range.end));
        let mut applied = self.job.operators.replace(&original);
        let mask = || match place {
            Place::Text => Replacement::Mask,
            Place::Number => Replacement::Number(mask_number_like(text)),
            Place::Sound => Replacement::Silence,
        };
        let too_wide = slot.width == Width::Same
            && match &applied.replacement {
                Replacement::Text(new) | Replacement::Number(new) => new.len() != text.len(),
                Replacement::Nothing => true,
                Replacement::Mask | Replacement::Silence => false,
            };
        if too_wide {
            (applied.operator, applied.replacement) = (Operator::Mask, mask());
        }
        let rendered = match view.render(range.clone(), &applied.replacement) {
            // A label or pseudonym that the encoding cannot spell becomes a mask, which it can.
            Err(Refusal::NotEncodable | Refusal::FixedWidth)
                if applied.operator != Operator::Mask =>
            {
                applied.operator = Operator::Mask;
                view.render(range, &mask())?
            }
            rendered => rendered?,
        };
        self.splices.extend(rendered);
        Ok(Some(applied.operator))
    }

    /// Settles what depends on the edits, and brings all of them to the source.
    fn finish(mut self, window: &Window) -> Derived {
        disjoint(&mut self.splices);
        let settled = self.reader.settle(self.chunk, &self.splices);
        if !settled.is_empty() {
            self.splices.extend(settled);
            disjoint(&mut self.splices);
        }
        let mut derived = self.derived;
        let keep_old = self.job.keep_old;
        let old = |range: &Range<u64>| {
            if !keep_old {
                return None;
            }
            let text = window.text.get(range.start as usize..range.end as usize);
            text.map(<[u8]>::to_vec)
        };
        match &window.map {
            None => derived
                .splices
                .extend(self.splices.into_iter().map(|splice| super::edit::Splice {
                    old: old(&splice.range),
                    range: splice.range.start + window.offset..splice.range.end + window.offset,
                    new: splice.bytes,
                })),
            Some(map) => {
                match map.translate(self.splices) {
                    Ok(splices) => derived.splices.extend(splices.into_iter().map(|splice| {
                        super::edit::Splice {
                            range: splice.range,
                            old: None,
                            new: splice.bytes,
                        }
                    })),
                    Err(refusal) => {
                        derived.refused += derived
                            .counts
                            .drain(..)
                            .map(|count| count.values)
                            .sum::<u64>();
                        derived.records = 0;
                        derived.refusal.get_or_insert(refusal);
                    }
                }
            }
        }
        derived
    }
}

/// The keyed tag of an identifier, as holds keep it.
pub(crate) fn subject_tag(
    key: &Key,
    entity: Entity,
    canonical: &crate::finding::Canonical,
    text: &[u8],
) -> [u8; 16] {
    let canonical = canonical_bytes(canonical, text);
    key.tag(entity.name(), &String::from_utf8_lossy(&canonical))
}

/// Adds to the values that one hold keeps.
pub(crate) fn add_held(held: &mut Vec<(String, u64)>, id: String, values: u64) {
    match held.iter_mut().find(|(known, _)| *known == id) {
        Some((_, kept)) => *kept += values,
        None => held.push((id, values)),
    }
}

/// Whether a record is somebody else's as well: an identifier of a person stands in it that is
/// neither the subject's nor the company's own, nor on the subject's side.
fn is_shared(record: &[Found]) -> bool {
    let mine = |party: Option<Party>| {
        party.is_some() && record.iter().any(|one| one.selected && one.party == party)
    };
    record.iter().any(|found| {
        !found.selected
            && !found.hit.entity.is_special()
            && found.hit.entity != Entity::IpAddress
            && found.party != Some(Party::Own)
            && !mine(found.party)
    })
}

/// Sorts splices and joins those that meet in one another: two removals become one, and what is
/// removed as a whole needs no other edit within.
fn disjoint(splices: &mut Vec<Splice>) {
    splices.sort_by_key(|splice| (splice.range.start, std::cmp::Reverse(splice.range.end)));
    splices.dedup_by(|next, last| {
        if next.range.start >= last.range.end || next.range.is_empty() || last.range.is_empty() {
            return next == last;
        }
        let within = next.range.end <= last.range.end;
        if within {
            return true;
        }
        if next.bytes.is_empty() && last.bytes.is_empty() {
            last.range.end = last.range.end.max(next.range.end);
            return true;
        }
        false
    });
}
