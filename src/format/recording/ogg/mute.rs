//! Makes packets of Vorbis silent in their places.
//!
//! Owns which packets are heard in a span. A packet begins with bits that say how long its block
//! is; then each channel says whether it has a spectrum at all. Where all bits from there on are
//! zero none has, and what decoders leave unread behind that they do not miss (Vorbis I, sections
//! 4.3.2, 6.2.2 and 7.2.3). So no byte moves, and only the checksums of pages change with them.

use std::collections::VecDeque;
use std::ops::Range;

use super::page::{Page, is_whole, sealed};
use super::setup::{Block, Setup};
use super::{Next, Ogg, next};
use crate::edit::{Refusal, Splice};
use crate::format::Reason;
use crate::format::recording::Container;
use crate::format::recording::feed::Out;
use crate::format::recording::mute::{Steps, in_samples};
use crate::format::recording::stream::Stream;
use crate::format::recording::tags::tail;

/// Splices that silence packets, in order.
pub(in super::super) struct Muting {
    stream: Stream,
    serial: Option<u32>,
    setup: Setup,
    /// Sorted, disjoint, in samples.
    spans: Vec<Range<u64>>,
    /// The middle of the last block, in samples from the first that is heard, and its length.
    last: Option<(i64, u64)>,
    /// Whether the packet that goes on with the next page is to be silent.
    open: Option<bool>,
    /// No page with sound was seen yet.
    fresh: bool,
}

impl Muting {
    /// Of the packets in `stream`, in `spans` in milliseconds that are sorted and disjoint.
    ///
    /// # Errors
    /// [`Refusal`] when the file does not begin with what tells of its packets.
    pub(in super::super) fn new(
        mut stream: Stream,
        spans: &[Range<u64>],
    ) -> Result<Muting, Refusal> {
        let (mut ogg, mut out) = (Ogg::default(), Out::deaf());
        while ogg.headers < 3 && ogg.step(&mut stream, &mut out) {}
        // Sound begins on a page of its own (Vorbis I, section A.2).
        let setup = ogg
            .setup
            .filter(|_| ogg.headers == 3 && ogg.packet.is_empty());
        let setup = setup.ok_or(Refusal::ReadOnly)?;
        Ok(Muting {
            stream,
            serial: ogg.serial,
            spans: in_samples(spans, setup.rate),
            setup,
            last: None,
            open: None,
            fresh: true,
        })
    }

    /// The middle of a block behind the last one.
    fn middle(last: Option<(i64, u64)>, block: &Block) -> i64 {
        last.map_or(0, |(middle, samples)| {
            middle + ((samples + block.samples) / 4) as i64
        })
    }

    /// Whether anything of a span is heard of the block around `middle`.
    fn is_silent(&self, middle: i64, block: &Block) -> bool {
        let half = (block.samples / 2) as i64;
        let own = (middle - half).max(0) as u64..(middle + half).max(0) as u64;
        let mut spans = self.spans.iter();
        spans.any(|span| span.start < own.end && own.start < span.end)
    }

    fn page(&mut self, page: &Page, ready: &mut VecDeque<Splice>) -> Result<(), Reason> {
        let old = self.stream.peek(page.len).to_vec();
        let at = self.stream.offset();
        if Some(page.serial) != self.serial || page.first || !is_whole(&old) {
            // What else is heard, and when, is not known.
            return Err(Reason::Malformed);
        }
        if std::mem::take(&mut self.fresh) {
            let first = self.setup.left_out(page, &old) as i64;
            // As if a block of no length had been before.
            self.last = (first > 0).then_some((-first, 0));
        }
        if page.continued != self.open.is_some() {
            return Err(Reason::Malformed);
        }
        let mut new = old.clone();
        for (piece, ends) in &page.pieces {
            let packet = old.get(piece.clone()).unwrap_or_default();
            let silent = if let Some(silent) = self.open.take() {
                zero(&mut new, piece.clone(), 0, silent);
                silent
            } else if let Some(block) = self.setup.block(packet) {
                let middle = match self.last {
                    // What is left out begins in the middle of the first block.
                    Some((middle, 0)) => middle,
                    last => Muting::middle(last, &block),
                };
                self.last = Some((middle, block.samples));
                let silent = self.is_silent(middle, &block);
                zero(&mut new, piece.clone(), block.bits, silent);
                silent
            } else if packet.is_empty() {
                false
            } else {
                return Err(Reason::Malformed);
            };
            if !ends {
                self.open = Some(silent);
            }
        }
        if new != old {
            let (place, sum) = sealed(&new);
            if let Some(stands) = new.get_mut(place) {
                stands.copy_from_slice(&sum);
            }
            ready.push_back(Splice {
                range: at..at + page.len as u64,
                bytes: new.into(),
            });
        }
        self.stream.skip(page.len as u64);
        Ok(())
    }
}

impl Steps for Muting {
    fn step(&mut self, ready: &mut VecDeque<Splice>) -> Result<bool, Reason> {
        match next(&mut self.stream) {
            Next::Page(page) => self.page(&page, ready)?,
            Next::Tag => tail::skip_tag(&mut self.stream),
            // What there is of a page is heard by nobody who keeps to its checksum, but others.
            Next::Cut(_) => return Err(Reason::Truncated),
            Next::Junk(len) => {
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

/// Makes all but the first `keep` bits of a piece zero.
fn zero(page: &mut [u8], piece: Range<usize>, keep: u32, silent: bool) {
    let Some(piece) = page.get_mut(piece).filter(|_| silent) else {
        return;
    };
    let whole = (keep / 8) as usize;
    for (at, byte) in piece.iter_mut().enumerate().skip(whole) {
        *byte &= if at == whole {
            (1 << (keep % 8)) - 1
        } else {
            0
        };
    }
}
