//! Makes frames silent in their places.
//!
//! Owns which frames are heard in a span, and what has to change with them: the checksum of all
//! samples, which a file need not have.

use std::collections::VecDeque;
use std::ops::Range;

use super::frame::{Form, Head, Next, next};
use super::{Flac, bits};
use crate::edit::{Refusal, Splice};
use crate::format::Reason;
use crate::format::recording::Container;
use crate::format::recording::feed::Out;
use crate::format::recording::stream::Stream;
use crate::format::recording::tags::tail;

/// Where the checksum of all samples stands: MD5, at the end of `STREAMINFO`, which is the first
/// block. All zero where it is not known (RFC 9639, section 8.2).
const SUM: Range<u64> = 26..42;

/// Splices that silence frames, in order.
pub(in super::super) struct Muting {
    stream: Stream,
    form: Form,
    /// Sorted, disjoint, in samples.
    spans: Vec<Range<u64>>,
    /// Samples before the next frame.
    at: u64,
    /// Bytes by which silent frames are shorter so far than what they stand for.
    short: usize,
    begun: bool,
    ready: VecDeque<Splice>,
    ended: bool,
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
        while !flac.blocks_done && flac.step(&mut stream, &mut out) {
            if flac.form.is_none() && stream.offset() > 4 {
                break;
            }
        }
        let form = flac.form.ok_or(Refusal::ReadOnly)?;
        let samples = |span: &Range<u64>| {
            let rate = u64::from(form.rate);
            let end = span.end.saturating_mul(rate).div_ceil(1000);
            span.start.saturating_mul(rate) / 1000..end
        };
        Ok(Muting {
            stream,
            form,
            spans: spans.iter().map(samples).collect(),
            at: 0,
            short: 0,
            begun: false,
            ready: VecDeque::new(),
            ended: false,
        })
    }

    fn frame(&mut self, head: &Head, len: usize) {
        let own = self.at..self.at + u64::from(head.samples);
        self.at = own.end;
        let mut spans = self.spans.iter();
        if spans.any(|span| span.start < own.end && own.start < span.end) {
            let (form, at) = (self.form, self.stream.offset());
            let old = self.stream.peek(len);
            let header = old.get(..head.len).unwrap_or_default();
            let new = bits::silent(head, header, &form, len + self.short);
            let same = new == old;
            self.short = (len + self.short).saturating_sub(new.len());
            if !same {
                if !self.begun {
                    self.begun = true;
                    self.ready.push_back(Splice {
                        range: SUM,
                        bytes: vec![0; 16].into(),
                    });
                }
                self.ready.push_back(Splice {
                    range: at..at + len as u64,
                    bytes: new.into(),
                });
            }
        }
        self.stream.skip(len as u64);
    }

    /// Goes on to the next frame; the reason where what is heard next is not known.
    fn step(&mut self) -> Result<(), Reason> {
        match next(&mut self.stream, &self.form) {
            Next::Frame(head, len) => self.frame(&head, len),
            Next::Tag => tail::skip_tag(&mut self.stream),
            Next::Damaged(len) => {
                let bytes = self.stream.peek(len);
                if bytes.iter().any(|byte| *byte != 0) && !crate::format::is_text(bytes) {
                    return Err(Reason::Malformed);
                }
                self.stream.skip(len as u64);
            }
            Next::End => self.ended = true,
        }
        Ok(())
    }
}

impl Iterator for Muting {
    type Item = Result<Splice, Reason>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.ready.is_empty() && !self.ended {
            let stepped = self.step();
            if let Some(reason) = stepped.err().or(self.stream.failed()) {
                self.ended = true;
                self.ready.clear();
                return Some(Err(reason));
            }
        }
        self.ready.pop_front().map(Ok)
    }
}
