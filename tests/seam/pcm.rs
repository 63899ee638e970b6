//! A recording of keypad tones: a view's text is the digits, each tone's samples are their places.

use std::f64::consts::TAU;
use std::ops::Range;

use efface::edit::{Refusal, Splice};
use efface::format::{
    Capabilities, Chunk, Content, Cut, Format, Head, Ledger, Likeness, Locate, Memory, Reader,
    Slot, SlotKind, Width,
};
use efface::view::{Codec, Map, Register, View};

use crate::lines::Place;

/// Samples a second.
pub(crate) const RATE: usize = 8000;
/// Ten milliseconds.
pub(crate) const BLOCK: usize = RATE / 100;
/// What nobody hears, in unsigned samples of eight bits.
pub(crate) const SILENCE: u8 = 0x80;
/// Bytes before the samples.
pub(crate) const HEADER: usize = 44;

const LOW: [f64; 4] = [697.0, 770.0, 852.0, 941.0];
const HIGH: [f64; 3] = [1209.0, 1336.0, 1477.0];
const KEYS: [&[u8; 3]; 4] = [b"123", b"456", b"789", b"*0#"];

/// The two frequencies of a key (ITU-T Q.23).
pub(crate) fn frequencies(key: u8) -> (f64, f64) {
    let row = KEYS.iter().position(|row| row.contains(&key)).unwrap();
    let column = KEYS[row].iter().position(|k| *k == key).unwrap();
    (LOW[row], HIGH[column])
}

/// How much of `frequency` is in the samples (Goertzel).
fn power(samples: &[u8], frequency: f64) -> f64 {
    let coefficient = 2.0 * (TAU * frequency / RATE as f64).cos();
    let (mut a, mut b) = (0.0, 0.0);
    for sample in samples {
        let next = f64::from(*sample) - f64::from(SILENCE) + coefficient * a - b;
        (a, b) = (next, a);
    }
    a * a + b * b - coefficient * a * b
}

fn loudest(samples: &[u8], frequencies: &[f64]) -> usize {
    let power = |n: &usize| power(samples, frequencies[*n]);
    (0..frequencies.len())
        .max_by(|a, b| power(a).total_cmp(&power(b)))
        .unwrap()
}

/// Runs of blocks in which something is heard.
fn tones(samples: &[u8]) -> Vec<Range<usize>> {
    let mut tones: Vec<Range<usize>> = Vec::new();
    for (nth, block) in samples.chunks(BLOCK).enumerate() {
        if block.iter().all(|s| s.abs_diff(SILENCE) < 8) {
            continue;
        }
        let place = nth * BLOCK..nth * BLOCK + block.len();
        match tones.last_mut() {
            Some(last) if last.end == place.start => last.end = place.end,
            _ => tones.push(place),
        }
    }
    tones
}

pub(crate) struct Pcm;

impl Format for Pcm {
    fn name(&self) -> &'static str {
        "pcm"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            memory: Memory::Whole,
            width: Width::Same,
        }
    }

    fn sniff(&self, head: &Head<'_>) -> Option<Likeness> {
        head.text.starts_with(b"RIFF").then_some(Likeness::Certain)
    }

    fn open(&self, _head: &Head<'_>) -> Box<dyn Reader> {
        Box::new(Pcm)
    }
}

impl Reader for Pcm {
    fn cut(&self, _window: &[u8]) -> Cut {
        Cut::More
    }

    fn index<'s>(&'s self, _chunk: Chunk<'s>) -> Box<dyn Locate + 's> {
        Box::new(Place {
            register: Register::Cell,
            label: Some("dialled"),
        })
    }

    fn read<'s>(&'s self, chunk: Chunk<'s>, index: &'s dyn Locate) -> Content<'s> {
        let samples = &chunk.text[HEADER..];
        let (mut text, mut map) = (Vec::new(), Map::default());
        let mut heard = 0;
        for tone in tones(samples) {
            let below = |at: usize| (HEADER + at) as u64;
            let sound = &samples[tone.clone()];
            text.push(KEYS[loudest(sound, &LOW)][loudest(sound, &HIGH)]);
            map.push(
                1,
                0,
                below(heard),
                tone.start - heard,
                Codec::Samples(SILENCE),
            );
            map.push(1, 1, below(tone.start), tone.len(), Codec::Samples(SILENCE));
            heard = tone.end;
        }
        Content {
            views: vec![View::layered(text, vec![map], index)],
            ledger: Ledger::read(chunk.text.len()),
            children: Vec::new(),
        }
    }

    fn slot(&self, _chunk: Chunk<'_>, _range: Range<usize>) -> Slot {
        Slot {
            kind: SlotKind::Samples,
            width: Width::Same,
            style: Codec::Samples(SILENCE),
        }
    }

    fn drop_record(&self, _chunk: Chunk<'_>, _at: usize) -> Result<Vec<Splice>, Refusal> {
        Err(Refusal::NotDroppable)
    }
}
