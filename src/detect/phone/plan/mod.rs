//! The world's numbering plans: is this string of digits a telephone number, whose plan is it in,
//! and what is its one spelling. Agrees with libphonenumber (see `VERSION`) on validity, region
//! and E.164 form. Must not know text: it gets ASCII digits and gives numbers.
//!
//! Nothing here allocates, panics or loads anything; the plans are tables in the binary.

mod number;
mod parse;
mod region;
mod table;
#[cfg(test)]
mod tests;

pub use number::{E164, Fiction, Number, NumberKind};
pub use region::Region;
pub(super) use region::whole_lengths;

/// The version of libphonenumber's metadata that the plans were made from.
pub const VERSION: &str = table::VERSION;

/// How sure the plan is of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Validity {
    /// The plan assigns numbers like this one (libphonenumber: `isValidNumber`).
    Valid,
    /// The plan has whole numbers of this length, but assigns none like it (libphonenumber:
    /// `isPossibleNumber`, without the lengths that are possible inside an area only).
    Possible,
}

/// A number and how sure the plan is of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Verdict {
    /// The number in its one spelling.
    pub number: Number,
    /// Whether the plan assigns it.
    pub validity: Validity,
}

/// Reads what follows a plus or an international prefix: calling code and national number, with
/// or without a national prefix in between (`44 0 20 7946 0958`). `digits` are ASCII digits;
/// anything else, or a string that is no possible number, gives none.
#[inline]
pub fn international(digits: &[u8]) -> Option<Verdict> {
    parse::international(digits)
}

/// Reads a number as written or dialled in a region: international prefix and calling code,
/// calling code without plus, national prefix (with a carrier code where the plan has them), or
/// the bare national number. `digits` are ASCII digits; anything else, or a string that is no
/// possible number, gives none.
#[inline(always)]
pub fn national(region: Region, digits: &[u8]) -> Option<Verdict> {
    parse::national(region, digits)
}
