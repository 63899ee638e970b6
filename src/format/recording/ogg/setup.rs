//! The headers of Vorbis (Xiph.Org, Vorbis I specification, section 4.2): which packets are how
//! long, and which of their bits say so.
//!
//! Owns the way through the third header, of which only the last part is wanted: nothing tells
//! where that begins but all that stands before it.

use super::page::Page;
use crate::format::recording::stream::le32;

/// What the headers tell of the packets behind them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Setup {
    /// Samples a second.
    pub(super) rate: u32,
    pub(super) channels: u8,
    /// Samples of a short block and of a long one.
    blocks: [u64; 2],
    /// For each mode, whether its blocks are long.
    modes: Vec<bool>,
}

/// What a packet says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Block {
    /// Samples that it spans, half of which go over into each neighbour.
    pub(super) samples: u64,
    /// Its first bits, which say this.
    pub(super) bits: u32,
}

/// What the first header says: samples a second, channels, samples of both kinds of block.
pub(super) fn ident(packet: &[u8]) -> Option<(u32, u8, [u64; 2])> {
    let (channels, rate) = (*packet.get(11)?, le32(packet, 12));
    let blocks = *packet.get(28)?;
    let (short, long) = (blocks & 15, blocks >> 4);
    let holds = packet.starts_with(b"\x01vorbis")
        && le32(packet, 7) == 0
        && channels > 0
        && rate > 0
        && (6..=13).contains(&short)
        && (short..=13).contains(&long);
    holds.then_some((rate, channels, [1 << short, 1 << long]))
}

impl Setup {
    /// Reads the first header and the third.
    pub(super) fn read(first: &[u8], third: &[u8]) -> Option<Setup> {
        let (rate, channels, blocks) = ident(first)?;
        let modes = modes(third.strip_prefix(b"\x05vorbis")?, u32::from(channels))?;
        Some(Setup {
            rate,
            channels,
            blocks,
            modes,
        })
    }

    /// How many samples decoders leave out at the beginning, by the first page with sound: it
    /// counts fewer than there are (section A.2). Of the last page that means its end.
    pub(super) fn left_out(&self, page: &Page, bytes: &[u8]) -> u64 {
        let (mut before, mut there) = (None, 0);
        for (piece, ends) in &page.pieces {
            let packet = bytes.get(piece.clone()).unwrap_or_default();
            if let Some(block) = self.block(packet).filter(|_| *ends) {
                there += before.map_or(0, |before: u64| (before + block.samples) / 4);
                before = Some(block.samples);
            }
        }
        let counted = page.granule.filter(|_| !page.last);
        counted.map_or(0, |counted| there.saturating_sub(counted))
    }

    /// What a packet of sound says of itself.
    pub(super) fn block(&self, packet: &[u8]) -> Option<Block> {
        let mut bits = Bits {
            bytes: packet,
            at: 0,
        };
        if bits.take(1)? != 0 {
            return None;
        }
        let mode = bits.take(width(self.modes.len() as u32 - 1))?;
        let long = *self.modes.get(mode as usize)?;
        if long {
            // Whether the blocks before and behind it are long.
            bits.take(2)?;
        }
        Some(Block {
            samples: self.blocks[usize::from(long)],
            bits: bits.at as u32,
        })
    }
}

/// Bits, the lowest of a byte first.
struct Bits<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl Bits<'_> {
    fn take(&mut self, len: u32) -> Option<u32> {
        let mut value = 0;
        for nth in 0..len {
            let byte = self.bytes.get(self.at / 8)?;
            value |= u32::from(byte >> (self.at % 8) & 1) << nth;
            self.at += 1;
        }
        Some(value)
    }

    /// Passes over bits.
    fn skip(&mut self, len: u64) -> Option<()> {
        let at = self.at as u64 + len;
        (at <= self.bytes.len() as u64 * 8).then(|| self.at = at as usize)
    }
}

/// How many bits it takes to tell `most` (section 9.2.1).
fn width(most: u32) -> u32 {
    32 - most.leading_zeros()
}

/// For each mode, whether its blocks are long (section 4.2.4).
fn modes(setup: &[u8], channels: u32) -> Option<Vec<bool>> {
    let mut bits = Bits {
        bytes: setup,
        at: 0,
    };
    for _ in 0..=bits.take(8)? {
        codebook(&mut bits)?;
    }
    // Times, of which there are none.
    let times = u64::from(bits.take(6)?) + 1;
    bits.skip(16 * times)?;
    for _ in 0..=bits.take(6)? {
        floor(&mut bits)?;
    }
    for _ in 0..=bits.take(6)? {
        residue(&mut bits)?;
    }
    for _ in 0..=bits.take(6)? {
        mapping(&mut bits, channels)?;
    }
    let count = bits.take(6)? + 1;
    let modes = (0..count).map(|_| {
        let long = bits.take(1)? == 1;
        bits.skip(16 + 16 + 8)?;
        Some(long)
    });
    let modes = modes.collect::<Option<Vec<bool>>>()?;
    (bits.take(1)? == 1).then_some(modes)
}

/// Section 3.2.1.
fn codebook(bits: &mut Bits<'_>) -> Option<()> {
    if bits.take(24)? != 0x0056_4342 {
        return None;
    }
    let (dimensions, entries) = (bits.take(16)?, bits.take(24)?);
    let ordered = bits.take(1)? == 1;
    if ordered {
        bits.skip(5)?;
        let mut known = 0;
        while known < entries {
            known += bits.take(width(entries - known))?;
        }
        if known > entries {
            return None;
        }
    } else if bits.take(1)? == 1 {
        for _ in 0..entries {
            if bits.take(1)? == 1 {
                bits.skip(5)?;
            }
        }
    } else {
        bits.skip(5 * u64::from(entries))?;
    }
    let values = match bits.take(4)? {
        0 => return Some(()),
        1 => roots(entries, dimensions)?,
        2 => u64::from(entries) * u64::from(dimensions),
        _ => return None,
    };
    bits.skip(32 + 32)?;
    let len = u64::from(bits.take(4)?) + 1;
    bits.skip(1)?;
    bits.skip(len * values)
}

/// The largest number of which the power is no more than `entries` (section 9.2.3).
fn roots(entries: u32, dimensions: u32) -> Option<u64> {
    if dimensions == 0 {
        return None;
    }
    let fits = |root: u64| {
        let mut power = 1_u64;
        for _ in 0..dimensions {
            power = power.saturating_mul(root);
            if power > u64::from(entries) {
                return false;
            }
        }
        true
    };
    // Of one dimension it is the number itself, and of more at most its square root.
    if dimensions == 1 {
        return Some(u64::from(entries));
    }
    let above = (1..=4097_u64).find(|root| !fits(*root))?;
    Some(above - 1)
}

/// Sections 6.2.1 and 7.2.2.
fn floor(bits: &mut Bits<'_>) -> Option<()> {
    match bits.take(16)? {
        0 => {
            bits.skip(8 + 16 + 16 + 6 + 8)?;
            let books = u64::from(bits.take(4)?) + 1;
            bits.skip(8 * books)
        }
        1 => {
            let parts = bits.take(5)?;
            let classes: Vec<u32> = (0..parts).map(|_| bits.take(4)).collect::<Option<_>>()?;
            let mut dimensions = [0_u32; 16];
            let last = classes.iter().max().map_or(0, |class| class + 1);
            for dimension in dimensions.iter_mut().take(last as usize) {
                *dimension = bits.take(3)? + 1;
                let subclasses = bits.take(2)?;
                if subclasses > 0 {
                    bits.skip(8)?;
                }
                bits.skip(8 << subclasses)?;
            }
            bits.skip(2)?;
            let range = u64::from(bits.take(4)?);
            for class in classes {
                let count = dimensions.get(class as usize).copied()?;
                bits.skip(range * u64::from(count))?;
            }
            Some(())
        }
        _ => None,
    }
}

/// Section 8.6.1.
fn residue(bits: &mut Bits<'_>) -> Option<()> {
    if bits.take(16)? > 2 {
        return None;
    }
    bits.skip(24 + 24 + 24)?;
    let classes = bits.take(6)? + 1;
    bits.skip(8)?;
    let mut books = 0;
    for _ in 0..classes {
        let mut cascade = bits.take(3)?;
        if bits.take(1)? == 1 {
            cascade |= bits.take(5)? << 3;
        }
        books += u64::from(cascade.count_ones());
    }
    bits.skip(8 * books)
}

/// Section 4.2.4, mappings.
fn mapping(bits: &mut Bits<'_>, channels: u32) -> Option<()> {
    if bits.take(16)? != 0 {
        return None;
    }
    let submaps = match bits.take(1)? {
        0 => 1,
        _ => bits.take(4)? + 1,
    };
    if bits.take(1)? == 1 {
        let steps = u64::from(bits.take(8)?) + 1;
        bits.skip(2 * steps * u64::from(width(channels - 1)))?;
    }
    if bits.take(2)? != 0 {
        return None;
    }
    if submaps > 1 {
        bits.skip(4 * u64::from(channels))?;
    }
    bits.skip(24 * u64::from(submaps))
}
