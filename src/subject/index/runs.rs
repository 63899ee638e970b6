//! Postings in memory, sorted when there are as many as are kept.
//!
//! It must not know where they go.

use super::keys::Tag;
use super::posting::Posting;

/// Bits of the position of a posting in its stack.
const POSITION_BITS: u32 = 20;
/// Postings kept in memory: with what sorts them some forty megabytes.
const KEPT: usize = 1 << POSITION_BITS;
/// Stacks that postings are put on by the first bits of their tags as they come: what is sorted at
/// once then fits the cache of a core. Tags are spread evenly.
const STACK_BITS: u32 = 8;
/// Postings whose memory a stack takes at once.
const TRAY: usize = 128;
/// Buckets of the first pass over a stack: each gets about one. What of a tag is not the number of
/// its stack and bucket and the position fill a number of 64 bits, with some to spare.
const BUCKET_BITS: u32 = 12;
const _: () = assert!(Tag::BITS + POSITION_BITS <= u64::BITS + STACK_BITS + BUCKET_BITS);

/// Postings of a run that are not written yet.
#[derive(Default)]
pub(super) struct Runs {
    /// Trays of each stack; all but the last are full.
    stacks: Vec<Vec<Vec<Posting>>>,
    count: usize,
    /// Trays to be used again.
    spare: Vec<Vec<Posting>>,
    sorter: Sorter,
}

impl Runs {
    /// Adds the next posting, in the order of sources and places. Who is full takes no more.
    #[inline]
    pub(super) fn push(&mut self, posting: Posting) {
        if self.stacks.is_empty() {
            self.stacks.resize_with(1 << STACK_BITS, Vec::new);
        }
        let number = posting.tag.0 >> (Tag::BITS - STACK_BITS);
        if let Some(stack) = self.stacks.get_mut(number as usize) {
            match stack.last_mut() {
                Some(tray) if tray.len() < TRAY => tray.push(posting),
                _ => {
                    let empty = || Vec::with_capacity(TRAY);
                    let mut tray = self.spare.pop().unwrap_or_else(empty);
                    tray.push(posting);
                    stack.push(tray);
                }
            }
            self.count += 1;
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.count >= KEPT
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Every posting by its tag, those of one tag as they came; nothing is left.
    pub(super) fn drain<E>(
        &mut self,
        mut each: impl FnMut(Posting) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut postings = Vec::new();
        for stack in &mut self.stacks {
            postings.clear();
            for mut tray in stack.drain(..) {
                postings.append(&mut tray);
                self.spare.push(tray);
            }
            for at in self.sorter.sort(postings.iter().map(|one| one.tag)) {
                if let Some(posting) = postings.get(at) {
                    each(*posting)?;
                }
            }
        }
        self.count = 0;
        Ok(())
    }
}

/// Memory that sorts a stack.
#[derive(Default)]
struct Sorter {
    order: Vec<u64>,
    starts: Vec<usize>,
}

impl Sorter {
    /// The positions of `tags`, which are all of one stack, by tag, then by position: one pass into
    /// buckets, then within each by the rest of the tag.
    fn sort(
        &mut self,
        tags: impl ExactSizeIterator<Item = Tag> + Clone,
    ) -> impl Iterator<Item = usize> + '_ {
        const BUCKETS: usize = 1 << BUCKET_BITS;
        let Sorter { order, starts } = self;
        let bucket =
            |tag: Tag| (tag.0 >> (Tag::BITS - STACK_BITS - BUCKET_BITS)) as usize % BUCKETS;
        starts.clear();
        starts.resize(BUCKETS + 1, 0);
        for tag in tags.clone() {
            if let Some(count) = starts.get_mut(bucket(tag) + 1) {
                *count += 1;
            }
        }
        let mut total = 0;
        for start in &mut *starts {
            total += *start;
            *start = total;
        }
        order.clear();
        order.resize(tags.len(), 0);
        for (position, tag) in (0..).zip(tags) {
            if let Some(at) = starts.get_mut(bucket(tag)) {
                if let Some(place) = order.get_mut(*at) {
                    // The upper bits, which all of a bucket share, fall out.
                    *place = tag.0 << POSITION_BITS | position;
                }
                *at += 1;
            }
        }
        // Each start is now the end of its bucket.
        let mut from = 0;
        for &to in starts.iter().take(BUCKETS) {
            if let Some(bucket) = order.get_mut(from..to).filter(|bucket| bucket.len() > 1) {
                bucket.sort_unstable();
            }
            from = to;
        }
        let positions = (1 << POSITION_BITS) - 1;
        order.iter().map(move |key| (key & positions) as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_tag() -> impl Strategy<Value = u64> {
        prop_oneof![
            0..1_u64 << Tag::BITS,
            0..4_u64,
            Just((1 << Tag::BITS) - 1),
            (0..9_u64).prop_map(|few| few << (Tag::BITS - STACK_BITS - BUCKET_BITS - 1)),
        ]
    }

    proptest! {
        #[test]
        fn postings_come_by_tag_then_as_they_went_in(
            tags in proptest::collection::vec(any_tag(), 0..500)
        ) {
            let mut runs = Runs::default();
            for round in 0..2 {
                for (place, tag) in (0..).zip(&tags) {
                    runs.push(Posting {
                        tag: Tag(*tag),
                        window: round,
                        record: 0,
                        place,
                        entity: 0,
                        party: 0,
                        time: 0,
                    });
                }
                let mut expected: Vec<(u64, u32)> = tags.iter().copied().zip(0..).collect();
                expected.sort_unstable();
                let mut came = Vec::new();
                let done = runs.drain(|one| {
                    came.push((one.tag.0, one.place));
                    Ok::<(), ()>(())
                });
                prop_assert!(done.is_ok() && runs.is_empty());
                prop_assert_eq!(came, expected);
            }
        }
    }
}
