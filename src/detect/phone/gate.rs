//! Which digits can be a number at all: what their first and how many they are decide alone.
//!
//! Nearly everything that looks like a number ends here, before a plan is walked. Lets pass more
//! than the plans accept, never less.

use super::WHOLE_DIGITS;
use super::plan::{Region, whole_lengths};

/// By first digit, sets of lengths (bit n for n digits) that some reading without a plus accepts.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Gate {
    /// As a number of North America, whose groups people write in few ways.
    american: [u32; 10],
    /// As a number of any other country.
    foreign: [u32; 10],
}

impl Gate {
    /// The gate for runs that read national numbers as `regions` do.
    pub(in super::super) fn of(regions: &[Region]) -> Gate {
        let mut gate = Gate::default();
        for (first, (american, foreign)) in
            gate.american.iter_mut().zip(&mut gate.foreign).enumerate()
        {
            for region in regions {
                let lengths = region.lengths(first);
                if region.may_dial_abroad(first) {
                    *american |= lengths;
                    *foreign |= lengths;
                } else if region.calling_code() == 1 {
                    *american |= lengths;
                } else {
                    *foreign |= lengths;
                }
            }
            // A country code without a plus.
            let (one, others) = whole_lengths(first);
            *american |= one & !0 << WHOLE_DIGITS;
            *foreign |= others & !0 << WHOLE_DIGITS;
            if first == 0 {
                // An international prefix, or a number kept for fiction.
                (*american, *foreign) = (!0, !0);
            }
        }
        gate
    }

    /// Whether `len` digits from `first` (ASCII) on can be a North American number, and whether
    /// one of another country.
    #[inline(always)]
    pub(super) fn passes(&self, first: u8, len: usize) -> (bool, bool) {
        let has = |lengths: &[u32; 10]| {
            let lengths = lengths.get(usize::from(first.wrapping_sub(b'0')));
            lengths.is_some_and(|lengths| lengths >> (len & 31) & 1 != 0)
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
        for (gate, first, len, american, foreign) in [
            (&us, b'4', 10, true, true),
            (&us, b'4', 8, false, false),
            (&us, b'1', 11, true, false),
            (&us, b'1', 13, false, false),
            (&us, b'0', 14, true, true),
            (&us, b'7', 9, false, false),
            (&both, b'7', 9, false, true),
        ] {
            assert_eq!(
                gate.passes(first, len),
                (american, foreign),
                "{first} {len}"
            );
        }
    }
}
