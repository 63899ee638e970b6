//! Brings samples of any rate down to about 8 kHz, the rate at which tones are told.
//!
//! Owns the low-pass that keeps what lies above the telephone band from folding into it, and takes
//! out what is constant: recorders of 8 bits leave an offset. Knows nothing of tones.

/// No rate below is read: the highest tone is 1,633 Hz and needs twice as much.
pub(super) const LOWEST_RATE: u32 = 4_000;
/// No rate above is read; recorders know none.
pub(super) const HIGHEST_RATE: u32 = 384_000;

/// The rate that the reference settings of DTMF receivers are given for.
const TELEPHONE_RATE: u32 = 8_000;

/// Filter taps for each sample that is left out: enough for 50 dB above the band.
const TAPS_PER_STEP: usize = 12;

/// How much of an offset is left after a sample: its time constant is 64 ms at 8 kHz, slow enough
/// for the lowest tone to pass unchanged.
const OFFSET_DECAY: f32 = 1.0 / 512.0;

/// Samples in, fewer samples out.
pub(super) struct Front {
    /// How many samples become one.
    step: usize,
    /// The low-pass; empty where every sample is kept.
    taps: Vec<f32>,
    /// The last samples, oldest first: as many as there are taps, then those not yet used.
    held: Vec<f32>,
    /// Of the held samples, where the next output begins.
    next: usize,
    offset: f32,
}

impl Front {
    /// For samples of `rate`, which lies between [`LOWEST_RATE`] and [`HIGHEST_RATE`].
    pub(super) fn new(rate: u32) -> Self {
        let step = (rate / TELEPHONE_RATE).max(1) as usize;
        let taps = if step == 1 {
            Vec::new()
        } else {
            low_pass(step)
        };
        Front {
            step,
            // The output for a sample is centred on it: half a filter of silence stands before.
            held: vec![0.0; taps.len() / 2],
            taps,
            next: 0,
            offset: 0.0,
        }
    }

    /// How many samples become one.
    pub(super) fn step(&self) -> usize {
        self.step
    }

    /// Adds what `samples` become to `out`, in parts of full scale.
    pub(super) fn push(&mut self, samples: &[i16], out: &mut Vec<f32>) {
        let into = if self.taps.is_empty() {
            &mut *out
        } else {
            &mut self.held
        };
        let (fours, rest) = samples.as_chunks::<4>();
        for four in fours {
            let four = four.map(level);
            into.extend(without_offset(&mut self.offset, four));
        }
        for sample in rest {
            let sample = level(*sample);
            self.offset += (sample - self.offset) * OFFSET_DECAY;
            into.push(sample - self.offset);
        }
        if self.taps.is_empty() {
            return;
        }
        while let Some(window) = self.held.get(self.next..self.next + self.taps.len()) {
            out.push(product(window, &self.taps));
            self.next += self.step;
        }
        let used = self.next.min(self.held.len());
        self.held.drain(..used);
        self.next -= used;
    }
}

/// A sample in parts of full scale.
fn level(sample: i16) -> f32 {
    f32::from(sample) * (1.0 / 32_768.0)
}

/// Four samples less what is constant in them. What one adds to the offset waits for nothing: only
/// one step in four hangs on the one before.
fn without_offset(offset: &mut f32, samples: [f32; 4]) -> [f32; 4] {
    const LEFT: f32 = 1.0 - OFFSET_DECAY;
    let [a, b, c, d] = samples.map(|sample| sample * OFFSET_DECAY);
    let b = a * LEFT + b;
    let c = b * LEFT + c;
    let d = c * LEFT + d;
    let before = *offset;
    let offsets = [
        before * LEFT + a,
        before * (LEFT * LEFT) + b,
        before * (LEFT * LEFT * LEFT) + c,
        before * (LEFT * LEFT * LEFT * LEFT) + d,
    ];
    *offset = offsets[3];
    std::array::from_fn(|at| samples[at] - offsets[at])
}

/// The sum of products, in eight lanes that the compiler can take at once.
fn product(samples: &[f32], taps: &[f32]) -> f32 {
    let mut lanes = [0.0f32; 8];
    for (samples, taps) in samples.chunks_exact(8).zip(taps.chunks_exact(8)) {
        for ((lane, sample), tap) in lanes.iter_mut().zip(samples).zip(taps) {
            *lane += sample * tap;
        }
    }
    lanes.iter().sum()
}

/// A low-pass (sinc under a Hann window) that ends at 0.45 of the rate that is left.
fn low_pass(step: usize) -> Vec<f32> {
    // A whole number of eights, for the product.
    let len = (step * TAPS_PER_STEP).next_multiple_of(8);
    let cutoff = 0.45 / step as f32;
    let middle = (len - 1) as f32 / 2.0;
    let mut taps: Vec<f32> = (0..len)
        .map(|at| {
            let x = at as f32 - middle;
            let angle = std::f32::consts::PI * 2.0 * cutoff * x;
            let sinc = if x == 0.0 { 1.0 } else { angle.sin() / angle };
            let window = 0.5 - 0.5 * (std::f32::consts::TAU * (at as f32 + 0.5) / len as f32).cos();
            sinc * window
        })
        .collect();
    let sum: f32 = taps.iter().sum();
    for tap in &mut taps {
        *tap /= sum;
    }
    taps
}
