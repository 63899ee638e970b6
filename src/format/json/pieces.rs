//! Values that stand in arrays, piece by piece: a number split into its parts, text as the numbers
//! of its bytes, the tokens of a text.
//!
//! Owns where such arrays are and how their elements are joined. Sources: call records of
//! `CallTrackingMetrics` (`caller_number_split`), the JSON output of journald (`systemd.journal-fields`,
//! fields that are no UTF-8), the segments of Whisper.

use std::ops::Range;

use super::walk::{Kind, Walk};
use crate::format::Chunk;
use crate::format::escape::{Decoded, stacked};
use crate::view::{Break, BreakKind, Codec, NoHints, Register, View};

/// The end of the key of a number that is split, with its quote.
const SPLIT: &[u8] = b"_split\"";
/// Fields that each entry of a journal has.
const JOURNAL: &[&[u8]] = &[b"\"__REALTIME_TIMESTAMP\"", b"\"_BOOT_ID\""];
/// The key of the tokens of a text.
const TOKENS: &[u8] = b"tokens";
/// Bytes of which no text is made: a shorter array is none.
const SHORTEST: usize = 4;
/// Elements of a number; more are none.
const MOST: usize = 8;

static CELL: NoHints = NoHints(Register::Cell);
static LOG: NoHints = NoHints(Register::Log);

/// Whether a head is that of a journal.
pub(super) fn is_journal(head: &[u8]) -> bool {
    let has = |key: &&[u8]| memchr::memmem::find(head, key).is_some();
    JOURNAL.iter().any(has)
}

/// The views of the numbers of a chunk that are split, and where their pieces stand.
pub(super) fn split_numbers<'s>(chunk: Chunk<'_>) -> (Vec<View<'s>>, Vec<Range<usize>>) {
    let text = chunk.text.get(..chunk.end).unwrap_or_default();
    let mut out = Decoded::default();
    let owned = text.get(chunk.start..).unwrap_or_default();
    for found in memchr::memmem::find_iter(owned, SPLIT) {
        let pieces = elements(text, chunk.start + found + SPLIT.len(), MOST);
        let number = |(kind, place): &(Kind, Range<usize>)| {
            let text = text.get(place.clone()).unwrap_or_default();
            let text = text.strip_prefix(b"+").unwrap_or(text);
            *kind == Kind::Text && !text.is_empty() && text.iter().all(u8::is_ascii_digit)
        };
        if pieces.len() < 2 || !pieces.iter().all(number) {
            continue;
        }
        for (number, (_, place)) in pieces.into_iter().enumerate() {
            if number == 0 {
                out.begin(place.clone());
            } else {
                out.text.push(b'-');
                out.map.push_join(1);
                out.breaks.push(Break {
                    at: out.text.len(),
                    kind: BreakKind::Soft,
                });
                out.holes.push(place.clone());
            }
            out.plain(text.get(place.clone()).unwrap_or_default(), place.start);
        }
    }
    told(out, &CELL)
}

/// The views of what a journal's entries hold as arrays of bytes, and where those stand.
pub(super) fn byte_arrays<'s>(chunk: Chunk<'_>) -> (Vec<View<'s>>, Vec<Range<usize>>) {
    let text = chunk.text.get(..chunk.end).unwrap_or_default();
    let mut out = Decoded::default();
    let mut at = chunk.start;
    while let Some(found) = text.get(at..).and_then(|rest| memchr::memchr(b'[', rest)) {
        let open = at + found;
        at = open + 1;
        let first = text
            .get(at..)
            .and_then(|rest| rest.trim_ascii_start().first());
        if !first.is_some_and(u8::is_ascii_digit) || !is_value(text, open) {
            continue;
        }
        let bytes = elements(text, open, usize::MAX);
        let octet = |(kind, place): &(Kind, Range<usize>)| {
            let digits = text.get(place.clone()).filter(|digits| digits.len() <= 3)?;
            let octet = std::str::from_utf8(digits).ok()?.parse::<u8>().ok()?;
            (*kind == Kind::Bare).then_some((octet, place.clone()))
        };
        let octets: Option<Vec<_>> = bytes.iter().map(octet).collect();
        let Some(octets) = octets.filter(|octets| octets.len() >= SHORTEST) else {
            continue;
        };
        let Some(((_, first), (_, last))) = octets.first().zip(octets.last()) else {
            continue;
        };
        at = last.end;
        out.begin(first.start..last.end);
        for (octet, place) in octets {
            out.unit(&[octet], place.start, place.len(), Codec::Decimal);
        }
    }
    told(out, &LOG)
}

/// Where the tokens of the text stand that stands at `place`, in the same object behind it.
pub(super) fn tokens(text: &[u8], place: &Range<usize>) -> Vec<Range<usize>> {
    let (end, _) = super::walk::string_end(text, place.end);
    let mut walk = Walk::new(end + 1);
    while let Some(token) = walk.next(text) {
        let bytes = text.get(token.start..token.end).unwrap_or_default();
        match token.kind {
            Kind::Key if bytes == TOKENS => {
                let tokens = elements(text, token.end + 1, usize::MAX);
                let bare = tokens.into_iter().filter(|(kind, _)| *kind == Kind::Bare);
                return bare.map(|(_, place)| place).collect();
            }
            // Another object, or the end of this one.
            Kind::Bracket if matches!(bytes, b"{" | b"}") => break,
            _ => {}
        }
    }
    Vec::new()
}

fn told<'s>(decoded: Decoded, hints: &'static NoHints) -> (Vec<View<'s>>, Vec<Range<usize>>) {
    let (mut views, read) = (Vec::new(), decoded.holes.clone());
    if !read.is_empty() {
        stacked(hints, decoded, &mut views);
    }
    (views, read)
}

/// Whether the bracket at `open` begins the value of a member.
fn is_value(text: &[u8], open: usize) -> bool {
    let before = text.get(..open).unwrap_or_default();
    before.trim_ascii_end().last() == Some(&b':')
}

/// The elements of the array that begins at `at` or behind a colon there; none when another value
/// does, when one is a container, or when there are more than `most`.
fn elements(text: &[u8], at: usize, most: usize) -> Vec<(Kind, Range<usize>)> {
    let mut walk = Walk::new(at);
    let mut out = Vec::new();
    let begins = walk.next(text);
    if begins.is_none_or(|token| text.get(token.start) != Some(&b'[')) {
        return out;
    }
    while let Some(token) = walk.next(text) {
        if token.kind == Kind::Bracket {
            let closed = text.get(token.start) == Some(&b']');
            return if closed { out } else { Vec::new() };
        }
        if out.len() == most {
            break;
        }
        out.push((token.kind, token.start..token.end));
    }
    Vec::new()
}
