//! Which digits can be a number at all: what their first two and how many they are decide alone.
//!
//! Nearly everything that looks like a number ends here, before a plan is walked. Lets pass more
//! than the plans accept, never less.

use super::plan::{Region, whole_lengths};
use super::short::SHORTEST;
use super::{FEWEST_DIGITS, WHOLE_DIGITS};

/// By the first two digits, sets of lengths (bit n for n digits) that some reading without a plus
/// accepts.
#[derive(Clone, Debug)]
pub(in super::super) struct Gate {
    /// As a number of North America, whose groups people write in few ways.
    american: [u32; 100],
    /// As a number of any other country.
    foreign: [u32; 100],
    /// Whether a region of the run writes its numbers otherwise than North America does.
    abroad: bool,
    /// Whether a region of the run has numbers that are shorter than the sieve looks at.
    short: bool,
}

impl Gate {
    /// The gate for runs that read national numbers as `regions` do.
    pub(in super::super) fn of(regions: &[Region]) -> Gate {
        let mut gate = Gate {
            american: [0; 100],
            foreign: [0; 100],
            abroad: regions.iter().any(|region| region.calling_code() != 1),
            // What is dialled within an area only has as few digits in many more regions: a second look
            // at every digit costs as much as all else together, and is for those alone that need it.
            short: regions.iter().any(|region| {
                let short = (1 << FEWEST_DIGITS) - (1 << SHORTEST);
                region.whole_lengths() & short != 0
            }),
        };
        let sets = gate.american.iter_mut().zip(&mut gate.foreign);
        for (two, (american, foreign)) in sets.enumerate() {
            for region in regions {
                let lengths = region.lengths(two);
                if region.may_dial_abroad(two / 10) {
                    *american |= lengths;
                    *foreign |= lengths;
                } else if region.calling_code() == 1 {
                    *american |= lengths;
                } else {
                    *foreign |= lengths;
                }
            }
            // A country code without a plus.
            let (one, others) = whole_lengths(two);
            *american |= one & !0 << WHOLE_DIGITS;
            *foreign |= others & !0 << WHOLE_DIGITS;
            if two < 10 {
                // An international prefix, or a number kept for fiction.
                (*american, *foreign) = (!0, !0);
            }
        }
        gate
    }

    /// Whether a region of the run writes its numbers otherwise than North America does.
    pub(super) fn is_abroad(&self) -> bool {
        self.abroad
    }

    /// Whether a region of the run has numbers of four to six digits.
    pub(in super::super) fn has_short(&self) -> bool {
        self.short
    }

    /// Whether `len` digits of which the first two are `first` and `second` (ASCII) can be a North
    /// American number, and whether one of another country.
    #[inline(always)]
    pub(super) fn passes(&self, first: u8, second: u8, len: usize) -> (bool, bool) {
        let two = usize::from(first & 15) * 10 + usize::from(second & 15);
        let has = |lengths: &[u32; 100]| {
            lengths
                .get(two)
                .is_some_and(|lengths| lengths >> (len & 31) & 1 != 0)
        };
        (has(&self.american), has(&self.foreign))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_plan_reads_is_kept_out_and_what_one_may_read_is_not() {
        let us = Gate::of(&[Region::parse("US").unwrap()]);
        let both = Gate::of(&[Region::parse("US").unwrap(), Region::parse("GB").unwrap()]);
        for (gate, digits, american, foreign) in [
            (&us, "4165550123", true, false),
            (&us, "2025550123", true, true),
            (&us, "41655501", false, false),
            (&us, "14165550123", true, false),
            (&us, "1672531201548", false, false),
            (&us, "1672531201", true, false),
            (&us, "00442079460958", true, true),
            (&us, "770090012", false, false),
            (&both, "770090012", false, true),
            (&both, "7700900123", true, true),
            (&both, "07700900123", true, true),
        ] {
            let [first, second, ..] = digits.as_bytes() else {
                panic!("{digits}");
            };
            let passes = gate.passes(*first, *second, digits.len());
            assert_eq!(passes, (american, foreign), "{digits}");
        }
    }
    proptest::proptest! {
        #[test]
        fn what_is_read_passes(
            region in 0..Region::all().len(),
            digits in "(1|0|00|011|7|44|[0-9]{2})[0-9]{5,16}",
        ) {
            let region = Region::all().nth(region).unwrap();
            let gate = Gate::of(&[region]);
            let digits = digits.as_bytes();
            let read = crate::detect::phone::read(&[region], digits, false, None);
            if let Some(reading) = read {
                let (american, foreign) = gate.passes(digits[0], digits[1], digits.len());
                let passes = match reading.number.calling_code() {
                    1 => american,
                    _ => foreign,
                };
                proptest::prop_assert!(passes, "{region} {:?}", std::str::from_utf8(digits));
            }
        }
    }
}
