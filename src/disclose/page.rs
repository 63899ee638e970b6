//! The pages of a package: what a person reads first, what was searched as data, and what somebody
//! has to look at before it is sent.

use std::fmt::Write as _;
use std::io::Write;

use serde_json::{Map, Value, json};

use super::gather::Gathered;
use super::given::Given;
use super::sheet::Sheet;
use super::{Level, Made, Request};
use crate::entity::Entity;
use crate::redact::derive::NEVER;
use crate::redact::failure::Outcome;
use crate::redact::io::Io;
use crate::report::{PAGE_HEAD, PAGE_POLICY, html_text};

/// What stands on the first page until somebody approved it.
pub(super) const DRAFT: &str = "<p class=\"draft\">DRAFT: not to be sent before somebody has looked \
     through review.html and approved it with 'efface disclose --approve'</p>\n";

/// How data says the same.
pub(super) const DRAFT_STATUS: &str = "\"status\": \"draft\"";

/// Writes `index.html` and `coverage.json`.
pub(super) fn write(
    io: &Io,
    request: &Request<'_>,
    gathered: &Gathered,
    given: &[Given],
    made: Made,
) -> Outcome<()> {
    let mut page = Sheet::new(io, &request.out.join("index.html"))?;
    index(&mut page.text, request, gathered, given, made);
    page.finish()?;
    let mut coverage = Sheet::new(io, &request.out.join("coverage.json"))?;
    let text = serde_json::to_string_pretty(&covered(request, gathered, given));
    coverage
        .text
        .extend_from_slice(text.unwrap_or_default().as_bytes());
    coverage.text.push(b'\n');
    coverage.finish()
}

fn start(page: &mut Vec<u8>, title: &str) {
    for part in [PAGE_HEAD, PAGE_POLICY, "<title>"] {
        page.extend_from_slice(part.as_bytes());
    }
    html_text(page, title.as_bytes());
    page.extend_from_slice(b"</title></head><body>\n<h1>");
    html_text(page, title.as_bytes());
    page.extend_from_slice(b"</h1>\n");
}

fn row(page: &mut Vec<u8>, cells: &[&str]) {
    page.extend_from_slice(b"<tr>");
    for cell in cells {
        page.extend_from_slice(b"<td>");
        html_text(page, cell.as_bytes());
        page.extend_from_slice(b"</td>");
    }
    page.extend_from_slice(b"</tr>\n");
}

fn table(page: &mut Vec<u8>, caption: &str, heads: &[&str]) {
    page.extend_from_slice(b"<table><caption>");
    html_text(page, caption.as_bytes());
    page.extend_from_slice(b"</caption><tr>");
    for head in heads {
        page.extend_from_slice(b"<th>");
        html_text(page, head.as_bytes());
        page.extend_from_slice(b"</th>");
    }
    page.extend_from_slice(b"</tr>\n");
}

fn paragraph(page: &mut Vec<u8>, text: &str) {
    page.extend_from_slice(b"<p>");
    html_text(page, text.as_bytes());
    page.extend_from_slice(b"</p>\n");
}

fn index(
    page: &mut Vec<u8>,
    request: &Request<'_>,
    gathered: &Gathered,
    given: &[Given],
    made: Made,
) {
    start(page, "Your data");
    page.extend_from_slice(DRAFT.as_bytes());
    let mut about = format!("Made on {}", request.made);
    if let Some(case) = &request.case {
        // Writing to a string cannot fail.
        let _ = write!(about, " for case {case}");
    }
    paragraph(page, &format!("{about}."));
    match request.level {
        Level::Pieces => paragraph(
            page,
            "This folder holds every record about you that was found: in the form in which it is kept \
             (records/), and as lists that any program reads (records.jsonl, records.csv, described in \
             schema.json). What belongs to other people is replaced by its kind in brackets, such as \
             [PHONE] or [NAME]; in places that take numbers only, by a 1 and zeros.",
        ),
        Level::Categories => paragraph(
            page,
            "This page says which categories of data about you are kept, and where. It shows no record.",
        ),
    }
    page.extend_from_slice(b"<h2>Categories of data</h2>\n");
    table(page, "What you are known by", &["Kind", "Found"]);
    for (entity, count) in &gathered.summary.findings {
        row(page, &[entity.name(), &count.to_string()]);
    }
    page.extend_from_slice(b"</table>\n");
    never(page, gathered, given);
    page.extend_from_slice(b"<h2>Sources</h2>\n");
    table(
        page,
        "Where it was found",
        &[
            "Source",
            "Kept as",
            "Category",
            "Purpose",
            "Where it came from",
            "Who gets it",
            "Kept for",
            "Found",
            "Records given",
            "In this folder",
        ],
    );
    for holds in &gathered.holds {
        let about = request.sources.of(&holds.path);
        let said = |what: fn(&crate::subject::About) -> Option<&String>| {
            about.and_then(what).map_or("not stated", String::as_str)
        };
        let recipients = about
            .map(|about| about.recipients.join(", "))
            .filter(|all| !all.is_empty());
        let one = given.iter().find(|one| one.path == holds.path);
        let (records, place) = match one {
            None => (String::new(), String::new()),
            Some(Given {
                withheld: Some(why),
                ..
            }) => (String::new(), format!("not given: {why}")),
            Some(one) => (one.records.to_string(), format!("records/{}", one.name)),
        };
        row(
            page,
            &[
                &request.shown(&holds.path),
                holds.format,
                said(|about| about.category.as_ref()),
                said(|about| about.purpose.as_ref()),
                said(|about| about.origin.as_ref()),
                recipients.as_deref().unwrap_or("not stated"),
                said(|about| about.retention.as_ref()),
                &holds.findings.to_string(),
                &records,
                &place,
            ],
        );
    }
    page.extend_from_slice(b"</table>\n<h2>What was searched</h2>\n");
    let summary = &gathered.summary;
    let unread = gathered.unread.len() as u64 + gathered.more_unread;
    paragraph(
        page,
        &format!(
            "{} files were searched, {} of them whole; {} were left out as asked. {} hold something about \
             you; {} records are given.",
            summary.files,
            summary.files.saturating_sub(unread),
            summary.excluded,
            made.files,
            made.records
        ),
    );
    if unread > 0 {
        table(
            page,
            "What could not be searched",
            &["Source", "How far", "Why"],
        );
        for one in &gathered.unread {
            let reason = one.reason.map_or_else(String::new, |reason| reason.name());
            row(
                page,
                &[&request.shown(&one.path), one.status.name(), &reason],
            );
        }
        page.extend_from_slice(b"</table>\n");
        if gathered.more_unread > 0 {
            paragraph(page, &format!("... and {} more", gathered.more_unread));
        }
    }
    paragraph(
        page,
        "Data was found by the numbers and addresses that you gave. A name that stands in a text by \
         itself has no form by which a program could find it: yours was not searched for, and the names \
         of others were taken out where a column, an address or a list of the case told of them.",
    );
    page.extend_from_slice(b"</body></html>\n");
}

/// What is held and never sent.
fn never(page: &mut Vec<u8>, gathered: &Gathered, given: &[Given]) {
    let of = |entity: Entity| {
        let labelled = given.iter().flat_map(|one| &one.counts);
        let labelled = labelled.filter(|count| count.entity == entity && count.operator.is_some());
        gathered
            .of(entity)
            .max(labelled.map(|count| count.values).sum())
    };
    let held: Vec<(Entity, u64)> = NEVER
        .iter()
        .map(|entity| (*entity, of(*entity)))
        .filter(|(_, count)| *count > 0)
        .collect();
    if held.is_empty() {
        return;
    }
    table(
        page,
        "Held in records of yours, and never sent to anybody (11 CCR 7024(d))",
        &["Kind", "How many"],
    );
    for (entity, count) in held {
        row(page, &[entity.name(), &count.to_string()]);
    }
    page.extend_from_slice(b"</table>\n");
}

fn covered(request: &Request<'_>, gathered: &Gathered, given: &[Given]) -> Value {
    let summary = &gathered.summary;
    let sources: Vec<Value> = gathered
        .holds
        .iter()
        .map(|holds| {
            let one = given.iter().find(|one| one.path == holds.path);
            let there = one.filter(|one| one.withheld.is_none());
            json!({
                "path": request.shown(&holds.path),
                "format": holds.format,
                "found": holds.findings,
                "records": there.map(|one| one.records),
                "file": there.map(|one| format!("records/{}", one.name)),
                "withheld": one.and_then(|one| one.withheld.clone()),
            })
        })
        .collect();
    let unread: Vec<Value> = gathered
        .unread
        .iter()
        .map(|one| {
            json!({
                "path": request.shown(&one.path),
                "status": one.status.name(),
                "reason": one.reason.map(|reason| reason.name()),
                "accepted": one.accepted,
            })
        })
        .collect();
    let mut all = Map::new();
    all.insert("schema".into(), json!(1));
    all.insert("status".into(), json!("draft"));
    all.insert("made".into(), json!(request.made));
    all.insert("case".into(), json!(request.case));
    let level = match request.level {
        Level::Categories => "categories",
        Level::Pieces => "pieces",
    };
    all.insert("level".into(), json!(level));
    all.insert(
        "searched".into(),
        json!({
            "files": summary.files,
            "bytes": summary.bytes,
            "excluded": summary.excluded,
            "incomplete": summary.incomplete,
        }),
    );
    all.insert("unread".into(), Value::Array(unread));
    all.insert("more_unread".into(), json!(gathered.more_unread));
    all.insert("sources".into(), Value::Array(sources));
    Value::Object(all)
}

/// The head of the page for who reviews.
pub(super) fn review_start(page: &mut Vec<u8>) {
    start(page, "To be looked at before it is sent");
    paragraph(
        page,
        "Every text in which somebody could be spoken of, as it will be sent. Names in free text have no \
         form: where one of another person is left, add it to the file of --names and make the package \
         anew.",
    );
    table(page, "Texts", &["Source", "Record", "Field", "Text"]);
}

/// One text.
pub(super) fn review_row(page: &mut Vec<u8>, source: &str, record: &str, field: &str, text: &str) {
    row(page, &[source, record, field, text]);
}

/// The end of the page.
pub(super) fn review_end(page: &mut Vec<u8>, texts: u64, listed: u64) {
    page.extend_from_slice(b"</table>\n");
    if texts > listed {
        // Writing to memory cannot fail.
        let _ = writeln!(
            page,
            "<p>... and {} more, in records.csv</p>",
            texts - listed
        );
    }
    page.extend_from_slice(b"</body></html>\n");
}
