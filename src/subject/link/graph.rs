//! What stands with what in records, and what that is worth.
//!
//! Owns the worth of a link and who links nobody. It must not know how records are found.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::side::{Side, sides};
use super::{Hub, Link, Links, Node};
use crate::detect::Detectors;
use crate::entity::Entity;
use crate::finding::Confidence;
use crate::lists::Lists;
use crate::scan::records::each_records;
use crate::time::Clock;

/// An identifier with more people's names or addresses than this is a shared line.
const SHARED: usize = 3;

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

/// What stands with what.
pub(super) struct Graph<'a> {
    detectors: &'a Detectors,
    lists: &'a Lists,
    clock: Clock,
    edges: HashMap<Node, HashMap<Node, Together>>,
    /// Records that were read already.
    read: HashMap<PathBuf, HashSet<u64>>,
    pub(super) asked: HashSet<Node>,
}

impl<'a> Graph<'a> {
    /// Of nothing yet.
    pub(super) fn new(detectors: &'a Detectors, lists: &'a Lists) -> Self {
        Graph {
            detectors,
            lists,
            clock: Clock::now(),
            edges: HashMap::new(),
            read: HashMap::new(),
            asked: HashSet::new(),
        }
    }

    /// Takes in what the records of these numbers show.
    pub(super) fn read(&mut self, path: &Path, numbers: &HashSet<u64>) {
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
    pub(super) fn unasked(&self, given: &[Node]) -> Vec<Node> {
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

    /// What follows for those who were given.
    pub(super) fn conclude(&self, given: &[Node], links: &mut Links) {
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
