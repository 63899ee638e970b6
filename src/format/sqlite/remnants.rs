//! What is left in a database, and beside it, of what was deleted or written over: free pages,
//! free space within pages, pages that the log has newer, frames of the log that were superseded,
//! and journals that were kept.
//!
//! Owns where such bytes lie (<https://sqlite.org/fileformat2.html>, sections 1.5, 1.6, 3 and 4) and
//! what of them is text. Which page is which SQLite says itself, by `dbstat`. Knows nothing of what
//! is looked for.

use std::io;

use rusqlite::Connection;

use super::carve::{carve, carve_block};
use super::snapshot::{Snapshot, Superseded};
use crate::raw::database::Store;

/// The name that reports show in the place of a table's.
pub(super) const TABLE: &str = "(remnants)";
/// What stands in the place of columns, by the number of [`Kind`].
pub(super) const COLUMNS: [&str; 5] = [
    "free page",
    "free space",
    "superseded page",
    "write-ahead log",
    "rollback journal",
];

/// What a remnant lies in; its number is that of its column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A page that belongs to no table.
    Page,
    /// Bytes of a page in use that belong to no row.
    Space,
    /// A page of the file in whose place the log has another.
    Superseded,
    /// A frame of the log that counts no more.
    Log,
    /// A journal of a transaction that is long done.
    Journal,
}

/// The shortest run of letters that is taken for text: no value anybody looks for is shorter.
const SHORTEST: usize = 4;
/// The most pages of a database whose remnants are read: it takes a bit for each. 4 TiB of the
/// usual pages.
const MOST_PAGES: u64 = 1 << 30;

/// Why remnants were not read to their end.
pub(super) enum Unread<E> {
    /// SQLite, or the pages.
    Sqlite(rusqlite::Error),
    Io(io::Error),
    TooMany,
    /// Who was handed them stopped.
    Stopped(E),
}

/// Hands everything that is left in the database of `snapshot` to `take`: what it lies in, the
/// number of the page, frame or block, and its pieces of text.
///
/// # Errors
/// [`Unread`] where some of it could not be told or read.
pub(super) fn each<E>(
    database: &Connection,
    snapshot: &Snapshot,
    mut take: impl FnMut(Kind, u64, &[Piece]) -> Result<(), E>,
) -> Result<(), Unread<E>> {
    let page = snapshot.page();
    let size = snapshot.size().map_err(Unread::Io)?;
    let pages = size.div_ceil(page);
    if pages > MOST_PAGES {
        return Err(Unread::TooMany);
    }
    let mut header = [0; 100];
    snapshot.read(&mut header, 0).map_err(Unread::Io)?;
    let layout = Layout {
        usable: (page as usize).saturating_sub(usize::from(header[20])),
        wide: match header[59] {
            2 => Some(true),
            3 => Some(false),
            _ => None,
        },
    };
    let mut bytes = vec![0; page as usize];
    let mut pieces = Vec::new();
    let mut seen = vec![0u64; (pages as usize).div_ceil(64)];
    let mut statement = database
        .prepare("SELECT pageno, pagetype, unused FROM dbstat")
        .map_err(Unread::Sqlite)?;
    let mut rows = statement.query([]).map_err(Unread::Sqlite)?;
    while let Some(row) = rows.next().map_err(Unread::Sqlite)? {
        let get = |at| row.get::<_, i64>(at).map_err(Unread::Sqlite);
        let (number, unused) = (get(0)?, get(2)?);
        let is_overflow = row.get_ref(1).map_err(Unread::Sqlite)?.as_bytes() == Ok(b"overflow");
        let Ok(index) = usize::try_from(number - 1) else {
            continue;
        };
        if let Some(word) = seen.get_mut(index / 64) {
            *word |= 1 << (index % 64);
        }
        if unused <= 0 && layout.usable == bytes.len() {
            continue;
        }
        let read = snapshot.read(&mut bytes, index as u64 * page);
        let read = read.map_err(Unread::Io)?;
        let here = bytes.get(..read).unwrap_or_default();
        pieces.clear();
        if is_overflow {
            let from = layout.usable.saturating_sub(unused.max(0) as usize);
            layout.pieces(here, from, here.len(), &mut pieces);
        } else {
            layout.free_space(here, index == 0, &mut pieces);
        }
        if !pieces.is_empty() {
            take(Kind::Space, number as u64, &pieces).map_err(Unread::Stopped)?;
        }
    }
    for index in 0..pages {
        let word = seen.get(index as usize / 64).copied().unwrap_or(0);
        if word >> (index % 64) & 1 == 1 {
            continue;
        }
        let read = snapshot
            .read(&mut bytes, index * page)
            .map_err(Unread::Io)?;
        pieces.clear();
        layout.pieces(&bytes, 0, read, &mut pieces);
        if !pieces.is_empty() {
            take(Kind::Page, index + 1, &pieces).map_err(Unread::Stopped)?;
        }
    }
    snapshot
        .superseded(|of, number, bytes| {
            let kind = match of {
                Superseded::Page => Kind::Superseded,
                Superseded::Frame => Kind::Log,
                Superseded::Journal => Kind::Journal,
            };
            pieces.clear();
            layout.pieces(bytes, 0, bytes.len(), &mut pieces);
            if pieces.is_empty() {
                return Ok(Ok(()));
            }
            Ok(take(kind, number, &pieces))
        })
        .map_err(Unread::Io)?
        .map_err(Unread::Stopped)
}

/// Some text in a page.
pub(super) struct Piece {
    /// Where it starts in the page.
    pub(super) at: usize,
    pub(super) text: Vec<u8>,
    /// Whether it stood there as a number.
    pub(super) number: bool,
}

/// How pages and texts are stored.
struct Layout {
    /// Bytes of a page that SQLite uses.
    usable: usize,
    /// For text in UTF-16: whether the little end comes first.
    wide: Option<bool>,
}

impl Layout {
    /// The text in what no cell of a page of a tree takes.
    fn free_space(&self, page: &[u8], first: bool, out: &mut Vec<Piece>) {
        let start = if first { 100 } else { 0 };
        let word = |at: usize| match page.get(at..at + 2) {
            Some(&[high, low]) => usize::from(u16::from_be_bytes([high, low])),
            _ => 0,
        };
        let inner = matches!(page.get(start), Some(2 | 5));
        let pointers = start + if inner { 12 } else { 8 } + 2 * word(start + 3);
        let content = match word(start + 5) {
            0 => 1 << 16,
            content => content,
        };
        self.pieces(page, pointers, content.min(self.usable), out);
        let mut block = word(start + 1);
        while block != 0 {
            let (next, len) = (word(block), word(block + 2));
            self.block(page, block + 4, block + len, out);
            // They stand in ascending order; what does not goes in circles.
            block = if next > block { next } else { 0 };
        }
        self.pieces(page, self.usable, page.len(), out);
    }

    /// The text in `page[from..to]`.
    fn pieces(&self, page: &[u8], from: usize, to: usize, out: &mut Vec<Piece>) {
        let Some(bytes) = page.get(from..to.min(page.len())) else {
            return;
        };
        let Some(little) = self.wide else {
            runs(bytes, from, out);
            carve(bytes, from, out);
            return;
        };
        wide_runs(bytes, from, little, out);
    }

    /// The same in a free block.
    fn block(&self, page: &[u8], from: usize, to: usize, out: &mut Vec<Piece>) {
        let Some(bytes) = page.get(from..to.min(page.len())) else {
            return;
        };
        match self.wide {
            None => {
                runs(bytes, from, out);
                carve_block(bytes, from, out);
            }
            Some(little) => wide_runs(bytes, from, little, out),
        }
    }
}

/// The runs of text in `bytes`, which stand at `from` and are of UTF-16 at either alignment.
fn wide_runs(bytes: &[u8], from: usize, little: bool, out: &mut Vec<Piece>) {
    for odd in 0..2 {
        let units = bytes.get(odd..).unwrap_or_default().as_chunks::<2>().0;
        let units = units.iter().map(|unit| match little {
            true => u16::from_le_bytes(*unit),
            false => u16::from_be_bytes(*unit),
        });
        let text: String = char::decode_utf16(units)
            .map(|unit| unit.unwrap_or('\0'))
            .collect();
        runs(text.as_bytes(), from + odd, out);
    }
}

/// The runs of text in `bytes`, which stand at `from`.
fn runs(bytes: &[u8], from: usize, out: &mut Vec<Piece>) {
    let is_text = |b: &u8| (*b >= b' ' && *b != 0x7f) || matches!(b, b'\t' | b'\n' | b'\r');
    let mut at = 0;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let Some(start) = rest.iter().position(is_text) else {
            return;
        };
        let rest = rest.get(start..).unwrap_or_default();
        let len = rest.iter().position(|b| !is_text(b)).unwrap_or(rest.len());
        if len >= SHORTEST {
            out.push(Piece {
                at: from + at + start,
                text: rest.get(..len).unwrap_or_default().to_vec(),
                number: false,
            });
        }
        at += start + len;
    }
}
