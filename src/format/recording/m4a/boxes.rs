//! Boxes of MP4: each its length, four letters and its content (ISO/IEC 14496-12, section 4.2).

use std::ops::Range;

use crate::format::recording::stream::{be32, bytes_at};

/// The head of a box: its letters, how long its head is, and how long it is with that; `None` for
/// the length of one that goes to the end.
pub(super) fn head(bytes: &[u8]) -> Option<([u8; 4], usize, Option<u64>)> {
    let kind = bytes_at::<4>(bytes, 4)?;
    let (head, len) = match be32(bytes, 0) {
        0 => (8, None),
        1 => (16, Some(u64::from_be_bytes(bytes_at(bytes, 8)?))),
        len => (8, Some(u64::from(len))),
    };
    (len.is_none_or(|len| len >= head as u64)).then_some((kind, head, len))
}

/// What is left of a range behind its first bytes.
pub(super) fn inside(range: &Range<usize>, skip: usize) -> Range<usize> {
    (range.start + skip).min(range.end)..range.end
}

/// The boxes in a range of a text: letters, and where the content of each stands. One that goes on
/// behind the end is cut.
pub(super) struct Boxes<'t> {
    text: &'t [u8],
    rest: Range<usize>,
}

impl<'t> Boxes<'t> {
    pub(super) fn of(text: &'t [u8], range: Range<usize>) -> Boxes<'t> {
        let end = range.end.min(text.len());
        Boxes {
            text,
            rest: range.start.min(end)..end,
        }
    }

    /// What could not be read as boxes.
    pub(super) fn rest(&self) -> Range<usize> {
        self.rest.clone()
    }
}

impl Iterator for Boxes<'_> {
    type Item = ([u8; 4], Range<usize>);

    fn next(&mut self) -> Option<Self::Item> {
        let bytes = self.text.get(self.rest.clone())?;
        let (kind, head, len) = head(bytes)?;
        let len = len.unwrap_or(bytes.len() as u64).min(bytes.len() as u64) as usize;
        let content = self.rest.start + head.min(len)..self.rest.start + len;
        self.rest.start = content.end;
        Some((kind, content))
    }
}
