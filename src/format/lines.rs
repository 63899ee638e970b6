//! The lines of a text, and their count in a chunk, lazily, for formats whose records are lines.

use std::cell::Cell;

use super::Chunk;

/// The lines of `text` with their line ends; the last may have none.
pub(super) fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let len = memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
        let (line, behind) = rest.split_at_checked(len)?;
        rest = behind;
        (!line.is_empty()).then_some(line)
    })
}

/// How many line ends lie before an offset; fast for offsets asked in ascending order.
pub(super) struct Lines<'s> {
    chunk: Chunk<'s>,
    /// The last offset asked and the count there.
    last: Cell<(usize, u64)>,
}

impl<'s> Lines<'s> {
    /// Nothing counted yet.
    pub(super) fn new(chunk: Chunk<'s>) -> Self {
        Lines {
            chunk,
            last: Cell::new((chunk.start, 0)),
        }
    }

    /// Line ends in the owned text before chunk offset `at`.
    pub(super) fn before(&self, at: usize) -> u64 {
        let (mut from, mut count) = self.last.get();
        if at < from {
            (from, count) = (self.chunk.start, 0);
        }
        let until = at.min(self.chunk.end).max(from);
        let passed = self.chunk.text.get(from..until).unwrap_or_default();
        count += memchr::memchr_iter(b'\n', passed).count() as u64;
        self.last.set((until, count));
        count
    }

    /// Lines of the owned text, counting a last one without a line end.
    pub(super) fn all(&self) -> u64 {
        let ends = self.before(self.chunk.end);
        ends + u64::from(self.chunk.owned().last().is_some_and(|&b| b != b'\n'))
    }
}
