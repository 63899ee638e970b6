//! Samples that have places of their own: linear, floating, and by G.711's laws.
//!
//! Owns how such a sample is read and which bytes of it nobody hears. Knows no container.

/// How one sample is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coding {
    /// One byte, 128 is silence.
    Unsigned8,
    /// So many bytes, the lowest first, of which so many bits count.
    Linear {
        /// 2 to 4.
        bytes: u8,
        /// Bits that count, from the lowest on where they are fewer than the bytes have.
        bits: u8,
    },
    /// IEEE 754, 32 bits.
    Float32,
    /// IEEE 754, 64 bits.
    Float64,
    /// G.711, section 3, mu-law.
    MuLaw,
    /// G.711, section 3, A-law.
    ALaw,
}

impl Coding {
    /// Bytes of a sample.
    pub(crate) fn width(self) -> usize {
        match self {
            Coding::Unsigned8 | Coding::MuLaw | Coding::ALaw => 1,
            Coding::Linear { bytes, .. } => usize::from(bytes),
            Coding::Float32 => 4,
            Coding::Float64 => 8,
        }
    }

    /// The byte that a silent sample is made of.
    pub(crate) fn silence(self) -> u8 {
        match self {
            Coding::Unsigned8 => 0x80,
            // The smallest of the positive steps, which is zero in mu-law and an eighth of a
            // thousandth in A-law, which has no zero.
            Coding::MuLaw => 0xff,
            Coding::ALaw => 0xd5,
            Coding::Linear { .. } | Coding::Float32 | Coding::Float64 => 0,
        }
    }

    /// The next samples of each channel, as 16 bits, appended to what `channels` hold. `bytes` are
    /// whole frames: one sample of every channel in turn.
    pub(super) fn decode(self, bytes: &[u8], channels: &mut [Vec<i16>]) {
        let width = self.width();
        match (self, channels) {
            (Coding::MuLaw, [only]) => only.extend(bytes.iter().map(|b| mu_law(*b))),
            (Coding::ALaw, [only]) => only.extend(bytes.iter().map(|b| a_law(*b))),
            (Coding::Linear { bytes: 2, .. }, [only]) => {
                let (pairs, _) = bytes.as_chunks::<2>();
                only.extend(pairs.iter().map(|pair| i16::from_le_bytes(*pair)));
            }
            (_, channels) => {
                for frame in bytes.chunks_exact(width * channels.len().max(1)) {
                    for (sample, channel) in frame.chunks_exact(width).zip(&mut *channels) {
                        channel.push(self.sample(sample));
                    }
                }
            }
        }
    }

    fn sample(self, bytes: &[u8]) -> i16 {
        match (self, bytes) {
            (Coding::Unsigned8, [b]) => i16::from(b ^ 0x80) << 8,
            (Coding::MuLaw, [b]) => mu_law(*b),
            (Coding::ALaw, [b]) => a_law(*b),
            (Coding::Float32, &[a, b, c, d]) => level(f64::from(f32::from_le_bytes([a, b, c, d]))),
            (Coding::Float64, bytes) => level(
                bytes
                    .first_chunk()
                    .map_or(0.0, |bytes| f64::from_le_bytes(*bytes)),
            ),
            (Coding::Linear { bits, .. }, &[a, b]) => {
                scaled(i32::from(i16::from_le_bytes([a, b])), bits)
            }
            (Coding::Linear { bits, .. }, &[a, b, c]) => {
                scaled(i32::from_le_bytes([0, a, b, c]) >> 8, bits)
            }
            (Coding::Linear { bits, .. }, &[a, b, c, d]) => {
                scaled(i32::from_le_bytes([a, b, c, d]), bits)
            }
            _ => 0,
        }
    }
}

/// A floating sample, full scale at 1.
fn level(sample: f64) -> i16 {
    (sample * 32768.0).clamp(-32768.0, 32767.0) as i16
}

/// A sample of which `bits` count as one of 16.
fn scaled(sample: i32, bits: u8) -> i16 {
    let sample = if bits > 16 {
        sample >> (bits - 16)
    } else {
        sample << (16 - bits.min(16))
    };
    sample.clamp(i16::MIN.into(), i16::MAX.into()) as i16
}

/// A sample of mu-law (G.711, table 2a), on the scale of 16 bits.
const fn decode_mu_law(byte: u8) -> i16 {
    let code = !byte;
    let magnitude = (((code & 0x0f) as i16) << 3) + 0x84;
    let magnitude = (magnitude << ((code >> 4) & 7)) - 0x84;
    if code & 0x80 == 0 {
        magnitude
    } else {
        -magnitude
    }
}

/// A sample of A-law (G.711, table 1a), on the scale of 16 bits.
const fn decode_a_law(byte: u8) -> i16 {
    let code = byte ^ 0x55;
    let step = ((code & 0x0f) as i16) << 4;
    let magnitude = match (code >> 4) & 7 {
        0 => step + 8,
        1 => step + 0x108,
        segment => (step + 0x108) << (segment - 1),
    };
    if code & 0x80 == 0 {
        -magnitude
    } else {
        magnitude
    }
}

const MU_LAW: [i16; 256] = table(true);
const A_LAW: [i16; 256] = table(false);

const fn table(mu: bool) -> [i16; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = if mu {
            decode_mu_law(byte as u8)
        } else {
            decode_a_law(byte as u8)
        };
        byte += 1;
    }
    table
}

fn mu_law(byte: u8) -> i16 {
    MU_LAW[usize::from(byte)]
}

fn a_law(byte: u8) -> i16 {
    A_LAW[usize::from(byte)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_those_of_the_tables_of_g711() {
        for (law, byte, sample) in [
            (Coding::MuLaw, 0xff, 0),
            (Coding::MuLaw, 0x7f, 0),
            (Coding::MuLaw, 0x80, 32124),
            (Coding::MuLaw, 0x00, -32124),
            (Coding::MuLaw, 0xef, 132),
            (Coding::ALaw, 0xd5, 8),
            (Coding::ALaw, 0x55, -8),
            (Coding::ALaw, 0xaa, 32256),
            (Coding::ALaw, 0x2a, -32256),
            (Coding::ALaw, 0xc5, 264),
        ] {
            assert_eq!(law.sample(&[byte]), sample, "{law:?} {byte:#x}");
        }
    }

    #[test]
    fn wider_samples_keep_their_upper_bits() {
        let linear = |bytes, bits| Coding::Linear { bytes, bits };
        assert_eq!(linear(3, 24).sample(&[0xff, 0x34, 0x12]), 0x1234);
        assert_eq!(linear(4, 32).sample(&[0, 0, 0x34, 0x12]), 0x1234);
        assert_eq!(linear(4, 24).sample(&[0, 0x34, 0x12, 0]), 0x1234);
        assert_eq!(linear(2, 12).sample(&[0x23, 0x01]), 0x1230);
        assert_eq!(Coding::Unsigned8.sample(&[0x80]), 0);
        assert_eq!(Coding::Unsigned8.sample(&[0x00]), -32768);
        assert_eq!(Coding::Float32.sample(&0.5f32.to_le_bytes()), 16384);
        assert_eq!(Coding::Float64.sample(&(-2.0f64).to_le_bytes()), -32768);
        let mut two = vec![Vec::new(), Vec::new()];
        linear(2, 16).decode(&[1, 0, 2, 0, 3, 0, 4, 0], &mut two);
        assert_eq!(two, [[1, 3], [2, 4]]);
    }
}
