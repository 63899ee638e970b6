//! Binary property lists.
//!
//! Owns where their strings and data lie, by the table of objects that stands at their end. Source:
//! `CFBinaryPList.c` of Apple's open Core Foundation.

use std::ops::Range;

use super::Parts;

/// The first bytes, before a version.
pub(super) const MAGIC: &[u8] = b"bplist0";
/// The length of what stands at the end.
const TRAILER: usize = 32;

/// The strings and data of `bytes`; `None` where they are no property list to their end.
pub(super) fn parts(bytes: &[u8]) -> Option<Parts> {
    bytes.starts_with(MAGIC).then_some(())?;
    let end = bytes.len().checked_sub(TRAILER)?;
    let trailer = bytes.get(end..)?;
    let width = usize::from(*trailer.get(6)?);
    let count = size(trailer.get(8..16)?)?;
    let table = size(trailer.get(24..32)?)?;
    if width == 0 || width > 8 || count.checked_mul(width)? > end.checked_sub(table)? {
        return None;
    }
    let mut parts = Parts::default();
    for number in 0..count {
        let at = table + number * width;
        object(bytes, size(bytes.get(at..at + width)?)?, table, &mut parts)?;
    }
    Some(parts)
}

/// Adds the object at `at`, which ends before `end`, if it is one that holds text or data.
fn object(bytes: &[u8], at: usize, end: usize, out: &mut Parts) -> Option<()> {
    let marker = *bytes.get(at)?;
    let (kind, low) = (marker >> 4, usize::from(marker & 0x0f));
    if !matches!(kind, 4..=7) {
        return Some(());
    }
    let (count, start) = if low < 0x0f {
        (low, at + 1)
    } else {
        // A number of its own, of two to the power of its low bits bytes.
        let number = *bytes.get(at + 1)?;
        let width = 1usize << (number & 0x0f).min(4);
        (number >> 4 == 1 && width <= 8).then_some(())?;
        (size(bytes.get(at + 2..at + 2 + width)?)?, at + 2 + width)
    };
    let width = if kind == 6 { 2 } else { 1 };
    let range: Range<usize> = start..start.checked_add(count.checked_mul(width)?)?;
    (range.end <= end).then_some(())?;
    match kind {
        4 => out.data.push(range),
        6 => out.wide.push(range),
        _ => out.strings.push(range),
    }
    Some(())
}

/// A big-endian number.
fn size(bytes: &[u8]) -> Option<usize> {
    let number = bytes.iter().try_fold(0u64, |number, &byte| {
        (number >> 56 == 0).then_some(number << 8 | u64::from(byte))
    })?;
    usize::try_from(number).ok()
}
