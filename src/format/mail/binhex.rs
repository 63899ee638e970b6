//! BinHex 4.0 (RFC 1741): a file of a Macintosh written as text.
//!
//! Owns taking it apart and checking that it is whole. It is read and not rewritten: its sums stand
//! in the same letters as what they are of.

use std::ops::Range;

use crate::format::Reason;
use crate::view::{Codec, Map};

const LETTERS: &[u8; 64] = b"!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr";
/// The octet that says how often the one before it stands there.
const REPEATED: u8 = 0x90;
/// Octets of the header behind the name and its length: version, type, creator, flags, the lengths of
/// both forks, sum.
const FIELDS: usize = 1 + 4 + 4 + 2 + 4 + 4 + 2;
/// The most that is unfolded of one file: what repeats may stand for 127 times of what it is.
const MOST: usize = 16 << 20;

/// A file taken apart.
pub(super) struct File {
    /// Where it stands, from its first colon to its last.
    pub(super) place: Range<usize>,
    /// The octets of its data fork, and where each stands.
    pub(super) data: Vec<u8>,
    pub(super) map: Map,
    /// Whether it has a resource fork, of which nothing is read.
    pub(super) resources: bool,
}

/// Takes the file apart whose first colon stands at the start of a line of `text[range]`.
///
/// # Errors
/// Why it cannot be read.
pub(super) fn file(text: &[u8], range: Range<usize>) -> Result<File, Reason> {
    let owned = text.get(..range.end).unwrap_or_default();
    let start = begin(owned, range.start).ok_or(Reason::Malformed)?;
    let unfolded = Unfolded::of(owned, start)?;
    let octets = &unfolded.octets;
    let name = usize::from(*octets.first().ok_or(Reason::Truncated)?);
    let header = 1 + name + FIELDS;
    let number = |at: usize| {
        let four = octets.get(at..at + 4)?.first_chunk::<4>()?;
        usize::try_from(u32::from_be_bytes(*four)).ok()
    };
    let lengths = number(header - 10).zip(number(header - 6));
    let (data, resources) = lengths.ok_or(Reason::Truncated)?;
    // Where what is `len` long and begins at `from` ends with its sum, where that is right.
    let sound = |from: usize, len: usize| {
        let end = from.checked_add(len)?;
        let own = octets.get(end..end.checked_add(2)?)?.first_chunk::<2>()?;
        let right = sum(octets.get(from..end)?) == u16::from_be_bytes(*own);
        right.then_some(end + 2)
    };
    let fork = sound(0, header - 2).ok_or(Reason::Malformed)?;
    sound(fork, data).ok_or(Reason::Malformed)?;
    Ok(File {
        place: start..unfolded.end,
        map: unfolded.map(fork..fork + data),
        data: octets.get(fork..fork + data).unwrap_or_default().to_vec(),
        resources: resources > 0,
    })
}

/// Behind the colon that begins a file in `text[from..]`, at the start of a line.
fn begin(text: &[u8], from: usize) -> Option<usize> {
    let rest = text.get(from..)?;
    let mut colons = memchr::memchr_iter(b':', rest);
    let starts = |at: &usize| *at == 0 || matches!(rest.get(at - 1), Some(b'\n' | b'\r'));
    colons.find(starts).map(|at| from + at)
}

/// The octets of a file, and in which letters they stand.
struct Unfolded {
    octets: Vec<u8>,
    /// Of each group of four letters how many octets there are behind it, and where it stands.
    groups: Vec<(usize, Range<usize>)>,
    /// Behind the last colon.
    end: usize,
}

impl Unfolded {
    /// Of what stands behind the colon at `start`, to the next one.
    fn of(text: &[u8], start: usize) -> Result<Unfolded, Reason> {
        let (mut octets, mut groups) = (Vec::new(), Vec::new());
        let (mut bits, mut held, mut first) = (0u32, 0, 0);
        let mut repeats = false;
        for (at, byte) in text.iter().enumerate().skip(start + 1) {
            let letter = match byte {
                b'\r' | b'\n' | b'\t' | b' ' => continue,
                b':' => {
                    // The last group may be cut short: its letters hold one octet or two.
                    let whole = held / 8 * 8;
                    for shift in (0..whole).step_by(8).rev() {
                        fold(
                            &mut octets,
                            &mut repeats,
                            (bits >> (held - whole + shift)) as u8,
                        )?;
                    }
                    if whole > 0 {
                        groups.push((octets.len(), first..at));
                    }
                    return Ok(Unfolded {
                        octets,
                        groups,
                        end: at + 1,
                    });
                }
                byte => LETTERS.iter().position(|letter| letter == byte),
            };
            bits = bits << 6 | letter.ok_or(Reason::Malformed)? as u32;
            first = if held == 0 { at } else { first };
            held += 6;
            if held < 24 {
                continue;
            }
            let [_, three @ ..] = bits.to_be_bytes();
            for octet in three {
                fold(&mut octets, &mut repeats, octet)?;
            }
            if octets.len() > MOST {
                return Err(Reason::Limit);
            }
            groups.push((octets.len(), first..at + 1));
            (bits, held) = (0, 0);
        }
        Err(Reason::Truncated)
    }

    /// Where the octets of `range` stand.
    fn map(&self, range: Range<usize>) -> Map {
        let mut map = Map::default();
        let mut from = 0;
        for (end, place) in &self.groups {
            let width = (*end).min(range.end).saturating_sub(from.max(range.start));
            if width > 0 {
                map.push(1, width, place.start as u64, place.len(), Codec::BinHex);
            }
            from = *end;
        }
        map
    }
}

/// Appends what `octet` stands for to `octets`; `repeats` says whether the one before it was a sign
/// that it is a number.
fn fold(octets: &mut Vec<u8>, repeats: &mut bool, octet: u8) -> Result<(), Reason> {
    match (std::mem::take(repeats), octet) {
        (true, 0) => octets.push(REPEATED),
        (true, times) => {
            let last = *octets.last().ok_or(Reason::Malformed)?;
            octets.extend(std::iter::repeat_n(last, usize::from(times) - 1));
        }
        (false, REPEATED) => *repeats = true,
        (false, octet) => octets.push(octet),
    }
    Ok(())
}

/// The sum of RFC 1741: that of CCITT's polynomial, with two zeros behind.
fn sum(octets: &[u8]) -> u16 {
    octets.iter().fold(0, |sum, octet| {
        (0..8).fold(sum ^ u16::from(*octet) << 8, |sum: u16, _| {
            sum << 1 ^ if sum & 0x8000 == 0 { 0 } else { 0x1021 }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::{Refusal, Replacement};

    /// Written by a script of another language; five blanks of the text are one and a number.
    const TEXT: &str =
        "hi\n\n:\"@%ZG(Kd!&4&@&4dG(Kd!*!&'`#3\"\"\"(Bf&XE##3\"c3a0Lde068Y-$%b-b`JEfY\nE63!!:\nbye";

    #[test]
    fn a_file_is_taken_apart_where_its_sums_are_right() {
        let file = file(TEXT.as_bytes(), 0..TEXT.len()).unwrap();
        assert_eq!(file.data, b"call       416-555-0123, ok");
        assert_eq!(file.place, 4..TEXT.len() - 4);
        assert!(!file.resources);
        assert_eq!(file.map.text_len(), file.data.len());
        let refused = file.map.render(&file.data, 11..23, &Replacement::Mask);
        assert_eq!(refused.err(), Some(Refusal::ReadOnly));
    }

    #[test]
    fn what_is_damaged_is_named() {
        let swapped = TEXT.replace("E##3", "E##4");
        let foreign = TEXT.replace("E##3", "E##~");
        let short = &TEXT[..40];
        for (text, reason) in [
            (swapped.as_str(), Reason::Malformed),
            (&foreign, Reason::Malformed),
            (short, Reason::Truncated),
            ("hi", Reason::Malformed),
            (":!!!!:", Reason::Truncated),
        ] {
            assert_eq!(
                file(text.as_bytes(), 0..text.len()).err(),
                Some(reason),
                "{text}"
            );
        }
    }
}
