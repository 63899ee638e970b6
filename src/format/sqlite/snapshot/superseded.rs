//! What stands in the file of a database, or beside it, and counts no more.
//!
//! Owns where it lies. Knows neither pages of tables nor what is text.

use std::fs::File;
use std::io;

use super::{FRAME_HEADER, LOG_HEADER, Log, Snapshot, read_at};
use crate::source::open_to_read;

/// What counts no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::format::sqlite) enum Superseded {
    /// A page of the file.
    Page,
    /// A frame of the log.
    Frame,
    /// A block of a journal.
    Journal,
}

/// Bytes of a journal that are looked at as one block.
const JOURNAL_BLOCK: usize = 64 << 10;

impl Snapshot {
    /// Hands on what counts no more: pages of the file in whose place the log has others, frames of
    /// the log that were superseded or are of an earlier beginning, and blocks of a journal that was
    /// kept; each with its number, from 1. What `take` gives inside ends it.
    ///
    /// # Errors
    /// What the system says of reading.
    pub(in crate::format::sqlite) fn superseded<E>(
        &self,
        mut take: impl FnMut(Superseded, u64, &[u8]) -> io::Result<Result<(), E>>,
    ) -> io::Result<Result<(), E>> {
        macro_rules! take {
            ($of:expr, $number:expr, $bytes:expr) => {
                if let Err(stopped) = take($of, $number, $bytes)? {
                    return Ok(Err(stopped));
                }
            };
        }
        let mut bytes = vec![0; self.page as usize];
        for index in 0..self.stored.div_ceil(self.page) {
            let logged = |log: &Log| {
                let page = u32::try_from(index + 1).unwrap_or(u32::MAX);
                page > log.count || log.pages.contains_key(&page)
            };
            if self.log.as_ref().is_some_and(logged) {
                let read = read_at(&self.file, &mut bytes, index * self.page)?;
                take!(
                    Superseded::Page,
                    index + 1,
                    bytes.get(..read).unwrap_or_default()
                );
            }
        }
        if let Some(file) = self.side(0)? {
            let frame = FRAME_HEADER as u64 + self.page;
            for number in 0.. {
                let at = LOG_HEADER as u64 + number * frame;
                let mut page = [0; 4];
                if read_at(&file, &mut page, at)? < page.len() {
                    break;
                }
                let at = at + FRAME_HEADER as u64;
                let counts = |log: &Log| log.pages.get(&u32::from_be_bytes(page)) == Some(&at);
                if !self.log.as_ref().is_some_and(counts) {
                    let read = read_at(&file, &mut bytes, at)?;
                    take!(
                        Superseded::Frame,
                        number + 1,
                        bytes.get(..read).unwrap_or_default()
                    );
                }
            }
        }
        // Its records are pages as well, but how they are aligned stood in the header that is gone.
        if let Some(file) = self.side(2)? {
            bytes.resize(JOURNAL_BLOCK, 0);
            let (mut at, mut number) = (0, 0);
            loop {
                let read = read_at(&file, &mut bytes, at)?;
                if read == 0 {
                    break;
                }
                let block = bytes.get(..read).unwrap_or_default();
                // A block ends with bytes that are no text, so that no value is cut.
                let ends = |b: &u8| *b == 0;
                let end = match block.iter().rposition(ends) {
                    Some(end) if read == JOURNAL_BLOCK => end + 1,
                    _ => read,
                };
                number += 1;
                take!(
                    Superseded::Journal,
                    number,
                    block.get(..end).unwrap_or_default()
                );
                at += end as u64;
            }
        }
        Ok(Ok(()))
    }

    /// What stands beside the database, by its number in [`SIDES`].
    fn side(&self, number: usize) -> io::Result<Option<File>> {
        match self.stamps.get(1 + number) {
            Some((path, Some(_))) => match open_to_read(path) {
                Ok(file) => Ok(Some(file)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                Err(error) => Err(error),
            },
            _ => Ok(None),
        }
    }
}
