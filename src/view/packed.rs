//! Text that is packed into base64: where each byte of it stands, and how a change is packed.
//!
//! Three octets stand in four characters (RFC 4648, section 4), so an octet shares characters with
//! its neighbours. What changes is packed again with what it stands beside; characters that hold
//! no bit of it are left alone. Only changes that keep the width are made: others would move
//! everything behind.

use std::ops::Range;
use std::sync::Arc;

use super::map::{Codec, Map, append};
use crate::edit::{Refusal, Splice};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The octets of a group, and the characters it takes.
const OCTETS: usize = 3;
const CHARACTERS: usize = 4;

/// A group of letters that a line end parts: where it begins, how many letters stand before the line
/// end, and how wide that is with the blanks around it.
pub(super) struct Parted {
    at: u64,
    before: usize,
    width: usize,
}

/// What a map knows of the letters it leads to.
#[derive(Clone)]
pub(super) struct Packing {
    octets: Arc<[u8]>,
    parted: Arc<[Parted]>,
}

impl std::fmt::Debug for Packing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Packing of {} octets", self.octets.len())
    }
}

/// Unpacks the base64 of `text[range]` to octets, with a map of them to offsets of `text`. Blanks
/// may stand between groups, and a line end within one, as where long lines are folded. `None` when it
/// is none: another character, or a group cut short.
pub(crate) fn unpacked(text: &[u8], range: Range<usize>) -> Option<(Vec<u8>, Map)> {
    let mut octets = Vec::with_capacity(range.len() / CHARACTERS * OCTETS);
    let mut map = Map::default();
    let mut at = range.start;
    let text = text.get(..range.end)?;
    let (mut padded, mut parted) = (false, Vec::new());
    while let Some(&byte) = text.get(at) {
        if is_blank(byte) {
            at += 1;
            continue;
        }
        let (group, gap) = group(text, at)?;
        let width = CHARACTERS + gap.width;
        if gap.width > 0 {
            parted.push(gap);
        }
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
        map.push(1, held, at as u64, width, Codec::Base64);
        at += width;
    }
    let packing = Packing {
        octets: octets.clone().into(),
        parted: parted.into(),
    };
    Some((octets, map.packing(packing)))
}

/// The letters of the group at `at`, and where a line end parts it; one of no width where none does.
fn group(text: &[u8], at: usize) -> Option<([u8; CHARACTERS], Parted)> {
    let letters = *text.get(at..)?.first_chunk::<CHARACTERS>()?;
    let mut parted = Parted {
        at: at as u64,
        before: CHARACTERS,
        width: 0,
    };
    let Some(before) = letters.iter().position(|byte| is_blank(*byte)) else {
        return Some((letters, parted));
    };
    let rest = text.get(at + before..)?;
    let width = rest.iter().take_while(|byte| is_blank(**byte)).count();
    rest.get(..width)?.contains(&b'\n').then_some(())?;
    let mut group = letters;
    let behind = rest.get(width..width + CHARACTERS - before)?;
    let free = group.get_mut(before..)?;
    free.copy_from_slice(behind);
    let whole = !behind.iter().any(|byte| is_blank(*byte));
    (parted.before, parted.width) = (before, width);
    whole.then_some((group, parted))
}

const fn is_blank(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n' | b' ' | b'\t')
}

/// Splices of the characters that `map` leads to, for splices of the octets they hold.
///
/// # Errors
/// [`Refusal::FixedWidth`] when one is not as long as what it replaces.
pub(super) fn packed(
    map: &Map,
    packing: &Packing,
    splices: &[Splice],
) -> Result<Vec<Splice>, Refusal> {
    let (octets, parted) = (&packing.octets, &packing.parted);
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
                let place = run.raw + (unit * run.raw_width) as u64;
                let gap = parted.binary_search_by_key(&place, |one| one.at);
                let gap = gap.ok().and_then(|number| parted.get(number));
                for (letter, byte) in changed.zip(bytes) {
                    let gap = gap.filter(|gap| letter >= gap.before);
                    let at = letter + gap.map_or(0, |gap| gap.width);
                    append(&mut out, place + at as u64, 1, &[*byte]);
                }
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
    [18, 12, 6, 0].map(|shift| letter(bits >> shift))
}

/// The letter that stands for the last six of `bits`.
pub(super) fn letter(bits: u32) -> u8 {
    ALPHABET.get(bits as usize & 63).copied().unwrap_or(b'A')
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

/// The six bits that a letter stands for.
pub(super) fn sextet(byte: u8) -> Option<u8> {
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
        let folded = b"x: Y2FsbCA0MT\r\n YtNTU1LTAxMjMsIGJ5ZQ==";
        let (octets, map) = unpacked(folded, 3..folded.len()).unwrap();
        assert_eq!(octets, b"call 416-555-0123, bye");
        let splices = map.render(&octets, 5..17, &Replacement::Mask).unwrap();
        let new = apply(folded, &splices).unwrap();
        assert_eq!(new, b"x: Y2FsbCAqKi\r\n oqKioqKioqKiosIGJ5ZQ==");
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
