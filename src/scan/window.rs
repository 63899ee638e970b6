//! One window of a source: read by its format, scanned, and turned into findings with places.

use memchr::memchr_iter;

use super::Wants;
use crate::detect::{Detectors, Hit, Scratch};
use crate::finding::{Finding, Value};
use crate::format::{Chunk, Locate, Reader, Reason};
use crate::source::Window;
use crate::view::View;

/// What a window gave. Lines and records count from the window's start until they are joined.
#[derive(Default)]
pub(super) struct Scanned {
    pub(super) findings: Vec<Finding>,
    pub(super) lines: u64,
    /// Bytes behind the last line end.
    pub(super) tail: u64,
    pub(super) records: u64,
    pub(super) bytes: u64,
    pub(super) bytes_read: u64,
    pub(super) unread: Option<Reason>,
}

/// Memory reused from window to window.
#[derive(Default)]
pub(super) struct Memory {
    scratch: Scratch,
    hits: Vec<Hit>,
}

/// Scans one window.
pub(super) fn scan(
    window: &Window,
    reader: &dyn Reader,
    detectors: &Detectors,
    wants: Wants,
    memory: &mut Memory,
) -> Scanned {
    let chunk = Chunk {
        text: &window.text,
        start: window.start,
        end: window.text.len(),
        offset: window.offset,
    };
    let index = reader.index(chunk);
    let mut content = reader.read(chunk, &*index);
    let mut findings = Vec::new();
    for view in &mut content.views {
        if let Some(map) = &window.map {
            view.wrap(map.clone());
        }
        memory.hits.clear();
        detectors.scan(view, &mut memory.scratch, &mut memory.hits);
        findings.extend(memory.hits.drain(..).filter_map(|hit| finding(hit, view, window.offset, wants)));
    }
    if content.views.len() > 1 {
        findings.sort_by_key(|(_, finding): &(usize, Finding)| finding.span.start);
    }
    let mut scanned = Scanned { bytes: window.bytes, ..Scanned::default() };
    scanned.bytes_read = window.bytes.min(content.ledger.bytes_read());
    if let Some((_, reason)) = content.ledger.gaps().first() {
        scanned.unread = Some(*reason);
    } else {
        scanned.bytes_read = window.bytes;
    }
    if wants.places {
        scanned.records = index.records();
        place(window, &*index, &mut findings, &mut scanned);
    }
    scanned.findings = findings.into_iter().map(|(_, finding)| finding).collect();
    scanned
}

fn finding(hit: Hit, view: &View<'_>, offset: u64, wants: Wants) -> Option<(usize, Finding)> {
    let at = view.chunk_offset(hit.range.start);
    let (span, parts) = if let Some(span) = view.plain_part(hit.range.clone()) {
        (span.start + offset..span.end + offset, None)
    } else {
        let mut parts = view.parts(hit.range.clone());
        for part in &mut parts {
            *part = part.start + offset..part.end + offset;
        }
        let span = parts.first()?.start..parts.last()?.end;
        (span, (parts.len() > 1).then(|| parts.into_boxed_slice()))
    };
    let text = |range: std::ops::Range<usize>| view.text().get(range).map(|bytes| Value(bytes.into()));
    let finding = Finding {
        entity: hit.entity,
        confidence: hit.confidence,
        evidence: hit.evidence,
        span,
        parts,
        via: &[],
        group: 0,
        canonical: hit.canonical,
        extension: hit.extension.and_then(text),
        value: if wants.values { text(hit.range) } else { None },
        line: 0,
        column: 0,
        record: None,
        field: None,
        party: None,
    };
    Some((at, finding))
}

/// Fills in lines, columns, records, fields and parties.
fn place(window: &Window, index: &dyn Locate, findings: &mut [(usize, Finding)], scanned: &mut Scanned) {
    let owned = window.text.get(window.start..).unwrap_or_default();
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
    let mut line_ends = memchr_iter(b'\n', owned).map(|p| window.start + p);
    let mut next_end = line_ends.next();
    let mut line_start = None;
    for (at, finding) in findings {
        while let Some(end) = next_end.filter(|end| *end < *at) {
            scanned.lines += 1;
            line_start = Some(end + 1);
            next_end = line_ends.next();
        }
        finding.line = scanned.lines;
        // A column on the window's first line still lacks what the windows before it hold.
        finding.column = match line_start {
            Some(start) => finding.span.start - source(start) + 1,
            None => finding.span.start.saturating_sub(base) + 1,
        };
        let location = index.locate(*at);
        finding.record = location.record;
        finding.field = location.field;
        finding.party = location.party;
    }
    let mut last_start = line_start;
    while let Some(end) = next_end {
        scanned.lines += 1;
        last_start = Some(end + 1);
        next_end = line_ends.next();
    }
    let behind = match last_start {
        Some(start) if start < window.text.len() => source(start) - base,
        Some(_) => window.bytes,
        None => 0,
    };
    scanned.tail = window.bytes - behind;
}
