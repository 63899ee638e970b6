//! What a journal says, record by record, and how a record is bytes. It owns the encoding; it
//! must not know files or keys.
//!
//! Nothing here holds a value that was replaced: only what replaces it, where, and keyed digests.

use std::ffi::OsString;
use std::ops::Range;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use super::super::io::name_bytes;

/// How a file changes. The numbers are on disk and never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A new file is exchanged with the old one.
    Swap,
    /// Bytes of the file are overwritten, the length stays.
    Overwrite,
    /// A new file is put where none is.
    Create,
    /// The file is taken away.
    Remove,
    /// The file gets another name in the same folder.
    Rename,
}

impl Kind {
    /// The name of the mode in plans and receipts.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Swap => "swap",
            Self::Overwrite => "overwrite",
            Self::Create => "copy-out",
            Self::Remove => "remove",
            Self::Rename => "rename",
        }
    }
}

const KINDS: [Kind; 5] = [
    Kind::Swap,
    Kind::Overwrite,
    Kind::Create,
    Kind::Remove,
    Kind::Rename,
];

/// One file of a group, written down before anything is made beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Intent {
    pub group: u32,
    pub member: u32,
    pub kind: Kind,
    /// Whether the old blocks are to be overwritten when the old file goes.
    pub scrub: bool,
    /// Whether access and modification time stay.
    pub keep_times: bool,
    pub root: PathBuf,
    pub root_ino: u64,
    pub folder: PathBuf,
    pub folder_ino: u64,
    pub name: OsString,
    /// The name beside it: of the new file while it is made, of the old one afterwards. For
    /// [`Kind::Rename`] the new name.
    pub temp: OsString,
    /// The old file: inode, length, modification time; all 0 where there is none.
    pub old_ino: u64,
    pub old_size: u64,
    pub old_mtime: i128,
}

/// The new file of a member is complete and synced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Staged {
    pub group: u32,
    pub member: u32,
    pub new_ino: u64,
    /// Length of the new content in bytes.
    pub new_size: u64,
    /// Keyed digest of the old content.
    pub before: [u8; 32],
    /// Keyed digest of the new content.
    pub after: [u8; 32],
}

/// Replacement bytes for one stretch of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Redo {
    pub group: u32,
    pub member: u32,
    /// The stretch of the file that `skeleton` covers.
    pub span: Range<u64>,
    /// Keyed digest of the bytes of the span outside the ranges.
    pub skeleton: [u8; 16],
    /// Keyed digest of the bytes in the ranges before the change.
    pub old: [u8; 16],
    /// Sorted, disjoint: where, and the replacement of the same length.
    pub ranges: Vec<(u64, u32)>,
    /// The replacements, one after the other.
    pub bytes: Vec<u8>,
}

impl Redo {
    /// Each range with its replacement.
    pub(crate) fn edits(&self) -> impl Iterator<Item = (u64, &[u8])> {
        let mut rest = self.bytes.as_slice();
        self.ranges.iter().map_while(move |(start, len)| {
            let (now, then) = rest.split_at_checked(*len as usize)?;
            rest = then;
            Some((*start, now))
        })
    }
}

/// One record of a journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Record {
    Intent(Intent),
    Staged(Staged),
    Redo(Redo),
    /// The group is decided: from here it is only brought to its new state.
    Commit(u32),
    /// The decision is taken back while every old file is still there.
    Abort(u32),
    /// Nothing is left to do for the group.
    Done(u32),
}

impl Record {
    /// The bytes of the record.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Out(Vec::new());
        match self {
            Self::Intent(intent) => {
                out.u8(1);
                out.u32(intent.group);
                out.u32(intent.member);
                let kind = KINDS.iter().position(|kind| *kind == intent.kind);
                out.u8(kind.unwrap_or_default() as u8);
                out.u8(u8::from(intent.scrub) | u8::from(intent.keep_times) << 1);
                out.bytes(name_bytes(intent.root.as_os_str()));
                out.u64(intent.root_ino);
                out.bytes(name_bytes(intent.folder.as_os_str()));
                out.u64(intent.folder_ino);
                out.bytes(name_bytes(&intent.name));
                out.bytes(name_bytes(&intent.temp));
                out.u64(intent.old_ino);
                out.u64(intent.old_size);
                out.0.extend_from_slice(&intent.old_mtime.to_le_bytes());
            }
            Self::Staged(staged) => {
                out.u8(2);
                out.u32(staged.group);
                out.u32(staged.member);
                out.u64(staged.new_ino);
                out.u64(staged.new_size);
                out.0.extend_from_slice(&staged.before);
                out.0.extend_from_slice(&staged.after);
            }
            Self::Redo(redo) => {
                out.u8(3);
                out.u32(redo.group);
                out.u32(redo.member);
                out.u64(redo.span.start);
                out.u64(redo.span.end);
                out.0.extend_from_slice(&redo.skeleton);
                out.0.extend_from_slice(&redo.old);
                out.u32(redo.ranges.len() as u32);
                let mut reached = redo.span.start;
                for (start, new) in redo.edits() {
                    out.edit(start.wrapping_sub(reached), new);
                    reached = start + new.len() as u64;
                }
            }
            Self::Commit(group) => out.mark(4, *group),
            Self::Abort(group) => out.mark(5, *group),
            Self::Done(group) => out.mark(6, *group),
        }
        out.0
    }

    /// The record that these bytes are; `None` when they are none.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let mut from = In(bytes);
        let record = match from.u8()? {
            1 => Self::Intent(Self::decode_intent(&mut from)?),
            2 => Self::Staged(Staged {
                group: from.u32()?,
                member: from.u32()?,
                new_ino: from.u64()?,
                new_size: from.u64()?,
                before: from.array()?,
                after: from.array()?,
            }),
            3 => Self::Redo(Self::decode_redo(&mut from)?),
            4 => Self::Commit(from.u32()?),
            5 => Self::Abort(from.u32()?),
            6 => Self::Done(from.u32()?),
            _ => return None,
        };
        from.0.is_empty().then_some(record)
    }

    fn decode_intent(from: &mut In<'_>) -> Option<Intent> {
        let (group, member) = (from.u32()?, from.u32()?);
        let kind = *KINDS.get(usize::from(from.u8()?))?;
        let flags = from.u8().filter(|flags| *flags < 4)?;
        Some(Intent {
            group,
            member,
            kind,
            scrub: flags & 1 != 0,
            keep_times: flags & 2 != 0,
            root: PathBuf::from(from.name()?),
            root_ino: from.u64()?,
            folder: PathBuf::from(from.name()?),
            folder_ino: from.u64()?,
            name: from.name()?,
            temp: from.name()?,
            old_ino: from.u64()?,
            old_size: from.u64()?,
            old_mtime: i128::from_le_bytes(from.array()?),
        })
    }

    fn decode_redo(from: &mut In<'_>) -> Option<Redo> {
        let (group, member) = (from.u32()?, from.u32()?);
        let span = from.u64()?..from.u64()?;
        let (skeleton, old) = (from.array()?, from.array()?);
        let count = from.u32()?;
        let (mut ranges, mut bytes) = (Vec::new(), Vec::new());
        let mut reached = span.start;
        for _ in 0..count {
            let (gap, len) = from.edit(&mut bytes)?;
            let start = reached.checked_add(gap)?;
            reached = start.checked_add(u64::from(len))?;
            if reached > span.end {
                return None;
            }
            ranges.push((start, len));
        }
        Some(Redo {
            group,
            member,
            span,
            skeleton,
            old,
            ranges,
            bytes,
        })
    }
}

/// Most bytes that the replacements of one record have; blocks are half as long.
const LONGEST_BLOCK: u64 = 1 << 20;

struct Out(Vec<u8>);

impl Out {
    fn u8(&mut self, value: u8) {
        self.0.push(value);
    }
    fn u32(&mut self, value: u32) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }
    fn u64(&mut self, value: u64) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }
    fn bytes(&mut self, value: &[u8]) {
        self.u32(value.len() as u32);
        self.0.extend_from_slice(value);
    }
    /// A number in groups of seven bits, the lowest first; the high bit says that more follow.
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.u8(value as u8 | 0x80);
            value >>= 7;
        }
        self.u8(value as u8);
    }
    /// A replacement, `gap` bytes behind the last one. Most are masks: one byte over and over is
    /// said once, which makes a journal a fifth as long.
    fn edit(&mut self, gap: u64, new: &[u8]) {
        self.varint(gap);
        let len = (new.len() as u64) << 1;
        match new {
            [first, rest @ ..] if rest.iter().all(|byte| byte == first) => {
                self.varint(len | 1);
                self.u8(*first);
            }
            _ => {
                self.varint(len);
                self.0.extend_from_slice(new);
            }
        }
    }
    fn mark(&mut self, kind: u8, group: u32) {
        self.u8(kind);
        self.u32(group);
    }
}

struct In<'a>(&'a [u8]);

impl<'a> In<'a> {
    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (now, then) = self.0.split_at_checked(len)?;
        self.0 = then;
        Some(now)
    }
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }
    fn u8(&mut self) -> Option<u8> {
        Some(u8::from_le_bytes(self.array()?))
    }
    fn u32(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.array()?))
    }
    fn u64(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.array()?))
    }
    fn bytes(&mut self) -> Option<&'a [u8]> {
        let len = self.u32()?;
        self.take(len as usize)
    }
    /// A number that [`Out::varint`] wrote, and in no longer form than that.
    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..u64::BITS).step_by(7) {
            let byte = self.u8()?;
            let group = u64::from(byte & 0x7F);
            if group << shift >> shift != group || (byte == 0 && shift > 0) {
                return None;
            }
            value |= group << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }
    /// The gap and length of a replacement; its bytes go to `bytes`.
    fn edit(&mut self, bytes: &mut Vec<u8>) -> Option<(u64, u32)> {
        let gap = self.varint()?;
        let head = self.varint()?;
        let len = head >> 1;
        if bytes.len() as u64 + len > LONGEST_BLOCK {
            return None;
        }
        if head & 1 == 1 {
            let byte = self.u8()?;
            bytes.resize(bytes.len() + len as usize, byte);
        } else {
            bytes.extend_from_slice(self.take(len as usize)?);
        }
        Some((gap, len as u32))
    }
    fn name(&mut self) -> Option<OsString> {
        Some(OsString::from_vec(self.bytes()?.to_vec()))
    }
}

/// The name beside a file while a run works on it: hidden, recognisable, without a word of what
/// the file is called.
pub(crate) fn temp_name(run: &str, number: u64) -> OsString {
    OsString::from(format!("{TEMP_PREFIX}{run}-{number}"))
}

/// What every name that a run puts beside user files starts with.
const TEMP_PREFIX: &str = ".efface-";

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn records() -> Vec<Record> {
        vec![
            Record::Intent(Intent {
                group: 1,
                member: 2,
                kind: Kind::Overwrite,
                scrub: true,
                keep_times: false,
                root: "/a".into(),
                root_ino: 5,
                folder: "b/c".into(),
                folder_ino: 6,
                name: OsString::from_vec(vec![0xff, b'x']),
                temp: temp_name("00", 3),
                old_ino: 7,
                old_size: 8,
                old_mtime: -9,
            }),
            Record::Staged(Staged {
                group: 1,
                member: 2,
                new_ino: 3,
                new_size: 10,
                before: [4; 32],
                after: [5; 32],
            }),
            Record::Redo(Redo {
                group: 1,
                member: 0,
                span: 100..200,
                skeleton: [1; 16],
                old: [2; 16],
                ranges: vec![(110, 2), (150, 3)],
                bytes: b"##xxx".to_vec(),
            }),
            Record::Commit(1),
            Record::Abort(2),
            Record::Done(u32::MAX),
        ]
    }

    #[test]
    fn every_record_comes_back_and_no_part_of_it_does() {
        for record in records() {
            let bytes = record.encode();
            assert_eq!(Record::decode(&bytes).as_ref(), Some(&record));
            for cut in 0..bytes.len() {
                assert_eq!(
                    Record::decode(&bytes[..cut]),
                    None,
                    "{record:?} cut at {cut}"
                );
            }
        }
    }

    #[test]
    fn ranges_out_of_order_or_out_of_the_span_are_no_record() {
        for ranges in [vec![(150, 3), (110, 2)], vec![(99, 5)], vec![(198, 5)]] {
            let redo = Redo {
                group: 0,
                member: 0,
                span: 100..200,
                skeleton: [0; 16],
                old: [0; 16],
                ranges,
                bytes: b"#####".to_vec(),
            };
            assert_eq!(Record::decode(&Record::Redo(redo).encode()), None);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_record_or_none(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Some(record) = Record::decode(&bytes) {
                prop_assert_eq!(Record::decode(&record.encode()), Some(record));
            }
        }
    }
}
