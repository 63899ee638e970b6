//! Silent frames of any length (RFC 9639, section 9.2).
//!
//! Owns how many bits silence can be told in. A constant takes a few; a prediction with residuals
//! of nothing takes as many as they are said to have, so that a silent frame can be as long as the
//! one it stands for, and no later frame moves.

use super::frame::{Form, Head};
use super::sums::{sum8, sum16};

/// The most partitions of residuals, as a power of two, and the most bits of an escaped residual.
const ORDER: u32 = 8;
const ESCAPED: u64 = 31;
/// The most coefficients of a prediction, and bits of one.
const COEFFICIENTS: u64 = 32;
const PRECISION: u64 = 15;

/// Bits, the first one highest.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    used: u64,
}

impl Bits {
    fn push(&mut self, value: u64, len: u64) {
        for bit in (0..len).rev() {
            if self.used.is_multiple_of(8) {
                self.bytes.push(0);
            }
            let set = (value >> bit.min(63) & 1) as u8;
            if let Some(last) = self.bytes.last_mut() {
                *last |= set << (7 - self.used % 8);
            }
            self.used += 1;
        }
    }

    fn zeros(&mut self, len: u64) {
        self.used += len;
        self.bytes.resize(self.used.div_ceil(8) as usize, 0);
    }
}

/// How a silent subframe is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    Constant,
    Verbatim,
    Predicted {
        /// Coefficients, and bits of each; none of both for a fixed prediction of order 0.
        order: u64,
        precision: u64,
        /// Bits of each sample that are said to be wasted.
        wasted: u64,
        /// Partitions, as a power of two.
        partitions: u32,
        /// Bits of residuals, over all partitions but the first.
        units: u64,
    },
}

/// A way to tell `samples` of silence, of `bits` each, in so many bits that `fits` holds of them.
fn find(samples: u64, bits: u64, low: u64, high: u64) -> Option<Told> {
    let within = |cost: u64| low <= cost && cost <= high;
    if within(8 + bits) {
        return Some(Told::Constant);
    }
    if within(8 + bits * samples) {
        return Some(Told::Verbatim);
    }
    for order in 0..=COEFFICIENTS {
        for partitions in (0..=ORDER).rev() {
            let each = samples >> partitions;
            if each << partitions != samples || each <= order {
                continue;
            }
            for precision in if order == 0 { 0..=0 } else { 1..=PRECISION } {
                for wasted in 0..bits {
                    let told = |units| Told::Predicted {
                        order,
                        precision,
                        wasted,
                        partitions,
                        units,
                    };
                    let least = cost(told(0), samples, bits);
                    if least > high {
                        break;
                    }
                    let (count, step) = residuals(samples, order, partitions);
                    let units = ((high - least) / step).min(count * ESCAPED);
                    if least + units * step >= low {
                        return Some(told(units));
                    }
                }
            }
        }
    }
    None
}

/// How many partitions have residuals of more than no bits, and how many residuals each.
fn residuals(samples: u64, order: u64, partitions: u32) -> (u64, u64) {
    match partitions {
        0 => (1, samples - order),
        _ => ((1 << partitions) - 1, samples >> partitions),
    }
}

/// The bits that it takes.
fn cost(told: Told, samples: u64, bits: u64) -> u64 {
    match told {
        Told::Constant => 8 + bits,
        Told::Verbatim => 8 + bits * samples,
        Told::Predicted {
            order,
            precision,
            wasted,
            partitions,
            units,
        } => {
            let predicted = if order == 0 {
                0
            } else {
                9 + order * (bits - wasted + precision)
            };
            let step = residuals(samples, order, partitions).1;
            8 + wasted + predicted + 6 + (9 << partitions) + units * step
        }
    }
}

fn write(told: Told, samples: u64, bits: u64, out: &mut Bits) {
    match told {
        Told::Constant => out.zeros(8 + bits),
        Told::Verbatim => {
            out.push(0b0000_0010, 8);
            out.zeros(bits * samples);
        }
        Told::Predicted {
            order,
            precision,
            wasted,
            partitions,
            units,
        } => {
            let kind = if order == 0 { 8 } else { 31 + order };
            out.push(kind << 1 | u64::from(wasted > 0), 8);
            if wasted > 0 {
                out.push(1, wasted);
            }
            if order > 0 {
                out.zeros(order * (bits - wasted));
                out.push(precision - 1, 4);
                out.zeros(5 + order * precision);
            }
            out.push(u64::from(partitions), 6);
            let (count, step) = residuals(samples, order, partitions);
            for partition in 0..1_u64 << partitions {
                // The first has fewer residuals where something was predicted, and so none.
                let nth = if partitions == 0 {
                    Some(0)
                } else {
                    partition.checked_sub(1)
                };
                let own = nth.map_or(0, |nth| units / count + u64::from(nth < units % count));
                out.push(0b1111, 4);
                out.push(own, 5);
                out.zeros(own * step);
            }
        }
    }
}

/// A frame with this header and these samples, a list for each channel, told as they are.
pub(super) fn verbatim(header: &[u8], form: &Form, planes: &[Vec<i32>]) -> Vec<u8> {
    let mut out = Bits::default();
    for byte in header {
        out.push(u64::from(*byte), 8);
    }
    // Each channel for itself, whatever it was told by before.
    let assigned = (form.channels - 1) << 4;
    if let Some(fourth) = out.bytes.get_mut(3) {
        *fourth = assigned | *fourth & 15;
    }
    let (rest, sum) = out.bytes.split_at_mut(header.len() - 1);
    sum.fill(sum8(rest));
    for plane in planes {
        write(Told::Verbatim, 0, 0, &mut out);
        for sample in plane {
            out.push(*sample as u64, u64::from(form.bits));
        }
    }
    let mut frame = out.bytes;
    frame.extend(sum16(&frame).to_be_bytes());
    frame
}

/// A silent frame with this header, of `len` bytes, or the longest one below that is found: less
/// only where the frame has an odd number of samples.
pub(super) fn silent(head: &Head, header: &[u8], form: &Form, len: usize) -> Vec<u8> {
    let samples = u64::from(head.samples);
    let bits_of = |channel: usize| u64::from(form.bits) + u64::from(head.side == Some(channel));
    let channels = usize::from(form.channels);
    let room = (len.saturating_sub(header.len() + 2) * 8) as u64;
    let mut out = Bits::default();
    for byte in header {
        out.push(u64::from(*byte), 8);
    }
    let start = out.used;
    for channel in 0..channels {
        let bits = bits_of(channel);
        // The least that the others take.
        let others: u64 = (channel + 1..channels)
            .map(|other| 8 + bits_of(other))
            .sum();
        let left = room.saturating_sub(out.used - start);
        let last = channel + 1 == channels;
        let high = if last {
            left
        } else {
            (left / (channels - channel) as u64).min(left.saturating_sub(others))
        };
        let low = if last {
            // The last byte is filled with zeros.
            high.saturating_sub(7)
        } else {
            high - high / 8
        };
        let told = find(samples, bits, low, high).unwrap_or(Told::Constant);
        write(told, samples, bits, &mut out);
    }
    let mut frame = out.bytes;
    frame.extend(sum16(&frame).to_be_bytes());
    frame
}
