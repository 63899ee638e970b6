//! Stacks the views of a chunk: the raw text, what its format decoded, and what hides in either.

use std::ops::Range;

use crate::format::Chunk;
use crate::raw::coded_runs;
use crate::view::{Hinting, Map, View};

use super::{Decoded, coded, decode};

/// How often what hides is looked for in what was found hiding.
///
/// Three times covers digits outside ASCII that are escaped in a string of JSON in JSON.
const DEPTH: usize = 3;

/// The views of `chunk`: its raw text, the `decoded` strings of its format, and the stretches of
/// each that hold escapes, to `DEPTH` levels.
pub(crate) fn layers<'s>(
    chunk: Chunk<'s>,
    hints: &'s dyn Hinting,
    decoded: Option<Decoded>,
) -> Vec<View<'s>> {
    let words = coded_runs(chunk.text, chunk.start..chunk.end);
    layers_beside(chunk, hints, decoded, &[], &words)
}

/// As [`layers`], where `read` are places that other views read or nobody (in any order, none of
/// them in what was decoded).
pub(crate) fn layers_around<'s>(
    chunk: Chunk<'s>,
    hints: &'s dyn Hinting,
    decoded: Option<Decoded>,
    mut read: Vec<Range<usize>>,
) -> Vec<View<'s>> {
    read.sort_unstable_by_key(|place| (place.start, place.end));
    read.dedup_by(|next, last| {
        let within = next.start < last.end;
        if within {
            last.end = last.end.max(next.end);
        }
        within
    });
    // What is read elsewhere may be nothing but base64, and there is nothing to look for.
    let ends = read.iter().map(|place| place.start).chain([chunk.end]);
    let starts = read.iter().map(|place| place.end);
    let between = [chunk.start].into_iter().chain(starts).zip(ends);
    let words: Vec<Range<usize>> = between
        .filter(|(start, end)| start < end)
        .flat_map(|(start, end)| coded_runs(chunk.text, start..end))
        .collect();
    layers_beside(chunk, hints, decoded, &read, &words)
}

/// As [`layers`], where `read` are places that other views read (sorted, disjoint, none of them in
/// what was decoded), and `words` the [`coded_runs`] in which base64 is looked for.
pub(crate) fn layers_beside<'s>(
    chunk: Chunk<'s>,
    hints: &'s dyn Hinting,
    decoded: Option<Decoded>,
    read: &[Range<usize>],
    words: &[Range<usize>],
) -> Vec<View<'s>> {
    let owned = chunk.start..chunk.end;
    let strings = decoded.as_ref().map_or(&[][..], |decoded| &decoded.holes);
    let mut holes = strings.to_vec();
    if !read.is_empty() {
        holes.extend_from_slice(read);
        holes.sort_unstable_by_key(|hole| hole.start);
    }
    let words = coded::words(chunk.text, owned.clone(), words, &holes);
    if !words.is_empty() {
        holes.extend(words.iter().flat_map(|word| word.holes.iter().cloned()));
        holes.sort_unstable_by_key(|hole| hole.start);
    }
    let hidden = decode(chunk.text, owned.clone(), &holes);
    if let Some(hidden) = &hidden {
        holes.extend_from_slice(&hidden.holes);
        holes.sort_unstable_by_key(|hole| hole.start);
    }
    let raw = View::raw(chunk.text, 0, hints)
        .owning(owned)
        .with_holes(holes);
    let mut views = vec![raw];
    for layer in [decoded, hidden].into_iter().flatten().chain(words) {
        stack(hints, layer, &[], 1, &mut views);
    }
    views
}

/// Appends to `views` that of `layer`, which leads to the chunk, and those of what hides in it.
pub(crate) fn stacked<'s>(hints: &'s dyn Hinting, layer: Decoded, views: &mut Vec<View<'s>>) {
    stack(hints, layer, &[], 1, views);
}

/// As [`stacked`], for text that `outer` lead on from, the last one to the chunk.
pub(crate) fn stacked_on<'s>(
    hints: &'s dyn Hinting,
    layer: Decoded,
    outer: &[Map],
    views: &mut Vec<View<'s>>,
) {
    stack(hints, layer, outer, 1, views);
}

/// Appends the view of `layer` and, before it is given away, the views of what hides in it.
fn stack<'s>(
    hints: &'s dyn Hinting,
    layer: Decoded,
    outer: &[Map],
    depth: usize,
    views: &mut Vec<View<'s>>,
) {
    let (mut inner, mut holes) = (Vec::new(), Vec::new());
    if depth < DEPTH {
        let all = 0..layer.text.len();
        let runs = coded_runs(&layer.text, all.clone());
        inner = coded::words(&layer.text, all.clone(), &runs, &[]);
        holes.extend(inner.iter().flat_map(|word| word.holes.iter().cloned()));
        if let Some(hidden) = decode(&layer.text, all, &holes) {
            holes.extend_from_slice(&hidden.holes);
            holes.sort_unstable_by_key(|hole| hole.start);
            inner.push(hidden);
        }
    }
    let mut maps = vec![layer.map];
    maps.extend_from_slice(outer);
    let below = if inner.is_empty() {
        Vec::new()
    } else {
        maps.clone()
    };
    views.push(
        View::layered(layer.text, maps, hints)
            .with_breaks(layer.breaks)
            .with_holes(holes),
    );
    for hidden in inner {
        stack(hints, hidden, &below, depth + 1, views);
    }
}
