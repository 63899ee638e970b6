//! Makes what a detector of tones is to hear: keys, noise, twist, pauses. Shares no code with it.

/// Random numbers that are the same in every run (SplitMix64).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Evenly from 0 to 1.
    pub(crate) fn even(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Evenly between two numbers.
    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.even()
    }

    /// Normally distributed (Box and Muller).
    pub(crate) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.even()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.even()).cos()
    }
}

/// One key that is pressed.
pub(crate) struct Press {
    pub(crate) key: u8,
    /// Seconds.
    pub(crate) start: f64,
    pub(crate) length: f64,
    /// The power of both tones together, in dB of a full sine.
    pub(crate) level: f64,
    /// How much stronger the column is than the row, in dB.
    pub(crate) twist: f64,
    /// How much too high row and column are, in parts of their frequency.
    pub(crate) off: [f64; 2],
}

/// All keys, by rows.
pub(crate) const KEYS: &[u8; 16] = b"123A456B789C*0#D";

/// The frequencies of a key in Hz: ITU-T Q.23, table 1.
pub(crate) fn frequencies(key: u8) -> [f64; 2] {
    let at = KEYS.iter().position(|known| *known == key).expect("a key");
    let rows = [697.0, 770.0, 852.0, 941.0];
    let columns = [1209.0, 1336.0, 1477.0, 1633.0];
    [rows[at / 4], columns[at % 4]]
}

/// Adds `press` to `samples` of `rate`, with edges of 1 ms as telephones have them.
pub(crate) fn press(samples: &mut [f64], rate: f64, press: &Press) {
    let [row, column] = frequencies(press.key);
    let power = 0.5 * 10f64.powf(press.level / 10.0);
    let ratio = 10f64.powf(press.twist / 10.0);
    let (low, high) = (power / (1.0 + ratio), power * ratio / (1.0 + ratio));
    let (low, high) = ((2.0 * low).sqrt(), (2.0 * high).sqrt());
    let from = (press.start * rate).round() as usize;
    let len = (press.length * rate).round() as usize;
    for at in 0..len {
        let Some(sample) = samples.get_mut(from + at) else {
            return;
        };
        let time = at as f64 / rate;
        let edge = (time.min(press.length - time) / 0.001).clamp(0.0, 1.0);
        let angle = std::f64::consts::TAU * time;
        let row = (angle * row * (1.0 + press.off[0])).sin();
        let column = (angle * column * (1.0 + press.off[1])).sin();
        *sample += edge * (low * row + high * column);
    }
}

/// Adds white noise of `level`, in dB of a full sine.
pub(crate) fn noise(samples: &mut [f64], level: f64, dice: &mut Dice) {
    let amplitude = (0.5 * 10f64.powf(level / 10.0)).sqrt();
    for sample in samples {
        *sample += amplitude * dice.normal();
    }
}

/// As 16 bits, cut off where it is too loud.
pub(crate) fn quantised(samples: &[f64]) -> Vec<i16> {
    let whole = |sample: &f64| (sample * 32_767.0).round().clamp(-32_768.0, 32_767.0) as i16;
    samples.iter().map(whole).collect()
}
