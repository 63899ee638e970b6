//! Names the decodings a value came through.

use std::ops::Range;

use super::{Codec, Map, View};

/// The names of decodings, as reports show them.
const NAMES: [&str; KINDS] = [
    "json",
    "csv",
    "percent",
    "hex-escape",
    "xml",
    "quoted-printable",
    "utf-16",
    "legacy",
    "folded",
    "base64",
    "hex",
    "decimal",
    "utf-7",
    "binhex",
];
const KINDS: usize = 14;

/// Every pair of names, so that a finding can hold its decodings without memory of its own.
static PAIRS: [[&str; 2]; KINDS * KINDS] = {
    let mut pairs = [[""; 2]; KINDS * KINDS];
    let mut i = 0;
    while i < pairs.len() {
        pairs[i] = [NAMES[i / KINDS], NAMES[i % KINDS]];
        i += 1;
    }
    pairs
};
static SINGLE: [&str; KINDS] = NAMES;

impl View<'_> {
    /// The decodings that the value at `range` came through, innermost last. What stands in the
    /// source as it is came through none, also in a string that holds an escape elsewhere. Of more
    /// than two the outermost and the innermost are named.
    pub fn via(&self, range: Range<usize>) -> &'static [&'static str] {
        let mut places = vec![range.start as u64..range.end as u64];
        let mut kinds = Vec::new();
        for map in &self.maps {
            kinds.extend(places.iter().find_map(|place| decoding(map, place)));
            let mut next = Vec::with_capacity(places.len());
            for place in places {
                map.outward(place, &mut next);
            }
            places = next;
        }
        match kinds.as_slice() {
            [] => &[],
            [only] => SINGLE.get(*only..=*only).unwrap_or_default(),
            [inner, .., outer] => PAIRS
                .get(outer * KINDS + inner)
                .map_or(&[], |pair| pair.as_slice()),
        }
    }
}

/// Which decoding `map` did within `place` of its text: a number of [`NAMES`].
fn decoding(map: &Map, place: &Range<u64>) -> Option<usize> {
    map.runs_in(place).find_map(|run| {
        let folded = run.raw_width != run.text_width;
        Some(match run.codec {
            Codec::Plain | Codec::BareCell(_) | Codec::Samples(_) if folded => 8,
            Codec::Plain | Codec::BareCell(_) | Codec::Samples(_) => return None,
            Codec::Base64 => 9,
            Codec::BinHex => 13,
            Codec::Hex => 10,
            Codec::Decimal => 11,
            Codec::Json => 0,
            Codec::QuotedCell => 1,
            Codec::Percent => 2,
            Codec::HexEscape => 3,
            Codec::Xml => 4,
            Codec::QuotedPrintable => 5,
            Codec::Utf16Le | Codec::Utf16Be => 6,
            Codec::Legacy(_) => 7,
            Codec::Utf7 if folded => 12,
            // Nearly all characters of UTF-7 stand as they are.
            Codec::Utf7 => return None,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::{NoHints, Register};

    #[test]
    fn decodings_are_named_from_the_outside_in() {
        // `%2B1` in the string `"\u00252B1"`.
        let mut percent = Map::default();
        percent.push(1, 1, 0, 3, Codec::Percent);
        percent.push(1, 1, 3, 1, Codec::Plain);
        let mut json = Map::default();
        json.push(1, 1, 1, 6, Codec::Json);
        json.push(3, 1, 7, 1, Codec::Plain);
        let hints = NoHints(Register::Prose);
        let view = View::layered(b"+1".to_vec(), vec![percent, json], &hints);
        assert_eq!(view.via(0..2), ["json", "percent"]);
        assert_eq!(view.via(1..2), [""; 0]);
        let mut folded = Map::default();
        folded.push(2, 1, 0, 3, Codec::Plain);
        assert_eq!(
            View::layered(b"41".to_vec(), vec![folded], &hints).via(0..1),
            ["folded"]
        );
        assert_eq!(View::raw(b"41", 0, &hints).via(0..2), [""; 0]);
    }
}
