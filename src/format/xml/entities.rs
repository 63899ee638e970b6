//! Entities that a document defines for itself (XML 1.0, section 4.2): none is put in its place.
//!
//! Owns which references may hide a part of a value. What an entity is said to be is read where the
//! document type says it, like any text.

use std::ops::Range;

use super::references::{ampersand, reference};

/// The longest name of an entity that is looked for, in bytes.
const LONGEST_NAME: usize = 256;

/// What a document type says of entities.
#[derive(Debug)]
pub(super) struct Entities {
    /// Names of those that are words and blanks only.
    words: Vec<Vec<u8>>,
}

impl Entities {
    /// What the document type `aside` says; `None` where it names no entity and no other file.
    pub(super) fn of(aside: &[u8]) -> Option<Entities> {
        let says = |word: &[u8]| memchr::memmem::find(aside, word).is_some();
        let relevant = aside.starts_with(b"<!DOCTYPE")
            && (says(b"<!ENTITY") || says(b"SYSTEM") || says(b"PUBLIC") || says(b"%"));
        if !relevant {
            return None;
        }
        let mut entities = Entities { words: Vec::new() };
        // Where what is said depends on more than this, nothing is believed.
        if says(b"%") || says(b"<!--") || says(b"<?") {
            return Some(entities);
        }
        let (mut known, mut rest) = (Vec::new(), aside);
        while let Some(at) = memchr::memmem::find(rest, b"<!ENTITY") {
            rest = rest.get(at + 8..).unwrap_or_default();
            let Some((name, value)) = declared(rest) else {
                continue;
            };
            let plain = |b: &u8| b.is_ascii_alphabetic() || b" ,-".contains(b);
            // The first one counts (section 4.2).
            if !known.contains(&name) && value.iter().all(plain) {
                entities.words.push(name.to_vec());
            }
            known.push(name);
        }
        Some(entities)
    }

    /// Where references stand in `text[owned]` that may hide a part of a value: all but those to
    /// mere words that stand by themselves.
    pub(super) fn hiding(&self, text: &[u8], owned: Range<usize>) -> Vec<Range<usize>> {
        let text = text.get(..owned.end).unwrap_or_default();
        let (mut out, mut from) = (Vec::new(), owned.start);
        while let Some(at) = ampersand(text, from) {
            let rest = text.get(at..).unwrap_or_default();
            let name = rest
                .get(1..rest.len().min(LONGEST_NAME))
                .unwrap_or_default();
            let inside = |b: &u8| b.is_ascii_alphanumeric() || b"_:-.".contains(b) || *b >= 0x80;
            let len = name.iter().take_while(|b| inside(b)).count();
            from = at + 1;
            if len == 0 || name.get(len) != Some(&b';') || reference(rest).is_some() {
                continue;
            }
            from = at + len + 2;
            let bounds = |byte: Option<&u8>| {
                byte.is_none_or(|b| b.is_ascii_whitespace() || b"<>\"'".contains(b))
            };
            let apart =
                bounds(at.checked_sub(1).and_then(|i| text.get(i))) && bounds(text.get(from));
            let word = self.words.iter().any(|word| name.get(..len) == Some(word));
            if !(word && apart) {
                out.push(at..from);
            }
        }
        out
    }
}

/// The name and the value in the declaration that goes on with `rest`.
fn declared(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    let rest = rest.trim_ascii_start();
    let (name, rest) = rest.split_at(rest.iter().position(u8::is_ascii_whitespace)?);
    let [quote @ (b'"' | b'\''), value @ ..] = rest.trim_ascii_start() else {
        return Some((name, b"&"));
    };
    Some((name, value.get(..memchr::memchr(*quote, value)?)?))
}
