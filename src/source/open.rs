//! Opening a source for reading: files, without following links or waiting for devices.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::Compression;
use super::compression::{Limited, Limits};
use super::gunzip::Told;
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
    /// Starts with the first decompressed bytes.
    pub(super) buffer: Vec<u8>,
    /// How many they are: [`HEAD_LEN`] unless `ended`.
    pub(super) len: usize,
    /// Whether `head` is everything.
    pub(super) ended: bool,
    /// An error met while reading the head; what was read before it is in `head`.
    pub(super) failed: Option<Reason>,
    /// How the source is compressed.
    pub compression: Compression,
    /// Where it is compressed, what is told beside its bytes in words.
    pub(crate) told: Option<Told>,
}

impl Input {
    /// The first decompressed bytes.
    pub fn head(&self) -> &[u8] {
        self.buffer.get(..self.len).unwrap_or_default()
    }

    /// Whether the head is the whole source.
    pub fn is_whole(&self) -> bool {
        self.ended
    }

    /// All its bytes from the first on, for who reads them in pieces of its own.
    pub(crate) fn into_stream(mut self) -> Box<dyn Read + Send> {
        self.buffer.truncate(self.len);
        let head = io::Cursor::new(self.buffer);
        if !self.ended {
            return Box::new(head.chain(self.rest));
        }
        Box::new(head.chain(Failing {
            failed: self.failed,
            then: io::empty(),
        }))
    }

    fn from_reader(mut input: impl Read + Send + 'static, buffer: Vec<u8>) -> Input {
        let start = Start::read(buffer, &mut input);
        let compression = Compression::of(start.bytes());
        if compression == Compression::None {
            return start.input(Box::new(input), compression, None);
        }
        let failed = start.failed;
        let stored = io::Cursor::new(start.bytes().to_vec()).chain(Failing {
            failed,
            then: input,
        });
        let told = Told::default();
        let mut rest: Box<dyn Read + Send> =
            match compression.decoder(Limited::new(stored, Limits::DEFAULT), &told) {
                Ok(decoder) => decoder,
                Err(error) => Box::new(Failing {
                    failed: Some(reason_of(&error)),
                    then: io::empty(),
                }),
            };
        Start::read(start.buffer, &mut rest).input(rest, compression, Some(told))
    }
}

/// The beginning of a source.
struct Start {
    /// Kept at its full length from source to source, so that it is cleared once.
    buffer: Vec<u8>,
    len: usize,
    ended: bool,
    failed: Option<Reason>,
}

impl Start {
    fn read(mut buffer: Vec<u8>, input: &mut impl Read) -> Start {
        buffer.resize(HEAD_LEN, 0);
        let mut start = Start {
            buffer,
            len: 0,
            ended: false,
            failed: None,
        };
        while let Some(room) = start.buffer.get_mut(start.len..).filter(|r| !r.is_empty()) {
            match input.read(room) {
                Ok(0) => {
                    start.ended = true;
                    break;
                }
                Ok(n) => start.len += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    start.failed = Some(reason_of(&error));
                    start.ended = true;
                    break;
                }
            }
        }
        start
    }

    fn bytes(&self) -> &[u8] {
        self.buffer.get(..self.len).unwrap_or_default()
    }

    fn input(
        self,
        rest: Box<dyn Read + Send>,
        compression: Compression,
        told: Option<Told>,
    ) -> Input {
        Input {
            rest,
            buffer: self.buffer,
            len: self.len,
            ended: self.ended,
            failed: self.failed,
            compression,
            told,
        }
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
            Some(Reason::Limit) => Err(io::ErrorKind::FileTooLarge.into()),
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

/// As [`open_stream`]; `buffer` is reused for its first bytes.
pub(crate) fn open_stream_in(stream: impl Read + Send + 'static, buffer: Vec<u8>) -> Input {
    Input::from_reader(stream, buffer)
}

/// Standard input as a source.
pub fn standard_input() -> Input {
    Input::from_reader(io::stdin(), Vec::new())
}
