//! What was told a while ago, and is read back in pieces: "that's the one ending oh one nine nine".
//!
//! Owns how long a value is remembered and which part of it is taken for it. It must not know
//! words.

use super::judge::Verdict;
use super::run::{Digits, readings};
use super::unit::Unit;
use crate::entity::Entity;
use crate::finding::{Canonical, Evidence};

/// Bytes of talk behind a value in which its parts are looked for: about a minute and a half.
const REACH: usize = 4096;
/// Values remembered at once.
const VALUES: usize = 6;
/// The fewest digits that are taken for a part: three would be right by chance once in a hundred.
const FEWEST: usize = 4;

/// Values that were told.
#[derive(Default)]
pub(super) struct Recall {
    told: Vec<Told>,
}

struct Told {
    entity: Entity,
    canonical: Canonical,
    digits: Vec<u8>,
    /// Where it ends.
    at: usize,
}

impl Recall {
    pub(super) fn clear(&mut self) {
        self.told.clear();
    }

    /// Whether a value is remembered at `at`.
    #[inline]
    pub(super) fn reaches(&self, at: usize) -> bool {
        self.told.last().is_some_and(|told| at < told.at + REACH)
    }

    /// Remembers a value that ends at `at`.
    pub(super) fn tell(&mut self, found: &Verdict, at: usize) {
        let digits = match found.canonical {
            Canonical::Phone { digits, .. } => digits.to_string(),
            Canonical::Digits { value, len } if len > 4 => {
                format!("{value:0len$}", len = usize::from(len))
            }
            _ => return,
        };
        if self.told.len() == VALUES {
            self.told.remove(0);
        }
        self.told.push(Told {
            entity: found.entity,
            canonical: found.canonical.clone(),
            digits: digits.into_bytes(),
            at,
        });
    }

    /// The value that `units` are a part of.
    pub(super) fn part(&self, units: &[Unit]) -> Option<Verdict> {
        let start = units.first()?.start;
        let near = |told: &&Told| start < told.at + REACH;
        if !self.told.iter().any(|told| near(&told)) {
            return None;
        }
        let mut found = None;
        readings(units, |digits: &Digits, _| {
            let part = digits.as_bytes();
            if found.is_some() || part.len() < FEWEST {
                return;
            }
            found = self
                .told
                .iter()
                .rev()
                .filter(near)
                .find(|told| told.digits.windows(part.len()).any(|piece| piece == part));
        });
        found.map(|told| Verdict {
            entity: told.entity,
            confidence: 80,
            evidence: Evidence::SPOKEN.with(Evidence::READ_BACK),
            canonical: told.canonical.clone(),
        })
    }
}
