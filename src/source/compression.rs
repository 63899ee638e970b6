//! Compressed sources that are read through: gzip with all its members, and Zstandard.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How a source is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// As it is.
    None,
    /// gzip (RFC 1952), any number of members.
    Gzip,
    /// Zstandard (RFC 8878), any number of frames.
    Zstd,
}

/// How far a compressed source may unfold.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Decompressed bytes that are free of the ratio.
    free: u64,
    /// Decompressed bytes per stored byte beyond that.
    ratio: u64,
}

impl Limits {
    /// A gigabyte of zeros in a megabyte is a bomb; real logs reach 30 to 1.
    pub(super) const DEFAULT: Limits = Limits {
        free: 64 << 20,
        ratio: 250,
    };
}

impl Compression {
    /// What the first bytes say.
    pub(crate) fn of(head: &[u8]) -> Compression {
        match head {
            [0x1f, 0x8b, 8, ..] => Compression::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Compression::Zstd,
            _ => Compression::None,
        }
    }

    /// Endings of names that say nothing of what is inside.
    pub fn strip_suffix(self, name: &str) -> &str {
        let suffixes: &[&str] = match self {
            Compression::None => &[],
            Compression::Gzip => &[".gz", ".gzip", ".GZ"],
            Compression::Zstd => &[".zst", ".zstd"],
        };
        suffixes
            .iter()
            .find_map(|suffix| name.strip_suffix(suffix))
            .unwrap_or(name)
    }

    /// A reader of the decompressed bytes.
    ///
    /// # Errors
    /// When the decoder cannot start.
    pub(super) fn decoder<R: Read + Send + 'static>(
        self,
        stored: Limited<R>,
    ) -> io::Result<Box<dyn Read + Send>> {
        let (taken, limits) = (Arc::clone(&stored.taken), stored.limits);
        let unfolded: Box<dyn Read + Send> = match self {
            Compression::None => return Ok(Box::new(stored)),
            Compression::Gzip => Box::new(flate2::read::MultiGzDecoder::new(stored)),
            Compression::Zstd => Box::new(zstd::Decoder::new(stored)?),
        };
        Ok(Box::new(Capped {
            unfolded,
            taken,
            limits,
            given: 0,
        }))
    }
}

/// Counts the stored bytes a decoder takes.
pub(super) struct Limited<R> {
    stored: R,
    taken: Arc<AtomicU64>,
    limits: Limits,
}

impl<R> Limited<R> {
    pub(super) fn new(stored: R, limits: Limits) -> Self {
        Limited {
            stored,
            taken: Arc::default(),
            limits,
        }
    }
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = self.stored.read(buffer)?;
        self.taken.fetch_add(len as u64, Ordering::Relaxed);
        Ok(len)
    }
}

/// Ends with an error when more unfolds than the limits allow.
struct Capped {
    unfolded: Box<dyn Read + Send>,
    taken: Arc<AtomicU64>,
    limits: Limits,
    given: u64,
}

impl Read for Capped {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let allowed = self.limits.free
            + self
                .taken
                .load(Ordering::Relaxed)
                .saturating_mul(self.limits.ratio);
        if self.given >= allowed {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let len = self.unfolded.read(buffer)?;
        self.given += len as u64;
        Ok(len)
    }
}
