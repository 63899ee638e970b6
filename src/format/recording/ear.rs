//! What is heard in a recording: its samples, channel by channel, with their times.
//!
//! Owns the decoded blocks and the keys heard in them. Knows no container.

use std::ops::Range;
use std::sync::Arc;

use symphonia_core::codecs::audio::AudioDecoder;
use symphonia_core::packet::PacketRef;
use symphonia_core::units::{Duration, Timestamp};

use super::gsm;
use super::heard::{Heard, Recall};
use super::keys::Keys;
use super::pcm::Coding;
use crate::detect::tones::{Digit, Tones};
use crate::format::Reason;

/// Keys of a channel that are handed over as one, at the least: more than any call has, so that
/// what was keyed in before and behind one another is judged together.
const MANY: usize = 4096;

/// Hears the sound of one recording.
#[derive(Default)]
pub(super) struct Ear {
    /// The block that is being heard, a list for each channel.
    block: Vec<Vec<i16>>,
    /// For each channel what hears keys; none for a rate that cannot hold them.
    tones: Vec<Tones>,
    digits: Vec<Vec<Digit>>,
    unheard: Option<Reason>,
    gsm: gsm::Decoder,
    /// Samples of each channel that are still left out.
    left_out: u64,
    /// Nothing is listened to: who only wants to know where sound lies.
    deaf: bool,
    /// What is heard is remembered, and what was so far.
    remembers: bool,
    heard: Option<Heard>,
    /// What was heard before, and where it is otherwise now.
    known: Option<(Arc<Heard>, Vec<Range<u64>>)>,
    recall: Option<Recall>,
}

impl Ear {
    /// One that hears nothing.
    pub(super) fn deaf() -> Ear {
        Ear {
            deaf: true,
            ..Ear::default()
        }
    }

    /// Has what is heard remembered.
    pub(super) fn remember(&mut self) {
        self.remembers = true;
    }

    /// Has only that listened to which is otherwise than when `heard` was heard: what lies in
    /// `spans`, in milliseconds.
    pub(super) fn recall(&mut self, heard: Arc<Heard>, spans: &[Range<u64>]) {
        self.known = Some((heard, spans.to_vec()));
    }

    /// What was heard, behind the end, where it was remembered and can be recalled.
    pub(super) fn heard(&mut self) -> Option<Heard> {
        self.heard.take()
    }

    /// Begins to hear sound of so many samples a second in so many channels.
    pub(super) fn open(&mut self, rate: u32, channels: usize) {
        if self.deaf {
            return;
        }
        self.block = vec![Vec::new(); channels];
        self.tones = (0..channels).filter_map(|_| Tones::new(rate)).collect();
        self.digits = vec![Vec::new(); channels];
        if self.tones.len() < channels {
            self.unheard = Some(Reason::Unsupported("sample-rate"));
            return;
        }
        self.recall = self
            .known
            .take()
            .and_then(|(heard, spans)| Recall::new(heard, &spans, rate, channels));
        if self.remembers {
            self.heard = Some(Heard::new(rate, channels));
            self.tones = self.tones.drain(..).map(Tones::marked).collect();
        }
    }

    /// Leaves out the next samples of each channel, which players do not play.
    pub(super) fn leave_out(&mut self, samples: u64) {
        self.left_out = samples;
    }

    /// Hears whole frames of stored samples.
    pub(super) fn stored(&mut self, coding: Coding, bytes: &[u8]) {
        if self.tones.is_empty() {
            return;
        }
        if let Some(recall) = &mut self.recall {
            recall.stored(coding, bytes, &mut self.block);
            return;
        }
        for channel in &mut self.block {
            channel.clear();
        }
        coding.decode(bytes, &mut self.block);
        self.hear();
    }

    /// Hears whole frames of GSM 06.10.
    pub(super) fn gsm(&mut self, wav: bool, bytes: &[u8]) {
        self.forget();
        let (Some(channel), false) = (self.block.first_mut(), self.tones.is_empty()) else {
            return;
        };
        channel.clear();
        for unit in bytes.chunks_exact(if wav { gsm::PAIR } else { gsm::FRAME }) {
            match wav {
                true => self.gsm.pair(unit, channel),
                false => self.gsm.frame(unit, channel),
            }
        }
        self.hear();
    }

    /// Hears what `decoder` makes of a packet, which should be `samples` of each channel; silence
    /// where it makes nothing of it, and then false.
    pub(super) fn packet(
        &mut self,
        decoder: Option<&mut dyn AudioDecoder>,
        packet: &[u8],
        samples: u64,
    ) -> bool {
        self.forget();
        if self.tones.is_empty() {
            return true;
        }
        let packet = PacketRef::new(0, Timestamp::ZERO, Duration::ZERO, packet);
        let sound = decoder.and_then(|decoder| decoder.decode_ref(&packet).ok());
        let sound = sound.filter(|sound| sound.num_planes() == self.block.len());
        if let Some(sound) = &sound {
            sound.copy_to_vecs_planar(&mut self.block);
        } else {
            for channel in &mut self.block {
                channel.clear();
                channel.resize(samples as usize, 0);
            }
        }
        let heard = sound.is_some();
        self.hear();
        heard
    }

    /// What a codec makes of a packet hangs on the ones before: all of it is listened to.
    fn forget(&mut self) {
        (self.heard, self.recall) = (None, None);
    }

    fn hear(&mut self) {
        if self.left_out > 0 {
            let here = self.block.first().map_or(0, Vec::len);
            let less = usize::try_from(self.left_out).map_or(here, |left| left.min(here));
            for channel in &mut self.block {
                channel.drain(..less.min(channel.len()));
            }
            self.left_out -= less as u64;
        }
        let heard = self.tones.iter_mut().zip(&self.block);
        for ((tones, samples), digits) in heard.zip(&mut self.digits) {
            tones.push(samples, digits);
        }
    }

    /// The keys of the channels that have many, or of all at the end.
    pub(super) fn keys(&mut self, end: bool) -> Vec<(Vec<u8>, Keys)> {
        if end {
            for (channel, tones) in self.tones.iter().enumerate() {
                if let Some(heard) = &mut self.heard {
                    heard.rest(channel, tones.rests());
                }
            }
            for (tones, digits) in self.tones.drain(..).zip(&mut self.digits) {
                tones.finish(digits);
            }
            if let Some(recall) = self.recall.take() {
                self.digits = recall.finish();
            }
        }
        let mut out = Vec::new();
        for (digits, channel) in self.digits.iter_mut().zip(1..) {
            if digits.len() >= if end { 1 } else { MANY } {
                let kept = self.heard.take();
                self.heard = kept.and_then(|mut heard| {
                    let fits = heard.add(usize::from(channel) - 1, digits);
                    fits.then_some(heard)
                });
                let text = digits.iter().map(|digit| digit.key).collect();
                let times = digits.drain(..).map(|digit| digit.ms).collect();
                out.push((text, Keys::new(channel, times)));
            }
        }
        out
    }

    /// Why the sound could not be listened to.
    pub(super) fn unheard(&self) -> Option<Reason> {
        self.unheard
    }
}
