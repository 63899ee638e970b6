//! Finds cues and, in their text, what is markup.
//!
//! WebVTT (W3C, section 4) and SubRip differ in their header and their decimal mark only, so one
//! reader serves both: a line with an arrow starts a cue, a blank line ends it.

use std::ops::Range;

use crate::view::talk;

/// One cue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cue {
    /// Where it starts: with the line of its identifier, or of its times.
    pub(super) start: usize,
    /// Its text, lines joined, without the last line end.
    pub(super) text: Range<usize>,
    /// Behind the blank lines that follow it.
    pub(super) end: usize,
}

/// Where the lines around `at` begin of which none is empty, at `low`, which starts a line, or
/// behind.
pub(super) fn block_start(text: &[u8], low: usize, at: usize) -> usize {
    let line_start = |at: usize| {
        let before = text.get(low..at).unwrap_or_default();
        low + memchr::memrchr(b'\n', before).map_or(0, |end| end + 1)
    };
    let mut start = line_start(at);
    while start > low {
        let before = line_start(start - 1);
        if text
            .get(before..start)
            .is_none_or(|line| line.trim_ascii().is_empty())
        {
            break;
        }
        start = before;
    }
    start
}

/// Where the lines from `start` on end of which none is empty, behind empty ones if it starts with
/// such; behind the line end of the last of them.
pub(super) fn block_end(text: &[u8], start: usize) -> usize {
    let (mut at, mut filled) = (start, false);
    let rest = text.get(start..).unwrap_or_default();
    for end in memchr::memchr_iter(b'\n', rest).map(|end| start + end + 1) {
        let line = text.get(at..end).unwrap_or_default();
        let empty = line.trim_ascii().is_empty();
        if empty && filled {
            return at;
        }
        filled |= !empty;
        at = end;
    }
    text.len()
}

/// The cues of `text[from..]`.
pub(super) fn cues(text: &[u8], from: usize) -> Vec<Cue> {
    let mut cues: Vec<Cue> = Vec::new();
    let (mut at, mut before) = (from, None::<Range<usize>>);
    // Whether text may come, and whether the end of the last cue is still to be seen.
    let (mut within, mut open) = (false, false);
    let whole = text.get(from..).unwrap_or_default();
    let ends = memchr::memchr_iter(b'\n', whole).map(|end| from + end + 1);
    for end in ends.chain([text.len()]) {
        let here = at..end;
        at = end;
        let line = text.get(here.clone()).unwrap_or_default();
        if line.is_empty() {
            continue;
        }
        let body = line.trim_ascii();
        if body.is_empty() {
            within = false;
            before = None;
            continue;
        }
        let times = is_times(body);
        // A number alone above the times is theirs, also where the blank line is missing.
        let id = before.take().filter(|line| {
            times && (!within || is_number(text.get(line.clone()).unwrap_or_default()))
        });
        if let Some(last) = cues.last_mut() {
            let next = id.as_ref().map_or(here.start, |id| id.start);
            if within && !times {
                last.text.end = here.start + line.trim_ascii_end().len();
                last.end = here.end;
            } else if open {
                last.text.end = last.text.end.min(next);
                last.end = next;
                open = false;
            }
        }
        if times {
            let start = id.map_or(here.start, |id| id.start);
            cues.push(Cue {
                start,
                text: here.end..here.end,
                end: here.end,
            });
            (within, open) = (true, true);
        } else {
            before = Some(here).filter(|_| !body.starts_with(b"WEBVTT"));
        }
    }
    if let Some(last) = cues.last_mut().filter(|_| open) {
        let rest = text.get(last.end..at).unwrap_or_default();
        let blank = rest.iter().take_while(|b| b.is_ascii_whitespace()).count();
        last.end += blank;
    }
    cues
}

/// Whether a line gives the times of a cue.
pub(super) fn is_times(line: &[u8]) -> bool {
    line.first().is_some_and(u8::is_ascii_digit) && line.windows(3).any(|three| three == b"-->")
}

fn is_number(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    !line.is_empty() && line.iter().all(u8::is_ascii_digit)
}

/// The length of the tag that `rest`, to the end of its line, begins with: `<v Name>`, `</i>`,
/// `<00:17.500>`, `{\an8}`.
pub(super) fn tag(rest: &[u8]) -> Option<usize> {
    let end = match rest {
        [b'<', first, ..] if first.is_ascii_alphanumeric() || *first == b'/' => b'>',
        [b'{', b'\\', ..] => b'}',
        _ => return None,
    };
    memchr::memchr(end, rest).map(|i| i + 1)
}

/// Who speaks in a cue: by its voice tag, or by the name and colon that its text starts with.
pub(super) fn speaker(text: &[u8]) -> Option<&[u8]> {
    /// The longest name.
    const LONGEST: usize = 40;
    let rest = text.get(..text.len().min(LONGEST * 2))?;
    if let Some(at) = memchr::memmem::find(rest, b"<v") {
        let inner = rest.get(at + 2..)?;
        let name = inner.get(..memchr::memchr(b'>', inner)?)?;
        return Some(name.get(memchr::memchr(b' ', name)? + 1..)?.trim_ascii());
    }
    let name = rest.get(..memchr::memmem::find(rest, b": ")?)?;
    (name.len() <= LONGEST && !name.contains(&b'\n')).then_some(name)
}

/// Whether a value may go on from the cue text `text` into the next one.
pub(in crate::format) fn goes_on(text: &[u8]) -> bool {
    let mut end = text.trim_ascii_end();
    while end.ends_with(b">") {
        let Some(open) = memchr::memrchr(b'<', end) else {
            break;
        };
        end = end.get(..open).unwrap_or_default().trim_ascii_end();
    }
    // Behind such a sign no text goes on, and a name in a tag is not said.
    if end.last().is_some_and(|b| b".?!\"".contains(b)) {
        return false;
    }
    let end = memchr::memrchr(b'>', end).map_or(end, |tag| end.get(tag + 1..).unwrap_or_default());
    let mark = end.strip_suffix(b",").unwrap_or(end).last();
    mark.is_some_and(|b| b.is_ascii_digit() || b"-()+".contains(b)) || {
        // The tail is all that is looked at.
        let tail = end.len().saturating_sub(TAIL);
        talk::goes_on(end.get(tail..).unwrap_or_default())
    }
}

/// Whether the cue text `text` may go on with a value by how it begins.
pub(in crate::format) fn comes_on(text: &[u8]) -> bool {
    talk::comes_on(said(text))
}

/// Whether what stands behind a cue is one that may go on with a value by how it begins.
pub(super) fn comes_next(rest: &[u8]) -> bool {
    let Some(next) = next_range(rest) else {
        return false;
    };
    let text = rest.get(next.clone()).unwrap_or_default();
    // What is told goes on over a cue in which it is only agreed to.
    comes_on(text)
        || agrees(text)
            && rest
                .get(next.end..)
                .and_then(next_text)
                .is_some_and(comes_on)
}

/// The text of the next cue of `rest`, which begins behind the text of one.
pub(super) fn next_text(rest: &[u8]) -> Option<&[u8]> {
    rest.get(next_range(rest)?)
}

fn next_range(rest: &[u8]) -> Option<Range<usize>> {
    /// Lines between the texts of two cues: an empty one, an identifier, times.
    const BETWEEN: usize = 5;
    let mut at = 0;
    for _ in 0..BETWEEN {
        let line = rest.get(at..)?;
        let end = memchr::memchr(b'\n', line)?;
        at += end + 1;
        if is_times(line.get(..end)?.trim_ascii()) {
            let text = rest.get(at..)?;
            let end = memchr::memmem::find(text, b"\n\n").unwrap_or(text.len());
            return Some(at..at + end);
        }
    }
    None
}

/// Whether nothing but agreement is said in the cue text `text`: what was told goes on behind it.
pub(super) fn agrees(text: &[u8]) -> bool {
    text.len() <= TAIL && talk::agrees(said(text))
}

/// Bytes at the end of a cue that are looked at for what goes on.
const TAIL: usize = 64;

/// The first line of a cue without the tag it begins with.
fn said(text: &[u8]) -> &[u8] {
    let text = tag(text).and_then(|len| text.get(len..)).unwrap_or(text);
    text.get(..text.len().min(2 * TAIL)).unwrap_or_default()
}

/// Whether a text of which `line` is the last line may go on, whatever stands in the lines before.
pub(super) fn ends_open(line: &[u8]) -> bool {
    let line = line.trim_ascii_end();
    // A tag may have begun in a line before.
    line.ends_with(b">") || goes_on(line)
}

/// Whether a line of text that may go on can end with `byte`: any letter, as any word may stand
/// within an address; what stands before it decides.
pub(super) const fn is_open_end(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || byte >= 0x80
        || byte.is_ascii_whitespace()
        || matches!(byte, b'-' | b'(' | b')' | b'+' | b',' | b'>' | b'_')
}
