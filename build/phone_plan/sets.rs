//! Whole-number matching: runs many patterns side by side and turns them into one automaton.

use std::collections::HashMap;

use super::dag::Dag;
use super::regex::{Op, Program};

/// No national number of any plan is longer (libphonenumber refuses more than 17 digits).
pub(super) const LONGEST: usize = 17;

/// Decides the answer for a number of `length` digits that the tagged patterns match wholly.
pub(super) trait Judge {
    fn answer(&mut self, matched: &[usize], length: usize) -> Result<u8, String>;
}

/// Builds the automaton of all patterns in `program` that start at `starts`; returns its root.
pub(super) fn build(
    dag: &mut Dag,
    program: &Program,
    starts: &[usize],
    judge: &mut dyn Judge,
) -> Result<u32, String> {
    let mut sets = Sets {
        dag,
        program,
        judge,
        known: HashMap::new(),
    };
    let first = closure(program, starts.iter().copied());
    sets.node(0, first)
}

struct Sets<'a> {
    dag: &'a mut Dag,
    program: &'a Program,
    judge: &'a mut dyn Judge,
    known: HashMap<(usize, Vec<usize>), u32>,
}

impl Sets<'_> {
    fn node(&mut self, length: usize, set: Vec<usize>) -> Result<u32, String> {
        if set.is_empty() || length > LONGEST {
            return Ok(self.dag.constant(0));
        }
        if let Some(&node) = self.known.get(&(length, set.clone())) {
            return Ok(node);
        }
        let matched: Vec<usize> = set
            .iter()
            .filter_map(|&at| match self.program.ops[at] {
                Op::Match(tag) => Some(tag),
                _ => None,
            })
            .collect();
        let end = self.judge.answer(&matched, length)?;
        let mut next = [0; 10];
        for (digit, slot) in next.iter_mut().enumerate() {
            let stepped = set.iter().filter_map(|&at| match self.program.ops[at] {
                Op::Digit(digits) if digits >> digit & 1 == 1 => Some(at + 1),
                _ => None,
            });
            *slot = self.node(length + 1, closure(self.program, stepped))?;
        }
        let node = self.dag.node(end, next);
        self.known.insert((length, set), node);
        Ok(node)
    }
}

/// Every digit and match operation reachable without consuming a digit, in order, once.
fn closure(program: &Program, from: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut pending: Vec<usize> = from.collect();
    let mut seen: Vec<usize> = Vec::new();
    while let Some(at) = pending.pop() {
        match program.ops[at] {
            Op::Split(a, b) => pending.extend([a, b]),
            Op::Jump(to) => pending.push(to),
            // Whole-number patterns end where the digits end, with or without the mark.
            Op::Open | Op::Close | Op::End => pending.push(at + 1),
            Op::Digit(_) | Op::Match(_) => seen.push(at),
        }
    }
    seen.sort_unstable();
    seen.dedup();
    seen
}
