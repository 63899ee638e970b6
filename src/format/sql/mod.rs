//! SQL dumps: what `mysqldump`, `pg_dump` and `sqlite3 .dump` write.
//!
//! Owns which rows are inserted into which columns, and how rows leave a statement so that it still
//! runs. What stands in hexadecimal is read decoded where it is text.

mod index;
mod walk;

use std::ops::Range;

use index::SqlIndex;
use walk::{Column, Row};

use super::escape::{Decoded, layers};
use super::text::gone;
use super::{
    Capabilities, Chunk, Content, Cut, Format, Head, Ledger, Likeness, Locate, Memory, Reader,
    Reason, Width, is_text, recognise,
};
use crate::edit::Splice;
use crate::view::Codec;

/// SQL dumps.
pub(super) struct Sql;

/// How dumps begin, in lower case.
const BEGINNINGS: &[&[u8]] = &[
    b"-- mysql dump",
    b"-- mariadb dump",
    b"-- postgresql database dump",
    b"/*m!999999\\- enable the sandbox mode",
    b"pragma foreign_keys=off;\nbegin transaction;",
];
/// What a file that is called `.sql` holds in its first lines.
const STATEMENTS: &[&[u8]] = &[b"INSERT INTO ", b"CREATE TABLE ", b"COPY "];
/// The fewest hexadecimal digits that are looked into, and the fewest of what is no text that are
/// named as not read: a hash is no picture.
const HEX: usize = 14;
/// See [`HEX`].
const OPAQUE: usize = 128;

impl Format for Sql {
    fn name(&self) -> &'static str {
        "sql"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            memory: Memory::Record,
            width: Width::Free,
        }
    }

    fn sniff(&self, head: &Head<'_>) -> Option<Likeness> {
        let text = head.text.trim_ascii_start();
        let text = text.strip_prefix(b"--\n").unwrap_or(text);
        let first = text.get(..text.len().min(64)).unwrap_or_default();
        let first = first.to_ascii_lowercase();
        if BEGINNINGS.iter().any(|begin| first.starts_with(begin)) {
            return Some(Likeness::Certain);
        }
        let named = head.name.to_ascii_lowercase().ends_with(".sql");
        let has = |statement: &&[u8]| {
            text.split(|&byte| byte == b'\n')
                .any(|line| line.starts_with(statement))
        };
        (named && STATEMENTS.iter().any(has)).then_some(Likeness::Certain)
    }

    fn open(&self, head: &Head<'_>) -> Box<dyn Reader> {
        let first = head
            .text
            .get(..head.text.len().min(4096))
            .unwrap_or_default();
        let slashes = memchr::memmem::find(first, b"MySQL").is_some()
            || memchr::memmem::find(first, b"MariaDB").is_some()
            || memchr::memchr(b'`', first).is_some();
        Box::new(SqlReader {
            slashes,
            tables: walk::read(head.text, 0, slashes).tables,
        })
    }
}

/// A statement is not cut before it is so long: `mysqldump` ends one before 1 MiB.
const SMALLEST_CUT: usize = 800 * 1024;

struct SqlReader {
    /// Whether a backslash escapes in every string.
    slashes: bool,
    /// Tables created in the head.
    tables: Vec<(Vec<u8>, Vec<Column>)>,
}

impl Reader for SqlReader {
    /// Behind the last whole statement. A statement of many rows is kept together where that can be,
    /// so that all of its commas are there when rows go; one that is longer is cut behind a row.
    fn cut(&self, window: &[u8]) -> Cut {
        let read = walk::read(window, 0, self.slashes);
        match (read.whole, read.row) {
            (0, row) if row > 0 && window.len() >= SMALLEST_CUT => Cut::Record(row),
            (0, _) => Cut::More,
            (whole, _) => Cut::Record(whole),
        }
    }

    fn index<'s>(&'s self, chunk: Chunk<'s>) -> Box<dyn Locate + 's> {
        Box::new(SqlIndex::new(chunk, self.slashes, &self.tables))
    }

    fn read<'s>(&'s self, chunk: Chunk<'s>, index: &'s dyn Locate) -> Content<'s> {
        let mut ledger = Ledger::read(chunk.end - chunk.start);
        let decoded = hexadecimal(chunk, &mut ledger);
        let decoded = (!decoded.holes.is_empty()).then_some(decoded);
        Content {
            views: layers(chunk, index, decoded),
            ledger,
            children: Vec::new(),
        }
    }

    /// The commas before rows that were the last of their statement, and statements without rows.
    fn settle(&self, chunk: Chunk<'_>, edits: &[Splice]) -> Vec<Splice> {
        if edits.iter().all(|edit| !edit.bytes.is_empty()) {
            return Vec::new();
        }
        let text = chunk.text.get(..chunk.end).unwrap_or_default();
        let dump = walk::read(text, chunk.start, self.slashes);
        let goes = |row: &Row| {
            let (start, end) = (row.text.start as u64, row.text.end as u64);
            let at = edits.partition_point(|edit| edit.range.end < end);
            let edit = edits.get(at);
            edit.is_some_and(|edit| edit.bytes.is_empty() && edit.range.start <= start)
        };
        let mut out = Vec::new();
        for rows in dump.rows.chunk_by(|one, next| one.insert == next.insert) {
            let insert = rows.first().and_then(|row| dump.inserts.get(row.insert));
            let (Some(insert), Some(last)) = (insert, rows.last()) else {
                continue;
            };
            let behind = text.get(last.text.end..).unwrap_or_default();
            let blanks = behind.len() - behind.trim_ascii_start().len();
            if insert.copy || behind.get(blanks) != Some(&b';') || !goes(last) {
                continue;
            }
            if let Some(kept) = rows.iter().rposition(|row| !goes(row)) {
                let from = rows.get(kept).map_or(0, |row| row.text.end);
                let to = rows.get(kept + 1).map_or(from, |row| row.text.start);
                let between = text.get(from..to).unwrap_or_default();
                // A comment may stand between them.
                if let Some(comma) = memchr::memrchr(b',', between) {
                    out.push(gone(from + comma..from + comma + 1));
                }
            } else if let Some(start) = insert.start {
                let semicolon = last.text.end + blanks + 1;
                let line = text.get(semicolon) == Some(&b'\n');
                out.extend(around(start..semicolon + usize::from(line), edits));
            }
        }
        out
    }
}

/// What of `range` no edit removes.
fn around(range: Range<usize>, edits: &[Splice]) -> Vec<Splice> {
    let mut out = Vec::new();
    let mut at = range.start;
    let first = edits.partition_point(|edit| edit.range.end as usize <= range.start);
    for edit in edits.get(first..).unwrap_or_default() {
        let (start, end) = (edit.range.start as usize, edit.range.end as usize);
        if start >= range.end {
            break;
        }
        if at < start {
            out.push(gone(at..start));
        }
        at = at.max(end);
    }
    if at < range.end {
        out.push(gone(at..range.end));
    }
    out
}

/// What stands in hexadecimal and is text, decoded; what is not is named as unread.
fn hexadecimal(chunk: Chunk<'_>, ledger: &mut Ledger) -> Decoded {
    let text = chunk.text.get(..chunk.end).unwrap_or_default();
    let mut out = Decoded::default();
    let mut at = chunk.start;
    while let Some(found) = text
        .get(at..)
        .and_then(|rest| memchr::memchr2(b'x', b'X', rest))
    {
        let mark = at + found;
        at = mark + 1;
        let before = mark.checked_sub(1).and_then(|before| text.get(before));
        let start = match (before, text.get(mark + 1)) {
            (Some(b'0' | b'\\'), _) => mark + 1,
            (_, Some(b'\'')) => mark + 2,
            _ => continue,
        };
        let digits = text.get(start..).unwrap_or_default();
        let len = digits.iter().take_while(|b| b.is_ascii_hexdigit()).count();
        if len < HEX || !len.is_multiple_of(2) {
            continue;
        }
        at = start + len;
        let octets: Vec<u8> = digits
            .get(..len)
            .unwrap_or_default()
            .chunks_exact(2)
            .map(octet)
            .collect();
        let place: Range<usize> = start..at;
        if is_text(&octets) {
            out.begin(place.clone());
            for (number, octet) in octets.iter().enumerate() {
                out.unit(&[*octet], place.start + number * 2, 2, Codec::Hex);
            }
        } else if let Some(name) = recognise(&octets) {
            ledger.unread(place, Reason::Unsupported(name));
        } else if len >= OPAQUE {
            ledger.unread(place, Reason::Opaque);
        }
    }
    out
}

fn octet(digits: &[u8]) -> u8 {
    digits.iter().fold(0, |octet, digit| {
        octet << 4 | char::from(*digit).to_digit(16).unwrap_or(0) as u8
    })
}

#[cfg(test)]
mod tests;
