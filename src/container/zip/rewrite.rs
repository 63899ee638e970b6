//! A zip archive with other contents: every byte that belongs to no changed member is copied as it
//! is. A changed one is folded by the method it had and keeps its time, attributes, comment,
//! extra fields and place in the row; sums, sizes and places follow in each header that names them.

use std::collections::HashMap;
use std::io::{self, Write};
use std::ops::Range;

use super::MOST_MEMBERS;
use super::decode::{Folding, unfold};
use super::directory::{
    DESCRIBED, Directory, Entry, Local, eight, four, twins, wide_place, worded,
};
use crate::container::renaming::Renaming;
use crate::container::slab::{Beside, Slab};
use crate::container::{Rewriter, Says, Words, unfit};
use crate::format::Width;

/// What 32 bits cannot say.
const WIDE: u64 = 0xffff_ffff;

/// What became of a member.
struct New {
    crc: u32,
    stored: u64,
    size: u64,
}

/// Writes to `out` what the archive `slab` becomes by `rewriter`.
///
/// # Errors
/// What reading and writing say; `Unsupported` where something outgrows its header.
pub(crate) fn rewrite(
    slab: &Slab,
    beside: &Beside,
    rewriter: &mut dyn Rewriter,
    out: &mut dyn Write,
) -> io::Result<()> {
    let directory = Directory::read(slab, MOST_MEMBERS)?;
    if directory.doubt.is_some() {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let renamed = rename(slab, &directory, rewriter)?;
    let mut touched: Vec<usize> = (0..directory.entries.len())
        .filter(|at| rewriter.touches(*at as u32) || renamed.contains_key(at))
        .collect();
    let entry = |at: usize| directory.entries.get(at).ok_or_else(unfit);
    touched.sort_by_key(|at| directory.entries.get(*at).map(|entry| entry.local));
    let mut news = HashMap::new();
    // How far everything behind an old place has moved.
    let mut moves: Vec<(u64, i64)> = Vec::new();
    let (mut at, mut moved) = (0, 0_i64);
    for number in touched {
        let entry = entry(number)?;
        let local = Local::read(slab, &directory, entry).map_err(|_| unfit())?;
        if local.whole.start < at {
            return Err(io::ErrorKind::InvalidData.into());
        }
        copy(slab, at..local.whole.start, out)?;
        at = local.whole.end;
        let mut head = slab.bytes(local.whole.start..local.data.start)?;
        if let Some(name) = renamed.get(&number) {
            rename_header(
                &mut head,
                local.whole.start,
                (&local.name, &local.extra),
                name,
                rewriter,
            )?;
        }
        if !rewriter.touches(number as u32) {
            out.write_all(&head)?;
            copy(slab, local.data.start..at, out)?;
            continue;
        }
        let within = (entry, &local, number);
        let (new, written) = member(slab, within, head, beside, rewriter, out)?;
        moved += written.cast_signed() - (at - local.whole.start).cast_signed();
        moves.push((local.whole.start, moved));
        news.insert(number, new);
    }
    copy(slab, at..directory.start, out)?;
    let start = directory
        .start
        .checked_add_signed(moved)
        .ok_or_else(unfit)?;
    let mut len = 0;
    for (number, entry) in directory.entries.iter().enumerate() {
        let news = (news.get(&number), renamed.get(&number));
        let header = header(slab, &directory, entry, news, &moves, rewriter)?;
        out.write_all(&header)?;
        len += header.len() as u64;
    }
    end(slab, &directory, (start, len), rewriter, out)
}

fn copy(slab: &Slab, range: Range<u64>, out: &mut dyn Write) -> io::Result<()> {
    let len = range.end.saturating_sub(range.start);
    let copied = io::copy(&mut slab.part(range).reader(), out)?;
    if copied < len {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(())
}

/// Writes a changed member with its header; what it is now, and how many bytes were written.
fn member(
    slab: &Slab,
    (entry, local, number): (&Entry, &Local, usize),
    mut header: Vec<u8>,
    beside: &Beside,
    rewriter: &mut dyn Rewriter,
    out: &mut dyn Write,
) -> io::Result<(New, u64)> {
    let mut content = unfold(slab, entry, local.data.clone()).map_err(|_| unfit())?;
    let old = beside.spool(&mut content)?;
    let name = slab.bytes(entry.name())?;
    let mut counted = Counted {
        out: Folding::new(entry.method, entry.flags, beside.empty()?)?,
        crc: flate2::Crc::new(),
        size: 0,
    };
    let name = String::from_utf8_lossy(&name);
    rewriter.member(number as u32, &name, old, &mut counted)?;
    let Counted {
        out: folding,
        crc,
        size,
    } = counted;
    let folded = folding.finish()?.finish();
    let new = New {
        crc: crc.sum(),
        stored: folded.len(),
        size,
    };
    if entry.flags & DESCRIBED == 0 {
        let extra = (local.extra.start - local.whole.start) as usize;
        put(&mut header, 14, &new.crc.to_le_bytes())?;
        let wide = wide_place(header.get(extra..).unwrap_or_default());
        let wide = wide.map(|place| place.start + extra..place.end + extra);
        // The own header has both sizes in its extra field, or neither.
        let fields = [(22, new.size), (18, new.stored)];
        sizes(&mut header, &fields, wide)?;
    }
    out.write_all(&header)?;
    io::copy(&mut folded.reader(), out)?;
    let descriptor = descriptor(local.descriptor, &new)?;
    out.write_all(&descriptor)?;
    let written = header.len() as u64 + folded.len() + descriptor.len() as u64;
    Ok((new, written))
}

/// What stands behind a content that is described there, in the form it had.
fn descriptor((signed, width): (bool, u64), new: &New) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if width == 0 {
        return Ok(bytes);
    }
    if signed {
        bytes.extend_from_slice(b"PK\x07\x08");
    }
    bytes.extend_from_slice(&new.crc.to_le_bytes());
    for size in [new.stored, new.size] {
        if width == 8 {
            bytes.extend_from_slice(&size.to_le_bytes());
        } else {
            let size = u32::try_from(size).map_err(|_| unfit())?;
            bytes.extend_from_slice(&size.to_le_bytes());
        }
    }
    Ok(bytes)
}

/// The header of an entry in the directory, with what has changed.
fn header(
    slab: &Slab,
    directory: &Directory,
    entry: &Entry,
    (new, name): (Option<&New>, Option<&NewName>),
    moves: &[(u64, i64)],
    rewriter: &mut dyn Rewriter,
) -> io::Result<Vec<u8>> {
    let place = entry.whole();
    let mut header = slab.bytes(place.clone())?;
    let before = moves.partition_point(|(start, _)| *start < entry.local);
    let moved = before.checked_sub(1).and_then(|last| moves.get(last));
    let local = entry.local - directory.base;
    let local = local.checked_add_signed(moved.map_or(0, |(_, moved)| *moved));
    let local = local.ok_or_else(unfit)?;
    let (stored, size) = new.map_or((entry.stored, entry.size), |new| (new.stored, new.size));
    if let Some(new) = new {
        put(&mut header, 16, &new.crc.to_le_bytes())?;
    }
    let extra = (entry.extra().start - place.start) as usize;
    let extra_end = (entry.extra().end - place.start) as usize;
    let wide = wide_place(header.get(extra..extra_end).unwrap_or_default());
    let wide = wide.map(|place| place.start + extra..place.end + extra);
    sizes(&mut header, &[(24, size), (20, stored), (42, local)], wide)?;
    if let Some(name) = name {
        let places = (&entry.name(), &entry.extra());
        rename_header(&mut header, place.start, places, name, rewriter)?;
    }
    let comment = entry.comment();
    if comment.is_empty() {
        return Ok(header);
    }
    if let Some(text) = reworded(slab, comment.clone(), rewriter)? {
        header.truncate((comment.start - place.start) as usize);
        header.extend_from_slice(&text);
        put(&mut header, 32, &(text.len() as u16).to_le_bytes())?;
        let fields = extra..extra_end;
        retwin(&mut header, &fields, (false, &text), ("", 0), rewriter)?;
    }
    Ok(header)
}

/// What a member that was called `of` is called from now on, and which copy of that name it is.
struct NewName {
    of: String,
    text: Vec<u8>,
    copy: u32,
}

/// The new names, by the numbers of their members.
fn rename(
    slab: &Slab,
    directory: &Directory,
    rewriter: &mut dyn Rewriter,
) -> io::Result<HashMap<usize, NewName>> {
    let mut names = Renaming::default();
    let mut old = Vec::new();
    for (number, entry) in directory.entries.iter().enumerate() {
        let words = super::names(slab, entry)?;
        let of = called(&words);
        let mut changes = false;
        for words in &words {
            changes |= rewriter.words(&of, words, 0)?.is_some();
        }
        let local = Local::read(slab, directory, entry);
        if let Ok(local) = &local {
            for words in super::extras(slab, entry, local)? {
                changes |= rewriter.words(&of, &words, 0)?.is_some();
            }
        }
        // Where the two headers of a member differ neither is touched.
        changes = changes && local.is_ok();
        let name = words.into_iter().next().ok_or_else(unfit)?;
        if changes {
            old.push((number, name));
        } else {
            names.stays(&name.text)?;
        }
    }
    let mut new = HashMap::new();
    for (number, name) in old {
        let of = String::from_utf8_lossy(&name.text).into_owned();
        let given = names.name(&name.text, |copy| rewriter.words(&of, &name, copy))?;
        // Only what repeats it may have changed.
        let (text, copy) = given.unwrap_or((name.text, 0));
        new.insert(number, NewName { of, text, copy });
    }
    Ok(new)
}

/// What a member is called whose words these are.
fn called(words: &[Words]) -> String {
    let name = words.first().map(|name| name.text.as_slice());
    String::from_utf8_lossy(name.unwrap_or_default()).into_owned()
}

/// Puts a new name, as long as the old one, into a header that stands at `start`, and into the
/// extra fields that repeat it.
fn rename_header(
    header: &mut [u8],
    start: u64,
    (name, extra): (&Range<u64>, &Range<u64>),
    new: &NewName,
    rewriter: &mut dyn Rewriter,
) -> io::Result<()> {
    let within = |range: &Range<u64>| (range.start - start) as usize..(range.end - start) as usize;
    let name = within(name);
    if name.len() != new.text.len() {
        return Err(unfit());
    }
    put(header, name.start, &new.text)?;
    let fields = header.get_mut(within(extra)).ok_or_else(unfit)?;
    for field in worded(fields) {
        let words = super::extra_field(fields.get(field.clone()).unwrap_or_default());
        if let Some(text) = rewriter.words(&new.of, &words, 0)? {
            if text.len() != field.len() {
                return Err(unfit());
            }
            put(fields, field.start, &text)?;
        }
    }
    let repeats = (true, new.text.as_slice());
    retwin(
        header,
        &within(extra),
        repeats,
        (&new.of, new.copy),
        rewriter,
    )
}

/// Makes the extra fields at `fields` that repeat a name or a comment repeat what it is now.
fn retwin(
    header: &mut [u8],
    fields: &Range<usize>,
    (of_name, new): (bool, &[u8]),
    (of, copy): (&str, u32),
    rewriter: &mut dyn Rewriter,
) -> io::Result<()> {
    let extra = header.get_mut(fields.clone()).ok_or_else(unfit)?;
    for twin in twins(extra).iter().filter(|twin| twin.of_name == of_name) {
        let words = Words {
            says: Says::Name,
            at: 0,
            text: extra.get(twin.text.clone()).ok_or_else(unfit)?.to_vec(),
            width: Width::Same,
        };
        if let Some(text) = rewriter.words(of, &words, copy)? {
            if text.len() != twin.text.len() {
                return Err(unfit());
            }
            put(extra, twin.text.start, &text)?;
        }
        let mut sum = flate2::Crc::new();
        sum.update(new);
        put(extra, twin.sum, &sum.sum().to_le_bytes())?;
    }
    Ok(())
}

/// The new text of a comment, which has to fit into 16 bits.
fn reworded(
    slab: &Slab,
    place: Range<u64>,
    rewriter: &mut dyn Rewriter,
) -> io::Result<Option<Vec<u8>>> {
    let words = super::comment(place.start, slab.bytes(place)?);
    let new = rewriter.words("", &words, 0)?;
    if new.as_ref().is_some_and(|text| text.len() > 0xffff) {
        return Err(unfit());
    }
    Ok(new)
}

/// Writes what follows the directory, which has moved to `start` and is `len` long.
fn end(
    slab: &Slab,
    directory: &Directory,
    (start, len): (u64, u64),
    rewriter: &mut dyn Rewriter,
    out: &mut dyn Write,
) -> io::Result<()> {
    let offset = start - directory.base;
    if let Some((at, locator)) = directory.end_64 {
        let mut bytes = slab.bytes(at..directory.end)?;
        put(&mut bytes, 40, &len.to_le_bytes())?;
        put(&mut bytes, 48, &offset.to_le_bytes())?;
        let real = offset + len;
        put(&mut bytes, (locator - at) as usize + 8, &real.to_le_bytes())?;
        out.write_all(&bytes)?;
    }
    let mut last = slab.bytes(directory.end..directory.comment().start)?;
    // Where 64 bits say it, 32 may say nothing.
    for (field, value) in [(12, len), (16, offset)] {
        let unsaid = u64::from(four(&last, field)) == WIDE && directory.end_64.is_some();
        if !unsaid {
            let value = u32::try_from(value).map_err(|_| unfit())?;
            put(&mut last, field, &value.to_le_bytes())?;
        }
    }
    let comment = directory.comment();
    let text = match reworded(slab, comment.clone(), rewriter)? {
        Some(text) => text,
        None => slab.bytes(comment.clone())?,
    };
    put(&mut last, 20, &(text.len() as u16).to_le_bytes())?;
    out.write_all(&last)?;
    out.write_all(&text)?;
    copy(slab, comment.end..slab.len(), out)
}

/// Puts values into their fields of 32 bits, or where those say nothing one after the other into
/// the `wide` extra field.
fn sizes(header: &mut [u8], fields: &[(usize, u64)], wide: Option<Range<usize>>) -> io::Result<()> {
    let mut next = wide.clone().map_or(0, |wide| wide.start);
    for (field, value) in fields {
        if u64::from(four(header, *field)) == WIDE && wide.is_some() {
            let end = wide.as_ref().map_or(0, |wide| wide.end);
            if next + 8 > end {
                return Err(unfit());
            }
            if eight(header, next) != *value {
                put(header, next, &value.to_le_bytes())?;
            }
            next += 8;
        } else {
            // The highest value means that there is another field.
            let value = u32::try_from(*value)
                .ok()
                .filter(|value| u64::from(*value) != WIDE);
            let value = value.ok_or_else(unfit)?;
            put(header, *field, &value.to_le_bytes())?;
        }
    }
    Ok(())
}

fn put(bytes: &mut [u8], at: usize, value: &[u8]) -> io::Result<()> {
    let field = bytes.get_mut(at..at + value.len()).ok_or_else(unfit)?;
    field.copy_from_slice(value);
    Ok(())
}

/// Counts and sums what goes through.
struct Counted<W: Write> {
    out: W,
    crc: flate2::Crc,
    size: u64,
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let len = self.out.write(bytes)?;
        self.crc.update(bytes.get(..len).unwrap_or_default());
        self.size += len as u64;
        Ok(len)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
