//! `efface find --explain` and `--linked`: what else is a person's by the records, and why.

use std::fmt::Write;
use std::sync::Arc;

use serde_json::json;

use super::args::When;
use super::exit::ExitStatus;
use super::misuse::Misuse;
use super::progress::{Bar, stop_on_interrupt};
use super::{hold, print};
use crate::entity::Entity;
use crate::finding::Canonical;
use crate::redact::operator::canonical_bytes;
use crate::report::{Printer, ReportFormat, Shown, mask};
use crate::scan::{Progress, ScanPlan};
use crate::subject::{LIKELY, Link, Links, follow};

/// Follows links and tells of them. With `explain` that is all, and how the command ends is told as
/// well; otherwise what is likely is searched for too.
pub(super) fn run(
    plan: &mut ScanPlan,
    (explain, format): (bool, ReportFormat),
    (show, quiet): (When, bool),
    printer: Printer,
) -> Result<(u64, Option<ExitStatus>), Misuse> {
    let progress = Arc::new(Progress::default());
    stop_on_interrupt(&progress);
    let bar = Bar::when(show, !quiet && printer.messages_seen(), &progress, printer);
    let links = follow(plan, &progress);
    bar.clear();
    let links = links.map_err(|error| Misuse::told(&error))?;
    let text = match format {
        ReportFormat::Jsonl => lines(&links, plan.show_values),
        // Other forms have no place for links; a note would be lost in them.
        ReportFormat::Csv | ReportFormat::Sarif | ReportFormat::Html => {
            return Err(Misuse::new(
                "links are told as a table or as jsonl only",
                "give --format jsonl, or leave --format away",
            ));
        }
        _ => table(&links, plan.show_values),
    };
    match print(printer, text.as_bytes()) {
        ExitStatus::Done => {}
        failed => return Ok((0, Some(failed))),
    }
    let found = links.links.len() as u64;
    if !explain {
        if let Some(subjects) = &mut plan.subjects {
            subjects.take_in(&links);
        }
        return Ok((found, None));
    }
    let status = if progress.stopped() || links.unread > 0 || links.cut {
        ExitStatus::Incomplete
    } else if found == 0 {
        ExitStatus::Found
    } else {
        ExitStatus::Done
    };
    Ok((found, Some(status)))
}

fn value(entity: Entity, canonical: &Canonical, show: bool) -> String {
    if show {
        Shown::text(&String::from_utf8_lossy(&canonical_bytes(canonical, &[]))).to_string()
    } else {
        mask::masked(entity, canonical)
    }
}

fn table(links: &Links, show: bool) -> String {
    let mut text = String::new();
    for (heading, likely) in [
        ("linked, to be confirmed by somebody", true),
        ("possible, and not searched for", false),
    ] {
        let some: Vec<&Link> = links
            .links
            .iter()
            .filter(|link| (link.confidence >= LIKELY) == likely)
            .collect();
        if !some.is_empty() {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{heading}");
        }
        for link in some {
            let _ = write!(
                text,
                "  {}:{}  {:.2}  with {}:{} on one side ({}) in {} records of {} files",
                link.entity,
                value(link.entity, &link.canonical, show),
                link.confidence.fraction(),
                link.with.0,
                value(link.with.0, &link.with.1, show),
                link.how.join(", "),
                link.records,
                link.files
            );
            if let (Some(from), Some(to)) = link.dates {
                let _ = write!(text, ", {} to {}", hold::day_of(from), hold::day_of(to));
            }
            if let Some((path, record)) = &link.first {
                let _ = write!(text, "; first {} record {record}", Shown::path(path));
            }
            text.push('\n');
        }
    }
    if !links.hubs.is_empty() {
        let _ = writeln!(text, "shared with too many, so that it links nobody");
    }
    for hub in &links.hubs {
        let _ = writeln!(
            text,
            "  {}:{}  stands with {}",
            hub.entity,
            value(hub.entity, &hub.canonical, show),
            hub.degree
        );
    }
    if text.is_empty() {
        text.push_str("no record shows anything else of the person\n");
    }
    if links.cut {
        let _ = writeln!(text, "there were too many records; some were not looked at");
    }
    text.push('\n');
    text
}

fn lines(links: &Links, show: bool) -> String {
    let mut text = String::new();
    for link in &links.links {
        let with =
            json!({"entity": link.with.0.name(), "value": value(link.with.0, &link.with.1, show)});
        let line = json!({
            "type": "link",
            "entity": link.entity.name(),
            "value": value(link.entity, &link.canonical, show),
            "confidence": link.confidence.fraction(),
            "likely": link.confidence >= LIKELY,
            "with": with,
            "how": link.how,
            "records": link.records,
            "files": link.files,
            "first": link.first.as_ref().map(|(path, record)| json!({"path": path.to_string_lossy(), "record": record})),
            "from": link.dates.0,
            "to": link.dates.1,
            "degree": link.degree,
        });
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{line}");
    }
    for hub in &links.hubs {
        let line = json!({
            "type": "hub",
            "entity": hub.entity.name(),
            "value": value(hub.entity, &hub.canonical, show),
            "degree": hub.degree,
        });
        let _ = writeln!(text, "{line}");
    }
    text
}
