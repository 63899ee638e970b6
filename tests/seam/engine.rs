//! The least engine that runs the library's traits: scan, edits in memory, publish.
//!
//! It knows the toy formats only as a list of [`Format`]s and treats all of them alike.

use std::borrow::Cow;
use std::ops::Range;

use efface::detect::{Detectors, Scratch};
use efface::edit::{Edit, Refusal, Replacement, Splice, apply};
use efface::entity::{Entity, EntitySet};
use efface::finding::Confidence;
use efface::format::{Chunk, Cut, Format, Head, Memory, Reader, SlotKind, Torn, Width};
use efface::view::{BreakKind, Codec, Map, View};

use crate::{cells, gzip, json, lines, mail, pcm, sqlite, vtt, words};

static FORMATS: [&dyn Format; 9] = [
    &cells::Cells,
    &json::Json,
    &words::Words,
    &vtt::Vtt,
    &mail::Mail,
    &gzip::Gzip,
    &sqlite::Sqlite,
    &pcm::Pcm,
    &lines::Lines,
];

/// What finds the number in a view.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Finder {
    /// Ten digits with single separators: the test's own.
    TenDigits,
    /// The library's detectors.
    Library,
}

/// Where the number was found: the names of the children on the way, its field, and its parts.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Found {
    pub(crate) path: Vec<String>,
    pub(crate) field: Option<String>,
    pub(crate) parts: Vec<Range<u64>>,
}

/// Finds the number in a source and all that it holds.
pub(crate) fn scan(source: &[u8], name: &str, finder: Finder) -> Vec<Found> {
    let opened = Source::open(source, name);
    let mut found = opened.found(Chunk::whole(&opened.text), finder);
    found.extend(opened.children(Chunk::whole(&opened.text), finder));
    found
}

/// As [`scan`], but cut into the smallest chunks that the format's own cuts allow.
pub(crate) fn scan_cut(source: &[u8], name: &str, finder: Finder) -> Vec<Found> {
    let opened = Source::open(source, name);
    if opened.format.capabilities().memory == Memory::Whole {
        return scan(source, name, finder);
    }
    let mut found = Vec::new();
    let mut start = 0;
    while start < opened.text.len() {
        let rest = &opened.text[start..];
        let len = (1..=rest.len())
            .find_map(|len| match opened.reader.cut(&rest[..len]) {
                Cut::Record(cut) if cut > 0 => Some(cut),
                _ => None,
            })
            .unwrap_or(rest.len());
        let chunk = Chunk {
            text: &rest[..len],
            start: 0,
            end: len,
            offset: start as u64,
            torn: Torn::default(),
        };
        found.extend(opened.found(chunk, finder));
        found.extend(opened.children(chunk, finder));
        start += len;
    }
    found
}

/// The edits that put `replacement` in the place of the number and all that repeats it.
pub(crate) fn edits(
    source: &[u8],
    name: &str,
    finder: Finder,
    replacement: &Replacement,
) -> Result<Vec<Edit>, Refusal> {
    let opened = Source::open(source, name);
    let reader = &*opened.reader;
    let chunk = Chunk::whole(&opened.text);
    let index = reader.index(chunk);
    let content = reader.read(chunk, &*index);

    let mut splices: Vec<Splice> = Vec::new();
    let mut echoes: Vec<Vec<Range<usize>>> = Vec::new();
    for view in &content.views {
        for range in find(view, finder) {
            let parts: Vec<Range<usize>> = view.parts(range.clone()).iter().map(small).collect();
            let fitting = fitting(reader, chunk, &parts[0], replacement)?;
            splices.extend(view.render(range, &fitting)?);
            echoes.extend(reader.echoes(chunk, &parts));
        }
    }
    for echo in echoes {
        for (nth, part) in echo.iter().enumerate() {
            let place = part.start as u64..part.end as u64;
            if splices.iter().any(|s| overlap(&s.range, &place)) {
                continue;
            }
            let read = |view: &&View<'_>| view.text_at(part).is_some();
            let view = content.views.iter().find(read).ok_or(Refusal::NoPlace)?;
            let text = view.text_at(part).ok_or(Refusal::NoPlace)?;
            let fitting = match replacement {
                Replacement::Text(_) if nth > 0 => Replacement::Nothing,
                other => other.clone(),
            };
            splices.extend(view.render(text, &fitting)?);
        }
    }
    splices.sort_by_key(|splice| splice.range.start);
    let settled = reader.settle(chunk, &splices);
    splices.extend(settled);
    splices.sort_by_key(|splice| splice.range.start);
    if let Some(map) = &opened.map {
        splices = map.translate(splices)?;
    }

    let mut edits: Vec<Edit> = splices.into_iter().map(Edit::Splice).collect();
    for child in &content.children {
        let inner = self::edits(&child.content, &child.name, finder, replacement)?;
        if !inner.is_empty() {
            let new = publish(&child.content, &inner)?;
            edits.extend(reader.rebuild(chunk, child, &new)?);
        }
    }
    Ok(edits)
}

/// The text of the value that the hints say lies around each number.
pub(crate) fn values(source: &[u8], name: &str) -> Vec<String> {
    let opened = Source::open(source, name);
    let chunk = Chunk::whole(&opened.text);
    let index = opened.reader.index(chunk);
    let mut values = Vec::new();
    for view in &opened.reader.read(chunk, &*index).views {
        for range in find(view, Finder::TenDigits) {
            let value = view.hints(range.start).value.unwrap();
            values.push(String::from_utf8(view.text()[value].to_vec()).unwrap());
        }
    }
    values
}

/// `source` without the record that holds the number.
pub(crate) fn dropped(source: &[u8], name: &str) -> Result<Vec<u8>, Refusal> {
    let opened = Source::open(source, name);
    let chunk = Chunk::whole(&opened.text);
    let index = opened.reader.index(chunk);
    let content = opened.reader.read(chunk, &*index);
    let mut hits = content.views.iter().flat_map(|view| {
        let hits = find(view, Finder::TenDigits).into_iter();
        hits.map(|range| view.chunk_offset(range.start))
    });
    let at = hits.next().ok_or(Refusal::NoPlace)?;
    let mut splices = opened.reader.drop_record(chunk, at)?;
    if let Some(map) = &opened.map {
        splices = map.translate(splices)?;
    }
    apply(source, &splices)
}

/// `source` with `edits` made: splices by bytes, cells by SQL.
pub(crate) fn publish(source: &[u8], edits: &[Edit]) -> Result<Vec<u8>, Refusal> {
    let mut splices = Vec::new();
    let mut content = source.to_vec();
    for edit in edits {
        match edit {
            Edit::Splice(splice) => splices.push(splice.clone()),
            Edit::Cell {
                table,
                column,
                row,
                content: new,
            } => content = sqlite::update(&content, table, column, *row, new),
        }
    }
    apply(&content, &splices)
}

struct Source<'a> {
    text: Cow<'a, [u8]>,
    map: Option<Map>,
    format: &'static dyn Format,
    reader: Box<dyn Reader>,
}

impl<'a> Source<'a> {
    fn open(bytes: &'a [u8], name: &str) -> Self {
        let (text, map) = decode(bytes);
        let head = Head {
            text: &text,
            name,
            whole: true,
        };
        let likeliest = FORMATS.iter().filter_map(|f| Some((f.sniff(&head)?, *f)));
        let (_, format) = likeliest.max_by_key(|(likeness, _)| *likeness).unwrap();
        let reader = format.open(&head);
        Source {
            text,
            map,
            format,
            reader,
        }
    }

    fn found(&self, chunk: Chunk<'_>, finder: Finder) -> Vec<Found> {
        let index = self.reader.index(chunk);
        let mut content = self.reader.read(chunk, &*index);
        assert_eq!(
            content.ledger.bytes_read(),
            chunk.text.len() as u64,
            "{}: every byte is accounted for",
            self.format.name()
        );
        let mut found = Vec::new();
        for view in &mut content.views {
            view.wrap(Map::identity(chunk.offset, chunk.text.len()));
            if let Some(map) = &self.map {
                view.wrap(map.clone());
            }
            for range in find(view, finder) {
                let location = index.locate(view.chunk_offset(range.start));
                found.push(Found {
                    path: Vec::new(),
                    field: location.field.map(|field| field.to_string()),
                    parts: view.parts(range),
                });
            }
        }
        found
    }

    fn children(&self, chunk: Chunk<'_>, finder: Finder) -> Vec<Found> {
        let index = self.reader.index(chunk);
        let mut found = Vec::new();
        for child in self.reader.read(chunk, &*index).children {
            for mut inner in scan(&child.content, &child.name, finder) {
                inner.path.insert(0, child.name.to_string());
                found.push(inner);
            }
        }
        found
    }
}

/// The replacement that suits the slot: silence for samples, a refusal where the width is fixed.
fn fitting(
    reader: &dyn Reader,
    chunk: Chunk<'_>,
    place: &Range<usize>,
    replacement: &Replacement,
) -> Result<Replacement, Refusal> {
    let slot = reader.slot(chunk, place.clone());
    match (replacement, slot.kind) {
        (Replacement::Mask, SlotKind::Samples) => Ok(Replacement::Silence),
        (Replacement::Text(_) | Replacement::Nothing, _) if slot.width == Width::Same => {
            Err(Refusal::FixedWidth)
        }
        _ => Ok(replacement.clone()),
    }
}

/// UTF-16 with a byte order mark as UTF-8 with its map; other bytes as they are.
fn decode(bytes: &[u8]) -> (Cow<'_, [u8]>, Option<Map>) {
    let Some(units) = bytes.strip_prefix(b"\xff\xfe") else {
        return (Cow::Borrowed(bytes), None);
    };
    let units = units
        .chunks_exact(2)
        .map(|u| u16::from_le_bytes([u[0], u[1]]));
    let mut text = String::new();
    let mut map = Map::default().styled(Codec::Utf16Le);
    let mut at = 2;
    for ch in char::decode_utf16(units).map(Result::unwrap) {
        let width = 2 * ch.len_utf16();
        map.push(1, ch.len_utf8(), at, width, Codec::Utf16Le);
        at += width as u64;
        text.push(ch);
    }
    (Cow::Owned(text.into_bytes()), Some(map))
}

fn find(view: &View<'_>, finder: Finder) -> Vec<Range<usize>> {
    match finder {
        Finder::TenDigits => ten_digits(view),
        Finder::Library => {
            let mut phones = EntitySet::default();
            phones.insert(Entity::Phone);
            let region = efface::detect::phone::plan::Region::parse("CA").unwrap();
            let mut hits = Vec::new();
            Detectors::new(vec![region], phones, Confidence(50)).scan(
                view,
                &mut Scratch::default(),
                &mut hits,
            );
            hits.into_iter().map(|hit| hit.range).collect()
        }
    }
}

/// Ten digits, alone, with at most one separator between two, across no hard break and no hole.
fn ten_digits(view: &View<'_>) -> Vec<Range<usize>> {
    let text = view.text();
    let hard = |at: usize| {
        let breaks = view.breaks();
        breaks
            .iter()
            .any(|b| b.at == at && b.kind == BreakKind::Hard)
    };
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        if !text[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let start = at;
        let mut end = at;
        let mut digits = 0;
        while at < text.len() && (at == start || !hard(at)) {
            if text[at].is_ascii_digit() {
                digits += 1;
                end = at + 1;
            } else if !b" -.".contains(&text[at]) || at > end {
                break;
            }
            at += 1;
        }
        let read_elsewhere = view.holes().iter().any(|h| h.start < end && start < h.end);
        if digits == 10 && !read_elsewhere && view.owned().contains(&start) {
            found.push(start..end);
        }
    }
    found
}

fn overlap(a: &Range<u64>, b: &Range<u64>) -> bool {
    a.start < b.end && b.start < a.end
}

fn small(range: &Range<u64>) -> Range<usize> {
    range.start as usize..range.end as usize
}
