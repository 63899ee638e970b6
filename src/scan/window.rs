//! One window of a source: read by its format, scanned, and turned into findings with places.

use std::ops::Range;

use super::Wants;
use super::source::Seek;
use super::tally::Counts;
use crate::detect::{Hit, Scratch};
use crate::finding::{Finding, InCell, Value};
use crate::format::recording::Part;
use crate::format::sqlite::Rows;
use crate::format::{Chunk, Locate, Reader, Reason, Torn};
use crate::raw::places;
use crate::redact::operator::is_replacement;
use crate::source::Window;
use crate::time::{Clock, Stamp};
use crate::view::{Party, View};

/// What a window gave. Lines and records count from the window's start until they are joined.
#[derive(Clone, Copy, Default)]
pub(super) struct Scanned {
    pub(super) lines: u64,
    /// Bytes behind the last line end.
    pub(super) tail: u64,
    pub(super) records: u64,
    pub(super) bytes: u64,
    pub(super) bytes_read: u64,
    pub(super) unread: Option<Reason>,
    /// Findings that were counted only.
    pub(super) more: u64,
    /// Values that are no findings because the user says so.
    pub(super) allowed: u64,
    /// Whether it is a part of a recording, which is one record and has no lines.
    pub(super) in_recording: bool,
    /// Where the window begins or ends within a record.
    pub(super) torn: Torn,
}

/// Memory reused from window to window.
#[derive(Default)]
pub(super) struct Memory {
    scratch: Scratch,
    hits: Vec<Hit>,
    /// Line ends.
    ends: Vec<u32>,
    /// What the last window held, in order.
    pub(super) findings: Vec<Finding>,
    /// What else it held, when not every finding is wanted by itself.
    pub(super) more: Counts,
}

/// Scans one window; its findings are left in `memory`.
pub(super) fn scan(
    window: &Window,
    reader: &dyn Reader,
    seek: Seek<'_>,
    wants: Wants,
    memory: &mut Memory,
) -> Scanned {
    let chunk = Chunk {
        text: &window.text,
        start: window.start,
        end: window.text.len(),
        offset: window.offset,
        torn: window.torn,
    };
    let reader = window.reader(reader);
    let index = reader.index(chunk);
    let mut content = reader.read(chunk, &*index);
    let Memory {
        scratch,
        hits,
        findings,
        ends,
        more,
    } = memory;
    findings.clear();
    *more = Counts::default();
    let (mut counted, mut allowed) = (0, 0);
    for view in &mut content.views {
        if let Some(map) = &window.map {
            view.wrap(map.clone());
        }
        hits.clear();
        seek.detectors.scan(view, scratch, hits);
        // What an operator has put there is no finding (R7).
        let text = view.text();
        let put = |hit: &Hit| text.get(hit.range.clone()).is_some_and(is_replacement);
        if hits.iter().any(put) {
            hits.retain(|hit| !put(hit));
        }
        if let Some(subjects) = seek.subjects {
            hits.retain(|hit| subjects.contains(hit.entity, &hit.canonical));
        }
        if !seek.lists.allow_nothing() {
            let before = hits.len();
            hits.retain(|hit| {
                let field = || index.locate(view.chunk_offset(hit.range.start)).field;
                let value = text.get(hit.range.clone()).unwrap_or_default();
                !seek.lists.allow(hit, value, field)
            });
            allowed += (before - hits.len()) as u64;
        }
        if let Some(base) = view.base() {
            let base = base + window.offset;
            if let Some(first) = wants.first {
                counted += keep_first(hits, first, more);
            }
            findings.reserve(hits.len());
            for hit in hits.drain(..) {
                let span = base + hit.range.start as u64..base + hit.range.end as u64;
                let at = view.chunk_offset(hit.range.start);
                push(findings, hit, view, at, span, None, wants);
            }
        } else {
            for hit in hits.drain(..) {
                let mut parts = view.parts(hit.range.clone());
                for part in &mut parts {
                    *part = part.start + window.offset..part.end + window.offset;
                }
                let (Some(first), Some(last)) = (parts.first(), parts.last()) else {
                    continue;
                };
                let span = first.start..last.end;
                let at = view.chunk_offset(hit.range.start);
                let parts = (parts.len() > 1).then(|| parts.into_boxed_slice());
                push(findings, hit, view, at, span, parts, wants);
            }
        }
    }
    if content.views.len() > 1 && !findings.is_sorted_by_key(|finding| finding.span.start) {
        findings.sort_by_key(|finding| finding.span.start);
    }
    if let Some(subjects) = seek.subjects {
        date(window, &*index, findings, |clock, stamp| {
            clock.at(stamp).ok()
        });
        findings.retain(|one| subjects.contains_at(one.entity, &one.canonical, one.time));
    } else if wants.times {
        date(window, &*index, findings, Clock::at_any_time);
    }
    let mut scanned = Scanned {
        bytes: window.bytes,
        more: counted,
        allowed,
        torn: window.torn,
        ..Scanned::default()
    };
    scanned.bytes_read = window.bytes.min(content.ledger.bytes_read());
    if let Some((_, reason)) = content.ledger.gaps().first() {
        scanned.unread = Some(*reason);
    } else {
        scanned.bytes_read = window.bytes;
    }
    scanned.unread = scanned.unread.or(window.unread());
    if let Some(part) = &window.part {
        scanned.in_recording = true;
        place_in_recording(part, &*index, findings);
    } else if let Some(rows) = &window.rows {
        place_in_rows(window, rows, &*index, findings, &mut scanned);
    } else if wants.places {
        place(window, &*index, findings, ends, &mut scanned);
    }
    if !seek.lists.has_no_own() {
        for finding in &mut *findings {
            if seek.lists.owns(finding.entity, &finding.canonical) {
                finding.party = Some(Party::Own);
            }
        }
    }
    scanned
}

/// Fills in when records are from, as `read` tells. Until places are asked for, the line of a finding
/// is its offset in the window.
fn date(
    window: &Window,
    index: &dyn Locate,
    findings: &mut [Finding],
    read: impl Fn(&Clock, &Stamp<'_>) -> Option<i64>,
) {
    if findings.is_empty() {
        return;
    }
    let clock = Clock::now();
    let lines = index.lines_part_records();
    // The finding before, to read the time of a record once.
    let mut last: Option<(usize, Option<i64>)> = None;
    for finding in findings {
        let at = finding.line as usize;
        let same = last.filter(|(before, _)| {
            let between = window.text.get(*before..at).filter(|_| lines);
            between.is_some_and(|between| memchr::memchr(b'\n', between).is_none())
        });
        finding.time = match same {
            Some((_, time)) => time,
            None => {
                let stamp = index.stamp(at);
                stamp.and_then(|stamp| read(&clock, &stamp))
            }
        };
        last = Some((at, finding.time));
    }
}

/// Leaves the first `wanted` hits of each entity and counts the others in `more`; gives their
/// number.
fn keep_first(hits: &mut Vec<Hit>, wanted: u64, more: &mut Counts) -> u64 {
    let mut kept = Counts::default();
    let before = hits.len();
    hits.retain(|hit| {
        let keep = kept.of(hit.entity) < wanted;
        let counts = if keep { &mut kept } else { &mut *more };
        counts.count(hit.entity);
        keep
    });
    (before - hits.len()) as u64
}

/// Appends what `hit`, which stands at chunk offset `at` and in the source at `span`, is.
#[inline]
fn push(
    findings: &mut Vec<Finding>,
    hit: Hit,
    view: &View<'_>,
    at: usize,
    span: Range<u64>,
    parts: Option<Box<[Range<u64>]>>,
    wants: Wants,
) {
    let via = if view.base().is_some() {
        &[]
    } else {
        view.via(hit.range.clone())
    };
    let text = |range: Range<usize>| view.text().get(range).map(|bytes| Value(bytes.into()));
    findings.push(Finding {
        entity: hit.entity,
        confidence: hit.confidence,
        evidence: hit.evidence,
        span,
        parts,
        via,
        group: 0,
        canonical: hit.canonical,
        extension: hit.extension.and_then(text),
        value: if wants.values { text(hit.range) } else { None },
        // Until places are asked for, the line is the offset in the window that they are asked at.
        line: at as u64,
        column: 0,
        record: None,
        field: None,
        party: None,
        time: None,
        cell: None,
        heard: None,
    });
}

/// Makes the places of findings those within a recording.
fn place_in_recording(part: &Part, index: &dyn Locate, findings: &mut [Finding]) {
    for finding in findings {
        let location = index.locate(finding.line as usize);
        finding.record = location.record;
        finding.field = location.field;
        finding.party = location.party;
        (finding.line, finding.column) = (0, 0);
        if let Some(keys) = part.keys() {
            let range = finding.span.start as usize..finding.span.end as usize;
            finding.heard = keys.heard(&range).map(Box::new);
        }
    }
}

/// Makes the places of findings those within their cells.
fn place_in_rows(
    window: &Window,
    rows: &Rows,
    index: &dyn Locate,
    findings: &mut [Finding],
    scanned: &mut Scanned,
) {
    scanned.records = index.records();
    for finding in &mut *findings {
        let at = finding.line as usize;
        let location = index.locate(at);
        finding.record = location.record;
        finding.field = location.field;
        finding.party = location.party;
        (finding.line, finding.column) = (0, 0);
        let Some(place) = rows.place(at) else {
            continue;
        };
        let base = window.offset + place.start as u64;
        let skipped = u64::from(place.at);
        let inner = |range: &Range<u64>| {
            range.start.saturating_sub(base) + skipped..range.end - base + skipped
        };
        finding.span = inner(&finding.span);
        for part in finding.parts.iter_mut().flatten() {
            *part = inner(part);
        }
        finding.cell = Some(Box::new(InCell {
            table: place.table.clone(),
            column: place.column.clone(),
            row: place.id,
            is_row: place.is_id,
        }));
    }
    // An id that was found to be somebody's number tells no place.
    for record in findings.chunk_by_mut(|a, b| a.record == b.record) {
        let is_id = |finding: &Finding| finding.cell.as_ref().is_some_and(|cell| cell.is_row);
        if record.iter().any(is_id) {
            for cell in record.iter_mut().filter_map(|one| one.cell.as_mut()) {
                cell.row = None;
            }
        }
    }
}

/// Fills in lines, columns, records, fields and parties.
fn place(
    window: &Window,
    index: &dyn Locate,
    findings: &mut [Finding],
    ends: &mut Vec<u32>,
    scanned: &mut Scanned,
) {
    // Columns count bytes of the source, so line starts travel through the same map.
    let source = |at: usize| match &window.map {
        None => window.offset + at as u64,
        Some(map) => {
            let mut places = Vec::new();
            map.outward(at as u64..at as u64 + 1, &mut places);
            places.first().map_or(0, |place| place.start)
        }
    };
    let base = source(window.start);
    let lines_are_records = index.records_are_lines();
    ends.clear();
    places(&window.text, window.start, b'\n', ends);
    let mut coming = ends
        .iter()
        .map(|end| window.start + *end as usize)
        .peekable();
    let mut line_start = None;
    for finding in findings {
        let at = finding.line as usize;
        while let Some(end) = coming.next_if(|end| *end < at) {
            scanned.lines += 1;
            line_start = Some(end + 1);
        }
        finding.line = scanned.lines;
        // A column on the window's first line still lacks what the windows before it hold.
        finding.column = match line_start {
            // What is told out of order may begin on a line before.
            Some(start) => finding.span.start.saturating_sub(source(start)) + 1,
            None => finding.span.start.saturating_sub(base) + 1,
        };
        if lines_are_records {
            (finding.field, finding.party) = index.field(at);
            finding.record = Some(scanned.lines);
        } else {
            let location = index.locate(at);
            finding.record = location.record;
            finding.field = location.field;
            finding.party = location.party;
        }
    }
    scanned.lines = ends.len() as u64;
    let line_start = ends.last().map(|end| window.start + *end as usize + 1);
    let behind = match line_start {
        Some(start) if start < window.text.len() => source(start) - base,
        Some(_) => window.bytes,
        None => 0,
    };
    scanned.tail = window.bytes - behind;
    scanned.records = if lines_are_records {
        let unfinished = line_start.unwrap_or(window.start) < window.text.len();
        scanned.lines + u64::from(unfinished)
    } else {
        index.records()
    };
}
