//! From blocks to digits: what a block holds, how long it lasts, and in what company.
//!
//! Owns the guards that tell a digit from speech. Knows neither samples nor rates.

use std::ops::Range;

use super::bank::{Bank, HOPS, OFF};

/// The keys by row and column (Q.23).
const KEYS: [[u8; 4]; 4] = [*b"123A", *b"456B", *b"789C", *b"*0#D"];

/// A digit and the hops it was heard in.
#[derive(Clone)]
pub(super) struct Found {
    pub(super) key: u8,
    pub(super) hops: Range<u64>,
    /// Whether it is one by itself; otherwise only in company.
    sure: bool,
    /// Whether it would be one beside another like it.
    firm: bool,
}

/// What a block holds.
#[derive(Clone, Copy)]
struct Heard {
    key: u8,
    /// What it speaks for the digit, from 1 to 3.
    weight: u32,
    /// Whether it is as a receiver has to accept it, or only as a codec may have left it.
    firm: bool,
}

/// The least mean square of a block: 45 dB below full scale.
const FLOOR: f32 = 3.2e-5;
/// The least part of a block's energy that the two tones are, by what it then weighs. At 15 dB of
/// signal to noise it is 0.97; the GSM codec, and blocks over an edge, leave less.
const WEIGHTS: [(f32, u32); 3] = [(0.75, 3), (0.6, 2), (0.45, 1)];
/// Before a tone that is a little off is looked for, this much must be there.
const WORTH: f32 = 0.2;
/// How much weaker one tone may be than the other: 8 dB, and 4 for what noise and codecs add.
const TWIST: f32 = 16.0;
/// The same where a speech codec took the weaker tone for noise; GSM adds up to 8 dB.
const TWIST_STRAINED: f32 = 40.0;
/// How much stronger a tone must be than the others of its group: 8 dB.
const STANDS_OUT: f32 = 6.3;
/// The most that a second harmonic may be of both tones: voices have strong ones.
const HARMONIC: f32 = 0.08;
/// The same behind a speech codec, which makes harmonics of its own.
const HARMONIC_STRAINED: f32 = 0.3;

/// The least blocks that make a digit: with blocks of four hops a tone of some 30 ms.
const BLOCKS: u32 = 3;
/// What they must weigh for a digit by itself.
const SURE: u32 = 8;
/// The same for the letters, which few telephones have and voices often seem to press.
const SURE_LETTER: u32 = 18;
/// What they must weigh for a digit among others.
const LIKELY: u32 = 4;
/// Blocks without the digit that end it: a pause of 20 ms, not a break of 10.
const PAUSE: u64 = 5;
/// How far apart, in hops, digits are each other's company: 0.7 s.
const COMPANY: u64 = 110;

#[derive(Clone)]
struct Run {
    key: u8,
    /// The number of the first block, and of the last.
    first: u64,
    last: u64,
    blocks: u32,
    weight: u32,
    /// What its firm blocks weigh.
    firm: u32,
}

impl Heard {
    fn firm_weight(self) -> u32 {
        if self.firm { self.weight } else { 0 }
    }
}

impl Run {
    fn new(heard: Heard, block: u64) -> Self {
        Run {
            key: heard.key,
            first: block,
            last: block,
            blocks: 1,
            weight: heard.weight,
            firm: heard.firm_weight(),
        }
    }

    fn goes_on(&self, heard: Heard, block: u64) -> bool {
        self.key == heard.key && block - self.last <= PAUSE
    }

    fn add(&mut self, heard: Heard, block: u64) {
        self.last = block;
        self.blocks = self.blocks.saturating_add(1);
        self.weight = self.weight.saturating_add(heard.weight);
        self.firm = self.firm.saturating_add(heard.firm_weight());
    }

    fn is_digit(&self) -> bool {
        self.blocks >= BLOCKS && self.weight >= LIKELY
    }

    fn found(&self) -> Option<Found> {
        let sure = if self.key.is_ascii_alphabetic() {
            SURE_LETTER
        } else {
            SURE
        };
        self.is_digit().then(|| Found {
            key: self.key,
            hops: (self.first + 1).saturating_sub(HOPS as u64)..self.last + 1,
            sure: self.firm >= sure,
            firm: self.firm >= LIKELY,
        })
    }
}

/// Follows digits through the blocks.
#[derive(Default)]
pub(super) struct Follow {
    /// What is being heard.
    open: Option<Run>,
    /// Another digit that may have begun, or be a slip.
    rival: Option<Run>,
    /// A digit that needs company.
    lone: Option<Found>,
    /// Where the last digit ended, by the hop.
    last: Option<u64>,
}

impl Follow {
    /// Takes the last block of `bank`, which ends with hop number `hops` (from 1 on), and adds the
    /// digits that are certain now to `out`.
    pub(super) fn block(&mut self, bank: &mut Bank, hops: u64, out: &mut Vec<Found>) {
        let block = hops - 1;
        let ended = match hear(bank) {
            Some(heard) => self.hear(heard, block),
            None => self.miss(block),
        };
        if let Some(found) = ended.and_then(|run| run.found()) {
            self.accompany(found, out);
        }
    }

    /// Whether nothing that was heard up to hop number `hops` has a part in what is heard from then
    /// on.
    pub(super) fn is_at_rest(&self, hops: u64) -> bool {
        // What begins from now on begins at most a block before.
        let over = |end: u64| hops > end + COMPANY + HOPS as u64;
        let lone = self.lone.as_ref().is_none_or(|lone| over(lone.hops.end));
        self.open.is_none() && self.rival.is_none() && lone && self.last.is_none_or(over)
    }

    /// Adds the digit that the end ended.
    pub(super) fn finish(&mut self, out: &mut Vec<Found>) {
        if let Some(found) = self.open.take().and_then(|run| run.found()) {
            self.accompany(found, out);
        }
    }

    fn miss(&mut self, block: u64) -> Option<Run> {
        let over = |run: &Run| block - run.last > PAUSE;
        if self.rival.as_ref().is_some_and(over) {
            self.rival = None;
        }
        if self.open.as_ref().is_some_and(over) {
            return std::mem::replace(&mut self.open, self.rival.take());
        }
        None
    }

    fn hear(&mut self, heard: Heard, block: u64) -> Option<Run> {
        let Some(open) = &mut self.open else {
            self.open = Some(Run::new(heard, block));
            return None;
        };
        if open.goes_on(heard, block) {
            open.add(heard, block);
            self.rival = None;
            return None;
        }
        let open_is = open.is_digit();
        let rival = match self.rival.take() {
            Some(mut rival) if rival.goes_on(heard, block) => {
                rival.add(heard, block);
                rival
            }
            _ => Run::new(heard, block),
        };
        if rival.is_digit() || !open_is {
            return self.open.replace(rival);
        }
        self.rival = Some(rival);
        None
    }

    /// Adds `found` if it is sure or not alone, and the one before that waited for it.
    fn accompany(&mut self, found: Found, out: &mut Vec<Found>) {
        let near = |end: u64| found.hops.start <= end + COMPANY;
        let lone = self.lone.take().filter(|lone| near(lone.hops.end));
        let pair = lone.as_ref().is_some_and(|lone| lone.firm && found.firm);
        let accepted = found.sure || pair || self.last.is_some_and(near);
        if accepted {
            self.last = Some(found.hops.end);
            out.extend(lone);
            out.push(found);
        } else {
            self.lone = Some(found);
        }
    }
}

/// What the last block of `bank` holds.
fn hear(bank: &mut Bank) -> Option<Heard> {
    if bank.level() < FLOOR {
        return None;
    }
    let parts = bank.parts();
    let (rows, columns) = parts.split_at(4);
    let (row, column) = (strongest(rows), strongest(columns));
    if rows[row] + columns[column] < WORTH {
        return None;
    }
    let (low, off_low) = bank.best_part(row);
    let (high, off_high) = bank.best_part(column + 4);
    let both = low + high;
    let (_, weight) = *WEIGHTS.iter().find(|(least, _)| both >= *least)?;
    let (strong, weak) = (low.max(high), low.min(high));
    if weak * TWIST_STRAINED < strong || off_low == OFF || off_high == OFF {
        return None;
    }
    let stands_out = |group: &[f32], best: usize, part: f32| {
        let others = group.iter().enumerate().filter(|(at, _)| *at != best);
        others.fold(0.0f32, |most, (_, part)| most.max(*part)) * STANDS_OUT <= part
    };
    if !stands_out(rows, row, low) || !stands_out(columns, column, high) {
        return None;
    }
    let harmonic = bank.harmonic(row).max(bank.harmonic(column + 4));
    if harmonic > both * HARMONIC_STRAINED {
        return None;
    }
    Some(Heard {
        key: *KEYS.get(row)?.get(column)?,
        weight,
        firm: weak * TWIST >= strong && harmonic <= both * HARMONIC,
    })
}

fn strongest(parts: &[f32]) -> usize {
    let mut best = 0;
    for (at, part) in parts.iter().enumerate() {
        if *part > parts[best] {
            best = at;
        }
    }
    best
}
