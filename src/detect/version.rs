//! Four numbers with dots that are the version of something and no address.
//!
//! Owns how packages, dependencies and standards write them, and what has to say that four small
//! numbers are an address: hardly any host has one, and most versions are made of nothing else.

use std::ops::Range;

use super::Scene;
use super::context::{Word, word_before};
use super::labels::Says;
use crate::view::Register;

/// Up to here a number is as versions count; one address in seven hundred has only such.
const SMALL: u8 = 20;
/// The first number of versions, and the largest of their others: 99 stands before a release.
const FIRST: u8 = 40;
const LARGEST: u8 = 99;

/// Whether four numbers are as small as those of versions. Networks of one's own begin with 10.
pub(super) fn is_small(octets: [u8; 4]) -> bool {
    let [first, rest @ ..] = octets;
    let small = rest.iter().filter(|octet| **octet <= SMALL).count();
    first <= FIRST && first != 10 && small >= 2 && rest.iter().all(|octet| *octet <= LARGEST)
}

/// Whether what follows goes on with a version: a revision (`-2`, `+dfsg`, `~rc1`).
pub(super) fn goes_on(after: &[u8], octets: [u8; 4]) -> bool {
    match after {
        [b'+' | b'~', next, ..] => next.is_ascii_alphanumeric(),
        // A range of addresses goes on so too: only small numbers have revisions.
        [b'-', rest @ ..] if is_small(octets) => {
            let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
            let behind = rest.get(digits);
            (1..=2).contains(&digits)
                && matches!(
                    behind,
                    None | Some(b' ' | b')' | b',' | b'\n' | b'\r' | b'~' | b'+' | b'_' | b'"')
                )
        }
        _ => false,
    }
}

/// Whether what stands before compares versions or counts epochs: `>= 1.2.3.4`, `(= 1.2.3.4`,
/// `2:1.4.99.1`.
pub(super) fn is_compared(before: &[u8]) -> bool {
    let trimmed = before.strip_suffix(b" ").unwrap_or(before);
    match trimmed {
        [.., b'>' | b'<' | b'~', b'='] => true,
        // As Debian writes it: filters of addresses have no blank there.
        [.., b'<', b'<'] | [.., b'>', b'>'] | [.., b'(', b'='] => trimmed.len() < before.len(),
        [.., byte, epoch, b':'] => {
            trimmed.len() == before.len()
                && epoch.is_ascii_digit()
                && matches!(byte, b' ' | b'(' | b'=' | b'\t')
        }
        _ => false,
    }
}

/// Whether something says that four numbers are an address: a port or a network's length behind
/// them, the scheme, the user or a bracket before them, a key, a cell of their own, the beginning of a line, a
/// word.
pub(super) fn is_said_to_be_a_host(scene: &Scene<'_>, range: &Range<usize>) -> bool {
    let text = scene.text;
    let before = text.get(..range.start).unwrap_or_default();
    let after = text.get(range.end..).unwrap_or_default();
    if matches!(after, [b':' | b'/', digit, ..] if digit.is_ascii_digit())
        || matches!(before, [.., b'/', b'/'] | [.., b'@' | b'=' | b'['])
    {
        return true;
    }
    let place = scene.place(range.clone());
    match place.label.says {
        // What sends or answers may be called by a word for callers.
        Some(Says::Holds(_)) => return true,
        Some(Says::Refuses(_)) => return false,
        None => {}
    }
    let fills = place.value.as_ref().is_some_and(|value| value == range);
    let quoted = matches!((before.last(), after.first()), (Some(b'"'), Some(b'"')));
    if place.register == Register::Cell && (fills || quoted) {
        return true;
    }
    let starts = matches!(before.last(), None | Some(b'\n' | b'\r'));
    let listed = matches!(
        after.first(),
        None | Some(b' ' | b'\t' | b'\n' | b'\r' | b',')
    );
    starts && listed || word_before(text, place.floor(), range.start, Word::Host)
}

#[cfg(test)]
mod tests {
    use crate::detect::phone::plan::Region;
    use crate::detect::{Detectors, Scratch};
    use crate::entity::{Entity, EntitySet};
    use crate::finding::Confidence;
    use crate::view::{NoHints, Register, View};

    fn addresses(text: &str) -> usize {
        let regions = vec![Region::parse("US").unwrap()];
        let detectors = Detectors::new(regions, EntitySet::all(), Confidence(50));
        let (mut hits, hints) = (Vec::new(), NoHints(Register::Log));
        let view = View::raw(text.as_bytes(), 0, &hints);
        detectors.scan(&view, &mut Scratch::default(), &mut hits);
        hits.iter()
            .filter(|hit| hit.entity == Entity::IpAddress)
            .count()
    }

    #[test]
    fn versions_are_no_addresses() {
        for text in [
            "Unpacking alsa-topology-conf (1.2.5.1-2) ...",
            "Depends: zlib1g (>= 1:1.2.2.3), libx11-6 (>= 2:1.4.99.1)",
            "dpkg (1.16.4.3) unstable; urgency=low",
            "Breaks alsa-utils (<< 1.0.24.2-5)",
            "XFree86 4.3.99.16 Bring the tree up",
            "with 210.98.12.1+dfsg-1 installed",
            "the recommendations in RFC6960 in 4.2.2.2",
            "Standard bumped, 3.9.2.0 (no change needed)",
            "need zlib >= 201.2.2.3.",
        ] {
            assert_eq!(addresses(text), 0, "{text}");
        }
    }

    #[test]
    fn small_addresses_are_found_where_something_says_so() {
        for text in [
            "1.2.3.4 - - [25/Apr/2024:16:00:00 +0000] \"GET /\" 200",
            "connected from 5.6.7.8 port 22",
            "http://1.1.1.1/dns-query",
            "resolver at 8.8.8.8 in tor-mode",
            "8.8.4.4:53 timed out",
            "route add 2.3.4.0/24",
            "rhost=1.2.3.4 ok",
            "sshd[1.2.3.4] closed",
            "10.1.2.3 is up",
            "ip.addr==203.0.113.7",
            "<<203.0.113.7>>",
            "from 203.0.113.1-20 only",
        ] {
            assert_eq!(addresses(text), 1, "{text}");
        }
    }
}
