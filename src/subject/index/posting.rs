//! A posting: where a value stands, without the value; and blocks of postings as bytes.
//!
//! A block holds postings in the order of their tags, then of their windows, and is columns in rows:
//! a bit that says whether the tag is the one before; the gap to it, if not; window, record and
//! place; kind, by a list of the kinds of the block; time since its earliest. Each column has a width
//! of its own that fits most of its numbers. It must not know encryption or files.

use super::bits::{BitReader, BitWriter, Widths};
use super::keys::Tag;
use super::varint::{put, put_signed, take, take_bytes, take_signed};

/// Where a value stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Posting {
    pub(super) tag: Tag,
    /// Which window of which source: windows are numbered through the whole index.
    pub(super) window: u32,
    /// Records of the window before its own, plus one; 0 where it lies in no record.
    pub(super) record: u32,
    /// Which of the places of its record in the window it is, from 0; where it lies in no record,
    /// the byte it starts at, from the first of the window. No window or cell is larger.
    pub(super) place: u32,
    /// The number of its entity.
    pub(super) entity: u8,
    /// The number of its party, plus one; 0 for none.
    pub(super) party: u8,
    /// The time of its record in seconds since 1970, where the record alone tells it, else
    /// [`UNDATED`]: runs of postings are sorted in memory, and an `Option` is half as much again.
    pub(super) time: i64,
}

/// No time.
pub(super) const UNDATED: i64 = i64::MIN;

impl Posting {
    /// What postings are sorted by; those of one window come in the order of the source.
    #[inline]
    pub(super) const fn order(&self) -> (Tag, u32) {
        (self.tag, self.window)
    }
}

impl Posting {
    /// The time of its record, where that is known.
    pub(super) fn time(&self) -> Option<i64> {
        (self.time != UNDATED).then_some(self.time)
    }
}

/// Postings of a block at most: a look-up decrypts and reads two kilobytes.
pub(super) const BLOCK: usize = 256;

/// Rows of a block that tell how wide its columns are.
const SAMPLE: usize = 64;

/// Whether the block's records have times.
const TIMED: u8 = 1;

/// The columns, by the position of their widths.
const COLUMNS: usize = 8;
const TAG: usize = 0;
const WINDOW: usize = 1;
/// The gap to the window of the posting before, where the tag is the same.
const NEXT_WINDOW: usize = 2;
const RECORD: usize = 3;
/// The gap to the record of the posting before, where tag and window are the same.
const NEXT_RECORD: usize = 4;
const PLACE: usize = 5;
const OFFSET: usize = 6;
const TIME: usize = 7;

/// One row: how it goes on from the one before, and its numbers with the columns they stand in.
struct Row {
    is_next: bool,
    tag: u64,
    window: (usize, u64),
    record: (usize, u64),
    place: (usize, u64),
    time: u64,
}

impl Row {
    #[inline]
    fn of(one: &Posting, before: Option<&Posting>, (first, earliest): (u32, i64)) -> Row {
        let before = before.filter(|before| before.tag == one.tag);
        let same = before.filter(|before| before.window == one.window);
        let place = if one.record == 0 { OFFSET } else { PLACE };
        Row {
            is_next: before.is_some(),
            tag: one.tag.0,
            window: match before {
                Some(before) => (NEXT_WINDOW, (one.window.wrapping_sub(before.window)).into()),
                None => (WINDOW, (one.window - first).into()),
            },
            record: match same {
                // They need not be in order; what goes back is large, and rare.
                Some(before) => (NEXT_RECORD, (one.record.wrapping_sub(before.record)).into()),
                None => (RECORD, one.record.into()),
            },
            place: (place, one.place.into()),
            // 0 for none, else one more than the seconds since the earliest.
            time: match one.time {
                UNDATED => 0,
                time => (time.wrapping_sub(earliest) as u64).wrapping_add(1),
            },
        }
    }
}

/// Appends a block; the postings are sorted.
pub(super) fn encode(postings: &[Posting], out: &mut Vec<u8>) {
    let earliest = postings.iter().filter_map(Posting::time).min();
    let first = postings.iter().map(|one| one.window).min().unwrap_or(0);
    let base = (first, earliest.unwrap_or(0));
    let mut kinds: Vec<[u8; 2]> = Vec::new();
    for one in postings {
        let kind = [one.entity, one.party];
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    let mut widths = [Widths::none(); COLUMNS];
    // Some dozens of rows tell as well how wide the columns are as all of them.
    let step = (postings.len() / SAMPLE).max(1);
    for pair in postings.windows(2).step_by(step) {
        let [before, one] = pair else { continue };
        let row = Row::of(one, Some(before), base);
        if !row.is_next {
            widths[TAG].add(row.tag.wrapping_sub(before.tag.0));
        }
        for (column, value) in [row.window, row.record, row.place, (TIME, row.time)] {
            if let Some(widths) = widths.get_mut(column) {
                widths.add(value);
            }
        }
    }
    let widths = widths.map(|widths| widths.best());
    out.push(if earliest.is_some() { TIMED } else { 0 });
    if let Some(time) = earliest {
        put_signed(out, time);
    }
    put(out, postings.len() as u64);
    put(out, first.into());
    out.extend_from_slice(&widths);
    put(out, kinds.len() as u64);
    out.extend_from_slice(kinds.as_flattened());
    let kind_width = width_of(kinds.len());
    let mut bits = BitWriter::new(out);
    let (mut before, mut high) = (None, 0);
    for one in postings {
        let row = Row::of(one, before, base);
        bits.bits(row.is_next.into(), 1);
        if !row.is_next {
            bits.number(row.tag.wrapping_sub(high), widths[TAG]);
        }
        high = row.tag;
        for (column, value) in [row.window, row.record, row.place] {
            bits.number(value, widths.get(column).copied().unwrap_or(0));
        }
        let kind = [one.entity, one.party];
        let kind = kinds.iter().position(|known| *known == kind);
        bits.bits(kind.unwrap_or(0) as u64, kind_width);
        if earliest.is_some() {
            bits.number(row.time, widths[TIME]);
        }
        before = Some(one);
    }
    bits.finish();
}

/// Bits that tell so many things apart.
const fn width_of(count: usize) -> u32 {
    count.next_power_of_two().trailing_zeros()
}

/// Reads a block, giving each posting to `each` until that says no; `None` when it is none.
pub(super) fn decode(block: &[u8], mut each: impl FnMut(Posting) -> bool) -> Option<()> {
    let mut from = block;
    let [flags] = take_bytes(&mut from)?;
    let earliest = match flags {
        TIMED => Some(take_signed(&mut from)?),
        0 => None,
        _ => return None,
    };
    let count = take(&mut from)?;
    let first = u32::try_from(take(&mut from)?).ok()?;
    let widths: [u8; COLUMNS] = take_bytes(&mut from)?;
    let kinds = usize::try_from(take(&mut from)?).ok()?;
    let (kinds, rest) = from.split_at_checked(kinds.checked_mul(2)?)?;
    let (kinds, _) = kinds.as_chunks::<2>();
    let kind_width = width_of(kinds.len());
    let mut bits = BitReader::new(rest);
    let mut one = Posting {
        tag: Tag(0),
        window: 0,
        record: 0,
        place: 0,
        entity: 0,
        party: 0,
        time: UNDATED,
    };
    for _ in 0..count {
        let is_next = bits.bits(1)? == 1;
        if !is_next {
            one.tag = Tag(one.tag.0.wrapping_add(bits.number(widths[TAG])?));
        }
        let before = one;
        one.window = if is_next {
            let gap = bits.number(widths[NEXT_WINDOW])?;
            before.window.wrapping_add(gap as u32)
        } else {
            first.wrapping_add(bits.number(widths[WINDOW])? as u32)
        };
        one.record = if is_next && one.window == before.window {
            let gap = bits.number(widths[NEXT_RECORD])?;
            before.record.wrapping_add(gap as u32)
        } else {
            bits.number(widths[RECORD])? as u32
        };
        let place = if one.record == 0 { OFFSET } else { PLACE };
        one.place = bits.number(*widths.get(place)?)? as u32;
        [one.entity, one.party] = *kinds.get(bits.bits(kind_width)? as usize)?;
        one.time = match earliest {
            None => UNDATED,
            Some(earliest) => match bits.number(widths[TIME])? {
                0 => UNDATED,
                behind => earliest.wrapping_add(behind.wrapping_sub(1).cast_signed()),
            },
        };
        if !each(one) {
            break;
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_posting() -> impl Strategy<Value = Posting> {
        let tag = prop_oneof![(0..3_u64), any::<u64>()];
        let window = prop_oneof![(5..8_u32), any::<u32>()];
        let record = prop_oneof![(0..4_u32), any::<u32>()];
        let rest = (
            prop_oneof![0..6_u32, any::<u32>()],
            0..32_u8,
            0..8_u8,
            prop_oneof![Just(UNDATED), -1_i64 << 40..1 << 40],
        );
        (tag, window, record, rest).prop_map(
            |(tag, window, record, (place, entity, party, time))| Posting {
                tag: Tag(tag),
                window,
                record,
                place,
                entity,
                party,
                time,
            },
        )
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
            let read = decode(&block, |one| {
                back.push(one);
                true
            });
            prop_assert!(read.is_some());
            prop_assert!(back == postings);
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut count = 0;
            let _ = decode(&bytes, |_| { count += 1; true });
            // A row has a bit at least for each of four columns.
            prop_assert!(count <= bytes.len() * 2);
        }
    }

    #[test]
    fn postings_of_calls_take_less_than_nine_bytes() {
        // A number in 1.7 places, 2.5 places in a record, as in exports of calls. Of a segment of
        // 600,000 tags a block has those of a 4096th of all there can be.
        let mut seed = 7_u64;
        let mut random = move || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            seed >> 8
        };
        let mut postings: Vec<Posting> = (0..256_u64)
            .map(|i| Posting {
                tag: Tag((i * 3 / 5).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20),
                window: (random() % 340) as u32,
                record: 1 + (random() % 750) as u32,
                place: (random() % 3) as u32,
                entity: 0,
                party: (random() % 3) as u8,
                time: 1_672_531_200 + (random() % 760_000) as i64,
            })
            .collect();
        postings.sort_by_key(Posting::order);
        let mut block = Vec::new();
        encode(&postings, &mut block);
        assert!(block.len() < postings.len() * 9, "{}", block.len());
    }
}
