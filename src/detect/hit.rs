//! A hit: what a detector says of a range of a view, before it has a place in a source.

use std::ops::Range;

use crate::entity::Entity;
use crate::finding::{Canonical, Confidence, Evidence};

/// What a detector found in a view's text.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// The kind of personal data.
    pub entity: Entity,
    /// Byte range of the view's text.
    pub range: Range<usize>,
    /// How sure.
    pub confidence: Confidence,
    /// On what evidence.
    pub evidence: Evidence,
    /// The canonical value.
    pub canonical: Canonical,
    /// Where the digits of an extension stand, within `range`.
    pub extension: Option<Range<usize>>,
}

/// Leaves of overlapping hits the surest, then the longest, then the first in entity order.
///
/// Hits come out sorted by start and disjoint.
pub(super) fn settle_overlaps(hits: &mut Vec<Hit>) {
    if !hits.is_sorted_by_key(|hit| hit.range.start) {
        hits.sort_by_key(|hit| hit.range.start);
    }
    if hits
        .windows(2)
        .all(|pair| pair[0].range.end <= pair[1].range.start)
    {
        return;
    }
    let mut kept: Vec<Hit> = Vec::with_capacity(hits.len());
    'hits: for hit in hits.drain(..) {
        while let Some(last) = kept.last() {
            if last.range.end <= hit.range.start {
                break;
            }
            if rank(last) >= rank(&hit) {
                continue 'hits;
            }
            kept.pop();
        }
        kept.push(hit);
    }
    *hits = kept;
}

fn rank(hit: &Hit) -> (Confidence, usize, std::cmp::Reverse<Entity>) {
    (
        hit.confidence,
        hit.range.len(),
        std::cmp::Reverse(hit.entity),
    )
}
