//! Files that older mailers put into the text of a message itself, between lines of their own.
//!
//! Owns where they stand: uuencode (POSIX.1-2017, `uuencode`), BinHex 4.0 (RFC 1741), yEnc 1.3. What
//! is in them nobody reads but BinHex in mail (`binhex.rs`).

use std::ops::Range;

use crate::format::lines::lines;

const BINHEX: &[u8] = b"(This file must be converted with BinHex";

/// What stands in the lines before such files; those of uuencode and yEnc both have the first.
const MARKS: [&[u8]; 2] = [b"begin ", b"with BinHex"];

/// Whether a line of `text` may begin such a file, which is asked at the speed of memory.
pub(in crate::format) fn may_enclose(text: &[u8]) -> bool {
    let stands = |mark: &&[u8]| memchr::memmem::find(text, mark).is_some();
    // A pass for each is cheaper than one that looks for both.
    MARKS.iter().any(stands)
}

/// Where files stand in `text[body]`, in order, and what each is written in.
pub(in crate::format) fn enclosed(
    text: &[u8],
    body: Range<usize>,
) -> Vec<(Range<usize>, &'static str)> {
    let mut out = Vec::new();
    let mut open: Option<(usize, &'static str, &[u8])> = None;
    let mut at = body.start;
    let mut rest = lines(text.get(body.clone()).unwrap_or_default()).peekable();
    while let Some(line) = rest.next() {
        let start = at;
        at += line.len();
        let line = line.trim_ascii_end();
        if let Some((from, name, last)) = open {
            if line.starts_with(last) && (last != b"end" || line == last) {
                out.push((from..at, name));
                open = None;
            }
            continue;
        }
        open = match line.first() {
            Some(b'b') if begins(line) && rest.peek().is_some_and(|next| is_coded(next)) => {
                Some((start, "uuencode", b"end"))
            }
            Some(b'=') if line.starts_with(b"=ybegin ") => Some((start, "yenc", b"=yend")),
            // What ends it is a sign within its letters; no more than a file stands in a part.
            Some(b'(') if line.starts_with(BINHEX) => Some((start, "binhex", b"\0")),
            _ => None,
        };
    }
    out.extend(open.map(|(from, name, _)| (from..body.end, name)));
    out
}

/// Whether a line begins a file: a mode and a name.
fn begins(line: &[u8]) -> bool {
    let mut words = line.split(|b| *b == b' ');
    let mode = |word: &[u8]| {
        (3..=4).contains(&word.len()) && word.iter().all(|b| (b'0'..=b'7').contains(b))
    };
    words.next() == Some(b"begin") && words.next().is_some_and(mode) && words.next().is_some()
}

/// Whether a line is as long as its first letter says: four letters for three bytes. Blanks at its
/// end may be lost.
fn is_coded(line: &[u8]) -> bool {
    let line = line.trim_ascii_end();
    let Some(first @ b' '..=b'`') = line.first() else {
        return false;
    };
    let bytes = usize::from((first - b' ') & 63);
    let letters = line.len() - 1;
    letters <= bytes.div_ceil(3) * 4 + 1 && line.iter().all(|b| (b' '..=b'`').contains(b))
}
