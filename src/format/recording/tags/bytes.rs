//! Bytes that were put together from several places of a stretch.
//!
//! Owns the way back to those places.

use std::ops::Range;

/// Bytes with the places they come from.
#[derive(Default)]
pub(in super::super) struct Bytes {
    pub(in super::super) bytes: Vec<u8>,
    /// For each byte, where it stands in the text of the stretch.
    from: Vec<u32>,
}

impl Bytes {
    /// Of `text[range]`, without the zeros that were put behind 255 if it is `stuffed`.
    pub(in super::super) fn of(text: &[u8], range: Range<usize>, stuffed: bool) -> Bytes {
        let mut all = Bytes::default();
        all.add(text, range);
        if stuffed { all.unstuffed() } else { all }
    }

    /// Appends `text[range]`.
    pub(in super::super) fn add(&mut self, text: &[u8], range: Range<usize>) {
        let bytes = text.get(range.clone()).unwrap_or_default();
        self.bytes.extend_from_slice(bytes);
        self.from
            .extend(range.start as u32..(range.start + bytes.len()) as u32);
    }

    /// Without the zeros that were put behind 255.
    pub(in super::super) fn unstuffed(self) -> Bytes {
        let mut out = Bytes::default();
        let mut before = 0;
        for (byte, from) in self.bytes.into_iter().zip(self.from) {
            if before != 0xff || byte != 0 {
                out.bytes.push(byte);
                out.from.push(from);
            }
            before = byte;
        }
        out
    }

    /// Some of them.
    pub(in super::super) fn part(&self, range: Range<usize>) -> Bytes {
        Bytes {
            bytes: self.bytes.get(range.clone()).unwrap_or_default().to_vec(),
            from: self.from.get(range).unwrap_or_default().to_vec(),
        }
    }

    /// These behind the first byte of others.
    pub(in super::super) fn behind_first(mut self, other: &Bytes) -> Bytes {
        self.bytes
            .insert(0, other.bytes.first().copied().unwrap_or(0));
        self.from
            .insert(0, other.from.first().copied().unwrap_or(0));
        self
    }

    /// The places of a range, as few as can be.
    pub(in super::super) fn places(&self, range: Range<usize>) -> Vec<Range<usize>> {
        let mut out: Vec<Range<usize>> = Vec::new();
        for from in self.from.get(range).unwrap_or_default() {
            let from = *from as usize;
            match out.last_mut() {
                Some(last) if last.end == from => last.end += 1,
                _ => out.push(from..from + 1),
            }
        }
        out
    }

    /// From the first place to the last.
    pub(in super::super) fn hull(&self) -> Range<usize> {
        let first = self.from.first().map_or(0, |from| *from as usize);
        first..self.from.last().map_or(first, |from| *from as usize + 1)
    }
}
