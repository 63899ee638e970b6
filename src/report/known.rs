//! What repeats from finding to finding, rendered once: the start of a line, the field with its
//! party, confidence with evidence. A run has millions of findings and a few dozen of these.

use std::sync::Arc;

use super::sheet::Piece;
use crate::entity::Entity;
use crate::finding::{Confidence, Evidence, Finding};
use crate::scan::SourcePath;
use crate::view::Party;

/// Places for the pieces of a kind.
const PLACES: usize = 256;

/// Places looked at from a piece's own on; when all are taken the first is given away.
const TRIED: usize = 4;

/// Pieces by what they were made of.
struct Kept<K>([Option<(K, Piece)>; PLACES + TRIED]);

impl<K> Default for Kept<K> {
    fn default() -> Self {
        Kept(std::array::from_fn(|_| None))
    }
}

impl<K> Kept<K> {
    /// The piece whose key `known` accepts, or the one that `make` gives. Equal keys have the same
    /// `place`.
    #[inline]
    fn of(
        &mut self,
        place: usize,
        known: impl Fn(&K) -> bool,
        make: impl FnOnce() -> (K, Piece),
    ) -> &Piece {
        let first = place % PLACES;
        let right = |slot: &Option<(K, Piece)>| slot.as_ref().is_none_or(|(key, _)| known(key));
        let found = (first..first + TRIED).find(|&at| right(&self.0[at]));
        let slot = &mut self.0[found.unwrap_or(first)];
        if found.is_none() {
            *slot = None;
        }
        &slot.get_or_insert_with(make).1
    }
}

/// Line starts of one source, by entity.
pub(super) struct Starts {
    current: Option<SourcePath>,
    pieces: [Option<Piece>; Entity::ALL.len()],
}

impl Default for Starts {
    fn default() -> Self {
        Starts {
            current: None,
            pieces: std::array::from_fn(|_| None),
        }
    }
}

impl Starts {
    /// Makes `path` the source that lines start with.
    pub(super) fn enter(&mut self, path: &SourcePath) {
        if self.current.as_ref() != Some(path) {
            self.current = Some(path.clone());
            self.pieces.fill_with(|| None);
        }
    }

    /// The start of the finding's line, which `render` makes.
    pub(super) fn of(
        &mut self,
        finding: &Finding,
        render: fn(&mut Vec<u8>, &SourcePath, &Finding),
    ) -> &Piece {
        let piece = &mut self.pieces[finding.entity as usize];
        piece.get_or_insert_with(|| {
            let mut text = Vec::new();
            if let Some(path) = &self.current {
                render(&mut text, path, finding);
            }
            Piece::new(&text)
        })
    }
}

/// Field and party with confidence and evidence, which stand side by side in a line.
#[derive(Default)]
pub(super) struct Traits(Kept<Trait>);

/// What a piece was made of.
struct Trait {
    /// Kept alive, so that no other field can stand at its address.
    field: Option<Arc<str>>,
    party: Option<Party>,
    confidence: Confidence,
    evidence: Evidence,
}

impl Traits {
    /// What `render` makes of the finding's field, party, confidence and evidence.
    #[inline]
    pub(super) fn of(&mut self, finding: &Finding, render: fn(&mut Vec<u8>, &Finding)) -> &Piece {
        let address = |field: &Option<Arc<str>>| {
            field
                .as_ref()
                .map_or(0, |field| Arc::as_ptr(field).cast::<u8>() as usize)
        };
        let field = address(&finding.field);
        let place = field >> 4 ^ field >> 10 ^ finding.evidence.spread();
        self.0.of(
            place.wrapping_add(usize::from(finding.confidence.0)),
            |known| {
                address(&known.field) == field
                    && known.evidence == finding.evidence
                    && known.confidence == finding.confidence
                    && known.party == finding.party
            },
            || {
                let mut text = Vec::new();
                render(&mut text, finding);
                let made_of = Trait {
                    field: finding.field.clone(),
                    party: finding.party,
                    confidence: finding.confidence,
                    evidence: finding.evidence,
                };
                (made_of, Piece::new(&text))
            },
        )
    }
}

/// Confidence and evidence.
#[derive(Default)]
pub(super) struct Grounds(Kept<(Confidence, Evidence)>);

impl Grounds {
    /// What `render` makes of the finding's confidence and evidence.
    #[inline]
    pub(super) fn of(
        &mut self,
        finding: &Finding,
        render: fn(&mut Vec<u8>, Confidence, Evidence),
    ) -> &Piece {
        let (confidence, evidence) = (finding.confidence, finding.evidence);
        self.0.of(
            evidence.spread() + usize::from(confidence.0),
            |known| *known == (confidence, evidence),
            || {
                let mut text = Vec::new();
                render(&mut text, confidence, evidence);
                ((confidence, evidence), Piece::new(&text))
            },
        )
    }
}
