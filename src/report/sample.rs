//! Some findings drawn from all of a run, for a person to judge.
//!
//! Owns the drawing and the estimate of precision. Which findings are drawn depends on a seed and
//! on what was found, not on threads or time.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;

use super::mask::masked;
use crate::entity::Entity;
use crate::finding::{Confidence, Finding};
use crate::scan::{FileReport, Sink, SinkError, SourcePath, Summary, Wants};

/// A finding that was drawn.
#[derive(Clone)]
pub struct Drawn {
    /// The file it lies in.
    pub path: PathBuf,
    /// The member of the file, if it lies in one.
    pub member: Option<String>,
    /// Byte offsets in the source.
    pub span: Range<u64>,
    /// 1-based line, 0 where there are none.
    pub line: u64,
    /// What it is called where it lies.
    pub field: Option<String>,
    /// The kind.
    pub entity: Entity,
    /// How sure.
    pub confidence: Confidence,
    /// On what evidence.
    pub evidence: Vec<&'static str>,
    /// The value: masked, or as it stands when that was asked for.
    pub value: String,
}

/// Draws findings: those with the smallest numbers, which a seed and their places give them.
pub struct Sample {
    wanted: usize,
    seed: u64,
    show_values: bool,
    drawn: BTreeMap<u64, Drawn>,
    /// Findings among which was drawn.
    pub seen: u64,
}

impl Sample {
    /// Draws `wanted` findings.
    pub fn new(wanted: usize, seed: u64, show_values: bool) -> Self {
        Sample {
            wanted,
            seed,
            show_values,
            drawn: BTreeMap::new(),
            seen: 0,
        }
    }

    /// What was drawn, in an order that the seed gives.
    pub fn into_drawn(self) -> Vec<Drawn> {
        self.drawn.into_values().collect()
    }
}

/// One step of splitmix64, whose results are spread evenly.
fn mix(state: u64) -> u64 {
    let mut z = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

impl Sink for Sample {
    fn wants(&self) -> Wants {
        Wants {
            places: true,
            values: self.show_values,
            ..Wants::default()
        }
    }

    fn findings(&mut self, path: &SourcePath, findings: &[Finding]) -> Result<(), SinkError> {
        let name = path.file.as_os_str().as_encoded_bytes();
        let mut place = name
            .iter()
            .fold(mix(self.seed), |state, byte| mix(state ^ u64::from(*byte)));
        for byte in path.member.iter().flat_map(|member| member.bytes()) {
            place = mix(place ^ u64::from(byte));
        }
        for finding in findings {
            self.seen += 1;
            let row = finding.record.unwrap_or(0);
            let number = [
                finding.span.start,
                finding.span.end,
                row,
                finding.entity as u64,
            ]
            .into_iter()
            .fold(place, |state, part| mix(state ^ part));
            let last = self.drawn.last_key_value().map(|(last, _)| *last);
            if self.drawn.len() >= self.wanted && last.is_none_or(|last| number >= last) {
                continue;
            }
            let value = match &finding.value {
                Some(value) if self.show_values => String::from_utf8_lossy(&value.0).into_owned(),
                _ => masked(finding.entity, &finding.canonical),
            };
            self.drawn.insert(
                number,
                Drawn {
                    path: path.file.clone(),
                    member: path.member.clone(),
                    span: finding.span.clone(),
                    line: finding.line,
                    field: finding.field.as_deref().map(str::to_owned),
                    entity: finding.entity,
                    confidence: finding.confidence,
                    evidence: finding.evidence.names().collect(),
                    value,
                },
            );
            if self.drawn.len() > self.wanted {
                self.drawn.pop_last();
            }
        }
        Ok(())
    }

    fn file(&mut self, _report: &FileReport) -> Result<(), SinkError> {
        Ok(())
    }

    fn summary(&mut self, _summary: &Summary) -> Result<(), SinkError> {
        Ok(())
    }
}

/// The share of `right` among `judged`, and the interval that holds the true one in 95 of 100
/// samples (Wilson 1927).
pub fn precision(right: u64, judged: u64) -> Option<(f64, Range<f64>)> {
    const Z: f64 = 1.96;
    if judged == 0 {
        return None;
    }
    let n = judged as f64;
    let share = right as f64 / n;
    let middle = (share + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
    let spread = share * (1.0 - share) / n + Z * Z / (4.0 * n * n);
    let half = Z / (1.0 + Z * Z / n) * spread.sqrt();
    Some((share, (middle - half).max(0.0)..(middle + half).min(1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected bounds from the published tables of the Wilson score interval.
    #[test]
    fn the_interval_is_wilsons() {
        for (right, judged, low, high) in [
            (10, 10, 0.722, 1.0),
            (0, 10, 0.0, 0.278),
            (50, 100, 0.404, 0.596),
            (90, 100, 0.826, 0.945),
        ] {
            let (_, bounds) = precision(right, judged).unwrap();
            assert!((bounds.start - low).abs() < 0.001, "{right}/{judged}");
            assert!((bounds.end - high).abs() < 0.001, "{right}/{judged}");
        }
        assert!(precision(0, 0).is_none());
    }
}
