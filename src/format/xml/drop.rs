//! Takes records out of documents so that what stays is still XML, and keeps their number true.

use std::ops::Range;

use super::records::Shape;
use super::walk::{Kind, Record, Token, Walk};
use crate::edit::{Refusal, Splice};
use crate::format::Chunk;
use crate::format::text::gone;

/// Drops the record that `walk` stands in. One that stands alone on its lines takes them along; a
/// root, without which nothing would be left, is emptied.
///
/// # Errors
/// [`Refusal::NotDroppable`] when its end is not in the chunk.
pub(super) fn record(chunk: Chunk<'_>, walk: &Walk, shape: &Shape) -> Result<Splice, Refusal> {
    let text = chunk.text.get(..chunk.end).unwrap_or_default();
    let record = walk.record.clone().ok_or(Refusal::NotDroppable)?;
    let name = text.get(record.tag.name(text)).unwrap_or_default();
    let mut walk = restarted(walk, &record);
    let last = loop {
        let token = walk
            .next(text, &shape.records)
            .ok_or(Refusal::NotDroppable)?;
        if walk.ends_record() {
            break token;
        }
    };
    // An end tag of another element means that its own is missing.
    if text.get(last.name(text)) != Some(name) {
        return Err(Refusal::NotDroppable);
    }
    let (start, end) = (record.tag.start, walk.at);
    if name == shape.root {
        return Ok(Splice {
            range: start as u64..end as u64,
            bytes: [b"<", name, b"/>"].concat().into(),
        });
    }
    let (first, last) = (
        before_blanks(text, chunk.start, start),
        behind_blanks(text, end),
    );
    let alone = first == chunk.start || text.get(first - 1) == Some(&b'\n');
    Ok(match text.get(last..) {
        Some([b'\n', ..]) if alone => gone(first..last + 1),
        Some([b'\r', b'\n', ..]) if alone => gone(first..last + 2),
        _ => gone(start..end),
    })
}

/// A walk from the start of `record`, as it was.
fn restarted(walk: &Walk, record: &Record) -> Walk {
    let mut walk = walk.clone();
    walk.back_to(record);
    walk
}

/// The new number of records on the root's tag, where the chunk holds it and `edits` drop some.
/// `dropped` is how many go in the whole source, where that is known already.
pub(super) fn count(
    chunk: Chunk<'_>,
    edits: &[Splice],
    shape: &Shape,
    dropped: Option<u64>,
) -> Option<Splice> {
    let counted = shape.known?.count?;
    let text = chunk.text.get(..chunk.end)?;
    let root = root_tag(chunk, shape)?;
    let here = edits
        .iter()
        .filter(|edit| is_record(text, edit, shape))
        .count();
    let dropped = dropped.unwrap_or(here as u64);
    let place = root.attribute(text, counted)?;
    let number: u64 = std::str::from_utf8(text.get(place.clone())?)
        .ok()?
        .parse()
        .ok()?;
    (dropped > 0).then(|| Splice {
        range: place.start as u64..place.end as u64,
        bytes: number
            .saturating_sub(dropped)
            .to_string()
            .into_bytes()
            .into(),
    })
}

/// The start tag of the root, when the chunk begins the document.
fn root_tag(chunk: Chunk<'_>, shape: &Shape) -> Option<Token> {
    let text = chunk.text.get(..chunk.end)?;
    let mut walk = Walk::new(chunk.start);
    loop {
        let token = walk.next(text, &[])?;
        match token.kind {
            Kind::Open | Kind::Empty => {
                return (text.get(token.name(text)) == Some(&shape.root)).then_some(token);
            }
            _ => {}
        }
    }
}

/// Whether `edit` takes a whole record away.
fn is_record(text: &[u8], edit: &Splice, shape: &Shape) -> bool {
    let range: Range<usize> = edit.range.start as usize..edit.range.end as usize;
    let old = text.get(range).unwrap_or_default().trim_ascii_start();
    edit.bytes.is_empty()
        && shape.records.iter().any(|name| {
            let rest = old
                .strip_prefix(b"<")
                .and_then(|rest| rest.strip_prefix(name.as_slice()));
            rest.and_then(<[u8]>::first)
                .is_some_and(|b| b.is_ascii_whitespace() || matches!(b, b'/' | b'>'))
        })
}

fn before_blanks(text: &[u8], first: usize, at: usize) -> usize {
    let before = text.get(first..at).unwrap_or_default();
    let blanks = before
        .iter()
        .rev()
        .take_while(|b| matches!(b, b' ' | b'\t'))
        .count();
    at - blanks
}

fn behind_blanks(text: &[u8], at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    at + rest
        .iter()
        .take_while(|b| matches!(b, b' ' | b'\t'))
        .count()
}
