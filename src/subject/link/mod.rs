//! Who is one person: identifiers that records show on the same side.
//!
//! Owns how far links are followed and what is told of them. A caller and a callee are never linked
//! by talking to each other; the company's own numbers link nobody; a shared line, which stands with
//! many, is a hub and links nobody either. Names link nothing further: two people may have one. Knows
//! neither files nor formats: records come as fields. What a side is stands in [`side`], what a link
//! is worth in [`graph`].

mod graph;
mod side;

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;

use super::Subjects;
use crate::detect::Detectors;
use crate::entity::{Entity, EntitySet};
use crate::finding::{Canonical, Confidence, Finding};
use crate::scan::{
    self, FileReport, Progress, ScanError, ScanPlan, Sink, SinkError, SourcePath, Summary, Wants,
};
use graph::Graph;

/// How far from what was given links are followed.
const ROUNDS: usize = 2;
/// Records looked at in a round; who stands in more is no single person.
const RECORDS: usize = 200_000;
/// From this confidence on a link is good enough to be searched for with `--linked`.
pub const LIKELY: Confidence = Confidence(80);

type Node = (Entity, Canonical);

/// That an identifier is the subject's.
pub struct Link {
    /// The kind.
    pub entity: Entity,
    /// The value.
    pub canonical: Canonical,
    /// What it stands with: one that was given, or linked before it.
    pub with: (Entity, Canonical),
    /// How sure.
    pub confidence: Confidence,
    /// In how many records they stand together.
    pub records: u64,
    /// In how many files.
    pub files: u64,
    /// What shows it: the side, or that the record is one person's.
    pub how: Vec<&'static str>,
    /// The file and record that show it first.
    pub first: Option<(PathBuf, u64)>,
    /// The time of the first and last record that has one, in seconds since 1970.
    pub dates: (Option<i64>, Option<i64>),
    /// With how many different names and addresses it stands, where that was looked at.
    pub degree: Option<usize>,
}

/// An identifier that links nobody.
pub struct Hub {
    /// The kind.
    pub entity: Entity,
    /// The value.
    pub canonical: Canonical,
    /// With how many different names and addresses it stands.
    pub degree: usize,
}

/// What records show.
#[derive(Default)]
pub struct Links {
    /// Identifiers that are the subject's too, the surest first.
    pub links: Vec<Link>,
    /// Those met that link nobody.
    pub hubs: Vec<Hub>,
    /// Files not read whole and not acknowledged.
    pub unread: u64,
    /// Whether records were left out because there were too many.
    pub cut: bool,
}

/// Follows links from the subjects of a plan.
///
/// # Errors
/// As a search.
pub fn follow(plan: &ScanPlan, progress: &Progress) -> Result<Links, ScanError> {
    let detectors = Detectors::new(
        scan::regions(&plan.regions)?,
        EntitySet::all(),
        plan.min_confidence,
    );
    let given: Vec<Node> = plan
        .subjects
        .iter()
        .flat_map(Subjects::iter)
        .map(|(entity, canonical)| (entity, canonical.clone()))
        .collect();
    let mut graph = Graph::new(&detectors, &plan.lists);
    let mut links = Links::default();
    let mut frontier = given.clone();
    for round in 0..=ROUNDS {
        if frontier.is_empty() || progress.stopped() {
            break;
        }
        let mut places = Places::default();
        let search = ScanPlan {
            subjects: Some(Subjects::of(&frontier)),
            ..plan.clone()
        };
        let summary = scan::run(&search, &mut Lent(&mut places), progress)?;
        if round == 0 {
            links.unread = summary.incomplete;
        }
        links.cut |= places.cut;
        graph.asked.extend(frontier.drain(..));
        for (path, numbers) in &places.records {
            graph.read(path, numbers);
        }
        frontier = graph.unasked(&given);
    }
    graph.conclude(&given, &mut links);
    Ok(links)
}

/// The records in which a search found something.
#[derive(Default)]
struct Places {
    records: BTreeMap<PathBuf, HashSet<u64>>,
    count: usize,
    cut: bool,
}

struct Lent<'p>(&'p mut Places);

impl Sink for Lent<'_> {
    fn wants(&self) -> Wants {
        Wants {
            places: true,
            values: false,
            times: false,
            first: None,
        }
    }

    fn findings(&mut self, path: &SourcePath, findings: &[Finding]) -> Result<(), SinkError> {
        for number in findings.iter().filter_map(|finding| finding.record) {
            if self.0.count >= RECORDS {
                self.0.cut = true;
                break;
            }
            let records = self.0.records.entry(path.file.clone()).or_default();
            self.0.count += usize::from(records.insert(number));
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

impl Subjects {
    /// Those of these values.
    pub(crate) fn of(nodes: &[Node]) -> Subjects {
        let mut subjects = Subjects::default();
        for (entity, canonical) in nodes {
            subjects.claim(*entity, canonical.clone(), None, super::Span::default());
        }
        subjects
    }

    /// Takes linked identifiers in.
    pub fn take_in(&mut self, links: &Links) -> u64 {
        let mut taken = 0;
        let likely = |link: &&Link| link.confidence >= LIKELY && link.entity != Entity::PersonName;
        for link in links.links.iter().filter(likely) {
            self.claim(
                link.entity,
                link.canonical.clone(),
                None,
                super::Span::default(),
            );
            taken += 1;
        }
        taken
    }
}
