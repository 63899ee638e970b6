//! Makes frames silent in their places, whatever of their main data lies in earlier frames.
//!
//! Owns the account of the bit reservoir. Of a silent frame the side information says that it has
//! no bits, and every byte that its main data had is zero; bytes of its neighbours stay.

use std::collections::VecDeque;
use std::ops::Range;

use super::frame::{Header, RESERVOIR};
use super::{Next, next};
use crate::edit::Splice;
use crate::format::Reason;
use crate::format::recording::mute::merged;
use crate::format::recording::stream::Stream;
use crate::format::recording::tags::tail;

/// Samples by which decoders differ in what they call the beginning: those that leave out what the
/// encoder put before (LAME's delay, 576, and a decoder's own, 529).
const DELAY: u64 = 576 + 529;
/// Samples for which a granule is still heard behind its own: those of the next, for the overlap of
/// the transform, and those that the filters hold.
const RINGING: u64 = 576 + 481;

/// A frame that later ones may still reach into.
struct Frame {
    /// Where it starts in the file.
    at: u64,
    header: Header,
    /// Its bytes before its main data once it is silent; none where it is not to be.
    silent: Option<Vec<u8>>,
    /// Main data that is stored in it, counted over the stream.
    holds: Range<u64>,
    /// What of that has to be zero.
    zero: Vec<Range<u64>>,
    bytes: Vec<u8>,
}

/// Splices that silence frames, in order.
pub(in super::super) struct Muting {
    stream: Stream,
    /// Sorted, disjoint, in milliseconds.
    spans: Vec<Range<u64>>,
    header: Option<Header>,
    frames: VecDeque<Frame>,
    /// Frames with sound so far.
    count: u64,
    /// Main data so far.
    main: u64,
    /// Where the main data of the last frame begins, if it is to be silent.
    open: Option<u64>,
    ready: VecDeque<Splice>,
    ended: bool,
}

impl Muting {
    /// Of the frames in `stream`, in `spans` that are sorted and disjoint.
    pub(in super::super) fn new(stream: Stream, spans: Vec<Range<u64>>) -> Muting {
        Muting {
            stream,
            spans,
            header: None,
            frames: VecDeque::new(),
            count: 0,
            main: 0,
            open: None,
            ready: VecDeque::new(),
            ended: false,
        }
    }

    /// Whether anything of a span is heard of the frame with this number.
    fn is_silent(&self, header: &Header, number: u64) -> bool {
        let len = header.samples();
        // Some decoders count the frame with the table, all let the frame before be heard.
        let from = (number * len).saturating_sub(DELAY);
        let to = (number + 1) * len + RINGING + len;
        let rate = u64::from(header.rate);
        self.spans.iter().any(|span| {
            let first = span.start.saturating_mul(rate) / 1000;
            let last = span.end.saturating_mul(rate).div_ceil(1000);
            first < to && from < last
        })
    }

    fn frame(&mut self, header: Header) {
        let bytes = self.stream.peek(header.len).to_vec();
        let at = self.stream.offset();
        self.stream.skip(header.len as u64);
        let first = self.header.is_none();
        self.header = self.header.or(Some(header));
        // A table holds no main data, and nothing begins in it.
        if first && header.is_table(&bytes) {
            return;
        }
        let stored = (header.len - header.head() - header.side()) as u64;
        let begins = self.main.saturating_sub(header.begins(&bytes));
        self.close(begins);
        let silent = self.is_silent(&header, self.count);
        self.open = silent.then_some(begins);
        self.frames.push_back(Frame {
            at,
            header,
            silent: silent.then(|| header.silenced(&bytes)),
            holds: self.main..self.main + stored,
            zero: Vec::new(),
            bytes,
        });
        self.main += stored;
        self.count += 1;
        // The main data of this frame ends only where that of the next begins: what it may reach
        // into has to wait.
        let reached = (self.main - stored).saturating_sub(RESERVOIR);
        while self
            .frames
            .front()
            .is_some_and(|frame| frame.holds.end <= reached)
        {
            self.give();
        }
    }

    /// Takes out the main data of the last frame, which ends where that of the next one begins.
    fn close(&mut self, end: u64) {
        let Some(start) = self.open.take() else {
            return;
        };
        for frame in &mut self.frames {
            let from = start.max(frame.holds.start);
            let to = end.min(frame.holds.end);
            if from < to {
                frame.zero.push(from..to);
            }
        }
    }

    /// Hands over the splices of the first frame, into which nothing reaches any more.
    fn give(&mut self) {
        let Some(frame) = self.frames.pop_front() else {
            return;
        };
        let head = (frame.header.head() + frame.header.side()) as u64;
        if let Some(silent) = frame.silent {
            self.ready.push_back(Splice {
                range: frame.at..frame.at + head,
                bytes: silent.into(),
            });
        }
        let main = frame.at + head;
        // Frames that are damaged may claim the same bytes, or claim them out of order.
        for zero in merged(frame.zero.into_iter()) {
            let place = zero.start - frame.holds.start..zero.end - frame.holds.start;
            let within = (place.start + head) as usize..(place.end + head) as usize;
            let old = frame.bytes.get(within).unwrap_or_default();
            if old.iter().any(|byte| *byte != 0) {
                self.ready.push_back(Splice {
                    range: main + place.start..main + place.end,
                    bytes: vec![0; (place.end - place.start) as usize].into(),
                });
            }
        }
    }

    fn step(&mut self) {
        match next(&mut self.stream, self.header.as_ref()) {
            Next::Frame(header) => self.frame(header),
            // What there is of it can be heard as well.
            Next::Cut(header, len) if len >= header.head() + header.side() => {
                self.frame(Header { len, ..header });
            }
            Next::Cut(_, len) => {
                self.stream.skip(len as u64);
            }
            Next::Tag => tail::skip_tag(&mut self.stream),
            Next::Junk(len) => {
                self.stream.skip(len);
            }
            Next::Other(_) | Next::End => {
                self.ended = true;
                self.close(u64::MAX);
                while !self.frames.is_empty() {
                    self.give();
                }
            }
        }
    }
}

impl Iterator for Muting {
    type Item = Result<Splice, Reason>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.ready.is_empty() && !self.ended {
            self.step();
            if let Some(reason) = self.stream.failed() {
                self.ended = true;
                self.ready.clear();
                return Some(Err(reason));
            }
        }
        self.ready.pop_front().map(Ok)
    }
}
