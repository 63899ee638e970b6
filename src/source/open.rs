//! Opening a source for reading: files, without following links or waiting for devices.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::Compression;
use super::compression::{Limited, Limits};
use crate::format::{HEAD_LEN, Reason};

/// Why a source could not be opened.
#[derive(Debug)]
pub struct OpenError {
    /// The reason reports show.
    pub reason: Reason,
}

impl From<io::Error> for OpenError {
    fn from(error: io::Error) -> Self {
        OpenError {
            reason: reason_of(&error),
        }
    }
}

/// The reason a report shows for an error of opening or reading.
pub(crate) fn reason_of(error: &io::Error) -> Reason {
    match error.kind() {
        io::ErrorKind::PermissionDenied => Reason::Denied,
        io::ErrorKind::NotFound => Reason::Vanished,
        io::ErrorKind::UnexpectedEof => Reason::Truncated,
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => Reason::Malformed,
        io::ErrorKind::FileTooLarge => Reason::Limit,
        _ => Reason::ReadError,
    }
}

/// An open source: its decompressed bytes, of which the first are already in memory.
pub struct Input {
    /// The bytes behind `head`.
    pub(super) rest: Box<dyn Read + Send>,
    /// The first decompressed bytes, at least [`HEAD_LEN`] of them unless `ended`.
    pub(super) head: Vec<u8>,
    /// Whether `head` is everything.
    pub(super) ended: bool,
    /// An error met while reading the head; what was read before it is in `head`.
    pub(super) failed: Option<Reason>,
    /// How the source is compressed.
    pub compression: Compression,
}

impl Input {
    /// The first decompressed bytes.
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// Whether the head is the whole source.
    pub fn is_whole(&self) -> bool {
        self.ended
    }

    fn from_reader(mut input: impl Read + Send + 'static, head: Vec<u8>) -> Input {
        let mut start = Start {
            bytes: head,
            ended: false,
            failed: None,
        };
        start.fill(&mut input);
        let compression = Compression::of(&start.bytes);
        if compression == Compression::None {
            let Start {
                bytes,
                ended,
                failed,
            } = start;
            return Input {
                rest: Box::new(input),
                head: bytes,
                ended,
                failed,
                compression,
            };
        }
        let Start { bytes, failed, .. } = start;
        let stored = io::Cursor::new(bytes).chain(Failing {
            failed,
            then: input,
        });
        let mut rest: Box<dyn Read + Send> =
            match compression.decoder(Limited::new(stored, Limits::DEFAULT)) {
                Ok(decoder) => decoder,
                Err(error) => Box::new(Failing {
                    failed: Some(reason_of(&error)),
                    then: io::empty(),
                }),
            };
        let mut start = Start {
            bytes: Vec::new(),
            ended: false,
            failed: None,
        };
        start.fill(&mut rest);
        let Start {
            bytes,
            ended,
            failed,
        } = start;
        Input {
            rest,
            head: bytes,
            ended,
            failed,
            compression,
        }
    }
}

/// The beginning of a source while it is read.
struct Start {
    bytes: Vec<u8>,
    ended: bool,
    failed: Option<Reason>,
}

impl Start {
    fn fill(&mut self, input: &mut impl Read) {
        let mut len = 0;
        self.bytes.resize(HEAD_LEN, 0);
        while len < HEAD_LEN {
            match input.read(&mut self.bytes[len..]) {
                Ok(0) => {
                    self.ended = true;
                    break;
                }
                Ok(n) => len += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.failed = Some(reason_of(&error));
                    self.ended = true;
                    break;
                }
            }
        }
        self.bytes.truncate(len);
    }
}

/// Gives an earlier error again before reading on.
struct Failing<R> {
    failed: Option<Reason>,
    then: R,
}

impl<R: Read> Read for Failing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.failed {
            None => self.then.read(buffer),
            Some(Reason::Truncated) => Err(io::ErrorKind::UnexpectedEof.into()),
            Some(Reason::Malformed) => Err(io::ErrorKind::InvalidData.into()),
            Some(_) => Err(io::ErrorKind::Other.into()),
        }
    }
}

/// Opens a regular file; `buffer` is reused for its first bytes.
///
/// # Errors
/// [`OpenError`] with the reason: denied, vanished, a link, or no regular file.
pub fn open_file(path: &Path, buffer: Vec<u8>) -> Result<Input, OpenError> {
    Ok(Input::from_reader(open_to_read(path)?, buffer))
}

/// Opens a file without blocking: a FIFO that took the place of the file must not hang the run.
///
/// # Errors
/// As the system says.
pub fn open_to_read(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .custom_flags((rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY).bits() as i32)
        .open(path)
}

/// Any stream of stored bytes as a source.
pub fn open_stream(stream: impl Read + Send + 'static) -> Input {
    Input::from_reader(stream, Vec::new())
}

/// Standard input as a source.
pub fn standard_input() -> Input {
    Input::from_reader(io::stdin(), Vec::new())
}
