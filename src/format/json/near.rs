//! Finds the value around a place in a line, and its key, from what stands close by.
//!
//! Nearly every value that is asked for stands in an object of one line, or in a line of an object,
//! right behind its key. Then its quotes and those before it in the line tell both, without a walk
//! from token to token; where they may not, nothing is told.

use super::walk::{Kind, Token, ends_bare, string_end};
use crate::raw::{BLOCK, Set, sets};

/// Blocks of a line before the place that are looked at. Within them no nesting is too deep for its
/// keys to be kept.
const BLOCKS: usize = 6;

/// What strings begin and end with, and what may make a quote or a key mean something else.
const SETS: [Set; 2] = [Set::of(b"\""), Set::of(b"\\[")];

/// A value that is a member of an object, and where its key stands.
pub(super) struct Near {
    pub(super) token: Token,
    pub(super) key: (usize, usize),
}

/// The value around `at` and its key, in a text that starts at `first`, outside strings; where each
/// of its `lines` stands for itself, only in those that are objects.
pub(super) fn near(text: &[u8], first: usize, at: usize, lines: bool) -> Option<Near> {
    let low = first.max(at.saturating_sub(BLOCKS * BLOCK));
    let line = match memchr::memrchr(b'\n', text.get(low..at)?) {
        Some(end) => low + end + 1,
        None if low == first => first,
        None => return None,
    };
    if lines && text.get(line) != Some(&b'{') {
        return None;
    }
    let before = text.get(line..at)?;
    let mut marks = [[0; SETS.len()]; BLOCKS];
    let count = sets(before, 0, &SETS, &mut marks);
    let (mut quotes, mut odd) = (0, 0);
    for [quote, other] in marks.iter().take(count) {
        quotes += quote.count_ones();
        odd |= other;
    }
    if odd != 0 {
        return None;
    }
    let token = if quotes % 2 == 1 {
        let start = line + memchr::memrchr(b'"', before)? + 1;
        let (end, closed) = string_end(text, start);
        let behind = text.get(end + usize::from(closed)..)?;
        if named_by(behind) {
            return None;
        }
        Token {
            kind: Kind::Text,
            start,
            end,
        }
    } else {
        bare(text, line, at)?
    };
    let value = token.start - usize::from(token.kind == Kind::Text);
    let key = key_before(text.get(line..value)?)?;
    (token.start <= at && at < token.end).then_some(Near {
        token,
        key: (line + key.0, line + key.1),
    })
}

/// Whether what stands behind a string makes it a key.
fn named_by(behind: &[u8]) -> bool {
    let mut rest = behind.iter();
    rest.find(|byte| !matches!(byte, b' ' | b'\t' | b'\r' | b'\n')) == Some(&b':')
}

/// The number or literal around `at`, which no string holds, in the line from `line` on.
fn bare(text: &[u8], line: usize, at: usize) -> Option<Token> {
    let inner = |byte: &u8| !ends_bare(*byte);
    let before = text.get(line..at)?.iter().rev().take_while(|b| inner(b));
    let behind = text.get(at..)?.iter().take_while(|b| inner(b)).count();
    Some(Token {
        kind: Kind::Bare,
        start: at - before.count(),
        end: at + behind,
    })
}

/// The key that `before` ends with, a colon behind it; its quotes are those of strings.
fn key_before(before: &[u8]) -> Option<(usize, usize)> {
    let trimmed = |text: &[u8]| {
        let blank = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\r');
        text.len() - text.iter().rev().take_while(blank).count()
    };
    let rest = before.get(..trimmed(before))?.strip_suffix(b":")?;
    let rest = rest.get(..trimmed(rest))?.strip_suffix(b"\"")?;
    Some((memchr::memrchr(b'"', rest)? + 1, rest.len()))
}

#[cfg(test)]
mod tests {
    use super::super::index::JsonIndex;
    use super::super::talk::Told;
    use crate::format::Chunk;
    use crate::view::{Hinting, Hints};

    proptest::proptest! {
        #[test]
        fn a_place_is_told_from_close_by_as_by_walking_there(
            pieces in proptest::collection::vec(
                proptest::sample::select(vec![
                    "{", "{\"a\":", "}", "[", "]", "\"key\"", "\"k\" :", ": ", ":", ",", ", ", "\"text\"",
                    "\"+1 416 555 0123\"", "4165550123", "null", "\"", "\\", "\\\"", "\n", "\n{\"b\":\"c\"}\n",
                    " ", "\t", "{\"a\":1,\"b\":{\"c\":\"d\"},\"e\":\"f g\"}", "x", "\"a longer text than most\":",
                ]),
                0..40,
            ),
            start in 0..3usize,
            lines in proptest::bool::ANY,
        ) {
            let text = pieces.concat().into_bytes();
            let chunk = Chunk { start: start.min(text.len()), ..Chunk::whole(&text) };
            let index = JsonIndex::new(chunk, lines, Told::default(), false);
            for at in 0..=text.len() {
                let (near, far) = (index.hints(at), index.walked(at));
                let told = |hints: &Hints<'_>| {
                    let label = hints.label.map(<[u8]>::to_vec);
                    (hints.register, label, hints.value.clone())
                };
                proptest::prop_assert_eq!(
                    told(&near), told(&far), "{} of {:?}", at, String::from_utf8_lossy(&text)
                );
            }
        }
    }
}
