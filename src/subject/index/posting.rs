//! A posting: where a value stands, without the value; and blocks of postings as bytes.
//!
//! A block holds postings in the order of their tags, then of their places. A tag is the difference
//! to the one before it, and so are the numbers of windows; what most values share takes one byte.
//! It must not know encryption or files.

use super::keys::Tag;
use super::varint::{put, put_signed, take, take_bytes, take_signed};

/// Where a value stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Posting {
    pub(super) tag: Tag,
    /// Which window of which source: windows are numbered through the whole index.
    pub(super) window: u32,
    /// Where it starts, from the first byte of the window; of a database, from that of the cell.
    pub(super) at: i64,
    /// Bytes from its first to its last part.
    pub(super) len: u32,
    /// Records of the window before its own, plus one; 0 where it lies in no record.
    pub(super) record: u32,
    /// The number of its entity.
    pub(super) entity: u8,
    /// The number of its party, plus one; 0 for none.
    pub(super) party: u8,
    /// The time of its record in seconds since 1970.
    pub(super) time: Option<i64>,
}

impl Posting {
    /// What postings are sorted by.
    #[inline]
    pub(super) fn order(&self) -> (Tag, u32, i64) {
        (self.tag, self.window, self.at)
    }
}

/// Postings of a block at most: a look-up decrypts and reads some ten kilobytes.
pub(super) const BLOCK: usize = 1024;

/// Whether the block's records have times.
const TIMED: u8 = 1;
/// Lengths from this on stand behind the byte that holds length and party.
const LONG: u32 = 31;

/// Appends a block; the postings are sorted.
pub(super) fn encode(postings: &[Posting], out: &mut Vec<u8>) {
    let earliest = postings.iter().filter_map(|one| one.time).min();
    out.push(if earliest.is_some() { TIMED } else { 0 });
    if let Some(time) = earliest {
        put_signed(out, time);
    }
    let mut high = 0;
    for group in postings.chunk_by(|a, b| a.tag == b.tag && a.entity == b.entity) {
        let Some(first) = group.first() else { continue };
        put(out, first.tag.high.wrapping_sub(high));
        high = first.tag.high;
        out.extend_from_slice(&first.tag.low.to_le_bytes());
        out.push(first.entity);
        put(out, group.len() as u64);
        let mut window = 0;
        for one in group {
            put(out, u64::from(one.window.wrapping_sub(window)));
            window = one.window;
            put_signed(out, one.at);
            put(out, u64::from(one.record));
            out.push(one.party << 5 | one.len.min(LONG) as u8);
            if one.len >= LONG {
                put(out, u64::from(one.len - LONG));
            }
            if let Some(earliest) = earliest {
                // 0 for none, else one more than the seconds since the earliest.
                let behind = one.time.map_or(0, |time| (time - earliest) as u64 + 1);
                put(out, behind);
            }
        }
    }
}

/// Reads a block, giving each posting to `each`; `None` when it is none.
pub(super) fn decode(block: &[u8], mut each: impl FnMut(Posting)) -> Option<()> {
    let mut from = block;
    let [flags] = take_bytes(&mut from)?;
    let earliest = match flags {
        TIMED => Some(take_signed(&mut from)?),
        0 => None,
        _ => return None,
    };
    let mut high: u64 = 0;
    while !from.is_empty() {
        high = high.wrapping_add(take(&mut from)?);
        let low = u64::from_le_bytes(take_bytes(&mut from)?);
        let [entity] = take_bytes(&mut from)?;
        let count = take(&mut from)?;
        let mut window: u32 = 0;
        for _ in 0..count {
            window = window.wrapping_add(take(&mut from)? as u32);
            let at = take_signed(&mut from)?;
            let record = take(&mut from)? as u32;
            let [traits] = take_bytes(&mut from)?;
            let mut len = u32::from(traits & LONG as u8);
            if len == LONG {
                len = len.saturating_add(take(&mut from)? as u32);
            }
            let time = match earliest {
                None => None,
                Some(earliest) => match take(&mut from)? {
                    0 => None,
                    behind => Some(earliest.wrapping_add(behind as i64 - 1)),
                },
            };
            each(Posting {
                tag: Tag { high, low },
                window,
                at,
                len,
                record,
                entity,
                party: traits >> 5,
                time,
            });
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_posting() -> impl Strategy<Value = Posting> {
        let tag = prop_oneof![
            (0..3_u64, 0..3_u64).prop_map(|(high, low)| Tag { high, low }),
            any::<(u64, u64)>().prop_map(|(high, low)| Tag { high, low }),
        ];
        let place = (any::<u32>(), any::<i64>(), any::<u32>(), any::<u32>());
        let rest = (
            0..32_u8,
            0..8_u8,
            proptest::option::of(-1_i64 << 40..1 << 40),
        );
        (tag, place, rest).prop_map(|(tag, (window, at, len, record), (entity, party, time))| {
            Posting {
                tag,
                window,
                at,
                len,
                record,
                entity,
                party,
                time,
            }
        })
    }

    proptest! {
        #[test]
        fn a_block_gives_back_what_it_was_given(
            mut postings in proptest::collection::vec(any_posting(), 0..60)
        ) {
            postings.sort_by_key(Posting::order);
            let mut block = Vec::new();
            encode(&postings, &mut block);
            let mut back = Vec::new();
            prop_assert!(decode(&block, |one| back.push(one)).is_some());
            prop_assert!(back == postings);
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut count = 0_u64;
            let _ = decode(&bytes, |_| count += 1);
            prop_assert!(count <= bytes.len() as u64);
        }
    }
}
