//! A number once it is understood, and its one spelling. Knows nothing of how it was written.

use std::fmt;

use super::Region;

/// What a number is for, as libphonenumber's metadata classes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NumberKind {
    /// Not a valid number, so no kind is known.
    Unknown,
    /// A line at a place.
    Fixed,
    /// A mobile subscription.
    Mobile,
    /// The plan does not tell fixed and mobile apart (as in North America).
    FixedOrMobile,
    /// Free for the caller.
    TollFree,
    /// The caller pays for a service.
    Premium,
    /// Caller and called share the cost.
    SharedCost,
    /// A line over the internet, at no place.
    Voip,
    /// A number that follows a person, whatever line they use.
    Personal,
    /// A pager.
    Pager,
    /// One number for a whole company.
    Uan,
    /// Access to a mailbox.
    Voicemail,
}

/// Whether a number lies in a range that no subscriber has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fiction {
    /// An ordinary number.
    None,
    /// In a range writers use as a placeholder, though nobody has set it aside (555 exchanges).
    Placeholder,
    /// In a range the regulator has set aside for fiction (555-0100 to 0199, 07700 900xxx).
    Reserved,
}

/// A telephone number: calling code and national significant number. `Debug` shows no digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Number {
    pub(super) calling_code: u16,
    pub(super) national: u64,
    pub(super) leading_zeros: u8,
    pub(super) national_len: u8,
    pub(super) region: Option<Region>,
    pub(super) kind: NumberKind,
    pub(super) fiction: Fiction,
}

/// Powers of ten up to the longest national number of any plan, 17 digits.
static POWERS: [u64; 18] = {
    let mut powers = [1; 18];
    let mut i = 1;
    while i < powers.len() {
        powers[i] = powers[i - 1] * 10;
        i += 1;
    }
    powers
};

impl Number {
    /// The country calling code, 1 to 3 digits.
    pub fn calling_code(&self) -> u16 {
        self.calling_code
    }

    /// The national significant number as an integer, without its leading zeros.
    pub fn national(&self) -> u64 {
        self.national
    }

    /// How many zeros the national significant number starts with (0 nearly everywhere; 1 for
    /// Italian fixed lines). In an all-zero number the last zero is not a leading one.
    pub fn leading_zeros(&self) -> u8 {
        self.leading_zeros
    }

    /// Digits of the national significant number, leading zeros included.
    pub fn national_len(&self) -> u8 {
        self.national_len
    }

    /// The region the number belongs to. None for entities without a territory (universal
    /// freephone) and for a number that is not valid and whose calling code has several regions.
    pub fn region(&self) -> Option<Region> {
        self.region
    }

    /// What the number is for; [`NumberKind::Unknown`] unless it is valid.
    pub fn kind(&self) -> NumberKind {
        self.kind
    }

    /// Whether it lies in a range that no subscriber has.
    pub fn fiction(&self) -> Fiction {
        self.fiction
    }

    /// The E.164 digits (calling code, then national number) as one integer: unique per number,
    /// since a calling code never starts with 0. Every number of a plan has at most 19 digits.
    pub fn key(&self) -> u64 {
        let power = POWERS.get(usize::from(self.national_len)).unwrap_or(&1);
        u64::from(self.calling_code) * power + self.national
    }

    /// The canonical spelling: `+`, calling code, national number.
    pub fn e164(&self) -> E164 {
        let mut text = [b'0'; E164::CAPACITY];
        text[0] = b'+';
        let code_len = match self.calling_code {
            0..10 => 1,
            10..100 => 2,
            _ => 3,
        };
        let len = (1 + code_len + usize::from(self.national_len)).min(E164::CAPACITY);
        let mut rest = self.key();
        for slot in text[1..len].iter_mut().rev() {
            *slot = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        E164 {
            len: len as u8,
            text,
        }
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Number")
            .field("calling_code", &self.calling_code)
            .field("national_len", &self.national_len)
            .field("region", &self.region)
            .field("kind", &self.kind)
            .field("fiction", &self.fiction)
            .finish_non_exhaustive()
    }
}

/// `+` and the digits of a number, in a small buffer. `Debug` shows no digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct E164 {
    len: u8,
    text: [u8; E164::CAPACITY],
}

impl E164 {
    /// A plus and 19 digits: more than E.164 allows (15), as some plans have longer numbers.
    pub const CAPACITY: usize = 20;

    /// The text, always ASCII.
    pub fn as_bytes(&self) -> &[u8] {
        &self.text[..usize::from(self.len)]
    }

    /// The same as text.
    pub fn as_str(&self) -> &str {
        // The buffer holds ASCII only, so the fallback is never taken.
        std::str::from_utf8(self.as_bytes()).unwrap_or("")
    }
}

impl fmt::Debug for E164 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "E164({} bytes)", self.len)
    }
}
