//! Postings in memory, sorted when there are as many as are kept.
//!
//! It must not know where they go.

use super::keys::Tag;
use super::posting::Posting;

/// Bits of the position of a posting in its run.
const POSITION_BITS: u32 = 20;
/// Postings kept in memory: with what sorts them some forty megabytes.
const KEPT: usize = 1 << POSITION_BITS;
/// Buckets of the first pass: tags are spread evenly, so each gets a few. What of a tag is not the
/// number of its bucket and the position fill a number of 64 bits.
const BUCKET_BITS: u32 = Tag::BITS + POSITION_BITS - u64::BITS;

/// Postings of a run that are not written yet.
#[derive(Default)]
pub(super) struct Runs {
    postings: Vec<Posting>,
    order: Vec<u64>,
}

impl Runs {
    /// Adds the next posting, in the order of sources and places. Who is full takes no more.
    #[inline]
    pub(super) fn push(&mut self, posting: Posting) {
        self.postings.push(posting);
    }

    pub(super) fn is_full(&self) -> bool {
        self.postings.len() >= KEPT
    }

    pub(super) fn is_empty(&self) -> bool {
        self.postings.is_empty()
    }

    /// Every posting by its tag, those of one tag as they came; nothing is left.
    pub(super) fn drain<E>(
        &mut self,
        mut each: impl FnMut(Posting) -> Result<(), E>,
    ) -> Result<(), E> {
        let tags = self.postings.iter().map(|one| one.tag);
        sort(tags, &mut self.order);
        for key in &self.order {
            let at = key & ((1 << POSITION_BITS) - 1);
            if let Some(posting) = self.postings.get(at as usize) {
                each(*posting)?;
            }
        }
        self.postings.clear();
        Ok(())
    }
}

/// Puts into `order`, in the lowest bits of each number, the positions of `tags` by tag, then by
/// position: one pass into buckets, then within each by the rest of the tag.
fn sort(tags: impl ExactSizeIterator<Item = Tag> + Clone, order: &mut Vec<u64>) {
    let bucket = |tag: Tag| (tag.0 >> (Tag::BITS - BUCKET_BITS)) as usize;
    let mut starts = vec![0_usize; (1 << BUCKET_BITS) + 1];
    for tag in tags.clone() {
        if let Some(count) = starts.get_mut(bucket(tag) + 1) {
            *count += 1;
        }
    }
    let mut total = 0;
    for start in &mut starts {
        total += *start;
        *start = total;
    }
    order.clear();
    order.resize(tags.len(), 0);
    let mut next = starts.clone();
    for (position, tag) in (0..).zip(tags) {
        if let Some(at) = next.get_mut(bucket(tag)) {
            if let Some(place) = order.get_mut(*at) {
                // The upper bits, which all of a bucket share, fall out.
                *place = tag.0 << POSITION_BITS | position;
            }
            *at += 1;
        }
    }
    for pair in starts.windows(2) {
        if let [from, to] = pair
            && let Some(bucket) = order.get_mut(*from..*to)
        {
            bucket.sort_unstable();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn buckets_sort_as_any_sort(tags in proptest::collection::vec(
            prop_oneof![0..1_u64 << Tag::BITS, 0..4_u64, Just((1 << Tag::BITS) - 1)], 0..300)) {
            let mut expected: Vec<(u64, u64)> = tags.iter().copied().zip(0..).collect();
            expected.sort_unstable();
            let mut order = Vec::new();
            sort(tags.into_iter().map(Tag), &mut order);
            let positions = order.iter().map(|key| key & ((1 << POSITION_BITS) - 1));
            prop_assert!(positions.eq(expected.into_iter().map(|(_, position)| position)));
        }
    }
}
