//! What the first digit and the length of a number decide on their own: whether it can be refused
//! at once, and whether no prefix needs to be looked for. Derived from the compiled patterns.

use super::dag::Dag;
use super::data::Region;
use super::prefix::Found;

/// Lengths are told apart up to here; longer input takes the long way.
const LENGTHS: i32 = 32;

/// By first digit, sets of lengths (bit n for n digits).
#[derive(Clone, Default)]
pub(super) struct Shortcuts {
    /// No number of the region comes out of it.
    pub(super) refused: [u32; 10],
    /// It is the national number itself: no prefix is taken off.
    pub(super) direct: [u32; 10],
}

/// One region's compiled patterns.
pub(super) struct Patterns<'a> {
    pub(super) dag: &'a Dag,
    pub(super) found: &'a [Found],
    pub(super) region: &'a Region,
    pub(super) idd: u32,
    pub(super) idd_first: u16,
    pub(super) prefix: u32,
    /// The national prefix pattern of the calling code's main region, and that region.
    pub(super) main_prefix: u32,
    pub(super) main: &'a Region,
    pub(super) general_lengths: u32,
    /// Lengths that are valid or possible in the calling code.
    pub(super) accepted: u32,
}

impl Patterns<'_> {
    pub(super) fn shortcuts(&self) -> Shortcuts {
        let mut shortcuts = Shortcuts::default();
        for digit in (0..10).filter(|digit| self.idd_first >> digit & 1 == 0) {
            for length in 0..LENGTHS {
                let (changes, outcomes) = self.outcomes(digit, length);
                shortcuts.direct[digit] |= u32::from(!changes) << length;
                let refused = !outcomes
                    .iter()
                    .any(|&length| contains(self.accepted, length));
                shortcuts.refused[digit] |= u32::from(refused) << length;
            }
        }
        shortcuts
    }

    /// By the first two digits, lengths of which no number of the region comes.
    pub(super) fn refused_by_two(&self) -> Vec<u32> {
        let refused = |two: usize| {
            let (first, second) = (two / 10, two % 10);
            let dialled = self.dag.after(self.dag.after(self.idd, first), second);
            if self.dag.all_answers(dialled) != [0] {
                return 0;
            }
            (0..LENGTHS)
                .filter(|&length| {
                    let outcomes = self.outcomes_of_two(first, second, length);
                    !outcomes
                        .iter()
                        .any(|&length| contains(self.accepted, length))
                })
                .fold(0, |set, length| set | 1 << length)
        };
        (0..100).map(refused).collect()
    }

    /// Every length that a number may have in the end that starts with two digits.
    fn outcomes_of_two(&self, first: usize, second: usize, length: i32) -> Vec<i32> {
        let mut outcomes = vec![length];
        let prefix = self.dag.after(self.dag.after(self.prefix, first), second);
        let changes = self.changes(prefix, self.region);
        outcomes.extend(changes.iter().map(|change| length + change));
        let calling: Vec<usize> = digits(self.region.code);
        if calling.iter().zip([first, second]).all(|(a, b)| *a == b) {
            let after = |root: u32| match calling.len() {
                1 => self.dag.after(root, second),
                _ => root,
            };
            let rest = length - calling.len() as i32;
            let main = self.changes(self.main_prefix, self.main);
            for change in self.changes(after(self.prefix), self.region) {
                // What follows a prefix may start with any digit; what follows none is known.
                let again = match change {
                    0 => self.changes(after(self.main_prefix), self.main),
                    _ => main.clone(),
                };
                outcomes.extend(again.into_iter().map(|again| rest + change + again));
            }
        }
        outcomes
    }

    /// By the first two digits, lengths at which digits that start with the calling code of the
    /// main region, and so in international form, are a valid or possible number.
    pub(super) fn whole_by_two(&self) -> Vec<u32> {
        let calling = digits(self.region.code);
        let whole = |two: usize| {
            let (first, second) = (two / 10, two % 10);
            if !calling.iter().zip([first, second]).all(|(a, b)| *a == b) {
                return 0;
            }
            let prefix = match calling.len() {
                1 => self.dag.after(self.main_prefix, second),
                _ => self.main_prefix,
            };
            let changes = self.changes(prefix, self.main);
            (0..LENGTHS)
                .filter(|length| {
                    let rest = length - calling.len() as i32;
                    let mut outcomes = changes.iter().map(|change| rest + change);
                    outcomes.any(|length| contains(self.accepted, length))
                })
                .fold(0, |set, length| set | 1 << length)
        };
        (0..100).map(whole).collect()
    }

    /// Whether anything may be taken off a number, and every length it may have in the end.
    fn outcomes(&self, digit: usize, length: i32) -> (bool, Vec<i32>) {
        let mut changes = false;
        let mut outcomes = vec![length];
        for change in self.changes(self.dag.after(self.prefix, digit), self.region) {
            let stripped = length + change;
            let whole = self.region.lengths.iter().any(|&n| n as i32 == stripped);
            if change != 0 && (whole || self.is_too_long(stripped)) {
                changes = true;
                outcomes.push(stripped);
            }
        }
        let calling = self.region.code.to_string();
        if calling.as_bytes()[0] == b'0' + digit as u8 {
            for change in self.changes(self.prefix, self.region) {
                let after = length - calling.len() as i32 + change;
                if contains(self.general_lengths, after) || self.is_too_long(length) {
                    changes = true;
                    let again = self.changes(self.main_prefix, self.main);
                    outcomes.extend(again.into_iter().map(|change| after + change));
                }
            }
        }
        (changes, outcomes)
    }

    /// By how much a prefix pattern may lengthen a number (mostly by less than nothing), and 0.
    fn changes(&self, root: u32, region: &Region) -> Vec<i32> {
        let mut changes = vec![0];
        for answer in self.dag.all_answers(root) {
            let Found { end, group } = self.found[usize::from(answer)];
            let mut change = -(end as i32);
            if let (Some(rule), Some((from, to))) = (&region.rewrite, group) {
                // The rule is its digits, then a backslash and the number of the group.
                change += rule.len() as i32 - 2 + (to - from) as i32;
            }
            changes.push(change);
        }
        changes.sort_unstable();
        changes.dedup();
        changes
    }

    fn is_too_long(&self, length: i32) -> bool {
        let longest = self.region.lengths.iter().max().map_or(0, |&n| n as i32);
        length > longest && !self.region.local.iter().any(|&n| n as i32 == length)
    }
}

/// The digits of a calling code.
fn digits(code: u16) -> Vec<usize> {
    let text = code.to_string();
    text.bytes()
        .map(|digit| usize::from(digit - b'0'))
        .collect()
}

fn contains(set: u32, length: i32) -> bool {
    (0..LENGTHS).contains(&length) && set >> length & 1 == 1
}
