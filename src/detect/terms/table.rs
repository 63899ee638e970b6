//! The compiled terms: filter, phrase tree, and what each term asks of its surroundings.
//!
//! Owns the tables that `build/terms.rs` writes and the steps through them. They are plain
//! statics: nothing is built at start. It must not know text beyond one folded word.

use super::TermInfo;
use super::context::Rules;
use super::token;
use crate::entity::Entity;

/// Where every phrase begins.
pub(super) const ROOT: u16 = 0;

/// A term and its rules.
pub(super) struct Term {
    pub(super) info: TermInfo,
    /// Only in capitals: `AIDS`, not `aids`.
    pub(super) upper: bool,
    pub(super) rules: Rules,
}

/// A place in the phrase tree: the words read so far.
struct Node {
    /// The term these words are, plus one; 0 for none.
    term: u16,
    /// Whether a longer phrase begins with these words.
    goes_on: bool,
}

/// A step from `node` along the word `WORDS[at..at + len]`.
struct Step {
    node: u16,
    next: u16,
    at: u32,
    len: u8,
}

include!(concat!(env!("OUT_DIR"), "/terms.rs"));

/// The node behind `node` along `word` (folded), when a phrase goes there.
pub(super) fn step(node: u16, word: &[u8]) -> Option<u16> {
    let mask = SLOTS.len() - 1;
    let mut slot = token::step_hash(node, word) as usize & mask;
    loop {
        // A slot holds a step's index plus one; the table is at most half full, so 0 ends it.
        let step = STEPS.get(usize::from(*SLOTS.get(slot)?).checked_sub(1)?)?;
        let at = step.at as usize;
        if step.node == node && WORDS.get(at..at + usize::from(step.len)) == Some(word) {
            return Some(step.next);
        }
        slot = (slot + 1) & mask;
    }
}

/// The term that the words up to `node` are.
pub(super) fn term_of(node: u16) -> Option<u16> {
    NODES.get(usize::from(node))?.term.checked_sub(1)
}

/// Whether a longer phrase begins with the words up to `node`.
pub(super) fn goes_on(node: u16) -> bool {
    NODES
        .get(usize::from(node))
        .is_some_and(|node| node.goes_on)
}
