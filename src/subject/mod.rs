//! Whose data: the identifiers of the subjects that a command is about.
//!
//! Owns the reading of subjects as they are typed. Knows detectors as the ones who say what a typed
//! value is; knows neither files nor what is done with what is found.

pub mod index;
mod link;
mod many;
mod sources;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::detect::phone::plan::Region;
use crate::detect::{Detectors, Hit, Scratch};
use crate::entity::{Entity, EntitySet};
use crate::finding::{Canonical, Confidence};
use crate::view::{Hinting, Hints, Register, View};

pub use link::{Hub, LIKELY, Link, Links, follow};
pub use many::WrongLine;
pub use sources::{About, BadPolicy, Sources};

/// The identifiers of the subjects that a run is about.
#[derive(Clone, Debug, Default)]
pub struct Subjects {
    claims: HashMap<Canonical, Vec<Claim>>,
    /// Ids of subjects, where the run has several.
    ids: Vec<Arc<str>>,
    known_ids: HashSet<Arc<str>>,
}

/// That an identifier is a subject's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Claim {
    entity: Entity,
    /// Whose, by the position of its id; `None` where there is one subject without an id.
    whose: Option<u32>,
    span: Span,
}

/// From when on and until before when an identifier is a subject's, in seconds since 1970; `None`
/// is without a limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// The first second.
    pub from: Option<i64>,
    /// The first second that is not.
    pub to: Option<i64>,
}

impl Span {
    /// Whether `time` lies in it. A time that is not known does: what may be the subject's is
    /// shown to a person rather than left out.
    pub fn has(self, time: Option<i64>) -> bool {
        time.is_none_or(|time| {
            self.from.is_none_or(|from| time >= from) && self.to.is_none_or(|to| time < to)
        })
    }
}

/// A typed value that is no identifier. It does not show the value, which may be a real one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotASubject {
    /// Nothing that could be looked for.
    #[error(
        "a subject is no value that can be looked for\n\nhint: give a phone number with its \
         country code, an e-mail address, or [entity:]value; one a line in a file"
    )]
    Unknown,
    /// The entity before the colon does not fit the value.
    #[error(
        "a subject's value is not of the entity before its colon\n\nhint: leave the entity out \
         to have it told by the value"
    )]
    OtherEntity,
}

impl Subjects {
    /// Adds `[entity:]value` as typed; national numbers are read as `regions` do.
    ///
    /// # Errors
    /// [`NotASubject`] when no detector knows the whole of the value.
    pub fn add(&mut self, typed: &str, regions: &[Region]) -> Result<(), NotASubject> {
        let (entity, canonical) = identify(typed, regions)?;
        self.claim(entity, canonical, None, Span::default());
        Ok(())
    }

    fn claim(&mut self, entity: Entity, canonical: Canonical, whose: Option<u32>, span: Span) {
        let claims = self.claims.entry(canonical).or_default();
        let claim = Claim {
            entity,
            whose,
            span,
        };
        if !claims.contains(&claim) {
            claims.push(claim);
        }
    }

    /// Adds a list: one `[entity:]value` a line, blank lines and lines that start with `#` apart.
    ///
    /// # Errors
    /// The 1-based number of the first line that is none, and why.
    pub fn add_list(&mut self, text: &str, regions: &[Region]) -> Result<(), (usize, NotASubject)> {
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if !line.is_empty() && !line.starts_with('#') {
                self.add(line, regions).map_err(|why| (number + 1, why))?;
            }
        }
        Ok(())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.claims.is_empty()
    }

    /// Each identifier, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (Entity, &Canonical)> {
        let one = |(canonical, claims): (_, &Vec<Claim>)| {
            let entities: Vec<Entity> = claims.iter().map(|claim| claim.entity).collect();
            (canonical, entities)
        };
        self.claims
            .iter()
            .map(one)
            .flat_map(|(canonical, mut entities)| {
                entities.dedup();
                entities.into_iter().map(move |entity| (entity, canonical))
            })
    }

    /// The same of those that are somebody's without a limit of time.
    pub fn for_good(&self) -> impl Iterator<Item = (Entity, &Canonical)> {
        self.iter()
            .filter(|(entity, canonical)| self.contains_for_good(*entity, canonical))
    }

    /// Whether a value that was found is somebody's without a limit of time.
    pub fn contains_for_good(&self, entity: Entity, canonical: &Canonical) -> bool {
        let mut claims = self.claims_of(entity, canonical);
        claims.any(|claim| claim.span == Span::default())
    }

    /// Whether a value that was found is one of them, at whatever time.
    pub fn contains(&self, entity: Entity, canonical: &Canonical) -> bool {
        self.claims_of(entity, canonical).next().is_some()
    }

    /// Whether an identifier is somebody's for a time only, so that it counts when a record is from.
    pub fn have_times(&self) -> bool {
        let mut claims = self.claims.values().flatten();
        claims.any(|claim| claim.span != Span::default())
    }

    /// Whether subjects have ids, so that it is told whose a finding is.
    pub fn have_ids(&self) -> bool {
        !self.ids.is_empty()
    }

    /// Whether a value that was found is one of them in a record of this time.
    pub fn contains_at(&self, entity: Entity, canonical: &Canonical, time: Option<i64>) -> bool {
        let mut claims = self.claims_of(entity, canonical);
        claims.any(|claim| claim.span.has(time))
    }

    /// The ids of those whose value it was at a time, in the order in which they were given.
    pub fn ids_of(
        &self,
        entity: Entity,
        canonical: &Canonical,
        time: Option<i64>,
    ) -> impl Iterator<Item = &str> {
        self.claims_of(entity, canonical)
            .filter(move |claim| claim.span.has(time))
            .filter_map(|claim| self.ids.get(claim.whose? as usize))
            .map(|id| &**id)
    }

    /// The same, as positions in [`Subjects::ids`].
    pub(crate) fn positions_of(
        &self,
        entity: Entity,
        canonical: &Canonical,
        time: Option<i64>,
    ) -> impl Iterator<Item = usize> {
        self.claims_of(entity, canonical)
            .filter(move |claim| claim.span.has(time))
            .filter_map(|claim| Some(claim.whose? as usize))
    }

    /// The ids of the subjects that have one, in the order in which they were given.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.ids.iter().map(|id| &**id)
    }

    /// The one subject of an id.
    #[must_use]
    pub fn only(&self, id: &str) -> Subjects {
        let mut only = Subjects::default();
        let whose = self.ids().position(|known| known == id);
        let whose = whose.and_then(|at| u32::try_from(at).ok());
        for (canonical, claims) in &self.claims {
            for claim in claims.iter().filter(|claim| claim.whose == whose) {
                only.claim(claim.entity, canonical.clone(), None, claim.span);
            }
        }
        only
    }

    fn claims_of(&self, entity: Entity, canonical: &Canonical) -> impl Iterator<Item = &Claim> {
        let claims = self.claims.get(canonical).map_or(&[][..], |all| all);
        claims.iter().filter(move |claim| claim.entity == entity)
    }
}

/// What `[entity:]value` as typed is; national numbers are read as `regions` do.
///
/// # Errors
/// [`NotASubject`] when no detector knows the whole of the value.
pub fn identify(typed: &str, regions: &[Region]) -> Result<(Entity, Canonical), NotASubject> {
    let typed = typed.trim();
    let scheme = typed.split_once(':').filter(|(scheme, _)| {
        SCHEMES
            .iter()
            .any(|known| scheme.eq_ignore_ascii_case(known))
    });
    let typed = scheme.map_or(typed, |(_, value)| value);
    let named = typed
        .split_once(':')
        .and_then(|(name, value)| Some((Entity::parse_family(name.trim()).ok()?, value.trim())));
    let (entities, value) = match &named {
        Some((entities, value)) => (Some(entities), *value),
        None => (None, typed),
    };
    let named = entities.and_then(|entities| entities.first().copied());
    let hit = whole(value, named, regions).ok_or(NotASubject::Unknown)?;
    if entities.is_some_and(|entities| !entities.contains(&hit.entity)) {
        return Err(NotASubject::OtherEntity);
    }
    Ok((hit.entity, hit.canonical))
}

/// A typed value as the one cell of a column of numbers or addresses: digits alone have no evidence
/// in running text, and need none where somebody asks for them.
struct Typed<'a> {
    text: &'a [u8],
    /// What it was called.
    named: Option<Entity>,
}

impl Hinting for Typed<'_> {
    fn hints(&self, _at: usize) -> Hints<'_> {
        let digits = self
            .text
            .iter()
            .filter(|byte| byte.is_ascii_digit())
            .count();
        let is_phone = self.named.is_none_or(|entity| entity == Entity::Phone);
        Hints {
            register: Register::Cell,
            // Longer runs of digits are cards and devices, which have check digits of their own.
            label: (is_phone && !self.text.contains(&b'@') && digits <= PHONE_DIGITS)
                .then_some(b"phone"),
            value: Some(0..self.text.len()),
            ..Hints::default()
        }
    }

    fn columns(
        &self,
        wanted: &dyn Fn(&[u8]) -> bool,
        each: &mut dyn FnMut(std::ops::Range<usize>, &[u8]),
    ) {
        // Most entities have the name of a column that holds them.
        let name = self.named.map_or("", Entity::name).as_bytes();
        if wanted(name) {
            each(0..self.text.len(), name);
        }
    }
}

/// Schemes of addresses that are an identifier and nothing more (RFC 3966, RFC 6068).
const SCHEMES: [&str; 2] = ["tel", "mailto"];

/// The most digits of a phone number (ITU-T E.164).
const PHONE_DIGITS: usize = 15;

/// The hit that is the whole of `value`.
fn whole(value: &str, named: Option<Entity>, regions: &[Region]) -> Option<Hit> {
    let detectors = Detectors::new(regions.to_vec(), EntitySet::all(), Confidence(1));
    let mut hits = Vec::new();
    let mut scratch = Scratch::default();
    let text = value.as_bytes();
    detectors.scan(
        &View::raw(text, 0, &Typed { text, named }),
        &mut scratch,
        &mut hits,
    );
    // A listed term names no person, and a hold on one would hold nobody.
    hits.into_iter()
        .find(|hit| hit.range == (0..text.len()) && !matches!(hit.canonical, Canonical::Term(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_spelling_names_the_same_subject() {
        let us = [Region::parse("US").unwrap()];
        let read = |typed: &str| {
            let mut subjects = Subjects::default();
            subjects.add(typed, &us).map(|()| subjects)
        };
        let one = Canonical::Phone {
            digits: 14_165_550_123,
            country_len: 1,
        };
        for typed in [
            "+1 416 555 0123",
            "(416) 555-0123",
            "4165550123",
            "phone:416.555.0123",
            " 14165550123 ",
            "tel:+1-416-555-0123",
        ] {
            let subjects = read(typed).unwrap();
            assert!(subjects.contains(Entity::Phone, &one), "{typed}");
        }
        let mail = read("Jane.Doe@Example.com").unwrap();
        let folded = Canonical::Text((*b"jane.doe@example.com").into());
        assert!(mail.contains(Entity::Email, &folded));
        for (typed, why) in [
            ("", NotASubject::Unknown),
            ("jane", NotASubject::Unknown),
            ("diabetes", NotASubject::Unknown),
            ("416 555 0123 and more", NotASubject::Unknown),
            ("email:4165550123", NotASubject::OtherEntity),
        ] {
            assert_eq!(read(typed).err(), Some(why), "{typed}");
        }
    }

    #[test]
    fn a_list_names_the_line_that_is_wrong() {
        let us = [Region::parse("US").unwrap()];
        let mut subjects = Subjects::default();
        let list = "# the request of May\n\n+1 416 555 0123\nemail:jane@example.com\n";
        assert_eq!(subjects.add_list(list, &us), Ok(()));
        assert_eq!(subjects.iter().count(), 2);
        let wrong = subjects.add_list("+1 416 555 0123\nnobody\n", &us);
        assert_eq!(wrong, Err((2, NotASubject::Unknown)));
    }
}
