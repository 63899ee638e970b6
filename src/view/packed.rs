//! Text that is packed into base64: where each byte of it stands, and how a change is packed.
//!
//! Three octets stand in four characters (RFC 4648, section 4), so an octet shares characters with
//! its neighbours. What changes is packed again with what it stands beside; characters that hold
//! no bit of it are left alone. Only changes that keep the width are made: others would move
//! everything behind.

use std::ops::Range;

use super::map::{Codec, Map, append};
use crate::edit::{Refusal, Splice};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The octets of a group, and the characters it takes.
const OCTETS: usize = 3;
const CHARACTERS: usize = 4;

/// Unpacks the base64 of `text[range]` to octets, with a map of them to offsets of `text`. Blanks
/// and line ends may stand between groups. `None` when it is none: another character, or a group
/// cut short.
pub(crate) fn unpacked(text: &[u8], range: Range<usize>) -> Option<(Vec<u8>, Map)> {
    let mut octets = Vec::with_capacity(range.len() / CHARACTERS * OCTETS);
    let mut map = Map::default();
    let mut at = range.start;
    let text = text.get(..range.end)?;
    let mut padded = false;
    while let Some(&byte) = text.get(at) {
        if matches!(byte, b'\r' | b'\n' | b' ' | b'\t') {
            at += 1;
            continue;
        }
        let group = text.get(at..at + CHARACTERS)?;
        let padding = group.iter().rev().take_while(|&&b| b == b'=').count();
        if padded || padding >= OCTETS {
            return None;
        }
        padded = padding > 0;
        let mut bits = 0;
        for &byte in group.get(..CHARACTERS - padding)? {
            bits = bits << 6 | u32::from(sextet(byte)?);
        }
        let [_, three @ ..] = (bits << (6 * padding)).to_be_bytes();
        let held = OCTETS - padding;
        octets.extend_from_slice(three.get(..held)?);
        map.push(1, held, at as u64, CHARACTERS, Codec::Base64);
        at += CHARACTERS;
    }
    let packed = octets.clone().into();
    Some((octets, map.packing(packed)))
}

/// Splices of the characters that `map` leads to, for splices of the `octets` they hold.
///
/// # Errors
/// [`Refusal::FixedWidth`] when one is not as long as what it replaces.
pub(super) fn packed(map: &Map, octets: &[u8], splices: &[Splice]) -> Result<Vec<Splice>, Refusal> {
    let mut out: Vec<Splice> = Vec::new();
    for splice in splices {
        if splice.range.end - splice.range.start != splice.bytes.len() as u64 {
            return Err(Refusal::FixedWidth);
        }
        let mut done = 0;
        for run in map.runs_in(&splice.range) {
            let start = (splice.range.start as usize).max(run.text);
            let end = (splice.range.end as usize).min(run.text + run.units * run.text_width);
            for unit in (start - run.text) / OCTETS..(end - run.text).div_ceil(OCTETS) {
                let first = run.text + unit * OCTETS;
                let held = run.text_width;
                let mut group = [0; OCTETS];
                let old = octets.get(first..first + held).ok_or(Refusal::NoPlace)?;
                for (slot, octet) in group.iter_mut().zip(old) {
                    *slot = *octet;
                }
                let touched = start.max(first) - first..end.min(first + held) - first;
                let new = splice.bytes.get(done..done + touched.len());
                let taken = group
                    .get_mut(touched.clone())
                    .zip(new)
                    .ok_or(Refusal::NoPlace)?;
                taken.0.copy_from_slice(taken.1);
                done += touched.len();
                let characters = spelled(group);
                let changed = touched.start..touched.end + 1;
                let bytes = characters.get(changed.clone()).ok_or(Refusal::NoPlace)?;
                let place = run.raw + (unit * CHARACTERS + changed.start) as u64;
                append(&mut out, place, bytes.len(), bytes);
            }
        }
        if done != splice.bytes.len() {
            return Err(Refusal::NoPlace);
        }
    }
    Ok(out)
}

fn spelled(group: [u8; OCTETS]) -> [u8; CHARACTERS] {
    let bits = group
        .iter()
        .fold(0u32, |bits, &octet| bits << 8 | u32::from(octet));
    [18, 12, 6, 0].map(|shift| {
        let sextet = (bits >> shift) as usize & 63;
        ALPHABET.get(sextet).copied().unwrap_or(b'A')
    })
}

/// The octets of a group of four letters; `None` for another character, or a group cut short.
pub(crate) fn octets_of(group: [u8; CHARACTERS]) -> Option<[u8; OCTETS]> {
    let mut bits = 0;
    for byte in group {
        bits = bits << 6 | u32::from(sextet(byte)?);
    }
    let [_, octets @ ..] = bits.to_be_bytes();
    Some(octets)
}

fn sextet(byte: u8) -> Option<u8> {
    Some(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::{Replacement, apply};

    // Packed by hand of "call 416-555-0123, bye" with a line end behind the sixteenth character.
    const TEXT: &[u8] = b"x: Y2FsbCA0MTYtNTU1\r\nLTAxMjMsIGJ5ZQ== y";
    const PLACE: Range<usize> = 3..37;

    #[test]
    fn octets_lead_to_their_groups() {
        let (octets, map) = unpacked(TEXT, PLACE).unwrap();
        assert_eq!(octets, b"call 416-555-0123, bye");
        let mut places = Vec::new();
        map.outward(5..17, &mut places);
        assert_eq!(places, [7..19, 21..29]);
        for broken in [&b"Y2F"[..], b"Y2F-", b"Y===", b"YQ==YQ==", b"=A=="] {
            assert!(unpacked(broken, 0..broken.len()).is_none());
        }
    }

    #[test]
    fn a_mask_is_packed_and_every_other_octet_stays() {
        let (octets, map) = unpacked(TEXT, PLACE).unwrap();
        let splices = map.render(&octets, 5..17, &Replacement::Mask).unwrap();
        let new = apply(TEXT, &splices).unwrap();
        assert_eq!(new, b"x: Y2FsbCAqKioqKioq\r\nKioqKiosIGJ5ZQ== y");
        let label = Replacement::Text("[PHONE]".to_owned());
        assert_eq!(
            map.render(&octets, 5..17, &label).err(),
            Some(Refusal::FixedWidth)
        );
    }
}
