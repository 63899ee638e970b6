//! A database as its last committed transaction left it: the file, with what a write-ahead log
//! holds laid over it. Nothing is written, and nothing is made beside it.
//!
//! Owns the two file formats as far as that takes (<https://sqlite.org/fileformat2.html>) and the
//! question whether somebody is just writing. Knows no tables.

mod superseded;

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

use rustix::process::{Flock, FlockOffsetType, FlockType, fcntl_getlk};

use crate::container::slab::Slab;
use crate::format::Reason;
use crate::raw::database::Store;
use crate::source::{open_to_read, reason_of};
pub(super) use superseded::Superseded;

/// What every database starts with.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// What a rollback journal starts with until its transaction is committed.
pub(super) const HOT: [u8; 8] = [0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7];
/// Why such a database is not read: its file is not as any transaction left it.
pub(super) const HOT_JOURNAL: Reason = Reason::Unsupported("sqlite-hot-journal");
/// The files that may stand beside a database and belong to it.
pub(crate) const SIDES: [&str; 3] = ["-wal", "-shm", "-journal"];
/// Pages that a log may hold before it is given up: a table of them takes 24 bytes each.
const MOST_LOGGED: usize = 4 << 20;
/// Bytes of a database's header that are read.
const HEADER: usize = 100;

/// What a file was when it was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    ino: u64,
    size: u64,
    mtime: (i64, i64),
    ctime: (i64, i64),
}

impl Stamp {
    fn of(metadata: &std::fs::Metadata) -> Stamp {
        Stamp {
            ino: metadata.ino(),
            size: metadata.len(),
            mtime: (metadata.mtime(), metadata.mtime_nsec()),
            ctime: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }

    /// Of the file at `path`; `None` when there is none.
    fn at(path: &Path) -> Option<Stamp> {
        let metadata = std::fs::symlink_metadata(path).ok()?;
        Some(Stamp::of(&metadata))
    }
}

/// A database that can be read.
pub(crate) struct Snapshot {
    file: File,
    size: u64,
    page: u64,
    /// The read and write versions as they stand in the file: 2 says that it keeps a log.
    versions: [u8; 2],
    log: Option<Log>,
    stamps: Vec<(PathBuf, Option<Stamp>)>,
    stored: u64,
    /// What keeps the bytes of the file, where it is a copy of ours.
    _kept: Option<Slab>,
}

/// The committed pages of a write-ahead log.
struct Log {
    file: File,
    /// Where the newest content of a page stands in the log.
    pages: HashMap<u32, u64>,
    /// Pages of the database after the last commit.
    count: u32,
}

/// The bytes of a page, and the write and read versions, as the header of a database says; `None`
/// for what is none.
fn layout(file: &File) -> io::Result<Option<(u64, [u8; 2])>> {
    let mut header = [0; HEADER];
    let read = read_at(file, &mut header, 0)?;
    let [.., high, low, write, reading] = header.first_chunk::<20>().copied().unwrap_or([0; 20]);
    let page = match u16::from_be_bytes([high, low]) {
        1 => 1 << 16,
        page => u64::from(page),
    };
    let sound =
        read == HEADER && header.starts_with(MAGIC) && page.is_power_of_two() && page >= 512;
    Ok(sound.then_some((page, [write, reading])))
}

/// The path of a file beside a database.
pub(crate) fn beside(path: &Path, side: &str) -> PathBuf {
    let mut name = OsString::from(path.as_os_str());
    name.push(side);
    PathBuf::from(name)
}

/// The database that the file at `path` belongs to, by its name and by what stands there.
pub(crate) fn owner(path: &Path) -> Option<PathBuf> {
    use std::os::unix::ffi::{OsStrExt, OsStringExt};
    let bytes = path.as_os_str().as_bytes();
    let base = SIDES
        .iter()
        .find_map(|side| bytes.strip_suffix(side.as_bytes()))?;
    let base = PathBuf::from(OsString::from_vec(base.to_vec()));
    let mut head = [0; MAGIC.len()];
    let file = open_to_read(&base).ok()?;
    file.read_exact_at(&mut head, 0).ok()?;
    (head == *MAGIC).then_some(base)
}

impl Snapshot {
    /// Opens the database at `path` without touching it.
    ///
    /// # Errors
    /// Why it cannot be read: somebody writes, a transaction was cut short, or it is damaged.
    pub(crate) fn open(path: &Path) -> Result<Snapshot, Reason> {
        let file = open_to_read(path).map_err(|error| reason_of(&error))?;
        let metadata = file.metadata().map_err(|error| reason_of(&error))?;
        let layout = layout(&file).map_err(|error| reason_of(&error))?;
        let (page, versions) = layout.ok_or(Reason::Malformed)?;
        let mut stamps = vec![(path.to_path_buf(), Some(Stamp::of(&metadata)))];
        stamps.extend(SIDES.iter().map(|side| {
            let path = beside(path, side);
            let stamp = Stamp::at(&path);
            (path, stamp)
        }));
        if is_written(path, &file) {
            return Err(Reason::Locked);
        }
        if is_hot(&beside(path, "-journal")) {
            return Err(HOT_JOURNAL);
        }
        let log = Log::open(&beside(path, "-wal"), page)?;
        let own = metadata.len();
        let size = log.as_ref().map_or(own, |log| u64::from(log.count) * page);
        Ok(Snapshot {
            file,
            size,
            page,
            versions,
            stored: own,
            log,
            stamps,
            _kept: None,
        })
    }

    /// A database that nobody else knows, whose file has no name yet.
    ///
    /// # Errors
    /// What the system says of reading it.
    pub(crate) fn of_file(file: File) -> io::Result<Snapshot> {
        let size = file.metadata()?.len();
        let (page, versions) = layout(&file)?.ok_or(io::ErrorKind::InvalidData)?;
        Ok(Snapshot {
            file,
            size,
            page,
            versions,
            stored: size,
            log: None,
            stamps: Vec::new(),
            _kept: None,
        })
    }

    /// A database that was copied out of something else.
    ///
    /// # Errors
    /// What the system says of reading it.
    pub(crate) fn of_slab(slab: Slab) -> io::Result<Snapshot> {
        let file = slab.whole_file()?.ok_or(io::ErrorKind::InvalidData)?;
        Ok(Snapshot {
            _kept: Some(slab),
            ..Snapshot::of_file(file)?
        })
    }

    /// Bytes of a page.
    pub(crate) fn page(&self) -> u64 {
        self.page
    }

    /// Bytes of the database file.
    pub(crate) fn stored(&self) -> u64 {
        self.stored
    }

    /// The read and write versions of the file: both 2 where it keeps a log.
    pub(crate) fn versions(&self) -> [u8; 2] {
        self.versions
    }

    /// The files beside it that are there.
    pub(crate) fn sides(&self) -> impl Iterator<Item = &Path> {
        let sides = self.stamps.iter().skip(1);
        sides.filter_map(|(path, stamp)| stamp.map(|_| path.as_path()))
    }

    /// Whether nobody has changed the database or what is beside it since it was opened.
    pub(crate) fn is_unchanged(&self) -> bool {
        let same = |(path, stamp): &(PathBuf, Option<Stamp>)| Stamp::at(path) == *stamp;
        self.stamps.iter().all(same)
            && self
                .stamps
                .first()
                .is_none_or(|(path, _)| !is_written(path, &self.file))
    }

    /// Reads within one page.
    fn read_page(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        let logged = self.log.as_ref().and_then(|log| {
            let page = u32::try_from(at / self.page + 1).ok()?;
            log.pages.get(&page).map(|start| (&log.file, *start))
        });
        match logged {
            Some((file, start)) => read_at(file, buffer, start + at % self.page),
            None => read_at(&self.file, buffer, at),
        }
    }
}

impl Store for Snapshot {
    fn size(&self) -> io::Result<u64> {
        Ok(self.size)
    }

    fn read(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        /// Where the write and read versions stand.
        const VERSIONS: usize = 18;
        let most = self.size.saturating_sub(at).min(buffer.len() as u64) as usize;
        let mut done = 0;
        while done < most {
            let here = at + done as u64;
            let rest = (self.page - here % self.page) as usize;
            let end = most.min(done + rest);
            let part = buffer.get_mut(done..end).unwrap_or_default();
            let read = self.read_page(part, here)?;
            done += read;
            if read < end - (here - at) as usize {
                break;
            }
        }
        // The log is part of what is read here, so SQLite need not look for one.
        if at <= VERSIONS as u64 {
            let versions = VERSIONS - at as usize;
            if let Some(versions) = buffer.get_mut(versions..versions + 2) {
                versions.fill(1);
            }
        }
        Ok(done)
    }
}

impl Log {
    /// The committed frames of the log at `path`; `None` when there is no log or nothing in it.
    fn open(path: &Path, page: u64) -> Result<Option<Log>, Reason> {
        let file = match open_to_read(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(reason_of(&error)),
        };
        let clone = file.try_clone().map_err(|error| reason_of(&error))?;
        let mut frames = Frames::new(BufReader::with_capacity(1 << 18, clone), page);
        let mut pages = HashMap::new();
        let mut pending: Vec<(u32, u64)> = Vec::new();
        let mut count = 0;
        while let Some(frame) = frames.next().map_err(|error| reason_of(&error))? {
            if pages.len() + pending.len() > MOST_LOGGED {
                return Err(Reason::Limit);
            }
            pending.push((frame.page, frame.at));
            if frame.commit > 0 {
                count = frame.commit;
                pages.extend(pending.drain(..));
            }
        }
        Ok((count > 0).then_some(Log { file, pages, count }))
    }
}

/// One frame of a log.
struct Frame {
    page: u32,
    /// Where its content stands.
    at: u64,
    /// Pages of the database when it ends a transaction, else 0.
    commit: u32,
}

/// The frames of a log up to the first that is not of its last beginning.
struct Frames<R> {
    input: R,
    page: u64,
    at: u64,
    /// Whether sums are made of big-endian words.
    big: bool,
    salt: [u8; 8],
    sum: (u32, u32),
    buffer: Vec<u8>,
    ended: bool,
}

/// Bytes of a log's header.
const LOG_HEADER: usize = 32;
/// Bytes of a frame's header.
const FRAME_HEADER: usize = 24;

impl<R: Read> Frames<R> {
    fn new(mut input: R, page: u64) -> Frames<R> {
        let mut header = [0; LOG_HEADER];
        let whole = input.read_exact(&mut header).is_ok();
        let word = |at: usize| word(&header, at);
        let magic = word(0);
        let mut frames = Frames {
            input,
            page,
            at: LOG_HEADER as u64,
            big: magic & 1 == 1,
            salt: header
                .get(16..24)
                .and_then(|salt| salt.try_into().ok())
                .unwrap_or_default(),
            sum: (0, 0),
            buffer: vec![0; FRAME_HEADER + page as usize],
            ended: false,
        };
        frames.sum = frames.sum(header.get(..24).unwrap_or_default(), (0, 0));
        let sound = whole
            && magic & !1 == 0x377f_0682
            && word(4) == 3_007_000
            && u64::from(word(8)) == page
            && frames.sum == (word(24), word(28));
        frames.ended = !sound;
        frames
    }

    fn next(&mut self) -> io::Result<Option<Frame>> {
        if self.ended {
            return Ok(None);
        }
        self.ended = true;
        let mut buffer = std::mem::take(&mut self.buffer);
        match self.input.read_exact(&mut buffer) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            Err(error) => return Err(error),
        }
        let (header, content) = buffer.split_at(FRAME_HEADER);
        let sum = self.sum(header.get(..8).unwrap_or_default(), self.sum);
        let sum = self.sum(content, sum);
        let number = word(header, 0);
        let sound = header.get(8..16) == Some(&self.salt)
            && number != 0
            && sum == (word(header, 16), word(header, 20));
        let frame = Frame {
            page: number,
            at: self.at + FRAME_HEADER as u64,
            commit: word(header, 4),
        };
        self.buffer = buffer;
        if !sound {
            return Ok(None);
        }
        self.sum = sum;
        self.at += FRAME_HEADER as u64 + self.page;
        self.ended = false;
        Ok(Some(frame))
    }

    /// The log's running sum over pairs of words (section 4.2 of the file format).
    fn sum(&self, bytes: &[u8], (mut one, mut two): (u32, u32)) -> (u32, u32) {
        let big = self.big;
        for pair in bytes.as_chunks::<8>().0 {
            let [first, second] = *pair.as_chunks::<4>().0 else {
                continue;
            };
            let value = |bytes| {
                if big {
                    u32::from_be_bytes(bytes)
                } else {
                    u32::from_le_bytes(bytes)
                }
            };
            let (first, second) = (value(first), value(second));
            one = one.wrapping_add(first).wrapping_add(two);
            two = two.wrapping_add(second).wrapping_add(one);
        }
        (one, two)
    }
}

fn word(bytes: &[u8], at: usize) -> u32 {
    bytes
        .get(at..at + 4)
        .and_then(|word| word.try_into().ok())
        .map_or(0, u32::from_be_bytes)
}

fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    let mut done = 0;
    while done < buffer.len() {
        let rest = buffer.get_mut(done..).unwrap_or_default();
        match file.read_at(rest, at + done as u64) {
            Ok(0) => break,
            Ok(read) => done += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}

/// Whether a journal is that of a transaction that was neither committed nor taken back.
fn is_hot(path: &Path) -> bool {
    let mut head = [0; HOT.len()];
    open_to_read(path)
        .and_then(|file| file.read_exact_at(&mut head, 0))
        .is_ok()
        && head == HOT
}

/// Whether another process is in the middle of a write, by the locks that SQLite takes: on the
/// pending and reserved bytes of the database, or on the writer's byte of the log's shared memory.
fn is_written(path: &Path, file: &File) -> bool {
    /// The pending byte, the reserved byte behind it, and the shared ones behind that, by which
    /// a writer excludes readers (`os.h` of SQLite).
    const PENDING: u64 = 0x4000_0000;
    const SHARED: (u64, u64) = (PENDING + 2, 510);
    /// `WAL_WRITE_LOCK` in the shared memory (section 2.3 of SQLite's WAL format).
    const WRITER: u64 = 120;
    let shared = open_to_read(&beside(path, "-shm"));
    is_locked(file, (PENDING, 2), FlockType::ReadLock)
        || is_locked(file, SHARED, FlockType::ReadLock)
        || shared.is_ok_and(|file| is_locked(&file, (WRITER, 1), FlockType::ReadLock))
}

/// Whether somebody else's lock on these bytes keeps `typ` off.
fn is_locked(file: &File, (start, length): (u64, u64), typ: FlockType) -> bool {
    let lock = Flock {
        start,
        length,
        pid: None,
        typ,
        offset_type: FlockOffsetType::Set,
    };
    matches!(fcntl_getlk(file, &lock), Ok(Some(_)))
}
