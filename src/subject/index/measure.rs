//! For the benches of this crate: an index of made-up places, written as a build writes it, without
//! sources to read. It is no part of what the program does.

use super::IndexError;
use super::catalogue::Extent;
use super::draft::Draft;
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
    /// Which window, where in it, in which of its records.
    pub window: u32,
    /// See `window`.
    pub at: u32,
    /// See `window`.
    pub record: u32,
    /// Bytes.
    pub len: u32,
    /// The number of its party, plus one.
    pub party: u8,
}

/// Builds an index of `places` as a build does: tags, sorted runs, encryption, checksums, syncs.
/// Gives the bytes it takes on disk.
///
/// # Errors
/// [`IndexError`].
pub fn fill(to: &To<'_>, places: impl Iterator<Item = Place>) -> Result<u64, IndexError> {
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
    places: impl Iterator<Item = Place>,
    mut spills: Spills<'scope, '_>,
) -> Result<u64, IndexError> {
    let keys = to.keys;
    let mut runs = Runs::default();
    let mut windows = 0;
    for place in places {
        let canonical = Canonical::Phone {
            digits: place.phone,
            country_len: 1,
        };
        let Some(tag) = keys.tag(Entity::Phone, &canonical) else {
            continue;
        };
        windows = windows.max(place.window + 1);
        runs.push(Posting {
            tag,
            window: place.window,
            at: i64::from(place.at),
            len: place.len,
            record: place.record,
            entity: Entity::Phone as u8,
            party: place.party,
            time: None,
        });
        if runs.is_full() {
            draft.spill(keys, &mut runs, &mut spills)?;
        }
    }
    draft.spill_last(keys, &mut runs, &mut spills)?;
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
