//! One header of a tape archive (POSIX.1-2017, pax, "ustar Interchange Format"; GNU tar manual,
//! "Basic Tar Format"), and what stands in the blocks before a member's own.
//!
//! Owns the fields of 512 bytes and of extended attributes. Knows no order of them.

use std::ops::Range;

use crate::format::Reason;

/// Bytes of a header; contents fill a multiple of it.
pub(super) const BLOCK: usize = 512;

const NAME: Range<usize> = 0..100;
const SIZE: Range<usize> = 124..136;
const SUM: Range<usize> = 148..156;
const KIND: usize = 156;
const MAGIC: Range<usize> = 257..263;
const PREFIX: Range<usize> = 345..500;
/// Where an old GNU sparse header says that more blocks of its map follow, and where those do.
const EXTENDED: usize = 482;
const GOES_ON: usize = 504;

/// What a header says.
pub(super) struct Header {
    pub(super) kind: u8,
    pub(super) name: String,
    pub(super) size: u64,
    pub(super) is_file: bool,
    pub(super) has_content: bool,
    pub(super) is_sparse: bool,
    /// Why the content is not a file as it stands.
    pub(super) unread: Option<Reason>,
}

impl Header {
    /// What `block` says; `None` where its sum is not right.
    pub(super) fn of(block: &[u8; BLOCK]) -> Option<Header> {
        if !is_header(block) {
            return None;
        }
        let kind = block[KIND];
        let ustar = block.get(MAGIC) == Some(b"ustar\0");
        let mut name = text(block, NAME);
        let prefix = text(block, PREFIX);
        if ustar && !prefix.is_empty() {
            name = format!("{prefix}/{name}");
        }
        let is_file = matches!(kind, b'0' | 0 | b'7' | b'S');
        // An old archive marks a folder by its name alone.
        let is_file = is_file && !(name.ends_with('/') && matches!(kind, 0));
        Some(Header {
            kind,
            name,
            size: number(block.get(SIZE)?)?,
            is_file,
            has_content: !matches!(kind, b'1'..=b'6' | b'V'),
            is_sparse: kind == b'S',
            unread: match kind {
                b'M' => Some(Reason::Unsupported("multivolume")),
                _ => None,
            },
        })
    }

    /// Whether its content tells of the next header and is no member.
    pub(super) fn is_extra(&self) -> bool {
        matches!(self.kind, b'x' | b'g' | b'X' | b'L' | b'K')
    }
}

/// Whether `head` starts with a header: its bytes make the sum that it names, with blanks in place
/// of the sum, and its name is not empty.
pub(crate) fn is_header(head: &[u8]) -> bool {
    let Some(block) = head.first_chunk::<BLOCK>() else {
        return false;
    };
    let Some(said) = block.get(SUM).and_then(number) else {
        return false;
    };
    !is_zero(block) && (said == sum(block) || said == signed_sum(block))
}

/// The sum of a header's bytes, those of the sum counted as blanks.
pub(super) fn sum(block: &[u8; BLOCK]) -> u64 {
    let blanks = u64::from(b' ') * SUM.len() as u64;
    let own: u64 = block[SUM].iter().map(|b| u64::from(*b)).sum();
    let all: u64 = block.iter().map(|b| u64::from(*b)).sum();
    all - own + blanks
}

/// As old programs made it, with bytes that have a sign.
fn signed_sum(block: &[u8; BLOCK]) -> u64 {
    let value = |b: &u8| i64::from(b.cast_signed());
    let own: i64 = block[SUM].iter().map(value).sum();
    let all: i64 = block.iter().map(value).sum();
    (all - own + i64::from(b' ') * SUM.len() as i64).cast_unsigned()
}

/// Whether all is zero.
pub(super) fn is_zero(block: &[u8]) -> bool {
    block.iter().all(|b| *b == 0)
}

pub(super) fn is_extended(block: &[u8; BLOCK]) -> bool {
    block[EXTENDED] != 0
}

pub(super) fn goes_on(block: &[u8; BLOCK]) -> bool {
    block[GOES_ON] != 0
}

/// Puts `size` into a header in the way it was written, and the sum that belongs to it; false where
/// there is no room.
pub(super) fn set_size(block: &mut [u8; BLOCK], size: u64) -> bool {
    let mut field = [0; 12];
    if block[SIZE.start] & 0x80 != 0 {
        field[0] = 0x80;
        field[4..].copy_from_slice(&size.to_be_bytes());
    } else {
        // Eleven digits; what follows them stays.
        let digits = format!("{size:011o}");
        if digits.len() > 11 {
            return false;
        }
        field[..11].copy_from_slice(digits.as_bytes());
        field[11] = block[SIZE.end - 1];
    }
    block[SIZE].copy_from_slice(&field);
    set_sum(block);
    true
}

/// Puts the sum of a header into it.
pub(super) fn set_sum(block: &mut [u8; BLOCK]) {
    let digits = format!("{:06o}\0 ", sum(block));
    block[SUM].copy_from_slice(digits.as_bytes());
}

/// The text of a field up to its first NUL.
fn text(block: &[u8; BLOCK], field: Range<usize>) -> String {
    let bytes = block.get(field).unwrap_or_default();
    let end = memchr::memchr(0, bytes).unwrap_or(bytes.len());
    String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()).into_owned()
}

/// A number: octal digits, or with the highest bit of the first byte set a big-endian one.
fn number(field: &[u8]) -> Option<u64> {
    if let [first, rest @ ..] = field
        && first & 0x80 != 0
    {
        if *first != 0x80 {
            return None;
        }
        let (high, low) = rest.split_at_checked(rest.len().checked_sub(8)?)?;
        return is_zero(high)
            .then(|| low.try_into().ok().map(u64::from_be_bytes))
            .flatten();
    }
    let end = field.iter().position(|b| *b == 0).unwrap_or(field.len());
    let digits = field.get(..end)?.trim_ascii();
    if digits.is_empty() {
        return Some(0);
    }
    let digits = std::str::from_utf8(digits).ok()?;
    u64::from_str_radix(digits, 8).ok()
}

/// What stands before a member's own header.
#[derive(Default)]
pub(super) struct Pax {
    pub(super) name: Option<String>,
    pub(super) size: Option<u64>,
    pub(super) is_sparse: bool,
    /// Something in it cannot be understood, so where the member ends is not known.
    pub(super) is_wrong: bool,
}

impl Pax {
    /// Takes in the content of a header of `kind`.
    pub(super) fn learn(&mut self, kind: u8, content: &[u8]) {
        match kind {
            b'L' => {
                let end = memchr::memchr(0, content).unwrap_or(content.len());
                let name = content.get(..end).unwrap_or_default();
                self.name = Some(String::from_utf8_lossy(name).into_owned());
            }
            b'x' | b'X' => {
                for record in records(content) {
                    let Some((_, key, value)) = record else {
                        self.is_wrong = true;
                        return;
                    };
                    let value = content.get(value).unwrap_or_default();
                    match key {
                        b"path" => {
                            self.name = Some(String::from_utf8_lossy(value).into_owned());
                        }
                        b"size" => {
                            let size = std::str::from_utf8(value).ok();
                            self.size = size.and_then(|size| size.parse().ok());
                            self.is_wrong |= self.size.is_none();
                        }
                        key if key.starts_with(b"GNU.sparse.") => self.is_sparse = true,
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
}

/// One record of extended attributes: where it stands, its key, and where its value stands.
type Record<'c> = (Range<usize>, &'c [u8], Range<usize>);

/// The records of extended attributes, `LEN KEY=VALUE\n` each; a `None` ends what is none.
pub(super) fn records(content: &[u8]) -> impl Iterator<Item = Option<Record<'_>>> {
    let mut at = 0;
    let mut broken = false;
    std::iter::from_fn(move || {
        if broken || at >= content.len() {
            return None;
        }
        let one = record(content, at);
        match &one {
            Some((range, ..)) => at = range.end,
            None => broken = true,
        }
        Some(one)
    })
}

fn record(content: &[u8], at: usize) -> Option<Record<'_>> {
    let rest = content.get(at..)?;
    let blank = memchr::memchr(b' ', rest.get(..rest.len().min(20))?)?;
    let len: usize = std::str::from_utf8(rest.get(..blank)?).ok()?.parse().ok()?;
    let whole = rest.get(..len)?;
    if whole.last() != Some(&b'\n') || len <= blank + 1 {
        return None;
    }
    let equals = blank + memchr::memchr(b'=', whole.get(blank..)?)?;
    let key = whole.get(blank + 1..equals)?;
    Some((at..at + len, key, at + equals + 1..at + len - 1))
}
