//! Keeps the lengths true that SIP messages in a trace state of their bodies (RFC 3261, section
//! 20.14), also where a sniffer printed the returns of line ends as dots.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::edit::Splice;
use crate::format::Chunk;

/// Bytes before a change in which its message begins.
const REACH: usize = 16 * 1024;

/// Whether a head holds SIP messages.
pub(super) fn tell(head: &[u8]) -> bool {
    memchr::memmem::find(head, b"SIP/2.0").is_some()
}

/// New lengths for the bodies that `edits` make longer or shorter.
pub(super) fn lengths(chunk: Chunk<'_>, edits: &[Splice]) -> Vec<Splice> {
    let mut changes: BTreeMap<usize, (Range<usize>, u64, u64, u64)> = BTreeMap::new();
    for edit in edits {
        let (new, old) = (edit.bytes.len() as u64, edit.range.end - edit.range.start);
        if new == old {
            continue;
        }
        let Some((digits, length)) = length_before(chunk, edit) else {
            continue;
        };
        let change = changes
            .entry(digits.start)
            .or_insert((digits, length, 0, 0));
        change.2 += new;
        change.3 += old;
    }
    changes
        .into_values()
        .map(|(digits, length, more, less)| Splice {
            range: digits.start as u64..digits.end as u64,
            bytes: (length + more)
                .saturating_sub(less)
                .to_string()
                .into_bytes()
                .into(),
        })
        .collect()
}

/// The length in the header of the message in whose body `edit` is, and where it stands.
fn length_before(chunk: Chunk<'_>, edit: &Splice) -> Option<(Range<usize>, u64)> {
    let at = edit.range.start as usize;
    let from = chunk.start.max(at.saturating_sub(REACH));
    let before = chunk.text.get(from..at)?;
    let blank = [&b"\r\n\r\n"[..], b"\n\n", b"\n.\n"]
        .into_iter()
        .filter_map(|blank| Some((memchr::memmem::rfind(before, blank)?, blank.len())))
        .max()?;
    let head = before.get(..blank.0)?;
    let first = memchr::memmem::rfind(head, b"SIP/2.0")?;
    let line = memchr::memrchr(b'\n', head.get(..first)?).map_or(0, |end| end + 1);
    let mut start = line;
    for header in head.get(line..)?.split_inclusive(|&byte| byte == b'\n') {
        let colon = memchr::memchr(b':', header).unwrap_or(0);
        let (name, value) = header.split_at(colon);
        let name = name.trim_ascii();
        if name.eq_ignore_ascii_case(b"content-length") || name.eq_ignore_ascii_case(b"l") {
            let blanks = value.get(1..)?.iter().take_while(|b| **b == b' ').count();
            let behind = value.get(1 + blanks..)?;
            let len = behind.iter().take_while(|b| b.is_ascii_digit()).count();
            let length = std::str::from_utf8(behind.get(..len)?).ok()?.parse().ok()?;
            let digits = from + start + colon + 1 + blanks;
            let body = (from + blank.0 + blank.1) as u64;
            let within = edit.range.start >= body && edit.range.end <= body + length;
            return within.then_some((digits..digits + len, length));
        }
        start += header.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::apply;

    #[test]
    fn the_length_follows_the_body_and_nothing_else() {
        let message = |length: usize, body: &str| {
            format!(
                "MESSAGE sip:a@example.com SIP/2.0\r\nFrom: <sip:4165550123@x>\r\nl: {length}\r\n\r\n{body}\r\n"
            )
        };
        let body = "call 416-555-0123 or 647-555-0148";
        let text = message(body.len(), body) + &message(2, "ok");
        let mut edits: Vec<Splice> = ["4165550123", "416-555-0123", "647-555-0148"]
            .iter()
            .map(|value| {
                let at = memchr::memmem::find(text.as_bytes(), value.as_bytes()).unwrap() as u64;
                Splice {
                    range: at..at + value.len() as u64,
                    bytes: b"[PHONE]"[..].into(),
                }
            })
            .collect();
        edits.extend(lengths(Chunk::whole(text.as_bytes()), &edits));
        edits.sort_by_key(|edit| edit.range.start);
        let new = String::from_utf8(apply(text.as_bytes(), &edits).unwrap()).unwrap();
        let body = "call [PHONE] or [PHONE]";
        let expected = message(body.len(), body).replace("4165550123", "[PHONE]");
        assert_eq!(new, expected + &message(2, "ok"));
    }
}
