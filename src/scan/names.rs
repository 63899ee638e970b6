//! Findings in names, and in what else stands in words beside a content: comments, owners, links.
//!
//! Owns where such a finding is told to be: in a field of its own, on no line, at offsets of the
//! words. Knows neither what finds nor where the words are stored.

use super::source::Task;
use super::window::{Memory, scan};
use crate::finding::Finding;
use crate::format::Width;
use crate::format::names::{Says, Words};
use crate::source::Window;

/// Values of one source that are told once, however often its headers repeat them.
const COMPARED: usize = 64;

/// What was found in words.
#[derive(Default)]
pub(super) struct Named {
    pub(super) findings: Vec<Finding>,
    /// Values that are no findings because the user says so.
    pub(super) allowed: u64,
}

impl Named {
    /// Adds what is found in `words`, but for values that were found before: headers repeat names.
    pub(super) fn look_once(&mut self, words: &Words, task: &Task<'_>, memory: &mut Memory) {
        let known = self.findings.len();
        self.look(words, task, memory);
        let new = self.findings.split_off(known);
        for finding in new {
            let same = |one: &Finding| {
                (one.entity, &one.canonical) == (finding.entity, &finding.canonical)
            };
            let before = self.findings.get(..known.min(COMPARED));
            if !before.unwrap_or_default().iter().any(same) {
                self.findings.push(finding);
            }
        }
    }

    /// Adds what is found in `words`.
    pub(super) fn look(&mut self, words: &Words, task: &Task<'_>, memory: &mut Memory) {
        let window = Window::whole(words.text.clone(), words.at);
        // Few names are ever in one source, and each finding of one is told.
        let wants = super::Wants {
            first: None,
            ..task.wants
        };
        let scanned = scan(&window, &*words.reader(), task.seek, wants, memory);
        self.allowed += scanned.allowed;
        for mut finding in memory.findings.drain(..) {
            // No line of a text is meant, but a place in the name.
            (finding.line, finding.column, finding.record) = (0, 0, None);
            finding.field = Some(words.says.field().into());
            self.findings.push(finding);
        }
    }
}

/// A name that is told by itself.
pub(super) fn name(text: &[u8]) -> Words {
    Words {
        says: Says::Name,
        at: 0,
        text: text.to_vec(),
        width: Width::Same,
    }
}
