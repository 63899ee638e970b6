//! The edits of one chunk: records, the guard, operators, slots, echoes and settled edits.
//!
//! Owns the way from the views of a chunk to splices in its offsets. Knows nothing of sources.

use std::ops::Range;

use super::aged;
use super::{Change, Count, Derived, Job, Memory, Said, Way, add_count, add_held, subject_tag};
use crate::detect::Hit;
use crate::edit::{Bytes, Refusal, Replacement, Splice, mask_char};
use crate::entity::Entity;
use crate::format::{Chunk, Content, Locate, Reader, Slot, SlotKind, Width};
use crate::redact::guard::EditContext;
use crate::redact::operator::{
    Operator, Original, Slot as Place, is_masked_number, is_replacement, mask_number_like,
    neighbours,
};
use crate::time::Clock;
use crate::view::{Party, View};

/// Which record a place is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Record {
    /// The one of this number in its chunk.
    Number(u64),
    /// The one that starts at this chunk offset, where records have no numbers.
    Start(u64),
    /// None that is known, or nobody asked.
    Unknown,
}

/// A hit with its place.
pub(super) struct Found {
    pub(super) view: usize,
    pub(super) hit: Hit,
    /// Chunk offset.
    pub(super) at: usize,
    pub(super) selected: bool,
    pub(super) record: Record,
    pub(super) party: Option<Party>,
    /// The user says that it is none.
    pub(super) allowed: bool,
}

/// The splices that `job` makes of what is found in `chunk`, in its offsets, sorted and disjoint.
pub(super) fn edit_chunk(
    chunk: Chunk<'_>,
    reader: &dyn Reader,
    job: &Job<'_>,
    memory: &mut Memory,
    derived: &mut Derived,
) -> Vec<Splice> {
    if let Some(aged) = &job.aged {
        return aged::edit_chunk(chunk, reader, (job, aged), memory, derived);
    }
    let index = reader.index(chunk);
    let content = reader.read(chunk, &*index);
    if let Some((_, reason)) = content.ledger.gaps().first() {
        derived.bytes_read = derived.bytes_read.min(content.ledger.bytes_read());
        derived.unread = Some(*reason);
    }
    let found = find(&content, &*index, job, memory, derived);
    // What goes in other windows may have to be settled in this one.
    let selected = found.iter().any(|found| found.selected);
    let others = job.way == Way::Others;
    if !selected && !others && reader.settle(chunk, &[]).is_empty() {
        return Vec::new();
    }
    derived.doubtful |= job.way != Way::Values && !index.tells_records();
    let mut making = Making {
        content: &content,
        index: &*index,
        reader,
        chunk,
        job: *job,
        splices: Vec::new(),
        derived,
    };
    if others {
        super::others::edit(&mut making, &found);
    } else if job.guard.is_some() || job.way != Way::Values {
        for record in found.chunk_by(|a, b| a.record == b.record) {
            making.record(record, &found);
        }
    } else {
        for found in found.iter().filter(|found| found.selected) {
            making.replace(found);
        }
    }
    making.settled()
}

/// Every hit of the window by its place, with what selection says to it.
pub(super) fn find(
    content: &Content<'_>,
    index: &dyn Locate,
    job: &Job<'_>,
    memory: &mut Memory,
    derived: &mut Derived,
) -> Vec<Found> {
    let mut found = Vec::new();
    let lists = job.selected.lists();
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
            let at = view.chunk_offset(hit.range.start);
            let selected = !fpe && job.selected.takes(&hit);
            let allowed =
                !lists.allow_nothing() && lists.allow(&hit, text, || index.locate(at).field);
            derived.allowed += u64::from(selected && allowed);
            found.push(Found {
                view: number,
                at,
                selected: selected && !allowed,
                hit,
                record: Record::Unknown,
                party: None,
                allowed,
            });
        }
    }
    if content.views.len() > 1 && !found.is_sorted_by_key(|found| found.at) {
        found.sort_by_key(|found| found.at);
    }
    if job.selected.asks_times() {
        let clock = Clock::now();
        for found in found.iter_mut().filter(|found| found.selected) {
            let stamp = index.stamp(found.at);
            let time = stamp.and_then(|stamp| clock.at(&stamp).ok());
            found.selected = job.selected.takes_at(&found.hit, time).unwrap_or_else(|| {
                // A package is looked through before it is sent; what is erased is gone. A check
                // meets again what was told before.
                let shown = job.way == Way::Others;
                if !shown && !job.overlook_fpe {
                    derived.refuse(Refusal::Undated, 1);
                }
                shown
            });
        }
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
            if lists.owns(found.hit.entity, &found.hit.canonical) {
                found.party = Some(Party::Own);
            }
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
pub(super) struct Making<'a, 's> {
    pub(super) content: &'a Content<'s>,
    pub(super) index: &'a dyn Locate,
    pub(super) reader: &'a dyn Reader,
    pub(super) chunk: Chunk<'a>,
    pub(super) job: Job<'a>,
    pub(super) splices: Vec<Splice>,
    pub(super) derived: &'a mut Derived,
}

impl Making<'_, '_> {
    /// Everything that was found in one record, at least one of it selected or not.
    fn record(&mut self, record: &[Found], all: &[Found]) {
        let selected = || record.iter().filter(|found| found.selected);
        let Some(first) = selected().next() else {
            return;
        };
        let values = selected().count() as u64;
        if self.is_torn(first.at) {
            return self.derived.refuse(Refusal::Torn, values);
        }
        if !self.permitted(record.iter(), values) {
            return;
        }
        let way = if self.index.only_values(first.at) {
            Way::Values
        } else {
            self.job.way
        };
        match way {
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
            Way::Side | Way::Records | Way::Others => self.drop_record(first.at, record, all),
        }
    }

    /// Whether the record around `at` goes on beyond the window: who else is in it is not known,
    /// and taking a part of it out would leave a part of it.
    pub(super) fn is_torn(&self, at: usize) -> bool {
        let torn = self.chunk.torn;
        if !torn.before && !torn.behind {
            return false;
        }
        let (start, end) = (self.chunk.start as u64, self.chunk.end as u64);
        self.index.drop_record(at).map_or(true, |splices| {
            splices.iter().any(|splice| {
                torn.before && splice.range.start <= start || torn.behind && splice.range.end >= end
            })
        })
    }

    /// Asks the guard about everything that is `touched`, and notes the `values` it keeps.
    fn permitted<'f>(&mut self, touched: impl Iterator<Item = &'f Found>, values: u64) -> bool {
        let Some(asked) = self.job.guard else {
            return true;
        };
        let tag = |found: &Found| {
            let text = self.text_of(found);
            subject_tag(asked.key, found.hit.entity, &found.hit.canonical, text)
        };
        let context = EditContext {
            path: asked.path.to_path_buf(),
            subject_tags: Some(touched.map(tag).collect()),
            ..EditContext::default()
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
                add_held(&mut self.derived.held, held.id, values);
                false
            }
        }
    }

    pub(super) fn text_of(&self, found: &Found) -> &[u8] {
        self.content
            .views
            .get(found.view)
            .and_then(|view| view.text().get(found.hit.range.clone()))
            .unwrap_or_default()
    }

    fn drop_record(&mut self, at: usize, record: &[Found], all: &[Found]) {
        let selected = record.iter().filter(|found| found.selected);
        match self.index.drop_record(at) {
            Ok(splices) => {
                // A format may take more than the record, such as the cues a number goes on in.
                let taken = |found: &&Found| {
                    let at = found.at as u64;
                    splices.iter().any(|splice| splice.range.contains(&at))
                };
                let values = record.iter().filter(|found| found.selected).count() as u64;
                if !self.permitted(all.iter().filter(taken), values) {
                    return;
                }
                self.splices.extend(splices);
                self.derived.records += 1;
                for found in selected {
                    self.gone(found);
                }
            }
            Err(refusal) => self.derived.refuse(refusal, selected.count() as u64),
        }
    }

    fn note_removed(&mut self, found: &Found) {
        if self.job.prove {
            let text = self.text_of(found).into();
            self.derived.removed.push(text);
        }
    }

    /// Keeps where a value stood, at `places` where they are known already.
    fn note_said(&mut self, found: &Found, places: Option<&[Range<usize>]>) {
        if !self.job.said {
            return;
        }
        let parts = match (places, self.content.views.get(found.view)) {
            (Some(places), _) => places
                .iter()
                .map(|place| place.start as u64..place.end as u64)
                .collect(),
            (None, Some(view)) => view.parts(found.hit.range.clone()),
            (None, None) => Vec::new(),
        };
        self.derived.said.push(Said {
            entity: found.hit.entity,
            canonical: found.hit.canonical.clone(),
            places: parts,
        });
    }

    fn tell(&mut self, found: &Found, new: Option<String>) {
        if self.job.tell {
            self.derived.changes.push(Change {
                line: found.at as u64,
                entity: found.hit.entity,
                canonical: found.hit.canonical.clone(),
                new,
            });
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

    /// Notes a value that goes with its record.
    pub(super) fn gone(&mut self, found: &Found) {
        self.count(found.hit.entity, None);
        self.note_removed(found);
        self.note_said(found, None);
        self.tell(found, None);
    }

    /// Puts a replacement in the place of one value and of everything that repeats it.
    pub(super) fn replace(&mut self, found: &Found) {
        let Some(view) = self.content.views.get(found.view) else {
            return;
        };
        let range = found.hit.range.clone();
        let offsets = |part: Range<u64>| part.start as usize..part.end as usize;
        let plain = view
            .base()
            .map(|base| base as usize + range.start..base as usize + range.end);
        let parts: Vec<Range<usize>>;
        let places = if let Some(plain) = &plain {
            std::slice::from_ref(plain)
        } else {
            parts = view.parts(range.clone()).into_iter().map(offsets).collect();
            &parts
        };
        let Some((first, last)) = places.first().zip(places.last()) else {
            self.derived.refuse(Refusal::NoPlace, 1);
            return;
        };
        if let Some(refusal) = self.index.refusal(first.start) {
            return self.derived.refuse(refusal, 1);
        }
        let slot = self.slot(first.start..last.end);
        let before = self.splices.len();
        match self.put(view, range, &found.hit, slot) {
            Ok(None) => return,
            Ok(Some(operator)) => {
                self.count(found.hit.entity, Some(operator));
                self.note_removed(found);
                self.note_said(found, Some(places));
                if self.job.tell {
                    let new = self.splices.get(before..).unwrap_or_default();
                    let new = new.iter().map(|splice| &splice.bytes[..]);
                    let new = new.collect::<Vec<_>>().concat();
                    self.tell(found, Some(String::from_utf8_lossy(&new).into_owned()));
                }
            }
            Err(refusal) => return self.derived.refuse(refusal, 1),
        }
        for echo in self.reader.echoes(self.chunk, places) {
            self.echo(&echo, &found.hit);
        }
    }

    /// What may stand at `place`, where the length of the file is told elsewhere no wider and no
    /// narrower than what does.
    fn slot(&self, place: Range<usize>) -> Slot {
        let slot = self.index.slot(place);
        Slot {
            width: if self.job.keep_length {
                Width::Same
            } else {
                slot.width
            },
            ..slot
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
            let slot = self.slot(place.clone());
            let put = match seen {
                Some((view, range)) => self.put(view, range, hit, slot).map(|_| ()),
                None => Err(Refusal::NoPlace),
            };
            if let Err(refusal) = put {
                self.derived.refuse(refusal, 1);
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
        if let Some(new) = self.job.correct {
            let new = super::correct::in_shape(text, new);
            let replacement = match place {
                _ if new.as_bytes() == text => return Ok(None),
                _ if slot.width == Width::Same && new.len() != text.len() => {
                    return Err(Refusal::FixedWidth);
                }
                Place::Text => Replacement::Text(new),
                Place::Number if new.bytes().all(|b| b.is_ascii_digit()) => {
                    Replacement::Number(new)
                }
                Place::Number | Place::Sound => return Err(Refusal::NotEncodable),
            };
            self.splices.extend(view.render(range, &replacement)?);
            return Ok(Some(Operator::Correct));
        }
        // The common case: plain bytes, masked. It is what rendering would come to.
        if place == Place::Text
            && self.job.operators.operator_of(hit.entity) == Operator::Mask
            && text.is_ascii()
            && let Some(base) = view.base()
        {
            if self.job.count_only {
                self.derived.counted += 1;
                return Ok(Some(Operator::Mask));
            }
            self.splices.push(Splice {
                bytes: Bytes::from_elem(mask_char(1) as u8, text.len()),
                range: base + range.start as u64..base + range.end as u64,
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

    /// The splices with what they make necessary.
    pub(super) fn settled(mut self) -> Vec<Splice> {
        disjoint(&mut self.splices);
        let settled = self.reader.settle(self.chunk, &self.splices);
        if !settled.is_empty() {
            self.splices.extend(settled);
            disjoint(&mut self.splices);
        }
        self.splices
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
            && !found.allowed
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
