//! What a sweep remembers from one run to the next: of each file what it was when it was looked at,
//! what was in it, and when something in it may come due. Sealed, with paths only as keyed tags.
//!
//! Owns that file of the state. Knows no rule.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::redact::ageing::{Item, Tally, Why};
use crate::redact::failure::Outcome;
use crate::redact::io::Io;
use crate::redact::place::Identity;
use crate::redact::state::key::hex;
use crate::redact::state::{Key, Purpose, State};
use crate::time::Undated;

/// The name of the sealed file.
const NAME: &str = "swept";
/// Files that are remembered, at most: a bound on memory (R9); others are looked at again.
const MOST: usize = 2_000_000;
/// How long a round that was cut short may be gone on with, in seconds: what was looked at is as
/// good as new.
const ROUND: i64 = 86_400;

/// Everything remembered for one policy.
#[derive(Serialize, Deserialize, Default)]
pub(super) struct Remembered {
    /// Tells the policy and what it was used for.
    policy: u64,
    /// The round at hand, and when it began; 0 seconds: none is.
    round: u64,
    began: i64,
    files: BTreeMap<String, File>,
}

/// One file.
#[derive(Serialize, Deserialize)]
struct File {
    /// Device, inode, length.
    is: (u64, u64, u64),
    /// Modification and change time, in nanoseconds, as text: they have more bits than numbers of
    /// JSON.
    at: (String, String),
    /// When something may come due; `None`: it has to be looked at each time.
    next: Option<i64>,
    round: u64,
    /// Rule, fate, number of the duty, month, records.
    tally: Vec<(u16, String, u16, i32, u64)>,
}

impl Remembered {
    /// What the state remembers for the policy with this digest; nothing where it was another, or
    /// cannot be read: then everything is looked at.
    pub(super) fn read(io: &Io, state: &State, policy: u64, now: i64) -> Remembered {
        let read = state.read_sealed(io, NAME).ok();
        let read = read.and_then(|text| serde_json::from_slice::<Remembered>(&text).ok());
        let mut remembered = read
            .filter(|remembered| remembered.policy == policy)
            .unwrap_or(Remembered {
                policy,
                ..Remembered::default()
            });
        if remembered.began == 0 || !(0..ROUND).contains(&(now - remembered.began)) {
            remembered.round += 1;
            remembered.began = now;
        }
        remembered
    }

    /// Writes it, whole or not at all.
    pub(super) fn write(&self, io: &Io, state: &State) -> Outcome<()> {
        let text = serde_json::to_vec(self).unwrap_or_default();
        state.write_sealed(io, NAME, &text)
    }

    /// Every file was looked at: the next run begins a new round.
    pub(super) fn end_round(&mut self) {
        self.began = 0;
        let round = self.round;
        // What was not met any more is gone.
        self.files.retain(|_, file| file.round == round);
    }

    /// What was in a file, where it is as it was and nothing in it can have come due, or it was
    /// looked at in this round. A file that is met counts as looked at.
    pub(super) fn settled(&mut self, tag: &str, identity: &Identity, now: i64) -> Option<Tally> {
        let round = self.round;
        let file = self.files.get_mut(tag)?;
        let same = file.is == is(identity) && file.at == at(identity);
        let settled = same && (file.round == round || file.next.is_some_and(|next| now < next));
        if !settled {
            return None;
        }
        file.round = round;
        Some(file.tally())
    }

    /// Takes what was seen in a file; `next` as in [`File`].
    pub(super) fn note(
        &mut self,
        tag: String,
        identity: &Identity,
        tally: &Tally,
        next: Option<i64>,
    ) {
        if self.files.len() >= MOST && !self.files.contains_key(&tag) {
            return;
        }
        let counts = tally.iter().map(|(item, count)| {
            let duty = match item.why {
                Why::Duty(number) => number,
                _ => 0,
            };
            (
                item.rule,
                item.why.name().to_owned(),
                duty,
                item.month,
                count,
            )
        });
        let file = File {
            is: is(identity),
            at: at(identity),
            next,
            round: self.round,
            tally: counts.collect(),
        };
        self.files.insert(tag, file);
    }
}

impl File {
    fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        for (rule, why, duty, month, count) in &self.tally {
            let Some(why) = why_of(why, *duty) else {
                continue;
            };
            tally.add(Item::of(*rule, why, *month), *count);
        }
        tally
    }
}

/// The keyed tag of a path.
pub(super) fn tag(key: &Key, path: &Path) -> String {
    let whole = key.mac(
        Purpose::Path,
        &[b"sweep", path.as_os_str().as_encoded_bytes()],
    );
    hex(whole.split_at(16).0)
}

const fn is(identity: &Identity) -> (u64, u64, u64) {
    (identity.dev, identity.ino, identity.size)
}

fn at(identity: &Identity) -> (String, String) {
    (identity.mtime.to_string(), identity.ctime.to_string())
}

fn why_of(name: &str, duty: u16) -> Option<Why> {
    let undated = [
        Undated::None,
        Undated::Unreadable,
        Undated::Order,
        Undated::Absurd,
        Undated::Future,
    ];
    let known = [
        Why::Erased,
        Why::Redacted,
        Why::WithFile,
        Why::WithRecord,
        Why::Clean,
        Why::Later,
        Why::Duty(duty),
        Why::Held,
        Why::Refused,
    ];
    let mut all = known.into_iter().chain(undated.map(Why::Undated));
    all.find(|why| why.name() == name)
}
