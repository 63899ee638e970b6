//! Learns from the beginning of a document which of its elements are records.

use super::entities::Entities;
use super::office::is_office;
use super::vocabulary::{Known, of_root};
use super::walk::{Kind, Walk};

/// Levels below the root at which records are looked for: an envelope in an envelope.
const LEVELS: usize = 6;
/// Names remembered for one level.
const NAMES: usize = 64;

/// What the beginning of a document says of the whole.
#[derive(Default)]
pub(super) struct Shape {
    /// The root element.
    pub(super) root: Vec<u8>,
    /// Elements that are records.
    pub(super) records: Vec<Vec<u8>>,
    /// What is known of such documents.
    pub(super) known: Option<&'static Known>,
    /// Whether it belongs to an office program's document, of which no record can go.
    pub(super) is_office: bool,
    /// What a document type says that names stand for.
    pub(super) entities: Option<Entities>,
    /// Text that is not blank stands outside the root, or an end tag closes nothing.
    pub(super) is_doubtful: bool,
}

/// Names met on one level, and whether one came twice under one parent.
#[derive(Default)]
struct Level {
    names: Vec<Vec<u8>>,
    /// Names under the parent that is open.
    siblings: Vec<Vec<u8>>,
    repeats: bool,
}

impl Shape {
    /// Walks `head`: records are the elements of the outermost level on which siblings share a
    /// name or are those that the root's name is made of, or the root where there is none.
    pub(super) fn of(head: &[u8]) -> Shape {
        let mut shape = Shape::default();
        let mut levels: Vec<Level> = Vec::new();
        levels.resize_with(LEVELS, Level::default);
        let mut walk = Walk::new(0);
        while let Some(token) = walk.next(head, &[]) {
            let name = || head.get(token.name(head)).unwrap_or_default();
            match token.kind {
                Kind::Open | Kind::Empty => {
                    let depth = walk.depth();
                    if depth == 1 && shape.root.is_empty() {
                        shape.root = name().to_vec();
                        let tag = head.get(token.start..token.end).unwrap_or_default();
                        shape.is_office = is_office(tag);
                    }
                    if let Some(level) = depth.checked_sub(2).and_then(|i| levels.get_mut(i)) {
                        level.meet(name());
                    }
                    if let Some(below) = levels.get_mut(depth.saturating_sub(1)) {
                        below.siblings.clear();
                    }
                }
                Kind::Text if walk.depth() == 0 => {
                    let text = head.get(token.start..token.end).unwrap_or_default();
                    shape.is_doubtful |= !text.trim_ascii().is_empty();
                }
                Kind::Close if walk.depth() == 0 => shape.is_doubtful = true,
                Kind::Aside if shape.root.is_empty() => {
                    let aside = head.get(token.start..token.end).unwrap_or_default();
                    shape.entities = shape.entities.or_else(|| Entities::of(aside));
                }
                _ => {}
            }
        }
        shape.known = of_root(&shape.root);
        shape.records = match shape.known {
            Some(known) => known.records.iter().map(|name| name.to_vec()).collect(),
            None => levels
                .into_iter()
                .enumerate()
                .find(|(number, level)| {
                    let named = || level.names.iter().any(|name| is_one_of(name, &shape.root));
                    level.repeats || *number == 0 && named()
                })
                .map(|(_, level)| level)
                .map_or_else(|| vec![shape.root.clone()], |level| level.names),
        };
        if shape.is_office {
            shape.records.clear();
        }
        shape.records.retain(|name| !name.is_empty());
        shape
    }
}

/// Whether the name of a root says that it holds elements called `name`, be it one only: `threads`,
/// `entries`, `CallList`.
fn is_one_of(name: &[u8], root: &[u8]) -> bool {
    let folded = |text: &[u8]| text.to_ascii_lowercase();
    let (name, root) = (folded(name), folded(root));
    let behind = |start: &[u8]| root.strip_prefix(start).map(<[u8]>::to_vec);
    let many = behind(&name).is_some_and(|rest| {
        let rest = rest
            .strip_prefix(b"_")
            .or(rest.strip_prefix(b"-"))
            .unwrap_or(&rest);
        [&b"s"[..], b"es", b"list", b"log", b"set"].contains(&rest)
    });
    let ies = || {
        name.strip_suffix(b"y")
            .and_then(behind)
            .is_some_and(|rest| rest == b"ies")
    };
    many || ies()
}

impl Level {
    fn meet(&mut self, name: &[u8]) {
        let among = |names: &[Vec<u8>]| names.iter().any(|known| known == name);
        if among(&self.siblings) {
            self.repeats = true;
        } else if self.siblings.len() < NAMES {
            self.siblings.push(name.to_vec());
        }
        if self.names.len() < NAMES && !among(&self.names) {
            self.names.push(name.to_vec());
        }
    }
}
