//! A tape archive with other contents: every block that belongs to no changed member is copied as
//! it is, a changed one gets its new names, its size and the sum of its header, and nothing else.

use std::io::{self, Read, Write};

use super::header::{self, BLOCK};
use super::{Head, LONGEST_EXTRA, Row, Step, words};
use crate::container::renaming::Renaming;
use crate::container::slab::{Beside, Slab};
use crate::container::{Rewriter, Says, unfit};

/// Writes to `out` what the archive `input` becomes by `rewriter`.
///
/// # Errors
/// What reading and writing say; `Unsupported` where a header has no room for a new size.
pub(crate) fn rewrite(
    input: Box<dyn Read + Send>,
    beside: &Beside,
    rewriter: &mut dyn Rewriter,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut row = Row::new(input);
    let mut number = 0;
    let mut names = Renaming::default();
    loop {
        match row.step()? {
            Step::End => return Ok(()),
            Step::Zero => out.write_all(&[0; BLOCK])?,
            Step::Strange(raw) => {
                out.write_all(&raw)?;
                io::copy(&mut row.input, out)?;
                return Ok(());
            }
            Step::Member(head) => {
                let mut head = head;
                rename(&mut head, &mut names, rewriter)?;
                let counted = head.holds_something();
                if counted && head.unread.is_none() && rewriter.touches(number) {
                    member(&mut row, &head, number, beside, rewriter, out)?;
                } else {
                    out.write_all(&head.raw)?;
                    let rest = row.left + row.padding;
                    let copied = io::copy(&mut (&mut row.input).take(rest), out)?;
                    // The padding of the last member may be missing; then it ends here.
                    if copied < row.left {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                    row.ended |= copied < rest;
                    (row.left, row.padding) = (0, 0);
                }
                number += 1;
            }
        }
    }
}

fn member(
    row: &mut Row,
    head: &Head,
    number: u32,
    beside: &Beside,
    rewriter: &mut dyn Rewriter,
    out: &mut dyn Write,
) -> io::Result<()> {
    let old = beside.spool(&mut (&mut row.input).take(row.left))?;
    if old.len() < row.left {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let mut new = beside.empty()?;
    rewriter.member(number, &head.name, old, &mut new)?;
    let new: Slab = new.finish();
    if new.len() == row.left {
        out.write_all(&head.raw)?;
    } else {
        out.write_all(&resized(&head.raw, new.len())?)?;
    }
    io::copy(&mut new.reader(), out)?;
    let padding = new.len().next_multiple_of(BLOCK as u64) - new.len();
    out.write_all([0; BLOCK].get(..padding as usize).unwrap_or_default())?;
    // The old padding is passed over with what it held.
    row.left = 0;
    row.skip()
}

/// Puts new words into the headers of a member. What was called `head.name` is looked at under
/// that name still.
fn rename(head: &mut Head, names: &mut Renaming, rewriter: &mut dyn Rewriter) -> io::Result<()> {
    let name = words::told(Says::Name, head.name.as_bytes());
    let of = head.name.as_str();
    let given = names.name(&name.text, |copy| rewriter.words(of, &name, copy))?;
    let own = given.map_or(0, |(_, copy)| copy);
    head.raw = words::reworded(&head.raw, |words| {
        let copy = match words.says {
            Says::Link => names.copy_of(&words.text),
            _ => own,
        };
        rewriter.words(of, words, copy)
    })?;
    Ok(())
}

/// The headers of a member, with `size` in each that tells of it.
fn resized(raw: &[u8], size: u64) -> io::Result<Vec<u8>> {
    let mut raw = raw.to_vec();
    let mut at = 0;
    while let Some(block) = raw.get_mut(at..).and_then(<[u8]>::first_chunk_mut::<BLOCK>) {
        let header = header::Header::of(block).ok_or_else(unfit)?;
        if !header.is_extra() {
            if header.is_sparse || !header::set_size(block, size) {
                return Err(unfit());
            }
            return Ok(raw);
        }
        let len = header.size.min(LONGEST_EXTRA) as usize;
        let content = at + BLOCK..at + BLOCK + len;
        if matches!(header.kind, b'x' | b'X') {
            let content = raw.get_mut(content).ok_or_else(unfit)?;
            set_attribute(content, size)?;
        }
        at += BLOCK + len.next_multiple_of(BLOCK);
    }
    Err(unfit())
}

/// Puts `size` into the extended attributes that name one, with zeros before it.
fn set_attribute(content: &mut [u8], size: u64) -> io::Result<()> {
    let places: Vec<_> = header::records(content)
        .map(|record| record.ok_or_else(unfit))
        .filter(|record| !matches!(record, Ok((_, key, _)) if *key != b"size"))
        .map(|record| record.map(|(.., value)| value))
        .collect::<io::Result<_>>()?;
    for place in places {
        let width = place.len();
        let digits = format!("{size:0width$}");
        let value = content.get_mut(place).filter(|_| digits.len() == width);
        value.ok_or_else(unfit)?.copy_from_slice(digits.as_bytes());
    }
    Ok(())
}
