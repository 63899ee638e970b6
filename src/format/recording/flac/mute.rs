//! Makes frames silent in their places.
//!
//! Owns which frames are heard in a span, and what has to change with them: the checksum of all
//! samples, the length of frames and the places to seek to, which a file need not have. A frame that
//! is silent in part is told sample by sample, since nothing shorter is sure to hold the others.

use std::collections::VecDeque;
use std::ops::Range;

use symphonia_bundle_flac::FlacDecoder;
use symphonia_core::codecs::audio::AudioDecoder;
use symphonia_core::packet::PacketRef;
use symphonia_core::units::{Duration, Timestamp};

use super::frame::{Form, Head, Next, next};
use super::{Flac, bits};
use crate::edit::{Refusal, Splice};
use crate::format::Reason;
use crate::format::recording::Container;
use crate::format::recording::feed::Out;
use crate::format::recording::mute::{Steps, in_samples};
use crate::format::recording::stream::{Stream, be32};
use crate::format::recording::tags::tail;

/// Bytes of `STREAMINFO`, which is the first block, that need not be known, and are zeros then (RFC
/// 9639, section 8.2): the least and the most bytes of a frame, and the checksum of all samples.
const UNKNOWN: [Range<u64>; 2] = [12..18, 26..42];

/// Bytes of a point to seek to (section 8.5).
const POINT: usize = 18;

/// Splices that silence frames, in order.
pub(in super::super) struct Muting {
    stream: Stream,
    form: Form,
    /// Sorted, disjoint, in samples.
    spans: Vec<Range<u64>>,
    /// Samples before the next frame.
    at: u64,
    /// What frames sound like that are silent in part.
    decoder: Option<FlacDecoder>,
    /// What has to change with the first frame: blocks before all of them.
    blocks: Vec<Splice>,
}

impl Muting {
    /// Of the frames in `stream`, in `spans` in milliseconds that are sorted and disjoint.
    ///
    /// # Errors
    /// [`Refusal`] when the file does not begin with what tells of its frames.
    pub(in super::super) fn new(
        mut stream: Stream,
        spans: &[Range<u64>],
    ) -> Result<Muting, Refusal> {
        let (mut flac, mut out) = (Flac::default(), Out::deaf());
        let unknown = UNKNOWN.into_iter().map(|place| Splice {
            bytes: vec![0; (place.end - place.start) as usize].into(),
            range: place,
        });
        let mut blocks: Vec<Splice> = unknown.collect();
        while !flac.blocks_done && flac.step(&mut stream, &mut out) {
            if flac.form.is_none() && stream.offset() > 4 {
                break;
            }
            blocks.extend(seek_points(&mut stream).filter(|_| !flac.blocks_done));
        }
        let form = flac.form.ok_or(Refusal::ReadOnly)?;
        Ok(Muting {
            stream,
            form,
            spans: in_samples(spans, form.rate),
            at: 0,
            decoder: flac.decoder,
            blocks,
        })
    }

    fn frame(&mut self, head: &Head, len: usize, ready: &mut VecDeque<Splice>) {
        let own = self.at..self.at + u64::from(head.samples);
        self.at = own.end;
        // What of it is to be silent, in its own samples.
        let within = |span: &Range<u64>| {
            let start = span.start.max(own.start) - own.start;
            start as usize..(span.end.min(own.end).max(own.start) - own.start) as usize
        };
        let silent: Vec<_> = self.spans.iter().map(within).collect();
        let silent: Vec<_> = silent.into_iter().filter(|part| !part.is_empty()).collect();
        if !silent.is_empty() {
            let at = self.stream.offset();
            let old = self.stream.peek(len);
            let header = old.get(..head.len).unwrap_or_default();
            let whole = silent == [0..head.samples as usize];
            let decoder = self.decoder.as_mut().filter(|_| !whole);
            let kept = decoder.and_then(|decoder| planes(decoder, old, head, &self.form));
            let new = match kept {
                Some(mut planes) => {
                    for plane in &mut planes {
                        for part in &silent {
                            plane.get_mut(part.clone()).unwrap_or_default().fill(0);
                        }
                    }
                    bits::verbatim(header, &self.form, &planes)
                }
                // What cannot be decoded is silent as a whole.
                None => bits::silent(head, header, &self.form, len),
            };
            if new != old {
                ready.extend(self.blocks.drain(..));
                ready.push_back(Splice {
                    range: at..at + len as u64,
                    bytes: new.into(),
                });
            }
        }
        self.stream.skip(len as u64);
    }
}

impl Steps for Muting {
    fn step(&mut self, ready: &mut VecDeque<Splice>) -> Result<bool, Reason> {
        match next(&mut self.stream, &self.form) {
            Next::Frame(head, len) => self.frame(&head, len, ready),
            Next::Tag => tail::skip_tag(&mut self.stream),
            Next::Damaged(len) => {
                let bytes = self.stream.peek(len);
                if bytes.iter().any(|byte| *byte != 0) && !crate::format::is_text(bytes) {
                    return Err(Reason::Malformed);
                }
                self.stream.skip(len as u64);
            }
            Next::End => return Ok(false),
        }
        Ok(true)
    }

    fn failed(&self) -> Option<Reason> {
        self.stream.failed()
    }
}

/// The samples of a frame, as wide as they are stored.
fn planes(
    decoder: &mut FlacDecoder,
    frame: &[u8],
    head: &Head,
    form: &Form,
) -> Option<Vec<Vec<i32>>> {
    let packet = PacketRef::new(0, Timestamp::ZERO, Duration::ZERO, frame);
    let mut planes: Vec<Vec<i32>> = Vec::new();
    let sound = decoder.decode_ref(&packet).ok()?;
    sound.copy_to_vecs_planar(&mut planes);
    // The decoder gives samples of 32 bits.
    for sample in planes.iter_mut().flatten() {
        *sample >>= 32 - u32::from(form.bits);
    }
    let fits = planes.len() == usize::from(form.channels)
        && planes
            .iter()
            .all(|plane| plane.len() == head.samples as usize);
    fits.then_some(planes)
}

/// The points to seek to in the block that starts here, where they are such, as points that lead
/// nowhere: frames behind what is muted may stand elsewhere.
fn seek_points(stream: &mut Stream) -> Option<Splice> {
    let head = stream.peek(4);
    let (kind, len) = (*head.first()?, be32(head, 0) as usize & 0x00ff_ffff);
    let start = stream.offset() + 4;
    (kind & 0x7f == 3).then(|| {
        let mut point = [0; POINT];
        point[..8].fill(0xff);
        let points = len / POINT;
        Splice {
            range: start..start + (points * POINT) as u64,
            bytes: point.repeat(points).into(),
        }
    })
}
