//! Regions by their two-letter code (ISO 3166, and XK for Kosovo as libphonenumber has it).

use std::fmt;

use super::table::{CODES, GEOGRAPHIC, IDD, REFUSED, REGIONS, Row, WHOLE};

/// A region with a numbering plan of its own. Small and `Copy`; ordered by its code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region(u8);

/// Codes people write for a region whose ISO code is another one.
const WRITTEN_AS: [(&str, &str); 6] = [
    ("UK", "GB"),
    ("EN", "GB"),
    ("EL", "GR"),
    ("USA", "US"),
    ("GBR", "GB"),
    ("CAN", "CA"),
];

/// Lengths (bit n for n digits, below 32) at which digits whose first two are `two` (0 to 99) may
/// be a number in international form: of the calling code 1, and of any other.
pub(in super::super) fn whole_lengths(two: usize) -> (u32, u32) {
    let [one, others] = &WHOLE;
    let at = |lengths: &[u32; 100]| lengths.get(two).copied().unwrap_or(0);
    (at(one), at(others))
}

impl Region {
    /// The region with this two-letter code, in any case.
    pub fn parse(code: &str) -> Option<Self> {
        let upper = code.to_ascii_uppercase();
        let at = REGIONS[..GEOGRAPHIC]
            .binary_search_by(|row| row.id.cmp(&upper))
            .ok()?;
        Some(Self(at as u8))
    }

    /// The code most like a wrong one, for the hint of an error; none when nothing is close.
    pub fn nearest(code: &str) -> Option<&'static str> {
        let upper = code.trim().to_ascii_uppercase();
        if let Some((_, meant)) = WRITTEN_AS.iter().find(|(written, _)| *written == upper) {
            return Some(meant);
        }
        let (a, b) = match upper.as_bytes() {
            [a, b] | [a, b, _] => (*a, *b),
            _ => return None,
        };
        Self::all()
            .map(Self::code)
            .filter_map(|known| match known.as_bytes() {
                [x, y] if (*x, *y) == (a, b) => Some((0, known)),
                [x, y] if (*x, *y) == (b, a) => Some((1, known)),
                [x, _] if *x == a => Some((2, known)),
                [_, y] if *y == b => Some((3, known)),
                _ => None,
            })
            .min()
            .map(|(_, known)| known)
    }

    /// Every region, in alphabetical order of its code.
    pub fn all() -> impl ExactSizeIterator<Item = Self> {
        (0..GEOGRAPHIC as u8).map(Self)
    }

    /// The two-letter code.
    pub fn code(self) -> &'static str {
        self.row().id
    }

    /// The country calling code, which several regions may share.
    pub fn calling_code(self) -> u16 {
        CODES[usize::from(self.row().code)].calling
    }

    /// Lengths (bit n for n digits, below 32) at which digits whose first two are `two` (0 to 99)
    /// may be a number as it is written in the region; at others none is.
    pub(in super::super) fn lengths(self, two: usize) -> u32 {
        let refused = REFUSED.get(usize::from(self.0));
        refused
            .and_then(|refused| refused.get(two))
            .map_or(0, |refused| !refused)
    }

    /// Lengths (bit n for n digits) of whole numbers of the region, without what is dialled before.
    pub(in super::super) fn whole_lengths(self) -> u32 {
        self.row().lengths
    }

    /// Whether digits that start with `first` (0 to 9) may be dialled to another country.
    pub(in super::super) fn may_dial_abroad(self, first: usize) -> bool {
        self.row()
            .first
            .get(first)
            .is_some_and(|flags| flags & IDD != 0)
    }

    /// The region at a place of the table; none for an entity that is no region.
    pub(super) fn at(place: u8) -> Option<Self> {
        (usize::from(place) < GEOGRAPHIC).then_some(Self(place))
    }

    pub(super) fn row(self) -> &'static Row {
        &REGIONS[usize::from(self.0)]
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
