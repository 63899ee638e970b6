//! The records of one source, one after the other, for who wants to see them whole.
//!
//! Owns the way from a source to its records and their fields. Knows neither entities nor subjects.

use std::ops::Range;
use std::path::Path;

use super::{Look, look};
use crate::format::{Chunk, Content, Locate, Reason};
use crate::source::{OpenError, Window, open_file};
use crate::time::Clock;
use crate::view::Party;

/// One record of a window.
pub(crate) struct Record<'a> {
    /// Where it lies, in offsets of the window, with its separators.
    pub(crate) range: Range<usize>,
    /// Its 1-based number in the source, where its format counts.
    pub(crate) number: Option<u64>,
    index: &'a dyn Locate,
    content: &'a Content<'a>,
    text: &'a [u8],
}

/// A named piece of a record.
pub(crate) struct Field {
    /// The column or key path.
    pub(crate) name: String,
    /// Whose side it is.
    pub(crate) party: Option<Party>,
    /// Its value, decoded.
    pub(crate) value: String,
}

/// Hands over the records of the file at `path`, window by window; says what it was read as.
///
/// # Errors
/// Why it cannot be read.
pub(crate) fn each_records(
    path: &Path,
    mut take: impl FnMut(&[Record<'_>]),
) -> Result<&'static str, Reason> {
    let input = open_file(path, Vec::new()).map_err(|OpenError { reason }| reason)?;
    let mut opened = match look(path, input, None) {
        Look::Skip(format) => return Err(Reason::Unsupported(format)),
        // Members have no records of the file that holds them.
        Look::Pack(..) | Look::Rows(_) => return Err(Reason::Unsupported("archive")),
        Look::Open(opened) => opened,
    };
    let mut window = Window::default();
    let mut before = 0;
    while opened.windows.next(&*opened.reader, &mut window) {
        let chunk = Chunk {
            text: &window.text,
            start: window.start,
            end: window.text.len(),
            offset: window.offset,
            torn: window.torn,
        };
        let reader = window.reader(&*opened.reader);
        let index = reader.index(chunk);
        let content = reader.read(chunk, &*index);
        take(&records(chunk, &*index, &content, before));
        before += index.records();
    }
    match opened.windows.failed().or(opened.doubt) {
        Some(reason) => Err(reason),
        None => Ok(opened.format),
    }
}

fn records<'a>(
    chunk: Chunk<'a>,
    index: &'a dyn Locate,
    content: &'a Content<'a>,
    before: u64,
) -> Vec<Record<'a>> {
    let one = |range: Range<usize>| Record {
        number: index
            .locate(range.start)
            .record
            .map(|record| record + before + 1),
        range,
        index,
        content,
        text: chunk.text,
    };
    let mut records: Vec<Record<'_>> = Vec::new();
    let mut at = chunk.start;
    while at < chunk.end {
        match around(index, at) {
            Some(range) => {
                at = range.end.max(at + 1);
                records.push(one(range));
            }
            None => at = next_start(chunk.text, at),
        }
    }
    // A source that cannot be without its only record.
    if records.is_empty() && chunk.start < chunk.end && index.locate(chunk.start).record.is_some() {
        records.push(one(chunk.start..chunk.end));
    }
    records
}

/// The record around a place with its separators.
pub(crate) fn around(index: &dyn Locate, at: usize) -> Option<Range<usize>> {
    let splices = index.drop_record(at).ok()?;
    let start = splices.iter().map(|splice| splice.range.start).min()? as usize;
    let end = splices.iter().map(|splice| splice.range.end).max()? as usize;
    (start <= at && at < end).then_some(start..end)
}

/// The next place behind `at` where a record may begin: a line, an object, an element.
pub(crate) fn next_start(text: &[u8], at: usize) -> usize {
    let rest = text.get(at + 1..).unwrap_or_default();
    let here = text.get(at) == Some(&b'\n');
    match memchr::memchr3(b'\n', b'{', b'<', rest).map(|i| at + 1 + i) {
        _ if here => at + 1,
        Some(place) if text.get(place) == Some(&b'\n') => place + 1,
        Some(place) => place,
        None => text.len(),
    }
}

impl Record<'_> {
    /// When it is from, by its own time.
    pub(crate) fn time(&self, clock: &Clock) -> Option<i64> {
        let stamp = self.index.stamp(self.range.start)?;
        clock.at(&stamp).ok()
    }

    /// Its fields, in their order; one called `text` where its format names none.
    pub(crate) fn fields(&self) -> Vec<Field> {
        let mut fields = Vec::new();
        let mut at = self.range.start;
        while at < self.range.end {
            let hints = self.index.hints(at);
            let value = hints
                .value
                .filter(|value| value.start <= at && at <= value.end);
            let Some(value) = value.filter(|_| hints.label.is_some()) else {
                at += 1;
                continue;
            };
            at = value.end.max(at) + 1;
            let (name, party) = self.index.field(value.start);
            let label = hints.label.unwrap_or_default();
            let name = name.map_or_else(
                || String::from_utf8_lossy(label).into_owned(),
                |name| name.to_string(),
            );
            fields.push(Field {
                name,
                party,
                value: self.decoded(&value),
            });
        }
        if fields.is_empty() {
            let text = self.text.get(self.range.clone()).unwrap_or_default();
            fields.push(Field {
                name: "text".to_owned(),
                party: None,
                value: String::from_utf8_lossy(text.trim_ascii()).into_owned(),
            });
        }
        fields
    }

    /// The text at a place, through the innermost view that has it whole.
    fn decoded(&self, place: &Range<usize>) -> String {
        let views = self.content.views.iter();
        let mut seen = views.filter_map(|view| {
            let range = view.text_at(place)?;
            Some((view.base().is_none(), view.text().get(range)?))
        });
        let decoded = seen
            .clone()
            .find(|(decoded, _)| *decoded)
            .or_else(|| seen.next());
        let raw = self.text.get(place.clone()).unwrap_or_default();
        String::from_utf8_lossy(decoded.map_or(raw, |(_, text)| text)).into_owned()
    }
}
