//! What of a source is given to one person: their records, and in them nothing of anybody else.
//!
//! Owns which records stay and what is labelled in them. It errs on the side of the others: what is
//! not known to be the subject's is labelled. Knows neither files nor packages.

use std::ops::Range;

use aho_corasick::AhoCorasick;

use super::making::{Found, Making, Record};
use crate::detect::Hit;
use crate::detect::labels::{Says, claim};
use crate::edit::Refusal;
use crate::entity::Entity;
use crate::finding::{Canonical, Confidence, Evidence};
use crate::redact::operator::is_replacement;
use crate::view::Party;

/// What is given out beside what the selection says is the subject's.
#[derive(Clone, Default)]
pub struct Others {
    names: Option<AhoCorasick>,
    whole: bool,
}

/// What is never sent to anybody, not even to whom it belongs (11 CCR 7024(d)): it is said to be
/// held, and not shown.
pub const NEVER: [Entity; 7] = [
    Entity::UsSsn,
    Entity::CaSin,
    Entity::UkNhs,
    Entity::PaymentCard,
    Entity::Iban,
    Entity::CardSecurityCode,
    Entity::Credential,
];

/// The shortest name that is looked for in texts: shorter ones are words.
const SHORTEST_NAME: usize = 3;
/// The fewest digits of a number that the column says is somebody's, though no plan has it.
const FEWEST_DIGITS: usize = 7;

impl Others {
    /// `names` of other people are labelled wherever they stand. With `whole`, all records of a
    /// source stay, such as the cues of a conversation.
    pub fn new(names: &[String], whole: bool) -> Others {
        let names: Vec<&str> = names
            .iter()
            .map(|name| name.trim())
            .filter(|name| name.chars().count() >= SHORTEST_NAME)
            .collect();
        let names = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(aho_corasick::MatchKind::LeftmostLongest)
            .build(names)
            .ok()
            .filter(|names| names.patterns_len() > 0);
        Others { names, whole }
    }

    /// The same for a source of which all records stay.
    #[must_use]
    pub fn whole(&self) -> Others {
        Others {
            names: self.names.clone(),
            whole: true,
        }
    }
}

/// Leaves the subject's records, and in what stays nothing that is not known to be theirs.
pub(super) fn edit(making: &mut Making<'_, '_>, found: &[Found]) {
    let Some(others) = making.job.others else {
        return;
    };
    let torn = making.chunk.torn;
    if torn.before || torn.behind {
        // Whose a part of a record is cannot be told.
        return making.derived.refuse(Refusal::Torn, 1);
    }
    let kept = kept(making, found, others.whole);
    drop_others(making, &kept);
    let gone: Vec<Range<u64>> = making.splices.iter().map(|one| one.range.clone()).collect();
    let stays = |at: usize| {
        let next = gone.partition_point(|range| range.end <= at as u64);
        gone.get(next)
            .is_none_or(|range| at as u64 >= range.end || (at as u64) < range.start)
    };
    let mut labelled: Vec<Range<usize>> = Vec::new();
    let mut names: Vec<Vec<u8>> = Vec::new();
    for record in found.chunk_by(|a, b| a.record == b.record) {
        let whose = Whose::of(record);
        for one in record.iter().filter(|one| stays(one.at)) {
            let theirs = whose.is_theirs(one, making);
            if let Some(name) = (!theirs).then(|| display_name(making, one)).flatten() {
                names.extend(making.replace_text(one.view, name, Entity::PersonName));
            }
            if theirs {
                labelled.push(one.at..one.at + 1);
                continue;
            }
            labelled.push(one.at..one.at + (one.hit.range.len()).max(1));
            making.replace(one);
        }
    }
    labelled.sort_by_key(|range| range.start);
    let mut at = making.chunk.start;
    let behind = making.chunk.end..making.chunk.end;
    let ends = gone
        .iter()
        .map(|range| range.start as usize..range.end as usize);
    for range in ends.chain([behind]) {
        if at < range.start {
            cells(making, at..range.start, found, &labelled, &mut names);
        }
        at = at.max(range.end);
    }
    known_names(making, &kept, others, &names);
}

/// The records that hold something of the subject, sorted and disjoint; all that was read where a
/// record cannot be told from what is around it.
fn kept(making: &Making<'_, '_>, found: &[Found], whole: bool) -> Vec<Range<usize>> {
    let (start, end) = (making.chunk.start, making.chunk.end);
    if whole {
        return vec![start..end];
    }
    let mut kept: Vec<Range<usize>> = Vec::new();
    for one in found.iter().filter(|one| one.selected) {
        if kept.last().is_some_and(|last| last.contains(&one.at)) {
            continue;
        }
        kept.push(hull(making, one.at).unwrap_or(start..end));
    }
    kept.sort_by_key(|range| range.start);
    kept.dedup_by(|next, last| {
        let meets = next.start < last.end;
        if meets {
            last.end = last.end.max(next.end);
        }
        meets
    });
    kept
}

/// The record around `at` with its separators.
fn hull(making: &Making<'_, '_>, at: usize) -> Option<Range<usize>> {
    let splices = making.index.drop_record(at).ok()?;
    let start = splices.iter().map(|splice| splice.range.start).min()? as usize;
    let end = splices.iter().map(|splice| splice.range.end).max()? as usize;
    (start <= at && at < end).then_some(start..end)
}

/// Takes out every record but those `kept`.
fn drop_others(making: &mut Making<'_, '_>, kept: &[Range<usize>]) {
    let (mut at, end) = (making.chunk.start, making.chunk.end);
    while at < end {
        let next = kept.partition_point(|range| range.end <= at);
        if let Some(range) = kept.get(next).filter(|range| range.start <= at) {
            at = range.end.max(at + 1);
            continue;
        }
        let record = hull(making, at).filter(|record| {
            // One that holds a kept one stays around it; what else it holds is looked at by itself.
            kept.get(next).is_none_or(|range| record.end <= range.start)
        });
        match record {
            Some(record) => {
                if let Ok(splices) = making.index.drop_record(at) {
                    making.splices.extend(splices);
                    making.derived.records += 1;
                }
                at = record.end.max(at + 1);
            }
            None => at = step(making.chunk.text, at),
        }
    }
}

/// The next place behind `at` where a record may begin: a line, an object, an element.
fn step(text: &[u8], at: usize) -> usize {
    let rest = text.get(at + 1..).unwrap_or_default();
    let found = memchr::memchr3(b'\n', b'{', b'<', rest);
    match found.map(|i| at + 1 + i) {
        Some(place) if text.get(place) == Some(&b'\n') => place + 1,
        Some(place) => place,
        None => text.len(),
    }
}

/// What a record tells of whose it is.
struct Whose {
    /// The sides of the subject.
    sides: Vec<Party>,
    /// Whether it tells of nobody else.
    alone: bool,
}

impl Whose {
    fn of(record: &[Found]) -> Whose {
        let sides: Vec<Party> = record
            .iter()
            .filter(|one| one.selected)
            .filter_map(|one| one.party)
            .collect();
        let any = record.iter().any(|one| one.selected);
        let other = |one: &Found| {
            !one.selected && is_contact(one.hit.entity) && one.party != Some(Party::Own)
        };
        Whose {
            sides,
            alone: any && !record.iter().any(other),
        }
    }

    /// Whether a side is the subject's, or nobody else's could be meant.
    fn owns(&self, side: Option<Party>) -> bool {
        match side {
            Some(side) => self.sides.contains(&side),
            None => self.alone,
        }
    }

    fn is_theirs(&self, one: &Found, making: &Making<'_, '_>) -> bool {
        let entity = one.hit.entity;
        if NEVER.contains(&entity) {
            return false;
        }
        let listed = making.job.selected.lists().owns(entity, &one.hit.canonical);
        if one.selected || one.allowed || listed {
            return true;
        }
        if entity.is_special() {
            return one.party.is_none_or(|side| self.sides.contains(&side));
        }
        !is_contact(entity) && self.owns(one.party)
    }
}

/// Whether values of the kind reach or name one person, so that only those given are the subject's.
fn is_contact(entity: Entity) -> bool {
    matches!(
        entity,
        Entity::Phone | Entity::Email | Entity::Imei | Entity::Imsi | Entity::Iccid
    ) || NEVER.contains(&entity)
}

/// The name before an address or number in angle brackets: `"Jane Doe" <jane@example.com>`.
fn display_name(making: &Making<'_, '_>, one: &Found) -> Option<Range<usize>> {
    let text = making.content.views.get(one.view)?.text();
    let before = text.get(..one.hit.range.start)?;
    let scheme = before.len()
        - before
            .iter()
            .rev()
            .take_while(|b| b.is_ascii_alphabetic() || **b == b':' || **b == b'+')
            .count();
    let before = before.get(..scheme)?.strip_suffix(b"<")?;
    let before = before.trim_ascii_end();
    let (end, stop): (usize, fn(u8) -> bool) = match before.strip_suffix(b"\"") {
        Some(before) => {
            let before = before
                .strip_suffix(b"\\")
                .or(before.strip_suffix(b"\""))
                .unwrap_or(before);
            (before.len(), |b| matches!(b, b'"' | b'\\' | b'\n' | 0))
        }
        None => (before.len(), |b| {
            matches!(b, b',' | b';' | b':' | b'\n' | b'>' | b'"' | 0)
        }),
    };
    let name = before.get(..end)?;
    let start = name.iter().rposition(|b| stop(*b)).map_or(0, |i| i + 1);
    let blanks = name
        .get(start..)?
        .iter()
        .take_while(|b| b.is_ascii_whitespace())
        .count();
    let range = start + blanks..end;
    let name = text.get(range.clone())?;
    (name.iter().any(u8::is_ascii_alphabetic) && !is_replacement(name)).then_some(range)
}

/// Labels the cells of a record that are called by what only a person has, where they are not on
/// the subject's side.
fn cells(
    making: &mut Making<'_, '_>,
    record: Range<usize>,
    found: &[Found],
    labelled: &[Range<usize>],
    names: &mut Vec<Vec<u8>>,
) {
    let first = found.partition_point(|one| one.at < record.start);
    let within = found.get(first..).unwrap_or_default();
    let within = within
        .get(..within.partition_point(|one| one.at < record.end))
        .unwrap_or_default();
    let mut at = record.start;
    while at < record.end {
        let hints = making.index.hints(at);
        let Some(value) = hints
            .value
            .filter(|value| value.start <= at && at <= value.end)
        else {
            at += 1;
            continue;
        };
        let says = hints.label.and_then(claim);
        let of = number_of(within, value.start);
        let next = value.end.max(at) + 1;
        // What names the columns is no record.
        if let Some(Says::Holds(entity)) = says
            && making.index.locate(value.start).record.is_some()
            && !labelled
                .iter()
                .any(|range| range.start < value.end && value.start < range.end)
        {
            let (_, party) = making.index.field(value.start);
            let record: Vec<&Found> = within
                .iter()
                .filter(|one| of.is_none() || Some(one.record) == of)
                .collect();
            let sides: Vec<Party> = record
                .iter()
                .filter(|one| one.selected)
                .filter_map(|one| one.party)
                .collect();
            let alone = record.iter().any(|one| one.selected)
                && !record
                    .iter()
                    .any(|one| !one.selected && is_contact(one.hit.entity));
            let theirs = match party {
                Some(side) => sides.contains(&side),
                None => alone,
            };
            if NEVER.contains(&entity) || !theirs && is_personal(entity, making, &value) {
                let mut views = making.content.views.iter().enumerate();
                let seen = views.find_map(|(i, view)| Some((i, view.text_at(&value)?)));
                if let Some((view, range)) = seen {
                    let name = making.replace_text(view, range, entity);
                    names.extend(name.filter(|_| entity == Entity::PersonName));
                }
            }
        }
        at = next;
    }
}

/// The record of the hit nearest before or at a place.
fn number_of(within: &[Found], at: usize) -> Option<Record> {
    let next = within.partition_point(|one| one.at <= at);
    within.get(next.saturating_sub(1)).map(|one| one.record)
}

/// Whether what stands in a cell called by `entity` tells of a person.
fn is_personal(entity: Entity, making: &Making<'_, '_>, value: &Range<usize>) -> bool {
    let text = making.chunk.text.get(value.clone()).unwrap_or_default();
    match entity {
        // An extension of a switchboard, or a word for nobody, is no number.
        Entity::Phone => text.iter().filter(|b| b.is_ascii_digit()).count() >= FEWEST_DIGITS,
        Entity::Email => text.contains(&b'@'),
        Entity::IpAddress => false,
        _ => text.iter().any(u8::is_ascii_alphanumeric),
    }
}

/// Labels the names of others in texts: those given, and those that the records themselves showed.
fn known_names(
    making: &mut Making<'_, '_>,
    kept: &[Range<usize>],
    others: &Others,
    shown: &[Vec<u8>],
) {
    let shown: Vec<&[u8]> = shown
        .iter()
        .map(|name| name.trim_ascii())
        .filter(|name| name.len() > SHORTEST_NAME && name.iter().any(u8::is_ascii_alphabetic))
        .collect();
    let shown = (!shown.is_empty())
        .then(|| {
            AhoCorasick::builder()
                .ascii_case_insensitive(true)
                .build(shown)
                .ok()
        })
        .flatten();
    for names in [others.names.as_ref(), shown.as_ref()]
        .into_iter()
        .flatten()
    {
        for view in 0..making.content.views.len() {
            let Some(text) = making
                .content
                .views
                .get(view)
                .map(|view| view.text().to_vec())
            else {
                continue;
            };
            for name in names.find_iter(&text) {
                let word = |byte: Option<&u8>| {
                    byte.is_some_and(|b| b.is_ascii_alphanumeric() || *b >= 0x80)
                };
                let alone = !word(name.start().checked_sub(1).and_then(|i| text.get(i)))
                    && !word(text.get(name.end()));
                let at = making
                    .content
                    .views
                    .get(view)
                    .map(|view| view.chunk_offset(name.start()));
                let stays = at.is_some_and(|at| kept.iter().any(|range| range.contains(&at)));
                if alone && stays {
                    making.replace_text(view, name.range(), Entity::PersonName);
                }
            }
        }
    }
}

impl Making<'_, '_> {
    /// Puts the label of `entity` in the place of `range` of a view; gives what stood there.
    fn replace_text(
        &mut self,
        view: usize,
        range: Range<usize>,
        entity: Entity,
    ) -> Option<Vec<u8>> {
        let text = self.content.views.get(view)?.text().get(range.clone())?;
        let text = text.to_vec();
        if text.trim_ascii().is_empty() || is_replacement(&text) {
            return None;
        }
        let blanks = text.iter().take_while(|b| b.is_ascii_whitespace()).count();
        let tail = text
            .iter()
            .rev()
            .take_while(|b| b.is_ascii_whitespace())
            .count();
        let range = range.start + blanks..range.end - tail;
        let at = self.content.views.get(view)?.chunk_offset(range.start);
        self.replace(&Found {
            view,
            at,
            hit: Hit {
                entity,
                range,
                confidence: Confidence(50),
                evidence: Evidence::COLUMN,
                canonical: Canonical::Text(text.to_ascii_lowercase().into()),
                extension: None,
            },
            selected: false,
            record: Record::Unknown,
            party: None,
            allowed: false,
        });
        Some(text)
    }
}
