//! Documents of office programs (ISO/IEC 29500, ISO/IEC 26300): what a reader sees as one line
//! stands there in runs, one element for each change of its looks.
//!
//! Owns which runs belong together and where numbers have to stay numbers. Nothing in such a
//! document is a record that could go: others count its strings and refer to its rows by number.

use std::ops::Range;

use super::index::local;
use super::references::{content, join, piece};
use super::walk::{Frame, Kind, Token, Walk};
use crate::format::escape::Decoded;

/// What the root of such a document declares: namespaces of both standards, strict and usual.
const NAMESPACES: &[&[u8]] = &[
    b"://schemas.openxmlformats.org/",
    b"://purl.oclc.org/ooxml/",
    b"urn:oasis:names:tc:opendocument:",
];

/// Elements before which a document that is too long for one window is cut best.
pub(super) const CUTS: &[&[u8]] = &[b"si", b"row", b"w:p", b"table:table-row"];

/// Elements whose text is shown as it stands: strings and cells, runs of text documents and of
/// slides, text that was struck and is still there, instructions of fields.
const RUNS: &[&[u8]] = &[b"t", b"delText", b"instrText", b"delInstrText"];
/// The same of OpenDocument, where text stands in paragraphs themselves.
const OPEN_RUNS: &[&[u8]] = &[b"p", b"h", b"span", b"a"];

/// Elements that end a line on either side.
const LINES: &[&[u8]] = &[
    b"p",
    b"h",
    b"si",
    b"is",
    b"c",
    b"row",
    b"tc",
    b"tr",
    b"br",
    b"cr",
    b"tab",
    b"line-break",
    b"comment",
    b"table-cell",
];

/// Whether the tag of a root, `root`, begins such a document.
pub(super) fn is_office(root: &[u8]) -> bool {
    NAMESPACES
        .iter()
        .any(|name| memchr::memmem::find(root, name).is_some())
}

/// Runs of one kind on the present line.
#[derive(Default)]
struct Line {
    runs: [Vec<(Range<usize>, Kind)>; 5],
}

impl Line {
    /// Takes what has come together: several runs as one text, a single one only where it holds a
    /// reference.
    fn end(&mut self, text: &[u8], out: &mut Decoded) {
        for runs in &mut self.runs {
            match runs.as_slice() {
                [(one, Kind::Text)] => piece(text, one.clone(), out),
                [] | [_] => {}
                parts => join(text, parts, out),
            }
            runs.clear();
        }
    }
}

/// What of `text[owned]` has to be decoded or joined before it can be read.
pub(super) fn joined(text: &[u8], owned: Range<usize>) -> Option<Decoded> {
    let text = text.get(..owned.end)?;
    let mut out = Decoded::default();
    let mut line = Line::default();
    let mut walk = Walk::new(owned.start);
    while let Some(token) = walk.next(text, &[]) {
        match token.kind {
            Kind::Text | Kind::Verbatim => {
                if let Some(kind) = walk.open().last().and_then(|frame| kind(text, frame)) {
                    if let Some(runs) = line.runs.get_mut(kind) {
                        let place = content(text, token);
                        runs.extend(place.map(|place| (place, token.kind)));
                    }
                } else if token.kind == Kind::Text {
                    piece(text, token.start..token.end, &mut out);
                }
            }
            Kind::Open | Kind::Empty => {
                end_line(text, token, &mut line, &mut out);
                for attribute in token.attributes(text) {
                    piece(text, attribute.value, &mut out);
                }
            }
            Kind::Close => end_line(text, token, &mut line, &mut out),
            Kind::Aside => {}
        }
    }
    line.end(text, &mut out);
    // A line is taken when it ends, behind the attributes that stand in it.
    out.holes.sort_unstable_by_key(|hole| hole.start);
    (!out.holes.is_empty()).then_some(out)
}

fn end_line(text: &[u8], token: Token, line: &mut Line, out: &mut Decoded) {
    let name = local(text.get(token.name(text)).unwrap_or_default());
    if LINES.contains(&name) {
        line.end(text, out);
    }
}

/// Which kind of run an element holds, as an index of [`Line`].
fn kind(text: &[u8], frame: &Frame) -> Option<usize> {
    let name = local(text.get(frame.name.clone())?);
    if OPEN_RUNS.contains(&name) {
        return Some(RUNS.len());
    }
    RUNS.iter().position(|run| *run == name)
}

/// Whether text within the elements `open` is a number by its place: the value of a cell that says
/// nothing else of itself, or a formula.
pub(super) fn is_number(text: &[u8], open: &[Frame]) -> bool {
    let [.., cell, value] = open else {
        return false;
    };
    let name = |frame: &Frame| local(text.get(frame.name.clone()).unwrap_or_default());
    match (name(cell), name(value)) {
        (b"c", b"f") => true,
        (b"c", b"v") => {
            let start = cell.name.start.saturating_sub(1);
            let rest = text.get(start..).unwrap_or_default();
            let end = memchr::memchr(b'>', rest).map_or(start, |end| start + end + 1);
            let tag = Token {
                kind: Kind::Open,
                start,
                end,
            };
            let kind = tag.attribute(text, b"t").and_then(|kind| text.get(kind));
            !matches!(kind, Some(b"str" | b"inlineStr" | b"d"))
        }
        _ => false,
    }
}
