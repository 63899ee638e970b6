//! For the benches of this crate: an index of made-up places, written as a build writes it, without
//! sources to read. It is no part of what the program does.

use super::IndexError;
use super::catalogue::Extent;
use super::draft::Draft;
use super::keys::Keys;
use super::manifest::{Chosen, Manifest};
use super::posting::Posting;
use super::runs::Runs;
use super::spills::Spills;
use super::store::{Store, new_id};
use super::update::To;
use crate::entity::Entity;
use crate::finding::Canonical;

/// A made-up place of a phone number.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// The number, a country code of one digit first.
    pub phone: u64,
    /// Which window, in which of its records, which place of that.
    pub window: u32,
    /// See `window`.
    pub record: u32,
    /// See `window`.
    pub place: u32,
    /// When the record is from, in seconds since 1970.
    pub time: i64,
    /// The number of its party, plus one.
    pub party: u8,
}

/// A place with its tag made.
pub struct Tagged(Posting);

/// Makes the tags of `places`.
pub fn tagged(keys: &Keys, places: impl Iterator<Item = Place>) -> Vec<Tagged> {
    let tagged = places.filter_map(|place| {
        let canonical = Canonical::Phone {
            digits: place.phone,
            country_len: 1,
        };
        Some(Tagged(Posting {
            tag: keys.tag(Entity::Phone, &canonical)?,
            window: place.window,
            record: place.record,
            place: place.place,
            entity: Entity::Phone as u8,
            party: place.party,
            time: place.time,
        }))
    });
    tagged.collect()
}

impl Tagged {
    /// The tag, for who puts it elsewhere.
    pub const fn tag(&self) -> [u8; 8] {
        self.0.tag.bytes()
    }
}

/// Builds an index of `places` as a build does: sorted runs, encryption, checksums, syncs. Gives the
/// bytes it takes on disk.
///
/// # Errors
/// [`IndexError`].
pub fn fill(to: &To<'_>, places: &[Tagged]) -> Result<u64, IndexError> {
    let store = Store::make(to.io, to.folder)?;
    let writing = store.write(to.io)?;
    let manifest = Manifest::new(
        new_id(to.io)?,
        vec!["US".to_owned()],
        None,
        Chosen::default(),
    );
    let draft = Draft::new(to.io, &store, &writing, manifest);
    std::thread::scope(|scope| filled(to, draft, places, Spills::new(scope)))
}

fn filled<'scope, 'io: 'scope>(
    to: &To<'_>,
    mut draft: Draft<'io>,
    places: &[Tagged],
    mut spills: Spills<'scope, '_>,
) -> Result<u64, IndexError> {
    let keys = to.keys;
    let mut runs = Runs::default();
    for Tagged(place) in places {
        runs.push(*place);
        if runs.is_full() {
            draft.spill(keys, &mut runs, &mut spills)?;
        }
    }
    draft.spill_last(keys, &mut runs, &mut spills)?;
    let windows = places.iter().map(|place| place.0.window + 1).max();
    let windows = windows.unwrap_or(0);
    draft.skip_windows(windows as usize)?;
    draft.catalogue(keys)?.put_extent(&Extent {
        count: windows,
        ..Extent::default()
    })?;
    draft.compact(keys, false)?;
    let manifest = draft.publish(keys)?;
    let segments = manifest.segments.iter().map(|one| one.bytes);
    Ok(manifest.catalogue.bytes + segments.sum::<u64>())
}
