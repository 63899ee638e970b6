//! Tells JSON, and whether it is one document or one a line, from its beginning.

use serde::de::IgnoredAny;
use serde_json::Deserializer;

use crate::format::lines::lines;
use crate::format::{Head, Likeness};

/// How many lines are tried.
const TRIED: usize = 64;
/// A syntax error this far in is a slip in what is JSON otherwise.
const FAR_IN: usize = 512;

/// What was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) lines: bool,
    pub(super) likeness: Likeness,
}

/// Tells JSON by parsing it.
pub(super) fn tell(head: &Head<'_>) -> Option<Told> {
    let text = head.text.trim_ascii_start();
    if !matches!(text.first(), Some(b'{' | b'[')) {
        return None;
    }
    let name = head.name.to_ascii_lowercase();
    let is_named_lines = name.ends_with(".jsonl") || name.ends_with(".ndjson");
    let told = |lines, likeness| Some(Told { lines, likeness });
    let lines = || {
        lines(text)
            .filter(|line| head.whole || line.ends_with(b"\n"))
            .filter(|line| !line.trim_ascii().is_empty())
            .take(TRIED)
    };
    if lines().next().is_some_and(is_value) {
        let tried = lines().skip(1).count();
        if tried > 0 && half_are_values(lines().skip(1), tried) {
            return told(true, Likeness::Certain);
        }
        if tried == 0 {
            // A document is followed by nothing: what comes is another line.
            return told(is_named_lines || !head.whole, Likeness::Certain);
        }
    }
    // A first line that is longer than what was seen, or lines that were not written to their end.
    if is_named_lines && begin_objects(text) {
        return told(true, Likeness::Certain);
    }
    let mut values = Deserializer::from_slice(text).into_iter::<IgnoredAny>();
    let likeness = match values.next() {
        None => return None,
        Some(Ok(_)) => match values.next() {
            None | Some(Ok(_)) => Likeness::Certain,
            Some(Err(error)) if error.is_eof() => Likeness::Certain,
            // A value and then something else is how lines of text may start.
            Some(Err(_)) => return None,
        },
        Some(Err(error)) if error.is_eof() => {
            let plausible = !head.whole || text.contains(&b'"');
            if !plausible {
                return None;
            }
            Likeness::Certain
        }
        // A line that was not written to its end, and whole ones behind it.
        Some(Err(_)) if text.first() == Some(&b'{') && half_are_objects(lines().skip(1)) => {
            return told(true, Likeness::Certain);
        }
        Some(Err(error)) => {
            let far = error.line() > 8 || error.column() > FAR_IN;
            let named = [".json", ".jsonl", ".ndjson", ".geojson", ".har"];
            if !far && !named.iter().any(|suffix| name.ends_with(suffix)) {
                return None;
            }
            Likeness::Likely
        }
    };
    told(false, likeness)
}

/// Whether at least half of the `count` lines are values; no more are tried than it takes to know.
fn half_are_values<'t>(lines: impl Iterator<Item = &'t [u8]>, count: usize) -> bool {
    let (mut good, mut bad) = (0, 0);
    for line in lines {
        *(if is_value(line) { &mut good } else { &mut bad }) += 1;
        if good * 2 >= count || bad * 2 > count {
            break;
        }
    }
    good * 2 >= count
}

/// Whether at least half of the lines, and one at least, are whole objects with nothing behind.
fn half_are_objects<'t>(lines: impl Iterator<Item = &'t [u8]>) -> bool {
    let (mut good, mut bad) = (0, 0);
    for line in lines {
        let line = line.trim_ascii();
        let whole =
            line.first() == Some(&b'{') && serde_json::from_slice::<IgnoredAny>(line).is_ok();
        *(if whole { &mut good } else { &mut bad }) += 1;
    }
    good > 0 && good >= bad
}

/// Whether each line begins as an object, but blank ones.
fn begin_objects(text: &[u8]) -> bool {
    let mut all = lines(text).map(<[u8]>::trim_ascii);
    all.all(|line| matches!(line.first(), None | Some(b'{')))
}

fn is_value(line: &[u8]) -> bool {
    let mut values = Deserializer::from_slice(line).into_iter::<IgnoredAny>();
    matches!(values.next(), Some(Ok(_)))
}
