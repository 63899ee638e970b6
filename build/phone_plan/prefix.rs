//! Prefix matching as the regex engines libphonenumber runs on do it: the first alternative that
//! matches wins, and the span of the last group is kept. Turned into the shared automaton, whose
//! answer is the number of a [`Found`].

use std::collections::HashMap;

use super::dag::{Dag, Numbered};
use super::regex::{Op, Program};

/// What a prefix pattern matched: `end` digits; the last group covers `group`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Found {
    pub(super) end: usize,
    pub(super) group: Option<(usize, usize)>,
}

/// No match, or a match that changes nothing.
pub(super) const NOTHING: Found = Found {
    end: 0,
    group: None,
};

/// The longest prefix any plan has; a pattern that needs more is refused.
const DEEPEST: usize = 24;

#[derive(Clone, PartialEq, Eq, Hash)]
struct Thread {
    at: usize,
    open: Option<usize>,
    group: Option<(usize, usize)>,
}

/// Builds the automaton of one prefix pattern; returns its root.
pub(super) fn build(
    dag: &mut Dag,
    pattern: &str,
    found: &mut Numbered<Found>,
) -> Result<u32, String> {
    let mut program = Program::default();
    let start = program.add(pattern, 0, false)?;
    let mut prefixes = Prefixes {
        dag,
        program,
        found,
        known: HashMap::new(),
    };
    let mut threads = Vec::new();
    prefixes.follow(
        Thread {
            at: start,
            open: None,
            group: None,
        },
        0,
        &mut threads,
    );
    prefixes.node(0, threads, NOTHING)
}

type State = (usize, Vec<Thread>, Found);

struct Prefixes<'a> {
    dag: &'a mut Dag,
    program: Program,
    found: &'a mut Numbered<Found>,
    known: HashMap<State, u32>,
}

impl Prefixes<'_> {
    /// `threads` are in order of preference; `best` is what remains if all of them fail.
    fn node(
        &mut self,
        depth: usize,
        mut threads: Vec<Thread>,
        mut best: Found,
    ) -> Result<u32, String> {
        if depth > DEEPEST {
            return Err("a prefix pattern looks too far ahead".to_owned());
        }
        let at_end = threads
            .iter()
            .find(|thread| self.matches_at_end(thread.at))
            .map_or(best, |thread| Found {
                end: depth,
                group: thread.group,
            });
        // A match beats everything less preferred, but what is preferred to it may still come.
        if let Some(i) = threads
            .iter()
            .position(|thread| matches!(self.program.ops[thread.at], Op::Match(_)))
        {
            best = Found {
                end: depth,
                group: threads[i].group,
            };
            threads.truncate(i);
        }
        if threads.is_empty() {
            let answer = self.found.number(best)?;
            return Ok(self.dag.constant(answer));
        }
        let state = (depth, threads, best);
        if let Some(&node) = self.known.get(&state) {
            return Ok(node);
        }
        let answer = self.found.number(at_end)?;
        let mut next = [0; 10];
        for (digit, slot) in next.iter_mut().enumerate() {
            let mut after = Vec::new();
            for thread in &state.1 {
                if let Op::Digit(digits) = self.program.ops[thread.at]
                    && digits >> digit & 1 == 1
                {
                    let moved = Thread {
                        at: thread.at + 1,
                        ..thread.clone()
                    };
                    self.follow(moved, depth + 1, &mut after);
                }
            }
            *slot = self.node(depth + 1, after, best)?;
        }
        let node = self.dag.node(answer, next);
        self.known.insert(state, node);
        Ok(node)
    }

    /// Adds the thread and all it splits into, most preferred first, each place once.
    fn follow(&self, thread: Thread, depth: usize, threads: &mut Vec<Thread>) {
        match self.program.ops[thread.at] {
            Op::Split(a, b) => {
                self.follow(
                    Thread {
                        at: a,
                        ..thread.clone()
                    },
                    depth,
                    threads,
                );
                self.follow(Thread { at: b, ..thread }, depth, threads);
            }
            Op::Jump(to) => self.follow(Thread { at: to, ..thread }, depth, threads),
            Op::Open => {
                let moved = Thread {
                    at: thread.at + 1,
                    open: Some(depth),
                    ..thread
                };
                self.follow(moved, depth, threads);
            }
            Op::Close => {
                let group = thread.open.map(|open| (open, depth));
                self.follow(
                    Thread {
                        at: thread.at + 1,
                        open: None,
                        group,
                    },
                    depth,
                    threads,
                );
            }
            Op::Digit(_) | Op::Match(_) | Op::End => {
                if !threads.iter().any(|known| known.at == thread.at) {
                    threads.push(thread);
                }
            }
        }
    }

    fn matches_at_end(&self, at: usize) -> bool {
        match self.program.ops[at] {
            Op::Match(_) => true,
            Op::End | Op::Open | Op::Close => self.matches_at_end(at + 1),
            Op::Jump(to) => self.matches_at_end(to),
            Op::Split(a, b) => self.matches_at_end(a) || self.matches_at_end(b),
            Op::Digit(_) => false,
        }
    }
}
