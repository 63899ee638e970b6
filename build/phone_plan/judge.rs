//! What a national number is, given the patterns it matches: libphonenumber's
//! `getRegionCodeForNumber` and then `isValidNumberForRegion`, for one calling code.

use super::dag::Numbered;
use super::data::{FictionClass, KINDS, Region};
use super::sets::Judge;

/// What the plan says of a number.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Answer {
    /// Place of the region in the calling code's list, and the kind; none when it is not valid.
    pub(super) valid: Option<(usize, &'static str)>,
    pub(super) fiction: Option<FictionClass>,
}

pub(super) const REFUSED: Answer = Answer {
    valid: None,
    fiction: None,
};

/// Tags of a region's patterns: general, the kinds, leading digits.
const TAGS: usize = 16;
const LEADING: usize = 15;

pub(super) const PLACEHOLDER_TAG: usize = 1 << 16;
pub(super) const RESERVED_TAG: usize = PLACEHOLDER_TAG + 1;

pub(super) fn general_tag(place: usize) -> usize {
    place * TAGS
}

pub(super) fn kind_tag(place: usize, kind: usize) -> usize {
    place * TAGS + 1 + kind
}

pub(super) fn leading_tag(place: usize) -> usize {
    place * TAGS + LEADING
}

/// Judges for the regions of one calling code, in the order they are consulted.
pub(super) struct CodeJudge<'a> {
    pub(super) regions: &'a [&'a Region],
    pub(super) answers: &'a mut Numbered<Answer>,
}

impl CodeJudge<'_> {
    fn kind(&self, place: usize, matched: &[usize], length: usize) -> Option<&'static str> {
        let region = self.regions[place];
        let allows = |lengths: &[usize]| lengths.is_empty() || lengths.contains(&length);
        if !matched.contains(&general_tag(place)) || !allows(&region.lengths) {
            return None;
        }
        let kinds = region.kinds();
        let is = |kind: usize| {
            matched.contains(&kind_tag(place, kind))
                && kinds[kind].is_some_and(|kind| allows(&kind.lengths))
        };
        let (fixed, mobile) = (8, 9);
        if let Some(kind) = (0..fixed).find(|&kind| is(kind)) {
            return Some(KINDS[kind]);
        }
        let same = match (kinds[fixed], kinds[mobile]) {
            (Some(fixed), Some(mobile)) => fixed.pattern == mobile.pattern,
            _ => false,
        };
        if is(fixed) {
            return Some(if same || is(mobile) {
                "FixedOrMobile"
            } else {
                KINDS[fixed]
            });
        }
        (!same && is(mobile)).then_some(KINDS[mobile])
    }

    fn valid(&self, matched: &[usize], length: usize) -> Option<(usize, &'static str)> {
        let kind = |place| self.kind(place, matched, length).map(|kind| (place, kind));
        if self.regions.len() == 1 {
            return kind(0);
        }
        for (place, region) in self.regions.iter().enumerate() {
            if region.leading.is_none() {
                if let Some(found) = kind(place) {
                    return Some(found);
                }
            } else if matched.contains(&leading_tag(place)) {
                return kind(place);
            }
        }
        None
    }
}

impl Judge for CodeJudge<'_> {
    fn answer(&mut self, matched: &[usize], length: usize) -> Result<u8, String> {
        let fiction = if matched.contains(&RESERVED_TAG) {
            Some(FictionClass::Reserved)
        } else {
            matched
                .contains(&PLACEHOLDER_TAG)
                .then_some(FictionClass::Placeholder)
        };
        self.answers.number(Answer {
            valid: self.valid(matched, length),
            fiction,
        })
    }
}

/// Answers 1 for what a region's general description matches.
pub(super) struct GeneralJudge;

impl Judge for GeneralJudge {
    fn answer(&mut self, matched: &[usize], _length: usize) -> Result<u8, String> {
        Ok(u8::from(!matched.is_empty()))
    }
}
