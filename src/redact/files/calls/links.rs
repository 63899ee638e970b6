//! Calls: the files and the records that go together, and whether they may.
//!
//! Owns what a call comes to. Knows neither names nor files.

use std::collections::{BTreeSet, HashSet};

use crate::redact::ageing::{Link, When, Why};
use crate::time::Undated;

/// Records that name a file which still is of one call: legs, transfers, a conference. What more
/// records name (an announcement that is played to everyone) goes with none of them.
const RECORDS_OF_A_CALL: u32 = 1_000;

/// Why a call stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Kept {
    pub(super) why: Why,
    /// The hold that says so, where it is one.
    pub(super) hold: Option<String>,
}

impl Kept {
    pub(super) const fn by(why: Why) -> Kept {
        Kept { why, hold: None }
    }

    pub(super) const fn by_hold(id: String) -> Kept {
        Kept {
            why: Why::Held,
            hold: Some(id),
        }
    }

    /// The one of two that is told.
    pub(super) fn first(one: Option<Kept>, other: Option<Kept>) -> Option<Kept> {
        match (one, other) {
            (Some(one), Some(other)) if other.rank() < one.rank() => Some(other),
            (Some(one), _) => Some(one),
            (None, other) => other,
        }
    }

    /// What is told first: the reasons that nothing but their end ends.
    const fn rank(&self) -> u8 {
        match self.why {
            Why::Held => 0,
            Why::Duty(_) => 1,
            Why::Refused => 2,
            Why::Undated(_) => 3,
            _ => 4,
        }
    }
}

/// What is known of one unit of files while records are gathered.
#[derive(Clone, Default)]
struct Of {
    records: u32,
    kept: Option<Kept>,
    /// Files with records that name it, by their numbers.
    sources: BTreeSet<u32>,
    /// The first and last time of its records, as far as they are known.
    times: Option<(i64, i64)>,
    /// Of some record it is not known when it is from.
    undated: bool,
}

/// What records name, as they are met.
pub(super) struct Links {
    of: Vec<Of>,
    pairs: HashSet<(u32, u32)>,
}

/// A call.
pub(super) struct Call {
    /// Its units of files.
    pub(super) units: Vec<u32>,
    /// The files with its records.
    pub(super) sources: BTreeSet<u32>,
    pub(super) kept: Option<Kept>,
    /// The first and last time of its records, as far as they are known.
    times: Option<(i64, i64)>,
    /// Of some record it is not known when it is from.
    undated: bool,
}

impl Call {
    /// Takes another reason to stay.
    pub(super) fn keep(&mut self, kept: Kept) {
        if self
            .kept
            .as_ref()
            .is_none_or(|before| kept.rank() < before.rank())
        {
            self.kept = Some(kept);
        }
    }
}

/// What a unit belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Belongs {
    /// To this call.
    To(u32),
    /// No record named it.
    ToNone,
    /// More records named it than those of one call.
    ToAll,
}

impl Links {
    pub(super) fn new(units: usize) -> Links {
        Links {
            of: vec![Of::default(); units],
            pairs: HashSet::new(),
        }
    }

    /// Takes a record of the file of this number.
    pub(super) fn add(&mut self, source: u32, link: &Link) {
        let kept = match link.why {
            Why::Erased | Why::WithFile => None,
            why => Some(Kept::by(why)),
        };
        for unit in &link.files {
            let Some(of) = self.of.get_mut(*unit as usize) else {
                continue;
            };
            of.records = of.records.saturating_add(1);
            of.sources.insert(source);
            if let Some(kept) = &kept
                && of
                    .kept
                    .as_ref()
                    .is_none_or(|before| kept.rank() < before.rank())
            {
                of.kept = Some(kept.clone());
            }
            let Ok(at) = link.when else {
                of.undated = true;
                continue;
            };
            let (first, last) = of.times.unwrap_or((at, at));
            of.times = Some((first.min(at), last.max(at)));
        }
        for pair in link.files.windows(2) {
            if let [one, other] = pair {
                self.pairs.insert((*one, *other));
            }
        }
    }

    /// Keeps every unit that the file of this number names.
    pub(super) fn keep(&mut self, source: u32, why: Why) {
        let kept = Kept::by(why);
        for of in &mut self.of {
            let stronger = |before: &Kept| kept.rank() < before.rank();
            if of.sources.contains(&source) && of.kept.as_ref().is_none_or(stronger) {
                of.kept = Some(kept.clone());
            }
        }
    }

    /// Makes all units that the file of this number names parts of one call: it goes as a whole.
    pub(super) fn join(&mut self, source: u32) {
        let of = self.of.iter().enumerate();
        let units: Vec<u32> = of
            .filter(|(_, of)| of.sources.contains(&source))
            .map(|(unit, _)| unit as u32)
            .collect();
        for pair in units.windows(2) {
            if let [one, other] = pair {
                self.pairs.insert((*one, *other));
            }
        }
    }

    /// The calls, in the order of their first units, and what each unit belongs to.
    pub(super) fn calls(self) -> (Vec<Call>, Vec<Belongs>) {
        let shared = |unit: u32| {
            let of = self.of.get(unit as usize);
            of.is_none_or(|of| of.records > RECORDS_OF_A_CALL)
        };
        let mut roots: Vec<u32> = (0..self.of.len() as u32).collect();
        for (one, other) in self
            .pairs
            .iter()
            .filter(|(a, b)| !shared(*a) && !shared(*b))
        {
            let (one, other) = (root(&mut roots, *one), root(&mut roots, *other));
            // The first of a call is its root, whatever the order in which it was met.
            let (first, last) = (one.min(other), one.max(other));
            if let Some(slot) = roots.get_mut(last as usize) {
                *slot = first;
            }
        }
        let mut calls: Vec<Call> = Vec::new();
        let mut belongs = vec![Belongs::ToNone; self.of.len()];
        for (number, of) in self.of.iter().enumerate() {
            let unit = number as u32;
            let to = match of.records {
                0 => Belongs::ToNone,
                _ if shared(unit) => Belongs::ToAll,
                _ => {
                    let first = root(&mut roots, unit) as usize;
                    match belongs.get(first) {
                        Some(Belongs::To(call)) if first != number => Belongs::To(*call),
                        _ => Belongs::To(calls.len() as u32),
                    }
                }
            };
            if let Some(slot) = belongs.get_mut(number) {
                *slot = to;
            }
            let Belongs::To(call) = to else { continue };
            if call as usize == calls.len() {
                calls.push(Call {
                    units: Vec::new(),
                    sources: BTreeSet::new(),
                    kept: None,
                    times: None,
                    undated: false,
                });
            }
            if let Some(call) = calls.get_mut(call as usize) {
                call.take(unit, of);
            }
        }
        (calls, belongs)
    }
}

impl Call {
    fn take(&mut self, unit: u32, of: &Of) {
        self.units.push(unit);
        self.sources.extend(&of.sources);
        if let Some(kept) = &of.kept {
            self.keep(kept.clone());
        }
        self.undated |= of.undated;
        self.times = match (self.times, of.times) {
            (Some((first, last)), Some((from, to))) => Some((first.min(from), last.max(to))),
            (mine, theirs) => mine.or(theirs),
        };
    }

    /// When it is from: the last of its times.
    pub(super) fn when(&self) -> When {
        let times = self.times.filter(|_| !self.undated);
        times.map(|(_, last)| last).ok_or(Undated::None)
    }

    /// The same, where all of its records are from one time.
    pub(super) fn moment(&self) -> Option<i64> {
        let times = self.times.filter(|_| !self.undated);
        times
            .filter(|(first, last)| first == last)
            .map(|(at, _)| at)
    }
}

fn root(roots: &mut [u32], unit: u32) -> u32 {
    let mut at = unit;
    while let Some(above) = roots.get(at as usize).copied()
        && above != at
    {
        // Shortens the way for who comes next.
        let over = roots.get(above as usize).copied().unwrap_or(above);
        if let Some(slot) = roots.get_mut(at as usize) {
            *slot = over;
        }
        at = above;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::Belongs::{To, ToAll, ToNone};
    use super::*;

    fn link(files: &[u32], why: Why, at: i64) -> Link {
        Link {
            files: files.to_vec(),
            why,
            when: Ok(at),
        }
    }

    #[test]
    fn what_is_named_together_is_one_call_and_one_reason_keeps_all_of_it() {
        let mut links = Links::new(6);
        links.add(0, &link(&[0, 3], Why::Erased, 5));
        links.add(1, &link(&[3, 4], Why::Erased, 9));
        links.add(1, &link(&[1], Why::Erased, 5));
        links.add(1, &link(&[4], Why::Duty(2), 5));
        links.add(2, &link(&[4], Why::Later, 5));
        for _ in 0..=RECORDS_OF_A_CALL {
            links.add(2, &link(&[1, 5], Why::Later, 5));
        }
        let (calls, belongs) = links.calls();
        assert_eq!(belongs, [To(0), ToAll, ToNone, To(0), To(0), ToAll]);
        assert_eq!(calls.len(), 1);
        let call = &calls[0];
        assert_eq!(call.units, [0, 3, 4]);
        assert_eq!(call.kept, Some(Kept::by(Why::Duty(2))));
        assert_eq!((call.when(), call.moment()), (Ok(9), None));
        assert_eq!(call.sources.iter().copied().collect::<Vec<_>>(), [0, 1, 2]);
    }
}
