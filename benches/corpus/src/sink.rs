//! Where a corpus goes: the bytes, and beside them the truth about what was planted in them.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Write};

/// Bytes kept back before they are written out: bounds memory for corpora of any size.
const BUFFER: usize = 1 << 20;

/// The corpus with its answer key.
///
/// The key has one line per planted value, `entity TAB start TAB end`, half-open byte offsets in
/// the corpus, ascending.
pub struct Sink<'a> {
    corpus: &'a mut dyn Write,
    spans: &'a mut dyn Write,
    pending: Vec<u8>,
    written: u64,
    counts: BTreeMap<&'static str, u64>,
    one_line: bool,
}

impl<'a> Sink<'a> {
    /// Writes to `corpus` and `spans`. With `one_line` every line feed becomes a space, which
    /// leaves all offsets where they are.
    pub fn new(corpus: &'a mut dyn Write, spans: &'a mut dyn Write, one_line: bool) -> Self {
        let pending = Vec::with_capacity(BUFFER + (BUFFER >> 3));
        let counts = BTreeMap::new();
        Self {
            corpus,
            spans,
            pending,
            written: 0,
            counts,
            one_line,
        }
    }

    /// Bytes given so far: the offset at which the next byte will stand.
    pub fn offset(&self) -> u64 {
        self.written + self.pending.len() as u64
    }

    /// Appends plain text.
    pub fn text(&mut self, text: &str) {
        self.pending.extend_from_slice(text.as_bytes());
    }

    /// Appends formatted text.
    pub fn put(&mut self, text: fmt::Arguments<'_>) {
        // Writing to a Vec cannot fail.
        let _ = self.pending.write_fmt(text);
    }

    /// Appends `value` and notes it as a planted `entity`.
    pub fn plant(&mut self, entity: &'static str, value: &str) -> io::Result<()> {
        let start = self.offset();
        self.text(value);
        *self.counts.entry(entity).or_insert(0) += 1;
        writeln!(self.spans, "{entity}\t{start}\t{}", self.offset())
    }

    /// Ends a record: writes out when the buffer is full.
    pub fn settle(&mut self) -> io::Result<()> {
        if self.pending.len() >= BUFFER {
            self.flush()
        } else {
            Ok(())
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.one_line {
            let feeds = self.pending.iter_mut().filter(|byte| **byte == b'\n');
            feeds.for_each(|byte| *byte = b' ');
        }
        self.corpus.write_all(&self.pending)?;
        self.written += self.pending.len() as u64;
        self.pending.clear();
        Ok(())
    }

    /// Writes what is left. Gives the bytes of the corpus and how many of each entity it holds.
    pub fn finish(mut self) -> io::Result<(u64, BTreeMap<&'static str, u64>)> {
        self.flush()?;
        self.spans.flush()?;
        Ok((self.written, self.counts))
    }
}
