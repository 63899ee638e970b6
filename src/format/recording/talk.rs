//! What is said in a recording, by its transcript, for who hears keys in it: what somebody was asked
//! for tells what the keys behind it are.
//!
//! Knows neither how transcripts are written nor what questions mean.

use std::ops::Range;

/// How long before a key, in milliseconds, what is said may ask for it.
const ASKED: u64 = 45_000;

/// Words with the times when they had been said.
#[derive(Debug, Default)]
pub(crate) struct Talk {
    text: Vec<u8>,
    /// Where each piece ends in the text, and when, in milliseconds; sorted by time.
    ends: Vec<(usize, u64)>,
}

impl Talk {
    /// The talk of `pieces`, each with its time in milliseconds, in any order.
    pub(crate) fn of<'t>(pieces: impl Iterator<Item = (&'t [u8], Range<u64>)>) -> Talk {
        let mut pieces: Vec<_> = pieces.collect();
        pieces.sort_by_key(|(_, ms)| ms.start);
        let mut talk = Talk::default();
        for (piece, ms) in pieces {
            talk.text.extend_from_slice(piece);
            talk.text.push(b' ');
            let last = talk.ends.last().map_or(0, |(_, end)| *end);
            talk.ends.push((talk.text.len(), ms.end.max(last)));
        }
        talk
    }

    /// What had been said when `ms` came, as far as it may still count.
    pub(super) fn before(&self, ms: u64) -> &[u8] {
        let at = |ms: u64| {
            let passed = self.ends.partition_point(|(_, end)| *end <= ms);
            let last = passed.checked_sub(1).and_then(|last| self.ends.get(last));
            last.map_or(0, |(end, _)| *end)
        };
        let from = ms.checked_sub(ASKED).map_or(0, at);
        self.text.get(from..at(ms)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_counts_for_a_while() {
        let said: [(&[u8], Range<u64>); 3] = [
            (b"your PIN", 60_000..61_000),
            (b"hello", 0..900),
            (b"please", 61_000..61_400),
        ];
        let talk = Talk::of(said.into_iter());
        for (ms, expected) in [
            (0, ""),
            (1_000, "hello "),
            (61_200, "your PIN "),
            (62_000, "your PIN please "),
            (106_100, "please "),
            (200_000, ""),
        ] {
            assert_eq!(talk.before(ms), expected.as_bytes(), "{ms}");
        }
    }
}
