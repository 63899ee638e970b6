//! IP addresses: four octets that are no version, and IPv6 as RFC 4291 writes it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use super::Scene;
use super::context::{Word, word_before};
use super::hit::Hit;
use super::version::{self, is_small};
use crate::entity::Entity;
use crate::finding::{Canonical, Confidence, Evidence};

/// The longest text form of an IPv6 address with an IPv4 tail.
const LONGEST_V6: usize = 45;

/// What may stand before `/` and an address, as telephone servers log transports.
const TRANSPORTS: &[&[u8]] = &[
    b"udp", b"tcp", b"tls", b"ws", b"wss", b"sctp", b"ipv4", b"ipv6", b"ip4", b"ip6", b"host",
    b"client", b"sip", b"pjsip", b"iax2", b"rtp",
];

/// The address of four groups of one to three digits at `range`, with its dots at `dots`, unless it
/// is a version.
pub(super) fn judge_v4(scene: &Scene<'_>, range: Range<usize>, dots: [usize; 3]) -> Option<Hit> {
    let text = scene.text;
    let [first, second, third] = dots;
    let octets = [
        octet(text.get(range.start..first)?)?,
        octet(text.get(first + 1..second)?)?,
        octet(text.get(second + 1..third)?)?,
        octet(text.get(third + 1..range.end)?)?,
    ];
    if is_version(text, &range, octets)
        || is_small(octets) && !version::is_said_to_be_a_host(scene, &range)
    {
        return None;
    }
    let mut evidence = Evidence::SYNTAX;
    if let [b':', digit, ..] = text.get(range.end..)?
        && digit.is_ascii_digit()
    {
        evidence = evidence.with(Evidence::PORT);
    }
    let confidence = match octets {
        [127, ..] | [0, 0, 0, 0] => 60,
        _ => 92,
    };
    Some(Hit {
        entity: Entity::IpAddress,
        range,
        confidence: Confidence(confidence),
        evidence,
        canonical: Canonical::Ip(IpAddr::V4(Ipv4Addr::from(octets))),
        extension: None,
    })
}

/// The value of at most three digits. A leading zero is how versions and serial numbers are padded.
#[inline(always)]
fn octet(digits: &[u8]) -> Option<u8> {
    let digit = |byte: u8| u16::from(byte & 15);
    let value = match *digits {
        [a] => digit(a),
        [b'0', ..] => return None,
        [a, b] => digit(a) * 10 + digit(b),
        [a, b, c] => digit(a) * 100 + digit(b) * 10 + digit(c),
        _ => return None,
    };
    u8::try_from(value).ok()
}

/// Whether four octets stand where programs write versions: behind a product and a slash, a
/// letter, or a word such as "version".
fn is_version(text: &[u8], range: &Range<usize>, octets: [u8; 4]) -> bool {
    let before = text.get(..range.start).unwrap_or_default();
    let after = text.get(range.end..).unwrap_or_default();
    // A fifth part, or a letter or `-rc` behind it.
    match after {
        [b'.', next, ..] if next.is_ascii_alphanumeric() => return true,
        [next, ..] if next.is_ascii_alphanumeric() || *next == b'_' => return true,
        [b'-', next, ..] if next.is_ascii_alphabetic() => return true,
        _ if version::goes_on(after, octets) => return true,
        _ => {}
    }
    match before {
        [.., byte, b'/'] if byte.is_ascii_alphanumeric() || *byte == b')' => {
            let end = before.len() - 1;
            let start = before[..end]
                .iter()
                .rposition(|b| !b.is_ascii_alphanumeric())
                .map_or(0, |p| p + 1);
            !TRANSPORTS
                .iter()
                .any(|t| before[start..end].eq_ignore_ascii_case(t))
        }
        [.., byte] if byte.is_ascii_alphanumeric() || *byte == b'_' => true,
        [.., digit, b'.'] if digit.is_ascii_alphanumeric() => true,
        _ if version::is_compared(before) => true,
        // No host is reachable under 0.x; such quadruples are versions.
        _ if octets[0] == 0 && octets != [0; 4] => true,
        _ => word_before(text, 0, range.start, Word::Version),
    }
}

/// The IPv6 address around the colon at `at`, if there is one.
pub(super) fn judge_v6(text: &[u8], at: usize) -> Option<Hit> {
    let low = at.saturating_sub(LONGEST_V6);
    let window = text.get(low..text.len().min(at + LONGEST_V6))?;
    let is_part = |b: u8| b.is_ascii_hexdigit() || b == b':' || b == b'.';
    let middle = at - low;
    let start = window[..middle]
        .iter()
        .rposition(|&b| !is_part(b))
        .map_or(0, |p| p + 1);
    let mut end = middle + window[middle..].iter().take_while(|&&b| is_part(b)).count();
    // A sentence's full stop and a label's colon are no part of the address.
    while end > start
        && (window[end - 1] == b'.' || (window[end - 1] == b':' && !window[..end].ends_with(b"::")))
    {
        end -= 1;
    }
    let bounded = |byte: Option<&u8>| byte.is_none_or(|b| !b.is_ascii_alphanumeric() && *b != b'_');
    if start == 0 && low > 0
        || !bounded(window.get(end))
        || start > 0 && !bounded(window.get(start - 1))
    {
        return None;
    }
    let token = window.get(start..end)?;
    let address: Ipv6Addr = std::str::from_utf8(token).ok()?.parse().ok()?;
    // `ab::cd` is also how programs write names; an address has digits and some length.
    if token.len() < 6 || !token.iter().any(u8::is_ascii_digit) {
        return None;
    }
    Some(Hit {
        entity: Entity::IpAddress,
        range: low + start..low + end,
        confidence: Confidence(90),
        evidence: Evidence::SYNTAX,
        canonical: Canonical::Ip(IpAddr::V6(address)),
        extension: None,
    })
}
