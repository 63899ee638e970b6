//! Keeps the lengths true that headers state.

use super::index::Mails;
use crate::edit::Splice;
use crate::format::Chunk;

/// New numbers for the `Content-Length` and `Lines` headers of messages whose bodies `edits` make
/// longer or shorter.
pub(super) fn lengths(chunk: Chunk<'_>, edits: &[Splice], mbox: bool) -> Vec<Splice> {
    let grows = |edit: &&Splice| edit.bytes.len() as u64 != edit.range.end - edit.range.start;
    if !edits.iter().any(|edit| grows(&edit)) {
        return Vec::new();
    }
    let mails = Mails::of(chunk, mbox);
    let mut out = Vec::new();
    for (place, message) in mails.places.iter().zip(&mails.parts) {
        let body = message.body as u64..place.end as u64;
        let (mut bytes, mut lines) = (0i64, 0i64);
        for edit in edits {
            if edit.range.start < body.start || edit.range.end > body.end {
                continue;
            }
            let old = chunk
                .text
                .get(edit.range.start as usize..edit.range.end as usize);
            let old = old.unwrap_or_default();
            bytes += edit.bytes.len() as i64 - old.len() as i64;
            lines += ends(&edit.bytes) - ends(old);
        }
        for header in message
            .headers
            .iter()
            .take_while(|one| one.all.start < message.body)
        {
            let name = chunk.text.get(header.name.clone()).unwrap_or_default();
            let change = match name {
                _ if name.eq_ignore_ascii_case(b"content-length") => bytes,
                _ if name.eq_ignore_ascii_case(b"lines") => lines,
                _ => 0,
            };
            out.extend(number(chunk.text, header.value(), change));
        }
    }
    out
}

fn ends(text: &[u8]) -> i64 {
    memchr::memchr_iter(b'\n', text).count() as i64
}

/// The number in `value` changed by `change`.
fn number(text: &[u8], value: std::ops::Range<usize>, change: i64) -> Option<Splice> {
    let given = text.get(value.clone())?;
    let start = given.len() - given.trim_ascii_start().len();
    let digits = given.trim_ascii();
    let old: i64 = std::str::from_utf8(digits).ok()?.parse().ok()?;
    (change != 0).then(|| Splice {
        range: (value.start + start) as u64..(value.start + start + digits.len()) as u64,
        bytes: old
            .saturating_add(change)
            .max(0)
            .to_string()
            .into_bytes()
            .into(),
    })
}
