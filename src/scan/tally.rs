//! The account of one source: its lines, records, bytes and findings while windows come in.
//!
//! It must not know how a window is read or where its findings go.

use super::window::{Memory, Scanned};
use super::{Wants, WindowAt};
use crate::entity::Entity;
use crate::finding::{Canonical, Finding};
use crate::format::Reason;

/// The account of a source while its windows come in.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) lines: u64,
    pub(super) tail: u64,
    pub(super) records: u64,
    pub(super) bytes: u64,
    pub(super) bytes_read: u64,
    pub(super) findings: u64,
    pub(super) unread: Option<Reason>,
    /// Findings that were counted only.
    pub(super) more: Counts,
    /// Values that are no findings.
    pub(super) allowed: u64,
    pub(super) groups: Groups,
}

/// Gives the places of a record that repeat one value the same number.
#[derive(Default)]
pub(super) struct Groups {
    last: u32,
    /// The record, or the line of what lies in none.
    record: (Option<u64>, u64),
    /// Different values of the record in windows before.
    carried: Vec<(Entity, Canonical, u32)>,
    /// Where different values of the record stand first in this window.
    first: Vec<u32>,
}

/// Different values of one record that are remembered for grouping; a longer record starts over.
const VALUES_GROUPED: usize = 64;

impl Groups {
    /// Numbers the findings of a window.
    fn number(&mut self, findings: &mut [Finding]) {
        for i in 0..findings.len() {
            let (before, rest) = findings.split_at_mut(i);
            let Some(finding) = rest.first_mut() else {
                break;
            };
            let line = finding.record.map_or(finding.line, |_| 0);
            let full = self.first.len() + self.carried.len() >= VALUES_GROUPED;
            if self.record != (finding.record, line) || full {
                self.record = (finding.record, line);
                self.first.clear();
                self.carried.clear();
            }
            finding.group = self.known(before, finding).unwrap_or_else(|| {
                self.last += 1;
                self.first.push(i as u32);
                self.last
            });
        }
        // What the next window may repeat has to outlive this one's findings.
        for first in self.first.drain(..) {
            if let Some(finding) = findings.get(first as usize) {
                let value = finding.canonical.clone();
                self.carried.push((finding.entity, value, finding.group));
            }
        }
    }

    /// The number that the finding's value has already in its record.
    #[inline]
    fn known(&self, before: &[Finding], finding: &Finding) -> Option<u32> {
        let value = (finding.entity, &finding.canonical);
        let carried = self.carried.iter();
        let mut carried = carried.filter(|(entity, canonical, _)| (*entity, canonical) == value);
        carried.next().map(|(.., group)| *group).or_else(|| {
            let firsts = self.first.iter().filter_map(|&at| before.get(at as usize));
            let mut same = firsts.filter(|first| (first.entity, &first.canonical) == value);
            same.next().map(|first| first.group)
        })
    }
}

impl Tally {
    /// Of a source of which all before `at` is known.
    pub(super) fn up_to(at: &WindowAt) -> Tally {
        let mut tally = Tally::default();
        tally.go_to(at);
        tally
    }

    /// Counts on from `at`.
    pub(super) fn go_to(&mut self, at: &WindowAt) {
        (self.lines, self.tail, self.records) = (at.lines, at.tail, at.records);
        (self.bytes, self.bytes_read) = (at.offset, at.offset);
    }

    /// Where the next window lies.
    pub(super) fn next(&self, scanned: &Scanned, apart: bool) -> WindowAt {
        WindowAt {
            offset: self.bytes,
            bytes: scanned.bytes,
            torn: scanned.torn,
            lines: self.lines,
            tail: self.tail,
            records: self.records,
            apart,
        }
    }

    /// Joins the next window's counts and makes its findings' places those of the source.
    pub(super) fn join(&mut self, scanned: &Scanned, memory: &mut Memory, wants: Wants) {
        let findings = &mut *memory.findings;
        if wants.places {
            for finding in findings.iter_mut() {
                // A cell of a database stands on no line, and nothing in a recording.
                if finding.cell.is_none() && !scanned.in_recording {
                    if finding.line == 0 {
                        finding.column += self.tail;
                    }
                    finding.line += self.lines + 1;
                }
                let before = if scanned.in_recording {
                    0
                } else {
                    self.records
                };
                finding.record = finding.record.map(|record| record + before + 1);
            }
            self.groups.number(findings);
            self.tail = if scanned.lines == 0 {
                self.tail + scanned.tail
            } else {
                scanned.tail
            };
        }
        self.lines += scanned.lines;
        self.records += scanned.records;
        self.bytes += scanned.bytes;
        self.bytes_read += scanned.bytes_read;
        self.findings += findings.len() as u64 + scanned.more;
        if scanned.more > 0 {
            self.more.join(&memory.more);
        }
        self.allowed += scanned.allowed;
        self.unread = self.unread.or(scanned.unread);
    }
}

/// Findings by entity.
#[derive(Clone, Default)]
pub(super) struct Counts([u64; 32]);

impl Counts {
    pub(super) fn add(&mut self, findings: &[Finding]) {
        for finding in findings {
            self.0[finding.entity as usize] += 1;
        }
    }

    pub(super) fn add_list(&mut self, list: &[(Entity, u64)]) {
        for (entity, count) in list {
            self.0[*entity as usize] += count;
        }
    }

    /// Counts one more of `entity`.
    #[inline]
    pub(super) fn count(&mut self, entity: Entity) {
        self.0[entity as usize] += 1;
    }

    pub(super) fn join(&mut self, other: &Counts) {
        for (count, more) in self.0.iter_mut().zip(other.0) {
            *count += more;
        }
    }

    /// The count of `entity`.
    #[inline]
    pub(super) fn of(&self, entity: Entity) -> u64 {
        self.0[entity as usize]
    }

    pub(super) fn list(&self) -> Vec<(Entity, u64)> {
        Entity::ALL
            .iter()
            .map(|e| (*e, self.0[*e as usize]))
            .filter(|(_, n)| *n > 0)
            .collect()
    }
}
