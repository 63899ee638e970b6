//! The run journal: an append-only file in the state folder, every record sealed with the
//! state's key. It owns the file and its framing; it must not know how to redo or undo.
//!
//! A record is its length (4 bytes), then nonce, ciphertext and signature. The run and the number
//! of the record are signed with it, so records cannot be dropped, repeated or moved. A record
//! that ends too early or does not open *at the end of the file* was never synced and counts as
//! not written; one *before* the end is damage and stops the recovery.

pub(crate) mod record;

use std::ffi::{OsStr, OsString};
use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::OFlags;
use rustix::io::Errno;

use super::failure::{Doing, Failure, Outcome, Reason};
use super::io::Io;
use super::lock::Held;
use super::state::key::{Sealer, hex};
use super::state::{JOURNALS, Purpose, State};
use record::Record;

/// What a journal starts with: format and version.
const MAGIC: &[u8; 8] = b"efjourn1";
/// Magic, run id, key id.
const HEADER: u64 = 8 + 16 + 8;
/// Records are gathered in memory up to this size before they are written out.
const BUFFER: usize = 1 << 20;
/// A longer record is damage: the largest that is made is one stretch of replacements.
const RECORD_MAX: u32 = 16 << 20;

/// Where a record lies in its journal.
#[derive(Debug, Clone, Copy)]
pub(crate) struct At {
    offset: u64,
    number: u64,
}

/// The journal of the run that is going on.
pub(crate) struct Journal {
    folder: OwnedFd,
    name: OsString,
    file: Held,
    sealer: Sealer,
    run: [u8; 16],
    /// Bytes in the file.
    written: u64,
    /// Records made so far, those in the buffer included.
    count: u64,
    buffer: Vec<u8>,
}

impl Journal {
    /// Makes the journal of a new run and locks it, which says that the run is alive.
    pub(crate) fn create(io: &Io, state: &State) -> Outcome<Self> {
        const DOING: &str = "cannot make the journal";
        let folder = state.folder(io, JOURNALS)?;
        // Recovery lists and locks journals under the exclusive lock of this folder.
        io.lock_wait(&folder, false).doing(DOING)?;
        let run = io.random::<16>().doing(DOING)?;
        let name = OsString::from(hex(&run));
        let file = Held(io.create_file(folder.as_fd(), &name).doing(DOING)?);
        io.lock(&file, true).doing(DOING)?;
        io.unlock(&folder).doing(DOING)?;
        let sealer = Sealer::new(state.key(), Purpose::Journal);
        let mut buffer = Vec::with_capacity(4096);
        buffer.extend_from_slice(MAGIC);
        buffer.extend_from_slice(&run);
        buffer.extend_from_slice(&state.key().id().0);
        Ok(Self {
            folder,
            name,
            file,
            sealer,
            run,
            written: 0,
            count: 0,
            buffer,
        })
    }

    /// The run in hexadecimal: the name of the journal and of its receipt.
    pub(crate) fn run_id(&self) -> String {
        hex(&self.run)
    }

    /// Adds a record; it is durable only after [`Journal::sync`].
    pub(crate) fn add(&mut self, io: &Io, record: &Record) -> Outcome<At> {
        let at = At {
            offset: self.written + self.buffer.len() as u64,
            number: self.count,
        };
        let sealed = self
            .sealer
            .seal(io, &context(&self.run, self.count), &record.encode())?;
        self.buffer
            .extend_from_slice(&(sealed.len() as u32).to_le_bytes());
        self.buffer.extend_from_slice(&sealed);
        self.count += 1;
        if self.buffer.len() >= BUFFER {
            self.flush(io)?;
        }
        Ok(at)
    }

    fn flush(&mut self, io: &Io) -> Outcome<()> {
        io.write_full(&self.file, &self.buffer, self.written)
            .doing("cannot write the journal")?;
        self.written += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }

    /// Everything added so far reaches the disk; the first time the name of the journal too.
    pub(crate) fn sync(&mut self, io: &Io) -> Outcome<()> {
        let first = self.written == 0;
        self.flush(io)?;
        io.sync(&self.file).doing("cannot sync the journal")?;
        if first {
            io.sync_dir(&self.folder).doing("cannot sync the journal")?;
        }
        Ok(())
    }

    /// Reads a record back.
    pub(crate) fn read(&mut self, io: &Io, at: At) -> Outcome<Record> {
        if at.offset >= self.written {
            self.flush(io)?;
        }
        match read_record(io, &self.file.0, &self.sealer, &self.run, at, self.written)? {
            Next::Record(record, _) => Ok(record),
            _ => Err(Failure::new(
                Reason::Damaged,
                "cannot read the journal back",
            )),
        }
    }

    /// The run is over and nothing of it is left to do: the journal goes.
    pub(crate) fn remove(self, io: &Io) -> Outcome<()> {
        const DOING: &str = "cannot remove the journal";
        io.unlink(self.folder.as_fd(), &self.name).doing(DOING)?;
        io.sync_dir(&self.folder).doing(DOING)
    }
}

fn context(run: &[u8; 16], number: u64) -> [u8; 24] {
    let mut context = [0; 24];
    context[..16].copy_from_slice(run);
    context[16..].copy_from_slice(&number.to_le_bytes());
    context
}

enum Next {
    /// A record and where the next one begins.
    Record(Record, At),
    /// The end of the journal, or a record that was never completed.
    End,
    Damaged,
}

fn read_record(
    io: &Io,
    file: &OwnedFd,
    sealer: &Sealer,
    run: &[u8; 16],
    at: At,
    size: u64,
) -> Outcome<Next> {
    const DOING: &str = "cannot read the journal";
    let mut len = [0; 4];
    if io.read_full(file, &mut len, at.offset).doing(DOING)? < len.len() {
        return Ok(Next::End);
    }
    let len = u32::from_le_bytes(len);
    let next = at.offset + 4 + u64::from(len);
    if next > size {
        return Ok(Next::End);
    }
    let last = next == size;
    if len > RECORD_MAX {
        return Ok(Next::Damaged);
    }
    let mut sealed = vec![0; len as usize];
    if io
        .read_full(file, &mut sealed, at.offset + 4)
        .doing(DOING)?
        < sealed.len()
    {
        return Ok(Next::End);
    }
    let record = sealer
        .open(&context(run, at.number), &sealed)
        .and_then(|plain| Record::decode(&plain));
    Ok(match record {
        Some(record) => Next::Record(
            record,
            At {
                offset: next,
                number: at.number + 1,
            },
        ),
        None if last || zeros_to_end(io, file, at.offset, size)? => Next::End,
        None => Next::Damaged,
    })
}

/// After a power cut the tail of a file that was being written may read as zeros.
fn zeros_to_end(io: &Io, file: &OwnedFd, from: u64, size: u64) -> Outcome<bool> {
    let mut buffer = vec![0; 64 << 10];
    let mut at = from;
    while at < size {
        match io
            .read_at(file, &mut buffer, at)
            .doing("cannot read the journal")?
        {
            0 => break,
            read if buffer.iter().take(read).any(|byte| *byte != 0) => return Ok(false),
            read => at += read as u64,
        }
    }
    Ok(true)
}

/// A journal that a run left behind.
pub(crate) struct Left {
    name: OsString,
    file: Held,
    sealer: Sealer,
    run: [u8; 16],
    size: u64,
}

/// Every journal whose run is over (nobody holds its lock), locked for us. A journal without a
/// complete header belongs to a run that did nothing yet and is removed here.
pub(crate) fn left_behind(io: &Io, state: &State) -> Outcome<(OwnedFd, Vec<Left>)> {
    const DOING: &str = "cannot look for journals";
    let folder = state.folder(io, JOURNALS)?;
    io.lock_wait(&folder, true).doing(DOING)?;
    let mut names = io.list(folder.as_fd()).doing(DOING)?;
    names.sort();
    let mut found = Vec::new();
    for name in names {
        let file = match io.open_file(folder.as_fd(), &name, OFlags::RDWR) {
            Ok(file) => Held(file),
            // Its run ended just now.
            Err(Errno::NOENT) => continue,
            Err(errno) => return Err(Failure::system(errno, DOING)),
        };
        match io.lock(&file, true) {
            Ok(()) => {}
            Err(Errno::WOULDBLOCK) => continue,
            Err(errno) => return Err(Failure::system(errno, DOING)),
        }
        let size = io.stat(&file).doing(DOING)?.st_size.cast_unsigned();
        let mut header = [0; HEADER as usize];
        let read = io.read_full(&file, &mut header, 0).doing(DOING)?;
        if read < header.len() || header.iter().all(|byte| *byte == 0) {
            io.unlink(folder.as_fd(), &name).doing(DOING)?;
            continue;
        }
        let (magic, rest) = header.split_at(MAGIC.len());
        let (run, key_id) = rest.split_at(16);
        if magic != MAGIC {
            return Err(Failure::new(Reason::Damaged, DOING));
        }
        if key_id != state.key().id().0 {
            return Err(Failure::new(
                Reason::Key,
                "the journal was sealed with another key",
            ));
        }
        let mut id = [0; 16];
        id.copy_from_slice(run);
        let sealer = Sealer::new(state.key(), Purpose::Journal);
        found.push(Left {
            name,
            file,
            sealer,
            run: id,
            size,
        });
    }
    io.unlock(&folder).doing(DOING)?;
    Ok((folder, found))
}

impl Left {
    /// Gives every record with where it lies, in order; replacements are not kept in memory.
    pub(crate) fn each(
        &self,
        io: &Io,
        mut take: impl FnMut(At, Record) -> Outcome<()>,
    ) -> Outcome<()> {
        let mut at = At {
            offset: HEADER,
            number: 0,
        };
        loop {
            match read_record(io, &self.file.0, &self.sealer, &self.run, at, self.size)? {
                Next::Record(record, next) => {
                    take(at, record)?;
                    at = next;
                }
                Next::End => return Ok(()),
                Next::Damaged => {
                    return Err(Failure::new(Reason::Damaged, "cannot read the journal"));
                }
            }
        }
    }

    /// Reads one record again.
    pub(crate) fn read(&self, io: &Io, at: At) -> Outcome<Record> {
        match read_record(io, &self.file.0, &self.sealer, &self.run, at, self.size)? {
            Next::Record(record, _) => Ok(record),
            _ => Err(Failure::new(Reason::Damaged, "cannot read the journal")),
        }
    }

    /// Nothing of the run is left to do: the journal goes.
    pub(crate) fn remove(self, io: &Io, folder: &OwnedFd) -> Outcome<()> {
        const DOING: &str = "cannot remove the journal";
        io.unlink(folder.as_fd(), OsStr::new(&self.name))
            .doing(DOING)?;
        io.sync_dir(folder).doing(DOING)
    }
}
