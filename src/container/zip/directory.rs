//! The directory of a zip archive and the headers that it points at (APPNOTE 4.3).
//!
//! Owns every field that is looked at or rewritten, and where it stands. Reads nothing of contents.

use std::io;
use std::ops::Range;

use crate::container::slab::Slab;
use crate::format::Reason;
use crate::source::reason_of;

const LOCAL: u32 = 0x0403_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
const END_64: u32 = 0x0606_4b50;
const LOCATOR: u32 = 0x0706_4b50;
const DESCRIPTOR: u32 = 0x0807_4b50;

/// Bytes of the end of the directory without its comment, of its locator in 64 bits, and the most a
/// comment takes.
const END_LEN: u64 = 22;
const LOCATOR_LEN: u64 = 20;
const END_64_LEN: u64 = 56;
const MOST_COMMENT: u64 = 0xffff;
/// Bytes of a header in the directory, and of a member's own, before the name.
const CENTRAL_LEN: u64 = 46;
const LOCAL_LEN: u64 = 30;
/// The extra field with what does not fit into 32 bits.
const EXTRA_64: u16 = 1;

/// Flags (APPNOTE 4.4.4).
pub(super) const ENCRYPTED: u16 = 1;
pub(super) const DESCRIBED: u16 = 1 << 3;
const STRONGLY_ENCRYPTED: u16 = 1 << 6;
const MASKED: u16 = 1 << 13;

/// One member by the directory.
pub(super) struct Entry {
    /// Where its header in the directory starts.
    pub(super) header: u64,
    /// Where its own header starts, as a place in the file.
    pub(super) local: u64,
    pub(super) stored: u64,
    pub(super) size: u64,
    pub(super) crc: u32,
    pub(super) method: u16,
    pub(super) flags: u16,
    name: u16,
    extra: u16,
    comment: u16,
}

impl Entry {
    /// Where its name stands.
    pub(super) fn name(&self) -> Range<u64> {
        let start = self.header + CENTRAL_LEN;
        start..start + u64::from(self.name)
    }

    /// Where its extra fields stand.
    pub(super) fn extra(&self) -> Range<u64> {
        let start = self.name().end;
        start..start + u64::from(self.extra)
    }

    /// Where its comment stands.
    pub(super) fn comment(&self) -> Range<u64> {
        let start = self.extra().end;
        start..start + u64::from(self.comment)
    }

    /// Where its header in the directory stands, all of it.
    pub(super) fn whole(&self) -> Range<u64> {
        self.header..self.comment().end
    }

    /// Why its content cannot be read, by its flags.
    pub(super) fn refusal(&self) -> Option<Reason> {
        let encrypted = self.flags & (ENCRYPTED | STRONGLY_ENCRYPTED | MASKED) != 0;
        encrypted.then_some(Reason::Unsupported("encrypted"))
    }
}

/// The directory.
#[derive(Default)]
pub(super) struct Directory {
    pub(super) entries: Vec<Entry>,
    /// Where the directory and its ends stand.
    pub(super) structure: Vec<Range<u64>>,
    /// Where the end of the directory starts.
    pub(super) end: u64,
    /// Where the end in 64 bits and its locator start.
    pub(super) end_64: Option<(u64, u64)>,
    /// Where the directory starts.
    pub(super) start: u64,
    /// Bytes before the archive, which its offsets do not count.
    pub(super) base: u64,
    /// Where the comment of the archive stands.
    comment: Range<u64>,
    /// Why it cannot be believed as a whole.
    pub(super) doubt: Option<Reason>,
}

impl Directory {
    /// Reads the directory of an archive with at most `most` members.
    ///
    /// # Errors
    /// `InvalidData` or `UnexpectedEof` where there is none, and what reading says.
    pub(super) fn read(slab: &Slab, most: usize) -> io::Result<Directory> {
        let mut directory = Directory::default();
        let (end, last) = end(slab)?;
        directory.end = end;
        directory.comment = end + END_LEN..end + END_LEN + u64::from(two(&last, 20));
        directory.structure.push(end..directory.comment.end);
        let mut count = u64::from(two(&last, 10));
        let mut len = u64::from(four(&last, 12));
        let mut start = u64::from(four(&last, 16));
        let mut behind = end;
        // Parts of an archive on several disks have their directory elsewhere.
        if two(&last, 4) != 0 && two(&last, 4) != 0xffff {
            return Err(io::ErrorKind::InvalidData.into());
        }
        if let Some((at, locator, bytes)) = end_64(slab, end)? {
            directory.structure.push(at..end);
            directory.end_64 = Some((at, locator));
            count = eight(&bytes, 32);
            len = eight(&bytes, 40);
            start = eight(&bytes, 48);
            behind = at;
        }
        let real = behind
            .checked_sub(len)
            .ok_or(io::ErrorKind::UnexpectedEof)?;
        // What stands before an archive moves all of it.
        directory.base = real.checked_sub(start).ok_or(io::ErrorKind::InvalidData)?;
        directory.start = real;
        directory.structure.push(real..behind);
        directory.entries(slab, real..behind, most)?;
        // The count has 16 bits where 64 are not there.
        let counted = directory.entries.len() as u64;
        let fits = if directory.end_64.is_some() {
            counted == count
        } else {
            counted & 0xffff == count
        };
        if !fits {
            directory.doubt = directory.doubt.or(Some(Reason::Malformed));
        }
        Ok(directory)
    }

    fn entries(&mut self, slab: &Slab, place: Range<u64>, most: usize) -> io::Result<()> {
        let mut at = place.start;
        let mut window = Window::new(slab);
        while at + CENTRAL_LEN <= place.end {
            let header = window.get(at, CENTRAL_LEN)?;
            if four(header, 0) != CENTRAL {
                break;
            }
            if self.entries.len() >= most {
                self.doubt = Some(Reason::Limit);
                return Ok(());
            }
            let mut entry = Entry {
                header: at,
                flags: two(header, 8),
                method: two(header, 10),
                crc: four(header, 16),
                stored: u64::from(four(header, 20)),
                size: u64::from(four(header, 24)),
                name: two(header, 28),
                extra: two(header, 30),
                comment: two(header, 32),
                local: u64::from(four(header, 42)),
            };
            if entry.whole().end > place.end {
                return Err(io::ErrorKind::InvalidData.into());
            }
            let wide = wide_in_directory(&entry);
            if wide != [false; 3] {
                let extra = window.get(entry.extra().start, u64::from(entry.extra))?;
                let mut values = wide_values(extra).into_iter();
                let fields = [&mut entry.size, &mut entry.stored, &mut entry.local];
                for (field, _) in fields.into_iter().zip(wide).filter(|(_, wide)| *wide) {
                    let value = values.next().ok_or(io::ErrorKind::InvalidData)?;
                    *field = value;
                }
            }
            entry.local = entry
                .local
                .checked_add(self.base)
                .ok_or(io::ErrorKind::InvalidData)?;
            at = entry.whole().end;
            self.entries.push(entry);
        }
        if at != place.end {
            // A signature of the directory, or what is none.
            self.doubt = Some(Reason::Malformed);
        }
        Ok(())
    }

    /// Where the comment of the archive stands.
    pub(super) fn comment(&self) -> Range<u64> {
        self.comment.clone()
    }

    /// Where comments stand, in the order of the file.
    pub(super) fn comments(&self) -> Vec<Range<u64>> {
        let comments = self.entries.iter().map(Entry::comment);
        let all = comments.chain([self.comment.clone()]);
        all.filter(|place| !place.is_empty()).collect()
    }
}

/// Which of size, stored size and offset stand in the extra field of an entry as it is stored.
fn wide_in_directory(entry: &Entry) -> [bool; 3] {
    const WIDE: u64 = 0xffff_ffff;
    [
        entry.size == WIDE,
        entry.stored == WIDE,
        entry.local == WIDE,
    ]
}

/// Where the values of the 64-bit extra field stand within `extra`.
pub(super) fn wide_place(extra: &[u8]) -> Option<Range<usize>> {
    let mut at = 0;
    while at + 4 <= extra.len() {
        let len = usize::from(two(extra, at + 2));
        let value = at + 4..at + 4 + len;
        if value.end > extra.len() {
            return None;
        }
        if two(extra, at) == EXTRA_64 {
            return Some(value);
        }
        at = value.end;
    }
    None
}

/// An extra field that repeats a name or a comment; places are those in the extra fields.
pub(super) struct Twin {
    /// Whether it repeats the name.
    pub(super) of_name: bool,
    /// Where the sum of what it repeats stands, four bytes.
    pub(super) sum: usize,
    /// Where its text stands.
    pub(super) text: Range<usize>,
}

/// Where the extra fields that repeat a name or a comment in UTF-8 (APPNOTE 4.6.8 and 4.6.9)
/// have what.
pub(super) fn twins(extra: &[u8]) -> Vec<Twin> {
    let (mut at, mut twins) = (0, Vec::new());
    while at + 4 <= extra.len() {
        let value = at + 4..at + 4 + usize::from(two(extra, at + 2));
        if value.end > extra.len() {
            break;
        }
        let of_name = match two(extra, at) {
            0x7075 => Some(true),
            0x6375 => Some(false),
            _ => None,
        };
        // A version, the sum, the text.
        if let Some(of_name) = of_name.filter(|_| value.len() > 5) {
            twins.push(Twin {
                of_name,
                sum: value.start + 1,
                text: value.start + 5..value.end,
            });
        }
        at = value.end;
    }
    twins
}

/// Extra fields that are numbers by what they are (APPNOTE 4.5.2 and appendix C; Info-ZIP's list):
/// sizes, encryption, times, owners by number, padding and marks. Names and comments are twins.
const NUMBERS: &[u16] = &[
    0x0001, 0x000a, 0x5455, 0x5855, 0x6375, 0x7075, 0x7855, 0x7875, 0x9901, 0xcafe,
];
/// The least letters and digits in a row for which an extra field counts as one with words.
const LEAST_WORD: usize = 5;

/// Where extra fields, of whatever program, have words.
pub(super) fn worded(extra: &[u8]) -> Vec<Range<usize>> {
    let (mut at, mut places) = (0, Vec::new());
    while at < extra.len() {
        // What is no field has no kind and goes to the end.
        let field = (at + 4 <= extra.len()).then(|| at + 4 + usize::from(two(extra, at + 2)));
        let (start, end, known) = match field.filter(|end| *end <= extra.len()) {
            Some(end) => (at + 4, end, NUMBERS.contains(&two(extra, at))),
            None => (at, extra.len(), false),
        };
        let text = extra.get(start..end).unwrap_or_default();
        let mut words = text.chunk_by(|a, b| a.is_ascii_graphic() && b.is_ascii_graphic());
        if !known && words.any(|word| word.len() >= LEAST_WORD) {
            places.push(start..end);
        }
        at = end;
    }
    places
}

fn wide_values(extra: &[u8]) -> Vec<u64> {
    let place = wide_place(extra).unwrap_or(0..0);
    let values = extra.get(place).unwrap_or_default();
    values
        .chunks_exact(8)
        .map(|value| eight(value, 0))
        .collect()
}

/// A member's own header.
pub(super) struct Local {
    /// Header, content and what describes it.
    pub(super) whole: Range<u64>,
    /// The content as it is stored.
    pub(super) data: Range<u64>,
    /// Where its name stands.
    pub(super) name: Range<u64>,
    /// Where its extra fields stand.
    pub(super) extra: Range<u64>,
    /// What stands behind the content: whether a signature, and bytes of a size (0: nothing).
    pub(super) descriptor: (bool, u64),
}

impl Local {
    /// The header that `entry` points at.
    ///
    /// # Errors
    /// Why the member cannot be read: the two headers differ, or it does not lie in the archive.
    pub(super) fn read(slab: &Slab, directory: &Directory, entry: &Entry) -> Result<Local, Reason> {
        let failed = |error: io::Error| reason_of(&error);
        let at = entry.local;
        if at.saturating_add(LOCAL_LEN) > directory.start {
            return Err(Reason::Truncated);
        }
        let header = slab.bytes(at..at + LOCAL_LEN).map_err(failed)?;
        let names = at + LOCAL_LEN..at + LOCAL_LEN + u64::from(two(&header, 26));
        let extra = names.end..names.end + u64::from(two(&header, 28));
        let agree = four(&header, 0) == LOCAL
            && two(&header, 8) == entry.method
            && (two(&header, 6) ^ entry.flags) & (ENCRYPTED | DESCRIBED) == 0
            && slab.bytes(names.clone()).ok() == slab.bytes(entry.name()).ok();
        if !agree {
            return Err(Reason::Malformed);
        }
        let data = extra.end..extra.end.saturating_add(entry.stored);
        if data.end > directory.start {
            return Err(Reason::Truncated);
        }
        let described = entry.flags & DESCRIBED != 0;
        if !described {
            let wide = slab.bytes(extra.clone()).map_err(failed)?;
            let said = [u64::from(four(&header, 22)), u64::from(four(&header, 18))];
            let mut values = wide_values(&wide).into_iter();
            let mut real = said.map(|said| match said {
                0xffff_ffff => values.next().unwrap_or(said),
                said => said,
            });
            // An entry whose sizes are in neither place says nothing, not something else.
            if real == [0, 0] && entry.flags & ENCRYPTED != 0 {
                real = [entry.size, entry.stored];
            }
            if real != [entry.size, entry.stored] || four(&header, 14) != entry.crc {
                return Err(Reason::Malformed);
            }
        }
        let descriptor = if described {
            descriptor(slab, data.end, entry).ok_or(Reason::Malformed)?
        } else {
            (false, 0)
        };
        let behind = match descriptor {
            (_, 0) => 0,
            (signed, size) => u64::from(signed) * 4 + 4 + 2 * size,
        };
        Ok(Local {
            whole: at..data.end + behind,
            data,
            name: names,
            extra,
            descriptor,
        })
    }
}

/// What describes the content that ends at `at`: whether it has a signature, and how many bytes its
/// sizes have. There are four forms; the one is taken that says what the directory says.
fn descriptor(slab: &Slab, at: u64, entry: &Entry) -> Option<(bool, u64)> {
    let mut bytes = [0; 24];
    let read = slab.read_at(&mut bytes, at).ok()?;
    let bytes = bytes.get(..read)?;
    let fits = |signed: bool, size: u64| {
        let from = usize::from(signed) * 4;
        let (crc, rest) = bytes.get(from..)?.split_at_checked(4)?;
        let sizes = rest.get(..2 * size as usize)?;
        let sizes: [u64; 2] = if size == 8 {
            [eight(sizes, 0), eight(sizes, 8)]
        } else {
            [u64::from(four(sizes, 0)), u64::from(four(sizes, 4))]
        };
        let same = four(crc, 0) == entry.crc
            && sizes == [entry.stored, entry.size]
            && (!signed || four(bytes, 0) == DESCRIPTOR);
        same.then_some((signed, size))
    };
    // A sum may happen to be the signature, so the longer forms come first.
    fits(true, 8)
        .or_else(|| fits(true, 4))
        .or_else(|| fits(false, 8))
        .or_else(|| fits(false, 4))
}

/// The end of the directory and where it starts.
fn end(slab: &Slab) -> io::Result<(u64, Vec<u8>)> {
    let from = slab.len().saturating_sub(END_LEN + MOST_COMMENT);
    let tail = slab.bytes(from..slab.len())?;
    let mut loose = None;
    for at in memchr::memmem::rfind_iter(&tail, &END.to_le_bytes()) {
        let Some(last) = tail.get(at..at + END_LEN as usize) else {
            continue;
        };
        let behind = at + END_LEN as usize + usize::from(two(last, 20));
        if behind == tail.len() {
            return Ok((from + at as u64, last.to_vec()));
        }
        if behind < tail.len() && loose.is_none() {
            loose = Some((from + at as u64, last.to_vec()));
        }
    }
    loose.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}

/// Where the end in 64 bits and its locator start, and its bytes.
type Wide = (u64, u64, Vec<u8>);

fn end_64(slab: &Slab, end: u64) -> io::Result<Option<Wide>> {
    let Some(locator) = end.checked_sub(LOCATOR_LEN) else {
        return Ok(None);
    };
    if four(&slab.bytes(locator..end)?, 0) != LOCATOR {
        return Ok(None);
    }
    let start = locator
        .checked_sub(END_64_LEN)
        .ok_or(io::ErrorKind::InvalidData)?;
    let bytes = slab.bytes(start..locator)?;
    // One with more fields of its own is not known to anybody.
    if four(&bytes, 0) != END_64 || eight(&bytes, 4) != END_64_LEN - 12 {
        return Err(io::ErrorKind::InvalidData.into());
    }
    Ok(Some((start, locator, bytes)))
}

/// Reads small stretches of a slab that follow each other.
struct Window<'s> {
    slab: &'s Slab,
    at: u64,
    bytes: Vec<u8>,
}

impl<'s> Window<'s> {
    fn new(slab: &'s Slab) -> Self {
        Window {
            slab,
            at: 0,
            bytes: Vec::new(),
        }
    }

    fn get(&mut self, at: u64, len: u64) -> io::Result<&[u8]> {
        const AHEAD: u64 = 256 << 10;
        let inside = at >= self.at && at + len <= self.at + self.bytes.len() as u64;
        if !inside {
            let end = (at + AHEAD.max(len)).min(self.slab.len());
            self.bytes = self.slab.bytes(at..end)?;
            self.at = at;
        }
        let from = (at - self.at) as usize;
        self.bytes
            .get(from..from + len as usize)
            .ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }
}

/// Little-endian numbers; what is not there is 0, and lengths are checked before.
pub(super) fn two(bytes: &[u8], at: usize) -> u16 {
    let field = bytes
        .get(at..at + 2)
        .and_then(|field| field.try_into().ok());
    field.map_or(0, u16::from_le_bytes)
}

/// See [`two`].
pub(super) fn four(bytes: &[u8], at: usize) -> u32 {
    let field = bytes
        .get(at..at + 4)
        .and_then(|field| field.try_into().ok());
    field.map_or(0, u32::from_le_bytes)
}

/// See [`two`].
pub(super) fn eight(bytes: &[u8], at: usize) -> u64 {
    let field = bytes
        .get(at..at + 8)
        .and_then(|field| field.try_into().ok());
    field.map_or(0, u64::from_le_bytes)
}
