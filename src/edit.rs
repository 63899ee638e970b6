//! Replacements as operators give them, and the changes to a source they become.
//!
//! Owns the abstract replacement, the concrete splice and the reasons for refusing one. Knows
//! neither entities nor files.

use std::ops::Range;

use smallvec::SmallVec;

/// What is to stand in the place of a value, before a format has rendered it.
#[derive(Clone, PartialEq, Eq)]
pub enum Replacement {
    /// Each decoded character becomes a mask character of the same encoded length.
    Mask,
    /// This text, in whatever escape the place needs.
    Text(String),
    /// This number, where the format needs one.
    Number(String),
    /// Silence of the same length, in recordings.
    Silence,
    /// The value goes and nothing comes.
    Nothing,
}

/// Bytes of a splice. Most are as short as a phone number, and there are millions of them: those
/// need no memory of their own.
pub type Bytes = SmallVec<[u8; INLINE]>;

/// Longer than nearly every number and address.
const INLINE: usize = 24;

/// New bytes for a half-open byte range of one source.
#[derive(Clone, PartialEq, Eq)]
pub struct Splice {
    /// What goes, in the source's bytes.
    pub range: Range<u64>,
    /// What comes.
    pub bytes: Bytes,
}

/// A change to one source.
#[derive(Clone, PartialEq, Eq)]
pub enum Edit {
    /// New bytes for a byte range.
    Splice(Splice),
    /// New content for a cell of a database, made by SQL in a transaction.
    Cell {
        /// The table, as named in the schema.
        table: String,
        /// The column, as named in the schema.
        column: String,
        /// The row's id.
        row: i64,
        /// The new content.
        content: Vec<u8>,
    },
}

/// Why a replacement cannot be made here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The text has no place in the source that could take it.
    #[error("the value has no bytes of its own in the source")]
    NoPlace,
    /// The encoding of the place has no form for the replacement.
    #[error("the encoding of the source cannot express the replacement")]
    NotEncodable,
    /// The place has a fixed width that the replacement does not fit.
    #[error("the place has a fixed width")]
    FixedWidth,
    /// The format cannot drop this record and stay valid.
    #[error("the format cannot drop this record and stay valid")]
    NotDroppable,
    /// The record is too long to be seen whole.
    #[error("the record is too long to be seen whole")]
    Torn,
    /// The value was the person's for a time only, and its record does not tell when it is from.
    #[error("its record has no date, and the number was not always this person's")]
    Undated,
    /// It stands in a name that others go by.
    #[error("it stands in a name, which was left as it is")]
    Name,
    /// The name of the file says how long it is.
    #[error("the name of the file tells the length it had (,S=)")]
    Length,
    /// The format is read but not rewritten.
    #[error("this format can be read but not rewritten")]
    ReadOnly,
}

/// The character that masks one of `len` UTF-8 bytes, with as many UTF-16 units.
///
/// One, two and three bytes are single UTF-16 units, four bytes are a surrogate pair, and the
/// two-byte one exists in Windows-1252 and Latin-1, so widths stay in all of them.
pub const fn mask_char(len: usize) -> char {
    match len {
        1 => '*',
        2 => '\u{a4}',
        3 => '\u{2022}',
        _ => '\u{1f7e6}',
    }
}

/// Applies sorted, disjoint splices to a whole source held in memory.
///
/// # Errors
/// [`Refusal::NoPlace`] when the splices are out of order, overlap or leave the source.
pub fn apply(source: &[u8], splices: &[Splice]) -> Result<Vec<u8>, Refusal> {
    let mut out = Vec::with_capacity(source.len());
    let mut done = 0usize;
    for splice in splices {
        let (start, end) = (splice.range.start as usize, splice.range.end as usize);
        let kept = source.get(done..start).ok_or(Refusal::NoPlace)?;
        if end < start || end > source.len() {
            return Err(Refusal::NoPlace);
        }
        out.extend_from_slice(kept);
        out.extend_from_slice(&splice.bytes);
        done = end;
    }
    out.extend_from_slice(source.get(done..).ok_or(Refusal::NoPlace)?);
    Ok(out)
}
