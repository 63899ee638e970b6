//! What was heard in a recording once, so that nobody has to listen to all of it again when only
//! some seconds of it sound otherwise.
//!
//! Owns where listening can be taken up and left off. Knows samples with places of their own only:
//! what a codec makes of one packet hangs on the ones before. Knows no container.

use std::ops::Range;
use std::sync::Arc;

use super::pcm::Coding;
use crate::detect::tones::{Digit, Tones};

/// The most keys that are remembered: days of nothing but keys. What has more is listened to again.
const MOST_KEYS: usize = 1 << 18;

/// The keys of all channels, and where none was under way.
#[derive(Default)]
pub(crate) struct Heard {
    rate: u32,
    channels: Vec<Vec<Digit>>,
    /// For each mark, from the first behind the beginning on, whether no channel had anything under
    /// way that could be part of what came next.
    rests: Vec<bool>,
}

impl Heard {
    /// Nothing yet of so many channels.
    pub(super) fn new(rate: u32, channels: usize) -> Heard {
        Heard {
            rate,
            channels: vec![Vec::new(); channels],
            rests: Vec::new(),
        }
    }

    /// Takes in keys of a channel, counted from 0; false when they are too many.
    pub(super) fn add(&mut self, channel: usize, digits: &[Digit]) -> bool {
        let known: usize = self.channels.iter().map(Vec::len).sum();
        if known + digits.len() > MOST_KEYS {
            return false;
        }
        if let Some(keys) = self.channels.get_mut(channel) {
            keys.extend_from_slice(digits);
        }
        true
    }

    /// Takes in where a channel was at rest.
    pub(super) fn rest(&mut self, channel: usize, rests: &[bool]) {
        if channel == 0 {
            self.rests = rests.to_vec();
        } else {
            self.rests.truncate(rests.len());
            let all = self.rests.iter_mut().zip(rests);
            all.for_each(|(all, own)| *all &= own);
        }
    }

    /// Whether everything was at rest at `mark`, counted from the beginning.
    fn is_at_rest(&self, mark: u64) -> bool {
        mark == 0 || self.rests.get(mark as usize - 1).is_some_and(|rest| *rest)
    }
}

/// Listens again to what sounds otherwise than when it was heard.
pub(super) struct Recall {
    heard: Arc<Heard>,
    /// Samples between marks, and how many it takes until nothing is left of what was before.
    mark: u64,
    settle: u64,
    /// What sounds otherwise, in samples, in order; those before `next` were come past.
    changed: Vec<Range<u64>>,
    next: usize,
    /// Where listening is taken up for the next of these: the mark from which on it counts, and
    /// the sample with which it begins.
    start: Option<(u64, u64)>,
    /// Samples of each channel that were come past.
    at: u64,
    again: Option<Again>,
    /// What is heard now, of each channel, and how many of the keys known were looked at.
    digits: Vec<Vec<Digit>>,
    taken: Vec<usize>,
}

/// Listening that was taken up.
struct Again {
    /// The mark from which on it counts, and the last one that was looked at.
    from: u64,
    last: u64,
    tones: Vec<Tones>,
    digits: Vec<Vec<Digit>>,
}

impl Recall {
    /// For a recording of `rate` in which `heard` was heard and that sounds otherwise in `spans`, in
    /// milliseconds, only; `None` where it cannot be recalled.
    pub(super) fn new(
        heard: Arc<Heard>,
        spans: &[Range<u64>],
        rate: u32,
        channels: usize,
    ) -> Option<Recall> {
        if heard.rate != rate || heard.channels.len() != channels || channels == 0 {
            return None;
        }
        let mark = Tones::new(rate)?.mark();
        let place = |ms: u64| u128::from(ms) * u128::from(rate);
        let changed = spans.iter().map(|span| {
            let start = place(span.start) / 1000;
            let end = place(span.end).div_ceil(1000);
            let fits = |at: u128| u64::try_from(at).unwrap_or(u64::MAX);
            fits(start)..fits(end)
        });
        let mut recall = Recall {
            mark,
            settle: mark * Tones::SETTLES,
            changed: super::mute::merged(changed),
            next: 0,
            start: None,
            at: 0,
            again: None,
            digits: vec![Vec::new(); channels],
            taken: vec![0; channels],
            heard,
        };
        recall.look_ahead();
        Some(recall)
    }

    /// Finds where listening is taken up for what sounds otherwise next.
    fn look_ahead(&mut self) {
        self.start = self.changed.get(self.next).map(|changed| {
            // A filter looks ahead, less far than between two marks.
            let latest = (changed.start / self.mark).saturating_sub(1);
            let mut marks = (0..=latest).rev();
            let mark = marks.find(|mark| self.heard.is_at_rest(*mark)).unwrap_or(0);
            (mark, mark.saturating_sub(Tones::SETTLES) * self.mark)
        });
    }

    /// Comes past whole frames of stored samples; `block` is room for them.
    pub(super) fn stored(&mut self, coding: Coding, mut bytes: &[u8], block: &mut [Vec<i16>]) {
        let frame = coding.width() * block.len().max(1);
        while bytes.len() >= frame {
            let here = (bytes.len() / frame) as u64;
            let begins = match (&self.again, self.start) {
                (Some(_), _) => None,
                (None, None) => Some(here),
                (None, Some((_, first))) => Some(first.saturating_sub(self.at).min(here)),
            };
            let taken = begins.filter(|passed| *passed > 0);
            if begins == Some(0) {
                self.take_up();
            }
            let taken = taken.unwrap_or(here.min(self.mark));
            let (now, rest) = bytes.split_at((taken as usize * frame).min(bytes.len()));
            bytes = rest;
            self.at += taken;
            if self.again.is_some() {
                self.listen(coding, now, block);
            }
        }
    }

    fn take_up(&mut self) {
        let (Some((from, _)), channels) = (self.start, self.digits.len()) else {
            return;
        };
        let tones = (0..channels).filter_map(|_| Tones::resumed(self.heard.rate, from));
        self.again = Some(Again {
            from,
            last: from,
            tones: tones.collect(),
            digits: vec![Vec::new(); channels],
        });
    }

    fn listen(&mut self, coding: Coding, bytes: &[u8], block: &mut [Vec<i16>]) {
        let Some(mut again) = self.again.take() else {
            return;
        };
        block.iter_mut().for_each(Vec::clear);
        coding.decode(bytes, block);
        let channels = again.tones.iter_mut().zip(&*block);
        for ((tones, samples), digits) in channels.zip(&mut again.digits) {
            tones.push(samples, digits);
        }
        let known = again.tones.iter().map(|tones| tones.rests().len()).min();
        let reached = again.from + known.unwrap_or(0) as u64;
        for mark in again.last + 1..=reached {
            again.last = mark;
            let place = mark * self.mark;
            let before = |changed: &Range<u64>| changed.start < place + self.mark;
            let come = self.changed.partition_point(before);
            if come > self.next {
                self.next = come;
                self.look_ahead();
            }
            let done = self.next.checked_sub(1).and_then(|at| self.changed.get(at));
            let settled = done.is_none_or(|done| done.end.saturating_add(self.settle) <= place);
            let own = (mark - again.from) as usize - 1;
            let rests = |tones: &Tones| tones.rests().get(own).is_some_and(|rest| *rest);
            if settled && again.tones.iter().all(rests) && self.heard.is_at_rest(mark) {
                // Where listening would have to be taken up before here again it goes on.
                if self.start.is_none_or(|(_, first)| first >= self.at) {
                    self.leave_off(&again, mark);
                    return;
                }
                break;
            }
        }
        self.again = Some(again);
    }

    /// What was heard anew counts up to `mark`, what is known behind it.
    fn leave_off(&mut self, again: &Again, mark: u64) {
        let (from, to) = (again.from * self.mark, mark.saturating_mul(self.mark));
        let channels = self.digits.iter_mut().zip(&mut self.taken);
        let known = self.heard.channels.iter().zip(&again.digits);
        for ((digits, taken), (known, anew)) in channels.zip(known) {
            let rest = known.get(*taken..).unwrap_or_default();
            let before = rest.partition_point(|digit| digit.samples.end <= from);
            let within = rest.partition_point(|digit| digit.samples.end <= to);
            digits.extend_from_slice(rest.get(..before).unwrap_or_default());
            let anew = anew.iter().filter(|digit| digit.samples.end <= to);
            digits.extend(anew.cloned());
            *taken += within;
        }
    }

    /// The keys of each channel, known and new.
    pub(super) fn finish(mut self) -> Vec<Vec<Digit>> {
        if let Some(mut again) = self.again.take() {
            for (tones, digits) in again.tones.drain(..).zip(&mut again.digits) {
                tones.finish(digits);
            }
            self.leave_off(&again, u64::MAX);
        }
        let rest = self.heard.channels.iter().zip(&self.taken);
        for (digits, (known, taken)) in self.digits.iter_mut().zip(rest) {
            digits.extend_from_slice(known.get(*taken..).unwrap_or_default());
        }
        self.digits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: u32 = 8_000;

    /// Keys of 80 ms at these milliseconds, over a noise, as 16 bits.
    fn sound(keys: &[(u8, usize)], ms: usize) -> Vec<u8> {
        let mut samples = vec![0.0_f64; ms * RATE as usize / 1000];
        let mut dice = 1_u32;
        for sample in &mut samples {
            dice = dice.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            *sample = f64::from(dice >> 16) / 65_536.0 * 60.0 - 30.0;
        }
        for (key, start) in keys {
            let at = b"123A456B789C*0#D".iter().position(|k| k == key).unwrap();
            let tones = [
                [697.0, 770.0, 852.0, 941.0][at / 4],
                [1209.0, 1336.0, 1477.0, 1633.0][at % 4],
            ];
            for (n, sample) in samples[start * 8..(start + 80) * 8].iter_mut().enumerate() {
                let angle = std::f64::consts::TAU * n as f64 / f64::from(RATE);
                *sample += tones
                    .map(|tone| (tone * angle).sin() * 5e3)
                    .iter()
                    .sum::<f64>();
            }
        }
        let samples = samples.iter().map(|sample| *sample as i16);
        samples.flat_map(i16::to_le_bytes).collect()
    }

    const CODING: Coding = Coding::Linear { bytes: 2, bits: 16 };

    fn hear(bytes: &[u8]) -> Heard {
        let mut heard = Heard::new(RATE, 1);
        let (mut block, mut digits) = (vec![Vec::new()], Vec::new());
        CODING.decode(bytes, &mut block);
        let mut tones = Tones::new(RATE).unwrap().marked();
        tones.push(&block[0], &mut digits);
        heard.rest(0, tones.rests());
        tones.finish(&mut digits);
        assert!(heard.add(0, &digits));
        heard
    }

    #[test]
    fn what_is_recalled_is_what_listening_to_all_hears() {
        // Entries at some places, near to the ends and to one another, and single keys.
        let keys: Vec<(u8, usize)> = [500, 9_000, 10_500, 30_000, 58_000, 59_700]
            .iter()
            .flat_map(|start| (0..5).map(move |n| (b'1' + n, start + usize::from(n) * 160)))
            .filter(|(_, at)| at + 80 < 60_000)
            .collect();
        let old = sound(&keys, 60_000);
        let heard = Arc::new(hear(&old));
        assert!(heard.channels[0].len() >= 26, "{}", heard.channels[0].len());
        for spans in [
            vec![],
            vec![0..60_000],
            vec![400..1_400],
            vec![9_000..9_900, 10_400..11_500],
            vec![29_900..30_200, 58_000..60_000],
            vec![59_000..90_000],
            vec![9_350..9_360, 30_320..30_330],
            vec![500..600, 9_000..9_100, 30_000..30_100, 58_000..58_100],
        ] {
            let mut new = old.clone();
            for span in &spans {
                let end = (span.end * 16).min(new.len() as u64);
                new[(span.start * 16) as usize..end as usize].fill(0);
            }
            let whole = hear(&new);
            for size in [160, 8_192, 65_536] {
                let mut recall = Recall::new(heard.clone(), &spans, RATE, 1).unwrap();
                let mut block = vec![Vec::new()];
                for piece in new.chunks(size) {
                    recall.stored(CODING, piece, &mut block);
                }
                assert_eq!(recall.finish(), whole.channels, "{spans:?} by {size}");
            }
        }
    }

    #[test]
    fn only_what_changed_is_listened_to() {
        let keys: Vec<_> = (0..4).map(|n| (b'7', 30_000 + n * 200)).collect();
        let heard = Arc::new(hear(&sound(&keys, 60_000)));
        // The rest is noise now, and is not heard.
        let mut other = sound(&[(b'1', 10_000), (b'2', 10_200), (b'3', 10_400)], 60_000);
        other[29_000 * 16..32_000 * 16].fill(0);
        let mut recall = Recall::new(heard, &[29_900..31_000], RATE, 1).unwrap();
        recall.stored(CODING, &other, &mut [Vec::new()]);
        assert!(recall.finish()[0].is_empty());
    }

    #[test]
    fn another_rate_or_number_of_channels_is_not_recalled() {
        let heard = Arc::new(Heard::new(RATE, 1));
        assert!(Recall::new(heard.clone(), &[], RATE, 1).is_some());
        assert!(Recall::new(heard.clone(), &[], 16_000, 1).is_none());
        assert!(Recall::new(heard, &[], RATE, 2).is_none());
    }
}
