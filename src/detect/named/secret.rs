//! Credentials: what is called one, what begins as one, and what stands before a host.

use std::ops::Range;

use super::form::Form;
use super::read::{self, Value};
use super::{PLACEHOLDERS, TOKENS};
use crate::finding::{Canonical, Evidence};

/// The longest token that is read.
const LONGEST: usize = 8192;
/// The fewest characters of a password that is taken without quotation marks.
const SHORTEST: usize = 4;

fn form(text: &[u8], range: Range<usize>, confidence: u8) -> Option<Form> {
    let value = text.get(range.clone()).filter(|value| !value.is_empty())?;
    Some(Form::new(range, Canonical::Text(value.into()), confidence))
}

/// Whether a value says that there is none, or stands for one that a program fills in.
fn is_placeholder(value: &[u8]) -> bool {
    PLACEHOLDERS
        .iter()
        .any(|word| value.eq_ignore_ascii_case(word.as_bytes()))
        || matches!(value, [b'$' | b'<' | b'%', ..] | [b'{', b'{', ..])
        || value
            .iter()
            .all(|b| matches!(b, b'*' | b'x' | b'X' | b'.' | b'-'))
}

/// Whether a value is what a program does to get it: a call, an element, a member of an object.
fn is_code(value: &[u8]) -> bool {
    let name = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.');
    let len = value.iter().take_while(name).count();
    let called = matches!(value.get(len), Some(b'(' | b'['));
    let starts = value
        .first()
        .is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_');
    let member = [&b"self."[..], b"this.", b"os.environ", b"process.env"];
    value
        .first()
        .is_some_and(|b| matches!(b, b',' | b')' | b'('))
        || starts && (called && len > 1 || member.iter().any(|head| value.starts_with(head)))
}

/// A value that is called a secret.
pub(super) fn named(text: &[u8], value: &Value, label: &[u8]) -> Option<Form> {
    let mut range = value.range.clone();
    // `Authorization: Bearer ...`: what follows the scheme is the secret.
    let mut scheme = false;
    for known in [&b"Bearer "[..], b"Basic ", b"Token ", b"ApiKey "] {
        let begins = text.get(range.clone())?.get(..known.len());
        if begins.is_some_and(|begins| begins.eq_ignore_ascii_case(known)) {
            range.start += known.len();
            scheme = true;
        }
    }
    if !value.exact {
        let rest = text.get(range.clone())?;
        let part = |b: &&u8| !b.is_ascii_whitespace() && !b"\"'<>`,;&)]}".contains(b);
        let len = rest.iter().take(LONGEST).take_while(part).count();
        let trailing = rest[..len].iter().rev().take_while(|b| **b == b'.').count();
        range.end = range.start + len - trailing;
    }
    let secret = text.get(range.clone())?;
    if is_placeholder(secret) || is_code(secret) || secret.contains(&b'\n') {
        return None;
    }
    let telling = secret
        .iter()
        .any(|b| b.is_ascii_digit() || b.is_ascii_punctuation());
    let called = !label.is_empty() && (value.exact || scheme || telling);
    let told = value.is_said && secret.len() >= SHORTEST && telling;
    if !called && !told || secret.len() < 3 {
        return None;
    }
    form(text, range, if called { 90 } else { 75 })
}

fn is_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// A token that begins with the word at `at..end`, as its issuer marks those it gives, or a
/// private key that stands in its armour.
pub(super) fn announced(text: &[u8], at: usize, end: usize) -> Option<Form> {
    let word = text.get(at..end)?;
    if word == b"BEGIN" {
        return armoured(text, at);
    }
    if word.eq_ignore_ascii_case(b"bearer") {
        let (_, behind) = read::word_behind(text, end);
        return bearer(text, behind.start);
    }
    if word.starts_with(b"eyJ") {
        return web_token(text, at);
    }
    let line = text.get(at.saturating_sub(4)..)?;
    let from = at - at.saturating_sub(4);
    for (prefix, fewest) in TOKENS {
        let prefix = prefix.as_bytes();
        // The word may be any part of the prefix: `sk_live_` is known by "live".
        for lead in 0..=from.min(prefix.len()) {
            let start = from - lead;
            let Some(rest) = line.get(start..).and_then(|line| line.strip_prefix(prefix)) else {
                continue;
            };
            let before = (at - lead).checked_sub(1).and_then(|p| text.get(p));
            let len = rest
                .iter()
                .take(LONGEST)
                .take_while(|b| is_part(**b))
                .count();
            if len >= usize::from(*fewest) && !before.is_some_and(|b| is_part(*b)) {
                let range = at - lead..at - lead + prefix.len() + len;
                return Some(form(text, range, 97)?.with(Evidence::SYNTAX));
            }
        }
    }
    None
}

/// What a request presents behind the word.
fn bearer(text: &[u8], start: usize) -> Option<Form> {
    const FEWEST: usize = 16;
    let rest = text.get(start..)?;
    let part = |b: &&u8| is_part(**b) || matches!(b, b'.' | b'~' | b'+' | b'/' | b'=');
    let len = rest.iter().take(LONGEST).take_while(part).count();
    let digit = rest[..len].iter().any(u8::is_ascii_digit);
    (len >= FEWEST && digit)
        .then(|| form(text, start..start + len, 92))
        .flatten()
}

/// A signed token of three parts in base64url, of which the first is JSON (RFC 7519).
fn web_token(text: &[u8], start: usize) -> Option<Form> {
    if start
        .checked_sub(1)
        .and_then(|p| text.get(p))
        .is_some_and(|b| is_part(*b))
    {
        return None;
    }
    let rest = text.get(start..text.len().min(start + LONGEST))?;
    let part = |b: &&u8| is_part(**b) || **b == b'.';
    let len = rest.iter().take_while(part).count();
    let token = rest
        .get(..len)?
        .strip_suffix(b".")
        .unwrap_or(rest.get(..len)?);
    let mut parts = token.split(|b| *b == b'.');
    let long = |part: Option<&[u8]>, fewest| part.is_some_and(|part| part.len() >= fewest);
    let whole = long(parts.next(), 10) && long(parts.next(), 4);
    whole
        .then(|| Some(form(text, start..start + token.len(), 97)?.with(Evidence::SYNTAX)))
        .flatten()
}

/// A private key between its lines (RFC 7468); `at` is at the word of the first one.
fn armoured(text: &[u8], at: usize) -> Option<Form> {
    let first = text.get(at.checked_sub(5)?..)?;
    let head = first.get(..64.min(first.len()))?;
    let title = head.strip_prefix(b"-----BEGIN ")?;
    let end = memchr::memmem::find(title, b"PRIVATE KEY-----")?;
    if title[..end]
        .iter()
        .any(|b| !b.is_ascii_uppercase() && *b != b' ')
    {
        return None;
    }
    let rest = first.get(..first.len().min(LONGEST))?;
    let close = memchr::memmem::find(rest, b"-----END ")?;
    let tail = rest.get(close + 9..)?;
    let end = close + 9 + memchr::memmem::find(tail, b"-----")? + 5;
    Some(form(text, at - 5..at - 5 + end, 98)?.with(Evidence::SYNTAX))
}

/// The password of `scheme://user:password@host`, whose `@` is at `at`.
#[inline(never)]
pub(in super::super) fn in_address(text: &[u8], at: usize) -> Option<Form> {
    const REACH: usize = 256;
    let before = text.get(at.saturating_sub(REACH)..at)?;
    let ends = |b: &u8| b.is_ascii_whitespace() || b"\"'<>@/?#".contains(b);
    let start = before.iter().rposition(ends)? + 1;
    let authority = before.get(start..)?;
    let colon = memchr::memchr(b':', authority)?;
    let is_url = before.get(..start)?.ends_with(b"://");
    let secret = at - (authority.len() - colon - 1)..at;
    if !is_url || colon == 0 || is_placeholder(text.get(secret.clone())?) {
        return None;
    }
    Some(form(text, secret, 93)?.with(Evidence::URI))
}
