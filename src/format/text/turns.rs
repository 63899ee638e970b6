//! Transcripts in plain text: what is said goes on behind the line that says who speaks and when.
//!
//! Owns which lines and beginnings of lines are such, and joins what goes on. Sources: exports of Rev
//! and Otter, the Switchboard and Fisher corpora.

use std::ops::Range;

use crate::format::captions::goes_on;
use crate::format::escape::Decoded;
use crate::format::lines::lines;
use crate::view::{Break, BreakKind};

/// Lines of a head that are looked at, and how many of them have to say who speaks.
const LINES: usize = 64;
/// See [`LINES`].
const FEWEST: usize = 2;
/// The longest line that says who speaks, and the longest name of a speaker.
const LONGEST: usize = 60;

/// Whether a head is that of such a transcript.
pub(super) fn tell(head: &[u8]) -> bool {
    let told = |line: &&[u8]| is_header(line) || timed_prefix(line).is_some();
    lines(head).take(LINES).filter(told).count() >= FEWEST
}

/// What is said in `text[from..]` that goes on in another turn, joined.
pub(super) fn joined(text: &[u8], from: usize) -> Decoded {
    let mut out = Decoded::default();
    // What was said last and goes on, and whether it is in `out` already.
    let mut open: Option<(Range<usize>, bool)> = None;
    let mut turned = false;
    let mut at = from;
    for line in lines(text.get(from..).unwrap_or_default()) {
        let start = at;
        at += line.len();
        if line.trim_ascii().is_empty() {
            continue;
        }
        if is_header(line) {
            turned = true;
            continue;
        }
        let prefix = timed_prefix(line).or_else(|| named_prefix(line));
        turned |= prefix.is_some();
        let body = line.get(prefix.unwrap_or(0)..).unwrap_or_default();
        let first = start + line.len() - body.trim_ascii_start().len();
        let said = first..first + body.trim_ascii().len();
        let mut within = false;
        if let Some((before, begun)) = open.take().filter(|_| turned) {
            if !begun {
                out.begin(before.clone());
                out.plain(text.get(before.clone()).unwrap_or_default(), before.start);
            }
            out.text.push(b' ');
            out.map.push_join(1);
            out.breaks.push(Break {
                at: out.text.len(),
                kind: BreakKind::Soft,
            });
            out.holes.push(said.clone());
            out.plain(text.get(said.clone()).unwrap_or_default(), said.start);
            within = true;
        }
        turned = false;
        if goes_on(text.get(said.clone()).unwrap_or_default()) {
            open = Some((said, within));
        }
    }
    out
}

/// Whether a line says who speaks and when, and no more: `Speaker 1  00:00:12`.
fn is_header(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    let times = line
        .iter()
        .rev()
        .take_while(|b| b.is_ascii_digit() || b":.[]()".contains(b));
    let (name, time) = line.split_at(line.len() - times.count());
    let colons = time.iter().filter(|&&byte| byte == b':').count();
    let named = name.first().is_some_and(u8::is_ascii_alphabetic) && name.last() == Some(&b' ');
    line.len() <= LONGEST && named && (1..=2).contains(&colons) && time.len() >= 4
}

/// The length of two times and a speaker before what is said: `12.34 15.20 A: `.
fn timed_prefix(line: &[u8]) -> Option<usize> {
    let mut words = line
        .get(..line.len().min(LONGEST))?
        .split(|&byte| byte == b' ');
    let mut len = 0;
    for _ in 0..2 {
        let word = words.next()?;
        let dots = word.iter().filter(|&&byte| byte == b'.').count();
        let time = word
            .iter()
            .all(|byte| byte.is_ascii_digit() || *byte == b'.');
        (dots == 1 && time && word.len() >= 3).then_some(())?;
        len += word.len() + 1;
    }
    let speaker = words.next()?;
    (speaker.len() <= 4 && speaker.ends_with(b":")).then_some(len + speaker.len())
}

/// The length of a name and a colon before what is said.
fn named_prefix(line: &[u8]) -> Option<usize> {
    let colon = memchr::memmem::find(line.get(..line.len().min(LONGEST))?, b": ")?;
    let name = line.get(..colon)?;
    let named = name
        .iter()
        .all(|byte| byte.is_ascii_alphanumeric() || b" .'-_".contains(byte));
    (named && name.first().is_some_and(u8::is_ascii_uppercase)).then_some(colon + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_goes_on_behind_who_says_it() {
        let text = b"Speaker 1  00:00:12\nWhat is it?\n\nSpeaker 2  00:00:15\nIt is 416 555\n\n\
                     Speaker 2  00:00:17\n0123, thanks\n";
        assert!(tell(text));
        let joined = joined(text, 0);
        assert_eq!(joined.text, b"It is 416 555 0123, thanks");
        assert_eq!(&text[joined.holes[1].clone()], b"0123, thanks");
        assert!(tell(b"12.34 15.20 A: hello\n15.30 16.00 B: hi\n"));
        assert!(!tell(
            b"The train leaves at 10:11\nand arrives at 12:13 or so\n"
        ));
        assert!(!tell(b"2024-05-02 10:11:12 x\n2024-05-02 10:11:13 y\n"));
    }
}
