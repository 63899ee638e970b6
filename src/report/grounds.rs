//! Confidence and evidence, rendered once for each pair: a run has millions of findings and a few
//! dozen pairs.

use crate::finding::{Confidence, Evidence, Finding};

/// Pairs kept rendered.
const REMEMBERED: usize = 64;

/// The rendered pairs of one report.
#[derive(Default)]
pub(super) struct Grounds {
    known: Vec<(Confidence, Evidence, Vec<u8>)>,
}

impl Grounds {
    /// Appends what `render` makes of the finding's confidence and evidence.
    pub(super) fn append(
        &mut self,
        out: &mut Vec<u8>,
        finding: &Finding,
        render: fn(&mut Vec<u8>, Confidence, Evidence),
    ) {
        let (confidence, evidence) = (finding.confidence, finding.evidence);
        let mut known = self.known.iter();
        if let Some((.., rendered)) = known.find(|(c, e, _)| *e == evidence && *c == confidence) {
            out.extend_from_slice(rendered);
            return;
        }
        let start = out.len();
        render(out, confidence, evidence);
        if self.known.len() < REMEMBERED {
            let rendered = out.get(start..).unwrap_or_default().to_vec();
            self.known.push((confidence, evidence, rendered));
        }
    }
}
