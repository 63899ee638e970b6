//! A finding: what was found, how sure, on what evidence, and where.
//!
//! Owns the result every later room reads. Values in it have no `Debug` or `Display` (R4); the
//! report asks for the masked form or, when told to show values, for the value itself.

use std::fmt;
use std::net::IpAddr;
use std::ops::Range;
use std::sync::Arc;

use crate::entity::Entity;
use crate::view::Party;

/// How sure a finding is, in hundredths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Confidence(pub u8);

impl Confidence {
    /// As the fraction shown in output.
    pub fn fraction(self) -> f64 {
        f64::from(self.0) / 100.0
    }
}

macro_rules! evidence {
    ($($constant:ident = $bit:literal $name:literal $doc:literal),+ $(,)?) => {
        /// What speaks for or against a finding, as a set.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
        pub struct Evidence(u32);

        impl Evidence {
            $(#[doc = $doc] pub const $constant: Evidence = Evidence(1 << $bit);)+

            /// The names of the set's members, in a fixed order.
            pub fn names(self) -> impl Iterator<Item = &'static str> {
                [$((Evidence::$constant, $name)),+]
                    .into_iter()
                    .filter(move |(bit, _)| self.has(*bit))
                    .map(|(_, name)| name)
            }
        }
    };
}

evidence! {
    PLAN_VALID = 0 "plan-valid" "A number the numbering plan assigns.",
    PLAN_POSSIBLE = 1 "plan-possible" "A number of a length the plan has, not assigned.",
    FICTION = 2 "fiction" "A number of a range kept for films and examples.",
    INTERNATIONAL = 3 "international" "Written with `+` or an international prefix.",
    GROUPED = 4 "grouped" "Written in groups as people write it.",
    COLUMN = 5 "column" "The column or key says what it holds.",
    CONTEXT = 6 "context-word" "A word nearby says what it is.",
    URI = 7 "uri" "Part of a `tel:`, `sip:` or `mailto:` address.",
    CHECKSUM = 8 "checksum" "The check digit is right.",
    ISSUER_RANGE = 9 "issuer-range" "The leading digits are a card network's.",
    SYNTAX = 10 "syntax" "The form itself is enough.",
    VANITY = 11 "vanity" "Letters stand for digits.",
    TERM = 12 "term" "A listed term as a whole word.",
    EXTENSION = 13 "extension" "An extension follows the number.",
    WHOLE_CELL = 14 "whole-cell" "It fills its cell or value.",
    FOLDED = 15 "folded" "Written in digits or dashes outside ASCII.",
    PORT = 16 "port" "A port follows the address.",
    SPOKEN = 24 "spoken" "Told in words.",
    READ_BACK = 25 "read-back" "A part of a value that was told before.",
    KEYED = 18 "keyed" "Keyed in as tones.",
    NAMED_OTHERWISE = 26 "named-otherwise" "Against it: the column or key says that it holds something else.",
    IDENTIFIER_WORD = 27 "identifier-word" "Against it: a word nearby says that it tells things apart.",
    RULE = 28 "rule" "A rule of the user finds it.",
    COUNTRY_DIGITS = 17 "country-digits" "The country code stands without `+`.",
}

impl Evidence {
    /// Whether all of `other` is in the set.
    pub const fn has(self, other: Evidence) -> bool {
        self.0 & other.0 == other.0
    }

    /// Those of the set that speak against a finding.
    #[must_use]
    pub const fn against(self) -> Evidence {
        Evidence(self.0 & (Evidence::NAMED_OTHERWISE.0 | Evidence::IDENTIFIER_WORD.0))
    }

    /// Those of the set that are not in `other`.
    #[must_use]
    pub const fn without(self, other: Evidence) -> Evidence {
        Evidence(self.0 & !other.0)
    }

    /// A number that differs for sets that differ little.
    pub(crate) const fn spread(self) -> usize {
        // Knuth's multiplicative hash; its upper bits depend on all members.
        (self.0.wrapping_mul(0x9e37_79b1) >> 16) as usize
    }

    /// Both sets.
    #[must_use]
    pub const fn with(self, other: Evidence) -> Evidence {
        Evidence(self.0 | other.0)
    }
}

/// The one spelling that all spellings of a value share.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Canonical {
    /// E.164 digits without `+`, and how many of them are the country code (0: unknown).
    Phone {
        /// The digits as one number; at most 15 digits.
        digits: u64,
        /// Leading digits that are the country code.
        country_len: u8,
    },
    /// Digits that may start with zeros.
    Digits {
        /// The digits as one number; at most 19 digits.
        value: u64,
        /// How many digits.
        len: u8,
    },
    /// An address.
    Ip(IpAddr),
    /// Case-folded text.
    Text(Box<[u8]>),
    /// A listed term, by its number in the packs.
    Term(u16),
}

impl fmt::Debug for Canonical {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Canonical::Phone { .. } => "Phone(..)",
            Canonical::Digits { .. } => "Digits(..)",
            Canonical::Ip(_) => "Ip(..)",
            Canonical::Text(_) => "Text(..)",
            Canonical::Term(_) => "Term(..)",
        })
    }
}

/// Bytes of a value as they stand decoded; kept only when values are asked for.
#[derive(Clone, PartialEq, Eq)]
pub struct Value(pub Box<[u8]>);

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Value({} bytes)", self.0.len())
    }
}

/// One finding of one source.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The kind of personal data.
    pub entity: Entity,
    /// How sure.
    pub confidence: Confidence,
    /// On what evidence.
    pub evidence: Evidence,
    /// The hull of its parts: half-open byte offsets in the source.
    pub span: Range<u64>,
    /// Its parts when there is more than one.
    pub parts: Option<Box<[Range<u64>]>>,
    /// The decodings it came through, innermost last.
    pub via: &'static [&'static str],
    /// Shared by the places of a source that repeat one fact; 1-based.
    pub group: u32,
    /// The canonical value.
    pub canonical: Canonical,
    /// The extension of a phone number, which is no part of its canonical value.
    pub extension: Option<Value>,
    /// The value as it stands, when asked for.
    pub value: Option<Value>,
    /// 1-based line, and 1-based byte column in it; filled when places are asked for.
    pub line: u64,
    /// See `line`.
    pub column: u64,
    /// 1-based record.
    pub record: Option<u64>,
    /// The column or key path.
    pub field: Option<Arc<str>>,
    /// Whose side of the record it is.
    pub party: Option<Party>,
    /// When its record is from, in seconds since 1970, where that is asked for and told.
    pub time: Option<i64>,
    /// The cell of a database that it lies in; its places are then those within the cell.
    pub cell: Option<Box<InCell>>,
    /// When it is heard, in a recording; it has no place in bytes then.
    pub heard: Option<Box<Heard>>,
}

impl Finding {
    /// Whether it stands on a line of a text.
    pub fn has_line(&self) -> bool {
        self.cell.is_none() && self.line > 0
    }
}

/// When something is heard in a recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// The channel, from 1.
    pub channel: u16,
    /// From the beginning of the recording, in milliseconds, half-open.
    pub ms: Range<u64>,
}

/// A cell of a database.
#[derive(Clone, Debug)]
pub struct InCell {
    /// The table.
    pub table: Arc<str>,
    /// The column.
    pub column: Arc<str>,
    /// The row's id, where it has one that is no value itself.
    pub row: Option<i64>,
    /// Whether the cell is the row's id.
    pub is_row: bool,
}
