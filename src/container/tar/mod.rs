//! Tape archives (POSIX.1-2017 pax, ustar; the headers of GNU tar): a row of members, each behind a
//! header of 512 bytes.
//!
//! Owns the row: which header belongs to which content, and every byte between. Nothing is ever
//! unpacked to the file system, so a name that climbs out of its folder is a name like any other.

mod header;
mod rewrite;
mod words;

use std::io::{self, Read};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub(crate) use header::is_header;
use header::{BLOCK, Header, Pax, is_zero};
pub(crate) use rewrite::rewrite;

use super::{MOST_MEMBERS, Member, Own};
use crate::format::Reason;
use crate::source::reason_of;

/// The longest name or set of extended attributes before a member that is read, in bytes.
const LONGEST_EXTRA: u64 = 1 << 20;

/// The row of members of an archive.
pub(crate) struct Tar {
    row: Arc<Mutex<Row>>,
    number: u32,
}

impl Tar {
    /// Reads `input` from its first byte on.
    pub(crate) fn new(input: Box<dyn Read + Send>) -> Tar {
        Tar {
            row: Arc::new(Mutex::new(Row::new(input))),
            number: 0,
        }
    }

    /// The next member; the rest of the last one is passed over.
    pub(crate) fn next(&mut self) -> Option<Member> {
        let mut row = lock(&self.row);
        let head = loop {
            match row.step() {
                Ok(Step::Member(head)) => break head,
                Ok(Step::Zero) => {}
                Ok(Step::Strange(_)) => {
                    if let Err(error) = row.drain() {
                        row.fail(&error);
                    }
                    return None;
                }
                Ok(Step::End) => return None,
                Err(error) => {
                    row.fail(&error);
                    return None;
                }
            }
        };
        if self.number as usize >= MOST_MEMBERS {
            row.stop(Reason::Limit);
            return None;
        }
        let number = self.number;
        self.number += 1;
        let content: Option<Result<Box<dyn Read + Send>, Reason>> = match head.unread {
            _ if !head.holds_something() => None,
            Some(reason) => Some(Err(reason)),
            None => Some(Ok(Box::new(Content(self.row.clone())))),
        };
        Some(Member {
            words: words::words(&head.raw, &head.name),
            name: head.name,
            number,
            content,
            stored: head.size,
        })
    }

    /// What there is besides the members.
    pub(crate) fn own(self) -> Own {
        let mut row = lock(&self.row);
        std::mem::take(&mut row.own)
    }
}

/// Nobody panics while holding it but where the run ends anyway.
fn lock(row: &Mutex<Row>) -> MutexGuard<'_, Row> {
    row.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The content of the member the row stands at.
struct Content(Arc<Mutex<Row>>);

impl Read for Content {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut row = lock(&self.0);
        let most = row.left.min(buffer.len() as u64) as usize;
        let Some(part) = buffer.get_mut(..most).filter(|part| !part.is_empty()) else {
            return Ok(0);
        };
        match row.input.read(part) {
            Ok(0) => {
                row.left = 0;
                row.padding = 0;
                row.stop(Reason::Truncated);
                Err(io::ErrorKind::UnexpectedEof.into())
            }
            Ok(len) => {
                row.left -= len as u64;
                Ok(len)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => {
                row.left = 0;
                row.padding = 0;
                row.fail(&error);
                Err(error)
            }
        }
    }
}

/// A member the row has come to.
struct Head {
    name: String,
    size: u64,
    /// Whether it is a file, even one without content.
    is_file: bool,
    /// Why its content cannot be read as it is meant.
    unread: Option<Reason>,
    /// Every header that belongs to it, as it is stored, its own behind all others.
    raw: Vec<u8>,
}

impl Head {
    /// Whether it is a member that is looked at: a folder or a link has a name and no more.
    fn holds_something(&self) -> bool {
        self.size > 0 || self.is_file
    }
}

/// What comes next in an archive.
enum Step {
    Member(Head),
    /// A block of zeros.
    Zero,
    /// What stands where a header should, and all behind it: it is no archive's.
    Strange(Vec<u8>),
    End,
}

/// Where the reading of an archive stands.
struct Row {
    input: Box<dyn Read + Send>,
    /// Content of the present member that is still to come, and what fills its last block.
    left: u64,
    padding: u64,
    ended: bool,
    own: Own,
}

impl Row {
    fn new(input: Box<dyn Read + Send>) -> Row {
        Row {
            input,
            left: 0,
            padding: 0,
            ended: false,
            own: Own::default(),
        }
    }

    fn stop(&mut self, reason: Reason) {
        self.own.reason = self.own.reason.or(Some(reason));
        self.ended = true;
    }

    fn fail(&mut self, error: &io::Error) {
        self.stop(reason_of(error));
    }

    /// Passes over what is left of the present member and comes to what is next.
    fn step(&mut self) -> io::Result<Step> {
        self.skip()?;
        let mut raw = Vec::new();
        let mut pax = Pax::default();
        loop {
            if self.ended {
                return Ok(Step::End);
            }
            let mut block = [0; BLOCK];
            match self.fill(&mut block)? {
                0 if raw.is_empty() => {
                    self.ended = true;
                    return Ok(Step::End);
                }
                BLOCK => {}
                _ => return Err(io::ErrorKind::UnexpectedEof.into()),
            }
            if is_zero(&block) && raw.is_empty() {
                self.own.bytes += BLOCK as u64;
                return Ok(Step::Zero);
            }
            raw.extend_from_slice(&block);
            let Some(header) = Header::of(&block) else {
                self.own.bytes += raw.len() as u64;
                self.own.unread += raw.len() as u64;
                self.stop(Reason::Opaque);
                return Ok(Step::Strange(raw));
            };
            if !header.is_extra() {
                return self.member(&block, &header, &pax, raw).map(Step::Member);
            }
            if header.size > LONGEST_EXTRA {
                return Err(io::ErrorKind::FileTooLarge.into());
            }
            let start = raw.len();
            let stored = header.size.next_multiple_of(BLOCK as u64);
            raw.resize(start + stored as usize, 0);
            let extra = raw.get_mut(start..).unwrap_or_default();
            if fill_from(&mut self.input, extra)? < extra.len() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let content = extra.get(..header.size as usize).unwrap_or_default();
            pax.learn(header.kind, content);
        }
    }

    fn member(
        &mut self,
        block: &[u8; BLOCK],
        header: &Header,
        pax: &Pax,
        mut raw: Vec<u8>,
    ) -> io::Result<Head> {
        // Extension blocks of a sparse member stand before its content.
        let mut more = header.is_sparse && header::is_extended(block);
        while more {
            let mut block = [0; BLOCK];
            if self.fill(&mut block)? < BLOCK {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            raw.extend_from_slice(&block);
            if raw.len() as u64 > LONGEST_EXTRA {
                return Err(io::ErrorKind::FileTooLarge.into());
            }
            more = header::goes_on(&block);
        }
        let size = pax.size.unwrap_or(header.size);
        // Links and devices have a size now and then, but no content.
        let size = if header.has_content { size } else { 0 };
        self.own.bytes += raw.len() as u64;
        self.left = size;
        self.padding = size.next_multiple_of(BLOCK as u64) - size;
        self.own.bytes += self.padding;
        let unread = if pax.is_wrong {
            Some(Reason::Malformed)
        } else if header.is_sparse || pax.is_sparse {
            Some(Reason::Unsupported("sparse"))
        } else {
            header.unread
        };
        Ok(Head {
            name: pax.name.clone().unwrap_or_else(|| header.name.clone()),
            size,
            is_file: header.is_file,
            unread,
            raw,
        })
    }

    /// Passes over the rest of the present member.
    fn skip(&mut self) -> io::Result<()> {
        let left = std::mem::take(&mut self.left);
        let passed = io::copy(&mut (&mut self.input).take(left), &mut io::sink())?;
        if passed < left {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let padding = std::mem::take(&mut self.padding) as usize;
        let mut block = [0; BLOCK];
        let fill = block.get_mut(..padding).unwrap_or_default();
        let read = fill_from(&mut self.input, fill)?;
        if !is_zero(fill) {
            self.own.unread += read as u64;
            self.own.reason = self.own.reason.or(Some(Reason::Opaque));
        }
        // An archive that was cut within the padding of its last member has lost nothing.
        if read < padding {
            self.own.bytes -= (padding - read) as u64;
            self.ended = true;
        }
        Ok(())
    }

    /// Counts what is left of the input.
    fn drain(&mut self) -> io::Result<()> {
        let rest = io::copy(&mut self.input, &mut io::sink())?;
        self.own.bytes += rest;
        self.own.unread += rest;
        Ok(())
    }

    fn fill(&mut self, block: &mut [u8]) -> io::Result<usize> {
        fill_from(&mut self.input, block)
    }
}

/// Reads until `buffer` is full or the input ends; gives how many bytes.
fn fill_from(input: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut done = 0;
    while let Some(rest) = buffer.get_mut(done..).filter(|rest| !rest.is_empty()) {
        match input.read(rest) {
            Ok(0) => break,
            Ok(len) => done += len,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}
