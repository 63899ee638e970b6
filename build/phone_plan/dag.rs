//! One minimal acyclic automaton over digits, shared by every pattern of every region.
//! A node whose answer depends only on how many digits are left is a leaf, so a walk ends as soon
//! as nothing but the length matters. What an answer means is for the users of this module.

use std::collections::{BTreeSet, HashMap, HashSet};

/// Marks the number of a leaf among the numbers of nodes.
pub(super) const LEAF: u32 = 0x8000;
/// A leaf answers for 0 to 17 digits left; more digits left is answered as 17.
pub(super) const LEAF_WIDTH: usize = 18;

pub(super) type Leaf = [u8; LEAF_WIDTH];

/// The automaton under construction. Equal nodes are the same node, so it is always minimal.
#[derive(Default)]
pub(super) struct Dag {
    pub(super) rows: Vec<[u32; 10]>,
    /// The answer of each row when the digits end there.
    pub(super) ends: Vec<u8>,
    pub(super) leaves: Vec<Leaf>,
    known_rows: HashMap<(u8, [u32; 10]), u32>,
    known_leaves: HashMap<Leaf, u32>,
}

impl Dag {
    /// The leaf that gives these answers by the number of digits left.
    pub(super) fn leaf(&mut self, answers: Leaf) -> u32 {
        let leaves = &mut self.leaves;
        *self.known_leaves.entry(answers).or_insert_with(|| {
            leaves.push(answers);
            LEAF | (leaves.len() as u32 - 1)
        })
    }

    /// The leaf that gives one answer whatever follows.
    pub(super) fn constant(&mut self, answer: u8) -> u32 {
        self.leaf([answer; LEAF_WIDTH])
    }

    /// The node that answers `end` when the digits end here and goes on to `next` otherwise.
    pub(super) fn node(&mut self, end: u8, next: [u32; 10]) -> u32 {
        let first = next[0];
        if first & LEAF != 0 && next.iter().all(|&n| n == first) {
            let after = self.leaves[(first & !LEAF) as usize];
            // Shifting by one digit drops the last answer; that is exact only if it repeats.
            if after[LEAF_WIDTH - 2] == after[LEAF_WIDTH - 1] {
                let mut answers = [end; LEAF_WIDTH];
                answers[1..].copy_from_slice(&after[..LEAF_WIDTH - 1]);
                return self.leaf(answers);
            }
        }
        let (rows, ends) = (&mut self.rows, &mut self.ends);
        *self.known_rows.entry((end, next)).or_insert_with(|| {
            rows.push(next);
            ends.push(end);
            rows.len() as u32 - 1
        })
    }

    /// The first digits after which something other than answer 0 can still come.
    pub(super) fn first_digits(&mut self, root: u32) -> u16 {
        let nothing = self.constant(0);
        if root & LEAF != 0 {
            return if root == nothing { 0 } else { 0x3FF };
        }
        let row = self.rows[root as usize];
        (0..10)
            .filter(|&d| row[d] != nothing)
            .fold(0, |set, d| set | 1 << d)
    }

    /// The lengths (as bits) at which the walk from `root` can give an answer other than 0.
    pub(super) fn lengths(&self, root: u32, known: &mut HashMap<u32, u32>) -> u32 {
        if root & LEAF != 0 {
            let leaf = self.leaves[(root & !LEAF) as usize];
            return (0..LEAF_WIDTH)
                .filter(|&n| leaf[n] != 0)
                .fold(0, |set, n| set | 1 << n);
        }
        if let Some(&set) = known.get(&root) {
            return set;
        }
        let mut set = u32::from(self.ends[root as usize] != 0);
        for next in self.rows[root as usize] {
            set |= self.lengths(next, known) << 1;
        }
        known.insert(root, set);
        set
    }
}

/// Where a walk is: at a row, or at a leaf with this many digits of its answers used up.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct At {
    id: u32,
    used: usize,
}

impl Dag {
    /// Whether `wide` answers other than 0 wherever `narrow` gives an answer that `counts`.
    pub(super) fn covers(&self, wide: u32, narrow: u32, counts: impl Fn(u8) -> bool) -> bool {
        let start = (
            At { id: wide, used: 0 },
            At {
                id: narrow,
                used: 0,
            },
        );
        let mut seen = HashSet::from([start]);
        let mut pending = vec![start];
        while let Some((wide, narrow)) = pending.pop() {
            if self.end(wide) == 0 && counts(self.end(narrow)) {
                return false;
            }
            for digit in 0..10 {
                let next = (self.step(wide, digit), self.step(narrow, digit));
                if seen.insert(next) {
                    pending.push(next);
                }
            }
        }
        true
    }

    /// Where one digit leads from a root.
    pub(super) fn after(&self, root: u32, digit: usize) -> u32 {
        if root & LEAF == 0 {
            self.rows[root as usize][digit]
        } else {
            root
        }
    }

    /// Every answer a walk from `root` can give, in ascending order.
    pub(super) fn all_answers(&self, root: u32) -> Vec<u8> {
        let mut seen = HashSet::from([root]);
        let mut pending = vec![root];
        let mut answers = BTreeSet::new();
        while let Some(id) = pending.pop() {
            if id & LEAF != 0 {
                answers.extend(self.leaves[(id & !LEAF) as usize]);
                continue;
            }
            answers.insert(self.ends[id as usize]);
            pending.extend(
                self.rows[id as usize]
                    .iter()
                    .filter(|&&next| seen.insert(next)),
            );
        }
        answers.into_iter().collect()
    }

    fn end(&self, at: At) -> u8 {
        match at.id & LEAF {
            0 => self.ends[at.id as usize],
            _ => self.leaves[(at.id & !LEAF) as usize][at.used],
        }
    }

    fn step(&self, at: At, digit: usize) -> At {
        match at.id & LEAF {
            0 => At {
                id: self.rows[at.id as usize][digit],
                used: 0,
            },
            _ => At {
                used: (at.used + 1).min(LEAF_WIDTH - 1),
                ..at
            },
        }
    }
}

/// Gives small numbers to values, in order of first use; number 0 is taken by the first value.
pub(super) struct Numbered<T> {
    pub(super) values: Vec<T>,
}

impl<T: PartialEq> Numbered<T> {
    pub(super) fn with_zero(zero: T) -> Self {
        Self { values: vec![zero] }
    }

    pub(super) fn number(&mut self, value: T) -> Result<u8, String> {
        let at = self
            .values
            .iter()
            .position(|known| *known == value)
            .unwrap_or_else(|| {
                self.values.push(value);
                self.values.len() - 1
            });
        u8::try_from(at).map_err(|_| "more than 256 different answers".to_owned())
    }
}
