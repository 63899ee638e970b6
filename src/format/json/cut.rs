//! Where a long document is cut.
//!
//! Owns the choice of the place. Strings and brackets are told 64 bytes at a time by bit sets; only
//! where what was said matters is the text walked token by token.

use super::talk;
use super::walk::{Kind, Walk};
use crate::format::Cut;
use crate::format::captions::goes_on;
use crate::raw::{BLOCK, Set, between, sets};

/// Blocks whose sets are told at a time.
const BLOCKS: usize = 32;

/// What begins and ends strings, what may make that mean something else, and what stands between.
const SETS: [Set; 5] = [
    Set::of(b"\""),
    Set::of(b"\\"),
    Set::of(b"\n"),
    Set::of(b"{},"),
    Set::of(b"[]"),
];

/// Where a long document is cut: before an object that follows another in an array, as far out as
/// the later half of the window has one, else behind its last comma between tokens. In `talk` no
/// number is cut that is told word by word.
pub(super) fn cut_document(window: &[u8], talk: bool) -> Cut {
    if talk {
        return cut_talk(window);
    }
    // No string spans lines, so what follows a line end stands outside strings.
    let half = window.get(..window.len() / 2).unwrap_or_default();
    let line = memchr::memrchr(b'\n', half).map_or(0, |end| end + 1);
    let late = places(window, line);
    let best = match late.object {
        Some((false, ..)) => late,
        _ if line == 0 => late,
        _ => places(window, 0),
    };
    let object = best.object.map(|(.., at)| at);
    let comma = || {
        let behind = best.commas.iter().rev().flatten();
        behind
            .copied()
            .find_map(|comma| token_behind(window, comma))
    };
    let at = object.or_else(comma).filter(|&at| at > 0);
    at.map_or(Cut::More, Cut::Record)
}

/// Where a text may be cut.
#[derive(Default)]
struct Places {
    /// The best object behind another: whether it lies in the first half, how deep, and where.
    object: Option<(bool, isize, usize)>,
    /// The last two commas between tokens.
    commas: [Option<usize>; 2],
}

/// The places of `window[from..]`, which begins outside strings.
fn places(window: &[u8], from: usize) -> Places {
    let mut out = Places::default();
    let mut strings = Strings::default();
    let mut depth = 0isize;
    let mut marks = [[0; SETS.len()]; BLOCKS];
    let mut at = from;
    while at < window.len() {
        let count = sets(window, at, &SETS, &mut marks);
        for ([quotes, slashes, ends, marked, brackets], start) in
            marks.iter().take(count).zip((at..).step_by(BLOCK))
        {
            let within = strings.block(window, start, *quotes, *slashes, *ends);
            let mut bits = (marked | brackets) & !within;
            while bits != 0 {
                let place = start + bits.trailing_zeros() as usize;
                bits &= bits - 1;
                match window.get(place) {
                    Some(b',') => out.commas = [out.commas[1], Some(place)],
                    Some(b'{') => {
                        out.object(window, place, depth);
                        depth += 1;
                    }
                    Some(b'[') => depth += 1,
                    _ => depth -= 1,
                }
            }
        }
        at += count * BLOCK;
    }
    out
}

impl Places {
    /// Takes the object at `place`, so deep, where it follows another thing in an array and is no
    /// worse than the one before.
    fn object(&mut self, window: &[u8], place: usize, depth: isize) {
        let early = place < window.len() / 2;
        let better = |(was, least, _)| (early, depth) <= (was, least);
        // Behind a comma in an object comes a key.
        let before = window.get(..place).unwrap_or_default().trim_ascii_end();
        if before.last() == Some(&b',')
            && place + 1 < window.len()
            && self.object.is_none_or(better)
        {
            self.object = Some((early, depth, place));
        }
    }
}

/// Which bytes stand in strings, block by block.
#[derive(Default)]
struct Strings {
    /// Whether the next block begins in one.
    inside: bool,
    /// Whether a backslash stands before it there.
    escaped: bool,
}

impl Strings {
    /// The bytes of the block at `start` that stand in strings, from the quotes, backslashes and line
    /// ends in it. Quotes themselves may be among them or not.
    fn block(&mut self, text: &[u8], start: usize, quotes: u64, slashes: u64, ends: u64) -> u64 {
        if slashes == 0 && !self.escaped {
            let within = between(quotes) ^ if self.inside { !0 } else { 0 };
            // A line end in a string ends it.
            if within & ends == 0 {
                self.inside ^= quotes.count_ones() % 2 == 1;
                return within;
            }
        }
        let block = text.get(start..).unwrap_or_default().iter().take(BLOCK);
        let mut within = 0;
        for (bit, byte) in block.enumerate() {
            within |= u64::from(self.inside) << bit;
            match byte {
                b'\n' => (self.inside, self.escaped) = (false, false),
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = self.inside,
                b'"' => self.inside = !self.inside,
                _ => {}
            }
        }
        within
    }
}

/// Where the token behind the comma at `comma` begins, with its quote; `None` when it may go on behind
/// the window.
fn token_behind(window: &[u8], comma: usize) -> Option<usize> {
    let mut walk = Walk::new(comma);
    let token = walk.next(window)?;
    let quoted = matches!(token.kind, Kind::Key | Kind::Text);
    (walk.at < window.len()).then(|| token.start - usize::from(quoted))
}

/// As [`cut_document`] for what was said.
fn cut_talk(window: &[u8]) -> Cut {
    let mut walk = Walk::new(0);
    let (mut best, mut comma) = (None::<(bool, isize, usize)>, None);
    let (mut said, mut open) = (false, false);
    loop {
        let depth = walk.depth();
        let in_array = walk.in_array();
        let Some(token) = walk.next(window) else {
            break;
        };
        // A string that reaches the end may go on behind it.
        if walk.at >= window.len() {
            break;
        }
        if walk.behind_comma {
            comma = Some(token.start - usize::from(matches!(token.kind, Kind::Key | Kind::Text)));
        }
        let bytes = window.get(token.start..token.end).unwrap_or_default();
        match token.kind {
            Kind::Key => said = talk::is_said(bytes),
            Kind::Text if said => open = goes_on(bytes),
            _ => {}
        }
        let boundary = walk.behind_comma && in_array && bytes == b"{" && !open;
        if boundary && token.kind == Kind::Bracket {
            let early = token.start < window.len() / 2;
            if best.is_none_or(|(was_early, least, _)| (early, depth) <= (was_early, least)) {
                best = Some((early, depth, token.start));
            }
        }
    }
    let at = best.map(|(.., at)| at).or(comma).filter(|&at| at > 0);
    at.map_or(Cut::More, Cut::Record)
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn documents_are_cut_where_a_walk_would_cut_them(
            items in proptest::collection::vec(
                proptest::sample::select(vec![
                    "{\"a\":1}", "{\"id\": 7, \"to\": [1, {\"b\": \"c\"}, {\"d\":[]}]}", "12", "null",
                    "\"a text, with {brackets\"", "\"an \\\"escaped, {quote\"", "\"\\\\\"", "[1, 2]",
                    "{\n  \"k\": \"a longer text than a block of bits is wide, so that it goes on in the next\",\n  \"l\": {}\n}",
                ]),
                1..60,
            ),
            between in proptest::sample::select(vec![",", ", ", ",\n  ", " ,\n"]),
            before in proptest::sample::select(vec!["[", "{\"all\": [", "", "{\"x\":{}},\n", "}, "]),
            kept in 1..400usize,
        ) {
            let text = format!("{before}{}", items.join(between)).into_bytes();
            let window = &text[..text.len() - kept % text.len()];
            proptest::prop_assert_eq!(
                cut_document(window, false), cut_talk(window), "{}", String::from_utf8_lossy(window)
            );
        }
    }
}
