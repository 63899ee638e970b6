//! Where a text refers to files by their names: a cell of a call record, a URL, a line of a list.
//!
//! Owns what counts as such a reference: the whole name of the file, as it stands or with its bytes
//! in percent-encoding, and no part of a longer name. Whoever knows what is to become of a file
//! asks where it is referred to. Knows neither formats nor what names mean.

use std::io::{self, Read};
use std::ops::Range;

use aho_corasick::{AhoCorasick, MatchKind};

/// Bytes looked through at a time.
const BUFFER: usize = 1 << 20;
/// Bytes around a reference that tell whether it is a whole name.
const AROUND: usize = 3;

/// Names that are looked for.
pub(super) struct References {
    finder: AhoCorasick,
    /// Of each pattern, whose it is and how it is written.
    patterns: Vec<(usize, Spelling)>,
    longest: usize,
}

/// How a reference spells a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spelling {
    /// As it is.
    Plain,
    /// With percent-encoding, as in a URL.
    Percent,
}

impl Spelling {
    /// `name` as such a reference spells it.
    pub(super) fn of(self, name: &[u8]) -> Vec<u8> {
        const HEX: &[u8; 16] = b"0123456789ABCDEF";
        let mut out = Vec::with_capacity(name.len());
        for byte in name {
            let stays = byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
            if stays || self == Spelling::Plain {
                out.push(*byte);
            } else {
                let digit = |at: u8| HEX.get(usize::from(at)).copied().unwrap_or(b'0');
                out.extend([b'%', digit(byte >> 4), digit(byte & 15)]);
            }
        }
        out
    }
}

/// A place that refers to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reference {
    /// Which of the names.
    pub(super) name: usize,
    pub(super) spelling: Spelling,
    /// Where it stands, in bytes.
    pub(super) range: Range<u64>,
}

impl References {
    /// Looks for `names`, which are those of files without their folders; `None` where there are
    /// too many for one search.
    pub(super) fn to(names: &[&[u8]]) -> Option<References> {
        let (mut patterns, mut texts) = (Vec::new(), Vec::new());
        for (number, name) in names.iter().enumerate() {
            let percent = Spelling::Percent.of(name);
            if percent != *name {
                patterns.push((number, Spelling::Percent));
                texts.push(percent);
            }
            patterns.push((number, Spelling::Plain));
            texts.push(name.to_vec());
        }
        let longest = texts.iter().map(Vec::len).max().unwrap_or(0);
        let mut builder = AhoCorasick::builder();
        let finder = builder.match_kind(MatchKind::LeftmostLongest).build(&texts);
        Some(References {
            finder: finder.ok()?,
            patterns,
            longest,
        })
    }

    /// Hands over each reference in `text`, in order. In memory are a stretch of 1 MiB and the
    /// longest name.
    ///
    /// # Errors
    /// What reading says.
    pub(super) fn each(
        &self,
        mut text: impl Read,
        mut take: impl FnMut(Reference),
    ) -> io::Result<()> {
        let mut buffer = Vec::new();
        // Where the buffer starts in the text, and where what was looked through ends.
        let (mut start, mut done) = (0_u64, 0_u64);
        loop {
            let read = text.by_ref().take(BUFFER as u64).read_to_end(&mut buffer)?;
            let ended = read < BUFFER;
            let keep = if ended { 0 } else { self.longest + AROUND };
            let limit = buffer.len().saturating_sub(keep);
            for found in self.finder.find_iter(&buffer) {
                let at = start + found.start() as u64;
                if found.start() >= limit || at < done || !is_whole(&buffer, found.range()) {
                    continue;
                }
                if let Some((name, spelling)) = self.patterns.get(found.pattern().as_usize()) {
                    take(Reference {
                        name: *name,
                        spelling: *spelling,
                        range: at..start + found.end() as u64,
                    });
                }
            }
            if ended {
                return Ok(());
            }
            done = start + limit as u64;
            let cut = limit.saturating_sub(AROUND);
            buffer.drain(..cut);
            start += cut as u64;
        }
    }
}

/// Whether what stands at `range` is no part of a longer name.
fn is_whole(text: &[u8], range: Range<usize>) -> bool {
    let is_name =
        |byte: &u8| byte.is_ascii_alphanumeric() || b"_-+.@".contains(byte) || *byte > 127;
    let before = text.get(..range.start).unwrap_or_default();
    let slash = before.len().checked_sub(3).and_then(|at| before.get(at..));
    let slash = slash.is_some_and(|three| {
        [&b"%2f"[..], b"%5c"]
            .iter()
            .any(|known| known.eq_ignore_ascii_case(three))
    });
    let begins = slash
        || !before
            .last()
            .is_some_and(|byte| is_name(byte) || *byte == b'%');
    let behind = text.get(range.end..).unwrap_or_default();
    let ends = match behind {
        // A full stop behind the last word of a sentence.
        [b'.', next, ..] => !is_name(next),
        [byte, ..] => !is_name(byte) || *byte == b'.',
        [] => true,
    };
    begins && ends
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(names: &[&str], text: &str) -> Vec<(usize, String)> {
        let names: Vec<&[u8]> = names.iter().map(|name| name.as_bytes()).collect();
        let mut all = Vec::new();
        let references = References::to(&names).unwrap();
        references
            .each(text.as_bytes(), |one| {
                let range = one.range.start as usize..one.range.end as usize;
                all.push((one.name, text[range].to_owned()));
            })
            .unwrap();
        all
    }

    #[test]
    fn whole_names_are_references_and_parts_of_others_are_none() {
        let names = ["in-416.wav", "+1416.wav"];
        for (text, expected) in [
            ("a,\"in-416.wav\",b", &[(0, "in-416.wav")][..]),
            ("/var/spool/2024/in-416.wav\n", &[(0, "in-416.wav")]),
            (
                "[in-416.wav] in-416.wav.",
                &[(0, "in-416.wav"), (0, "in-416.wav")],
            ),
            (
                r#"{"u":"https:\/\/x\/in-416.wav?s=1"}"#,
                &[(0, "in-416.wav")],
            ),
            ("https://x/rec/%2B1416.wav", &[(1, "%2B1416.wav")]),
            ("p=rec%2Fin-416.wav&q", &[(0, "in-416.wav")]),
            ("q-in-416.wav in-416.wav.gz xin-416.wav in-416.wave", &[]),
        ] {
            let expected: Vec<(usize, String)> = expected
                .iter()
                .map(|(name, text)| (*name, (*text).to_owned()))
                .collect();
            assert_eq!(found(&names, text), expected, "{text}");
        }
    }

    #[test]
    fn references_across_stretches_are_found_once() {
        for shift in 0..24 {
            let mut text = "-".repeat(BUFFER - 12 + shift);
            text.replace_range(text.len() - 1.., ",");
            text.push_str("in-416.wav,");
            text.push_str(&"y".repeat(BUFFER));
            text.push_str(",in-416.wav");
            assert_eq!(found(&["in-416.wav"], &text).len(), 2, "{shift}");
        }
    }
}
