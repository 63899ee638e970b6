//! How much of each tone is in a stretch of samples.
//!
//! Owns the measuring: the Fourier sums that Goertzel's recursion gives, taken as plain products,
//! which a processor can do for all tones at once. Each hop of 6.4 ms is summed once; a block is
//! four hops, put together with the phases between them, and may be put together for a tone that
//! is a little off. Knows no digits.

/// The tones of the rows, then of the columns, in Hz (ITU-T Q.23).
pub(super) const TONES: [f32; 8] = [697.0, 770.0, 852.0, 941.0, 1209.0, 1336.0, 1477.0, 1633.0];

/// Hops in a block: 25.5 ms, the 205 samples of the classic receivers, give or take one.
pub(super) const HOPS: usize = 4;

/// A tone may be off by this many steps of [`STEP_OFF`] to either side.
pub(super) const OFF: usize = 4;

/// By how much, of its frequency, a step is off. Receivers accept 1.5 % and refuse 3.5 % (Q.24).
const STEP_OFF: f32 = 0.0065;

/// What is summed of every hop: the tones.
const SUMS: usize = 8;

/// Fourier sums of one hop.
#[derive(Clone, Copy)]
struct Hop {
    re: [f32; SUMS],
    im: [f32; SUMS],
    /// Sum of squares.
    energy: f32,
    /// Whether the tones were summed: nobody asks that of what is silent.
    summed: bool,
}

impl Hop {
    const SILENCE: Hop = Hop {
        re: [0.0; SUMS],
        im: [0.0; SUMS],
        energy: 0.0,
        summed: false,
    };
}

#[derive(Clone, Copy)]
struct Phasor {
    re: f32,
    im: f32,
}

impl Phasor {
    fn of(angle: f32) -> Self {
        Phasor {
            re: angle.cos(),
            im: angle.sin(),
        }
    }

    fn times(self, other: Phasor) -> Phasor {
        Phasor {
            re: self.re * other.re - self.im * other.im,
            im: self.re * other.im + self.im * other.re,
        }
    }

    fn power(self) -> f32 {
        self.re * self.re + self.im * self.im
    }
}

/// The cosines and the sines that one sample is multiplied by, tone by tone.
type Wave = ([f32; SUMS], [f32; SUMS]);

/// Sums hops.
pub(super) struct Bank {
    /// For each sample of a hop what the tones are summed by, and their second harmonics.
    waves: Vec<Wave>,
    overtones: Vec<Wave>,
    /// The turns that hops make, for each tone: of as many hops as stand before.
    turns: [Turns; HOPS],
    /// The same for the harmonics.
    over_turns: [Turns; HOPS],
    /// The further turn for each tone that is off, by steps from the lowest.
    off: [[Phasor; 2 * OFF + 1]; 8],
    /// The harmonics that the rate can hold.
    harmonics: bool,
    /// The last hops, oldest first, and their samples.
    last: [Hop; HOPS],
    samples: [Vec<f32>; HOPS],
    /// The samples of the hop under way.
    now: Vec<f32>,
}

/// The turns of all tones, their cosines and sines.
type Turns = ([f32; SUMS], [f32; SUMS]);

/// What hops turn by that one turns by `turn`.
fn turns(turn: &[Phasor; SUMS]) -> [Turns; HOPS] {
    let mut angle = [Phasor { re: 1.0, im: 0.0 }; SUMS];
    std::array::from_fn(|_| {
        let now = (angle.map(|one| one.re), angle.map(|one| one.im));
        for (angle, turn) in angle.iter_mut().zip(turn) {
            *angle = angle.times(*turn);
        }
        now
    })
}

impl Bank {
    /// For samples of `rate`, in Hz.
    pub(super) fn new(rate: f32) -> Self {
        let len = (rate * 51.0 / 8_000.0).round() as usize;
        let tau = std::f32::consts::TAU;
        let waves = |times: f32| {
            let of = |sample: usize, turn: fn(f64) -> f64| {
                std::array::from_fn(|tone| {
                    // The angle in double precision: its turns are many.
                    let frequency = f64::from(TONES[tone] * times);
                    let turns = frequency * sample as f64 / f64::from(rate);
                    turn(turns * std::f64::consts::TAU) as f32
                })
            };
            let samples = 0..len;
            samples
                .map(|sample| (of(sample, f64::cos), of(sample, |angle| -angle.sin())))
                .collect()
        };
        let hop = |frequency: f32| Phasor::of(-tau * (frequency * len as f32 / rate).fract());
        Bank {
            waves: waves(1.0),
            overtones: waves(2.0),
            turns: turns(&TONES.map(hop)),
            over_turns: turns(&TONES.map(|tone| hop(tone * 2.0))),
            off: std::array::from_fn(|tone| {
                std::array::from_fn(|step| {
                    let off = STEP_OFF * (step as f32 - OFF as f32);
                    Phasor::of(-tau * TONES[tone] * off * len as f32 / rate)
                })
            }),
            harmonics: rate > 2.0 * 2.0 * TONES[7] * 1.02,
            last: [Hop::SILENCE; HOPS],
            samples: std::array::from_fn(|_| vec![0.0; len]),
            now: Vec::with_capacity(len),
        }
    }

    /// How many samples a hop has.
    pub(super) fn hop_len(&self) -> usize {
        self.waves.len()
    }

    /// Takes samples from the front of `samples` until a hop is full; `true` when one is.
    pub(super) fn fill(&mut self, samples: &mut &[f32]) -> bool {
        let take = (self.waves.len() - self.now.len()).min(samples.len());
        let (now, rest) = samples.split_at(take);
        *samples = rest;
        self.now.extend_from_slice(now);
        if self.now.len() < self.waves.len() {
            return false;
        }
        self.last.rotate_left(1);
        self.samples.rotate_left(1);
        self.last[HOPS - 1] = Hop {
            energy: energy(&self.now),
            ..Hop::SILENCE
        };
        std::mem::swap(&mut self.samples[HOPS - 1], &mut self.now);
        self.now.clear();
        true
    }

    /// How many samples of the hop under way there are.
    pub(super) fn begun(&self) -> usize {
        self.now.len()
    }

    /// Mean square of the last block.
    pub(super) fn level(&self) -> f32 {
        self.energy() / self.block_len()
    }

    fn energy(&self) -> f32 {
        self.last.iter().map(|hop| hop.energy).sum()
    }

    fn block_len(&self) -> f32 {
        (self.waves.len() * HOPS) as f32
    }

    /// What the power of a sum is of the block's energy.
    fn scale(&self) -> f32 {
        2.0 / self.block_len() / self.energy().max(f32::MIN_POSITIVE)
    }

    /// For each tone the part of the last block's energy that it is: 1 for a pure one.
    pub(super) fn parts(&mut self) -> [f32; 8] {
        for (hop, samples) in self.last.iter_mut().zip(&self.samples) {
            if !hop.summed {
                (hop.re, hop.im) = sums(samples, &self.waves);
                hop.summed = true;
            }
        }
        let (mut re, mut im) = ([0.0; SUMS], [0.0; SUMS]);
        for (hop, (cosines, sines)) in self.last.iter().zip(&self.turns) {
            for tone in 0..SUMS {
                re[tone] += hop.re[tone] * cosines[tone] - hop.im[tone] * sines[tone];
                im[tone] += hop.re[tone] * sines[tone] + hop.im[tone] * cosines[tone];
            }
        }
        let scale = self.scale();
        std::array::from_fn(|tone| (re[tone] * re[tone] + im[tone] * im[tone]) * scale)
    }

    /// The same for `tone` where it may be off, and by how many steps, up or down, it is; what
    /// [`Bank::parts`] summed.
    pub(super) fn best_part(&self, tone: usize) -> (f32, usize) {
        let mut hops = [Phasor { re: 0.0, im: 0.0 }; HOPS];
        for ((sum, hop), (cosines, sines)) in hops.iter_mut().zip(&self.last).zip(&self.turns) {
            let (re, im) = (hop.re[tone], hop.im[tone]);
            let turn = Phasor {
                re: cosines[tone],
                im: sines[tone],
            };
            *sum = Phasor { re, im }.times(turn);
        }
        let mut best = (0.0, 0);
        for (step, off) in self.off[tone].iter().enumerate() {
            let mut total = Phasor { re: 0.0, im: 0.0 };
            let mut angle = Phasor { re: 1.0, im: 0.0 };
            for hop in hops {
                let sum = hop.times(angle);
                total.re += sum.re;
                total.im += sum.im;
                angle = angle.times(*off);
            }
            if total.power() > best.0 {
                best = (total.power(), step.abs_diff(OFF));
            }
        }
        (best.0 * self.scale(), best.1)
    }

    /// The same for the second harmonic of `tone`; 0 where the rate cannot hold one.
    pub(super) fn harmonic(&self, tone: usize) -> f32 {
        if !self.harmonics {
            return 0.0;
        }
        let mut total = Phasor { re: 0.0, im: 0.0 };
        for (samples, (cosines, sines)) in self.samples.iter().zip(&self.over_turns) {
            let mut sum = Phasor { re: 0.0, im: 0.0 };
            for (sample, (cosine, sine)) in samples.iter().zip(&self.overtones) {
                sum.re += sample * cosine[tone];
                sum.im += sample * sine[tone];
            }
            let sum = sum.times(Phasor {
                re: cosines[tone],
                im: sines[tone],
            });
            total.re += sum.re;
            total.im += sum.im;
        }
        total.power() * self.scale()
    }
}

/// The sum of squares, in eight lanes that the compiler can take at once.
fn energy(samples: &[f32]) -> f32 {
    let (eights, rest) = samples.as_chunks::<8>();
    let mut lanes = [0.0f32; 8];
    for eight in eights {
        for (lane, sample) in lanes.iter_mut().zip(eight) {
            *lane += sample * sample;
        }
    }
    let rest: f32 = rest.iter().map(|sample| sample * sample).sum();
    lanes.iter().sum::<f32>() + rest
}

/// The sums of a hop, for all tones at once.
fn sums(samples: &[f32], waves: &[Wave]) -> ([f32; SUMS], [f32; SUMS]) {
    let (mut re, mut im) = ([0.0f32; SUMS], [0.0f32; SUMS]);
    for (sample, (cosines, sines)) in samples.iter().zip(waves) {
        for tone in 0..SUMS {
            re[tone] += sample * cosines[tone];
            im[tone] += sample * sines[tone];
        }
    }
    (re, im)
}
