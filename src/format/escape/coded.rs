//! Words that are base64 or hexadecimal of a text with a value in it, in any other text.
//!
//! Owns which words are taken for that. What reads a word decoded does not read it as it stands, so
//! one is taken only where it decodes to nothing but text with enough digits or an at sign, and
//! where nothing before it says that it is a secret by itself.

use std::ops::Range;

use super::Decoded;
use super::decode::hex;
use crate::raw::{LEAST, is_coded};
use crate::view::{Codec, octets_of, unpacked};

/// Digits from which on a text may hold a number that is a value.
const DIGITS: usize = 7;
/// Bytes before a word that may say what it is.
const BEFORE: usize = 24;
/// What they say of one that is a value as it stands.
const SECRETS: &[&[u8]] = &[
    b"basic", b"bearer", b"pass", b"pwd", b"secret", b"token", b"key", b"auth", b"sign", b"cookie",
];

/// What the words at `runs` of `text[within]` outside `taken` (both sorted, disjoint) decode to.
pub(super) fn words(
    text: &[u8],
    within: Range<usize>,
    runs: &[Range<usize>],
    taken: &[Range<usize>],
) -> Vec<Decoded> {
    let mut out = Vec::new();
    let owned = text.get(..within.end).unwrap_or_default();
    for run in runs {
        let next = taken.partition_point(|one| one.end <= run.start);
        let free = taken.get(next).is_none_or(|one| one.start > run.end);
        // Before what is read here a word may have begun.
        let before = run.start.checked_sub(1).and_then(|at| owned.get(at));
        let whole = before.is_none_or(|b| !is_coded(*b));
        if free && whole {
            // What is hexadecimal is no base64, though it unpacks.
            let digits = owned.get(run.clone()).unwrap_or_default();
            let word = if digits.iter().all(u8::is_ascii_hexdigit) {
                hexadecimal(digits, run.start)
            } else {
                base64(owned, run.clone())
            };
            out.extend(word.filter(|_| !is_secret(owned, run.start)));
        }
    }
    out
}

fn base64(text: &[u8], run: Range<usize>) -> Option<Decoded> {
    let behind = text.get(run.end..).unwrap_or_default();
    let padding = behind.iter().take_while(|b| **b == b'=').count();
    let whole = run.start..run.end + padding;
    let joined = |at: Option<usize>| {
        let byte = at.and_then(|at| text.get(at));
        byte.is_some_and(|b| b".-_%".contains(b))
    };
    // Parts of signed tokens, names, and what is escaped.
    if whole.len() % 4 != 0
        || padding > 2
        || joined(run.start.checked_sub(1))
        || joined(Some(whole.end))
    {
        return None;
    }
    // Most words say by their first letters that they are no text.
    let first = text.get(run.start..run.start + LEAST)?;
    if !may_be_text(first) {
        return None;
    }
    let (octets, map) = unpacked(text, whole.clone())?;
    holds_value(&octets).then(|| Decoded {
        text: octets,
        map,
        holes: vec![whole],
        ..Decoded::default()
    })
}

/// Whether base64 that begins with `letters`, whole groups of four, may be of text.
fn may_be_text(letters: &[u8]) -> bool {
    let (groups, _) = letters.as_chunks::<4>();
    let mut octets = [0; LEAST / 4 * 3];
    let (threes, _) = octets.as_chunks_mut::<3>();
    for (three, group) in threes.iter_mut().zip(groups) {
        let Some(held) = octets_of(*group) else {
            return false;
        };
        if !held.iter().all(|b| is_shown(*b)) {
            return false;
        }
        *three = held;
    }
    // A character may be cut at the end.
    std::str::from_utf8(&octets).map_or_else(|error| error.error_len().is_none(), |_| true)
}

/// What the hexadecimal `digits`, which stand at `start`, are.
fn hexadecimal(digits: &[u8], start: usize) -> Option<Decoded> {
    let (pairs, []) = digits.as_chunks::<2>() else {
        return None;
    };
    let octet = |pair: &[u8; 2]| Some(hex(pair[0])? << 4 | hex(pair[1])?);
    let is_text = |pair: &[u8; 2]| octet(pair).is_some_and(is_shown);
    if !pairs.iter().all(is_text) {
        return None;
    }
    let octets: Vec<u8> = pairs.iter().filter_map(octet).collect();
    if !holds_value(&octets) {
        return None;
    }
    let mut decoded = Decoded::default();
    decoded.begin(start..start + digits.len());
    for (at, octet) in (start..).step_by(2).zip(octets) {
        decoded.unit(&[octet], at, 2, Codec::Hex);
    }
    Some(decoded)
}

/// Whether what stands before `at` says that the word there is a secret.
fn is_secret(text: &[u8], at: usize) -> bool {
    let before = text.get(at.saturating_sub(BEFORE)..at).unwrap_or_default();
    let before = before.to_ascii_lowercase();
    let line = before.rsplit(|b| *b == b'\n').next().unwrap_or_default();
    SECRETS
        .iter()
        .any(|word| memchr::memmem::find(line, word).is_some())
}

const fn is_shown(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\r' | b'\n' | b' '..=b'~') || byte >= 0x80
}

fn holds_value(octets: &[u8]) -> bool {
    let digits = octets.iter().filter(|b| b.is_ascii_digit()).count();
    (digits >= DIGITS || octets.contains(&b'@'))
        && octets.iter().all(|b| is_shown(*b))
        && std::str::from_utf8(octets).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raw::coded_runs;

    #[test]
    fn words_that_decode_to_values_are_decoded_and_no_others() {
        const CALL: &str = "cGxlYXNlIGNhbGwgNDE2LTU1NS0wMTIz";
        const TEXT: &str = "please call 416-555-0123";
        const HEX: &str = "63616c6c203431362d3535352d30313233";
        for (text, want) in [
            (format!("payload={CALL} end"), Some(TEXT)),
            (CALL.to_owned(), Some(TEXT)),
            (format!("a,b,{CALL}\n"), Some(TEXT)),
            (
                "x am9AZXhhbXBsZS5jb20gd3JvdGU= y".to_owned(),
                Some("jo@example.com wrote"),
            ),
            (format!("0x{HEX},"), None),
            (format!("X'{HEX}',"), Some("call 416-555-0123")),
            (HEX.to_ascii_uppercase(), Some("call 416-555-0123")),
            (format!("Authorization: Basic {CALL}"), None),
            (format!("api_key={CALL}"), None),
            (format!("{CALL}.{CALL}.x"), None),
            (format!("{CALL}A"), None),
            ("cGxlYXNlIGNhbGwgbWUgYmFjayBub3c=".to_owned(), None),
            ("4f8d0f2d6b76af0a4f8d0f2d6b76af0a".to_owned(), None),
            (
                "/usr/share/applications/internationalization/en".to_owned(),
                None,
            ),
            (
                "short words only, nothing of any length at all".to_owned(),
                None,
            ),
        ] {
            let runs = coded_runs(text.as_bytes(), 0..text.len());
            let found = words(text.as_bytes(), 0..text.len(), &runs, &[]);
            let texts: Vec<_> = found.iter().map(|one| one.text.as_slice()).collect();
            let want: Vec<_> = want.iter().map(|one| one.as_bytes()).collect();
            assert_eq!(texts, want, "{text}");
        }
    }
}
