//! The search for what went, in the bytes of the new file.
//!
//! Owns the values that are looked for while a run needs them, and the search. A value that some
//! cell still holds, in a place that nobody asked to change, is no trace. Knows nothing of SQL.

use std::collections::BTreeSet;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use aho_corasick::{AhoCorasick, MatchKind};

use crate::format::sqlite::{Feed, Snapshot};
use crate::redact::failure::{Failure, Outcome, Reason};

const DOING: &str = "cannot look for traces in the new database";

/// Shorter values stand by chance among numbers and lengths.
const SHORTEST: usize = 7;
/// Longer ones are looked for by their beginning.
const LONGEST: usize = 128;
/// Different values that are kept: at most some 40 MB. Behind them the way the new file is made
/// stands alone: from nothing but the rows that are read.
const MOST_VALUES: usize = 250_000;
/// Values looked for in one pass; the automaton takes some hundred bytes for each.
const PER_PASS: usize = 50_000;
/// Bytes read at a time.
const PIECE: usize = 1 << 20;

/// Values that went.
#[derive(Default)]
pub(super) struct Removed(BTreeSet<Box<[u8]>>);

impl Removed {
    /// Notes a value.
    pub(super) fn add(&mut self, value: &[u8]) {
        let value = value.get(..value.len().min(LONGEST)).unwrap_or_default();
        if value.len() >= SHORTEST && self.0.len() < MOST_VALUES && !self.0.contains(value) {
            self.0.insert(value.into());
        }
    }

    /// Looks for each value in `file`, a whole database whose text is in `wide` units.
    ///
    /// # Errors
    /// [`Reason::Unverified`] when one stands there that no cell holds.
    pub(super) fn prove(&self, file: &File, wide: Option<bool>) -> Outcome<()> {
        let values: Vec<&[u8]> = self.0.iter().map(|value| &**value).collect();
        for values in values.chunks(PER_PASS) {
            let stored: Vec<Vec<u8>> = values.iter().map(|value| stored(value, wide)).collect();
            let traces = search(file, &stored)?;
            if traces.is_empty() {
                continue;
            }
            let found: Vec<&[u8]> = traces
                .iter()
                .filter_map(|trace| values.get(*trace).copied())
                .collect();
            if kept(file, &found)?.len() < found.len() {
                return Err(Failure::new(Reason::Unverified, DOING));
            }
        }
        Ok(())
    }
}

/// A value as the database stores text: in UTF-8, or in UTF-16 with the little end first or last.
fn stored(value: &[u8], wide: Option<bool>) -> Vec<u8> {
    let Some(little) = wide else {
        return value.to_vec();
    };
    let text = String::from_utf8_lossy(value);
    let units = text.encode_utf16();
    if little {
        units.flat_map(u16::to_le_bytes).collect()
    } else {
        units.flat_map(u16::to_be_bytes).collect()
    }
}

fn automaton(patterns: &[impl AsRef<[u8]>]) -> Outcome<AhoCorasick> {
    AhoCorasick::builder()
        .match_kind(MatchKind::Standard)
        .build(patterns)
        .map_err(|_| Failure::new(Reason::Io, DOING))
}

/// The numbers of the patterns that stand in the file.
fn search(file: &File, patterns: &[Vec<u8>]) -> Outcome<BTreeSet<usize>> {
    let automaton = automaton(patterns)?;
    let longest = patterns.iter().map(Vec::len).max().unwrap_or(0);
    let mut found = BTreeSet::new();
    let mut buffer = vec![0; PIECE + longest];
    let (mut at, mut kept) = (0, 0);
    loop {
        let room = buffer.get_mut(kept..kept + PIECE).unwrap_or_default();
        let read = match file.read_at(room, at) {
            Ok(0) => return Ok(found),
            Ok(read) => read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(_) => return Err(Failure::new(Reason::Io, DOING)),
        };
        at += read as u64;
        let end = kept + read;
        let text = buffer.get(..end).unwrap_or_default();
        for hit in automaton.find_overlapping_iter(text) {
            found.insert(hit.pattern().as_usize());
        }
        // What may go on in the next piece is looked at again with it.
        let tail = end.min(longest.saturating_sub(1));
        buffer.copy_within(end - tail..end, 0);
        kept = tail;
    }
}

/// The numbers of the values that cells of the database hold.
fn kept(file: &File, values: &[&[u8]]) -> Outcome<BTreeSet<usize>> {
    let io = |_| Failure::new(Reason::Io, DOING);
    let automaton = automaton(values)?;
    let snapshot = Snapshot::of_file(file.try_clone().map_err(io)?).map_err(io)?;
    let mut feed = Feed::of_rows(Arc::new(snapshot));
    let mut kept = BTreeSet::new();
    while let Some((text, ..)) = feed.next() {
        for hit in automaton.find_overlapping_iter(&text) {
            kept.insert(hit.pattern().as_usize());
        }
        if kept.len() == values.len() {
            break;
        }
    }
    Ok(kept)
}
