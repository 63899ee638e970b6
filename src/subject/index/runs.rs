//! Postings in memory, sorted when there are as many as are kept.
//!
//! It must not know where they go.

use super::posting::Posting;

/// Postings kept in memory: some thirty megabytes.
const KEPT: usize = 512 << 10;

/// Postings of a run that are not written yet.
pub(super) struct Runs {
    postings: Vec<Posting>,
    kept: usize,
    order: Vec<(u64, u32)>,
    scratch: Vec<(u64, u32)>,
}

impl Default for Runs {
    fn default() -> Self {
        Runs::of(KEPT)
    }
}

impl Runs {
    /// Keeps `kept` postings.
    pub(super) fn of(kept: usize) -> Runs {
        Runs {
            postings: Vec::new(),
            kept,
            order: Vec::new(),
            scratch: Vec::new(),
        }
    }

    /// Adds the next posting, in the order of sources and places.
    #[inline]
    pub(super) fn push(&mut self, posting: Posting) {
        self.postings.push(posting);
    }

    pub(super) fn is_full(&self) -> bool {
        self.postings.len() >= self.kept
    }

    pub(super) fn is_empty(&self) -> bool {
        self.postings.is_empty()
    }

    /// Every posting by its tag, those of one tag as they came; nothing is left.
    pub(super) fn drain<E>(
        &mut self,
        mut each: impl FnMut(Posting) -> Result<(), E>,
    ) -> Result<(), E> {
        self.order.clear();
        let high = self.postings.iter().map(|one| one.tag.high);
        self.order.extend(high.zip(0..));
        sort(&mut self.order, &mut self.scratch);
        for (_, at) in &self.order {
            if let Some(posting) = self.postings.get(*at as usize) {
                each(*posting)?;
            }
        }
        self.postings.clear();
        Ok(())
    }
}

/// Buckets of the first pass: tags are spread evenly, so each gets a few.
const BUCKET_BITS: u32 = 12;

/// Sorts by tag, then by position: one pass into buckets, then within each.
fn sort(order: &mut Vec<(u64, u32)>, scratch: &mut Vec<(u64, u32)>) {
    let bucket = |high: u64| (high >> (64 - BUCKET_BITS)) as usize;
    let mut starts = vec![0_usize; (1 << BUCKET_BITS) + 1];
    for (high, _) in &*order {
        if let Some(count) = starts.get_mut(bucket(*high) + 1) {
            *count += 1;
        }
    }
    let mut total = 0;
    for start in &mut starts {
        total += *start;
        *start = total;
    }
    scratch.clear();
    scratch.resize(order.len(), (0, 0));
    let mut next = starts.clone();
    for one in &*order {
        if let Some(at) = next.get_mut(bucket(one.0)) {
            if let Some(place) = scratch.get_mut(*at) {
                *place = *one;
            }
            *at += 1;
        }
    }
    for pair in starts.windows(2) {
        if let [from, to] = pair
            && let Some(bucket) = scratch.get_mut(*from..*to)
        {
            bucket.sort_unstable();
        }
    }
    std::mem::swap(order, scratch);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn buckets_sort_as_any_sort(tags in proptest::collection::vec(
            prop_oneof![any::<u64>(), 0..4_u64, Just(u64::MAX)], 0..300)) {
            let mut order: Vec<_> = tags.into_iter().zip(0..).collect();
            let mut expected = order.clone();
            expected.sort_unstable();
            sort(&mut order, &mut Vec::new());
            prop_assert_eq!(order, expected);
        }
    }
}
