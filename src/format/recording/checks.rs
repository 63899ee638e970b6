//! Checksums that stand beside what they are over.
//!
//! Owns the sums of the containers and where they are written. Knows no tag.

use std::ops::Range;

use crate::edit::Splice;

/// A checksum of a stretch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Check {
    /// What it is over, in the text of the stretch.
    pub(super) over: Range<usize>,
    /// Where it stands.
    pub(super) at: usize,
    pub(super) kind: Kind,
}

/// How it is reckoned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Of an Ogg page (RFC 3533, section 6, field 7): it lies within, and counts as zeros.
    OggPage,
}

impl Check {
    /// What has to be written once `edits`, all of the same width, have made `text` of it.
    pub(super) fn settle(&self, text: &[u8], edits: &[Splice]) -> Option<Splice> {
        let touched = edits.iter().any(|edit| {
            edit.range.start < self.over.end as u64 && edit.range.end > self.over.start as u64
        });
        if !touched {
            return None;
        }
        let page = text.get(self.over.clone())?;
        let sum = match self.kind {
            Kind::OggPage => ogg_sum(page, self.at - self.over.start),
        };
        Some(Splice {
            range: self.at as u64..self.at as u64 + 4,
            bytes: sum.to_le_bytes().as_slice().into(),
        })
    }
}

/// The sum of an Ogg page whose own sum stands at `at`.
pub(super) fn ogg_sum(page: &[u8], at: usize) -> u32 {
    let mut sum = 0;
    for (place, byte) in page.iter().enumerate() {
        let byte = if (at..at + 4).contains(&place) {
            0
        } else {
            *byte
        };
        sum = ogg_step(sum, byte);
    }
    sum
}

/// CRC-32 with the polynomial 0x04c11db7, neither reflected nor inverted.
fn ogg_step(sum: u32, byte: u8) -> u32 {
    (sum << 8) ^ OGG[usize::from((sum >> 24) as u8 ^ byte)]
}

const OGG: [u32; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut sum = (byte as u32) << 24;
        let mut bit = 0;
        while bit < 8 {
            let carry = sum >> 31;
            sum = (sum << 1) ^ (carry * 0x04c1_1db7);
            bit += 1;
        }
        table[byte] = sum;
        byte += 1;
    }
    table
};
