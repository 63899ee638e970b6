//! GSM 06.10 full rate: what a frame sounds like, and the frame that nobody hears.
//!
//! Source: ETSI EN 300 961 (GSM 06.10), sections 5.2 and 5.3; its variables are named as there.
//! Two packings: 33 bytes with the highest bits first behind four marking bits, and, in WAV files,
//! two frames in 65 bytes with the lowest bits first. Knows no container.

/// Samples in a frame.
pub(crate) const SAMPLES: usize = 160;
/// Bytes of a frame by itself.
pub(crate) const FRAME: usize = 33;
/// Bytes of a pair of frames in WAV files.
pub(crate) const PAIR: usize = 65;

/// Bits of the parameters of a frame: eight log area ratios, then four times lag, gain, grid,
/// maximum and thirteen pulses.
const WIDTHS: [u8; 76] = {
    let mut widths = [3; 76];
    let lars = [6, 6, 5, 5, 4, 4, 3, 3];
    let mut at = 0;
    while at < 8 {
        widths[at] = lars[at];
        at += 1;
    }
    let mut sub = 0;
    while sub < 4 {
        let first = 8 + sub * 17;
        widths[first] = 7;
        widths[first + 1] = 2;
        widths[first + 2] = 2;
        widths[first + 3] = 6;
        sub += 1;
    }
    widths
};

/// The frame that digital silence is encoded to, by itself.
pub(crate) const SILENCE: [u8; FRAME] = [
    0xd8, 0x20, 0xa2, 0xe1, 0x5a, 0x50, 0x00, 0x49, 0x24, 0x92, 0x49, 0x24, 0x50, 0x00, 0x49, 0x24,
    0x92, 0x49, 0x24, 0x50, 0x00, 0x49, 0x24, 0x92, 0x49, 0x24, 0x50, 0x00, 0x49, 0x24, 0x92, 0x49,
    0x24,
];

/// The same twice, in the packing of WAV files.
pub(crate) fn silent_pair() -> [u8; PAIR] {
    let mut pair = [0; PAIR];
    let mut at = 0;
    let frame = unpack(&SILENCE);
    for (value, width) in frame.iter().chain(&frame).zip(WIDTHS.iter().cycle()) {
        for bit in 0..*width {
            if value >> bit & 1 == 1
                && let Some(byte) = pair.get_mut(at / 8)
            {
                *byte |= 1 << (at % 8);
            }
            at += 1;
        }
    }
    pair
}

/// The parameters of a frame by itself.
fn unpack(frame: &[u8]) -> [u8; 76] {
    let mut at = 4;
    WIDTHS.map(|width| {
        let mut value = 0;
        for _ in 0..width {
            let byte = frame.get(at / 8).copied().unwrap_or(0);
            value = value << 1 | (byte >> (7 - at % 8)) & 1;
            at += 1;
        }
        value
    })
}

/// The parameters of the first or second frame of a pair.
fn unpack_of_pair(pair: &[u8], second: bool) -> [u8; 76] {
    let mut at = if second { 260 } else { 0 };
    WIDTHS.map(|width| {
        let mut value = 0;
        for bit in 0..width {
            let byte = pair.get(at / 8).copied().unwrap_or(0);
            value |= (byte >> (at % 8) & 1) << bit;
            at += 1;
        }
        value
    })
}

/// Decodes frame after frame.
pub(super) struct Decoder {
    /// The last 120 samples of the long-term filter, and room for 40.
    drp: [i16; 160],
    nrp: usize,
    /// Log area ratios of the frame before.
    lar: [i16; 8],
    v: [i16; 9],
    msr: i16,
}

impl Default for Decoder {
    fn default() -> Self {
        Decoder {
            drp: [0; 160],
            nrp: 40,
            lar: [0; 8],
            v: [0; 9],
            msr: 0,
        }
    }
}

/// The product of two numbers below 1, rounded.
fn mult_r(a: i16, b: i16) -> i16 {
    ((i32::from(a) * i32::from(b) + 16384) >> 15).min(i16::MAX.into()) as i16
}

/// Table 4.2: offset, least code, and the inverse of the slope of each ratio.
const LAR: [(i16, i16, i16); 8] = [
    (0, -32, 13107),
    (0, -32, 13107),
    (2048, -16, 13107),
    (-2560, -16, 13107),
    (94, -8, 19223),
    (-1792, -8, 17476),
    (-341, -4, 31454),
    (-1144, -4, 29708),
];

/// Table 4.3b: gains of the long-term filter.
const QLB: [i16; 4] = [3277, 11469, 21299, 32767];

/// Table 4.6: mantissas of the maximum of a block.
const FAC: [i16; 8] = [18431, 20479, 22527, 24575, 26623, 28671, 30719, 32767];

impl Decoder {
    /// Appends the samples of a frame by itself.
    pub(super) fn frame(&mut self, frame: &[u8], out: &mut Vec<i16>) {
        self.decode(&unpack(frame), out);
    }

    /// Appends the samples of a pair of frames.
    pub(super) fn pair(&mut self, pair: &[u8], out: &mut Vec<i16>) {
        self.decode(&unpack_of_pair(pair, false), out);
        self.decode(&unpack_of_pair(pair, true), out);
    }

    fn decode(&mut self, frame: &[u8; 76], out: &mut Vec<i16>) {
        let (ratios, blocks) = frame.split_at(8);
        let mut residual = [0; SAMPLES];
        for (block, out) in blocks.chunks_exact(17).zip(residual.chunks_exact_mut(40)) {
            self.long_term(block, out);
        }
        let mut lar = [0; 8];
        for ((out, code), (b, least, inverse)) in lar.iter_mut().zip(ratios).zip(LAR) {
            let step = (i16::from(*code) + least) << 10;
            let step = mult_r(inverse, step.saturating_sub(b << 1));
            *out = step.saturating_add(step);
        }
        let before = std::mem::replace(&mut self.lar, lar);
        // Section 5.2.9.1: the ratios go over from the last frame's in four steps.
        for (range, weight) in [(0..13, 1), (13..27, 2), (27..40, 3), (40..SAMPLES, 4)] {
            let mut reflection = [0; 8];
            for ((out, old), new) in reflection.iter_mut().zip(before).zip(lar) {
                let ratio = match weight {
                    1 => (old >> 2) + (new >> 2) + (old >> 1),
                    2 => (old >> 1) + (new >> 1),
                    3 => (old >> 2) + (new >> 2) + (new >> 1),
                    _ => new,
                };
                *out = reflection_of(ratio);
            }
            for sample in residual.get(range).unwrap_or_default() {
                out.push(self.short_term(*sample, &reflection));
            }
        }
    }

    /// Sections 5.2.15 to 5.2.18 and 5.3.2: pulses on their grid, over what was heard a lag before.
    fn long_term(&mut self, block: &[u8], out: &mut [i16]) {
        let &[lag, gain, grid, maximum, ref pulses @ ..] = block else {
            return;
        };
        let maximum = i16::from(maximum);
        let mut exponent = if maximum > 15 { (maximum >> 3) - 1 } else { 0 };
        let mut mantissa = maximum - (exponent << 3);
        if mantissa == 0 {
            (exponent, mantissa) = (-4, 7);
        } else {
            while mantissa <= 7 {
                mantissa = mantissa << 1 | 1;
                exponent -= 1;
            }
            mantissa -= 8;
        }
        let factor = FAC[(mantissa & 7) as usize];
        let shift = 6 - exponent;
        let half = if shift > 0 { 1 << (shift - 1) } else { 0 };
        let mut excited = [0i16; 40];
        for (nth, pulse) in pulses.iter().enumerate() {
            let level = mult_r(factor, ((i16::from(*pulse) << 1) - 7) << 12);
            if let Some(place) = excited.get_mut(usize::from(grid) + 3 * nth) {
                *place = level.saturating_add(half) >> shift;
            }
        }
        let lag = usize::from(lag);
        self.nrp = if (40..=120).contains(&lag) {
            lag
        } else {
            self.nrp
        };
        let gain = QLB[usize::from(gain & 3)];
        for (at, (pulse, out)) in excited.iter().zip(out).enumerate() {
            let before = mult_r(gain, self.drp[120 + at - self.nrp]);
            self.drp[120 + at] = pulse.saturating_add(before);
            *out = self.drp[120 + at];
        }
        self.drp.copy_within(40.., 0);
    }

    /// Sections 5.3.4 to 5.3.7.
    fn short_term(&mut self, sample: i16, reflection: &[i16; 8]) -> i16 {
        let mut sri = sample;
        for (at, rrp) in reflection.iter().enumerate().rev() {
            sri = sri.saturating_sub(mult_r(*rrp, self.v[at]));
            self.v[at + 1] = self.v[at].saturating_add(mult_r(*rrp, sri));
        }
        self.v[0] = sri;
        self.msr = sri.saturating_add(mult_r(self.msr, 28180));
        self.msr.saturating_add(self.msr) & !7
    }
}

/// Section 5.2.9.2.
fn reflection_of(ratio: i16) -> i16 {
    let size = ratio.saturating_abs();
    let size = if size < 11059 {
        size << 1
    } else if size < 20070 {
        size + 11059
    } else {
        (size >> 2).saturating_add(26112)
    };
    if ratio < 0 { -size } else { size }
}
