//! Digits keyed in as tones (DTMF, ITU-T Q.23), in samples of one channel.
//!
//! Owns what a tone is: measured in hops of 6.4 ms, put together to blocks of 25.5 ms, followed
//! over time; and what makes it a digit rather than speech (Q.24, and the guards of common
//! receivers). Knows samples only, no container, no codec and no channel. What the digits are
//! together is for [`super::keyed`].

mod bank;
mod follow;
mod front;

use std::fmt;
use std::ops::Range;

use follow::{Follow, Found};

/// One digit that was keyed in.
#[derive(Clone, PartialEq, Eq)]
pub struct Digit {
    /// `0` to `9`, `*`, `#`, or `A` to `D`, in ASCII.
    pub key: u8,
    /// The samples it was heard in, counted from the first that was pushed; its edges are true to
    /// about 15 ms.
    pub samples: Range<u64>,
    /// The same in milliseconds, the end rounded up.
    pub ms: Range<u64>,
}

/// Shows when, not what.
impl fmt::Debug for Digit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digit({:?} ms)", self.ms)
    }
}

/// Hears digits in the samples of one channel, pushed block by block.
///
/// What it finds does not depend on how the samples are cut into blocks. It holds some hundred
/// samples whatever is pushed.
pub struct Tones {
    rate: u32,
    front: front::Front,
    bank: bank::Bank,
    follow: Follow,
    /// Hops that were heard.
    hops: u64,
    /// Up to this hop nothing is followed: what stands before is known.
    known: u64,
    /// At each mark behind that whether all was at rest, where that is noted.
    rests: Option<Vec<bool>>,
    /// Samples at the rate that tones are told at.
    room: Vec<f32>,
    found: Vec<Found>,
}

/// Samples taken at a time.
const BLOCK: usize = 4096;

/// Hops from one mark to the next: some 0.8 s.
const MARK: u64 = 128;

impl Tones {
    /// For samples of `rate`, in Hz; `None` for a rate that cannot hold the tones (below 4 kHz) or
    /// that no recorder has (above 384 kHz): such a recording was not searched.
    pub fn new(rate: u32) -> Option<Self> {
        if !(front::LOWEST_RATE..=front::HIGHEST_RATE).contains(&rate) {
            return None;
        }
        let front = front::Front::new(rate);
        let bank = bank::Bank::new(rate as f32 / front.step() as f32);
        Some(Tones {
            rate,
            front,
            bank,
            follow: Follow::default(),
            hops: 0,
            known: 0,
            rests: None,
            room: Vec::new(),
            found: Vec::new(),
        })
    }

    /// Marks it takes until nothing can be told any more of what was pushed before: the offset that
    /// is taken out has decayed by then to what a sample is rounded by.
    pub(crate) const SETTLES: u64 = 2;

    /// Notes at each mark whether all is at rest, so that listening may be taken up there again.
    pub(crate) fn marked(mut self) -> Self {
        self.rests = Some(Vec::new());
        self
    }

    /// Takes up listening at `mark`, where all was at rest. What is pushed first is the sample of
    /// [`Tones::SETTLES`] marks before, or the first one.
    pub(crate) fn resumed(rate: u32, mark: u64) -> Option<Self> {
        let mut tones = Tones::new(rate)?.marked();
        tones.hops = mark.saturating_sub(Self::SETTLES) * MARK;
        tones.known = mark * MARK;
        Some(tones)
    }

    /// Samples from one mark to the next.
    pub(crate) fn mark(&self) -> u64 {
        (self.bank.hop_len() * self.front.step()) as u64 * MARK
    }

    /// At each mark behind the one that listening was taken up at, whether all was at rest.
    pub(crate) fn rests(&self) -> &[bool] {
        self.rests.as_deref().unwrap_or_default()
    }

    /// Takes the next samples and adds the digits that ended in them to `out`, in their order.
    pub fn push(&mut self, samples: &[i16], out: &mut Vec<Digit>) {
        for block in samples.chunks(BLOCK) {
            let mut room = std::mem::take(&mut self.room);
            room.clear();
            self.front.push(block, &mut room);
            self.hear(&room, out);
            self.room = room;
        }
    }

    /// Adds the digits that the end of the samples ended.
    pub fn finish(mut self, out: &mut Vec<Digit>) {
        // Silence behind the last sample: a tone may end with the recording.
        let hop = self.bank.hop_len();
        let step = self.front.step();
        let silence = vec![0; hop * step * (bank::HOPS + 1)];
        let rest = hop - self.bank.begun();
        self.push(&silence[..(rest + hop) * step], out);
        self.follow.finish(&mut self.found);
        self.tell(out);
    }

    fn hear(&mut self, mut samples: &[f32], out: &mut Vec<Digit>) {
        while self.bank.fill(&mut samples) {
            self.hops += 1;
            if self.hops <= self.known {
                continue;
            }
            self.follow
                .block(&mut self.bank, self.hops, &mut self.found);
            if let Some(rests) = &mut self.rests
                && self.hops.is_multiple_of(MARK)
            {
                rests.push(self.follow.is_at_rest(self.hops));
            }
        }
        self.tell(out);
    }

    /// Adds what was found to `out`, its hops as samples and milliseconds.
    fn tell(&mut self, out: &mut Vec<Digit>) {
        let hop = (self.bank.hop_len() * self.front.step()) as u64;
        let rate = u64::from(self.rate);
        out.extend(self.found.drain(..).map(|found| {
            let samples = found.hops.start * hop..found.hops.end * hop;
            Digit {
                key: found.key,
                ms: samples.start * 1000 / rate..(samples.end * 1000).div_ceil(rate),
                samples,
            }
        }));
    }
}
