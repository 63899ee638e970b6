//! The second look at the beginning of a stream: at what comes out, as who reads it next will.
//!
//! Owns how it is read then. Knows nothing of the pace.

use std::os::fd::AsFd;

use super::{Flow, Lane, splice};
use crate::edit::Refusal;
use crate::format::{self, HEAD_LEN, Head, Torn};
use crate::redact::derive::{Derived, Job, derive};
use crate::source::{Charset, Window};

/// How often what the beginning becomes is looked at again.
const ROUNDS: usize = 3;
/// Bytes of a long beginning that are looked at first: columns that are read otherwise show there.
const GLANCE: usize = 8 * 1024;

impl<F: AsFd> Flow<'_, F> {
    /// Looks at what the beginning becomes: masks may make it look like another format or charset,
    /// or take a header from a table. What is found so goes too; windows behind are read as the
    /// beginning first told, so then nobody can say that they are clean.
    pub(super) fn look_again(&self, lane: &mut Lane, job: &Job<'_>) {
        if lane.derived.splices.is_empty() {
            return;
        }
        let ended = self.input.ended && self.input.bytes.is_empty();
        let check = Job {
            overlook_fpe: true,
            ..*job
        };
        if lane.out.len() > GLANCE {
            let left = self.left(lane, GLANCE, ended, &check);
            if left.splices.is_empty() && left.refused <= lane.derived.refused {
                return;
            }
        }
        for round in 0..=ROUNDS {
            let left = self.left(lane, usize::MAX, ended, &check);
            if left.splices.is_empty() {
                // What its place refused at first is met again.
                let more = left.refused.saturating_sub(lane.derived.refused);
                if let Some(refusal) = left.refusal.filter(|_| more > 0) {
                    lane.derived.refuse(refusal, more);
                }
                if round > 0 && !ended {
                    break;
                }
                return;
            }
            let old = std::mem::take(&mut lane.out);
            splice(&old, 0, &left.splices, &mut lane.out);
        }
        lane.derived.refuse(Refusal::NoPlace, 1);
    }

    /// What is found in the first `len` bytes of what comes out, told by its own beginning.
    fn left(&self, lane: &mut Lane, len: usize, ended: bool, job: &Job<'_>) -> Derived {
        let mut window = self.window_of(&lane.out, lane.window.torn, ended);
        let head = Head {
            text: window
                .text
                .get(..window.text.len().min(HEAD_LEN))
                .unwrap_or_default(),
            name: self.source.name,
            whole: ended,
        };
        let reader = match self.source.as_format {
            Some(format) => format.open(&head),
            None => format::tell_and_open(&head).1,
        };
        if len < window.text.len() {
            window.text.truncate(len);
            window.torn.behind = true;
        }
        derive(&window, &*reader, job, &mut lane.memory)
    }

    /// The beginning of what comes out, as it is read by its own first bytes.
    fn window_of(&self, out: &[u8], torn: Torn, ended: bool) -> Window {
        let charset = if self.charset.mark() > 0 {
            self.charset
        } else {
            Charset::of(out, ended)
        };
        let mut text = Vec::new();
        let map = charset.decode(out, 0, &mut text);
        let mut window = Window::whole(text, 0);
        window.map = Some(map).filter(|_| !charset.is_plain());
        window.bytes = out.len() as u64;
        window.torn = torn;
        window
    }
}
