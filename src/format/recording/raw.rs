//! Sound without any header: telephone exchanges write it, and only the name of the file tells how.
//!
//! Owns the names. A name alone is believed where the content is no text; GSM frames each begin
//! with the same four bits, which is evidence of its own.

use super::Container;
use super::feed::Out;
use super::pcm::Coding;
use super::sound::{Sound, Store, hear_block};
use super::stream::Stream;
use crate::format::is_text;

/// How headerless sound is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Raw {
    /// G.711 mu-law, 8 kHz.
    MuLaw,
    /// G.711 A-law, 8 kHz.
    ALaw,
    /// Linear, 16 bits, the low byte first, of so many samples a second.
    Linear(u32),
    /// GSM 06.10 full rate, frames of 33 bytes.
    Gsm,
}

/// Each kind once, of whatever rate.
pub(super) const KINDS: [Raw; 4] = [Raw::MuLaw, Raw::ALaw, Raw::Linear(0), Raw::Gsm];

/// Names of Asterisk's formats (its `format_*` modules): suffix, storage.
const NAMES: &[(&str, Raw)] = &[
    ("ulaw", Raw::MuLaw),
    ("ul", Raw::MuLaw),
    ("mu", Raw::MuLaw),
    ("ulw", Raw::MuLaw),
    ("pcmu", Raw::MuLaw),
    ("alaw", Raw::ALaw),
    ("al", Raw::ALaw),
    ("alw", Raw::ALaw),
    ("pcma", Raw::ALaw),
    ("sln", Raw::Linear(8_000)),
    ("slin", Raw::Linear(8_000)),
    ("sln8", Raw::Linear(8_000)),
    ("sln12", Raw::Linear(12_000)),
    ("sln16", Raw::Linear(16_000)),
    ("slin16", Raw::Linear(16_000)),
    ("sln24", Raw::Linear(24_000)),
    ("sln32", Raw::Linear(32_000)),
    ("sln44", Raw::Linear(44_100)),
    ("sln48", Raw::Linear(48_000)),
    ("sln96", Raw::Linear(96_000)),
    ("sln192", Raw::Linear(192_000)),
    ("gsm", Raw::Gsm),
];

impl Raw {
    /// What a source is that starts with `head` and is called `name`; `frames` says that it was
    /// recognised as GSM by its frames.
    pub(super) fn of(frames: bool, head: &[u8], name: &str) -> Option<Raw> {
        if frames {
            return Some(Raw::Gsm);
        }
        let (_, suffix) = name.rsplit_once('.')?;
        let known = |(known, _): &&(&str, Raw)| known.eq_ignore_ascii_case(suffix);
        let (_, raw) = NAMES.iter().find(known)?;
        let fits = match raw {
            // Eight frames are recognised by themselves; fewer have to begin as frames do.
            Raw::Gsm => head.len() < 33 * 8 && head.chunks(33).all(|frame| frame[0] >> 4 == 0xd),
            _ => !reads_as_text(head),
        };
        (fits && !head.is_empty()).then_some(*raw)
    }

    /// The name reports show.
    pub(super) fn name(self) -> &'static str {
        match self {
            Raw::MuLaw => "ulaw",
            Raw::ALaw => "alaw",
            Raw::Linear(_) => "sln",
            Raw::Gsm => "gsm",
        }
    }

    pub(super) fn container(self) -> Headerless {
        let (rate, store) = match self {
            Raw::MuLaw => (8_000, Store::Samples(Coding::MuLaw)),
            Raw::ALaw => (8_000, Store::Samples(Coding::ALaw)),
            Raw::Linear(rate) => (rate, Store::Samples(Coding::Linear { bytes: 2, bits: 16 })),
            Raw::Gsm => (8_000, Store::Gsm { wav: false }),
        };
        Headerless {
            sound: Sound {
                rate,
                channels: 1,
                store,
                start: 0,
                len: None,
            },
            begun: false,
        }
    }
}

/// Whether a head is somebody's text under a wrong name. Quiet samples by G.711's laws hold no NUL
/// either, but every other one of them is below zero, and so beyond ASCII.
fn reads_as_text(head: &[u8]) -> bool {
    let beyond = head.iter().filter(|byte| **byte >= 0x80).count();
    is_text(head) && beyond * 4 <= head.len()
}

/// Reads it.
pub(super) struct Headerless {
    sound: Sound,
    begun: bool,
}

impl Container for Headerless {
    fn step(&mut self, stream: &mut Stream, out: &mut Out) -> bool {
        if !self.begun {
            out.ear.open(self.sound.rate, 1);
            self.begun = true;
        }
        hear_block(&self.sound, u64::MAX, stream, out) > 0
    }

    fn sound(&self) -> Option<&Sound> {
        Some(&self.sound)
    }
}
