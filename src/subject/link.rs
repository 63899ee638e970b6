//! Who is one person: identifiers that records show on the same side.
//!
//! Owns what counts as a side, what a link is worth and who links nobody. A caller and a callee are
//! never linked by talking to each other; the company's own numbers link nobody; a shared line, which
//! stands with many, is a hub and links nobody either. Names link nothing further: two people may
//! have one. Knows neither files nor formats: records come as fields.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::Subjects;
use crate::detect::labels::{Says, claim};
use crate::detect::{Detectors, Scratch};
use crate::entity::{Entity, EntitySet};
use crate::finding::{Canonical, Confidence, Finding};
use crate::lists::Lists;
use crate::scan::records::{Field, each_records};
use crate::scan::{
    self, FileReport, Progress, ScanError, ScanPlan, Sink, SinkError, SourcePath, Summary, Wants,
};
use crate::time::{Clock, Zone};
use crate::view::{Hinting, Hints, Party, Register, View};

/// How far from what was given links are followed.
const ROUNDS: usize = 2;
/// Records looked at in a round; who stands in more is no single person.
const RECORDS: usize = 200_000;
/// An identifier with more people's names or addresses than this is a shared line.
const SHARED: usize = 3;
/// From this confidence on a link is good enough to be searched for with `--linked`.
pub const LIKELY: Confidence = Confidence(80);

type Node = (Entity, Canonical);

/// Where and how two identifiers stand together.
#[derive(Clone, Default)]
struct Together {
    records: u64,
    files: BTreeSet<PathBuf>,
    how: BTreeSet<&'static str>,
    first: Option<(PathBuf, u64)>,
    from: Option<i64>,
    to: Option<i64>,
}

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
    let mut graph = Graph {
        detectors: &detectors,
        lists: &plan.lists,
        clock: Clock::new(
            Zone::utc(),
            None,
            crate::redact::files::now(),
            crate::redact::files::now(),
        ),
        edges: HashMap::new(),
        read: HashMap::new(),
        asked: HashSet::new(),
    };
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

/// What stands with what.
struct Graph<'a> {
    detectors: &'a Detectors,
    lists: &'a Lists,
    clock: Clock,
    edges: HashMap<Node, HashMap<Node, Together>>,
    /// Records that were read already.
    read: HashMap<PathBuf, HashSet<u64>>,
    asked: HashSet<Node>,
}

/// What ties the identifiers of a side together.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Of(Party),
    /// The record is one person's: a contact, a form.
    Whole,
}

impl Graph<'_> {
    fn read(&mut self, path: &Path, numbers: &HashSet<u64>) {
        let known = self.read.entry(path.to_path_buf()).or_default();
        let numbers: HashSet<u64> = numbers.difference(known).copied().collect();
        if numbers.is_empty() {
            return;
        }
        known.extend(&numbers);
        let mut seen = Vec::new();
        // What cannot be read again was told as unread by the search.
        let _ = each_records(path, |records| {
            for record in records {
                if let Some(number) = record.number.filter(|number| numbers.contains(number)) {
                    seen.push((
                        number,
                        record.time(&self.clock),
                        sides(&record.fields(), self.detectors, self.lists),
                    ));
                }
            }
        });
        for (number, time, sides) in seen {
            for (side, nodes) in sides {
                for one in &nodes {
                    for other in nodes.iter().filter(|other| *other != one) {
                        let edge = self
                            .edges
                            .entry(one.clone())
                            .or_default()
                            .entry(other.clone())
                            .or_default();
                        edge.add(path, number, time, side);
                    }
                }
            }
        }
    }

    /// What was met and can be looked for, and was not yet.
    fn unasked(&self, given: &[Node]) -> Vec<Node> {
        let hubs = |node: &Node| self.degree(node) > SHARED;
        let mut next: Vec<Node> = Vec::new();
        for (node, partners) in &self.edges {
            let known = given.contains(node) || self.asked.contains(node);
            if !known || hubs(node) {
                continue;
            }
            for other in partners.keys() {
                if other.0 != Entity::PersonName
                    && !self.asked.contains(other)
                    && !next.contains(other)
                {
                    next.push(other.clone());
                }
            }
        }
        next
    }

    /// With how many names, or with how many addresses, an identifier stands: the larger.
    fn degree(&self, node: &Node) -> usize {
        let Some(partners) = self.edges.get(node) else {
            return 0;
        };
        let of = |entity: Entity| partners.keys().filter(|one| one.0 == entity).count();
        of(Entity::PersonName)
            .max(of(Entity::Email))
            .max(of(Entity::Phone))
    }

    fn conclude(&self, given: &[Node], links: &mut Links) {
        let mut best: HashMap<Node, (f64, Node)> = HashMap::new();
        let mut reached: Vec<(Node, f64)> = given.iter().map(|node| (node.clone(), 1.0)).collect();
        let mut hubs: HashSet<Node> = HashSet::new();
        while let Some((node, sure)) = reached.pop() {
            let degree = self.degree(&node);
            if degree > SHARED {
                hubs.insert(node);
                continue;
            }
            // A name leads to nobody: others may have it.
            if node.0 == Entity::PersonName {
                continue;
            }
            for (other, together) in self.edges.get(&node).into_iter().flatten() {
                if given.contains(other) {
                    continue;
                }
                let worth = sure * self.worth(&node, other, together);
                if best.get(other).is_none_or(|(known, _)| worth > *known) {
                    best.insert(other.clone(), (worth, node.clone()));
                    reached.push((other.clone(), worth));
                }
            }
        }
        for (node, (worth, with)) in best {
            if hubs.contains(&node) {
                continue;
            }
            let together = self
                .edges
                .get(&with)
                .and_then(|all| all.get(&node))
                .cloned()
                .unwrap_or_default();
            links.links.push(Link {
                degree: self.asked.contains(&node).then(|| self.degree(&node)),
                entity: node.0,
                canonical: node.1,
                with,
                confidence: Confidence((worth * 100.0) as u8),
                records: together.records,
                files: together.files.len() as u64,
                how: together.how.into_iter().collect(),
                first: together.first,
                dates: (together.from, together.to),
            });
        }
        let order = |link: &Link| {
            (
                std::cmp::Reverse(link.confidence),
                link.entity,
                link.records,
                link.first.clone(),
            )
        };
        links.links.sort_by_key(order);
        links.hubs = hubs
            .into_iter()
            .map(|node| Hub {
                degree: self.degree(&node),
                entity: node.0,
                canonical: node.1,
            })
            .collect();
        links
            .hubs
            .sort_by_key(|hub| (std::cmp::Reverse(hub.degree), hub.entity));
    }

    /// What one link is worth: more the more records show it, less where the one or the other stands
    /// with rivals of the same kind as often.
    fn worth(&self, node: &Node, other: &Node, together: &Together) -> f64 {
        // A contact or a form says it outright; a name beside a number may be the line's.
        let doubt: f64 = if together.how.contains("contact") {
            0.1
        } else {
            0.3
        };
        let base = 1.0 - doubt.powi(together.records.min(8) as i32);
        let share = |of: &Node, kind: Entity| {
            let all: u64 = self
                .edges
                .get(of)
                .into_iter()
                .flatten()
                .filter(|(one, _)| one.0 == kind)
                .map(|(_, together)| together.records)
                .sum();
            if all == 0 {
                1.0
            } else {
                together.records as f64 / all as f64
            }
        };
        let back = if other.0 == Entity::PersonName {
            1.0
        } else {
            share(other, node.0)
        };
        base * share(node, other.0).max(0.5) * back.max(0.25)
    }
}

impl Together {
    fn add(&mut self, path: &Path, number: u64, time: Option<i64>, side: Side) {
        self.records += 1;
        self.files.insert(path.to_path_buf());
        self.first
            .get_or_insert_with(|| (path.to_path_buf(), number));
        self.how.insert(match side {
            Side::Of(party) => party.name(),
            Side::Whole => "contact",
        });
        if let Some(time) = time {
            self.from = Some(self.from.map_or(time, |from| from.min(time)));
            self.to = Some(self.to.map_or(time, |to| to.max(time)));
        }
    }
}

/// The identifiers of a record, side by side.
fn sides(fields: &[Field], detectors: &Detectors, lists: &Lists) -> Vec<(Side, Vec<Node>)> {
    let mut sides: Vec<(Side, Vec<Node>)> = Vec::new();
    let mut parties = false;
    for field in fields {
        let last = field.name.rsplit(['.', '/']).next().unwrap_or(&field.name);
        // What stands in a text is spoken of, and no side's.
        let Some(Says::Holds(holds)) = claim(last.as_bytes()) else {
            continue;
        };
        let side = match field.party {
            Some(Party::Own | Party::Agent | Party::Mention) => {
                parties = true;
                continue;
            }
            Some(party) => {
                parties = true;
                Side::Of(party)
            }
            None => Side::Whole,
        };
        let mut nodes = identifiers(&field.value, last, detectors);
        if nodes.is_empty() && holds == Entity::PersonName {
            nodes.extend(name(&field.value));
        }
        nodes.retain(|(entity, canonical)| !lists.owns(*entity, canonical));
        match sides.iter_mut().find(|(known, _)| *known == side) {
            Some((_, all)) => all.extend(nodes),
            None => sides.push((side, nodes)),
        }
    }
    // Where sides are told, what has none is nobody's.
    sides.retain(|(side, _)| *side != Side::Whole || !parties);
    for (_, nodes) in &mut sides {
        let mut seen = HashSet::new();
        nodes.retain(|node| seen.insert(node.clone()));
    }
    sides.retain(|(_, nodes)| nodes.len() > 1);
    sides
}

/// A name in the one spelling that all its spellings share.
fn name(text: &str) -> Option<Node> {
    let words: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric() && c != '\'' && c != '-')
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let text = words.join(" ");
    let is_name = words.len() > 1
        && text.chars().any(char::is_alphabetic)
        && !text.contains(|c: char| c.is_ascii_digit());
    is_name.then(|| {
        (
            Entity::PersonName,
            Canonical::Text(text.into_bytes().into()),
        )
    })
}

/// A value as the one cell of its column.
struct Cell<'a>(&'a [u8], usize);

impl Hinting for Cell<'_> {
    fn hints(&self, _at: usize) -> Hints<'_> {
        Hints {
            register: Register::Cell,
            label: Some(self.0),
            value: Some(0..self.1),
            ..Hints::default()
        }
    }
}

/// What reaches or names one person in a value; a name before a number or an address in brackets.
fn identifiers(value: &str, label: &str, detectors: &Detectors) -> Vec<Node> {
    let text = value.as_bytes();
    let mut hits = Vec::new();
    let cell = Cell(label.as_bytes(), text.len());
    detectors.scan(
        &View::raw(text, 0, &cell),
        &mut Scratch::default(),
        &mut hits,
    );
    let mut nodes: Vec<Node> = hits
        .iter()
        .filter(|hit| hit.confidence >= Confidence(50))
        .filter(|hit| {
            matches!(
                hit.entity,
                Entity::Phone | Entity::Email | Entity::Imei | Entity::Imsi | Entity::Iccid
            )
        })
        .map(|hit| (hit.entity, hit.canonical.clone()))
        .collect();
    if !nodes.is_empty()
        && let Some((before, _)) = value.split_once('<')
    {
        nodes.extend(name(before.trim().trim_matches('"')));
    }
    nodes
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

/// Fields for tests and for who has no file.
#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::phone::plan::Region;

    fn detectors() -> Detectors {
        Detectors::new(
            vec![Region::parse("US").unwrap()],
            EntitySet::all(),
            Confidence(20),
        )
    }

    fn field(name: &str, party: Option<Party>, value: &str) -> Field {
        Field {
            name: name.to_owned(),
            party,
            value: value.to_owned(),
        }
    }

    fn shown(fields: &[Field]) -> Vec<(usize, Vec<Entity>)> {
        let sides = sides(fields, &detectors(), &Lists::default());
        sides
            .iter()
            .map(|(side, nodes)| {
                let side = match side {
                    Side::Of(party) => *party as usize,
                    Side::Whole => 99,
                };
                (side, nodes.iter().map(|node| node.0).collect())
            })
            .collect()
    }

    #[test]
    fn only_what_stands_on_one_side_is_one_persons() {
        let caller = Some(Party::Caller);
        let call = [
            field("clid", caller, "\"Jane Doe\" <4165550123>"),
            field("src", caller, "+14165550123"),
            field("dst", Some(Party::Callee), "6475550148"),
            field("tracking_number", Some(Party::Own), "8005550199"),
        ];
        assert_eq!(
            shown(&call),
            [(
                Party::Caller as usize,
                vec![Entity::Phone, Entity::PersonName]
            )]
        );
        let contact = [
            field("name", None, "Jane Doe"),
            field("phone", None, "(416) 555-0123"),
            field("email", None, "jane@example.com"),
            field("notes", None, "ask for 647 555 0148"),
        ];
        assert_eq!(
            shown(&contact),
            [(99, vec![Entity::PersonName, Entity::Phone, Entity::Email])]
        );
        let log = [field("text", None, "from 4165550123 to 6475550148")];
        assert!(shown(&log).is_empty());
    }

    #[test]
    fn names_have_one_spelling_and_words_for_nobody_are_none() {
        let one = name("  DOE,  Jane ").map(|(_, canonical)| canonical);
        assert_eq!(one, Some(Canonical::Text((*b"doe jane").into())));
        assert!(name("Jane").is_none() && name("WIRELESS 2").is_none() && name("").is_none());
    }
}
