//! Synthetic calls: noise like speech, keys over it, in containers built by hand.

use std::f64::consts::TAU;
use std::sync::LazyLock;

/// The number of a test card, as it is keyed in.
pub(crate) const CARD: &str = "4111111111111111#";

/// When the first key is pressed, in milliseconds, and how long all take.
pub(crate) const KEYED_AT: u64 = 500;

/// How long keys and pauses are, in milliseconds.
const KEY: u64 = 80;
const PAUSE: u64 = 70;

/// When the last key is let go, in milliseconds.
pub(crate) fn keyed_to() -> u64 {
    KEYED_AT + CARD.len() as u64 * (KEY + PAUSE) - PAUSE
}

/// The frequencies of a key (ITU-T Q.23).
fn frequencies(key: char) -> (f64, f64) {
    let rows = ["123A", "456B", "789C", "*0#D"];
    let row = rows.iter().position(|row| row.contains(key)).unwrap();
    let column = rows[row].find(key).unwrap();
    (
        [697.0, 770.0, 852.0, 941.0][row],
        [1209.0, 1336.0, 1477.0, 1633.0][column],
    )
}

/// `seconds` of noise in one channel, with the card keyed in.
pub(crate) fn call(rate: u32, seconds: u64) -> Vec<i16> {
    let mut samples = noise(rate, seconds);
    let at = |ms: u64| (ms * u64::from(rate) / 1000) as usize;
    for (nth, key) in CARD.chars().enumerate() {
        let (low, high) = frequencies(key);
        let start = KEYED_AT + nth as u64 * (KEY + PAUSE);
        for (nth, sample) in samples[at(start)..at(start + KEY)].iter_mut().enumerate() {
            let turn = TAU * nth as f64 / f64::from(rate);
            let wave = (low * turn).sin() + (high * turn).sin();
            *sample = (wave * 6000.0) as i16;
        }
    }
    samples
}

/// `seconds` of noise that is never silent.
pub(crate) fn noise(rate: u32, seconds: u64) -> Vec<i16> {
    let (mut state, mut level) = (12_345_u64, 0.0);
    (0..u64::from(rate) * seconds)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let white = (state >> 40) as f64 / (1 << 23) as f64 - 1.0;
            level = 0.9 * level + 0.1 * white;
            (level * 4000.0) as i16 | 1
        })
        .collect()
}

/// How a WAV file stores samples.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wav {
    pub(crate) tag: u16,
    pub(crate) bits: u16,
    pub(crate) rate: u32,
    pub(crate) channels: u16,
    pub(crate) extensible: bool,
}

impl Wav {
    pub(crate) fn width(self) -> usize {
        usize::from(self.bits / 8)
    }

    /// The bytes that silence is made of.
    pub(crate) fn silence(self) -> u8 {
        match (self.tag, self.bits) {
            (1, 8) => 0x80,
            (6, _) => 0xd5,
            (7, _) => 0xff,
            _ => 0,
        }
    }

    /// The bytes of a sample.
    pub(crate) fn store(self, sample: i16) -> Vec<u8> {
        match (self.tag, self.bits) {
            (1, 8) => vec![((sample >> 8) as u8) ^ 0x80],
            (1, 16) => sample.to_le_bytes().to_vec(),
            (1, 24) => (i32::from(sample) << 8).to_le_bytes()[..3].to_vec(),
            (1, 32) => (i32::from(sample) << 16).to_le_bytes().to_vec(),
            (3, 32) => (f32::from(sample) / 32768.0).to_le_bytes().to_vec(),
            (3, 64) => (f64::from(sample) / 32768.0).to_le_bytes().to_vec(),
            (6, _) => vec![a_law(sample)],
            (7, _) => vec![mu_law(sample)],
            _ => panic!("no such coding"),
        }
    }

    /// The `fmt ` chunk.
    pub(crate) fn format(self) -> Vec<u8> {
        let block = self.bits / 8 * self.channels;
        let mut content = Vec::new();
        let tag = if self.extensible { 0xfffe } else { self.tag };
        content.extend(tag.to_le_bytes());
        content.extend(self.channels.to_le_bytes());
        content.extend(self.rate.to_le_bytes());
        content.extend((self.rate * u32::from(block)).to_le_bytes());
        content.extend(block.to_le_bytes());
        content.extend(self.bits.to_le_bytes());
        if self.extensible {
            content.extend(22_u16.to_le_bytes());
            content.extend(self.bits.to_le_bytes());
            content.extend([0; 4]);
            content.extend(self.tag.to_le_bytes());
            content.extend([0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71]);
        }
        chunk(b"fmt ", &content)
    }

    /// The same samples in every channel.
    pub(crate) fn data(self, samples: &[i16]) -> Vec<u8> {
        let frame = |sample: &i16| self.store(*sample).repeat(usize::from(self.channels));
        samples.iter().flat_map(frame).collect()
    }

    /// A file of these samples, with chunks before and behind them.
    pub(crate) fn file(self, samples: &[i16], before: &[u8], behind: &[u8]) -> Vec<u8> {
        let data = chunk(b"data", &self.data(samples));
        riff(&[&self.format(), before, &data, behind])
    }

    /// Where the samples start in such a file.
    pub(crate) fn start(self, before: &[u8]) -> usize {
        12 + self.format().len() + before.len() + 8
    }
}

/// A chunk, with a zero behind it where its length is odd.
pub(crate) fn chunk(id: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let mut out = id.to_vec();
    out.extend((content.len() as u32).to_le_bytes());
    out.extend(content);
    out.resize(out.len().next_multiple_of(2), 0);
    out
}

/// Chunks as a file.
pub(crate) fn riff(chunks: &[&[u8]]) -> Vec<u8> {
    let content = [b"WAVE", chunks.concat().as_slice()].concat();
    chunk(b"RIFF", &content)
}

/// G.711 mu-law, by searching its levels.
fn mu_law(sample: i16) -> u8 {
    static LEVELS: LazyLock<Levels> = LazyLock::new(|| {
        levels(|code| {
            let code = !code;
            let size = ((i32::from(code & 15) << 3) + 132) << (code >> 4 & 7);
            if code & 0x80 == 0 {
                size - 132
            } else {
                132 - size
            }
        })
    });
    nearest(&LEVELS, sample)
}

/// G.711 A-law, the same way.
fn a_law(sample: i16) -> u8 {
    static LEVELS: LazyLock<Levels> = LazyLock::new(|| {
        levels(|code| {
            let code = code ^ 0x55;
            let (step, segment) = (i32::from(code & 15) << 4, code >> 4 & 7);
            let size = if segment == 0 {
                step + 8
            } else {
                (step + 0x108) << (segment - 1)
            };
            if code & 0x80 == 0 { -size } else { size }
        })
    });
    nearest(&LEVELS, sample)
}

type Levels = Vec<(i32, u8)>;

fn levels(level: impl Fn(u8) -> i32) -> Levels {
    let mut levels: Levels = (0..=255).map(|code| (level(code), code)).collect();
    levels.sort_unstable();
    levels
}

fn nearest(levels: &Levels, sample: i16) -> u8 {
    let at = levels.partition_point(|(level, _)| *level <= i32::from(sample));
    levels[at.max(1) - 1].1
}

/// How WAV files of this test are stored.
pub(crate) const WAVS: &[(&str, Wav)] = &[
    ("pcm8", wav(1, 8, 8000, 1)),
    ("pcm16", wav(1, 16, 8000, 1)),
    ("pcm16-stereo", wav(1, 16, 16000, 2)),
    ("pcm24", wav(1, 24, 8000, 2)),
    ("pcm32", wav(1, 32, 8000, 1)),
    ("float32", wav(3, 32, 8000, 1)),
    ("float64", wav(3, 64, 8000, 2)),
    ("mu-law", wav(7, 8, 8000, 1)),
    ("mu-law-stereo", wav(7, 8, 8000, 2)),
    ("a-law", wav(6, 8, 8000, 1)),
    (
        "mu-law-extensible",
        Wav {
            extensible: true,
            ..wav(7, 8, 8000, 1)
        },
    ),
    (
        "pcm24-extensible",
        Wav {
            extensible: true,
            ..wav(1, 24, 11025, 2)
        },
    ),
];

const fn wav(tag: u16, bits: u16, rate: u32, channels: u16) -> Wav {
    Wav {
        tag,
        bits,
        rate,
        channels,
        extensible: false,
    }
}
