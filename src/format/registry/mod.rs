//! The formats that can be read, and the choice among them.

use super::captions::{SRT, VTT};
use super::contacts::{ICALENDAR, VCARD};
use super::fixed::Fixed;
use super::framed::{JOURNAL, SYSLOG};
use super::json::{JSON, JSONL};
use super::mail::{EML, MBOX};
use super::objects::{BINARY_PLIST, TYPED_STREAM};
use super::sql::Sql;
use super::table::{CSV, TSV};
use super::text::Text;
use super::xml::Xml;
use super::{Format, Head, Likeness, Reader};
use crate::entity::edit_distance;

/// A format name that is not one, with the nearest that is.
#[derive(Debug, thiserror::Error)]
#[error("unknown format '{given}'\n\nhint: did you mean '{nearest}'?")]
pub struct UnknownFormat {
    given: String,
    nearest: &'static str,
}

static ALL: &[&dyn Format] = &[
    &TYPED_STREAM,
    &BINARY_PLIST,
    &VTT,
    &SRT,
    &MBOX,
    &EML,
    &VCARD,
    &ICALENDAR,
    &JOURNAL,
    &SYSLOG,
    &Sql,
    &Fixed,
    &JSONL,
    &JSON,
    &Xml,
    &CSV,
    &TSV,
    &Text,
];

/// Every format that can be read, from the most particular to plain text.
pub fn all() -> &'static [&'static dyn Format] {
    ALL
}

/// The format of a source that may be no text, by its first bytes as they are stored.
pub fn of_bytes(head: &[u8]) -> Option<&'static dyn Format> {
    all().iter().copied().find(|format| format.claims(head))
}

/// The likeliest format of a source, by content first and name second.
pub fn tell(head: &Head<'_>) -> &'static dyn Format {
    probe(head).0
}

/// The likeliest format of a source, and a reader for it.
pub fn tell_and_open(head: &Head<'_>) -> (&'static dyn Format, Box<dyn Reader>) {
    let (format, reader) = probe(head);
    (format, reader.unwrap_or_else(|| format.open(head)))
}

fn probe(head: &Head<'_>) -> (&'static dyn Format, Option<Box<dyn Reader>>) {
    let mut best: (&'static dyn Format, _) = (&Text, None);
    let mut surest = None;
    for &format in all() {
        if let Some((likeness, reader)) = format.probe(head)
            && surest.is_none_or(|surest| likeness > surest)
        {
            best = (format, reader);
            surest = Some(likeness);
        }
        // Of equals the first wins, and nothing is surer.
        if surest == Some(Likeness::Certain) {
            break;
        }
    }
    best
}

/// The format that `--as` names.
///
/// # Errors
/// [`UnknownFormat`] with the nearest name.
pub fn by_name(name: &str) -> Result<&'static dyn Format, UnknownFormat> {
    all()
        .iter()
        .copied()
        .find(|format| format.name() == name)
        .ok_or_else(|| UnknownFormat {
            given: name.to_owned(),
            nearest: all()
                .iter()
                .map(|format| format.name())
                .min_by_key(|candidate| edit_distance(candidate, name))
                .unwrap_or("text"),
        })
}

#[cfg(test)]
mod tests;
