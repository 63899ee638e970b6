//! E-mail addresses around an `@` (RFC 5321, section 4.1.2; RFC 6531 for addresses beyond ASCII).

use std::ops::Range;

use super::hit::Hit;
use crate::entity::Entity;
use crate::finding::{Canonical, Confidence, Evidence};

/// Octets of a local part (RFC 5321, section 4.5.3.1.1).
const LONGEST_LOCAL: usize = 64;
/// Octets of a domain (RFC 5321, section 4.5.3.1.2).
const LONGEST_DOMAIN: usize = 255;
/// Octets of a label (RFC 1035, section 2.3.4).
const LONGEST_LABEL: usize = 63;
/// How far back on its line a header name is looked for.
const HEADER_REACH: usize = 512;

/// Endings of file names that look like top-level domains: `logo@2x.png`.
const ASSETS: &[&[u8]] = &[
    b"png", b"jpg", b"jpeg", b"gif", b"svg", b"webp", b"css", b"js", b"ico", b"html", b"php",
];

/// Headers whose values look like addresses and name a message or a call.
const ID_HEADERS: &[&[u8]] = &[
    b"call-id",
    b"callid",
    b"message-id",
    b"in-reply-to",
    b"references",
    b"content-id",
    b"resent-message-id",
    b"replaces",
];

/// Hosts whose user part is a phone number, not a mailbox.
const PHONE_HOSTS: &[&[u8]] = &[b"s.whatsapp.net", b"c.us", b"g.us"];

/// The address around the `@` at `at`, if there is one.
pub(super) fn judge(text: &[u8], at: usize) -> Option<Hit> {
    let local = local_part(text, at)?;
    let domain = domain(text, at)?;
    let name = text.get(local.clone())?;
    let host = text.get(domain.clone())?;
    let before = text.get(..local.start)?;
    let mut evidence = Evidence::SYNTAX;
    if ends_with_ignoring_case(before, b"mailto:") {
        evidence = evidence.with(Evidence::URI);
    } else if ends_with_ignoring_case(before, b"sip:") || ends_with_ignoring_case(before, b"sips:")
    {
        // The user part of a SIP address that is a number is a phone, whatever the host.
        if name
            .iter()
            .all(|b| b.is_ascii_digit() || b"+-.".contains(b))
        {
            return None;
        }
        evidence = evidence.with(Evidence::URI);
    } else if in_url_authority(before) || is_remote(text, name, domain.end) {
        return None;
    }
    if PHONE_HOSTS.iter().any(|h| host.eq_ignore_ascii_case(h)) || names_a_message(before) {
        return None;
    }
    let mut folded = text.get(local.start..domain.end)?.to_vec();
    let plain = folded.is_ascii();
    folded.make_ascii_lowercase();
    if !plain {
        folded = match String::from_utf8(folded) {
            Ok(valid) => valid.to_lowercase().into_bytes(),
            Err(bytes) => bytes.into_bytes(),
        };
    }
    Some(Hit {
        entity: Entity::Email,
        range: local.start..domain.end,
        confidence: Confidence(if plain { 95 } else { 85 }),
        evidence,
        canonical: Canonical::Text(folded.into_boxed_slice()),
        extension: None,
    })
}

fn local_part(text: &[u8], at: usize) -> Option<Range<usize>> {
    let window = text.get(at.saturating_sub(LONGEST_LOCAL + 1)..at)?;
    let len = window.iter().rev().take_while(|&&b| is(b, LOCAL)).count();
    let mut local = window.get(window.len() - len..)?;
    // In a query or a list of pairs the name starts behind the sign.
    if let Some(cut) = local.iter().rposition(|b| b"=&?/|".contains(b)) {
        local = local.get(cut + 1..)?;
    }
    // What opens a quotation or a list is no part of the name.
    while let [
        b'.' | b'\'' | b'-' | b'*' | b'{' | b'}' | b'`' | b'^',
        rest @ ..,
    ] = local
    {
        local = rest;
    }
    if local.len() > LONGEST_LOCAL {
        return None;
    }
    let sound =
        !local.is_empty() && local.last() != Some(&b'.') && !local.windows(2).any(|w| w == b"..");
    sound.then(|| at - local.len()..at)
}

/// Bytes of local parts, as bits: [`LOCAL`], [`HOST`].
static PARTS: [u8; 256] = {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        let byte = i as u8;
        table[i] = match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'.' | 0x80.. => LOCAL | HOST,
            b'!' | b'#'..=b'\'' | b'*' | b'+' | b'/' | b'=' | b'?' | b'^'..=b'`' | b'{'..=b'~' => {
                LOCAL
            }
            _ => 0,
        };
        i += 1;
    }
    table
};

/// May stand in a local part without quotes.
const LOCAL: u8 = 1;
/// May stand in a domain.
const HOST: u8 = 2;

fn is(byte: u8, part: u8) -> bool {
    PARTS[usize::from(byte)] & part != 0
}

fn domain(text: &[u8], at: usize) -> Option<Range<usize>> {
    let start = at + 1;
    let window = text.get(start..text.len().min(start + LONGEST_DOMAIN + 1))?;
    let mut len = window.iter().take_while(|&&b| is(b, HOST)).count();
    while len > 0 && matches!(window.get(len - 1), Some(b'.' | b'-')) {
        len -= 1;
    }
    let host = window.get(..len)?;
    if len > LONGEST_DOMAIN {
        return None;
    }
    let mut labels = 0;
    let mut last: &[u8] = b"";
    for label in host.split(|&b| b == b'.') {
        let hyphenated = label.first() == Some(&b'-') || label.last() == Some(&b'-');
        if label.is_empty() || label.len() > LONGEST_LABEL || hyphenated {
            return None;
        }
        labels += 1;
        last = label;
    }
    let named = last.len() >= 2
        && (last.iter().all(|b| b.is_ascii_alphabetic() || *b >= 0x80)
            || last
                .get(..4)
                .is_some_and(|p| p.eq_ignore_ascii_case(b"xn--")));
    let asset = ASSETS
        .iter()
        .any(|ending| last.eq_ignore_ascii_case(ending));
    (labels >= 2 && named && !asset).then(|| start..start + len)
}

/// `https://user:secret@host` names a host, not a mailbox.
fn in_url_authority(before: &[u8]) -> bool {
    let reach = before.len().saturating_sub(LONGEST_DOMAIN);
    let ends = |b: &u8| b.is_ascii_whitespace() || b"\"'<>,;?&=".contains(b);
    let near = before.get(reach..).unwrap_or_default();
    let start = near.iter().rposition(ends).map_or(0, |end| end + 1);
    let token = near.get(start..).unwrap_or_default();
    let scheme = token.windows(3).rposition(|bytes| bytes == b"://");
    scheme.is_some_and(|at| !token[at + 3..].contains(&b'/'))
}

/// `git@host:path` and `host@2.0.1`-like remotes.
fn is_remote(text: &[u8], name: &[u8], end: usize) -> bool {
    name == b"git" && text.get(end) == Some(&b':')
}

/// Whether the line starts with a header whose value is an id of a message or call.
fn names_a_message(before: &[u8]) -> bool {
    let line = before
        .get(before.len().saturating_sub(HEADER_REACH)..)
        .unwrap_or_default();
    let start = memchr::memrchr(b'\n', line).map_or(0, |end| end + 1);
    let line = line.get(start..).unwrap_or_default();
    let Some(colon) = memchr::memchr(b':', line) else {
        return false;
    };
    let name = line.get(..colon).unwrap_or_default().trim_ascii();
    if !ID_HEADERS.iter().any(|h| name.eq_ignore_ascii_case(h)) {
        return false;
    }
    // All but the Call-ID stand in angle brackets (RFC 5322, section 3.6.4); a sentence that starts
    // with "References:" does not.
    let call = name.eq_ignore_ascii_case(b"call-id") || name.eq_ignore_ascii_case(b"callid");
    call || before.last() == Some(&b'<') || line.contains(&b'<')
}

fn ends_with_ignoring_case(text: &[u8], ending: &[u8]) -> bool {
    text.len() >= ending.len() && text[text.len() - ending.len()..].eq_ignore_ascii_case(ending)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        let at = text.find('@').unwrap();
        let found = judge(text.as_bytes(), at).map(|hit| &text[hit.range]);
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn addresses_are_found_and_look_alikes_are_not() {
        check(
            "mail jane.doe+tag@example.com, please",
            Some("jane.doe+tag@example.com"),
        );
        check("<mailto:j@example.co.uk>", Some("j@example.co.uk"));
        check("?user=j@example.com&x=1", Some("j@example.com"));
        check("josé@exämple.com", Some("josé@exämple.com"));
        check("a@xn--bcher-kva.example", Some("a@xn--bcher-kva.example"));
        check("see jane@example.com.", Some("jane@example.com"));
        check("icon@2x.png", None);
        check("root@localhost", None);
        check("git@example.com:team/repo.git", None);
        check("https://user:pw@example.com/x", None);
        check("sip:+14165550123@pbx.example.net", None);
        check("sip:jane@example.net", Some("jane@example.net"));
        check("Call-ID: a84b4c76e66710@pc33.example.com", None);
        check("x\nMessage-ID: <1@example.com>", None);
        check("From: <jane@example.com>", Some("jane@example.com"));
        check("a..b@example.com", None);
        check("@example.com", None);
        check("jane@example.c0m", None);
    }
}
