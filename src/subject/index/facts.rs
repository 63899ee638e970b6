//! What the catalogue keeps of a source beside its name, as bytes: its account, and where its
//! windows lie.
//!
//! They are encrypted before they are written. It must not know the catalogue.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Mutex;

use super::varint::{put, take, take_bytes};
use crate::format::{Reason, Torn};
use crate::scan::{FileReport, SourcePath, Status, WindowAt};

/// The account of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Facts {
    pub(super) format: Option<&'static str>,
    pub(super) status: Status,
    pub(super) reason: Option<Reason>,
    pub(super) bytes: u64,
    pub(super) bytes_scanned: u64,
    /// Whether it holds sources of its own.
    pub(super) holds: bool,
    /// The accounts of these, in the order in which they were told, by their names in it; none where
    /// they are too many or would be told otherwise at the next try.
    pub(super) members: Vec<(String, Facts)>,
}

/// Members of which the accounts are kept.
pub(super) const MEMBERS: usize = 4096;

impl Facts {
    /// Of a source that was scanned.
    pub(super) fn of(report: &FileReport, holds: bool) -> Facts {
        Facts {
            format: report.format,
            status: report.status,
            reason: report.reason,
            bytes: report.bytes,
            bytes_scanned: report.bytes_scanned,
            holds,
            members: Vec::new(),
        }
    }

    /// The account of the source at `file` when nothing is found in it.
    pub(super) fn report(&self, file: PathBuf, member: Option<String>) -> FileReport {
        FileReport {
            path: SourcePath { file, member },
            format: self.format,
            status: self.status,
            reason: self.reason,
            accepted: false,
            bytes: self.bytes,
            bytes_scanned: self.bytes_scanned,
            findings: 0,
            allowed: 0,
            more: Vec::new(),
        }
    }

    /// As bytes.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let status = match self.status {
            Status::Scanned => 0,
            Status::Partial => 1,
            Status::Skipped => 2,
            Status::Failed => 3,
        };
        let mut out = vec![status | if self.holds { HOLDS } else { 0 }];
        put_text(&mut out, self.format.unwrap_or_default());
        put_text(&mut out, &self.reason.map(Reason::name).unwrap_or_default());
        put(&mut out, self.bytes);
        put(&mut out, self.bytes_scanned);
        if self.holds {
            put(&mut out, self.members.len() as u64);
            for (name, facts) in &self.members {
                put_text(&mut out, name);
                out.extend_from_slice(&facts.to_bytes());
            }
        }
        out
    }

    /// Reads bytes; `None` when they are none, or of a reason that is not known here: then the
    /// source is read again.
    pub(super) fn parse(mut from: &[u8]) -> Option<Facts> {
        Facts::take(&mut from, true)
    }

    /// Takes them off the front; what is within holds nothing more.
    fn take(from: &mut &[u8], outer: bool) -> Option<Facts> {
        let [status] = take_bytes(from)?;
        let holds = status & HOLDS != 0;
        let status = match status & !HOLDS {
            0 => Status::Scanned,
            1 => Status::Partial,
            2 => Status::Skipped,
            3 => Status::Failed,
            _ => return None,
        };
        let format = Some(take_text(from)?).filter(|name| !name.is_empty());
        let reason = match take_text(from)? {
            "" => None,
            name => Some(reason(name)?),
        };
        let mut facts = Facts {
            format: format.map(known_name),
            status,
            reason,
            bytes: take(from)?,
            bytes_scanned: take(from)?,
            holds,
            members: Vec::new(),
        };
        if holds && !outer {
            return None;
        }
        let members = if holds { take(from)? } else { 0 };
        for _ in 0..members {
            let name = take_text(from)?.to_owned();
            facts.members.push((name, Facts::take(from, false)?));
        }
        Some(facts)
    }
}

/// Beside the number of the status.
const HOLDS: u8 = 0x10;

fn put_text(out: &mut Vec<u8>, text: &str) {
    put(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

fn take_text<'a>(from: &mut &'a [u8]) -> Option<&'a str> {
    let len = take(from)? as usize;
    let (text, rest) = from.split_at_checked(len)?;
    *from = rest;
    std::str::from_utf8(text).ok()
}

/// Appends windows; each begins where the one before it ends.
pub(super) fn put_windows(out: &mut Vec<u8>, windows: &[WindowAt]) {
    put(out, windows.len() as u64);
    let mut before = WindowAt::default();
    for at in windows {
        let torn = at.torn;
        let bits = [torn.before, torn.behind, torn.value, at.apart, torn.goes_on];
        out.push((0..).zip(bits).map(|(i, bit)| u8::from(bit) << i).sum());
        put(out, at.offset.wrapping_sub(before.offset));
        put(out, at.bytes);
        put(out, at.lines.wrapping_sub(before.lines));
        put(out, at.records.wrapping_sub(before.records));
        put(out, at.tail);
        before = *at;
    }
}

/// Takes what [`put_windows`] appended.
pub(super) fn take_windows(from: &mut &[u8]) -> Option<Vec<WindowAt>> {
    let count = take(from)?;
    let mut windows = Vec::new();
    let mut before = WindowAt::default();
    for _ in 0..count {
        let [bits] = take_bytes(from)?;
        let at = WindowAt {
            torn: Torn {
                before: bits & 1 != 0,
                behind: bits & 2 != 0,
                value: bits & 4 != 0,
                goes_on: bits & 16 != 0,
            },
            apart: bits & 8 != 0,
            offset: before.offset.wrapping_add(take(from)?),
            bytes: take(from)?,
            lines: before.lines.wrapping_add(take(from)?),
            records: before.records.wrapping_add(take(from)?),
            tail: take(from)?,
        };
        windows.push(at);
        before = at;
    }
    Some(windows)
}

/// The reason of a name; `None` for those that may be gone at the next try.
fn reason(name: &str) -> Option<Reason> {
    if let Some(format) = name.strip_prefix("unsupported:") {
        return Some(Reason::Unsupported(known_name(format)));
    }
    [
        Reason::Opaque,
        Reason::Malformed,
        Reason::Truncated,
        Reason::Limit,
        Reason::Symlink,
        Reason::Special,
    ]
    .into_iter()
    .find(|reason| reason.name() == name)
}

/// A format's name for as long as the program runs. There are some dozens of them, so what is kept
/// is bounded.
fn known_name(name: &str) -> &'static str {
    static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut names = NAMES
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(known) = names.get(name) {
        return known;
    }
    let kept: &'static str = Box::leak(name.to_owned().into_boxed_str());
    names.insert(kept);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_come_back() {
        let facts = Facts {
            format: Some("csv"),
            status: Status::Partial,
            reason: Some(Reason::Unsupported("wav")),
            bytes: 1_000_003,
            bytes_scanned: 17,
            holds: true,
            members: Vec::new(),
        };
        let member = Facts {
            holds: false,
            ..facts.clone()
        };
        let facts = Facts {
            members: vec![
                ("a.csv".to_owned(), member.clone()),
                ("b/c.txt".to_owned(), member),
            ],
            ..facts
        };
        let bytes = facts.to_bytes();
        assert_eq!(Facts::parse(&bytes), Some(facts));
        for end in 0..bytes.len() {
            assert_eq!(Facts::parse(&bytes[..end]), None, "{end}");
        }
    }

    #[test]
    fn windows_come_back() {
        let windows: Vec<_> = (0..5_u64)
            .map(|i| WindowAt {
                offset: 3 + i * 200_000,
                bytes: 200_000,
                torn: Torn {
                    before: i == 1,
                    behind: i == 0,
                    value: i == 0,
                    goes_on: i < 4,
                },
                lines: i * 700,
                tail: i,
                records: i * 699,
                apart: true,
            })
            .collect();
        let mut bytes = Vec::new();
        put_windows(&mut bytes, &windows);
        assert_eq!(take_windows(&mut &bytes[..]), Some(windows));
        for end in 0..bytes.len() {
            assert_eq!(take_windows(&mut &bytes[..end]), None, "{end}");
        }
    }
}
