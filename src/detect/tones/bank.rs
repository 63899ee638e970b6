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

/// What is summed: the tones and the second harmonic of each, as sine and cosine.
const SUMS: usize = 32;

/// Fourier sums of one hop.
#[derive(Clone, Copy)]
pub(super) struct Hop {
    /// Real parts of the tones and their harmonics, then the imaginary ones.
    sums: [f32; SUMS],
    /// Sum of squares.
    energy: f32,
}

impl Hop {
    const SILENCE: Hop = Hop {
        sums: [0.0; SUMS],
        energy: 0.0,
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

/// Sums hops.
pub(super) struct Bank {
    /// For each sample of a hop the cosines, then the sines, of what is summed.
    waves: Vec<[f32; SUMS]>,
    /// The turn that a hop makes, for each tone and harmonic.
    turn: [Phasor; SUMS / 2],
    /// The further turn for each tone that is off, by steps from the lowest.
    off: [[Phasor; 2 * OFF + 1]; 8],
    /// The harmonics that the rate can hold.
    harmonics: bool,
    /// The last hops, oldest first.
    last: [Hop; HOPS],
    now: Hop,
    filled: usize,
}

impl Bank {
    /// For samples of `rate`, in Hz.
    pub(super) fn new(rate: f32) -> Self {
        let len = (rate * 51.0 / 8_000.0).round() as usize;
        let tau = std::f32::consts::TAU;
        let frequency = |at: usize| TONES[at % 8] * if at < 8 { 1.0 } else { 2.0 };
        let waves = (0..len)
            .map(|sample| {
                std::array::from_fn(|at| {
                    // The angle in double precision: its turns are many.
                    let turns = f64::from(frequency(at % 16)) * sample as f64 / f64::from(rate);
                    let angle = turns * std::f64::consts::TAU;
                    (if at < 16 { angle.cos() } else { -angle.sin() }) as f32
                })
            })
            .collect();
        let hop = |frequency: f32| -tau * (frequency * len as f32 / rate).fract();
        Bank {
            waves,
            turn: std::array::from_fn(|at| Phasor::of(hop(frequency(at)))),
            off: std::array::from_fn(|tone| {
                std::array::from_fn(|step| {
                    let off = STEP_OFF * (step as f32 - OFF as f32);
                    Phasor::of(-tau * frequency(tone) * off * len as f32 / rate)
                })
            }),
            harmonics: rate > 2.0 * 2.0 * TONES[7] * 1.02,
            last: [Hop::SILENCE; HOPS],
            now: Hop::SILENCE,
            filled: 0,
        }
    }

    /// How many samples a hop has.
    pub(super) fn hop_len(&self) -> usize {
        self.waves.len()
    }

    /// Takes samples from the front of `samples` until a hop is full; `true` when one is.
    pub(super) fn fill(&mut self, samples: &mut &[f32]) -> bool {
        let take = (self.waves.len() - self.filled).min(samples.len());
        let (now, rest) = samples.split_at(take);
        *samples = rest;
        let waves = self.waves.get(self.filled..).unwrap_or_default();
        let mut sums = self.now.sums;
        let mut energy = self.now.energy;
        for (sample, waves) in now.iter().zip(waves) {
            energy += sample * sample;
            for (sum, wave) in sums.iter_mut().zip(waves) {
                *sum += sample * wave;
            }
        }
        self.now = Hop { sums, energy };
        self.filled += take;
        if self.filled < self.waves.len() {
            return false;
        }
        self.filled = 0;
        self.last.rotate_left(1);
        self.last[HOPS - 1] = std::mem::replace(&mut self.now, Hop::SILENCE);
        true
    }

    /// How many samples of the hop under way there are.
    pub(super) fn begun(&self) -> usize {
        self.filled
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

    fn sum(&self, hop: usize, at: usize) -> Phasor {
        let sums = &self.last[hop].sums;
        Phasor {
            re: sums[at],
            im: sums[at + 16],
        }
    }

    /// The part of the block's energy that is tone or harmonic `at`, when a hop turns it by `turn`.
    fn part(&self, at: usize, turn: Phasor) -> f32 {
        let mut total = Phasor { re: 0.0, im: 0.0 };
        let mut angle = Phasor { re: 1.0, im: 0.0 };
        for hop in 0..HOPS {
            let sum = self.sum(hop, at).times(angle);
            total.re += sum.re;
            total.im += sum.im;
            angle = angle.times(turn);
        }
        2.0 * total.power() / self.block_len() / self.energy().max(f32::MIN_POSITIVE)
    }

    /// For each tone the part of the last block's energy that it is: 1 for a pure one.
    pub(super) fn parts(&self) -> [f32; 8] {
        std::array::from_fn(|tone| self.part(tone, self.turn[tone]))
    }

    /// The same for `tone` where it may be off, and by how many steps, up or down, it is.
    pub(super) fn best_part(&self, tone: usize) -> (f32, usize) {
        let mut best = (0.0, 0);
        for (step, off) in self.off[tone].iter().enumerate() {
            let part = self.part(tone, self.turn[tone].times(*off));
            if part > best.0 {
                best = (part, step.abs_diff(OFF));
            }
        }
        best
    }

    /// The same for the second harmonic of `tone`; 0 where the rate cannot hold one.
    pub(super) fn harmonic(&self, tone: usize) -> f32 {
        if self.harmonics {
            self.part(tone + 8, self.turn[tone + 8])
        } else {
            0.0
        }
    }
}
