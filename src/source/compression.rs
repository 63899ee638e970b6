//! Compressed sources that are read through: gzip with all its members, Zstandard, bzip2 and xz.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::gunzip::{Gunzip, Told};
use super::unzstd::{Unzstd, is_skippable};

/// How a source is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// As it is.
    None,
    /// gzip (RFC 1952), any number of members.
    Gzip,
    /// Zstandard (RFC 8878), any number of frames.
    Zstd,
    /// bzip2, any number of streams.
    Bzip2,
    /// xz (the .xz file format 1.2), any number of streams.
    Xz,
}

/// The most memory an xz decoder may take: `xz -9` asks for 65 MiB.
const XZ_MEMORY: u64 = 80 << 20;

/// What decodes xz: as many streams as there are, or one.
pub(crate) fn xz_decoder(one: bool) -> io::Result<liblzma::stream::Stream> {
    let flags = if one {
        0
    } else {
        liblzma::stream::CONCATENATED
    };
    Ok(liblzma::stream::Stream::new_stream_decoder(
        XZ_MEMORY, flags,
    )?)
}

/// How far a compressed source may unfold.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Decompressed bytes that are free of the ratio.
    free: u64,
    /// Decompressed bytes per stored byte beyond that.
    ratio: u64,
}

impl Limits {
    /// A gigabyte of zeros in a megabyte is a bomb; real logs reach 30 to 1.
    pub(crate) const DEFAULT: Limits = Limits {
        free: 64 << 20,
        ratio: 250,
    };

    /// Bytes that so many stored ones may unfold to.
    pub(crate) fn allowed(self, stored: u64) -> u64 {
        self.free.saturating_add(stored.saturating_mul(self.ratio))
    }
}

impl Compression {
    /// What the first bytes say.
    pub(crate) fn of(head: &[u8]) -> Compression {
        match head {
            [0x1f, 0x8b, 8, ..] => Compression::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Compression::Zstd,
            // A skippable frame may come first; that of LZ4 looks alike and is no frame then.
            _ if is_skippable(head) => Compression::Zstd,
            // The block that follows, or the end of an empty stream.
            [
                b'B',
                b'Z',
                b'h',
                b'1'..=b'9',
                0x31,
                0x41,
                0x59,
                0x26,
                0x53,
                0x59,
                ..,
            ]
            | [
                b'B',
                b'Z',
                b'h',
                b'1'..=b'9',
                0x17,
                0x72,
                0x45,
                0x38,
                0x50,
                0x90,
                ..,
            ] => Compression::Bzip2,
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Compression::Xz,
            _ => Compression::None,
        }
    }

    /// Endings of names that say nothing of what is inside.
    pub fn strip_suffix(self, name: &str) -> &str {
        let suffixes: &[&str] = match self {
            Compression::None => &[],
            Compression::Gzip => &[".gz", ".gzip", ".GZ"],
            Compression::Zstd => &[".zst", ".zstd"],
            Compression::Bzip2 => &[".bz2", ".bzip2"],
            Compression::Xz => &[".xz"],
        };
        suffixes
            .iter()
            .find_map(|suffix| name.strip_suffix(suffix))
            .unwrap_or(name)
    }

    /// A reader of the decompressed bytes; what stands in words beside them goes to `told`.
    ///
    /// # Errors
    /// When the decoder cannot start.
    pub(crate) fn decoder<R: Read + Send + 'static>(
        self,
        stored: Limited<R>,
        told: &Told,
    ) -> io::Result<Box<dyn Read + Send>> {
        let (taken, limits) = (Arc::clone(&stored.taken), stored.limits);
        let unfolded: Box<dyn Read + Send> = match self {
            Compression::None => return Ok(Box::new(stored)),
            Compression::Gzip => Box::new(Gunzip::new(stored, told.clone())),
            Compression::Zstd => Box::new(Unzstd::new(stored, told.clone())),
            Compression::Bzip2 => Box::new(bzip2::read::MultiBzDecoder::new(stored)),
            Compression::Xz => {
                let xz = liblzma::read::XzDecoder::new_stream(stored, xz_decoder(false)?);
                Box::new(Xz(xz))
            }
        };
        Ok(Box::new(Capped {
            unfolded,
            taken,
            limits,
            given: 0,
        }))
    }
}

/// Names what an xz decoder stops at.
struct Xz<R: Read>(liblzma::read::XzDecoder<R>);

impl<R: Read> Read for Xz<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(xz_error)
    }
}

/// What an error of an xz decoder is to a report.
pub(crate) fn xz_error(error: io::Error) -> io::Error {
    use liblzma::stream::Error;
    let inner = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<Error>());
    match inner {
        Some(Error::MemLimit | Error::Mem) => io::ErrorKind::FileTooLarge.into(),
        Some(_) => io::ErrorKind::InvalidData.into(),
        None => error,
    }
}

/// Counts the stored bytes a decoder takes.
pub(crate) struct Limited<R> {
    stored: R,
    taken: Arc<AtomicU64>,
    limits: Limits,
}

impl<R> Limited<R> {
    pub(crate) fn new(stored: R, limits: Limits) -> Self {
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
        let allowed = self.limits.allowed(self.taken.load(Ordering::Relaxed));
        if self.given >= allowed {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let len = self.unfolded.read(buffer)?;
        self.given += len as u64;
        Ok(len)
    }
}
