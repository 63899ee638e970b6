//! Where a corpus goes: the bytes, and beside them the truth about what was planted in them.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Bytes kept back before they are written out: bounds memory for corpora of any size.
const BUFFER: usize = 1 << 20;

/// The output file with its answer key.
///
/// `OUT.spans.tsv` has one line per planted value, `entity TAB start TAB end`, half-open byte
/// offsets in `OUT`, ascending. `OUT.counts.tsv` has one line per entity and one for `bytes`.
pub struct Sink {
    out: File,
    spans: BufWriter<File>,
    counts_path: PathBuf,
    pending: Vec<u8>,
    written: u64,
    counts: BTreeMap<&'static str, u64>,
    one_line: bool,
}

impl Sink {
    /// Opens `path` and its answer key. With `one_line` every line feed becomes a space, which
    /// leaves all offsets where they are.
    pub fn create(path: &Path, one_line: bool) -> io::Result<Self> {
        let beside = |ending: &str| {
            let mut name = path.as_os_str().to_owned();
            name.push(ending);
            PathBuf::from(name)
        };
        Ok(Self {
            out: File::create(path)?,
            spans: BufWriter::new(File::create(beside(".spans.tsv"))?),
            counts_path: beside(".counts.tsv"),
            pending: Vec::with_capacity(BUFFER + (BUFFER >> 3)),
            written: 0,
            counts: BTreeMap::new(),
            one_line,
        })
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
            self.pending
                .iter_mut()
                .filter(|byte| **byte == b'\n')
                .for_each(|byte| *byte = b' ');
        }
        self.out.write_all(&self.pending)?;
        self.written += self.pending.len() as u64;
        self.pending.clear();
        Ok(())
    }

    /// Writes what is left, and the counts.
    pub fn finish(mut self) -> io::Result<()> {
        self.flush()?;
        self.spans.flush()?;
        let mut counts = BufWriter::new(File::create(&self.counts_path)?);
        writeln!(counts, "bytes\t{}", self.written)?;
        for (entity, count) in &self.counts {
            writeln!(counts, "{entity}\t{count}")?;
        }
        counts.flush()
    }
}
