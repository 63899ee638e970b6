//! Recordings of calls: their tags, and what can be heard in them but speech.
//!
//! Owns the containers, one file each, and what of them is text, sound or neither. A recording has
//! no text to cut, so it is no format of the registry: its tags and the keys that were pressed come
//! as windows that bring their reader with them. What is said in it nobody hears here: that is
//! known by its transcript. Knows no entity.

mod crc;
mod ear;
mod feed;
mod fields;
mod flac;
mod gsm;
mod heard;
mod keys;
mod length;
mod m4a;
mod mp3;
mod mute;
mod ogg;
mod pcm;
mod raw;
mod sound;
mod stream;
mod tags;
mod talk;
mod wav;

pub(crate) use feed::{Feed, Part};
pub(crate) use heard::Heard;
pub(crate) use length::length;
pub(crate) use mute::mute;
pub(crate) use talk::Talk;

use crate::format::recognise;
use crate::source::Input;
use sound::Sound;
use stream::Stream;

/// Which container a recording is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// RIFF and its 64-bit form.
    Wav,
    /// MPEG audio, layer III.
    Mp3,
    /// FLAC in its own container.
    Flac,
    /// Ogg with one stream of Vorbis.
    Ogg,
    /// MP4, of sound alone as a rule.
    M4a,
    /// Samples or frames without any header, known by the file's name alone.
    Raw(raw::Raw),
}

impl Kind {
    /// The kind of a source that starts with `head`, was recognised as `known` by that, and is
    /// called `name`.
    pub(crate) fn of(known: Option<&str>, head: &[u8], name: &str) -> Option<Kind> {
        match known {
            Some("wav" | "rf64") => Some(Kind::Wav),
            Some("mp3") => Some(Kind::Mp3),
            Some("flac") => Some(Kind::Flac),
            Some("ogg") => ogg::is_vorbis(head).then_some(Kind::Ogg),
            Some("m4a" | "mp4") => Some(Kind::M4a),
            Some("gsm") | None => raw::Raw::of(known.is_some(), head, name).map(Kind::Raw),
            _ => None,
        }
    }

    /// The name reports show.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::Wav => "wav",
            Kind::Mp3 => "mp3",
            Kind::Flac => "flac",
            Kind::Ogg => "ogg",
            Kind::M4a => "m4a",
            Kind::Raw(raw) => raw.name(),
        }
    }

    fn container(self) -> Box<dyn Container> {
        match self {
            Kind::Wav => Box::new(wav::Wav::default()),
            Kind::Mp3 => Box::new(mp3::Mp3::default()),
            Kind::Flac => Box::new(flac::Flac::default()),
            Kind::Ogg => Box::new(ogg::Ogg::default()),
            Kind::M4a => Box::new(m4a::M4a::default()),
            Kind::Raw(raw) => Box::new(raw.container()),
        }
    }
}

/// The kind of the recording that starts with `head` and is called `name`, if it is one.
pub(crate) fn tell(head: &[u8], name: &str) -> Option<Kind> {
    Kind::of(recognise(head), head, name)
}

/// Whether what reports call `name` is a recording.
pub(crate) fn is_one(name: &str) -> bool {
    let kinds = [Kind::Wav, Kind::Mp3, Kind::Flac, Kind::Ogg, Kind::M4a];
    let raw = raw::KINDS.map(Kind::Raw);
    kinds.iter().chain(&raw).any(|kind| kind.name() == name)
}

/// The tags and keys of a recording.
pub(crate) fn feed(kind: Kind, input: Input) -> Feed {
    Feed::new(kind, Stream::new(input.into_stream()))
}

/// Reads one container from front to back.
trait Container: Send {
    /// Reads the next piece: a chunk of tags, a block of sound. False behind the last one.
    fn step(&mut self, stream: &mut Stream, out: &mut feed::Out) -> bool;

    /// Where its sound lies, once it was come to, where its bytes stand for times of it.
    fn sound(&self) -> Option<&Sound> {
        None
    }

    /// How many samples of each channel it has, and how many make a second, as far as that is
    /// known by what was come past.
    fn lasts(&self) -> Option<(u64, u32)> {
        None
    }
}

#[cfg(test)]
mod tests;
