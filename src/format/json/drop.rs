//! Takes elements out of arrays so that what stays is still JSON.

use super::walk::Walk;
use crate::edit::{Refusal, Splice};
use crate::format::Chunk;
use crate::format::text::gone;

/// Drops the object whose brace stands at `open`, with the comma behind it and the blanks up to
/// the next element. The comma before a last element goes when [`commas`] settles. Of documents one
/// behind the other one goes with the blanks up to the next.
///
/// # Errors
/// [`Refusal::NotDroppable`] when it is no element of an array or its end is not in the chunk.
pub(super) fn element(chunk: Chunk<'_>, open: usize) -> Result<Splice, Refusal> {
    let text = chunk.text.get(..chunk.end).unwrap_or_default();
    let mut walk = Walk::new(open);
    let end = loop {
        let token = walk.next(text).ok_or(Refusal::NotDroppable)?;
        if walk.depth() <= 0 {
            break token.end;
        }
    };
    let next = behind_blanks(text, end);
    let before = before_blanks(text, open);
    match text.get(next) {
        Some(b',') => Ok(gone(open..behind_blanks(text, next + 1))),
        Some(b']') if matches!(before, Some(b',' | b'[')) => Ok(gone(open..end)),
        Some(b'{') if matches!(before, None | Some(b'}')) => Ok(gone(open..next)),
        None if before == Some(&b'}') && !chunk.torn.goes_on => Ok(gone(open..next)),
        _ => Err(Refusal::NotDroppable),
    }
}

/// The commas that dropping the last elements of arrays leaves before their bracket. Where a comma
/// stands in the window before, a `null` takes the place of what went.
pub(super) fn commas(chunk: Chunk<'_>, edits: &[Splice]) -> Vec<Splice> {
    let mut out = Vec::new();
    for (i, edit) in edits.iter().enumerate() {
        let (start, end) = (edit.range.start as usize, edit.range.end as usize);
        let last =
            edit.bytes.is_empty() && chunk.text.get(behind_blanks(chunk.text, end)) == Some(&b']');
        if !last {
            continue;
        }
        // Elements before it may go too.
        let mut start = start;
        for earlier in edits.get(..i).unwrap_or_default().iter().rev() {
            let touches = chunk
                .text
                .get(earlier.range.end as usize..start)
                .is_some_and(|between| between.iter().all(u8::is_ascii_whitespace));
            if !touches || !earlier.bytes.is_empty() {
                break;
            }
            start = earlier.range.start as usize;
        }
        let before = chunk.text.get(..start).unwrap_or_default();
        let comma = before.iter().rposition(|b| !b.is_ascii_whitespace());
        match comma.filter(|&at| before.get(at) == Some(&b',')) {
            Some(comma) if comma >= chunk.start => out.push(gone(comma..comma + 1)),
            // The window before may have kept its comma or not: behind it nothing stands well.
            Some(_) => out.push(Splice {
                range: end as u64..end as u64,
                bytes: b"null"[..].into(),
            }),
            None => {}
        }
    }
    out
}

fn behind_blanks(text: &[u8], at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    at + rest
        .iter()
        .position(|b| !b.is_ascii_whitespace())
        .unwrap_or(rest.len())
}

fn before_blanks(text: &[u8], at: usize) -> Option<&u8> {
    text.get(..at)?
        .iter()
        .rev()
        .find(|b| !b.is_ascii_whitespace())
}
